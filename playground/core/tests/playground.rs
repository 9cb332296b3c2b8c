//! Compares the playground with the policy: every fixture of Kubernetes gets the same verdict and message as a manifest and as a
//! request. Every mark of a finding is on its field.
//!
//! The fixtures are Kubernetes' and not part of this repository: `PSS_CONFORMANCE_DIR` is their directory. The tests of the report
//! are next to its code, in crates/review.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use pod_security_standards as policy_module;
use pss_core::admission::{Cluster, Effect, LookupError};
use pss_manifest::{Position, Span};
use pss_playground::api as playground;
use pss_review::{DocumentReport, Finding, Report, Status, Stream};
use pss_testing::conformance;
use serde_json::{Map, Value, json};

/// Namespaces with their labels.
struct Namespaces(Map<String, Value>);

impl Cluster for Namespaces {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError> {
        let labels = self.0.get(name).ok_or("not found")?;
        Ok(json!({"metadata": {"name": name, "labels": labels}}).to_string().into_bytes())
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Err("no test lists pods".into())
    }

    fn millis(&self) -> u64 {
        0
    }
}

/// The response of the policy: the warnings, or the message of a rejection.
fn policy(request: &Value, settings: &Value, namespaces: &Map<String, Value>) -> Result<Vec<String>, String> {
    let payload = json!({"request": request, "settings": settings}).to_string();
    let response = policy_module::validate(payload.as_bytes(), &Namespaces(namespaces.clone()));
    if response.accepted { Ok(response.warnings.unwrap_or_default()) } else { Err(response.message.unwrap()) }
}

/// An object with the defaults of the API server that change a verdict. The policy receives objects with defaults, and the
/// playground texts without them.
fn with_defaults(object: &Value) -> Value {
    let mut object = without_nulls(object);
    let is_pod = object["kind"] == "Pod";
    for path in ["/spec", "/template/spec", "/spec/template/spec", "/spec/jobTemplate/spec/template/spec"] {
        let Some(Value::Object(spec)) = object.pointer_mut(path) else { continue };
        for volume in spec.get_mut("volumes").and_then(Value::as_array_mut).into_iter().flatten() {
            if let Value::Object(volume) = volume
                && volume.keys().all(|key| key == "name")
            {
                volume.insert("emptyDir".to_owned(), json!({}));
            }
        }
        if !is_pod || spec.get("hostNetwork") != Some(&json!(true)) {
            continue;
        }
        for list in ["initContainers", "containers"] {
            for container in spec.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
                for port in container.get_mut("ports").and_then(Value::as_array_mut).into_iter().flatten() {
                    if port["hostPort"].as_u64().unwrap_or_default() == 0 {
                        port["hostPort"] = port["containerPort"].clone();
                    }
                }
            }
        }
    }
    object
}

fn without_nulls(value: &Value) -> Value {
    match value {
        Value::Array(elements) => elements.iter().map(without_nulls).collect(),
        Value::Object(fields) => {
            let fields = fields.iter().filter(|(_, value)| !value.is_null());
            fields.map(|(key, value)| (key.clone(), without_nulls(value))).collect()
        }
        _ => value.clone(),
    }
}

/// The request that creates a pod.
fn request_for(pod: &Value) -> Value {
    json!({
        "uid": "u", "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "name": pod["metadata"]["name"], "namespace": "n", "operation": "CREATE", "userInfo": {"username": "alice"}, "object": pod,
    })
}

/// A file of Kubernetes' fixtures, `pss/LEVEL/VERSION/{pass,fail}/NAME.yaml`.
struct Fixture {
    level: String,
    version: String,
    passes: bool,
    name: String,
    text: String,
    pod: Value,
}

