//! App roles, by the three expressions that an administrator can map onto `roles` (entra/7.2).

use super::Job;
use super::answer::{Action, Trouble};
use super::body;
use super::reference::Told;
use super::settings::{Operations, RoleForm};
use crate::directory::{Attribute, Person, RoleExpression, Scope};
use crate::scim::patch::Verb;
use crate::scim::{Object, Value};
use crate::wire::{Basis, ResourceKind, Wire};

/// The `type` of every role.
const ROLE_TYPE: &str = "WindowsAzureActiveDirectoryRole";

impl Job {
    /// The expression that is mapped, where roles are sent at all: not on demand, and not where everybody is in scope.
    pub(super) fn role_expression(&self) -> Option<RoleExpression> {
        let expression = self.app.roles?;
        let sent = !self.settings.on_demand && self.app.scope == Scope::Assigned;
        sent.then_some(expression)
    }

    /// The roles of a POST, where they are mapped.
    pub(super) fn roles_to_post(&self, person: &Person) -> Option<Vec<Value>> {
        let expression = self.role_expression()?;
        let roles = names(person, expression);
        let roles = roles
            .into_iter()
            .map(|name| self.role(name, expression, "displayName"));
        let roles: Vec<Value> = roles.collect();
        (!roles.is_empty() || self.settings.post_roles).then_some(roles)
    }

    /// The PATCH of roles, where the target shows others than the person has.
    pub(super) async fn roles(
        &mut self,
        person: &Person,
        id: &str,
        shown: Option<&Value>,
        wire: &Wire,
    ) -> Result<Told, Trouble> {
        let Some(expression) = self.role_expression() else {
            return Ok(Told::Nothing);
        };
        let shown = shown.and_then(Value::as_array);
        let wanted = names(person, expression);
        let has = |name: &&str| {
            let mut shown = shown.iter().flat_map(|shown| shown.iter());
            shown.any(|element| shows(element, name))
        };
        let replaces = expression == RoleExpression::AssertiveAppRoleAssignmentsComplex;
        let too_many = replaces && shown.map_or(0, |shown| shown.len()) > wanted.len();
        if wanted.iter().all(has) && !too_many {
            return Ok(Told::Known);
        }
        let (verb, basis) = match (expression, self.settings.operations) {
            (RoleExpression::AssertiveAppRoleAssignmentsComplex, _) => {
                (Verb::Replace, Basis::documented("entra/7.2/3"))
            }
            (_, Operations::Merged { .. }) => (Verb::Add, Basis::documented("entra/14/9")),
            (RoleExpression::SingleAppRoleAssignment, _) => {
                (Verb::Add, Basis::documented("entra/7.2/1"))
            }
            (RoleExpression::AppRoleAssignmentsComplex, _) => {
                (Verb::Add, Basis::documented("entra/7.2/2"))
            }
        };
        let roles = wanted
            .into_iter()
            .map(|name| match self.settings.operations {
                _ if replaces => self.role(name, expression, "display"),
                Operations::Merged { .. } => self.role(name, expression, "displayName"),
                Operations::PathEach => self.role_as_text(name),
            });
        let roles = roles.collect();
        let body = body::roles(verb, roles, &self.settings);
        let request = self.writer.patch(ResourceKind::User, id, &body, basis);
        self.write(wire, Action::Reference, request).await?;
        Ok(Told::Now)
    }

    /// A role as an object.
    fn role(&self, name: &str, expression: RoleExpression, display: &str) -> Value {
        let single = expression == RoleExpression::SingleAppRoleAssignment;
        let mut role = Object::new();
        role.push("primary", single);
        role.push("type", ROLE_TYPE);
        match self.settings.role_form {
            RoleForm::Text => return name.into(),
            RoleForm::TypeAlone => return role.into(),
            RoleForm::Whole => {}
        }
        if !single {
            role.push(display, name);
        }
        role.push("value", name);
        role.into()
    }

    /// A role as JSON inside a text (entra/4.5/7).
    fn role_as_text(&mut self, name: &str) -> Value {
        let dice = &mut self.dice;
        let ids = &mut self.memory.roles;
        let id = ids.entry(name.to_owned()).or_insert_with(|| dice.guid());
        let mut role = Object::new();
        role.push("id", id.as_str());
        role.push("value", name);
        role.push("displayName", name);
        body::valued(Value::from(role).to_string().into())
    }
}

/// The names of a person's roles; the expression for a single one takes the first.
fn names(person: &Person, expression: RoleExpression) -> Vec<&str> {
    let roles = person.get(Attribute::AppRoles).unwrap_or_default();
    let names = roles
        .split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty());
    match expression {
        RoleExpression::SingleAppRoleAssignment => names.take(1).collect(),
        RoleExpression::AppRoleAssignmentsComplex
        | RoleExpression::AssertiveAppRoleAssignmentsComplex => names.collect(),
    }
}

/// Whether an element is that role, in whichever form the target keeps it.
fn shows(element: &Value, name: &str) -> bool {
    let value = element.get("value").unwrap_or(element);
    let Some(text) = value.as_str() else {
        return false;
    };
    let inside = Value::parse(text).ok();
    let inside = inside.as_ref().and_then(|role| role.get("value"));
    text == name || inside.and_then(Value::as_str) == Some(name)
}
