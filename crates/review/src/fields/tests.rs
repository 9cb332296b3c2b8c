//! Tests of the errors and of the table of Kubernetes. The messages of wrong types and the order of errors were compared with those of
//! Kubernetes' decoder.

mod fixes;
mod properties;

use pss_manifest::documents;
use serde_json::{Value, json};

use super::{Fields, KUBERNETES, kubernetes};
use crate::schema::{Schema, SchemaError, SchemaErrorKind, Suggestion};

/// The kinds with a pod, with the paths of the pod's spec and of the specs around it.
const POD_KINDS: [(&str, &str, &str); 9] = [
    ("v1", "Pod", "spec"),
    ("v1", "PodTemplate", "template.spec"),
    ("v1", "ReplicationController", "spec.template.spec"),
    ("apps/v1", "ReplicaSet", "spec.template.spec"),
    ("apps/v1", "Deployment", "spec.template.spec"),
    ("apps/v1", "StatefulSet", "spec.template.spec"),
    ("apps/v1", "DaemonSet", "spec.template.spec"),
    ("batch/v1", "Job", "spec.template.spec"),
    ("batch/v1", "CronJob", "spec.jobTemplate.spec.template.spec"),
];

/// Returns the errors of a text, whose spans are checked.
fn errors(text: &str) -> Vec<SchemaError> {
    let documents = documents(text);
    let object = documents[0].content.as_ref().unwrap().root();
    let [api_version, kind] = ["apiVersion", "kind"].map(|field| object.get(field).unwrap().value.text().unwrap());
    let errors = kubernetes().errors(object, api_version, kind);
    for error in &errors {
        let place = object.at(&error.path);
        assert!(place.exists, "{error:?}");
        match error.kind {
            SchemaErrorKind::UnknownField => assert_eq!(Some(error.span), place.key, "{error:?}"),
            SchemaErrorKind::WrongType => assert!([place.span(), place.node.first_line()].contains(&error.span), "{error:?}"),
        }
    }
    errors
}

fn messages(text: &str) -> Vec<String> {
    errors(text).into_iter().map(|error| error.message).collect()
}

/// Returns a value within objects and, for names with `[0]`, arrays.
fn nested(path: &str, value: Value) -> Value {
    path.rsplit('.').filter(|step| !step.is_empty()).fold(value, |value, step| match step.strip_suffix("[0]") {
        Some(name) => json!({name: [value]}),
        None => json!({step: value}),
    })
}

fn joined(path: &str, field: &str) -> String {
    if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") }
}

/// Returns the only error of an object with a single field.
fn error_of((api_version, kind): (&str, &str), path: &str) -> SchemaError {
    let mut object = nested(path, Value::Null);
    object["apiVersion"] = api_version.into();
    object["kind"] = kind.into();
    let mut errors = errors(&object.to_string());
    assert_eq!(errors.len(), 1, "{object}: {errors:?}");
    errors.remove(0)
}

