//! The objects of texts: the documents, and the items of Lists.

use pss_core::json::{ErrorSink, FromJson};
use pss_manifest::{Kind, Limits, Node, Span, documents_iter};
use pss_review::deserialization::deserialize;
use pss_review::{Source, objects_of};

use crate::problem::{Problem, Severity};

/// An object of a text.
#[derive(Debug, Clone, Copy)]
pub struct Object<'d> {
    /// The name of the text.
    pub source: &'d str,
    /// The object.
    pub node: Node<'d>,
    /// `apiVersion`; an item without it has that of its typed list.
    pub api_version: &'d str,
    /// `kind`; an item without it has that of its typed list.
    pub kind: &'d str,
}

impl<'d> Object<'d> {
    /// Returns `metadata.name`; empty if it is missing.
    pub fn name(&self) -> &'d str {
        self.text("metadata.name")
    }

    /// Returns `metadata.namespace`; empty if it is missing.
    pub fn namespace(&self) -> &'d str {
        self.text("metadata.namespace")
    }

    /// Returns the API group; empty for the core group.
    pub fn group(&self) -> &'d str {
        self.api_version.split_once('/').map_or("", |(group, _)| group)
    }

    /// Returns the text of a field; empty if it is missing, or no string.
    pub fn text(&self, path: &str) -> &'d str {
        let place = self.node.at(path);
        if place.exists { place.node.text().unwrap_or_default() } else { "" }
    }

    /// Returns a problem with the field at a path, or with its nearest parent that exists.
    pub fn problem(&self, severity: Severity, path: &str, message: impl Into<String>) -> Problem {
        let place = self.node.at(path);
        let span = if place.exists { place.span() } else { place.node.first_line() };
        Problem { severity, source: self.source.to_owned(), span, message: message.into(), help: None }
    }

    /// Deserializes the object into a value. Returns its type errors and unknown keys of strict views, each as an error.
    pub fn deserialize(&self, into: &mut impl FromJson<'d>) -> Vec<Problem> {
        let errors = ErrorSink::default();
        deserialize(self.node, "", &errors, into);
        let errors = errors.into_errors();
        errors.iter().map(|error| self.problem(Severity::Error, &error.path, error.to_string())).collect()
    }
}

/// Calls `each` with every object of a text, before the next document is parsed. Documents that cannot be parsed, and values that
/// are no objects, become problems.
pub fn each_object(source: Source<'_>, limits: Limits, problems: &mut Vec<Problem>, each: &mut dyn FnMut(Object<'_>, &mut Vec<Problem>)) {
    let problem = |severity, span: Span, message: &str| Problem {
        severity,
        source: source.name.to_owned(),
        span,
        message: message.to_owned(),
        help: None,
    };
    for document in documents_iter(source.text, limits) {
        problems.extend(document.warnings.iter().map(|warning| problem(Severity::Warning, warning.span, &warning.message)));
        let tree = match &document.content {
            Ok(tree) => tree,
            Err(error) => {
                problems.push(problem(Severity::Error, error.span, &error.message));
                continue;
            }
        };
        for (node, api_version, kind) in objects_of(tree.root()) {
            match node.kind() {
                // An empty document.
                Kind::Null if node.is(tree.root()) => {}
                Kind::Mapping if !kind.is_empty() && !api_version.is_empty() => {
                    each(Object { source: source.name, node, api_version, kind }, problems);
                }
                Kind::Mapping => problems.push(problem(Severity::Error, node.first_line(), "the object has no apiVersion or no kind")),
                _ => problems.push(problem(Severity::Error, node.first_line(), "expected an object with apiVersion and kind")),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passes_documents_and_items_of_lists() {
        let text = "kind: PodList\napiVersion: v1\nitems: [{metadata: {name: a, namespace: ns}}]\n---\n---\nkind: List\napiVersion: v1\n\
                    items:\n- {apiVersion: policy/v1beta1, kind: PodSecurityPolicy, metadata: {name: b}}\n---\n[]\n---\n{a: 1}\n---\na: [\n";
        let (mut problems, mut objects) = (Vec::new(), Vec::new());
        each_object(Source { name: "f.yaml", text }, Limits::default(), &mut problems, &mut |object, _| {
            objects.push([object.api_version, object.group(), object.kind, object.namespace(), object.name()].join(" "));
        });
        assert_eq!(objects, ["v1  Pod ns a", "policy/v1beta1 policy PodSecurityPolicy  b"]);
        let problems: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            problems,
            [
                "f.yaml:11:1: expected an object with apiVersion and kind",
                "f.yaml:13:2: the object has no apiVersion or no kind",
                "f.yaml:15:4: did not find expected node content",
            ]
        );
    }
}
