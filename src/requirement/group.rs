//! Requirements on groups and their members.

use super::change::member_ids;
use super::reading::{Kind, Place, place};
use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// A POST of a group creates it under its name.
    ///
    /// ## Why it matters
    /// Every group that an IdP pushes begins so. Okta and JumpCloud send no `externalId` with it, Entra ID sends the group
    /// without a single member.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"Engineering"}`
    ///
    /// ## How to fix it
    /// Ask for nothing but `displayName`; neither `externalId` nor members are required.
    CREATED = "group/created" {
        title: "a posted group exists under its name",
        outcomes: [
            "refused": Must Blocks "no group arrives from Okta, Entra ID or JumpCloud, and JumpCloud cannot even be activated",
            "ignored": Must Data "the IdP believes in a group that the product does not have",
        ],
        fix: "Create the group from `displayName` alone.",
        cites: [
            Cite::Rfc7644("3.3"),
            Cite::Rfc7643("4.2"),
            Cite::Fact("jumpcloud/2.2/3"),
            Cite::Fact("entra/6.2/2"),
            Cite::Fact("okta/8.3/2"),
        ],
        row: "C12",
        fault: "group-external-id-demanded",
        check: Check::State,
    }

    /// ## What is checked
    /// The members that a POST of a group lists are its members.
    ///
    /// ## Why it matters
    /// Okta's wizard apps, and JumpCloud at times, send the first members with the group itself and do not add them again.
    ///
    /// ## Example
    /// `{"displayName":"Engineering","members":[{"value":"2819c223","display":"ada@example.com"}]}`
    ///
    /// ## How to fix it
    /// Store `members` on creation as on any later write, one member or many.
    CREATED_WITH_MEMBERS = "group/created-with-members" {
        title: "a posted group has the members that the request lists",
        outcomes: [
            "missing": Interop Data "the first members of a group that Okta or JumpCloud pushes have no access through it",
            "refused": Must Blocks "Okta and JumpCloud cannot push a group that has members",
        ],
        fix: "Store the members of the POST together with the group.",
        cites: [
            Cite::Rfc7644("3.3"),
            Cite::Rfc7643("4.2"),
            Cite::Fact("okta/8.2/2"),
            Cite::Fact("jumpcloud/4/4"),
        ],
        row: "C13",
        fault: "member-write-accepted-not-persisted=post",
        check: Check::Probe(created_with_members),
    }

    /// ## What is checked
    /// A group that was renamed, by PATCH or PUT, is shown under its new name.
    ///
    /// ## Why it matters
    /// Okta repeats the name with every change of members; Entra ID and JumpCloud send it when it changes. An IdP that looks
    /// the group up by its new name and finds none creates a second one.
    ///
    /// ## Example
    /// `{"op":"replace","value":{"id":"abf4dd94","displayName":"Platform"}}`
    ///
    /// ## How to fix it
    /// Store the new `displayName` and let lookups see it; ignore an `id` that travels beside it and is the group's own.
    RENAMED = "group/renamed" {
        title: "a renamed group has its new name",
        outcomes: [
            "ignored": Must Data "groups from Okta, Entra ID and JumpCloud keep their old names, and lookups by the new one miss them",
            "refused": Must Blocks "Okta's group push stops with an error, and its members with it",
            "wrong-value": Must Data "the group has a name that nobody gave it",
        ],
        fix: "Store the new `displayName` and index the group under it.",
        cites: [
            Cite::Rfc7644("3.5.2.3"),
            Cite::Rfc7644("3.5.1"),
            Cite::Fact("okta/8.3/5"),
            Cite::Fact("entra/6.3/6"),
            Cite::Fact("jumpcloud/4/5"),
        ],
        row: "P12",
        fault: "group-rename-not-applied",
        check: Check::State,
    }

    /// ## What is checked
    /// A rename that says nothing of members leaves them in the group.
    ///
    /// ## Why it matters
    /// Okta, Entra ID and JumpCloud send the new name alone. Whoever reads the absent list as an empty one puts everybody out
    /// of the group, and the IdP does not notice.
    ///
    /// ## Example
    /// `{"op":"Replace","path":"displayName","value":"Platform"}`
    ///
    /// ## How to fix it
    /// Touch members only where a request names them.
    RENAME_KEEPS_MEMBERS = "group/rename-keeps-members" {
        title: "a renamed group keeps its members",
        outcomes: [
            "too-much": Must Data "a rename in Okta, Entra ID or JumpCloud takes the group's access from everybody in it",
        ],
        fix: "Leave `members` alone in a PATCH that does not name it.",
        cites: [
            Cite::Rfc7644("3.5.2"),
            Cite::Fact("okta/8.3/8"),
            Cite::Fact("entra/6.1/4"),
        ],
        row: "P7",
        fault: "group-rename-wipes-members",
        check: Check::State,
    }

    /// ## What is checked
    /// An `add` to `members` makes the person a member; adding a member again changes nothing.
    ///
    /// ## Why it matters
    /// Entra ID adds members one request at a time, Okta in batches, and JumpCloud repeats additions of people who are
    /// members already.
    ///
    /// ## Example
    /// `{"op":"Add","path":"members","value":[{"value":"2819c223"}]}`
    ///
    /// ## How to fix it
    /// Append whoever is not yet in the list, and succeed for whoever is.
    MEMBER_ADDED = "group/member-added" {
        title: "an added member is in the group",
        outcomes: [
            "ignored": Must Data "people whom Okta, Entra ID or JumpCloud put into a group do not get its access",
            "refused": Must Blocks "no membership arrives from Entra ID, JumpCloud or Okta's catalogue apps",
        ],
        fix: "Append the member unless it is there, and answer with success in both cases.",
        cites: [
            Cite::Rfc7644("3.5.2.1"),
            Cite::Fact("entra/6.3/2"),
            Cite::Fact("jumpcloud/4/6"),
            Cite::Fact("jumpcloud/4/10"),
        ],
        row: "P18",
        fault: "member-write-accepted-not-persisted",
        check: Check::State,
    }

    /// ## What is checked
    /// An `add` to `members` leaves those in the group who were in it.
    ///
    /// ## Why it matters
    /// An addition holds only the new members: one with Entra ID and JumpCloud, at most a hundred with Okta. Written in place
    /// of the list it puts out everybody else.
    ///
    /// ## Example
    /// `{"op":"add","path":"members","value":[{"value":"2819c223"}]}`
    ///
    /// ## How to fix it
    /// Append to the list; only `replace` sets it.
    ADDING_KEEPS_OTHERS = "group/adding-keeps-the-others" {
        title: "adding a member leaves the others in the group",
        outcomes: [
            "too-much": Must Data "each new member from Entra ID, Okta or JumpCloud takes the group's access from all others",
        ],
        fix: "Append the added members to the stored list.",
        cites: [Cite::Rfc7644("3.5.2.1"), Cite::Fact("entra/6.1/5"), Cite::Fact("okta/8.3/12")],
        row: "P18",
        fault: "add-members-replaces-list",
        check: Check::State,
    }

    /// ## What is checked
    /// Members who join or leave a group by requests that are under way at the same time have all joined or left when the
    /// last is answered, as they have where the requests come one by one.
    ///
    /// ## Why it matters
    /// Okta and Entra ID work on many people at once, and each of them sends a PATCH of its own for the same group. A target
    /// that reads the group, changes its copy and writes it back answers every one with success and keeps the last.
    ///
    /// ## Example
    /// Ten times `{"op":"add","path":"members","value":[{"value":"2819c223"}]}`, each with another id, sent together.
    ///
    /// ## How to fix it
    /// Insert and delete single rows of the membership, or lock the group from reading to writing.
    OVERLAPPING_KEPT = "group/overlapping-changes-are-kept" {
        title: "changes of a group that overlap are all kept",
        outcomes: [
            "lost": Must Security "people whom Okta or Entra ID took out of a group stay in it and others are missing, at random and without a word",
        ],
        fix: "Change single memberships, or hold a lock from reading a group to writing it.",
        cites: [
            Cite::Rfc7644("3.5.2"),
            Cite::Fact("okta/12/12"),
            Cite::Fact("entra/1/20"),
        ],
        row: "P17",
        fault: "concurrent-member-patch-lost-update",
        check: Check::State,
    }

    /// ## What is checked
    /// A `remove` whose path selects members by their `value` takes out those and nobody else.
    ///
    /// ## Why it matters
    /// Okta's catalogue apps and Entra ID in its compliant mode take members out so. A target that drops the filter empties
    /// the group; one that does not know the form leaves the leaver in it.
    ///
    /// ## Example
    /// `{"op":"remove","path":"members[value eq \"2819c223\"]"}`
    ///
    /// ## How to fix it
    /// Evaluate the filter against each member before any is taken out.
    REMOVED_BY_FILTER = "group/member-removed-by-filter" {
        title: "a removal with a filter takes out the selected member and nobody else",
        outcomes: [
            "too-much": Must Data "one person leaves a group in Okta or Entra ID and everybody loses its access",
            "ignored": Must Security "people keep the access of groups that they left in Okta or Entra ID",
            "refused": Must Security "removals from Okta or Entra ID fail and people keep the group's access",
        ],
        fix: "Remove exactly the members for which the filter holds.",
        cites: [Cite::Rfc7644("3.5.2.2"), Cite::Fact("entra/6.3/5"), Cite::Fact("okta/2/8")],
        row: "P6",
        fault: "filtered-remove-clears-all",
        check: Check::State,
    }

    /// ## What is checked
    /// A `remove` with path `members` and a list of members as value takes out those and nobody else.
    ///
    /// ## Why it matters
    /// The RFC gives `remove` no value, so a target may empty the group or refuse. Entra ID without its compatibility flag and
    /// JumpCloud take members out in no other form and expect that only the listed ones go.
    ///
    /// ## Example
    /// `{"op":"Remove","path":"members","value":[{"value":"2819c223"}]}`
    ///
    /// ## How to fix it
    /// Where a removal from `members` has a value, take out the listed members only.
    REMOVED_BY_VALUE_LIST = "group/member-removed-by-value-list" {
        title: "a removal with a list of members takes out those and nobody else",
        outcomes: [
            "too-much": Interop Data "one person leaves a group in Entra ID or JumpCloud and everybody loses its access",
            "ignored": Interop Security "people keep the access of groups that they left in Entra ID or JumpCloud",
            "refused": Interop Security "Entra ID and JumpCloud cannot take anybody out of a group, and the access stays",
        ],
        fix: "Where a removal from `members` carries a value, remove the listed members only.",
        cites: [Cite::Rfc7644("3.5.2.2"), Cite::Fact("entra/6.3/4"), Cite::Fact("jumpcloud/4/7")],
        row: "P5",
        fault: "remove-members-value-wipes-group",
        check: Check::State,
    }

    /// ## What is checked
    /// After a `replace` of `members`, or a PUT of the group, the group has the listed members: all of them and no others,
    /// none where the list is empty.
    ///
    /// ## Why it matters
    /// Okta's Push Now and every group write of its wizard apps send the complete list and rely on it.
    ///
    /// ## Example
    /// `{"op":"replace","path":"members","value":[{"value":"2819c223"},{"value":"902c246b"}]}`
    ///
    /// ## How to fix it
    /// Set the list in one step: resolve all new members first, then take the old ones' place.
    MEMBERS_REPLACED = "group/members-replaced" {
        title: "a replaced list of members is the group's list",
        outcomes: [
            "unwanted": Must Security "people whom Okta took out of a pushed group keep its access",
            "missing": Must Data "people whom Okta lists in a pushed group do not get its access",
            "refused": Must Blocks "Okta cannot push the group's members at all",
        ],
        fix: "Set the members to exactly the listed ones, an empty list included.",
        cites: [
            Cite::Rfc7644("3.5.2.3"),
            Cite::Rfc7644("3.5.1"),
            Cite::Fact("okta/8.1/10"),
            Cite::Fact("okta/8.2/4"),
        ],
        row: "P10",
        fault: "replace-members-keeps-stale",
        check: Check::State,
    }

    /// ## What is checked
    /// A deleted group is gone.
    ///
    /// ## Why it matters
    /// All three IdPs delete a group whose push or assignment ends; groups have no soft deletion.
    ///
    /// ## Example
    /// `DELETE /Groups/abf4dd94`, answered 204; the next GET is answered 404.
    ///
    /// ## How to fix it
    /// Delete the group and what hangs on it, or hide it for good behind 404.
    DELETED = "group/deleted" {
        title: "a deleted group is gone",
        outcomes: [
            "ignored": Must Security "a group that Okta, Entra ID or JumpCloud deleted goes on granting its access",
            "refused": Must Security "groups cannot be taken back; their members keep the access",
        ],
        fix: "Remove the group and every access that came from it, then answer 204.",
        cites: [
            Cite::Rfc7644("3.6"),
            Cite::Fact("okta/8.1/12"),
            Cite::Fact("entra/6.1/8"),
            Cite::Fact("jumpcloud/4/11"),
        ],
        row: "D1",
        fault: "group-delete-ignored",
        check: Check::State,
    }
}

