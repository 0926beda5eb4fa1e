//! Texts of a run in which ids and secrets are variables of the script.

use std::collections::BTreeSet;

use crate::report::escape::shell;
use crate::wire::percent_encoded;

/// How a text is written where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In a path or a query.
    Url,
    /// In a JSON body.
    Json,
    /// In a header.
    Header,
}

/// The ids that the script learns from answers, and the secrets that it is given.
#[derive(Debug, Default)]
pub(super) struct Names {
    ids: Vec<String>,
    /// The secrets that stand in a header or a URL: nothing works without them.
    pub(super) credentials: BTreeSet<u32>,
    /// The secrets that stand in bodies alone: simulated passwords, of which any will do.
    pub(super) passwords: BTreeSet<u32>,
}

impl Names {
    /// Remembers an id, and says the number of its variable.
    pub(super) fn learn(&mut self, id: &str) -> usize {
        self.ids.push(id.to_owned());
        self.ids.len()
    }

    /// The text as one word of a shell, in which known ids and secrets are variables.
    pub(super) fn word(&mut self, text: &str, place: Place) -> String {
        let mut word = String::new();
        let mut plain = String::new();
        let mut rest = text;
        let mut before = "";
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            if let Some((variable, length)) = self.variable(rest, before, place) {
                flush(&mut word, &mut plain);
                word.push_str(&variable);
                rest = &rest[length..];
            } else if let Some(c) = rest.chars().next() {
                // A shell's word cannot hold this one.
                if c != '\0' {
                    plain.push(c);
                }
                rest = &rest[c.len_utf8()..];
            }
            before = &text[..at.max(text.len() - rest.len())];
        }
        flush(&mut word, &mut plain);
        if word.is_empty() { shell("") } else { word }
    }

    /// The variable for what the text begins with, and how much of the text it stands for.
    fn variable(&mut self, rest: &str, before: &str, place: Place) -> Option<(String, usize)> {
        if let Some((number, length)) = secret(rest) {
            match place {
                Place::Json => self.passwords.insert(number),
                Place::Url | Place::Header => self.credentials.insert(number),
            };
            return Some((format!("\"$SECRET_{number}\""), length));
        }
        if place == Place::Header {
            return None;
        }
        // The id that was learned last is the one that a text of this moment means.
        for (n, id) in self.ids.iter().enumerate().rev() {
            let forms = match place {
                Place::Url => vec![percent_encoded(id), id.clone()],
                Place::Json | Place::Header => {
                    let quoted = serde_json::Value::from(id.as_str()).to_string();
                    vec![quoted.trim_matches('"').to_owned(), id.clone()]
                }
            };
            for form in forms {
                let after = rest.strip_prefix(form.as_str());
                if let Some(after) = after
                    && !form.is_empty()
                    && begins_here(before)
                    && ends_here(after)
                {
                    let function = if place == Place::Url { "url" } else { "json" };
                    return Some((format!("\"$({function} \"$ID_{}\")\"", n + 1), form.len()));
                }
            }
        }
        None
    }
}

/// Whether an id can begin behind that text. An id such as `1` must not be found inside `2.0` or `startIndex=1`.
fn begins_here(before: &str) -> bool {
    before.ends_with(['/', '"', '\'']) || before.ends_with("%22")
}

/// Whether an id can end in front of that text.
fn ends_here(after: &str) -> bool {
    after.is_empty() || after.starts_with(['/', '?', '"', '\\', '\'']) || after.starts_with("%22")
}

/// The number of a secret's mark at the beginning of a text, and the mark's length.
fn secret(text: &str) -> Option<(u32, usize)> {
    let digits = text.strip_prefix("[secret:")?;
    let end = digits.find(']')?;
    let number = digits[..end].parse().ok()?;
    Some((number, "[secret:".len() + end + 1))
}

fn flush(word: &mut String, plain: &mut String) {
    if !plain.is_empty() {
        word.push_str(&shell(plain));
        plain.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_become_variables_only_where_an_id_can_stand() {
        let mut names = Names::default();
        names.learn("1");
        assert_eq!(
            names.word("/Users/1", Place::Url),
            r#"'/Users/'"$(url "$ID_1")""#
        );
        assert_eq!(
            names.word("/Users?startIndex=1&count=1", Place::Url),
            "'/Users?startIndex=1&count=1'"
        );
        assert_eq!(
            names.word(
                r#"{"schemas":["urn:1:2.1"],"path":"members[value eq \"1\"]"}"#,
                Place::Json
            ),
            r#"'{"schemas":["urn:1:2.1"],"path":"members[value eq \"'"$(json "$ID_1")"'\"]"}'"#
        );
    }

    #[test]
    fn an_id_is_known_in_the_form_in_which_it_is_written() {
        let mut names = Names::default();
        names.learn("a b\"c");
        assert_eq!(
            names.word("/Users/a%20b%22c?x", Place::Url),
            r#"'/Users/'"$(url "$ID_1")"'?x'"#
        );
        assert_eq!(
            names.word(r#"{"value":"a b\"c"}"#, Place::Json),
            r#"'{"value":"'"$(json "$ID_1")"'"}'"#
        );
    }

    #[test]
    fn secrets_become_variables_and_are_told_apart_by_where_they_stand() {
        let mut names = Names::default();
        assert_eq!(
            names.word("Bearer [secret:1]", Place::Header),
            r#"'Bearer '"$SECRET_1""#
        );
        assert_eq!(
            names.word(r#"{"password":"[secret:22]"}"#, Place::Json),
            r#"'{"password":"'"$SECRET_22"'"}'"#
        );
        assert_eq!(names.credentials, BTreeSet::from([1]));
        assert_eq!(names.passwords, BTreeSet::from([22]));
    }

    #[test]
    fn whatever_a_target_said_stays_a_word() {
        let mut names = Names::default();
        assert_eq!(
            names.word("'$(touch x)`id`\0\\\n", Place::Json),
            "''\\''$(touch x)`id`\\\n'"
        );
        assert_eq!(names.word("", Place::Json), "''");
    }
}
