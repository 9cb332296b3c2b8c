//! Access to PodSecurityPolicies: who may `use` which, by roles and bindings.
//!
//! Source: `pkg/registry/rbac/validation/rule.go` and `isAuthorizedForPolicy` in
//! `plugin/pkg/admission/security/podsecuritypolicy/admission.go` of Kubernetes 1.24.

use std::collections::{BTreeMap, BTreeSet};

use pss_core::json::Text;
use pss_core::view;

use super::policy::GROUPS;
use crate::object::Object;
use crate::problem::{Problem, Severity};

/// The group of roles and bindings.
pub(super) const RBAC_GROUP: &str = "rbac.authorization.k8s.io";
/// The user name of a service account is this, its namespace, a colon and its name.
const SERVICE_ACCOUNT_PREFIX: &str = "system:serviceaccount:";
/// The group whose members may do everything, whatever the roles are.
const MASTERS: &str = "system:masters";

/// The PodSecurityPolicies that a rule or a binding grants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    /// Every policy: the rule has no `resourceNames`.
    All,
    /// The policies with these names.
    Names(BTreeSet<String>),
}

impl Grant {
    /// Returns whether a policy is granted.
    pub fn includes(&self, policy: &str) -> bool {
        match self {
            Grant::All => true,
            Grant::Names(names) => names.contains(policy),
        }
    }

    fn extend(&mut self, other: &Grant) {
        match (&mut *self, other) {
            (Grant::All, _) => {}
            (_, Grant::All) => *self = Grant::All,
            (Grant::Names(names), Grant::Names(others)) => names.extend(others.iter().cloned()),
        }
    }
}

/// A subject of a binding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Subject {
    /// A user.
    User(String),
    /// A group of users.
    Group(String),
    /// A service account, with its namespace and name.
    ServiceAccount(String, String),
}

impl Subject {
    /// Returns its kind and its name: `User`, `jane`.
    pub fn kind_and_name(&self) -> (&'static str, String) {
        match self {
            Subject::User(name) => ("User", name.clone()),
            Subject::Group(name) => ("Group", name.clone()),
            Subject::ServiceAccount(namespace, name) => ("ServiceAccount", format!("{namespace}/{name}")),
        }
    }
}

/// A user who requests something, with groups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Identity {
    /// The name.
    pub user: String,
    /// The groups.
    pub groups: Vec<String>,
}

impl Identity {
    /// Returns the identity of the service account of a pod. The plugin does not add the group of authenticated users.
    pub fn service_account(namespace: &str, name: &str) -> Identity {
        let groups = ["system:serviceaccounts".to_owned(), format!("system:serviceaccounts:{namespace}")];
        Identity { user: format!("{SERVICE_ACCOUNT_PREFIX}{namespace}:{name}"), groups: groups.into() }
    }

    /// Returns the identity of a user who requests something, with the group of authenticated users.
    pub fn authenticated(mut self) -> Identity {
        self.groups.push("system:authenticated".to_owned());
        self
    }

    fn is(&self, subject: &Subject) -> bool {
        match subject {
            Subject::User(name) => *name == self.user,
            Subject::Group(name) => self.groups.contains(name),
            Subject::ServiceAccount(namespace, name) => {
                let own = self.user.strip_prefix(SERVICE_ACCOUNT_PREFIX).and_then(|account| account.split_once(':'));
                own == Some((namespace, name))
            }
        }
    }
}

/// A grant of PodSecurityPolicies to subjects by a binding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// `RoleBinding team-a/psp`, or `ClusterRoleBinding psp`.
    pub name: String,
    /// The role that it refers to: `ClusterRole psp`.
    pub role: String,
    /// The namespace in which it grants them; `None` for all.
    pub namespace: Option<String>,
    /// To whom.
    pub subjects: Vec<Subject>,
    /// The policies.
    pub grant: Grant,
}

/// The roles and bindings of a cluster, as far as they are about PodSecurityPolicies.
#[derive(Debug, Clone, Default)]
pub struct Access {
    /// The grants of roles by kind, namespace and name. Roles without one are missing or grant nothing.
    roles: BTreeMap<(&'static str, String, String), Option<Grant>>,
    unresolved: Vec<Unresolved>,
}

/// A binding whose role may be read after it.
#[derive(Debug, Clone)]
struct Unresolved {
    name: String,
    role_kind: &'static str,
    role_name: String,
    namespace: Option<String>,
    subjects: Vec<Subject>,
    problem: Problem,
}

view! {
    struct RawRole<'a> {
        "rules" => rules: Vec<RawRule<'a>>,
    }
}

