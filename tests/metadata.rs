//! metadata.yml, artifacthub-pkg.yml, questions-ui.yml, the tables of the documents, and the code agree.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[allow(dead_code, reason = "other tests use the rest")]
mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use common::{QUESTIONS, README, code, keys, metadata, questions, table_of, valid_keys, yaml};
use pss_core::admission::{WORKLOADS, existing_workloads};
use pss_core::settings::Settings;
use pss_core::standards::{Action, CHECKS, NEWEST_MINOR};
use serde_json::{Value, json};

const ARTIFACT_HUB: &str = include_str!("../artifacthub-pkg.yml");
const BEYOND_BUILT_IN: &str = include_str!("../docs/beyond-built-in.md");
const CHECKS_PAGE: &str = include_str!("../docs/checks.md");
const MOVING: &str = include_str!("../docs/moving-from-built-in.md");
const SECURITY: &str = include_str!("../SECURITY.md");
const SETTINGS_PAGE: &str = include_str!("../docs/settings.md");
const VERIFYING: &str = include_str!("../docs/verifying-a-release.md");

fn annotation(name: &str) -> String {
    metadata()["annotations"][name].as_str().unwrap_or_else(|| panic!("metadata.yml has no annotation {name}")).to_owned()
}

fn strings(value: &Value) -> BTreeSet<&str> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

#[test]
fn the_rules_list_every_resource_that_the_policy_evaluates() {
    let metadata = metadata();
    let mut listed = BTreeMap::new();
    for rule in metadata["rules"].as_array().unwrap() {
        assert_eq!(rule["apiVersions"], json!(["v1"]));
        for group in strings(&rule["apiGroups"]) {
            for resource in strings(&rule["resources"]) {
                let operations = strings(&rule["operations"]).into_iter().collect::<Vec<_>>().join(" ");
                assert_eq!(listed.insert((group, resource), operations), None, "{resource} is in two rules");
            }
        }
    }
    let both = || "CREATE UPDATE".to_owned();
    let mut evaluated: BTreeMap<_, _> = WORKLOADS.iter().map(|workload| ((workload.group, workload.resource), both())).collect();
    evaluated.extend([(("", "pods"), both()), (("", "namespaces"), both())]);
    // With a rule for their creation the audit scanner would look for kinds of these names, and skip the policy.
    evaluated.extend(["pods/ephemeralcontainers", "pods/resize"].map(|resource| (("", resource), "UPDATE".to_owned())));
    assert_eq!(listed, evaluated);
    let kinds: BTreeSet<String> = annotation("io.artifacthub.resources").split(", ").map(str::to_owned).collect();
    let evaluated: BTreeSet<String> =
        WORKLOADS.iter().map(|workload| workload.kind).chain(["Pod", "Namespace"]).map(str::to_owned).collect();
    assert_eq!(kinds, evaluated);
}

#[test]
fn the_metadata_requests_what_the_policy_uses() {
    let metadata = metadata();
    assert_eq!(metadata["mutating"], json!(false));
    assert_eq!(metadata["executionMode"], json!("kubewarden-wapc"));
    let mut resources: Vec<Value> = ["Namespace", "Pod"].map(|kind| json!({"apiVersion": "v1", "kind": kind})).into();
    resources.extend(existing_workloads().map(|workload| json!({"apiVersion": workload.api_version(), "kind": workload.kind})));
    assert_eq!(metadata["contextAwareResources"], json!(resources));
    // The host calls that the guest makes.
    let guest = include_str!("../src/guest.rs");
    let calls: BTreeSet<String> = guest
        .replace("host_call(", "")
        .split("call(\"")
        .skip(1)
        .map(|call| format!("kubernetes/{}", call.split('"').next().unwrap()))
        .collect();
    let granted: BTreeSet<String> = strings(&metadata["hostCapabilities"]).into_iter().map(str::to_owned).collect();
    assert_eq!(granted, calls);
}

#[test]
fn security_lists_each_host_call_and_each_direct_dependency() {
    let first_cells =
        |heading: &str| table_of(SECURITY, heading).into_iter().map(|row| row[0].trim_matches('`').to_owned()).collect::<Vec<_>>();
    let calls: BTreeSet<String> = first_cells("Call").into_iter().collect();
    assert_eq!(calls, strings(&metadata()["hostCapabilities"]).into_iter().map(str::to_owned).collect());
    let crates: BTreeSet<String> = first_cells("Crate").iter().flat_map(|cell| cell.split(", ")).map(str::to_owned).collect();
    // The dependencies of the two packages of the module.
    let mut dependencies = BTreeSet::new();
    for manifest in [include_str!("../Cargo.toml"), include_str!("../crates/core/Cargo.toml")] {
        let tables = manifest.split("\n[").filter_map(|table| table.strip_prefix("dependencies]\n"));
        let names = tables.flat_map(str::lines).filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
        dependencies.extend(names.map(|(name, _)| name.to_owned()).filter(|name| !name.starts_with("pss-")));
    }
    assert_eq!(crates, dependencies);
}

