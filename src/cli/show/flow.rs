//! What a variant sends at one event: a line for each request, the raw requests, or commands for a shell.

use std::fmt::Write as _;

use super::digest::{digest, named};
use crate::fact::Confidence;
use crate::idp::Outcome;
use crate::report::Palette;
use crate::report::escape::{shell, terminal as safe};
use crate::run::rehearsal::{Arrow, Flow};

/// The widest line.
const COLUMNS: usize = 100;

/// How sure a fact is, in a word.
pub(super) fn sure(confidence: Confidence) -> &'static str {
    match confidence {
        Confidence::Documented => "documented",
        Confidence::Captured => "captured",
        Confidence::Reported => "reported",
        Confidence::Inferred => "inferred",
    }
}

/// A numbered line for each request, with the fact it rests on at the right; then how jobs end that do not end well.
pub(super) fn text(flow: &Flow, palette: Palette) -> String {
    let mut lines: Vec<(String, String)> = Vec::new();
    for (n, arrow) in flow.arrows.iter().enumerate() {
        let left = format!("{:>2} → {}", n + 1, request_line(flow, arrow));
        let basis = &arrow.sent.basis;
        lines.push((left, format!("{}  {}", basis.fact, sure(basis.confidence))));
    }
    for report in &flow.reports {
        let (left, basis) = match &report.outcome {
            Outcome::SendsNothing { why, basis } => (format!("   · sends nothing: {why}"), basis),
            Outcome::Stopped { why, basis, .. } => (
                format!("   · {} stops: {}", report.job, named(why, &flow.ids)),
                basis,
            ),
            Outcome::Done | Outcome::Imported { .. } | Outcome::Inconclusive { .. } => continue,
        };
        lines.push((left, format!("{}  {}", basis.fact, sure(basis.confidence))));
    }
    if lines.is_empty() {
        lines.push(("   · sends nothing".to_owned(), String::new()));
    }
    let right = lines.iter().map(|(_, right)| right.chars().count()).max();
    let room = COLUMNS - right.unwrap_or(0) - 2;
    let mut text = String::new();
    for (left, right) in lines {
        let left = cut(&safe(&left), room);
        let gap = if right.is_empty() {
            0
        } else {
            room + 2 - left.chars().count()
        };
        let _ = writeln!(text, "{left}{:gap$}{}", "", palette.faint(&right));
    }
    text
}

/// Method, target as a person reads it, and what the body says; the status where it is no success.
fn request_line(flow: &Flow, arrow: &Arrow) -> String {
    let sent = &arrow.sent;
    let target = percent_encoding::percent_decode_str(&sent.target.replace('+', "%20"))
        .decode_utf8_lossy()
        .into_owned();
    let mut line = format!("{} {}", sent.method, named(&target, &flow.ids));
    if let Some(answered) = arrow.answered.as_ref().filter(|a| a.status >= 300) {
        let _ = write!(line, " ← {}", answered.status);
    }
    if let Some(body) = &sent.body {
        let _ = write!(line, " {}", digest(body, &flow.ids));
    }
    line
}

/// The text in that many columns, with a sign that something is missing.
fn cut(text: &str, columns: usize) -> String {
    if text.chars().count() <= columns {
        return text.to_owned();
    }
    let kept: String = text.chars().take(columns - 1).collect();
    format!("{kept}…")
}

/// The requests as they are sent, secrets marked; each under a line that says which fact it rests on.
pub(super) fn http(flow: &Flow) -> String {
    let mut text = String::new();
    for (n, arrow) in flow.arrows.iter().enumerate() {
        let sent = &arrow.sent;
        let base = flow.base_path;
        let _ = writeln!(text, "### {} {}", n + 1, headline(arrow));
        let _ = writeln!(text, "{} {base}{} HTTP/1.1", sent.method, sent.target);
        for (name, value) in sent.headers.iter() {
            let _ = writeln!(text, "{name}: {value}");
        }
        if let Some(body) = &sent.body {
            let _ = writeln!(text, "\n{body}");
        }
        text.push('\n');
    }
    text
}

fn headline(arrow: &Arrow) -> String {
    let basis = &arrow.sent.basis;
    let (job, fact) = (&arrow.sent.by.job, &basis.fact);
    format!("{job} ({fact}, {})", sure(basis.confidence))
}

