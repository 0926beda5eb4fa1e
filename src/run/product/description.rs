//! The description itself: credentials, and actions that the product knows by name.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::template::names;
use crate::wire::Method;

/// How people get in at the product behind the endpoint, and what its administrator can do there.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Product {
    /// Scheme and authority of the product; without it those of the target.
    #[serde(default)]
    pub base: Option<String>,
    /// What a person can have, in the order in which it is made.
    #[serde(default, rename = "credential")]
    pub credentials: Vec<CredentialSpec>,
    /// How a person's effective roles are read.
    pub roles: Option<Roles>,
    /// Which role a group gives its members.
    pub role_group: Option<RoleGroup>,
    /// How the product's administrator gives somebody a role.
    pub grant_role: Option<GrantRole>,
    /// How the product's administrator bans somebody.
    pub ban: Option<Ban>,
    /// How somebody signs on by an identity provider's word.
    pub sign_on: Option<SignOn>,
    /// How the product makes a person of its own.
    pub make_person: Option<MakePerson>,
    /// How a person signs in with a password.
    pub sign_in: Option<SignIn>,
    /// How provisioning is switched off and on.
    pub provisioning: Option<Provisioning>,
    /// How credentials for provisioning are made.
    pub provisioning_token: Option<ProvisioningToken>,
    /// How many people there may be.
    pub seats: Option<Seats>,
    /// Who administers the product.
    pub administrators: Option<Administrators>,
    /// The secrets behind `{env:NAME}`, which are never read from a file.
    #[serde(skip)]
    pub secrets: BTreeMap<String, String>,
}

/// One thing by which a person gets in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CredentialSpec {
    /// The name under which later requests use it.
    pub name: String,
    /// What it is.
    pub kind: CredentialKind,
    /// How it is made.
    pub mint: Mint,
    /// How it is used.
    #[serde(rename = "use")]
    pub usage: Usage,
}

/// What a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A session: what a person has who signed in.
    Session,
    /// A personal access token: what a person made for programs.
    Token,
}

/// The request that makes a credential.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mint {
    /// The method.
    #[serde(default = "post")]
    pub method: Method,
    /// Path and query behind the base.
    pub path: String,
    /// The headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether the request shows the credentials that the SCIM endpoint is given.
    #[serde(default)]
    pub target_credentials: bool,
    /// Where the credential stands in the answer.
    pub capture: Capture,
}

/// Where a credential stands in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capture {
    /// At that JSON pointer of the body (RFC 6901).
    Json(String),
    /// In that header.
    Header(String),
    /// In the cookie of that name.
    Cookie(String),
}

/// The request that uses a credential.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Usage {
    /// The method.
    #[serde(default = "get")]
    pub method: Method,
    /// Path and query behind the base.
    pub path: String,
    /// The headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default)]
    pub body: Option<String>,
    /// The statuses by which the product shows that it lets the person in.
    #[serde(default = "admitted")]
    pub accepted: Vec<u16>,
    /// The statuses by which it shows that it does not.
    #[serde(default = "shut")]
    pub refused: Vec<u16>,
}

/// A request to the product that does one thing or shows one.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ask {
    /// The method; what reads is a GET, and what does something a POST, unless it says otherwise.
    #[serde(default)]
    pub method: Option<Method>,
    /// Path and query behind the base.
    pub path: String,
    /// The headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether the request shows the credentials that the SCIM endpoint is given.
    #[serde(default)]
    pub target_credentials: bool,
    /// The statuses by which the product shows that it was done.
    #[serde(default = "done")]
    pub accepted: Vec<u16>,
    /// The statuses by which it shows that it was refused.
    #[serde(default = "denied")]
    pub refused: Vec<u16>,
}

/// How a person's effective roles are read.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Roles {
    /// The request, as the person or about the person.
    pub read: Ask,
    /// The JSON pointer to a list of texts in its answer.
    pub at: String,
    /// The administrator's role, as it stands there.
    #[serde(default)]
    pub administrator: Option<String>,
}

/// Which role a group gives its members.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RoleGroup {
    /// The role, as it stands among the effective ones. `{group}` is the group's name.
    pub role: String,
}

/// How the product's administrator gives somebody a role.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct GrantRole {
    /// The request that gives `{role}`.
    pub grant: Ask,
    /// The request that takes it back.
    pub take: Ask,
    /// A role that nobody has by a group, and that harms nobody.
    pub role: String,
}

