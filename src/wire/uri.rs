//! How a text from elsewhere is written into a path or a query.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::ResourceKind;

/// What RFC 3986 §2.3 calls unreserved needs no escape.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// The text with everything escaped that is reserved in a path or a query.
pub fn percent_encoded(text: &str) -> String {
    utf8_percent_encode(text, UNRESERVED).to_string()
}

impl ResourceKind {
    /// The path of one resource. Its id is a text from the target: whatever is reserved in it is escaped.
    pub fn path_of(self, id: &str) -> String {
        // `.` and `..` stay as they are: the guard knows them by sight and holds them back.
        format!("{}/{}", self.path(), percent_encoded(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_stays_one_segment_of_the_path() {
        assert_eq!(
            ResourceKind::User.path_of("a/b?c#d e%"),
            "/Users/a%2Fb%3Fc%23d%20e%25"
        );
        assert_eq!(ResourceKind::Group.path_of("cn%3D1"), "/Groups/cn%253D1");
    }
}
