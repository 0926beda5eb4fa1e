//! From a request to a reply: which resource, which verb, under which conditions.

use std::ops::{Deref, DerefMut};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use http::header::{IF_MATCH, IF_NONE_MATCH};
use http::{HeaderMap, Method};
use jiff::Timestamp;

use super::auth::Gate;
use super::bulk;
use super::choices::{Choices, Patched};
use super::discovery::{self, Document};
use super::fault::{Faults, Incoming, Place, Showing};
use super::journal::Journal;
use super::projection::Projection;
use super::rate::Rates;
use super::reading::check_schemas;
use super::render::{Parts, Renderer};
use super::reply::{Failure, Reply};
use super::scope::Scopes;
use super::search::Search;
use super::settings::{Leniency, Settings};
use super::store::{Kind, Row, Store};
use super::types::Types;
use super::write::Writer;
use crate::scim::Value;
use crate::scim::message::{Query, SEARCH_REQUEST};
use crate::scim::schema::ResourceType;
use crate::scim::value::ParseError;

/// One tenant at work.
pub(super) struct State {
    pub(super) base_path: String,
    pub(super) gate: Gate,
    pub(super) leniency: Leniency,
    pub(super) choices: Choices,
    pub(super) types: Types,
    pub(super) rates: Rates,
    pub(super) faults: Faults,
    /// What a whole user and a whole group show, where the text is shown as it is written.
    pub(super) plain: [Option<Parts>; 2],
    /// The group whose last active member is neither deactivated nor deleted.
    pub(super) administrators: Option<String>,
    pub(super) store: RwLock<Store>,
    /// Who keeps what is written, where somebody does.
    pub(super) journal: Option<Journal>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "State({})", self.base_path)
    }
}

/// The store while one write changes it; what changed is queued before anybody else sees it.
pub(super) struct Writing<'a> {
    store: RwLockWriteGuard<'a, Store>,
    journal: Option<&'a Journal>,
}

/// What a path leads to, below a tenant's root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Route {
    /// The service root.
    Root,
    /// `/Users` or `/Groups`.
    Resources(Kind),
    /// One resource by its id.
    Resource(Kind, String),
    /// A search by POST, over one type or all.
    Search(Option<Kind>),
    /// What the server says about itself, perhaps one document of it.
    Discovery(Document, Option<String>),
    /// Several writes at once.
    Bulk,
    /// An alias of whoever asks, which a client of this kind is not.
    Me,
    /// Nothing.
    Unknown,
}

/// Answers the requests of one tenant.
pub(super) struct Handler<'a> {
    pub(super) tenant: &'a State,
    pub(super) settings: &'a Settings,
    /// The URI of the service root.
    pub(super) base: String,
    /// When the request came.
    pub(super) now: Timestamp,
    /// What the client may do.
    pub(super) scopes: Scopes,
}

/// A request that was let in.
pub(super) struct Call<'a> {
    pub(super) method: &'a Method,
    pub(super) route: Route,
    pub(super) headers: HeaderMap,
    pub(super) query: &'a str,
    pub(super) body: &'a [u8],
    /// How much a bulk request may hold.
    pub(super) bulk: bulk::Limits,
}

impl State {
    /// A store that a panic left behind is still whole: writes check first and change last.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> Writing<'_> {
        Writing {
            store: self.store.write().unwrap_or_else(PoisonError::into_inner),
            journal: self.journal.as_ref(),
        }
    }

    /// The reply, once everything that it can tell of is kept.
    pub(super) async fn when_kept(&self, reply: Reply) -> Reply {
        match &self.journal {
            None => reply,
            Some(journal) => match journal.kept().await {
                Ok(()) => reply,
                Err(why) => Failure::new(500, None, why).into(),
            },
        }
    }
}

impl Deref for Writing<'_> {
    type Target = Store;

    fn deref(&self) -> &Store {
        &self.store
    }
}

impl DerefMut for Writing<'_> {
    fn deref_mut(&mut self) -> &mut Store {
        &mut self.store
    }
}

impl Drop for Writing<'_> {
    fn drop(&mut self) {
        if let Some(journal) = self.journal
            && let Some(notes) = self.store.changes()
        {
            journal.put(notes);
        }
    }
}

