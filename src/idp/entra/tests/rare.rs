//! Switches for what few have seen, in both positions.

use super::switches::{bodies, header, lines, pushed, sent};
use super::*;
use crate::directory::AppSettings;
use crate::idp::entra::{Booleans, Emptied, GroupMatching, GroupProbe, ManagerRemoval, MemberForm};
use crate::idp::good::Good;
use crate::idp::script::{Act, Script};
use crate::idp::stage::Stage;

fn unflagged() -> Settings {
    Settings::unflagged()
}

#[tokio::test]
async fn a_gallery_connector_names_itself_and_a_non_gallery_job_does_not() {
    for gallery_user_agent in [false, true] {
        let settings = Settings {
            gallery_user_agent,
            ..unflagged()
        };
        for request in &sent(settings, "", &[&[assign("bob")]]).await[0] {
            let agent = header(request, "User-Agent");
            let wanted = "Microsoft Azure AD SCIM provisioning 1.0.0";
            assert_eq!(agent, gallery_user_agent.then_some(wanted));
        }
    }
}

#[tokio::test]
async fn the_button_may_leave_the_groups_alone_while_the_cycle_asks_for_them() {
    for (group_probe_on_test, tested) in [(true, 2), (false, 1)] {
        let settings = Settings {
            group_probe_on_test,
            ..unflagged()
        };
        let good = Good::start().await;
        let job = dialect(settings, setup());
        let mut stage = Stage::new(job, Family::Entra, good.wire("entra"), &[ada()], &[]);
        stage.step(&[Event::TestConnection]).await;
        assert_eq!(good.take().len(), tested);
        stage.step(&[Event::Cycle]).await;
        assert_eq!(good.take().len(), 2);
    }
}

#[tokio::test]
async fn groups_are_probed_always_where_they_are_pushed_or_never() {
    for (group_probe, pushing, probes) in [
        (GroupProbe::Always, false, 2),
        (GroupProbe::WhereGroupsAreMapped, true, 2),
        (GroupProbe::WhereGroupsAreMapped, false, 1),
        (GroupProbe::Never, true, 1),
    ] {
        let settings = Settings {
            group_probe,
            ..unflagged()
        };
        let good = Good::start().await;
        let job = dialect(settings, setup());
        let mut stage = Stage::new(job, Family::Entra, good.wire("entra"), &[ada()], &[]);
        stage.now.settings.features.push_groups = pushing;
        stage.step(&[Event::Cycle]).await;
        assert_eq!(good.take().len(), probes, "{group_probe:?}, {pushing}");
    }
}

