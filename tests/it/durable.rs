//! `serve --data`: what was answered survives `kill -9`, and nothing is there by half.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, mpsc};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::cli::{base_url, command, said};

/// A server process that is killed when it is dropped.
struct Served {
    child: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

impl Served {
    fn start(command: &mut Command) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().unwrap();
        let url = base_url(&mut child);
        let address = url.trim_start_matches("http://");
        let address = address.trim_end_matches("/scim/v2").to_owned();
        Self { child, address }
    }
}

fn serve(home: &TempDir, file: &Path) -> Served {
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data"];
    Served::start(command(home).args(serve).arg(file))
}

/// One connection that stays open.
struct Client(BufReader<TcpStream>);

impl Client {
    fn connect(address: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        Some(Self(BufReader::new(stream)))
    }

    /// The status and the body; nothing where the server went away before the answer was whole.
    fn call(&mut self, method: &str, path: &str, body: &Value) -> Option<(u16, Value)> {
        self.send(method, path, body, "scimulate")
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        body: &Value,
        token: &str,
    ) -> Option<(u16, Value)> {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        self.0.get_mut().write_all(request.as_bytes()).ok()?;
        let mut status = None;
        let mut length = 0;
        loop {
            let mut line = String::new();
            if self.0.read_line(&mut line).ok()? == 0 {
                return None;
            }
            match line.trim_end() {
                "" => break,
                line if status.is_none() => status = line.split(' ').nth(1)?.parse().ok(),
                line => {
                    let lower = line.to_ascii_lowercase();
                    if let Some(value) = lower.strip_prefix("content-length:") {
                        length = value.trim().parse().ok()?;
                    }
                }
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).ok()?;
        let body = match body.is_empty() {
            true => Value::Null,
            false => serde_json::from_slice(&body).ok()?,
        };
        Some((status?, body))
    }
}

/// What was answered: for each user the last title, for each worker's group its members.
#[derive(Debug, Default)]
struct Answered {
    titles: BTreeMap<String, u64>,
    members: BTreeMap<String, BTreeSet<String>>,
    deleted: BTreeSet<String>,
}

/// Writes until the server is gone, and notes what was answered. Each title is written in two attributes by one PATCH.
fn write_until_it_dies(
    address: &str,
    worker: usize,
    round: usize,
    noted: &Mutex<Answered>,
    told: &mpsc::Sender<()>,
) {
    let Some(mut client) = Client::connect(address) else {
        return;
    };
    let note = |change: &dyn Fn(&mut Answered)| {
        change(&mut noted.lock().unwrap());
        // Enough may have been heard.
        told.send(()).ok();
    };
    let group = json!({"displayName": format!("group {round} {worker}")});
    let Some((201, group)) = client.call("POST", "/scim/v2/Groups", &group) else {
        return;
    };
    let group = group["id"].as_str().unwrap().to_owned();
    note(&|a| {
        a.members.insert(group.clone(), BTreeSet::new());
    });
    for n in 0_u64.. {
        let name = format!("user-{round}-{worker}-{n}");
        let user = json!({"userName": name, "title": "0", "nickName": "0"});
        let Some((201, user)) = client.call("POST", "/scim/v2/Users", &user) else {
            return;
        };
        let id = user["id"].as_str().unwrap().to_owned();
        note(&|a| {
            a.titles.insert(id.clone(), 0);
        });
        let both = json!([
            {"op": "replace", "path": "title", "value": (n + 1).to_string()},
            {"op": "replace", "path": "nickName", "value": (n + 1).to_string()}]);
        let path = format!("/scim/v2/Users/{id}");
        let Some((200, _)) = client.call("PATCH", &path, &patch(both)) else {
            return;
        };
        note(&|a| {
            a.titles.insert(id.clone(), n + 1);
        });
        let add = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
        let into = format!("/scim/v2/Groups/{group}");
        let Some((204, _)) = client.call("PATCH", &into, &patch(add)) else {
            return;
        };
        note(&|a| {
            a.members.get_mut(&group).unwrap().insert(id.clone());
        });
        if n % 5 == 4 {
            // Until the answer is there nobody knows whether the user is.
            note(&|a| {
                a.titles.remove(&id);
                a.members.get_mut(&group).unwrap().remove(&id);
            });
            let Some((204, _)) = client.call("DELETE", &path, &Value::Null) else {
                return;
            };
            note(&|a| {
                a.deleted.insert(id.clone());
            });
        }
    }
}

fn patch(operations: Value) -> Value {
    let schema = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    json!({"schemas": [schema], "Operations": operations})
}

/// Every resource of one kind, by id.
fn all(client: &mut Client, kind: &str) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    loop {
        let path = format!("/scim/v2/{kind}?startIndex={}&count=1000", found.len() + 1);
        let (status, list) = client.call("GET", &path, &Value::Null).unwrap();
        assert_eq!(status, 200, "{list}");
        let page = list["Resources"].as_array().cloned().unwrap_or_default();
        let done = page.is_empty();
        found.extend(
            page.into_iter()
                .map(|r| (r["id"].as_str().unwrap().to_owned(), r)),
        );
        if done {
            return found;
        }
    }
}

