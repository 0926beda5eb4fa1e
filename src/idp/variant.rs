//! The variants by name.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::Value;

use super::switches::{self, Switch, SwitchError};
use super::{Dialect, custom, entra, jumpcloud, okta};
use crate::directory::{AppSettings, Dice, Family, Terms};

/// One variant of an IdP: a bundled one, or one that is made from it with other settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The id, such as `okta/custom-app`.
    pub id: String,
    /// The bundled variant that it behaves and promises like: its own id, but for one that is made from another.
    pub base: String,
    /// Whose it is.
    pub family: Family,
    /// What the vendor's administrators call it.
    pub label: String,
    /// The app's settings before a story changes any.
    pub app: AppSettings,
    /// What its customers are promised where IdPs differ.
    pub terms: Terms,
    /// Headers that every request has in place of the dialect's, or that none has.
    pub constants: Vec<(String, Option<String>)>,
    kind: Kind,
}

/// Which dialect speaks, and how it is switched.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Kind {
    Okta(okta::Switches),
    Entra(entra::Settings),
    Jumpcloud(jumpcloud::Settings),
    Flows(Family, Arc<custom::Flows>),
}

impl Variant {
    fn new(id: &str, label: &str, kind: Kind) -> Self {
        let family = match kind {
            Kind::Okta(..) => Family::Okta,
            Kind::Entra(_) => Family::Entra,
            Kind::Jumpcloud(_) => Family::Jumpcloud,
            Kind::Flows(family, _) => family,
        };
        Self {
            id: id.to_owned(),
            base: id.to_owned(),
            family,
            label: label.to_owned(),
            app: AppSettings::defaults(family),
            terms: Terms::of(family),
            constants: Vec::new(),
            kind,
        }
    }

    /// An IdP that is written as data. What it never sends is never promised.
    pub(super) fn of_flows(family: Family, flows: Arc<custom::Flows>) -> Self {
        let terms = flows.terms(family);
        let renames = flows.renames_groups();
        let mut variant = Self::new("", "", Kind::Flows(family, flows));
        variant.terms = terms;
        variant.app.rename_groups = renames;
        variant.app.features.import_users = false;
        variant
    }

    /// The same variant under another name. What writes its own flows behaves like no other.
    pub(super) fn named(mut self, id: String, label: String) -> Self {
        if matches!(self.kind, Kind::Flows(..)) {
            self.base.clone_from(&id);
        }
        self.id = id;
        self.label = label;
        self
    }

    fn okta(id: &str, label: &str, profile: okta::Profile) -> Self {
        Self {
            app: profile.app_settings(),
            ..Self::new(id, label, Kind::Okta(okta::Switches::of(profile)))
        }
    }

    /// The variant's dialect, at the beginning of its life with one app.
    pub fn dialect(&self, setup: Setup) -> Box<dyn Dialect> {
        match self.kind.clone() {
            Kind::Okta(switches) => Box::new(okta::Okta::switched(switches, setup)),
            Kind::Entra(settings) => entra::dialect(settings, setup),
            Kind::Jumpcloud(settings) => jumpcloud::dialect(settings, setup),
            Kind::Flows(_, flows) => custom::dialect(flows, setup),
        }
    }

    /// The variant's switches, in the order of their declaration.
    pub fn switches(&self) -> Vec<Switch> {
        match &self.kind {
            Kind::Okta(switches) => switches::listed(switches),
            Kind::Entra(settings) => switches::listed(settings),
            Kind::Jumpcloud(settings) => switches::listed(settings),
            Kind::Flows(..) => Vec::new(),
        }
    }

