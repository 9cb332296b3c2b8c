//! The levels that can take the place of a PodSecurityPolicy.

use pss_core::standards::{Level, LevelVersion, Version};
use serde::Serialize;

use super::comparison::{Comparison, compare};
use super::exemption::{Exemption, merged};
use super::policy::Policy;

/// A policy compared with one level.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LevelComparison {
    /// The level.
    #[serde(serialize_with = "level_name")]
    pub level: Level,
    /// Whether the level admits nothing that the policy rejects or changes.
    pub admits_nothing_more: bool,
    /// The fields that stand in the way.
    pub restricting_fields: Vec<&'static str>,
    /// Whether the level rejects nothing that the policy admits.
    pub rejects_nothing_more: bool,
    /// The fields that stand in the way.
    pub permitting_fields: Vec<&'static str>,
    /// The exemptions with which the level rejects nothing that the policy admits, without a namespace.
    pub exemptions: Vec<Exemption>,
    /// The fields.
    pub fields: Vec<Comparison>,
}

/// Compares a policy with all levels, in the order of [`Level::ALL`].
pub fn compare_levels(policy: &Policy, version: Version) -> Vec<LevelComparison> {
    Level::ALL.into_iter().map(|level| compare_level(policy, LevelVersion { level, version })).collect()
}

fn compare_level(policy: &Policy, level: LevelVersion) -> LevelComparison {
    let fields = compare(policy, level);
    let paths = |is_listed: &dyn Fn(&Comparison) -> bool| -> Vec<&'static str> {
        fields.iter().filter(|field| is_listed(field)).map(|field| field.path).collect()
    };
    let restricting_fields = paths(&Comparison::restricts_more);
    let permitting_fields = paths(&|field| !field.admits.is_empty());
    LevelComparison {
        level: level.level,
        admits_nothing_more: restricting_fields.is_empty(),
        restricting_fields,
        rejects_nothing_more: permitting_fields.is_empty(),
        permitting_fields,
        exemptions: merged(fields.iter().flat_map(|field| field.exemptions.iter().cloned())),
        fields,
    }
}

/// Returns the loosest level that admits nothing that the policy rejects or changes.
pub fn loosest_replacement(levels: &[LevelComparison]) -> Option<Level> {
    levels.iter().find(|level| level.admits_nothing_more).map(|level| level.level)
}

/// Returns the strictest level that rejects nothing that the policy admits. There always is one, because privileged rejects
/// nothing.
pub fn strictest_compatible(levels: &[LevelComparison]) -> Level {
    levels.iter().rev().find(|level| level.rejects_nothing_more).map(|level| level.level).unwrap_or_default()
}

pub(super) fn level_name<S: serde::Serializer>(level: &Level, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(level.name())
}
