//! `existing: workloads`: warnings about the workloads of a namespace whose enforced policy changes.

use super::*;

/// The kinds that are looked up, in this order.
const LOOKED_UP: [&str; 7] = [
    "cronjobs.batch",
    "deployments.apps",
    "statefulsets.apps",
    "daemonsets.apps",
    "jobs.batch",
    "replicasets.apps",
    "replicationcontrollers",
];
const PODS_HEADER: &str = "existing pods in namespace \"team\" violate the new PodSecurity enforce level \"baseline:latest\"";
const HEADER: &str = "existing workloads in namespace \"team\" violate the new PodSecurity enforce level \"baseline:latest\"";

fn workloads() -> Value {
    with(honor(), &[("/existing", json!("workloads"))])
}

fn kind_of(resource: &str) -> &'static Workload {
    WORKLOADS.iter().find(|workload| workload.resource == resource).unwrap()
}

/// A workload in a list, whose template violates hostNamespaces, and optionally hostPorts. Its UID is `uid-NAME`.
fn existing_workload(resource: &str, name: &str, port: bool) -> Value {
    let mut object = workload_of(kind_of(resource), &existing_pod("", port, None));
    object["metadata"] = json!({"name": name, "uid": format!("uid-{name}")});
    object
}

fn controlled_by(mut object: Value, uid: &str) -> Value {
    object["metadata"]["ownerReferences"] = json!([{"uid": uid, "controller": true}]);
    object
}

/// A cluster without pods, with these workloads by their resources.
fn cluster(workloads: Value) -> TestCluster {
    TestCluster { pods: json!([]), workloads, ..TestCluster::default() }
}

#[test]
fn workloads_are_looked_up_with_the_setting_only() {
    for (settings, expected) in [(honor(), 1), (with(honor(), &[("/existing", json!("pods"))]), 1), (workloads(), 8)] {
        let cluster = cluster(json!({"cronjobs": [existing_workload("cronjobs", "backup", false)]}));
        assert_eq!(warnings(&settings, &cluster).is_empty(), expected == 1);
        let lookups = cluster.lookups.into_inner();
        assert_eq!(lookups[0], "list team");
        assert_eq!(lookups.len(), expected);
        let others: Vec<String> = LOOKED_UP.iter().map(|kind| format!("list {kind} in team")).collect();
        assert_eq!(lookups[1..], others[..expected - 1]);
    }
    // Not where upstream does not list the pods.
    let cluster = cluster(json!(null));
    assert_eq!(
        rendered(&decide(&workloads(), &relabel(&json!({"enforce": "restricted"}), &json!({"enforce": "baseline"})), &cluster)),
        "ok"
    );
    assert_eq!(
        rendered(&decide(&workloads(), &with(request("namespaces", namespace(&json!({"enforce": "baseline"}))), &[]), &cluster)),
        "ok"
    );
    assert!(cluster.lookups.borrow().is_empty());
}

#[test]
fn warns_of_every_kind_that_creates_pods() {
    for kind in &WORKLOADS {
        let mut lists = json!({});
        lists[kind.resource] = json!([existing_workload(kind.resource, "w", false)]);
        let expected = match kind.kind {
            // Nothing creates pods from it by itself.
            "PodTemplate" => Vec::new(),
            _ => vec![HEADER.to_owned(), format!("{} w: host namespaces", kind.kind)],
        };
        assert_eq!(warnings(&workloads(), &cluster(lists)), expected);
        // A template that satisfies the policy, and one that is missing.
        let fine = with(
            existing_workload(kind.resource, "w", false),
            &[(&format!("/{}/spec", kind.template.path().replace('.', "/")), json!({}))],
        );
        for object in [fine, json!({"metadata": {"name": "w"}})] {
            let mut lists = json!({});
            lists[kind.resource] = json!([object]);
            assert_eq!(warnings(&workloads(), &cluster(lists)), [""; 0], "{kind}");
        }
        // With a controller, the template of the controller matters.
        let mut lists = json!({});
        lists[kind.resource] = json!([controlled_by(existing_workload(kind.resource, "w", false), "u")]);
        let is_left_out = ["Job", "ReplicaSet", "ReplicationController", "PodTemplate"].contains(&kind.kind);
        assert_eq!(warnings(&workloads(), &cluster(lists)).is_empty(), is_left_out, "{kind}");
    }
}

