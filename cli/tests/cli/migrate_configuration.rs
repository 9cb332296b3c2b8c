//! `pss migrate psact` and `pss migrate admission-configuration`.

use serde_json::{Value, json};

use crate::folder::{BASELINE, Folder};

const TEMPLATE: &str = "apiVersion: management.cattle.io/v3
kind: PodSecurityAdmissionConfigurationTemplate
metadata: {name: team}
configuration:
  defaults: {enforce: baseline, enforce-version: v1.30, audit: restricted, warn: restricted}
  exemptions: {namespaces: [kube-system], usernames: [\"system:admin\"]}
";

const CONFIGURATION: &str = "apiVersion: pod-security.admission.config.k8s.io/v1beta1
kind: PodSecurityConfiguration
defaults: {enforce: baseline, enforce-version: v1.30, audit: restricted, warn: restricted}
exemptions: {namespaces: [kube-system], usernames: [\"system:admin\"]}
";

const SETTINGS: &str = "defaults:
  enforce: baseline
  enforce-version: v1.30
  audit: restricted
  warn: restricted
exemptions:
  usernames: [\"system:admin\"]
  namespaces: [kube-system]
namespaceLabels: honor
";

fn admission_configuration(plugins: &str) -> String {
    format!("apiVersion: apiserver.k8s.io/v1alpha1\nkind: AdmissionConfiguration\nplugins: {plugins}\n")
}

#[test]
fn every_form_becomes_every_other() {
    let folder = Folder::new(&[("template.yaml", TEMPLATE), ("conf/psc.yaml", CONFIGURATION), ("settings.yaml", SETTINGS)]);
    folder.write("conf/admission.yaml", admission_configuration("[{name: PodSecurity, path: psc.yaml}]"));
    let run = |arguments: &str| {
        let run = folder.run(&format!("migrate {arguments}"));
        run.assert(0, &[]);
        assert_eq!(run.err, "", "{arguments}");
        run.out
    };
    let inputs = ["template.yaml", "conf/psc.yaml", "conf/admission.yaml", "settings.yaml"];
    for command in ["psact", "admission-configuration"] {
        for input in inputs {
            assert_eq!(run(&format!("{command} --to settings {input}")), SETTINGS, "{command} {input}");
            for to in ["policy", "admission-configuration", "psact"] {
                folder.write("out.yaml", run(&format!("{command} --to {to} {input}")));
                assert_eq!(run(&format!("{command} --to settings out.yaml")), SETTINGS, "{command} {to} {input}");
            }
        }
    }
    // Without --to, settings are converted to what the command is named after, and the other forms to settings.
    assert_eq!(run("psact template.yaml"), SETTINGS);
    assert_eq!(run("admission-configuration conf/admission.yaml"), SETTINGS);
    assert!(
        run("admission-configuration settings.yaml").starts_with("apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\n")
    );
    let template = run("psact --name mine settings.yaml");
    assert!(template.starts_with("apiVersion: management.cattle.io/v3\n") && template.contains("\n  name: mine\n"), "{template}");
    let policy = run("psact --to policy template.yaml");
    folder.write("policy.yaml", &policy);
    assert_eq!(policy, folder.run("policy --no-config --settings settings.yaml").out);
    assert!(run("psact policy.yaml").contains("kind: PodSecurityAdmissionConfigurationTemplate"));
}

#[test]
fn what_is_lost_is_named_and_weaker_results_have_their_own_status() {
    let folder = Folder::new(&[
        ("weaker.yaml", "level: restricted\nexemptions: {groups: [ops]}\n"),
        ("stricter.yaml", "level: restricted\nnamespaceLabels: honor\nharden: [runAsNonRoot]\ndetails: true\n"),
        ("plugins.yaml", &admission_configuration("[{name: PodSecurity}, {name: EventRateLimit, path: e.yaml}]")),
    ]);
    let weaker = folder.run("migrate psact weaker.yaml");
    weaker.assert(1, &["pss: weaker: namespaceLabels: ", "pss: stricter: exemptions.groups: ", "# weaker: namespaceLabels: "]);
    assert!(weaker.out.contains("enforce: restricted\n"), "{weaker:#?}");
    // Losses are no notes.
    folder.run("migrate -q psact weaker.yaml").assert(1, &["pss: weaker: namespaceLabels: "]);
    folder.run("migrate psact stricter.yaml").assert(0, &["pss: stricter: harden: ", "pss: note: details: "]);
    let plugins = folder.run("migrate admission-configuration plugins.yaml");
    plugins.assert(0, &["level: privileged\n", "pss: note: plugins[1]: the plugin \"EventRateLimit\" is not part"]);
    assert_eq!(folder.run("migrate -q admission-configuration plugins.yaml").err, "");
    let kept = folder.run("migrate admission-configuration --to admission-configuration plugins.yaml");
    kept.assert(0, &["  - {\"name\":\"EventRateLimit\",\"path\":\"e.yaml\"}\n"]);
    assert_eq!(kept.err, "");
    let report = folder.run("migrate psact --format json weaker.yaml");
    report.assert(1, &[]);
    assert_eq!(report.err, "");
    let report: Value = serde_json::from_str(&report.out).unwrap();
    assert_eq!(report["settings"], json!({"level": "restricted", "exemptions": {"groups": ["ops"]}}));
    assert_eq!((&report["from"], &report["result"]), (&json!("settings"), &json!(weaker.out)));
    let effects: Vec<_> = report["notes"].as_array().unwrap().iter().map(|note| (&note["effect"], &note["field"])).collect();
    assert_eq!(effects, [(&json!("weaker"), &json!("namespaceLabels")), (&json!("stricter"), &json!("exemptions.groups"))]);
}

#[test]
fn the_built_in_templates_depend_on_the_version_of_rancher() {
    let folder = Folder::new(&[("template.yaml", TEMPLATE)]);
    let restricted = folder.run("migrate psact rancher-restricted");
    restricted.assert(0, &["level: restricted\n", "cattle-turtles-system", "namespaceLabels: honor\n", "the longer sample in Rancher's"]);
    assert!(!restricted.out.contains("calico-system") && !restricted.out.contains("cattle-provisioning-capi-system"), "{restricted:#?}");
    let sample = folder.run("migrate psact rancher-restricted --documentation-sample --to psact");
    sample.assert(0, &["      - tigera-operator\n      # from the longer sample", "      - calico-system\n"]);
    let old = folder.run("migrate psact rancher-restricted --rancher-version v2.11.2");
    assert!(old.out.contains("cattle-provisioning-capi-system") && !old.out.contains("cattle-turtles-system"), "{old:#?}");
    let privileged = folder.run("migrate psact rancher-privileged");
    assert_eq!((privileged.out.as_str(), privileged.err.as_str()), ("level: privileged\nnamespaceLabels: honor\n", ""));
    for (arguments, part) in [
        ("psact rancher-restricted --rancher-version 2.7.6", "a version of Rancher is v2.7.7 or later"),
        ("psact template.yaml --rancher-version v2.14", "are for the built-in templates rancher-privileged and rancher-restricted"),
        ("psact template.yaml --documentation-sample", "are for the built-in templates"),
        ("psact rancher-restricted --template a", "the built-in templates have no file"),
        ("psact template.yaml --name x", "it needs --to psact"),
        ("psact template.yaml --to psact --name X", "a name has at most 253 lower-case letters"),
        ("admission-configuration x.yaml --rancher-version v2.14", "--rancher-version"),
        ("psact", "<FILE|-|TEMPLATE>"),
    ] {
        folder.run(&format!("migrate {arguments}")).assert(3, &[part]);
    }
    let no_file = "cannot be read: no such file or directory; ";
    for (arguments, parts) in [
        ("psact rancher-restrictd", vec![no_file, "did you mean rancher-restricted?"]),
        ("psact Rancher-Privileged", vec![no_file, "did you mean rancher-privileged?"]),
        ("psact rancher-baseline", vec![no_file, "the built-in templates are rancher-privileged and rancher-restricted"]),
        ("admission-configuration rancher-restricted", vec![no_file, "use pss migrate psact rancher-restricted"]),
    ] {
        folder.run(&format!("migrate {arguments}")).assert(2, &parts);
    }
    let other = folder.run("migrate psact template.yml");
    assert!(other.err.ends_with("cannot be read: no such file or directory\n"), "{other:#?}");
    // The templates of a version after the last in the table are those of the last.
    let (latest, next) =
        (folder.run("migrate psact rancher-restricted"), folder.run("migrate psact rancher-restricted --rancher-version v2.16"));
    let note = "pss: note: rancher-version: the templates are listed up to v2.15, and this is the one of that version\n";
    assert_eq!((next.out, next.err), (latest.out, [note, &latest.err].concat()));
}

#[test]
fn input_that_cannot_be_converted_is_named_with_its_line() {
    let folder = Folder::new(&[("conf/psc.yaml", &(CONFIGURATION.to_owned() + "details: true\n")), ("plain.yaml", BASELINE)]);
    let relative = admission_configuration("[{name: PodSecurity, path: psc.yaml}]");
    folder.write("conf/admission.yaml", &relative);
    folder.write("missing.yaml", &relative);
    folder.write("chart.yaml", "level: {{ .Values.level }}\n");
    folder.write("twice.yaml", "level: baseline\nlevel: restricted\n");
    for (input, parts) in [
        ("none.yaml", vec!["pss: none.yaml cannot be read: no such file"]),
        ("conf", vec!["pss: conf is a folder, not a file\n"]),
        ("chart.yaml", vec!["chart.yaml:1:9: the text is a template that is not rendered (render it, for example with helm template"]),
        ("twice.yaml", vec!["twice.yaml:2:1: \"level\" stands here a second time, after line 1\n"]),
        ("plain.yaml", vec!["plain.yaml:1:1: Pod of v1 has no settings"]),
        ("conf/admission.yaml", vec!["conf/psc.yaml:5:1: unknown field \"details\" (this is a setting of the policy"]),
        ("missing.yaml", vec!["missing.yaml:3:37: plugins[0].path: psc.yaml cannot be read: no such file"]),
    ] {
        let run = folder.run(&format!("migrate admission-configuration {input}"));
        run.assert(2, &parts);
        assert_eq!(run.out, "");
    }
    let stdin = |text: &str, status, parts: &[&str]| {
        folder.run_with(&["migrate", "admission-configuration", "-"], text).assert(status, parts);
    };
    stdin(CONFIGURATION, 0, &["defaults:\n  enforce: baseline\n"]);
    stdin(
        &relative,
        2,
        &[
            "stdin.yaml:3:37: plugins[0].path: psc.yaml is relative to the folder of the AdmissionConfiguration, and standard input has none",
        ],
    );
    folder.write("conf/psc.yaml", CONFIGURATION);
    let absolute = relative.replace("psc.yaml", &folder.path("conf/psc.yaml").display().to_string());
    stdin(&absolute, 0, &["defaults:\n  enforce: baseline\n"]);
    stdin("", 2, &["stdin.yaml:1:1: the input is empty", "or a PodSecurityAdmissionConfigurationTemplate"]);
    let two = [TEMPLATE, &TEMPLATE.replace("name: team", "name: other")].join("---\n");
    stdin(&two, 2, &["stdin.yaml:8:1: a second template; templates: team, other. Choose one with --template"]);
    folder.run_with(&["migrate", "psact", "--template", "other", "--to", "psact", "-"], &two).assert(0, &["\n  name: other\n"]);
}
