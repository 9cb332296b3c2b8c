//! The positions of SARIF in UTF-16, compared with those of the JSON in bytes, and the fixes of SARIF applied.

use std::fs;

use serde_json::Value;

use crate::program::{check, folder, list};
use crate::samples::{files, outputs_of_files, outputs_of_rendered};

/// Returns the byte offset of a line and a column in UTF-16 code units.
fn offset(text: &str, line: &Value, column: &Value) -> usize {
    let (line, column) = (line.as_u64().unwrap() as usize, column.as_u64().unwrap() as usize);
    // The samples have line breaks LF and CRLF.
    let start: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
    let mut units = 1;
    for (at, character) in text[start..].char_indices() {
        if units == column {
            return start + at;
        }
        units += character.len_utf16();
    }
    assert_eq!(units, column, "line {line}, column {column} is behind the end of the text");
    text.len()
}

fn span(text: &str, region: &Value) -> (u64, u64) {
    let start = offset(text, &region["startLine"], &region["startColumn"]);
    let end = offset(text, &region["endLine"], &region["endColumn"]);
    (start as u64, end as u64)
}

fn range(range: &Value) -> (u64, u64) {
    (range["start"]["offset"].as_u64().unwrap(), range["end"]["offset"].as_u64().unwrap())
}

#[test]
fn regions_and_fixes_of_sarif_are_those_of_the_json() {
    let folder = files();
    let outputs = outputs_of_files(&folder);
    let (mut regions, mut edits) = (0, 0);
    for (result, (document, problem)) in list(&outputs.sarif_all()["runs"][0]["results"]).iter().zip(outputs.problems()) {
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let Ok(text) = fs::read_to_string(folder.path().join(document["file"].as_str().unwrap())) else {
            assert_eq!((&region["startLine"], &region["endColumn"]), (&1.into(), &1.into()));
            continue;
        };
        if !problem["range"].is_null() {
            assert_eq!(span(&text, region), range(&problem["range"]), "{result:#}");
            regions += 1;
        }
        assert_eq!(result.get("fixes").is_some(), !problem["fix"].is_null());
        if let Some(fixes) = result.get("fixes") {
            let replacements = list(&fixes[0]["artifactChanges"][0]["replacements"]);
            for (replacement, edit) in replacements.iter().zip(list(&problem["fix"]["edits"])) {
                assert_eq!(span(&text, &replacement["deletedRegion"]), range(&edit["range"]));
                assert_eq!(replacement["insertedContent"]["text"], edit["text"]);
                edits += 1;
            }
        }
    }
    assert!(regions > 20 && edits > 5, "{regions} {edits}");
}

#[test]
fn problems_of_rendered_text_are_at_the_start_of_their_template() {
    let outputs = outputs_of_rendered();
    let sarif = outputs.sarif();
    let results = list(&sarif["runs"][0]["results"]);
    let location = |result: &Value| result["locations"][0]["physicalLocation"].clone();
    assert_eq!(location(&results[0])["artifactLocation"]["uri"], "shop/charts/db/templates/db%201.yaml");
    assert_eq!(location(&results[0])["region"], serde_json::json!({"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}));
    let message = results[0]["message"]["text"].as_str().unwrap();
    assert!(message.contains("(line 16, column 16 of the rendered text)"), "{message}");
    assert!(results.iter().all(|result| result.get("fixes").is_none()), "the fixes are for a text that is in no file");
    // The last document has no comment.
    assert_eq!(location(results.last().unwrap())["artifactLocation"]["uri"], "stdin.yaml");
    assert_eq!(location(results.last().unwrap())["region"]["startLine"], 20);
    assert!(outputs.of("github").starts_with("::error file=shop/charts/db/templates/db 1.yaml,line=1,endLine=1,title="));
    assert_eq!(outputs.codequality()[0]["location"]["path"], "shop/charts/db/templates/db 1.yaml");
}

/// The text format shows an excerpt of a long line, with the column in the file.
#[test]
fn the_columns_of_long_lines_are_those_of_the_file() {
    let label = "ü".repeat(5000);
    let pod =
        format!("{{apiVersion: v1, kind: Pod, metadata: {{name: a, labels: {{a: {label}}}}}, spec: {{hostPID: true, containers: []}}}}\n");
    let folder = folder(&[("long.yaml", pod.into())]);
    let outputs = check(folder.path(), &["--no-config", "long.yaml"], "");
    let column = &outputs.problems()[0].1["range"]["start"]["column"];
    let text = outputs.of("text");
    assert!(text.contains(&format!("--> long.yaml:1:{column}\n")), "{text}");
    assert!(text.contains("…") && text.lines().all(|line| line.chars().count() < 1000), "{text}");
}
