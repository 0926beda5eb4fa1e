//! The manual import: a list of the target's people, page by page (jumpcloud/5).

use super::answer::{self, Trouble};
use super::event::{Reports, send};
use super::{Connection, request};
use crate::idp::Outcome;
use crate::wire::{Basis, Wire};

impl Connection {
    /// Reads pages until the target's own count is reached or a page is empty. The parameters are assumed (jumpcloud/5/2).
    pub(super) async fn import(&mut self, wire: &Wire, reports: &mut Reports) {
        let wire = wire.job("import", None);
        let result = self.pages(&wire).await;
        reports.note("import", None, "the import", result);
    }

    async fn pages(&self, wire: &Wire) -> Result<Outcome, Trouble> {
        let size = self.settings.page_size.to_string();
        let mut ids = Vec::new();
        let mut read = 0_u64;
        for _ in 0..self.settings.pages {
            let start = (read + 1).to_string();
            let parameters = [("startIndex", start.as_str()), ("count", &size)];
            let target = self.settings.encoding.query("/Users", &parameters);
            let basis = Basis::inferred("jumpcloud/5/2");
            let request = request::get(target, basis, &self.settings);
            let page = answer::page(&send(wire, request).await?)?;
            ids.extend(page.ids);
            read += u64::try_from(page.count).unwrap_or(u64::MAX);
            if page.count == 0 || page.total.is_none_or(|total| read >= total) {
                return Ok(Outcome::Imported { ids });
            }
        }
        Ok(Outcome::Inconclusive {
            why: format!(
                "the list of users has no end: {} pages were read",
                self.settings.pages
            ),
        })
    }
}
