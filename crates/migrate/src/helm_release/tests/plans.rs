//! Tests of plans: which revisions change, what remains, and what is refused.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::problem::Problem;

const PSP: &str = "---\nkind: PodSecurityPolicy\napiVersion: policy/v1beta1\nmetadata: {name: p}\n";
const OTHER: &str = "---\n# <a> & b\nkind: ConfigMap\napiVersion: v1\n";

/// Returns a revision as Helm stores it. A manifest of `+` stands for one with a policy.
fn secret(revision: u64, status: &str, manifest: &str) -> Value {
    let manifest = match manifest {
        "+" => [OTHER, PSP].concat(),
        "-" => OTHER.to_owned(),
        manifest => manifest.to_owned(),
    };
    let release = json!({"name": "web", "info": {"status": status}, "manifest": manifest, "version": revision, "namespace": "shop"});
    json!({
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {
            "name": format!("sh.helm.release.v1.web.v{revision}"),
            "namespace": "shop",
            "labels": {"owner": "helm", "name": "web", "version": revision.to_string(), "status": status, "createdAt": "1", "team": "a"},
            "annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "example.com/a": "b"},
            "creationTimestamp": "2024-01-01T00:00:00Z",
            "resourceVersion": "42",
            "uid": "u",
            "finalizers": ["example.com/f"],
            "ownerReferences": [{"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "v"}],
            "managedFields": [{"manager": "helm"}],
        },
        "type": "helm.sh/release.v1",
        "data": {"release": encoded(&release.to_string(), 2)},
    })
}

fn list(items: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

fn revisions_of(text: &str) -> (Revisions, Vec<Problem>) {
    let (mut problems, mut revisions) = (Vec::new(), Revisions::default());
    each_object(Source { name: "f.json", text }, Limits::default(), &mut problems, &mut |object, problems| {
        revisions.add(&object, problems)
    });
    (revisions, problems)
}

fn plan(items: &[Value], options: Options) -> Result<Plan, Vec<String>> {
    let (revisions, problems) = revisions_of(&list(items));
    assert_eq!(problems, []);
    revisions.plan(options).map_err(|problems| problems.iter().map(ToString::to_string).collect())
}

/// Returns the objects of a plan.
fn objects(plan: &Plan) -> Vec<Value> {
    let documents = pss_manifest::documents(&plan.objects);
    documents.into_iter().map(|document| document.content.unwrap().to_json()).collect()
}

/// Returns the release in an object.
fn release(object: &Value) -> Value {
    let (json, _) = super::super::encoding::decode(object["data"]["release"].as_str().unwrap(), 2).unwrap();
    serde_json::from_str(&json).unwrap()
}

/// Returns each object of a plan as `vREVISION STATUS`, with `+` if it contains a policy.
fn summary(plan: &Plan) -> String {
    let of = |object: &Value| {
        let release = release(object);
        let labels = &object["metadata"]["labels"];
        assert_eq!(labels["version"], release["version"].to_string());
        assert_eq!(labels["status"], release["info"]["status"]);
        let name = object["metadata"]["name"].as_str().unwrap().strip_prefix("sh.helm.release.v1.web.").unwrap();
        assert_eq!(name, format!("v{}", release["version"]));
        let sign = if release["manifest"].as_str().unwrap().contains("PodSecurityPolicy") { "+" } else { "" };
        format!("{name} {}{sign}", release["info"]["status"].as_str().unwrap())
    };
    objects(plan).iter().map(of).collect::<Vec<_>>().join(", ")
}

const NEW: Options = Options { mode: Mode::NewRevision, all_revisions: false, time: 7 };
const IN_PLACE: Options = Options { mode: Mode::InPlace, ..NEW };

fn all(options: Options) -> Options {
    Options { all_revisions: true, ..options }
}

#[test]
fn changes_the_revision_that_upgrades_build_on() {
    let deployed = [secret(1, "superseded", "+"), secret(2, "deployed", "+")];
    let failed = [secret(1, "superseded", "-"), secret(3, "failed", "+"), secret(2, "deployed", "+")];
    let two = [secret(1, "deployed", "+"), secret(2, "deployed", "+"), secret(3, "superseded", "-")];
    let clean = [secret(1, "superseded", "+"), secret(2, "deployed", "-"), secret(3, "failed", "+")];
    let none = [secret(1, "superseded", "+"), secret(2, "failed", "+")];
    let uninstalled = [secret(1, "superseded", "+"), secret(2, "uninstalled", "+")];
    let cannot_roll_back = "so that Helm cannot roll back to";
    let no_deployed = "no deployed revision is in the input; if there is one, pass all: kubectl get secret -n shop -l";
    let last = "the last, contains PodSecurityPolicy p, so that Helm can neither roll back nor uninstall";
    for (items, options, objects, notes) in [
        (
            &deployed[..],
            NEW,
            "v3 deployed, v2 superseded+",
            vec![
                "adds revision 3 (deployed), a copy of revision 2 without PodSecurityPolicy p; revision 2 becomes superseded",
                "revisions 1, 2 contain",
            ],
        ),
        (
            &deployed,
            all(NEW),
            "v3 deployed, v2 superseded, v1 superseded",
            vec!["adds revision 3", "removes PodSecurityPolicy p from revision 1 (superseded)"],
        ),
        (&deployed, IN_PLACE, "v2 deployed", vec!["removes PodSecurityPolicy p from revision 2 (deployed)", cannot_roll_back]),
        (
            &deployed,
            all(IN_PLACE),
            "v2 deployed, v1 superseded",
            vec!["removes PodSecurityPolicy p from revision 2 (deployed)", "removes PodSecurityPolicy p from revision 1 (superseded)"],
        ),
        (
            &failed,
            NEW,
            "v4 deployed, v2 superseded+",
            vec![
                "adds revision 4 (deployed), a copy of revision 2 without PodSecurityPolicy p; revision 2 becomes superseded",
                "revisions 2, 3 contain",
            ],
        ),
        (&failed, IN_PLACE, "v2 deployed", vec!["removes PodSecurityPolicy p from revision 2 (deployed)", last]),
        (
            &failed,
            all(IN_PLACE),
            "v2 deployed, v3 failed",
            vec!["removes PodSecurityPolicy p from revision 2 (deployed)", "removes PodSecurityPolicy p from revision 3 (failed)"],
        ),
        (
            &two,
            IN_PLACE,
            "v2 deployed",
            vec!["removes PodSecurityPolicy p from revision 2 (deployed)", "revision 1 contains PodSecurityPolicies"],
        ),
        (
            &clean,
            NEW,
            "",
            vec!["revision 2 (deployed), on which upgrades build, contains no PodSecurityPolicy", last, "revision 1 contains"],
        ),
        (
            &clean,
            all(NEW),
            "v1 superseded, v3 failed",
            vec!["on which upgrades build", "removes PodSecurityPolicy p from revision 1 (superseded)", "revision 3 (failed)"],
        ),
        // As after a rollback that failed.
        (&none, NEW, "v2 failed", vec![no_deployed, "removes PodSecurityPolicy p from revision 2 (failed)", cannot_roll_back]),
        (&none, IN_PLACE, "v2 failed", vec![no_deployed, "removes PodSecurityPolicy p from revision 2 (failed)", cannot_roll_back]),
        (&none, all(NEW), "v2 failed, v1 superseded", vec![no_deployed, "from revision 2 (failed)", "from revision 1 (superseded)"]),
        (&uninstalled, NEW, "", vec!["Helm upgrades no release whose last revision is uninstalled", last, "revision 1 contains"]),
        (
            &uninstalled,
            all(NEW),
            "v1 superseded, v2 uninstalled",
            vec!["Helm upgrades no release", "revision 1", "revision 2 (uninstalled)"],
        ),
    ] {
        let plan = plan(items, options).unwrap();
        assert_eq!(summary(&plan), objects, "{items:?} {options:?}");
        assert_eq!(plan.notes.len(), notes.len(), "{:?}", plan.notes);
        for (note, part) in plan.notes.iter().zip(notes) {
            assert!(note.starts_with("shop/web: ") && note.contains(part), "{note}: {part}");
        }
    }
}

#[test]
fn refuses_what_could_do_harm() {
    let pending = [secret(1, "deployed", "+"), secret(2, "pending-upgrade", "-")];
    let mut immutable = secret(1, "deployed", "+");
    immutable["immutable"] = true.into();
    let immutable = [immutable];
    let twice = [secret(1, "deployed", "+"), secret(1, "deployed", "+")];
    let last = [secret(u64::MAX / 2, "deployed", "+")];
    for (items, options, error) in [
        (
            &pending[..],
            NEW,
            "shop/web: revision 2 is pending-upgrade, and Helm refuses upgrades until that ends (if no Helm is running any",
        ),
        (&immutable, NEW, "shop/web: revision 1 is in an immutable Secret, so that neither kubectl nor Helm can change it (replace"),
        (&immutable, IN_PLACE, "shop/web: revision 1 is in an immutable Secret"),
        (&twice, IN_PLACE, "shop/web: revision 1 is in the input twice (pass each revision once)"),
        (&last, NEW, "shop/web: Helm has no number for a revision after 9223372036854775807 (use --in-place)"),
    ] {
        let errors = plan(items, options).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        let (place, message) = errors[0].split_once(": ").unwrap();
        assert!(place.starts_with("f.json:1:") && message.starts_with(error), "{}", errors[0]);
    }
    // Nothing has to change in these.
    let mut clean = secret(1, "deployed", "-");
    clean["immutable"] = true.into();
    let plan = plan(&[clean, secret(2, "pending-upgrade", "-")], NEW).unwrap();
    assert_eq!((plan.objects, plan.notes), (String::new(), vec!["1 release contains no PodSecurityPolicy".to_owned()]));
}

#[test]
fn objects_keep_what_users_set() {
    let plan = plan(&[secret(1, "deployed", "+")], NEW).unwrap();
    let objects = objects(&plan);
    let owners = json!([{"apiVersion": "v1", "kind": "ConfigMap", "name": "o", "uid": "v"}]);
    let mut releases = objects.clone();
    releases.iter_mut().for_each(|object| drop(object.as_object_mut().unwrap().remove("data")));
    assert_eq!(
        releases,
        [
            json!({"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1", "metadata": {
                "name": "sh.helm.release.v1.web.v2",
                "namespace": "shop",
                "labels": {"owner": "helm", "name": "web", "version": "2", "status": "deployed", "createdAt": "7", "team": "a"},
                "annotations": {"example.com/a": "b"},
                "ownerReferences": owners,
            }}),
            json!({"apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1", "metadata": {
                "name": "sh.helm.release.v1.web.v1",
                "namespace": "shop",
                "labels": {
                    "owner": "helm", "name": "web", "version": "1", "status": "superseded", "createdAt": "1", "modifiedAt": "7", "team": "a"
                },
                "annotations": {"example.com/a": "b"},
                "ownerReferences": owners,
                "finalizers": ["example.com/f"],
                "resourceVersion": "42",
            }}),
        ]
    );
    let expected = json!({"name": "web", "info": {"status": "deployed", "description": "Copy of revision 1 without PodSecurityPolicies"},
        "manifest": OTHER, "version": 2, "namespace": "shop"});
    assert_eq!(release(&objects[0]), expected);
    assert_eq!(
        plan.notes,
        [
            "shop/web: adds revision 2 (deployed), a copy of revision 1 without PodSecurityPolicy p; revision 1 becomes superseded, and \
             Helm cannot roll back to it unless you use --all-revisions",
            "shop/web: only revision 1 is in the input; if there are others, pass all: kubectl get secret -n shop -l owner=helm,name=web \
             -o yaml",
        ]
    );
    assert_eq!(plan.changes[0].name, "shop/web.v2");
    assert_eq!(plan.changes[0].texts, [ChangedText { hook: None, old: [OTHER, PSP].concat(), new: OTHER.to_owned() }]);
}

#[test]
fn each_kind_of_storage_is_kept() {
    let json = json!({"name": "web", "info": {"status": "deployed"}, "manifest": PSP, "version": 1}).to_string();
    let plain = |layers| encode(&json, Encoding { layers, is_compressed: false }).unwrap();
    for (kind, field, layers, data) in [
        ("Secret", "data", 2, encoded(&json, 2)),
        ("Secret", "data", 2, plain(2)),
        ("Secret", "stringData", 1, encoded(&json, 1)),
        ("ConfigMap", "data", 1, encoded(&json, 1)),
        ("ConfigMap", "data", 1, plain(1)),
    ] {
        let object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "sh.helm.release.v1.web.v1"}, field: {"release": data}});
        let (revisions, _) = revisions_of(&object.to_string());
        let plan = revisions.plan(IN_PLACE).unwrap();
        let changed = &objects(&plan)[0];
        let (new, encoding) = super::super::encoding::decode(changed[field]["release"].as_str().unwrap(), layers).unwrap();
        assert_eq!(new, json.replace(&json!(PSP).to_string(), "\"\""));
        assert_eq!(encoding.is_compressed, data != plain(layers));
        assert_eq!(plan.notes, ["web: removes PodSecurityPolicy p from revision 1 (deployed)"]);
    }
}

