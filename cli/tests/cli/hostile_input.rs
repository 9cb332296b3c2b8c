//! Input that is large, deep, special or missing: a message, exit status 2, no panic, nothing half-written.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::folder::{ACCEPTED, Folder, PRIVILEGED, run};

/// A user without privileges.
const NOBODY: u32 = 65534;

#[test]
fn ten_megabytes_of_anything_are_judged_or_refused() {
    const SIZE: usize = 10_000_000;
    let texts: [(&str, Vec<u8>); 9] = [
        ("a", vec![b'a'; SIZE]),
        ("spaces", vec![b' '; SIZE]),
        ("lines", vec![b'\n'; SIZE]),
        ("dashes", b"- ".repeat(SIZE / 2)),
        ("braces", vec![b'{'; SIZE]),
        ("brackets", vec![b'['; SIZE]),
        ("documents", b"---\n".repeat(SIZE / 4)),
        ("zeros", vec![0; SIZE]),
        ("noise", (0..SIZE).map(|index| u8::try_from(index * index * 31 % 251).unwrap()).collect()),
    ];
    for (name, text) in texts {
        let folder = Folder::new(&[]);
        folder.write("input.yaml", text);
        let run = folder.run("check input.yaml");
        assert_eq!(run.status, 2, "{name}: {:.500}", run.err);
        assert!(!run.err.contains("panicked"), "{name}: {:.500}", run.err);
    }
}

#[test]
fn a_large_list_of_pods_is_judged() {
    let pod = "- apiVersion: v1\n  kind: Pod\n  metadata: {name: web}\n  spec: {containers: [{name: web, image: nginx}]}\n";
    let folder = Folder::new(&[]);
    folder.write("pods.yaml", "apiVersion: v1\nkind: List\nitems:\n".to_owned() + &pod.repeat(20_000));
    folder.run("check --level baseline pods.yaml").assert(0, &["20000 pods and workloads judged"]);
}

#[test]
fn deep_nesting_is_an_error() {
    for (open, close) in [("[", "]"), ("{a: ", "}"), ("- ", "")] {
        let folder = Folder::new(&[]);
        folder.write("deep.yaml", open.repeat(100_000) + &close.repeat(100_000));
        folder.run("check deep.yaml").assert(2, &["error[syntax]"]);
    }
}

#[test]
fn a_named_pipe_is_not_read() {
    let folder = Folder::new(&[("good.yaml", ACCEPTED)]);
    assert!(Command::new("mkfifo").arg(folder.path("pipe.yaml")).status().unwrap().success());
    folder.run("check pipe.yaml").assert(2, &["pipe.yaml", "is a named pipe"]);
    folder.run("check .").assert(2, &["is a named pipe", "1 pod or workload judged"]);
    folder.run("fix --write pipe.yaml").assert(2, &["is a named pipe"]);
    folder.run("check /dev/zero").assert(2, &["is a device"]);
}

#[test]
fn a_file_of_a_shell_substitution_is_read() {
    let folder = Folder::new(&[("agent.yaml", PRIVILEGED)]);
    let script = format!("{} check <(cat agent.yaml)", env!("CARGO_BIN_EXE_pss"));
    let run = run(Command::new("bash").args(["-c", &script]).current_dir(folder.root()), "");
    run.assert(1, &["error[privileged]"]);
}

