//! Requirements on the form of single messages, whoever asked.

pub(super) mod body;
pub(super) mod list;
pub(super) mod refusal;
pub(super) mod resource;
pub(super) mod success;
