//! How a finding is mended by machine: what a level requires is set, and what it forbids removed,
//! where that is safe and local.
//!
//! There is no fix where only the author can decide: a pod that is meant to run as root or wants to see
//! its node. And there is none that an API server or a kubelet would refuse.

mod rounds;

pub(super) use rounds::fix_all;

use super::report::{Fix, TextEdit};
use crate::manifest::Node;
use crate::manifest::edit::{self, Edit, New};
use crate::pod::{Container, Pod};
use crate::standards::{Finding, Place, Value, Violation};

/// Above these a pod's own security context is put.
const CONTAINERS: [&str; 2] = ["initContainers", "containers"];

/// How to mend a finding in the text of its object, which holds the pod at a path, such as
/// `spec.template`; the empty path for a Pod.
pub(super) fn fix_of(violation: &Violation<'_>, finding: &Finding<'_>, pod: Pod<'_>, object: Node<'_>, pod_path: &str) -> Option<Fix> {
    let mending = Mending { finding, pod, object, pod_path };
    match violation.check.id {
        "allowPrivilegeEscalation" => mending.privilege_escalation(),
        "capabilities_baseline" | "capabilities_restricted" if finding.is_missing() => mending.dropped_capabilities(),
        "capabilities_baseline" | "capabilities_restricted" => mending.added_capability(),
        "hostPorts" => mending.host_port(),
        "runAsNonRoot" => mending.non_root(),
        "seccompProfile_baseline" | "seccompProfile_restricted" => mending.seccomp_profile(),
        _ => None,
    }
}

/// A finding that is to be mended, and all that has to be known for it.
struct Mending<'a, 'p, 'd> {
    finding: &'a Finding<'p>,
    pod: Pod<'p>,
    object: Node<'d>,
    pod_path: &'a str,
}

impl<'p> Mending<'_, 'p, '_> {
    /// The path in the object of a field of the pod.
    fn path(&self, in_pod: &str) -> String {
        if self.pod_path.is_empty() { in_pod.to_owned() } else { [self.pod_path, ".", in_pod].concat() }
    }

    /// The path of the offending field, and of the container or of the spec that it belongs to.
    fn paths(&self) -> (String, String) {
        let field = self.path(&self.finding.path().to_string());
        let place = Finding { field: "", ..*self.finding };
        (field, self.path(&place.path().to_string()))
    }

    fn container(&self) -> Option<&'p Container<'p>> {
        let Place::Container { kind, index, .. } = self.finding.place else { return None };
        let mut containers = self.pod.containers();
        containers.find(|(of_kind, at, _)| (*of_kind, *at) == (kind, index)).map(|(_, _, container)| container)
    }

    /// The API server refuses `false` for a container that is privileged or adds CAP_SYS_ADMIN, and the
    /// field itself in a pod for Windows.
    fn privilege_escalation(&self) -> Option<Fix> {
        let context = &self.container()?.security_context;
        if self.pod.is_windows() || context.privileged || context.capabilities.add.iter().any(|added| added == "CAP_SYS_ADMIN") {
            return None;
        }
        let edits = edit::set(self.object, &self.paths().0, New::Bool(false), &[]);
        fix("Set allowPrivilegeEscalation: false".to_owned(), edits)
    }

    fn dropped_capabilities(&self) -> Option<Fix> {
        if self.pod.is_windows() {
            return None;
        }
        fix("Drop all capabilities".to_owned(), edit::append(self.object, &self.paths().0, "ALL"))
    }

    fn added_capability(&self) -> Option<Fix> {
        let Value::Text(capability) = self.finding.value else { return None };
        let (field, container) = self.paths();
        fix(format!("Remove capability {capability}"), edit::remove(self.object, &field, &container))
    }

    /// With `hostNetwork` the API server would set the port again.
    fn host_port(&self) -> Option<Fix> {
        let Value::Number(number) = self.finding.value else { return None };
        let field = self.paths().0;
        let port = field.strip_suffix(".hostPort")?;
        if self.pod.spec.host_network || self.object.at(port).node.entries().count() < 2 {
            return None;
        }
        fix(format!("Remove hostPort {number}"), edit::remove(self.object, &field, port))
    }

    /// Sets the field for the whole pod, unless something in it runs as root or is meant to: the kubelet
    /// would refuse to start that.
    fn non_root(&self) -> Option<Fix> {
        let of_pod = &self.pod.spec.security_context;
        let applies_to_root = || {
            let contexts = self.pod.containers().map(|(_, _, container)| &container.security_context);
            contexts.into_iter().any(|context| context.run_as_non_root.is_none() && context.run_as_user == Some(0))
        };
        if !self.finding.is_missing() || of_pod.run_as_non_root.is_some() || of_pod.run_as_user == Some(0) || applies_to_root() {
            return None;
        }
        let path = self.path("spec.securityContext.runAsNonRoot");
        fix("Set runAsNonRoot: true for the pod".to_owned(), edit::set(self.object, &path, New::Bool(true), &CONTAINERS))
    }

    /// Sets the profile for the whole pod where it is missing, else at its place. A pod for Windows may
    /// have none, and a file on the node that is named is there for a reason.
    fn seccomp_profile(&self) -> Option<Fix> {
        if self.pod.is_windows() || matches!(self.finding.place, Place::Annotation { .. }) {
            return None;
        }
        let is_for_pod = self.finding.is_missing() || self.finding.place == Place::Pod;
        let path = if is_for_pod { self.path("spec.securityContext.seccompProfile.type") } else { self.paths().0 };
        let profile = self.object.at(path.strip_suffix(".type")?);
        if profile.exists && profile.node.get("localhostProfile").is_some() {
            return None;
        }
        let whose = if is_for_pod { " for the pod" } else { "" };
        let edits = edit::set(self.object, &path, New::Text("RuntimeDefault"), &CONTAINERS);
        fix(format!("Set seccompProfile: RuntimeDefault{whose}"), edits)
    }
}

fn fix(title: String, edits: Option<Vec<Edit>>) -> Option<Fix> {
    let edits = edits?.into_iter().map(|edit| TextEdit { range: edit.span.into(), text: edit.text }).collect();
    Some(Fix { title, edits })
}

#[cfg(test)]
mod tests;
