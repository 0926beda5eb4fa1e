//! `scimulate serve`: the bundled server by itself.

use std::path::Path;

use tokio::net::TcpListener;

use super::args::ServeArgs;
use super::console::Console;
use super::environment;
use super::failure::Failure;
use super::signal::told_to_end;
use crate::report::Exit;
use crate::server::fault::FaultChoice;
use crate::server::{DEFAULT_TENANT, Server, Settings, Tenant, serve as serve_on};
#[cfg(feature = "durable")]
use crate::server::{DataError, Error};

/// The token where none is given: the server is a toy then, and listens on loopback.
const TOKEN: &str = "scimulate";

/// Serves until the process is told to end.
pub(super) fn serve(args: &ServeArgs, console: &mut Console) -> Result<Exit, Failure> {
    let usage = |e: &dyn std::fmt::Display| Failure::Usage(e.to_string());
    let token = match &args.token_env {
        Some(name) => environment::secret("--token-env", name)?,
        None => TOKEN.to_owned(),
    };
    let faults = args.fault.iter().map(|text| text.parse::<FaultChoice>());
    let faults = faults
        .collect::<Result<Vec<_>, _>>()
        .map_err(|e| usage(&e))?;
    let server = match &args.data {
        Some(file) => durable(file)?,
        None => Server::new(Settings::default()),
    };
    let tenant = Tenant {
        name: DEFAULT_TENANT.to_owned(),
        token,
        faults: faults.clone(),
        ..Tenant::default()
    };
    let tenant = server.tenant(tenant).map_err(|e| match e {
        #[cfg(feature = "durable")]
        Error::Data(e) => unusable(&e),
        e => usage(&e),
    })?;
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|e| Failure::Internal(format!("no runtime can be started ({e})")))?;
    runtime.block_on(async {
        let cannot = |e: std::io::Error| {
            Failure::Usage(format!("nothing can listen on {} ({e})", args.listen))
        };
        let listener = TcpListener::bind(&args.listen).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        console.print(&format!("http://{address}{}\n", tenant.base_path))?;
        for fault in &faults {
            console.say(&format!("with the fault {fault}"));
        }
        if args.token_env.is_none() {
            console.say(&format!("the bearer token is `{TOKEN}`; Ctrl-C ends"));
        }
        serve_on(listener, server, told_to_end())
            .await
            .map_err(cannot)
    })?;
    Ok(Exit::Success)
}

/// A server that keeps what is written in that file.
#[cfg(feature = "durable")]
fn durable(file: &Path) -> Result<Server, Failure> {
    Server::open(Settings::default(), file).map_err(|e| unusable(&e))
}

#[cfg(not(feature = "durable"))]
fn durable(_: &Path) -> Result<Server, Failure> {
    let why = "this scimulate was built without --data: build it with `--features durable`";
    Err(Failure::Usage(why.to_owned()))
}

#[cfg(feature = "durable")]
fn unusable(error: &DataError) -> Failure {
    match error {
        DataError::InUse(_) => Failure::Usage(error.to_string()),
        _ => Failure::NotThat(error.to_string()),
    }
}
