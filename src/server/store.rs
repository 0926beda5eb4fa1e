//! One tenant's resources: each as the text it was given, beside the indexes that find it.
//!
//! A tree of values takes ten times its text, so none is kept. Memberships are sets of handles at both ends and are
//! not part of any text: joining a group of 100,000 writes one entry into either set.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::credential::Credentials;
use super::id::{Id, IdSource};
use super::members::{Handles, MemberEdit};
use crate::scim::schema::{GROUP_TYPE, ResourceType, Schema, USER_TYPE};
use crate::scim::{Object, Value};

/// Users or groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
}

impl Kind {
    pub(super) fn resource_type(self) -> &'static ResourceType {
        match self {
            Self::User => &USER_TYPE,
            Self::Group => &GROUP_TYPE,
        }
    }

    /// The attribute that no two resources of the kind share.
    pub(super) fn name_attribute(self) -> &'static str {
        match self {
            Self::User => "userName",
            Self::Group => "displayName",
        }
    }

    /// The word for people.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
        }
    }
}

/// One resource.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) id: Id,
    /// The attributes that clients write, as the inside of a JSON object: no braces, no `schemas`, `id`, `members`.
    text: Box<str>,
    /// Which of the type's extensions it uses, one bit each.
    extensions: u8,
    /// False where `active` is false.
    pub(super) active: bool,
    /// What members lists call it.
    pub(super) label: Box<str>,
    pub(super) created: Timestamp,
    pub(super) modified: Timestamp,
    pub(super) version: u64,
    /// The groups that it is a member of.
    pub(super) groups: Handles,
    /// The members that it has; users have none.
    pub(super) members: Handles,
    /// SHA-256 of the password, if one was ever given.
    password: Option<Box<[u8; 32]>>,
}

/// What a write leaves: the attributes, the members, a new password.
#[derive(Debug, Clone, Default)]
pub(super) struct Draft {
    /// The attributes that clients write, in canonical spelling.
    pub(super) doc: Object,
    /// What happens to the members.
    pub(super) members: MemberEdit,
    /// A new password.
    pub(super) password: Option<String>,
    /// The resource gets another id. No server should do that.
    pub(super) renew_id: bool,
    /// A deactivation leaves sessions and tokens as they are. No server should do that.
    pub(super) keep_credentials: bool,
}

#[derive(Debug, Default)]
struct Table {
    rows: BTreeMap<u32, Row>,
    /// By folded name. A set of pairs, because a faulty tenant may hold a name twice.
    names: BTreeSet<(Box<str>, u32)>,
    external_ids: BTreeSet<(Box<str>, u32)>,
}

/// One tenant's resources.
#[derive(Debug)]
pub(super) struct Store {
    ids: IdSource,
    next: u32,
    version: u64,
    users: Table,
    groups: Table,
    by_id: HashMap<Id, (Kind, u32)>,
    /// Sessions and tokens of the product's users.
    pub(super) credentials: Credentials,
    secrets: IdSource,
}

/// Text as it is compared where case does not count.
pub(super) fn fold(text: &str) -> String {
    text.to_lowercase()
}

impl Row {
    /// The attributes as they are written between the braces.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The attributes that clients write.
    pub(super) fn doc(&self) -> Object {
        match Value::parse(&format!("{{{}}}", self.text)) {
            Ok(Value::Object(doc)) => doc,
            _ => unreachable!("the text was written from an object"),
        }
    }

    /// The extensions of its type that it uses.
    pub(super) fn extensions(&self, kind: Kind) -> impl Iterator<Item = &'static Schema> {
        let used = self.extensions;
        let all = kind.resource_type().extensions.iter();
        (0..)
            .zip(all)
            .filter(move |(bit, _)| used >> bit & 1 == 1)
            .map(|(_, schema)| schema)
    }

    /// The entity tag (RFC 7644 §3.14).
    pub(super) fn etag(&self) -> String {
        format!("W/\"{}\"", self.version)
    }
}

