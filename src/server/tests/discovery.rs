//! What the server says about itself is what it does, whatever it was made to be.

use super::*;
use crate::server::{Choices, Offers, persona};

const BULK: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

/// Compares the description of a server with what it does.
async fn compare(who: &str, t: &Target) {
    let described = t.get("/ServiceProviderConfig").await;
    if described.status == 404 {
        for path in ["/Schemas", "/ResourceTypes"] {
            assert_eq!(t.get(path).await.status, 404, "{who} {path}");
        }
        return;
    }
    let says = |path: &[&str]| described.text_at(path) == "true";
    let mut ids = Vec::new();
    for name in ["ada", "bob"] {
        let body = format!(
            r#"{{"schemas":["{USER}"],"userName":"{name}","externalId":"{name}","displayName":"{name}","active":true,
            "name":{{"givenName":"{name}","familyName":"x","formatted":"x"}},"roles":[{{"value":"user","primary":true}}],
            "emails":[{{"value":"{name}@example.com","type":"work","primary":true}}]}}"#
        );
        let answer = t.call("POST", "/Users", &body).await;
        assert_eq!(answer.status, 201, "{who} {answer:?}");
        ids.push(answer.id());
    }
    let path = format!("/Users/{}", ids[0]);

    let title = r#"{"op":"replace","path":"displayName","value":"x"}"#;
    let patched = t.patch(&path, title).await;
    assert_eq!(
        patched.status < 300,
        says(&["patch", "supported"]),
        "{who} {patched:?}"
    );
    assert_eq!(
        patched.status == 501,
        !says(&["patch", "supported"]),
        "{who} {patched:?}"
    );

    let operations = |n: usize| {
        let one = r#"{"method":"DELETE","path":"/Users/none"}"#;
        format!(
            r#"{{"schemas":["{BULK}"],"Operations":[{}]}}"#,
            vec![one; n].join(",")
        )
    };
    let most: usize = described
        .text_at(&["bulk", "maxOperations"])
        .parse()
        .unwrap();
    let size: usize = described
        .text_at(&["bulk", "maxPayloadSize"])
        .parse()
        .unwrap();
    let bulk = t.call("POST", "/Bulk", &operations(most)).await.status;
    if says(&["bulk", "supported"]) {
        assert_eq!(bulk, 200, "{who}");
        assert_eq!(
            t.call("POST", "/Bulk", &operations(most + 1)).await.status,
            413,
            "{who}"
        );
        let large = format!("{}{}", operations(1), " ".repeat(size));
        assert_eq!(t.call("POST", "/Bulk", &large).await.status, 413, "{who}");
    } else {
        assert_eq!((bulk, most, size), (501, 0, 0), "{who}");
    }

    let listed = |order: &'static str| async move {
        t.get(&format!("/Users?sortBy=userName&sortOrder={order}"))
            .await
            .names()
    };
    let sorts = listed("ascending").await != listed("descending").await;
    assert_eq!(sorts, says(&["sort", "supported"]), "{who}");

    let shown = t.get(&path).await;
    let tagged = shown.header("etag").is_some();
    assert_eq!(tagged, says(&["etag", "supported"]), "{who}");
    assert_eq!(shown.at(&["meta", "version"]).is_some(), tagged, "{who}");

    let filter = "userName%20eq%20%22ada%22";
    let found = t.get(&format!("/Users?filter={filter}")).await;
    assert_eq!(
        found.status == 200,
        says(&["filter", "supported"]),
        "{who} {found:?}"
    );
    let paged = t.get("/Users?cursor&count=1").await;
    assert_eq!(
        paged.at(&["nextCursor"]).is_some(),
        says(&["pagination", "cursor"]),
        "{who}"
    );
    let second = t.get("/Users?startIndex=2&count=1").await;
    assert_eq!(
        second.names().len() == 1,
        says(&["pagination", "index"]),
        "{who}"
    );
    let max = described.text_at(&["pagination", "maxPageSize"]);
    assert_eq!(max, described.text_at(&["filter", "maxResults"]), "{who}");

    let user = t.get(&format!("/Schemas/{USER}")).await;
    assert_eq!(
        user.text.contains(r#""name":"password""#),
        says(&["changePassword", "supported"]),
        "{who}"
    );
    let types = t.get("/ResourceTypes").await.at(&["Resources"]).unwrap();
    for of in types.as_array().unwrap() {
        let endpoint = of.get("endpoint").and_then(Value::as_str).unwrap();
        assert_eq!(t.get(endpoint).await.status, 200, "{who} {endpoint}");
        let extensions = of.get("schemaExtensions").and_then(Value::as_array);
        let extensions = extensions.unwrap_or_default().iter();
        for urn in extensions
            .filter_map(|e| e.get("schema"))
            .chain(of.get("schema"))
        {
            let urn = urn.as_str().unwrap();
            assert_eq!(t.get(&format!("/Schemas/{urn}")).await.id(), urn, "{who}");
        }
        let location = of
            .at(&["meta", "location"])
            .and_then(Value::as_str)
            .unwrap();
        let own = location.split("/v2").last().unwrap();
        if own.starts_with("/ResourceTypes") {
            assert_eq!(t.get(own).await.json(), *of, "{who}");
        }
    }
}

#[tokio::test]
async fn every_persona_describes_itself() {
    for persona in persona::all() {
        let tenant = Tenant::default().playing(persona);
        compare(&persona.id, &Target::of(tenant)).await;
    }
}

#[tokio::test]
async fn a_server_without_a_feature_says_so() {
    for without in 0..5 {
        let mut offers = Offers::default();
        *[
            &mut offers.patch,
            &mut offers.bulk,
            &mut offers.sort,
            &mut offers.etag,
            &mut offers.cursor,
        ][without] = false;
        let choices = Choices {
            offers,
            ..Choices::default()
        };
        let t = Target::of(Tenant {
            choices,
            ..Tenant::default()
        });
        compare(&format!("without feature {without}"), &t).await;
    }
    compare("strict", &Target::with(Leniency::STRICT, &[])).await;
    compare("whole", &Target::new()).await;
}
