//! The warnings that an API server itself gives when it creates a pod or a workload, in its words and order.
//!
//! Source: `pkg/api/pod/warnings.go`, `pkg/api/job/warnings.go`, `pkg/api/node/util.go` and the strategies in `pkg/registry` of
//! Kubernetes.

mod overlaps;
mod quantity;

use std::fmt::Display;

use pss_core::quote::quoted;
use pss_manifest::{Kind, Node, Number};

/// The annotations that have no effect, except those for seccomp.
const ANNOTATIONS: [(&str, &str); 3] = [
    ("scheduler.alpha.kubernetes.io/critical-pod", "non-functional in v1.16+; use the \"priorityClassName\" field instead"),
    ("security.alpha.kubernetes.io/sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
    ("security.alpha.kubernetes.io/unsafe-sysctls", "non-functional in v1.11+; use the \"sysctls\" field instead"),
];
const SECCOMP_OF_POD: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_OF_CONTAINER: &str = "container.seccomp.security.alpha.kubernetes.io/";
const SECCOMP: &str = "non-functional in v1.27+; use the \"seccompProfile\" field instead";
const APP_ARMOR_OF_CONTAINER: &str = "container.apparmor.security.beta.kubernetes.io/";
const APP_ARMOR: &str = "deprecated since v1.30; use the \"appArmorProfile\" field instead";

/// The labels of nodes that are deprecated.
const NODE_LABELS: [(&str, &str); 8] = [
    ("beta.kubernetes.io/arch", "deprecated since v1.14; use \"kubernetes.io/arch\" instead"),
    ("beta.kubernetes.io/os", "deprecated since v1.14; use \"kubernetes.io/os\" instead"),
    ("failure-domain.beta.kubernetes.io/region", "deprecated since v1.17; use \"topology.kubernetes.io/region\" instead"),
    ("failure-domain.beta.kubernetes.io/zone", "deprecated since v1.17; use \"topology.kubernetes.io/zone\" instead"),
    ("beta.kubernetes.io/instance-type", "deprecated since v1.17; use \"node.kubernetes.io/instance-type\" instead"),
    ("app.kubernetes.io/created-by", "deprecated since v1.9"),
    ("scheduler.alpha.kubernetes.io/preferAvoidPods", "deprecated since v1.22; use Taints and Tolerations instead"),
    ("node-role.kubernetes.io/master", "use \"node-role.kubernetes.io/control-plane\" instead"),
];

/// The sources of volumes that are deprecated before and after `ephemeral`, in the order of their warnings.
const VOLUMES: [(&str, &str); 7] = [
    ("photonPersistentDisk", "deprecated in v1.11, non-functional in v1.16+"),
    ("gitRepo", "deprecated in v1.11"),
    ("scaleIO", "deprecated in v1.16, non-functional in v1.22+"),
    ("flocker", "deprecated in v1.22, non-functional in v1.25+"),
    ("storageos", "deprecated in v1.22, non-functional in v1.25+"),
    ("quobyte", "deprecated in v1.22, non-functional in v1.25+"),
    ("glusterfs", "deprecated in v1.25, non-functional in v1.26+"),
];
const VOLUMES_AFTER_EPHEMERAL: [(&str, &str); 2] =
    [("cephfs", "deprecated in v1.28, non-functional in v1.31+"), ("rbd", "deprecated in v1.28, non-functional in v1.31+")];

const NULL_SELECTOR: &str = "a null labelSelector results in matching no pod";

/// The annotation of an Ingress that is deprecated.
const INGRESS_CLASS: &str = "kubernetes.io/ingress.class";

/// Returns the warnings about an object, in the order of an API server.
pub(super) fn warnings(object: Node<'_>, api_version: &str, kind: &str) -> Vec<String> {
    let mut warnings = Warnings { prefix: String::new(), list: Vec::new() };
    match (api_version, kind) {
        ("v1", "Endpoints") => {
            warnings.list.push("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice".to_owned());
        }
        ("v1", "PersistentVolumeClaim") => warnings.claim("spec", field(object, &["spec"])),
        ("networking.k8s.io/v1", "Ingress") => {
            let has_annotation =
                field(object, &["metadata", "annotations"]).is_some_and(|annotations| annotations.get(INGRESS_CLASS).is_some());
            if has_annotation && field(object, &["spec", "ingressClassName"]).is_none() {
                warnings
                    .list
                    .push(format!("annotation {} is deprecated, please use 'spec.ingressClassName' instead", quoted(INGRESS_CLASS)));
            }
        }
        _ => warnings.object_with_pods(object, api_version, kind),
    }
    warnings.list
}

/// Returns the field at a path of names that is not null.
fn field<'d>(node: Node<'d>, path: &[&str]) -> Option<Node<'d>> {
    path.iter().try_fold(node, |node, name| Some(node.get(name)?.value).filter(|value| !matches!(value.kind(), Kind::Null)))
}

