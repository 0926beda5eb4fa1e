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
        fault: "put-changes-another-user",
        check: Check::State,
    }

    /// ## What is checked
    /// Before somebody is deactivated, unassigned or deleted, the run signs in for that person at the product, as its
    /// description says, and sees the session work. Afterwards the same session is refused, and it stays refused when the
    /// person comes back. Where nothing describes the product, this is not exercised.
    ///
    /// ## Why it matters
    /// Okta, Entra ID and JumpCloud take access away from an account. Whoever sits at an open browser does not sign in again:
    /// a session that lives on is access that lasts until it expires.
    ///
    /// ## Example
    /// Bob's browser shows the product; his account is deactivated over SCIM; the next click must lead to the sign-in page.
    ///
    /// ## How to fix it
    /// Delete the person's sessions in the transaction that deactivates the account, or look at the account at each request
    /// and delete them all the same, so that they do not come back with it.
    SESSIONS_END = "lifecycle/sessions-end-on-deactivation" {
        title: "a session ends when its owner is deactivated",
        outcomes: [
            "kept": Interop Security "leavers keep working in every browser that was open when they left",
            "revived": Interop Security "whoever gets hold of an old session cookie gets in as soon as its owner comes back",
        ],
        fix: "End all sessions of a person in the same transaction that deactivates or deletes the account.",
        cites: [
            Cite::Other("SonarQube Cloud documentation: provisioning with SCIM"),
            Cite::Rfc7643("4.1.1"),
            Cite::Fact("okta/6.1/2"),
            Cite::Fact("entra/5.2/1"),
            Cite::Fact("jumpcloud/3/8"),
        ],
        row: "no row: what becomes of sessions is the product's matter, not the protocol's",
        fault: "deactivate-leaves-sessions",
        check: Check::State,
    }

    /// ## What is checked
    /// Before somebody is deactivated, unassigned or deleted, the run makes a personal access token for that person at the
    /// product, as its description says, and sees it work. Afterwards the token is refused, and it stays refused when the
    /// person comes back. Where nothing describes the product, this is not exercised.
    ///
    /// ## Why it matters
    /// A token has no password behind it and often no end. Scripts and former colleagues go on using it after the leaver's
    /// account is gone from Okta, Entra ID or JumpCloud.
    ///
    /// ## Example
    /// Bob's build script fetches source code with his token; his account is deactivated over SCIM; the next fetch is answered
    /// with 401.
    ///
    /// ## How to fix it
    /// Revoke the person's tokens when the account is deactivated, and do not restore them when it is reactivated.
    TOKENS_DIE = "lifecycle/tokens-die-on-deactivation" {
        title: "a personal access token dies when its owner is deactivated",
        outcomes: [
            "kept": Interop Security "scripts and copies of a leaver's token keep reading and writing, often without an end",
            "revived": Interop Security "tokens that nobody remembers work again as soon as their owner comes back",
        ],
        fix: "Revoke all tokens of a person in the same transaction that deactivates or deletes the account.",
        cites: [
            Cite::Other("SonarQube Cloud documentation: provisioning with SCIM"),
            Cite::Rfc7643("4.1.1"),
            Cite::Fact("okta/6.1/2"),
            Cite::Fact("entra/5.2/1"),
            Cite::Fact("jumpcloud/3/8"),
        ],
        row: "no row: what becomes of tokens is the product's matter, not the protocol's",
        fault: "tokens-survive-deactivation",
        check: Check::State,
    }

    /// ## What is checked
    /// After somebody was deactivated, unassigned or deleted, the run tries to sign in for that person in the way that worked
    /// before, and uses what it gets. One of the two is refused. Where nothing describes the product, this is not exercised.
    ///
    /// ## Why it matters
    /// `active` is worth what the sign-in makes of it. A product that stores the flag and asks nobody for it shows the IdP an
    /// inactive account whose owner works as before.
    ///
    /// ## Example
    /// Bob is deactivated over SCIM and types his password: the product must not let him in.
    ///
    /// ## How to fix it
    /// Ask whether the account is active in every way of signing in: password, single sign-on, token exchange.
    NO_SIGN_IN = "lifecycle/no-sign-in-after-deactivation" {
        title: "nobody signs in whose account is inactive or gone",
        outcomes: [
            "admitted": Interop Security "leavers sign in as if nothing had happened",
        ],
        fix: "Refuse every way of signing in to an account that is not active.",
        cites: [
            Cite::Rfc7643("4.1.1"),
            Cite::Other("SonarQube Cloud documentation: provisioning with SCIM"),
            Cite::Fact("okta/6.1/2"),
            Cite::Fact("entra/5.2/1"),
            Cite::Fact("jumpcloud/3/8"),
        ],
        row: "no row: how people sign in is the product's matter, not the protocol's",
        fault: "inactive-person-signs-in",
        check: Check::State,
    }
}
