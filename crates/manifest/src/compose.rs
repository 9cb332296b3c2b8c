//! The composition of a tree from the values of a document, in the order of the text: anchors, aliases, and the limits of both.
//!
//! Errors that Kubernetes finds only after parsing, such as a key that is a list, are recorded, because an error in the syntax after
//! them takes precedence.

use std::collections::BTreeMap;
use std::mem;

use super::decode::Mappings;
use super::number::Number;
use super::parse::{Event, Parser};
use super::position::{ByteSpan, Lines, compact};
use super::resolve::{is_merge, resolve};
use super::scan::{MAX_DEPTH, Scalar, SyntaxError};
use super::tree::{Id, Item, Range, Tree, Value};

/// The number of values up to which 99 % of them may come from aliases. Source: `decode.go` of sigs.k8s.io/yaml/goyaml.v2.
const ALIAS_RANGE_LOW: f64 = 400_000.0;
/// The number of values from which only 10 % of them may come from aliases.
const ALIAS_RANGE_HIGH: f64 = 4_000_000.0;

/// The number of bytes of text for which space for a value or key is reserved. Manifests have one for every 10 to 24 bytes, so that
/// the list grows seldom, and is not much larger than the text if that has few values.
const BYTES_OF_ITEM: usize = 24;

/// A tree that is being composed.
pub(super) struct Composer<'t> {
    tree: Tree<'t>,
    open: Vec<Open>,
    /// The children so far of all open collections; keys and values alternate in mappings.
    children: Vec<Id>,
    mappings: Mappings,
    /// The values with anchors, and their indices by name. A later one replaces an earlier one.
    anchored: Vec<Anchored>,
    anchors: BTreeMap<&'t str, usize>,
    /// The number of values so far, with aliases expanded, and the number of those from aliases.
    values: u64,
    from_aliases: u64,
    /// The first scalar that does not have the type of its tag.
    type_error: Option<SyntaxError>,
}

/// The extent of a value with aliases expanded.
#[derive(Debug, Clone, Copy, Default)]
struct Extent {
    /// The number of values in it.
    count: u64,
    /// The number of levels of collections in it.
    height: usize,
}

/// An open collection.
struct Open {
    id: Id,
    is_mapping: bool,
    /// The index of its first child in the list of children.
    first_child: usize,
    extent: Extent,
    /// Its index in the list of anchored values.
    anchored: Option<usize>,
}

/// A value with an anchor.
struct Anchored {
    id: Id,
    /// `None` while the value is an open collection.
    extent: Option<Extent>,
}

impl<'t> Composer<'t> {
    /// Returns a composer of the tree of a document of this size in bytes.
    pub(super) fn new(lines: Lines<'t>, size: usize) -> Self {
        let mut tree = Tree::new(lines);
        tree.items.reserve(size / BYTES_OF_ITEM);
        tree.pairs.reserve(size / (2 * BYTES_OF_ITEM));
        Composer {
            tree,
            open: Vec::new(),
            children: Vec::new(),
            mappings: Mappings::default(),
            anchored: Vec::new(),
            anchors: BTreeMap::new(),
            values: 0,
            from_aliases: 0,
            type_error: None,
        }
    }

