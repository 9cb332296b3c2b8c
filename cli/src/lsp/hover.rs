//! Hovers: the documentation of a field that a check reads, at the level and version that apply to the object.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use gen_lsp_types::{Contents, Hover, MarkupContent, MarkupKind};
use pss_core::standards::{LevelVersion, Version};
use pss_editor::{CheckedField, field_at, relevant_fields};
use pss_formats::problem::Rule;
use pss_manifest::{Node, Span, documents_iter};
use pss_review::{DocumentReport, Verdict};

use super::review::{Review, Snapshot};

/// Returns the hover at an offset in bytes; `None` if there is no field that a check reads.
pub(super) fn hover(review: &Review, snapshot: &Snapshot, offset: usize, is_markdown: bool) -> Option<Hover> {
    let options = snapshot.rules.options().ok()?;
    let (value, span) = documents_iter(&snapshot.text, options.limits).enumerate().find_map(|(index, document)| {
        let is_in = contains(document.span, offset);
        is_in.then(|| of_document(document.content.as_ref().ok()?.root(), index, offset, review.reports())).flatten()
    })?;
    let kind = if is_markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let contents = Contents::MarkupContent(MarkupContent { kind, value });
    Some(Hover { contents, range: Some(snapshot.lines().range_of(span)) })
}

/// Returns the documentation of the field at an offset in a document, and the span of the field.
fn of_document(root: Node<'_>, index: usize, offset: usize, reports: &[DocumentReport]) -> Option<(String, Span)> {
    let of_document = reports.iter().filter(|report| report.index == index && !report.verdicts.is_empty());
    let report = of_document.filter(|report| contains(report.span, offset)).min_by_key(|report| length(report.span))?;
    let place = field_at(root, report.item.map(|_| report.span.start.offset), offset)?;
    let fields = place.checked_fields(&report.api_version, &report.kind)?;
    Some((markdown(&fields, report, &place.path)?, place.span))
}

fn contains(span: Span, offset: usize) -> bool {
    (span.start.offset..=span.end.offset).contains(&offset)
}

fn length(span: Span) -> usize {
    span.end.offset - span.start.offset
}

/// Returns the documentation of the checks that read a field.
fn markdown(fields: &[&'static CheckedField], report: &DocumentReport, path: &str) -> Option<String> {
    let policies = policies(&report.verdicts);
    let strictest = policies.iter().map(|(policy, _)| *policy).max_by_key(|policy| policy.level)?;
    let (checked, is_required) = relevant_fields(fields, &policies.iter().map(|(policy, _)| *policy).collect::<Vec<_>>());
    let mut texts = BTreeSet::new();
    let mut sections = Vec::new();
    for field in checked {
        let text = section(field, &policies, strictest, is_required, report, path);
        if texts.insert(text.clone()) {
            sections.push(text);
        }
    }
    (!sections.is_empty()).then(|| sections.join("\n\n---\n\n"))
}

fn section(
    field: &CheckedField,
    policies: &[(LevelVersion, Vec<&str>)],
    strictest: LevelVersion,
    is_required: bool,
    report: &DocumentReport,
    path: &str,
) -> String {
    let CheckedField { check, documentation, restriction, .. } = field;
    let of_check = policies.iter().find(|(policy, _)| field.is_checked_at(*policy));
    let version = of_check.map_or(strictest.version, |(policy, _)| policy.version);
    let mut text = format!("**{}** ({}): {}\n\n{}\n\n", check.id, check.level, documentation.title, documentation.why);
    let _ = writeln!(text, "- Allowed: {}", field.allowed(version).join(", "));
    match of_check {
        Some((policy, modes)) if is_required => {
            let _ = writeln!(text, "- Checked at {policy} ({})", modes.join(", "));
        }
        _ => {
            let _ = writeln!(text, "- Not checked at {strictest}");
        }
    }
    let _ = writeln!(text, "- Since {}", Version::Minor(restriction.since));
    for finding in report.findings.iter().filter(|finding| finding.check == *check && is_of_field(&finding.path, path)) {
        let _ = write!(text, "\n⚠ {}\n\n{}\n", finding.reason, finding.advice);
    }
    let _ = write!(text, "\n[Documentation]({})", Rule::Check(check).help_uri());
    text
}

/// Returns whether a finding is about a field or an element of it.
fn is_of_field(finding: &str, path: &str) -> bool {
    finding.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
}

/// Returns the levels and versions of an object, each with the modes that have it.
fn policies(verdicts: &[Verdict]) -> Vec<(LevelVersion, Vec<&'static str>)> {
    let mut policies: Vec<(LevelVersion, Vec<&'static str>)> = Vec::new();
    for verdict in verdicts {
        let mode = verdict.mode.name();
        match policies.iter_mut().find(|(policy, _)| *policy == verdict.policy) {
            Some((_, modes)) => modes.push(mode),
            None => policies.push((verdict.policy, vec![mode])),
        }
    }
    policies
}
