//! Turns a story's people and groups into a directory whose names carry the run's mark.

use std::collections::BTreeMap;

use crate::directory::{
    AppSettings, Assignment, Attribute, Dice, Directory, Event, Family, Group, Instance, NameRule,
    Person, Place, Push, Refusal, RuleMatch, Status,
};
use crate::scenario::{GroupSpec, PersonSpec, Scenario};

/// Gives names their mark, so that what a run makes is known again, and nothing else is touched.
#[derive(Clone, Debug)]
pub(super) struct Marks<'a> {
    pub(super) required: &'a [Place],
    pub(super) instance: &'a Instance,
    pub(super) mail_domain: &'a str,
}

impl Marks<'_> {
    /// An address with the mark before its `@`, and a domain where the story gives none.
    fn address(&self, text: &str) -> String {
        let mark = self.instance.as_str();
        match text.rsplit_once('@') {
            Some((local, domain)) => format!("{local}.{mark}@{domain}"),
            None => format!("{text}.{mark}@{}", self.mail_domain),
        }
    }

    /// A group's name as the target gets it.
    pub(super) fn group(&self, name: &str) -> String {
        format!("{name} {}", self.instance.as_str())
    }

    /// The event with marked names.
    pub(super) fn event(&self, event: &Event) -> Event {
        let mut event = event.clone();
        match &mut event {
            Event::Update { changes, .. } => {
                for attribute in [Attribute::UserName, Attribute::Email] {
                    if let Some(Some(value)) = changes.get_mut(&attribute) {
                        *value = self.address(value);
                    }
                }
            }
            Event::RenameGroup { name, .. } => *name = self.group(name),
            // The mark stands at the end of every name.
            Event::PushRule(NameRule {
                matches: RuleMatch::EndsWith,
                text,
            }) => *text = self.group(text),
            _ => {}
        }
        event
    }

    fn person(&self, spec: &PersonSpec, family: Family, dice: &mut Dice) -> Person {
        let mut profile = spec.profile.clone();
        let given = profile.get(&Attribute::Given).cloned().unwrap_or_default();
        let surname = profile.get(&Attribute::Family).cloned().unwrap_or_default();
        let key = spec.key.as_str().to_owned();
        let user_name = self.address(profile.get(&Attribute::UserName).unwrap_or(&key));
        let email = match profile.get(&Attribute::Email) {
            Some(email) => self.address(email),
            None => user_name.clone(),
        };
        let nickname = user_name.split('@').next().unwrap_or_default().to_owned();
        profile
            .entry(Attribute::DisplayName)
            .or_insert_with(|| format!("{given} {surname}").trim().to_owned());
        profile.insert(Attribute::UserName, user_name);
        profile.insert(Attribute::Email, email);
        profile.entry(Attribute::MailNickname).or_insert(nickname);
        profile.insert(Attribute::DirectoryId, dice.person_id(family));
        Person {
            key: spec.key.clone(),
            profile,
            manager: spec.manager.clone(),
            status: Status::Active,
            assignment: if spec.assigned_before {
                Assignment::BeforeProvisioning
            } else {
                Assignment::None
            },
            was_assigned: false,
        }
    }

    /// Gives a person what the target requires of everybody and the story leaves open.
    fn fill(&self, person: &mut Person, app: &AppSettings) {
        for source in self
            .required
            .iter()
            .filter_map(|place| app.source_of(place))
        {
            for attribute in source.attributes() {
                let value = || usual(*attribute).to_owned();
                person.profile.entry(*attribute).or_insert_with(value);
            }
        }
    }

    fn group_of(&self, spec: &GroupSpec, family: Family, dice: &mut Dice) -> Group {
        Group {
            key: spec.key.clone(),
            name: self.group(&spec.name),
            description: spec.description.clone(),
            directory_id: dice.group_id(family),
            members: spec.members.clone(),
            push: Push::Off,
            linked: spec.at_target.is_some(),
        }
    }

    /// The directory as a story begins, with an app of those settings.
    ///
    /// # Errors
    /// The vendor's directory does not allow a name of the story.
    pub(super) fn directory(
        &self,
        scenario: &Scenario,
        family: Family,
        mut settings: AppSettings,
        dice: &mut Dice,
    ) -> Result<Directory, Refusal> {
        scenario.settings.apply(family, &mut settings);
        let mut directory = Directory::new(family, settings);
        directory.provisioning = scenario.begins_provisioned();
        for spec in &scenario.people {
            let mut person = self.person(spec, family, dice);
            self.fill(&mut person, &directory.settings);
            directory.add_person(person)?;
        }
        for spec in &scenario.groups {
            directory.add_group(self.group_of(spec, family, dice));
        }
        directory.open();
        Ok(directory)
    }

    /// What a probe may name: the mark and the mail domain.
    pub(super) fn values(&self) -> BTreeMap<String, String> {
        let mark = self.instance.as_str().to_owned();
        let domain = self.mail_domain.to_owned();
        BTreeMap::from([
            ("instance".to_owned(), mark),
            ("mail-domain".to_owned(), domain),
        ])
    }
}

/// A value for somebody of whom a story does not say it.
fn usual(attribute: Attribute) -> &'static str {
    match attribute {
        Attribute::Title => "Engineer",
        Attribute::Department => "Engineering",
        Attribute::EmployeeNumber => "4711",
        Attribute::PreferredLanguage => "en-US",
        Attribute::Office => "Building 1",
        Attribute::Street => "1 Main Street",
        Attribute::City => "Springfield",
        Attribute::Region => "IL",
        Attribute::PostalCode => "62701",
        Attribute::Country => "US",
        Attribute::WorkPhone | Attribute::MobilePhone | Attribute::Fax => "+1 555 0100",
        Attribute::Given => "Given",
        Attribute::Family => "Family",
        Attribute::AppRoles => "User",
        // Every person has these already.
        Attribute::UserName
        | Attribute::DisplayName
        | Attribute::Email
        | Attribute::MailNickname
        | Attribute::DirectoryId => "unknown",
    }
}
