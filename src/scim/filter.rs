//! The filter language (RFC 7644 §3.4.2.2): syntax tree and parser.
//!
//! Comparisons bind tightest, then `not`, `and`, `or`, as erratum 4670 reads the section. Operators and attribute
//! names are matched without case. Size and depth are bounded, so that no text can exhaust the stack.

use std::fmt;
use std::str::FromStr;

use winnow::Parser;
use winnow::ascii::multispace0;
use winnow::combinator::{alt, opt};
use winnow::error::{ErrMode, ParserError};
use winnow::stream::Stream;
use winnow::token::{any, literal, one_of, take_while};

use super::{AttrPath, Value};

/// How many bytes a filter may have.
pub const MAX_LENGTH: usize = 32 * 1024;
/// How deep parentheses, `not` and value paths may nest.
pub const MAX_DEPTH: usize = 32;
/// How many comparisons a filter may hold.
pub const MAX_TERMS: usize = 512;

/// One filter expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Filter {
    /// Every one of them holds; at least two.
    And(Vec<Filter>),
    /// One of them holds; at least two.
    Or(Vec<Filter>),
    /// It does not hold.
    Not(Box<Filter>),
    /// An attribute compared with a value.
    Compare(AttrPath, Op, Value),
    /// The attribute has a value (`pr`).
    Present(AttrPath),
    /// One value of the multi-valued attribute fulfils the filter; names inside are its sub-attributes.
    ValuePath(AttrPath, Box<Filter>),
}

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Op {
    /// equal
    Eq,
    /// not equal
    Ne,
    /// contains
    Co,
    /// starts with
    Sw,
    /// ends with
    Ew,
    /// greater than
    Gt,
    /// greater than or equal
    Ge,
    /// less than
    Lt,
    /// less than or equal
    Le,
}

/// Why a text is no filter.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FilterError {
    /// The text is longer than [`MAX_LENGTH`].
    #[error("the filter is longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// It nests deeper than [`MAX_DEPTH`].
    #[error("the filter nests deeper than {MAX_DEPTH} levels")]
    TooDeep,
    /// It holds more than [`MAX_TERMS`] comparisons.
    #[error("the filter holds more than {MAX_TERMS} comparisons")]
    TooMany,
    /// There is no such operator.
    #[error("`{0}` is not a filter operator")]
    UnknownOperator(String),
    /// Something else was expected at that byte.
    #[error("expected {expected} at position {at} of the filter")]
    Expected {
        /// What was expected.
        expected: &'static str,
        /// The byte, counted from 0.
        at: usize,
    },
}

impl Op {
    const ALL: [(Op, &'static str); 9] = [
        (Op::Eq, "eq"),
        (Op::Ne, "ne"),
        (Op::Co, "co"),
        (Op::Sw, "sw"),
        (Op::Ew, "ew"),
        (Op::Gt, "gt"),
        (Op::Ge, "ge"),
        (Op::Lt, "lt"),
        (Op::Le, "le"),
    ];

    /// The operator's two letters.
    pub fn as_str(self) -> &'static str {
        Self::ALL
            .into_iter()
            .find(|(op, _)| *op == self)
            .map_or("", |(_, text)| text)
    }

    /// Whether it asks for an order rather than for equality or a part of a text.
    pub fn is_ordering(self) -> bool {
        matches!(self, Op::Gt | Op::Ge | Op::Lt | Op::Le)
    }
}

impl FromStr for Filter {
    type Err = FilterError;

    fn from_str(text: &str) -> Result<Self, FilterError> {
        let mut rest = text;
        let filter = Grammar::default().whole(&mut rest, text.len());
        filter.map_err(|fault| fault.into_error(text.len()))
    }
}

impl Filter {
    /// Every attribute that the filter names outside of value paths, and every value path's own.
    pub fn attributes(&self) -> Vec<&AttrPath> {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().flat_map(Self::attributes).collect(),
            Self::Not(inner) => inner.attributes(),
            Self::Compare(attr, ..) | Self::Present(attr) | Self::ValuePath(attr, _) => vec![attr],
        }
    }
}

