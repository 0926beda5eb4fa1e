//! What an administrator writes into the left column of the table of mappings, in each console's own language.
//!
//! Only the forms of the default tables are known: a plain attribute, a constant, and in Entra ID `Join`, the two ways to
//! write that somebody is gone, and the three expressions for app roles (entra/7.2, entra/8).

use std::fmt;

use super::{Attribute, Family, RoleExpression, Source};

/// What an expression means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expression {
    /// A text for each person.
    Value(Source),
    /// Whether the person is still there: what the default table maps onto `active`.
    NotSoftDeleted,
    /// The person's app roles.
    Roles(RoleExpression),
}

/// Why a text is no expression of an IdP.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ExpressionError {
    /// The console has no attribute of that name.
    #[error("{} has no attribute `{name}`", .family.label())]
    Attribute {
        /// Whose console.
        family: Family,
        /// What was written.
        name: String,
        /// The names that there are.
        known: Vec<String>,
    },
    /// The function is none of those that are known here.
    #[error("the function `{name}` is not simulated")]
    Function {
        /// What was written.
        name: String,
        /// The functions that are.
        known: Vec<String>,
    },
    /// The function is known, and not written so.
    #[error("`{function}` is not written so")]
    Form {
        /// Which function.
        function: &'static str,
        /// How it is written.
        example: &'static str,
    },
    /// The text is nothing of this.
    #[error("this is no expression")]
    Syntax,
}

/// An argument of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Argument {
    Text(String),
    Attribute(String),
    Nothing,
}

const JOIN: &str = r#"Join(" ", [givenName], [surname])"#;
const SWITCH: &str = r#"Switch([IsSoftDeleted], , "False", "True", "True", "False")"#;
const NOT: &str = "Not([IsSoftDeleted])";
const ROLES: [(&str, &str, RoleExpression); 3] = [
    (
        "SingleAppRoleAssignment",
        "SingleAppRoleAssignment([appRoleAssignments])",
        RoleExpression::SingleAppRoleAssignment,
    ),
    (
        "AppRoleAssignmentsComplex",
        "AppRoleAssignmentsComplex([appRoleAssignments])",
        RoleExpression::AppRoleAssignmentsComplex,
    ),
    (
        "AssertiveAppRoleAssignmentsComplex",
        "AssertiveAppRoleAssignmentsComplex([appRoleAssignments])",
        RoleExpression::AssertiveAppRoleAssignmentsComplex,
    ),
];

impl Expression {
    /// Reads what an administrator of that vendor's console writes. The names that stories use are understood, too.
    ///
    /// ```
    /// use scimulate::directory::{Attribute, Expression, Family, Source};
    ///
    /// let read = Expression::parse(Family::Entra, "[jobTitle]");
    /// assert_eq!(read, Ok(Expression::Value(Source::Attribute(Attribute::Title))));
    /// ```
    ///
    /// # Errors
    /// The text is no expression that is known here.
    pub fn parse(family: Family, text: &str) -> Result<Self, ExpressionError> {
        let text = text.trim();
        if let Some(constant) = quoted(text) {
            return Ok(Self::Value(Source::Constant(constant)));
        }
        let plain = match family {
            Family::Okta => text.strip_prefix("user."),
            Family::Entra => bracketed(text),
            Family::Jumpcloud => None,
        };
        let plain = plain.or_else(|| is_name(text).then_some(text));
        if let Some(name) = plain {
            return Source::named(family, name).map(Self::Value);
        }
        let call = text.split_once('(').and_then(|(function, rest)| {
            let function = function.trim();
            let named = is_name(&function.replace('.', ""));
            Some((function, rest.trim_end().strip_suffix(')')?)).filter(|_| named)
        });
        let Some((function, inner)) = call else {
            return Err(ExpressionError::Syntax);
        };
        if family != Family::Entra {
            return Err(unknown_function(function, &[]));
        }
        let arguments = arguments(inner).ok_or(ExpressionError::Syntax)?;
        entra(function, &arguments)
    }
}

