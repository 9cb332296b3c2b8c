//! The review of manifests: each object is evaluated as the request that creates it, by the same admission code as requests in a
//! cluster.

pub(super) mod fix;
pub(super) mod reviewer;
pub(super) mod template;

use std::borrow::Cow;

use pss_core::admission::{self, Cluster, Decision, GroupResource, Judgement, LookupError, Mutation, Request, UserInfo};
use pss_core::date::Date;
use pss_core::pod::{Labels, Object, Pod};
use pss_core::quote::quoted;
use pss_core::settings::{Circumstances, Policy, Validity};
use pss_manifest::{Document, Kind as NodeKind, Node, Section, Span, sections};

use self::reviewer::Reviewer;
use crate::findings::{Located, changes, exempt_findings, findings};
use crate::kinds::{self, Kind};
use crate::objects::objects_of;
use crate::options::{Options, Source};
use crate::report::*;
use crate::rule_warnings::rule_warnings;
use crate::schema::{DecodingError, Schema, is_in_metadata};
use crate::terminal::Terminal;
use crate::{defaulting, deserialization};
use template::{PlainText, Template};

/// The namespace of objects without one.
pub(super) const DEFAULT_NAMESPACE: &str = "default";
/// The error of lookups in the cluster, which a review does not have.
const NO_CLUSTER: &str = "there is no cluster to ask";

/// Reviews manifests: the texts in the given order, as kubectl applies them.
pub fn review(sources: &[Source<'_>], options: &Options<'_>) -> Report {
    Reviewer::default().review(sources, options).into()
}

/// Reviews one text of many, and passes each report to `sink` before the next document is parsed. Returns the namespaces that
/// the text creates, with their labels.
///
/// `earlier` returns the labels of a namespace that an earlier text creates. Thus several texts can be reviewed at the same time.
pub fn review_text(
    text: &str,
    options: &Options<'_>,
    earlier: &dyn Fn(&str) -> Option<Labels<'static>>,
    sink: &mut dyn FnMut(DocumentReport),
) -> Vec<(String, Labels<'static>)> {
    let mut review = Review::new(options, earlier);
    review.text(0, text, &mut Terminal::silent(), sink);
    review.namespaces
}

/// Returns the errors in the namespace labels of options, if their settings read labels, the names of users and groups that look like
/// patterns, the rules that have ended or end soon, and those that need another one.
pub fn option_warnings(options: &Options<'_>) -> Vec<OptionError> {
    Review::new(options, &|_| None).option_warnings()
}

fn diagnostic(kind: DiagnosticKind, severity: Severity, message: &str, span: Span) -> Diagnostic {
    Diagnostic { kind, severity, message: message.to_owned(), help: None, fix: None, span }
}

/// The state of a review. Documents are reviewed in order, because one may create the namespace of the next.
struct Review<'w, 's> {
    options: &'w Options<'s>,
    /// Returns the labels of a namespace that an earlier text creates.
    earlier: &'w dyn Fn(&str) -> Option<Labels<'static>>,
    /// The namespaces that the manifests have created so far, with their labels.
    namespaces: Vec<(String, Labels<'static>)>,
    /// The groups and kinds of the CustomResourceDefinitions so far.
    definitions: Vec<(String, String)>,
}

impl Cluster for Review<'_, '_> {
    fn namespace(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Err(NO_CLUSTER.into())
    }

    fn labels(&self, namespace: &str) -> Result<Labels<'static>, LookupError> {
        let created = self.namespaces.iter().rev().find(|(created, _)| created == namespace);
        match (created, (self.earlier)(namespace)) {
            (None, Some(labels)) => Ok(labels),
            _ => Ok(created.map_or(&self.options.namespace_labels, |(_, labels)| labels).clone().into_owned()),
        }
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Err(NO_CLUSTER.into())
    }

    fn millis(&self) -> u64 {
        0
    }

    fn today(&self) -> Option<Date> {
        self.options.today
    }
}

/// A document, or an item of a List, with its position.
struct Item<'d> {
    /// The index of its source, and the index of its document in that source.
    index: (usize, usize),
    item: Option<usize>,
    node: Node<'d>,
    span: Span,
    api_version: &'d str,
    kind: &'d str,
    template: &'d dyn Template,
}

