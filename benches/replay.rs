//! How much a run costs beside its exchanges: the wall time of a default run against the bundled server, divided by that of
//! a bare replay of the same exchanges over one kept connection, and how many requests of all origins there are for each of the
//! IdPs'. Prints ratios; judges nothing. `cargo bench --bench replay`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and stops where it cannot go on"
)]

use std::sync::Arc;
use std::time::{Duration, Instant};

use scimulate::run::tape::{Line, Tape};
use scimulate::run::{Endpoint, Over, Plan, run};
use scimulate::server::{Server, Settings, Tenant, serve};
use scimulate::verdict::{Rules, judge};
use scimulate::wire::Limits;
use scimulate::wire::transport::{Live, Outgoing, Target, TlsOptions, Transport as _};

const SEED: u64 = 7;
const TOKEN: &str = "replay-token";
const BODY_LIMIT: usize = 16 * 1024 * 1024;

fn main() {
    // As the program itself does.
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let plan = plan();
    for _ in 0..5 {
        let start = now();
        let (_stop, stopped) = tokio::sync::watch::channel(false);
        let finished = runtime.block_on(run(&plan, stopped, |_| {})).unwrap();
        let report = judge(&finished.tape, &Rules::default());
        let whole = start.elapsed();
        let bare = runtime.block_on(replay(&finished.tape));
        let requests = report.run.requests;
        let all = requests.idp + requests.audit + requests.probe + requests.seed + requests.cleanup;
        println!(
            "run {whole:.2?} / bare replay {bare:.2?} = {:.2}; requests {all} / of the IdPs {} = {:.2}",
            whole.as_secs_f64() / bare.as_secs_f64(),
            requests.idp,
            f64::from(u32::try_from(all).unwrap())
                / f64::from(u32::try_from(requests.idp).unwrap()),
        );
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a bench measures the machine's time"
)]
fn now() -> Instant {
    Instant::now()
}

fn plan() -> Plan {
    let volume = |s: &scimulate::scenario::Scenario| s.tags.iter().any(|tag| tag == "volume");
    Plan {
        endpoint: Endpoint::Bundled {
            faults: Vec::new(),
            persona: None,
            over: Over::Http,
        },
        variants: scimulate::idp::VARIANTS.clone(),
        scenarios: scimulate::scenario::bundled()
            .iter()
            .filter(|s| !volume(s))
            .cloned()
            .collect(),
        seed: SEED,
        mail_domain: "example.com".to_owned(),
        required: Vec::new(),
        limits: Limits::default(),
        body_limit: BODY_LIMIT,
        settle: Duration::ZERO,
        tape: None,
    }
}

/// The path of a request: behind the story's base, or beside the SCIM endpoint at the product's door.
fn path(base: &str, target: &str) -> String {
    let beside = target.strip_prefix("http://");
    match beside.and_then(|rest| rest.find('/').map(|at| &rest[at..])) {
        Some(path) => path.to_owned(),
        None => format!("{base}{target}"),
    }
}

/// Sends what the tape says was sent to a fresh server of the same seed, one after the other.
async fn replay(tape: &Tape) -> Duration {
    let server = Server::new(Settings {
        seed: SEED,
        ..Settings::default()
    });
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = Target::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let serving = tokio::spawn(serve(listener, server.clone(), std::future::pending()));
    let live = Arc::new(Live::new(&target, &TlsOptions::default(), BODY_LIMIT).unwrap());
    let mut requests = Vec::new();
    let mut base = String::from("/t/none");
    for line in &tape.lines {
        match line {
            Line::Begin(begin) => {
                let tenant = Tenant {
                    name: begin.instance.clone(),
                    token: TOKEN.to_owned(),
                    ..Tenant::default()
                };
                base = server.tenant(tenant).unwrap().base_path;
            }
            Line::Sent(sent) => requests.push(Outgoing {
                method: sent.method.as_str(),
                path: path(&base, &sent.target),
                headers: sent
                    .headers
                    .iter()
                    .filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"))
                    .map(|(name, value)| (name.to_owned(), value.replace("[secret:1]", TOKEN)))
                    .collect(),
                body: sent.body.clone(),
            }),
            _ => {}
        }
    }
    let start = now();
    for request in requests {
        // The answer is whatever it is: only its time counts.
        live.send(request, Duration::from_secs(10)).await.ok();
    }
    let bare = start.elapsed();
    serving.abort();
    bare
}
