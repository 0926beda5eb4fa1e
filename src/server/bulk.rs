//! Several writes in one request (RFC 7644 §3.7), with references among what they create.

use std::collections::{BTreeMap, BTreeSet};

use http::header::{ETAG, IF_MATCH, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, Method};

use super::handler::{Call, Handler, Route};
use super::reading::check_schemas;
use super::reply::{Failure, Reply};
use super::scope::Scopes;
use super::settings::{Leniency, Settings};
use crate::scim::message::{BULK_REQUEST, BULK_RESPONSE, PATCH_OP, Query, envelope};
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
    let (jobs, fail_on_errors) = read(body, limits.operations, handler.tenant.leniency)?;
    let run = Run {
        handler,
        jobs: &jobs,
        fail_on_errors,
        errors: 0,
        ids: BTreeMap::new(),
        results: BTreeMap::new(),
        owed: Vec::new(),
    };
    let results = run.all();
    let mut body = envelope(BULK_RESPONSE);
    let operations: Vec<Value> = results.into_values().map(Value::from).collect();
    body.push("Operations", operations);
    Ok(Reply::value(200, &body.into()))
}

fn read(body: &Value, limit: usize, leniency: Leniency) -> Result<(Vec<Job>, usize), Failure> {
    let Some(envelope) = body.as_object() else {
        return Err(Failure::syntax("the body must be an object"));
    };
    check_schemas(envelope, BULK_REQUEST, leniency)?;
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

    /// The segments of the path, ids in the place of references.
    fn segments(&self, ids: &BTreeMap<&str, String>) -> Vec<String> {
        let segments = self.path.split('/').filter(|segment| !segment.is_empty());
        let id = |segment: &str| reference(segment).and_then(|name| ids.get(name)).cloned();
        segments
            .map(|segment| id(segment).unwrap_or_else(|| segment.to_owned()))
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

/// Whether a value refers to nothing that is not there.
fn is_resolved(value: &Value) -> bool {
    let mut open = BTreeSet::new();
    references(value, &mut open);
    open.is_empty()
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

/// A bulk request under way.
struct Run<'j> {
    handler: &'j Handler<'j>,
    jobs: &'j [Job],
    /// After how many errors it ends.
    fail_on_errors: usize,
    errors: usize,
    /// What was created, by bulkId.
    ids: BTreeMap<&'j str, String>,
    /// In the request's order.
    results: BTreeMap<usize, Object>,
    /// What was left out of resources that refer to each other, by the number of the job.
    owed: Vec<(usize, Object)>,
}

impl<'j> Run<'j> {
    /// Runs the jobs in their order; one that refers to a later one waits for it.
    fn all(mut self) -> BTreeMap<usize, Object> {
        let mut waiting: Vec<usize> = (0..self.jobs.len()).collect();
        while !waiting.is_empty() && !self.is_over() {
            let before = waiting.len();
            waiting.retain(|index| self.is_over() || !self.try_whole(*index));
            if waiting.len() < before {
                continue;
            }
            if let Some(place) = waiting.iter().position(|i| self.is_hopeless(*i, &waiting)) {
                let index = waiting.remove(place);
                self.note(index, &unresolved(&self.jobs[index], self.jobs).into());
                continue;
            }
            // What is left refers to each other in a circle, or to one.
            let creates = |index: &usize| self.jobs[*index].method == Method::POST;
            let place = waiting.iter().position(creates).unwrap_or(0);
            self.begin(waiting.remove(place));
        }
        self.settle();
        self.results
    }

    fn is_over(&self) -> bool {
        self.errors >= self.fail_on_errors
    }

    /// Performs a job whose references all lead somewhere; false if one does not yet.
    fn try_whole(&mut self, index: usize) -> bool {
        let job = &self.jobs[index];
        let ready = job.needs.iter().all(|need| self.ids.contains_key(&**need));
        if ready {
            let mut data = job.data.clone();
            resolve(&mut data, &self.ids);
            let reply = self.perform(job, &data);
            self.note(index, &reply);
        }
        ready
    }

    /// Whether a job refers to what no job creates, or to what one failed to create.
    fn is_hopeless(&self, index: usize, waiting: &[usize]) -> bool {
        self.jobs[index].needs.iter().any(|need| {
            let by = |other: &usize| self.jobs[*other].bulk_id.as_ref() == Some(need);
            !self.ids.contains_key(&**need) && !waiting.iter().any(by)
        })
    }

    /// Creates a resource without those of its attributes that refer to what is not there yet (RFC 7644 §3.7.1).
    fn begin(&mut self, index: usize) {
        let job = &self.jobs[index];
        let mut data = job.data.clone();
        resolve(&mut data, &self.ids);
        let mut owed = Object::new();
        if let Value::Object(data) = &mut data {
            data.retain(|name, value| {
                let is_whole = is_resolved(value);
                if !is_whole {
                    owed.push(name, value.clone());
                }
                is_whole
            });
        }
        let reply = self.perform(job, &data);
        if reply.status < 400 {
            self.owed.push((index, owed));
        }
        self.note(index, &reply);
    }

    /// Adds what was left out. A resource that cannot have it was not created as asked, so it goes again.
    fn settle(&mut self) {
        for (index, owed) in std::mem::take(&mut self.owed) {
            let job = &self.jobs[index];
            let mut path = job.segments(&self.ids);
            path.extend(
                job.bulk_id
                    .as_deref()
                    .and_then(|name| self.ids.get(name))
                    .cloned(),
            );
            let mut value = Value::from(owed);
            resolve(&mut value, &self.ids);
            let is_whole = is_resolved(&value);
            let mut operation = Object::new();
            operation.push("op", "add");
            operation.push("value", value);
            let mut body = envelope(PATCH_OP);
            body.push("Operations", vec![Value::from(operation)]);
            let added =
                is_whole.then(|| send(self.handler, &Method::PATCH, &path, None, &body.into()));
            match added {
                Some(added) if added.status < 400 => {
                    if let (Some(result), Some(version)) =
                        (self.results.get_mut(&index), header(&added, ETAG))
                    {
                        result.set("version", version);
                    }
                }
                _ => {
                    send(self.handler, &Method::DELETE, &path, None, &Value::Null);
                    let detail = "what refers to the operation in a circle was not created";
                    self.note(index, &Failure::new(409, None, detail).into());
                }
            }
        }
    }

    /// Performs one job as a request of its own, which needs what such a request needs.
    fn perform(&self, job: &Job, data: &Value) -> Reply {
        let path = job.segments(&self.ids);
        let needed = Scopes::needed(&job.method, &Route::read(&path));
        let refusal = self.handler.tenant.forbids(self.handler.scopes, needed);
        let version = job.version.as_deref();
        refusal.unwrap_or_else(|| send(self.handler, &job.method, &path, version, data))
    }

    /// Keeps the result of a job, and the id of what it created.
    fn note(&mut self, index: usize, reply: &Reply) {
        let job = &self.jobs[index];
        if let (Some(bulk_id), 201) = (&job.bulk_id, reply.status) {
            let id = Value::from_slice(&reply.body).ok();
            let id = id.as_ref().and_then(|body| body.get("id")?.as_str());
            self.ids.insert(bulk_id, id.unwrap_or_default().to_owned());
        }
        self.errors += usize::from(reply.status >= 400);
        let result = result(self.handler, job, reply, &self.ids);
        self.results.insert(index, result);
    }
}

fn unresolved(job: &Job, jobs: &[Job]) -> Failure {
    let is_created = |need: &&String| jobs.iter().any(|j| j.bulk_id.as_ref() == Some(*need));
    match job.needs.iter().find(|need| !is_created(need)) {
        Some(unknown) => Failure::value(format!("no operation has the bulkId `{unknown}`")),
        None => Failure::new(409, None, "what the operation refers to was not created"),
    }
}

fn send(
    handler: &Handler<'_>,
    method: &Method,
    path: &[String],
    version: Option<&str>,
    data: &Value,
) -> Reply {
    let route = Route::read(path);
    if !matches!(route, Route::Resources(_) | Route::Resource(..)) {
        return Failure::not_found("such path for a bulk operation").into();
    }
    let mut headers = HeaderMap::new();
    if let Some(version) = version {
        // What cannot stand in a header is no version that a resource has; it must not pass for none.
        let version = HeaderValue::from_str(version);
        headers.insert(IF_MATCH, version.unwrap_or(HeaderValue::from_static("")));
    }
    let data = data.to_string();
    let call = Call {
        method,
        route,
        headers,
        query: "",
        body: data.as_bytes(),
        bulk: Limits::of(handler.settings),
    };
    let reply = handler.dispatch(&call, &Query::default());
    reply.unwrap_or_else(Reply::from)
}

fn header(reply: &Reply, name: HeaderName) -> Option<&str> {
    reply.headers.get(name)?.to_str().ok()
}

fn result(handler: &Handler<'_>, job: &Job, reply: &Reply, ids: &BTreeMap<&str, String>) -> Object {
    let mut result = Object::new();
    let created = header(reply, LOCATION).map(str::to_owned);
    let known = (job.method != Method::POST)
        .then(|| format!("{}/{}", handler.base, job.segments(ids).join("/")));
    if let Some(location) = created.or(known) {
        result.push("location", location);
    }
    result.push("method", job.method.as_str());
    if let Some(bulk_id) = &job.bulk_id {
        result.push("bulkId", bulk_id.as_str());
    }
    if let Some(version) = header(reply, ETAG) {
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
