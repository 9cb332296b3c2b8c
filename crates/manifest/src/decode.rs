//! From what was written to what it means: types, keys, merges, duplicates, as go-yaml decodes and
//! sigs.k8s.io/yaml turns the result into JSON.

use std::collections::BTreeMap;

use super::graph::{Graph, Id, Node, Written};
use super::number::{self, Number};
use super::position::{Lines, Stretch};
use super::resolve::{Scalar, is_merge, resolve};
use super::scan::Fault;
use super::tree::{Item, Member, Tree, Value, Writing};

/// How a key begins here that no key of JSON can be. A string that begins so is refused with them.
const UNFIT: &str = "\0 ";

/// Decodes a document. What its author should know although Kubernetes takes it goes to `notes`.
pub(super) fn decode<'t>(graph: &Graph, lines: &Lines<'t>, notes: &mut Vec<Fault>) -> Result<Tree<'t>, Fault> {
    let items = graph.nodes.iter().map(|node| Ok(Item { value: value(node)?, at: node.at })).collect::<Result<_, Fault>>()?;
    let repeated = graph.nodes.iter().filter_map(|node| match node.written {
        Written::Alias(target) => graph.nodes.get(target).map(|target| target.at),
        _ => None,
    });
    let writing = Writing { repeated: repeated.collect(), ends_early: graph.unread.is_some(), ..Writing::default() };
    let mut decoder = Decoder { graph, lines, notes, items, writing };
    for id in &graph.ended {
        if let Some(Node { written: Written::Mapping(members), .. }) = graph.nodes.get(*id) {
            let members = decoder.mapping(members)?;
            if let Some(item) = decoder.items.get_mut(*id) {
                item.value = Value::Mapping(members);
            }
        }
    }
    let tree = Tree { lines: lines.clone(), items: decoder.items, root: 0, writing: decoder.writing };
    debug_assert!(tree.items.is_sorted_by_key(|item| item.at.start), "values follow each other as in the text");
    fits_json(&tree)?;
    Ok(tree)
}

/// The value of a node; that of a mapping is still to come.
fn value(node: &Node) -> Result<Value, Fault> {
    Ok(match &node.written {
        Written::Sequence(elements) => Value::Sequence(elements.clone()),
        Written::Mapping(_) => Value::Mapping(Vec::new()),
        Written::Alias(target) => Value::Same(*target),
        // Where it merges it is no value, and elsewhere it is a string like another.
        Written::Scalar { text, tag, implicit } if is_merge(text, tag.as_deref(), *implicit) => Value::Text(text.clone()),
        Written::Scalar { text, tag, implicit } => {
            match resolve(text, tag.as_deref(), *implicit).map_err(|message| Fault::new(message, node.at))? {
                Scalar::Null => Value::Null,
                Scalar::Bool(value) => Value::Bool(value),
                Scalar::Whole(value) => Value::Number(Number::Whole(value)),
                Scalar::Large(value) => Value::Number(Number::Large(value)),
                Scalar::Float(value) => Value::Number(Number::Float(value)),
                Scalar::Text(value) => Value::Text(value),
            }
        }
    })
}

struct Decoder<'g, 't> {
    graph: &'g Graph,
    lines: &'g Lines<'t>,
    notes: &'g mut Vec<Fault>,
    items: Vec<Item>,
    writing: Writing,
}

/// The members of a mapping that is being decoded.
#[derive(Default)]
struct Members {
    list: Vec<Member>,
    /// Where each came from.
    origins: Vec<Origin>,
    /// Their indices by key.
    indices: BTreeMap<String, usize>,
}

/// Where a member of a mapping came from.
#[derive(Clone, Copy, PartialEq)]
enum Origin {
    /// A merge, written there.
    Merge(Stretch),
    /// A key of the mapping, of that type.
    Key(KeyType),
}

/// go-yaml tells `1` and `"1"` apart, which are the same key for JSON.
#[derive(Clone, Copy, PartialEq)]
enum KeyType {
    Text,
    Bool,
    Whole,
    Float,
    Other,
}

impl Decoder<'_, '_> {
    fn mapping(&mut self, written: &[Id]) -> Result<Vec<Member>, Fault> {
        let mut members = Members::default();
        for pair in written.chunks(2) {
            let [key_id, value] = pair else { continue };
            let Some(key) = self.graph.nodes.get(*key_id) else { continue };
            if matches!(&key.written, Written::Scalar { text, tag, implicit } if is_merge(text, tag.as_deref(), *implicit)) {
                self.merge(*value, key.at, &mut members)?;
            } else {
                let member = Member { key: self.key(*key_id, key.at)?, key_at: key.at, value: *value };
                self.set(&mut members, member, Origin::Key(self.key_type(*key_id)));
            }
        }
        Ok(members.list)
    }

