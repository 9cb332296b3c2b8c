//! Runs the walk-through of docs/migration.md, command by command, on a simulated cluster, and compares the output with what the
//! document shows.
//!
//! The commands are those of a shell. `pss` is the program, and `kubectl` and `helm` are this test itself under these names: they
//! know the commands of the document, and keep the objects of the cluster in a file (`cluster`). No other program is needed.
//!
//! | Mark of a block | Content |
//! |---|---|
//! | `test: cluster objects` | objects that exist at the start |
//! | `test: cluster release NAME NAMESPACE` | objects that Helm has installed as revision 1 of a release |
//! | `test: cluster file NAME` | a file |
//! | `test: cluster v1.N` | commands after a `$`, and their output, while the cluster has this version |

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod cluster;
mod helm;
mod kubectl;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use cluster::Cluster;

const DOCUMENT: &str = "docs/migration.md";

fn main() -> ExitCode {
    let program = std::env::args_os().next().map(PathBuf::from).unwrap();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match program.file_name().and_then(|name| name.to_str()) {
        Some("kubectl") => kubectl::run(&arguments),
        Some("helm") => helm::run(&arguments),
        // The arguments of the test harness: this is its only test.
        _ if arguments.iter().any(|argument| argument == "--list") => {
            println!("the_walk_through_prints_what_it_shows: test");
            ExitCode::SUCCESS
        }
        _ => {
            let commands = walk_through();
            assert!(commands >= 12, "{commands} commands");
            println!("test the_walk_through_prints_what_it_shows ... ok ({commands} commands)");
            ExitCode::SUCCESS
        }
    }
}

/// Runs the walk-through, and returns the number of its commands. With `PSS_UPDATE_SNAPSHOTS=1` the document gets the actual output.
fn walk_through() -> usize {
    let document = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(DOCUMENT);
    let text = fs::read_to_string(&document).unwrap();
    let folder = tempfile::Builder::new().prefix("pss-test-").tempdir().unwrap();
    let programs = tempfile::Builder::new().prefix("pss-test-").tempdir().unwrap();
    for name in ["kubectl", "helm"] {
        link(&std::env::current_exe().unwrap(), &programs.path().join(name));
    }
    link(Path::new(env!("CARGO_BIN_EXE_pss")), &programs.path().join("pss"));
    let shell = Shell { folder: folder.path(), programs: programs.path(), state: programs.path().join("cluster.json") };
    let mut cluster = Cluster::default();
    let (mut commands, mut actual) = (0, String::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        actual += &format!("{line}\n");
        let Some((_, mark)) = line.split_once(" test: cluster ").filter(|_| line.starts_with("```")) else { continue };
        let mut block: String = lines.by_ref().take_while(|line| *line != "```").flat_map(|line| [line, "\n"]).collect();
        match mark.split(' ').collect::<Vec<_>>().as_slice() {
            ["objects"] => cluster.add(&block),
            ["release", name, namespace] => {
                cluster.add(&block);
                cluster.objects.push(helm::release(name, namespace, &block));
            }
            ["file", name] => fs::write(folder.path().join(name), &block).unwrap(),
            [version] => {
                cluster.save(&shell.state);
                commands += block.lines().filter(|line| line.starts_with("$ ")).count();
                block = shell.run_block(&block, version);
                cluster = Cluster::load(&shell.state);
            }
            _ => panic!("{DOCUMENT}: unknown mark {mark:?}"),
        }
        actual += &format!("{block}```\n");
    }
    if std::env::var_os("PSS_UPDATE_SNAPSHOTS").is_some() {
        fs::write(document, actual).unwrap();
        return commands;
    }
    let differs = |(_, (shown, actual)): &(i32, (&str, &str))| shown != actual;
    if let Some((number, (shown, actual))) = (1..).zip(text.lines().zip(actual.lines())).find(differs) {
        panic!("{DOCUMENT}, line {number}: the document shows\n{shown}\nand the command prints\n{actual}");
    }
    assert_eq!(text.lines().count(), actual.lines().count(), "the commands print other numbers of lines than {DOCUMENT} shows");
    commands
}

/// Where commands run.
struct Shell<'p> {
    folder: &'p Path,
    /// The folder with the programs.
    programs: &'p Path,
    state: PathBuf,
}

impl Shell<'_> {
    /// Runs the commands of a block. Returns the block with their actual output. A command may continue on the next line.
    fn run_block(&self, block: &str, version: &str) -> String {
        let mut actual = String::new();
        let mut lines = block.lines().peekable();
        while let Some(line) = lines.next() {
            let mut command = line.strip_prefix("$ ").unwrap_or_else(|| panic!("{DOCUMENT}: expected a command, not {line:?}")).to_owned();
            while command.ends_with('\\') {
                command += &format!("\n{}", lines.next().unwrap());
            }
            while lines.next_if(|line| !line.starts_with("$ ")).is_some() {}
            actual += &format!("$ {command}\n{}", self.run(&command, version));
        }
        actual
    }

    fn run(&self, command: &str, version: &str) -> String {
        let path = format!("{}:{}", self.programs.display(), std::env::var("PATH").unwrap());
        let output = Command::new("bash")
            .args(["-c", &format!("exec 2>&1; {command}")])
            .current_dir(self.folder)
            .envs([("PATH", path.as_str()), ("COLUMNS", "100"), (cluster::VERSION, version)])
            .env(cluster::STATE, &self.state)
            .env_remove("NO_COLOR")
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    }
}

fn link(program: &Path, name: &Path) {
    // A copy would take longer, and a link to this test has the name that it is called by.
    #[cfg(unix)]
    std::os::unix::fs::symlink(program, name).unwrap();
    #[cfg(not(unix))]
    fs::copy(program, name.with_extension("exe")).unwrap();
}
