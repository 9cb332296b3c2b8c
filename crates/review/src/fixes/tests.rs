//! Tables of each fix. The invariants of all fixes are in [`properties`].

mod anchors;
pub(crate) mod properties;

use serde_json::json;

use crate::testing::{evaluate, options, source};
use crate::{Finding, Fix, Report};

/// Reviews a text with a policy for all modes: `restricted`, or `baseline:v1.20`.
fn review(text: &str, policy: &str) -> Report {
    evaluate(text, &policy_options(policy))
}

/// The text with all fixes.
fn fixed(text: &str, policy: &str) -> String {
    crate::fix(source(text), &options(&policy_options(policy)))
}

/// Options with a policy for all modes.
fn policy_options(policy: &str) -> serde_json::Value {
    let (level, version) = policy.split_once(':').unwrap_or((policy, "latest"));
    json!({"settings": {"level": level, "version": version}})
}

/// The text with a fix applied.
fn with_fix(text: &str, fix: &Fix) -> String {
    super::rounds::apply(text, fix.edits.iter().collect())
}

fn findings(report: &Report) -> impl Iterator<Item = &Finding> {
    report.documents.iter().flat_map(|document| &document.findings)
}

/// A Pod with a spec, which is indented by two spaces.
fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n{spec}")
}

/// A field, the spec of a pod, and the title and the spec of its fix.
type Case<'a> = (&'a str, &'a str, Option<(&'a str, &'a str)>);

