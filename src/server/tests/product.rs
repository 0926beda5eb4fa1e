//! Signing in, and being out again at once.

use super::*;

struct App<'a> {
    t: &'a Target,
    app: Target,
}

impl<'a> App<'a> {
    fn of(t: &'a Target) -> Self {
        let app = Target {
            server: t.server.clone(),
            base: "/t/t1/app".to_owned(),
        };
        Self { t, app }
    }

    async fn login(&self, name: &str) -> Answer {
        let body = format!(r#"{{"userName":"{name}"}}"#);
        self.app.call("POST", "/login", &body).await
    }

    async fn as_person(&self, method: &str, path: &str, credential: &str) -> Answer {
        let header = format!("Bearer {credential}");
        let headers = [("authorization", header.as_str())];
        self.app.send(method, path, "", &headers).await
    }

    async fn set_active(&self, id: &str, active: bool) {
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
