//! Where what is observed differs from what was promised, by SCIM's equality.

use serde::{Deserialize, Serialize};

use super::{Aspect, Datum, Observation, Presence, Promise, Seen, Want};

/// One promised value that is not as promised.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Divergence {
    /// The promise.
    pub promise: Promise,
    /// What is there instead.
    pub seen: Seen,
    /// In which way it differs.
    pub difference: Difference,
    /// The exchanges that show it.
    pub exchanges: Vec<u64>,
}

/// The ways in which a value can differ from its promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Difference {
    /// Something that was promised is not there.
    Missing,
    /// Something is there that was promised not to be.
    Unwanted,
    /// Another value is there.
    Other,
    /// The value is there in a form that no IdP can read.
    WrongForm,
}

/// The outcome of comparing promises with observations.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// How many values were compared.
    pub compared: usize,
    /// Those that differ.
    pub divergences: Vec<Divergence>,
    /// The promises whose value cannot be seen, each with the reason.
    pub unseen: Vec<(Promise, String)>,
}

/// Compares every promise about a subject with what was observed of it. Promises about others are passed over.
pub fn compare(promises: &[Promise], observed: &Observation) -> Comparison {
    let mut comparison = Comparison::default();
    for promise in promises.iter().filter(|p| p.subject == observed.subject) {
        // Of a resource that is not there nothing but its presence can be right or wrong; the one finding
        // is that it is missing. A lookup may rightly fail to find it.
        let beside_the_point = observed.presence == Presence::Gone
            && promise.aspect != Aspect::Presence
            && promise.aspect != Aspect::Imported
            && !promise.aspect.is_at_the_door();
        if beside_the_point {
            if matches!(promise.want, Want::IsNot(_)) {
                comparison.compared += 1;
            }
            continue;
        }
        let seen = observed.of(&promise.aspect);
        if let Seen::NotObservable(why) = seen {
            comparison.unseen.push((promise.clone(), why));
            continue;
        }
        comparison.compared += 1;
        if let Some(difference) = differs(&promise.aspect, &promise.want, &seen) {
            comparison.divergences.push(Divergence {
                promise: promise.clone(),
                seen,
                difference,
                exchanges: observed.exchanges.clone(),
            });
        }
    }
    comparison
}

fn differs(aspect: &Aspect, want: &Want, seen: &Seen) -> Option<Difference> {
    match (want, seen) {
        (_, Seen::NotObservable(_)) => None,
        (_, Seen::WrongForm(_)) => Some(Difference::WrongForm),
        (Want::Is(Datum::Flag(true)), Seen::Value(Datum::Flag(true)))
        | (Want::Is(Datum::Flag(false)), Seen::Value(Datum::Flag(false)) | Seen::Missing)
        | (Want::IsNot(_), Seen::Missing) => None,
        (Want::Is(Datum::Flag(true)), _) | (Want::Is(_), Seen::Missing) => {
            Some(Difference::Missing)
        }
        (Want::Is(Datum::Flag(false)), _) => Some(Difference::Unwanted),
        (Want::Is(Datum::Count(want)), Seen::Value(Datum::Count(seen))) => match seen.cmp(want) {
            std::cmp::Ordering::Less => Some(Difference::Missing),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(Difference::Unwanted),
        },
        (Want::Is(want), Seen::Value(seen)) => {
            (!same(aspect, want, seen)).then_some(Difference::Other)
        }
        (Want::IsNot(unwanted), Seen::Value(seen)) => {
            same(aspect, unwanted, seen).then_some(Difference::Unwanted)
        }
    }
}

fn is_locale(aspect: &Aspect) -> bool {
    matches!(aspect, Aspect::Value(place) if *place == crate::directory::Place::core("locale"))
}

/// Whether SCIM takes two values for the same. Of what the IdPs write only `externalId` is case-exact (RFC 7643 §3.1);
/// for all else a server may change the case (RFC 7643 §7).
fn same(aspect: &Aspect, one: &Datum, other: &Datum) -> bool {
    match (one, other) {
        (Datum::Text(one), Datum::Text(other)) if is_locale(aspect) => {
            // Okta's references write both `en-US` and `en_US` (okta/16/3).
            one.replace('_', "-")
                .eq_ignore_ascii_case(&other.replace('_', "-"))
        }
        (Datum::Text(one), Datum::Text(other)) => {
            let exact = match aspect {
                Aspect::Value(place) => place.attribute.eq_ignore_ascii_case("externalId"),
                _ => false,
            };
            one == other || (!exact && one.to_lowercase() == other.to_lowercase())
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::directory::{PersonKey, Subject};

    fn ada() -> Subject {
        Subject::Person(PersonKey::new("ada"))
    }

    fn promise(aspect: Aspect, want: Want) -> Promise {
        Promise {
            subject: ada(),
            aspect,
            want,
            line: "test".into(),
        }
    }

    fn observed(presence: Presence, values: &[(Aspect, Seen)]) -> Observation {
        Observation {
            subject: ada(),
            exchanges: vec![1],
            presence,
            values: values.iter().cloned().collect::<BTreeMap<_, _>>(),
        }
    }

    #[test]
    fn a_leaver_may_be_inactive_or_gone_but_not_active() {
        let promises = [promise(Aspect::Active, Want::IsNot(Datum::Flag(true)))];
        let here = |active| {
            let seen = Seen::Value(Datum::Flag(active));
            observed(Presence::Here("1".to_owned()), &[(Aspect::Active, seen)])
        };
        assert!(compare(&promises, &here(false)).divergences.is_empty());
        assert!(
            compare(&promises, &observed(Presence::Gone, &[]))
                .divergences
                .is_empty()
        );
        let still = compare(&promises, &here(true));
        assert_eq!(still.divergences[0].difference, Difference::Unwanted);
        assert_eq!(still.compared, 1);
    }

    #[test]
    fn what_cannot_be_seen_is_not_judged() {
        let promises = [promise(Aspect::Active, Want::Is(Datum::Flag(true)))];
        let seen = Seen::NotObservable("hidden".to_owned());
        let outcome = compare(
            &promises,
            &observed(Presence::Here("1".to_owned()), &[(Aspect::Active, seen)]),
        );
        assert!(
            outcome.divergences.is_empty() && outcome.compared == 0 && outcome.unseen.len() == 1
        );
    }

    #[test]
    fn only_external_ids_are_case_exact() {
        let text = |t: &str| Datum::Text(t.to_owned());
        let place = |t: &str| Aspect::Value(t.parse().unwrap());
        assert!(same(&place("userName"), &text("Ada"), &text("ADA")));
        assert!(!same(&place("externalId"), &text("Ada"), &text("ADA")));
    }

    #[test]
    fn counts_say_whether_too_few_or_too_many() {
        let want = Want::Is(Datum::Count(1));
        let differs = |n| differs(&Aspect::Found, &want, &Seen::Value(Datum::Count(n)));
        assert_eq!(differs(0), Some(Difference::Missing));
        assert_eq!(differs(1), None);
        assert_eq!(differs(2), Some(Difference::Unwanted));
    }
}
