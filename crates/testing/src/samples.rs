//! Generated pods, workloads, settings and requests for property tests. Most pods have few violations, because a pod that violates
//! every check is a poor test of a rule for one of them.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;
use proptest::sample::{Index, select, subsequence};
use serde_json::{Map, Value, json};

/// One of the elements of a JSON array.
pub fn one_of(values: Value) -> BoxedStrategy<Value> {
    select(values.as_array().unwrap().clone()).boxed()
}

/// An object with some of the fields, each with the probability of its weight.
fn some_of(fields: Vec<(&'static str, f64, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let sometimes = |weight: f64, value: BoxedStrategy<Value>| match weight {
        never if never <= 0.0 => Just(None).boxed(),
        always if always >= 1.0 => value.prop_map(Some).boxed(),
        weight => weighted(weight, value).boxed(),
    };
    let (keys, values): (Vec<_>, Vec<_>) = fields.into_iter().map(|(key, weight, value)| (key, sometimes(weight, value))).unzip();
    values
        .prop_map(move |values| keys.iter().zip(values).filter_map(|(key, value)| Some(((*key).to_owned(), value?))).collect::<Value>())
        .boxed()
}

fn flag() -> BoxedStrategy<Value> {
    one_of(json!([true, false, null]))
}

fn profile() -> BoxedStrategy<Value> {
    one_of(json!([null, {}, {"type": "RuntimeDefault"}, {"type": "Localhost", "localhostProfile": "p"}, {"type": "Unconfined"}]))
}

fn se_linux() -> BoxedStrategy<Value> {
    some_of(vec![
        ("type", 0.6, one_of(json!(["", "container_t", "container_engine_t", "spc_t"]))),
        ("user", 0.2, one_of(json!(["", "u"]))),
        ("role", 0.2, one_of(json!(["", "r"]))),
    ])
}

/// The fields that restricted requires of a container.
pub fn hardened() -> Value {
    json!({
        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"},
    })
}

/// A security context; `often` is the probability of a forbidden field.
fn security_context(often: f64) -> BoxedStrategy<Value> {
    let capability = || one_of(json!(["NET_RAW", "CAP_NET_RAW", "SYS_ADMIN", "CAP_SYS_ADMIN", "ALL", "CHOWN", "NET_BIND_SERVICE"]));
    let list = |capability| prop_oneof![8 => vec(capability, 0..3).prop_map(Value::from), 1 => Just(Value::Null)].boxed();
    let drop = prop_oneof![2 => Just(json!(["ALL"])), 3 => list(one_of(json!(["ALL", "NET_RAW", "all"])))].boxed();
    let capabilities = some_of(vec![("add", (2.0 * often).min(0.9), list(capability())), ("drop", 0.4, drop)]);
    let some = some_of(vec![
        ("privileged", often, flag()),
        ("allowPrivilegeEscalation", 0.3, one_of(json!([false, false, true, null]))),
        ("capabilities", 0.4, prop_oneof![9 => capabilities, 1 => Just(Value::Null)].boxed()),
        ("procMount", often, one_of(json!(["Default", "Unmasked"]))),
        ("runAsNonRoot", 0.3, one_of(json!([true, true, false, null]))),
        ("runAsUser", often, one_of(json!([0, 1000]))),
        ("seLinuxOptions", often, se_linux()),
        ("seccompProfile", 0.3, profile()),
        ("appArmorProfile", often, profile()),
        ("windowsOptions", often / 2.0, one_of(json!([{"hostProcess": true}, {"runAsUserName": "x"}]))),
        ("readOnlyRootFilesystem", 0.2, flag()),
    ]);
    let nearly = some.clone().prop_map(|some| {
        let mut context = hardened();
        context.as_object_mut().unwrap().extend(some.as_object().unwrap().clone());
        context
    });
    prop_oneof![3 => Just(hardened()), 4 => some, 2 => nearly, 1 => Just(Value::Null)].boxed()
}

