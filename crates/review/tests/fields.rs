//! The errors about fields on many objects: those of Kubernetes' fixtures, of this repository and of generators.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use pss_core::pod::Object;
use pss_manifest::{Kind, Node, documents};
use pss_review::deserialization;
use pss_review::fields::kubernetes;
use pss_review::schema::{Schema, SchemaError, SchemaErrorKind};
use pss_testing::{conformance, samples};
use serde_json::{Value, json};

/// Returns the errors of an object, or of the items of a List.
fn errors(object: Node<'_>) -> Vec<SchemaError> {
    let text = |field| object.get(field).and_then(|entry| entry.value.text()).unwrap_or_default();
    match object.get("items").map(|entry| entry.value) {
        Some(items) if text("kind") == "List" => items.elements().flat_map(errors).collect(),
        _ => kubernetes().errors(object, text("apiVersion"), text("kind")),
    }
}

/// Asserts that the spans and paths of errors are in the text.
fn assert_valid(errors: &[SchemaError], object: Node<'_>, text: &str) {
    for error in errors {
        let [start, end] = [error.span.start, error.span.end].map(|position| position.offset);
        assert!(text.get(start..end).is_some_and(|text| !text.is_empty()), "{error:?}");
        // Not every key with brackets can be in a path.
        let has_plain_keys =
            error.path.split('[').skip(1).all(|rest| rest.split(']').next().is_some_and(|index| index.parse::<usize>().is_ok()));
        assert!(!has_plain_keys || !matches!(object.kind(), Kind::Mapping) || object.at(&error.path).exists, "{error:?}");
    }
}

/// Returns all files of a directory with an extension.
fn files(directory: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extensions));
        } else if path.extension().is_some_and(|extension| extensions.iter().any(|other| extension == *other)) {
            found.push(path);
        }
    }
    found
}

/// Asserts that the documents of files have no errors, and returns their number.
fn assert_no_errors(files: &[PathBuf]) -> usize {
    let mut objects = 0;
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        for document in documents(&text) {
            // Some files are no manifests.
            if let Ok(tree) = &document.content {
                assert_eq!(errors(tree.root()), [], "{}", file.display());
                objects += 1;
            }
        }
    }
    objects
}

#[test]
fn accepts_kubernetes_fixtures() {
    let Some(directory) = conformance::data("pss") else { return };
    assert!(assert_no_errors(&files(&directory, &["yaml"])) > 3000);
}

#[test]
fn accepts_the_objects_of_admission_cases() {
    let Some(cases) = conformance::data("admission-cases.jsonl") else { return };
    let mut objects = 0;
    for case in fs::read_to_string(cases).unwrap().lines() {
        let case: Value = serde_json::from_str(case).unwrap();
        let text = case["request"]["object"].to_string();
        let documents = documents(&text);
        assert_eq!(errors(documents[0].content.as_ref().unwrap().root()), [], "{text}");
        objects += 1;
    }
    assert!(objects > 500);
}

#[test]
fn accepts_the_manifests_of_this_repository() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let files = ["playground/src/examples", "tests/data"].map(|directory| files(&root.join(directory), &["yaml", "yml", "json"])).concat();
    assert!(assert_no_errors(&files) > 20);
}

/// The blocks of YAML in the documents, as far as they are manifests.
#[test]
fn accepts_the_manifests_of_the_documents() {
    let root = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."));
    let mut objects = 0;
    for file in files(&root.join("docs"), &["md"]).into_iter().chain([root.join("README.md")]) {
        let text = fs::read_to_string(&file).unwrap();
        for block in text.split("```yaml\n").skip(1) {
            for document in documents(block.split("```").next().unwrap()) {
                if let Ok(tree) = &document.content {
                    assert_eq!(errors(tree.root()), [], "{}", file.display());
                    objects += 1;
                }
            }
        }
    }
    assert!(objects > 5);
}

/// Adds the paths of the errors of the view that checks read, as a review reports them.
fn add_view_errors(object: &Object<'_>, paths: &mut Vec<String>) {
    paths.extend(object.errors.iter().map(|error| error.path.clone()));
    let fields = &object.value;
    for template in [&fields.template, &fields.spec.template, &fields.spec.job_template].into_iter().flatten() {
        add_view_errors(template, paths);
    }
}

proptest! {
    /// A review can drop the errors of the view at the paths of these errors.
    #[test]
    fn errors_of_the_view_are_wrong_types(kind in samples::kind(), pod in samples::malformed(samples::pod())) {
        let mut object = samples::object_with(kind, &pod);
        let valid = samples::object_with(kind, &json!({"apiVersion": "v1", "kind": "Pod"}));
        let Value::Object(fields) = &mut object else { return Ok(()) };
        for field in ["apiVersion", "kind"] {
            fields.insert(field.to_owned(), valid[field].clone());
        }
        let text = object.to_string();
        let documents = documents(&text);
        let Ok(tree) = &documents[0].content else { return Ok(()) };
        let errors = errors(tree.root());
        assert_valid(&errors, tree.root(), &text);
        let mut paths = Vec::new();
        add_view_errors(&deserialization::object(tree.root()), &mut paths);
        for path in paths {
            let is_known = errors.iter().any(|error| error.path == path && error.kind == SchemaErrorKind::WrongType);
            prop_assert!(is_known, "{path}: {errors:#?}\n{text}");
        }
    }

    #[test]
    fn any_value_has_valid_errors(kind in samples::kind(), value in samples::any_json()) {
        let mut object = samples::object_with(kind, &json!({"apiVersion": "v1", "kind": "Pod", "spec": value}));
        if let Value::Object(fields) = &value {
            object.as_object_mut().unwrap().extend(fields.clone());
        }
        let text = object.to_string();
        for document in documents(&text) {
            if let Ok(tree) = &document.content {
                assert_valid(&errors(tree.root()), tree.root(), &text);
            }
        }
    }
}

/// The inputs of the fuzz targets, as every kind.
#[test]
fn any_text_has_valid_errors() {
    let corpus = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../fuzz/corpus"));
    let mut objects = 0;
    for target in ["manifest", "fix", "object"] {
        for entry in fs::read_dir(corpus.join(target)).unwrap() {
            let bytes = fs::read(entry.unwrap().path()).unwrap();
            let Ok(text) = std::str::from_utf8(if target == "object" { &bytes } else { &bytes[1.min(bytes.len())..] }) else { continue };
            for document in documents(text) {
                let Ok(tree) = &document.content else { continue };
                for (api_version, kind) in [("v1", "Pod"), ("apps/v1", "Deployment"), ("batch/v1", "CronJob")] {
                    let errors = kubernetes().errors(tree.root(), api_version, kind);
                    assert_valid(&errors, tree.root(), text);
                    objects += 1;
                }
            }
        }
    }
    assert!(objects > 100);
}
