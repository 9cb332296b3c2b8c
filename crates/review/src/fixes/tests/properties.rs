//! What holds for every fix: its finding is gone and no other appears, the document means the same
//! but for what the fix says, and all other lines are there as they were. Tried on made-up manifests
//! in all styles of YAML and JSON, on damaged ones, and on Kubernetes' own fixtures.

mod layout;

use std::collections::BTreeMap;
use std::fs;

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value, json};

use self::layout::{Choices, lay_out};
use super::{findings, fixed, judge, with};
use crate::{Finding, Report, Status};
use pss_testing::conformance;

/// The documents of a text as JSON, without what means nothing: nulls and empty collections.
fn meaning(text: &str) -> Vec<Value> {
    pss_manifest::documents(text).iter().map(|document| document.content.as_ref().map_or(Value::Null, |tree| tree.to_json())).collect()
}

fn pruned(value: &Value) -> Value {
    let is_something = |value: &Value| match value {
        Value::Null => false,
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    };
    match value {
        // An element is one even if it is empty.
        Value::Array(elements) => elements.iter().map(pruned).collect(),
        Value::Object(members) => {
            let members = members.iter().map(|(key, value)| (key.clone(), pruned(value)));
            Value::Object(members.filter(|(_, value)| is_something(value)).collect())
        }
        _ => value.clone(),
    }
}

/// The value at a path, made if it is missing.
fn at<'v>(value: &'v mut Value, path: &str) -> &'v mut Value {
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

/// Does to an object what the fix of a finding says.
fn mend_meaning(object: &mut Value, finding: &Finding) {
    let path = finding.path.as_str();
    let containers = ["containers[", "initContainers[", "ephemeralContainers["];
    let pod = containers.iter().filter_map(|list| path.find(&format!("spec.{list}"))).min();
    let of_pod = |field: &str| match pod {
        Some(pod) => format!("{}spec.{field}", &path[..pod]),
        None => path.to_owned(),
    };
    let is_for_pod = finding.fix.as_ref().unwrap().title.ends_with("for the pod");
    match finding.check.id {
        "allowPrivilegeEscalation" => *at(object, path) = json!(false),
        "capabilities_restricted" if finding.value.is_none() => {
            let list = at(object, path);
            let mut elements = list.as_array().cloned().unwrap_or_default();
            elements.push(json!("ALL"));
            *list = Value::from(elements);
        }
        "capabilities_baseline" | "capabilities_restricted" => {
            let (list, index) = path.strip_suffix(']').unwrap().rsplit_once('[').unwrap();
            at(object, list).as_array_mut().unwrap().remove(index.parse().unwrap());
        }
        "runAsNonRoot" if !is_for_pod => *at(object, path) = json!(true),
        "runAsNonRoot" => *at(object, &of_pod("securityContext.runAsNonRoot")) = json!(true),
        "seccompProfile_baseline" | "seccompProfile_restricted" if !is_for_pod || finding.value.is_some() => {
            *at(object, path) = json!("RuntimeDefault")
        }
        "seccompProfile_restricted" => *at(object, &of_pod("securityContext.seccompProfile.type")) = json!("RuntimeDefault"),
        "hostPorts" => {
            let (port, field) = path.rsplit_once('.').unwrap();
            at(object, port).as_object_mut().unwrap().remove(field);
            // Nothing is left of a port that was only one of the host.
            if at(object, port).as_object().unwrap().is_empty() {
                let (list, index) = port.strip_suffix(']').unwrap().rsplit_once('[').unwrap();
                at(object, list).as_array_mut().unwrap().remove(index.parse().unwrap());
            }
        }
        other => panic!("{other} has no fix"),
    }
}

/// How often each finding is there; elements of lists may move up.
fn counts(report: &Report) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    for (place, document) in report.documents.iter().enumerate() {
        for finding in &document.findings {
            let path = finding.path.split("add[").next().unwrap().split("ports[").next().unwrap();
            *counts.entry(format!("{place} {} {path} {:?}", finding.check.id, finding.value)).or_insert(0) += 1;
        }
    }
    counts
}

