//! What Okta sends for the members of a pushed group: joins, leaves, *Push now* (`okta/8.2`, `okta/8.3`).

use super::Moment;
use super::body;
use super::dialect::Okta;
use super::groups::UPDATE;
use super::headers::{bare, with_body};
use super::job::{Stop, nothing};
use super::memory::Mapping;
use super::settings::{PushNowForm, Writing};
use crate::directory::{Group, GroupKey, PersonKey};
use crate::idp::Outcome;
use crate::scim::Value;
use crate::wire::{Basis, Method, Request, ResourceKind};

impl Okta {
    /// A join or a leave: the complete list from a custom app and from the agent; what changed, then the name, from a
    /// catalogue app.
    pub(super) async fn push_members(
        &mut self,
        group: &Group,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        match self.switches.group_writes {
            Writing::ReadAndPut => {
                let times = self.switches.group_put_repeat.member_change;
                let basis = Basis::captured("okta/8.2");
                self.read_and_put_group(group, times, basis, moment).await?;
                Ok(Outcome::Done)
            }
            Writing::Put => {
                self.put_group(group, moment).await?;
                Ok(Outcome::Done)
            }
            Writing::Patch => {
                let basis = Basis::documented("okta/8.3");
                self.patch_members(group, basis, moment).await
            }
        }
    }

    /// Somebody in the group has just got an account in the app: one push, of the same form (`corrections/OK-2`, `corrections/OK-3`).
    pub(super) async fn enter_group(
        &mut self,
        group: &Group,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        match self.switches.group_writes {
            Writing::ReadAndPut => {
                let basis = Basis::captured("corrections/OK-3");
                self.read_and_put_group(group, 1, basis, moment).await?;
                Ok(Outcome::Done)
            }
            // Captured of a custom app alone; that the others do likewise is a conclusion.
            Writing::Put => {
                self.put_group(group, moment).await?;
                Ok(Outcome::Done)
            }
            Writing::Patch => {
                let basis = Basis::inferred("corrections/OK-3");
                self.patch_members(group, basis, moment).await
            }
        }
    }

    /// *Push now*: Okta's list takes the place of the app's, also when it is empty (`okta/8.1/10`).
    pub(super) async fn push_now(
        &mut self,
        group: &Group,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        let Some(mapping) = self.memory.groups.get(&group.key).cloned() else {
            return self.push_group(group, moment).await;
        };
        match self.switches.group_writes {
            Writing::ReadAndPut => {
                let times = self.switches.group_put_repeat.push_now;
                let basis = Basis::captured("corrections/OK-1");
                self.read_and_put_group(group, times, basis, moment).await?;
            }
            Writing::Put => self.put_group(group, moment).await?,
            Writing::Patch => self.replace_members(group, &mapping, moment).await?,
        }
        Ok(Outcome::Done)
    }

    /// A catalogue app's *Push now*: one `replace` of all members, and what does not fit into its batch added to it.
    async fn replace_members(
        &mut self,
        group: &Group,
        mapping: &Mapping,
        moment: Moment<'_>,
    ) -> Result<(), Stop> {
        let members = self.members(group, moment);
        let batch = self.switches.patch_batch.max(1);
        let (first, rest) = members.split_at(members.len().min(batch));
        let (operation, basis) = match self.switches.push_now_form {
            PushNowForm::Path => (body::replace_members(first), Basis::documented("okta/8.3")),
            PushNowForm::Pathless => (
                body::replace_whole(first, None),
                Basis::reported("okta/8.3"),
            ),
            PushNowForm::PathlessWithName => (
                body::replace_whole(first, Some((&mapping.id, &group.name))),
                Basis::captured("corrections/OK-17"),
            ),
        };
        let body = body::patch(vec![operation]);
        self.patch_group(&group.key, &body, basis, moment).await?;
        // A second `replace` would wipe the first batch (`okta/8.3/12`, inferred).
        self.add_members(group, rest, moment).await?;
        self.pushed(&group.key, mapping.name.clone(), members);
        Ok(())
    }

    /// A custom app's push: GET, then PUT of the complete list, each `times` times (`okta/8.2`, `corrections/OK-1`).
    ///
    /// Of two PUTs the first still has the old list if somebody has left. What the GET returns is not merged.
    pub(super) async fn read_and_put_group(
        &mut self,
        group: &Group,
        times: usize,
        basis: Basis,
        moment: Moment<'_>,
    ) -> Result<(), Stop> {
        let Some(mapping) = self.memory.groups.get(&group.key).cloned() else {
            return Ok(());
        };
        let path = ResourceKind::Group.path_of(&mapping.id);
        let times = times.max(1);
        let mut name = mapping.name.clone();
        for _ in 0..times {
            let request = bare(Method::Get, path.clone(), basis.clone());
            let reply = UPDATE.get_done(moment.wire, request).await?;
            let there = reply.json().and_then(|g| g.get("displayName")?.as_str());
            there.unwrap_or(&mapping.name).clone_into(&mut name);
        }
        if moment.now.settings.rename_groups {
            name.clone_from(&group.name);
        }
        let members = self.members(group, moment);
        let gone = |(old, _): &body::Member| !members.iter().any(|(id, _)| id == old);
        let first = if mapping.members.iter().any(gone) {
            &mapping.members
        } else {
            &members
        };
        for turn in 1..=times {
            let list = if turn < times { first } else { &members };
            let request = self.put_list(group, &mapping.id, &name, list, basis.clone());
            UPDATE.get_done(moment.wire, request).await?;
        }
        self.pushed(&group.key, name, members);
        Ok(())
    }

