//! Values as JSON in the form of Go, which kubectl prints in the error for an object without a kind.

use std::fmt::Write as _;

use pss_manifest::{Kind, Node, Number};

/// The depth from which collections are left out: recursion could overflow the stack, which is small in a browser.
const MAX_DEPTH: usize = 100;

/// Returns a value as `json.Marshal` of Go writes it: with sorted keys, and without characters that are special in HTML.
pub(super) fn go_json(node: Node<'_>) -> String {
    let mut out = String::new();
    push(&mut out, node, 0);
    out
}

fn push(out: &mut String, node: Node<'_>, depth: usize) {
    if depth > MAX_DEPTH {
        return;
    }
    match node.kind() {
        Kind::Null => out.push_str("null"),
        Kind::Bool(value) => out.push_str(if value { "true" } else { "false" }),
        Kind::Number(Number::Whole(value)) => *out += &value.to_string(),
        Kind::Number(Number::Large(value)) => *out += &value.to_string(),
        Kind::Number(Number::Float(value)) => *out += &float(value),
        Kind::Text(value) => push_text(out, value),
        Kind::Sequence => {
            out.push('[');
            for (index, element) in node.elements().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                push(out, element, depth + 1);
            }
            out.push(']');
        }
        Kind::Mapping => {
            out.push('{');
            let mut pairs: Vec<_> = node.pairs().collect();
            pairs.sort_by_key(|(key, _)| *key);
            for (index, (key, value)) in pairs.into_iter().enumerate() {
                out.push_str(if index > 0 { "," } else { "" });
                push_text(out, key);
                out.push(':');
                push(out, value, depth + 1);
            }
            out.push('}');
        }
    }
}

fn float(value: f64) -> String {
    if value == 0.0 || (1e-6..1e21).contains(&value.abs()) {
        return value.to_string();
    }
    let text = format!("{value:e}");
    if value.abs() < 1.0 { text } else { text.replace('e', "e+") }
}

fn push_text(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        let letter = match character {
            '"' | '\\' => character,
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\x08' => 'b',
            '\x0c' => 'f',
            '<' | '>' | '&' | '\u{2028}' | '\u{2029}' | '\0'..='\x1f' => {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{:04x}", u32::from(character));
                continue;
            }
            _ => {
                out.push(character);
                continue;
            }
        };
        out.extend(['\\', letter]);
    }
    out.push('"');
}