fn entra(function: &str, arguments: &[Argument]) -> Result<Expression, ExpressionError> {
    use Argument::{Nothing, Text};
    let roles = ROLES.iter().find(|(name, _, _)| *name == function);
    match (function, arguments) {
        ("Join", [Text(separator), parts @ ..]) if !parts.is_empty() => {
            let part = |argument: &Argument| match argument {
                Argument::Attribute(name) => match Source::named(Family::Entra, name)? {
                    Source::Attribute(attribute) => Ok(attribute),
                    _ => Err(form("Join", JOIN)),
                },
                _ => Err(form("Join", JOIN)),
            };
            Ok(Expression::Value(Source::Join {
                separator: separator.clone(),
                parts: parts.iter().map(part).collect::<Result<_, _>>()?,
            }))
        }
        ("Join", _) => Err(form("Join", JOIN)),
        ("Switch", [gone, Nothing, rest @ ..]) if is(gone, "IsSoftDeleted") => {
            let words = ["False", "True", "True", "False"].map(|word| Text(word.to_owned()));
            if rest != words {
                return Err(form("Switch", SWITCH));
            }
            Ok(Expression::NotSoftDeleted)
        }
        ("Switch", _) => Err(form("Switch", SWITCH)),
        ("Not", [gone]) if is(gone, "IsSoftDeleted") => Ok(Expression::NotSoftDeleted),
        ("Not", _) => Err(form("Not", NOT)),
        (_, [all]) if roles.is_some() && is(all, "appRoleAssignments") => match roles {
            Some((_, _, roles)) => Ok(Expression::Roles(*roles)),
            None => Err(ExpressionError::Syntax),
        },
        _ => match roles {
            Some((name, example, _)) => Err(form(name, example)),
            None => {
                let known = ["Join", "Switch", "Not"].into_iter();
                let known: Vec<_> = known
                    .chain(ROLES.iter().map(|(name, _, _)| *name))
                    .collect();
                Err(unknown_function(function, &known))
            }
        },
    }
}

fn form(function: &'static str, example: &'static str) -> ExpressionError {
    ExpressionError::Form { function, example }
}

fn unknown_function(name: &str, known: &[&str]) -> ExpressionError {
    ExpressionError::Function {
        name: name.to_owned(),
        known: known.iter().map(|&name| name.to_owned()).collect(),
    }
}

fn is(argument: &Argument, name: &str) -> bool {
    matches!(argument, Argument::Attribute(written) if written == name)
}

/// The text between two quotes, if nothing else is there. Entra's and Okta's languages escape a quote by a backslash.
fn quoted(text: &str) -> Option<String> {
    let mut inner = text.strip_prefix('"')?.strip_suffix('"')?.chars();
    let mut found = String::new();
    while let Some(c) = inner.next() {
        match c {
            '"' => return None,
            '\\' => found.push(inner.next()?),
            c => found.push(c),
        }
    }
    Some(found)
}

fn bracketed(text: &str) -> Option<&str> {
    let name = text.strip_prefix('[')?.strip_suffix(']')?.trim();
    is_name(name).then_some(name)
}

fn is_name(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.chars().all(legal)
}

/// The arguments between the parentheses of a function; a comma within quotes separates nothing.
fn arguments(text: &str) -> Option<Vec<Argument>> {
    let mut parts = vec![String::new()];
    let (mut within, mut escaped) = (false, false);
    for c in text.chars() {
        if c == ',' && !within {
            parts.push(String::new());
            continue;
        }
        if c == '"' && !escaped {
            within = !within;
        }
        escaped = c == '\\' && !escaped;
        parts.last_mut()?.push(c);
    }
    let argument = |part: &String| match part.trim() {
        "" => Some(Argument::Nothing),
        part => quoted(part).map(Argument::Text).or_else(|| {
            let name = bracketed(part)?;
            Some(Argument::Attribute(name.to_owned()))
        }),
    };
    parts.iter().map(argument).collect()
}

