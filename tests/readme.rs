//! README.md, executed: its manifests are put to the policy, and what it says is printed is compared
//! to the letter with what is.
//!
//! What follows the language of a code block says what the block is:
//!
//! | Mark | The block |
//! |---|---|
//! | `test: settings` | settings that are valid; they hold from here on, in a new cluster |
//! | `test: new settings` | the same, in the cluster as it is |
//! | `test: policies` | two ClusterAdmissionPolicies, one that hardens and one that validates; likewise in a new cluster |
//! | `test: mistakes`, `test: message` | settings that are not, and what is said to that |
//! | `test: apply FILE`, `test: prints` | manifests, and what `kubectl apply -f FILE` prints |
//! | `test: apply FILE --dry-run=server` | the same, and the cluster stays as it was |
//! | `test: apply again FILE` | what applying a file shown before prints |
//! | `test: rejects FILE` | the error that applying a file shown somewhere in the document prints |
//! | `test: file FILE` | manifests that a console applies |
//! | `test: console` | commands, behind `$`, and what they print |
//! | `test: audit log` | all audit annotations of the last request that is shown |
//! | `test: details` | one of these, `details`, broken into lines |
//! | `test: stored FILE` | what the cluster has of the object of a file, which may not be what the file says |
//! | `test: pods of FILE` | the pods that the Deployment of a file has; they run from here on |
//! | `test: pod of FILE` | what comes of creating one more pod of it: an event, or its name |
//! | `test: policy` | a ClusterAdmissionPolicy; it has to agree with metadata.yml |
//! | `test: AdmissionConfiguration`, `test: moved settings` | the configuration of an API server, and what it is here |
//! | `test: sample NAME…` | what `make run` prints for samples, spaces and line ends apart |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;
use std::fs;

use pod_security_standards as policy_module;
use pss_core::admission::{Cluster, LookupError, WORKLOADS};
use pss_core::settings::Settings;
use serde_json::{Value, json};

const README: &str = include_str!("../README.md");
const METADATA: &str = include_str!("../metadata.yml");
/// Whose webhook answers: the name of the policy in the README, as Kubewarden makes it.
const WEBHOOK: &str = "clusterwide-pod-security-standards.kubewarden.admission";

/// A code block and what its mark says of it.
#[derive(Debug, Clone)]
struct Block {
    /// The number of the line that opens it.
    line: usize,
    language: &'static str,
    /// The words of its mark; none where there is no mark.
    test: Vec<&'static str>,
    text: String,
}

fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut open = None::<Block>;
    for (index, line) in README.lines().enumerate() {
        match (&mut open, line.strip_prefix("```")) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text += &format!("{line}\n"),
            (None, Some(info)) => {
                let (language, mark) = info.split_once(" test: ").map_or((info, None), |(language, mark)| (language, Some(mark)));
                let test = mark.map(|mark| mark.split(' ').collect()).unwrap_or_default();
                open = Some(Block { line: index + 1, language, test, text: String::new() });
            }
            (None, None) => {}
        }
    }
    assert!(open.is_none(), "a block is left open");
    blocks
}

fn yaml(text: &str) -> Value {
    serde_norway::from_str(text).unwrap_or_else(|error| panic!("{error}:\n{text}"))
}

/// The cluster of the walk-through.
#[derive(Debug, Clone, Default)]
struct World {
    /// What was applied, by kind, namespace and name.
    objects: BTreeMap<(String, String, String), Value>,
    pods: Vec<Value>,
}

impl Cluster for World {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError> {
        let key = ("Namespace".to_owned(), name.to_owned(), name.to_owned());
        Ok(serde_json::to_vec(self.objects.get(&key).ok_or("not found")?).unwrap())
    }

    fn pods(&self, namespace: &str) -> Result<Vec<u8>, LookupError> {
        let pods: Vec<&Value> = self.pods.iter().filter(|pod| pod["metadata"]["namespace"] == namespace).collect();
        Ok(serde_json::to_vec(&json!({"apiVersion": "v1", "kind": "PodList", "items": pods})).unwrap())
    }