    /// Composes the tree of the YAML document in a span of the text; `None` if there is none. Adds warnings about text that Kubernetes
    /// accepts but that is probably an error.
    pub(super) fn yaml(
        mut self,
        text: &'t str,
        document: ByteSpan,
        warnings: &mut Vec<SyntaxError>,
    ) -> Result<Option<Tree<'t>>, SyntaxError> {
        let mut parser = Parser::new(text, document);
        loop {
            let (event, at) = parser.next()?;
            match event {
                Event::NoDocument => return Ok(None),
                Event::DocumentEnd { more } => {
                    let trailing = more.then(|| ByteSpan::new(at.start, document.end.max(at.end)));
                    self.tree.source_info.has_trailing_text = more;
                    let tree = self.finish(warnings)?;
                    warnings.extend(
                        trailing
                            .map(|trailing| SyntaxError::new("the document ended before this, and Kubernetes reads none of it", trailing)),
                    );
                    return Ok(Some(tree));
                }
                Event::CollectionEnd => self.close(at),
                Event::Alias(name) => self.alias(name, at)?,
                Event::Scalar { scalar, tag, anchor } => self.scalar(scalar, tag.as_deref(), anchor, at)?,
                Event::SequenceStart { anchor } => self.open(false, anchor, at)?,
                Event::MappingStart { anchor } => self.open(true, anchor, at)?,
            }
        }
    }

    /// Adds a scalar.
    pub(super) fn scalar(
        &mut self,
        Scalar { text, is_implicit }: Scalar<'t>,
        tag: Option<&str>,
        anchor: Option<&'t str>,
        at: ByteSpan,
    ) -> Result<(), SyntaxError> {
        let id = self.next_id();
        let value = if is_merge(&text, tag, is_implicit) {
            // A merge key has no value. Elsewhere `<<` is a string.
            self.mappings.add_merge_key(id);
            Value::Text(text)
        } else {
            resolve(text, tag, is_implicit).unwrap_or_else(|message| {
                self.type_error.get_or_insert_with(|| SyntaxError::new(message, at));
                Value::Null
            })
        };
        if matches!(value, Value::Number(Number::Float(float)) if !float.is_finite()) {
            self.mappings.may_be_invalid_json = true;
        }
        self.add(value, 0, 0, at)?;
        let extent = Extent { count: 1, height: 0 };
        self.add_to_parent(extent);
        if let Some(name) = anchor {
            self.add_anchor(name, id, Some(extent));
        }
        Ok(())
    }

    fn alias(&mut self, name: &str, at: ByteSpan) -> Result<(), SyntaxError> {
        let Some(Anchored { id: target, extent }) = self.anchors.get(name).and_then(|index| self.anchored.get(*index)) else {
            return Err(SyntaxError::new(format!("unknown anchor '{name}' referenced"), at));
        };
        let Some(Extent { count, height }) = *extent else {
            return Err(SyntaxError::new(format!("anchor '{name}' value contains itself"), at));
        };
        let target = *target;
        self.tree.source_info.aliases.push((self.next_id(), target));
        self.add(Value::Alias(target), count, height, at)?;
        self.add_to_parent(Extent { count: count.saturating_add(1), height });
        Ok(())
    }

    /// Adds a collection, to which values are added until it is closed.
    pub(super) fn open(&mut self, is_mapping: bool, anchor: Option<&'t str>, at: ByteSpan) -> Result<(), SyntaxError> {
        let id = self.next_id();
        let empty = Range::default();
        self.add(if is_mapping { Value::Mapping(empty) } else { Value::Sequence(empty) }, 0, 1, at)?;
        let anchored = anchor.map(|name| self.add_anchor(name, id, None));
        let extent = Extent { count: 1, height: 1 };
        self.open.push(Open { id, is_mapping, first_child: self.children.len(), extent, anchored });
        Ok(())
    }

    /// Closes the innermost collection. It ends after its bracket, or after its last member if it has none.
    pub(super) fn close(&mut self, at: ByteSpan) {
        let Some(Open { id, is_mapping, first_child, extent, anchored }) = self.open.pop() else { return };
        let end = if at.start < at.end {
            at.end
        } else {
            self.children.get(first_child..).and_then(<[Id]>::last).and_then(|last| self.tree.item(*last)).map_or(0, |last| last.at().end)
        };
        let value = if is_mapping {
            let children = mem::take(&mut self.children);
            let own = children.get(first_child..).unwrap_or_default();
            let range = if self.type_error.is_none() { self.mappings.decode(&mut self.tree, id, own) } else { Range::default() };
            self.children = children;
            Value::Mapping(range)
        } else {
            let start = self.tree.elements.len();
            self.tree.elements.extend(self.children.get(first_child..).unwrap_or_default());
            Value::Sequence(Range::new(start, self.tree.elements.len()))
        };
        self.children.truncate(first_child);
        if let Some(item) = self.tree.items.get_mut(id as usize) {
            item.set_end(end.max(item.at().start));
            item.value = value;
        }
        if let Some(anchored) = anchored.and_then(|index| self.anchored.get_mut(index)) {
            anchored.extent = Some(extent);
        }
        self.add_to_parent(extent);
    }

    /// Returns the tree, or the first error that Kubernetes finds after parsing.
    pub(super) fn finish(self, warnings: &mut Vec<SyntaxError>) -> Result<Tree<'t>, SyntaxError> {
        // Mappings are decoded only up to the first value of the wrong type.
        self.mappings.finish(&self.tree, self.type_error, warnings)?;
        debug_assert!(self.tree.items.is_sorted_by_key(|item| item.at().start), "values are in the order of the text");
        Ok(self.tree)
    }

    fn next_id(&self) -> Id {
        compact(self.tree.items.len())
    }

    fn add_anchor(&mut self, name: &'t str, id: Id, extent: Option<Extent>) -> usize {
        let index = self.anchored.len();
        self.anchored.push(Anchored { id, extent });
        self.anchors.insert(name, index);
        index
    }

    /// Adds a value to the innermost open collection. `aliased` is the number of values that it repeats.
    fn add(&mut self, value: Value<'t>, aliased: u64, height: usize, at: ByteSpan) -> Result<(), SyntaxError> {
        if self.open.len() + height > MAX_DEPTH {
            return Err(SyntaxError::too_deep(at.start));
        }
        self.count_value(aliased, at)?;
        if !self.open.is_empty() {
            self.children.push(self.next_id());
        }
        let items = &mut self.tree.items;
        // This list needs most of the memory. By default it would grow to twice its size.
        if items.len() == items.capacity() {
            items.reserve_exact(items.len() / 2 + 1);
        }
        items.push(Item::new(value, at));
        Ok(())
    }

    /// Counts a value, and returns an error if too many values come from aliases, as go-yaml does.
    fn count_value(&mut self, aliased: u64, at: ByteSpan) -> Result<(), SyntaxError> {
        self.values = self.values.saturating_add(aliased).saturating_add(1);
        self.from_aliases = self.from_aliases.saturating_add(aliased);
        if self.from_aliases <= 100 || self.values <= 1_000 {
            return Ok(());
        }
        #[expect(clippy::cast_precision_loss, reason = "go-yaml does the same, and only the magnitude matters")]
        let (values, from_aliases) = (self.values as f64, self.from_aliases as f64);
        let within = (values - ALIAS_RANGE_LOW) / (ALIAS_RANGE_HIGH - ALIAS_RANGE_LOW);
        let allowed = 0.99 - 0.89 * within.clamp(0.0, 1.0);
        if from_aliases / values > allowed {
            return Err(SyntaxError::new("document contains excessive aliasing", at));
        }
        Ok(())
    }

    /// Adds the extent of a complete value to the innermost open collection.
    fn add_to_parent(&mut self, Extent { count, height }: Extent) {
        if let Some(Open { extent, .. }) = self.open.last_mut() {
            extent.count = extent.count.saturating_add(count);
            extent.height = extent.height.max(height + 1);
        }
    }
}
