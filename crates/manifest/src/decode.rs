//! Decoding of a syntax graph into a tree: types, keys, merge keys and duplicate keys, as go-yaml decodes a document and
//! sigs.k8s.io/yaml converts it to JSON.

use std::collections::BTreeMap;

use super::graph::{Graph, Id, Node, Syntax};
use super::number::{self, Number};
use super::position::{ByteSpan, Lines};
use super::resolve::{Scalar, is_merge, resolve};
use super::scan::SyntaxError;
use super::tree::{Item, Member, SourceInfo, Tree, Value};

/// The prefix of keys that JSON does not allow. Strings with this prefix are rejected too.
const INVALID_KEY: &str = "\0 ";

/// Decodes a document, and adds warnings about text that Kubernetes accepts but that is probably an error.
pub(super) fn decode<'t>(graph: &Graph, lines: &Lines<'t>, warnings: &mut Vec<SyntaxError>) -> Result<Tree<'t>, SyntaxError> {
    let items = graph.nodes.iter().map(|node| Ok(Item { value: value(node)?, at: node.at })).collect::<Result<_, SyntaxError>>()?;
    let anchored = graph.nodes.iter().filter_map(|node| match node.syntax {
        Syntax::Alias(target) => graph.nodes.get(target).map(|target| target.at),
        _ => None,
    });
    let source_info = SourceInfo { anchored: anchored.collect(), has_trailing_text: graph.trailing.is_some(), ..SourceInfo::default() };
    let mut decoder = Decoder { graph, lines, warnings, items, source_info };
    for id in &graph.closed {
        if let Some(Node { syntax: Syntax::Mapping(members), .. }) = graph.nodes.get(*id) {
            let members = decoder.mapping(members)?;
            if let Some(item) = decoder.items.get_mut(*id) {
                item.value = Value::Mapping(members);
            }
        }
    }
    let tree = Tree { lines: lines.clone(), items: decoder.items, root: 0, source_info: decoder.source_info };
    debug_assert!(tree.items.is_sorted_by_key(|item| item.at.start), "values are in the order of the text");
    check_json(&tree)?;
    Ok(tree)
}

