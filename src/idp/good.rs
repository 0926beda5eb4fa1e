//! A plain good target behind a socket, which gives one wrong answer where a test asks for it.

use std::sync::{Arc, Mutex};

use wiremock::matchers::any;
use wiremock::{Mock, MockServer, Respond, ResponseTemplate};

use super::script::{Script, wire};
use crate::scim::Value;
use crate::wire::Wire;
use crate::wire::transport::{Live, Target, TlsOptions};

/// An answer that replaces the good one.
#[derive(Clone, Debug)]
pub(crate) enum Wrong {
    /// That status, without a body.
    Status(u16),
    /// That status with that body.
    Body(u16, &'static str),
}

/// The target.
pub(crate) struct Good {
    server: MockServer,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    users: Vec<Value>,
    groups: Vec<Value>,
    sent: Vec<String>,
    wrong: Option<(usize, Wrong)>,
}

struct Answers(Arc<Mutex<State>>);

impl Good {
    /// Starts the target on a free loopback port.
    pub(crate) async fn start() -> Self {
        let server = MockServer::start().await;
        let state = Arc::new(Mutex::new(State::default()));
        let answers = Answers(Arc::clone(&state));
        Mock::given(any())
            .respond_with(answers)
            .mount(&server)
            .await;
        Self { server, state }
    }

    /// A wire to it.
    pub(crate) fn wire(&self, idp: &str) -> Wire {
        let target = Target::parse(&self.server.uri()).unwrap();
        let live = Live::new(&target, &TlsOptions { roots: None }, 1 << 20).unwrap();
        wire(Arc::new(live), Script::new([]), idp)
    }

    /// From now on, the request of that number (counted from 0) gets the wrong answer.
    pub(crate) fn answer(&self, number: usize, wrong: Wrong) {
        let mut state = self.state.lock().unwrap();
        state.sent.clear();
        state.wrong = Some((number, wrong));
    }

    /// A user as it was made.
    pub(crate) fn user(&self, number: usize) -> Value {
        self.state.lock().unwrap().users[number].clone()
    }

    /// What reached the target, as method and path with `?` in the place of a query; the target then forgets it.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.state.lock().unwrap().sent)
    }
}

impl Respond for Answers {
    fn respond(&self, request: &wiremock::Request) -> ResponseTemplate {
        let mut state = self.0.lock().unwrap();
        let number = state.sent.len();
        let method = request.method.as_str();
        let path = request.url.path().to_owned();
        let query = request.url.query();
        let mark = if query.is_some() { "?" } else { "" };
        state.sent.push(format!("{method} {path}{mark}"));
        match state.wrong.take_if(|(wanted, _)| *wanted == number) {
            Some((_, Wrong::Status(status))) => ResponseTemplate::new(status),
            Some((_, Wrong::Body(status, body))) => {
                ResponseTemplate::new(status).set_body_string(body)
            }
            None => state.good(method, &path, query.unwrap_or_default(), &request.body),
        }
    }
}

impl State {
    fn good(&mut self, method: &str, path: &str, query: &str, body: &[u8]) -> ResponseTemplate {
        let (letter, resources) = match path.starts_with("/Users") {
            true => ('u', &mut self.users),
            false => ('g', &mut self.groups),
        };
        let json = |status, value: &Value| {
            ResponseTemplate::new(status).set_body_raw(value.to_string(), "application/scim+json")
        };
        let id = path.rsplit_once('/').map(|(_, id)| id).unwrap_or_default();
        let at = resources
            .iter()
            .position(|r| r.get("id").and_then(Value::as_str) == Some(id));
        match (method, at) {
            ("POST", _) => {
                let mut made = Value::from_slice(body).unwrap();
                let id = format!("{letter}{}", resources.len() + 1);
                made.as_object_mut().unwrap().set("id", id);
                resources.push(made.clone());
                json(201, &made)
            }
            ("GET", Some(at)) => json(200, &resources[at]),
            ("PUT", Some(_)) => json(200, &Value::from_slice(body).unwrap()),
            ("PATCH" | "DELETE", Some(_)) => ResponseTemplate::new(204),
            ("GET", None) if matches!(path, "/Users" | "/Groups") => {
                let name = query
                    .split("%22")
                    .nth(1)
                    .map(|name| name.replace("%40", "@"));
                let named = |resource: &&Value| {
                    let attributes = ["userName", "displayName"].map(|a| resource.get(a));
                    let mut texts = attributes.into_iter().flatten().filter_map(Value::as_str);
                    name.is_none() || texts.any(|text| Some(text) == name.as_deref())
                };
                let found: Vec<Value> = resources.iter().filter(named).cloned().collect();
                let total = i64::try_from(found.len()).unwrap();
                let mut list = crate::scim::Object::new();
                list.push("totalResults", total);
                list.push("Resources", found);
                json(200, &list.into())
            }
            _ => ResponseTemplate::new(404),
        }
    }
}
