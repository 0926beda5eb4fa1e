//! What Entra ID's targets are known to get wrong, one row a weakness: a server that has it turns red by the requirement
//! that names it first, and the good one is green.

use crate::run::{judged, plan, play_tape, text};

const DEFAULT: &str = "entra/default";
const FLAG: &str = "entra/aadOptscim062020";

/// A weakness, by its row: what is wrong, the fault that makes the server so, the variant that meets it, and the
/// requirement that is red before any other.
struct Row(u8, &'static str, &'static str, &'static str, &'static str);

const ROWS: &[Row] = &[
    Row(
        1,
        "operations with a capital are refused",
        "patch-op-case-sensitive=reject",
        DEFAULT,
        "patch/takes-effect",
    ),
    Row(
        1,
        "operations with a capital do nothing",
        "patch-op-case-sensitive=ignore-with-success",
        DEFAULT,
        "patch/takes-effect",
    ),
    Row(
        2,
        "booleans as texts are refused",
        "string-boolean-active=reject",
        DEFAULT,
        "user/active-by-patch",
    ),
    Row(
        2,
        "\"False\" is taken for true",
        "string-boolean-active=truthy",
        DEFAULT,
        "user/active-by-patch",
    ),
    Row(
        3,
        "a removal by a list empties the group",
        "remove-members-value-wipes-group",
        DEFAULT,
        "group/member-removed-by-value-list",
    ),
    Row(
        4,
        "flat keys of a value without a path are lost",
        "pathless-dotted-keys-ignored",
        FLAG,
        "patch/flat-keys-without-path",
    ),
    Row(
        6,
        "an element that a path selects and that is not there is not made",
        "valuepath-no-match-not-created",
        DEFAULT,
        "patch/value-path-creates-its-element",
    ),
    Row(
        7,
        "a manager as a bare text is refused",
        "manager-string-rejected",
        DEFAULT,
        "patch/manager-as-text",
    ),
    Row(
        10,
        "Add is not served, `active` included",
        "patch-add-unsupported",
        DEFAULT,
        "patch/attribute-added",
    ),
    Row(
        11,
        "externalId is taken for unique",
        "externalid-globally-unique",
        DEFAULT,
        "user/created",
    ),
    Row(
        12,
        "a query without a hit is answered 404",
        "empty-list-404",
        DEFAULT,
        "filter/no-match-is-an-empty-list",
    ),
    Row(
        13,
        "requests without User-Agent are blocked",
        "no-user-agent-blocked",
        DEFAULT,
        "filter/user-name-lookup",
    ),
    Row(
        14,
        "requests without Accept are refused",
        "no-accept-refused",
        DEFAULT,
        "filter/user-name-lookup",
    ),
    Row(
        15,
        "bodies of type application/scim+json are not read",
        "rejects-scim-json",
        DEFAULT,
        "message/scim-json-is-accepted",
    ),
    Row(
        16,
        "inactive people are hidden",
        "reprovision-inactive-conflicts=hidden-then-409",
        DEFAULT,
        "user/inactive-user-is-found",
    ),
    Row(
        17,
        "the PATCH that brings somebody back does nothing",
        "reactivation-patch-fails",
        DEFAULT,
        "user/active-by-patch",
    ),
    Row(
        18,
        "one attribute that the app does not know refuses the whole PATCH",
        "extension-path-unknown=refused",
        DEFAULT,
        "patch/extension-attribute-by-urn",
    ),
    Row(
        19,
        "members are shown although they are excluded",
        "partial-replace-shrinks-group",
        FLAG,
        "message/excluded-attributes-honoured",
    ),
    Row(
        24,
        "active:false is taken and ignored",
        "deactivate-accepted-but-ignored",
        DEFAULT,
        "user/active-by-patch",
    ),
    Row(
        25,
        "the manager is kept and not shown",
        "manager-not-shown",
        DEFAULT,
        "patch/manager-as-text",
    ),
    Row(
        26,
        "operations are answered with success and do nothing",
        "patch-accepted-but-ignored",
        DEFAULT,
        "patch/takes-effect",
    ),
    Row(
        27,
        "the manager is shown as a bare text",
        "manager-shown-as-text",
        DEFAULT,
        "message/manager-form",
    ),
];

/// Rows that no server can be weak against by the traffic of these variants, and why.
const NOT_MET: &[(u8, &str)] = &[
    (
        5,
        "the dotted key `emails.value` is not in the traffic of the default mappings",
    ),
    (
        8,
        "roles are not mapped by default; the forms are held by the conversations `roles-*`",
    ),
    (9, "a quoted boolean in a path comes from the validator"),
    (20, "extra keys in a PATCH come from the Postman collection"),
    (21, "a PATCH without operations comes from the validator"),
    (22, "a repeated GET breaks nobody"),
    (23, "no filter of these variants has brackets inside a path"),
    (28, "200 and 204 are both right"),
];

#[test]
fn every_weakness_turns_its_requirement_red_first() {
    let mut wrong = Vec::new();
    for Row(row, what, fault, variant, requirement) in ROWS {
        let report = judged(&play_tape(&plan(&[variant], &[], &[fault])));
        let causes: Vec<String> = report
            .causes
            .iter()
            .map(|c| c.requirement.clone())
            .collect();
        if causes.first().map(String::as_str) != Some(*requirement) {
            wrong.push(format!("{row}, {what} ({fault}): {causes:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_good_server_is_green_with_the_variants_that_meet_the_weaknesses() {
    let report = judged(&play_tape(&plan(
        &[DEFAULT, FLAG, "entra/on-demand"],
        &[],
        &[],
    )));
    assert!(report.findings.is_empty(), "{}", text(&report));
    assert!(report.summary.scenarios.passed > 0);
}

#[test]
fn every_row_of_the_table_is_met_or_said_not_to_be() {
    let met = ROWS.iter().map(|row| row.0);
    let mut rows: Vec<u8> = met.chain(NOT_MET.iter().map(|(row, _)| *row)).collect();
    rows.sort_unstable();
    rows.dedup();
    assert_eq!(rows, (1..=28).collect::<Vec<u8>>());
}
