//! PATCH (RFC 7644 §3.5.2): operations applied one after another to a draft, which is stored if all succeed.

use super::matching::{Reading, Test};
use super::members::Handles;
use super::reading::{Reader, check_required, ids_of};
use super::render::Renderer;
use super::reply::Failure;
use super::store::Draft;
use super::values::Values;
use crate::scim::filter::{Filter, Op};
use crate::scim::patch::{Operation, Verb};
use crate::scim::schema::{Attribute, Mutability, Resolved, Schema, Target};
use crate::scim::{AttrPath, Object, PatchPath, Value};

/// A resource under change.
pub(super) struct Patcher<'a> {
    pub(super) reader: Reader,
    pub(super) draft: Draft,
    /// The members that the group has.
    pub(super) base: &'a Handles,
    /// The resource's own id.
    pub(super) id: String,
    pub(super) renderer: Renderer<'a>,
    /// How many values of lists the operations may still look at.
    pub(super) patience: usize,
}

impl Patcher<'_> {
    /// Applies one operation.
    pub(super) fn apply(&mut self, operation: &Operation) -> Result<(), Failure> {
        let verb = match self.reader.leniency.op_case {
            true => Verb::any_case(&operation.op),
            false => Verb::exact(&operation.op),
        };
        let verb = verb.ok_or_else(|| {
            let op = &operation.op;
            Failure::syntax(format!("`{op}` is none of add, remove, replace"))
        })?;
        let value = operation.value.as_ref();
        match (&operation.path, verb) {
            (_, Verb::Add | Verb::Replace) if value.is_none() => {
                Err(Failure::value(format!("`{}` needs a value", verb.as_str())))
            }
            (_, Verb::Remove) if is_listed(value) && !self.reader.leniency.listed_removal => {
                let detail = "`remove` takes no value; select by a filter in the path";
                Err(Failure::value(detail))
            }
            (Some(path), _) => self.at(verb, &read_path(path)?, value),
            (None, Verb::Remove) => Err(Failure::no_target("`remove` needs a path")),
            (None, _) => match value {
                Some(Value::Object(members)) => self.without_path(verb, members),
                _ => Err(Failure::value("without a path the value must be an object")),
            },
        }
    }

    /// The draft, if it is still a resource of its type.
    pub(super) fn finish(self) -> Result<Draft, Failure> {
        check_required(self.reader.kind, &self.draft.doc)?;
        Ok(self.draft)
    }

    /// Every member of the value is a target of its own.
    fn without_path(&mut self, verb: Verb, members: &Object) -> Result<(), Failure> {
        for (name, value) in members.iter() {
            // Clients repeat the envelope here; Okta repeats the id beside a group's new name.
            if name.eq_ignore_ascii_case("schemas") || self.is_own_id(name, value) {
                continue;
            }
            let plain = !name.contains(['.', '[', ':']);
            let extension = self.reader.kind.extension(name);
            if !plain && extension.is_none() && !self.reader.leniency.flat_keys {
                let detail = format!("`{name}` is not the name of an attribute");
                return Err(Failure::no_target(detail));
            }
            self.at(verb, &read_path(name)?, Some(value))?;
        }
        Ok(())
    }

    /// Bounds the work: ten thousand operations on a list of a hundred thousand values would keep all others waiting.
    fn look_at(&mut self, values: usize) -> Result<(), Failure> {
        let left = self.patience.checked_sub(values).ok_or_else(|| {
            Failure::too_many("the operations look at too many values; send fewer at a time")
        })?;
        self.patience = left;
        Ok(())
    }

    fn is_own_id(&self, name: &str, value: &Value) -> bool {
        name.eq_ignore_ascii_case("id") && value.as_str() == Some(&self.id)
    }

    fn at(&mut self, verb: Verb, path: &PatchPath, value: Option<&Value>) -> Result<(), Failure> {
        match self.reader.kind.resolve(&path.attr) {
            Some(Resolved::Extension(schema)) if path.filter.is_none() => {
                self.whole_extension(verb, schema, value)
            }
            Some(Resolved::Attribute(target)) => self.at_attribute(verb, target, path, value),
            _ => Err(Failure::no_target(format!(
                "`{path}` leads to no attribute"
            ))),
        }
    }

    fn whole_extension(
        &mut self,
        verb: Verb,
        schema: &'static Schema,
        value: Option<&Value>,
    ) -> Result<(), Failure> {
        match value {
            _ if verb == Verb::Remove => {
                self.draft.doc.remove(schema.id);
                Ok(())
            }
            Some(Value::Object(members)) => {
                for (name, value) in members.iter() {
                    // Clients write an extension as an object of its own, envelope included.
                    if name.eq_ignore_ascii_case("schemas") {
                        continue;
                    }
                    let path = AttrPath {
                        urn: Some(schema.id.to_owned()),
                        ..read_path(name)?.attr
                    };
                    self.at(
                        verb,
                        &PatchPath {
                            attr: path,
                            filter: None,
                        },
                        Some(value),
                    )?;
                }
                Ok(())
            }
            Some(Value::Null) => {
                self.draft.doc.remove(schema.id);
                Ok(())
            }
            _ => Err(Failure::value(format!("`{}` must be an object", schema.id))),
        }
    }

    fn at_attribute(
        &mut self,
        verb: Verb,
        target: Target,
        path: &PatchPath,
        value: Option<&Value>,
    ) -> Result<(), Failure> {
        let (attribute, last) = (target.attribute, target.last());
        if value.is_some_and(|v| self.is_own_id(attribute.name, v)) {
            return Ok(());
        }
        let read_only = |a: &Attribute| a.mutability == Mutability::ReadOnly;
        if read_only(attribute) || read_only(last) {
            return Err(Failure::mutability(format!("`{path}` is read-only")));
        }
        match attribute.name {
            "members" if target.extension.is_none() => {
                return self.members(verb, target, path, value);
            }
            "password" => {
                let read = value.map(|v| self.reader.value(attribute, v)).transpose()?;
                let text = read.flatten().and_then(|v| v.as_str().map(str::to_owned));
                self.draft.password = text.or(self.draft.password.take());
                return Ok(());
            }
            _ => {}
        }
        if path.filter.is_some() && !attribute.multi_valued {
            let detail = format!(
                "`{}` is no list, so nothing can be selected in it",
                attribute.name
            );
            return Err(Failure::path(detail));
        }
        let mut holder = match target.extension {
            None => std::mem::take(&mut self.draft.doc),
            Some(schema) => match self.draft.doc.get(schema.id) {
                Some(Value::Object(object)) => object.clone(),
                _ => Object::new(),
            },
        };
        let size = |value: Option<&Value>| value.and_then(Value::as_array).map_or(1, <[_]>::len);
        let looked = size(holder.get(attribute.name)) + size(value);
        let changed = self
            .look_at(looked)
            .and_then(|()| self.change(&mut holder, verb, target, path, value));
        match target.extension {
            None => self.draft.doc = holder,
            Some(schema) if holder.is_empty() => {
                self.draft.doc.remove(schema.id);
            }
            Some(schema) => self.draft.doc.set(schema.id, holder),
        }
        changed
    }

    /// Changes an attribute inside the object that holds it.
    fn change(
        &self,
        holder: &mut Object,
        verb: Verb,
        target: Target,
        path: &PatchPath,
        value: Option<&Value>,
    ) -> Result<(), Failure> {
        let attribute = target.attribute;
        let current = holder.get(attribute.name);
        let next = if attribute.multi_valued {
            let values = Values {
                reader: self.reader,
                attribute,
                sub: target.sub,
            };
            let items = current.and_then(Value::as_array).unwrap_or_default();
            let items = values.change(items.to_vec(), verb, path.filter.as_ref(), value)?;
            (!items.is_empty()).then_some(Value::Array(items))
        } else if let Some(sub) = target.sub {
            let mut object = current
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default();
            set_or_remove(&mut object, sub, self.read(verb, sub, value)?);
            (!object.is_empty()).then(|| object.into())
        } else {
            match (current, value) {
                // Sub-attributes that are not given stay as they are (RFC 7644 §3.5.2.3).
                (Some(Value::Object(old)), Some(Value::Object(given))) if verb != Verb::Remove => {
                    let replaces = verb == Verb::Add && self.reader.writes.add_replaces_complex;
                    let mut merged = match replaces {
                        true => Object::new(),
                        false => old.clone(),
                    };
                    if let Some(Value::Object(new)) = self.read(verb, attribute, value)? {
                        merge(&mut merged, new);
                    }
                    forget_nulls(&mut merged, given);
                    (!merged.is_empty()).then(|| merged.into())
                }
                _ => self.read(verb, attribute, value)?,
            }
        };
        let blank = |value: &Value| value.as_str().is_some_and(|text| text.trim().is_empty());
        if attribute.required && next.as_ref().is_none_or(blank) {
            let name = attribute.name;
            return Err(match verb {
                Verb::Remove => Failure::mutability(format!("`{name}` is required and stays")),
                _ => Failure::value(format!("`{name}` is required and must not be empty")),
            });
        }
        if next.as_ref() != current {
            check_fixed(attribute, current, next.as_ref())?;
            let elements = current.and_then(Value::as_array).unwrap_or_default();
            let has = |sub: &&Attribute| elements.iter().any(|item| item.get(sub.name).is_some());
            let fixed = |sub: &&Attribute| sub.mutability == Mutability::Immutable;
            if let Some(sub) = target.sub.filter(fixed).filter(has) {
                return Err(Failure::fixed(sub.name));
            }
        }
        set_or_remove(holder, attribute, next);
        Ok(())
    }

    fn read(
        &self,
        verb: Verb,
        attribute: &'static Attribute,
        value: Option<&Value>,
    ) -> Result<Option<Value>, Failure> {
        match (verb, value) {
            (Verb::Remove, _) | (_, None) => Ok(None),
            (_, Some(value)) => self.reader.value(attribute, value),
        }
    }

    fn members(
        &mut self,
        verb: Verb,
        target: Target,
        path: &PatchPath,
        value: Option<&Value>,
    ) -> Result<(), Failure> {
        if target.sub.is_some() {
            let detail = "what a member refers to cannot be changed; remove it and add another";
            return Err(Failure::mutability(detail));
        }
        let listed = match value {
            Some(value) => ids_of(self.reader.value(target.attribute, value)?.as_ref()),
            None => Vec::new(),
        };
        let all_at_once = path.filter.is_none()
            && (verb == Verb::Replace || verb == Verb::Remove && !is_listed(value));
        if all_at_once && !self.reader.writes.member_replacement {
            let detail = "members cannot be replaced or removed all at once here";
            return Err(Failure::value(detail));
        }
        match (verb, &path.filter) {
            (Verb::Remove, Some(filter)) => self.remove_selected(filter, target.attribute),
            (Verb::Remove, None) if is_listed(value) => {
                for id in listed {
                    if let Some((_, member)) = self.renderer.store.find_any(&id) {
                        self.draft.members.remove(self.base, member);
                    }
                }
                Ok(())
            }
            (Verb::Remove, None) => {
                self.draft.members.clear();
                Ok(())
            }
            (_, Some(filter)) => self.add_selected(verb, filter, target.attribute),
            (_, None) => {
                let found = self.resolve(&listed)?;
                if verb == Verb::Replace {
                    self.draft.members.clear();
                }
                for member in found {
                    self.draft.members.add(self.base, member);
                }
                Ok(())
            }
        }
    }

    /// The handles behind member ids; an id that leads nowhere is the client's mistake.
    pub(super) fn resolve(&self, ids: &[String]) -> Result<Vec<u32>, Failure> {
        resolve_members(&self.renderer, ids)
    }

    fn remove_selected(
        &mut self,
        filter: &Filter,
        list: &'static Attribute,
    ) -> Result<(), Failure> {
        if let Some(id) = only_value(filter) {
            if let Some((_, member)) = self.renderer.store.find_any(id) {
                self.draft.members.remove(self.base, member);
            }
            return Ok(());
        }
        let test = Test::over_elements(filter, list, Reading::default()).map_err(in_path)?;
        let members = self.draft.members.result(self.base);
        self.look_at(members.len())?;
        for member in members {
            let element = self.renderer.member(member);
            if element.is_some_and(|element| test.holds(&element)) {
                self.draft.members.remove(self.base, member);
            }
        }
        Ok(())
    }

    /// `add` with `members[value eq "…"]`: what the filter names becomes a member.
    fn add_selected(
        &mut self,
        verb: Verb,
        filter: &Filter,
        list: &'static Attribute,
    ) -> Result<(), Failure> {
        Test::over_elements(filter, list, Reading::default()).map_err(in_path)?;
        let Some(id) = only_value(filter) else {
            return Err(Failure::path("select a member by `value eq`"));
        };
        let found = self.resolve(&[id.to_owned()])?;
        for member in found {
            if self.draft.members.contains(self.base, member) {
                continue;
            }
            if !self.reader.leniency.create_by_value_path || verb == Verb::Replace {
                return Err(Failure::no_target(format!("no member has the value {id}")));
            }
            self.draft.members.add(self.base, member);
        }
        Ok(())
    }
}

