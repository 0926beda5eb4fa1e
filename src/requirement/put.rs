//! Requirements on what a PUT leaves out.

use super::change::changes;
use super::registry::{Check, Cite, Judged, requirements};
use crate::scim::Value;
use crate::wire::{Exchange, Method};

requirements! {
    /// ## What is checked
    /// A PUT without `active` leaves an active account active.
    ///
    /// ## Why it matters
    /// The RFC lets a target choose what to do with what a PUT leaves out. But nobody who changes a title means to lock the
    /// person out.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com","title":"Countess"}`
    ///
    /// ## How to fix it
    /// Let a missing `active` mean no change, or true.
    ACTIVE_OMITTED = "user/put-without-active" {
        title: "a PUT that does not speak of `active` deactivates nobody",
        outcomes: [
            "deactivated": Should Blocks "a client that leaves `active` out locks people out with every change of their profile",
        ],
        fix: "Keep `active`, or take true, where a PUT leaves it out.",
        cites: [Cite::Rfc7644("3.5.1"), Cite::Rfc7643("4.1.1")],
        row: "C10, U1",
        fault: "active-omitted-means-false",
        check: Check::Probe(active_omitted),
    }

    /// ## What is checked
    /// A PUT without an attribute clears it.
    ///
    /// ## Why it matters
    /// A client that writes the whole resource means the whole. A target may keep or fill in what is missing, so this is advice:
    /// but then no client can empty an attribute by PUT.
    ///
    /// ## Example
    /// `{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"ada@example.com"}` leaves no title.
    ///
    /// ## How to fix it
    /// Clear the attributes that the body does not hold.
    CLEARS = "user/put-clears-what-it-leaves-out" {
        title: "a PUT replaces the whole user",
        outcomes: [
            "kept": May Data "what was emptied in the directory stays at the target",
        ],
        fix: "Clear what the body leaves out.",
        cites: [Cite::Rfc7644("3.5.1")],
        row: "U1",
        fault: "put-merges",
        check: Check::Probe(clears),
    }
}

fn active(user: Option<&Value>) -> Option<bool> {
    user?.get("active")?.as_bool()
}

fn active_omitted(exchanges: &[Exchange<'_>]) -> Judged {
    for change in changes(exchanges, Method::Put) {
        let silent = change
            .write
            .request()
            .is_some_and(|body| body.get("active").is_none());
        if !(silent && change.done() && active(change.before) == Some(true)) {
            continue;
        }
        match active(change.after) {
            Some(true) => return Judged::Pass,
            Some(false) => {
                let observed = "`active` false behind a PUT that did not speak of it";
                return Judged::fail("deactivated", "`active` true as before", observed);
            }
            None => {}
        }
    }
    Judged::NotApplicable
}

fn clears(exchanges: &[Exchange<'_>]) -> Judged {
    for change in changes(exchanges, Method::Put) {
        let (Some(body), Some(before), Some(after)) =
            (change.write.request(), change.before, change.after)
        else {
            continue;
        };
        let left_out = body.get("title").is_none() && before.get("title").is_some();
        if !left_out || !change.done() {
            continue;
        }
        return match after.get("title").filter(|title| !title.is_unassigned()) {
            None => Judged::Pass,
            Some(title) => Judged::fail("kept", "no title", format!("the title {title}")),
        };
    }
    Judged::NotApplicable
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, get, post, probe_table, put};
    use super::*;

    fn user(on: bool, title: &str) -> String {
        format!(r#"{{"id":"1","active":{on},"title":{title}}}"#)
    }

    fn made() -> Sample {
        post("/Users", 201, &user(true, r#""a""#))
    }

    fn silent(status: u16) -> Sample {
        put("/Users/1", status, "").request(r#"{"userName":"ada"}"#)
    }

    #[test]
    fn what_is_not_said_deactivates_nobody() {
        let read = |on| get("/Users/1", 200, &user(on, "null"));
        probe_table(
            &ACTIVE_OMITTED,
            &[
                (&[made(), silent(200), read(true)], "pass"),
                (&[made(), silent(200), read(false)], "deactivated"),
                (&[made(), silent(400), read(true)], "n/a"),
                (&[silent(200), read(false)], "n/a"),
            ],
        );
    }

    #[test]
    fn what_is_left_out_is_cleared_or_told_of() {
        let read = |title: &str| get("/Users/1", 200, &user(true, title));
        probe_table(
            &CLEARS,
            &[
                (&[made(), silent(200), read("null")], "pass"),
                (&[made(), silent(200), read(r#""a""#)], "kept"),
                (&[silent(200), read(r#""a""#)], "n/a"),
                (&[made(), silent(400), read(r#""a""#)], "n/a"),
            ],
        );
    }
}
