//! What credentials may be used for: a verb on a type of resources, written `get:users`, or `read` and `write` for many
//! at once.

use std::fmt;
use std::str::FromStr;

use http::Method;

use super::handler::Route;
use super::store::Kind;
use crate::nearest;

const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];
const KINDS: [&str; 2] = ["users", "groups"];

/// A set of scopes. By default all.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Scopes(u16);

/// A name that no scope has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no scope `{name}`{hint}; write read, write, scim (all) or a verb and a type, such as get:users"
)]
pub struct UnknownScope {
    /// The name.
    pub name: String,
    /// The name that was meant, perhaps.
    pub hint: String,
}

impl Default for Scopes {
    fn default() -> Self {
        Self::ALL
    }
}

impl Scopes {
    /// Everything.
    pub const ALL: Self = Self((1 << (VERBS.len() * KINDS.len())) - 1);
    /// Nothing.
    pub const NONE: Self = Self(0);

    /// What a request needs. A bulk request needs what its operations need, each by itself.
    pub(super) fn needed(method: &Method, route: &Route) -> Self {
        let kinds: &[Kind] = match route {
            Route::Resources(kind) | Route::Resource(kind, _) | Route::Search(Some(kind)) => {
                std::slice::from_ref(kind)
            }
            Route::Root | Route::Search(None) => &[Kind::User, Kind::Group],
            Route::Discovery(..) | Route::Bulk | Route::Me | Route::Unknown => &[],
        };
        let method = match route {
            Route::Search(_) => "get",
            _ if *method == Method::HEAD => "get",
            _ => method.as_str(),
        };
        let Some(verb) = VERBS.iter().position(|v| v.eq_ignore_ascii_case(method)) else {
            return Self::NONE;
        };
        let place = |kind: &Kind| match kind {
            Kind::User => 0,
            Kind::Group => 1,
        };
        Self(
            kinds
                .iter()
                .fold(0, |bits, kind| bits | bit(verb, place(kind))),
        )
    }

    /// Whether nothing is missing.
    pub(super) fn contain(self, needed: Self) -> bool {
        needed.0 & !self.0 == 0
    }

    /// What this holds and the other does not.
    pub(super) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The names of the single scopes.
    pub fn names(self) -> Vec<String> {
        let mut names = Vec::new();
        for (place, kind) in KINDS.iter().enumerate() {
            for (verb, name) in VERBS.iter().enumerate() {
                if self.0 & bit(verb, place) != 0 {
                    names.push(format!("{name}:{kind}"));
                }
            }
        }
        names
    }
}

const fn bit(verb: usize, kind: usize) -> u16 {
    1 << (kind * VERBS.len() + verb)
}

/// Scopes separated by commas or blanks.
impl FromStr for Scopes {
    type Err = UnknownScope;

    fn from_str(text: &str) -> Result<Self, UnknownScope> {
        let names = text.split([',', ' ']).filter(|name| !name.is_empty());
        names
            .map(one)
            .try_fold(Self::NONE, |all, one| Ok(all.or(one?)))
    }
}

fn one(name: &str) -> Result<Scopes, UnknownScope> {
    let both = |verb: usize| bit(verb, 0) | bit(verb, 1);
    match name {
        "scim" => return Ok(Scopes::ALL),
        "read" => return Ok(Scopes(both(0))),
        "write" => {
            return Ok(Scopes(
                (1..VERBS.len()).fold(0, |bits, verb| bits | both(verb)),
            ));
        }
        _ => {}
    }
    let known = name.split_once(':').and_then(|(verb, kind)| {
        let verb = VERBS.iter().position(|v| *v == verb)?;
        let kind = KINDS.iter().position(|k| *k == kind)?;
        Some(Scopes(bit(verb, kind)))
    });
    known.ok_or_else(|| {
        let all = Scopes::ALL.names();
        let names = all
            .iter()
            .map(String::as_str)
            .chain(["read", "write", "scim"]);
        UnknownScope {
            name: name.to_owned(),
            hint: nearest::hint(name, names),
        }
    })
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names().join(" "))
    }
}

impl fmt::Debug for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Scopes({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_read_and_written() {
        let read: Scopes = "read".parse().unwrap();
        assert_eq!(read.to_string(), "get:users get:groups");
        let all: Scopes = "read,write".parse().unwrap();
        assert_eq!(all, Scopes::ALL);
        assert_eq!(all.to_string().parse(), Ok(all));
        assert_eq!("".parse(), Ok(Scopes::NONE));
        let wrong = "get:user".parse::<Scopes>().unwrap_err().to_string();
        assert!(wrong.contains("did you mean `get:users`?"), "{wrong}");
    }

    #[test]
    fn a_request_needs_its_verb_on_its_type() {
        let needed = |method: Method, path: &[&str]| {
            let segments: Vec<String> = path.iter().map(ToString::to_string).collect();
            Scopes::needed(&method, &Route::read(&segments)).to_string()
        };
        assert_eq!(needed(Method::GET, &["Users"]), "get:users");
        assert_eq!(needed(Method::HEAD, &["Users", "1"]), "get:users");
        assert_eq!(needed(Method::PATCH, &["Groups", "1"]), "patch:groups");
        assert_eq!(needed(Method::POST, &["Groups", ".search"]), "get:groups");
        assert_eq!(needed(Method::POST, &[".search"]), "get:users get:groups");
        assert_eq!(needed(Method::GET, &["Schemas"]), "");
        assert_eq!(needed(Method::POST, &["Bulk"]), "");
        let read: Scopes = "read".parse().unwrap();
        assert!(read.contain(Scopes::NONE));
        assert!(!read.contain("post:users".parse().unwrap()));
    }
}
