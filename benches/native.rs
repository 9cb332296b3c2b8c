//! Benchmarks of the native core, from the bytes of a payload to those of the response. `make bench` also measures the module.

#![allow(missing_docs, clippy::unwrap_used)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use pod_security_standards::validate;
use pss_core::admission::NoCluster;
use serde_json::{Value, json};

fn payload(request: &str) -> Vec<u8> {
    let request: Value = serde_json::from_str(request).unwrap();
    serde_json::to_vec(&json!({"request": request, "settings": {"level": "restricted"}})).unwrap()
}

fn payloads(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("validate");
    for (name, request) in
        [("accepted pod", include_str!("data/accepted-pod.json")), ("rejected pod", include_str!("data/rejected-pod.json"))]
    {
        let payload = payload(request);
        group.throughput(Throughput::Bytes(payload.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| validate(black_box(&payload), &NoCluster).to_json()));
    }
    group.finish();
}

criterion_group!(benches, payloads);
criterion_main!(benches);
