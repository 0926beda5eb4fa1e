//! The defects that servers in the field are known to have, and how each shows here.
//!
//! A defect is shown by a fault of the reference server, and each of the fault's modes breaks one requirement first. The server
//! knows no requirement and the requirements know no server; this table, `fixtures/faults.toml`, is the one place where both
//! are named.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::requirement::Level;

/// One defect.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Defect {
    /// Its name.
    pub id: String,
    /// How it comes about.
    pub known: String,
    /// Where it was reported, as `owner/repository#number`; empty where it stands for a form of our own.
    #[serde(default)]
    pub reported: Vec<String>,
    /// How it shows.
    #[serde(default)]
    pub shown: Vec<Shown>,
    /// Why no run shows it.
    #[serde(default)]
    pub unseen: Option<String>,
}

/// How one mode of a fault shows.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shown {
    /// The fault with its mode, as `--fault` takes it.
    pub fault: String,
    /// The requirement that it breaks first, and the outcome; none where the mode is permitted.
    #[serde(default)]
    pub breaks: Option<Broken>,
    /// Why the mode breaks nothing, where it does not.
    #[serde(default)]
    pub permitted: Option<String>,
    /// The requirements that it breaks as well.
    #[serde(default)]
    pub also: Vec<String>,
    /// The stories that show it.
    #[serde(default)]
    pub stories: Vec<String>,
    /// The IdPs and variants that show it; all where none is named.
    #[serde(default)]
    pub idps: Vec<String>,
}

/// A requirement and the way in which it fails.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Broken {
    /// The requirement's id.
    pub requirement: String,
    /// The outcome's name.
    pub outcome: String,
    /// How binding the requirement is in this respect.
    pub level: Level,
}

/// Every defect, in the order of the table.
pub fn all() -> &'static [Defect] {
    static DEFECTS: LazyLock<Vec<Defect>> = LazyLock::new(|| {
        #[derive(Deserialize)]
        struct Table {
            defect: Vec<Defect>,
        }
        match toml::from_str::<Table>(include_str!("../../fixtures/faults.toml")) {
            Ok(table) => table.defect,
            Err(error) => unreachable!("a test reads the table before anybody else does: {error}"),
        }
    });
    &DEFECTS
}

/// The defects that a fault shows, each with what it shows in which mode.
pub fn of_fault(id: &str) -> impl Iterator<Item = (&'static Defect, &'static Shown)> {
    let shown = all()
        .iter()
        .flat_map(|d| d.shown.iter().map(move |s| (d, s)));
    shown.filter(move |(_, shown)| shown.fault.split('=').next() == Some(id))
}
