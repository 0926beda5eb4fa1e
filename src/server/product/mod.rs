//! The product behind the SCIM endpoint, as small as can be: people sign in, have sessions, make personal access
//! tokens, and ask who they are; its administrators let people in, ban them, grant roles, count seats and switch
//! provisioning off. Offboarding means that access ends, and what the product decides by itself is none of SCIM's
//! business: both must be seen.
//!
//! All of it lies below a tenant's root, in `/app`. *The tenant* is whoever shows the tenant's own credentials, with the
//! scope to create users; *a person* shows a session or a token as a bearer. What is refused has a SCIM error as body.
//!
//! | request | by | answer |
//! |---|---|---|
//! | `POST /login` `{userName}` | the tenant | 201 `{session}`: a sign-on that an identity provider vouches for; 403 unless SCIM made the person, who is active |
//! | `POST /login` `{userName, password}` | anybody | 201 `{session}`; for the product's own people alone, else 401 |
//! | `POST /sign-on` `{userName, groups}` | the tenant | 201 `{session}`: the same with claims, as a product does that makes accounts at the first sign-on. This one makes and enables nobody (403), and `groups` changes no membership |
//! | `DELETE /session` | a person | 204 |
//! | `GET /me` | a person | `{id, userName, active, local, by, roles}`: the roles are the names of the person's groups, nested ones too, and what was granted |
//! | `POST /tokens` | a person, by a session | 201 `{token}` |
//! | `POST /people` `{userName, password, administrator}` | the tenant | 201: somebody of whom SCIM knows nothing; SCIM neither shows the person nor gives the name away |
//! | `PUT`, `DELETE /people/{userName}/roles/{role}` | the tenant | 204: grants a role, takes it back. `administrator` makes an administrator; SCIM's `roles` make nobody anything |
//! | `PUT`, `DELETE /people/{userName}/ban` | the tenant | 204: the person is out at once and does not come in, also by an account that SCIM makes anew |
//! | `GET /administrators` | the tenant | `{administrators}`: who can administer the product now. SCIM neither deactivates nor deletes the only one |
//! | `GET`, `PUT /seats` `{seats}` | the tenant | `{seats, taken}`: each active person takes one; SCIM is refused (403) what would take more. `null`: as many as come |
//! | `GET`, `PUT /provisioning` `{on}` | the tenant | off, the SCIM endpoint answers 403, and people stay as they are |
//! | `POST /provisioning-tokens` | an administrator, by a session | 201 `{token}`: opens the tenant's SCIM endpoint; 403 for everybody else |
//!
//! Nothing but a deletion of the account ends what was granted, and nothing but the tenant lifts a ban: a rename takes
//! both along.

mod administrator;
mod ban;
mod door;
mod local;
mod provisioning;
mod role;
mod route;
mod seat;
mod sign_on;

pub(super) use administrator::check_last;
pub(super) use door::{Write, person};
pub(super) use provisioning::{check_provisioning, is_provisioning_token};
pub(super) use route::reply;
pub(super) use seat::check_seat;
