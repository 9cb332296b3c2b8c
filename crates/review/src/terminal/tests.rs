//! The exact output of kubectl.

use serde_json::{Value, json};

use crate::testing::{evaluate, options, source};
use crate::{Options, Report, Stream, fields, review};

/// The output of kubectl on both streams. Only results are printed to the standard output.
fn printed(manifests: &str, options: &Value) -> String {
    lines(&evaluate(manifests, options))
}

fn lines(report: &Report) -> String {
    report.terminal.iter().fold(String::new(), |printed, line| {
        let is_result = line.text.ends_with(" created") && !line.text.starts_with("Warning: ");
        assert_eq!(line.stream == Stream::Output, is_result, "{line:?}");
        printed + &line.text + "\n"
    })
}

fn restricted() -> Value {
    json!({"settings": {"level": "restricted"}})
}

const WALK_THROUGH: &str = include_str!("../../../../docs/walk-through.md");
const BEYOND_BUILT_IN: &str = include_str!("../../../../docs/beyond-built-in.md");

/// The code block of a page with a mark.
fn block(page: &'static str, mark: &str) -> &'static str {
    let (_, block) = page.split_once(&format!(" test: {mark}\n")).unwrap_or_else(|| panic!("{mark}"));
    block.split("```").next().unwrap()
}

/// The output that the walk-through gives for the manifest of the block with a mark.
fn prints(mark: &str) -> &'static str {
    let (_, rest) = WALK_THROUGH.split_once(&format!(" test: {mark}\n")).unwrap();
    block(rest, "prints")
}

#[test]
fn prints_the_output_of_the_walk_through() {
    let settings: Value = serde_norway::from_str("{defaults: {enforce: privileged}, namespaceLabels: honor}").unwrap();
    let options = json!({"settings": settings, "admission": "kubewarden"});
    let namespace = block(WALK_THROUGH, "apply namespace.yaml");
    assert_eq!(printed(namespace, &options), prints("apply namespace.yaml"));
    let both = format!("{namespace}---\n{}", block(WALK_THROUGH, "apply deployment.yaml"));
    assert_eq!(printed(&both, &options), prints("apply namespace.yaml").to_owned() + prints("apply deployment.yaml"));
    let fixed = format!("{namespace}---\n{}", block(WALK_THROUGH, "apply fixed.yaml --dry-run=server"));
    assert_eq!(printed(&fixed, &options), "namespace/words created\ndeployment.apps/reversewords created\n");
    // The page uses another name for the file.
    let enforced = json!({"settings": {"level": "restricted", "version": "v1.25", "workloads": "enforce"}, "admission": "kubewarden"});
    let rejection = printed(block(BEYOND_BUILT_IN, "file deployment.yaml"), &enforced).replace("manifest.yaml", "deployment.yaml");
    assert_eq!(rejection, block(BEYOND_BUILT_IN, "rejects deployment.yaml"));
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {hostPID: true, containers: [{name: web}]}\n";
const FORBIDDEN: &str = "is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)";

#[test]
fn prints_rejections_of_the_api_server_and_of_a_webhook() {
    let table = [
        ("builtIn", "Error from server (Forbidden): error when creating \"manifest.yaml\": pods \"web\" "),
        (
            "kubewarden",
            "Error from server: error when creating \"manifest.yaml\": admission webhook \
             \"clusterwide-pod-security-standards.kubewarden.admission\" denied the request: pods \"web\" ",
        ),
    ];
    for (admission, start) in table {
        let options = json!({"settings": {"level": "baseline"}, "admission": admission});
        assert_eq!(printed(POD, &options), format!("{start}{FORBIDDEN}\n"));
    }
}

#[test]
fn prints_errors_of_namespaces_with_invalid_labels() {
    let namespace = |labels: &str| format!("apiVersion: v1\nkind: Namespace\nmetadata: {{name: a, labels: {{{labels}}}}}\n");
    let (enforce, warn) = ("pod-security.kubernetes.io/enforce: hard", "pod-security.kubernetes.io/warn: \"\"");
    let [enforce_error, warn_error] = [("enforce", "hard"), ("warn", "")].map(|(mode, value)| {
        format!("metadata.labels[pod-security.kubernetes.io/{mode}]: Invalid value: \"{value}\": must be one of privileged, baseline, restricted")
    });
    let several = format!("{enforce}, {warn}");
    let options = |admission: &str| json!({"settings": {"defaults": {}, "namespaceLabels": "honor"}, "admission": admission});
    let start = "error when creating \"manifest.yaml\":";
    let webhook = "admission webhook \"clusterwide-pod-security-standards.kubewarden.admission\" denied the request:";
    for (admission, text, expected) in [
        ("builtIn", namespace(enforce), format!("The Namespace \"a\" is invalid: {enforce_error}\n")),
        // Each error is on its own line, and the first line ends with a space.
        ("builtIn", namespace(&several), format!("The Namespace \"a\" is invalid: \n* {enforce_error}\n* {warn_error}\n")),
        (
            "builtIn",
            format!("{}---\n{}", namespace(enforce), namespace(&several)),
            format!(
                "Error from server (Invalid): {start} Namespace \"a\" is invalid: {enforce_error}\nError from server (Invalid): {start} \
                 Namespace \"a\" is invalid: [{enforce_error}, {warn_error}]\n"
            ),
        ),
        ("kubewarden", namespace(enforce), format!("Error from server: {start} {webhook} Namespace \"a\" is invalid: {enforce_error}\n")),
    ] {
        assert_eq!(printed(&text, &options(admission)), expected);
    }
}

#[test]
fn prints_equal_warnings_once_and_truncates_long_ones() {
    let deployment = |name: &str, containers: usize| {
        let containers: Vec<String> =
            (0..containers).map(|index| format!("{{name: container-{index:03}, securityContext: {{privileged: true}}}}")).collect();
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: {name}}}\nspec: {{template: {{spec: {{containers: [{}]}}}}}}\n",
            containers.join(", ")
        )
    };
    let options = json!({"settings": {"level": "baseline"}});
    let warning = "Warning: would violate PodSecurity \"baseline:latest\": privileged (container \"container-000\" must not set \
                   securityContext.privileged=true)\n";
    let text = format!("{}---\n{}", deployment("a", 1), deployment("b", 1));
    assert_eq!(printed(&text, &options), format!("{warning}deployment.apps/a created\ndeployment.apps/b created\n"));

    // If all warnings have more than 4096 characters, the API server truncates each to 256.
    for (containers, is_truncated) in [(200, false), (250, true)] {
        let printed = printed(&deployment("a", containers), &options);
        let warning = printed.lines().next().unwrap().strip_prefix("Warning: ").unwrap();
        let end = if is_truncated { "\"container-010\"" } else { "securityContext.privileged=true)" };
        assert_eq!((warning.len() == 256, warning.ends_with(end)), (is_truncated, !is_truncated), "{warning}");
        assert!(is_truncated || warning.len() > 3_000, "{}", warning.len());
    }
}

