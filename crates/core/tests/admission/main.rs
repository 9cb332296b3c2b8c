//! Every rule of admission, tested with requests that differ in that rule only.

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::cell::{Cell, RefCell};

use serde_json::{Value, json};

mod circumstances;
mod details;
mod exempt_checks;
mod exemptions;
mod existing;
mod harden;
mod properties;
mod tighten;
mod updates;

use pod_security_standards::validate;
use pss_core::admission::*;
use pss_core::date::Date;
use pss_core::json::text::find;
use pss_core::json::{ErrorSink, read};
use pss_core::settings::{Policy, Settings};
use pss_testing::samples;

/// A cluster with one namespace, `team`, which records lookups.
struct TestCluster {
    labels: Value,
    pods: Value,
    /// The workloads of each resource.
    workloads: Value,
    is_unreachable: bool,
    /// The permission that lookups lack.
    missing_permission: Option<&'static str>,
    lookups: RefCell<Vec<String>>,
    /// The time in milliseconds between two calls of the clock.
    tick: u64,
    clock: Cell<u64>,
    /// The date; `None` without a clock.
    today: Option<&'static str>,
    /// How often the date was read.
    clock_reads: Cell<usize>,
}

impl Default for TestCluster {
    fn default() -> Self {
        TestCluster {
            labels: Value::Null,
            pods: Value::Null,
            workloads: Value::Null,
            is_unreachable: false,
            missing_permission: None,
            lookups: RefCell::default(),
            tick: 0,
            clock: Cell::default(),
            today: Some(samples::TODAY),
            clock_reads: Cell::default(),
        }
    }
}

impl TestCluster {
    fn labelled(labels: Value) -> TestCluster {
        TestCluster { labels, ..TestCluster::default() }
    }

    fn respond(&self, lookup: String, response: &Value) -> Result<Vec<u8>, LookupError> {
        self.lookups.borrow_mut().push(lookup);
        if let Some(permission) = self.missing_permission {
            return Err(LookupError {
                reason: "forbidden".to_owned(),
                permission: Some(Permission { before: permission, ..Permission::default() }),
            });
        }
        if self.is_unreachable { Err("no route to host".into()) } else { Ok(response.to_string().into_bytes()) }
    }
}

impl Cluster for TestCluster {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError> {
        self.respond(format!("get {name}"), &json!({"metadata": {"name": name, "labels": self.labels}}))
    }

    fn pods(&self, namespace: &str) -> Result<Vec<u8>, LookupError> {
        self.respond(format!("list {namespace}"), &json!({"items": self.pods}))
    }

    fn workloads(&self, workload: &'static Workload, namespace: &str) -> Result<Vec<u8>, LookupError> {
        let items = self.workloads.get(workload.resource).cloned().unwrap_or_else(|| json!([]));
        self.respond(format!("list {workload} in {namespace}"), &json!({"items": items}))
    }

    fn millis(&self) -> u64 {
        self.clock.set(self.clock.get() + self.tick);
        self.clock.get()
    }

    fn today(&self) -> Option<Date> {
        self.clock_reads.set(self.clock_reads.get() + 1);
        self.today.map(|today| Date::parse(today).unwrap())
    }
}

fn decide(settings: &Value, request: &Value, cluster: &TestCluster) -> Decision {
    let settings = settings.to_string();
    let settings = Settings::parse(settings.as_bytes()).unwrap_or_else(|invalid| panic!("{invalid}"));
    let payload = json!({"request": request}).to_string();
    let mut request = Request::default();
    let notes = ErrorSink::default();
    read(find(&payload, &["request"]).unwrap(), "request", &notes, &mut request).unwrap();
    assert_eq!(notes.into_errors(), []);
    admit(&request, &payload, &settings, cluster)
}

/// A decision as text: `403 message` or `ok`, then a line for each warning and annotation.
fn rendered(decision: &Decision) -> String {
    let mut lines =
        vec![decision.rejection.as_ref().map_or("ok".to_owned(), |rejection| format!("{} {}", rejection.code, rejection.message))];
    lines.extend(decision.warnings.iter().map(|warning| format!("warning {warning}")));
    lines.extend(decision.audit_annotations.iter().map(|(key, value)| format!("{key} {value}")));
    lines.join("\n")
}

fn honor() -> Value {
    json!({"defaults": {}, "namespaceLabels": "honor"})
}

fn restricted() -> Value {
    json!({"level": "restricted", "version": "v1.25"})
}

/// A pod that violates one check of baseline.
fn pod() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"hostPID": true, "containers": [{"name": "a", "image": "i:1"}]}})
}

fn request(resource: &str, object: Value) -> Value {
    let (resource, group) = resource.split_once('.').unwrap_or((resource, ""));
    json!({
        "resource": {"group": group, "version": "v1", "resource": resource},
        "name": "p", "namespace": "team", "operation": "CREATE", "userInfo": {"username": "alice"}, "object": object,
    })
}

fn with(mut value: Value, changes: &[(&str, Value)]) -> Value {
    for (path, change) in changes {
        let (parent, key) = path.rsplit_once('/').unwrap();
        value.pointer_mut(parent).unwrap_or_else(|| panic!("{path}"))[key] = change.clone();
    }
    value
}

