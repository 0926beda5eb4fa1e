//! Who may know whom. The two oracles stay independent only as long as this holds.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module and the modules that it may name. `cli` comes last and may name all.
const MAY_NAME: &[(&str, &[&str])] = &[
    ("scim", &[]),
    ("directory", &[]),
    ("fact", &[]),
    ("nearest", &[]),
    ("yaml", &["nearest"]),
    ("mistake", &[]),
    ("wire", &["directory", "fact", "scim"]),
    ("model", &["directory", "fact", "scim"]),
    (
        "idp",
        &["directory", "fact", "nearest", "scim", "wire", "yaml"],
    ),
    ("defect", &["requirement"]),
    ("server", &["nearest", "scim"]),
    ("scenario", &["directory", "idp", "nearest", "wire", "yaml"]),
    (
        "config",
        &[
            "directory",
            "idp",
            "mistake",
            "nearest",
            "run",
            "scim",
            "wire",
        ],
    ),
    (
        "requirement",
        &["directory", "fact", "idp", "nearest", "scim", "wire"],
    ),
    (
        "run",
        &[
            "directory",
            "fact",
            "idp",
            "model",
            "nearest",
            "requirement",
            "scenario",
            "scim",
            "server",
            "wire",
        ],
    ),
    (
        "report",
        &["directory", "fact", "idp", "requirement", "scim", "wire"],
    ),
    (
        "verdict",
        &[
            "directory",
            "fact",
            "idp",
            "mistake",
            "model",
            "nearest",
            "report",
            "requirement",
            "run",
            "scim",
            "wire",
        ],
    ),
];

/// Crates and the only places that may name them.
const ONLY_IN: &[(&str, &[&str])] = &[
    ("hyper", &["wire/transport/live.rs", "server/"]),
    ("hyper_util", &["wire/transport/live.rs", "server/"]),
    ("rustls", &["wire/transport/live.rs"]),
    ("tokio_rustls", &["wire/transport/live.rs"]),
    ("axum", &["server/", "wire/transport/inprocess.rs"]),
    ("serde_saphyr", &["yaml/", "verdict/baseline/"]),
    ("clap", &["cli/"]),
    (
        "toml",
        &[
            "cli/",
            "config/",
            "defect/",
            "fact/",
            "run/product/",
            "server/persona/",
        ],
    ),
    ("indicatif", &["cli/"]),
    ("winnow", &["scim/"]),
    ("quick_junit", &["report/"]),
];

fn sources() -> BTreeMap<PathBuf, String> {
    fn walk(folder: &Path, found: &mut BTreeMap<PathBuf, String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                found.insert(path, code_of(&text));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = BTreeMap::new();
    walk(&root, &mut found);
    found
        .into_iter()
        .map(|(path, text)| (path.strip_prefix(&root).unwrap().to_owned(), text))
        .collect()
}

/// The text without comments; doc comments are no code either.
fn code_of(text: &str) -> String {
    let code = |line: &str| line.split("//").next().unwrap_or_default().to_owned();
    text.lines().map(code).collect::<Vec<_>>().join("\n")
}

/// The module path of a file: `idp/okta/users.rs` is `idp`, `okta`, `users`.
fn module_of(path: &Path) -> Vec<String> {
    let mut parts: Vec<String> = path
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if parts.last().is_some_and(|last| last == "mod") {
        parts.pop();
    }
    parts
}

/// Every module at the crate's root that a file names, by `crate::…` or by climbing with `super::…`.
fn named(path: &Path, code: &str) -> Vec<String> {
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_ascii_alphanumeric() || *c == '_')
            .collect()
    };
    let mut found: Vec<String> = code
        .match_indices("crate::")
        .map(|(at, m)| word(&code[at + m.len()..]))
        .collect();
    let depth = module_of(path).len();
    for (at, _) in code.match_indices("super::") {
        if code[..at].ends_with("super::") {
            continue;
        }
        let mut rest = &code[at..];
        let mut climbed = 0;
        while let Some(next) = rest.strip_prefix("super::") {
            climbed += 1;
            rest = next;
        }
        // An inner `mod tests` adds a level; climbing past the root does not compile, so equality is enough.
        if climbed == depth {
            found.push(word(rest));
        }
    }
    found.retain(|name| !name.is_empty());
    found
}

#[test]
fn every_module_names_only_the_modules_it_may_know() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let module = module_of(&path).first().cloned().unwrap_or_default();
        if ["cli", "main", "lib"].contains(&module.as_str()) {
            continue;
        }
        let Some((_, allowed)) = MAY_NAME.iter().find(|(name, _)| *name == module) else {
            wrong.push(format!("src/{module} is not in the table"));
            continue;
        };
        for name in named(&path, &code) {
            let known = MAY_NAME.iter().any(|(module, _)| *module == name) || name == "cli";
            if known && name != module && !allowed.contains(&name.as_str()) {
                wrong.push(format!("src/{} names {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_model_knows_neither_patch_nor_filter_and_dialects_no_promise() {
    for (path, code) in sources() {
        if path.starts_with("model") {
            for word in [
                "scim::patch",
                "scim::filter",
                "scim::{patch",
                "scim::{filter",
                "wire",
            ] {
                assert!(!code.contains(word), "src/{} names {word}", path.display());
            }
        }
        if path.starts_with("idp") {
            assert!(
                !code.contains("Policy") && !code.contains("Promise"),
                "src/{}",
                path.display()
            );
        }
    }
}

#[test]
fn crates_are_named_only_where_they_belong() {
    let mut wrong = Vec::new();
    for (path, code) in sources() {
        let place = path.to_string_lossy().replace('\\', "/");
        for (name, places) in ONLY_IN {
            let uses = [
                format!("use {name}::"),
                format!(" {name}::"),
                format!("({name}::"),
            ];
            let named = uses.iter().any(|usage| code.contains(usage.as_str()));
            if named && !places.iter().any(|p| place.starts_with(p)) {
                wrong.push(format!("src/{place} names {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_check_itself_sees_what_it_forbids() {
    let names = |path: &str, code: &str| named(Path::new(path), code);
    assert_eq!(names("model/diff.rs", "use crate::wire::Reply;"), ["wire"]);
    assert_eq!(
        names("model/diff.rs", "use super::super::wire::Reply;"),
        ["wire"]
    );
    assert_eq!(
        names("model/diff.rs", "use super::Promise;"),
        Vec::<String>::new()
    );
    assert_eq!(names("model/mod.rs", "use super::wire;"), ["wire"]);
    assert_eq!(code_of("a // crate::wire"), "a ");
}
