//! The app's settings as the administrator of the IdP sets them. Dialect and policy read the same ones.

use serde::{Deserialize, Serialize};

use super::{Attribute, Family, Mapping, NameRule, Place, Source};

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
    /// Whether whoever leaves the scope, and is not deleted, is left alone (Entra's `SkipOutOfScopeDeletions`; entra/5.2/5).
    pub skip_out_of_scope: bool,
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
    /// More deletions than this in one cycle, disablements among them, wait until an administrator allows them (Entra's
    /// *accidental deletion threshold*). Nothing: they never wait.
    pub deletion_threshold: Option<usize>,
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
            skip_out_of_scope: false,
            unique_identifier: Place::core("userName"),
            scope: Scope::Assigned,
            push_rules: Vec::new(),
            roles: None,
            entitlements: false,
            password_sync: PasswordSync::Off,
            deletion_threshold: None,
        }
    }

    /// Gives a place another source, in its line of the table or in a new last one, or takes its line out.
    pub fn map(&mut self, place: Place, source: Option<Source>) {
        let line = self.mappings.iter().position(|line| line.place == place);
        match (line, source) {
            (Some(at), Some(source)) => self.mappings[at].source = source,
            (Some(at), None) => {
                self.mappings.remove(at);
            }
            (None, Some(source)) => self.mappings.push(Mapping { source, place }),
            (None, None) => {}
        }
    }

    /// The source of that place, if something is mapped onto it.
    pub fn source_of(&self, place: &Place) -> Option<&Source> {
        let mut lines = self.mappings.iter();
        lines
            .find(|line| line.place == *place)
            .map(|line| &line.source)
    }
}

/// What a story or a file changes in an app's settings; `None` leaves what is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AppChanges {
    /// [`Features::create`].
    pub create_users: Option<bool>,
    /// [`Features::update`].
    pub update_users: Option<bool>,
    /// [`Features::deactivate`].
    pub deactivate_users: Option<bool>,
    /// [`Features::push_groups`].
    pub push_groups: Option<bool>,
    /// [`Features::import_users`].
    pub import_users: Option<bool>,
    /// [`Features::import_groups`].
    pub import_groups: Option<bool>,
    /// [`AppSettings::rename_groups`].
    pub rename_groups: Option<bool>,
    /// [`AppSettings::soft_delete`].
    pub soft_delete: Option<bool>,
    /// [`AppSettings::skip_out_of_scope`].
    pub skip_out_of_scope: Option<bool>,
    /// [`AppSettings::matching`].
    pub matching: Option<Matching>,
    /// [`AppSettings::unique_identifier`].
    pub unique_identifier: Option<Place>,
    /// [`AppSettings::scope`].
    pub scope: Option<Scope>,
    /// [`AppSettings::push_rules`].
    pub push_rules: Option<Vec<NameRule>>,
    /// [`AppSettings::roles`].
    pub roles: Option<RoleExpression>,
    /// [`AppSettings::entitlements`].
    pub entitlements: Option<bool>,
    /// [`AppSettings::password_sync`].
    pub password_sync: Option<PasswordSync>,
    /// [`AppSettings::deletion_threshold`].
    pub deletion_threshold: Option<usize>,
    /// Lines of the table of mappings, in their order: another source, or none where a line is taken out.
    pub mappings: Vec<(Place, Option<Source>)>,
}

impl AppChanges {
    /// Makes the changes in the settings of an app of that vendor.
    pub fn apply(&self, family: Family, app: &mut AppSettings) {
        fn set<T: Clone>(setting: &mut T, change: Option<&T>) {
            if let Some(change) = change {
                setting.clone_from(change);
            }
        }
        let features = &mut app.features;
        set(&mut features.create, self.create_users.as_ref());
        set(&mut features.update, self.update_users.as_ref());
        set(&mut features.deactivate, self.deactivate_users.as_ref());
        set(&mut features.push_groups, self.push_groups.as_ref());
        set(&mut features.import_users, self.import_users.as_ref());
        set(&mut features.import_groups, self.import_groups.as_ref());
        set(&mut app.rename_groups, self.rename_groups.as_ref());
        set(&mut app.soft_delete, self.soft_delete.as_ref());
        set(&mut app.skip_out_of_scope, self.skip_out_of_scope.as_ref());
        set(&mut app.matching, self.matching.as_ref());
        set(&mut app.unique_identifier, self.unique_identifier.as_ref());
        set(&mut app.scope, self.scope.as_ref());
        set(&mut app.push_rules, self.push_rules.as_ref());
        set(&mut app.entitlements, self.entitlements.as_ref());
        set(&mut app.password_sync, self.password_sync.as_ref());
        app.roles = self.roles.or(app.roles);
        app.deletion_threshold = self.deletion_threshold.or(app.deletion_threshold);
        // What Okta looks for by `userName` is what it writes there (okta/4.4).
        if let (Family::Okta, Some(matching)) = (family, self.matching) {
            app.map(
                Place::core("userName"),
                Some(Source::Attribute(matching.attribute())),
            );
        }
        for (place, source) in &self.mappings {
            app.map(place.clone(), source.clone());
        }
    }
}

impl Matching {
    /// The place of the app's attribute that is compared.
    pub fn place(self) -> Place {
        match self {
            Self::UserName => Place::core("userName"),
            Self::ExternalId => Place::core("externalId"),
            Self::WorkEmail => Place::new(None, "emails", Some("work"), Some("value")),
        }
    }

    /// The attribute of the directory that Okta looks for.
    pub fn attribute(self) -> Attribute {
        match self {
            Self::UserName => Attribute::UserName,
            Self::ExternalId => Attribute::DirectoryId,
            Self::WorkEmail => Attribute::Email,
        }
    }
}