/// A filter in canonical spelling: one blank between words, parentheses where they change the meaning.
impl fmt::Display for Filter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |f: &mut fmt::Formatter<'_>, parts: &[Filter], word: &str| {
            for (i, part) in parts.iter().enumerate() {
                if i > 0 {
                    write!(f, " {word} ")?;
                }
                match part {
                    Self::And(_) | Self::Or(_) => write!(f, "({part})")?,
                    _ => write!(f, "{part}")?,
                }
            }
            Ok(())
        };
        match self {
            Self::And(parts) => join(f, parts, "and"),
            Self::Or(parts) => join(f, parts, "or"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Compare(attr, op, value) => write!(f, "{attr} {} {value}", op.as_str()),
            Self::Present(attr) => write!(f, "{attr} pr"),
            Self::ValuePath(attr, inner) => write!(f, "{attr}[{inner}]"),
        }
    }
}

/// A mistake with the number of bytes that were left when it was met.
#[derive(Debug, Clone)]
pub(super) struct Fault {
    left: usize,
    what: What,
}

#[derive(Debug, Clone)]
enum What {
    Expected(&'static str),
    UnknownOperator(String),
    TooLong,
    TooDeep,
    TooMany,
}

impl ParserError<&str> for Fault {
    type Inner = Self;

    fn from_input(input: &&str) -> Self {
        Self {
            left: input.eof_offset(),
            what: What::Expected("an expression"),
        }
    }

    fn into_inner(self) -> Result<Self, Self> {
        Ok(self)
    }
}

impl Fault {
    pub(super) fn into_error(self, length: usize) -> FilterError {
        match self.what {
            What::Expected(expected) => FilterError::Expected {
                expected,
                at: length.saturating_sub(self.left),
            },
            What::UnknownOperator(text) => FilterError::UnknownOperator(text),
            What::TooLong => FilterError::TooLong,
            What::TooDeep => FilterError::TooDeep,
            What::TooMany => FilterError::TooMany,
        }
    }
}

type Parsed<T> = Result<T, Fault>;

fn expected<T>(input: &str, what: &'static str) -> Parsed<T> {
    Err(Fault {
        left: input.len(),
        what: What::Expected(what),
    })
}

fn spaces(input: &mut &str) {
    let parsed: Result<&str, ErrMode<Fault>> = multispace0.parse_next(input);
    debug_assert!(parsed.is_ok(), "zero blanks always parse");
}

fn symbol(input: &mut &str, symbol: char) -> bool {
    let parsed: Parsed<Option<char>> = opt(one_of(symbol)).parse_next(input);
    matches!(parsed, Ok(Some(_)))
}

fn word<'i>(input: &mut &'i str) -> &'i str {
    let parsed: Parsed<&'i str> = take_while(0.., AttrPath::allows).parse_next(input);
    parsed.unwrap_or_default()
}

/// Takes that word if it comes next and a blank, a parenthesis or nothing follows it.
fn keyword(input: &mut &str, keyword: &str) -> bool {
    let start = input.checkpoint();
    if word(input).eq_ignore_ascii_case(keyword) {
        return true;
    }
    input.reset(&start);
    false
}

/// The grammar with what bounds it.
#[derive(Default)]
pub(super) struct Grammar {
    terms: usize,
    depth: usize,
    in_value_path: bool,
}

impl Grammar {
    fn whole(&mut self, input: &mut &str, length: usize) -> Parsed<Filter> {
        if length > MAX_LENGTH {
            return Err(Fault {
                left: input.len(),
                what: What::TooLong,
            });
        }
        let filter = self.or(input)?;
        if input.is_empty() {
            return Ok(filter);
        }
        expected(input, "`and`, `or` or the end")
    }

    /// The filter between the brackets of a PATCH path.
    pub(super) fn bracketed(input: &mut &str) -> Parsed<Filter> {
        let mut grammar = Self {
            in_value_path: true,
            ..Self::default()
        };
        grammar.in_brackets(input)
    }

    fn deeper<T>(&mut self, input: &str, inner: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= MAX_DEPTH {
            return Err(Fault {
                left: input.len(),
                what: What::TooDeep,
            });
        }
        self.depth += 1;
        let result = inner(self);
        self.depth -= 1;
        result
    }

    fn or(&mut self, input: &mut &str) -> Parsed<Filter> {
        let mut parts = vec![self.and(input)?];
        while keyword(input, "or") {
            parts.push(self.and(input)?);
        }
        Ok(single_or(parts, Filter::Or))
    }

    fn and(&mut self, input: &mut &str) -> Parsed<Filter> {
        let mut parts = vec![self.term(input)?];
        while keyword(input, "and") {
            parts.push(self.term(input)?);
        }
        Ok(single_or(parts, Filter::And))
    }

