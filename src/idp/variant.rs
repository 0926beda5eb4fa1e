//! The variants by name.

use super::{Dialect, entra, jumpcloud, okta};
use crate::directory::{Dice, Family};

/// One variant of an IdP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variant {
    /// The id, such as `okta/custom-app`.
    pub id: &'static str,
    /// Whose it is.
    pub family: Family,
    /// What the vendor's administrators call it.
    pub label: &'static str,
}

impl Variant {
    /// The variant's dialect, at the beginning of its life with one app.
    pub fn dialect(&self, setup: Setup) -> Box<dyn Dialect> {
        match self.id {
            "okta/custom-app" => {
                Box::new(okta::Okta::new(okta::settings::Profile::CustomApp, setup))
            }
            "okta/catalog-app" => {
                Box::new(okta::Okta::new(okta::settings::Profile::CatalogApp, setup))
            }
            "entra/default" => entra::dialect(entra::Settings::unflagged(), setup),
            "entra/aadOptscim062020" => entra::dialect(entra::Settings::flagged(), setup),
            "jumpcloud" => jumpcloud::dialect(jumpcloud::Settings::default(), setup),
            id => unreachable!("{id} is not in VARIANTS"),
        }
    }
}

/// What a dialect needs to begin.
#[derive(Clone, Debug)]
pub struct Setup {
    /// Draws ids, GUIDs and passwords.
    pub dice: Dice,
    /// The e-mail address that JumpCloud's activation tries a person with.
    pub test_email: String,
}

/// The bundled variants.
pub const VARIANTS: &[Variant] = &[
    Variant {
        id: "okta/custom-app",
        family: Family::Okta,
        label: "Okta, custom app (App Integration Wizard)",
    },
    Variant {
        id: "okta/catalog-app",
        family: Family::Okta,
        label: "Okta, catalogue app (OIN and SCIM 2.0 test apps)",
    },
    Variant {
        id: "entra/default",
        family: Family::Entra,
        label: "Entra ID, non-gallery app",
    },
    Variant {
        id: "entra/aadOptscim062020",
        family: Family::Entra,
        label: "Entra ID, non-gallery app with ?aadOptscim062020",
    },
    Variant {
        id: "jumpcloud",
        family: Family::Jumpcloud,
        label: "JumpCloud, custom SCIM",
    },
];

/// A name that is no IdP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no IdP `{name}`{}", .nearest.as_ref().map(|n| format!("; did you mean `{n}`?")).unwrap_or_default())]
pub struct UnknownIdp {
    /// What was written.
    pub name: String,
    /// The nearest name that exists.
    pub nearest: Option<String>,
}

/// The variants that a name selects: one variant, or all of an IdP.
///
/// # Errors
/// No variant and no IdP has that name.
pub fn select(name: &str) -> Result<Vec<&'static Variant>, UnknownIdp> {
    let prefix = format!("{name}/");
    let hits: Vec<_> = VARIANTS
        .iter()
        .filter(|v| v.id == name || v.id.starts_with(&prefix))
        .collect();
    if !hits.is_empty() {
        return Ok(hits);
    }
    let names = VARIANTS
        .iter()
        .flat_map(|v| [Some(v.id), v.id.split_once('/').map(|(idp, _)| idp)])
        .flatten();
    let nearest = crate::nearest::name(name, names).map(str::to_owned);
    Err(UnknownIdp {
        name: name.to_owned(),
        nearest,
    })
}
