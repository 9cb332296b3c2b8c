//! README.md, executed: its manifests are put to the policy, and what it says is printed is compared
//! to the letter with what is.
//!
//! What follows the language of a code block says what the block is:
//!
//! | Mark | The block |
//! |---|---|
//! | `test: settings` | settings that are valid; they hold from here on |
//! | `test: mistakes`, `test: message` | settings that are not, and what is said to that |
//! | `test: apply FILE`, `test: prints` | manifests, and what `kubectl apply -f FILE` prints |
//! | `test: apply FILE --dry-run=server` | the same, and the cluster stays as it was |
//! | `test: apply again FILE` | what applying a file shown before prints |
//! | `test: rejects FILE` | the error that applying a file shown somewhere in the document prints |
//! | `test: pods of FILE` | the pods that the Deployment of a file has; they run from here on |
//! | `test: pod of FILE` | what comes of creating one more pod of it: an event, or its name |
//! | `test: policy` | a ClusterAdmissionPolicy; it has to agree with metadata.yml |
//! | `test: AdmissionConfiguration`, `test: moved settings` | the configuration of an API server, and what it is here |
//! | `test: sample NAME…` | what `make run` prints for samples, spaces and line ends apart |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;
use std::fs;

use pod_security_standards::admission::{Cluster, WORKLOADS};
use pod_security_standards::kubewarden;
use pod_security_standards::settings::Settings;
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
    fn namespace(&self, name: &str) -> Result<Vec<u8>, String> {
        let key = ("Namespace".to_owned(), name.to_owned(), name.to_owned());
        Ok(serde_json::to_vec(self.objects.get(&key).ok_or("not found")?).unwrap())
    }

    fn pods(&self, namespace: &str) -> Result<Vec<u8>, String> {
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

/// What a rejected request, or the warnings of an accepted one, are to a user.
type Answer = Result<Vec<String>, String>;

/// What the policy says to an object that is applied, and whether it was there before.
fn admit(object: &Value, world: &World, settings: &Value) -> (Answer, bool) {
    let metadata = &object["metadata"];
    let (group, resource) = group_and_resource(object);
    let name = text(&metadata["name"]);
    let namespace = if resource == "namespaces" { name.clone() } else { text(&metadata["namespace"]) };
    assert!(!name.is_empty() && !namespace.is_empty(), "a manifest without a name or namespace: {object}");
    let old = world.objects.get(&(text(&object["kind"]), namespace.clone(), name.clone()));
    let kind = json!({"group": group, "version": "v1", "kind": object["kind"]});
    let request = json!({
        "uid": "1",
        "kind": kind, "requestKind": kind,
        "resource": {"group": group, "version": "v1", "resource": resource},
        "name": name, "namespace": namespace,
        "operation": if old.is_some() { "UPDATE" } else { "CREATE" },
        "userInfo": {"username": "alice"},
        "object": object, "oldObject": old, "dryRun": false,
    });
    let payload = serde_json::to_vec(&json!({"request": request, "settings": settings})).unwrap();
    let response = kubewarden::validate(&payload, world).verdict;
    let answer = match response.accepted {
        true => Ok(response.warnings.unwrap_or_default()),
        false => Err(format!("admission webhook \"{WEBHOOK}\" denied the request: {}", response.message.unwrap())),
    };
    (answer, old.is_some())
}

/// What `kubectl apply -f FILE` prints.
fn apply(file: &str, objects: &[Value], dry_run: bool, world: &mut World, settings: &Value) -> String {
    let mut printed = String::new();
    let before = world.clone();
    for object in objects {
        let (answer, existed) = admit(object, world, settings);
        let (_, resource) = group_and_resource(object);
        let verb = if existed { "configured" } else { "created" };
        match answer {
            Ok(warnings) => {
                printed.extend(warnings.iter().map(|warning| format!("Warning: {warning}\n")));
                let kind = object["kind"].as_str().unwrap().to_lowercase();
                let group = group_and_resource(object).0;
                let dot = if group.is_empty() { "" } else { "." };
                let note = if dry_run { " (server dry run)" } else { "" };
                printed += &format!("{kind}{dot}{group}/{} {verb}{note}\n", text(&object["metadata"]["name"]));
                let name = text(&object["metadata"]["name"]);
                let namespace = if resource == "namespaces" { name.clone() } else { text(&object["metadata"]["namespace"]) };
                world.objects.insert((text(&object["kind"]), namespace, name), object.clone());
            }
            Err(message) => {
                let doing = if existed { "applying patch to" } else { "creating" };
                printed += &format!("Error from server: error when {doing} \"{file}\": {message}\n");
            }
        }
    }
    if dry_run {
        *world = before;
    }
    printed
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
        .filter(|block| matches!(block.test[..], ["apply", file, ..] if file != "again"))
        .map(|block| (block.test[1], manifests(block)))
        .collect();
    let mut world = World::default();
    let mut settings = Value::Null;
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
            ["settings"] => {
                settings = yaml(&block.text);
                assert_eq!(parsed(&settings), Ok(()), "{at}");
                world = World::default();
            }
            ["mistakes"] => expected = Some(parsed(&yaml(&block.text)).expect_err(&at) + "\n"),
            ["apply", "again", file] => assert_eq!(block.text, apply(file, &files[file], false, &mut world, &settings), "{at}"),
            ["apply", file] => expected = Some(apply(file, &files[file], false, &mut world, &settings)),
            ["apply", file, "--dry-run=server"] => expected = Some(apply(file, &files[file], true, &mut world, &settings)),
            ["rejects", file] => assert_eq!(block.text, apply(file, &files[file], false, &mut world.clone(), &settings), "{at}"),
            ["pods", "of", file] => {
                for line in block.text.lines() {
                    let pod = pod_of(&files[file][0], pod_name(line));
                    assert_eq!(admit(&pod, &world, &settings).0, Ok(vec![WARNED.to_owned()]), "{at}");
                    world.pods.push(pod);
                }
            }
            ["pod", "of", file] => {
                let name = pod_name(&block.text);
                let printed = match admit(&pod_of(&files[file][0], name), &world, &settings).0 {
                    Ok(warnings) => {
                        warnings.iter().map(|warning| format!("Warning: {warning}\n")).collect::<String>() + &format!("pod/{name}\n")
                    }
                    Err(message) => format!("Error creating: {message}\n"),
                };
                assert_eq!(block.text, printed, "{at}");
            }
            ["policy"] => policy(&yaml(&block.text)),
            ["AdmissionConfiguration"] => settings = yaml(&block.text)["plugins"][0]["configuration"].clone(),
            ["moved", "settings"] => {
                settings["namespaceLabels"] = json!("honor");
                assert_eq!(yaml(&block.text), settings, "{at}");
                assert_eq!(parsed(&settings), Ok(()), "{at}");
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
            ("apply", 5),
            ("message", 2),
            ("mistakes", 2),
            ("moved", 1),
            ("pod", 2),
            ("pods", 1),
            ("policy", 1),
            ("prints", 4),
            ("rejects", 1),
            ("sample", 1),
            ("settings", 4),
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

/// A cluster that answers as a recorded session does: one list of pods.
struct Recorded(Value);

impl Cluster for Recorded {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, String> {
        panic!("nothing is recorded of namespace {name}")
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, String> {
        Ok(text(&self.0[0]["response"]["payload"]).into_bytes())
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
        let response = kubewarden::validate(&payload, &Recorded(session)).verdict;
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
