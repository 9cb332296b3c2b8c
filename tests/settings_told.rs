//! What README.md, questions-ui.yml and metadata.yml say of the settings is what the settings are: their
//! values, their defaults, and which of them read the cluster or change objects. What the settings are is
//! asked of the policy itself.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "common/documents.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod documents;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use documents::{METADATA, README, code, keys, questions, table};
use pod_security_standards as policy_module;
use pss_core::admission::{Cluster, LookupError};
use pss_core::settings::Settings;
use serde_json::{Map, Value, json};

/// No value of anything.
const NONE: &str = "----------------";

/// The smallest settings that have a value at a path such as `defaults.warn`, and else ask for a level.
fn with(level: &str, path: &str, value: &Value) -> Value {
    let mut settings = match path {
        path if path.starts_with("defaults.") => json!({"defaults": {"enforce": level, "warn": level}}),
        _ => json!({"level": level}),
    };
    match path.split_once('.') {
        Some((outer, inner)) => settings[outer][inner] = value.clone(),
        None => settings[path] = value.clone(),
    }
    settings
}

/// What settings that are no good are told about a path.
fn mistake(path: &str, value: &Value) -> Option<String> {
    let mistakes = Settings::parse(with("restricted", path, value).to_string().as_bytes()).err()?.to_string();
    mistakes.lines().find_map(|line| Some(line.trim_start_matches("- ").strip_prefix(path)?.to_owned()))
}

/// What a setting takes.
#[derive(Debug, PartialEq)]
enum Takes {
    /// One of these.
    OneOf(BTreeSet<String>),
    /// A list of these.
    ListOf(BTreeSet<String>),
    /// `true` or `false`.
    Flag,
    /// A version of Kubernetes.
    Version,
    /// A list of names, of patterns, of rules.
    Names,
    /// An object.
    Object,
}

fn words(list: &str) -> BTreeSet<String> {
    list.split(", ").map(|word| word.trim_matches('"').to_owned()).collect()
}

/// What the policy itself says that a setting takes.
fn takes(key: &str) -> Takes {
    let told = mistake(key, &json!(NONE)).unwrap_or_else(|| panic!("{key} takes anything"));
    if let Some(list) = told.strip_prefix(": must be one of ") {
        return Takes::OneOf(words(list.split_once(", not \"").unwrap().0));
    }
    if told.contains("must be true or false") {
        return Takes::Flag;
    }
    if told.contains("a minor version of Kubernetes") {
        return Takes::Version;
    }
    if told.contains("must be an object") {
        return Takes::Object;
    }
    if told.contains("must be an array") {
        let element = mistake(key, &json!([NONE])).unwrap_or_default();
        return match element.split_once("; there are ") {
            Some((_, list)) => Takes::ListOf(words(list)),
            None => Takes::Names,
        };
    }
    Takes::OneOf(words(told.strip_prefix(": must be ").unwrap_or_else(|| panic!("{key}{told}")).split_once(", not \"").unwrap().0))
}

#[test]
fn the_readme_tells_all_values_and_no_others() {
    for row in table("Key") {
        let (key, told) = (code(row[0])[0], code(row[1]));
        // Of API versions, the later ones stand there without their group.
        let group = told.first().and_then(|value| value.rsplit_once('/')).map(|(group, _)| format!("{group}/")).unwrap_or_default();
        let whole = |value: &&str| if value.starts_with(&group) { (*value).to_owned() } else { format!("{group}{value}") };
        let set = || told.iter().map(whole).collect::<BTreeSet<_>>();
        match takes(key) {
            Takes::OneOf(values) => assert_eq!((set(), row[1].starts_with("list of")), (values, false), "{key}"),
            Takes::ListOf(values) => assert_eq!((set(), row[1].starts_with("list of")), (values, true), "{key}"),
            Takes::Flag => assert_eq!(told, ["true", "false"], "{key}"),
            Takes::Version => assert_eq!(row[1], "`latest`, `v1.34` and so on", "{key}"),
            Takes::Names => assert!(["list of names", "list of patterns", "list of rules"].contains(&row[1]), "{key}"),
            Takes::Object => assert_eq!(row[1], "label selector", "{key}"),
        }
    }
}

/// The questions that are about one setting, by its key.
fn form() -> BTreeMap<String, Map<String, Value>> {
    let asked = questions().into_iter().filter(|question| question["type"] != "map[");
    asked.map(|question| (question["variable"].as_str().unwrap().to_owned(), question)).collect()
}

/// What a question says beside its field.
fn says(question: &Map<String, Value>) -> &str {
    ["description", "tooltip"].iter().find_map(|key| question.get(*key)).unwrap().as_str().unwrap()
}

