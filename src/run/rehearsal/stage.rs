//! Two people, one group, the bundled server in memory, and one variant that acts.

use std::collections::BTreeMap;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};

use super::recorder::Arrows;
use super::{Arrow, AtTarget, Occasion};
use crate::directory::{
    Assignment, Attribute, Dice, Directory, Event, EventError, Family, Group, GroupKey, Person,
    PersonKey, Push, Status, Subject,
};
use crate::fact::Basis;
use crate::idp::{Dialect, JobReport, Setup, Variant};
use crate::scim::Value;
use crate::server::{DEFAULT_TENANT, Server, Settings, Tenant};
use crate::wire::transport::{Credentials, InProcess, Keeper, TlsOptions};
use crate::wire::{
    Clock, Disturbance, Injected, Limits, Method, On, Origin, Request, Secrets, Wire, WireOptions,
};

/// Where the target is said to be; nothing is sent there.
const HOST: &str = "scim.example.com";
/// Where the bundled server serves its first tenant.
const BASE_PATH: &str = "/scim/v2";
const TOKEN: &str = "rehearsal-token";
const SEED: u64 = 1;
/// The first second of 2026.
const NOW: jiff::Timestamp = jiff::Timestamp::constant(1_767_225_600, 0);

/// What a variant sends on one occasion.
#[derive(Clone, Debug)]
pub struct Flow {
    /// The requests in their order, each with its answer.
    pub arrows: Vec<Arrow>,
    /// What became of the variant's jobs.
    pub reports: Vec<JobReport>,
    /// The target's ids, each with whose it is.
    pub ids: Vec<(String, String)>,
    /// Where the target is said to be.
    pub host: &'static str,
    /// The path that every request begins with.
    pub base_path: &'static str,
}

/// Why an occasion cannot be rehearsed.
#[derive(Debug, thiserror::Error)]
pub enum NotRehearsed {
    /// The IdP's directory does not take the event.
    #[error(transparent)]
    Event(#[from] EventError),
    /// The bundled server did not do what the rehearsal presupposes.
    #[error("the bundled server cannot be made ready: {0}")]
    Target(String),
}

/// Plays what comes before the occasion, and returns what its own event makes the variant send.
///
/// The variant acts as a new app does: defaults in every setting and switch.
///
/// # Errors
/// The bundled server or the directory does not take what comes before.
pub async fn rehearse(variant: &Variant, occasion: &Occasion) -> Result<Flow, NotRehearsed> {
    let arrows = Arc::new(Arrows::default());
    let wire = wire(variant, &arrows)?.with_constants(&variant.constants);
    let mut stage = Stage::new(variant, occasion)?;
    stage.seed(&wire, occasion.at_target).await?;
    if occasion.fails_first {
        wire.disturb(Disturbance {
            on: On {
                method: Some(Method::Post),
                path: None,
            },
            what: Injected::Answer {
                status: 500,
                retry_after: None,
            },
            times: 1,
        });
    }
    for event in occasion.before() {
        stage.step(&wire, event).await?;
    }
    arrows.take();
    let reports = stage.step(&wire, occasion.event()).await?;
    // Also what was deleted meanwhile had an id that the requests name.
    let guard = wire.guard();
    let ids = guard.owned().filter_map(|owned| {
        let whose = match owned.subject.as_ref()? {
            Subject::Person(key) => key.as_str(),
            Subject::Group(key) => key.as_str(),
        };
        Some((owned.id.clone(), whose.to_owned()))
    });
    Ok(Flow {
        ids: ids.collect(),
        arrows: arrows.take(),
        reports,
        host: HOST,
        base_path: BASE_PATH,
    })
}

fn wire(variant: &Variant, arrows: &Arc<Arrows>) -> Result<Wire, NotRehearsed> {
    let clock = Clock::start();
    // The server's time stands still, so that what it says is the same each time.
    let server = Server::new(Settings {
        clock: Arc::new(|| NOW),
        seed: SEED,
        base_url: Some(format!("https://{HOST}")),
        ..Settings::default()
    });
    let tenant = Tenant {
        name: DEFAULT_TENANT.to_owned(),
        token: TOKEN.to_owned(),
        ..Tenant::default()
    };
    let opened = server.tenant(tenant);
    opened.map_err(|e| NotRehearsed::Target(e.to_string()))?;
    let secrets = Arc::new(Mutex::new(Secrets::default()));
    let keeper = Keeper::new(
        Credentials::Bearer(TOKEN.to_owned()),
        TlsOptions::default(),
        clock.clone(),
        Arc::clone(&secrets),
    );
    let options = WireOptions {
        transport: Arc::new(InProcess::new(server.router(), None)),
        base_path: BASE_PATH.to_owned(),
        host: HOST.to_owned(),
        authority: Arc::new(keeper),
        recorder: Arc::clone(arrows) as _,
        secrets,
        clock,
        limits: Limits::default(),
        numbers: Arc::new(AtomicU64::new(1)),
    };
    Ok(Wire::new(options, &variant.id, "rehearsal"))
}

struct Stage {
    directory: Directory,
    dialect: Box<dyn Dialect>,
}

impl Stage {
    fn new(variant: &Variant, occasion: &Occasion) -> Result<Self, NotRehearsed> {
        let family = variant.family;
        let mut dice = Dice::new(SEED, &variant.id, "rehearsal");
        let mut directory = Directory::new(family, variant.app.clone());
        directory.provisioning = occasion.provisioning;
        for (key, given, surname) in [("ada", "Ada", "Lovelace"), ("bob", "Bob", "Kahn")] {
            let person = person(key, given, surname, family, &mut dice);
            directory.add_person(person).map_err(EventError::from)?;
        }
        directory.add_group(Group {
            key: GroupKey::new("engineering"),
            name: "Engineering".to_owned(),
            description: String::new(),
            directory_id: dice.group_id(family),
            members: vec![PersonKey::new("ada"), PersonKey::new("bob")],
            push: Push::Off,
            linked: occasion.at_target == AtTarget::Engineering,
        });
        let setup = Setup {
            dice,
            test_email: "activation@example.com".to_owned(),
            app: variant.app.clone(),
        };
        Ok(Self {
            directory,
            dialect: variant.dialect(setup),
        })
    }

