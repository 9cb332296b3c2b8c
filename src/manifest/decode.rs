//! From what was written to what it means: types, keys, merges, duplicates, as go-yaml decodes and
//! sigs.k8s.io/yaml turns the result into JSON.

use std::collections::HashMap;

use super::graph::{Graph, Id, Written};
use super::number::{self, Number};
use super::position::{Lines, Stretch};
use super::resolve::{Scalar, is_merge, resolve};
use super::scan::{Fault, MAX_DEPTH};
use super::tree::{Item, Member, Tree, Value};

/// From so many decoded values on, aliases may stand for a smaller part of them …
const ALIAS_RANGE_LOW: f64 = 400_000.0;
/// … down to a tenth from here on.
const ALIAS_RANGE_HIGH: f64 = 4_000_000.0;

/// How a key begins here that no key of JSON can be. A string that begins so is refused with them.
const UNFIT: &str = "\0 ";

/// Something that Kubernetes takes without a word, and that its author should know.
pub(super) type Note = Fault;

/// Decodes a document.
pub(super) fn decode<'t>(graph: &Graph, lines: &Lines<'t>, notes: &mut Vec<Note>) -> Result<Tree<'t>, Fault> {
    let mut decoder = Decoder {
        graph,
        lines,
        notes,
        items: Vec::new(),
        done: vec![State::NotYet; graph.nodes.len()],
        decoded: 1,
        through_alias: 0,
        alias_depth: 0,
    };
    let root = decoder.node(0)?;
    let tree = Tree { lines: lines.clone(), items: decoder.items, root: root.id };
    fits_json(&tree)?;
    Ok(tree)
}

/// What has become of a node so far.
#[derive(Clone, Copy)]
enum State {
    NotYet,
    /// It is being decoded, so that an alias to it would hold itself.
    Begun,
    Done(Decoded),
}

#[derive(Clone, Copy)]
struct Decoded {
    id: super::tree::Id,
    /// How many values go-yaml decodes for it, aliases written out.
    count: u64,
    /// How many levels of collections there are in it.
    height: usize,
}

struct Decoder<'g, 't> {
    graph: &'g Graph,
    lines: &'g Lines<'t>,
    notes: &'g mut Vec<Note>,
    items: Vec<Item>,
    done: Vec<State>,
    /// How many values go-yaml would have decoded, and how many of them for an alias.
    decoded: u64,
    through_alias: u64,
    alias_depth: usize,
}

/// The members of a mapping that is being decoded.
#[derive(Default)]
struct Members {
    list: Vec<Member>,
    /// For each key its place, and whether it was merged in.
    places: HashMap<String, (usize, bool)>,
}

impl Decoder<'_, '_> {
    fn written(&self, id: Id) -> Result<(&Written, Stretch), Fault> {
        let node = self.graph.nodes.get(id).ok_or_else(|| Fault::new("the document has no content", Stretch::at(0)))?;
        Ok((&node.written, node.at))
    }

    /// Counts as go-yaml does, which gives up where too much comes from aliases.
    fn spend(&mut self, count: u64, through_alias: bool, at: Stretch) -> Result<(), Fault> {
        self.decoded = self.decoded.saturating_add(count);
        if through_alias || self.alias_depth > 0 {
            self.through_alias = self.through_alias.saturating_add(count);
        }
        #[expect(clippy::cast_precision_loss, reason = "so does go-yaml, and only the size matters")]
        let (decoded, through_alias) = (self.decoded as f64, self.through_alias as f64);
        let within = (decoded - ALIAS_RANGE_LOW) / (ALIAS_RANGE_HIGH - ALIAS_RANGE_LOW);
        let allowed = 0.99 - 0.89 * within.clamp(0.0, 1.0);
        if self.through_alias > 100 && self.decoded > 1_000 && through_alias / decoded > allowed {
            return Err(Fault::new("document contains excessive aliasing", at));
        }
        Ok(())
    }