/// The message of `level: baseline` for [`pod`].
const BASELINE: &str = "403 pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)\n\
                        enforce-policy baseline:latest\n\
                        audit-violations would violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true)";

#[test]
fn accepts_requests_that_are_not_evaluated() {
    let settings = json!({"level": "restricted", "workloads": "enforce"});
    let pods = request("pods", pod());
    let table = [
        ("another resource", request("configmaps", pod())),
        ("another group's pods", request("pods.metrics.k8s.io", pod())),
        ("another group's Job", request("jobs.batch.volcano.sh", pod())),
        ("deployments of the core group", request("deployments", pod())),
        ("a deletion", with(pods.clone(), &[("/operation", json!("DELETE"))])),
        ("a connection", with(pods, &[("/operation", json!("CONNECT"))])),
    ];
    for (name, request) in table {
        assert_eq!(rendered(&decide(&settings, &request, &TestCluster::default())), "ok", "{name}");
    }
}

#[test]
fn evaluates_subresources_of_pods_that_can_change_security() {
    let request_for = |sub| with(request("pods", pod()), &[("/requestSubResource", json!(sub))]);
    let settings = json!({"level": "baseline"});
    for sub in ["exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status"] {
        assert_eq!(rendered(&decide(&settings, &request_for(sub), &TestCluster::default())), "ok", "{sub}");
    }
    for sub in ["", "ephemeralcontainers", "resize", "future", "Status"] {
        assert_eq!(rendered(&decide(&settings, &request_for(sub), &TestCluster::default())), BASELINE, "{sub}");
    }
    // An unknown subresource with an object that is not a pod is rejected.
    let scale = with(request_for("future"), &[("/object", json!({"apiVersion": "autoscaling/v1", "kind": "Scale"}))]);
    assert_eq!(rendered(&decide(&settings, &scale, &TestCluster::default())), "400 failed to decode pod\nerror failed to decode pod");
}

#[test]
fn accepts_subresources_of_workloads_and_namespaces() {
    let settings = json!({"level": "restricted", "namespaceLabels": "honor", "workloads": "enforce"});
    for resource in ["deployments.apps", "namespaces"] {
        let request = with(request(resource, json!("damaged")), &[("/requestSubResource", json!("status"))]);
        assert_eq!(rendered(&decide(&settings, &request, &TestCluster::default())), "ok", "{resource}");
    }
}

#[test]
fn accepts_the_kind_as_resource_in_requests_of_the_audit_scanner() {
    let scan_request = with(request("Pod", pod()), &[("/userInfo", json!({}))]);
    assert_eq!(rendered(&decide(&json!({"level": "baseline"}), &scan_request, &TestCluster::default())), BASELINE);
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": {"pod-security.kubernetes.io/enforce": "x"}}});
    let scan_request = with(request("Namespace", namespace), &[("/namespace", json!(""))]);
    assert_eq!(
        rendered(&decide(&honor(), &scan_request, &TestCluster::default())),
        "422 Namespace \"p\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"x\": \
         must be one of privileged, baseline, restricted"
    );
    for workload in &WORKLOADS {
        let name = if workload.group.is_empty() { workload.kind.to_owned() } else { format!("{}.{}", workload.kind, workload.group) };
        let request = request(&name, workload_of(workload, &pod()));
        let expected =
            format!("403 {workload} \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)");
        let settings = json!({"level": "baseline", "workloads": "enforce"});
        assert!(rendered(&decide(&settings, &request, &TestCluster::default())).starts_with(&expected), "{name}");
    }
}

#[test]
fn exempts_before_looking_up_the_namespace_and_decoding_the_object() {
    let exempting = |key: &str, name: &str| with(honor(), &[("/exemptions", json!({key: [name]}))]);
    let unreachable = TestCluster { is_unreachable: true, ..TestCluster::default() };
    for resource in ["pods", "deployments.apps"] {
        let invalid = request(resource, json!("damaged"));
        assert_eq!(rendered(&decide(&exempting("namespaces", "team"), &invalid, &unreachable)), "ok\nexempt namespace");
        assert_eq!(rendered(&decide(&exempting("usernames", "alice"), &invalid, &unreachable)), "ok\nexempt user");
        // Names match exactly, and the empty name is never exempt.
        let without_user = with(invalid, &[("/namespace", json!("")), ("/userInfo", json!({}))]);
        for settings in [exempting("namespaces", "tea"), exempting("usernames", "alic")] {
            assert!(!rendered(&decide(&settings, &without_user, &unreachable)).contains("exempt"), "{settings}");
        }
    }
    assert_eq!(*unreachable.lookups.borrow(), [""; 4].map(|name| format!("get {name}")));
}

