//! Requirements on two customers of one product: neither sees, changes or learns anything of the other.

use std::collections::BTreeSet;

use super::reading::{Kind, Place, asks_for_list, brief, list, place, shown};
use super::registry::{Check, Cite, Judged, Violation, requirements};
use crate::scim::Value;
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// With the credentials of one customer a person and a group of another customer cannot be read, found, changed or
    /// deleted by their ids or names, and a person of the other customer does not become visible by being put into a group.
    /// 401, 403 and 404 are all right, and so is any answer that shows nothing and does nothing.
    ///
    /// ## Why it matters
    /// A resource that is loaded by its id alone belongs to every customer. Whoever has any token of the product reads
    /// other companies' people, locks them out, or deletes them. No IdP does that by itself; a person with a token does.
    ///
    /// ## Example
    /// `DELETE /Users/2819c223` with the token of customer A, where 2819c223 belongs to customer B: 404, and B's person is
    /// still there.
    ///
    /// ## How to fix it
    /// Make the tenant of the credentials part of every query that loads a resource, for reads, writes, filters and members
    /// alike. If the two accesses of the target file belong to one customer after all, name those of two.
    OBJECTS_STAY_INSIDE = "tenant/objects-stay-inside" {
        title: "nobody reads or changes what belongs to another customer",
        outcomes: [
            "written": Must Security "with the token of any customer the people and groups of all others are changed or deleted",
            "read": Must Security "with the token of any customer the people and groups of all others are read",
            "found": Must Security "an import or a lookup shows people of other customers, and the IdP links to their accounts",
            "shown-as-member": Must Security "whoever puts a foreign id into a group of the own learns whose it is, or lets that person in",
        ],
        fix: "Load every resource by the tenant of the credentials and its id together.",
        cites: [Cite::Rfc7644("6"), Cite::Rfc7644("6.1"), Cite::Rfc7644("2")],
        row: "no row: RFC 7644 section 6 leaves it to the provider whether clients share resources; two accesses that are described as two customers' share none",
        fault: "cross-tenant-object-access",
        check: Check::Probe(objects_stay_inside),
    }

    /// ## What is checked
    /// A person can be created whose `userName` only another customer has.
    ///
    /// ## Why it matters
    /// A 409 for a name that no lookup finds stops the IdP for good: it may neither create nor link the account. It also
    /// tells whoever has a token who is a customer elsewhere. Products with one sign-in name for the whole world do so on
    /// purpose and may: RFC 7643 section 7 lets a value be unique in the tenancy or everywhere. So this is advice.
    ///
    /// ## Example
    /// `POST /Users` of `ada@example.com` by customer A, while customer B has a person of that name: 201.
    ///
    /// ## How to fix it
    /// Compare names inside the tenant. Where sign-in names must be unique everywhere, publish `"uniqueness": "global"` for
    /// `userName`, and link the person to the existing sign-in instead of refusing.
    NAMES_ARE_FREE = "tenant/name-is-free-elsewhere" {
        title: "a name that only another customer has is free",
        outcomes: [
            "taken": May Security "the IdP cannot create a person who is also at another customer, and learns that somebody of that name is there",
        ],
        fix: "Let names be unique inside a tenant, unless one sign-in name for all customers is what you want.",
        cites: [Cite::Rfc7643("7"), Cite::Rfc7644("6")],
        row: "no row: the RFC lets a value be unique in the tenancy or everywhere",
        fault: "cross-tenant-409-oracle",
        check: Check::Probe(name_is_free),
    }

    /// ## What is checked
    /// One person is at two customers. What the first one changes of the own account, and its deletion, leaves the second
    /// one's account as it is: names, addresses, `active`, and that it exists.
    ///
    /// ## Why it matters
    /// Where a person is one record for all customers and each may write it, one customer's administrator changes the address
    /// to which the password reset of the other one's account goes, or locks the person out there.
    ///
    /// ## Example
    /// `PATCH /Users/2819c223` sets the address of customer A's Ada; `GET` of customer B's Ada shows the address of before.
    ///
    /// ## How to fix it
    /// Keep in the tenant what its IdP writes, and change what all tenants share only for a customer who has proved to own
    /// the person's mail domain. Where the run's mail domain is such a one, name another with `mail-domain`.
    PEOPLE_STAY_APART = "tenant/person-is-each-customers-own" {
        title: "what one customer does to a person leaves the same person at another customer alone",
        outcomes: [
            "changed": Must Security "one customer's IdP takes over the account that the same person has at another customer",
            "deleted": Must Security "a leaver at one customer loses the account at another one",
        ],
        fix: "Store what an IdP writes with the tenant, not with the person.",
        cites: [Cite::Rfc7644("6"), Cite::Rfc7643("9.3")],
        row: "no row: RFC 7644 section 6 leaves it to the provider whether clients share resources; two accesses that are described as two customers' share none",
        fault: "cross-tenant-user-mutation",
        check: Check::Probe(people_stay_apart),
    }
}

