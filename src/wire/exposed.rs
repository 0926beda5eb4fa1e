//! What this run made in another tenant, as it looks from this one.
//!
//! A probe attacks it with this tenant's credentials. It was made by the run, so nobody is harmed, unless the id stands for
//! somebody else here: tenants may number their people each from one.

use super::Reply;

/// A resource of another tenant's, and whom its id stands for here.
#[derive(Clone, Debug)]
pub(super) struct Exposed {
    /// The name that it was made under.
    name: String,
    /// What a GET of the id was answered with here.
    shown: Option<Shown>,
}

/// Whom an id of another tenant's stands for here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Shown {
    /// Nobody, as far as can be seen.
    Nobody,
    /// The very resource of the other tenant.
    Itself,
    /// Something else that has the same id.
    Stranger,
}

/// Ids of fewer characters may be numbers that each tenant gives out anew: what is free now can be somebody's in a moment.
const UNIQUE: usize = 16;

impl Exposed {
    /// What was made under that name.
    pub(super) fn new(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            shown: None,
        }
    }

    /// Learns from the answer to a GET of the id whom it stands for here.
    pub(super) fn learn(&mut self, status: u16, reply: &Reply) {
        self.shown = match status {
            200..=299 => {
                let named = |attribute| {
                    let name = reply.json()?.get(attribute)?.as_str()?;
                    Some(name.eq_ignore_ascii_case(&self.name))
                };
                match named("userName").or_else(|| named("displayName")) {
                    Some(true) => Some(Shown::Itself),
                    _ => Some(Shown::Stranger),
                }
            }
            400..=499 if status != 429 => Some(Shown::Nobody),
            _ => self.shown,
        };
    }

    /// Whether a write to the id can hit nothing but the other tenant's resource.
    pub(super) fn harms_nobody(&self, id: &str) -> bool {
        match self.shown {
            Some(Shown::Itself) => true,
            Some(Shown::Nobody) => id.len() >= UNIQUE,
            Some(Shown::Stranger) | None => false,
        }
    }
}
