//! The shape of a write: which values it is about, and in which forms it says so.
//!
//! This reads our own requests, to find out which property of a request a target stumbles over. What was promised is never
//! derived from it.

use std::collections::BTreeSet;

use crate::directory::Place;
use crate::scim::{Object, Value};
use crate::wire::{Exchange, Method, ResourceKind, split_target};

/// What a part of a write is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum About {
    /// The resource as a whole.
    Whole,
    /// `active`, and which value it is to have, where the write says one.
    Active(Option<bool>),
    /// A group's name.
    GroupName,
    /// A group's members: which ids, and what is to become of them.
    Members(Membering, Vec<String>),
    /// A value of a profile.
    Value(Place),
}

/// What a write does with members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Membering {
    /// These join.
    Add,
    /// These leave.
    Remove,
    /// These and no others are members.
    Replace,
}

/// A property of a part that a target may stumble over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Form {
    /// Any PATCH: where none takes effect, nothing finer is to blame.
    Patch,
    PatchUser,
    PatchGroup,
    PutUser,
    PutGroup,
    PostUser,
    PostGroup,
    DeleteUser,
    DeleteGroup,
    /// `active` is to become false; a target may ignore one direction only.
    OffByPatch,
    OnByPatch,
    OffByPut,
    OnByPut,
    AttributeByPatch,
    /// By the operation `add`, which some targets do not know.
    AddedByPatch,
    ValuesByPost,
    ValuesByPut,
    Enterprise,
    RenamedByPatch,
    RenamedByPut,
    MemberAdded,
    MemberRemovedByFilter,
    MemberRemovedByList,
    MembersReplaced,
    MembersByPost,
    WithoutPath,
    /// A PATCH that does not say that it is one.
    WithoutSchemas,
    /// An operation's name that is not in lower case.
    CapitalAdd,
    CapitalReplace,
    CapitalRemove,
    TextTrue,
    TextFalse,
    ValuePath,
    /// A value path that selects an element which is not there yet.
    ValuePathCreates,
    FlatKeys,
    UrnPath,
    ManagerAsText,
    LaterOperation,
    /// `null` or an empty list, which stand for no value.
    NoValue,
}

impl Form {
    /// The requirement that a target breaks which stumbles over this form.
    pub(super) fn requirement(self) -> &'static str {
        match self {
            Self::Patch | Self::PatchUser | Self::PatchGroup => "patch/takes-effect",
            Self::PutUser | Self::PutGroup => "user/put-accepted",
            Self::PostUser => "user/created",
            Self::PostGroup => "group/created",
            Self::DeleteUser => "user/deleted",
            Self::DeleteGroup => "group/deleted",
            Self::OffByPatch | Self::OnByPatch => "user/active-by-patch",
            Self::OffByPut | Self::OnByPut => "user/active-by-put",
            Self::AttributeByPatch => "patch/attribute-replaced",
            Self::AddedByPatch => "patch/attribute-added",
            Self::ValuesByPost => "user/values-kept-on-create",
            Self::ValuesByPut => "user/values-kept-on-put",
            Self::Enterprise => "extension/enterprise-values-kept",
            Self::RenamedByPatch | Self::RenamedByPut => "group/renamed",
            Self::MemberAdded => "group/member-added",
            Self::MemberRemovedByFilter => "group/member-removed-by-filter",
            Self::MemberRemovedByList => "group/member-removed-by-value-list",
            Self::MembersReplaced => "group/members-replaced",
            Self::MembersByPost => "group/created-with-members",
            Self::WithoutPath => "patch/without-path",
            Self::WithoutSchemas => "patch/without-schemas",
            Self::CapitalAdd | Self::CapitalReplace | Self::CapitalRemove => {
                "patch/operation-name-in-any-case"
            }
            Self::TextTrue | Self::TextFalse => "patch/boolean-as-text",
            Self::ValuePath => "patch/value-path",
            Self::ValuePathCreates => "patch/value-path-creates-its-element",
            Self::FlatKeys => "patch/flat-keys-without-path",
            Self::UrnPath => "patch/extension-attribute-by-urn",
            Self::ManagerAsText => "patch/manager-as-text",
            Self::LaterOperation => "patch/every-operation-is-applied",
            Self::NoValue => "user/null-values-accepted",
        }
    }

    /// The requirement that a target breaks which does more than a write of this form says.
    pub(super) fn overreach(self) -> Option<&'static str> {
        match self {
            Self::MemberAdded => Some("group/adding-keeps-the-others"),
            Self::MemberRemovedByFilter => Some("group/member-removed-by-filter"),
            Self::MemberRemovedByList => Some("group/member-removed-by-value-list"),
            Self::RenamedByPatch => Some("group/rename-keeps-members"),
            Self::AttributeByPatch | Self::OffByPatch | Self::OnByPatch => {
                Some("patch/keeps-what-it-does-not-name")
            }
            Self::PutUser => Some("user/put-touches-only-that-user"),
            _ => None,
        }
    }

    /// Whether the form says how something is written, not what it is about.
    pub(super) fn is_notation(self) -> bool {
        self >= Self::WithoutPath
    }
}

