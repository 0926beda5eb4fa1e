//! From what is written to what is played: names are resolved, values checked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::flow::{Body, By, Flow, Flows, Lookup, Request, Step, When};
use super::syntax::{self, File, Resources};
use super::text::Template;
use super::{GIVEN, is_given};
use crate::directory::{Attribute, Expression, ExpressionError, Family, Place, Source};
use crate::fact::Basis;
use crate::idp::{Encoding, SwitchError, Variant};
use crate::scim::{Value, schema};
use crate::wire::{Method, ResourceKind};
use crate::yaml::{
    self, Diagnostics, Field, Format, Items, Json, Mistake, Named, Nullable, Problem, Span, Spot,
    Text, Unknown,
};

/// Compiles a profile's text, beside which there are those others.
pub(super) fn compile(file: &str, text: &str, others: &[Variant]) -> Result<Variant, Diagnostics> {
    let (read, problems) = yaml::read::<File>(text);
    let mut notes = Notes { problems, others };
    let variant = read.and_then(|read| notes.profile(read));
    match variant {
        Some(variant) if notes.problems.is_empty() => Ok(variant),
        _ => {
            let problems = notes.problems;
            Err(Diagnostics::new(Format::Profile, file, text, problems))
        }
    }
}

/// The mistakes found so far.
struct Notes<'a> {
    problems: Vec<Problem>,
    others: &'a [Variant],
}

