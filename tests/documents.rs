//! Runs the examples of README.md and of the pages in docs/, and checks the form of the documents: their links, and the
//! length of the README.
//!
//! The manifests of a page are sent to the policy, and the output in the page is compared with the actual output,
//! character by character. Each page begins with an empty cluster and without settings, and its files are those that it
//! shows.
//!
//! The mark after the language of a code block defines what the block contains:
//!
//! | Mark | Content of the block |
//! |---|---|
//! | `test: settings` | valid settings; they apply to the following blocks, in an empty cluster |
//! | `test: new settings` | valid settings that replace the previous ones; the cluster keeps its objects |
//! | `test: policies` | two ClusterAdmissionPolicies, one that hardens and one that validates, in an empty cluster |
//! | `test: invalid settings` | settings with errors; the next block is their `test: message` |
//! | `test: message` | the error message for the settings of the block before |
//! | `test: apply FILE` | manifests, which are applied; the next block is their `test: prints` |
//! | `test: apply FILE --dry-run=server` | the same without a change of the cluster |
//! | `test: prints` | the output of `kubectl apply -f FILE` for the block before |
//! | `test: apply again FILE` | the output of `kubectl apply -f FILE` for a file that the page shows elsewhere |
//! | `test: rejects FILE` | the error of `kubectl apply -f FILE`; the cluster does not change |
//! | `test: file FILE` | manifests for the commands of a console |
//! | `test: console` | commands, each after a `$`, and their output |
//! | `test: audit log` | all audit annotations of the last request |
//! | `test: details` | the audit annotation `details` of the last request, with line breaks |
//! | `test: stored FILE` | the object in the cluster after FILE was applied, which the policy may have changed |
//! | `test: pods of FILE` | the pods of the Deployment in FILE; they are in the cluster from here on |
//! | `test: pod of FILE` | the result of creating one more pod of the Deployment: an event, or the pod's name |
//! | `test: policy` | a ClusterAdmissionPolicy, which must agree with metadata.yml |
//! | `test: AdmissionConfiguration` | the configuration of an API server |
//! | `test: moved settings` | the settings for that configuration |
//! | `test: sample NAME…` | the output of `make run` for these samples; white space may differ |
//! | `test: pss`, `test: pss file NAME` | commands of `pss` with their output, and their files; `cli/tests/cli/documents.rs` runs them |
//! | `test: cluster …` | commands of the migration of a cluster, with their output; `cli/tests/migration/main.rs` runs them |
//! | `test: ci` | a part of a configuration of a CI system, which `cli/tests/ci.rs` checks |
//! | `test: editor` | the configuration of an editor, which `cli/tests/lsp/documentation.rs` checks |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code, reason = "other tests use the rest")]
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use common::{METADATA, README, pages, table_of, yaml};
use pod_security_standards as policy_module;
use pss_core::admission::{Cluster, LookupError, WORKLOADS, Workload, existing_workloads};
use pss_core::date::Date;
use pss_core::settings::Settings;
use pss_core::standards::{CHECKS, FURTHER_CHECKS, FurtherCheck, Level};
use serde_json::{Value, json};

/// The webhook's name, which Kubewarden derives from the name of the policy in the README.
const WEBHOOK: &str = "clusterwide-pod-security-standards.kubewarden.admission";

/// A code block.
#[derive(Debug, Clone)]
struct Block<'p> {
    /// The page and the number of the line that opens the block.
    location: String,
    language: &'p str,
    /// The words of the mark; empty without a mark.
    mark: Vec<&'p str>,
    text: String,
}

/// The code blocks of a page.
fn blocks<'p>(path: &str, page: &'p str) -> Vec<Block<'p>> {
    let mut blocks = Vec::new();
    let mut open = None::<Block<'_>>;
    for (index, line) in page.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text += &format!("{line}\n"),
            (None, Some(info)) => {
                let (language, mark) = info.split_once(" test: ").map_or((info, None), |(language, mark)| (language, Some(mark)));
                let mark = mark.map(|mark| mark.split(' ').collect()).unwrap_or_default();
                open = Some(Block { location: format!("{path}, line {}", index + 1), language, mark, text: String::new() });
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "{path}: a code block is not closed");
    blocks
}

/// The cluster of a page.
#[derive(Debug, Clone, Default)]
struct PageCluster {
    /// The objects, by kind, namespace and name.
    objects: BTreeMap<(String, String, String), Value>,
    pods: Vec<Value>,
}

impl Cluster for PageCluster {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError> {
        let key = ("Namespace".to_owned(), name.to_owned(), name.to_owned());
        Ok(serde_json::to_vec(self.objects.get(&key).ok_or("not found")?).unwrap())
    }

