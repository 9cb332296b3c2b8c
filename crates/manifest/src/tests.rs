//! Tables for each rule of the parser.

use super::*;
use serde_json::{Value, json};

fn parse(text: &str) -> Vec<Result<Value, String>> {
    documents(text).into_iter().map(|document| document.content.map(|tree| tree.to_json()).map_err(|error| error.message)).collect()
}

fn parse_one(text: &str) -> Result<Value, String> {
    let mut results = parse(text);
    assert_eq!(results.len(), 1, "{text:?}");
    results.remove(0)
}

fn assert_values(cases: &[(&str, Value)]) {
    for (text, expected) in cases {
        assert_eq!(parse_one(text).as_ref(), Ok(expected), "{text:?}");
    }
}

fn assert_fails(cases: &[(&str, &str, &str)]) {
    for (text, message, at) in cases {
        let documents = documents(text);
        let [Document { content: Err(error), .. }] = documents.as_slice() else { panic!("{text:?}: {documents:?}") };
        assert!(error.message.contains(message), "{text:?}: {}", error.message);
        assert_eq!(error.span.slice(text), *at, "{text:?}: {}", error.message);
    }
}

#[test]
fn resolves_scalars_of_yaml_1_1() {
    for (words, value) in [
        ("y Y yes Yes YES true True TRUE on On ON", json!(true)),
        ("n N no No NO false False FALSE off Off OFF", json!(false)),
        ("~ null Null NULL", Value::Null),
        ("10 +10 0b1010 0xA 0XA 012 0o12 0O12 1_0 1__0 10. 10.0 1e1 1E+1 100e-1 0b+1010", json!(10)),
        ("-10 -0b1010 -0xA -012 -1_0 -10. 0b-1010", json!(-10)),
        ("1.5 +1.5 15e-1 1_.5 .15e1", json!(1.5)),
        ("9223372036854775808 0x8000000000000000 0b1000000000000000000000000000000000000000000000000000000000000000", json!(1_u64 << 63)),
        ("-9223372036854775808 -0x8000000000000000", json!(i64::MIN)),
        ("1e20", json!(1e20)),
    ] {
        for word in words.split(' ') {
            assert_values(&[(&format!("v: {word}"), json!({ "v": value })), (&format!("- {word} # c\n"), json!([value]))]);
        }
    }
    for word in [
        "yEs",
        "nUll",
        "tRue",
        "1:30",
        "190:20:30",
        "2001-01-01",
        "2001-12-14t21:59:43.10-05:00",
        "=",
        "<<",
        "1,000",
        "1e400",
        "0o8",
        "0b2",
        "0x",
        "0xg",
        "1e",
        "1.2.3",
        "_1",
        ".",
        "+",
        "-x",
        ".5_",
        "1e3x",
        "infinity",
        "nan",
        ".e3",
        "0x1p3",
        "0xfffffffffffffffff",
        "+9223372036854775808x",
    ] {
        assert_values(&[(&format!("v: {word}"), json!({ "v": word }))]);
    }
    assert_values(&[
        ("v:", json!({ "v": null })),
        ("v: -0.0", json!({ "v": -0.0 })),
        ("v: 08", json!({ "v": 8 })),
        ("v: .51_000", json!({ "v": 0.51 })),
        ("v: +9223372036854775808", json!({ "v": 9_223_372_036_854_775_808_f64.to_string().parse::<u64>().unwrap() })),
    ]);
    assert_fails(&[
        ("v: .inf", "JSON has no inf", ".inf"),
        ("- -.INF", "JSON has no -inf", "-.INF"),
        ("[1, .nan]", "JSON has no NaN", ".nan"),
    ]);
}

