//! Where the target is and how to prove to it who one is.

use std::path::PathBuf;

use clap::Args;

use super::value::{Bytes, Span};

/// The target and the credentials.
#[derive(Debug, Default, Args)]
#[command(next_help_heading = "Target")]
#[group(id = "target_args", multiple = true)]
pub(in crate::cli) struct TargetArgs {
    /// Read that target file: the endpoint and how its app is set up in the IdPs.
    ///
    /// Default: scimulate.toml in this folder, if it is there. What an option says wins over the file. Example: --config staging.toml
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Read no target file.
    ///
    /// Default: scimulate.toml in this folder is read. Example: --no-config
    #[arg(long, conflicts_with = "config")]
    pub(in crate::cli) no_config: bool,
    /// Examine the SCIM endpoint with that base URL.
    ///
    /// Default: the bundled reference server, started for the run. Example: --target https://app.example.com/scim/v2
    #[arg(long, value_name = "URL")]
    pub(in crate::cli) target: Option<String>,
    /// Send the bearer token in that environment variable.
    ///
    /// Default: no credentials. Example: --token-env SCIM_TOKEN
    #[arg(long, value_name = "NAME", group = "credentials")]
    pub(in crate::cli) token_env: Option<String>,
    /// Send the bearer token in that file.
    ///
    /// Default: no credentials. Example: --token-file /run/secrets/scim
    #[arg(long, value_name = "FILE", group = "credentials")]
    pub(in crate::cli) token_file: Option<PathBuf>,
    /// Send the user and password in that environment variable, as `user:password`.
    ///
    /// Default: no credentials. Example: --basic-env SCIM_LOGIN
    #[arg(long, value_name = "NAME", group = "credentials")]
    pub(in crate::cli) basic_env: Option<String>,
    /// Send that header with the value in that environment variable, as it is.
    ///
    /// Default: no credentials. Example: --header-env X-Api-Key=SCIM_KEY
    #[arg(long, value_name = "HEADER=NAME", group = "credentials")]
    pub(in crate::cli) header_env: Option<String>,
    /// Fetch a bearer token there by OAuth 2.0 client credentials.
    ///
    /// Default: no credentials. Example: --oauth-token-url https://login.example.com/token
    #[arg(
        long,
        value_name = "URL",
        requires_all = ["client_id", "client_secret_env"],
        group = "credentials"
    )]
    pub(in crate::cli) oauth_token_url: Option<String>,
    /// Name the OAuth client.
    ///
    /// Default: none. Example: --client-id scimulate
    #[arg(long, value_name = "ID", requires = "oauth_token_url")]
    pub(in crate::cli) client_id: Option<String>,
    /// Take the OAuth client's secret from that environment variable.
    ///
    /// Default: none. Example: --client-secret-env SCIM_CLIENT_SECRET
    #[arg(long, value_name = "NAME", requires = "oauth_token_url")]
    pub(in crate::cli) client_secret_env: Option<String>,
    /// Ask for that OAuth scope.
    ///
    /// Default: none is asked for. Example: --scope scim.write
    #[arg(long, value_name = "SCOPE", requires = "oauth_token_url")]
    pub(in crate::cli) scope: Option<String>,
    /// Send the OAuth client's id and secret in the body instead of a Basic header.
    ///
    /// Default: a Basic header. Example: --client-secret-in-body
    #[arg(long, requires = "oauth_token_url")]
    pub(in crate::cli) client_secret_in_body: bool,
    /// Trust the certificate authorities in that PEM file, too.
    ///
    /// Default: those of this system. Example: --ca-file company.pem
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) ca_file: Option<PathBuf>,
    /// Give up a request after that time; three in a row end the run.
    ///
    /// Default: 60s, as the IdPs do. Example: --timeout 20s
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) timeout: Option<Span>,
    /// Wait at most that long because the target asks to (`Retry-After`).
    ///
    /// Default: 30s. Example: --max-wait 2m
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) max_wait: Option<Span>,
    /// Read at most that much of an answer.
    ///
    /// Default: 16MiB. Example: --max-body 64MiB
    #[arg(long, value_name = "SIZE")]
    pub(in crate::cli) max_body: Option<Bytes>,
}

impl TargetArgs {
    /// The first option given that says how to reach somebody's endpoint.
    pub(in crate::cli) fn credential(&self) -> Option<&'static str> {
        self.proof()
            .or_else(|| self.ca_file.is_some().then_some("--ca-file"))
    }

    /// The option given that says how to prove who one is.
    pub(in crate::cli) fn proof(&self) -> Option<&'static str> {
        [
            (self.token_env.is_some(), "--token-env"),
            (self.token_file.is_some(), "--token-file"),
            (self.basic_env.is_some(), "--basic-env"),
            (self.header_env.is_some(), "--header-env"),
            (self.oauth_token_url.is_some(), "--oauth-token-url"),
        ]
        .into_iter()
        .find_map(|(given, option)| given.then_some(option))
    }
}