    fn workloads(&self, workload: &'static Workload, namespace: &str) -> Result<Vec<u8>, LookupError> {
        let is_listed = |key: &&(String, String, String)| key.0 == workload.kind && key.1 == namespace;
        let items: Vec<&Value> = self.objects.iter().filter(|(key, _)| is_listed(key)).map(|(_, object)| object).collect();
        Ok(serde_json::to_vec(&json!({"items": items})).unwrap())
    }

    fn pods(&self, namespace: &str) -> Result<Vec<u8>, LookupError> {
        let pods: Vec<&Value> = self.pods.iter().filter(|pod| pod["metadata"]["namespace"] == namespace).collect();
        Ok(serde_json::to_vec(&json!({"apiVersion": "v1", "kind": "PodList", "items": pods})).unwrap())
    }

    fn millis(&self) -> u64 {
        0
    }

    fn today(&self) -> Option<Date> {
        Date::parse(TODAY).ok()
    }
}

/// The date of the examples.
const TODAY: &str = "2027-03-25";

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// The API group and the resource of an object.
fn group_and_resource(object: &Value) -> (&'static str, &'static str) {
    match object["kind"].as_str().unwrap() {
        "Pod" => ("", "pods"),
        "Namespace" => ("", "namespaces"),
        kind => WORKLOADS.iter().find(|workload| workload.kind == kind).map(|workload| (workload.group, workload.resource)).unwrap(),
    }
}

/// The key of an object in a cluster: its kind, namespace and name.
fn key(object: &Value) -> (String, String, String) {
    let (kind, name) = (text(&object["kind"]), text(&object["metadata"]["name"]));
    let namespace = if kind == "Namespace" { name.clone() } else { text(&object["metadata"]["namespace"]) };
    assert!(!name.is_empty() && !namespace.is_empty(), "a manifest without a name or namespace: {object}");
    (kind, namespace, name)
}

/// The name of an object in the output of kubectl, such as `deployment.apps/web`.
fn kubectl_name(object: &Value) -> String {
    let group = group_and_resource(object).0;
    let dot = if group.is_empty() { "" } else { "." };
    format!("{}{dot}{group}/{}", text(&object["kind"]).to_lowercase(), text(&object["metadata"]["name"]))
}

/// A deployed instance of the policy.
struct Instance {
    webhook: String,
    /// Whether it may change objects.
    mutating: bool,
    settings: Value,
}

/// The policy as the README installs it, with other settings.
fn single_instance(settings: &Value) -> Vec<Instance> {
    // Only these settings need it, according to the README.
    let mutating = settings["namespaceLabels"] == "set" || !settings["harden"].is_null();
    vec![Instance { webhook: WEBHOOK.to_owned(), mutating, settings: settings.clone() }]
}

/// The warnings of an accepted request, or the message of a rejected one.
type Answer = Result<Vec<String>, String>;

/// The result of a request to create or update an object.
struct Admission {
    answer: Answer,
    /// The object, with the changes of the policy.
    object: Value,
    /// The audit annotations.
    audit: Vec<String>,
}

/// Sends an object to the instances of the policy, one after the other.
fn admit(object: &Value, cluster: &PageCluster, instances: &[Instance], groups: &[&str]) -> Admission {
    let mut admission = Admission { answer: Ok(Vec::new()), object: object.clone(), audit: Vec::new() };
    for instance in instances {
        let Ok(warnings) = &mut admission.answer else { break };
        let response = evaluate(&admission.object, cluster, &instance.settings, groups);
        let annotations: BTreeMap<_, _> = response.audit_annotations.unwrap_or_default().into_iter().collect();
        // Only with several instances the annotations have their full names.
        let prefix = if instances.len() > 1 { format!("{}/", instance.webhook) } else { String::new() };
        admission.audit.extend(annotations.iter().map(|(key, value)| format!("{prefix}{key}: {value}")));
        if let Some(changed) = response.mutated_object {
            assert!(instance.mutating, "Kubewarden would reject a change by {}", instance.webhook);
            admission.object = serde_json::from_str(&changed).unwrap();
        }
        match response.accepted {
            // The API server shows a warning that comes twice only once.
            true => {
                warnings.extend(response.warnings.unwrap_or_default().into_iter().filter(|new| !warnings.contains(new)).collect::<Vec<_>>())
            }
            false => {
                let message = response.message.unwrap();
                admission.answer = Err(format!("admission webhook \"{}\" denied the request: {message}", instance.webhook));
            }
        }
    }
    admission
}

/// The response of the policy to a request to create or update an object.
fn evaluate(object: &Value, cluster: &PageCluster, settings: &Value, groups: &[&str]) -> policy_module::Response {
    let (group, resource) = group_and_resource(object);
    let (_, namespace, name) = key(object);
    let old = cluster.objects.get(&key(object));
    let kind = json!({"group": group, "version": "v1", "kind": object["kind"]});
    let request = json!({
        "uid": "1",
        "kind": kind, "requestKind": kind,
        "resource": {"group": group, "version": "v1", "resource": resource},
        "name": name, "namespace": namespace,
        "operation": if old.is_some() { "UPDATE" } else { "CREATE" },
        "userInfo": {"username": "alice", "groups": groups},
        "object": object, "oldObject": old, "dryRun": false,
    });
    let payload = serde_json::to_vec(&json!({"request": request, "settings": settings})).unwrap();
    policy_module::validate(&payload, cluster)
}

