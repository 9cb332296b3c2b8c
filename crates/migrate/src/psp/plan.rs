//! The plan: what takes the place of each PodSecurityPolicy, and the level of each namespace.

use std::collections::{BTreeMap, BTreeSet};

use pss_core::standards::{CHECKS, Level, LevelVersion, Version};
use serde::Serialize;
use serde_json::Value;

use super::Field;
use super::access::{Binding, Grant};
use super::admission::changing_fields;
use super::changes::changes;
use super::choice::Chooser;
use super::cluster::{Cluster, Options};
use super::comparison::{Verdict, compare, list};
use super::exemption::Exemption;
use super::level::{LevelComparison, compare_levels, level_name, loosest_replacement, strictest_compatible};
use super::namespace::{Namespace, namespace, settings};
use super::official::{LABEL, OfficialPolicy, official_policies, without_official};
use super::policy::Policy;
use super::probe;
use super::shared::{SharedNamespaces, shared_namespaces};
use super::workload::Workload;
use crate::problem::Problem;

/// The plan.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Plan {
    /// The version of the standards.
    pub version: String,
    /// The level that the settings of each namespace have at least.
    #[serde(serialize_with = "level_name")]
    pub level: Level,
    /// The policies, by name.
    pub policies: Vec<PolicyPlan>,
    /// Whether roles and bindings are known. Otherwise every policy is taken to be usable for every pod.
    pub has_access: bool,
    /// The pods and templates.
    pub workloads: Vec<WorkloadPlan>,
    /// The namespaces, by name.
    pub namespaces: Vec<Namespace>,
    /// The namespaces whose pods have several policies.
    pub shared_namespaces: Vec<SharedNamespaces>,
    /// The settings of one policy for all namespaces, with the exemptions of all of them.
    pub settings: Value,
    /// What limits the plan, as sentences without a full stop: missing parts of the input, and pods that are less restricted than
    /// before.
    pub limitations: Vec<String>,
    /// The checks, or their requirements, that came after the version.
    pub later_checks: Vec<LaterCheck>,
    /// The kinds of objects in the input that have no part in the plan, with their numbers.
    pub other_kinds: BTreeMap<String, usize>,
    /// The problems with the input.
    #[serde(skip)]
    pub problems: Vec<Problem>,
}

/// A PodSecurityPolicy, and what takes its place.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PolicyPlan {
    /// Its name.
    pub name: String,
    /// The name of the text that it is in.
    pub source: String,
    /// Its line there.
    pub line: usize,
    /// Why no pod can use it, if that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unusable: Option<String>,
    /// The comparison with each level, from privileged to restricted; none for a policy that no pod can use.
    pub levels: Vec<LevelComparison>,
    /// The loosest level that admits nothing that the policy rejects or changes; `None` if even restricted admits more.
    #[serde(serialize_with = "optional_level_name")]
    pub loosest_replacement: Option<Level>,
    /// The strictest level that rejects nothing that the policy admits.
    #[serde(serialize_with = "level_name")]
    pub strictest_compatible: Level,
    /// Who may use it. Empty if roles and bindings are not known.
    pub subjects: Vec<Usage>,
    /// What it sets in pods.
    pub changes: Vec<PodChange>,
    /// The official Kubewarden policies for what it restricts and the level of the plan does not.
    pub official_policies: Vec<Official>,
    /// What no official policy restricts, with what to do instead.
    pub unreplaced: Vec<Unreplaced>,
    /// The namespaces with pods or templates for which it is chosen, with their number.
    pub namespaces: BTreeMap<String, usize>,
    /// The fields whose verdicts are others in the latest version of the standards.
    pub later: Vec<LaterVerdict>,
    /// The policy itself.
    #[serde(skip)]
    pub policy: Policy,
}

/// A field that a policy sets in pods, and whether `harden` does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PodChange {
    /// The field of the PodSecurityPolicy.
    pub field: &'static str,
    /// The field of the pod.
    pub pod_field: &'static str,
    /// The value, in the notation of YAML.
    pub value: String,
    /// The check to list in `harden`, if that sets the field.
    pub harden: Option<&'static str>,
    /// What `harden` does, as a sentence.
    pub explanation: String,
}

