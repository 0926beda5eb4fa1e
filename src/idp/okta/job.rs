//! Okta's jobs: what ends one, what makes it wait, and what the administrator reads.

use std::time::Duration;

use super::settings::Throttle;
use crate::directory::{GroupKey, PersonKey, Subject};
use crate::idp::Outcome;
use crate::wire::{Basis, Failure, FailureKind, Reply, Request, Wire};

/// One job. An administrator can retry most of them from the list of tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Job {
    TestConnection,
    SaveProvisioning,
    Provision(PersonKey),
    Reactivate(PersonKey),
    Update(PersonKey),
    Password(PersonKey),
    Deactivate(PersonKey),
    PushGroup(GroupKey),
    PushNow(GroupKey),
    /// Joins and leaves.
    Members(GroupKey),
    /// Somebody in the group has just got an account in the app.
    Enter(GroupKey),
    Rename(GroupKey),
    DeleteGroup(GroupKey),
    ImportUsers,
    ImportGroups,
    ImportSchema,
    DiscoverEntitlements,
}

impl Job {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::TestConnection => "test connection",
            Self::SaveProvisioning => "save provisioning settings",
            Self::Provision(_) => "create user",
            Self::Reactivate(_) => "reactivate user",
            Self::Update(_) => "update user",
            Self::Password(_) => "push password",
            Self::Deactivate(_) => "deactivate user",
            Self::PushGroup(_) => "push group",
            Self::PushNow(_) => "push group now",
            Self::Members(_) | Self::Enter(_) => "update group members",
            Self::Rename(_) => "rename group",
            Self::DeleteGroup(_) => "delete group",
            Self::ImportUsers => "import users",
            Self::ImportGroups => "import groups",
            Self::ImportSchema => "import user schema",
            Self::DiscoverEntitlements => "discover entitlements",
        }
    }

    pub(super) fn subject(&self) -> Option<Subject> {
        match self {
            Self::Provision(p)
            | Self::Reactivate(p)
            | Self::Update(p)
            | Self::Password(p)
            | Self::Deactivate(p) => Some(Subject::Person(p.clone())),
            _ => self.group().cloned().map(Subject::Group),
        }
    }

    pub(super) fn group(&self) -> Option<&GroupKey> {
        match self {
            Self::PushGroup(g)
            | Self::PushNow(g)
            | Self::Members(g)
            | Self::Enter(g)
            | Self::Rename(g)
            | Self::DeleteGroup(g) => Some(g),
            _ => None,
        }
    }

    /// Whether a failure leaves a task with a *Retry* button. A deactivation's can only be marked complete
    /// (`corrections/OK-11`); dialogs and imports are started anew.
    pub(super) fn retryable(&self) -> bool {
        matches!(
            self,
            Self::Provision(_) | Self::Reactivate(_) | Self::Update(_) | Self::Password(_)
        ) || self.group().is_some()
    }

    /// Whether a 429 puts the job off (`okta/12/7`); a dialog that somebody looks at only fails.
    pub(super) fn patient(&self) -> bool {
        !matches!(self, Self::TestConnection | Self::SaveProvisioning)
    }
}

/// Why a job does not go on.
#[derive(Debug)]
pub(super) enum Stop {
    /// The target asks for less, or is not ready: the job is put off, and starts again from its first request.
    PutOff(Reply),
    /// No answer came, so the job is over.
    Unanswered(Outcome),
    /// The job is over.
    Over(Outcome),
}

/// One request of a job, as far as it can go wrong.
#[derive(Clone, Debug)]
pub(super) struct Step {
    /// What the administrator reads when it goes wrong.
    pub(super) trouble: &'static str,
    /// How it is known that the job stops when the target answers with that status, or not at all.
    pub(super) stops: fn(Option<u16>) -> Basis,
}

impl Step {
    /// Sends a request, whose answer may have any status but 429.
    pub(super) async fn ask(&self, wire: &Wire, request: Request) -> Result<Reply, Stop> {
        let line = line(&request);
        let basis = request.basis.clone();
        match wire.send(request).await {
            Ok(reply) if reply.status == 429 => Err(Stop::PutOff(reply)),
            Ok(reply) => Ok(reply),
            Err(failure) => Err(self.no_answer(&line, &failure, basis)),
        }
    }

    /// Sends a request, which is to be answered with success.
    pub(super) async fn get_done(&self, wire: &Wire, request: Request) -> Result<Reply, Stop> {
        let line = line(&request);
        let reply = self.ask(wire, request).await?;
        if reply.ok() {
            return Ok(reply);
        }
        Err(self.refusal(&line, &reply))
    }

