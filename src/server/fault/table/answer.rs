//! The form of answers.

use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderValue, Method};

use super::super::{Fault, Hook, Outgoing, Place};
use super::{ON, fault};
use crate::scim::schema::ENTERPRISE_URN;
use crate::scim::{Object, Value};
use crate::server::handler::Route;
use crate::server::reply::{Failure, Reply};
use crate::server::store::Kind;

pub(super) const FAULTS: &[Fault] = &[
    fault(
        "error-not-json",
        "Errors come as HTML, plain text or empty",
        &["html", "plain", "empty"],
        &[Hook::Reply(|out, mode| {
            if out.reply.status >= 400 {
                let (media, body) = match mode {
                    "html" => ("text/html", "<html><body><h1>Error</h1></body></html>"),
                    "plain" => ("text/plain", "error"),
                    _ => ("text/plain", ""),
                };
                out.reply.body = body.into();
                set_media_type(out.reply, media);
            }
        })],
    ),
    fault(
        "error-status-numeric",
        "The status in an error's body is a number",
        ON,
        &[Hook::Reply(|out, _| {
            let status = out.reply.status;
            if status >= 400 {
                change_body(out, |body| {
                    if body.contains("status") {
                        body.set("status", i64::from(status));
                    }
                });
            }
        })],
    ),
    fault(
        "wrong-response-content-type",
        "Answers are labelled text/html",
        ON,
        &[Hook::Reply(|out, _| {
            if out.reply.headers.contains_key(CONTENT_TYPE) {
                set_media_type(out.reply, "text/html");
            }
        })],
    ),
    fault(
        "post-200-not-201",
        "A creation is answered with 200",
        ON,
        &[Hook::Reply(|out, _| {
            if out.reply.status == 201 {
                out.reply.status = 200;
            }
        })],
    ),
    fault(
        "created-without-body",
        "A creation is answered without the resource",
        ON,
        &[Hook::Reply(|out, _| {
            if out.reply.status == 201 {
                out.reply.body.clear();
                out.reply.headers.remove(CONTENT_TYPE);
            }
        })],
    ),
    fault(
        "created-without-location",
        "A creation is answered without Location",
        ON,
        &[Hook::Reply(|out, _| {
            out.reply.headers.remove(LOCATION);
        })],
    ),
    fault(
        "location-header-differs",
        "The Location of a created resource is another URI than its meta.location",
        ON,
        &[Hook::Reply(|out, _| {
            let location = out.reply.headers.get(LOCATION);
            let uri = location.and_then(|value| value.to_str().ok());
            if let Some(uri) = uri.filter(|_| out.reply.status == 201) {
                let uri = misplaced(uri, "internal-host", None);
                *out.reply = out.reply.clone().with_location(&uri);
            }
        })],
    ),
    fault(
        "patch-answers-202",
        "PATCH is answered with 202",
        ON,
        &[Hook::Reply(|out, _| {
            if out.method == Method::PATCH && out.reply.status < 300 {
                *out.reply = Reply::empty(202);
            }
        })],
    ),
    fault(
        "put-answers-204",
        "PUT is answered with 204 and no body",
        ON,
        &[Hook::Reply(|out, _| {
            if out.method == Method::PUT && out.reply.status == 200 {
                *out.reply = Reply::empty(204);
            }
        })],
    ),
    fault(
        "unknown-id-not-404",
        "An unknown id is not answered with 404",
        &["400", "500", "200"],
        &[Hook::Reply(|out, mode| {
            if matches!(out.route, Route::Resource(..)) && out.reply.status == 404 {
                *out.reply = match mode {
                    "200" => Reply::scim(200, b"{}".to_vec()),
                    "500" => Failure::new(500, None, "unexpected error").into(),
                    _ => Failure::value("the id is not valid").into(),
                };
            }
        })],
    ),
    fault(
        "list-without-envelope",
        "A list comes without its envelope",
        &["bare-array", "no-schemas"],
        &[Hook::Reply(|out, mode| {
            let search = matches!(out.route, Route::Resources(_) | Route::Search(_));
            if search && out.reply.status == 200 {
                match mode {
                    "no-schemas" => change_body(out, |body| {
                        body.remove("schemas");
                    }),
                    _ => change_whole_body(out, |body| match body.get("Resources") {
                        Some(list) => list.clone(),
                        None => Value::Array(Vec::new()),
                    }),
                }
            }
        })],
    ),
    fault(
        "counters-as-text",
        "The counters of a list are texts",
        ON,
        &[Hook::Reply(|out, _| {
            if out.reply.status == 200 {
                change_body(out, |body| {
                    for name in ["totalResults", "startIndex", "itemsPerPage"] {
                        if let Some(Value::Number(number)) = body.get(name) {
                            let text = number.as_str().to_owned();
                            body.set(name, text);
                        }
                    }
                });
            }
        })],
    ),
    fault(
        "schemas-missing",
        "Resources are shown without schemas",
        ON,
        &[Hook::Show(|showing, _| {
            showing.resource.remove("schemas");
        })],
    ),
    fault(
        "version-differs-from-etag",
        "meta.version is not the ETag",
        ON,
        &[Hook::Show(|showing, _| {
            if let Some(Value::Object(meta)) = showing.resource.get_mut("meta") {
                meta.set("version", "W/\"0\"");
            }
        })],
    ),
    fault(
        "delete-status-wrong",
        "DELETE is answered with the wrong status",
        &[
            "500-unknown",
            "204-unknown",
            "500-but-removed",
            "200-with-body",
        ],
        &[Hook::Reply(|out, mode| {
            if out.method != Method::DELETE {
                return;
            }
            match (mode, out.reply.status) {
                ("500-unknown", 404) | ("500-but-removed", 204) => {
                    *out.reply = Failure::new(500, None, "unexpected error").into();
                }
                ("204-unknown", 404) => *out.reply = Reply::empty(204),
                ("200-with-body", 204) => *out.reply = Reply::scim(200, b"{}".to_vec()),
                _ => {}
            }
        })],
    ),
    fault(
        "disabled-endpoint-200-html",
        "A path that is not served, or every path, is answered with 200 and a web page",
        &["on", "all"],
        &[Hook::Reply(|out, mode| {
            let shown = out.reply.status < 300 && !out.reply.body.is_empty();
            if *out.route == Route::Unknown || mode == "all" && shown {
                *out.reply = Reply::scim(200, b"<!doctype html><title>App</title>".to_vec());
                set_media_type(out.reply, "text/html");
            }
        })],
    ),
    fault(
        "discovery-shape-wrong",
        "Discovery answers are malformed",
        &["raw-array", "no-schemas", "extension-missing"],
        &[Hook::Reply(|out, mode| {
            if !matches!(out.route, Route::Discovery(..)) {
                return;
            }
            match mode {
                "raw-array" => change_whole_body(out, |body| match body.get("Resources") {
                    Some(list) => list.clone(),
                    None => Value::Array(vec![body]),
                }),
                "no-schemas" => change_body(out, |body| {
                    body.remove("schemas");
                }),
                _ => change_body(out, |body| {
                    let Some(Value::Array(list)) = body.get_mut("Resources") else {
                        return;
                    };
                    list.retain(|item| {
                        item.get("id").and_then(Value::as_str) != Some(ENTERPRISE_URN)
                    });
                    for item in list.iter_mut().filter_map(Value::as_object_mut) {
                        item.remove("schemaExtensions");
                    }
                }),
            }
        })],
    ),
    fault(
        "meta-location-wrong",
        "meta.location is not the resource's URI",
        &[
            "relative",
            "internal-host",
            "doubled-path",
            "from-host-header",
        ],
        &[
            Hook::Request(|incoming, mode| {
                let named = |name| incoming.headers.get(name)?.to_str().ok();
                let host = named("x-forwarded-host").or_else(|| named("host"));
                let host = host.filter(|_| mode == "from-host-header");
                let host = host.map(str::to_owned);
                incoming.notes.change(HOST, |_| host);
            }),
            Hook::Show(|showing, mode| {
                let Some(Value::Object(meta)) = showing.resource.get_mut("meta") else {
                    return;
                };
                if let Some(uri) = meta.get("location").and_then(Value::as_str) {
                    let uri = misplaced(uri, mode, showing.notes.get(HOST));
                    meta.set("location", uri);
                }
            }),
            Hook::Reply(|out, mode| {
                let uri = out
                    .reply
                    .headers
                    .get(LOCATION)
                    .and_then(|v| v.to_str().ok());
                if let Some(uri) = uri.map(|uri| misplaced(uri, mode, out.notes.get(HOST))) {
                    *out.reply = out.reply.clone().with_location(&uri);
                }
            }),
        ],
    ),
    fault(
        "timestamps-wrong",
        "created and lastModified are no dateTimes",
        ON,
        &[Hook::Show(|showing, _| {
            if let Some(Value::Object(meta)) = showing.resource.get_mut("meta") {
                for name in ["created", "lastModified"] {
                    meta.set(name, "21.09.2026 14:13");
                }
            }
        })],
    ),
    fault(
        "write-response-wrong-content",
        "The answer to a write shows other values than are stored",
        ON,
        &[Hook::Show(|showing, _| {
            if showing.place == Place::Write {
                showing.resource.remove("members");
                if showing.kind == Kind::User {
                    showing.resource.set("userName", "saved");
                }
            }
        })],
    ),
    fault(
        "extension-namespace-lost",
        "Extension attributes are shown outside of their URN",
        ON,
        &[Hook::Show(|showing, _| {
            if let Some(Value::Object(extension)) = showing.resource.remove(ENTERPRISE_URN) {
                for (name, value) in extension {
                    showing.resource.set(name, value);
                }
            }
        })],
    ),
];

