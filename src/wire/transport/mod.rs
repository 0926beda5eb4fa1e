//! How a request reaches a target: over a socket, or straight into a router in the same process.

mod authority;
mod inprocess;
mod live;
mod target;

pub use authority::Keeper;
pub use inprocess::{InProcess, Interceptor};
pub use live::{Live, TlsOptions};
pub use target::{Credentials, Target, TargetError, TokenRequest};

use std::time::Duration;

use futures_util::future::BoxFuture;

use super::FailureKind;

/// A request as it leaves: every header has its value.
#[derive(Clone, Debug)]
pub struct Outgoing {
    /// The method, such as `GET`.
    pub method: &'static str,
    /// Path and query, the base URL's path included.
    pub path: String,
    /// The headers in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Option<String>,
}

/// A reply as it came.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The HTTP status.
    pub status: u16,
    /// The headers in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: bytes::Bytes,
}

/// Why no reply came.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct TransportError {
    /// What went wrong.
    pub kind: FailureKind,
    /// A sentence for the person who runs the program.
    pub message: String,
}

/// Carries one request to the target and its reply back.
pub trait Transport: Send + Sync {
    /// Sends a request and waits for the whole reply.
    fn send(
        &self,
        request: Outgoing,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Incoming, TransportError>>;
}
