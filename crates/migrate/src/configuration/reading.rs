//! Reads a configuration: finds the object in a text, checks its fields, and validates its settings.
//!
//! Source: `ReadAdmissionConfiguration` in `staging/src/k8s.io/apiserver/pkg/admission/config.go` of Kubernetes,
//! `admission/api/load` of k8s.io/pod-security-admission, and the type of the template in `pkg/apis/management.cattle.io/v3` of
//! Rancher.

use pss_core::json::FieldError;
use pss_core::settings::Settings;
use pss_manifest::{Document, Kind, Node, Position, Span, documents};
use pss_review::{Source, objects_of};
use serde_json::{Value, json};

use super::strict::{self, each_unknown, each_unknown_of_configuration};
use super::{Configuration, Effect, File, Form, Note, Plugin};
use crate::problem::{Problem, Severity};

/// The group of the kinds of Kubewarden.
const KUBEWARDEN: &str = "policies.kubewarden.io/";
/// The versions of AdmissionConfiguration. The groups differ.
const ADMISSION_CONFIGURATION_VERSIONS: [&str; 2] = ["apiserver.config.k8s.io/v1", "apiserver.k8s.io/v1alpha1"];
/// The version of PodSecurityAdmissionConfigurationTemplate.
const TEMPLATE_VERSION: &str = "management.cattle.io/v3";
/// The plugin of Pod Security Admission.
const POD_SECURITY: &str = "PodSecurity";
/// The name of the module of the policy. Registries, folders and versions differ.
const MODULE: &str = "pod-security-standards";
/// The number of objects to name in a note.
const MAX_NAMES: usize = 10;
/// The start of an action of a Helm template.
const TEMPLATE_MARK: &str = "{{";
/// What a text can be, for messages.
const EXPECTED: &str = "Expected the settings of the policy, a ClusterAdmissionPolicy, a PodSecurityConfiguration, an \
                        AdmissionConfiguration or a PodSecurityAdmissionConfigurationTemplate";

/// An object of a text.
#[derive(Clone, Copy)]
struct Object<'d> {
    node: Node<'d>,
    api_version: &'d str,
    kind: &'d str,
}

impl Object<'_> {
    /// Returns the form of the object, unless it is of another kind.
    fn form(self) -> Option<Form> {
        match self.kind {
            "ClusterAdmissionPolicy" | "AdmissionPolicy" if self.api_version.starts_with(KUBEWARDEN) => Some(Form::Policy),
            "PodSecurityConfiguration" => Some(Form::PodSecurityConfiguration),
            "AdmissionConfiguration" => Some(Form::AdmissionConfiguration),
            "PodSecurityAdmissionConfigurationTemplate" => Some(Form::Template),
            "" if self.api_version.is_empty() => Some(Form::Settings),
            _ => None,
        }
    }

    /// Returns `metadata.name`; empty if it is missing.
    fn name(self) -> String {
        let place = self.node.at("metadata.name");
        place.node.text().filter(|_| place.exists).unwrap_or_default().to_owned()
    }

    /// Returns `KIND NAME`.
    fn title(self) -> String {
        let name = self.name();
        if name.is_empty() { self.kind.to_owned() } else { format!("{} {name}", self.kind) }
    }

    /// Returns whether the object is a policy of another module. A policy without a module may be this one.
    fn is_of_other_module(self) -> bool {
        let place = self.node.at("spec.module");
        let module = place.node.text().filter(|_| place.exists && self.form() == Some(Form::Policy));
        module.is_some_and(|module| module_name(module) != MODULE)
    }

    fn mutates(self) -> bool {
        self.form() == Some(Form::Policy) && matches!(self.node.at("spec.mutating").node.kind(), Kind::Bool(true))
    }
}

/// The text that is read, with its errors and notes.
struct Reader<'s> {
    source: &'s str,
    problems: Vec<Problem>,
    notes: Vec<Note>,
}

/// See [`super::read`].
pub(super) fn read(
    source: Source<'_>,
    template: Option<&str>,
    file: &mut dyn FnMut(&str) -> Result<File, String>,
) -> Result<Configuration, Vec<Problem>> {
    let mut reader = Reader { source: source.name, problems: Vec::new(), notes: Vec::new() };
    let documents = documents(source.text);
    let objects = reader.objects(source.text, &documents);
    let configuration = reader.chosen(&objects, template).and_then(|object| reader.configuration(object, file));
    let Reader { mut problems, notes, .. } = reader;
    match configuration {
        Some(configuration) if problems.is_empty() => Ok(Configuration { notes, ..configuration }),
        _ => {
            // Stable, and the errors of another file remain together.
            problems.sort_by_key(|problem| (problem.source != source.name, problem.span.start.offset));
            Err(problems)
        }
    }
}

