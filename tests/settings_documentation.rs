//! README.md, docs/settings.md, questions-ui.yml and metadata.yml agree with the code about the settings: their values,
//! their defaults, and which of them read the cluster or change objects. The tests derive these from the error messages
//! and the behaviour of the policy.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code, reason = "other tests use the rest")]
mod common;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use common::{METADATA, README, code, keys, questions, table_of};
use pod_security_standards as policy_module;
use pss_core::admission::{Cluster, LookupError, Workload};
use pss_core::settings::Settings;
use serde_json::{Map, Value, json};

/// A string that is not a value of any setting.
const INVALID: &str = "----------------";

/// The smallest valid settings with a value at a path such as `defaults.warn`; at all other paths, with a level.
fn with(level: &str, path: &str, value: &Value) -> Value {
    let mut settings = match path {
        path if path.starts_with("defaults.") => json!({"defaults": {"enforce": level, "warn": level}}),
        // It has no effect without labels.
        "existing" => json!({"level": level, "namespaceLabels": "honor"}),
        _ => json!({"level": level}),
    };
    match path.split_once('.') {
        Some((outer, inner)) => settings[outer][inner] = value.clone(),
        None => settings[path] = value.clone(),
    }
    settings
}

/// The error message for a value at a path.
fn error_at(path: &str, value: &Value) -> Option<String> {
    let errors = Settings::parse(with("restricted", path, value).to_string().as_bytes()).err()?.to_string();
    errors.lines().find_map(|line| Some(line.trim_start_matches("- ").strip_prefix(path)?.to_owned()))
}

/// The type of a setting.
#[derive(Debug, PartialEq)]
enum SettingType {
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
    /// Any text of one line.
    Text,
}

fn words(list: &str) -> BTreeSet<String> {
    list.split(", ").map(|word| word.trim_matches('"').to_owned()).collect()
}

/// The type of a setting, from its error messages.
fn setting_type(key: &str) -> SettingType {
    let Some(message) = error_at(key, &json!(INVALID)) else {
        assert!(error_at(key, &json!(0)).is_some_and(|message| message.contains("must be a string")), "{key} accepts any value");
        return SettingType::Text;
    };
    if let Some(list) = message.strip_prefix(": must be one of ") {
        return SettingType::OneOf(words(list.split_once(", not \"").unwrap().0));
    }
    if message.contains("must be true or false") {
        return SettingType::Flag;
    }
    if message.contains("a minor version of Kubernetes") {
        return SettingType::Version;
    }
    if message.contains("must be an object") {
        return SettingType::Object;
    }
    if message.contains("must be an array") {
        let element = error_at(key, &json!([INVALID])).unwrap_or_default();
        return match element.split_once("; there are ") {
            Some((_, list)) => SettingType::ListOf(words(list)),
            None => SettingType::Names,
        };
    }
    SettingType::OneOf(words(
        message.strip_prefix(": must be ").unwrap_or_else(|| panic!("{key}{message}")).split_once(", not \"").unwrap().0,
    ))
}

#[test]
fn the_readme_lists_all_values_and_no_others() {
    for row in table_of(README, "Key") {
        let (key, listed) = (code(row[0])[0], code(row[1]));
        // Only the first API version is written with its group.
        let group = listed.first().and_then(|value| value.rsplit_once('/')).map(|(group, _)| format!("{group}/")).unwrap_or_default();
        let whole = |value: &&str| if value.starts_with(&group) { (*value).to_owned() } else { format!("{group}{value}") };
        let set = || listed.iter().map(whole).collect::<BTreeSet<_>>();
        match setting_type(key) {
            SettingType::OneOf(values) => assert_eq!((set(), row[1].starts_with("list of")), (values, false), "{key}"),
            SettingType::ListOf(values) => assert_eq!((set(), row[1].starts_with("list of")), (values, true), "{key}"),
            SettingType::Flag => assert_eq!(listed, ["true", "false"], "{key}"),
            SettingType::Version => assert_eq!(row[1], "`latest`, `v1.34` and so on", "{key}"),
            SettingType::Names => assert!(["list of names", "list of patterns", "list of rules"].contains(&row[1]), "{key}"),
            SettingType::Object => assert_eq!(row[1], "label selector", "{key}"),
            SettingType::Text => assert_eq!(row[1], "text", "{key}"),
        }
    }
}

