//! Requirements on lists and their pages.

use super::reading::{asked, asked_number, asks_for_list, list};
use super::registry::{Check, Cite, Judged, requirements};
use crate::wire::Exchange;

requirements! {
    /// ## What is checked
    /// An import that reads page by page sees every account once.
    ///
    /// ## Why it matters
    /// Okta asks for a hundred accounts at a time until it has as many as `totalResults` says. An account that slips from one
    /// page to the next is seen twice, and another one never.
    ///
    /// ## Example
    /// `GET /Users?startIndex=101&count=100` continues where `startIndex=1` ended.
    ///
    /// ## How to fix it
    /// Order every list by something that does not change, such as the id.
    EVERYBODY_ONCE = "import/everybody-once" {
        title: "an import sees everybody once",
        outcomes: [
            "missing": Interop Data "Okta and JumpCloud do not import some people, and may take them for deleted",
            "duplicate": Interop Data "Okta and JumpCloud see some people twice in one import",
        ],
        fix: "Give lists a stable order and count all results in `totalResults`.",
        cites: [
            Cite::Rfc7644("3.4.2.4"),
            Cite::Fact("okta/9.1/1"),
            Cite::Fact("okta/9.1/3"),
            Cite::Fact("jumpcloud/5/1"),
        ],
        row: "Q12",
        fault: "list-leaves-one-out",
        check: Check::State,
    }

    /// ## What is checked
    /// Pages that follow one another, read while nothing changes, hold every result once.
    ///
    /// ## Why it matters
    /// The RFC does not make paging stateful, so an order that changes under change is nobody's fault. In a quiet store it
    /// costs an import people.
    ///
    /// ## Example
    /// `startIndex=1&count=2`, `startIndex=3&count=2` and so on together hold `totalResults` different ids.
    ///
    /// ## How to fix it
    /// Sort by the id, count `startIndex` from 1, and start each page there.
    PAGES_ADD_UP = "list/pages-add-up" {
        title: "the pages of a list hold every result once",
        outcomes: [
            "missing": Interop Data "Okta's import does not see some people, and may take them for deleted",
            "duplicate": Interop Data "Okta's import sees some people twice and others not at all",
        ],
        fix: "Sort lists by something that does not change and start each page at `startIndex`.",
        cites: [
            Cite::Rfc7644("3.4.2.4"),
            Cite::Fact("okta/9.1/1"),
            Cite::Fact("okta/9.1/3"),
        ],
        row: "Q12",
        fault: "paging-unstable-order",
        check: Check::Probe(pages_add_up),
    }

    /// ## What is checked
    /// `totalResults` counts all results, not those on the page.
    ///
    /// ## Why it matters
    /// Okta reads pages while `totalResults` promises more. If it is the page's size, the import ends after the first page.
    ///
    /// ## Example
    /// `GET /Users?startIndex=1&count=2` over five users: two resources and `"totalResults": 5`.
    ///
    /// ## How to fix it
    /// Count before the page is cut.
    TOTAL_COUNTS_ALL = "list/total-counts-all-matches" {
        title: "`totalResults` counts all results and not those of the page",
        outcomes: [
            "too-few": Must Data "Okta's import ends early and takes the people of later pages for deleted",
            "too-many": Must Noise "an import asks for pages that are not there",
        ],
        fix: "Count the matches before cutting the page.",
        cites: [Cite::Rfc7644("3.4.2"), Cite::Fact("okta/9.1/1"), Cite::Fact("okta/16/14")],
        row: "Q9",
        fault: "totalresults-wrong",
        check: Check::Probe(total_counts_all),
    }

    /// ## What is checked
    /// A page behind the last result is an empty list, answered 200.
    ///
    /// ## Why it matters
    /// Some importers read until a page is empty. An error there fails the import; the first page again makes it endless.
    ///
    /// ## Example
    /// `GET /Users?startIndex=100001&count=2` answered `{"totalResults":5,"startIndex":100001,"Resources":[]}`.
    ///
    /// ## How to fix it
    /// Answer 200, the true total and no resources.
    PAST_THE_END = "list/page-past-the-end-is-empty" {
        title: "a page behind the last result is an empty list",
        outcomes: [
            "rows": Should Data "an import by Okta that reads until a page is empty does not end, or sees people twice",
            "refused": Should Blocks "an import by Okta that reads until a page is empty fails",
        ],
        fix: "Answer a page behind the end with 200 and no resources.",
        cites: [Cite::Rfc7644("3.4.2.4"), Cite::Fact("okta/9.1/2")],
        row: "Q7",
        fault: "paging-overrun-returns-rows",
        check: Check::Probe(past_the_end),
    }

    /// ## What is checked
    /// A list holds no more resources than `count` asked for.
    ///
    /// ## Why it matters
    /// An IdP plans its pages by `count`. What comes beyond it comes again with the next page, or overruns a limit.
    ///
    /// ## Example
    /// `GET /Users?startIndex=1&count=2` answered with at most two resources; `count=0` with none.
    ///
    /// ## How to fix it
    /// Cut the page at `count`; a negative number counts as 0.
    COUNT_IS_A_BOUND = "list/count-is-a-bound" {
        title: "a list holds no more resources than were asked for",
        outcomes: [
            "too-many": Must Data "Okta's import sees people twice",
        ],
        fix: "Return at most `count` resources.",
        cites: [Cite::Rfc7644("3.4.2.4"), Cite::Fact("okta/1.5/2")],
        row: "Q5",
        fault: "paging-params-ignored",
        check: Check::Message(count_is_a_bound),
    }

    /// ## What is checked
    /// One answer lists a resource once.
    ///
    /// ## Why it matters
    /// A join behind a filter multiplies rows: one for each address or group. Entra ID takes two entries for two accounts and
    /// writes to neither.
    ///
    /// ## Example
    /// `{"totalResults":2,"Resources":[{"id":"2819c223"},{"id":"2819c223"}]}` is one user twice.
    ///
    /// ## How to fix it
    /// Select distinct resources before you count them and cut the page.
    ONE_ENTRY = "list/no-resource-twice" {
        title: "a list holds a resource once",
        outcomes: [
            "twice": Interop Blocks "Entra ID and Okta see several accounts where there is one, and stop",
        ],
        fix: "Select distinct resources.",
        cites: [Cite::Rfc7643("3.1"), Cite::Fact("entra/3.2/6"), Cite::Fact("okta/4.3/6")],
        row: "Q12",
        fault: "filter-duplicate-results",
        check: Check::Message(one_entry),
    }
}