#[test]
fn exempts_decodable_pods_by_runtime_class_without_other_annotations() {
    let settings = |key: &str| with(honor(), &[("/exemptions", json!({key: ["kata"]}))]);
    let cluster = TestCluster::labelled(json!({"pod-security.kubernetes.io/enforce": "nonsense"}));
    let kata = with(pod(), &[("/spec/runtimeClassName", json!("kata"))]);
    for key in ["runtimeClasses", "runtimeClassNames"] {
        let exempt = decide(&settings(key), &request("pods", kata.clone()), &cluster);
        assert_eq!(rendered(&exempt), "ok\nexempt runtimeClass");
        let deployment = workload_of(&WORKLOADS[3], &kata);
        assert_eq!(rendered(&decide(&settings(key), &request("deployments.apps", deployment), &cluster)), "ok\nexempt runtimeClass");
    }
    let invalid = with(kata, &[("/spec/hostPID", json!("yes"))]);
    let invalid = rendered(&decide(&settings("runtimeClasses"), &request("pods", invalid), &cluster));
    assert_eq!(
        invalid,
        "400 failed to decode object\nerror failed to decode object: request.object.spec.hostPID: must be true or false, not \"yes\""
    );
}

#[test]
fn looks_up_nothing_if_labels_are_ignored() {
    let cluster = TestCluster { is_unreachable: true, ..TestCluster::default() };
    for object in [pod(), json!("damaged")] {
        decide(&restricted(), &request("pods", object.clone()), &cluster);
        decide(&restricted(), &request("deployments.apps", object.clone()), &cluster);
        assert_eq!(rendered(&decide(&restricted(), &request("namespaces", object), &cluster)), "ok");
    }
    assert!(cluster.lookups.borrow().is_empty());
}

#[test]
fn rejects_pods_and_accepts_workloads_of_an_unknown_namespace() {
    let cluster = TestCluster { is_unreachable: true, ..TestCluster::default() };
    let failed = "failed to lookup namespace \"team\"";
    let rejection = format!("500 Internal error occurred: {failed}\nerror Internal error occurred: {failed}: no route to host");
    assert_eq!(rendered(&decide(&honor(), &request("pods", pod()), &cluster)), rejection);
    let deployment = request("deployments.apps", workload_of(&WORKLOADS[3], &pod()));
    assert_eq!(rendered(&decide(&honor(), &deployment, &cluster)), format!("ok\nerror {failed}: no route to host"));
    let with_enforced_workloads = with(honor(), &[("/workloads", json!("enforce"))]);
    assert_eq!(rendered(&decide(&with_enforced_workloads, &deployment, &cluster)), rejection);
    assert_eq!(*cluster.lookups.borrow(), ["get team"; 3]);
    // An invalid response is treated as a failed lookup.
    for answer in ["null", "{}", "[]", r#"{"metadata":null}"#, "{"] {
        assert!(read_labels(answer.as_bytes()).is_err(), "{answer}");
    }
    let invalid_response = TestCluster::labelled(json!(["enforce"]));
    let answer = rendered(&decide(&honor(), &request("pods", pod()), &invalid_response));
    assert!(answer.starts_with("500 ") && answer.ends_with("metadata.labels: must be an object, not an array"), "{answer}");
}

#[test]
fn lookups_fail_without_a_cluster() {
    let none = || Err("there is no cluster to ask".into());
    assert_eq!((NoCluster.namespace("team"), NoCluster.pods("team")), (none(), none()));
    assert_eq!((NoCluster.millis(), NoCluster.millis()), (0, 0));
}

#[test]
fn accepts_before_decoding_the_object_if_all_modes_are_privileged() {
    let cluster = TestCluster::labelled(json!({}));
    assert_eq!(rendered(&decide(&honor(), &request("pods", json!("damaged")), &cluster)), "ok\nenforce-policy privileged:latest");
    let with_enforced_workloads = with(honor(), &[("/workloads", json!("enforce"))]);
    let invalid = request("deployments.apps", json!("damaged"));
    assert_eq!([&honor(), &with_enforced_workloads].map(|settings| rendered(&decide(settings, &invalid, &cluster))), ["ok"; 2]);
    // For workloads only audit and warn are evaluated, unless they are enforced.
    let enforced =
        TestCluster::labelled(json!({"pod-security.kubernetes.io/enforce": "baseline", "pod-security.kubernetes.io/warn": "privileged"}));
    let deployment = request("deployments.apps", workload_of(&WORKLOADS[3], &pod()));
    assert_eq!([&deployment, &invalid].map(|request| rendered(&decide(&honor(), request, &enforced))), ["ok"; 2]);
    assert_eq!(
        rendered(&decide(&with_enforced_workloads, &deployment, &enforced)),
        "403 deployments.apps \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)"
    );
}

