//! The second and third phase of a cycle: people, then groups, one by one, each by the same sequence (entra/3.1).
//!
//! What differs between the two, which is what is wanted and how it is written, is in `user` and `group`.

use std::ops::ControlFlow;

use super::Job;
use super::answer::{self, Action, Reach, Trouble};
use super::attribute::Change;
use super::body;
use super::cycle::Reports;
use super::escrow::Escrow;
use super::memory::Seen;
use super::settings::GoneLink;
use crate::directory::{Assignment, Directory, Group, Person, Push, Status, Subject};
use crate::idp::{Dialect as _, Outcome};
use crate::scim::Value;
use crate::wire::{Basis, Request, ResourceKind, Wire};

/// A person or a group of the directory.
#[derive(Clone, Copy, Debug)]
pub(super) enum Object<'a> {
    /// A person.
    Person(&'a Person),
    /// A group.
    Group(&'a Group),
}

/// Where an object stands, in the job's eyes. For people, the middle two set `IsSoftDeleted` (entra/8/2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// In scope.
    InScope,
    /// In scope, but the account is disabled.
    Disabled,
    /// Not assigned.
    OutOfScope,
    /// Deleted for good; a group that is unassigned counts as such, because groups have no soft deletion (entra/6.1/8).
    Deleted,
}

/// What a cycle is to do with an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// See to it that the target has it as the directory does.
    Provision,
    /// See to it that the target has it no longer.
    Delete(Basis),
    /// Nothing, for a reason.
    Nothing(&'static str, Basis),
}

impl<'a> Object<'a> {
    /// Everybody, then every group.
    pub(super) fn all(now: &'a Directory) -> impl Iterator<Item = Self> {
        now.people()
            .map(Self::Person)
            .chain(now.groups().map(Self::Group))
    }

    /// Whom or what reports name.
    pub(super) fn subject(self) -> Subject {
        match self {
            Self::Person(person) => Subject::Person(person.key.clone()),
            Self::Group(group) => Subject::Group(group.key.clone()),
        }
    }

    fn kind(self) -> ResourceKind {
        match self {
            Self::Person(_) => ResourceKind::User,
            Self::Group(_) => ResourceKind::Group,
        }
    }
}

impl Standing {
    /// Where that object stands. Entra's directory knows no suspension, so a suspended person stands as before.
    pub(super) fn of(object: Object<'_>) -> Self {
        match object {
            Object::Person(person) => match (person.status, person.assignment) {
                (Status::Deleted, _) => Self::Deleted,
                (_, Assignment::None | Assignment::BeforeProvisioning) => Self::OutOfScope,
                (Status::Deactivated, Assignment::Assigned) => Self::Disabled,
                (Status::Active | Status::Suspended, Assignment::Assigned) => Self::InScope,
            },
            Object::Group(group) => match group.push {
                Push::On => Self::InScope,
                Push::Off | Push::Left => Self::OutOfScope,
                Push::Deleted => Self::Deleted,
            },
        }
    }
}

