//! Straight into an axum router: no socket, no port. Tests use it, with an interceptor that plays a faulty target.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use futures_util::future::BoxFuture;
use http_body_util::BodyExt as _;

use super::{Incoming, Outgoing, Transport, TransportError};
use crate::wire::FailureKind;

/// Changes what the target reads or says.
pub trait Interceptor: Send + Sync {
    /// May change a reply before the program sees it.
    fn reply(&self, request: &Outgoing, reply: &mut Incoming);
}

/// A transport that calls a router.
#[derive(Clone)]
pub struct InProcess {
    router: axum::Router,
    interceptor: Option<Arc<dyn Interceptor>>,
}

impl std::fmt::Debug for InProcess {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("InProcess")
    }
}

impl InProcess {
    /// A transport to that router, through the interceptor if there is one.
    pub fn new(router: axum::Router, interceptor: Option<Arc<dyn Interceptor>>) -> Self {
        Self {
            router,
            interceptor,
        }
    }
}

impl Transport for InProcess {
    fn send(
        &self,
        request: Outgoing,
        _: Duration,
    ) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        use tower_service::Service as _;
        let mut router = self.router.clone();
        Box::pin(async move {
            let unreadable = |message: String| TransportError {
                kind: FailureKind::Unreadable,
                message,
            };
            let mut built = http::Request::builder()
                .method(request.method)
                .uri(&request.path);
            for (name, value) in &request.headers {
                built = built.header(name, value);
            }
            let body = request.body.clone().map_or_else(Body::empty, Body::from);
            let built = built.body(body).map_err(|e| unreadable(e.to_string()))?;
            let reply = match router.as_service().call(built).await {
                Ok(reply) => reply,
                Err(never) => match never {},
            };
            let (head, body) = reply.into_parts();
            let body = body
                .collect()
                .await
                .map_err(|e| unreadable(e.to_string()))?;
            let mut reply = Incoming {
                status: head.status.as_u16(),
                headers: super::live::header_pairs(&head.headers),
                body: body.to_bytes(),
            };
            if let Some(interceptor) = &self.interceptor {
                interceptor.reply(&request, &mut reply);
            }
            Ok(reply)
        })
    }
}
