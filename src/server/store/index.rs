//! The indexes of one kind of resource: by handle, by name, by externalId.

use std::collections::{BTreeMap, BTreeSet};

use super::row::{Kind, Row};
use crate::scim::{Object, Value};

/// All resources of one kind.
#[derive(Debug, Default)]
pub(super) struct Table {
    pub(super) rows: BTreeMap<u32, Row>,
    /// By folded name. A set of pairs, because a faulty tenant may hold a name twice.
    pub(super) names: BTreeSet<(Box<str>, u32)>,
    pub(super) external_ids: BTreeSet<(Box<str>, u32)>,
}

/// Text as it is compared where case does not count.
pub(in crate::server) fn fold(text: &str) -> String {
    text.to_lowercase()
}

impl Table {
    pub(super) fn index(&mut self, kind: Kind, handle: u32, doc: &Object) {
        for (attribute, set) in [
            (kind.name_attribute(), &mut self.names),
            ("externalId", &mut self.external_ids),
        ] {
            if let Some(text) = doc.get(attribute).and_then(Value::as_str) {
                let key = match attribute {
                    "externalId" => text.to_owned(),
                    _ => fold(text),
                };
                set.insert((key.into(), handle));
            }
        }
    }

    pub(super) fn unindex(&mut self, kind: Kind, handle: u32, doc: &Object) {
        if let Some(name) = doc.get(kind.name_attribute()).and_then(Value::as_str) {
            self.names.remove(&(fold(name).into(), handle));
        }
        if let Some(external) = doc.get("externalId").and_then(Value::as_str) {
            self.external_ids.remove(&(external.into(), handle));
        }
    }
}

/// The handles under one key.
pub(super) fn under<'a>(
    set: &'a BTreeSet<(Box<str>, u32)>,
    key: &str,
) -> impl Iterator<Item = u32> + use<'a> {
    let (low, high) = ((key.into(), 0), (key.into(), u32::MAX));
    set.range(low..=high).map(|(_, handle)| *handle)
}
