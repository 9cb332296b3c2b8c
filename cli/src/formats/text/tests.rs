//! Tests of excerpts and labels.

use pss_manifest::Position;

use super::*;

/// Returns the span of the text between the first `<` and `>` of a text, and the text without them.
fn span(marked: &str) -> (String, Span) {
    let (before, rest) = marked.split_once('<').unwrap();
    let (inside, after) = rest.split_once('>').unwrap();
    let position =
        |offset: usize, text: &str| Position { offset, line: text.lines().count().max(1), column: 1, utf16_offset: 0, utf16_column: 1 };
    let start = position(before.len(), before);
    let end = position(before.len() + inside.len(), before);
    ([before, inside, after].concat(), Span { start, end })
}

#[test]
fn shows_the_lines_of_a_span() {
    for (marked, lines, part) in [
        ("a: <b>\nc: d\n", "a: b", "b"),
        ("x: y\r\na: <b>\r\nc: d\r\n", "a: b", "b"),
        ("x: y\ra: <b>\rc: d\r", "a: b", "b"),
        // The end of the text, with and without a line break.
        ("a: b<>", "a: b", ""),
        ("a: b\n<>", "", ""),
        ("<a:\r\n  b: c>\r\nd: e", "a:\n  b: c", "a:\n  b: c"),
        ("<a:\n  b:\n    c:\n      d: e\n>", "a:\n  b:\n    c:", "a:\n  b:\n    c:"),
        ("a: <\u{1b}[31m>\u{9b}", "a: ␛[31m<U+009B>", "␛[31m"),
        ("\ta: \u{202e}<日本>", "\ta: <U+202E>日本", "日本"),
    ] {
        let (text, span) = span(marked);
        let excerpt = Excerpt::of(&text, span);
        assert_eq!((&*excerpt.lines, &excerpt.lines[excerpt.marked.clone()]), (lines, part), "{marked:?}");
        assert_eq!(excerpt.has_columns, !marked.contains('\u{202e}'), "{marked:?}");
    }
}

#[test]
fn cuts_long_lines() {
    let long = "ü".repeat(MAX_LINE * 5);
    let (text, span) = span(&format!("{long}<a>{long}"));
    let excerpt = Excerpt::of(&text, span);
    assert_eq!(&excerpt.lines[excerpt.marked.clone()], "a");
    assert!(excerpt.lines.starts_with("…ü") && excerpt.lines.ends_with("ü…"), "{excerpt:?}");
    assert!(excerpt.lines.len() <= 2 * MAX_LINE + 10 && !excerpt.has_columns);
}

#[test]
fn names_missing_keys_from_the_marked_one_on() {
    for (path, marked, keys) in [
        ("spec.containers[0].securityContext.seccompProfile.type", "securityContext", "seccompProfile.type"),
        ("spec.containers[0].securityContext.seccompProfile.type", "seccompProfile", "type"),
        ("spec.containers[0].securityContext.seccompProfile.type", "\"securityContext\"", "seccompProfile.type"),
        // The mark is on an entry of the list.
        ("spec.containers[0].securityContext.runAsNonRoot", "name", "securityContext.runAsNonRoot"),
        ("spec.containers[0].securityContext.runAsNonRoot", "containers", "securityContext.runAsNonRoot"),
        ("spec.template.spec.securityContext.runAsNonRoot", "spec", "securityContext.runAsNonRoot"),
        ("metadata.name", "", "name"),
        ("", "x", ""),
    ] {
        assert_eq!(missing_keys(path, marked), keys, "{path} {marked}");
    }
}
