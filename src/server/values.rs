//! PATCH inside a multi-valued attribute: adding, replacing and removing values, all of them or those a filter selects.

use std::collections::BTreeMap;

use super::matching::{Reading, Test};
use super::patch::{forget_nulls, in_path, is_listed, merge};
use super::reading::{Reader, entry_key, is_primary};
use super::reply::Failure;
use crate::scim::filter::{Filter, Op};
use crate::scim::patch::Verb;
use crate::scim::schema::Attribute;
use crate::scim::{Object, Value};

/// The values of one attribute under change.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values {
    pub(super) reader: Reader,
    pub(super) attribute: &'static Attribute,
    /// The sub-attribute that the path ends in.
    pub(super) sub: Option<&'static Attribute>,
}

impl Values {
    /// The values after an operation.
    pub(super) fn change(
        self,
        items: Vec<Value>,
        verb: Verb,
        filter: Option<&Filter>,
        value: Option<&Value>,
    ) -> Result<Vec<Value>, Failure> {
        let (items, touched) = match (filter, verb) {
            (Some(filter), Verb::Remove) => (self.remove_selected(items, filter)?, Vec::new()),
            (Some(filter), _) => self.set_selected(items, filter, value)?,
            (None, Verb::Remove) => (self.remove(items, value)?, Vec::new()),
            (None, _) if self.sub.is_some() => self.set_all(items, value)?,
            (None, Verb::Add) => self.add(items, value)?,
            (None, Verb::Replace) => (self.read_list(value)?, Vec::new()),
        };
        self.reader.check_size(self.attribute, items.len())?;
        Ok(with_one_primary(items, &touched))
    }

    fn read_list(self, value: Option<&Value>) -> Result<Vec<Value>, Failure> {
        let read = value.map(|v| self.reader.value(self.attribute, v));
        match read.transpose()?.flatten() {
            Some(Value::Array(items)) => Ok(items),
            _ => Ok(Vec::new()),
        }
    }