    fn node(&mut self, id: Id) -> Result<Decoded, Fault> {
        let graph = self.graph;
        let Some(node) = graph.nodes.get(id) else { return Err(Fault::new("the document has no content", Stretch::at(0))) };
        if let Some(state) = self.done.get_mut(id) {
            *state = State::Begun;
        }
        self.spend(1, false, node.at)?;
        let first_count = 1;
        let (value, count, height) = match &node.written {
            Written::Scalar { text, tag, implicit } => {
                let scalar = resolve(text, tag.as_deref(), *implicit).map_err(|message| Fault::new(message, node.at))?;
                (value_of(scalar), first_count, 0)
            }
            Written::Alias { name, target } => {
                let target = self.target(name, *target, node.at)?;
                (Value::Same(target.id), first_count + target.count, target.height)
            }
            Written::Sequence(members) => {
                let (mut count, mut height) = (first_count, 0);
                let mut elements = Vec::with_capacity(members.len());
                for member in members {
                    let element = self.node(*member)?;
                    count += element.count;
                    height = height.max(element.height);
                    elements.push(element.id);
                }
                (Value::Sequence(elements), count, height + 1)
            }
            Written::Mapping(members) => {
                let (members, count, height) = self.mapping(members)?;
                (Value::Mapping(members), first_count + count, height + 1)
            }
        };
        if height > MAX_DEPTH {
            return Err(Fault::too_deep(node.at.start));
        }
        let decoded = Decoded { id: self.items.len(), count, height };
        self.items.push(Item { value, at: node.at });
        if let Some(state) = self.done.get_mut(id) {
            *state = State::Done(decoded);
        }
        Ok(decoded)
    }

    /// What an alias stands for.
    fn target(&mut self, name: &str, target: Id, at: Stretch) -> Result<Decoded, Fault> {
        match self.done.get(target).copied() {
            Some(State::Done(decoded)) => {
                self.spend(decoded.count, true, at)?;
                Ok(decoded)
            }
            // An anchor on what is not a value, such as the key of a merge.
            Some(State::NotYet) => {
                self.alias_depth += 1;
                let decoded = self.node(target);
                self.alias_depth -= 1;
                decoded
            }
            _ => Err(Fault::new(format!("anchor '{name}' value contains itself"), at)),
        }
    }

    fn mapping(&mut self, written: &[Id]) -> Result<(Vec<Member>, u64, usize), Fault> {
        let mut members = Members::default();
        let (mut count, mut height) = (0_u64, 0);
        for pair in written.chunks(2) {
            let [key, value] = pair else { continue };
            let (written_key, key_at) = self.written(*key)?;
            if matches!(written_key, Written::Scalar { text, tag, implicit } if is_merge(text, tag.as_deref(), *implicit)) {
                for merged in self.to_merge(*value)? {
                    let merged = self.node(merged)?;
                    count += merged.count;
                    height = height.max(merged.height.saturating_sub(1));
                    self.merge(merged, key_at, &mut members);
                }
                continue;
            }
            let decoded_key = self.node(*key)?;
            let key = self.key(decoded_key, key_at)?;
            let value = self.node(*value)?;
            count += decoded_key.count + value.count;
            height = height.max(value.height);
            self.set(&mut members, Member { key, key_at, value: value.id }, None);
        }
        Ok((members.list, count, height))
    }

    /// The mappings that a merge takes from, the last first: earlier ones take precedence.
    fn to_merge(&self, value: Id) -> Result<Vec<Id>, Fault> {
        let is_mapping = |id: Id| {
            let (written, at) = self.written(id)?;
            let behind = match written {
                Written::Alias { target, .. } => self.written(*target)?.0,
                written => written,
            };
            match behind {
                Written::Mapping(_) => Ok(id),
                _ => Err(Fault::new("map merge requires map or sequence of maps as the value", at)),
            }
        };
        match self.written(value)?.0 {
            Written::Sequence(members) => members.iter().rev().map(|member| is_mapping(*member)).collect(),
            _ => Ok(vec![is_mapping(value)?]),
        }
    }

