//! A line on stderr that says what goes on, where stderr is a terminal.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::run::Progress;

/// The line.
#[derive(Debug)]
pub(super) struct Line(ProgressBar);

impl Line {
    /// A line, drawn only on a terminal.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        let style = ProgressStyle::with_template("{bar:20} {pos}/{len} {wide_msg}");
        Self(match style {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        })
    }

    /// Shows what begins.
    pub(super) fn show(&self, progress: &Progress) {
        self.0.set_length(progress.of as u64);
        self.0.set_position(progress.done as u64);
        self.0
            .set_message(format!("{} with {}", progress.scenario, progress.idp));
    }

    /// Takes the line away.
    pub(super) fn clear(&self) {
        self.0.finish_and_clear();
    }
}