/// Commands for a POSIX shell. What only the target knows is a variable: the token, and the ids that it gave.
pub(super) fn curl(flow: &Flow) -> String {
    let mut text =
        String::from("# SCIM_URL is the target's base URL, SCIM_TOKEN the token for it.\n");
    for (id, whose) in &flow.ids {
        let used = |arrow: &Arrow| {
            let body = arrow.sent.body.as_deref().unwrap_or_default();
            arrow.sent.target.contains(id.as_str()) || body.contains(id.as_str())
        };
        if flow.arrows.iter().any(used) {
            let _ = writeln!(
                text,
                "# {} is the id that the target gave `{whose}`.",
                variable(whose)
            );
        }
    }
    for (n, arrow) in flow.arrows.iter().enumerate() {
        let sent = &arrow.sent;
        let _ = writeln!(text, "\n# {} {}", n + 1, headline(arrow));
        let url = word(&sent.target, &flow.ids);
        let _ = write!(
            text,
            "curl --silent --show-error --include --path-as-is --globoff -X {} \"$SCIM_URL\"{url}",
            sent.method
        );
        let has = |name: &str| sent.headers.get(name).is_some();
        // What curl would add by itself is taken away where the IdP does not send it.
        for name in ["Accept", "User-Agent"] {
            if !has(name) {
                let _ = write!(text, " \\\n  -H '{name}:'");
            }
        }
        if has("Accept-Encoding") {
            text.push_str(" \\\n  --compressed");
        }
        for (name, value) in sent.headers.iter() {
            // These follow from the URL and the body.
            if ["host", "content-length"].contains(&name.to_ascii_lowercase().as_str()) {
                continue;
            }
            let header = shell(&format!("{name}: {value}"));
            let header = header.replace("[secret:1]", "'\"$SCIM_TOKEN\"'");
            let _ = write!(text, " \\\n  -H {}", tidy(&header));
        }
        if let Some(body) = &sent.body {
            if !has("Content-Type") {
                text.push_str(" \\\n  -H 'Content-Type:'");
            }
            let _ = write!(text, " \\\n  --data-raw {}", word(body, &flow.ids));
        }
        text.push('\n');
    }
    text
}

/// The text as one word of a shell, in which the target's ids are variables.
fn word(text: &str, ids: &[(String, String)]) -> String {
    let quoted = ids.iter().fold(shell(text), |text, (id, whose)| {
        text.replace(id.as_str(), &format!("'\"${}\"'", variable(whose)))
    });
    tidy(&quoted)
}

/// The quoted word without empty quotes at its ends.
fn tidy(quoted: &str) -> String {
    let word = quoted.strip_prefix("''").unwrap_or(quoted);
    let word = word.strip_suffix("''").unwrap_or(word);
    if word.is_empty() {
        "''".to_owned()
    } else {
        word.to_owned()
    }
}

fn variable(whose: &str) -> String {
    format!("{}_ID", whose.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::idp::VARIANTS;
    use crate::run::rehearsal::{OCCASIONS, find};

    fn flow(variant: &str, event: &str) -> Flow {
        let variant = crate::idp::select(variant).unwrap()[0];
        super::super::idp::play(variant, find(event).unwrap()).unwrap()
    }

    #[test]
    fn every_event_of_every_variant_fits_a_hundred_columns_with_its_source_at_the_right() {
        for variant in VARIANTS.iter() {
            for occasion in OCCASIONS {
                let flow = flow(&variant.id, occasion.id);
                let shown = text(&flow, Palette::Plain);
                assert!(shown.lines().count() >= flow.arrows.len().max(1));
                for (n, line) in shown.lines().enumerate() {
                    assert!(line.chars().count() <= COLUMNS, "{line}");
                    if let Some(arrow) = flow.arrows.get(n) {
                        let number = format!("{:>2} → {}", n + 1, arrow.sent.method);
                        assert!(line.starts_with(&number), "{line}");
                        assert!(line.ends_with(sure(arrow.sent.basis.confidence)), "{line}");
                        assert!(line.contains(arrow.sent.basis.fact.as_ref()), "{line}");
                    }
                }
            }
        }
    }

    #[test]
    fn raw_requests_have_their_secrets_marked() {
        insta::assert_snapshot!(http(&flow("okta/catalog-app", "deactivate")));
    }

    #[test]
    fn commands_take_ids_and_token_from_the_shell() {
        insta::assert_snapshot!(curl(&flow("entra/default", "leave")));
    }

    #[test]
    fn a_line_is_a_request() {
        let mut shown = String::new();
        for (variant, event) in [
            ("okta/custom-app", "push-group"),
            ("okta/custom-app", "suspend"),
            ("okta/catalog-app", "join"),
            ("entra/default", "update"),
            ("jumpcloud", "leave"),
        ] {
            let _ = writeln!(
                shown,
                "{variant} {event}\n{}",
                text(&flow(variant, event), Palette::Plain)
            );
        }
        insta::assert_snapshot!(shown);
    }

    #[test]
    fn nothing_of_a_text_is_left_to_the_shell() {
        let ids = [("7-b".to_owned(), "ada".to_owned())];
        assert_eq!(word("/Users/7-b", &ids), r#"'/Users/'"$ADA_ID""#);
        assert_eq!(word("it's $HOME", &ids), r"'it'\''s $HOME'");
        assert_eq!(word("7-b", &ids), r#""$ADA_ID""#);
    }
}
