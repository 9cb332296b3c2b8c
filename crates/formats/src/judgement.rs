//! The judgement of one file: its documents reviewed, the problems with their states, and the fragments of the formats.

use std::collections::HashMap;
use std::path::Path;

use pss_core::admission::Mode;
use pss_core::pod::Labels;
use pss_core::settings::NamespaceLabels;
use pss_manifest::{Limits, Position, Span};
use pss_migrate::leftovers::{self, Leftover};
use pss_review::{DiagnosticKind, DocumentReport, Finding, Options, Status, review_text};

use crate::fingerprint::Fingerprints;
use crate::problem::{self, OtherRule, Problem, Rule, Severity, State, problems};
use crate::summary::Counts;
use crate::{Document, Format};

/// The result of a document, or of a file as a whole.
#[derive(Debug, Default)]
pub struct Judged {
    /// The fragments, one for each format.
    pub fragments: Vec<String>,
    /// The counts.
    pub counts: Counts,
    /// The outcome.
    pub outcome: Outcome,
    /// The findings for a baseline: fingerprints with descriptions.
    pub baseline: Vec<(String, String)>,
}

/// The outcome for a document, a file or a run. Of several, the greatest counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing fails.
    #[default]
    Clean,
    /// A finding fails.
    Violations,
    /// Something could not be judged.
    Unjudged,
}

/// The findings that fail.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Failing {
    /// Those of the mode enforce.
    #[default]
    Enforced,
    /// Those of all modes.
    All,
    /// None.
    Nothing,
}

/// A file to be judged, without its text.
#[derive(Debug, Clone, Copy)]
pub struct File<'j> {
    /// The name in the output.
    pub name: &'j str,
    /// The path; the name for standard input.
    pub path: &'j Path,
    /// Whether it is named as a manifest. Others, as those in a folder, may be anything.
    pub is_argument: bool,
    /// Whether the text is standard input, so that there is no file of this name.
    pub is_standard_input: bool,
}

/// What is known of a file besides its text.
pub trait Surroundings {
    /// Whether it is a template of a Helm chart, by its place.
    fn is_chart_template(&self) -> bool;

    /// Whether it has values of a Helm chart, by its name and place.
    fn is_chart_values(&self) -> bool;

    /// Returns the labels of a namespace that a file before this one creates.
    fn namespace(&self, name: &str) -> Option<Labels<'static>>;

    /// Returns the reason of the exception that covers a finding of an object, such as `Deployment/web`.
    fn exception(&self, finding: &Finding, object: &str) -> Option<&str>;

    /// Whether a finding with this fingerprint is in the baseline.
    fn is_in_baseline(&self, fingerprint: &str) -> bool;
}

/// The judging of a file.
pub struct Judging<'j, 's> {
    /// The file.
    pub file: File<'j>,
    /// What is known of the file besides its text.
    pub surroundings: &'j dyn Surroundings,
    /// The options of the review.
    pub options: &'j Options<'s>,
    /// The findings that fail.
    pub failing: Failing,
    /// The formats to render.
    pub formats: &'j [&'j dyn Format],
    /// Whether the results have the findings for a baseline.
    pub is_writing_baseline: bool,
}

/// The namespaces that files create, with their labels.
#[derive(Debug, Default)]
pub struct Namespaces {
    by_name: HashMap<String, Vec<(usize, Labels<'static>)>>,
}

impl Namespaces {
    /// Returns the namespaces that files create. Each is in the list with the index of its file.
    pub fn new(mut created: Vec<(usize, String, Labels<'static>)>) -> Self {
        // Files are read by several threads; the sort keeps the order of the namespaces of one file.
        created.sort_by_key(|(index, ..)| *index);
        let mut namespaces = Namespaces::default();
        for (index, name, labels) in created {
            namespaces.by_name.entry(name).or_default().push((index, labels));
        }
        namespaces
    }

    /// Returns whether the namespaces that files create matter: the settings read labels.
    pub fn matter(options: &Options<'_>) -> bool {
        options.settings.namespace_labels != NamespaceLabels::Ignore
    }

    /// Returns the namespaces that a text creates.
    pub fn of_text(text: &str, options: &Options<'_>) -> Vec<(String, Labels<'static>)> {
        // Namespaces do not depend on others, so the reports do not matter here.
        if text.contains("Namespace") { review_text(text, options, &|_| None, &mut |_| ()) } else { Vec::new() }
    }

    /// Returns the labels of a namespace that a file before another one creates.
    pub fn before(&self, file: usize, name: &str) -> Option<Labels<'static>> {
        let created = self.by_name.get(name)?;
        created.iter().rev().find(|(index, _)| *index < file).map(|(_, labels)| labels.clone())
    }
}

/// What a text of a template contains.
const TEMPLATE_MARK: &str = "{{";
const TEMPLATE_HELP: &str = "Render it, and judge the output: helm template CHART | pss check -";

impl Judging<'_, '_> {
    /// Returns the result for a file that cannot be read.
    pub fn unreadable(&self, message: String) -> Judged {
        self.whole_file("", file_problem(OtherRule::Unreadable, message, self.file.name))
    }

