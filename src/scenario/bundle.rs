//! Where stories come from: the binary itself, a file, or a text.

use std::path::Path;
use std::sync::LazyLock;

use include_dir::{Dir, include_dir};

use super::diagnostic::Format;
use super::{Diagnostics, Scenario, compile};

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/scenarios");

static BUNDLED: LazyLock<Vec<Scenario>> = LazyLock::new(|| {
    let mut stories: Vec<_> = sources(&FILES)
        .into_iter()
        .map(|(file, text)| match parse(&file, text) {
            Ok(story) => story,
            Err(why) => unreachable!(
                "a test compiles every bundled story, yet {}",
                Vec::from_iter(why.lines()).join("\n")
            ),
        })
        .collect();
    stories.sort_by(|a, b| a.id.cmp(&b.id));
    stories
});

/// The stories that the binary holds, sorted by id.
pub fn bundled() -> &'static [Scenario] {
    &BUNDLED
}

/// Reads a story from a file.
///
/// # Errors
/// The file cannot be read, or is no story: everything that is wrong with it.
pub fn load(path: &Path) -> Result<Scenario, Diagnostics> {
    match std::fs::read_to_string(path) {
        Ok(text) => parse(&path.display().to_string(), &text),
        Err(error) => Err(Diagnostics::unreadable(Format::Scenario, path, &error)),
    }
}

/// Reads a story from a text; the file's name gives its id and stands in messages.
///
/// # Errors
/// Everything that is wrong with it.
pub fn parse(file: &str, text: &str) -> Result<Scenario, Diagnostics> {
    compile::compile(file, &id_of(file), text)
}

/// Every story file of a folder with its name and text.
fn sources(folder: &'static Dir<'static>) -> Vec<(String, &'static str)> {
    let files = folder.files().filter_map(|file| {
        let path = file.path();
        (path.extension()? == "yaml").then_some(())?;
        let name = path.to_str()?.replace('\\', "/");
        Some((format!("scenarios/{name}"), file.contents_utf8()?))
    });
    files.chain(folder.dirs().flat_map(sources)).collect()
}

/// The path below the last folder called `scenarios`, or the file's own name; without its ending.
fn id_of(file: &str) -> String {
    let path = file.replace('\\', "/");
    let below = match path.rfind("scenarios/") {
        Some(at) if at == 0 || path[..at].ends_with('/') => &path[at + "scenarios/".len()..],
        _ => path.rsplit('/').next().unwrap_or(&path),
    };
    let id = below
        .strip_suffix(".yaml")
        .or_else(|| below.strip_suffix(".yml"));
    id.unwrap_or(below).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_path_below_the_folder_of_stories() {
        for (file, id) in [
            ("scenarios/offboarding/leaver.yaml", "offboarding/leaver"),
            ("/home/me/scenarios/a.yml", "a"),
            ("my/own/story.yaml", "story"),
            ("myscenarios/story.yaml", "story"),
            ("story", "story"),
        ] {
            assert_eq!(id_of(file), id, "{file}");
        }
    }
}
