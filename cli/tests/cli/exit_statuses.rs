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

#[test]
fn help_and_version_succeed() {
    let folder = Folder::new(&[]);
    folder.run("--help").assert(0, &["check", "Exit status"]);
    folder.run("--version").assert(0, &[env!("CARGO_PKG_VERSION")]);
    folder.run("check --help").assert(0, &["--fail-on", "share link"]);
    folder.run("unknown").assert(3, &["unrecognized subcommand"]);
}
