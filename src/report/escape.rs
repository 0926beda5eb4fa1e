//! What a target said is untrusted: it may not move the cursor, change colours, or turn text around.

use std::fmt::Write as _;

/// The text as it may stand on one line of a terminal: whatever controls the terminal is written out.
pub fn terminal(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' => safe.push_str("\\n"),
            '\r' => safe.push_str("\\r"),
            '\t' => safe.push_str("\\t"),
            c if c.is_control() || turns_text(c) => {
                // Writing to a String cannot fail.
                let _ = write!(safe, "\\u{{{:x}}}", u32::from(c));
            }
            c => safe.push(c),
        }
    }
    safe
}

/// The text as a comment or a quoted argument of a POSIX shell: nothing in it is expanded.
///
/// ```
/// assert_eq!(scimulate::report::escape::shell("it's $HOME"), r"'it'\''s $HOME'");
/// ```
pub fn shell(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// Whether a character changes the direction of what follows, or separates lines for some readers.
fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200e}' | '\u{200f}' | '\u{2028}' | '\u{2029}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_controls_a_terminal_is_left() {
        assert_eq!(
            terminal("a\u{1b}[2J\u{7}\u{9b}31m\r\nb\u{202e}c"),
            "a\\u{1b}[2J\\u{7}\\u{9b}31m\\r\\nb\\u{202e}c"
        );
        assert_eq!(terminal("Zoë 🦊 O'Neil"), "Zoë 🦊 O'Neil");
    }

    #[test]
    fn nothing_is_expanded_by_a_shell() {
        assert_eq!(shell("'; rm -rf ~ #"), r"''\''; rm -rf ~ #'");
        assert_eq!(shell(""), "''");
    }
}
