//! The functions of the module, for Rust.

use pss_core::standards::LevelVersion;
use pss_review::{self as review, OptionError, Options, Source};

use crate::options::{Parsed, Target, review_options};
use crate::report::{CheckInfo, Comparison, Report};

/// The file name of the text in what kubectl prints.
const FILE: &str = "manifest.yaml";

fn source(manifests: &str) -> Source<'_> {
    Source { name: FILE, text: manifests }
}

/// Calls `with` with the options of a JSON text, or `without` with the errors in them.
fn with_options<T>(options: &str, with: impl FnOnce(&Options<'_>) -> T, without: impl FnOnce(Vec<OptionError>) -> T) -> T {
    let options = Parsed::of(options);
    match review_options(&options, &options.more()) {
        Ok(options) => with(&options),
        Err(errors) => without(errors),
    }
}

/// Judges manifests, YAML or JSON, any number of documents, by [`Options`](crate::options::Options).
pub fn evaluate(manifests: &str, options: &str) -> Report {
    let invalid = |errors: Vec<OptionError>| Report::invalid(errors.into_iter().map(Into::into).collect());
    with_options(options, |options| review::review(&[source(manifests)], options).into(), invalid)
}

/// The manifests with all fixes that are safe.
pub fn fix(manifests: &str, options: &str) -> String {
    with_options(options, |options| review::fix(source(manifests), options), |_| manifests.to_owned())
}

/// The ClusterAdmissionPolicy that enforces what [`evaluate`] shows, as YAML, or two of them where one changes what is
/// applied; or a comment with the errors in the options.
pub fn policy(options: &str) -> String {
    with_options(options, |options| review::policy(&options.settings), |errors| review::errors_as_comment(&errors))
}

/// What changes for manifests from one level and version, a [`Target`], to another.
pub fn compare(manifests: &str, from: &str, to: &str) -> Comparison {
    let targets: [Result<LevelVersion, _>; 2] = [Target::parse(from, "from"), Target::parse(to, "to")];
    match targets {
        [Ok(from), Ok(to)] => review::compare(&[source(manifests)], from, to).into(),
        errors => Comparison::invalid(errors.into_iter().filter_map(Result::err).flatten().map(Into::into).collect()),
    }
}

/// All checks, in the order in which they run.
pub fn checks() -> Vec<CheckInfo> {
    review::catalogue::checks().into_iter().map(Into::into).collect()
}

/// All versions that there are checks for: `latest`, then from the newest to the oldest.
pub fn versions() -> Vec<String> {
    review::catalogue::versions().iter().map(ToString::to_string).collect()
}

/// The ids of the checks that a message of Kubernetes names.
pub fn named(message: &str) -> Vec<String> {
    review::checks_in_message(message)
}
