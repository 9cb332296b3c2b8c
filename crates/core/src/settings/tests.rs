//! Valid settings, and the message of every error.

use serde_json::{Value, json};

use super::names::{dns_label, dns_subdomain};
use super::*;

/// Settings are shared between threads.
#[test]
fn settings_are_send_and_sync() {
    fn assert_send_sync<T: Send + Sync>() {}
    assert_send_sync::<Settings<'static>>();
}

fn parse(settings: &Value) -> Result<String, String> {
    let text = settings.to_string();
    Settings::parse(text.as_bytes())
        .map(|settings| {
            let Policy { enforce, audit, warn } = settings.defaults;
            format!("{enforce} {audit} {warn} {:?} {:?}", settings.namespace_labels, settings.workloads)
        })
        .map_err(|error| error.to_string())
}

#[test]
fn accepts_both_forms_and_every_key() {
    let table = [
        (json!({"level": "restricted"}), "restricted:latest restricted:latest restricted:latest Ignore Warn"),
        (json!({"level": "baseline", "version": "v1.34"}), "baseline:v1.34 baseline:v1.34 baseline:v1.34 Ignore Warn"),
        // Privileged is allowed if it is explicit.
        (json!({"level": "privileged"}), "privileged:latest privileged:latest privileged:latest Ignore Warn"),
        (json!({"defaults": {"enforce": "baseline"}}), "baseline:latest privileged:latest privileged:latest Ignore Warn"),
        (
            json!({"defaults": {
                "enforce": "baseline", "enforce-version": "v1.1", "audit": "restricted", "audit-version": "v1.2",
                "warn": "privileged", "warn-version": "v1.99",
            }}),
            "baseline:v1.1 restricted:v1.2 privileged:v1.99 Ignore Warn",
        ),
        (
            json!({"defaults": {"enforce": "", "enforce-version": "", "warn": "baseline"}}),
            "privileged:latest privileged:latest baseline:latest Ignore Warn",
        ),
        (
            json!({"level": "", "version": "", "defaults": {"enforce": "baseline"}, "namespaceLabels": "", "workloads": ""}),
            "baseline:latest privileged:latest privileged:latest Ignore Warn",
        ),
        (json!({"defaults": {}, "namespaceLabels": "honor"}), "privileged:latest privileged:latest privileged:latest Honor Warn"),
        (json!({"level": "baseline", "workloads": "enforce"}), "baseline:latest baseline:latest baseline:latest Ignore Enforce"),
        (
            json!({"level": "baseline", "workloads": "warn", "namespaceLabels": "ignore"}),
            "baseline:latest baseline:latest baseline:latest Ignore Warn",
        ),
        (
            json!({"level": "baseline", "version": null, "defaults": null, "exemptions": null, "namespaceLabels": null, "workloads": null}),
            "baseline:latest baseline:latest baseline:latest Ignore Warn",
        ),
        (
            json!({
                "apiVersion": "pod-security.admission.config.k8s.io/v1", "kind": "PodSecurityConfiguration",
                "defaults": {"enforce": "restricted"}, "exemptions": {"usernames": [], "namespaces": ["kube-system"], "runtimeClasses": []},
            }),
            "restricted:latest privileged:latest privileged:latest Ignore Warn",
        ),
        (
            json!({"kind": "PodSecurityConfiguration", "namespaceLabels": "honor"}),
            "privileged:latest privileged:latest privileged:latest Honor Warn",
        ),
    ];
    for (settings, expected) in table {
        assert_eq!(parse(&settings).as_deref(), Ok(expected), "{settings}");
    }
}

