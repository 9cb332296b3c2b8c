//! PodSecurityPolicies, and the rules of roles that grant their use.

use pss_manifest::Node;
use pss_review::objects_of;

use super::{Leftover, LeftoverKind};

/// The resource in rules of roles.
const RESOURCE: &str = "podsecuritypolicies";
/// The verb that admits pods by a PodSecurityPolicy.
const USE: &str = "use";
/// The API groups that had PodSecurityPolicies.
const GROUPS: [&str; 2] = ["policy", "extensions"];
const ANY: &str = "*";

/// Returns whether objects are PodSecurityPolicies, in any version: `v1beta1` was the only one.
pub fn is_pod_security_policy(api_version: &str, kind: &str) -> bool {
    kind == "PodSecurityPolicy" && api_version.split_once('/').is_some_and(|(group, _)| GROUPS.contains(&group))
}

/// Adds the leftovers of a document.
pub(super) fn add(document: usize, root: Node<'_>, leftovers: &mut Vec<Leftover>) {
    let objects = objects_of(root);
    let is_list = !matches!(objects.as_slice(), [(node, ..)] if node.is(root));
    for (index, (node, api_version, kind)) in objects.into_iter().enumerate() {
        let item = is_list.then_some(index);
        if is_pod_security_policy(api_version, kind) {
            leftovers.push(policy(document, item, node));
        } else if matches!(kind, "Role" | "ClusterRole") && api_version.starts_with("rbac.authorization.k8s.io/") {
            let rules = node.get("rules").map(|entry| entry.value.elements());
            for (index, rule) in rules.into_iter().flatten().enumerate() {
                leftovers.extend(access_rule(rule, index).map(|leftover| Leftover { document, item, ..leftover }));
            }
        }
    }
}

fn policy(document: usize, item: Option<usize>, node: Node<'_>) -> Leftover {
    Leftover {
        kind: LeftoverKind::Policy,
        document,
        item,
        path: "kind".to_owned(),
        // An item of a typed list need not have a kind.
        span: node.get("kind").map_or_else(|| node.first_line(), |entry| entry.value.span()),
        message: "Kubernetes 1.25 removed PodSecurityPolicy: newer clusters reject the object, and no pod is checked by it".to_owned(),
        help: "Plan its replacement with pss migrate psp: levels of the Pod Security Standards for namespaces, and policies for what the \
               standards do not cover. Then remove the object"
            .to_owned(),
    }
}

/// Returns the leftover in a rule of a role. A rule that grants everything, such as that of cluster-admin, names no
/// PodSecurityPolicies and is none.
fn access_rule(rule: Node<'_>, index: usize) -> Option<Leftover> {
    let [verbs, groups, resources] = ["verbs", "apiGroups", "resources"].map(|field| texts(rule, field));
    let grants = |list: &[&str], names: &[&str]| list.iter().any(|entry| *entry == ANY || names.contains(entry));
    if !grants(&verbs, &[USE]) || !grants(&groups, &GROUPS) {
        return None;
    }
    let at = match resources.iter().position(|resource| *resource == RESOURCE) {
        Some(at) => format!("resources[{at}]"),
        // No other resource of these groups has the verb.
        None if resources.contains(&ANY) && verbs.contains(&USE) && !groups.contains(&ANY) => "verbs".to_owned(),
        None => return None,
    };
    let names = texts(rule, "resourceNames");
    let policies = match names.as_slice() {
        [] => "all PodSecurityPolicies".to_owned(),
        [name] => format!("the PodSecurityPolicy {name}"),
        names => format!("the PodSecurityPolicies {}", names.join(", ")),
    };
    let has_others = resources.iter().any(|resource| *resource != RESOURCE);
    let action = if has_others { "remove podsecuritypolicies from its resources" } else { "remove the rule" };
    Some(Leftover {
        kind: LeftoverKind::AccessRule,
        document: 0,
        item: None,
        span: rule.at(&at).span(),
        path: format!("rules[{index}].{at}"),
        message: format!("rules[{index}] grants the use of {policies}, which has no effect from Kubernetes 1.25 on"),
        help: format!(
            "Plan the replacement with pss migrate psp, which also reads this rule: it decides which pods the policy applied to. Then {action}"
        ),
    })
}

/// Returns the texts of a list.
fn texts<'d>(node: Node<'d>, field: &str) -> Vec<&'d str> {
    node.get(field).map(|entry| entry.value.elements().filter_map(Node::text).collect()).unwrap_or_default()
}