/// A resource that the run made for the second customer.
#[derive(Debug)]
struct Theirs<'a> {
    kind: Kind,
    id: &'a str,
    /// What the second customer was shown of it last.
    last: &'a Value,
    /// The body that it was made by.
    made_by: &'a Value,
}

/// The attribute that a resource of that type is called by.
fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "userName",
        Kind::Group => "displayName",
    }
}

fn text<'a>(resource: &'a Value, attribute: &str) -> Option<&'a str> {
    resource.get(attribute)?.as_str()
}

impl<'a> Theirs<'a> {
    /// What a POST with the second customer's credentials made.
    fn made(exchange: &'a Exchange<'_>) -> Option<Self> {
        let posted = exchange.sent.by.other_tenant && exchange.sent.method == Method::Post;
        let Place::Collection(kind) = place(exchange) else {
            return None;
        };
        let last = exchange
            .reply()
            .filter(|_| posted && exchange.succeeded())?;
        Some(Self {
            kind,
            id: text(last, "id")?,
            last,
            made_by: exchange.request()?,
        })
    }

    /// Whether the request's path names it.
    fn is_named_by(&self, exchange: &Exchange<'_>) -> bool {
        place(exchange) == Place::Resource(self.kind, self.id)
    }

    /// Whether that resource is it: by its id and its name, for another tenant may have given out the id as well.
    fn is(&self, kind: Kind, resource: &Value) -> bool {
        let name = name_of(self.kind);
        let same = |one: &str, other: &str| one.eq_ignore_ascii_case(other);
        kind == self.kind
            && text(resource, "id") == Some(self.id)
            && text(resource, name)
                .zip(text(self.last, name))
                .is_some_and(|(one, other)| same(one, other))
    }

    /// What became of it by what the first customer wrote, if anything did: the phrase says what was expected and seen.
    fn harm(&self, now: &Value, written: &BTreeSet<String>) -> Option<(String, String)> {
        PLACES.iter().find_map(|path| {
            // What the target fills in by itself is no news: only what the first customer wrote counts.
            let here = texts_at(now, path);
            let before = texts_at(self.last, path);
            let sent = texts_at(self.made_by, path);
            let alien = here.iter().find(|text| {
                written.contains(*text) && !before.contains(*text) && !sent.contains(*text)
            })?;
            let what = path.join(".");
            let before = before.first().or(sent.first());
            let before = before.map_or_else(|| "nothing".to_owned(), |text| quoted(text));
            Some((
                format!("`{what}` {before}, as the second customer has it"),
                format!("`{what}` {}, as the first customer wrote it", quoted(alien)),
            ))
        })
    }
}

fn quoted(text: &str) -> String {
    brief(&Value::from(text))
}

/// Where the first customer writes what must not turn up at the second one.
const PLACES: [&[&str]; 6] = [
    &["userName"],
    &["active"],
    &["displayName"],
    &["name", "familyName"],
    &["emails", "value"],
    &["title"],
];

