//! The objects of a text and their containers, to go to one of them.

use pss_core::pod::ContainerType;
use pss_manifest::{Limits, Node, Span, documents_iter};
use pss_review::objects_of;

use crate::checked_fields::template_path;

/// An object of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectOutline {
    /// The index of its document.
    pub document: usize,
    /// `apiVersion`; empty if it is missing.
    pub api_version: String,
    /// `kind`; empty if it is missing.
    pub kind: String,
    /// `metadata.name`, or `metadata.generateName` without a name; empty if both are missing.
    pub name: String,
    /// `metadata.namespace`; empty if it is missing.
    pub namespace: String,
    /// The span of its first line.
    pub span: Span,
    /// The containers of its pod.
    pub containers: Vec<ContainerOutline>,
}

/// A container of an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContainerOutline {
    /// Its list.
    pub kind: ContainerType,
    /// Its name; empty if it is missing.
    pub name: String,
    /// The span of its first line.
    pub span: Span,
}

/// Returns the objects of a text in its order. Documents that cannot be parsed, or are empty, have none.
pub fn outline(text: &str, limits: Limits) -> Vec<ObjectOutline> {
    let mut objects = Vec::new();
    for (index, document) in documents_iter(text, limits).enumerate() {
        let Ok(tree) = &document.content else { continue };
        for (node, api_version, kind) in objects_of(tree.root()) {
            if node.entries().next().is_none() {
                continue;
            }
            let field = |path| node.at(path).node.text().unwrap_or_default().to_owned();
            let name = Some(field("metadata.name")).filter(|name| !name.is_empty());
            objects.push(ObjectOutline {
                document: index,
                api_version: api_version.to_owned(),
                kind: kind.to_owned(),
                name: name.unwrap_or_else(|| field("metadata.generateName")),
                namespace: field("metadata.namespace"),
                span: node.first_line(),
                containers: containers(node, api_version, kind),
            });
        }
    }
    objects
}

fn containers(object: Node<'_>, api_version: &str, kind: &str) -> Vec<ContainerOutline> {
    let Some(template) = template_path(api_version, kind) else { return Vec::new() };
    let mut all = Vec::new();
    for kind in [ContainerType::Init, ContainerType::Regular, ContainerType::Ephemeral] {
        let mut steps = template.iter().copied().chain(["spec", kind.field()]);
        let list = steps.try_fold(object, |node, step| node.get(step).map(|entry| entry.value));
        for element in list.into_iter().flat_map(Node::elements) {
            let name = element.get("name").and_then(|entry| entry.value.text()).unwrap_or_default();
            all.push(ContainerOutline { kind, name: name.to_owned(), span: element.first_line() });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_objects_and_their_containers() {
        let text = "# c\n---\napiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b}\nspec:\n  containers:\n  - image: i\n    name: web\n  \
                    initContainers: [{name: init}, 5]\n---\na: [\n---\nkind: List\napiVersion: v1\nitems:\n- apiVersion: apps/v1\n  kind: \
                    Deployment\n  metadata:\n    generateName: c-\n  spec: {template: {spec: {containers: [{}]}}}\n- apiVersion: v1\n  kind: \
                    Service\n---\n- a\n---\nfoo: 1\n";
        let objects = outline(text, Limits::default());
        let lines: Vec<_> = objects
            .iter()
            .map(|object| {
                let containers: Vec<_> =
                    object.containers.iter().map(|one| format!("{}:{}:{}", one.kind.field(), one.name, one.span.start.line)).collect();
                format!(
                    "{} {}/{} {} line {} [{}]",
                    object.document,
                    object.kind,
                    object.name,
                    object.namespace,
                    object.span.start.line,
                    containers.join(" ")
                )
            })
            .collect();
        assert_eq!(
            lines,
            [
                "1 Pod/a b line 3 [initContainers:init:10 initContainers::10 containers:web:8]",
                "3 Deployment/c-  line 17 [containers::21]",
                "3 Service/  line 22 []",
                "5 /  line 27 []",
            ]
        );
    }
}
