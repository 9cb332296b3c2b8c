//! Generated Roles, ClusterRoles, RoleBindings and ClusterRoleBindings, and the users and service accounts that they name.

use super::super::rbac::Subject;
use super::{mostly_first, one_of, some_of};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// The namespaces of the objects; generated pods are in the first one.
pub const NAMESPACES: [&str; 3] = ["apps", "kube-system", "other"];
/// The service accounts of the pods.
pub const SERVICE_ACCOUNTS: [&str; 3] = ["default", "builder", "web"];

const ROLE_NAMES: [&str; 2] = ["psp-a", "psp-b"];

/// Roles and bindings with a few names, so that many bindings refer to roles that exist.
pub fn rbac() -> BoxedStrategy<Vec<Value>> {
    let roles = (select(vec!["Role", "ClusterRole", "ClusterRole"]), one_namespace(), select(&ROLE_NAMES[..]), vec(rule(), 1..=2))
        .prop_map(|(kind, namespace, name, rules)| object(kind, namespace, name, json!({"rules": rules})));
    let bindings =
        (select(vec!["RoleBinding", "RoleBinding", "ClusterRoleBinding"]), one_namespace(), role_reference(), vec(subject(), 0..=3))
            .prop_map(|(kind, namespace, role, subjects)| {
                object(kind, namespace, "binding", json!({"roleRef": role, "subjects": subjects}))
            });
    (vec(roles, 1..=4), vec(bindings, 1..=4)).prop_map(|(roles, bindings)| unique([roles, bindings].concat())).boxed()
}

/// A user, a controller or a service account.
pub fn subjects() -> BoxedStrategy<Subject> {
    let authenticated = |name: &str, groups: &[&str]| Subject {
        name: name.to_owned(),
        groups: groups.iter().chain(&["system:authenticated"]).map(|group| (*group).to_owned()).collect(),
    };
    let users = vec![
        authenticated("alice", &["developers"]),
        authenticated("bob", &["system:masters"]),
        authenticated(
            "system:serviceaccount:kube-system:replicaset-controller",
            &["system:serviceaccounts", "system:serviceaccounts:kube-system"],
        ),
    ];
    let accounts =
        (select(&NAMESPACES[..]), select(&SERVICE_ACCOUNTS[..])).prop_map(|(namespace, name)| Subject::service_account(namespace, name));
    prop_oneof![select(users), accounts].boxed()
}

/// Often the namespace of the pods.
fn one_namespace() -> BoxedStrategy<&'static str> {
    prop_oneof![2 => Just(NAMESPACES[0]), 1 => select(&NAMESPACES[..])].boxed()
}

fn object(kind: &str, namespace: &str, name: &str, fields: Value) -> Value {
    let mut object = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": kind, "metadata": {"name": name}});
    if !kind.starts_with("Cluster") {
        object["metadata"]["namespace"] = json!(namespace);
    }
    for (field, value) in fields.as_object().unwrap() {
        object[field] = value.clone();
    }
    object
}

/// The objects with distinct names of each kind in each namespace: later bindings get other names, later roles are dropped.
fn unique(objects: Vec<Value>) -> Vec<Value> {
    let mut unique: Vec<Value> = Vec::new();
    for (index, mut object) in objects.into_iter().enumerate() {
        if object.get("roleRef").is_some() {
            object["metadata"]["name"] = json!(format!("binding-{index}"));
        }
        if !unique.iter().any(|other| other["kind"] == object["kind"] && other["metadata"] == object["metadata"]) {
            unique.push(object);
        }
    }
    unique
}

fn rule() -> BoxedStrategy<Value> {
    some_of(vec![
        ("verbs", 1.0, mostly_first(json!([["use"], ["*"], ["get", "use"], ["get", "list"]]))),
        ("apiGroups", 0.97, mostly_first(json!([["policy"], ["extensions"], ["*"], ["", "policy"], [""]]))),
        (
            "resources",
            0.97,
            mostly_first(json!([
                ["podsecuritypolicies"],
                ["*"],
                ["pods", "podsecuritypolicies"],
                ["pods"],
                ["podsecuritypolicies/status"],
                ["*/status"]
            ])),
        ),
        ("resourceNames", 0.5, mostly_first(json!([["a", "a-b", "10-first"], ["a.b", "privileged"], [], ["*"], ["restricted"]]))),
    ])
}

fn role_reference() -> BoxedStrategy<Value> {
    (select(vec!["ClusterRole", "ClusterRole", "Role"]), select(&ROLE_NAMES[..]))
        .prop_map(|(kind, name)| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}))
        .boxed()
}

fn subject() -> BoxedStrategy<Value> {
    let service_accounts = (select(&SERVICE_ACCOUNTS[..]), one_namespace())
        .prop_map(|(name, namespace)| json!({"kind": "ServiceAccount", "name": name, "namespace": namespace}));
    let others = one_of(json!([
        {"kind": "ServiceAccount", "name": "default"},
        {"kind": "User", "name": "alice"},
        {"kind": "User", "name": "system:serviceaccount:apps:web"},
        {"kind": "User", "name": "*"},
        {"kind": "Group", "name": "developers"},
        {"kind": "Group", "name": "system:authenticated"},
        {"kind": "Group", "name": "system:serviceaccounts"},
        {"kind": "Group", "name": "system:serviceaccounts:apps"},
        {"kind": "Group", "name": "system:masters"}
    ]));
    prop_oneof![1 => service_accounts, 2 => others].boxed()
}
