//! The program: its arguments, its output, its exit codes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn xtask(directory: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_xtask")).current_dir(directory).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

/// Assembles a module in a directory.
fn assemble(directory: &Path, name: &str, module: &str) -> Output {
    fs::write(directory.join(format!("{name}.wat")), module).unwrap();
    xtask(directory, &["assemble", &format!("{name}.wat"), &format!("{name}.wasm")])
}

#[test]
fn prints_what_a_module_consists_of_and_fails_over_a_limit() {
    let directory = tempfile::tempdir().unwrap();
    let directory = directory.path();
    assert!(assemble(directory, "guest", "(module (memory 1) (func $_ZN3pss4read17h0123456789abcdefE nop))").status.success());
    assert!(assemble(directory, "plain", "(module (memory 1) (func nop))").status.success());
    let size = |more: &[&str]| xtask(directory, &[&["size", "plain.wasm"], more].concat());
    let bytes = fs::metadata(directory.join("plain.wasm")).unwrap().len();
    let kept = size(&["--names", "guest.wasm", "--functions", "1", "--at-most", &bytes.to_string()]);
    assert!(kept.status.success() && text(&kept.stdout).contains("kept: plain.wasm has "), "{kept:?}");
    for word in ["  code", "  pss", "  pss::read"] {
        assert!(text(&kept.stdout).lines().any(|line| line.starts_with(word)), "{word}: {kept:?}");
    }
    let over = size(&["--at-most", &(bytes - 1).to_string()]);
    assert!(over.status.code() == Some(1) && text(&over.stdout).contains("OVER: plain.wasm has "), "{over:?}");
    let unnamed = size(&["--names", "plain.wasm"]);
    assert!(text(&unnamed.stderr).contains("plain.wasm has no names of functions"), "{unnamed:?}");
}

#[test]
fn names_the_file_with_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let broken = assemble(directory.path(), "broken", "(modul)");
    assert!(broken.status.code() == Some(1) && text(&broken.stderr).starts_with("Error: broken.wat: "), "{broken:?}");
    for command in ["preinit", "direct-calls"] {
        let missing = xtask(directory.path(), &[command, "missing.wasm", "-o", "out.wasm"]);
        assert!(missing.status.code() == Some(1) && text(&missing.stderr).starts_with("Error: missing.wasm: "), "{missing:?}");
    }
}
