//! Credentials of people who are about to lose access: they are made, proved to open the door, and tried again afterwards.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::ask::{Closed, captured, request, send, with_target_credentials};
use super::undo::Undo;
use crate::directory::{Attribute, Person, PersonKey, Subject};
use crate::model::{Aspect, Datum, Seen};
use crate::run::product::{CredentialKind, CredentialSpec, Product};
use crate::wire::{Origin, Wire};

/// A credential this short could not be told from other text.
const SHORTEST: usize = 8;

/// The product's door, and the credentials that people of a story have.
pub(in crate::run) struct Door {
    pub(super) wire: Wire,
    pub(super) product: Arc<Product>,
    /// What was made last for each person.
    held: BTreeMap<PersonKey, Held>,
    /// The password of everybody who gets one in the story.
    pub(super) password: String,
    pub(super) undo: Undo,
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
pub(in crate::run) struct Tried {
    /// What it shows.
    pub(in crate::run) values: BTreeMap<Aspect, Seen>,
    /// The exchanges that show it.
    pub(in crate::run) exchanges: Vec<u64>,
}

impl Door {
    /// A door that is reached by that wire.
    pub(in crate::run) fn new(
        wire: Wire,
        product: Arc<Product>,
        password: String,
        undo: Undo,
    ) -> Self {
        Self {
            wire,
            product,
            held: BTreeMap::new(),
            password,
            undo,
        }
    }

    /// Whether a credential was made for that person, or could not be.
    pub(in crate::run) fn knows(&self, person: &PersonKey) -> bool {
        self.held.contains_key(person)
    }

    /// Makes new credentials for a person and proves that they open the door.
    pub(in crate::run) async fn open(&mut self, step: Option<usize>, person: &Person) {
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
    pub(in crate::run) async fn look(
        &self,
        step: Option<usize>,
        person: &Person,
        sign_in: bool,
    ) -> Tried {
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
        for (kind, name) in [
            (CredentialKind::Session, "session"),
            (CredentialKind::Token, "token"),
        ] {
            if !self
                .product
                .credentials
                .iter()
                .any(|spec| spec.kind == kind)
            {
                let why = format!("the target file describes no credential of kind `{name}`");
                tried.note(aspect(kind), Err(Closed::Unclear(why.clone())));
                if kind == CredentialKind::Session && sign_in {
                    tried.note(Aspect::SignIn, Err(Closed::Unclear(why)));
                }
            }
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
    pub(in crate::run) async fn look_until(
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
    pub(super) async fn make(
        &self,
        step: Option<usize>,
        person: &Person,
        spec: &CredentialSpec,
        held: &mut BTreeMap<String, String>,
    ) -> Result<u64, Closed> {
        self.mint(step, person, spec, held).await?;
        self.enter(step, person, spec, held).await
    }

    /// Makes one credential; it is among those held afterwards.
    pub(super) async fn mint(
        &self,
        step: Option<usize>,
        person: &Person,
        spec: &CredentialSpec,
        held: &mut BTreeMap<String, String>,
    ) -> Result<(), Closed> {
        let name = &spec.name;
        let values = self.values(Some(person), held);
        let mint = &spec.mint;
        let wire = self.speak(step, Some(person), &format!("make {name}"));
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
        Ok(())
    }

    /// Uses one credential.
    async fn enter(
        &self,
        step: Option<usize>,
        person: &Person,
        spec: &CredentialSpec,
        held: &BTreeMap<String, String>,
    ) -> Result<u64, Closed> {
        let values = self.values(Some(person), held);
        let usage = &spec.usage;
        let wire = self.speak(step, Some(person), &format!("use {}", spec.name));
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

    pub(super) fn values(
        &self,
        person: Option<&Person>,
        held: &BTreeMap<String, String>,
    ) -> BTreeMap<String, String> {
        let secrets = self.product.secrets.iter();
        let mut values: BTreeMap<String, String> = secrets
            .map(|(name, secret)| (format!("env:{name}"), secret.clone()))
            .collect();
        if let Some(person) = person {
            let email = person.get(Attribute::Email).unwrap_or(person.user_name());
            values.insert("userName".to_owned(), person.user_name().to_owned());
            values.insert("email".to_owned(), email.to_owned());
        }
        values.extend(held.clone());
        values
    }

    pub(super) fn speak(&self, step: Option<usize>, person: Option<&Person>, job: &str) -> Wire {
        let subject = person.map(|person| Subject::Person(person.key.clone()));
        let wire = self.wire.origin(Origin::Probe).job(job, subject);
        wire.speaking(|context| context.by.step = step)
    }
}

impl Tried {
    /// Notes one attempt. Of several things of one kind, one that opens the door is enough.
    pub(super) fn note(&mut self, aspect: Aspect, entered: Result<u64, Closed>) {
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
