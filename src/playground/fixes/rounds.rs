//! All fixes of a text together, in rounds: some change the same place, and some are possible only
//! once another is made. Each round is judged, and what does not help is left out.

use crate::playground::report::{DocumentReport, Finding, Fix, Report, Severity, TextEdit};

/// Far more than any manifest needs: a round mends one thing at least in each security context.
const MAX_ROUNDS: usize = 256;

/// What identifies a finding while others disappear: its document, check, field and value.
type Key<'r> = (usize, &'r str, &'r str, Option<&'r str>);

/// Mends all that there is a fix for. `evaluate` judges a text.
pub(in crate::playground) fn fix_all(text: &str, evaluate: &dyn Fn(&str) -> Report) -> String {
    let mut text = text.to_owned();
    let mut report = evaluate(&text);
    let mut useless = Vec::new();
    for _ in 0..MAX_ROUNDS {
        let batch = batch(&report, &useless);
        let together = attempt(&text, &report, &batch, evaluate);
        let next = together.or_else(|| {
            batch.chunks(1).find_map(|alone| {
                let next = attempt(&text, &report, alone, evaluate);
                if next.is_none() {
                    useless.extend(alone.iter().map(|(_, fix)| (*fix).clone()));
                }
                next
            })
        });
        match next {
            Some(next) => (text, report) = next,
            None => break,
        }
    }
    text
}

/// Fixes that can be made at once, each with its finding: none touches another, and of each security
/// context only one field changes.
fn batch<'r>(report: &'r Report, useless: &[Fix]) -> Vec<(Key<'r>, &'r Fix)> {
    let mut batch: Vec<(Key<'_>, &Fix)> = Vec::new();
    let mut contexts: Vec<(usize, &str)> = Vec::new();
    for (key, finding) in findings(report) {
        let Some(fix) = finding.fix.as_ref().filter(|fix| !useless.contains(fix)) else { continue };
        let context = (key.0, finding.path.find("securityContext").and_then(|end| finding.path.get(..end)).unwrap_or(&finding.path));
        let touches = batch.iter().flat_map(|(_, other)| &other.edits).any(|other| fix.edits.iter().any(|edit| touch(edit, other)));
        if !touches && !contexts.contains(&context) {
            contexts.push(context);
            batch.push((key, fix));
        }
    }
    batch
}

fn findings(report: &Report) -> impl Iterator<Item = (Key<'_>, &Finding)> {
    report.documents.iter().enumerate().flat_map(|(document, report)| {
        report.findings.iter().map(move |finding| {
            // An element of a list takes the place of one that is removed.
            let field = finding.path.split_once(".add[").map_or(finding.path.as_str(), |(list, _)| list);
            ((document, finding.check.as_str(), field, finding.value.as_deref()), finding)
        })
    })
}

fn touch(one: &TextEdit, other: &TextEdit) -> bool {
    one.range.start.offset <= other.range.end.offset && other.range.start.offset <= one.range.end.offset
}

/// The text with some fixes, and the report on it; nothing if they do not do what they should.
fn attempt(text: &str, report: &Report, batch: &[(Key<'_>, &Fix)], evaluate: &dyn Fn(&str) -> Report) -> Option<(String, Report)> {
    if batch.is_empty() {
        return None;
    }
    let edits: Vec<&TextEdit> = batch.iter().flat_map(|(_, fix)| &fix.edits).collect();
    let fixed = apply(text, &edits);
    let after = evaluate(&fixed);
    let mended = mended(report, &after)?;
    batch.iter().all(|(key, _)| mended.contains(key)).then_some((fixed, after))
}

/// The findings that are gone, if nothing else about the documents changed.
fn mended<'r>(before: &'r Report, after: &'r Report) -> Option<Vec<Key<'r>>> {
    let same = before.documents.len() == after.documents.len() && before.documents.iter().zip(&after.documents).all(is_same_object);
    let mut mended: Vec<Key<'_>> = findings(before).map(|(key, _)| key).collect();
    for (key, _) in findings(after) {
        mended.swap_remove(mended.iter().position(|known| *known == key)?);
    }
    same.then_some(mended)
}

fn is_same_object((before, after): (&DocumentReport, &DocumentReport)) -> bool {
    let errors = |report: &DocumentReport| report.diagnostics.iter().filter(|said| said.severity == Severity::Error).count();
    (before.status == after.status && before.kind == after.kind && before.name == after.name && before.item == after.item)
        && errors(before) == errors(after)
}

/// The text with edits, none of which touches another.
pub(super) fn apply(text: &str, edits: &[&TextEdit]) -> String {
    let mut sorted: Vec<&TextEdit> = Vec::with_capacity(edits.len());
    for edit in edits {
        let place = sorted.partition_point(|other| other.range.start.offset <= edit.range.start.offset);
        sorted.insert(place, edit);
    }
    let mut sorted = sorted.into_iter();
    let mut next = sorted.next();
    let mut fixed = String::with_capacity(text.len());
    let mut offset = 0;
    let mut replaced_until = 0;
    // The end of the text is a place for an edit too.
    for character in text.chars().map(Some).chain([None]) {
        if let Some(edit) = next.filter(|edit| edit.range.start.offset <= offset) {
            fixed.push_str(&edit.text);
            replaced_until = edit.range.end.offset;
            next = sorted.next();
        }
        if offset >= replaced_until {
            fixed.extend(character);
        }
        offset += character.map_or(0, char::len_utf16);
    }
    fixed
}
