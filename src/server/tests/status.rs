//! The status page and its history.

use super::*;

async fn page(server: &Server, path: &str, host: &str) -> (u16, HeaderMap, String) {
    let request = Request::get(path).header("host", host).body(Body::empty());
    let response = server.respond(request.unwrap()).await;
    let (head, body) = response.into_parts();
    let bytes = body.collect().await.unwrap().to_bytes();
    let text = String::from_utf8(bytes.to_vec()).unwrap();
    (head.status.as_u16(), head.headers, text)
}

fn shown() -> Target {
    let server = Server::new(Settings {
        seed: 7,
        status_page: true,
        ..Settings::default()
    });
    let tenant = |name: &str| Tenant {
        name: name.to_owned(),
        token: "tok".to_owned(),
        ..Tenant::default()
    };
    let info = server.tenant(tenant("t1")).unwrap();
    server.tenant(tenant("t2")).unwrap();
    Target {
        server,
        base: info.base_path,
    }
}

#[tokio::test]
async fn the_page_shows_people_and_exchanges_and_no_secret() {
    let t = shown();
    let body = format!(
        r#"{{"schemas":["{USER}"],"userName":"<b>ada</b>","password":"hush-1","active":false}}"#
    );
    let ada = t.call("POST", "/Users", &body).await.id();
    t.group("eng & co", &[&ada]).await;
    let (status, headers, text) = page(&t.server, "/", "localhost:8080").await;
    assert_eq!(status, 200);
    assert!(
        text.contains("&lt;b&gt;ada&lt;/b&gt;") && !text.contains("<b>ada"),
        "{text}"
    );
    assert!(
        text.contains("eng &amp; co") && text.contains("inactive"),
        "{text}"
    );
    assert!(
        text.contains("/t/t1/scim/v2/Users") && text.contains("••••••"),
        "{text}"
    );
    for secret in ["hush-1", "Bearer", "tok<", "tok\""] {
        assert!(!text.contains(secret), "{secret}");
    }
    let header = |name: &str| headers[name].to_str().unwrap().to_owned();
    assert!(header("content-security-policy").starts_with("default-src 'none'"));
    assert_eq!(header("cache-control"), "no-store");
    for outside in ["<script", "src=", "http-equiv", "<link", "<img"] {
        assert!(!text.contains(outside), "{outside}");
    }
    // A tenant's page shows no other tenant's people.
    let (_, _, other) = page(&t.server, "/?tenant=t2", "127.0.0.1").await;
    assert!(
        !other.contains("ada") && other.contains("Nobody yet"),
        "{other}"
    );
    let (_, _, again) = page(&t.server, "/?tenant=t1&refresh", "127.0.0.1").await;
    assert!(again.contains("http-equiv=\"refresh\""));
}

#[tokio::test]
async fn the_page_shows_what_the_product_decided() {
    let t = shown();
    t.user("ada").await;
    let app = Target {
        server: t.server.clone(),
        base: "/t/t1/app".to_owned(),
    };
    let local = r#"{"userName":"<i>root</i>","password":"hush-2","administrator":true}"#;
    for (method, path, body) in [
        ("POST", "/people", local),
        ("PUT", "/people/ada/ban", ""),
        ("PUT", "/seats", r#"{"seats":5}"#),
        ("PUT", "/provisioning", r#"{"on":false}"#),
    ] {
        let answer = app.call(method, path, body).await;
        assert!(answer.status < 300, "{answer:?}");
    }
    let (_, _, text) = page(&t.server, "/", "localhost").await;
    for part in [
        ">banned</span>",
        ">administrator</span>",
        "<bdi>&lt;i&gt;root&lt;/i&gt;</bdi>",
        "<dd>2 of 5</dd>",
        "Provisioning is switched off",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert!(!text.contains("<i>root") && !text.contains("hush-2"));
}

#[tokio::test]
async fn the_page_is_for_this_machine_and_only_where_it_is_wanted() {
    let t = shown();
    assert_eq!(page(&t.server, "/", "rebound.example.com").await.0, 403);
    let without = Target::new();
    assert_eq!(page(&without.server, "/", "localhost").await.0, 404);
}

#[tokio::test]
async fn the_last_two_hundred_exchanges_are_kept() {
    let t = shown();
    for n in 0..205 {
        t.get(&format!("/Users/number-{n}-")).await;
    }
    let (_, _, text) = page(&t.server, "/", "localhost").await;
    assert!(text.contains("number-204-") && text.contains("number-5-"));
    assert!(!text.contains("number-4-"));
    assert_eq!(text.matches("<details").count(), 200);
}
