//! Namespaces whose pods have several PodSecurityPolicies: what all of them restrict can be restricted by official policies, and
//! the rest cannot.

use std::collections::{BTreeMap, BTreeSet};

use pss_core::standards::Level;
use serde::Serialize;

use super::Field;
use super::cluster::Options;
use super::level::{LevelComparison, compare_levels};
use super::namespace::Namespace;
use super::official::official_policies;
use super::plan::{Official, PolicyPlan, restricting_fields};
use super::policy::Policy;
use super::union::union;

/// Namespaces whose pods have the same PodSecurityPolicies, of which there are several.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct SharedNamespaces {
    /// The names of the namespaces.
    pub namespaces: Vec<String>,
    /// The names of the policies.
    pub policies: Vec<String>,
    /// The official policies for what all of them restrict, and the level of the plan does not.
    pub official_policies: Vec<Official>,
    /// What single policies restrict further.
    pub gaps: Vec<Gap>,
}

/// What a policy restricts, and neither the level nor an official policy does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Gap {
    /// The name of the policy.
    pub policy: String,
    /// The fields.
    pub fields: Vec<&'static str>,
}

/// Returns the namespaces with several policies, by their policies.
pub(super) fn shared_namespaces(plans: &[PolicyPlan], namespaces: &[Namespace], options: &Options) -> Vec<SharedNamespaces> {
    let mut by_policies = BTreeMap::<Vec<&String>, Vec<String>>::new();
    for namespace in namespaces.iter().filter(|namespace| namespace.rejected == 0 && namespace.policies.len() > 1) {
        by_policies.entry(namespace.policies.keys().collect()).or_default().push(namespace.name.clone());
    }
    by_policies
        .into_iter()
        .map(|(names, namespaces)| {
            let own: Vec<&PolicyPlan> = plans.iter().filter(|plan| names.contains(&&plan.name)).collect();
            let policies: Vec<&Policy> = own.iter().map(|plan| &plan.policy).collect();
            let all = union(unused_name(&namespaces, plans), &policies);
            let levels = compare_levels(&all, options.version);
            let official = official_policies(&all, &restricting_fields(&levels, options.level), Some(&namespaces));
            let gaps = own.iter().map(|plan| Gap { policy: plan.name.clone(), fields: gaps(plan, &levels, options.level) });
            SharedNamespaces {
                gaps: gaps.filter(|gap| !gap.fields.is_empty()).collect(),
                namespaces,
                policies: names.into_iter().cloned().collect(),
                official_policies: official.into_iter().map(Official::from).collect(),
            }
        })
        .collect()
}

/// Returns a name for official policies that does not occur among those of single policies.
fn unused_name(namespaces: &[String], plans: &[PolicyPlan]) -> String {
    let mut name = format!("shared-{}", namespaces.first().map_or("", String::as_str));
    while plans.iter().any(|plan| plan.name == name) {
        name.push('x');
    }
    name
}

/// Returns the fields by which a policy rejects or changes pods, and the union of policies does not.
fn gaps(plan: &PolicyPlan, all: &[LevelComparison], level: Level) -> Vec<&'static str> {
    fn at(levels: &[LevelComparison], field: Field, level: Level) -> BTreeSet<&String> {
        let comparison = levels.iter().find(|other| other.level == level);
        let field = comparison.and_then(|comparison| comparison.fields.iter().find(|other| other.field == field));
        field.into_iter().flat_map(|field| field.rejects.iter().chain(&field.changes)).collect()
    }
    // Fields about volumes that the level rejects are compared where it admits all, because they may be exempt.
    let differs = |field: &Field| {
        let level = if at(&plan.levels, *field, level).is_empty() { Level::Privileged } else { level };
        !at(&plan.levels, *field, level).is_subset(&at(all, *field, level))
    };
    restricting_fields(&plan.levels, level).iter().filter(|field| differs(field)).map(|field| field.path()).collect()
}
