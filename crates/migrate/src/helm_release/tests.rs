//! Tests of the whole: objects with releases become releases, and plans.

mod plans;
mod real_releases;

use pss_manifest::Limits;
use pss_review::Source;

use super::encoding::{Encoding, encode};
use super::*;
use crate::object::each_object;

/// Returns the encoded release of a Secret.
fn encoded(json: &str, layers: usize) -> String {
    encode(json, Encoding { layers, is_compressed: true }).unwrap()
}

/// Returns the results for all objects of a text.
fn releases(text: &str) -> Vec<Option<Result<Release, String>>> {
    let (mut problems, mut releases) = (Vec::new(), Vec::new());
    each_object(Source { name: "f.yaml", text }, Limits::default(), &mut problems, &mut |object, _| {
        releases.push(manifests(&object).map(|release| release.map_err(|problem| problem.to_string())));
    });
    assert_eq!(problems, []);
    releases
}

const RELEASE: &str =
    r#"{"name":"web","info":{"status":"deployed"},"manifest":"m","hooks":[{"name":"h","manifest":"n"}],"version":3,"namespace":"x"}"#;

#[test]
fn reads_secrets_and_configmaps() {
    let object =
        |kind: &str, fields: &str| format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: sh.helm.release.v1.web.v3}}\n{fields}\n");
    let manifests = vec![Manifest { hook: None, text: "m".into() }, Manifest { hook: Some("h".into()), text: "n".into() }];
    let release = Release { name: "web".into(), namespace: "x".into(), revision: 3, status: "deployed".into(), manifests };
    for text in [
        object("Secret", &format!("data: {{release: {}}}", encoded(RELEASE, 2))),
        object("Secret", &format!("stringData: {{release: {}}}\ndata: {{release: x}}", encoded(RELEASE, 1))),
        object("ConfigMap", &format!("data: {{release: {}}}", encoded(RELEASE, 1))),
    ] {
        assert_eq!(releases(&text), [Some(Ok(release.clone()))], "{text}");
    }
}

#[test]
fn other_objects_are_no_releases() {
    for text in [
        "{apiVersion: v1, kind: Secret, metadata: {name: a, labels: {owner: helm}}}",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {release: a}}",
        "{apiVersion: v1, kind: Pod, metadata: {name: sh.helm.release.v1.web.v1}}",
        "{apiVersion: example.com/v1, kind: Secret, type: helm.sh/release.v1}",
    ] {
        assert_eq!(releases(text), [None], "{text}");
    }
}

#[test]
fn errors_have_a_place() {
    let secret = |fields: &str| format!("apiVersion: v1\nkind: Secret\ntype: helm.sh/release.v1\n{fields}\n");
    for (text, error) in [
        (secret("metadata: {name: a}"), "f.yaml:1:1: data.release is missing, in which Helm stores a release"),
        (secret("data: {release: [a]}"), "f.yaml:4:17: data.release is not a string"),
        (secret("data: {release: '%'}"), "f.yaml:4:17: data.release is not valid base64: the character \"%\" at position 1"),
        (secret("data: {release: ZXlKOQ==}"), "f.yaml:4:17: data.release is not a release: it must be JSON, which ends too early"),
        (secret("metadata: {name: a.v1, labels: {OWNER: TILLER}}"), "f.yaml:4:40: a release of Helm 2 cannot be migrated (its data is"),
    ] {
        let results = releases(&text);
        let [Some(Err(actual))] = &results[..] else { panic!("{text}: {results:?}") };
        assert!(actual.starts_with(error), "{text}: {actual}");
    }
}