#[test]
fn rejects_pods_that_cannot_be_decoded() {
    let pods = |object: Value| request("pods", object);
    let table = [
        (pods(json!(null)), "400 failed to decode object\nerror failed to decode object: there is none in the request"),
        (pods(json!({"kind": "Pod"})), "400 failed to decode object\nerror failed to decode object: it has no apiVersion"),
        (pods(json!({"apiVersion": "v1"})), "400 failed to decode object\nerror failed to decode object: it has no kind"),
        (pods(json!({"apiVersion": "v1", "kind": "Node"})), "400 failed to decode pod\nerror failed to decode pod"),
        (
            pods(json!({"apiVersion": "v2", "kind": "Pod"})),
            "400 failed to decode object\nerror failed to decode object: there is no Pod in version v2",
        ),
        (pods(json!({"apiVersion": "x.io/v1", "kind": "Pod"})), "400 failed to decode pod\nerror failed to decode pod"),
        (pods(json!([])), "400 failed to decode object\nerror failed to decode object: request.object: must be an object, not an array"),
        (
            with(pods(pod()), &[("/object/spec/containers", json!([null, {"securityContext": {"privileged": "no"}}]))]),
            "400 failed to decode object\nerror failed to decode object: \
             request.object.spec.containers[1].securityContext.privileged: must be true or false, not \"no\"",
        ),
        (
            with(pods(pod()), &[("/operation", json!("UPDATE"))]),
            "400 failed to decode old object\nerror failed to decode old object: there is none in the request",
        ),
        (
            with(pods(pod()), &[("/operation", json!("UPDATE")), ("/oldObject", json!({"apiVersion": "v1", "kind": "Node"}))]),
            "400 failed to decode old pod\nerror failed to decode old pod",
        ),
    ];
    for (request, expected) in table {
        assert_eq!(rendered(&decide(&restricted(), &request, &TestCluster::default())), expected);
    }
    let namespaces = |object: Value| request("namespaces", object);
    let namespace = json!({"apiVersion": "v1", "kind": "Namespace"});
    let table = [
        (namespaces(json!(null)), "400 failed to decode object\nerror failed to decode object: there is none in the request"),
        (namespaces(pod()), "400 failed to decode namespace\nerror failed to decode namespace"),
        (
            with(namespaces(namespace.clone()), &[("/operation", json!("UPDATE"))]),
            "400 failed to decode  old object\nerror failed to decode  old object: there is none in the request",
        ),
        (
            with(namespaces(namespace), &[("/operation", json!("UPDATE")), ("/oldObject", pod())]),
            "400 failed to decode  old namespace\nerror failed to decode  old namespace",
        ),
    ];
    for (request, expected) in table {
        assert_eq!(rendered(&decide(&honor(), &request, &TestCluster::default())), expected);
    }
}

#[test]
fn accepts_workloads_that_cannot_be_decoded_unless_they_are_enforced() {
    let invalid = with(workload_of(&WORKLOADS[3], &pod()), &[("/spec/template/spec/containers", json!("none"))]);
    let with_enforced_workloads = with(restricted(), &[("/workloads", json!("enforce"))]);
    let table = [
        (
            invalid,
            "failed to decode object: request.object.spec.template.spec.containers: must be an array, not \"none\"",
            "400 failed to decode object\nerror failed to decode object: \
             request.object.spec.template.spec.containers: must be an array, not \"none\"",
        ),
        (
            json!({"apiVersion": "v1", "kind": "Node"}),
            "failed to extract pod template: unexpected object type: v1, Kind=Node",
            "400 failed to decode Deployment\nerror failed to decode Deployment",
        ),
    ];
    for (object, error, rejection) in table {
        let request = request("deployments.apps", object);
        assert_eq!(rendered(&decide(&restricted(), &request, &TestCluster::default())), format!("ok\nerror {error}"));
        assert_eq!(rendered(&decide(&with_enforced_workloads, &request, &TestCluster::default())), rejection);
    }
}

#[test]
fn accepts_invalid_fields_that_no_check_reads() {
    let with_invalid_fields =
        with(pod(), &[("/status", json!(7)), ("/spec/containers/0/env", json!("x")), ("/metadata/finalizers", json!(1))]);
    assert_eq!(rendered(&decide(&json!({"level": "baseline"}), &request("pods", with_invalid_fields), &TestCluster::default())), BASELINE);
}

#[test]
fn evaluates_updates_of_images_and_ephemeral_containers_only() {
    let containers = |images: &[&str]| Value::from_iter(images.iter().map(|image| json!({"name": "a", "image": image})));
    let debug = |name: &str, image: &str| json!([{"name": name, "image": image}]);
    let table = [
        ("nothing", vec![], vec![], false),
        ("labels", vec![("/metadata/labels", json!({"a": "b"}))], vec![], false),
        (
            "AppArmor",
            vec![("/metadata/annotations", json!({"container.apparmor.security.beta.kubernetes.io/a": "unconfined"}))],
            vec![],
            false,
        ),
        ("another image", vec![("/spec/containers/0/image", json!("i:2"))], vec![], true),
        ("one more container", vec![("/spec/containers", containers(&["i:1", "i:2"]))], vec![], true),
        ("one container fewer", vec![], vec![("/spec/containers", containers(&["i:1", "i:2"]))], true),
        ("an init container", vec![("/spec/initContainers", containers(&["i:1"]))], vec![], true),
        ("an init image", vec![("/spec/initContainers", containers(&["i:1"]))], vec![("/spec/initContainers", containers(&["i:2"]))], true),
        ("swapped images", vec![("/spec/containers", containers(&["1", "2"]))], vec![("/spec/containers", containers(&["2", "1"]))], true),
        ("a debugger", vec![("/spec/ephemeralContainers", debug("d", "i"))], vec![], true),
        (
            "the same debugger",
            vec![("/spec/ephemeralContainers", debug("d", "i"))],
            vec![("/spec/ephemeralContainers", debug("d", "i"))],
            false,
        ),
        ("its image", vec![("/spec/ephemeralContainers", debug("d", "j"))], vec![("/spec/ephemeralContainers", debug("d", "i"))], true),
        ("its name", vec![("/spec/ephemeralContainers", debug("e", "i"))], vec![("/spec/ephemeralContainers", debug("d", "i"))], true),
        ("no debugger any more", vec![], vec![("/spec/ephemeralContainers", debug("d", "i"))], false),
    ];
    for (name, new, old, significant) in table {
        let request = with(request("pods", with(pod(), &new)), &[("/operation", json!("UPDATE")), ("/oldObject", with(pod(), &old))]);
        let expected = if significant { BASELINE } else { "ok" };
        assert_eq!(rendered(&decide(&json!({"level": "baseline"}), &request, &TestCluster::default())), expected, "{name}");
    }
}