#[test]
fn large_objects_are_noted() {
    let noise = |size: usize| {
        let mut state = 1_u32;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b'a' + u8::try_from(state >> 28).unwrap())
        };
        let text: String = (0..size).map(|_| next()).collect();
        [PSP, "---\nkind: ConfigMap\napiVersion: v1\ndata: {a: ", &text, "}\n"].concat()
    };
    for (size, note) in [
        (400_000, "shop/web.v1 is too large for the copy that kubectl apply adds to an object: use kubectl apply --server-side"),
        (1_700_000, "bytes are more than the 1048576 that a Secret can contain"),
    ] {
        let plan = plan(&[secret(1, "deployed", &noise(size))], IN_PLACE).unwrap();
        assert!(plan.notes.iter().any(|other| other.contains(note)), "{:?}", plan.notes);
    }
}

#[test]
fn objects_must_agree_with_their_release() {
    for (pointer, value, error) in [
        ("/metadata/labels/status", "failed", "the label status must be deployed, as in the release"),
        ("/metadata/labels/version", "2", "the label version must be 1, as in the release"),
        ("/metadata/labels/name", "a", "the label name must be web, as in the release"),
        ("/metadata/labels/owner", "me", "the label owner must be helm, as in the release"),
        ("/metadata/name", "web", "the name must be sh.helm.release.v1.web.v1, under which Helm looks for this revision"),
    ] {
        let mut object = secret(1, "deployed", "-");
        *object.pointer_mut(pointer).unwrap() = value.into();
        let (_, problems) = revisions_of(&object.to_string());
        let messages: Vec<_> = problems.iter().map(|problem| &*problem.message).collect();
        assert_eq!(messages, [error], "{pointer}");
    }
}

