//! Prepares at the target what a story presupposes: people and groups that were there before the IdP began.

use crate::directory::{Attribute, Directory, Matching, Person, Place, Subject};
use crate::fact::Basis;
use crate::model::{Aspect, Datum, Policy, Seed};
use crate::scenario::{AtTarget, Scenario};
use crate::scim::Value;
use crate::wire::{Method, Origin, Reply, Request, Wire};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

/// Makes a story's people and groups at the target, people first.
///
/// # Errors
/// The target did not make one; the text says which and why.
pub(super) async fn seed(
    wire: &Wire,
    scenario: &Scenario,
    directory: &Directory,
    policy: &mut Policy,
) -> Result<(), String> {
    for spec in &scenario.people {
        let (Some(at), Some(person)) = (spec.at_target, directory.person(&spec.key)) else {
            continue;
        };
        let subject = Subject::Person(spec.key.clone());
        let wire = wire
            .origin(Origin::Seed)
            .job("prepare", Some(subject.clone()));
        let active = at == AtTarget::Active;
        let prepared = Prepared::of(directory, person);
        person_at_target(&wire, &prepared, active).await?;
        let values = prepared.values(directory);
        policy.seeded(subject, Seed::Person { active, values });
    }
    for spec in &scenario.groups {
        let (Some(members), Some(group)) = (&spec.at_target, directory.group(&spec.key)) else {
            continue;
        };
        let subject = Subject::Group(spec.key.clone());
        let wire = wire
            .origin(Origin::Seed)
            .job("prepare", Some(subject.clone()));
        let ids = members.iter().filter_map(|key| {
            let owned = wire.guard().of(&Subject::Person(key.clone()))?.id.clone();
            Some(serde_json::json!({"value": owned}))
        });
        let ids: Vec<_> = ids.collect();
        let body =
            serde_json::json!({"schemas": [GROUP], "displayName": group.name, "members": ids});
        made(&wire, "/Groups", &body.into(), &group.name).await?;
        policy.seeded(
            subject,
            Seed::Group {
                members: members.clone(),
            },
        );
    }
    Ok(())
}

/// The values that a prepared account has: a name, an address, and what the IdP is to find it by; each what the app's table
/// of mappings would put there, and what the directory has where nothing is mapped.
struct Prepared {
    user_name: String,
    given: String,
    family: String,
    display_name: String,
    email: String,
    external_id: Option<String>,
}

impl Prepared {
    fn of(directory: &Directory, person: &Person) -> Self {
        let app = &directory.settings;
        let own = |attribute| person.get(attribute).unwrap_or_default().to_owned();
        let mapped = |place: &Place| app.source_of(place)?.text(person);
        let value = |place: &Place, attribute| mapped(place).unwrap_or_else(|| own(attribute));
        let [user_name, given, family, display_name, email] = places();
        let external_id = (app.matching == Matching::ExternalId)
            .then(|| mapped(&Place::core("externalId")))
            .flatten();
        Self {
            user_name: value(&user_name, Attribute::UserName),
            given: value(&given, Attribute::Given),
            family: value(&family, Attribute::Family),
            display_name: value(&display_name, Attribute::DisplayName),
            email: value(&email, Attribute::Email),
            external_id,
        }
    }

    fn body(&self, active: bool) -> serde_json::Value {
        let mut body = serde_json::json!({
            "schemas": [USER],
            "userName": self.user_name,
            "name": {"givenName": self.given, "familyName": self.family},
            "displayName": self.display_name,
            "emails": [{"value": self.email, "type": "work", "primary": true}],
            "active": active,
        });
        if let Some(id) = &self.external_id {
            body["externalId"] = id.as_str().into();
        }
        body
    }

    /// What nobody may change who does not manage the account, as far as the app maps it.
    fn values(&self, directory: &Directory) -> Vec<(Aspect, Datum)> {
        let values = [
            &self.user_name,
            &self.given,
            &self.family,
            &self.display_name,
            &self.email,
        ];
        let pairs = places().into_iter().zip(values);
        pairs
            .filter(|(place, value)| {
                directory.settings.source_of(place).is_some() && !value.is_empty()
            })
            .map(|(place, value)| (Aspect::Value(place), Datum::Text(value.clone())))
            .collect()
    }
}

/// The places that a prepared account fills.
fn places() -> [Place; 5] {
    let name = |sub| Place::new(None, "name", None, Some(sub));
    [
        Place::core("userName"),
        name("givenName"),
        name("familyName"),
        Place::core("displayName"),
        Place::new(None, "emails", Some("work"), Some("value")),
    ]
}

async fn person_at_target(wire: &Wire, prepared: &Prepared, active: bool) -> Result<(), String> {
    let name = &prepared.user_name;
    let mut body = prepared.body(active);
    let reply = made(wire, "/Users", &Value::from(body.clone()), name).await?;
    let is_active = reply
        .json()
        .and_then(|user| user.get("active"))
        .and_then(Value::as_bool);
    if active || is_active == Some(false) {
        return Ok(());
    }
    // Some targets make every new account active; then it is made inactive by a second request.
    let id = reply.id().unwrap_or_default().to_owned();
    body["id"] = serde_json::Value::from(id.clone());
    let path = wire
        .guard()
        .get(crate::wire::ResourceKind::User, &id)
        .map(crate::wire::Owned::path);
    let path = path.ok_or("the target gave the prepared person no id")?;
    let basis = Basis::documented("rfc7644/3.5.1");
    let put = Request::new(Method::Put, path, basis).with_body(&Value::from(body));
    match wire.send(put).await {
        Ok(reply) if reply.ok() => Ok(()),
        Ok(reply) => Err(format!(
            "preparing {name}: making the account inactive was answered with {}",
            reply.status
        )),
        Err(failure) => Err(format!("preparing {name}: {failure}")),
    }
}

async fn made(wire: &Wire, path: &str, body: &Value, name: &str) -> Result<Reply, String> {
    let basis = Basis::documented("rfc7644/3.3");
    let post = Request::new(Method::Post, path, basis).with_body(body);
    match wire.send(post).await {
        Ok(reply) if reply.status == 201 => Ok(reply),
        Ok(reply) => Err(format!(
            "preparing {name}: POST {path} was answered with {} instead of 201",
            reply.status
        )),
        Err(failure) => Err(format!("preparing {name}: {failure}")),
    }
}
