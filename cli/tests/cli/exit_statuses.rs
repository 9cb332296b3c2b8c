//! The exit status for every kind of input and option.

use crate::folder::{ACCEPTED, BASELINE, Folder, PRIVILEGED};

const SYNTAX: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: x\n";
const TEMPLATE: &str = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n";
const SERVICE: &str = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n";
const VALUES: &str = "replicas: 3\nimage: nginx\n";

#[test]
fn the_exit_status_tells_violations_from_what_is_not_judged() {
    let files = [
        ("good.yaml", ACCEPTED),
        ("plain.yaml", BASELINE),
        ("agent.yaml", PRIVILEGED),
        ("syntax.yaml", SYNTAX),
        ("template.yaml", TEMPLATE),
        ("service.yaml", SERVICE),
        ("values.yaml", VALUES),
        ("empty.yaml", ""),
        ("comment.yaml", "# nothing\n---\n\n"),
        ("kind.yaml", "apiVersion: apps/v1\nkind: Deploymnt\nmetadata: {name: x}\n"),
        ("type.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: x}\nspec: {hostNetwork: \"true\"}\n"),
        ("no-kind.yaml", "apiVersion: v1\nmetadata: {name: x}\n"),
        ("folder/good.yaml", ACCEPTED),
        ("folder/values.yaml", VALUES),
        ("other/values.yaml", VALUES),
        ("policy.yaml", "defaults: {enforce: baseline, warn: restricted}\n"),
        ("invalid-policy.yaml", "level: strict\n"),
    ];
    let folder = Folder::new(&files);
    let table: &[(&str, i32)] = &[
        ("good.yaml", 0),
        ("plain.yaml", 1),
        ("agent.yaml", 1),
        ("good.yaml agent.yaml", 1),
        ("syntax.yaml", 2),
        ("agent.yaml syntax.yaml", 2),
        ("syntax.yaml good.yaml", 2),
        ("template.yaml", 2),
        ("kind.yaml", 2),
        ("type.yaml", 2),
        ("no-kind.yaml", 2),
        ("missing.yaml", 2),
        ("missing.yaml good.yaml", 2),
        ("service.yaml", 0),
        // A run that judges nothing proves nothing.
        ("values.yaml", 2),
        ("empty.yaml", 2),
        ("comment.yaml", 2),
        ("other", 2),
        ("--allow-empty values.yaml", 0),
        ("--allow-empty empty.yaml comment.yaml", 0),
        ("--allow-empty other", 0),
        ("folder", 0),
        ("values.yaml good.yaml", 0),
        // Levels and versions.
        ("--level baseline plain.yaml", 0),
        ("--level baseline agent.yaml", 1),
        ("--level privileged agent.yaml", 0),
        ("--version v1.0 plain.yaml", 1),
        ("--level restricted --version v1.34 good.yaml", 0),
        ("--settings policy.yaml plain.yaml", 0),
        ("--settings policy.yaml agent.yaml", 1),
        // What fails.
        ("--fail-on baseline plain.yaml", 0),
        ("--fail-on baseline agent.yaml", 1),
        ("--fail-on restricted plain.yaml", 1),
        ("--settings policy.yaml --fail-on restricted plain.yaml", 1),
        ("--settings policy.yaml --fail-on warn plain.yaml", 1),
        ("--settings policy.yaml --fail-on warn good.yaml", 0),
        ("--fail-on never agent.yaml", 0),
        ("--fail-on never syntax.yaml", 2),
        // Usage.
        ("", 3),
        ("--level strict good.yaml", 3),
        ("--version 1.34 good.yaml", 3),
        ("--unknown good.yaml", 3),
        ("--format pdf good.yaml", 3),
        ("--format json --format text good.yaml", 3),
        ("--settings invalid-policy.yaml good.yaml", 3),
        ("--settings missing.yaml good.yaml", 3),
        ("--baseline missing.json good.yaml", 3),
        ("--baseline good.yaml good.yaml", 3),
        ("--config missing.toml good.yaml", 3),
        ("--namespace-labels nothing good.yaml", 3),
        ("--format json=no/such/folder/x.json good.yaml", 2),
    ];
    for (arguments, status) in table {
        let arguments: Vec<&str> = ["check"].into_iter().chain(arguments.split_whitespace()).collect();
        let run = folder.run_with(&arguments, "");
        assert_eq!(run.status, *status, "{arguments:?}: {run:#?}");
        assert!(!run.err.contains("panicked"), "{arguments:?}: {run:#?}");
    }
}