#[test]
fn each_mode_has_its_effect() {
    let settings = json!({"defaults": {"enforce": "privileged", "audit": "baseline", "audit-version": "v1.20", "warn": "baseline", "warn-version": "v1.30"}});
    assert_eq!(
        rendered(&decide(&settings, &request("pods", pod()), &TestCluster::default())),
        "ok\n\
         warning would violate PodSecurity \"baseline:v1.30\": host namespaces (hostPID=true)\n\
         enforce-policy privileged:latest\n\
         audit-violations would violate PodSecurity \"baseline:v1.20\": host namespaces (hostPID=true)"
    );
    // A rejection has no warning, but audit annotations.
    let settings = json!({"level": "baseline", "version": "v1.99"});
    assert_eq!(
        rendered(&decide(&settings, &with(request("pods", pod()), &[("/name", json!(""))]), &TestCluster::default())),
        "403 pods is forbidden: violates PodSecurity \"baseline:v1.99\": host namespaces (hostPID=true)\n\
         enforce-policy baseline:v1.99\n\
         audit-violations would violate PodSecurity \"baseline:v1.99\": host namespaces (hostPID=true)"
    );
}

fn workload_of(workload: &Workload, pod: &Value) -> Value {
    let api_version = if workload.group.is_empty() { "v1".to_owned() } else { format!("{}/v1", workload.group) };
    let template = json!({"metadata": pod["metadata"], "spec": pod["spec"]});
    let mut object = json!({"apiVersion": api_version, "kind": workload.kind, "metadata": {"name": "w"}});
    match workload.template {
        TemplatePath::Template => object["template"] = template,
        TemplatePath::SpecTemplate | TemplatePath::OptionalSpecTemplate => object["spec"] = json!({"template": template}),
        TemplatePath::JobTemplate => object["spec"] = json!({"jobTemplate": {"spec": {"template": template}}}),
    }
    object
}

#[test]
fn warns_of_every_workload_or_enforces_it() {
    for workload in &WORKLOADS {
        let request = request(&workload.to_string(), workload_of(workload, &pod()));
        let violates = "violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true)";
        assert_eq!(
            rendered(&decide(&json!({"level": "baseline"}), &request, &TestCluster::default())),
            format!("ok\nwarning would {violates}\naudit-violations would {violates}"),
            "{workload}"
        );
        assert_eq!(
            rendered(&decide(&json!({"level": "baseline", "workloads": "enforce"}), &request, &TestCluster::default())),
            format!(
                "403 {workload} \"p\" is forbidden: violates{}\naudit-violations would {violates}",
                violates.trim_start_matches("violate")
            ),
            "{workload}"
        );
    }
}

#[test]
fn accepts_workloads_without_a_template() {
    let settings = json!({"level": "restricted", "workloads": "enforce"});
    for workload in &WORKLOADS {
        let mut object = workload_of(workload, &json!({}));
        for template in [json!(null), json!({})] {
            match workload.template {
                TemplatePath::Template => object["template"] = template,
                TemplatePath::JobTemplate => object["spec"]["jobTemplate"] = template,
                _ => object["spec"]["template"] = template,
            }
            let decision = decide(&settings, &request(&workload.to_string(), object.clone()), &TestCluster::default());
            assert_eq!(rendered(&decision), "ok", "{object}");
        }
    }
}

fn namespace(labels: &Value) -> Value {
    let labels: serde_json::Map<String, Value> =
        labels.as_object().into_iter().flatten().map(|(key, value)| (format!("pod-security.kubernetes.io/{key}"), value.clone())).collect();
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": labels}})
}

fn relabel(old: &Value, new: &Value) -> Value {
    with(
        request("namespaces", namespace(new)),
        &[("/operation", json!("UPDATE")), ("/oldObject", namespace(old)), ("/name", json!("team"))],
    )
}

