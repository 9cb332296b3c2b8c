//! Pods with and without violations of every check, as JSON: some that an API server would send, and some that it would not.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use pss_core::standards::{Level, NEWEST_MINOR, Version};
use serde_json::{Value as Json, json};

/// One of the elements of a JSON array.
fn one_of(values: Json) -> BoxedStrategy<Json> {
    select(values.as_array().unwrap().clone()).boxed()
}

/// An object with some of the fields.
fn some_of(fields: Vec<(&'static str, BoxedStrategy<Json>)>) -> BoxedStrategy<Json> {
    let (keys, values): (Vec<_>, Vec<_>) = fields.into_iter().map(|(key, value)| (key, option::of(value))).unzip();
    values
        .prop_map(move |values| keys.iter().zip(values).filter_map(|(key, value)| Some(((*key).to_owned(), value?))).collect::<Json>())
        .boxed()
}

fn list_of(item: impl Strategy<Value = Json> + 'static, max: usize) -> BoxedStrategy<Json> {
    prop_oneof![9 => vec(item, 0..=max).prop_map(Json::from), 1 => Just(Json::Null)].boxed()
}

fn flag() -> BoxedStrategy<Json> {
    one_of(json!([true, false, null]))
}

fn profile() -> BoxedStrategy<Json> {
    one_of(json!([null, {}, {"type": null}, {"type": ""}, {"type": "RuntimeDefault"}, {"type": "Localhost"}, {"type": "Unconfined"}]))
}

fn se_linux() -> BoxedStrategy<Json> {
    let kinds = json!(["", "container_t", "container_init_t", "container_kvm_t", "container_engine_t", "spc_t", null]);
    some_of(vec![("type", one_of(kinds)), ("user", one_of(json!(["", "u", null]))), ("role", one_of(json!(["", "r", null])))])
}

fn windows() -> BoxedStrategy<Json> {
    some_of(vec![("hostProcess", flag())])
}

fn container() -> BoxedStrategy<Json> {
    let capability = one_of(json!(["ALL", "all", "CHOWN", "NET_BIND_SERVICE", "NET_RAW", "SYS_ADMIN", "", null]));
    let action = some_of(vec![("host", one_of(json!(["", "localhost", "::1", null])))]);
    let handler = some_of(vec![("httpGet", action.clone()), ("tcpSocket", action)]);
    let security_context = some_of(vec![
        ("privileged", flag()),
        ("allowPrivilegeEscalation", flag()),
        ("capabilities", some_of(vec![("add", list_of(capability.clone(), 2)), ("drop", list_of(capability, 2))])),
        ("procMount", one_of(json!(["Default", "Unmasked", "", null]))),
        ("runAsNonRoot", flag()),
        ("runAsUser", one_of(json!([0, 1, -1, null]))),
        ("seLinuxOptions", se_linux()),
        ("seccompProfile", profile()),
        ("appArmorProfile", profile()),
        ("windowsOptions", windows()),
    ]);
    some_of(vec![
        ("name", one_of(json!(["a", "b", "a-b", "", "x\"y", null]))),
        ("image", one_of(json!(["i"]))),
        ("securityContext", security_context),
        ("ports", list_of(some_of(vec![("hostPort", one_of(json!([0, 9, 80, 443, null])))]), 3)),
        ("livenessProbe", handler.clone()),
        ("readinessProbe", handler.clone()),
        ("startupProbe", handler.clone()),
        ("lifecycle", some_of(vec![("postStart", handler.clone()), ("preStop", handler)])),
    ])
}

fn volume() -> BoxedStrategy<Json> {
    some_of(vec![
        ("name", one_of(json!(["v", "w", "", null]))),
        ("hostPath", one_of(json!([{"path": "/"}, {}, null]))),
        ("emptyDir", one_of(json!([{}, null]))),
        ("nfs", one_of(json!([{"path": "/"}]))),
        ("gitRepo", one_of(json!([{}, null]))),
    ])
}

/// Pods that an API server could send, and some that it could not.
pub fn pod() -> BoxedStrategy<Json> {
    let sysctl = one_of(json!([
        {"name": "kernel.shm_rmid_forced"}, {"name": "net.ipv4.tcp_rmem"}, {"name": "net.ipv4.ip_local_reserved_ports"},
        {"name": "kernel.msgmax"}, {"name": ""}, {}, null,
    ]));
    let security_context = some_of(vec![
        ("runAsNonRoot", flag()),
        ("runAsUser", one_of(json!([0, 1, null]))),
        ("seLinuxOptions", se_linux()),
        ("seccompProfile", profile()),
        ("appArmorProfile", profile()),
        ("windowsOptions", windows()),
        ("sysctls", list_of(sysctl, 2)),
    ]);
    let annotation = one_of(json!(["unconfined", "runtime/default", "docker/default", "localhost/p", "", "\t\"", null]));
    let annotations = some_of(vec![
        ("container.apparmor.security.beta.kubernetes.io/a", annotation.clone()),
        ("container.apparmor.security.beta.kubernetes.io/a-b", annotation.clone()),
        ("container.seccomp.security.alpha.kubernetes.io/a", annotation.clone()),
        ("container.seccomp.security.alpha.kubernetes.io/gone", annotation.clone()),
        ("seccomp.security.alpha.kubernetes.io/pod", annotation.clone()),
        ("other", annotation),
    ]);
    let containers = || list_of(prop_oneof![20 => container(), 1 => Just(Json::Null)], 2);
    let spec = some_of(vec![
        ("containers", containers()),
        ("initContainers", containers()),
        ("ephemeralContainers", containers()),
        ("volumes", list_of(prop_oneof![20 => volume(), 1 => Just(Json::Null)], 2)),
        ("securityContext", security_context),
        ("hostNetwork", flag()),
        ("hostPID", flag()),
        ("hostIPC", flag()),
        ("hostUsers", flag()),
        ("os", some_of(vec![("name", one_of(json!(["windows", "linux", null])))])),
    ]);
    some_of(vec![("metadata", some_of(vec![("annotations", annotations)])), ("spec", spec)])
}

/// Any version of the standards.
pub fn version() -> impl Strategy<Value = Version> {
    prop_oneof![9 => (0..=NEWEST_MINOR).prop_map(Version::Minor), 1 => Just(Version::Latest)]
}

/// Any level.
pub fn level() -> impl Strategy<Value = Level> {
    select(&Level::ALL[..])
}
