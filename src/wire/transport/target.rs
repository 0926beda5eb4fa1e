//! The target: where it is, and how one proves to it who one is.

use std::fmt;

use url::Url;

/// The endpoint under test.
#[derive(Clone, Debug)]
pub struct Target {
    /// The base URL, without a trailing slash, query or fragment.
    base: Url,
}

/// Why a text cannot be a target.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetError {
    /// Nothing was given.
    #[error("the target is empty: give the SCIM base URL, such as https://app.example.com/scim/v2")]
    Empty,
    /// The text is not a URL.
    #[error(
        "`{0}` is not a URL ({1}): give the SCIM base URL, such as https://app.example.com/scim/v2"
    )]
    NotAUrl(String, String),
    /// The scheme is neither http nor https.
    #[error(
        "`{0}` has the scheme `{1}`: a SCIM endpoint is reached by https (or http on loopback)"
    )]
    Scheme(String, String),
    /// The URL holds a user name or password.
    #[error(
        "the target holds credentials: take them out of the URL and use --token-env, --basic-env or --header-env"
    )]
    Credentials,
}

impl Target {
    /// Reads a base URL.
    ///
    /// # Errors
    /// The text is no base URL; the error says what to write instead.
    pub fn parse(text: &str) -> Result<Self, TargetError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(TargetError::Empty);
        }
        let mut base =
            Url::parse(text).map_err(|e| TargetError::NotAUrl(text.to_owned(), e.to_string()))?;
        if !matches!(base.scheme(), "http" | "https") {
            return Err(TargetError::Scheme(
                text.to_owned(),
                base.scheme().to_owned(),
            ));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err(TargetError::Credentials);
        }
        base.set_query(None);
        base.set_fragment(None);
        let path = base.path().trim_end_matches('/').to_owned();
        base.set_path(&path);
        Ok(Self { base })
    }

    /// The path that every request begins with.
    pub fn path(&self) -> &str {
        self.base.path().trim_end_matches('/')
    }

    /// Host and port as a `Host` header has them.
    pub fn authority(&self) -> String {
        let host = self.host();
        match self.base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// The host.
    pub fn host(&self) -> &str {
        self.base.host_str().unwrap_or_default()
    }

    /// The port, the scheme's where none is given.
    pub fn port(&self) -> u16 {
        self.base.port_or_known_default().unwrap_or(443)
    }

    /// Whether TLS is spoken.
    pub fn tls(&self) -> bool {
        self.base.scheme() == "https"
    }

    /// Whether the target is on this machine.
    pub fn loopback(&self) -> bool {
        match self.base.host() {
            Some(url::Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
            Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
            Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
            None => false,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.base.as_str().trim_end_matches('/'))
    }
}

/// How the program proves to the target who it is.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Credentials {
    /// Not at all.
    #[default]
    None,
    /// `Authorization: Bearer …`.
    Bearer(String),
    /// `Authorization: Basic …`.
    Basic {
        /// The user name.
        user: String,
        /// The password.
        password: String,
    },
    /// A header of that name with that value, sent as typed.
    Header {
        /// The header's name.
        name: String,
        /// Its value.
        value: String,
    },
    /// A bearer token fetched by OAuth 2.0 client credentials (RFC 6749 §4.4).
    Client(TokenRequest),
}

/// An OAuth 2.0 client-credentials request.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenRequest {
    /// The token endpoint.
    pub url: Url,
    /// The client's id.
    pub client_id: String,
    /// The client's secret.
    pub client_secret: String,
    /// The scope, if one is asked for.
    pub scope: Option<String>,
    /// Whether the client's credentials stand in the body instead of a Basic header.
    pub in_body: bool,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "none",
            Self::Bearer(_) => "bearer",
            Self::Basic { .. } => "basic",
            Self::Header { .. } => "header",
            Self::Client(_) => "client credentials",
        })
    }
}

impl fmt::Debug for TokenRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenRequest({}, {})", self.url, self.client_id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_base_url_loses_slash_query_and_fragment() {
        let target =
            Target::parse("https://app.example.com:8443/scim/v2/?aadOptscim062020#x").unwrap();
        assert_eq!(target.to_string(), "https://app.example.com:8443/scim/v2");
        assert_eq!(
            (target.path(), target.port(), target.tls()),
            ("/scim/v2", 8443, true)
        );
        assert_eq!(target.authority(), "app.example.com:8443");
        assert_eq!(
            Target::parse("http://[::1]:80").map(|t| t.loopback()),
            Ok(true)
        );
    }

    #[test]
    fn what_is_no_target_says_what_to_write() {
        for (text, hint) in [
            ("", "the target is empty"),
            ("app.example.com/scim", "is not a URL"),
            ("ftp://example.com", "has the scheme `ftp`"),
            ("https://u:p@example.com", "holds credentials"),
        ] {
            let error = Target::parse(text).unwrap_err().to_string();
            assert!(error.contains(hint), "{text}: {error}");
        }
    }
}