#[test]
fn prints_the_warnings_of_an_api_server_before_those_of_validating_admission() {
    let annotation = "metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/c: unconfined}}";
    let deployment = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: a}}\nspec: {{selector: {{}}, template: {{{annotation}, spec: {{hostPID: true, \
         containers: [{{name: c, securityContext: {{allowPrivilegeEscalation: true}}}}]}}}}}}\n"
    );
    let own = "Warning: spec.template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the \
               \"appArmorProfile\" field instead\n";
    let violation = "Warning: would violate PodSecurity \"baseline:latest\": ";
    let created = "deployment.apps/a created\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostPID: true, terminationGracePeriodSeconds: -1, containers: [{name: \
               c, image: i}]}\n";
    let negative = "Warning: spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1\n";
    let hardening = json!({"level": "baseline", "namespaceLabels": "tighten", "harden": ["allowPrivilegeEscalation"]});
    let table = [
        (&*deployment, json!({"level": "baseline"}), "builtIn", vec![own, violation, created]),
        // A rejected pod has been validated before.
        (pod, json!({"level": "baseline"}), "builtIn", vec![negative, "Error from server (Forbidden)"]),
        (pod, json!({"level": "baseline"}), "kubewarden", vec![negative, "Error from server: "]),
        // A mutating policy is called before the object is validated.
        (pod, hardening.clone(), "kubewarden", vec!["Error from server: "]),
        (&*deployment, hardening.clone(), "kubewarden", vec![violation, own, created]),
    ];
    for (text, settings, admission, expected) in table {
        let options = options(&json!({"settings": settings, "admission": admission}));
        let printed = lines(&review(&[source(text)], &Options { schema: Some(fields::kubernetes()), ..options }));
        let mut rest = printed.as_str();
        for start in expected {
            assert!(rest.starts_with(start), "{settings} {admission}: {printed}");
            rest = rest.split_once('\n').map_or("", |(_, rest)| rest);
        }
        assert_eq!(rest, "", "{printed}");
    }
}

