//! What Okta reads without being asked to write: the connection test, saving the provisioning page, imports (`okta/3`, `okta/9`).

use super::Moment;
use super::dialect::Okta;
use super::headers::bare;
use super::job::{Step, Stop, nothing};
use super::list::Page;
use super::settings::{ImportStop, ProviderConfig};
use crate::idp::{Outcome, id_of};
use crate::scim::Value;
use crate::wire::{Basis, Method};

const TEST: Step = Step {
    trouble: "The dialog says that the connection could not be verified, and the configuration is not saved",
    stops: |status| match status {
        Some(401) => Basis::documented("okta/3"),
        _ => Basis::inferred("okta/3"),
    },
};
const IMPORT: Step = Step {
    trouble: "Import history: the import failed",
    stops: |_| Basis::documented("okta/12/10"),
};

/// How many pages an import may have.
const PAGES: usize = 1_000;

impl Okta {
    /// *Test Connector Configuration*: one page of two users, whatever else is switched on (`corrections/OK-5`). The agent
    /// reads the provider's configuration instead.
    pub(super) async fn test_connection(&mut self, moment: Moment<'_>) -> Result<Outcome, Stop> {
        if self.switches.provider_config != ProviderConfig::None {
            return self.read_provider_config(moment).await;
        }
        let target = "/Users?startIndex=1&count=2".to_owned();
        let request = bare(Method::Get, target, Basis::captured("okta/3"));
        let reply = TEST.get_done(moment.wire, request).await?;
        match Page::read(&reply) {
            Ok(_) => Ok(Outcome::Done),
            Err(why) => Err(TEST.over(&reply, why, Basis::documented("okta/1.4"))),
        }
    }

    /// Saving the *To App* page: the same request, then the groups where they are imported (`corrections/OK-5`).
    pub(super) async fn save_provisioning(&mut self, moment: Moment<'_>) -> Result<Outcome, Stop> {
        self.test_connection(moment).await?;
        let imports = moment.now.settings.features.import_groups;
        if self.switches.groups_on_save.holds(imports) {
            self.read_groups(moment).await?;
        }
        Ok(Outcome::Done)
    }

    /// Reads all users, a hundred at a time; the agent, where the target announces that, only who has changed since the last
    /// import (`okta/13/12`). What comes back is how Okta then sees the app.
    pub(super) async fn import_users(&mut self, moment: Moment<'_>) -> Result<Outcome, Stop> {
        if !moment.now.settings.features.import_users {
            let why = "importing users is switched off in the app";
            return Ok(nothing(why, Basis::documented("okta/3/7")));
        }
        let began = moment.wire.clock().now();
        let announced = self.memory.announces_incremental;
        let incremental = self.switches.incremental_import.holds(announced);
        let since = self.memory.imported_at.filter(|_| incremental);
        let (filter, basis) = match since {
            None => (None, Basis::documented("okta/9.1")),
            Some(time) => {
                let time = time.strftime("%Y-%m-%dT%H:%M:%SZ");
                let filter = format!("meta.lastModified gt \"{time}\"");
                (Some(filter), Basis::documented("okta/13/12"))
            }
        };
        let users = self
            .pages("/Users", filter.as_deref(), basis, moment)
            .await?;
        let read: Vec<String> = users.into_iter().map(|(id, _)| id).collect();
        let known = &mut self.memory.users;
        known.retain(|id| since.is_some() && !read.contains(id));
        known.extend(read);
        let ids = known.clone();
        self.memory.imported_at = Some(began);
        Ok(Outcome::Imported { ids })
    }

    /// Reads all groups, where groups are imported; what they are called is remembered for the next push.
    pub(super) async fn import_groups(&mut self, moment: Moment<'_>) -> Result<Outcome, Stop> {
        let ids = self.read_groups(moment).await?;
        Ok(Outcome::Imported { ids })
    }

    /// `GET /Groups`, page after page: an import, saving the page, *Refresh App Groups* (`corrections/OK-5`, `okta/8.4/5`).
    pub(super) async fn read_groups(&mut self, moment: Moment<'_>) -> Result<Vec<String>, Stop> {
        let basis = Basis::captured("corrections/OK-5");
        let groups = self.pages("/Groups", None, basis, moment).await?;
        self.memory.imported.clear();
        for (id, name) in &groups {
            if let Some(name) = name {
                let known = self.memory.imported.entry(name.clone());
                known.or_insert_with(|| id.clone());
            }
        }
        Ok(groups.into_iter().map(|(id, _)| id).collect())
    }

    /// Page after page, always a hundred further, also after a short page (`okta/9.1`): ids, and the names of groups.
    pub(super) async fn pages(
        &self,
        path: &str,
        filter: Option<&str>,
        basis: Basis,
        moment: Moment<'_>,
    ) -> Result<Vec<(String, Option<String>)>, Stop> {
        let mut found = Vec::new();
        for number in 0..PAGES {
            let start = number * 100 + 1;
            let text = start.to_string();
            let mut parameters = vec![("startIndex", text.as_str()), ("count", "100")];
            if let Some(filter) = filter {
                parameters.insert(0, ("filter", filter));
            }
            let target = self.switches.query.query(path, &parameters);
            let request = bare(Method::Get, target, basis.clone());
            let reply = IMPORT.get_done(moment.wire, request).await?;
            let page = Page::read(&reply)
                .map_err(|why| IMPORT.over(&reply, why, Basis::documented("okta/1.4/3")))?;
            let last = match self.switches.import_stop {
                ImportStop::Total => i64::try_from(start + 100).is_ok_and(|next| next > page.total),
                ImportStop::EmptyPage => page.resources.is_empty(),
            };
            found.extend(page.resources.iter().filter_map(name_and_id));
            if last {
                return Ok(found);
            }
        }
        let why = format!("the list at {path} does not end within {PAGES} pages");
        Err(Stop::Over(Outcome::Inconclusive { why }))
    }
}

fn name_and_id(resource: &Value) -> Option<(String, Option<String>)> {
    let name = resource.get("displayName").and_then(Value::as_str);
    Some((id_of(resource)?.to_owned(), name.map(str::to_owned)))
}
