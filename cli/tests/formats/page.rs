//! The page writes the same reports: those of its module are compared with those of the program, byte by byte.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use pss_playground_report::api::{File, report};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::{check, folder, list, run};
use crate::samples::{GOOD, RENDERED, files};
use crate::snapshot;

/// The formats of the page.
const FORMATS: [&str; 4] = ["text", "markdown", "json", "sarif"];

const RESTRICTED: &str = r#"{"settings": {"level": "restricted", "namespaceLabels": "honor"}}"#;

/// Options of the page, with the arguments that have the same effect. The file settings.json has the settings of the options.
fn settings() -> Vec<(Value, Vec<String>)> {
    let own = |arguments: &[&str]| arguments.iter().map(|argument| (*argument).to_owned()).collect();
    let file = "--settings=settings.json";
    let choices = json!({
        "labels": "honor", "namespace": "shop", "user": "system:admin", "groups": ["ops"], "more": "exemptions: {usernames: [root]}\n",
        "exemptions": {"groups": ["ops"]},
    });
    vec![
        (json!({"settings": {"level": "restricted", "version": "latest", "namespaceLabels": "honor"}}), own(&[])),
        (
            json!({"settings": {"level": "baseline", "version": "v1.24", "namespaceLabels": "honor"}, "admission": "kubewarden"}),
            own(&["--level=baseline", "--version=v1.24"]),
        ),
        (
            json!({
                "settings": {"level": "restricted", "namespaceLabels": "honor"}, "namespace": "shop",
                "namespaceLabels": {"pod-security.kubernetes.io/enforce": "privileged", "pod-security.kubernetes.io/warn": "baseline"},
            }),
            own(&[
                "--namespace=shop",
                "--namespace-labels=pod-security.kubernetes.io/enforce=privileged,pod-security.kubernetes.io/warn=baseline",
            ]),
        ),
        (json!({"settings": {"level": "restricted"}}), own(&[file])),
        (json!({"settings": {"level": "privileged"}}), own(&[file])),
        (
            json!({"settings": {
                "defaults": {"enforce": "baseline", "enforce-version": "v1.29", "audit": "restricted", "warn": "restricted"},
                "namespaceLabels": "tighten", "labelTypos": "warn", "workloads": "enforce", "harden": ["runAsNonRoot"],
                "exemptions": {
                    "namespaces": ["kube-system"],
                    "checks": [{"checks": ["hostPorts", "hostNamespaces"], "reason": "agents | of `each` node"}],
                },
            }}),
            own(&[file]),
        ),
        (
            json!({
                "settings": {"level": "restricted", "namespaceLabels": "honor", "exemptions": {"groups": ["ops"]}},
                "more": "exemptions: {usernames: [root]}\n", "namespace": "shop", "user": "system:admin", "groups": ["ops"],
            }),
            own(&[&format!("--settings={}", link(&choices))]),
        ),
    ]
}

/// A share link without manifests, encoded as the page does.
fn link(choices: &Value) -> String {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(json!({"t": "", "c": choices}).to_string().as_bytes()).unwrap();
    format!("https://example.org/play/#1.{}", URL_SAFE_NO_PAD.encode(encoder.finish().unwrap()))
}

/// Compares the reports on files of a folder for all settings.
fn compare(folder: &TempDir, names: &[&str]) {
    let texts: Vec<String> = names.iter().map(|name| fs::read_to_string(folder.path().join(name)).unwrap()).collect();
    let files: Vec<File<'_>> = names.iter().zip(&texts).map(|(name, text)| File { name, text }).collect();
    for (options, mut arguments) in settings() {
        fs::write(folder.path().join("settings.json"), options["settings"].to_string()).unwrap();
        arguments.extend(["--no-config".to_owned(), "--allow-empty".to_owned()]);
        arguments.extend(names.iter().map(|name| format!("./{name}")));
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let outputs = check(folder.path(), &arguments, "");
        for format in FORMATS {
            let own = report(&files, &options.to_string(), format).unwrap();
            assert!(own == outputs.of(format), "{names:?}, {options}\n{own}\nis not\n{}", outputs.of(format));
        }
    }
}

