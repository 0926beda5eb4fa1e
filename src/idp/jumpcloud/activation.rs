//! *Test Connection* and *Activate* (jumpcloud/2.1, jumpcloud/2.2).
//!
//! An activation tries the target with a person and a group of its own, 13 calls in all. That it creates, changes and
//! deletes both is documented and captured; the reads between the writes, and the order, are concluded from the number of
//! calls.

use super::answer::{self, Trouble};
use super::event::{Reports, send};
use super::{Connection, body, request};
use crate::idp::Outcome;
use crate::wire::{Basis, ResourceKind, Wire};

/// The name of the group that an activation makes: the same at every target.
pub(super) const GROUP: &str = "group-name";

/// The name that it gives the group before it deletes it.
pub(super) const RENAMED: &str = "new-group-name";

/// How a target says that it does not delete. The activation goes on from these as documented.
const NO_DELETE: [u16; 5] = [400, 403, 404, 405, 501];

impl Connection {
    /// *Test Connection*: the list of users. Its query is not known (jumpcloud/2.1/2).
    pub(super) async fn test_connection(&mut self, wire: &Wire, reports: &mut Reports) {
        let wire = wire.job("test connection", None);
        let result = self.read_lists(&wire).await.map(|()| Outcome::Done);
        reports.note("test connection", None, "the connection test", result);
    }

    /// *Activate*. A person or a group that a step leaves behind stays where it is, and so does whatever was assigned: the
    /// integration is not active then.
    pub(super) async fn activate(&mut self, wire: &Wire) -> Result<(), Trouble> {
        self.read_lists(wire).await?;
        self.test_address_is_free(wire).await?;
        let person = self.create_test_user(wire).await?;
        self.read_back(ResourceKind::User, &person, wire).await?;
        self.put_test_user(&person, true, wire).await?;
        self.read_back(ResourceKind::User, &person, wire).await?;
        self.put_test_user(&person, false, wire).await?;
        if self.app.features.push_groups {
            let group = self.create_test_group(wire).await?;
            if self.settings.probe_adds_member {
                self.add_test_user(&group, &person, wire).await?;
            } else {
                self.read_back(ResourceKind::Group, &group, wire).await?;
            }
            self.rename_test_group(&group, wire).await?;
            self.delete_test_group(&group, wire).await?;
        }
        self.remove_test_user(&person, wire).await
    }

    async fn read_lists(&self, wire: &Wire) -> Result<(), Trouble> {
        let kinds = [ResourceKind::User, ResourceKind::Group];
        let groups = self.settings.test_reads_groups && self.app.features.push_groups;
        for kind in kinds.into_iter().take(1 + usize::from(groups)) {
            let basis = Basis::reported("jumpcloud/2.1/1");
            let request = request::list(kind, basis, &self.settings);
            answer::page(&send(wire, request).await?)?;
        }
        Ok(())
    }

    /// The address must not be known to the target: whoever was left behind by an earlier activation ends this one.
    async fn test_address_is_free(&self, wire: &Wire) -> Result<(), Trouble> {
        let basis = Basis::captured("jumpcloud/6/6");
        let request = request::find_user(&self.test_email, basis, &self.settings);
        let reply = send(wire, request).await?;
        match answer::found(&reply)? {
            None => Ok(()),
            Some(_) => Err(answer::taken(&reply, &self.test_email)),
        }
    }

    async fn create_test_user(&mut self, wire: &Wire) -> Result<String, Trouble> {
        let id = self.dice.person_id(crate::directory::Family::Jumpcloud);
        let body = body::test_user(&self.test_email, &id, &self.app);
        let basis = Basis::captured("jumpcloud/3/4");
        let request = request::post(ResourceKind::User, &body, basis, &self.settings);
        answer::created(&send(wire, request).await?)
    }

    /// The PUT empties `emails` with a literal null and leaves out most of what the POST had.
    async fn put_test_user(&self, id: &str, active: bool, wire: &Wire) -> Result<(), Trouble> {
        let body = body::changed_test_user(&self.test_email, id, active);
        let basis = Basis::captured("jumpcloud/3/6");
        let request = request::put(id, &body, basis, &self.settings);
        answer::accepted(&send(wire, request).await?)
    }

    /// Looked up by its name, and created without members; a 400 is answered by the same POST, four times in all.
    async fn create_test_group(&self, wire: &Wire) -> Result<String, Trouble> {
        let basis = Basis::inferred("jumpcloud/4/2");
        let lookup = request::find_group(GROUP, basis, &self.settings);
        if let Some(id) = answer::found(&send(wire, lookup).await?)? {
            return Ok(id);
        }
        let body = body::group(GROUP, &[]);
        let mut tries = 1;
        loop {
            let basis = Basis::captured("jumpcloud/2.2/1");
            let request = request::post(ResourceKind::Group, &body, basis, &self.settings);
            let reply = send(wire, request).await?;
            if reply.status != 400 || tries >= self.settings.group_tries {
                return answer::created(&reply);
            }
            tries += 1;
        }
    }

    async fn add_test_user(&self, group: &str, person: &str, wire: &Wire) -> Result<(), Trouble> {
        let body = body::joins(person, &self.settings);
        let basis = Basis::inferred("jumpcloud/2.2/6");
        let request = request::patch(ResourceKind::Group, group, &body, basis, &self.settings);
        answer::accepted(&send(wire, request).await?)
    }

    async fn rename_test_group(&self, group: &str, wire: &Wire) -> Result<(), Trouble> {
        let body = body::rename(RENAMED, &self.settings);
        let basis = Basis::captured("jumpcloud/2.2/4");
        let request = request::patch(ResourceKind::Group, group, &body, basis, &self.settings);
        answer::accepted(&send(wire, request).await?)
    }

    /// DELETE. A target that deletes no groups keeps it.
    async fn delete_test_group(&self, group: &str, wire: &Wire) -> Result<(), Trouble> {
        let basis = Basis::captured("jumpcloud/2.2/6");
        let request = request::delete(ResourceKind::Group, group, basis, &self.settings);
        send(wire, request.expecting(NO_DELETE)).await.map(drop)
    }

    /// DELETE. A target that deletes nobody keeps the person, inactive, and the activation succeeds all the same
    /// (jumpcloud/3/10).
    async fn remove_test_user(&self, person: &str, wire: &Wire) -> Result<(), Trouble> {
        let basis = Basis::documented("jumpcloud/3/10");
        let request = request::delete(ResourceKind::User, person, basis, &self.settings);
        let reply = send(wire, request.expecting(NO_DELETE)).await?;
        if reply.ok() || reply.status == 404 {
            return Ok(());
        }
        self.put_test_user(person, false, wire).await
    }

    async fn read_back(&self, kind: ResourceKind, id: &str, wire: &Wire) -> Result<(), Trouble> {
        let basis = Basis::inferred("jumpcloud/2.2/6");
        let request = request::get(kind.path_of(id), basis, &self.settings);
        answer::accepted(&send(wire, request).await?)
    }
}