    fn merge(&mut self, from: Decoded, merge_at: Stretch, members: &mut Members) {
        let mut item = self.items.get(from.id);
        while let Some(Item { value: Value::Same(id), .. }) = item {
            item = self.items.get(*id);
        }
        if let Some(Item { value: Value::Mapping(merged), .. }) = item {
            for member in merged.clone() {
                self.set(members, member, Some(merge_at));
            }
        }
    }

    /// Sets a member, which replaces one of the same key: also a merged one that of its own mapping.
    fn set(&mut self, members: &mut Members, member: Member, merge_at: Option<Stretch>) {
        let place = members.list.len();
        match members.places.get_mut(&member.key) {
            Some((place, merged)) => {
                if let Some(former) = members.list.get_mut(*place) {
                    if !*merged {
                        let line = self.lines.line(former.key_at.start);
                        let name = member.key.strip_prefix(UNFIT).unwrap_or(&member.key);
                        self.notes.push(match merge_at {
                            None => {
                                Note::new(format!("{name:?} stands here a second time, after line {line}; this one counts"), member.key_at)
                            }
                            Some(at) => Note::new(
                                format!("this merge replaces {name:?} of line {line}: Kubernetes applies a merge where it stands"),
                                at,
                            ),
                        });
                    }
                    *merged = merge_at.is_some();
                    *former = member;
                }
            }
            None => {
                members.places.insert(member.key.clone(), (place, merge_at.is_some()));
                members.list.push(member);
            }
        }
    }

    /// A key as JSON has it. What cannot be one is only an error if it stays in the document.
    fn key(&self, decoded: Decoded, at: Stretch) -> Result<String, Fault> {
        let mut item = self.items.get(decoded.id);
        while let Some(Item { value: Value::Same(id), .. }) = item {
            item = self.items.get(*id);
        }
        Ok(match item.map(|item| &item.value) {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Bool(value)) => value.to_string(),
            Some(Value::Number(Number::Whole(value))) => value.to_string(),
            Some(Value::Number(Number::Large(value))) => format!("{UNFIT}{value}"),
            Some(Value::Number(Number::Float(value))) => number::key_of_float(*value),
            Some(Value::Sequence(_)) => return Err(Fault::new("a list cannot be the key of a mapping", at)),
            Some(Value::Mapping(_)) => return Err(Fault::new("a mapping cannot be the key of a mapping; is this a template?", at)),
            _ => format!("{UNFIT}null"),
        })
    }
}

fn value_of(scalar: Scalar) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Bool(value) => Value::Bool(value),
        Scalar::Whole(value) => Value::Number(Number::Whole(value)),
        Scalar::Large(value) => Value::Number(Number::Large(value)),
        Scalar::Float(value) => Value::Number(Number::Float(value)),
        Scalar::Text(value) => Value::Text(value),
    }
}

/// Refuses what JSON does not have, in so far as it belongs to the document.
fn fits_json(tree: &Tree<'_>) -> Result<(), Fault> {
    let mut seen = vec![false; tree.items.len()];
    let mut open = vec![tree.root];
    while let Some(id) = open.pop() {
        let Some(seen) = seen.get_mut(id).filter(|seen| !**seen) else { continue };
        *seen = true;
        match tree.items.get(id).map(|item| (&item.value, item.at)) {
            Some((Value::Number(Number::Float(value)), at)) if !value.is_finite() => {
                return Err(Fault::new(format!("a number like {value} does not exist in JSON"), at));
            }
            Some((Value::Same(id), _)) => open.push(*id),
            Some((Value::Sequence(elements), _)) => open.extend(elements.iter().rev()),
            Some((Value::Mapping(members), _)) => {
                if let Some(unfit) = members.iter().find(|member| member.key.starts_with(UNFIT)) {
                    let key = unfit.key.strip_prefix(UNFIT).unwrap_or_default();
                    return Err(Fault::new(format!("{key} cannot be a key in Kubernetes; write it in quotes"), unfit.key_at));
                }
                open.extend(members.iter().rev().map(|member| member.value));
            }
            _ => {}
        }
    }
    Ok(())
}
