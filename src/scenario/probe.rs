//! A raw request of the prober: texts with places for values that are known only when it is sent.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Beyond;
use crate::wire::tape::Demand;
use crate::wire::{Method, percent_encoded};

/// The names whose values the run gives: its mark of the story, the mail domain that the tenant takes, the password of
/// everybody who gets one, and the administrator's role at the product. The name of a person or a group of the story is its
/// id at the target.
pub(super) const GIVEN: [&str; 4] = ["instance", "mail-domain", "password", "administrator"];

/// A request of the prober.
#[derive(Clone, Debug, PartialEq)]
pub struct ProbeSpec {
    /// The method.
    pub method: Method,
    /// Path and query below the base URL.
    pub target: Template,
    /// Headers beside those that every request has, in the order of the file.
    pub headers: Vec<(String, Template)>,
    /// The body.
    pub body: Option<ProbeBody>,
    /// Which limit of the target the body is made to pass.
    pub beyond: Option<Beyond>,
    /// Which credentials are sent.
    pub credentials: Credentials,
    /// The ids of the requirements that the answer is judged by.
    pub judges: Vec<String>,
    /// The captured value without which the probe is passed over.
    pub only_with: Option<String>,
    /// Names for parts of the answer, each with its JSON pointer (RFC 6901).
    pub capture: Vec<(String, String)>,
    /// What a vendor's own test demands of the answer; its texts are templates.
    pub demand: Option<Demand>,
}

/// A probe's body.
#[derive(Clone, Debug, PartialEq)]
pub enum ProbeBody {
    /// JSON; its texts and names are templates.
    Json(Value),
    /// Text that is sent as it stands.
    Text(Template),
}

/// Which credentials a probe sends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename = "choice of credentials", rename_all = "kebab-case")]
#[schemars(rename = "credentials")]
pub enum Credentials {
    /// The right ones.
    #[default]
    Right,
    /// None.
    None,
    /// Ones that the target never gave out.
    Wrong,
    /// Those of a second customer, for that customer's tenant: the request goes there.
    OtherTenant,
}

/// A probe with all values in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilledProbe {
    /// Path and query below the base URL.
    pub target: String,
    /// Headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
    /// What is demanded of the answer.
    pub demand: Option<Demand>,
}

/// Why a probe cannot be sent.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfilled {
    /// An earlier answer did not hold the value.
    #[error("no answer gave a value for `{0}`")]
    Missing(String),
    /// The value would change which resource is meant.
    #[error(
        "the target's value for `{0}` cannot stand in a path: it is empty, dots, or holds a reserved character"
    )]
    Unfit(String),
}

impl ProbeSpec {
    /// Puts the values in place: what the run gives, ids, and whatever was captured.
    ///
    /// # Errors
    /// A value is missing, or cannot stand in a path.
    pub fn fill(&self, values: &BTreeMap<String, String>) -> Result<FilledProbe, Unfilled> {
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| Ok((name.clone(), value.fill(values)?)));
        let body = match &self.body {
            None => None,
            Some(ProbeBody::Text(template)) => Some(template.fill(values)?),
            Some(ProbeBody::Json(json)) => Some(fill_json(json, values)?.to_string()),
        };
        let demand = self.demand.as_ref().map(|demand| {
            let has = demand.has.iter();
            let has = has.map(|(place, value)| Ok((place.clone(), fill_json(value, values)?)));
            Ok(Demand {
                has: has.collect::<Result<_, _>>()?,
                ..demand.clone()
            })
        });
        Ok(FilledProbe {
            demand: demand.transpose()?,
            target: self.target.fill_with(values, fits_path)?,
            headers: headers.collect::<Result<_, _>>()?,
            body,
        })
    }
}

/// Whether a value may stand unescaped in a path or query: it names one segment and no other resource.
fn fits_path(value: &str) -> bool {
    !matches!(value, "" | "." | "..")
        && value
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b"-._~!$'()*,;:@".contains(&b))
}

fn fill_json(json: &Value, values: &BTreeMap<String, String>) -> Result<Value, Unfilled> {
    // The compiler has parsed every text of the body once, so a text that is no template stands for itself.
    let fill = |text: &str| match Template::parse(text) {
        Ok(template) => template.fill(values),
        Err(_) => Ok(text.to_owned()),
    };
    Ok(match json {
        Value::String(text) => Value::String(fill(text)?),
        Value::Array(items) => {
            let items = items.iter().map(|item| fill_json(item, values));
            Value::Array(items.collect::<Result<_, _>>()?)
        }
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, value)| Ok((fill(name)?, fill_json(value, values)?)));
            Value::Object(members.collect::<Result<_, _>>()?)
        }
        other => other.clone(),
    })
}

