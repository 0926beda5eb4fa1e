//! scimulate plays the identity provider: it sends any SCIM 2.0 endpoint the request sequences that Okta,
//! Microsoft Entra ID and JumpCloud send, reads the endpoint's state back, and says where it differs from the
//! lifecycle that the IdP's customer was promised.
//!
//! ```text
//! story (YAML) ─▶ events ─▶ dialect ─▶ guard ─▶ transport ─▶ exchanges (the tape) ─▶ exchange checks ─┐
//!                  │                                              ▲                                    ├─▶ findings ─▶ causes ─▶ verdicts ─▶ report
//!                  └─▶ policy ─▶ promised state ──┐   auditor, prober ─▶ observed state ─┐             │
//!                                                 └───────────── diff ───────────────────┴─────────────┘
//! ```

pub mod cli;
pub mod config;
pub mod defect;
pub mod directory;
pub mod fact;
pub mod idp;
pub mod mistake;
pub mod model;
pub mod nearest;
pub mod report;
pub mod requirement;
pub mod run;
pub mod scenario;
pub mod scim;
pub mod server;
pub mod verdict;
pub mod wire;
mod yaml;
