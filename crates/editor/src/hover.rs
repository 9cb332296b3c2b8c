//! The field at a place of a text that can be parsed, and the checks that read it.

use std::fmt::Write as _;

use pss_core::standards::LevelVersion;
use pss_manifest::{Kind, Node, Span};

use crate::checked_fields::{CheckedField, ELEMENT, checked_fields, template_path};

/// A field of an object.
#[derive(Debug, PartialEq, Eq)]
pub struct FieldPlace<'d> {
    /// The path in the object, with indices: `spec.template.spec.containers[0].image`.
    pub path: String,
    /// The same as steps, with `*` for indices.
    pub steps: Vec<&'d str>,
    /// The span of the key, or of the value if the place is in it.
    pub span: Span,
}

/// Returns the field at an offset in bytes of the text. `item` is the offset of the object if it is an item of a List in the document.
/// `None` if there is no field, or one outside of the object.
pub fn field_at(document: Node<'_>, item: Option<usize>, offset: usize) -> Option<FieldPlace<'_>> {
    let mut steps = Vec::new();
    let mut object_depth = if item.is_none() { Some(0) } else { None };
    let mut node = document;
    let mut span = None;
    while let Some((step, key, value)) = child(node, offset) {
        steps.push(step);
        span = Some(key.unwrap_or(value.span()));
        // A key is a place of its own, not one in its value.
        let is_key = key.is_some_and(|key| contains(key, offset));
        if object_depth.is_none() && Some(value.span().start.offset) == item {
            object_depth = Some(steps.len());
        }
        node = value;
        if is_key {
            break;
        }
        if matches!(node.kind(), Kind::Mapping | Kind::Sequence) {
            span = None;
        } else {
            span = Some(value.span());
        }
    }
    let steps = steps.get(object_depth?..).filter(|steps| !steps.is_empty())?;
    Some(FieldPlace { path: path(steps), steps: steps.iter().map(Step::pattern).collect(), span: span? })
}

impl FieldPlace<'_> {
    /// Returns the fields of checks at the place, in an object of a kind; `None` outside of pods.
    pub fn checked_fields(&self, api_version: &str, kind: &str) -> Option<Vec<&'static CheckedField>> {
        let template = template_path(api_version, kind)?;
        let in_pod = self.steps.strip_prefix(template.as_slice()).filter(|steps| !steps.is_empty())?;
        Some(checked_fields().iter().filter(|field| field.is_at(in_pod)).collect())
    }
}

/// Returns the fields that are checked at one of some levels and versions, and whether there are any. If there are none, returns those
/// that exist at the version of the strictest level.
pub fn relevant_fields(fields: &[&'static CheckedField], policies: &[LevelVersion]) -> (Vec<&'static CheckedField>, bool) {
    let is_checked = |field: &CheckedField| policies.iter().any(|policy| field.is_checked_at(*policy));
    let checked: Vec<_> = fields.iter().copied().filter(|field| is_checked(field)).collect();
    if !checked.is_empty() {
        return (checked, true);
    }
    let strictest = policies.iter().max_by_key(|policy| policy.level);
    let exists = |field: &&CheckedField| strictest.is_some_and(|policy| field.exists_at(policy.version));
    (fields.iter().copied().filter(exists).collect(), false)
}

/// A step to a field: a key or an index.
#[derive(Clone, Copy)]
enum Step<'d> {
    Key(&'d str),
    Index(usize),
}

impl<'d> Step<'d> {
    fn pattern(&self) -> &'d str {
        match self {
            Step::Key(key) => key,
            Step::Index(_) => ELEMENT,
        }
    }
}

/// Returns the child of a collection at an offset, with the span of its key.
fn child(node: Node<'_>, offset: usize) -> Option<(Step<'_>, Option<Span>, Node<'_>)> {
    match node.kind() {
        Kind::Mapping => {
            let entry = node.entries().find(|entry| contains(entry.key_span(), offset) || contains(entry.value.span(), offset))?;
            Some((Step::Key(entry.key), Some(entry.key_span()), entry.value))
        }
        Kind::Sequence => {
            let (index, element) = node.elements().enumerate().find(|(_, element)| contains(element.span(), offset))?;
            Some((Step::Index(index), None, element))
        }
        _ => None,
    }
}

fn path(steps: &[Step<'_>]) -> String {
    let mut path = String::new();
    for step in steps {
        let _ = match step {
            Step::Key(key) if key.contains(['.', '/']) => write!(path, "[{key}]"),
            Step::Key(key) if path.is_empty() => write!(path, "{key}"),
            Step::Key(key) => write!(path, ".{key}"),
            Step::Index(index) => write!(path, "[{index}]"),
        };
    }
    path
}

fn contains(span: Span, offset: usize) -> bool {
    (span.start.offset..=span.end.offset).contains(&offset)
}

#[cfg(test)]
mod tests {
    use pss_core::standards::{Level, Version};
    use pss_manifest::documents;

    use super::*;

    const TEXT: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations: {a.b/c: d}\nspec:\n  containers:\n  - name: web\n    \
                        securityContext:\n      privileged: true\n";

    fn at(text: &str, word: &str, item: Option<usize>) -> Option<(String, String)> {
        let documents = documents(text);
        let root = documents[0].content.as_ref().unwrap().root();
        let place = field_at(root, item, text.find(word).unwrap())?;
        Some((place.path, place.span.slice(text).to_owned()))
    }

    #[test]
    fn finds_the_field_at_a_place() {
        for (word, path, span) in [
            ("privileged", "spec.containers[0].securityContext.privileged", "privileged"),
            ("true", "spec.containers[0].securityContext.privileged", "true"),
            ("a.b/c", "metadata.annotations[a.b/c]", "a.b/c"),
            ("containers", "spec.containers", "containers"),
        ] {
            assert_eq!(at(TEXT, word, None), Some((path.to_owned(), span.to_owned())), "{word}");
        }
        assert_eq!(at(TEXT, "\n  containers", None), None);
        let list = format!("kind: List\nitems:\n- {}", TEXT.trim_end().replace('\n', "\n  "));
        let start = list.find("apiVersion").unwrap();
        assert_eq!(at(&list, "containers", Some(start)), Some(("spec.containers".to_owned(), "containers".to_owned())));
        assert_eq!(at(&list, "kind: List", Some(start)), None);
    }

    #[test]
    fn fields_are_those_of_the_strictest_level_or_exist() {
        let documents = documents(TEXT);
        let root = documents[0].content.as_ref().unwrap().root();
        let fields = field_at(root, None, TEXT.find("privileged").unwrap()).unwrap().checked_fields("v1", "Pod").unwrap();
        let policy = |level| LevelVersion { level, version: Version::Latest };
        for (level, is_checked) in [(Level::Restricted, true), (Level::Baseline, true), (Level::Privileged, false)] {
            let (relevant, checked) = relevant_fields(&fields, &[policy(level)]);
            assert_eq!((relevant.is_empty(), checked), (false, is_checked), "{level:?}");
        }
    }
}