/// Returns the elements of a list with their indices.
fn list<'d>(node: Node<'d>, path: &[&str]) -> impl Iterator<Item = (usize, Node<'d>)> + use<'d> {
    field(node, path).into_iter().flat_map(|list| list.elements().enumerate())
}

/// Returns the string at a path, or an empty one.
fn text<'d>(node: Node<'d>, path: &[&str]) -> &'d str {
    field(node, path).and_then(Node::text).unwrap_or_default()
}

fn whole(node: Node<'_>, name: &str) -> i64 {
    match field(node, &[name]).map(Node::kind) {
        Some(Kind::Number(Number::Whole(value))) => value,
        _ => 0,
    }
}

fn is_negative(node: Node<'_>) -> bool {
    matches!(node.kind(), Kind::Number(Number::Whole(..0)))
}

fn deprecated_label(label: &str) -> Option<&'static str> {
    NODE_LABELS.iter().find(|(name, _)| *name == label).map(|(_, message)| *message)
}

/// Returns why a valid name of an object is no DNS label; `None` if it is one. A name that is not valid is an error instead.
fn hostname_reasons(name: &str) -> Option<String> {
    let is_alphanumeric = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = |label: &str| {
        let bytes = label.as_bytes();
        bytes.first().is_some_and(is_alphanumeric)
            && bytes.last().is_some_and(is_alphanumeric)
            && bytes.iter().all(|byte| is_alphanumeric(byte) || *byte == b'-')
    };
    if name.len() > 253 || !name.split('.').all(is_label) {
        return None;
    }
    let reasons = [(name.len() > 63, "must be no more than 63 bytes"), (name.contains('.'), "must not contain dots")];
    let reasons: Vec<_> = reasons.into_iter().filter_map(|(applies, reason)| applies.then_some(reason)).collect();
    (!reasons.is_empty()).then(|| reasons.join(" "))
}

/// A port of a container.
struct Port<'d> {
    path: String,
    number: i64,
    protocol: &'d str,
    host_ip: &'d str,
    host_port: i64,
}

struct Warnings {
    /// The path of the template with a dot; empty for a pod.
    prefix: String,
    list: Vec<String>,
}

impl Warnings {
    fn add(&mut self, path: impl Display, message: impl Display) {
        self.list.push(format!("{}{path}: {message}", self.prefix));
    }

    /// Adds the warnings about a pod or a workload; none for other kinds.
    fn object_with_pods(&mut self, object: Node<'_>, api_version: &str, kind: &str) {
        const POD: &str = "the Pod's hostname";
        const PODS: &str = "Pod names and hostnames";
        let (template, hostname) = match (api_version, kind) {
            ("v1", "Pod") => ("", Some(POD)),
            ("v1", "ReplicationController") | ("apps/v1", "Deployment" | "ReplicaSet") | ("batch/v1", "Job") => {
                ("spec.template", Some(PODS))
            }
            ("batch/v1", "CronJob") => ("spec.jobTemplate.spec.template", Some(PODS)),
            ("apps/v1", "StatefulSet" | "DaemonSet") => ("spec.template", None),
            ("v1", "PodTemplate") => ("template", None),
            _ => return,
        };
        let place = object.at(template);
        if !place.exists {
            return;
        }
        if template.is_empty() {
            self.app_armor_of_pod(object);
        }
        let name = field(object, &["metadata", "name"]).and_then(Node::text).unwrap_or_default();
        if let (Some(hostname), Some(reasons)) = (hostname, hostname_reasons(name)) {
            self.add(
                "metadata.name",
                format!("this is used in {hostname}, which can result in surprising behavior; a DNS label is recommended: [{reasons}]"),
            );
        }
        if let Some(job) = template.strip_suffix(".template").filter(|_| api_version == "batch/v1") {
            self.job(job, object.at(job).node);
        }
        if !template.is_empty() {
            self.prefix = format!("{template}.");
        }
        self.pod(place.node, template.is_empty());
        self.prefix.clear();
        if kind == "StatefulSet" {
            for (index, claim) in list(object, &["spec", "volumeClaimTemplates"]) {
                self.claim(&format!("spec.volumeClaimTemplates[{index}]"), field(claim, &["spec"]));
            }
            if field(object, &["spec", "revisionHistoryLimit"]).is_some_and(is_negative) {
                self.add("spec.revisionHistoryLimit", "a negative value retains all historical revisions; a value >= 0 is recommended");
            }
        }
    }

