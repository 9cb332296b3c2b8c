//! Rules that depend on the request and on the date.

use super::*;

/// Settings with a rule for hostNamespaces, and more of its keys.
fn settings(keys: &Value) -> Value {
    let mut rule = json!({"checks": ["hostNamespaces"], "reason": "why"});
    rule.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    json!({"level": "baseline", "exemptions": {"checks": [{"checks": ["sysctls"], "reason": "why"}, rule]}})
}

const REJECTION: &str = "pods \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)";

/// The message of a rejection, or the warnings.
fn response(settings: &Value, request: &Value, cluster: &TestCluster) -> Result<Vec<String>, String> {
    let decision = decide(settings, request, cluster);
    match decision.rejection {
        Some(rejection) => Err(rejection.message),
        None => Ok(decision.warnings),
    }
}

fn on(today: Option<&'static str>) -> TestCluster {
    TestCluster { today, ..TestCluster::default() }
}

#[test]
fn a_rule_holds_until_the_end_of_its_last_day() {
    let rule = "rule exemptions.checks[1] for hostNamespaces";
    let ending = Ok(vec![format!("{rule} expires at the end of 2027-03-31 (UTC)")]);
    let expired = Err(format!("{REJECTION}; {rule} expired at the end of 2027-03-31 (UTC)"));
    let unknown =
        Err(format!("{REJECTION}; {rule} does not hold, for the host gives no date and it expires at the end of 2027-03-31 (UTC)"));
    for (today, expected) in [
        (Some("2026-11-30"), Ok(vec![])),
        (Some("2027-03-17"), Ok(vec![])),
        (Some("2027-03-18"), ending.clone()),
        (Some("2027-03-31"), ending.clone()),
        (Some("2027-04-01"), expired.clone()),
        (Some("2031-01-01"), expired.clone()),
        (None, unknown.clone()),
    ] {
        let settings = settings(&json!({"expires": "2027-03-31"}));
        assert_eq!(response(&settings, &request("pods", pod()), &on(today)), expected, "{today:?}");
    }
    // Other requests do not mention the rule, nor do rules without an end need a clock.
    let fine = with(pod(), &[("/spec/hostPID", json!(false))]);
    assert_eq!(response(&settings(&json!({"expires": "2000-01-01"})), &request("pods", fine), &on(None)), Ok(vec![]));
    assert_eq!(response(&settings(&json!({})), &request("pods", pod()), &on(None)), Ok(vec![]));
    let elsewhere = settings(&json!({"expires": "2000-01-01", "namespaces": ["other"]}));
    assert_eq!(response(&elsewhere, &request("pods", pod()), &on(None)), Err(REJECTION.to_owned()));
}

#[test]
fn the_clock_is_read_once_and_only_if_a_rule_that_applies_has_an_end() {
    let reads = |settings: &Value, object: Value| {
        let cluster = on(Some("2027-01-01"));
        decide(settings, &request("pods", object), &cluster);
        cluster.clock_reads.get()
    };
    let ending = settings(&json!({"expires": "2027-03-31"}));
    assert_eq!(reads(&ending, pod()), 1);
    let rule = &ending["exemptions"]["checks"][1];
    let many = with(ending.clone(), &[("/exemptions/checks", json!([rule, rule]))]);
    assert_eq!(reads(&many, pod()), 1);
    assert_eq!(reads(&ending, with(pod(), &[("/spec/hostPID", json!(false))])), 0);
    assert_eq!(reads(&settings(&json!({})), pod()), 0);
    assert_eq!(reads(&settings(&json!({"expires": "2027-03-31", "usernames": ["bob"]})), pod()), 0);
}

