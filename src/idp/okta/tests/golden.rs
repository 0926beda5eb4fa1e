//! The compact call scripts (`okta/18`) as raw text: method, target, headers, body, compared as bytes.

use std::path::Path;

use super::*;
use crate::directory::{
    Mapping, Matching, NameRule, PasswordSync, Place, RuleMatch, Source, UnlinkChoice,
};
use crate::idp::Encoding;
use crate::idp::Outcome;
use crate::idp::okta::settings::{
    CreateOrder, Follow, ImportStop, LocaleForm, ProviderConfig, PushNowForm,
};
use crate::idp::script::{conversation, raw};

/// What a sequence needs before it begins, and what sets it off.
#[derive(Default)]
struct Case {
    /// The target has Ada as `u1`, or the group as `g1`, from before.
    at_target: &'static [&'static str],
    settings: Option<fn(&mut Directory)>,
    switches: Option<fn(&mut Switches)>,
    before: Vec<Event>,
    events: Vec<Event>,
}

/// The cases by the names of their fixtures.
fn cases() -> Vec<(&'static str, Case)> {
    use Attribute::{Department, DisplayName, EmployeeNumber, Family, Title};
    let case = |before: &[Event], event: Event| Case {
        before: before.to_vec(),
        events: vec![event],
        ..Case::default()
    };
    let push = || Event::PushGroup(engineering());
    let pushed = [assign("ada"), assign("bob"), push()];
    let with = |mut events: Vec<Event>, last: Event| {
        events.push(last);
        events
    };
    let import_groups: fn(&mut Directory) = |d| d.settings.features.import_groups = true;
    let unlink = |choice| Event::Unlink {
        group: engineering(),
        choice,
    };
    let away = |event: Event| with(pushed.to_vec(), event);
    let full = [(Title, Some("Analyst")), (Department, Some("Engines"))];
    vec![
        ("test", case(&[], Event::TestConnection)),
        (
            "save",
            Case {
                settings: Some(import_groups),
                ..case(&[], Event::SwitchOnProvisioning)
            },
        ),
        (
            "test-plural",
            Case {
                switches: Some(|s| s.provider_config = ProviderConfig::Plural),
                ..case(&[], Event::TestConnection)
            },
        ),
        (
            "save-schema",
            Case {
                switches: Some(|s| s.import_user_schema = true),
                ..case(&[], Event::SwitchOnProvisioning)
            },
        ),
        (
            "save-entitlements",
            Case {
                settings: Some(|d| d.settings.entitlements = true),
                ..case(&[], Event::SwitchOnProvisioning)
            },
        ),
        ("assign-new", case(&[], assign("ada"))),
        (
            "assign-new-older",
            Case {
                switches: Some(|s| {
                    s.query = Encoding::Form;
                    s.locale = LocaleForm::Underscore;
                    s.email_type = false;
                }),
                ..case(&[], assign("ada"))
            },
        ),
        (
            "assign-unique-value",
            Case {
                settings: Some(|d| d.settings.matching = Matching::ExternalId),
                ..case(&[], assign("ada"))
            },
        ),
        (
            "assign-unique-field",
            Case {
                settings: Some(|d| d.settings.unique_identifier = Place::core("externalId")),
                ..case(&[], assign("ada"))
            },
        ),
        (
            "assign-unique-custom",
            Case {
                settings: Some(|d| {
                    custom_schema(d);
                    let field = d.settings.mappings.last().unwrap().place.clone();
                    d.settings.unique_identifier = field;
                }),
                ..case(&[update("ada", full)], assign("ada"))
            },
        ),
        (
            "assign-custom-schema",
            Case {
                settings: Some(custom_schema),
                ..case(&[update("ada", full)], assign("ada"))
            },
        ),
        ("assign-new-404", case(&[], assign("ada"))),
        (
            "assign-full-profile",
            case(
                &[update(
                    "ada",
                    [
                        (Title, Some("Countess")),
                        (Department, Some("Engines")),
                        (EmployeeNumber, Some("1815")),
                    ],
                )],
                assign("ada"),
            ),
        ),
        (
            "provision-user",
            Case {
                settings: Some(|d| d.provisioning = false),
                ..case(
                    &[assign("ada"), Event::SwitchOnProvisioning],
                    Event::ProvisionUser(key("ada")),
                )
            },
        ),
        (
            "assign-existing",
            Case {
                at_target: &["/Users"],
                ..case(&[], assign("ada"))
            },
        ),
        (
            "assign-existing-twice",
            Case {
                at_target: &["/Users"],
                switches: Some(|s| s.link_puts = 2),
                ..case(&[], assign("ada"))
            },
        ),
        (
            "assign-existing-unpushed",
            Case {
                at_target: &["/Users"],
                settings: Some(|d| d.settings.features.update = false),
                ..case(&[], assign("ada"))
            },
        ),
        (
            "assign-inactive",
            Case {
                at_target: &["/Users"],
                ..case(&[], assign("ada"))
            },
        ),
        (
            "update",
            case(
                &[assign("ada")],
                update(
                    "ada",
                    [(Family, Some("King")), (DisplayName, Some("Ada King"))],
                ),
            ),
        ),
        (
            "update-appends",
            case(&[assign("ada")], update("ada", full)),
        ),
        (
            "update-empties",
            case(
                &[update("ada", full), assign("ada")],
                update("ada", [(Title, None), (Department, None)]),
            ),
        ),
        (
            "password",
            Case {
                settings: Some(|d| d.settings.password_sync = PasswordSync::Own),
                ..case(&[assign("ada")], Event::ChangePassword(key("ada")))
            },
        ),
        (
            "password-off",
            case(&[assign("ada")], Event::ChangePassword(key("ada"))),
        ),
        ("unassign", case(&[assign("ada")], unassign("ada"))),
        (
            "deactivate",
            case(&[assign("ada")], Event::Deactivate(key("ada"))),
        ),
        ("reassign", case(&away(unassign("ada")), assign("ada"))),
        (
            "reactivate",
            case(
                &away(Event::Deactivate(key("ada"))),
                Event::Reactivate(key("ada")),
            ),
        ),
        ("assign-member", case(&[push()], assign("ada"))),
        (
            "suspend",
            Case {
                events: vec![Event::Suspend(key("ada")), Event::Unsuspend(key("ada"))],
                ..case(&pushed, Event::Cycle)
            },
        ),
        (
            "delete",
            case(
                &away(Event::Deactivate(key("ada"))),
                Event::Delete(key("ada")),
            ),
        ),
        (
            "cycle",
            Case {
                events: vec![Event::Cycle, Event::Wait { seconds: 2400 }],
                ..case(&pushed, Event::Cycle)
            },
        ),
        ("push-group", case(&[assign("ada"), assign("bob")], push())),
        (
            "push-group-empty",
            case(&[leave("ada"), leave("bob")], push()),
        ),
        ("push-group-pilot", case(&[assign("ada")], push())),
        (
            "push-group-imported",
            Case {
                settings: Some(import_groups),
                ..case(&[assign("ada"), assign("bob"), Event::Import], push())
            },
        ),
        (
            "push-group-members-first",
            Case {
                switches: Some(|s| s.create_order = CreateOrder::MembersFirst),
                ..case(&[assign("ada"), assign("bob")], push())
            },
        ),
        (
            "push-group-add-only",
            Case {
                switches: Some(|s| {
                    s.create_order = CreateOrder::AddOnly;
                    s.group_post_members = true;
                }),
                ..case(&[assign("ada"), assign("bob")], push())
            },
        ),
        (
            "push-group-post-empty",
            Case {
                switches: Some(|s| s.group_post_members = false),
                ..case(&[assign("ada"), assign("bob")], push())
            },
        ),
        (
            "push-group-described",
            Case {
                settings: Some(describe),
                ..case(&[assign("ada")], push())
            },
        ),
        (
            "link-group",
            Case {
                at_target: &["/Groups"],
                settings: Some(link),
                ..case(&[assign("ada"), assign("bob")], push())
            },
        ),
        (
            "link-group-imported",
            Case {
                at_target: &["/Groups"],
                settings: Some(|d| {
                    link(d);
                    d.settings.features.import_groups = true;
                }),
                ..case(&[assign("ada"), assign("bob")], push())
            },
        ),
        (
            "join",
            case(
                &[leave("bob"), assign("ada"), assign("bob"), push()],
                join("bob"),
            ),
        ),
        (
            "join-without-name",
            Case {
                switches: Some(|s| s.name_patch_with_members = false),
                ..case(
                    &[leave("bob"), assign("ada"), assign("bob"), push()],
                    join("bob"),
                )
            },
        ),
        ("leave", case(&pushed, leave("bob"))),
        (
            "leave-twice",
            Case {
                switches: Some(|s| s.group_put_repeat.member_change = 2),
                ..case(&pushed, leave("bob"))
            },
        ),
        ("rename", case(&pushed, rename("Research"))),
        (
            "rename-without-id",
            Case {
                switches: Some(|s| s.group_put_id = false),
                ..case(&pushed, rename("Research"))
            },
        ),
        (
            "push-now-once",
            Case {
                switches: Some(|s| s.group_put_repeat.push_now = 1),
                ..case(&pushed, Event::PushNow(engineering()))
            },
        ),
        ("push-now", case(&pushed, Event::PushNow(engineering()))),
        (
            "push-now-after-leaver",
            case(&away(unassign("bob")), Event::PushNow(engineering())),
        ),
        (
            "push-now-empty",
            case(
                &[leave("ada"), leave("bob"), push()],
                Event::PushNow(engineering()),
            ),
        ),
        (
            "push-now-pathless",
            Case {
                switches: Some(|s| s.push_now_form = PushNowForm::Pathless),
                ..case(&pushed, Event::PushNow(engineering()))
            },
        ),
        (
            "push-now-pathless-name",
            Case {
                switches: Some(|s| s.push_now_form = PushNowForm::PathlessWithName),
                ..case(&pushed, Event::PushNow(engineering()))
            },
        ),
        ("unlink-delete", case(&pushed, unlink(UnlinkChoice::Delete))),
        ("unlink-leave", case(&pushed, unlink(UnlinkChoice::Leave))),
        (
            "delete-group",
            case(&pushed, Event::DeleteGroup(engineering())),
        ),
        ("import", case(&[], Event::Import)),
        (
            "import-recent",
            Case {
                switches: Some(|s| s.incremental_import = Follow::Always),
                ..case(&[Event::Import], Event::Import)
            },
        ),
        (
            "import-with-groups",
            Case {
                settings: Some(import_groups),
                ..case(&[], Event::Import)
            },
        ),
        (
            "import-empty-page",
            Case {
                switches: Some(|s| s.import_stop = ImportStop::EmptyPage),
                ..case(&[], Event::Import)
            },
        ),
    ]
}