#[test]
fn every_document_has_the_same_version() {
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(annotation("io.kubewarden.policy.version"), version);
    assert_eq!(yaml(ARTIFACT_HUB)["version"], version);
    for page in [include_str!("../playground/package.json"), include_str!("../playground/package-lock.json")] {
        assert_eq!(yaml(page)["version"], version);
    }
    assert!(README.contains(&format!("/pod-security-standards:v{version}\n")));
    assert!(README.contains(&format!("to v1.{NEWEST_MINOR}, with all {} checks", CHECKS.len())));
    assert!(MOVING.contains(&format!("**`latest` is v1.{NEWEST_MINOR}**")));
    for page in [README, SETTINGS_PAGE] {
        let page = page.replace('\n', " ");
        assert!(page.contains(&format!("newer than v1.{NEWEST_MINOR} is judged as v1.{NEWEST_MINOR}")));
    }
}

/// The commands for the verification expect the signature of the workflow that signs, for the tag of this version.
#[test]
fn a_release_is_verified_against_the_workflow_that_signs_it() {
    let (image, source) = (annotation("io.kubewarden.policy.ociUrl"), annotation("io.kubewarden.policy.source"));
    let version = env!("CARGO_PKG_VERSION");
    let workflow = ".github/workflows/release.yml";
    let repository = source.strip_prefix("https://github.com/").unwrap();
    for line in [
        format!("image={image}:v{version}"),
        format!("signer={source}/{workflow}@refs/tags/v{version}"),
        format!("gh attestation verify \"oci://$image\" --repo {repository}"),
    ] {
        assert!(VERIFYING.lines().any(|other| other == line), "no line {line}");
    }
    let release = yaml(&std::fs::read_to_string(workflow).unwrap());
    let registry = &release["jobs"]["registry"];
    assert_eq!(registry["if"], format!("github.repository == '{repository}'"));
    // Signed in a job of this workflow: a workflow that it calls would sign with its own name.
    let runs: String = registry["steps"].as_array().unwrap().iter().filter_map(|step| step["run"].as_str()).collect();
    assert!(runs.contains("cosign sign ") && runs.contains("cosign attest --yes --type cyclonedx "), "{runs}");
    assert_eq!(release["on"]["push"]["tags"], json!(["v*"]));
}

#[test]
fn the_package_agrees_with_the_metadata() {
    let package = yaml(ARTIFACT_HUB);
    let version = env!("CARGO_PKG_VERSION");
    let image = annotation("io.kubewarden.policy.ociUrl");
    let source = annotation("io.kubewarden.policy.source");
    assert_eq!(package["name"], annotation("io.kubewarden.policy.title"));
    assert_eq!(package["displayName"], annotation("io.artifacthub.displayName"));
    assert_eq!(package["description"], annotation("io.kubewarden.policy.description"));
    assert_eq!(package["license"], annotation("io.kubewarden.policy.license"));
    assert_eq!(package["homeURL"], annotation("io.kubewarden.policy.url"));
    assert_eq!(package["containersImages"], json!([{"name": "policy", "image": format!("{image}:v{version}")}]));
    assert_eq!(package["keywords"], json!(annotation("io.artifacthub.keywords").split(", ").collect::<Vec<_>>()));
    assert_eq!(
        package["links"],
        json!([
            {"name": "policy", "url": format!("{source}/releases/download/v{version}/policy.wasm")},
            {"name": "source", "url": source},
        ])
    );
    let maintainer = &package["maintainers"][0];
    let author = format!("{} <{}>", maintainer["name"].as_str().unwrap(), maintainer["email"].as_str().unwrap());
    assert_eq!(author, annotation("io.kubewarden.policy.author"));
    let annotations = |key: &str| package["annotations"][format!("kubewarden/{key}")].as_str().unwrap();
    assert_eq!(annotations("resources"), annotation("io.artifacthub.resources"));
    assert_eq!(annotations("mutation"), metadata()["mutating"].to_string());
    assert_eq!(yaml(annotations("rules")), metadata()["rules"]);
    // kwctl sorts them.
    let sorted = |resources: Value| {
        let texts = resources.as_array().unwrap().iter().map(|resource| format!("{} {}", resource["apiVersion"], resource["kind"]));
        texts.collect::<BTreeSet<String>>()
    };
    assert_eq!(sorted(yaml(annotations("contextAwareResources"))), sorted(metadata()["contextAwareResources"].clone()));
    assert_eq!(annotations("questions-ui").trim_end(), QUESTIONS.trim_end());
}

/// The version of kwctl that generated artifacthub-pkg.yml; another one may format it differently.
const KWCTL: &str = "kwctl 1.36.";

