//! What the policy says of itself agrees: metadata.yml, artifacthub-pkg.yml, questions-ui.yml, the
//! tables of README.md, and the code.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "common/documents.rs"]
mod documents;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use documents::{QUESTIONS, README, code, keys, known, metadata, questions, table, table_of, yaml};
use pss_core::admission::WORKLOADS;
use pss_core::settings::Settings;
use pss_core::standards::{Action, CHECKS, NEWEST_MINOR};
use serde_json::{Value, json};

const ARTIFACT_HUB: &str = include_str!("../artifacthub-pkg.yml");

fn annotation(name: &str) -> String {
    metadata()["annotations"][name].as_str().unwrap_or_else(|| panic!("metadata.yml has no annotation {name}")).to_owned()
}

fn strings(value: &Value) -> BTreeSet<&str> {
    value.as_array().unwrap().iter().map(|item| item.as_str().unwrap()).collect()
}

#[test]
fn the_rules_name_every_resource_that_is_judged() {
    let metadata = metadata();
    let mut ruled = BTreeMap::new();
    for rule in metadata["rules"].as_array().unwrap() {
        assert_eq!(rule["apiVersions"], json!(["v1"]));
        for group in strings(&rule["apiGroups"]) {
            for resource in strings(&rule["resources"]) {
                let operations = strings(&rule["operations"]).into_iter().collect::<Vec<_>>().join(" ");
                assert_eq!(ruled.insert((group, resource), operations), None, "{resource} stands in two rules");
            }
        }
    }
    let both = || "CREATE UPDATE".to_owned();
    let mut judged: BTreeMap<_, _> = WORKLOADS.iter().map(|workload| ((workload.group, workload.resource), both())).collect();
    judged.extend([(("", "pods"), both()), (("", "namespaces"), both())]);
    // In a rule with CREATE the audit scanner would look for kinds of these names, and leave out the policy.
    judged.extend(["pods/ephemeralcontainers", "pods/resize"].map(|resource| (("", resource), "UPDATE".to_owned())));
    assert_eq!(ruled, judged);
    let kinds: BTreeSet<String> = annotation("io.artifacthub.resources").split(", ").map(str::to_owned).collect();
    let judged: BTreeSet<String> = WORKLOADS.iter().map(|workload| workload.kind).chain(["Pod", "Namespace"]).map(str::to_owned).collect();
    assert_eq!(kinds, judged);
}