#[test]
fn labels_override_the_defaults() {
    let defaults = json!({"enforce": "baseline", "enforce-version": "v1.20", "audit": "baseline", "audit-version": "v1.21", "warn": "baseline", "warn-version": "v1.22"});
    let table = [
        (json!({}), "baseline:v1.20 baseline:v1.21 baseline:v1.22"),
        (json!({"enforce": "privileged"}), "privileged:v1.20 baseline:v1.21 baseline:v1.22"),
        (json!({"audit": "restricted", "audit-version": "v1.9"}), "baseline:v1.20 restricted:v1.9 baseline:v1.22"),
        (json!({"warn-version": "latest"}), "baseline:v1.20 baseline:v1.21 baseline:latest"),
        // A stricter enforce label sets warn and its version, unless there are labels for warn.
        (json!({"enforce": "restricted"}), "restricted:v1.20 baseline:v1.21 restricted:v1.20"),
        (json!({"enforce": "restricted", "enforce-version": "v1.5"}), "restricted:v1.5 baseline:v1.21 restricted:v1.5"),
        (json!({"enforce": "restricted", "warn-version": "v1.3"}), "restricted:v1.20 baseline:v1.21 restricted:v1.3"),
        (json!({"enforce": "restricted", "warn": "privileged"}), "restricted:v1.20 baseline:v1.21 privileged:v1.22"),
        (json!({"enforce": "baseline", "enforce-version": "v1.5"}), "baseline:v1.5 baseline:v1.21 baseline:v1.22"),
        // An invalid enforce level is restricted, another one privileged, and an invalid version the latest.
        (json!({"enforce": "Restricted"}), "restricted:v1.20 baseline:v1.21 baseline:v1.22 | enforce=\"Restricted\""),
        (json!({"enforce": null}), "restricted:v1.20 baseline:v1.21 baseline:v1.22 | enforce=\"\""),
        (json!({"audit": "x"}), "baseline:v1.20 privileged:v1.21 baseline:v1.22 | audit=\"x\""),
        (json!({"enforce": "restricted", "warn": "a\nb"}), "restricted:v1.20 baseline:v1.21 privileged:v1.22 | warn=\"a\\nb\""),
        (
            json!({"enforce-version": "v1", "audit-version": "v1.01", "warn-version": ""}),
            "baseline:latest baseline:latest baseline:latest | enforce-version=\"v1\" audit-version=\"v1.01\" warn-version=\"\"",
        ),
    ];
    let settings = json!({"defaults": defaults}).to_string();
    let settings = Settings::parse(settings.as_bytes()).unwrap();
    for (labels, expected) in table {
        let text = namespace(&labels).to_string();
        let parsed_labels = read_labels(text.as_bytes()).unwrap();
        let (policy, errors) = Policy::from_labels(&parsed_labels, settings.defaults);
        let mut actual = format!("{} {} {}", policy.enforce, policy.audit, policy.warn);
        for (index, error) in errors.iter().enumerate() {
            let error = error.to_string();
            let (label, rest) =
                error.strip_prefix("metadata.labels[pod-security.kubernetes.io/").unwrap().split_once("]: Invalid value: ").unwrap();
            let (value, allowed) = rest.split_once(": must be ").unwrap();
            let expected = if label.ends_with("version") { "\"latest\" or \"v1.x\"" } else { "one of privileged, baseline, restricted" };
            assert_eq!(allowed, expected);
            actual += &format!("{}{label}={value}", if index == 0 { " | " } else { " " });
        }
        assert_eq!(actual, expected, "{labels}");
    }
}

#[test]
fn evaluates_pods_despite_invalid_labels_of_their_namespace() {
    let cluster = TestCluster::labelled(json!({"pod-security.kubernetes.io/enforce": "x", "pod-security.kubernetes.io/warn-version": "y"}));
    let answer = rendered(&decide(&with(honor(), &[("/defaults/enforce-version", json!("v1.7"))]), &request("pods", pod()), &cluster));
    assert_eq!(
        answer,
        "403 pods \"p\" is forbidden: violates PodSecurity \"restricted:v1.7\": host namespaces (hostPID=true), \
         runAsNonRoot != true (pod or container \"a\" must set securityContext.runAsNonRoot=true)\n\
         error Failed to parse policy: [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"x\": must be one of privileged, \
         baseline, restricted, metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: \"y\": must be \"latest\" or \"v1.x\"]\n\
         enforce-policy restricted:v1.7"
    );
}

#[test]
fn rejects_new_invalid_labels_of_a_namespace() {
    let one_error = json!({"enforce": "x"});
    let two_errors = json!({"enforce": "x", "audit": "y"});
    let invalid = "422 Namespace \"team\" is invalid: metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"x\": \
                   must be one of privileged, baseline, restricted";
    let cluster = TestCluster { pods: json!([]), ..TestCluster::default() };
    let create = |labels: &Value| with(request("namespaces", namespace(labels)), &[("/name", json!("team"))]);
    assert_eq!(rendered(&decide(&honor(), &create(&json!({"enforce": "baseline"})), &cluster)), "ok");
    assert_eq!(rendered(&decide(&honor(), &create(&one_error), &cluster)), invalid);
    assert_eq!(rendered(&decide(&honor(), &relabel(&json!({}), &one_error), &cluster)), invalid);
    // Fixing one of two errors changes the list of errors and is rejected too; an unchanged list is accepted.
    assert_eq!(rendered(&decide(&honor(), &relabel(&two_errors, &one_error), &cluster)), invalid);
    assert_eq!(rendered(&decide(&honor(), &relabel(&one_error, &one_error), &cluster)), "ok");
    assert_eq!(rendered(&decide(&honor(), &relabel(&two_errors, &json!({})), &cluster)), "ok");
    assert!(
        rendered(&decide(&honor(), &with(create(&one_error), &[("/name", json!(""))]), &cluster))
            .starts_with("422 Namespace \"\" is invalid: ")
    );
    // Requests for namespaces are not exempt by their user, and exempt namespaces need valid labels too.
    let exempting = with(honor(), &[("/exemptions", json!({"usernames": ["alice"], "namespaces": ["team"]}))]);
    assert_eq!(rendered(&decide(&exempting, &create(&one_error), &cluster)), invalid);
}