impl Job {
    /// Every object that is due, each by itself: what fails is put into escrow and holds up nobody else.
    pub(super) async fn objects<'a>(
        &mut self,
        objects: impl Iterator<Item = Object<'a>>,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) -> ControlFlow<()> {
        for object in objects {
            if !self.memory.is_due(object, now, self.at) || self.withhold(object, reports) {
                continue;
            }
            let job = self.job_for(object);
            let wire = wire.job(job, Some(object.subject()));
            let result = self.object(object, &wire).await;
            self.remember(object, &result);
            reports.note_object(job, object.subject(), result)?;
        }
        ControlFlow::Continue(())
    }

    /// What an administrator would call it.
    pub(super) fn job_for(&self, object: Object<'_>) -> &'static str {
        let known = self.memory.known(&object.subject());
        let linked = known.is_some_and(|known| known.link.is_some());
        let was = known
            .and_then(|known| known.seen.as_ref())
            .map(|seen| seen.standing);
        match (object, Standing::of(object)) {
            (Object::Person(_), Standing::Deleted) => "delete user",
            (Object::Person(_), Standing::OutOfScope) if !self.app.soft_delete => "delete user",
            (Object::Person(_), Standing::Disabled | Standing::OutOfScope) => "disable user",
            (Object::Person(_), Standing::InScope) if !linked => "create user",
            (Object::Person(_), Standing::InScope) => match was {
                Some(Standing::InScope) | None => "update user",
                Some(_) => "restore user",
            },
            (Object::Group(_), Standing::InScope) if linked => "update group",
            (Object::Group(_), Standing::InScope) => "create group",
            (Object::Group(_), _) => "delete group",
        }
    }

    /// One object: read or matched, then written where it differs; or deleted.
    pub(super) async fn object(
        &mut self,
        object: Object<'_>,
        wire: &Wire,
    ) -> Result<Outcome, Trouble> {
        let link = self.memory.link(&object.subject()).map(str::to_owned);
        match (self.task(object), link) {
            (Task::Nothing(why, basis), _) => Ok(Outcome::SendsNothing {
                why: why.to_owned(),
                basis,
            }),
            (Task::Provision, None) => self.unlinked(object, wire).await,
            (Task::Provision, Some(_)) if self.settings.on_demand => {
                self.unlinked(object, wire).await
            }
            (Task::Provision, Some(id)) => self.linked(object, &id, wire).await,
            (Task::Delete(basis), Some(id)) => self.delete(object, &id, basis, wire).await,
            (Task::Delete(_), None) => Ok(Outcome::SendsNothing {
                why: "it was never provisioned".to_owned(),
                basis: Basis::documented("entra/3.1"),
            }),
        }
    }

    pub(super) fn task(&self, object: Object<'_>) -> Task {
        match object {
            Object::Person(person) => self.user_task(person),
            Object::Group(group) => self.group_task(group),
        }
    }

    /// GET by id, then a PATCH of what differs (entra/3.5/2, entra/4.1).
    async fn linked(
        &mut self,
        object: Object<'_>,
        id: &str,
        wire: &Wire,
    ) -> Result<Outcome, Trouble> {
        let rematches = self.settings.gone_link == GoneLink::MatchedAnew;
        match self.read(object, id, wire).await {
            Ok(shown) => self.update(object, id, &shown, wire).await,
            Err(trouble) if trouble.reach == Reach::Gone && rematches => {
                self.memory.unlink(&object.subject());
                self.unlinked(object, wire).await
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// The match, then a PATCH of what differs, or a POST (entra/3.2).
    async fn unlinked(&mut self, object: Object<'_>, wire: &Wire) -> Result<Outcome, Trouble> {
        let nothing = |why: &str| {
            Ok(Outcome::SendsNothing {
                why: why.to_owned(),
                basis: Basis::documented("entra/3.1"),
            })
        };
        let query = self.find(object)?;
        let found = answer::at_most_one(&self.send(wire, query).await?)?;
        let link = self.memory.link(&object.subject()).map(str::to_owned);
        match (found, link) {
            (Some((id, shown)), _) => self.update(object, &id, &shown, wire).await,
            // On demand, what has another name at the target than it has now is still linked.
            (None, Some(id)) => {
                let shown = self.read(object, &id, wire).await?;
                self.update(object, &id, &shown, wire).await
            }
            (None, None) if Standing::of(object) != Standing::InScope => {
                nothing("a disabled person whom the target does not have is not created")
            }
            (None, None) if !self.app.features.create => nothing("the job may not create"),
            (None, None) => self.create(object, wire).await,
        }
    }

    /// GET by id.
    async fn read(&self, object: Object<'_>, id: &str, wire: &Wire) -> Result<Value, Trouble> {
        let request = self.writer.read(object.kind(), id);
        answer::resource(&self.send(wire, request).await?)
    }

    /// The query that looks for an object by its matching attribute.
    fn find(&self, object: Object<'_>) -> Result<Request, Trouble> {
        match object {
            Object::Person(person) if self.matching_value(person).is_none() => {
                Err(Trouble::without_exchange(
                    "the person has no value for the matching attribute, so nothing can be looked for",
                    "MissingValues",
                    Basis::documented("entra/9.3/3"),
                ))
            }
            Object::Person(person) => Ok(self.find_person(person)),
            Object::Group(group) => Ok(self.find_group(group)),
        }
    }

    /// POST. The answer's `id` is the link.
    async fn create(&mut self, object: Object<'_>, wire: &Wire) -> Result<Outcome, Trouble> {
        let (body, basis) = match object {
            Object::Person(person) => self.user_body(person),
            Object::Group(group) => self.group_body(group),
        };
        let request = self.writer.create(object.kind(), &body, basis);
        let (id, shown) = answer::created(&self.send(wire, request).await?)?;
        self.memory.know(object.subject()).link = Some(id.clone());
        match object {
            Object::Person(person) => self.await_references(person, &shown),
            Object::Group(group) => {
                let missing = self.missing_external_id(group, &shown);
                self.patch(object, &id, &missing, wire).await?;
            }
        }
        Ok(Outcome::Done)
    }

    /// PATCH, if anything differs from what the target shows (entra/4.1).
    async fn update(
        &mut self,
        object: Object<'_>,
        id: &str,
        shown: &Value,
        wire: &Wire,
    ) -> Result<Outcome, Trouble> {
        self.memory.know(object.subject()).link = Some(id.to_owned());
        let changes = match object {
            Object::Person(person) => self.user_changes(person, shown),
            Object::Group(group) => {
                let members = shown.get("members");
                self.memory.members(&group.key).shown = members.is_some_and(|m| !m.is_unassigned());
                self.group_changes(group, shown)
            }
        };
        self.patch(object, id, &changes, wire).await?;
        if let Object::Person(person) = object {
            self.await_references(person, shown);
        }
        Ok(Outcome::Done)
    }

    /// All changes in one PATCH.
    async fn patch(
        &mut self,
        object: Object<'_>,
        id: &str,
        changes: &[Change],
        wire: &Wire,
    ) -> Result<(), Trouble> {
        if changes.is_empty() {
            return Ok(());
        }
        let basis = match object {
            Object::Person(_) => self.basis_of_user(changes),
            Object::Group(_) => self.basis_of_group(changes),
        };
        let body = body::update(changes, &self.settings);
        let request = self.writer.patch(object.kind(), id, &body, basis);
        self.write(wire, Action::Update, request).await
    }

    /// DELETE (entra/5.2/2, entra/6.1/8).
    async fn delete(
        &mut self,
        object: Object<'_>,
        id: &str,
        basis: Basis,
        wire: &Wire,
    ) -> Result<Outcome, Trouble> {
        if !self.app.features.deactivate {
            return Ok(Outcome::SendsNothing {
                why: "the job may not delete".to_owned(),
                basis: Basis::documented("entra/3.1"),
            });
        }
        if self.settings.get_before_delete {
            match self.read(object, id, wire).await {
                Err(trouble) if trouble.reach == Reach::Gone => {}
                read => {
                    read?;
                }
            }
        }
        let request = self.writer.delete(object.kind(), id, basis);
        self.write(wire, Action::Delete, request).await?;
        self.memory.unlink(&object.subject());
        Ok(Outcome::Done)
    }

    /// What fails goes into escrow.
    pub(super) fn remember(&mut self, object: Object<'_>, result: &Result<Outcome, Trouble>) {
        let at = self.at;
        let seen = Seen::of(object);
        let known = self.memory.know(object.subject());
        match result {
            Ok(_) => {
                known.seen = Some(seen);
                known.seen_at = Some(at);
                known.escrow = None;
                known.stale = false;
            }
            Err(trouble) if trouble.reach == Reach::Held => {
                known.held = true;
                self.memory.unlink(&object.subject());
            }
            Err(_) => known.escrow = Some(Escrow::after(known.escrow.take(), seen, at)),
        }
    }
}
