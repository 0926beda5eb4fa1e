//! The store itself: reads, and writes that keep both ends of every membership and all indexes in step.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::Timestamp;

use super::index::{Table, fold, under};
use super::local::Local;
use super::product::Decisions;
use super::row::{Draft, Kind, Row, extensions_of, is_active, label_of, same_members, text_of};
use crate::server::credential::{Credentials, digest};
use crate::server::id::{Id, IdSource};
use crate::server::journal::Touched;
use crate::server::members::{Handles, MemberEdit};
use crate::server::types::Types;

/// One tenant's resources.
#[derive(Debug)]
pub(in crate::server) struct Store {
    pub(super) types: Types,
    pub(super) ids: IdSource,
    pub(super) next: u32,
    pub(super) version: u64,
    pub(super) users: Table,
    pub(super) groups: Table,
    pub(super) by_id: HashMap<Id, (Kind, u32)>,
    /// The product's own people.
    pub(super) locals: BTreeMap<u32, Local>,
    /// The roles that people were granted in the product.
    pub(super) granted: BTreeMap<u32, BTreeSet<String>>,
    pub(super) decisions: Decisions,
    /// Sessions and tokens of the product's users.
    pub(in crate::server) credentials: Credentials,
    pub(super) secrets: IdSource,
    /// What was touched since somebody last asked, where somebody does.
    pub(super) touched: Option<Touched>,
}

impl Store {
    pub(in crate::server) fn new(ids: IdSource, types: Types) -> Self {
        Self {
            types,
            secrets: ids.of("sessions and tokens"),
            credentials: Credentials::default(),
            ids,
            next: 0,
            version: 0,
            users: Table::default(),
            groups: Table::default(),
            by_id: HashMap::new(),
            locals: BTreeMap::new(),
            granted: BTreeMap::new(),
            decisions: Decisions::default(),
            touched: None,
        }
    }

    /// Notes that a row is not what it was.
    pub(super) fn touch(&mut self, handle: u32) {
        if let Some(touched) = &mut self.touched {
            touched.rows.insert(handle);
        }
    }

    fn touch_member(&mut self, group: u32, member: u32) {
        if let Some(touched) = &mut self.touched {
            touched.members.insert((group, member));
        }
    }

    pub(super) fn table(&self, kind: Kind) -> &Table {
        match kind {
            Kind::User => &self.users,
            Kind::Group => &self.groups,
        }
    }

    pub(super) fn table_mut(&mut self, kind: Kind) -> &mut Table {
        match kind {
            Kind::User => &mut self.users,
            Kind::Group => &mut self.groups,
        }
    }

    pub(in crate::server) fn len(&self, kind: Kind) -> usize {
        self.table(kind).rows.len()
    }

    /// All of one kind, in the order in which they were created.
    pub(in crate::server) fn rows(&self, kind: Kind) -> impl Iterator<Item = (u32, &Row)> {
        self.table(kind).rows.iter().map(|(h, row)| (*h, row))
    }

    pub(in crate::server) fn row(&self, kind: Kind, handle: u32) -> Option<&Row> {
        self.table(kind).rows.get(&handle)
    }

    /// The user or group behind a handle.
    pub(in crate::server) fn any_row(&self, handle: u32) -> Option<(Kind, &Row)> {
        [Kind::User, Kind::Group]
            .into_iter()
            .find_map(|kind| Some((kind, self.row(kind, handle)?)))
    }

    /// The resource of that id, if it is of that kind.
    pub(in crate::server) fn find(&self, kind: Kind, id: &str) -> Option<(u32, &Row)> {
        let (found, handle) = self.find_any(id)?;
        let row = self.row(kind, handle)?;
        (found == kind).then_some((handle, row))
    }

    /// The resource of that id.
    pub(in crate::server) fn find_any(&self, id: &str) -> Option<(Kind, u32)> {
        self.by_id.get(&Id::parse(id)?).copied()
    }

    /// Those whose userName or displayName is the same without case.
    pub(in crate::server) fn named(&self, kind: Kind, name: &str) -> impl Iterator<Item = u32> {
        under(&self.table(kind).names, &fold(name))
    }