    /// The end after an answer that is not what the step needs.
    pub(super) fn over(&self, reply: &Reply, why: String, basis: Basis) -> Stop {
        Stop::Over(Outcome::Stopped {
            exchange: Some(reply.exchange),
            admin_sees: format!("{}: {why}", self.trouble),
            why,
            basis,
        })
    }

    /// The end after an answer that says no.
    pub(super) fn refusal(&self, line: &str, reply: &Reply) -> Stop {
        Stop::Over(Outcome::Stopped {
            exchange: Some(reply.exchange),
            why: format!(
                "{line} was answered {}, and Okta goes on only after a success",
                reply.status
            ),
            admin_sees: format!("{}: {}", self.trouble, said(reply)),
            basis: (self.stops)(Some(reply.status)),
        })
    }

    fn no_answer(&self, line: &str, failure: &Failure, request: Basis) -> Stop {
        let (why, admin_sees, basis) = if failure.kind == FailureKind::Guarded {
            (
                format!("the guard held {line} back: {}", failure.message),
                "Nothing unusual: Okta would have written to that record and called it done"
                    .to_owned(),
                request,
            )
        } else {
            (
                format!(
                    "{line} got no answer ({}), and Okta does not repeat it",
                    failure.message
                ),
                format!("{}: no answer from the app", self.trouble),
                (self.stops)(None),
            )
        };
        Stop::Unanswered(Outcome::Stopped {
            exchange: Some(failure.exchange),
            why,
            admin_sees,
            basis,
        })
    }
}

/// How a request is called in sentences.
pub(super) fn line(request: &Request) -> String {
    let path = request.target.split('?').next().unwrap_or_default();
    format!("{} {path}", request.method)
}

/// A job that Okta does not send anything for.
pub(super) fn nothing(why: &str, basis: Basis) -> Outcome {
    Outcome::SendsNothing {
        why: why.to_owned(),
        basis,
    }
}

/// Status and detail as they reach the administrator (`okta/1.4`).
fn said(reply: &Reply) -> String {
    let status = http::StatusCode::from_u16(reply.status);
    let reason = status.ok().and_then(|status| status.canonical_reason());
    let mut text = format!("{} {}", reply.status, reason.unwrap_or("(unknown status)"));
    let detail = reply.json().and_then(|body| body.get("detail")?.as_str());
    if let Some(detail) = detail {
        text.push_str(", the app says: ");
        text.extend(detail.chars().take(DETAIL));
    } else if reply.json().is_none() && !reply.body.text.is_empty() {
        text.push_str(", and the app's error is not valid JSON");
    }
    text
}

/// A target may answer with a page of text; nobody reads more of it.
const DETAIL: usize = 300;

/// How a job waits that is put off.
pub(super) struct Patience {
    rule: Throttle,
    waited: Option<Duration>,
    tries: u32,
}

/// No job is put off longer than that, so that the virtual clock stays within the calendar.
const LONGEST: Duration = Duration::from_hours(24 * 365);

impl Patience {
    pub(super) fn new(rule: Throttle) -> Self {
        Self {
            rule,
            waited: None,
            tries: 0,
        }
    }

    /// Waits before the next try, or says how the job ends: a whole number of seconds in `Retry-After` is waited out, anything
    /// else is five minutes, and each further 429 doubles the wait (`okta/12`).
    pub(super) async fn wait(&mut self, wire: &Wire, reply: &Reply) -> Result<(), Outcome> {
        if self.tries == self.rule.tries {
            return Err(Outcome::Stopped {
                exchange: Some(reply.exchange),
                why: format!(
                    "the job was put off {} times in a row, lastly by a {}, and Okta gives up",
                    self.tries, reply.status
                ),
                admin_sees: "Tasks: the job failed for good after being rescheduled".to_owned(),
                basis: Basis::documented("okta/12"),
            });
        }
        self.tries += 1;
        let named = reply
            .header("retry-after")
            .and_then(|text| text.parse::<u32>().ok())
            .map(|seconds| Duration::from_secs(seconds.into()));
        let wait = match self.waited {
            None => named.unwrap_or(self.rule.first),
            Some(before) => before.saturating_mul(2),
        };
        let wait = wait.min(LONGEST);
        self.waited = Some(wait);
        // What the target asks for takes real time; what Okta adds of its own passes on the virtual clock.
        let asked = named.unwrap_or_default().min(wait);
        wire.wait_for_target(reply, asked)
            .await
            .map_err(|e| Outcome::Inconclusive { why: e.to_string() })?;
        wire.clock().skip(wait.saturating_sub(asked));
        Ok(())
    }
}