    /// Sets one switch by its name. A table changes the members that it names, and keeps the others.
    ///
    /// # Errors
    /// There is no such switch, or it takes no such value; nothing is changed.
    pub fn switch(&mut self, name: &str, value: Value) -> Result<(), SwitchError> {
        let changes = BTreeMap::from([(name.to_owned(), value)]);
        match &mut self.kind {
            Kind::Okta(switches) => *switches = switches::changed(switches, &changes)?,
            Kind::Entra(settings) => *settings = switches::changed(settings, &changes)?,
            Kind::Jumpcloud(settings) => *settings = switches::changed(settings, &changes)?,
            Kind::Flows(..) => {
                return Err(SwitchError::Unknown {
                    name: name.to_owned(),
                    known: Vec::new(),
                });
            }
        }
        Ok(())
    }
}

/// What a dialect needs to begin.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Draws ids, GUIDs and passwords.
    pub dice: Dice,
    /// The e-mail address that JumpCloud's activation tries a person with.
    pub test_email: String,
    /// The app's settings as they stand when the story begins.
    pub app: AppSettings,
}

/// The bundled variants.
pub static VARIANTS: LazyLock<Vec<Variant>> = LazyLock::new(|| {
    vec![
        Variant::okta(
            "okta/custom-app",
            "Okta, custom app (App Integration Wizard)",
            okta::Profile::CustomApp,
        ),
        Variant::okta(
            "okta/catalog-app",
            "Okta, catalogue app (OIN and SCIM 2.0 test apps)",
            okta::Profile::CatalogApp,
        ),
        Variant::okta(
            "okta/on-prem-agent",
            "Okta, on-premises provisioning agent",
            okta::Profile::OnPremAgent,
        ),
        Variant::new(
            "entra/default",
            "Entra ID, non-gallery app",
            Kind::Entra(entra::Settings::unflagged()),
        ),
        Variant::new(
            "entra/aadOptscim062020",
            "Entra ID, non-gallery app with ?aadOptscim062020",
            Kind::Entra(entra::Settings::flagged()),
        ),
        Variant::new(
            "entra/on-demand",
            "Entra ID, provisioning on demand",
            Kind::Entra(entra::Settings::on_demand()),
        ),
        Variant::new(
            "jumpcloud",
            "JumpCloud, custom SCIM",
            Kind::Jumpcloud(jumpcloud::Settings::default()),
        ),
    ]
});

/// Every variant that the binary holds: those of [`VARIANTS`], which a run plays unasked, and those that are written as data.
pub fn every() -> &'static [Variant] {
    static EVERY: LazyLock<Vec<Variant>> = LazyLock::new(|| {
        let data = custom::bundled().iter();
        VARIANTS.iter().chain(data).cloned().collect()
    });
    &EVERY
}

/// A name that is no IdP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no IdP `{name}`{}", .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
pub struct UnknownIdp {
    /// What was written.
    pub name: String,
    /// The nearest name that exists.
    pub nearest: Option<String>,
}

/// The bundled variants that a name selects: one variant, or all of an IdP.
///
/// # Errors
/// No variant and no IdP has that name.
pub fn select(name: &str) -> Result<Vec<&'static Variant>, UnknownIdp> {
    select_from(every(), name)
}

/// The variants that a name selects out of those: one variant, or all of an IdP.
///
/// # Errors
/// No variant and no IdP among them has that name.
pub fn select_from<'a>(
    variants: &'a [Variant],
    name: &str,
) -> Result<Vec<&'a Variant>, UnknownIdp> {
    let prefix = format!("{name}/");
    let hits: Vec<_> = variants
        .iter()
        .filter(|v| v.id == name || v.id.starts_with(&prefix))
        .collect();
    if !hits.is_empty() {
        return Ok(hits);
    }
    let nearest = crate::nearest::name(name, names(variants)).map(str::to_owned);
    Err(UnknownIdp {
        name: name.to_owned(),
        nearest,
    })
}

/// Every name that selects one of those variants: their ids and their IdPs'.
pub fn names(variants: &[Variant]) -> impl Iterator<Item = &str> {
    variants
        .iter()
        .flat_map(|v| {
            let idp = v.id.split_once('/').map(|(idp, _)| idp);
            [Some(v.id.as_str()), idp]
        })
        .flatten()
}
