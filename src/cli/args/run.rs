//! The arguments of `scimulate run`.

use std::path::PathBuf;

use clap::Args;

use super::target::TargetArgs;
use super::value::{ReportTo, Span};

/// What to run.
#[derive(Debug, Args)]
pub(in crate::cli) struct RunArgs {
    /// Play those stories: ids, folders of ids such as offboarding/, or files
    pub(in crate::cli) stories: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
    #[command(flatten)]
    pub(in crate::cli) select: SelectArgs,
    #[command(flatten)]
    pub(in crate::cli) judge: JudgeArgs,
    #[command(flatten)]
    pub(in crate::cli) output: OutputArgs,
}

/// What is played and judged.
#[derive(Debug, Args)]
#[command(next_help_heading = "Selection")]
#[group(id = "select_args", multiple = true)]
pub(in crate::cli) struct SelectArgs {
    /// Simulate those IdPs or variants, separated by commas.
    ///
    /// Default: all. Example: --idp okta,entra/default
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(in crate::cli) idp: Vec<String>,
    /// Also know the IdPs of that profile, a YAML file; may be given several times.
    ///
    /// Default: none but the bundled ones. Example: --idp-profile our-idp.yaml
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) idp_profile: Vec<PathBuf>,
    /// Play the stories that have one of those tags, separated by commas.
    ///
    /// Default: all stories but those tagged `volume` or `opt-in`. Example: --tag volume
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(in crate::cli) tag: Vec<String>,
    /// Judge by the requirements whose id begins so, separated by commas.
    ///
    /// Default: all. Example: --only patch/
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(in crate::cli) only: Vec<String>,
    /// Leave out the requirements whose id begins so, separated by commas.
    ///
    /// Default: none. Example: --skip message/media-type
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub(in crate::cli) skip: Vec<String>,
    /// Draw ids, names and passwords from that number: the same number gives the same requests.
    ///
    /// Default: a new one for each run; the report names it. Example: --seed 7
    #[arg(long, value_name = "NUMBER")]
    pub(in crate::cli) seed: Option<u64>,
    /// Give people addresses in that mail domain.
    ///
    /// Default: example.com. Example: --mail-domain test.example.org
    #[arg(long, value_name = "DOMAIN")]
    pub(in crate::cli) mail_domain: Option<String>,
    /// Give a target that shows changes late that much time before a difference counts.
    ///
    /// Default: 0s on this machine, 5s elsewhere. Example: --settle 20s
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) settle: Option<Span>,
    /// Make the bundled server wrong in that way; can be given several times.
    ///
    /// Default: it is right. Example: --fault patch-op-case-sensitive=reject
    #[arg(long, value_name = "ID[=MODE]", conflicts_with = "target")]
    pub(in crate::cli) fault: Vec<String>,
    /// Make the bundled server answer as that product does.
    ///
    /// Default: it answers as itself. Example: --persona sonarqube-server
    #[arg(long, value_name = "NAME", conflicts_with = "target")]
    pub(in crate::cli) persona: Option<String>,
}

/// What makes the run fail.
#[derive(Debug, Args)]
#[command(next_help_heading = "Verdict")]
#[group(id = "judge_args", multiple = true)]
pub(in crate::cli) struct JudgeArgs {
    /// Fail on findings of those levels, separated by commas: must, should, may, interop; or none.
    ///
    /// Default: must,interop. Example: --fail-on must,should,interop
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "must,interop",
        hide_default_value = true
    )]
    pub(in crate::cli) fail_on: Vec<String>,
    /// Excuse what that baseline file knows, and fail on entries that no longer hold.
    ///
    /// Default: nothing is excused. Example: --baseline known.yaml
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) baseline: Option<PathBuf>,
    /// Fail also where it is only reported or inferred that the IdP sends the deciding request.
    ///
    /// Default: that is advice. Example: --strict-inferred
    #[arg(long)]
    pub(in crate::cli) strict_inferred: bool,
    /// End with 0 although a story could not be judged.
    ///
    /// Default: that ends with 7. Example: --allow-inconclusive
    #[arg(long)]
    pub(in crate::cli) allow_inconclusive: bool,
}

/// What is written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
#[group(id = "output_args", multiple = true)]
pub(in crate::cli) struct OutputArgs {
    /// Write a report in that format to that file; can be given several times.
    ///
    /// The formats are text, json and junit. Default: none. Example: --report junit=out.xml
    #[arg(long, value_name = "FORMAT=FILE")]
    pub(in crate::cli) report: Vec<ReportTo>,
    /// Write the tape, every request and answer, to that file.
    ///
    /// Default: a file in the user's state folder; stderr names it. Example: --tape run.ndjson
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) tape: Option<PathBuf>,
}