impl Source {
    /// The source of that name in the vendor's console, or in stories.
    fn named(family: Family, name: &str) -> Result<Self, ExpressionError> {
        // JumpCloud's table has no line for a manager.
        let has_manager = family != Family::Jumpcloud;
        if has_manager && name == "manager" {
            return Ok(Self::Manager);
        }
        let own = names(family).iter().find(|(own, _)| *own == name);
        let own = own.map(|(_, attribute)| *attribute);
        let neutral = || Attribute::ALL.into_iter().find(|a| a.name() == name);
        let found = own.or_else(neutral).map(Self::Attribute);
        found.ok_or_else(|| {
            let own = names(family).iter().map(|(name, _)| *name);
            let manager = has_manager.then_some("manager");
            let neutral = Attribute::ALL.into_iter().map(Attribute::name);
            ExpressionError::Attribute {
                family,
                name: name.to_owned(),
                known: own
                    .chain(manager)
                    .chain(neutral)
                    .map(str::to_owned)
                    .collect(),
            }
        })
    }
}

/// The names of the directory's attributes in the vendor's console, as far as the default tables have them.
fn names(family: Family) -> &'static [(&'static str, Attribute)] {
    use Attribute as A;
    match family {
        Family::Okta => &[
            ("login", A::UserName),
            ("firstName", A::Given),
            ("lastName", A::Family),
            ("displayName", A::DisplayName),
            ("email", A::Email),
            ("title", A::Title),
            ("department", A::Department),
            ("employeeNumber", A::EmployeeNumber),
            ("preferredLanguage", A::PreferredLanguage),
        ],
        Family::Entra => &[
            ("userPrincipalName", A::UserName),
            ("givenName", A::Given),
            ("surname", A::Family),
            ("displayName", A::DisplayName),
            ("mail", A::Email),
            ("jobTitle", A::Title),
            ("department", A::Department),
            ("employeeId", A::EmployeeNumber),
            ("preferredLanguage", A::PreferredLanguage),
            ("physicalDeliveryOfficeName", A::Office),
            ("streetAddress", A::Street),
            ("city", A::City),
            ("state", A::Region),
            ("postalCode", A::PostalCode),
            ("country", A::Country),
            ("telephoneNumber", A::WorkPhone),
            ("mobile", A::MobilePhone),
            ("facsimileTelephoneNumber", A::Fax),
            ("mailNickname", A::MailNickname),
            ("objectId", A::DirectoryId),
        ],
        Family::Jumpcloud => &[
            ("username", A::UserName),
            ("firstname", A::Given),
            ("lastname", A::Family),
            ("displayname", A::DisplayName),
            ("email", A::Email),
            ("jobTitle", A::Title),
            ("department", A::Department),
        ],
    }
}

impl ExpressionError {
    /// How to mend it, but for a name that is near.
    pub fn help(&self) -> String {
        let listed = |known: &[String]| known.join(", ");
        match self {
            Self::Attribute { known, .. } => format!("these exist: {}", listed(known)),
            Self::Function { known, .. } if known.is_empty() => {
                "write an attribute, or a constant as '\"text\"'".to_owned()
            }
            Self::Function { known, .. } => format!("these are: {}", listed(known)),
            Self::Form { example, .. } => format!("write `{example}`"),
            Self::Syntax => {
                "write an attribute such as \"[jobTitle]\" or \"user.title\", or a constant as '\"text\"'"
                    .to_owned()
            }
        }
    }

    /// What was written, and the names that exist, where it is a matter of names.
    pub fn names(&self) -> Option<(&str, &[String])> {
        match self {
            Self::Attribute { name, known, .. } | Self::Function { name, known } => {
                Some((name, known))
            }
            Self::Form { .. } | Self::Syntax => None,
        }
    }
}