fn container(often: f64) -> BoxedStrategy<Value> {
    let action = || some_of(vec![("port", 0.5, one_of(json!([80, "http"]))), ("host", 0.7, one_of(json!(["", "localhost", "::1"])))]);
    let handler = some_of(vec![("httpGet", 0.5, action()), ("tcpSocket", 0.3, action())]);
    let port = some_of(vec![("containerPort", 0.9, one_of(json!([80, 9100]))), ("hostPort", 0.6, one_of(json!([0, 80, 443, 9100])))]);
    let mount = some_of(vec![
        ("name", 1.0, one_of(json!(["v0", "v1", "v2", "other"]))),
        ("mountPath", 0.5, Just(json!("/mnt")).boxed()),
        ("readOnly", 0.8, one_of(json!([true, true, true, false, null]))),
    ]);
    some_of(vec![
        ("volumeMounts", (2.0 * often).min(0.9), vec(mount, 0..3).prop_map(Value::from).boxed()),
        ("image", 0.95, one_of(json!(["i:1", "i:2", "reg.example/agent:v1", "reg.example/team/web@sha256:0"]))),
        ("securityContext", 0.85, security_context(often)),
        ("ports", often, vec(port, 0..3).prop_map(Value::from).boxed()),
        ("livenessProbe", often, handler.clone()),
        ("lifecycle", often, some_of(vec![("postStart", 0.5, handler.clone()), ("preStop", 0.5, handler)])),
        ("env", 0.1, one_of(json!([[], [{"name": "A", "value": "1"}], null]))),
    ])
}

/// At least `min` containers with different names of a list.
fn containers(names: &'static [&'static str], min: usize, often: f64) -> BoxedStrategy<Value> {
    let chosen = subsequence(names, min..=names.len()).prop_shuffle();
    (chosen, vec(container(often), names.len()))
        .prop_map(|(names, containers)| {
            let containers = names.iter().zip(containers).map(|(name, mut container)| {
                container["name"] = json!(name);
                container
            });
            Value::from_iter(containers)
        })
        .boxed()
}

fn volumes() -> BoxedStrategy<Value> {
    let host_path = || {
        one_of(json!(["/", "/proc", "/proc/", "/var/log", "/var/log/pods", "/var/logs", "/var/log/../lib", ""]))
            .prop_map(|path| json!({"path": path}))
            .boxed()
    };
    let volume = prop_oneof![
        4 => some_of(vec![("hostPath", 1.0, host_path())]),
        2 => one_of(json!([{"emptyDir": {}}, {"configMap": {"name": "c"}}])),
        1 => one_of(json!([{"nfs": {"server": "s", "path": "/proc"}}, {"gitRepo": {"repository": "r"}}, {}])),
        1 => some_of(vec![("hostPath", 0.9, host_path()), ("emptyDir", 0.5, Just(json!({})).boxed()), ("nfs", 0.5, Just(json!({"server": "s"})).boxed())]),
    ];
    vec(volume, 0..4)
        .prop_map(|volumes| {
            let volumes = volumes.into_iter().enumerate().map(|(index, mut volume)| {
                volume["name"] = json!(format!("v{index}"));
                volume
            });
            Value::from_iter(volumes)
        })
        .boxed()
}

