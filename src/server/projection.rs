//! `attributes` and `excludedAttributes` (RFC 7644 §3.9): which parts of a resource are shown.

use super::render::Parts;
use crate::scim::message::Query;
use crate::scim::schema::{Attribute, Resolved, ResourceType, Returned, Schema, Target};
use crate::scim::{AttrPath, Object, PatchPath, Value};

/// What the client asked to see.
#[derive(Debug, Clone)]
pub(super) enum Projection {
    /// All that is returned by default.
    Whole,
    /// These alone, and what is always returned.
    Only(Vec<Named>),
    /// All but these.
    Without(Vec<Named>),
}

/// A name that the type knows.
#[derive(Debug, Clone, Copy)]
pub(super) struct Named(Resolved);

impl Projection {
    /// Reads the names; unknown ones are left aside. Where both lists are given, `attributes` decides.
    pub(super) fn read(query: &Query, kind: &ResourceType) -> Self {
        let named = |names: &[String]| -> Vec<Named> {
            let found = names.iter().filter_map(|name| {
                let path: PatchPath = name.parse().ok()?;
                kind.resolve(&path.attr).map(Named)
            });
            found.collect()
        };
        if !query.attributes.is_empty() {
            let always = all(kind).filter(|t| t.attribute.returned == Returned::Always);
            let mut names = named(&query.attributes);
            names.extend(always.map(|target| Named(Resolved::Attribute(target))));
            Self::Only(names)
        } else if !query.excluded_attributes.is_empty() {
            let mut names = named(&query.excluded_attributes);
            names.retain(
                |n| !matches!(n.0, Resolved::Attribute(t) if t.last().returned == Returned::Always),
            );
            Self::Without(names)
        } else {
            Self::Whole
        }
    }

    /// The costly parts that will be shown.
    pub(super) fn parts(&self, kind: &ResourceType) -> Parts {
        let shows = |name: &str| {
            let path = AttrPath::simple(name);
            let Some(Resolved::Attribute(target)) = kind.resolve(&path) else {
                return false;
            };
            match (self, target.attribute.returned) {
                (_, Returned::Never) => false,
                (Self::Only(names), _) => names.iter().any(|n| n.concerns(&target)),
                (_, Returned::Request) => false,
                (Self::Whole, _) => true,
                (Self::Without(names), _) => !names.iter().any(|n| n.is(&target)),
            }
        };
        let asks = |n: &Named| matches!(n.0, Resolved::Attribute(t) if t.attribute.name == "members" && t.sub.is_some_and(|s| s.name == "display"));
        Parts {
            members: shows("members"),
            groups: shows("groups"),
            names: matches!(self, Self::Only(names) if names.iter().any(asks)),
        }
    }

    /// Takes out what is not to be shown. `id` and `schemas` always stay.
    pub(super) fn apply(&self, resource: Object, kind: &ResourceType) -> Object {
        let mut shown = match self {
            Self::Whole => resource,
            Self::Only(names) => only(&resource, names, kind),
            Self::Without(names) => without(resource, names),
        };
        for target in all(kind).filter(|target| conceals_attribute(target.attribute)) {
            let holder = match target.extension {
                None => Some(&mut shown),
                Some(schema) => shown.get_mut(schema.id).and_then(Value::as_object_mut),
            };
            if let Some(holder) = holder {
                self.conceal(holder, &target);
            }
        }
        shown
    }

    /// Takes out what is never shown, and what is shown on request unless it is asked for (RFC 7643 §7).
    fn conceal(&self, holder: &mut Object, target: &Target) {
        let asked = |sub: Option<&Attribute>| {
            let Self::Only(names) = self else {
                return false;
            };
            names.iter().any(|n| match sub {
                None => n.concerns(target),
                Some(sub) => {
                    n.concerns(target)
                        && matches!(&n.0, Resolved::Attribute(t)
                            if t.sub.is_some_and(|s| s.name == sub.name))
                }
            })
        };
        let attribute = target.attribute;
        match attribute.returned {
            Returned::Never => {
                holder.remove(attribute.name);
            }
            Returned::Request if !asked(None) => {
                holder.remove(attribute.name);
            }
            _ => {
                for sub in attribute.subs {
                    let hidden = match sub.returned {
                        Returned::Never => true,
                        Returned::Request => !asked(Some(sub)),
                        _ => false,
                    };
                    if let Some(value) = holder.get_mut(attribute.name).filter(|_| hidden) {
                        drop_member(value, sub.name);
                    }
                }
            }
        }
    }
}

/// Whether resources of a type hold something that is not shown by default. The renderer itself sees to `members` and
/// `groups`, and never has a password.
pub(super) fn conceals(kind: &ResourceType) -> bool {
    let rendered = |name: &str| matches!(name, "members" | "groups" | "password");
    all(kind).any(|t| !rendered(t.attribute.name) && conceals_attribute(t.attribute))
}