impl Table {
    fn index(&mut self, kind: Kind, handle: u32, doc: &Object) {
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

    fn unindex(&mut self, kind: Kind, handle: u32, doc: &Object) {
        if let Some(name) = doc.get(kind.name_attribute()).and_then(Value::as_str) {
            self.names.remove(&(fold(name).into(), handle));
        }
        if let Some(external) = doc.get("externalId").and_then(Value::as_str) {
            self.external_ids.remove(&(external.into(), handle));
        }
    }
}

/// The handles under one key.
fn under<'a>(set: &'a BTreeSet<(Box<str>, u32)>, key: &str) -> impl Iterator<Item = u32> + use<'a> {
    let (low, high) = ((key.into(), 0), (key.into(), u32::MAX));
    set.range(low..=high).map(|(_, handle)| *handle)
}

impl Store {
    pub(super) fn new(ids: IdSource) -> Self {
        Self {
            secrets: ids.of("sessions and tokens"),
            credentials: Credentials::default(),
            ids,
            next: 0,
            version: 0,
            users: Table::default(),
            groups: Table::default(),
            by_id: HashMap::new(),
        }
    }

    fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::User => &self.users,
            Kind::Group => &self.groups,
        }
    }

    fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::User => &mut self.users,
            Kind::Group => &mut self.groups,
        }
    }

    pub(super) fn len(&self, kind: Kind) -> usize {
        self.table(kind).rows.len()
    }

    /// All of one kind, in the order in which they were created.
    pub(super) fn rows(&self, kind: Kind) -> impl Iterator<Item = (u32, &Row)> {
        self.table(kind).rows.iter().map(|(h, row)| (*h, row))
    }

    pub(super) fn row(&self, kind: Kind, handle: u32) -> Option<&Row> {
        self.table(kind).rows.get(&handle)
    }

    /// The user or group behind a handle.
    pub(super) fn any_row(&self, handle: u32) -> Option<(Kind, &Row)> {
        [Kind::User, Kind::Group]
            .into_iter()
            .find_map(|kind| Some((kind, self.row(kind, handle)?)))
    }

    /// The resource of that id, if it is of that kind.
    pub(super) fn find(&self, kind: Kind, id: &str) -> Option<(u32, &Row)> {
        let (found, handle) = self.find_any(id)?;
        let row = self.row(kind, handle)?;
        (found == kind).then_some((handle, row))
    }

    /// The resource of that id.
    pub(super) fn find_any(&self, id: &str) -> Option<(Kind, u32)> {
        self.by_id.get(&Id::parse(id)?).copied()
    }

    /// Those whose userName or displayName is the same without case.
    pub(super) fn named(&self, kind: Kind, name: &str) -> impl Iterator<Item = u32> {
        under(&self.table(kind).names, &fold(name))
    }

    pub(super) fn with_external_id(&self, kind: Kind, id: &str) -> impl Iterator<Item = u32> {
        under(&self.table(kind).external_ids, id)
    }

    /// Stores a new resource.
    pub(super) fn create(&mut self, kind: Kind, draft: Draft, now: Timestamp) -> u32 {
        let handle = self.next;
        self.next += 1;
        self.version += 1;
        let row = Row {
            id: self.ids.draw(),
            text: text_of(&draft.doc),
            extensions: extensions_of(kind, &draft.doc),
            active: is_active(&draft.doc),
            label: label_of(kind, &draft.doc),
            created: now,
            modified: now,
            version: self.version,
            groups: Handles::new(),
            members: Handles::new(),
            password: draft.password.as_deref().map(digest),
        };
        self.by_id.insert(row.id, (kind, handle));
        let table = self.table_mut(kind);
        table.rows.insert(handle, row);
        table.index(kind, handle, &draft.doc);
        self.change_members(handle, draft.members);
        handle
    }

    /// Puts a draft in the place of a resource. What does not change anything moves no timestamp (RFC 7644 §3.5.2.1).
    pub(super) fn update(&mut self, kind: Kind, handle: u32, draft: Draft, now: Timestamp) {
        let Some(row) = self.row(kind, handle) else {
            return;
        };
        let before = row.doc();
        let password = draft.password.as_deref().map(digest);
        let same_text = same_members(&before, &draft.doc);
        let same_password = password.is_none() || password == row.password;
        if same_text && same_password && !draft.renew_id && draft.members.is_noop(&row.members) {
            return;
        }
        if draft.renew_id {
            self.renew_id(kind, handle);
        }
        self.version += 1;
        let version = self.version;
        let table = self.table_mut(kind);
        if !same_text {
            table.unindex(kind, handle, &before);
            table.index(kind, handle, &draft.doc);
        }
        if let Some(row) = table.rows.get_mut(&handle) {
            row.version = version;
            row.modified = now;
            if !same_text {
                row.text = text_of(&draft.doc);
                row.extensions = extensions_of(kind, &draft.doc);
                row.active = is_active(&draft.doc);
                row.label = label_of(kind, &draft.doc);
            }
            if password.is_some() {
                row.password = password;
            }
        }
        self.change_members(handle, draft.members);
        let active = self.row(kind, handle).is_some_and(|row| row.active);
        if kind == Kind::User && !active && !draft.keep_credentials {
            // Whoever is deactivated is out at once, and stays out of what was opened before.
            self.credentials.end_all(handle);
        }
    }

    /// A text that nobody can guess, for a session or a token.
    pub(super) fn draw_secret(&mut self) -> String {
        format!("{}.{}", self.secrets.draw(), self.secrets.draw())
    }

    /// Takes a resource out, with every membership that leads to it or from it.
    pub(super) fn delete(&mut self, kind: Kind, handle: u32) {
        let table = self.table_mut(kind);
        let Some(row) = table.rows.remove(&handle) else {
            return;
        };
        table.unindex(kind, handle, &row.doc());
        self.by_id.remove(&row.id);
        self.credentials.end_all(handle);
        for group in row.groups {
            if let Some(group) = self.groups.rows.get_mut(&group) {
                group.members.remove(&handle);
            }
        }
        for member in row.members {
            self.leave(handle, member);
        }
    }

    fn renew_id(&mut self, kind: Kind, handle: u32) {
        let id = self.ids.draw();
        if let Some(row) = self.table_mut(kind).rows.get_mut(&handle) {
            let old = std::mem::replace(&mut row.id, id);
            self.by_id.remove(&old);
            self.by_id.insert(id, (kind, handle));
        }
    }

    fn change_members(&mut self, group: u32, edit: MemberEdit) {
        let Some(row) = self.groups.rows.get_mut(&group) else {
            return;
        };
        let (come, gone) = edit.resolve(&row.members);
        for member in &gone {
            row.members.remove(member);
        }
        row.members.extend(&come);
        for member in gone {
            self.leave(group, member);
        }
        for member in come {
            for table in [&mut self.users, &mut self.groups] {
                if let Some(row) = table.rows.get_mut(&member) {
                    row.groups.insert(group);
                }
            }
        }
    }

    fn leave(&mut self, group: u32, member: u32) {
        for table in [&mut self.users, &mut self.groups] {
            if let Some(row) = table.rows.get_mut(&member) {
                row.groups.remove(&group);
            }
        }
    }
}

