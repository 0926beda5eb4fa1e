//! Over a socket, by hyper's HTTP/1.1 connection: headers, their order and the request target go out as they are
//! given. Idle connections are kept.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::{Incoming, Outgoing, Target, Transport, TransportError};
use crate::wire::FailureKind;

/// How certificates are checked.
#[derive(Clone, Debug, Default)]
pub struct TlsOptions {
    /// Further certificate authorities, as PEM text.
    pub roots: Option<String>,
}

/// How long a connection may take to be set up.
const CONNECT: Duration = Duration::from_secs(5);
/// How many headers a reply may have.
const HEADERS: usize = 100;

/// A transport over TCP, with TLS where the target says https.
pub struct Live {
    host: String,
    port: u16,
    tls: Option<TlsConnector>,
    body_limit: usize,
    idle: Mutex<Vec<SendRequest<Full<Bytes>>>>,
}

impl std::fmt::Debug for Live {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Live({}:{})", self.host, self.port)
    }
}

impl Live {
    /// A transport to the target; nothing is connected yet.
    ///
    /// # Errors
    /// The further certificate authorities cannot be read.
    pub fn new(
        target: &Target,
        tls: &TlsOptions,
        body_limit: usize,
    ) -> Result<Self, TransportError> {
        let tls = target.tls().then(|| connector(tls)).transpose()?;
        Ok(Self {
            // An IPv6 address stands in brackets in a URL and without them everywhere else.
            host: target.host().trim_matches(['[', ']']).to_owned(),
            port: target.port(),
            tls,
            body_limit,
            idle: Mutex::default(),
        })
    }

    fn kept(&self) -> Option<SendRequest<Full<Bytes>>> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some(connection) = idle.pop() {
            if connection.is_ready() {
                return Some(connection);
            }
        }
        None
    }

    fn keep(&self, connection: SendRequest<Full<Bytes>>) {
        if !connection.is_closed() {
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.push(connection);
        }
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>, TransportError> {
        let place = format!("{}:{}", self.host, self.port);
        let unreachable = |why: String| TransportError {
            kind: FailureKind::Unreachable,
            message: format!("{place} cannot be reached: {why}"),
        };
        let stream = TcpStream::connect((self.host.as_str(), self.port));
        let stream = match tokio::time::timeout(CONNECT, stream).await {
            Ok(Ok(stream)) => stream,
            Ok(Err(e)) => return Err(unreachable(e.to_string())),
            Err(_) => {
                return Err(unreachable(format!(
                    "no connection within {} s",
                    CONNECT.as_secs()
                )));
            }
        };
        // Requests are small and answered one by one: waiting to fill a packet only adds delay.
        stream
            .set_nodelay(true)
            .map_err(|e| unreachable(e.to_string()))?;
        let Some(tls) = &self.tls else {
            return shake_hands(stream).await;
        };
        let failed = |why: String| TransportError {
            kind: FailureKind::Tls,
            message: format!("TLS with {place} failed: {why}"),
        };
        let name = ServerName::try_from(self.host.clone()).map_err(|e| failed(e.to_string()))?;
        match tokio::time::timeout(CONNECT, tls.connect(name, stream)).await {
            Ok(Ok(stream)) => shake_hands(stream).await,
            Ok(Err(e)) => Err(failed(e.to_string())),
            Err(_) => Err(failed(format!(
                "no handshake within {} s",
                CONNECT.as_secs()
            ))),
        }
    }

    async fn exchange(&self, request: Outgoing) -> Result<Incoming, TransportError> {
        let mut request = build(request)?;
        loop {
            let (mut connection, fresh) = match self.kept() {
                Some(connection) => (connection, false),
                None => (self.connect().await?, true),
            };
            let reply = match connection.try_send_request(request).await {
                Ok(reply) => reply,
                Err(mut error) => match error.take_message() {
                    // The kept connection was closed before a byte of the request was written.
                    Some(unsent) if !fresh => {
                        request = unsent;
                        continue;
                    }
                    _ => return Err(broken(&error.into_error())),
                },
            };
            let (head, body) = reply.into_parts();
            let body = Limited::new(body, self.body_limit).collect().await;
            let body = body.map_err(|e| self.unreadable_body(&*e))?.to_bytes();
            self.keep(connection);
            return Ok(Incoming {
                status: head.status.as_u16(),
                headers: header_pairs(&head.headers),
                body,
            });
        }
    }

    fn unreadable_body(
        &self,
        error: &(dyn std::error::Error + Send + Sync + 'static),
    ) -> TransportError {
        if error.is::<http_body_util::LengthLimitError>() {
            let mib = self.body_limit / (1024 * 1024);
            return TransportError {
                kind: FailureKind::Unreadable,
                message: format!(
                    "the answer's body is larger than {mib} MiB (--max-body raises the limit)"
                ),
            };
        }
        TransportError {
            kind: FailureKind::Closed,
            message: format!("the answer broke off: {}", with_causes(error)),
        }
    }
}

impl Transport for Live {
    fn send(
        &self,
        request: Outgoing,
        timeout: Duration,
    ) -> BoxFuture<'_, Result<Incoming, TransportError>> {
        Box::pin(async move {
            match tokio::time::timeout(timeout, self.exchange(request)).await {
                Ok(outcome) => outcome,
                Err(_) => Err(TransportError {
                    kind: FailureKind::TimedOut,
                    message: format!("no complete answer within {} s", timeout.as_secs_f32()),
                }),
            }
        })
    }
}

