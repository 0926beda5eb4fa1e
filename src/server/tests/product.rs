//! Signing in, and being out again at once.

use super::*;

pub(super) struct App<'a> {
    t: &'a Target,
    pub(super) app: Target,
}

impl<'a> App<'a> {
    pub(super) fn of(t: &'a Target) -> Self {
        let app = Target {
            server: t.server.clone(),
            base: "/t/t1/app".to_owned(),
        };
        Self { t, app }
    }

    pub(super) async fn login(&self, name: &str) -> Answer {
        let body = format!(r#"{{"userName":"{name}"}}"#);
        self.app.call("POST", "/login", &body).await
    }

    pub(super) async fn as_person(&self, method: &str, path: &str, credential: &str) -> Answer {
        let header = format!("Bearer {credential}");
        let headers = [("authorization", header.as_str())];
        self.app.send(method, path, "", &headers).await
    }

    pub(super) async fn set_active(&self, id: &str, active: bool) {
        let operations = format!(r#"{{"op":"replace","path":"active","value":{active}}}"#);
        let answer = self.t.patch(&format!("/Users/{id}"), &operations).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
}

#[tokio::test]
async fn a_deactivated_person_is_out_at_once_and_old_credentials_stay_dead() {
    let t = Target::new();
    let app = App::of(&t);
    let id = t.user("ada").await;
    let session = app.login("ADA").await.text_at(&["session"]);
    let token = app
        .as_person("POST", "/tokens", &session)
        .await
        .text_at(&["token"]);
    for (credential, by) in [(&session, "session"), (&token, "token")] {
        let me = app.as_person("GET", "/me", credential).await;
        assert_eq!(
            (me.status, me.id(), me.text_at(&["by"])),
            (200, id.clone(), by.to_owned())
        );
    }
    t.patch(
        &format!("/Users/{id}"),
        r#"{"op":"add","path":"title","value":"x"}"#,
    )
    .await;
    assert_eq!(app.as_person("GET", "/me", &token).await.status, 200);

    app.set_active(&id, false).await;
    assert_eq!(app.login("ada").await.error(), "403");
    app.set_active(&id, true).await;
    for credential in [&session, &token] {
        assert_eq!(app.as_person("GET", "/me", credential).await.error(), "401");
    }
    let session = app.login("ada").await.text_at(&["session"]);
    assert_eq!(app.as_person("GET", "/me", &session).await.status, 200);
    t.call("DELETE", &format!("/Users/{id}"), "").await;
    assert_eq!(app.as_person("GET", "/me", &session).await.error(), "401");
    assert_eq!(app.login("ada").await.error(), "403");
}

#[tokio::test]
async fn roles_come_from_groups_and_leave_with_them() {
    let t = Target::new();
    let app = App::of(&t);
    let ada = t.user("ada").await;
    let inner = t.group("inner", &[&ada]).await;
    t.group("outer", &[&inner]).await;
    let session = app.login("ada").await.text_at(&["session"]);
    let roles = app
        .as_person("GET", "/me", &session)
        .await
        .text_at(&["roles"]);
    assert_eq!(roles, r#"["inner","outer"]"#);
    t.patch(
        &format!("/Groups/{inner}"),
        r#"{"op":"remove","path":"members"}"#,
    )
    .await;
    let roles = app
        .as_person("GET", "/me", &session)
        .await
        .text_at(&["roles"]);
    assert_eq!(roles, "[]");
}

#[tokio::test]
async fn nobody_gets_in_without_a_right() {
    let t = Target::new();
    let app = App::of(&t);
    t.user("ada").await;
    let session = app.login("ada").await.text_at(&["session"]);
    let token = app
        .as_person("POST", "/tokens", &session)
        .await
        .text_at(&["token"]);
    assert_eq!(app.login("nobody").await.error(), "403");
    for (method, path, credential, error) in [
        ("POST", "/login", &*session, "401"),
        ("GET", "/me", "tok", "401"),
        ("POST", "/tokens", &token, "403"),
        ("GET", "/nothing", &session, "404"),
        ("PUT", "/me", &session, "405"),
    ] {
        let answer = app.as_person(method, path, credential).await;
        assert_eq!(answer.error(), error, "{method} {path}");
    }
    // Neither a session nor a token is a SCIM credential.
    for credential in [&session, &token] {
        let header = format!("Bearer {credential}");
        let answer = t
            .send("GET", "/Users", "", &[("authorization", &header)])
            .await;
        assert_eq!(answer.error(), "401");
    }
    assert_eq!(
        app.as_person("DELETE", "/session", &session).await.status,
        204
    );
    assert_eq!(app.as_person("GET", "/me", &session).await.error(), "401");
    assert_eq!(app.as_person("GET", "/me", &token).await.status, 200);
}

#[tokio::test]
async fn a_new_user_name_keeps_the_account_and_all_that_hangs_on_it() {
    let t = Target::new();
    let app = App::of(&t);
    let id = t.user("ada").await;
    t.group("engineering", &[&id]).await;
    let session = app.login("ada").await.text_at(&["session"]);
    let rename = r#"{"op":"replace","path":"userName","value":"ada.king"}"#;
    assert_eq!(t.patch(&format!("/Users/{id}"), rename).await.status, 200);
    let me = app.as_person("GET", "/me", &session).await;
    assert_eq!(
        (me.id(), me.text_at(&["userName"])),
        (id.clone(), "ada.king".to_owned())
    );
    assert_eq!(me.text_at(&["roles"]), r#"["engineering"]"#);
    assert_eq!(app.login("ada").await.error(), "403");
    let session = app.login("ada.king").await.text_at(&["session"]);
    assert_eq!(app.as_person("GET", "/me", &session).await.id(), id);
}

#[tokio::test]
async fn a_local_user_signs_in_by_password_and_scim_neither_sees_nor_takes_the_name() {
    let t = Target::new();
    let app = App::of(&t);
    let root = r#"{"userName":"root","password":"correct horse","administrator":true}"#;
    let made = app.app.call("POST", "/people", root).await;
    assert_eq!(made.status, 201, "{made:?}");
    assert_eq!(
        app.app.call("POST", "/people", root).await.error(),
        "409 uniqueness"
    );
    assert_eq!(
        app.app.send("POST", "/people", root, &[]).await.error(),
        "401"
    );

    let sign_in = |password: &str| format!(r#"{{"userName":"ROOT","password":"{password}"}}"#);
    let wrong = app.app.send("POST", "/login", &sign_in("wrong"), &[]).await;
    assert_eq!(wrong.error(), "401");
    let right = app
        .app
        .send("POST", "/login", &sign_in("correct horse"), &[])
        .await;
    let me = app
        .as_person("GET", "/me", &right.text_at(&["session"]))
        .await;
    assert_eq!(
        (me.id(), me.text_at(&["local"])),
        (made.id(), "true".to_owned())
    );
    assert_eq!(me.text_at(&["roles"]), r#"["administrator"]"#);

    assert_eq!(t.get("/Users").await.text_at(&["totalResults"]), "0");
    assert_eq!(t.get(&format!("/Users/{}", made.id())).await.status, 404);
    let post = t.call("POST", "/Users", r#"{"userName":"Root"}"#).await;
    assert_eq!(post.error(), "409 uniqueness");
    // The identity provider vouches for nobody whom it does not manage.
    assert_eq!(app.login("root").await.error(), "403");
}

#[tokio::test]
async fn a_password_that_scim_set_opens_nothing() {
    let t = Target::new();
    let app = App::of(&t);
    let body = r#"{"userName":"ada","password":"analytical engine"}"#;
    assert_eq!(t.call("POST", "/Users", body).await.status, 201);
    assert_eq!(
        app.app.send("POST", "/login", body, &[]).await.error(),
        "401"
    );
}

#[tokio::test]
async fn the_last_administrator_stays_where_the_tenant_says_so() {
    let t = Target::of(Tenant {
        administrators: Some("admins".to_owned()),
        ..Tenant::default()
    });
    let (ada, bob) = (t.user("ada").await, t.user("bob").await);
    let inner = t.group("inner", &[&bob]).await;
    t.group("admins", &[&ada, &inner]).await;
    let off = r#"{"op":"replace","path":"active","value":false}"#;
    let path = |id: &str| format!("/Users/{id}");
    assert_eq!(t.patch(&path(&ada), off).await.status, 200);
    assert_eq!(t.patch(&path(&bob), off).await.error(), "400 invalidValue");
    let put = t
        .call("PUT", &path(&bob), r#"{"userName":"bob","active":false}"#)
        .await;
    assert_eq!(put.error(), "400 invalidValue");
    assert_eq!(
        t.call("DELETE", &path(&bob), "").await.error(),
        "400 invalidValue"
    );
    assert_eq!(t.get(&path(&bob)).await.text_at(&["active"]), "true");
    // Whoever is no administrator, or not active, is not kept.
    assert_eq!(t.call("DELETE", &path(&ada), "").await.status, 204);
    let app = App::of(&t);
    let root = r#"{"userName":"root","password":"correct horse","administrator":true}"#;
    assert_eq!(app.app.call("POST", "/people", root).await.status, 201);
    assert_eq!(t.call("DELETE", &path(&bob), "").await.status, 204);
}

#[tokio::test]
async fn a_person_sees_the_own_account_at_me_and_cannot_change_it() {
    let t = Target::new();
    let app = App::of(&t);
    let id = t.user("ada").await;
    t.user("bob").await;
    let session = app.login("ada").await.text_at(&["session"]);
    let header = format!("Bearer {session}");
    let person = [("authorization", header.as_str())];
    let me = t.send("GET", "/Me", "", &person).await;
    assert_eq!((me.status, me.id()), (200, id.clone()));
    let location = me.text_at(&["meta", "location"]);
    assert_eq!(me.header("location"), Some(location.as_str()));
    for method in ["PATCH", "PUT", "DELETE"] {
        assert_eq!(t.send(method, "/Me", "{}", &person).await.error(), "403");
    }
    assert_eq!(t.send("GET", "/Users", "", &person).await.error(), "401");
    // The client that provisions is no person.
    assert_eq!(t.get("/Me").await.error(), "501");
    app.set_active(&id, false).await;
    assert_eq!(t.send("GET", "/Me", "", &person).await.error(), "401");
}
