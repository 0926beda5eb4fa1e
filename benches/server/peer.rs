//! The servers that are measured: ours, a bare handler, and scim2-server.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::serve::ListenerExt as _;
use futures_util::future::join_all;
use scimulate::server::{DEFAULT_TENANT, Server, Settings, Tenant, serve};
use tokio::runtime::Runtime;

use crate::load::{Call, Connection};

pub(crate) const TOKEN: &str = "bench-token";

/// How many users are created at a time.
const TOGETHER: usize = 500;

/// The reference server with one tenant, on a socket.
pub(crate) struct Ours {
    pub(crate) server: Server,
    pub(crate) address: SocketAddr,
    pub(crate) users: Vec<String>,
}

impl Ours {
    /// A server with that many users of the body that Okta sends by default, in memory.
    pub(crate) fn with_users(runtime: &Runtime, count: usize) -> Self {
        Self::serving(runtime, Server::new(Settings::default()), count)
    }

    /// The same on a data file.
    pub(crate) fn durable(runtime: &Runtime, file: &Path, count: usize) -> Self {
        let server = Server::open(Settings::default(), file).unwrap();
        Self::serving(runtime, server, count)
    }

    fn serving(runtime: &Runtime, server: Server, count: usize) -> Self {
        let tenant = Tenant {
            name: DEFAULT_TENANT.to_owned(),
            token: TOKEN.to_owned(),
            ..Tenant::default()
        };
        server.tenant(tenant).unwrap();
        let listener = bind(runtime);
        let address = listener.local_addr().unwrap();
        runtime.spawn(serve(listener, server.clone(), std::future::pending()));
        let mut ours = Self {
            server,
            address,
            users: Vec::with_capacity(count),
        };
        let numbers: Vec<usize> = (0..count).collect();
        for numbers in numbers.chunks(TOGETHER) {
            // Writes that wait together share one flush of a data file.
            let created = numbers.iter().map(|n| ours.create("/Users", user(*n)));
            let created = runtime.block_on(join_all(created));
            ours.users.extend(created);
        }
        ours
    }

    /// Creates a resource without the socket's delay, and returns its id.
    pub(crate) async fn create(&self, endpoint: &str, body: String) -> String {
        let request = Request::post(format!("/scim/v2{endpoint}"))
            .header(AUTHORIZATION, format!("Bearer {TOKEN}"))
            .header(CONTENT_TYPE, "application/scim+json")
            .body(Body::from(body))
            .unwrap();
        let response = self.server.respond(request).await;
        assert_eq!(response.status(), 201);
        let body = axum::body::to_bytes(response.into_body(), usize::MAX);
        id(&body.await.unwrap())
    }

    pub(crate) fn lookup(&self, number: usize) -> Call {
        Call::get(&format!("/scim/v2{}", lookup(number)), TOKEN)
    }

    pub(crate) fn show(&self, number: usize) -> Call {
        Call::get(&format!("/scim/v2/Users/{}", self.users[number]), TOKEN)
    }

    /// What it answers.
    pub(crate) fn answer(&self, runtime: &Runtime, call: &Call) -> Vec<u8> {
        runtime.block_on(async {
            let mut connection = Connection::open(self.address).await;
            connection.send(call).await.to_vec()
        })
    }
}

/// A handler that does nothing but answer that.
pub(crate) fn bare(runtime: &Runtime, body: Vec<u8>) -> SocketAddr {
    let body = Bytes::from(body);
    let router = Router::new().fallback(move || {
        let body = body.clone();
        async move { ([(CONTENT_TYPE, "application/scim+json")], body) }
    });
    let listener = bind(runtime);
    let address = listener.local_addr().unwrap();
    let listener = listener.tap_io(|stream| stream.set_nodelay(true).unwrap());
    runtime.spawn(async { axum::serve(listener, router).await.unwrap() });
    address
}

fn bind(runtime: &Runtime) -> tokio::net::TcpListener {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0");
    runtime.block_on(listener).unwrap()
}

/// scim2-server as a process, ended with this value.
pub(crate) struct Foreign {
    script: Child,
    /// Kept open: the script would end where nobody can hear it.
    _stdout: BufReader<ChildStdout>,
    pub(crate) address: SocketAddr,
    pub(crate) path: String,
    pub(crate) users: Vec<String>,
}

impl Foreign {
    /// Starts it by the script of the interop runs, which installs it where it is missing, and creates the users.
    ///
    /// # Errors
    /// It does not start here; the text says why.
    pub(crate) fn with_users(runtime: &Runtime, count: usize) -> Result<Self, String> {
        let script = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/interop/servers/scim2-server/start.sh"
        );
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let address = free.map_err(|e| e.to_string())?;
        let mut script = Command::new(script)
            .arg(address.port().to_string())
            .env("SCIM_TOKEN", TOKEN)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|e| format!("{script}: {e}"))?;
        let mut first = String::new();
        let mut stdout = BufReader::new(script.stdout.take().unwrap());
        stdout.read_line(&mut first).unwrap();
        let Some(url) = first.trim().strip_prefix("BASE_URL=") else {
            let mut why = String::new();
            let stderr = script.stderr.take().unwrap();
            BufReader::new(stderr).read_to_string(&mut why).unwrap();
            script.wait().unwrap();
            return Err(why);
        };
        let path = url.splitn(4, '/').nth(3).unwrap_or_default();
        let mut foreign = Self {
            path: format!("/{path}"),
            script,
            _stdout: stdout,
            address,
            users: Vec::new(),
        };
        runtime.block_on(async {
            let mut connection = Connection::open(address).await;
            for number in 0..count {
                let target = format!("{}/Users", foreign.path);
                let call = Call::new("POST", &target, TOKEN, &user(number), 201);
                foreign.users.push(id(connection.send(&call).await));
            }
        });
        Ok(foreign)
    }
}

impl Drop for Foreign {
    fn drop(&mut self) {
        // The script ends the server when it is asked to end itself.
        let id = self.script.id().to_string();
        Command::new("kill").arg(id).status().unwrap();
        self.script.wait().unwrap();
    }
}

/// The path and query by which IdPs look somebody up.
pub(crate) fn lookup(number: usize) -> String {
    format!("/Users?filter=userName%20eq%20%22user{number}%40example.com%22&startIndex=1&count=100")
}

/// The user whom Okta creates with its default mapping (fixtures/idp/okta/catalog-app/assign-new.http).
pub(crate) fn user(number: usize) -> String {
    format!(
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"user{number}@example.com","name":{{"givenName":"Ada","familyName":"Lovelace"}},"emails":[{{"primary":true,"value":"user{number}@example.com","type":"work"}}],"displayName":"Ada Lovelace","locale":"en-US","externalId":"00u{number:017}","groups":[],"password":"secret{number}","active":true}}"#
    )
}

fn id(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    body["id"].as_str().unwrap().to_owned()
}
