//! The functions of the module for callers in Rust; `bindings` exports them to JavaScript.

use pss_core::standards::LevelVersion;
use pss_review::{self as review, Comparison, OptionError, Report, Source, catalogue};

use crate::options::{Parsed, Target, review_options};

/// The file name of the text in the output of kubectl.
const FILE: &str = "manifest.yaml";

fn source(manifests: &str) -> Source<'_> {
    Source { name: FILE, text: manifests }
}

/// Calls a function with the options of a JSON text.
fn with_options<T>(options: &str, call: impl FnOnce(&review::Options<'_>) -> T) -> Result<T, Vec<OptionError>> {
    let options = Parsed::of(options);
    review_options(&options, &options.more()).map(|options| call(&options))
}

/// Evaluates manifests, which are any number of YAML or JSON documents, with [`Options`](crate::options::Options).
///
/// # Errors
/// Returns all errors in the options.
pub fn evaluate(manifests: &str, options: &str) -> Result<Report, Vec<OptionError>> {
    with_options(options, |options| review::review(&[source(manifests)], options))
}

/// Applies all safe fixes to the manifests. If the options are invalid, returns the manifests unchanged.
pub fn fix(manifests: &str, options: &str) -> String {
    with_options(options, |options| review::fix(source(manifests), options)).unwrap_or_else(|_| manifests.to_owned())
}

/// Renders the ClusterAdmissionPolicy with the settings of the options as YAML: two of them if one changes objects. If the options
/// are invalid, returns a comment with the errors.
pub fn policy(options: &str) -> String {
    with_options(options, |options| review::policy(&options.settings)).unwrap_or_else(|errors| review::errors_as_comment(&errors))
}

/// Compares the checks and the findings of manifests at two levels and versions, which are [`Target`]s as JSON.
///
/// # Errors
/// Returns all errors in the levels and versions.
pub fn compare(manifests: &str, from: &str, to: &str) -> Result<Comparison, Vec<OptionError>> {
    let targets: [Result<LevelVersion, _>; 2] = [Target::parse(from, "from"), Target::parse(to, "to")];
    match targets {
        [Ok(from), Ok(to)] => Ok(review::compare(&[source(manifests)], from, to)),
        errors => Err(errors.into_iter().filter_map(Result::err).flatten().collect()),
    }
}

/// Returns `latest` and all versions of the standards, the newest first.
pub fn versions() -> Vec<String> {
    catalogue::versions().iter().map(ToString::to_string).collect()
}