    fn job(&mut self, path: &str, spec: Node<'_>) {
        let is_indexed = text(spec, &["completionMode"]) == "Indexed";
        if is_indexed && whole(spec, "completions") > 100_000 && whole(spec, "parallelism") > 10_000 {
            self.add(
                path,
                "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be \
                 able to track completedIndexes when a big number of indexes fail",
            );
        }
    }

    /// Adds the warnings about AppArmor annotations of a pod, which come before all others.
    ///
    /// Source: `applyAppArmorVersionSkew` in `pkg/registry/core/pod/strategy.go`.
    fn app_armor_of_pod(&mut self, pod: Node<'_>) {
        let (Some(spec), Some(annotations)) = (field(pod, &["spec"]), field(pod, &["metadata", "annotations"])) else { return };
        if text(spec, &["os", "name"]) == "windows" {
            return;
        }
        for (_, container) in containers(spec) {
            let key = format!("{APP_ARMOR_OF_CONTAINER}{}", text(container, &["name"]));
            let Some(annotation) = annotations.get(&key).filter(|_| app_armor_profile(container).is_none()) else { continue };
            let annotation = annotation.value.text().unwrap_or_default();
            let own = match annotation.strip_prefix("localhost/") {
                Some("") => None,
                Some(name) => Some(("Localhost", name)),
                None if annotation == "runtime/default" => Some(("RuntimeDefault", "")),
                None if annotation == "unconfined" => Some(("Unconfined", "")),
                None => None,
            };
            let of_pod = app_armor_profile(spec).map(|profile| (text(profile, &["type"]), text(profile, &["localhostProfile"])));
            if own.is_none() || own != of_pod {
                self.add(format!("metadata.annotations[{key}]"), APP_ARMOR);
            }
        }
    }

    fn pod(&mut self, pod: Node<'_>, is_pod: bool) {
        let Some(spec) = field(pod, &["spec"]) else { return };
        let annotations = field(pod, &["metadata", "annotations"]);
        let has_annotation = |key: &str| annotations.is_some_and(|annotations| annotations.get(key).is_some());
        self.node_labels(spec);
        for (key, message) in ANNOTATIONS {
            if has_annotation(key) {
                self.add(format!("metadata.annotations[{key}]"), message);
            }
        }
        self.volumes(spec);
        self.names(spec);
        for resource in quantity::BYTES {
            self.bytes(&format!("spec.overhead[{resource}]"), field(spec, &["overhead", resource]));
        }
        if has_annotation(SECCOMP_OF_POD) && field(spec, &["securityContext", "seccompProfile"]).is_none() {
            self.add(format!("metadata.annotations[{SECCOMP_OF_POD}]"), SECCOMP);
        }
        for (path, container) in containers(spec) {
            let own = |field_name: &str| field(container, &["securityContext", field_name]).is_some();
            let name = text(container, &["name"]);
            let key = format!("{SECCOMP_OF_CONTAINER}{name}");
            if has_annotation(&key) && !own("seccompProfile") {
                self.add(format!("metadata.annotations[{key}]"), SECCOMP);
            }
            let key = format!("{APP_ARMOR_OF_CONTAINER}{name}");
            let has_profile = own("appArmorProfile") || field(spec, &["securityContext", "appArmorProfile"]).is_some();
            if !is_pod && has_annotation(&key) && !has_profile {
                self.add(format!("metadata.annotations[{key}]"), APP_ARMOR);
            }
            self.resources(&path, container, is_pod && !path.starts_with("spec.ephemeral"));
            self.environment(&path, container);
        }
        self.ports(spec, is_pod);
        if field(spec, &["terminationGracePeriodSeconds"]).is_some_and(is_negative) {
            self.add("spec.terminationGracePeriodSeconds", "must be >= 0; negative values are invalid and will be treated as 1");
        }
        for affinity in ["podAffinity", "podAntiAffinity"] {
            for (when, selector) in [
                ("requiredDuringSchedulingIgnoredDuringExecution", &["labelSelector"][..]),
                ("preferredDuringSchedulingIgnoredDuringExecution", &["podAffinityTerm", "labelSelector"]),
            ] {
                for (index, term) in list(spec, &["affinity", affinity, when]) {
                    if field(term, selector).is_none() {
                        self.add(format!("spec.affinity.{affinity}.{when}[{index}].{}", selector.join(".")), NULL_SELECTOR);
                    }
                }
            }
        }
    }