impl Reader<'_> {
    fn error(&mut self, span: Span, message: impl Into<String>, help: Option<String>) {
        self.problems.push(Problem { severity: Severity::Error, source: self.source.to_owned(), span, message: message.into(), help });
    }

    fn error_at(&mut self, node: Node<'_>, message: impl Into<String>) {
        self.error(node.first_line(), message, None);
    }

    /// Adds an error about the text as a whole.
    fn error_at_start(&mut self, message: impl Into<String>) {
        self.error(start_of_text(), message, None);
    }

    fn note(&mut self, effect: Effect, field: impl Into<String>, message: impl Into<String>) {
        self.notes.push(Note { effect, field: field.into(), message: message.into() });
    }

    /// Returns the objects of the documents of a text.
    fn objects<'d>(&mut self, text: &str, documents: &'d [Document<'_>]) -> Vec<Object<'d>> {
        let mut objects = Vec::new();
        // The documents of one template are usually the parts between its actions.
        let mut is_template = false;
        for document in documents {
            for warning in &document.warnings {
                // Neither of two duplicate keys counts, because they are an error here.
                let ends = ["; this one counts", ": this one is taken"];
                let end = ends.iter().filter_map(|end| warning.message.find(end)).min().unwrap_or(warning.message.len());
                self.error(warning.span, warning.message.get(..end).unwrap_or_default(), None);
            }
            let tree = match &document.content {
                Ok(tree) => tree,
                Err(_) if is_template => continue,
                Err(error) if document.span.slice(text).contains(TEMPLATE_MARK) => {
                    is_template = true;
                    let help = "render it, for example with helm template, and pass the output".to_owned();
                    self.error(error.span, "the text is a template that is not rendered", Some(help));
                    continue;
                }
                Err(error) => {
                    self.error(error.span, format!("the text cannot be parsed: {}", error.message), None);
                    continue;
                }
            };
            for (node, api_version, kind) in objects_of(tree.root()) {
                match node.kind() {
                    Kind::Null if node.is(tree.root()) => {}
                    Kind::Mapping => objects.push(Object { node, api_version, kind }),
                    _ => self.error_at(node, "expected an object of settings, such as level: restricted"),
                }
            }
        }
        objects
    }

    /// Adds a note that names objects which are left out, if there are any.
    fn note_on_others(&mut self, others: &[Object<'_>], message: &str) {
        let mut titles: Vec<String> = others.iter().take(MAX_NAMES).map(|object| object.title()).collect();
        if titles.is_empty() {
            return;
        }
        if others.len() > MAX_NAMES {
            titles.push(format!("{} more", others.len() - MAX_NAMES));
        }
        self.note(Effect::None, titles.join(", "), message);
    }

    /// Returns the object with the configuration, if there is one; otherwise adds an error.
    fn chosen<'d>(&mut self, objects: &[Object<'d>], template: Option<&str>) -> Option<Object<'d>> {
        let (mut found, others): (Vec<_>, Vec<_>) = objects.iter().copied().partition(|object| object.form().is_some());
        if let Some(name) = template {
            let of_kind: Vec<_> = found.iter().copied().filter(|object| object.form() == Some(Form::Template)).collect();
            found.retain(|object| object.form() == Some(Form::Template) && object.name() == name);
            if found.is_empty() {
                self.error_at_start(format!("there is no template {name:?}{}", names("; templates: ", &of_kind)));
                return None;
            }
        }
        // Policies of other modules belong to the same cluster, as in the manifests of a plan.
        if found.iter().any(|object| !object.is_of_other_module()) {
            let (other, rest) = found.into_iter().partition(|object: &Object<'_>| object.is_of_other_module());
            found = rest;
            self.note_on_others(&other, &format!("not a policy of the module {MODULE}, and not converted"));
        }
        // Of the two policies that are needed for hardening, one mutates; both have the same settings otherwise.
        if found.len() > 1 && found.iter().any(|object| !object.mutates()) {
            let (mutating, rest) = found.into_iter().partition(|object: &Object<'_>| object.mutates());
            found = rest;
            for object in mutating {
                let message = "this policy mutates objects, and only the policy that validates them is read";
                self.note(Effect::Stricter, object.title(), message);
            }
        }
        match (found.as_slice(), others.as_slice()) {
            ([object], _) => {
                self.note_on_others(&others, "not a configuration of the standards, and not converted");
                Some(*object)
            }
            ([_, second, ..], _) => {
                let are_all = |form| found.iter().all(|object| object.form() == Some(form));
                let message = if are_all(Form::Template) {
                    format!("a second template{}. Choose one with --template", names("; templates: ", &found))
                } else if are_all(Form::Policy) {
                    format!("a second policy{}. Expected one of the module {MODULE}", names("; policies: ", &found))
                } else {
                    let title = if second.kind.is_empty() { "a second document" } else { &format!("a second object: {}", second.title()) };
                    format!("{title}. Expected one configuration")
                };
                self.error_at(second.node, message);
                None
            }
            ([], [other, ..]) => {
                let Object { api_version, kind, .. } = other;
                let of_version = if api_version.is_empty() { " without an apiVersion".to_owned() } else { format!(" of {api_version}") };
                self.error_at(other.node, format!("{kind}{of_version} has no settings. {EXPECTED}"));
                None
            }
            ([], []) => {
                if self.problems.is_empty() {
                    self.error_at_start(format!("the input is empty. {EXPECTED}"));
                }
                None
            }
        }
    }

    fn configuration(&mut self, object: Object<'_>, file: &mut dyn FnMut(&str) -> Result<File, String>) -> Option<Configuration> {
        let form = object.form()?;
        let mut configuration = Configuration {
            form,
            name: object.name(),
            description: String::new(),
            notes: Vec::new(),
            settings: String::new(),
            plugins: Vec::new(),
            sample: Vec::new(),
        };
        configuration.settings = match form {
            Form::Settings => self.validated(object.node, &object.node.to_json(), "")?,
            Form::PodSecurityConfiguration => self.settings_of_configuration(object.node, object.node.to_json(), "")?,
            Form::Policy => self.policy(object)?,
            Form::Template => {
                configuration.description = self.description(object);
                self.template(object)?
            }
            Form::AdmissionConfiguration => {
                let (plugins, settings) = self.admission_configuration(object, file)?;
                configuration.plugins = plugins;
                settings
            }
        };
        Some(configuration)
    }

    /// Returns settings as JSON text if they are valid. `prefix` is the path of their node in the object, for messages.
    fn validated(&mut self, node: Node<'_>, settings: &Value, prefix: &str) -> Option<String> {
        let text = settings.to_string();
        let errors = match Settings::parse(text.as_bytes()) {
            Ok(_) => return Some(text),
            Err(error) => error.into_errors(),
        };
        for FieldError { path, message } in errors {
            let place = node.at(&path);
            let span = if place.exists && !path.is_empty() { place.span() } else { place.node.first_line() };
            let separator = if prefix.is_empty() || path.is_empty() { "" } else { "." };
            let colon = if prefix.is_empty() && path.is_empty() { "" } else { ": " };
            self.error(span, [prefix, separator, &path, colon, &message].concat(), None);
        }
        None
    }

    /// Returns the settings of the configuration of Pod Security Admission, which has no other fields than `fields`.
    fn strict_settings(&mut self, node: Node<'_>, fields: &[&str], prefix: &str) -> Option<String> {
        if !matches!(node.kind(), Kind::Mapping) {
            self.error_at(node, "expected an object with defaults and exemptions");
            return None;
        }
        each_unknown_of_configuration(node, fields, &mut |entry, path, advice| {
            let separator = if prefix.is_empty() { "" } else { "." };
            self.error(entry.key_span(), format!("unknown field \"{prefix}{separator}{path}\""), Some(advice));
        });
        self.settings_of_configuration(node, strict::known_json(node, fields), prefix)
    }

    /// Returns the settings of a configuration of Pod Security Admission: `defaults` are optional, the labels of namespaces override
    /// them, and the type of the object is not part of the settings.
    fn settings_of_configuration(&mut self, node: Node<'_>, mut settings: Value, prefix: &str) -> Option<String> {
        if let Some(fields) = settings.as_object_mut() {
            fields.retain(|_, value| !value.is_null());
            if !fields.contains_key("level") {
                fields.entry("defaults").or_insert_with(|| json!({}));
            }
            fields.entry("namespaceLabels").or_insert_with(|| "honor".into());
        }
        self.validated(node, &settings, prefix)?;
        if let Some(fields) = settings.as_object_mut() {
            fields.retain(|key, _| key != "apiVersion" && key != "kind");
        }
        Some(settings.to_string())
    }

    /// Returns the settings of a policy, and notes what else restricts it.
    fn policy(&mut self, object: Object<'_>) -> Option<String> {
        let settings = object.node.at("spec.settings");
        if !settings.exists {
            self.error_at(object.node, "the policy has no spec.settings");
            return None;
        }
        let mut restrict = |field: &str, message: &str| self.note(Effect::Stricter, field, message);
        if object.kind == "AdmissionPolicy" {
            restrict("kind", "an AdmissionPolicy applies to its own namespace only, and the result to all");
        }
        let place = object.node.at("spec.mode");
        if place.exists && place.node.text() == Some("monitor") {
            restrict("spec.mode", "in the mode monitor the policy rejects nothing; the result does not have this mode");
        }
        for field in ["spec.namespaceSelector", "spec.objectSelector", "spec.matchConditions"] {
            let place = object.node.at(field);
            if place.exists && place.node.entries().next().is_some() || place.node.elements().next().is_some() {
                restrict(field, "this condition limits the objects that the policy judges; the result judges all");
            }
        }
        self.validated(settings.node, &settings.node.to_json(), "")
    }

    /// Returns the description of a template.
    fn description(&mut self, object: Object<'_>) -> String {
        match object.node.get("description").map(|entry| (entry.value, entry.value.kind())) {
            Some((_, Kind::Text(text))) => text.to_owned(),
            Some((node, kind)) if !matches!(kind, Kind::Null) => {
                self.error(node.span(), "description: must be a string", None);
                String::new()
            }
            _ => String::new(),
        }
    }

    /// Returns the settings of a template.
    fn template(&mut self, object: Object<'_>) -> Option<String> {
        if object.api_version != TEMPLATE_VERSION {
            let message = format!("there is no {} in {:?}. Expected {TEMPLATE_VERSION}", object.kind, object.api_version);
            self.error_at(object.node, message);
        }
        self.known_fields(object.node, &strict::TEMPLATE, "");
        let Some(configuration) = object.node.get("configuration") else {
            self.error_at(object.node, "the template has no configuration");
            return None;
        };
        self.strict_settings(configuration.value, &strict::TEMPLATE_CONFIGURATION, "configuration")
    }

    /// Adds an error for each unknown field.
    fn known_fields(&mut self, node: Node<'_>, fields: &[&str], prefix: &str) {
        each_unknown(node, fields, &mut |entry, advice| {
            self.error(entry.key_span(), format!("unknown field \"{prefix}{}\"", entry.key), Some(advice));
        });
    }

    /// Returns the plugins of an AdmissionConfiguration, and the settings of the first for Pod Security Admission.
    fn admission_configuration(
        &mut self,
        object: Object<'_>,
        file: &mut dyn FnMut(&str) -> Result<File, String>,
    ) -> Option<(Vec<Plugin>, String)> {
        if !ADMISSION_CONFIGURATION_VERSIONS.contains(&object.api_version) {
            let versions = ADMISSION_CONFIGURATION_VERSIONS.join(" or ");
            let message = format!("there is no AdmissionConfiguration in {:?}. Expected {versions}", object.api_version);
            self.error_at(object.node, message);
        }
        self.known_fields(object.node, &strict::ADMISSION_CONFIGURATION, "");
        let list = object.node.get("plugins").map(|entry| entry.value).filter(|list| !matches!(list.kind(), Kind::Null));
        if let Some(list) = list.filter(|list| !matches!(list.kind(), Kind::Sequence)) {
            self.error_at(list, "plugins: must be an array");
            return None;
        }
        let (mut plugins, mut settings) = (Vec::new(), None);
        for (index, plugin) in list.into_iter().flat_map(Node::elements).enumerate() {
            let path = format!("plugins[{index}]");
            if !matches!(plugin.kind(), Kind::Mapping) {
                self.error_at(plugin, format!("{path}: must be an object"));
                continue;
            }
            self.known_fields(plugin, &strict::PLUGIN, &format!("{path}."));
            let name = self.text(plugin, &path, "name");
            let file_name = self.text(plugin, &path, "path");
            if name != POD_SECURITY {
                let json = plugin.to_json().to_string();
                plugins.push(Plugin::Other { name: name.to_owned(), json });
            } else if settings.is_some() {
                self.note(Effect::None, path, "API servers read the first plugin PodSecurity only, so this one has no effect");
            } else {
                plugins.push(Plugin::PodSecurity);
                settings = Some(self.plugin(plugin, file_name, &path, file));
            }
        }
        if settings.is_none() {
            let message = format!(
                "no plugin has the name {POD_SECURITY}, so Pod Security Admission has its defaults: nothing is rejected, except where \
                 labels of namespaces set a level"
            );
            self.error_at(object.node, message);
        }
        Some((plugins, settings??))
    }

    /// Returns a field with a string; empty if it is missing.
    fn text<'d>(&mut self, node: Node<'d>, path: &str, field: &str) -> &'d str {
        match node.get(field).map(|entry| (entry.value, entry.value.kind())) {
            Some((_, Kind::Text(text))) => text,
            None | Some((_, Kind::Null)) => "",
            Some((node, _)) => {
                self.error(node.span(), format!("{path}.{field}: must be a string"), None);
                ""
            }
        }
    }

    /// Returns the settings of the plugin for Pod Security Admission. Its configuration has precedence over its path. With
    /// neither, all modes are privileged.
    fn plugin(
        &mut self,
        plugin: Node<'_>,
        file_name: &str,
        path: &str,
        file: &mut dyn FnMut(&str) -> Result<File, String>,
    ) -> Option<String> {
        let configuration = plugin.get("configuration").map(|entry| entry.value).filter(|node| !matches!(node.kind(), Kind::Null));
        if let Some(configuration) = configuration {
            if !file_name.is_empty() {
                self.note(Effect::None, format!("{path}.path"), "this path has no effect, because configuration has precedence");
            }
            return self.pod_security_configuration(configuration, &format!("{path}.configuration"));
        }
        if file_name.is_empty() {
            return Some(default_settings());
        }
        let at = plugin.at("path").span();
        let File { name, text } = match file(file_name) {
            Ok(file) => file,
            Err(message) => {
                self.error(at, format!("{path}.path: {message}"), None);
                return None;
            }
        };
        // As for API servers.
        if text.is_empty() {
            return Some(default_settings());
        }
        let mut reader = Reader { source: &name, problems: Vec::new(), notes: Vec::new() };
        let documents = documents(&text);
        let objects = reader.objects(&text, &documents);
        let settings = match objects.as_slice() {
            [object] => reader.pod_security_configuration(object.node, ""),
            [_, second, ..] => {
                reader.error_at(second.node, "a second document. Expected one PodSecurityConfiguration");
                None
            }
            [] => {
                if reader.problems.is_empty() {
                    reader.error_at_start("expected a PodSecurityConfiguration");
                }
                None
            }
        };
        self.problems.append(&mut reader.problems);
        settings
    }

    /// Returns the settings of a PodSecurityConfiguration of an API server.
    fn pod_security_configuration(&mut self, node: Node<'_>, prefix: &str) -> Option<String> {
        let is_set = |field: &str| node.get(field).is_some_and(|entry| entry.value.text().is_some_and(|text| !text.is_empty()));
        if matches!(node.kind(), Kind::Mapping) && !(is_set("apiVersion") && is_set("kind")) {
            self.error_at(node, "expected a PodSecurityConfiguration with apiVersion and kind");
            return None;
        }
        self.strict_settings(node, &strict::POD_SECURITY_CONFIGURATION, prefix)
    }
}

/// Returns the settings of Pod Security Admission without a configuration.
fn default_settings() -> String {
    json!({"defaults": {}, "namespaceLabels": "honor"}).to_string()
}

/// Returns the name of the module at an address: `a` of `registry://ghcr.io/x/a:v1`, `ghcr.io/x/a@sha256:…` and `file:///x/a.wasm`.
fn module_name(address: &str) -> &str {
    let name = address.rsplit('/').next().unwrap_or_default();
    let name = name.split(['@', ':']).next().unwrap_or_default();
    name.strip_suffix(".wasm").unwrap_or(name)
}

/// Returns the names of objects after a prefix; the empty string for none.
fn names(prefix: &str, objects: &[Object<'_>]) -> String {
    let names: Vec<String> = objects.iter().map(|object| object.name()).collect();
    if names.is_empty() { String::new() } else { [prefix, &names.join(", ")].concat() }
}

/// Returns the span before the first character of a text.
fn start_of_text() -> Span {
    let start = Position { offset: 0, line: 1, column: 1, utf16_offset: 0, utf16_column: 1 };
    Span { start, end: start }
}