#[test]
fn groups_workloads_by_reasons_and_by_their_pods() {
    let pods = json!([
        // Of the ReplicaSet of the Deployment web, of the same and of other reasons.
        existing_pod("web-1", false, Some("uid-web-rs")),
        existing_pod("web-2", false, Some("uid-web-rs")),
        existing_pod("web-3", true, Some("uid-web-rs")),
        // Of a Job of the CronJob report, of a StatefulSet, of nothing that is known.
        existing_pod("report-1", true, Some("uid-report-job")),
        existing_pod("db-0", false, Some("uid-db")),
        existing_pod("other", false, Some("uid-other")),
    ]);
    let lists = json!({
        "deployments": [
            existing_workload("deployments", "web", false), existing_workload("deployments", "idle", false),
            existing_workload("deployments", "api", false), existing_workload("deployments", "new", true),
        ],
        "replicasets": [
            controlled_by(existing_workload("replicasets", "web-rs", false), "uid-web"),
            existing_workload("replicasets", "alone", false),
        ],
        "cronjobs": [existing_workload("cronjobs", "report", true), existing_workload("cronjobs", "backup", true)],
        "jobs": [controlled_by(existing_workload("jobs", "report-job", true), "uid-report")],
        "statefulsets": [existing_workload("statefulsets", "db", false)],
    });
    let cluster = TestCluster { pods, ..cluster(lists) };
    let upstream = [PODS_HEADER, "db-0 (and 3 other pods): host namespaces", "report-1 (and 1 other pod): host namespaces, hostPort"];
    let expected = [
        HEADER,
        "CronJob backup (and 1 other workload): host namespaces, hostPort",
        "CronJob report (with 1 pod): host namespaces, hostPort",
        "Deployment api (and 2 other workloads): host namespaces",
        "Deployment web (and 1 other workload, with 3 pods): host namespaces",
    ];
    assert_eq!(warnings(&honor(), &cluster), upstream);
    assert_eq!(warnings(&workloads(), &cluster), [&upstream[..], &expected].concat());
}

#[test]
fn templates_are_evaluated_as_existing_pods_are() {
    let spec = json!({"containers": [{"name": "a", "image": "i"}], "hostNetwork": true});
    let of =
        |metadata: Value, spec: Value| json!([with(workload_of(kind_of("cronjobs"), &json!({"metadata": metadata, "spec": spec})), &[])]);
    let rule = json!({"checks": ["hostNamespaces"], "podSelector": {"matchLabels": {"app": "a"}}, "reason": "r"});
    let exempting = |key: &str, value: Value| {
        let mut exemptions = json!({});
        exemptions[key] = value;
        with(workloads(), &[("/exemptions", exemptions)])
    };
    let line = |reasons: &str| vec![HEADER.to_owned(), format!("CronJob w: {reasons}")];
    let annotation = json!({"annotations": {"container.apparmor.security.beta.kubernetes.io/a": "unconfined"}});
    let table = [
        (workloads(), of(json!({}), spec.clone()), line("host namespaces")),
        (workloads(), of(annotation, json!({"containers": [{"name": "a"}]})), line("forbidden AppArmor profile")),
        (exempting("runtimeClasses", json!(["kata"])), of(json!({}), with(spec.clone(), &[("/runtimeClassName", json!("kata"))])), vec![]),
        (
            exempting("serviceAccounts", json!(["team/agent"])),
            of(json!({}), with(spec.clone(), &[("/serviceAccountName", json!("agent"))])),
            vec![],
        ),
        (exempting("serviceAccounts", json!(["other/default"])), of(json!({}), spec.clone()), line("host namespaces")),
        (exempting("checks", json!([rule])), of(json!({"labels": {"app": "a"}}), spec.clone()), vec![]),
        (exempting("checks", json!([rule])), of(json!({"labels": {"app": "b"}}), spec.clone()), line("host namespaces")),
        // The user of the request created none of them.
        (exempting("usernames", json!(["alice"])), of(json!({}), spec), line("host namespaces")),
    ];
    for (settings, cronjobs, expected) in table {
        assert_eq!(warnings(&settings, &cluster(json!({"cronjobs": cronjobs}))), expected, "{settings} {cronjobs}");
    }
    // Existing objects are not hardened.
    let hardening = with(
        honor(),
        &[("/defaults/enforce", json!("privileged")), ("/existing", json!("workloads")), ("/harden", json!(["runAsNonRoot"]))],
    );
    let minimal = json!({"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}, "containers": [{"name": "a", "securityContext": {
        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]},
    }}]});
    let cluster = cluster(json!({"cronjobs": of(json!({}), minimal)}));
    let decision = decide(&hardening, &relabel(&json!({}), &json!({"enforce": "restricted"})), &cluster);
    assert_eq!(decision.warnings[1..], ["CronJob w: runAsNonRoot != true"]);
}

