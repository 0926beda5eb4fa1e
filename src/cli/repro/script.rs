//! The script: what the story presupposes, the IdP's requests up to the one that decides, and what to look at.

use std::fmt::Write as _;

use super::template::{Names, Place};
use crate::report::escape::{shell, terminal as safe};
use crate::report::{Cause, Exchange, Finding, Report, Run};
use crate::scim::Value;
use crate::wire::{FailureKind, Method, Origin};

/// Why there is nothing to repeat.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ReproError {
    /// The number is not one of the run's.
    #[error("there is no cause {number}: the run has {}", match .causes { 0 => "none".to_owned(), 1 => "only cause 1".to_owned(), n => format!("causes 1 to {n}") })]
    NoCause {
        /// The number that was asked for.
        number: usize,
        /// How many there are.
        causes: usize,
    },
    /// The report holds no exchange of it.
    #[error("the report holds no exchange of cause {0}: take the run's tape")]
    NoExchanges(usize),
}

/// Writes the script that repeats a cause by its first finding.
pub(super) fn script(report: &Report, number: usize) -> Result<String, ReproError> {
    let no_cause = || ReproError::NoCause {
        number,
        causes: report.causes.len(),
    };
    let place = number.checked_sub(1).ok_or_else(no_cause)?;
    let cause = report.causes.get(place).ok_or_else(no_cause)?;
    let none = || ReproError::NoExchanges(number);
    let finding = cause.findings.first().and_then(|n| report.findings.get(*n));
    let finding = finding.ok_or_else(none)?;
    let exchanges = exchanges(report, finding);
    if exchanges.is_empty() {
        return Err(none());
    }
    let mut names = Names::default();
    let mut body = String::new();
    for exchange in &exchanges {
        let cited = finding.exchanges.contains(&exchange.n);
        request(&mut body, &mut names, exchange, cited);
    }
    let two = exchanges.iter().any(|exchange| exchange.other_tenant);
    let functions = FUNCTIONS.replace("AUTHORIZED", &authorized(&mut names, &exchanges, false));
    let functions = match two {
        false => functions.replace("OTHER_CUSTOMER\n", ""),
        true => {
            let there = THERE.replace("AUTHORIZED", &authorized(&mut names, &exchanges, true));
            functions
                .replace("OTHER_CUSTOMER\n", &there)
                .replace("\"$TARGET$path\")", "\"${AT:-$TARGET}$path\")")
        }
    };
    let mut text = head(report, number, cause, finding);
    variables(&mut text, &names, &report.run);
    if two {
        let bundled = match report.run.bundled {
            true => {
                ", such as http://127.0.0.1:8080/t/other/scim/v2 of `scimulate serve --tenant other=NAME`"
            }
            false => "",
        };
        let _ = writeln!(
            text,
            "# The second customer's tenant{bundled}\n: \"${{OTHER_TENANT:?set it to the base URL of the second customer's tenant}}\"\nthere="
        );
    }
    text.push_str(&functions);
    text.push_str(&body);
    Ok(text)
}

/// What has to be sent again: everything of the story that changed or asked the target as the IdP, and the cited reads.
fn exchanges<'a>(report: &'a Report, finding: &Finding) -> Vec<&'a Exchange> {
    let last = finding.exchanges.iter().max().copied().unwrap_or(0);
    let mut all: Vec<_> = report
        .exchanges
        .iter()
        .filter(|e| e.idp == finding.idp && e.scenario == finding.scenario && e.n <= last)
        // What people got at the product's door is not written down, so nobody can show it there again.
        .filter(|e| !e.injected && e.request.url != e.request.path)
        // What the run held back, because it would have hit a stranger, is not sent by anybody.
        .filter(|e| !matches!(&e.failure, Some(f) if f.kind == FailureKind::Guarded))
        .filter(|e| {
            matches!(e.origin, Origin::Idp | Origin::Seed | Origin::Probe)
                || finding.exchanges.contains(&e.n)
        })
        .collect();
    all.sort_by_key(|e| e.n);
    all
}

