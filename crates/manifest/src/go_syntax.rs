//! Values as Go prints them with `%#v`, which go-yaml does in errors about keys: `map[interface {}]interface {}{"a":1}`.

use super::json_text::go_escape_in_string;
use super::number::Number;
use super::tree::{Id, Tree, Value};

/// A null that is not an element or a member.
pub(super) const NIL: &str = "<nil>";

/// The length in bytes from which nothing is added to the text: aliases can repeat a value many times.
const MAX_LENGTH: usize = 4_096;
/// The depth from which collections are left out: recursion could overflow the stack, which is small in a browser.
const MAX_DEPTH: usize = 100;

/// Returns a value in the syntax of Go. The members of mappings are in the order of their keys.
pub(super) fn go_syntax(tree: &Tree<'_>, id: Id) -> String {
    let mut out = String::new();
    push(&mut out, tree, id, 0);
    out
}

fn push(out: &mut String, tree: &Tree<'_>, id: Id, depth: usize) {
    if out.len() > MAX_LENGTH || depth > MAX_DEPTH {
        return;
    }
    match tree.value(id) {
        Value::Null | Value::Alias(_) => out.push_str("interface {}(nil)"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(Number::Whole(value)) => *out += &value.to_string(),
        Value::Number(Number::Large(value)) => *out += &format!("{value:#x}"),
        Value::Number(Number::Float(value)) => *out += &float(*value),
        Value::Text(text) => {
            out.push('"');
            text.chars().for_each(|character| *out += &go_escape_in_string(character));
            out.push('"');
        }
        Value::Sequence(elements) => {
            out.push_str("[]interface {}{");
            for (index, element) in elements.of(&tree.elements).iter().enumerate() {
                if out.len() > MAX_LENGTH {
                    break;
                }
                out.push_str(if index > 0 { ", " } else { "" });
                push(out, tree, *element, depth + 1);
            }
            out.push('}');
        }
        Value::Mapping(members) => {
            out.push_str("map[interface {}]interface {}{");
            let mut members: Vec<_> = members.of(&tree.pairs).iter().map(|(key, value)| (tree.key(*key), *value)).collect();
            // Texts are before numbers, which have fewer digits if they are smaller.
            let is_text = |id: Id| matches!(tree.value(id), Value::Text(_));
            members.sort_by_key(|((id, key), _)| if is_text(*id) { (0, *key) } else { (key.len(), *key) });
            for (index, ((key, _), value)) in members.into_iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                push(out, tree, key, depth + 1);
                out.push(':');
                push(out, tree, value, depth + 1);
            }
            out.push('}');
        }
    }
}

/// Returns the shortest digits of a float, with an exponent if it is below -4 or above 5.
fn float(value: f64) -> String {
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, ""));
    match exponent.parse::<i32>() {
        Ok(-4..=5) => value.to_string(),
        Ok(exponent) => format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()),
        Err(_) if value.is_nan() => "NaN".to_owned(),
        Err(_) => if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned(),
    }
}
