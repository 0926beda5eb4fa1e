//! What is known of the product behind the endpoint: how people get in there, and what its administrator can do.
//!
//! A tester describes it in the target file, request by request; the product behind the bundled server is described in
//! the same way.

mod check;
mod description;
mod template;

pub use check::{Part, ProductError};
pub use description::{
    Action, Administrators, Ask, Ban, Capture, CredentialKind, CredentialSpec, GrantRole,
    MakePerson, Mint, Product, Provisioning, ProvisioningToken, RoleGroup, Roles, Seats, SignIn,
    SignOn, Usage,
};
pub use template::is_template;
pub(super) use template::{Spelling, fill};