/// `POD` is the path of the pod's spec, and `OUTER` that of the specs around it.
#[test]
fn suggests_the_place_of_a_misplaced_security_field() {
    let table = [
        ("POD.capabilities", "POD.containers[*].securityContext.capabilities"),
        ("POD.privileged", "POD.containers[*].securityContext.privileged"),
        ("POD.allowPrivilegeEscalation", "POD.containers[*].securityContext.allowPrivilegeEscalation"),
        ("POD.readOnlyRootFilesystem", "POD.containers[*].securityContext.readOnlyRootFilesystem"),
        ("POD.procMount", "POD.containers[*].securityContext.procMount"),
        ("POD.securityContext.capabilities", "POD.containers[*].securityContext.capabilities"),
        ("POD.securityContext.privileged", "POD.containers[*].securityContext.privileged"),
        ("POD.securityContext.allowPrivilegeEscalation", "POD.containers[*].securityContext.allowPrivilegeEscalation"),
        ("POD.securityContext.readOnlyRootFilesystem", "POD.containers[*].securityContext.readOnlyRootFilesystem"),
        ("POD.securityContext.readonlyrootfilesystem", "POD.containers[*].securityContext.readOnlyRootFilesystem"),
        ("POD.securityContext.procMount", "POD.containers[*].securityContext.procMount"),
        ("POD.securityContext.hostNetwork", "POD.hostNetwork"),
        ("POD.seccompProfile", "POD.securityContext.seccompProfile"),
        ("POD.runAsNonRoot", "POD.securityContext.runAsNonRoot"),
        ("POD.runAsUser", "POD.securityContext.runAsUser"),
        ("POD.seLinuxOptions", "POD.securityContext.seLinuxOptions"),
        ("POD.appArmorProfile", "POD.securityContext.appArmorProfile"),
        ("POD.sysctls", "POD.securityContext.sysctls"),
        ("POD.fsGroup", "POD.securityContext.fsGroup"),
        ("POD.hostPath", "POD.volumes[*].hostPath"),
        ("POD.containers[0].hostNetwork", "POD.hostNetwork"),
        ("POD.containers[0].hostPID", "POD.hostPID"),
        ("POD.containers[0].hostUsers", "POD.hostUsers"),
        ("POD.containers[0].fsGroup", "POD.securityContext.fsGroup"),
        ("POD.containers[0].sysctls", "POD.securityContext.sysctls"),
        ("POD.containers[0].securityContext.fsGroup", "POD.securityContext.fsGroup"),
        ("POD.containers[0].securityContext.sysctls", "POD.securityContext.sysctls"),
        ("POD.containers[0].securityContext.hostPID", "POD.hostPID"),
        ("POD.containers[0].seccompProfile", "POD.containers[0].securityContext.seccompProfile"),
        ("POD.containers[0].runAsNonRoot", "POD.containers[0].securityContext.runAsNonRoot"),
        ("POD.containers[0].privileged", "POD.containers[0].securityContext.privileged"),
        ("POD.containers[0].capabilities", "POD.containers[0].securityContext.capabilities"),
        ("POD.containers[0].drop", "POD.containers[0].securityContext.capabilities.drop"),
        ("POD.containers[0].securityContext.drop", "POD.containers[0].securityContext.capabilities.drop"),
        ("POD.containers[0].hostPort", "POD.containers[0].ports[*].hostPort"),
        ("POD.initContainers[0].privileged", "POD.initContainers[0].securityContext.privileged"),
        ("POD.ephemeralContainers[0].hostIPC", "POD.hostIPC"),
        ("OUTER.hostNetwork", "POD.hostNetwork"),
        ("OUTER.hostPID", "POD.hostPID"),
        ("OUTER.securityContext", "POD.securityContext"),
        ("OUTER.containers", "POD.containers"),
        ("OUTER.runAsNonRoot", "POD.securityContext.runAsNonRoot"),
        ("OUTER.seccompProfile", "POD.securityContext.seccompProfile"),
        ("OUTER.privileged", "POD.containers[*].securityContext.privileged"),
    ];
    for (api_version, kind, pod) in POD_KINDS {
        let outers =
            pod.match_indices(".template.spec").map(|(end, _)| &pod[..end]).chain(pod.contains("job").then_some("spec")).chain([""]);
        let outers: Vec<_> = outers.collect();
        for (path, expected) in table {
            let paths = if path.starts_with("OUTER") { outers.as_slice() } else { &[""] };
            for outer in paths {
                let path = path.replace("POD", pod).replace("OUTER.", &joined(outer, ""));
                let expected = expected.replace("POD", pod);
                // From the object itself, the container of a CronJob is too far.
                if outer.is_empty() && path == "privileged" && kind == "CronJob" {
                    continue;
                }
                let error = error_of((api_version, kind), &path);
                assert_eq!(error.message, format!("unknown field \"{path}\""));
                let parent = expected.rsplit_once('.').map_or("", |(parent, _)| parent);
                let field = expected.rsplit('.').next().unwrap();
                assert_eq!(error.help, Some(format!("{field} is a field of {parent}")), "{kind} {path}");
                assert_eq!(error.suggestion, Some(Suggestion::Move { to: expected }), "{kind} {path}");
            }
        }
    }
}