/// A cluster with the policy, and a user who runs kubectl.
#[derive(Default)]
struct Session {
    cluster: PageCluster,
    instances: Vec<Instance>,
    /// The audit annotations of the last request.
    audit: Vec<String>,
}

impl Session {
    /// Sends an object to the cluster, which stores it if it is accepted, and returns the output of kubectl: the object
    /// with `done`, such as `created`, or `failed` with the message.
    fn submit(&mut self, object: &Value, groups: &[&str], done: &str, failed: &str) -> String {
        let Admission { answer, object, audit, .. } = admit(object, &self.cluster, &self.instances, groups);
        self.audit = audit;
        match answer {
            Ok(warnings) => {
                let printed = format!("{} {done}\n", kubectl_name(&object));
                self.cluster.objects.insert(key(&object), object);
                warnings.iter().map(|warning| format!("Warning: {warning}\n")).collect::<String>() + &printed
            }
            Err(message) => format!("{failed}: {message}\n"),
        }
    }

    /// Runs `kubectl apply -f FILE` and returns its output.
    fn apply(&mut self, file: &str, objects: &[Value], flags: &[&str]) -> String {
        let dry_run = flags.contains(&"--dry-run=server");
        let groups: Vec<&str> = flags.iter().filter_map(|flag| flag.strip_prefix("--as-group=")).collect();
        assert!(flags.iter().all(|flag| ["--dry-run", "--as", "--as-group"].contains(&flag.split('=').next().unwrap())), "{flags:?}");
        let before = self.cluster.clone();
        let mut printed = String::new();
        for object in objects {
            let existed = self.cluster.objects.contains_key(&key(object));
            let (verb, doing) = if existed { ("configured", "applying patch to") } else { ("created", "creating") };
            let note = if dry_run { " (server dry run)" } else { "" };
            let failed = format!("Error from server: error when {doing} \"{file}\"");
            printed += &self.submit(object, &groups, &format!("{verb}{note}"), &failed);
        }
        if dry_run {
            self.cluster = before;
        }
        printed
    }

    /// Runs a command and returns its output.
    fn run(&mut self, command: &str, files: &BTreeMap<&str, Vec<Value>>) -> String {
        let words: Vec<&str> = command.split(' ').collect();
        let groups: Vec<&str> = words.iter().filter_map(|flag| flag.strip_prefix("--as-group=")).collect();
        let mut change = |kind: &str, namespace: &str, name: &str, edit: &dyn Fn(&mut Value), done: &str, failed: &str| {
            let found = self.cluster.objects.iter().find(|((of_kind, of_namespace, of_name), _)| {
                of_kind.to_lowercase() == kind && of_namespace == namespace && of_name == name
            });
            let mut object = found.unwrap_or_else(|| panic!("{command}: there is no such object")).1.clone();
            edit(&mut object);
            self.submit(&object, &groups, done, failed)
        };
        let set = |object: &mut Value, field: &str, pair: &str| {
            let (key, value) = pair.split_once('=').unwrap();
            object["metadata"][field][key] = json!(value);
        };
        match words[..] {
            ["kubectl", "apply", "-f", file, ref flags @ ..] => self.apply(file, &files[file], flags),
            ["kubectl", "create", "namespace", name] => {
                let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}}});
                self.submit(&namespace, &[], "created", "Error from server")
            }
            ["kubectl", "label", "namespace", name, ref pairs @ ..] => {
                let edit = |object: &mut Value| pairs.iter().for_each(|pair| set(object, "labels", pair));
                change("namespace", name, name, &edit, "labeled", "Error from server")
            }
            ["kubectl", "annotate", kind, name, "-n", namespace, pair] => {
                let edit = |object: &mut Value| set(object, "annotations", pair);
                change(kind, namespace, name, &edit, "annotated", "Error from server")
            }
            ["kubectl", "set", "image", kind_and_name, "-n", namespace, pair] => {
                let (kind, name) = kind_and_name.split_once('/').unwrap();
                let (container, image) = pair.split_once('=').unwrap();
                let edit = |object: &mut Value| {
                    let containers = object["spec"]["template"]["spec"]["containers"].as_array_mut().unwrap();
                    containers.iter_mut().find(|one| one["name"] == container).unwrap()["image"] = json!(image);
                };
                change(kind, namespace, name, &edit, "image updated", "error: failed to patch image update to pod template")
            }
            // Its profile adds these capabilities. Without `--attach` it prints nothing.
            ["kubectl", "debug", name, "-n", namespace, "-c", container, image, "--profile=netadmin", ..] => {
                let image = image.strip_prefix("--image=").unwrap();
                let capabilities = json!({"add": ["NET_ADMIN", "NET_RAW"]});
                let debug = json!({"name": container, "image": image, "securityContext": {"capabilities": capabilities}});
                let edit = |object: &mut Value| {
                    let mut containers = object["spec"]["ephemeralContainers"].as_array().cloned().unwrap_or_default();
                    containers.push(debug.clone());
                    object["spec"]["ephemeralContainers"] = json!(containers);
                };
                let printed = change("pod", namespace, name, &edit, "", "Error from server");
                printed.strip_suffix(&format!("pod/{name} \n")).unwrap_or(&printed).to_owned()
            }
            _ => panic!("unknown command: {command}"),
        }
    }

    /// Runs the commands of a console, and returns each with its output.
    fn console(&mut self, text: &str, files: &BTreeMap<&str, Vec<Value>>) -> String {
        let commands = text.lines().filter_map(|line| line.strip_prefix("$ "));
        commands.map(|command| format!("$ {command}\n{}", self.run(command, files))).collect()
    }
}