    /// Judges the text of the file, and passes the result for each document to `sink`, which returns whether it wants more. Returns
    /// whether it wanted all.
    pub fn run(&self, text: &str, sink: &mut dyn FnMut(Judged) -> bool) -> bool {
        if let Some(problem) = chart_template_problem(text, self.file.name, || self.surroundings.is_chart_template()) {
            return sink(self.whole_file(text, problem));
        }
        let mut is_wanted = self.chart_values(text).is_none_or(&mut *sink);
        // Folders contain other YAML and JSON files.
        if !self.file.is_argument && !text.contains("apiVersion") {
            let counts = Counts { files: 1, other: 1, ..Counts::default() };
            return is_wanted && sink(Judged { fragments: vec![String::new(); self.formats.len()], counts, ..Judged::default() });
        }
        let leftovers = leftovers::of_manifests(text, self.options.limits);
        let mut is_first = true;
        let mut fingerprints = Fingerprints::default();
        let mut has_template = false;
        let mut add = |report: &DocumentReport| {
            if !is_wanted {
                return;
            }
            let mut judged = self.document(text, report, &leftovers, (&mut fingerprints, &mut has_template));
            judged.counts.files = usize::from(std::mem::take(&mut is_first));
            is_wanted = sink(judged);
        };
        review_text(text, self.options, &|name| self.surroundings.namespace(name), &mut |report| add(&report));
        if is_first {
            let counts = Counts { files: 1, ..Counts::default() };
            return sink(Judged { fragments: vec![String::new(); self.formats.len()], counts, ..Judged::default() });
        }
        is_wanted
    }

    fn document<'d>(
        &'d self,
        text: &'d str,
        report: &'d DocumentReport,
        leftovers: &'d [Leftover],
        (fingerprints, has_template): (&mut Fingerprints, &mut bool),
    ) -> Judged {
        if report.status == Status::Empty {
            return Judged { fragments: vec![String::new(); self.formats.len()], ..Judged::default() };
        }
        let mut problems = document_problems(text, (report, leftovers), self.origin(), has_template);
        let mut counts = Counts::default();
        let mut outcome = Outcome::Clean;
        let mut baseline = Vec::new();
        let object = problem::object(report);
        for problem in &mut problems {
            problem.fingerprint = fingerprints.of(self.file.name, Some(report), problem);
            self.set_state(problem, &object);
            self.count(problem, &mut counts);
            if problem.is_unjudged() {
                outcome = Outcome::Unjudged;
            } else if self.fails(problem) {
                outcome = outcome.max(Outcome::Violations);
            }
            if self.is_writing_baseline && problem.finding.is_some() && problem.state == State::New {
                let description = format!("{}: {object}: {}: {}", self.file.name, problem.rule.id(), problem.path);
                baseline.push((problem.fingerprint.clone(), description));
            }
        }
        // Only the first template of a file is a problem, but none is judged.
        let is_template = is_template(report.span.slice(text), report);
        let is_invalid = problems.iter().any(Problem::is_unjudged);
        // An object with unknown fields has verdicts, too: those that it gets without these fields.
        let has_verdicts = !report.verdicts.is_empty() && !is_template;
        counts.invalid = usize::from(is_invalid && has_verdicts);
        counts.unjudged = usize::from(is_template || is_invalid && !has_verdicts);
        counts.rejected = usize::from(counts.violations > 0);
        match report.status {
            _ if is_template => {}
            Status::Judged => counts.judged = 1,
            Status::Invalid if has_verdicts => counts.judged = 1,
            Status::Exempt => counts.exempt = 1,
            Status::Invalid if is_other(report, text, self.origin()) => counts.other = 1,
            Status::NoPod | Status::Invalid | Status::Empty => {}
        }
        counts.objects = usize::from(counts.other == 0 && !is_template);
        let document = Document {
            template: template_of(report.span.slice(text)),
            text,
            report: Some(report),
            problems: &problems,
            counts,
            ..self.empty_document()
        };
        Judged { fragments: self.formats.iter().map(|format| format.document(&document)).collect(), counts, outcome, baseline }
    }

