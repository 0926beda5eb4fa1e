//! Lines of at most a hundred columns.

/// The widest line.
const COLUMNS: usize = 100;

/// Breaks a text into lines that fit behind an indent. Words wider than a line are broken where the line ends.
pub(super) fn wrap(text: &str, indent: usize) -> Vec<String> {
    let width = COLUMNS.saturating_sub(indent).max(20);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let length = word.chars().count();
        if used > 0 && used + 1 + length <= width {
            push(&mut lines, " ");
            used += 1;
        } else if used > 0 {
            lines.push(String::new());
            used = 0;
        }
        for c in word.chars() {
            if used == width {
                lines.push(String::new());
                used = 0;
            }
            push(&mut lines, c.encode_utf8(&mut [0; 4]));
            used += 1;
        }
    }
    lines
}

fn push(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

/// A label and a text that is wrapped beside it, as one block of lines.
pub(crate) fn beside(indent: usize, label: &str, width: usize, text: &str) -> String {
    let margin = indent + width;
    let mut block = String::new();
    for (n, line) in wrap(text, margin).iter().enumerate() {
        let head = if n == 0 { label } else { "" };
        let gap = width.saturating_sub(head.chars().count());
        block.push_str(&" ".repeat(indent));
        block.push_str(head);
        block.push_str(&" ".repeat(gap));
        block.push_str(line);
        // A text that is empty leaves no blanks behind.
        block.truncate(block.trim_end_matches(' ').len());
        block.push('\n');
    }
    block
}

/// A number and a noun in its right form.
pub(crate) fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix('y')) {
        (1, _) => format!("1 {noun}"),
        (_, Some(stem)) => format!("{number} {stem}ies"),
        (_, None) => format!("{number} {noun}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_line_is_wider_than_a_hundred_columns() {
        let long = format!("{} {}", "word ".repeat(60), "x".repeat(250));
        let block = beside(4, "label", 10, &long);
        assert!(block.lines().all(|line| line.chars().count() <= COLUMNS));
        assert_eq!(block.matches('x').count(), 250);
        assert_eq!(block.matches("word").count(), 60);
    }

    #[test]
    fn a_noun_follows_its_number() {
        assert_eq!(count(1, "story"), "1 story");
        assert_eq!(count(2, "story"), "2 stories");
        assert_eq!(count(0, "finding"), "0 findings");
    }
}
