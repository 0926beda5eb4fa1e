//! The arguments of `scimulate serve`.

use std::path::PathBuf;

use clap::Args;

/// How to serve.
#[derive(Debug, Args)]
pub(in crate::cli) struct ServeArgs {
    /// Listen on that address; port 0 takes any free one.
    ///
    /// On loopback the server also shows, at `/`, who exists and what was asked last.
    /// Default: 127.0.0.1:8080. Example: --listen 127.0.0.1:0
    #[arg(
        long,
        value_name = "ADDRESS",
        default_value = "127.0.0.1:8080",
        hide_default_value = true
    )]
    pub(in crate::cli) listen: String,
    /// Keep what is written in that file, so that it survives a crash and a restart.
    ///
    /// Default: in memory. Example: --data people.redb
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) data: Option<PathBuf>,
    #[command(flatten)]
    pub(in crate::cli) shape: ShapeArgs,
    #[command(flatten)]
    pub(in crate::cli) credentials: CredentialArgs,
    #[command(flatten)]
    pub(in crate::cli) tenants: TenantArgs,
}

/// How the server answers.
#[derive(Debug, Args)]
#[command(next_help_heading = "Behaviour")]
#[group(id = "shape_args", multiple = true)]
pub(in crate::cli) struct ShapeArgs {
    /// Make the server wrong in that way; can be given several times.
    ///
    /// Default: it is right. Example: --fault patch-op-case-sensitive=reject
    #[arg(long, value_name = "ID[=MODE]")]
    pub(in crate::cli) fault: Vec<String>,
    /// Answer as that product does.
    ///
    /// `scimulate list personas` names them. Default: it answers as itself. Example: --persona slack
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) persona: Option<String>,
    /// Forgive clients nothing that RFC 7643 and RFC 7644 let a server refuse.
    ///
    /// Default: what Okta, Entra ID and JumpCloud send is forgiven. Example: --strict
    #[arg(long)]
    pub(in crate::cli) strict: bool,
    /// Forgive that all the same, beside --strict; can be given several times.
    ///
    /// The names: op-case, text-booleans, flat-keys, create-by-value-path, listed-removal, loose-values,
    /// missing-schemas. Default: nothing. Example: --lenient op-case
    #[arg(long, value_name = "NAME", requires = "strict")]
    pub(in crate::cli) lenient: Vec<String>,
    /// Extend users and groups by the schemas of that file.
    ///
    /// It is a JSON array of Schema resources (RFC 7643 §7) and of ResourceType resources that say with
    /// `schemaExtensions` which of them extend User and which Group. Default: the enterprise extension alone.
    /// Example: --schemas hr.json
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) schemas: Option<PathBuf>,
}

/// Who may use the server's first tenant.
#[derive(Debug, Args)]
#[command(next_help_heading = "Credentials")]
#[group(id = "credential_args", multiple = true)]
pub(in crate::cli) struct CredentialArgs {
    /// Take the bearer token from that environment variable.
    ///
    /// Default: the token is `scimulate`. Example: --token-env SCIM_TOKEN
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) token_env: Option<String>,
    /// Let the credentials do no more than that; the rest is answered 403.
    ///
    /// Scopes are read, write, or a verb and a type, separated by commas. Default: everything.
    /// Example: --scope read,patch:users
    #[arg(long, value_name = "LIST")]
    pub(in crate::cli) scope: Option<String>,
    /// Take `user:password` for basic authentication as well from that environment variable.
    ///
    /// Default: no basic authentication. Example: --basic-env SCIM_BASIC
    #[arg(long, value_name = "NAME")]
    pub(in crate::cli) basic_env: Option<String>,
    /// Give that OAuth client tokens of limited life, at `/oauth/token` (client credentials).
    ///
    /// Default: no token endpoint. Example: --oauth-client scim
    #[arg(long, value_name = "ID", requires = "oauth_secret_env")]
    pub(in crate::cli) oauth_client: Option<String>,
    /// Take that client's secret from that environment variable.
    ///
    /// Default: none. Example: --oauth-secret-env OAUTH_SECRET
    #[arg(long, value_name = "NAME", requires = "oauth_client")]
    pub(in crate::cli) oauth_secret_env: Option<String>,
    /// Let that client's tokens live that many seconds.
    ///
    /// Default: 3600. Example: --oauth-lifetime 60
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 3_600,
        hide_default_value = true
    )]
    pub(in crate::cli) oauth_lifetime: u32,
}

/// Further tenants.
#[derive(Debug, Args)]
#[command(next_help_heading = "Tenants")]
#[group(id = "tenant_args", multiple = true)]
pub(in crate::cli) struct TenantArgs {
    /// Serve one more tenant below `/t/NAME`, opened by the token in that environment variable.
    ///
    /// It behaves as the first one does; no tenant sees another. Default: one tenant.
    /// Example: --tenant acme=ACME_TOKEN
    #[arg(long, value_name = "NAME=VARIABLE")]
    pub(in crate::cli) tenant: Vec<String>,
    /// Serve the tenants of that file too, each with settings of its own.
    ///
    /// It is TOML; docs/tenants.toml is one. Default: none. Example: --tenants tenants.toml
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) tenants: Option<PathBuf>,
}