/// All fixtures; none without `PSS_CONFORMANCE_DIR`.
fn fixtures() -> Option<Vec<Fixture>> {
    let root = conformance::data("pss")?;
    let fixtures = files(&root).into_iter().map(|path| {
        let parts: Vec<&str> = path.strip_prefix(&root).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
        let [level, version, verdict, name] = parts[..] else { panic!("{}", path.display()) };
        let text = fs::read_to_string(&path).unwrap();
        Fixture {
            level: level.to_owned(),
            version: version.to_owned(),
            passes: verdict == "pass",
            name: name.to_owned(),
            pod: serde_norway::from_str(&text).unwrap(),
            text,
        }
    });
    let fixtures: Vec<Fixture> = fixtures.collect();
    assert!(!fixtures.is_empty(), "no fixture pods in {}", root.display());
    Some(fixtures)
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let paths = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<PathBuf> = paths.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect();
    found.sort();
    found
}

/// Calls a function with each item, on all cores, because there are thousands of manifests.
fn for_each<T: Sync>(items: &[T], function: impl Fn(&T) + Sync) {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for items in items.chunks(items.len().div_ceil(threads).max(1)) {
            let function = &function;
            scope.spawn(move || items.iter().for_each(function));
        }
    });
}

impl Fixture {
    fn settings(&self) -> Value {
        json!({"level": self.level, "version": self.version})
    }

    fn report(&self, text: &str) -> Report {
        let options = json!({"settings": self.settings(), "namespace": "n", "user": "alice"});
        let report = playground::evaluate(text, &options.to_string()).unwrap();
        assert_eq!((report.warnings.len(), report.documents.len()), (0, 1), "{}", self.place());
        report
    }

    fn place(&self) -> String {
        format!("{}/{}/{}", self.level, self.version, self.name)
    }
}

/// The message of a rejection. Checks that all verdicts and effects agree with it.
fn rejection(report: &DocumentReport) -> Option<String> {
    let [enforce, audit, warn] = &report.verdicts[..] else { panic!("{report:#?}") };
    assert_eq!(enforce.is_satisfied, report.findings.is_empty(), "{report:#?}");
    assert_eq!((audit.is_satisfied, warn.is_satisfied), (enforce.is_satisfied, enforce.is_satisfied));
    let effects = [enforce.effect, audit.effect, warn.effect];
    let expected = if enforce.is_satisfied { [Effect::None; 3] } else { [Effect::Rejected, Effect::Audited, Effect::Suppressed] };
    assert_eq!(effects, expected);
    enforce.message.clone()
}

#[test]
fn every_fixture_pod_gets_the_verdict_and_the_message_of_the_policy() {
    let Some(fixtures) = fixtures() else { return };
    for_each(&fixtures, |fixture| {
        let expected = policy(&request_for(&with_defaults(&fixture.pod)), &fixture.settings(), &Map::new()).err();
        assert_eq!(expected.is_none(), fixture.passes, "{}", fixture.place());
        for text in [fixture.text.clone(), fixture.pod.to_string()] {
            let report = fixture.report(&text);
            assert_eq!(rejection(&report.documents[0]), expected, "{}\n{text}", fixture.place());
            // The output of kubectl agrees.
            let name = fixture.pod["metadata"]["name"].as_str().unwrap();
            let line = match &expected {
                None => (Stream::Output, format!("pod/{name} created")),
                Some(message) => {
                    (Stream::Error, format!("Error from server (Forbidden): error when creating \"manifest.yaml\": {message}"))
                }
            };
            let lines = report.terminal.into_iter().filter(|line| !is_own_warning(&line.text));
            assert_eq!(lines.map(|line| (line.stream, line.text)).collect::<Vec<_>>(), [line]);
        }
    });
    eprintln!("{} fixture pods got the same verdict as a manifest and as a request", fixtures.len());
}

/// A volume without a source is an emptyDir for an API server, and has an unknown type for the policy, which restricted forbids.
/// Host ports that default to the container port do not change a verdict, because every level forbids `hostNetwork`; they change
/// the message, but no fixture has such ports.
#[test]
fn defaults_of_the_api_server_change_the_verdict_of_one_fixture() {
    let Some(fixtures) = fixtures() else { return };
    let mut differ = BTreeSet::new();
    for fixture in &fixtures {
        let [without, with] =
            [&fixture.pod, &with_defaults(&fixture.pod)].map(|pod| policy(&request_for(pod), &fixture.settings(), &Map::new()));
        if without != with {
            assert!(without.unwrap_err().contains("\"unknown\""), "{}", fixture.place());
            differ.insert((fixture.level.as_str(), fixture.passes, fixture.name.as_str()));
        }
    }
    assert_eq!(differ.into_iter().collect::<Vec<_>>(), [("restricted", true, "restrictedvolumes0.yaml")]);
}

