//! Several writes in one request (RFC 7644 §3.7), with references among what they create.

use std::collections::{BTreeMap, BTreeSet};

use http::header::{ETAG, IF_MATCH, LOCATION};
use http::{HeaderMap, HeaderValue, Method};

use super::handler::{Call, Handler, Route};
use super::reply::{Failure, Reply};
use super::scope::Scopes;
use super::settings::Settings;
use crate::scim::message::{BULK_REQUEST, BULK_RESPONSE, Query, envelope};
use crate::scim::{Object, Value};

/// How much one request may hold.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    /// How many operations.
    pub(super) operations: usize,
    /// How many bytes.
    pub(super) bytes: usize,
}

/// One operation of the request.
struct Job {
    method: Method,
    path: String,
    bulk_id: Option<String>,
    version: Option<String>,
    data: Value,
    /// The bulkIds that the data and the path refer to.
    needs: BTreeSet<String>,
}

impl Limits {
    /// What the service's configuration says.
    pub(super) fn of(settings: &Settings) -> Self {
        Self {
            operations: settings.max_bulk,
            bytes: settings.max_bulk_bytes,
        }
    }
}

/// Performs a bulk request.
pub(super) fn reply(
    handler: &Handler<'_>,
    body: &Value,
    size: usize,
    limits: Limits,
) -> Result<Reply, Failure> {
    if size > limits.bytes {
        let limit = limits.bytes;
        let detail = format!("the body is larger than maxPayloadSize, {limit} bytes");
        return Err(Failure::new(413, None, detail));
    }
    let (jobs, fail_on_errors) = read(body, limits.operations)?;
    let results = run(handler, &jobs, fail_on_errors);
    let mut body = envelope(BULK_RESPONSE);
    let operations: Vec<Value> = results.into_values().map(Value::from).collect();
    body.push("Operations", operations);
    Ok(Reply::value(200, &body.into()))
}

fn read(body: &Value, limit: usize) -> Result<(Vec<Job>, usize), Failure> {
    let named = |schemas: &[Value]| {
        let urn = |v: &Value| {
            v.as_str()
                .is_some_and(|u| u.eq_ignore_ascii_case(BULK_REQUEST))
        };
        schemas.iter().any(urn)
    };
    let schemas = body.get("schemas").and_then(Value::as_array);
    if !schemas.is_some_and(named) {
        return Err(Failure::syntax(format!(
            "`schemas` must name {BULK_REQUEST}"
        )));
    }
    let fail_on_errors = match body.get("failOnErrors") {
        None | Some(Value::Null) => usize::MAX,
        Some(number) => number
            .as_i64()
            .and_then(|n| usize::try_from(n).ok())
            .filter(|n| *n > 0)
            .ok_or_else(|| Failure::value("`failOnErrors` must be a number above 0"))?,
    };
    let Some(Value::Array(list)) = body.get("Operations") else {
        return Err(Failure::syntax("`Operations` must be a list of operations"));
    };
    if list.len() > limit {
        let detail = format!(
            "{} operations are more than maxOperations, {limit}",
            list.len()
        );
        return Err(Failure::new(413, None, detail));
    }
    let jobs: Vec<Job> = list.iter().map(Job::read).collect::<Result<_, _>>()?;
    let mut seen = BTreeSet::new();
    for id in jobs.iter().filter_map(|job| job.bulk_id.as_ref()) {
        if !seen.insert(id) {
            return Err(Failure::value(format!("bulkId `{id}` is given twice")));
        }
    }
    Ok((jobs, fail_on_errors))
}

impl Job {
    fn read(operation: &Value) -> Result<Self, Failure> {
        let text = |name: &str| match operation.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(_) => Err(Failure::syntax(format!("`{name}` must be a text"))),
        };
        let method = text("method")?.unwrap_or_default().to_ascii_uppercase();
        let method = match method.as_str() {
            "POST" => Method::POST,
            "PUT" => Method::PUT,
            "PATCH" => Method::PATCH,
            "DELETE" => Method::DELETE,
            other => {
                return Err(Failure::syntax(format!(
                    "`{other}` is none of POST, PUT, PATCH, DELETE"
                )));
            }
        };
        let path = text("path")?.ok_or_else(|| Failure::syntax("`path` is missing"))?;
        let bulk_id = text("bulkId")?;
        if method == Method::POST && bulk_id.is_none() {
            return Err(Failure::syntax("a POST needs a `bulkId`"));
        }
        let data = operation.get("data").cloned().unwrap_or(Value::Null);
        let mut needs = BTreeSet::new();
        references(&data, &mut needs);
        needs.extend(path.split('/').filter_map(reference).map(str::to_owned));
        Ok(Self {
            method,
            path,
            bulk_id,
            version: text("version")?,
            data,
            needs,
        })
    }

    /// The path's segments, with the ids of what was created in the place of references.
    fn segments(&self, ids: &BTreeMap<&str, String>) -> Vec<String> {
        let segments = self.path.split('/').filter(|segment| !segment.is_empty());
        let id = |segment| reference(segment).and_then(|name| ids.get(name));
        segments
            .map(|segment| id(segment).map_or_else(|| segment.to_owned(), String::clone))
            .collect()
    }
}

