//! `--baseline` and `--write-baseline`.

use std::fs;

use crate::folder::{BASELINE, Folder, PRIVILEGED};

#[test]
fn only_new_findings_fail() {
    let folder = Folder::new(&[("agent.yaml", PRIVILEGED)]);
    folder.run("check --write-baseline known.json .").assert(0, &["5 findings in known.json"]);
    folder.run("check --baseline known.json .").assert(0, &["5 findings in the baseline", "nothing is rejected"]);
    // Lines and containers before a finding do not make it new.
    let moved = PRIVILEGED.replace(
        "      containers:\n",
        "      # Comment\n      containers:\n        - {name: first, image: x, securityContext: {privileged: false}}\n",
    );
    folder.write("agent.yaml", format!("# A new line\n{moved}"));
    let report = folder.json("--baseline known.json agent.yaml");
    let states: Vec<(&str, &str)> = report["documents"][0]["problems"]
        .as_array()
        .unwrap()
        .iter()
        .map(|problem| (problem["path"].as_str().unwrap(), problem["state"].as_str().unwrap()))
        .filter(|(path, _)| path.contains("containers[1]"))
        .collect();
    assert!(!states.is_empty() && states.iter().all(|(_, state)| *state == "baseline"), "{states:?}");
    // Another object is new.
    folder.write("plain.yaml", BASELINE);
    folder.run("check --baseline known.json agent.yaml plain.yaml").assert(1, &["error[runAsNonRoot]"]);
}

#[test]
fn findings_that_are_gone_are_noted() {
    let folder = Folder::new(&[("agent.yaml", PRIVILEGED)]);
    folder.run("check --write-baseline known.json .").assert(0, &[]);
    folder.write("agent.yaml", PRIVILEGED.replace("privileged: true", "privileged: false"));
    folder.run("check --baseline known.json .").assert(0, &["1 finding of the baseline was not found again"]);
}

#[test]
fn a_baseline_of_unreadable_input_is_no_success() {
    let folder = Folder::new(&[("agent.yaml", PRIVILEGED), ("broken.yaml", "apiVersion: [\n")]);
    folder.run("check --write-baseline known.json .").assert(2, &["5 findings in known.json"]);
    assert!(fs::metadata(folder.path("known.json")).is_ok());
}

#[test]
fn a_baseline_of_another_format_is_rejected() {
    let folder = Folder::new(&[("agent.yaml", PRIVILEGED), ("known.json", r#"{"version": 2, "findings": {}}"#)]);
    folder.run("check --baseline known.json .").assert(3, &["version 2", "version 1"]);
}
