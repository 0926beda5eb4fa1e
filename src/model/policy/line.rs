//! The table of the policy: every promise with its source.

use crate::fact::Confidence;

/// One line of the policy: what it promises, and why that is known.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// The line's id, which every promise carries.
    pub id: &'static str,
    /// What is promised, as a sentence.
    pub promises: &'static str,
    /// Where it is from.
    pub source: &'static str,
    /// How sure it is.
    pub confidence: Confidence,
}

const fn line(
    id: &'static str,
    promises: &'static str,
    source: &'static str,
    confidence: Confidence,
) -> Line {
    Line {
        id,
        promises,
        source,
        confidence,
    }
}

/// Every line.
pub const LINES: &[Line] = &[
    line(
        "person/assigned-has-an-account",
        "whoever is assigned has exactly one active account with the mapped values",
        "okta/4, entra/3.3, jumpcloud/3",
        Confidence::Documented,
    ),
    line(
        "person/leaver-loses-access",
        "whoever is unassigned or deactivated has no active account; the account may stay or go",
        "okta/6.1, entra/5.2, jumpcloud/3",
        Confidence::Documented,
    ),
    line(
        "person/leaver-is-deleted",
        "whoever is unassigned or deactivated has no account any more, where the IdP deletes leavers",
        "a profile's `promises`",
        Confidence::Documented,
    ),
    line(
        "person/deleted-for-good-is-gone",
        "whoever is deleted for good while assigned has no account (Entra ID sends a DELETE)",
        "entra/5.2",
        Confidence::Documented,
    ),
    line(
        "person/suspended-keeps-access",
        "a suspension in Okta changes nothing at the app",
        "okta/6.3",
        Confidence::Documented,
    ),
    line(
        "person/suspended-loses-access",
        "a suspension in JumpCloud makes the account inactive",
        "jumpcloud/3",
        Confidence::Reported,
    ),
    line(
        "person/nobody-else-is-touched",
        "an account that the IdP does not manage stays as it is",
        "okta/4.3, entra/3.2",
        Confidence::Documented,
    ),
    line(
        "person/unassigned-has-no-account",
        "nobody gets an account who is not assigned",
        "okta/8.1, entra/3.1",
        Confidence::Documented,
    ),
    line(
        "person/inactive-is-still-found",
        "an inactive account that exists is found by the IdP's lookup, or it is created again",
        "okta/6.2, entra/5.2",
        Confidence::Documented,
    ),
    line(
        "person/manager-is-set",
        "the manager of the directory is the manager at the app, once both have an account",
        "entra/7.1",
        Confidence::Captured,
    ),
    line(
        "person/leaver-is-out-at-once",
        "whoever loses access is out at once: sessions and tokens are dead, and there is no new one",
        "SonarQube Cloud documentation: provisioning with SCIM",
        Confidence::Documented,
    ),
    line(
        "person/returner-gets-nothing-old",
        "whoever comes back gets no session and no token back from before",
        "SonarQube Cloud documentation: provisioning with SCIM",
        Confidence::Documented,
    ),
    line(
        "person/suspended-stays-in",
        "a suspension in Okta sends nothing, so sessions and tokens work as before",
        "okta/6.3",
        Confidence::Documented,
    ),
    line(
        "group/pushed-group-mirrors-the-directory",
        "a pushed group exists under its name and has exactly the members who have an account",
        "okta/8.1, entra/6.1, jumpcloud/4",
        Confidence::Documented,
    ),
    line(
        "group/unlinked-is-deleted",
        "a group whose push ended with its deletion is gone",
        "okta/8.3, entra/6.1, jumpcloud/4",
        Confidence::Documented,
    ),
    line(
        "group/unlinked-stays",
        "a group whose push ended with leaving it is still there",
        "okta/8.1, jumpcloud/4",
        Confidence::Documented,
    ),
    line(
        "group/nobody-else-is-touched",
        "a group that the IdP does not manage stays as it is",
        "okta/8.1, entra/6.1",
        Confidence::Documented,
    ),
    line(
        "deletions/wait-until-allowed",
        "where more leave at once than the administrator's threshold, nobody loses anything until the deletions are allowed",
        "entra/5.2",
        Confidence::Documented,
    ),
    line(
        "scenario/expect",
        "what the author of the story says aloud",
        "the story",
        Confidence::Documented,
    ),
    line(
        "import/reads-everybody-once",
        "an import reads every account of the app exactly once",
        "okta/9.1, jumpcloud/5",
        Confidence::Documented,
    ),
];

/// The line of that id.
pub fn find(id: &str) -> Option<&'static Line> {
    LINES.iter().find(|line| line.id == id)
}
