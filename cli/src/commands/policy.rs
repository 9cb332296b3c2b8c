//! `pss policy`: prints the ClusterAdmissionPolicy for Kubewarden with the settings of the arguments and of pss.toml.

use std::path::Path;

use crate::arguments::{self, Global};
use crate::config::{Choices, Configs, Rules};
use crate::error::Result;
use crate::exit::Exit;
use crate::terminal;

/// Runs the command.
pub(crate) fn run(arguments: &arguments::Policy, global: &Global) -> Result<Exit> {
    let config = Configs::of_arguments(&arguments.policy)?.of_folder(Path::new("."))?;
    let mut choices = config.as_ref().map(|config| config.choices(Path::new("stdin.yaml"))).unwrap_or_default();
    choices.override_with(Choices::of_arguments(&arguments.policy));
    let rules = Rules::of(choices)?;
    if config.is_some_and(|config| !config.exceptions.is_empty()) {
        terminal::note(global, "the exceptions of pss.toml are not part of the policy; write them as exemptions.checks in the settings");
    }
    terminal::print(pss_review::policy(&rules.options()?.settings).as_bytes())
}
