//! What is known of the product behind the endpoint: how a person's session or token is made there, and how it is used.
//!
//! Requests are templates. `{userName}` and `{email}` are the person's, `{NAME}` is a credential that an earlier entry
//! made, `{env:NAME}` is a secret of the tester's. Other braces stand for themselves, so JSON can be written as it is.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use crate::wire::Method;

/// How people's credentials are made and used at the product behind the endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Product {
    /// Scheme and authority of the product; without it those of the target.
    #[serde(default)]
    pub base: Option<String>,
    /// What a person can have, in the order in which it is made.
    #[serde(rename = "credential")]
    pub credentials: Vec<CredentialSpec>,
    /// The secrets behind `{env:NAME}`, which are never read from a file.
    #[serde(skip)]
    pub secrets: BTreeMap<String, String>,
}

/// One thing by which a person gets in.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CredentialSpec {
    /// The name under which later requests use it.
    pub name: String,
    /// What it is.
    pub kind: CredentialKind,
    /// How it is made.
    pub mint: Mint,
    /// How it is used.
    #[serde(rename = "use")]
    pub usage: Usage,
}

/// What a credential is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CredentialKind {
    /// A session: what a person has who signed in.
    Session,
    /// A personal access token: what a person made for programs.
    Token,
}

/// The request that makes a credential.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Mint {
    /// The method.
    #[serde(default = "post")]
    pub method: Method,
    /// Path and query behind the base.
    pub path: String,
    /// The headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default)]
    pub body: Option<String>,
    /// Whether the request shows the credentials that the SCIM endpoint is given.
    #[serde(default)]
    pub target_credentials: bool,
    /// Where the credential stands in the answer.
    pub capture: Capture,
}

/// Where a credential stands in an answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Capture {
    /// At that JSON pointer of the body (RFC 6901).
    Json(String),
    /// In that header.
    Header(String),
    /// In the cookie of that name.
    Cookie(String),
}

/// The request that uses a credential.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Usage {
    /// The method.
    #[serde(default = "get")]
    pub method: Method,
    /// Path and query behind the base.
    pub path: String,
    /// The headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
    /// The body.
    #[serde(default)]
    pub body: Option<String>,
    /// The statuses by which the product shows that it lets the person in.
    #[serde(default = "accepted")]
    pub accepted: Vec<u16>,
    /// The statuses by which it shows that it does not.
    #[serde(default = "refused")]
    pub refused: Vec<u16>,
}

fn post() -> Method {
    Method::Post
}

fn get() -> Method {
    Method::Get
}

fn accepted() -> Vec<u16> {
    vec![200, 204]
}

fn refused() -> Vec<u16> {
    vec![401, 403]
}

/// What is wrong with a description of a product.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProductError {
    /// There is nothing to try.
    #[error("`product` has no `credential`: describe a session, a token, or both")]
    Nothing,
    /// Two have one name.
    #[error("two credentials are named `{0}`: give each a name of its own")]
    Twice(String),
    /// The name cannot stand in a template.
    #[error(
        "`{0}` cannot name a credential: use letters, digits, `-` and `_`, and neither `userName` nor `email`"
    )]
    Name(String),
    /// A path does not begin the way paths do.
    #[error(
        "the path `{path}` of credential `{name}` must begin with `/`; scheme and host belong into `base`"
    )]
    Path {
        /// The credential.
        name: String,
        /// What was given.
        path: String,
    },
    /// A template names what there is not.
    #[error("credential `{name}` uses `{{{unknown}}}`, which nothing gives it; there are {known}")]
    Unknown {
        /// The credential.
        name: String,
        /// What the template names.
        unknown: String,
        /// What it can name.
        known: String,
    },
    /// Using it does not show it.
    #[error("no part of `use` of credential `{0}` holds `{{{0}}}`: it would prove nothing")]
    Unused(String),
    /// A status says both.
    #[error("status {status} of credential `{name}` stands in `accepted` and in `refused`")]
    Both {
        /// The credential.
        name: String,
        /// The status.
        status: u16,
    },
    /// A way of writing where the credential stands that leads nowhere.
    #[error(
        "`{pointer}` of credential `{name}` is no JSON pointer: it begins with `/`, as in `/token`"
    )]
    Pointer {
        /// The credential.
        name: String,
        /// What was given.
        pointer: String,
    },
}

