//! PodSecurityPolicies: which pods they admit, how that compares with the standards, and the plan that replaces them.

mod admission;
mod field;
mod pod;
mod policy;
mod volumes;

pub use admission::{Outcome, admit};
pub use field::Field;
pub use pod::PodFields;
pub use policy::{Groups, HostPath, Policy, Profiles, Range, RunAsUser, RuntimeClass, SeLinux, SeLinuxOptions};