#[test]
fn suggests_the_name_of_a_misspelt_field() {
    const CASE: &str = "; the names of fields are case-sensitive";
    let table = [
        ("securitycontext", "securityContext", true),
        ("SecurityContext", "securityContext", true),
        ("secuirtyContext", "securityContext", false),
        ("hostnetwork", "hostNetwork", true),
        ("hostNetworks", "hostNetwork", false),
        ("hostPid", "hostPID", true),
        ("hostIpc", "hostIPC", true),
        ("hostUser", "hostUsers", false),
        ("container", "containers", false),
        ("initContainer", "initContainers", false),
        ("securityContext.runAsNonroot", "runAsNonRoot", true),
        ("securityContext.runAsNoRoot", "runAsNonRoot", false),
        ("securityContext.runasuser", "runAsUser", true),
        ("securityContext.runAsUsr", "runAsUser", false),
        ("securityContext.selinuxOptions", "seLinuxOptions", true),
        ("securityContext.seccompProfiles", "seccompProfile", false),
        ("securityContext.sysctl", "sysctls", false),
        ("securityContext.windowsOption", "windowsOptions", false),
        ("securityContext.windowsOptions.hostprocess", "hostProcess", true),
        ("securityContext.seLinuxOptions.users", "user", false),
        ("securityContext.seccompProfile.localHostProfile", "localhostProfile", true),
        ("containers[0].securityContexts", "securityContext", false),
        ("containers[0].securityContext.previleged", "privileged", false),
        ("containers[0].securityContext.allowPriviledgeEscalation", "allowPrivilegeEscalation", false),
        ("containers[0].securityContext.readOnlyRootFileSystem", "readOnlyRootFilesystem", true),
        ("containers[0].securityContext.readOnlyRootFilesytem", "readOnlyRootFilesystem", false),
        ("containers[0].securityContext.capability", "capabilities", false),
        ("containers[0].securityContext.capabilities.Drop", "drop", true),
        ("containers[0].securityContext.procmount", "procMount", true),
        ("containers[0].securityContext.appArmorProfil", "appArmorProfile", false),
        ("containers[0].port", "ports", false),
        ("containers[0].ports[0].hostport", "hostPort", true),
        ("ephemeralContainers[0].securityContext.privilege", "privileged", false),
        ("volumes[0].hostpath", "hostPath", true),
        ("volumes[0].hostPaths", "hostPath", false),
    ];
    for (api_version, kind, pod) in POD_KINDS {
        for (path, expected, is_case) in table {
            let error = error_of((api_version, kind), &joined(pod, path));
            let help = if is_case { format!("the field is {expected}{CASE}") } else { format!("did you mean {expected}?") };
            assert_eq!((error.help, error.suggestion), (Some(help), Some(Suggestion::Rename { to: expected.to_owned() })), "{kind} {path}");
        }
    }
}

#[test]
fn suggests_nothing_if_no_field_is_near() {
    for (path, expected) in [
        ("spec.foo", None),
        ("spec.type", None),
        ("spec.name", None),
        // One source of a volume excludes another.
        (
            "spec.volumes[0].storageos.pool",
            Some("the fields of StorageOSVolumeSource are fsType, readOnly, secretRef, volumeName, volumeNamespace"),
        ),
        ("spec.os.foo", Some("the fields of PodOS are name")),
    ] {
        let error = error_of(("v1", "Pod"), path);
        assert_eq!((error.help.as_deref(), error.suggestion), (expected, None), "{path}");
    }
}

#[test]
fn lists_unknown_fields_as_an_api_server_does() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {labls: {}, annotations: {a.b/c: d}}\nspec:\n  zebra: 1\n  template:\n    \
                spec:\n      containers:\n      - {name: a, b: 1, \"x\\\"y\": 2}\n      - {name: b, env: [{name: A, value: b, \"ü\": c}]}\n  \
                Foo: {bar: baz}\n";
    let expected = [
        "unknown field \"metadata.labls\"",
        "unknown field \"spec.Foo\"",
        "unknown field \"spec.template.spec.containers[0].b\"",
        "unknown field \"spec.template.spec.containers[0].x\\\"y\"",
        "unknown field \"spec.template.spec.containers[1].env[0].ü\"",
        "unknown field \"spec.zebra\"",
    ];
    assert_eq!(messages(text), expected);
    // The keys of maps are in paths without brackets; the paths of errors have brackets.
    let text = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {versions: [{schema: {openAPIV3Schema: \
                {properties: {a.b: {foo: 1}}}}}]}\n";
    let errors = errors(text);
    assert_eq!(errors[0].message, "unknown field \"spec.versions[0].schema.openAPIV3Schema.properties.a.b.foo\"");
    assert_eq!(errors[0].path, "spec.versions[0].schema.openAPIV3Schema.properties[a.b].foo");
    // Kubernetes stops after a hundred errors.
    let many: String = (0..150).map(|number| format!("f{number}: 1, ")).collect();
    assert_eq!(messages(&format!("{{apiVersion: v1, kind: Pod, spec: {{{many}}}}}")).len(), 100);
}