/// An official Kubewarden policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Official {
    /// The name of the ClusterAdmissionPolicy.
    pub name: String,
    /// The module.
    pub module: &'static str,
    /// The fields of the PodSecurityPolicy that it takes the place of.
    pub fields: Vec<&'static str>,
    /// The differences from the PodSecurityPolicy.
    pub warnings: Vec<String>,
    /// The ClusterAdmissionPolicy in YAML.
    pub manifest: String,
}

impl From<OfficialPolicy> for Official {
    fn from(policy: OfficialPolicy) -> Self {
        let OfficialPolicy { name, module, fields, manifest, warnings } = policy;
        Official { name, module, fields: fields.into_iter().map(Field::path).collect(), warnings, manifest }
    }
}

/// A field without a level and an official policy that restrict it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Unreplaced {
    /// The field.
    pub field: &'static str,
    /// What to do instead, as a sentence.
    pub advice: String,
}

/// A subject that may use a policy.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// `User`, `Group` or `ServiceAccount`.
    pub kind: &'static str,
    /// The name; `namespace/name` for a service account.
    pub name: String,
    /// The namespace of the pods; `None` for all.
    pub namespace: Option<String>,
    /// The binding.
    pub binding: String,
    /// The role.
    pub role: String,
    /// Whether the role has no `resourceNames`, so that it grants every policy.
    pub grants_all: bool,
}

/// A pod or a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct WorkloadPlan {
    /// `Pod`, `Deployment` and so on.
    pub kind: &'static str,
    /// The namespace.
    pub namespace: String,
    /// The name.
    pub name: String,
    /// The name of the text that it is in.
    pub source: String,
    /// Its line there.
    pub line: usize,
    /// The service account of its pods.
    pub service_account: String,
    /// The chosen policy; `None` if all that may be used reject it.
    pub policy: Option<String>,
    /// The fields of the policy that change the pod.
    pub changes: Vec<&'static str>,
    /// The policies that are the nearest to admitting it, with the fields that reject it; only if none is chosen.
    pub rejections: BTreeMap<String, Vec<&'static str>>,
    /// The policy in the annotation `kubernetes.io/psp`, if it is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub annotation: Option<String>,
    /// The strictest level that it satisfies.
    #[serde(serialize_with = "level_name")]
    pub level: Level,
}

/// A check whose requirements are newer than the version of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LaterCheck {
    /// The check.
    pub check: &'static str,
    /// Its level.
    #[serde(serialize_with = "level_name")]
    pub level: Level,
    /// The version that changed it.
    pub since: String,
    /// Whether it is new, rather than changed.
    pub is_new: bool,
    /// Whether a field of PodSecurityPolicies is about the same.
    pub has_field: bool,
}

/// A field whose verdict is another one in the latest version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LaterVerdict {
    /// The field.
    pub field: &'static str,
    /// The level.
    #[serde(serialize_with = "level_name")]
    pub level: Level,
    /// The verdict.
    pub verdict: Verdict,
    /// The reason.
    pub reason: String,
}

fn optional_level_name<S: serde::Serializer>(level: &Option<Level>, serializer: S) -> Result<S::Ok, S::Error> {
    match level {
        Some(level) => level_name(level, serializer),
        None => serializer.serialize_none(),
    }
}