/// Every comment, which is marked by a number.
fn comments(text: &str) -> Vec<&str> {
    let comments = text.match_indices("#c").map(|(at, _)| text[at..].split(['\r', '\n']).next().unwrap());
    comments.filter(|comment| comment[2..].starts_with(|digit: char| digit.is_ascii_digit())).collect()
}

/// Holds each fix of a text against what it should do.
fn check_each(text: &str, policy: &str) -> Result<usize, TestCaseError> {
    let before = judge(text, policy);
    let known = counts(&before);
    let mut tried = 0;
    for document in &before.documents {
        for finding in &document.findings {
            let Some(fix) = &finding.fix else { continue };
            tried += 1;
            let about = || format!("{} of {}\n--- before\n{text}\n--- after\n", fix.title, finding.path);
            let fixed = with(text, fix);
            for pair in fix.edits.windows(2) {
                prop_assert!(pair[0].span.end.offset < pair[1].span.start.offset, "{}{:?}", about(), fix.edits);
            }
            let after = judge(&fixed, policy);
            let states = |report: &Report| {
                report.documents.iter().map(|document| (document.status as u8, document.diagnostics.len())).collect::<Vec<_>>()
            };
            prop_assert_eq!(states(&before), states(&after), "{}{}", about(), fixed);

            // The finding is gone, and no new one is there.
            let remaining = counts(&after);
            for (key, count) in &remaining {
                prop_assert!(known.get(key).is_some_and(|known| known >= count), "{key} is new\n{}{}", about(), fixed);
            }
            let gone = known.values().sum::<usize>() - remaining.values().sum::<usize>();
            prop_assert!(gone > 0, "{}{}", about(), fixed);
            let path = finding.path.split("add[").next().unwrap().split("ports[").next().unwrap();
            let key = format!(
                "{} {} {path} {:?}",
                before.documents.iter().position(|other| std::ptr::eq(other, document)).unwrap(),
                finding.check.id,
                finding.value
            );
            prop_assert!(remaining.get(&key).is_none_or(|count| *count < known[&key]), "{}{}", about(), fixed);

            // It means the same but for the fix.
            let mut meant = meaning(text);
            let root = &mut meant[document.index];
            let object = match document.item {
                Some(item) => &mut root["items"][item],
                None => root,
            };
            mend_meaning(object, finding);
            let pruned_all = |documents: &[Value]| documents.iter().map(pruned).collect::<Vec<_>>();
            prop_assert_eq!(pruned_all(&meant), pruned_all(&meaning(&fixed)), "{}{}", about(), fixed);

            // Comments are there; those on a line that goes may go with it.
            let kept = comments(&fixed);
            let lost: Vec<_> = comments(text).into_iter().filter(|comment| !kept.contains(comment)).collect();
            let is_removal = fix.title.starts_with("Remove");
            let is_beside = |comment: &&str| {
                let line = text.lines().find(|line| line.ends_with(comment)).unwrap();
                !line.trim_start().starts_with('#')
            };
            prop_assert!(lost.is_empty() || is_removal && lost.iter().all(is_beside), "{lost:?} are gone\n{}{}", about(), fixed);
            if text.contains('\n') && !text.replace("\r\n", "").contains('\n') {
                prop_assert!(!fixed.replace("\r\n", "").contains('\n'), "{}{}", about(), fixed);
            }
        }
    }
    Ok(tried)
}

/// Holds all fixes together against what they should do.
fn check_all(text: &str, policy: &str) -> Result<(), TestCaseError> {
    let before = judge(text, policy);
    let all_fixed = fixed(text, policy);
    let after = judge(&all_fixed, policy);
    let known = counts(&before);
    for (key, count) in counts(&after) {
        prop_assert!(known.get(&key).is_some_and(|known| *known >= count), "{key} is new\n{text}\n--- after\n{all_fixed}");
    }
    let mended = findings(&before).all(|finding| finding.fix.is_none()) == (all_fixed == text);
    prop_assert!(mended, "{text}\n--- after\n{all_fixed}");
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
            // Kept in this order by the layout.
            Value::Array(members.into_iter().map(|(key, value)| json!([key, value])).collect::<Vec<_>>()).tagged()
        })
        .boxed()
}

