//! The environment of this process, read nowhere else.

use std::path::PathBuf;

use super::failure::Failure;

/// Whether the user wants no colours (<https://no-color.org>).
pub(super) fn no_color() -> bool {
    text("NO_COLOR").is_some()
}

/// A secret from the variable that an option names.
pub(super) fn secret(option: &str, name: &str) -> Result<String, Failure> {
    let value = text(name).map(|value| value.trim().to_owned());
    match value {
        Some(value) if value.chars().any(char::is_control) => Err(Failure::Usage(format!(
            "the variable {name} that {option} names holds control characters, which no header may have"
        ))),
        Some(value) if !value.is_empty() => Ok(value),
        _ => Err(Failure::Usage(format!(
            "the variable {name} that {option} names is not set: set it, such as `export {name}=…`"
        ))),
    }
}

/// The folder for what programs keep between runs, by the custom of this system.
pub(super) fn state_folder() -> Option<PathBuf> {
    let folder = |name| text(name).map(PathBuf::from).filter(|p| p.is_absolute());
    let home = || folder("HOME");
    let base = if cfg!(windows) {
        folder("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        folder("XDG_STATE_HOME").or_else(|| Some(home()?.join("Library/Application Support")))
    } else {
        folder("XDG_STATE_HOME").or_else(|| Some(home()?.join(".local/state")))
    };
    base.map(|base| base.join("scimulate"))
}

/// A variable that is set and not empty.
fn text(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    let value = std::env::var(name).ok();
    value.filter(|value| !value.is_empty())
}