#[test]
fn standard_input_is_judged_as_a_file() {
    let folder = Folder::new(&[]);
    for (input, status, part) in [
        (ACCEPTED, 0, "nothing is rejected"),
        (PRIVILEGED, 1, "stdin.yaml:13:25"),
        (SYNTAX, 2, "error[syntax]"),
        ("", 2, "no Kubernetes object in the input"),
        // `kubectl get -o json` and `-o yaml` print a List.
        (r#"{"apiVersion": "v1", "kind": "List", "items": []}"#, 2, "no Kubernetes object in the input"),
    ] {
        folder.run_with(&["check", "-"], input).assert(status, &[part]);
    }
    folder.run_with(&["check", "--stdin-name", "chart.yaml", "-"], PRIVILEGED).assert(1, &["--> chart.yaml:13:25"]);
}

/// A document that is no object is an error in a file that an argument names, and in folders if it contains objects.
#[test]
fn lists_without_a_kind_are_not_skipped() {
    let list = format!("{ACCEPTED}---\n- {}", PRIVILEGED.trim_end().replace('\n', "\n  "));
    let folder = Folder::new(&[("list.yaml", &list), ("text.yaml", "{\"kind\": \"x\"} garbage\n"), ("folder/list.yaml", &list)]);
    for arguments in ["list.yaml", "text.yaml", "folder"] {
        folder.run(&format!("check {arguments}")).assert(2, &["error[object]"]);
    }
}

#[test]
fn configurations_of_other_tools_in_folders_are_no_objects() {
    let tools = ["apiVersion: skaffold/v2beta22\nkind: Config\n", "apiVersion: v1\nkind: Config\n"];
    let folder = Folder::new(&[("a/skaffold.yaml", tools[0]), ("a/kubeconfig.yaml", tools[1]), ("a/good.yaml", ACCEPTED)]);
    folder.run("check a").assert(0, &["2 documents are no Kubernetes objects"]);
    folder.run("check a/skaffold.yaml").assert(2, &["error[object]"]);
    folder.write("a/typo.yaml", "apiVersion: apps/v1\nkind: Deploymnt\n");
    folder.run("check a").assert(2, &["did you mean Deployment"]);
}

#[test]
fn a_template_has_no_verdicts() {
    let folder = Folder::new(&[("pod.yaml", &PRIVILEGED.replace("name: agent, ", "name: \"x-{{uid}}\", "))]);
    let report = folder.json("pod.yaml");
    assert_eq!((&report["summary"]["judged"], &report["summary"]["unjudged"]), (&0.into(), &1.into()));
    assert_eq!((&report["documents"][0]["status"], &report["documents"][0]["verdicts"]), (&"template".into(), &serde_json::json!([])));
}

#[test]
fn outputs_do_not_replace_each_other_or_the_input() {
    let folder = Folder::new(&[("good.yaml", ACCEPTED)]);
    for (arguments, part) in [
        ("--format json=x --format sarif=./x good.yaml", "two outputs for ./x"),
        ("--format json=x --write-baseline x good.yaml", "two outputs for x"),
        ("--format json=good.yaml good.yaml", "good.yaml is an input"),
        ("--write-baseline good.yaml .", "good.yaml is an input"),
    ] {
        folder.run(&format!("check {arguments}")).assert(3, &[part]);
    }
    assert_eq!(folder.read("good.yaml"), ACCEPTED);
    folder.run("check --format json=/dev/null --format sarif=/dev/null good.yaml").assert(0, &[]);
}

#[test]
fn help_and_version_succeed() {
    let folder = Folder::new(&[]);
    folder.run("--help").assert(0, &["check", "Exit status"]);
    folder.run("--version").assert(0, &[env!("CARGO_PKG_VERSION")]);
    folder.run("check --help").assert(0, &["--fail-on", "share link"]);
    folder.run("unknown").assert(3, &["unrecognized subcommand"]);
}
