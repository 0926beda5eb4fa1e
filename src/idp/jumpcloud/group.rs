//! Groups (jumpcloud/4).

use std::collections::BTreeSet;

use super::answer::{self, Trouble};
use super::event::{Reports, send, sends_nothing};
use super::{Connection, LinkedGroup, body, request};
use crate::directory::{Directory, Group, GroupKey, Membership, Person, PersonKey, Push, Subject};
use crate::idp::{Dialect as _, Outcome};
use crate::wire::{Basis, ResourceKind, Wire};

impl Connection {
    /// A group is bound to the app: looked up by its name, taken over or created, then its members one by one. A group
    /// without members is not created (jumpcloud/4/1).
    pub(super) async fn bind(
        &mut self,
        key: &GroupKey,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) {
        let Some(group) = now.group(key) else {
            return;
        };
        let subject = Some(Subject::Group(key.clone()));
        if !self.app.features.push_groups {
            let why = "the management of groups is switched off";
            let outcome = sends_nothing(why, Basis::documented("jumpcloud/4"));
            reports.note("provision group", subject, "", Ok(outcome));
            return;
        }
        let members: Vec<PersonKey> = now
            .entitled_members(group)
            .map(|person| person.key.clone())
            .filter(|person| self.people.contains_key(person))
            .collect();
        if members.is_empty() {
            let why = "a group without members is not created";
            let outcome = sends_nothing(why, Basis::documented("jumpcloud/4/1"));
            reports.note("provision group", subject, "", Ok(outcome));
            return;
        }
        let wire = wire.job("provision group", subject.clone());
        let result = self.bind_with(group, &members, &wire).await;
        let result = result.map(|()| Outcome::Done);
        reports.note(
            "provision group",
            subject,
            "the group's provisioning",
            result,
        );
    }

    async fn bind_with(
        &mut self,
        group: &Group,
        members: &[PersonKey],
        wire: &Wire,
    ) -> Result<(), Trouble> {
        if !self.groups.contains_key(&group.key) {
            let reply = send(wire, self.find_group(group)).await?;
            match answer::found(&reply)? {
                Some(id) => self.link_group(&group.key, id),
                None => self.create_group(group, members, wire).await?,
            }
        }
        for member in members {
            let there = self
                .groups
                .get(&group.key)
                .is_some_and(|linked| linked.members.contains(member));
            if !there {
                self.patch_member(&group.key, member, true, wire).await?;
            }
        }
        Ok(())
    }

    /// POST, without members but for a switch.
    async fn create_group(
        &mut self,
        group: &Group,
        members: &[PersonKey],
        wire: &Wire,
    ) -> Result<(), Trouble> {
        let posted: Vec<&PersonKey> = members
            .iter()
            .filter(|_| self.settings.members_in_post)
            .collect();
        let ids: Vec<&str> = posted
            .iter()
            .filter_map(|key| Some(self.people.get(key)?.id.as_str()))
            .collect();
        let body = body::group(&group.name, &ids);
        let basis = Basis::captured("jumpcloud/4/4");
        let request = request::post(ResourceKind::Group, &body, basis, &self.settings);
        let id = answer::created(&send(wire, request).await?)?;
        let members = posted.into_iter().cloned().collect();
        self.groups
            .insert(group.key.clone(), LinkedGroup { id, members });
        Ok(())
    }

    /// One member in or out: PATCH with a list of one value.
    async fn patch_member(
        &mut self,
        group: &GroupKey,
        person: &PersonKey,
        joins: bool,
        wire: &Wire,
    ) -> Result<(), Trouble> {
        let ids = self.groups.get(group).zip(self.people.get(person));
        let Some((linked, member)) = ids else {
            return Ok(());
        };
        let (body, basis) = if joins {
            let body = body::joins(&member.id, &self.settings);
            (body, Basis::reported("jumpcloud/4/6"))
        } else {
            let body = body::leaves(&member.id, &self.settings);
            (body, Basis::reported("jumpcloud/4/7"))
        };
        let request = request::patch(
            ResourceKind::Group,
            &linked.id,
            &body,
            basis,
            &self.settings,
        );
        answer::accepted(&send(wire, request).await?)?;
        if let Some(linked) = self.groups.get_mut(group) {
            if joins {
                linked.members.insert(person.clone());
            } else {
                linked.members.remove(person);
            }
        }
        Ok(())
    }

    /// Somebody joins or leaves a bound group. The first member makes the group; an addition is repeated without asking
    /// whether the person is there already (jumpcloud/4/10), a removal is sent for members alone.
    pub(super) async fn membership(
        &mut self,
        Membership { person, group }: &Membership,
        joins: bool,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) {
        let bound = now.group(group).is_some_and(|g| g.push == Push::On);
        let entitled = now.person(person).is_some_and(Person::entitled);
        let linked = self.groups.get(group);
        let concerned = if joins {
            entitled && self.people.contains_key(person)
        } else {
            linked.is_some_and(|linked| linked.members.contains(person))
        };
        if !bound || !concerned {
            return;
        }
        if linked.is_none() {
            self.bind(group, now, wire, reports).await;
            return;
        }
        let job = if joins { "add member" } else { "remove member" };
        let subject = Some(Subject::Group(group.clone()));
        let wire = wire.job(job, subject.clone());
        let result = self.patch_member(group, person, joins, &wire).await;
        let result = result.map(|()| Outcome::Done);
        reports.note(job, subject, "the membership's update", result);
    }

    /// A bound group gets a new name: one PATCH (jumpcloud/4/5).
    pub(super) async fn rename_group(
        &mut self,
        key: &GroupKey,
        now: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) {
        let group = now.group(key).filter(|group| group.push == Push::On);
        let Some((group, linked)) = group.zip(self.groups.get(key)) else {
            return;
        };
        let subject = Some(Subject::Group(key.clone()));
        let wire = wire.job("rename group", subject.clone());
        let body = body::rename(&group.name, &self.settings);
        let basis = Basis::captured("jumpcloud/4/5");
        let request = request::patch(
            ResourceKind::Group,
            &linked.id,
            &body,
            basis,
            &self.settings,
        );
        let result = match send(&wire, request).await {
            Ok(reply) => answer::accepted(&reply).map(|()| Outcome::Done),
            Err(trouble) => Err(trouble),
        };
        reports.note("rename group", subject, "the group's update", result);
    }

    /// A bound group is deleted (jumpcloud/4/11); one that is not bound is nobody's business.
    pub(super) async fn delete_group(
        &mut self,
        key: &GroupKey,
        before: &Directory,
        wire: &Wire,
        reports: &mut Reports,
    ) {
        let bound = before
            .group(key)
            .is_some_and(|group| group.push == Push::On);
        let Some(linked) = self.groups.get(key).filter(|_| bound) else {
            return;
        };
        let subject = Some(Subject::Group(key.clone()));
        let wire = wire.job("delete group", subject.clone());
        let basis = Basis::documented("jumpcloud/4/11");
        let request = request::delete(ResourceKind::Group, &linked.id, basis, &self.settings);
        let result = match send(&wire, request).await {
            Ok(reply) if reply.status == 404 => Ok(()),
            Ok(reply) => answer::accepted(&reply),
            Err(trouble) => Err(trouble),
        };
        if result.is_ok() {
            self.groups.remove(key);
        }
        let result = result.map(|()| Outcome::Done);
        reports.note("delete group", subject, "group_delete_provision", result);
    }

    fn link_group(&mut self, key: &GroupKey, id: String) {
        let members = BTreeSet::new();
        self.groups.insert(key.clone(), LinkedGroup { id, members });
    }
}
