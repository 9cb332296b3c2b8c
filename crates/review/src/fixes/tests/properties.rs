//! Invariants of every fix: it resolves its finding and causes no other, it changes only the field of its title, and it keeps
//! comments. Tested with generated manifests in many styles of YAML and JSON, with malformed ones, and with the fixtures of
//! Kubernetes.

pub(crate) mod layout;

use std::collections::BTreeMap;
use std::fs;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use self::layout::{Choices, lay_out};
use super::{findings, fixed, review, with_fix};
use crate::{DocumentReport, Finding, Fix, Report, Status};
use pss_manifest::edit::Edit;
use pss_testing::conformance;

/// The documents of a text as JSON.
fn documents(text: &str) -> Vec<Value> {
    pss_manifest::documents(text).iter().map(|document| document.content.as_ref().map_or(Value::Null, |tree| tree.to_json())).collect()
}

/// A value without null members and empty collections.
fn pruned(value: &Value) -> Value {
    let is_relevant = |value: &Value| match value {
        Value::Null => false,
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    };
    match value {
        // Empty elements of arrays are kept.
        Value::Array(elements) => elements.iter().map(pruned).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| (key.clone(), pruned(value)));
            Value::Object(members.filter(|(_, value)| is_relevant(value)).collect())
        }
        _ => value.clone(),
    }
}

/// The value at a path, which is inserted if it is missing.
fn entry_at<'v>(value: &'v mut Value, path: &str) -> &'v mut Value {
    path.split(['.', '[']).filter(|step| !step.is_empty()).fold(value, |value, step| match step.strip_suffix(']') {
        Some(index) => &mut value.as_array_mut().unwrap()[index.parse::<usize>().unwrap()],
        None => {
            if value.is_null() {
                *value = Value::Object(Map::new());
            }
            value.as_object_mut().unwrap().entry(step).or_insert(Value::Null)
        }
    })
}

/// Applies the change of a fix to an object.
fn apply_to_json(object: &mut Value, finding: &Finding, is_for_pod: bool) {
    let path = finding.path.as_str();
    let containers = ["containers[", "initContainers[", "ephemeralContainers["];
    let pod = containers.iter().filter_map(|list| path.find(&format!("spec.{list}"))).min();
    let of_pod = |field: &str| match pod {
        Some(pod) => format!("{}spec.{field}", &path[..pod]),
        None => path.to_owned(),
    };
    if finding.fix.as_ref().unwrap().title.starts_with("Set os.name: windows") {
        *entry_at(object, &of_pod("os.name")) = json!("windows");
        return;
    }
    match finding.check.id {
        "allowPrivilegeEscalation" => *entry_at(object, path) = json!(false),
        "capabilities_restricted" if finding.value.is_none() => {
            let list = entry_at(object, path);
            let mut elements = list.as_array().cloned().unwrap_or_default();
            elements.push(json!("ALL"));
            *list = Value::from(elements);
        }
        "capabilities_baseline" | "capabilities_restricted" => {
            let (list, index) = path.strip_suffix(']').unwrap().rsplit_once('[').unwrap();
            entry_at(object, list).as_array_mut().unwrap().remove(index.parse().unwrap());
        }
        "runAsNonRoot" if !is_for_pod => *entry_at(object, path) = json!(true),
        "runAsNonRoot" => *entry_at(object, &of_pod("securityContext.runAsNonRoot")) = json!(true),
        "seccompProfile_baseline" | "seccompProfile_restricted" if !is_for_pod || finding.value.is_some() => {
            *entry_at(object, path) = json!("RuntimeDefault")
        }
        "seccompProfile_restricted" => *entry_at(object, &of_pod("securityContext.seccompProfile.type")) = json!("RuntimeDefault"),
        "hostPorts" => {
            let (port, field) = path.rsplit_once('.').unwrap();
            entry_at(object, port).as_object_mut().unwrap().remove(field);
            // A port that had only a host port is removed.
            if entry_at(object, port).as_object().unwrap().is_empty() {
                let (list, index) = port.strip_suffix(']').unwrap().rsplit_once('[').unwrap();
                entry_at(object, list).as_array_mut().unwrap().remove(index.parse().unwrap());
            }
        }
        other => panic!("{other} has no fix"),
    }
}

