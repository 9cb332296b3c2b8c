//! Tests of deserialization, one for each rule.

use std::thread;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::*;

view! {
    /// One field for each kind of value.
    struct Sample<'a> {
        "text" => text: Text<'a>,
        "long" => long: i64,
        "short" => short: i32,
        "flag" => flag: bool,
        "maybe" => maybe: Option<bool>,
        "count" => count: Option<i64>,
        "word" => word: Option<Text<'a>>,
        "list" => list: Vec<Text<'a>>,
        "inner" => inner: Inner<'a>,
        "some" => some: Option<Inner<'a>>,
        "boxed" => boxed: Option<Box<Inner<'a>>>,
        "first" => first: Collected<Inner<'a>, false>,
        "every" => every: Collected<Inner<'a>, true>,
        "strict" => strict: Strict<'a>,
        "example.org/key" => dotted: Text<'a>,
    }
}

view! {
    /// A nested view.
    struct Inner<'a> {
        "text" => text: Text<'a>,
        "flag" => flag: bool,
        "items" => items: Vec<Inner<'a>>,
    }
}

view! {
    /// A view in which unknown keys are errors.
    struct Strict<'a>, strict {
        "usernames" => usernames: Text<'a>,
        "namespaces" => namespaces: Text<'a>,
    }
}

fn sample(json: &str) -> (Sample<'_>, Vec<String>) {
    let sink = ErrorSink::default();
    let mut sample = Sample::default();
    read(json, "doc", &sink, &mut sample).unwrap();
    (sample, sink.into_errors().iter().map(FieldError::to_string).collect())
}

fn syntax_error(json: &str) -> SyntaxError {
    read(json, "doc", &ErrorSink::default(), &mut Sample::default()).unwrap_err()
}

#[test]
fn deserializes_every_type() {
    let json = r#"{
        "text": "t", "long": -9223372036854775808, "short": 2147483647, "flag": true, "maybe": false, "count": 0, "word": "", "list": ["a", "b"],
        "inner": {"text": "i", "items": [{"flag": true}]}, "some": {}, "boxed": {"text": "b"}, "first": {"text": "f"}, "every": {"text": "e"},
        "strict": {"namespaces": "n"}, "example.org/key": "d"
    }"#;
    let expected = Sample {
        text: "t".into(),
        long: i64::MIN,
        short: i32::MAX,
        flag: true,
        maybe: Some(false),
        count: Some(0),
        word: Some("".into()),
        list: vec!["a".into(), "b".into()],
        inner: Inner { text: "i".into(), flag: false, items: vec![Inner { flag: true, ..Inner::default() }] },
        some: Some(Inner::default()),
        boxed: Some(Box::new(Inner { text: "b".into(), ..Inner::default() })),
        first: Collected { value: Inner { text: "f".into(), ..Inner::default() }, errors: vec![] },
        every: Collected { value: Inner { text: "e".into(), ..Inner::default() }, errors: vec![] },
        strict: Strict { usernames: "".into(), namespaces: "n".into() },
        dotted: "d".into(),
    };
    assert_eq!(sample(json), (expected, vec![]));
}