fn ids(list: &Value) -> BTreeSet<String> {
    let items = list.as_array().map(Vec::as_slice).unwrap_or_default();
    items
        .iter()
        .map(|item| item["value"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn whatever_was_answered_survives_kill_9_and_nothing_is_there_by_half() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("people.redb");
    let noted = Mutex::new(Answered::default());
    for round in 0..4 {
        let mut served = serve(&home, &file);
        let (told, answers) = mpsc::channel();
        std::thread::scope(|scope| {
            for worker in 0..6 {
                let (address, noted, told) = (&served.address, &noted, told.clone());
                scope.spawn(move || write_until_it_dies(address, worker, round, noted, &told));
            }
            // The kill comes in the middle of the work, at another moment in each round.
            for _ in 0..100 + 37 * round {
                let answer = answers.recv_timeout(Duration::from_secs(10));
                answer.expect("the server answers writes");
            }
            served.child.kill().unwrap();
            served.child.wait().unwrap();
        });
        drop(served);
        let served = serve(&home, &file);
        let mut client = Client::connect(&served.address).unwrap();
        let (users, groups) = (all(&mut client, "Users"), all(&mut client, "Groups"));
        let noted = noted.lock().unwrap();
        assert!(
            noted.titles.len() >= 20 * (round + 1),
            "hardly anything was written"
        );
        for (id, title) in &noted.titles {
            let user = users
                .get(id)
                .unwrap_or_else(|| panic!("round {round}: {id} is lost"));
            let now: u64 = user["title"].as_str().unwrap().parse().unwrap();
            // The last PATCH may be there although its answer never came.
            assert!(now >= *title, "round {round}: the title of {id} went back");
        }
        for user in users.values() {
            assert_eq!(user["title"], user["nickName"], "half a PATCH: {user}");
            for group in ids(&user["groups"]) {
                assert!(ids(&groups[&group]["members"]).contains(user["id"].as_str().unwrap()));
            }
        }
        for (id, group) in &groups {
            for member in ids(&group["members"]) {
                assert!(
                    ids(&users[&member]["groups"]).contains(id),
                    "{member} is half in {id}"
                );
            }
        }
        for (group, members) in &noted.members {
            assert!(
                ids(&groups[group]["members"]).is_superset(members),
                "{group}"
            );
        }
        assert!(noted.deleted.iter().all(|id| !users.contains_key(id)));
    }
}

#[test]
fn sessions_ids_and_versions_go_on_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("people.redb");
    let (first, session) = {
        let served = serve(&home, &file);
        let mut client = Client::connect(&served.address).unwrap();
        let ada = json!({"userName": "ada", "x": 1});
        let (_, user) = client.call("POST", "/scim/v2/Users", &ada).unwrap();
        let (status, session) = client.call("POST", "/app/login", &ada).unwrap();
        assert_eq!(status, 201, "{session}");
        (user, session["session"].as_str().unwrap().to_owned())
    };
    let served = serve(&home, &file);
    let mut client = Client::connect(&served.address).unwrap();
    let (status, me) = client
        .send("GET", "/app/me", &Value::Null, &session)
        .unwrap();
    assert_eq!((status, &me["id"]), (200, &first["id"]));
    let path = format!("/scim/v2/Users/{}", first["id"].as_str().unwrap());
    let (_, again) = client.call("GET", &path, &Value::Null).unwrap();
    assert_eq!(again["meta"]["version"], first["meta"]["version"]);
    assert_eq!(again["meta"]["created"], first["meta"]["created"]);
    let (status, _) = client
        .call("POST", "/scim/v2/Users", &json!({"userName": "ADA"}))
        .unwrap();
    assert_eq!(status, 409);
    let (status, bob) = client
        .call("POST", "/scim/v2/Users", &json!({"userName": "bob"}))
        .unwrap();
    assert_eq!(status, 201);
    assert_ne!(bob["id"], first["id"]);
    assert_ne!(bob["meta"]["version"], first["meta"]["version"]);
}

#[test]
fn what_the_product_decided_is_decided_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("people.redb");
    let none = &Value::Null;
    let token = {
        let served = serve(&home, &file);
        let mut client = Client::connect(&served.address).unwrap();
        for name in ["ada", "bob"] {
            let user = json!({"userName": name});
            assert_eq!(client.call("POST", "/scim/v2/Users", &user).unwrap().0, 201);
        }
        let root = json!({"userName": "root", "password": "correct horse", "administrator": true});
        assert_eq!(client.call("POST", "/app/people", &root).unwrap().0, 201);
        for (path, body) in [
            ("/app/people/ada/roles/auditor", none),
            ("/app/people/ada/roles/administrator", none),
            ("/app/people/bob/ban", none),
            ("/app/seats", &json!({"seats": 3})),
        ] {
            assert_eq!(client.call("PUT", path, body).unwrap().0, 204, "{path}");
        }
        let (_, session) = client.send("POST", "/app/login", &root, "").unwrap();
        let session = session["session"].as_str().unwrap();
        let token = client.send("POST", "/app/provisioning-tokens", none, session);
        let token = token.unwrap().1["token"].as_str().unwrap().to_owned();
        let off = json!({"on": false});
        assert_eq!(
            client.call("PUT", "/app/provisioning", &off).unwrap().0,
            204
        );
        token
    };
    let served = serve(&home, &file);
    let mut client = Client::connect(&served.address).unwrap();
    let off = client.send("GET", "/scim/v2/Users", none, &token).unwrap();
    assert_eq!(off.0, 403, "{off:?}");
    let on = json!({"on": true});
    assert_eq!(client.call("PUT", "/app/provisioning", &on).unwrap().0, 204);
    let people = client.send("GET", "/scim/v2/Users", none, &token).unwrap();
    assert_eq!((people.0, &people.1["totalResults"]), (200, &json!(2)));
    let (_, session) = client
        .call("POST", "/app/sign-on", &json!({"userName": "ada"}))
        .unwrap();
    let session = session["session"].as_str().unwrap();
    let (_, me) = client.send("GET", "/app/me", none, session).unwrap();
    assert_eq!(me["roles"], json!(["administrator", "auditor"]));
    let (status, _) = client
        .call("POST", "/app/sign-on", &json!({"userName": "bob"}))
        .unwrap();
    assert_eq!(status, 403);
    let (_, administrators) = client.call("GET", "/app/administrators", none).unwrap();
    assert_eq!(administrators, json!({"administrators": ["ada", "root"]}));
    let (_, seats) = client.call("GET", "/app/seats", none).unwrap();
    assert_eq!(seats, json!({"seats": 3, "taken": 3}));
}

