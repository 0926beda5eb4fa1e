//! Switches by name: what a dialect leaves open, as data that a file can change.
//!
//! A dialect declares its switches once, as the fields of a struct; names, documentation and what is allowed come from
//! there. No list of them is kept anywhere.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::nearest;

/// One switch of a variant.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Switch {
    /// Its name, as files write it.
    pub name: String,
    /// Its value in this variant.
    pub value: Value,
    /// What it can be, in words.
    pub allowed: String,
    /// What it decides, and what is known of it.
    pub doc: String,
}

/// Why a switch cannot be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SwitchError {
    /// No switch has that name.
    #[error("there is no switch `{name}`{hint}", hint = nearest::hint(.name, .known.iter().map(String::as_str)))]
    Unknown {
        /// What was written.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// The switch cannot have that value.
    #[error("the switch `{name}` cannot be `{value}`: it takes {allowed}")]
    Value {
        /// Which switch.
        name: String,
        /// What was written.
        value: String,
        /// What it can be.
        allowed: String,
    },
}

/// The switches as they are, in the order of their declaration.
pub(super) fn listed<T: Serialize + JsonSchema>(switches: &T) -> Vec<Switch> {
    let schema = Schema::of::<T>();
    let row = |(name, value): (String, Value)| {
        let property = schema.property(&schema.root, &name);
        Switch {
            allowed: schema.words(property),
            doc: doc(property),
            name,
            value,
        }
    };
    members(switches).into_iter().map(row).collect()
}

/// The switches with the named ones changed.
///
/// # Errors
/// A name is no switch's, or a value is not one that the switch takes.
pub(super) fn changed<T>(switches: &T, changes: &BTreeMap<String, Value>) -> Result<T, SwitchError>
where
    T: Clone + Serialize + DeserializeOwned + JsonSchema,
{
    let schema = Schema::of::<T>();
    let mut changed = switches.clone();
    for (name, value) in changes {
        let mut all = members(&changed);
        let Some(old) = all.get_mut(name) else {
            return Err(SwitchError::Unknown {
                name: name.clone(),
                known: all.keys().cloned().collect(),
            });
        };
        let property = schema.property(&schema.root, name);
        let wrong = || SwitchError::Value {
            name: name.clone(),
            value: written(value),
            allowed: schema.words(property),
        };
        overlay(old, value);
        if !schema.holds(property, old) {
            return Err(wrong());
        }
        changed = serde_json::from_value(Value::Object(all)).map_err(|_| wrong())?;
    }
    Ok(changed)
}

fn members<T: Serialize>(switches: &T) -> Map<String, Value> {
    match serde_json::to_value(switches) {
        Ok(Value::Object(members)) => members,
        other => unreachable!("switches are a struct of plain values, not {other:?}"),
    }
}

/// The new value over the old one: a table changes the members that it names, and keeps the others.
fn overlay(old: &mut Value, new: &Value) {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) if new.keys().all(|key| old.contains_key(key)) => {
            for (key, value) in new {
                overlay(&mut old[key], value);
            }
        }
        (old, new) => old.clone_from(new),
    }
}

fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// The documentation of a property, on one line.
fn doc(property: &Value) -> String {
    let text = property["description"].as_str().unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The schema of a struct of switches.
struct Schema {
    root: Value,
}

impl Schema {
    fn of<T: JsonSchema>() -> Self {
        Self {
            root: schemars::schema_for!(T).to_value(),
        }
    }

    /// The node, or what it refers to.
    fn resolved<'a>(&'a self, node: &'a Value) -> &'a Value {
        match node["$ref"].as_str().and_then(|at| at.strip_prefix('#')) {
            Some(pointer) => self.root.pointer(pointer).unwrap_or(node),
            None => node,
        }
    }

    fn property<'a>(&'a self, node: &'a Value, name: &str) -> &'a Value {
        &self.resolved(node)["properties"][name]
    }

    /// Whether numbers lie within their bounds. The rest is for the struct itself to judge.
    fn holds(&self, node: &Value, value: &Value) -> bool {
        let node = self.resolved(node);
        match value {
            Value::Number(number) => {
                let number = number.as_f64().unwrap_or(f64::NAN);
                let least = node["minimum"].as_f64().is_none_or(|min| number >= min);
                let most = node["maximum"].as_f64().is_none_or(|max| number <= max);
                least && most
            }
            Value::Object(members) => members
                .iter()
                .all(|(name, value)| self.holds(&node["properties"][name], value)),
            _ => true,
        }
    }

    /// What a node allows, in words.
    fn words(&self, node: &Value) -> String {
        let node = self.resolved(node);
        let ways = ["oneOf", "anyOf"]
            .into_iter()
            .find_map(|key| node[key].as_array());
        if let Some(ways) = ways {
            let ways = ways.iter().flat_map(|way| self.ways(way)).collect();
            return either(ways);
        }
        either(self.ways(node))
    }

    fn ways(&self, node: &Value) -> Vec<String> {
        let node = self.resolved(node);
        if let Some(constant) = node["const"].as_str() {
            return vec![format!("`{constant}`")];
        }
        if let Some(words) = node["enum"].as_array() {
            return words
                .iter()
                .map(|word| format!("`{}`", written(word)))
                .collect();
        }
        let kinds = match &node["type"] {
            Value::Array(kinds) => kinds.iter().filter_map(Value::as_str).collect(),
            kind => kind.as_str().into_iter().collect::<Vec<_>>(),
        };
        let kind = |kind: &str| match kind {
            "boolean" => Some("true or false".to_owned()),
            "string" => Some("a text".to_owned()),
            "integer" => Some(match (node["minimum"].as_u64(), node["maximum"].as_u64()) {
                (least, Some(most)) => {
                    format!("a whole number from {} to {most}", least.unwrap_or(0))
                }
                (Some(least), None) => format!("a whole number, at least {least}"),
                (None, None) => "a whole number".to_owned(),
            }),
            "object" => Some(self.table(node)),
            _ => None,
        };
        kinds.into_iter().filter_map(kind).collect()
    }

    fn table(&self, node: &Value) -> String {
        let properties = node["properties"].as_object();
        let parts = properties.into_iter().flatten();
        let parts = parts.map(|(name, node)| format!("{name} = {}", self.words(node)));
        format!("{{ {} }}", parts.collect::<Vec<_>>().join(", "))
    }
}

fn either(mut ways: Vec<String>) -> String {
    match ways.pop() {
        Some(last) if ways.is_empty() => last,
        Some(last) => format!("{} or {last}", ways.join(", ")),
        None => "a value".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idp::VARIANTS;

    fn set(variant: &str, name: &str, value: Value) -> Result<Value, String> {
        let mut variant = crate::idp::select(variant).unwrap()[0].clone();
        variant.switch(name, value).map_err(|e| e.to_string())?;
        let switches = variant.switches();
        Ok(switches.into_iter().find(|s| s.name == name).unwrap().value)
    }

    #[test]
    fn every_switch_of_every_variant_has_a_name_a_doc_and_takes_its_own_value() {
        for variant in VARIANTS.iter() {
            let switches = variant.switches();
            assert!(!switches.is_empty(), "{}", variant.id);
            for switch in switches {
                let at = format!("{} {}", variant.id, switch.name);
                assert!(!switch.name.contains('_'), "{at}");
                assert!(switch.doc.len() > 10, "{at}: {}", switch.doc);
                assert_ne!(switch.allowed, "a value", "{at}");
                if !switch.value.is_null() {
                    let taken = set(&variant.id, &switch.name, switch.value.clone());
                    assert_eq!(taken, Ok(switch.value), "{at}");
                }
            }
        }
    }

    #[test]
    fn an_unknown_switch_gets_the_nearest_right_name() {
        assert_eq!(
            set("okta/custom-app", "patch-bach", Value::from(5)).unwrap_err(),
            "there is no switch `patch-bach`; did you mean `patch-batch`?"
        );
    }

    #[test]
    fn a_wrong_value_is_answered_with_what_is_allowed() {
        for (variant, name, value, allowed) in [
            (
                "okta/custom-app",
                "query",
                Value::from("plus"),
                "`percent` or `form`",
            ),
            (
                "okta/custom-app",
                "patch-batch",
                Value::from(0),
                "a whole number from 1 to 1000",
            ),
            (
                "okta/custom-app",
                "email-type",
                Value::from("yes"),
                "true or false",
            ),
            (
                "entra/default",
                "forward-flag",
                Value::Null,
                "true or false",
            ),
            ("jumpcloud", "content-type", Value::from(7), "a text"),
            (
                "entra/default",
                "operations",
                Value::from("merged"),
                "`path-each` or { merged = { single-replace-without-path = true or false } }",
            ),
            (
                "okta/custom-app",
                "throttle",
                serde_json::json!({"firsts": "5m"}),
                "{ first = a text, tries = a whole number from 0 to 100 }",
            ),
            (
                "okta/custom-app",
                "group-put-repeat",
                serde_json::json!({"push-now": 1_000_000}),
                "{ push-now = a whole number from 1 to 10, member-change = a whole number from 1 to 10 }",
            ),
        ] {
            let said = set(variant, name, value.clone()).unwrap_err();
            let right = format!(
                "the switch `{name}` cannot be `{}`: it takes {allowed}",
                written(&value)
            );
            assert_eq!(said, right);
        }
    }

    #[test]
    fn a_table_changes_what_it_names_and_keeps_the_rest() {
        let throttle = serde_json::json!({"tries": 3});
        let set = set("okta/catalog-app", "throttle", throttle).unwrap();
        assert_eq!(set, serde_json::json!({"first": "5m", "tries": 3}));
    }
}
