//! How the program proves to the target who it is, from options, variables and files.

use url::Url;

use super::args::TargetArgs;
use super::environment::secret;
use super::failure::Failure;
use crate::wire::transport::{Credentials, TokenRequest};

/// The credentials that the options name; clap sees to it that they name one kind.
pub(super) fn credentials(args: &TargetArgs) -> Result<Credentials, Failure> {
    if let Some(name) = &args.token_env {
        return secret("--token-env", name).map(Credentials::Bearer);
    }
    if let Some(path) = &args.token_file {
        let text = std::fs::read_to_string(path).map_err(|e| {
            Failure::Usage(format!(
                "the file {} that --token-file names cannot be read: {e}",
                path.display()
            ))
        })?;
        let token = text.trim();
        if token.is_empty() || token.chars().any(char::is_control) {
            return Err(Failure::Usage(format!(
                "the file {} that --token-file names holds no token: write the token alone on one line",
                path.display()
            )));
        }
        return Ok(Credentials::Bearer(token.to_owned()));
    }
    if let Some(name) = &args.basic_env {
        return basic(name);
    }
    if let Some(pair) = &args.header_env {
        return header(pair);
    }
    if let Some(url) = &args.oauth_token_url {
        return client(args, url);
    }
    Ok(Credentials::None)
}

fn basic(variable: &str) -> Result<Credentials, Failure> {
    let login = secret("--basic-env", variable)?;
    let (user, password) = login.split_once(':').ok_or_else(|| {
        Failure::Usage(format!(
            "the variable {variable} that --basic-env names holds no colon: write it as user:password"
        ))
    })?;
    Ok(Credentials::Basic {
        user: user.to_owned(),
        password: password.to_owned(),
    })
}

fn header(pair: &str) -> Result<Credentials, Failure> {
    let wrong = || {
        Failure::Usage(format!(
            "`{pair}` is no header and variable: write such as --header-env X-Api-Key=SCIM_KEY"
        ))
    };
    let (name, variable) = pair.split_once('=').ok_or_else(wrong)?;
    if http::HeaderName::try_from(name).is_err() || variable.is_empty() {
        return Err(wrong());
    }
    Ok(Credentials::Header {
        name: name.to_owned(),
        value: secret("--header-env", variable)?,
    })
}

fn client(args: &TargetArgs, url: &str) -> Result<Credentials, Failure> {
    let parsed = Url::parse(url).ok();
    let url = parsed
        .filter(|url| matches!(url.scheme(), "https" | "http"))
        .ok_or_else(|| {
            Failure::Usage(format!(
                "`{url}` is not a URL: give the token endpoint, such as https://login.example.com/token"
            ))
        })?;
    let variable = args.client_secret_env.as_deref().unwrap_or_default();
    Ok(Credentials::Client(TokenRequest {
        url,
        client_id: args.client_id.clone().unwrap_or_default(),
        client_secret: secret("--client-secret-env", variable)?,
        scope: args.scope.clone(),
        in_body: args.client_secret_in_body,
    }))
}
