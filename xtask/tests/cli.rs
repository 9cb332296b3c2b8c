//! The command line: output and exit codes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn xtask(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).current_dir(directory).args(arguments).output().unwrap()
}

fn utf8(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Assembles a module in a directory.
fn assemble(directory: &Path, name: &str, module: &str) -> Output {
    fs::write(directory.join(format!("{name}.wat")), module).unwrap();
    xtask(directory, &["assemble", &format!("{name}.wat"), &format!("{name}.wasm")])
}

#[test]
fn prints_sizes_and_fails_over_the_limit() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    assert!(assemble(directory, "guest", "(module (memory 1) (func $_ZN3pss4read17h0123456789abcdefE nop))").status.success());
    assert!(assemble(directory, "plain", "(module (memory 1) (func nop))").status.success());
    let size = |options: &[&str]| xtask(directory, &[&["size", "plain.wasm"], options].concat());
    let bytes = fs::metadata(directory.join("plain.wasm")).unwrap().len();
    let within = size(&["--names", "guest.wasm", "--functions", "1", "--at-most", &bytes.to_string()]);
    assert!(within.status.success() && utf8(&within.stdout).contains("ok: plain.wasm has "), "{within:?}");
    for start in ["  code", "  pss", "  pss::read"] {
        assert!(utf8(&within.stdout).lines().any(|line| line.starts_with(start)), "{start}: {within:?}");
    }
    let over = size(&["--at-most", &(bytes - 1).to_string()]);
    assert!(over.status.code() == Some(1) && utf8(&over.stdout).contains("OVER: plain.wasm has "), "{over:?}");
    let without_names = size(&["--names", "plain.wasm"]);
    assert!(utf8(&without_names.stderr).contains("plain.wasm has no name section"), "{without_names:?}");
}

#[test]
fn generates_the_reference_page_of_the_checks() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    let document = directory.join("checks.md");
    assert!(xtask(directory, &["docs", "checks.md"]).status.success());
    assert!(fs::read_to_string(&document).unwrap().contains("\n## hostPorts\n"));
    assert!(xtask(directory, &["docs", "checks.md", "--check"]).status.success());
    fs::write(&document, "# Checks\n").unwrap();
    let outdated = xtask(directory, &["docs", "checks.md", "--check"]);
    assert_eq!(outdated.status.code(), Some(1));
    assert_eq!(utf8(&outdated.stderr), "Error: checks.md is out of date: run `make docs`\n");
    assert_eq!(fs::read_to_string(&document).unwrap(), "# Checks\n", "--check does not write");
}

#[test]
fn errors_name_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let invalid = assemble(directory.path(), "invalid", "(modul)");
    assert!(invalid.status.code() == Some(1) && utf8(&invalid.stderr).starts_with("Error: invalid.wat: "), "{invalid:?}");
    for arguments in [
        &["preinit", "missing.wasm", "-o", "out.wasm"][..],
        &["direct-calls", "missing.wasm", "-o", "out.wasm"],
        &["size", "missing.wasm"],
        &["docs", "missing.wasm", "--check"],
        &["bindgen", "missing.wasm", "."],
        &["assemble", "missing.wasm", "out.wasm"],
    ] {
        let missing = xtask(directory.path(), arguments);
        assert!(missing.status.code() == Some(1) && utf8(&missing.stderr).contains("missing.wasm: "), "{missing:?}");
    }
}
