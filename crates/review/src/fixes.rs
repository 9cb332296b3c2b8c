//! Fixes: the remedies of findings, as edits of the text of the manifest.

mod rounds;

pub use rounds::apply;
pub(super) use rounds::{correct_all, fix_all, stable_path};

use std::iter;
use std::ptr;

use pss_core::standards::{Finding, OS, Remedy, Subject, Value, Violation, remedy};
use pss_manifest::edit::{NewValue, Operation, Reach, Sharing};

use crate::findings::Located;
use crate::report::Fix;

/// The fields before which the security context of a pod is inserted.
pub(crate) const CONTAINERS: [&str; 2] = ["initContainers", "containers"];
/// The text before the names of the other parts of the pod that a fix at an anchor changes.
const ALSO: &str = ", also changes ";
/// The text before the name of a container in a title.
const CONTAINER: &str = "container ";
/// The maximum number of containers of a pod in which these parts are searched.
const MAX_CONTAINERS: usize = 100;

/// Returns the fix of a finding in the text of its object; `Ok(None)` if the finding has no remedy or the text cannot be edited
/// safely. `path` is that of the field in the object.
///
/// # Errors
/// If an anchor is why there is no fix: a sentence with its name.
pub(super) fn fix_of(violation: &Violation<'_>, finding: &Finding<'_>, located: &Located<'_>, path: &str) -> Result<Option<Fix>, String> {
    if !cfg!(feature = "full") {
        return Ok(None);
    }
    let pod = located.pod;
    let Some(remedy) = remedy(violation, finding, pod) else { return Ok(None) };
    let subject = located.path(&Finding { field: "", ..*finding });
    let mut task = Task { violation, remedy, finding: *finding, located };
    let Some(value) = remedy.action.value().and_then(NewValue::of_json) else {
        return task.fix(removal_title(finding), path, Operation::Remove(&subject));
    };
    if let NewValue::List(element) = value {
        return task.fix("Drop all capabilities".to_owned(), path, Operation::Append(element));
    }
    let is_os = ptr::eq(remedy, &OS);
    let is_for_pod = is_os || finding.subject == Subject::Pod || finding.is_missing() && located.is_pod_wide(remedy);
    let title = format!("Set {}{}", setting(remedy, value), if is_for_pod && !is_os { " for the pod" } else { "" });
    let operation = Operation::Set(value, &CONTAINERS);
    if is_os || is_for_pod && finding.subject != Subject::Pod {
        task.finding.subject = Subject::Pod;
        return task.fix(title, &located.path(&format_args!("spec.{}", remedy.field)), operation);
    }
    task.fix(title, path, operation)
}

/// A finding whose field is to be changed, or the field of the pod that is changed instead.
struct Task<'t, 'p> {
    violation: &'t Violation<'p>,
    remedy: &'static Remedy,
    finding: Finding<'t>,
    located: &'t Located<'t>,
}

impl Task<'_, '_> {
    /// Returns the fix that changes the field at a path.
    fn fix(&self, title: String, path: &str, operation: Operation<'_>) -> Result<Option<Fix>, String> {
        let object = self.located.object;
        if let Some(edits) = operation.edits(object, path) {
            return Ok(Some(Fix { title, edits }));
        }
        let Some(mut sharing) = Sharing::of(object, path) else { return Ok(None) };
        if let Some(others) = self.others(&mut sharing)
            && let Some(edits) = sharing.at_anchor(operation)
        {
            return Ok(Some(Fix { title: title + &others, edits }));
        }
        let subject = self.located.path(&Finding { field: "", ..self.finding });
        if let Some(edits) = sharing.in_copy(operation, &subject) {
            let scope = match self.finding.subject {
                Subject::Pod => " only".to_owned(),
                subject => format!(" in {} only", name(subject)),
            };
            return Ok(Some(Fix { title: title + &scope, edits }));
        }
        let anchor = sharing.anchor();
        Err(format!("There is no fix because of the anchor {anchor}, which shares the value with other fields."))
    }

    /// Returns the end of the title of a fix at an anchor: `, also changes container d`. Returns `None` if the change is not right for
    /// everything that it changes: each must have the same finding.
    fn others(&self, sharing: &mut Sharing<'_, '_>) -> Option<String> {
        let pod = self.located.pod;
        if pod.containers().nth(MAX_CONTAINERS).is_some() {
            return None;
        }
        let containers = pod.containers().map(|(kind, index, container)| Subject::Container { kind, index, name: &container.name });
        let mut names = String::new();
        for subject in iter::once(Subject::Pod).chain(containers) {
            if subject == self.finding.subject {
                continue;
            }
            let other = Finding { subject, ..self.finding };
            match sharing.reach(&self.located.path(&other.path())) {
                Reach::Unchanged => {}
                Reach::Same if self.violation.findings.contains(&other) && self.is_remedy_of(&other) => {
                    let name = name(subject);
                    names += match names.as_str() {
                        "" => ALSO,
                        _ => ", ",
                    };
                    names += name.strip_prefix(CONTAINER).filter(|_| names.contains(CONTAINER)).unwrap_or(&name);
                }
                Reach::Same | Reach::Unclear => return None,
            }
        }
        sharing.is_examined().then_some(names)
    }

    fn is_remedy_of(&self, other: &Finding<'_>) -> bool {
        remedy(self.violation, other, self.located.pod).is_some_and(|remedy| ptr::eq(remedy, self.remedy))
    }
}

/// Returns the name of a part of the pod in a title: `container web`.
fn name(subject: Subject<'_>) -> String {
    match subject {
        Subject::Container { kind, index, name: "" } => format!("{}[{index}]", kind.field()),
        Subject::Container { name, .. } => format!("{CONTAINER}{name}"),
        _ => "the pod".to_owned(),
    }
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
        NewValue::Text(value) | NewValue::List(value) | NewValue::Flow(value) => format!("{field}: {value}"),
    }
}

#[cfg(test)]
pub(crate) mod tests;
