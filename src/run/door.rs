//! The product's door: makes credentials for people who are about to lose access, proves that they open it, and tries
//! them again afterwards.
//!
//! What a person gets stays in memory. On the tape stands that it was tried and how the product answered, never what the
//! credential is: the wire beside the SCIM endpoint writes answers down by their shape alone.

use std::collections::BTreeMap;
use std::time::Duration;

use super::product::{Capture, CredentialKind, CredentialSpec, Product, Spelling, fill};
use crate::directory::{Attribute, Person, PersonKey, Subject};
use crate::fact::Basis;
use crate::model::{Aspect, Datum, Seen};
use crate::wire::{Header, HeaderValue, Method, Origin, Reply, Request, Wire};

/// Where the knowledge of these requests comes from.
const BASIS: &str = "the description of the product";

/// A credential this short could not be told from other text.
const SHORTEST: usize = 8;

/// The product's door, and the credentials that people of a story have.
pub(super) struct Door {
    wire: Wire,
    product: Product,
    /// What was made last for each person.
    held: BTreeMap<PersonKey, Held>,
}

/// What one person has.
#[derive(Debug, Default)]
struct Held {
    /// The credentials that opened the door, by name.
    secrets: BTreeMap<String, String>,
    /// Why there is no credential of that name, or none that is known to open the door.
    failed: BTreeMap<String, String>,
}

/// What was tried at the door for one person.
#[derive(Debug, Default)]
pub(super) struct Tried {
    /// What it shows.
    pub(super) values: BTreeMap<Aspect, Seen>,
    /// The exchanges that show it.
    pub(super) exchanges: Vec<u64>,
}

impl Door {
    /// A door that is reached by that wire.
    pub(super) fn new(wire: Wire, product: Product) -> Self {
        Self {
            wire,
            product,
            held: BTreeMap::new(),
        }
    }

    /// Whether a credential was made for that person, or could not be.
    pub(super) fn knows(&self, person: &PersonKey) -> bool {
        self.held.contains_key(person)
    }

    /// Makes new credentials for a person and proves that they open the door.
    pub(super) async fn open(&mut self, step: Option<usize>, person: &Person) {
        let mut held = Held::default();
        for spec in &self.product.credentials {
            let made = self.make(step, person, spec, &mut held.secrets).await;
            if let Err(Closed::Refused(_, why) | Closed::Unclear(why)) = made {
                held.secrets.remove(&spec.name);
                held.failed.insert(spec.name.clone(), why);
            }
        }
        self.held.insert(person.key.clone(), held);
    }

    /// Tries what a person has, and to sign in anew if that is asked.
    pub(super) async fn look(&self, step: Option<usize>, person: &Person, sign_in: bool) -> Tried {
        let mut tried = Tried::default();
        let Some(held) = self.held.get(&person.key) else {
            return tried;
        };
        for spec in &self.product.credentials {
            let entered = match held.failed.get(&spec.name) {
                Some(why) => Err(Closed::Unclear(why.clone())),
                None => self.enter(step, person, spec, &held.secrets).await,
            };
            tried.note(aspect(spec.kind), entered);
        }
        let session = |spec: &&CredentialSpec| spec.kind == CredentialKind::Session;
        let session = self.product.credentials.iter().find(session);
        if let Some(spec) = session.filter(|_| sign_in) {
            let entered = match held.failed.get(&spec.name) {
                Some(why) => Err(Closed::Unclear(why.clone())),
                None => self.make(step, person, spec, &mut BTreeMap::new()).await,
            };
            tried.note(Aspect::SignIn, entered);
        }
        tried
    }

    /// Tries again for as long as the target may take to settle, while anything opens the door that should not.
    pub(super) async fn look_until(
        &self,
        step: Option<usize>,
        person: &Person,
        sign_in: bool,
        settle: Duration,
        right: impl Fn(&Tried) -> bool,
    ) -> Tried {
        let start = self.wire.clock().real();
        loop {
            let tried = self.look(step, person, sign_in).await;
            let waited = self.wire.clock().real().saturating_sub(start);
            if right(&tried) || waited >= settle {
                return tried;
            }
            tokio::time::sleep((settle / 10).min(settle.saturating_sub(waited))).await;
        }
    }

