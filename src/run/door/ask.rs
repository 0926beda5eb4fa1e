//! One request to the product: filled in, sent, and read.

use std::collections::BTreeMap;

use super::Door;
use crate::directory::Person;
use crate::fact::Basis;
use crate::run::product::{Ask, Capture, Spelling, fill};
use crate::wire::{Header, HeaderValue, Method, Reply, Request, Wire};

/// Where the knowledge of these requests comes from.
const BASIS: &str = "the description of the product";

/// Why the door did not open.
pub(super) enum Closed {
    /// It is shut: the exchange that shows it, and how.
    Refused(u64, String),
    /// Nobody can say.
    Unclear(String),
}

impl Closed {
    /// Why, as a sentence.
    pub(super) fn why(self) -> String {
        match self {
            Self::Refused(_, why) | Self::Unclear(why) => why,
        }
    }

    /// The same, where a refusal says nothing.
    pub(super) fn unclear(self) -> Self {
        Self::Unclear(self.why())
    }
}

impl Ask {
    /// What an answer shows: the exchange, if the thing was done.
    pub(super) fn outcome(&self, reply: &Reply, job: &str) -> Result<u64, Closed> {
        let status = reply.status;
        let said = format!("the request to {job} was answered with {status}");
        if self.accepted.contains(&status) {
            Ok(reply.exchange)
        } else if self.refused.contains(&status) {
            Err(Closed::Refused(reply.exchange, said))
        } else {
            let why = format!("{said}, which is neither in `accepted` nor in `refused`");
            Err(Closed::Unclear(why))
        }
    }
}

impl Door {
    /// Does what is described, and gives the answer if the product shows that it was done. Credentials of the person that the
    /// request names are made first.
    pub(super) async fn ask(
        &self,
        step: Option<usize>,
        person: Option<&Person>,
        job: &str,
        ask: &Ask,
        usual: Method,
        more: &[(&str, &str)],
    ) -> Result<Reply, Closed> {
        let (request, wire) = self.asked(step, person, job, ask, usual, more).await?;
        let reply = send(&wire, request).await?;
        ask.outcome(&reply, job)?;
        Ok(reply)
    }

    /// A request that is ready to be sent, and the wire to send it by.
    pub(super) async fn asked(
        &self,
        step: Option<usize>,
        person: Option<&Person>,
        job: &str,
        ask: &Ask,
        usual: Method,
        more: &[(&str, &str)],
    ) -> Result<(Request, Wire), Closed> {
        let mut held = BTreeMap::new();
        let named = |name: &str| ask.names().any(|used| used == name);
        let credentials = &self.product.credentials;
        let last = credentials.iter().rposition(|spec| named(&spec.name));
        if let (Some(last), Some(person)) = (last, person) {
            // An earlier one may be what a later one is made with.
            for spec in &credentials[..=last] {
                let later = credentials[..=last].iter();
                let used = named(&spec.name)
                    || later
                        .into_iter()
                        .any(|s| s.mint.names().any(|n| n == spec.name));
                if used {
                    self.mint(step, person, spec, &mut held).await?;
                }
            }
        }
        let mut values = self.values(person, &held);
        values.extend(more.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
        let method = ask.method.unwrap_or(usual);
        let body = ask.body.as_deref();
        let request = request(method, &ask.path, &ask.headers, body, &values);
        let request = match ask.target_credentials {
            true => with_target_credentials(request),
            false => request,
        };
        Ok((request, self.speak(step, person, job)))
    }
}

/// What stands at a JSON pointer of an answer.
pub(super) fn at(reply: &Reply, pointer: &str) -> Option<serde_json::Value> {
    let json: serde_json::Value = serde_json::from_str(&reply.body.text).ok()?;
    json.pointer(pointer).cloned()
}

/// The texts of a list at a JSON pointer of an answer.
pub(super) fn texts(reply: &Reply, pointer: &str) -> Result<Vec<String>, Closed> {
    let found = at(reply, pointer);
    let items = found.as_ref().and_then(serde_json::Value::as_array);
    let texts = items.map(|items| items.iter().map(|item| item.as_str().map(str::to_owned)));
    let texts: Option<Vec<String>> = texts.and_then(Iterator::collect);
    texts.ok_or_else(|| Closed::Unclear(format!("the answer has no list of texts at `{pointer}`")))
}

pub(super) async fn send(wire: &Wire, request: Request) -> Result<Reply, Closed> {
    let outcome = wire.send(request).await;
    outcome.map_err(|failure| Closed::Unclear(failure.message))
}

pub(super) fn request(
    method: Method,
    path: &str,
    headers: &BTreeMap<String, String>,
    body: Option<&str>,
    values: &BTreeMap<String, String>,
) -> Request {
    let media = headers
        .iter()
        .find(|(name, _)| name.eq_ignore_ascii_case("content-type"))
        .map_or("", |(_, media)| media.as_str());
    let spelling = match media {
        media if media.contains("json") => Spelling::Json,
        media if media.contains("x-www-form-urlencoded") => Spelling::Percent,
        _ => Spelling::Plain,
    };
    let text = |name, value: &str| Header {
        name,
        value: HeaderValue::Text(value.to_owned()),
    };
    let mut neutral = vec![
        Header {
            name: "Host",
            value: HeaderValue::Host,
        },
        text("Accept", "*/*"),
        text(
            "User-Agent",
            concat!("scimulate/", env!("CARGO_PKG_VERSION")),
        ),
    ];
    if body.is_some() || method != Method::Get {
        neutral.push(Header {
            name: "Content-Length",
            value: HeaderValue::Length,
        });
    }
    let path = fill(path, values, Spelling::Percent);
    let mut request = Request::new(method, path, Basis::documented(BASIS)).with_headers(neutral);
    request.beside = headers
        .iter()
        .map(|(name, value)| (name.clone(), fill(value, values, Spelling::Plain)))
        .collect();
    request.body = body.map(|body| fill(body, values, spelling));
    request
}

pub(super) fn with_target_credentials(mut request: Request) -> Request {
    request.headers.push(Header {
        name: "Authorization",
        value: HeaderValue::Credentials,
    });
    request
}

/// The credential in an answer.
pub(super) fn captured(reply: &Reply, capture: &Capture) -> Option<String> {
    let found = match capture {
        Capture::Json(pointer) => {
            let json: serde_json::Value = serde_json::from_str(&reply.body.text).ok()?;
            json.pointer(pointer)?.as_str()?.to_owned()
        }
        Capture::Header(name) => reply.header(name)?.trim().to_owned(),
        Capture::Cookie(name) => {
            let cookies = reply
                .headers
                .iter()
                .filter(|(header, _)| header.eq_ignore_ascii_case("set-cookie"));
            let mut pairs = cookies.filter_map(|(_, cookie)| {
                let (key, value) = cookie.split(';').next()?.split_once('=')?;
                (key.trim() == name).then(|| value.trim().to_owned())
            });
            pairs.next()?
        }
    };
    (!found.is_empty()).then_some(found)
}