#[test]
fn applies_or_rejects_tags() {
    assert_values(&[
        ("v: !!str yes", json!({ "v": "yes" })),
        ("v: !!str", json!({ "v": "" })),
        ("v: ! yes", json!({ "v": "yes" })),
        ("v: !", json!({ "v": "" })),
        ("v: !custom 1", json!({ "v": "1" })),
        ("v: !<tag:yaml.org,2002:int> \"7\"", json!({ "v": 7 })),
        ("v: !!%69nt \"7\"", json!({ "v": 7 })),
        ("v: !!bool \"yes\"", json!({ "v": true })),
        ("v: !!float 3", json!({ "v": 3 })),
        ("v: !!null ''", json!({ "v": null })),
        ("v: !!timestamp 2001-2-28", json!({ "v": "2001-2-28" })),
        ("v: !!timestamp 2001-02-28 1:2:3.5", json!({ "v": "2001-02-28 1:2:3.5" })),
        ("v: !!timestamp 2001-02-28T01:02:03Z", json!({ "v": "2001-02-28T01:02:03Z" })),
        ("v: !!binary aGk=", json!({ "v": "hi" })),
        ("v: !!binary |\n  aG\n  k=\n", json!({ "v": "hi" })),
        ("v: !!binary /w==", json!({ "v": "\u{fffd}" })),
        ("v: &a !!str 1\nw: *a", json!({ "v": "1", "w": "1" })),
        ("v: !!map [a]", json!({ "v": ["a"] })),
    ]);
    assert_fails(&[
        ("v: !!int x", "cannot decode !!str `x` as a !!int", "x"),
        ("v: !!int", "cannot decode !!null", "t"),
        ("v: !!bool 1", "as a !!bool", "1"),
        ("v: !!float yes", "cannot decode !!bool", "yes"),
        ("v: !!null x", "as a !!null", "x"),
        ("v: !!timestamp 2001-02-30", "as a !!timestamp", "2001-02-30"),
        ("v: !!timestamp 2001-02-28T01:02:03", "as a !!timestamp", "2001-02-28T01:02:03"),
        ("v: !!binary a", "invalid base64", "a"),
        ("v: !!binary aGk=a", "invalid base64", "aGk=a"),
        ("v: !x!y z", "undefined tag handle", "!x!y"),
    ]);
}

#[test]
fn converts_keys_to_strings() {
    assert_values(&[
        ("yes: v", json!({ "true": "v" })),
        ("\"\\0 null\": v", json!({ "\0 null": "v" })),
        ("0x10: v", json!({ "16": "v" })),
        ("1.50: v", json!({ "1.5": "v" })),
        ("1e6: v", json!({ "1e+06": "v" })),
        ("100000.0: v", json!({ "100000": "v" })),
        ("1e-5: v", json!({ "1e-05": "v" })),
        ("1e300: v", json!({ ".inf": "v" })),
        (".nan: v", json!({ ".nan": "v" })),
        ("2001-01-01: v", json!({ "2001-01-01": "v" })),
        ("? x\n: v", json!({ "x": "v" })),
        ("a: &k b\n*k : v", json!({ "a": "b", "b": "v" })),
        // A replaced key may be invalid.
        ("a: {~: 1}\na: 2", json!({ "a": 2 })),
    ]);
    assert_fails(&[
        ("~: v", "unsupported map key: null", "~"),
        ("9223372036854775808: v", "unsupported map key: 9223372036854775808", "9223372036854775808"),
        ("? [a]\n: v", "invalid map key: a list", "[a]"),
        ("a: {{ .Values.x }}", "invalid map key: a mapping; a template", "{ .Values.x }"),
    ]);
    let long = "k".repeat(1_025);
    assert!(parse_one(&format!("{}: v", &long[1..])).is_ok());
    assert!(parse_one(&format!("{long}: v")).is_err());
}

#[test]
fn warns_of_duplicate_keys_and_uses_the_last() {
    let text = "a: 1\nb: {c: 1}\na: 2\n1: x\n\"1\": z\n";
    let documents = documents(text);
    let [Document { content: Ok(tree), warnings, .. }] = documents.as_slice() else { panic!("{documents:?}") };
    assert_eq!(tree.to_json(), json!({ "a": 2, "b": { "c": 1 }, "1": "z" }));
    let warnings: Vec<_> =
        warnings.iter().map(|warning| (warning.span.start.line, warning.span.slice(text), warning.message.as_str())).collect();
    assert_eq!(
        warnings,
        [
            (3, "a", "\"a\" stands here a second time, after line 1; this one counts"),
            (
                5,
                "\"1\"",
                "\"1\" stands here a second time, after line 4, as another type: this one is taken, and Kubernetes takes either, as \
                 chance has it"
            ),
        ]
    );
}

