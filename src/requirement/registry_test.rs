//! Tests that police the table of requirements.

use std::collections::BTreeSet;

use super::registry::{Check, Cite, Requirement, all, find};
use crate::scim::Value;

/// The sections of RFC 7643 that say something; RFC 7643 §1 to §12.
const RFC7643: &[&str] = &[
    "1", "1.1", "1.2", "2", "2.1", "2.2", "2.3", "2.3.1", "2.3.2", "2.3.3", "2.3.4", "2.3.5",
    "2.3.6", "2.3.7", "2.3.8", "2.4", "2.5", "3", "3.1", "3.2", "3.3", "4", "4.1", "4.1.1",
    "4.1.2", "4.2", "4.3", "5", "6", "7", "8", "8.1", "8.2", "8.3", "8.4", "8.5", "8.6", "8.7",
    "8.7.1", "8.7.2", "9", "9.1", "9.2", "9.3", "10", "10.1", "10.2", "10.2.1", "10.3", "10.3.1",
    "10.3.2", "10.4",
];

/// The sections of RFC 7644.
const RFC7644: &[&str] = &[
    "1", "1.1", "1.2", "1.3", "2", "2.1", "2.2", "3", "3.1", "3.2", "3.3", "3.3.1", "3.4", "3.4.1",
    "3.4.2", "3.4.2.1", "3.4.2.2", "3.4.2.3", "3.4.2.4", "3.4.2.5", "3.4.3", "3.5", "3.5.1",
    "3.5.2", "3.5.2.1", "3.5.2.2", "3.5.2.3", "3.6", "3.7", "3.7.1", "3.7.2", "3.7.3", "3.7.4",
    "3.8", "3.9", "3.10", "3.11", "3.12", "3.13", "3.14", "4", "5", "6", "6.1", "6.2", "7", "7.1",
    "7.2", "7.3", "7.4", "7.5", "7.5.1", "7.5.2", "7.6", "7.7", "7.8", "8", "8.1", "8.2", "8.3",
    "8.4",
];

/// The rows of the table of permitted readings, by letter, with the last number of each.
const ROWS: &[(&str, u32)] = &[
    ("P", 29),
    ("U", 9),
    ("C", 22),
    ("Q", 22),
    ("F", 21),
    ("E", 16),
    ("D", 5),
    ("V", 8),
    ("M", 3),
    ("B", 13),
];

fn is_slug(text: &str) -> bool {
    let inner = text.split('-').all(|word| {
        !word.is_empty()
            && word
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    });
    inner && text.starts_with(|c: char| c.is_ascii_lowercase())
}

#[test]
fn ids_are_unique_slugs_with_an_area() {
    let mut ids = BTreeSet::new();
    for requirement in all() {
        assert!(ids.insert(requirement.id), "{} twice", requirement.id);
        let (area, name) = requirement.id.split_once('/').unwrap();
        assert!(is_slug(area) && is_slug(name), "{}", requirement.id);
        assert!(std::ptr::eq(find(requirement.id).unwrap(), requirement));
    }
    assert!(ids.len() > 70);
}

#[test]
fn titles_are_unique_and_no_sentence_ends_twice() {
    let mut titles = BTreeSet::new();
    for requirement in all() {
        assert!(titles.insert(requirement.title), "{}", requirement.title);
        assert!(!requirement.title.ends_with('.'), "{}", requirement.id);
        let first = requirement.title.chars().next().unwrap();
        assert!(first.is_lowercase() || first == '`', "{}", requirement.id);
        let fix = requirement.fix;
        assert!(
            fix.ends_with('.') && !fix.contains('\n'),
            "{}: {fix}",
            requirement.id
        );
    }
}

#[test]
fn explanations_have_their_four_headings() {
    let headings = [
        "What is checked",
        "Why it matters",
        "Example",
        "How to fix it",
    ];
    for requirement in all() {
        let text = requirement.markdown();
        let found: Vec<_> = text
            .lines()
            .filter_map(|line| line.strip_prefix("## "))
            .collect();
        assert_eq!(found, headings, "{}", requirement.id);
        for part in text.split("## ").skip(1) {
            let (_, body) = part.split_once('\n').unwrap();
            assert!(body.trim().len() > 20, "{}: {part}", requirement.id);
        }
    }
}

