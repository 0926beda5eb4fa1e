//! What is said about profiles that are wrong: where, what, and the nearest right name.

use super::*;

/// What is said about a profile that is based on a bundled variant.
fn based(rest: &str) -> Vec<String> {
    said(&format!("based-on: okta/catalog-app\n{rest}"))
}

/// What is said about a profile with one flow of those steps.
fn flow(steps: &str) -> Vec<String> {
    said(&format!(
        "directory: okta\nflows:\n  person-assigned:\n    source: a page\n    confidence: inferred\n    steps:\n{steps}\n"
    ))
}

fn said(rest: &str) -> Vec<String> {
    let text = format!("idp-profile: 1\nid: mine\ntitle: Mine\n{rest}");
    match parse("mine.yaml", &text, &[]) {
        Ok(_) => Vec::new(),
        Err(diagnostics) => diagnostics.lines().collect(),
    }
}

#[test]
fn a_mistake_is_said_with_its_place_and_the_nearest_right_name() {
    for (said, wanted) in [
        (
            based("switches: {patch-bach: 5}"),
            "mine.yaml:5:12: `patch-bach` is not a switch; did you mean `patch-batch`?",
        ),
        (
            based("switches: {patch-batch: many}"),
            "mine.yaml:5:25: the switch `patch-batch` cannot be `many`: it takes a whole number from 1 to 1000; write one of the values that it takes",
        ),
        (
            based("mappings: {titel: title}"),
            "mine.yaml:5:12: `titel` is not an attribute of a user; did you mean `title`?",
        ),
        (
            based("mappings: {title: departmnt}"),
            "mine.yaml:5:19: `departmnt` is not an attribute of the directory; did you mean `department`?",
        ),
        (
            based("mappings: {\"a b\": title}"),
            "mine.yaml:5:12: `a b` is not a place for a value",
        ),
        (
            based("urn: 1"),
            "mine.yaml:5:1: the profile has no `urn`; these exist: idp-profile, id, title",
        ),
        (
            said("based-on: okta/catalogue-app"),
            "mine.yaml:4:11: there is no IdP `okta/catalogue-app`; did you mean `okta/catalog-app`?",
        ),
        (
            said("directory: otka\nflows: {}"),
            "mine.yaml:4:12: `otka` is not a vendor's directory; did you mean `okta`?",
        ),
        (
            said("directory: okta\nflows: {person-asigned: {}}"),
            "mine.yaml:5:9: a set of flows has no `person-asigned`; did you mean `person-assigned`?",
        ),
        (
            said(
                "directory: okta\nflows:\n  person-left: {source: a page, confidence: sure, steps: []}",
            ),
            "`sure` is not a confidence; these exist: inferred, reported, captured, documented",
        ),
        (
            said(""),
            "mine.yaml:1:1: a profile changes a bundled variant or writes flows of its own",
        ),
        (
            flow("    - request: PUT /Users/{ide}"),
            "`ide` is not a value that a flow can name; did you mean `id`?",
        ),
        (
            flow("    - request: PUT /Users/{id}\n      body: {title: \"{titel}\"}"),
            "`titel` is not a value that a flow can name; did you mean `title`?",
        ),
        (
            flow("    - request: PATH /Users/{id}"),
            "`PATH` is not a method; did you mean `PATCH`?",
        ),
        (
            flow("    - request: GET Users"),
            "a request has a path behind its method",
        ),
        (
            flow("    - {when: id, capture: {id: /id}}"),
            "a step is one of lookup, request, capture, when and for-each-member",
        ),
        (
            flow("    - when: capturd"),
            "`capturd` is not a value that a flow can name",
        ),
        (flow("    - capture: {id: id}"), "`id` is no JSON pointer"),
        (
            flow("    - capture: {active: /active}"),
            "`active` is given, and cannot be captured",
        ),
        (
            flow("    - request: POST /Users\n      on: {201: []}"),
            "`201` is no status of an error",
        ),
        (
            flow("    - lookup: {list: people}"),
            "`people` is not a list of the target; ",
        ),
        (
            flow("    - lookup: {list: users, where: {}}"),
            "a lookup compares one attribute",
        ),
        (
            flow("    - requst: GET /Users"),
            "a flow step has no `requst`; did you mean `request`?",
        ),
    ] {
        let found = said.iter().any(|line| line.contains(wanted));
        assert!(found, "{wanted}\nis not said, but\n{}", said.join("\n"));
    }
}

