//! The places of some fields of Kubernetes' objects, which tell a right indentation from one that is only valid YAML.

use pss_manifest::Node;

const OF_OBJECT: &str = "apiVersion kind metadata spec status data stringData binaryData immutable type items template subjects roleRef rules \
                         webhooks secrets imagePullSecrets automountServiceAccountToken provisioner parameters";
const OF_METADATA: &str = "name generateName namespace labels annotations finalizers ownerReferences";
const OF_TEMPLATE: &str = "metadata spec";
/// The fields of containers that pods do not have.
const OF_CONTAINER_ONLY: &str = "name image imagePullPolicy command args env envFrom ports volumeMounts volumeDevices livenessProbe \
                                 readinessProbe startupProbe lifecycle workingDir stdin stdinOnce tty terminationMessagePath \
                                 terminationMessagePolicy resizePolicy";
/// The fields that both have.
const OF_CONTAINER_AND_POD: &str = "resources securityContext restartPolicy";

/// Returns whether the value or key at an offset in bytes can be there: an element, or a field that its mapping can have.
pub(super) fn is_plausible(root: Node<'_>, offset: usize) -> bool {
    let mut node = root;
    let mut parent = "";
    loop {
        let mut inner = node.elements().find(|element| contains(*element, offset)).map(|element| (parent, element));
        for entry in node.entries() {
            if entry.key_span().start.offset == offset {
                return fits(parent, node, entry.key);
            }
            if contains(entry.value, offset) {
                inner = Some((entry.key, entry.value));
            }
        }
        match inner {
            Some(inner) => (parent, node) = inner,
            None => return node.span().start.offset == offset,
        }
    }
}

fn contains(node: Node<'_>, offset: usize) -> bool {
    let span = node.span();
    (span.start.offset..span.end.offset).contains(&offset)
}

/// Returns whether a mapping that is the value of a key, or an element of it, can have a field.
fn fits(parent: &str, mapping: Node<'_>, field: &str) -> bool {
    let is_one_of = |fields: &str| fields.split(' ').any(|own| own == field);
    match parent {
        "" => is_one_of(OF_OBJECT),
        "metadata" => is_one_of(OF_METADATA),
        "template" | "jobTemplate" => is_one_of(OF_TEMPLATE),
        "containers" | "initContainers" => is_one_of(OF_CONTAINER_ONLY) || is_one_of(OF_CONTAINER_AND_POD),
        "spec" if mapping.get("containers").is_some() => !is_one_of(OF_CONTAINER_ONLY),
        _ => true,
    }
}
