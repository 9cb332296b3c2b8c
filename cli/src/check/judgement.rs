//! The judgement of one file: its documents reviewed, the problems with their states, and the fragments of the formats.

use std::collections::HashMap;
use std::path::Path;

use pss_core::admission::Mode;
use pss_core::pod::Labels;
use pss_core::settings::NamespaceLabels;
use pss_manifest::{Limits, Position, Span};
use pss_migrate::leftovers::{self, Leftover};
use pss_review::{DiagnosticKind, DocumentReport, Options, Status, review_text};

use super::baseline::Baseline;
use super::fingerprint::Fingerprints;
use super::problem::{self, OtherRule, Problem, Rule, Severity, State, problems};
use super::summary::Counts;
use super::tasks::Task;
use crate::arguments::FailOn;
use crate::exit::Exit;
use crate::formats::{Document, Format};
use crate::input::{Input, is_chart_template, is_chart_values};

/// The result of a document, or of a file as a whole.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// The fragments, one for each format.
    pub(super) fragments: Vec<String>,
    pub(super) counts: Counts,
    pub(super) exit: Exit,
    /// The findings for a baseline: fingerprints with descriptions.
    pub(super) baseline: Vec<(String, String)>,
}

/// The judging of a file.
pub(super) struct Judging<'j, 's> {
    /// The index of the file.
    pub(super) index: usize,
    pub(super) task: &'j Task,
    pub(super) options: &'j Options<'s>,
    pub(super) fail_on: Option<FailOn>,
    pub(super) baseline: &'j Baseline,
    pub(super) formats: &'j [&'j dyn Format],
    pub(super) namespaces: &'j Namespaces,
    pub(super) is_writing_baseline: bool,
}

/// The namespaces that files create, with their labels.
#[derive(Debug, Default)]
pub(crate) struct Namespaces {
    by_name: HashMap<String, Vec<(usize, Labels<'static>)>>,
}

impl Namespaces {
    /// Returns the namespaces that files create. Each is in the list with the index of its file.
    pub(crate) fn new(mut created: Vec<(usize, String, Labels<'static>)>) -> Self {
        // Files are read by several threads; the sort keeps the order of the namespaces of one file.
        created.sort_by_key(|(index, ..)| *index);
        let mut namespaces = Namespaces::default();
        for (index, name, labels) in created {
            namespaces.by_name.entry(name).or_default().push((index, labels));
        }
        namespaces
    }

    /// Returns the namespaces that a file creates, if the settings read labels. A file that cannot be read is reported when it is
    /// judged.
    pub(crate) fn of_file(input: &Input, options: &Options<'_>) -> Vec<(String, Labels<'static>)> {
        if options.settings.namespace_labels == NamespaceLabels::Ignore {
            return Vec::new();
        }
        match input.read() {
            // Namespaces do not depend on others, so the reports do not matter here.
            Ok(text) if text.contains("Namespace") => review_text(&text, options, &|_| None, &mut |_| ()),
            _ => Vec::new(),
        }
    }

    /// Returns the labels of a namespace that a file before another one creates.
    pub(crate) fn before(&self, file: usize, name: &str) -> Option<Labels<'static>> {
        let created = self.by_name.get(name)?;
        created.iter().rev().find(|(index, _)| *index < file).map(|(_, labels)| labels.clone())
    }
}

/// What a text of a template contains.
const TEMPLATE_MARK: &str = "{{";
const TEMPLATE_HELP: &str = "Render it, and judge the output: helm template CHART | pss check -";

impl Judging<'_, '_> {
    /// Judges the file, and passes the result for each document to `sink`, which returns whether it wants more. Returns whether it
    /// wanted all.
    pub(super) fn run(&self, sink: &mut dyn FnMut(Judged) -> bool) -> bool {
        let file = &self.task.input.name;
        let text = match self.task.input.read() {
            Ok(text) => text,
            Err(message) => return sink(self.whole_file("", file_problem(OtherRule::Unreadable, message, file))),
        };
        if let Some(problem) = chart_template_problem(&text, self.task.input.path.as_deref(), file) {
            return sink(self.whole_file(&text, problem));
        }
        let mut is_wanted = self.chart_values(&text).is_none_or(&mut *sink);
        // Folders contain other YAML and JSON files.
        if !self.task.input.is_argument && !text.contains("apiVersion") {
            let counts = Counts { files: 1, other: 1, ..Counts::default() };
            return is_wanted && sink(Judged { fragments: vec![String::new(); self.formats.len()], counts, ..Judged::default() });
        }
        let leftovers = leftovers::of_manifests(&text, self.options.limits);
        let mut is_first = true;
        let mut fingerprints = Fingerprints::default();
        let mut has_template = false;
        let mut add = |report: &DocumentReport| {
            if !is_wanted {
                return;
            }
            let mut judged = self.document(&text, report, &leftovers, (&mut fingerprints, &mut has_template));
            judged.counts.files = usize::from(std::mem::take(&mut is_first));
            is_wanted = sink(judged);
        };
        review_text(&text, self.options, &|name| self.namespaces.before(self.index, name), &mut |report| add(&report));
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
        let file = self.task.input.name.as_str();
        if report.status == Status::Empty {
            return Judged { fragments: vec![String::new(); self.formats.len()], ..Judged::default() };
        }
        let mut problems = document_problems(text, (report, leftovers), self.task.input.origin(), has_template);
        let mut counts = Counts::default();
        let mut exit = Exit::Clean;
        let mut baseline = Vec::new();
        let object = problem::object(report);
        for problem in &mut problems {
            problem.fingerprint = fingerprints.of(file, Some(report), problem);
            self.set_state(problem, &object);
            self.count(problem, &mut counts);
            if problem.is_unjudged() {
                exit = Exit::Unjudged;
            } else if self.fails(problem) {
                exit = exit.max(Exit::Violations);
            }
            if self.is_writing_baseline && problem.finding.is_some() && problem.state == State::New {
                let description = format!("{file}: {object}: {}: {}", problem.rule.id(), problem.path);
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
            Status::Invalid if is_other(report, text, self.task.input.origin()) => counts.other = 1,
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
        Judged { fragments: self.formats.iter().map(|format| format.document(&document)).collect(), counts, exit, baseline }
    }

    /// Finds out whether a problem counts.
    fn set_state<'d>(&'d self, problem: &mut Problem<'d>, object: &str) {
        let Some(finding) = problem.finding else { return };
        if let Some(exception) = self.task.exception(finding, object) {
            problem.state = State::Excepted(&exception.reason);
        } else if self.baseline.contains(&problem.fingerprint) {
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
            return self.fail_on == Some(FailOn::Warn);
        }
        let Some(finding) = problem.finding.filter(|_| problem.state == State::New) else { return false };
        match self.fail_on {
            Some(FailOn::Never) => false,
            Some(FailOn::Warn) => true,
            Some(FailOn::Baseline | FailOn::Restricted) | None => finding.modes.contains(&Mode::Enforce),
        }
    }

    /// Returns the result for a file with values of a chart, if they create PodSecurityPolicies. It is no manifest, and is counted as
    /// such elsewhere.
    fn chart_values(&self, text: &str) -> Option<Judged> {
        let leftovers = values_leftovers(text, self.task.input.path(), self.options.limits);
        if leftovers.is_empty() {
            return None;
        }
        let (mut fingerprints, mut counts) = (Fingerprints::default(), Counts::default());
        let mut problems: Vec<Problem<'_>> = leftovers.iter().map(problem::of_leftover).collect();
        for problem in &mut problems {
            problem.fingerprint = fingerprints.of(&self.task.input.name, None, problem);
            self.count(problem, &mut counts);
        }
        let exit = if problems.iter().any(|problem| self.fails(problem)) { Exit::Violations } else { Exit::Clean };
        let document = Document { text, problems: &problems, counts, ..self.empty_document() };
        Some(Judged {
            fragments: self.formats.iter().map(|format| format.document(&document)).collect(),
            counts,
            exit,
            baseline: Vec::new(),
        })
    }

    /// Returns what all documents of the file have in common.
    fn empty_document(&self) -> Document<'_> {
        let Task { input, .. } = self.task;
        Document {
            is_standard_input: input.path.is_none(),
            warnings_fail: self.fail_on == Some(FailOn::Warn),
            ..Document::of_file(&input.name)
        }
    }

