//! `scimulate check`: story files and IdP profiles, read and not played.

use super::args::CheckArgs;
use super::console::Console;
use super::failure::Failure;
use super::{profiles, stories};
use crate::report::{Exit, count};
use crate::{idp, scenario};

/// Reads story files and says what is wrong with each.
pub(super) fn check(args: &CheckArgs, console: &mut Console) -> Result<Exit, Failure> {
    let mut files = Vec::new();
    for path in &args.paths {
        files.extend(stories::files(path)?);
    }
    if files.is_empty() {
        return Err(Failure::Usage(
            "there is no story file (*.yaml) in what was named".to_owned(),
        ));
    }
    let mut wrong = 0;
    // Two of the files may not have one name; a copy of a bundled profile may be checked.
    let mut others = Vec::new();
    for file in &files {
        if profiles::is_profile(file) {
            match idp::custom::load(file, &others) {
                Ok(profile) => {
                    let (id, label) = (&profile.id, &profile.label);
                    console.print(&format!("{}: {id}, {label}\n", file.display()))?;
                    others.push(profile);
                }
                Err(mistakes) => {
                    wrong += 1;
                    console.fail(&Failure::File(Box::new(mistakes)));
                }
            }
            continue;
        }
        match scenario::load(file) {
            Ok(story) => {
                let steps = count(story.steps.len(), "step");
                console.print(&format!("{}: {} ({steps})\n", file.display(), story.title))?;
            }
            Err(mistakes) => {
                wrong += 1;
                console.fail(&Failure::File(Box::new(mistakes)));
            }
        }
    }
    if wrong > 0 {
        console.say(&format!(
            "wrong: {wrong} of {}",
            count(files.len(), "story file")
        ));
        return Ok(Exit::BadFile);
    }
    Ok(Exit::Success)
}
