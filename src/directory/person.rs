//! A person in the customer's directory.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

super::key! {
    /// A story's name for a person, such as `ada`.
    PersonKey
}

/// One attribute of a person in the customer's directory, IdP-neutral.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Attribute {
    /// The sign-in name (Okta login, Entra userPrincipalName, JumpCloud e-mail).
    UserName,
    /// The given name.
    Given,
    /// The family name.
    Family,
    /// The name shown to others.
    DisplayName,
    /// The work e-mail address.
    Email,
    /// The job title.
    Title,
    /// The department.
    Department,
    /// The employee number.
    EmployeeNumber,
    /// The preferred language, such as `en-US`.
    PreferredLanguage,
    /// The name of the office.
    Office,
    /// The street address of the office.
    Street,
    /// The city of the office.
    City,
    /// The state or region of the office.
    Region,
    /// The postal code of the office.
    PostalCode,
    /// The country of the office.
    Country,
    /// The work phone number.
    WorkPhone,
    /// The mobile phone number.
    MobilePhone,
    /// The fax number.
    Fax,
    /// The part of the address before the `@` (Entra's mailNickname).
    MailNickname,
    /// The names of the person's roles in the app, with commas between them (Entra's appRoleAssignments).
    AppRoles,
    /// The IdP's own id of the person; the IdP sets it, nobody changes it.
    DirectoryId,
}

impl Attribute {
    /// Every attribute, in the order in which a profile is shown.
    pub const ALL: [Self; 21] = [
        Self::UserName,
        Self::Given,
        Self::Family,
        Self::DisplayName,
        Self::Email,
        Self::Title,
        Self::Department,
        Self::EmployeeNumber,
        Self::PreferredLanguage,
        Self::Office,
        Self::Street,
        Self::City,
        Self::Region,
        Self::PostalCode,
        Self::Country,
        Self::WorkPhone,
        Self::MobilePhone,
        Self::Fax,
        Self::MailNickname,
        Self::AppRoles,
        Self::DirectoryId,
    ];

    /// The name that stories and reports use.
    pub fn name(self) -> &'static str {
        match self {
            Self::UserName => "user-name",
            Self::Given => "given",
            Self::Family => "family",
            Self::DisplayName => "display-name",
            Self::Email => "email",
            Self::Title => "title",
            Self::Department => "department",
            Self::EmployeeNumber => "employee-number",
            Self::PreferredLanguage => "preferred-language",
            Self::Office => "office",
            Self::Street => "street",
            Self::City => "city",
            Self::Region => "region",
            Self::PostalCode => "postal-code",
            Self::Country => "country",
            Self::WorkPhone => "work-phone",
            Self::MobilePhone => "mobile-phone",
            Self::Fax => "fax",
            Self::MailNickname => "mail-nickname",
            Self::AppRoles => "app-roles",
            Self::DirectoryId => "directory-id",
        }
    }
}

/// Where a person stands in the directory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// May sign in.
    #[default]
    Active,
    /// May not sign in for a while; Okta and JumpCloud know this state.
    Suspended,
    /// May not sign in; the account still exists.
    Deactivated,
    /// The account is gone (Entra: out of the recycle bin).
    Deleted,
}

/// Whether a person is assigned to the app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Assignment {
    /// Not assigned now.
    #[default]
    None,
    /// Assigned while provisioning was off; Okta provisions such a person only by *Provision User*.
    BeforeProvisioning,
    /// Assigned, and provisioned by the IdP.
    Assigned,
}

/// A person in the customer's directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The story's name for the person.
    pub key: PersonKey,
    /// The attributes that have a value.
    pub profile: BTreeMap<Attribute, String>,
    /// The person's manager.
    pub manager: Option<PersonKey>,
    /// Where the person stands in the directory.
    pub status: Status,
    /// Whether the person is assigned to the app.
    pub assignment: Assignment,
    /// Whether the person was ever assigned to the app while provisioning was on.
    pub was_assigned: bool,
}

impl Person {
    /// The value of an attribute, or `None` where the directory has none.
    pub fn get(&self, attribute: Attribute) -> Option<&str> {
        self.profile.get(&attribute).map(String::as_str)
    }

    /// The sign-in name.
    pub fn user_name(&self) -> &str {
        self.get(Attribute::UserName).unwrap_or_default()
    }

    /// The IdP's own id of the person.
    pub fn directory_id(&self) -> &str {
        self.get(Attribute::DirectoryId).unwrap_or_default()
    }

    /// Whether the IdP's customer was promised that the app has an active account for this person.
    pub fn entitled(&self) -> bool {
        self.assignment == Assignment::Assigned
            && matches!(self.status, Status::Active | Status::Suspended)
    }
}
