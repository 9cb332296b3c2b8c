//! Invariants of every input, as functions of bytes that panic if one is violated. They are the fuzz targets in fuzz/, and
//! `tests/fuzz_corpus.rs` runs them on the corpus.
//!
//! Expected results are derived from the same bytes deserialized by serde_json, and from pss-core.

use pod_security_standards::{validate, validate_settings};
use pss_core::admission::{Cluster, Effect, LookupError, Workload};
use pss_core::pod::{self, Pod};
use pss_core::standards::{self, Level, LevelVersion, Version};
use pss_manifest::{Position, Span};
use pss_playground::api as playground;
use pss_playground::report;
use pss_review::{Comparison, OptionError, Report, Status};
use serde_json::{Value, json};

/// A cluster in which every namespace has the same labels and pods, given as JSON.
struct UniformCluster<'a> {
    namespace: &'a [u8],
    pods: &'a [u8],
}

impl Cluster for UniformCluster<'_> {
    fn namespace(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Ok(self.namespace.to_vec())
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Ok(self.pods.to_vec())
    }

    fn workloads(&self, _: &'static Workload, _: &str) -> Result<Vec<u8>, LookupError> {
        Ok(br#"{"items":[{"metadata":{"name":"w"},"spec":{"template":{"spec":{"hostPID":true}}}}]}"#.to_vec())
    }

    fn millis(&self) -> u64 {
        0
    }
}

