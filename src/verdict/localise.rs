//! Finds the property of the requests that a target stumbles over.
//!
//! Every failing part of a write carries several forms: it is a PATCH, it sets `active`, it has no path, its boolean is a
//! text. A form that some other write carried and that worked is cleared. Of those that remain, the one that explains
//! most failures is the cause; among equals what is said weighs before how it is said. Testers know this as
//! spectrum-based fault localisation; the whole run is the spectrum, so one defect has one cause in all IdPs.

use std::collections::BTreeMap;

use super::evidence::{Evidence, How};
use super::shape::Form;

/// What the run shows of every form.
#[derive(Debug, Default)]
pub(super) struct Spectrum {
    worked: BTreeMap<Form, usize>,
    failed: BTreeMap<Form, usize>,
}

impl Spectrum {
    /// Counts the evidence of all plays.
    pub(super) fn of<'a>(plays: impl IntoIterator<Item = &'a Evidence>) -> Self {
        let mut spectrum = Self::default();
        for evidence in plays {
            for form in evidence.worked.iter().flat_map(|part| &part.forms) {
                *spectrum.worked.entry(*form).or_default() += 1;
            }
            let open = evidence.failures.iter().filter(|f| f.settled.is_none());
            for form in open.flat_map(|f| &f.parts).flat_map(|part| &part.forms) {
                *spectrum.failed.entry(*form).or_default() += 1;
            }
        }
        spectrum
    }

    /// Whether a write of that form worked somewhere in the run.
    pub(super) fn worked(&self, form: Form) -> bool {
        self.worked.contains_key(&form)
    }

    /// The form that explains a failure whose parts have those forms.
    pub(super) fn culprit(&self, forms: impl IntoIterator<Item = Form>) -> Option<Form> {
        let count = |map: &BTreeMap<Form, usize>, form| map.get(&form).copied().unwrap_or(0);
        forms.into_iter().max_by(|a, b| {
            let rank = |form: Form| {
                let worked = count(&self.worked, form);
                let failed = count(&self.failed, form);
                let cleared = worked > 0;
                // A cleared form still has to serve where all are cleared: a rare combination. Then the form that
                // failed most often in proportion is named, and a notation before a meaning.
                let share = failed * 1000 / (failed + worked).max(1);
                (
                    !cleared,
                    share,
                    if cleared { 0 } else { failed },
                    form.is_notation() == cleared,
                )
            };
            rank(*a).cmp(&rank(*b)).then_with(|| b.cmp(a))
        })
    }
}

/// The outcome's names that fit a way of failing, best first.
pub(super) fn outcomes(how: How, form: Option<Form>, spectrum: &Spectrum) -> Vec<&'static str> {
    match how {
        How::Refused(_) => vec!["refused"],
        // `"True"` works and `"False"` does not: every text is taken for true.
        How::Ignored if form == Some(Form::TextFalse) && spectrum.worked(Form::TextTrue) => {
            vec!["read-as-true", "ignored"]
        }
        How::Ignored => vec!["ignored", "lost", "partly", "missing", "unwanted"],
        How::Changed => vec![
            "wrong-value",
            "wrong-form",
            "lost",
            "ignored",
            "partly",
            "missing",
        ],
        How::WrongForm => vec!["wrong-form", "wrong-value", "lost", "ignored", "missing"],
        How::TooMuch => vec![
            "too-much",
            "missing",
            "unwanted",
            "wrong-value",
            "lost",
            "ignored",
        ],
        How::Unreadable => vec!["unreadable", "wrong-form", "refused"],
        How::Unexplained => vec!["missing", "unwanted", "wrong-value"],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::evidence::Failure;
    use crate::verdict::shape::{About, Part};

    fn evidence(worked: &[&[Form]], failed: &[&[Form]]) -> Evidence {
        let part = |forms: &&[Form]| Part {
            about: About::Whole,
            forms: forms.iter().copied().collect(),
        };
        let failure = |forms: &&[Form]| Failure {
            act: 0,
            subject: None,
            exchange: None,
            parts: vec![part(forms)],
            how: How::Ignored,
            differences: Vec::new(),
            settled: None,
            admin_sees: None,
            note: None,
        };
        Evidence {
            worked: worked.iter().map(part).collect(),
            failures: failed.iter().map(failure).collect(),
            ..Evidence::default()
        }
    }

    use Form::*;
    const OKTA_OFF: &[Form] = &[Patch, PatchUser, OffByPatch, WithoutPath];
    const ENTRA_OFF: &[Form] = &[Patch, PatchUser, OffByPatch, CapitalReplace, TextFalse];
    const ENTRA_ON: &[Form] = &[Patch, PatchUser, OnByPatch, CapitalReplace, TextTrue];
    const FLAG_OFF: &[Form] = &[Patch, PatchUser, OffByPatch];
    const RENAME: &[Form] = &[Patch, PatchGroup, RenamedByPatch, WithoutPath];
    const TITLE: &[Form] = &[Patch, PatchUser, AttributeByPatch, CapitalReplace];

    fn culprit(worked: &[&[Form]], failed: &[&[Form]], of: &[Form]) -> Option<Form> {
        Spectrum::of([&evidence(worked, failed)]).culprit(of.iter().copied())
    }

    #[test]
    fn an_ignored_active_is_not_taken_for_a_missing_path_or_a_text() {
        let failed = [OKTA_OFF, ENTRA_OFF, FLAG_OFF];
        for of in failed {
            assert_eq!(culprit(&[RENAME, TITLE], &failed, of), Some(OffByPatch));
        }
    }

    #[test]
    fn a_text_read_as_true_is_found_when_other_booleans_work() {
        let worked = [OKTA_OFF, FLAG_OFF, ENTRA_ON, TITLE];
        assert_eq!(culprit(&worked, &[ENTRA_OFF], ENTRA_OFF), Some(TextFalse));
        let spectrum = Spectrum::of([&evidence(&worked, &[ENTRA_OFF])]);
        assert_eq!(
            outcomes(How::Ignored, Some(TextFalse), &spectrum)[0],
            "read-as-true"
        );
    }

    #[test]
    fn a_refused_path_less_form_is_found() {
        let worked = [FLAG_OFF, ENTRA_OFF, &[Patch, PatchGroup, RenamedByPatch]];
        assert_eq!(
            culprit(&worked, &[OKTA_OFF, RENAME], RENAME),
            Some(WithoutPath)
        );
    }

    #[test]
    fn a_refused_spelling_is_found_and_a_dead_patch_before_all() {
        let all = [OKTA_OFF, FLAG_OFF, ENTRA_OFF, TITLE];
        assert_eq!(
            culprit(&[OKTA_OFF, FLAG_OFF], &[ENTRA_OFF, TITLE], TITLE),
            Some(CapitalReplace)
        );
        assert_eq!(culprit(&[], &all, ENTRA_OFF), Some(Patch));
    }
}