#[test]
fn evaluates_existing_pods_if_the_enforced_policy_changes() {
    let table = [
        (json!({}), json!({"enforce": "baseline"}), true),
        (json!({"enforce": "baseline"}), json!({"enforce": "restricted"}), true),
        (json!({"enforce": "restricted"}), json!({"enforce": "baseline"}), false),
        (json!({"enforce": "restricted"}), json!({"enforce": "restricted", "audit": "baseline", "warn": "privileged"}), false),
        (json!({"enforce": "restricted", "enforce-version": "v1.25"}), json!({"enforce": "baseline", "enforce-version": "v1.20"}), true),
        (json!({"enforce": "baseline", "enforce-version": "v1.25"}), json!({"enforce": "baseline"}), true),
        (json!({"enforce": "restricted", "enforce-version": "v1.25"}), json!({"enforce": "privileged"}), false),
        (json!({"enforce": "x"}), json!({"enforce": "x"}), false),
    ];
    for (old, new, expects_list) in table {
        let cluster = TestCluster { pods: json!([]), ..TestCluster::default() };
        assert_eq!(rendered(&decide(&honor(), &relabel(&old, &new), &cluster)), "ok");
        assert_eq!(!cluster.lookups.borrow().is_empty(), expects_list, "{old} to {new}");
    }
    // Removing a label can make the policy stricter.
    let cluster = TestCluster { pods: json!([pod()]), ..TestCluster::default() };
    let defaults = with(honor(), &[("/defaults/enforce", json!("baseline"))]);
    assert_eq!(
        rendered(&decide(&defaults, &relabel(&json!({"enforce": "privileged"}), &json!({})), &cluster)),
        "ok\nwarning existing pods in namespace \"team\" violate the new PodSecurity enforce level \"baseline:latest\"\n\
         warning p: host namespaces"
    );
    assert_eq!(*cluster.lookups.borrow(), ["list team"]);
}

/// A pod that violates hostNamespaces, and optionally hostPorts.
fn existing_pod(name: &str, port: bool, owner: Option<&str>) -> Value {
    let port = if port { 80 } else { 0 };
    let owners = owner.map(|uid| json!([{"uid": "x", "controller": false}, {"uid": uid, "controller": true}]));
    json!({
        "metadata": {"name": name, "ownerReferences": owners},
        "spec": {"hostPID": true, "containers": [{"name": "a", "ports": [{"hostPort": port}]}]},
    })
}

fn warnings(settings: &Value, cluster: &TestCluster) -> Vec<String> {
    decide(settings, &relabel(&json!({}), &json!({"enforce": "baseline"})), cluster).warnings
}

#[test]
fn groups_and_sorts_warnings_about_pods_by_reasons() {
    let pods = json!([
        existing_pod("p-3", false, None),
        existing_pod("p-36", true, None),
        existing_pod("b", true, None),
        existing_pod("p-4", false, Some("u1")),
        existing_pod("p-2", false, Some("u1")),
        {"metadata": {"name": "fine"}, "spec": {"containers": [{"name": "a"}]}},
        {"metadata": {"name": "gone"}, "spec": {"hostIPC": true, "runtimeClassName": "kata"}},
    ]);
    let settings = with(honor(), &[("/exemptions", json!({"runtimeClasses": ["kata"]}))]);
    assert_eq!(
        warnings(&settings, &TestCluster { pods, ..TestCluster::default() }),
        [
            "existing pods in namespace \"team\" violate the new PodSecurity enforce level \"baseline:latest\"",
            "b (and 1 other pod): host namespaces, hostPort",
            "p-2 (and 2 other pods): host namespaces",
        ]
    );
    // p-36 precedes p-3, because digits precede the colon.
    let pods = json!([existing_pod("p-3", true, None), existing_pod("p-36", false, None)]);
    assert_eq!(
        warnings(&honor(), &TestCluster { pods, ..TestCluster::default() })[1..],
        ["p-36: host namespaces", "p-3: host namespaces, hostPort"]
    );
}

#[test]
fn limits_the_number_of_pods_and_the_time() {
    let compliant = |name: String, owner: Option<&str>| with(existing_pod(&name, false, owner), &[("/spec/hostPID", json!(false))]);
    // 3001 pods of one controller, and a violating pod of another, which is the last.
    let mut pods: Vec<Value> = (0..MAX_PODS).map(|n| compliant(format!("p-{n}"), Some("u1"))).collect();
    pods.push(existing_pod("last", false, Some("u2")));
    let cluster = TestCluster { pods: Value::Array(pods), ..TestCluster::default() };
    assert_eq!(
        warnings(&honor(), &cluster),
        [
            "new PodSecurity enforce level only checked against the first 3000 of 3001 existing pods",
            "existing pods in namespace \"team\" violate the new PodSecurity enforce level \"baseline:latest\"",
            "last: host namespaces",
        ]
    );
    // The clock is read once before the list and once after each pod.
    for (tick, checked) in [(MAX_POD_MILLIS / 3, 4), (MAX_POD_MILLIS / 4, 5)] {
        let pods = Value::from_iter((0..9).map(|n| existing_pod(&format!("p-{n}"), false, None)));
        let slow = TestCluster { pods, tick, ..TestCluster::default() };
        assert_eq!(
            warnings(&honor(), &slow),
            [
                format!("new PodSecurity enforce level only checked against the first {checked} of 9 existing pods"),
                "existing pods in namespace \"team\" violate the new PodSecurity enforce level \"baseline:latest\"".to_owned(),
                format!("p-0 (and {} other pods): host namespaces", checked - 1),
            ]
        );
    }
}

