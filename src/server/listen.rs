//! The socket: connections taken in within bounds, so that many clients and slow ones cost no more than a fixed amount.

use std::convert::Infallible;
use std::future::Future;
use std::net::Ipv4Addr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinSet;

use super::service::Server;

/// How much the socket bears.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    /// How many connections are open at a time; further ones wait to be taken.
    pub(super) connections: usize,
    /// How long the head of a request may take to arrive, and how long a connection may be idle before it.
    pub(super) head: Duration,
}

impl Default for Bounds {
    fn default() -> Self {
        Self {
            connections: 512,
            head: Duration::from_secs(60),
        }
    }
}

/// How long the server waits after the system could not give it a connection, as when it has no more handles.
const PAUSE: Duration = Duration::from_millis(100);

/// Serves until `shutdown` completes, then finishes the requests that are under way.
///
/// # Errors
/// The listener has no address.
pub async fn serve(
    listener: TcpListener,
    server: Server,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    serve_within(Bounds::default(), listener, server, shutdown).await
}

pub(super) async fn serve_within(
    bounds: Bounds,
    listener: TcpListener,
    server: Server,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> std::io::Result<()> {
    let mut address = listener.local_addr()?;
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    server.bind(format!("http://{address}"));
    let free = Arc::new(Semaphore::new(bounds.connections));
    let (stopping, stopped) = watch::channel(());
    let mut connections = JoinSet::new();
    let mut shutdown = pin!(shutdown);
    loop {
        while connections.try_join_next().is_some() {}
        let place = tokio::select! {
            place = Arc::clone(&free).acquire_owned() => place,
            () = &mut shutdown => break,
        };
        let taken = tokio::select! {
            taken = listener.accept() => taken,
            () = &mut shutdown => break,
        };
        let Ok((stream, _)) = taken else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let serving = connection(stream, server.clone(), bounds.head, stopped.clone());
        connections.spawn(async move {
            serving.await;
            drop(place);
        });
    }
    drop(listener);
    drop(stopping);
    while connections.join_next().await.is_some() {}
    Ok(())
}

/// Answers the requests of one connection, until its client goes, is too slow, or the server stops.
async fn connection(
    stream: TcpStream,
    server: Server,
    head: Duration,
    mut stopped: watch::Receiver<()>,
) {
    // Without it small answers wait for acknowledgements; a socket that refuses works all the same.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let server = server.clone();
        async move { Ok::<_, Infallible>(server.respond(request.map(Body::new)).await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(head);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    tokio::select! {
        // Whatever ended it, there is nobody left to tell.
        _ = connection.as_mut() => return,
        // The sender is dropped when the server stops.
        _ = stopped.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