impl Item<'_> {
    /// Returns a report without findings.
    fn report(&self, status: Status) -> DocumentReport {
        let metadata =
            |field| self.node.get("metadata").and_then(|metadata| metadata.value.get(field)).and_then(|entry| entry.value.text());
        let [name, namespace] = ["name", "namespace"].map(|field| metadata(field).unwrap_or_default());
        report((self.index, self.item), self.span, status, [self.api_version, self.kind, name, namespace])
    }

    /// Returns the report on an object that Kubernetes does not accept.
    fn invalid(&self, error: Diagnostic) -> DocumentReport {
        let mut report = self.report(Status::Invalid);
        report.diagnostics.push(error);
        report
    }

    /// Returns the span of the value of a top-level field, or the first line of the object if it has no such field.
    fn span_of(&self, field: &str) -> Span {
        self.node.get(field).map_or_else(|| self.node.first_line(), |entry| entry.value.span())
    }
}

/// Returns a report on a document or an item with its identity only.
fn report(
    ((source, index), item): ((usize, usize), Option<usize>),
    span: Span,
    status: Status,
    [api_version, kind, name, namespace]: [&str; 4],
) -> DocumentReport {
    DocumentReport {
        source,
        index,
        item,
        api_version: api_version.to_owned(),
        kind: kind.to_owned(),
        name: name.to_owned(),
        namespace: namespace.to_owned(),
        span,
        status,
        exemption: None,
        verdicts: Vec::new(),
        findings: Vec::new(),
        exempt_findings: Vec::new(),
        changes: Vec::new(),
        diagnostics: Vec::new(),
    }
}

impl<'w, 's> Review<'w, 's> {
    fn new(options: &'w Options<'s>, earlier: &'w dyn Fn(&str) -> Option<Labels<'static>>) -> Self {
        Review { options, earlier, namespaces: Vec::new(), definitions: Vec::new() }
    }

    /// Reviews the documents of a text.
    fn text(&mut self, source: usize, text: &str, terminal: &mut Terminal, sink: &mut dyn FnMut(DocumentReport)) {
        for (index, section) in sections(text, self.options.limits).enumerate() {
            self.document((source, index), &section, &section.parse(), terminal, sink);
        }
    }

    /// Reviews a document.
    fn document(
        &mut self,
        index: (usize, usize),
        section: &Section<'_>,
        document: &Document<'_>,
        terminal: &mut Terminal,
        sink: &mut dyn FnMut(DocumentReport),
    ) {
        let is_template = self.options.templates.is_some_and(|templates| templates.review(self, index, section, sink));
        // kubectl reads a template as it is.
        let mut ignore = |_| ();
        let sink = if is_template { &mut ignore } else { sink };
        // The warnings about a List are in the report on its first item.
        let mut warnings = Some(&document.warnings);
        self.content(index, section, document, &PlainText, terminal, &mut |mut report| {
            if let Some(warnings) = warnings.take() {
                let warnings = warnings
                    .iter()
                    .map(|warning| diagnostic(DiagnosticKind::IgnoredText, Severity::Warning, &warning.message, warning.span));
                report.diagnostics.splice(..0, warnings);
            }
            sink(report);
        });
    }

    /// Returns the errors in the namespace labels of the options, if the settings read labels, the names of users and groups that look
    /// like patterns, the rules that have ended or end soon, and those that need another one.
    fn option_warnings(&self) -> Vec<OptionError> {
        let settings = &self.options.settings;
        let namespace = admission::Namespace::new("", self);
        let errors = namespace.policies(settings).map(|(_, errors)| errors).unwrap_or_default();
        let warning = |path: String, message: String| OptionError { path, message, span: None };
        let mut warnings = Vec::new();
        for (key, names) in [("usernames", &settings.exemptions.usernames), ("groups", &settings.exemptions.groups)] {
            for (index, name) in names.iter().enumerate().filter(|(_, name)| name.contains('*')) {
                let message = format!("{} is no pattern: these names are compared as they are, and a '*' stands for itself", quoted(name));
                warnings.push(warning(format!("settings.exemptions.{key}[{index}]"), message));
            }
        }
        warnings.extend(errors.iter().map(|error| warning(format!("namespaceLabels[{}]", error.label()), error.to_string())));
        let today = || self.options.today;
        let circumstances = Circumstances::new(None, &today);
        for (index, rule) in settings.exemptions.checks.iter().enumerate() {
            let expires = rule.expires.text();
            let message = match rule.expires.validity(&circumstances) {
                Validity::Unlimited => continue,
                Validity::EndsSoon => format!("the rule expires at the end of {expires} (UTC)"),
                Validity::Expired => format!("the rule expired at the end of {expires} (UTC), and covers nothing"),
                Validity::Unknown => {
                    format!("the rule expires at the end of {expires} (UTC), and covers nothing, for the date is not known")
                }
            };
            warnings.push(warning(format!("settings.exemptions.checks[{index}].expires"), message));
        }
        warnings.extend(rule_warnings(settings));
        warnings
    }