/// A text in UTF-16 units, which counts lines and columns independent of the tested code.
struct Text<'t> {
    text: &'t str,
    units: Vec<u16>,
}

impl<'t> Text<'t> {
    fn of(text: &'t str) -> Self {
        Text { text, units: text.encode_utf16().collect() }
    }

    /// The line and column of an offset. Lines end with LF, CRLF or CR.
    fn position(&self, offset: usize) -> (usize, usize) {
        let (mut line, mut column) = (1, 1);
        for (index, unit) in self.units[..offset].iter().enumerate() {
            let is_line_end =
                *unit == u16::from(b'\n') || *unit == u16::from(b'\r') && self.units.get(index + 1) != Some(&u16::from(b'\n'));
            (line, column) = if is_line_end { (line + 1, 1) } else { (line, column + 1) };
        }
        (line, column)
    }

    /// The text in a span. Checks the lines and columns of the span.
    fn slice(&self, span: Span) -> String {
        let (start, end) = (span.start.utf16_offset, span.end.utf16_offset);
        assert!(start <= end, "{span:?}");
        for Position { line, utf16_column, utf16_offset, .. } in [span.start, span.end] {
            assert_eq!((line, utf16_column), self.position(utf16_offset), "in {}", self.text);
        }
        String::from_utf16(&self.units[start..end]).expect("whole characters")
    }

    /// The text with a replacement of a span.
    fn replaced(&self, span: Span, replacement: &str) -> String {
        let [before, after] = [&self.units[..span.start.utf16_offset], &self.units[span.end.utf16_offset..]];
        format!("{}{replacement}{}", String::from_utf16(before).unwrap(), String::from_utf16(after).unwrap())
    }
}

/// The steps of a path: names and indices.
fn steps(path: &str) -> Vec<&str> {
    let mut steps = Vec::new();
    let mut rest = path;
    while !rest.is_empty() {
        let bracketed = rest.strip_prefix('[').and_then(|rest| rest.split_once(']'));
        let (step, tail) = bracketed.unwrap_or_else(|| rest.split_at(rest.find(['.', '[']).unwrap_or(rest.len())));
        steps.push(step);
        rest = tail.strip_prefix('.').unwrap_or(tail);
    }
    steps
}

/// The value at a path or its nearest parent, and the number of steps to it.
fn resolve<'v>(value: &'v mut Value, steps: &[&str]) -> (&'v mut Value, usize) {
    let Some((step, rest)) = steps.split_first() else { return (value, 0) };
    let exists = match &*value {
        Value::Array(elements) => step.parse::<usize>().is_ok_and(|index| index < elements.len()),
        // A null field counts as missing.
        Value::Object(fields) => fields.get(*step).is_some_and(|field| !field.is_null()),
        _ => false,
    };
    if !exists {
        return (value, 0);
    }
    let inner = match value {
        Value::Array(elements) => &mut elements[step.parse::<usize>().unwrap()],
        other => &mut other[*step],
    };
    let (found, depth) = resolve(inner, rest);
    (found, depth + 1)
}

const MARK: &str = "MARKED";