impl Route {
    /// Reads the decoded segments below a tenant's root.
    pub(super) fn read(segments: &[String]) -> Self {
        let parts: Vec<&str> = segments.iter().map(String::as_str).collect();
        let kind = |name: &str| {
            [Kind::User, Kind::Group]
                .into_iter()
                .find(|kind| kind.resource_type().endpoint[1..] == *name)
        };
        match parts[..] {
            [] => Self::Root,
            [".search"] => Self::Search(None),
            ["Bulk"] => Self::Bulk,
            ["Me"] => Self::Me,
            [first] => match (kind(first), Document::named(first)) {
                (Some(kind), _) => Self::Resources(kind),
                (None, Some(document)) => Self::Discovery(document, None),
                (None, None) => Self::Unknown,
            },
            [first, second] => match (kind(first), Document::named(first)) {
                (Some(kind), _) if second == ".search" => Self::Search(Some(kind)),
                (Some(kind), _) => Self::Resource(kind, second.to_owned()),
                (None, Some(document)) => Self::Discovery(document, Some(second.to_owned())),
                (None, None) => Self::Unknown,
            },
            _ => Self::Unknown,
        }
    }
}

impl Handler<'_> {
    /// The same handler at work on what that tenant holds.
    pub(super) fn of<'t>(&'t self, tenant: &'t State) -> Handler<'t> {
        Handler {
            tenant,
            settings: self.settings,
            base: self.base.clone(),
            now: self.now,
            scopes: self.scopes,
        }
    }

    /// The answer to a call.
    pub(super) fn answer(&self, mut call: Call<'_>) -> Reply {
        let pairs = url::form_urlencoded::parse(call.query.as_bytes());
        let pairs: Vec<_> = pairs.collect();
        let query = Query::from_pairs(pairs.iter().map(|(n, v)| (&**n, &**v)));
        let mut query = match query {
            Ok(query) => query,
            Err(e) => return Failure::value(e.to_string()).into(),
        };
        let mut seam = Incoming {
            method: call.method,
            route: &call.route,
            headers: &mut call.headers,
            query: &mut query,
            bulk: &mut call.bulk,
            notes: &self.tenant.faults.notes,
            answer: None,
        };
        self.tenant.faults.request(&mut seam);
        if let Some(reply) = seam.answer {
            return reply;
        }
        let offers = &self.tenant.choices.offers;
        offers.trim(&mut query);
        if !offers.etag {
            call.headers.remove(IF_MATCH);
            call.headers.remove(IF_NONE_MATCH);
        }
        let reply = self.dispatch(&call, &query).unwrap_or_else(Reply::from);
        self.tenant.choices.dress(reply)
    }

    fn type_of(&self, kind: Kind) -> &'static ResourceType {
        self.tenant.types.of(kind)
    }

    /// Sends a call to what serves it.
    pub(super) fn dispatch(&self, call: &Call<'_>, query: &Query) -> Result<Reply, Failure> {
        self.tenant.choices.check_offer(&call.route, call.method)?;
        // A HEAD is a GET whose answer loses its body on the way out (RFC 9110 §9.3.2).
        let method = match *call.method == Method::HEAD {
            true => "GET",
            false => call.method.as_str(),
        };
        match (&call.route, method) {
            (Route::Root, "GET") => self.search(None).reply(&self.tenant.read(), query),
            (Route::Resources(kind), "GET") => {
                self.search(Some(*kind)).reply(&self.tenant.read(), query)
            }
            (Route::Resources(kind), "POST") => self.create(*kind, call, query),
            (Route::Resource(kind, id), "GET") => self.show(*kind, id, call, query),
            (Route::Resource(kind, id), "PUT" | "PATCH") => self.change(*kind, id, call, query),
            (Route::Resource(kind, id), "DELETE") => self.delete(*kind, id, call),
            (Route::Search(kind), "POST") => {
                let body = read_json(call.body)?;
                let body = body.as_object();
                let body = body.ok_or_else(|| Failure::syntax("the body must be an object"))?;
                check_schemas(body, SEARCH_REQUEST, self.tenant.leniency)?;
                let query = Query::from_body(body);
                let mut query = query.map_err(|e| Failure::value(e.to_string()))?;
                self.tenant.choices.offers.trim(&mut query);
                self.search(*kind).reply(&self.tenant.read(), &query)
            }
            (Route::Discovery(document, name), "GET") => {
                discovery::reply(self, *document, name.as_deref(), query)
            }
            (Route::Bulk, "POST") => {
                bulk::reply(self, &read_json(call.body)?, call.body.len(), call.bulk)
            }
            (Route::Me, _) => Err(Failure::new(
                501,
                None,
                "/Me is for people, by a session or a token of their own; this client is none",
            )),
            (Route::Unknown, _) => Err(Failure::not_found("endpoint here")),
            (Route::Root, method) => Ok(not_allowed(method, "GET, HEAD")),
            (Route::Resources(_), method) => Ok(not_allowed(method, "GET, HEAD, POST")),
            (Route::Resource(..), method) => {
                Ok(not_allowed(method, "GET, HEAD, PUT, PATCH, DELETE"))
            }
            (Route::Search(_) | Route::Bulk, method) => Ok(not_allowed(method, "POST")),
            (Route::Discovery(..), method) => Ok(not_allowed(method, "GET, HEAD")),
        }
    }

    /// How many resources a page holds by default, and at most.
    pub(super) fn pages(&self) -> (usize, usize) {
        let limits = &self.tenant.choices.limits;
        let max = limits.max_page.unwrap_or(self.settings.max_page);
        let default = limits.default_page.unwrap_or(self.settings.default_page);
        (default.min(max), max)
    }

    fn search(&self, kind: Option<Kind>) -> Search<'_> {
        Search {
            handler: self,
            kind,
        }
    }

    fn writer<'w>(&'w self, method: &'w Method, kind: Kind) -> Writer<'w> {
        Writer {
            handler: self,
            method,
            kind,
            now: self.now,
        }
    }

    fn create(&self, kind: Kind, call: &Call<'_>, query: &Query) -> Result<Reply, Failure> {
        let body = read_json(call.body)?;
        let mut store = self.tenant.write();
        let handle = self.writer(call.method, kind).create(&mut store, body)?;
        self.written(&store, kind, handle, query, 201)
    }

    fn change(
        &self,
        kind: Kind,
        id: &str,
        call: &Call<'_>,
        query: &Query,
    ) -> Result<Reply, Failure> {
        let mut store = self.tenant.write();
        let (handle, row) = self.find(&store, kind, id)?;
        check_version(row, &call.headers)?;
        let body = read_json(call.body)?;
        let writer = self.writer(call.method, kind);
        if *call.method == Method::PUT {
            writer.replace(&mut store, handle, body)?;
            return self.written(&store, kind, handle, query, 200);
        }
        writer.patch(&mut store, handle, body)?;
        let projected = !query.attributes.is_empty() || !query.excluded_attributes.is_empty();
        let answers = &self.tenant.choices.answers;
        let wanted = match kind {
            Kind::User => answers.patched_user,
            // A group can be large; who wants to see it asks (RFC 7644 §3.5.2 leaves the choice).
            Kind::Group => answers.patched_group,
        };
        if wanted == Patched::Empty && !projected {
            let (_, row) = self.find(&store, kind, id)?;
            return Ok(Reply::empty(204).with_etag(&row.etag()));
        }
        self.written(&store, kind, handle, query, 200)
    }

    fn delete(&self, kind: Kind, id: &str, call: &Call<'_>) -> Result<Reply, Failure> {
        let mut store = self.tenant.write();
        let (handle, row) = self.find(&store, kind, id)?;
        check_version(row, &call.headers)?;
        self.writer(call.method, kind).delete(&mut store, handle)?;
        Ok(Reply::empty(204))
    }

    fn show(&self, kind: Kind, id: &str, call: &Call<'_>, query: &Query) -> Result<Reply, Failure> {
        let store = self.tenant.read();
        let (_, row) = self.find(&store, kind, id)?;
        let etag = row.etag();
        if names_version(&call.headers, IF_MATCH, &etag) == Some(false) {
            return Err(other_version());
        }
        if names_version(&call.headers, IF_NONE_MATCH, &etag) == Some(true) {
            return Ok(Reply::empty(304).with_etag(&etag));
        }
        let projection = Projection::read(query, self.type_of(kind));
        let body = self.shown(&store, kind, row, &projection, Place::Single);
        let reply = Reply::scim(200, body.into_bytes()).with_etag(&etag);
        Ok(self.located(reply, &store, kind, row))
    }

    fn written(
        &self,
        store: &Store,
        kind: Kind,
        handle: u32,
        query: &Query,
        status: u16,
    ) -> Result<Reply, Failure> {
        let row = store.row(kind, handle);
        let row = row.ok_or_else(|| Failure::not_found(kind.noun()))?;
        let projection = Projection::read(query, self.type_of(kind));
        let body = self.shown(store, kind, row, &projection, Place::Write);
        let reply = Reply::scim(status, body.into_bytes()).with_etag(&row.etag());
        Ok(self.located(reply, store, kind, row))
    }

    /// What is created has a `Location` (RFC 7644 §3.3); what is shown may have one.
    fn located(&self, reply: Reply, store: &Store, kind: Kind, row: &Row) -> Reply {
        if reply.status == 201 || self.tenant.choices.answers.locations {
            return reply.with_location(&self.renderer(store).location(kind, row));
        }
        reply
    }

    pub(super) fn renderer<'s>(&'s self, store: &'s Store) -> Renderer<'s> {
        Renderer {
            store,
            base: &self.base,
            types: self.tenant.types,
            choices: &self.tenant.choices,
        }
    }

    /// A resource as text, past the seam and the projection.
    pub(super) fn shown(
        &self,
        store: &Store,
        kind: Kind,
        row: &Row,
        projection: &Projection,
        place: Place,
    ) -> String {
        let renderer = self.renderer(store);
        let whole = matches!(projection, Projection::Whole);
        if whole && let Some(parts) = self.tenant.plain[kind as usize] {
            return renderer.text(kind, row, parts);
        }
        let (of, choices) = (self.type_of(kind), &self.tenant.choices);
        let parts = projection.parts(of);
        let faults = &self.tenant.faults;
        let mut resource = renderer.object(kind, row, parts);
        choices.fill(kind, of, &mut resource);
        faults.show(&mut Showing {
            kind,
            place,
            projected: !whole,
            notes: &faults.notes,
            resource: &mut resource,
        });
        let shown = projection.apply(resource, of);
        Value::from(choices.arrange(shown, whole)).to_string()
    }

    fn find<'s>(&self, store: &'s Store, kind: Kind, id: &str) -> Result<(u32, &'s Row), Failure> {
        let found = store.find(kind, id);
        found.ok_or_else(|| Failure::not_found(&format!("{} of that id", kind.noun())))
    }
}

