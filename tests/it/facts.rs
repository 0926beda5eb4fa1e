//! The table of facts: complete, well formed, and held by what its entries name.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use scimulate::fact::{self, Fact, Holds, Reference};
use scimulate::{idp, model, requirement, scenario};

/// How many of a hundred facts of each page are held, or not sent for a reason. A figure only rises.
const ACCOUNTED_FOR: [(&str, usize); 4] = [
    ("corrections", 95),
    ("entra", 95),
    ("jumpcloud", 95),
    ("okta", 95),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).to_owned()
}

fn text(path: &str) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every Rust source of the folder, with its path.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    found
}

#[test]
fn every_row_and_bullet_of_the_pages_has_its_fact() {
    let mut pages: BTreeMap<&str, usize> = BTreeMap::new();
    for fact in fact::all() {
        *pages.entry(fact.id.split('/').next().unwrap()).or_default() += 1;
    }
    let wanted = [
        ("corrections", 60),
        ("entra", 223),
        ("jumpcloud", 57),
        ("okta", 261),
    ];
    assert_eq!(pages, BTreeMap::from(wanted));
}

#[test]
fn every_fact_has_an_id_of_its_own_a_sentence_and_known_sources() {
    let named: BTreeSet<&str> = fact::sources().iter().map(|s| s.name.as_str()).collect();
    assert_eq!(
        named.len(),
        fact::sources().len(),
        "two sources share a name"
    );
    let mut ids = BTreeSet::new();
    let mut used = BTreeSet::new();
    for fact in fact::all() {
        let id = &fact.id;
        assert!(ids.insert(id), "{id} stands twice");
        assert!(well_formed(id), "{id}");
        assert!(fact.statement.len() > 10, "{id}");
        assert!(!fact.statement.contains('\n'), "{id}: one line");
        for source in fact.source.split("; ") {
            let thread = source.rsplit_once(' ').filter(|(_, n)| is_number(n));
            let name = match thread {
                Some((forum, _)) if !named.contains(source) => forum,
                _ => source,
            };
            used.insert(name);
            let known = named.contains(name) || is_issue(source);
            assert!(known, "{id} cites `{source}`, which sources.toml lacks");
        }
        if let Some(correction) = &fact.corrected_by {
            assert!(fact::find(correction).is_some(), "{id}: {correction}");
        }
    }
    let idle: Vec<_> = named.difference(&used).collect();
    assert!(idle.is_empty(), "no fact cites {idle:?}");
}

/// `okta/8.3/4`, or `corrections/OK-1`.
fn well_formed(id: &str) -> bool {
    match *id.split('/').collect::<Vec<_>>() {
        ["corrections", name] => name
            .split_once('-')
            .is_some_and(|(page, n)| ["OK", "EN", "JC", "OI"].contains(&page) && is_number(n)),
        ["okta" | "entra" | "jumpcloud", section, n] => {
            section.split('.').all(is_number) && is_number(n)
        }
        _ => false,
    }
}

