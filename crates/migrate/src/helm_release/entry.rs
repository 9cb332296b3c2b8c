//! Objects and Lists of them: which are PodSecurityPolicies.

use pss_manifest::Node;

/// The kind of the policies.
pub(super) const POLICY: &str = "PodSecurityPolicy";

/// The maximum depth of nested Lists, as that of `objects_of`.
const MAX_LISTS: usize = 16;

/// An object, which may be a List.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry<'d> {
    pub(super) node: Node<'d>,
    api_version: &'d str,
    kind: &'d str,
    /// The number of Lists around it.
    depth: usize,
}

/// Returns whether a type is that of PodSecurityPolicies or a list of them, in one of the groups that had it.
pub(super) fn is_policy(api_version: &str, kind: &str) -> bool {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    matches!(group, "policy" | "extensions") && matches!(kind, POLICY | "PodSecurityPolicyList")
}

impl<'d> Entry<'d> {
    /// Returns the object of a document.
    pub(super) fn of(node: Node<'d>) -> Self {
        Entry::within(node, ("", ""), 0)
    }

    /// Returns an object, which has the type of its typed list if it has none.
    fn within(node: Node<'d>, inherited: (&'d str, &'d str), depth: usize) -> Self {
        let own = |field| node.get(field).and_then(|entry| entry.value.text()).unwrap_or_default();
        let (api_version, kind) = match (own("apiVersion"), own("kind")) {
            ("", "") => inherited,
            own => own,
        };
        Entry { node, api_version, kind, depth }
    }

    /// Returns the items of a List; none for other objects.
    fn items(self) -> Vec<Entry<'d>> {
        let item_kind = self.kind.strip_suffix("List").filter(|_| !self.api_version.is_empty() && self.depth < MAX_LISTS);
        let Some((item_kind, items)) = item_kind.zip(self.node.get("items")) else { return Vec::new() };
        let inherited = if item_kind.is_empty() { ("", "") } else { (self.api_version, item_kind) };
        items.value.elements().map(|item| Entry::within(item, inherited, self.depth + 1)).collect()
    }

    /// Returns the numbers of PodSecurityPolicies and of other objects.
    pub(super) fn counts(self) -> (usize, usize) {
        let mut counts = (0, 0);
        for item in self.items() {
            let (policies, others) = item.counts();
            counts = (counts.0 + policies, counts.1 + others);
        }
        match counts {
            (0, 0) if is_policy(self.api_version, self.kind) => (1, 0),
            (0, 0) => (0, 1),
            counts => counts,
        }
    }

    /// Returns the first item in a List with other items that is a policy, or a List that contains nothing else, each with its path:
    /// `(list, (item, entry))`.
    pub(super) fn policy_item(self, path: &str) -> Option<(String, (String, Entry<'d>))> {
        let list = if path.is_empty() { "items".to_owned() } else { format!("{path}.items") };
        let (policies, others) = self.counts();
        if policies == 0 || others == 0 {
            return None;
        }
        self.items().into_iter().enumerate().find_map(|(index, item)| {
            let path = format!("{list}[{index}]");
            match item.counts() {
                (0, _) => None,
                (_, 0) => Some((list.clone(), (path, item))),
                _ => item.policy_item(&path),
            }
        })
    }

    /// Appends the names of the policies in it.
    pub(super) fn add_policy_names(self, names: &mut Vec<String>) {
        let items = self.items();
        if items.is_empty() {
            let name = self.node.at("metadata.name");
            let name = name.node.text().filter(|_| name.exists).unwrap_or("(unnamed)");
            names.push(name.to_owned());
        }
        items.into_iter().for_each(|item| item.add_policy_names(names));
    }
}
