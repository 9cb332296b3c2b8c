//! The memory of trees: a large document needs a few bytes for each byte of its text, and of many documents only one tree is
//! needed at a time.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use pss_manifest::{Limits, documents_iter};

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

const OBJECT: &str = "apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels: {app.kubernetes.io/name: web, app.kubernetes.io/version: \"1.2\"}
spec:
  replicas: 3
  template:
    spec:
      containers:
      - name: web
        image: registry.example.com/web:1.2
        args: [--listen, ':8080']
        ports:
        - containerPort: 8080
          protocol: TCP
        securityContext:
          allowPrivilegeEscalation: false
";

/// Returns the largest number of bytes that `work` has allocated at the same time.
fn peak(work: impl FnOnce()) -> usize {
    let _profiler = dhat::Profiler::builder().testing().build();
    let before = dhat::HeapStats::get().curr_bytes;
    work();
    dhat::HeapStats::get().max_bytes - before
}

/// One test, because there can be one profiler at a time.
#[test]
fn trees_are_small_and_parsed_one_after_the_other() {
    let count = 2_000;
    // A value or key for every ten bytes, which is more than most manifests have.
    let list = format!("kind: List\nitems:\n{}", item().repeat(count));
    let of_list = peak(|| assert!(documents_iter(&list, Limits::default()).all(|document| document.content.is_ok())));
    assert!(of_list < 6 * list.len(), "{of_list} bytes for {} bytes of text", list.len());
    let documents = format!("---\n{OBJECT}").repeat(count);
    let of_documents = peak(|| assert_eq!(documents_iter(&documents, Limits::default()).count(), count));
    assert!(of_documents < documents.len() / 2, "{of_documents} bytes for {} bytes of text", documents.len());
}

/// The object as an item of a list.
fn item() -> String {
    OBJECT.lines().enumerate().fold(String::new(), |text, (index, line)| text + if index == 0 { "- " } else { "  " } + line + "\n")
}
