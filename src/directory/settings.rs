//! The app's settings as the administrator of the IdP sets them. Dialect and policy read the same ones.

use serde::{Deserialize, Serialize};

use super::{Attribute, Family, Mapping, NameRule, Place};

/// What provisioning may do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "six check boxes of a console are six booleans"
)]
pub struct Features {
    /// New people are created.
    pub create: bool,
    /// Profile changes are pushed.
    pub update: bool,
    /// People who leave are deactivated.
    pub deactivate: bool,
    /// Groups are pushed.
    pub push_groups: bool,
    /// People are imported.
    pub import_users: bool,
    /// Groups are imported.
    pub import_groups: bool,
}

/// The attribute by which the IdP looks for a person before it creates one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Matching {
    /// `userName`, every IdP's default.
    #[default]
    UserName,
    /// `externalId`.
    ExternalId,
    /// The work e-mail address.
    WorkEmail,
}

/// Which of a person's passwords the app gets (Okta, *Sync Password*; okta/7).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PasswordSync {
    /// None: a new person's POST carries eight random characters, and no later request any (okta/4.2).
    #[default]
    Off,
    /// The one with which the person signs in to the IdP, at each change of it.
    Own,
    /// One that the IdP makes for this app.
    Generated,
}

/// Who is in the scope of provisioning (Entra, *Scope*; entra/3.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// Whoever is assigned to the app (*Sync only assigned users and groups*).
    #[default]
    Assigned,
    /// Everybody and every group of the directory (*Sync all users and groups*). Roles cannot be mapped then (entra/7.2).
    Everybody,
}

/// The expression by which Entra writes the app roles of a person (entra/7.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RoleExpression {
    /// `SingleAppRoleAssignment([appRoleAssignments])` onto `roles[primary eq "True"].value`: one role.
    SingleAppRoleAssignment,
    /// `AppRoleAssignmentsComplex([appRoleAssignments])` onto `roles`: all of them, each added.
    AppRoleAssignmentsComplex,
    /// `AssertiveAppRoleAssignmentsComplex([appRoleAssignments])` onto `roles`: all of them, the list replaced whole.
    AssertiveAppRoleAssignmentsComplex,
}

/// The app's settings in the IdP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AppSettings {
    /// What provisioning may do.
    pub features: Features,
    /// Which attribute goes where.
    pub mappings: Vec<Mapping>,
    /// How an existing person is found.
    pub matching: Matching,
    /// Whether a rename in the directory renames the app's group (Okta's *Rename app groups* box).
    pub rename_groups: bool,
    /// Whether whoever leaves is kept inactive (`active` is mapped) instead of deleted (Entra; entra/5.2).
    pub soft_delete: bool,
    /// The app's attribute that Okta's lookup asks for (*Unique identifier field for users*; okta/4.4, open for custom
    /// apps; an on-premises agent may name an attribute of its own extension, okta/13).
    pub unique_identifier: Place,
    /// Who is in scope (Entra).
    pub scope: Scope,
    /// The rules by which groups are pushed from the beginning (Okta, *Push Groups by rule*; okta/8.1).
    pub push_rules: Vec<NameRule>,
    /// How a person's app roles are written, where they are mapped (Entra).
    pub roles: Option<RoleExpression>,
    /// Whether roles and entitlements are discovered and granted (Okta, *Entitlement Management*; okta/11.3).
    pub entitlements: bool,
    /// Which password the app gets (Okta).
    pub password_sync: PasswordSync,
}

impl AppSettings {
    /// The settings of a new app.
    pub fn defaults(family: Family) -> Self {
        Self {
            features: Features {
                create: true,
                update: true,
                deactivate: true,
                push_groups: true,
                import_users: true,
                import_groups: false,
            },
            mappings: Mapping::defaults(family),
            matching: Matching::UserName,
            rename_groups: true,
            soft_delete: true,
            unique_identifier: Place::core("userName"),
            scope: Scope::Assigned,
            push_rules: Vec::new(),
            roles: None,
            entitlements: false,
            password_sync: PasswordSync::Off,
        }
    }

    /// The mapping that reads that attribute of the directory, if it is mapped.
    pub fn mapping_of(&self, attribute: Attribute) -> Option<&Mapping> {
        let wanted = super::Source::Attribute(attribute);
        self.mappings.iter().find(|m| m.source == wanted)
    }
}