/// A pod as the ReplicaSet of a Deployment creates it, with the defaults of the API server.
fn pod_of(deployment: &Value, name: &str) -> Value {
    let template = &deployment["spec"]["template"];
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": template["metadata"], "spec": template["spec"]});
    let (replica_set, _) = name.rsplit_once('-').unwrap();
    assert!(replica_set.starts_with(deployment["metadata"]["name"].as_str().unwrap()), "{name} is not a pod of this Deployment");
    pod["metadata"]["name"] = json!(name);
    pod["metadata"]["namespace"] = deployment["metadata"]["namespace"].clone();
    pod["metadata"]["ownerReferences"] =
        json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": replica_set, "uid": replica_set, "controller": true}]);
    let spec = pod["spec"].as_object_mut().unwrap();
    spec.entry("securityContext").or_insert_with(|| json!({}));
    for (key, value) in [
        ("restartPolicy", "Always"),
        ("dnsPolicy", "ClusterFirst"),
        ("schedulerName", "default-scheduler"),
        ("serviceAccountName", "default"),
    ] {
        spec.insert(key.to_owned(), json!(value));
    }
    pod
}

fn parsed(settings: &Value) -> Result<(), String> {
    Settings::parse(settings.to_string().as_bytes()).map(|_| ()).map_err(|invalid| invalid.to_string())
}

/// The pod name after `pod/`, or in quotation marks after `pods `.
fn pod_name(text: &str) -> &str {
    match text.strip_prefix("pod/") {
        Some(name) => name.trim_end(),
        None => text.split_once("pods \"").unwrap().1.split('"').next().unwrap(),
    }
}

fn manifests(block: &Block<'_>) -> Vec<Value> {
    block.text.split("\n---\n").map(yaml).collect()
}

#[test]
fn the_examples_give_the_output_in_the_pages() {
    let mut counts = BTreeMap::<String, usize>::new();
    for (path, page) in pages() {
        run_examples(&blocks(&path, &page), &mut counts);
    }
    let counts: Vec<(&str, usize)> = counts.iter().map(|(mark, count)| (mark.as_str(), *count)).collect();
    assert_eq!(
        counts,
        [
            ("AdmissionConfiguration", 1),
            ("apply", 9),
            ("audit", 5),
            ("ci", 5),
            ("cluster", 10),
            ("console", 15),
            ("details", 1),
            ("editor", 6),
            ("file", 15),
            ("granted", 2),
            ("invalid", 6),
            ("message", 6),
            ("moved", 1),
            ("new", 2),
            ("pod", 2),
            ("pods", 1),
            ("policies", 1),
            ("policy", 1),
            ("prints", 8),
            ("pss", 20),
            ("rejects", 4),
            ("sample", 1),
            ("settings", 21),
            ("stored", 2),
        ]
    );
}