/// Skipped if this version of kwctl is not installed.
#[test]
fn the_package_is_what_kwctl_generates() {
    let run = |arguments: &[&str]| Command::new("kwctl").args(arguments).output();
    match run(&["--version"]) {
        Ok(version) if version.stdout.starts_with(KWCTL.as_bytes()) => {}
        _ => {
            // Written to standard error directly, because cargo captures the output of passing tests.
            let message = format!("\nSKIPPED: artifacthub-pkg.yml was not compared with the output of {KWCTL}*, which is not installed\n");
            let _ = std::io::Write::write_all(&mut std::io::stderr(), message.as_bytes());
            return;
        }
    }
    let output = run(&["scaffold", "artifacthub", "-m", "metadata.yml", "-q", "questions-ui.yml"]).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let generated = String::from_utf8(output.stdout).unwrap();
    let (ours, generated) = (without_time(ARTIFACT_HUB), without_time(&generated));
    let difference = ours.iter().zip(&generated).find(|(ours, generated)| ours != generated);
    assert_eq!((difference, ours.len()), (None, generated.len()), "run make artifacthub-pkg.yml");
}

/// The lines of a package, without the time of its creation.
fn without_time(package: &str) -> Vec<&str> {
    package.trim_end().lines().filter(|line| !line.starts_with("createdAt: ")).collect()
}

/// Valid settings with a value at a path such as `defaults.warn`, and with a level if they need one.
fn with(path: &str, value: &Value) -> Value {
    let mut settings = match path {
        "level" => json!({}),
        "kind" | "apiVersion" => json!({"level": "baseline", "kind": "PodSecurityConfiguration"}),
        path if path.starts_with("defaults.") => json!({"namespaceLabels": "honor"}),
        // It has no effect without labels.
        "existing" => json!({"level": "baseline", "namespaceLabels": "honor"}),
        // Baseline requires none of its fields.
        "harden" => json!({"level": "restricted"}),
        _ => json!({"level": "baseline"}),
    };
    match path.split_once('.') {
        Some((outer, inner)) => settings[outer] = json!({inner: value}),
        None => settings[path] = value.clone(),
    }
    settings
}

#[test]
fn the_readme_lists_every_setting_with_valid_values_and_its_default() {
    let rows = table_of(README, "Key");
    let listed: BTreeSet<String> = rows.iter().map(|row| code(row[0])[0].to_owned()).collect();
    assert_eq!(listed, keys());
    for row in rows {
        let (key, values, default) = (code(row[0])[0], code(row[1]), code(row[2]));
        let is_list = row[1].starts_with("list of ");
        assert_eq!(
            values.is_empty(),
            matches!(row[1], "list of names" | "list of patterns" | "list of rules" | "label selector" | "text"),
            "{key}"
        );
        for value in values {
            let value = match value {
                old if old.starts_with("v1beta") || old.starts_with("v1alpha") => {
                    json!(format!("pod-security.admission.config.k8s.io/{old}"))
                }
                element if is_list => json!([element]),
                "true" | "false" => yaml(value),
                _ => json!(value),
            };
            let parsed = parsed(&with(key, &value));
            assert!(parsed.is_ok(), "{key}: {value} is invalid: {parsed:?}");
        }
        match default[..] {
            [] => {}
            [default] => assert_is_default(key, &if is_list || default == "false" { yaml(default) } else { json!(default) }, &json!({})),
            // It depends on another setting.
            _ => {
                assert_eq!((key, row[2]), ("labelTypos", "`warn` with `tighten` and `set`, else `ignore`"));
                for (labels, default) in [("ignore", "ignore"), ("honor", "ignore"), ("tighten", "warn"), ("set", "warn")] {
                    assert_is_default(key, &json!(default), &json!({"namespaceLabels": labels}));
                }
            }
        }
    }
}

fn parsed(settings: &Value) -> Result<String, String> {
    let text = settings.to_string();
    let mut settings = Settings::parse(text.as_bytes()).map_err(|invalid| invalid.to_string())?;
    if settings.harden.is_empty() {
        // An empty list is the same as none.
        settings.harden = Default::default();
    }
    Ok(format!("{settings:?}"))
}

/// With further settings, a value of a setting has the same effect as no value.
fn assert_is_default(key: &str, default: &Value, beside: &Value) {
    let mut set = with(key, default);
    set.as_object_mut().unwrap().extend(beside.as_object().unwrap().clone());
    let mut unset = set.clone();
    let removed = match key.split_once('.') {
        Some((outer, inner)) => unset[outer].as_object_mut().unwrap().remove(inner),
        None => unset.as_object_mut().unwrap().remove(key),
    };
    assert_eq!(removed.as_ref(), Some(default));
    let (set, unset) = (parsed(&set), parsed(&unset));
    assert!(set.is_ok(), "{key}: {set:?}");
    assert_eq!(set, unset, "{key}");
}