#[test]
fn the_form_offers_all_values_and_no_others() {
    for (key, question) in form() {
        let options: BTreeSet<String> = question
            .get("options")
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
            .map(|option| option.as_str().unwrap().to_owned())
            .collect();
        let (kind, offered) = match takes(&key) {
            Takes::OneOf(values) => ("enum", values),
            Takes::Flag => ("boolean", BTreeSet::new()),
            Takes::Version => ("string", BTreeSet::new()),
            Takes::ListOf(values) => {
                // An array of this form has no options: its description names them.
                let named = says(&question).split_once(": ").unwrap().1.split_once('.').unwrap().0;
                assert_eq!(words(named), values, "{key}");
                ("array[", BTreeSet::new())
            }
            Takes::Names => ("array[", BTreeSet::new()),
            Takes::Object => panic!("the form has no field for {key}"),
        };
        assert_eq!((question["type"].as_str().unwrap(), &options), (kind, &offered), "{key}");
        // What it explains, word by word, are options.
        let explained = says(&question).split(". ").filter_map(|sentence| sentence.split_once(": ").map(|(word, _)| word));
        for word in explained.filter(|word| kind == "enum" && !word.contains(' ')) {
            assert!(options.contains(word), "{key}: {word} is explained and is no option");
        }
    }
}

/// That a default means what leaving the setting out means is proved in metadata.rs, for both documents.
#[test]
fn the_form_has_the_defaults_that_the_readme_tells() {
    let form = form();
    let mut without = BTreeSet::new();
    for row in table("Key") {
        let Some(question) = form.get(code(row[0])[0]) else { continue };
        let told = match code(row[2])[..] {
            [default] => Some(serde_norway::from_str::<Value>(default).unwrap()),
            // None, or one that hangs on another setting.
            _ => None,
        };
        match question.get("default") {
            Some(default) => assert_eq!(Some(default), told.as_ref(), "{}", row[0]),
            None => {
                without.insert(code(row[0])[0]);
            }
        }
    }
    // Where none is filled in there is none; or it would say something that excludes something else (a level,
    // a mode, their versions); or it would make the policy need `mutating: true`.
    let unanswered = |key: &str| ["level", "version", "labelTypos", "harden"].contains(&key) || key.starts_with("defaults.");
    assert!(without.iter().all(|key| unanswered(key)), "{without:?}");
    assert!(form.keys().all(|key| unanswered(key) == without.contains(key.as_str())), "{without:?}");
}

/// What a setting makes the policy do.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Does {
    reads_namespaces: bool,
    reads_pods: bool,
    changes: bool,
}

/// A cluster that sees what is asked of it.
#[derive(Default)]
struct Asked {
    namespaces: Cell<bool>,
    pods: Cell<bool>,
}

impl Cluster for Asked {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError> {
        self.namespaces.set(true);
        Ok(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}).to_string().into_bytes())
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        self.pods.set(true);
        Ok(json!({"apiVersion": "v1", "kind": "PodList", "items": []}).to_string().into_bytes())
    }

    fn millis(&self) -> u64 {
        0
    }
}

/// What the policy does with a setting beside either level: a label that asks for restricted tightens baseline
/// alone, and only at restricted there is something to fill in.
fn does_at_any_level(key: &str, value: &Value) -> Does {
    let levels = ["baseline", "restricted"].map(|level| with(level, key, value));
    let valid = levels.iter().filter(|settings| Settings::parse(settings.to_string().as_bytes()).is_ok());
    let done: Vec<Does> = valid.map(does).collect();
    assert!(!done.is_empty(), "{key}: {value} is valid at no level");
    done.into_iter().fold(Does::default(), |one, other| Does {
        reads_namespaces: one.reads_namespaces | other.reads_namespaces,
        reads_pods: one.reads_pods | other.reads_pods,
        changes: one.changes | other.changes,
    })
}

/// What the policy does with settings, found out by asking it for a pod that sets nothing, for a namespace
/// without labels, and for a namespace that gets some.
fn does(settings: &Value) -> Does {
    let namespace = |labels: Value| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "shop", "labels": labels}});
    let enforces = |level: &str| namespace(json!({"pod-security.kubernetes.io/enforce": level}));
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "shop"},
        "spec": {"containers": [{"name": "web", "image": "web"}]},
    });
    let requests = [
        ("pods", "web", "CREATE", pod, Value::Null),
        ("namespaces", "shop", "CREATE", namespace(json!({})), Value::Null),
        ("namespaces", "shop", "UPDATE", enforces("restricted"), enforces("baseline")),
    ];
    let mut does = Does::default();
    for (resource, name, operation, object, old) in requests {
        let kind = json!({"group": "", "version": "v1", "kind": object["kind"]});
        let resource = json!({"group": "", "version": "v1", "resource": resource});
        let request = json!({
            "uid": "1", "kind": kind, "resource": resource, "name": name, "namespace": "shop", "operation": operation,
            "userInfo": {"username": "alice"}, "object": object, "oldObject": old,
        });
        let cluster = Asked::default();
        let response = policy_module::validate(&serde_json::to_vec(&json!({"request": request, "settings": settings})).unwrap(), &cluster);
        assert_ne!(response.code, Some(500), "{settings}: {:?}", response.message);
        does.reads_namespaces |= cluster.namespaces.get();
        does.reads_pods |= cluster.pods.get();
        does.changes |= response.mutated_object.is_some();
    }
    does
}

