//! Jobs that ran at the same time. Where requests overlapped, no look follows one write alone, so what fails one by one
//! explains what fails abreast.

use std::collections::BTreeMap;

use super::evidence::{Evidence, Failure};
use super::finding;
use super::localise::Spectrum;
use super::play::Play;

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
        for failure in evidence.failures.iter_mut().filter(|f| f.is_of_members()) {
            failure.settled = known.get(play.idp).copied().or(failure.settled);
        }
    }
    spectrum
}
