//! Fixes: the remedies of findings, as edits of the text of the manifest.

mod rounds;

pub use rounds::apply;
pub(super) use rounds::fix_all;

use std::fmt::Display;

use pss_core::pod::Pod;
use pss_core::standards::{Finding, Remedy, Subject, Value, Violation, remedy};
use pss_manifest::Node;
use pss_manifest::edit::{self, Edit, NewValue};

use crate::findings::path_in_object;
use crate::report::Fix;

/// The fields before which the security context of a pod is inserted.
const CONTAINERS: [&str; 2] = ["initContainers", "containers"];

/// Returns the fix of a finding in the text of its object; `None` if the finding has no remedy or the text cannot be edited
/// safely. `pod_path` is the path of the pod in the object, such as `spec.template`, and empty for a Pod.
pub(super) fn fix_of(violation: &Violation<'_>, finding: &Finding<'_>, pod: Pod<'_>, object: Node<'_>, pod_path: &str) -> Option<Fix> {
    let remedy = remedy(violation.check, finding, pod)?;
    let in_object = |path: &dyn Display| path_in_object(pod_path, path);
    let field = in_object(finding);
    let Some(value) = remedy.action.value().and_then(NewValue::of_json) else {
        let subject = in_object(&Finding { field: "", ..*finding });
        return fix(removal_title(finding), edit::remove(object, &field, &subject));
    };
    if let NewValue::List(element) = value {
        return fix("Drop all capabilities".to_owned(), edit::append(object, &field, element));
    }
    let (path, scope) = match finding.subject {
        Subject::Pod => (field, " for the pod"),
        _ if finding.is_missing() && remedy.applies_to_pod(pod) => (in_object(&format_args!("spec.{}", remedy.field)), " for the pod"),
        _ => (field, ""),
    };
    fix(format!("Set {}{scope}", setting(remedy, value)), edit::set(object, &path, value, &CONTAINERS))
}

/// Returns `Remove capability NET_RAW`, `Remove hostPort 80`.
fn removal_title(finding: &Finding<'_>) -> String {
    match finding.value {
        Value::Text(capability) => format!("Remove capability {capability}"),
        Value::Number(port) => format!("Remove hostPort {port}"),
        Value::Bool(_) | Value::Missing => format!("Remove {}", finding.field),
    }
}

/// Returns `runAsNonRoot: true`, `seccompProfile: RuntimeDefault`.
fn setting(remedy: &Remedy, value: NewValue<'_>) -> String {
    let field = remedy.field.strip_prefix("securityContext.").unwrap_or(remedy.field);
    let field = field.strip_suffix(".type").unwrap_or(field);
    match value {
        NewValue::Bool(value) => format!("{field}: {value}"),
        NewValue::Text(value) | NewValue::List(value) => format!("{field}: {value}"),
    }
}

fn fix(title: String, edits: Option<Vec<Edit>>) -> Option<Fix> {
    Some(Fix { title, edits: edits? })
}

#[cfg(test)]
mod tests;