#[test]
fn another_rule_that_holds_covers_the_finding_without_a_word_about_expired_ones() {
    let rules = |ends: [&str; 3]| {
        let rules = ends.map(|end| json!({"checks": ["hostNamespaces", "hostPorts"], "reason": "why", "expires": end}));
        json!({"level": "baseline", "exemptions": {"checks": rules}})
    };
    let today = on(Some("2027-03-25"));
    for ends in [["2027-03-24", "2028-01-01", "2027-03-30"], ["2000-01-01", "2027-03-24", "2028-01-01"]] {
        assert_eq!(response(&rules(ends), &request("pods", pod()), &today), Ok(vec![]), "{ends:?}");
    }
    // The first of several expired ones is named.
    let message = response(&rules(["2027-03-24", "2027-03-23", "2027-03-22"]), &request("pods", pod()), &today).unwrap_err();
    assert_eq!(message, format!("{REJECTION}; rule exemptions.checks[0] for hostNamespaces expired at the end of 2027-03-24 (UTC)"));
    // Once for all checks of a rule, and at most five rules.
    let ports = json!([{"name": "a", "image": "i:1", "ports": [{"hostPort": 1}, {"hostPort": 2}]}]);
    let two = request("pods", with(pod(), &[("/spec/containers", ports)]));
    let message = response(&rules(["2027-03-24", "2028-01-01", "2028-01-01"]).clone(), &two, &on(Some("2029-01-01"))).unwrap_err();
    assert!(
        message.ends_with("hostPort (container \"a\" uses hostPorts 1, 2); rule exemptions.checks[0] for hostNamespaces, hostPorts expired at the end of 2027-03-24 (UTC)"),
        "{message}"
    );
    let ports: Vec<Value> = (1..=7).map(|port| json!({"hostPort": port})).collect();
    let each: Vec<Value> =
        (1..=7).map(|port| json!({"checks": ["hostPorts"], "values": [port], "reason": "why", "expires": "2000-01-01"})).collect();
    let many = json!({"level": "baseline", "exemptions": {"checks": each}});
    let pod = with(pod(), &[("/spec/containers/0/ports", json!(ports))]);
    let message = response(&many, &request("pods", pod), &today).unwrap_err();
    assert_eq!(message.matches("; rule exemptions.checks[").count(), 5, "{message}");
    assert!(message.ends_with("rule exemptions.checks[4] for hostPorts expired at the end of 2000-01-01 (UTC); and 2 more"), "{message}");
}

#[test]
fn warnings_about_violations_name_expired_rules_and_audit_annotations_do_not() {
    let settings = json!({
        "defaults": {"enforce": "privileged", "audit": "baseline", "warn": "baseline"},
        "exemptions": {"checks": [{"checks": ["hostNamespaces"], "reason": "why", "expires": "2027-03-31"}]},
    });
    let violation = "would violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true)";
    let deployment = request("deployments.apps", workload_of(&WORKLOADS[3], &pod()));
    let note = "; rule exemptions.checks[0] for hostNamespaces expired at the end of 2027-03-31 (UTC)";
    assert_eq!(
        rendered(&decide(&settings, &deployment, &on(Some("2027-04-01")))),
        format!("ok\nwarning {violation}{note}\naudit-violations {violation}")
    );
    let ending = "warning rule exemptions.checks[0] for hostNamespaces expires at the end of 2027-03-31 (UTC)";
    assert_eq!(
        rendered(&decide(&settings, &deployment, &on(Some("2027-03-31")))),
        format!("ok\n{ending}\nexempt-checks hostNamespaces (spec.template.spec.hostPID): why")
    );
    // A policy that does not decide on the request causes no warning.
    let enforced = with(settings, &[("/defaults", json!({"enforce": "baseline"}))]);
    assert_eq!(rendered(&decide(&enforced, &deployment, &on(Some("2027-03-31")))), "ok");
}