/// The path of the subject of a finding in its object, and the path of the field below it.
fn subject_and_field(finding: &Finding) -> (&str, &str) {
    let field = ["securityContext", "ports["].iter().filter_map(|field| finding.path.rfind(&format!(".{field}"))).min().unwrap();
    (&finding.path[..field], &finding.path[field + 1..])
}

/// The parts of the pod other than that of a finding, or than the pod if its fix is for the pod, which a fix has changed: their names,
/// and the same finding there.
fn also_changed<'f>(before: &Value, after: &Value, fixed: &Finding, document: &'f DocumentReport) -> Vec<(String, &'f Finding)> {
    let (fixed_subject, field) = subject_and_field(fixed);
    let is_for_pod = fixed.fix.as_ref().unwrap().title.contains("for the pod");
    let mut also = Vec::new();
    for finding in document.findings.iter().filter(|other| other.check == fixed.check && other.value == fixed.value) {
        let (subject, other_field) = subject_and_field(finding);
        let is_pod = !subject.ends_with(']');
        let context = if is_pod { format!("{subject}.securityContext") } else { subject.to_owned() };
        let at = |object: &Value| pruned(entry_at(&mut object.clone(), &context));
        let is_changed = at(before) != at(after) && !(is_pod && is_for_pod);
        if other_field == field && (subject != fixed_subject || is_for_pod) && is_changed {
            let list = subject.rsplit('.').next().unwrap();
            let name = if finding.subject.name.is_empty() { list } else { &finding.subject.name };
            also.push((if is_pod { "the pod" } else { name }.to_owned(), finding));
        }
    }
    also
}

/// The number of occurrences of each finding, without the indices of list elements, which may change.
fn counts(report: &Report) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (index, document) in report.documents.iter().enumerate() {
        for finding in &document.findings {
            let path = finding.path.split("add[").next().unwrap().split("ports[").next().unwrap();
            *counts.entry(format!("{index} {} {path} {:?}", finding.check.id, finding.value)).or_insert(0) += 1;
        }
    }
    counts
}

/// Every generated comment, which has a number.
fn comments(text: &str) -> Vec<&str> {
    let comments = text.match_indices("#c").map(|(start, _)| text[start..].split(['\r', '\n']).next().unwrap());
    comments.filter(|comment| comment[2..].starts_with(|digit: char| digit.is_ascii_digit())).collect()
}

/// Whether a comment is on a removed line, or a line of its own in an edit that removes a later line, which is not indented more.
fn belongs_to_removed_line(text: &str, fix: &Fix, comment: &str) -> bool {
    let lines: Vec<&str> = text.lines().collect();
    let index = lines.iter().position(|line| line.ends_with(comment)).unwrap();
    let indentation = |line: &str| line.len() - line.trim_start().len();
    let is_comment = |line: &str| line.trim_start().starts_with('#');
    let removed = |edit: &&Edit| edit.span.start.line - 1 <= index && index + 1 < edit.span.end.line;
    let Some(edit) = fix.edits.iter().find(removed).filter(|_| is_comment(lines[index])) else { return !is_comment(lines[index]) };
    let mut others = lines[edit.span.start.line - 1..edit.span.end.line - 1].iter().filter(|line| !is_comment(line));
    others.next().is_some_and(|first| indentation(first) <= indentation(lines[index]))
}