    fn millis(&self) -> u64 {
        0
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Group and resource of an object, as an API server knows them.
fn group_and_resource(object: &Value) -> (&'static str, &'static str) {
    match object["kind"].as_str().unwrap() {
        "Pod" => ("", "pods"),
        "Namespace" => ("", "namespaces"),
        kind => WORKLOADS.iter().find(|workload| workload.kind == kind).map(|workload| (workload.group, workload.resource)).unwrap(),
    }
}

/// What an object is found by in a cluster: its kind, namespace and name.
fn key(object: &Value) -> (String, String, String) {
    let (kind, name) = (text(&object["kind"]), text(&object["metadata"]["name"]));
    let namespace = if kind == "Namespace" { name.clone() } else { text(&object["metadata"]["namespace"]) };
    assert!(!name.is_empty() && !namespace.is_empty(), "a manifest without a name or namespace: {object}");
    (kind, namespace, name)
}

/// An object as kubectl names it: `deployment.apps/web`.
fn named(object: &Value) -> String {
    let group = group_and_resource(object).0;
    let dot = if group.is_empty() { "" } else { "." };
    format!("{}{dot}{group}/{}", text(&object["kind"]).to_lowercase(), text(&object["metadata"]["name"]))
}

/// The policy, as it is deployed once.
struct Instance {
    webhook: String,
    /// Whether it may change objects.
    mutating: bool,
    settings: Value,
}

/// The policy as it is deployed in the README's first section, with settings.
fn alone(settings: &Value) -> Vec<Instance> {
    // The README says of these settings that they need it.
    let mutating = settings["namespaceLabels"] == "set" || settings["harden"].is_array();
    vec![Instance { webhook: WEBHOOK.to_owned(), mutating, settings: settings.clone() }]
}

/// What a rejected request, or the warnings of an accepted one, are to a user.
type Answer = Result<Vec<String>, String>;

/// What comes of an object that somebody asks for.
struct Admitted {
    answer: Answer,
    /// What it has become.
    object: Value,
    /// The audit annotations.
    audit: Vec<String>,
}

/// What the instances of the policy say to an object, one after the other.
fn admit(object: &Value, world: &World, instances: &[Instance], groups: &[&str]) -> Admitted {
    let mut admitted = Admitted { answer: Ok(Vec::new()), object: object.clone(), audit: Vec::new() };
    for instance in instances {
        let Ok(warnings) = &mut admitted.answer else { break };
        let response = ask(&admitted.object, world, &instance.settings, groups);
        let annotations: BTreeMap<_, _> = response.audit_annotations.unwrap_or_default().into_iter().collect();
        // Beside each other they are told apart by their full names.
        let before = if instances.len() > 1 { format!("{}/", instance.webhook) } else { String::new() };
        admitted.audit.extend(annotations.iter().map(|(key, value)| format!("{before}{key}: {value}")));
        if let Some(changed) = response.mutated_object {
            assert!(instance.mutating, "Kubewarden would reject a change by {}", instance.webhook);
            admitted.object = serde_json::from_str(changed.get()).unwrap();
        }
        match response.accepted {
            // The API server shows a warning that comes twice only once.
            true => {
                warnings.extend(response.warnings.unwrap_or_default().into_iter().filter(|new| !warnings.contains(new)).collect::<Vec<_>>())
            }
            false => {
                let message = response.message.unwrap();
                admitted.answer = Err(format!("admission webhook \"{}\" denied the request: {message}", instance.webhook));
            }
        }
    }
    admitted
}

/// What the policy says to an object.
fn ask(object: &Value, world: &World, settings: &Value, groups: &[&str]) -> policy_module::Response {
    let (group, resource) = group_and_resource(object);
    let (_, namespace, name) = key(object);
    let old = world.objects.get(&key(object));
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
    policy_module::validate(&payload, world)
}

/// A cluster with the policy, and what is shown of it.
#[derive(Default)]
struct Shown {
    world: World,
    instances: Vec<Instance>,
    /// The audit annotations of the last request.
    audit: Vec<String>,
}

impl Shown {
    /// Asks for an object, which is there from then on if it is accepted, and says what kubectl prints:
    /// what it has done (`created`), or that it failed.
    fn put(&mut self, object: &Value, groups: &[&str], done: &str, failed: &str) -> String {
        let Admitted { answer, object, audit, .. } = admit(object, &self.world, &self.instances, groups);
        self.audit = audit;
        match answer {
            Ok(warnings) => {
                let printed = format!("{} {done}\n", named(&object));
                self.world.objects.insert(key(&object), object);
                warnings.iter().map(|warning| format!("Warning: {warning}\n")).collect::<String>() + &printed
            }
            Err(message) => format!("{failed}: {message}\n"),
        }
    }

    /// What `kubectl apply -f FILE` prints.
    fn apply(&mut self, file: &str, objects: &[Value], flags: &[&str]) -> String {
        let dry_run = flags.contains(&"--dry-run=server");
        let groups: Vec<&str> = flags.iter().filter_map(|flag| flag.strip_prefix("--as-group=")).collect();
        assert!(flags.iter().all(|flag| ["--dry-run", "--as", "--as-group"].contains(&flag.split('=').next().unwrap())), "{flags:?}");
        let before = self.world.clone();
        let mut printed = String::new();
        for object in objects {
            let existed = self.world.objects.contains_key(&key(object));
            let (verb, doing) = if existed { ("configured", "applying patch to") } else { ("created", "creating") };
            let note = if dry_run { " (server dry run)" } else { "" };
            let failed = format!("Error from server: error when {doing} \"{file}\"");
            printed += &self.put(object, &groups, &format!("{verb}{note}"), &failed);
        }
        if dry_run {
            self.world = before;
        }
        printed
    }

    /// What a command prints.
    fn run(&mut self, command: &str, files: &BTreeMap<&str, Vec<Value>>) -> String {
        let words: Vec<&str> = command.split(' ').collect();
        let mut change = |kind: &str, namespace: &str, name: &str, edit: &dyn Fn(&mut Value), done: &str, failed: &str| {
            let found = self.world.objects.iter().find(|((of_kind, of_namespace, of_name), _)| {
                of_kind.to_lowercase() == kind && of_namespace == namespace && of_name == name
            });
            let mut object = found.unwrap_or_else(|| panic!("{command}: there is no such object")).1.clone();
            edit(&mut object);
            self.put(&object, &[], done, failed)
        };
        let set = |object: &mut Value, field: &str, pair: &str| {
            let (key, value) = pair.split_once('=').unwrap();
            object["metadata"][field][key] = json!(value);
        };
        match words[..] {
            ["kubectl", "apply", "-f", file, ref flags @ ..] => self.apply(file, &files[file], flags),
            ["kubectl", "create", "namespace", name] => {
                let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": {"kubernetes.io/metadata.name": name}}});
                self.put(&namespace, &[], "created", "Error from server")
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
            _ => panic!("nobody knows how to run {command}"),
        }
    }

    /// The commands of a console, each with what it prints.
    fn console(&mut self, text: &str, files: &BTreeMap<&str, Vec<Value>>) -> String {
        let commands = text.lines().filter_map(|line| line.strip_prefix("$ "));
        commands.map(|command| format!("$ {command}\n{}", self.run(command, files))).collect()
    }
}

/// A pod as the ReplicaSet of a Deployment makes it and the API server completes it.
fn pod_of(deployment: &Value, name: &str) -> Value {
    let template = &deployment["spec"]["template"];
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": template["metadata"], "spec": template["spec"]});
    let (replica_set, _) = name.rsplit_once('-').unwrap();
    assert!(replica_set.starts_with(deployment["metadata"]["name"].as_str().unwrap()), "{name} is no pod of this Deployment");
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

/// The name between the first two quotation marks behind `pods `, or behind `pod/`.
fn pod_name(text: &str) -> &str {
    match text.strip_prefix("pod/") {
        Some(name) => name.trim_end(),
        None => text.split_once("pods \"").unwrap().1.split('"').next().unwrap(),
    }
}

fn manifests(block: &Block) -> Vec<Value> {
    block.text.split("\n---\n").map(yaml).collect()
}

#[test]
fn what_the_readme_shows_is_what_happens() {
    let blocks = blocks();
    let files: BTreeMap<&str, Vec<Value>> = blocks
        .iter()
        .filter(|block| matches!(block.test[..], ["apply" | "file", file, ..] if file != "again"))
        .map(|block| (block.test[1], manifests(block)))
        .collect();
    let mut shown = Shown::default();
    let mut moved = Value::Null;
    let mut expected = None::<String>;
    let mut seen = BTreeMap::<&str, usize>::new();
    for block in &blocks {
        let at = format!("README.md, line {}", block.line);
        let Some(what) = block.test.first() else { continue };
        *seen.entry(what).or_default() += 1;
        // What was printed has to be shown by the very next block.
        if let Some(expected) = expected.take() {
            assert!(matches!(*what, "prints" | "message"), "{at}: it should show what was printed:\n{expected}");
            assert_eq!(block.text, expected, "{at}");
            continue;
        }
        match block.test[..] {
            ["settings"] | ["new", "settings"] => {
                let settings = yaml(&block.text);
                assert_eq!(parsed(&settings), Ok(()), "{at}");
                let world = if *what == "new" { shown.world } else { World::default() };
                shown = Shown { world, instances: alone(&settings), audit: Vec::new() };
            }
            ["mistakes"] => expected = Some(parsed(&yaml(&block.text)).expect_err(&at) + "\n"),
            ["file", _] => {}
            ["apply", "again", file] => assert_eq!(block.text, shown.apply(file, &files[file], &[]), "{at}"),
            ["apply", file, ref flags @ ..] => expected = Some(shown.apply(file, &files[file], flags)),
            ["rejects", file] => {
                let before = shown.world.clone();
                assert_eq!(block.text, shown.apply(file, &files[file], &[]), "{at}");
                assert!(block.text.starts_with("Error from server: "), "{at}");
                shown.world = before;
            }
            ["console"] => assert_eq!(block.text, shown.console(&block.text, &files), "{at}"),
            ["audit", "log"] => {
                assert!(!shown.audit.is_empty(), "{at}");
                assert_eq!(block.text, shown.audit.iter().map(|line| format!("{line}\n")).collect::<String>(), "{at}");
            }
            ["details"] => {
                let details = shown.audit.iter().find_map(|line| line.strip_prefix("details: "));
                assert_eq!(Some(block.text.lines().map(str::trim_start).collect::<String>().as_str()), details, "{at}");
            }
            ["stored", file] => assert_eq!(yaml(&block.text), shown.world.objects[&key(&files[file][0])], "{at}"),
            ["pods", "of", file] => {
                for line in block.text.lines() {
                    let pod = pod_of(&files[file][0], pod_name(line));
                    assert_eq!(admit(&pod, &shown.world, &shown.instances, &[]).answer, Ok(vec![WARNED.to_owned()]), "{at}");
                    shown.world.pods.push(pod);
                }
            }
            ["pod", "of", file] => {
                let name = pod_name(&block.text);
                let printed = match admit(&pod_of(&files[file][0], name), &shown.world, &shown.instances, &[]).answer {
                    Ok(warnings) => {
                        warnings.iter().map(|warning| format!("Warning: {warning}\n")).collect::<String>() + &format!("pod/{name}\n")
                    }
                    Err(message) => format!("Error creating: {message}\n"),
                };
                assert_eq!(block.text, printed, "{at}");
            }
            ["policy"] => policy(&yaml(&block.text)),
            ["policies"] => {
                let instances = policies(&manifests(block));
                shown = Shown { instances, ..Shown::default() };
            }
            ["AdmissionConfiguration"] => moved = yaml(&block.text)["plugins"][0]["configuration"].clone(),
            ["moved", "settings"] => {
                moved["namespaceLabels"] = json!("honor");
                assert_eq!(yaml(&block.text), moved, "{at}");
                assert_eq!(parsed(&moved), Ok(()), "{at}");
            }
            ["sample", ..] => sample(&block.text, &block.test[1..]),
            _ => panic!("{at}: nobody knows how to test {:?}", block.test),
        }
    }
    assert_eq!(expected, None, "the README does not show what was printed last");
    let seen: Vec<(&str, usize)> = seen.into_iter().collect();
    assert_eq!(
        seen,
        [
            ("AdmissionConfiguration", 1),
            ("apply", 6),
            ("audit", 4),
            ("console", 9),
            ("details", 1),
            ("file", 4),
            ("message", 4),
            ("mistakes", 4),
            ("moved", 1),
            ("new", 2),
            ("pod", 2),
            ("pods", 1),
            ("policies", 1),
            ("policy", 1),
            ("prints", 5),
            ("rejects", 1),
            ("sample", 1),
            ("settings", 10),
            ("stored", 2),
        ]
    );
}

/// What Kubernetes warns of when a pod without a securityContext is created where restricted:v1.25
/// warns and nothing is enforced.
const WARNED: &str = "would violate PodSecurity \"restricted:v1.25\": allowPrivilegeEscalation != false (container \"reversewords\" must set \
                      securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"reversewords\" must set \
                      securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"reversewords\" must set \
                      securityContext.runAsNonRoot=true), seccompProfile (pod or container \"reversewords\" must set \
                      securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")";

/// The warnings of the walk-through are those that Kubernetes prints.
#[test]
fn the_walk_through_shows_the_texts_of_kubernetes() {
    let walk_through = README.split_once("\n## Walk-through\n").unwrap().1.split("\n## ").next().unwrap();
    for text in [
        format!("\nWarning: {WARNED}\ndeployment.apps/reversewords created\n"),
        "\nWarning: existing pods in namespace \"words\" violate the new PodSecurity enforce level \"restricted:v1.25\"\n".to_owned(),
        ": allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile\nnamespace/words configured\n"
            .to_owned(),
    ] {
        assert!(walk_through.contains(&text), "{text}");
    }
}

/// The table of exemptions by who and where: each exempts a pod, and says so with its word.
#[test]
fn every_exemption_is_told_by_its_word() {
    let rows = README.lines().skip_while(|line| !line.starts_with("| Key | Exempts |")).skip(2).take_while(|line| line.starts_with('|'));
    let rows: Vec<Vec<&str>> = rows.map(|row| row.split('`').skip(1).step_by(2).collect()).collect();
    let mut world = World::default();
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": {"team": "shop"}}});
    world.objects.insert(key(&namespace), namespace);
    let spec = json!({"hostPID": true, "serviceAccountName": "agent", "containers": [{"name": "agent", "image": "agent"}]});
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "agent", "namespace": "shop"}, "spec": spec});
    let exemptions = json!({
        "groups": ["admins"], "serviceAccounts": ["shop/agent"], "namespacePatterns": ["sh*"],
        "namespaceSelector": {"matchLabels": {"team": "shop"}},
    });
    assert_eq!(rows.len(), exemptions.as_object().unwrap().len());
    for row in rows {
        let (setting, word) = (row[0], row.last().unwrap());
        let settings = json!({"level": "baseline", "exemptions": {setting: exemptions[setting]}});
        let Admitted { answer, audit, .. } = admit(&pod, &world, &alone(&settings), &["admins"]);
        assert_eq!((answer, audit), (Ok(Vec::new()), vec![format!("exempt: {word}")]), "{setting}");
    }
    assert!(admit(&pod, &world, &alone(&json!({"level": "baseline"})), &["admins"]).answer.is_err());
}

