//! A document as it was written: its nodes, with aliases pointing at what they stand for.

use std::collections::HashMap;

use super::parse::{Event, Parser};
use super::position::Stretch;
use super::scan::{Fault, MAX_DEPTH};

/// The place of a node in its graph.
pub(super) type Id = usize;

#[derive(Debug)]
pub(super) enum Written {
    Scalar {
        text: String,
        tag: Option<String>,
        /// Whether its form says nothing about its type, as that of a plain scalar.
        implicit: bool,
    },
    Sequence(Vec<Id>),
    /// Keys and values by turns.
    Mapping(Vec<Id>),
    Alias {
        name: String,
        target: Id,
    },
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) written: Written,
    pub(super) at: Stretch,
}

/// The nodes of a document. The root is the first.
#[derive(Debug)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    /// What follows the root, and is not read by Kubernetes.
    pub(super) unread: Option<Stretch>,
}

impl Graph {
    /// Reads the stretch of the text that is a document; `None` if it holds none.
    pub(super) fn read(text: &str, document: Stretch) -> Result<Option<Graph>, Fault> {
        let mut parser = Parser::new(text, document);
        let mut nodes: Vec<Node> = Vec::new();
        let mut anchors: HashMap<String, Id> = HashMap::new();
        let mut open: Vec<Id> = Vec::new();
        loop {
            let (event, at) = parser.next()?;
            let (written, anchor) = match event {
                Event::Nothing => return Ok(None),
                Event::DocumentEnd { more } => {
                    let unread = more.then(|| Stretch::new(at.start, document.end.max(at.end)));
                    return Ok(Some(Graph { nodes, unread }));
                }
                Event::CollectionEnd => {
                    close(&mut nodes, &mut open, at);
                    continue;
                }
                Event::Alias(name) => match anchors.get(&name).copied() {
                    Some(target) => (Written::Alias { name, target }, None),
                    None => return Err(Fault::new(format!("unknown anchor '{name}' referenced"), at)),
                },
                Event::Scalar { text, tag, implicit, anchor } => (Written::Scalar { text, tag, implicit }, anchor),
                Event::SequenceStart { anchor } => (Written::Sequence(Vec::new()), anchor),
                Event::MappingStart { anchor } => (Written::Mapping(Vec::new()), anchor),
            };
            let id = nodes.len();
            let opens = matches!(written, Written::Sequence(_) | Written::Mapping(_));
            nodes.push(Node { written, at });
            if let Some(Node { written: Written::Sequence(members) | Written::Mapping(members), .. }) =
                open.last().and_then(|parent| nodes.get_mut(*parent))
            {
                members.push(id);
            }
            if let Some(anchor) = anchor {
                anchors.insert(anchor, id);
            }
            if opens {
                open.push(id);
                if open.len() > MAX_DEPTH {
                    return Err(Fault::too_deep(at.start));
                }
            }
        }
    }
}

/// Ends the innermost collection: behind its bracket, or behind its last member where it has none.
fn close(nodes: &mut [Node], open: &mut Vec<Id>, at: Stretch) {
    let Some(id) = open.pop() else { return };
    let last = match nodes.get(id).map(|node| &node.written) {
        Some(Written::Sequence(members) | Written::Mapping(members)) => members.last().copied(),
        _ => None,
    };
    let end = if at.start < at.end { at.end } else { last.and_then(|last| nodes.get(last)).map_or(0, |last| last.at.end) };
    if let Some(node) = nodes.get_mut(id) {
        node.at.end = end.max(node.at.start);
    }
}