impl ProductError {
    /// The credential whose description is wrong.
    pub fn credential(&self) -> Option<&str> {
        match self {
            Self::Nothing => None,
            Self::Twice(name)
            | Self::Name(name)
            | Self::Unused(name)
            | Self::Path { name, .. }
            | Self::Unknown { name, .. }
            | Self::Both { name, .. }
            | Self::Pointer { name, .. } => Some(name),
        }
    }
}

impl Product {
    /// The names behind `{env:NAME}`.
    pub fn environment(&self) -> BTreeSet<String> {
        let texts = self.credentials.iter().flat_map(CredentialSpec::texts);
        texts
            .flat_map(names)
            .filter_map(|name| name.strip_prefix("env:").map(str::to_owned))
            .collect()
    }

    /// Whether what was described can be tried.
    ///
    /// # Errors
    /// It cannot; the error says where and why.
    pub fn check(&self) -> Result<(), ProductError> {
        if self.credentials.is_empty() {
            return Err(ProductError::Nothing);
        }
        let mut known = vec!["userName".to_owned(), "email".to_owned()];
        for spec in &self.credentials {
            let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            let name = &spec.name;
            if name.is_empty() || !name.chars().all(allowed) || known[..2].contains(name) {
                return Err(ProductError::Name(name.clone()));
            }
            if known.contains(name) {
                return Err(ProductError::Twice(name.clone()));
            }
            check_names(name, spec.mint.texts(), &known)?;
            known.push(name.clone());
            check_names(name, spec.usage.texts(), &known)?;
            if !spec
                .usage
                .texts()
                .any(|text| names(text).any(|n| n == name))
            {
                return Err(ProductError::Unused(name.clone()));
            }
            for path in [&spec.mint.path, &spec.usage.path] {
                if !path.starts_with('/') {
                    let (name, path) = (name.clone(), path.clone());
                    return Err(ProductError::Path { name, path });
                }
            }
            let mut accepted = spec.usage.accepted.iter();
            if let Some(status) = accepted.find(|status| spec.usage.refused.contains(status)) {
                let (name, status) = (name.clone(), *status);
                return Err(ProductError::Both { name, status });
            }
            if let Capture::Json(pointer) = &spec.mint.capture
                && !pointer.starts_with('/')
            {
                let (name, pointer) = (name.clone(), pointer.clone());
                return Err(ProductError::Pointer { name, pointer });
            }
        }
        Ok(())
    }

    /// The product behind the bundled server, below that path.
    pub(super) fn bundled(path: &str) -> Self {
        let bearer = |name: &str| {
            let value = format!("Bearer {{{name}}}");
            BTreeMap::from([("Authorization".to_owned(), value)])
        };
        let json = ("Content-Type".to_owned(), "application/json".to_owned());
        let usage = |name: &str| Usage {
            method: Method::Get,
            path: format!("{path}/me"),
            headers: bearer(name),
            body: None,
            accepted: accepted(),
            refused: refused(),
        };
        let session = CredentialSpec {
            name: "session".to_owned(),
            kind: CredentialKind::Session,
            mint: Mint {
                method: Method::Post,
                path: format!("{path}/login"),
                headers: BTreeMap::from([json]),
                body: Some(r#"{"userName":"{userName}"}"#.to_owned()),
                target_credentials: true,
                capture: Capture::Json("/session".to_owned()),
            },
            usage: usage("session"),
        };
        let token = CredentialSpec {
            name: "token".to_owned(),
            kind: CredentialKind::Token,
            mint: Mint {
                method: Method::Post,
                path: format!("{path}/tokens"),
                headers: bearer("session"),
                body: None,
                target_credentials: false,
                capture: Capture::Json("/token".to_owned()),
            },
            usage: usage("token"),
        };
        Self {
            base: None,
            credentials: vec![session, token],
            secrets: BTreeMap::new(),
        }
    }
}

impl CredentialSpec {
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.mint.texts().chain(self.usage.texts())
    }
}

impl Mint {
    fn texts(&self) -> impl Iterator<Item = &str> {
        texts(&self.path, &self.headers, self.body.as_deref())
    }
}

impl Usage {
    fn texts(&self) -> impl Iterator<Item = &str> {
        texts(&self.path, &self.headers, self.body.as_deref())
    }
}

fn texts<'a>(
    path: &'a str,
    headers: &'a BTreeMap<String, String>,
    body: Option<&'a str>,
) -> impl Iterator<Item = &'a str> {
    let headers = headers.values().map(String::as_str);
    std::iter::once(path).chain(headers).chain(body)
}

