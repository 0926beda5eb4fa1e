//! Sorting (RFC 7644 §3.4.2.3): by the type of the attribute, texts by its `caseExact`, lists by their primary value.

use std::cmp::Ordering;

use jiff::Timestamp;

use super::matching::{number_order, read_time};
use super::reading::is_primary;
use super::render::Parts;
use super::reply::Failure;
use super::search::Search;
use super::store::{Kind, Store, fold};
use crate::scim::schema::{Mutability, Resolved, ResourceType, Target, Type};
use crate::scim::{AttrPath, Number, Object, Value};

impl Search<'_> {
    /// Sorts by an attribute: what has no value comes last, or first if descending.
    pub(super) fn sort(
        &self,
        store: &Store,
        found: &mut [(Kind, u32)],
        path: &str,
        order: Option<&str>,
    ) -> Result<(), Failure> {
        let wrong = || Failure::value(format!("cannot sort by `{path}`"));
        let path: AttrPath = path.parse().map_err(|_| wrong())?;
        let target = |kind: Kind| sortable(&path, self.handler.tenant.types.of(kind));
        if !self.kinds().iter().any(|kind| target(*kind).is_some()) {
            return Err(wrong());
        }
        let descending = match order.map(str::to_ascii_lowercase).as_deref() {
            None | Some("ascending") => false,
            Some("descending") => true,
            Some(_) => {
                return Err(Failure::value("`sortOrder` is ascending or descending"));
            }
        };
        self.check_scan(found.len())?;
        let renderer = self.handler.renderer(store);
        let key = |kind: Kind, handle: u32| {
            let resource = renderer.object(kind, store.row(kind, handle)?, Parts::ALL);
            Key::of(&resource, &target(kind)?)
        };
        let mut keyed: Vec<_> = found
            .iter()
            .map(|(kind, handle)| (key(*kind, *handle), (*kind, *handle)))
            .collect();
        keyed.sort_by(|(a, _), (b, _)| {
            let order = match (a, b) {
                (Some(a), Some(b)) => a.compare(b),
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
            };
            if descending { order.reverse() } else { order }
        });
        for (place, (_, item)) in found.iter_mut().zip(keyed) {
            *place = item;
        }
        Ok(())
    }
}

/// What a name leads to, if resources of the type have an order by it: a complex attribute has one only by its
/// `value`, and what is never shown must not show in the order either.
fn sortable(path: &AttrPath, kind: &ResourceType) -> Option<Target> {
    let Some(Resolved::Attribute(mut target)) = kind.resolve(path) else {
        return None;
    };
    if target.sub.is_none() && target.attribute.kind == Type::Complex {
        target.sub = Some(target.attribute.default_sub()?);
    }
    let hidden = [target.attribute, target.last()];
    let hidden = hidden.iter().any(|a| a.mutability == Mutability::WriteOnly);
    (!hidden).then_some(target)
}

/// What a resource is sorted by.
enum Key {
    Text(String),
    Flag(bool),
    Time(Timestamp),
    Number(Number),
}

impl Key {
    fn of(resource: &Object, target: &Target) -> Option<Self> {
        let holder = match target.extension {
            Some(schema) => resource.get(schema.id)?.as_object()?,
            None => resource,
        };
        let mut value = holder.get(target.attribute.name)?;
        if let Value::Array(items) = value {
            let primary = items.iter().find(|item| is_primary(item));
            value = primary.or(items.first())?;
        }
        let attribute = target.last();
        if target.sub.is_some() {
            value = value.get(attribute.name)?;
        }
        match (attribute.kind, value) {
            (Type::DateTime, Value::String(text)) => read_time(text).map(Self::Time),
            (_, Value::String(text)) if attribute.case_exact => Some(Self::Text(text.clone())),
            (_, Value::String(text)) => Some(Self::Text(fold(text))),
            (_, Value::Bool(flag)) => Some(Self::Flag(*flag)),
            (_, Value::Number(number)) => Some(Self::Number(number.clone())),
            _ => None,
        }
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Flag(a), Self::Flag(b)) => a.cmp(b),
            (Self::Time(a), Self::Time(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => number_order(a, b).unwrap_or(Ordering::Equal),
            _ => Ordering::Equal,
        }
    }
}
