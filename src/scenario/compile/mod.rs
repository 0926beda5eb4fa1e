//! From what is written to what is played: names are resolved, values checked, steps become events.

mod cast;
mod deed;
mod disturb;
mod event;
mod expect;
mod probe;
mod step;

use super::diagnostic::{Diagnostics, Format, Mistake, Span, Unknown};
use super::syntax::{self, Field, File, Limit, Many, Text};
use super::{Only, Scenario};
use crate::directory::{AppChanges, PasswordSync};
use crate::idp;
use crate::yaml::Notes;
use cast::Cast;

/// Compiles a story's text.
pub(super) fn compile(file: &str, id: &str, text: &str) -> Result<Scenario, Diagnostics> {
    let (read, problems) = syntax::read(text);
    let mut notes = Notes { problems };
    let story = read.and_then(|read| story(read, file, id, text, &mut notes));
    match story {
        Some(story) if notes.problems.is_empty() => Ok(story),
        _ => Err(Diagnostics::new(
            Format::Scenario,
            file,
            text,
            notes.problems,
        )),
    }
}

fn story(read: File, file: &str, id: &str, text: &str, notes: &mut Notes) -> Option<Scenario> {
    let start = Span::default();
    if !notes.version(read.scenario, "story", "scenario") {
        return None;
    }
    let title = notes.required(read.title, "the story", "title", start);
    let title = title.map(|title| notes.filled(&title, "the title"));
    let why = notes.required(read.why, "the story", "why", start);
    let why = why.map(|why| notes.filled(&why, "the reason why"));
    let tags = words(read.tags, "a tag", notes);
    let was = words(read.was, "an id", notes);
    let only = only(read.only, read.except, notes);
    let needs = read.needs.read().unwrap_or_default().0;
    let switches = read.settings.read().unwrap_or_default();
    let cast = Cast::new(read.people, read.groups, notes);
    let no_steps = match &read.steps {
        Field::Missing => true,
        Field::Faulty => false,
        // Steps that cannot be read are reported and left out.
        Field::Read(steps) => steps.0.is_empty() && notes.problems.is_empty(),
    };
    if no_steps {
        notes.add(Mistake::NoSteps, start);
    }
    let steps = read.steps.read().unwrap_or_default().0;
    let steps = step::Compiler::new(&cast, text, notes).steps(steps);
    Some(Scenario {
        id: id.to_owned(),
        was,
        title: title?,
        why: why?,
        tags,
        needs: needs.into_iter().map(|need| need.value).collect(),
        only,
        once: read.once.read().unwrap_or_default(),
        settings: AppChanges {
            create_users: switches.create_users.read(),
            update_users: switches.update_users.read(),
            deactivate_users: switches.deactivate_users.read(),
            push_groups: switches.push_groups.read(),
            import_users: switches.import_users.read(),
            import_groups: switches.import_groups.read(),
            password_sync: switches.sync_passwords.read().map(|on| match on {
                true => PasswordSync::Own,
                false => PasswordSync::Off,
            }),
            rename_groups: switches.rename_groups.read(),
            soft_delete: switches.soft_delete.read(),
            matching: switches.matching.read().map(Into::into),
            deletion_threshold: switches.deletion_threshold.read().map(|most| most.value),
            ..AppChanges::default()
        },
        people: cast.people,
        groups: cast.groups,
        steps,
        text: text.to_owned(),
        file: file.to_owned(),
    })
}

/// Tags and ids: lower-case words of letters, digits, `-` and `/`.
fn words(field: Field<Many<Text>>, what: &str, notes: &mut Notes) -> Vec<String> {
    let words = field.read().unwrap_or_default().0;
    for word in &words {
        if !is_slug(&word.text) {
            let message = format!("`{}` is not {what}", syntax::shorten(&word.text));
            let help = "use lower-case letters and digits, joined by `-`, and `/` between folders";
            notes.add(Mistake::wrong(message, help), word.span);
        }
    }
    words.into_iter().map(|word| word.text).collect()
}

fn is_slug(text: &str) -> bool {
    text.split('/').all(|part| {
        part.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    })
}

/// The variants that play the story: those of `only`, or all but those of `except`.
fn only(only: Field<Limit>, except: Field<Limit>, notes: &mut Notes) -> Option<Only> {
    let (limit, keep) = match (only.read(), except.read()) {
        (None, None) => return None,
        (Some(limit), None) => (limit, true),
        (None, Some(limit)) => (limit, false),
        (Some(_), Some(limit)) => {
            let message = "`only` and `except` cannot stand together";
            notes.add(
                Mistake::wrong(message, "keep one of them"),
                limit.reason.span,
            );
            return None;
        }
    };
    let mut named = Vec::new();
    for name in &limit.idps.0 {
        match idp::select(&name.text) {
            Ok(variants) => named.extend(variants.into_iter().map(|variant| variant.id.clone())),
            Err(_) => {
                let mut known: Vec<_> = idp::names(&idp::VARIANTS).collect();
                known.sort_unstable();
                known.dedup();
                notes.add(
                    Mistake::UnknownIdp(Unknown::new(&name.text, known)),
                    name.span,
                );
            }
        }
    }
    let idps: Vec<String> = idp::VARIANTS
        .iter()
        .filter(|variant| named.contains(&variant.id) == keep)
        .map(|variant| variant.id.clone())
        .collect();
    if idps.is_empty() && notes.problems.is_empty() {
        let mistake = Mistake::wrong("no IdP is left to play the story", "name other IdPs");
        notes.add(mistake, limit.reason.span);
    }
    let reason = notes.filled(&limit.reason, "the reason");
    Some(Only { idps, reason })
}