const UNLABELLED: UniformCluster<'_> =
    UniformCluster { namespace: br#"{"metadata":{"name":"team"}}"#, pods: br#"{"items":[{"spec":{"hostPID":true}}]}"# };

/// Returns the response to a payload, and checks the invariants of responses.
fn response(payload: &[u8], cluster: &dyn Cluster) -> Value {
    let text = validate(payload, cluster).to_json();
    let response: Value = serde_json::from_slice(&text).expect("a response is JSON");
    let is_accepted = response["accepted"].as_bool().expect("accepted is true or false");
    assert_eq!(is_accepted, response["message"].is_null(), "{response}");
    assert_eq!(is_accepted, response["code"].is_null(), "{response}");
    if !is_accepted {
        assert!(response["message"].as_str().is_some_and(|message| !message.is_empty()), "{response}");
        assert!(response["code"].as_u64().is_some_and(|code| [400, 403, 422, 500].contains(&code)), "{response}");
        assert!(response["mutated_object"].is_null(), "{response}");
        assert_ne!(response["message"], "the object could not be changed");
    }
    assert!(response["mutated_object"].is_null() || response["mutated_object"].is_object(), "{response}");
    assert_eq!(text, validate(payload, cluster).to_json(), "responses are deterministic");
    response
}

/// Any payload of `validate`.
pub fn request(payload: &[u8]) {
    let response = response(payload, &UNLABELLED);
    let is_accepted = response["accepted"] == true;
    let Ok(payload_json) = serde_json::from_slice::<Value>(payload) else {
        // Unpaired surrogates are the only input that Go accepts and serde_json does not.
        assert!(!is_accepted || has_unpaired_surrogate(payload), "an invalid payload is accepted");
        return;
    };
    let (request, settings) = (&payload_json["request"], &payload_json["settings"]);
    let is_text = |value: &Value| value.as_str().is_some_and(|text| !text.is_empty());
    let has_resource = is_text(&request["operation"]) && is_text(&request["resource"]["resource"]);
    assert!(!is_accepted || has_resource, "a request without operation or resource is accepted");
    assert!(!is_accepted || are_valid_except_rules(settings), "a request with invalid settings is accepted");
    if is_accepted && *settings == json!({"level": "restricted"}) && is_new_pod(request) {
        let object = request["object"].to_string();
        let object = pod::read(&object).expect("the object of an accepted request is valid");
        assert_eq!(object.errors, []);
        let policy = LevelVersion { level: Level::Restricted, version: Version::Latest };
        assert!(standards::evaluate(Pod::of(&object), policy).is_empty(), "a pod that violates restricted is accepted");
    }
}

/// Whether settings are valid, except for rules, which are deserialized only if needed. An invalid rule exempts no finding.
fn are_valid_except_rules(settings: &Value) -> bool {
    let mut settings = settings.clone();
    if let Some(rules) = settings.pointer_mut("/exemptions/checks").and_then(Value::as_array_mut) {
        rules.clear();
    }
    validate_settings(settings.to_string().as_bytes()).valid
}

fn has_unpaired_surrogate(payload: &[u8]) -> bool {
    payload.windows(3).any(|bytes| bytes.eq_ignore_ascii_case(br"\ud"))
}

fn is_new_pod(request: &Value) -> bool {
    let is_empty = |value: &Value| value.is_null() || value == "";
    let of = &request["resource"];
    // Requests of the audit scanner have the kind.
    let is_pods = of["resource"] == "pods" || of["resource"] == "Pod";
    request["operation"] == "CREATE" && is_pods && is_empty(&of["group"]) && is_empty(&request["requestSubResource"])
}

/// Any settings, and any options of the page.
pub fn settings(settings: &[u8]) {
    let response = serde_json::to_string(&validate_settings(settings)).expect("a response is JSON");
    let response: Value = serde_json::from_str(&response).expect("a response is JSON");
    let is_valid = response["valid"].as_bool().expect("valid is true or false");
    assert_eq!(is_valid, response["message"].is_null(), "{response}");
    assert!(is_valid || response["message"].as_str().is_some_and(|message| !message.is_empty()), "{response}");
    let Ok(text) = std::str::from_utf8(settings) else {
        assert!(!is_valid, "settings that are not UTF-8 are valid");
        return;
    };
    // Requests are evaluated with valid settings, and rejected with invalid ones.
    let object = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"hostPID":true,"containers":[{"name":"a"}]}}"#;
    let attributes = r#""operation":"CREATE","resource":{"group":"","resource":"pods"},"namespace":"team""#;
    let payload = format!(r#"{{"request":{{{attributes},"object":{object}}},"settings":{text}}}"#);
    let response = self::response(payload.as_bytes(), &UNLABELLED);
    let has_settings_error = response["message"].as_str().is_some_and(|message| message.starts_with("the policy's settings are invalid"));
    assert!(!(is_valid && has_settings_error), "{response}");
    // Text that is not JSON may be part of valid JSON in the payload.
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        assert!(response["accepted"] == false || are_valid_except_rules(&value), "a pod is accepted with invalid settings");
    }

    // The playground accepts the same settings, and returns a report for any options.
    let manifest = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec: {hostPID: true}\n";
    for options in [format!(r#"{{"settings":{text}}}"#), text.to_owned()] {
        let report = playground::evaluate(manifest, &options);
        assert_valid_report(&report, manifest);
        let policy = playground::policy(&options);
        assert_eq!(report.is_ok(), !policy.starts_with("# There is no policy yet"), "{policy}");
        let compared = playground::compare(manifest, &options, r#"{"level":"baseline","version":"latest"}"#);
        assert_valid_comparison(&compared);
    }
}

/// Settings that read labels. With the last two, labels cannot lower the level below baseline.
const SETTINGS_WITH_LABELS: [&str; 5] = [
    r#"{"defaults":{},"namespaceLabels":"honor","labelTypos":"warn"}"#,
    r#"{"level":"baseline","namespaceLabels":"honor","existing":"workloads","workloads":"enforce"}"#,
    r#"{"defaults":{"enforce":"privileged","warn":"restricted"},"namespaceLabels":"tighten"}"#,
    r#"{"level":"baseline","version":"v1.30","namespaceLabels":"tighten","labelTypos":"warn"}"#,
    r#"{"defaults":{"enforce":"baseline","audit":"restricted"},"namespaceLabels":"set","labelTypos":"warn"}"#,
];
const ENFORCE: &str = "pod-security.kubernetes.io/enforce";

/// Any labels of a namespace. The first byte selects the settings.
pub fn labels(input: &[u8]) {
    let Some((first, labels)) = input.split_first() else { return };
    let index = usize::from(*first) % SETTINGS_WITH_LABELS.len();
    let settings = SETTINGS_WITH_LABELS[index];
    let requires_baseline = index >= 3;
    let namespace = [br#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team","labels":"#, labels, b"}}"].concat();
    let pods = br#"{"items":[{"metadata":{"name":"b"},"spec":{"hostPID":true}},{"metadata":{"name":"a"},"spec":{}}]}"#;
    let cluster = UniformCluster { namespace: &namespace, pods };

    let respond = |attributes: &str, object: &[u8], old: Option<&[u8]>| {
        let old = old.map_or_else(Vec::new, |old| [br#","oldObject":"#, old].concat());
        let request = [br#"{"request":{"#, attributes.as_bytes(), br#","object":"#, object, &old].concat();
        response(&[&request, br#"},"settings":"#.as_slice(), settings.as_bytes(), b"}"].concat(), &cluster)
    };
    let pods = r#""operation":"CREATE","resource":{"group":"","resource":"pods"},"namespace":"team""#;
    let violating = br#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{"hostPID":true,"containers":[{"name":"a"}]}}"#;
    let response = respond(pods, violating, None);
    assert!(!requires_baseline || response["accepted"] == false, "labels lowered the level of the settings");
    let read: Option<Value> = serde_json::from_slice(&namespace).ok();
    let read = read.as_ref().map(|read| &read["metadata"]["labels"]);
    if read.is_none() && !has_unpaired_surrogate(labels) {
        assert_eq!(response["accepted"], false, "a pod is accepted with invalid labels");
    }
    // The level of a label is enforced. An invalid level is restricted.
    if let Some(level) = read.and_then(|read| read.get(ENFORCE)).filter(|level| !level.is_null())
        && level != "privileged"
    {
        assert_eq!(response["accepted"], false, "{level}");
    }

    let creation = r#""operation":"CREATE","resource":{"group":"","resource":"namespaces"},"name":"team","namespace":"team""#;
    let created = respond(creation, &namespace, None);
    let update = creation.replace("CREATE", "UPDATE");
    respond(&update, &namespace, Some(br#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team"}}"#));
    respond(&update, br#"{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"team"}}"#, Some(&namespace));
    let changed = &created["mutated_object"];
    if index == 4 && created["accepted"] == true && serde_json::from_slice::<Value>(labels).is_ok() {
        let labelled = if changed.is_null() { read.cloned().unwrap_or_default() } else { changed["metadata"]["labels"].clone() };
        let level = labelled[ENFORCE].as_str().and_then(Level::parse);
        assert!(level.is_some_and(|level| level >= Level::Baseline), "a namespace without the level of the settings: {labelled}");
        // Setting labels is idempotent.
        let again = respond(creation, changed.to_string().as_bytes(), None);
        assert!(changed.is_null() || again["accepted"] == true && again["mutated_object"].is_null(), "{again}");
    }
    assert!(index == 4 || changed.is_null(), "{created}");
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

    // Settings, labels and the playground accept the same names. In settings, the empty text is unset.
    let written = json!({"level": level, "version": version});
    let expected = parsed_level.is_some() && (parsed_version.is_some() || version.is_empty());
    assert_eq!(validate_settings(written.to_string().as_bytes()).valid, expected, "{written}");
    let target = written.to_string();
    let compared = playground::compare("{apiVersion: v1, kind: Pod}", &target, r#"{"level":"baseline","version":"v1.30"}"#);
    assert_eq!(compared.is_ok(), parsed_level.is_some() && parsed_version.is_some(), "{target}");
    assert_valid_comparison(&compared);

    let labels = json!({ENFORCE: level, "pod-security.kubernetes.io/enforce-version": version});
    let namespace = json!({"metadata": {"name": "team", "labels": labels}}).to_string();
    let cluster = UniformCluster { namespace: namespace.as_bytes(), pods: b"{}" };
    let payload = json!({
        "settings": {"defaults": {}, "namespaceLabels": "honor"},
        "request": {
            "operation": "CREATE", "resource": {"group": "", "resource": "pods"}, "namespace": "team",
            "object": {"apiVersion": "v1", "kind": "Pod", "spec": {"hostNetwork": true}},
        },
    });
    let response = response(payload.to_string().as_bytes(), &cluster);
    assert_eq!(response["accepted"] == true, level == "privileged", "{response}");
    let has_error = response["audit_annotations"]["error"].is_string();
    assert_eq!(has_error, parsed_level.is_none() || parsed_version.is_none(), "{response}");
}

/// Options of reviews.
const OPTIONS: [&str; 6] = [
    r#"{"settings":{"level":"restricted"}}"#,
    r#"{"settings":{"level":"baseline","version":"v1.24","workloads":"enforce","details":true},"admission":"kubewarden"}"#,
    r#"{"settings":{"defaults":{"enforce":"baseline","warn":"restricted"},"namespaceLabels":"honor"},"namespace":"team","namespaceLabels":{"pod-security.kubernetes.io/audit":"restricted"}}"#,
    r#"{"settings":{"level":"restricted","harden":["allowPrivilegeEscalation","capabilities_restricted","runAsNonRoot","seccompProfile_restricted"],"exemptions":{"checks":[{"checks":["hostNamespaces","hostPorts","hostPathVolumes"],"reason":"r"},{"checks":["runAsNonRoot"],"containers":["a*"],"reason":"s"}]}}}"#,
    r#"{"settings":{"level":"baseline","namespaceLabels":"set","labelTypos":"warn"},"more":"exemptions: {usernames: [u]}","user":"u"}"#,
    r#"{"settings":{"level":"restricted","version":"v1.18"},"more":"details: true"}"#,
];

/// Splits an input into the options of the first byte and manifests.
fn options_and_manifests(input: &[u8]) -> Option<(&'static str, &str)> {
    let (first, text) = input.split_first()?;
    Some((OPTIONS[usize::from(*first) % OPTIONS.len()], std::str::from_utf8(text).ok()?))
}

/// Any manifests. The first byte selects the options.
pub fn manifest(input: &[u8]) {
    let Some((options, text)) = options_and_manifests(input) else { return };
    assert_valid_report(&playground::evaluate(text, options), text);
    let compared = playground::compare(text, r#"{"level":"baseline","version":"v1.20"}"#, r#"{"level":"restricted","version":"latest"}"#);
    assert_valid_comparison(&compared);
    let positions = positions(text);
    for document in &compared.expect("the levels are valid").documents {
        for finding in document.added.iter().chain(&document.removed) {
            assert_span(&finding.span, &positions);
        }
    }
}

/// The fixes of any manifests. The first byte selects the options.
pub fn fix(input: &[u8]) {
    let Some((options, text)) = options_and_manifests(input) else { return };
    let fixed = playground::fix(text, options);
    let [before, after] = [text, &fixed].map(|text| playground::evaluate(text, options));
    assert_valid_report(&after, &fixed);
    let [before, after] = [before, after].map(|report| report.expect("the options are valid"));
    let statuses = |report: &Report| report.documents.iter().map(|document| document.status as u8).collect::<Vec<_>>();
    assert_eq!(statuses(&before), statuses(&after), "fixes change the status of documents");
    let findings = |report: &Report| report.documents.iter().map(|document| document.findings.len()).sum::<usize>();
    assert!(findings(&after) <= findings(&before), "fixes cause findings");
    assert!(findings(&before) > 0 || fixed == text, "a text without findings is changed");
    assert_eq!(playground::fix(&fixed, options), fixed, "fixing is not idempotent");
}

/// Asserts that a comparison can be serialized for the page.
fn assert_valid_comparison(comparison: &Result<Comparison, Vec<OptionError>>) {
    let json = serde_json::to_value(report::Comparison::from(comparison)).expect("a comparison can be serialized");
    assert_eq!(json["errors"] == json!([]), comparison.is_ok());
}

/// Asserts that a report can be serialized for the page, and that its marks and edits are in the text.
fn assert_valid_report(result: &Result<Report, Vec<OptionError>>, text: &str) {
    let json = serde_json::to_value(report::Report::from(result)).expect("a report can be serialized");
    assert_eq!(json["errors"] == json!([]), result.is_ok());
    let Ok(report) = result else {
        assert_eq!(json["documents"], json!([]), "documents are reviewed with invalid options");
        return;
    };
    assert_eq!(json["documents"].as_array().map(Vec::len), Some(report.documents.len()));
    let positions = positions(text);
    for document in &report.documents {
        assert_span(&document.span, &positions);
        let count = if document.status == Status::Judged { 3 } else { 0 };
        assert_eq!(document.verdicts.len(), count);
        for verdict in &document.verdicts {
            assert_eq!(verdict.is_satisfied, verdict.message.is_none());
            assert!(!verdict.is_satisfied || verdict.effect == Effect::None);
        }
        let exempt = document.exempt_findings.iter().map(|finding| finding.span);
        for span in exempt.chain(document.changes.iter().map(|change| change.span)) {
            assert_span(&span, &positions);
        }
        for diagnostic in &document.diagnostics {
            assert_span(&diagnostic.span, &positions);
        }
        for finding in &document.findings {
            assert_span(&finding.span, &positions);
            for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
                assert_span(&edit.span, &positions);
            }
        }
    }
}

/// Returns the line and column of each offset in UTF-16 code units; `None` within a character.
fn positions(text: &str) -> Vec<Option<(usize, usize)>> {
    let (mut line, mut column) = (1, 1);
    let mut positions = vec![Some((line, column))];
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if character == '\n' || character == '\r' && characters.peek() != Some(&'\n') {
            (line, column) = (line + 1, 1);
        } else {
            column += character.len_utf16();
        }
        positions.extend((1..character.len_utf16()).map(|_| None));
        positions.push(Some((line, column)));
    }
    positions
}

fn assert_span(span: &Span, positions: &[Option<(usize, usize)>]) {
    let is_valid = |position: &Position| positions.get(position.utf16_offset) == Some(&Some((position.line, position.utf16_column)));
    assert!(is_valid(&span.start) && is_valid(&span.end), "{span:?} is not in the text");
    assert!(span.start.utf16_offset <= span.end.utf16_offset, "{span:?} ends before it begins");
}