/// A repository and an issue's number.
fn is_issue(source: &str) -> bool {
    let issue = source.split_once('#');
    issue.is_some_and(|(repository, n)| repository.matches('/').count() == 1 && is_number(n))
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

#[test]
fn whatever_is_said_to_hold_a_fact_holds_it() {
    let places = Places::read();
    let mut wrong = Vec::new();
    for fact in fact::all() {
        if !fact.not_sent.is_empty() && !fact.covered.is_empty() {
            wrong.push(format!("{}: covered, and yet not sent", fact.id));
        }
        let mut seen = BTreeSet::new();
        for reference in &fact.covered {
            if !seen.insert(reference) {
                wrong.push(format!("{}: `{reference}` twice", fact.id));
            }
            let held = Reference::parse(reference)
                .map_err(|e| e.to_string())
                .and_then(|reference| places.hold(reference));
            if let Err(why) = held {
                wrong.push(format!("{}: {reference}: {why}", fact.id));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_facts_that_are_accounted_for_do_not_become_fewer() {
    for (page, percent) in ACCOUNTED_FOR {
        let of_page = |fact: &&Fact| fact.id.split('/').next() == Some(page);
        let facts: Vec<_> = fact::all().iter().filter(of_page).collect();
        let held = facts.iter().filter(|fact| fact.accounted_for()).count();
        assert!(
            held * 100 >= percent * facts.len(),
            "{held} of {} facts of {page} are held or not sent for a reason: fewer than {percent} of 100",
            facts.len()
        );
    }
}

#[test]
fn a_reference_to_what_is_not_there_is_refused() {
    let places = Places::read();
    for wrong in [
        "golden:okta/custom-app/test.http",
        "golden:okta/custom-app/none.http shows GET",
        "golden:okta/custom-app/test.http shows PATCH",
        "golden:okta/custom-app/test.http lacks GET",
        "golden:okta/custom-app/test.http sends PUT /Users",
        "answer:okta assign | 999 html",
        "switch:okta/no-such-switch",
        "setting:no-such-setting",
        "policy:person/never",
        "story:offboarding/never",
        "requirement:patch/never",
        "test:no_such_test_is_anywhere",
        "wish:somebody should",
        "story: offboarding/leaver",
    ] {
        let held = Reference::parse(wrong)
            .map_err(|e| e.to_string())
            .and_then(|reference| places.hold(reference));
        assert!(held.is_err(), "{wrong}");
    }
}

/// Where references are looked up.
struct Places {
    tests: String,
    settings: String,
    switches: BTreeMap<String, BTreeSet<String>>,
    answers: BTreeMap<&'static str, String>,
}

impl Places {
    fn read() -> Self {
        let join = |folder: &str| {
            let texts = sources(folder).into_iter().map(|(_, text)| text);
            texts.collect::<Vec<_>>().join("\n")
        };
        let mut switches: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for variant in idp::VARIANTS.iter() {
            let idp = variant.id.split('/').next().unwrap().to_owned();
            let names = variant.switches().into_iter().map(|switch| switch.name);
            switches.entry(idp).or_default().extend(names);
        }
        // Rows are compared without the blanks that align them.
        let rows = |path: &str| {
            let text = text(path);
            let lines = text.lines().map(squeezed);
            lines.collect::<Vec<_>>().join("\n")
        };
        Self {
            tests: [join("src"), join("tests")].join("\n"),
            settings: join("src/directory"),
            switches,
            answers: [
                ("okta", rows("fixtures/idp/okta/answers.txt")),
                ("entra", rows("src/idp/entra/tests/answers.rs")),
                ("jumpcloud", rows("src/idp/jumpcloud/tests/answers.rs")),
            ]
            .into(),
        }
    }

    fn hold(&self, reference: Reference<'_>) -> Result<(), String> {
        let there = |is: bool, what: &str| is.then_some(()).ok_or_else(|| what.to_owned());
        match reference {
            Reference::Golden { file, holds } => golden(file, holds),
            Reference::Answer { idp, row } => {
                let rows = self.answers.get(idp).ok_or("no such table")?;
                there(
                    rows.contains(&squeezed(row)),
                    "no row of the table has this",
                )
            }
            Reference::Switch { idp, name } => {
                let switches = self.switches.get(idp).ok_or("no such IdP")?;
                there(switches.contains(name), "the IdP has no such switch")
            }
            Reference::Setting(name) => {
                let field = format!("    pub {}: ", name.replace('-', "_"));
                there(self.settings.contains(&field), "no such setting")
            }
            Reference::Policy(id) => there(model::policy_line(id).is_some(), "no such line"),
            Reference::Story(id) => {
                let mut stories = scenario::bundled().iter();
                there(stories.any(|story| story.id == id), "no such story")
            }
            Reference::Requirement(id) => {
                there(requirement::find(id).is_some(), "no such requirement")
            }
            Reference::Test(name) => there(self.has_test(name), "no test has this name"),
        }
    }

    /// Whether a function of that name stands below a test's attribute.
    fn has_test(&self, name: &str) -> bool {
        let function = format!("fn {name}(");
        self.tests.match_indices(&function).any(|(at, _)| {
            let above = self.tests[..at].rsplit('\n').skip(1);
            let mut attributes = above.take_while(|line| {
                let line = line.trim();
                line.starts_with("#[") || line.starts_with("///")
            });
            attributes.any(|line| line.contains("test"))
        })
    }
}

/// Without the blanks that align columns.
fn squeezed(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn golden(file: &str, holds: Holds<'_>) -> Result<(), String> {
    let path = root().join("fixtures/idp").join(file);
    let text = fs::read_to_string(path).map_err(|_| "no such file in fixtures/idp".to_owned())?;
    // What was asked and answered; the first line is a title of ours.
    let text = text.split_once('\n').map_or("", |(_, rest)| rest);
    let held = match holds {
        Holds::Shows(what) => text.contains(what),
        Holds::Lacks(what) => !text.contains(what),
        Holds::Sends(what) => {
            let is_request = |line: &&str| line.ends_with(" HTTP/1.1");
            let sent: Vec<&str> = text.lines().filter(is_request).collect();
            let wanted: Vec<&str> = what.split(", ").collect();
            let follow = |run: &[&str]| run.iter().zip(&wanted).all(|(s, w)| s.starts_with(w));
            sent.windows(wanted.len()).any(follow)
        }
    };
    held.then_some(())
        .ok_or_else(|| "the file does not".to_owned())
}

#[test]
fn the_facts_of_a_section_are_meant_by_its_number_and_no_others() {
    let meant = |cited: &str| {
        let facts = fact::all().iter().filter(|fact| fact.is_meant_by(cited));
        facts
            .map(|fact: &Fact| fact.id.as_str())
            .collect::<Vec<_>>()
    };
    assert_eq!(meant("okta/1.1/1"), ["okta/1.1/1"]);
    assert!(meant("okta/1").len() > meant("okta/1.1").len());
    assert!(meant("okta/1").iter().all(|id| id.starts_with("okta/1.")));
    assert_eq!(meant("corrections/OK-1"), ["corrections/OK-1"]);
    assert!(meant("okta/99").is_empty());
}

#[test]
fn the_page_of_the_facts_is_the_one_that_the_program_writes() {
    let mut program = assert_cmd::Command::cargo_bin("scimulate").unwrap();
    let output = program
        .args(["list", "facts", "--format", "markdown"])
        .output()
        .unwrap();
    let written = String::from_utf8(output.stdout).unwrap();
    assert!(
        text("docs/facts.md") == written,
        "docs/facts.md is out of date: `scimulate list facts --format markdown > docs/facts.md` writes it anew"
    );
}
