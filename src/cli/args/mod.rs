//! The arguments, as clap reads them. Nothing here looks at the environment or at a file.

mod clean;
mod cli;
mod run;
mod serve;
mod target;
mod value;

pub(super) use clean::CleanArgs;
pub(super) use cli::{
    BaselineArgs, CheckArgs, Cli, Command, CompletionsArgs, FlowFormat, Format, KnownArgs,
    ListArgs, ListNoun, ReproArgs, ShowArgs, ShowNoun, Sure,
};
pub(super) use run::RunArgs;
pub(super) use serve::ServeArgs;
pub(super) use target::TargetArgs;
pub(super) use value::{Bytes, ReportForm, ReportTo, Span};

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::Cli;

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_option_has_one_line_of_help_and_a_long_one_with_default_and_example() {
        for verb in Cli::command().get_subcommands() {
            assert!(verb.get_about().is_some(), "{}", verb.get_name());
            for option in verb.get_arguments() {
                let name = format!("{} {}", verb.get_name(), option.get_id());
                let help = option
                    .get_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                assert!(
                    !help.is_empty() && help.len() <= 90 && !help.ends_with('.'),
                    "{name}: {help}"
                );
                let Some(long) = option.get_long().filter(|long| *long != "help") else {
                    continue;
                };
                let text = option
                    .get_long_help()
                    .map(ToString::to_string)
                    .unwrap_or_default();
                assert!(text.contains("Default: "), "{name}: {text}");
                assert!(
                    text.contains(&format!("Example: --{long}")),
                    "{name}: {text}"
                );
            }
        }
    }
}
