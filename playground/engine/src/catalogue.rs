//! The catalogue of checks as JSON.

use pss_playground::report::LevelName;
use pss_review::catalogue;
use serde::Serialize;
#[cfg(feature = "typescript")]
use tsify::Tsify;

/// A check in the catalogue.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct CheckInfo {
    /// The id: `hostPorts`.
    pub id: &'static str,
    /// The title.
    pub title: &'static str,
    /// The lowest level that requires the check.
    pub level: LevelName,
    /// The name of the check in Kubernetes' messages.
    pub reason: &'static str,
    /// Its names in Kubernetes' documentation, and fields by which it is called: `Volume Types`.
    pub other_names: &'static [&'static str],
    /// The risk of a violation.
    pub why: &'static str,
    /// How to fix a finding.
    pub advice: &'static str,
    /// A description of the value of a finding: `the port`.
    pub value: &'static str,
    /// The fields that it reads, with their allowed values.
    pub restrictions: Vec<RestrictionInfo>,
    /// The baseline checks that it replaces.
    pub overrides: Vec<&'static str>,
    /// The changes of the check, the oldest first.
    pub history: Vec<ChangeInfo>,
    /// The file name of the upstream source.
    pub source: &'static str,
}

/// Fields that a check reads, with their allowed values.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct RestrictionInfo {
    /// The fields: `spec.containers[*].ports[*].hostPort`.
    pub fields: Vec<String>,
    /// The allowed values.
    pub allowed: Vec<AllowedInfo>,
}

/// An allowed value of a field.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct AllowedInfo {
    /// The value, or a description of it: `false`, `not set`.
    pub value: &'static str,
    /// The version that allowed it: `v1.27`.
    pub since: String,
}

/// A change of a check.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct ChangeInfo {
    /// The version of Kubernetes.
    pub version: String,
    /// The change.
    pub change: String,
    /// Whether the change applies to every version of the standards.
    pub everywhere: bool,
}

impl From<catalogue::CheckInfo> for CheckInfo {
    fn from(check: catalogue::CheckInfo) -> Self {
        CheckInfo {
            id: check.id,
            title: check.title,
            level: (&check.level).into(),
            reason: check.reason,
            other_names: check.other_names,
            why: check.why,
            advice: check.advice,
            value: check.value,
            restrictions: check.restrictions.into_iter().map(RestrictionInfo::from).collect(),
            overrides: check.overrides,
            history: check.history.into_iter().map(ChangeInfo::from).collect(),
            source: check.source,
        }
    }
}

impl From<catalogue::RestrictionInfo> for RestrictionInfo {
    fn from(restriction: catalogue::RestrictionInfo) -> Self {
        let allowed = |allowed: catalogue::AllowedInfo| AllowedInfo { value: allowed.value, since: allowed.since.to_string() };
        RestrictionInfo { fields: restriction.fields, allowed: restriction.allowed.into_iter().map(allowed).collect() }
    }
}

impl From<catalogue::ChangeInfo> for ChangeInfo {
    fn from(change: catalogue::ChangeInfo) -> Self {
        ChangeInfo { version: change.version.to_string(), change: change.change, everywhere: change.everywhere }
    }
}