/// What stands at a place, as text: of a list, each element's.
fn texts_at(resource: &Value, path: &[&str]) -> Vec<String> {
    let Some((first, rest)) = path.split_first() else {
        return scalar(resource).into_iter().collect();
    };
    match resource.get(first) {
        Some(Value::Array(items)) => items.iter().flat_map(|item| texts_at(item, rest)).collect(),
        Some(value) => texts_at(value, rest),
        None => Vec::new(),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// Every text and truth in a body.
fn scalars(value: &Value, all: &mut BTreeSet<String>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| scalars(item, all)),
        Value::Object(object) => object.iter().for_each(|(_, item)| scalars(item, all)),
        other => all.extend(scalar(other)),
    }
}

/// What a story of two customers shows so far.
#[derive(Debug, Default)]
struct Sides<'a> {
    theirs: Vec<Theirs<'a>>,
    /// Everything that the first customer wrote.
    written: BTreeSet<String>,
    /// The ids of the resources that a DELETE of the first customer was done to.
    deleted: Vec<&'a str>,
}

impl<'a> Sides<'a> {
    /// Takes in what the first customer wrote.
    fn note(&mut self, exchange: &'a Exchange<'_>) {
        let Place::Resource(_, id) = place(exchange) else {
            return;
        };
        match exchange.sent.method {
            Method::Delete if exchange.succeeded() => self.deleted.push(id),
            Method::Put | Method::Patch => {
                if let Some(body) = exchange.request() {
                    scalars(body, &mut self.written);
                }
            }
            _ => {}
        }
    }

    /// What a read of the second customer's shows that the first one did: `Err` where the resource is gone.
    fn seen(&mut self, read: &'a Exchange<'_>) -> Option<Result<(String, String), String>> {
        if read.sent.method != Method::Get {
            return None;
        }
        let at = self.theirs.iter().position(|own| own.is_named_by(read))?;
        let (own, status) = (&self.theirs[at], read.status()?);
        if matches!(status, 404 | 410) {
            let own = self.theirs.remove(at);
            let path = format!("/{}/{}", own.kind.endpoint(), own.id);
            return Some(Err(format!("{path} is answered {status}")));
        }
        let now = read.reply().filter(|_| read.succeeded())?;
        let harm = own.harm(now, &self.written);
        self.theirs[at].last = now;
        harm.map(Ok)
    }
}

fn objects_stay_inside(exchanges: &[Exchange<'_>]) -> Judged {
    let mut sides = Sides::default();
    let mut found: Vec<Violation> = Vec::new();
    let mut tried = false;
    let mut fail = |outcome, expected: &str, observed: String| {
        found.push(Violation {
            outcome,
            expected: expected.to_owned(),
            observed,
        });
    };
    for exchange in exchanges {
        if exchange.sent.by.other_tenant {
            sides.theirs.extend(Theirs::made(exchange));
            match sides.seen(exchange) {
                Some(Ok((expected, observed))) => fail("written", &expected, observed),
                // Gone by itself is nobody's fault here.
                Some(Err(observed)) => {
                    let Place::Resource(_, id) = place(exchange) else {
                        continue;
                    };
                    if sides.deleted.contains(&id) {
                        let expected =
                            "the second customer's resource, whatever the first one sends";
                        fail("written", expected, observed);
                    }
                }
                None => {}
            }
            continue;
        }
        sides.note(exchange);
        let Some(status) = exchange.status() else {
            continue;
        };
        // A busy or absent target says nothing about tenants.
        let named = sides.theirs.iter().any(|own| own.is_named_by(exchange));
        tried |= named && !matches!(status, 429 | 502..=504);
        let (method, path) = (exchange.sent.method, exchange.path());
        // A PUT is answered with what it brought along.
        let answers = !matches!(method, Method::Put);
        for (kind, resource) in shown(exchange).into_iter().filter(|_| answers) {
            if let Some(own) = sides.theirs.iter().find(|own| own.is(kind, resource)) {
                let name = quoted(text(resource, name_of(kind)).unwrap_or_default());
                let observed = format!("{method} {path} shows {name}");
                let outcome = match asks_for_list(exchange) {
                    Some(_) => "found",
                    None => "read",
                };
                let id = own.id;
                let expected = format!("nothing of {id}, which belongs to another customer");
                fail(outcome, &expected, observed);
            } else if let Some(name) = stranger_in(resource, &sides.theirs) {
                let observed = format!("{method} {path} names the member {}", quoted(name));
                let expected = "no name of somebody who belongs to another customer";
                fail("shown-as-member", expected, observed);
            }
        }
        // Some targets find by name whom they do not show: a count is an answer as well.
        if let Some(list) = list(exchange).filter(|list| list.items.is_empty()) {
            let filter = exchange.parameter("filter").unwrap_or_default();
            let about = |own: &Theirs<'_>| {
                let name = text(own.made_by, name_of(own.kind));
                own.kind == list.kind && name.is_some_and(|name| filter.contains(name))
            };
            if list.counter("totalResults").is_some_and(|total| total > 0)
                && sides.theirs.iter().any(about)
            {
                let observed = format!("{method} {path} counts somebody and shows nobody");
                fail("found", "an empty list", observed);
            }
        }
    }
    let rank = |violation: &Violation| {
        let outcomes = OBJECTS_STAY_INSIDE.outcomes.iter();
        outcomes.take_while(|o| o.name != violation.outcome).count()
    };
    match found.into_iter().min_by_key(rank) {
        Some(worst) => Judged::Fail(worst),
        None if tried => Judged::Pass,
        None => Judged::NotApplicable,
    }
}