const SETTINGS_PAGE: &str = include_str!("../docs/settings.md");

/// Every setting has a section in docs/settings.md, whose first line repeats the row of the README.
#[test]
fn the_page_of_settings_has_a_section_for_every_setting() {
    let sections: BTreeMap<&str, &str> = SETTINGS_PAGE
        .split("\n### ")
        .skip(1)
        .map(|section| section.split_once("\n\n").unwrap())
        .map(|(heading, text)| (heading.trim_matches('`'), text.lines().next().unwrap()))
        .collect();
    assert_eq!(sections.keys().map(|key| (*key).to_owned()).collect::<BTreeSet<_>>(), keys());
    let rows = table_of(README, "Key");
    assert_eq!(rows.len(), sections.len());
    for row in rows {
        let default = if row[2].is_empty() { "none" } else { row[2] };
        assert_eq!(sections[code(row[0])[0]], format!("Values: {}. Default: {default}.", row[1]), "{}", row[0]);
    }
}

/// The questions of the form for single settings, by the key of the setting.
fn form() -> BTreeMap<String, Map<String, Value>> {
    let single = questions().into_iter().filter(|question| question["type"] != "map[");
    single.map(|question| (question["variable"].as_str().unwrap().to_owned(), question)).collect()
}

/// The text of a question: its description or its tooltip.
fn explanation(question: &Map<String, Value>) -> &str {
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
        let (kind, offered) = match setting_type(&key) {
            SettingType::OneOf(values) => ("enum", values),
            SettingType::Flag => ("boolean", BTreeSet::new()),
            SettingType::Version | SettingType::Text => ("string", BTreeSet::new()),
            SettingType::ListOf(values) => {
                // An array of the form has no options; its description lists the values.
                let listed = explanation(&question).split_once(": ").unwrap().1.split_once('.').unwrap().0;
                assert_eq!(words(listed), values, "{key}");
                ("array[", BTreeSet::new())
            }
            SettingType::Names => ("array[", BTreeSet::new()),
            SettingType::Object => panic!("the form has no field for {key}"),
        };
        assert_eq!((question["type"].as_str().unwrap(), &options), (kind, &offered), "{key}");
        // The values that the text explains, each before a colon, are options.
        let explained = explanation(&question).split(". ").filter_map(|sentence| sentence.split_once(": ").map(|(word, _)| word));
        for word in explained.filter(|word| kind == "enum" && !word.contains(' ')) {
            assert!(options.contains(word), "{key}: {word} is explained, but not an option");
        }
    }
}

/// metadata.rs tests that these defaults have the same effect as no value.
#[test]
fn the_form_has_the_defaults_of_the_readme() {
    let form = form();
    let mut without = BTreeSet::new();
    for row in table_of(README, "Key") {
        let Some(question) = form.get(code(row[0])[0]) else { continue };
        let listed = match code(row[2])[..] {
            [default] => Some(serde_norway::from_str::<Value>(default).unwrap()),
            // There is none, or it depends on another setting.
            _ => None,
        };
        match question.get("default") {
            Some(default) => assert_eq!(Some(default), listed.as_ref(), "{}", row[0]),
            None => {
                without.insert(code(row[0])[0]);
            }
        }
    }
    // These have no default in the form: there is none, or it would exclude another setting (a level, a mode, their
    // versions), or it would require `mutating: true`.
    let without_default = |key: &str| ["level", "version", "labelTypos", "harden", "help"].contains(&key) || key.starts_with("defaults.");
    assert!(without.iter().all(|key| without_default(key)), "{without:?}");
    assert!(form.keys().all(|key| without_default(key) == without.contains(key.as_str())), "{without:?}");
}

/// The effects of settings outside the response.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
struct Effects {
    reads_namespaces: bool,
    reads_pods: bool,
    reads_workloads: bool,
    changes_objects: bool,
}

/// A cluster that records whether it was read.
#[derive(Default)]
struct RecordingCluster {
    namespaces: Cell<bool>,
    pods: Cell<bool>,
    workloads: Cell<bool>,
}

