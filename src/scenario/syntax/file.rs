//! A story file's outline: what it says about itself, its people, groups and switches.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Step;
use super::wrapper::{Field, Items, Many, Named, Nullable, Spot, Text};
use crate::directory::{Attribute, Matching};
use crate::scenario::Need;

/// A story of people and groups, played with every IdP that it suits.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename = "story", rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("required" = ["scenario", "title", "why", "steps"]))]
pub(in crate::scenario) struct File {
    /// The version of the format: 1.
    #[serde(default)]
    #[schemars(extend("const" = 1))]
    pub(in crate::scenario) scenario: Field<Text>,
    /// One line that says what happens, in the customer's words.
    #[serde(default)]
    pub(in crate::scenario) title: Field<Text>,
    /// What a customer loses when this fails.
    #[serde(default)]
    pub(in crate::scenario) why: Field<Text>,
    /// Words by which stories are selected, such as `offboarding`; `volume` keeps a story out of the default run.
    #[serde(default)]
    pub(in crate::scenario) tags: Field<Many<Text>>,
    /// What the target must be able to do; otherwise the story is skipped.
    #[serde(default)]
    pub(in crate::scenario) needs: Field<Many<Spot<Need>>>,
    /// The IdPs that play this story, and why no others do.
    #[serde(default)]
    pub(in crate::scenario) only: Field<Limit>,
    /// The IdPs that do not play this story, and why.
    #[serde(default)]
    pub(in crate::scenario) except: Field<Limit>,
    /// `true` where the IdP does not matter: the first of the selected ones that suit plays the story, and no other.
    #[serde(default)]
    pub(in crate::scenario) once: Field<bool>,
    /// Ids that the story had before, so that reports and baselines still find it.
    #[serde(default)]
    pub(in crate::scenario) was: Field<Many<Text>>,
    /// The people of the directory, by the names that the story uses for them.
    #[serde(default)]
    pub(in crate::scenario) people: Field<Named<Person>>,
    /// The groups of the directory, by the names that the story uses for them.
    #[serde(default)]
    pub(in crate::scenario) groups: Field<Named<Group>>,
    /// Switches of the app as its administrator set them, where they differ from a new app's.
    #[serde(default)]
    pub(in crate::scenario) settings: Field<Switches>,
    /// What happens, in order.
    #[serde(default)]
    pub(in crate::scenario) steps: Field<Items<Spot<Step>>>,
}

/// IdPs, and why just these.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename = "limit", rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::scenario) struct Limit {
    /// Names of IdPs or of their variants, such as `entra` or `okta/custom-app`.
    pub(in crate::scenario) idps: Many<Text>,
    /// Why the story suits these only, or not these.
    pub(in crate::scenario) reason: Text,
}

