//! `kubectl`, as far as the walk-through uses it: `get -o yaml`, `apply -f`, `label`, `delete`.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::process::ExitCode;

use pss_core::settings::Settings;
use pss_review::{Admission, Options, Source, Status, Stream, review};
use serde_json::{Value, json};

use crate::cluster::{Cluster, VERSION, has_kind, kubectl_name, objects};

/// Runs a command.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let (positional, flags) = parse(arguments);
    match positional.as_slice() {
        ["get", kinds] => get(kinds, &flags),
        ["apply"] => apply(flags["-f"]),
        ["label", "namespace", name, labels @ ..] => label(name, labels),
        ["delete", kind, names @ ..] => delete(kind, names),
        _ => panic!("kubectl {arguments:?} is not simulated"),
    }
}

/// Returns the words that are no flags, and the flags with their values.
fn parse(arguments: &[String]) -> (Vec<&str>, BTreeMap<&str, &str>) {
    let (mut positional, mut flags) = (Vec::new(), BTreeMap::new());
    let mut words = arguments.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "-A" | "--overwrite" => drop(flags.insert(word, "")),
            "-n" | "-l" | "-o" | "-f" => drop(flags.insert(word, words.next().unwrap())),
            word => positional.push(word),
        }
    }
    (positional, flags)
}

fn get(kinds: &str, flags: &BTreeMap<&str, &str>) -> ExitCode {
    assert_eq!(flags.get("-o"), Some(&"yaml"));
    let cluster = Cluster::current();
    let selected = |object: &Value| {
        let in_namespace = flags.get("-n").is_none_or(|namespace| object["metadata"]["namespace"] == **namespace);
        let terms = flags.get("-l").map(|selector| selector.split(',').collect::<Vec<_>>()).unwrap_or_default();
        let has_label = |term: &&str| term.split_once('=').is_some_and(|(key, value)| object["metadata"]["labels"][key] == value);
        in_namespace && terms.iter().all(has_label)
    };
    let items: Vec<Value> = kinds.split(',').flat_map(|kind| cluster.of_kind(kind)).filter(selected).collect();
    println!("{:#}", json!({"apiVersion": "v1", "kind": "List", "items": items}));
    ExitCode::SUCCESS
}

fn apply(file: &str) -> ExitCode {
    let mut text = String::new();
    match file {
        "-" => drop(std::io::stdin().read_to_string(&mut text).unwrap()),
        file => text = fs::read_to_string(file).unwrap(),
    }
    let version = std::env::var(VERSION).unwrap();
    let mut cluster = Cluster::current();
    let mut exit = ExitCode::SUCCESS;
    for object in objects(&text) {
        if !has_kind(&object, &version) {
            eprintln!("error: no matches for kind {} in version {}", object["kind"], object["apiVersion"]);
            exit = ExitCode::FAILURE;
        } else if admit(&cluster, &object, file) {
            let name = kubectl_name(&object);
            let verb = if cluster.put(object) { "configured" } else { "created" };
            println!("{name} {verb}");
        } else {
            exit = ExitCode::FAILURE;
        }
    }
    cluster.save_current();
    exit
}

/// Admits an object by the policies for pod security in the cluster. Prints their warnings, or the error.
fn admit(cluster: &Cluster, object: &Value, file: &str) -> bool {
    let text = object.to_string();
    for policy in cluster.of_kind("clusteradmissionpolicies") {
        if !policy["spec"]["module"].as_str().unwrap().contains("/pod-security-standards:") {
            continue;
        }
        let settings = policy["spec"]["settings"].to_string();
        let settings = Settings::parse(settings.as_bytes()).unwrap();
        let options = Options { settings, admission: Admission::Kubewarden, ..Options::default() };
        let report = review(&[Source { name: file, text: &text }], &options);
        // The API server of the cluster decides about other kinds.
        if report.documents.iter().all(|document| document.status != Status::Judged) {
            continue;
        }
        let messages = report.terminal.iter().filter(|line| line.stream == Stream::Error);
        messages.for_each(|line| eprintln!("{}", line.text));
        let is_rejected = report.documents.iter().any(|document| {
            document.status == Status::Judged && document.kind == "Pod" && document.verdicts.iter().any(|verdict| !verdict.is_satisfied)
        });
        if is_rejected {
            return false;
        }
    }
    true
}

fn label(name: &str, labels: &[&str]) -> ExitCode {
    let mut cluster = Cluster::current();
    let namespace = cluster.objects.iter_mut().find(|object| object["kind"] == "Namespace" && object["metadata"]["name"] == name);
    let namespace = namespace.unwrap_or_else(|| panic!("namespaces {name:?} not found"));
    for (key, value) in labels.iter().map(|label| label.split_once('=').unwrap()) {
        namespace["metadata"]["labels"][key] = json!(value);
    }
    println!("namespace/{name} labeled");
    cluster.save_current();
    ExitCode::SUCCESS
}

fn delete(kind: &str, names: &[&str]) -> ExitCode {
    let mut cluster = Cluster::current();
    let existing = cluster.of_kind(kind);
    for name in names {
        let object = existing.iter().find(|object| object["metadata"]["name"] == *name);
        let object = object.unwrap_or_else(|| panic!("{kind} {name:?} not found"));
        cluster.objects.retain(|other| other != object);
        println!("{} {name:?} deleted", kubectl_name(object).split('/').next().unwrap());
    }
    cluster.save_current();
    ExitCode::SUCCESS
}
