//! Hovers: the documentation of a field that a check reads, at the level and version that apply to the object.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use gen_lsp_types::{Contents, Hover, MarkupContent, MarkupKind};
use pss_core::standards::{LevelVersion, Version};
use pss_formats::problem::Rule;
use pss_manifest::{Kind, Node, Span, documents_iter};
use pss_review::{DocumentReport, Verdict};

use super::fields::{CheckedField, ELEMENT, checked_fields, template_path};
use super::review::{Review, Snapshot};

/// Returns the hover at an offset in bytes; `None` if there is no field that a check reads.
pub(super) fn hover(review: &Review, snapshot: &Snapshot, offset: usize, is_markdown: bool) -> Option<Hover> {
    let options = snapshot.rules.options().ok()?;
    let place = documents_iter(&snapshot.text, options.limits).enumerate().find_map(|(index, document)| {
        let is_in = contains(document.span, offset);
        is_in.then(|| place(document.content.as_ref().ok()?.root(), index, offset, review.reports())).flatten()
    })?;
    let steps: Vec<&str> = place.pod_path.iter().map(String::as_str).collect();
    let fields: Vec<&CheckedField> = checked_fields().iter().filter(|field| field.is_at(&steps)).collect();
    let value = markdown(&fields, place.report, &place.path)?;
    let kind = if is_markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    let contents = Contents::MarkupContent(MarkupContent { kind, value });
    Some(Hover { contents, range: Some(snapshot.lines().range_of(place.span)) })
}

/// A field of a judged object.
struct Place<'r> {
    report: &'r DocumentReport,
    /// The path in the object, with indices: `spec.template.spec.containers[0].image`.
    path: String,
    /// The path below the pod, with `*` for indices.
    pod_path: Vec<String>,
    span: Span,
}

/// A step to a field: a key or an index.
enum Step<'d> {
    Key(&'d str),
    Index(usize),
}

/// Returns the field at an offset.
fn place<'r>(root: Node<'_>, index: usize, offset: usize, reports: &'r [DocumentReport]) -> Option<Place<'r>> {
    let of_document = reports.iter().filter(|report| report.index == index && !report.verdicts.is_empty());
    let report = of_document.filter(|report| contains(report.span, offset)).min_by_key(|report| length(report.span))?;
    let mut steps = Vec::new();
    let mut object_depth = if report.item.is_none() { Some(0) } else { None };
    let mut node = root;
    let mut span = None;
    while let Some((step, key, value)) = child(node, offset) {
        steps.push(step);
        span = Some(key.unwrap_or(value.span()));
        // A key is a place of its own, not one in its value.
        let is_key = key.is_some_and(|key| contains(key, offset));
        if object_depth.is_none() && value.span().start.offset == report.span.start.offset {
            object_depth = Some(steps.len());
        }
        node = value;
        if is_key {
            break;
        }
        if matches!(node.kind(), Kind::Mapping | Kind::Sequence) {
            span = None;
        } else {
            span = Some(value.span());
        }
    }
    let steps = steps.get(object_depth?..)?;
    let template = template_path(&report.api_version, &report.kind)?;
    let pod_path: Vec<String> = steps.iter().map(Step::pattern).collect();
    let is_below = pod_path.iter().zip(&template).all(|(step, expected)| step == expected) && pod_path.len() > template.len();
    let pod_path = is_below.then(|| pod_path.get(template.len()..).unwrap_or_default().to_vec())?;
    Some(Place { report, path: path(steps), pod_path, span: span? })
}

/// Returns the child of a collection at an offset, with the span of its key.
fn child<'d>(node: Node<'d>, offset: usize) -> Option<(Step<'d>, Option<Span>, Node<'d>)> {
    match node.kind() {
        Kind::Mapping => {
            let entry = node.entries().find(|entry| contains(entry.key_span(), offset) || contains(entry.value.span(), offset))?;
            Some((Step::Key(entry.key), Some(entry.key_span()), entry.value))
        }
        Kind::Sequence => {
            let (index, element) = node.elements().enumerate().find(|(_, element)| contains(element.span(), offset))?;
            Some((Step::Index(index), None, element))
        }
        _ => None,
    }
}

impl Step<'_> {
    fn pattern(&self) -> String {
        match self {
            Step::Key(key) => (*key).to_owned(),
            Step::Index(_) => ELEMENT.to_owned(),
        }
    }
}

fn path(steps: &[Step<'_>]) -> String {
    let mut path = String::new();
    for step in steps {
        let _ = match step {
            Step::Key(key) if key.contains(['.', '/']) => write!(path, "[{key}]"),
            Step::Key(key) if path.is_empty() => write!(path, "{key}"),
            Step::Key(key) => write!(path, ".{key}"),
            Step::Index(index) => write!(path, "[{index}]"),
        };
    }
    path
}

fn contains(span: Span, offset: usize) -> bool {
    (span.start.offset..=span.end.offset).contains(&offset)
}

fn length(span: Span) -> usize {
    span.end.offset - span.start.offset
}

/// Returns the documentation of the checks that read a field.
fn markdown(fields: &[&CheckedField], report: &DocumentReport, path: &str) -> Option<String> {
    let policies = policies(&report.verdicts);
    let is_checked = |field: &CheckedField| policies.iter().any(|(policy, _)| field.is_checked_at(*policy));
    let mut checked: Vec<&CheckedField> = fields.iter().copied().filter(|field| is_checked(field)).collect();
    let strictest = policies.iter().map(|(policy, _)| *policy).max_by_key(|policy| policy.level)?;
    let is_required = !checked.is_empty();
    if !is_required {
        checked = fields.iter().copied().filter(|field| field.exists_at(strictest.version)).collect();
    }
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
