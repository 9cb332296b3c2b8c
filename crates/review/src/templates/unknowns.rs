//! What the review cannot determine in a masked template: the values that actions render, and the fields that they may add.

use std::ops::Range;

use pss_core::quote::quoted;
use pss_core::standards::{Finding, Subject};
use pss_manifest::{Kind, Node, Span};

use super::{actions, content, is_blank};
use crate::findings::Located;
use crate::report::{DiagnosticKind, DocumentReport, Fix};

/// The lists of the containers of a pod.
const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];
/// The words that begin an action without output.
const CONTROLS: [&str; 9] = ["if", "else", "end", "with", "range", "define", "block", "break", "continue"];

/// A document that is a template.
pub(crate) struct MaskedTemplate<'t> {
    original: &'t str,
    /// The text that is reviewed, with the positions of the original.
    masked: &'t str,
    /// The ranges of the actions, in the order of the text.
    actions: Vec<Range<usize>>,
    /// The offsets of the actions that may add fields that checks read to the mapping around them.
    additions: Vec<usize>,
}

impl<'t> MaskedTemplate<'t> {
    /// Returns the template of a text and its mask.
    pub(crate) fn new(original: &'t str, masked: &'t str) -> Self {
        let actions = actions(original);
        let additions = additions(original, masked, &actions);
        MaskedTemplate { original, masked, actions, additions }
    }

    /// Returns a note on what is not reviewed, and the range of the first action.
    pub(crate) fn note(&self) -> (String, Range<usize>) {
        let mut end = 0;
        let mut lines = 0;
        for action in &self.actions {
            let breaks = |range: Range<usize>| self.original.get(range).unwrap_or_default().matches('\n').count();
            lines += breaks(action.clone()) + usize::from(lines == 0 || breaks(end..action.start) > 0);
            end = action.end;
        }
        let first = self.actions.first().cloned().unwrap_or_default();
        let message = format!(
            "template actions in {lines} {} are masked: the values and fields that they render are unknown, and have no findings",
            if lines == 1 { "line" } else { "lines" }
        );
        (message, first)
    }

    /// Returns whether a span and an action have a part in common.
    fn overlaps(&self, span: Span) -> bool {
        let next = self.actions.partition_point(|action| action.end <= span.start.offset);
        self.actions.get(next).is_some_and(|action| action.start < span.end.offset)
    }

    /// Returns whether a value contains an action.
    pub(crate) fn renders(&self, node: Node<'_>) -> bool {
        self.overlaps(node.span())
    }

