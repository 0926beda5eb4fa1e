//! What the product decides by itself, right and with each fault.

use super::product::App;
use super::*;

impl App<'_> {
    /// A request by the tenant.
    async fn tenant(&self, method: &str, path: &str, body: &str) -> Answer {
        self.app.call(method, path, body).await
    }

    /// The status of such a request.
    async fn status(&self, method: &str, path: &str, body: &str) -> String {
        self.tenant(method, path, body).await.status.to_string()
    }

    /// A sign-on with claims.
    async fn sign_on(&self, name: &str, groups: &str) -> Answer {
        let body = format!(r#"{{"userName":"{name}"{groups}}}"#);
        self.tenant("POST", "/sign-on", &body).await
    }

    async fn session(&self, name: &str) -> String {
        let answer = self.sign_on(name, "").await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.text_at(&["session"])
    }

    async fn roles(&self, session: &str) -> String {
        let me = self.as_person("GET", "/me", session).await;
        match me.status {
            200 => me.text_at(&["roles"]),
            status => status.to_string(),
        }
    }

    /// A local person's session, if the password opens one.
    async fn by_password(&self, name: &str, password: &str) -> Answer {
        let body = format!(r#"{{"userName":"{name}","password":"{password}"}}"#);
        self.app.send("POST", "/login", &body, &[]).await
    }

    async fn local(&self, name: &str, administrator: bool) {
        let body = format!(
            r#"{{"userName":"{name}","password":"correct horse","administrator":{administrator}}}"#
        );
        let made = self.tenant("POST", "/people", &body).await;
        assert_eq!(made.status, 201, "{made:?}");
    }
}

/// PATCHes `active`; returns the status.
async fn activate(t: &Target, id: &str, active: bool) -> String {
    let operation = format!(r#"{{"op":"replace","path":"active","value":{active}}}"#);
    let answer = t.patch(&format!("/Users/{id}"), &operation).await;
    answer.status.to_string()
}

fn path(id: &str) -> String {
    format!("/Users/{id}")
}

/// Signs on who was deactivated, who was deleted, and who never was.
async fn sign_on_of_leavers(t: &Target) -> String {
    let app = App::of(t);
    let (idle, gone) = (t.user("idle").await, t.user("gone").await);
    activate(t, &idle, false).await;
    t.call("DELETE", &path(&gone), "").await;
    let mut seen = Vec::new();
    for name in ["idle", "gone", "stranger"] {
        let status = app.sign_on(name, "").await.status;
        let filter = format!("/Users?filter=userName%20eq%20%22{name}%22");
        let list = t.get(&filter).await;
        let user = list.at(&["Resources", "0"]).or_else(|| {
            let all = list.at(&["Resources"])?;
            all.as_array()?.first().cloned()
        });
        let active = user.and_then(|user| user.get("active")?.as_bool());
        seen.push(format!("{status} {active:?}"));
    }
    seen.join(", ")
}

/// Signs on with the claims of yesterday; then the members of both groups, and the roles.
async fn claims_of_yesterday(t: &Target) -> String {
    let app = App::of(t);
    let dana = t.user("dana").await;
    let now = t.group("team-now", &[&dana]).await;
    let before = t.group("team-before", &[]).await;
    let answer = app.sign_on("DANA", r#","groups":["team-before"]"#).await;
    let roles = app.roles(&answer.text_at(&["session"])).await;
    format!(
        "{:?} {:?} {roles}",
        t.members(&now).await,
        t.members(&before).await
    )
}

/// Grants a role, and changes the title by SCIM; then the roles.
async fn granted_and_updated(t: &Target) -> String {
    let app = App::of(t);
    let finn = t.user("finn").await;
    let role = "/people/Finn/roles/auditor%2Fbilling";
    assert_eq!(app.status("PUT", role, "").await, "204");
    let session = app.session("finn").await;
    let before = app.roles(&session).await;
    let title = r#"{"op":"replace","path":"title","value":"x"}"#;
    assert_eq!(t.patch(&path(&finn), title).await.status, 200);
    let after = app.roles(&session).await;
    app.status("DELETE", role, "").await;
    format!("{before} {after} {}", app.roles(&session).await)
}

/// Writes an administrator's role by SCIM; then the roles, and what it is good for.
async fn role_by_scim(t: &Target) -> String {
    let app = App::of(t);
    let body = r#"{"userName":"greg","roles":[{"value":"administrator","primary":true}]}"#;
    assert_eq!(t.call("POST", "/Users", body).await.status, 201);
    let session = app.session("greg").await;
    let roles = app.roles(&session).await;
    let token = app.as_person("POST", "/provisioning-tokens", &session);
    format!("{roles} {}", token.await.status)
}

/// Renames a group twice; then the roles.
async fn renamed_group(t: &Target) -> String {
    let app = App::of(t);
    let hana = t.user("hana").await;
    let group = t.group("first", &[&hana]).await;
    let session = app.session("hana").await;
    let mut seen = vec![app.roles(&session).await];
    for name in ["second", "third", "first"] {
        let rename = format!(r#"{{"op":"replace","path":"displayName","value":"{name}"}}"#);
        t.patch(&format!("/Groups/{group}"), &rename).await;
        seen.push(app.roles(&session).await);
    }
    seen.join(" ")
}

/// Bans, deletes and makes anew; then how the person comes in.
async fn banned_and_made_anew(t: &Target) -> String {
    let app = App::of(t);
    let ivan = t.user("ivan").await;
    let session = app.session("ivan").await;
    assert_eq!(app.status("PUT", "/people/IVAN/ban", "").await, "204");
    let mut seen = vec![
        app.roles(&session).await,
        app.login("ivan").await.status.to_string(),
        app.sign_on("ivan", "").await.status.to_string(),
        t.get(&path(&ivan)).await.text_at(&["active"]),
    ];
    t.call("DELETE", &path(&ivan), "").await;
    t.call("POST", "/Users", r#"{"userName":"ivan"}"#).await;
    seen.push(app.login("ivan").await.status.to_string());
    app.status("DELETE", "/people/ivan/ban", "").await;
    seen.push(app.login("ivan").await.status.to_string());
    seen.push(app.roles(&session).await);
    seen.join(" ")
}

/// Has a plain member make a token for provisioning, and uses it.
async fn token_of_a_member(t: &Target) -> String {
    let app = App::of(t);
    t.user("jane").await;
    let session = app.session("jane").await;
    let made = app
        .as_person("POST", "/provisioning-tokens", &session)
        .await;
    let bearer = format!("Bearer {}", made.text_at(&["token"]));
    let used = t
        .send("GET", "/Users", "", &[("authorization", &bearer)])
        .await;
    format!("{} {}", made.status, used.status)
}

/// Fills the seats; then what SCIM still may do, and how many are taken.
async fn no_seat_free(t: &Target) -> String {
    let app = App::of(t);
    let idle = t.user("kate").await;
    activate(t, &idle, false).await;
    let taken = app.tenant("GET", "/seats", "").await.text_at(&["taken"]);
    let seats = format!(r#"{{"seats":{taken}}}"#);
    assert_eq!(app.status("PUT", "/seats", &seats).await, "204");
    let mut seen = vec![
        t.call("POST", "/Users", r#"{"userName":"luke"}"#)
            .await
            .status
            .to_string(),
        activate(t, &idle, true).await,
        t.get(&path(&idle)).await.text_at(&["active"]),
        // Nobody who is not active takes a seat, and a name that is taken is told as such.
        t.call("POST", "/Users", r#"{"userName":"mary","active":false}"#)
            .await
            .status
            .to_string(),
        t.call("POST", "/Users", r#"{"userName":"mary"}"#)
            .await
            .status
            .to_string(),
    ];
    let now = app.tenant("GET", "/seats", "").await.text_at(&["taken"]);
    let more = now.parse::<i64>().unwrap() - taken.parse::<i64>().unwrap();
    seen.push(format!("+{more}"));
    app.status("PUT", "/seats", r#"{"seats":null}"#).await;
    seen.join(" ")
}

/// Makes a local person; then what SCIM shows of it and can do to it.
async fn local_person(t: &Target) -> String {
    let app = App::of(t);
    app.local("nora", false).await;
    let session = app.by_password("nora", "correct horse").await;
    let session = session.text_at(&["session"]);
    let list = t.get("/Users?filter=userName%20eq%20%22NORA%22").await;
    let all = list.at(&["Resources"]).unwrap();
    let first = all.as_array().and_then(|all| all.first());
    let id = first.and_then(|user| user.get("id")?.as_str());
    let id = id.unwrap_or("00000000-0000-4000-8000-000000000000");
    let patched = activate(t, id, false).await;
    let post = r#"{"userName":"Nora","password":"other horse"}"#;
    let posted = t.call("POST", "/Users", post).await.status;
    format!(
        "{} {patched} {posted} {} {} {}",
        list.text_at(&["totalResults"]),
        app.by_password("nora", "correct horse").await.status,
        app.by_password("nora", "other horse").await.status,
        app.as_person("GET", "/me", &session).await.status,
    )
}

/// Makes one SCIM user the only administrator, and deactivates and deletes that one.
async fn only_administrator(t: &Target) -> String {
    let app = App::of(t);
    let olga = t.user("olga").await;
    let role = "/people/olga/roles/administrator";
    assert_eq!(app.status("PUT", role, "").await, "204");
    let administrators = || async { app.tenant("GET", "/administrators", "").await.text };
    let mut seen = vec![administrators().await];
    seen.push(activate(t, &olga, false).await);
    seen.push(t.get(&path(&olga)).await.text_at(&["active"]));
    let deleted = t.call("DELETE", &path(&olga), "").await;
    seen.push(deleted.status.to_string());
    seen.push(administrators().await);
    app.status("DELETE", role, "").await;
    seen.join(" ")
}

/// Switches provisioning off and on again; then what became of somebody and a group.
async fn switched_off(t: &Target) -> String {
    let app = App::of(t);
    let paul = t.user("paul").await;
    t.group("readers", &[&paul]).await;
    let session = app.session("paul").await;
    let mut seen = vec![app.status("PUT", "/provisioning", r#"{"on":false}"#).await];
    seen.push(app.tenant("GET", "/provisioning", "").await.text);
    for (method, path) in [("GET", "/Users"), ("POST", "/Users"), ("GET", "/Schemas")] {
        let answer = t.call(method, path, r#"{"userName":"quinn"}"#).await;
        seen.push(answer.error());
    }
    let without = t.send("GET", "/Users", "", &[]).await;
    seen.push(without.status.to_string());
    seen.push(app.roles(&session).await);
    seen.push(app.login("paul").await.status.to_string());
    app.status("PUT", "/provisioning", r#"{"on":true}"#).await;
    seen.push(t.get(&path(&paul)).await.text_at(&["active"]));
    seen.join(" ")
}

/// Everything above, one after the other.
pub(super) async fn transcript(t: &Target) -> Vec<(String, String)> {
    let mut seen = Vec::new();
    macro_rules! note {
        ($($name:ident)*) => {
            $(seen.push((stringify!($name).replace('_', " "), $name(t).await));)*
        };
    }
    note!(sign_on_of_leavers claims_of_yesterday granted_and_updated role_by_scim renamed_group);
    note!(banned_and_made_anew token_of_a_member no_seat_free local_person only_administrator);
    note!(switched_off);
    seen
}

macro_rules! rules {
    ($($(#[$doc:meta])* $name:ident: $observe:ident is $right:literal, $($fault:literal gives $wrong:literal),+;)*) => {
        $($(#[$doc])*
        #[tokio::test]
        async fn $name() {
            assert_eq!($observe(&Target::new()).await, $right);
            $(let faulty = Target::with(Leniency::default(), &[$fault]);
            assert_eq!($observe(&faulty).await, $wrong, $fault);)+
        })*
    };
}

rules! {
    a_sign_on_makes_and_enables_nobody: sign_on_of_leavers
        is "403 Some(false), 403 None, 403 None",
        "jit-login-resurrects-user" gives "201 Some(true), 201 Some(true), 201 Some(true)";
    the_claims_of_a_sign_on_change_no_membership: claims_of_yesterday
        is r#"["dana"] [] ["team-now"]"#,
        "sso-claims-override-scim" gives r#"[] ["dana"] ["team-before"]"#;
    an_update_by_scim_leaves_granted_roles: granted_and_updated
        is r#"["auditor/billing"] ["auditor/billing"] []"#,
        "scim-update-erases-local-roles" gives r#"["auditor/billing"] [] []"#;
    the_attribute_roles_grants_nothing: role_by_scim
        is "[] 403",
        "role-attribute-escalation" gives r#"["administrator"] 403"#;
    a_renamed_group_gives_the_role_of_its_new_name: renamed_group
        is r#"["first"] ["second"] ["third"] ["first"]"#,
        "group-rename-leaves-old-role-mapping" gives r#"["first"] ["first"] ["first"] ["first"]"#;
    a_ban_outlives_the_account: banned_and_made_anew
        is "401 403 403 true 403 201 401",
        "scim-delete-lifts-ban" gives "401 403 403 true 201 201 401";
    no_plain_member_makes_tokens_for_provisioning: token_of_a_member
        is "403 401",
        "any-member-mints-token" gives "201 200";
    nobody_becomes_active_without_a_seat: no_seat_free
        is "403 403 false 201 409 +0",
        "seat-cap-bypassed=create" gives "201 403 false 201 409 +1",
        "seat-cap-bypassed=reactivate" gives "403 200 true 201 409 +1";
    scim_neither_shows_nor_changes_local_people: local_person
        is "0 404 409 201 401 200",
        "scim-governs-foreign-users" gives "1 200 409 403 401 401";
    the_only_administrator_stays: only_administrator
        is r#"{"administrators":["olga"]} 403 true 403 {"administrators":["olga"]}"#,
        "last-admin-deprovisioned"
            gives r#"{"administrators":["olga"]} 200 false 204 {"administrators":[]}"#;
    switching_provisioning_off_leaves_people_as_they_are: switched_off
        is r#"204 {"on":false} 403 403 403 401 ["readers"] 201 true"#,
        "scim-disable-side-effects" gives r#"204 {"on":false} 403 403 403 401 401 403 "#;
}

#[tokio::test]
async fn a_ban_goes_along_with_a_new_name_and_is_not_the_next_ones_of_the_old() {
    let t = Target::new();
    let app = App::of(&t);
    let rita = t.user("rita").await;
    app.status("PUT", "/people/rita/ban", "").await;
    let rename = r#"{"op":"replace","path":"userName","value":"rita.king"}"#;
    t.patch(&path(&rita), rename).await;
    assert_eq!(app.login("rita.king").await.error(), "403");
    t.user("rita").await;
    assert_eq!(app.login("rita").await.status, 201);
    app.status("DELETE", "/people/rita.king/ban", "").await;
    assert_eq!(app.login("rita.king").await.status, 201);
}

#[tokio::test]
async fn a_banned_local_person_is_told_so_only_with_the_right_password() {
    let t = Target::new();
    let app = App::of(&t);
    app.local("sam", false).await;
    assert_eq!(app.sign_on("Sam", "").await.status, 201);
    app.status("PUT", "/people/sam/ban", "").await;
    assert_eq!(app.by_password("sam", "correct horse").await.error(), "403");
    assert_eq!(app.by_password("sam", "wrong").await.error(), "401");
}

#[tokio::test]
async fn an_administrator_makes_a_token_that_provisions_this_tenant_and_administers_nothing() {
    let t = Target::new();
    let app = App::of(&t);
    app.local("tess", true).await;
    let session = app.by_password("tess", "correct horse").await;
    let session = session.text_at(&["session"]);
    assert_eq!(app.roles(&session).await, r#"["administrator"]"#);
    let made = app
        .as_person("POST", "/provisioning-tokens", &session)
        .await;
    assert_eq!(made.status, 201);
    let bearer = format!("Bearer {}", made.text_at(&["token"]));
    let bearer = [("authorization", bearer.as_str())];
    let body = r#"{"userName":"uma"}"#;
    assert_eq!(t.send("POST", "/Users", body, &bearer).await.status, 201);
    for (method, path) in [("GET", "/administrators"), ("POST", "/sign-on")] {
        let answer = app.app.send(method, path, body, &bearer).await;
        assert_eq!(answer.error(), "401", "{path}");
    }
    // A personal token makes none, and neither does who is no administrator any more.
    let token = app.as_person("POST", "/tokens", &session).await;
    let token = token.text_at(&["token"]);
    let by_token = app.as_person("POST", "/provisioning-tokens", &token).await;
    assert_eq!(by_token.error(), "403");
    app.status("DELETE", "/people/tess/roles/administrator", "")
        .await;
    let again = app
        .as_person("POST", "/provisioning-tokens", &session)
        .await;
    assert_eq!(again.error(), "403");
}

#[tokio::test]
async fn an_administrator_who_cannot_come_in_is_none() {
    let t = Target::new();
    let app = App::of(&t);
    let (vera, will) = (t.user("vera").await, t.user("will").await);
    for name in ["vera", "will"] {
        let role = format!("/people/{name}/roles/administrator");
        app.status("PUT", &role, "").await;
    }
    app.status("PUT", "/people/will/ban", "").await;
    let put = r#"{"userName":"vera","active":false}"#;
    assert_eq!(t.call("PUT", &path(&vera), put).await.error(), "403");
    let bulk = format!(
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],"Operations":[
            {{"method":"DELETE","path":"/Users/{vera}"}},{{"method":"DELETE","path":"/Users/{will}"}}]}}"#
    );
    let bulk = t.call("POST", "/Bulk", &bulk).await;
    let operations = bulk.at(&["Operations"]).unwrap();
    let statuses = operations.as_array().unwrap().iter();
    let statuses: Vec<_> = statuses
        .map(|o| o.get("status").unwrap().as_str().unwrap())
        .collect();
    assert_eq!(statuses, ["403", "204"]);
    app.local("xena", true).await;
    assert_eq!(activate(&t, &vera, false).await, "200");
    let list = app.tenant("GET", "/administrators", "").await;
    assert_eq!(list.text, r#"{"administrators":["xena"]}"#);
}

#[tokio::test]
async fn what_was_granted_goes_with_the_account() {
    let t = Target::new();
    let app = App::of(&t);
    let yara = t.user("yara").await;
    app.status("PUT", "/people/yara/roles/auditor", "").await;
    activate(&t, &yara, false).await;
    activate(&t, &yara, true).await;
    let rename = r#"{"op":"replace","path":"userName","value":"yara.king"}"#;
    t.patch(&path(&yara), rename).await;
    assert_eq!(
        app.roles(&app.session("yara.king").await).await,
        r#"["auditor"]"#
    );
    t.call("DELETE", &path(&yara), "").await;
    t.user("yara.king").await;
    assert_eq!(app.roles(&app.session("yara.king").await).await, "[]");
}

#[tokio::test]
async fn only_the_tenant_administers_the_product_and_mistakes_are_told() {
    let t = Target::new();
    let app = App::of(&t);
    t.user("zoe").await;
    let session = app.session("zoe").await;
    for (method, path) in [
        ("POST", "/sign-on"),
        ("POST", "/people"),
        ("PUT", "/people/zoe/roles/administrator"),
        ("PUT", "/people/zoe/ban"),
        ("DELETE", "/people/zoe/ban"),
        ("GET", "/administrators"),
        ("GET", "/seats"),
        ("PUT", "/seats"),
        ("PUT", "/provisioning"),
    ] {
        let answer = app.as_person(method, path, &session).await;
        assert_eq!(answer.error(), "401", "{method} {path}");
    }
    for (method, path, body, error) in [
        ("PUT", "/people/nobody/ban", "", "404"),
        ("PUT", "/people/nobody/roles/x", "", "404"),
        ("DELETE", "/people/zoe/roles/x", "", "204"),
        ("DELETE", "/people/nobody/ban", "", "204"),
        ("PUT", "/seats", r#"{"seats":-1}"#, "400"),
        ("PUT", "/seats", "{}", "400"),
        ("PUT", "/provisioning", r#"{"on":"no"}"#, "400"),
        (
            "POST",
            "/sign-on",
            r#"{"userName":"zoe","groups":[1]}"#,
            "400",
        ),
        ("POST", "/seats", "", "405"),
        ("GET", "/people", "", "405"),
        ("GET", "/people/zoe", "", "404"),
    ] {
        let status = app.status(method, path, body).await;
        assert_eq!(status, error, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn a_local_person_takes_a_seat() {
    let t = Target::new();
    let app = App::of(&t);
    app.status("PUT", "/seats", r#"{"seats":1}"#).await;
    app.local("amy", false).await;
    let body = r#"{"userName":"ben","password":"x"}"#;
    assert_eq!(app.tenant("POST", "/people", body).await.error(), "403");
    assert_eq!(t.call("POST", "/Users", body).await.error(), "403");
    let seats = app.tenant("GET", "/seats", "").await;
    assert_eq!(seats.text, r#"{"seats":1,"taken":1}"#);
}