/// An attribute of the app's own, under the URN of the agent's custom schema.
fn custom_schema(directory: &mut Directory) {
    directory.settings.mappings.push(Mapping {
        source: Source::Attribute(Attribute::Department),
        place: "urn:okta:onprem_app:1.0:user:custom:departmentName"
            .parse()
            .unwrap(),
    });
}

/// The group of the directory, changed.
fn change_group(directory: &mut Directory, change: impl FnOnce(&mut Group)) {
    let mut group = directory.group(&engineering()).unwrap().clone();
    change(&mut group);
    directory.add_group(group);
}

fn describe(directory: &mut Directory) {
    change_group(directory, |group| {
        group.description = "Builds engines".to_owned()
    });
}

fn link(directory: &mut Directory) {
    change_group(directory, |group| group.linked = true);
}

async fn compare(folder: &str, profile: Profile) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/idp/okta");
    let mut unused: Vec<String> = std::fs::read_dir(root.join(folder))
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    for (name, case) in cases() {
        let file = format!("{name}.http");
        let Some(at) = unused.iter().position(|unused| *unused == file) else {
            continue;
        };
        unused.remove(at);
        let fixture = std::fs::read_to_string(root.join(folder).join(&file)).unwrap();
        let mut stage = Stage::new(profile);
        if let Some(set) = case.settings {
            set(&mut stage.directory);
        }
        if let Some(set) = case.switches {
            set(&mut stage.okta.switches);
        }
        for path in case.at_target {
            stage.seed(path).await;
        }
        for event in &case.before {
            stage.step(std::slice::from_ref(event)).await;
        }
        stage.target.take();
        let expected = conversation(&fixture);
        stage
            .target
            .next(expected.iter().map(|(_, act)| act.clone()));
        let reports = stage.step(&case.events).await;
        let sent: Vec<String> = stage.target.take().iter().map(sealed).collect();
        let wanted: Vec<&str> = expected
            .iter()
            .map(|(request, _)| request.as_str())
            .collect();
        pretty(&sent, &wanted, &format!("{folder}/{file}"));
        for report in &reports {
            let quiet = matches!(report.outcome, Outcome::SendsNothing { .. });
            assert_eq!(quiet, wanted.is_empty(), "{folder}/{file}: {report:?}");
            assert!(
                !matches!(report.outcome, Outcome::Stopped { .. }),
                "{folder}/{file}: {report:?}"
            );
        }
    }
    assert!(unused.is_empty(), "nothing is compared with {unused:?}");
}