#[test]
fn the_policy_asks_for_what_it_uses() {
    let metadata = metadata();
    assert_eq!(metadata["mutating"], json!(false));
    assert_eq!(metadata["executionMode"], json!("kubewarden-wapc"));
    let asked: Vec<Value> = ["Namespace", "Pod"].map(|kind| json!({"apiVersion": "v1", "kind": kind})).into();
    assert_eq!(metadata["contextAwareResources"], json!(asked));
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

/// SECURITY.md has each call to the host and each crate that Cargo.toml asks for, and none that is gone.
#[test]
fn what_the_module_calls_and_links_is_told() {
    let security = include_str!("../SECURITY.md");
    let told = |heading: &str| table_of(security, heading).into_iter().map(|row| row[0].trim_matches('`').to_owned()).collect::<Vec<_>>();
    let calls: BTreeSet<String> = told("Call").into_iter().collect();
    assert_eq!(calls, strings(&metadata()["hostCapabilities"]).into_iter().map(str::to_owned).collect());
    let crates: BTreeSet<String> = told("Crate").iter().flat_map(|cell| cell.split(", ")).map(str::to_owned).collect();
    // The dependencies of the two packages of the module.
    let mut wanted = BTreeSet::new();
    for manifest in [include_str!("../Cargo.toml"), include_str!("../crates/core/Cargo.toml")] {
        let tables = manifest.split("\n[").filter_map(|table| table.strip_prefix("dependencies]\n"));
        let names = tables.flat_map(str::lines).filter(|line| !line.starts_with('#')).filter_map(|line| line.split_once(" = "));
        wanted.extend(names.map(|(name, _)| name.to_owned()).filter(|name| !name.starts_with("pss-")));
    }
    assert_eq!(crates, wanted);
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
    assert!(README.contains(&format!("**`latest` is v1.{NEWEST_MINOR}**")));
    assert!(README.contains(&format!("newer than v1.{NEWEST_MINOR} is judged as v1.{NEWEST_MINOR}")));
}

/// Whom the README lets sign is the workflow that signs, at the tag that it is about.
#[test]
fn a_release_is_verified_by_who_makes_it() {
    let (image, source) = (annotation("io.kubewarden.policy.ociUrl"), annotation("io.kubewarden.policy.source"));
    let version = env!("CARGO_PKG_VERSION");
    let workflow = ".github/workflows/release.yml";
    let repository = source.strip_prefix("https://github.com/").unwrap();
    for line in [
        format!("image={image}:v{version}"),
        format!("signer={source}/{workflow}@refs/tags/v{version}"),
        format!("gh attestation verify \"oci://$image\" --repo {repository}"),
    ] {
        assert!(README.lines().any(|other| other == line), "the README has no line {line}");
    }
    let release = yaml(&std::fs::read_to_string(workflow).unwrap());
    let registry = &release["jobs"]["registry"];
    assert_eq!(registry["if"], format!("github.repository == '{repository}'"));
    // Signed in a job of this very workflow: one that it called would sign in its own name.
    let runs: String = registry["steps"].as_array().unwrap().iter().filter_map(|step| step["run"].as_str()).collect();
    assert!(runs.contains("cosign sign ") && runs.contains("cosign attest --yes --type cyclonedx "), "{runs}");
    assert_eq!(release["on"]["push"]["tags"], json!(["v*"]));
}

#[test]
fn the_package_says_what_the_metadata_says() {
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
    assert_eq!(yaml(annotations("contextAwareResources")), metadata()["contextAwareResources"]);
    assert_eq!(annotations("questions-ui").trim_end(), QUESTIONS.trim_end());
}

/// The kwctl that made artifacthub-pkg.yml; another may lay it out otherwise.
const KWCTL: &str = "kwctl 1.36.";

/// Where this kwctl is installed: the package is what it makes of the metadata, but for the time.
#[test]
fn the_package_is_as_kwctl_lays_it_out() {
    let run = |arguments: &[&str]| Command::new("kwctl").args(arguments).output();
    match run(&["--version"]) {
        Ok(version) if version.stdout.starts_with(KWCTL.as_bytes()) => {}
        _ => {
            // To the terminal itself: cargo shows nothing that a passing test prints.
            let message = format!("\nSKIPPED: artifacthub-pkg.yml was not compared with what {KWCTL}* makes, which is not installed\n");
            let _ = std::io::Write::write_all(&mut std::io::stderr(), message.as_bytes());
            return;
        }
    }
    let output = run(&["scaffold", "artifacthub", "-m", "metadata.yml", "-q", "questions-ui.yml"]).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let made = String::from_utf8(output.stdout).unwrap();
    let (ours, made) = (timeless(ARTIFACT_HUB), timeless(&made));
    let differs = ours.iter().zip(&made).find(|(ours, made)| ours != made);
    assert_eq!((differs, ours.len()), (None, made.len()), "make artifacthub-pkg.yml anew");
}

/// The lines of a package, without the one that holds the time it was made.
fn timeless(package: &str) -> Vec<&str> {
    package.trim_end().lines().filter(|line| !line.starts_with("createdAt: ")).collect()
}

/// Settings with one value at a path such as `defaults.warn`; with a level, where that one needs it.
fn with(path: &str, value: &Value) -> Value {
    let mut settings = match path {
        "level" => json!({}),
        "kind" | "apiVersion" => json!({"level": "baseline", "kind": "PodSecurityConfiguration"}),
        path if path.starts_with("defaults.") => json!({"namespaceLabels": "honor"}),
        _ => json!({"level": "baseline"}),
    };
    match path.split_once('.') {
        Some((outer, inner)) => settings[outer] = json!({inner: value}),
        None => settings[path] = value.clone(),
    }
    settings
}

#[test]
fn the_readme_tells_every_setting_its_values_and_its_default() {
    let rows = table("Key");
    let told: BTreeSet<String> = rows.iter().map(|row| code(row[0])[0].to_owned()).collect();
    assert_eq!(told, keys());
    for row in rows {
        let (key, values, default) = (code(row[0])[0], code(row[1]), code(row[2]));
        let is_list = row[1].starts_with("list of ");
        assert_eq!(values.is_empty(), matches!(row[1], "list of names" | "list of patterns" | "list of rules" | "label selector"), "{key}");
        for value in values {
            let value = match value {
                old if old.starts_with("v1beta") || old.starts_with("v1alpha") => {
                    json!(format!("pod-security.admission.config.k8s.io/{old}"))
                }
                element if is_list => json!([element]),
                "true" | "false" => yaml(value),
                _ => json!(value),
            };
            // `privileged` for every mode is told to be pointless, and is a value all the same.
            let parsed = parsed(&with(key, &value));
            assert!(parsed.is_ok(), "{key}: {value} is refused: {parsed:?}");
        }
        match default[..] {
            [] => {}
            [default] => assert_is_default(key, &if is_list || default == "false" { yaml(default) } else { json!(default) }, &json!({})),
            // Which it is hangs on another setting.
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
        // An empty list hardens as little as none.
        settings.harden = Default::default();
    }
    Ok(format!("{settings:?}"))
}

/// A value of a setting means what leaving it out means, beside further settings.
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
fn the_readme_tells_every_key_of_a_rule() {
    let told: BTreeSet<String> = table("Key of a rule").iter().flat_map(|row| code(row[0])).map(str::to_owned).collect();
    let unknown = json!({"level": "baseline", "exemptions": {"checks": [{"----------------": 0}]}});
    assert_eq!(told, known(unknown).into_iter().collect());
    // Those that are needed.
    let needed: BTreeSet<&str> =
        table("Key of a rule").iter().filter(|row| row[1].contains("Needed.")).map(|row| code(row[0])[0]).collect();
    let message = parsed(&json!({"level": "baseline", "exemptions": {"checks": [{}]}})).unwrap_err();
    let missing: BTreeSet<&str> =
        message.lines().filter_map(|line| line.strip_prefix("- exemptions.checks[0].")?.split(": missing").next()).collect();
    assert_eq!(needed, missing);
}

#[test]
fn the_readme_tells_what_hardening_fills_in() {
    let told: Vec<(&str, Value)> =
        table("In `harden`").iter().map(|row| (code(row[0])[0], yaml(code(row[1])[0].split_once(": ").unwrap().1))).collect();
    let known: Vec<(&str, Value)> = CHECKS
        .iter()
        .flat_map(|check| check.remedies.iter().map(move |remedy| (check.id, remedy.action)))
        .filter_map(|(id, action)| if let Action::Set(value) = action { Some((id, serde_json::from_str(value).unwrap())) } else { None })
        .collect();
    assert_eq!(told, known);
}

#[test]
fn the_page_of_the_checks_lists_every_check() {
    let rows = table_of(include_str!("../docs/checks.md"), "Check");
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
fn the_form_asks_for_every_setting() {
    // What is another name of something, or only marks a file, is no question. Rules and selectors are
    // objects inside of lists, which the form cannot hold: it says that they are written in YAML.
    let in_yaml = ["exemptions.checks", "exemptions.namespaceSelector"];
    let unasked = [&["apiVersion", "kind", "exemptions.runtimeClassNames"], &in_yaml[..]].concat();
    let wanted: BTreeSet<String> = keys().into_iter().filter(|key| !unasked.contains(&key.as_str())).collect();
    let questions = questions();
    let asked: BTreeSet<String> = questions
        .iter()
        .filter(|question| question["type"] != "map[")
        .map(|question| question["variable"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(asked, wanted);
    let exemptions = questions.iter().find(|question| question["variable"] == "exemptions").unwrap()["description"].as_str().unwrap();
    assert!(in_yaml.iter().all(|key| exemptions.contains(key)) && exemptions.contains("YAML"), "{exemptions}");
    // Left as it is, with a level chosen in either form, it makes valid settings.
    let mut blank = json!({});
    for question in &questions {
        let variable = question["variable"].as_str().unwrap();
        for option in question.get("options").and_then(Value::as_array).into_iter().flatten() {
            let settings = with(variable, option).to_string();
            assert!(Settings::parse(settings.as_bytes()).is_ok(), "{variable}: {option} is refused");
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