#[test]
fn accepts_a_namespace_whose_pods_cannot_be_listed() {
    let failed = ["failed to list pods while checking new PodSecurity enforce level"];
    assert_eq!(warnings(&honor(), &TestCluster { is_unreachable: true, ..TestCluster::default() }), failed);
    for pods in [json!("none"), json!([7]), json!([{"spec": {"containers": {}}}])] {
        assert_eq!(warnings(&honor(), &TestCluster { pods, ..TestCluster::default() }), failed);
    }
    // Kubernetes logs the error.
    let tightening = relabel(&json!({}), &json!({"enforce": "baseline"}));
    let unreachable = TestCluster { is_unreachable: true, ..TestCluster::default() };
    let accepted_with = |error: &str| format!("ok\nwarning {}\n{error}", failed[0]);
    assert_eq!(rendered(&decide(&honor(), &tightening, &unreachable)), accepted_with(&format!("error {}: no route to host", failed[0])));
    let invalid_response = rendered(&decide(&honor(), &tightening, &TestCluster { pods: json!("none"), ..TestCluster::default() }));
    let error = format!("error {}: the cluster's answer cannot be understood: items: must be an array, not \"none\"", failed[0]);
    assert_eq!(invalid_response, accepted_with(&error));
}

#[test]
fn reports_missing_permissions() {
    let cluster = TestCluster { missing_permission: Some("allow it"), ..TestCluster::default() };
    let failed = "failed to lookup namespace \"team\": allow it";
    let rejection = format!("500 Internal error occurred: {failed}\nerror Internal error occurred: {failed}: forbidden");
    assert_eq!(rendered(&decide(&honor(), &request("pods", pod()), &cluster)), rejection);
    let deployment = request("deployments.apps", workload_of(&WORKLOADS[3], &pod()));
    assert_eq!(rendered(&decide(&honor(), &deployment, &cluster)), format!("ok\nerror {failed}: forbidden"));
    let failed = "failed to list pods while checking new PodSecurity enforce level";
    let tightening = relabel(&json!({}), &json!({"enforce": "baseline"}));
    let acceptance = format!("ok\nwarning {failed}\nwarning allow it\nerror {failed}: allow it: forbidden");
    assert_eq!(rendered(&decide(&honor(), &tightening, &cluster)), acceptance);
}

#[test]
fn warns_that_labels_of_an_exempt_namespace_are_ignored() {
    let settings = with(honor(), &[("/exemptions", json!({"namespaces": ["team"]})), ("/defaults", json!({"warn": "baseline"}))]);
    let create = |labels: Value| with(request("namespaces", namespace(&labels)), &[("/name", json!("team"))]);
    let ignored =
        |policy: &str| format!("ok\nwarning namespace \"team\" is exempt from Pod Security, and the policy ({policy}) will be ignored");
    let table = [
        (create(json!({})), "ok".to_owned()),
        (create(json!({"warn": "privileged"})), "ok".to_owned()),
        (create(json!({"warn": "baseline", "warn-version": "latest"})), "ok".to_owned()),
        (create(json!({"enforce": "restricted"})), ignored("enforce=restricted:latest")),
        (create(json!({"audit": "baseline", "warn-version": "v1.5"})), ignored("audit=baseline:latest, warn=baseline:v1.5")),
        (create(json!({"enforce": "privileged", "enforce-version": "v1.5", "audit-version": "v1.5"})), "ok".to_owned()),
        (relabel(&json!({}), &json!({"audit": "baseline"})), "ok".to_owned()),
        (relabel(&json!({}), &json!({"enforce": "baseline"})), ignored("enforce=baseline:latest")),
        (relabel(&json!({"enforce": "baseline"}), &json!({"enforce": "privileged", "audit": "baseline"})), "ok".to_owned()),
    ];
    for (request, expected) in table {
        let cluster = TestCluster { is_unreachable: true, ..TestCluster::default() };
        assert_eq!(rendered(&decide(&settings, &request, &cluster)), expected, "{request}");
        assert!(cluster.lookups.borrow().is_empty());
    }
    // The list of modes is empty: the policy differs from the defaults only by old invalid labels.
    let invalid_labels = json!({"warn": "x"});
    let update = relabel(&invalid_labels, &json!({"warn": "x", "enforce": "baseline"}));
    assert_eq!(rendered(&decide(&settings, &update, &TestCluster::default())), ignored("enforce=baseline:latest"));
}
