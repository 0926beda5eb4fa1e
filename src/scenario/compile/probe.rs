//! Probes: the parts of a request are checked, and every value that they need exists.

use super::disturb::method;
use super::{Notes, is_slug};
use crate::directory::Place;
use crate::scenario::diagnostic::{Mistake, Span, Unknown};
use crate::scenario::probe::{FORMS, GIVEN, TemplateError, texts};
use crate::scenario::syntax::{self, Field, Probe, Text};
use crate::scenario::{ProbeBody, ProbeSpec, Template};
use crate::wire::tape::Demand;

/// Compiles a probe and adds what it captures to the names that later ones may use.
pub(super) fn compile(
    probe: Probe,
    captured: &mut Vec<String>,
    notes: &mut Notes,
) -> Option<ProbeSpec> {
    let sent = send(&probe.send, captured, notes);
    let headers = probe.headers.read().unwrap_or_default().0;
    let headers = headers.into_iter().filter_map(|(name, value)| {
        if http::HeaderName::from_bytes(name.text.as_bytes()).is_err() {
            let message = format!("`{}` is not a header's name", syntax::shorten(&name.text));
            notes.add(
                Mistake::wrong(message, "use letters, digits and `-`"),
                name.span,
            );
        }
        let value = value?;
        let template = template(&value.text, value.span, captured, notes)?;
        Some((name.text, template))
    });
    let headers = headers.collect();
    let body = match probe.body {
        Field::Missing | Field::Faulty => None,
        Field::Read(body) => match body.value.0 {
            serde_json::Value::String(text) => {
                template(&text, body.span, captured, notes).map(ProbeBody::Text)
            }
            json => {
                for text in texts(&json) {
                    template(text, body.span, captured, notes);
                }
                Some(ProbeBody::Json(json))
            }
        },
    };
    let beyond = probe.beyond.read().map(|beyond| {
        let fits = matches!(&body, Some(ProbeBody::Json(json)) if beyond.value.fits(json));
        if !fits {
            let help = "write a body with a list of `Operations`, of which the last is repeated";
            let mistake = Mistake::wrong("there is nothing to make larger", help);
            notes.add(mistake, beyond.span);
        }
        beyond.value
    });
    let judges = probe.judges.read().unwrap_or_default().0;
    for id in &judges {
        check_requirement(id, notes);
    }
    let only_with = probe.only_with.read();
    if let Some(name) = only_with
        .as_ref()
        .filter(|name| !captured.contains(&name.text))
    {
        unknown(&name.text, name.span, captured, notes);
    }
    let mut capture = Vec::new();
    for (name, pointer) in probe.capture.read().unwrap_or_default().0 {
        check_capture(&name, pointer.as_ref(), notes);
        captured.push(name.text.clone());
        capture.extend(pointer.map(|pointer| (name.text, pointer.text)));
    }
    let demand = probe
        .answer
        .read()
        .map(|answer| demand(answer, captured, notes));
    if let (Some(demand), false) = (
        &demand,
        judges.iter().any(|id| id.text.starts_with("listing/")),
    ) {
        let message = "an answer is demanded, but no requirement judges it";
        let help = "name the vendor's test, as in `judges: listing/entra-validator`";
        notes.add(Mistake::wrong(message, help), demand.1);
    }
    let (method, target) = sent?;
    Some(ProbeSpec {
        method,
        target,
        headers,
        body,
        beyond,
        credentials: probe.credentials.read().unwrap_or_default(),
        judges: judges.into_iter().map(|id| id.text).collect(),
        only_with: only_with.map(|name| name.text),
        capture,
        demand: demand.map(|(demand, _)| demand),
    })
}

/// Whether that can be a requirement's id; which there are is not known here.
pub(super) fn check_requirement(id: &Text, notes: &mut Notes) {
    if !id.text.contains('/') || !is_slug(&id.text) {
        let message = format!(
            "`{}` is not the id of a requirement",
            syntax::shorten(&id.text)
        );
        let help = "write its area and its name, such as `filter/user-name-ignores-case`";
        notes.add(Mistake::wrong(message, help), id.span);
    }
}

