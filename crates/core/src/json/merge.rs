//! Sets values in JSON text and leaves the rest of the text as it is: unknown fields, order, formats of numbers.

use std::collections::BTreeMap;
use std::ops::Range;

use super::text::{Branch, each_member, value};

/// A tree of values to set in a JSON document.
#[derive(Debug, Default)]
pub struct Tree<'t> {
    /// The value of this node, as JSON. A node with a value has no children.
    value: Option<&'t str>,
    children: BTreeMap<Branch<'t>, Tree<'t>>,
}

impl<'t> Tree<'t> {
    /// The node of an entry of an object. The key must not need escapes.
    pub fn key(&mut self, key: &'t str) -> &mut Tree<'t> {
        self.children.entry(Branch::Key(key)).or_default()
    }

    /// The node at a path of keys, joined by dots.
    pub fn path(&mut self, path: &'t str) -> &mut Tree<'t> {
        path.split('.').filter(|key| !key.is_empty()).fold(self, |tree, key| tree.key(key))
    }

    /// The node of an element of an array.
    pub fn index(&mut self, index: usize) -> &mut Tree<'t> {
        self.children.entry(Branch::Index(index)).or_default()
    }

    /// Sets the value of this node, as JSON.
    pub fn put(&mut self, value: &'t str) {
        self.value = Some(value);
    }

    /// The document with the values set. Missing objects are created. `None` if an array or an element is missing, or if
    /// the document is empty.
    pub fn merged_into(&self, json: &str) -> Option<String> {
        let mut edits = Vec::new();
        self.merge(json, value(json, 0)?, &mut edits)?;
        let mut merged = String::with_capacity(json.len() + edits.iter().map(|(_, text)| text.len()).sum::<usize>());
        let mut copied = 0;
        for (range, text) in edits {
            merged.push_str(json.get(copied..range.start)?);
            merged.push_str(&text);
            copied = range.end;
        }
        merged.push_str(json.get(copied..)?);
        Some(merged)
    }

    /// Appends the edits, each a range and its replacement, in the order of the text.
    fn merge(&self, json: &str, at: Range<usize>, edits: &mut Vec<(Range<usize>, String)>) -> Option<()> {
        let first = json.get(at.clone())?.chars().next()?;
        let matches_type = self.children.keys().all(|branch| matches!(branch, Branch::Index(_)) == (first == '['));
        if self.value.is_some() || !matches!(first, '{' | '[') || !matches_type {
            let mut text = String::new();
            self.write(&mut text)?;
            edits.push((at, text));
            return Some(());
        }
        let mut missing: Vec<(&Branch<'t>, &Tree<'t>)> = self.children.iter().collect();
        let mut missing_elements = missing.iter().filter(|(branch, _)| matches!(branch, Branch::Index(_))).count();
        let mut is_empty = true;
        each_member(json, &at, &mut |branch, value| {
            is_empty = false;
            let Some(tree) = self.children.get(&branch) else { return Some(()) };
            match branch {
                // Trees have few keys per object, so a linear search is fast enough.
                Branch::Key(key) => missing.retain(|(branch, _)| **branch != Branch::Key(key)),
                Branch::Index(_) => missing_elements = missing_elements.saturating_sub(1),
            }
            tree.merge(json, value, edits)
        })?;
        if first == '[' {
            return (missing_elements == 0).then_some(());
        }
        let mut text = String::new();
        for (branch, tree) in missing {
            let Branch::Key(key) = branch else { return None };
            if !is_empty {
                text.push(',');
            }
            is_empty = false;
            tree.write_entry(key, &mut text)?;
        }
        let end = at.end.checked_sub(1)?;
        edits.push((end..end, text));
        Some(())
    }

    /// Appends the tree as JSON, for a value that does not exist yet. `None` if it contains an element of an array.
    fn write(&self, text: &mut String) -> Option<()> {
        if let Some(value) = self.value {
            text.push_str(value);
            return Some(());
        }
        for (index, (branch, tree)) in self.children.iter().enumerate() {
            let Branch::Key(key) = branch else { return None };
            text.push(if index == 0 { '{' } else { ',' });
            tree.write_entry(key, text)?;
        }
        text.push('}');
        Some(())
    }

    fn write_entry(&self, key: &str, text: &mut String) -> Option<()> {
        *text += "\"";
        *text += key;
        *text += "\":";
        self.write(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::text::find;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    #[test]
    fn sets_values_and_leaves_other_text_unchanged() {
        let table = [
            ("{}", "a", "1", Some(r#"{"a":1}"#)),
            (r#"{ "z" : 1.0 }"#, "a", "1", Some(r#"{ "z" : 1.0 ,"a":1}"#)),
            (r#"{"a": null, "b": 1e400}"#, "a", "1", Some(r#"{"a": 1, "b": 1e400}"#)),
            (r#"{"\u0061": []}"#, "a", "1", Some(r#"{"\u0061": 1}"#)),
            (r#"{"b":2}"#, "a.b.c", "[1]", Some(r#"{"b":2,"a":{"b":{"c":[1]}}}"#)),
            (r#"{"a":null}"#, "a.b", "1", Some(r#"{"a":{"b":1}}"#)),
            (r#"{"a":{"b":{}}}"#, "a.b.c", "1", Some(r#"{"a":{"b":{"c":1}}}"#)),
            ("7", "a", "1", Some(r#"{"a":1}"#)),
            ("", "a", "1", None),
        ];
        for (json, path, value, expected) in table {
            let mut tree = Tree::default();
            tree.path(path).put(value);
            assert_eq!(tree.merged_into(json).as_deref(), expected, "{json} {path}");
        }
    }

    #[test]
    fn missing_elements_cannot_be_set() {
        let mut tree = Tree::default();
        tree.key("a").index(1).key("b").put("1");
        assert_eq!(tree.merged_into(r#"{"a":[{}, {"c":0}, {}]}"#).as_deref(), Some(r#"{"a":[{}, {"c":0,"b":1}, {}]}"#));
        for json in [r#"{"a":[{}]}"#, r#"{"a":null}"#, "{}"] {
            assert_eq!(tree.merged_into(json), None, "{json}");
        }
    }

    /// Random JSON with few different keys, so that paths often exist.
    fn document() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<i8>().prop_map(|number| json!(number)),
            "[\"\\\\a{}\\[\\]]{0,4}".prop_map(|text| json!(text))
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::btree_map("[a-c]", inner, 0..4).prop_map(|fields| fields.into_iter().collect::<Value>()),
            ]
        })
    }

    proptest! {
        #[test]
        fn finds_and_sets_values_as_serde_json_does(document in document(), path in "[a-c](\\.[a-c]){0,2}", pretty in any::<bool>()) {
            let text = if pretty { serde_json::to_string_pretty(&document).unwrap() } else { document.to_string() };
            let keys: Vec<&str> = path.split('.').collect();
            let pointer = format!("/{}", keys.join("/"));
            // A JSON pointer can also index arrays, but none of these keys is a number.
            let found = find(&text, &keys).map(|found| serde_json::from_str::<Value>(found).unwrap());
            prop_assert_eq!(found.as_ref(), document.pointer(&pointer));
            let mut tree = Tree::default();
            tree.path(&path).put("true");
            let mut expected = document;
            let mut at = &mut expected;
            for key in keys {
                if !at.is_object() {
                    *at = json!({});
                }
                at = at.as_object_mut().unwrap().entry(key).or_insert(Value::Null);
            }
            *at = json!(true);
            prop_assert_eq!(serde_json::from_str::<Value>(&tree.merged_into(&text).unwrap()).unwrap(), expected);
        }

        #[test]
        fn any_text_is_processed_without_panic(text in "[\\[\\]{}:,\"\\\\a1 -]{0,16}") {
            let _ = find(&text, &["a"]);
            let mut tree = Tree::default();
            tree.key("a").index(0).key("b").put("1");
            let _ = tree.merged_into(&text);
        }
    }
}