#[test]
fn errors_have_a_path_and_the_valid_values() {
    let table = [
        (json!({}), "level: missing; set level to one of privileged, baseline, restricted, or set defaults for each mode by itself"),
        (json!(null), "level: missing; set level to one of privileged, baseline, restricted, or set defaults for each mode by itself"),
        (json!([]), "must be an object, not an array"),
        (json!("restricted"), "must be an object, not \"restricted\""),
        (json!({"level": 5}), "level: must be one of privileged, baseline, restricted, not 5"),
        (
            json!({"level": 1.5}),
            "level: must be one of privileged, baseline, restricted, not a number with a fraction, an exponent or too many digits",
        ),
        (json!({"level": ["restricted"]}), "level: must be one of privileged, baseline, restricted, not an array"),
        (
            json!({"level": "Restricted"}),
            "level: must be one of privileged, baseline, restricted, not \"Restricted\"; did you mean \"restricted\"?",
        ),
        (json!({"level": "strict"}), "level: must be one of privileged, baseline, restricted, not \"strict\""),
        (json!({"levle": "baseline", "level": "baseline"}), "levle: unknown key; did you mean \"level\"?"),
        (
            json!({"mutating": true, "level": "baseline"}),
            "mutating: unknown key; known here: level, version, defaults, exemptions, namespaceLabels, labelTypos, existing, workloads, \
             updates, harden, details, help, apiVersion, kind",
        ),
        (
            json!({"level": "baseline", "version": "1.25"}),
            "version: must be \"latest\" or a minor version of Kubernetes such as \"v1.34\", not \"1.25\"",
        ),
        (
            json!({"level": "baseline", "version": 1}),
            "version: must be \"latest\" or a minor version of Kubernetes such as \"v1.34\", in quotation marks, not 1",
        ),
        (
            json!({"version": "v1.25"}),
            "version: needs level beside it; beside defaults use enforce-version, audit-version and warn-version there",
        ),
        (
            json!({"level": "baseline", "defaults": {"enforce": "baseline"}}),
            "level: cannot stand beside defaults: level sets all three modes alike, defaults sets each; keep one of them",
        ),
        (
            json!({"defaults": {"enforce": "privileged"}}),
            "defaults: every mode is privileged, so nothing would ever be rejected, audited or warned of; set enforce, audit or warn to \
             baseline or restricted, or namespaceLabels to honor",
        ),
        (
            json!({"defaults": {"enforce": "basline"}}),
            "defaults.enforce: must be one of privileged, baseline, restricted, not \"basline\"; did you mean \"baseline\"?",
        ),
        (
            json!({"defaults": {"enforce": "baseline", "enforceVersion": "v1.2"}}),
            "defaults.enforceVersion: unknown key; did you mean \"enforce-version\"?",
        ),
        (json!({"level": "baseline", "exemptions": []}), "exemptions: must be an object, not an array"),
        (
            json!({"level": "baseline", "namespaceLabels": "honor", "existing": "jobs"}),
            "existing: must be one of pods, workloads, not \"jobs\"",
        ),
        (
            json!({"level": "baseline", "existing": "workloads"}),
            "existing: has no effect with namespaceLabels: ignore, with which labels change no level; set namespaceLabels to honor, tighten \
             or set, or leave existing out",
        ),
        (
            json!({"level": "baseline", "namespaceLabels": "ignore", "existing": "workloads"}),
            "existing: has no effect with namespaceLabels: ignore, with which labels change no level; set namespaceLabels to honor, tighten \
             or set, or leave existing out",
        ),
        // One mistake is reported once.
        (
            json!({"level": "baseline", "namespaceLabels": 7, "existing": "workloads"}),
            "namespaceLabels: must be one of ignore, honor, tighten, set, not 7",
        ),
        (
            json!({"level": "baseline", "namespaceLabels": "honour", "existing": "workloads"}),
            "namespaceLabels: must be one of ignore, honor, tighten, set, not \"honour\"; did you mean \"honor\"?",
        ),
        (
            json!({"level": "baseline", "namespacelabels": "honor", "existing": "workloads"}),
            "namespacelabels: unknown key; did you mean \"namespaceLabels\"?",
        ),
        (
            json!({"level": "baseline", "exemptions": {"namespace": ["a"]}}),
            "exemptions.namespace: unknown key; did you mean \"namespaces\"?",
        ),
        (json!({"level": "baseline", "exemptions": {"usernames": "root"}}), "exemptions.usernames: must be an array, not \"root\""),
        (json!({"level": "baseline", "exemptions": {"usernames": ["a", ""]}}), "exemptions.usernames[1]: must not be empty, not \"\""),
        (
            json!({"level": "baseline", "exemptions": {"usernames": ["a", "b", "a"]}}),
            "exemptions.usernames[2]: \"a\" stands in the list already",
        ),
        (
            json!({"level": "baseline", "exemptions": {"namespaces": ["kube_system"]}}),
            "exemptions.namespaces[0]: must be a name of at most 63 lower-case letters, digits and '-', with a letter or digit at both ends, not \"kube_system\"",
        ),
        (
            json!({"level": "baseline", "exemptions": {"namespaces": ["kube-system", "cattle-*"]}}),
            "exemptions.namespaces[1]: cannot hold a '*', for these names are compared as they are; patterns belong in namespacePatterns, not \
             \"cattle-*\"",
        ),
        (
            json!({"level": "baseline", "exemptions": {"nodes": ["a"]}}),
            "exemptions.nodes: unknown key; known here: usernames, groups, serviceAccounts, namespaces, namespacePatterns, namespaceSelector, \
             runtimeClasses, runtimeClassNames, checks",
        ),
        (
            json!({"level": "baseline", "exemptions": {"checks": [{"checks": ["hostPath"], "reason": "r"}]}}),
            "exemptions.checks[0].checks[0]: there is no check \"hostPath\"; did you mean \"hostPathVolumes\"?",
        ),
        (
            json!({"level": "baseline", "exemptions": {"checks": [{"checks": ["Capabilities"], "reason": "r"}]}}),
            "exemptions.checks[0].checks[0]: there is no check \"Capabilities\"; did you mean \"capabilities_baseline\" or \
             \"capabilities_restricted\"?",
        ),
        (
            json!({"level": "restricted", "harden": ["seccompProfile", "privileged"]}),
            "2 mistakes:\n\
             - harden[0]: there is no check that can be hardened \"seccompProfile\"; did you mean \"seccompProfile_restricted\"?\n\
             - harden[1]: there is no check that can be hardened \"privileged\"; there are allowPrivilegeEscalation, \
             capabilities_restricted, runAsNonRoot, seccompProfile_restricted",
        ),
        (json!({"level": "base"}), "level: must be one of privileged, baseline, restricted, not \"base\"; did you mean \"baseline\"?"),
        (
            json!({"level": "baseline", "exemptions": {"runtimeClasses": ["a..b"]}}),
            "exemptions.runtimeClasses[0]: must be a name of at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at the \
             ends of each part, not \"a..b\"",
        ),
        (
            json!({"level": "baseline", "exemptions": {"runtimeClasses": ["a"], "runtimeClassNames": ["b"]}}),
            "exemptions.runtimeClassNames: is another name of runtimeClasses; keep one of them",
        ),
        (
            json!({"level": "baseline", "exemptions": {"groups": ["system:authenticated"]}}),
            "exemptions.groups[0]: every user is in this group, so nothing would ever be judged, not \"system:authenticated\"",
        ),
        (
            json!({"level": "baseline", "exemptions": {"namespacePatterns": ["a*", "**"]}}),
            "exemptions.namespacePatterns[1]: stands for every namespace, so nothing would ever be judged, not \"**\"",
        ),
        (
            json!({"level": "baseline", "exemptions": {"namespacePatterns": [""]}}),
            "exemptions.namespacePatterns[0]: must be a name of at most 63 lower-case letters, digits and '-', with a letter or digit at both \
             ends; a '*' stands for any of them, not \"\"",
        ),
        (
            json!({"level": "baseline", "exemptions": {"namespaceSelector": {}}}),
            "exemptions.namespaceSelector: is empty, and would select every namespace, so that nothing would ever be judged; select by \
             matchLabels or matchExpressions",
        ),
        (json!({"level": "baseline", "exemptions": {"checks": {}}}), "exemptions.checks: must be an array, not an object"),
        (
            json!({"level": "baseline", "namespaceLabels": "honour"}),
            "namespaceLabels: must be one of ignore, honor, tighten, set, not \"honour\"; did you mean \"honor\"?",
        ),
        (json!({"level": "baseline", "workloads": true}), "workloads: must be one of warn, enforce, not true"),
        (
            json!({"level": "baseline", "workloads": "Enforce"}),
            "workloads: must be one of warn, enforce, not \"Enforce\"; did you mean \"enforce\"?",
        ),
        (json!({"level": "baseline", "kind": "Pod"}), "kind: must be \"PodSecurityConfiguration\", not \"Pod\""),
        (
            json!({"level": "baseline", "apiVersion": "v1"}),
            "apiVersion: must be one of pod-security.admission.config.k8s.io/v1, pod-security.admission.config.k8s.io/v1beta1, \
             pod-security.admission.config.k8s.io/v1alpha1, not \"v1\"",
        ),
    ];
    for (settings, expected) in table {
        assert_eq!(parse(&settings).unwrap_err(), expected, "{settings}");
    }
}

