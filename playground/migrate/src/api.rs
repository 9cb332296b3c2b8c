//! The functions of the module for callers in Rust; `bindings` exports them to JavaScript.

use pss_manifest::{Limits, Node, documents_iter};
use pss_migrate::configuration::{self, Target};
use pss_migrate::leftovers::{self, LeftoverKind, is_pod_security_policy};
use pss_migrate::psp::{Cluster, Options};
use pss_review::{Source, objects_of};

use crate::report::{Inspection, Leftover, Note, PlanReport, Problem, Reference, SettingsReport, range};

/// The name of the text in messages.
const FILE: &str = "manifest.yaml";
/// The error for a configuration in another file.
const NO_FILES: &str = "the page reads no other file: write the content of this one into the field configuration of the plugin";

/// The kinds that are configurations, with a part of their API groups.
const CONFIGURATIONS: [(&str, &str); 3] = [
    ("PodSecurityAdmissionConfigurationTemplate", "management.cattle.io/"),
    ("AdmissionConfiguration", "apiserver."),
    ("PodSecurityConfiguration", "pod-security.admission.config.k8s.io/"),
];

/// Finds the objects of a text to migrate from, and the other leftovers of PodSecurityPolicies: rules of roles, and values of charts.
/// Documents that cannot be parsed have none.
pub fn inspect(text: &str) -> Inspection {
    let limits = Limits::default();
    let mut inspection = Inspection { configurations: Vec::new(), policies: 0, leftovers: Vec::new() };
    for (index, document) in documents_iter(text, limits).enumerate() {
        let Ok(tree) = &document.content else { continue };
        for (node, api_version, kind) in objects_of(tree.root()) {
            inspection.policies += usize::from(is_pod_security_policy(api_version, kind));
            if CONFIGURATIONS.iter().any(|(own, group)| *own == kind && api_version.starts_with(group)) {
                let [kind, name] = [kind, name_of(node)].map(str::to_owned);
                inspection.configurations.push(Reference { kind, name, document: index, range: range(node.first_line()) });
            }
        }
    }
    let leftovers = [leftovers::of_manifests(text, limits), leftovers::of_values(text, limits)].concat();
    let others = leftovers.into_iter().filter(|leftover| leftover.kind != LeftoverKind::Policy);
    inspection.leftovers = others.map(Leftover::from).collect();
    inspection
}

fn name_of(node: Node<'_>) -> &str {
    node.at("metadata.name").node.text().unwrap_or_default()
}

/// Converts a configuration that [`inspect`] found to settings: the document of an index, and in it the template of a name.
pub fn settings(text: &str, document: usize, name: &str) -> SettingsReport {
    let text = only_document(text, document);
    let template = Some(name).filter(|name| !name.is_empty());
    let read = configuration::read(Source { name: FILE, text: &text }, template, &mut |_| Err(NO_FILES.to_owned()));
    match read {
        Ok(configuration) => {
            let conversion = configuration.convert(Target::Settings, None);
            // The notes of the conversion include those of the configuration.
            let notes = conversion.map_or(configuration.notes.clone(), |conversion| conversion.notes);
            SettingsReport {
                settings: Some(configuration.settings_json().to_owned()),
                description: configuration.description.clone(),
                notes: notes.into_iter().map(Note::from).collect(),
                problems: Vec::new(),
            }
        }
        Err(problems) => SettingsReport {
            settings: None,
            description: String::new(),
            notes: Vec::new(),
            problems: problems.into_iter().map(Problem::from).collect(),
        },
    }
}

/// Plans what takes the place of the PodSecurityPolicies of a text. Roles, bindings, pods and workloads of the text are part of it.
pub fn plan(text: &str) -> PlanReport {
    let mut cluster = Cluster::new(Options::default());
    cluster.add(Source { name: FILE, text }, Limits::default());
    PlanReport::from(cluster.plan())
}

/// Returns the text with spaces in place of all documents but one, so that the positions in this one are those of the text.
fn only_document(text: &str, document: usize) -> String {
    let span = documents_iter(text, Limits::default()).nth(document).map(|document| document.span);
    let range = span.map_or(0..0, |span| span.start.offset..span.end.offset);
    let mut out = String::with_capacity(text.len());
    for (offset, character) in text.char_indices() {
        if range.contains(&offset) || matches!(character, '\n' | '\r') {
            out.push(character);
        } else {
            // Columns and offsets are counted in UTF-16 units.
            out.extend(std::iter::repeat_n(' ', character.len_utf16()));
        }
    }
    out
}