view! {
    struct RawRule<'a> {
        "verbs" => verbs: Vec<Text<'a>>,
        "apiGroups" => groups: Vec<Text<'a>>,
        "resources" => resources: Vec<Text<'a>>,
        "resourceNames" => names: Vec<Text<'a>>,
    }
}

view! {
    struct RawBinding<'a> {
        "roleRef" => role: RawReference<'a>,
        "subjects" => subjects: Vec<RawReference<'a>>,
    }
}

view! {
    struct RawReference<'a> {
        "kind" => kind: Text<'a>,
        "name" => name: Text<'a>,
        "namespace" => namespace: Text<'a>,
    }
}

impl RawRule<'_> {
    /// Returns the PodSecurityPolicies that the rule allows to use.
    fn grant(&self) -> Option<Grant> {
        let has = |list: &[Text<'_>], values: &[&str]| list.iter().any(|item| item == "*" || values.contains(&item.as_ref()));
        if !(has(&self.verbs, &["use"]) && has(&self.groups, &GROUPS) && has(&self.resources, &["podsecuritypolicies"])) {
            return None;
        }
        Some(match self.names.is_empty() {
            true => Grant::All,
            false => Grant::Names(self.names.iter().map(|name| name.as_ref().to_owned()).collect()),
        })
    }
}

impl Access {
    /// Adds a role or a binding. Returns whether the object is one.
    pub(super) fn add(&mut self, object: &Object<'_>, problems: &mut Vec<Problem>) -> bool {
        if object.group() != RBAC_GROUP {
            return false;
        }
        let kind = match object.kind {
            "Role" => "Role",
            "ClusterRole" => "ClusterRole",
            "RoleBinding" | "ClusterRoleBinding" => {
                self.add_binding(object, problems);
                return true;
            }
            _ => return false,
        };
        let mut raw = RawRole::default();
        problems.extend(object.deserialize(&mut raw));
        let mut grant = None::<Grant>;
        for rule in raw.rules.iter().filter_map(RawRule::grant) {
            match &mut grant {
                Some(grant) => grant.extend(&rule),
                None => grant = Some(rule),
            }
        }
        if raw.rules.is_empty() && object.node.at("aggregationRule").exists {
            let message = format!("ClusterRole {} has no rules: an API server adds those of its aggregationRule", object.name());
            problems.push(object.problem(Severity::Warning, "aggregationRule", message));
        }
        let namespace = if kind == "Role" { namespace_of(object) } else { String::new() };
        self.roles.insert((kind, namespace, object.name().to_owned()), grant);
        true
    }

    fn add_binding(&mut self, object: &Object<'_>, problems: &mut Vec<Problem>) {
        let mut raw = RawBinding::default();
        problems.extend(object.deserialize(&mut raw));
        let namespace = (object.kind == "RoleBinding").then(|| namespace_of(object));
        let subject = |subject: &RawReference<'_>| {
            let name = subject.name.as_ref().to_owned();
            match subject.kind.as_ref() {
                "User" => Some(Subject::User(name)),
                "Group" => Some(Subject::Group(name)),
                "ServiceAccount" => {
                    let own = Some(subject.namespace.as_ref().to_owned()).filter(|namespace| !namespace.is_empty());
                    Some(Subject::ServiceAccount(own.or_else(|| namespace.clone())?, name))
                }
                _ => None,
            }
        };
        let name = match &namespace {
            Some(namespace) => format!("{} {namespace}/{}", object.kind, object.name()),
            None => format!("{} {}", object.kind, object.name()),
        };
        let role_kind = if raw.role.kind == "Role" { "Role" } else { "ClusterRole" };
        let problem = object.problem(
            Severity::Warning,
            "roleRef",
            format!("{name} refers to {role_kind} {}, which is not in the input: it is taken to grant nothing", raw.role.name),
        );
        let subjects = raw.subjects.iter().filter_map(subject).collect();
        self.unresolved.push(Unresolved { name, role_kind, role_name: raw.role.name.into_owned(), namespace, subjects, problem });
    }

    /// Returns the bindings that grant PodSecurityPolicies, and warnings about those whose roles are missing.
    pub(super) fn resolve(self) -> (Vec<Binding>, Vec<Problem>) {
        let (mut bindings, mut problems) = (Vec::new(), Vec::new());
        for binding in self.unresolved {
            let Unresolved { name, role_kind, role_name, namespace, subjects, problem } = binding;
            let role_namespace = if role_kind == "Role" { namespace.clone().unwrap_or_default() } else { String::new() };
            let role = match role_kind {
                "Role" => format!("Role {role_namespace}/{role_name}"),
                _ => format!("ClusterRole {role_name}"),
            };
            match self.roles.get(&(role_kind, role_namespace, role_name)) {
                Some(Some(grant)) => bindings.push(Binding { name, role, namespace, subjects, grant: grant.clone() }),
                Some(None) => {}
                None => problems.push(problem),
            }
        }
        (bindings, problems)
    }
}