/// A required affinity to nodes by an expression with `windows`.
fn windows_affinity(operator: &str) -> Value {
    let expression = json!({"key": "kubernetes.io/os", "operator": operator, "values": ["windows"]});
    let required = json!({"nodeSelectorTerms": [{"matchExpressions": [expression]}]});
    json!({"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}})
}

fn spec(often: f64) -> BoxedStrategy<Value> {
    let security_context = some_of(vec![
        ("runAsNonRoot", 0.35, flag()),
        ("runAsUser", often, one_of(json!([0, 1000]))),
        ("seLinuxOptions", often, se_linux()),
        ("seccompProfile", 0.35, profile()),
        ("appArmorProfile", often, profile()),
        ("windowsOptions", often / 2.0, one_of(json!([{"hostProcess": true}, {}]))),
        (
            "sysctls",
            often,
            vec(one_of(json!(["kernel.shm_rmid_forced", "net.ipv4.tcp_rmem", "kernel.msgmax", "kernel/msgmax"])), 0..3)
                .prop_map(|names| Value::from_iter(names.into_iter().map(|name| json!({"name": name, "value": "1"}))))
                .boxed(),
        ),
    ]);
    some_of(vec![
        ("containers", 1.0, containers(&["a", "agent", "web-1"], 1, often)),
        ("initContainers", 0.3, containers(&["setup", "agent-init"], 0, often)),
        ("ephemeralContainers", 0.2, containers(&["debug", "agent-debug"], 0, often)),
        ("volumes", 0.2 + often, volumes()),
        ("securityContext", 0.5, security_context),
        ("hostNetwork", often, flag()),
        ("hostPID", often, flag()),
        ("hostIPC", often, flag()),
        ("hostUsers", 0.15, flag()),
        ("os", 0.15, one_of(json!([{"name": "windows"}, {"name": "linux"}]))),
        ("nodeSelector", 0.12, one_of(json!([{"kubernetes.io/os": "windows"}, {"kubernetes.io/os": "linux", "disk": "ssd"}]))),
        ("affinity", 0.05, one_of(json!([windows_affinity("In"), windows_affinity("NotIn"), {}]))),
        ("serviceAccountName", 0.3, one_of(json!(["agent", "default", ""]))),
        ("serviceAccount", 0.1, one_of(json!(["agent", "other"]))),
        ("runtimeClassName", 0.05, one_of(json!(["kata", "runc"]))),
    ])
}

/// A pod as an API server sends it. About a third have no violation, or only missing fields.
pub fn pod() -> BoxedStrategy<Value> {
    let annotation = || one_of(json!(["unconfined", "runtime/default", "localhost/p", ""]));
    let annotations = some_of(vec![
        ("container.apparmor.security.beta.kubernetes.io/a", 0.3, annotation()),
        ("container.apparmor.security.beta.kubernetes.io/setup", 0.2, annotation()),
        ("container.apparmor.security.beta.kubernetes.io/gone", 0.2, annotation()),
        ("container.seccomp.security.alpha.kubernetes.io/agent", 0.3, annotation()),
        ("seccomp.security.alpha.kubernetes.io/pod", 0.3, annotation()),
        ("other", 0.3, annotation()),
    ]);
    let labels = some_of(vec![("app", 0.6, one_of(json!(["web", "agent", ""]))), ("tier", 0.4, one_of(json!(["front", "back"])))]);
    let spec = prop_oneof![2 => spec(0.0), 3 => spec(0.05), 3 => spec(0.25)];
    (spec, weighted(0.2, annotations), weighted(0.7, labels))
        .prop_map(|(spec, annotations, labels)| {
            let mut metadata = json!({"name": "p"});
            metadata.as_object_mut().unwrap().extend(
                [("annotations", annotations), ("labels", labels)].into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))),
            );
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})
        })
        .boxed()
}

/// A version of the standards, mostly one that changed a check, or the version before it.
pub fn version() -> BoxedStrategy<Value> {
    one_of(json!([
        "latest", "latest", "latest", "v1.0", "v1.7", "v1.8", "v1.18", "v1.19", "v1.21", "v1.22", "v1.24", "v1.25", "v1.30", "v1.31",
        "v1.33", "v1.34", "v1.35", "v1.36", "v1.99",
    ]))
}

/// The name of a level.
pub fn level() -> BoxedStrategy<Value> {
    one_of(json!(["baseline", "restricted", "restricted", "restricted"]))
}

/// The settings of the policy.
pub fn policy() -> BoxedStrategy<Value> {
    let any_level = || one_of(json!(["privileged", "baseline", "restricted", "restricted"]));
    let uniform = (level(), version()).prop_map(|(level, version)| json!({"level": level, "version": version}));
    let each = some_of(vec![
        ("enforce", 0.9, level()),
        ("enforce-version", 0.7, version()),
        ("audit", 0.6, any_level()),
        ("audit-version", 0.6, version()),
        ("warn", 0.6, any_level()),
        ("warn-version", 0.6, version()),
    ]);
    prop_oneof![uniform.boxed(), each.prop_map(|defaults| json!({"defaults": defaults})).boxed()].boxed()
}

/// The labels of a namespace for its policy; some are invalid.
pub fn labels() -> BoxedStrategy<Value> {
    let level = || one_of(json!(["privileged", "baseline", "baseline", "restricted", "restricted", "x"]));
    let version = || prop_oneof![12 => version(), 1 => Just(json!("1.30"))].boxed();
    some_of(vec![
        ("pod-security.kubernetes.io/enforce", 0.7, level()),
        ("pod-security.kubernetes.io/enforce-version", 0.5, version()),
        ("pod-security.kubernetes.io/audit", 0.5, level()),
        ("pod-security.kubernetes.io/audit-version", 0.3, version()),
        ("pod-security.kubernetes.io/warn", 0.5, level()),
        ("pod-security.kubernetes.io/warn-version", 0.3, version()),
        ("pod-security.kubernetes.io/enforced", 0.1, level()),
        ("team", 0.2, one_of(json!(["a", "b"]))),
    ])
}

