//! Fixes of values that containers share by anchors, aliases and merge keys.

use super::*;

/// A field, the title of its fix, and the spec after it; the advice has the text instead if there is no title.
type Sharing<'a> = (&'a str, &'a str, &'a str);

/// Asserts the fixes of findings on fields of one spec.
fn assert_shared(spec: &str, cases: &[Sharing<'_>]) {
    let before = pod(spec);
    let report = review(&before, "restricted");
    for (field, title, expected) in cases {
        let finding = findings(&report).find(|finding| finding.path == format!("spec.{field}"));
        let finding = finding.unwrap_or_else(|| panic!("no finding on {field} of\n{before}"));
        let Some(fix) = &finding.fix else {
            assert!(title.is_empty() && finding.advice.ends_with(expected), "{field} of\n{before}{}", finding.advice);
            continue;
        };
        let after = with_fix(&before, fix);
        assert_eq!((fix.title.as_str(), after.as_str()), (*title, pod(expected).as_str()), "\n{field}\n{before}\n{after}");
    }
}

const ESCALATION: &str = "Set allowPrivilegeEscalation: false";

#[test]
fn fixes_a_shared_mapping_at_its_anchor() {
    let before = "  containers:\n  - name: a\n    securityContext: &sc\n      runAsUser: 1 # one\n  - name: b\n    securityContext: *sc\n  - \
                  name: c\n    securityContext:\n      <<: *sc\n      runAsUser: 2\n";
    let after = before.replace("# one\n", "# one\n      allowPrivilegeEscalation: false\n");
    assert_shared(
        before,
        &[
            ("containers[0].securityContext.allowPrivilegeEscalation", &format!("{ESCALATION}, also changes container b, c"), &after),
            ("containers[1].securityContext.allowPrivilegeEscalation", &format!("{ESCALATION}, also changes container a, c"), &after),
            // A key beside the merge key changes this container only.
            (
                "containers[2].securityContext.allowPrivilegeEscalation",
                ESCALATION,
                &format!("{before}      allowPrivilegeEscalation: false\n"),
            ),
        ],
    );
    let all = "  securityContext:\n    runAsNonRoot: true\n    seccompProfile:\n      type: RuntimeDefault\n".to_owned()
        + &after.replace("Escalation: false\n", "Escalation: false\n      capabilities:\n        drop: [\"ALL\"]\n");
    assert_eq!(fixed(&pod(before), "restricted"), pod(&all));
}

#[test]
fn fixes_shared_containers_lists_and_scalars_at_their_anchors() {
    for (before, field, title, after) in [
        // A container whose fields others merge.
        (
            "  containers:\n  - &web\n    name: a\n  - <<: *web\n    name: b\n",
            "containers[0].securityContext.allowPrivilegeEscalation",
            "Set allowPrivilegeEscalation: false, also changes container b",
            "  containers:\n  - &web\n    name: a\n    securityContext:\n      allowPrivilegeEscalation: false\n  - <<: *web\n    name: b\n",
        ),
        (
            "  initContainers:\n  - &web {name: a}\n  containers:\n  - *web\n",
            "containers[0].securityContext.allowPrivilegeEscalation",
            "Set allowPrivilegeEscalation: false, also changes container a",
            "  initContainers:\n  - &web {name: a, securityContext: {allowPrivilegeEscalation: false}}\n  containers:\n  - *web\n",
        ),
        // Lists.
        (
            "  containers:\n  - name: a\n    securityContext: {capabilities: {add: &add [SYS_TIME, NET_RAW]}}\n  - name: b\n    \
             securityContext: {capabilities: {add: *add}}\n",
            "containers[1].securityContext.capabilities.add[1]",
            "Remove capability NET_RAW, also changes container a",
            "  containers:\n  - name: a\n    securityContext: {capabilities: {add: &add [SYS_TIME]}}\n  - name: b\n    \
             securityContext: {capabilities: {add: *add}}\n",
        ),
        (
            "  containers:\n  - name: a\n    securityContext:\n      capabilities:\n        add: &add # some\n        - NET_RAW\n  - name: b\n    \
             securityContext: {capabilities: {add: *add}}\n",
            "containers[0].securityContext.capabilities.add[0]",
            "Remove capability NET_RAW, also changes container b",
            "  containers:\n  - name: a\n    securityContext:\n      capabilities:\n        add: &add [] # some\n  - name: b\n    \
             securityContext: {capabilities: {add: *add}}\n",
        ),
        (
            "  containers:\n  - name: a\n    ports: &ports [{containerPort: 80, hostPort: 80}]\n  - name: b\n    ports: *ports\n",
            "containers[0].ports[0].hostPort",
            "Remove hostPort 80, also changes container b",
            "  containers:\n  - name: a\n    ports: &ports [{containerPort: 80}]\n  - name: b\n    ports: *ports\n",
        ),
        // Scalars: an alias is replaced.
        (
            "  containers:\n  - name: a\n    securityContext: {allowPrivilegeEscalation: &yes true}\n  - name: b\n    \
             securityContext: {allowPrivilegeEscalation: *yes}\n",
            "containers[0].securityContext.allowPrivilegeEscalation",
            "Set allowPrivilegeEscalation: false, also changes container b",
            "  containers:\n  - name: a\n    securityContext: {allowPrivilegeEscalation: &yes false}\n  - name: b\n    \
             securityContext: {allowPrivilegeEscalation: *yes}\n",
        ),
        (
            "  containers:\n  - name: a\n    securityContext: {allowPrivilegeEscalation: &yes true}\n  - name: b\n    \
             securityContext: {allowPrivilegeEscalation: *yes}\n",
            "containers[1].securityContext.allowPrivilegeEscalation",
            "Set allowPrivilegeEscalation: false",
            "  containers:\n  - name: a\n    securityContext: {allowPrivilegeEscalation: &yes true}\n  - name: b\n    \
             securityContext: {allowPrivilegeEscalation: false}\n",
        ),
        // The pod and a container.
        (
            "  securityContext: &sc\n    seccompProfile: {type: Unconfined}\n  containers:\n  - name: a\n    securityContext: *sc\n",
            "securityContext.seccompProfile.type",
            "Set seccompProfile: RuntimeDefault for the pod, also changes container a",
            "  securityContext: &sc\n    seccompProfile: {type: RuntimeDefault}\n  containers:\n  - name: a\n    securityContext: *sc\n",
        ),
    ] {
        assert_shared(before, &[(field, title, after)]);
    }
}

/// The container `b` is privileged, and an API server rejects `allowPrivilegeEscalation: false` beside it.
#[test]
fn replaces_an_alias_by_a_copy_where_the_change_is_not_right_for_all() {
    let field = "containers[2].securityContext.allowPrivilegeEscalation";
    let title = "Set allowPrivilegeEscalation: false in container c only";
    let table = [
        ("    securityContext: *sc # c\n", "    securityContext: {<<: *sc, allowPrivilegeEscalation: false} # c\n"),
        ("    securityContext:\n      <<: *sc\n", "    securityContext:\n      <<: *sc\n      allowPrivilegeEscalation: false\n"),
    ];
    let pod_with = |context: &str| {
        format!(
            "  containers:\n  - name: a\n    securityContext: &sc\n      runAsUser: 1\n      allowPrivilegeEscalation: yes\n  - name: b\n    \
             securityContext:\n      <<: *sc\n      privileged: true\n  - name: c\n{context}"
        )
    };
    for (before, after) in table {
        let before = pod_with(before);
        assert_shared(
            &before,
            &[
                (field, title, &pod_with(after)),
                (
                    "containers[0].securityContext.allowPrivilegeEscalation",
                    "",
                    "There is no fix because of the anchor sc, which shares the value with other fields.",
                ),
            ],
        );
    }
    // Nested values, lists and elements.
    for (before, field, title, after) in [
        (
            "  securityContext: {seccompProfile: &p {type: Unconfined}}\n  containers:\n  - name: a\n    securityContext:\n      \
             appArmorProfile: *p\n      seccompProfile: *p\n",
            "containers[0].securityContext.seccompProfile.type",
            "Set seccompProfile: RuntimeDefault in container a only",
            "  securityContext: {seccompProfile: &p {type: Unconfined}}\n  containers:\n  - name: a\n    securityContext:\n      \
             appArmorProfile: *p\n      seccompProfile: {<<: *p, type: RuntimeDefault}\n",
        ),
        (
            "  containers:\n  - name: a\n    args: &l [NET_RAW, 'no', \"\\\"\", a b]\n    securityContext:\n      \
             capabilities:\n        add: *l\n",
            "containers[0].securityContext.capabilities.add[0]",
            "Remove capability NET_RAW in container a only",
            "  containers:\n  - name: a\n    args: &l [NET_RAW, 'no', \"\\\"\", a b]\n    securityContext:\n      \
             capabilities:\n        add: [\"no\", \"\\\"\", \"a b\"]\n",
        ),
        (
            "  containers:\n  - name: a\n    ports: &p [{containerPort: 80, hostPort: 80}, {hostPort: 81}]\n  - name: b\n    x: *p\n    \
             ports: *p\n",
            "containers[1].ports[1].hostPort",
            "Remove hostPort 81 in container b only",
            "  containers:\n  - name: a\n    ports: &p [{containerPort: 80, hostPort: 80}, {hostPort: 81}]\n  - name: b\n    x: *p\n    \
             ports: [{containerPort: 80, hostPort: 80}]\n",
        ),
    ] {
        assert_shared(before, &[(field, title, after)]);
    }
}

/// Another object of the document has the same value, so that the fix would change it too.
#[test]
fn does_not_change_other_objects() {
    let list = "apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  spec:\n    containers:\n    - name: a\n      \
                securityContext: &sc {runAsUser: 1}\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: b}\n  spec:\n    containers:\n    - name: b\n      \
                securityContext: *sc\n";
    let report = review(list, "restricted");
    let escalation: Vec<_> = findings(&report).filter(|finding| finding.check.id == "allowPrivilegeEscalation").collect();
    let [of_a, of_b] = escalation[..] else { panic!("{report:#?}") };
    assert!(of_a.fix.is_none() && of_a.advice.contains("because of the anchor sc, "), "{of_a:#?}");
    let fix = of_b.fix.as_ref().unwrap();
    assert_eq!(fix.title, "Set allowPrivilegeEscalation: false in container b only");
    assert!(with_fix(list, fix).ends_with("{<<: *sc, allowPrivilegeEscalation: false}\n"), "{}", with_fix(list, fix));
}

#[test]
fn does_not_replace_an_alias_by_an_empty_element() {
    let advice = "There is no fix because of the anchor port, which shares the value with other fields.";
    assert_shared(
        "  containers:\n  - name: a\n    ports: [&port {hostPort: 80}, *port]\n",
        &[("containers[0].ports[0].hostPort", "", advice), ("containers[0].ports[1].hostPort", "", advice)],
    );
}

#[test]
fn a_merge_key_that_replaces_own_keys_is_left_alone() {
    // Kubernetes applies a merge where it is, so that a key in the anchor would replace the own one.
    let spec = "  containers:\n  - name: a\n    securityContext: &sc {runAsUser: 1}\n  - name: b\n    securityContext:\n      \
                allowPrivilegeEscalation: false\n      <<: *sc\n";
    assert_shared(
        spec,
        &[(
            "containers[0].securityContext.allowPrivilegeEscalation",
            "",
            "There is no fix because of the anchor sc, which shares the value with other fields.",
        )],
    );
}
