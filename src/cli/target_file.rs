//! The target file that applies: what the command line leaves open, it says.

use std::path::Path;

use super::args::TargetArgs;
use super::args::{Bytes, Span};
use super::console::Console;
use super::failure::{Failure, read};
use crate::config::{AccessSection, Config};
use crate::report::escape::terminal as safe;

/// The name under which a file applies without being named.
const NAME: &str = "scimulate.toml";

/// Reads the file that applies and fills in what the options leave open. With `bundled`, the bundled server is examined,
/// wherever the file's endpoint may be.
pub(super) fn load(
    args: &mut TargetArgs,
    bundled: bool,
    console: &Console,
) -> Result<Option<Config>, Failure> {
    let config = applying(args.config.as_deref(), args.no_config, console)?;
    if let Some(config) = &config {
        fill(args, config, bundled, console);
    }
    Ok(config)
}

/// The file that is named, or the one in this folder, unless none is to be read.
pub(super) fn applying(
    named: Option<&Path>,
    none: bool,
    console: &Console,
) -> Result<Option<Config>, Failure> {
    let path = match named {
        _ if none => return Ok(None),
        Some(path) => path,
        None if Path::new(NAME).is_file() => Path::new(NAME),
        None => return Ok(None),
    };
    let text = read(path)?;
    let config = Config::parse(path, &text).map_err(|e| Failure::File(Box::new(e)))?;
    console.say(&format!("target file: {}", path.display()));
    Ok(Some(config))
}

fn fill(args: &mut TargetArgs, config: &Config, bundled: bool, console: &Console) {
    let limits = &config.target;
    args.timeout = args.timeout.or(limits.timeout.map(Span));
    args.max_wait = args.max_wait.or(limits.max_wait.map(Span));
    args.max_body = args.max_body.or(limits.max_body.map(Bytes));
    if bundled {
        return;
    }
    let file = &config.target.access;
    let other = is_elsewhere(args, file);
    if args.target.is_none() {
        args.target.clone_from(&file.url);
    }
    let folder = config.file.parent().unwrap_or(Path::new(""));
    if args.ca_file.is_none() {
        args.ca_file = file.ca_file.as_ref().map(|path| folder.join(path));
    }
    if args.target.is_none() || args.proof().is_some() || !proves(file) {
        return;
    }
    // A credential goes to the endpoint that it was written down for, and to no other.
    if other {
        let url = file.url.as_deref().unwrap_or_default();
        console.say(&format!(
            "the credentials of the target file are for {} and are not sent elsewhere",
            safe(url)
        ));
        return;
    }
    prove(args, file, folder);
}

/// The options that would say what the file says of the second customer's tenant.
pub(super) fn other_tenant(config: &Config) -> Option<TargetArgs> {
    let file = config.other_tenant.as_ref()?;
    let folder = config.file.parent().unwrap_or(Path::new(""));
    let mut args = TargetArgs {
        target: file.url.clone(),
        ca_file: file.ca_file.as_ref().map(|path| folder.join(path)),
        ..TargetArgs::default()
    };
    prove(&mut args, file, folder);
    Some(args)
}

/// Takes the credentials from the file, beside which further files stand.
fn prove(args: &mut TargetArgs, file: &AccessSection, folder: &Path) {
    args.token_env.clone_from(&file.token_env);
    args.token_file = file.token_file.as_ref().map(|path| folder.join(path));
    args.basic_env.clone_from(&file.basic_env);
    args.header_env.clone_from(&file.header_env);
    args.oauth_token_url.clone_from(&file.oauth_token_url);
    args.client_id.clone_from(&file.client_id);
    args.client_secret_env.clone_from(&file.client_secret_env);
    args.scope.clone_from(&file.scope);
    args.client_secret_in_body = file.client_secret_in_body;
}

/// Whether the command line names another endpoint than the file.
pub(super) fn is_elsewhere(args: &TargetArgs, file: &AccessSection) -> bool {
    match (&args.target, &file.url) {
        (Some(given), Some(url)) => given.trim_end_matches('/') != url.trim_end_matches('/'),
        _ => false,
    }
}

fn proves(file: &AccessSection) -> bool {
    [
        &file.token_env,
        &file.token_file,
        &file.basic_env,
        &file.header_env,
        &file.oauth_token_url,
    ]
    .into_iter()
    .any(Option::is_some)
}