/// Replaces the range of a finding, parses the result with another YAML parser, and checks that the replacement is at the path of
/// the finding: instead of the value, or of the key of the nearest parent; in a parent without a key, instead of its first entry or
/// the key of that.
fn check_range(text: &Text<'_>, finding: &Finding, document: &Value, is_json: bool) {
    let context = || format!("{} at {} in\n{}", finding.check.id, finding.path, text.text);
    let path = steps(&finding.path);
    let slice = text.slice(finding.span);
    // The other lines of a block are indented as much as its first line is in the text.
    let fragment = format!("{}{slice}", " ".repeat(finding.span.start.utf16_column - 1));
    let fragment: Value = serde_norway::from_str(&fragment).unwrap_or(Value::Null);
    let quote = if is_json { "\"" } else { "" };
    let mut expected = document.clone();
    let (found, depth) = resolve(&mut expected, &path);
    assert_eq!(depth == path.len(), !finding.is_missing, "{}", context());
    let replacement = match (finding.is_missing, path.get(depth.wrapping_sub(1))) {
        (false, _) => {
            assert_eq!(fragment, *found, "{}", context());
            *found = json!(MARK);
            // A list may start in the column of its key; a scalar may not.
            format!(" {quote}{MARK}{quote}")
        }
        (true, Some(key)) if key.parse::<usize>().is_err() => {
            assert_eq!(fragment, json!(key), "{}", context());
            let (parent, _) = resolve(&mut expected, &path[..depth - 1]);
            let value = parent.as_object_mut().unwrap().remove(*key).unwrap();
            parent[MARK] = value;
            format!("{quote}{MARK}{quote}")
        }
        (true, _) => {
            let is_entry = slice.contains(": ") || slice.contains("\":");
            let key = if is_entry { slice.split(':').next().unwrap() } else { &slice };
            let key = key.trim().trim_matches('"');
            let value =
                found.as_object_mut().unwrap_or_else(|| panic!("{}", context())).remove(key).unwrap_or_else(|| panic!("{}", context()));
            found[MARK] = if is_entry { json!(1) } else { value };
            if is_entry { format!("{quote}{MARK}{quote}: 1") } else { format!("{quote}{MARK}{quote}") }
        }
    };
    let marked = text.replaced(finding.span, &replacement);
    let marked: Value = serde_norway::from_str(marked.trim_start_matches('\u{feff}')).unwrap_or_else(|error| panic!("{error}\n{marked}"));
    assert_eq!(marked, expected, "{}", context());
}

/// The text of a fixture and other layouts of it, each with whether it is JSON.
fn layouts(fixture: &Fixture) -> Vec<(String, bool)> {
    let text = &fixture.text;
    vec![
        (text.clone(), false),
        (format!("\u{feff}# 🦭 𝔭𝔬𝔡\n{text}").replace('\n', "\r\n"), false),
        (text.replace("\nspec:", "\n  labels: {note: \"🦭\"}\nspec:"), false),
        (fixture.pod.to_string(), true),
        (format!("{:#}", fixture.pod), true),
    ]
}

#[test]
fn every_finding_has_the_range_of_its_field() {
    let Some(fixtures) = fixtures() else { return };
    // Most fixtures are identical for many versions.
    let mut distinct = BTreeMap::new();
    for fixture in fixtures.iter().filter(|fixture| !fixture.passes) {
        distinct.insert((&fixture.level, &fixture.text), fixture);
    }
    let distinct: Vec<&Fixture> = distinct.into_values().collect();
    for_each(&distinct, |fixture| {
        for (text, is_json) in layouts(fixture) {
            let report = fixture.report(&text);
            let document: Value = serde_norway::from_str(text.trim_start_matches('\u{feff}')).unwrap();
            assert!(!report.documents[0].findings.is_empty());
            for finding in &report.documents[0].findings {
                check_range(&Text::of(&text), finding, &document, is_json);
            }
        }
    });
    eprintln!("the findings of {} fixture pods have the right ranges", distinct.len());
}