fn set_media_type(reply: &mut Reply, media: &'static str) {
    let media = HeaderValue::from_static(media);
    reply.headers.insert(CONTENT_TYPE, media);
}

fn change_whole_body(out: &mut Outgoing<'_>, change: impl FnOnce(Value) -> Value) {
    if let Ok(body) = Value::from_slice(&out.reply.body) {
        out.reply.body = change(body).to_string().into_bytes();
    }
}

pub(super) fn change_body(out: &mut Outgoing<'_>, change: impl FnOnce(&mut Object)) {
    change_whole_body(out, |mut body| {
        if let Value::Object(object) = &mut body {
            change(object);
        }
        body
    });
}

/// Under what the host is remembered that the request named.
const HOST: &str = "host";

fn misplaced(uri: &str, mode: &str, host: Option<String>) -> String {
    let (scheme, rest) = uri.split_once("://").unwrap_or(("http", uri));
    let (_, path) = rest.split_once('/').unwrap_or_default();
    match mode {
        "relative" => format!("/{path}"),
        "from-host-header" => host.map_or_else(
            || uri.to_owned(),
            |host| format!("{scheme}://{host}/{path}"),
        ),
        "internal-host" => format!("{scheme}://scim-7c9f.internal:8080/{path}"),
        _ => uri.replace("/scim/v2/", "/scim/v2/scim/v2/"),
    }
}