/// A page that the target answered.
struct Page<'a> {
    start: i64,
    ids: Vec<&'a str>,
    shown: i64,
    total: Option<i64>,
    filter: Option<String>,
}

impl Page<'_> {
    /// The position behind the page's last result.
    fn end(&self) -> i64 {
        self.start + self.shown
    }
}

/// The pages of one query, in order; none where the probe asked several different things.
fn pages<'a>(exchanges: &'a [Exchange<'_>]) -> Vec<Page<'a>> {
    let read = |exchange: &'a Exchange<'_>| {
        let list = list(exchange)?;
        Some(Page {
            start: asked_number(exchange, "startIndex").unwrap_or(1).max(1),
            ids: list.ids().collect(),
            shown: i64::try_from(list.items.len()).unwrap_or(i64::MAX),
            total: list.counter("totalResults"),
            filter: Some(format!("{:?} {:?}", list.kind, asked(exchange, "filter"))),
        })
    };
    let pages: Vec<_> = exchanges.iter().filter_map(read).collect();
    let one_query = pages
        .windows(2)
        .all(|pair| pair[0].filter == pair[1].filter);
    if one_query { pages } else { Vec::new() }
}

/// The pages that follow one another from the first on, without one that asks again for what was read.
fn walk<'p, 'a>(pages: &'p [Page<'a>]) -> Vec<&'p Page<'a>> {
    let mut walk: Vec<&Page<'_>> = Vec::new();
    for page in pages {
        if page.start == walk.last().map_or(1, |last| last.end()) {
            // An empty page is the end of what there is, wherever it comes.
            let empty = page.shown == 0;
            walk.push(page);
            if empty {
                break;
            }
        }
    }
    walk
}

