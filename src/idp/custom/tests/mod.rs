//! Profiles: what they send, compared as bytes, and what is said of those that are wrong.

mod diagnostics;
mod golden;
mod random;
mod schema;

use super::parse;
use crate::idp::stage::dice;
use crate::idp::{Dialect, Setup, Variant, select};

/// The bundled profile of that name.
fn bundled(id: &str) -> Variant {
    select(id).unwrap()[0].clone()
}

fn dialect(variant: &Variant) -> Box<dyn Dialect> {
    variant.dialect(Setup {
        dice: dice(),
        test_email: "nobody@example.com".to_owned(),
        app: variant.app.clone(),
    })
}