/// serde_json sorts keys: a mapping whose order matters is a list of pairs under a mark.
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

/// Lets containers have fields of the first one, alone or beside their own: that is what anchors and
/// merges are used for.
fn share(containers: &mut [Value], sharing: &[u8]) {
    let Some((first, others)) = containers.split_first_mut() else { return };
    for (other, choice) in others.iter_mut().zip(sharing) {
        for member in first[""].as_array().unwrap() {
            let members = other[""].as_array_mut().unwrap();
            let own = members.iter_mut().find(|own| own[0] == member[0]);
            match (choice % 6, own) {
                (1, Some(own)) => *own = member.clone(),
                (2, None) => members.push(member.clone()),
                (3.., None) if member[1][""].is_array() => {
                    let mut member = member.clone();
                    member[1][""].as_array_mut().unwrap().push(json!(["readOnlyRootFilesystem", true]));
                    members.push(member);
                }
                (3.., Some(own)) if member[1][""].is_array() && own[1][""].is_array() => {
                    let own = own[1][""].as_array_mut().unwrap();
                    own.retain(|own| member[1][""].as_array().unwrap().iter().all(|member| member[0] != own[0]));
                    own.extend(member[1][""].as_array().unwrap().clone());
                }
                _ => {}
            }
        }
    }
}

/// A document with a pod, of every kind that there is.
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

/// A text: objects, laid out in all ways that there are.
fn text() -> impl Strategy<Value = String> {
    (vec(object(1), 1..3), vec(any::<u8>(), 40..400)).prop_map(|(objects, choices)| lay_out(&objects, Choices::new(choices)))
}

fn policy() -> impl Strategy<Value = &'static str> {
    select(vec!["restricted", "restricted", "restricted", "baseline", "restricted:v1.24"])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn each_fix_does_what_it_says(text in text(), policy in policy()) {
        check_each(&text, policy)?;
    }

    #[test]
    fn all_fixes_together_do_what_they_say(text in text(), policy in policy()) {
        check_all(&text, policy)?;
    }

    #[test]
    fn damaged_texts_are_mended_or_left_alone(text in text(), damages in vec((any::<prop::sample::Index>(), piece()), 1..4)) {
        let mut text = text;
        for (place, piece) in damages {
            // Most damage is worth something where something stands.
            let places: Vec<_> = text.char_indices().map(|(at, _)| at).collect();
            text.insert_str(places[place.index(places.len())], piece);
        }
        check_each(&text, "restricted")?;
        check_all(&text, "restricted")?;
    }
}

/// How many cases are tried: `PROPTEST_CASES` or a few.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(48)
}

/// What changes how YAML is read.
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
fn kubernetes_own_pods_can_be_mended() {
    let Some(root) = conformance::data("pss") else { return };
    let mut tried = 0;
    let mut fixes = 0;
    for level in ["baseline", "restricted"] {
        for version in fs::read_dir(root.join(level)).unwrap().map(|entry| entry.unwrap().path()) {
            let policy = format!("{level}:{}", version.file_name().unwrap().to_str().unwrap());
            for file in fs::read_dir(version.join("fail")).unwrap().map(|entry| entry.unwrap().path()) {
                let yaml = fs::read_to_string(&file).unwrap();
                let json = meaning(&yaml).remove(0);
                for text in [yaml.clone(), json.to_string(), format!("{json:#}"), yaml.replace('\n', "\r\n")] {
                    assert!(judge(&text, &policy).documents.iter().all(|document| document.status == Status::Judged), "{}", file.display());
                    fixes += check_each(&text, &policy).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                    check_all(&text, &policy).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 0, "{} holds no pod", root.display());
    eprintln!("{fixes} fixes in {tried} texts");
}