impl fmt::Display for RoleExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut known = ROLES.iter();
        let written = known.find(|(_, _, roles)| roles == self);
        f.write_str(written.map_or("", |(_, text, _)| text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::directory::Mapping;

    fn value(family: Family, text: &str) -> Source {
        match Expression::parse(family, text) {
            Ok(Expression::Value(source)) => source,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn the_default_tables_can_be_written_down() {
        let written = [
            (Family::Entra, "[userPrincipalName]", "userName"),
            (Family::Entra, "mail", "emails[type eq \"work\"].value"),
            (Family::Entra, JOIN, "name.formatted"),
            (Family::Entra, "[objectId]", ""),
            (Family::Okta, "user.login", "userName"),
            (Family::Okta, "user.firstName", "name.givenName"),
            (Family::Jumpcloud, "firstname", "name.givenName"),
            (Family::Jumpcloud, "jobTitle", "title"),
            (Family::Okta, "manager", ""),
        ];
        for (family, text, place) in written {
            let source = value(family, text);
            let table = Mapping::defaults(family);
            let line = table.iter().find(|m| m.place.to_string() == place);
            if let Some(line) = line {
                assert_eq!(line.source, source, "{text}");
            } else {
                assert_eq!(place, "", "{text}");
            }
        }
    }

    #[test]
    fn constants_may_hold_commas_and_quotes() {
        let constant = Source::Constant(r#"a, "b""#.to_owned());
        assert_eq!(value(Family::Okta, r#""a, \"b\"""#), constant);
        let join = Source::Join {
            separator: ", ".to_owned(),
            parts: vec![Attribute::Family, Attribute::Given],
        };
        assert_eq!(
            value(Family::Entra, r#"Join(", ", [surname],[givenName])"#),
            join
        );
    }

    #[test]
    fn what_is_gone_and_roles_have_their_own_meaning() {
        let parse = |text| Expression::parse(Family::Entra, text).unwrap();
        assert_eq!(parse(SWITCH), Expression::NotSoftDeleted);
        assert_eq!(parse(NOT), Expression::NotSoftDeleted);
        for (_, text, roles) in ROLES {
            assert_eq!(parse(text), Expression::Roles(roles));
            assert_eq!(roles.to_string(), text);
        }
    }

    #[test]
    fn what_is_no_expression_is_refused_with_what_is_right() {
        for (family, text, said) in [
            (
                Family::Entra,
                "[jobTitel]",
                "Entra ID has no attribute `jobTitel`",
            ),
            (
                Family::Okta,
                "user.jobTitle",
                "Okta has no attribute `jobTitle`",
            ),
            (
                Family::Jumpcloud,
                "manager",
                "JumpCloud has no attribute `manager`",
            ),
            (
                Family::Entra,
                "Joined([surname])",
                "the function `Joined` is not simulated",
            ),
            (
                Family::Okta,
                "String.toUpperCase(user.login)",
                "the function `String.toUpperCase` is not simulated",
            ),
            (Family::Entra, "Join([surname])", "`Join` is not written so"),
            (
                Family::Entra,
                "Join(\" \", [manager])",
                "`Join` is not written so",
            ),
            (
                Family::Entra,
                "Not([accountEnabled])",
                "`Not` is not written so",
            ),
            (
                Family::Entra,
                "Switch([IsSoftDeleted], , \"True\")",
                "`Switch` is not written so",
            ),
            (
                Family::Entra,
                "AppRoleAssignmentsComplex()",
                "`AppRoleAssignmentsComplex` is not written so",
            ),
            (
                Family::Entra,
                "Join(\" \", [surname]",
                "this is no expression",
            ),
            (Family::Entra, "", "this is no expression"),
            (Family::Jumpcloud, "[email]", "this is no expression"),
        ] {
            let error = Expression::parse(family, text).unwrap_err();
            assert_eq!(error.to_string(), said, "{text}");
            assert!(!error.help().is_empty(), "{text}");
        }
    }
}
