//! Invariants of the masks of templates: positions remain, and no text causes a panic.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use pss_core::standards::{Level, LevelVersion, Version};
use pss_review::templates::{Templates, mask};
use pss_review::{Options, Source, fix, review};

/// Parts of templates, from which texts are composed.
const PARTS: [&str; 40] = [
    "{{",
    "}}",
    "{{-",
    "-}}",
    "{{ .Values.x }}",
    "{{- if .x }}",
    "{{- end }}",
    "{{/* c */}}",
    "{{- toYaml .x | nindent 4 }}",
    "\"",
    "`",
    "\\",
    "\n",
    "\n  ",
    "\r\n    ",
    "\t",
    " ",
    "  ",
    ":",
    ": ",
    "- ",
    "a",
    "key:",
    "key: |",
    "key: >-",
    "#",
    "é",
    "中",
    "😀",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "[",
    "]",
    "{",
    "}",
    ",",
    "---\n",
    "spec:\n  containers:\n  - name: a\n",
    "securityContext:",
];

fn texts() -> impl Strategy<Value = String> {
    prop_oneof![vec(select(PARTS.as_slice()), 0..40).prop_map(|parts| parts.concat()), "\\PC*"]
}

/// The line, the column in UTF-16 and the offset of each character.
fn positions(text: &str) -> Vec<(usize, usize, usize)> {
    let (mut line, mut column) = (0, 0);
    text.char_indices()
        .map(|(offset, character)| {
            let position = (line, column, offset);
            (line, column) = if character == '\n' { (line + 1, 0) } else { (line, column + character.len_utf16()) };
            position
        })
        .collect()
}

proptest! {
    #[test]
    fn masks_keep_positions(text in texts()) {
        let masked = mask(&text);
        prop_assert_eq!(positions(&masked), positions(&text));
        prop_assert_eq!(masked.matches('\r').count(), text.matches('\r').count());
        prop_assert_eq!(&mask(&masked), &masked);
        if !text.contains("{{") {
            prop_assert_eq!(&masked, &text);
        }
    }

    #[test]
    fn every_text_has_a_review(text in texts(), prefix in select(["", "apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .x }}}\n"].as_slice())) {
        let text = format!("{prefix}{text}");
        let policy = LevelVersion { level: Level::Restricted, version: Version::Latest };
        let options = Options { templates: Some(Templates::MASKED), ..Options::of(policy) };
        let source = Source { name: "f", text: &text };
        for document in review(&[source], &options).documents {
            for span in document.findings.iter().map(|finding| finding.span).chain(document.diagnostics.iter().map(|diagnostic| diagnostic.span)) {
                prop_assert!(text.get(span.start.offset..span.end.offset).is_some());
            }
        }
        // Masked actions remain when the rest is fixed.
        let actions = |text: &str| text.matches("{{").count();
        prop_assert_eq!(actions(&fix(source, &options)), actions(&text));
    }
}