#[test]
fn the_table_of_rules_lists_every_key() {
    let rows = table_of(BEYOND_BUILT_IN, "Key of a rule");
    let listed: BTreeSet<String> = rows.iter().flat_map(|row| code(row[0])).map(str::to_owned).collect();
    let unknown = json!({"level": "baseline", "exemptions": {"checks": [{"----------------": 0}]}});
    assert_eq!(listed, valid_keys(unknown).into_iter().collect());
    let required: BTreeSet<&str> = rows.iter().filter(|row| row[1].contains("Required.")).map(|row| code(row[0])[0]).collect();
    let message = parsed(&json!({"level": "baseline", "exemptions": {"checks": [{}]}})).unwrap_err();
    let missing: BTreeSet<&str> =
        message.lines().filter_map(|line| line.strip_prefix("- exemptions.checks[0].")?.split(": missing").next()).collect();
    assert_eq!(required, missing);
}

#[test]
fn the_table_of_hardening_lists_every_field() {
    let listed: Vec<(&str, Value)> = table_of(BEYOND_BUILT_IN, "In `harden`")
        .iter()
        .map(|row| (code(row[0])[0], yaml(code(row[1])[0].split_once(": ").unwrap().1)))
        .collect();
    let remedies: Vec<(&str, Value)> = CHECKS
        .iter()
        .flat_map(|check| check.remedies.iter().map(move |remedy| (check.id, remedy.action)))
        .filter_map(|(id, action)| if let Action::Set(value) = action { Some((id, serde_json::from_str(value).unwrap())) } else { None })
        .collect();
    assert_eq!(listed, remedies);
}

#[test]
fn the_page_of_the_checks_lists_every_check() {
    let rows = table_of(CHECKS_PAGE, "Check");
    let listed: Vec<_> = rows.iter().map(|row| (row[0].trim_start_matches('[').split(']').next().unwrap(), row[1], row[3])).collect();
    let expected: Vec<_> = CHECKS.iter().map(|check| (check.id, check.level.name(), check.reason)).collect();
    assert_eq!(listed, expected);
    for (row, check) in rows.iter().zip(CHECKS) {
        let versions: Vec<u64> = row[2].split("v1.").skip(1).map(minor).collect();
        let expected: Vec<u64> = check.revisions.iter().map(|revision| revision.since).collect();
        assert_eq!(versions, expected, "{}", check.id);
    }
}

/// The number that a text begins with.
fn minor(text: &str) -> u64 {
    text.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
}

#[test]
fn the_form_has_a_question_for_every_setting() {
    // There is no question for an alternative name, nor for keys without an effect. Rules and selectors do not fit into
    // the form; a description mentions that they are written in YAML.
    let in_yaml = ["exemptions.checks", "exemptions.namespaceSelector"];
    let without_question = [&["apiVersion", "kind", "exemptions.runtimeClassNames"], &in_yaml[..]].concat();
    let expected: BTreeSet<String> = keys().into_iter().filter(|key| !without_question.contains(&key.as_str())).collect();
    let questions = questions();
    let variables: BTreeSet<String> = questions
        .iter()
        .filter(|question| question["type"] != "map[")
        .map(|question| question["variable"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(variables, expected);
    let exemptions = questions.iter().find(|question| question["variable"] == "exemptions").unwrap()["description"].as_str().unwrap();
    assert!(in_yaml.iter().all(|key| exemptions.contains(key)) && exemptions.contains("YAML"), "{exemptions}");
    // The defaults of the form are valid together with a level or with defaults.
    let mut blank = json!({});
    for question in &questions {
        let variable = question["variable"].as_str().unwrap();
        for option in question.get("options").and_then(Value::as_array).into_iter().flatten() {
            let settings = with(variable, option).to_string();
            assert!(Settings::parse(settings.as_bytes()).is_ok(), "{variable}: {option} is invalid");
        }
        if let Some(default) = question.get("default") {
            match variable.split_once('.') {
                Some((outer, inner)) => blank[outer][inner] = default.clone(),
                None => blank[variable] = default.clone(),
            }
        }
    }
    let uniform = with_level(&blank, "level", json!("restricted"));
    assert_eq!(Settings::parse(uniform.as_bytes()).unwrap(), Settings::parse(br#"{"level":"restricted"}"#).unwrap());
    let each = with_level(&blank, "defaults", json!({"warn": "baseline", "warn-version": ""}));
    assert_eq!(Settings::parse(each.as_bytes()).unwrap(), Settings::parse(br#"{"defaults":{"warn":"baseline"}}"#).unwrap());
}

fn with_level(settings: &Value, key: &str, value: Value) -> String {
    let mut settings = settings.clone();
    settings[key] = value;
    settings.to_string()
}