/// A group is posted with members and read back, before and after other changes.
fn created_with_members(exchanges: &[Exchange<'_>]) -> Judged {
    let mut rest = exchanges.iter();
    let posted = rest.find_map(|exchange| {
        let posts = exchange.sent.method == Method::Post
            && place(exchange) == Place::Collection(Kind::Group);
        let listed = exchange.request().filter(|_| posts).map(member_ids)?;
        (!listed.is_empty()).then_some((exchange, listed))
    });
    let Some((post, listed)) = posted else {
        return Judged::NotApplicable;
    };
    let expected = "a group with the members of the POST";
    let id = post.reply().and_then(|group| group.get("id"));
    let Some(id) = id.and_then(Value::as_str).filter(|_| post.succeeded()) else {
        return match post.status() {
            None | Some(200..300 | 401 | 403 | 429 | 502..=504) => Judged::NotApplicable,
            Some(status) => Judged::fail("refused", expected, status.to_string()),
        };
    };
    let own = |e: &&Exchange<'_>| {
        let read = e.sent.method == Method::Get && e.status() == Some(200);
        read && place(e) == Place::Resource(Kind::Group, id)
    };
    let reads = rest.filter(own).filter_map(Exchange::reply);
    let reads: Vec<_> = reads.map(member_ids).collect();
    match reads.first() {
        None => Judged::NotApplicable,
        Some(shown) if listed.iter().all(|id| shown.contains(id)) => Judged::Pass,
        // A target may show members on request only: then it shows none later, either.
        Some(_) if reads.iter().all(Vec::is_empty) => Judged::NotApplicable,
        Some(shown) => {
            let observed = format!("{} of {} members", shown.len(), listed.len());
            Judged::fail("missing", expected, observed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, get, post, probe_table};
    use super::*;

    #[test]
    fn a_group_has_the_members_that_it_was_posted_with() {
        let create = |status| {
            let body = r#"{"displayName":"a","members":[{"value":"1"}]}"#;
            post("/Groups", status, r#"{"id":"g"}"#).request(body)
        };
        let read = |members: &str| {
            let body = format!(r#"{{"id":"g","members":[{members}]}}"#);
            get("/Groups/g", 200, &body)
        };
        let (one, two) = (r#"{"value":"1"}"#, r#"{"value":"2"}"#);
        let both = format!("{one},{two}");
        let hidden = get("/Groups/g", 200, r#"{"id":"g"}"#);
        let stranger = get("/Groups/h", 200, r#"{"id":"h","members":[{"value":"1"}]}"#);
        let empty: Sample = post("/Groups", 201, r#"{"id":"g"}"#).request("{}");
        probe_table(
            &CREATED_WITH_MEMBERS,
            &[
                (&[create(201), read(one)], "pass"),
                (&[create(201), read(&both), read(two)], "pass"),
                (&[create(201), read(""), read(two)], "missing"),
                (&[create(201), hidden.clone(), read(&both)], "missing"),
                (&[create(201), read(two)], "missing"),
                (&[create(201), hidden.clone(), hidden], "n/a"),
                (&[create(201), stranger], "n/a"),
                (&[create(201)], "n/a"),
                (&[create(400)], "refused"),
                (&[create(503)], "n/a"),
                (&[empty, read(two)], "n/a"),
            ],
        );
    }
}
