//! What Okta sends for groups: push, rename, joins and leaves, *Push now*, unlink (`okta/8`).

use super::body;
use super::dialect::Okta;
use super::headers::{bare, with_body};
use super::job::{Step, Stop, line, nothing};
use super::memory::Mapping;
use super::settings::{CreateOrder, Writing};
use super::{Moment, list};
use crate::directory::{Group, GroupKey};
use crate::idp::{Lookup, Outcome, equals};
use crate::scim::Value;
use crate::wire::{Basis, Method, Request, ResourceKind};

const LOOK_UP: Step = Step {
    trouble: "Push Groups tab, status Error: it could not be verified whether the app has this group",
    stops: |status| match status {
        None => Basis::documented("okta/12"),
        _ => Basis::inferred("okta/8.4"),
    },
};
const CREATE: Step = Step {
    trouble: "Push Groups tab, status Error: the group could not be created in the app; where the name is taken, it has to be linked",
    stops: |status| match status {
        Some(409) => Basis::documented("okta/8.4"),
        Some(502) => Basis::captured("okta/8.4"),
        None => Basis::documented("okta/12"),
        _ => Basis::inferred("okta/8.4"),
    },
};
pub(super) const UPDATE: Step = Step {
    trouble: "Push Groups tab, status Error: the mapping could not be updated, because its members or its name could not be pushed",
    stops: |status| match status {
        Some(404) => Basis::documented("okta/8.4"),
        Some(400 | 501) => Basis::reported("okta/8.4"),
        None => Basis::documented("okta/12"),
        _ => Basis::inferred("okta/8.4"),
    },
};
const DELETE: Step = Step {
    trouble: "Push Groups tab, status Error: the group could not be deleted in the app",
    stops: |status| match status {
        None => Basis::documented("okta/12"),
        _ => Basis::inferred("okta/8.4"),
    },
};

impl Okta {
    /// The lookup that comes before a group is created, while its id is not known.
    pub(super) fn lookup_group(&self, name: &str) -> Request {
        let filter = equals("displayName", name);
        let parameters = [
            ("filter", filter.as_str()),
            ("startIndex", "1"),
            ("count", "100"),
        ];
        let target = self.switches.query.query("/Groups", &parameters);
        bare(Method::Get, target, self.group_basis())
    }

    /// Push by name or by rule: find or create the app's group, then fill it.
    pub(super) async fn push_group(
        &mut self,
        group: &Group,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        let known = self.memory.groups.contains_key(&group.key);
        let linked = known || self.link_group(group, moment).await?;
        if !linked {
            self.create_group(group, moment).await?;
        }
        match self.switches.group_writes {
            Writing::ReadAndPut => {
                let basis = Basis::captured("okta/8.2");
                self.read_and_put_group(group, 1, basis, moment).await?;
            }
            Writing::Patch => self.fill_group(group, linked && !known, moment).await?,
            // The agent's POST has everything already, where the switch does not say otherwise.
            Writing::Put if !linked && self.switches.group_post_members => {
                let members = self.members(group, moment);
                self.pushed(&group.key, group.name.clone(), members);
            }
            Writing::Put => self.put_group(group, moment).await?,
        }
        Ok(Outcome::Done)
    }

    /// Whether the app has the group: by what was imported, or by a lookup where nothing is imported.
    async fn link_group(&mut self, group: &Group, moment: Moment<'_>) -> Result<bool, Stop> {
        let imports = moment.now.settings.features.import_groups;
        // An administrator links to one of the app's groups as Okta has seen them, and has the list refreshed for that.
        if imports && group.linked && !self.memory.imported.contains_key(&group.name) {
            self.read_groups(moment).await?;
        }
        if let Some(id) = self.memory.imported.get(&group.name).cloned() {
            self.memory.map(&group.key, &id, &group.name);
            return Ok(true);
        }
        if !self.switches.group_lookup.holds(!imports) {
            return Ok(false);
        }
        let request = self.lookup_group(&group.name);
        let reply = LOOK_UP.ask(moment.wire, request).await?;
        match list::lookup(&reply) {
            Lookup::None => Ok(false),
            Lookup::Found { id, .. } => {
                self.memory.map(&group.key, &id, &group.name);
                Ok(true)
            }
            Lookup::Many(count) => {
                let why =
                    format!("the app has {count} groups of that name, and Okta cannot choose");
                Err(LOOK_UP.over(&reply, why, Basis::inferred("okta/8.2")))
            }
            Lookup::Unreadable(_) if !reply.ok() => Err(LOOK_UP.refusal("GET /Groups", &reply)),
            Lookup::Unreadable(why) => Err(LOOK_UP.over(&reply, why, Basis::reported("okta/1.4"))),
        }
    }

    async fn create_group(&mut self, group: &Group, moment: Moment<'_>) -> Result<(), Stop> {
        let members = self.members(group, moment);
        let sent = if self.switches.group_post_members {
            members.as_slice()
        } else {
            &[]
        };
        let body = body::group(None, &group.name, sent, self.description(group));
        let request = with_body(
            Method::Post,
            "/Groups".to_owned(),
            &body,
            self.group_basis(),
        );
        let reply = CREATE.get_done(moment.wire, request).await?;
        let Some(id) = reply.id() else {
            let why = "the app answered the create with a group that has no `id`".to_owned();
            return Err(CREATE.over(&reply, why, Basis::inferred("okta/8.4")));
        };
        self.memory.map(&group.key, id, &group.name);
        Ok(())
    }