/// Asserts the fixes of the findings on fields of pods.
fn assert_fixes(policy: &str, cases: &[Case<'_>]) {
    for (field, before, expected) in cases {
        let before = pod(before);
        let report = review(&before, policy);
        let finding = findings(&report).find(|finding| finding.path == format!("spec.{field}"));
        let finding = finding.unwrap_or_else(|| panic!("no finding on {field} of\n{before}\n{report:#?}"));
        let fixed = finding.fix.as_ref().map(|fix| (fix.title.as_str(), with_fix(&before, fix)));
        let expected = expected.map(|(title, after)| (title, pod(after)));
        assert_eq!(fixed, expected, "\n{field}\n{before}\n{}", fixed.as_ref().map_or("", |(_, after)| after));
    }
}

#[test]
fn fixes_privilege_escalation() {
    let field = "containers[0].securityContext.allowPrivilegeEscalation";
    let title = "Set allowPrivilegeEscalation: false";
    assert_fixes(
        "restricted",
        &[
            (
                field,
                "  containers:\n  - name: a\n  - name: b\n",
                Some((title, "  containers:\n  - name: a\n    securityContext:\n      allowPrivilegeEscalation: false\n  - name: b\n")),
            ),
            (
                field,
                "  containers: [{name: a, securityContext: {allowPrivilegeEscalation: yes}}]\n",
                Some((title, "  containers: [{name: a, securityContext: {allowPrivilegeEscalation: false}}]\n")),
            ),
            (field, "  containers:\n  - name: a\n    securityContext:\n      privileged: true\n", None),
            (field, "  containers:\n  - name: a\n    securityContext: {capabilities: {add: [CAP_SYS_ADMIN]}}\n", None),
        ],
    );
    assert_fixes("restricted:v1.24", &[(field, "  os: {name: windows}\n  containers:\n  - name: a\n", None)]);
}

#[test]
fn fixes_capabilities() {
    let path = |field: &str| format!("containers[0].securityContext.capabilities.{field}");
    let context = |inner: &str| format!("  containers:\n  - name: a\n    securityContext:\n{inner}");
    let drop = "Drop all capabilities";
    for (field, before, fixed) in [
        ("drop", "      runAsUser: 1\n", Some((drop, "      runAsUser: 1\n      capabilities:\n        drop: [\"ALL\"]\n"))),
        (
            "drop",
            "      capabilities:\n        drop: # less\n        - 'MKNOD'\n",
            Some((drop, "      capabilities:\n        drop: # less\n        - 'MKNOD'\n        - 'ALL'\n")),
        ),
        (
            "drop",
            "      capabilities:\n        add:\n        - NET_BIND_SERVICE\n",
            Some((drop, "      capabilities:\n        add:\n        - NET_BIND_SERVICE\n        drop:\n        - ALL\n")),
        ),
        (
            "add[1]",
            "      capabilities:\n        add: [NET_BIND_SERVICE, SYS_ADMIN]\n",
            Some(("Remove capability SYS_ADMIN", "      capabilities:\n        add: [NET_BIND_SERVICE]\n")),
        ),
        (
            "add[0]",
            "      capabilities:\n        drop: [ALL]\n        add:\n        - SYS_TIME # now\n",
            Some(("Remove capability SYS_TIME", "      capabilities:\n        drop: [ALL]\n")),
        ),
        (
            "add[0]",
            "      capabilities:\n        add: [SYS_TIME]\n      runAsUser: 1\n",
            Some(("Remove capability SYS_TIME", "      runAsUser: 1\n")),
        ),
        ("add[0]", "      capabilities: {add: [&x SYS_TIME], drop: [*x]}\n", None),
    ] {
        let (before, after) = (context(before), fixed.map(|(title, after)| (title, context(after))));
        assert_fixes("restricted", &[(&path(field), &before, after.as_ref().map(|(title, after)| (*title, after.as_str())))]);
    }
    assert_fixes(
        "baseline",
        &[(
            &path("add[0]"),
            "  containers:\n  - name: a\n    securityContext:\n      capabilities:\n        add: [SYS_TIME]\n",
            Some(("Remove capability SYS_TIME", "  containers:\n  - name: a\n")),
        )],
    );
    assert_fixes("restricted:v1.24", &[(&path("drop"), "  os: {name: windows}\n  containers:\n  - name: a\n", None)]);
}

#[test]
fn fixes_run_as_non_root() {
    let field = "containers[0].securityContext.runAsNonRoot";
    let title = "Set runAsNonRoot: true for the pod";
    assert_fixes(
        "restricted",
        &[
            (
                field,
                "  # the only one\n  containers:\n  - name: a\n",
                Some((title, "  securityContext:\n    runAsNonRoot: true\n  # the only one\n  containers:\n  - name: a\n")),
            ),
            (
                field,
                "  initContainers: []\n  containers:\n  - name: a\n  securityContext:\n    fsGroup: 1\n",
                Some((
                    title,
                    "  initContainers: []\n  containers:\n  - name: a\n  securityContext:\n    fsGroup: 1\n    runAsNonRoot: true\n",
                )),
            ),
            (
                field,
                "  securityContext:\n    runAsNonRoot:\n  containers:\n  - name: a\n",
                Some((title, "  securityContext:\n    runAsNonRoot: true\n  containers:\n  - name: a\n")),
            ),
            (
                field,
                "  os: {name: windows}\n  containers:\n  - name: a\n",
                Some((title, "  os: {name: windows}\n  securityContext:\n    runAsNonRoot: true\n  containers:\n  - name: a\n")),
            ),
            (
                field,
                "  containers:\n  - name: a\n  - name: b\n    securityContext: {runAsNonRoot: false, runAsUser: 0}\n",
                Some((
                    title,
                    "  securityContext:\n    runAsNonRoot: true\n  containers:\n  - name: a\n  - name: b\n    \
                 securityContext: {runAsNonRoot: false, runAsUser: 0}\n",
                )),
            ),
            (field, "  securityContext: {runAsNonRoot: false}\n  containers:\n  - name: a\n", None),
            ("securityContext.runAsNonRoot", "  securityContext: {runAsNonRoot: false}\n  containers:\n  - name: a\n", None),
            (field, "  securityContext: {runAsUser: 0}\n  containers:\n  - name: a\n", None),
            (field, "  containers:\n  - name: a\n    securityContext: {runAsUser: 0}\n", None),
            // Another container runs as root, so the field is not set for the pod.
            (
                field,
                "  containers:\n  - name: a\n  - name: b\n    securityContext: {runAsUser: 0}\n",
                Some((
                    "Set runAsNonRoot: true",
                    "  containers:\n  - name: a\n    securityContext:\n      runAsNonRoot: true\n  - name: b\n    securityContext: {runAsUser: 0}\n",
                )),
            ),
            // A kubelet rejects the administrator of Windows with runAsNonRoot.
            (
                field,
                "  os: {name: windows}\n  containers:\n  - name: a\n    securityContext: {windowsOptions: {runAsUserName: ContainerAdministrator}}\n",
                None,
            ),
            (field, "  containers:\n  - name: a\n    securityContext: {runAsNonRoot: false}\n", None),
            ("containers[0].securityContext.runAsUser", "  containers:\n  - name: a\n    securityContext: {runAsUser: 0}\n", None),
        ],
    );
}

#[test]
fn fixes_seccomp_profiles() {
    let of_pod = "securityContext.seccompProfile.type";
    let of_container = "containers[0].securityContext.seccompProfile.type";
    let title = "Set seccompProfile: RuntimeDefault for the pod";
    let forbidden = "  securityContext:\n    seccompProfile:\n      type: \"Unconfined\" # fast\n  containers:\n  - name: a\n";
    let fixed = "  securityContext:\n    seccompProfile:\n      type: \"RuntimeDefault\" # fast\n  containers:\n  - name: a\n";
    let local = "  securityContext: {seccompProfile: {type: X, localhostProfile: x}}\n  containers:\n  - name: a\n";
    assert_fixes(
        "restricted",
        &[
            (
                of_container,
                "  containers:\n  - name: a\n",
                Some((title, "  securityContext:\n    seccompProfile:\n      type: RuntimeDefault\n  containers:\n  - name: a\n")),
            ),
            (of_pod, forbidden, Some((title, fixed))),
            (of_container, forbidden, Some((title, fixed))),
            (of_pod, local, None),
            (of_container, local, None),
            (
                of_container,
                "  containers:\n  - name: a\n    securityContext: {seccompProfile: {}}\n",
                Some((
                    "Set seccompProfile: RuntimeDefault",
                    "  containers:\n  - name: a\n    securityContext: {seccompProfile: {type: RuntimeDefault}}\n",
                )),
            ),
        ],
    );
    assert_fixes("baseline", &[(of_pod, forbidden, Some((title, fixed))), (of_pod, local, None)]);
    let on_windows = format!("  os: {{name: windows}}\n{forbidden}");
    assert_fixes("baseline", &[(of_pod, &on_windows, None)]);
    let old = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, annotations: {seccomp.security.alpha.kubernetes.io/pod: unconfined}}\n\
               spec: {containers: [{name: a}]}\n";
    let report = review(old, "baseline:v1.18");
    assert_eq!(findings(&report).map(|finding| finding.fix.clone()).collect::<Vec<_>>(), [None]);
}