    fn content(
        &mut self,
        index: (usize, usize),
        section: &Section<'_>,
        document: &Document<'_>,
        template: &dyn Template,
        terminal: &mut Terminal,
        sink: &mut dyn FnMut(DocumentReport),
    ) {
        let span = document.span;
        let tree = match &document.content {
            Ok(tree) => tree,
            Err(error) => {
                if error.is_limit() {
                    terminal.stop();
                } else {
                    terminal.syntax_error(error);
                }
                let mut report = report((index, None), span, Status::Invalid, [""; 4]);
                let own = diagnostic(DiagnosticKind::Syntax, Severity::Error, &error.message, error.span);
                report.diagnostics.push(if error.is_limit() { own } else { self.explain(section, None, own) });
                return sink(report);
            }
        };
        let mut silent = Terminal::silent();
        let terminal = if terminal.list(tree.root()) { &mut silent } else { terminal };
        let objects = objects_of(tree.root());
        let is_list = !matches!(objects.as_slice(), [(node, ..)] if node.is(tree.root()));
        if objects.is_empty() || !is_list && matches!(tree.root().kind(), NodeKind::Null) {
            return sink(report((index, None), span, Status::Empty, [""; 4]));
        }
        for (item, (node, api_version, kind)) in objects.into_iter().enumerate() {
            let (item, span) = if is_list { (Some(item), node.span()) } else { (None, span) };
            sink(self.object(section, &Item { index, item, node, span, api_version, kind, template }, terminal));
        }
    }

    fn object(&mut self, section: &Section<'_>, item: &Item<'_>, terminal: &mut Terminal) -> DocumentReport {
        if !matches!(item.node.kind(), NodeKind::Mapping) {
            terminal.no_object(item.node, item.item.is_some());
            let message = "a manifest is an object with apiVersion and kind, and this is none";
            let error = diagnostic(DiagnosticKind::NoObject, Severity::Error, message, item.node.first_line());
            return item.invalid(self.explain(section, Some(item.node), error));
        }
        for (field, value) in [("kind", item.kind), ("apiVersion", item.api_version)] {
            if value.is_empty() {
                terminal.no_object(item.node, item.item.is_some());
                let example = if field == "kind" { "Deployment" } else { "apps/v1" };
                let message = format!(
                    "{field} is missing, or no string: without it Kubernetes cannot tell what this is. Add one, such as {field}: {example}"
                );
                let error = diagnostic(DiagnosticKind::Object, Severity::Error, &message, item.span_of(field));
                return item.invalid(self.explain(section, Some(item.node), error));
            }
        }
        let kind = item.template.kind(item.node, item.kind, Kind::of(item.api_version, item.kind));
        let report = match kind {
            Kind::BuiltIn => {
                self.definition(item);
                item.report(Status::NoPod)
            }
            Kind::Custom => {
                let message = kinds::custom_kind_note(item.api_version, item.kind);
                let mut report = item.report(Status::NoPod);
                report.diagnostics.push(diagnostic(DiagnosticKind::CustomKind, Severity::Info, &message, item.span_of("kind")));
                // kubectl resolves all kinds before it creates the first object.
                if self.definitions.iter().any(|(group, kind)| *group == kinds::group_of(item.api_version) && kind == item.kind) {
                    terminal.no_match(&report);
                    return report;
                }
                report
            }
            Kind::Unknown | Kind::OtherApiVersion(_) => {
                let field = if kind == Kind::Unknown { "kind" } else { "apiVersion" };
                let message = kinds::unknown_kind_error(item.api_version, item.kind, kind);
                let report = item.invalid(diagnostic(DiagnosticKind::Object, Severity::Error, &message, item.span_of(field)));
                terminal.no_match(&report);
                return report;
            }
            Kind::Namespace | Kind::Pod | Kind::Workload(_) => return self.request(item, kind, terminal),
        };
        let mut report = report;
        match self.schema_errors(item, &mut report) {
            Some(message) => {
                report.status = Status::Invalid;
                terminal.bad_request(&report, item.node, &message);
            }
            None => terminal.response(&report, item.node, &Decision::accepted(), &self.api_warnings(item, terminal)),
        }
        report
    }

