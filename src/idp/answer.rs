//! What a dialect makes of a lookup's reply.

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
