//! Snapshots: files in `cli/tests/snapshots` with the output that is expected. `PSS_UPDATE_SNAPSHOTS=1 cargo test -p pss-cli` writes
//! them anew.

use std::fs;
use std::path::Path;

/// Compares an output with the file of its snapshot.
pub(crate) fn compare(name: &str, output: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/snapshots").join(name);
    // A release changes the version only.
    let output = output.replace(concat!("\"", env!("CARGO_PKG_VERSION"), "\""), "\"VERSION\"");
    if std::env::var_os("PSS_UPDATE_SNAPSHOTS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, output).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if output != expected {
        let (mut lines, mut expected) = (output.lines(), expected.lines());
        let (line, expected) = std::iter::from_fn(|| Some((lines.next(), expected.next())))
            .find(|(line, expected)| line != expected || line.is_none())
            .unwrap();
        panic!("{name}: expected {expected:?}\nbut the output has {line:?}; PSS_UPDATE_SNAPSHOTS=1 accepts the output");
    }
}