/// The members of an object without its braces.
fn text_of(doc: &Object) -> Box<str> {
    let text = Value::from(doc.clone()).to_string();
    text[1..text.len() - 1].into()
}

fn is_active(doc: &Object) -> bool {
    doc.get("active").and_then(Value::as_bool) != Some(false)
}

fn extensions_of(kind: Kind, doc: &Object) -> u8 {
    let all = kind.resource_type().extensions.iter();
    (0_u8..8)
        .zip(all)
        .filter(|(_, schema)| doc.contains(schema.id))
        .fold(0, |bits, (bit, _)| bits | 1 << bit)
}

/// What others call the resource: displayName, else userName.
fn label_of(kind: Kind, doc: &Object) -> Box<str> {
    let name = ["displayName", kind.name_attribute()]
        .into_iter()
        .filter_map(|name| doc.get(name)?.as_str())
        .find(|text| !text.is_empty());
    name.unwrap_or_default().into()
}

fn digest(password: &str) -> Box<[u8; 32]> {
    use sha2::{Digest, Sha256};
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&Sha256::digest(password));
    Box::new(bytes)
}

/// Whether two objects say the same: the order of members does not count, that of elements does.
pub(super) fn same_members(a: &Object, b: &Object) -> bool {
    a.len() == b.len()
        && a.iter()
            .all(|(name, value)| b.get(name).is_some_and(|other| same(value, other)))
}

fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Object(a), Value::Object(b)) => same_members(a, b),
        (Value::Array(a), Value::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b))
        }
        _ => a == b,
    }
}