/// Runs the blocks of a page, in their order, and counts them by the first word of their mark.
fn run_examples(blocks: &[Block<'_>], counts: &mut BTreeMap<String, usize>) {
    let files: BTreeMap<&str, Vec<Value>> = blocks
        .iter()
        .filter(|block| matches!(block.mark[..], ["apply" | "file", file, ..] if file != "again"))
        .map(|block| (block.mark[1], manifests(block)))
        .collect();
    let mut session = Session::default();
    let mut migrated = Value::Null;
    let mut expected = None::<String>;
    for block in blocks {
        let location = &block.location;
        let Some(kind) = block.mark.first() else { continue };
        *counts.entry((*kind).to_owned()).or_default() += 1;
        // The next block must contain the output of the one before.
        if let Some(expected) = expected.take() {
            assert!(matches!(*kind, "prints" | "message"), "{location}: this block must contain the output:\n{expected}");
            assert_eq!(block.text, expected, "{location}");
            continue;
        }
        match block.mark[..] {
            ["settings"] | ["new", "settings"] => {
                let settings = yaml(&block.text);
                assert_eq!(parsed(&settings), Ok(()), "{location}");
                let cluster = if *kind == "new" { session.cluster } else { PageCluster::default() };
                session = Session { cluster, instances: single_instance(&settings), audit: Vec::new() };
            }
            ["invalid", "settings"] => expected = Some(parsed(&yaml(&block.text)).expect_err(location) + "\n"),
            ["file", _] => {}
            ["apply", "again", file] => assert_eq!(block.text, session.apply(file, &files[file], &[]), "{location}"),
            ["apply", file, ref flags @ ..] => expected = Some(session.apply(file, &files[file], flags)),
            ["rejects", file] => {
                let before = session.cluster.clone();
                assert_eq!(block.text, session.apply(file, &files[file], &[]), "{location}");
                assert!(block.text.starts_with("Error from server: "), "{location}");
                session.cluster = before;
            }
            ["console"] => assert_eq!(block.text, session.console(&block.text, &files), "{location}"),
            ["audit", "log"] => {
                assert!(!session.audit.is_empty(), "{location}");
                assert_eq!(block.text, session.audit.iter().map(|line| format!("{line}\n")).collect::<String>(), "{location}");
            }
            ["details"] => {
                let details = session.audit.iter().find_map(|line| line.strip_prefix("details: "));
                assert_eq!(Some(block.text.lines().map(str::trim_start).collect::<String>().as_str()), details, "{location}");
            }
            ["stored", file] => assert_eq!(yaml(&block.text), session.cluster.objects[&key(&files[file][0])], "{location}"),
            ["pods", "of", file] => {
                for line in block.text.lines() {
                    let pod = pod_of(&files[file][0], pod_name(line));
                    assert_eq!(admit(&pod, &session.cluster, &session.instances, &[]).answer, Ok(vec![WARNING.to_owned()]), "{location}");
                    session.cluster.pods.push(pod);
                }
            }
            ["pod", "of", file] => {
                let name = pod_name(&block.text);
                let printed = match admit(&pod_of(&files[file][0], name), &session.cluster, &session.instances, &[]).answer {
                    Ok(warnings) => {
                        warnings.iter().map(|warning| format!("Warning: {warning}\n")).collect::<String>() + &format!("pod/{name}\n")
                    }
                    Err(message) => format!("Error creating: {message}\n"),
                };
                assert_eq!(block.text, printed, "{location}");
            }
            ["policy"] => compare_with_metadata(&yaml(&block.text)),
            ["granted", "resources"] => {
                assert_eq!(yaml(&block.text), json!({"contextAwareResources": yaml(METADATA)["contextAwareResources"]}))
            }
            ["granted", "role"] => compare_with_workloads(&yaml(&block.text)),
            ["policies"] => {
                let instances = policies(&manifests(block));
                session = Session { instances, ..Session::default() };
            }
            ["AdmissionConfiguration"] => migrated = yaml(&block.text)["plugins"][0]["configuration"].clone(),
            ["moved", "settings"] => {
                migrated["namespaceLabels"] = json!("honor");
                assert_eq!(yaml(&block.text), migrated, "{location}");
                assert_eq!(parsed(&migrated), Ok(()), "{location}");
            }
            ["sample", ..] => compare_samples(&block.text, &block.mark[1..]),
            // Run with the program: cli/tests/cli/documents.rs.
            ["pss"] | ["pss", "file", _] => {}
            // Run in a simulated cluster: cli/tests/migration/main.rs.
            ["cluster", ..] => {}
            // Checked with the language server: cli/tests/lsp/documentation.rs.
            ["editor"] => {}
            // cli/tests/ci.rs
            ["ci"] => {}
            _ => panic!("{location}: unknown mark {:?}", block.mark),
        }
    }
    assert_eq!(expected, None, "the page ends without this output");
}

/// The warning of Kubernetes for a pod without a securityContext where restricted:v1.25 is the level for warnings.
const WARNING: &str = "would violate PodSecurity \"restricted:v1.25\": allowPrivilegeEscalation != false (container \"reversewords\" must set \
                      securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"reversewords\" must set \
                      securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"reversewords\" must set \
                      securityContext.runAsNonRoot=true), seccompProfile (pod or container \"reversewords\" must set \
                      securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")";