/// Checks the invariants of each fix of a text, and returns the number of fixes.
fn check_each(text: &str, policy: &str) -> Result<usize, TestCaseError> {
    let before = review(text, policy);
    let known_counts = counts(&before);
    let mut count = 0;
    for document in &before.documents {
        for finding in &document.findings {
            let Some(fix) = &finding.fix else { continue };
            count += 1;
            let context = || format!("{} of {}\n--- before\n{text}\n--- after\n", fix.title, finding.path);
            let fixed = with_fix(text, fix);
            for pair in fix.edits.windows(2) {
                prop_assert!(pair[0].span.end.offset < pair[1].span.start.offset, "{}{:?}", context(), fix.edits);
            }
            let after = review(&fixed, policy);
            let states = |report: &Report| {
                report.documents.iter().map(|document| (document.status as u8, document.diagnostics.len())).collect::<Vec<_>>()
            };
            prop_assert_eq!(states(&before), states(&after), "{}{}", context(), fixed);

            // The finding is resolved, and there is no new one.
            let remaining = counts(&after);
            for (key, number) in &remaining {
                prop_assert!(known_counts.get(key).is_some_and(|known| known >= number), "{key} is new\n{}{}", context(), fixed);
            }
            let resolved = known_counts.values().sum::<usize>() - remaining.values().sum::<usize>();
            prop_assert!(resolved > 0, "{}{}", context(), fixed);
            let path = finding.path.split("add[").next().unwrap().split("ports[").next().unwrap();
            let key = format!(
                "{} {} {path} {:?}",
                before.documents.iter().position(|other| std::ptr::eq(other, document)).unwrap(),
                finding.check.id,
                finding.value
            );
            prop_assert!(remaining.get(&key).is_none_or(|number| *number < known_counts[&key]), "{}{}", context(), fixed);

            // The document differs only in the field of the fix.
            let mut expected = documents(text);
            let root = &mut expected[document.index];
            let object = match document.item {
                Some(item) => &mut root["items"][item],
                None => root,
            };
            let actual = documents(&fixed);
            let after = match document.item {
                Some(item) => &actual[document.index]["items"][item],
                None => &actual[document.index],
            };
            let also = also_changed(object, after, finding, document);
            let names = fix.title.split_once(super::super::ALSO).map_or("", |(_, names)| names);
            prop_assert_eq!(
                names.replacen("container ", "", 1),
                also.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "),
                "{}{}",
                context(),
                fixed
            );
            for (_, finding) in &also {
                apply_to_json(object, finding, false);
            }
            if !also.iter().any(|(_, other)| std::ptr::eq(*other, finding)) || fix.title.contains("for the pod") {
                apply_to_json(object, finding, fix.title.contains("for the pod"));
            }
            let pruned_all = |documents: &[Value]| documents.iter().map(pruned).collect::<Vec<_>>();
            prop_assert_eq!(pruned_all(&expected), pruned_all(&actual), "{}{}", context(), fixed);

            // Comments are kept, except those of removed lines.
            let kept = comments(&fixed);
            let lost: Vec<_> = comments(text).into_iter().filter(|comment| !kept.contains(comment)).collect();
            let is_removal = fix.title.starts_with("Remove");
            let is_of_removed_line = |comment: &&str| belongs_to_removed_line(text, fix, comment);
            prop_assert!(lost.is_empty() || is_removal && lost.iter().all(is_of_removed_line), "{lost:?} are lost\n{}{}", context(), fixed);
            if text.contains('\n') && !text.replace("\r\n", "").contains('\n') {
                prop_assert!(!fixed.replace("\r\n", "").contains('\n'), "{}{}", context(), fixed);
            }
        }
    }
    Ok(count)
}