fn conceals_attribute(attribute: &Attribute) -> bool {
    let hidden = |a: &Attribute| matches!(a.returned, Returned::Never | Returned::Request);
    hidden(attribute) || attribute.subs.iter().any(hidden)
}

/// All attributes of a type and of its extensions.
fn all(kind: &ResourceType) -> impl Iterator<Item = Target> {
    let of = |extension: Option<&'static Schema>, attributes: &'static [Attribute]| {
        attributes.iter().map(move |attribute| Target {
            extension,
            attribute,
            sub: None,
        })
    };
    let extensions = kind.extensions.iter();
    let extensions = extensions.flat_map(move |s| of(Some(s), s.attributes));
    of(None, kind.schema.attributes).chain(extensions)
}

impl Named {
    /// Whether this names the attribute, or a part of it.
    fn concerns(&self, target: &Target) -> bool {
        matches!(&self.0, Resolved::Attribute(t)
            if t.extension.map(|s| s.id) == target.extension.map(|s| s.id)
                && t.attribute.name == target.attribute.name)
    }

    /// Whether this names exactly the attribute.
    fn is(&self, target: &Target) -> bool {
        self.concerns(target) && matches!(&self.0, Resolved::Attribute(t) if t.sub.is_none())
    }
}

fn only(resource: &Object, names: &[Named], kind: &ResourceType) -> Object {
    let mut shown = Object::new();
    for (name, value) in resource.iter() {
        if matches!(name, "schemas" | "id") {
            shown.push(name, value.clone());
            continue;
        }
        let extension = kind.extension(name).map(|s| s.id);
        let wanted: Vec<&Resolved> = names
            .iter()
            .map(|n| &n.0)
            .filter(|n| match n {
                Resolved::Extension(schema) => extension == Some(schema.id),
                Resolved::Attribute(t) => match t.extension {
                    Some(schema) => extension == Some(schema.id),
                    None => extension.is_none() && t.attribute.name == name,
                },
            })
            .collect();
        if wanted.is_empty() {
            continue;
        }
        let whole = wanted.iter().any(|n| match n {
            Resolved::Extension(_) => true,
            Resolved::Attribute(t) => t.extension.is_none() && t.sub.is_none(),
        });
        if whole {
            shown.push(name, value.clone());
            continue;
        }
        // Pairs of names still to be looked at below this member: an attribute and perhaps its sub-attribute.
        let paths = wanted.iter().filter_map(|n| match n {
            Resolved::Attribute(t) if extension.is_some() => {
                Some((t.attribute.name, t.sub.map(|s| s.name)))
            }
            Resolved::Attribute(t) => Some((t.sub?.name, None)),
            Resolved::Extension(_) => None,
        });
        if let Some(part) = pick(value, &paths.collect::<Vec<_>>()) {
            shown.push(name, part);
        }
    }
    shown
}

/// The named members of an object, or of every object of a list.
fn pick(value: &Value, paths: &[(&str, Option<&str>)]) -> Option<Value> {
    match value {
        Value::Object(object) => {
            let mut picked = Object::new();
            for (name, inner) in object.iter() {
                let here: Vec<_> = paths.iter().filter(|(first, _)| *first == name).collect();
                let part = if here.iter().any(|(_, rest)| rest.is_none()) {
                    Some(inner.clone())
                } else {
                    let rest: Vec<_> = here
                        .iter()
                        .filter_map(|(_, rest)| rest.map(|r| (r, None)))
                        .collect();
                    (!rest.is_empty()).then(|| pick(inner, &rest)).flatten()
                };
                if let Some(part) = part {
                    picked.push(name, part);
                }
            }
            (!picked.is_empty()).then(|| picked.into())
        }
        Value::Array(items) => {
            let items: Vec<Value> = items.iter().filter_map(|item| pick(item, paths)).collect();
            (!items.is_empty()).then_some(Value::Array(items))
        }
        _ => None,
    }
}

fn without(mut resource: Object, names: &[Named]) -> Object {
    for named in names {
        match named.0 {
            Resolved::Extension(schema) => {
                resource.remove(schema.id);
            }
            Resolved::Attribute(t) if t.attribute.name == "id" => {}
            Resolved::Attribute(t) => {
                let holder = match t.extension {
                    None => Some(&mut resource),
                    Some(schema) => resource.get_mut(schema.id).and_then(Value::as_object_mut),
                };
                let Some(holder) = holder else { continue };
                match t.sub {
                    None => {
                        holder.remove(t.attribute.name);
                    }
                    Some(sub) => {
                        if let Some(value) = holder.get_mut(t.attribute.name) {
                            drop_member(value, sub.name);
                        }
                    }
                }
            }
        }
    }
    resource
}

fn drop_member(value: &mut Value, name: &str) {
    match value {
        Value::Object(object) => {
            object.remove(name);
        }
        Value::Array(items) => items.iter_mut().for_each(|item| drop_member(item, name)),
        _ => {}
    }
}
