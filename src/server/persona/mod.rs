//! Personas: settings, as data, that make a tenant answer as a documented product does.
//!
//! Each is one file beside this one. A persona chooses; it is not wrong as a fault is: what it does is what its product
//! is documented to do, or what the RFCs permit.

use std::sync::LazyLock;

use serde::Deserialize;

use super::choices::Choices;
use super::settings::Leniency;
use super::types::Types;

/// One persona.
#[derive(Debug, Clone)]
pub struct Persona {
    /// Its name.
    pub id: String,
    /// The product, in a few words.
    pub title: String,
    /// What is special about it.
    pub about: String,
    /// Where that is said, and how sure it is.
    pub sources: Vec<String>,
    /// What it offers and chooses.
    pub choices: Choices,
    /// What it forgives.
    pub leniency: Leniency,
    /// The types of resources that follow from the choices.
    pub types: Types,
    /// The file that says all of this.
    pub text: &'static str,
}

/// A persona's file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    title: String,
    about: String,
    sources: Vec<String>,
    /// The names of the leniencies; all where it is absent.
    lenient: Option<Vec<String>>,
    #[serde(default)]
    choices: Choices,
}

const FILES: [(&str, &str); 6] = [
    (
        "aws-identity-center",
        include_str!("aws-identity-center.toml"),
    ),
    ("github-emu", include_str!("github-emu.toml")),
    ("permissive", include_str!("permissive.toml")),
    ("slack", include_str!("slack.toml")),
    ("sonarqube-cloud", include_str!("sonarqube-cloud.toml")),
    ("sonarqube-server", include_str!("sonarqube-server.toml")),
];

static ALL: LazyLock<Vec<Persona>> = LazyLock::new(|| {
    let personas = FILES.iter().map(|(id, text)| read(id, text));
    personas.filter_map(Result::ok).collect()
});

/// All personas, by name.
pub fn all() -> &'static [Persona] {
    &ALL
}

/// The persona of that name.
pub fn find(id: &str) -> Option<&'static Persona> {
    all().iter().find(|persona| persona.id == id)
}

fn read(id: &str, text: &'static str) -> Result<Persona, String> {
    let file: File = toml::from_str(text).map_err(|e| e.to_string())?;
    let leniency = match &file.lenient {
        None => Leniency::default(),
        Some(names) => {
            let names = names.iter().map(String::as_str);
            Leniency::only(names).map_err(|e| e.to_string())?
        }
    };
    Ok(Persona {
        id: id.to_owned(),
        title: file.title,
        about: file.about,
        sources: file.sources,
        types: Types::default().chosen(&file.choices.schema),
        choices: file.choices,
        leniency,
        text,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_persona_with_a_source() {
        for (id, text) in FILES {
            let persona = read(id, text).unwrap_or_else(|e| panic!("{id}: {e}"));
            assert!(!persona.sources.is_empty(), "{id}");
            assert!(persona.choices.base_path.starts_with('/'), "{id}");
            assert!(!persona.choices.base_path.ends_with('/'), "{id}");
            assert_eq!(find(id).map(|found| found.text), Some(text));
        }
        assert_eq!(all().len(), FILES.len());
    }

    #[test]
    fn attributes_that_a_persona_changes_exist() {
        use crate::server::store::Kind;
        for persona in all() {
            let schema = &persona.choices.schema;
            let names = [
                &schema.without,
                &schema.required,
                &schema.on_request,
                &schema.never_returned,
                &schema.not_unique,
            ];
            for name in names.into_iter().flatten() {
                let (of, path) = name.split_once('.').unwrap();
                let kind = match of {
                    "User" => Kind::User,
                    _ => Kind::Group,
                };
                assert_eq!(kind.resource_type().name, of, "{}: {name}", persona.id);
                let known = kind.resource_type().resolve(&path.parse().unwrap());
                assert!(known.is_some(), "{}: {name}", persona.id);
            }
        }
    }
}
