//! A load generator: requests as bytes over kept connections, one after the other on each.

use std::io;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// A request with the status that it must be answered with: an error costs something else than an answer.
pub(crate) struct Call {
    bytes: Vec<u8>,
    status: u16,
}

impl Call {
    pub(crate) fn new(method: &str, target: &str, token: &str, body: &str, status: u16) -> Self {
        let typed = match body {
            "" => String::new(),
            body => format!(
                "Content-Type: application/scim+json\r\nContent-Length: {}\r\n",
                body.len()
            ),
        };
        let text = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nAccept: application/scim+json\r\n\
             Authorization: Bearer {token}\r\n{typed}\r\n{body}"
        );
        Self {
            bytes: text.into_bytes(),
            status,
        }
    }

    pub(crate) fn get(target: &str, token: &str) -> Self {
        Self::new("GET", target, token, "", 200)
    }
}

/// One client's connection, opened again where the server closes it.
pub(crate) struct Connection {
    address: SocketAddr,
    stream: Option<TcpStream>,
    buffer: Vec<u8>,
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> Self {
        Self {
            address,
            stream: Some(connect(address).await.unwrap()),
            buffer: Vec::new(),
        }
    }

    /// Sends a call and returns the body of the answer. A connection that breaks, as those of simple servers do, is
    /// opened again.
    ///
    /// # Panics
    /// The answer is not what it must be, or the server does not answer.
    pub(crate) async fn send(&mut self, call: &Call) -> &[u8] {
        let mut tries = 1..=3;
        let head = loop {
            match self.exchange(call).await {
                Ok(head) => break head,
                Err(e) => assert!(tries.next().is_some(), "{}: {e}", self.address),
            }
        };
        &self.buffer[head..]
    }

    /// Sends a call and reads the answer; the result is where its body begins.
    async fn exchange(&mut self, call: &Call) -> io::Result<usize> {
        let mut stream = match self.stream.take() {
            Some(stream) => stream,
            None => connect(self.address).await?,
        };
        stream.write_all(&call.bytes).await?;
        self.buffer.clear();
        let head = loop {
            self.read_more(&mut stream).await?;
            let end = self.buffer.windows(4).position(|four| four == b"\r\n\r\n");
            if let Some(end) = end {
                break end + 4;
            }
        };
        let (length, closes) = self.read_head(head, call.status);
        while self.buffer.len() < head + length {
            self.read_more(&mut stream).await?;
        }
        self.stream = (!closes).then_some(stream);
        Ok(head)
    }

    async fn read_more(&mut self, stream: &mut TcpStream) -> io::Result<()> {
        match stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }

    /// How long the body is, and whether the server closes the connection behind it.
    fn read_head(&self, end: usize, wanted: u16) -> (usize, bool) {
        let head = std::str::from_utf8(&self.buffer[..end]).unwrap();
        let mut lines = head.lines();
        let first = lines.next().unwrap();
        let status = first.split(' ').nth(1).unwrap();
        assert_eq!(status, wanted.to_string(), "{head}");
        let (mut length, mut closes) = (0, first.starts_with("HTTP/1.0"));
        for (name, value) in lines.filter_map(|line| line.split_once(':')) {
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse().unwrap();
            } else if name.eq_ignore_ascii_case("connection") {
                closes = value.trim().eq_ignore_ascii_case("close");
            }
        }
        (length, closes)
    }
}

async fn connect(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// Sends the calls over that many connections, which share them evenly, and says how long it took.
pub(crate) async fn drive(address: SocketAddr, connections: usize, calls: &[Call]) -> Duration {
    let open = (0..connections).map(|_| Connection::open(address));
    let open = join_all(open).await;
    let start = now();
    let clients = open.into_iter().enumerate();
    join_all(clients.map(|(first, mut connection)| async move {
        for call in calls.iter().skip(first).step_by(connections) {
            connection.send(call).await;
        }
    }))
    .await;
    start.elapsed()
}

#[expect(
    clippy::disallowed_methods,
    reason = "a bench measures the machine's time"
)]
pub(crate) fn now() -> Instant {
    Instant::now()
}
