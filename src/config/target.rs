//! `[target]`: where the endpoint is, how to prove to it who one is, and what it takes; and `[other-tenant]`, the same access
//! of a second customer's.

use std::time::Duration;

use toml::Spanned;

use super::reader::Section;
use super::{place, value};
use crate::directory::Place;
use crate::wire::transport::Target;

/// How a SCIM endpoint is reached, by the names that the command line has for the same things.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccessSection {
    /// The SCIM base URL.
    pub url: Option<String>,
    /// The variable that holds a bearer token.
    pub token_env: Option<String>,
    /// The file that holds a bearer token.
    pub token_file: Option<String>,
    /// The variable that holds `user:password`.
    pub basic_env: Option<String>,
    /// A header and the variable that holds its value, as `HEADER=NAME`.
    pub header_env: Option<String>,
    /// Where a token is fetched by client credentials.
    pub oauth_token_url: Option<String>,
    /// The OAuth client.
    pub client_id: Option<String>,
    /// The variable that holds the OAuth client's secret.
    pub client_secret_env: Option<String>,
    /// The OAuth scope.
    pub scope: Option<String>,
    /// Whether the OAuth client's secret travels in the body.
    pub client_secret_in_body: bool,
    /// A PEM file of certificate authorities.
    pub ca_file: Option<String>,
}

/// The section `[target]`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetSection {
    /// How the endpoint is reached.
    pub access: AccessSection,
    /// The domain of the people's addresses.
    pub mail_domain: Option<String>,
    /// How long the target may take to show what it was told.
    pub settle: Option<Duration>,
    /// How long a request may take.
    pub timeout: Option<Duration>,
    /// How long the target may make one wait.
    pub max_wait: Option<Duration>,
    /// How large an answer may be.
    pub max_body: Option<usize>,
    /// Attributes without which the target takes nobody: whoever has no value in a story gets one.
    pub required: Vec<Place>,
    /// Attributes that the target does not take: nothing is mapped onto them.
    pub forbidden: Vec<Place>,
}

/// Words under which people put secrets into files, and the keys that they mean.
const SECRETS: [(&str, &str); 6] = [
    ("token", "token-env = \"SCIM_TOKEN\""),
    ("bearer-token", "token-env = \"SCIM_TOKEN\""),
    (
        "password",
        "basic-env = \"SCIM_LOGIN\", which holds user:password",
    ),
    (
        "basic",
        "basic-env = \"SCIM_LOGIN\", which holds user:password",
    ),
    ("header", "header-env = \"X-Api-Key=SCIM_KEY\""),
    (
        "client-secret",
        "client-secret-env = \"SCIM_CLIENT_SECRET\"",
    ),
];

/// Reads the section.
pub(super) fn read(mut section: Section<'_>) -> TargetSection {
    let read = TargetSection {
        access: access(&mut section),
        mail_domain: mail_domain(&mut section),
        settle: section.read("settle", value::time),
        timeout: section.read("timeout", value::time),
        max_wait: section.read("max-wait", value::time),
        max_body: section.read("max-body", value::size),
        required: places(&mut section, "required"),
        forbidden: places(&mut section, "forbidden"),
    };
    section.end();
    read
}

/// Reads the section `[other-tenant]`: a second customer's access to the same product. What the product takes and how long
/// it may take are said of the target.
pub(super) fn read_other(mut section: Section<'_>, target: &AccessSection) -> AccessSection {
    let (notes, at) = (section.notes(), section.at());
    let given = section.key("url").is_some();
    let read = access(&mut section);
    if read.url.is_none() && !given {
        let what = "`[other-tenant]` does not say where the second customer's tenant is";
        let help = "add `url = …`; it may be the target's own, where the credentials tell the customers apart";
        notes.add(at, "in this section", what, help);
    } else if read == *target {
        let what = "`[other-tenant]` and `[target]` are one access, and so one customer";
        let help = "name the URL or the credentials of another customer, or take the section out";
        notes.add(at, "this section", what, help);
    }
    section.end();
    read
}

