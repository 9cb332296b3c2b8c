//! Every fixture of Kubernetes through the program.
//!
//! The fixtures are not part of this repository: `PSS_CONFORMANCE_DIR` is their directory.

use std::fs;

use pss_testing::conformance;

use crate::folder::Folder;

#[test]
fn every_fixture_pod_gets_its_verdict() {
    let Some(data) = conformance::data("pss") else { return };
    let folder = Folder::new(&[]);
    let mut judged = [0; 2];
    for level in fs::read_dir(&data).unwrap() {
        let level = level.unwrap();
        for version in fs::read_dir(level.path()).unwrap() {
            let version = version.unwrap();
            let [level, version_name] = [&level, &version].map(|entry| entry.file_name().into_string().unwrap());
            for (index, outcome) in ["pass", "fail"].into_iter().enumerate() {
                let fixtures = version.path().join(outcome);
                let report = folder.json(&format!("--level {level} --version {version_name} {}", fixtures.display()));
                let documents = report["documents"].as_array().unwrap();
                assert_eq!(documents.len(), fs::read_dir(&fixtures).unwrap().count(), "{}", fixtures.display());
                for document in documents {
                    assert_eq!(document["status"], "judged", "{document:#}");
                    let verdict = &document["verdicts"][0];
                    assert_eq!(verdict["mode"], "enforce");
                    assert_eq!(verdict["satisfied"], outcome == "pass", "{document:#}");
                    judged[index] += 1;
                }
            }
        }
    }
    assert!(judged.iter().all(|count| *count > 500), "{judged:?}");
}
