//! `pss migrate`: the way to the standards from what clusters have.

pub(crate) mod configuration;
pub(crate) mod helm_release;
pub(crate) mod psp;

use clap::Subcommand;

use crate::arguments::Global;
use crate::error::Result;
use crate::exit::Exit;

/// What to migrate from.
#[derive(Debug, Subcommand)]
pub(crate) enum Migrate {
    /// Plan the replacement of PodSecurityPolicies
    #[command(after_help = psp::EXAMPLES)]
    Psp(psp::Arguments),
    /// Convert Rancher's PodSecurityAdmissionConfigurationTemplates to settings, and back
    #[command(after_help = configuration::TEMPLATE_EXAMPLES)]
    Psact(configuration::TemplateArguments),
    /// Convert the AdmissionConfiguration of an API server to settings, and back
    #[command(after_help = configuration::ADMISSION_CONFIGURATION_EXAMPLES)]
    AdmissionConfiguration(configuration::Arguments),
    /// Remove PodSecurityPolicies from stored Helm releases, which block upgrades otherwise
    HelmRelease(helm_release::Arguments),
}

/// Runs the command.
pub(crate) fn run(migrate: &Migrate, global: &Global) -> Result<Exit> {
    match migrate {
        Migrate::Psp(arguments) => psp::run(arguments, global),
        Migrate::Psact(arguments) => configuration::run_template(arguments, global),
        Migrate::AdmissionConfiguration(arguments) => configuration::run(arguments, global),
        Migrate::HelmRelease(arguments) => helm_release::run(arguments, global),
    }
}