/// Checks the invariants of all fixes together.
fn check_all(text: &str, policy: &str) -> Result<(), TestCaseError> {
    let before = review(text, policy);
    let all_fixed = fixed(text, policy);
    let after = review(&all_fixed, policy);
    let known_counts = counts(&before);
    for (key, count) in counts(&after) {
        prop_assert!(known_counts.get(&key).is_some_and(|known| *known >= count), "{key} is new\n{text}\n--- after\n{all_fixed}");
    }
    let is_consistent = findings(&before).all(|finding| finding.fix.is_none()) == (all_fixed == text);
    prop_assert!(is_consistent, "{text}\n--- after\n{all_fixed}");
    prop_assert!(
        findings(&after).all(|finding| finding.fix.is_none()),
        "{text}\n--- after\n{all_fixed}\n{:#?}",
        findings(&after).collect::<Vec<_>>()
    );
    prop_assert_eq!(fixed(&all_fixed, policy), all_fixed);
    Ok(())
}

/// An object with some of the fields.
fn some_of(fields: Vec<(&'static str, BoxedStrategy<Value>)>) -> BoxedStrategy<Value> {
    let (keys, values): (Vec<_>, Vec<_>) = fields.into_iter().map(|(key, value)| (key, option::of(value))).unzip();
    (values, any::<u64>())
        .prop_map(move |(values, order)| {
            let mut members: Vec<_> = keys.iter().zip(values).filter_map(|(key, value)| Some(((*key).to_owned(), value?))).collect();
            if !members.is_empty() {
                let middle = usize::try_from(order).unwrap_or_default() % members.len();
                members.rotate_left(middle);
            }
            // The layout keeps this order.
            Value::Array(members.into_iter().map(|(key, value)| json!([key, value])).collect::<Vec<_>>()).tagged()
        })
        .boxed()
}

/// A mapping that keeps its order: a list of pairs under the empty key, because serde_json sorts keys.
trait Tagged {
    fn tagged(self) -> Value;
}

impl Tagged for Value {
    fn tagged(self) -> Value {
        json!({ "": self })
    }
}

fn mapping(members: Vec<(&str, Value)>) -> Value {
    Value::Array(members.into_iter().map(|(key, value)| json!([key, value])).collect()).tagged()
}

fn one_of(values: Value) -> BoxedStrategy<Value> {
    select(values.as_array().unwrap().clone()).boxed()
}

fn flag() -> BoxedStrategy<Value> {
    one_of(json!([true, false, null]))
}

fn profile() -> BoxedStrategy<Value> {
    let kind = one_of(json!(["RuntimeDefault", "Unconfined", "Unconfined", "Localhost", "", null]));
    prop_oneof![
        6 => some_of(vec![("type", kind.clone())]),
        1 => some_of(vec![("type", kind), ("localhostProfile", one_of(json!(["p.json"])))]),
        1 => Just(Value::Null),
    ]
    .boxed()
}

fn container() -> BoxedStrategy<Value> {
    let capability = || one_of(json!(["ALL", "CHOWN", "NET_BIND_SERVICE", "NET_RAW", "SYS_ADMIN", "CAP_SYS_ADMIN", "😀"]));
    let list = |most| prop_oneof![6 => vec(capability(), 0..=most).prop_map(Value::from), 1 => Just(Value::Null)].boxed();
    let capabilities = prop_oneof![6 => some_of(vec![("add", list(3)), ("drop", list(3))]), 1 => Just(Value::Null)].boxed();
    let context = prop_oneof![
        8 => some_of(vec![
            ("privileged", one_of(json!([false, false, true]))),
            ("allowPrivilegeEscalation", flag()),
            ("capabilities", capabilities),
            ("runAsNonRoot", flag()),
            ("runAsUser", one_of(json!([0, 1, 1000, null]))),
            ("seccompProfile", profile()),
        ]),
        1 => Just(Value::Null),
    ]
    .boxed();
    let port = some_of(vec![
        ("hostPort", one_of(json!([0, 80, 8080]))),
        ("containerPort", one_of(json!([80]))),
        ("name", one_of(json!(["http"]))),
    ]);
    some_of(vec![
        ("name", one_of(json!(["a", "b", "the container"]))),
        ("image", one_of(json!(["nginx", "a:b", "# x"]))),
        ("args", one_of(json!([["sh", "-c", "echo\n# no comment\n"], ["a\n\n"], []]))),
        ("ports", vec(port, 0..3).prop_map(Value::from).boxed()),
        ("securityContext", context),
        ("env", one_of(json!([[{"name": "A", "value": "x\n"}], null]))),
    ])
}

fn pod() -> BoxedStrategy<Value> {
    let spec = some_of(vec![
        ("hostNetwork", one_of(json!([false, false, true]))),
        (
            "securityContext",
            some_of(vec![("runAsNonRoot", flag()), ("runAsUser", one_of(json!([0, 1, null]))), ("seccompProfile", profile())]),
        ),
        ("os", one_of(json!([null, null, null, {"name": "windows"}]))),
        ("restartPolicy", one_of(json!(["Always"]))),
        ("nodeSelector", one_of(json!([{"disk": "ssd"}, {"disk": "ssd"}, {"kubernetes.io/os": "windows"}]))),
    ]);
    (spec, vec(container(), 1..4), option::of(vec(container(), 0..3)), vec(any::<u8>(), 4))
        .prop_map(|(mut spec, mut containers, init, sharing)| {
            share(&mut containers, &sharing);
            let members = spec[""].as_array_mut().unwrap();
            let middle = members.len() / 2;
            members.insert(middle, json!(["containers", containers]));
            if let Some(init) = init {
                members.insert(middle, json!(["initContainers", init]));
            }
            mapping(vec![("metadata", json!({"labels": {"app": "a"}})), ("spec", spec)])
        })
        .boxed()
}

/// Copies fields of the first container to others, with or without additional ones, so that the layout can use anchors and merge
/// keys.
fn share(containers: &mut [Value], sharing: &[u8]) {
    let Some((first, others)) = containers.split_first_mut() else { return };
    for (other, choice) in others.iter_mut().zip(sharing) {
        for member in first[""].as_array().unwrap() {
            let members = other[""].as_array_mut().unwrap();
            let existing = members.iter_mut().find(|existing| existing[0] == member[0]);
            match (choice % 6, existing) {
                (1, Some(existing)) => *existing = member.clone(),
                (2, None) => members.push(member.clone()),
                (3.., None) if member[1][""].is_array() => {
                    let mut member = member.clone();
                    member[1][""].as_array_mut().unwrap().push(json!(["readOnlyRootFilesystem", true]));
                    members.push(member);
                }
                (3.., Some(existing)) if member[1][""].is_array() && existing[1][""].is_array() => {
                    let fields = existing[1][""].as_array_mut().unwrap();
                    fields.retain(|field| member[1][""].as_array().unwrap().iter().all(|member| member[0] != field[0]));
                    fields.extend(member[1][""].as_array().unwrap().clone());
                }
                _ => {}
            }
        }
    }
}

/// A document with a pod, of any kind.
fn object(depth: u32) -> BoxedStrategy<Value> {
    let wrap = |pod: Value, kind: &str| {
        let head = |api: &str, kind: &str| vec![("apiVersion", json!(api)), ("kind", json!(kind)), ("metadata", json!({"name": "web"}))];
        let with = |mut members: Vec<(&str, Value)>, key: &'static str, value: Value| {
            members.push((key, value));
            mapping(members.iter().map(|(key, value)| (*key, value.clone())).collect())
        };
        match kind {
            "Pod" => {
                let members = pod[""].as_array().unwrap();
                let spec = members.iter().find(|member| member[0] == "spec").unwrap()[1].clone();
                with(head("v1", "Pod"), "spec", spec)
            }
            "PodTemplate" => with(head("v1", kind), "template", pod),
            "CronJob" => with(head("batch/v1", kind), "spec", json!({"jobTemplate": {"spec": {"template": pod}}})),
            "Job" => with(head("batch/v1", kind), "spec", json!({"template": pod})),
            _ => with(head("apps/v1", kind), "spec", json!({"template": pod, "replicas": 1})),
        }
    };
    let kinds = select(vec!["Pod", "Pod", "PodTemplate", "CronJob", "Job", "Deployment", "DaemonSet"]);
    let single = (pod(), kinds).prop_map(move |(pod, kind)| wrap(pod, kind)).boxed();
    if depth == 0 {
        return single;
    }
    let list = vec(object(0), 1..3)
        .prop_map(|items| mapping(vec![("apiVersion", json!("v1")), ("kind", json!("List")), ("items", Value::from(items))]));
    prop_oneof![5 => single, 1 => list].boxed()
}

