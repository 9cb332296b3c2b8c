//! Warm calls: modules in instances that have answered before, and the same code without WebAssembly, in turns. What a fresh instance
//! costs beyond this are page faults and cold caches.
//!
//! `cargo bench -p pss-host --bench warm --profile measure -- REQUESTS.jsonl MODULE...`

#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

use std::env;
use std::fs;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use pod_security_standards::validate;
use pss_core::admission;
use pss_host::measure::Percentiles;
use pss_host::{AdmissionRequest, NoCluster, Policy, payload, settings};

const SETTINGS: &str = r#"{"level":"restricted"}"#;
/// How often each payload is measured.
const ROUNDS: usize = 40;

/// Answers a payload.
type Answer<'a> = Box<dyn Fn(&[u8]) -> Vec<u8> + 'a>;

fn main() {
    let mut arguments = env::args().skip(1).filter(|argument| argument != "--bench");
    let Some(requests) = arguments.next() else {
        // `cargo test` runs benchmarks without arguments.
        return;
    };
    let settings = settings::from_json(SETTINGS).unwrap();
    let text = fs::read_to_string(&requests).expect("the file of requests can be read");
    let payloads: Vec<Vec<u8>> = text.lines().map(|line| payload(&AdmissionRequest::parse(line).unwrap(), &settings)).collect();
    let paths: Vec<String> = arguments.collect();
    let instances: Vec<_> = paths
        .iter()
        .map(|path| Policy::load(&fs::read(path).expect("the module can be read")).unwrap().instance(Arc::new(NoCluster)).unwrap())
        .collect();
    let native: Answer<'_> = Box::new(|payload| validate(payload, &admission::NoCluster).to_json());
    let modules = instances.iter().map(|instance| -> Answer<'_> { Box::new(|payload| instance.call("validate", payload).unwrap()) });
    let answers: Vec<Answer<'_>> = modules.chain([native]).collect();
    let names: Vec<&str> = paths.iter().map(String::as_str).chain(["native code"]).collect();

    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); answers.len()];
    for round in 0..=ROUNDS {
        // A whole round each, so that its code stays in the caches.
        for (answer, times) in answers.iter().zip(&mut times) {
            for payload in &payloads {
                let start = Instant::now();
                black_box(answer(black_box(payload)));
                // The first round warms up.
                if round > 0 {
                    times.push(start.elapsed());
                }
            }
        }
    }
    let medians: Vec<f64> = times.into_iter().map(|times| Percentiles::of(times).median.as_secs_f64() * 1e6).collect();
    println!("{requests}: {} payloads, {ROUNDS} warm calls each; microseconds, median", payloads.len());
    let first = medians.first().copied().unwrap_or(f64::NAN);
    for (name, median) in names.iter().zip(&medians) {
        println!("  {name:<40} {median:>8.1}   the first to it x {:.2}", first / median);
    }
}
