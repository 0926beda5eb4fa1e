//! `[idp."okta/custom-app".switches]`: what the dialects leave open.

use serde_json::Value;
use toml::de::DeValue;

use super::reader::Section;
use crate::idp::{SwitchError, Variant, names, select_from};

/// Reads the tables of the variants and sets their switches.
pub(super) fn read(mut section: Section<'_>, variants: &mut [Variant]) {
    let notes = section.notes();
    for (name, value) in section.rest() {
        let written = *name.get_ref();
        let Ok(selected) = select_from(variants, written) else {
            let what = format!("there is no IdP `{written}`");
            notes.unknown(name.span(), what, written, names(variants));
            continue;
        };
        let ids: Vec<String> = selected.into_iter().map(|v| v.id.clone()).collect();
        let DeValue::Table(table) = value.get_ref() else {
            section.wrong_type(written, value.span(), "a table", value.get_ref());
            continue;
        };
        let mut variant = Section::new(format!("[idp.{written:?}]"), name.span(), table, notes);
        if let Some(mut switches) = variant.section("switches") {
            let chosen = variants.iter_mut().filter(|v| ids.contains(&v.id));
            let mut chosen: Vec<&mut Variant> = chosen.collect();
            for (switch, value) in switches.rest() {
                let set = |variant: &mut &mut Variant| {
                    variant.switch(switch.get_ref(), json(value.get_ref()))
                };
                let wrong = chosen.iter_mut().map(set).find_map(Result::err);
                match wrong {
                    Some(SwitchError::Unknown { name, known }) => {
                        let what = format!("`{written}` has no switch `{name}`");
                        let known = known.iter().map(String::as_str);
                        notes.unknown(switch.span(), what, &name, known);
                    }
                    Some(SwitchError::Value { name, allowed, .. }) => {
                        let what = format!("the switch `{name}` does not take this value");
                        notes.add(value.span(), "this", what, format!("write {allowed}"));
                    }
                    None => {}
                }
            }
        }
        variant.end();
    }
}

fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(number) => {
            let text = number.to_string();
            text.parse::<i64>().map_or(Value::from(text), Value::from)
        }
        DeValue::Float(number) => {
            let text = number.to_string();
            text.parse::<f64>().map_or(Value::from(text), Value::from)
        }
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Datetime(time) => Value::from(time.to_string()),
        DeValue::Array(items) => items.iter().map(|item| json(item.get_ref())).collect(),
        DeValue::Table(table) => {
            let members = table.iter();
            let members =
                members.map(|(key, value)| (key.get_ref().to_string(), json(value.get_ref())));
            Value::Object(members.collect())
        }
    }
}
