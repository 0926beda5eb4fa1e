//! The indexes of one kind of resource: by handle, by name, by externalId.

use std::collections::{BTreeMap, HashMap};

use super::row::{Kind, Row};
use crate::scim::{Object, Value};
use crate::server::members::Handles;

/// The handles under each key, nearly always one; a faulty tenant may hold a name twice. Hashed, because a tree of a
/// million texts takes twenty steps through memory that no cache holds. Nothing goes through it in its order.
pub(super) type Index = HashMap<Box<str>, Handles>;

/// All resources of one kind.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: BTreeMap<u32, Row>,
    /// By folded name.
    pub(super) names: Index,
    pub(super) external_ids: Index,
}

/// Text as it is compared where case does not count.
pub(in crate::server) fn fold(text: &str) -> String {
    text.to_lowercase()
}

impl Table {
    pub(super) fn index(&mut self, kind: Kind, handle: u32, doc: &Object) {
        for (attribute, index) in [
            (kind.name_attribute(), &mut self.names),
            ("externalId", &mut self.external_ids),
        ] {
            if let Some(text) = doc.get(attribute).and_then(Value::as_str) {
                let key = match attribute {
                    "externalId" => text.to_owned(),
                    _ => fold(text),
                };
                index.entry(key.into()).or_default().insert(handle);
            }
        }
    }

    pub(super) fn unindex(&mut self, kind: Kind, handle: u32, doc: &Object) {
        if let Some(name) = doc.get(kind.name_attribute()).and_then(Value::as_str) {
            take_out(&mut self.names, &fold(name), handle);
        }
        if let Some(external) = doc.get("externalId").and_then(Value::as_str) {
            take_out(&mut self.external_ids, external, handle);
        }
    }
}

/// The handles under one key, the oldest first.
pub(super) fn under<'a>(index: &'a Index, key: &str) -> impl Iterator<Item = u32> + use<'a> {
    index.get(key).into_iter().flatten().copied()
}

fn take_out(index: &mut Index, key: &str, handle: u32) {
    if let Some(handles) = index.get_mut(key) {
        handles.remove(&handle);
        if handles.is_empty() {
            index.remove(key);
        }
    }
}
