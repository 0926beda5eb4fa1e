//! Requirements on PATCH: the forms in which the IdPs write it, what its operations and their values do, and what it refuses.

pub(super) mod form;
pub(super) mod operation;
pub(super) mod refusal;
pub(super) mod value;
