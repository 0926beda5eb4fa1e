//! The steps of a profile's flows, from what is written to what is sent.

use std::collections::{BTreeMap, BTreeSet};

use super::flow::{Body, By, Lookup, Request, Step};
use super::syntax::{self, Resources};
use super::text::Template;
use super::{GIVEN, is_given};
use crate::directory::Attribute;
use crate::scim::Value;
use crate::wire::{Method, ResourceKind};
use crate::yaml::{self, Field, Items, Json, Mistake, Named, Notes, Span, Spot, Text, Unknown};

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
pub(super) struct Steps<'a> {
    notes: &'a mut Notes,
    captured: BTreeSet<String>,
}

impl<'a> Steps<'a> {
    /// Resolves names in those steps, of which each may use what any of them captures.
    pub(super) fn new<'b>(
        notes: &'a mut Notes,
        all: impl Iterator<Item = &'b Items<Spot<syntax::Step>>>,
    ) -> Self {
        let captured = all.flat_map(captured).collect();
        Self { notes, captured }
    }

    pub(super) fn list(&mut self, steps: Items<Spot<syntax::Step>>) -> Vec<Step> {
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