#[test]
fn the_walk_through_contains_the_warnings_of_kubernetes() {
    let walk_through = include_str!("../docs/walk-through.md");
    for text in [
        format!("\nWarning: {WARNING}\ndeployment.apps/reversewords created\n"),
        "\nWarning: existing pods in namespace \"words\" violate the new PodSecurity enforce level \"restricted:v1.25\"\n".to_owned(),
        ": allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile\nnamespace/words configured\n"
            .to_owned(),
    ] {
        assert!(walk_through.contains(&text), "{text}");
    }
}

#[test]
fn each_exemption_adds_the_annotation_in_its_table() {
    let rows = table_of(include_str!("../docs/beyond-built-in.md"), "Key | Exempts");
    let mut cluster = PageCluster::default();
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "shop"}}});
    cluster.objects.insert(key(&namespace), namespace);
    let spec = json!({"hostPID": true, "serviceAccountName": "agent", "containers": [{"name": "agent", "image": "agent"}]});
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "agent", "namespace": "shop"}, "spec": spec});
    let exemptions = json!({
        "groups": ["admins"], "serviceAccounts": ["shop/agent"], "namespacePatterns": ["sh*"],
        "namespaceSelector": {"matchLabels": {"team": "shop"}},
    });
    assert_eq!(rows.len(), exemptions.as_object().unwrap().len());
    for row in rows {
        let (setting, value) = (row[0].trim_matches('`'), row[2].trim_matches('`'));
        let settings = json!({"level": "baseline", "exemptions": {setting: exemptions[setting]}});
        let Admission { answer, audit, .. } = admit(&pod, &cluster, &single_instance(&settings), &["admins"]);
        assert_eq!((answer, audit), (Ok(Vec::new()), vec![format!("exempt: {value}")]), "{setting}");
    }
    assert!(admit(&pod, &cluster, &single_instance(&json!({"level": "baseline"})), &["admins"]).answer.is_err());
}

#[test]
fn the_table_of_further_checks_is_that_of_the_policy() {
    let page = include_str!("../docs/beyond-built-in.md");
    let rows = table_of(page, "A rule for | Also needs one for | Because");
    let level = |id: &str| CHECKS.iter().find(|check| check.id == id).unwrap().level;
    let expected: Vec<Vec<String>> = FURTHER_CHECKS
        .iter()
        .map(|FurtherCheck { checks, value, further, further_value, reason }| {
            let with = |value: &Option<&str>| value.map(|value| format!(": `{value}`")).unwrap_or_default();
            let checks = checks.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
            let at = if level(further) == Level::Restricted { ", at restricted" } else { "" };
            vec![format!("{checks}{}", with(value)), format!("`{further}`{}{at}", with(further_value)), (*reason).to_owned()]
        })
        .collect();
    assert_eq!(rows, expected);
}

/// The examples in docs/checks.md are generated; `the_document_is_up_to_date` in crates/review compares that page.
#[test]
fn every_example_has_a_mark() {
    for (path, page) in pages().into_iter().filter(|(path, _)| path != "docs/checks.md") {
        for block in blocks(&path, &page) {
            assert!(!block.mark.is_empty() || block.language == "sh", "{}: a {} block without a mark", block.location, block.language);
        }
    }
}

#[test]
fn the_readme_has_at_most_300_lines() {
    let lines = README.lines().count();
    assert!(lines <= 300, "{lines} lines");
}

#[test]
fn the_readme_links_to_every_page() {
    let linked: BTreeSet<&str> = links(README).into_iter().map(|link| link.split('#').next().unwrap()).collect();
    for (path, _) in pages() {
        assert!(path == "README.md" || linked.contains(path.as_str()), "{path}");
    }
}

/// Documents at the root of the repository.
const DOCUMENTS: [&str; 5] = ["CONTRIBUTING.md", "SECURITY.md", "BENCHMARKS.md", "CHANGELOG.md", "ARCHITECTURE.md"];

#[test]
fn every_relative_link_has_a_target() {
    let others = DOCUMENTS.into_iter().map(|path| (path.to_owned(), fs::read_to_string(path).unwrap()));
    let mut checked = 0;
    for (path, text) in pages().into_iter().chain(others) {
        for link in links(&text).into_iter().filter(|link| !link.contains(':')) {
            let (file, anchor) = link.split_once('#').map_or((link, None), |(file, anchor)| (file, Some(anchor)));
            let target = if file.is_empty() { Path::new(&path).to_owned() } else { Path::new(&path).parent().unwrap().join(file) };
            assert!(target.exists(), "{path}: {link}: there is no such file");
            if let Some(anchor) = anchor {
                let anchors = anchors(&fs::read_to_string(&target).unwrap());
                assert!(anchors.contains(anchor), "{path}: {link}: there is no such heading");
            }
            checked += 1;
        }
    }
    assert!(checked > 50, "{checked}");
}

#[test]
fn anchors_are_those_of_github() {
    let text = "# A `code.span`, and more\n\n```sh\n# no heading\n```\n## Twice\n## Twice\n### v1.2_3 - x\n";
    assert_eq!(anchors(text), ["a-codespan-and-more", "twice", "twice-1", "v12_3---x"].map(str::to_owned).into());
}