    /// Returns the schema of the current document.
    fn schema(&self) -> Option<&dyn Schema> {
        self.options.schema
    }

    /// Returns the diagnostic of a document or a value in it that is no object, with the cause if the schema recognizes it.
    fn explain(&self, section: &Section<'_>, value: Option<Node<'_>>, error: Diagnostic) -> Diagnostic {
        match self.schema() {
            Some(schema) => schema.explain(section, value, error),
            None => error,
        }
    }

    /// Adds the errors that the schema finds in an object. Returns the error of an API server that rejects it for them.
    fn schema_errors(&self, item: &Item<'_>, report: &mut DocumentReport) -> Option<DecodingError> {
        self.schema()?.report((item.node, item.api_version, item.kind), self.options.field_validation, &mut report.diagnostics)
    }

    /// Returns the warnings of an API server itself about an object, if the terminal prints them.
    fn api_warnings(&self, item: &Item<'_>, terminal: &Terminal) -> Vec<String> {
        let schema = self.options.schema.filter(|_| !terminal.is_stopped());
        schema.map_or_else(Vec::new, |schema| schema.warnings(item.node, item.api_version, item.kind))
    }

    /// Records the kind of a CustomResourceDefinition for the documents after it.
    fn definition(&mut self, item: &Item<'_>) {
        let text = |path| item.node.at(path).node.text().map(str::to_owned);
        if item.kind == "CustomResourceDefinition"
            && let (Some(group), Some(kind)) = (text("spec.group"), text("spec.names.kind"))
        {
            self.definitions.push((group, kind));
        }
    }

    /// Evaluates the request that creates an object.
    fn request(&mut self, item: &Item<'_>, kind: Kind, terminal: &mut Terminal) -> DocumentReport {
        let mut object = deserialization::object_in(item.node, item.template);
        let (group, resource) = kind.group_resource();
        object.value.api_version = item.template.api_version(item.api_version, group);
        object.value.kind = Cow::Borrowed(item.kind);
        defaulting::set_defaults(&mut object, item.node);
        let mut report = item.report(Status::Judged);
        let schema_error = self.schema_errors(item, &mut report);
        if add_errors(&object, item.node, &mut report.diagnostics) {
            // The schema knows every field, so its first error is that of an API server.
            let message = report.diagnostics.first().map(|diagnostic| diagnostic.message.clone()).unwrap_or_default();
            let is_in_metadata = object.errors.first().is_some_and(|error| is_in_metadata(&error.path));
            terminal.bad_request(&report, item.node, &schema_error.unwrap_or(DecodingError { message, is_in_metadata }));
            report.status = Status::Invalid;
            return report;
        }
        if kind == Kind::Namespace {
            report.namespace.clear();
        } else if report.namespace.is_empty() {
            let namespace = Some(self.options.namespace.as_ref()).filter(|namespace| !namespace.is_empty());
            namespace.unwrap_or(DEFAULT_NAMESPACE).clone_into(&mut report.namespace);
        }
        let name = report.name.clone();
        let namespace = if kind == Kind::Namespace { name.clone() } else { report.namespace.clone() };
        let request = Request {
            resource: GroupResource { group: Cow::Borrowed(group), resource: Cow::Borrowed(resource) },
            name: Cow::Borrowed(&name),
            namespace: Cow::Borrowed(&namespace),
            user_info: UserInfo { username: Cow::Borrowed(&self.options.user), groups: self.options.groups.clone().into() },
            object: Some(object),
            ..Request::default()
        };
        let result = admission::review(&request, &self.options.settings, self);
        let Some(object) = &request.object else { return report };
        let located = match kind {
            Kind::Workload(workload) => {
                Located::new(item.node, workload.template.path(), workload.template_of(object).unwrap_or_else(Pod::empty))
            }
            _ => Located::new(item.node, "", Pod::of(object)),
        };
        let decision = match result {
            Ok(mut judgement) => {
                item.template.reduce(&mut judgement, &located);
                add_judgement(&located, &judgement, &mut report);
                judgement.user_decision()
            }
            Err(decision) => {
                if kind == Kind::Namespace {
                    self.namespace(item, object, &decision, &mut report);
                }
                decision
            }
        };
        report.changes = changes(item.node, &decision.mutation);
        match schema_error {
            // The findings remain: an author can fix both at once.
            Some(error) => {
                report.status = Status::Invalid;
                terminal.bad_request(&report, item.node, &error);
            }
            None => terminal.response(&report, item.node, &decision, &self.api_warnings(item, terminal)),
        }
        report
    }

