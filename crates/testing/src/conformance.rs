//! Where Kubernetes' own data is, and what is said where it is not.

use std::io::Write as _;
use std::path::PathBuf;

/// The path of a part of the data; or nothing, and then it is said on the terminal itself, for cargo
/// shows nothing of what a passing test prints.
///
/// # Panics
/// Where `PSS_CONFORMANCE_DIR` is set and the part is not there: who sets it wants the tests to run.
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