fn reference(text: &str) -> Option<&str> {
    text.strip_prefix("bulkId:")
}

fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => found.extend(reference(text).map(str::to_owned)),
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Object(object) => object.iter().for_each(|(_, v)| references(v, found)),
        _ => {}
    }
}

/// Puts the ids of what was created in the place of references.
fn resolve(value: &mut Value, ids: &BTreeMap<&str, String>) {
    match value {
        Value::String(text) => {
            if let Some(id) = reference(text).and_then(|name| ids.get(name)) {
                *text = id.clone();
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| resolve(item, ids)),
        Value::Object(object) => object.iter_mut().for_each(|(_, v)| resolve(v, ids)),
        _ => {}
    }
}

/// Runs the jobs in their order; one that refers to a later one waits for it. The results stand in the request's order.
fn run<'j>(
    handler: &Handler<'_>,
    jobs: &'j [Job],
    fail_on_errors: usize,
) -> BTreeMap<usize, Object> {
    let mut ids: BTreeMap<&'j str, String> = BTreeMap::new();
    let mut results = BTreeMap::new();
    let mut waiting: Vec<(usize, &Job)> = jobs.iter().enumerate().collect();
    let mut errors = 0;
    while !waiting.is_empty() {
        let mut later = Vec::new();
        let before = waiting.len();
        for (index, job) in waiting {
            if !job.needs.iter().all(|need| ids.contains_key(need.as_str())) {
                later.push((index, job));
                continue;
            }
            let reply = perform(handler, job, &ids);
            if let (Some(bulk_id), 201) = (&job.bulk_id, reply.status) {
                let id = Value::from_slice(&reply.body).ok();
                let id = id.as_ref().and_then(|body| body.get("id")?.as_str());
                ids.insert(bulk_id, id.unwrap_or_default().to_owned());
            }
            errors += usize::from(reply.status >= 400);
            results.insert(index, result(handler, job, &reply, &ids));
            if errors >= fail_on_errors {
                return results;
            }
        }
        if later.len() == before {
            // What is left refers to nothing, to what failed, or in a circle.
            for (index, job) in later {
                let reply = unresolved(job, jobs).into();
                results.insert(index, result(handler, job, &reply, &ids));
                errors += 1;
                if errors >= fail_on_errors {
                    break;
                }
            }
            return results;
        }
        waiting = later;
    }
    results
}

fn unresolved(job: &Job, jobs: &[Job]) -> Failure {
    let is_created = |need: &&String| jobs.iter().any(|j| j.bulk_id.as_ref() == Some(*need));
    match job.needs.iter().find(|need| !is_created(need)) {
        Some(unknown) => Failure::value(format!("no operation has the bulkId `{unknown}`")),
        None => Failure::new(409, None, "what the operation refers to was not created"),
    }
}

fn perform(handler: &Handler<'_>, job: &Job, ids: &BTreeMap<&str, String>) -> Reply {
    let mut data = job.data.clone();
    resolve(&mut data, ids);
    let segments = job.segments(ids);
    let route = Route::read(&segments);
    if !matches!(route, Route::Resources(_) | Route::Resource(..)) {
        return Failure::not_found("such path for a bulk operation").into();
    }
    let mut headers = HeaderMap::new();
    let version = job.version.as_deref().map(HeaderValue::from_str);
    if let Some(Ok(version)) = version {
        headers.insert(IF_MATCH, version);
    }
    let data = data.to_string();
    let call = Call {
        method: &job.method,
        route,
        headers,
        query: "",
        body: data.as_bytes(),
        bulk: Limits::of(handler.settings),
    };
    let needed = Scopes::needed(&job.method, &call.route);
    if let Some(refusal) = handler.tenant.forbids(handler.scopes, needed) {
        return refusal;
    }
    let reply = handler.dispatch(&call, &Query::default());
    reply.unwrap_or_else(Reply::from)
}

fn result(handler: &Handler<'_>, job: &Job, reply: &Reply, ids: &BTreeMap<&str, String>) -> Object {
    let header = |name| {
        reply
            .headers
            .get(name)
            .and_then(|v: &HeaderValue| v.to_str().ok())
    };
    let mut result = Object::new();
    let created = header(LOCATION).map(str::to_owned);
    let known = (job.method != Method::POST)
        .then(|| format!("{}/{}", handler.base, job.segments(ids).join("/")));
    if let Some(location) = created.or(known) {
        result.push("location", location);
    }
    result.push("method", job.method.as_str());
    if let Some(bulk_id) = &job.bulk_id {
        result.push("bulkId", bulk_id.as_str());
    }
    if let Some(version) = header(ETAG) {
        result.push("version", version);
    }
    result.push("status", reply.status.to_string());
    if reply.status >= 400
        && let Ok(error) = Value::from_slice(&reply.body)
    {
        result.push("response", error);
    }
    result
}
