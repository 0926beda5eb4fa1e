//! What lets a person use the product: sessions and personal access tokens, found by digest, ended by owner.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest, Sha256};

/// How a person got in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// By signing in.
    Session,
    /// By a token that was made for a program.
    Token,
}

/// The sessions and tokens of all people of a tenant.
#[derive(Debug, Default)]
pub(super) struct Credentials {
    by_digest: BTreeMap<[u8; 32], (u32, Access)>,
    by_owner: BTreeSet<(u32, [u8; 32])>,
}

impl Credentials {
    /// Lets the owner in by that text.
    pub(super) fn add(&mut self, owner: u32, access: Access, text: &str) {
        let digest = digest(text);
        self.by_digest.insert(digest, (owner, access));
        self.by_owner.insert((owner, digest));
    }

    /// Whom a text lets in.
    pub(super) fn owner(&self, text: &str) -> Option<(u32, Access)> {
        self.by_digest.get(&digest(text)).copied()
    }

    /// How many an owner has.
    pub(super) fn count(&self, owner: u32) -> usize {
        self.of(owner).count()
    }

    /// Ends one.
    pub(super) fn end(&mut self, text: &str) {
        let digest = digest(text);
        if let Some((owner, _)) = self.by_digest.remove(&digest) {
            self.by_owner.remove(&(owner, digest));
        }
    }

    /// Ends all that an owner has.
    pub(super) fn end_all(&mut self, owner: u32) {
        let all: Vec<_> = self.of(owner).copied().collect();
        for entry in all {
            self.by_digest.remove(&entry.1);
            self.by_owner.remove(&entry);
        }
    }

    fn of(&self, owner: u32) -> impl Iterator<Item = &(u32, [u8; 32])> {
        self.by_owner.range((owner, [0; 32])..=(owner, [0xff; 32]))
    }
}

fn digest(text: &str) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&Sha256::digest(text));
    bytes
}
