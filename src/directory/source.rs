//! Where a mapped value comes from: the left column of the table that an administrator sees.

use serde::{Deserialize, Serialize};

use super::{Attribute, Person};

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// An attribute of the directory.
    Attribute(Attribute),
    /// Several attributes of the directory, those that have a value, with a text between them.
    Join {
        /// What stands between two values.
        separator: String,
        /// The attributes in their order.
        parts: Vec<Attribute>,
    },
    /// The person's manager, as the app knows that person.
    Manager,
    /// The same text for everybody.
    Constant(String),
}

impl Source {
    /// The given and the family name, joined by a blank.
    pub fn full_name() -> Self {
        Self::Join {
            separator: " ".to_owned(),
            parts: vec![Attribute::Given, Attribute::Family],
        }
    }

    /// The attributes that it reads.
    pub fn attributes(&self) -> &[Attribute] {
        match self {
            Self::Attribute(attribute) => std::slice::from_ref(attribute),
            Self::Join { parts, .. } => parts,
            Self::Manager | Self::Constant(_) => &[],
        }
    }

    /// The person's value, where there is one that is not empty.
    ///
    /// A manager has none here: the app's name for somebody is known to whoever provisions them.
    pub fn text(&self, person: &Person) -> Option<String> {
        let text = match self {
            Self::Attribute(attribute) => person.get(*attribute)?.to_owned(),
            Self::Join { separator, parts } => {
                let values = parts.iter().filter_map(|part| person.get(*part));
                let values: Vec<&str> = values.filter(|value| !value.is_empty()).collect();
                values.join(separator)
            }
            Self::Manager => return None,
            Self::Constant(text) => text.clone(),
        };
        (!text.is_empty()).then_some(text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::directory::{Assignment, PersonKey, Status};

    #[test]
    fn a_join_joins_what_there_is() {
        let mut person = Person {
            key: PersonKey::new("ada"),
            profile: BTreeMap::from([(Attribute::Given, "Ada".to_owned())]),
            manager: None,
            status: Status::Active,
            assignment: Assignment::None,
            was_assigned: false,
        };
        let name = Source::full_name();
        assert_eq!(name.text(&person).as_deref(), Some("Ada"));
        let family = (Attribute::Family, "Lovelace".to_owned());
        person.profile.extend([family]);
        assert_eq!(name.text(&person).as_deref(), Some("Ada Lovelace"));
        person.profile.clear();
        assert_eq!(name.text(&person), None);
    }
}
