//! The report as JUnit XML, which build servers show.
//!
//! One suite for each variant with a test for each story and for each requirement, and one for the baseline's stale
//! entries. Advice is told in a test that passes; what could not be judged is an error.

use std::time::Duration;

use quick_junit::{
    NonSuccessKind, Report as Suites, SerializeError, TestCase, TestCaseStatus, TestSuite,
};

use super::escape::terminal as safe;
use super::{
    Finding, Report, ScenarioOutcome, ScenarioResult, StaleWhy, Standing, VariantResult, Verdict,
    excerpt,
};

/// Writes the report as JUnit XML.
///
/// # Errors
/// Serialising fails; nothing in a report makes it.
pub fn junit(report: &Report) -> Result<String, SerializeError> {
    let mut suites = Suites::new("scimulate");
    suites.set_time(Duration::try_from_secs_f64(report.run.seconds).unwrap_or_default());
    for idp in report.idps() {
        suites.add_test_suite(suite(report, idp));
    }
    if !report.stale.is_empty() {
        suites.add_test_suite(stale(report));
    }
    suites.to_string()
}

fn suite(report: &Report, idp: &str) -> TestSuite {
    let mut suite = TestSuite::new(idp);
    suite.add_property(("target", report.run.target.as_str()));
    suite.add_property(("seed", report.run.seed.to_string().as_str()));
    for result in report.scenarios.iter().filter(|r| r.idp == idp) {
        suite.add_test_case(story(report, result));
    }
    for requirement in &report.requirements {
        let results: Vec<_> = requirement
            .results
            .iter()
            .filter(|r| r.idp == idp)
            .collect();
        let Some(gravest) = results
            .iter()
            .max_by_key(|r| (r.verdict, r.reason.is_some()))
        else {
            continue;
        };
        let findings: Vec<_> = report
            .findings
            .iter()
            .filter(|f| f.idp == idp && f.requirement == requirement.id)
            .collect();
        let status = requirement_status(report, gravest, &findings);
        let mut case = TestCase::new(&*requirement.title, status);
        case.set_classname(format!("requirement.{}", requirement.id));
        tell(&mut case, report, &findings);
        suite.add_test_case(case);
    }
    suite
}

fn story(report: &Report, result: &ScenarioResult) -> TestCase {
    let findings: Vec<_> = report
        .findings
        .iter()
        .filter(|f| f.idp == result.idp && f.scenario == result.scenario)
        .collect();
    let status = match result.outcome {
        ScenarioOutcome::Passed => TestCaseStatus::success(),
        ScenarioOutcome::Failed => failure(report, &findings),
        ScenarioOutcome::Inconclusive => error(result.reason.as_deref()),
        ScenarioOutcome::Skipped => skipped(result.reason.as_deref()),
    };
    let name = if result.title.is_empty() {
        &result.scenario
    } else {
        &result.title
    };
    let mut case = TestCase::new(name.as_str(), status);
    case.set_classname(format!("story.{}", result.scenario));
    case.set_assertions(usize::try_from(result.compared).unwrap_or(usize::MAX));
    tell(&mut case, report, &findings);
    case
}

fn requirement_status(
    report: &Report,
    gravest: &VariantResult,
    findings: &[&Finding],
) -> TestCaseStatus {
    match gravest.verdict {
        Verdict::Pass | Verdict::Known => TestCaseStatus::success(),
        // A requirement whose findings are all advice does not fail the build.
        Verdict::Fail if findings.iter().any(|f| f.standing == Standing::Fails) => {
            failure(report, findings)
        }
        Verdict::Fail => TestCaseStatus::success(),
        Verdict::NotExercised => skipped(gravest.reason.as_deref().or(Some("nobody exercised it"))),
        Verdict::NotApplicable => {
            skipped(gravest.reason.as_deref().or(Some("it is not applicable")))
        }
        Verdict::Inconclusive => error(gravest.reason.as_deref()),
    }
}