/// Every text of a body.
pub(super) fn texts(json: &Value) -> Vec<&str> {
    match json {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(members) => members
            .iter()
            .flat_map(|(name, value)| std::iter::once(name.as_str()).chain(texts(value)))
            .collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) => Vec::new(),
    }
}

/// Text with places for values: `user-${instance}`, `${id}`, `${name|upper}`, `${name|query}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Value { name: String, form: Form },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Plain,
    Upper,
    Query,
}

/// The forms that a value can be written in.
pub(super) const FORMS: [&str; 2] = ["upper", "query"];

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TemplateError {
    /// A `${` without its `}`.
    Open,
    /// A form that does not exist.
    Form(String),
}

impl Template {
    /// Reads a text.
    pub(super) fn parse(text: &str) -> Result<Self, TemplateError> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (inside, behind) = after.split_once('}').ok_or(TemplateError::Open)?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            let (name, form) = match inside.split_once('|') {
                None => (inside, Form::Plain),
                Some((name, "upper")) => (name, Form::Upper),
                Some((name, "query")) => (name, Form::Query),
                Some((_, form)) => return Err(TemplateError::Form(form.to_owned())),
            };
            let name = name.to_owned();
            parts.push(Part::Value { name, form });
            rest = behind;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        Ok(Self { parts })
    }

    /// The names of the values that the text needs.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().filter_map(|part| match part {
            Part::Value { name, .. } => Some(name.as_str()),
            Part::Text(_) => None,
        })
    }

    /// Puts the values in place.
    ///
    /// # Errors
    /// A value is missing.
    pub fn fill(&self, values: &BTreeMap<String, String>) -> Result<String, Unfilled> {
        self.fill_with(values, |_| true)
    }

    fn fill_with(
        &self,
        values: &BTreeMap<String, String>,
        fits: impl Fn(&str) -> bool,
    ) -> Result<String, Unfilled> {
        let mut text = String::new();
        for part in &self.parts {
            let (name, form) = match part {
                Part::Text(part) => {
                    text.push_str(part);
                    continue;
                }
                Part::Value { name, form } => (name, *form),
            };
            let value = values
                .get(name)
                .ok_or_else(|| Unfilled::Missing(name.clone()))?;
            let value = match form {
                Form::Plain => value.clone(),
                Form::Upper => value.to_uppercase(),
                Form::Query => percent_encoded(value),
            };
            if form != Form::Query && !fits(&value) {
                return Err(Unfilled::Unfit(name.clone()));
            }
            text.push_str(&value);
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values() -> BTreeMap<String, String> {
        [
            ("id", "a1"),
            ("name", "O'Brien+1@example.com"),
            ("dots", ".."),
        ]
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
    }

    fn fill(text: &str) -> Result<String, Unfilled> {
        Template::parse(text)
            .unwrap()
            .fill_with(&values(), fits_path)
    }

    #[test]
    fn values_take_their_places_in_the_form_that_is_asked_for() {
        assert_eq!(
            fill("/Users/${id}?x=${id|upper}").unwrap(),
            "/Users/a1?x=A1"
        );
        assert_eq!(
            fill("${name|query}").unwrap(),
            "O%27Brien%2B1%40example.com"
        );
        assert_eq!(fill("5 $ and } stay").unwrap(), "5 $ and } stay");
    }

    #[test]
    fn a_value_that_would_name_another_resource_never_enters_a_path() {
        assert_eq!(
            fill("/Users/${dots}"),
            Err(Unfilled::Unfit("dots".to_owned()))
        );
        assert_eq!(
            fill("/Users/${name}"),
            Err(Unfilled::Unfit("name".to_owned()))
        );
        assert_eq!(
            fill("/Users/${gone}"),
            Err(Unfilled::Missing("gone".to_owned()))
        );
    }

    #[test]
    fn a_template_that_is_not_closed_or_has_an_unknown_form_is_refused() {
        assert_eq!(Template::parse("${id"), Err(TemplateError::Open));
        let form = TemplateError::Form("loud".to_owned());
        assert_eq!(Template::parse("${id|loud}"), Err(form));
    }

    #[test]
    fn a_body_keeps_its_types_and_fills_its_texts() {
        let json = serde_json::json!({"a": [1, true, null, "${id}"], "b": {"c": "${name}"}});
        let filled = fill_json(&json, &values()).unwrap();
        let right =
            serde_json::json!({"a": [1, true, null, "a1"], "b": {"c": "O'Brien+1@example.com"}});
        assert_eq!(filled, right);
    }
}