    /// Makes one credential and uses it once; it is among those held afterwards.
    async fn make(
        &self,
        step: Option<usize>,
        person: &Person,
        spec: &CredentialSpec,
        held: &mut BTreeMap<String, String>,
    ) -> Result<u64, Closed> {
        let name = &spec.name;
        let values = self.values(person, held);
        let mint = &spec.mint;
        let wire = self.speak(step, person, &format!("make {name}"));
        let request = request(
            mint.method,
            &mint.path,
            &mint.headers,
            mint.body.as_deref(),
            &values,
        );
        let request = match mint.target_credentials {
            true => with_target_credentials(request),
            false => request,
        };
        let reply = send(&wire, request).await?;
        let n = reply.exchange;
        match reply.status {
            200..=399 => {}
            status @ (400 | 401 | 403 | 404 | 409 | 422) => {
                return Err(Closed::Refused(
                    n,
                    format!("making {name} was answered with {status}"),
                ));
            }
            status => {
                return Err(Closed::Unclear(format!(
                    "making {name} was answered with {status}"
                )));
            }
        }
        let Some(secret) = captured(&reply, &mint.capture) else {
            let why = format!(
                "the answer that was to make {name} ({}) holds none",
                reply.status
            );
            return Err(Closed::Refused(n, why));
        };
        if secret.len() < SHORTEST {
            let why =
                format!("{name} is shorter than {SHORTEST} characters: is that the credential?");
            return Err(Closed::Unclear(why));
        }
        wire.mark_credential(&secret);
        held.insert(name.clone(), secret);
        self.enter(step, person, spec, held).await
    }

    /// Uses one credential.
    async fn enter(
        &self,
        step: Option<usize>,
        person: &Person,
        spec: &CredentialSpec,
        held: &BTreeMap<String, String>,
    ) -> Result<u64, Closed> {
        let values = self.values(person, held);
        let usage = &spec.usage;
        let wire = self.speak(step, person, &format!("use {}", spec.name));
        let body = usage.body.as_deref();
        let request = request(usage.method, &usage.path, &usage.headers, body, &values);
        let reply = send(&wire, request).await?;
        let (n, status) = (reply.exchange, reply.status);
        let said = format!("using {} was answered with {status}", spec.name);
        if usage.accepted.contains(&status) {
            Ok(n)
        } else if usage.refused.contains(&status) {
            Err(Closed::Refused(n, said))
        } else {
            let why = format!("{said}, which is neither in `accepted` nor in `refused`");
            Err(Closed::Unclear(why))
        }
    }

    fn values(&self, person: &Person, held: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let secrets = self.product.secrets.iter();
        let mut values: BTreeMap<String, String> = secrets
            .map(|(name, secret)| (format!("env:{name}"), secret.clone()))
            .collect();
        let email = person.get(Attribute::Email).unwrap_or(person.user_name());
        values.insert("userName".to_owned(), person.user_name().to_owned());
        values.insert("email".to_owned(), email.to_owned());
        values.extend(held.clone());
        values
    }

    fn speak(&self, step: Option<usize>, person: &Person, job: &str) -> Wire {
        let subject = Subject::Person(person.key.clone());
        let wire = self.wire.origin(Origin::Probe).job(job, Some(subject));
        wire.speaking(|context| context.by.step = step)
    }
}

/// Why the door did not open.
enum Closed {
    /// It is shut: the exchange that shows it, and how.
    Refused(u64, String),
    /// Nobody can say.
    Unclear(String),
}

impl Tried {
    /// Notes one attempt. Of several things of one kind, one that opens the door is enough.
    fn note(&mut self, aspect: Aspect, entered: Result<u64, Closed>) {
        let (seen, exchange) = match entered {
            Ok(n) => (Seen::Value(Datum::Flag(true)), Some(n)),
            Err(Closed::Refused(n, _)) => (Seen::Value(Datum::Flag(false)), Some(n)),
            Err(Closed::Unclear(why)) => (Seen::NotObservable(why), None),
        };
        self.exchanges.extend(exchange);
        let open = Seen::Value(Datum::Flag(true));
        let known = self.values.get(&aspect);
        if known != Some(&open) && !(known.is_some() && matches!(seen, Seen::NotObservable(_))) {
            self.values.insert(aspect, seen);
        }
    }
}

fn aspect(kind: CredentialKind) -> Aspect {
    match kind {
        CredentialKind::Session => Aspect::Session,
        CredentialKind::Token => Aspect::Token,
    }
}

async fn send(wire: &Wire, request: Request) -> Result<Reply, Closed> {
    let outcome = wire.send(request).await;
    outcome.map_err(|failure| Closed::Unclear(failure.message))
}

fn request(
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

fn with_target_credentials(mut request: Request) -> Request {
    request.headers.push(Header {
        name: "Authorization",
        value: HeaderValue::Credentials,
    });
    request
}

/// The credential in an answer.
fn captured(reply: &Reply, capture: &Capture) -> Option<String> {
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