/// A text with objects in a generated layout.
fn text() -> impl Strategy<Value = String> {
    (vec(object(1), 1..3), vec(any::<u8>(), 40..400)).prop_map(|(objects, choices)| lay_out(&objects, Choices::new(choices)))
}

fn policy() -> impl Strategy<Value = &'static str> {
    select(vec!["restricted", "restricted", "restricted", "baseline", "restricted:v1.24"])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_fix_meets_its_invariants(text in text(), policy in policy()) {
        check_each(&text, policy)?;
    }

    #[test]
    fn all_fixes_meet_their_invariants(text in text(), policy in policy()) {
        check_all(&text, policy)?;
    }

    #[test]
    fn fixes_of_malformed_texts_meet_their_invariants(text in text(), insertions in vec((any::<prop::sample::Index>(), piece()), 1..4)) {
        let mut text = text;
        for (index, piece) in insertions {
            let offsets: Vec<_> = text.char_indices().map(|(offset, _)| offset).collect();
            text.insert_str(offsets[index.index(offsets.len())], piece);
        }
        check_each(&text, "restricted")?;
        check_all(&text, "restricted")?;
    }
}

/// The number of cases: `PROPTEST_CASES`, or a few.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48)
}

/// Text that changes the structure of YAML.
fn piece() -> impl Strategy<Value = &'static str> {
    select(vec![
        " &x ",
        " *x ",
        "&y ",
        "!!str ",
        "!a ",
        "? ",
        ": ",
        "- ",
        "-\n",
        " #c\n",
        "#",
        "\n",
        "\r\n",
        "  ",
        " ",
        "\t",
        "{",
        "}",
        "[",
        "]",
        ",",
        "{}",
        "[]",
        "\"",
        "'",
        "|\n",
        ">+\n",
        "<<: *x\n",
        "<<: {a: b}\n",
        "~",
        "😀",
        "\u{2028}",
        "\u{85}",
        "\r",
        "...\n",
        "---\n",
        "null",
        "securityContext:\n",
        ", a: b",
        "a: b\n",
        "\u{feff}",
    ])
}

#[test]
fn fixes_the_fixtures_of_kubernetes() {
    let Some(root) = conformance::data("pss") else { return };
    let mut texts = 0;
    let mut fixes = 0;
    for level in ["baseline", "restricted"] {
        for version in fs::read_dir(root.join(level)).unwrap().map(|entry| entry.unwrap().path()) {
            let policy = format!("{level}:{}", version.file_name().unwrap().to_str().unwrap());
            for file in fs::read_dir(version.join("fail")).unwrap().map(|entry| entry.unwrap().path()) {
                let yaml = fs::read_to_string(&file).unwrap();
                let json = documents(&yaml).remove(0);
                for text in [yaml.clone(), json.to_string(), format!("{json:#}"), yaml.replace('\n', "\r\n")] {
                    assert!(
                        review(&text, &policy).documents.iter().all(|document| document.status == Status::Judged),
                        "{}",
                        file.display()
                    );
                    fixes += check_each(&text, &policy).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                    check_all(&text, &policy).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                    texts += 1;
                }
            }
        }
    }
    assert!(texts > 0, "{} contains no pod", root.display());
    eprintln!("{fixes} fixes in {texts} texts");
}
