//! A temporary folder in which the program runs.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A pod that satisfies every level.
pub(crate) const ACCEPTED: &str = r#"apiVersion: v1
kind: Pod
metadata: {name: good}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
    - name: web
      image: nginx
      securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}
"#;

/// A pod that satisfies baseline only.
pub(crate) const BASELINE: &str = "apiVersion: v1
kind: Pod
metadata: {name: plain}
spec: {containers: [{name: web, image: nginx}]}
";

/// A Deployment that satisfies no level but privileged.
pub(crate) const PRIVILEGED: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: agent, namespace: infra}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      containers:
        - name: agent
          image: agent
          securityContext:
            privileged: true
";

/// A folder with files.
pub(crate) struct Folder(TempDir);

/// What the program printed, and its exit status.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Folder {
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        let folder = Folder(tempfile::Builder::new().prefix("pss-test-").tempdir().unwrap());
        for (name, text) in files {
            folder.write(name, text);
        }
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The program in this folder, without the environment's influence on the output.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pss"));
        command.args(arguments).current_dir(self.root()).env_remove("NO_COLOR").env_remove("RUST_BACKTRACE").env("COLUMNS", "100");
        command
    }

    /// Runs the program with arguments, separated by spaces.
    pub(crate) fn run(&self, arguments: &str) -> Run {
        self.run_with(&arguments.split(' ').collect::<Vec<_>>(), "")
    }

    /// Runs the program with arguments and standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Run {
        run(&mut self.command(arguments), input)
    }

    /// Runs `pss check --format json` with further arguments, and returns the report.
    pub(crate) fn json(&self, arguments: &str) -> Value {
        let run = self.run(&format!("check --format json {arguments}"));
        serde_json::from_str(&run.out).unwrap_or_else(|error| panic!("{error}: {run:?}"))
    }
}

/// Runs a command with standard input.
pub(crate) fn run(command: &mut Command, input: &str) -> Run {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_owned();
    // The program may end before it has read everything.
    let writer = std::thread::spawn(move || drop(stdin.write_all(input.as_bytes())));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Run { status: output.status.code().expect("the program was ended by a signal"), out: text(output.stdout), err: text(output.stderr) }
}

impl Run {
    /// Asserts the exit status and parts of the whole output.
    #[track_caller]
    pub(crate) fn assert(&self, status: i32, parts: &[&str]) {
        assert_eq!(self.status, status, "{self:#?}");
        for part in parts {
            assert!(self.out.contains(part) || self.err.contains(part), "{part:?} is not in {self:#?}");
        }
        assert!(!self.err.contains("panicked"), "{self:#?}");
    }
}
