//! The verbs.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::clean::CleanArgs;
use super::run::RunArgs;
use super::serve::ServeArgs;

/// Play the identity provider and say where a SCIM endpoint breaks what its customers were promised.
#[derive(Debug, Parser)]
#[command(name = "scimulate", version, max_term_width = 100, arg_required_else_help = true, after_help = EXIT_CODES)]
pub(in crate::cli) struct Cli {
    #[command(subcommand)]
    pub(in crate::cli) command: Command,
}

const EXIT_CODES: &str = "Exit codes, the first that holds: 70 a fault of scimulate, 2 wrong usage, 3 a wrong file, \
    4 the target could not be examined, 1 findings, 6 stale baseline, 7 inconclusive, 5 nothing exercised, 0 none of \
    these; 130 interrupted.";

/// What to do.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum Command {
    /// Play the IdPs against a SCIM endpoint and say where it breaks the promise.
    Run(Box<RunArgs>),
    /// Serve the bundled reference server until Ctrl-C.
    Serve(Box<ServeArgs>),
    /// Check story files without playing them.
    Check(CheckArgs),
    /// List what there is: stories, requirements, IdPs, facts about them, faults or personas.
    List(ListArgs),
    /// Explain one requirement, IdP, fact, story, fault or persona; or show what an IdP sends at an event.
    Show(ShowArgs),
    /// Write a first baseline file from a run's findings.
    Baseline(BaselineArgs),
    /// Write a shell script that repeats one cause of the last run.
    Repro(ReproArgs),
    /// Take away what an earlier run left at a target.
    Clean(Box<CleanArgs>),
    /// Write completions for a shell.
    Completions(CompletionsArgs),
}

/// Which IdPs are known, and how their apps are set up.
#[derive(Debug, Args)]
pub(in crate::cli) struct KnownArgs {
    /// Read that target file: how the app is set up in the IdPs, and the profiles that it names.
    ///
    /// Default: scimulate.toml in this folder, if it is there. Example: --config staging.toml
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) config: Option<PathBuf>,
    /// Read no target file.
    ///
    /// Default: scimulate.toml in this folder is read. Example: --no-config
    #[arg(long, conflicts_with = "config")]
    pub(in crate::cli) no_config: bool,
    /// Also know the IdPs of that profile, a YAML file; may be given several times.
    ///
    /// Default: none but the bundled ones. Example: --idp-profile our-idp.yaml
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) idp_profile: Vec<PathBuf>,
}

/// What to list.
#[derive(Debug, Args)]
pub(in crate::cli) struct ListArgs {
    /// Name what to list.
    pub(in crate::cli) noun: ListNoun,
    /// Take only the facts of that IdP.
    ///
    /// Default: those of all. Example: --idp okta
    #[arg(long, value_name = "IDP")]
    pub(in crate::cli) idp: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) known: KnownArgs,
    /// Take only the facts that are so sure.
    ///
    /// `documented`, `captured`, `reported` or `inferred`. Default: all. Example: --confidence inferred
    #[arg(long, value_enum, value_name = "CONFIDENCE")]
    pub(in crate::cli) confidence: Option<Sure>,
    /// Write it in that form.
    ///
    /// `text` is for people, `json` for programs, `markdown` a page of the facts. Default: text. Example: --format json
    #[arg(long, value_enum, default_value_t = Format::Text, hide_default_value = true)]
    pub(in crate::cli) format: Format,
}

/// The form of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// As a page; facts alone have one.
    Markdown,
}

/// What can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ListNoun {
    /// What a target should do.
    Requirements,
    /// The simulated identity providers and their variants.
    Idps,
    /// The ways in which the bundled server can be made wrong.
    Faults,
    /// The products as which the bundled server can answer.
    Personas,
    /// The bundled stories.
    Scenarios,
    /// What the IdPs are known to send, with its sources.
    Facts,
}

/// How sure a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum Sure {
    /// The vendor says so.
    Documented,
    /// Taken from a real tenant's traffic.
    Captured,
    /// A third party says so.
    Reported,
    /// A conclusion; no source states it.
    Inferred,
}

/// What to explain.
#[derive(Debug, Args)]
pub(in crate::cli) struct ShowArgs {
    /// Name the kind of thing to explain.
    pub(in crate::cli) noun: ShowNoun,
    /// Name it by its id.
    pub(in crate::cli) id: String,
    /// Show what the IdP sends at that event (`show idp` alone lists the events)
    pub(in crate::cli) event: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) known: KnownArgs,
    /// Show the requests in that form.
    ///
    /// `text` is a line each, `http` the raw requests, `curl` commands. Default: text. Example: --format http
    #[arg(long, value_enum, requires = "event")]
    pub(in crate::cli) format: Option<FlowFormat>,
}

/// The form in which requests are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum FlowFormat {
    /// One line each, with the fact it rests on.
    Text,
    /// As they are sent, secrets marked.
    Http,
    /// As commands for a shell; `SCIM_URL` and `SCIM_TOKEN` are taken from its environment.
    Curl,
}

/// What can be explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ShowNoun {
    /// What a target should do.
    Requirement,
    /// A simulated identity provider or one of its variants.
    Idp,
    /// A way in which the bundled server can be made wrong.
    Fault,
    /// A product as which the bundled server can answer.
    Persona,
    /// A bundled story.
    Scenario,
    /// Something that an IdP is known to send.
    Fact,
}

/// From what to write a baseline.
#[derive(Debug, Args)]
pub(in crate::cli) struct BaselineArgs {
    /// Read the findings from that JSON report or tape.
    ///
    /// Default: the tape of the last run. Example: --from out.json
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) from: Option<PathBuf>,
    /// Keep the reasons of that baseline file.
    ///
    /// Default: every reason is still to be written. Example: --keep known.yaml
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) keep: Option<PathBuf>,
}

/// What to repeat.
#[derive(Debug, Args)]
pub(in crate::cli) struct ReproArgs {
    /// Give the cause's number under *Fix first*.
    pub(in crate::cli) number: usize,
    /// Read the run from that JSON report or tape.
    ///
    /// Default: the tape of the last run. Example: --from out.json
    #[arg(long, value_name = "FILE")]
    pub(in crate::cli) from: Option<PathBuf>,
    /// Write the script to that file instead of stdout.
    ///
    /// Default: stdout. Example: --output repro.sh
    #[arg(long, short, value_name = "FILE")]
    pub(in crate::cli) output: Option<PathBuf>,
}

/// For which shell.
#[derive(Debug, Args)]
pub(in crate::cli) struct CompletionsArgs {
    /// Name the shell.
    pub(in crate::cli) shell: clap_complete::Shell,
}

/// What to check.
#[derive(Debug, Args)]
pub(in crate::cli) struct CheckArgs {
    /// Name story files, or folders of them
    #[arg(required = true)]
    pub(in crate::cli) paths: Vec<PathBuf>,
}