#[test]
fn null_leaves_the_zero_value() {
    let keys = Sample::key_names().map(|key| format!("\"{key}\": null")).collect::<Vec<_>>().join(",");
    assert_eq!(sample(&format!("{{{keys}}}")), (Sample::default(), vec![]));
    assert_eq!(sample("null"), (Sample::default(), vec![]));

    let (value, errors) = sample(r#"{"list": [null, "a", null], "inner": {"items": [null]}}"#);
    assert_eq!((value.list, errors), (vec!["".into(), "a".into(), "".into()], vec![]));
    assert_eq!(value.inner.items, [Inner::default()]);
}

#[test]
fn type_errors_have_a_path_and_do_not_end_deserialization() {
    let long = "x".repeat(81);
    let table = [
        (r#"{"text": 5, "flag": true}"#, "doc.text: must be a string, not 5"),
        (r#"{"text": false, "flag": true}"#, "doc.text: must be a string, not false"),
        (r#"{"text": ["a", {"flag": 1}], "flag": true}"#, "doc.text: must be a string, not an array"),
        (r#"{"text": {"text": "a"}, "flag": true}"#, "doc.text: must be a string, not an object"),
        (r#"{"maybe": "tr\"ue", "flag": true}"#, "doc.maybe: must be true or false, not \"tr\\\"ue\""),
        (&format!(r#"{{"long": "{long}", "flag": true}}"#), "doc.long: must be a whole number of 64 bits, not a long string"),
        (
            &format!(r#"{{"long": "{}", "flag": true}}"#, &long[1..]),
            &format!("doc.long: must be a whole number of 64 bits, not {:?}", &long[1..]),
        ),
        (r#"{"count": true, "flag": true}"#, "doc.count: must be a whole number of 64 bits, not true"),
        (r#"{"word": 0, "flag": true}"#, "doc.word: must be a string, not 0"),
        (r#"{"list": "a", "flag": true}"#, "doc.list: must be an array, not \"a\""),
        (r#"{"list": {"0": "a"}, "flag": true}"#, "doc.list: must be an array, not an object"),
        (r#"{"list": ["a", 1], "flag": true}"#, "doc.list[1]: must be a string, not 1"),
        (r#"{"inner": [], "flag": true}"#, "doc.inner: must be an object, not an array"),
        (
            r#"{"inner": {"items": [{}, {"items": [{"text": 1}]}]}, "flag": true}"#,
            "doc.inner.items[1].items[0].text: must be a string, not 1",
        ),
        (r#"{"some": 1, "flag": true}"#, "doc.some: must be an object, not 1"),
        (r#"{"boxed": "x", "flag": true}"#, "doc.boxed: must be an object, not \"x\""),
        (r#"{"boxed": {"flag": 1}, "flag": true}"#, "doc.boxed.flag: must be true or false, not 1"),
        (r#"{"example.org/key": 1, "flag": true}"#, "doc[example.org/key]: must be a string, not 1"),
    ];
    for (json, expected) in table {
        let (value, errors) = sample(json);
        assert_eq!(errors, [expected], "{json}");
        assert!(value.flag, "{json}");
    }
    assert_eq!(sample("[]").1, ["doc: must be an object, not an array"]);
    assert_eq!(sample(r#"{"text": 1, "long": "a", "flag": 2}"#).1.len(), 3);
}

#[test]
fn a_path_without_a_root_begins_with_its_first_key() {
    let sink = ErrorSink::default();
    read(r#"{"inner": {"flag": 1}, "example.org/key": 2, "text": 3}"#, "", &sink, &mut Sample::default()).unwrap();
    let paths: Vec<_> = sink.into_errors().into_iter().map(|error| error.path).collect();
    assert_eq!(paths, ["inner.flag", "[example.org/key]", "text"]);
}

/// As in Go, `1.0` and `1e3` are not integers. `-0` is an integer in Go, but not here; no encoder of Kubernetes writes it.
#[test]
fn numbers_must_be_integers_in_range() {
    let valid = [("0", 0), ("7", 7), ("-1", -1), ("9223372036854775807", i64::MAX), ("-9223372036854775808", i64::MIN)];
    for (number, expected) in valid {
        let json = format!(r#"{{"long": {number}, "count": {number}}}"#);
        let (value, errors) = sample(&json);
        assert_eq!((value.long, value.count, errors), (expected, Some(expected), vec![]));
    }
    let other = "a number with a fraction, an exponent or too many digits";
    let table = [
        ("long", "1.0", other),
        ("long", "1e3", other),
        ("long", "-0", other),
        ("long", "9223372036854775808", "9223372036854775808"),
        ("long", "18446744073709551615", "18446744073709551615"),
        ("long", "18446744073709551616", other),
        ("long", "-9223372036854775809", other),
        ("short", "2147483648", "2147483648"),
        ("short", "-2147483649", "-2147483649"),
        ("short", "80.5", other),
        ("flag", "1e3", other),
        ("count", "1.5", other),
        ("count", "18446744073709551615", "18446744073709551615"),
        ("boxed", "1.5", other),
        ("boxed", "18446744073709551615", "18446744073709551615"),
    ];
    for (key, number, actual) in table {
        let json = format!(r#"{{"{key}": {number}, "text": "read"}}"#);
        let (value, errors) = sample(&json);
        let [error] = &errors[..] else { panic!("{json}: {errors:?}") };
        assert!(error.starts_with(&format!("doc.{key}: must be ")) && error.ends_with(&format!(", not {actual}")), "{error}");
        assert_eq!((value.long, value.short, value.text), (0, 0, "read".into()), "{json}");
    }
    assert_eq!(sample(r#"{"short": 2147483648}"#).1, ["doc.short: must be a whole number of 32 bits, not 2147483648"]);
}

#[test]
fn strings_are_borrowed_unless_they_are_escaped() {
    let json = r#"{"text": "plain", "list": ["é😀", "\u00e9", "a\\b", "\ud83d\ude00"], "\u0077ord": "known"}"#;
    let (value, errors) = sample(json);
    assert_eq!(errors, [""; 0]);
    assert!(matches!(value.text, Cow::Borrowed("plain")));
    assert!(
        matches!(&value.list[..], [Cow::Borrowed("é😀"), Cow::Owned(a), Cow::Owned(b), Cow::Owned(c)] if a == "é" && b == "a\\b" && c == "😀")
    );
    assert_eq!(value.word, Some("known".into()));
}

#[test]
fn collected_errors_are_not_reported_to_the_enclosing_value() {
    let (value, errors) = sample(r#"{"first": {"flag": 1, "text": 2}, "every": {"flag": 1, "items": [3], "text": "read"}, "flag": true}"#);
    assert_eq!(errors, [""; 0]);
    let texts = |errors: &[FieldError]| errors.iter().map(FieldError::to_string).collect::<Vec<_>>();
    assert_eq!(texts(&value.first.errors), ["doc.first.flag: must be true or false, not 1"]);
    assert_eq!(
        texts(&value.every.errors),
        ["doc.every.flag: must be true or false, not 1", "doc.every.items[0]: must be an object, not 3"]
    );
    assert_eq!(value.every.value.text, "read");
    assert!(value.flag);

    for (json, actual) in
        [("1", "1"), ("true", "true"), ("\"x\"", "\"x\""), ("[1, [2]]", "an array"), ("1.5", &Unexpected::Fraction.to_string())]
    {
        let json = format!(r#"{{"first": {json}, "flag": true}}"#);
        let (value, errors) = sample(&json);
        assert_eq!((errors, value.flag), (vec![], true), "{json}");
        assert_eq!(texts(&value.first.errors), [format!("doc.first: must be an object, not {actual}")]);
    }
}

/// Objects are merged and the last one of other values wins, as in Go, but the duplicate is reported.
#[test]
fn reports_duplicate_keys() {
    let (value, errors) = sample(
        r#"{"text": "a", "text": "b", "unknown": 1, "unknown": 2, "inner": {"text": "c"}, "inner": {"flag": true, "flag": null}, "list": ["a"], "list": ["b"]}"#,
    );
    let duplicate = "stands here a second time; a key may be used once";
    assert_eq!(errors, ["doc.text", "doc.inner", "doc.inner.flag", "doc.list"].map(|path| format!("{path}: {duplicate}")));
    assert_eq!((value.text, value.inner.text, value.inner.flag), ("b".into(), "c".into(), true));

    let (_, errors) = sample(r#"{"first": {}, "first": null}"#);
    assert_eq!(errors, [format!("doc.first: {duplicate}")]);
    let (_, errors) = sample(r#"{"text": "a", "\u0074ext": "b"}"#);
    assert_eq!(errors, [format!("doc.text: {duplicate}")]);
}

#[test]
fn skips_unknown_keys_with_any_value() {
    let (value, errors) = sample(
        r#"{"Text": "case counts", "texts": [{"a": [1e99, -0, 1.5, "\""]}], "": {"inner": {"flag": 1}}, "flags": null, "text": "read"}"#,
    );
    assert_eq!((value, errors), (Sample { text: "read".into(), ..Sample::default() }, vec![]));
}

#[test]
fn keys_with_the_same_beginning_and_end_are_different() {
    view! {
        /// Keys of several lengths.
        struct Keys {
            "" => none: bool,
            "a" => one: bool,
            "abc" => three: bool,
            "abcd" => four: bool,
            "abcdbcd" => seven: bool,
            "abcdefgh" => eight: bool,
            "abcdXefgh" => nine: bool,
        }
    }
    let known = r#"{"": true, "a": true, "abc": true, "abcd": true, "abcdbcd": true, "abcdefgh": true, "abcdXefgh": true}"#;
    let all = Keys { none: true, one: true, three: true, four: true, seven: true, eight: true, nine: true };
    for (json, expected) in [
        (known, all),
        (r#"{"a\u0000": 1, "ab": 1, "abcd\u0000": 1, "abcdabcd": 1, "abcdYefgh": 1, "abcdXXefgh": 1, "abcdbcdd": 1}"#, Keys::default()),
    ] {
        let errors = ErrorSink::default();
        let mut keys = Keys::default();
        read(json, "", &errors, &mut keys).unwrap();
        assert_eq!((keys, errors.into_errors()), (expected, vec![]), "{json}");
    }
}

#[test]
fn strict_views_report_unknown_keys_with_the_closest_key() {
    let (value, errors) = sample(r#"{"strict": {"namespace": "a", "": 1, "nodes": {"x": []}, "usernames": "read", "usernames": "again"}}"#);
    assert_eq!(
        errors,
        [
            "doc.strict.namespace: unknown key; did you mean \"namespaces\"?",
            "doc.strict.: unknown key; known here: usernames, namespaces",
            "doc.strict.nodes: unknown key; known here: usernames, namespaces",
            "doc.strict.usernames: stands here a second time; a key may be used once",
        ]
    );
    assert_eq!(value.strict.usernames, "again");
}

#[test]
fn syntax_errors_have_a_path_line_and_column() {
    let table = [
        ("", "doc", "EOF while parsing a value at line 1 column 0"),
        ("{", "doc", "EOF while parsing an object at line 1 column 1"),
        ("{\"inner\": {\"items\": [{}, {\"text\": x}]}}", "doc.inner.items[1].text", "expected value at line 1 column 35"),
        ("{\n  \"list\": [\n    \"a\"\n    \"b\"\n  ]\n}", "doc.list[1]", "expected `,` or `]` at line 4 column 5"),
        ("{\"text\": \"a", "doc.text", "EOF while parsing a string at line 1 column 11"),
        ("{\"text\": \"a\nb\"}", "doc.text", "control character (\\u0000-\\u001F) found while parsing a string at line 2 column 0"),
        ("{\"text\": \"\\x\"}", "doc.text", "invalid escape at line 1 column 12"),
        ("{\"text\": \"\\ud800\"}", "doc.text", "unexpected end of hex escape at line 1 column 17"),
        ("{\"text\" \"a\"}", "doc.text", "expected `:` at line 1 column 9"),
        ("{\"text\": \"a\",}", "doc", "trailing comma at line 1 column 14"),
        ("{text: \"a\"}", "doc", "key must be a string at line 1 column 2"),
        ("{\"unknown\": [1, 2}", "doc", "expected `,` or `]` at line 1 column 18"),
        ("{\"long\": 01}", "doc.long", "invalid number at line 1 column 11"),
        ("{\"long\": 1e999}", "doc.long", "number out of range at line 1 column 14"),
        ("{} {}", "doc", "trailing characters at line 1 column 4"),
        ("{\"text\": \"a\"}\n]", "doc", "trailing characters at line 2 column 1"),
        ("\u{feff}{}", "doc", "expected value at line 1 column 1"),
    ];
    for (json, path, message) in table {
        let error = syntax_error(json);
        assert_eq!((error.path.as_str(), error.message.as_str()), (path, message), "{json}");
        assert_eq!(error.to_string(), format!("{path}: {message}"));
    }
    let without_root = read("{", "", &ErrorSink::default(), &mut Sample::default()).unwrap_err();
    assert_eq!(without_root.to_string(), "EOF while parsing an object at line 1 column 1");
    assert!(sample(" {} \n").1.is_empty());
}

/// With 1 MiB of stack, the default of a WebAssembly module. Deep nesting is skipped or an error.
#[test]
fn deep_nesting_does_not_overflow_the_stack() {
    let nested = |opening: &str, closing: &str| format!("{}null{}", opening.repeat(10_000), closing.repeat(10_000));
    let arrays = nested("[", "]");
    let objects = nested("{\"a\":", "}");
    let documents = [
        format!(r#"{{"unknown": {arrays}, "flag": true}}"#),
        format!(r#"{{"unknown": {objects}, "flag": true}}"#),
        format!(r#"{{"text": {arrays}, "flag": true}}"#),
        format!(r#"{{"some": {{"items": {objects}}}, "flag": true}}"#),
        nested(r#"{"inner":{"items":["#, "]}}"),
    ];
    let template = nested(r#"{"spec":{"template":"#, "}}");
    let check = move || {
        for json in documents {
            let mut sample = Sample::default();
            match read(&json, "doc", &ErrorSink::default(), &mut sample) {
                Ok(()) => assert!(sample.flag),
                Err(error) => assert!(error.message.starts_with("recursion limit exceeded at line 1 column "), "{error}"),
            }
        }
        let error = crate::pod::read(&template).unwrap_err();
        assert!(error.path.starts_with("spec.template.spec.template."), "{error}");
        assert!(error.message.starts_with("recursion limit exceeded at line 1 column "), "{error}");
    };
    thread::Builder::new().stack_size(1 << 20).spawn(check).unwrap().join().unwrap();
}

#[test]
fn invalid_utf8_is_reported_with_its_offset() {
    assert_eq!(from_utf8("{\"é\": 1}".as_bytes()), Ok("{\"é\": 1}"));
    let error = from_utf8(b"{\"a\": \"\xff\"}").unwrap_err();
    assert_eq!((error.path.as_str(), error.to_string().as_str()), ("", "not UTF-8 from byte 7 on"));
}

/// A few UTF-16 code units: at the limits of the surrogates, any others, and an escaped backslash before text that looks
/// like an escape.
fn utf16() -> impl Strategy<Value = Vec<u16>> {
    let edge = select(vec![0xd7ff, 0xd800, 0xd801, 0xdbff, 0xdc00, 0xdc01, 0xdfff, 0xe000]);
    let part = prop_oneof![
        8 => edge.prop_map(|unit| vec![unit]),
        2 => any::<u16>().prop_map(|unit| vec![unit]),
        2 => select(vec![r"\ud800", r"\udc00", r"\", "u", "ud800"]).prop_map(|text| text.encode_utf16().collect()),
    ];
    vec(part, 0..6).prop_map(|parts| parts.concat())
}

/// A code unit in JSON: letters and digits as they are, everything else escaped.
fn escaped(unit: u16) -> String {
    match char::from_u32(unit.into()) {
        Some('\\') => r"\\".to_owned(),
        Some(c) if c.is_ascii_alphanumeric() => c.to_string(),
        _ => format!("\\u{unit:04X}"),
    }
}

proptest! {
    /// As in Go: a lone surrogate is U+FFFD, and everything else is unchanged.
    #[test]
    fn lone_surrogates_become_replacement_characters(units in utf16()) {
        let json = format!("\"{}\"", units.iter().copied().map(escaped).collect::<String>());
        let replaced = without_lone_surrogates(json.as_bytes());
        prop_assert_eq!(replaced.is_some(), char::decode_utf16(units.iter().copied()).any(|unit| unit.is_err()));
        let unescaped: String = serde_json::from_slice(replaced.as_deref().unwrap_or(json.as_bytes())).unwrap();
        prop_assert_eq!(unescaped, String::from_utf16_lossy(&units));
    }
}