// Writing to a String cannot fail.
fn head(report: &Report, number: usize, cause: &Cause, finding: &Finding) -> String {
    let mut text = String::from("#!/bin/sh\n");
    let mut comment = |line: &str| {
        let _ = writeln!(text, "# {}", safe(line));
    };
    comment(&format!(
        "Cause {number} of a run of scimulate: {}",
        cause.title
    ));
    comment(&format!(
        "{} ({}), {}",
        cause.requirement, cause.outcome, cause.source
    ));
    comment(&format!(
        "The story {} with {}, seed {}.",
        finding.scenario, finding.idp, report.run.seed
    ));
    if let Some(step) = &finding.step {
        comment(&format!(
            "It shows at step {}: {}",
            step.index + 1,
            step.action
        ));
    }
    if finding.differences.is_empty() {
        comment(&format!("Expected: {}", finding.expected));
        comment(&format!("Observed: {}", finding.observed));
    }
    for d in &finding.differences {
        comment(&format!(
            "{}, {}: promised {}, observed {}",
            d.subject, d.attribute, d.promised, d.observed
        ));
    }
    comment(&format!("Fix: {}", cause.fix));
    if report.run.bundled {
        comment(
            "The run examined the bundled server: start it again with `scimulate serve`, with the same --fault.",
        );
    }
    text.push_str(
        "#\n# Needs curl; takes ids from answers with jq where it is installed, else with sed.\n\
         # Deletes what it made when it ends. TARGET may name another endpoint.\n\nset -eu\n\n",
    );
    text
}

fn variables(text: &mut String, names: &Names, run: &Run) {
    // The bundled server of the run is gone; `scimulate serve` is where its like is found.
    let target = if run.bundled {
        "http://127.0.0.1:8080/scim/v2"
    } else {
        &run.target
    };
    let _ = writeln!(
        text,
        "DEFAULT={}\nTARGET=${{TARGET:-$DEFAULT}}",
        shell(target)
    );
    for number in &names.credentials {
        let _ = if run.bundled {
            writeln!(text, "SECRET_{number}=${{SECRET_{number}:-scimulate}}")
        } else {
            writeln!(
                text,
                ": \"${{SECRET_{number}:?set it to the credential that stands as [secret:{number}] in the run: what follows Bearer or Basic}}\""
            )
        };
    }
    for number in names.passwords.difference(&names.credentials) {
        let _ = writeln!(
            text,
            "SECRET_{number}=${{SECRET_{number}:-Repeat-Me-{number}-Passw0rd}}"
        );
    }
}

/// The second customer's resources go away at the second customer's tenant.
const THERE: &str = r#"  for path in $there; do
    AUTHORIZED --request DELETE "$OTHER_TENANT$path" >/dev/null 2>&1 || :
  done
"#;

const FUNCTIONS: &str = r#"
work=$(mktemp -d)
made=
finish() {
  for path in $made; do
    AUTHORIZED --request DELETE "$TARGET$path" >/dev/null 2>&1 || :
  done
OTHER_CUSTOMER
  rm -rf "$work"
}
trap finish EXIT

# One request: its number in the run, the status that the run saw, method, path, and what else curl is told.
send() {
  number=$1 saw=$2 method=$3 path=$4
  shift 4
  : >"$work/answer"
  status=$(curl --silent --show-error --globoff --path-as-is --max-time 60 \
    --output "$work/answer" --write-out '%{http_code}' --request "$method" "$@" "$TARGET$path") || status='no answer'
  printf '%s: %s %s -> %s (the run saw %s)\n' "$number" "$method" "$path" "$status" "$saw"
}

# The answer, without what would control the terminal.
show() {
  LC_ALL=C tr -d '\000-\010\013-\037\177' <"$work/answer" | sed 's/^/    /'
  echo
}

# The id in the answer.
answered_id() {
  if command -v jq >/dev/null 2>&1; then
    jq -r '.id // empty' <"$work/answer" 2>/dev/null || :
  else
    tr ',{}' '\n\n\n' <"$work/answer" | sed -n 's/^[[:space:]]*"id"[[:space:]]*:[[:space:]]*"\{0,1\}\([^"]*\).*/\1/p' | head -n 1
  fi
}

# Remembers a resource that was made, to delete it. Whatever was not made here is left alone.
keep() {
  case $status in 201) ;; *) echo "the POST was not answered 201, so nothing more is sent" >&2; exit 1 ;; esac
  case $2 in '' | . | ..) echo "the answer has no usable id, so nothing more is sent" >&2; exit 1 ;; esac
  made="$1/$(url "$2") $made"
}