#[test]
fn examples_in_json_are_json() {
    let mut examples = 0;
    for requirement in all() {
        let text = requirement.markdown();
        for (n, code) in text.split('`').enumerate() {
            if n % 2 == 1 && code.starts_with('{') {
                assert!(Value::parse(code).is_ok(), "{}: {code}", requirement.id);
                examples += 1;
            }
        }
    }
    assert!(examples > 20);
}

#[test]
fn every_outcome_is_named_and_says_what_it_means_for_customers() {
    for requirement in all() {
        let mut names = BTreeSet::new();
        assert!(!requirement.outcomes.is_empty(), "{}", requirement.id);
        for outcome in requirement.outcomes {
            assert!(
                is_slug(outcome.name),
                "{}: {}",
                requirement.id,
                outcome.name
            );
            assert!(
                names.insert(outcome.name),
                "{}: {}",
                requirement.id,
                outcome.name
            );
            let text = outcome.customers;
            assert!(
                text.len() > 20 && !text.ends_with('.'),
                "{}: {text}",
                requirement.id
            );
            assert_eq!(
                requirement.outcome(outcome.name).unwrap().name,
                outcome.name
            );
        }
    }
}

#[test]
fn cited_sections_and_facts_exist() {
    let facts: Vec<_> = include_str!("../../fixtures/facts.toml")
        .lines()
        .filter_map(|line| line.strip_prefix("id = \"")?.strip_suffix('"'))
        .collect();
    assert!(facts.len() > 300);
    for requirement in all() {
        assert!(!requirement.cites.is_empty(), "{}", requirement.id);
        for cite in requirement.cites {
            let exists = match cite {
                Cite::Rfc7643(section) => RFC7643.contains(section),
                Cite::Rfc7644(section) => RFC7644.contains(section),
                Cite::Other(text) => !text.is_empty(),
                // A section stands for all its facts.
                Cite::Fact(id) => facts.iter().any(|fact| {
                    let rest = fact.strip_prefix(id);
                    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '.']))
                }),
            };
            assert!(exists, "{} cites {cite}", requirement.id);
        }
    }
}

#[test]
fn a_level_of_the_rfc_cites_the_rfc() {
    let is_rfc = |cite: &&Cite| matches!(cite, Cite::Rfc7643(_) | Cite::Rfc7644(_));
    let is_fact = |cite: &&Cite| matches!(cite, Cite::Fact(_));
    for requirement in all() {
        for outcome in requirement.outcomes {
            let found = match outcome.level {
                super::Level::Must | super::Level::Should => requirement.cites.iter().find(is_rfc),
                // A vendor's acceptance test is its own source, and so is a product's promise.
                super::Level::Interop
                    if ["listing/", "product/"]
                        .iter()
                        .any(|area| requirement.id.starts_with(area)) =>
                {
                    requirement.cites.first()
                }
                super::Level::Interop => requirement.cites.iter().find(is_fact),
                super::Level::May => requirement.cites.first(),
            };
            assert!(found.is_some(), "{} {}", requirement.id, outcome.name);
        }
    }
}

#[test]
fn rows_are_those_of_the_table_or_say_why_there_is_none() {
    let is_row = |row: &str| {
        let (letter, number) = row.split_at(1);
        let last = ROWS.iter().find(|(known, _)| *known == letter);
        let number: Option<u32> = number.parse().ok();
        last.zip(number)
            .is_some_and(|((_, last), number)| (1..=*last).contains(&number))
    };
    for Requirement { id, row, .. } in all() {
        match row.strip_prefix("no row:") {
            Some(reason) => assert!(reason.trim().len() > 10, "{id}"),
            None => assert!(row.split(", ").all(is_row), "{id}: {row}"),
        }
    }
}

#[test]
fn every_requirement_names_a_fault() {
    for Requirement { id, fault, .. } in all() {
        let (name, mode) = fault.split_once('=').unwrap_or((fault, "on"));
        let is_mode = mode
            .split('-')
            .all(|word| !word.is_empty() && word.bytes().all(|b| b.is_ascii_alphanumeric()));
        assert!(is_slug(name) && is_mode, "{id}: {fault}");
    }
}

#[test]
fn ids_of_probes_and_messages_have_a_function_and_others_have_none() {
    let count = |wanted: &str| all().filter(|r| format!("{:?}", r.check) == wanted).count();
    assert_eq!(
        count("state") + count("message") + count("told") + count("probe"),
        all().count()
    );
    assert!(all().any(|r| matches!(r.check, Check::State)));
    assert!(count("message") >= 20 && count("probe") >= 10);
}