    pub(in crate::server) fn with_external_id(
        &self,
        kind: Kind,
        id: &str,
    ) -> impl Iterator<Item = u32> {
        under(&self.table(kind).external_ids, id)
    }

    /// Stores a new resource.
    pub(in crate::server) fn create(&mut self, kind: Kind, draft: Draft, now: Timestamp) -> u32 {
        let handle = self.next;
        self.next += 1;
        self.version += 1;
        let row = Row {
            id: self.ids.draw(),
            text: text_of(&draft.doc),
            extensions: extensions_of(self.types.of(kind), &draft.doc),
            active: is_active(&draft.doc),
            label: label_of(kind, &draft.doc),
            created: now,
            modified: now,
            version: self.version,
            groups: Handles::new(),
            members: Handles::new(),
            password: draft.password.as_deref().map(|p| password(handle, p)),
        };
        self.by_id.insert(row.id, (kind, handle));
        let table = self.table_mut(kind);
        table.rows.insert(handle, row);
        table.index(kind, handle, &draft.doc);
        self.touch(handle);
        self.forget(handle, &draft.doc, draft.forgets);
        self.change_members(handle, draft.members);
        handle
    }

    /// Puts a draft in the place of a resource. What does not change anything moves no timestamp (RFC 7644 §3.5.2.1).
    pub(in crate::server) fn update(
        &mut self,
        kind: Kind,
        handle: u32,
        draft: Draft,
        now: Timestamp,
    ) {
        self.forget(handle, &draft.doc, draft.forgets);
        let Some(row) = self.row(kind, handle) else {
            return;
        };
        let before = row.doc();
        let password = draft.password.as_deref().map(|p| password(handle, p));
        let same_text = same_members(&before, &draft.doc);
        let same_password = password.is_none() || password == row.password;
        if same_text && same_password && !draft.renew_id && draft.members.is_noop(&row.members) {
            return;
        }
        if draft.renew_id {
            self.renew_id(kind, handle);
        }
        self.version += 1;
        let (version, types) = (self.version, self.types);
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
                row.extensions = extensions_of(types.of(kind), &draft.doc);
                row.active = is_active(&draft.doc);
                row.label = label_of(kind, &draft.doc);
            }
            if password.is_some() {
                row.password = password;
            }
        }
        self.touch(handle);
        if kind == Kind::User {
            self.carry_ban(&before, &draft.doc);
        }
        self.change_members(handle, draft.members);
        let active = self.row(kind, handle).is_some_and(|row| row.active);
        if kind == Kind::User && !active {
            // Whoever is deactivated is out at once, and stays out of what was opened before.
            self.credentials.end_all(handle, draft.spared);
        }
    }

    /// A text that nobody can guess, for a session or a token.
    pub(in crate::server) fn draw_secret(&mut self) -> String {
        format!("{}.{}", self.secrets.draw(), self.secrets.draw())
    }

    /// Takes a resource out, with every membership that leads to it or from it. The groups that it was in have changed by that.
    pub(in crate::server) fn delete(&mut self, kind: Kind, handle: u32, now: Timestamp) {
        let table = self.table_mut(kind);
        let Some(row) = table.rows.remove(&handle) else {
            return;
        };
        table.unindex(kind, handle, &row.doc());
        self.by_id.remove(&row.id);
        self.granted.remove(&handle);
        self.touch(handle);
        self.credentials.end_all(handle, &[]);
        for group in row.groups {
            self.touch_member(group, handle);
            self.version += 1;
            if let Some(row) = self.groups.rows.get_mut(&group) {
                row.members.remove(&handle);
                row.version = self.version;
                row.modified = now;
            }
            self.touch(group);
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
            self.touch_member(group, member);
            for table in [&mut self.users, &mut self.groups] {
                if let Some(row) = table.rows.get_mut(&member) {
                    row.groups.insert(group);
                }
            }
        }
    }

    fn leave(&mut self, group: u32, member: u32) {
        self.touch_member(group, member);
        for table in [&mut self.users, &mut self.groups] {
            if let Some(row) = table.rows.get_mut(&member) {
                row.groups.remove(&group);
            }
        }
    }
}

/// What is kept of a password: never the same for two people.
pub(super) fn password(handle: u32, password: &str) -> Box<[u8; 32]> {
    Box::new(digest(&format!("{handle}:{password}")))
}
