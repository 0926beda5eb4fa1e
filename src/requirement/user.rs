//! Requirements on what becomes of a person's account.

use super::registry::{Check, Cite, requirements};

requirements! {
    /// ## What is checked
    /// A POST of a user creates an active account, shown with JSON's own `true`.
    ///
    /// ## Why it matters
    /// Everybody who joins begins so. An IdP sends what its customer mapped; a target that wants more, or refuses a member it
    /// does not know, lets nobody in.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com","active":true}`
    ///
    /// ## How to fix it
    /// Demand `userName` and nothing else, ignore what you do not keep, and honour `active`.
    CREATED = "user/created" {
        title: "a posted user has an active account",
        outcomes: [
            "refused": Must Blocks "nobody whom Okta, Entra ID or JumpCloud assigns gets an account",
            "ignored": Must Data "the IdP believes in an account, or in an active one, that is not there",
            "wrong-form": Must Blocks "the IdP cannot read whether the account is active",
        ],
        fix: "Create the account from `userName` alone and store `active` as a boolean.",
        cites: [
            Cite::Rfc7644("3.3"),
            Cite::Rfc7643("4.1.1"),
            Cite::Fact("okta/4.1/3"),
            Cite::Fact("entra/1.3/4"),
            Cite::Fact("jumpcloud/3/4"),
        ],
        row: "C1",
        fault: "optional-attribute-demanded",
        check: Check::State,
    }

    /// ## What is checked
    /// A user whose body holds `null` or an empty list is accepted.
    ///
    /// ## Why it matters
    /// Both mean that there is no value. JumpCloud sends empty lists for everybody who has no address or number.
    ///
    /// ## Example
    /// `{"userName":"ada@example.com","nickName":null,"phoneNumbers":[]}`
    ///
    /// ## How to fix it
    /// Read `null` and `[]` as if the member were not there.
    NULLS_ACCEPTED = "user/null-values-accepted" {
        title: "`null` and empty lists are no reason to refuse a user",
        outcomes: [
            "refused": Interop Blocks "nobody without a telephone number gets an account from JumpCloud",
        ],
        fix: "Read `null` and `[]` as no value.",
        cites: [Cite::Rfc7643("2.5"), Cite::Fact("jumpcloud/3/4")],
        row: "P25, U2",
        fault: "null-values-rejected",
        check: Check::State,
    }

    /// ## What is checked
    /// The profile values of the POST are there afterwards.
    ///
    /// ## Why it matters
    /// A target may keep fewer attributes than the schema has. But the customer mapped these, and the IdP takes them for
    /// written: what is missing is missing until it changes in the directory.
    ///
    /// ## Example
    /// `{"userName":"ada@example.com","name":{"givenName":"Ada","familyName":"Lovelace"},"title":"Analyst"}`
    ///
    /// ## How to fix it
    /// Store every attribute that your schema lists, and list only what you store.
    VALUES_KEPT_ON_CREATE = "user/values-kept-on-create" {
        title: "a new account has the profile values that were posted",
        outcomes: [
            "missing": Interop Data "new people arrive from the IdP without part of their profile",
            "wrong-value": Interop Data "new people have other values than the IdP's directory; Entra ID writes them again in every cycle",
        ],
        fix: "Store the attributes of the POST as they came, or leave them out of your schema.",
        cites: [Cite::Rfc7644("3.3"), Cite::Fact("entra/1/24"), Cite::Fact("okta/4.1/4")],
        row: "V8",
        fault: "identifier-rewritten",
        check: Check::State,
    }

    /// ## What is checked
    /// The profile values of a PUT are there afterwards.
    ///
    /// ## Why it matters
    /// Okta and JumpCloud write a mover's new profile by PUT of the whole user. What the product keeps is what it works with.
    ///
    /// ## Example
    /// `{"id":"2819c223","userName":"ada@example.com","name":{"givenName":"Ada","familyName":"King"},"title":"Countess"}`
    ///
    /// ## How to fix it
    /// Take every writable attribute of the request's body that your schema lists.
    VALUES_KEPT_ON_PUT = "user/values-kept-on-put" {
        title: "an account has the profile values that were last put",
        outcomes: [
            "missing": Interop Data "an update from Okta or JumpCloud loses part of the profile",
            "wrong-value": Interop Data "a mover keeps the old name, title or address although Okta or JumpCloud wrote the new one",
        ],
        fix: "Replace the stored attributes by those of the body.",
        cites: [Cite::Rfc7644("3.5.1"), Cite::Fact("okta/5.1/2"), Cite::Fact("jumpcloud/3/6")],
        row: "V8",
        fault: "put-drops-attributes",
        check: Check::State,
    }

    /// ## What is checked
    /// A PUT of a user whom the target knows is accepted and takes effect.
    ///
    /// ## Why it matters
    /// The RFC makes PUT the one way of changing a resource that every server has. Okta updates every profile by PUT, its
    /// wizard apps and JumpCloud deactivate by it.
    ///
    /// ## Example
    /// `PUT /Users/2819c223` with the body that `GET` gave, one value changed.
    ///
    /// ## How to fix it
    /// Serve PUT; ignore `id`, `meta` and other read-only members of the body instead of refusing them.
    PUT_ACCEPTED = "user/put-accepted" {
        title: "a PUT of a known user is accepted and takes effect",
        outcomes: [
            "refused": Must Blocks "no change of a person arrives from Okta or JumpCloud",
            "ignored": Must Data "Okta and JumpCloud record changes as done that the product never made",
        ],
        fix: "Implement PUT, ignore read-only members in its body, and store the rest.",
        cites: [
            Cite::Rfc7644("3.5.1"),
            Cite::Rfc7644("3.2"),
            Cite::Fact("okta/2/2"),
            Cite::Fact("okta/5.2/1"),
            Cite::Fact("jumpcloud/3/6"),
        ],
        row: "U3",
        fault: "put-not-implemented",
        check: Check::State,
    }

    /// ## What is checked
    /// A PUT changes the user whose id is in the path and nobody else.
    ///
    /// ## Why it matters
    /// A body can name other people: by a repeated `id`, an e-mail address or a number in `externalId`. A target that looks
    /// the account up by one of those writes into a stranger's record.
    ///
    /// ## Example
    /// `PUT /Users/2819c223` leaves `/Users/902c246b` as it was.
    ///
    /// ## How to fix it
    /// Find the account by the id of the path alone.
    PUT_TOUCHES_ONE = "user/put-touches-only-that-user" {
        title: "a PUT changes the user that its path names and nobody else",
        outcomes: [
            "too-much": Must Data "an update of one person in Okta or JumpCloud overwrites somebody else's account",
        ],
        fix: "Find the account by the id in the path and by nothing in the body.",
        cites: [Cite::Rfc7644("3.5.1"), Cite::Rfc7643("3.1"), Cite::Fact("okta/5.1/2")],
        row: "U3",
        fault: "put-changes-another-user",
        check: Check::State,
    }

    /// ## What is checked
    /// A PATCH that sets `active` deactivates and reactivates the account.
    ///
    /// ## Why it matters
    /// Okta's catalogue apps and Entra ID take access away in no other way. A success that changes nothing is the one defect
    /// that nobody notices until the leaver logs in.
    ///
    /// ## Example
    /// `{"op":"replace","path":"active","value":false}`
    ///
    /// ## How to fix it
    /// Store `active`, and tie the right to log in to it.
    ACTIVE_BY_PATCH = "user/active-by-patch" {
        title: "a PATCH of `active` deactivates and reactivates the account",
        outcomes: [
            "ignored": Must Security "leavers stay active although Okta or Entra ID records them as deactivated",
            "refused": Must Blocks "nobody can be deactivated or brought back from Okta's catalogue apps or Entra ID",
        ],
        fix: "Apply `active` in every PATCH form, and answer with an error where you cannot.",
        cites: [
            Cite::Rfc7644("3.5.2.3"),
            Cite::Rfc7643("4.1.1"),
            Cite::Fact("okta/2/3"),
            Cite::Fact("okta/2/4"),
            Cite::Fact("entra/5.2/1"),
        ],
        row: "P7",
        fault: "deactivate-accepted-but-ignored",
        check: Check::State,
    }

    /// ## What is checked
    /// A PUT whose `active` differs from the stored one deactivates or reactivates the account.
    ///
    /// ## Why it matters
    /// Okta's wizard apps read the account, turn `active` and write it back; JumpCloud puts the whole user. Neither sends
    /// anything else.
    ///
    /// ## Example
    /// `{"id":"2819c223","userName":"ada@example.com","active":false}`
    ///
    /// ## How to fix it
    /// Treat `active` in a PUT as any other attribute that can be written.
    ACTIVE_BY_PUT = "user/active-by-put" {
        title: "a PUT with another `active` deactivates or reactivates the account",
        outcomes: [
            "ignored": Must Security "leavers stay active although Okta or JumpCloud records them as deactivated",
            "refused": Must Blocks "nobody can be deactivated or brought back from Okta's wizard apps or JumpCloud",
        ],
        fix: "Take `active` from the body of a PUT.",
        cites: [
            Cite::Rfc7644("3.5.1"),
            Cite::Rfc7643("4.1.1"),
            Cite::Fact("okta/6.1/2"),
            Cite::Fact("jumpcloud/3/8"),
        ],
        row: "U7",
        fault: "put-active-ignored",
        check: Check::State,
    }

    /// ## What is checked
    /// A deleted user has no account any more.
    ///
    /// ## Why it matters
    /// Entra ID deletes whoever is deleted for good in the directory. Inside, the product may keep a record; over SCIM it must
    /// be gone.
    ///
    /// ## Example
    /// `DELETE /Users/2819c223`, answered 204; the next GET is answered 404.
    ///
    /// ## How to fix it
    /// Delete the account or hide it for good, end its access, and answer 204.
    DELETED = "user/deleted" {
        title: "a deleted user is gone",
        outcomes: [
            "ignored": Must Security "people whom Entra ID deleted for good keep their accounts",
            "refused": Must Security "Entra ID cannot delete anybody, and the accounts stay",
        ],
        fix: "Make DELETE take the account away, then answer 204.",
        cites: [Cite::Rfc7644("3.6"), Cite::Fact("entra/5.2/2")],
        row: "D1",
        fault: "hard-delete-fails",
        check: Check::State,
    }

    /// ## What is checked
    /// An inactive user is found by the lookup that the IdP sends before it writes.
    ///
    /// ## Why it matters
    /// Deactivating is not deleting. When somebody returns, Okta and Entra ID look the account up; if it is hidden they try to
    /// create it, are told that the name is taken, and stop.
    ///
    /// ## Example
    /// `GET /Users?filter=userName eq "ada@example.com"` finds Ada with `"active": false`.
    ///
    /// ## How to fix it
    /// Let filters see inactive accounts like all others.
    INACTIVE_IS_FOUND = "user/inactive-user-is-found" {
        title: "an inactive user is found like any other",
        outcomes: [
            "missing": Interop Blocks "whoever returns cannot be reactivated from Okta or Entra ID, because the account is hidden and its name taken",
        ],
        fix: "Leave inactive users in the results of every filter.",
        cites: [
            Cite::Rfc7644("3.4.2.2"),
            Cite::Fact("okta/6.2/4"),
            Cite::Fact("entra/3.2/7"),
        ],
        row: "no row: the text gives `active` no part in what a filter finds",
        fault: "reprovision-inactive-conflicts",
        check: Check::State,
    }
}