/// The targets of the links and images of a Markdown document.
fn links(text: &str) -> Vec<&str> {
    let mut links = Vec::new();
    for line in prose(text) {
        links.extend(line.split("](").skip(1).map(|behind| behind.split(')').next().unwrap()));
        // `[label]: target`
        links.extend(line.strip_prefix('[').and_then(|line| line.split_once("]: ")).map(|(_, target)| target));
    }
    links
}

/// The anchors that GitHub derives from the headings of a Markdown document.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    let mut counts = BTreeMap::<String, usize>::new();
    for heading in prose(text).filter_map(|line| line.trim_start_matches('#').strip_prefix(' ').filter(|_| line.starts_with('#'))) {
        let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | ' '));
        let slug = kept.collect::<String>().to_lowercase().replace(' ', "-");
        let count = counts.entry(slug.clone()).or_default();
        anchors.insert(if *count == 0 { slug } else { format!("{slug}-{count}") });
        *count += 1;
    }
    anchors
}

/// The lines of a document outside its code blocks.
fn prose(text: &str) -> impl Iterator<Item = &str> {
    let mut in_block = false;
    text.lines().filter(move |line| {
        let is_fence = line.trim_start().starts_with("```");
        in_block ^= is_fence;
        !in_block && !is_fence
    })
}

/// The directories with Rust sources.
const SOURCES: [&str; 7] = ["src", "crates", "tests", "host", "xtask", "playground/core", "playground/migrate"];

#[test]
fn contributing_and_architecture_contain_files_and_tests_that_exist() {
    let mut sources = String::new();
    for directory in SOURCES {
        read_sources(Path::new(directory), &mut sources);
    }
    for document in ["CONTRIBUTING.md", "ARCHITECTURE.md"] {
        let text = fs::read_to_string(document).unwrap();
        check_paths_and_tests(document, &text, &sources);
    }
}

/// Checks that the paths and the tests that a document has in backquotes exist.
fn check_paths_and_tests(document: &str, text: &str, sources: &str) {
    let words: Vec<&str> = prose(text).flat_map(common::code).collect();
    let paths =
        words.iter().filter(|word| SOURCES.iter().any(|source| word.strip_prefix(source).is_some_and(|rest| rest.starts_with('/'))));
    // A path with a placeholder, such as `CHECK.yaml`, is not a file.
    let paths: Vec<&&str> = paths.filter(|path| !path.contains(|c: char| c.is_ascii_uppercase() || c.is_whitespace())).collect();
    assert!(paths.len() > 5, "{document}: {paths:?}");
    for path in paths {
        assert!(Path::new(path).exists(), "{document}: there is no file {path}");
    }
    let is_test =
        |word: &str| word.matches('_').count() >= 2 && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
    let tests: Vec<&str> = words.into_iter().filter(|word| is_test(word)).collect();
    assert!(tests.len() > 5, "{document}: {tests:?}");
    for test in tests {
        assert!(sources.contains(&format!("fn {test}(")), "{document}: there is no test {test}");
    }
}

/// Appends the Rust sources below a directory.
fn read_sources(directory: &Path, sources: &mut String) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            read_sources(&path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.push_str(&fs::read_to_string(&path).unwrap());
        }
    }
}

/// Compares the ClusterAdmissionPolicy of the README with metadata.yml.
fn compare_with_metadata(policy: &Value) {
    let metadata = yaml(METADATA);
    let annotation = |name: &str| text(&metadata["annotations"][format!("io.kubewarden.policy.{name}")]);
    assert_eq!(policy["metadata"]["name"], annotation("title"));
    assert_eq!(WEBHOOK, format!("clusterwide-{}.kubewarden.admission", annotation("title")));
    for name in ["severity", "category"] {
        assert_eq!(policy["metadata"]["annotations"][format!("io.kubewarden.policy.{name}")], annotation(name));
    }
    let spec = &policy["spec"];
    assert_eq!(spec["module"], format!("registry://{}:v{}", annotation("ociUrl"), annotation("version")));
    for field in ["rules", "mutating"] {
        assert_eq!(spec[field], metadata[field], "{field}");
    }
    // The others are for `existing: workloads`, which these settings do not have.
    let resources = metadata["contextAwareResources"].as_array().unwrap();
    assert_eq!(spec["contextAwareResources"], json!(resources[..2]));
    assert_eq!(spec["settings"]["existing"], Value::Null);
    assert_eq!(parsed(&spec["settings"]), Ok(()));
}