/// Whether a removal says what to remove. A list of nothing does: then nothing goes.
pub(super) fn is_listed(value: Option<&Value>) -> bool {
    value.is_some_and(|value| *value != Value::Null)
}

/// The handles behind member ids; an id that leads nowhere is the client's mistake.
pub(super) fn resolve_members(
    renderer: &Renderer<'_>,
    ids: &[String],
) -> Result<Vec<u32>, Failure> {
    let found = ids.iter().map(|id| match renderer.store.find_any(id) {
        Some((_, member)) => Ok(member),
        None => {
            let id: String = id.chars().take(100).collect();
            Err(Failure::value(format!(
                "there is no user or group `{id}` to be a member"
            )))
        }
    });
    found.collect()
}

/// The id in `value eq "id"`, the one form that needs no look at the members.
fn only_value(filter: &Filter) -> Option<&str> {
    match filter {
        Filter::Compare(path, Op::Eq, value) if path.is_simple("value") => value.as_str(),
        _ => None,
    }
}

fn read_path(text: &str) -> Result<PatchPath, Failure> {
    text.parse::<PatchPath>()
        .map_err(|e| Failure::path(e.to_string()))
}

/// A filter's mistakes are a path's mistakes in PATCH (RFC 7644 §3.12, table 9).
pub(super) fn in_path(failure: Failure) -> Failure {
    Failure::path(failure.detail)
}

