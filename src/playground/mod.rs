//! Entry point 2: the playground (wasm32-unknown-unknown). Manifests as text go in; verdicts, marks,
//! words and fixes come out. Options come as JSON.

#![forbid(unsafe_code)]

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod bindings;
mod catalogue;
mod compare;
mod evaluate;
mod findings;
mod fixes;
mod json;
mod kinds;
mod named;
mod options;
mod policy;
mod report;
mod terminal;
mod words;

pub use json::{Json, json};
pub use options::{Admission, Options, Target};
pub use report::*;

use options::{Sent, World};

/// Judges manifests, YAML or JSON, any number of documents, by [`Options`].
pub fn evaluate(manifests: &str, options: &str) -> Report {
    let options = Sent::of(options);
    World::read(&options, &options.more()).map_or_else(Report::mistaken, |world| evaluate::evaluate(manifests, &world))
}

/// Mends all that can be mended by machine, and answers with the manifests.
pub fn fix(manifests: &str, options: &str) -> String {
    let options = Sent::of(options);
    World::read(&options, &options.more())
        .map_or_else(|_| manifests.to_owned(), |world| fixes::fix_all(manifests, &|text| evaluate::evaluate(text, &world)))
}

/// The ClusterAdmissionPolicy that enforces what [`evaluate`] shows, as YAML, or two of them where one has
/// to change what is applied; or a comment that says what is wrong with the options.
pub fn policy(options: &str) -> String {
    let options = Sent::of(options);
    World::read(&options, &options.more()).map_or_else(|mistakes| policy::none(&mistakes), |world| policy::policy(&world.settings))
}

/// What changes for manifests from one level and version, a [`Target`], to another.
pub fn compare(manifests: &str, from: &str, to: &str) -> Comparison {
    let (from, to) = (Target::read(from, "from"), Target::read(to, "to"));
    if let (Ok(from), Ok(to)) = (&from, &to) {
        return compare::compare(manifests, *from, *to);
    }
    let mut mistakes = from.err().unwrap_or_default();
    mistakes.append(&mut to.err().unwrap_or_default());
    Comparison::mistaken(mistakes)
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

#[cfg(test)]
mod tests;