#[test]
fn applies_merge_keys_in_order() {
    let common = "x: &x {k: 1, l: 2}\ny: &y {k: 3, m: 4}\n";
    for (merged, expected, count) in [
        ("z: {<<: *x, k: 5}", json!({ "k": 5, "l": 2 }), 0),
        ("z: {k: 5, <<: *x}", json!({ "k": 1, "l": 2 }), 1),
        ("z: {<<: [*x, *y]}", json!({ "k": 1, "l": 2, "m": 4 }), 0),
        ("z: {<<: [*x, {k: 6}], o: 7}", json!({ "k": 1, "l": 2, "o": 7 }), 0),
        ("z: {<<: {k: 6}, <<: *x}", json!({ "k": 1, "l": 2 }), 0),
        ("z: {\"<<\": *x}", json!({ "<<": { "k": 1, "l": 2 } }), 0),
        ("z: {!!merge \"<<\": *x}", json!({ "k": 1, "l": 2 }), 0),
    ] {
        let text = format!("{common}{merged}");
        let documents = documents(&text);
        let [Document { content: Ok(tree), warnings, .. }] = documents.as_slice() else { panic!("{documents:?}") };
        assert_eq!(tree.to_json()["z"], expected, "{merged}");
        assert_eq!(warnings.len(), count, "{merged}: {warnings:?}");
    }
    let message = "map merge requires map or sequence of maps as the value";
    assert_fails(&[("<<: 3", message, "3"), ("a: &a 1\n<<: *a", message, "*a"), ("<<: [{a: 1}, [b]]", message, "[b]")]);
}

#[test]
fn resolves_aliases() {
    assert_values(&[
        ("a: &x 1\nb: &x 2\nc: *x", json!({ "a": 1, "b": 2, "c": 2 })),
        ("a: &x [1, {b: 2}]\nc: *x", json!({ "a": [1, { "b": 2 }], "c": [1, { "b": 2 }] })),
        ("- &a\n- *a", json!([null, null])),
    ]);
    assert_fails(&[
        ("a: *x\nb: &x 1", "unknown anchor 'x' referenced", "*x"),
        ("a: &x\n  b: *x", "anchor 'x' value contains itself", "*x"),
        ("a: &x &y 1", "did not find expected key", "&y"),
        ("a: &x.y 1", "did not find expected alphabetic or numeric character", "&x"),
    ]);
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let alias = format!("*a{}", level - 1);
        bomb += &format!("a{level}: &a{level} [{}]\n", [alias.as_str(); 9].join(", "));
    }
    assert_eq!(parse_one(&bomb), Err("document contains excessive aliasing".to_owned()));
    // The value of an alias counts at each use.
    let deep = format!("- &a {}{}\n- {}*a{}", "[".repeat(600), "]".repeat(600), "[".repeat(600), "]".repeat(600));
    assert!(parse_one(&deep).is_err_and(|message| message.contains("1000 levels")));
}

#[test]
fn scans_quoted_and_block_scalars() {
    assert_values(&[
        ("v: 'it''s'", json!({ "v": "it's" })),
        ("v: \"a\\tb\\x41\\u00e9\\U0001F600\\_\\N\\L\\P\\e\\0\"", json!({ "v": "a\tbAé😀\u{a0}\u{85}\u{2028}\u{2029}\u{1b}\0" })),
        ("v: \"a\n  b\n\n  c \\\n  d\"", json!({ "v": "a b\nc d" })),
        ("v: a\n  b\n\n  c", json!({ "v": "a b\nc" })),
        ("v: |\n  a\n   b\n\n", json!({ "v": "a\n b\n" })),
        ("v: |-\n  a\n\n", json!({ "v": "a" })),
        ("v: |+\n  a\n\n", json!({ "v": "a\n\n" })),
        ("v: |\n  a", json!({ "v": "a\n" })),
        ("v: >\n  a\n  b\n\n  c\n   d\n  e\n", json!({ "v": "a b\nc\n d\ne\n" })),
        ("v: |2-\n    a\n   b\n", json!({ "v": "  a\n b" })),
        ("v: b\"", json!({ "v": "b\"" })),
        ("v: a#b #c", json!({ "v": "a#b" })),
        ("v: ?x", json!({ "v": "?x" })),
        ("v: http://x:80/y", json!({ "v": "http://x:80/y" })),
    ]);
    assert_fails(&[
        ("v: \"\\/\"", "unknown escape character", "\\"),
        ("v: \"\\ud83d\\ude00\"", "invalid Unicode character escape code", "d"),
        ("v: \"a\\", "unexpected end of stream", "\"a\\"),
        ("v: |0\n a", "indentation indicator equal to 0", "0"),
        ("v: |\n\ta", "found a tab character where an indentation space is expected", "\t"),
    ]);
}

