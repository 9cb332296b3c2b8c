//! `pss fix`.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use proptest::prelude::*;
use pss_testing::samples;
use serde_json::{Value, json};

use crate::folder::{ACCEPTED, BASELINE, Folder, PRIVILEGED};

#[test]
fn the_diff_is_the_default_and_changes_nothing() {
    let folder = Folder::new(&[("plain.yaml", BASELINE)]);
    let run = folder.run("fix plain.yaml");
    run.assert(0, &["--- a/plain.yaml\n+++ b/plain.yaml\n@@", "4 findings can be fixed in 1 file, 0 findings remain"]);
    assert_eq!(folder.read("plain.yaml"), BASELINE);
    assert_eq!(folder.run("fix --diff plain.yaml").out, run.out);
    // The diff can be applied.
    let mut patch = std::process::Command::new("git");
    let patched = crate::folder::run(patch.args(["apply", "-"]).current_dir(folder.root()), &run.out);
    patched.assert(0, &[]);
    folder.run("check plain.yaml").assert(0, &[]);
}

#[test]
fn files_are_replaced_with_their_mode_and_links() {
    let folder = Folder::new(&[("real/plain.yaml", BASELINE), ("good.yaml", ACCEPTED)]);
    symlink("real/plain.yaml", folder.path("link.yaml")).unwrap();
    fs::set_permissions(folder.path("real/plain.yaml"), fs::Permissions::from_mode(0o640)).unwrap();
    let time = fs::metadata(folder.path("good.yaml")).unwrap().modified().unwrap();
    folder.run("fix --write link.yaml good.yaml").assert(0, &["4 findings fixed in 1 file"]);
    assert!(fs::symlink_metadata(folder.path("link.yaml")).unwrap().is_symlink());
    assert_eq!(fs::metadata(folder.path("real/plain.yaml")).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(fs::metadata(folder.path("good.yaml")).unwrap().modified().unwrap(), time);
    folder.run("check .").assert(0, &[]);
}

#[test]
fn files_that_cannot_be_parsed_are_left_alone() {
    let broken = format!("{BASELINE}---\nkind: [\n");
    let template = format!("{BASELINE}---\napiVersion: v1\nkind: {{{{ .Values.kind }}}}\n");
    let folder = Folder::new(&[("broken.yaml", &broken), ("template.yaml", &template), ("plain.yaml", BASELINE)]);
    folder.run("fix --write .").assert(2, &["broken.yaml: not changed", "template.yaml: not changed", "4 findings fixed in 1 file"]);
    assert_eq!(folder.read("broken.yaml"), broken);
    assert_eq!(folder.read("template.yaml"), template);
}

#[test]
fn standard_input_becomes_standard_output() {
    let folder = Folder::new(&[]);
    let run = folder.run_with(&["fix", "--write", "-"], BASELINE);
    run.assert(0, &["runAsNonRoot: true"]);
    folder.run_with(&["check", "-"], &run.out).assert(0, &[]);
    // A pipe loses nothing.
    let broken = "kind: [\n";
    assert_eq!(folder.run_with(&["fix", "--write", "-"], broken).out, broken);
}

#[test]
fn exceptions_are_not_fixed() {
    let config = "[[exceptions]]\nchecks = [\"runAsNonRoot\"]\nobjects = [\"Pod/plain\"]\nreason = \"needs root\"\n";
    let folder = Folder::new(&[("plain.yaml", BASELINE), ("pss.toml", config)]);
    folder.run("fix --write plain.yaml").assert(0, &["3 findings fixed"]);
    assert!(!folder.read("plain.yaml").contains("runAsNonRoot"));
    folder.run("check .").assert(0, &["1 excepted finding"]);
}

/// A field of the pod would also apply to the container of the exception.
#[test]
fn an_exception_for_one_container_keeps_the_pod_as_it_is() {
    let config = "[[exceptions]]\nchecks = [\"runAsNonRoot\"]\ncontainers = [\"root\"]\nreason = \"needs root\"\n";
    let pod = BASELINE.replace("containers: [", "containers: [{name: root, image: x}, ");
    let folder = Folder::new(&[("pod.yaml", &pod), ("pss.toml", config)]);
    folder.run("fix --write pod.yaml").assert(0, &["1 finding remains"]);
    let fixed = folder.read("pod.yaml");
    assert!(!fixed.contains("runAsNonRoot") && fixed.contains("seccompProfile"), "{fixed}");
    let exempt = "exemptions: {checks: [{checks: [runAsNonRoot], containers: [root], reason: needs root}]}\nlevel: restricted\n";
    let folder = Folder::new(&[("pod.yaml", &pod), ("settings.yaml", exempt)]);
    folder.run("fix --settings settings.yaml --write pod.yaml").assert(0, &[]);
    assert!(!folder.read("pod.yaml").contains("runAsNonRoot"));
}

#[test]
fn what_cannot_be_judged_or_written_is_said() {
    let folder = Folder::new(&[("type.yaml", &BASELINE.replace("spec: {", "spec: {hostPID: \"true\", "))]);
    folder.run("fix --write type.yaml").assert(2, &["type.yaml: line 4: not judged: ", "0 findings fixed in 0 files"]);
    let template = BASELINE.replace("plain", "\"{{ .Release.Name }}\"");
    folder.write("template.yaml", &template);
    folder.run("fix --write template.yaml").assert(2, &["template.yaml: not changed", "a template that is not rendered"]);
    assert_eq!(folder.read("template.yaml"), template);
}

#[test]
fn namespaces_in_other_files_count() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: infra, labels: {pod-security.kubernetes.io/enforce: privileged, \
                     pod-security.kubernetes.io/warn: privileged, pod-security.kubernetes.io/audit: privileged}}\n";
    let folder = Folder::new(&[("0-namespace.yaml", namespace), ("agent.yaml", PRIVILEGED)]);
    folder.run("fix --write .").assert(0, &["0 findings fixed in 0 files"]);
    folder.run("check .").assert(0, &[]);
}

