//! Two tenants of one server: kept apart, and, under each fault, not.

use super::*;

/// Two customers of one server; the faults are the first one's.
struct Two {
    first: Target,
    second: Target,
}

impl Two {
    fn with(faults: &[&str]) -> Self {
        let first = Target::with(Leniency::default(), faults);
        let second = first.beside("t2");
        Self { first, second }
    }

    /// A person and a group at the second customer, by their ids.
    async fn made(&self) -> (String, String) {
        let bea = self.second.user("bea").await;
        let crew = self.second.group("crew", &[&bea]).await;
        (bea, crew)
    }
}

const NAMED_BEA: &str = "/Users?filter=userName%20eq%20%22bea%22";

fn path(id: &str) -> String {
    format!("/Users/{id}")
}

/// A new display name, by PUT.
fn renamed(name: &str) -> String {
    format!(r#"{{"schemas":["{USER}"],"userName":"{name}","displayName":"Changed"}}"#)
}

#[tokio::test]
async fn tenants_see_and_change_nothing_of_each_other() {
    let two = Two::with(&[]);
    let (bea, crew) = two.made().await;
    for at in [path(&bea), format!("/Groups/{crew}")] {
        assert_eq!(two.first.get(&at).await.error(), "404");
        let body = renamed("bea");
        assert_eq!(two.first.call("PUT", &at, &body).await.error(), "404");
        let patch = r#"{"op":"replace","path":"displayName","value":"Changed"}"#;
        assert_eq!(two.first.patch(&at, patch).await.error(), "404");
        assert_eq!(two.first.call("DELETE", &at, "").await.error(), "404");
    }
    assert!(two.first.get(NAMED_BEA).await.names().is_empty());
    // Names are free in each tenant, and a person of one is no member in the other.
    let own = two.first.user("bea").await;
    assert_ne!(own, bea);
    let body = format!(r#"{{"displayName":"own","members":[{{"value":"{bea}"}}]}}"#);
    assert_ne!(two.first.call("POST", "/Groups", &body).await.status, 201);
    let put = two.first.call("PUT", &path(&own), &renamed("bea")).await;
    assert_eq!(put.status, 200);
    assert_eq!(two.first.call("DELETE", &path(&own), "").await.status, 204);
    let there = two.second.get(&path(&bea)).await;
    assert_eq!(
        (there.status, there.text_at(&["displayName"])),
        (200, String::new())
    );
}

#[tokio::test]
async fn whoever_is_found_by_id_alone_is_read_changed_and_deleted_from_elsewhere() {
    let fault = |mode: &str| format!("cross-tenant-object-access={mode}");
    let two = Two::with(&[&fault("any")]);
    let (bea, crew) = two.made().await;
    assert_eq!(
        two.first.get(&path(&bea)).await.text_at(&["userName"]),
        "bea"
    );
    let put = two.first.call("PUT", &path(&bea), &renamed("bea")).await;
    assert_eq!(put.status, 200);
    assert_eq!(
        two.second.get(&path(&bea)).await.text_at(&["displayName"]),
        "Changed"
    );
    let group = format!("/Groups/{crew}");
    assert_eq!(two.first.call("DELETE", &group, "").await.status, 204);
    assert_eq!(two.second.get(&group).await.error(), "404");
    // A list is not searched by id.
    assert!(two.first.get(NAMED_BEA).await.names().is_empty());
    // The second customer has no fault.
    let own = two.first.user("ada").await;
    assert_eq!(two.second.get(&path(&own)).await.error(), "404");
    for (mode, read, put, delete, found) in [
        ("read", 200, 404, 404, 0),
        ("write", 404, 200, 404, 0),
        ("delete", 404, 404, 204, 0),
        ("by-name", 404, 404, 404, 1),
    ] {
        let two = Two::with(&[&fault(mode)]);
        let (bea, _) = two.made().await;
        let at = path(&bea);
        assert_eq!(
            two.first.get(NAMED_BEA).await.names().len(),
            found,
            "{mode}"
        );
        assert_eq!(two.first.get(&at).await.status, read, "{mode}");
        let body = renamed("bea");
        assert_eq!(
            two.first.call("PUT", &at, &body).await.status,
            put,
            "{mode}"
        );
        assert_eq!(
            two.first.call("DELETE", &at, "").await.status,
            delete,
            "{mode}"
        );
    }
}

#[tokio::test]
async fn a_name_of_another_tenant_is_taken_under_its_fault_only() {
    let two = Two::with(&["cross-tenant-409-oracle"]);
    two.made().await;
    let body = |name: &str| format!(r#"{{"schemas":["{USER}"],"userName":"{name}"}}"#);
    let posted = two.first.call("POST", "/Users", &body("BEA")).await;
    assert_eq!(posted.error(), "409 uniqueness");
    assert!(two.first.get(NAMED_BEA).await.names().is_empty());
    assert_eq!(
        two.first.call("POST", "/Users", &body("ada")).await.status,
        201
    );
    assert_eq!(
        two.second.call("POST", "/Users", &body("ada")).await.status,
        201
    );
}

#[tokio::test]
async fn one_record_for_all_tenants_is_changed_or_deleted_for_all() {
    let two = Two::with(&["cross-tenant-user-mutation"]);
    let (bea, _) = two.made().await;
    let own = two.first.user("bea").await;
    let put = two.first.call("PUT", &path(&own), &renamed("bea")).await;
    assert_eq!((put.status, put.id()), (200, own.clone()));
    assert_eq!(
        two.second.get(&path(&bea)).await.text_at(&["displayName"]),
        "Changed"
    );
    // What is refused is done nowhere.
    assert_eq!(two.first.call("PUT", &path(&own), "{}").await.status, 400);
    assert_eq!(two.first.call("DELETE", &path(&own), "").await.status, 204);
    assert_eq!(two.second.get(&path(&bea)).await.status, 200);

    let two = Two::with(&["cross-tenant-user-mutation=delete"]);
    let (bea, _) = two.made().await;
    let own = two.first.user("bea").await;
    let put = two.first.call("PUT", &path(&own), &renamed("zoe")).await;
    assert_eq!(put.status, 200);
    assert_eq!(two.first.call("DELETE", &path(&own), "").await.status, 204);
    assert_eq!(two.second.get(&path(&bea)).await.error(), "404");
}
