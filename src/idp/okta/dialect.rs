//! Which jobs an event makes Okta do.

use futures_util::future::BoxFuture;

use super::job::{Job, nothing};
use super::memory::Memory;
use super::settings::{Profile, Switches};
use super::{Moment, list};
use crate::directory::{
    AppSettings, Assignment, Dice, Directory, Event, Group, Membership, PasswordSync, Person,
    PersonKey, Push, Source, Subject, UnlinkChoice,
};
use crate::idp::{Dialect, JobReport, Lookup, Setup};
use crate::wire::{Basis, Reply, Request, Wire};

/// Okta with one app.
#[derive(Debug)]
pub struct Okta {
    pub(super) switches: Switches,
    pub(super) dice: Dice,
    pub(super) memory: Memory,
    /// The app's settings as last seen: the unique identifier decides the lookup.
    pub(super) app: AppSettings,
}

impl Okta {
    /// Okta with a new app of that kind, switched as usual.
    pub fn new(profile: Profile, setup: Setup) -> Self {
        Self::switched(Switches::of(profile), setup)
    }

    /// Okta with a new app that is switched so.
    pub fn switched(switches: Switches, setup: Setup) -> Self {
        Self {
            switches,
            dice: setup.dice,
            memory: Memory::default(),
            app: setup.app,
        }
    }

    /// The jobs of one event, one after the other.
    pub(super) async fn on(
        &mut self,
        event: &Event,
        before: &Directory,
        moment: Moment<'_>,
    ) -> Vec<JobReport> {
        let now = moment.now;
        match event {
            Event::TestConnection => self.carry_out(Job::TestConnection, moment).await,
            Event::SwitchOnProvisioning => self.save(moment).await,
            _ if !now.provisioning => {
                let why = "provisioning is switched off";
                silent(event, why, Basis::documented("okta/6.3"))
            }
            Event::Assign(person) if assigned_before_provisioning(now, person) => {
                let why = "whoever was assigned before provisioning waits for Provision User";
                silent(event, why, Basis::documented("okta/10"))
            }
            Event::Assign(person) | Event::ProvisionUser(person) | Event::Reactivate(person)
                if self.serves(person) =>
            {
                let why = "the person is assigned and active already";
                silent(event, why, Basis::inferred("okta/4.1"))
            }
            Event::Assign(person) | Event::ProvisionUser(person) => {
                self.carry_out(Job::Provision(person.clone()), moment).await
            }
            Event::Update { .. } if !maps(event, now) => {
                let why = "none of the changed attributes is mapped";
                silent(event, why, Basis::inferred("okta/5.2"))
            }
            Event::Update { person, .. } => {
                self.carry_out(Job::Update(person.clone()), moment).await
            }
            // Deleting somebody who is still active deactivates first; deleting by itself sends nothing (`okta/6.3/2`).
            Event::Delete(person) if !self.memory.accounts.contains_key(person) => {
                let why = "Okta deletes nobody in an app";
                silent(event, why, Basis::documented("okta/6.3"))
            }
            Event::Unassign(person) | Event::Deactivate(person) | Event::Delete(person) => {
                self.carry_out(Job::Deactivate(person.clone()), moment)
                    .await
            }
            Event::Reactivate(person) => {
                self.carry_out(Job::Reactivate(person.clone()), moment)
                    .await
            }
            Event::ChangePassword(_) if now.settings.password_sync == PasswordSync::Off => {
                let why = "syncing passwords is switched off in the app";
                silent(event, why, Basis::documented("okta/7"))
            }
            Event::ChangePassword(person) => {
                self.carry_out(Job::Password(person.clone()), moment).await
            }
            Event::Suspend(_) | Event::Unsuspend(_) => {
                let why = "Okta sends nothing when a person is suspended or unsuspended";
                silent(event, why, Basis::documented("okta/6.3"))
            }
            Event::Cycle | Event::Wait { .. } | Event::AllowDeletions => {
                let why = "Okta acts on events and has no cycle; nothing was put off";
                silent(event, why, Basis::captured("okta/4.1"))
            }
            Event::Import => {
                let mut reports = self.carry_out(Job::ImportUsers, moment).await;
                if now.settings.features.import_groups {
                    reports.extend(self.carry_out(Job::ImportGroups, moment).await);
                }
                reports
            }
            Event::RetryTasks => self.retry(moment).await,
            Event::PushGroup(group) if self.memory.groups.get(group).is_some_and(|m| !m.error) => {
                let why = "the group is pushed already";
                silent(event, why, Basis::inferred("okta/8.1"))
            }
            Event::PushGroup(group) => self.carry_out(Job::PushGroup(group.clone()), moment).await,
            Event::PushRule(rule) => {
                let new = |group: &&Group| {
                    let on = before.group(&group.key).is_some_and(|g| g.push == Push::On);
                    rule.selects(&group.name) && group.push == Push::On && !on
                };
                let keys: Vec<_> = now.groups().filter(new).map(|g| g.key.clone()).collect();
                let mut reports = Vec::new();
                for key in keys {
                    reports.extend(self.carry_out(Job::PushGroup(key), moment).await);
                }
                if reports.is_empty() {
                    let why = "the rule selects no group that is not pushed already";
                    return silent(event, why, Basis::documented("okta/8.1"));
                }
                reports
            }
            Event::PushNow(group) => self.carry_out(Job::PushNow(group.clone()), moment).await,
            Event::RenameGroup { group, .. } => {
                self.carry_out(Job::Rename(group.clone()), moment).await
            }
            Event::Join(membership) | Event::Leave(membership) => {
                self.change_members(event, membership, moment).await
            }
            Event::Unlink { group, choice } => match choice {
                UnlinkChoice::Delete => {
                    self.carry_out(Job::DeleteGroup(group.clone()), moment)
                        .await
                }
                UnlinkChoice::Leave => {
                    self.memory.groups.remove(group);
                    self.memory.tasks.retain(|task| task.group() != Some(group));
                    let why = "the app's group is left as it is";
                    silent(event, why, Basis::documented("okta/8.1"))
                }
            },
            Event::DeleteGroup(group) => {
                self.carry_out(Job::DeleteGroup(group.clone()), moment)
                    .await
            }
        }
    }

