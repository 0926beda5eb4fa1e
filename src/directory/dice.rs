//! Everything that looks random and is not: ids, GUIDs and passwords drawn from the run's seed.
//!
//! Same seed, same bytes. Each story with each variant has dice of its own, so that adding a story changes no other.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};
use sha2::{Digest as _, Sha256};

use super::Family;

/// A source of ids that depends on nothing but its seed.
#[derive(Clone, Debug)]
pub struct Dice(ChaCha8Rng);

/// The eight characters that mark everything one story makes with one variant in one run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance(String);

const LETTERS_AND_DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const BASE32: &[u8] = b"abcdefghijklmnopqrstuvwxyz234567";

impl Instance {
    /// The mark of that story with that variant in the run of that seed.
    pub fn new(seed: u64, idp: &str, scenario: &str) -> Self {
        let hash = digest(seed, &["instance", idp, scenario]);
        let letters = hash
            .iter()
            .take(8)
            .map(|byte| char::from(BASE32[usize::from(byte % 32)]));
        Self(letters.collect())
    }

    /// The eight characters.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Dice {
    /// Dice for that story with that variant in the run of that seed.
    pub fn new(seed: u64, idp: &str, scenario: &str) -> Self {
        Self(ChaCha8Rng::from_seed(digest(
            seed,
            &["dice", idp, scenario],
        )))
    }

    /// Further dice, which do not depend on what these give later.
    #[must_use]
    pub fn fork(&mut self) -> Self {
        let mut seed = [0; 32];
        self.0.fill_bytes(&mut seed);
        Self(ChaCha8Rng::from_seed(seed))
    }

    /// A number below `bound`, which must not be 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.0.next_u64() % bound
    }

    /// An id of a person, in the shape in which that vendor writes them.
    pub fn person_id(&mut self, family: Family) -> String {
        match family {
            Family::Okta => format!("00u{}", self.text(17, LETTERS_AND_DIGITS)),
            Family::Entra => self.guid(),
            Family::Jumpcloud => self.text(24, b"0123456789abcdef"),
        }
    }

    /// An id of a group, in the shape in which that vendor writes them.
    pub fn group_id(&mut self, family: Family) -> String {
        match family {
            Family::Okta => format!("00g{}", self.text(17, LETTERS_AND_DIGITS)),
            Family::Entra => self.guid(),
            Family::Jumpcloud => self.text(24, b"0123456789abcdef"),
        }
    }

    /// A random GUID (version 4).
    pub fn guid(&mut self) -> String {
        let mut hex = self.text(32, b"0123456789abcdef").into_bytes();
        hex[12] = b'4';
        hex[16] = b"89ab"[usize::from(hex[16] % 4)];
        let hex = String::from_utf8_lossy(&hex).into_owned();
        format!(
            "{}-{}-{}-{}-{}",
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..]
        )
    }

    /// A text of that many characters out of those.
    pub fn text(&mut self, length: usize, out_of: &[u8]) -> String {
        let count = out_of.len() as u64;
        (0..length)
            .map(|_| {
                let at = usize::try_from(self.below(count)).unwrap_or_default();
                char::from(out_of[at])
            })
            .collect()
    }
}

fn digest(seed: u64, parts: &[&str]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(seed.to_be_bytes());
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_ids_and_another_story_others() {
        let ids = |scenario| {
            let mut dice = Dice::new(7, "okta/custom-app", scenario);
            (
                dice.person_id(Family::Okta),
                dice.guid(),
                dice.text(8, BASE32),
            )
        };
        assert_eq!(ids("a"), ids("a"));
        assert_ne!(ids("a"), ids("b"));
        let (okta, guid, _) = ids("a");
        assert!(okta.starts_with("00u") && okta.len() == 20);
        assert!(guid.len() == 36 && guid.as_bytes()[14] == b'4');
        let instance = Instance::new(7, "entra/default", "a");
        assert!(instance.as_str().len() == 8);
        assert!(instance.as_str().bytes().all(|b| BASE32.contains(&b)));
    }
}