impl Cluster {
    /// Makes the plan.
    pub fn plan(mut self) -> Plan {
        self.policies.sort_by(|one, other| one.name.cmp(&other.name));
        let represented = self.workloads.complete();
        if represented > 0 {
            self.other_kinds.insert("workload whose owner is in the input".to_owned(), represented);
        }
        let names = self.namespace_names().into_iter().map(str::to_owned).collect::<Vec<_>>();
        let (bindings, missing_roles) = std::mem::take(&mut self.access).resolve();
        let Cluster { options, policies, has_access, workloads, namespaces: labels, other_kinds, mut problems, .. } = self;
        problems.extend(missing_roles);
        let mut chooser = Chooser::new(&policies, has_access.then_some(bindings.as_slice()), options.user.as_ref());
        let choices: Vec<WorkloadPlan> = if policies.is_empty() {
            Vec::new()
        } else {
            workloads.list.iter().map(|workload| choice(&policies, &mut chooser, workload)).collect()
        };
        let by_namespace = workloads.by_namespace();
        let mut namespaces: Vec<Namespace> = names
            .iter()
            .map(|name| namespace(name, by_namespace.get(name.as_str()).map_or(&[], Vec::as_slice), options.level, options.version))
            .collect();
        let mut uses = BTreeMap::<(&str, &str), usize>::new();
        for choice in &choices {
            *uses.entry((choice.policy.as_deref().unwrap_or_default(), &choice.namespace)).or_default() += 1;
        }
        for namespace in &mut namespaces {
            let own = uses.iter().filter(|((policy, other), _)| *other == namespace.name && !policy.is_empty());
            namespace.policies = own.map(|((policy, _), count)| ((*policy).to_owned(), *count)).collect();
            namespace.rejected = uses.get(&("", namespace.name.as_str())).copied().unwrap_or_default();
            namespace.existing_level = labels.get(&namespace.name).cloned().flatten();
        }
        let of_policy = |name: &str| {
            let own = uses.iter().filter(|((policy, _), _)| *policy == name);
            own.map(|((_, namespace), count)| ((*namespace).to_owned(), *count)).collect()
        };
        let exemptions: Vec<Exemption> =
            namespaces.iter().flat_map(|namespace| target_exemptions(namespace, options.level)).cloned().collect();
        // The official policies of a PodSecurityPolicy can select a namespace only if all its pods have this one.
        let exclusive = |policy: &str| -> Vec<String> {
            let own = namespaces.iter().filter(|namespace| namespace.rejected == 0 && namespace.policies.keys().eq([policy]));
            own.map(|namespace| namespace.name.clone()).collect()
        };
        let has_workloads = !workloads.list.is_empty();
        let policy_plan = |policy: &Policy| {
            let exclusive = exclusive(&policy.name);
            policy_plan(policy, &options, &bindings, of_policy(&policy.name), has_workloads.then_some(exclusive.as_slice()))
        };
        let plans: Vec<PolicyPlan> = policies.iter().map(policy_plan).collect();
        let mut plan = Plan {
            version: options.version.to_string(),
            level: options.level,
            shared_namespaces: shared_namespaces(&plans, &namespaces, &options),
            policies: plans,
            has_access,
            settings: settings(options.level, options.version, &exemptions),
            workloads: choices,
            namespaces,
            later_checks: later_checks(options.version),
            limitations: Vec::new(),
            other_kinds,
            problems,
        };
        plan.limitations = plan.find_limitations();
        plan
    }
}

impl Plan {
    /// Returns the numbers of pods and of pod templates.
    pub(super) fn counts(&self) -> [usize; 2] {
        [self.namespaces.iter().map(|namespace| namespace.pods).sum(), self.namespaces.iter().map(|namespace| namespace.templates).sum()]
    }

    /// Returns whether pods will be less restricted than before in some namespace.
    pub(super) fn has_gaps(&self) -> bool {
        let has_rejected = self.namespaces.iter().any(|namespace| namespace.rejected > 0 && !namespace.policies.is_empty());
        has_rejected || self.shared_namespaces.iter().any(|shared| !shared.gaps.is_empty())
    }