    /// Returns the text of a scalar as it is in the template; `None` if it contains no action.
    pub(crate) fn text(&self, node: Node<'_>) -> Option<&'t str> {
        let text = self.renders(node).then(|| node.span().slice(self.original))?;
        Some(text.trim_matches(['"', '\'']))
    }

    /// Returns whether a finding is a fact, whatever the actions render.
    pub(crate) fn determines(&self, located: &Located<'_>, finding: &Finding<'_>) -> bool {
        let object = located.object;
        let place = object.at(&located.path(&finding.path()));
        // That a mapping exists is a fact, whatever it contains.
        if self.renders(place.node) && !matches!(place.node.kind(), Kind::Mapping) {
            return false;
        }
        if !finding.is_missing() {
            return true;
        }
        let spec = object.at(&located.path(&"spec")).node;
        let Subject::Container { .. } = finding.subject else { return !self.may_change_pod(spec) };
        let container = object.at(&located.path(&Finding { field: "", ..*finding }.path())).node;
        // A pod does not have these fields for its containers.
        let is_of_container = ["allowPrivilegeEscalation", "capabilities"].iter().any(|field| finding.field.contains(field));
        !self.has_addition(container.span().start.offset, container, &[]) && (is_of_container || !self.may_change_pod(spec))
    }

    /// Returns whether an action may add fields to a pod, besides those in its containers.
    fn may_change_pod(&self, spec: Node<'_>) -> bool {
        let lists = CONTAINERS.iter().filter_map(|list| spec.get(list));
        let containers: Vec<Span> = lists.flat_map(|list| list.value.elements()).map(Node::span).collect();
        self.has_addition(start_with_comments(self.masked, spec.span().start.offset), spec, &containers)
    }

    /// Returns whether an action may add fields to a mapping: one after an offset, in the mapping or in comments after it, and outside of
    /// some spans.
    fn has_addition(&self, start: usize, node: Node<'_>, except: &[Span]) -> bool {
        let end = end_with_comments(self.masked, node.span().end.offset);
        let first = self.additions.partition_point(|addition| *addition < start);
        let additions = self.additions.get(first..).unwrap_or_default().iter().take_while(|addition| **addition < end);
        additions.into_iter().any(|addition| !except.iter().any(|span| (span.start.offset..span.end.offset).contains(addition)))
    }

    /// Replaces the masks of the names in a report on an object by their source.
    pub(crate) fn restore_names(&self, report: &mut DocumentReport, object: Node<'_>) {
        let DocumentReport { api_version, kind, name, namespace, .. } = report;
        let names = [("apiVersion", api_version), ("kind", kind), ("metadata.name", name), ("metadata.namespace", namespace)];
        let mut masked_name = None;
        for (path, name) in names {
            if let Some(source) = self.text(object.at(path).node).filter(|_| object.at(path).exists) {
                let masked = std::mem::replace(name, source.to_owned());
                if path == "metadata.name" {
                    masked_name = Some(masked);
                }
            }
        }
        let Some(masked) = masked_name else { return };
        for message in report.verdicts.iter_mut().filter_map(|verdict| verdict.message.as_mut()) {
            *message = message.replacen(&quoted(&masked), &quoted(&report.name), 1);
        }
    }

    /// Removes from a report what is not a fact, and the fixes that change an action.
    pub(crate) fn reduce_report(&self, report: &mut DocumentReport) {
        let is_safe = |fix: &Fix| !fix.edits.iter().any(|edit| self.overlaps(edit.span));
        for finding in &mut report.findings {
            finding.fix = finding.fix.take().filter(is_safe);
        }
        report.diagnostics.retain(|diagnostic| match diagnostic.kind {
            // Keys can be in several branches.
            DiagnosticKind::IgnoredText => false,
            DiagnosticKind::Syntax => true,
            _ => !self.overlaps(diagnostic.span),
        });
        for diagnostic in &mut report.diagnostics {
            diagnostic.fix = diagnostic.fix.take().filter(is_safe);
        }
        report.changes.clear();
    }
}

/// Returns the start of a value with the comments and empty lines before it.
fn start_with_comments(text: &str, start: usize) -> usize {
    let mut at = start;
    let lines = text.get(..start).unwrap_or_default().rsplit('\n').skip(1);
    for line in lines.take_while(|line| is_blank(line)) {
        at -= line.len() + 1;
    }
    at
}

/// Returns the end of a value with the comments and empty lines after it, to which masked actions belong.
fn end_with_comments(text: &str, end: usize) -> usize {
    let mut at = end;
    for line in text.get(end..).unwrap_or_default().split_inclusive('\n') {
        if !is_blank(line) {
            break;
        }
        at += line.len();
    }
    at
}

/// Returns the offsets of the actions that may add fields of a pod or container. These are not actions without output, actions in a
/// value, and those that render the value of a field which no check reads.
fn additions(original: &str, masked: &str, actions: &[Range<usize>]) -> Vec<usize> {
    let mut additions = Vec::new();
    let mut actions = actions.iter().peekable();
    let mut end = 0;
    // Whether the value of the last key may be on the lines after it, and matters.
    let mut is_relevant = true;
    for line in masked.split_inclusive('\n') {
        end += line.len();
        let entry = line.split(" #").next().unwrap_or_default().trim();
        if !entry.is_empty() && !entry.starts_with('#') {
            is_relevant = !entry.ends_with(':') || entry.ends_with("securityContext:") || entry.ends_with("spec:");
        }
        while let Some(action) = actions.next_if(|action| action.start < end) {
            let is_comment = masked.get(action.start..action.end).is_some_and(|mask| mask.trim_start().starts_with('#'));
            let text = content(original.get(action.clone()).unwrap_or_default());
            let word = text.split(|character: char| !character.is_alphanumeric()).next().unwrap_or_default();
            let is_assignment = text.starts_with('$') && text.contains(":=");
            let has_output = !is_assignment && !CONTROLS.contains(&word) && !text.starts_with("/*");
            if has_output && (is_relevant && is_comment || entry.contains("securityContext: x")) {
                additions.push(action.start);
            }
        }
    }
    additions
}