fn failure(report: &Report, findings: &[&Finding]) -> TestCaseStatus {
    let counted: Vec<_> = findings
        .iter()
        .filter(|f| f.standing == Standing::Fails)
        .collect();
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
    if let Some(first) = counted.first() {
        status.set_message(safe(&first.message));
        status.set_type(format!("{}:{}", first.requirement, first.outcome));
    }
    let told: Vec<_> = counted.iter().map(|f| description(report, f)).collect();
    status.set_description(told.join("\n\n"));
    status
}

fn error(reason: Option<&str>) -> TestCaseStatus {
    let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
    status.set_type("inconclusive");
    status.set_message(safe(reason.unwrap_or("it could not be judged")));
    status
}

fn skipped(reason: Option<&str>) -> TestCaseStatus {
    let mut status = TestCaseStatus::skipped();
    status.set_message(safe(reason.unwrap_or("it did not run")));
    status
}

/// What does not count is told in the test's output.
fn tell(case: &mut TestCase, report: &Report, findings: &[&Finding]) {
    let told: Vec<_> = findings
        .iter()
        .filter(|finding| finding.standing != Standing::Fails)
        .map(|finding| {
            let word = match &finding.known {
                Some(known) => format!("known ({})", safe(&known.reason)),
                None => "advice".to_owned(),
            };
            format!("{word}: {}", description(report, finding))
        })
        .collect();
    if !told.is_empty() {
        case.set_system_out(told.join("\n\n"));
    }
}

/// A finding in plain lines.
fn description(report: &Report, finding: &Finding) -> String {
    let mut lines = vec![format!(
        "{} [{}, {}, {}]",
        finding.message, finding.requirement, finding.outcome, finding.impact
    )];
    if let Some(step) = &finding.step {
        lines.push(format!(
            "{} step {}: {}",
            finding.scenario,
            step.index + 1,
            step.action
        ));
    }
    if finding.differences.is_empty() {
        lines.push(format!("expected: {}", finding.expected));
        lines.push(format!("observed: {}", finding.observed));
    }
    for difference in &finding.differences {
        lines.push(format!(
            "{}, {}: promised {}, observed {}",
            difference.subject, difference.attribute, difference.promised, difference.observed
        ));
    }
    if let Some(exchange) = finding.exchanges.first().and_then(|n| report.exchange(*n)) {
        let request = &exchange.request;
        let body = request.body.as_ref();
        let body = body.map(|b| excerpt::request(&b.text, finding.attribute.as_deref()));
        let status = exchange.response.as_ref().map(|r| r.status.to_string());
        lines.push(format!(
            "exchange {}: {} {} {} -> {}",
            exchange.n,
            request.method,
            request.url,
            body.unwrap_or_default(),
            status.as_deref().unwrap_or("no answer")
        ));
    }
    lines.push(finding.customers.clone());
    lines.push(format!("fix: {} ({})", finding.fix, finding.source));
    let lines: Vec<_> = lines.iter().map(|line| safe(line)).collect();
    lines.join("\n")
}

fn stale(report: &Report) -> TestSuite {
    let mut suite = TestSuite::new("baseline");
    for entry in &report.stale {
        let mut status = TestCaseStatus::non_success(NonSuccessKind::Failure);
        status.set_type("stale");
        status.set_message(match entry.why {
            StaleWhy::Expired => "the entry's last day is over",
            StaleWhy::NotHappening => "the entry was exercised and no longer happens",
        });
        let name = format!(
            "line {}: {} {} {}",
            entry.line,
            entry.requirement,
            entry.outcome,
            entry.idps.join(", ")
        );
        let mut case = TestCase::new(safe(&name), status);
        case.set_classname("baseline");
        suite.add_test_case(case);
    }
    suite
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::sample;

    #[test]
    fn a_green_run_has_no_failure() {
        let xml = junit(&sample::green()).unwrap();
        assert!(xml.contains(r#"failures="0" errors="0""#), "{xml}");
        assert!(!xml.contains("<failure"));
    }

    #[test]
    fn what_a_target_said_cannot_end_an_element() {
        let mut report = sample::report();
        "</failure></testsuite>]]>\u{0}\u{1b}&".clone_into(&mut report.findings[0].message);
        let xml = junit(&report).unwrap();
        assert!(!xml.contains("</failure></testsuite>]]>"), "{xml}");
        assert!(!xml.contains(['\u{0}', '\u{1b}']));
    }
}
