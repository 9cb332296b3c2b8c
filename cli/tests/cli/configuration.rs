//! `pss.toml`: where it is found, what it sets, its exceptions, and its errors.

use crate::folder::{ACCEPTED, BASELINE, Folder, PRIVILEGED};

#[test]
fn the_nearest_file_above_a_manifest_counts() {
    let folder = Folder::new(&[
        ("pss.toml", "level = \"baseline\"\n"),
        ("deploy/plain.yaml", BASELINE),
        ("infra/pss.toml", "level = \"privileged\"\n"),
        ("infra/agents/agent.yaml", PRIVILEGED),
    ]);
    folder.run("check .").assert(0, &["2 pods and workloads judged"]);
    folder.run("check --no-config .").assert(1, &["error[privileged]"]);
    folder.run("check --config pss.toml infra").assert(1, &["violates baseline:latest"]);
    // Arguments override the file.
    folder.run("check --level restricted deploy").assert(1, &["violates restricted:latest"]);
    // A file that another folder contains is found from there, too.
    let mut command = folder.command(&["check", "../deploy/plain.yaml"]);
    crate::folder::run(command.current_dir(folder.path("infra")), "").assert(0, &[]);
}

#[test]
fn paths_have_settings_of_their_own() {
    let config = r#"
level = "restricted"
exclude = ["vendor/"]
[[paths]]
paths = ["infra/"]
level = "privileged"
[[paths]]
paths = ["infra/*/plain.yaml"]
level = "baseline"
version = "v1.30"
"#;
    let folder = Folder::new(&[
        ("pss.toml", config),
        ("good.yaml", ACCEPTED),
        ("infra/agent.yaml", PRIVILEGED),
        ("infra/x/plain.yaml", BASELINE),
        ("vendor/agent.yaml", PRIVILEGED),
    ]);
    folder.run("check .").assert(0, &["3 pods and workloads judged"]);
    let report = folder.json(".");
    let policies: Vec<&str> =
        report["documents"].as_array().unwrap().iter().map(|document| document["verdicts"][0]["policy"].as_str().unwrap()).collect();
    assert_eq!(policies, ["restricted:latest", "privileged:latest", "baseline:v1.30"]);
    folder.run("check --exclude good.yaml --exclude x/ .").assert(0, &["1 pod or workload judged"]);
}

#[test]
fn settings_can_be_a_file_or_a_table() {
    let folder = Folder::new(&[
        ("a/pss.toml", "settings = \"policy.yaml\"\n"),
        ("a/policy.yaml", "defaults: {enforce: baseline, warn: restricted}\n"),
        ("a/plain.yaml", BASELINE),
        ("b/pss.toml", "[settings]\nlevel = \"restricted\"\nexemptions = { namespaces = [\"infra\"] }\n"),
        ("b/agent.yaml", PRIVILEGED),
    ]);
    folder.run("check a").assert(0, &["warning[runAsNonRoot]"]);
    folder.run("check b").assert(0, &["1 exempt"]);
}

#[test]
fn labels_of_namespaces_count() {
    let folder = Folder::new(&[
        ("plain.yaml", BASELINE),
        ("pss.toml", "namespace = \"shop\"\n[namespace-labels]\n\"pod-security.kubernetes.io/enforce\" = \"baseline\"\n"),
    ]);
    folder.run("check plain.yaml").assert(0, &["warning[runAsNonRoot]"]);
    folder.run("check --no-config plain.yaml").assert(1, &[]);
    folder.run("check --no-config --namespace-labels pod-security.kubernetes.io/enforce=baseline plain.yaml").assert(0, &[]);
    folder
        .run("check --no-config --namespace-labels pod-security.kubernetes.io/enforce=strict plain.yaml")
        .assert(1, &["warning: namespaceLabels[pod-security.kubernetes.io/enforce]"]);
}

#[test]
fn a_namespace_counts_for_what_follows() {
    let namespace = |level: &str| {
        format!("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: default\n  labels: {{pod-security.kubernetes.io/enforce: {level}}}\n")
    };
    let before = format!("{}---\n{BASELINE}", namespace("baseline"));
    let after = format!("{BASELINE}---\n{}", namespace("baseline"));
    let folder = Folder::new(&[("before.yaml", &before), ("after.yaml", &after)]);
    folder.run("check before.yaml").assert(0, &[]);
    folder.run("check after.yaml").assert(1, &[]);
    // Across files, in the order of the arguments.
    let folder =
        Folder::new(&[("namespace.yaml", &namespace("baseline")), ("plain.yaml", BASELINE), ("other.yaml", &namespace("restricted"))]);
    folder.run("check namespace.yaml plain.yaml").assert(0, &[]);
    folder.run("check plain.yaml namespace.yaml").assert(1, &[]);
    folder.run("check namespace.yaml other.yaml plain.yaml").assert(1, &[]);
    folder.run("check other.yaml namespace.yaml plain.yaml").assert(0, &[]);
}

