//! Plays one flow: its steps in their order, until the last or until an answer ends it.

use futures_util::future::BoxFuture;

use super::flow::{By, Flows, Lookup, Request, Step};
use super::text::{Template, Values};
use crate::idp::answer::lenient;
use crate::idp::{Encoding, Lookup as Answer, Outcome, equals};
use crate::scim::{Object, Value};
use crate::wire::{
    Basis, FailureKind, Header, HeaderValue, Method, Reply, Request as Message, ResourceKind, Wire,
};

/// Why a flow ended before its last step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stop {
    exchange: Option<u64>,
    why: String,
    held: bool,
}

impl Stop {
    fn at(reply: &Reply, why: impl Into<String>) -> Self {
        Self {
            exchange: Some(reply.exchange),
            why: why.into(),
            held: false,
        }
    }

    fn early(why: String) -> Self {
        Self {
            exchange: None,
            why,
            held: false,
        }
    }

    /// What the job's report says. Nobody has written down what this IdP's administrator sees.
    pub(super) fn outcome(self, title: &str, basis: Basis) -> Outcome {
        Outcome::Stopped {
            exchange: self.exchange,
            why: self.why,
            admin_sees: if self.held {
                format!("{title}: success, on a record that the app had before")
            } else {
                format!("{title}: the change failed")
            },
            basis,
        }
    }
}

/// One flow while it is played.
pub(super) struct Play<'a> {
    pub(super) idp: &'a Flows,
    pub(super) basis: &'a Basis,
    pub(super) wire: &'a Wire,
    pub(super) values: Values,
    pub(super) mapped: Object,
    pub(super) members: Vec<String>,
    pub(super) last: Option<Reply>,
}

impl Play<'_> {
    /// Plays steps, one after the other.
    pub(super) fn steps<'s>(&'s mut self, steps: &'s [Step]) -> BoxFuture<'s, Result<(), Stop>> {
        Box::pin(async move {
            for step in steps {
                self.step(step).await?;
            }
            Ok(())
        })
    }

    async fn step(&mut self, step: &Step) -> Result<(), Stop> {
        match step {
            Step::Lookup {
                lookup,
                found,
                none,
            } => match self.look_up(lookup).await? {
                Some(id) => {
                    self.values.insert("id".to_owned(), id);
                    self.steps(found).await
                }
                None => self.steps(none).await,
            },
            Step::Request(request) => self.request(request).await,
            Step::Capture(parts) => self.capture(parts),
            Step::When {
                value,
                then,
                otherwise,
            } => {
                let value = self.values.get(value);
                let so = value.is_some_and(|v| !v.is_empty() && v != "false");
                self.steps(if so { then } else { otherwise }).await
            }
            Step::ForEachMember(steps) => {
                for member in self.members.clone() {
                    self.values.insert("member-id".to_owned(), member);
                    self.steps(steps).await?;
                }
                self.values.remove("member-id");
                Ok(())
            }
        }
    }

    async fn look_up(&mut self, lookup: &Lookup) -> Result<Option<String>, Stop> {
        let message = lookup.message(&self.values, self.idp.encoding, self.basis.clone());
        let reply = self.send(message).await?;
        let answer = match &lookup.by {
            Some(by) if !by.filter => by.pick(&reply, &self.values),
            _ => lenient::lookup(&reply),
        };
        let result = match answer {
            Answer::Found { id, .. } => Ok(Some(id)),
            Answer::None => Ok(None),
            Answer::Many(count) => {
                let why = format!("the lookup found {count} where at most one may match");
                Err(Stop::at(&reply, why))
            }
            Answer::Unreadable(why) => Err(Stop::at(&reply, why)),
        };
        self.last = Some(reply);
        result
    }

    /// Sends a request; one that names each member is sent as often as their number asks for.
    async fn request(&mut self, request: &Request) -> Result<(), Stop> {
        let each = request.body.as_ref().is_some_and(|b| b.names_members());
        let bound = request.members.as_ref().and_then(|m| m.fill(&self.values));
        let bound = bound.and_then(|bound| bound.parse().ok()).unwrap_or(0);
        let all = self.members.clone();
        if !each || bound == 0 || all.len() <= bound {
            return self.request_once(request, &all).await;
        }
        for members in all.chunks(bound) {
            self.request_once(request, members).await?;
        }
        Ok(())
    }

    async fn request_once(&mut self, request: &Request, members: &[String]) -> Result<(), Stop> {
        let target = target(request, &self.values, self.idp.encoding).ok_or_else(|| {
            Stop::early("the request names what the target has not given yet".to_owned())
        })?;
        let mut message = Message::new(request.method, target, self.basis.clone())
            .with_headers(headers(request.body.is_some()))
            .expecting(request.on.keys().copied());
        if let Some(body) = &request.body {
            let body = body.fill(&self.values, &self.mapped, members);
            message = message.with_body(&body.unwrap_or_else(|| Object::new().into()));
        }
        let reply = self.send(message).await?;
        let (ok, status) = (reply.ok(), reply.status);
        let stop = Stop::at(&reply, format!("the target answered {status}"));
        self.last = Some(reply);
        match request.on.get(&status) {
            _ if ok => {}
            Some(steps) => return self.steps(steps).await,
            None => return Err(stop),
        }
        if request.method == Method::Delete && request.target.names().any(|n| n == "id") {
            self.values.remove("id");
        }
        Ok(())
    }

    /// Keeps parts of the last answer. What is not there has no value, but whatever was made must have an `id`.
    fn capture(&mut self, parts: &[(String, String)]) -> Result<(), Stop> {
        let Some(reply) = &self.last else {
            return Ok(());
        };
        for (name, pointer) in parts {
            let value = reply.json().and_then(|body| pointed(body, pointer));
            let text = match value {
                Some(Value::String(text)) => text.clone(),
                Some(Value::Bool(_) | Value::Number(_)) => {
                    value.map(Value::to_string).unwrap_or_default()
                }
                _ => String::new(),
            };
            if name == "id" && text.is_empty() {
                let why = format!("the target's answer has no text at `{pointer}`");
                return Err(Stop::at(reply, why));
            }
            self.values.insert(name.clone(), text);
        }
        Ok(())
    }

    async fn send(&self, message: Message) -> Result<Reply, Stop> {
        self.wire.send(message).await.map_err(|failure| Stop {
            exchange: Some(failure.exchange),
            why: failure.message.clone(),
            held: failure.kind == FailureKind::Guarded,
        })
    }
}

