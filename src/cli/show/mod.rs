//! `scimulate show NOUN ID`.

mod digest;
mod fact;
mod fault;
mod flow;
mod idp;
mod noun;

pub(super) use fact::page as facts_page;
pub(super) use noun::show;