    /// Adds the warnings about labels of nodes.
    fn node_labels(&mut self, spec: Node<'_>) {
        let mut labels: Vec<_> = field(spec, &["nodeSelector"]).into_iter().flat_map(Node::pairs).map(|(key, _)| key).collect();
        // Kubernetes has no order.
        labels.sort_unstable();
        for label in labels {
            if let Some(message) = deprecated_label(label) {
                self.add(format!("spec.nodeSelector[{label}]"), message);
            }
        }
        for (terms, term_field) in [
            (&["requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms"][..], ""),
            (&["preferredDuringSchedulingIgnoredDuringExecution"], "preference"),
        ] {
            let path = [&["affinity", "nodeAffinity"], terms].concat();
            for (index, term) in list(spec, &path) {
                let (term, dot) = if term_field.is_empty() { (Some(term), "") } else { (field(term, &[term_field]), ".") };
                let Some(term) = term else { continue };
                for (expression, requirement) in list(term, &["matchExpressions"]) {
                    let key = text(requirement, &["key"]);
                    if let Some(message) = deprecated_label(key) {
                        let path = path.join(".");
                        self.add(
                            format!("spec.{path}[{index}]{dot}{term_field}.matchExpressions[{expression}].key"),
                            format!("{key} is {message}"),
                        );
                    }
                }
            }
        }
        for (index, constraint) in list(spec, &["topologySpreadConstraints"]) {
            let key = text(constraint, &["topologyKey"]);
            if let Some(message) = deprecated_label(key) {
                self.add(format!("spec.topologySpreadConstraints[{index}].topologyKey"), format!("{key} is {message}"));
            }
            if field(constraint, &["labelSelector"]).is_none() {
                self.add(format!("spec.topologySpreadConstraints[{index}].labelSelector"), NULL_SELECTOR);
            }
        }
    }

    fn volumes(&mut self, spec: Node<'_>) {
        for (index, volume) in list(spec, &["volumes"]) {
            self.sources(index, volume, &VOLUMES);
            let claim = field(volume, &["ephemeral", "volumeClaimTemplate", "spec"]);
            self.claim(&format!("spec.volumes[{index}].ephemeral.volumeClaimTemplate.spec"), claim);
            self.sources(index, volume, &VOLUMES_AFTER_EPHEMERAL);
        }
        for (_, volume) in list(spec, &["volumes"]) {
            self.list.append(&mut overlaps::overlaps(volume));
        }
    }

    fn sources(&mut self, index: usize, volume: Node<'_>, deprecated: &[(&str, &str)]) {
        for (source, message) in deprecated {
            if field(volume, &[source]).is_some() {
                // Paths have the name of the internal type.
                let source = if *source == "storageos" { "storageOS" } else { source };
                self.add(format!("spec.volumes[{index}].{source}"), message);
            }
        }
    }

    /// Adds the warnings about duplicate or empty names outside of containers.
    fn names(&mut self, spec: Node<'_>) {
        for (items, name, described) in [("hostAliases", "ip", "ip"), ("imagePullSecrets", "name", "name")] {
            let mut earlier = Vec::new();
            for (index, item) in list(spec, &[items]) {
                let value = text(item, &[name]);
                if earlier.contains(&value) {
                    self.add(format!("spec.{items}[{index}].{name}"), format!("duplicate {described} {}", quoted(value)));
                } else {
                    earlier.push(value);
                }
            }
        }
        for (index, secret) in list(spec, &["imagePullSecrets"]) {
            if text(secret, &["name"]).is_empty() {
                self.add(format!("spec.imagePullSecrets[{index}].name"), "invalid empty name \"\"");
            }
        }
    }

