//! Fixes: the remedies of findings, as edits of the text of the manifest.

mod rounds;

pub use rounds::apply;
pub(super) use rounds::{fix_all, stable_path};

use pss_core::standards::{Finding, Remedy, Subject, Value, Violation, remedy};
use pss_manifest::edit::{self, Edit, NewValue};

use crate::findings::Located;
use crate::report::Fix;

/// The fields before which the security context of a pod is inserted.
pub(crate) const CONTAINERS: [&str; 2] = ["initContainers", "containers"];

/// Returns the fix of a finding in the text of its object; `None` if the finding has no remedy or the text cannot be edited
/// safely. `path` is that of the field in the object.
pub(super) fn fix_of(violation: &Violation<'_>, finding: &Finding<'_>, located: &Located<'_>, path: &str) -> Option<Fix> {
    let Located { object, pod, .. } = *located;
    let remedy = remedy(violation.check, finding, pod)?;
    let Some(value) = remedy.action.value().and_then(NewValue::of_json) else {
        let subject = located.path(&Finding { field: "", ..*finding });
        return fix(removal_title(finding), edit::remove(object, path, &subject));
    };
    if let NewValue::List(element) = value {
        return fix("Drop all capabilities".to_owned(), edit::append(object, path, element));
    }
    let is_for_pod = finding.subject == Subject::Pod || finding.is_missing() && remedy.applies_to_pod(pod);
    let edits = if is_for_pod && finding.subject != Subject::Pod {
        edit::set(object, &located.path(&format_args!("spec.{}", remedy.field)), value, &CONTAINERS)
    } else {
        edit::set(object, path, value, &CONTAINERS)
    };
    fix(format!("Set {}{}", setting(remedy, value), if is_for_pod { " for the pod" } else { "" }), edits)
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
pub(crate) mod tests;