#[test]
fn the_limits_are_those_of_pods_and_workloads_together() {
    let fine = |name: String| json!({"metadata": {"name": name}, "spec": {"containers": [{"name": "a"}]}});
    let many = |count: usize| Value::from_iter((0..count).map(|index| fine(format!("p-{index}"))));
    let lists = || {
        json!({
            "cronjobs": [existing_workload("cronjobs", "c-2", false), existing_workload("cronjobs", "c-1", false)],
            "deployments": [existing_workload("deployments", "d-1", false), existing_workload("deployments", "d-2", false)],
        })
    };
    let later = |count: usize| {
        format!("new PodSecurity enforce level not checked against existing {}", LOOKED_UP[LOOKED_UP.len() - count..].join(", "))
    };
    let cut =
        |count: usize, kind: &str| format!("new PodSecurity enforce level only checked against the first {count} of 2 existing {kind}");
    let table: Vec<(usize, Vec<String>)> = vec![
        (MAX_PODS - 4, vec![HEADER.to_owned(), "CronJob c-1 (and 3 other workloads): host namespaces".to_owned()]),
        (
            MAX_PODS - 3,
            vec![
                cut(1, "deployments.apps"),
                later(5),
                HEADER.to_owned(),
                "CronJob c-1 (and 2 other workloads): host namespaces".to_owned(),
            ],
        ),
        (MAX_PODS - 2, vec![later(6), HEADER.to_owned(), "CronJob c-1 (and 1 other workload): host namespaces".to_owned()]),
        (MAX_PODS - 1, vec![cut(1, "cronjobs.batch"), later(6), HEADER.to_owned(), "CronJob c-1: host namespaces".to_owned()]),
        (MAX_PODS, vec![later(7)]),
    ];
    for (pods, expected) in table {
        let actual = warnings(&workloads(), &TestCluster { pods: many(pods), ..cluster(lists()) });
        // With exactly as many as the limit allows, the kinds after it are not looked up.
        let actual: Vec<String> = actual.into_iter().filter(|warning| pods > MAX_PODS - 4 || !warning.contains("not checked")).collect();
        assert_eq!(actual, expected, "{pods}");
    }
    // The clock advances with each reading: after the lists, the time is over.
    for (tick, count) in
        [(MAX_WORKLOAD_MILLIS + 1, 7), (MAX_WORKLOAD_MILLIS / 2, 6), (MAX_WORKLOAD_MILLIS / 4, 5), (MAX_WORKLOAD_MILLIS / 5, 5)]
    {
        let slow = TestCluster { tick, ..cluster(lists()) };
        let actual = warnings(&workloads(), &slow);
        assert!(actual.contains(&later(count)), "{tick}: {actual:?}");
        assert_eq!(slow.lookups.borrow().len(), 1 + LOOKED_UP.len() - count);
    }
}

/// A cluster whose lookups fail in another way for each kind.
struct FailingCluster<'a>(&'a dyn Fn(&str) -> Option<LookupError>, RefCell<Vec<String>>);

