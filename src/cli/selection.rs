//! What the words and lists on the command line select.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::failure::Failure;
use super::stories::{bundled, files, is_story};
use crate::scenario::{self, Scenario};
use crate::{nearest, requirement};

/// The tags of stories that are played only when they are asked for: those that take long, and those in which a target may
/// rightly do otherwise (by demanding unique addresses, say).
const ASKED_FOR: [&str; 2] = ["volume", "opt-in"];

/// The stories of those words and tags, each once, in the order of the words.
///
/// A word is a story's id, a folder of ids that ends with a slash, or a file or folder on disk. Without words it is every
/// bundled story; without words and tags, those tagged `volume` or `opt-in` stay out.
pub(super) fn stories(words: &[String], tags: &[String]) -> Result<Vec<Scenario>, Failure> {
    let mut stories: Vec<Scenario> = Vec::new();
    if words.is_empty() {
        let wanted = |story: &&Scenario| {
            !tags.is_empty() || !story.tags.iter().any(|t| ASKED_FOR.contains(&t.as_str()))
        };
        stories.extend(scenario::bundled().iter().filter(wanted).cloned());
    }
    for word in words {
        stories.extend(of_word(word)?);
    }
    if !tags.is_empty() {
        check_tags(tags)?;
        stories.retain(|story| story.tags.iter().any(|tag| tags.contains(tag)));
    }
    let mut seen = BTreeSet::new();
    stories.retain(|story| seen.insert(story.id.clone()));
    if stories.is_empty() {
        return Err(Failure::Usage(format!(
            "no story is selected: none of them has the tag `{}`",
            tags.join("` or `")
        )));
    }
    Ok(stories)
}

fn of_word(word: &str) -> Result<Vec<Scenario>, Failure> {
    let folder = format!("{}/", word.trim_end_matches('/'));
    let below = || {
        scenario::bundled()
            .iter()
            .filter(|story| story.id.starts_with(&folder))
    };
    if word.ends_with('/') && below().next().is_some() {
        return Ok(below().cloned().collect());
    }
    let path = Path::new(word);
    if is_story(path) || path.is_dir() {
        let load = |path: &PathBuf| scenario::load(path).map_err(|e| Failure::File(Box::new(e)));
        let stories: Vec<_> = files(path)?.iter().map(load).collect::<Result<_, _>>()?;
        if stories.is_empty() {
            return Err(Failure::Usage(format!("there is no story in {word}")));
        }
        return Ok(stories);
    }
    if below().next().is_some() {
        return Ok(below().cloned().collect());
    }
    Ok(vec![bundled(word)?.clone()])
}

fn check_tags(tags: &[String]) -> Result<(), Failure> {
    let known: BTreeSet<_> = scenario::bundled()
        .iter()
        .flat_map(|story| story.tags.iter().map(String::as_str))
        .collect();
    // A story of the user's own may have tags that no bundled one has; a slip is told all the same.
    for tag in tags.iter().filter(|tag| !known.contains(tag.as_str())) {
        if let Some(near) = nearest::name(tag, known.iter().copied()) {
            return Err(Failure::Usage(format!(
                "no story has the tag `{tag}`; did you mean `{near}`?"
            )));
        }
    }
    Ok(())
}

/// Which requirements count: those whose id begins with one of the first and with none of the second.
#[derive(Debug, Default)]
pub(super) struct Requirements {
    only: Vec<String>,
    skip: Vec<String>,
}

impl Requirements {
    /// Whether that requirement counts.
    pub(super) fn contain(&self, id: &str) -> bool {
        let begins = |prefix: &String| id.starts_with(prefix.as_str());
        (self.only.is_empty() || self.only.iter().any(begins)) && !self.skip.iter().any(begins)
    }
}

/// The requirements of those beginnings, each of which begins some.
pub(super) fn requirements(only: &[String], skip: &[String]) -> Result<Requirements, Failure> {
    for prefix in only.iter().chain(skip) {
        let begins = |r: &&requirement::Requirement| r.id.starts_with(prefix.as_str());
        if prefix.is_empty() || !requirement::all().any(|r| begins(&r)) {
            let near = nearest::hint(prefix, requirement::all().map(|r| r.id));
            return Err(Failure::Usage(format!(
                "no requirement begins with `{prefix}`{near}"
            )));
        }
    }
    let selected = Requirements {
        only: only.to_vec(),
        skip: skip.to_vec(),
    };
    if !requirement::all().any(|r| selected.contain(r.id)) {
        return Err(Failure::Usage(
            "--only and --skip leave no requirement".to_owned(),
        ));
    }
    Ok(selected)
}
