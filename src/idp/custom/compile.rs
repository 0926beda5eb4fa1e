//! From what is written to what is played: names are resolved, values checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::flow::{Flow, Flows, When};
use super::steps::Steps;
use super::syntax::{self, File};
use crate::directory::{Expression, ExpressionError, Family, Place, Source};
use crate::fact::Basis;
use crate::idp::{Encoding, SwitchError, Variant};
use crate::scim::schema;
use crate::yaml::{
    self, Diagnostics, Field, Format, Json, Mistake, Named, Notes, Nullable, Span, Spot, Text,
    Unknown,
};

/// Compiles a profile's text, beside which there are those others.
pub(super) fn compile(file: &str, text: &str, others: &[Variant]) -> Result<Variant, Diagnostics> {
    let (read, problems) = yaml::read::<File>(text);
    let notes = Notes { problems };
    let mut compiler = Compiler { notes, others };
    let variant = read.and_then(|read| compiler.profile(read));
    match variant {
        Some(variant) if compiler.notes.problems.is_empty() => Ok(variant),
        _ => {
            let problems = compiler.notes.problems;
            Err(Diagnostics::new(Format::Profile, file, text, problems))
        }
    }
}

/// Resolves what a profile says, beside which there are those others.
struct Compiler<'a> {
    notes: Notes,
    others: &'a [Variant],
}

