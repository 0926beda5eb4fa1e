//! The tenants of `scimulate serve`: the first from options, others from options or from a file.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::args::ServeArgs;
use super::environment;
use super::failure::{Failure, read as read_file};
use super::settings::persona;
use crate::server::fault::FaultChoice;
use crate::server::{DEFAULT_TENANT, Leniency, OAuthClient, Scopes, Tenant, Types};

/// The token where none is given: the server is a toy then, and listens on loopback.
pub(super) const TOKEN: &str = "scimulate";

/// A file of tenants.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tenant: Vec<Entry>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Entry {
    name: String,
    token_env: String,
    scopes: Option<String>,
    #[serde(default)]
    tokens: Vec<Token>,
    basic_env: Option<String>,
    oauth: Option<OAuth>,
    persona: Option<String>,
    #[serde(default)]
    strict: bool,
    #[serde(default)]
    lenient: Vec<String>,
    #[serde(default)]
    faults: Vec<String>,
    schemas: Option<PathBuf>,
}

/// A further token.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Token {
    env: String,
    scopes: String,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct OAuth {
    client: String,
    secret_env: String,
    lifetime: Option<u32>,
    scopes: Option<String>,
}

/// How a tenant answers, as options and files say it.
struct Shape<'a> {
    persona: Option<&'a str>,
    strict: bool,
    lenient: &'a [String],
    faults: &'a [String],
    schemas: Option<PathBuf>,
}

/// All tenants, the default one first.
pub(super) fn read(args: &ServeArgs) -> Result<Vec<Tenant>, Failure> {
    let shape = Shape {
        persona: args.shape.persona.as_deref(),
        strict: args.shape.strict,
        lenient: &args.shape.lenient,
        faults: &args.shape.fault,
        schemas: args.shape.schemas.clone(),
    };
    let credentials = &args.credentials;
    let scopes = scopes(credentials.scope.as_deref())?;
    let oauth = match (&credentials.oauth_client, &credentials.oauth_secret_env) {
        (Some(id), Some(variable)) => Some(OAuthClient {
            id: id.clone(),
            secret: environment::secret("--oauth-secret-env", variable)?,
            lifetime: credentials.oauth_lifetime,
            scopes,
        }),
        _ => None,
    };
    let token = match &credentials.token_env {
        Some(name) => environment::secret("--token-env", name)?,
        None => TOKEN.to_owned(),
    };
    let basic = credentials.basic_env.as_deref();
    let basic = basic.map(|name| pair("--basic-env", name)).transpose()?;
    let shaped = shaped(&shape)?;
    let first = Tenant {
        name: DEFAULT_TENANT.to_owned(),
        token,
        scopes,
        basic,
        oauth,
        ..shaped.clone()
    };
    let mut tenants = vec![first];
    for text in &args.tenants.tenant {
        let (name, variable) = text.split_once('=').ok_or_else(|| {
            Failure::Usage(format!(
                "--tenant {text} names no variable: write NAME=VARIABLE, such as acme=ACME_TOKEN"
            ))
        })?;
        tenants.push(Tenant {
            name: name.to_owned(),
            token: environment::secret("--tenant", variable)?,
            ..shaped.clone()
        });
    }
    if let Some(path) = &args.tenants.tenants {
        let text = read_file(path)?;
        let file: File = toml::from_str(&text).map_err(|e| {
            let e = e.to_string();
            Failure::NotThat(format!(
                "{} is no file of tenants: {}",
                path.display(),
                e.trim_end()
            ))
        })?;
        for entry in file.tenant {
            tenants.push(tenant(entry, path)?);
        }
    }
    Ok(tenants)
}

/// A tenant of the file.
fn tenant(entry: Entry, path: &Path) -> Result<Tenant, Failure> {
    let shape = Shape {
        persona: entry.persona.as_deref(),
        strict: entry.strict,
        lenient: &entry.lenient,
        faults: &entry.faults,
        schemas: entry.schemas.map(|file| match path.parent() {
            Some(folder) => folder.join(file),
            None => file,
        }),
    };
    let whole = scopes(entry.scopes.as_deref())?;
    let oauth = entry.oauth.map(|oauth| {
        Ok::<_, Failure>(OAuthClient {
            id: oauth.client,
            secret: environment::secret("secret-env", &oauth.secret_env)?,
            lifetime: oauth.lifetime.unwrap_or(3_600),
            scopes: match oauth.scopes {
                Some(text) => scopes(Some(&text))?,
                None => whole,
            },
        })
    });
    let tokens = entry.tokens.iter().map(|token| {
        let text = environment::secret("env", &token.env)?;
        Ok::<_, Failure>((text, scopes(Some(&token.scopes))?))
    });
    let basic = entry.basic_env.as_deref();
    Ok(Tenant {
        token: environment::secret("token-env", &entry.token_env)?,
        scopes: whole,
        tokens: tokens.collect::<Result<_, _>>()?,
        basic: basic.map(|name| pair("basic-env", name)).transpose()?,
        oauth: oauth.transpose()?,
        name: entry.name,
        ..shaped(&shape)?
    })
}

/// A tenant without a name and credentials, in that shape.
fn shaped(shape: &Shape<'_>) -> Result<Tenant, Failure> {
    let mut tenant = Tenant::default();
    if let Some(name) = shape.persona {
        tenant = tenant.playing(persona(name)?);
    }
    if shape.strict {
        let names = shape.lenient.iter().map(String::as_str);
        tenant.leniency = Leniency::only(names).map_err(|e| Failure::Usage(e.to_string()))?;
    } else if !shape.lenient.is_empty() {
        return Err(Failure::Usage(
            "`lenient` names exceptions from `strict`, which is not set".to_owned(),
        ));
    }
    let faults = shape.faults.iter().map(|text| text.parse::<FaultChoice>());
    let faults = faults.collect::<Result<_, _>>();
    tenant.faults = faults.map_err(|e| Failure::Usage(e.to_string()))?;
    if let Some(path) = &shape.schemas {
        tenant.types = schemas(path, tenant.types)?;
    }
    Ok(tenant)
}

fn schemas(path: &Path, types: Types) -> Result<Types, Failure> {
    let text = read_file(path)?;
    types.with_schemas(&text).map_err(|e| {
        Failure::NotThat(format!(
            "the schemas of {} cannot be used: {e}",
            path.display()
        ))
    })
}

fn scopes(text: Option<&str>) -> Result<Scopes, Failure> {
    match text {
        None => Ok(Scopes::ALL),
        Some(text) => text.parse().map_err(|e| Failure::Usage(format!("{e}"))),
    }
}

/// A name and a password from a variable.
fn pair(option: &str, variable: &str) -> Result<(String, String), Failure> {
    let text = environment::secret(option, variable)?;
    match text.split_once(':') {
        Some((name, password)) => Ok((name.to_owned(), password.to_owned())),
        None => Err(Failure::Usage(format!(
            "the variable {variable} that {option} names has no colon: set it to `user:password`"
        ))),
    }
}