#[test]
fn conditions_on_requests() {
    let by = |user: Value| with(request("pods", pod()), &[("/userInfo", user)]);
    let update = |user: Value| {
        let debug = json!([{"name": "debug", "image": "i"}]);
        let new = with(pod(), &[("/spec/ephemeralContainers", debug)]);
        with(
            by(user),
            &[
                ("/operation", json!("UPDATE")),
                ("/oldObject", pod()),
                ("/object", new),
                ("/requestSubResource", json!("ephemeralcontainers")),
            ],
        )
    };
    let on_call = json!({"username": "carol", "groups": ["on-call", "system:authenticated"]});
    let alice = json!({"username": "alice", "groups": ["developers", "system:authenticated"]});
    let table = [
        (json!({"usernames": ["carol", "bob"]}), by(on_call.clone()), true),
        (json!({"usernames": ["carol", "bob"]}), by(alice.clone()), false),
        // Names are compared as they are.
        (json!({"usernames": ["Carol", "caro", "carol "]}), by(on_call.clone()), false),
        (json!({"groups": ["on-call"]}), by(on_call.clone()), true),
        (json!({"groups": ["admins", "on-call"]}), by(on_call.clone()), true),
        (json!({"groups": ["on-call"]}), by(alice.clone()), false),
        (json!({"groups": ["on-call"], "usernames": ["carol"]}), by(on_call.clone()), true),
        (json!({"groups": ["on-call"], "usernames": ["bob"]}), by(on_call.clone()), false),
        (json!({"operations": ["CREATE"]}), by(alice.clone()), true),
        (json!({"operations": ["UPDATE"]}), by(alice.clone()), false),
        (json!({"operations": ["CREATE"]}), update(alice.clone()), false),
        (json!({"operations": ["UPDATE"]}), update(alice.clone()), true),
        (json!({"operations": ["CREATE", "UPDATE"]}), update(alice.clone()), true),
        (json!({"operations": ["UPDATE"], "groups": ["on-call"]}), update(on_call.clone()), true),
        (json!({"operations": ["UPDATE"], "groups": ["on-call"]}), update(alice), false),
        // The audit scanner has no user, and creates.
        (json!({"operations": ["CREATE"]}), by(json!({})), true),
        (json!({"usernames": ["carol"]}), by(json!({})), false),
        (json!({"groups": ["on-call"]}), by(json!({})), false),
        // Groups that cannot be parsed are none.
        (json!({"groups": ["on-call"]}), by(json!({"username": "carol", "groups": "on-call"})), false),
        (json!({"groups": ["on-call"]}), by(json!({"username": "carol", "groups": ["on-call", 7]})), false),
        (json!({"usernames": ["carol"]}), by(json!({"username": "carol", "groups": 7})), true),
    ];
    for (keys, request, expected) in table {
        let payload = json!({"settings": settings(&keys), "request": request}).to_string();
        let message = validate(payload.as_bytes(), &TestCluster::default()).message;
        assert_eq!(message.as_deref(), (!expected).then_some(REJECTION), "{keys} {request}");
    }
}

#[test]
fn the_requester_of_a_workload_is_not_that_of_its_pods() {
    let settings = with(settings(&json!({"groups": ["on-call"]})), &[("/workloads", json!("enforce"))]);
    let on_call = json!({"username": "carol", "groups": ["on-call"]});
    let controller = json!({"username": "system:serviceaccount:kube-system:replicaset-controller", "groups": ["system:serviceaccounts", "system:authenticated"]});
    let deployment = request("deployments.apps", workload_of(&WORKLOADS[3], &pod()));
    let by = |request: &Value, user: &Value| {
        response(&settings, &with(request.clone(), &[("/userInfo", user.clone())]), &TestCluster::default())
    };
    assert_eq!(by(&deployment, &on_call), Ok(vec![]));
    assert!(by(&deployment, &controller).is_err());
    assert_eq!(by(&request("pods", pod()), &controller), Err(REJECTION.to_owned()));
    // A later change of the template by somebody else is rejected, unless updates that add nothing are accepted.
    let new = workload_of(&WORKLOADS[3], &with(pod(), &[("/spec/containers/0/image", json!("i:2"))]));
    let update =
        with(deployment.clone(), &[("/operation", json!("UPDATE")), ("/oldObject", deployment["object"].clone()), ("/object", new)]);
    assert_eq!(by(&update, &on_call), Ok(vec![]));
    assert!(by(&update, &controller).is_err());
    let lenient = with(settings.clone(), &[("/updates", json!("allow-existing"))]);
    assert_eq!(response(&lenient, &with(update, &[("/userInfo", controller)]), &TestCluster::default()).map(|_| ()), Ok(()));
}

