//! The third phase of a cycle: groups, without their members (entra/6.1, entra/6.2).

use std::ops::ControlFlow;

use super::Job;
use super::answer::{self, Action, Reach, Trouble};
use super::attribute::{self, Line, Wanted, changes};
use super::body;
use super::cycle::{Reports, send, write};
use super::settings::{GoneLink, GroupSchemas, Operations};
use crate::directory::{Directory, Group, Push, Subject};
use crate::idp::{Dialect as _, Outcome};
use crate::scim::Value;
use crate::wire::{Basis, ResourceKind, Wire};

impl Job {
    /// Every group that changed, whose members changed, or whose last attempt failed.
    pub(super) async fn groups(
        &mut self,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) -> ControlFlow<()> {
        for group in now.groups() {
            if !self.memory.group_is_due(group, now) {
                continue;
            }
            let job = self.job_for_group(group);
            let subject = Some(Subject::Group(group.key.clone()));
            let wire = wire.job(job, subject.clone());
            let result = self.group(group, &wire).await;
            self.remember_group(group, &result);
            reports.note(job, subject, result)?;
        }
        ControlFlow::Continue(())
    }

    pub(super) fn job_for_group(&self, group: &Group) -> &'static str {
        let memory = self.memory.groups.get(&group.key);
        match (group.push, memory.is_some_and(|m| m.link.is_some())) {
            (Push::On, false) => "create group",
            (Push::On, true) => "update group",
            _ => "delete group",
        }
    }

    fn remember_group(&mut self, group: &Group, result: &Result<Outcome, Trouble>) {
        let memory = self.memory.groups.entry(group.key.clone()).or_default();
        memory.failed = result.is_err();
        match result {
            Ok(_) => memory.seen = Some((group.name.clone(), group.push == Push::On)),
            Err(trouble) => memory.held = trouble.reach == Reach::Held,
        }
    }

    /// One group.
    async fn group(&mut self, group: &Group, wire: &Wire) -> Result<Outcome, Trouble> {
        let memory = self.memory.groups.entry(group.key.clone()).or_default();
        memory.shows_members = false;
        match (group.push, memory.link.clone()) {
            (Push::On, Some(id)) => self.linked_group(group, &id, wire).await,
            (Push::On, None) => self.unlinked_group(group, wire).await,
            (Push::Deleted, Some(id)) => self.delete_group(group, &id, wire).await,
            (Push::Left, _) => Ok(Outcome::SendsNothing {
                why: "objects that leave the scope are set to be skipped".to_owned(),
                basis: Basis::inferred("entra/5.2/5"),
            }),
            (Push::Off | Push::Deleted, _) => Ok(Outcome::SendsNothing {
                why: "the group was never provisioned".to_owned(),
                basis: Basis::documented("entra/3.1"),
            }),
        }
    }

    /// GET by id without members, then a PATCH of what differs.
    async fn linked_group(
        &mut self,
        group: &Group,
        id: &str,
        wire: &Wire,
    ) -> Result<Outcome, Trouble> {
        let reply = send(wire, self.writer.read_group(id)).await?;
        match answer::resource(&reply) {
            Ok(shown) => {
                self.link_group(group, id, &shown);
                self.update_group(id, lines(group), &shown, wire).await
            }
            Err(trouble)
                if trouble.reach == Reach::Gone
                    && self.settings.gone_link == GoneLink::MatchedAnew =>
            {
                self.memory.groups.remove(&group.key);
                self.unlinked_group(group, wire).await
            }
            Err(trouble) => Err(trouble),
        }
    }

    /// The match by name, then a PATCH of what differs, or a POST.
    async fn unlinked_group(&mut self, group: &Group, wire: &Wire) -> Result<Outcome, Trouble> {
        let reply = send(wire, self.find_group(group)).await?;
        match answer::at_most_one(&reply)? {
            Some((id, shown)) => {
                self.link_group(group, &id, &shown);
                self.update_group(&id, lines(group), &shown, wire).await
            }
            None if !self.app.features.create => Ok(Outcome::SendsNothing {
                why: "the job may not create".to_owned(),
                basis: Basis::documented("entra/3.1"),
            }),
            None => self.create_group(group, wire).await,
        }
    }

    /// POST without members; an answer that lacks `externalId` is followed by a PATCH that adds it (corrections/EN-15).
    async fn create_group(&mut self, group: &Group, wire: &Wire) -> Result<Outcome, Trouble> {
        let body = body::group(group, &self.settings);
        let basis = match self.settings.group_schemas {
            GroupSchemas::Core => Basis::captured("corrections/EN-14"),
            GroupSchemas::WithMicrosoft => Basis::documented("entra/6.2/1"),
        };
        let request = self.writer.create(ResourceKind::Group, &body, basis);
        let (id, shown) = answer::created(&send(wire, request).await?)?;
        let memory = self.memory.groups.entry(group.key.clone()).or_default();
        memory.link = Some(id.clone());
        let mut lines = lines(group);
        lines.retain(|line| line.place == attribute::core("externalId"));
        lines.retain(|line| attribute::find(&shown, &line.place).is_none());
        self.update_group(&id, lines, &shown, wire).await
    }

    /// PATCH, if anything differs.
    async fn update_group(
        &mut self,
        id: &str,
        wanted: Vec<Line>,
        shown: &Value,
        wire: &Wire,
    ) -> Result<Outcome, Trouble> {
        let changes = changes(wanted, shown, &self.settings);
        if changes.is_empty() || !self.app.features.update {
            return Ok(Outcome::Done);
        }
        let renames = changes
            .iter()
            .any(|change| change.place == attribute::core("displayName"));
        let basis = match (renames, self.settings.operations) {
            (false, _) => Basis::captured("corrections/EN-15"),
            (true, Operations::PathEach) => Basis::documented("entra/6.3/6"),
            (true, Operations::Merged { .. }) => Basis::inferred("entra/6.3/6"),
        };
        let body = body::update(&changes, &self.settings);
        let request = self.writer.patch(ResourceKind::Group, id, &body, basis);
        write(wire, Action::Update, request).await?;
        Ok(Outcome::Done)
    }

    /// DELETE: groups have no soft deletion (entra/6.1/8).
    async fn delete_group(
        &mut self,
        group: &Group,
        id: &str,
        wire: &Wire,
    ) -> Result<Outcome, Trouble> {
        if !self.app.features.deactivate {
            return Ok(Outcome::SendsNothing {
                why: "the job may not delete".to_owned(),
                basis: Basis::documented("entra/3.1"),
            });
        }
        let basis = Basis::documented("entra/6.1/8");
        let request = self.writer.delete(ResourceKind::Group, id, basis);
        write(wire, Action::Delete, request).await?;
        let memory = self.memory.groups.entry(group.key.clone()).or_default();
        memory.link = None;
        memory.members.clear();
        Ok(Outcome::Done)
    }

    fn link_group(&mut self, group: &Group, id: &str, shown: &Value) {
        let memory = self.memory.groups.entry(group.key.clone()).or_default();
        memory.link = Some(id.to_owned());
        memory.shows_members = shown.get("members").is_some_and(|m| !m.is_unassigned());
    }
}

/// The group's own mapping table (entra/8).
fn lines(group: &Group) -> Vec<Line> {
    [
        ("displayName", &group.name),
        ("externalId", &group.directory_id),
    ]
    .into_iter()
    .filter(|(_, value)| !value.is_empty())
    .map(|(name, value)| Line {
        place: attribute::core(name),
        value: Wanted::Text(value.clone()),
    })
    .collect()
}
