//! Everything between a dialect and the target: requests, replies, the tape that records them, the guard that stops
//! writes to strangers, and the transports.
//!
//! A [`Wire`] is a cheaply cloned handle that carries who is speaking (its [`Context`]). Whatever is sent through it is
//! on the tape before the socket is written.

mod beside;
mod clock;
mod disturb;
mod exchange;
mod exposed;
mod guard;
mod handle;
mod headers;
mod message;
mod redact;
mod round;
mod sending;
pub mod tape;
pub mod transport;
mod uri;

pub use crate::fact::{Basis, Confidence};
pub use beside::Beside;
pub use clock::Clock;
pub use disturb::{Disturbance, Injected, On};
pub use exchange::Exchange;
pub use guard::{Guard, Owned, ResourceKind, split as split_target};
pub use handle::{AfterWrite, Authority, Context, Limits, Show, TooLong, Wire, WireOptions};
pub use headers::Headers;
pub use message::{
    Body, Failure, FailureKind, Header, HeaderValue, Method, Origin, Reply, Request,
};
pub use redact::Secrets;
pub use round::Work;
pub(crate) use round::shuffle;
pub use uri::percent_encoded;