#[test]
fn a_file_that_cannot_be_used_is_one_sentence() {
    let home = tempfile::tempdir().unwrap();
    let at = |name: &str| home.path().join(name);
    let start = |name: &str| {
        let mut command = command(&home);
        command.args(["serve", "--listen", "127.0.0.1:0", "--data"]);
        said(command.arg(name))
    };
    std::fs::write(at("notes.txt"), "not a database\n".repeat(1_000)).unwrap();
    let foreign = start("notes.txt");
    let sentence = "error: notes.txt is no data file of scimulate: name another file, or one that does not exist yet\n";
    assert_eq!((foreign.exit, foreign.err.as_str()), (3, sentence));

    let missing = start("no/such/folder/people.redb");
    assert_eq!(missing.exit, 3, "{missing:?}");
    assert!(
        missing
            .err
            .starts_with("error: the data file no/such/folder/people.redb cannot be opened: ")
    );

    let served = serve(&home, &at("people.redb"));
    let second = start("people.redb");
    let sentence = "error: the data file people.redb is in use by another process: end that one, or name another file\n";
    assert_eq!((second.exit, second.err.as_str()), (2, sentence));
    let mut client = Client::connect(&served.address).unwrap();
    for n in 0..20 {
        let user = json!({"userName": format!("user{n}"), "title": "x".repeat(500)});
        assert_eq!(client.call("POST", "/scim/v2/Users", &user).unwrap().0, 201);
    }
    drop(served);

    let whole = std::fs::read(at("people.redb")).unwrap();
    std::fs::write(at("short.redb"), &whole[..whole.len() / 2]).unwrap();
    let mut garbled = whole.clone();
    for byte in garbled.iter_mut().skip(4096).step_by(7) {
        *byte ^= 0x55;
    }
    std::fs::write(at("garbled.redb"), &garbled).unwrap();
    for name in ["short.redb", "garbled.redb"] {
        let damaged = start(name);
        assert_eq!(damaged.exit, 3, "{damaged:?}");
        let begins = format!("error: the data file {name} is damaged (");
        assert!(damaged.err.starts_with(&begins), "{damaged:?}");
        assert_eq!(damaged.err.lines().count(), 1, "{damaged:?}");
    }
}

/// The access token that the token endpoint of a server on that data file gives first.
fn first_access_token(home: &TempDir, file: &Path) -> String {
    let served = Served::start(
        command(home)
            .args(["serve", "--listen", "127.0.0.1:0", "--oauth-client", "c"])
            .args(["--oauth-secret-env", "SECRET", "--data"])
            .arg(file)
            .env("SECRET", "of-the-client"),
    );
    let form = "grant_type=client_credentials&client_id=c&client_secret=of-the-client";
    let mut stream = TcpStream::connect(&served.address).unwrap();
    write!(
        stream,
        "POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let body: Value = serde_json::from_str(body).unwrap_or_else(|e| panic!("{e}: {answer}"));
    body["access_token"].as_str().unwrap().to_owned()
}

#[test]
fn access_tokens_do_not_repeat_after_a_restart() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("people.redb");
    let [first, second] = [(); 2].map(|()| first_access_token(&home, &file));
    assert!(first.len() > 32 && first != second);
}