/// One part of a write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) about: About,
    pub(super) forms: BTreeSet<Form>,
}

/// The enterprise extension.
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:user";

/// The parts of a write, in the order in which they stand in it.
pub(super) fn parts(exchange: &Exchange<'_>) -> Vec<Part> {
    let path = exchange.path();
    let kind = match split_target(&exchange.sent.target) {
        Some((kind, _)) => kind,
        None if path == "/Groups" => ResourceKind::Group,
        None => ResourceKind::User,
    };
    let user = kind == ResourceKind::User;
    let body = exchange.request();
    match exchange.sent.method {
        Method::Get => Vec::new(),
        Method::Delete if user => vec![whole(Form::DeleteUser)],
        Method::Delete => vec![whole(Form::DeleteGroup)],
        Method::Post if user => resource(body, Form::PostUser),
        Method::Post => resource(body, Form::PostGroup),
        Method::Put if user => resource(body, Form::PutUser),
        Method::Put => resource(body, Form::PutGroup),
        Method::Patch => operations(body, user),
    }
}

fn whole(form: Form) -> Part {
    Part {
        about: About::Whole,
        forms: BTreeSet::from([form]),
    }
}

/// The parts of a full representation.
fn resource(body: Option<&Value>, verb: Form) -> Vec<Part> {
    let mut parts = vec![whole(verb)];
    let user = matches!(verb, Form::PostUser | Form::PutUser);
    let mut values = body
        .and_then(Value::as_object)
        .into_iter()
        .flat_map(Object::iter);
    if user && values.any(|(_, value)| value.is_unassigned()) {
        parts[0].forms.insert(Form::NoValue);
    }
    let Some(body) = body.and_then(Value::as_object) else {
        return parts;
    };
    let posts = matches!(verb, Form::PostUser | Form::PostGroup);
    let group = matches!(verb, Form::PostGroup | Form::PutGroup);
    let mut add = |about, forms: &[Form]| {
        let forms = forms.iter().copied().chain([verb]).collect();
        parts.push(Part { about, forms });
    };
    for (name, value) in body.iter() {
        match name.to_ascii_lowercase().as_str() {
            "schemas" | "id" | "meta" | "groups" | "password" => {}
            "active" if posts => add(About::Active(value.as_bool()), &[]),
            "active" if value.as_bool() == Some(false) => {
                add(About::Active(Some(false)), &[Form::OffByPut]);
            }
            "active" => add(About::Active(value.as_bool()), &[Form::OnByPut]),
            "displayname" if group && posts => add(About::GroupName, &[]),
            "displayname" if group => add(About::GroupName, &[Form::RenamedByPut]),
            "members" if group => {
                let form = if posts {
                    Form::MembersByPost
                } else {
                    Form::MembersReplaced
                };
                add(
                    About::Members(Membering::Replace, ids(Some(value))),
                    &[form],
                );
            }
            _ => {
                for place in places(name, value) {
                    let enterprise = is_enterprise(&place);
                    let values = if posts {
                        Form::ValuesByPost
                    } else {
                        Form::ValuesByPut
                    };
                    let forms = if enterprise {
                        vec![values, Form::Enterprise]
                    } else {
                        vec![values]
                    };
                    add(About::Value(place), &forms);
                }
            }
        }
    }
    parts
}

/// Every place of a member of a full representation that holds a value.
fn places(name: &str, value: &Value) -> Vec<Place> {
    let is_urn = name
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
    match value {
        Value::Object(object) if is_urn => object
            .iter()
            .map(|(attribute, _)| Place::new(Some(name), attribute, None, None))
            .collect(),
        Value::Object(object) => object
            .iter()
            .map(|(sub, _)| Place::new(None, name, None, Some(sub)))
            .collect(),
        Value::Array(items) => items
            .iter()
            .filter_map(Value::as_object)
            .flat_map(|item| {
                let element = item.get("type").and_then(Value::as_str).unwrap_or("work");
                item.iter()
                    .filter(|(sub, _)| !["type", "primary", "display"].contains(sub))
                    .map(|(sub, _)| Place::new(None, name, Some(element), Some(sub)))
                    .collect::<Vec<_>>()
            })
            .collect(),
        Value::Null => Vec::new(),
        _ => vec![Place::new(None, name, None, None)],
    }
}