    /// The agent's push: PUT of the complete list, and nothing read before it (`okta/13/11`).
    pub(super) async fn put_group(
        &mut self,
        group: &Group,
        moment: Moment<'_>,
    ) -> Result<(), Stop> {
        let Some(mapping) = self.memory.groups.get(&group.key).cloned() else {
            return Ok(());
        };
        let name = if moment.now.settings.rename_groups {
            group.name.clone()
        } else {
            mapping.name
        };
        let members = self.members(group, moment);
        let basis = Basis::inferred("okta/13/11");
        let request = self.put_list(group, &mapping.id, &name, &members, basis);
        UPDATE.get_done(moment.wire, request).await?;
        self.pushed(&group.key, name, members);
        Ok(())
    }

    fn put_list(
        &self,
        group: &Group,
        id: &str,
        name: &str,
        members: &[body::Member],
        basis: Basis,
    ) -> Request {
        let shown = self.switches.group_put_id.then_some(id);
        let body = body::group(shown, name, members, self.description(group));
        with_body(Method::Put, ResourceKind::Group.path_of(id), &body, basis)
    }

    /// Removals first, one operation a person; then one operation with everybody who comes in; at most a batch at a time.
    async fn patch_members(
        &mut self,
        group: &Group,
        basis: Basis,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        let mut changed: Vec<&PersonKey> = Vec::new();
        let mapping = self.memory.groups.get(&group.key);
        for person in mapping.into_iter().flat_map(|mapping| &mapping.pending) {
            if !changed.contains(&person) {
                changed.push(person);
            }
        }
        let (mut leaving, mut coming) = (Vec::new(), Vec::new());
        for key in changed {
            let account = self.memory.accounts.get(key);
            if let Some((id, person)) = account.zip(moment.now.person(key)) {
                let member = (id.clone(), person.user_name().to_owned());
                match group.has(key) {
                    true if person.entitled() => coming.push(member),
                    true => {}
                    false => leaving.push(member),
                }
            }
        }
        if leaving.is_empty() && coming.is_empty() {
            if let Some(mapping) = self.memory.groups.get_mut(&group.key) {
                mapping.pending.clear();
            }
            let why = "nobody in the group changes whom the app knows";
            return Ok(nothing(why, Basis::documented("okta/8.1")));
        }
        let batch = self.switches.patch_batch.max(1);
        let mut coming = coming.as_slice();
        let mut leaving = leaving.as_slice();
        while !(leaving.is_empty() && coming.is_empty()) {
            let (out, stay) = leaving.split_at(leaving.len().min(batch));
            let (new, later) = coming.split_at(coming.len().min(batch - out.len()));
            (leaving, coming) = (stay, later);
            let mut operations: Vec<Value> = out.iter().map(body::remove_member).collect();
            if !new.is_empty() {
                operations.push(body::add_members(new));
            }
            let body = body::patch(operations);
            self.patch_group(&group.key, &body, basis.clone(), moment)
                .await?;
        }
        if self.switches.name_patch_with_members && moment.now.settings.rename_groups {
            self.read_group(group, moment).await?;
            let basis = Basis::documented("okta/8.3");
            self.patch_name(group, basis, moment).await?;
        }
        let name = group.name.clone();
        self.pushed(&group.key, name, self.members(group, moment));
        Ok(Outcome::Done)
    }

    pub(super) async fn add_members(
        &self,
        group: &Group,
        members: &[body::Member],
        moment: Moment<'_>,
    ) -> Result<(), Stop> {
        for batch in members.chunks(self.switches.patch_batch.max(1)) {
            let body = body::patch(vec![body::add_members(batch)]);
            self.patch_group(&group.key, &body, Basis::documented("okta/8.3"), moment)
                .await?;
        }
        Ok(())
    }

    /// Whom Okta lists: members of its group who are assigned, not deactivated, and known at the app by an id (`okta/8.1/1`).
    pub(super) fn members(&self, group: &Group, moment: Moment<'_>) -> Vec<body::Member> {
        moment
            .now
            .entitled_members(group)
            .filter_map(|person| {
                let id = self.memory.accounts.get(&person.key)?;
                Some((id.clone(), person.user_name().to_owned()))
            })
            .collect()
    }

    /// Remembers what the app's group is now believed to be.
    pub(super) fn pushed(&mut self, key: &GroupKey, name: String, members: Vec<body::Member>) {
        if let Some(mapping) = self.memory.groups.get_mut(key) {
            mapping.name = name;
            mapping.members = members;
            mapping.pending.clear();
            mapping.error = false;
        }
    }
}
