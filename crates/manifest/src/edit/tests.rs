//! Tables for each kind of edit: the text before and after it.

use std::fmt::Write as _;
use std::iter;

use super::*;
use crate::documents;

type Change = dyn Fn(Node<'_>) -> Option<Vec<Edit>>;

/// The text with edits applied.
fn apply(text: &str, edits: &[Edit]) -> String {
    let mut changed = text.to_owned();
    let mut end = text.len();
    for edit in edits.iter().rev() {
        assert!(edit.span.end.offset <= end, "{edits:?}");
        end = edit.span.start.offset;
        changed.replace_range(edit.span.start.offset..edit.span.end.offset, &edit.text);
    }
    changed
}

/// Asserts the result of a change of texts; `None` is no change. The result with CRLF must be the same as with LF.
fn assert_changes(change: &Change, cases: &[(&str, Option<&str>)]) {
    let mut failures = String::new();
    for (before, after) in cases {
        let with_crlf = before.contains('\n').then(|| (crlf(before), after.map(crlf)));
        for (before, after) in iter::once((before.to_string(), after.map(str::to_owned))).chain(with_crlf) {
            let documents = documents(&before);
            let tree = documents[0].content.as_ref().unwrap_or_else(|error| panic!("{before:?}: {error:?}"));
            let changed = change(tree.root()).map(|edits| apply(&before, &edits));
            if changed != after {
                writeln!(failures, "{before:?}\n  became   {changed:?}\n  expected {after:?}").unwrap();
            }
            if let Some(after) = &after {
                let results = documents_of(after);
                assert!(results.iter().all(Result::is_ok), "{after}: {results:?}");
                assert_eq!(results.len(), documents.len());
            }
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

fn documents_of(text: &str) -> Vec<Result<serde_json::Value, String>> {
    documents(text).into_iter().map(|document| document.content.map(|tree| tree.to_json()).map_err(|error| error.message)).collect()
}

#[test]
fn replaces_scalars() {
    assert_changes(
        &|node| set(node, "a.b", NewValue::Bool(false), &[]),
        &[
            ("a:\n  b: true # c\n", Some("a:\n  b: false # c\n")),
            ("a:\n  b: yes", Some("a:\n  b: false")),
            ("a: {b: true, c: 1}", Some("a: {b: false, c: 1}")),
            ("{\"a\":{\"b\":true}}", Some("{\"a\":{\"b\":false}}")),
            ("a:\n  b:\n  c: 1", Some("a:\n  b: false\n  c: 1")),
            ("a:\n  b: # c\n", Some("a:\n  b: false # c\n")),
            ("a:\n  b: ~", Some("a:\n  b: false")),
            ("a: {b: , c: d}", Some("a: {b: false , c: d}")),
            ("a: {b: }", Some("a: {b: false }")),
            ("a: {b}", None),
            ("a:\n  b:\n    true\n", Some("a:\n  b:\n    false\n")),
            ("a:\n  ? b\n  : true\n", Some("a:\n  ? b\n  : false\n")),
            ("a:\n  ? b\n", None),
            ("a:\n  'b' : on\n", Some("a:\n  'b' : false\n")),
            ("a:\n  b: !!bool true\n", None),
            ("a:\n  b: &x true\n", Some("a:\n  b: &x false\n")),
            ("a:\n  b: &x true\nc: *x\n", None),
            ("c: &x true\na:\n  b: *x\n", Some("c: &x true\na:\n  b: false\n")),
            ("a: &x\n  b: true\nc: *x\n", None),
            ("x: &x {b: true}\na:\n  <<: *x\n", None),
            ("x: &x {b: true}\na: *x\n", None),
            ("x: &x {b: true}\na:\n  <<: *x\n  b: true\n", Some("x: &x {b: true}\na:\n  <<: *x\n  b: false\n")),
            ("x: &x {b: true}\na:\n  b: true\n  <<: *x\n", None),
            ("a:\n  b: false\n  b: true\n", Some("a:\n  b: false\n  b: false\n")),
            ("a:\n  b: [true]", None),
            ("# 😀\na:\n  b: true # 😀\n", Some("# 😀\na:\n  b: false # 😀\n")),
            ("a:\n  b: true\n  c: \"\u{2028}\"\n", None),
            ("{\"a\": {\"b\": true, \"c\": \"\n\"}} {}", None),
            ("b: true", Some("b: true\na:\n  b: false")),
        ],
    );
    assert_changes(
        &|node| set(node, "a", NewValue::Text("New"), &[]),
        &[
            ("a: Old", Some("a: New")),
            ("a: 'Old'", Some("a: 'New'")),
            ("a: \"Old\" # c", Some("a: \"New\" # c")),
            ("{\"a\": null}", Some("{\"a\": \"New\"}")),
            ("{a: null}", Some("{a: New}")),
            ("a: |\n  Old\n", None),
            ("a: Old\n  and older\nb: c", Some("a: New\nb: c")),
            ("a:\t\tOld\n", Some("a:\t\tNew\n")),
            ("\u{feff}a: Old", Some("\u{feff}a: New")),
        ],
    );
}

#[test]
fn inserts_missing_fields_into_blocks() {
    assert_changes(
        &|node| set(node, "a.b.c", NewValue::Bool(true), &[]),
        &[
            // The new entry is the last.
            ("a:\n  b:\n    d: 1\ne: 2\n", Some("a:\n  b:\n    d: 1\n    c: true\ne: 2\n")),
            ("a:\n  b:\n    d: 1", Some("a:\n  b:\n    d: 1\n    c: true")),
            ("a:\n    b:\n          d: 1 # d\n", Some("a:\n    b:\n          d: 1 # d\n          c: true\n")),
            ("a:\n  b:\n    d:\n    - 1\n  # e\n", Some("a:\n  b:\n    d:\n    - 1\n    c: true\n  # e\n")),
            ("a:\n  b:\n    d: 1\n    # d\n\n    # e\n", Some("a:\n  b:\n    d: 1\n    # d\n    c: true\n\n    # e\n")),
            ("a:\n  b:\n    d: |\n      # no comment\n\n  # c\n", Some("a:\n  b:\n    d: |\n      # no comment\n    c: true\n\n  # c\n")),
            ("a:\n  b:\n    d: |+\n      x\n\n", None),
            ("a:\n  b:\n    d: |+\n      x\n", Some("a:\n  b:\n    d: |+\n      x\n    c: true\n")),
            ("a:\n  b:\n    d: \"x\n # no comment\"\n", Some("a:\n  b:\n    d: \"x\n # no comment\"\n    c: true\n")),
            ("a:\n  b:\n    d:\n", Some("a:\n  b:\n    d:\n    c: true\n")),
            ("a:\n  b:\n    ? d\n", Some("a:\n  b:\n    ? d\n\n    c: true")),
            ("a:\n  b:\n    ? d\n    : e\n", Some("a:\n  b:\n    ? d\n    : e\n    c: true\n")),
            ("---\na:\n  b:\n    d: 1\n---\n", Some("---\na:\n  b:\n    d: 1\n    c: true\n---\n")),
            ("a:\n  b:\n    d: 1\n...\n", Some("a:\n  b:\n    d: 1\n    c: true\n...\n")),
            ("a:\n  b: &x\n    d: 1\n", Some("a:\n  b: &x\n    d: 1\n    c: true\n")),
            ("a:\n  b:\n    d: &x 1\ne: *x\n", Some("a:\n  b:\n    d: &x 1\n    c: true\ne: *x\n")),
            ("x: &x {d: 1}\na:\n  b:\n    <<: *x\n", Some("x: &x {d: 1}\na:\n  b:\n    <<: *x\n    c: true\n")),
            ("a:\n  b: !!map\n    d: 1\n", Some("a:\n  b: !!map\n    d: 1\n    c: true\n")),
            // Missing parents are inserted.
            ("a:\n  d: 1\n", Some("a:\n  d: 1\n  b:\n    c: true\n")),
            ("a:\n   d: 1\n", Some("a:\n   d: 1\n   b:\n      c: true\n")),
            ("d:\n    e: 1\na:\n    d: {}\n", Some("d:\n    e: 1\na:\n    d: {}\n    b:\n        c: true\n")),
            ("d: 1", Some("d: 1\na:\n  b:\n    c: true")),
            // Empty values are replaced.
            ("a:\n  b:\n  d: 1", Some("a:\n  b:\n    c: true\n  d: 1")),
            ("a:\n  b:  # c\n  d: 1", Some("a:\n  b:  # c\n    c: true\n  d: 1")),
            ("a:\n  b:\n    # c\n  d: 1", Some("a:\n  b:\n    c: true\n    # c\n  d: 1")),
            ("a:\n  b: ~\n", Some("a:\n  b:\n    c: true\n")),
            ("a:\n  b: {} # c\n", Some("a:\n  b: # c\n    c: true\n")),
            ("a:\n  b: null", Some("a:\n  b:\n    c: true")),
            ("a: { }  \nd: 1\n", Some("a:\n  b:\n    c: true\nd: 1\n")),
            ("a:\n  b:\n    {}\n", Some("a:\n  b:\n    c: true\n")),
            ("a:\n\n   ~\nd: 1\n", Some("a:\n\n   b:\n     c: true\nd: 1\n")),
            ("a:\n  b:\n    {} # c\n", Some("a:\n  b:\n    {c: true} # c\n")),
            ("a:\n  b: # c\n    {}\n", Some("a:\n  b: # c\n    {c: true}\n")),
            ("a:\n  b: &x\nd: *x\n", None),
            ("a:\n  b: &x\n", None),
            ("a:\n  b: &x ~\n", Some("a:\n  b: &x {c: true}\n")),
            ("a:\n  b: !!null ~\n", None),
            ("a:\n  b: {\n  # c\n  }\n", None),
            ("a:\n  b: d\n", None),
            ("a:\n  b: [d]\n", None),
        ],
    );
    assert_changes(
        &|node| set(node, "l[1].a.b", NewValue::Text("x"), &[]),
        &[
            ("l:\n- 1\n- c: 1\n- 2\n", Some("l:\n- 1\n- c: 1\n  a:\n    b: x\n- 2\n")),
            ("l:\n  -   1\n  -   c: 1\n", Some("l:\n  -   1\n  -   c: 1\n      a:\n        b: x\n")),
            ("l:\n- 1\n- a:\n", Some("l:\n- 1\n- a:\n    b: x\n")),
            ("l:\n- 1\n- {}\n", Some("l:\n- 1\n- {a: {b: x}}\n")),
            ("l:\n- 1\n- \n", None),
            ("l:\n- 1\n", None),
            ("l: [1, c: 1]\n", None),
            ("l: [1,\n  c: 1\n]\n", None),
        ],
    );
}

#[test]
fn inserts_entries_before_others() {
    assert_changes(
        &|node| set(node, "a.b.c", NewValue::Bool(true), &["l", "m"]),
        &[
            ("a:\n  d: 1\n  l: []\n", Some("a:\n  d: 1\n  b:\n    c: true\n  l: []\n")),
            ("a:\n  m: 1\n  d: 1\n  l: []\n", Some("a:\n  b:\n    c: true\n  m: 1\n  d: 1\n  l: []\n")),
            ("a:\n  # l\n\n  # m\n  # m\n  l: []\n", Some("a:\n  # l\n\n  b:\n    c: true\n  # m\n  # m\n  l: []\n")),
            ("a:\n  d: 'x\n  # no comment\n  '\n  l: []\n", Some("a:\n  d: 'x\n  # no comment\n  '\n  b:\n    c: true\n  l: []\n")),
            ("a: {l: []}", Some("a: {l: [], b: {c: true}}")),
            ("a:\n  b: {d: 1}\n  l: []", Some("a:\n  b: {d: 1, c: true}\n  l: []")),
        ],
    );
}

#[test]
fn inserts_missing_fields_into_flow_collections() {
    assert_changes(
        &|node| set(node, "a.b.c", NewValue::List("X"), &[]),
        &[
            ("a: {b: {d: 1}}", Some("a: {b: {d: 1, c: [\"X\"]}}")),
            ("a: { b: { d: 1 } }", Some("a: { b: { d: 1, c: [\"X\"] } }")),
            ("a: {b: {d: 1,}}", Some("a: {b: {d: 1, c: [\"X\"]}}")),
            ("a: {b: {}}", Some("a: {b: {c: [\"X\"]}}")),
            ("a: {b: , d: 1}", Some("a: {b: {c: [\"X\"]} , d: 1}")),
            ("a: {b, d: 1}", None),
            ("a: {b: ~}", Some("a: {b: {c: [\"X\"]}}")),
            ("a: {d: 1}", Some("a: {d: 1, b: {c: [\"X\"]}}")),
            ("a: {d}", Some("a: {d, b: {c: [\"X\"]}}")),
            ("a: {d: }", Some("a: {d: , b: {c: [\"X\"]}}")),
            ("a: {b: {d: 1 # d, e}\n }}", Some("a: {b: {d: 1, c: [\"X\"] # d, e}\n }}")),
            ("a: {\n  d: 1 # d,\n  }", Some("a: {\n  d: 1, # d,\n  b: {c: [\"X\"]}\n  }")),
            ("a: {\n  d: 1, # d\n  }", Some("a: {\n  d: 1, # d\n  b: {c: [\"X\"]},\n  }")),
            ("a: {\n  d: 1\n  }", Some("a: {\n  d: 1,\n  b: {c: [\"X\"]}\n  }")),
            ("a: {\n  d: 1 }", Some("a: {\n  d: 1,\n  b: {c: [\"X\"]} }")),
            ("x: &x {d: 1}\na: {<<: *x}", Some("x: &x {d: 1}\na: {<<: *x, b: {c: [\"X\"]}}")),
            ("x: &x {d: 1}\na: {b: *x}", None),
            ("{\"a\":{\"d\":1}}", Some("{\"a\":{\"d\":1,\"b\":{\"c\":[\"X\"]}}}")),
            ("{\"a\": {\"d\": 1}}", Some("{\"a\": {\"d\": 1, \"b\": {\"c\": [\"X\"]}}}")),
            ("{\"a\":{}}", Some("{\"a\":{\"b\":{\"c\":[\"X\"]}}}")),
            ("{\"a\": null}", Some("{\"a\": {\"b\": {\"c\": [\"X\"]}}}")),
            (
                "{\n  \"a\": {\n    \"d\": 1\n  }\n}\n",
                Some("{\n  \"a\": {\n    \"d\": 1,\n    \"b\": {\n      \"c\": [\n        \"X\"\n      ]\n    }\n  }\n}\n"),
            ),
            (
                "{\n\t\"a\": {\n\t\t\"b\": {}\n\t}\n}\n",
                Some("{\n\t\"a\": {\n\t\t\"b\": {\n\t\t\t\"c\": [\n\t\t\t\t\"X\"\n\t\t\t]\n\t\t}\n\t}\n}\n"),
            ),
            ("{\n  \"a\": null\n}", Some("{\n  \"a\": {\n    \"b\": {\n      \"c\": [\n        \"X\"\n      ]\n    }\n  }\n}")),
        ],
    );
}

#[test]
fn appends_to_lists() {
    assert_changes(
        &|node| append(node, "a.l", "X"),
        &[
            ("a:\n  l:\n  - A\n  b: 1\n", Some("a:\n  l:\n  - A\n  - X\n  b: 1\n")),
            ("a:\n  l:\n    - A # a\n    - 'B' # b\n  b: 1\n", Some("a:\n  l:\n    - A # a\n    - 'B' # b\n    - 'X'\n  b: 1\n")),
            ("a:\n  l:\n    - \"A\"", Some("a:\n  l:\n    - \"A\"\n    - \"X\"")),
            ("a:\n  l:\n  - A\n  # b\n  b: 1\n", Some("a:\n  l:\n  - A\n  - X\n  # b\n  b: 1\n")),
            ("a:\n  l:\n  - A\n    # a\n  b: 1\n", Some("a:\n  l:\n  - A\n    # a\n  - X\n  b: 1\n")),
            ("a:\n  l:\n  -\n", Some("a:\n  l:\n  -\n  - X\n")),
            ("a:\n  l: [A]\n", Some("a:\n  l: [A, X]\n")),
            ("a:\n  l: ['A', \"B\"] # c\n", Some("a:\n  l: ['A', \"B\", \"X\"] # c\n")),
            ("a:\n  l: [ A, ]\n", Some("a:\n  l: [ A, X ]\n")),
            ("a:\n  l: []\n", Some("a:\n  l: [\"X\"]\n")),
            ("a:\n  l: [ # c\n  ]\n", Some("a:\n  l: [\"X\" # c\n  ]\n")),
            ("a:\n  l:\n  b: 1\n", Some("a:\n  l: [\"X\"]\n  b: 1\n")),
            ("a:\n  l: ~ # c\n", Some("a:\n  l: [\"X\"] # c\n")),
            ("a:\n  b: 1\n", Some("a:\n  b: 1\n  l: [\"X\"]\n")),
            ("a:\n  k:\n    - A\n  b: 1\n", Some("a:\n  k:\n    - A\n  b: 1\n  l:\n    - X\n")),
            ("a:\n  k:\n  - 'A'\n", Some("a:\n  k:\n  - 'A'\n  l:\n  - 'X'\n")),
            ("a:\n  l: &x [A]\nb: *x\n", None),
            ("b: &x [A]\na:\n  l: *x\n", None),
            ("b: &x A\na:\n  l: [*x]\n", Some("b: &x A\na:\n  l: [*x, X]\n")),
            ("a:\n  l:\n  - - A\n", Some("a:\n  l:\n  - - A\n  - X\n")),
            ("a: {l: [\n  A, # a\n  B # b\n]}\n", Some("a: {l: [\n  A, # a\n  B, # b\n  X\n]}\n")),
            ("{\"a\":{\"l\":[\"A\",\"B\"]}}", Some("{\"a\":{\"l\":[\"A\",\"B\",\"X\"]}}")),
            ("{\"a\": {\"l\": [\n  \"A\"\n]}}", Some("{\"a\": {\"l\": [\n  \"A\",\n  \"X\"\n]}}")),
            ("a:\n  l: A\n", None),
            ("a:\n  l: [!!str ]\n", None),
            ("a:\n  l: [!!str A, '!']\n", Some("a:\n  l: [!!str A, '!', 'X']\n")),
        ],
    );
    assert_changes(&|node| append(node, "[0]", "X"), &[("- - A\n  - B\n- C\n", Some("- - A\n  - B\n  - X\n- C\n"))]);
}

/// `[a: 1]` is a list of a mapping without its own brackets, which may end with those of a value.
#[test]
fn does_not_edit_mappings_without_their_own_brackets() {
    let add = |node: Node<'_>| set(node, "a[0].c", NewValue::Bool(true), &[]);
    assert_changes(&add, &[("a: [b: {d: 1}]", None), ("a: [b: 1]", None), ("a: [{b: 1}]", Some("a: [{b: 1, c: true}]"))]);
    let take = |node: Node<'_>| remove(node, "a[0].b.c[0]", "a[0]");
    assert_changes(&take, &[("a: [b: {c: [1]}]", None), ("a: [{b: {c: [1]}}]", Some("a: [{}]"))]);
}

#[test]
fn removes_entries_with_their_lines() {
    assert_changes(
        &|node| remove(node, "l[0].b", "l[0]"),
        &[
            ("l:\n- a: 1\n  b: 2 # b\n  c: 3\n", Some("l:\n- a: 1\n  c: 3\n")),
            ("l:\n- b: 2 # b\n  c: 3\n", Some("l:\n- c: 3\n")),
            ("l:\n- b: 2\n  # c\n  c: 3\n", None),
            ("l:\n- b:\n    # two\n    2\n  c: 3\n", None),
            ("l:\n-\n  b: 2\n  # c\n  c: 3\n", Some("l:\n-\n  # c\n  c: 3\n")),
            ("l:\n- a: 1\n  b:\n    # two\n    2\n  c: 3\n", Some("l:\n- a: 1\n  c: 3\n")),
            ("l:\n- a: 1\n  b: 2", Some("l:\n- a: 1\n")),
            ("l:\n- b: 2\n", None),
            ("l:\n- {b: 2}\n", Some("l:\n- {}\n")),
            ("l:\n- {a: 1, b: 2}\n", Some("l:\n- {a: 1}\n")),
            ("l:\n- {b: 2, c: 3}\n", Some("l:\n- {c: 3}\n")),
            ("l:\n- {a: 1, b: 2, c: 3}\n", Some("l:\n- {a: 1, c: 3}\n")),
            ("l:\n- {a: 1, b: 2, }\n", Some("l:\n- {a: 1, }\n")),
            ("l: [{\n  a: 1, # a\n  b: 2 # b\n}]\n", Some("l: [{\n  a: 1, # a\n}]\n")),
            ("l: [{\n  b: 2, # b\n  c: 3\n}]\n", Some("l: [{\n  c: 3\n}]\n")),
            ("l: [{a: 1, !!str b: 2}]\n", None),
            ("l: [{a: 1, ? b : 2}]\n", None),
            ("l: [{a: 1, b: !!int 2, c: 3}]\n", Some("l: [{a: 1, c: 3}]\n")),
            ("l: [{a: 1, b: 2, &x c: 3}]\n", Some("l: [{a: 1, &x c: 3}]\n")),
            ("l:\n- a: 1\n  b: 1\n  b: 2\n", None),
            ("x: &x {b: 1}\nl:\n- a: 1\n  <<: *x\n  b: 2\n", None),
            ("l:\n- a: 1\n  b: &x 2\n- *x\n", None),
            ("x: &x 2\nl:\n- a: 1\n  b: *x\n", Some("x: &x 2\nl:\n- a: 1\n")),
            ("l:\n- &x\n  a: 1\n  b: 2\n- *x\n", None),
            ("l:\n- a: 1\n  ? b\n  : 2\n", None),
            ("l:\n- a: 1\n  b: 'x\n\n    # y'\n", None),
            // What follows a block scalar must not become part of it.
            ("l:\n- a: |\n    x\n  b:\n    # two\n    2\n  c: 3\n", Some("l:\n- a: |\n    x\n  c: 3\n")),
            ("l:\n- a: |\n    x\n  b: 2\n    # two\n  c: 3\n", None),
            ("l:\n- a: |\n    x\n  b: 2\n  # c\n    # d\n  c: 3\n", Some("l:\n- a: |\n    x\n  # c\n    # d\n  c: 3\n")),
            ("l:\n- a: >\n    x\n  b: 2\n\n  c: 3\n", Some("l:\n- a: >\n    x\n\n  c: 3\n")),
            ("l:\n- a: |2\n    x\n  b: 2\n   # c\n  c: 3\n", None),
            ("l:\n- a: |+\n    x\n  b: 2\n\n  c: 3\n", None),
            ("l:\n- a: |+\n    x\n  b: 2\n  c: 3\n", Some("l:\n- a: |+\n    x\n  c: 3\n")),
            ("{\"l\":[{\"a\":1,\"b\":2}]}", Some("{\"l\":[{\"a\":1}]}")),
            ("{\"l\":[{\"b\":2,\"c\":3}]}", Some("{\"l\":[{\"c\":3}]}")),
            ("{\"l\": [\n  {\n    \"a\": 1,\n    \"b\": 2\n  }\n]}", Some("{\"l\": [\n  {\n    \"a\": 1\n  }\n]}")),
            ("{\"l\": [\n  {\n    \"b\": 2,\n    \"c\": 3\n  }\n]}", Some("{\"l\": [\n  {\n    \"c\": 3\n  }\n]}")),
        ],
    );
}

#[test]
fn removes_the_comments_of_removed_lines_only() {
    // A field at the end of its mapping, and one before another.
    assert_changes(
        &|node| remove(node, "l[0].b", "l[0]"),
        &[
            ("l:\n- a: 1\n  # b\n  b: 2\n", Some("l:\n- a: 1\n")),
            ("l:\n- a: 1\n  # b\n  # and more\n  b: 2 # two\n- c\n", Some("l:\n- a: 1\n- c\n")),
            ("l:\n- a: 1\n  # b\n  b: 2\n  c: 3\n", Some("l:\n- a: 1\n  c: 3\n")),
            ("l:\n-\n  a: 1\n  # b\n\n  # c\n  b: 2\n", Some("l:\n-\n  a: 1\n  # b\n\n")),
            // Another indentation, an empty line between, and a comment below.
            ("l:\n- a: 1\n    # b\n  b: 2\n", Some("l:\n- a: 1\n    # b\n")),
            ("l:\n- a: 1\n# b\n  b: 2\n", Some("l:\n- a: 1\n# b\n")),
            ("l:\n- a: 1\n  # b\n\n  b: 2\n", Some("l:\n- a: 1\n  # b\n\n")),
            ("l:\n- a: 1\n  b: 2\n  # c\n", Some("l:\n- a: 1\n  # c\n")),
            ("l:\n- a: 1\n  b: 2\n    # c\n\n# d\n", Some("l:\n- a: 1\n    # c\n\n# d\n")),
            // The comment above the first of several siblings describes them all, unless it names only the removed one.
            ("l:\n-\n  # both\n  b: 2\n  c: 3\n", Some("l:\n-\n  # both\n  c: 3\n")),
            ("l:\n-\n  # b, for x\n  b: 2\n  d: 3\n", Some("l:\n-\n  d: 3\n")),
            ("l:\n-\n  # b, d\n  b: 2\n  d: 3\n", Some("l:\n-\n  # b, d\n  d: 3\n")),
            ("l:\n-\n  # x\n  b: 2\n\n  c: 3\n", Some("l:\n-\n\n  c: 3\n")),
            ("l:\n-\n  # x\n  b: 2\n  # y\n  c: 3\n", Some("l:\n-\n  # y\n  c: 3\n")),
            // The comment above a dash describes the element.
            ("l:\n# l\n- b: 2\n  c: 3\n", Some("l:\n# l\n- c: 3\n")),
            // Comments between the lines of the field.
            ("l:\n- a: 1\n  b:\n    # 2\n    - 2\n\n    # 3\n    - 3\n  c: 3\n", Some("l:\n- a: 1\n  c: 3\n")),
            ("l:\n- a: 1\n  b:\n  # 2\n  - 2\n# 3\n  - 3\n  c: 3\n", Some("l:\n- a: 1\n# 3\n  c: 3\n")),
            ("l:\n- a: \"x\n  # no comment\"\n  b: 2\n", Some("l:\n- a: \"x\n  # no comment\"\n")),
            ("l: [{\n  a: 1,\n  # b\n  b: 2\n}]\n", Some("l: [{\n  a: 1,\n}]\n")),
        ],
    );
    // An element, and the lists and mappings that contain nothing else.
    assert_changes(
        &|node| remove(node, "a.b.l[0]", "a"),
        &[
            ("a:\n  b:\n    l:\n    # A\n    - A\n", Some("a: {}\n")),
            ("a:\n  c: 1\n  # b\n  b:\n    # l\n    l: # l\n    # A\n    - A # A\n    # after\n", Some("a:\n  c: 1\n    # after\n")),
            ("a:\n  c: 1\n  b:\n    # l\n\n    l:\n    - A\n", Some("a:\n  c: 1\n  b: {}\n    # l\n\n")),
            ("a:\n  c: 1\n  b:\n    l:\n    # l\n\n    - A\n", Some("a:\n  c: 1\n  b:\n    l: []\n    # l\n\n")),
            ("a:\n  b:\n    l:\n    # both\n    - A\n    - B\n", Some("a:\n  b:\n    l:\n    # both\n    - B\n")),
            ("a:\n  b:\n    l:\n    # A for x\n    - 'A'\n    - 'B'\n", Some("a:\n  b:\n    l:\n    - 'B'\n")),
            ("a:\n  b:\n    l:\n    # for x\n    - A\n    # for y\n    - B\n", Some("a:\n  b:\n    l:\n    # for y\n    - B\n")),
            ("a:\n  b:\n    l:\n    # for x\n    - A\n\n    - B\n", Some("a:\n  b:\n    l:\n\n    - B\n")),
        ],
    );
}

#[test]
fn removes_elements_and_empty_lists() {
    assert_changes(
        &|node| remove(node, "a.b.l[1]", "a"),
        &[
            ("a:\n  b:\n    l:\n    - A # a\n    - B # b\n    - C\n", Some("a:\n  b:\n    l:\n    - A # a\n    - C\n")),
            ("a:\n  b:\n    l: [A, B, C]\n", Some("a:\n  b:\n    l: [A, C]\n")),
            ("a:\n  b:\n    l: [A, B]\n", Some("a:\n  b:\n    l: [A]\n")),
            ("a:\n  b:\n    l: [A,\n        B]\n", Some("a:\n  b:\n    l: [A]\n")),
            ("a:\n  b:\n    l: [A, # a\n        B]\n", None),
            ("a:\n  b:\n    l: [A, &x ]\n", None),
            ("a:\n  b:\n    l: [A, !!str ]\n", None),
            ("a:\n  b:\n    l: [A, &x , C]\n", None),
            ("a:\n  b:\n    l:\n    - A\n    - &x B\n", None),
            ("a:\n  b:\n    l:\n    - A\n    -\n      B\n", None),
        ],
    );
    assert_changes(
        &|node| remove(node, "a.b.l[0]", "a"),
        &[
            ("a:\n  b:\n    l:\n    - A\n    - B\n", Some("a:\n  b:\n    l:\n    - B\n")),
            ("a:\n  b:\n    l:\n    # a\n    - A\n    c: 1\n", Some("a:\n  b:\n    c: 1\n")),
            ("a:\n  b:\n    l: [A] # l\n    c: 1\n", Some("a:\n  b:\n    c: 1\n")),
            ("a:\n  b:\n    l: [A]\n  c: 1\n", Some("a:\n  c: 1\n")),
            ("a:\n  b: # b\n    l: [A]\n  c: 1\n", Some("a:\n  c: 1\n")),
            ("a:\n  b:\n    # l\n    l: [A]\n  c: 1\n", Some("a:\n  c: 1\n")),
            ("a:\n  b:\n    l: [A]\n", Some("a: {}\n")),
            ("a: {b: {l: [A]}, c: 1}\n", Some("a: {c: 1}\n")),
            ("a: {b: {l: [A], c: 1}}\n", Some("a: {b: {c: 1}}\n")),
            ("a: {b: {\n  l: [A], # l\n  # m: [B]\n  }, c: 1}\n", Some("a: {b: {\n  # m: [B]\n  }, c: 1}\n")),
            ("a: {b: {\n  l: [A] # l\n  }, c: 1}\n", Some("a: {c: 1}\n")),
            ("a: {b: {l: [\n  # a\n  A,\n  ]}}\n", Some("a: {}\n")),
            ("a: {b: {l: [\n  A, # a\n  # B\n  ]}}\n", Some("a: {b: {l: [\n  # B\n  ]}}\n")),
            ("a: {b: {l: [ # l\n  A\n  ]}}\n", Some("a: {}\n")),
            ("{\"a\": {\"b\": {\"l\": [\"A\"]}}}", Some("{\"a\": {}}")),
            ("a:\n  b:\n    l: [A]\n    <<: {c: 1}\n", Some("a:\n  b:\n    <<: {c: 1}\n")),
            ("a:\n  b:\n    <<: {l: [A]}\n", None),
        ],
    );
    assert_changes(
        &|node| remove(node, "l[0].b.c", ""),
        &[
            // An empty element would remain in the list.
            ("l:\n- { # l\n    b: {c: 1}\n  }\n- x\n", None),
            ("l:\n- {b: {c: 1}}\n- x\n", Some("l:\n- x\n")),
        ],
    );
}

#[test]
fn renames_keys() {
    assert_changes(
        &|node| rename(node.get("a")?.value, "b", "c"),
        &[
            ("a:\n  b: 1 # c\n", Some("a:\n  c: 1 # c\n")),
            ("a: {'b': 1}", Some("a: {'c': 1}")),
            ("{\"a\":{\"b\":1}}", Some("{\"a\":{\"c\":1}}")),
            ("a:\n  ? b\n  : 1\n", Some("a:\n  ? c\n  : 1\n")),
            ("a:\n  b: 1\n  c: 2\n", None),
            ("a:\n  !!str b: 1\n", None),
            ("a: &x\n  b: 1\nd: *x\n", None),
            ("x: &x {b: 1}\na:\n  <<: *x\n", None),
            ("a:\n  b: 1\n  b: 2\n", None),
        ],
    );
}

#[test]
fn changes_the_type_of_values() {
    assert_changes(
        &|node| quote(node.get("a")?.value),
        &[
            ("a: 1 # c\n", Some("a: \"1\" # c\n")),
            ("a:\n  yes\n", Some("a:\n  \"yes\"\n")),
            ("{\"a\":1}", Some("{\"a\":\"1\"}")),
            ("a: b\n", None),
            ("a: &x 1\n", None),
            ("a: !!int 1\n", None),
            ("x: &x 1\na: *x\n", None),
            ("a: [1]\n", None),
        ],
    );
    assert_changes(
        &|node| unquote(node.get("a")?.value),
        &[
            ("a: '1' # c\n", Some("a: 1 # c\n")),
            ("a: \"-20\"\n", Some("a: -20\n")),
            ("a: \"0644\"\n", Some("a: 0644\n")),
            ("{\"a\":\"0644\"}", None),
            ("a: \"080\"\n", None),
            ("a: \"\"\n", None),
            ("a: \"\\x31\"\n", None),
            ("a: !!str 1\n", None),
        ],
    );
    assert_changes(
        &|node| enclose(node.get("a")?.value, false),
        &[
            ("a: b # c\n", Some("a: [b] # c\n")),
            ("a: b, c\n", Some("a: [\"b, c\"]\n")),
            ("a: 'b, c'\n", Some("a: ['b, c']\n")),
            ("a: 1\n", Some("a: [1]\n")),
            ("a: |\n  b\n", None),
            ("a: b\n  c\n", None),
            ("a: {b: c}\n", Some("a: [{b: c}]\n")),
            ("a:\n  b: |\n    x\n\n    y\n  c:\n  - d\n", Some("a:\n  - b: |\n      x\n\n      y\n    c:\n    - d\n")),
            ("{\"a\": \"b\"}", Some("{\"a\": [\"b\"]}")),
        ],
    );
    assert_changes(
        &|node| disclose(node.get("a")?.value),
        &[
            ("a:\n- b: 1\n  c: 2\n", Some("a:\n  b: 1\n  c: 2\n")),
            ("a:\n  -   b: 1\n", Some("a:\n      b: 1\n")),
            ("a: [ {b: 1} ] # c\n", Some("a: {b: 1} # c\n")),
            ("a: [b: 1]\n", None),
            ("a: [\n  # c\n  {b: 1}]\n", None),
            ("a:\n- b: 1\n- c: 1\n", None),
            ("a:\n- b\n", None),
        ],
    );
}

#[test]
fn moves_entries() {
    let to = |targets: &'static [&'static str]| {
        move |node: Node<'_>| relocate(node, "a.b", &targets.iter().map(|target| (*target).to_owned()).collect::<Vec<_>>(), &["z"])
    };
    assert_changes(
        &to(&["c.b"]),
        &[
            ("a:\n  b: 1 # c\n  d: 2\nc:\n    e: 3\n", Some("a:\n  d: 2\nc:\n    e: 3\n    b: 1 # c\n")),
            ("a:\n  b:\n    - x: 1\n      y: 2\n  d: 2\nz: 1\n", Some("a:\n  d: 2\nc:\n  b:\n    - x: 1\n      y: 2\nz: 1\n")),
            ("a:\n  b:\n  - x\n  d: 2\nc: {}\n", None),
            ("a: {b: [1], d: 2}\nc: {e: 1}\n", Some("a: {d: 2}\nc: {e: 1, b: [1]}\n")),
            ("{\"a\":{\"b\":[1],\"d\":2},\"c\":{\"e\":1}}", Some("{\"a\":{\"d\":2},\"c\":{\"e\":1,\"b\":[1]}}")),
            ("a:\n  b:\n  - x\n  d: 2\nc: {e: 1}\n", None),
            ("a:\n  b: x, y\n  d: 2\nc: {e: 1}\n", None),
            ("a:\n  b:\n    # c\n    x: 1\n  d: 2\nc:\n  e: 1\n", None),
            ("a:\n  b: |\n    x\n  d: 2\nc:\n  e: 1\n", None),
            ("a:\n  b: 1\nc: {b: 2}\n", None),
        ],
    );
    assert_changes(
        &to(&["c[0].b", "c[1].b"]),
        &[
            ("a:\n  b:\n    x: 1\nc:\n- {d: 1}\n- d: 1\n", None),
            ("a:\n  b: {x: 1}\nc:\n- {d: 1}\n- d: 1\n", Some("c:\n- {d: 1, b: {x: 1}}\n- d: 1\n  b: {x: 1}\n")),
        ],
    );
    assert_changes(
        &to(&["a.c.b"]),
        &[
            ("a:\n  b:\n  - x\n  - y\n", Some("a:\n  c:\n    b:\n    - x\n    - y\n")),
            ("a: {b: 1}\n", Some("a: {c: {b: 1}}\n")),
            ("a:\n  c:\n    d: 1\n  b: 1\n", Some("a:\n  c:\n    d: 1\n    b: 1\n")),
        ],
    );
}
