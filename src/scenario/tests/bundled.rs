//! What holds for every story that the binary holds.

use std::path::Path;

use crate::directory::{
    AppSettings, Assignment, Attribute, Directory, Event, Family, Group, Person, Push, Refusal,
    Status,
};
use crate::scenario::*;

#[test]
fn every_bundled_story_compiles() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut files = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|e| e == "yaml") {
                files.push(path);
            }
        }
    }
    let mut ids = Vec::new();
    for file in files {
        match load(&file) {
            Ok(story) => ids.push(story.id),
            Err(why) => panic!("{}", Vec::from_iter(why.lines()).join("\n")),
        }
    }
    ids.sort();
    let bundled: Vec<_> = bundled().iter().map(|story| story.id.clone()).collect();
    assert_eq!(ids, bundled);
}

#[test]
fn every_bundled_story_is_fit_for_every_tenant_and_for_editors() {
    let mut titles = std::collections::BTreeSet::new();
    for story in bundled() {
        let id = &story.id;
        let up = "../".repeat(id.matches('/').count());
        let line = format!("# yaml-language-server: $schema={up}scenario.schema.json\n");
        assert!(story.text.starts_with(&line), "{id}");
        assert!(!story.tags.is_empty(), "{id}");
        assert!(titles.insert(&story.title), "{id}");
        // The mail domain is the tenant's, so no story may name one.
        let named = story
            .people
            .iter()
            .flat_map(|person| person.profile.values());
        assert!(!named.into_iter().any(|value| value.contains('@')), "{id}");
        let groups = story.steps.iter().any(|step| match &step.kind {
            StepKind::Events(events) => events.iter().any(|event| event.group().is_some()),
            StepKind::Expect(_) | StepKind::Deeds(_) | StepKind::Probe(_) => false,
        });
        assert!(!groups || story.needs.contains(&Need::Groups), "{id}");
    }
}

/// The people as a run would put them into that directory, if it takes them.
fn directory_of(story: &Scenario, family: Family) -> Result<Directory, Refusal> {
    let mut directory = Directory::new(family, AppSettings::defaults(family));
    story.settings.apply(family, &mut directory.settings);
    directory.provisioning = story.begins_provisioned();
    for spec in &story.people {
        let mut profile = spec.profile.clone();
        let local = profile.get(&Attribute::UserName).cloned();
        let local = local.unwrap_or_else(|| spec.key.to_string());
        profile.insert(Attribute::UserName, format!("{local}@example.com"));
        directory.add_person(Person {
            key: spec.key.clone(),
            profile,
            manager: spec.manager.clone(),
            status: Status::Active,
            assignment: Assignment::None,
            was_assigned: false,
        })?;
    }
    for spec in &story.groups {
        directory.add_group(Group {
            key: spec.key.clone(),
            name: spec.name.clone(),
            description: spec.description.clone(),
            directory_id: String::new(),
            members: spec.members.clone(),
            push: Push::Off,
            linked: false,
        });
    }
    Ok(directory)
}

#[test]
fn every_bundled_story_can_happen_in_the_directory_of_every_idp_that_it_suits() {
    for story in bundled() {
        for variant in crate::idp::VARIANTS.iter() {
            let directory = directory_of(story, variant.family);
            let suits = story.suits(&variant.id).is_ok();
            let id = &story.id;
            // A refusal skips a story when it is played; a bundled one says so itself.
            let Ok(mut directory) = directory else {
                assert!(!suits, "{id} with {}", variant.id);
                continue;
            };
            let mut events = story.steps.iter().flat_map(|step| match &step.kind {
                StepKind::Events(events) => events.as_slice(),
                StepKind::Expect(_) | StepKind::Deeds(_) | StepKind::Probe(_) => &[],
            });
            let qualified = |event: &Event| {
                let mut event = event.clone();
                if let Event::Update { changes, .. } = &mut event
                    && let Some(Some(name)) = changes.get_mut(&Attribute::UserName)
                {
                    name.push_str("@example.com");
                }
                event
            };
            let refused = events.find_map(|event| directory.apply(&qualified(event)).err());
            assert!(
                refused.is_none() || !suits,
                "{id} with {}: {refused:?}",
                variant.id
            );
        }
    }
}

#[test]
fn the_default_run_is_small_and_the_rest_is_tagged_volume() {
    for story in bundled() {
        let volume = story.tags.iter().any(|tag| tag == "volume");
        let large = story.steps.iter().any(|step| match &step.kind {
            StepKind::Probe(probe) => probe.beyond == Some(Beyond::MaxPayloadSize),
            StepKind::Events(_) | StepKind::Deeds(_) | StepKind::Expect(_) => false,
        });
        assert_eq!(story.people.len() > 20 || large, volume, "{}", story.id);
    }
}
