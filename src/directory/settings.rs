//! The app's settings as the administrator of the IdP sets them. Dialect and policy read the same ones.

use serde::{Deserialize, Serialize};

use super::{Attribute, Family, Mapping};

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
    /// Whether whoever leaves is kept inactive (`active` is mapped) instead of deleted (Entra).
    pub soft_delete: bool,
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
        }
    }

    /// The mapping that reads that attribute of the directory, if it is mapped.
    pub fn mapping_of(&self, attribute: Attribute) -> Option<&Mapping> {
        let wanted = super::Source::Attribute(attribute);
        self.mappings.iter().find(|m| m.source == wanted)
    }
}