/// How the product's administrator bans somebody.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Ban {
    /// The request that bans.
    pub set: Ask,
    /// The request that lifts the ban.
    pub lift: Ask,
}

/// How somebody signs on by an identity provider's word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignOn {
    /// The request. `{group}` is the name of a group that the claims name; it is empty where they name none.
    pub ask: Ask,
}

/// How the product makes a person of its own, of whom SCIM knows nothing.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct MakePerson {
    /// The request that makes `{userName}` with `{password}`.
    pub make: Ask,
    /// The request that takes the person away again.
    pub remove: Ask,
}

/// How a person signs in with a password.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SignIn {
    /// The request, with `{userName}` and `{password}`.
    pub ask: Ask,
}

/// How provisioning is switched off and on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Provisioning {
    /// The request that switches it off.
    pub off: Ask,
    /// The request that switches it on again.
    pub on: Ask,
}

/// How credentials for provisioning are made.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProvisioningToken {
    /// The request, as a person makes it.
    pub ask: Ask,
}

/// How many people there may be.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Seats {
    /// The request that shows the seats.
    pub read: Ask,
    /// The JSON pointer to their number in its answer: a number, or `null` where there is no limit.
    pub at: String,
    /// The JSON pointer to how many of them are taken.
    pub taken: String,
    /// The request that sets their number, `{seats}`.
    pub set: Ask,
}

/// Who administers the product.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Administrators {
    /// The request that shows them.
    pub read: Ask,
    /// The JSON pointer to a list of their sign-in names in its answer.
    pub at: String,
    /// Whether the tenant may lose its administrator: only then is the last one put to the test.
    #[serde(default)]
    pub sacrificial: bool,
}

/// What a product can be described to do, beside letting people in: the sections of the description.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// A person's effective roles are read.
    Roles,
    /// A group gives a role.
    RoleGroup,
    /// The administrator gives a role.
    GrantRole,
    /// The administrator bans somebody.
    Ban,
    /// Somebody signs on by an identity provider's word.
    SignOn,
    /// The product makes a person of its own.
    MakePerson,
    /// Somebody signs in with a password.
    SignIn,
    /// Provisioning is switched off and on.
    Provisioning,
    /// Somebody makes credentials for provisioning.
    ProvisioningToken,
    /// The seats are counted and limited.
    Seats,
    /// The administrators are listed.
    Administrators,
}

impl Action {
    /// The name of its section.
    pub fn name(self) -> &'static str {
        match self {
            Self::Roles => "roles",
            Self::RoleGroup => "role-group",
            Self::GrantRole => "grant-role",
            Self::Ban => "ban",
            Self::SignOn => "sign-on",
            Self::MakePerson => "make-person",
            Self::SignIn => "sign-in",
            Self::Provisioning => "provisioning",
            Self::ProvisioningToken => "provisioning-token",
            Self::Seats => "seats",
            Self::Administrators => "administrators",
        }
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "[product.{}]", self.name())
    }
}

fn post() -> Method {
    Method::Post
}

fn get() -> Method {
    Method::Get
}

fn admitted() -> Vec<u16> {
    vec![200, 204]
}

fn shut() -> Vec<u16> {
    vec![401, 403]
}

fn done() -> Vec<u16> {
    vec![200, 201, 204]
}

fn denied() -> Vec<u16> {
    vec![400, 401, 403, 404, 409, 422]
}

/// One described request, with what may stand in it beside the person and the tester's secrets.
pub(super) struct Described<'a> {
    pub(super) action: Action,
    pub(super) ask: &'a Ask,
    pub(super) more: &'static [&'static str],
}

impl Product {
    /// The names behind `{env:NAME}`.
    pub fn environment(&self) -> BTreeSet<String> {
        let credentials = self.credentials.iter().flat_map(CredentialSpec::texts);
        let described = self.described();
        let texts = credentials.chain(described.iter().flat_map(|described| described.ask.texts()));
        texts
            .flat_map(names)
            .filter_map(|name| name.strip_prefix("env:").map(str::to_owned))
            .collect()
    }

