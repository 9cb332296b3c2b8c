//! The objects of a document: the document itself, or the items of a List.

use pss_manifest::{Kind, Node};

/// The maximum depth of nested Lists.
const MAX_LISTS: usize = 16;

/// Returns the objects of a document, each with its `apiVersion` and `kind`, which are empty if they are missing: the document
/// itself, or the items of a List, which may contain Lists. Items without both inherit them from a typed list.
pub fn objects_of(root: Node<'_>) -> Vec<(Node<'_>, &str, &str)> {
    let mut objects = Vec::new();
    flatten(root, ("", ""), 0, &mut objects);
    objects
}

fn flatten<'d>(node: Node<'d>, inherited: (&'d str, &'d str), depth: usize, objects: &mut Vec<(Node<'d>, &'d str, &'d str)>) {
    let own = |field| node.get(field).and_then(|entry| entry.value.text()).unwrap_or_default();
    let (mut api_version, mut kind) = (own("apiVersion"), own("kind"));
    if api_version.is_empty() && kind.is_empty() {
        (api_version, kind) = inherited;
    }
    // A List with `items: null` is empty.
    let items = node.get("items").map(|entry| entry.value).filter(|items| matches!(items.kind(), Kind::Sequence | Kind::Null));
    match (kind.strip_suffix("List"), items) {
        (Some(item_kind), Some(items)) if depth < MAX_LISTS && !api_version.is_empty() => {
            let inherited = if item_kind.is_empty() { ("", "") } else { (api_version, item_kind) };
            items.elements().for_each(|item| flatten(item, inherited, depth + 1, objects));
        }
        _ => objects.push((node, api_version, kind)),
    }
}