    /// One operand, with the blanks on both sides.
    fn term(&mut self, input: &mut &str) -> Parsed<Filter> {
        spaces(input);
        let term = if input.starts_with('(') {
            self.in_parentheses(input)?
        } else {
            let start = input.checkpoint();
            if keyword(input, "not") {
                spaces(input);
                if input.starts_with('(') {
                    let inner = self.in_parentheses(input)?;
                    spaces(input);
                    return Ok(Filter::Not(Box::new(inner)));
                }
                input.reset(&start);
            }
            self.comparison(input)?
        };
        spaces(input);
        Ok(term)
    }

    fn in_parentheses(&mut self, input: &mut &str) -> Parsed<Filter> {
        symbol(input, '(');
        let inner = self.deeper(input, |grammar| grammar.or(input))?;
        if symbol(input, ')') {
            return Ok(inner);
        }
        expected(input, "`)`")
    }

    fn in_brackets(&mut self, input: &mut &str) -> Parsed<Filter> {
        symbol(input, '[');
        let inner = self.deeper(input, |grammar| grammar.or(input))?;
        if symbol(input, ']') {
            return Ok(inner);
        }
        expected(input, "`]`")
    }

    fn comparison(&mut self, input: &mut &str) -> Parsed<Filter> {
        self.terms += 1;
        if self.terms > MAX_TERMS {
            return Err(Fault {
                left: input.len(),
                what: What::TooMany,
            });
        }
        let start = *input;
        let Ok(attr) = word(input).parse::<AttrPath>() else {
            return expected(start, "an attribute name");
        };
        if input.starts_with('[') {
            return self.value_path(input, attr);
        }
        spaces(input);
        operator(input, attr)
    }

    /// `emails[type eq "work"]`, and `emails[…].value eq "x"`, which asks the same value for both.
    fn value_path(&mut self, input: &mut &str, attr: AttrPath) -> Parsed<Filter> {
        // Value paths do not nest (erratum 4690, held).
        if self.in_value_path || attr.sub.is_some() {
            return expected(input, "an operator");
        }
        self.in_value_path = true;
        let mut inner = self.in_brackets(input)?;
        self.in_value_path = false;
        if symbol(input, '.') {
            let start = *input;
            let Ok(sub) = word(input).parse::<AttrPath>() else {
                return expected(start, "a sub-attribute");
            };
            spaces(input);
            let compared = operator(input, sub)?;
            inner = match inner {
                Filter::And(mut parts) => {
                    parts.push(compared);
                    Filter::And(parts)
                }
                other => Filter::And(vec![other, compared]),
            };
        }
        Ok(Filter::ValuePath(attr, Box::new(inner)))
    }
}

fn single_or(mut parts: Vec<Filter>, many: fn(Vec<Filter>) -> Filter) -> Filter {
    match (parts.pop(), parts.is_empty()) {
        (Some(only), true) => only,
        (Some(last), false) => {
            parts.push(last);
            many(parts)
        }
        (None, _) => unreachable!("an operand was parsed before"),
    }
}

fn operator(input: &mut &str, attr: AttrPath) -> Parsed<Filter> {
    let start = *input;
    let name = word(input);
    if name.is_empty() {
        return expected(start, "an operator");
    }
    if name.eq_ignore_ascii_case("pr") {
        return Ok(Filter::Present(attr));
    }
    let known = Op::ALL
        .into_iter()
        .find(|(_, text)| text.eq_ignore_ascii_case(name));
    let Some((op, _)) = known else {
        return Err(Fault {
            left: start.len(),
            what: What::UnknownOperator(name.to_owned()),
        });
    };
    spaces(input);
    Ok(Filter::Compare(attr, op, compared_value(input)?))
}

/// A JSON string, number, `true`, `false` or `null`.
fn compared_value(input: &mut &str) -> Parsed<Value> {
    let start = *input;
    let text: Parsed<&str> = if start.starts_with('"') {
        quoted.take().parse_next(input)
    } else {
        take_while(1.., |c: char| {
            c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')
        })
        .parse_next(input)
    };
    let value = text.ok().and_then(|text| {
        ["true", "false", "null"]
            .into_iter()
            .find(|word| word.eq_ignore_ascii_case(text))
            .map_or_else(|| Value::parse(text), Value::parse)
            .ok()
    });
    match value {
        Some(value) => Ok(value),
        None => expected(
            start,
            "a value: a quoted text, a number, true, false or null",
        ),
    }
}