# An id as it stands in a path.
url() {
  case $1 in
    *[!A-Za-z0-9._~-]*) printf %s "$1" | od -An -v -tx1 | tr -d '\n' | tr ' ' '%' ;;
    *) printf %s "$1" ;;
  esac
}

# An id as it stands in a JSON text.
json() {
  printf %s "$1" | sed 's/[\\"]/\\&/g'
}

"#;

/// curl with the credentials of the first request to that tenant that has any, for the clean-up.
fn authorized(names: &mut Names, exchanges: &[&Exchange], other_tenant: bool) -> String {
    let mut command = String::from("curl --silent --globoff --path-as-is --max-time 60");
    let header = exchanges
        .iter()
        .filter(|exchange| exchange.other_tenant == other_tenant)
        .flat_map(|exchange| &exchange.request.headers)
        .find(|(_, value)| value.contains("[secret:"));
    if let Some((name, value)) = header {
        let word = names.word(&format!("{name}: {value}"), Place::Header);
        let _ = write!(command, " --header {word}");
    }
    command
}

fn request(text: &mut String, names: &mut Names, exchange: &Exchange, cited: bool) {
    let request = &exchange.request;
    let saw = match (&exchange.response, &exchange.failure) {
        (Some(response), _) => response.status.to_string(),
        (None, _) => "no answer".to_owned(),
    };
    if cited {
        let _ = writeln!(text, "# This one shows it.");
    }
    let path = names.word(&request.path, Place::Url);
    if exchange.other_tenant {
        text.push_str("AT=$OTHER_TENANT\n");
    }
    let _ = write!(
        text,
        "send {} {} {} {path}",
        exchange.n,
        shell(&saw),
        request.method
    );
    for header in headers(exchange) {
        let word = names.word(&header, Place::Header);
        let _ = write!(text, " \\\n  --header {word}");
    }
    if let Some(body) = &request.body {
        let word = names.word(&body.text, Place::Json);
        let _ = write!(text, " \\\n  --data-raw {word}");
    }
    text.push('\n');
    if cited {
        text.push_str("show\n");
    }
    if let Some((collection, id)) = created(exchange) {
        let number = names.learn(&id);
        let _ = writeln!(text, "ID_{number}=$(answered_id)");
        let _ = writeln!(text, "keep {collection} \"$ID_{number}\"");
        if exchange.other_tenant {
            // Only the customer whose it is may take it away.
            text.push_str("there=\"${made%% *} $there\" made=${made#* }\n");
        }
    }
    if exchange.other_tenant {
        text.push_str("AT=\n");
    }
    text.push('\n');
}

/// The headers as curl takes them: those that curl would add by itself are switched off where the run sent none.
fn headers(exchange: &Exchange) -> Vec<String> {
    let sent = &exchange.request.headers;
    let given = sent.iter().filter(|(name, _)| {
        !["host", "content-length"]
            .iter()
            .any(|own| name.eq_ignore_ascii_case(own))
    });
    let mut lines: Vec<_> = given
        .map(|(name, value)| match value.as_str() {
            // curl takes a semicolon for a header without a value.
            "" => format!("{name};"),
            value => format!("{name}: {value}"),
        })
        .collect();
    for name in ["Accept", "User-Agent", "Content-Type"] {
        let with_body = name != "Content-Type" || exchange.request.body.is_some();
        if with_body && !sent.iter().any(|(sent, _)| sent.eq_ignore_ascii_case(name)) {
            lines.push(format!("{name}:"));
        }
    }
    lines
}

/// The collection and the id of what an exchange created.
fn created(exchange: &Exchange) -> Option<(&'static str, String)> {
    let response = exchange.response.as_ref()?;
    if exchange.request.method != Method::Post || response.status != 201 {
        return None;
    }
    let path = exchange.request.path.split('?').next()?;
    let collection = ["/Users", "/Groups"].into_iter().find(|c| *c == path)?;
    let body = Value::parse(&response.body.as_ref()?.text).ok()?;
    let id = body.get("id")?.as_str()?;
    Some((collection, id.to_owned())).filter(|(_, id)| !id.is_empty())
}