#[test]
fn prints_names_with_line_ends_and_omits_warnings_with_them() {
    let deployment = |name: &str, capability: &str| {
        format!(
            "{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: \"{name}\"}}, spec: {{template: {{spec: {{containers: [{{name: c, \
             securityContext: {{capabilities: {{add: [\"{capability}\"]}}}}}}]}}}}}}}}\n"
        )
    };
    let warning = "Warning: would violate PodSecurity \"baseline:latest\": non-default capabilities (container \"c\" must not include \"A\" in \
                   securityContext.capabilities.add)\n";
    let generated = "apiVersion: v1\nkind: Pod\nmetadata: {generateName: \"a\\rb\"}\n";
    let table = [
        ("apiVersion: v1\nkind: Namespace\nmetadata:\n  name: a\n\n    b\n".to_owned(), "namespace/a\nb created\n".to_owned()),
        (deployment(r"a\r\nb\rc\n\nd", "CHOWN"), "deployment.apps/a\nb\nc\n\nd created\n".to_owned()),
        (generated.to_owned(), "error: from a\nb: cannot use generate name with apply\n".to_owned()),
        (deployment("a", "A"), format!("{warning}deployment.apps/a created\n")),
        (deployment("a", r"A\nB"), "deployment.apps/a created\n".to_owned()),
        (deployment("a", r"A\u0085"), "deployment.apps/a created\n".to_owned()),
    ];
    for (text, expected) in table {
        let report = evaluate(&text, &json!({"settings": {"level": "baseline"}}));
        let printed: String = report.terminal.iter().map(|line| line.text.clone() + "\n").collect();
        assert_eq!((printed, report.terminal.iter().all(|line| !line.text.contains(['\n', '\r']))), (expected, true), "\n{text}");
    }
}

#[test]
fn prints_syntax_errors_and_unknown_kinds() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: s}\n";
    let created = "service/s created\n";
    let validating = |error: &str| {
        format!(
            "error: error validating \"manifest.yaml\": error validating data: {error}; if you choose to ignore these errors, turn validation \
             off with --validate=false\n"
        )
    };
    let unknown = |name: &str, kind: &str, version: &str| {
        format!(
            "resource mapping not found for name: \"{name}\" namespace: \"\" from \"manifest.yaml\": no matches for kind \"{kind}\" in version \
             \"{version}\"\nensure CRDs are installed first\n"
        )
    };
    let deployment = |name: &str| format!("apiVersion: v1\nkind: Deployment\nmetadata: {{name: {name}}}\n");
    let pod = format!("Error from server (Forbidden): error when creating \"manifest.yaml\": pods \"web\" {FORBIDDEN}\n");
    let definition = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: certs.x.io}\nspec: {group: x.io, names: {kind: Cert}}\n";
    let custom = "apiVersion: x.io/v1\nkind: Cert\nmetadata: {name: c}\n";
    let parsing = "error: error parsing manifest.yaml: error converting YAML to JSON: yaml: ";
    let join = |documents: &[&str]| documents.join("---\n");
    let table = [
        // No document, and only empty ones.
        (String::new(), "error: no objects passed to apply\n".to_owned()),
        ("---\n---\n# nothing\n".to_owned(), "error: no objects passed to apply\n".to_owned()),
        ("apiVersion: v1\nkind: List\nitems: []\n".to_owned(), "error: no objects passed to apply\n".to_owned()),
        // kubectl does not read the rest of the file, and applies the documents before the error.
        (join(&[service, "a: [1\n", POD]), format!("{created}{parsing}line 1: did not find expected ',' or ']'\n")),
        (join(&[service, "a: b: c\n", POD]), format!("{created}{parsing}mapping values are not allowed in this context\n")),
        (join(&[service, "a: 1\nb: c: d\n", POD]), format!("{created}{parsing}line 2: mapping values are not allowed in this context\n")),
        (join(&[service, "a: *b\n"]), format!("{created}{parsing}unknown anchor 'b' referenced\n")),
        (join(&[service, "name: a\n", POD]), created.to_owned() + &validating("[apiVersion not set, kind not set]")),
        ("apiVersion: v1\n".to_owned(), validating("kind not set")),
        ("kind: Pod\n".to_owned(), validating("apiVersion not set")),
        ("kind: 1\napiVersion: null\n".to_owned(), validating("[apiVersion not set, kind isn't string type]")),
        ("- a\n".to_owned(), validating("invalid object to validate")),
        ("text\n".to_owned(), validating("invalid object to validate")),
        // Other objects are applied despite an object of an unknown kind.
        (join(&[&deployment("a"), service]), format!("{created}error: {}", unknown("a", "Deployment", "v1"))),
        (
            join(&[&deployment("a"), service, &deployment("b")]),
            format!("{created}{}{}", unknown("a", "Deployment", "v1"), unknown("b", "Deployment", "v1")),
        ),
        // Kinds are resolved before the first object is created, so their errors are printed first.
        (join(&[POD, &deployment("a")]), unknown("a", "Deployment", "v1") + &pod),
        (
            join(&[POD, &deployment("a"), POD, &deployment("b")]),
            format!(
                "[{}, {}]\n{pod}{pod}",
                unknown("a", "Deployment", "v1").trim_end(),
                unknown("b", "Deployment", "v1").trim_end()
            ),
        ),
        (join(&[POD, POD]), format!("{pod}{pod}")),
        (
            join(&["kind: List\napiVersion: v1\nitems: [{kind: Deployment, apiVersion: v1}]\n", service]),
            format!("{created}unable to recognize no matches for kind \"Deployment\" in version \"v1\"\n"),
        ),
        // So the kind of a custom resource in the same file as its definition is unknown.
        (custom.to_owned(), "cert.x.io/c created\n".to_owned()),
        (
            join(&[definition, custom]),
            format!("customresourcedefinition.apiextensions.k8s.io/certs.x.io created\nerror: {}", unknown("c", "Cert", "x.io/v1")),
        ),
        // Objects without a name.
        (
            "apiVersion: v1\nkind: Pod\nmetadata: {generateName: web-}\n".to_owned(),
            "error: from web-: cannot use generate name with apply\n".to_owned(),
        ),
        (
            "apiVersion: apps/v1\nkind: StatefulSet\n".to_owned(),
            "error: error when retrieving current configuration of:\nResource: \"apps/v1, Resource=statefulsets\", GroupVersionKind: \"apps/v1, \
             Kind=StatefulSet\"\nName: \"\", Namespace: \"default\"\nfrom server for: \"manifest.yaml\": resource name may not be empty\n"
                .to_owned(),
        ),
        (
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {namespace: a}\n".to_owned(),
            "error: error when retrieving current configuration of:\nResource: \"networking.k8s.io/v1, Resource=networkpolicies\", \
             GroupVersionKind: \"networking.k8s.io/v1, Kind=NetworkPolicy\"\nName: \"\", Namespace: \"a\"\nfrom server for: \"manifest.yaml\": \
             resource name may not be empty\n"
                .to_owned(),
        ),
    ];
    for (text, expected) in table {
        assert_eq!(printed(&text, &json!({"settings": {"level": "baseline"}})), expected, "\n{text}");
    }
}

