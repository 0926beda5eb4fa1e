//! The other value of every switch, seen on the wire.

use super::*;
use crate::idp::entra::{
    AddOrReplace, Booleans, GoneLink, GroupProbe, GroupSchemas, ManagerRemoval, MemberForm,
    Operations, VersionHeader,
};
use crate::idp::script::{Act, Script};
use crate::idp::stage::Stage;
use crate::wire::transport::Outgoing;

/// Plays steps against a target that finds nobody, creates `u-1`, `u-2`, `g-1` and so on with what `shown` adds to the
/// answers of a GET by id, and returns what each step sent behind its probes.
pub(super) async fn sent(
    settings: Settings,
    shown: &'static str,
    steps: &[&[Event]],
) -> Vec<Vec<Outgoing>> {
    let mut users = 0;
    let mut groups = 0;
    let script = Script::answering(move |request| {
        let path = request.path.split('?').next().unwrap_or_default();
        match (request.method, path.split('/').nth(2)) {
            ("POST", _) if path == "/Users" => {
                users += 1;
                Act::Answer(201, format!(r#"{{"id":"u-{users}"}}"#))
            }
            ("POST", _) => {
                groups += 1;
                let body = request.body.as_deref().unwrap_or("{");
                Act::Answer(201, format!(r#"{{"id":"g-{groups}",{}"#, &body[1..]))
            }
            ("GET", None) => Act::Answer(200, r#"{"totalResults":0}"#.to_owned()),
            ("GET", Some(id)) => Act::Answer(200, format!(r#"{{"id":"{id}"{shown}}}"#)),
            _ => Act::Answer(204, String::new()),
        }
    });
    let probes =
        usize::from(settings.user_probes) + usize::from(settings.group_probe != GroupProbe::Never);
    let mut ada = person(
        "ada",
        &[
            (Attribute::DisplayName, "Ada Lovelace"),
            (Attribute::MobilePhone, "+44 7700 900001"),
            (Attribute::City, "London"),
        ],
    );
    ada.manager = Some(key("bob"));
    let groups = [team("Engineering", &["ada", "bob"])];
    let dialect = dialect(settings, setup());
    let wire = script.wire("entra");
    let mut stage = Stage::new(dialect, Family::Entra, wire, &[ada, bob()], &groups);
    let mut all = Vec::new();
    for events in steps {
        stage.step(events).await;
        all.push(script.take().split_off(probes));
    }
    all
}

pub(super) fn bodies(sent: &[Outgoing], method: &str) -> Vec<String> {
    let sent = sent.iter().filter(|request| request.method == method);
    sent.filter_map(|request| request.body.clone()).collect()
}

pub(super) fn header<'a>(request: &'a Outgoing, name: &str) -> Option<&'a str> {
    let mut headers = request.headers.iter();
    headers.find(|(n, _)| n == name).map(|(_, v)| v.as_str())
}

pub(super) fn lines(sent: &[Outgoing]) -> Vec<String> {
    sent.iter()
        .map(|r| format!("{} {}", r.method, r.path))
        .collect()
}

pub(super) fn pushed() -> Vec<Event> {
    let push = Event::PushGroup(GroupKey::new("team"));
    vec![assign("ada"), assign("bob"), push]
}

#[tokio::test]
async fn the_version_header_has_three_forms_and_nobody_names_an_agent() {
    let forms = [
        (VersionHeader::DateAndActivity, true, false),
        (VersionHeader::Number, false, true),
        (VersionHeader::Absent, false, false),
    ];
    for (version_header, date, number) in forms {
        let settings = Settings {
            version_header,
            ..Settings::unflagged()
        };
        let sent = sent(settings, "", &[&[assign("bob")]]).await;
        for request in &sent[0] {
            let version = header(request, "ADSCIMVersion");
            assert_eq!(version.is_some_and(|v| v.starts_with("Date:2026-")), date);
            assert_eq!(version == Some("5.0"), number);
            for absent in ["User-Agent", "Accept"] {
                assert_eq!(header(request, absent), None);
            }
            let typed = header(request, "Content-Type").is_some();
            assert_eq!(typed, request.body.is_some());
        }
    }
}

#[tokio::test]
async fn the_flag_is_stripped_or_forwarded_with_every_request() {
    let settings = Settings {
        forward_flag: true,
        ..Settings::flagged()
    };
    let forwarded = sent(settings, "", &[&[assign("bob")]]).await;
    let wanted = [
        "GET /Users?filter=userName+eq+%22bob%40example.com%22&aadOptscim062020",
        "POST /Users?aadOptscim062020",
    ];
    assert_eq!(lines(&forwarded[0]), wanted);
    let stripped = sent(Settings::flagged(), "", &[&[assign("bob")]]).await;
    assert!(stripped[0].iter().all(|r| !r.path.contains("aadOpt")));
}

#[tokio::test]
async fn the_probes_can_be_two_or_without_groups() {
    for (user_probes, group_probe) in [(2, GroupProbe::Always), (1, GroupProbe::Never)] {
        let settings = Settings {
            user_probes,
            group_probe,
            ..Settings::unflagged()
        };
        // `sent` takes as many probes off as the settings say; what is left must be the match and the POST.
        let sent = sent(settings, "", &[&[assign("bob")]]).await;
        assert_eq!(sent[0].len(), 2, "{:?}", lines(&sent[0]));
        assert!(sent[0][0].path.contains("bob%40"));
    }
}

#[tokio::test]
async fn a_post_shows_what_its_switches_say() {
    let odd = Settings {
        post_active: Booleans::Text,
        primary_everywhere: true,
        ..Settings::unflagged()
    };
    let default = bodies(
        &sent(Settings::unflagged(), "", &[&[assign("ada")]]).await[0],
        "POST",
    );
    let odd = bodies(&sent(odd, "", &[&[assign("ada")]]).await[0], "POST");
    assert!(default[0].contains(r#""active":true,"#));
    assert!(!default[0].contains("roles"));
    assert!(default[0].contains(r#""phoneNumbers":[{"type":"mobile","value""#));
    assert!(odd[0].contains(r#""active":"True","#));
    assert!(odd[0].contains(r#""phoneNumbers":[{"primary":false,"type":"mobile","value""#));
    assert!(odd[0].contains(r#""addresses":[{"primary":false,"type":"work","locality""#));
}

#[tokio::test]
async fn the_manager_can_stand_in_the_post_and_be_asked_for() {
    let in_post = Settings {
        manager_in_post: true,
        ..Settings::unflagged()
    };
    let steps: &[&[Event]] = &[&[assign("bob")], &[assign("ada")]];
    let post = bodies(&sent(in_post, "", steps).await[1], "POST");
    assert!(
        post[0].contains(r#":2.0:User":{"manager":"u-1"}"#),
        "{}",
        post[0]
    );
    let checked = Settings {
        manager_check: true,
        ..Settings::unflagged()
    };
    let lines = lines(&sent(checked, "", steps).await[1]);
    let check = "GET /Users?filter=id+eq+%22u-2%22+and+manager+eq+%22u-1%22&attributes=id";
    assert_eq!(lines[2..], [check, "PATCH /Users/u-2"]);
}

#[tokio::test]
async fn a_manager_is_taken_away_by_an_empty_text_an_empty_object_or_by_remove() {
    let nobody = Event::Update {
        person: key("ada"),
        changes: BTreeMap::new(),
        manager: Some(None),
    };
    let steps: &[&[Event]] = &[&[assign("ada"), assign("bob")], &[nobody]];
    for (manager_removal, end) in [
        (
            ManagerRemoval::EmptyText,
            r#":2.0:User:manager","value":""}]}"#,
        ),
        (
            ManagerRemoval::EmptyValue,
            r#":2.0:User:manager","value":{"value":""}}]}"#,
        ),
        (ManagerRemoval::Remove, r#":2.0:User:manager"}]}"#),
    ] {
        let settings = Settings {
            manager_removal,
            ..Settings::unflagged()
        };
        let sent = sent(settings, "", steps).await;
        let patches = bodies(&sent[1], "PATCH");
        assert!(patches.last().unwrap().ends_with(end), "{patches:?}");
    }
}

#[tokio::test]
async fn the_verb_follows_presence_or_a_switch() {
    let shown = r#","displayName":"Ada","title":"","active":true,"userName":"ada@example.com""#;
    let titled = update("ada", &[(Attribute::Title, Some("Countess"))]);
    let steps: &[&[Event]] = &[&[assign("ada")], &[titled]];
    for (add_or_replace, verbs) in [
        (AddOrReplace::ByPresence, ["Replace", "Add"]),
        (AddOrReplace::AlwaysReplace, ["Replace", "Replace"]),
        (AddOrReplace::AlwaysAdd, ["Add", "Add"]),
    ] {
        let settings = Settings {
            add_or_replace,
            ..Settings::unflagged()
        };
        let patch = &bodies(&sent(settings, shown, steps).await[1], "PATCH")[0];
        let wanted = format!(
            r#"[{{"op":"{}","path":"displayName","value":"Ada Lovelace"}},{{"op":"{}","path":"title","value":"Countess"}}"#,
            verbs[0], verbs[1]
        );
        assert!(patch.contains(&wanted), "{patch}");
    }
}

#[tokio::test]
async fn active_is_added_where_the_target_does_not_show_it() {
    let shown = r#","displayName":"Bob Kahn","userName":"bob@example.com""#;
    let steps: &[&[Event]] = &[&[assign("bob")], &[Event::Unassign(key("bob"))]];
    for (settings, wanted) in [
        (
            Settings::unflagged(),
            r#"{"op":"Add","path":"active","value":"False"}"#,
        ),
        (
            Settings::flagged(),
            r#"{"op":"add","path":"active","value":false}"#,
        ),
    ] {
        let patch = bodies(&sent(settings, shown, steps).await[1], "PATCH");
        assert!(patch[0].contains(wanted), "{patch:?}");
    }
}

#[tokio::test]
async fn a_single_replacement_under_the_flag_has_a_path_or_none() {
    let shown = r#","displayName":"Bob","active":true,"userName":"bob@example.com""#;
    let renamed = update("bob", &[(Attribute::DisplayName, Some("Bobby"))]);
    let steps: &[&[Event]] = &[&[assign("bob")], &[renamed]];
    for (single_replace_without_path, wanted) in [
        (true, r#"{"op":"replace","value":{"displayName":"Bobby"}}"#),
        (
            false,
            r#"{"op":"replace","path":"displayName","value":"Bobby"}"#,
        ),
    ] {
        let settings = Settings {
            operations: Operations::Merged {
                single_replace_without_path,
            },
            ..Settings::flagged()
        };
        let patch = bodies(&sent(settings, shown, steps).await[1], "PATCH");
        assert!(patch[0].contains(wanted), "{patch:?}");
    }
}

#[tokio::test]
async fn members_come_one_by_one_or_in_batches_with_or_without_a_reference() {
    let pushed = pushed();
    let steps: &[&[Event]] = &[&pushed];
    let one = sent(Settings::unflagged(), "", steps).await;
    let patches = lines(&one[0])
        .iter()
        .filter(|l| *l == "PATCH /Groups/g-1")
        .count();
    assert_eq!(patches, 2);
    let settings = Settings {
        members_per_patch: 20,
        member_form: MemberForm::RefNull,
        ..Settings::unflagged()
    };
    let both = bodies(&sent(settings, "", steps).await[0], "PATCH").join("\n");
    let wanted = r#"{"op":"Add","path":"members","value":[{"$ref":null,"value":"u-1"},{"$ref":null,"value":"u-2"}]}"#;
    assert!(both.contains(wanted), "{both}");
}

#[tokio::test]
async fn a_target_that_shows_excluded_members_meets_a_replace_under_the_flag_alone() {
    let shown = r#","displayName":"Engineering","externalId":"7c4f3b1e-0000-4000-8000-000000000001","members":[{"value":"u-1"}]"#;
    let push = Event::PushGroup(GroupKey::new("team"));
    let steps: &[&[Event]] = &[&[assign("bob"), push], &[assign("ada")]];
    for (settings, wanted) in [
        (
            Settings::flagged(),
            r#"{"op":"replace","path":"members","value":[{"value":"u-2"}]}"#,
        ),
        (
            Settings::unflagged(),
            r#"{"op":"Add","path":"members","value":[{"value":"u-2"}]}"#,
        ),
    ] {
        let patches = bodies(&sent(settings, shown, steps).await[1], "PATCH");
        assert!(
            patches.iter().any(|body| body.contains(wanted)),
            "{patches:?}"
        );
    }
}

#[tokio::test]
async fn a_membership_is_asked_for_first_where_that_is_switched_on() {
    let settings = Settings {
        membership_check: true,
        ..Settings::unflagged()
    };
    let pushed = pushed();
    let lines = lines(&sent(settings, "", &[&pushed]).await[0]);
    let check = "GET /Groups?filter=id+eq+%22g-1%22+and+members+eq+%22u-1%22&attributes=id";
    let at = lines.iter().position(|line| line == check).unwrap();
    assert_eq!(lines[at + 1], "PATCH /Groups/g-1");
}

#[tokio::test]
async fn a_group_is_posted_in_the_captured_or_in_the_documented_form() {
    let documented = Settings {
        group_schemas: GroupSchemas::WithMicrosoft,
        group_empty_members: false,
        ..Settings::unflagged()
    };
    let pushed = pushed();
    let sent = sent(documented, "", &[&pushed]).await;
    let posts = bodies(&sent[0], "POST");
    let wanted = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group","http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group"],"externalId":"7c4f3b1e-0000-4000-8000-000000000001","displayName":"Engineering","meta":{"resourceType":"Group"}}"#;
    assert_eq!(posts.last().unwrap(), wanted);
}

#[tokio::test]
async fn a_deletion_is_preceded_by_a_get_where_that_is_switched_on() {
    let settings = Settings {
        get_before_delete: true,
        ..Settings::unflagged()
    };
    let steps: &[&[Event]] = &[&[assign("bob")], &[Event::Delete(key("bob"))]];
    let sent = sent(settings, "", steps).await;
    assert_eq!(lines(&sent[1]), ["GET /Users/u-1", "DELETE /Users/u-1"]);
}

#[tokio::test]
async fn a_linked_person_who_is_gone_fails_or_is_matched_anew() {
    use crate::idp::good::{Good, Wrong};
    for (gone_link, wanted) in [
        (GoneLink::Fails, &["GET /Users/u1"][..]),
        (
            GoneLink::MatchedAnew,
            &["GET /Users/u1", "GET /Users?", "PATCH /Users/u1"][..],
        ),
    ] {
        let settings = Settings {
            gone_link,
            ..Settings::unflagged()
        };
        let good = Good::start().await;
        let dialect = dialect(settings, setup());
        let wire = good.wire("entra");
        let mut stage = Stage::new(dialect, Family::Entra, wire, &[ada()], &[]);
        stage.step(&[assign("ada")]).await;
        good.answer(2, Wrong::Status(404));
        let titled = update("ada", &[(Attribute::Title, Some("Countess"))]);
        stage.step(&[titled]).await;
        assert_eq!(good.take()[2..], *wanted);
    }
}