#[test]
fn accepts_flow_collections_as_go_yaml_does() {
    assert_values(&[
        ("a: [1,\n  2,\n  ]", json!({ "a": [1, 2] })),
        ("a: {b:c}", json!({ "a": { "b:c": null } })),
        ("a: {\"b\":c}", json!({ "a": { "b": "c" } })),
        ("a: [b: c, ? d, e]", json!({ "a": [{ "b": "c" }, { "d": null }, "e"] })),
        ("{\n\ta: 1 }", json!({ "a": 1 })),
        ("a:\n- 1\n-\n- - 2\nb: 3", json!({ "a": [1, null, [2]], "b": 3 })),
    ]);
    assert_fails(&[
        ("a: [1, 2", "did not find expected ',' or ']'", "2"),
        ("a: {b: 1 # c\n\n", "did not find expected ',' or '}'", "c\n\n"),
        ("a: b: c", "mapping values are not allowed in this context", ":"),
        ("a: - b", "block sequence entries are not allowed in this context", "-"),
        ("a: ?\n", "mapping keys are not allowed in this context", "?"),
        ("v:\n\ta: 1", "found character that cannot start any token", "\t"),
        ("a: @x", "found character that cannot start any token", "@"),
        ("a: 1\n b: 2", "mapping values are not allowed", ":"),
        ("a:\n  - b\n c: d", "did not find expected key", ""),
        ("a: b\nc", "could not find expected ':'", "c"),
        ("a: b\u{7}", "control characters are not allowed", "\u{7}"),
    ]);
}

#[test]
fn splits_documents_at_separators() {
    for (text, expected) in [
        ("", vec![]),
        ("\n", vec![Ok(Value::Null)]),
        ("# x", vec![Ok(Value::Null)]),
        ("---\n---\na: 1", vec![Ok(Value::Null), Ok(json!({ "a": 1 }))]),
        ("a: 1\n--- # c\nb: 2\n---\n", vec![Ok(json!({ "a": 1 })), Ok(json!({ "b": 2 }))]),
        ("a: |\n  x\n---\nb: 1", vec![Ok(json!({ "a": "x\n" })), Ok(json!({ "b": 1 }))]),
        ("a: 1\n ---\nb: 2", vec![Ok(json!({ "a": "1 ---", "b": 2 }))]),
        ("\u{feff}a: 1\n---\n\u{feff}b: 2", vec![Ok(json!({ "a": 1 })), Ok(json!({ "b": 2 }))]),
        ("a: 1\r\n---\r\nb:\r\n  - x\r\n", vec![Ok(json!({ "a": 1 })), Ok(json!({ "b": ["x"] }))]),
        ("a: |\r\n  x\r\n  y\r\n", vec![Ok(json!({ "a": "x\ny\n" }))]),
        ("a: 1\n...\nb: 2", vec![Ok(json!({ "a": 1 }))]),
    ] {
        assert_eq!(parse(text), expected, "{text:?}");
    }
    assert_fails(&[
        ("--- {a: 1}", "invalid Yaml document separator: {a: 1}", "--- {a: 1}"),
        ("a: 1\n---b\n", "invalid Yaml document separator: b", "---b"),
        ("\u{feff}\u{feff}\u{feff}a: 1", "second byte order mark", "\u{feff}"),
        ("%YAML 1.1\n", "did not find expected <document start>", "%YAML 1.1"),
    ]);
}

#[test]
fn parses_other_documents_despite_an_invalid_one() {
    let text = "a: 1\n---\nb: [1, 2\n---\nc: 3\n--- d\ne: 4\n";
    let documents = documents(text);
    let results: Vec<_> = documents.iter().map(|document| (document.lines(), document.content.is_ok())).collect();
    assert_eq!(results, [((1, 1), true), ((3, 3), false), ((5, 6), false), ((7, 7), true)]);
}