fn not_allowed(method: &str, allowed: &str) -> Reply {
    Reply::not_allowed(method, allowed)
}

/// A body. Names that occur twice leave open which value is meant (RFC 8259 §4), and SCIM's names have no case.
fn read_json(body: &[u8]) -> Result<Value, Failure> {
    let read = Value::from_slice(body).map_err(|e| {
        Failure::syntax(match e {
            ParseError::Syntax(_) if body.is_empty() => "the body is empty".to_owned(),
            other => other.to_string(),
        })
    })?;
    match read.duplicate() {
        Some(twice) => Err(Failure::syntax(format!("`{twice}` is given twice"))),
        None => Ok(read),
    }
}

/// A stale `If-Match` stops a write (RFC 7644 §3.14). Tags compare weakly: SCIM shows weak ones succeed.
fn check_version(row: &Row, headers: &HeaderMap) -> Result<(), Failure> {
    let stale = names_version(headers, IF_MATCH, &row.etag()) == Some(false);
    let forbidden = names_version(headers, IF_NONE_MATCH, &row.etag()) == Some(true);
    if stale || forbidden {
        return Err(other_version());
    }
    Ok(())
}

fn other_version() -> Failure {
    Failure::new(412, None, "the resource is of another version")
}

/// Whether a conditional header names the version; none if the header is absent.
fn names_version(headers: &HeaderMap, name: http::HeaderName, etag: &str) -> Option<bool> {
    let mut values = headers.get_all(name).iter().peekable();
    values.peek()?;
    let strong = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    Some(values.filter_map(|value| value.to_str().ok()).any(|value| {
        value
            .split(',')
            .any(|tag| tag.trim() == "*" || strong(tag) == strong(etag))
    }))
}
