//! Edits of values that aliases and merge keys use in several places: at the anchor, where an edit changes every place, or in a copy
//! that replaces the alias, or overrides the merge key, in one place.

use super::{Change, Edit, NewValue, Operation, Step, Trail, copy, steps};
use crate::tree::{Id, Kind, Member, Merge, Node, step};

/// The maximum number of aliases and merge keys of a document with which their effects are computed. Manifests have few, and the
/// time of a review would otherwise grow faster than the text.
const MAX_ALIASES: usize = 500;
/// The maximum number of aliases of one value.
const MAX_USERS: usize = 64;

/// An alias or a merge key on a path.
pub(super) struct Crossing<'d, 'p> {
    /// The alias of a value, or of the merged mapping.
    alias: Node<'d>,
    /// Whether it is a merge key, which is in the last of the steps.
    is_merge: bool,
    /// The number of steps of the path before it.
    depth: usize,
    /// The steps and the rest of the path at it.
    steps: Vec<Step<'d>>,
    in_flow: bool,
    rest: &'p str,
}

/// What an edit at an anchor does to another field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// The field does not change.
    Unchanged,
    /// The field changes in the same way.
    Same,
    /// The effect on the field cannot be determined.
    Unclear,
}

/// A field whose value, or whose parent, aliases or merge keys use in several places.
pub struct Sharing<'d, 'p> {
    object: Node<'d>,
    trail: Trail<'d, 'p>,
    /// The aliases of the value, of collections that contain it, and of collections that contain these aliases.
    users: Vec<Id>,
    /// The aliases whose effect is known.
    examined: Vec<Id>,
    /// Whether the effect at the anchor itself is known.
    is_anchor_examined: bool,
}

/// A mapping that is merged into another, directly or by way of others.
struct Source<'d> {
    mapping: Node<'d>,
    alias: Id,
    /// The offset of the merge key in the other mapping.
    at: usize,
    /// The index of the source that it is merged into, if not into the other mapping itself.
    parent: Option<usize>,
}

impl<'d> Node<'d> {
    /// Returns the value that an alias refers to, or the node itself.
    pub(super) fn resolved(self) -> Self {
        let aliases = &self.tree.source_info.aliases;
        let index = aliases.binary_search_by_key(&self.id, |(alias, _)| *alias);
        Node { id: index.ok().and_then(|index| aliases.get(index)).map_or(self.id, |(_, target)| *target), ..self }
    }

    /// Returns the merges into a mapping.
    fn merges(self) -> impl Iterator<Item = &'d Merge> {
        self.tree.source_info.merges.iter().filter(move |merge| merge.mapping == self.id)
    }

    /// Returns the mappings that are merged into a mapping.
    fn sources(self) -> Vec<Source<'d>> {
        let mut sources: Vec<Source<'d>> = Vec::new();
        let mut next = None;
        let mut mapping = self;
        loop {
            for merge in mapping.merges() {
                let source = Node { id: merge.source, ..self };
                let at = next.and_then(|index: usize| sources.get(index)).map_or(merge.at, |parent| parent.at);
                if !sources.iter().any(|other| other.mapping.id == source.resolved().id) {
                    sources.push(Source { mapping: source.resolved(), alias: source.id, at, parent: next });
                }
            }
            next = Some(next.map_or(0, |index| index + 1));
            match next.and_then(|index| sources.get(index)) {
                Some(source) => mapping = source.mapping,
                None => return sources,
            }
        }
    }

    /// Returns the merged mapping, or the alias of it, that a member of a mapping comes from; `None` for an own member.
    pub(super) fn merge_of(self, member: Member<'d>) -> Option<Node<'d>> {
        let sources = self.merges().map(|merge| Node { id: merge.source, ..self });
        let is_same = |source: &Node<'d>| source.member(member.key).is_some_and(|other| other.key_at == member.key_at);
        sources.filter(is_same).last()
    }
}

impl<'d> Trail<'d, '_> {
    /// Continues at the value that an alias refers to: that of the last step, or that of a merge key in it. Returns `None` if `crosses`
    /// is false.
    pub(super) fn cross(&mut self, crosses: bool, depth: usize, merged: Option<Node<'d>>) -> Option<()> {
        let alias = merged.unwrap_or_else(|| self.last().node);
        if !crosses || !alias.is_alias() {
            return None;
        }
        let node = alias.resolved();
        let key = node.tree.pairs.iter().find(|(_, value)| *value == node.id);
        let key = key.map(|(key, _)| node.tree.key(*key)).map(|(id, key)| Member { key, key_at: node.tree.at(id), value: node });
        let steps = std::mem::replace(&mut self.steps, vec![Step { node, key }]);
        let in_flow = std::mem::replace(&mut self.in_flow, self.source.is_flow(node));
        let crossing = Crossing { alias, is_merge: merged.is_some(), depth, steps, in_flow, rest: self.rest };
        self.crossing.get_or_insert_with(|| Box::new(crossing));
        self.origin = depth;
        Some(())
    }
}

impl<'d, 'p> Sharing<'d, 'p> {
    /// Returns the sharing of the field at a path of an object. Returns `None` if the field is not shared, or the document has more
    /// aliases than are examined.
    pub fn of(object: Node<'d>, path: &'p str) -> Option<Self> {
        let info = &object.tree.source_info;
        if info.aliases.is_empty() || info.aliases.len() + info.merges.len() > MAX_ALIASES {
            return None;
        }
        let trail = Trail::follow(object, path, true)?;
        let mut sharing = Sharing { object, trail, users: Vec::new(), examined: Vec::new(), is_anchor_examined: false };
        sharing.find_users()?;
        sharing.reach(path);
        (!sharing.users.is_empty()).then_some(sharing)
    }

