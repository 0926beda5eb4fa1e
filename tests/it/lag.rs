//! A target whose reads lag behind its writes is given time: what a probe reads too early is held against nobody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use scimulate::run::{Endpoint, Over};
use scimulate::wire::Clock;
use scimulate::wire::transport::{Incoming, Interceptor, Outgoing};
use serde_json::{Value, json};

use crate::run::{judged, plan, play_tape, text};

const LAG: Duration = Duration::from_millis(60);

/// Answers reads as of some time ago, as a replica of the target's store would.
struct Replica {
    clock: Clock,
    records: Mutex<BTreeMap<String, Record>>,
}

/// What is known of one resource.
#[derive(Default)]
struct Record {
    /// As the store has it.
    now: Option<Value>,
    /// As the replica has it, while the last write is fresh.
    before: Option<Value>,
    written: Option<Duration>,
}

impl Record {
    fn lags(&self, now: Duration) -> bool {
        self.written.is_some_and(|at| now < at + LAG)
    }

    fn write(&mut self, shown: Option<Value>, now: Duration) {
        if !self.lags(now) {
            self.before = self.now.clone();
        }
        self.now = shown.or(self.now.take());
        self.written = Some(now);
    }
}

impl Interceptor for Replica {
    fn reply(&self, request: &Outgoing, reply: &mut Incoming) {
        let now = self.clock.real();
        let mut records = self.records.lock().unwrap();
        let body: Option<Value> = serde_json::from_slice(&reply.body).ok();
        let id = |value: &Value| value["id"].as_str().map(str::to_owned);
        let path = request.path.split('?').next().unwrap_or_default();
        let whole = !request.path.contains("ttributes=");
        let done = (200..300).contains(&reply.status);
        match (request.method, body) {
            // Who asks is not looked up in a replica.
            _ if reply.status == 401 || path.ends_with("/Bulk") || path.ends_with("/.search") => {}
            ("GET", Some(mut list)) if list["Resources"].is_array() && whole && done => {
                let of = |resource: &Value| format!("{path}/{}", id(resource).unwrap_or_default());
                let shown =
                    list["Resources"].as_array().unwrap().iter().filter_map(
                        |resource| match records.get(&of(resource)) {
                            Some(record) if record.lags(now) => record.before.clone(),
                            _ => Some(resource.clone()),
                        },
                    );
                let shown: Vec<_> = shown.collect();
                let missing = list["Resources"].as_array().unwrap().len() - shown.len();
                let total = list["totalResults"].as_u64().unwrap() - missing as u64;
                list["totalResults"] = json!(total);
                list["itemsPerPage"] = json!(shown.len());
                list["Resources"] = json!(shown);
                reply.body = list.to_string().into();
            }
            ("GET", body) => {
                let Some(record) = records.get_mut(path) else {
                    return;
                };
                let versions = |(name, _): &(String, String)| name.eq_ignore_ascii_case("etag");
                if whole && done {
                    record.now = body;
                }
                match &record.before {
                    _ if !record.lags(now) => {}
                    None => {
                        let error = "urn:ietf:params:scim:api:messages:2.0:Error";
                        let body = json!({"schemas": [error], "status": "404"});
                        (reply.status, reply.body) = (404, body.to_string().into());
                        reply.headers.retain(|header| !versions(header));
                    }
                    Some(before) if whole => {
                        (reply.status, reply.body) = (200, before.to_string().into());
                        for (_, version) in reply.headers.iter_mut().filter(|h| versions(h)) {
                            before["meta"]["version"]
                                .as_str()
                                .unwrap()
                                .clone_into(version);
                        }
                    }
                    Some(_) => {}
                }
            }
            ("POST", Some(made)) if done => {
                let at = format!("{path}/{}", id(&made).unwrap_or_default());
                records.entry(at).or_default().write(Some(made), now);
            }
            ("PUT" | "PATCH" | "DELETE", shown) if done => {
                records
                    .entry(path.to_owned())
                    .or_default()
                    .write(shown, now);
            }
            _ => {}
        }
    }
}

/// What the stories of probes find at such a target.
fn found(settle: Duration) -> scimulate::report::Report {
    let mut plan = plan(&[], &[], &[]);
    plan.scenarios.retain(|s| {
        s.tags.iter().any(|tag| tag == "probe") && s.tags.iter().all(|t| t != "opt-in")
    });
    plan.settle = settle;
    if let Endpoint::Bundled { over, .. } = &mut plan.endpoint {
        *over = Over::Memory(Some(Arc::new(Replica {
            clock: Clock::start(),
            records: Mutex::default(),
        })));
    }
    judged(&play_tape(&plan))
}

#[test]
fn a_probe_that_reads_too_early_asks_again_until_the_target_had_time_to_settle() {
    let patient = found(LAG * 10);
    assert!(patient.findings.is_empty(), "{}", text(&patient));
    assert!(!found(Duration::ZERO).findings.is_empty());
}
