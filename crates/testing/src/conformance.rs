//! The directory of the test data of Kubernetes.

use std::io::Write as _;
use std::path::PathBuf;

/// Returns the path of a part of the data, or `None` if `PSS_CONFORMANCE_DIR` is not set. In this case it prints a message directly
/// to standard error, because cargo captures the output of passing tests.
///
/// # Panics
/// If `PSS_CONFORMANCE_DIR` is set and the part does not exist.
pub fn data(name: &str) -> Option<PathBuf> {
    let Some(dir) = std::env::var_os("PSS_CONFORMANCE_DIR") else {
        let message = format!(
            "\nSKIPPED, NOTHING PROVED: PSS_CONFORMANCE_DIR is not set, so {name} was not tried. Kubernetes' fixture pods are the \
             folder test/testdata of a checkout of kubernetes/pod-security-admission; put that at $PSS_CONFORMANCE_DIR/pss.\n"
        );
        let _ = std::io::stderr().write_all(message.as_bytes());
        return None;
    };
    let path = PathBuf::from(dir).join(name);
    assert!(path.exists(), "PSS_CONFORMANCE_DIR is set, and {} does not exist", path.display());
    Some(path)
}
