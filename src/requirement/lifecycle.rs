//! What the IdP's customer was promised, where no more special requirement says which part of the protocol broke.

use super::registry::{Check, Cite, requirements};

requirements! {
    /// ## What is checked
    /// After each thing an administrator does, every promised value at the target is as the policy says.
    ///
    /// ## Why it matters
    /// This is what the IdP's customer relies on. A divergence that fits no more special requirement is reported here, so that
    /// none is lost.
    ///
    /// ## Example
    /// Ada was assigned and pushed as a member of *engineering*; the target shows the group without her.
    ///
    /// ## How to fix it
    /// Compare the write that the finding blames with what the target kept of it.
    STATE_AS_PROMISED = "lifecycle/state-as-promised" {
        title: "the target's state is what the IdP's customer was promised",
        outcomes: [
            "missing": Interop Data "people or values that the IdP believes to be there are not",
            "unwanted": Interop Security "people keep or gain what the IdP believes to have taken away",
            "wrong-value": Interop Data "the product works with other values than the directory has",
        ],
        fix: "Make the write that is blamed store what it says, and nothing else.",
        cites: [Cite::Fact("okta/4"), Cite::Fact("entra/3"), Cite::Fact("jumpcloud/3")],
        row: "no row: the promise is the IdP's, not the RFC's",
        fault: "reprovision-mints-new-id",
        check: Check::State,
    }
}
