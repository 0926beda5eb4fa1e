//! Profiles as Okta writes them: other mappings, other switches, values that are gone.

use super::*;
use crate::directory::{Mapping, Matching, Source};
use crate::idp::okta::settings::{Empty, LocaleForm};

#[tokio::test]
async fn an_empty_value_is_written_as_the_switch_says() {
    for (empty, wanted) in [
        (Empty::Absent, r#"{"id":"u1","userName":"ada@example.com""#),
        (
            Empty::Text,
            r#"{"id":"u1","title":"","userName":"ada@example.com""#,
        ),
        (
            Empty::Null,
            r#"{"id":"u1","title":null,"userName":"ada@example.com""#,
        ),
    ] {
        let mut stage = Stage::new(Profile::CustomApp);
        stage.okta.switches.empty = empty;
        stage
            .step(&[update("ada", [(Attribute::Title, Some("Analyst"))])])
            .await;
        stage.step(&[assign("ada")]).await;
        stage.target.take();
        let user = r#"{"id":"u1","title":"Analyst","userName":"ada@example.com"}"#;
        stage.target.next([Act::Answer(200, user.to_owned())]);
        stage
            .step(&[update("ada", [(Attribute::Title, None)])])
            .await;
        let body = &bodies(&stage.target)[0];
        assert!(body.starts_with(wanted), "{empty:?}: {body}");
    }
}

#[tokio::test]
async fn locale_and_type_of_the_e_mail_are_written_as_the_switches_say() {
    let mut stage = Stage::new(Profile::CatalogApp);
    stage.okta.switches.locale = LocaleForm::Underscore;
    stage.okta.switches.email_type = false;
    stage.step(&[assign("ada")]).await;
    let body = &bodies(&stage.target)[0];
    assert!(body.contains(r#""emails":[{"primary":true,"value":"ada@example.com"}]"#));
    assert!(body.contains(r#""locale":"en_US""#));
}

#[tokio::test]
async fn further_addresses_and_the_manager_go_where_the_table_says() {
    let mut stage = Stage::new(Profile::CustomApp);
    let table = &mut stage.directory.settings.mappings;
    for (source, place) in [
        (
            Source::Attribute(Attribute::WorkPhone),
            r#"phoneNumbers[type eq "work"].value"#,
        ),
        (
            Source::Attribute(Attribute::Email),
            r#"emails[type eq "home"].value"#,
        ),
        (
            Source::Manager,
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        ),
        (Source::Constant("Contractor".to_owned()), "userType"),
        (Source::full_name(), "name.formatted"),
    ] {
        let place = place.parse().unwrap();
        table.push(Mapping { source, place });
    }
    let manager = Event::Update {
        person: key("ada"),
        changes: BTreeMap::from([(Attribute::WorkPhone, Some("+1 555".to_owned()))]),
        manager: Some(Some(key("bob"))),
    };
    stage.step(&[assign("bob")]).await;
    stage.step(&[manager]).await;
    stage.target.take();
    stage.step(&[assign("ada")]).await;
    let body = &bodies(&stage.target)[0];
    for part in [
        r#""name":{"givenName":"Ada","familyName":"Lovelace","formatted":"Ada Lovelace"}"#,
        r#""emails":[{"primary":true,"value":"ada@example.com","type":"work"},{"type":"home","value":"ada@example.com"}]"#,
        r#""phoneNumbers":[{"type":"work","value":"+1 555"}]"#,
        r#""userType":"Contractor","urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"manager":{"value":"u1"}},"externalId""#,
    ] {
        assert!(body.contains(part), "{part}\n{body}");
    }
}

#[tokio::test]
async fn another_unique_identifier_changes_the_value_that_is_looked_for() {
    let mut stage = Stage::new(Profile::CustomApp);
    stage.directory.settings.matching = Matching::ExternalId;
    stage.step(&[assign("ada")]).await;
    let first = &stage.target.take()[0].path;
    assert!(
        first.contains("userName%20eq%20%2200uada0lovelace00001%22"),
        "{first}"
    );
    let ada = stage.directory.person(&key("ada")).unwrap();
    assert_eq!(stage.okta.find_person(ada).target, *first);
}