#[test]
fn documents_that_cannot_be_parsed_are_named() {
    let (_, problems) = revisions_of(&secret(1, "deployed", "---\na: 1\n---\nkind: PodSecurityPolicy\nb: [\n").to_string());
    assert_eq!(
        problems[0].to_string(),
        format!(
            "f.json:1:{}: shop/web: revision 1: line 5 of the manifest: the document cannot be parsed: did not find expected node content \
             (leave all revisions of shop/web out of the input to change the other releases)",
            problems[0].span.start.column
        )
    );
    // Without a PodSecurityPolicy they are left alone.
    let invalid = "---\nb: [\n";
    for (manifest, options, count) in [("", NEW, 1), (PSP, NEW, 3), (PSP, IN_PLACE, 2), (PSP, all(NEW), 3)] {
        let plan = plan(&[secret(1, "deployed", &[invalid, manifest].concat())], options).unwrap();
        let note = "shop/web: revision 1: line 2 of the manifest: the document cannot be parsed, and remains as it is: did not find";
        assert_eq!(plan.notes.iter().filter(|other| other.starts_with(note)).count(), 1, "{:?}", plan.notes);
        assert_eq!(plan.notes.len(), count + usize::from(manifest.is_empty()), "{:?}", plan.notes);
        assert!(objects(&plan).first().is_none_or(|object| release(object)["manifest"] == invalid));
    }
}

