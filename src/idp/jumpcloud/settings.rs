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
    /// Whether a person who is linked is looked up again before each update; that a lookup precedes a write is documented,
    /// that it does so when the id is known is not (jumpcloud/3/1). Default no.
    pub lookup_before_update: bool,
    /// Whether `externalId` is sent: both captured bodies have it, JumpCloud's documentation is said to deny it
    /// (jumpcloud/3/5). Default yes.
    pub external_id: bool,
    /// Whether `locale` accompanies `preferredLanguage`, as in both captured bodies (jumpcloud/3/6). Default yes.
    pub locale: bool,
    /// Whether a body shows lists that have no value as `[]`, as in the captured PUT (jumpcloud/3/6). Default yes.
    pub empty_lists: bool,
    /// Whether a group's POST has its members; the captured one has none (jumpcloud/4/4). Default no.
    pub members_in_post: bool,
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
            lookup_before_update: false,
            external_id: true,
            locale: true,
            empty_lists: true,
            members_in_post: false,
            patch_schemas: false,
            page_size: 100,
            pages: 1000,
        }
    }
}
