//! A progress bar on a terminal, for runs that take long.

use std::cell::Cell;
use std::io::IsTerminal as _;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::arguments::Global;

/// The time after which the bar appears.
const DELAY: Duration = Duration::from_secs(1);

/// The progress of a run, in files.
pub(super) struct Progress {
    start: Instant,
    files: usize,
    is_wanted: bool,
    bar: Cell<Option<ProgressBar>>,
}

impl Progress {
    /// The progress of a number of files. There is no bar if standard error is no terminal, or if standard output is one, where the
    /// output itself is the progress.
    pub(super) fn new(files: usize, global: &Global) -> Self {
        let is_wanted = !global.quiet && std::io::stderr().is_terminal() && !std::io::stdout().is_terminal();
        Progress { start: Instant::now(), files, is_wanted, bar: Cell::new(None) }
    }

    /// Shows the number of files that are complete.
    pub(super) fn set(&self, files: usize) {
        if !self.is_wanted || self.start.elapsed() < DELAY {
            return;
        }
        let bar = self.bar.take().unwrap_or_else(|| {
            let bar = ProgressBar::with_draw_target(Some(self.files as u64), ProgressDrawTarget::stderr());
            if let Ok(style) = ProgressStyle::with_template("{bar:40} {pos}/{len} files") {
                bar.set_style(style);
            }
            bar
        });
        bar.set_position(files as u64);
        self.bar.set(Some(bar));
    }

    /// Removes the bar.
    pub(super) fn finish(&self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}