#[test]
fn roles_that_remain_are_in_one_note() {
    let role = |name: &str| {
        format!(
            "---\napiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: {name}}}\nrules: [{{resources: [podsecuritypolicies]}}]\n"
        )
    };
    let plan = plan(&[secret(1, "deployed", &[&role("a"), PSP, &role("b")].concat())], IN_PLACE).unwrap();
    assert_eq!(
        plan.notes,
        [
            "shop/web: removes PodSecurityPolicy p from revision 1 (deployed)",
            "shop/web: rules about PodSecurityPolicies, which have no effect any more, remain in Role a, Role b",
        ]
    );
}

#[test]
fn other_objects_are_named() {
    let mut items = vec![secret(1, "deployed", "-")];
    let other =
        |index: usize| json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": format!("c{index}"), "namespace": "a"}});
    items.push(other(1));
    assert_eq!(plan(&items, NEW).unwrap().notes[0], "not a Helm release, and left out: ConfigMap a/c1");
    items.extend((2..13).map(other));
    let note = &plan(&items, NEW).unwrap().notes[0];
    assert!(note.starts_with("not Helm releases, and left out: ConfigMap") && note.ends_with("ConfigMap a/c10 and 2 more"), "{note}");
}

/// A manifest, and what remains of it.
fn manifest() -> impl Strategy<Value = (String, String)> {
    let document = prop_oneof![Just((PSP, "")), Just((OTHER, OTHER)), Just(("---\n# é😀\\\"\u{a0}\n", "---\n# é😀\\\"\u{a0}\n"))];
    prop::collection::vec(document, 0..5).prop_map(|documents| documents.into_iter().unzip())
}

