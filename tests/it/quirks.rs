//! The habits of the identity providers on which servers stumble: each server with such a weakness is found out, and first
//! of all by the requirement that names it.

use scimulate::report::Cause;

use crate::run::{judged, plan, play_tape};

/// One habit and the weakness that it meets.
struct Quirk {
    /// What the provider does.
    habit: &'static str,
    /// The variant that does it.
    idp: &'static str,
    /// The stories in which it does; all where none is named, so that causes can be told apart.
    stories: &'static [&'static str],
    /// The weakness of the server.
    fault: &'static str,
    /// The requirement of the first cause that is told.
    requirement: &'static str,
}

const fn quirk(
    habit: &'static str,
    idp: &'static str,
    stories: &'static [&'static str],
    fault: &'static str,
    requirement: &'static str,
) -> Quirk {
    Quirk {
        habit,
        idp,
        stories,
        fault,
        requirement,
    }
}

const OKTA: &[Quirk] = &[
    quirk(
        "a PATCH of active has no path",
        "okta/catalog-app",
        &[],
        "pathless-patch-rejected",
        "patch/without-path",
    ),
    quirk(
        "a PATCH of a group's name has no path",
        "okta/catalog-app",
        &[],
        "pathless-patch-rejected=500",
        "patch/without-path",
    ),
    quirk(
        "a group's name comes with its id",
        "okta/catalog-app",
        &[],
        "pathless-id-refused",
        "group/renamed",
    ),
    quirk(
        "booleans are JSON's own",
        "okta/catalog-app",
        &["offboarding/leaver"],
        "active-as-number",
        "message/active-is-boolean",
    ),
    quirk(
        "a group's name is repeated with every change of members",
        "okta/catalog-app",
        &[],
        "own-name-conflicts",
        "group/renamed",
    ),
    quirk(
        "a new user comes with an empty list of groups",
        "okta/custom-app",
        &["onboarding/joiner"],
        "null-values-rejected",
        "user/created",
    ),
    quirk(
        "a new user comes with a placeholder for a password",
        "okta/custom-app",
        &["onboarding/joiner"],
        "placeholder-password-refused",
        "user/created",
    ),
    quirk(
        "a PUT repeats what is read-only",
        "okta/custom-app",
        &["profile/renamed"],
        "echoed-read-only-refused",
        "user/put-accepted",
    ),
    quirk(
        "whoever returns is looked up while inactive",
        "okta/catalog-app",
        &[],
        "reprovision-inactive-conflicts",
        "user/inactive-user-is-found",
    ),
    quirk(
        "whoever returns is written to while inactive, by PUT",
        "okta/custom-app",
        &[],
        "inactive-user-untouchable",
        "user/active-by-put",
    ),
    quirk(
        "whoever returns is written to while inactive, by PATCH",
        "okta/catalog-app",
        &[],
        "inactive-user-untouchable",
        "user/active-by-patch",
    ),
    quirk(
        "a plus sign in a name is escaped, and whoever is not found is created",
        "okta/custom-app",
        &[],
        "plus-sign-in-identifier",
        "filter/special-characters",
    ),
    quirk(
        "a list is read only if its counters are numbers",
        "okta/custom-app",
        &["onboarding/joiner"],
        "counters-as-text",
        "message/counters-are-numbers",
    ),
    quirk(
        "a group is looked for by its name before it is created",
        "okta/custom-app",
        &["groups/already-there"],
        "lookup-refused=groups",
        "filter/group-name-lookup",
    ),
    quirk(
        "a large group is filled by several PATCHes",
        "okta/catalog-app",
        &["groups/two-hundred-and-fifty-members"],
        "members-truncated-then-deleted",
        "group/adding-keeps-the-others",
    ),
    quirk(
        "a custom app writes the whole list of members",
        "okta/custom-app",
        &[],
        "replace-members-keeps-stale",
        "group/members-replaced",
    ),
    quirk(
        "members are removed by a filter on their value",
        "okta/catalog-app",
        &["groups/members-in-and-out"],
        "filtered-remove-noop",
        "group/member-removed-by-filter",
    ),
    quirk(
        "nobody is deleted, so that inactive has to mean something",
        "okta/custom-app",
        &[],
        "put-active-ignored",
        "user/active-by-put",
    ),
];

fn causes(quirk: &Quirk, faults: &[&str]) -> Vec<Cause> {
    judged(&play_tape(&plan(&[quirk.idp], quirk.stories, faults))).causes
}

#[test]
fn a_server_that_stumbles_over_a_habit_is_found_out_and_a_good_one_is_not() {
    let mut wrong = Vec::new();
    for quirk in OKTA {
        let Quirk { habit, idp, .. } = quirk;
        let good = causes(quirk, &[]);
        if !good.is_empty() {
            wrong.push(format!(
                "{habit} ({idp}): a good server is blamed for {good:?}"
            ));
        }
        let found = causes(quirk, &[quirk.fault]);
        let first = found.first().map(|cause| cause.requirement.as_str());
        if first != Some(quirk.requirement) {
            let all: Vec<_> = found.iter().map(|cause| &cause.requirement).collect();
            wrong.push(format!(
                "{habit} ({idp}): {} expected first of {all:?}",
                quirk.requirement
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
