//! The whole file.

use std::path::{Path, PathBuf};

use toml::de::DeTable;

use super::reader::{Notes, Section};
use super::target::{self, AccessSection, TargetSection};
use super::{app, product, switches};
use crate::directory::Family;
use crate::idp::{self, VARIANTS, Variant, custom};
use crate::mistake::FileError;
use crate::run::Product;

/// What a target file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// The file, as it was named.
    pub file: PathBuf,
    /// The section `[target]`.
    pub target: TargetSection,
    /// The section `[other-tenant]`.
    pub other_tenant: Option<AccessSection>,
    /// The section `[product]`.
    pub product: Option<Product>,
    /// Every variant that the binary and the profiles of the file hold, its app and its switches set as the file says.
    pub variants: Vec<Variant>,
}

impl Config {
    /// Reads a file's text. `file` is the name under which mistakes are reported.
    ///
    /// # Errors
    /// Everything that is wrong with the file, with its place.
    pub fn parse(file: &Path, text: &str) -> Result<Self, FileError> {
        let notes = Notes::default();
        let config = read(file, text, &notes);
        notes.into_result(&file.display().to_string(), text)?;
        Ok(config)
    }
}

fn read(file: &Path, text: &str, notes: &Notes) -> Config {
    let (root, broken) = DeTable::parse_recoverable(text);
    for error in &broken {
        let what = format!("this is not TOML: {}", error.message());
        let help = "mend the brackets, quotes or the equals sign; texts stand in quotes";
        notes.add(error.span().unwrap_or_default(), "here", what, help);
    }
    let mut config = Config {
        file: file.to_owned(),
        target: TargetSection::default(),
        other_tenant: None,
        product: None,
        variants: idp::every().to_vec(),
    };
    if !broken.is_empty() {
        return config;
    }
    let mut all = Section::new("the file", root.span(), root.get_ref(), notes);
    version(&mut all);
    if let Some(section) = all.section("target") {
        config.target = target::read(section);
    }
    if let Some(section) = all.section("other-tenant") {
        config.other_tenant = Some(target::read_other(section, &config.target.access));
    }
    if let Some(at) = all.key("product")
        && let Some(written) = all.value("product")
    {
        config.product = product::read(text, at, written, notes);
    }
    profiles(file, &mut all, &mut config.variants);
    // The administrator's settings are those of the vendors' own apps; a profile says by itself what its app is like.
    let own = &mut config.variants[..VARIANTS.len()];
    for family in [Family::Okta, Family::Entra, Family::Jumpcloud] {
        if let Some(section) = all.section(app::name(family)) {
            app::read(family, section, own);
        }
    }
    for forbidden in &config.target.forbidden {
        for variant in &mut config.variants {
            variant.app.map(forbidden.clone(), None);
        }
    }
    if let Some(section) = all.section("idp") {
        switches::read(section, &mut config.variants);
    }
    all.end();
    config
}

/// Adds the IdPs of the profiles that the file names, beside which they stand.
fn profiles(file: &Path, all: &mut Section<'_>, variants: &mut Vec<Variant>) {
    for name in all.texts("idp-profiles").unwrap_or_default() {
        let path = file.parent().unwrap_or(Path::new("")).join(name.get_ref());
        match custom::load(&path, variants) {
            Ok(variant) => variants.push(variant),
            Err(wrong) => {
                let lines: Vec<String> = wrong.lines().collect();
                let what = format!("this profile cannot be used: {}", lines.join("; "));
                let help = format!("`scimulate check {}` shows the places", path.display());
                all.notes().add(name.span(), "this profile", what, help);
            }
        }
    }
}

fn version(all: &mut Section<'_>) {
    if all.key("config").is_none() {
        let what = "the file does not say in which form it is";
        all.notes().add(
            0..0,
            "at the beginning",
            what,
            "write `config = 1` as its first line",
        );
    }
    all.read("config", |form| match form {
        "1" => Ok(()),
        form => Err(format!(
            "this is form {form} of a target file: this version reads form 1; use a newer scimulate"
        )),
    });
}
