//! RBAC, as far as the use of policies depends on it.
//!
//! Source: plugin/pkg/auth/authorizer/rbac and pkg/registry/rbac/validation in kubernetes/kubernetes.

use super::json::{list, strings, text};
use serde_json::Value;

/// A user or a service account with its groups.
#[derive(Clone, Debug)]
pub struct Subject {
    pub name: String,
    pub groups: Vec<String>,
}

impl Subject {
    /// The service account of a pod as the admission plugin presents it to the authorizer: unlike one that sends a request, it is not
    /// in the group `system:authenticated`.
    pub fn service_account(namespace: &str, name: &str) -> Self {
        Self {
            name: format!("system:serviceaccount:{namespace}:{name}"),
            groups: vec!["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")],
        }
    }
}

/// Whether the subject may `use` the policy in the namespace, by the Roles, ClusterRoles, RoleBindings and ClusterRoleBindings.
///
/// The rules of a ClusterRole with an `aggregationRule` are those that it has; the API server fills them in.
pub fn may_use(rbac: &[Value], user: &str, groups: &[&str], namespace: &str, psp_name: &str) -> bool {
    let allows = |rules: &[Value]| rules.iter().any(|rule| rule_allows(rule, psp_name));
    let of_kind = |kind: &'static str| rbac.iter().filter(move |object| text(object, &["kind"]) == kind);
    let applies =
        |binding: &Value, namespace: &str| list(binding, &["subjects"]).iter().any(|subject| applies_to(subject, user, groups, namespace));
    let rules = |binding: &Value, role_namespace: &str| {
        let kind = text(binding, &["roleRef", "kind"]);
        let name = text(binding, &["roleRef", "name"]);
        let is_role = |role: &&Value| {
            let in_namespace = kind == "ClusterRole" || text(role, &["metadata", "namespace"]) == role_namespace;
            text(role, &["kind"]) == kind && in_namespace && text(role, &["metadata", "name"]) == name
        };
        // A binding to a role that does not exist grants nothing, and a ClusterRoleBinding has no namespace to find a Role in.
        let exists = kind == "ClusterRole" || (kind == "Role" && !role_namespace.is_empty());
        rbac.iter().find(|role| exists && is_role(role)).map_or(&[][..], |role| list(role, &["rules"]))
    };

    of_kind("ClusterRoleBinding").any(|binding| applies(binding, "") && allows(rules(binding, "")))
        || of_kind("RoleBinding")
            .filter(|binding| text(binding, &["metadata", "namespace"]) == namespace)
            .any(|binding| applies(binding, namespace) && allows(rules(binding, namespace)))
}

fn applies_to(subject: &Value, user: &str, groups: &[&str], namespace: &str) -> bool {
    let name = text(subject, &["name"]);
    match text(subject, &["kind"]) {
        "User" => name == user,
        "Group" => groups.contains(&name),
        "ServiceAccount" => {
            let namespace = Some(text(subject, &["namespace"])).filter(|namespace| !namespace.is_empty()).unwrap_or(namespace);
            !namespace.is_empty() && user == format!("system:serviceaccount:{namespace}:{name}")
        }
        _ => false,
    }
}

/// Policies have been in two API groups, and the right to use them in one is enough. No resource names are all of them.
fn rule_allows(rule: &Value, psp_name: &str) -> bool {
    let has = |field: &str, values: &[&str]| strings(rule, &[field]).into_iter().any(|value| value == "*" || values.contains(&value));
    let names = strings(rule, &["resourceNames"]);
    has("verbs", &["use"])
        && has("apiGroups", &["policy", "extensions"])
        && has("resources", &["podsecuritypolicies"])
        && (names.is_empty() || names.contains(&psp_name))
}
