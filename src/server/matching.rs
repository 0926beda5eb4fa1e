//! Filters at work (RFC 7644 §3.4.2.2): resolved against a schema once, then asked of each resource or list element.
//!
//! Texts compare by the attribute's `caseExact`, times chronologically, and a list matches if one of its values does.

use jiff::Timestamp;
use jiff::civil::DateTime;

use super::reply::Failure;
use super::store::fold;
use crate::scim::filter::{Filter, Op};
use crate::scim::schema::{Attribute, Mutability, Resolved, ResourceType, Schema, Type};
use crate::scim::{AttrPath, Number, Object, Value};

/// A filter with its names resolved and its values read by the types of the attributes.
#[derive(Debug, Clone)]
pub(super) enum Test {
    And(Vec<Test>),
    Or(Vec<Test>),
    Not(Box<Test>),
    Compare(Place, Op, Operand),
    Present(Place),
    /// One element of the list fulfils the test; places inside are sub-attributes of the element.
    Element(Place, Box<Test>),
}

/// Where a test finds its value.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    extension: Option<&'static Schema>,
    pub(super) attribute: &'static Attribute,
    pub(super) sub: Option<&'static Attribute>,
}

/// What a value is compared with.
#[derive(Debug, Clone)]
pub(super) enum Operand {
    /// A text, folded unless case counts.
    Text {
        text: String,
        exact: bool,
    },
    Flag(bool),
    Time(Timestamp),
    Number(Number),
    Null,
}

/// How filters are read.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Reading {
    /// Case counts for every text.
    pub(super) exact: bool,
    /// An attribute that the type does not have is one without a value: queries over several types
    /// (RFC 7644 §3.4.2.1).
    pub(super) unknown_is_absent: bool,
}

/// Where to look instead of everywhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Lookup {
    Id(String),
    Name(String),
    ExternalId(String),
    /// Groups with that member.
    Member(String),
    /// Members of that group.
    MemberOf(String),
}

impl Test {
    /// Reads a filter over resources of a type.
    pub(super) fn over_resources(
        filter: &Filter,
        kind: &ResourceType,
        reading: Reading,
    ) -> Result<Self, Failure> {
        let resolve = |path: &AttrPath| match kind.resolve(path) {
            Some(Resolved::Attribute(target)) => {
                check_seen(target.attribute, path)?;
                check_seen(target.last(), path)?;
                Ok(Some(Place {
                    extension: target.extension,
                    attribute: target.attribute,
                    sub: target.sub,
                }))
            }
            None if reading.unknown_is_absent => Ok(None),
            Some(Resolved::Extension(schema)) => Err(Failure::filter(format!(
                "`{}` is a schema; name one of its attributes",
                schema.id
            ))),
            None => Err(Failure::filter(format!(
                "{}s have no attribute `{path}`",
                kind.name
            ))),
        };
        compile(filter, &resolve, reading)
    }

    /// Reads a filter over the elements of a multi-valued attribute.
    pub(super) fn over_elements(
        filter: &Filter,
        list: &'static Attribute,
        reading: Reading,
    ) -> Result<Self, Failure> {
        let resolve = |path: &AttrPath| {
            let sub = match (&path.urn, &path.sub) {
                (None, None) => list.sub(&path.name),
                _ => None,
            };
            let attribute = sub.ok_or_else(|| {
                Failure::filter(format!("`{}` has no sub-attribute `{path}`", list.name))
            })?;
            check_seen(attribute, path)?;
            Ok(Some(Place {
                extension: None,
                attribute,
                sub: None,
            }))
        };
        compile(filter, &resolve, reading)
    }

