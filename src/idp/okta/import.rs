//! What Okta reads without being asked to write: the connection test, saving the provisioning page, imports (`okta/3`, `okta/9`).

use super::Moment;
use super::dialect::Okta;
use super::headers::bare;
use super::job::{Step, Stop, nothing};
use super::list::Page;
use super::settings::ImportStop;
use crate::idp::{Outcome, id_of};
use crate::scim::Value;
use crate::wire::{Basis, Method, ResourceKind};

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
    /// *Test Connector Configuration*: one page of two users, whatever else is switched on (`corrections/OK-5`).
    pub(super) async fn test_connection(&self, moment: Moment<'_>) -> Result<Outcome, Stop> {
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

    /// Reads all users, a hundred at a time.
    pub(super) async fn import_users(&self, moment: Moment<'_>) -> Result<Outcome, Stop> {
        if !moment.now.settings.features.import_users {
            let why = "importing users is switched off in the app";
            return Ok(nothing(why, Basis::documented("okta/3/7")));
        }
        let users = self.pages(ResourceKind::User, moment).await?;
        let ids = users.into_iter().map(|(id, _)| id).collect();
        Ok(Outcome::Imported { ids })
    }

    /// Reads all groups, where groups are imported; what they are called is remembered for the next push.
    pub(super) async fn import_groups(&mut self, moment: Moment<'_>) -> Result<Outcome, Stop> {
        let ids = self.read_groups(moment).await?;
        Ok(Outcome::Imported { ids })
    }

    async fn read_groups(&mut self, moment: Moment<'_>) -> Result<Vec<String>, Stop> {
        let groups = self.pages(ResourceKind::Group, moment).await?;
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
    async fn pages(
        &self,
        kind: ResourceKind,
        moment: Moment<'_>,
    ) -> Result<Vec<(String, Option<String>)>, Stop> {
        let mut found = Vec::new();
        for number in 0..PAGES {
            let start = number * 100 + 1;
            let target = format!("{}?startIndex={start}&count=100", kind.path());
            let request = bare(Method::Get, target, Basis::documented("okta/9.1"));
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
        let why = format!(
            "the list at {} does not end within {PAGES} pages",
            kind.path()
        );
        Err(Stop::Over(Outcome::Inconclusive { why }))
    }
}

fn name_and_id(resource: &Value) -> Option<(String, Option<String>)> {
    let name = resource.get("displayName").and_then(Value::as_str);
    Some((id_of(resource)?.to_owned(), name.map(str::to_owned)))
}
