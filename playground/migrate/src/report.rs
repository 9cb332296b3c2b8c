//! The types of the JSON that the page receives, with positions in UTF-16 units, as editors count them. The TypeScript
//! declarations are generated from them and contain their documentation.

use pss_core::standards::Level;
use pss_manifest::{Position as TextPosition, Span};
use pss_migrate::psp::{self, Verdict};
use pss_migrate::{configuration, leftovers};
use serde::Serialize;
#[cfg(feature = "typescript")]
use tsify::Tsify;

/// The objects of a text to migrate from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Inspection {
    /// The configurations that can become settings.
    pub configurations: Vec<Reference>,
    /// The number of PodSecurityPolicies.
    pub policies: usize,
    /// What else PodSecurityPolicies left behind, in the order of the text: rules of roles, and values of charts.
    pub leftovers: Vec<Leftover>,
}

/// An object of the text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Reference {
    /// `kind`.
    pub kind: String,
    /// `metadata.name`; empty if it has none.
    pub name: String,
    /// The index of its document in the text.
    pub document: usize,
    /// The range of its first line.
    pub range: Range,
}

/// A leftover of PodSecurityPolicies.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Leftover {
    /// The path of the field in its object or the values.
    pub path: String,
    /// The range of the value of that field.
    pub range: Range,
    /// What is there, and its effect from Kubernetes 1.25 on.
    pub message: String,
    /// What to do instead.
    pub help: String,
}

/// The settings for a configuration.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct SettingsReport {
    /// The settings of the policy as JSON; null if the configuration is invalid.
    pub settings: Option<String>,
    /// The description of a template; empty if there is none.
    pub description: String,
    /// What is lost or differs.
    pub notes: Vec<Note>,
    /// The errors in the configuration; none if there are settings.
    pub problems: Vec<Problem>,
}

/// A note on what is lost or differs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Note {
    /// What it changes: `note` for nothing, `stricter` if the settings reject more, `weaker` if they accept more.
    pub effect: &'static str,
    /// The path of the field.
    pub field: String,
    /// The reason and the consequence.
    pub message: String,
}

/// An error in an object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Problem {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// The range in the text.
    pub range: Range,
    /// The message, which names the field.
    pub message: String,
    /// How to fix it; null if that is not known.
    pub help: Option<String>,
}

/// The plan for PodSecurityPolicies.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct PlanReport {
    /// The version of the standards that the policies are compared with.
    pub version: String,
    /// The level that the settings of each namespace have at least.
    pub level: &'static str,
    /// The policies, by name.
    pub policies: Vec<PolicyPlan>,
    /// Whether the text has roles or bindings. Otherwise every policy is taken to be usable for every pod.
    pub has_access: bool,
    /// The namespaces, by name.
    pub namespaces: Vec<NamespacePlan>,
    /// The namespaces whose pods have several policies.
    pub shared: Vec<SharedPlan>,
    /// The pods and templates that no policy admits, as `Deployment shop/web`.
    pub rejected: Vec<String>,
    /// The settings of one policy for all namespaces, as JSON.
    pub settings: String,
    /// All manifests of the plan, as YAML.
    pub manifests: String,
    /// The problems with the objects.
    pub problems: Vec<Problem>,
}

/// A PodSecurityPolicy, and what takes its place.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct PolicyPlan {
    /// Its name.
    pub name: String,
    /// Its line.
    pub line: usize,
    /// Why no pod can use it; null if pods can.
    pub unusable: Option<String>,
    /// The loosest level that admits nothing that the policy rejects or changes; null if even restricted admits more.
    pub loosest_replacement: Option<&'static str>,
    /// The strictest level that rejects nothing that the policy admits.
    pub strictest_compatible: &'static str,
    /// The comparisons with the levels baseline and restricted.
    pub levels: Vec<LevelPlan>,
    /// The namespaces with pods or templates for which it is chosen.
    pub namespaces: Vec<String>,
    /// The official Kubewarden policies for what it restricts and the level of the plan does not.
    pub official: Vec<OfficialPlan>,
    /// What no official policy restricts.
    pub unreplaced: Vec<Unreplaced>,
}

/// Namespaces whose pods have several policies.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct SharedPlan {
    /// The names of the namespaces.
    pub namespaces: Vec<String>,
    /// The official Kubewarden policies for what all of the policies restrict.
    pub official: Vec<OfficialPlan>,
    /// What only one of them restricts, and nothing will, as `web: volumes, fsGroup`.
    pub gaps: Vec<String>,
}

/// An official Kubewarden policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct OfficialPlan {
    /// The module.
    pub module: &'static str,
    /// The fields of the PodSecurityPolicy that it takes the place of.
    pub fields: Vec<&'static str>,
    /// The differences from the PodSecurityPolicy.
    pub warnings: Vec<String>,
}

/// A field without a level and an official policy that restrict it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Unreplaced {
    /// The field.
    pub field: &'static str,
    /// What to do instead, as a sentence.
    pub advice: String,
}

/// A policy compared with a level.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct LevelPlan {
    /// The level.
    pub level: &'static str,
    /// The fields that differ from the level.
    pub fields: Vec<FieldPlan>,
}