#[test]
fn two_variants_cannot_have_one_name() {
    let text = |id: &str| format!("idp-profile: 1\nid: {id}\ntitle: Mine\nbased-on: jumpcloud\n");
    for taken in ["okta", "okta/custom-app", "jumpcloud", "onelogin", "mine"] {
        let mut others = crate::idp::every().to_vec();
        others.push(parse("first.yaml", &text("mine"), &[]).unwrap());
        let said = parse("second.yaml", &text(taken), &others).unwrap_err();
        let said: Vec<_> = said.lines().collect();
        let wanted = format!("second.yaml:2:5: there is an IdP `{taken}` already; ");
        assert!(said[0].starts_with(&wanted), "{said:?}");
    }
    for odd in ["a/b/c", "a b", "/", "''"] {
        assert!(parse("odd.yaml", &text(odd), &[]).is_err(), "{odd}");
    }
}

#[test]
fn a_profile_changes_what_it_says_and_keeps_the_rest() {
    let text = "idp-profile: 1\nid: okta/ours\ntitle: Ours\nbased-on: okta/catalog-app\nheaders: {User-Agent: Ours/1, Accept-Charset: null}\nmappings: {title: null, nickName: given}\nswitches: {patch-batch: 7}\npromises: {unassign: gone}\n";
    let ours = parse("ours.yaml", text, &[]).unwrap();
    let base = bundled("okta/catalog-app");
    assert_eq!(
        (ours.base.as_str(), ours.family),
        ("okta/catalog-app", base.family)
    );
    let changed = |name: &str| ours.switches().into_iter().find(|s| s.name == name);
    assert_eq!(changed("patch-batch").unwrap().value, 7);
    assert_eq!(ours.switches().len(), base.switches().len());
    let places = |variant: &Variant| -> Vec<String> {
        let lines = variant.app.mappings.iter();
        lines.map(|line| line.place.to_string()).collect()
    };
    let (ours_at, base_at) = (places(&ours), places(&base));
    assert!(base_at.contains(&"title".to_owned()) && !ours_at.contains(&"title".to_owned()));
    assert_eq!(ours_at.last().map(String::as_str), Some("nickName"));
    assert_eq!(ours_at.len(), base_at.len());
    assert_eq!(ours.terms.leavers, crate::directory::Leavers::Gone);
    let constants = [
        ("User-Agent".to_owned(), Some("Ours/1".to_owned())),
        ("Accept-Charset".to_owned(), None),
    ];
    assert_eq!(ours.constants, constants);
}

#[tokio::test]
async fn headers_of_a_profile_stand_in_the_place_of_the_base_variants() {
    use crate::idp::script::{Act, Script};
    let script = Script::new([Act::Answer(
        200,
        r#"{"totalResults":0,"Resources":[]}"#.to_owned(),
    )]);
    let base = bundled("okta/catalog-app");
    let constants = [
        ("User-Agent".to_owned(), Some("Ours/1".to_owned())),
        ("Accept-Charset".to_owned(), None),
        ("X-Ours".to_owned(), Some("yes".to_owned())),
        (
            "Content-Type".to_owned(),
            Some("application/json".to_owned()),
        ),
    ];
    let wire = script.wire("okta").with_constants(&constants);
    let request = dialect(&base).find_person(&crate::idp::stage::ada());
    let plain: Vec<&str> = request.headers.iter().map(|h| h.name).collect();
    let mut wanted: Vec<&str> = plain
        .iter()
        .copied()
        .filter(|n| *n != "Accept-Charset")
        .collect();
    wanted.push("X-Ours");
    wire.send(request.clone()).await.unwrap();
    let sent = script.take();
    let names: Vec<&str> = sent[0]
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(names, wanted);
    assert!(
        sent[0]
            .headers
            .contains(&("User-Agent".to_owned(), "Ours/1".to_owned()))
    );
}