    /// Saving the *To App* page, and what Okta then reads of the app's schema by itself.
    async fn save(&mut self, moment: Moment<'_>) -> Vec<JobReport> {
        let mut reports = self.carry_out(Job::SaveProvisioning, moment).await;
        if self.switches.import_user_schema {
            reports.extend(self.carry_out(Job::ImportSchema, moment).await);
        }
        if moment.now.settings.entitlements {
            reports.extend(self.carry_out(Job::DiscoverEntitlements, moment).await);
        }
        reports
    }

    /// Whether the person has an account in the app, and no task waits for it.
    fn serves(&self, person: &PersonKey) -> bool {
        let subject = Some(Subject::Person(person.clone()));
        let mut tasks = self.memory.tasks.iter();
        self.memory.accounts.contains_key(person) && tasks.all(|task| task.subject() != subject)
    }

    /// A join or a leave concerns the app if the group is pushed and the person has an account there (`okta/8.1/1`).
    async fn change_members(
        &mut self,
        event: &Event,
        Membership { person, group }: &Membership,
        moment: Moment<'_>,
    ) -> Vec<JobReport> {
        if !self.memory.accounts.contains_key(person) {
            let why = "a member without an account in the app is left out";
            return silent(event, why, Basis::documented("okta/8.1"));
        }
        if let Some(mapping) = self.memory.groups.get_mut(group) {
            mapping.pending.push(person.clone());
        }
        self.carry_out(Job::Members(group.clone()), moment).await
    }
}

impl Dialect for Okta {
    fn perform<'a>(
        &'a mut self,
        events: &'a [Event],
        before: &'a Directory,
        now: &'a Directory,
        wire: &'a Wire,
    ) -> BoxFuture<'a, Vec<JobReport>> {
        Box::pin(async move {
            self.app.clone_from(&now.settings);
            let moment = Moment { now, wire };
            if wire.at_once() > 1 {
                return self.abreast(events, before, moment).await;
            }
            let mut reports = Vec::new();
            for event in events {
                reports.extend(self.on(event, before, moment).await);
            }
            reports
        })
    }

    fn find_person(&self, person: &Person) -> Request {
        self.lookup_person(person)
    }

    fn find_group(&self, group: &Group) -> Request {
        self.lookup_group(&group.name)
    }

    fn read_lookup(&self, reply: &Reply) -> Lookup {
        list::lookup(reply)
    }
}

/// The report of an event for which Okta sends nothing.
pub(super) fn silent(event: &Event, why: &str, basis: Basis) -> Vec<JobReport> {
    let people = event.people();
    let subject = match (people.first(), event.group()) {
        (_, Some(group)) => Some(Subject::Group(group.clone())),
        (Some(person), None) => Some(Subject::Person((*person).clone())),
        (None, None) => None,
    };
    vec![JobReport {
        job: "nothing".to_owned(),
        subject,
        outcome: nothing(why, basis),
    }]
}

fn assigned_before_provisioning(now: &Directory, person: &PersonKey) -> bool {
    let person = now.person(person);
    person.is_some_and(|person| person.assignment == Assignment::BeforeProvisioning)
}

/// Whether the app's table of attributes reads anything that an update changes.
fn maps(event: &Event, now: &Directory) -> bool {
    let Event::Update {
        changes, manager, ..
    } = event
    else {
        return false;
    };
    let changed = |attribute| changes.contains_key(attribute);
    now.settings.mappings.iter().any(|m| {
        m.source.attributes().iter().any(changed)
            || (m.source == Source::Manager && manager.is_some())
    })
}