#[test]
fn rejects_groups_of_controllers() {
    for group in ["system:serviceaccounts", "system:serviceaccounts:kube-system"] {
        let message = parse(&json!({"level": "baseline", "exemptions": {"groups": ["admins", group]}})).unwrap_err();
        let expected = "exemptions.groups[1]: the controllers that create the pods of workloads are in this group, so whoever may create a workload \
                   would be exempt;";
        assert!(message.starts_with(expected), "{message}");
    }
    // The service accounts of other namespaces are allowed.
    let others = json!({"level": "baseline", "exemptions": {"groups": ["system:serviceaccounts:team", "system:masters"]}});
    assert!(parse(&others).is_ok());
}

#[test]
fn help_is_a_short_line() {
    let message = |help: &Value| parse(&json!({"level": "baseline", "help": help})).err();
    let line = "help: must be one line of text, without control characters and without blanks at its ends, not ";
    let long = "é".repeat(100);
    for help in [json!(null), json!(""), json!("https://wiki.example/pod-security or #platform"), json!("(ask) \"us\""), json!(long)] {
        assert_eq!(message(&help), None, "{help}");
    }
    for (help, quoted) in [
        ("a\nb", r#""a\nb""#),
        ("a\tb", r#""a\tb""#),
        ("a\u{7f}", r#""a\x7f""#),
        ("a\u{85}b", r#""a\u0085b""#),
        ("a\u{2028}b", r#""a\u2028b""#),
        ("a\u{2029}b", r#""a\u2029b""#),
        (" a", r#"" a""#),
        ("a ", r#""a ""#),
        (" ", r#"" ""#),
    ] {
        assert_eq!(message(&json!(help)), Some(format!("{line}{quoted}")), "{help:?}");
    }
    let too_long = message(&json!(long + "a")).unwrap();
    assert!(too_long.starts_with("help: must have at most 200 bytes"), "{too_long}");
    assert_eq!(message(&json!(5)).as_deref(), Some("help: must be a string, not 5"));
}

#[test]
fn hardening_that_never_has_an_effect_is_an_error() {
    let all = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];
    let of_restricted = |id: &str, since: &str, enforced: &str| {
        format!("{id} never sets a field: it is a check of restricted from {since} on, and the settings enforce {enforced}")
    };
    let user = |user: Value| json!({"level": "restricted", "harden": {"checks": ["runAsNonRoot"], "runAsUser": user}});
    let table = [
        (
            json!({"level": "baseline", "harden": ["runAsNonRoot"]}),
            vec![format!("harden: {}", of_restricted(all[2], "v1.0", "baseline:latest"))],
        ),
        // Only the enforced level counts.
        (
            json!({"defaults": {"audit": "restricted", "warn": "restricted"}, "harden": {"checks": ["seccompProfile_restricted"]}}),
            vec![format!("harden.checks: {}", of_restricted(all[3], "v1.19", "privileged:latest"))],
        ),
        (
            json!({"level": "restricted", "version": "v1.7", "harden": all}),
            [(all[0], "v1.8"), (all[1], "v1.22"), (all[3], "v1.19")]
                .map(|(id, since)| format!("harden: {}", of_restricted(id, since, "restricted:v1.7")))
                .into(),
        ),
        (json!({"level": "restricted", "version": "v1.22", "harden": all}), vec![]),
        (json!({"level": "restricted", "version": "v1.99", "harden": {"checks": all, "runAsUser": 1}}), vec![]),
        // Labels can raise the level.
        (json!({"level": "baseline", "version": "v1.7", "namespaceLabels": "honor", "harden": all}), vec![]),
        (json!({"level": "baseline", "namespaceLabels": "tighten", "harden": all}), vec![]),
        // With another error, the policy is not known.
        (
            json!({"level": "baseline", "workloads": "x", "harden": all}),
            vec!["workloads: must be one of warn, enforce, not \"x\"".to_owned()],
        ),
        (json!({"level": "baseline", "harden": []}), vec![]),
        (json!({"level": "baseline", "harden": {"checks": []}}), vec![]),
        (json!({"level": "baseline", "harden": null}), vec![]),
        (
            json!({"level": "restricted", "harden": {}}),
            vec!["harden.checks: missing; name the checks whose fields are set, such as runAsNonRoot".to_owned()],
        ),
        (
            json!({"level": "restricted", "harden": {"runAsUser": 5}}),
            vec!["harden.checks: missing; name the checks whose fields are set, such as runAsNonRoot".to_owned()],
        ),
        (
            json!({"level": "restricted", "harden": {"checks": [all[0]], "runAsUser": 5}}),
            vec!["harden.runAsUser: is set only where runAsNonRoot is; add runAsNonRoot to the checks".to_owned()],
        ),
        (
            json!({"level": "restricted", "harden": {"check": all, "checks": all}}),
            vec!["harden.check: unknown key; did you mean \"checks\"?".to_owned()],
        ),
        (
            json!({"level": "restricted", "harden": {"checks": ["runAsNonRoots"]}}),
            vec!["harden.checks[0]: there is no check that can be hardened \"runAsNonRoots\"; did you mean \"runAsNonRoot\"?".to_owned()],
        ),
        (
            json!({"level": "restricted", "harden": "runAsNonRoot"}),
            vec!["harden: must be an array, or an object with checks and runAsUser, not \"runAsNonRoot\"".to_owned()],
        ),
        (user(json!(1)), vec![]),
        (user(json!(2_147_483_647)), vec![]),
        (user(json!(null)), vec![]),
        (user(json!("1")), vec!["harden.runAsUser: must be a whole number of 64 bits, not \"1\"".to_owned()]),
        (user(json!(0)), vec!["harden.runAsUser: must be the number of a user from 1 to 2147483647, not 0".to_owned()]),
        (user(json!(-1)), vec!["harden.runAsUser: must be the number of a user from 1 to 2147483647, not -1".to_owned()]),
        (
            user(json!(2_147_483_648_i64)),
            vec!["harden.runAsUser: must be the number of a user from 1 to 2147483647, not 2147483648".to_owned()],
        ),
    ];
    for (settings, expected) in table {
        let expected = match expected.as_slice() {
            [] => Ok(()),
            [one] => Err(one.clone()),
            more => Err(format!("{} mistakes:\n- {}", more.len(), more.join("\n- "))),
        };
        assert_eq!(parse(&settings).map(drop), expected, "{settings}");
    }
}

#[test]
fn reports_all_errors_at_once() {
    let settings = json!({
        "level": "strict", "exemptions": {"namespaces": ["A", "a", "a"], "user": ["x"]}, "workloads": "reject", "verison": "v1.2",
    });
    assert_eq!(
        parse(&settings).unwrap_err(),
        "6 mistakes:\n\
         - exemptions.user: unknown key; did you mean \"usernames\"?\n\
         - verison: unknown key; did you mean \"version\"?\n\
         - level: must be one of privileged, baseline, restricted, not \"strict\"\n\
         - workloads: must be one of warn, enforce, not \"reject\"\n\
         - exemptions.namespaces[0]: must be a name of at most 63 lower-case letters, digits and '-', with a letter or digit at both ends, not \"A\"\n\
         - exemptions.namespaces[2]: \"a\" stands in the list already"
    );
}

#[test]
fn an_error_does_not_hide_another() {
    let missing = "level: missing; set level to one of privileged, baseline, restricted, or set defaults for each mode by itself";
    let table = [
        (
            json!({"level": "baseline", "defaults": {"enforce": "bad"}}),
            vec!["defaults.enforce: must be one of privileged, baseline, restricted, not \"bad\"", "level: cannot stand beside defaults"],
        ),
        (json!({"exemptions": {"namespace": ["a"]}}), vec!["exemptions.namespace: unknown key", missing]),
        (json!({"workloads": 1}), vec!["workloads: must be one of warn, enforce, not 1", missing]),
        (
            json!({"defaults": {}, "workloads": "x", "exemptions": {"x": 1}}),
            vec!["exemptions.x: unknown key", "workloads: must be one of warn, enforce", "defaults: every mode is privileged"],
        ),
        // A mistyped key is not reported as missing, too.
        (json!({"levels": "baseline"}), vec!["levels: unknown key; did you mean \"level\"?"]),
        (json!({"defaults": {"enforced": "baseline"}}), vec!["defaults.enforced: unknown key; did you mean \"enforce\"?"]),
        (json!({"defaults": {}, "namespaceLabels": 1}), vec!["namespaceLabels: must be one of ignore, honor, tighten, set, not 1"]),
    ];
    for (settings, expected) in table {
        let text = parse(&settings).unwrap_err();
        let messages: Vec<&str> =
            if expected.len() == 1 { vec![&text] } else { text.lines().skip(1).map(|line| line.trim_start_matches("- ")).collect() };
        assert_eq!(messages.len(), expected.len(), "{settings}: {messages:?}");
        for (message, expected) in messages.iter().zip(&expected) {
            assert!(message.starts_with(expected), "{settings}: {message}");
        }
    }
}

#[test]
fn rejects_duplicate_keys() {
    let duplicate = br#"{"level": "restricted", "level": "privileged"}"#;
    assert_eq!(Settings::parse(duplicate).unwrap_err().to_string(), "level: stands here a second time; a key may be used once");
}

#[test]
fn settings_compare_by_value() {
    let ports = r#"{"exemptions": {"checks": [{"checks": ["hostPorts"], "reason": "r"}]}, "level": "baseline"}"#;
    let table = [
        (ports, r#"{"level":"baseline","exemptions":{"checks":[{"reason":"r","checks":["hostPorts"],"podSelector":{}}]}}"#, false),
        (ports, r#"{"level":"baseline","exemptions":{"checks":[{"reason":"r","checks":["hostPorts"]}]}}"#, true),
        (ports, r#"{"level":"baseline","exemptions":{"checks":[{"checks":["hostPorts","sysctls"],"reason":"r"}]}}"#, false),
        (ports, r#"{"level":"baseline","exemptions":{"checks":[{"checks":["hostPorts"],"reason":"other"}]}}"#, false),
        (ports, r#"{"level": "baseline", "exemptions": {"checks": []}}"#, false),
        (r#"{"level": "baseline"}"#, r#"{"level": "baseline", "exemptions": {"checks": []}, "harden": [], "workloads": "warn"}"#, true),
        (r#"{"level": "restricted"}"#, r#"{"level": "restricted", "harden": ["runAsNonRoot"]}"#, false),
        (
            r#"{"level": "restricted", "harden": {"checks": ["runAsNonRoot"]}}"#,
            r#"{"level": "restricted", "harden": ["runAsNonRoot"]}"#,
            true,
        ),
        (
            r#"{"level": "restricted", "harden": {"checks": ["runAsNonRoot"], "runAsUser": 1}}"#,
            r#"{"level": "restricted", "harden": {"checks": ["runAsNonRoot"], "runAsUser": 2}}"#,
            false,
        ),
        (r#"{"level": "baseline"}"#, r#"{"level": "restricted"}"#, false),
    ];
    for (one, other, expected) in table {
        let parsed = |json: &'static str| Settings::parse(json.as_bytes()).unwrap();
        assert_eq!(parsed(one) == parsed(other), expected, "{one} {other}");
    }
}

#[test]
fn syntax_errors_have_a_position() {
    let table: [(&[u8], &str); 3] = [
        (b"{\"level\": }", "the settings are not JSON: level: expected value at line 1 column 11"),
        (b"", "the settings are not JSON: EOF while parsing a value at line 1 column 0"),
        (b"{\"level\": \"\xff\"}", "the settings are not JSON: not UTF-8 from byte 11 on"),
    ];
    for (settings, expected) in table {
        assert_eq!(Settings::parse(settings).unwrap_err().to_string(), expected);
    }
}

#[test]
fn accepts_names_that_kubernetes_allows() {
    let long = "a".repeat(63);
    let longer = "a".repeat(64);
    for name in ["a", "0", "kube-system", "a--b", long.as_str()] {
        assert_eq!(dns_label(name), Ok(()), "{name}");
    }
    for name in ["", "-a", "a-", "A", "a.b", "a_b", "ä", longer.as_str()] {
        assert!(dns_label(name).is_err(), "{name}");
    }
    let longest = [longer.as_str(); 3].join(".") + &".a".repeat(29);
    assert_eq!(longest.len(), 252);
    for name in ["a", "kata.containers.io", "a-b.0", longer.as_str(), longest.as_str()] {
        assert_eq!(dns_subdomain(name), Ok(()), "{name}");
    }
    for name in ["", ".", "a.", ".a", "a.-b", "a-.b", "A", "a_b", &(longest.clone() + ".a")] {
        assert!(dns_subdomain(name).is_err(), "{name}");
    }
}

#[test]
fn explains_the_first_of_many_errors() {
    let table = [
        (
            json!({"level": "baseline", "exemptions": {"usernames": vec!["n"; 1001]}}),
            "exemptions.usernames[1]: \"n\" stands in the list already",
        ),
        (json!({"level": "baseline", "exemptions": {"namespaces": vec![0; 1000]}}), "exemptions.namespaces[0]: must be a string, not 0"),
        (json!({"level": "baseline", "harden": vec!["x"; 1000]}), "harden[0]: there is no check that can be hardened \"x\""),
        (
            json!({"level": "baseline", "exemptions": {"checks": vec![json!({}); 500]}}),
            "exemptions.checks[0].checks: missing; name the checks that the rule is about",
        ),
    ];
    for (settings, first) in table {
        let message = parse(&settings).unwrap_err();
        let lines: Vec<&str> = message.lines().collect();
        assert_eq!((lines.len(), lines[0], lines[51]), (52, "1000 mistakes:", "- and 950 more"), "{message}");
        assert!(lines[1].starts_with(&format!("- {first}")), "{message}");
    }
    // Different kinds of errors count together.
    let both = json!({"level": "baseline", "exemptions": {"usernames": vec![""; 45], "namespaces": vec![0; 30]}});
    let message = parse(&both).unwrap_err();
    assert!(message.starts_with("75 mistakes:\n") && message.ends_with("\n- and 25 more"), "{message}");
    assert_eq!(Settings::parse(both.to_string().as_bytes()).unwrap_err().into_errors().len(), 51);
    // A long value is cut.
    let message = parse(&json!({"level": "x".repeat(1_000_000)})).unwrap_err();
    assert!(message.len() < 2500 && message.ends_with("xx…"), "{message}");
    let message = parse(&json!({"level": "baseline", "k".repeat(1_000_000): 1})).unwrap_err();
    assert!(message.len() < 5000 && message.contains("kk…: unknown key"), "{message}");
}