    /// Merges a mapping, or each of a list of them: the last first, for earlier ones take precedence.
    fn merge(&mut self, value: Id, merge_at: Stretch, members: &mut Members) -> Result<(), Fault> {
        let graph = self.graph;
        let sources = match graph.nodes.get(value).map(|node| &node.written) {
            Some(Written::Sequence(sources)) => sources.as_slice(),
            _ => &[value],
        };
        for source in sources.iter().rev() {
            let Some(Item { value: Value::Mapping(merged), .. }) = self.items.get(graph.behind_aliases(*source)) else {
                let at = graph.nodes.get(*source).map_or(merge_at, |node| node.at);
                return Err(Fault::new("map merge requires map or sequence of maps as the value", at));
            };
            for member in merged.clone() {
                self.writing.merged.push(member.key_at.start);
                self.set(members, member, Origin::Merge(merge_at));
            }
        }
        Ok(())
    }

    /// Sets a member, which replaces one of the same key: also a merged one that of its own mapping.
    fn set(&mut self, members: &mut Members, member: Member, origin: Origin) {
        let Members { list, origins, indices } = members;
        let Some(place) = indices.get(&member.key).copied() else {
            indices.insert(member.key.clone(), list.len());
            list.push(member);
            origins.push(origin);
            return;
        };
        let (Some(former), Some(former_origin)) = (list.get_mut(place), origins.get_mut(place)) else { return };
        self.writing.replacing.push(member.key_at.start);
        if let Origin::Key(former_type) = *former_origin {
            let line = self.lines.line(former.key_at.start);
            let name = format!("{:?}", member.key.strip_prefix(UNFIT).unwrap_or(&member.key));
            self.notes.push(match origin {
                Origin::Key(key_type) if key_type == former_type => {
                    Fault::new(format!("{name} stands here a second time, after line {line}; this one counts"), member.key_at)
                }
                Origin::Key(_) => Fault::new(
                    format!(
                        "{name} stands here a second time, after line {line}, as another type: this one is taken, and Kubernetes takes \
                         either, as chance has it"
                    ),
                    member.key_at,
                ),
                Origin::Merge(at) => {
                    Fault::new(format!("this merge replaces {name} of line {line}: Kubernetes applies a merge where it stands"), at)
                }
            });
        }
        *former_origin = origin;
        *former = member;
    }

    fn key_type(&self, id: Id) -> KeyType {
        match self.items.get(self.graph.behind_aliases(id)).map(|item| &item.value) {
            Some(Value::Text(_)) => KeyType::Text,
            Some(Value::Bool(_)) => KeyType::Bool,
            Some(Value::Number(Number::Whole(_))) => KeyType::Whole,
            Some(Value::Number(Number::Float(_))) => KeyType::Float,
            _ => KeyType::Other,
        }
    }

    /// A key as JSON has it. What cannot be one is only an error if it stays in the document.
    fn key(&self, id: Id, at: Stretch) -> Result<String, Fault> {
        Ok(match self.items.get(self.graph.behind_aliases(id)).map(|item| &item.value) {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Bool(value)) => value.to_string(),
            Some(Value::Number(Number::Whole(value))) => value.to_string(),
            Some(Value::Number(Number::Large(value))) => format!("{UNFIT}{value}"),
            Some(Value::Number(Number::Float(value))) => number::key_of_float(*value),
            Some(Value::Sequence(_)) => return Err(Fault::new("invalid map key: a list", at)),
            Some(Value::Mapping(_)) => return Err(Fault::new("invalid map key: a mapping; a template is no manifest yet", at)),
            _ => format!("{UNFIT}null"),
        })
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
                let name = if value.is_nan() {
                    "NaN"
                } else if *value > 0.0 {
                    "inf"
                } else {
                    "-inf"
                };
                return Err(Fault::new(format!("unsupported value: JSON has no {name}"), at));
            }
            Some((Value::Same(id), _)) => open.push(*id),
            Some((Value::Sequence(elements), _)) => open.extend(elements.iter().rev()),
            Some((Value::Mapping(members), _)) => {
                if let Some(unfit) = members.iter().find(|member| member.key.starts_with(UNFIT)) {
                    let key = unfit.key.strip_prefix(UNFIT).unwrap_or_default();
                    return Err(Fault::new(format!("unsupported map key: {key}, unless it is quoted"), unfit.key_at));
                }
                open.extend(members.iter().rev().map(|member| member.value));
            }
            _ => {}
        }
    }
    Ok(())
}
