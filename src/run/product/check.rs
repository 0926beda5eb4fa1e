//! Whether a description can be tried, and what to mend where it cannot.

use super::description::{Action, Capture, Product};
use super::template::names;
use crate::nearest;

/// A part of a description.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The credential of that name.
    Credential(String),
    /// The section of that action.
    Action(Action),
}

impl std::fmt::Display for Part {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Credential(name) => write!(f, "credential `{name}`"),
            Self::Action(action) => write!(f, "`{action}`"),
        }
    }
}

/// What is wrong with a description of a product.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProductError {
    /// There is nothing to try.
    #[error(
        "`product` has no `credential` and no action: describe a session, a token, or what the administrator can do"
    )]
    Nothing,
    /// Two have one name.
    #[error("two credentials are named `{0}`: give each a name of its own")]
    Twice(String),
    /// The name cannot stand in a template.
    #[error(
        "`{0}` cannot name a credential: use letters, digits, `-` and `_`, and none of {own}",
        own = OWN.join(", ")
    )]
    Name(String),
    /// A path does not begin the way paths do.
    #[error("the path `{path}` of {of} must begin with `/`; scheme and host belong into `base`")]
    Path {
        /// Where it stands.
        of: Part,
        /// What was given.
        path: String,
    },
    /// A template names what there is not.
    #[error("{of} uses `{{{unknown}}}`, which nothing gives it; there are {known}{near}")]
    Unknown {
        /// Where it stands.
        of: Part,
        /// What the template names.
        unknown: String,
        /// What it can name.
        known: String,
        /// What was most likely meant.
        near: String,
    },
    /// Using it does not show it.
    #[error("no part of `use` of credential `{0}` holds `{{{0}}}`: it would prove nothing")]
    Unused(String),
    /// A request that leaves out what it is about.
    #[error("no part of a request of {of} holds `{{{name}}}`: {why}")]
    Lacks {
        /// Where it stands.
        of: Part,
        /// What is missing.
        name: &'static str,
        /// Why it must be there.
        why: &'static str,
    },
    /// A status says both.
    #[error("status {status} of {of} stands in `accepted` and in `refused`")]
    Both {
        /// Where it stands.
        of: Part,
        /// The status.
        status: u16,
    },
    /// A way of writing where something stands that leads nowhere.
    #[error("`{pointer}` of {of} is no JSON pointer: it begins with `/`, as in `/token`")]
    Pointer {
        /// Where it stands.
        of: Part,
        /// What was given.
        pointer: String,
    },
}

/// The names that mean something by themselves.
const OWN: [&str; 6] = ["userName", "email", "password", "role", "group", "seats"];

impl ProductError {
    /// The part of the description that is wrong.
    pub fn part(&self) -> Option<Part> {
        match self {
            Self::Nothing => None,
            Self::Twice(name) | Self::Name(name) | Self::Unused(name) => {
                Some(Part::Credential(name.clone()))
            }
            Self::Path { of, .. }
            | Self::Unknown { of, .. }
            | Self::Lacks { of, .. }
            | Self::Both { of, .. }
            | Self::Pointer { of, .. } => Some(of.clone()),
        }
    }
}

impl Product {
    /// Whether what was described can be tried.
    ///
    /// # Errors
    /// It cannot; the error says where and why.
    pub fn check(&self) -> Result<(), ProductError> {
        let described = self.described();
        if self.credentials.is_empty() && described.is_empty() {
            return Err(ProductError::Nothing);
        }
        let mut known = vec!["userName", "email"];
        for spec in &self.credentials {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            let name = spec.name.as_str();
            if name.is_empty() || !name.chars().all(allowed) || OWN.contains(&name) {
                return Err(ProductError::Name(name.to_owned()));
            }
            if known.contains(&name) {
                return Err(ProductError::Twice(name.to_owned()));
            }
            let of = || Part::Credential(name.to_owned());
            check_names(&of, spec.mint.texts(), &known)?;
            known.push(name);
            check_names(&of, spec.usage.texts(), &known)?;
            let mut used = spec.usage.texts().flat_map(names);
            if !used.any(|used| used == name) {
                return Err(ProductError::Unused(name.to_owned()));
            }
            check_path(&of, &spec.mint.path)?;
            check_path(&of, &spec.usage.path)?;
            check_statuses(&of, &spec.usage.accepted, &spec.usage.refused)?;
            if let Capture::Json(pointer) = &spec.mint.capture {
                check_pointer(&of, pointer)?;
            }
        }
        for described in described {
            let of = || Part::Action(described.action);
            // What is about the whole product is asked for nobody.
            let nobody = matches!(
                described.action,
                Action::Provisioning | Action::Seats | Action::Administrators
            );
            let known = if nobody { &[][..] } else { &known };
            let known: Vec<&str> = known.iter().chain(described.more).copied().collect();
            check_names(&of, described.ask.texts(), &known)?;
            check_path(&of, &described.ask.path)?;
            check_statuses(&of, &described.ask.accepted, &described.ask.refused)?;
            // A name may stand in a body that nobody can look through; `seats` alone must be a number that is put there.
            let lacks =
                |name| described.more.contains(&name) && !described.ask.names().any(|n| n == name);
            for (name, why) in [
                ("seats", "it would set no number"),
                ("password", "it would prove nothing"),
                ("role", "it would give and take no role"),
            ] {
                if lacks(name) {
                    return Err(ProductError::Lacks {
                        of: of(),
                        name,
                        why,
                    });
                }
            }
        }
        for (action, pointer) in self.pointers() {
            check_pointer(&|| Part::Action(action), pointer)?;
        }
        if let Some(group) = &self.role_group {
            let of = || Part::Action(Action::RoleGroup);
            check_names(&of, std::iter::once(group.role.as_str()), &["group"])?;
            if !names(&group.role).any(|name| name == "group") {
                return Err(ProductError::Lacks {
                    of: of(),
                    name: "group",
                    why: "groups of the run have names of their own, and no other gives them a role",
                });
            }
        }
        Ok(())
    }
}

