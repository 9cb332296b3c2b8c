//! The pods and workloads of manifests by their namespaces: what a cluster with them would warn of when a namespace among them
//! gets its labels, with the setting `existing: workloads`.

use std::borrow::Cow;
use std::collections::BTreeMap;

use pss_core::admission::{Workload, existing_warnings};
use pss_core::pod::{Labels, Object};
use pss_core::settings::Existing;
use pss_manifest::{Document, documents, sections};

use crate::defaulting;
use crate::deserialization;
use crate::kinds::Kind;
use crate::objects::objects_of;
use crate::options::{Contents, Options};
use crate::review::DEFAULT_NAMESPACE;

/// Pods and workloads by their namespaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inventory(BTreeMap<String, Vec<Stored>>);

/// A pod, or a workload with its kind, as JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stored {
    workload: Option<&'static Workload>,
    json: String,
}

impl Inventory {
    /// Returns whether options need an inventory: their settings warn of existing workloads.
    pub fn is_needed(options: &Options<'_>) -> bool {
        options.settings.existing == Existing::Workloads
    }

    /// Adds the pods and workloads of a text.
    pub fn add(&mut self, text: &str, options: &Options<'_>) {
        for section in sections(text, options.limits) {
            let document = section.parse();
            let Ok(tree) = &document.content else { continue };
            for (node, api_version, kind) in objects_of(tree.root()) {
                let workload = match Kind::of(api_version, kind) {
                    Kind::Pod => None,
                    Kind::Workload(workload) => Some(workload),
                    _ => continue,
                };
                let own = node.at("metadata.namespace").node.text().filter(|own| !own.is_empty());
                let default = Some(options.namespace.as_ref()).filter(|namespace| !namespace.is_empty()).unwrap_or(DEFAULT_NAMESPACE);
                let objects = self.0.entry(own.unwrap_or(default).to_owned()).or_default();
                objects.push(Stored { workload, json: node.to_json().to_string() });
            }
        }
    }

    /// Adds the objects of another inventory.
    pub fn extend(&mut self, other: Inventory) {
        for (namespace, objects) in other.0 {
            self.0.entry(namespace).or_default().extend(objects);
        }
    }
}

impl Contents for Inventory {
    /// Returns one warning about the pods and one about the workloads, where some violate the level that the labels enforce.
    fn warnings(&self, namespace: &str, labels: &Labels<'_>, options: &Options<'_>) -> Vec<String> {
        let stored = self.0.get(namespace).map_or(&[][..], Vec::as_slice);
        let parsed: Vec<_> = stored.iter().map(|stored| (stored.workload, documents(&stored.json))).collect();
        let mut pods = Vec::new();
        let mut workloads: Vec<(&'static Workload, Vec<Object<'_>>)> = Vec::new();
        for (workload, documents) in &parsed {
            let Some(object) = documents.first().and_then(|document| valid_object(document, *workload)) else { continue };
            match workload {
                None => pods.push(object),
                Some(kind) => match workloads.iter_mut().find(|(other, _)| other == kind) {
                    Some((_, objects)) => objects.push(object),
                    None => workloads.push((kind, vec![object])),
                },
            }
        }
        let lists = existing_warnings(namespace, labels, &options.settings, &pods, &workloads, options.today);
        lists.iter().filter_map(|list| Some([list.first()?, ": ", &list.get(1..)?.join("; ")].concat())).collect()
    }
}

/// Returns the object of a document, with the defaults of an API server; `None` if it has errors, with which it is reported.
fn valid_object<'d>(document: &'d Document<'_>, workload: Option<&Workload>) -> Option<Object<'d>> {
    let node = document.content.as_ref().ok()?.root();
    let mut object = deserialization::object(node);
    object.value.kind = Cow::Borrowed(workload.map_or("Pod", |workload| workload.kind));
    defaulting::set_defaults(&mut object, node);
    is_valid(&object).then_some(object)
}

fn is_valid(object: &Object<'_>) -> bool {
    let Object { value, errors } = object;
    let templates = [&value.template, &value.spec.template, &value.spec.job_template];
    errors.is_empty() && templates.into_iter().flatten().all(|template| is_valid(template))
}

#[cfg(test)]
mod tests {
    use pss_core::settings::Settings;

    use super::*;
    use crate::{DiagnosticKind, DocumentReport, Severity, review_text};

    const NAMESPACE: &str =
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n    pod-security.kubernetes.io/enforce: baseline\n";

