//! `scimulate serve`: the bundled server by itself.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::path::Path;

use tokio::net::TcpListener;

use super::args::ServeArgs;
use super::console::Console;
use super::failure::Failure;
use super::signal::told_to_end;
use super::tenants;
use crate::report::Exit;
use crate::server::{DataError, Error};
use crate::server::{Server, Settings, TenantInfo, serve as serve_on};

/// Serves until the process is told to end.
pub(super) fn serve(args: &ServeArgs, console: &mut Console) -> Result<Exit, Failure> {
    let all = tenants::read(args)?;
    let faults = all.first().map(|tenant| tenant.faults.clone());
    let faults = faults.unwrap_or_default();
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|e| Failure::Internal(format!("no runtime can be started ({e})")))?;
    runtime.block_on(async {
        let cannot = |e: std::io::Error| {
            Failure::Usage(format!("nothing can listen on {} ({e})", args.listen))
        };
        let listener = TcpListener::bind(&args.listen).await.map_err(cannot)?;
        let address = listener.local_addr().map_err(cannot)?;
        let loopback = address.ip().is_loopback();
        let settings = Settings {
            // Tokens must not be guessed from an earlier run's.
            seed: RandomState::new().build_hasher().finish(),
            status_page: loopback,
            ..Settings::default()
        };
        let server = match &args.data {
            Some(file) => durable(settings, file)?,
            None => Server::new(settings),
        };
        let mut served: Vec<(String, TenantInfo)> = Vec::new();
        for tenant in all {
            let name = tenant.name.clone();
            let info = server.tenant(tenant).map_err(|e| match e {
                Error::Data(e) => unusable(&e),
                e => Failure::Usage(e.to_string()),
            })?;
            served.push((name, info));
        }
        let url = |info: &TenantInfo| format!("http://{address}{}", info.base_path);
        let first = served.first().map(|(_, info)| url(info));
        console.print(&format!("{}\n", first.unwrap_or_default()))?;
        for (name, info) in served.iter().skip(1) {
            console.say(&format!("tenant {name}: {}", url(info)));
        }
        for fault in &faults {
            console.say(&format!("with the fault {fault}"));
        }
        if loopback {
            console.say(&format!(
                "who exists and what was asked last: http://{address}/"
            ));
        } else {
            console.say("the status page is for loopback alone; here `/` shows nothing");
        }
        if args.credentials.token_env.is_none() {
            console.say(&format!(
                "the bearer token is `{}`; Ctrl-C ends",
                tenants::TOKEN
            ));
        }
        serve_on(listener, server, told_to_end())
            .await
            .map_err(cannot)
    })?;
    Ok(Exit::Success)
}

/// A server that keeps what is written in that file.
fn durable(settings: Settings, file: &Path) -> Result<Server, Failure> {
    Server::open(settings, file).map_err(|e| unusable(&e))
}

fn unusable(error: &DataError) -> Failure {
    match error {
        DataError::InUse(_) => Failure::Usage(error.to_string()),
        _ => Failure::NotThat(error.to_string()),
    }
}