#[tokio::test]
async fn an_emptied_value_is_not_sent_or_replaced_by_an_empty_text() {
    let shown = r#","displayName":"Ada Lovelace","title":"Countess","active":true,"userName":"ada@example.com""#;
    let emptied = |emptied| Settings {
        emptied,
        ..unflagged()
    };
    let titled = update("ada", &[(Attribute::Title, Some("Countess"))]);
    let gone = update("ada", &[(Attribute::Title, None)]);
    let steps: &[&[Event]] = &[&[assign("ada"), titled], &[gone]];
    let silent = sent(emptied(Emptied::NotSent), shown, steps).await;
    assert!(!bodies(&silent[1], "PATCH")[0].contains("title"));
    let said = sent(emptied(Emptied::EmptyText), shown, steps).await;
    let wanted = r#"{"op":"Replace","path":"title","value":""}"#;
    assert!(bodies(&said[1], "PATCH")[0].contains(wanted));
    let post = &bodies(&said[0], "POST")[0];
    assert!(
        !post.contains(r#""""#),
        "what is empty at creation is left out: {post}"
    );
}

#[tokio::test]
async fn active_stands_in_every_patch_where_that_is_switched_on() {
    let shown = r#","displayName":"Bob","active":true,"userName":"bob@example.com""#;
    let renamed = update("bob", &[(Attribute::DisplayName, Some("Bobby"))]);
    let steps: &[&[Event]] = &[&[assign("bob")], &[renamed]];
    for (repeats_active, count) in [(false, 1), (true, 2)] {
        let settings = Settings {
            repeats_active,
            ..unflagged()
        };
        let patch = &bodies(&sent(settings, shown, steps).await[1], "PATCH")[0];
        assert_eq!(patch.matches(r#""op":"Replace""#).count(), count, "{patch}");
        let active = r#"{"op":"Replace","path":"active","value":"True"}"#;
        assert_eq!(patch.contains(active), repeats_active, "{patch}");
    }
}

#[tokio::test]
async fn whoever_is_in_the_bin_has_a_name_of_its_own_and_gets_the_old_one_back() {
    let shown = r#","displayName":"Bob Kahn","active":true,"userName":"bob@example.com""#;
    let gone = Event::Deactivate(key("bob"));
    let id = update(
        "bob",
        &[(
            Attribute::DirectoryId,
            Some("0f1e2d3c-0000-4000-8000-00000000000b"),
        )],
    );
    let steps: &[&[Event]] = &[
        &[id, assign("bob")],
        &[gone],
        &[Event::Reactivate(key("bob"))],
    ];
    for renames_soft_deleted in [false, true] {
        let settings = Settings {
            renames_soft_deleted,
            ..unflagged()
        };
        let sent = sent(settings, shown, steps).await;
        let patch = &bodies(&sent[1], "PATCH")[0];
        let name = r#"{"op":"Replace","path":"userName","value":"0f1e2d3c00004000800000000000000bbob@example.com"},{"op":"Replace","path":"active","value":"False"}"#;
        assert_eq!(patch.contains(name), renames_soft_deleted, "{patch}");
        assert_eq!(
            lines(&sent[2])[0],
            "GET /Users/u-1",
            "by the stored id, whatever a filter finds"
        );
    }
}

#[tokio::test]
async fn a_group_is_found_by_its_name_or_by_its_external_id() {
    for (group_matching, filter) in [
        (
            GroupMatching::DisplayName,
            "displayName+eq+%22Engineering%22",
        ),
        (
            GroupMatching::ExternalId,
            "externalId+eq+%227c4f3b1e-0000-4000-8000-000000000001%22",
        ),
    ] {
        let settings = Settings {
            group_matching,
            ..unflagged()
        };
        let push = Event::PushGroup(GroupKey::new("team"));
        let sent = sent(settings, "", &[&[push]]).await;
        let wanted = format!("GET /Groups?excludedAttributes=members&filter={filter}");
        assert_eq!(lines(&sent[0])[0], wanted);
    }
}

#[tokio::test]
async fn a_group_s_description_is_patched_as_a_list_of_one_where_it_is_mapped() {
    for (group_description, wanted) in [
        (false, None),
        (
            true,
            Some(
                r#"{"op":"Add","path":"emails[type eq \"other\"].value","value":[{"value":"team@example.com"}]}"#,
            ),
        ),
    ] {
        let settings = Settings {
            group_description,
            ..unflagged()
        };
        let found = r#"{"totalResults":1,"Resources":[{"id":"g1","displayName":"Engineering","externalId":"7c4f3b1e-0000-4000-8000-000000000001"}]}"#;
        let none = || Act::Answer(200, r#"{"totalResults":0}"#.to_owned());
        let made = Act::Answer(201, r#"{"id":"g1"}"#.to_owned());
        let answers = [
            made,
            none(),
            none(),
            Act::Answer(200, found.to_owned()),
            Act::Answer(204, String::new()),
        ];
        let script = Script::new(answers);
        let group = Group {
            description: "team@example.com".to_owned(),
            ..team("Engineering", &[])
        };
        let job = dialect(settings, setup());
        let mut stage = Stage::new(job, Family::Entra, script.wire("entra"), &[], &[group]);
        stage.seed(ResourceKind::Group).await;
        stage.step(&[Event::PushGroup(GroupKey::new("team"))]).await;
        let patches = bodies(&script.take(), "PATCH");
        assert_eq!(patches.len(), usize::from(wanted.is_some()), "{patches:?}");
        assert!(
            wanted.is_none_or(|wanted| patches[0].contains(wanted)),
            "{patches:?}"
        );
    }
}

#[tokio::test]
async fn a_member_can_be_a_bare_text() {
    let settings = Settings {
        member_form: MemberForm::Text,
        ..unflagged()
    };
    let pushed = pushed();
    let patches = bodies(&sent(settings, "", &[&pushed]).await[0], "PATCH").join("\n");
    let wanted = r#"{"op":"Add","path":"members","value":["u-1"]}"#;
    assert!(patches.contains(wanted), "{patches}");
}

#[tokio::test]
async fn booleans_can_be_texts_in_lower_case_or_json_without_the_flag() {
    let shown = r#","displayName":"Bob Kahn","active":true,"userName":"bob@example.com""#;
    let steps: &[&[Event]] = &[&[assign("bob")], &[Event::Unassign(key("bob"))]];
    for (booleans, wanted) in [
        (Booleans::Text, r#""value":"False""#),
        (Booleans::LowerCaseText, r#""value":"false""#),
        (Booleans::Json, r#""value":false"#),
    ] {
        let settings = Settings {
            booleans,
            ..unflagged()
        };
        let patch = bodies(&sent(settings, shown, steps).await[1], "PATCH");
        assert!(patch[0].contains(wanted), "{patch:?}");
        assert!(patch[0].contains(r#""op":"Replace""#), "{patch:?}");
    }
}

#[tokio::test]
async fn a_retry_after_is_waited_out_once_where_the_job_honours_it() {
    for (honours_retry_after, wanted) in [
        (false, &["GET", "GET", "GET"][..]),
        (true, &["GET", "GET", "GET", "GET", "POST"][..]),
    ] {
        let settings = Settings {
            honours_retry_after,
            ..unflagged()
        };
        let none = || Act::Answer(200, r#"{"totalResults":0}"#.to_owned());
        let answers = [
            none(),
            none(),
            Act::Header(429, "Retry-After", "0".to_owned()),
            none(),
            Act::Answer(201, r#"{"id":"u1"}"#.to_owned()),
        ];
        let script = Script::new(answers);
        let job = dialect(settings, setup());
        let mut stage = Stage::new(job, Family::Entra, script.wire("entra"), &[ada()], &[]);
        stage.step(&[assign("ada")]).await;
        let methods: Vec<&str> = script.take().iter().map(|request| request.method).collect();
        assert_eq!(methods, wanted);
    }
}

#[tokio::test]
async fn a_role_of_a_post_is_an_object_or_a_type_or_a_text_and_none_is_no_member_or_an_empty_list()
{
    use crate::directory::RoleExpression;
    use crate::idp::entra::RoleForm;
    let object =
        r#""roles":[{"primary":true,"type":"WindowsAzureActiveDirectoryRole","value":"Admin"}]"#;
    let alone = r#""roles":[{"primary":true,"type":"WindowsAzureActiveDirectoryRole"}]"#;
    for (role_form, post_roles, role, wanted) in [
        (RoleForm::Whole, false, Some("Admin"), Some(object)),
        (RoleForm::TypeAlone, false, Some("Admin"), Some(alone)),
        (
            RoleForm::Text,
            false,
            Some("Admin"),
            Some(r#""roles":["Admin"]"#),
        ),
        (RoleForm::Whole, false, None, None),
        (RoleForm::Whole, true, None, Some(r#""roles":[]"#)),
    ] {
        let settings = Settings {
            role_form,
            post_roles,
            ..unflagged()
        };
        let none = || Act::Answer(200, r#"{"totalResults":0}"#.to_owned());
        let made = Act::Answer(201, r#"{"id":"u1"}"#.to_owned());
        let script = Script::new([none(), none(), none(), made]);
        let job = dialect(settings, setup());
        let mut stage = Stage::new(job, Family::Entra, script.wire("entra"), &[ada()], &[]);
        stage.now.settings.roles = Some(RoleExpression::SingleAppRoleAssignment);
        stage
            .step(&[assign("ada"), update("ada", &[(Attribute::AppRoles, role)])])
            .await;
        let post = &bodies(&script.take(), "POST")[0];
        assert_eq!(post.contains("roles"), wanted.is_some(), "{post}");
        assert!(wanted.is_none_or(|wanted| post.contains(wanted)), "{post}");
    }
}

#[tokio::test]
async fn the_manager_is_no_difference_where_it_is_not_mapped() {
    let mut app = AppSettings::defaults(Family::Entra);
    app.mappings
        .retain(|m| m.source != crate::directory::Source::Manager);
    let settings = Settings {
        manager_removal: ManagerRemoval::Remove,
        ..unflagged()
    };
    let good = Good::start().await;
    let mut ada = ada();
    ada.manager = Some(key("bob"));
    let job = dialect(settings, setup());
    let mut stage = Stage::new(job, Family::Entra, good.wire("entra"), &[ada, bob()], &[]);
    stage.now.settings = app;
    stage.step(&[assign("ada"), assign("bob")]).await;
    assert!(!good.take().iter().any(|line| line.starts_with("PATCH")));
}

#[tokio::test]
async fn address_and_phone_paths_select_by_type() {
    let moved = update(
        "bob",
        &[
            (Attribute::City, Some("Paris")),
            (Attribute::Street, Some("1 Rue de Rivoli")),
            (Attribute::Fax, Some("+33 1 00 00 00 00")),
        ],
    );
    let steps: &[&[Event]] = &[&[assign("bob")], &[moved]];
    for settings in [Settings::unflagged(), Settings::flagged()] {
        let patch = &bodies(&sent(settings, "", steps).await[1], "PATCH")[0];
        for path in [
            r#""path":"addresses[type eq \"work\"].locality","value":"Paris""#,
            r#""path":"addresses[type eq \"work\"].streetAddress","value":"1 Rue de Rivoli""#,
            r#""path":"phoneNumbers[type eq \"fax\"].value","value":"+33 1 00 00 00 00""#,
        ] {
            assert!(patch.contains(path), "{patch}");
        }
    }
}
