//! The manifests of a plan, in an order in which pods are never less restricted than before: first the policies that take the place
//! of the PodSecurityPolicies, then the labels of namespaces, and at the end the removal of the PodSecurityPolicies.

use std::fmt::Write as _;

use pss_core::settings::Settings;
use pss_review::{yaml_comment, yaml_scalar};

use super::comparison::list;
use super::plan::Plan;

impl Plan {
    /// Returns the policy of this project with the settings of the plan, in YAML.
    pub fn policy_manifest(&self) -> String {
        self.with_settings(pss_review::policy)
    }

    /// Returns the settings of the plan, in YAML.
    pub fn settings_yaml(&self) -> String {
        self.with_settings(pss_review::settings_yaml)
    }

    fn with_settings(&self, render: fn(&Settings<'_>) -> String) -> String {
        let settings = self.settings.to_string();
        // The settings are valid: their exemptions are validated when they are made.
        Settings::parse(settings.as_bytes()).map(|settings| render(&settings)).unwrap_or_default()
    }

    /// Returns the labels of the namespaces, in YAML.
    pub fn namespace_manifests(&self) -> String {
        let mut text = String::new();
        for namespace in &self.namespaces {
            let name = yaml_scalar(&namespace.name);
            let _ = write!(text, "---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: {name}\n  labels:\n");
            for (key, value) in &namespace.labels {
                let _ = writeln!(text, "    {key}: {}", yaml_scalar(value));
            }
        }
        text
    }

    /// Returns a PodSecurityPolicy that admits all pods and changes none, and its role and binding, in YAML. With it, only the other
    /// policies decide, until PodSecurityPolicies are disabled: without any, the admission plugin rejects every pod.
    pub fn privileged_policy(&self) -> &'static str {
        PRIVILEGED
    }

    /// Returns all manifests in YAML, for `kubectl apply`. What it cannot do is in comments.
    pub fn manifests(&self) -> String {
        let mut text: String = self.limitations.iter().map(|limitation| yaml_comment(&format!("Note: {limitation}."))).collect();
        let _ = writeln!(text, "# First {}:{} for all namespaces, with exemptions for the pods of today.\n---", self.level, self.version);
        text += &self.policy_manifest();
        let single = self.policies.iter().map(|policy| (format!("PodSecurityPolicy {}", policy.name), &policy.official_policies));
        let shared = self.shared_namespaces.iter().map(|shared| {
            (format!("all PodSecurityPolicies in {}: {}", list(&shared.namespaces), list(&shared.policies)), &shared.official_policies)
        });
        let official =
            single.chain(shared).flat_map(|(policies, official)| official.iter().map(move |official| (policies.clone(), official)));
        for (index, (policies, official)) in official.enumerate() {
            text += "---\n";
            if index == 0 {
                let _ = writeln!(text, "# Then what the PodSecurityPolicies restrict, and {} does not.", self.level);
            }
            text += &yaml_comment(&format!("{} of {policies}", official.fields.join(", ")));
            for warning in &official.warnings {
                text += &yaml_comment(&format!("Warning: {warning}"));
            }
            text += &official.manifest;
        }
        if !self.namespaces.is_empty() {
            text += "---\n# Then the level of each namespace.\n";
            text += self.namespace_manifests().strip_prefix("---\n").unwrap_or_default();
        }
        if !self.policies.is_empty() {
            text += "---\n# When all of this is active, apply the PodSecurityPolicy of --format privileged-psp. Without any, the \
                     admission plugin of\n# Kubernetes up to 1.24 rejects every pod. Then remove the others:\n";
            let names: Vec<String> = self.policies.iter().map(|policy| shell_word(&policy.name)).collect();
            text += &yaml_comment(&format!("  kubectl delete podsecuritypolicies {}", names.join(" ")));
        }
        text
    }
}

/// The name sorts before others, for a pod with a seccompProfile counts as changed by every policy, and then the first is chosen.
const PRIVILEGED: &str = r#"apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata:
  name: 00-privileged
  annotations:
    seccomp.security.alpha.kubernetes.io/allowedProfileNames: "*"
spec:
  privileged: true
  allowPrivilegeEscalation: true
  allowedCapabilities: ["*"]
  allowedProcMountTypes: [Default, Unmasked]
  allowedUnsafeSysctls: ["*"]
  volumes: ["*"]
  hostNetwork: true
  hostPID: true
  hostIPC: true
  hostPorts: [{min: 0, max: 65535}]
  runAsUser: {rule: RunAsAny}
  seLinux: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  fsGroup: {rule: RunAsAny}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata:
  name: psp-00-privileged
rules:
  - apiGroups: [policy]
    resources: [podsecuritypolicies]
    resourceNames: [00-privileged]
    verbs: [use]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata:
  name: psp-00-privileged
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: ClusterRole
  name: psp-00-privileged
subjects:
  - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:serviceaccounts"}
  - {apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:authenticated"}
"#;

/// Returns a word for a shell, quoted if it has other characters than names in Kubernetes.
pub(super) fn shell_word(word: &str) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'/' | b'=');
    if !word.is_empty() && word.bytes().all(is_plain) {
        return word.to_owned();
    }
    let word: String = word.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    format!("'{}'", word.replace('\'', r"'\''"))
}
