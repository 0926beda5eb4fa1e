//! The section `[product]`: how people get in at the product behind the endpoint, and what its administrator can do.

use std::ops::Range;

use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::reader::Notes;
use crate::nearest;
use crate::run::{Part, Product, is_template};
use crate::wire::transport::Target;

const HELP: &str = "see \"Are leavers really out?\" in the README for a whole example";

/// The one section that is of interest here; the others are read elsewhere.
#[derive(Deserialize)]
struct File {
    product: Product,
}

/// The same section, for the places of its credentials.
#[derive(Deserialize)]
struct Places {
    product: Credentials,
}

#[derive(Deserialize)]
struct Credentials {
    #[serde(default)]
    credential: Vec<Named>,
}

#[derive(Deserialize)]
struct Named {
    name: Spanned<String>,
}

/// Reads the section, which stands at `at`, from the whole text. `written` is the section as it stands there.
pub(super) fn read(
    text: &str,
    at: Range<usize>,
    written: &Spanned<DeValue<'_>>,
    notes: &Notes,
) -> Option<Product> {
    secrets("", written, notes);
    let section = at.clone();
    let product = match toml::from_str::<File>(text) {
        Ok(file) => file.product,
        Err(e) => {
            let what = format!("{}{}", e.message(), near(e.message()));
            notes.add(e.span().unwrap_or(at), "here", what, HELP);
            return None;
        }
    };
    if let Some(base) = &product.base
        && let Err(e) = Target::parse(base)
    {
        let help =
            "write scheme and host of the product, such as `base = \"https://app.example.com\"`";
        let what = format!("`base` of `product`: {e}");
        notes.add(at.clone(), "this section", what, help);
    }
    match product.check() {
        Ok(()) => Some(product),
        Err(e) => {
            let at = match e.part() {
                Some(Part::Credential(name)) => place(text, &name),
                Some(Part::Action(action)) => key(written, action.name()),
                None => None,
            };
            let at = at.unwrap_or(section);
            notes.add(at, "this", e.to_string(), HELP);
            None
        }
    }
}

/// Where the section of that action begins.
fn key(section: &Spanned<DeValue<'_>>, name: &str) -> Option<Range<usize>> {
    let DeValue::Table(table) = section.get_ref() else {
        return None;
    };
    let (key, _) = table.iter().find(|(key, _)| key.get_ref() == name)?;
    Some(key.span())
}

/// The name that an unknown one stands for most likely, where the message lists those that there are.
fn near(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    match (message.starts_with("unknown"), quoted.next()) {
        (true, Some(wrong)) => nearest::hint(wrong, quoted),
        _ => String::new(),
    }
}

/// Where the last credential of that name has its name.
fn place(text: &str, name: &str) -> Option<Range<usize>> {
    let places = toml::from_str::<Places>(text).ok()?;
    let mut names = places.product.credential.into_iter().rev();
    let found = names.find(|credential| credential.name.get_ref() == name)?;
    Some(found.name.span())
}

/// Refuses what looks like a secret that stands in the file itself, and keeps it out of every message.
fn secrets(key: &str, value: &Spanned<DeValue<'_>>, notes: &Notes) {
    match value.get_ref() {
        DeValue::String(text) => {
            let bare = match key {
                "body" => bare_in_body(text),
                "path" => text
                    .split_once('?')
                    .is_some_and(|(_, query)| bare_in_form(query)),
                // A URL with credentials is refused as a URL; nor is it shown.
                "base" => {
                    if Target::parse(text).is_err() {
                        notes.hide(value.span());
                    }
                    false
                }
                _ => is_bare(key, text),
            };
            if bare {
                notes.hide(value.span());
                let what =
                    format!("a secret may not stand in this file, and `{key}` seems to hold one");
                let help =
                    "put it into an environment variable and write `{env:NAME}` in its place";
                notes.add(value.span(), "a secret", what, help);
            }
        }
        DeValue::Array(items) => items.iter().for_each(|item| secrets(key, item, notes)),
        // The name of a cookie or a header is no secret.
        DeValue::Table(_) if key == "capture" => {}
        DeValue::Table(table) => {
            for (key, value) in table.iter() {
                secrets(key.get_ref(), value, notes);
            }
        }
        _ => {}
    }
}

/// Whether that is the value of something secret, and none of it is filled in later.
fn is_bare(name: &str, value: &str) -> bool {
    const SECRET: [&str; 8] = [
        "authorization",
        "cookie",
        "password",
        "passwd",
        "secret",
        "token",
        "apikey",
        "accesskey",
    ];
    let name: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let name = name.to_ascii_lowercase();
    !value.trim().is_empty() && !is_template(value) && SECRET.iter().any(|end| name.ends_with(end))
}

fn bare_in_form(form: &str) -> bool {
    url::form_urlencoded::parse(form.as_bytes()).any(|(name, value)| is_bare(&name, &value))
}

fn bare_in_body(body: &str) -> bool {
    match serde_json::from_str(body) {
        Ok(json) => bare_in_json("", &json),
        Err(_) => bare_in_form(body),
    }
}

fn bare_in_json(name: &str, json: &serde_json::Value) -> bool {
    use serde_json::Value;
    match json {
        Value::String(text) => is_bare(name, text),
        Value::Array(items) => items.iter().any(|item| bare_in_json(name, item)),
        Value::Object(members) => members
            .iter()
            .any(|(name, value)| bare_in_json(name, value)),
        _ => false,
    }
}