/// Reads where an endpoint is, and how one gets in.
fn access(section: &mut Section<'_>) -> AccessSection {
    let notes = section.notes();
    let at = section.at();
    for (key, instead) in SECRETS {
        if let Some(at) = section.key(key) {
            let value = section.value(key);
            notes.hide(value.map(Spanned::span).unwrap_or_default());
            let what = "a secret may not stand in this file";
            let help = format!("put it into an environment variable and name that: {instead}");
            notes.add(at, "a secret", what, help);
        }
    }
    let url = section.text("url");
    if let Some(url) = &url
        && let Err(error) = Target::parse(url.get_ref())
    {
        notes.hide(url.span());
        let help = "write the SCIM base URL, such as \"https://app.example.com/scim/v2\", without credentials";
        notes.add(url.span(), "this URL", error.to_string(), help);
    }
    let mut variable = |key: &'static str| {
        let name = section.text(key)?;
        if is_variable(name.get_ref()) {
            return Some(name.into_inner());
        }
        notes.hide(name.span());
        let what = format!("`{key}` takes the name of an environment variable, and this is none");
        let help =
            "write a name of letters, digits and underscores; the secret itself may not stand here";
        notes.add(name.span(), "no name", what, help);
        None
    };
    let token_env = variable("token-env");
    let basic_env = variable("basic-env");
    let client_secret_env = variable("client-secret-env");
    let header_env = header(section);
    let text = |section: &mut Section<'_>, key| section.text(key).map(Spanned::into_inner);
    let read = AccessSection {
        url: url.map(Spanned::into_inner),
        token_env,
        token_file: text(section, "token-file"),
        basic_env,
        header_env,
        oauth_token_url: text(section, "oauth-token-url"),
        client_id: text(section, "client-id"),
        client_secret_env,
        scope: text(section, "scope"),
        client_secret_in_body: section.flag("client-secret-in-body").unwrap_or(false),
        ca_file: text(section, "ca-file"),
    };
    credentials(section, &read, &at);
    read
}

/// Whether a text can name a variable of the environment.
fn is_variable(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') && text.chars().all(legal)
}

fn header(section: &mut Section<'_>) -> Option<String> {
    let pair = section.text("header-env")?;
    let legal = |name: &str| {
        !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_".contains(c))
    };
    let split = pair.get_ref().split_once('=');
    if split.is_some_and(|(header, variable)| legal(header) && is_variable(variable)) {
        return Some(pair.into_inner());
    }
    section.notes().hide(pair.span());
    let what = "`header-env` takes a header and the name of an environment variable";
    let help = "write such as \"X-Api-Key=SCIM_KEY\"; the secret itself may not stand here";
    section.notes().add(pair.span(), "not these", what, help);
    None
}

fn mail_domain(section: &mut Section<'_>) -> Option<String> {
    let domain = section.text("mail-domain")?;
    let legal = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    if domain.get_ref().chars().all(legal) {
        return Some(domain.into_inner());
    }
    let what = format!("`{}` is no mail domain", domain.get_ref());
    let help = "write such as \"test.example.org\", without an @";
    section.notes().add(domain.span(), "this", what, help);
    None
}

fn places<'a>(section: &mut Section<'a>, key: &'a str) -> Vec<Place> {
    let notes = section.notes();
    let texts = section.texts(key).unwrap_or_default();
    let places = texts.iter().filter_map(|text| {
        let place = place::read(text.get_ref(), text.span(), notes)?;
        if key == "forbidden" && place == Place::core("userName") {
            let what = "every IdP writes `userName`";
            notes.add(text.span(), "not this one", what, "take it out of the list");
            return None;
        }
        Some(place)
    });
    places.collect()
}

/// One way of proving who one is, and all that it needs.
fn credentials(section: &Section<'_>, read: &AccessSection, at: &std::ops::Range<usize>) {
    let kinds = [
        ("token-env", read.token_env.is_some()),
        ("token-file", read.token_file.is_some()),
        ("basic-env", read.basic_env.is_some()),
        ("header-env", read.header_env.is_some()),
        ("oauth-token-url", read.oauth_token_url.is_some()),
    ];
    let named: Vec<&str> = kinds
        .iter()
        .filter(|(_, set)| *set)
        .map(|(key, _)| *key)
        .collect();
    if let [first, second, ..] = named.as_slice() {
        let what = format!("`{first}` and `{second}` are two ways to prove who one is");
        section
            .notes()
            .add(at.clone(), "in this section", what, "keep one of them");
    }
    let oauth = read.oauth_token_url.is_some();
    let client = [
        ("client-id", read.client_id.is_some()),
        ("client-secret-env", read.client_secret_env.is_some()),
    ];
    for (key, set) in client {
        if oauth && !set {
            let what = format!("`oauth-token-url` needs `{key}`");
            section.notes().add(
                at.clone(),
                "in this section",
                what,
                format!("add `{key} = …`"),
            );
        }
        if set && !oauth {
            let what = format!("`{key}` is of use with `oauth-token-url` only");
            section.notes().add(
                at.clone(),
                "in this section",
                what,
                "add `oauth-token-url = …`, or take it out",
            );
        }
    }
}
