//! The store as bytes: what a write changed, and a store made anew of what was kept.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::local::Local;
use super::memory::Store;
use super::row::{Kind, Row, extensions_of, is_active, label_of};

use crate::scim::{Object, Value};
use crate::server::credential::Digest;
use crate::server::id::{Id, IdSource};
use crate::server::journal::{Counters, Kept, Notes, Touched};
use crate::server::members::Handles;
use crate::server::types::Types;

/// A row as it is kept.
#[derive(Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
enum Record {
    User(Resource),
    Group(Resource),
    Local {
        id: String,
        name: String,
        password: String,
        #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
        roles: BTreeSet<String>,
    },
}

#[derive(Serialize, Deserialize)]
struct Resource {
    id: String,
    /// The attributes that clients write, as JSON in a text: their order and their numbers stay as they came.
    text: String,
    created: Timestamp,
    modified: Timestamp,
    version: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<String>,
    /// Those that were granted in the product.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    roles: BTreeSet<String>,
}

impl Store {
    /// Notes from now on what is changed, for whoever keeps it.
    pub(in crate::server) fn note_changes(&mut self) {
        self.touched = Some(Touched::default());
        self.credentials.note_changes();
    }

    /// What was changed since the last call; nothing where nothing was, or where nobody keeps it.
    pub(in crate::server) fn changes(&mut self) -> Option<Notes> {
        let touched = std::mem::take(self.touched.as_mut()?);
        let credentials = self.credentials.changes();
        if touched == Touched::default() && credentials.is_empty() {
            return None;
        }
        let row = |handle: u32| (handle, self.record(handle));
        let member = |(group, member): (u32, u32)| {
            let row = self.row(Kind::Group, group);
            (
                group,
                member,
                row.is_some_and(|row| row.members.contains(&member)),
            )
        };
        Some(Notes {
            counters: Counters {
                next: self.next,
                version: self.version,
                ids: self.ids.drawn(),
                secrets: self.secrets.drawn(),
            },
            rows: touched.rows.into_iter().map(row).collect(),
            members: touched.members.into_iter().map(member).collect(),
            credentials,
            // Texts, numbers and truth values can always be written.
            decisions: (touched.decisions)
                .then(|| serde_json::to_vec(&self.decisions).unwrap_or_default()),
        })
    }

    fn record(&self, handle: u32) -> Option<Vec<u8>> {
        let roles = self.granted.get(&handle).cloned().unwrap_or_default();
        let record = match (self.any_row(handle), self.locals.get(&handle)) {
            (Some((Kind::User, row)), _) => Record::User(Resource::of(row, roles)),
            (Some((Kind::Group, row)), _) => Record::Group(Resource::of(row, roles)),
            (None, Some(local)) => Record::Local {
                id: local.id.to_string(),
                name: local.name.to_string(),
                password: hex(&local.password),
                roles,
            },
            (None, None) => return None,
        };
        // Texts, numbers and times can always be written.
        serde_json::to_vec(&record).ok()
    }

    /// The store that was kept.
    ///
    /// # Errors
    /// What was kept is no store; the text says what is wrong.
    pub(in crate::server) fn restore(
        ids: IdSource,
        types: Types,
        kept: Kept,
    ) -> Result<Self, String> {
        let mut store = Self::new(ids, types);
        store.next = kept.counters.next;
        store.version = kept.counters.version;
        store.ids.go_on_after(kept.counters.ids);
        store.secrets.go_on_after(kept.counters.secrets);
        for (handle, bytes) in kept.rows {
            let wrong = |why: &str| format!("record {handle}: {why}");
            let record = serde_json::from_slice(&bytes).map_err(|e| wrong(&e.to_string()))?;
            store.put(handle, record).map_err(wrong)?;
        }
        for (group, member) in kept.members {
            let wrong = || format!("member {member} of group {group}: there is no such record");
            let known = store.any_row(member).is_some();
            let row = store.groups.rows.get_mut(&group).filter(|_| known);
            row.ok_or_else(wrong)?.members.insert(member);
            for table in [&mut store.users, &mut store.groups] {
                if let Some(row) = table.rows.get_mut(&member) {
                    row.groups.insert(group);
                }
            }
        }
        if let Some(bytes) = kept.decisions {
            let wrong = |e: serde_json::Error| format!("what the product decided: {e}");
            store.decisions = serde_json::from_slice(&bytes).map_err(wrong)?;
        }
        for (digest, (owner, access)) in kept.credentials {
            store.credentials.restore(digest, owner, access);
        }
        Ok(store)
    }

    fn put(&mut self, handle: u32, record: Record) -> Result<(), &'static str> {
        let (kind, resource) = match record {
            Record::User(resource) => (Kind::User, resource),
            Record::Group(resource) => (Kind::Group, resource),
            Record::Local {
                id,
                name,
                password,
                roles,
            } => {
                let local = Local {
                    id: Id::parse(&id).ok_or(NO_ID)?,
                    name: name.into(),
                    password: unhex(&password).ok_or(NO_DIGEST)?,
                };
                self.locals.insert(handle, local);
                self.restore_roles(handle, roles);
                return Ok(());
            }
        };
        let (row, doc, roles) = resource.row(kind, self.types)?;
        self.restore_roles(handle, roles);
        self.by_id.insert(row.id, (kind, handle));
        let table = self.table_mut(kind);
        table.rows.insert(handle, row);
        table.index(kind, handle, &doc);
        Ok(())
    }

    fn restore_roles(&mut self, person: u32, roles: BTreeSet<String>) {
        if !roles.is_empty() {
            self.granted.insert(person, roles);
        }
    }
}

impl Resource {
    fn of(row: &Row, roles: BTreeSet<String>) -> Self {
        Self {
            id: row.id.to_string(),
            text: row.text.to_string(),
            created: row.created,
            modified: row.modified,
            version: row.version,
            password: row.password.as_deref().map(hex),
            roles,
        }
    }

    fn row(
        self,
        kind: Kind,
        types: Types,
    ) -> Result<(Row, Object, BTreeSet<String>), &'static str> {
        let Ok(Value::Object(doc)) = Value::parse(&format!("{{{}}}", self.text)) else {
            return Err("its text is not the inside of a JSON object");
        };
        let password = self.password.map(|text| unhex(&text).ok_or(NO_DIGEST));
        let row = Row {
            id: Id::parse(&self.id).ok_or(NO_ID)?,
            text: self.text.into(),
            extensions: extensions_of(types.of(kind), &doc),
            active: is_active(&doc),
            label: label_of(kind, &doc),
            created: self.created,
            modified: self.modified,
            version: self.version,
            groups: Handles::new(),
            members: Handles::new(),
            password: password.transpose()?,
        };
        Ok((row, doc, self.roles))
    }
}

const NO_ID: &str = "its id is none";
const NO_DIGEST: &str = "its password is no digest";

fn hex(digest: &Digest) -> String {
    data_encoding::HEXLOWER.encode(digest)
}

fn unhex(text: &str) -> Option<Box<Digest>> {
    let bytes = data_encoding::HEXLOWER.decode(text.as_bytes()).ok()?;
    Some(Box::new(bytes.try_into().ok()?))
}