fn build(request: Outgoing) -> Result<http::Request<Full<Bytes>>, TransportError> {
    let mut built = http::Request::builder()
        .method(request.method)
        .uri(&request.path);
    for (name, value) in &request.headers {
        built = built.header(name, value);
    }
    let body = request.body.map_or_else(Bytes::new, Bytes::from);
    built.body(Full::new(body)).map_err(|e| TransportError {
        kind: FailureKind::Unreadable,
        message: format!(
            "{} {} cannot be written as an HTTP request: {e}",
            request.method, request.path
        ),
    })
}

async fn shake_hands<S>(stream: S) -> Result<SendRequest<Full<Bytes>>, TransportError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let handshake = http1::Builder::new()
        .title_case_headers(true)
        .max_headers(HEADERS)
        .handshake(TokioIo::new(stream))
        .await;
    let (sender, connection) = handshake.map_err(|e| broken(&e))?;
    // The task ends with the connection; its error reaches whoever waits for the reply.
    tokio::spawn(async move { connection.await.ok() });
    Ok(sender)
}

fn broken(error: &hyper::Error) -> TransportError {
    if error.is_parse() {
        let hint = if error.is_parse_too_large() {
            format!(" (at most {HEADERS} headers are read)")
        } else {
            String::new()
        };
        return TransportError {
            kind: FailureKind::Unreadable,
            message: format!("the answer is not HTTP/1.1: {}{hint}", with_causes(error)),
        };
    }
    TransportError {
        kind: FailureKind::Closed,
        message: format!(
            "the connection broke before the answer came: {}",
            with_causes(error)
        ),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

pub(super) fn header_pairs(headers: &http::HeaderMap) -> Vec<(String, String)> {
    headers
        .iter()
        .map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.as_str().to_owned(), value)
        })
        .collect()
}

fn connector(options: &TlsOptions) -> Result<TlsConnector, TransportError> {
    let failed = |message: String| TransportError {
        kind: FailureKind::Tls,
        message,
    };
    let mut roots = rustls::RootCertStore::empty();
    // A machine without a certificate store still reaches targets whose authority was given.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if let Some(pem) = &options.roots {
        for certificate in CertificateDer::pem_slice_iter(pem.as_bytes()) {
            let certificate =
                certificate.map_err(|e| failed(format!("the CA file is not PEM: {e}")))?;
            roots.add(certificate).map_err(|e| {
                failed(format!(
                    "the CA file holds a certificate that cannot be used: {e}"
                ))
            })?;
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|e| failed(e.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}
