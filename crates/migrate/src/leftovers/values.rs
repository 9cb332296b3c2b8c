//! The values of charts that create PodSecurityPolicies: a table of the switches of well-known charts.

use pss_manifest::{Kind, Node};

use super::{Leftover, LeftoverKind};

/// A value of charts that creates PodSecurityPolicies if it is true.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Switch {
    /// The path of the value in the chart. Charts that contain the chart have the path below its name.
    pub path: &'static str,
    /// The charts.
    pub charts: &'static str,
    /// What to do instead.
    pub instead: &'static str,
}

/// The advice for charts without more.
const OFF: &str = "Set it to false. helm template CHART | pss check - shows which level the pods of the chart satisfy";
/// The advice for charts whose pods need the node.
const OFF_AND_PRIVILEGED: &str = "Set it to false, and give the chart a namespace of its own with the label \
                                  pod-security.kubernetes.io/enforce: privileged, which its pods need";

/// The switches. Of several that match, the first counts.
pub const SWITCHES: [Switch; 13] = [
    Switch {
        path: "global.cattle.psp.enabled",
        charts: "charts of Rancher before version 102",
        instead: "Set it to false, which is the default from version 102 on: with true, the installation fails in newer clusters. \
                  Rancher assigns a PodSecurityAdmissionConfigurationTemplate to the cluster instead",
    },
    Switch { path: "global.rbac.pspEnabled", charts: "kube-prometheus-stack, prometheus-federator, epinio", instead: OFF },
    Switch { path: "global.podSecurityPolicy.enabled", charts: "cert-manager", instead: OFF },
    Switch { path: "global.psp.enable", charts: "vault", instead: OFF },
    Switch { path: "global.enablePodSecurityPolicies", charts: "consul", instead: OFF },
    Switch {
        path: "rbac.pspEnabled",
        charts: "grafana, loki, promtail, prometheus-node-exporter, cluster-autoscaler, metrics-server, sealed-secrets",
        instead: OFF,
    },
    Switch {
        path: "podSecurityPolicy.enabled",
        charts: "ingress-nginx, prometheus, kube-state-metrics, traefik, nfs-subdir-external-provisioner",
        instead: OFF,
    },
    Switch { path: "podSecurityPolicy.create", charts: "elasticsearch, fluent-bit, falco-exporter, mongodb", instead: OFF },
    Switch { path: "psp.create", charts: "metallb, postgresql, prometheus-adapter", instead: OFF },
    Switch { path: "psp.enabled", charts: "gatekeeper", instead: OFF },
    Switch { path: "enablePSP", charts: "longhorn, linkerd-control-plane", instead: OFF },
    Switch { path: "pspEnable", charts: "rook-ceph", instead: OFF_AND_PRIVILEGED },
    Switch { path: "pspEnabled", charts: "prometheus-blackbox-exporter", instead: OFF },
];

/// Texts of which the path of each switch contains one.
pub(super) const MARKS: [&str; 3] = ["psp", "PSP", "odSecurityPolic"];

/// The depth of values that is searched: charts in charts are a few levels deep.
const MAX_DEPTH: usize = 16;

/// Returns whether a file name is that of values for a chart: `values.yaml`, `values-production.yaml`, `production.values.yaml`.
pub fn is_values_file_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let stem = [".yaml", ".yml", ".json"].iter().find_map(|extension| name.strip_suffix(extension));
    stem.is_some_and(|stem| stem.split(['-', '_', '.']).any(|part| part == "values"))
}

/// Adds the leftovers of a document with values.
pub(super) fn add(document: usize, root: Node<'_>, leftovers: &mut Vec<Leftover>) {
    let is_object = root.get("apiVersion").is_some() && root.get("kind").is_some();
    if !is_object {
        walk(root, &mut Vec::new(), document, leftovers);
    }
}

fn walk<'d>(node: Node<'d>, path: &mut Vec<&'d str>, document: usize, leftovers: &mut Vec<Leftover>) {
    if path.len() >= MAX_DEPTH {
        return;
    }
    for (key, value) in node.pairs() {
        path.push(key);
        if matches!(value.kind(), Kind::Mapping) {
            walk(value, path, document, leftovers);
        } else if is_true(value)
            && let Some(switch) = SWITCHES.iter().find(|switch| switch.matches(path))
        {
            leftovers.push(leftover(document, switch, &path.join("."), value));
        }
        path.pop();
    }
}

/// Returns whether a value is true in the condition of a template that compares it, or in one that tests it.
fn is_true(value: Node<'_>) -> bool {
    matches!(value.kind(), Kind::Bool(true) | Kind::Text("true"))
}

impl Switch {
    /// Returns whether a path is that of the switch, in the chart or in one that contains it.
    fn matches(&self, path: &[&str]) -> bool {
        let mut keys = path.iter().rev();
        self.path.rsplit('.').all(|key| keys.next() == Some(&key))
    }
}

fn leftover(document: usize, switch: &Switch, path: &str, value: Node<'_>) -> Leftover {
    Leftover {
        kind: LeftoverKind::ChartValue,
        document,
        item: None,
        path: path.to_owned(),
        span: value.span(),
        message: format!("{path} makes a chart create PodSecurityPolicies, which Kubernetes 1.25 removed"),
        help: format!("{} (a switch of {})", switch.instead, switch.charts),
    }
}