/// A structure that has a field for each attribute of a person, and some of its own.
macro_rules! with_attributes {
    (
        $(#[$meta:meta])* $name:ident of $value:ty {
            $($(#[$own_meta:meta])* $own:ident: $own_type:ty,)*
        }
    ) => {
        with_attributes! { @ $(#[$meta])* $name $value { $($(#[$own_meta])* $own: $own_type,)* }
            /// The sign-in name. Without `@` the run adds its mark and the mail domain.
            user_name UserName,
            /// The given name.
            given Given,
            /// The family name.
            family Family,
            /// The name shown to others.
            display_name DisplayName,
            /// The work e-mail address. Without `@` the run adds its mark and the mail domain.
            email Email,
            /// The job title.
            title Title,
            /// The department.
            department Department,
            /// The employee number.
            employee_number EmployeeNumber,
            /// The preferred language, such as `en-US`.
            preferred_language PreferredLanguage,
            /// The name of the office.
            office Office,
            /// The street address of the office.
            street Street,
            /// The city of the office.
            city City,
            /// The state or region of the office.
            region Region,
            /// The postal code of the office.
            postal_code PostalCode,
            /// The country of the office.
            country Country,
            /// The work phone number.
            work_phone WorkPhone,
            /// The mobile phone number.
            mobile_phone MobilePhone,
            /// The fax number.
            fax Fax,
            /// The part of the address before the `@`.
            mail_nickname MailNickname,
            /// The names of the person's roles in the app: `Admin, Reader`.
            app_roles AppRoles,
        }
    };
    (@ $(#[$meta:meta])* $name:ident $value:ty { $($(#[$own_meta:meta])* $own:ident: $own_type:ty,)* }
        $($(#[$doc:meta])* $field:ident $attribute:ident,)*
    ) => {
        $(#[$meta])*
        pub(in crate::scenario) struct $name {
            $($(#[$own_meta])* #[serde(default)] pub(in crate::scenario) $own: Field<$own_type>,)*
            $($(#[$doc])* #[serde(default)] pub(in crate::scenario) $field: Field<$value>,)*
        }

        impl $name {
            /// The attributes that are written, in the order in which a profile is shown.
            pub(in crate::scenario) fn attributes(&self) -> impl Iterator<Item = (Attribute, &$value)> {
                [$((Attribute::$attribute, &self.$field),)*]
                    .into_iter()
                    .filter_map(|(attribute, field)| match field {
                        Field::Read(value) => Some((attribute, value)),
                        Field::Missing | Field::Faulty => None,
                    })
            }
        }
    };
}

with_attributes! {
    /// A person in the directory.
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename = "person", rename_all = "kebab-case", deny_unknown_fields)]
    #[schemars(extend("required" = ["given", "family"]))]
    Person of Text {
        /// The person's manager, by the story's name.
        manager: Text,
        /// The app has an account of this sign-in name before the IdP starts.
        at_target: Spot<AtTarget>,
        /// Assigned to the app before provisioning was switched on.
        assigned: Spot<Assigned>,
        /// Makes so many people: `crowd` with `count: 250` is `crowd-001` to `crowd-250`, and `crowd` is all of them.
        count: Spot<u32>,
    }
}

with_attributes! {
    /// What changes in a profile; `null` empties an attribute.
    #[derive(Debug, Deserialize, JsonSchema)]
    #[serde(rename = "update", rename_all = "kebab-case", deny_unknown_fields)]
    Changes of Nullable<Text> {
        /// The new manager, by the story's name; `null` takes the manager away.
        manager: Nullable<Text>,
    }
}

/// How the app has an account before the IdP starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename = "state at the target", rename_all = "kebab-case")]
#[schemars(rename = "at-target")]
pub enum AtTarget {
    /// Active.
    Active,
    /// Deactivated.
    Inactive,
}

/// When a person was assigned.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename = "time of an assignment", rename_all = "kebab-case")]
#[schemars(rename = "assigned")]
pub(in crate::scenario) enum Assigned {
    /// While provisioning was off.
    BeforeProvisioning,
}

/// A group in the directory.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename = "group", rename_all = "kebab-case", deny_unknown_fields)]
pub(in crate::scenario) struct Group {
    /// The group's name; the story's name for it if none is given.
    #[serde(default)]
    pub(in crate::scenario) name: Field<Text>,
    /// The group's description.
    #[serde(default)]
    pub(in crate::scenario) description: Field<Text>,
    /// The members, by the story's names.
    #[serde(default)]
    pub(in crate::scenario) members: Field<Many<Text>>,
    /// The app has a group of this name before the IdP starts: `true`, or with these members.
    #[serde(default)]
    pub(in crate::scenario) at_target: Field<Many<Text>>,
}

/// Switches of the app that an administrator knows.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(
    rename = "settings",
    rename_all = "kebab-case",
    deny_unknown_fields,
    default
)]
pub(in crate::scenario) struct Switches {
    /// New people are created.
    pub(in crate::scenario) create_users: Field<bool>,
    /// Profile changes are pushed.
    pub(in crate::scenario) update_users: Field<bool>,
    /// People who leave are deactivated.
    pub(in crate::scenario) deactivate_users: Field<bool>,
    /// Groups are pushed.
    pub(in crate::scenario) push_groups: Field<bool>,
    /// People are imported.
    pub(in crate::scenario) import_users: Field<bool>,
    /// Groups are imported.
    pub(in crate::scenario) import_groups: Field<bool>,
    /// Passwords are pushed when they change.
    pub(in crate::scenario) sync_passwords: Field<bool>,
    /// A rename in the directory renames the app's group (Okta's *Rename app groups*).
    pub(in crate::scenario) rename_groups: Field<bool>,
    /// Whoever leaves is kept inactive instead of deleted (Entra: `active` is mapped).
    pub(in crate::scenario) soft_delete: Field<bool>,
    /// The attribute by which an existing person is found.
    pub(in crate::scenario) matching: Field<MatchBy>,
    /// More deletions than this at once wait until they are allowed (Entra's accidental deletion threshold).
    pub(in crate::scenario) deletion_threshold: Field<Spot<usize>>,
}

/// The attribute by which an existing person is found.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename = "matching attribute", rename_all = "kebab-case")]
#[schemars(rename = "matching")]
pub(in crate::scenario) enum MatchBy {
    /// The sign-in name.
    UserName,
    /// The IdP's own id of the person.
    ExternalId,
    /// The work e-mail address.
    WorkEmail,
}

impl From<MatchBy> for Matching {
    fn from(by: MatchBy) -> Self {
        match by {
            MatchBy::UserName => Self::UserName,
            MatchBy::ExternalId => Self::ExternalId,
            MatchBy::WorkEmail => Self::WorkEmail,
        }
    }
}
