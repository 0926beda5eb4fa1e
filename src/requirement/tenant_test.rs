//! The requirements on two customers, each with answers that keep them and answers that break them.

use super::sample::{Sample, delete, get, patch, post, probe_table, put};
use super::tenant::*;

const BEA: &str = r#"{"id":"b1","userName":"bea@example.com","displayName":"Bea","active":true}"#;
const CREW: &str = r#"{"id":"c1","displayName":"Crew"}"#;
const TAKEN: &str = r#"{"userName":"bea@example.com","displayName":"Taken","active":false}"#;

fn bea() -> Sample {
    post("/Users", 201, BEA).request(BEA).elsewhere()
}

fn crew() -> Sample {
    post("/Groups", 201, CREW).request(CREW).elsewhere()
}

fn listed(items: &str) -> String {
    format!(r#"{{"totalResults":1,"Resources":[{items}]}}"#)
}

#[test]
fn what_belongs_to_another_customer_is_out_of_reach() {
    let refused = || get("/Users/b1", 404, "{}");
    let still = |body: &str| get("/Users/b1", 200, body).elsewhere();
    let taken = BEA.replace("Bea", "Taken");
    let off = BEA.replace("true", "false");
    let late = BEA.replace("true", "false").replace("Bea", "Beatrix");
    let member = |display: &str| {
        let group = format!(r#"{{"id":"g","members":[{{"value":"b1"{display}}}]}}"#);
        get("/Groups?filter=x", 200, &listed(&group))
    };
    probe_table(
        &OBJECTS_STAY_INSIDE,
        &[
            (&[bea(), refused()], "pass"),
            (&[bea(), get("/Users/b1", 403, "")], "pass"),
            (&[bea(), get("/Users/b1", 503, "")], "n/a"),
            (&[crew(), get("/Groups/c1", 200, CREW)], "read"),
            (&[bea(), get("/Users/b1", 200, BEA)], "read"),
            // Another tenant may have given out the same id.
            (
                &[
                    bea(),
                    get(
                        "/Users/b1",
                        200,
                        r#"{"id":"b1","userName":"ida@example.com"}"#,
                    ),
                ],
                "pass",
            ),
            (&[bea(), get("/Users?filter=x", 200, &listed(BEA))], "found"),
            (
                &[
                    bea(),
                    get(
                        "/Users?filter=userName%20eq%20%22bea@example.com%22",
                        200,
                        r#"{"totalResults":1}"#,
                    ),
                ],
                "found",
            ),
            (
                &[
                    bea(),
                    put("/Users/b1", 200, TAKEN).request(TAKEN),
                    still(&taken),
                ],
                "written",
            ),
            (
                &[
                    bea(),
                    put("/Users/b1", 404, "").request(TAKEN),
                    still(&taken),
                ],
                "written",
            ),
            (
                &[bea(), put("/Users/b1", 404, "").request(TAKEN), still(&off)],
                "written",
            ),
            (
                &[bea(), put("/Users/b1", 404, "").request(TAKEN), still(BEA)],
                "pass",
            ),
            // Nobody of the first customer's wrote that.
            (&[bea(), refused(), still(&late)], "pass"),
            (
                &[
                    bea(),
                    put("/Users/b1", 404, "").request(r#"{"active":true}"#),
                    still(&late),
                ],
                "pass",
            ),
            // Some answer every DELETE alike.
            (&[bea(), delete("/Users/b1", 204, ""), still(BEA)], "pass"),
            (
                &[
                    bea(),
                    delete("/Users/b1", 204, ""),
                    get("/Users/b1", 404, "").elsewhere(),
                ],
                "written",
            ),
            (
                &[
                    bea(),
                    delete("/Users/b1", 404, ""),
                    get("/Users/b1", 404, "").elsewhere(),
                ],
                "pass",
            ),
            (
                &[bea(), refused(), member(r#","display":"Bea""#)],
                "shown-as-member",
            ),
            (&[bea(), refused(), member("")], "pass"),
            (&[bea(), refused(), member(r#","display":"b1""#)], "pass"),
            // What is worst is told.
            (
                &[
                    bea(),
                    get("/Users/b1", 200, BEA),
                    patch("/Users/b1", 204, "").request(TAKEN),
                    still(&taken),
                ],
                "written",
            ),
            (
                &[post("/Users", 400, "").request(BEA).elsewhere(), refused()],
                "n/a",
            ),
        ],
    );
}

#[test]
fn a_name_is_taken_only_where_it_is() {
    let ours = |status, body: &str| post("/Users", status, body).request(BEA);
    probe_table(
        &NAMES_ARE_FREE,
        &[
            (&[bea(), ours(201, BEA)], "pass"),
            (&[bea(), ours(409, "")], "taken"),
            (&[bea(), ours(400, r#"{"scimType":"uniqueness"}"#)], "taken"),
            (&[bea(), ours(400, "{}")], "n/a"),
            (&[bea(), ours(403, "{}")], "n/a"),
            (
                &[
                    post("/Users", 500, "").request(BEA).elsewhere(),
                    ours(409, ""),
                ],
                "n/a",
            ),
        ],
    );
}

#[test]
fn one_person_at_two_customers_is_two_accounts() {
    let own = || post("/Users", 201, r#"{"id":"a1"}"#).request(BEA);
    let moved = r#"{"userName":"moved@example.com","emails":[{"value":"moved@example.com"}]}"#;
    let write = || put("/Users/a1", 200, moved).request(moved);
    let there = |body: &str| get("/Users/b1", 200, body).elsewhere();
    let with_mail = BEA.replace(
        "\"active\"",
        "\"emails\":[{\"value\":\"moved@example.com\"}],\"active\"",
    );
    let off = BEA.replace("true", "false");
    let switched = || patch("/Users/a1", 204, "").request(r#"{"active":false}"#);
    let gone = || get("/Users/b1", 404, "").elsewhere();
    probe_table(
        &PEOPLE_STAY_APART,
        &[
            (&[bea(), own(), write(), there(BEA)], "pass"),
            (&[bea(), own(), write(), there(&with_mail)], "changed"),
            (&[bea(), own(), switched(), there(&off)], "changed"),
            (&[bea(), own(), there(&off)], "pass"),
            (
                &[bea(), own(), delete("/Users/a1", 204, ""), there(BEA)],
                "pass",
            ),
            (
                &[bea(), own(), delete("/Users/a1", 204, ""), gone()],
                "deleted",
            ),
            (&[bea(), own(), delete("/Users/a1", 405, ""), gone()], "n/a"),
            (
                &[bea(), post("/Users", 409, "").request(BEA), there(BEA)],
                "n/a",
            ),
            (&[bea(), there(BEA)], "n/a"),
        ],
    );
}
