//! What attributes there are (RFC 7643 §4, §7, §8.7.1, with the verified errata): types, characteristics, URNs.

use super::AttrPath;

mod table;

pub use table::{COMMON, ENTERPRISE_USER, GROUP, GROUP_TYPE, META, USER, USER_TYPE};

/// The URN of the User schema.
pub const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The URN of the Group schema.
pub const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// The URN of the enterprise extension of User.
pub const ENTERPRISE_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// The URN of the description of a server.
pub const SERVICE_PROVIDER_CONFIG_URN: &str =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// The URN of the description of a resource type.
pub const RESOURCE_TYPE_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// The URN of the description of a schema.
pub const SCHEMA_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// A schema: a URN and its attributes.
#[derive(Debug, Clone, Copy)]
pub struct Schema {
    /// The URN.
    pub id: &'static str,
    /// A name for people.
    pub name: &'static str,
    /// What it describes.
    pub description: &'static str,
    /// The attributes, without the common ones (`id`, `externalId`, `meta`).
    pub attributes: &'static [Attribute],
}

/// A type of resource: an endpoint with a schema and its extensions.
#[derive(Debug, Clone, Copy)]
pub struct ResourceType {
    /// `User` or `Group`.
    pub name: &'static str,
    /// `/Users` or `/Groups`.
    pub endpoint: &'static str,
    /// What it describes.
    pub description: &'static str,
    /// The core schema.
    pub schema: &'static Schema,
    /// The extensions.
    pub extensions: &'static [Schema],
    /// The URNs of the extensions that a resource must have.
    pub required_extensions: &'static [&'static str],
}

/// One attribute or sub-attribute with its characteristics (RFC 7643 §7).
#[derive(Debug, Clone, Copy)]
pub struct Attribute {
    /// The name in its canonical spelling.
    pub name: &'static str,
    /// What it holds.
    pub description: &'static str,
    /// The type of its value, or of each of its values.
    pub kind: Type,
    /// Whether it is a list.
    pub multi_valued: bool,
    /// Whether a resource must have it.
    pub required: bool,
    /// Whether texts that differ in case differ.
    pub case_exact: bool,
    /// Who may change it.
    pub mutability: Mutability,
    /// When it is shown.
    pub returned: Returned,
    /// How far its value is the only one.
    pub uniqueness: Uniqueness,
    /// Values that are suggested, not demanded.
    pub canonical_values: &'static [&'static str],
    /// What a reference may lead to.
    pub reference_types: &'static [&'static str],
    /// The sub-attributes of a complex attribute.
    pub subs: &'static [Attribute],
}

/// The type of an attribute (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// A text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Decimal,
    /// A whole number.
    Integer,
    /// A point in time, as XML Schema writes it.
    DateTime,
    /// Bytes in base64.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

/// Who may change an attribute (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mutability {
    /// The server alone.
    ReadOnly,
    /// The client.
    ReadWrite,
    /// The client, once.
    Immutable,
    /// The client, unseen.
    WriteOnly,
}

/// When an attribute is shown (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// In every answer.
    Always,
    /// In none.
    Never,
    /// Unless the client asks for others, or for all but this.
    Default,
    /// When the client asks for it.
    Request,
}

/// How far a value is the only one (RFC 7643 §7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Uniqueness {
    /// Not at all.
    None,
    /// Among the resources of one endpoint of one tenant (erratum 8279 leaves the bounds open).
    Server,
    /// Everywhere.
    Global,
}

/// What a name leads to.
#[derive(Debug, Clone, Copy)]
pub enum Resolved {
    /// A whole extension.
    Extension(&'static Schema),
    /// An attribute or sub-attribute.
    Attribute(Target),
}

/// An attribute with its place.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// The extension that it belongs to; core and common attributes belong to none.
    pub extension: Option<&'static Schema>,
    /// The attribute.
    pub attribute: &'static Attribute,
    /// The sub-attribute, if one is meant.
    pub sub: Option<&'static Attribute>,
}

impl Target {
    /// What the name means in the end: the sub-attribute, else the attribute.
    pub fn last(&self) -> &'static Attribute {
        self.sub.unwrap_or(self.attribute)
    }
}

impl Attribute {
    /// The sub-attribute of that name, in any case.
    pub fn sub(&self, name: &str) -> Option<&'static Attribute> {
        find(self.subs, name)
    }

    /// The sub-attribute that a comparison with the bare attribute means (RFC 7644 §3.4.2.2, figure 2).
    pub fn default_sub(&self) -> Option<&'static Attribute> {
        self.sub("value")
    }
}

