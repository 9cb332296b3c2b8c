//! Fixes of errors about fields: tables of the error, and of the text before and after its fix.

use super::errors;
use crate::fixes::apply;
use crate::schema::SchemaErrorKind;

const POD: &str = "apiVersion: v1\nkind: Pod\n";
const DEPLOYMENT: &str = "apiVersion: apps/v1\nkind: Deployment\n";

/// The text before a fix, the message of the error, and the title of the fix with the text after it.
type Case<'t> = (&'t str, &'t str, Option<(&'t str, &'t str)>);

/// Asserts the message of the first error, the title of its fix, and the text after the fix without the part before `head`.
fn assert_fixes(head: &str, cases: &[Case<'_>]) {
    for (before, message, fixed) in cases {
        let text = format!("{head}{before}");
        let found = errors(&text);
        let error = found.iter().find(|error| error.message == *message).unwrap_or_else(|| panic!("{before}: {found:#?}"));
        let after = error.fix.as_ref().map(|fix| (fix.title.clone(), apply(&text, fix.edits.iter().collect())));
        let expected = fixed.map(|(title, after)| (title.to_owned(), format!("{head}{after}")));
        assert_eq!(after, expected, "{before}");
        if let Some((_, after)) = after {
            assert_eq!(errors(&after).len(), found.len() - 1, "{after}");
        }
    }
}

#[test]
fn wrong_types_have_the_message_of_kubernetes_and_a_fix() {
    const QUOTE: &str = "Put the value in quotes";
    const UNQUOTE: &str = "Remove the quotes";
    const LIST: &str = "Make it a list";
    const ELEMENT: &str = "Replace the list with its element";
    assert_fixes(
        DEPLOYMENT,
        &[
            (
                "metadata:\n  annotations:\n    prometheus.io/scrape: true # yes\n    b: c\n",
                "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.annotations of type string",
                Some((QUOTE, "metadata:\n  annotations:\n    prometheus.io/scrape: \"true\" # yes\n    b: c\n")),
            ),
            (
                "metadata: {annotations: {a: 1.50, b: c}}\n",
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.annotations of type string",
                Some((QUOTE, "metadata: {annotations: {a: \"1.50\", b: c}}\n")),
            ),
            (
                "metadata:\n  labels:\n    version: 1\n",
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
                Some((QUOTE, "metadata:\n  labels:\n    version: \"1\"\n")),
            ),
            (
                "metadata:\n  labels:\n    debug: yes\n",
                "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string",
                Some((QUOTE, "metadata:\n  labels:\n    debug: \"yes\"\n")),
            ),
            (
                "metadata:\n  labels: [a]\n",
                "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string",
                None,
            ),
            (
                "metadata:\n  labels:\n  - app: web\n    tier: \"1\"\n",
                "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string",
                Some((ELEMENT, "metadata:\n  labels:\n    app: web\n    tier: \"1\"\n")),
            ),
            (
                "metadata:\n  labels: app\n",
                "json: cannot unmarshal string into Go struct field ObjectMeta.metadata.labels of type map[string]string",
                None,
            ),
            (
                "metadata:\n  name: 12\n",
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string",
                Some((QUOTE, "metadata:\n  name: \"12\"\n")),
            ),
            (
                "metadata:\n  namespace: 2024-01\n  name: 0x10\n",
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string",
                Some((QUOTE, "metadata:\n  namespace: 2024-01\n  name: \"0x10\"\n")),
            ),
            (
                "metadata:\n  finalizers: example.com/a\n",
                "json: cannot unmarshal string into Go struct field ObjectMeta.metadata.finalizers of type []string",
                Some((LIST, "metadata:\n  finalizers: [example.com/a]\n")),
            ),
            (
                "spec:\n  replicas: '2'\n",
                "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
                Some((UNQUOTE, "spec:\n  replicas: 2\n")),
            ),
            (
                "spec:\n  replicas: two\n",
                "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
                None,
            ),
            (
                "spec:\n  replicas: true\n",
                "json: cannot unmarshal bool into Go struct field DeploymentSpec.spec.replicas of type int32",
                None,
            ),
            (
                "spec:\n  replicas: 1.5\n",
                "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
                None,
            ),
            (
                "spec:\n  replicas: \"5000000000\"\n",
                "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
                None,
            ),
            (
                "spec:\n  paused: \"true\"\n",
                "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool",
                Some(("Set true", "spec:\n  paused: true\n")),
            ),
            ("spec:\n  paused: 1\n", "json: cannot unmarshal number into Go struct field DeploymentSpec.spec.paused of type bool", None),
            (
                "spec:\n  strategy: Recreate\n",
                "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.strategy of type v1.DeploymentStrategy",
                None,
            ),
            (
                "spec:\n  selector:\n  - matchLabels: {app: web}\n",
                "json: cannot unmarshal array into Go struct field DeploymentSpec.spec.selector of type v1.LabelSelector",
                Some((ELEMENT, "spec:\n  selector:\n    matchLabels: {app: web}\n")),
            ),
        ],
    );
    assert_fixes(
        POD,
        &[
            (
                "spec:\n  restartPolicy: no\n",
                "json: cannot unmarshal bool into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
                Some(("Set Never", "spec:\n  restartPolicy: Never\n")),
            ),
            (
                "spec:\n  restartPolicy: 1\n",
                "json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
                None,
            ),
            (
                "spec:\n  containers:\n  - imagePullPolicy: yes\n",
                "json: cannot unmarshal bool into Go struct field Container.spec.containers.imagePullPolicy of type v1.PullPolicy",
                Some(("Set Always", "spec:\n  containers:\n  - imagePullPolicy: Always\n")),
            ),
            (
                "spec:\n  dnsPolicy: no\n",
                "json: cannot unmarshal bool into Go struct field PodSpec.spec.dnsPolicy of type v1.DNSPolicy",
                None,
            ),
            (
                "spec:\n  containers:\n  - env:\n    - name: PORT\n      value: 8080\n",
                "json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string",
                Some((QUOTE, "spec:\n  containers:\n  - env:\n    - name: PORT\n      value: \"8080\"\n")),
            ),
            (
                "spec:\n  containers:\n  - env:\n      PORT: a\n",
                "json: cannot unmarshal object into Go struct field Container.spec.containers.env of type []v1.EnvVar",
                None,
            ),
            (
                "spec:\n  containers:\n  - args: [--port, 80]\n",
                "json: cannot unmarshal number into Go struct field Container.spec.containers.args of type string",
                Some((QUOTE, "spec:\n  containers:\n  - args: [--port, \"80\"]\n")),
            ),
            (
                "spec:\n  containers:\n  - args:\n    - --port\n    - 80\n",
                "json: cannot unmarshal number into Go struct field Container.spec.containers.args of type string",
                Some((QUOTE, "spec:\n  containers:\n  - args:\n    - --port\n    - \"80\"\n")),
            ),
            (
                "spec:\n  containers:\n  - command: sh\n",
                "json: cannot unmarshal string into Go struct field Container.spec.containers.command of type []string",
                Some((LIST, "spec:\n  containers:\n  - command: [sh]\n")),
            ),
            (
                "spec:\n  containers:\n  - command: sh -c true\n",
                "json: cannot unmarshal string into Go struct field Container.spec.containers.command of type []string",
                None,
            ),
            (
                "spec:\n  containers:\n  - args: 80\n",
                "json: cannot unmarshal number into Go struct field Container.spec.containers.args of type []string",
                Some((LIST, "spec:\n  containers:\n  - args: [\"80\"]\n")),
            ),
            (
                "spec:\n  containers:\n  - command:\n    - sh\n    - [-c]\n",
                "json: cannot unmarshal array into Go struct field Container.spec.containers.command of type string",
                None,
            ),
            (
                "spec:\n  containers:\n  - ports:\n    - containerPort: \"80\"\n",
                "json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
                Some((UNQUOTE, "spec:\n  containers:\n  - ports:\n    - containerPort: 80\n")),
            ),
            (
                "spec:\n  containers:\n  - name: a\n    ports:\n      containerPort: 80\n      # The name.\n      name: http\n",
                "json: cannot unmarshal object into Go struct field Container.spec.containers.ports of type []v1.ContainerPort",
                Some((
                    LIST,
                    "spec:\n  containers:\n  - name: a\n    ports:\n      - containerPort: 80\n        # The name.\n        name: http\n",
                )),
            ),
            (
                "spec:\n  containers:\n  - ports: [80]\n",
                "json: cannot unmarshal number into Go struct field Container.spec.containers.ports of type v1.ContainerPort",
                None,
            ),
            (
                "spec:\n  containers: {name: a, image: b}\n",
                "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
                Some((LIST, "spec:\n  containers: [{name: a, image: b}]\n")),
            ),
            (
                "spec:\n  containers:\n  - resources: {limits: {cpu: {a: b}}}\n",
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
                None,
            ),
            (
                "spec:\n  containers:\n  - resources: {limits: {memory: 1GB}}\n",
                "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
                None,
            ),
            (
                "spec:\n  securityContext:\n  - runAsNonRoot: true\n",
                "json: cannot unmarshal array into Go struct field PodSpec.spec.securityContext of type v1.PodSecurityContext",
                Some((ELEMENT, "spec:\n  securityContext:\n    runAsNonRoot: true\n")),
            ),
            (
                "spec:\n  securityContext: [{runAsNonRoot: true}]\n",
                "json: cannot unmarshal array into Go struct field PodSpec.spec.securityContext of type v1.PodSecurityContext",
                Some((ELEMENT, "spec:\n  securityContext: {runAsNonRoot: true}\n")),
            ),
            (
                "spec:\n  securityContext: {supplementalGroups: 1000}\n",
                "json: cannot unmarshal number into Go struct field PodSecurityContext.spec.securityContext.supplementalGroups of type []int64",
                Some((LIST, "spec:\n  securityContext: {supplementalGroups: [1000]}\n")),
            ),
            (
                "spec:\n  volumes:\n  - name: a\n    secret: {defaultMode: '0400'}\n",
                "json: cannot unmarshal string into Go struct field SecretVolumeSource.spec.volumes.secret.defaultMode of type int32",
                Some((UNQUOTE, "spec:\n  volumes:\n  - name: a\n    secret: {defaultMode: 0400}\n")),
            ),
            (
                "spec:\n  hostNetwork: 'yes'\n",
                "json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool",
                Some(("Set true", "spec:\n  hostNetwork: true\n")),
            ),
            // A shared value has other types elsewhere.
            (
                "metadata:\n  labels: {a: &port 80}\nspec: {priority: *port}\n",
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
                None,
            ),
            (
                "metadata:\n  labels: {a: !!int 80}\n",
                "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string",
                None,
            ),
        ],
    );
    assert_fixes(
        "",
        &[
            (
                "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {\"restartPolicy\": false}}",
                "json: cannot unmarshal bool into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
                Some(("Set Never", "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {\"restartPolicy\": \"Never\"}}")),
            ),
            (
                "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {\"priority\": \"010\"}}",
                "json: cannot unmarshal string into Go struct field PodSpec.spec.priority of type int32",
                None,
            ),
            (
                "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"spec\": {\"externalIPs\": \"10.0.0.1\"}}",
                "json: cannot unmarshal string into Go struct field ServiceSpec.spec.externalIPs of type []string",
                Some((LIST, "{\"apiVersion\": \"v1\", \"kind\": \"Service\", \"spec\": {\"externalIPs\": [\"10.0.0.1\"]}}")),
            ),
        ],
    );
}

#[test]
fn misspelt_fields_are_renamed() {
    assert_fixes(
        POD,
        &[
            (
                "spec:\n  hostnetwork: true # c\n",
                "unknown field \"spec.hostnetwork\"",
                Some(("Rename hostnetwork to hostNetwork", "spec:\n  hostNetwork: true # c\n")),
            ),
            (
                "spec: {\"securitycontext\": {runAsNonRoot: true}}\n",
                "unknown field \"spec.securitycontext\"",
                Some(("Rename securitycontext to securityContext", "spec: {\"securityContext\": {runAsNonRoot: true}}\n")),
            ),
            (
                "spec:\n  'nodename' : a\n",
                "unknown field \"spec.nodename\"",
                Some(("Rename nodename to nodeName", "spec:\n  'nodeName' : a\n")),
            ),
            // The value has the wrong type for the right field.
            ("spec:\n  hostnetwork: a\n", "unknown field \"spec.hostnetwork\"", None),
            ("spec:\n  securitycontext: {foo: 1}\n", "unknown field \"spec.securitycontext\"", None),
            // The right field exists.
            ("spec:\n  hostNetwork: false\n  hostnetwork: true\n", "unknown field \"spec.hostnetwork\"", None),
            (
                "spec:\n  hostNetwork: true\n  hostnetwork: true\n",
                "unknown field \"spec.hostnetwork\"",
                Some(("Remove hostnetwork", "spec:\n  hostNetwork: true\n")),
            ),
            // A shared field would be renamed elsewhere.
            ("metadata: &m {hostnetwork: true}\nspec: {<<: *m}\n", "unknown field \"spec.hostnetwork\"", None),
            // The second entry replaces the first, which remains without it.
            ("spec:\n  hostnetwork: true\n  hostnetwork: true\n", "unknown field \"spec.hostnetwork\"", None),
        ],
    );
}

#[test]
fn misplaced_fields_are_moved() {
    const CAPABILITIES: &str = "unknown field \"spec.securityContext.capabilities\"";
    assert_fixes(
        POD,
        &[
            (
                "spec:\n  securityContext:\n    runAsNonRoot: true\n    capabilities:\n      drop:\n      - ALL # c\n  containers:\n  - name: web\n    \
                 image: a\n  - name: log\n    securityContext:\n      privileged: false\n",
                CAPABILITIES,
                Some((
                    "Move capabilities to securityContext of containers web, log",
                    "spec:\n  securityContext:\n    runAsNonRoot: true\n  containers:\n  - name: web\n    image: a\n    securityContext:\n      \
                     capabilities:\n        drop:\n        - ALL # c\n  - name: log\n    securityContext:\n      privileged: false\n      \
                     capabilities:\n        drop:\n        - ALL # c\n",
                )),
            ),
            (
                "spec:\n  securityContext: {capabilities: {drop: [ALL]}}\n  initContainers:\n  - name: init\n  containers:\n  - name: web\n    \
                 securityContext: {capabilities: {drop: [ALL]}}\n",
                CAPABILITIES,
                Some((
                    "Move capabilities to securityContext of container init",
                    "spec:\n  initContainers:\n  - name: init\n    securityContext:\n      capabilities: {drop: [ALL]}\n  containers:\n  - name: \
                     web\n    securityContext: {capabilities: {drop: [ALL]}}\n",
                )),
            ),
            // Each container has it.
            (
                "spec:\n  securityContext:\n    runAsUser: 1\n    capabilities: {drop: [ALL]}\n  containers:\n  - securityContext: {capabilities: \
                 {drop: [ALL]}}\n",
                CAPABILITIES,
                Some((
                    "Remove capabilities",
                    "spec:\n  securityContext:\n    runAsUser: 1\n  containers:\n  - securityContext: {capabilities: {drop: [ALL]}}\n",
                )),
            ),
            (
                "spec:\n  securityContext: {capabilities: {drop: [NET_RAW]}}\n  containers:\n  - securityContext: {capabilities: {drop: [ALL]}}\n",
                CAPABILITIES,
                None,
            ),
            // Several containers do not get a privilege, and a pod without containers has no place.
            ("spec:\n  securityContext: {capabilities: {add: [A]}}\n  containers: [{name: a}, {name: b}]\n", CAPABILITIES, None),
            ("spec:\n  securityContext: {privileged: true}\n", "unknown field \"spec.securityContext.privileged\"", None),
            (
                "spec:\n  privileged: true\n  containers:\n    - name: a\n",
                "unknown field \"spec.privileged\"",
                Some((
                    "Move privileged to securityContext of container a",
                    "spec:\n  containers:\n    - name: a\n      securityContext:\n        privileged: true\n",
                )),
            ),
            (
                "spec:\n  runAsNonRoot: true # c\n  containers: []\n",
                "unknown field \"spec.runAsNonRoot\"",
                Some((
                    "Move runAsNonRoot to spec.securityContext",
                    "spec:\n  securityContext:\n    runAsNonRoot: true # c\n  containers: []\n",
                )),
            ),
            (
                "spec:\n  securityContext:\n    runAsUser: 1\n  runAsNonRoot: true\n",
                "unknown field \"spec.runAsNonRoot\"",
                Some((
                    "Move runAsNonRoot to spec.securityContext",
                    "spec:\n  securityContext:\n    runAsUser: 1\n    runAsNonRoot: true\n",
                )),
            ),
            (
                "spec:\n  containers:\n  - name: a\n    securityContext:\n      drop: [ALL]\n",
                "unknown field \"spec.containers[0].securityContext.drop\"",
                Some((
                    "Move drop to spec.containers[0].securityContext.capabilities",
                    "spec:\n  containers:\n  - name: a\n    securityContext:\n      capabilities:\n        drop: [ALL]\n",
                )),
            ),
            (
                "spec:\n  containers:\n  - name: a\n    securityContext: {drop: [ALL]}\n",
                "unknown field \"spec.containers[0].securityContext.drop\"",
                Some((
                    "Move drop to spec.containers[0].securityContext.capabilities",
                    "spec:\n  containers:\n  - name: a\n    securityContext: {capabilities: {drop: [ALL]}}\n",
                )),
            ),
            (
                "spec:\n  containers:\n  - hostPID: true\n    name: a\n",
                "unknown field \"spec.containers[0].hostPID\"",
                Some(("Move hostPID to spec", "spec:\n  hostPID: true\n  containers:\n  - name: a\n")),
            ),
            // Comment lines remain where they are.
            (
                "spec:\n  securityContext:\n    capabilities:\n      # All.\n      drop: [ALL]\n  containers: [{name: a}]\n",
                CAPABILITIES,
                None,
            ),
            ("spec:\n  securityContext:\n    capabilities: &c {drop: [ALL]}\n  containers: [{name: a, x: *c}]\n", CAPABILITIES, None),
        ],
    );
    assert_fixes(
        "",
        &[(
            "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\",\n  \"spec\": {\n    \"securityContext\": {\n      \"runAsUser\": 1,\n      \
             \"capabilities\": {\n        \"drop\": [\"ALL\"]\n      }\n    },\n    \"containers\": [\n      {\n        \"name\": \"a\"\n      }\n    ]\n  }\n}\n",
            CAPABILITIES,
            Some((
                "Move capabilities to securityContext of container a",
                "{\n  \"apiVersion\": \"v1\",\n  \"kind\": \"Pod\",\n  \"spec\": {\n    \"securityContext\": {\n      \"runAsUser\": 1\n    },\n    \
                 \"containers\": [\n      {\n        \"name\": \"a\",\n        \"securityContext\": {\n          \"capabilities\": {\n            \
                 \"drop\": [\"ALL\"]\n          }\n        }\n      }\n    ]\n  }\n}\n",
            )),
        )],
    );
}

#[test]
fn every_fix_is_of_the_kind_of_its_error() {
    let found = errors("apiVersion: v1\nkind: Pod\nmetadata: {labels: {a: 1}}\nspec: {hostnetwork: true}\n");
    let kinds: Vec<_> = found.iter().map(|error| (error.kind, error.fix.as_ref().map(|fix| fix.title.as_str()))).collect();
    assert_eq!(
        kinds,
        [
            (SchemaErrorKind::WrongType, Some("Put the value in quotes")),
            (SchemaErrorKind::UnknownField, Some("Rename hostnetwork to hostNetwork"))
        ]
    );
}