/// A pod that selects nodes with Windows gets `os.name`, and no field that exists on Linux only.
#[test]
fn fixes_pods_for_windows() {
    let escalation = "containers[0].securityContext.allowPrivilegeEscalation";
    let title = "Set os.name: windows";
    let affinity = "  affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: \
                    [{key: kubernetes.io/os, operator: In, values: [windows]}]}]}}}\n  containers:\n  - name: a\n";
    let selector = "  nodeSelector:\n    kubernetes.io/os: windows\n  containers:\n  - name: a\n  - name: b\n";
    let with_os = |spec: &str| spec.replace("  containers", "  os:\n    name: windows\n  containers");
    let on_linux =
        "  nodeSelector: {kubernetes.io/os: windows}\n  containers:\n  - name: a\n    securityContext: {readOnlyRootFilesystem: true}\n";
    assert_fixes(
        "restricted",
        &[
            (escalation, selector, Some((title, &with_os(selector)))),
            (escalation, affinity, Some((title, &with_os(affinity)))),
            ("containers[1].securityContext.capabilities.drop", selector, Some((title, &with_os(selector)))),
            ("containers[0].securityContext.seccompProfile.type", selector, Some((title, &with_os(selector)))),
            (
                "containers[0].securityContext.runAsNonRoot",
                affinity,
                Some((
                    "Set runAsNonRoot: true for the pod",
                    &affinity.replace("  cont", "  securityContext:\n    runAsNonRoot: true\n  cont"),
                )),
            ),
            // An API server rejects the field beside `os.name: windows`.
            (escalation, on_linux, None),
        ],
    );
    let advice = |spec: &str| {
        let report = review(&pod(spec), "restricted");
        findings(&report).find(|finding| finding.check.id == "allowPrivilegeEscalation").unwrap().advice.to_string()
    };
    assert!(advice(selector).contains("Set os.name to windows in the spec of the pod: from v1.25 on "), "{}", advice(selector));
    assert!(advice(on_linux).contains("Remove the fields that exist on Linux only, and set os.name to windows"), "{}", advice(on_linux));
    let all = with_os(selector).replace("  containers", "  securityContext:\n    runAsNonRoot: true\n  containers");
    assert_eq!(fixed(&pod(selector), "restricted"), pod(&all));
    // The checks of older versions apply to Windows too.
    let set = "  containers:\n  - name: a\n    securityContext:\n      allowPrivilegeEscalation: false\n";
    let old = selector.replace("  - name: b\n", "");
    assert_fixes(
        "restricted:v1.24",
        &[(escalation, &old, Some(("Set allowPrivilegeEscalation: false", &old.replace("  containers:\n  - name: a\n", set))))],
    );
    let unconfined =
        "  nodeSelector: {kubernetes.io/os: windows}\n  securityContext: {seccompProfile: {type: Unconfined}}\n  containers: []\n";
    assert_fixes("baseline", &[("securityContext.seccompProfile.type", unconfined, None)]);
}