    fn find_limitations(&self) -> Vec<String> {
        let mut limitations = Vec::new();
        let [pods, templates] = self.counts();
        if !self.policies.is_empty() && !self.has_access {
            limitations.push(
                "the input has no roles and bindings, so every PodSecurityPolicy is taken to be usable for every pod; add them with --rbac"
                    .to_owned(),
            );
        }
        match [pods, templates] {
            [0, 0] => limitations.push(
                "the input has no pods and templates, so there are no exemptions for what runs today; add them with --pods and \
                 --workloads"
                    .to_owned(),
            ),
            [_, 0] => limitations.push(
                "the input has no templates of workloads, which PodSecurityPolicies may change when they create pods: a level that the pods \
                 satisfy can reject the next ones; add them with --workloads"
                    .to_owned(),
            ),
            _ => {}
        }
        if pods + templates == 0 && self.policies.iter().any(|policy| !policy.official_policies.is_empty()) {
            limitations.push(format!(
                "the official policies select namespaces with the label {LABEL}, which has to be set where all pods have one \
                 PodSecurityPolicy, because the input has no pods"
            ));
        }
        let selected = |is_selected: &dyn Fn(&Namespace) -> bool| -> Vec<String> {
            self.namespaces.iter().filter(|namespace| is_selected(namespace)).map(|namespace| namespace.name.clone()).collect()
        };
        let rejected = selected(&|namespace| namespace.rejected > 0);
        if !rejected.is_empty() && !self.policies.is_empty() {
            limitations.push(format!(
                "no official policy selects {}, which has pods or templates that no PodSecurityPolicy admits",
                list(&rejected)
            ));
        }
        for namespace in &self.namespaces {
            let existing = namespace.existing_level.as_ref().filter(|existing| *existing != namespace.level.name());
            limitations.extend(existing.map(|existing| {
                format!("the namespace {} enforces {existing} by label now, and the plan has {} for it", namespace.name, namespace.level)
            }));
        }
        let empty = selected(&|namespace| namespace.pods + namespace.templates == 0);
        if !empty.is_empty() && empty.len() < self.namespaces.len() {
            limitations.push(format!("the input has no pods and templates of {}, so any level fits", list(&empty)));
        }
        for shared in &self.shared_namespaces {
            for gap in &shared.gaps {
                limitations.push(format!(
                    "what only the PodSecurityPolicy {} restricts ({}) is no longer restricted in {}, where pods have other \
                     PodSecurityPolicies too: an official policy would apply to all of them",
                    gap.policy,
                    gap.fields.join(", "),
                    list(&shared.namespaces)
                ));
            }
        }
        limitations
    }
}

/// Returns the exemptions of a namespace that the settings for all namespaces need. Where a namespace satisfies a stricter level,
/// there are none.
fn target_exemptions(namespace: &Namespace, level: Level) -> &[Exemption] {
    if namespace.settings_level == level { &namespace.exemptions } else { &[] }
}

/// `exclusive` are the namespaces whose pods all have this policy, if pods are known.
fn policy_plan(
    policy: &Policy,
    options: &Options,
    bindings: &[Binding],
    namespaces: BTreeMap<String, usize>,
    exclusive: Option<&[String]>,
) -> PolicyPlan {
    // A policy that no pod can use admits nothing, whatever its other fields are.
    let is_usable = policy.unusable.is_none();
    let levels = if is_usable { compare_levels(policy, options.version) } else { Vec::new() };
    let restricting = restricting_fields(&levels, options.level);
    let official = official_policies(policy, &restricting, exclusive);
    PolicyPlan {
        name: policy.name.clone(),
        source: policy.source.clone(),
        line: policy.line,
        unusable: policy.unusable.clone(),
        loosest_replacement: loosest_replacement(&levels),
        strictest_compatible: if is_usable { strictest_compatible(&levels) } else { Level::Restricted },
        later: later_verdicts(policy, &levels),
        levels,
        subjects: subjects(policy, bindings),
        changes: changes(policy)
            .into_iter()
            .map(|change| PodChange {
                field: change.field.path(),
                pod_field: change.pod_field,
                value: change.value,
                harden: change.harden.check(),
                explanation: change.harden.sentence(),
            })
            .collect(),
        official_policies: official.into_iter().map(Official::from).collect(),
        unreplaced: without_official(policy, &restricting)
            .into_iter()
            .map(|(field, advice)| Unreplaced { field: field.path(), advice })
            .collect(),
        namespaces,
        policy: policy.clone(),
    }
}

