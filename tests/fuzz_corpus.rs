//! Runs every fuzz target with the inputs in fuzz/corpus, which fuzzing has found or which are seeds.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use pss_testing::invariants;
use pss_testing::typed;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

type Target = fn(&[u8]);

/// The fuzz targets, each with the property that it checks.
const TARGETS: [(&str, Target); 7] = [
    ("fix", invariants::fix),
    ("labels", invariants::labels),
    ("level", invariants::level),
    ("manifest", invariants::manifest),
    ("object", typed::object),
    ("request", invariants::request),
    ("settings", invariants::settings),
];

fn fuzz() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz")
}

fn files(dir: &str) -> Vec<PathBuf> {
    let dir = fuzz().join(dir);
    fs::read_dir(&dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display())).map(|entry| entry.unwrap().path()).collect()
}

#[test]
fn every_input_of_the_corpus_passes() {
    for (target, check) in TARGETS {
        let inputs = files(&format!("corpus/{target}"));
        assert!(inputs.len() > 4, "there are only {} inputs of {target}", inputs.len());
        for input in inputs {
            let bytes = fs::read(&input).unwrap();
            if std::panic::catch_unwind(|| check(&bytes)).is_err() {
                panic!("{target}: {}", input.display());
            }
        }
    }
}

#[test]
fn the_list_of_targets_is_complete() {
    let names =
        |files: Vec<PathBuf>| files.iter().map(|file| file.file_stem().unwrap().to_str().unwrap().to_owned()).collect::<BTreeSet<_>>();
    let targets: BTreeSet<String> = TARGETS.iter().map(|(target, _)| (*target).to_owned()).collect();
    assert_eq!(names(files("fuzz_targets")), targets);
    assert_eq!(names(files("corpus")), targets);
}

#[test]
fn the_corpus_is_small() {
    let size: u64 =
        TARGETS.iter().flat_map(|(target, _)| files(&format!("corpus/{target}"))).map(|file| file.metadata().unwrap().len()).sum();
    assert!(size < 300_000, "{size} bytes: `scripts/fuzz minimise` removes inputs that reach nothing new");
}