#[test]
fn reports_wrong_types_as_an_api_server_does() {
    const QUANTITY: &str = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
    let table = [
        ("metadata: []", "json: cannot unmarshal array into Go struct field Pod.metadata of type v1.ObjectMeta"),
        ("metadata: {name: 5}", "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string"),
        (
            "metadata: {annotations: {a: true}}",
            "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.annotations of type string",
        ),
        (
            "metadata: {annotations: a}",
            "json: cannot unmarshal string into Go struct field ObjectMeta.metadata.annotations of type map[string]string",
        ),
        ("metadata: {uid: 1}", "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.uid of type types.UID"),
        (
            "metadata: {creationTimestamp: 5}",
            "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
        ),
        ("metadata: {creationTimestamp: \"2020\"}", "parsing time \"2020\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"-\""),
        ("spec: a", "json: cannot unmarshal string into Go struct field Pod.spec of type v1.PodSpec"),
        ("spec: {containers: {}}", "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container"),
        ("spec: {containers: [a]}", "json: cannot unmarshal string into Go struct field PodSpec.spec.containers of type v1.Container"),
        ("spec: {hostNetwork: \"true\"}", "json: cannot unmarshal string into Go struct field PodSpec.spec.hostNetwork of type bool"),
        (
            "spec: {restartPolicy: 5}",
            "json: cannot unmarshal number into Go struct field PodSpec.spec.restartPolicy of type v1.RestartPolicy",
        ),
        (
            "spec: {securityContext: {runAsUser: 1.5}}",
            "json: cannot unmarshal number 1.5 into Go struct field PodSecurityContext.spec.securityContext.runAsUser of type int64",
        ),
        (
            "spec: {securityContext: {runAsUser: 18446744073709551615}}",
            "json: cannot unmarshal number 18446744073709551615 into Go struct field PodSecurityContext.spec.securityContext.runAsUser of type int64",
        ),
        (
            "spec: {containers: [{ports: [{containerPort: 1e30}]}]}",
            "json: cannot unmarshal number 1e+30 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            "spec: {containers: [{ports: [{containerPort: \"80\"}]}]}",
            "json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            "spec: {containers: [{ports: [{containerPort: 3000000000}]}]}",
            "json: cannot unmarshal number 3000000000 into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            "spec: {containers: [{securityContext: {capabilities: {drop: [1]}}}]}",
            "json: cannot unmarshal number into Go struct field Capabilities.spec.containers.securityContext.capabilities.drop of type v1.Capability",
        ),
        (
            "spec: {containers: [{securityContext: {capabilities: {drop: ALL}}}]}",
            "json: cannot unmarshal string into Go struct field Capabilities.spec.containers.securityContext.capabilities.drop of type []v1.Capability",
        ),
        (
            "spec: {containers: [{livenessProbe: {httpGet: {port: true}}}]}",
            "json: cannot unmarshal bool into Go struct field HTTPGetAction.spec.containers.livenessProbe.httpGet.port of type int32",
        ),
        (
            "spec: {containers: [{livenessProbe: {httpGet: {port: 1.5}}}]}",
            "json: cannot unmarshal number 1.5 into Go struct field HTTPGetAction.spec.containers.livenessProbe.httpGet.port of type int32",
        ),
        (
            "spec: {containers: [{resources: {limits: [a]}}]}",
            "json: cannot unmarshal array into Go struct field ResourceRequirements.spec.containers.resources.limits of type v1.ResourceList",
        ),
        ("spec: {containers: [{resources: {limits: {memory: 1GB}}}]}", QUANTITY),
        ("spec: {containers: [{resources: {limits: {cpu: true}}}]}", QUANTITY),
        ("spec: {volumes: [{emptyDir: {sizeLimit: 1K}}]}", "unable to parse quantity's suffix"),
    ];
    for (fields, expected) in table {
        assert_eq!(messages(&format!("apiVersion: v1\nkind: Pod\n{fields}\n")), [expected], "{fields}");
    }
}

/// The first error is that at which Kubernetes stops. It reports unknown fields only if no type is wrong.
#[test]
fn sorts_errors_by_what_an_api_server_reports() {
    let text = "apiVersion: v1\nkind: Pod\nfoo: 1\nmetadata: {name: 5}\nspec: {hostPID: a, volumes: [{emptyDir: {sizeLimit: x}}]}\n";
    let expected = [
        "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string",
        "json: cannot unmarshal string into Go struct field PodSpec.spec.hostPID of type bool",
        "unknown field \"foo\"",
    ];
    assert_eq!(messages(text), expected);
}

#[test]
fn explains_wrong_types() {
    for (fields, expected) in [
        ("metadata: {annotations: {a/b: true}}", "metadata.annotations[a/b] must be a string, not true; put the value in quotes"),
        ("spec: {hostPID: \"true\"}", "spec.hostPID must be true or false, not \"true\"; remove the quotes"),
        ("spec: {hostPID: \"yes\"}", "spec.hostPID must be true or false, not \"yes\""),
        ("spec: {priority: \"5\"}", "spec.priority must be a whole number of 32 bits, not \"5\"; remove the quotes"),
        ("spec: {containers: a}", "spec.containers must be an array, not \"a\""),
        ("spec: {containers: [[]]}", "spec.containers[0] must be an object, not an array"),
    ] {
        let errors = errors(&format!("apiVersion: v1\nkind: Pod\n{fields}\n"));
        assert_eq!(errors[0].help.as_deref(), Some(expected));
    }
    // The value of a Secret is not repeated.
    let errors = errors("apiVersion: v1\nkind: Secret\ndata: {password: hunter 2}\n");
    assert_eq!(errors[0].message, "illegal base64 data at input byte 6");
    assert_eq!(errors[0].help.as_deref(), Some("data.password must be base64; stringData has values as text"));
}

#[test]
fn accepts_what_an_api_server_accepts() {
    for text in [
        "{apiVersion: v1, kind: Pod, metadata: {creationTimestamp: null}, spec: {containers: null, hostNetwork: ~, priority: 1.0}}",
        "{apiVersion: v1, kind: Pod, spec: {containers: [null], volumes: [{name: a, emptyDir: null}], priority: 1e3, hostPID: yes}}",
        "{apiVersion: v1, kind: Secret, data: {a: YQ==, b: null, c: !!binary WVE9PQ==, d: [1, 2]}, stringData: {a: b}}",
        "{apiVersion: v1, kind: Service, spec: {ports: [{port: 80, targetPort: http}, {port: 80, targetPort: 8080}]}}",
        "{apiVersion: v1, kind: LimitRange, spec: {limits: [{max: {cpu: 1.5, memory: 1Gi, a: 1e3, b: \" 1\"}}]}}",
        "{apiVersion: apps/v1, kind: ControllerRevision, data: {a: [b]}, revision: 1}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {managedFields: [{fieldsV1: {f:a: {}}, time: 2020-01-01T00:00:00Z}]}}",
        // Fields of 1.37, and of the releases before it.
        "{apiVersion: v1, kind: Pod, spec: {schedulingGroup: {}, evictionResponders: [], workloadRef: {name: a}, containers: [{volumeMounts: \
         [{bindMountOptions: []}], livenessProbe: {grpc: {mode: TLS}, httpGet: {protocol: HTTP2}}}], volumes: [{emptyDir: {mode: 1}}]}}",
        // Kinds and versions that the table lacks.
        "{apiVersion: example.com/v1, kind: Pod, foo: 1}",
        "{apiVersion: extensions/v1beta1, kind: Ingress, foo: 1}",
        "{apiVersion: v1, kind: Foo, metadata: 5}",
    ] {
        assert_eq!(messages(text), [""; 0], "{text}");
    }
}

/// The types of schemas that have decoders of their own do not report unknown fields, and errors in them name the outer field.
#[test]
fn decodes_schemas_of_custom_resource_definitions() {
    for (schema, expected) in [
        ("{foo: 1}", vec!["unknown field \"spec.versions[0].schema.openAPIV3Schema.foo\""]),
        ("{properties: {a: {types: string}}}", vec!["unknown field \"spec.versions[0].schema.openAPIV3Schema.properties.a.types\""]),
        ("{items: {foo: 1}, additionalProperties: {foo: 1}, dependencies: {a: {foo: 1}}}", vec![]),
        ("{additionalProperties: true, items: [{type: a}, null], dependencies: {a: [b]}, default: {foo: 1}, enum: [1, a]}", vec![]),
        ("{additionalProperties: a}", vec!["boolean or JSON schema expected"]),
        (
            "{items: {type: 5}, properties: {a: {type: 5}}}",
            vec![
                "json: cannot unmarshal number into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.items of type string",
                "json: cannot unmarshal number into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.properties.type of \
                 type string",
            ],
        ),
        (
            "{items: [{properties: []}]}",
            vec![
                "json: cannot unmarshal array into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.items of type \
                  map[string]v1.JSONSchemaProps",
            ],
        ),
        (
            "{items: [5]}",
            vec![
                "json: cannot unmarshal number into Go struct field JSONSchemaProps.spec.versions.schema.openAPIV3Schema.items of type \
                  v1.JSONSchemaProps",
            ],
        ),
    ] {
        let text = format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {{versions: [{{subresources: {{status: {{}}}}, \
             schema: {{openAPIV3Schema: {schema}}}}}]}}\n"
        );
        assert_eq!(messages(&text), expected, "{schema}");
    }
}

#[test]
fn decodes_deeply_nested_schemas() {
    for (open, close) in [("{properties: {a: ", "}}"), ("{items: ", "}"), ("{items: [", "]}")] {
        let schema = format!("{}{{foo: 5}}{}", open.repeat(240), close.repeat(240));
        let text = format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nspec: {{versions: [{{schema: {{openAPIV3Schema: {schema}}}}}]}}\n"
        );
        assert_eq!(messages(&text), [""; 0]);
    }
}

#[test]
fn lists_the_fields_of_a_place() {
    let children = |path| kubernetes().children("apps/v1", "Deployment", path);
    let names = |path| children(path).iter().map(|child| child.name).collect::<Vec<_>>();
    assert_eq!(names(""), ["apiVersion", "kind", "metadata", "spec", "status"]);
    assert_eq!(names("spec.template.spec.containers[0].securityContext.capabilities"), ["add", "drop"]);
    assert_eq!(names("spec.template.spec.containers.securityContext.capabilities"), ["add", "drop"]);
    assert_eq!(names("spec.template.spec.containers[0]"), names("spec.template.spec.containers"));
    for path in
        ["foo", "spec.replicas", "metadata.labels", "metadata.labels[a.b/c]", "spec.template.spec.containers[0].foo", "[", "..", "spec[0"]
    {
        assert_eq!(names(path), [""; 0], "{path}");
    }
    assert_eq!(kubernetes().children("example.com/v1", "Deployment", ""), []);
    let child = |path, name| children(path).into_iter().find(|child| child.name == name).unwrap();
    for (path, name, description, values) in [
        ("spec", "replicas", "int32", vec![]),
        ("spec", "template", "PodTemplateSpec", vec![]),
        ("spec.template.spec", "containers", "list of Container", vec![]),
        ("spec.template.spec", "overhead", "map of quantity", vec![]),
        ("spec.template.spec.securityContext.seccompProfile", "type", "string", vec!["Unconfined", "RuntimeDefault", "Localhost"]),
        ("spec.template.spec.containers[0].ports[1]", "protocol", "string", vec!["TCP", "UDP", "SCTP"]),
        ("spec.template.spec.containers[0].livenessProbe.httpGet", "port", "integer or string", vec![]),
        ("spec.strategy", "type", "string", vec!["Recreate", "RollingUpdate"]),
    ] {
        let child = child(path, name);
        assert_eq!((child.description.as_str(), child.values), (description, values), "{path} {name}");
    }
}

#[test]
fn rejects_malformed_tables() {
    for (table, expected) in [
        (" a string", "line 1 of the table: a field must follow a type"),
        ("core/v1.Pod\n a", "line 2 of the table: a field is a name, a type, and at most a type in Go"),
        ("core/v1.Pod\n a string v1.A b", "line 2 of the table: a field is a name, a type, and at most a type in Go"),
        ("core/v1.Pod\n\n", "line 2 of the table: a field is a name, a type, and at most a type in Go"),
        ("core/v1.Pod v1", "line 1 of the table: a type is a name, or a name, an apiVersion and a kind"),
        ("core/v1.Pod v1 Pod a", "line 1 of the table: a type is a name, or a name, an apiVersion and a kind"),
        ("Pod", "line 1 of the table: the name of a type is its package and its name"),
        ("core/v1.B\ncore/v1.A", "line 2 of the table: types must be sorted and unique"),
        ("# comment\ncore/v1.A\n b string\n a string", "line 4 of the table: fields must be sorted and unique"),
        ("core/v1.A\n a []map[string]B", "the type of a in core/v1.A is not in the table"),
    ] {
        assert_eq!(Fields::parse(table).unwrap_err().to_string(), expected, "{table}");
    }
    Fields::parse("core/v1.E : A B\ncore/v1.A v1 A\n a []map[string]B\n e string v1.E\ncore/v1.B\n").unwrap();
}

#[test]
fn the_table_of_kubernetes_is_well_formed() {
    let fields = Fields::parse(KUBERNETES).unwrap();
    for (api_version, kind, pod) in POD_KINDS {
        let children = fields.children(api_version, kind, pod);
        assert!(children.iter().any(|child| child.name == "hostNetwork"), "{kind}");
    }
}
