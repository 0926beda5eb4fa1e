//! Requirements on which account is whose, and on when a write can be seen.

use super::registry::{Check, Cite, requirements};

requirements! {
    /// ## What is checked
    /// What the target returns for one person, to a lookup or a POST, is that person's account and not somebody else's.
    ///
    /// ## Why it matters
    /// The IdP links the first account it is given and from then on writes to it. A target that answers a POST with an
    /// account of the same e-mail address, or a lookup with a similar name, hands a stranger's account over.
    ///
    /// ## Example
    /// The lookup `userName eq "ada@example.com"` returns the account of `adam@example.com`.
    ///
    /// ## How to fix it
    /// Match by exactly the attribute that was asked for; answer 409 where a name is taken.
    NO_STRANGER_IS_LINKED = "identity/no-stranger-is-linked" {
        title: "nobody is given somebody else's account",
        outcomes: [
            "linked": Must Security "the IdP takes over an account that is not its person's and would go on to write to it",
        ],
        fix: "Return an account only for the value that it was asked for by, and never for a POST of another person.",
        cites: [
            Cite::Rfc7644("3.3"),
            Cite::Rfc7644("3.4.2.2"),
            Cite::Fact("okta/4.3/1"),
            Cite::Fact("entra/3.2/5"),
        ],
        row: "F1",
        fault: "adopt-by-email-takeover",
        check: Check::State,
    }

    /// ## What is checked
    /// What was written can be read at once.
    ///
    /// ## Why it matters
    /// An IdP reads within moments of its write: Okta reads a group straight after it created it, and a lookup that does not
    /// yet find a new account leads to a second POST.
    ///
    /// ## Example
    /// `POST /Users` is answered 201; a `GET` of the new id a tenth of a second later is answered 404.
    ///
    /// ## How to fix it
    /// Read from the store that was written to, or answer only when the index has caught up.
    READS_FOLLOW_WRITES = "consistency/reads-follow-writes" {
        title: "what was written can be read at once",
        outcomes: [
            "late": May Noise "an IdP that reads straight after its write acts on the old state, and may create what is there",
        ],
        fix: "Answer a write only when reads can see it.",
        cites: [Cite::Rfc7644("3.3"), Cite::Fact("okta/8.2/3"), Cite::Fact("corrections/OK-20")],
        row: "no row: the text says nothing of when a write becomes visible",
        fault: "reads-lag-behind-writes",
        check: Check::State,
    }
}
