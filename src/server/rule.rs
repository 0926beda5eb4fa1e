//! What a tenant insists on beside the standard's own rules: values that no two resources share, fixed values,
//! bounds on changes of members.

use http::Method;

use super::members::MemberEdit;
use super::reply::Failure;
use super::store::{Draft, Kind, Row, Store, fold};
use super::write::Writer;
use crate::scim::patch::Operation;
use crate::scim::schema::{Attribute, Mutability, Uniqueness};
use crate::scim::{Object, Value};

impl Writer<'_> {
    /// What a new user has where the client says nothing.
    pub(super) fn set_defaults(&self, doc: &mut Object) {
        for (name, value) in &self.choices().defaults {
            if !doc.contains(name) {
                doc.push(name.as_str(), Value::from(value.clone()));
            }
        }
        // Nothing defines what an absent `active` means; a new account may be used.
        if !doc.contains("active") && !self.choices().writes.active_may_be_absent {
            doc.push("active", true);
        }
    }

    /// The rules that a draft must keep before it is stored.
    pub(super) fn check_rules(
        &self,
        store: &Store,
        own: Option<u32>,
        draft: &mut Draft,
    ) -> Result<(), Failure> {
        if self.kind == Kind::User && self.choices().writes.lower_user_names {
            let name = draft.doc.get("userName").and_then(Value::as_str);
            if let Some(lower) = name.map(str::to_lowercase) {
                draft.doc.set("userName", lower);
            }
        }
        if self.kind == Kind::User && self.choices().product.unique_email {
            self.check_addresses(store, own, &draft.doc)?;
        }
        self.check_unique(store, own, &draft.doc)
    }

    /// A PUT of a resource to the place of another (the example of RFC 7644 §3.12).
    pub(super) fn check_own_id(&self, row: &Row, body: &Object) -> Result<(), Failure> {
        let id = body.get("id").and_then(Value::as_str);
        if self.choices().writes.put_refuses_id && id.is_some_and(|id| id != row.id.to_string()) {
            return Err(Failure::mutability(
                "`id` is the server's and cannot change",
            ));
        }
        Ok(())
    }

    /// Immutable values stay in a PUT: what is absent is kept, what differs is refused (RFC 7644 §3.5.1). What clients
    /// write and never see stays too: they cannot send back what they cannot read.
    pub(super) fn keep_fixed(&self, old: &Object, new: &mut Object) -> Result<(), Failure> {
        let of = self.handler.tenant.types.of(self.kind);
        keep_among(of.schema.attributes, old, new)?;
        for extension in of.extensions {
            let Some(old) = old.get(extension.id).and_then(Value::as_object) else {
                continue;
            };
            let mut inner = match new.get(extension.id) {
                Some(Value::Object(inner)) => inner.clone(),
                _ => Object::new(),
            };
            keep_among(extension.attributes, old, &mut inner)?;
            if !inner.is_empty() {
                new.set(extension.id, inner);
            }
        }
        Ok(())
    }

    /// No two users share an address.
    fn check_addresses(
        &self,
        store: &Store,
        own: Option<u32>,
        doc: &Object,
    ) -> Result<(), Failure> {
        for address in addresses(doc) {
            // Few tenants ask for this, so addresses have no index; the text tells most others apart quickly.
            let others = store
                .rows(Kind::User)
                .filter(|(handle, _)| Some(*handle) != own);
            let mut like = others.filter(|(_, row)| fold(row.text()).contains(&address));
            if like.any(|(_, row)| addresses(&row.doc()).contains(&address)) {
                return Err(self.conflict("another user has that e-mail address"));
            }
        }
        Ok(())
    }

    /// Attributes that a schema from a file makes unique. `userName` and `displayName` have their own index.
    fn check_unique(&self, store: &Store, own: Option<u32>, doc: &Object) -> Result<(), Failure> {
        let of = self.handler.tenant.types.of(self.kind);
        for extension in of.extensions {
            let unique = extension.attributes.iter();
            for attribute in unique.filter(|a| a.uniqueness != Uniqueness::None) {
                let key = |doc: &Object| {
                    let value = doc.get(extension.id)?.get(attribute.name)?.as_str()?;
                    Some(match attribute.case_exact {
                        true => value.to_owned(),
                        false => fold(value),
                    })
                };
                let Some(wanted) = key(doc) else { continue };
                let mut others = store
                    .rows(self.kind)
                    .filter(|(handle, _)| Some(*handle) != own);
                if others.any(|(_, row)| key(&row.doc()).as_ref() == Some(&wanted)) {
                    let name = attribute.name;
                    return Err(self.conflict(format!("`{name}` is another one's already")));
                }
            }
        }
        Ok(())
    }

    /// A value that another resource has: 409 for a new one; for a change RFC 7644 §3.12 also knows 400.
    pub(super) fn conflict(&self, detail: impl Into<String>) -> Failure {
        let mut failure = Failure::uniqueness(detail);
        if *self.method != Method::POST {
            failure.status = self.choices().answers.conflicting_change;
        }
        failure
    }

    /// Whoever was deactivated leaves all groups, where the product does so.
    pub(super) fn erase_groups(&self, store: &mut Store, handle: u32) {
        if self.kind != Kind::User || !self.choices().product.deactivation_erases_groups {
            return;
        }
        let Some(row) = store.row(Kind::User, handle).filter(|row| !row.active) else {
            return;
        };
        for group in row.groups.clone() {
            let Some(row) = store.row(Kind::Group, group) else {
                continue;
            };
            let mut members = MemberEdit::default();
            members.remove(&row.members, handle);
            let draft = Draft {
                doc: row.doc(),
                members,
                ..Draft::default()
            };
            store.update(Kind::Group, group, draft, self.now);
        }
    }

    /// Bounds the changes of members in one PATCH.
    pub(super) fn check_member_changes(&self, operations: &[Operation]) -> Result<(), Failure> {
        if self.kind != Kind::Group || self.choices().limits.members_per_request.is_none() {
            return Ok(());
        }
        let changes = operations.iter().map(|operation| {
            let path = operation.path.as_deref().unwrap_or_default();
            match (&operation.value, path) {
                (Some(Value::Object(object)), "") => object.get("members").map_or(0, size),
                (_, path) if !path.to_ascii_lowercase().starts_with("members") => 0,
                (Some(value), _) => size(value),
                (None, _) => 1,
            }
        });
        self.check_member_number(changes.sum())
    }

    pub(super) fn check_member_number(&self, number: usize) -> Result<(), Failure> {
        match self.choices().limits.members_per_request {
            Some(limit) if number > limit => Err(Failure::value(format!(
                "{number} changes of members are more than {limit}, the most in one request"
            ))),
            _ => Ok(()),
        }
    }
}

fn size(value: &Value) -> usize {
    value.as_array().map_or(1, <[Value]>::len)
}

/// The folded addresses of a user.
fn addresses(doc: &Object) -> Vec<String> {
    let emails = doc.get("emails").and_then(Value::as_array);
    let values = emails.unwrap_or_default().iter();
    values
        .filter_map(|email| email.get("value")?.as_str().map(fold))
        .collect()
}

fn keep_among(attributes: &[Attribute], old: &Object, new: &mut Object) -> Result<(), Failure> {
    for attribute in attributes {
        let name = attribute.name;
        let Some(old) = old.get(name) else { continue };
        match (attribute.mutability, old, new.get_mut(name)) {
            (Mutability::Immutable | Mutability::WriteOnly, old, None) => {
                new.push(name, old.clone());
            }
            (Mutability::Immutable, old, Some(new)) if old != new => {
                return Err(Failure::fixed(name));
            }
            (_, Value::Object(old), Some(Value::Object(new))) => {
                keep_among(attribute.subs, old, new)?;
            }
            _ => {}
        }
    }
    Ok(())
}
