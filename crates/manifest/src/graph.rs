//! The syntax graph of a document: its nodes, with references from aliases to anchored nodes.

use std::collections::BTreeMap;

use super::parse::{Event, Parser};
use super::position::ByteSpan;
use super::scan::{MAX_DEPTH, SyntaxError};

/// The index of a node in its graph.
pub(super) type Id = usize;

/// The number of values up to which 99 % of them may come from aliases. Source: `decode.go` of sigs.k8s.io/yaml/goyaml.v2.
const ALIAS_RANGE_LOW: f64 = 400_000.0;
/// The number of values from which only 10 % of them may come from aliases.
const ALIAS_RANGE_HIGH: f64 = 4_000_000.0;

/// The syntax of a node.
#[derive(Debug)]
pub(super) enum Syntax {
    Scalar {
        text: String,
        tag: Option<String>,
        /// Whether the text determines its type, as that of a plain scalar.
        implicit: bool,
    },
    Sequence(Vec<Id>),
    /// Alternating keys and values.
    Mapping(Vec<Id>),
    Alias(Id),
}

#[derive(Debug)]
pub(super) struct Node {
    pub(super) syntax: Syntax,
    pub(super) at: ByteSpan,
    /// The number of values in it, with aliases expanded.
    count: u64,
    /// The number of levels of collections in it.
    height: usize,
    open: bool,
}

/// The nodes of a document. The first is the root.
#[derive(Debug, Default)]
pub(super) struct Graph {
    pub(super) nodes: Vec<Node>,
    /// The collections in the order in which they are closed, so that each follows the collections that it contains.
    pub(super) closed: Vec<Id>,
    /// Text after the root, which Kubernetes ignores.
    pub(super) trailing: Option<ByteSpan>,
    open: Vec<Id>,
    /// The number of values so far, with aliases expanded, and the number of those from aliases.
    values: u64,
    from_aliases: u64,
}

impl Graph {
    /// Parses the document in a span of the text; `None` if there is none.
    pub(super) fn read(text: &str, document: ByteSpan) -> Result<Option<Graph>, SyntaxError> {
        let mut parser = Parser::new(text, document);
        let mut graph = Graph::default();
        // The nodes of anchors by name. A later one replaces an earlier one.
        let mut anchors: BTreeMap<String, Id> = BTreeMap::new();
        loop {
            let (event, at) = parser.next()?;
            let (syntax, anchor) = match event {
                Event::NoDocument => return Ok(None),
                Event::DocumentEnd { more } => {
                    graph.trailing = more.then(|| ByteSpan::new(at.start, document.end.max(at.end)));
                    return Ok(Some(graph));
                }
                Event::CollectionEnd => {
                    graph.close(at);
                    continue;
                }
                Event::Alias(name) => match anchors.get(&name).map(|target| (*target, graph.nodes.get(*target))) {
                    None => return Err(SyntaxError::new(format!("unknown anchor '{name}' referenced"), at)),
                    Some((_, Some(Node { open: true, .. }))) => {
                        return Err(SyntaxError::new(format!("anchor '{name}' value contains itself"), at));
                    }
                    Some((target, _)) => (Syntax::Alias(target), None),
                },
                Event::Scalar { text, tag, implicit, anchor } => (Syntax::Scalar { text, tag, implicit }, anchor),
                Event::SequenceStart { anchor } => (Syntax::Sequence(Vec::new()), anchor),
                Event::MappingStart { anchor } => (Syntax::Mapping(Vec::new()), anchor),
            };
            let id = graph.add(syntax, at)?;
            if let Some(anchor) = anchor {
                anchors.insert(anchor, id);
            }
        }
    }

    /// Adds a node to the innermost open collection, and opens it if it is a collection.
    pub(super) fn add(&mut self, syntax: Syntax, at: ByteSpan) -> Result<Id, SyntaxError> {
        let id = self.nodes.len();
        let (aliased, height, open) = match &syntax {
            Syntax::Scalar { .. } => (0, 0, false),
            Syntax::Alias(target) => self.nodes.get(*target).map_or((0, 0, false), |target| (target.count, target.height, false)),
            Syntax::Sequence(_) | Syntax::Mapping(_) => (0, 1, true),
        };
        if self.open.len() + height > MAX_DEPTH {
            return Err(SyntaxError::too_deep(at.start));
        }
        self.count_value(aliased, at)?;
        self.nodes.push(Node { syntax, at, count: aliased.saturating_add(1), height, open });
        if let Some(Node { syntax: Syntax::Sequence(members) | Syntax::Mapping(members), .. }) =
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

    /// Counts a value, and returns an error if too many values come from aliases, as go-yaml does.
    fn count_value(&mut self, aliased: u64, at: ByteSpan) -> Result<(), SyntaxError> {
        self.values = self.values.saturating_add(aliased).saturating_add(1);
        self.from_aliases = self.from_aliases.saturating_add(aliased);
        #[expect(clippy::cast_precision_loss, reason = "go-yaml does the same, and only the magnitude matters")]
        let (values, from_aliases) = (self.values as f64, self.from_aliases as f64);
        let within = (values - ALIAS_RANGE_LOW) / (ALIAS_RANGE_HIGH - ALIAS_RANGE_LOW);
        let allowed = 0.99 - 0.89 * within.clamp(0.0, 1.0);
        if self.from_aliases > 100 && self.values > 1_000 && from_aliases / values > allowed {
            return Err(SyntaxError::new("document contains excessive aliasing", at));
        }
        Ok(())
    }

    /// Closes the innermost collection. It ends after its bracket, or after its last member if it has none.
    pub(super) fn close(&mut self, at: ByteSpan) {
        let Some(id) = self.open.pop() else { return };
        let last = match self.nodes.get(id).map(|node| &node.syntax) {
            Some(Syntax::Sequence(members) | Syntax::Mapping(members)) => members.last().copied(),
            _ => None,
        };
        let last_end = last.and_then(|last| self.nodes.get(last)).map_or(0, |last| last.at.end);
        if let Some(node) = self.nodes.get_mut(id) {
            let end = if at.start < at.end { at.end } else { last_end };
            node.at.end = end.max(node.at.start);
            node.open = false;
        }
        self.closed.push(id);
        self.add_to_parent(id);
    }

    /// Adds the count and height of a node to its parent.
    fn add_to_parent(&mut self, id: Id) {
        let Some((count, height)) = self.nodes.get(id).map(|node| (node.count, node.height)) else { return };
        if let Some(parent) = self.open.last().and_then(|parent| self.nodes.get_mut(*parent)) {
            parent.count = parent.count.saturating_add(count);
            parent.height = parent.height.max(height + 1);
        }
    }

    /// Returns the node that a node refers to through aliases.
    pub(super) fn resolve_aliases(&self, mut id: Id) -> Id {
        while let Some(Node { syntax: Syntax::Alias(target), .. }) = self.nodes.get(id) {
            id = *target;
        }
        id
    }
}
