//! Every switch of a JumpCloud connection that its sources name, with the default and what is known of it.
//!
//! Two publishers have captured this traffic and nobody else (corrections/JC-1): much of the profile is inferred, and each
//! request says so by its basis.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::idp::Encoding;

/// The switches of one connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Settings {
    /// How queries are encoded. Not known; the client looks like a Go program (jumpcloud/6/3), which writes forms. Default
    /// [`Encoding::Form`].
    pub encoding: Encoding,
    /// The media type of bodies. Not known (jumpcloud/6/2). Default `application/scim+json`.
    pub content_type: String,
    /// The `User-Agent`. Not known (jumpcloud/6/1). Default none.
    pub user_agent: Option<String>,
    /// Whether the connection test reads the list of groups too, which is weakly attested (jumpcloud/2.1/1). Default no.
    pub test_reads_groups: bool,
    /// Whether the connection test asks for a page. Its query is not known (jumpcloud/2.1/2). Default no.
    pub test_pages: bool,
    /// How often the activation sends its group's POST while it is answered 400 (jumpcloud/2.2/2, jumpcloud/6/7). Default 4.
    #[schemars(range(min = 1, max = 10))]
    pub group_tries: u32,
    /// Whether the call between the activation's group and its rename adds its person; otherwise it reads the group
    /// (jumpcloud/2.2/6). Default no.
    pub probe_adds_member: bool,
    /// Whether a person who is linked is looked up again before each update; that a lookup precedes a write is documented,
    /// that it does so when the id is known is not (jumpcloud/3/1). Default no.
    pub lookup_before_update: bool,
    /// Whether a change is a PATCH with one `replace` for each attribute, known from a hand-made sample (jumpcloud/3/7).
    /// Default no: the whole person is PUT.
    pub update_by_patch: bool,
    /// Whether whoever comes back is POSTed anew in place of the PUT (jumpcloud/3/11). Default no.
    pub reactivate_by_post: bool,
    /// Whether a password is among what a POST and its PUTs carry, as where an administrator maps it (jumpcloud/3/12).
    /// Default no.
    pub password: bool,
    /// Whether `locale` accompanies `preferredLanguage`, as in both captured bodies (jumpcloud/3/6). Default yes.
    pub locale: bool,
    /// Whether a body shows lists that have no value as `[]`, as in the captured PUT (jumpcloud/3/6). Default yes.
    pub empty_lists: bool,
    /// Whether a group's POST has its members; the captured one has none (jumpcloud/4/4). Default no.
    pub members_in_post: bool,
    /// Whether a member is taken out by a filtered path in place of a list with one value (jumpcloud/4/7). Default no.
    pub remove_by_filter: bool,
    /// Whether a PATCH has `schemas`; the captured one has none, though the record may be shortened (jumpcloud/2.2/5).
    /// Default no.
    pub patch_schemas: bool,
    /// How many people a page of the import has. Not known (jumpcloud/5/2). Default 100.
    #[schemars(range(min = 1, max = 10000))]
    pub page_size: u64,
    /// How many pages the import reads before it gives up on a list that never ends. Default 1000.
    #[schemars(range(min = 1, max = 1000))]
    pub pages: u64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            encoding: Encoding::Form,
            content_type: "application/scim+json".to_owned(),
            user_agent: None,
            test_reads_groups: false,
            test_pages: false,
            group_tries: 4,
            probe_adds_member: false,
            lookup_before_update: false,
            update_by_patch: false,
            reactivate_by_post: false,
            password: false,
            locale: true,
            empty_lists: true,
            members_in_post: false,
            remove_by_filter: false,
            patch_schemas: false,
            page_size: 100,
            pages: 1000,
        }
    }
}
