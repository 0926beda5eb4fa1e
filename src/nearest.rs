//! The right name that a wrong one most likely meant.

/// The name that is nearest to a wrong one, if one is near enough to be meant.
///
/// ```
/// let names = ["okta", "entra", "jumpcloud"];
/// assert_eq!(scimulate::nearest::name("Otka", names), Some("okta"));
/// assert_eq!(scimulate::nearest::name("onelogin", names), None);
/// ```
pub fn name<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wrong = wrong.to_lowercase();
    right
        .into_iter()
        .map(|name| (distance(&wrong, &name.to_lowercase()), name))
        .min()
        .filter(|(distance, name)| *distance <= name.chars().count().div_ceil(3).min(6))
        .map(|(_, name)| name)
}

/// The number of slips between two names. A whole part between slashes that was left out counts as one slip.
fn distance(wrong: &str, right: &str) -> usize {
    let whole = strsim::damerau_levenshtein(wrong, right);
    let parts = right.split('/').filter(|part| *part != right);
    parts
        .map(|part| strsim::damerau_levenshtein(wrong, part) + 1)
        .chain([whole])
        .min()
        .unwrap_or(whole)
}

/// `; did you mean …?`, or nothing where no name is near.
pub fn hint<'a>(wrong: &str, right: impl IntoIterator<Item = &'a str>) -> String {
    name(wrong, right).map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_or_a_part_left_out_is_understood_and_nonsense_is_not() {
        let names = ["offboarding/leaver", "onboarding/joiner", "groups/renamed"];
        assert_eq!(name("offboarding/leavr", names), Some("offboarding/leaver"));
        assert_eq!(name("leaver", names), Some("offboarding/leaver"));
        assert_eq!(name("LEAVRE", names), Some("offboarding/leaver"));
        assert_eq!(name("zzzz", names), None);
        assert_eq!(hint("zzzz", names), "");
    }
}