    /// Records a created namespace for the documents after it, and reports its warnings or errors.
    fn namespace(&mut self, item: &Item<'_>, object: &Object<'_>, decision: &Decision, report: &mut DocumentReport) {
        report.status = Status::NoPod;
        if let Some(rejection) = &decision.rejection {
            let (_, errors) = Policy::from_labels(&labels_of(object), self.options.settings.defaults);
            for error in &errors {
                let span = item.node.at(&format!("metadata.labels[{}]", error.label())).span();
                report.diagnostics.push(diagnostic(DiagnosticKind::NamespaceLabel, Severity::Error, &error.to_string(), span));
            }
            if errors.is_empty() {
                report.diagnostics.push(diagnostic(
                    DiagnosticKind::NamespaceLabel,
                    Severity::Error,
                    &rejection.message,
                    item.node.first_line(),
                ));
            }
            return;
        }
        let warning = |text: &String| diagnostic(DiagnosticKind::NamespaceLabel, Severity::Warning, text, item.node.first_line());
        report.diagnostics.extend(decision.warnings.iter().map(warning));
        let labels = if let Mutation::Labels(labels) = &decision.mutation { labels.as_slice() } else { &[] };
        let labels = admission::with_labels(&labels_of(object), labels);
        if let Some(contents) = self.options.contents {
            let label = item.node.at("metadata.labels[pod-security.kubernetes.io/enforce]");
            let span = if label.exists { label.span() } else { item.node.first_line() };
            let warnings = contents.warnings(&report.name, &labels, self.options);
            report
                .diagnostics
                .extend(warnings.iter().map(|warning| diagnostic(DiagnosticKind::NamespaceLabel, Severity::Warning, warning, span)));
        }
        self.namespaces.push((report.name.clone(), labels));
    }
}

/// Adds the judgement of a pod to the report on its object.
fn add_judgement(located: &Located<'_>, judgement: &Judgement<'_, '_>, report: &mut DocumentReport) {
    if let Some(exemption) = judgement.exemption {
        report.status = Status::Exempt;
        report.exemption = Some(exemption);
        return;
    }
    let verdict = |verdict: &admission::Verdict| Verdict {
        mode: verdict.mode,
        policy: verdict.policy,
        is_satisfied: judgement.violations(verdict.policy).is_empty(),
        effect: verdict.effect,
        message: judgement.message(verdict),
    };
    // Findings need the sentences of the messages one by one, and messages then consist of them.
    report.findings = findings(located, judgement);
    report.verdicts = judgement.verdicts().map(verdict).collect();
    report.exempt_findings = exempt_findings(located, judgement);
}

/// Returns the labels of an object without values of the wrong type.
fn labels_of<'o>(object: &'o Object<'o>) -> Cow<'o, Labels<'o>> {
    object.value.metadata.labels.read("metadata.labels").unwrap_or_default()
}

/// Adds the errors of values of the wrong type in an object and its templates, except those that the schema has found. Returns
/// whether there are any.
fn add_errors(object: &Object<'_>, node: Node<'_>, diagnostics: &mut Vec<Diagnostic>) -> bool {
    let fields = &object.value;
    for error in &object.errors {
        let place = node.at(&error.path);
        let span = if place.exists { place.span() } else { place.node.first_line() };
        let is_known = |other: &Diagnostic| other.kind == DiagnosticKind::WrongType && other.span.start.offset == span.start.offset;
        if !diagnostics.iter().any(is_known) {
            diagnostics.push(diagnostic(DiagnosticKind::WrongType, Severity::Error, &error.to_string(), span));
        }
    }
    let mut is_invalid = !object.errors.is_empty();
    for template in [&fields.template, &fields.spec.template, &fields.spec.job_template].into_iter().flatten() {
        is_invalid |= add_errors(template, node, diagnostics);
    }
    is_invalid
}

#[cfg(test)]
mod tests;
