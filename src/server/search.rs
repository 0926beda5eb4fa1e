//! Queries (RFC 7644 §3.4.2, §3.4.3): filter and page.

use super::choices::Order;
use super::cursor::{self, Position};
use super::fault::{Filtering, Found, Listing, Place};
use super::handler::Handler;
use super::matching::{Lookup, Reading, Test};
use super::projection::Projection;
use super::render::Parts;
use super::reply::{Failure, Reply};
use super::store::{Kind, Row, Store};
use crate::scim::Filter;
use crate::scim::message::{LIST_RESPONSE, Query};

/// A query over one type of resource, or over all.
pub(super) struct Search<'a> {
    pub(super) handler: &'a Handler<'a>,
    pub(super) kind: Option<Kind>,
}

impl Search<'_> {
    /// The answer to a query.
    pub(super) fn reply(&self, store: &Store, query: &Query) -> Result<Reply, Failure> {
        let kinds = self.kinds();
        let (mut start, mut count) = self.page(query);
        let mut found: Vec<(Kind, u32)> = Vec::new();
        for kind in kinds {
            let handles = self.found(store, *kind, query, (&mut start, &mut count))?;
            found.extend(handles.into_iter().map(|handle| (*kind, handle)));
        }
        let answers = &self.handler.tenant.choices.answers;
        match &query.sort_by {
            Some(path) => self.sort(store, &mut found, path, query.sort_order.as_deref())?,
            None if answers.order == Order::Newest => found.reverse(),
            None => {}
        }
        let first = match &query.cursor {
            None => start.saturating_sub(1).min(found.len()),
            Some(cursor) => self.after(&found, query, cursor)?,
        };
        let end = found.len().min(first.saturating_add(count));
        let page = &found[first..end];
        let rows = page
            .iter()
            .filter_map(|(kind, handle)| Some((*kind, store.row(*kind, *handle)?)));
        let rows: Vec<(Kind, &Row)> = rows.collect();
        let (mut total, mut per_page) = (as_number(found.len()), as_number(rows.len()));
        let mut seam = Listing {
            total: &mut total,
            all: kinds.iter().map(|kind| store.len(*kind)).sum(),
            asked: query.count,
            per_page: &mut per_page,
            shown: rows.len(),
            refuse: None,
        };
        self.handler.tenant.faults.list(&mut seam);
        if let Some(failure) = seam.refuse {
            return Err(failure);
        }
        // Positions are needed where the list is a part of what was found (RFC 7644 §3.4.2).
        let bare = answers.bare_lists && page.len() == found.len();
        let place = match query.cursor {
            None if bare => String::new(),
            None => format!(r#","startIndex":{start}"#),
            Some(_) if page.is_empty() || end == found.len() => String::new(),
            Some(_) => format!(r#","nextCursor":"{}""#, self.cursor(query, page, end)),
        };
        let per_page = match bare {
            true => String::new(),
            false => format!(r#","itemsPerPage":{per_page}"#),
        };
        let mut body =
            format!(r#"{{"schemas":["{LIST_RESPONSE}"],"totalResults":{total}{place}{per_page}"#);
        if !(answers.absent_resources && rows.is_empty()) {
            body.push_str(r#","Resources":["#);
            self.list(&mut body, store, query, &rows);
            body.push(']');
        }
        body.push('}');
        Ok(Reply::scim(200, body.into_bytes()))
    }

    /// Writes the resources of a page.
    fn list(&self, body: &mut String, store: &Store, query: &Query, rows: &[(Kind, &Row)]) {
        let handler = self.handler;
        let [users, groups] = [Kind::User, Kind::Group]
            .map(|kind| Projection::read(query, handler.tenant.types.of(kind)));
        for (index, (kind, row)) in rows.iter().enumerate() {
            let projection = match kind {
                Kind::User => &users,
                Kind::Group => &groups,
            };
            let shown = handler.shown(store, *kind, row, projection, Place::List);
            body.reserve(shown.len() + 2);
            if index > 0 {
                body.push(',');
            }
            body.push_str(&shown);
        }
    }

    /// The types that are looked through.
    pub(super) fn kinds(&self) -> &'static [Kind] {
        match self.kind {
            Some(Kind::User) => &[Kind::User],
            Some(Kind::Group) => &[Kind::Group],
            None => &[Kind::User, Kind::Group],
        }
    }

    /// What a cursor is good for: this tenant and this endpoint.
    fn scope(&self) -> String {
        format!("{} {:?}", self.handler.tenant.gate.seal(), self.kind)
    }

    /// The cursor behind a page that is not empty. Without an order of the client's it names the last resource, so that
    /// what is created or deleted meanwhile shifts nothing; else it is a number of results.
    fn cursor(&self, query: &Query, page: &[(Kind, u32)], end: usize) -> String {
        let position = match page.last() {
            Some(last) if self.is_by_age(query) => place_of(*last),
            _ => end as u64,
        };
        cursor::write(&self.scope(), query, Position(position))
    }

    /// Whether results stand in the order in which they were created.
    fn is_by_age(&self, query: &Query) -> bool {
        let order = self.handler.tenant.choices.answers.order;
        query.sort_by.is_none() && order == Order::Oldest
    }

    /// Where the page behind a cursor begins.
    fn after(&self, found: &[(Kind, u32)], query: &Query, cursor: &str) -> Result<usize, Failure> {
        if cursor.is_empty() {
            return Ok(0);
        }
        let Some(Position(position)) = cursor::read(&self.scope(), query, cursor) else {
            return Err(Failure::cursor("the cursor is not one of this query"));
        };
        Ok(match self.is_by_age(query) {
            true => found.partition_point(|item| place_of(*item) <= position),
            false => usize::try_from(position).map_or(found.len(), |n| n.min(found.len())),
        })
    }

    /// The first result, counted from 1, and how many: both as RFC 7644 §3.4.2.4 reads odd numbers.
    fn page(&self, query: &Query) -> (usize, usize) {
        let start = query.start_index.unwrap_or(1).max(1);
        let (default, max) = self.handler.pages();
        let count = match query.count {
            None => default,
            Some(count) => usize::try_from(count.max(0)).unwrap_or(usize::MAX),
        };
        (usize::try_from(start).unwrap_or(usize::MAX), count.min(max))
    }

    /// All resources of a type that the filter lets through, in the order in which they were created.
    fn found(
        &self,
        store: &Store,
        kind: Kind,
        query: &Query,
        (start, count): (&mut usize, &mut usize),
    ) -> Result<Vec<u32>, Failure> {
        let faults = &self.handler.tenant.faults;
        let text = query.filter.as_deref();
        let mut filter = match text {
            None => Ok(None),
            Some(text) => match text.parse::<Filter>() {
                Ok(filter) => Ok(Some(filter)),
                Err(e) => Err(Failure::filter(e.to_string())),
            },
        };
        let mut seam = Filtering {
            kind,
            text: text.unwrap_or_default(),
            filter: &mut filter,
            exact: false,
        };
        faults.filter(&mut seam);
        let exact = seam.exact;
        let filter = filter?;
        let mut found = match &filter {
            None => store.rows(kind).map(|(handle, _)| handle).collect(),
            Some(filter) => {
                let choices = &self.handler.tenant.choices;
                choices.check_filter(kind, filter)?;
                let reading = Reading {
                    exact,
                    unknown_is_absent: self.kind.is_none()
                        || choices.writes.unknown_filters_match_nothing,
                };
                let of = self.handler.tenant.types.of(kind);
                let test = Test::over_resources(filter, of, reading)?;
                self.matching(store, kind, &test)?
            }
        };
        let mut seam = Found {
            kind,
            store,
            found: &mut found,
            filtered: filter.is_some(),
            start,
            count,
            refuse: None,
        };
        faults.found(&mut seam);
        seam.refuse.map_or(Ok(found), Err)
    }

    fn matching(&self, store: &Store, kind: Kind, test: &Test) -> Result<Vec<u32>, Failure> {
        let parts = Parts {
            members: test.uses("members"),
            groups: test.uses("groups"),
            names: test.uses("members"),
        };
        let renderer = self.handler.renderer(store);
        let holds = |row: &Row| test.holds(&renderer.object(kind, row, parts));
        if let Some(lookups) = test.lookups(kind.name_attribute()) {
            let mut candidates: Vec<u32> = lookups
                .iter()
                .flat_map(|lookup| candidates(store, kind, lookup))
                .collect();
            candidates.sort_unstable();
            candidates.dedup();
            if !test.is_what_the_index_says(kind.name_attribute()) {
                candidates.retain(|handle| store.row(kind, *handle).is_some_and(holds));
            }
            return Ok(candidates);
        }
        self.check_scan(store.len(kind))?;
        let rows = store.rows(kind).filter(|(_, row)| holds(row));
        Ok(rows.map(|(handle, _)| handle).collect())
    }

    pub(super) fn check_scan(&self, size: usize) -> Result<(), Failure> {
        let limit = self.handler.settings.max_scan;
        if size <= limit {
            return Ok(());
        }
        let detail = format!("the query would look at {size} resources, more than {limit}");
        Err(Failure::too_many(detail))
    }
}

/// A number that grows along a list that no client ordered.
fn place_of((kind, handle): (Kind, u32)) -> u64 {
    let kind = match kind {
        Kind::User => 0,
        Kind::Group => 1,
    };
    kind << 32 | u64::from(handle)
}

fn candidates(store: &Store, kind: Kind, lookup: &Lookup) -> Vec<u32> {
    match lookup {
        Lookup::Id(id) => store.find(kind, id).map(|(h, _)| h).into_iter().collect(),
        Lookup::Name(name) => store.named(kind, name).collect(),
        Lookup::ExternalId(id) => store.with_external_id(kind, id).collect(),
        Lookup::Member(id) => related(store, id, |row| &row.groups),
        Lookup::MemberOf(id) => related(store, id, |row| &row.members),
    }
}

fn related(store: &Store, id: &str, relation: fn(&Row) -> &super::members::Handles) -> Vec<u32> {
    let row = store
        .find_any(id)
        .and_then(|(_, handle)| store.any_row(handle));
    row.map(|(_, row)| relation(row).iter().copied().collect())
        .unwrap_or_default()
}

fn as_number(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
