//! Code actions: a quick fix for each finding and each error about a field that has one, and one that fixes all findings of a document.

use std::collections::HashMap;

use gen_lsp_types::{
    CodeAction, CodeActionContext, CodeActionKind, CodeActionParams, Edit, OptionalVersionedTextDocumentIdentifier, Range,
    TextDocumentEdit, TextDocumentIdentifier, TextEdit, Uri, WorkspaceEdit,
};
use pss_formats::problem::State;
use pss_review::fix_with;
use serde::{Deserialize, Serialize};
use similar::{DiffTag, TextDiff};

use super::diagnostics::diagnostic;
use super::review::{Review, Snapshot};
use crate::commands::fix::report_of_fixable;

/// The kind of the action that fixes a document. Editors run it on save if they are configured to.
pub(super) const FIX_ALL: &str = "source.fixAll.pss";
const FIX_ALL_TITLE: &str = "Fix all violations of the Pod Security Standards";

/// What a client supports.
#[derive(Debug, Clone, Copy)]
pub(super) struct Support {
    /// Whether edits can name the version of the document.
    pub(super) versions: bool,
    /// Whether edits can be requested later.
    pub(super) resolves: bool,
}

/// The data of an action without edits, which [`resolve`] adds.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct ActionData {
    /// The document to fix.
    pub(super) uri: Uri,
}

/// Returns the actions for a range.
pub(super) fn actions(review: &Review, snapshot: &Snapshot, params: &CodeActionParams, support: Support) -> Vec<CodeAction> {
    let lines = snapshot.lines();
    let mut actions = Vec::new();
    let mut can_fix = false;
    for problem in review.problems(snapshot).iter().filter(|problem| problem.state == State::New) {
        can_fix |= problem.fix().is_some();
        let Some(fix) = problem.fix().or(problem.field_fix) else { continue };
        let diagnostic = diagnostic(problem, &lines);
        if !is_wanted(&params.context, CodeActionKind::QuickFix.as_str()) || !overlap(diagnostic.range, params.range) {
            continue;
        }
        let edit = |edit: &pss_manifest::edit::Edit| TextEdit { range: lines.range_of(edit.span), new_text: edit.text.clone() };
        actions.push(CodeAction {
            title: fix.title.clone(),
            kind: Some(CodeActionKind::QuickFix),
            diagnostics: Some(vec![diagnostic]),
            is_preferred: Some(true),
            edit: Some(workspace_edit(snapshot, fix.edits.iter().map(edit).collect(), support)),
            ..CodeAction::default()
        });
    }
    if can_fix && !review.has_syntax_error() && is_wanted(&params.context, FIX_ALL) {
        let mut action = CodeAction { title: FIX_ALL_TITLE.to_owned(), kind: Some(CodeActionKind::new(FIX_ALL)), ..CodeAction::default() };
        if support.resolves {
            action.data = serde_json::to_value(ActionData { uri: snapshot.uri.clone() }).ok();
        } else {
            action.edit = fix_all(snapshot, support);
        }
        actions.push(action);
    }
    actions
}

/// Returns an action that fixes all, with its edits.
pub(super) fn resolve(review: &Review, snapshot: &Snapshot, action: CodeAction, support: Support) -> CodeAction {
    let edit = if review.has_syntax_error() { None } else { fix_all(snapshot, support) };
    CodeAction { edit, ..action }
}

/// Returns whether a client requests actions of a kind. A kind includes those below it: `source` includes `source.fixAll`.
fn is_wanted(context: &CodeActionContext, kind: &str) -> bool {
    let Some(only) = &context.only else { return true };
    only.iter()
        .map(CodeActionKind::as_str)
        .any(|wanted| wanted.is_empty() || kind.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

fn overlap(one: Range, other: Range) -> bool {
    one.start <= other.end && other.start <= one.end
}

/// Returns the edits that fix all findings but those that exceptions cover; `None` if there are none.
fn fix_all(snapshot: &Snapshot, support: Support) -> Option<WorkspaceEdit> {
    let options = snapshot.rules.options().ok()?;
    let is_excepted = |finding: &pss_review::Finding, object: &str| snapshot.rules.exception(finding, object).is_some();
    let fixed = fix_with(&snapshot.text, &|text| report_of_fixable(text, &options, &|_| None, &is_excepted));
    let edits = edits(snapshot, &fixed);
    (!edits.is_empty()).then(|| workspace_edit(snapshot, edits, support))
}

/// Returns the edits of whole lines that turn the text into a new one. Thus the editor keeps the position in the rest.
fn edits(snapshot: &Snapshot, new: &str) -> Vec<TextEdit> {
    let old = &*snapshot.text;
    let lines = snapshot.lines();
    let diff = TextDiff::from_lines(old, new);
    let [old_starts, new_starts] =
        [diff.iter_old_slices().collect::<Vec<_>>(), diff.iter_new_slices().collect::<Vec<_>>()].map(|slices| starts(&slices));
    let at = |starts: &[usize], index: usize| starts.get(index).copied().unwrap_or_default();
    let mut edits = Vec::new();
    for operation in diff.ops().iter().filter(|operation| operation.tag() != DiffTag::Equal) {
        let (from, to) = (operation.old_range(), operation.new_range());
        edits.push(TextEdit {
            range: lines.range(at(&old_starts, from.start), at(&old_starts, from.end)),
            new_text: new.get(at(&new_starts, to.start)..at(&new_starts, to.end)).unwrap_or_default().to_owned(),
        });
    }
    edits
}

/// Returns the offset of each line, and the end of the last.
fn starts(lines: &[&str]) -> Vec<usize> {
    let ends = lines.iter().scan(0, |offset, line| {
        *offset += line.len();
        Some(*offset)
    });
    std::iter::once(0).chain(ends).collect()
}

fn workspace_edit(snapshot: &Snapshot, edits: Vec<TextEdit>, support: Support) -> WorkspaceEdit {
    let uri = snapshot.uri.clone();
    if !support.versions {
        return WorkspaceEdit { changes: Some(HashMap::from([(uri, edits)])), ..WorkspaceEdit::default() };
    }
    let text_document = OptionalVersionedTextDocumentIdentifier {
        version: Some(snapshot.version),
        text_document_identifier: TextDocumentIdentifier { uri },
    };
    let edit = TextDocumentEdit { text_document, edits: edits.into_iter().map(Edit::TextEdit).collect() };
    WorkspaceEdit { document_changes: Some(vec![edit.into()]), ..WorkspaceEdit::default() }
}
