//! What holds for whatever comes in, as functions of bytes that panic where it does not: the fuzz targets in
//! fuzz/ are these, and `tests/fuzz_corpus.rs` tries them on what fuzzing found worth keeping.
//!
//! What is expected is said from the JSON that serde_json makes of the same bytes, and from the pure core.

use pod_security_standards::{validate, validate_settings};
use pss_core::admission::{Cluster, Effect, LookupError};
use pss_core::pod::{self, Pod};
use pss_core::standards::{self, Level, LevelVersion, Version};
use pss_manifest::{Position, Span};
use pss_playground::api as playground;
use pss_playground::report;
use pss_review::{Comparison, OptionError, Report, Status};
use serde_json::{Value, json};

/// A cluster in which every namespace is the same, and has these pods. Both are JSON.
struct Made<'a> {
    namespace: &'a [u8],
    pods: &'a [u8],
}

impl Cluster for Made<'_> {
    fn namespace(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Ok(self.namespace.to_vec())
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Ok(self.pods.to_vec())
    }

    fn millis(&self) -> u64 {
        0
    }
}

const UNLABELLED: Made<'_> = Made { namespace: br#"{"metadata":{"name":"team"}}"#, pods: br#"{"items":[{"spec":{"hostPID":true}}]}"# };

/// The answer to a payload, of which all holds that holds of every answer.
fn answer(payload: &[u8], cluster: &dyn Cluster) -> Value {
    let text = serde_json::to_string(&validate(payload, cluster)).expect("an answer is JSON");
    let answer: Value = serde_json::from_str(&text).expect("an answer is JSON");
    let is_accepted = answer["accepted"].as_bool().expect("accepted is true or false");
    assert_eq!(is_accepted, answer["message"].is_null(), "{answer}");
    assert_eq!(is_accepted, answer["code"].is_null(), "{answer}");
    if !is_accepted {
        assert!(answer["message"].as_str().is_some_and(|message| !message.is_empty()), "{answer}");
        assert!(answer["code"].as_u64().is_some_and(|code| [400, 403, 422, 500].contains(&code)), "{answer}");
        assert!(answer["mutated_object"].is_null(), "{answer}");
        assert_ne!(answer["message"], "the object could not be changed");
    }
    assert!(answer["mutated_object"].is_null() || answer["mutated_object"].is_object(), "{answer}");
    let again = serde_json::to_value(validate(payload, cluster)).expect("an answer is JSON");
    assert_eq!(answer, again, "the same is asked, and the same answered");
    answer
}

/// Any payload of `validate`.
pub fn request(payload: &[u8]) {
    let answer = answer(payload, &UNLABELLED);
    let is_accepted = answer["accepted"] == true;
    let Ok(read) = serde_json::from_slice::<Value>(payload) else {
        // Halves of surrogate pairs are all that Go reads and serde_json does not.
        assert!(!is_accepted || has_half_a_pair(payload), "this cannot be read, and was accepted");
        return;
    };
    let (request, settings) = (&read["request"], &read["settings"]);
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let can_be_judged = is_text(&request["operation"]) && is_text(&request["resource"]["resource"]);
    assert!(!is_accepted || can_be_judged, "nobody knows what is asked, and it was accepted");
    assert!(!is_accepted || may_judge(settings), "no settings, and accepted");
    if is_accepted && *settings == json!({"level": "restricted"}) && is_new_pod(request) {
        let object = request["object"].to_string();
        let object = pod::read(&object).expect("what was judged can be read");
        assert_eq!(object.errors, []);
        let policy = LevelVersion { level: Level::Restricted, version: Version::Latest };
        assert!(standards::evaluate(Pod::of(&object), policy).is_empty(), "the pod violates restricted, and was accepted");
    }
}

/// Whether settings may judge a request: they are valid but for rules, which are read when they matter. One that
/// is wrong exempts nothing.
fn may_judge(settings: &Value) -> bool {
    let mut settings = settings.clone();
    if let Some(rules) = settings.pointer_mut("/exemptions/checks").and_then(Value::as_array_mut) {
        rules.clear();
    }
    validate_settings(settings.to_string().as_bytes()).valid
}

fn has_half_a_pair(payload: &[u8]) -> bool {
    payload.windows(3).any(|letters| letters.eq_ignore_ascii_case(br"\ud"))
}

fn is_new_pod(request: &Value) -> bool {
    let is_empty = |value: &Value| value.is_null() || value == "";
    let of = &request["resource"];
    // The scanner names the kind.
    let is_pods = of["resource"] == "pods" || of["resource"] == "Pod";
    request["operation"] == "CREATE" && is_pods && is_empty(&of["group"]) && is_empty(&request["requestSubResource"])
}

