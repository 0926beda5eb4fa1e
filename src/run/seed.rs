//! Prepares at the target what a story presupposes: people and groups that were there before the IdP began.

use crate::directory::{Attribute, Directory, Person, Subject};
use crate::fact::Basis;
use crate::model::{Aspect, Datum, Policy, Seed};
use crate::scenario::{AtTarget, Scenario};
use crate::scim::Value;
use crate::wire::{Method, Origin, Reply, Request, Wire};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Makes a story's people and groups at the target, people first.
///
/// # Errors
/// The target did not make one; the text says which and why.
pub(super) async fn seed(
    wire: &Wire,
    scenario: &Scenario,
    directory: &Directory,
    policy: &mut Policy,
) -> Result<(), String> {
    for spec in &scenario.people {
        let (Some(at), Some(person)) = (spec.at_target, directory.person(&spec.key)) else {
            continue;
        };
        let subject = Subject::Person(spec.key.clone());
        let wire = wire
            .origin(Origin::Seed)
            .job("prepare", Some(subject.clone()));
        let active = at == AtTarget::Active;
        person_at_target(&wire, person, active).await?;
        let values = prepared_values(directory, person);
        policy.seeded(subject, Seed::Person { active, values });
    }
    for spec in &scenario.groups {
        let (Some(members), Some(group)) = (&spec.at_target, directory.group(&spec.key)) else {
            continue;
        };
        let subject = Subject::Group(spec.key.clone());
        let wire = wire
            .origin(Origin::Seed)
            .job("prepare", Some(subject.clone()));
        let ids = members.iter().filter_map(|key| {
            let owned = wire.guard().of(&Subject::Person(key.clone()))?.id.clone();
            Some(serde_json::json!({"value": owned}))
        });
        let ids: Vec<_> = ids.collect();
        let body =
            serde_json::json!({"schemas": [GROUP], "displayName": group.name, "members": ids});
        made(&wire, "/Groups", &body.into(), &group.name).await?;
        policy.seeded(
            subject,
            Seed::Group {
                members: members.clone(),
            },
        );
    }
    Ok(())
}

/// What a prepared person has at the target, where the app maps it.
fn prepared_values(directory: &Directory, person: &Person) -> Vec<(Aspect, Datum)> {
    use Attribute::{DisplayName, Email, Family, Given, UserName};
    [UserName, Given, Family, DisplayName, Email]
        .into_iter()
        .filter_map(|attribute| {
            let place = directory.settings.mapping_of(attribute)?.place.clone();
            let value = person.get(attribute).filter(|value| !value.is_empty())?;
            Some((Aspect::Value(place), Datum::Text(value.to_owned())))
        })
        .collect()
}

async fn person_at_target(wire: &Wire, person: &Person, active: bool) -> Result<(), String> {
    let email = person.get(Attribute::Email).unwrap_or(person.user_name());
    let mut body = serde_json::json!({
        "schemas": [USER],
        "userName": person.user_name(),
        "name": {
            "givenName": person.get(Attribute::Given).unwrap_or_default(),
            "familyName": person.get(Attribute::Family).unwrap_or_default(),
        },
        "displayName": person.get(Attribute::DisplayName).unwrap_or_default(),
        "emails": [{"value": email, "type": "work", "primary": true}],
        "active": active,
    });
    let reply = made(
        wire,
        "/Users",
        &Value::from(body.clone()),
        person.user_name(),
    )
    .await?;
    let is_active = reply
        .json()
        .and_then(|user| user.get("active"))
        .and_then(Value::as_bool);
    if active || is_active == Some(false) {
        return Ok(());
    }
    // Some targets make every new account active; then it is made inactive by a second request.
    let id = reply.id().unwrap_or_default().to_owned();
    body["id"] = serde_json::Value::from(id.clone());
    let path = wire
        .guard()
        .get(crate::wire::ResourceKind::User, &id)
        .map(crate::wire::Owned::path);
    let path = path.ok_or("the target gave the prepared person no id")?;
    let basis = Basis::documented("rfc7644/3.5.1");
    let put = Request::new(Method::Put, path, basis).with_body(&Value::from(body));
    match wire.send(put).await {
        Ok(reply) if reply.ok() => Ok(()),
        Ok(reply) => Err(format!(
            "preparing {}: making the account inactive was answered with {}",
            person.user_name(),
            reply.status
        )),
        Err(failure) => Err(format!("preparing {}: {failure}", person.user_name())),
    }
}

async fn made(wire: &Wire, path: &str, body: &Value, name: &str) -> Result<Reply, String> {
    let basis = Basis::documented("rfc7644/3.3");
    let post = Request::new(Method::Post, path, basis).with_body(body);
    match wire.send(post).await {
        Ok(reply) if reply.status == 201 => Ok(reply),
        Ok(reply) => Err(format!(
            "preparing {name}: POST {path} was answered with {} instead of 201",
            reply.status
        )),
        Err(failure) => Err(format!("preparing {name}: {failure}")),
    }
}