/// The subject of a rule: checks, whether conditions on containers are possible, and values of their findings.
fn rule_subject() -> BoxedStrategy<(Vec<&'static str>, bool, Value)> {
    select(vec![
        (vec!["appArmorProfile"], true, json!(["Unconfined", "unconfined", "RuntimeDefault"])),
        (vec!["capabilities_baseline"], true, json!(["NET_RAW", "SYS_ADMIN", "CHOWN", "net_raw"])),
        (vec!["capabilities_baseline"], true, json!(["NET_RAW", "ALL", "CAP_SYS_ADMIN"])),
        (vec!["capabilities_restricted"], true, json!(["NET_RAW", "SYS_ADMIN", "CHOWN"])),
        (vec!["capabilities_baseline", "capabilities_restricted"], true, json!(["NET_RAW", "CHOWN"])),
        (vec!["hostNamespaces"], false, json!(["hostPID", "hostNetwork", "hostIPC"])),
        (vec!["hostPathVolumes"], false, json!(["/", "/proc", "/sys", "/var"])),
        (vec!["hostPathVolumes"], false, json!(["/proc/", "/var/log"])),
        (vec!["hostPathVolumes", "restrictedVolumes"], false, json!(["/proc", "nfs", "hostPath"])),
        (vec!["hostPathVolumes"], false, Value::Null),
        (vec!["restrictedVolumes"], false, Value::Null),
        (vec!["restrictedVolumes"], false, json!(["hostPath", "nfs", "unknown", "gitRepo"])),
        (vec!["hostPorts"], true, json!([80, "443", 9100])),
        (vec!["hostProbesAndHostLifecycle"], true, json!(["localhost", "::1"])),
        (vec!["privileged"], true, Value::Null),
        (vec!["procMount"], true, json!(["Unmasked"])),
        (vec!["procMount_restricted"], true, json!(["Unmasked"])),
        (vec!["seLinuxOptions"], true, json!(["spc_t", "u", "r"])),
        (vec!["seccompProfile_baseline"], true, json!(["Unconfined", "unconfined"])),
        (vec!["seccompProfile_restricted"], true, json!(["Unconfined", "unconfined"])),
        (vec!["sysctls"], false, json!(["kernel.msgmax", "net.ipv4.tcp_rmem"])),
        (vec!["windowsHostProcess"], true, Value::Null),
        (vec!["allowPrivilegeEscalation"], true, Value::Null),
        (vec!["runAsNonRoot"], true, Value::Null),
        (vec!["runAsUser"], true, Value::Null),
        (vec!["runAsNonRoot", "allowPrivilegeEscalation", "seccompProfile_restricted", "capabilities_restricted"], true, Value::Null),
        (vec!["hostNamespaces", "hostPorts", "hostPathVolumes", "privileged", "sysctls"], false, Value::Null),
        (
            vec!["capabilities_baseline", "privileged", "procMount", "seLinuxOptions", "seccompProfile_baseline", "windowsHostProcess"],
            true,
            Value::Null,
        ),
    ])
    .boxed()
}

/// A list of some of the values.
pub fn sublist(values: Value) -> BoxedStrategy<Value> {
    let values = values.as_array().unwrap().clone();
    let max = values.len().min(3);
    subsequence(values, 1..=max).prop_map(Value::from).boxed()
}

