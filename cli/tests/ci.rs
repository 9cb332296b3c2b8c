//! What runs pss in CI and releases it: the action, the hooks, the archives, and the examples of docs/ci.md.
//!
//! Tests run the scripts with the program of this build, or with a substitute where only its name and version matter. Nothing is
//! downloaded: the releases are folders.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_norway::Value;
use sha2::{Digest as _, Sha256};
use tempfile::TempDir;

const PSS: &str = env!("CARGO_BIN_EXE_pss");
const VERSION: &str = env!("CARGO_PKG_VERSION");
const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
const PAGE: &str = include_str!("../../docs/ci.md");
const ACTION: &str = include_str!("../../action.yml");
const HOOKS: &str = include_str!("../../.pre-commit-hooks.yaml");
const REPOSITORY: &str = "pod-security-standards/pod-security-standards";
const SCRIPTS: [&str; 5] = ["action/hook", "action/install", "action/run", "scripts/ci-tools", "scripts/pss-archive"];

const ACCEPTED: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: good}
spec:
  securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
  containers:
    - {name: good, image: good, securityContext: {allowPrivilegeEscalation: false, capabilities: {drop: [ALL]}}}
";

fn root(path: &str) -> PathBuf {
    Path::new(ROOT).join(path)
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn program(path: &Path, text: &str) {
    write(path, text);
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

fn yaml(text: &str) -> Value {
    serde_norway::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

fn keys(value: &Value) -> BTreeSet<String> {
    value.as_mapping().unwrap().keys().map(|key| key.as_str().unwrap().to_owned()).collect()
}

/// A command without the variables of a workflow that runs the tests.
fn command(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    for (name, _) in std::env::vars() {
        if ["GITHUB_", "RUNNER_", "INPUT_", "PSS", "GH_"].iter().any(|prefix| name.starts_with(prefix)) {
            command.env_remove(name);
        }
    }
    command
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// The output of a command that must succeed.
fn success(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

/// The code blocks of a page in a language.
fn blocks<'p>(page: &'p str, language: &str) -> Vec<&'p str> {
    let start = if language == "sh" { "```sh\n".to_owned() } else { format!("```{language} test: ci\n") };
    page.split(&start).skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

/// The names after each occurrence of a prefix.
fn names_after<'t>(text: &'t str, prefix: &str) -> BTreeSet<&'t str> {
    let end = |rest: &'t str| rest.find(|character: char| !character.is_ascii_alphanumeric() && !"-_".contains(character));
    text.split(prefix).skip(1).map(|rest| &rest[..end(rest).unwrap_or(rest.len())]).filter(|name| !name.is_empty()).collect()
}

// --- the files ---

#[test]
fn scripts_are_valid() {
    for script in SCRIPTS {
        success(command("bash").arg("-n").arg(root(script)));
        let mode = fs::metadata(root(script)).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{script} is not executable");
    }
    match command("shellcheck").arg("--version").output() {
        Ok(_) => drop(success(command("shellcheck").args(SCRIPTS.map(root)))),
        Err(_) => println!("SKIPPED: the scripts were not checked with shellcheck, which is not installed"),
    }
}

#[test]
fn the_action_passes_each_input_to_its_script() {
    let action = yaml(ACTION);
    let declared = keys(&action["inputs"]);
    assert_eq!(names_after(ACTION, "inputs."), declared.iter().map(String::as_str).collect());
    let steps = action["runs"]["steps"].as_sequence().unwrap();
    let script = include_str!("../../action/run");
    let variables = keys(&steps[0]["env"]);
    let passed: BTreeSet<&str> = variables.iter().filter_map(|name| name.strip_prefix("INPUT_")).collect();
    assert_eq!(names_after(script, "{INPUT_"), passed);
    let from_names: BTreeSet<String> = passed.iter().map(|name| name.to_lowercase().replace('_', "-")).collect();
    let other: BTreeSet<String> = declared.difference(&from_names).cloned().collect();
    assert_eq!(other, BTreeSet::from(["upload-sarif".to_owned()]), "inputs that the script does not get");
    // Each output of the script is one of the action.
    assert_eq!(keys(&action["outputs"]), ["exit-status", "sarif-file"].map(str::to_owned).into());
    assert_eq!(names_after(ACTION, "steps.check.outputs."), ["exit-status", "sarif-file"].into());
    for step in steps {
        // An expression in a script would make a part of the script of its value.
        assert!(!step["run"].as_str().unwrap_or_default().contains("${{"), "{step:?}");
    }
}

#[test]
fn actions_are_pinned_to_commits() {
    for path in ["action.yml", ".github/workflows/ci.yml", ".github/workflows/release.yml"] {
        for line in read(&root(path)).lines() {
            let Some((_, action)) = line.split_once("uses: ") else { continue };
            if action.starts_with(['$', '.']) {
                continue;
            }
            let (commit, version) = action.split_once('@').unwrap().1.split_once(" # v").unwrap_or_else(|| panic!("{path}: {line}"));
            assert!(commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit()), "{path}: {line}");
            assert!(!version.is_empty());
        }
    }
}

#[test]
fn the_page_lists_each_input_of_the_action() {
    let action = yaml(ACTION);
    let rows: BTreeMap<&str, &str> = PAGE
        .lines()
        .skip_while(|line| !line.starts_with("| Input |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.split('|').map(str::trim).collect::<Vec<_>>())
        .map(|cells| (cells[1].trim_matches('`'), cells[3].trim_matches('`')))
        .collect();
    assert_eq!(rows.keys().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>(), keys(&action["inputs"]));
    for name in ["upload-sarif", "attestation"] {
        assert_eq!(action["inputs"][name]["default"].as_str(), Some(rows[name]));
    }
}

#[test]
fn examples_use_what_exists() {
    let inputs = keys(&yaml(ACTION)["inputs"]);
    let hooks: BTreeSet<String> = yaml(HOOKS).as_sequence().unwrap().iter().map(|hook| hook["id"].as_str().unwrap().to_owned()).collect();
    let mut uses = 0;
    for block in blocks(PAGE, "yaml") {
        let value = yaml(block);
        let job = |job: &Value| job["steps"].as_sequence().unwrap().clone();
        let steps = match &value {
            Value::Sequence(steps) => steps.clone(),
            workflow => workflow["jobs"].as_mapping().map(|jobs| jobs.values().flat_map(job).collect()).unwrap_or_default(),
        };
        for step in steps.iter().filter(|step| step["uses"].as_str().is_some_and(|name| name.starts_with(REPOSITORY))) {
            uses += 1;
            assert_eq!(step["uses"], Value::from(format!("{REPOSITORY}@v{VERSION}")));
            assert!(keys(&step["with"]).is_subset(&inputs), "{step:?}");
        }
        if let Some(repositories) = value["repos"].as_sequence() {
            uses += 1;
            assert_eq!(repositories[0]["rev"], Value::from(format!("v{VERSION}")));
            assert!(repositories[0]["hooks"].as_sequence().unwrap().iter().all(|hook| hooks.contains(hook["id"].as_str().unwrap())));
        }
    }
    assert_eq!(uses, 3);
    for version in names_after(PAGE, "pss-v").into_iter().chain(names_after(PAGE, "releases/download/v")) {
        assert!(VERSION.starts_with(version) || version.starts_with(VERSION), "{version}");
    }
}

/// The arguments in the page, the hooks and the scripts are those of the command that they are for.
#[test]
fn every_argument_exists() {
    let help = |name: &str| success(command(PSS).args([name, "--help"]));
    let helps = BTreeMap::from(["check", "fix"].map(|name| (name, help(name))));
    let run = include_str!("../../action/run").replace("arguments=(check", "pss check").replace("add_option --", "pss check --");
    let mut count = 0;
    for source in [PAGE, HOOKS, &run, include_str!("../../Makefile")] {
        let source = source.replace("args: [", "pss check ").replace("action/hook ", "pss ").replace("            --", "pss check --");
        for line in source.lines() {
            for command in line.split("pss ").skip(1) {
                let name = command.split(' ').next().unwrap();
                let Some(help) = helps.get(name) else { continue };
                for argument in names_after(command, "--") {
                    count += 1;
                    assert!(help.contains(&format!("--{argument} ")) || help.contains(&format!("--{argument}\n")), "{line}: --{argument}");
                }
            }
        }
    }
    assert!(count > 15, "only {count} arguments were found");
}

/// cargo binstall downloads what scripts/pss-archive builds.
#[test]
fn binstall_finds_the_archive() {
    let manifest: toml::Table = toml::from_str(include_str!("../Cargo.toml")).unwrap();
    let package = &manifest["package"];
    let repository = format!("https://github.com/{REPOSITORY}");
    assert_eq!(package["repository"].as_str(), Some(repository.as_str()));
    let binstall = &package["metadata"]["binstall"];
    assert_eq!(binstall["pkg-fmt"].as_str(), Some("tgz"));
    let render = |key: &str| {
        let values = [
            ("repo", repository.as_str()),
            ("version", VERSION),
            ("target", "T"),
            ("archive-suffix", ".tgz"),
            ("bin", "pss"),
            ("binary-ext", ""),
        ];
        let template = binstall[key].as_str().unwrap().to_owned();
        values.iter().fold(template, |text, (name, value)| text.replace(&format!("{{ {name} }}"), value))
    };
    assert_eq!(render("pkg-url"), format!("{repository}/releases/download/v{VERSION}/pss-v{VERSION}-T.tgz"));
    assert_eq!(render("bin-dir"), format!("pss-v{VERSION}-T/pss"));
    let script = include_str!("../../scripts/pss-archive");
    assert!(
        script.contains("name=pss-v$version-$target\n") && include_str!("../../action/install").contains("name=pss-v$version-$target\n")
    );
}

// --- a release ---

/// A release in a folder, with the archive of a substitute for pss.
struct Release {
    scratch: TempDir,
    /// The name of the archive without `.tgz`.
    name: String,
}

impl Release {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let substitute = scratch.path().join("substitute");
        program(&substitute, &format!("#!/bin/sh\necho 'pss {VERSION}'\n"));
        let target = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
        let target = if cfg!(target_os = "macos") { format!("{}-apple-darwin", std::env::consts::ARCH) } else { target };
        let folder = scratch.path().join(format!("releases/v{VERSION}"));
        let archive = success(command(root("scripts/pss-archive")).env("PSS", &substitute).arg(&target).arg(&folder));
        let name = format!("pss-v{VERSION}-{target}");
        assert_eq!(Path::new(archive.trim()).canonicalize().unwrap(), folder.join(format!("{name}.tgz")).canonicalize().unwrap());
        let release = Release { scratch, name };
        release.write_sum(&release.name);
        release
    }

    fn path(&self, path: &str) -> PathBuf {
        self.scratch.path().join(path)
    }

    fn file(&self, path: &str) -> PathBuf {
        self.path(&format!("releases/v{VERSION}/{path}"))
    }

    /// Writes the checksum of an archive, as sha256sum does.
    fn write_sum(&self, name: &str) {
        let digest = Sha256::digest(fs::read(self.file(&format!("{name}.tgz"))).unwrap());
        let hexadecimal: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        write(&self.file("sha256sums.txt"), &format!("{hexadecimal}  {name}.tgz\n"));
    }

    /// A command that downloads from this release.
    fn command(&self, script: &str) -> Command {
        let mut command = command(root(script));
        command.env("PSS_RELEASES", format!("file://{}", self.path("releases").display())).env("PSS_ATTESTATION", "off");
        command
    }

    fn install(&self, version: &str, dir: &str) -> Command {
        let mut command = self.command("action/install");
        command.arg(version).arg(self.path(dir));
        command
    }
}

fn error(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(!output.status.success(), "{command:?} succeeded: {}", text(&output.stdout));
    text(&output.stderr)
}

#[test]
fn installs_a_release_once() {
    let release = Release::new();
    let contents = success(command("tar").arg("-tzf").arg(release.file(&format!("{}.tgz", release.name))));
    for file in ["pss", "pss.1", "LICENSE", "completions/_pss", "completions/_pss.ps1", "completions/pss.bash", "completions/pss.fish"] {
        assert!(contents.lines().any(|line| line == format!("{}/{file}", release.name)), "{file} is missing in {contents}");
    }
    for version in [VERSION.to_owned(), format!("v{VERSION}")] {
        let installed = success(&mut release.install(&version, "cache"));
        assert_eq!(success(&mut command(installed.trim())), format!("pss {VERSION}\n"));
    }
    // The second time without the release, and without a trace of the first.
    fs::remove_dir_all(release.path("releases")).unwrap();
    success(&mut release.install(VERSION, "cache"));
    assert_eq!(fs::read_dir(release.path("cache")).unwrap().count(), 1);
    // The hooks use the cache of the user.
    let mut hook = release.command("action/hook");
    hook.env("XDG_CACHE_HOME", release.path("user"));
    assert!(error(&mut hook).contains("cannot download"));
    fs::rename(release.path("cache"), release.path("user/pss")).unwrap();
    assert_eq!(success(&mut hook), format!("pss {VERSION}\n"));
}

#[test]
fn rejects_an_archive_that_is_not_that_of_the_release() {
    let release = Release::new();
    let sums = read(&release.file("sha256sums.txt"));
    for (case, content, message) in [
        ("other", sums.replace(&sums[..8], "01234567"), "has another checksum than the release lists"),
        ("missing", sums.replace(".tgz", ".tgz.sig"), "does not list"),
        ("empty", String::new(), "does not list"),
    ] {
        write(&release.file("sha256sums.txt"), &content);
        let message_of_run = error(&mut release.install(VERSION, "cache"));
        assert!(message_of_run.contains(message), "{case}: {message_of_run}");
        assert_eq!(fs::read_dir(release.path("cache")).unwrap().count(), 0, "{case}");
    }
    for version in ["", "latest", "1.2", "v1.2.3/../..", "1.2.3;id", "--help"] {
        assert!(error(&mut release.install(version, "cache")).contains("is no version"), "{version}");
    }
    assert!(error(&mut release.install("99.0.0", "cache")).contains("Does this release exist"));
}

#[test]
fn verifies_the_attestation_if_gh_can() {
    let release = Release::new();
    let gh = |help: &str, verify: &str| {
        program(
            &release.path("bin/gh"),
            &format!(
                "#!/bin/sh\ncase \"$*\" in *--help) echo '{help}' ;; *verify*) echo \"$@\" >> {}; {verify} ;; *) false ;; esac\n",
                release.path("log").display()
            ),
        );
    };
    let install = |attestation: &str, token: &str, dir: &str| {
        let mut install = release.install(VERSION, dir);
        let path = format!("{}:{}", release.path("bin").display(), std::env::var("PATH").unwrap());
        install.env("PATH", path).env("PSS_ATTESTATION", attestation).env("GH_TOKEN", token).env("HOME", release.path("home"));
        install
    };
    gh("--source-ref", "exit 0");
    success(&mut install("auto", "token", "1"));
    success(&mut install("required", "token", "2"));
    let arguments = format!(
        "attestation verify {}.tgz --repo {REPOSITORY} --signer-workflow {REPOSITORY}/.github/workflows/release.yml --source-ref refs/tags/v{VERSION} --deny-self-hosted-runners\n",
        release.name
    );
    assert_eq!(read(&release.path("log")), arguments.repeat(2));
    gh("--source-ref", "exit 1");
    for attestation in ["auto", "required"] {
        assert!(error(&mut install(attestation, "token", "3")).contains("does not verify"), "{attestation}");
        assert_eq!(fs::read_dir(release.path("3")).unwrap().count(), 0);
    }
    success(&mut install("off", "token", "4"));
    for (help, token, fault) in [("--source-ref", "", "gh is not signed in"), ("--repo", "token", "gh is older than version 2.68")] {
        gh(help, "exit 1");
        assert!(error(&mut install("required", token, "5")).contains(fault), "{fault}");
        let output = install("auto", token, fault).output().unwrap();
        assert!(output.status.success() && text(&output.stderr).contains(fault), "{fault}");
    }
    assert!(error(&mut install("never", "token", "6")).contains("PSS_ATTESTATION"));
}

// --- the action ---

/// The workspace of a job.
struct Job {
    scratch: TempDir,
    inputs: Vec<(&'static str, String)>,
}

struct Result {
    output: Output,
    log: String,
    outputs: BTreeMap<String, String>,
    summary: String,
}

impl Job {
    fn new() -> Self {
        let job = Job { scratch: tempfile::tempdir().unwrap(), inputs: vec![("PATHS", ".".to_owned())] };
        write(&job.path("work/good.yaml"), ACCEPTED);
        write(&job.path("work/team a/100%,x/bad.yaml"), include_str!("../../tests/data/web.yaml"));
        fs::create_dir(job.path("temp")).unwrap();
        job
    }

    fn path(&self, path: &str) -> PathBuf {
        self.scratch.path().join(path)
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.inputs.push((name, value.to_owned()));
        self
    }

    fn run(&self) -> Result {
        let [outputs, summary] = ["outputs", "summary"].map(|name| self.path(name));
        for file in [&outputs, &summary] {
            write(file, "");
        }
        let mut command = command(root("action/run"));
        command.env("PSS", PSS).env("GITHUB_WORKSPACE", self.path("work")).env("RUNNER_TEMP", self.path("temp"));
        command.env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary).current_dir(self.scratch.path());
        for (name, value) in &self.inputs {
            command.env(format!("INPUT_{name}"), value);
        }
        let output = command.output().unwrap();
        let outputs = read(&outputs)
            .lines()
            .map(|line| line.split_once('=').unwrap())
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Result { log: text(&output.stdout), output, outputs, summary: read(&summary) }
    }
}

impl Result {
    fn status(&self) -> &str {
        assert!(self.output.status.success(), "{}{}", self.log, text(&self.output.stderr));
        &self.outputs["exit-status"]
    }

    fn sarif(&self) -> serde_json::Value {
        serde_json::from_str(&read(Path::new(&self.outputs["sarif-file"]))).unwrap()
    }

    /// The files of the results in the SARIF file.
    fn sarif_files(&self) -> BTreeSet<String> {
        let sarif = self.sarif();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        results
            .iter()
            .map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap().to_owned())
            .collect()
    }
}

#[test]
fn the_action_reports_violations() {
    let job = Job::new();
    let result = job.run();
    assert_eq!(result.status(), "1");
    assert!(result.log.lines().any(|line| line.starts_with("::error file=team a/100%25%2Cx/bad.yaml,")), "{}", result.log);
    assert_eq!(result.sarif_files(), ["team%20a/100%25%2Cx/bad.yaml".to_owned()].into());
    assert!(result.summary.contains("bad.yaml"), "{}", result.summary);
}

#[test]
fn the_action_has_the_exit_status_of_pss() {
    for (job, status) in [
        (Job::new().with("PATHS", "good.yaml"), "0"),
        (Job::new().with("FAIL_ON", "never"), "0"),
        (Job::new().with("LEVEL", "privileged"), "0"),
        (Job::new().with("ARGS", "--exclude=team a/\n\n  --namespace=web  \r\n"), "0"),
        (Job::new().with("PATHS", "good.yaml\nteam a/100%,x/bad.yaml\n"), "1"),
        (Job::new().with("PATHS", "good.yaml\nnothing.yaml"), "2"),
        (Job::new().with("STANDARDS_VERSION", "1.34"), "3"),
        (Job::new().with("BASELINE", "nothing.json"), "3"),
        (Job::new().with("SETTINGS", "nothing.yaml"), "3"),
    ] {
        let result = job.run();
        assert_eq!(result.status(), status, "{:?}: {}", job.inputs, result.log);
        // Invalid arguments have no results, which would close alerts.
        assert_eq!(result.outputs.contains_key("sarif-file"), status != "3", "{:?}", job.inputs);
    }
    for (job, message) in [
        (Job::new().with("PATHS", " \n"), "the input paths is empty"),
        (Job::new().with("WORKING_DIRECTORY", "nothing"), "does not exist"),
        (Job::new().with("WORKING_DIRECTORY", ".."), "outside of the repository"),
        (Job::new().with("SARIF_FILE", "a\nexit-status=0"), "more than one line"),
    ] {
        let result = job.run();
        assert!(!result.output.status.success() && result.log.contains(message), "{message}: {}", result.log);
        assert!(result.outputs.is_empty(), "{message}");
    }
}

#[test]
fn paths_are_those_of_the_repository() {
    if command("jq").arg("--version").output().is_err() {
        println!("SKIPPED: the inputs working-directory and category need jq, which is not installed");
        return;
    }
    let job = Job::new().with("WORKING_DIRECTORY", "team a/100%,x").with("CATEGORY", "team-a").with("SARIF_FILE", "pss.sarif");
    let result = job.run();
    assert_eq!(result.status(), "1");
    assert!(result.log.lines().any(|line| line.starts_with("::error file=team a/100%25%2Cx/bad.yaml,")), "{}", result.log);
    assert_eq!(result.sarif_files(), ["team%20a/100%25%2Cx/bad.yaml".to_owned()].into());
    assert_eq!(result.sarif()["runs"][0]["automationDetails"]["id"], "team-a/");
    assert!(job.path("work/team a/100%,x/pss.sarif").is_file());
}

#[test]
fn a_baseline_of_the_working_directory_applies() {
    let job = Job::new().with("WORKING_DIRECTORY", "team a").with("BASELINE", "baseline.json");
    success(command(PSS).args(["check", "--quiet", "--write-baseline", "baseline.json", "."]).current_dir(job.path("work/team a")));
    assert_eq!(job.run().status(), "0");
}

/// Inputs are values: no shell evaluates them, and they cannot add arguments.
#[test]
fn inputs_are_not_evaluated() {
    for name in [
        "PATHS",
        "LEVEL",
        "STANDARDS_VERSION",
        "SETTINGS",
        "FAIL_ON",
        "BASELINE",
        "ARGS",
        "CATEGORY",
        "WORKING_DIRECTORY",
        "SARIF_FILE",
        "VERSION",
    ] {
        for value in
            ["$(touch evaluated)", "`touch evaluated`", "x; touch evaluated", "\"; touch evaluated; \"", "x' || touch evaluated '", "*"]
        {
            let job = Job::new().with(name, value);
            job.run();
            let found = ["evaluated", "work/evaluated"].iter().any(|path| job.path(path).exists());
            assert!(!found, "{name}: {value}");
        }
    }
    // A path is no option.
    let job = Job::new().with("PATHS", "--allow-empty");
    assert_eq!(job.run().status(), "2");
}

// --- the hooks ---

#[test]
fn hooks_judge_and_fix_the_files_of_a_commit() {
    let job = Job::new();
    let work = job.path("work");
    for (file, content) in [
        ("values.yaml", "replicas: {{ 1 }}\n"),
        ("tsconfig.json", "{ // comment\n}\n"),
        ("chart/Chart.yaml", "apiVersion: v2\nname: chart\n"),
        ("chart/templates/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Release.Name }}}\n"),
        ("vendor/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: [\n"),
        ("pss.toml", "exclude = [\"vendor/\"]\n"),
    ] {
        write(&work.join(file), content);
    }
    let others = ["values.yaml", "tsconfig.json", "chart/Chart.yaml", "chart/templates/pod.yaml", "vendor/pod.yaml", "good.yaml"];
    let bad = "team a/100%,x/bad.yaml";
    let hooks = yaml(HOOKS);
    let run = |id: &str, arguments: &[&str]| {
        let hook = hooks.as_sequence().unwrap().iter().find(|hook| hook["id"].as_str() == Some(id)).unwrap();
        assert_eq!(hook["language"].as_str(), Some("script"));
        let mut entry = hook["entry"].as_str().unwrap().split(' ');
        let mut command = command(root(entry.next().unwrap()));
        command.env("PSS", PSS).args(entry).args(arguments).current_dir(&work).output().unwrap()
    };
    for id in ["pss-check", "pss-fix"] {
        let output = run(id, &others);
        assert_eq!(output.status.code(), Some(0), "{id}: {}{}", text(&output.stdout), text(&output.stderr));
    }
    let check = |arguments: &[&str]| run("pss-check", &[arguments, &others[..], &[bad]].concat()).status.code();
    assert_eq!(check(&[]), Some(1));
    assert_eq!(check(&["--level=privileged"]), Some(0));
    assert_eq!(run("pss-fix", &[bad]).status.code(), Some(0));
    assert_ne!(read(&work.join(bad)), include_str!("../../tests/data/web.yaml"));
    assert_eq!(check(&[]), Some(0));
}

// --- the examples ---

/// The commands of the job for GitLab, with a substitute for the download.
#[test]
fn the_job_for_gitlab_writes_its_reports() {
    let release = Release::new();
    let job = blocks(PAGE, "yaml").into_iter().map(yaml).find(|value| value["pod-security"]["script"].is_sequence()).unwrap();
    let job = &job["pod-security"];
    let work = release.path("work");
    write(&work.join("deploy/web.yaml"), include_str!("../../tests/data/web.yaml"));
    // The archive has a substitute for pss, which runs the program of this build.
    program(
        &release.path("substitute"),
        &format!("#!/bin/sh\nif [ \"$1\" = --version ]; then echo 'pss {VERSION}'; else exec '{PSS}' \"$@\"; fi\n"),
    );
    let target = "x86_64-unknown-linux-musl";
    let folder = release.file("");
    success(command(root("scripts/pss-archive")).env("PSS", release.path("substitute")).arg(target).arg(&folder));
    release.write_sum(&format!("pss-v{VERSION}-{target}"));
    program(
        &release.path("bin/wget"),
        &format!("#!/bin/sh\nfor url; do case $url in https:*) cp '{}'/\"${{url##*/}}\" . ;; esac; done\n", folder.display()),
    );
    let script: Vec<&str> = job["script"].as_sequence().unwrap().iter().map(|line| line.as_str().unwrap()).collect();
    let mut shell = command("sh");
    shell.args(["-e", "-c", &script.join("\n")]).current_dir(&work);
    shell.env("PATH", format!("{}:{}", release.path("bin").display(), std::env::var("PATH").unwrap()));
    for name in ["PSS", "RELEASE"] {
        shell.env(name, job["variables"][name].as_str().unwrap());
    }
    let output = shell.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}{}", text(&output.stdout), text(&output.stderr));
    let reports = &job["artifacts"]["reports"];
    let findings: serde_json::Value = serde_json::from_str(&read(&work.join(reports["codequality"].as_str().unwrap()))).unwrap();
    assert_eq!(findings[0]["location"]["path"], "deploy/web.yaml");
    assert!(read(&work.join(reports["junit"].as_str().unwrap())).contains("<testsuite "));
}

/// The commands for known findings, in their order.
#[test]
fn the_commands_for_known_findings_succeed() {
    let commands = blocks(PAGE, "sh").into_iter().find(|block| block.contains("--write-baseline")).unwrap();
    let scratch = tempfile::tempdir().unwrap();
    write(&scratch.path().join("deploy/web.yaml"), include_str!("../../tests/data/web.yaml"));
    let commands = commands.replace("git add", ": git add").replace("pss check", "\"$PSS\" check");
    success(command("sh").args(["-e", "-c", &commands]).env("PSS", PSS).current_dir(scratch.path()));
    // A new finding fails.
    write(&scratch.path().join("deploy/new.yaml"), &include_str!("../../tests/data/web.yaml").replace("name: web", "name: new"));
    let last = commands.lines().last().unwrap();
    assert_eq!(command("sh").args(["-c", last]).env("PSS", PSS).current_dir(scratch.path()).output().unwrap().status.code(), Some(1));
}
