//! What a fact's entry may name as holding it.

/// One thing that holds a fact, as an entry of `fixtures/facts.toml` writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference<'a> {
    /// A file of `fixtures/idp`, and what of it holds the fact.
    Golden {
        /// The file below `fixtures/idp`.
        file: &'a str,
        /// What of it.
        holds: Holds<'a>,
    },
    /// A row of an IdP's answer table.
    Answer {
        /// Whose table.
        idp: &'a str,
        /// A part of the row.
        row: &'a str,
    },
    /// A switch of an IdP.
    Switch {
        /// Whose.
        idp: &'a str,
        /// Its name.
        name: &'a str,
    },
    /// A setting of the app.
    Setting(&'a str),
    /// A line of the policy.
    Policy(&'a str),
    /// A bundled story.
    Story(&'a str),
    /// A requirement on targets.
    Requirement(&'a str),
    /// A test function.
    Test(&'a str),
}

/// What of a golden file holds a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds<'a> {
    /// That the text stands in it.
    Shows(&'a str),
    /// That it does not.
    Lacks(&'a str),
    /// That requests which begin so follow each other, parted by `, `.
    Sends(&'a str),
}

/// A reference that is in none of the forms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no reference: the head of fixtures/facts.toml shows the forms")]
pub struct NoReference(String);

impl<'a> Reference<'a> {
    /// Reads one.
    ///
    /// # Errors
    /// It has none of the forms.
    ///
    /// ```
    /// use scimulate::fact::{Holds, Reference};
    /// let read = Reference::parse("golden:okta/custom-app/test.http lacks Content-Type").unwrap();
    /// let file = "okta/custom-app/test.http";
    /// assert_eq!(read, Reference::Golden { file, holds: Holds::Lacks("Content-Type") });
    /// assert!(Reference::parse("golden:okta/custom-app/test.http").is_err());
    /// ```
    pub fn parse(text: &'a str) -> Result<Self, NoReference> {
        let none = || NoReference(text.to_owned());
        let (kind, rest) = text.split_once(':').ok_or_else(none)?;
        if rest.trim() != rest || rest.is_empty() {
            return Err(none());
        }
        let read = match kind {
            "golden" => {
                let mut parts = rest.splitn(3, ' ');
                let file = parts.next().unwrap_or_default();
                let holds = match (parts.next(), parts.next()) {
                    (Some("shows"), Some(what)) => Holds::Shows(what),
                    (Some("lacks"), Some(what)) => Holds::Lacks(what),
                    (Some("sends"), Some(what)) => Holds::Sends(what),
                    _ => return Err(none()),
                };
                Self::Golden { file, holds }
            }
            "answer" => {
                let (idp, row) = rest.split_once(' ').ok_or_else(none)?;
                Self::Answer { idp, row }
            }
            "switch" => {
                let (idp, name) = rest.split_once('/').ok_or_else(none)?;
                Self::Switch { idp, name }
            }
            "setting" => Self::Setting(rest),
            "policy" => Self::Policy(rest),
            "story" => Self::Story(rest),
            "requirement" => Self::Requirement(rest),
            "test" => Self::Test(rest),
            _ => return Err(none()),
        };
        Ok(read)
    }
}