#[test]
fn fixes_host_ports() {
    let field = "containers[0].ports[0].hostPort";
    let ports = |inner: &str| format!("  containers:\n  - name: a\n    ports:\n{inner}");
    for (before, after) in [
        ("    - containerPort: 80\n      hostPort: 8080\n", Some("    - containerPort: 80\n")),
        ("    - hostPort: 8080\n      containerPort: 80\n", Some("    - containerPort: 80\n")),
        ("    - {containerPort: 80, hostPort: 8080}\n", Some("    - {containerPort: 80}\n")),
        ("    - {containerPort: 80, hostPort: 8080}\n  hostNetwork: true\n", None),
    ] {
        let (before, after) = (ports(before), after.map(ports));
        assert_fixes("baseline", &[(field, &before, after.as_deref().map(|after| ("Remove hostPort 8080", after)))]);
    }
}

#[test]
fn removes_a_port_that_has_only_a_host_port() {
    let title = "Remove hostPort 8080";
    let rest = "  containers:\n  - name: a\n    ports:\n    - containerPort: 80\n";
    for (field, before, after) in [
        ("ports[1].hostPort", format!("{rest}    - hostPort: 8080\n"), rest),
        ("ports[0].hostPort", "  containers:\n  - name: a\n    ports: [{hostPort: 8080}]\n".to_owned(), "  containers:\n  - name: a\n"),
        ("ports[0].hostPort", "  containers:\n  - name: a\n    ports:\n    - hostPort: 8080\n".to_owned(), "  containers:\n  - name: a\n"),
    ] {
        assert_fixes("baseline", &[(&format!("containers[0].{field}"), &before, Some((title, after)))]);
    }
}

