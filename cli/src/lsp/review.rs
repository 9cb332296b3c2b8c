//! The review of a document: its reports, from which diagnostics, code actions and hovers are rendered.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use gen_lsp_types::Uri;
use pss_formats::judgement::{chart_template_problem, document_problems, values_leftovers};
use pss_formats::problem::{self, OtherRule, Problem, Rule, State};
use pss_manifest::Limits;
use pss_migrate::leftovers::{self, Leftover};
use pss_review::{DiagnosticKind, DocumentReport, Status, review_text};

use super::lines::{Encoding, Lines};
use super::rules::{DocumentRules, Failure};
use crate::input::{is_chart_template, is_chart_values};

/// A document at one version, with the rules for it.
#[derive(Debug, Clone)]
pub(super) struct Snapshot {
    pub(super) uri: Uri,
    /// The version of the client.
    pub(super) version: i32,
    pub(super) text: Arc<str>,
    pub(super) rules: Arc<DocumentRules>,
    pub(super) encoding: Encoding,
    /// The number of this state of the text and the rules.
    pub(super) generation: u64,
    /// The number of the newest state.
    pub(super) latest: Arc<AtomicU64>,
}

impl Snapshot {
    /// Returns whether the text and the rules have not changed since.
    pub(super) fn is_latest(&self) -> bool {
        self.latest.load(Ordering::Acquire) == self.generation
    }

    pub(super) fn lines(&self) -> Lines<'_> {
        Lines::of(&self.text, self.encoding)
    }
}

/// The result of a review.
#[derive(Debug, Clone)]
pub(super) enum Review {
    /// The document has nothing to do with Kubernetes, or is excluded.
    Other,
    /// The rules are invalid.
    Failure(Failure),
    /// The document is a template of a Helm chart.
    Template,
    /// The values of a Helm chart that create PodSecurityPolicies.
    Values(Vec<Leftover>),
    /// The reports on the objects of the document, and the leftovers of PodSecurityPolicies among them.
    Reports(Vec<DocumentReport>, Vec<Leftover>),
}

impl Review {
    /// Reviews a document.
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        let Snapshot { text, rules, .. } = snapshot;
        if rules.is_excluded() {
            return Review::Other;
        }
        let values = values_leftovers(text, Limits::default(), || is_chart_values(rules.path()));
        if !values.is_empty() {
            return Review::Values(values);
        }
        if !text.contains("apiVersion") {
            return Review::Other;
        }
        if chart_template_problem(text, "", || is_chart_template(rules.path())).is_some() {
            return Review::Template;
        }
        let options = match rules.options() {
            Ok(options) => options,
            Err(failure) => return Review::Failure(failure),
        };
        let mut reports = Vec::new();
        review_text(text, &options, &|_| None, &mut |report| reports.push(report));
        Review::Reports(reports, leftovers::of_manifests(text, options.limits))
    }

    /// Returns the reports on the objects; none if nothing was judged.
    pub(super) fn reports(&self) -> &[DocumentReport] {
        match self {
            Review::Reports(reports, _) => reports,
            Review::Other | Review::Failure(_) | Review::Template | Review::Values(_) => &[],
        }
    }

    /// Returns the leftovers of PodSecurityPolicies among the objects.
    fn leftovers(&self) -> &[Leftover] {
        match self {
            Review::Reports(_, leftovers) => leftovers,
            Review::Other | Review::Failure(_) | Review::Template | Review::Values(_) => &[],
        }
    }

    /// Returns the problems of the document, with their states.
    pub(super) fn problems<'r>(&'r self, snapshot: &'r Snapshot) -> Vec<Problem<'r>> {
        let text = &snapshot.text;
        let mut all = Vec::new();
        if let Review::Template = self {
            all.extend(chart_template_problem(text, "", || is_chart_template(snapshot.rules.path())));
        }
        if let Review::Values(leftovers) = self {
            all.extend(leftovers.iter().map(problem::of_leftover));
        }
        let mut has_template = false;
        for report in self.reports() {
            let object = problem::object(report);
            for mut problem in document_problems(text, (report, self.leftovers()), (snapshot.rules.path(), false), &mut has_template) {
                if problem.rule == Rule::Other(OtherRule::Syntax) && !is_manifest(report.span.slice(text)) {
                    continue;
                }
                if let Some(reason) = problem.finding.and_then(|finding| snapshot.rules.exception(finding, &object)) {
                    problem.state = State::Excepted(reason);
                }
                all.push(problem);
            }
        }
        all
    }

    /// Returns whether a document cannot be parsed, so that fixes of the text as a whole could damage it.
    pub(super) fn has_syntax_error(&self) -> bool {
        let is_error = |report: &DocumentReport| {
            let is_error = |kind: DiagnosticKind| matches!(kind, DiagnosticKind::Syntax | DiagnosticKind::Template);
            report.status == Status::Invalid && report.diagnostics.iter().any(|diagnostic| is_error(diagnostic.kind))
        };
        self.reports().iter().any(is_error)
    }
}

/// Returns whether a text that cannot be parsed is probably a manifest: it has an `apiVersion` at the top level, or is JSON with
/// one, or a List.
fn is_manifest(document: &str) -> bool {
    let is_json = document.trim_start().starts_with(['{', '[']);
    let mut lines = document.lines();
    is_json && document.contains("\"apiVersion\"")
        || lines.any(|line| line.trim_start_matches(['"', '\'', '\u{feff}']).starts_with("apiVersion"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_has_an_api_version_at_the_top_level() {
        for (text, expected) in [
            ("# comment\napiVersion: v1\n  x", true),
            ("'apiVersion': v1", true),
            ("{\"apiVersion\": ", true),
            ("{\"name\": ", false),
            ("ingress:\n  apiVersion: v1\n :", false),
            ("services:\n", false),
        ] {
            assert_eq!(is_manifest(text), expected, "{text}");
        }
    }
}