fn check_names<'a>(
    name: &str,
    texts: impl Iterator<Item = &'a str>,
    known: &[String],
) -> Result<(), ProductError> {
    for used in texts.flat_map(names) {
        if !used.starts_with("env:") && !known.iter().any(|known| known == used) {
            return Err(ProductError::Unknown {
                name: name.to_owned(),
                unknown: used.to_owned(),
                known: format!("{}, env:NAME", known.join(", ")),
            });
        }
    }
    Ok(())
}

/// How a value is written where it is put.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// As it is.
    Plain,
    /// Inside a JSON text.
    Json,
    /// Percent-encoded, in a URL or a form.
    Percent,
}

/// A template with its places filled. A name without a value stays as it is.
pub(super) fn fill(text: &str, values: &BTreeMap<String, String>, spelling: Spelling) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((start, end)) = place(rest) {
        filled.push_str(&rest[..start]);
        let name = &rest[start + 1..end];
        match values.get(name) {
            Some(value) => filled.push_str(&spelled(value, spelling)),
            None => filled.push_str(&rest[start..=end]),
        }
        rest = &rest[end + 1..];
    }
    filled.push_str(rest);
    filled
}

fn spelled(value: &str, spelling: Spelling) -> String {
    match spelling {
        Spelling::Plain => value.to_owned(),
        Spelling::Json => {
            let text = serde_json::Value::from(value).to_string();
            text[1..text.len() - 1].to_owned()
        }
        Spelling::Percent => {
            let set = percent_encoding::NON_ALPHANUMERIC;
            percent_encoding::utf8_percent_encode(value, set).to_string()
        }
    }
}

/// The names that a template uses.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (start, end) = place(rest)?;
        let name = &rest[start + 1..end];
        rest = &rest[end + 1..];
        Some(name)
    })
}

/// Whether something is filled in where that text is sent.
pub fn is_template(text: &str) -> bool {
    place(text).is_some()
}

/// The first `{name}` of a text: where its braces stand.
fn place(text: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(at) = text[from..].find('{') {
        let start = from + at;
        let inner = &text[start + 1..];
        let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | ':');
        let end = inner.find(|c| !word(c)).unwrap_or(inner.len());
        if end > 0 && inner[end..].starts_with('}') {
            return Some((start, start + 1 + end));
        }
        from = start + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Product, String> {
        let product: Product = serde_json::from_str(json).map_err(|e| e.to_string())?;
        product.check().map_err(|e| e.to_string())?;
        Ok(product)
    }

    const SESSION: &str = r#"{"credential":[{"name":"s","kind":"session",
        "mint":{"path":"/login","body":"{\"user\":\"{userName}\",\"key\":\"{env:KEY}\"}","capture":{"cookie":"SID"}},
        "use":{"path":"/me","headers":{"Cookie":"SID={s}"}}}]}"#;

    #[test]
    fn what_is_left_out_has_a_default() {
        let product = read(SESSION).unwrap();
        let session = &product.credentials[0];
        assert_eq!(
            (session.mint.method, session.usage.method),
            (Method::Post, Method::Get)
        );
        assert_eq!(session.usage.refused, [401, 403]);
        assert_eq!(product.environment(), BTreeSet::from(["KEY".to_owned()]));
        assert_eq!(Product::bundled("/app").check(), Ok(()));
    }

    #[test]
    fn a_mistake_is_named() {
        for (from, to, says) in [
            ("{userName}", "{username}", "uses `{username}`"),
            ("SID={s}", "SID=1", "would prove nothing"),
            (
                "\"/me\"",
                "\"https://app.example.com/me\"",
                "must begin with `/`",
            ),
            ("\"name\":\"s\"", "\"name\":\"email\"", "cannot name"),
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

    #[test]
    fn values_are_written_as_their_place_needs() {
        let values = BTreeMap::from([("userName".to_owned(), "o\"n/e".to_owned())]);
        let fill = |text, spelling| fill(text, &values, spelling);
        let json = fill(r#"{"a":{"user":"{userName}"},"b":{}}"#, Spelling::Json);
        assert_eq!(json, r#"{"a":{"user":"o\"n/e"},"b":{}}"#);
        assert_eq!(fill("/u/{userName}", Spelling::Percent), "/u/o%22n%2Fe");
        assert_eq!(fill("{none} {userName}", Spelling::Plain), "{none} o\"n/e");
    }
}