/// Returns the value of a node. Mappings are decoded later, and empty here.
fn value(node: &Node) -> Result<Value, SyntaxError> {
    Ok(match &node.syntax {
        Syntax::Sequence(elements) => Value::Sequence(elements.clone()),
        Syntax::Mapping(_) => Value::Mapping(Vec::new()),
        Syntax::Alias(target) => Value::Alias(*target),
        // A merge key has no value. Elsewhere `<<` is a string.
        Syntax::Scalar { text, tag, implicit } if is_merge(text, tag.as_deref(), *implicit) => Value::Text(text.clone()),
        Syntax::Scalar { text, tag, implicit } => {
            match resolve(text, tag.as_deref(), *implicit).map_err(|message| SyntaxError::new(message, node.at))? {
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
    warnings: &'g mut Vec<SyntaxError>,
    items: Vec<Item>,
    source_info: SourceInfo,
}

/// The members of a mapping that is being decoded.
#[derive(Default)]
struct Members {
    list: Vec<Member>,
    /// The origin of each.
    origins: Vec<Origin>,
    /// Their indices by key.
    indices: BTreeMap<String, usize>,
}

/// The origin of a member of a mapping.
#[derive(Clone, Copy, PartialEq)]
enum Origin {
    /// A merge key at this position.
    Merge(ByteSpan),
    /// A key of the mapping with this type.
    Key(KeyType),
}

/// The type of a key. go-yaml distinguishes `1` and `"1"`, which are the same key in JSON.
#[derive(Clone, Copy, PartialEq)]
enum KeyType {
    Text,
    Bool,
    Whole,
    Float,
    Other,
}

impl Decoder<'_, '_> {
    fn mapping(&mut self, pairs: &[Id]) -> Result<Vec<Member>, SyntaxError> {
        let mut members = Members::default();
        for pair in pairs.chunks(2) {
            let [key_id, value] = pair else { continue };
            let Some(key) = self.graph.nodes.get(*key_id) else { continue };
            if matches!(&key.syntax, Syntax::Scalar { text, tag, implicit } if is_merge(text, tag.as_deref(), *implicit)) {
                self.merge(*value, key.at, &mut members)?;
            } else {
                let member = Member { key: self.key(*key_id, key.at)?, key_at: key.at, value: *value };
                self.set(&mut members, member, Origin::Key(self.key_type(*key_id)));
            }
        }
        Ok(members.list)
    }

    /// Merges a mapping, or each of a list of mappings from the last to the first, because earlier ones take precedence.
    fn merge(&mut self, value: Id, merge_at: ByteSpan, members: &mut Members) -> Result<(), SyntaxError> {
        let graph = self.graph;
        let sources = match graph.nodes.get(value).map(|node| &node.syntax) {
            Some(Syntax::Sequence(sources)) => sources.as_slice(),
            _ => &[value],
        };
        for source in sources.iter().rev() {
            let Some(Item { value: Value::Mapping(merged), .. }) = self.items.get(graph.resolve_aliases(*source)) else {
                let at = graph.nodes.get(*source).map_or(merge_at, |node| node.at);
                return Err(SyntaxError::new("map merge requires map or sequence of maps as the value", at));
            };
            for member in merged.clone() {
                self.source_info.merged.push(member.key_at.start);
                self.set(members, member, Origin::Merge(merge_at));
            }
        }
        Ok(())
    }

    /// Sets a member, which replaces one with the same key. A merged member replaces an own one too.
    fn set(&mut self, members: &mut Members, member: Member, origin: Origin) {
        let Members { list, origins, indices } = members;
        let Some(index) = indices.get(&member.key).copied() else {
            indices.insert(member.key.clone(), list.len());
            list.push(member);
            origins.push(origin);
            return;
        };
        let (Some(previous), Some(previous_origin)) = (list.get_mut(index), origins.get_mut(index)) else { return };
        self.source_info.replacing.push(member.key_at.start);
        if let Origin::Key(previous_type) = *previous_origin {
            let line = self.lines.line(previous.key_at.start);
            let name = format!("{:?}", member.key.strip_prefix(INVALID_KEY).unwrap_or(&member.key));
            self.warnings.push(match origin {
                Origin::Key(key_type) if key_type == previous_type => {
                    SyntaxError::new(format!("{name} stands here a second time, after line {line}; this one counts"), member.key_at)
                }
                Origin::Key(_) => SyntaxError::new(
                    format!(
                        "{name} stands here a second time, after line {line}, as another type: this one is taken, and Kubernetes takes \
                         either, as chance has it"
                    ),
                    member.key_at,
                ),
                Origin::Merge(at) => {
                    SyntaxError::new(format!("this merge replaces {name} of line {line}: Kubernetes applies a merge where it stands"), at)
                }
            });
        }
        *previous_origin = origin;
        *previous = member;
    }

    fn key_type(&self, id: Id) -> KeyType {
        match self.items.get(self.graph.resolve_aliases(id)).map(|item| &item.value) {
            Some(Value::Text(_)) => KeyType::Text,
            Some(Value::Bool(_)) => KeyType::Bool,
            Some(Value::Number(Number::Whole(_))) => KeyType::Whole,
            Some(Value::Number(Number::Float(_))) => KeyType::Float,
            _ => KeyType::Other,
        }
    }

    /// Returns a key in JSON. A key that JSON does not allow is an error only if the document contains it after merging.
    fn key(&self, id: Id, at: ByteSpan) -> Result<String, SyntaxError> {
        Ok(match self.items.get(self.graph.resolve_aliases(id)).map(|item| &item.value) {
            Some(Value::Text(text)) => text.clone(),
            Some(Value::Bool(value)) => value.to_string(),
            Some(Value::Number(Number::Whole(value))) => value.to_string(),
            Some(Value::Number(Number::Large(value))) => format!("{INVALID_KEY}{value}"),
            Some(Value::Number(Number::Float(value))) => number::key_of_float(*value),
            Some(Value::Sequence(_)) => return Err(SyntaxError::new("invalid map key: a list", at)),
            Some(Value::Mapping(_)) => return Err(SyntaxError::new("invalid map key: a mapping; a template is no manifest yet", at)),
            _ => format!("{INVALID_KEY}null"),
        })
    }
}

/// Rejects values and keys that JSON does not allow, if the document contains them.
fn check_json(tree: &Tree<'_>) -> Result<(), SyntaxError> {
    let mut visited = vec![false; tree.items.len()];
    let mut open = vec![tree.root];
    while let Some(id) = open.pop() {
        let Some(visited) = visited.get_mut(id).filter(|visited| !**visited) else { continue };
        *visited = true;
        match tree.items.get(id).map(|item| (&item.value, item.at)) {
            Some((Value::Number(Number::Float(value)), at)) if !value.is_finite() => {
                let name = if value.is_nan() {
                    "NaN"
                } else if *value > 0.0 {
                    "inf"
                } else {
                    "-inf"
                };
                return Err(SyntaxError::new(format!("unsupported value: JSON has no {name}"), at));
            }
            Some((Value::Alias(id), _)) => open.push(*id),
            Some((Value::Sequence(elements), _)) => open.extend(elements.iter().rev()),
            Some((Value::Mapping(members), _)) => {
                if let Some(invalid) = members.iter().find(|member| member.key.starts_with(INVALID_KEY)) {
                    let key = invalid.key.strip_prefix(INVALID_KEY).unwrap_or_default();
                    return Err(SyntaxError::new(format!("unsupported map key: {key}, unless it is quoted"), invalid.key_at));
                }
                open.extend(members.iter().rev().map(|member| member.value));
            }
            _ => {}
        }
    }
    Ok(())
}
