//! What lets a person use the product: sessions and personal access tokens, found by digest, ended by owner.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

/// What is kept of a credential: its SHA-256.
pub(super) type Digest = [u8; 32];

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
    by_digest: BTreeMap<Digest, (u32, Access)>,
    by_owner: BTreeSet<(u32, Digest)>,
    /// Those that began or ended since somebody last asked, where somebody does.
    touched: Option<BTreeSet<Digest>>,
}

impl Credentials {
    /// Lets the owner in by that text.
    pub(super) fn add(&mut self, owner: u32, access: Access, text: &str) {
        let digest = digest(text);
        self.restore(digest, owner, access);
        self.touch(digest);
    }

    /// Puts one back that is known by its digest.
    pub(super) fn restore(&mut self, digest: Digest, owner: u32, access: Access) {
        self.by_digest.insert(digest, (owner, access));
        self.by_owner.insert((owner, digest));
    }

    /// Notes from now on which ones begin and end.
    pub(super) fn note_changes(&mut self) {
        self.touched = Some(BTreeSet::new());
    }

    /// Those that began or ended since the last call, as they are now.
    pub(super) fn changes(&mut self) -> Vec<(Digest, Option<(u32, Access)>)> {
        let touched = self.touched.as_mut().map(std::mem::take);
        let now = |digest: Digest| (digest, self.by_digest.get(&digest).copied());
        touched.into_iter().flatten().map(now).collect()
    }

    fn touch(&mut self, digest: Digest) {
        if let Some(touched) = &mut self.touched {
            touched.insert(digest);
        }
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
            self.touch(digest);
        }
    }

    /// Ends all that an owner has, but for what is spared.
    pub(super) fn end_all(&mut self, owner: u32, spared: &[Access]) {
        let all: Vec<_> = self.of(owner).copied().collect();
        let is_spared = |digest: &Digest| {
            let found = self.by_digest.get(digest);
            found.is_some_and(|(_, access)| spared.contains(access))
        };
        let all: Vec<_> = all.into_iter().filter(|(_, d)| !is_spared(d)).collect();
        for entry in all {
            self.by_digest.remove(&entry.1);
            self.by_owner.remove(&entry);
            self.touch(entry.1);
        }
    }

    fn of(&self, owner: u32) -> impl Iterator<Item = &(u32, Digest)> {
        self.by_owner.range((owner, [0; 32])..=(owner, [0xff; 32]))
    }
}

/// The SHA-256 of a text.
pub(super) fn digest(text: &str) -> Digest {
    let mut bytes = [0; 32];
    bytes.copy_from_slice(&Sha256::digest(text));
    bytes
}
