//! The functions of the module, for Rust.

use pss_core::standards::LevelVersion;
use pss_review::{self as review, Comparison, OptionError, Report, Source, catalogue};

use crate::options::{Parsed, Target, review_options};

/// The file name of the text in what kubectl prints.
const FILE: &str = "manifest.yaml";

fn source(manifests: &str) -> Source<'_> {
    Source { name: FILE, text: manifests }
}

/// Calls a function with the options of a JSON text.
fn with_options<T>(options: &str, call: impl FnOnce(&review::Options<'_>) -> T) -> Result<T, Vec<OptionError>> {
    let options = Parsed::of(options);
    review_options(&options, &options.more()).map(|options| call(&options))
}

/// Judges manifests, YAML or JSON, any number of documents, by [`Options`](crate::options::Options).
///
/// # Errors
/// All errors in the options.
pub fn evaluate(manifests: &str, options: &str) -> Result<Report, Vec<OptionError>> {
    with_options(options, |options| review::review(&[source(manifests)], options))
}

/// The manifests with all fixes that are safe; unchanged where the options are invalid.
pub fn fix(manifests: &str, options: &str) -> String {
    with_options(options, |options| review::fix(source(manifests), options)).unwrap_or_else(|_| manifests.to_owned())
}

/// The ClusterAdmissionPolicy that enforces what [`evaluate`] shows, as YAML, or two of them where one changes what is
/// applied; or a comment with the errors in the options.
pub fn policy(options: &str) -> String {
    with_options(options, |options| review::policy(&options.settings)).unwrap_or_else(|errors| review::errors_as_comment(&errors))
}

/// What changes for manifests from one level and version, a [`Target`], to another.
///
/// # Errors
/// All errors in the levels and versions.
pub fn compare(manifests: &str, from: &str, to: &str) -> Result<Comparison, Vec<OptionError>> {
    let targets: [Result<LevelVersion, _>; 2] = [Target::parse(from, "from"), Target::parse(to, "to")];
    match targets {
        [Ok(from), Ok(to)] => Ok(review::compare(&[source(manifests)], from, to)),
        errors => Err(errors.into_iter().filter_map(Result::err).flatten().collect()),
    }
}

/// All checks, in the order in which they run.
pub fn checks() -> Vec<catalogue::CheckInfo> {
    catalogue::checks()
}

/// All versions that there are checks for: `latest`, then from the newest to the oldest.
pub fn versions() -> Vec<String> {
    catalogue::versions().iter().map(ToString::to_string).collect()
}

/// The ids of the checks that a message of Kubernetes names.
pub fn checks_in_message(message: &str) -> Vec<String> {
    review::checks_in_message(message)
}