    /// Whether that action is described.
    pub fn has(&self, action: Action) -> bool {
        match action {
            Action::Roles => self.roles.is_some(),
            Action::RoleGroup => self.role_group.is_some(),
            Action::GrantRole => self.grant_role.is_some(),
            Action::Ban => self.ban.is_some(),
            Action::SignOn => self.sign_on.is_some(),
            Action::MakePerson => self.make_person.is_some(),
            Action::SignIn => self.sign_in.is_some(),
            Action::Provisioning => self.provisioning.is_some(),
            Action::ProvisioningToken => self.provisioning_token.is_some(),
            Action::Seats => self.seats.is_some(),
            Action::Administrators => self.administrators.is_some(),
        }
    }

    /// Every request of an action.
    pub(super) fn described(&self) -> Vec<Described<'_>> {
        let mut all = Vec::new();
        let mut add = |action, ask, more| all.push(Described { action, ask, more });
        if let Some(roles) = &self.roles {
            add(Action::Roles, &roles.read, &[][..]);
        }
        if let Some(roles) = &self.grant_role {
            add(Action::GrantRole, &roles.grant, &["role"]);
            add(Action::GrantRole, &roles.take, &["role"]);
        }
        if let Some(ban) = &self.ban {
            add(Action::Ban, &ban.set, &[]);
            add(Action::Ban, &ban.lift, &[]);
        }
        if let Some(sign_on) = &self.sign_on {
            add(Action::SignOn, &sign_on.ask, &["group"]);
        }
        if let Some(person) = &self.make_person {
            add(Action::MakePerson, &person.make, &["password"]);
            add(Action::MakePerson, &person.remove, &[]);
        }
        if let Some(sign_in) = &self.sign_in {
            add(Action::SignIn, &sign_in.ask, &["password"]);
        }
        if let Some(provisioning) = &self.provisioning {
            add(Action::Provisioning, &provisioning.off, &[]);
            add(Action::Provisioning, &provisioning.on, &[]);
        }
        if let Some(token) = &self.provisioning_token {
            add(Action::ProvisioningToken, &token.ask, &[]);
        }
        if let Some(seats) = &self.seats {
            add(Action::Seats, &seats.read, &[]);
            add(Action::Seats, &seats.set, &["seats"]);
        }
        if let Some(administrators) = &self.administrators {
            add(Action::Administrators, &administrators.read, &[]);
        }
        all
    }

    /// The JSON pointers of the actions.
    pub(super) fn pointers(&self) -> Vec<(Action, &str)> {
        let roles = self.roles.iter().map(|r| (Action::Roles, r.at.as_str()));
        let seats = self.seats.iter().flat_map(|s| [&s.at, &s.taken]);
        let administrators = self.administrators.iter();
        let administrators = administrators.map(|a| (Action::Administrators, a.at.as_str()));
        let seats = seats.map(|pointer| (Action::Seats, pointer.as_str()));
        roles.chain(seats).chain(administrators).collect()
    }

    /// The product behind the bundled server.
    ///
    /// # Errors
    /// Its description is wrong, which a test keeps from happening.
    pub(in crate::run) fn bundled() -> Result<Self, String> {
        let product: Self = toml::from_str(include_str!("bundled.toml"))
            .map_err(|e| format!("the bundled product is described wrongly: {e}"))?;
        product.check().map_err(|e| e.to_string())?;
        Ok(product)
    }
}

impl CredentialSpec {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.mint.texts().chain(self.usage.texts())
    }
}

impl Mint {
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        texts(&self.path, &self.headers, self.body.as_deref())
    }

    /// The names that the request uses.
    pub(in crate::run) fn names(&self) -> impl Iterator<Item = &str> {
        self.texts().flat_map(names)
    }
}

impl Usage {
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        texts(&self.path, &self.headers, self.body.as_deref())
    }
}

impl Ask {
    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        texts(&self.path, &self.headers, self.body.as_deref())
    }

    /// The names that the request uses.
    pub(in crate::run) fn names(&self) -> impl Iterator<Item = &str> {
        self.texts().flat_map(names)
    }
}

fn texts<'a>(
    path: &'a str,
    headers: &'a BTreeMap<String, String>,
    body: Option<&'a str>,
) -> impl Iterator<Item = &'a str> {
    let headers = headers.values().map(String::as_str);
    std::iter::once(path).chain(headers).chain(body)
}