    /// A catalogue app's first push: the name and the members, in the order of the switch (`okta/8.3`).
    async fn fill_group(
        &mut self,
        group: &Group,
        linked: bool,
        moment: Moment<'_>,
    ) -> Result<(), Stop> {
        // Linking renames the app's group only where the setting says so; a group that Okta made gets its name anyway.
        let named = !linked || moment.now.settings.rename_groups;
        let members = self.members(group, moment);
        match self.switches.create_order {
            CreateOrder::NameFirst => {
                if named {
                    self.patch_name(group, Basis::captured("okta/8.3"), moment)
                        .await?;
                }
                self.add_members(group, &members, moment).await?;
            }
            CreateOrder::MembersFirst => {
                self.add_members(group, &members, moment).await?;
                if named {
                    self.read_group(group, moment).await?;
                    self.patch_name(group, Basis::reported("okta/8.3"), moment)
                        .await?;
                }
            }
            CreateOrder::AddOnly => self.add_members(group, &members, moment).await?,
        }
        self.pushed(&group.key, group.name.clone(), members);
        Ok(())
    }

    /// The group has a new name in Okta.
    pub(super) async fn rename_group(
        &mut self,
        group: &Group,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        match self.switches.group_writes {
            Writing::ReadAndPut => {
                let basis = Basis::captured("okta/8.2");
                self.read_and_put_group(group, 1, basis, moment).await?;
            }
            Writing::Put => self.put_group(group, moment).await?,
            Writing::Patch => {
                let basis = Basis::documented("okta/8.3");
                self.patch_name(group, basis, moment).await?;
                if let Some(mapping) = self.memory.groups.get_mut(&group.key) {
                    mapping.name.clone_from(&group.name);
                    mapping.error = false;
                }
            }
        }
        Ok(Outcome::Done)
    }

    /// Unlink with *Delete the group in the target app*, and the end of a group in Okta.
    pub(super) async fn delete_group(
        &mut self,
        key: &GroupKey,
        moment: Moment<'_>,
    ) -> Result<Outcome, Stop> {
        let Some(mapping) = self.memory.groups.get(key) else {
            let why = "the app has no group that Okta pushes there";
            return Ok(nothing(why, Basis::documented("okta/8.1")));
        };
        if !moment.now.settings.features.push_groups {
            let why = "pushing groups is switched off in the app";
            return Ok(nothing(why, Basis::documented("okta/3/7")));
        }
        let path = ResourceKind::Group.path_of(&mapping.id);
        let request = bare(Method::Delete, path, Basis::documented("okta/8.1"));
        let what = line(&request);
        let reply = DELETE.ask(moment.wire, request).await?;
        let gone = reply.status == 404 && self.switches.delete_404_is_done;
        if !reply.ok() && !gone {
            return Err(DELETE.refusal(&what, &reply));
        }
        self.memory.groups.remove(key);
        Ok(Outcome::Done)
    }

    pub(super) async fn read_group(&self, group: &Group, moment: Moment<'_>) -> Result<(), Stop> {
        if let Some(Mapping { id, .. }) = self.memory.groups.get(&group.key) {
            let path = ResourceKind::Group.path_of(id);
            let request = bare(Method::Get, path, Basis::reported("okta/8.3"));
            UPDATE.get_done(moment.wire, request).await?;
        }
        Ok(())
    }

    /// The name by a PATCH without a path, sent also when the name has not changed (`okta/8.3/5`).
    pub(super) async fn patch_name(
        &self,
        group: &Group,
        basis: Basis,
        moment: Moment<'_>,
    ) -> Result<(), Stop> {
        let Some(Mapping { id, .. }) = self.memory.groups.get(&group.key) else {
            return Ok(());
        };
        let body = body::patch(vec![body::rename(id, &group.name)]);
        self.patch_group(&group.key, &body, basis, moment).await
    }

    /// A PATCH of a group; a success is a success, with the group or without (`okta/8.3/13`).
    pub(super) async fn patch_group(
        &self,
        key: &GroupKey,
        body: &Value,
        basis: Basis,
        moment: Moment<'_>,
    ) -> Result<(), Stop> {
        if let Some(Mapping { id, .. }) = self.memory.groups.get(key) {
            let path = ResourceKind::Group.path_of(id);
            let request = with_body(Method::Patch, path, body, basis);
            UPDATE.get_done(moment.wire, request).await?;
        }
        Ok(())
    }

    /// The description, where it is sent and there is one.
    pub(super) fn description<'a>(&self, group: &'a Group) -> Option<&'a str> {
        let text = group.description.as_str();
        (self.switches.group_description && !text.is_empty()).then_some(text)
    }

    /// A custom app's shapes were captured, a catalogue app's are documented, and the agent's follow from SCIM 1.1.
    fn group_basis(&self) -> Basis {
        match self.switches.group_writes {
            Writing::ReadAndPut => Basis::captured("okta/8.2"),
            Writing::Patch => Basis::documented("okta/8.3"),
            Writing::Put => Basis::inferred("okta/13/11"),
        }
    }
}