#[test]
fn a_folder_without_permission_is_reported() {
    let folder = Folder::new(&[("good.yaml", ACCEPTED), ("secret/pod.yaml", PRIVILEGED), ("unreadable.yaml", PRIVILEGED)]);
    // root may read everything, so the program runs as another user, who must be able to reach it.
    fs::set_permissions(folder.root(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::copy(env!("CARGO_BIN_EXE_pss"), folder.path("program")).unwrap();
    fs::set_permissions(folder.path("secret"), fs::Permissions::from_mode(0o000)).unwrap();
    fs::set_permissions(folder.path("unreadable.yaml"), fs::Permissions::from_mode(0o000)).unwrap();
    let mut command = Command::new(folder.path("program"));
    command.args(["check", "."]).current_dir(folder.root());
    if fs::read(folder.path("unreadable.yaml")).is_ok() {
        command.uid(NOBODY).gid(NOBODY);
    }
    let result = run(&mut command, "");
    fs::set_permissions(folder.path("secret"), fs::Permissions::from_mode(0o755)).unwrap();
    result.assert(2, &["secret", "unreadable.yaml", "cannot be read: permission denied", "1 pod or workload judged", "2 not judged"]);
}

#[test]
fn a_loop_of_links_is_reported() {
    let folder = Folder::new(&[("a/good.yaml", ACCEPTED)]);
    symlink(folder.root(), folder.path("a/loop")).unwrap();
    folder.run("check .").assert(2, &["a link to", "1 pod or workload judged"]);
    symlink("self.yaml", folder.path("self.yaml")).unwrap();
    folder.run("check self.yaml").assert(2, &["self.yaml", "cannot be read"]);
}

#[test]
fn a_link_to_nothing_counts_if_it_has_the_name_of_a_manifest() {
    let folder = Folder::new(&[("good.yaml", ACCEPTED)]);
    symlink("missing", folder.path("README")).unwrap();
    folder.run("check .").assert(0, &[]);
    symlink("missing.yaml", folder.path("pod.yaml")).unwrap();
    folder.run("check .").assert(2, &["pod.yaml", "cannot be read: no such file or directory"]);
}

#[test]
fn a_file_that_vanishes_is_reported() {
    let folder = Folder::new(&[("gone.yaml", PRIVILEGED)]);
    // Files are found before standard input is read, and judged after it.
    let mut command = folder.command(&["check", "-", "gone.yaml"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    thread::sleep(Duration::from_millis(500));
    fs::remove_file(folder.path("gone.yaml")).unwrap();
    child.stdin.take().unwrap().write_all(ACCEPTED.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    for part in ["--> gone.yaml", "cannot be read: no such file or directory", "1 pod or workload judged"] {
        assert!(text.contains(part), "{text}");
    }
}

#[test]
fn other_encodings_are_named() {
    let folder = Folder::new(&[]);
    folder.write("latin.yaml", b"kind: Pod\nname: caf\xe9\n");
    folder.write("utf16.yaml", b"\xff\xfek\0i\0");
    folder.run("check latin.yaml").assert(2, &["not UTF-8: invalid byte in line 2"]);
    folder.run("check utf16.yaml").assert(2, &["UTF-16"]);
    folder.write("mark.yaml", format!("\u{feff}{ACCEPTED}"));
    folder.run("check mark.yaml").assert(0, &[]);
}

#[test]
fn a_report_that_cannot_be_written_leaves_no_part_of_it() {
    let folder = Folder::new(&[("good.yaml", ACCEPTED), ("agent.yaml", PRIVILEGED), ("out.json", "old")]);
    // The second format cannot be opened, so the first is not replaced.
    folder.run("check --format json=out.json --format json=missing/x.json agent.yaml").assert(2, &["cannot write missing/x.json"]);
    assert_eq!(folder.read("out.json"), "old");
    let files = fs::read_dir(folder.root()).unwrap().count();
    assert_eq!(files, 3, "temporary files remain");
    folder.run("check --format json=out.json agent.yaml").assert(1, &["error[privileged]"]);
    assert!(folder.read("out.json").starts_with("{\"version\":1"));
}

/// What is no regular file is written to, and not replaced by a file.
#[test]
fn reports_can_go_to_pipes_and_through_links() {
    let folder = Folder::new(&[("agent.yaml", PRIVILEGED), ("real.json", "old")]);
    assert!(Command::new("mkfifo").arg(folder.path("pipe")).status().unwrap().success());
    let script = format!("cat pipe & {} check -q --format json=pipe --format github agent.yaml; wait", env!("CARGO_BIN_EXE_pss"));
    let result = run(Command::new("bash").args(["-c", &script]).current_dir(folder.root()), "");
    assert!(result.out.contains("{\"version\":1") && result.out.contains("::error "), "{result:#?}");
    assert!(std::os::unix::fs::FileTypeExt::is_fifo(&fs::metadata(folder.path("pipe")).unwrap().file_type()));
    symlink("real.json", folder.path("link.json")).unwrap();
    folder.run("check --format json=link.json agent.yaml").assert(1, &[]);
    assert!(fs::symlink_metadata(folder.path("link.json")).unwrap().is_symlink());
    assert!(folder.read("real.json").starts_with("{\"version\":1"));
    folder.run("check --write-baseline link.json agent.yaml").assert(0, &[]);
    assert!(fs::symlink_metadata(folder.path("link.json")).unwrap().is_symlink());
}

#[test]
fn a_closed_pipe_ends_the_program_quietly() {
    let folder = Folder::new(&[]);
    folder.write("pods.yaml", PRIVILEGED.to_owned() + &format!("---\n{PRIVILEGED}").repeat(5_000));
    let script = format!("{} check pods.yaml | head -1", env!("CARGO_BIN_EXE_pss"));
    let run = run(Command::new("bash").args(["-c", &script]).current_dir(folder.root()), "");
    assert_eq!(run.err, "");
}