fn pages_add_up(exchanges: &[Exchange<'_>]) -> Judged {
    let pages = pages(exchanges);
    let Some(first) = pages.first() else {
        return Judged::NotApplicable;
    };
    // A total that changes shows a store that is not quiet.
    let Some(total) = first
        .total
        .filter(|_| pages.iter().all(|p| p.total == first.total))
    else {
        return Judged::NotApplicable;
    };
    let mut walk = walk(&pages);
    // What comes behind the end is the business of `list/page-past-the-end-is-empty`.
    walk.retain(|page| page.start <= total || page.shown == 0);
    let Some(last) = walk.last().filter(|_| walk.len() > 1) else {
        return Judged::NotApplicable;
    };
    let mut seen: Vec<&str> = walk
        .iter()
        .flat_map(|page| page.ids.iter().copied())
        .collect();
    let read = seen.len();
    seen.sort_unstable();
    if let Some(twice) = seen.windows(2).find(|pair| pair[0] == pair[1]) {
        let observed = format!("the id {} came twice", twice[0]);
        return Judged::fail("duplicate", "each result once", observed);
    }
    let complete = last.shown == 0 || last.end() > total;
    if !complete {
        return Judged::NotApplicable;
    }
    if i64::try_from(read).is_ok_and(|read| read < total) && last.shown == 0 {
        let observed = format!("{read} before the first empty page");
        return Judged::fail("missing", format!("{total} results"), observed);
    }
    Judged::Pass
}

fn total_counts_all(exchanges: &[Exchange<'_>]) -> Judged {
    let pages = pages(exchanges);
    let mut seen: Vec<&str> = pages
        .iter()
        .flat_map(|page| page.ids.iter().copied())
        .collect();
    seen.sort_unstable();
    seen.dedup();
    let seen = i64::try_from(seen.len()).unwrap_or(i64::MAX);
    let totals = pages.iter().filter_map(|page| page.total);
    let (Some(least), Some(most)) = (totals.clone().min(), totals.max()) else {
        return Judged::NotApplicable;
    };
    if least < seen {
        let observed = format!("`totalResults` {least}, and {seen} different results");
        return Judged::fail("too-few", format!("at least {seen}"), observed);
    }
    // Only an empty page straight behind the last result shows that there are no more.
    let walk = walk(&pages);
    let ended = walk.len() > 1 && walk.last().is_some_and(|page| page.shown == 0);
    if ended && most > seen {
        let observed = format!("`totalResults` {most}, and {seen} results up to the empty page");
        return Judged::fail("too-many", seen.to_string(), observed);
    }
    // One page that holds everything cannot tell the page's size from the number of results.
    if pages.len() > 1 || most > seen {
        return Judged::Pass;
    }
    Judged::NotApplicable
}

fn past_the_end(exchanges: &[Exchange<'_>]) -> Judged {
    let mut judged = Judged::NotApplicable;
    for exchange in exchanges {
        let asks = asks_for_list(exchange).and_then(|_| asked_number(exchange, "startIndex"));
        let (Some(start), Some(status)) = (asks, exchange.status()) else {
            continue;
        };
        match status {
            200 => {
                let Some(list) = list(exchange) else {
                    continue;
                };
                if list
                    .counter("totalResults")
                    .is_none_or(|total| start <= total)
                {
                    continue;
                }
                if !list.items.is_empty() {
                    let observed = format!("{} results from {start} on", list.items.len());
                    return Judged::fail("rows", "no results", observed);
                }
                judged = Judged::Pass;
            }
            // Credentials, a busy target and a redirection have nothing to do with pages.
            300..=399 | 401 | 403 | 429 | 502..=504 => {}
            _ => {
                // The first page shows whether lists are served at all.
                let served = exchanges.iter().any(|other| list(other).is_some());
                if served && start > 1 {
                    let observed = format!("{status} for startIndex={start}");
                    return Judged::fail("refused", "200 and an empty list", observed);
                }
            }
        }
    }
    judged
}

fn count_is_a_bound(exchange: &Exchange<'_>) -> Judged {
    let (Some(count), Some(list)) = (asked_number(exchange, "count"), list(exchange)) else {
        return Judged::NotApplicable;
    };
    let bound = count.max(0);
    let shown = i64::try_from(list.items.len()).unwrap_or(i64::MAX);
    if shown > bound {
        let observed = format!("{shown} resources");
        return Judged::fail("too-many", format!("at most {bound} resources"), observed);
    }
    Judged::Pass
}

fn one_entry(exchange: &Exchange<'_>) -> Judged {
    let Some(list) = list(exchange) else {
        return Judged::NotApplicable;
    };
    let mut ids: Vec<&str> = list.ids().collect();
    ids.sort_unstable();
    match ids.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Judged::fail("twice", "each id once", format!("the id {} twice", pair[0])),
        None if ids.is_empty() => Judged::NotApplicable,
        None => Judged::Pass,
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, get, message_table, post, probe_table};
    use super::*;

    fn page(start: i64, total: i64, ids: &[&str]) -> Sample {
        let items: Vec<_> = ids.iter().map(|id| format!(r#"{{"id":"{id}"}}"#)).collect();
        let body = format!(
            r#"{{"totalResults":{total},"Resources":[{}]}}"#,
            items.join(",")
        );
        get(&format!("/Users?startIndex={start}&count=2"), 200, &body)
    }

    #[test]
    fn pages_hold_every_result_once() {
        let two_lists = [
            page(1, 1, &["a"]),
            get("/Groups", 200, r#"{"totalResults":0}"#),
        ];
        probe_table(
            &PAGES_ADD_UP,
            &[
                (&[page(1, 3, &["a", "b"]), page(3, 3, &["c"])], "pass"),
                (
                    &[page(1, 3, &["a", "b"]), page(3, 3, &["c"]), page(5, 3, &[])],
                    "pass",
                ),
                (
                    &[page(1, 4, &["a", "b"]), page(3, 4, &["b", "c"])],
                    "duplicate",
                ),
                (
                    &[page(1, 4, &["a", "b"]), page(3, 4, &["a", "b"])],
                    "duplicate",
                ),
                (
                    &[page(1, 2, &["a"]), page(2, 2, &["b"]), page(3, 2, &["a"])],
                    "pass",
                ),
                (&[page(1, 3, &["a", "b"]), page(3, 3, &[])], "missing"),
                // Fewer than asked for is allowed, and then the next page asked for is not the next one.
                (&[page(1, 3, &["a"]), page(3, 3, &["c"])], "n/a"),
                // The store changed meanwhile.
                (&[page(1, 3, &["a", "b"]), page(3, 4, &["b", "c"])], "n/a"),
                (&[page(1, 5, &["a", "b"]), page(3, 5, &["c", "d"])], "n/a"),
                (&[page(1, 1, &["a"])], "n/a"),
                (&two_lists, "n/a"),
            ],
        );
    }

    #[test]
    fn the_total_is_not_the_size_of_a_page() {
        probe_table(
            &TOTAL_COUNTS_ALL,
            &[
                (&[page(1, 3, &["a", "b"])], "pass"),
                (&[page(1, 3, &["a", "b"]), page(3, 3, &["c"])], "pass"),
                (&[page(1, 2, &["a", "b"]), page(3, 1, &["c"])], "too-few"),
                (
                    &[page(1, 2, &["a", "b"]), page(3, 2, &["c", "d"])],
                    "too-few",
                ),
                (
                    &[page(1, 9, &["a", "b"]), page(3, 9, &["c"]), page(4, 9, &[])],
                    "too-many",
                ),
                (&[page(1, 2, &["a", "b"])], "n/a"),
            ],
        );
    }

    #[test]
    fn behind_the_end_there_is_nothing() {
        let first = page(1, 2, &["a", "b"]);
        let error = |status| get("/Users?startIndex=1001&count=2", status, "");
        probe_table(
            &PAST_THE_END,
            &[
                (&[first.clone(), page(1001, 2, &[])], "pass"),
                (
                    &[get("/Users?startIndex=9", 200, r#"{"totalResults":2}"#)],
                    "pass",
                ),
                (&[first.clone(), page(1001, 2, &["a"])], "rows"),
                (&[first.clone(), error(404)], "refused"),
                (&[first.clone(), error(500)], "refused"),
                (&[first.clone(), error(429)], "n/a"),
                (&[error(404)], "n/a"),
                (&[first], "n/a"),
            ],
        );
    }

    #[test]
    fn a_page_is_no_longer_than_asked() {
        let search = post("/Users/.search", 200, r#"{"Resources":[{"id":"1"}]}"#);
        message_table(
            &COUNT_IS_A_BOUND,
            &[
                (page(1, 9, &["a", "b"]), "pass"),
                (page(1, 9, &["a"]), "pass"),
                (page(1, 9, &["a", "b", "c"]), "too-many"),
                (get("/Users?count=0", 200, r#"{"totalResults":3}"#), "pass"),
                (
                    get("/Users?count=-1", 200, r#"{"Resources":[{"id":"1"}]}"#),
                    "too-many",
                ),
                (search.request(r#"{"count":0}"#), "too-many"),
                (get("/Users", 200, r#"{"Resources":[{"id":"1"}]}"#), "n/a"),
                (get("/Users?count=two", 200, r#"{"totalResults":3}"#), "n/a"),
                (get("/Users?count=1", 400, ""), "n/a"),
            ],
        );
    }

    #[test]
    fn a_list_holds_each_resource_once() {
        message_table(
            &ONE_ENTRY,
            &[
                (page(1, 2, &["a", "b"]), "pass"),
                (page(1, 2, &["a", "a"]), "twice"),
                (page(1, 3, &["a", "b", "a"]), "twice"),
                (page(1, 0, &[]), "n/a"),
                (get("/Users/1", 200, r#"{"id":"1"}"#), "n/a"),
            ],
        );
    }
}
