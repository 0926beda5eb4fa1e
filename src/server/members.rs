//! A change to a group's members, kept beside the group until it is committed.
//!
//! It holds what changes, never a copy of what stays, so that adding one member costs the same in every group.

use std::collections::BTreeSet;

/// Handles of resources inside a tenant's store.
pub(super) type Handles = BTreeSet<u32>;

/// What is to happen to a set of members.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct MemberEdit {
    cleared: bool,
    added: Handles,
    removed: Handles,
}

impl MemberEdit {
    /// Adds one.
    pub(super) fn add(&mut self, base: &Handles, member: u32) {
        self.removed.remove(&member);
        if self.cleared || !base.contains(&member) {
            self.added.insert(member);
        }
    }

    /// Takes one out.
    pub(super) fn remove(&mut self, base: &Handles, member: u32) {
        self.added.remove(&member);
        if !self.cleared && base.contains(&member) {
            self.removed.insert(member);
        }
    }

    /// Takes all out.
    pub(super) fn clear(&mut self) {
        *self = Self {
            cleared: true,
            ..Self::default()
        };
    }

    /// Whether the member belongs to the group after the change.
    pub(super) fn contains(&self, base: &Handles, member: u32) -> bool {
        self.added.contains(&member)
            || !self.cleared && base.contains(&member) && !self.removed.contains(&member)
    }

    /// Whether nothing changes.
    pub(super) fn is_noop(&self, base: &Handles) -> bool {
        if self.cleared {
            self.added == *base
        } else {
            self.added.is_empty() && self.removed.is_empty()
        }
    }

    /// Who comes and who goes.
    pub(super) fn resolve(self, base: &Handles) -> (Handles, Handles) {
        if !self.cleared {
            return (self.added, self.removed);
        }
        let gone = base.difference(&self.added).copied().collect();
        let come = self.added.difference(base).copied().collect();
        (come, gone)
    }

    /// The members after the change.
    pub(super) fn result(&self, base: &Handles) -> Handles {
        let kept = base
            .iter()
            .filter(|m| !self.cleared && !self.removed.contains(m));
        kept.chain(&self.added).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_edit_does_what_the_same_steps_do_to_a_set(
            base in proptest::collection::btree_set(0_u32..8, 0..6),
            steps in proptest::collection::vec((0_u8..3, 0_u32..8), 0..12),
        ) {
            let (mut edit, mut model) = (MemberEdit::default(), base.clone());
            for (step, member) in steps {
                match step {
                    0 => { edit.add(&base, member); model.insert(member); }
                    1 => { edit.remove(&base, member); model.remove(&member); }
                    _ => { edit.clear(); model.clear(); }
                }
                for m in 0..8 {
                    prop_assert_eq!(edit.contains(&base, m), model.contains(&m));
                }
            }
            prop_assert_eq!(edit.result(&base), model.clone());
            prop_assert_eq!(edit.is_noop(&base), model == base);
            let (come, gone) = edit.resolve(&base);
            let mut after = base.clone();
            after.retain(|m| !gone.contains(m));
            prop_assert!(come.is_disjoint(&base) && gone.is_subset(&base));
            after.extend(come);
            prop_assert_eq!(after, model);
        }
    }
}