/// Returns the names of all texts below a folder.
fn names_of_texts(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for part in ["deploy", "shop", "shop/templates"] {
        for entry in fs::read_dir(folder.join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() && fs::read_to_string(&path).is_ok() {
                names.push(path.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/"));
            }
        }
    }
    names.sort();
    names
}

#[test]
fn the_page_writes_the_reports_of_the_program_for_several_files() {
    let folder = files();
    let names = names_of_texts(folder.path());
    assert!(names.len() > 12 && names.iter().any(|name| name == "deploy/web größe.yaml"), "{names:?}");
    let mut names: Vec<&str> = names.iter().map(String::as_str).collect();
    compare(&folder, &names);
    // Namespaces count for the files after them.
    names.reverse();
    compare(&folder, &names);
}

#[test]
fn the_page_writes_the_reports_of_the_program_for_single_files() {
    let objects = "apiVersion: v1\nkind: Namespace\nmetadata: {name: a b, labels: {pod-security.kubernetes.io/enforce: baseline}}\n";
    let hundred: String = (0..100)
        .map(|pod| {
            format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{pod}}}\nspec: {{containers: [{{name: a}}, {{name: b}}]}}\n")
        })
        .collect();
    let texts = [
        ("good.yaml", GOOD),
        ("rendered.yaml", RENDERED),
        ("empty.yaml", ""),
        ("comment.yaml", "# nothing\n---\n"),
        ("a/b/tab and 'quote'.yml", "apiVersion: v1\nkind: Pod\nspec:\n\tcontainers: []\n"),
        ("日本 🦀.yaml", objects),
        ("list.json", "[1, 2"),
        ("no-manifest.txt", "services:\n  web: {image: nginx}\n"),
        ("values-ci.yaml", "rbac: {pspEnabled: true}\n"),
        ("hundred.yaml", &hundred),
    ];
    let folder = folder(&texts.map(|(name, text)| (name, text.into())));
    for (name, _) in texts {
        compare(&folder, &[name]);
    }
}

#[test]
fn the_page_writes_ten_thousand_findings_as_the_program() {
    let containers: Vec<String> = (0..25).map(|index| format!("{{name: c{index}}}")).collect();
    let pod = |index| {
        let containers = containers.join(", ");
        format!("---\napiVersion: v1\nkind: Pod\nmetadata: {{name: p{index}}}\nspec: {{containers: [{containers}]}}\n")
    };
    let text: String = (0..100).map(pod).collect();
    let folder = folder(&[("many.yaml", text.as_str().into())]);
    let outputs = check(folder.path(), &["--no-config", "many.yaml"], "");
    assert_eq!(
        outputs.json()["documents"].as_array().unwrap().iter().map(|document| list(&document["problems"]).len()).sum::<usize>(),
        10_000
    );
    for format in ["markdown", "json"] {
        let own = report(&[File { name: "many.yaml", text: &text }], RESTRICTED, format).unwrap();
        assert!(own == outputs.of(format), "{format}");
    }
}

/// The module of the page is tested with these files, too: on WebAssembly numbers have other sizes.
#[test]
fn the_reports_on_the_sample_manifest_are_those_of_their_snapshots() {
    let folder = folder(&[("tests/data/web.yaml", include_bytes!("../../../tests/data/web.yaml").to_vec())]);
    for (format, extension) in [("text", "txt"), ("markdown", "md"), ("json", "json"), ("sarif", "sarif")] {
        let format_argument = format!("--format={format}");
        let (_, output) = run(folder.path(), &["check", "--no-config", &format_argument, "tests/data/web.yaml"], "");
        snapshot::compare(&format!("page.{format}.{extension}"), &output);
    }
}

/// The command lines that the page shows: `playground/tests/report.mjs` compares them with the table.
#[test]
fn the_command_lines_of_the_page_have_its_verdicts() {
    let table: Value = serde_json::from_str(include_str!("../../../playground/tests/commandLines.json")).unwrap();
    for case in list(&table) {
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let files: Vec<[String; 2]> = list(&case["files"]).iter().map(|file| [text(&file["name"]), text(&file["text"])]).collect();
        let settings = Some(&case["settings"]).filter(|file| file.is_object()).map(|file| [text(&file["name"]), text(&file["text"])]);
        let written: Vec<(&str, Vec<u8>)> =
            files.iter().chain(&settings).map(|[name, text]| (name.as_str(), text.clone().into_bytes())).collect();
        let folder = folder(&written);
        // The page puts its link there.
        let link = link(&case["choices"]);
        let arguments: Vec<String> = list(&case["arguments"]).iter().map(|argument| text(argument).replace("LINK", &link)).collect();
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let (_, output) = run(folder.path(), &arguments, "");
        let files: Vec<File<'_>> = files.iter().map(|[name, text]| File { name, text }).collect();
        let own = report(&files, &case["options"].to_string(), case["format"].as_str().unwrap()).unwrap();
        assert!(own == output, "{case}\n{own}\nis not\n{output}");
    }
}