    /// Finds the users of the last value that exists; `None` if there are too many.
    fn find_users(&mut self) -> Option<()> {
        let tree = self.object.tree;
        let mut at = self.trail.last().node.byte_span();
        for next in 0..=MAX_USERS {
            for (alias, target) in &tree.source_info.aliases {
                if tree.at(*target).encloses(at) && !self.users.contains(alias) {
                    self.users.push(*alias);
                }
            }
            let Some(user) = self.users.get(next) else { return Some(()) };
            at = tree.at(*user);
        }
        None
    }

    /// Returns the name of the anchor.
    pub fn anchor(&self) -> &'d str {
        let user = self.users.first().map(|id| Node { id: *id, ..self.object });
        let alias = self.trail.crossing.as_ref().map(|crossing| crossing.alias).or(user).unwrap_or(self.object);
        let at = alias.byte_span();
        self.trail.source.slice(at.start + 1, at.end)
    }

    /// Returns what the edits of [`Sharing::at_anchor`] do to the field at another path of the object, which has the same path below its
    /// subject.
    pub fn reach(&mut self, path: &str) -> Reach {
        let target = (self.trail.last().node.id, self.trail.rest);
        let mut node = self.object;
        let mut crossed = Vec::new();
        let mut is_same = None;
        for (name, is_index, rest) in steps(path) {
            if node.is_alias() {
                crossed.push(node.id);
                node = node.resolved();
            }
            if is_index {
                match name.parse().ok().and_then(|index| node.element(index)) {
                    Some(element) => node = element,
                    None => return Reach::Unchanged,
                }
                continue;
            }
            let member = node.member(name);
            let sources = node.sources();
            let mut is_merged = false;
            for (index, source) in sources.iter().enumerate() {
                if self.trail.places.contains(&(source.mapping.id, rest)) {
                    let mut next = Some(index);
                    while let Some(source) = next.and_then(|index| sources.get(index)) {
                        self.examined.push(source.alias);
                        next = source.parent;
                    }
                }
                if (source.mapping.id, rest) == target {
                    // A merge replaces the entries above it.
                    let is_overridden = |member: Member<'_>| node.merge_of(member).is_none() && member.key_at.start > source.at;
                    match member {
                        None => is_merged = true,
                        Some(member) if is_overridden(member) => {}
                        Some(_) => return Reach::Unclear,
                    }
                }
            }
            let Some(mut member) = member else {
                is_same = Some(is_merged || (node.id, rest) == target);
                break;
            };
            while let Some(source) = node.merge_of(member) {
                crossed.push(source.id);
                node = source.resolved();
                let Some(merged) = node.member(name) else { return Reach::Unclear };
                member = merged;
            }
            node = member.value;
        }
        if is_same.unwrap_or_else(|| (node.resolved().id, "") == target) {
            crossed.extend(node.is_alias().then_some(node.id));
            self.is_anchor_examined |= crossed.is_empty() && (is_same.is_none() || node.id == target.0);
            self.examined.append(&mut crossed);
            return Reach::Same;
        }
        Reach::Unchanged
    }

    /// Returns whether the effects of an edit at the anchor are those on the fields that were passed to [`Sharing::reach`].
    pub fn is_examined(&self) -> bool {
        self.is_anchor_examined && self.users.iter().all(|user| self.examined.contains(user))
    }

    /// Returns the edits at the anchor; `None` if the text cannot be edited safely.
    pub fn at_anchor(&self, operation: Operation<'_>) -> Option<Vec<Edit>> {
        self.trail.edits(operation.changes(&self.trail))
    }

    /// Returns the edits that replace an alias by a copy with the change, or set a key beside a merge key, which overrides it. Returns
    /// `None` if the text cannot be edited safely, other fields would change too, or more than the value at the path `subject` would be
    /// copied.
    pub fn in_copy(&self, operation: Operation<'_>, subject: &str) -> Option<Vec<Edit>> {
        let Crossing { alias, is_merge, depth, steps: ref own, in_flow, rest } = **self.trail.crossing.as_ref()?;
        let source = self.trail.source;
        let at = alias.byte_span();
        if depth < steps(subject).count() || source.is_anchored(at) {
            return None;
        }
        let target = alias.resolved();
        let (name, is_index, after) = step(rest);
        if is_merge {
            let value = copy::with_change(target.member(name)?.value, after, operation)?;
            let trail = Trail { source, steps: own.clone(), origin: 0, rest: name, in_flow, crossing: None, places: Vec::new() };
            return trail.edits(trail.insert(NewValue::Flow(&value), &[]));
        }
        let is_removed = after.is_empty() && matches!(operation, Operation::Remove(_));
        let text = if matches!(target.kind(), Kind::Mapping) && !rest.is_empty() && !is_index && !is_removed {
            let value = match target.member(name) {
                Some(member) => copy::with_change(member.value, after, operation)?,
                None => copy::new_value(after, operation)?,
            };
            format!("{{<<: {}, {name}: {value}}}", source.slice(at.start, at.end))
        } else {
            // An element that becomes empty would have to be removed.
            copy::with_change(target, rest, operation).filter(|text| text != "{}")?
        };
        self.trail.edits(Some(vec![Change::replace(at.start, at.end, text)]))
    }
}
