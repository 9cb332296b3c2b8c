//! A document as it was written: its nodes, with aliases pointing at what they stand for.

use std::collections::BTreeMap;

use super::parse::{Event, Parser};
use super::position::Stretch;
use super::scan::{Fault, MAX_DEPTH};

/// The place of a node in its graph.
pub(super) type Id = usize;

/// From so many values on, aliases may stand for a smaller part of them …
const ALIAS_RANGE_LOW: f64 = 400_000.0;
/// … down to a tenth from here on.
const ALIAS_RANGE_HIGH: f64 = 4_000_000.0;

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
    Alias(Id),
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) written: Written,
    pub(super) at: Stretch,
    /// How many values there are in it, aliases written out.
    count: u64,
    /// How many levels of collections there are in it.
    height: usize,
    open: bool,
}

/// The nodes of a document. The root is the first.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    /// The collections in the order in which they end: each behind all that it is made of.
    pub(super) ended: Vec<Id>,
    /// What follows the root, and is not read by Kubernetes.
    pub(super) unread: Option<Stretch>,
    open: Vec<Id>,
    /// How many values there are so far, aliases written out, and how many of them for an alias.
    values: u64,
    from_aliases: u64,
}

impl Graph {
    /// Reads the stretch of the text that is a document; `None` if it holds none.
    pub(super) fn read(text: &str, document: Stretch) -> Result<Option<Graph>, Fault> {
        let mut parser = Parser::new(text, document);
        let mut graph = Graph::default();
        // The values of anchors, by name; a later one replaces an earlier one.
        let mut anchors: BTreeMap<String, Id> = BTreeMap::new();
        loop {
            let (event, at) = parser.next()?;
            let (written, anchor) = match event {
                Event::Nothing => return Ok(None),
                Event::DocumentEnd { more } => {
                    graph.unread = more.then(|| Stretch::new(at.start, document.end.max(at.end)));
                    return Ok(Some(graph));
                }
                Event::CollectionEnd => {
                    graph.end(at);
                    continue;
                }
                Event::Alias(name) => match anchors.get(&name).map(|target| (*target, graph.nodes.get(*target))) {
                    None => return Err(Fault::new(format!("unknown anchor '{name}' referenced"), at)),
                    Some((_, Some(Node { open: true, .. }))) => {
                        return Err(Fault::new(format!("anchor '{name}' value contains itself"), at));
                    }
                    Some((target, _)) => (Written::Alias(target), None),
                },
                Event::Scalar { text, tag, implicit, anchor } => (Written::Scalar { text, tag, implicit }, anchor),
                Event::SequenceStart { anchor } => (Written::Sequence(Vec::new()), anchor),
                Event::MappingStart { anchor } => (Written::Mapping(Vec::new()), anchor),
            };
            let id = graph.add(written, at)?;
            if let Some(anchor) = anchor {
                anchors.insert(anchor, id);
            }
        }
    }

    /// Adds a node to the innermost collection that is open, and opens it, if it is one.
    pub(super) fn add(&mut self, written: Written, at: Stretch) -> Result<Id, Fault> {
        let id = self.nodes.len();
        let (aliased, height, open) = match &written {
            Written::Scalar { .. } => (0, 0, false),
            Written::Alias(target) => self.nodes.get(*target).map_or((0, 0, false), |target| (target.count, target.height, false)),
            Written::Sequence(_) | Written::Mapping(_) => (0, 1, true),
        };
        if self.open.len() + height > MAX_DEPTH {
            return Err(Fault::too_deep(at.start));
        }
        self.spend(aliased, at)?;
        self.nodes.push(Node { written, at, count: aliased.saturating_add(1), height, open });
        if let Some(Node { written: Written::Sequence(members) | Written::Mapping(members), .. }) =
            self.open.last().and_then(|parent| self.nodes.get_mut(*parent))
        {
            members.push(id);
        }
        if open {
            self.open.push(id);
        } else {
            self.add_to_parent(id);
        }
        Ok(id)
    }

    /// Counts a value as go-yaml does, which gives up where too much comes from aliases.
    fn spend(&mut self, aliased: u64, at: Stretch) -> Result<(), Fault> {
        self.values = self.values.saturating_add(aliased).saturating_add(1);
        self.from_aliases = self.from_aliases.saturating_add(aliased);
        #[expect(clippy::cast_precision_loss, reason = "so does go-yaml, and only the size matters")]
        let (values, from_aliases) = (self.values as f64, self.from_aliases as f64);
        let within = (values - ALIAS_RANGE_LOW) / (ALIAS_RANGE_HIGH - ALIAS_RANGE_LOW);
        let allowed = 0.99 - 0.89 * within.clamp(0.0, 1.0);
        if self.from_aliases > 100 && self.values > 1_000 && from_aliases / values > allowed {
            return Err(Fault::new("document contains excessive aliasing", at));
        }
        Ok(())
    }

    /// Ends the innermost collection: behind its bracket, or behind its last member where it has
    /// none.
    pub(super) fn end(&mut self, at: Stretch) {
        let Some(id) = self.open.pop() else { return };
        let last = match self.nodes.get(id).map(|node| &node.written) {
            Some(Written::Sequence(members) | Written::Mapping(members)) => members.last().copied(),
            _ => None,
        };
        let last_end = last.and_then(|last| self.nodes.get(last)).map_or(0, |last| last.at.end);
        if let Some(node) = self.nodes.get_mut(id) {
            let end = if at.start < at.end { at.end } else { last_end };
            node.at.end = end.max(node.at.start);
            node.open = false;
        }
        self.ended.push(id);
        self.add_to_parent(id);
    }

    /// Lets the collection around a node know what came to it.
    fn add_to_parent(&mut self, id: Id) {
        let Some((count, height)) = self.nodes.get(id).map(|node| (node.count, node.height)) else { return };
        if let Some(parent) = self.open.last().and_then(|parent| self.nodes.get_mut(*parent)) {
            parent.count = parent.count.saturating_add(count);
            parent.height = parent.height.max(height + 1);
        }
    }

    /// What is written at the place, behind aliases.
    pub(super) fn behind_aliases(&self, mut id: Id) -> Id {
        while let Some(Node { written: Written::Alias(target), .. }) = self.nodes.get(id) {
            id = *target;
        }
        id
    }
}
