//! The outputs of all formats for the samples. `PSS_UPDATE_SNAPSHOTS=1 cargo test -p pss-cli --test formats` writes them anew.

use crate::program::{FORMATS, Outputs, run};
use crate::samples::{files, outputs_of_files, outputs_of_good, outputs_of_rendered};
use crate::snapshot::compare;

/// Returns a SARIF log without its rules, which are the same in all logs.
fn without_rules(log: &str) -> String {
    let lines = log.lines().map(|line| if line.starts_with("\"tool\":") { "\"tool\":{\"driver\":{\"name\":\"pss\"}}," } else { line });
    lines.map(|line| format!("{line}\n")).collect()
}

fn compare_all(name: &str, outputs: &Outputs) {
    for format in FORMATS {
        let extension = match format {
            "text" | "github" => "txt",
            "json" | "codequality" => "json",
            "sarif" | "sarif-all" => "sarif",
            "junit" => "xml",
            _ => "md",
        };
        let output = outputs.of(format);
        let output = if extension == "sarif" && name != "good" { without_rules(output) } else { output.to_owned() };
        compare(&format!("{name}.{format}.{extension}"), &output);
    }
}

#[test]
fn files_have_the_output_of_their_snapshots() {
    let outputs = outputs_of_files(&files());
    assert_eq!(outputs.status, 2);
    compare_all("files", &outputs);
}

#[test]
fn standard_input_has_the_output_of_its_snapshots() {
    let outputs = outputs_of_rendered();
    assert_eq!(outputs.status, 2);
    compare_all("rendered", &outputs);
}

#[test]
fn a_good_file_has_the_output_of_its_snapshots() {
    let outputs = outputs_of_good();
    assert_eq!(outputs.status, 0);
    compare_all("good", &outputs);
}

#[test]
fn colors_do_not_depend_on_the_terminal() {
    let folder = files();
    let check = |color: &str| run(folder.path(), &["check", "--color", color, "deploy/known.yaml"], "").1;
    compare("colors.text.txt", &check("always"));
    assert_eq!(check("auto"), check("never"));
    assert!(check("always").contains('\u{1b}') && !check("never").contains('\u{1b}'));
}