/// The attribute of that name, in any case.
pub fn find(attributes: &'static [Attribute], name: &str) -> Option<&'static Attribute> {
    attributes
        .iter()
        .find(|a| a.name.eq_ignore_ascii_case(name))
}

impl ResourceType {
    /// The core or common attribute of that name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&'static Attribute> {
        find(self.schema.attributes, name).or_else(|| find(COMMON, name))
    }

    /// The extension of that URN, in any case.
    pub fn extension(&self, urn: &str) -> Option<&'static Schema> {
        self.extensions
            .iter()
            .find(|s| s.id.eq_ignore_ascii_case(urn))
    }

    /// What a name leads to in resources of this type.
    pub fn resolve(&self, path: &AttrPath) -> Option<Resolved> {
        let extension = match &path.urn {
            None => None,
            Some(urn) if urn.eq_ignore_ascii_case(self.schema.id) => None,
            Some(urn) => match self.extension(urn) {
                Some(extension) => Some(extension),
                None => {
                    let whole = self.extension(&path.to_string())?;
                    return Some(Resolved::Extension(whole));
                }
            },
        };
        let attribute = match extension {
            Some(extension) => find(extension.attributes, &path.name)?,
            None => self.attribute(&path.name)?,
        };
        let sub = match &path.sub {
            Some(sub) => Some(attribute.sub(sub)?),
            None => None,
        };
        Some(Resolved::Attribute(Target {
            extension,
            attribute,
            sub,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(attributes: &'static [Attribute], visit: &mut impl FnMut(&'static Attribute, usize)) {
        fn inner(
            list: &'static [Attribute],
            depth: usize,
            visit: &mut impl FnMut(&'static Attribute, usize),
        ) {
            for attribute in list {
                visit(attribute, depth);
                inner(attribute.subs, depth + 1, visit);
            }
        }
        inner(attributes, 0, visit);
    }

    #[test]
    fn complex_attributes_have_sub_attributes_and_no_others_do() {
        for schema in [&USER, &GROUP, &ENTERPRISE_USER] {
            walk(schema.attributes, &mut |attribute, depth| {
                assert_eq!(
                    attribute.kind == Type::Complex,
                    !attribute.subs.is_empty(),
                    "{}",
                    attribute.name
                );
                assert!(
                    depth < 2,
                    "{}: complex sub-attributes (RFC 7643 §2.3.8)",
                    attribute.name
                );
                assert!(!attribute.description.is_empty(), "{}", attribute.name);
            });
        }
    }

    #[test]
    fn names_lead_to_core_common_and_extension_attributes() {
        let at = |text: &str| match USER_TYPE.resolve(&text.parse().unwrap()) {
            Some(Resolved::Attribute(t)) => {
                format!("{}/{}", t.extension.map_or("-", |s| s.name), t.last().name)
            }
            Some(Resolved::Extension(s)) => s.name.to_owned(),
            None => "nothing".to_owned(),
        };
        assert_eq!(at("USERNAME"), "-/userName");
        assert_eq!(at("name.GivenName"), "-/givenName");
        assert_eq!(at("externalid"), "-/externalId");
        assert_eq!(at("meta.created"), "-/created");
        assert_eq!(at(&format!("{USER_URN}:active")), "-/active");
        assert_eq!(
            at(&format!("{ENTERPRISE_URN}:manager.value")),
            "Enterprise User/value"
        );
        assert_eq!(
            at(&ENTERPRISE_URN.to_ascii_uppercase().replace("URN:", "urn:")),
            "Enterprise User"
        );
        assert_eq!(at("department"), "nothing");
        assert_eq!(at("name.nick"), "nothing");
        assert_eq!(at("urn:example:x:active"), "nothing");
    }

    #[test]
    fn characteristics_follow_the_standard() {
        let user_name = USER_TYPE.attribute("userName").unwrap();
        assert!(user_name.required && !user_name.case_exact);
        assert_eq!(user_name.uniqueness, Uniqueness::Server);
        assert!(USER_TYPE.attribute("id").unwrap().case_exact);
        assert!(USER_TYPE.attribute("externalId").unwrap().case_exact);
        assert_eq!(
            USER_TYPE.attribute("password").unwrap().returned,
            Returned::Never
        );
        assert_eq!(
            USER_TYPE.attribute("groups").unwrap().mutability,
            Mutability::ReadOnly
        );
        assert!(GROUP_TYPE.attribute("displayName").unwrap().required);
    }
}
