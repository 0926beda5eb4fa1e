//! What a dialect makes of a lookup's reply.

use crate::scim::Value;

/// The four things that a reply to a lookup can mean to an IdP.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Lookup {
    /// Exactly one resource, with an id that can be used.
    Found {
        /// The resource's id.
        id: String,
        /// The resource as it came.
        resource: crate::scim::Value,
    },
    /// Nothing.
    None,
    /// So many resources where one was asked for.
    Many(usize),
    /// Nothing that the IdP can read; the text says why, in the IdP's terms.
    Unreadable(String),
}

impl Lookup {
    /// What the resources of a list mean where one was asked for. What else the list must say, each IdP decides.
    pub fn among(resources: &[Value]) -> Self {
        match resources {
            [] => Self::None,
            [resource] => match id_of(resource) {
                Some(id) => Self::Found {
                    id: id.to_owned(),
                    resource: resource.clone(),
                },
                None => Self::Unreadable("the resource found has no `id`".to_owned()),
            },
            several => Self::Many(several.len()),
        }
    }
}

/// A resource's `id`, where it has one that is a text and not empty.
pub fn id_of(resource: &Value) -> Option<&str> {
    resource
        .get("id")
        .and_then(Value::as_str)
        .filter(|id| !id.is_empty())
}

/// How a lenient client reads lists: JumpCloud's, and those of IdPs whose reading nobody has described.
pub(crate) mod lenient {
    use super::Lookup;
    use crate::scim::Value;
    use crate::wire::Reply;

    /// Reads a lookup. Names are read in any case, a wrong list schema does not matter, and 404 says that there is nothing
    /// (jumpcloud/6/3, jumpcloud/6/6).
    pub(crate) fn lookup(reply: &Reply) -> Lookup {
        if reply.status == 404 {
            return Lookup::None;
        }
        if !reply.ok() {
            return Lookup::Unreadable(format!("HTTP {} where a list is expected", reply.status));
        }
        match resources(reply) {
            Some(resources) => Lookup::among(resources),
            None => Lookup::Unreadable("the answer to the lookup is not a list".to_owned()),
        }
    }

    /// The resources of a list; a list that counts none may lack them.
    pub(crate) fn resources(reply: &Reply) -> Option<&[Value]> {
        let list = reply.json()?.as_object()?;
        match list.get("Resources") {
            Some(Value::Array(resources)) => Some(resources),
            None | Some(Value::Null) => {
                let total = list.get("totalResults").and_then(Value::as_i64);
                (total == Some(0)).then_some(&[])
            }
            Some(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_resource_with_an_id_is_found_and_others_are_not() {
        let read = |text: &str| Lookup::among(Value::parse(text).unwrap().as_array().unwrap());
        assert!(matches!(read(r#"[{"id":"7"}]"#), Lookup::Found { id, .. } if id == "7"));
        assert_eq!(read("[]"), Lookup::None);
        assert_eq!(read(r#"[{"id":"7"},{"id":"8"}]"#), Lookup::Many(2));
        for text in [r#"[{"id":""}]"#, r#"[{"id":7}]"#, "[{}]", "[7]"] {
            assert!(matches!(read(text), Lookup::Unreadable(_)), "{text}");
        }
    }
}