    /// Finds out whether a problem counts.
    fn set_state<'d>(&'d self, problem: &mut Problem<'d>, object: &str) {
        let Some(finding) = problem.finding else { return };
        if let Some(reason) = self.surroundings.exception(finding, object) {
            problem.state = State::Excepted(reason);
        } else if self.surroundings.is_in_baseline(&problem.fingerprint) {
            problem.state = State::Baseline;
        }
    }

    fn count(&self, problem: &Problem<'_>, counts: &mut Counts) {
        match problem.state {
            State::Baseline => counts.in_baseline += 1,
            State::Excepted(_) | State::Exempt(_) => counts.excepted += 1,
            State::New => {
                counts.fixable += usize::from(problem.fix().is_some());
                match problem.severity {
                    Severity::Error if problem.finding.is_some() => counts.violations += 1,
                    Severity::Warning => counts.warnings += 1,
                    Severity::Error | Severity::Note => {}
                }
            }
        }
    }

    /// Returns whether a finding or a leftover fails the run.
    fn fails(&self, problem: &Problem<'_>) -> bool {
        if problem.is_leftover() {
            return self.failing == Failing::All;
        }
        let Some(finding) = problem.finding.filter(|_| problem.state == State::New) else { return false };
        match self.failing {
            Failing::Nothing => false,
            Failing::All => true,
            Failing::Enforced => finding.modes.contains(&Mode::Enforce),
        }
    }

    /// Returns the result for a file with values of a chart, if they create PodSecurityPolicies. It is no manifest, and is counted as
    /// such elsewhere.
    fn chart_values(&self, text: &str) -> Option<Judged> {
        let leftovers = values_leftovers(text, self.options.limits, || self.surroundings.is_chart_values());
        if leftovers.is_empty() {
            return None;
        }
        let (mut fingerprints, mut counts) = (Fingerprints::default(), Counts::default());
        let mut problems: Vec<Problem<'_>> = leftovers.iter().map(problem::of_leftover).collect();
        for problem in &mut problems {
            problem.fingerprint = fingerprints.of(self.file.name, None, problem);
            self.count(problem, &mut counts);
        }
        let outcome = if problems.iter().any(|problem| self.fails(problem)) { Outcome::Violations } else { Outcome::Clean };
        let document = Document { text, problems: &problems, counts, ..self.empty_document() };
        Some(Judged {
            fragments: self.formats.iter().map(|format| format.document(&document)).collect(),
            counts,
            outcome,
            baseline: Vec::new(),
        })
    }

    /// Returns what all documents of the file have in common.
    fn empty_document(&self) -> Document<'_> {
        let File { name, is_standard_input, .. } = self.file;
        Document { is_standard_input, warnings_fail: self.failing == Failing::All, ..Document::of_file(name) }
    }

    /// The path, and whether the file is named as a manifest.
    fn origin(&self) -> (&Path, bool) {
        (self.file.path, self.file.is_argument)
    }

    /// Returns the result for a file with one problem.
    fn whole_file(&self, text: &str, problem: Problem<'_>) -> Judged {
        let counts = Counts { files: 1, unjudged: 1, ..Counts::default() };
        let document = Document { text, problems: &[problem], counts, ..self.empty_document() };
        let fragments = self.formats.iter().map(|format| format.document(&document)).collect();
        Judged { fragments, counts, outcome: Outcome::Unjudged, baseline: Vec::new() }
    }
}

/// Returns a problem of a file as a whole.
pub fn file_problem<'d>(rule: OtherRule, message: String, file: &str) -> Problem<'d> {
    let mut problem = Problem {
        rule: Rule::Other(rule),
        severity: Severity::Error,
        state: State::New,
        message,
        help: None,
        path: "",
        span: None,
        finding: None,
        field_fix: None,
        fingerprint: String::new(),
    };
    problem.fingerprint = Fingerprints::default().of(file, None, &problem);
    problem
}

/// Returns the problem of a text that is a template of a Helm chart; `None` for other texts.
pub fn chart_template_problem(text: &str, file: &str, is_chart_template: impl FnOnce() -> bool) -> Option<Problem<'static>> {
    let at = text.find(TEMPLATE_MARK)?;
    if !is_chart_template() {
        return None;
    }
    let message = "the file is a template of a Helm chart, which has no verdict".to_owned();
    let problem = file_problem(OtherRule::Template, message, file);
    Some(Problem { span: Some(span_of_mark(text, at)), help: Some(TEMPLATE_HELP), ..problem })
}