#[test]
fn prints_a_bad_request_for_a_value_of_the_wrong_type() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {template: {spec: {hostPID: 1}}}\n";
    assert_eq!(
        printed(text, &restricted()),
        "Error from server (BadRequest): error when creating \"manifest.yaml\": Deployment in version \"v1\" cannot be handled as a Deployment: \
         spec.template.spec.hostPID: must be true or false, not 1\n"
    );
}

#[test]
fn prints_nothing_for_documents_that_exceed_a_limit() {
    assert_eq!(printed(&" ".repeat(pss_manifest::Limits::default().bytes + 1), &restricted()), "");
    assert_eq!(printed(&"[".repeat(2_000), &restricted()), "");
}

/// Texts, each with the output of kubectl 1.37.1 that applies it to an API server which creates every object of a kind that it has.
const KUBECTL: &str = include_str!("kubectl-1.37.jsonl");

#[derive(serde::Deserialize)]
struct Recording {
    text: String,
    output: String,
}

#[test]
fn prints_what_kubectl_prints() {
    let mut failures = String::new();
    let options = Options { schema: Some(fields::kubernetes()), ..options(&json!({"settings": {"level": "baseline"}})) };
    for line in KUBECTL.lines() {
        let Recording { text, output } = serde_json::from_str(line).unwrap();
        let actual = lines(&review(&[source(&text)], &options));
        if actual != output {
            failures += &format!("{text:?}\n  actual   {actual:?}\n  expected {output:?}\n");
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn prints_deep_and_large_values_in_bounded_space() {
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    for text in [
        format!("? {}\n: v\n", nested(900)),
        format!("~: {}\n", nested(900)),
        format!("kind: ''\napiVersion: v1\na: {}\n", nested(900)),
        format!("kind: ''\napiVersion: v1\na: {}\n", nested(900)),
        format!("? [{}]\n: v\n", "abc, ".repeat(100_000)),
    ] {
        let printed = printed(&text, &restricted());
        assert!(printed.starts_with("error: ") && printed.len() < 10_000, "{}", printed.len());
    }
}