/// A quoted text; what its escapes mean is the JSON reader's matter.
fn quoted(input: &mut &str) -> Parsed<()> {
    one_of('"').void().parse_next(input)?;
    loop {
        let piece: Parsed<&str> = alt((
            ('\\', any).take(),
            literal("\""),
            take_while(1.., |c| c != '"' && c != '\\'),
        ))
        .parse_next(input);
        if piece? == "\"" {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        match text.parse::<Filter>() {
            Ok(filter) => filter.to_string(),
            Err(e) => format!("! {e}"),
        }
    }

    #[test]
    fn the_whole_grammar_is_read() {
        for (text, read) in [
            (r#"userName eq "ada""#, r#"userName eq "ada""#),
            (r#"  USERNAME  EQ  "Ada"  "#, r#"USERNAME eq "Ada""#),
            (r#"title pr"#, "title pr"),
            (r#"active eq True"#, "active eq true"),
            (r#"x eq null and y gt -1.5"#, "x eq null and y gt -1.5"),
            (
                r#"a pr or b pr and not (c pr)"#,
                "a pr or (b pr and not (c pr))",
            ),
            (r#"(a pr or b pr)and c pr"#, "(a pr or b pr) and c pr"),
            (r#"not(a eq "x")"#, r#"not (a eq "x")"#),
            (r#"not pr"#, "not pr"),
            (
                r#"emails[type eq "work" and value co "@example.com"]"#,
                r#"emails[type eq "work" and value co "@example.com"]"#,
            ),
            (
                r#"emails[type eq "work"].value eq "a""#,
                r#"emails[type eq "work" and value eq "a"]"#,
            ),
            (
                r#"urn:ietf:params:scim:schemas:core:2.0:User:name.familyName sw "L""#,
                r#"urn:ietf:params:scim:schemas:core:2.0:User:name.familyName sw "L""#,
            ),
            (
                r#"meta.lastModified ge "2026-01-01T00:00:00Z""#,
                r#"meta.lastModified ge "2026-01-01T00:00:00Z""#,
            ),
            (r#"a eq "q\"\\\u00e4]) and""#, r#"a eq "q\"\\ä]) and""#),
        ] {
            assert_eq!(canonical(text), read, "{text}");
        }
    }

    #[test]
    fn what_is_no_filter_is_refused_with_its_place() {
        for (text, message) in [
            (
                "",
                "! expected an attribute name at position 0 of the filter",
            ),
            (
                "userName",
                "! expected an operator at position 8 of the filter",
            ),
            ("userName xx \"a\"", "! `xx` is not a filter operator"),
            (
                "userName eq",
                "! expected a value: a quoted text, a number, true, false or null at position 11 of the filter",
            ),
            (
                "userName eq ada",
                "! expected a value: a quoted text, a number, true, false or null at position 12 of the filter",
            ),
            (
                "userName eq \"ada",
                "! expected a value: a quoted text, a number, true, false or null at position 12 of the filter",
            ),
            ("(a pr", "! expected `)` at position 5 of the filter"),
            (
                "a pr b pr",
                "! expected `and`, `or` or the end at position 5 of the filter",
            ),
            (
                "a pr and",
                "! expected an attribute name at position 8 of the filter",
            ),
            ("a[b pr", "! expected `]` at position 6 of the filter"),
            (
                "a[b[c pr]]",
                "! expected an operator at position 3 of the filter",
            ),
            (
                "a.b[c pr]",
                "! expected an operator at position 3 of the filter",
            ),
            (
                "ä eq 1",
                "! expected an attribute name at position 0 of the filter",
            ),
        ] {
            assert_eq!(canonical(text), message, "{text}");
        }
    }

    #[test]
    fn depth_length_and_number_of_comparisons_are_bounded() {
        let deep = "(".repeat(10_000) + "a pr" + &")".repeat(10_000);
        assert_eq!(deep.parse::<Filter>(), Err(FilterError::TooDeep));
        let nots = "not (".repeat(100) + "a pr" + &")".repeat(100);
        assert_eq!(nots.parse::<Filter>(), Err(FilterError::TooDeep));
        let many = vec!["a pr"; 600].join(" or ");
        assert_eq!(many.parse::<Filter>(), Err(FilterError::TooMany));
        let long = format!("a eq \"{}\"", "x".repeat(MAX_LENGTH));
        assert_eq!(long.parse::<Filter>(), Err(FilterError::TooLong));
    }
}