    /// Adds the warnings about the resources of a container. In a pod, `limits` are the default of `requests`.
    fn resources(&mut self, path: &str, container: Node<'_>, has_defaults: bool) {
        for resource in quantity::BYTES {
            let [limit, request] = ["limits", "requests"].map(|list| field(container, &["resources", list, resource]));
            self.bytes(&format!("{path}.resources.limits[{resource}]"), limit);
            self.bytes(&format!("{path}.resources.requests[{resource}]"), request.or(limit.filter(|_| has_defaults)));
        }
    }

    fn claim(&mut self, path: &str, claim: Option<Node<'_>>) {
        let storage = claim.and_then(|claim| field(claim, &["resources", "requests", "storage"]));
        self.bytes(&format!("{path}.resources.requests[storage]"), storage);
    }

    fn bytes(&mut self, path: &str, value: Option<Node<'_>>) {
        if let Some(value) = value.and_then(quantity::fraction) {
            self.add(path, format!("fractional byte value {} is invalid, must be an integer", quoted(&value)));
        }
    }

    fn environment(&mut self, path: &str, container: Node<'_>) {
        let mut earlier = Vec::new();
        for (index, variable) in list(container, &["env"]) {
            let name = text(variable, &["name"]);
            if !earlier.contains(&name) {
                earlier.push(name);
                continue;
            }
            let reference = format!("$({name})");
            let value = text(variable, &["value"]);
            if field(variable, &["valueFrom"]).is_some() || value == reference || !value.contains(&reference) {
                let name = quoted(name);
                self.add(
                    format!("{path}.env[{index}]"),
                    format!("hides previous definition of {name}, which may be dropped when using apply"),
                );
            }
        }
    }

    /// Adds the warnings about ports of all containers that are alike.
    fn ports(&mut self, spec: Node<'_>, is_pod: bool) {
        let is_in_host_network = is_pod && matches!(field(spec, &["hostNetwork"]).map(Node::kind), Some(Kind::Bool(true)));
        let mut ports: Vec<Port<'_>> = Vec::new();
        for (container_path, container) in containers(spec) {
            for (index, node) in list(container, &["ports"]) {
                let number = whole(node, "containerPort");
                let protocol = Some(text(node, &["protocol"])).filter(|protocol| !protocol.is_empty()).unwrap_or("TCP");
                let is_defaulted = is_in_host_network && !container_path.starts_with("spec.ephemeral");
                let host_port = Some(whole(node, "hostPort")).filter(|port| *port != 0 || !is_defaulted).unwrap_or(number);
                let path = format!("{container_path}.ports[{index}]");
                let port = Port { path, number, protocol, host_ip: text(node, &["hostIP"]), host_port };
                if !port.host_ip.is_empty() && port.host_port == 0 {
                    let name = text(node, &["name"]);
                    let value = format!("{{Name:{name} HostPort:0 ContainerPort:{number} Protocol:{protocol} HostIP:{}}}", port.host_ip);
                    self.add(&port.path, format!("hostIP set without hostPort: {value}"));
                }
                for other in ports.iter().filter(|other| (other.number, other.protocol) == (port.number, port.protocol)) {
                    let is_same_port = port.host_port == other.host_port;
                    let what = if is_same_port && port.host_ip == other.host_ip {
                        "duplicate"
                    } else if port.host_port == 0 || other.host_port == 0 {
                        "overlapping"
                    } else if is_same_port && port.host_ip.is_empty() != other.host_ip.is_empty() {
                        "dangerously ambiguous"
                    } else {
                        continue;
                    };
                    self.add(&port.path, format!("{what} port definition with {}{}", self.prefix, other.path));
                }
                ports.push(port);
            }
        }
    }
}

fn app_armor_profile(node: Node<'_>) -> Option<Node<'_>> {
    field(node, &["securityContext", "appArmorProfile"])
}

/// Returns all containers with their paths, in the order of Kubernetes.
fn containers(spec: Node<'_>) -> impl Iterator<Item = (String, Node<'_>)> {
    ["initContainers", "containers", "ephemeralContainers"]
        .into_iter()
        .flat_map(move |name| list(spec, &[name]).map(move |(index, container)| (format!("spec.{name}[{index}]"), container)))
}

#[cfg(test)]
mod tests;