/// The parts of a PATCH.
fn operations(body: Option<&Value>, user: bool) -> Vec<Part> {
    let Some(operations) = body
        .and_then(|b| b.get("Operations"))
        .and_then(Value::as_array)
    else {
        return Vec::new();
    };
    let verb = if user {
        Form::PatchUser
    } else {
        Form::PatchGroup
    };
    let unlabelled = body.is_none_or(|b| b.get("schemas").is_none());
    let mut parts = Vec::new();
    for (at, operation) in operations.iter().filter_map(Value::as_object).enumerate() {
        let op = operation
            .get("op")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let mut forms = BTreeSet::from([Form::Patch, verb]);
        forms.extend(match op {
            "Add" => Some(Form::CapitalAdd),
            "Replace" => Some(Form::CapitalReplace),
            "Remove" => Some(Form::CapitalRemove),
            _ => None,
        });
        if unlabelled {
            forms.insert(Form::WithoutSchemas);
        }
        if at > 0 {
            forms.insert(Form::LaterOperation);
        }
        let value = operation.get("value");
        match operation.get("path").and_then(Value::as_str) {
            Some(path) => parts.push(at_path(op, path, value, user, forms)),
            None => {
                forms.insert(Form::WithoutPath);
                without_path(
                    op,
                    value.and_then(Value::as_object),
                    user,
                    &forms,
                    &mut parts,
                );
            }
        }
    }
    parts
}

fn at_path(
    op: &str,
    path: &str,
    value: Option<&Value>,
    user: bool,
    mut forms: BTreeSet<Form>,
) -> Part {
    let head = path.split(['[', '.']).next().unwrap_or_default();
    if !user && head.eq_ignore_ascii_case("members") {
        return members(op, path, value, forms);
    }
    let about = if user && path.eq_ignore_ascii_case("active") {
        let on = said(value);
        forms.insert(match on {
            Some(false) => Form::OffByPatch,
            _ => Form::OnByPatch,
        });
        if matches!(value, Some(Value::String(_))) {
            forms.insert(match on {
                Some(false) => Form::TextFalse,
                _ => Form::TextTrue,
            });
        }
        About::Active(on)
    } else if !user && path.eq_ignore_ascii_case("displayName") {
        forms.insert(Form::RenamedByPatch);
        About::GroupName
    } else {
        forms.insert(Form::AttributeByPatch);
        if user && op.eq_ignore_ascii_case("add") {
            forms.insert(Form::AddedByPatch);
        }
        match path.parse::<Place>() {
            Ok(place) => {
                if place.element.is_some() {
                    forms.insert(Form::ValuePath);
                }
                value_forms(&place, value, &mut forms);
                if place.extension.is_some() {
                    forms.insert(Form::UrnPath);
                }
                About::Value(place)
            }
            Err(_) => About::Whole,
        }
    };
    Part { about, forms }
}

fn value_forms(place: &Place, value: Option<&Value>, forms: &mut BTreeSet<Form>) {
    if is_enterprise(place) {
        forms.insert(Form::Enterprise);
        if place.attribute.eq_ignore_ascii_case("manager")
            && matches!(value, Some(Value::String(_)))
        {
            forms.insert(Form::ManagerAsText);
        }
    }
}

fn without_path(
    op: &str,
    value: Option<&Object>,
    user: bool,
    forms: &BTreeSet<Form>,
    parts: &mut Vec<Part>,
) {
    for (name, value) in value.into_iter().flat_map(Object::iter) {
        if name.eq_ignore_ascii_case("id") || name.eq_ignore_ascii_case("schemas") {
            continue;
        }
        let mut part = at_path(op, name, Some(value), user, forms.clone());
        // A key that is itself a path of several names: no JSON member has such a name in any schema.
        if name.contains('.')
            || name
                .get(..4)
                .is_some_and(|s| s.eq_ignore_ascii_case("urn:"))
        {
            part.forms.insert(Form::FlatKeys);
            part.forms.remove(&Form::UrnPath);
        }
        parts.push(part);
    }
}

fn members(op: &str, path: &str, value: Option<&Value>, mut forms: BTreeSet<Form>) -> Part {
    let filtered = path
        .split_once("value eq \"")
        .and_then(|(_, rest)| rest.split_once('"'));
    let (membering, ids) = match (op.to_ascii_lowercase().as_str(), filtered) {
        ("remove", Some((id, _))) => {
            forms.insert(Form::MemberRemovedByFilter);
            (Membering::Remove, vec![id.to_owned()])
        }
        ("remove", None) => {
            forms.insert(Form::MemberRemovedByList);
            (Membering::Remove, ids(value))
        }
        ("replace", _) => {
            forms.insert(Form::MembersReplaced);
            (Membering::Replace, ids(value))
        }
        _ => {
            forms.insert(Form::MemberAdded);
            (Membering::Add, ids(value))
        }
    };
    Part {
        about: About::Members(membering, ids),
        forms,
    }
}

fn ids(value: Option<&Value>) -> Vec<String> {
    let items = value.and_then(Value::as_array).unwrap_or_default();
    let id = |item: &Value| {
        item.get("value")
            .unwrap_or(item)
            .as_str()
            .map(str::to_owned)
    };
    items.iter().filter_map(id).collect()
}

/// What a value for `active` says, as a boolean or as a text.
fn said(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Bool(flag) => Some(*flag),
        Value::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
        Value::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
        _ => None,
    }
}

fn is_enterprise(place: &Place) -> bool {
    place
        .extension
        .as_deref()
        .is_some_and(|urn| urn.eq_ignore_ascii_case(ENTERPRISE))
}
