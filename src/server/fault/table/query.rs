//! Filters and pages.

use super::super::{Fault, Hook};
use super::answer::change_body;
use super::{ON, fault};
use crate::scim::filter::{Filter, Op};
use crate::scim::{Number, Value};
use crate::server::handler::Route;
use crate::server::reply::Failure;
use crate::server::store::Kind;

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "username-filter-case-sensitive",
        "A filter on userName compares case",
        ON,
        &[Hook::Filter(|filtering, _| {
            filtering.exact |= filtering.kind == Kind::User;
        })],
    ),
    fault(
        "unsupported-filter-returns-everything",
        "A filter that the server cannot handle is ignored",
        &["on", "every"],
        &[Hook::Filter(|filtering, mode| {
            let handled = matches!(filtering.filter, Ok(Some(filter)) if is_lookup(filter));
            if mode == "every" || !handled {
                *filtering.filter = Ok(None);
            }
        })],
    ),
    fault(
        "unsupported-filter-5xx",
        "A filter that the server cannot handle crashes it",
        ON,
        &[Hook::Filter(|filtering, _| match filtering.filter {
            Ok(None) => {}
            Ok(Some(filter)) if is_lookup(filter) => {}
            _ => *filtering.filter = Err(Failure::new(500, None, "unexpected error")),
        })],
    ),
    fault(
        "externalid-filter-unsupported",
        "externalId cannot be filtered",
        &["400", "500", "empty"],
        &[Hook::Filter(|filtering, mode| {
            let Ok(Some(filter)) = &filtering.filter else {
                return;
            };
            if !filter
                .attributes()
                .iter()
                .any(|a| a.is_simple("externalId"))
            {
                return;
            }
            *filtering.filter = match mode {
                "400" => Err(Failure::filter("externalId cannot be filtered")),
                "500" => Err(Failure::new(500, None, "unexpected error")),
                _ => Ok(Some(Filter::Or(Vec::new()))),
            };
        })],
    ),
    fault(
        "lookup-refused",
        "A lookup by userName, or by a group's displayName, is refused",
        &["users", "groups"],
        &[Hook::Filter(|filtering, mode| {
            let wanted = match mode {
                "users" => Kind::User,
                _ => Kind::Group,
            };
            let lookup = matches!(filtering.filter, Ok(Some(filter)) if is_lookup(filter));
            if filtering.kind == wanted && lookup {
                *filtering.filter = Err(Failure::filter("this cannot be filtered"));
            }
        })],
    ),
    fault(
        "filter-special-characters",
        "Apostrophes, backslashes and letters beyond ASCII break a lookup",
        ON,
        &[Hook::Filter(|filtering, _| {
            let special = |c: char| matches!(c, '\'' | '\\' | '[') || !c.is_ascii();
            if filtering.text.contains(special) {
                *filtering.filter = Err(Failure::filter("unexpected character"));
            }
        })],
    ),
    fault(
        "filter-quoting-mishandled",
        "Booleans, and texts with blanks, are refused in filters",
        ON,
        &[Hook::Filter(|filtering, _| {
            if let Ok(Some(Filter::Compare(_, _, value))) = &filtering.filter {
                let blank = value.as_str().is_some_and(|text| text.contains(' '));
                if blank || value.as_bool().is_some() {
                    *filtering.filter = Err(Failure::filter("unexpected token"));
                }
            }
        })],
    ),
    fault(
        "compound-filter-partial",
        "Only the first part of a compound filter counts",
        ON,
        &[Hook::Filter(|filtering, _| {
            let first = match &filtering.filter {
                Ok(Some(Filter::And(parts) | Filter::Or(parts))) => parts.first().cloned(),
                _ => None,
            };
            if first.is_some() {
                *filtering.filter = Ok(first);
            }
        })],
    ),
    fault(
        "filter-backend-injection",
        "A wildcard in a filter's value is obeyed",
        ON,
        &[Hook::Filter(|filtering, _| {
            let all = match &filtering.filter {
                Ok(Some(Filter::Compare(attr, Op::Eq, value))) if value.as_str() == Some("*") => {
                    Some(Filter::Present(attr.clone()))
                }
                _ => None,
            };
            if all.is_some() {
                *filtering.filter = Ok(all);
            }
        })],
    ),
    fault(
        "filter-recursion-dos",
        "A deeply nested filter exhausts the server",
        ON,
        &[Hook::Filter(|filtering, _| {
            if filtering.text.matches('(').count() > 20 {
                *filtering.filter = Err(Failure::new(500, None, "stack exhausted"));
            }
        })],
    ),
    fault(
        "plus-sign-in-identifier",
        "A plus sign in a filter becomes a blank",
        ON,
        &[Hook::Request(|incoming, _| {
            if let Some(filter) = &mut incoming.query.filter {
                *filter = filter.replace('+', " ");
            }
        })],
    ),
    fault(
        "partial-replace-shrinks-group",
        "excludedAttributes is ignored, so that Entra ID reads members and replaces them one by one",
        ON,
        &[Hook::Request(|incoming, _| {
            let groups = Route::Resources(Kind::Group);
            if matches!(incoming.route, Route::Resource(Kind::Group, _))
                || *incoming.route == groups
            {
                incoming.query.excluded_attributes.clear();
            }
        })],
    ),
    fault(
        "attributes-param-ignored",
        "attributes and excludedAttributes are ignored",
        ON,
        &[Hook::Request(|incoming, _| {
            incoming.query.attributes.clear();
            incoming.query.excluded_attributes.clear();
        })],
    ),
    fault(
        "attributes-param-drops-id",
        "attributes and excludedAttributes drop the id",
        ON,
        &[Hook::Show(|showing, _| {
            if showing.projected {
                showing.resource.remove("id");
            }
        })],
    ),
    fault(
        "one-bad-record-breaks-list",
        "A user without an e-mail address breaks every list that the user is in, or is left out of it",
        &["500", "dropped"],
        &[Hook::Found(|found, mode| {
            let store = found.store;
            let whole = |h: &u32| {
                let row = store.row(Kind::User, *h);
                row.is_some_and(|row| row.doc().contains("emails"))
            };
            if found.kind != Kind::User {
                return;
            }
            if mode == "dropped" {
                found.found.retain(whole);
            } else if !found.found.iter().all(whole) {
                found.refuse = Some(Failure::new(500, None, "unexpected error"));
            }
        })],
    ),
    fault(
        "list-fails-above-size",
        "A list of more than 100 records fails",
        ON,
        &[Hook::Found(|found, _| {
            if found.found.len() > 100 {
                found.refuse = Some(Failure::new(500, None, "out of memory"));
            }
        })],
    ),
    fault(
        "count-unbounded",
        "A page is as large as the client asks, and the configuration names a limit of three",
        ON,
        &[Hook::Reply(|out, _| {
            if matches!(out.route, Route::Discovery(..)) {
                change_body(out, |body| {
                    if let Some(Value::Object(filter)) = body.get_mut("filter") {
                        filter.set("maxResults", 3_i64);
                    }
                });
            }
        })],
    ),
    fault(
        "filter-duplicate-results",
        "A filter returns a record more than once",
        ON,
        &[Hook::Found(|found, _| {
            if found.filtered
                && let Some(first) = found.found.first().copied()
            {
                found.found.push(first);
            }
        })],
    ),
    fault(
        "paging-params-ignored",
        "startIndex and count are ignored",
        ON,
        &[Hook::Found(|found, _| {
            *found.start = 1;
            *found.count = usize::MAX;
        })],
    ),
    fault(
        "paging-overrun-returns-rows",
        "A page past the end holds the first rows",
        ON,
        &[Hook::Found(|found, _| {
            if *found.start > found.found.len() {
                *found.start = 1;
            }
        })],
    ),
    fault(
        "paging-unstable-order",
        "Every page comes in another order",
        ON,
        &[Hook::Found(|found, _| {
            if *found.start > 1 {
                found.found.reverse();
            }
        })],
    ),
    fault(
        "list-leaves-one-out",
        "A list without a filter lacks the newest record",
        ON,
        &[Hook::Found(|found, _| {
            if !found.filtered {
                found.found.pop();
            }
        })],
    ),
    fault(
        "totalresults-wrong",
        "totalResults is not the number of matches",
        &["page-size", "all-records", "plus-one", "zero"],
        &[Hook::List(|listing, mode| {
            let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
            *listing.total = match mode {
                "page-size" => number(listing.shown),
                "all-records" => number(listing.all),
                "zero" => 0,
                _ => listing.total.saturating_add(1),
            };
        })],
    ),
    fault(
        "itemsperpage-wrong",
        "itemsPerPage repeats the count that was asked for",
        ON,
        &[Hook::List(|listing, _| {
            if let Some(asked) = listing.asked {
                *listing.per_page = asked;
            }
        })],
    ),
    fault(
        "empty-list-404",
        "A query that finds nothing is answered with 404",
        ON,
        &[Hook::List(|listing, _| {
            if *listing.total == 0 {
                listing.refuse = Some(Failure::not_found("match"));
            }
        })],
    ),
    fault(
        "list-vs-filter-inconsistent",
        "Lists show every user as active",
        ON,
        &[Hook::Show(|showing, _| {
            if showing.place == super::super::Place::List && showing.resource.contains("active") {
                showing.resource.set("active", true);
            }
        })],
    ),
    fault(
        "list-omits-members",
        "Lists of groups lack the members",
        ON,
        &[Hook::Show(|showing, _| {
            if showing.place == super::super::Place::List {
                showing.resource.remove("members");
            }
        })],
    ),
    fault(
        "active-always-true-in-response",
        "active is always shown as true",
        ON,
        &[Hook::Show(|showing, _| {
            if showing.resource.contains("active") {
                showing.resource.set("active", true);
            }
        })],
    ),
    fault(
        "active-as-number",
        "active is shown as 0 or 1",
        ON,
        &[Hook::Show(|showing, _| {
            if let Some(Value::Bool(active)) = showing.resource.get("active") {
                let number = Number::from(i64::from(*active));
                showing.resource.set("active", Value::Number(number));
            }
        })],
    ),
];

/// One equality on the attributes that identity providers look up by.
fn is_lookup(filter: &Filter) -> bool {
    let keys = ["userName", "displayName", "externalId", "id"];
    match filter {
        Filter::Compare(attr, Op::Eq, _) => keys.into_iter().any(|key| attr.is_simple(key)),
        _ => false,
    }
}
