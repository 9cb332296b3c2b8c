//! `--settings`: every kind of file, share links, and their errors.

use std::io::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::{Value, json};

use crate::folder::{BASELINE, Folder, PRIVILEGED};

/// The policies of enforce, audit and warn for a pod with these settings.
fn policies(folder: &Folder, settings: &str) -> Vec<String> {
    let run = folder.run_with(&["check", "--format", "json", "--settings", settings, "plain.yaml"], "");
    let report: Value = serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:#?}"));
    let verdicts = report["documents"][0]["verdicts"].as_array().unwrap();
    verdicts.iter().map(|verdict| verdict["policy"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn rules_with_an_end_depend_on_the_clock() {
    let rule = |expires: &str| {
        format!("level: baseline\nexemptions: {{checks: [{{checks: [privileged], reason: r, expires: {expires}}}]}}\nhelp: '#platform'\n")
    };
    let folder = Folder::new(&[("agent.yaml", PRIVILEGED), ("old.yaml", &rule("2020-02-29")), ("valid.yaml", &rule("9999-12-31"))]);
    let expired = "rule exemptions.checks[0] for privileged expired at the end of 2020-02-29 (UTC) (#platform)";
    let warning = "warning: settings.exemptions.checks[0].expires: the rule expired at the end of 2020-02-29 (UTC), and covers nothing";
    folder.run("check --settings old.yaml agent.yaml").assert(1, &[expired, warning]);
    folder.run("check --settings valid.yaml agent.yaml").assert(0, &["nothing is rejected"]);
    // A date of TOML is not a string.
    let table = |expires: &str| {
        format!(
            "[settings]\nlevel = \"baseline\"\n[[settings.exemptions.checks]]\nchecks = [\"privileged\"]\nreason = \"r\"\nexpires = {expires}\n"
        )
    };
    for expires in ["9999-12-31", "\"9999-12-31\""] {
        folder.write("pss.toml", table(expires));
        folder.run("check agent.yaml").assert(0, &["nothing is rejected"]);
    }
    folder.write("pss.toml", table("2020-02-29"));
    folder.run("check agent.yaml").assert(1, &["expired at the end of 2020-02-29"]);
    let invalid = "settings in pss.toml: exemptions.checks[0].expires: must be a day that the calendar has, not \"2021-02-29\"";
    folder.write("pss.toml", table("\"2021-02-29\""));
    folder.run("check agent.yaml").assert(3, &[invalid]);
}

#[test]
fn every_kind_of_file_has_settings() {
    let configuration = "apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\n\
                         defaults: {enforce: baseline, enforce-version: v1.30}\n";
    let admission =
        |version: &str, plugin: &str| format!("apiVersion: {version}\nkind: AdmissionConfiguration\nplugins:\n- {{name: Other}}\n{plugin}");
    let v1 = "apiserver.config.k8s.io/v1";
    let embedded = "- name: PodSecurity\n  path: ignored.yaml\n  configuration:\n    apiVersion: pod-security.admission.config.k8s.io/v1\n    \
                    kind: PodSecurityConfiguration\n    defaults: {enforce: restricted, audit: baseline}\n";
    let template = "apiVersion: management.cattle.io/v3\nkind: PodSecurityAdmissionConfigurationTemplate\nmetadata: {name: t}\nconfiguration:\n  \
                    defaults: {enforce: baseline, warn: restricted}\n";
    let policy = "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata: {name: x}\nspec:\n  module: m\n  settings:\n    \
                  level: baseline\n    version: v1.25\n";
    let files = [
        ("plain.yaml", BASELINE.to_owned()),
        ("settings.yaml", "level: baseline\nversion: v1.20\n".to_owned()),
        ("settings.json", "{\"level\": \"baseline\"}".to_owned()),
        ("policy.yaml", policy.to_owned()),
        ("psc.yaml", configuration.to_owned()),
        ("embedded.yaml", admission(v1, embedded)),
        ("sub/path.yaml", admission("apiserver.k8s.io/v1alpha1", "- {name: PodSecurity, path: ../psc.yaml}\n")),
        ("neither.yaml", admission(v1, "- {name: PodSecurity}\n")),
        ("psact.yaml", template.to_owned()),
    ];
    let folder = Folder::new(&files.each_ref().map(|(name, text)| (*name, text.as_str())));
    for (file, expected) in [
        ("settings.yaml", ["baseline:v1.20"; 3]),
        ("settings.json", ["baseline:latest"; 3]),
        ("policy.yaml", ["baseline:v1.25"; 3]),
        ("psc.yaml", ["baseline:v1.30", "privileged:latest", "privileged:latest"]),
        ("embedded.yaml", ["restricted:latest", "baseline:latest", "privileged:latest"]),
        ("sub/path.yaml", ["baseline:v1.30", "privileged:latest", "privileged:latest"]),
        ("neither.yaml", ["privileged:latest"; 3]),
        ("psact.yaml", ["baseline:latest", "privileged:latest", "restricted:latest"]),
    ] {
        assert_eq!(policies(&folder, file), expected, "{file}");
    }
    // In a cluster with a PodSecurityConfiguration, the labels of namespaces override it.
    folder
        .run("check --settings psc.yaml --namespace-labels pod-security.kubernetes.io/enforce=restricted plain.yaml")
        .assert(1, &["violates restricted:v1.30"]);
    folder.run("check --settings settings.yaml --namespace-labels pod-security.kubernetes.io/enforce=restricted plain.yaml").assert(0, &[]);
}

#[test]
fn errors_in_settings_name_their_line() {
    let folder = Folder::new(&[("plain.yaml", BASELINE)]);
    for (text, parts) in [
        ("level: strict\n", vec!["settings.yaml:1:8: level: ", "one of privileged, baseline, restricted"]),
        ("level: baseline\nexemptions:\n  namespace: [a]\n", vec!["settings.yaml:3:", "exemptions.namespace"]),
        ("", vec!["settings.yaml:1:1: the input is empty"]),
        ("- a\n", vec!["expected an object of settings"]),
        ("level: [\n", vec!["settings.yaml:", "cannot be parsed"]),
        ("level: baseline\nlevel: restricted\n", vec!["settings.yaml:"]),
        ("level: baseline\n---\nlevel: restricted\n", vec!["settings.yaml:3:1: a second document"]),
        ("apiVersion: v1\nkind: Pod\n", vec!["Pod of v1 has no settings", "PodSecurityConfiguration"]),
        ("apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nspec: {}\n", vec!["the policy has no spec.settings"]),
        (
            "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nspec:\n  settings:\n    level: strict\n",
            vec!["settings.yaml:5:12: level: "],
        ),
        ("apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins: []\n", vec!["no plugin has the name PodSecurity"]),
        ("apiVersion: v1\nkind: AdmissionConfiguration\n", vec!["there is no AdmissionConfiguration in \"v1\""]),
        (
            "apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\ndefaults: {enforce: strict}\n",
            vec!["settings.yaml:3:21: defaults.enforce: "],
        ),
        (
            "apiVersion: management.cattle.io/v3\nkind: PodSecurityAdmissionConfigurationTemplate\nspec: {}\nconfiguration: {}\n",
            vec!["settings.yaml:3:1: unknown field \"spec\" (a template has no spec"],
        ),
    ] {
        folder.write("settings.yaml", text);
        folder.run("check --settings settings.yaml plain.yaml").assert(3, &parts);
    }
}

/// The manifests of a plan have policies of other modules, and namespaces.
#[test]
fn the_manifests_of_a_plan_have_settings() {
    let psp = "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: p}\nspec:\n  volumes: [emptyDir]\n  readOnlyRootFilesystem: true\n  \
               runAsUser: {rule: RunAsAny}\n  seLinux: {rule: RunAsAny}\n  supplementalGroups: {rule: RunAsAny}\n  fsGroup: {rule: RunAsAny}\n---\n\
               apiVersion: v1\nkind: Namespace\nmetadata: {name: shop}\n";
    let folder = Folder::new(&[("plain.yaml", BASELINE), ("psp.yaml", psp)]);
    let manifests = folder.run("migrate psp --format manifests psp.yaml").out;
    let count = manifests.matches("kind: ClusterAdmissionPolicy").count();
    assert!(count > 1 && manifests.contains("kind: Namespace"), "{manifests}");
    folder.write("manifests.yaml", &manifests);
    assert_eq!(policies(&folder, "manifests.yaml"), ["baseline:v1.24"; 3]);
    let converted = folder.run("migrate psact --to settings manifests.yaml");
    converted.assert(
        0,
        &[
            "level: baseline\n",
            ": not a policy of the module pod-security-standards, and not converted\n",
            "pss: note: Namespace shop: not a configuration of the standards, and not converted\n",
        ],
    );
    let twice = [&*manifests, "---\n", &manifests.replace("name: pod-security-standards\n", "name: second\n")].concat();
    folder.write("twice.yaml", twice);
    folder
        .run("check --settings twice.yaml plain.yaml")
        .assert(3, &["a second policy; policies: pod-security-standards, second. Expected one"]);
}

/// A share link, encoded as the page does.
fn link(choices: &Value) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(json!({"t": "kind: Pod\n", "c": choices}).to_string().as_bytes()).unwrap();
    format!("https://example.org/play/#1.{}", URL_SAFE_NO_PAD.encode(encoder.finish().unwrap()))
}

#[test]
fn share_links_have_settings() {
    let folder = Folder::new(&[("plain.yaml", BASELINE), ("agent.yaml", PRIVILEGED)]);
    assert_eq!(policies(&folder, &link(&json!({}))), ["restricted:latest"; 3]);
    let mode = |level: &str, version: &str| json!({"level": level, "version": version});
    let each = json!({
        "modes": "each", "enforce": mode("baseline", "v1.30"), "warn": mode("restricted", "latest"), "audit": mode("privileged", "latest"),
    });
    assert_eq!(policies(&folder, &link(&each)), ["baseline:v1.30", "privileged:latest", "restricted:latest"]);
    let exempt = link(&json!({"exemptions": {"namespaces": ["infra"]}}));
    folder.run_with(&["check", "--settings", &exempt, "agent.yaml"], "").assert(0, &["1 exempt"]);
    let context = link(&json!({
        "labels": "honor", "namespace": "shop", "namespaceLabels": {"pod-security.kubernetes.io/enforce": "baseline"},
    }));
    assert_eq!(policies(&folder, &context)[0], "baseline:latest");
    let more = link(&json!({"more": "level: baseline\nversion: v1.31\n"}));
    assert_eq!(policies(&folder, &more), ["baseline:v1.31"; 3]);
    for damaged in ["https://example.org/", "https://example.org/#1.abc", "https://example.org/#2.abc", &exempt[..exempt.len() - 9]] {
        folder.run_with(&["check", "--settings", damaged, "plain.yaml"], "").assert(3, &["the link is damaged"]);
    }
}

/// The warnings about a Namespace, in any order of the files.
#[test]
fn a_namespace_names_the_objects_that_violate_its_level() {
    let namespace =
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n    pod-security.kubernetes.io/enforce: baseline\n";
    let objects = "{apiVersion: v1, kind: List, items: [\
                   {apiVersion: batch/v1, kind: CronJob, metadata: {name: backup, namespace: shop}, \
                   spec: {jobTemplate: {spec: {template: {spec: {hostPID: true, containers: [{name: c, image: i}]}}}}}}, \
                   {apiVersion: v1, kind: Pod, metadata: {name: web-1, namespace: shop}, spec: {hostPID: true, containers: [{name: c, image: i}]}}, \
                   {apiVersion: v1, kind: Pod, metadata: {name: other, namespace: other}, spec: {hostPID: true, containers: [{name: c, image: i}]}}]}\n";
    let settings = |existing: &str| format!("defaults: {{enforce: privileged}}\nnamespaceLabels: honor\nexisting: {existing}\n");
    let folder = Folder::new(&[
        ("a-namespace.yaml", namespace),
        ("b-objects.yaml", objects),
        ("c-namespace.yaml", &namespace.replace("baseline", "restricted")),
        ("pods.yaml", &settings("pods")),
        ("workloads.yaml", &settings("workloads")),
    ]);
    let warnings = |settings: &str, files: &[&str]| -> Vec<(String, String)> {
        let arguments = [&["check", "--format", "json", "--settings", settings], files].concat();
        let report: Value = serde_json::from_str(&folder.run_with(&arguments, "").out).unwrap();
        let documents = report["documents"].as_array().unwrap();
        let problems =
            documents.iter().flat_map(|document| document["problems"].as_array().unwrap().iter().map(move |problem| (document, problem)));
        let own = problems.filter(|(_, problem)| problem["rule"] == "namespace-label");
        own.map(|(document, problem)| {
            assert_eq!(problem["severity"], "warning");
            // The value of the label.
            assert_eq!(problem["range"]["start"], json!({"line": 6, "column": 41, "offset": problem["range"]["start"]["offset"]}));
            (document["file"].as_str().unwrap().to_owned(), problem["message"].as_str().unwrap().to_owned())
        })
        .collect()
    };
    let of = |file: &str, what: &str, line: &str| {
        let level = if file.starts_with('a') { "baseline" } else { "restricted" };
        let more = match level {
            "baseline" => "",
            _ => ", allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile",
        };
        let message = format!(
            "existing {what} in namespace \"shop\" violate the new PodSecurity enforce level \"{level}:latest\": {line}: host namespaces{more}"
        );
        (file.to_owned(), message)
    };
    let both = |file: &str| [of(file, "pods", "web-1"), of(file, "workloads", "CronJob backup")];
    assert_eq!(warnings("workloads.yaml", &["a-namespace.yaml", "b-objects.yaml"]), both("a-namespace.yaml"));
    assert_eq!(warnings("workloads.yaml", &["b-objects.yaml", "c-namespace.yaml"]), both("c-namespace.yaml"));
    let all = [both("a-namespace.yaml"), both("c-namespace.yaml")].concat();
    assert_eq!(warnings("workloads.yaml", &["a-namespace.yaml", "b-objects.yaml", "c-namespace.yaml"]), all);
    assert_eq!(warnings("pods.yaml", &["a-namespace.yaml", "b-objects.yaml", "c-namespace.yaml"]), []);
    assert_eq!(warnings("workloads.yaml", &["a-namespace.yaml"]), []);
}