fn check_names<'a>(
    of: &impl Fn() -> Part,
    texts: impl Iterator<Item = &'a str>,
    known: &[&str],
) -> Result<(), ProductError> {
    for used in texts.flat_map(names) {
        if !used.starts_with("env:") && !known.contains(&used) {
            return Err(ProductError::Unknown {
                of: of(),
                unknown: used.to_owned(),
                known: [known, &["env:NAME"]].concat().join(", "),
                near: nearest::hint(used, known.iter().copied()),
            });
        }
    }
    Ok(())
}

fn check_path(of: &impl Fn() -> Part, path: &str) -> Result<(), ProductError> {
    if path.starts_with('/') {
        return Ok(());
    }
    let path = path.to_owned();
    Err(ProductError::Path { of: of(), path })
}

fn check_statuses(
    of: &impl Fn() -> Part,
    accepted: &[u16],
    refused: &[u16],
) -> Result<(), ProductError> {
    match accepted.iter().find(|status| refused.contains(status)) {
        None => Ok(()),
        Some(&status) => Err(ProductError::Both { of: of(), status }),
    }
}

fn check_pointer(of: &impl Fn() -> Part, pointer: &str) -> Result<(), ProductError> {
    if pointer.starts_with('/') {
        return Ok(());
    }
    let pointer = pointer.to_owned();
    Err(ProductError::Pointer { of: of(), pointer })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::wire::Method;

    fn read(json: &str) -> Result<Product, String> {
        let product: Product = serde_json::from_str(json).map_err(|e| e.to_string())?;
        product.check().map_err(|e| e.to_string())?;
        Ok(product)
    }

    const SESSION: &str = r#"{"credential":[{"name":"s","kind":"session",
        "mint":{"path":"/login","body":"{\"user\":\"{userName}\",\"key\":\"{env:KEY}\"}","capture":{"cookie":"SID"}},
        "use":{"path":"/me","headers":{"Cookie":"SID={s}"}}}],
        "roles":{"read":{"path":"/roles","headers":{"Cookie":"SID={s}","X-Key":"{env:OTHER}"}},"at":"/roles"},
        "role-group":{"role":"team:{group}"},
        "seats":{"read":{"path":"/seats"},"at":"/limit","taken":"/taken","set":{"path":"/seats","body":"{\"limit\":{seats}}"}}}"#;

    #[test]
    fn what_is_left_out_has_a_default() {
        let product = read(SESSION).unwrap();
        let session = &product.credentials[0];
        assert_eq!(
            (session.mint.method, session.usage.method),
            (Method::Post, Method::Get)
        );
        assert_eq!(session.usage.refused, [401, 403]);
        let names = ["KEY".to_owned(), "OTHER".to_owned()];
        assert_eq!(product.environment(), BTreeSet::from(names));
        assert!(product.has(Action::Seats) && !product.has(Action::Ban));
    }

    #[test]
    fn the_bundled_product_does_all_that_can_be_described() {
        let product = Product::bundled().unwrap();
        let described: BTreeSet<Action> = product.described().iter().map(|d| d.action).collect();
        assert_eq!(
            described.len() + usize::from(product.role_group.is_some()),
            11
        );
    }

    #[test]
    fn a_mistake_is_named() {
        for (from, to, says) in [
            ("{userName}", "{username}", "uses `{username}`"),
            ("{userName}", "{username}", "did you mean `userName`?"),
            ("\"SID={s}\"}}}", "\"SID=1\"}}}", "would prove nothing"),
            (
                "\"/me\"",
                "\"https://app.example.com/me\"",
                "must begin with `/`",
            ),
            ("\"name\":\"s\"", "\"name\":\"email\"", "cannot name"),
            ("\"name\":\"s\"", "\"name\":\"role\"", "cannot name"),
            (
                "{\"cookie\":\"SID\"}",
                "{\"json\":\"token\"}",
                "no JSON pointer",
            ),
            (
                "\"path\":\"/me\"",
                "\"path\":\"/me\",\"refused\":[200]",
                "status 200",
            ),
            (
                "\"kind\":\"session\"",
                "\"kind\":\"badge\"",
                "unknown variant",
            ),
            ("\"path\":\"/me\"", "\"pth\":\"/me\"", "unknown field"),
            (
                "\"at\":\"/roles\"",
                "\"at\":\"roles\"",
                "`roles` of `[product.roles]` is no",
            ),
            (
                "\"/roles\",\"h",
                "\"roles\",\"h",
                "path `roles` of `[product.roles]`",
            ),
            ("{s}\",\"X", "{sid}\",\"X", "`[product.roles]` uses `{sid}`"),
            ("{seats}", "5", "holds `{seats}`: it would set no number"),
            ("team:{group}", "team", "holds `{group}`"),
        ] {
            let error = read(&SESSION.replace(from, to)).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        assert!(
            read(r#"{"credential":[]}"#)
                .unwrap_err()
                .contains("no `credential`")
        );
    }
}