impl Notes<'_> {
    fn add(&mut self, mistake: Mistake, span: Span) {
        self.problems.push(Problem::new(mistake, span));
    }

    fn required<T>(&mut self, field: Field<T>, what: &str, key: &str, span: Span) -> Option<T> {
        if matches!(field, Field::Missing) {
            let (what, key) = (what.to_owned(), key.to_owned());
            self.add(Mistake::MissingKey { what, key }, span);
        }
        field.read()
    }

    fn unknown<S: Into<String>>(
        &mut self,
        what: &str,
        name: &Text,
        known: impl IntoIterator<Item = S>,
    ) {
        let unknown = Unknown::new(&name.text, known);
        let what = what.to_owned();
        self.add(Mistake::UnknownWord { what, unknown }, name.span);
    }

    fn profile(&mut self, read: File) -> Option<Variant> {
        let start = Span::default();
        let version = self.required(read.idp_profile, "the profile", "idp-profile", start);
        if let Some(version) = version.filter(|version| version.text != "1") {
            let found = format!("`{}`", yaml::shorten(&version.text));
            let (what, key) = ("a profile".to_owned(), "idp-profile".to_owned());
            self.add(Mistake::Version { found, what, key }, version.span);
            return None;
        }
        let id = self.required(read.id, "the profile", "id", start);
        let id = id.and_then(|id| self.id(&id));
        let title = self.required(read.title, "the profile", "title", start);
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
                if self.problems.is_empty() {
                    let help = "write `based-on` alone, or `directory` and `flows` together";
                    let what = "a profile changes a bundled variant or writes flows of its own";
                    self.add(Mistake::wrong(what, help), start);
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
            self.add(Mistake::wrong(what, help), id.span);
            return None;
        }
        let mut known =
            crate::idp::names(&crate::idp::VARIANTS).chain(crate::idp::names(self.others));
        if known.any(|name| name == id.text) {
            let what = format!("there is an IdP `{}` already", id.text);
            let help = "give it an id of its own, such as `okta/our-app`";
            self.add(Mistake::wrong(what, help), id.span);
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
            self.add(Mistake::UnknownIdp(unknown), name.span);
        }
        base.cloned()
    }

    fn switches(&mut self, switches: Field<Named<Spot<Json>>>, variant: &mut Variant) {
        for (name, value) in switches.read().map(|s| s.0).unwrap_or_default() {
            let Some(value) = value else { continue };
            match variant.switch(&name.text, value.value.0) {
                Ok(()) => {}
                Err(SwitchError::Unknown { known, .. }) => self.unknown("a switch", &name, known),
                Err(wrong @ SwitchError::Value { .. }) => {
                    let help = "write one of the values that it takes";
                    self.add(Mistake::wrong(wrong.to_string(), help), value.span);
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
                self.add(Mistake::wrong(wrong.to_string(), help), text.span);
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
            self.add(Mistake::UnknownWord { what, unknown }, text.span);
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
                self.add(Mistake::wrong(what, help), text.span);
            }
            Err(ExpressionError::Attribute { known, .. }) => {
                self.unknown("an attribute of the directory", text, known);
            }
            Err(wrong) => {
                let help = "write an attribute of the directory, or a text in quotes";
                self.add(Mistake::wrong(wrong.to_string(), help), text.span);
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
        let captured = written
            .iter()
            .flat_map(|(_, flow)| captured(&flow.steps))
            .collect();
        let mut steps = Steps {
            notes: self,
            captured,
        };
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

/// The names that steps capture, wherever they stand.
fn captured(steps: &Items<Spot<syntax::Step>>) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for step in &steps.0 {
        let step = &step.value;
        if let Field::Read(capture) = &step.capture {
            names.extend(capture.0.iter().map(|(name, _)| name.text.clone()));
        }
        let below = [&step.found, &step.none, &step.then, &step.otherwise];
        for below in below {
            if let Field::Read(below) = below {
                names.extend(captured(below));
            }
        }
        if let Field::Read(on) = &step.on {
            for (_, below) in &on.0 {
                names.extend(below.iter().flat_map(captured));
            }
        }
        if let Field::Read(each) = &step.for_each_member {
            names.extend(captured(&each.value));
        }
    }
    names
}

/// Resolves the names in steps.
struct Steps<'a, 'b> {
    notes: &'a mut Notes<'b>,
    captured: BTreeSet<String>,
}

impl Steps<'_, '_> {
    fn list(&mut self, steps: Items<Spot<syntax::Step>>) -> Vec<Step> {
        let steps = steps.0.into_iter();
        steps.filter_map(|step| self.step(step)).collect()
    }

    fn field(&mut self, steps: Field<Items<Spot<syntax::Step>>>) -> Vec<Step> {
        steps
            .read()
            .map(|steps| self.list(steps))
            .unwrap_or_default()
    }

    fn step(&mut self, Spot { value: step, span }: Spot<syntax::Step>) -> Option<Step> {
        let kinds = [
            matches!(step.lookup, Field::Read(_)),
            matches!(step.request, Field::Read(_)),
            matches!(step.capture, Field::Read(_)),
            matches!(step.when, Field::Read(_)),
            matches!(step.for_each_member, Field::Read(_)),
        ];
        let count = kinds.into_iter().filter(|kind| *kind).count();
        if count != 1 {
            if count > 1 || self.notes.problems.is_empty() {
                let what = "a step is one of lookup, request, capture, when and for-each-member";
                let help = "give each a step of its own, which begins with `- `";
                self.notes.add(Mistake::wrong(what, help), span);
            }
            return None;
        }
        if let Some(lookup) = step.lookup.read() {
            let lookup = self.lookup(lookup)?;
            let found = self.field(step.found);
            let none = self.field(step.none);
            return Some(Step::Lookup {
                lookup,
                found,
                none,
            });
        }
        if let Some(request) = step.request.read() {
            let request = self.request(&request, step.body, step.on, step.members_per_request)?;
            return Some(Step::Request(request));
        }
        if let Some(capture) = step.capture.read() {
            return Some(Step::Capture(self.capture(capture)));
        }
        if let Some(value) = step.when.read() {
            self.name(&value.text, value.span);
            let then = self.field(step.then);
            let otherwise = self.field(step.otherwise);
            let value = value.text;
            return Some(Step::When {
                value,
                then,
                otherwise,
            });
        }
        let each = step.for_each_member.read()?;
        Some(Step::ForEachMember(self.list(each.value)))
    }

    fn lookup(&mut self, Spot { value: read, span }: Spot<syntax::Lookup>) -> Option<Lookup> {
        let filter = read.filter.read().map(|by| (by, true));
        let pick = read.pick.read().map(|by| (by, false));
        let by = match (filter, pick) {
            (Some(_), Some(_)) => {
                let help = "keep `where` if the target is asked, `pick` if the whole list is read";
                let what = "a lookup has `where` or `pick`, not both";
                self.notes.add(Mistake::wrong(what, help), span);
                return None;
            }
            (filter, pick) => filter.or(pick),
        };
        let by = match by {
            None => None,
            Some((by, filter)) => {
                let mut by = by.0.into_iter();
                let (Some((attribute, Some(value))), None) = (by.next(), by.next()) else {
                    let what = "a lookup compares one attribute";
                    let help = "write it as `{userName: \"{user-name}\"}`";
                    self.notes.add(Mistake::wrong(what, help), span);
                    return None;
                };
                Some(By {
                    attribute: attribute.text,
                    value: self.template(&value.text, value.span),
                    filter,
                })
            }
        };
        Some(Lookup {
            list: match read.list {
                Resources::Users => ResourceKind::User,
                Resources::Groups => ResourceKind::Group,
            },
            by,
            end: read.end.read().map(|end| end.text).unwrap_or_default(),
        })
    }

    fn request(
        &mut self,
        line: &Text,
        body: Field<Spot<Json>>,
        on: Field<Named<Items<Spot<syntax::Step>>>>,
        members: Field<Text>,
    ) -> Option<Request> {
        let methods = [
            Method::Get,
            Method::Post,
            Method::Put,
            Method::Patch,
            Method::Delete,
        ];
        let (word, target) = line.text.split_once(' ').unwrap_or((&line.text, ""));
        let Some(method) = methods.into_iter().find(|m| m.as_str() == word) else {
            let name = Text {
                text: word.to_owned(),
                span: line.span,
            };
            let known = methods.map(Method::as_str);
            self.notes.unknown("a method", &name, known);
            return None;
        };
        if !target.starts_with('/') {
            let what = "a request has a path behind its method";
            let help = "write it as `PUT /Users/{id}`";
            self.notes.add(Mistake::wrong(what, help), line.span);
            return None;
        }
        let target = self.template(target, line.span);
        let body = body.read();
        let body = body.map(|body| self.body(&body.value.0, body.span));
        let mut follows = BTreeMap::new();
        for (status, steps) in on.read().map(|on| on.0).unwrap_or_default() {
            match status.text.parse::<u16>() {
                Ok(code @ 300..=599) => {
                    let steps = steps.map(|steps| self.list(steps)).unwrap_or_default();
                    follows.insert(code, steps);
                }
                _ => {
                    let what = format!("`{}` is no status of an error", status.text);
                    let help = "write a number such as `409`";
                    self.notes.add(Mistake::wrong(what, help), status.span);
                }
            }
        }
        Some(Request {
            method,
            target,
            body,
            on: follows,
            members: members.read().map(|m| self.template(&m.text, m.span)),
        })
    }

    fn capture(&mut self, capture: Named<Text>) -> Vec<(String, String)> {
        let mut parts = Vec::new();
        for (name, pointer) in capture.0 {
            let Some(pointer) = pointer else { continue };
            if name.text != "id" && is_given(&name.text) {
                let what = format!("`{}` is given, and cannot be captured", name.text);
                let help = "call it something else";
                self.notes.add(Mistake::wrong(what, help), name.span);
            }
            if !pointer.text.starts_with('/') {
                let what = format!("`{}` is no JSON pointer", yaml::shorten(&pointer.text));
                let help = "begin it with a slash: `/id`, `/patch/supported`";
                self.notes.add(Mistake::wrong(what, help), pointer.span);
            }
            parts.push((name.text, pointer.text));
        }
        parts
    }

    fn body(&mut self, json: &serde_json::Value, span: Span) -> Body {
        use serde_json::Value as Json;
        match json {
            Json::String(text) => Body::Text(self.template(text, span)),
            Json::Array(elements) => {
                let elements = elements.iter();
                Body::List(elements.map(|e| self.body(e, span)).collect())
            }
            Json::Object(object) => {
                let mut entries = Vec::new();
                for (name, part) in object {
                    match name.as_str() {
                        "for-each-member" if object.len() == 1 => {
                            return Body::Each(Box::new(self.body(part, span)));
                        }
                        "mapped" if part == "all" => entries.push((name.clone(), Body::Mapped)),
                        _ => entries.push((name.clone(), self.body(part, span))),
                    }
                }
                Body::Object(entries)
            }
            other => Body::Value(Value::from(other.clone())),
        }
    }

    fn template(&mut self, text: &str, span: Span) -> Template {
        let template = Template::parse(text);
        for name in template.names() {
            self.name(name, span);
        }
        template
    }

    fn name(&mut self, name: &str, span: Span) {
        if is_given(name) || self.captured.contains(name) {
            return;
        }
        let given = GIVEN.iter().copied();
        let attributes = Attribute::ALL.iter().map(|a| a.name());
        let known: Vec<String> = given
            .chain(attributes)
            .map(str::to_owned)
            .chain(self.captured.iter().cloned())
            .collect();
        let unknown = Unknown::new(name, known);
        let what = "a value that a flow can name".to_owned();
        self.notes.add(Mistake::UnknownWord { what, unknown }, span);
    }
}
