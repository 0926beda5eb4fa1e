//! A small tenant of the bundled server, asked without a socket.

use axum::body::Body;
use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use scimulate::server::{Server, Settings, Tenant};
use tower_service::Service as _;

const TOKEN: &str = "fuzz";

/// A tenant with one user in one group.
pub struct World {
    runtime: tokio::runtime::Runtime,
    router: axum::Router,
    base: String,
    /// The user's id.
    pub user: String,
    /// The group's id.
    pub group: String,
}

impl World {
    /// Makes a fresh one.
    pub fn new() -> Self {
        let server = Server::new(Settings::default());
        let tenant = Tenant { name: "fuzz".to_owned(), token: TOKEN.to_owned(), ..Tenant::default() };
        let info = server.tenant(tenant).expect("the tenant is new");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut world = Self {
            runtime,
            router: server.router(),
            base: info.base_path,
            user: String::new(),
            group: String::new(),
        };
        let user = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com",
            "emails":[{"type":"work","value":"ada@example.com","primary":true}],"active":true}"#;
        world.user = world.made("/Users", user);
        let group = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"crew","members":[{{"value":"{}"}}]}}"#,
            world.user
        );
        world.group = world.made("/Groups", &group);
        world
    }

    fn made(&mut self, target: &str, body: &str) -> String {
        let (status, body) = self.ask(Method::POST, target, body.as_bytes()).expect("a legal request");
        assert_eq!(status, StatusCode::CREATED);
        body["id"].as_str().expect("an id").to_owned()
    }

    /// Sends a request; `None` where HTTP itself has no such request.
    pub fn ask(&mut self, method: Method, target: &str, body: &[u8]) -> Option<(StatusCode, serde_json::Value)> {
        let request = Request::builder()
            .method(method)
            .uri(format!("{}{target}", self.base))
            .header("Authorization", format!("Bearer {TOKEN}"))
            .header("Content-Type", "application/scim+json")
            .body(Body::from(body.to_vec()))
            .ok()?;
        let mut router = self.router.clone();
        self.runtime.block_on(async move {
            let reply = router.call(request).await.expect("a router answers");
            let status = reply.status();
            let bytes = reply.into_body().collect().await.expect("a body").to_bytes();
            let value = match bytes.is_empty() {
                true => serde_json::Value::Null,
                false => serde_json::from_slice(&bytes).expect("a body is JSON"),
            };
            Some((status, value))
        })
    }

    /// What every answer owes its client: no fault of the server's, and an error that is a SCIM error.
    pub fn expect_sound(status: StatusCode, body: &serde_json::Value) {
        assert!(!status.is_server_error() || status == StatusCode::NOT_IMPLEMENTED, "{status} {body}");
        if status.is_client_error() {
            assert_eq!(body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error", "{status} {body}");
            assert_eq!(body["status"], status.as_str(), "{body}");
        }
    }
}
