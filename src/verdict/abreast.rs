//! Jobs that ran at the same time. Where requests overlapped, no look follows one write alone, so what fails one by one
//! explains what fails abreast.

use std::collections::BTreeMap;

use super::evidence::{Evidence, Failure, How};
use super::finding;
use super::localise::Spectrum;
use super::play::Play;
use super::shape::{About, Membering, Part};
use crate::wire::Method;

/// Settles what befell members while jobs ran abreast by what befalls them one by one with the same IdP, and gives the
/// spectrum that explains the rest.
pub(super) fn settle(plays: &[Play<'_>], gathered: &mut [Evidence]) -> Spectrum {
    let pairs = plays.iter().zip(gathered.iter());
    let alone: Vec<_> = pairs.filter(|(play, _)| !play.abreast).collect();
    let fails_alone = alone
        .iter()
        .any(|(_, evidence)| evidence.failures.iter().any(Failure::is_of_members));
    let spectrum = match fails_alone {
        true => Spectrum::of(alone.iter().map(|(_, evidence)| *evidence)),
        false => Spectrum::of(gathered.iter()),
    };
    let mut known: BTreeMap<&str, (&'static str, &'static str)> = BTreeMap::new();
    for (play, evidence) in alone {
        for failure in evidence.failures.iter().filter(|f| f.is_of_members()) {
            let (requirement, outcome) = finding::explain(failure, &spectrum);
            known
                .entry(play.idp)
                .or_insert((requirement.id, outcome.name));
        }
    }
    for (play, evidence) in plays.iter().zip(gathered).filter(|(play, _)| play.abreast) {
        let some_worked = evidence.worked.iter().any(changes_members);
        for failure in evidence.failures.iter_mut().filter(|f| f.is_of_members()) {
            let known = known.get(play.idp).copied();
            let lost = || (some_worked && was_lost(play, failure)).then_some(LOST);
            failure.settled = known.or_else(lost).or(failure.settled);
        }
    }
    spectrum
}

/// What a target breaks that keeps some of the changes which come at once, and loses others.
const LOST: (&str, &str) = ("group/overlapping-changes-are-kept", "lost");

/// Whether it adds or removes single members.
pub(super) fn changes_members(part: &Part) -> bool {
    matches!(
        part.about,
        About::Members(Membering::Add | Membering::Remove, _)
    )
}

/// Whether it is a change of members that was answered with success and is not there. Who writes a whole list over another
/// has overwritten it himself.
fn was_lost(play: &Play<'_>, failure: &Failure) -> bool {
    let write = failure.exchange.and_then(|n| play.exchange(n));
    let accepted = !matches!(failure.how, How::Refused(_) | How::Unreadable);
    accepted && write.is_some_and(|write| write.sent.method == Method::Patch)
}
