//! A tenant's types of resources: those of the standard, or what a file of schemas or a persona makes of them.

use super::choices::SchemaChoices;
use super::store::Kind;
use crate::scim::schema::{
    Attribute, GROUP_TYPE, ResourceType, Returned, Schema, USER_TYPE, Uniqueness,
};

/// The types of resources that a tenant serves. Copies share everything.
#[derive(Debug, Clone, Copy)]
pub struct Types {
    user: &'static ResourceType,
    group: &'static ResourceType,
}

impl Default for Types {
    fn default() -> Self {
        Self {
            user: &USER_TYPE,
            group: &GROUP_TYPE,
        }
    }
}

impl Types {
    pub(super) fn of(self, kind: Kind) -> &'static ResourceType {
        match kind {
            Kind::User => self.user,
            Kind::Group => self.group,
        }
    }

    /// The types with other extensions. A server reads its schemas once, so they live as long as the process.
    pub(super) fn extended(
        self,
        kind: Kind,
        extensions: Vec<Schema>,
        required: Vec<&'static str>,
    ) -> Self {
        let of = self.of(kind);
        let all = of.extensions.iter().copied().chain(extensions);
        let must = of.required_extensions.iter().copied().chain(required);
        self.with(
            kind,
            ResourceType {
                extensions: leaked(all.collect()),
                required_extensions: leaked(must.collect()),
                ..*of
            },
        )
    }

    /// The types as a persona has them: without some attributes, with others required or shown in another way.
    pub(super) fn chosen(self, choices: &SchemaChoices) -> Self {
        if *choices == SchemaChoices::default() {
            return self;
        }
        [Kind::User, Kind::Group]
            .into_iter()
            .fold(self, |types, kind| {
                let of = types.of(kind);
                let attributes = of.schema.attributes.iter();
                let attributes = attributes.filter_map(|a| changed(of.name, "", a, choices));
                let schema = Schema {
                    attributes: leaked(attributes.collect()),
                    ..*of.schema
                };
                types.with(
                    kind,
                    ResourceType {
                        schema: &leaked(vec![schema])[0],
                        ..*of
                    },
                )
            })
    }

    fn with(mut self, kind: Kind, of: ResourceType) -> Self {
        let of = &leaked(vec![of])[0];
        match kind {
            Kind::User => self.user = of,
            Kind::Group => self.group = of,
        }
        self
    }
}

/// The attribute as chosen, or nothing if the type does without it.
fn changed(
    of: &str,
    within: &str,
    attribute: &Attribute,
    choices: &SchemaChoices,
) -> Option<Attribute> {
    let name = format!("{of}.{within}{}", attribute.name);
    let is_in = |list: &[String]| list.contains(&name);
    if is_in(&choices.without) {
        return None;
    }
    let mut attribute = *attribute;
    if is_in(&choices.required) {
        attribute.required = true;
    }
    if is_in(&choices.on_request) {
        attribute.returned = Returned::Request;
    }
    if is_in(&choices.never_returned) {
        attribute.returned = Returned::Never;
    }
    if is_in(&choices.not_unique) {
        attribute.uniqueness = Uniqueness::None;
    }
    let within = format!("{}.", attribute.name);
    let subs = attribute.subs.iter();
    let subs: Vec<_> = subs
        .filter_map(|sub| changed(of, &within, sub, choices))
        .collect();
    attribute.subs = leaked(subs);
    Some(attribute)
}

/// What lives as long as the process.
pub(super) fn leaked<T>(list: Vec<T>) -> &'static [T] {
    Box::leak(list.into_boxed_slice())
}