#[test]
fn conditions_on_requests_and_ended_rules_cover_no_pod_of_a_relabelled_namespace() {
    let warnings = |keys: &Value, today| {
        let rule = settings(keys)["exemptions"].clone();
        let settings = json!({"defaults": {}, "namespaceLabels": "honor", "exemptions": rule});
        let cluster = TestCluster { pods: json!([pod()]), ..on(today) };
        let enforce = json!({"enforce": "baseline"});
        decide(&settings, &relabel(&json!({}), &enforce), &cluster).warnings.len()
    };
    let today = Some("2027-03-25");
    assert_eq!(warnings(&json!({}), today), 0);
    assert_eq!(warnings(&json!({"expires": "2027-03-31"}), today), 0);
    let uncovered = [
        (json!({"expires": "2027-03-24"}), today),
        (json!({"expires": "2027-03-31"}), None),
        (json!({"usernames": ["alice"]}), today),
        (json!({"groups": ["team-a"]}), today),
        (json!({"operations": ["CREATE", "UPDATE"]}), today),
    ];
    for (keys, today) in uncovered {
        assert_eq!(warnings(&keys, today), 2, "{keys}");
    }
}

/// Settings that name a channel for help.
fn with_channel(settings: Value) -> Value {
    with(json!({"": settings}), &[("//help", json!("#platform on chat.example"))])[""].clone()
}

#[test]
fn help_follows_rejections_and_warnings_of_violations() {
    let help = " (#platform on chat.example)";
    let violation = "\"baseline:latest\": host namespaces (hostPID=true)";
    let pods = request("pods", pod());
    let baseline = with_channel(json!({"level": "baseline", "workloads": "warn"}));
    // The annotations remain those of Kubernetes.
    assert_eq!(
        rendered(&decide(&baseline, &pods, &TestCluster::default())),
        BASELINE.replacen("(hostPID=true)", &format!("(hostPID=true){help}"), 1)
    );
    let deployment = request("deployments.apps", workload_of(&WORKLOADS[3], &pod()));
    assert_eq!(decide(&baseline, &deployment, &TestCluster::default()).warnings, [format!("would violate PodSecurity {violation}{help}")]);
    let enforced = with(baseline.clone(), &[("/workloads", json!("enforce"))]);
    assert_eq!(
        response(&enforced, &deployment, &TestCluster::default()),
        Err(format!("deployments.apps \"p\" is forbidden: violates PodSecurity {violation}{help}"))
    );
    // Behind the rules that have expired.
    let expired = with_channel(settings(&json!({"expires": "2000-01-01"})));
    assert_eq!(
        response(&expired, &pods, &TestCluster::default()),
        Err(format!("{REJECTION}; rule exemptions.checks[1] for hostNamespaces expired at the end of 2000-01-01 (UTC){help}"))
    );
    // Failed lookups and the labels of namespaces.
    let honoring = with_channel(honor());
    let unreachable = TestCluster { is_unreachable: true, ..TestCluster::default() };
    assert_eq!(
        response(&honoring, &pods, &unreachable),
        Err(format!("Internal error occurred: failed to lookup namespace \"team\"{help}"))
    );
    let invalid = relabel(&json!({}), &json!({"enforce": "x"}));
    let message = response(&honoring, &invalid, &TestCluster::default()).unwrap_err();
    assert!(
        message.starts_with("Namespace \"team\" is invalid: ") && message.ends_with(&format!("baseline, restricted{help}")),
        "{message}"
    );
    let cluster = TestCluster { pods: json!([pod()]), ..TestCluster::default() };
    assert_eq!(
        decide(&honoring, &relabel(&json!({}), &json!({"enforce": "baseline"})), &cluster).warnings,
        [
            format!("existing pods in namespace \"team\" violate the new PodSecurity enforce level \"baseline:latest\"{help}"),
            "p: host namespaces".to_owned(),
        ]
    );
    // Not errors in the object of a request, nor what is no violation.
    let damaged = request("pods", json!({"kind": "Pod"}));
    assert_eq!(response(&baseline, &damaged, &TestCluster::default()), Err("failed to decode object".to_owned()));
    let hardening = with_channel(json!({"level": "restricted", "version": "v1.7", "harden": ["runAsNonRoot"]}));
    let fine = with(pod(), &[("/spec/hostPID", json!(false))]);
    assert_eq!(
        decide(&hardening, &request("pods", fine), &TestCluster::default()).warnings,
        ["hardened: container \"a\" got runAsNonRoot=true"]
    );
}