#[test]
fn warns_of_text_after_the_end() {
    let text = "[a]\nb: c\n";
    let documents = documents(text);
    let [Document { content: Ok(tree), warnings, .. }] = documents.as_slice() else { panic!("{documents:?}") };
    assert_eq!((tree.to_json(), warnings[0].span.slice(text)), (json!(["a"]), "b: c\n"));
}

#[test]
fn parses_json_as_json() {
    for (text, expected) in [
        ("{\"a\": [1, true, null, -1.5e1, \"x\"]}", vec![Ok(json!({ "a": [1, true, null, -15, "x"] }))]),
        ("{\"a\":1}\n{\"b\":{}} {\"c\":[]}\n", vec![Ok(json!({ "a": 1 })), Ok(json!({ "b": {} })), Ok(json!({ "c": [] }))]),
        ("{\"a\":1}\n---\nb: 2", vec![Ok(json!({ "a": 1 })), Ok(json!({ "b": 2 }))]),
        ("{\"a\": \"\\ud83d\\ude00\\/\\ud83d\"}", vec![Ok(json!({ "a": "😀/\u{fffd}" }))]),
        ("{\"a\"\n:\t1}", vec![Ok(json!({ "a": 1 }))]),
        ("{a: yes}", vec![Ok(json!({ "a": true }))]),
        ("{\"<<\": {\"a\": \"yes\"}}", vec![Ok(json!({ "<<": { "a": "yes" } }))]),
        // After YAML, only the first object of a document is parsed.
        ("a: 1\n---\n{\"a\":1}\n{\"b\":2}", vec![Ok(json!({ "a": 1 })), Ok(json!({ "a": 1 }))]),
    ] {
        assert_eq!(parse(text), expected, "{text:?}");
    }
    assert_fails(&[("{\"a\": 1e999}", "beyond all numbers", "1e999")]);
}

/// JSON first, then YAML, as the decoder of Kubernetes 1.33 and later.
#[test]
fn parses_yaml_after_json() {
    let json = "{\"a\":1}";
    let a = || Ok(json!({ "a": 1 }));
    let error = |message: &str| Err(message.to_owned());
    for (rest, expected) in [
        // Any values follow the first, which must be an object. Words and numbers need no delimiter.
        (" [1] \"b\" 2 null", vec![Ok(json!([1])), Ok(json!("b")), Ok(json!(2)), Ok(Value::Null)]),
        ("truefalse", vec![Ok(json!(true)), Ok(json!(false))]),
        // After one value YAML may follow, also on the same line.
        ("\nb: 2\n", vec![Ok(json!({ "b": 2 }))]),
        (" b: 2\n", vec![Ok(json!({ "b": 2 }))]),
        (" ---\nb: 2\n---\nc: 3\n", vec![Ok(json!({ "b": 2 })), Ok(json!({ "c": 3 }))]),
        ("\n\n---\n{\"b\":2}{\"c\":3}", vec![Ok(json!({ "b": 2 }))]),
        // If it is not valid, the error is that in JSON, and the documents after it are valid.
        ("\nb: [\n---\nc: 3\n", vec![error("json: offset 9: invalid character 'b' looking for beginning of value"), Ok(json!({ "c": 3 }))]),
        ("\n--- b\n", vec![error("json: offset 10: invalid character '-' in numeric literal")]),
        // The second document of YAML has its own error.
        ("\nb: 2\n---\nc: [\n", vec![Ok(json!({ "b": 2 })), error("did not find expected node content")]),
        // kubectl does not find YAML of less than four bytes.
        ("\nb:", vec![error("json: offset 9: invalid character 'b' looking for beginning of value")]),
        // After two values an error ends the text.
        ("{}\n---\nb: 2\n", vec![Ok(json!({})), error("invalid character '-' in numeric literal")]),
        ("{}\nb: 2\n", vec![Ok(json!({})), error("invalid character 'b' looking for beginning of value")]),
        ("{}{\"b\"", vec![Ok(json!({})), error("unexpected EOF")]),
    ] {
        // kubectl removes a byte order mark.
        for mark in ["", "\u{feff}"] {
            let text = format!("{mark}{json}{rest}");
            assert_eq!(parse(&text), [vec![a()], expected.clone()].concat(), "{text:?}");
        }
    }
    // Without a valid value all is YAML.
    assert_eq!(parse("{a: 1}\n---\n{b: 2}"), [Ok(json!({ "a": 1 })), Ok(json!({ "b": 2 }))]);
    assert_eq!(parse("  {a: 1}\nb: 2"), [a()]);
}

