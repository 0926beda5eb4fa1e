//! What the reference server does beside a bare handler, beside itself with a thousand times as many people, and beside
//! another server. Prints ratios of one run, both sides in turn over loopback; judges nothing.
//!
//! `cargo bench --bench server`, or the names of figures behind `--`.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a bench prints, and stops where it cannot go on"
)]

mod load;
mod peer;

use std::net::SocketAddr;
use std::time::Duration;

use load::{Call, Connection, drive, now};
use peer::{Foreign, Ours, TOKEN, bare, lookup};
use tokio::runtime::{Builder, Runtime};
use tokio::time::timeout;

const CONNECTIONS: usize = 16;
const ROUNDS: usize = 11;
/// How long one side of a round may take.
const PATIENCE: Duration = Duration::from_secs(120);
const FEW: usize = 1_000;
const MANY: usize = 1_000_000;
const LARGE: usize = 100_000;
const SMALL: usize = 100;
/// How many members are added to either group in a round.
const TRIES: usize = 100;

/// A name and what is measured.
type Figure = (&'static str, fn(&Bench));

const FIGURES: [Figure; 4] = [
    ("bare", beside_a_bare_handler),
    ("size", with_many_users),
    ("members", in_a_large_group),
    ("foreign", beside_another_server),
];

/// Where the servers run, and where their clients do.
struct Bench {
    servers: Runtime,
    clients: Runtime,
}

fn main() {
    let named: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |name: &str| {
        let mut names = named.iter().filter(|arg| !arg.starts_with('-')).peekable();
        names.peek().is_none() || names.any(|wanted| wanted == name)
    };
    let bench = Bench {
        servers: Runtime::new().unwrap(),
        clients: Builder::new_current_thread().enable_all().build().unwrap(),
    };
    for (name, measure) in FIGURES {
        if wanted(name) {
            measure(&bench);
        }
    }
}

impl Bench {
    fn drive(&self, address: SocketAddr, calls: &[Call]) -> Duration {
        let drive = drive(address, CONNECTIONS, calls);
        let bounded = async { timeout(PATIENCE, drive).await.unwrap() };
        self.clients.block_on(bounded)
    }
}

/// Lookups and reads, beside a handler with the same answer as a constant.
fn beside_a_bare_handler(bench: &Bench) {
    let ours = Ours::with_users(&bench.servers, FEW);
    for (what, call) in [
        ("lookup", Ours::lookup as fn(&Ours, usize) -> Call),
        ("GET by id", Ours::show),
    ] {
        let calls: Vec<Call> = (0..10_000)
            .map(|i| call(&ours, scattered(i, FEW)))
            .collect();
        let answer = ours.answer(&bench.clients, &calls[0]);
        let constant = bare(&bench.servers, answer);
        let ratio = median(|| {
            let bare = bench.drive(constant, &calls);
            bare.as_secs_f64() / bench.drive(ours.address, &calls).as_secs_f64()
        });
        println!("throughput of {what} / of a bare handler: {ratio:.2}");
    }
}

/// Lookups among many users beside lookups among few, and the memory that the many take.
fn with_many_users(bench: &Bench) {
    let few = Ours::with_users(&bench.servers, FEW);
    let before = resident();
    let start = now();
    let many = Ours::with_users(&bench.servers, MANY);
    println!("{MANY} users created in {:.1?}", start.elapsed());
    if let (Some(before), Some(after)) = (before, resident()) {
        // The ids that the bench itself holds are not the server's.
        let own = many
            .users
            .iter()
            .map(|id| id.capacity() + size_of::<String>() + 8);
        let bytes = after.saturating_sub(before).saturating_sub(own.sum());
        println!(
            "memory per user: {:.2} KiB",
            as_f64(bytes) / 1024.0 / as_f64(MANY)
        );
    }
    let calls = |ours: &Ours, of: usize| -> Vec<Call> {
        (0..10_000).map(|i| ours.lookup(scattered(i, of))).collect()
    };
    let (of_few, of_many) = (calls(&few, FEW), calls(&many, MANY));
    let ratio = median(|| {
        let small = bench.drive(few.address, &of_few);
        bench.drive(many.address, &of_many).as_secs_f64() / small.as_secs_f64()
    });
    println!("time of a lookup among {MANY} users / among {FEW}: {ratio:.2}");
}

/// Adding one member to a large group beside adding one to a small group, in memory and on a data file.
fn in_a_large_group(bench: &Bench) {
    let users = LARGE + TRIES;
    let ours = Ours::with_users(&bench.servers, users);
    let ratio = member_ratio(bench, &ours);
    println!("time to add a member to a group of {LARGE} / of {SMALL}: {ratio:.2}");
    let folder = tempfile::tempdir().unwrap();
    let ours = Ours::durable(&bench.servers, &folder.path().join("data"), users);
    let ratio = member_ratio(bench, &ours);
    println!("the same on a data file: {ratio:.2}");
}

fn member_ratio(bench: &Bench, ours: &Ours) -> f64 {
    let group = |name: &str, size: usize| {
        let members = ours.users[..size].iter();
        let members: Vec<String> = members.map(|id| format!(r#"{{"value":"{id}"}}"#)).collect();
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"{name}","members":[{}]}}"#,
            members.join(",")
        );
        bench.servers.block_on(ours.create("/Groups", body))
    };
    let groups = [group("large", LARGE), group("small", SMALL)];
    let patch = |group: &str, operation: &str| {
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{operation}]}}"#
        );
        Call::new(
            "PATCH",
            &format!("/scim/v2/Groups/{group}"),
            TOKEN,
            &body,
            204,
        )
    };
    median(|| {
        let mut took = [Duration::ZERO; 2];
        bench.clients.block_on(async {
            let mut connection = Connection::open(ours.address).await;
            for id in &ours.users[LARGE..] {
                for (group, took) in groups.iter().zip(&mut took) {
                    let add =
                        format!(r#"{{"op":"add","path":"members","value":[{{"value":"{id}"}}]}}"#);
                    let add = patch(group, &add);
                    let start = now();
                    connection.send(&add).await;
                    *took += start.elapsed();
                    let remove =
                        format!(r#"{{"op":"remove","path":"members[value eq \"{id}\"]"}}"#);
                    connection.send(&patch(group, &remove)).await;
                }
            }
        });
        took[0].as_secs_f64() / took[1].as_secs_f64()
    })
}

/// A mixture of requests, beside scim2-server.
fn beside_another_server(bench: &Bench) {
    let foreign = match Foreign::with_users(&bench.clients, FEW) {
        Ok(foreign) => foreign,
        Err(why) => return println!("throughput / of scim2-server: not measured, {}", why.trim()),
    };
    let ours = Ours::with_users(&bench.servers, FEW);
    let ours_mixed = mixed("/scim/v2", &ours.users, 8_000, 200);
    let foreign_mixed = mixed(&foreign.path, &foreign.users, 160, 204);
    let rate = |calls: &[Call], took: Duration| as_f64(calls.len()) / took.as_secs_f64();
    let ratio = median(|| {
        let theirs = rate(&foreign_mixed, bench.drive(foreign.address, &foreign_mixed));
        rate(&ours_mixed, bench.drive(ours.address, &ours_mixed)) / theirs
    });
    println!("throughput / of scim2-server: {ratio:.0}");
}

/// 80 % lookups, 15 % reads by id, 5 % changes, which are answered with that status.
fn mixed(path: &str, users: &[String], count: usize, changed: u16) -> Vec<Call> {
    let call = |i: usize| {
        let number = scattered(i, users.len());
        let one = format!("{path}/Users/{}", users[number]);
        match i % 20 {
            0..16 => Call::get(&format!("{path}{}", lookup(number)), TOKEN),
            16..19 => Call::get(&one, TOKEN),
            _ => {
                let body = format!(
                    r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"replace","path":"title","value":"Engineer {i}"}}]}}"#
                );
                Call::new("PATCH", &one, TOKEN, &body, changed)
            }
        }
    };
    (0..count).map(call).collect()
}

/// Numbers below a bound in an order that no cache foresees.
fn scattered(i: usize, bound: usize) -> usize {
    i.wrapping_mul(0x9e37_79b9_7f4a_7c15) % bound
}

/// The middle one of several ratios: what else the machine did meanwhile is at both ends.
fn median(mut ratio: impl FnMut() -> f64) -> f64 {
    ratio();
    let mut ratios: Vec<f64> = (0..ROUNDS).map(|_| ratio()).collect();
    ratios.sort_by(f64::total_cmp);
    ratios[ROUNDS / 2]
}

/// The bytes of memory that this process has now, where the system says so.
fn resident() -> Option<usize> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: usize = line.split_whitespace().next()?.parse().ok()?;
    Some(kib * 1024)
}

fn as_f64(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}
