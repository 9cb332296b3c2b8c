//! A pod without violations allocates its lists of containers and volumes, and nothing else that grows with it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use pss_core::pod::{self, Pod};
use pss_core::standards::{Level, LevelVersion, Version, evaluate};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

/// Returns the number of blocks that `work` allocates. The allocator counts those of the test harness too, which runs in another
/// thread, so the smallest of several counts is the right one.
fn blocks<T>(work: impl Fn() -> T) -> u64 {
    let count = |_| {
        let before = dhat::HeapStats::get().total_blocks;
        let result = work();
        let blocks = dhat::HeapStats::get().total_blocks - before;
        drop(result);
        blocks
    };
    (0..20).map(count).min().unwrap()
}

#[test]
fn a_pod_without_violations_allocates_its_lists_of_containers_and_volumes() {
    let _profiler = dhat::Profiler::builder().testing().build();
    let request: Value = serde_json::from_str(include_str!("../../../benches/data/accepted-pod.json")).unwrap();
    let mut object = request["object"].clone();
    let container = object["spec"]["containers"][0].clone();
    let restricted = LevelVersion { level: Level::Restricted, version: Version::Latest };
    let volume = object["spec"]["volumes"][0].clone();
    object["spec"]["volumes"] = json!([volume, volume]);
    for lists in [vec!["containers"], vec!["containers", "initContainers"], vec!["containers", "initContainers", "ephemeralContainers"]] {
        for list in &lists {
            object["spec"][list] = json!([container, container]);
        }
        let text = object.to_string();
        assert!(text.len() > 2048);
        let reading = blocks(|| pod::read(&text).unwrap());
        let object = pod::read(&text).unwrap();
        assert_eq!(object.errors, []);
        let evaluating = blocks(|| assert!(evaluate(Pod::of(&object), restricted).is_empty()));
        // One more for the volumes.
        assert_eq!((reading, evaluating), (lists.len() as u64 + 1, 0), "{lists:?}");
    }
}
