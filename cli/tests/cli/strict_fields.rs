//! Fields that Kubernetes does not have, and values of the wrong type.

use crate::folder::{ACCEPTED, Folder};

#[test]
fn unknown_fields_are_reported_as_by_an_api_server() {
    let pod = ACCEPTED.replace("securityContext: {runAsNonRoot", "securityContext: {allowPrivilegeEscalation: false, runAsNonRoot");
    let list = format!("apiVersion: v1\nkind: List\nitems:\n- {}", pod.replace('\n', "\n  "));
    let folder = Folder::new(&[("pod.yaml", &pod), ("list.yaml", list.trim_end())]);
    for file in ["pod.yaml", "list.yaml"] {
        folder.run(&format!("check {file}")).assert(
            2,
            &[
                "error[unknown-field]: strict decoding error: unknown field \"spec.securityContext.allowPrivilegeEscalation\"",
                "allowPrivilegeEscalation is a field of spec.containers[*].securityContext",
                "1 pod or workload judged, 1 invalid in 1 file",
            ],
        );
    }
    folder.run("check --validate warn pod.yaml").assert(0, &["warning[unknown-field]: unknown field", "1 warning"]);
    let ignored = folder.run("check --validate ignore pod.yaml");
    ignored.assert(0, &[]);
    assert!(!ignored.out.contains("unknown"), "{ignored:#?}");
}

#[test]
fn values_of_the_wrong_type_are_errors_whatever_is_validated() {
    let pod =
        ACCEPTED.replace("image: nginx", "image: nginx\n      ports: [{containerPort: \"80\"}]\n      env: [{name: DEBUG, value: true}]");
    let folder = Folder::new(&[("pod.yaml", &pod)]);
    for validation in ["strict", "warn", "ignore"] {
        folder.run(&format!("check --validate {validation} pod.yaml")).assert(
            2,
            &[
                "json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
                "json: cannot unmarshal bool into Go struct field EnvVar.spec.containers.env.value of type string",
            ],
        );
    }
}

#[test]
fn other_kinds_are_validated_and_custom_resources_are_not() {
    let folder = Folder::new(&[
        ("service.yaml", "apiVersion: v1\nkind: Service\nmetadata: {name: x}\nspec: {ports: [{port: 80, targetPorts: 80}]}\n"),
        ("custom.yaml", "apiVersion: example.org/v1\nkind: Web\nmetadata: {name: x}\nspec: {anything: true}\n"),
    ]);
    folder.run("check service.yaml").assert(2, &["unknown field \"spec.ports[0].targetPorts\"", "targetPort"]);
    folder.run("check custom.yaml").assert(0, &[]);
}

/// A value of the wrong type in a field that checks read is reported once.
#[test]
fn an_error_is_reported_once() {
    let pod = ACCEPTED.replace("runAsNonRoot: true", "runAsNonRoot: \"true\"");
    let folder = Folder::new(&[("pod.yaml", &pod)]);
    let run = folder.run("check pod.yaml");
    run.assert(2, &[]);
    assert_eq!(run.out.matches("error[").count(), 1, "{run:#?}");
}