    /// Whether a resource, or an element, fulfils the test.
    pub(super) fn holds(&self, object: &Object) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(object)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(object)),
            Self::Not(inner) => !inner.holds(object),
            Self::Present(place) => place.values(object).into_iter().any(is_present),
            Self::Element(place, inner) => place
                .values(object)
                .into_iter()
                .filter_map(Value::as_object)
                .any(|element| inner.holds(element)),
            Self::Compare(place, op, operand) => {
                let values = place.values(object);
                match (op, operand) {
                    (Op::Eq, Operand::Null) => !values.into_iter().any(is_present),
                    (Op::Ne, Operand::Null) => values.into_iter().any(is_present),
                    // Not equal means that no value is equal; what is absent differs from everything.
                    (Op::Ne, _) => !values.into_iter().any(|v| operand.compare(Op::Eq, v)),
                    _ => values.into_iter().any(|v| operand.compare(*op, v)),
                }
            }
        }
    }

    /// Whether an attribute takes part: costly ones need not be made where it does not.
    pub(super) fn uses(&self, name: &str) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.uses(name)),
            Self::Not(inner) => inner.uses(name),
            Self::Compare(place, ..) | Self::Present(place) | Self::Element(place, _) => {
                place.extension.is_none() && place.attribute.name == name
            }
        }
    }

    /// Lookups whose union holds every resource that fulfils the test; none if only a scan can tell.
    pub(super) fn lookups(&self, name_attribute: &str) -> Option<Vec<Lookup>> {
        match self {
            Self::And(parts) => parts.iter().find_map(|part| part.lookups(name_attribute)),
            Self::Or(parts) => {
                let each = parts.iter().map(|part| part.lookups(name_attribute));
                Some(each.collect::<Option<Vec<_>>>()?.concat())
            }
            Self::Compare(place, Op::Eq, Operand::Text { text, .. }) => {
                Some(vec![place.lookup(text.clone(), name_attribute)?])
            }
            Self::Element(place, inner) => match &**inner {
                Self::Compare(within, Op::Eq, Operand::Text { text, .. })
                    if within.attribute.name == "value" =>
                {
                    Some(vec![place.lookup(text.clone(), name_attribute)?])
                }
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the one lookup of [`Test::lookups`] finds nothing but what fulfils the test, so that no text need be read.
    pub(super) fn is_what_the_index_says(&self, name_attribute: &str) -> bool {
        let Self::Compare(place, Op::Eq, Operand::Text { exact, .. }) = self else {
            return false;
        };
        place.extension.is_none()
            && place.sub.is_none()
            && match place.attribute.name {
                "id" | "externalId" => *exact,
                name => name == name_attribute && !exact,
            }
    }
}

impl Place {
    /// The values at this place, those of lists one by one.
    fn values<'o>(&self, object: &'o Object) -> Vec<&'o Value> {
        let holder = match self.extension {
            Some(schema) => object.get(schema.id).and_then(Value::as_object),
            None => Some(object),
        };
        let Some(value) = holder.and_then(|o| o.get(self.attribute.name)) else {
            return Vec::new();
        };
        let elements = match value {
            Value::Array(items) => items.iter().collect(),
            single => vec![single],
        };
        match self.sub {
            Some(sub) => elements
                .into_iter()
                .filter_map(|v| v.get(sub.name))
                .collect(),
            None => elements,
        }
    }

    fn lookup(&self, text: String, name_attribute: &str) -> Option<Lookup> {
        let value_of_list = self.sub.is_none_or(|sub| sub.name == "value");
        match self.attribute.name {
            _ if self.extension.is_some() => None,
            "id" => Some(Lookup::Id(text)),
            "externalId" => Some(Lookup::ExternalId(text)),
            "members" if value_of_list => Some(Lookup::Member(text)),
            "groups" if value_of_list => Some(Lookup::MemberOf(text)),
            name if name == name_attribute => Some(Lookup::Name(text)),
            _ => None,
        }
    }
}

impl Operand {
    fn compare(&self, op: Op, value: &Value) -> bool {
        match (self, value) {
            (Self::Text { text, exact }, Value::String(found)) => {
                let folded;
                let found = if *exact {
                    found
                } else {
                    folded = fold(found);
                    &folded
                };
                match op {
                    Op::Co => found.contains(text.as_str()),
                    Op::Sw => found.starts_with(text.as_str()),
                    Op::Ew => found.ends_with(text.as_str()),
                    _ => ordered(op, found.as_str().cmp(text.as_str())),
                }
            }
            (Self::Flag(flag), Value::Bool(found)) => ordered(op, found.cmp(flag)),
            (Self::Time(time), Value::String(found)) => {
                read_time(found).is_some_and(|found| ordered(op, found.cmp(time)))
            }
            (Self::Number(number), Value::Number(found)) => {
                number_order(found, number).is_some_and(|order| ordered(op, order))
            }
            _ => false,
        }
    }
}

/// Whole numbers are compared as such, because not all of them are floats.
pub(super) fn number_order(a: &Number, b: &Number) -> Option<std::cmp::Ordering> {
    match (a.as_i64(), b.as_i64()) {
        (Some(a), Some(b)) => Some(a.cmp(&b)),
        _ => a.as_f64()?.partial_cmp(&b.as_f64()?),
    }
}

fn ordered(op: Op, order: std::cmp::Ordering) -> bool {
    match op {
        Op::Eq => order.is_eq(),
        Op::Ne => order.is_ne(),
        Op::Gt => order.is_gt(),
        Op::Ge => order.is_ge(),
        Op::Lt => order.is_lt(),
        Op::Le => order.is_le(),
        Op::Co | Op::Sw | Op::Ew => false,
    }
}

