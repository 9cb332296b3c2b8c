//! Tests of reading and converting configurations.

mod properties;

use serde_json::{Value, json};

use super::*;

/// A configuration of Pod Security Admission.
const DEFAULTS: &str = "defaults: {enforce: baseline, enforce-version: v1.30, warn: restricted}\n\
                        exemptions: {usernames: [\"system:admin\"], namespaces: [kube-system], runtimeClasses: [kata.x]}\n";

fn no_file(_: &str) -> Result<File, String> {
    Err("there are no files".to_owned())
}

fn read_text(text: &str) -> Result<Configuration, Vec<String>> {
    read(Source { name: "f.yaml", text }, None, &mut no_file).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

fn valid(text: &str) -> Configuration {
    read_text(text).unwrap_or_else(|errors| panic!("{errors:#?}\n{text}"))
}

fn json_of(configuration: &Configuration) -> Value {
    serde_json::from_str(configuration.settings_json()).unwrap()
}

/// Returns text with each line indented.
fn indented(text: &str, indent: usize) -> String {
    text.lines().map(|line| format!("{:indent$}{line}\n", "")).collect()
}

fn pod_security_configuration(version: &str) -> String {
    format!("apiVersion: pod-security.admission.config.k8s.io/{version}\nkind: PodSecurityConfiguration\n{DEFAULTS}")
}

fn admission_configuration(version: &str, plugins: &str) -> String {
    format!("apiVersion: {version}\nkind: AdmissionConfiguration\nplugins:\n{plugins}")
}

const V1: &str = "apiserver.config.k8s.io/v1";

fn inline(configuration: &str) -> String {
    format!("- name: PodSecurity\n  configuration:\n{}", indented(configuration, 4))
}

fn template(configuration: &str) -> String {
    let head = "apiVersion: management.cattle.io/v3\nkind: PodSecurityAdmissionConfigurationTemplate\nmetadata: {name: t, uid: x}\n";
    format!("{head}configuration:\n{}", indented(configuration, 2))
}

fn notes(notes: &[Note]) -> Vec<String> {
    notes.iter().map(|note| format!("{} {}", note.effect.name(), note.field)).collect()
}

#[test]
fn every_form_has_the_same_settings() {
    let expected = json!({
        "defaults": {"enforce": "baseline", "enforce-version": "v1.30", "warn": "restricted"},
        "exemptions": {"usernames": ["system:admin"], "namespaces": ["kube-system"], "runtimeClasses": ["kata.x"]},
        "namespaceLabels": "honor",
    });
    let mut texts = vec![
        (Form::Settings, format!("{DEFAULTS}namespaceLabels: honor\n")),
        (Form::Template, template(DEFAULTS)),
        (Form::Template, format!("apiVersion: v1\nkind: List\nitems:\n-\n{}", indented(&template(DEFAULTS), 2))),
        (
            Form::Policy,
            format!(
                "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nspec:\n  settings:\n    namespaceLabels: honor\n{}",
                indented(DEFAULTS, 4)
            ),
        ),
    ];
    for version in ["v1", "v1beta1", "v1alpha1"] {
        texts.push((Form::PodSecurityConfiguration, pod_security_configuration(version)));
        for admission_version in [V1, "apiserver.k8s.io/v1alpha1"] {
            let plugins = inline(&pod_security_configuration(version));
            texts.push((Form::AdmissionConfiguration, admission_configuration(admission_version, &plugins)));
        }
    }
    for (form, text) in texts {
        let configuration = valid(&text);
        assert_eq!((json_of(&configuration), configuration.form), (expected.clone(), form), "{text}");
        assert_eq!(configuration.notes, [], "{text}");
    }
}

#[test]
fn a_plugin_names_a_file() {
    let text = admission_configuration(V1, "- {name: PodSecurity, path: sub/psc.yaml}\n");
    let read_with = |file: &str| {
        let mut paths = Vec::new();
        let result = read(Source { name: "f.yaml", text: &text }, None, &mut |path| {
            paths.push(path.to_owned());
            Ok(File { name: "sub/psc.yaml".to_owned(), text: file.to_owned() })
        });
        assert_eq!(paths, ["sub/psc.yaml"]);
        result.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    for version in ["v1", "v1beta1", "v1alpha1"] {
        let configuration = read_with(&pod_security_configuration(version)).unwrap();
        assert_eq!(configuration.settings(), valid(&pod_security_configuration("v1")).settings());
    }
    assert_eq!(json_of(&read_with("").unwrap()), json!({"defaults": {}, "namespaceLabels": "honor"}));
    let errors = |file: &str| read_with(file).unwrap_err();
    assert_eq!(errors("# nothing\n"), ["sub/psc.yaml:1:1: expected a PodSecurityConfiguration"]);
    assert_eq!(errors("level: baseline\n"), ["sub/psc.yaml:1:1: expected a PodSecurityConfiguration with apiVersion and kind"]);
    let other_kind = errors(&template("{}"));
    assert!(other_kind[1].starts_with("sub/psc.yaml:2:7: kind: must be \"PodSecurityConfiguration\", not"), "{other_kind:?}");
    let two = [pod_security_configuration("v1"), pod_security_configuration("v1")].join("---\n");
    assert_eq!(errors(&two), ["sub/psc.yaml:6:1: a second document. Expected one PodSecurityConfiguration"]);
    let unknown = pod_security_configuration("v1") + "namespaceLabels: tighten\n";
    assert_eq!(
        errors(&unknown),
        ["sub/psc.yaml:5:1: unknown field \"namespaceLabels\" (this is a setting of the policy, which Pod Security Admission does not \
             have)"]
    );
    assert_eq!(read_text(&text).unwrap_err(), ["f.yaml:4:29: plugins[0].path: there are no files"]);
}

#[test]
fn the_first_plugin_and_its_configuration_count() {
    let configuration = inline(&pod_security_configuration("v1"));
    let restricted = "- {name: PodSecurity, configuration: {apiVersion: pod-security.admission.config.k8s.io/v1, kind: \
                      PodSecurityConfiguration, defaults: {enforce: restricted}}}\n";
    let other = "- {name: EventRateLimit, path: e\u{1f600}vent.yaml, configuration: ~}\n";
    let both = configuration.replace("- name: PodSecurity\n", "- name: PodSecurity\n  path: ignored.yaml\n");
    for (plugins, expected_notes) in
        [([other, &configuration, restricted].concat(), vec!["note plugins[2]", "note plugins[0]"]), (both, vec!["note plugins[0].path"])]
    {
        let read = valid(&admission_configuration(V1, &plugins));
        assert_eq!(read.settings(), valid(&pod_security_configuration("v1")).settings());
        assert_eq!(notes(&read.convert(Target::Settings, None).unwrap().notes), expected_notes);
    }
    // Other plugins remain in an AdmissionConfiguration, in their order.
    let read = valid(&admission_configuration("apiserver.k8s.io/v1alpha1", &[other, &configuration].concat()));
    let converted = read.convert(Target::AdmissionConfiguration, None).unwrap();
    assert_eq!(converted.notes, []);
    let start = "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n  - {\"configuration\":null,\
                 \"name\":\"EventRateLimit\",\"path\":\"e\\U0001f600vent.yaml\"}\n  - name: PodSecurity\n    configuration:\n";
    assert!(converted.text.starts_with(start), "{}", converted.text);
    let again = valid(&converted.text);
    assert_eq!((again.settings(), &again.plugins), (read.settings(), &read.plugins));
    // With neither a configuration nor a path, Pod Security Admission has its defaults.
    for plugin in ["- {name: PodSecurity}\n", "- {name: PodSecurity, path: \"\", configuration: ~}\n"] {
        let read = valid(&admission_configuration(V1, plugin));
        assert_eq!(json_of(&read), json!({"defaults": {}, "namespaceLabels": "honor"}));
    }
}

const EMPTY: &str = "f.yaml:1:1: the input is empty. Expected the settings of the policy, a ClusterAdmissionPolicy, a \
                     PodSecurityConfiguration, an AdmissionConfiguration or a PodSecurityAdmissionConfigurationTemplate";
const UNRENDERED: &str =
    "f.yaml:1:9: the text is a template that is not rendered (render it, for example with helm template, and pass the output)";

/// The errors of each text, with their positions.
#[test]
fn errors_have_positions() {
    let configuration = |body: &str| format!("apiVersion: pod-security.admission.config.k8s.io/v1\nkind: PodSecurityConfiguration\n{body}");
    let table = [
        (String::new(), vec![EMPTY]),
        ("# nothing\n---\n".to_owned(), vec![EMPTY]),
        ("- a\n".to_owned(), vec!["f.yaml:1:1: expected an object of settings, such as level: restricted"]),
        ("a: [\n".to_owned(), vec!["f.yaml:1:4: the text cannot be parsed: did not find expected node content"]),
        ("level: x\nlevel: baseline\n".to_owned(), vec!["f.yaml:2:1: \"level\" stands here a second time, after line 1"]),
        (
            "{1: a, \"1\": b}\n".to_owned(),
            vec![
                "f.yaml:1:8: \"1\" stands here a second time, after line 1, as another type",
                "f.yaml:1:13: 1: unknown key; known here: level, version, defaults, exemptions, namespaceLabels, labelTypos, existing, workloads, \
                 updates, harden, details, help, apiVersion, kind",
            ],
        ),
        ("level: {{ .Values.level }}\n---\n{{- if .a }}\n".to_owned(), vec![UNRENDERED]),
        ("level: baseline\n---\nlevel: baseline\n".to_owned(), vec!["f.yaml:3:1: a second document. Expected one configuration"]),
        (
            "level: baseline\n---\n".to_owned() + &configuration(""),
            vec!["f.yaml:3:1: a second object: PodSecurityConfiguration. Expected one configuration"],
        ),
        ("level: strict\n".to_owned(), vec!["f.yaml:1:8: level: must be one of privileged, baseline, restricted, not \"strict\""]),
        (
            "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\n".to_owned(),
            vec!["f.yaml:1:1: the policy has no spec.settings"],
        ),
        (
            "apiVersion: management.cattle.io/v2\nkind: PodSecurityAdmissionConfigurationTemplate\nspec: {}\n".to_owned(),
            vec![
                "f.yaml:1:1: there is no PodSecurityAdmissionConfigurationTemplate in \"management.cattle.io/v2\". Expected \
                 management.cattle.io/v3",
                "f.yaml:1:1: the template has no configuration",
                "f.yaml:3:1: unknown field \"spec\" (a template has no spec: description and configuration are fields of the object)",
            ],
        ),
        (
            template("defaults: {enforced: baseline, warn: strict}\nexemptions: {groups: [a], runtimeClassNames: [], namespaces: a}\n"),
            vec![
                "f.yaml:5:14: unknown field \"configuration.defaults.enforced\" (did you mean \"enforce\"?)",
                "f.yaml:5:40: configuration.defaults.warn: must be one of privileged, baseline, restricted, not \"strict\"",
                "f.yaml:6:16: unknown field \"configuration.exemptions.groups\" (this is a setting of the policy, which Pod Security \
                 Admission does not have)",
                "f.yaml:6:29: unknown field \"configuration.exemptions.runtimeClassNames\" (the field is runtimeClasses)",
                "f.yaml:6:64: configuration.exemptions.namespaces: must be an array, not \"a\"",
            ],
        ),
        (
            template(
                "exemptions: {namespaces: [a, a, A, \"\"], usernames: [\"\", b, b], runtimeClasses: [a.b, a.b, a..b]}\ndescription: a\n",
            ),
            vec![
                "f.yaml:5:32: configuration.exemptions.namespaces[1]: \"a\" stands in the list already",
                "f.yaml:5:35: configuration.exemptions.namespaces[2]: must be a name of at most 63 lower-case letters, digits and '-', with \
                 a letter or digit at both ends, not \"A\"",
                "f.yaml:5:38: configuration.exemptions.namespaces[3]: must be a name of at most 63 lower-case letters, digits and '-', with \
                 a letter or digit at both ends, not \"\"",
                "f.yaml:5:55: configuration.exemptions.usernames[0]: must not be empty, not \"\"",
                "f.yaml:5:62: configuration.exemptions.usernames[2]: \"b\" stands in the list already",
                "f.yaml:5:88: configuration.exemptions.runtimeClasses[1]: \"a.b\" stands in the list already",
                "f.yaml:5:93: configuration.exemptions.runtimeClasses[2]: must be a name of at most 253 lower-case letters, digits, '-' and \
                 '.', with a letter or digit at the ends of each part, not \"a..b\"",
                "f.yaml:6:3: unknown field \"configuration.description\" (known here: defaults, exemptions)",
            ],
        ),
        (template("[]"), vec!["f.yaml:5:3: expected an object with defaults and exemptions"]),
        (template("defaults: 5"), vec!["f.yaml:5:13: configuration.defaults: must be an object, not 5"]),
        (
            admission_configuration("v1", " []"),
            vec![
                "f.yaml:1:1: there is no AdmissionConfiguration in \"v1\". Expected apiserver.config.k8s.io/v1 or apiserver.k8s.io/v1alpha1",
                "f.yaml:1:1: no plugin has the name PodSecurity, so Pod Security Admission has its defaults: nothing is rejected, except where \
             labels of namespaces set a level",
            ],
        ),
        (
            admission_configuration(V1, "- {name: PodSecurity, config: {}, path: 5}\n- a\nmetadata: {}\n"),
            vec![
                "f.yaml:4:23: unknown field \"plugins[0].config\" (did you mean \"configuration\"?)",
                "f.yaml:4:41: plugins[0].path: must be a string",
                "f.yaml:5:3: plugins[1]: must be an object",
                "f.yaml:6:1: unknown field \"metadata\" (known here: apiVersion, kind, plugins)",
            ],
        ),
        (admission_configuration(V1, " {}"), vec!["f.yaml:4:2: plugins: must be an array"]),
        (
            admission_configuration(V1, "- {name: PodSecurity, configuration: {defaults: {}}}\n"),
            vec!["f.yaml:4:39: expected a PodSecurityConfiguration with apiVersion and kind"],
        ),
        (
            admission_configuration(V1, "- {name: PodSecurity, configuration: {apiVersion: a/v1, kind: K, level: baseline}}\n"),
            vec![
                "f.yaml:4:51: plugins[0].configuration.apiVersion: must be one of pod-security.admission.config.k8s.io/v1, \
                 pod-security.admission.config.k8s.io/v1beta1, pod-security.admission.config.k8s.io/v1alpha1, not \"a/v1\"",
                "f.yaml:4:63: plugins[0].configuration.kind: must be \"PodSecurityConfiguration\", not \"K\"",
                "f.yaml:4:66: unknown field \"plugins[0].configuration.level\" (this is a setting of the policy, which Pod Security \
                 Admission does not have)",
            ],
        ),
        (
            configuration("defaults: {enforce: x}\nmetadata: {}\n"),
            vec![
                "f.yaml:3:21: defaults.enforce: must be one of privileged, baseline, restricted, not \"x\"",
                "f.yaml:4:11: metadata: unknown key; known here: level, version, defaults, exemptions, namespaceLabels, labelTypos, \
                 existing, workloads, updates, harden, details, help, apiVersion, kind",
            ],
        ),
    ];
    for (text, expected) in table {
        assert_eq!(read_text(&text).unwrap_err(), expected, "{text}");
    }
    let pod = read_text("apiVersion: v1\nkind: Pod\n").unwrap_err();
    assert!(pod.len() == 1 && pod[0].starts_with("f.yaml:1:1: Pod of v1 has no settings. Expected the settings"), "{pod:?}");
}

#[test]
fn one_of_several_templates_is_chosen_by_name() {
    let text = [template("{}").replace("name: t", "name: a"), template(DEFAULTS)].join("---\n");
    let read_named = |name| {
        let result = read(Source { name: "f.yaml", text: &text }, Some(name), &mut no_file);
        result.map_err(|problems| problems.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    assert_eq!(read_named("t").unwrap(), valid(&template(DEFAULTS)));
    assert_eq!(read_named("a").unwrap().name, "a");
    assert_eq!(read_named("b").unwrap_err(), ["f.yaml:1:1: there is no template \"b\"; templates: a, t"]);
    assert_eq!(read_text(&text).unwrap_err(), ["f.yaml:7:1: a second template; templates: a, t. Choose one with --template"]);
}

#[test]
fn other_objects_and_other_restrictions_are_named() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\n---\n";
    assert_eq!(notes(&valid(&[pod, &template(DEFAULTS)].concat()).notes), ["note Pod p"]);
    let policy = |kind: &str, name: &str, spec: &str| {
        format!(
            "apiVersion: policies.kubewarden.io/v1\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{settings: {{level: baseline}}{spec}}}\n"
        )
    };
    let cluster = "ClusterAdmissionPolicy";
    let two = [policy(cluster, "a", ""), policy(cluster, "b", "")].join("---\n");
    assert_eq!(
        read_text(&two).unwrap_err(),
        ["f.yaml:6:1: a second policy; policies: a, b. Expected one of the module pod-security-standards"]
    );
    for (text, expected) in [
        (policy(cluster, "a", ""), vec![]),
        (policy(cluster, "a", ", mode: protect, namespaceSelector: {}, matchConditions: []"), vec![]),
        (policy(cluster, "a", ", mode: monitor"), vec!["stricter spec.mode"]),
        (policy(cluster, "a", ", namespaceSelector: {matchLabels: {a: b}}"), vec!["stricter spec.namespaceSelector"]),
        (policy(cluster, "a", ", matchConditions: [{name: a}]"), vec!["stricter spec.matchConditions"]),
        (policy("AdmissionPolicy", "a", ", objectSelector: {a: {}}"), vec!["stricter kind", "stricter spec.objectSelector"]),
        ([policy(cluster, "a", ", mutating: true"), policy(cluster, "b", "")].join("---\n"), vec!["stricter ClusterAdmissionPolicy a"]),
        (policy(cluster, "a", ", mutating: true"), vec![]),
    ] {
        assert_eq!(notes(&valid(&text).notes), expected, "{text}");
    }
}

/// The manifests for a cluster have policies of other modules, too.
#[test]
fn the_policy_of_this_project_is_found_by_its_module() {
    let policy = |name: &str, module: &str, spec: &str| {
        format!(
            "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata: {{name: {name}}}\nspec:\n  module: \
             {module}\n  mutating: {}\n  settings: {spec}\n",
            name == "mutating"
        )
    };
    let capabilities = policy("c", "registry://ghcr.io/kubewarden/policies/psp-capabilities:v1", "{allowed_capabilities: [A]}");
    let volumes = policy("v", "registry://ghcr.io/kubewarden/policies/pod-security-standards-volumes:v1", "{}");
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: ns}\n";
    let joined = |texts: &[&str]| texts.join("---\n");
    for module in [
        pss_review::MODULE,
        "registry://localhost:5000/a/pod-security-standards:v9.9.9-rc1",
        "ghcr.io/a/pod-security-standards@sha256:0a",
        "https://example.com/pod-security-standards.wasm",
        "file:///pod-security-standards.wasm",
        "pod-security-standards",
    ] {
        let own = policy("own", module, "{level: baseline}");
        let read = valid(&joined(&[&capabilities, &own, &volumes, namespace]));
        assert_eq!((&*read.name, json_of(&read)), ("own", json!({"level": "baseline"})), "{module}");
        let expected = [
            "ClusterAdmissionPolicy c, ClusterAdmissionPolicy v: not a policy of the module pod-security-standards, and not converted",
            "Namespace ns: not a configuration of the standards, and not converted",
        ];
        assert_eq!(read.notes.iter().map(ToString::to_string).collect::<Vec<_>>(), expected);
        let mutating = policy("mutating", module, "{level: restricted, harden: [runAsNonRoot]}");
        let read = valid(&joined(&[&mutating, &own, &capabilities]));
        assert_eq!(
            (&*read.name, notes(&read.notes)),
            ("own", vec!["note ClusterAdmissionPolicy c".to_owned(), "stricter ClusterAdmissionPolicy mutating".to_owned()])
        );
        let other = policy("other", "pod-security-standards", "{level: restricted}");
        assert_eq!(
            read_text(&joined(&[&own, &capabilities, &other])).unwrap_err(),
            ["f.yaml:17:1: a second policy; policies: own, other. Expected one of the module pod-security-standards"]
        );
    }
    // A module can have another name in a registry of one's own, but not among others.
    assert_eq!(valid(&policy("a", "registry://example.com/pss:v1", "{level: baseline}")).name, "a");
    let errors = read_text(&joined(&[&capabilities, &volumes])).unwrap_err();
    assert_eq!(errors, ["f.yaml:9:1: a second policy; policies: c, v. Expected one of the module pod-security-standards"]);
    let many = joined(&[&[namespace; 12].join("---\n"), "level: baseline\n"]);
    let note = valid(&many).notes[0].to_string();
    assert!(note.ends_with("Namespace ns, 2 more: not a configuration of the standards, and not converted"), "{note}");
}

/// Each setting that Pod Security Admission does not have, with the effect of its loss.
#[test]
fn what_pod_security_admission_cannot_express_is_named() {
    for (settings, expected) in [
        ("namespaceLabels: honor", vec![]),
        ("namespaceLabels: honor\nexemptions: {usernames: [a], namespaces: [b], runtimeClassNames: [c]}", vec![]),
        ("namespaceLabels: honor\nworkloads: warn\nupdates: judge\ndetails: false\nlabelTypos: ignore\nharden: []", vec![]),
        ("", vec!["weaker namespaceLabels"]),
        ("namespaceLabels: tighten", vec!["weaker namespaceLabels", "note labelTypos"]),
        ("namespaceLabels: tighten\nlabelTypos: ignore", vec!["weaker namespaceLabels"]),
        ("namespaceLabels: set\nlabelTypos: ignore", vec!["weaker namespaceLabels"]),
        ("namespaceLabels: honor\nworkloads: enforce\nupdates: allow-existing", vec!["weaker workloads", "note updates"]),
        ("namespaceLabels: honor\nexemptions: {groups: [a]}", vec!["stricter exemptions.groups"]),
        ("namespaceLabels: honor\nexemptions: {serviceAccounts: [a/b]}", vec!["stricter exemptions.serviceAccounts"]),
        ("namespaceLabels: honor\nexemptions: {namespacePatterns: [a*]}", vec!["stricter exemptions.namespacePatterns"]),
        ("namespaceLabels: honor\nexemptions: {namespaceSelector: {matchLabels: {a: b}}}", vec!["stricter exemptions.namespaceSelector"]),
        ("namespaceLabels: honor\nexemptions: {checks: [{checks: [hostPorts], reason: r}]}", vec!["stricter exemptions.checks"]),
        ("namespaceLabels: honor\nharden: [runAsNonRoot]", vec!["stricter harden"]),
        ("namespaceLabels: honor\nexisting: workloads", vec!["note existing"]),
        ("namespaceLabels: honor\nexisting: pods\ndetails: true\nlabelTypos: warn", vec!["note labelTypos", "note details"]),
    ] {
        let text = format!("level: restricted\n{settings}\n");
        let read = valid(&text);
        // Another name of the same setting.
        let with_usual_names = valid(&text.replace("runtimeClassNames", "runtimeClasses"));
        for target in [Target::Template, Target::AdmissionConfiguration] {
            let conversion = read.convert(target, None).unwrap();
            assert_eq!(notes(&conversion.notes), expected, "{text}");
            assert_eq!(conversion.is_weaker(), expected.iter().any(|note| note.starts_with("weaker")), "{text}");
            // What changes the verdict of a pod is also in the text.
            let comments = conversion.text.lines().filter(|line| line.starts_with("# ")).count();
            assert_eq!(comments, expected.iter().filter(|note| !note.starts_with("note")).count(), "{}", conversion.text);
        }
        for target in [Target::Settings, Target::Policy] {
            let conversion = read.convert(target, None).unwrap();
            assert_eq!(conversion.notes, []);
            // A text with two policies is read without the mutating one.
            if !conversion.text.contains("\n---\n") {
                assert_eq!(valid(&conversion.text).settings(), with_usual_names.settings(), "{}", conversion.text);
            }
        }
    }
}

#[test]
fn a_template_has_a_name_and_a_description() {
    let described = template(DEFAULTS) + "description: \"a: b\\n\"\n";
    let converted = |text: &str, name| valid(text).convert(Target::Template, name).unwrap();
    let head = |name: &str| format!("metadata:\n  name: {name}\n");
    assert!(converted(&described, None).text.contains(&[&head("t"), "description: \"a: b\\n\"\nconfiguration:\n"].concat()));
    assert!(converted(&described, Some("u")).text.contains(&head("u")));
    assert!(converted("level: baseline\n", None).text.contains(&[&head("pod-security-standards"), "configuration:\n"].concat()));
    assert_eq!(notes(&valid(&described).convert(Target::Policy, None).unwrap().notes), ["note description"]);
    assert!(read_text(&(template(DEFAULTS) + "description: 5\n")).unwrap_err()[0].ends_with("description: must be a string"));
    for (name, expected) in [("a.b-c", true), ("", false), ("A", false), ("a_b", false), ("-a", false), ("a..b", false), ("a/b", false)] {
        assert_eq!(is_template_name(name), expected, "{name}");
    }
}

#[test]
fn comments_tell_the_documentation_s_sample_apart() {
    let template = builtin_template("rancher-restricted", RancherVersion::default(), true).unwrap();
    let comment = "# from the longer sample in Rancher's documentation, and not in its template:";
    for target in [Target::Template, Target::AdmissionConfiguration] {
        let text = template.convert(target, None).unwrap().text;
        let (own, sample) = text.split_once(comment).unwrap();
        assert!(own.trim_end().ends_with("- tigera-operator") && sample.trim_start().starts_with("- calico-apiserver\n"), "{text}");
        assert_eq!(sample.matches("\n").count(), 1 + template.sample.len(), "{text}");
    }
    for target in [Target::Settings, Target::Policy] {
        let text = template.convert(target, None).unwrap().text;
        let line = text.lines().next().unwrap();
        assert!(
            line.starts_with("# exemptions.namespaces from the longer sample") && line.ends_with(&template.sample.join(", ")),
            "{text}"
        );
        assert_eq!(valid(&text).settings(), template.settings());
    }
}