fn any_json() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![Just(Value::Null), any::<i64>().prop_map(Value::from), any::<String>().prop_map(Value::from)];
    scalar.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z<]{0,4}", inner, 0..3).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    /// The expected release is computed from the parsed JSON, without the code that changes the text.
    #[test]
    fn only_the_policies_of_a_release_change(
        (manifest, manifest_left) in manifest(),
        hooks in prop::collection::vec((manifest(), any_json()), 0..4),
        others in prop::collection::btree_map("[a-d]|chart|config", any_json(), 0..4),
        notes in any_json(),
        is_in_place: bool,
    ) {
        let hook = |manifest: &str, other: &Value| json!({"name": "h", "events": other, "manifest": manifest});
        let has_policy = |(manifest, left): (&str, &str)| manifest != left;
        let mut old: BTreeMap<String, Value> = others;
        old.extend([
            ("name".to_owned(), "web".into()),
            ("info".to_owned(), json!({"status": "deployed", "notes": notes})),
            ("version".to_owned(), 1.into()),
            ("manifest".to_owned(), (&*manifest).into()),
            ("hooks".to_owned(), hooks.iter().map(|((manifest, _), other)| hook(manifest, other)).collect()),
        ]);
        let any_policy = has_policy((&manifest, &manifest_left)) || hooks.iter().any(|((manifest, left), _)| has_policy((manifest, left)));
        let mut expected = old.clone();
        expected.insert("manifest".to_owned(), manifest_left.into());
        // A hook without any object left is removed; a comment is none.
        let kept = hooks.iter().filter(|((manifest, left), _)| !has_policy((manifest, left)) || left.contains("kind"));
        expected.insert("hooks".to_owned(), kept.map(|((_, left), other)| hook(left, other)).collect());
        if !is_in_place {
            expected.insert("version".to_owned(), 2.into());
            let description = "Copy of revision 1 without PodSecurityPolicies";
            expected.insert("info".to_owned(), json!({"status": "deployed", "notes": notes, "description": description}));
        }
        let mut object = secret(1, "deployed", "");
        object["data"]["release"] = encoded(&serde_json::to_string(&old).unwrap(), 2).into();
        let options = if is_in_place { IN_PLACE } else { NEW };
        let plan = plan(&[object], options).unwrap();
        if any_policy {
            prop_assert_eq!(release(&objects(&plan)[0]), serde_json::to_value(&expected).unwrap());
        } else {
            prop_assert_eq!(plan.objects, "");
        }
    }

    #[test]
    fn no_object_causes_a_panic(json in r#"[\[\]{}:,"a0-9\\]{0,20}|\{"name":"a","info":\{"status":"deployed"\},"version":[0-9]{1,25},"manifest":"[a-z\\":,]{0,9}"\}"#) {
        let object = json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "sh.helm.release.v1.a.v1"},
            "stringData": {"release": encoded(&json, 1)}});
        let (revisions, problems) = revisions_of(&object.to_string());
        prop_assert!(problems.is_empty() || revisions.is_empty());
        let _ = revisions.plan(NEW);
    }
}
