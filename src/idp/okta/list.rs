//! How Okta reads a list (`okta/1.4`): the counters must be JSON numbers.

use crate::idp::Lookup;
use crate::scim::Value;
use crate::wire::Reply;

/// One page of a list.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) total: i64,
    pub(super) resources: Vec<Value>,
}

impl Page {
    /// Reads a page, or says in Okta's terms why it cannot.
    pub(super) fn read(reply: &Reply) -> Result<Self, String> {
        if reply.status != 200 {
            return Err(format!("a list is answered 200, not {}", reply.status));
        }
        let body = reply
            .json()
            .ok_or("the list is not valid JSON")?
            .as_object()
            .ok_or("the list is not a JSON object")?;
        let mut total = None;
        for name in ["totalResults", "startIndex", "itemsPerPage"] {
            match body.get(name) {
                None | Some(Value::Null) => {}
                Some(Value::Number(number)) if name == "totalResults" => total = number.as_i64(),
                Some(Value::Number(_)) => {}
                Some(other) => return Err(format!("`{name}` is a {}, not a number", other.kind())),
            }
        }
        let resources = match body.get("Resources") {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(items)) => items.clone(),
            Some(other) => return Err(format!("`Resources` is a {}, not an array", other.kind())),
        };
        let total = total.ok_or("`totalResults` is missing or no whole number")?;
        Ok(Self { total, resources })
    }
}

/// Reads the reply to a lookup: an empty list and a 404 with an error body both mean that there is nothing (`okta/4.1/2`).
pub(super) fn lookup(reply: &Reply) -> Lookup {
    if reply.status == 404 {
        let error = reply.json().and_then(Value::as_object);
        return match error {
            Some(_) => Lookup::None,
            None => Lookup::Unreadable("a 404 without a SCIM error in it".to_owned()),
        };
    }
    let page = match Page::read(reply) {
        Ok(page) => page,
        Err(why) => return Lookup::Unreadable(why),
    };
    match (page.total, page.resources.len()) {
        (0, _) => Lookup::None,
        (_, 0) => Lookup::Unreadable(format!(
            "`totalResults` says {}, and `Resources` is empty",
            page.total
        )),
        // What Okta makes of more than one hit is not documented (`okta/4.3/6`); taking the first would be a guess.
        (total, 1) if total > 1 => Lookup::Many(usize::try_from(total).unwrap_or(usize::MAX)),
        _ => Lookup::among(&page.resources),
    }
}
