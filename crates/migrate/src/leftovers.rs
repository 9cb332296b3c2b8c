//! Leftovers of PodSecurityPolicies: objects and values of charts that have no effect from Kubernetes 1.25 on, or that it rejects.
//!
//! ```text
//! manifests --objects.rs--> PodSecurityPolicies, rules of roles that use them
//! values    --values.rs---> switches of charts that create PodSecurityPolicies (a table)
//! ```

mod objects;
mod values;

use pss_manifest::{Limits, Span, documents_iter};

use crate::problem::Severity;

use values::MARKS;

pub use objects::is_pod_security_policy;
pub use values::{SWITCHES, Switch, is_values_file_name};

/// A leftover.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leftover {
    /// What it is.
    pub kind: LeftoverKind,
    /// The index of its document in the text.
    pub document: usize,
    /// The index of its object in a List; `None` if the object is no item of a List.
    pub item: Option<usize>,
    /// The path of the field in the object or the values: `rules[0].resources[1]`.
    pub path: String,
    /// The span of the value of that field.
    pub span: Span,
    /// What is there, and its effect from Kubernetes 1.25 on.
    pub message: String,
    /// What to do instead.
    pub help: String,
}

/// The kinds of leftovers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftoverKind {
    /// A PodSecurityPolicy, which a cluster rejects.
    Policy,
    /// A rule of a Role or ClusterRole that grants the use of PodSecurityPolicies.
    AccessRule,
    /// A value of a chart that creates PodSecurityPolicies.
    ChartValue,
}

impl LeftoverKind {
    /// Returns its severity: a cluster rejects a PodSecurityPolicy; the others have no effect until something depends on it.
    pub const fn severity(self) -> Severity {
        match self {
            LeftoverKind::Policy => Severity::Error,
            LeftoverKind::AccessRule | LeftoverKind::ChartValue => Severity::Warning,
        }
    }
}

/// Returns the leftovers among the objects of manifests, in the order of the text. Documents that cannot be parsed have none.
pub fn of_manifests(text: &str, limits: Limits) -> Vec<Leftover> {
    let mut leftovers = Vec::new();
    // Most texts need not be parsed for this. Kinds and resources are spelt in one way only.
    if !["PodSecurityPolic", "podsecuritypolicies"].iter().any(|word| text.contains(word)) {
        return leftovers;
    }
    for (index, document) in documents_iter(text, limits).enumerate() {
        if let Ok(tree) = &document.content {
            objects::add(index, tree.root(), &mut leftovers);
        }
    }
    leftovers
}

/// Returns the leftovers among the values of a chart, in the order of the text. Documents that cannot be parsed, and objects of
/// Kubernetes, have none.
pub fn of_values(text: &str, limits: Limits) -> Vec<Leftover> {
    let mut leftovers = Vec::new();
    // Most texts, whatever they are, need not be parsed for this.
    if !MARKS.iter().any(|mark| text.contains(mark)) {
        return leftovers;
    }
    for (index, document) in documents_iter(text, limits).enumerate() {
        if let Ok(tree) = &document.content {
            values::add(index, tree.root(), &mut leftovers);
        }
    }
    leftovers
}

#[cfg(test)]
mod tests;