    /// The warnings about the namespace among manifests in several texts, each with the text at its place.
    fn warnings(texts: &[&str], settings: &str) -> Vec<(String, String)> {
        let settings = Settings::parse(settings.as_bytes()).unwrap();
        let mut options = Options { settings, namespace: "shop".into(), ..Options::default() };
        let mut inventory = Inventory::default();
        for text in texts {
            let mut own = Inventory::default();
            own.add(text, &options);
            inventory.extend(own);
        }
        if Inventory::is_needed(&options) {
            options.contents = Some(&inventory);
        }
        let mut found = Vec::new();
        for text in texts {
            review_text(text, &options, &|_| None, &mut |report: DocumentReport| {
                let is_warning = |diagnostic: &&crate::Diagnostic| {
                    diagnostic.kind == DiagnosticKind::NamespaceLabel && diagnostic.severity == Severity::Warning
                };
                let warnings = report.diagnostics.iter().filter(is_warning);
                found.extend(warnings.map(|warning| (warning.message.clone(), warning.span.slice(text).to_owned())));
            });
        }
        found
    }

    const WORKLOADS: &str = r#"{"defaults": {}, "namespaceLabels": "honor", "existing": "workloads"}"#;

    #[test]
    fn a_namespace_names_what_violates_its_level() {
        let objects = "\
apiVersion: v1
kind: PodList
items:
- {metadata: {name: web-1-a, ownerReferences: [{uid: rs, controller: true}]}, spec: {hostPID: true}}
- {metadata: {name: alone}, spec: {hostNetwork: true, containers: [{name: c, ports: [{containerPort: 80}]}]}}
- {metadata: {name: fine}, spec: {volumes: [{name: v}]}}
- {metadata: {name: invalid}, spec: {hostPID: 'yes'}}
---
apiVersion: apps/v1
kind: ReplicaSet
metadata: {name: web-1, uid: rs, ownerReferences: [{uid: d, controller: true}]}
spec: {template: {spec: {hostPID: true}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, uid: d}
spec: {template: {spec: {hostPID: true}}}
";
        let cronjob = "{apiVersion: batch/v1, kind: CronJob, metadata: {name: backup, namespace: shop}, spec: {jobTemplate: {spec: {template: {spec: {hostIPC: true}}}}}}\n\
                       ---\n{apiVersion: batch/v1, kind: Job, metadata: {name: j, namespace: other}, spec: {template: {spec: {hostIPC: true}}}}\n";
        let of_pods = "existing pods in namespace \"shop\" violate the new PodSecurity enforce level \"baseline:latest\": \
                       alone: host namespaces, hostPort; web-1-a: host namespaces";
        let of_workloads = "existing workloads in namespace \"shop\" violate the new PodSecurity enforce level \"baseline:latest\": \
                            CronJob backup: host namespaces; Deployment web (with 1 pod): host namespaces";
        let expected = [of_pods, of_workloads].map(|text| (text.to_owned(), "baseline".to_owned()));
        // In any order of the texts.
        for texts in [[NAMESPACE, objects, cronjob], [cronjob, objects, NAMESPACE], [objects, NAMESPACE, cronjob]] {
            assert_eq!(warnings(&texts, WORKLOADS), expected);
        }
        assert_eq!(warnings(&[NAMESPACE, objects, cronjob], r#"{"defaults": {}, "namespaceLabels": "honor"}"#), []);
        // Other labels, and another namespace.
        for namespace in [NAMESPACE.replace("baseline", "privileged"), NAMESPACE.replace("name: shop", "name: third")] {
            assert_eq!(warnings(&[&namespace, objects, cronjob], WORKLOADS), []);
        }
        let exempting = WORKLOADS.replace("\"existing\"", "\"exemptions\": {\"namespaces\": [\"shop\"]}, \"existing\"");
        let exempt = warnings(&[NAMESPACE, objects, cronjob], &exempting);
        assert!(exempt.iter().all(|(warning, _)| warning.contains("is exempt from Pod Security")), "{exempt:?}");
        // The labels that the policy sets count.
        let unlabelled = "{apiVersion: v1, kind: Namespace, metadata: {name: shop}}";
        let set = r#"{"level": "baseline", "namespaceLabels": "set", "existing": "workloads"}"#;
        let warned: Vec<String> = warnings(&[unlabelled, cronjob], set).into_iter().map(|(warning, _)| warning).collect();
        let backup = of_workloads.split("; ").next().unwrap();
        assert_eq!(warned, [backup]);
    }
}