/// Every setting with every value, one at a time: what it is written as in documents, and what it does.
fn all_that_is_done() -> BTreeMap<String, Does> {
    let mut done = BTreeMap::new();
    for key in keys() {
        let values: Vec<(String, Value)> = match takes(&key) {
            Takes::OneOf(values) => values.into_iter().map(|value| (format!("{key}: {value}"), json!(value))).collect(),
            Takes::ListOf(values) => vec![(key.clone(), json!(values))],
            Takes::Flag => vec![(key.clone(), json!(true))],
            Takes::Version => vec![(key.clone(), json!("v1.34"))],
            Takes::Object => vec![(key.clone(), json!({"matchLabels": {"exempt": "yes"}}))],
            Takes::Names if mistake(&key, &json!(["other"])).is_none() => vec![(key.clone(), json!(["other"]))],
            Takes::Names if mistake(&key, &json!(["other/one"])).is_none() => vec![(key.clone(), json!(["other/one"]))],
            Takes::Names => vec![(key.clone(), json!([{"checks": ["runAsNonRoot"], "namespaces": ["shop"], "reason": "a test"}]))],
        };
        done.extend(values.into_iter().map(|(told, value)| {
            assert_eq!(mistake(&key, &value), None, "{told}");
            (told, does_at_any_level(&key, &value))
        }));
    }
    done
}

/// The settings that a text names in backquotes; a value alone is one of the key before it.
fn named(text: &str) -> BTreeSet<String> {
    let (keys, mut key) = (keys(), String::new());
    let mut named = BTreeSet::new();
    for word in code(text) {
        let (before, value) = word.split_once(": ").map_or((word, None), |(before, value)| (before, Some(value)));
        match (keys.contains(before), value) {
            (true, Some(_)) => {
                before.clone_into(&mut key);
                named.insert(word.to_owned());
            }
            (true, None) => drop(named.insert(word.to_owned())),
            // `mutating: true` and the like are of the policy, not of its settings.
            (false, Some(_)) => {}
            (false, None) => drop(named.insert(format!("{key}: {word}"))),
        }
    }
    named
}

/// The words of the comment that stands above a key of metadata.yml.
fn comment_above(key: &str) -> String {
    let lines: Vec<&str> = METADATA.lines().take_while(|line| !line.starts_with(&format!("{key}:"))).collect();
    let comment = lines.iter().rev().take_while(|line| line.starts_with('#')).map(|line| line.trim_start_matches("# "));
    comment.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_documents_name_the_settings_that_read_the_cluster() {
    let done = all_that_is_done();
    let that =
        |reads: fn(&Does) -> bool| done.iter().filter(|(_, does)| reads(does)).map(|(told, _)| told.clone()).collect::<BTreeSet<_>>();
    let (namespaces, pods) = (that(|does| does.reads_namespaces), that(|does| does.reads_pods));
    // "A and B read both, C reads namespaces."
    let comment = comment_above("contextAwareResources");
    let (both, only) = comment.split_once("; namespaces also with").unwrap();
    assert_eq!((named(both), &named(both) | &named(only)), (pods.clone(), namespaces.clone()));
    let readme = README.replace("\n  ", " ");
    let (before, _) = readme.split_once(", and no other setting reads the cluster").unwrap();
    let bullet = before.rsplit_once("\n- ").unwrap().1;
    let (both, only) = bullet.split_once("read namespaces and pods,").unwrap();
    assert!(only.ends_with("reads namespaces"), "{only}");
    assert_eq!((named(both), &named(both) | &named(only)), (pods, namespaces));
}

#[test]
fn the_documents_name_the_settings_that_change_objects() {
    let changes: BTreeSet<String> = all_that_is_done().into_iter().filter(|(_, does)| does.changes).map(|(told, _)| told).collect();
    assert_eq!(named(&comment_above("mutating")), changes);
    // The row of a setting says so of all of it, or of the value that was named last.
    let mut told = BTreeSet::new();
    for row in table("Key") {
        let Some((before, _)) = row[3].split_once("this needs `mutating: true`") else { continue };
        let key = code(row[0])[0];
        match code(before).last() {
            Some(value) if code(row[1]).contains(value) => {
                // What is told before the last `word:` sentence is of other values.
                let explained = before.rsplit_once("`: ").unwrap().0.rsplit_once('`').unwrap().1;
                told.insert(format!("{key}: {explained}"));
            }
            _ => {
                told.insert(key.to_owned());
            }
        }
    }
    assert_eq!(told, changes);
    let keys_of =
        |settings: &BTreeSet<String>| settings.iter().map(|told| told.split(": ").next().unwrap().to_owned()).collect::<BTreeSet<_>>();
    let asked: BTreeSet<String> =
        form().into_iter().filter(|(_, question)| says(question).contains("mutating: true")).map(|(key, _)| key).collect();
    assert_eq!(asked, keys_of(&changes));
}