/// Returns the fields by which a policy admits less than a level with the exemptions for what the policy admits: where hostPath
/// volumes are exempt, the allowed paths matter.
pub(super) fn restricting_fields(levels: &[LevelComparison], level: Level) -> Vec<Field> {
    let at = |level: Level| levels.iter().find(|other| other.level == level).map_or(&[][..], |other| other.fields.as_slice());
    let admits_volumes = at(level).iter().any(|field| field.field == Field::Volumes && !field.admits.is_empty());
    let of_volumes = [Field::AllowedHostPaths, Field::AllowedFlexVolumes, Field::AllowedCsiDrivers];
    let of_volumes = at(Level::Privileged).iter().filter(|field| admits_volumes && of_volumes.contains(&field.field));
    let fields: BTreeSet<Field> =
        at(level).iter().chain(of_volumes).filter(|field| field.restricts_more()).map(|field| field.field).collect();
    fields.into_iter().collect()
}

fn subjects(policy: &Policy, bindings: &[Binding]) -> Vec<Usage> {
    let granting = bindings.iter().filter(|binding| binding.grant.includes(&policy.name));
    let usages: BTreeSet<Usage> = granting
        .flat_map(|binding| {
            binding.subjects.iter().map(|subject| {
                let (kind, name) = subject.kind_and_name();
                Usage {
                    kind,
                    name,
                    namespace: binding.namespace.clone(),
                    binding: binding.name.clone(),
                    role: binding.role.clone(),
                    grants_all: binding.grant == Grant::All,
                }
            })
        })
        .collect();
    usages.into_iter().collect()
}

/// Returns the fields with another verdict in the latest version.
fn later_verdicts(policy: &Policy, levels: &[LevelComparison]) -> Vec<LaterVerdict> {
    let mut later = Vec::new();
    for comparison in levels.iter().filter(|comparison| comparison.level != Level::Privileged) {
        let before = |field: Field| comparison.fields.iter().find(|other| other.field == field).map(|other| other.verdict);
        let latest = compare(policy, LevelVersion { level: comparison.level, version: Version::Latest });
        let changed = latest.into_iter().filter(|latest| before(latest.field) != Some(latest.verdict));
        later.extend(changed.map(|latest| LaterVerdict {
            field: latest.path,
            level: comparison.level,
            verdict: latest.verdict,
            reason: latest.reason,
        }));
    }
    later
}

fn later_checks(version: Version) -> Vec<LaterCheck> {
    let minor = version.known_minor();
    let governs = |field: &Field, id: &str| *field != Field::HostHandlers && probe::checks(*field).contains(&id);
    let has_field = |id: &str| Field::ALL.iter().any(|field| governs(field, id));
    let mut later = Vec::new();
    for check in CHECKS {
        let first = check.revisions.first().map_or(0, |revision| revision.since);
        for revision in check.revisions.iter().filter(|revision| revision.since > minor) {
            later.push(LaterCheck {
                check: check.id,
                level: check.level,
                since: Version::Minor(revision.since).to_string(),
                is_new: revision.since == first,
                has_field: has_field(check.id),
            });
        }
    }
    later
}

fn choice(policies: &[Policy], chooser: &mut Chooser<'_>, workload: &Workload) -> WorkloadPlan {
    let choice = chooser.choose(workload);
    let policy = choice.and_then(|choice| policies.get(choice.policy));
    let paths = |fields: &mut dyn Iterator<Item = Field>| -> Vec<&'static str> { fields.map(Field::path).collect() };
    let changes = match (choice, policy) {
        (Some(choice), Some(policy)) if choice.changes => paths(&mut changing_fields(policy, &workload.fields)),
        _ => Vec::new(),
    };
    let rejections = if choice.is_some() { BTreeMap::new() } else { chooser.rejections(workload).as_ref().clone() };
    let name = policy.map(|policy| policy.name.clone());
    let annotation = &workload.annotation;
    let is_other = !annotation.is_empty() && Some(annotation) != name.as_ref();
    WorkloadPlan {
        kind: workload.kind,
        namespace: workload.namespace.clone(),
        name: workload.name.clone(),
        source: workload.source.to_string(),
        line: workload.line,
        service_account: workload.service_account.clone(),
        policy: name,
        changes,
        rejections,
        annotation: is_other.then(|| annotation.clone()),
        level: workload.level(),
    }
}
