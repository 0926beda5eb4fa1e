//! Stdout for data, stderr for talk, and what the terminal can show.

use std::io::{self, IsTerminal as _, Write as _};

use super::environment;
use super::failure::Failure;
use crate::report::Palette;

/// The two streams of this process.
#[derive(Debug)]
pub(super) struct Console {
    /// The colours that stdout may have.
    pub(super) palette: Palette,
    /// The colours that stderr may have.
    talk: Palette,
}

impl Console {
    /// The streams as they are: colour only on a terminal, and not where `NO_COLOR` is set.
    pub(super) fn new() -> Self {
        let palette = |terminal: bool| {
            if terminal && !environment::no_color() {
                Palette::Ansi
            } else {
                Palette::Plain
            }
        };
        Self {
            palette: palette(io::stdout().is_terminal()),
            talk: palette(io::stderr().is_terminal()),
        }
    }

    /// Writes data to stdout. That nobody reads on is no error.
    pub(super) fn print(&mut self, text: &str) -> Result<(), Failure> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(e) if e.kind() != io::ErrorKind::BrokenPipe => Err(Failure::Output(e)),
            _ => Ok(()),
        }
    }

    /// Says a sentence on stderr.
    pub(super) fn say(&self, sentence: &str) {
        // There is nobody left to tell when this fails.
        let _ = writeln!(io::stderr(), "{sentence}");
    }

    /// Says why the command failed.
    pub(super) fn fail(&self, failure: &Failure) {
        if let Failure::File(report) = failure {
            let theme = match self.talk {
                Palette::Ansi => miette::GraphicalTheme::unicode(),
                Palette::Plain => miette::GraphicalTheme::unicode_nocolor(),
            };
            let mut drawn = String::new();
            let handler = miette::GraphicalReportHandler::new_themed(theme).with_width(100);
            if handler.render_report(&mut drawn, report.as_ref()).is_ok() {
                self.say(drawn.trim_end());
                return;
            }
        }
        self.say(&format!("{} {failure}", self.talk.bad("error:")));
    }
}
