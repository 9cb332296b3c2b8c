//! All fixes of a text, applied in rounds: some fixes edit the same place, and some are possible only after another. Each round
//! is reviewed, and fixes without effect are left out.

use std::collections::BTreeSet;

use pss_manifest::edit::Edit;

use super::ALSO;
use crate::report::{Diagnostic, DocumentReport, Finding, Fix, Report, Severity};

/// The maximum number of rounds. It is far more than a manifest needs, because each round fixes at least one finding in each
/// security context.
const MAX_ROUNDS: usize = 256;

/// The identity of a finding across rounds: its document, check, field and value.
type Key<'r> = (usize, &'r str, &'r str, Option<&'r str>);

/// A finding with its index in the list of all findings, its identity, and its fix.
struct Task<'r> {
    index: usize,
    key: Key<'r>,
    fix: &'r Fix,
}

/// Returns whether the fix of a finding is applied.
pub(crate) type Selects<'s> = &'s dyn Fn(&DocumentReport, &Finding) -> bool;

/// Returns a text with the selected fixes applied. The text comes with its report; `evaluate` reviews a text.
pub(crate) fn fix_all((mut text, mut report): (String, Report), selects: Selects<'_>, evaluate: &dyn Fn(&str) -> Report) -> String {
    // The indices of findings whose fixes have no effect in the current text.
    let mut ineffective = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let batch = batch(&report, selects, &ineffective);
        let mut next = attempt(&text, &report, &batch, evaluate);
        for single in batch.chunks(1) {
            if next.is_none() {
                next = attempt(&text, &report, single, evaluate);
                ineffective.extend(single.iter().filter(|_| next.is_none()).map(|task| task.index));
            }
        }
        match next {
            Some(next) => {
                (text, report) = next;
                ineffective.clear();
            }
            // Findings that were not in this batch may have fixes too.
            None if !batch.is_empty() => {}
            None => break,
        }
    }
    text
}

/// Returns whether the fix of an error is applied.
pub(crate) type SelectsError<'s> = &'s dyn Fn(&DocumentReport, &Diagnostic) -> bool;

/// Returns a text with the fixes of selected errors applied, and its report. A fix is left out unless it removes an error and adds none.
pub(crate) fn correct_all(text: &str, selects: SelectsError<'_>, evaluate: &dyn Fn(&str) -> Report) -> (String, Report) {
    let mut text = text.to_owned();
    let mut report = evaluate(&text);
    // Errors whose fixes have no effect are skipped.
    let mut skipped = 0;
    for _ in 0..MAX_ROUNDS {
        let selected = errors(&report).filter(|(document, error)| selects(document, error));
        let Some(fix) = selected.filter_map(|(_, error)| error.fix.as_ref()).nth(skipped) else { break };
        let next = apply(&text, fix.edits.iter().collect());
        let after = evaluate(&next);
        if errors(&after).count() < errors(&report).count() {
            (text, report) = (next, after);
        } else {
            skipped += 1;
        }
    }
    (text, report)
}

fn errors(report: &Report) -> impl Iterator<Item = (&DocumentReport, &Diagnostic)> {
    let all = report.documents.iter().flat_map(|document| document.diagnostics.iter().map(move |diagnostic| (document, diagnostic)));
    all.filter(|(_, diagnostic)| diagnostic.severity == Severity::Error)
}

/// Returns fixes that can be applied together: their edits do not touch, and only one field of each security context changes.
fn batch<'r>(report: &'r Report, selects: Selects<'_>, ineffective: &[usize]) -> Vec<Task<'r>> {
    let mut batch: Vec<Task<'_>> = Vec::new();
    let mut contexts: Vec<(usize, &str)> = Vec::new();
    for (index, (key, finding)) in findings(report).enumerate() {
        let Some(fix) = finding.fix.as_ref().filter(|_| !ineffective.contains(&index)) else { continue };
        if !report.documents.get(key.0).is_some_and(|document| selects(document, finding)) {
            continue;
        }
        let context = (key.0, finding.path.split("securityContext").next().unwrap_or_default());
        // A fix at an anchor may resolve other findings of its check.
        let is_shared = |other: &Task<'_>| other.key.0 == key.0 && other.key.1 == key.1 && other.fix.title.contains(ALSO);
        let overlaps = batch.iter().any(|other| touch(fix, other.fix));
        if batch.iter().any(is_shared) {
            contexts.push(context);
        } else if !overlaps && !contexts.contains(&context) {
            contexts.push(context);
            batch.push(Task { index, key, fix });
        }
    }
    batch
}

fn findings(report: &Report) -> impl Iterator<Item = (Key<'_>, &Finding)> {
    report.documents.iter().enumerate().flat_map(|(document, report)| {
        report
            .findings
            .iter()
            .map(move |finding| ((document, finding.check.id, stable_path(&finding.path), finding.value.as_deref()), finding))
    })
}

/// Returns the part of the path of a field that a fix of another field does not change: an element of a list takes the index of a
/// removed one.
pub(crate) fn stable_path(path: &str) -> &str {
    path.split("add[").next().unwrap_or_default().split("ports[").next().unwrap_or_default()
}

fn touch(one: &Fix, other: &Fix) -> bool {
    one.edits.iter().any(|one| {
        let touches = |other: &Edit| one.span.start.offset <= other.span.end.offset && other.span.start.offset <= one.span.end.offset;
        other.edits.iter().any(touches)
    })
}

/// Returns the text with some fixes applied and its report; `None` if a finding remains.
fn attempt(text: &str, report: &Report, batch: &[Task<'_>], evaluate: &dyn Fn(&str) -> Report) -> Option<(String, Report)> {
    if batch.is_empty() {
        return None;
    }
    let fixed = apply(text, batch.iter().flat_map(|task| &task.fix.edits).collect());
    let after = evaluate(&fixed);
    let resolved = resolved(report, &after)?;
    batch.iter().all(|task| resolved.contains(&task.key)).then_some((fixed, after))
}

/// Returns the findings that only the first report has; `None` if anything else about the documents changed, or a finding is new.
fn resolved<'r>(before: &'r Report, after: &Report) -> Option<BTreeSet<Key<'r>>> {
    let same = before.documents.len() == after.documents.len() && before.documents.iter().zip(&after.documents).all(is_same_object);
    if !same {
        return None;
    }
    // Both reports have the same order.
    let mut remaining = findings(after).map(|(key, _)| key).peekable();
    let resolved = findings(before).map(|(key, _)| key).filter(|key| remaining.next_if_eq(key).is_none()).collect();
    remaining.peek().is_none().then_some(resolved)
}

fn is_same_object((before, after): (&DocumentReport, &DocumentReport)) -> bool {
    let errors = |report: &DocumentReport| report.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    (before.status == after.status && before.kind == after.kind && before.name == after.name && before.item == after.item)
        && errors(before) == errors(after)
}

/// Applies edits, in any order, to a text. The edits must not touch each other.
pub fn apply(text: &str, mut edits: Vec<&Edit>) -> String {
    edits.sort_by_key(|edit| edit.span.start.offset);
    let mut edited = String::with_capacity(text.len());
    let mut end = 0;
    for Edit { span, text: replacement } in edits {
        edited += text.get(end..span.start.offset).unwrap_or_default();
        edited += replacement;
        end = span.end.offset;
    }
    edited + text.get(end..).unwrap_or_default()
}
