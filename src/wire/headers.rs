//! The headers of an exchange, as the tape holds them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Headers in their order, in one piece: a tape holds a hundred thousand, and two allocations for each would take more room
/// than what they say.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Headers {
    /// Names and values, one behind the other.
    text: Box<str>,
    /// Where each of them ends in the text.
    ends: Box<[usize]>,
}

impl Headers {
    /// The headers, each as name and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let mut parts = starts
            .zip(&self.ends)
            .map(|(start, end)| self.text.get(start..*end).unwrap_or_default());
        std::iter::from_fn(move || parts.next().zip(parts.next()))
    }

    /// The value of the first header of that name, in any case.
    pub fn get(&self, name: &str) -> Option<&str> {
        let mut headers = self.iter();
        let found = headers.find(|(other, _)| other.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

impl<N: AsRef<str>, V: AsRef<str>> FromIterator<(N, V)> for Headers {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(headers: I) -> Self {
        let mut text = String::new();
        let mut ends = Vec::new();
        for (name, value) in headers {
            for part in [name.as_ref(), value.as_ref()] {
                text.push_str(part);
                ends.push(text.len());
            }
        }
        Self {
            text: text.into(),
            ends: ends.into(),
        }
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Serialize for Headers {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Vec::<(String, String)>::deserialize(deserializer)?
            .into_iter()
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_come_back_in_their_order_with_empty_values_and_repeated_names() {
        let pairs = [
            ("Host", "a:80"),
            ("Accept", ""),
            ("X-É", "ü\n"),
            ("accept", "b"),
        ];
        let headers: Headers = pairs.into_iter().collect();
        assert_eq!(headers.iter().collect::<Vec<_>>(), pairs);
        assert_eq!(headers.get("ACCEPT"), Some(""));
        assert_eq!(headers.get("Date"), None);
        let json = serde_json::to_string(&headers).unwrap();
        assert_eq!(json, serde_json::to_string(&pairs).unwrap());
        assert_eq!(serde_json::from_str::<Headers>(&json).unwrap(), headers);
    }

    #[test]
    fn no_headers_are_no_headers() {
        let none: Headers = std::iter::empty::<(&str, &str)>().collect();
        assert_eq!(none.iter().count(), 0);
        assert_eq!(serde_json::to_string(&none).unwrap(), "[]");
    }
}
