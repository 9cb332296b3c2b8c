//! Entry point 2: the playground (wasm32-unknown-unknown). Manifests as text go in; verdicts, marks,
//! words and fixes come out.

#![forbid(unsafe_code)]

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod bindings;
mod catalogue;
mod named;
mod report;
// What `evaluate` says of a finding.
#[cfg_attr(not(test), expect(dead_code, reason = "evaluate is still to come"))]
mod words;

pub use report::*;

/// Judges manifests.
pub fn evaluate(_manifests: &str, options: Result<Options, Mistake>) -> Report {
    Report { mistakes: options.err().into_iter().collect(), documents: vec![], terminal: vec![] }
}
pub fn fix(manifests: &str, _options: Result<Options, Mistake>) -> String { manifests.to_owned() }
pub fn policy(_options: Result<Options, Mistake>) -> String { String::new() }
pub fn compare(_manifests: &str, _from: Result<Target, Mistake>, _to: Result<Target, Mistake>) -> Comparison {
    Comparison { mistakes: vec![], checks: vec![], documents: vec![] }
}
/// All checks, in the order in which they run.
pub fn checks() -> Vec<CheckInfo> {
    catalogue::checks()
}
/// All versions that there are checks for: `latest`, then from the newest to the oldest.
pub fn versions() -> Vec<String> {
    catalogue::versions()
}
/// The ids of the checks that a message of Kubernetes names.
pub fn named(message: &str) -> Vec<String> {
    named::named(message)
}
