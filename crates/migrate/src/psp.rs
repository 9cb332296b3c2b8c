//! PodSecurityPolicies: which pods they admit, how that compares with the standards, and the plan that replaces them.

mod access;
mod admission;
mod changes;
mod choice;
mod cluster;
mod comparison;
mod exemption;
mod field;
mod level;
mod manifests;
mod markdown;
mod namespace;
mod official;
mod plan;
mod pod;
mod policy;
mod probe;
mod shared;
mod union;
mod volumes;
mod workload;

pub use access::{Access, Binding, Grant, Identity, Subject, may_use};
pub use admission::{Outcome, admit, admit_field};
pub use changes::{Change, Harden, changes};
pub use cluster::{Cluster, Options};
pub use comparison::{Comparison, Verdict, compare};
pub use exemption::Exemption;
pub use field::Field;
pub use level::{LevelComparison, compare_levels, loosest_replacement, strictest_compatible};
pub use namespace::{Namespace, Obstacle};
pub use official::{OfficialPolicy, official_policies, without_official};
pub use plan::{LaterCheck, LaterVerdict, Official, Plan, PodChange, PolicyPlan, Unreplaced, Usage, WorkloadPlan};
pub use pod::PodFields;
pub use policy::{Groups, HostPath, Policy, Profiles, Range, RunAsUser, RuntimeClass, SeLinux, SeLinuxOptions};
pub use shared::{Gap, SharedNamespaces};
pub use union::union;
