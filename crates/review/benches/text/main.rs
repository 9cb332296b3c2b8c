//! Compares the time of `review` with that of a YAML parser that judges nothing: `serde_norway`, which is libyaml.
//!
//! For each corpus, it prints the throughput of `serde_norway` reading all documents into `Value`, and the times of
//! `pss_manifest` and of `review` relative to it. The three alternate, and the median of all rounds counts, so that the load of
//! the machine affects all alike. Texts that `serde_norway` rejects are left out.
//!
//! `cargo bench -p pss-review --profile measure -- DIRECTORY...` also measures the `.yaml` files below directories.

#![allow(missing_docs, clippy::unwrap_used)]

mod manifests;

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use pss_core::standards::{Level, LevelVersion, Version};
use pss_manifest::{Limits, documents_within};
use pss_review::{Options, Source, review};
use serde::Deserialize as _;
use serde_norway::Value;

/// The time that the rounds of a corpus take at least.
const TIME: Duration = Duration::from_secs(4);
/// The number of rounds of a corpus at least.
const ROUNDS: usize = 9;

fn main() {
    println!("{:24} {:>6} {:>9} {:>14} {:>8} {:>8}", "corpus", "texts", "bytes", "serde_norway", "read", "review");
    if let Some(fixtures) = pss_testing::conformance::data("pss") {
        measure("fixtures of Kubernetes", &texts(&fixtures));
    }
    for (name, texts) in manifests::corpora() {
        measure(name, &texts);
    }
    for directory in std::env::args().skip(1).filter(|argument| !argument.starts_with("--")) {
        let name = Path::new(&directory).file_name().unwrap_or_default().to_string_lossy().into_owned();
        measure(&name, &texts(directory.as_ref()));
    }
}

/// Returns the `.yaml` files below a directory.
fn texts(directory: &Path) -> Vec<String> {
    let mut paths = vec![directory.to_owned()];
    let mut texts = Vec::new();
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            let mut entries: Vec<_> = path.read_dir().unwrap().map(|entry| entry.unwrap().path()).collect();
            entries.sort();
            paths.append(&mut entries);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            texts.extend(std::fs::read_to_string(path));
        }
    }
    texts
}

/// Reads all documents of a text with `serde_norway`.
fn read_with_norway(text: &str) -> Result<Vec<Value>, serde_norway::Error> {
    serde_norway::Deserializer::from_str(text).map(Value::deserialize).collect()
}

/// Measures the three programs with texts, and prints a row.
fn measure(name: &str, texts: &[String]) {
    let texts: Vec<&str> = texts.iter().map(String::as_str).filter(|text| read_with_norway(text).is_ok()).collect();
    let options = Options::of(LevelVersion { level: Level::Restricted, version: Version::Latest });
    let time = |work: &dyn Fn(&str)| {
        let start = Instant::now();
        texts.iter().for_each(|text| work(black_box(text)));
        start.elapsed().as_secs_f64()
    };
    let mut times: [Vec<f64>; 3] = Default::default();
    let start = Instant::now();
    while start.elapsed() < TIME || times[0].len() < ROUNDS {
        times[0].push(time(&|text| drop(black_box(read_with_norway(text)))));
        times[1].push(time(&|text| drop(black_box(documents_within(text, Limits::default())))));
        times[2].push(time(&|text| drop(black_box(review(&[Source { name: "manifest.yaml", text }], &options)))));
    }
    let [norway, reading, reviewing] = times.map(median);
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    #[expect(clippy::cast_precision_loss, reason = "a few megabytes")]
    let speed = bytes as f64 / norway / 1e6;
    println!("{name:24} {:>6} {bytes:>9} {speed:>9.1} MB/s {:>7.2}x {:>7.2}x", texts.len(), reading / norway, reviewing / norway);
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}
