//! Texts with values in them: `PUT /Users/{id}`.

use std::collections::BTreeMap;

/// The values that a flow can name, by their names.
pub(super) type Values = BTreeMap<String, String>;

/// A text with values in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Template(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Literal(String),
    Value(String),
}

impl Template {
    /// Reads a text; a brace that opens no name is a brace.
    pub(super) fn parse(text: &str) -> Self {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            literal.push_str(before);
            match after.split_once('}').filter(|(name, _)| is_name(name)) {
                Some((name, tail)) => {
                    if !literal.is_empty() {
                        parts.push(Part::Literal(std::mem::take(&mut literal)));
                    }
                    parts.push(Part::Value(name.to_owned()));
                    rest = tail;
                }
                None => {
                    literal.push('{');
                    rest = after;
                }
            }
        }
        literal.push_str(rest);
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Self(parts)
    }

    /// The names in it.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|part| match part {
            Part::Value(name) => Some(name.as_str()),
            Part::Literal(_) => None,
        })
    }

    /// The one value that the whole text is.
    pub(super) fn alone(&self) -> Option<&str> {
        match &self.0[..] {
            [Part::Value(name)] => Some(name),
            _ => None,
        }
    }

    /// The text with its values; nothing where one is missing.
    pub(super) fn fill(&self, values: &Values) -> Option<String> {
        self.fill_with(values, |text, value| text.push_str(value))
    }

    /// The text with its values, each written by that function, which also sees what stands before it.
    pub(super) fn fill_with(
        &self,
        values: &Values,
        mut write: impl FnMut(&mut String, &str),
    ) -> Option<String> {
        let mut text = String::new();
        for part in &self.0 {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Value(name) => {
                    let value = values.get(name).filter(|value| !value.is_empty())?;
                    write(&mut text, value);
                }
            }
        }
        Some(text)
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_filled_where_every_value_is_there() {
        let values = Values::from([("id".to_owned(), "7".to_owned())]);
        let fill = |text: &str| Template::parse(text).fill(&values);
        assert_eq!(fill("PUT /Users/{id}?").as_deref(), Some("PUT /Users/7?"));
        assert_eq!(fill("{id}{id}").as_deref(), Some("77"));
        assert_eq!(fill("{").as_deref(), Some("{"));
        assert_eq!(fill("{\"a\":{}} {Id").as_deref(), Some("{\"a\":{}} {Id"));
        assert_eq!(fill("{title}"), None);
        assert_eq!(Template::parse("{id}").alone(), Some("id"));
        assert_eq!(Template::parse(" {id}").alone(), None);
    }
}