/// The admission cases that create an object; the playground has no other requests.
#[test]
fn created_objects_get_the_response_of_kubernetes() {
    let Some(path) = conformance::data("admission-cases.jsonl") else { return };
    let cases: Vec<Value> = fs::read_to_string(&path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = std::sync::atomic::AtomicUsize::new(0);
    for_each(&cases, |case| {
        let settings = json!({
            "defaults": case["config"]["defaults"], "exemptions": case["config"]["exemptions"], "namespaceLabels": "honor",
        });
        let request = &case["request"];
        let namespace = request["namespace"].as_str().unwrap_or_default();
        let options = json!({
            "settings": settings,
            "namespace": namespace,
            "namespaceLabels": case["namespaces"].get(namespace).cloned().unwrap_or_else(|| json!({})),
            "user": request["userInfo"]["username"].as_str().unwrap_or_default(),
        });
        let report = playground::evaluate(&request["object"].to_string(), &options.to_string()).unwrap();
        if check_response(case, &settings, &report) {
            count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
    });
    let count = count.into_inner();
    assert!(count > 500, "{count} of {}", cases.len());
    eprintln!("{count} admission cases got the response of Kubernetes");
}

/// Compares the report on the object of a case with the response of Kubernetes, and returns whether it was possible. It is not for
/// updates and subresources, missing namespaces, and requests whose name or kind differs from the object, because a manifest makes
/// no such request; nor for objects that Kubernetes' admission accepts undecoded, because an API server rejects them earlier.
fn check_response(case: &Value, settings: &Value, report: &Report) -> bool {
    let (request, expected) = (&case["request"], &case["expected"]);
    let (object, namespaces) = (&request["object"], case["namespaces"].as_object().unwrap());
    let [report_of_object] = &report.documents[..] else { return false };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let group = text(&request["resource"]["group"]);
    let is_namespace = request["resource"]["resource"] == "namespaces";
    let is_same_request = request["operation"] == "CREATE"
        && text(&request["subResource"]).is_empty()
        && text(&request["requestSubResource"]).is_empty()
        && (is_namespace || namespaces.contains_key(&text(&request["namespace"])))
        && request["kind"]["kind"] == object["kind"]
        && object["apiVersion"].as_str() == Some(&if group.is_empty() { "v1".to_owned() } else { format!("{group}/v1") })
        && text(&object["metadata"]["name"]) == text(&request["name"])
        && (is_namespace || object["metadata"].get("namespace").is_none_or(|namespace| *namespace == request["namespace"]));
    if !is_same_request
        || report_of_object.status == Status::Invalid
        || !matches!(
            object["kind"].as_str(),
            Some(
                "Pod"
                    | "Namespace"
                    | "Deployment"
                    | "StatefulSet"
                    | "DaemonSet"
                    | "ReplicaSet"
                    | "ReplicationController"
                    | "PodTemplate"
                    | "Job"
                    | "CronJob"
            )
        )
    {
        return false;
    }
    let context = || format!("case {}: {report:#?}\n{case:#}", text(&case["id"]));
    let complete = with_defaults(object);
    let has_defaults = complete == without_nulls(object);
    let mut request = request.clone();
    if !has_defaults {
        request["object"] = complete;
    }
    let response = policy(&request, settings, namespaces);
    if has_defaults {
        let expected = match expected["allowed"] == true {
            true => Ok(expected["warnings"].as_array().map_or_else(Vec::new, |warnings| warnings.iter().map(text).collect())),
            false => Err(text(&expected["status"]["message"])),
        };
        assert_eq!(response, expected, "{}", context());
    }
    if let Some(enforce) = report_of_object.verdicts.first() {
        let rejection = if enforce.effect == Effect::Rejected { enforce.message.clone() } else { None };
        assert_eq!(rejection, response.clone().err(), "{}", context());
    }
    if report_of_object.name.is_empty() {
        return true;
    }
    let lines = report.terminal.iter().map(|line| line.text.clone());
    let mut lines: Vec<String> = lines.filter(|line| !is_own_warning(line)).collect();
    let (last, expected) = match &response {
        Ok(warnings) => (" created".to_owned(), warnings.iter().map(|warning| format!("Warning: {warning}")).collect()),
        Err(message) if is_namespace => (message.clone(), Vec::new()),
        Err(message) => (format!(": {message}"), Vec::new()),
    };
    let line = lines.pop().unwrap_or_default();
    let is_on_several_lines = is_namespace && has_several_errors(&last);
    assert!(is_on_several_lines || line.ends_with(&last), "{line}\n{}", context());
    assert!(is_on_several_lines || lines == expected, "{}", context());
    true
}

/// Whether a line is a warning of the API server itself, which begins with the path of a field. Cases do not have these.
fn is_own_warning(line: &str) -> bool {
    line.strip_prefix("Warning: ").is_some_and(|warning| ["spec.", "metadata.", "template."].iter().any(|field| warning.starts_with(field)))
}

/// Whether a message has several errors, which kubectl prints on separate lines.
fn has_several_errors(message: &str) -> bool {
    message.contains("is invalid: [")
}
