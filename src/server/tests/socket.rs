//! The server on a socket of its own, and under requests that come at once.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use super::*;
use crate::server::listen::{Bounds, serve_within};
use crate::server::{DEFAULT_TENANT, serve};

#[tokio::test]
async fn it_serves_on_a_socket_names_its_own_address_and_stops_when_told() {
    let server = Server::new(Settings::default());
    let tenant = Tenant {
        name: DEFAULT_TENANT.to_owned(),
        token: "tok".to_owned(),
        ..Tenant::default()
    };
    assert_eq!(server.tenant(tenant).unwrap().base_path, "/scim/v2");
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(serve(listener, server, async {
        stopped.await.ok();
    }));
    let mut stream = TcpStream::connect(address).await.unwrap();
    let body = r#"{"userName":"ada"}"#;
    let request = format!(
        "POST /scim/v2/Users HTTP/1.1\r\nHost: elsewhere.example.com\r\nAuthorization: Bearer tok\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    let location = format!("location: http://{address}/scim/v2/Users/");
    assert!(answer.contains(&location), "{answer}");
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_creations_at_once_one_succeeds_and_no_member_is_lost() {
    let t = Arc::new(Target::new());
    let group = t.group("g", &[]).await;
    let mut tasks = Vec::new();
    for n in 0..40 {
        let (t, group) = (t.clone(), group.clone());
        tasks.push(tokio::spawn(async move {
            let same = t.call("POST", "/Users", r#"{"userName":"same"}"#).await;
            let member = t.user(&format!("member{n}")).await;
            let add =
                format!(r#"{{"op":"add","path":"members","value":[{{"value":"{member}"}}]}}"#);
            assert_eq!(t.patch(&format!("/Groups/{group}"), &add).await.status, 204);
            same.status
        }));
    }
    let mut created = 0;
    for task in tasks {
        match task.await.unwrap() {
            201 => created += 1,
            other => assert_eq!(other, 409),
        }
    }
    assert_eq!(created, 1);
    assert_eq!(t.members(&group).await.len(), 40);
}

#[tokio::test]
async fn whoever_is_slow_or_one_too_many_costs_a_bounded_time_and_a_bounded_number() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let bounds = Bounds {
        connections: 1,
        head: Duration::from_millis(200),
    };
    let server = Server::new(Settings::default());
    let serving = tokio::spawn(serve_within(bounds, listener, server, async {
        stopped.await.ok();
    }));
    let mut slow = TcpStream::connect(address).await.unwrap();
    slow.write_all(b"GET /scim/v2/Users HTTP/1.1\r\nHost: ")
        .await
        .unwrap();
    // The next one is served as soon as the slow one was sent away.
    let mut next = TcpStream::connect(address).await.unwrap();
    let request = b"GET /nothing HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    next.write_all(request).await.unwrap();
    let mut answer = String::new();
    let read = next.read_to_string(&mut answer);
    tokio::time::timeout(Duration::from_secs(20), read)
        .await
        .unwrap()
        .unwrap();
    assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
    let mut rest = Vec::new();
    let _ = slow.read_to_end(&mut rest).await;
    assert!(!rest.starts_with(b"HTTP/1.1 200"), "{rest:?}");
    stop.send(()).unwrap();
    serving.await.unwrap().unwrap();
}