    /// Appends what is not there yet; an entry of the same type and value is completed instead.
    fn add(
        self,
        mut items: Vec<Value>,
        value: Option<&Value>,
    ) -> Result<(Vec<Value>, Vec<usize>), Failure> {
        let mut touched = Vec::new();
        let mut places = BTreeMap::new();
        for (index, item) in items.iter().enumerate() {
            places.entry(entry_key(item)).or_insert(index);
        }
        for new in self.read_list(value)? {
            let index = *places.entry(entry_key(&new)).or_insert(items.len());
            if is_primary(&new) {
                touched.push(index);
            }
            match (items.get_mut(index), new) {
                (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
                (Some(_), _) => {}
                (None, new) => items.push(new),
            }
        }
        Ok((items, touched))
    }

    /// Sets a sub-attribute in every value, or in a first one.
    fn set_all(
        self,
        mut items: Vec<Value>,
        value: Option<&Value>,
    ) -> Result<(Vec<Value>, Vec<usize>), Failure> {
        if items.is_empty() {
            items.push(Object::new().into());
        }
        let all: Vec<usize> = (0..items.len()).collect();
        self.set_at(items, &all, value)
    }

    fn remove(self, items: Vec<Value>, value: Option<&Value>) -> Result<Vec<Value>, Failure> {
        if let Some(sub) = self.sub {
            return Ok(without_sub(items, sub, |_| true));
        }
        if !is_listed(value) {
            return Ok(Vec::new());
        }
        let listed = self.read_list(value)?;
        let is_listed = |item: &Value| listed.iter().any(|wanted| says_at_least(item, wanted));
        Ok(items.into_iter().filter(|item| !is_listed(item)).collect())
    }

    fn selected(self, items: &[Value], filter: &Filter) -> Result<Vec<usize>, Failure> {
        let test = Test::over_elements(filter, self.attribute, Reading::default());
        let test = test.map_err(in_path)?;
        let indexed = items.iter().enumerate();
        Ok(indexed
            .filter(|(_, item)| item.as_object().is_some_and(|o| test.holds(o)))
            .map(|(index, _)| index)
            .collect())
    }

    /// Nothing selected, nothing removed: the list is as the client wants it.
    fn remove_selected(self, items: Vec<Value>, filter: &Filter) -> Result<Vec<Value>, Failure> {
        let selected = self.selected(&items, filter)?;
        if selected.is_empty() && self.reader.writes.remove_needs_match {
            return Err(self.no_match(filter));
        }
        if let Some(sub) = self.sub {
            return Ok(without_sub(items, sub, |i| selected.contains(&i)));
        }
        let indexed = items.into_iter().enumerate();
        Ok(indexed
            .filter(|(index, _)| !selected.contains(index))
            .map(|(_, item)| item)
            .collect())
    }

    fn set_selected(
        self,
        mut items: Vec<Value>,
        filter: &Filter,
        value: Option<&Value>,
    ) -> Result<(Vec<Value>, Vec<usize>), Failure> {
        let mut selected = self.selected(&items, filter)?;
        if selected.is_empty() {
            if value.is_some_and(Value::is_unassigned) {
                return Ok((items, Vec::new()));
            }
            let created = match self.reader.leniency.create_by_value_path {
                true => self.element_of(filter)?,
                false => None,
            };
            let Some(created) = created else {
                return Err(self.no_match(filter));
            };
            selected.push(items.len());
            items.push(created.into());
        }
        self.set_at(items, &selected, value)
    }

    fn no_match(self, filter: &Filter) -> Failure {
        let name = self.attribute.name;
        Failure::no_target(format!("no value of `{name}` is selected by {filter}"))
    }

    fn set_at(
        self,
        mut items: Vec<Value>,
        indexes: &[usize],
        value: Option<&Value>,
    ) -> Result<(Vec<Value>, Vec<usize>), Failure> {
        let null = Value::Null;
        let given = value.unwrap_or(&null);
        let new = match self.sub {
            Some(sub) => self.reader.value(sub, given)?,
            None => self.reader.single(self.attribute, given)?,
        };
        let mut touched = Vec::new();
        for &index in indexes {
            let Some(Value::Object(element)) = items.get_mut(index) else {
                continue;
            };
            match (self.sub, &new) {
                (Some(sub), Some(new)) => element.set(sub.name, new.clone()),
                (Some(sub), None) => {
                    element.remove(sub.name);
                }
                (None, new) => match given {
                    Value::Null => *element = Object::new(),
                    _ => {
                        if let Some(Value::Object(new)) = new {
                            merge(element, new.clone());
                        }
                        if let Value::Object(given) = given {
                            forget_nulls(element, given);
                        }
                    }
                },
            }
            let sets_primary = match self.sub {
                Some(sub) => sub.name == "primary",
                None => new.as_ref().is_some_and(is_primary),
            };
            if sets_primary && is_primary(&items[index]) {
                touched.push(index);
            }
        }
        items.retain(|item| item.as_object().is_none_or(|o| !o.is_empty()));
        Ok((items, touched))
    }

    /// The element that a filter of equalities describes.
    fn element_of(self, filter: &Filter) -> Result<Option<Object>, Failure> {
        let parts = match filter {
            Filter::And(parts) => parts.as_slice(),
            single => std::slice::from_ref(single),
        };
        let mut element = Object::new();
        for part in parts {
            let Filter::Compare(path, Op::Eq, value) = part else {
                return Ok(None);
            };
            let Some(sub) = self.attribute.sub(&path.name) else {
                return Ok(None);
            };
            let value = match (value, sub.kind) {
                // `primary eq "True"` is a comparison that Entra ID writes; the element gets a boolean.
                (Value::String(text), crate::scim::schema::Type::Boolean) => {
                    Value::Bool(text.eq_ignore_ascii_case("true"))
                }
                (value, _) => value.clone(),
            };
            if let Some(value) = self.reader.value(sub, &value)? {
                element.set(sub.name, value);
            }
        }
        Ok(Some(element))
    }
}

/// Whether an entry has everything that another one says.
fn says_at_least(item: &Value, wanted: &Value) -> bool {
    match (item, wanted) {
        (Value::Object(item), Value::Object(wanted)) => wanted
            .iter()
            .all(|(name, value)| item.get(name) == Some(value)),
        _ => item == wanted,
    }
}

fn without_sub(
    mut items: Vec<Value>,
    sub: &Attribute,
    selected: impl Fn(usize) -> bool,
) -> Vec<Value> {
    for (index, item) in items.iter_mut().enumerate() {
        if let Value::Object(element) = item
            && selected(index)
        {
            element.remove(sub.name);
        }
    }
    items.retain(|item| item.as_object().is_none_or(|o| !o.is_empty()));
    items
}

/// The value that became primary last is the only one (RFC 7644 §3.5.2).
fn with_one_primary(mut items: Vec<Value>, touched: &[usize]) -> Vec<Value> {
    let Some(&chosen) = touched.last() else {
        return items;
    };
    for (index, item) in items.iter_mut().enumerate() {
        if index != chosen
            && is_primary(item)
            && let Value::Object(element) = item
        {
            element.set("primary", false);
        }
    }
    items
}