/// Conditions of a rule, each with its key and probability.
type Conditions = Vec<(&'static str, f64, BoxedStrategy<Value>)>;

/// Conditions that are possible for any check.
pub fn conditions_on_pods(often: f64) -> Conditions {
    let selector = one_of(json!([
        {}, {"matchLabels": {"app": "web"}}, {"matchLabels": {"app": "agent", "tier": "back"}}, {"matchLabels": {"app": ""}},
        {"matchExpressions": [{"key": "app", "operator": "Exists"}]}, {"matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]},
        {"matchExpressions": [{"key": "app", "operator": "In", "values": ["web", ""]}]},
        {"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]},
        {"matchLabels": {"tier": "front"}, "matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["agent"]}]},
    ]));
    vec![
        ("namespaces", often, sublist(json!(["team", "*", "t*m", "te", "*team*", "team-b"]))),
        ("podSelector", often, selector),
        ("serviceAccounts", often, sublist(json!(["team/default", "team/agent", "other/default", "team-b/agent"]))),
    ]
}

/// The date of the clusters of tests.
pub const TODAY: &str = "2027-03-25";

/// Conditions on the request and on the date. With any clock that is right, the first of the dates is over and the others are not.
pub fn conditions_on_circumstances(often: f64) -> Conditions {
    vec![
        ("usernames", often, sublist(json!(["alice", "bob"]))),
        ("groups", often, sublist(json!(["team-a", "team-b", "on-call"]))),
        ("operations", often, sublist(json!(["CREATE", "UPDATE"]))),
        ("expires", often, one_of(json!(["2000-01-01", "9999-12-31", "9999-12-31"]))),
    ]
}

/// Conditions that are possible for checks of containers.
pub fn conditions_on_containers(often: f64) -> Conditions {
    vec![
        ("containers", often, sublist(json!(["a", "agent*", "*-1", "setup", "a*t", "*g*"]))),
        ("containerTypes", often, sublist(json!(["init", "regular", "ephemeral"]))),
        ("images", often, sublist(json!(["i:1", "i:*", "reg.example/*", "*", "*@sha256:*", "agent"]))),
    ]
}

/// Conditions that are possible for checks of volumes.
pub fn conditions_on_volumes(often: f64) -> Conditions {
    vec![
        ("pathPrefixes", often, sublist(json!(["/proc", "/var", "/var/log/", "/var/log/pods"]))),
        ("readOnly", often, Just(json!(true)).boxed()),
    ]
}

/// A rule that exempts findings of checks. Whether it is valid depends on the policy of the settings.
pub fn rule() -> BoxedStrategy<Value> {
    rule_subject()
        .prop_flat_map(|(checks, of_containers, values)| {
            let mut conditions = conditions_on_pods(0.12);
            conditions.extend(conditions_on_circumstances(0.08));
            if of_containers {
                conditions.extend(conditions_on_containers(0.15));
            }
            if checks.iter().all(|check| ["hostPathVolumes", "restrictedVolumes"].contains(check)) {
                conditions.extend(conditions_on_volumes(0.3));
            }
            if !values.is_null() {
                conditions.push(("values", 0.5, sublist(values)));
            }
            (some_of(conditions), select(vec!["r", " is old ", "é…", "a; b (c): d"])).prop_map(move |(mut rule, reason)| {
                rule["checks"] = json!(checks);
                rule["reason"] = json!(reason);
                rule
            })
        })
        .boxed()
}

/// The setting `harden` with all checks that can be hardened, or with some of them: a list, or an object with a user.
pub fn harden() -> BoxedStrategy<Value> {
    let all = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];
    let list = || prop_oneof![3 => Just(json!(all)), 1 => subsequence(all.to_vec(), 1..=4).prop_map(|some| json!(some))];
    let with_user = list().prop_map(|checks| {
        let user = checks.as_array().unwrap().contains(&json!("runAsNonRoot")).then_some(10001);
        json!({"checks": checks, "runAsUser": user})
    });
    prop_oneof![3 => list(), 2 => with_user].boxed()
}

/// The resources of pods and workloads, with the API version, the kind, and the path of the pod in the object.
pub const KINDS: [(&str, &str, &str, &str); 9] = [
    ("pods", "v1", "Pod", ""),
    ("replicationcontrollers", "v1", "ReplicationController", "/spec/template"),
    ("podtemplates", "v1", "PodTemplate", "/template"),
    ("replicasets.apps", "apps/v1", "ReplicaSet", "/spec/template"),
    ("deployments.apps", "apps/v1", "Deployment", "/spec/template"),
    ("statefulsets.apps", "apps/v1", "StatefulSet", "/spec/template"),
    ("daemonsets.apps", "apps/v1", "DaemonSet", "/spec/template"),
    ("jobs.batch", "batch/v1", "Job", "/spec/template"),
    ("cronjobs.batch", "batch/v1", "CronJob", "/spec/jobTemplate/spec/template"),
];

/// An object of one of [`KINDS`] with a pod.
pub fn object_with(kind: usize, pod: &Value) -> Value {
    let (_, api_version, kind, path) = KINDS[kind];
    if path.is_empty() {
        return pod.clone();
    }
    let mut object = json!({"metadata": pod["metadata"], "spec": pod["spec"]});
    for key in path.split('/').skip(1).collect::<Vec<_>>().into_iter().rev() {
        object = json!({ key: object });
    }
    object["apiVersion"] = json!(api_version);
    object["kind"] = json!(kind);
    object["metadata"] = json!({"name": "w"});
    object
}

/// The index of one of [`KINDS`]; Pod in half of the cases.
pub fn kind() -> BoxedStrategy<usize> {
    prop_oneof![Just(0), 1..KINDS.len()].boxed()
}

/// The request to create an object of one of [`KINDS`].
pub fn creation(kind: usize, namespace: &str, object: Value) -> Value {
    let (resource, api_version, name, _) = KINDS[kind];
    let (resource, group) = resource.split_once('.').unwrap_or((resource, ""));
    let version = api_version.rsplit('/').next().unwrap();
    json!({
        "uid": "u", "kind": {"group": group, "version": version, "kind": name},
        "resource": {"group": group, "version": version, "resource": resource},
        "name": "p", "namespace": namespace, "operation": "CREATE",
        "userInfo": {"username": "alice", "groups": ["team-a", "system:authenticated"]}, "object": object,
    })
}

/// The request to update an object.
pub fn change(kind: usize, namespace: &str, old: Value, new: Value) -> Value {
    let mut request = creation(kind, namespace, new);
    request["operation"] = json!("UPDATE");
    request["oldObject"] = old;
    request
}

/// Settings with all extensions of those of Kubernetes, some of which may be invalid.
pub fn settings() -> BoxedStrategy<Value> {
    let exemptions = some_of(vec![
        ("checks", 0.7, vec(rule(), 0..4).prop_map(Value::from).boxed()),
        ("groups", 0.1, one_of(json!([["team-a"], ["team-b"]]))),
        ("serviceAccounts", 0.2, sublist(json!(["team/agent", "other/default"]))),
        ("namespacePatterns", 0.1, one_of(json!([["te*"], ["cattle-*"]]))),
        (
            "namespaceSelector",
            0.15,
            one_of(json!([{"matchLabels": {"team": "a"}}, {"matchExpressions": [{"key": "team", "operator": "Exists"}]}])),
        ),
        ("runtimeClasses", 0.2, Just(json!(["kata"])).boxed()),
    ]);
    let more = some_of(vec![
        ("exemptions", 0.6, exemptions),
        ("namespaceLabels", 0.8, one_of(json!(["ignore", "honor", "tighten", "tighten", "set", "set"]))),
        ("labelTypos", 0.3, one_of(json!(["ignore", "warn"]))),
        ("existing", 0.2, one_of(json!(["pods", "workloads"]))),
        ("workloads", 0.5, one_of(json!(["enforce", "enforce", "warn"]))),
        ("updates", 0.5, one_of(json!(["allow-existing", "judge"]))),
        ("harden", 0.5, harden()),
        ("details", 0.5, flag()),
    ]);
    (policy(), more)
        .prop_map(|(mut policy, more)| {
            policy.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            policy
        })
        .boxed()
}

/// Any JSON, including the keywords of settings.
pub fn any_json() -> BoxedStrategy<Value> {
    let words = [
        "level",
        "restricted",
        "tighten",
        "checks",
        "capabilities_baseline",
        "values",
        "podSelector",
        "matchExpressions",
        "key",
        "operator",
        "In",
        "reason",
        "images",
        "*",
        "a*",
        "exemptions",
        "harden",
        "runAsNonRoot",
        "namespaces",
        "team/default",
        "enforce",
        "v1.34",
        "containerTypes",
        "init",
        "",
        "set",
        "details",
    ];
    let text = prop_oneof![4 => select(words.to_vec()).prop_map(str::to_owned), 1 => any::<String>()].boxed();
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.clone().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((text.clone(), inner), 0..4).prop_map(|entries| Value::Object(entries.into_iter().collect::<Map<_, _>>())),
        ]
    })
    .boxed()
}

/// A value with some values replaced by arbitrary ones.
pub fn malformed(value: BoxedStrategy<Value>) -> BoxedStrategy<Value> {
    (value, vec((any::<Index>(), any_json()), 0..3))
        .prop_map(|(mut value, damages)| {
            for (place, damage) in damages {
                let mut rest = place.index(count(&value));
                *nth(&mut value, &mut rest).unwrap() = damage;
            }
            value
        })
        .boxed()
}

fn count(value: &Value) -> usize {
    1 + match value {
        Value::Object(fields) => fields.values().map(count).sum(),
        Value::Array(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

/// The value after `rest` other values in preorder.
fn nth<'v>(value: &'v mut Value, rest: &mut usize) -> Option<&'v mut Value> {
    if *rest == 0 {
        return Some(value);
    }
    *rest -= 1;
    match value {
        Value::Object(fields) => fields.values_mut().find_map(|value| nth(value, rest)),
        Value::Array(items) => items.iter_mut().find_map(|value| nth(value, rest)),
        _ => None,
    }
}
