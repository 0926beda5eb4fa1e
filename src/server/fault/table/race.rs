//! A race, played slowly: it shows whenever requests overlap, and never when they come one after the other.

use std::time::Duration;

use http::Method;

use super::super::{Fault, Hook};
use super::{ON, fault};
use crate::server::handler::Route;
use crate::server::members::{Handles, MemberEdit};
use crate::server::store::{Kind, Row};

/// Long enough for everything that was sent at the same time to arrive.
const PAUSE: Duration = Duration::from_millis(40);

pub(super) const FAULTS: &[Fault] = &[fault(
    "concurrent-member-patch-lost-update",
    "Changes of a group that overlap all begin from the members that the first one found, and the last wins",
    ON,
    &[
        Hook::Arrive(|arriving, _| {
            let group = changed(arriving.method, arriving.route);
            let store = arriving.tenant.read();
            let group = group.and_then(|id| store.find(Kind::Group, id));
            let Some((_, row)) = group else {
                return;
            };
            arriving.pause = PAUSE;
            arriving
                .tenant
                .faults
                .notes
                .change(&name(&row.id.to_string()), |noted| {
                    let (under_way, begin) = noted.map_or_else(|| (0, listed(&row.members)), read);
                    Some(format!("{} {begin}", under_way + 1))
                });
        }),
        Hook::Commit(|commit, _| {
            let Some(row) = commit.row.filter(|_| commit.kind == Kind::Group) else {
                return;
            };
            if *commit.method == Method::PATCH {
                commit.notes.change(&name(&row.id.to_string()), |noted| {
                    let begin = noted.map(read)?.1;
                    let begin = begin.split(' ').filter_map(|n| n.parse().ok()).collect();
                    begin_from(&begin, row, &mut commit.draft.members);
                    noted.map(str::to_owned)
                });
            }
        }),
        Hook::Reply(|out, _| {
            if let Some(id) = changed(out.method, out.route) {
                out.notes.change(&name(id), |noted| match noted.map(read)? {
                    (0 | 1, _) => None,
                    (under_way, begin) => Some(format!("{} {begin}", under_way - 1)),
                });
            }
        }),
    ],
)];

/// The group that a request changes.
fn changed<'a>(method: &Method, route: &'a Route) -> Option<&'a str> {
    match route {
        Route::Resource(Kind::Group, id) if *method == Method::PATCH => Some(id),
        _ => None,
    }
}

/// Under what it is remembered how many changes of a group are under way, and from which members they begin.
fn name(group: &str) -> String {
    format!("under way {group}")
}

fn read(noted: &str) -> (u32, String) {
    let (count, begin) = noted.split_once(' ').unwrap_or((noted, ""));
    (count.parse().unwrap_or(0), begin.to_owned())
}

fn listed(members: &Handles) -> String {
    let numbers: Vec<String> = members.iter().map(u32::to_string).collect();
    numbers.join(" ")
}

/// Does to those members what the edit does to the group's present ones.
fn begin_from(begin: &Handles, row: &Row, edit: &mut MemberEdit) {
    let (come, go) = edit.clone().resolve(&row.members);
    let wanted: Handles = begin
        .union(&come)
        .filter(|m| !go.contains(m))
        .copied()
        .collect();
    for member in wanted.difference(&row.members) {
        edit.add(&row.members, *member);
    }
    for member in row.members.difference(&wanted) {
        edit.remove(&row.members, *member);
    }
}
