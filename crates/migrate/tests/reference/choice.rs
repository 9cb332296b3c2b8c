//! The choice among several policies.

use super::pod::{POLICY_ANNOTATION, annotation};
use super::policy::Policy;
use super::{admit, json};
use serde_json::Value;

/// The operation of the request for a pod; requests for its subresources are not judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Create,
    Update,
}

/// The name of the policy that admits the pod, and the pod as it is stored then; none if the pod is rejected.
///
/// The first policy by name that admits the pod without a change is chosen. If there is none, a pod that is created gets the changes of
/// the first policy that admits it with changes. On an update the policy that admitted the pod before, which an annotation names, comes
/// first. (Updates of `metadata.ownerReferences` and `metadata.finalizers` alone are not judged; the old pod is not passed here.)
pub fn choose(psps: &[Value], pod: &Value, may_use: &dyn Fn(&str) -> bool, operation: Operation) -> Option<(String, Value)> {
    let creates = operation == Operation::Create;
    let previous = annotation(pod, POLICY_ANNOTATION).unwrap_or_default();
    let name = |psp: &Value| json::text(psp, &["metadata", "name"]).to_owned();

    let mut usable: Vec<_> = psps.iter().filter(|psp| Policy::new(psp).is_ok()).collect();
    usable.sort_by_key(|psp| (creates || name(psp) != previous, name(psp)));

    let mut first_with_changes = None;
    let mut unchanged = None;
    for psp in usable {
        let Ok((mutated, changed)) = admit(psp, pod) else { continue };
        if !may_use(&name(psp)) {
            continue;
        }
        if !changed {
            unchanged = Some((name(psp), mutated));
            break;
        }
        first_with_changes = first_with_changes.or(Some((name(psp), mutated)));
    }
    match (operation, unchanged, first_with_changes) {
        (Operation::Update, unchanged, _) => unchanged,
        (Operation::Create, unchanged, with_changes) => {
            let (name, mut pod) = unchanged.or(with_changes)?;
            json::set(&mut pod, &["metadata", "annotations", POLICY_ANNOTATION], name.clone());
            Some((name, pod))
        }
    }
}