/// A value that is not null, not empty and not an object of nothing (RFC 7644 §3.4.2.2, `pr`).
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => items.iter().any(is_present),
        Value::Object(object) => object.iter().any(|(_, v)| is_present(v)),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// A point in time as XML Schema writes it, with date and time (RFC 7643 §2.3.5); without a zone it is UTC.
pub(super) fn read_time(text: &str) -> Option<Timestamp> {
    let (_, time) = text.split_once('T')?;
    if !time.contains(':') {
        return None;
    }
    text.parse().ok().or_else(|| {
        let civil: DateTime = text.parse().ok()?;
        let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).ok()?;
        Some(zoned.timestamp())
    })
}

/// What clients write and never see cannot be asked for either: answers would tell it piece by piece.
fn check_seen(attribute: &Attribute, path: &AttrPath) -> Result<(), Failure> {
    match attribute.mutability {
        Mutability::WriteOnly => Err(Failure::filter(format!("`{path}` is never shown"))),
        _ => Ok(()),
    }
}

fn compile(
    filter: &Filter,
    resolve: &dyn Fn(&AttrPath) -> Result<Option<Place>, Failure>,
    reading: Reading,
) -> Result<Test, Failure> {
    const ALWAYS: Test = Test::And(Vec::new());
    const NEVER: Test = Test::Or(Vec::new());
    let each = |parts: &[Filter]| -> Result<Vec<Test>, Failure> {
        let parts = parts.iter();
        parts.map(|part| compile(part, resolve, reading)).collect()
    };
    Ok(match filter {
        Filter::And(parts) => Test::And(each(parts)?),
        Filter::Or(parts) => Test::Or(each(parts)?),
        Filter::Not(inner) => Test::Not(Box::new(compile(inner, resolve, reading)?)),
        Filter::Present(path) => resolve(path)?.map_or(NEVER, Test::Present),
        Filter::ValuePath(path, inner) => {
            let Some(place) = resolve(path)? else {
                return Ok(NEVER);
            };
            if place.attribute.kind != Type::Complex {
                return Err(Failure::filter(format!("`{path}` has no sub-attributes")));
            }
            let inner = Test::over_elements(inner, place.attribute, reading)?;
            Test::Element(place, Box::new(inner))
        }
        Filter::Compare(path, op, value) => match resolve(path)? {
            Some(place) => comparison(place, path, *op, value, reading)?,
            None if *op == Op::Ne => ALWAYS,
            None => NEVER,
        },
    })
}

fn comparison(
    mut place: Place,
    path: &AttrPath,
    op: Op,
    value: &Value,
    reading: Reading,
) -> Result<Test, Failure> {
    if place.sub.is_none() && place.attribute.kind == Type::Complex && *value != Value::Null {
        let sub = place.attribute.default_sub();
        place.sub = Some(sub.ok_or_else(|| {
            Failure::filter(format!("name a sub-attribute of `{path}` to compare"))
        })?);
    }
    let attribute = place.sub.unwrap_or(place.attribute);
    let wrong = || {
        let kind = value.kind();
        Failure::filter(format!("`{path}` cannot be compared with a {kind}"))
    };
    let operand = match (attribute.kind, value) {
        (_, Value::Null) if matches!(op, Op::Eq | Op::Ne) => Operand::Null,
        (Type::Boolean, Value::Bool(flag)) => Operand::Flag(*flag),
        (Type::Boolean, Value::String(text)) => match fold(text).as_str() {
            "true" => Operand::Flag(true),
            "false" => Operand::Flag(false),
            _ => return Err(wrong()),
        },
        (Type::DateTime, Value::String(text)) if matches!(op, Op::Co | Op::Sw | Op::Ew) => {
            Operand::Text {
                text: text.clone(),
                exact: true,
            }
        }
        (Type::DateTime, Value::String(text)) => {
            Operand::Time(read_time(text).ok_or_else(|| {
                Failure::filter(format!(
                    "`{text}` is not a time such as 2026-01-31T12:00:00Z"
                ))
            })?)
        }
        (Type::Integer | Type::Decimal, Value::Number(number)) => Operand::Number(number.clone()),
        (Type::String | Type::Reference | Type::Binary, Value::String(text)) => {
            let exact = reading.exact || attribute.case_exact;
            Operand::Text {
                text: if exact { text.clone() } else { fold(text) },
                exact,
            }
        }
        _ => return Err(wrong()),
    };
    let unordered = matches!(attribute.kind, Type::Boolean | Type::Binary);
    let is_text = matches!(
        attribute.kind,
        Type::String | Type::Reference | Type::DateTime
    );
    if unordered && op.is_ordering() || !is_text && is_part(op) {
        return Err(Failure::filter(format!(
            "`{path}` does not allow `{}`",
            op.as_str()
        )));
    }
    Ok(Test::Compare(place, op, operand))
}