    async fn step(&mut self, wire: &Wire, event: Event) -> Result<Vec<JobReport>, EventError> {
        let before = self.directory.clone();
        self.directory.apply(&event)?;
        let events = [event];
        let acting = self
            .dialect
            .perform(&events, &before, &self.directory, wire);
        Ok(acting.await)
    }

    /// Makes at the target what it has from before.
    async fn seed(&self, wire: &Wire, at_target: AtTarget) -> Result<(), NotRehearsed> {
        let (path, subject, body) = match at_target {
            AtTarget::Nothing => return Ok(()),
            AtTarget::Ada { active } => (
                "/Users",
                Subject::Person(PersonKey::new("ada")),
                serde_json::json!({
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                    "userName": "ada@example.com",
                    "active": active,
                }),
            ),
            AtTarget::Engineering => (
                "/Groups",
                Subject::Group(GroupKey::new("engineering")),
                serde_json::json!({
                    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
                    "displayName": "Engineering",
                }),
            ),
        };
        let basis = Basis::documented("rfc7644/3.3");
        let request = Request::new(Method::Post, path, basis).with_body(&Value::from(body));
        let wire = wire.origin(Origin::Seed).job("prepare", Some(subject));
        match wire.send(request).await {
            Ok(reply) if reply.status == 201 => Ok(()),
            Ok(reply) => Err(NotRehearsed::Target(format!("{path}: {}", reply.status))),
            Err(failure) => Err(NotRehearsed::Target(failure.to_string())),
        }
    }
}

fn person(key: &str, given: &str, surname: &str, family: Family, dice: &mut Dice) -> Person {
    let address = format!("{key}@example.com");
    let profile = [
        (Attribute::UserName, address.clone()),
        (Attribute::Given, given.to_owned()),
        (Attribute::Family, surname.to_owned()),
        (Attribute::DisplayName, format!("{given} {surname}")),
        (Attribute::Email, address),
        (Attribute::MailNickname, key.to_owned()),
        (Attribute::DirectoryId, dice.person_id(family)),
    ];
    Person {
        key: PersonKey::new(key),
        profile: BTreeMap::from(profile),
        manager: None,
        status: Status::Active,
        assignment: Assignment::None,
        was_assigned: false,
    }
}