#[test]
fn a_large_file_is_fixed_in_linear_time() {
    let folder = Folder::new(&[]);
    let text: String = (0..2_000).map(|index| format!("---\n{}", BASELINE.replace("plain", &format!("pod-{index}")))).collect();
    folder.write("pods.yaml", text);
    folder.run("fix --write pods.yaml").assert(0, &["8000 findings fixed in 1 file, 0 findings remain"]);
    folder.run("check pods.yaml").assert(0, &[]);
}

/// A Pod or workload as YAML-compatible JSON.
fn manifest() -> impl Strategy<Value = Value> {
    (samples::kind(), samples::pod()).prop_map(|(kind, pod)| samples::object_with(kind, &pod))
}

/// The findings of the page for a text, as `check path`.
fn findings_of_the_page(text: &str) -> Vec<(String, bool)> {
    let options = json!({"settings": {"level": "restricted", "namespaceLabels": "honor"}}).to_string();
    let report = pss_playground::api::evaluate(text, &options).unwrap();
    let documents = report.documents.into_iter().filter(|document| document.status != pss_review::Status::Empty);
    let of_document = |document: pss_review::DocumentReport| {
        document.findings.into_iter().map(|finding| (format!("{} {}", finding.check.id, finding.path), finding.fix.is_some()))
    };
    documents.flat_map(of_document).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// What remains has no fix, and `check` reports what the page reports.
    #[test]
    fn nothing_that_has_a_fix_remains(manifests in prop::collection::vec(manifest(), 1..6)) {
        let folder = Folder::new(&[]);
        let texts: Vec<String> = manifests.iter().map(|manifest| serde_norway::to_string(manifest).unwrap()).collect();
        folder.write("all.yaml", texts.join("---\n"));
        let run = folder.run("fix --write all.yaml");
        prop_assert_eq!(run.status, 0, "{:?}", run);
        let text = folder.read("all.yaml");
        let of_page = findings_of_the_page(&text);
        let report = folder.json("--validate ignore all.yaml");
        let documents = report["documents"].as_array().unwrap().iter();
        let of_program: Vec<(String, bool)> = documents
            .flat_map(|document| document["problems"].as_array().unwrap())
            .filter(|problem| !problem["sentence"].is_null())
            .map(|problem| (format!("{} {}", problem["rule"].as_str().unwrap(), problem["path"].as_str().unwrap()), !problem["fix"].is_null()))
            .collect();
        prop_assert_eq!(&of_page, &of_program);
        // A fix whose application would not remove its finding, or would add another, has no effect in either.
        let again = folder.run("fix all.yaml");
        prop_assert_eq!(again.out, "", "{}", text);
    }
}