/// Reads what a vendor's test demands, and where it is written.
fn demand(answer: syntax::Answer, captured: &[String], notes: &mut Notes) -> (Demand, Span) {
    let mut status = Vec::new();
    for wanted in answer.status.read().unwrap_or_default().0 {
        if !(100..600).contains(&wanted.value) {
            let message = format!("{} is no HTTP status", wanted.value);
            notes.add(
                Mistake::wrong(message, "write one of 100 to 599"),
                wanted.span,
            );
        }
        status.push(wanted.value);
    }
    let mut has = Vec::new();
    for (name, value) in answer.has.read().unwrap_or_default().0 {
        let place = place(&name, notes);
        let Some(value) = value else { continue };
        for text in texts(&value.value.0) {
            template(text, value.span, captured, notes);
        }
        has.extend(place.map(|place| (place, value.value.0)));
    }
    let lacks = answer.lacks.read().unwrap_or_default().0;
    let demand = Demand {
        test: answer.test.text,
        status,
        results: answer
            .results
            .read()
            .map(|results| i64::from(results.value)),
        has,
        lacks: lacks.iter().filter_map(|text| place(text, notes)).collect(),
    };
    (demand, answer.test.span)
}

fn place(written: &Text, notes: &mut Notes) -> Option<Place> {
    match written.text.parse::<Place>() {
        Ok(place) => Some(place),
        Err(wrong) => {
            let message = format!(
                "`{}` is not a place for a value",
                syntax::shorten(&written.text)
            );
            let help = wrong.to_string();
            let help = help
                .split_once(": ")
                .map_or(help.as_str(), |(_, forms)| forms)
                .to_owned();
            notes.add(Mistake::wrong(message, help), written.span);
            None
        }
    }
}

fn send(
    written: &Text,
    captured: &[String],
    notes: &mut Notes,
) -> Option<(crate::wire::Method, Template)> {
    let text = &written.text;
    let parts = text.split_once(' ').and_then(|(word, target)| {
        let method = method(word)?;
        target.starts_with('/').then_some((method, target))
    });
    let Some((method, target)) = parts else {
        let message = format!("`{}` is not a method and a path", syntax::shorten(text));
        let help = "write the method in capitals and a path below the base URL, as in `GET /Users?count=2`";
        notes.add(Mistake::wrong(message, help), written.span);
        return None;
    };
    let template = template(target, written.span, captured, notes)?;
    if let Some(c) = target
        .chars()
        .find(|c| !c.is_ascii_graphic() || "\"<>\\^`#".contains(*c))
    {
        let message = format!(
            "`{}` cannot stand in a request's path or query",
            c.escape_debug()
        );
        let escaped: String = c
            .encode_utf8(&mut [0; 4])
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        notes.add(
            Mistake::wrong(message, format!("write `{escaped}`")),
            written.span,
        );
    }
    Some((method, template))
}

/// Reads a text whose values exist.
fn template(text: &str, span: Span, captured: &[String], notes: &mut Notes) -> Option<Template> {
    match Template::parse(text) {
        Ok(template) => {
            for name in template.names() {
                let exists = GIVEN.contains(&name) || captured.iter().any(|known| known == name);
                if !exists {
                    unknown(name, span, captured, notes);
                }
            }
            Some(template)
        }
        Err(TemplateError::Open) => {
            notes.add(
                Mistake::wrong("a `${` has no `}`", "close it: `${name}`"),
                span,
            );
            None
        }
        Err(TemplateError::Form(form)) => {
            let what = "a form in which a value is written".to_owned();
            let unknown = Unknown::new(&form, FORMS);
            notes.add(Mistake::UnknownWord { what, unknown }, span);
            None
        }
    }
}

/// Says that no earlier probe captured a value of that name.
fn unknown(name: &str, span: Span, captured: &[String], notes: &mut Notes) {
    let known = captured.iter().map(String::as_str).chain(GIVEN);
    let unknown = Unknown::new(name, known);
    let what = "a value that an earlier probe captured".to_owned();
    notes.add(Mistake::UnknownWord { what, unknown }, span);
}

fn check_capture(name: &Text, pointer: Option<&Text>, notes: &mut Notes) {
    if GIVEN.contains(&name.text.as_str()) || !is_slug(&name.text) {
        let message = format!(
            "nothing can be captured as `{}`",
            syntax::shorten(&name.text)
        );
        let help = "use lower-case letters, digits and `-`; `instance`, `mail-domain`, `password` and `administrator` are the run's own";
        notes.add(Mistake::wrong(message, help), name.span);
    }
    if let Some(pointer) = pointer.filter(|pointer| !pointer.text.starts_with('/')) {
        let message = format!("`{}` is not a JSON pointer", syntax::shorten(&pointer.text));
        let help = "write where the value lies, such as `/id` or `/Resources/0/id`";
        notes.add(Mistake::wrong(message, help), pointer.span);
    }
}
