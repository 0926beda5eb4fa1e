//! The server as a whole: its tenants, and where they are found.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use axum::Router;
use axum::extract::Request;

use super::auth::Gate;
use super::data::{Data, DataError};
use super::fault::Faults;
use super::handler::State;
use super::history::History;
use super::id::IdSource;
use super::journal::Journal;
use super::projection::{Projection, conceals};
use super::rate::Rates;
use super::settings::{Counts, DEFAULT_TENANT, Error, Settings, Tenant, TenantInfo};
use super::store::{Kind, Store};
use super::types::Types;

/// The reference server. Clones share everything.
#[derive(Clone)]
pub struct Server(pub(super) Arc<Shared>);

pub(super) struct Shared {
    pub(super) settings: Settings,
    /// The authority of the socket, once there is one.
    bound: OnceLock<String>,
    tenants: RwLock<BTreeMap<String, Arc<State>>>,
    /// What was asked and answered last, if the server shows its state.
    pub(super) history: Option<History>,
    data: Option<Data>,
}

impl std::fmt::Debug for Server {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let settings = &self.0.settings;
        f.debug_struct("Server")
            .field("settings", settings)
            .finish_non_exhaustive()
    }
}

impl Server {
    /// A server without tenants.
    pub fn new(settings: Settings) -> Self {
        Self(Arc::new(Shared {
            history: settings.status_page.then(History::default),
            settings,
            bound: OnceLock::new(),
            tenants: RwLock::default(),
            data: None,
        }))
    }

    /// A server without tenants whose tenants find what the file keeps of them, and whose answers wait until what
    /// they tell of is on disk.
    ///
    /// # Errors
    /// The file cannot be used; the error says why.
    pub fn open(settings: Settings, file: &std::path::Path) -> Result<Self, DataError> {
        Ok(Self(Arc::new(Shared {
            history: settings.status_page.then(History::default),
            settings,
            bound: OnceLock::new(),
            tenants: RwLock::default(),
            data: Some(Data::open(file)?),
        })))
    }

    /// Opens a tenant. The one named [`DEFAULT_TENANT`] is served at `/scim/v2`, others at `/t/NAME/scim/v2`.
    pub fn tenant(&self, tenant: Tenant) -> Result<TenantInfo, Error> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
        let name = tenant.name.clone();
        if name.is_empty() || name.len() > 64 || !name.chars().all(allowed) {
            return Err(Error::Name(name));
        }
        let visible = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic());
        let others = tenant.tokens.iter().map(|(text, _)| text);
        if !std::iter::once(&tenant.token)
            .chain(others)
            .all(|text| visible(text))
        {
            return Err(Error::Token(name));
        }
        let root = match name.as_str() {
            DEFAULT_TENANT => String::new(),
            other => format!("/t/{other}"),
        };
        let info = TenantInfo {
            base_path: format!("{root}{}", tenant.choices.base_path),
            token_path: format!("{root}/oauth/token"),
            app_path: format!("{root}/app"),
        };
        let ids = IdSource::new(self.0.settings.seed, &name);
        let (store, journal) = self.store(&name, ids.clone(), tenant.types)?;
        let faults = Faults::new(&tenant.faults)?;
        let changes = faults.change_what_is_shown() || tenant.choices.change_what_is_shown();
        let plain = [Kind::User, Kind::Group].map(|kind| {
            let of = tenant.types.of(kind);
            (!changes && !conceals(of)).then(|| Projection::Whole.parts(of))
        });
        let state = State {
            base_path: info.base_path.clone(),
            gate: Gate::new(&tenant, &ids),
            faults,
            plain,
            rates: Rates::new(&tenant.choices.limits.rates),
            leniency: tenant.leniency,
            administrators: tenant.administrators,
            types: tenant.types,
            choices: tenant.choices,
            store: RwLock::new(store),
            journal,
        };
        let mut tenants = self
            .0
            .tenants
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        if tenants.contains_key(&name) {
            return Err(Error::Taken(name));
        }
        tenants.insert(name, Arc::new(state));
        Ok(info)
    }

    /// An empty store, or what the data file keeps of the tenant and where its changes go.
    fn store(
        &self,
        tenant: &str,
        ids: IdSource,
        types: Types,
    ) -> Result<(Store, Option<Journal>), Error> {
        let Some(data) = &self.0.data else {
            return Ok((Store::new(ids, types), None));
        };
        let kept = data.load(tenant)?;
        let mut store = Store::restore(ids, types, kept).map_err(|why| data.wrong(why))?;
        store.note_changes();
        Ok((store, Some(data.queue.of(tenant))))
    }

    /// Closes a tenant and forgets all that it held in memory.
    pub fn remove_tenant(&self, name: &str) {
        let tenants = self.0.tenants.write();
        tenants.unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// How many resources a tenant holds, if there is such a tenant.
    pub fn counts(&self, tenant: &str) -> Option<Counts> {
        let state = self.find(tenant)?;
        let store = state.read();
        let inactive = store.rows(Kind::User).filter(|(_, row)| !row.active);
        Some(Counts {
            users: store.len(Kind::User),
            inactive: inactive.count(),
            groups: store.len(Kind::Group),
        })
    }

    /// The server as a router, to be served on any listener or called in process.
    pub fn router(&self) -> Router {
        let server = self.clone();
        Router::new().fallback(move |request: Request| {
            let server = server.clone();
            async move { server.respond(request).await }
        })
    }

    /// The names of all tenants.
    pub(super) fn names(&self) -> Vec<String> {
        let tenants = self.0.tenants.read();
        let tenants = tenants.unwrap_or_else(PoisonError::into_inner);
        tenants.keys().cloned().collect()
    }

    /// Every tenant but that one, in the order of their names.
    pub(super) fn others(&self, than: &State) -> Vec<Arc<State>> {
        let tenants = self.0.tenants.read();
        let tenants = tenants.unwrap_or_else(PoisonError::into_inner);
        let others = tenants.values();
        let others = others.filter(|tenant| !std::ptr::eq(Arc::as_ptr(tenant), than));
        others.cloned().collect()
    }

    pub(super) fn find(&self, tenant: &str) -> Option<Arc<State>> {
        let tenants = self.0.tenants.read();
        let tenants = tenants.unwrap_or_else(PoisonError::into_inner);
        tenants.get(tenant).cloned()
    }

    /// Notes the authority of its socket. A server that listens twice keeps the first.
    pub(super) fn bind(&self, authority: String) {
        let _ = self.0.bound.set(authority);
    }

    pub(super) fn base_url(&self) -> &str {
        let settings = self.0.settings.base_url.as_deref();
        let bound = || self.0.bound.get().map(String::as_str);
        settings.or_else(bound).unwrap_or("http://localhost")
    }
}
