//! The arguments of `scimulate clean`.

use std::path::PathBuf;

use clap::Args;

use super::target::TargetArgs;
use super::value::Span;

/// What to take away.
#[derive(Debug, Args)]
pub(in crate::cli) struct CleanArgs {
    #[command(flatten)]
    pub(in crate::cli) target: TargetArgs,
    /// Take away what the run of that tape left.
    ///
    /// Default: the tape of the last run. Example: --tape run.ndjson
    #[arg(long, value_name = "FILE", conflicts_with_all = ["instance", "older_than"])]
    pub(in crate::cli) tape: Option<PathBuf>,
    /// Take away whoever and whatever carries that mark in its name, without a tape.
    ///
    /// Default: by the tape. Example: --instance k3f7q2ab
    #[arg(long, value_name = "MARK", conflicts_with = "older_than")]
    pub(in crate::cli) instance: Option<String>,
    /// Take away everybody with a mark who was made that long ago, without a tape.
    ///
    /// Default: by the tape. Example: --older-than 2h
    #[arg(long, value_name = "TIME")]
    pub(in crate::cli) older_than: Option<Span>,
    /// Look, with --older-than, only at people with addresses in that mail domain.
    ///
    /// Default: example.com. Example: --mail-domain test.example.org
    #[arg(long, value_name = "DOMAIN")]
    pub(in crate::cli) mail_domain: Option<String>,
    /// Delete what --instance or --older-than finds, instead of naming it.
    ///
    /// Default: it is only named, for you to look at. Example: --yes
    #[arg(long)]
    pub(in crate::cli) yes: bool,
}
