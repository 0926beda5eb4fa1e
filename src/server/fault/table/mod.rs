//! The faults themselves, by area.

mod access;
mod answer;
mod client;
mod decision;
mod group;
mod operation;
mod patch;
mod product;
mod query;
mod race;
mod scripted;
mod tenant;
mod user;

use super::Fault;

/// Every fault, by area.
pub static ALL: &[Fault] = &all();

const AREAS: &[&[Fault]] = &[
    access::FAULTS,
    user::FAULTS,
    product::FAULTS,
    decision::FAULTS,
    patch::FAULTS,
    group::FAULTS,
    race::FAULTS,
    query::FAULTS,
    answer::FAULTS,
    client::FAULTS,
    scripted::FAULTS,
    tenant::FAULTS,
];

const COUNT: usize = {
    let (mut count, mut area) = (0, 0);
    while area < AREAS.len() {
        count += AREAS[area].len();
        area += 1;
    }
    count
};

/// The areas in one list.
const fn all() -> [Fault; COUNT] {
    let mut all = [AREAS[0][0]; COUNT];
    let (mut next, mut area) = (0, 0);
    while area < AREAS.len() {
        let mut index = 0;
        while index < AREAS[area].len() {
            all[next] = AREAS[area][index];
            next += 1;
            index += 1;
        }
        area += 1;
    }
    all
}

/// A fault.
const fn fault(
    id: &'static str,
    title: &'static str,
    modes: &'static [&'static str],
    hooks: &'static [super::Hook],
) -> Fault {
    Fault {
        id,
        title,
        modes,
        hooks,
    }
}

/// The one mode of faults that have no modes.
const ON: &[&str] = &["on"];