impl Cluster for FailingCluster<'_> {
    fn namespace(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Err("not needed".into())
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        self.1.borrow_mut().push("pods".to_owned());
        (self.0)("pods").map_or_else(|| Ok(br#"{"items":[]}"#.to_vec()), Err)
    }

    fn workloads(&self, workload: &'static Workload, _: &str) -> Result<Vec<u8>, LookupError> {
        self.1.borrow_mut().push(workload.to_string());
        let items = json!([existing_workload(workload.resource, "w", false)]);
        (self.0)(&workload.to_string()).map_or_else(|| Ok(json!({"items": items}).to_string().into_bytes()), Err)
    }

    fn millis(&self) -> u64 {
        0
    }
}

#[test]
fn names_the_kinds_that_cannot_be_listed_and_the_missing_permissions() {
    let forbidden = |reason: &str, before: &'static str, missing: &str, after: &'static str| {
        Some(LookupError { reason: reason.to_owned(), permission: Some(Permission { before, missing: missing.to_owned(), after }) })
    };
    let failed = |kinds: &str| format!("failed to list {kinds} while checking new PodSecurity enforce level");
    let respond = |fail: &dyn Fn(&str) -> Option<LookupError>| {
        let settings = workloads().to_string();
        let settings = Settings::parse(settings.as_bytes()).unwrap();
        let payload = json!({"request": relabel(&json!({}), &json!({"enforce": "baseline"}))}).to_string();
        let mut request = Request::default();
        read(find(&payload, &["request"]).unwrap(), "request", &ErrorSink::default(), &mut request).unwrap();
        let cluster = FailingCluster(fail, RefCell::default());
        (rendered(&admit(&request, &payload, &settings, &cluster)), cluster.1.into_inner().len())
    };
    // Grants of Kubewarden for two kinds, and of the API server for another: the other kinds are evaluated.
    let (text, lookups) = respond(&|kind| match kind {
        "cronjobs.batch" => forbidden("no grant 1", "needs ", "batch/v1/CronJob", " there"),
        "jobs.batch" => forbidden("no grant 2", "needs ", "batch/v1/Job", " there"),
        "replicasets.apps" => forbidden("code: 403", "may get ", "replicasets.apps", ""),
        _ => None,
    });
    let list = failed("cronjobs.batch, jobs.batch, replicasets.apps");
    let lines = "warning DaemonSet w (and 3 other workloads): host namespaces";
    assert_eq!(
        text,
        format!(
            "ok\nwarning {list}\nwarning needs batch/v1/CronJob, batch/v1/Job there\nwarning may get replicasets.apps\n\
             warning {HEADER}\n{lines}\nerror {list}: no grant 1; no grant 2; code: 403"
        )
    );
    assert_eq!(lookups, 8);
    // One permission that all lookups lack is named once, apart from that of the pods.
    let (text, lookups) = respond(&|_| forbidden("no capability", "needs the capability ", "get", ""));
    let (pods, all) = (failed("pods"), failed(&LOOKED_UP.join(", ")));
    assert_eq!(
        text,
        format!(
            "ok\nwarning {pods}\nwarning needs the capability get\nwarning {all}\nwarning needs the capability get\n\
             error {pods}: needs the capability get: no capability; {all}: no capability"
        )
    );
    assert_eq!(lookups, 8);
    // After another failure nothing is looked up.
    let (text, lookups) = respond(&|kind| (kind == "deployments.apps").then(|| "no route to host".into()));
    let skipped = format!("new PodSecurity enforce level not checked against existing {}", LOOKED_UP[2..].join(", "));
    let list = failed("deployments.apps");
    assert_eq!(
        text,
        format!(
            "ok\nwarning {skipped}\nwarning {list}\nwarning {HEADER}\nwarning CronJob w: host namespaces\nerror {list}: no route to host"
        )
    );
    assert_eq!(lookups, 3);
    let (text, lookups) = respond(&|kind| (kind == "pods").then(|| "no route to host".into()));
    let skipped = format!("new PodSecurity enforce level not checked against existing {}", LOOKED_UP.join(", "));
    assert_eq!(text, format!("ok\nwarning {pods}\nwarning {skipped}\nerror {pods}: no route to host"));
    assert_eq!(lookups, 1);
}

#[test]
fn a_list_that_cannot_be_read_is_a_failure() {
    for (cronjobs, error) in [
        (json!("none"), "items: must be an array, not \"none\""),
        (
            json!([{"spec": {"jobTemplate": {"spec": {"template": {"spec": {"containers": {}}}}}}}]),
            "items[0].spec.jobTemplate.spec.template.spec.containers: must be an array, not an object",
        ),
    ] {
        let cluster = cluster(json!({"cronjobs": cronjobs, "jobs": [existing_workload("jobs", "j", false)]}));
        let decision = decide(&workloads(), &relabel(&json!({}), &json!({"enforce": "baseline"})), &cluster);
        let failed = "failed to list cronjobs.batch while checking new PodSecurity enforce level";
        let skipped = format!("new PodSecurity enforce level not checked against existing {}", LOOKED_UP[1..].join(", "));
        assert_eq!(
            rendered(&decision),
            format!("ok\nwarning {skipped}\nwarning {failed}\nerror {failed}: the cluster's answer cannot be understood: {error}")
        );
    }
}

#[test]
fn rules_with_an_end_cover_existing_workloads_until_then_and_rules_about_requests_never() {
    let warnings_with = |keys: Value, today| {
        let mut rule = json!({"checks": ["hostNamespaces"], "reason": "why"});
        rule.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
        let settings = with(workloads(), &[("/exemptions", json!({"checks": [rule]})), ("/help", json!("#platform"))]);
        let lists = json!({"cronjobs": [existing_workload("cronjobs", "backup", false)], "deployments": [existing_workload("deployments", "web", false)]});
        warnings(&settings, &TestCluster { today, ..cluster(lists) })
    };
    let today = Some("2027-03-25");
    assert_eq!(warnings_with(json!({"expires": "2027-03-25"}), today), [] as [&str; 0]);
    let expected = [format!("{HEADER} (#platform)"), "CronJob backup (and 1 other workload): host namespaces".to_owned()];
    assert_eq!(warnings_with(json!({"expires": "2027-03-24"}), today), expected);
    assert_eq!(warnings_with(json!({"expires": "2027-03-25"}), None), expected);
    assert_eq!(warnings_with(json!({"operations": ["CREATE", "UPDATE"]}), today), expected);
}