#[test]
fn exceptions_need_a_reason_and_may_end() {
    let exception = |rest: &str| format!("[[exceptions]]\nchecks = [\"privileged\"]\nreason = \"reads the kernel log\"\n{rest}");
    let folder = Folder::new(&[("agent.yaml", PRIVILEGED)]);
    for (rest, covers) in [
        ("", true),
        ("until = \"2999-12-31\"", true),
        ("until = 2999-12-31", true),
        ("until = 2020-01-01", false),
        ("paths = [\"agent.yaml\"]", true),
        ("paths = [\"*.yaml\"]", true),
        ("paths = [\"other/\"]", false),
        ("objects = [\"Deployment/agent\"]", true),
        ("objects = [\"*/agent\"]", true),
        ("objects = [\"Pod/*\"]", false),
        ("containers = [\"agent\"]", true),
        ("containers = [\"side*\"]", false),
    ] {
        folder.write("pss.toml", exception(rest));
        let run = folder.run("check --level baseline .");
        assert_eq!(run.status, i32::from(!covers), "{rest}: {run:#?}");
        let expected = match rest {
            "until = 2020-01-01" => "warning[expired-exception]: exceptions[0] is over since 2020-01-01 (reads the kernel log)",
            _ if covers => "1 excepted finding",
            _ => "warning[unused-exception]: exceptions[0] covers nothing (reads the kernel log)",
        };
        assert!(run.out.contains(expected), "{rest}: {run:#?}");
    }
    // An exception for other files is not unused if only some files are judged.
    folder.write("pss.toml", exception("paths = [\"other/\"]"));
    let run = folder.run("check --level baseline agent.yaml");
    assert!(!run.out.contains("unused-exception"), "{run:#?}");
    let report = folder.json("--level baseline .");
    assert_eq!((&report["summary"]["excepted"], &report["summary"]["warnings"]), (&0.into(), &1.into()));
}

#[test]
fn errors_name_the_place_and_the_fix() {
    let folder = Folder::new(&[("plain.yaml", BASELINE)]);
    for (config, parts) in [
        ("levle = \"baseline\"", vec!["pss.toml", "line 1", "unknown field `levle`"]),
        ("level = \"strict\"", vec!["line 1", "one of privileged, baseline, restricted"]),
        ("version = \"1.30\"", vec!["v1.34"]),
        ("[[paths]]\npaths = []", vec!["paths[0].paths is empty"]),
        ("[[exceptions]]\nchecks = [\"privileged\"]", vec!["exceptions[0].reason is missing"]),
        ("[[exceptions]]\nreason = \"r\"", vec!["exceptions[0].checks is missing"]),
        ("[[exceptions]]\nchecks = [\"privilegd\"]\nreason = \"r\"", vec!["there is no check \"privilegd\"; did you mean \"privileged\"?"]),
        (
            "[[exceptions]]\nchecks = [\"hostPath\"]\nreason = \"r\"",
            vec!["there is no check \"hostPath\"; did you mean \"hostPathVolumes\"?"],
        ),
        ("[[exceptions]]\nchecks = [\"*\"]\nreason = \"r\"\nuntil = \"soon\"", vec!["exceptions[0].until: expected a date"]),
        ("[[exceptions]]\nchecks = [\"*\"]\nreason = \"r\"\nobjects = [\"agent\"]", vec!["exceptions[0].objects: expected KIND/NAME"]),
        ("level = \"baseline\"\n[settings]\nlevel = \"restricted\"", vec!["settings and a level or version"]),
        ("settings = \"none.yaml\"", vec!["cannot read the settings in", "none.yaml"]),
        ("[settings]\nlevel = \"strict\"", vec!["settings in pss.toml", "one of privileged, baseline, restricted"]),
        ("level = ", vec!["line 1"]),
    ] {
        folder.write("pss.toml", config);
        folder.run("check .").assert(3, &parts);
    }
}

#[test]
fn ignore_files_are_respected() {
    let folder = Folder::new(&[
        (".gitignore", "build/\n"),
        (".helmignore", "*.tmp.yaml\n"),
        ("build/agent.yaml", PRIVILEGED),
        ("x.tmp.yaml", PRIVILEGED),
        (".hidden/agent.yaml", PRIVILEGED),
        ("good.yaml", ACCEPTED),
        ("good.YML", ACCEPTED),
        ("notes.txt", PRIVILEGED),
        ("package.json", "{\"name\": \"x\"}"),
    ]);
    folder.run("check .").assert(0, &["2 pods and workloads judged", "1 document is no Kubernetes object"]);
    // An argument is judged, whatever ignores it.
    folder.run("check build/agent.yaml").assert(1, &[]);
}

#[test]
fn templates_of_charts_are_named() {
    let template = PRIVILEGED.replace("name: agent, namespace", "name: agent, annotations: {x: \"{{ .Values.x }}\"}, namespace");
    let folder = Folder::new(&[
        ("chart/Chart.yaml", "apiVersion: v2\nname: chart\nversion: 1.0.0\n"),
        ("chart/values.yaml", "x: 1\n"),
        ("chart/templates/agent.yaml", &template),
        ("chart/templates/plain.yaml", BASELINE),
        ("alerts.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: alerts}\ndata:\n  rules: |\n    summary: '{{ $labels.pod }}'\n"),
    ]);
    let run = folder.run("check .");
    run.assert(2, &["error[template]", "chart/templates/agent.yaml:3:43", "helm template", "1 not judged"]);
    assert_eq!(run.out.matches("error[template]").count(), 1, "{}", run.out);
    assert!(!run.out.contains("alerts.yaml") && !run.out.contains("Chart.yaml"), "{}", run.out);
    let rendered = format!("---\n# Source: chart/templates/agent.yaml\n{PRIVILEGED}");
    folder.run_with(&["check", "-"], &rendered).assert(1, &["stdin.yaml (chart/templates/agent.yaml):15:25"]);
}