/// Any settings, and any options of the page.
pub fn settings(settings: &[u8]) {
    let answer = serde_json::to_string(&validate_settings(settings)).expect("an answer is JSON");
    let answer: Value = serde_json::from_str(&answer).expect("an answer is JSON");
    let is_valid = answer["valid"].as_bool().expect("valid is true or false");
    assert_eq!(is_valid, answer["message"].is_null(), "{answer}");
    assert!(is_valid || answer["message"].as_str().is_some_and(|message| !message.is_empty()), "{answer}");
    let Ok(text) = std::str::from_utf8(settings) else {
        assert!(!is_valid, "settings that are no text are valid");
        return;
    };
    // Every request is judged by valid settings, and none by others.
    let object = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"hostPID":true,"containers":[{"name":"a"}]}}"#;
    let asked = r#""operation":"CREATE","resource":{"group":"","resource":"pods"},"namespace":"team""#;
    let payload = format!(r#"{{"request":{{{asked},"object":{object}}},"settings":{text}}}"#);
    let judged = self::answer(payload.as_bytes(), &UNLABELLED);
    let is_told = judged["message"].as_str().is_some_and(|message| message.starts_with("the policy's settings are invalid"));
    assert!(!(is_valid && is_told), "{judged}");
    // What is no JSON by itself may be some in its place.
    if let Ok(read) = serde_json::from_str::<Value>(text) {
        assert!(judged["accepted"] == false || may_judge(&read), "settings that are invalid let a pod through");
    }

    // The page takes the same settings; and whatever its options are, it has an answer.
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostPID: true}\n";
    for options in [format!(r#"{{"settings":{text}}}"#), text.to_owned()] {
        let report = playground::evaluate(manifest, &options);
        is_sound(&report, manifest);
        let policy = playground::policy(&options);
        assert_eq!(report.is_ok(), !policy.starts_with("# There is no policy yet"), "{policy}");
        let compared = playground::compare(manifest, &options, r#"{"level":"baseline","version":"latest"}"#);
        has_json(&compared);
    }
}

/// Settings for labels to be read by. All but the last two let labels change what is asked.
const BY_LABELS: [&str; 5] = [
    r#"{"defaults":{},"namespaceLabels":"honor","labelTypos":"warn"}"#,
    r#"{"level":"baseline","namespaceLabels":"honor","workloads":"enforce"}"#,
    r#"{"defaults":{"enforce":"privileged","warn":"restricted"},"namespaceLabels":"tighten"}"#,
    r#"{"level":"baseline","version":"v1.30","namespaceLabels":"tighten","labelTypos":"warn"}"#,
    r#"{"defaults":{"enforce":"baseline","audit":"restricted"},"namespaceLabels":"set","labelTypos":"warn"}"#,
];
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// Any labels of a namespace. The first byte says by which settings they are read.
pub fn labels(input: &[u8]) {
    let Some((first, labels)) = input.split_first() else { return };
    let which = usize::from(*first) % BY_LABELS.len();
    let settings = BY_LABELS[which];
    let asks_for_baseline = which >= 3;
    let namespace = [br#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team","labels":"#, labels, b"}}"].concat();
    let pods = br#"{"items":[{"metadata":{"name":"b"},"spec":{"hostPID":true}},{"metadata":{"name":"a"},"spec":{}}]}"#;
    let cluster = Made { namespace: &namespace, pods };

    let ask = |asked: &str, object: &[u8], old: Option<&[u8]>| {
        let old = old.map_or_else(Vec::new, |old| [br#","oldObject":"#, old].concat());
        let request = [br#"{"request":{"#, asked.as_bytes(), br#","object":"#, object, &old].concat();
        answer(&[&request, br#"},"settings":"#.as_slice(), settings.as_bytes(), b"}"].concat(), &cluster)
    };
    let pods = r#""operation":"CREATE","resource":{"group":"","resource":"pods"},"namespace":"team""#;
    let offending = br#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"hostPID":true,"containers":[{"name":"a"}]}}"#;
    let judged = ask(pods, offending, None);
    assert!(!asks_for_baseline || judged["accepted"] == false, "labels made settings looser");
    let read: Option<Value> = serde_json::from_slice(&namespace).ok();
    let read = read.as_ref().map(|read| &read["metadata"]["labels"]);
    if read.is_none() && !has_half_a_pair(labels) {
        assert_eq!(judged["accepted"], false, "labels that cannot be read let a pod through");
    }
    // What a label asks for is asked for. One that is no level asks for restricted.
    if let Some(level) = read.and_then(|read| read.get(ENFORCE)).filter(|level| !level.is_null())
        && level != "privileged"
    {
        assert_eq!(judged["accepted"], false, "{level}");
    }

    let creation = r#""operation":"CREATE","resource":{"group":"","resource":"namespaces"},"name":"team","namespace":"team""#;
    let created = ask(creation, &namespace, None);
    let update = creation.replace("CREATE", "UPDATE");
    ask(&update, &namespace, Some(br#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team"}}"#));
    ask(&update, br#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team"}}"#, Some(&namespace));
    let changed = &created["mutated_object"];
    if which == 4 && created["accepted"] == true && serde_json::from_slice::<Value>(labels).is_ok() {
        let labelled = if changed.is_null() { read.cloned().unwrap_or_default() } else { changed["metadata"]["labels"].clone() };
        let level = labelled[ENFORCE].as_str().and_then(Level::parse);
        assert!(level.is_some_and(|level| level >= Level::Baseline), "a namespace without the level that is set: {labelled}");
        // Once is enough.
        let again = ask(creation, changed.to_string().as_bytes(), None);
        assert!(changed.is_null() || again["accepted"] == true && again["mutated_object"].is_null(), "{again}");
    }
    assert!(which == 4 || changed.is_null(), "{created}");
}

/// A level and a version, with a line break between them.
pub fn level(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else { return };
    let (level, version) = text.split_once('\n').unwrap_or((text, "latest"));
    let (parsed_level, parsed_version) = (Level::parse(level), Version::parse(version));
    assert_eq!(parsed_level.is_some(), ["privileged", "baseline", "restricted"].contains(&level));
    if let Some(parsed) = parsed_level {
        assert_eq!(parsed.to_string(), level);
    }
    let digits = version.strip_prefix("v1.").unwrap_or_default();
    let is_number = digits == "0" || digits.bytes().all(|digit| digit.is_ascii_digit()) && digits.starts_with(|first| first != '0');
    let is_known = version == "latest" || is_number && digits.parse::<i64>().is_ok();
    assert_eq!(parsed_version.is_some(), is_known, "{version:?}");
    if let Some(parsed) = parsed_version {
        assert_eq!(parsed.to_string(), version);
        assert!(parsed.known_minor() <= standards::NEWEST_MINOR);
    }

    // The settings, the labels and the page take the same. The empty text is none, in settings.
    let written = json!({"level": level, "version": version});
    let expected = parsed_level.is_some() && (parsed_version.is_some() || version.is_empty());
    assert_eq!(validate_settings(written.to_string().as_bytes()).valid, expected, "{written}");
    let target = written.to_string();
    let compared = playground::compare("{apiVersion: v1, kind: Pod}", &target, r#"{"level":"baseline","version":"v1.30"}"#);
    assert_eq!(compared.is_ok(), parsed_level.is_some() && parsed_version.is_some(), "{target}");
    has_json(&compared);

    let labels = json!({ENFORCE: level, "pod-security.kubernetes.io/enforce-version": version});
    let namespace = json!({"metadata": {"name": "team", "labels": labels}}).to_string();
    let cluster = Made { namespace: namespace.as_bytes(), pods: b"{}" };
    let payload = json!({
        "settings": {"defaults": {}, "namespaceLabels": "honor"},
        "request": {
            "operation": "CREATE", "resource": {"group": "", "resource": "pods"}, "namespace": "team",
            "object": {"apiVersion": "v1", "kind": "Pod", "spec": {"hostNetwork": true}},
        },
    });
    let answer = answer(payload.to_string().as_bytes(), &cluster);
    assert_eq!(answer["accepted"] == true, level == "privileged", "{answer}");
    let is_told = answer["audit_annotations"]["error"].is_string();
    assert_eq!(is_told, parsed_level.is_none() || parsed_version.is_none(), "{answer}");
}

/// Options to judge manifests by.
const OPTIONS: [&str; 6] = [
    r#"{"settings":{"level":"restricted"}}"#,
    r#"{"settings":{"level":"baseline","version":"v1.24","workloads":"enforce","details":true},"admission":"kubewarden"}"#,
    r#"{"settings":{"defaults":{"enforce":"baseline","warn":"restricted"},"namespaceLabels":"honor"},"namespace":"team","namespaceLabels":{"pod-security.kubernetes.io/audit":"restricted"}}"#,
    r#"{"settings":{"level":"restricted","harden":["allowPrivilegeEscalation","capabilities_restricted","runAsNonRoot","seccompProfile_restricted"],"exemptions":{"checks":[{"checks":["hostNamespaces","hostPorts","hostPathVolumes"],"reason":"r"},{"checks":["runAsNonRoot"],"containers":["a*"],"reason":"s"}]}}}"#,
    r#"{"settings":{"level":"baseline","namespaceLabels":"set","labelTypos":"warn"},"more":"exemptions: {usernames: [u]}","user":"u"}"#,
    r#"{"settings":{"level":"restricted","version":"v1.18"},"more":"details: true"}"#,
];

/// The options that the first byte stands for, and the manifests behind it.
fn manifests(input: &[u8]) -> Option<(&'static str, &str)> {
    let (first, text) = input.split_first()?;
    Some((OPTIONS[usize::from(*first) % OPTIONS.len()], std::str::from_utf8(text).ok()?))
}

/// Any manifests. The first byte says by which options they are judged.
pub fn manifest(input: &[u8]) {
    let Some((options, text)) = manifests(input) else { return };
    is_sound(&playground::evaluate(text, options), text);
    let compared = playground::compare(text, r#"{"level":"baseline","version":"v1.20"}"#, r#"{"level":"restricted","version":"latest"}"#);
    has_json(&compared);
    let places = places(text);
    for document in &compared.expect("the levels are valid").documents {
        for finding in document.added.iter().chain(&document.removed) {
            lies_in(&finding.span, &places);
        }
    }
}

/// Any manifests, mended.
pub fn fix(input: &[u8]) {
    let Some((options, text)) = manifests(input) else { return };
    let fixed = playground::fix(text, options);
    let [before, after] = [text, &fixed].map(|text| playground::evaluate(text, options));
    is_sound(&after, &fixed);
    let [before, after] = [before, after].map(|report| report.expect("the options are valid"));
    let statuses = |report: &Report| report.documents.iter().map(|document| document.status as u8).collect::<Vec<_>>();
    assert_eq!(statuses(&before), statuses(&after), "fixes changed what the documents are");
    let findings = |report: &Report| report.documents.iter().map(|document| document.findings.len()).sum::<usize>();
    assert!(findings(&after) <= findings(&before), "fixes made findings");
    assert!(findings(&before) > 0 || fixed == text, "nothing was found, and something fixed");
    assert_eq!(playground::fix(&fixed, options), fixed, "fixed twice is not fixed once");
}

/// A comparison can be serialized for the page.
fn has_json(comparison: &Result<Comparison, Vec<OptionError>>) {
    let json = serde_json::to_value(report::Comparison::from(comparison)).expect("a comparison can be serialized");
    assert_eq!(json["errors"] == json!([]), comparison.is_ok());
}

/// A report can be serialized for the page, and everything that it marks or would change lies in the text.
fn is_sound(result: &Result<Report, Vec<OptionError>>, text: &str) {
    let json = serde_json::to_value(report::Report::from(result)).expect("a report can be serialized");
    assert_eq!(json["errors"] == json!([]), result.is_ok());
    let Ok(report) = result else {
        assert_eq!(json["documents"], json!([]), "something was judged by invalid options");
        return;
    };
    assert_eq!(json["documents"].as_array().map(Vec::len), Some(report.documents.len()));
    let places = places(text);
    for document in &report.documents {
        lies_in(&document.span, &places);
        let judged = if document.status == Status::Judged { 3 } else { 0 };
        assert_eq!(document.verdicts.len(), judged);
        for verdict in &document.verdicts {
            assert_eq!(verdict.is_satisfied, verdict.message.is_none());
            assert!(!verdict.is_satisfied || verdict.effect == Effect::None);
        }
        let exempt = document.exempt_findings.iter().map(|finding| finding.span);
        for span in exempt.chain(document.changes.iter().map(|change| change.span)) {
            lies_in(&span, &places);
        }
        for diagnostic in &document.diagnostics {
            lies_in(&diagnostic.span, &places);
        }
        for finding in &document.findings {
            lies_in(&finding.span, &places);
            for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
                lies_in(&edit.span, &places);
            }
        }
    }
}

/// The places of a text between its letters: line and column by the UTF-16 units before it. What is amid a
/// letter is none.
fn places(text: &str) -> Vec<Option<(usize, usize)>> {
    let (mut line, mut column) = (1, 1);
    let mut places = vec![Some((line, column))];
    let mut letters = text.chars().peekable();
    while let Some(letter) = letters.next() {
        if letter == '\n' || letter == '\r' && letters.peek() != Some(&'\n') {
            (line, column) = (line + 1, 1);
        } else {
            column += letter.len_utf16();
        }
        places.extend((1..letter.len_utf16()).map(|_| None));
        places.push(Some((line, column)));
    }
    places
}

fn lies_in(span: &Span, places: &[Option<(usize, usize)>]) {
    let is_valid = |position: &Position| places.get(position.utf16_offset) == Some(&Some((position.line, position.utf16_column)));
    assert!(is_valid(&span.start) && is_valid(&span.end), "{span:?} is no place of the text");
    assert!(span.start.utf16_offset <= span.end.utf16_offset, "{span:?} ends before it begins");
}
