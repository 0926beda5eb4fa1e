//! POST, PUT, PATCH and DELETE of one resource (RFC 7644 §3.3, §3.5, §3.6).

use http::Method;
use jiff::Timestamp;

use super::choices::Choices;
use super::fault::{Body, Commit, Patching, Refusal, Removal};
use super::handler::Handler;
use super::members::{Handles, MemberEdit};
use super::patch::{Patcher, resolve_members};
use super::product::{check_last, check_seat};
use super::reading::{MAX_VALUES, Reader, Written, check_required, check_schemas};
use super::render::{Parts, Renderer};
use super::reply::Failure;
use super::store::{Draft, Kind, Row, Store, is_active};
use crate::scim::message::PATCH_OP;
use crate::scim::patch::PatchOp;
use crate::scim::{Object, Value};

/// A write by one request.
pub(super) struct Writer<'a> {
    pub(super) handler: &'a Handler<'a>,
    pub(super) method: &'a Method,
    pub(super) kind: Kind,
    pub(super) now: Timestamp,
}

impl Writer<'_> {
    fn reader(&self) -> Reader {
        let choices = self.choices();
        let own = choices.limits.values_per_attribute;
        let own = own.filter(|_| self.kind == Kind::User);
        Reader {
            kind: self.handler.tenant.types.of(self.kind),
            leniency: self.handler.tenant.leniency,
            writes: choices.writes,
            max_values: own.unwrap_or(MAX_VALUES),
        }
    }

    pub(super) fn choices(&self) -> &Choices {
        &self.handler.tenant.choices
    }

    fn renderer<'s>(&'s self, store: &'s Store) -> Renderer<'s> {
        self.handler.renderer(store)
    }

    /// A body as an object, past the seam.
    fn object(&self, store: &Store, mut body: Value) -> Result<Object, Failure> {
        let mut seam = Body {
            method: self.method,
            kind: self.kind,
            store,
            value: &mut body,
            refuse: None,
        };
        self.handler.tenant.faults.body(&mut seam);
        match (seam.refuse, body) {
            (Some(failure), _) => Err(failure),
            (None, Value::Object(object)) => Ok(object),
            (None, other) => {
                let kind = other.kind();
                Err(Failure::syntax(format!(
                    "the body must be an object, not {kind}"
                )))
            }
        }
    }

    /// Creates a resource and returns its handle.
    pub(super) fn create(&self, store: &mut Store, body: Value) -> Result<u32, Failure> {
        let body = self.object(store, body)?;
        let written = self.reader().resource(&body)?;
        let mut draft = self.draft(store, written, &Handles::new())?;
        if self.kind == Kind::User {
            self.set_defaults(&mut draft.doc);
        }
        check_required(self.handler.tenant.types.of(self.kind), &draft.doc)?;
        self.check_rules(store, None, &mut draft)?;
        let decided = self.commit(store, None, &mut draft)?;
        self.check_name(store, decided.instead, &draft)?;
        if self.kind == Kind::User && is_active(&draft.doc) && !decided.unguarded {
            check_seat(store)?;
        }
        let handle = match decided.instead {
            None => store.create(self.kind, draft, self.now),
            Some(handle) => {
                store.update(self.kind, handle, draft, self.now);
                handle
            }
        };
        if let Some((kind, draft)) = decided.beside {
            store.create(kind, draft, self.now);
        }
        decided.refuse.map_or(Ok(handle), Err)
    }

    /// Puts a resource in the place of another. What is absent is cleared, but for `active` and `members`: a client that
    /// does not send them cannot mean to open an account or to empty a group.
    pub(super) fn replace(
        &self,
        store: &mut Store,
        handle: u32,
        body: Value,
    ) -> Result<(), Failure> {
        let body = self.object(store, body)?;
        let row = self.row(store, handle)?;
        self.check_own_id(row, &body)?;
        let written = self.reader().resource(&body)?;
        let mut draft = self.draft(store, written, &row.members)?;
        let keeps = |name: &str| name == "active" || self.choices().writes.put_keeps;
        for (name, value) in row.doc() {
            if keeps(&name) && !body.contains(&name) {
                draft.doc.push(name, value);
            }
        }
        self.keep_fixed(&row.doc(), &mut draft.doc)?;
        check_required(self.handler.tenant.types.of(self.kind), &draft.doc)?;
        self.store(store, handle, draft)
    }

    /// Applies a PATCH: all of it or nothing.
    pub(super) fn patch(&self, store: &mut Store, handle: u32, body: Value) -> Result<(), Failure> {
        let body = self.object(store, body)?;
        let mut leniency = self.handler.tenant.leniency;
        check_schemas(&body, PATCH_OP, leniency)?;
        let patch = PatchOp::read(&body.into()).map_err(|e| Failure::syntax(e.to_string()))?;
        if patch.operations.is_empty() {
            return Err(Failure::syntax("`Operations` must hold an operation"));
        }
        if patch.operations.len() > MAX_OPERATIONS {
            let detail = format!("a PATCH may hold {MAX_OPERATIONS} operations");
            return Err(Failure::new(413, None, detail));
        }
        self.check_member_changes(&patch.operations)?;
        let row = self.row(store, handle)?;
        let mut operations = patch.operations;
        if self.handler.tenant.faults.any() {
            let before = self.renderer(store).object(self.kind, row, Parts::ALL);
            let mut seam = Patching {
                kind: self.kind,
                store,
                operations: &mut operations,
                before: &before,
                leniency: &mut leniency,
                notes: &self.handler.tenant.faults.notes,
                refuse: None,
            };
            self.handler.tenant.faults.patch(&mut seam);
            if let Some(failure) = seam.refuse {
                return Err(failure);
            }
        }
        let mut patcher = Patcher {
            reader: Reader {
                leniency,
                ..self.reader()
            },
            draft: Draft {
                doc: row.doc(),
                ..Draft::default()
            },
            base: &row.members,
            id: row.id.to_string(),
            renderer: self.renderer(store),
            patience: self.handler.settings.max_scan.saturating_mul(4),
        };
        for operation in &operations {
            if let Err(failure) = patcher.apply(operation) {
                let mut seam = self.refusal(failure, None);
                self.handler.tenant.faults.refusal(&mut seam);
                let Some(failure) = seam.failure else {
                    continue;
                };
                if seam.keep {
                    let draft = patcher.finish()?;
                    self.store(store, handle, draft)?;
                }
                return Err(failure);
            }
        }
        let draft = patcher.finish()?;
        self.store(store, handle, draft)
    }

    /// Deletes a resource.
    pub(super) fn delete(&self, store: &mut Store, handle: u32) -> Result<(), Failure> {
        let row = self.row(store, handle)?;
        let mut seam = Removal {
            kind: self.kind,
            row,
            refuse: None,
            ignore: false,
            unguarded: false,
        };
        self.handler.tenant.faults.removal(&mut seam);
        match seam.refuse {
            Some(failure) => Err(failure),
            None if seam.ignore => Ok(()),
            None => {
                if self.kind == Kind::User && row.active && !seam.unguarded {
                    check_last(store, self.administrators(), handle)?;
                }
                store.delete(self.kind, handle, self.handler.now);
                Ok(())
            }
        }
    }

    fn administrators(&self) -> Option<&str> {
        self.handler.tenant.administrators.as_deref()
    }

    pub(super) fn row<'s>(&self, store: &'s Store, handle: u32) -> Result<&'s Row, Failure> {
        let row = store.row(self.kind, handle);
        row.ok_or_else(|| Failure::not_found(self.kind.noun()))
    }

    fn draft(&self, store: &Store, written: Written, base: &Handles) -> Result<Draft, Failure> {
        let mut members = MemberEdit::default();
        if let Some(ids) = &written.members {
            self.check_member_number(ids.len())?;
            members.clear();
            for member in resolve_members(&self.renderer(store), ids)? {
                members.add(base, member);
            }
        }
        Ok(Draft {
            doc: written.doc,
            members,
            password: written.password,
            ..Draft::default()
        })
    }

    fn store(&self, store: &mut Store, handle: u32, mut draft: Draft) -> Result<(), Failure> {
        self.check_rules(store, Some(handle), &mut draft)?;
        let decided = self.commit(store, Some(handle), &mut draft)?;
        self.check_name(store, Some(handle), &draft)?;
        if self.kind == Kind::User && !decided.unguarded {
            match (self.row(store, handle)?.active, is_active(&draft.doc)) {
                (true, false) => check_last(store, self.administrators(), handle)?,
                (false, true) => check_seat(store)?,
                _ => {}
            }
        }
        store.update(self.kind, handle, draft, self.now);
        self.erase_groups(store, handle);
        if let Some((other, draft)) = decided.elsewhere {
            store.update(self.kind, other, draft, self.now);
        }
        if let Some((kind, draft)) = decided.beside {
            store.create(kind, draft, self.now);
        }
        decided.refuse.map_or(Ok(()), Err)
    }

    /// Passes the seam before a write is stored.
    fn commit(
        &self,
        store: &Store,
        handle: Option<u32>,
        draft: &mut Draft,
    ) -> Result<Decided, Failure> {
        let mut seam = Commit {
            method: self.method,
            kind: self.kind,
            store,
            row: handle.and_then(|handle| store.row(self.kind, handle)),
            draft,
            notes: &self.handler.tenant.faults.notes,
            refuse: None,
            keep: false,
            instead: None,
            elsewhere: None,
            beside: None,
            unguarded: false,
        };
        self.handler.tenant.faults.commit(&mut seam);
        match (seam.refuse, seam.keep) {
            (Some(failure), false) => Err(failure),
            (refuse, _) => Ok(Decided {
                refuse,
                instead: seam.instead,
                elsewhere: seam.elsewhere,
                beside: seam.beside,
                unguarded: seam.unguarded,
            }),
        }
    }

    /// No two resources share a name (RFC 7643 §4.1.1; for groups the server's own choice).
    fn check_name(&self, store: &Store, own: Option<u32>, draft: &Draft) -> Result<(), Failure> {
        if self.kind == Kind::Group && self.choices().writes.shared_group_names {
            return Ok(());
        }
        let attribute = self.kind.name_attribute();
        let Some(name) = draft.doc.get(attribute).and_then(Value::as_str) else {
            return Ok(());
        };
        let kept = || own.and_then(|own| store.name_of(own)).as_deref() == Some(name);
        if self.kind == Kind::User && store.local(name).is_some() && !kept() {
            let detail = "a local user, whom SCIM does not see, has that userName";
            return Err(Failure::uniqueness(detail));
        }
        let Some(other) = store.named(self.kind, name).find(|h| Some(*h) != own) else {
            return Ok(());
        };
        let taken = self.row(store, other)?.doc();
        let taken = taken.get(attribute).and_then(Value::as_str);
        let noun = self.kind.noun();
        let detail = format!("there is a {noun} with that {attribute} already");
        let names = (name, taken.unwrap_or_default());
        let mut seam = self.refusal(self.conflict(detail), Some(names));
        self.handler.tenant.faults.refusal(&mut seam);
        seam.failure.map_or(Ok(()), Err)
    }

    fn refusal<'s>(&'s self, failure: Failure, names: Option<(&'s str, &'s str)>) -> Refusal<'s> {
        Refusal {
            kind: self.kind,
            method: self.method,
            names,
            failure: Some(failure),
            keep: false,
        }
    }
}

/// What the seam before a write left to do.
struct Decided {
    /// Answered although the write is done.
    refuse: Option<Failure>,
    instead: Option<u32>,
    elsewhere: Option<(u32, Draft)>,
    beside: Option<(Kind, Draft)>,
    unguarded: bool,
}

/// How many operations a PATCH may hold.
const MAX_OPERATIONS: usize = 10_000;