/// Compares a role for `existing: workloads` with the workloads that are listed.
fn compare_with_workloads(role: &Value) {
    assert_eq!(role["kind"], "ClusterRole");
    let mut listed = Vec::new();
    for rule in role["rules"].as_array().unwrap() {
        assert_eq!(rule["verbs"], json!(["get", "list", "watch"]));
        let resources = rule["resources"].as_array().unwrap().iter();
        listed.extend(resources.map(|resource| (text(&rule["apiGroups"][0]), text(resource))));
    }
    let mut expected: Vec<_> = existing_workloads().map(|workload| (workload.group.to_owned(), workload.resource.to_owned())).collect();
    listed.sort();
    expected.sort();
    assert_eq!(listed, expected);
}

/// The instances for two policies, of which the first hardens and the second validates, with otherwise equal settings.
fn policies(policies: &[Value]) -> Vec<Instance> {
    let metadata = yaml(METADATA);
    let [hardening, validating] = policies else { panic!("not two policies") };
    for policy in policies {
        let spec = &policy["spec"];
        assert_eq!(policy["kind"], "ClusterAdmissionPolicy");
        let installed = blocks("README.md", README).into_iter().find(|block| block.mark == ["policy"]).unwrap();
        assert_eq!(spec["module"], yaml(&installed.text)["spec"]["module"]);
        // All rules except that for namespaces, which only the settings for labels need.
        let rules = metadata["rules"].as_array().unwrap().split_last().unwrap().1;
        assert_eq!(spec["rules"], json!(rules));
        assert_eq!(spec["settings"]["namespaceLabels"], Value::Null);
        assert_eq!(parsed(&spec["settings"]), Ok(()));
    }
    let mut settings = hardening["spec"]["settings"].clone();
    assert!(settings.as_object_mut().unwrap().remove("harden").is_some());
    assert_eq!(settings, validating["spec"]["settings"]);
    assert_eq!([&hardening["spec"]["mutating"], &validating["spec"]["mutating"]], [true, false]);
    assert_eq!([&hardening["spec"]["backgroundAudit"], &validating["spec"]["backgroundAudit"]], [&json!(false), &Value::Null]);
    // The API server first calls the policies that may change an object.
    let instance = |policy: &Value| Instance {
        webhook: format!("clusterwide-{}.kubewarden.admission", text(&policy["metadata"]["name"])),
        mutating: policy["spec"]["mutating"] == true,
        settings: policy["spec"]["settings"].clone(),
    };
    policies.iter().map(instance).collect()
}

/// A cluster that replays a recorded session: a lookup of a pod, then a list of pods.
struct RecordedCluster(Value);

impl Cluster for RecordedCluster {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError> {
        panic!("namespace {name} is not recorded")
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Ok(text(&self.0[1]["response"]["payload"]).into_bytes())
    }

    fn millis(&self) -> u64 {
        0
    }
}

/// Compares the output of `make run` in a page with the responses to the samples: verdict, message, warnings and
/// annotations, in this order.
fn compare_samples(output: &str, names: &[&str]) {
    let makefile = include_str!("../Makefile");
    let samples = makefile.lines().find_map(|line| line.strip_prefix("SAMPLES := ")).unwrap();
    let samples: Vec<&str> = samples.split([' ', ',', ')', '/']).filter(|word| word.ends_with(".json")).collect();
    let read = |name: &str, end: &str| fs::read_to_string(format!("tests/data/{name}{end}"));
    let words = |text: &str| text.split_whitespace().filter(|word| *word != "-").map(|word| format!("{word} ")).collect::<String>();
    let parts: Vec<&str> = output.split("\n\n").collect();
    assert_eq!(parts.len(), names.len());
    for (part, name) in parts.iter().zip(names) {
        let request = yaml(&read(name, ".json").unwrap());
        let settings = yaml(&read(name, ".settings.json").unwrap());
        let recording = read(name, ".session.yml").map_or(Value::Null, |recording| yaml(&recording));
        let payload = serde_json::to_vec(&json!({"request": request, "settings": settings})).unwrap();
        let response = policy_module::validate(&payload, &RecordedCluster(recording));
        let number = samples.iter().position(|sample| *sample == format!("{name}.json")).expect("a sample of `make run`") + 1;
        let heading = format!("{number}. {} (tests/data/{name}.json)", name.replace('-', " "));
        assert_eq!(part.lines().next(), Some(heading.as_str()));
        let settings = serde_norway::to_string(&settings).unwrap();
        let verdict = if response.accepted { "ACCEPTED" } else { "REJECTED with code" };
        let mut position = 0;
        for text in [format!("Settings {settings}"), format!("Verdict {verdict}")]
            .into_iter()
            .chain(response.message)
            .chain(response.warnings.into_iter().flatten())
            .chain(response.audit_annotations.into_iter().flatten().map(|(key, value)| format!("{key}: {value}")))
        {
            let found = words(part)[position..].find(&words(&text));
            position += found.unwrap_or_else(|| panic!("missing or misplaced: {text}"));
        }
    }
}
