//! Values as Go prints them with `%#v`, which go-yaml does in errors about keys: `map[interface {}]interface {}{"a":1}`.

use super::json_text::go_escape_in_string;
use super::number::{Number, key_of_float};
use super::tree::{Id, Tree, Value};

/// A null that is not an element or a member.
pub(super) const NIL: &str = "<nil>";

/// The length in bytes from which nothing is added to the text: aliases can repeat a value many times.
const MAX_LENGTH: usize = 4_096;

/// Returns a value in the syntax of Go. The members of mappings are in the order of their keys.
pub(super) fn go_syntax(tree: &Tree<'_>, id: Id) -> String {
    let mut out = String::new();
    push(&mut out, tree, id);
    out
}

fn push(out: &mut String, tree: &Tree<'_>, id: Id) {
    if out.len() > MAX_LENGTH {
        return;
    }
    match tree.value(id) {
        Value::Null | Value::Alias(_) => out.push_str("interface {}(nil)"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(Number::Whole(value)) => *out += &value.to_string(),
        Value::Number(Number::Large(value)) => *out += &format!("{value:#x}"),
        Value::Number(Number::Float(value)) => *out += &key_of_float(*value),
        Value::Text(text) => {
            out.push('"');
            text.chars().for_each(|character| *out += &go_escape_in_string(character));
            out.push('"');
        }
        Value::Sequence(elements) => {
            out.push_str("[]interface {}{");
            for (index, element) in elements.of(&tree.elements).iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                push(out, tree, *element);
            }
            out.push('}');
        }
        Value::Mapping(members) => {
            out.push_str("map[interface {}]interface {}{");
            let mut members: Vec<_> = members.of(&tree.pairs).iter().map(|(key, value)| (tree.key(*key), *value)).collect();
            members.sort_by_key(|((_, key), _)| *key);
            for (index, ((key, _), value)) in members.into_iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                push(out, tree, key);
                out.push(':');
                push(out, tree, value);
            }
            out.push('}');
        }
    }
}
