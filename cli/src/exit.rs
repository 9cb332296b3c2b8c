//! The exit statuses of `pss`.

use std::process::ExitCode;

use pss_formats::judgement::Outcome;

/// The exit status. Of several that apply, the greatest counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// Everything was judged, and nothing is rejected.
    #[default]
    Clean = 0,
    /// Something violates the standards, or a converted configuration accepts more than the original.
    Violations = 1,
    /// Something could not be judged.
    Unjudged = 2,
    /// The arguments, a configuration file or the settings are invalid.
    Usage = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit as u8)
    }
}

impl From<Outcome> for Exit {
    fn from(outcome: Outcome) -> Exit {
        match outcome {
            Outcome::Clean => Exit::Clean,
            Outcome::Violations => Exit::Violations,
            Outcome::Unjudged => Exit::Unjudged,
        }
    }
}