impl Compiler<'_> {
    fn profile(&mut self, read: File) -> Option<Variant> {
        let start = Span::default();
        if !self
            .notes
            .version(read.idp_profile, "profile", "idp-profile")
        {
            return None;
        }
        let id = self.notes.required(read.id, "the profile", "id", start);
        let id = id.and_then(|id| self.id(&id));
        let title = self
            .notes
            .required(read.title, "the profile", "title", start);
        let base = read.based_on.read().and_then(|name| self.base(&name));
        let directory = read.directory.read();
        let flows = read.flows.read();
        let mut variant = match (base, directory, flows) {
            (Some(base), None, None) => base,
            (None, Some(family), Some(flows)) => {
                let encoding = read.query.read().unwrap_or(Encoding::Percent);
                let flows = self.flows(flows, title.as_ref()?.text.trim(), encoding);
                Variant::of_flows(family.value, Arc::new(flows))
            }
            _ => {
                if self.notes.problems.is_empty() {
                    let help = "write `based-on` alone, or `directory` and `flows` together";
                    let what = "a profile changes a bundled variant or writes flows of its own";
                    self.notes.add(Mistake::wrong(what, help), start);
                }
                return None;
            }
        };
        self.mappings(read.mappings, &mut variant);
        self.switches(read.switches, &mut variant);
        let promised = read.promises.read().unwrap_or_default();
        variant.terms.leavers = promised.unassign.read().unwrap_or(variant.terms.leavers);
        let ends = promised.suspend_ends_access.read();
        variant.terms.suspension_ends_access = ends.unwrap_or(variant.terms.suspension_ends_access);
        let headers = read.headers.read().map(|h| h.0).unwrap_or_default();
        let constant = |(name, value): (Text, Option<Nullable<Text>>)| {
            (name.text, value.and_then(|v| v.0).map(|value| value.text))
        };
        variant.constants.extend(headers.into_iter().map(constant));
        Some(variant.named(id?, title?.text.trim().to_owned()))
    }

    /// A name by which the profile is selected, and by which nothing else is.
    fn id(&mut self, id: &Text) -> Option<String> {
        let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let parts: Vec<&str> = id.text.split('/').collect();
        let fine = parts.len() <= 2 && parts.iter().all(|p| !p.is_empty() && p.chars().all(legal));
        if !fine {
            let help = "write letters, digits and hyphens, such as `onelogin` or `okta/our-app`";
            let what = format!("`{}` is no id of an IdP", yaml::shorten(&id.text));
            self.notes.add(Mistake::wrong(what, help), id.span);
            return None;
        }
        let mut known =
            crate::idp::names(&crate::idp::VARIANTS).chain(crate::idp::names(self.others));
        if known.any(|name| name == id.text) {
            let what = format!("there is an IdP `{}` already", id.text);
            let help = "give it an id of its own, such as `okta/our-app`";
            self.notes.add(Mistake::wrong(what, help), id.span);
            return None;
        }
        Some(id.text.clone())
    }

    fn base(&mut self, name: &Text) -> Option<Variant> {
        let variants = &crate::idp::VARIANTS;
        let base = variants.iter().find(|variant| variant.id == name.text);
        if base.is_none() {
            let known = variants.iter().map(|variant| variant.id.as_str());
            let unknown = Unknown::new(&name.text, known);
            self.notes.add(Mistake::UnknownIdp(unknown), name.span);
        }
        base.cloned()
    }

    fn switches(&mut self, switches: Field<Named<Spot<Json>>>, variant: &mut Variant) {
        for (name, value) in switches.read().map(|s| s.0).unwrap_or_default() {
            let Some(value) = value else { continue };
            match variant.switch(&name.text, value.value.0) {
                Ok(()) => {}
                Err(SwitchError::Unknown { known, .. }) => {
                    self.notes.unknown("a switch", &name, known)
                }
                Err(wrong @ SwitchError::Value { .. }) => {
                    let help = "write one of the values that it takes";
                    self.notes
                        .add(Mistake::wrong(wrong.to_string(), help), value.span);
                }
            }
        }
    }

    fn mappings(&mut self, mappings: Field<Named<Nullable<Text>>>, variant: &mut Variant) {
        let family = variant.family;
        let app = &mut variant.app;
        for (place, source) in mappings.read().map(|m| m.0).unwrap_or_default() {
            let Some(source) = source else { continue };
            let Some(at) = self.place(&place) else {
                continue;
            };
            match source.0 {
                None => app.map(at, None),
                Some(text) => {
                    if let Some(source) = self.source(&text, family) {
                        app.map(at, Some(source));
                    }
                }
            }
        }
    }

    /// A place that exists: an attribute of a user, of the enterprise extension, or of an extension of the target's own.
    fn place(&mut self, text: &Text) -> Option<Place> {
        let place: Place = match text.text.parse() {
            Ok(place) => place,
            Err(wrong) => {
                let wrong: crate::directory::ParsePlaceError = wrong;
                let help = "write the place as SCIM does";
                self.notes
                    .add(Mistake::wrong(wrong.to_string(), help), text.span);
                return None;
            }
        };
        let attributes = match place.extension.as_deref() {
            None => schema::USER.attributes,
            Some(urn) if urn.eq_ignore_ascii_case(schema::ENTERPRISE_URN) => {
                schema::ENTERPRISE_USER.attributes
            }
            Some(_) => return Some(place),
        };
        let common = place.extension.is_none() && place.attribute == "externalId";
        let attribute = schema::find(attributes, &place.attribute);
        if attribute.is_none() && !common {
            let known = attributes.iter().map(|a| a.name);
            let unknown = Unknown::new(&place.attribute, known);
            let what = "an attribute of a user".to_owned();
            self.notes
                .add(Mistake::UnknownWord { what, unknown }, text.span);
            return None;
        }
        Some(place)
    }

    /// What the console of that vendor's administrators takes, or the names that stories use.
    fn source(&mut self, text: &Text, family: Family) -> Option<Source> {
        match Expression::parse(family, &text.text) {
            Ok(Expression::Value(source)) => return Some(source),
            Ok(_) => {
                let what = format!("`{}` is no text that is mapped", yaml::shorten(&text.text));
                let help = "map an attribute of the directory, or a text in quotes";
                self.notes.add(Mistake::wrong(what, help), text.span);
            }
            Err(ExpressionError::Attribute { known, .. }) => {
                self.notes
                    .unknown("an attribute of the directory", text, known);
            }
            Err(wrong) => {
                let help = "write an attribute of the directory, or a text in quotes";
                self.notes
                    .add(Mistake::wrong(wrong.to_string(), help), text.span);
            }
        }
        None
    }

    fn flows(&mut self, written: syntax::Flows, title: &str, encoding: Encoding) -> Flows {
        let written = [
            (When::TestConnection, written.test_connection),
            (When::PersonAssigned, written.person_assigned),
            (When::PersonChanged, written.person_changed),
            (When::PersonLeft, written.person_left),
            (When::PersonReturned, written.person_returned),
            (When::PersonSuspended, written.person_suspended),
            (When::PersonDeleted, written.person_deleted),
            (When::GroupPushed, written.group_pushed),
            (When::GroupRenamed, written.group_renamed),
            (When::MemberJoined, written.member_joined),
            (When::MemberLeft, written.member_left),
            (When::GroupDeleted, written.group_deleted),
        ];
        let written: Vec<_> = written
            .into_iter()
            .filter_map(|(when, flow)| Some((when, flow.read()?)))
            .collect();
        let named = written.iter().map(|(_, flow)| &flow.steps);
        let mut steps = Steps::new(&mut self.notes, named);
        let mut flows = BTreeMap::new();
        for (when, flow) in written {
            let basis = Basis {
                fact: flow.source.text.clone().into(),
                confidence: flow.confidence,
            };
            let steps = steps.list(flow.steps);
            flows.insert(when, Flow { basis, steps });
        }
        Flows {
            title: title.to_owned(),
            encoding,
            flows,
        }
    }
}
