//! Finds the property of the requests that a target stumbles over.
//!
//! Every failing part of a write carries several forms: it is a PATCH, it sets `active`, it has no path, its boolean is a
//! text. A form that some other write carried and that worked is cleared. Of those that remain, the one that fits the
//! failures best is a cause: it was in many of those that look alike (refused with the same status, or done wrong), and not
//! in others (Ochiai's coefficient, squared). What it explains is set aside, and the rest is searched for the next cause.
//! Among equals what is said weighs before how it is said. Testers know this as spectrum-based fault localisation; the
//! whole run is the spectrum, so one defect has one cause in all IdPs.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Evidence, How};
use super::shape::Form;
use crate::requirement;

/// What the run shows of every form.
#[derive(Debug, Default)]
pub(super) struct Spectrum {
    worked: BTreeMap<Form, usize>,
    failed: BTreeMap<Form, usize>,
    /// The causes of failures that look alike, in the order in which they were found.
    causes: BTreeMap<Look, Vec<Form>>,
}

/// What failures that may have one cause have in common: the status of a refusal; nothing for what was done wrong.
type Look = Option<u16>;

fn look(how: How) -> Look {
    match how {
        How::Refused(status) => Some(status),
        _ => None,
    }
}

impl Spectrum {
    /// Counts the evidence of all plays.
    pub(super) fn of<'a>(plays: impl IntoIterator<Item = &'a Evidence>) -> Self {
        let mut spectrum = Self::default();
        let mut alike: BTreeMap<Look, Vec<BTreeSet<Form>>> = BTreeMap::new();
        for evidence in plays {
            for form in evidence.worked.iter().flat_map(|part| &part.forms) {
                *spectrum.worked.entry(*form).or_default() += 1;
            }
            for failure in evidence.failures.iter().filter(|f| f.settled.is_none()) {
                let forms: BTreeSet<Form> = failure
                    .parts
                    .iter()
                    .flat_map(|part| part.forms.iter().copied())
                    .collect();
                for form in &forms {
                    *spectrum.failed.entry(*form).or_default() += 1;
                }
                alike.entry(look(failure.how)).or_default().push(forms);
            }
        }
        for (look, failures) in alike {
            let causes = spectrum.search(failures);
            spectrum.causes.insert(look, causes);
        }
        spectrum
    }

    /// The causes of failures that look alike: the form that fits best, then the one that fits what is left, and so on.
    fn search(&self, mut failures: Vec<BTreeSet<Form>>) -> Vec<Form> {
        let mut causes = Vec::new();
        loop {
            let mut open: BTreeMap<Form, usize> = BTreeMap::new();
            for form in failures.iter().flatten().filter(|f| !self.worked(**f)) {
                *open.entry(*form).or_default() += 1;
            }
            let fits = |form: Form, here: usize| {
                let fit = here * here * 1000 / count(&self.failed, form).max(1);
                (fit, !form.is_notation())
            };
            let best = open
                .into_iter()
                .rev()
                .max_by_key(|(form, n)| fits(*form, *n));
            let Some((form, _)) = best else {
                return causes;
            };
            causes.push(form);
            failures.retain(|forms| !forms.contains(&form));
        }
    }

    /// Whether a write of that form worked somewhere in the run.
    pub(super) fn worked(&self, form: Form) -> bool {
        self.worked.contains_key(&form)
    }

    /// Whether writes of that form were tried in the run and none worked.
    pub(super) fn never_works(&self, form: Form) -> bool {
        self.failed.contains_key(&form) && !self.worked(form)
    }

    /// The form that explains a failure of that kind whose parts have those forms.
    pub(super) fn culprit(&self, how: How, forms: impl IntoIterator<Item = Form>) -> Option<Form> {
        let forms: BTreeSet<Form> = forms.into_iter().collect();
        let causes = self.causes.get(&look(how)).into_iter().flatten();
        let found = causes.copied().find(|form| forms.contains(form));
        // Where all are cleared it is a rare combination: the form that failed most often in proportion is named, and a
        // notation before a meaning.
        let share = |form: Form| {
            let failed = count(&self.failed, form);
            let share = failed * 1000 / (failed + count(&self.worked, form)).max(1);
            (share, form.is_notation())
        };
        found.or_else(|| match how {
            // A refusal that no single form explains is named by what is refused, not by how it is said.
            How::Refused(_) => forms
                .into_iter()
                .rev()
                .filter(|form| !form.is_notation() && may_be_refused(*form))
                .max_by_key(|form| share(*form)),
            _ => forms.into_iter().rev().max_by_key(|form| share(*form)),
        })
    }
}

fn may_be_refused(form: Form) -> bool {
    let requirement = requirement::find(form.requirement());
    requirement.is_some_and(|requirement| requirement.outcome("refused").is_some())
}

fn count(map: &BTreeMap<Form, usize>, form: Form) -> usize {
    map.get(&form).copied().unwrap_or(0)
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
        Spectrum::of([&evidence(worked, failed)]).culprit(How::Ignored, of.iter().copied())
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

    fn refused(status: u16, failed: &[&[Form]]) -> Evidence {
        let mut evidence = evidence(&[], failed);
        for failure in &mut evidence.failures {
            failure.how = How::Refused(status);
        }
        evidence
    }

    #[test]
    fn a_spelling_is_not_blamed_for_what_is_refused_in_every_spelling() {
        let capital: &[Form] = &[Patch, PatchGroup, RenamedByPatch, CapitalReplace];
        let lower: &[Form] = &[Patch, PatchGroup, RenamedByPatch];
        let group = evidence(&[&[Patch, PatchGroup, MemberAdded]], &[]);
        let title: &[Form] = &[Patch, PatchUser, AttributeByPatch];
        let failed = refused(501, &[lower, lower, capital, title, title, TITLE]);
        let spectrum = Spectrum::of([&group, &failed]);
        let culprit = |of: &[Form]| spectrum.culprit(How::Refused(501), of.iter().copied());
        assert_eq!(culprit(capital), Some(RenamedByPatch));
        assert_eq!(culprit(TITLE), Some(PatchUser));
    }

    #[test]
    fn refusals_with_different_statuses_have_different_causes() {
        let both: &[Form] = &[PatchUser, OffByPatch, TextFalse, AttributeByPatch];
        let one: &[Form] = &[PatchUser, AttributeByPatch];
        let worked = evidence(&[&[PatchUser, OffByPatch]], &[]);
        let early = refused(400, &[both, both]);
        let late = refused(501, &[one, one, one]);
        let spectrum = Spectrum::of([&worked, &early, &late]);
        let culprit =
            |status, of: &[Form]| spectrum.culprit(How::Refused(status), of.iter().copied());
        assert_eq!(culprit(400, both), Some(TextFalse));
        assert_eq!(culprit(501, one), Some(AttributeByPatch));
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