fn pretty(sent: &[String], wanted: &[&str], file: &str) {
    for (n, (sent, wanted)) in sent.iter().zip(wanted).enumerate() {
        assert!(
            sent == wanted,
            "{file}, request {}:\n{sent}\nwanted:\n{wanted}",
            n + 1
        );
    }
    assert_eq!(sent.len(), wanted.len(), "{file}: {sent:#?}");
}

/// The raw text with the random password hidden, of which only the length is known, and the time of the last import.
fn sealed(request: &Outgoing) -> String {
    let mut text = raw(request);
    if let Some((head, tail)) = text.split_once("lastModified%20gt%20%22") {
        let (time, tail) = tail.split_once("%22").unwrap();
        assert!(time.replace("%3A", ":").parse::<jiff::Timestamp>().is_ok());
        text = format!("{head}lastModified%20gt%20%22{{time}}%22{tail}");
    }
    let Some((head, tail)) = text.split_once(r#""password":""#) else {
        return text;
    };
    let (password, tail) = tail.split_once('"').unwrap();
    assert!(password.len() == 8 && password.bytes().all(|b| b.is_ascii_alphanumeric()));
    format!(r#"{head}"password":"********"{tail}"#)
}

#[tokio::test]
async fn a_custom_app_sends_the_bytes_of_its_fixtures() {
    compare("custom-app", Profile::CustomApp).await;
}

#[tokio::test]
async fn a_catalogue_app_sends_the_bytes_of_its_fixtures() {
    compare("catalog-app", Profile::CatalogApp).await;
}

#[tokio::test]
async fn the_on_premises_agent_sends_the_bytes_of_its_fixtures() {
    compare("on-prem-agent", Profile::OnPremAgent).await;
}

#[tokio::test]
async fn a_rule_pushes_what_it_selects_as_a_push_by_name_does() {
    for profile in PROFILES {
        let rule = |text: &str| {
            Event::PushRule(NameRule {
                matches: RuleMatch::StartsWith,
                text: text.to_owned(),
            })
        };
        let mut by_name = Stage::new(profile);
        by_name
            .step(&[assign("ada"), Event::PushGroup(engineering())])
            .await;
        let mut by_rule = Stage::new(profile);
        by_rule.step(&[assign("ada"), rule("Eng")]).await;
        let lines = by_rule.target.lines();
        assert_eq!(lines, by_name.target.lines());
        assert!(lines.len() > 2);
        by_rule.step(&[rule("Eng"), rule("Sales")]).await;
        assert_eq!(by_rule.target.lines(), [""; 0]);
    }
}
