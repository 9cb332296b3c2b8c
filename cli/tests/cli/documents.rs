//! Runs the examples of the documents: the blocks with the marks `test: pss file NAME`, which are files, and `test: pss`, which
//! are commands after a `$`, each followed by its output. Each document has a folder of its own, which is empty at first.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::folder::{Folder, run};

/// Returns the documents with examples.
fn documents() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut paths = vec![root.join("README.md")];
    paths.extend(fs::read_dir(root.join("docs")).unwrap().map(|entry| entry.unwrap().path()));
    paths.sort();
    let pages = paths.iter().filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.map(|path| (path.strip_prefix(root).unwrap().display().to_string(), fs::read_to_string(path).unwrap())).collect()
}

/// Runs the commands of a block, and compares their output.
fn check_block(place: &str, folder: &Folder, block: &str) {
    let mut rest = block;
    while !rest.is_empty() {
        let (first, after) = rest.split_once('\n').unwrap();
        let command = first.strip_prefix("$ ").unwrap_or_else(|| panic!("{place}: a block begins with a command, not {first:?}"));
        let end = after.find("\n$ ").map_or_else(|| if after.starts_with("$ ") { 0 } else { after.len() }, |at| at + 1);
        let end = if after.starts_with("$ ") { 0 } else { end };
        let program = Path::new(env!("CARGO_BIN_EXE_pss")).parent().unwrap();
        let path = format!("{}:{}", program.display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("bash");
        shell
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(folder.root())
            .env("PATH", path)
            .env("COLUMNS", "100")
            .env_remove("NO_COLOR");
        let output = run(&mut shell, "").out;
        assert_eq!(output.trim_end_matches('\n'), after[..end].trim_end_matches('\n'), "{place}: $ {command}");
        rest = &after[end..];
    }
}

#[test]
fn the_examples_print_what_they_show() {
    let mut commands = 0;
    for (name, text) in documents() {
        let folder = Folder::new(&[]);
        let mut lines = text.lines().enumerate();
        while let Some((number, line)) = lines.next() {
            let Some((_, mark)) = line.split_once(" test: pss").filter(|_| line.starts_with("```")) else { continue };
            let block: String =
                lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect();
            match mark.strip_prefix(" file ") {
                Some(file) => folder.write(file, block),
                None => {
                    commands += block.matches("$ pss").count();
                    check_block(&format!("{name}, line {}", number + 1), &folder, &block);
                }
            }
        }
    }
    assert!(commands >= 10, "{commands} commands");
}

/// Every key of pss.toml is in the example, which the test above uses.
#[test]
fn the_example_of_the_configuration_file_has_every_key() {
    let (_, page) = documents().into_iter().find(|(name, _)| name == "docs/cli.md").unwrap();
    let folder = Folder::new(&[("pss.toml", "unknown = 1\n"), ("x.yaml", "kind: x\n")]);
    let error = folder.run("check x.yaml").err;
    let keys: Vec<&str> = error.split("expected one of ").nth(1).unwrap().split('`').skip(1).step_by(2).collect();
    assert!(keys.contains(&"exceptions"), "{error}");
    for key in keys {
        let is_documented = page.lines().any(|line| {
            let line = line.trim_start_matches("# ");
            line.starts_with(&format!("{key} =")) || line == format!("[{key}]") || line == format!("[[{key}]]")
        });
        assert!(is_documented, "docs/cli.md does not show the key {key}");
    }
}