fn is_part(op: Op) -> bool {
    matches!(op, Op::Co | Op::Sw | Op::Ew)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::{GROUP_TYPE, USER_TYPE};

    fn user() -> Object {
        let text = r#"{"schemas":[],"id":"2819c223","externalId":"Ext-1","userName":"Ada@Example.com",
            "name":{"familyName":"Lovelace","givenName":""},"active":true,"title":"Countess",
            "emails":[{"value":"ada@example.com","type":"work","primary":true},{"value":"ada@home.example.com","type":"home"}],
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User":{"department":"Engines","manager":{"value":"M1"}},
            "meta":{"created":"2026-01-01T10:00:00Z","lastModified":"2026-01-01T12:00:00+02:00"}}"#;
        Value::parse(text).unwrap().as_object().unwrap().clone()
    }

    fn test(text: &str) -> Result<Test, Failure> {
        Test::over_resources(&text.parse().unwrap(), &USER_TYPE, Reading::default())
    }

    #[test]
    fn comparisons_follow_type_case_and_lists() {
        for (filter, holds) in [
            (r#"userName eq "ada@example.COM""#, true),
            (r#"userName ne "ada@example.COM""#, false),
            (r#"externalId eq "ext-1""#, false),
            (r#"externalId eq "Ext-1""#, true),
            (r#"id eq "2819C223""#, false),
            (r#"name.familyName co "LOVE""#, true),
            (r#"userName sw "ada" and userName ew ".com""#, true),
            (r#"active eq true"#, true),
            (r#"active eq "False""#, false),
            (r#"title pr"#, true),
            (r#"name.givenName pr"#, false),
            (r#"nickName pr"#, false),
            (r#"name pr"#, true),
            (r#"emails pr"#, true),
            (r#"emails.type eq "home""#, true),
            (r#"emails co "home.example""#, true),
            (r#"emails[type eq "work" and value co "home"]"#, false),
            (r#"emails[type eq "home" and value co "home"]"#, true),
            (r#"emails[type eq "work"].value eq "ADA@example.com""#, true),
            (r#"emails.type ne "home""#, false),
            (r#"nickName ne "x""#, true),
            (r#"not (title eq "x") and (title eq "y" or title pr)"#, true),
            (r#"title eq "y" or title pr and active eq false"#, false),
            (
                r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "engines""#,
                true,
            ),
            (
                r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "m1""#,
                false,
            ),
            (
                r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "ADA""#,
                true,
            ),
            (r#"meta.created lt "2026-01-01T11:30:00+01:00""#, true),
            (r#"meta.lastModified eq "2026-01-01T10:00:00.000Z""#, true),
            (r#"meta.created ge "2026-01-01T10:00:00""#, true),
            (r#"title gt "Count" and title lt "D""#, true),
        ] {
            assert_eq!(test(filter).unwrap().holds(&user()), holds, "{filter}");
        }
    }

    #[test]
    fn what_types_do_not_allow_is_refused() {
        for filter in [
            "active gt true",
            r#"active co "t""#,
            r#"active eq "yes""#,
            r#"x509Certificates.value gt "x""#,
            r#"meta.created gt "yesterday""#,
            "userName eq 1",
            "userName eq true",
            r#"name eq "x""#,
            r#"noSuch eq "x""#,
            r#"emails[noSuch eq "x"]"#,
            r#"title[x eq "y"]"#,
            "title gt null",
            "title co null",
            r#"x509Certificates.value co "a""#,
            r#"meta.created gt "2026-01-01""#,
            r#"password eq "x""#,
            "password pr",
        ] {
            assert!(test(filter).is_err(), "{filter}");
        }
    }

    #[test]
    fn indexes_answer_what_they_can() {
        let lookups = |text: &str| test(text).unwrap().lookups("userName");
        assert_eq!(
            lookups(r#"active eq true and userName eq "Ada""#),
            Some(vec![Lookup::Name("ada".into())])
        );
        assert_eq!(
            lookups(r#"id eq "A" or externalId eq "B""#),
            Some(vec![Lookup::Id("A".into()), Lookup::ExternalId("B".into())])
        );
        assert_eq!(lookups(r#"id eq "A" or title pr"#), None);
        assert_eq!(lookups(r#"not (id eq "A")"#), None);
        assert_eq!(
            lookups(r#"groups.value eq "g""#),
            Some(vec![Lookup::MemberOf("g".into())])
        );
        let filter = r#"members[value eq "u"]"#.parse().unwrap();
        let test = Test::over_resources(&filter, &GROUP_TYPE, Reading::default()).unwrap();
        assert_eq!(
            test.lookups("displayName"),
            Some(vec![Lookup::Member("u".into())])
        );
    }
}
