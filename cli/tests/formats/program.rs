//! Runs of the program, with all formats at once, and parsers of its outputs.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// The names of the formats.
pub(crate) const FORMATS: [&str; 8] = ["text", "json", "sarif", "sarif-all", "github", "junit", "markdown", "codequality"];

/// The outputs of a run.
#[derive(Debug)]
pub(crate) struct Outputs {
    pub(crate) status: i32,
    by_format: BTreeMap<&'static str, String>,
}

impl Outputs {
    pub(crate) fn of(&self, format: &str) -> &str {
        &self.by_format[format]
    }

    pub(crate) fn json(&self) -> Value {
        parsed(self.of("json"))
    }

    pub(crate) fn sarif(&self) -> Value {
        parsed(self.of("sarif"))
    }

    pub(crate) fn sarif_all(&self) -> Value {
        parsed(self.of("sarif-all"))
    }

    pub(crate) fn codequality(&self) -> Value {
        parsed(self.of("codequality"))
    }

    /// Returns the problems in the JSON, each with its document.
    pub(crate) fn problems(&self) -> Vec<(Value, Value)> {
        let json = self.json();
        let documents = json["documents"].as_array().unwrap().iter();
        documents.flat_map(|document| list(&document["problems"]).iter().map(|problem| (document.clone(), problem.clone()))).collect()
    }

    /// Returns the problems that count.
    pub(crate) fn new_problems(&self) -> Vec<(Value, Value)> {
        self.problems().into_iter().filter(|(_, problem)| problem["state"] == "new").collect()
    }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub(crate) fn list(value: &Value) -> &Vec<Value> {
    value.as_array().unwrap_or_else(|| panic!("no list: {value}"))
}

/// Writes files to a new folder.
pub(crate) fn folder(files: &[(&str, Vec<u8>)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    folder
}

/// Runs the program in a folder, without the environment of the tests. Returns its status and standard output.
pub(crate) fn run(folder: &Path, arguments: &[&str], input: &str) -> (i32, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pss"));
    command.args(arguments).current_dir(folder).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The program may end without reading its input.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let status = output.status.code().unwrap();
    assert!(status < 3, "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    (status, String::from_utf8(output.stdout).unwrap())
}

/// Runs `pss check` with all formats.
pub(crate) fn check(folder: &Path, arguments: &[&str], input: &str) -> Outputs {
    let outputs = tempfile::tempdir().unwrap();
    let path = |format: &str| outputs.path().join(format).to_str().unwrap().to_owned();
    let formats: Vec<String> = FORMATS.iter().map(|format| format!("--format={format}={}", path(format))).collect();
    let mut all = vec!["check"];
    all.extend(formats.iter().map(String::as_str));
    all.extend(arguments);
    let (status, _) = run(folder, &all, input);
    Outputs { status, by_format: FORMATS.iter().map(|format| (*format, fs::read_to_string(path(format)).unwrap())).collect() }
}