#[test]
fn has_no_fix_where_the_author_must_decide() {
    let text = pod(
        "  hostPID: true\n  securityContext: {sysctls: [{name: kernel.x, value: '1'}], windowsOptions: {hostProcess: true}}\n  \
                    volumes: [{name: v, hostPath: {path: /}}, {name: w, nfs: {}}]\n  containers:\n  - name: a\n    livenessProbe: {httpGet: \
                    {host: x}}\n    securityContext:\n      privileged: true\n      procMount: Unmasked\n      runAsUser: 0\n      seLinuxOptions: \
                    {type: x, user: z}\n      appArmorProfile: {type: Unconfined}\n",
    );
    for policy in ["baseline", "restricted"] {
        let report = review(&text, policy);
        let fixed: Vec<_> = findings(&report).filter_map(|finding| finding.fix.as_ref().map(|fix| fix.title.as_str())).collect();
        let expected = ["Drop all capabilities", "Set seccompProfile: RuntimeDefault for the pod"];
        assert_eq!(fixed, expected.get(..if policy == "baseline" { 0 } else { 2 }).unwrap());
        assert!(findings(&report).count() > 8, "{report:#?}");
    }
}

#[test]
fn applies_all_fixes() {
    let before = "# The shop.\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web} # 😀\nspec:\n  template:\n    spec:\n      \
                  containers:\n        # Serves.\n        - name: web\n          image: nginx # pinned\n          ports:\n            - \
                  hostPort: 80\n              containerPort: 80\n          securityContext:\n            capabilities:\n              add: \
                  [NET_RAW, CAP_SYS_ADMIN, SYS_TIME]\n        - name: log\n          securityContext: {}\n---\nkind: List\napiVersion: \
                  v1\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: c}]}}]\n";
    let after = "# The shop.\napiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web} # 😀\nspec:\n  template:\n    spec:\n      \
                 securityContext:\n        runAsNonRoot: true\n        seccompProfile:\n          type: RuntimeDefault\n      \
                 containers:\n        # Serves.\n        - name: web\n          image: nginx # pinned\n          ports:\n            - \
                 containerPort: 80\n          securityContext:\n            capabilities:\n              drop: [\"ALL\"]\n            \
                 allowPrivilegeEscalation: false\n        - name: log\n          securityContext:\n            allowPrivilegeEscalation: false\n            \
                 capabilities:\n              drop: [\"ALL\"]\n---\nkind: List\napiVersion: \
                 v1\nitems: [{apiVersion: v1, kind: Pod, metadata: {name: b}, spec: {containers: [{name: c, securityContext: \
                 {allowPrivilegeEscalation: false, capabilities: {drop: [\"ALL\"]}}}], securityContext: {runAsNonRoot: true, seccompProfile: \
                 {type: RuntimeDefault}}}}]\n";
    let all_fixed = fixed(before, "restricted");
    assert_eq!(all_fixed, after, "\n{all_fixed}");
    assert_eq!(fixed(after, "restricted"), after);
    for unchanged in ["", "a: [", "kind: Pod", "x\n---\n{"] {
        assert_eq!(fixed(unchanged, "restricted"), unchanged);
    }
}

/// A fix is left out if it makes the document invalid, fixes no finding, or causes another one.
#[test]
fn leaves_out_ineffective_fixes() {
    let text = pod("  containers:\n  - name: a\n  - name: b\n");
    for replacement in ["\n  - [", "\n", "\n---\n", "\n    securityContext: {allowPrivilegeEscalation: false, privileged: true}"] {
        let review_with_replacement = |text: &str| {
            let mut report = review(text, "restricted");
            for finding in report.documents.iter_mut().flat_map(|document| &mut document.findings) {
                if finding.path == "spec.containers[0].securityContext.allowPrivilegeEscalation"
                    && let Some(fix) = &mut finding.fix
                {
                    replacement.clone_into(&mut fix.edits[0].text);
                }
            }
            report
        };
        let all_fixed = super::fix_all((text.clone(), review_with_replacement(&text)), &|_, _| true, &review_with_replacement);
        let remaining: Vec<_> =
            review(&all_fixed, "restricted").documents.remove(0).findings.into_iter().map(|finding| finding.path).collect();
        assert_eq!(remaining, ["spec.containers[0].securityContext.allowPrivilegeEscalation"], "{replacement:?}\n{all_fixed}");
    }
}