/// The name under which a group shows a member who belongs to the second customer, if it does.
fn stranger_in<'a>(group: &'a Value, theirs: &[Theirs<'_>]) -> Option<&'a str> {
    let members = group.get("members").and_then(Value::as_array)?;
    members.iter().find_map(|member| {
        let own = theirs
            .iter()
            .find(|own| text(member, "value") == Some(own.id))?;
        let name = text(member, "display")?;
        let names = ["displayName", "userName"].map(|attribute| text(own.made_by, attribute));
        names.contains(&Some(name)).then_some(name)
    })
}

fn name_is_free(exchanges: &[Exchange<'_>]) -> Judged {
    let mut there: Option<&str> = None;
    for exchange in exchanges {
        if exchange.sent.method != Method::Post || place(exchange) != Place::Collection(Kind::User)
        {
            continue;
        }
        let name = exchange.request().and_then(|body| text(body, "userName"));
        if exchange.sent.by.other_tenant {
            there = name.filter(|_| exchange.succeeded());
            continue;
        }
        let Some(name) = name.filter(|name| there == Some(*name)) else {
            continue;
        };
        let says_taken =
            exchange.reply().and_then(|body| text(body, "scimType")) == Some("uniqueness");
        match exchange.status() {
            Some(200..300) => return Judged::Pass,
            Some(status) if status == 409 || says_taken => {
                let observed = format!("{status} for {}", quoted(name));
                return Judged::fail("taken", "201 for a name that no lookup finds", observed);
            }
            _ => {}
        }
    }
    Judged::NotApplicable
}

fn people_stay_apart(exchanges: &[Exchange<'_>]) -> Judged {
    let mut sides = Sides::default();
    let mut own: Option<&str> = None;
    let mut changed = false;
    let mut judged = Judged::NotApplicable;
    for exchange in exchanges {
        if !exchange.sent.by.other_tenant {
            if exchange.sent.method == Method::Post && exchange.succeeded() {
                own = exchange.reply().and_then(|body| text(body, "id"));
                if let Some(body) = exchange.request() {
                    scalars(body, &mut sides.written);
                }
            }
            sides.note(exchange);
            changed |= own.is_some() && exchange.sent.method.writes() && exchange.succeeded();
            continue;
        }
        sides.theirs.extend(Theirs::made(exchange));
        let gone = !sides.deleted.is_empty();
        match sides.seen(exchange) {
            Some(Ok((expected, observed))) => return Judged::fail("changed", expected, observed),
            Some(Err(observed)) if gone => {
                let expected = "the second customer's person, whatever becomes of the first one's";
                return Judged::fail("deleted", expected, observed);
            }
            None if changed && exchange.sent.method == Method::Get && exchange.succeeded() => {
                judged = Judged::Pass;
            }
            Some(Err(_)) | None => {}
        }
    }
    judged
}