impl Cluster for RecordingCluster {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError> {
        self.namespaces.set(true);
        Ok(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}).to_string().into_bytes())
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        self.pods.set(true);
        Ok(json!({"apiVersion": "v1", "kind": "PodList", "items": []}).to_string().into_bytes())
    }

    fn workloads(&self, _: &'static Workload, _: &str) -> Result<Vec<u8>, LookupError> {
        self.workloads.set(true);
        Ok(json!({"items": []}).to_string().into_bytes())
    }

    fn millis(&self) -> u64 {
        0
    }
}

/// The effects of a setting at baseline and at restricted together: a restricted label makes only baseline stricter, and
/// only at restricted there are fields to set.
fn effects_at_any_level(key: &str, value: &Value) -> Effects {
    let levels = ["baseline", "restricted"].map(|level| with(level, key, value));
    let valid = levels.iter().filter(|settings| Settings::parse(settings.to_string().as_bytes()).is_ok());
    let effects: Vec<Effects> = valid.map(effects).collect();
    assert!(!effects.is_empty(), "{key}: {value} is valid at no level");
    let all = effects.into_iter().fold(Effects::default(), |one, other| Effects {
        reads_namespaces: one.reads_namespaces | other.reads_namespaces,
        reads_pods: one.reads_pods | other.reads_pods,
        reads_workloads: one.reads_workloads | other.reads_workloads,
        changes_objects: one.changes_objects | other.changes_objects,
    });
    // The labels that this setting needs cause the other lookups.
    if key == "existing" { Effects { reads_workloads: all.reads_workloads, ..Effects::default() } } else { all }
}

/// The effects of settings on requests for a pod without security fields, a namespace without labels, and a namespace
/// whose labels change.
fn effects(settings: &Value) -> Effects {
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
    let mut effects = Effects::default();
    for (resource, name, operation, object, old) in requests {
        let kind = json!({"group": "", "version": "v1", "kind": object["kind"]});
        let resource = json!({"group": "", "version": "v1", "resource": resource});
        let request = json!({
            "uid": "1", "kind": kind, "resource": resource, "name": name, "namespace": "shop", "operation": operation,
            "userInfo": {"username": "alice"}, "object": object, "oldObject": old,
        });
        let cluster = RecordingCluster::default();
        let response = policy_module::validate(&serde_json::to_vec(&json!({"request": request, "settings": settings})).unwrap(), &cluster);
        assert_ne!(response.code, Some(500), "{settings}: {:?}", response.message);
        effects.reads_namespaces |= cluster.namespaces.get();
        effects.reads_pods |= cluster.pods.get();
        effects.reads_workloads |= cluster.workloads.get();
        effects.changes_objects |= response.mutated_object.is_some();
    }
    effects
}

/// The effects of every value of every setting, by the notation of the documents.
fn all_effects() -> BTreeMap<String, Effects> {
    let mut effects = BTreeMap::new();
    for key in keys() {
        let values: Vec<(String, Value)> = match setting_type(&key) {
            SettingType::OneOf(values) => values.into_iter().map(|value| (format!("{key}: {value}"), json!(value))).collect(),
            SettingType::ListOf(values) => vec![(key.clone(), json!(values))],
            SettingType::Flag => vec![(key.clone(), json!(true))],
            SettingType::Version => vec![(key.clone(), json!("v1.34"))],
            SettingType::Text => vec![(key.clone(), json!("#platform"))],
            SettingType::Object => vec![(key.clone(), json!({"matchLabels": {"exempt": "yes"}}))],
            SettingType::Names if error_at(&key, &json!(["other"])).is_none() => vec![(key.clone(), json!(["other"]))],
            SettingType::Names if error_at(&key, &json!(["other/one"])).is_none() => vec![(key.clone(), json!(["other/one"]))],
            SettingType::Names => vec![(key.clone(), json!([{"checks": ["runAsNonRoot"], "namespaces": ["shop"], "reason": "a test"}]))],
        };
        effects.extend(values.into_iter().map(|(setting, value)| {
            assert_eq!(error_at(&key, &value), None, "{setting}");
            (setting, effects_at_any_level(&key, &value))
        }));
    }
    effects
}

