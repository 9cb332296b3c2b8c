//! Defaulting of manifests: the fields that an API server sets before admission and that checks read. Only manifests need it,
//! because objects in admission requests are complete.
//!
//! Source: `SetDefaults_Volume` and `SetDefaults_Pod` in `pkg/apis/core/v1/defaults.go` of Kubernetes.

use pss_core::pod::{Container, Object, Volume};
use pss_manifest::{Kind, Node, Number};

/// Sets the defaults of an object and its templates.
///
/// - A volume without a source is an emptyDir.
/// - In a Pod with `hostNetwork`, the `hostPort` of a port is its `containerPort`. Templates have no such default: only the pods
///   that are created from them do.
pub fn set_defaults(object: &mut Object<'_>, node: Node<'_>) {
    if object.value.kind == "Pod" && object.value.spec.host_network {
        let spec = &mut object.value.spec;
        for (field, containers) in [("containers", &mut spec.containers), ("initContainers", &mut spec.init_containers)] {
            let nodes = node.get("spec").and_then(|spec| spec.value.get(field)).map(|list| list.value.elements());
            for (container, node) in containers.iter_mut().zip(nodes.into_iter().flatten()) {
                set_host_ports(container, node);
            }
        }
    }
    set_volume_sources(object);
}

/// Sets the host port of each port without one to its container port.
fn set_host_ports(container: &mut Container<'_>, node: Node<'_>) {
    let Some(ports) = node.get("ports") else { return };
    let mut explicit = std::mem::take(&mut container.host_ports.0).into_iter().peekable();
    for (index, port) in ports.value.elements().enumerate() {
        let own = explicit.next_if(|(place, _)| *place == index);
        let default = || match port.get("containerPort")?.value.kind() {
            Kind::Number(Number::Whole(number)) => Some((index, i32::try_from(number).ok().filter(|number| *number != 0)?)),
            _ => None,
        };
        container.host_ports.0.extend(own.or_else(default));
    }
}

/// Sets the source of each volume without one to `emptyDir`.
fn set_volume_sources(object: &mut Object<'_>) {
    let fields = &mut object.value;
    fields.spec.volumes.iter_mut().for_each(Volume::default_to_empty_dir);
    let templates = [&mut fields.template, &mut fields.spec.template, &mut fields.spec.job_template];
    for template in templates.into_iter().flatten() {
        set_volume_sources(template);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use pss_manifest::documents;

    fn with_defaults(text: &str, check: impl FnOnce(&Object<'_>)) {
        let documents = documents(text);
        let node = documents[0].content.as_ref().unwrap().root();
        let mut object = crate::deserialization::object(node);
        set_defaults(&mut object, node);
        check(&object);
    }

    #[test]
    fn sets_host_ports_of_pods_in_the_host_network() {
        let ports = "ports: [{containerPort: 80}, {containerPort: 443, hostPort: 8443}, {hostPort: 0, containerPort: 53}, {name: x}]";
        let table = [
            ("Pod", "hostNetwork: true", "containers", &[(0, 80), (1, 8443), (2, 53)][..]),
            ("Pod", "hostNetwork: true", "initContainers", &[(0, 80), (1, 8443), (2, 53)]),
            ("Pod", "hostNetwork: true", "ephemeralContainers", &[(1, 8443)]),
            ("Pod", "hostNetwork: false", "containers", &[(1, 8443)]),
            ("Other", "hostNetwork: true", "containers", &[(1, 8443)]),
        ];
        for (kind, network, list, expected) in table {
            with_defaults(&format!("kind: {kind}\nspec: {{{network}, {list}: [{{name: a, {ports}}}]}}"), |object| {
                let spec = &object.value.spec;
                let containers =
                    [&spec.containers, &spec.init_containers, &spec.ephemeral_containers].into_iter().find(|list| !list.is_empty());
                assert_eq!(containers.unwrap()[0].host_ports.0, expected, "{kind} {network} {list}");
            });
        }
    }

    #[test]
    fn keeps_ports_in_templates() {
        let text = "kind: Deployment\nspec: {template: {spec: {hostNetwork: true, containers: [{name: a, ports: [{containerPort: 80}]}]}}}";
        with_defaults(text, |object| {
            let template = object.value.spec.template.as_deref().unwrap();
            assert!(template.value.spec.containers[0].host_ports.0.is_empty());
        });
    }

    #[test]
    fn sets_empty_dir_as_the_source_of_volumes_without_one() {
        let volumes = "volumes: [{name: a}, {name: b, hostPath: null}, {name: c, nfs: {}}]";
        for text in [
            format!("spec: {{{volumes}}}"),
            format!("template: {{spec: {{{volumes}}}}}"),
            format!("spec: {{template: {{spec: {{{volumes}}}}}}}"),
            format!("spec: {{jobTemplate: {{spec: {{template: {{spec: {{{volumes}}}}}}}}}}}"),
        ] {
            with_defaults(&text, |object| {
                let mut innermost = object;
                while let Some(template) = innermost.value.template.as_deref().or(innermost.value.spec.template.as_deref()).or(innermost
                    .value
                    .spec
                    .job_template
                    .as_deref())
                {
                    innermost = template;
                }
                let names: Vec<_> =
                    innermost.value.spec.volumes.iter().map(|volume| (volume.name.as_ref(), volume.sources().collect())).collect();
                assert_eq!(names, [("a", vec!["emptyDir"]), ("b", vec!["emptyDir"]), ("c", vec!["nfs"])], "{text}");
            });
        }
    }
}
