//! The status page: who exists, who is active, what was asked last. One page of HTML without scripts, for the person
//! who started the server; it shows names, so it is served on loopback alone and to nobody who came by another name.

mod exchange;
mod html;
mod people;

use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HOST, REFERRER_POLICY};
use http::header::{HeaderName, HeaderValue, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS};
use http::request::Parts;
use http::{HeaderMap, Method};

use super::history::History;
use super::reply::{Failure, Reply};
use super::service::Server;
use html::View;

/// How many people, and how many groups, a page shows.
const PAGE: usize = 100;

/// How often a page may come again by itself, in seconds.
const REFRESH: u64 = 5;

/// Nothing but the page itself and its own style; no script, no frame around it, no form.
const HEADERS: [(HeaderName, &str); 5] = [
    (CACHE_CONTROL, "no-store"),
    (REFERRER_POLICY, "no-referrer"),
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (X_FRAME_OPTIONS, "DENY"),
    (CONTENT_TYPE, "text/html; charset=utf-8"),
];

/// Answers a request for `/`.
pub(super) fn page(server: &Server, history: &History, head: &Parts) -> Reply {
    if !matches!(head.method, Method::GET | Method::HEAD) {
        return Reply::not_allowed(head.method.as_str(), "GET");
    }
    if !is_local(&head.headers) {
        let detail = "the status page is shown to this machine alone, under the name localhost or its loopback address";
        return Failure::new(403, None, detail).into();
    }
    let query = head.uri.query().unwrap_or_default();
    let query: Vec<(String, String)> = url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect();
    let asked = |name: &str| {
        let pair = query.iter().find(|(n, _)| n == name);
        pair.map(|(_, value)| value.as_str())
    };
    let names = server.names();
    let tenant = asked("tenant").and_then(|name| names.iter().find(|n| *n == name));
    let tenant = tenant.or(names.first()).cloned().unwrap_or_default();
    let number = |name| asked(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let view = View {
        server,
        history,
        names: &names,
        tenant: &tenant,
        users_from: number("users"),
        groups_from: number("groups"),
        refresh: asked("refresh").is_some(),
    };
    let mut reply = Reply::empty(200);
    for (name, value) in HEADERS {
        reply.headers.insert(name, HeaderValue::from_static(value));
    }
    let reply = reply.with(CONTENT_SECURITY_POLICY, &html::policy());
    let body = match head.method == Method::HEAD {
        true => Vec::new(),
        false => view.to_string().into_bytes(),
    };
    Reply { body, ..reply }
}

/// Whether the browser believes to speak with this machine: another name that leads here is somebody's trick.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    let Some(url) = host.and_then(|host| url::Url::parse(&format!("http://{host}/")).ok()) else {
        return false;
    };
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_local() {
        let local = |host: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(HOST, HeaderValue::from_str(host).unwrap());
            is_local(&headers)
        };
        for host in ["localhost", "localhost:8080", "127.0.0.1:1", "[::1]:8080"] {
            assert!(local(host), "{host}");
        }
        for host in [
            "",
            "example.com",
            "localhost.example.com",
            "10.0.0.1",
            "[::2]:1",
            "a b",
        ] {
            assert!(!local(host), "{host}");
        }
        assert!(!is_local(&HeaderMap::new()));
    }
}