#[test]
fn finds_errors_in_json_at_their_places() {
    for (text, context, at) in [
        ("{\"a\" 1}", "'1' after object key", "1"),
        ("{\"a\":1 \"é\" [}", "'\"' after object key:value pair", "\""),
        ("{\"a\":[1 \u{1}]}", "'\\x01' after array element", "\u{1}"),
        ("{\"a\":[1,\u{a0}[}", "'Â' looking for beginning of value", "\u{a0}"),
        ("{\"a\":1, [", "'[' looking for beginning of object key string", "["),
        ("{\"a\": \"\\u12x4\"}", "'x' in \\u hexadecimal character escape", "x"),
        ("{\"a\": \"\\x\"}", "'x' in string escape code", "x"),
        ("{\"a\": \"\t\\x\"}", "'\\t' in string literal", "\t"),
        ("{\"a\": -a[}", "'a' in numeric literal", "a"),
        ("{\"a\": 1.[}", "'[' after decimal point in numeric literal", "["),
        ("{\"a\": 1e+[}", "'[' in exponent of numeric literal", "["),
        ("{\"a\": tru[}", "'[' in literal true (expecting 'e')", "["),
        ("{\"a\": fa'[}", "'\\'' in literal false (expecting 'l')", "'"),
        ("{\"a\": nulx[}", "'x' in literal null (expecting 'l')", "x"),
    ] {
        let documents = documents(text);
        let Err(error) = &documents[0].content else { panic!("{text:?}: {documents:?}") };
        // The offset is that after the byte.
        assert_eq!(error.message, format!("json: offset {}: invalid character {context}", error.span.start.offset + 1), "{text:?}");
        assert_eq!((documents.len(), error.span.slice(text)), (1, at), "{text:?}");
    }
    assert_fails(&[("{\"a\": [1,", "unexpected EOF", ","), ("{\"a\": \"b", "unexpected EOF", "b")]);
}

#[test]
fn finds_fields_and_their_nearest_parents() {
    let text = "# 😀\nspec: &s\n  containers:\n  - name: a # 😀\n    securityContext: {privileged: yes}\n  - {}\n\
                metadata:\n  annotations: {example.com/a: \"😀\", b: x}\nsame: *s\n";
    let documents = documents(text);
    let tree = documents[0].content.as_ref().unwrap();
    for (path, exists, value, key) in [
        ("spec.containers[0].securityContext.privileged", true, "yes", Some("privileged")),
        ("spec.containers[0].securityContext.runAsNonRoot", false, "{privileged: yes}", Some("securityContext")),
        ("spec.containers[0].securityContext.capabilities.drop[0]", false, "{privileged: yes}", Some("securityContext")),
        ("spec.containers[0].name", true, "a", Some("name")),
        ("spec.containers[1].securityContext.privileged", false, "{}", None),
        ("spec.containers[1]", true, "{}", None),
        ("metadata.annotations[example.com/a]", true, "\"😀\"", Some("example.com/a")),
        ("metadata.annotations.b", true, "x", Some("b")),
        ("same", true, "*s", Some("same")),
        ("same.containers[0].securityContext.privileged", true, "yes", Some("privileged")),
        ("same.other", false, "*s", Some("same")),
    ] {
        let place = tree.root().at(path);
        assert_eq!(place.exists, exists, "{path}");
        assert_eq!(place.span().slice(text), value, "{path}");
        assert_eq!(place.key.map(|key| key.slice(text)), key, "{path}");
    }
    let root = tree.root().at("status.phase");
    assert_eq!((root.exists, root.node.span().start.line), (false, 2));
    assert_eq!(tree.root().at("").span(), tree.root().span());
    let b = tree.root().at("metadata.annotations.b").span().start;
    assert_eq!(b, Position { offset: text.find("x}").unwrap(), line: 8, column: 40, utf16_offset: b.utf16_offset, utf16_column: 41 });
    assert_eq!(b.utf16_offset, text[..b.offset].encode_utf16().count());
}