/// Returns the leftovers of PodSecurityPolicies among the values of a chart; none if the file has no values by its name and place.
pub fn values_leftovers(text: &str, limits: Limits, is_chart_values: impl FnOnce() -> bool) -> Vec<Leftover> {
    // Most files have none, whatever they are, so the file system need not be searched.
    let leftovers = leftovers::of_values(text, limits);
    if leftovers.is_empty() || is_chart_values() { leftovers } else { Vec::new() }
}

/// Returns the problems of a document in a file, which [`is_other`] describes; none if it is something else than a Kubernetes object. `has_template` is whether an
/// earlier document of the text is a template: the documents of one template are usually the parts between its actions.
pub fn document_problems<'d>(
    text: &str,
    (report, leftovers): (&'d DocumentReport, &'d [Leftover]),
    origin: (&Path, bool),
    has_template: &mut bool,
) -> Vec<Problem<'d>> {
    if is_template(report.span.slice(text), report) {
        if std::mem::replace(has_template, true) { Vec::new() } else { vec![template_problem(text, report)] }
    } else if is_other(report, text, origin) {
        Vec::new()
    } else {
        problems(report, leftovers)
    }
}

/// Returns whether a document is a template that is not rendered. A text with `{{` can be valid: alerting rules and commands
/// contain Go templates. So only what cannot be judged, or has a name that no object can have, is a template.
pub fn is_template(document: &str, report: &DocumentReport) -> bool {
    document.contains(TEMPLATE_MARK)
        && (report.status == Status::Invalid || [&report.name, &report.namespace].iter().any(|name| name.contains(TEMPLATE_MARK)))
}

/// Returns whether a document of a text is no Kubernetes object, but something else: the values or the Chart.yaml of a chart, and in
/// folders also configurations of other tools. The file is given by its path, and whether an argument names it.
pub fn is_other(report: &DocumentReport, text: &str, (path, is_argument): (&Path, bool)) -> bool {
    let is_chart = path.file_name().is_some_and(|name| name == "Chart.yaml");
    let mut kinds = report.diagnostics.iter().filter(|diagnostic| diagnostic.severity == pss_review::Severity::Error);
    report.status == Status::Invalid
        && kinds.all(|diagnostic| match diagnostic.kind {
            DiagnosticKind::Object if report.kind.is_empty() => report.api_version.is_empty() || is_chart,
            DiagnosticKind::Object => !is_argument && is_of_other_tool(report),
            // A list of objects without a kind is none of Kubernetes' lists, and may be meant as one.
            DiagnosticKind::NoObject => !is_argument && !report.span.slice(text).contains("apiVersion"),
            _ => false,
        })
}

/// Returns whether an object has the form of Kubernetes' objects, and a group that neither Kubernetes nor a custom resource has: the
/// groups of custom resources contain a dot. A configuration of kubectl has the version `v1`.
fn is_of_other_tool(report: &DocumentReport) -> bool {
    const GROUPS: [&str; 5] = ["apps", "autoscaling", "batch", "extensions", "policy"];
    match report.api_version.split_once('/') {
        Some((group, _)) => !group.contains('.') && !GROUPS.contains(&group),
        None => report.kind == "Config" && report.api_version == "v1",
    }
}

fn template_problem<'d>(text: &str, report: &DocumentReport) -> Problem<'d> {
    let start = report.span.start.offset;
    let at = text.get(start..).and_then(|rest| rest.find(TEMPLATE_MARK)).map_or(start, |at| start + at);
    let mut problem =
        file_problem(OtherRule::Template, "the document is a template that is not rendered, and has no verdict".to_owned(), "");
    problem.span = Some(span_of_mark(text, at));
    problem.help = Some(TEMPLATE_HELP);
    problem
}

/// Returns the template in the comment that `helm template` writes before a document: `# Source: chart/templates/web.yaml`.
fn template_of(document: &str) -> Option<&str> {
    let comments = document.lines().take_while(|line| line.is_empty() || line.starts_with(['#', '-']));
    comments.into_iter().find_map(|line| line.strip_prefix("# Source: ")).map(str::trim)
}

/// Returns the span of `{{` at an offset.
fn span_of_mark(text: &str, offset: usize) -> Span {
    let before = text.get(..offset).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let [column, utf16_column] = [line.chars().count() + 1, line.encode_utf16().count() + 1];
    let utf16_offset = before.encode_utf16().count();
    let start = Position { offset, line: before.matches('\n').count() + 1, column, utf16_offset, utf16_column };
    let length = TEMPLATE_MARK.len();
    let end = Position {
        offset: offset + length,
        line: start.line,
        column: column + length,
        utf16_offset: utf16_offset + length,
        utf16_column: utf16_column + length,
    };
    Span { start, end }
}