/// Puts the members of one object over those of another.
pub(super) fn merge(old: &mut Object, new: Object) {
    for (name, value) in new {
        old.set(name, value);
    }
}

/// A sub-attribute that is given as null is cleared (RFC 7643 §2.5).
pub(super) fn forget_nulls(object: &mut Object, given: &Object) {
    for (name, _) in given.iter().filter(|(_, value)| value.is_unassigned()) {
        object.remove(name);
    }
}

/// What is immutable and has a value keeps it, inside a single complex attribute too.
fn check_fixed(
    attribute: &Attribute,
    current: Option<&Value>,
    next: Option<&Value>,
) -> Result<(), Failure> {
    let Some(current) = current else {
        return Ok(());
    };
    if attribute.mutability == Mutability::Immutable && next != Some(current) {
        return Err(Failure::fixed(attribute.name));
    }
    if attribute.multi_valued {
        return Ok(());
    }
    attribute.subs.iter().try_for_each(|sub| {
        let next = next.and_then(|value| value.get(sub.name));
        check_fixed(sub, current.get(sub.name), next)
    })
}

fn set_or_remove(object: &mut Object, attribute: &Attribute, value: Option<Value>) {
    match value {
        Some(value) => object.set(attribute.name, value),
        None => {
            object.remove(attribute.name);
        }
    }
}