/// Returns whether an identity may use a policy in a namespace.
pub fn may_use(bindings: &[Binding], identity: &Identity, namespace: &str, policy: &str) -> bool {
    identity.groups.iter().any(|group| group == MASTERS)
        || bindings.iter().any(|binding| {
            binding.namespace.as_deref().is_none_or(|own| own == namespace)
                && binding.grant.includes(policy)
                && binding.subjects.iter().any(|subject| identity.is(subject))
        })
}

fn namespace_of(object: &Object<'_>) -> String {
    let namespace = object.namespace();
    if namespace.is_empty() { "default".to_owned() } else { namespace.to_owned() }
}

#[cfg(test)]
mod tests {
    use pss_manifest::Limits;
    use pss_review::Source;

    use super::*;
    use crate::object::each_object;

    const RBAC: &str = "
apiVersion: v1
kind: List
items:
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: use-restricted}
  rules:
  - {verbs: [use], apiGroups: [policy], resources: [podsecuritypolicies], resourceNames: [restricted]}
  - {verbs: [get], apiGroups: [policy], resources: [podsecuritypolicies], resourceNames: [privileged]}
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRole
  metadata: {name: cluster-admin}
  rules: [{verbs: ['*'], apiGroups: ['*'], resources: ['*']}]
- apiVersion: rbac.authorization.k8s.io/v1beta1
  kind: Role
  metadata: {name: use-old, namespace: team}
  rules: [{verbs: [use, get], apiGroups: [extensions], resources: [podsecuritypolicies], resourceNames: [old, restricted]}]
- apiVersion: rbac.authorization.k8s.io/v1
  kind: Role
  metadata: {name: other, namespace: team}
  rules: [{verbs: [use], apiGroups: [apps], resources: [podsecuritypolicies]}]
- apiVersion: rbac.authorization.k8s.io/v1
  kind: ClusterRoleBinding
  metadata: {name: all}
  roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: use-restricted}
  subjects: [{kind: Group, name: 'system:serviceaccounts:web'}, {kind: ServiceAccount, name: lost}]
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: admins, namespace: web}
  roleRef: {kind: ClusterRole, name: cluster-admin}
  subjects: [{kind: User, name: jane}, {kind: ServiceAccount, name: deployer}]
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: old, namespace: team}
  roleRef: {kind: Role, name: use-old}
  subjects: [{kind: ServiceAccount, name: builder, namespace: ci}]
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: other, namespace: team}
  roleRef: {kind: Role, name: other}
  subjects: [{kind: ServiceAccount, name: builder, namespace: ci}]
- apiVersion: rbac.authorization.k8s.io/v1
  kind: RoleBinding
  metadata: {name: dangling, namespace: team}
  roleRef: {kind: Role, name: missing}
";

    #[test]
    fn grants_policies_as_the_authorizer_does() {
        let (mut access, mut problems) = (Access::default(), Vec::new());
        each_object(Source { name: "rbac.yaml", text: RBAC }, Limits::default(), &mut problems, &mut |object, problems| {
            assert!(access.add(&object, problems), "{}", object.kind);
        });
        let (bindings, missing) = access.resolve();
        assert_eq!(problems, []);
        let messages: Vec<String> = missing.iter().map(ToString::to_string).collect();
        assert_eq!(
            messages,
            ["rbac.yaml:46:12: RoleBinding team/dangling refers to Role missing, which is not in the input: it is taken to grant nothing"]
        );
        let jane = Identity { user: "jane".to_owned(), groups: Vec::new() };
        let master = Identity { user: "root".to_owned(), groups: vec![MASTERS.to_owned()] };
        let account = Identity::service_account;
        let table = [
            (account("web", "default"), "web", "restricted", true),
            (account("web", "default"), "elsewhere", "restricted", true),
            (account("web", "default"), "web", "privileged", false),
            (account("web", "deployer"), "web", "privileged", true),
            (account("web", "deployer"), "team", "privileged", false),
            (jane.clone(), "web", "anything", true),
            (jane, "team", "anything", false),
            (account("ci", "builder"), "team", "old", true),
            (account("ci", "builder"), "team", "restricted", true),
            (account("ci", "builder"), "ci", "old", false),
            (account("ci", "builder"), "team", "privileged", false),
            (account("default", "lost"), "web", "restricted", false),
            (master, "web", "privileged", true),
        ];
        for (identity, namespace, policy, expected) in table {
            assert_eq!(may_use(&bindings, &identity, namespace, policy), expected, "{} {namespace} {policy}", identity.user);
        }
    }
}
