//! A manifest that is JSON. Kubernetes reads it as that, which YAML is not quite: `\/` and pairs of
//! surrogates are fine, and a key may be as long as it likes.

use std::collections::HashMap;

use super::number::Number;
use super::position::{Lines, Stretch};
use super::scan::{Fault, MAX_DEPTH};
use super::tree::{Id, Item, Member, Tree, Value};

/// Reads an object that serde_json has been through, so that only values are left to be found.
pub(super) fn read<'t>(text: &'t str, object: Stretch, lines: &Lines<'t>, notes: &mut Vec<Fault>) -> Result<Tree<'t>, Fault> {
    let mut reader = Reader { text, at: object.start, items: Vec::new(), lines, notes };
    let root = reader.value(0)?;
    Ok(Tree { lines: lines.clone(), items: reader.items, root })
}

struct Reader<'r, 't> {
    text: &'t str,
    at: usize,
    items: Vec<Item>,
    lines: &'r Lines<'t>,
    notes: &'r mut Vec<Fault>,
}

impl<'t> Reader<'_, 't> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip_blanks(&mut self) {
        self.at += self.rest().bytes().take_while(u8::is_ascii_whitespace).count();
    }

    /// Passes over blanks and that character, if it is there.
    fn eat(&mut self, character: char) -> bool {
        self.skip_blanks();
        let found = self.rest().starts_with(character);
        self.at += usize::from(found);
        found
    }

    fn fault<T>(&self, message: impl Into<String>, start: usize) -> Result<T, Fault> {
        Err(Fault::new(message, Stretch::new(start, self.at.max(start))))
    }

    fn value(&mut self, depth: usize) -> Result<Id, Fault> {
        if depth > MAX_DEPTH {
            return Err(Fault::too_deep(self.at));
        }
        self.skip_blanks();
        let start = self.at;
        let value = if self.eat('{') {
            Value::Mapping(self.members(depth)?)
        } else if self.eat('[') {
            let mut elements = Vec::new();
            while !self.eat(']') {
                elements.push(self.value(depth + 1)?);
                self.eat(',');
            }
            Value::Sequence(elements)
        } else if self.rest().starts_with('"') {
            Value::Text(self.string()?)
        } else {
            self.word()?
        };
        self.items.push(Item { value, at: Stretch::new(start, self.at) });
        Ok(self.items.len().saturating_sub(1))
    }

    fn members(&mut self, depth: usize) -> Result<Vec<Member>, Fault> {
        let mut members: Vec<Member> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        while !self.eat('}') {
            let start = self.at;
            let key = self.string()?;
            let key_at = Stretch::new(start, self.at);
            self.eat(':');
            let value = self.value(depth + 1)?;
            self.eat(',');
            let place = *places.entry(key.clone()).or_insert(members.len());
            let member = Member { key, key_at, value };
            match members.get_mut(place) {
                Some(former) => {
                    let line = self.lines.line(former.key_at.start);
                    let message = format!("{:?} stands here a second time, after line {line}; this one counts", member.key);
                    self.notes.push(Fault::new(message, key_at));
                    *former = member;
                }
                None => members.push(member),
            }
        }
        Ok(members)
    }

    /// A string, quotes and all. Half of a surrogate pair alone becomes U+FFFD, as for Go.
    fn string(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let mut escaped = false;
        let inside = self.rest().char_indices().skip(1).find(|(_, character)| {
            let ends = *character == '"' && !escaped;
            escaped = *character == '\\' && !escaped;
            ends
        });
        let Some((length, _)) = inside else { return self.fault("found unexpected end of stream", start) };
        let literal = self.rest().get(..=length).unwrap_or_default();
        self.at += literal.len();
        let mended = crate::json::without_lone_surrogates(literal.as_bytes());
        let read = match &mended {
            Some(mended) => serde_json::from_slice(mended),
            None => serde_json::from_str(literal),
        };
        read.or_else(|error| self.fault(error.to_string(), start))
    }

    /// `true`, `false`, `null` or a number.
    fn word(&mut self) -> Result<Value, Fault> {
        let start = self.at;
        let length = self.rest().find(|character: char| !(character.is_ascii_alphanumeric() || "+-.".contains(character)));
        let word = self.rest().get(..length.unwrap_or(self.rest().len())).unwrap_or_default();
        self.at += word.len();
        match word {
            "null" => return Ok(Value::Null),
            "true" => return Ok(Value::Bool(true)),
            "false" => return Ok(Value::Bool(false)),
            _ => {}
        }
        if let Ok(whole) = word.parse() {
            return Ok(Value::Number(Number::Whole(whole)));
        }
        match (word.parse::<u64>(), word.parse::<f64>()) {
            (Ok(large), _) => Ok(Value::Number(Number::Large(large))),
            (_, Ok(float)) if float.is_finite() => Ok(Value::Number(Number::Float(float))),
            _ => self.fault(format!("{word} is no number that Kubernetes can read"), start),
        }
    }
}