    /// Returns the result for a file with one problem.
    fn whole_file(&self, text: &str, problem: Problem<'_>) -> Judged {
        let counts = Counts { files: 1, unjudged: 1, ..Counts::default() };
        let document = Document { text, problems: &[problem], counts, ..self.empty_document() };
        let fragments = self.formats.iter().map(|format| format.document(&document)).collect();
        Judged { fragments, counts, exit: Exit::Unjudged, baseline: Vec::new() }
    }
}

/// Returns a problem of a file as a whole.
pub(crate) fn file_problem<'d>(rule: OtherRule, message: String, file: &str) -> Problem<'d> {
    let mut problem = Problem {
        rule: Rule::Other(rule),
        severity: Severity::Error,
        state: State::New,
        message,
        help: None,
        path: "",
        span: None,
        finding: None,
        fingerprint: String::new(),
    };
    problem.fingerprint = Fingerprints::default().of(file, None, &problem);
    problem
}

/// Returns the problem of a text that is a template of a Helm chart; `None` for other texts.
pub(crate) fn chart_template_problem(text: &str, path: Option<&Path>, file: &str) -> Option<Problem<'static>> {
    let at = text.find(TEMPLATE_MARK)?;
    if !path.is_some_and(is_chart_template) {
        return None;
    }
    let message = "the file is a template of a Helm chart, which has no verdict".to_owned();
    let problem = file_problem(OtherRule::Template, message, file);
    Some(Problem { span: Some(span_of_mark(text, at)), help: Some(TEMPLATE_HELP), ..problem })
}

/// Returns the leftovers of PodSecurityPolicies among the values of a chart; none if the file has no values by its name and place.
pub(crate) fn values_leftovers(text: &str, path: &Path, limits: Limits) -> Vec<Leftover> {
    // Most files have none, whatever they are, so the file system need not be searched.
    let leftovers = leftovers::of_values(text, limits);
    if leftovers.is_empty() || is_chart_values(path) { leftovers } else { Vec::new() }
}

/// Returns the problems of a document in a file, which [`is_other`] describes; none if it is something else than a Kubernetes object. `has_template` is whether an
/// earlier document of the text is a template: the documents of one template are usually the parts between its actions.
pub(crate) fn document_problems<'d>(
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
pub(crate) fn is_template(document: &str, report: &DocumentReport) -> bool {
    document.contains(TEMPLATE_MARK)
        && (report.status == Status::Invalid || [&report.name, &report.namespace].iter().any(|name| name.contains(TEMPLATE_MARK)))
}

/// Returns whether a document of a text is no Kubernetes object, but something else: the values or the Chart.yaml of a chart, and in
/// folders also configurations of other tools. The file is given by its path, and whether an argument names it.
pub(crate) fn is_other(report: &DocumentReport, text: &str, (path, is_argument): (&Path, bool)) -> bool {
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