#[test]
fn every_block_that_can_be_executed_is() {
    for block in blocks() {
        let untested = block.test.is_empty() && block.language != "sh";
        assert!(!untested, "README.md, line {}: a {} block that nobody tests", block.line, block.language);
    }
}

/// The policy to paste asks for what metadata.yml asks for.
fn policy(policy: &Value) {
    let metadata = yaml(METADATA);
    let annotation = |name: &str| text(&metadata["annotations"][format!("io.kubewarden.policy.{name}")]);
    assert_eq!(policy["metadata"]["name"], annotation("title"));
    assert_eq!(WEBHOOK, format!("clusterwide-{}.kubewarden.admission", annotation("title")));
    for name in ["severity", "category"] {
        assert_eq!(policy["metadata"]["annotations"][format!("io.kubewarden.policy.{name}")], annotation(name));
    }
    let spec = &policy["spec"];
    assert_eq!(spec["module"], format!("registry://{}:v{}", annotation("ociUrl"), annotation("version")));
    for field in ["rules", "mutating", "contextAwareResources"] {
        assert_eq!(spec[field], metadata[field], "{field}");
    }
    assert_eq!(parsed(&spec["settings"]), Ok(()));
}

/// Two policies that differ in what they change alone: the first hardens, the second validates.
fn policies(policies: &[Value]) -> Vec<Instance> {
    let metadata = yaml(METADATA);
    let [hardening, validating] = policies else { panic!("not two policies") };
    for policy in policies {
        let spec = &policy["spec"];
        assert_eq!(policy["kind"], "ClusterAdmissionPolicy");
        assert_eq!(
            text(&spec["module"]),
            text(&yaml(&blocks().iter().find(|block| block.test == ["policy"]).unwrap().text)["spec"]["module"])
        );
        // All rules but that for namespaces, which matters where labels do.
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
    // The API server asks those first that may change an object.
    let instance = |policy: &Value| Instance {
        webhook: format!("clusterwide-{}.kubewarden.admission", text(&policy["metadata"]["name"])),
        mutating: policy["spec"]["mutating"] == true,
        settings: policy["spec"]["settings"].clone(),
    };
    policies.iter().map(instance).collect()
}

/// A cluster that answers as a recorded session does: a look, then one list of pods.
struct Recorded(Value);

impl Cluster for Recorded {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError> {
        panic!("nothing is recorded of namespace {name}")
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Ok(text(&self.0[1]["response"]["payload"]).into_bytes())
    }

    fn millis(&self) -> u64 {
        0
    }
}

/// What `make run` shows of samples: each request's verdict, message and warnings, in their order.
fn sample(shown: &str, names: &[&str]) {
    let makefile = include_str!("../Makefile");
    let samples = makefile.lines().find_map(|line| line.strip_prefix("SAMPLES := ")).unwrap();
    let samples: Vec<&str> = samples.split([' ', ',', ')', '/']).filter(|word| word.ends_with(".json")).collect();
    let read = |name: &str, end: &str| fs::read_to_string(format!("tests/data/{name}{end}"));
    let words = |text: &str| text.split_whitespace().filter(|word| *word != "-").map(|word| format!("{word} ")).collect::<String>();
    let parts: Vec<&str> = shown.split("\n\n").collect();
    assert_eq!(parts.len(), names.len());
    for (part, name) in parts.iter().zip(names) {
        let request = yaml(&read(name, ".json").unwrap());
        let settings = yaml(&read(name, ".settings.json").unwrap());
        let session = read(name, ".session.yml").map_or(Value::Null, |session| yaml(&session));
        let payload = serde_json::to_vec(&json!({"request": request, "settings": settings})).unwrap();
        let response = policy_module::validate(&payload, &Recorded(session));
        let number = samples.iter().position(|sample| *sample == format!("{name}.json")).expect("a sample of `make run`") + 1;
        let heading = format!("{number}. {} (tests/data/{name}.json)", name.replace('-', " "));
        assert_eq!(part.lines().next(), Some(heading.as_str()));
        let settings = serde_norway::to_string(&settings).unwrap();
        let verdict = if response.accepted { "ACCEPTED" } else { "REJECTED with code" };
        let mut place = 0;
        for text in [format!("Settings {settings}"), format!("Verdict {verdict}")]
            .into_iter()
            .chain(response.message)
            .chain(response.warnings.into_iter().flatten())
            .chain(response.audit_annotations.into_iter().flatten().map(|(key, value)| format!("{key}: {value}")))
        {
            let found = words(part)[place..].find(&words(&text));
            place += found.unwrap_or_else(|| panic!("not shown, or not in its place: {text}"));
        }
    }
}
