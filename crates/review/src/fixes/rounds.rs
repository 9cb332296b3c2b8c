//! All fixes of a text together, in rounds: some change the same place, and some are possible only
//! once another is made. Each round is judged, and what does not help is left out.

use pss_manifest::edit::Edit;

use crate::report::{DocumentReport, Finding, Fix, Report, Severity};

/// Far more than any manifest needs: a round mends one thing at least in each security context.
const MAX_ROUNDS: usize = 256;

/// What identifies a finding while others disappear: its document, check, field and value.
type Key<'r> = (usize, &'r str, &'r str, Option<&'r str>);

/// A finding that is to be mended: where it is in the list of all, what it is, and how.
struct Task<'r> {
    place: usize,
    key: Key<'r>,
    fix: &'r Fix,
}

/// Mends all that there is a fix for. `evaluate` judges a text.
pub(crate) fn fix_all(text: &str, evaluate: &dyn Fn(&str) -> Report) -> String {
    let mut text = text.to_owned();
    let mut report = evaluate(&text);
    // The findings of this text whose fixes do not do what they should, by their places.
    let mut useless = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let batch = batch(&report, &useless);
        let mut next = attempt(&text, &report, &batch, evaluate);
        for alone in batch.chunks(1) {
            if next.is_none() {
                next = attempt(&text, &report, alone, evaluate);
                useless.extend(alone.iter().filter(|_| next.is_none()).map(|task| task.place));
            }
        }
        match next {
            Some(next) => {
                (text, report) = next;
                useless.clear();
            }
            // Others may be left that were none of this round's.
            None if !batch.is_empty() => {}
            None => break,
        }
    }
    text
}

/// Fixes that can be made at once: none touches another, and of each security context only one field
/// changes.
fn batch<'r>(report: &'r Report, useless: &[usize]) -> Vec<Task<'r>> {
    let mut batch: Vec<Task<'_>> = Vec::new();
    let mut contexts: Vec<(usize, &str)> = Vec::new();
    for (place, (key, finding)) in findings(report).enumerate() {
        let Some(fix) = finding.fix.as_ref().filter(|_| !useless.contains(&place)) else { continue };
        let context = (key.0, finding.path.split("securityContext").next().unwrap_or_default());
        let touches = batch.iter().any(|other| touch(fix, other.fix));
        if !touches && !contexts.contains(&context) {
            contexts.push(context);
            batch.push(Task { place, key, fix });
        }
    }
    batch
}

fn findings(report: &Report) -> impl Iterator<Item = (Key<'_>, &Finding)> {
    report.documents.iter().enumerate().flat_map(|(document, report)| {
        report.findings.iter().map(move |finding| {
            // An element of a list takes the index of one that is removed.
            let field = finding.path.split("add[").next().unwrap_or_default().split("ports[").next().unwrap_or_default();
            ((document, finding.check.id, field, finding.value.as_deref()), finding)
        })
    })
}

fn touch(one: &Fix, other: &Fix) -> bool {
    one.edits.iter().any(|one| {
        let touches = |other: &Edit| one.span.start.offset <= other.span.end.offset && other.span.start.offset <= one.span.end.offset;
        other.edits.iter().any(touches)
    })
}

/// The text with some fixes, and the report on it; nothing if they do not do what they should.
fn attempt(text: &str, report: &Report, batch: &[Task<'_>], evaluate: &dyn Fn(&str) -> Report) -> Option<(String, Report)> {
    if batch.is_empty() {
        return None;
    }
    let fixed = apply(text, batch.iter().flat_map(|task| &task.fix.edits).collect());
    let after = evaluate(&fixed);
    let mended = mended(report, &after)?;
    batch.iter().all(|task| mended.contains(&task.key)).then_some((fixed, after))
}

/// The findings that are gone, if nothing else about the documents changed.
fn mended<'r>(before: &'r Report, after: &Report) -> Option<Vec<Key<'r>>> {
    let same = before.documents.len() == after.documents.len() && before.documents.iter().zip(&after.documents).all(is_same_object);
    if !same {
        return None;
    }
    let mut mended: Vec<Key<'_>> = findings(before).map(|(key, _)| key).collect();
    for (remaining, _) in findings(after) {
        // What is still there is mostly the first that is left.
        let place = mended.iter().position(|key| *key == remaining)?;
        mended.remove(place);
    }
    Some(mended)
}

fn is_same_object((before, after): (&DocumentReport, &DocumentReport)) -> bool {
    let errors = |report: &DocumentReport| report.diagnostics.iter().filter(|said| said.severity == Severity::Error).count();
    (before.status == after.status && before.kind == after.kind && before.name == after.name && before.item == after.item)
        && errors(before) == errors(after)
}

/// The text with edits of which none touches another, in any order.
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