/// A field of a policy compared with a level.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct FieldPlan {
    /// The path of the field.
    pub field: &'static str,
    /// The verdict: `stricter`, `looser` or `no counterpart`.
    pub verdict: &'static str,
    /// The reason, as a sentence.
    pub reason: String,
}

/// A namespace.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct NamespacePlan {
    /// Its name.
    pub name: String,
    /// The number of its pods and workloads.
    pub workloads: usize,
    /// The strictest level that all of them satisfy.
    pub level: &'static str,
    /// What violates the next level, as `Deployment web: hostPorts`.
    pub obstacles: Vec<String>,
}

/// A range of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Range {
    /// The position of its start.
    pub start: Position,
    /// The position of its end, which is exclusive.
    pub end: Position,
}

/// A position in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Position {
    /// The line, from 1. Lines end with LF, CRLF or CR.
    pub line: usize,
    /// The column in UTF-16 units, from 1.
    pub column: usize,
    /// The offset in UTF-16 units, from 0; a CRLF counts as two.
    pub offset: usize,
}

/// Converts a span.
pub(crate) fn range(span: Span) -> Range {
    let position = |at: TextPosition| Position { line: at.line, column: at.utf16_column, offset: at.utf16_offset };
    Range { start: position(span.start), end: position(span.end) }
}

impl From<leftovers::Leftover> for Leftover {
    fn from(leftover: leftovers::Leftover) -> Self {
        let leftovers::Leftover { path, span, message, help, .. } = leftover;
        Leftover { path, range: range(span), message, help }
    }
}

impl From<configuration::Note> for Note {
    fn from(note: configuration::Note) -> Self {
        Note { effect: note.effect.name(), field: note.field, message: note.message }
    }
}

impl From<psp::Plan> for PlanReport {
    fn from(plan: psp::Plan) -> Self {
        let manifests = plan.manifests();
        let rejected = plan.workloads.iter().filter(|workload| workload.policy.is_none());
        PlanReport {
            version: plan.version,
            level: plan.level.name(),
            has_access: plan.has_access,
            rejected: rejected.map(|workload| format!("{} {}/{}", workload.kind, workload.namespace, workload.name)).collect(),
            settings: plan.settings.to_string(),
            manifests,
            policies: plan.policies.into_iter().map(PolicyPlan::from).collect(),
            namespaces: plan.namespaces.into_iter().map(NamespacePlan::from).collect(),
            shared: plan.shared_namespaces.into_iter().map(SharedPlan::from).collect(),
            problems: plan.problems.into_iter().map(Problem::from).collect(),
        }
    }
}

impl From<psp::PolicyPlan> for PolicyPlan {
    fn from(plan: psp::PolicyPlan) -> Self {
        // Privileged restricts nothing, so the comparison with it is the policy itself.
        let levels = plan.levels.into_iter().filter(|comparison| comparison.level != Level::Privileged);
        PolicyPlan {
            name: plan.name,
            line: plan.line,
            unusable: plan.unusable,
            loosest_replacement: plan.loosest_replacement.map(Level::name),
            strictest_compatible: plan.strictest_compatible.name(),
            levels: levels.map(LevelPlan::from).collect(),
            namespaces: plan.namespaces.into_keys().collect(),
            official: plan.official_policies.into_iter().map(OfficialPlan::from).collect(),
            unreplaced: plan.unreplaced.into_iter().map(|psp::Unreplaced { field, advice }| Unreplaced { field, advice }).collect(),
        }
    }
}

impl From<psp::SharedNamespaces> for SharedPlan {
    fn from(shared: psp::SharedNamespaces) -> Self {
        SharedPlan {
            namespaces: shared.namespaces,
            official: shared.official_policies.into_iter().map(OfficialPlan::from).collect(),
            gaps: shared.gaps.into_iter().map(|gap| format!("{}: {}", gap.policy, gap.fields.join(", "))).collect(),
        }
    }
}

impl From<psp::Official> for OfficialPlan {
    fn from(official: psp::Official) -> Self {
        let psp::Official { module, fields, warnings, .. } = official;
        OfficialPlan { module, fields, warnings }
    }
}

impl From<psp::LevelComparison> for LevelPlan {
    fn from(comparison: psp::LevelComparison) -> Self {
        let fields = comparison.fields.into_iter().filter(|field| field.verdict != Verdict::Equivalent);
        let field = |field: psp::Comparison| FieldPlan { field: field.path, verdict: field.verdict.name(), reason: field.reason };
        LevelPlan { level: comparison.level.name(), fields: fields.map(field).collect() }
    }
}

impl From<psp::Namespace> for NamespacePlan {
    fn from(namespace: psp::Namespace) -> Self {
        let obstacle = |obstacle: psp::Obstacle| {
            let checks: Vec<&str> = obstacle.checks.into_iter().collect();
            format!("{}: {}", obstacle.object, checks.join(", "))
        };
        NamespacePlan {
            name: namespace.name,
            workloads: namespace.pods + namespace.templates,
            level: namespace.level.name(),
            obstacles: namespace.obstacles.into_iter().map(obstacle).collect(),
        }
    }
}

impl From<pss_migrate::Problem> for Problem {
    fn from(problem: pss_migrate::Problem) -> Self {
        let pss_migrate::Problem { severity, span, message, help, .. } = problem;
        Problem { severity: severity.name(), range: range(span), message, help }
    }
}