impl Lookup {
    /// The request. What has no value is looked for as an empty text.
    pub(super) fn message(&self, values: &Values, encoding: Encoding, basis: Basis) -> Message {
        let path = self.list.path();
        let target = match &self.by {
            Some(by) if by.filter => {
                let value = by.value.fill(values).unwrap_or_default();
                let filter = equals(&by.attribute, &value);
                encoding.query(path, &[("filter", &filter)])
            }
            _ => path.to_owned(),
        };
        let target = format!("{target}{}", self.end);
        Message::new(Method::Get, target, basis).with_headers(headers(false))
    }
}

impl By {
    /// Picks one out of a whole list, as text is compared: letter by letter.
    fn pick(&self, reply: &Reply, values: &Values) -> Answer {
        let Some(wanted) = self.value.fill(values) else {
            return Answer::None;
        };
        if !reply.ok() {
            return lenient::lookup(reply);
        }
        let Some(resources) = lenient::resources(reply) else {
            return Answer::Unreadable("the answer is not a list".to_owned());
        };
        let named = |r: &&Value| r.get(&self.attribute).and_then(Value::as_str) == Some(&*wanted);
        let hits: Vec<Value> = resources.iter().filter(named).cloned().collect();
        Answer::among(&hits)
    }
}

/// What a JSON pointer (RFC 6901) points to.
fn pointed<'v>(body: &'v Value, pointer: &str) -> Option<&'v Value> {
    let mut value = body;
    for part in pointer.split('/').skip(1) {
        let name = part.replace("~1", "/").replace("~0", "~");
        value = match value {
            Value::Array(elements) => elements.get(name.parse::<usize>().ok()?)?,
            value => value.get(&name)?,
        };
    }
    Some(value)
}

/// The request's target: values are escaped as a path's segments, and behind a `?` as a query's.
fn target(request: &Request, values: &Values, encoding: Encoding) -> Option<String> {
    request.target.fill_with(values, |text, value| {
        let encoding = match text.contains('?') {
            true => encoding,
            false => Encoding::Percent,
        };
        text.push_str(&encoding.encode(value));
    })
}

/// The headers before a profile changes any.
fn headers(body: bool) -> Vec<Header> {
    let header = |name, value| Header { name, value };
    let mut headers = vec![
        header("Host", HeaderValue::Host),
        header("Authorization", HeaderValue::Credentials),
    ];
    if body {
        let json = HeaderValue::Text("application/scim+json".to_owned());
        headers.push(header("Content-Type", json));
        headers.push(header("Content-Length", HeaderValue::Length));
    }
    headers
}

/// The lookup by which a flow finds somebody: its first, wherever it stands.
pub(super) fn first_lookup(steps: &[Step]) -> Option<&Lookup> {
    steps.iter().find_map(|step| match step {
        Step::Lookup { lookup, .. } => Some(lookup),
        Step::Request(request) => request.on.values().find_map(|steps| first_lookup(steps)),
        Step::When {
            then, otherwise, ..
        } => first_lookup(then).or_else(|| first_lookup(otherwise)),
        Step::Capture(_) => None,
        Step::ForEachMember(steps) => first_lookup(steps),
    })
}

/// A lookup by a name, for an IdP whose flow looks for nobody.
pub(super) fn by_name(list: ResourceKind, attribute: &str, value: &str) -> Lookup {
    Lookup {
        list,
        by: Some(By {
            attribute: attribute.to_owned(),
            value: Template::parse(value),
            filter: true,
        }),
        end: String::new(),
    }
}