/// The settings in backquotes in a text; a value without a key belongs to the key before it.
fn settings_in(text: &str) -> BTreeSet<String> {
    let (keys, mut key) = (keys(), String::new());
    let mut settings = BTreeSet::new();
    for word in code(text) {
        let (before, value) = word.split_once(": ").map_or((word, None), |(before, value)| (before, Some(value)));
        match (keys.contains(before), value) {
            (true, Some(_)) => {
                before.clone_into(&mut key);
                settings.insert(word.to_owned());
            }
            (true, None) => drop(settings.insert(word.to_owned())),
            // Such as `mutating: true`, which is a field of the ClusterAdmissionPolicy.
            (false, Some(_)) => {}
            (false, None) => drop(settings.insert(format!("{key}: {word}"))),
        }
    }
    settings
}

/// The comment above a key of metadata.yml.
fn comment_above(key: &str) -> String {
    let lines: Vec<&str> = METADATA.lines().take_while(|line| !line.starts_with(&format!("{key}:"))).collect();
    let comment = lines.iter().rev().take_while(|line| line.starts_with('#')).map(|line| line.trim_start_matches("# "));
    comment.collect::<Vec<_>>().into_iter().rev().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_documents_list_the_settings_that_read_the_cluster() {
    let effects = all_effects();
    let settings_with = |has: fn(&Effects) -> bool| {
        effects.iter().filter(|(_, effects)| has(effects)).map(|(setting, _)| setting.clone()).collect::<BTreeSet<_>>()
    };
    let (namespaces, pods) = (settings_with(|effects| effects.reads_namespaces), settings_with(|effects| effects.reads_pods));
    let workloads = settings_with(|effects| effects.reads_workloads);
    // "A and B read both, C reads namespaces, D reads workloads."
    let comment = comment_above("contextAwareResources");
    let (both, rest) = comment.split_once("; namespaces also with").unwrap();
    let (only, of_workloads) = rest.split_once("; workloads only with").unwrap();
    assert_eq!(settings_in(of_workloads), workloads);
    assert_eq!((settings_in(both), &settings_in(both) | &settings_in(only)), (pods.clone(), namespaces.clone()));
    let operations = include_str!("../docs/operations.md").replace("\n  ", " ");
    let (before, _) = operations.split_once(", and no other setting reads the cluster").unwrap();
    let bullet = before.rsplit_once("\n- ").unwrap().1;
    let (both, rest) = bullet.split_once("read namespaces and pods,").unwrap();
    let (only, of_workloads) = rest.split_once("reads namespaces,").unwrap();
    assert!(of_workloads.ends_with("reads workloads"), "{of_workloads}");
    assert_eq!(settings_in(of_workloads), workloads);
    assert_eq!((settings_in(both), &settings_in(both) | &settings_in(only)), (pods, namespaces));
}

#[test]
fn the_documents_list_the_settings_that_change_objects() {
    let changes: BTreeSet<String> =
        all_effects().into_iter().filter(|(_, effects)| effects.changes_objects).map(|(setting, _)| setting).collect();
    assert_eq!(settings_in(&comment_above("mutating")), changes);
    // In the row of a setting, the sentence applies to the setting or to the value that the sentence explains.
    let mut listed = BTreeSet::new();
    for row in table_of(README, "Key") {
        let Some((before, _)) = row[3].split_once("this needs `mutating: true`") else { continue };
        let key = code(row[0])[0];
        match code(before).last() {
            Some(value) if code(row[1]).contains(value) => {
                // The last value before a colon.
                let explained = before.rsplit_once("`: ").unwrap().0.rsplit_once('`').unwrap().1;
                listed.insert(format!("{key}: {explained}"));
            }
            _ => {
                listed.insert(key.to_owned());
            }
        }
    }
    assert_eq!(listed, changes);
    let keys_of = |settings: &BTreeSet<String>| {
        settings.iter().map(|setting| setting.split(": ").next().unwrap().to_owned()).collect::<BTreeSet<_>>()
    };
    let in_form: BTreeSet<String> =
        form().into_iter().filter(|(_, question)| explanation(question).contains("mutating: true")).map(|(key, _)| key).collect();
    assert_eq!(in_form, keys_of(&changes));
}
