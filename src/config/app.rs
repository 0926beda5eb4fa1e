//! `[okta]`, `[entra]`, `[jumpcloud]`: the app as the administrator of that IdP sets it up. Each has the settings that the
//! vendor's console has, and no others.

use super::mapping;
use super::place;
use super::reader::Section;
use crate::directory::{AppChanges, Family, Matching, NameRule, PasswordSync, RuleMatch, Scope};
use crate::idp::Variant;

/// The section's name.
pub(super) fn name(family: Family) -> &'static str {
    match family {
        Family::Okta => "okta",
        Family::Entra => "entra",
        Family::Jumpcloud => "jumpcloud",
    }
}

/// Reads a section, and sets the apps of that vendor's variants.
pub(super) fn read(family: Family, mut section: Section<'_>, variants: &mut [Variant]) {
    // What every vendor's console asks: *To App* and *Push Groups* in Okta, the actions of Entra ID's mappings, group management
    // in JumpCloud.
    let mut changes = AppChanges {
        create_users: section.flag("create-users"),
        update_users: section.flag("update-users"),
        deactivate_users: section.flag("deactivate-users"),
        push_groups: section.flag("push-groups"),
        ..AppChanges::default()
    };
    match family {
        Family::Okta => okta(&mut section, &mut changes),
        Family::Entra => entra(&mut section, &mut changes),
        Family::Jumpcloud => jumpcloud(&mut section, &mut changes),
    }
    let section_at = section.at();
    if let Some(table) = section.section("mappings") {
        mapping::read(family, table, &mut changes);
    }
    let notes = section.notes();
    section.end();
    for variant in variants.iter_mut().filter(|v| v.family == family) {
        changes.apply(family, &mut variant.app);
    }
    // Roles come by assignment (entra/7.2).
    if changes.roles.is_some() && changes.scope == Some(Scope::Everybody) {
        let what = "roles cannot be mapped where everybody is in scope";
        let help = "write `scope = \"assigned\"`, or take the mapping of `roles` out";
        notes.add(section_at.clone(), "in this section", what, help);
    }
    let by = changes.matching.filter(|_| family == Family::Entra);
    let app = variants.iter().find(|v| v.family == family).map(|v| &v.app);
    if let (Some(matching), Some(app)) = (by, app)
        && app.source_of(&matching.place()).is_none()
    {
        let what = format!(
            "people are matched by `{}`, and nothing is mapped onto it",
            matching.place()
        );
        notes.add(
            section_at,
            "in this section",
            what,
            "map an attribute onto it, or match by another",
        );
    }
}

/// The check boxes *To Okta*, and the integration's own page (okta/3, okta/8.1, okta/11.3).
fn okta(section: &mut Section<'_>, changes: &mut AppChanges) {
    changes.import_users = section.flag("import-users");
    changes.import_groups = section.flag("import-groups");
    changes.rename_groups = section.flag("rename-groups");
    changes.entitlements = section.flag("entitlements");
    changes.matching = section.word(
        "matching",
        &[
            ("user-name", Matching::UserName),
            ("work-email", Matching::WorkEmail),
        ],
    );
    changes.password_sync = section.word(
        "password-sync",
        &[
            ("off", PasswordSync::Off),
            ("own", PasswordSync::Own),
            ("generated", PasswordSync::Generated),
        ],
    );
    let notes = section.notes();
    if let Some(field) = section.text("unique-identifier") {
        changes.unique_identifier = place::read(field.get_ref(), field.span(), notes);
    }
    changes.push_rules = rules(section);
}

/// *Scope* and the mappings of a provisioning job (entra/5, entra/8).
fn entra(section: &mut Section<'_>, changes: &mut AppChanges) {
    changes.soft_delete = section.flag("soft-delete");
    changes.skip_out_of_scope = section.flag("skip-out-of-scope");
    changes.deletion_threshold = section.read("deletion-threshold", |text| {
        let number = text.parse::<usize>();
        number.map_err(|_| format!("`{text}` is not a number of deletions: write such as 500"))
    });
    changes.matching = section.word(
        "matching",
        &[
            ("user-name", Matching::UserName),
            ("external-id", Matching::ExternalId),
            ("work-email", Matching::WorkEmail),
        ],
    );
    changes.scope = section.word(
        "scope",
        &[
            ("assigned", Scope::Assigned),
            ("everybody", Scope::Everybody),
        ],
    );
}

/// What is imported (jumpcloud/5).
fn jumpcloud(section: &mut Section<'_>, changes: &mut AppChanges) {
    changes.import_users = section.flag("import-users");
}

/// `push-rules = [{ starts-with = "eng" }]`. Regular expressions are what administrators look for first, and no rule has
/// them (okta/8.1).
fn rules(section: &mut Section<'_>) -> Option<Vec<NameRule>> {
    let mut rules = Vec::new();
    for mut rule in section.sections("push-rules")? {
        let notes = rule.notes();
        let mut refused = false;
        for key in [
            "regex",
            "regexp",
            "regular-expression",
            "pattern",
            "matches",
        ] {
            if let Some(at) = rule.key(key) {
                rule.value(key);
                refused = true;
                let what = "Okta's push rules have no regular expressions";
                let help = "write starts-with, ends-with or contains";
                notes.add(at, "no such rule", what, help);
            }
        }
        let kinds = [
            ("starts-with", RuleMatch::StartsWith),
            ("ends-with", RuleMatch::EndsWith),
            ("contains", RuleMatch::Contains),
        ];
        let said = kinds.map(|(key, matches)| {
            let text = rule.text(key)?;
            Some(NameRule {
                matches,
                text: text.into_inner(),
            })
        });
        let mut said: Vec<NameRule> = said.into_iter().flatten().collect();
        if said.len() > 1 {
            let what = "a rule has one condition on the name";
            notes.add(rule.at(), "this rule", what, "write several rules");
        }
        if said.is_empty() && !refused {
            let what = "a rule needs a condition on the name";
            notes.add(
                rule.at(),
                "this rule",
                what,
                "write such as { starts-with = \"eng\" }",
            );
        }
        rules.extend(said.pop());
        rule.end();
    }
    Some(rules)
}
