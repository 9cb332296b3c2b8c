//! The audit annotations and warnings beyond those of Pod Security Admission: the findings that rules exempt, the fields
//! that were set, and every finding as JSON.

use std::collections::BTreeMap;
use std::ptr;

use super::evaluation::{ExemptFinding, Hardening};
use super::judgement::{Effect, Judgement};
use crate::json::write::{Object, array, optional, string};
use crate::pod::Pod;
use crate::quote::quoted;
use crate::standards::{Action, Finding, OS, Subject, Value, Violation, remedy, sorted};

/// The bytes reserved for the number of omitted items.
const ENDING: usize = 64;
/// The minimum size of one exemption in bytes.
const MIN_EXEMPTION: usize = 128;
/// The maximum size of the names of containers in a warning, in bytes. An API server truncates longer warnings.
const MAX_NAMES: usize = 64 * 1024;

/// Returns the path in an object for a path in its pod.
fn path_in(pod_path: &str, path: &dyn std::fmt::Display) -> String {
    if pod_path.is_empty() { path.to_string() } else { format!("{pod_path}.{path}") }
}

/// The findings that rules exempt, as `check (path, path): reason; …`, in `room` bytes.
pub(super) fn exempt_checks(pod_path: &str, findings: &[ExemptFinding<'_, '_>], room: usize) -> String {
    let mut groups: Vec<(&ExemptFinding<'_, '_>, Vec<String>)> = Vec::new();
    for exempt in findings {
        let path = path_in(pod_path, &exempt.finding.path());
        let is_same =
            |(group, _): &&mut (&ExemptFinding<'_, '_>, _)| std::ptr::eq(group.rule, exempt.rule) && group.check.id == exempt.check.id;
        // Usually the last group.
        match groups.iter_mut().rev().find(is_same) {
            Some((_, paths)) => paths.push(path),
            None => groups.push((exempt, vec![path])),
        }
    }
    let separator = "; ";
    let mut text = Limited::new(room);
    // Each exemption gets an equal share, so that a long one does not displace the others.
    let share = (text.room / groups.len().max(1)).saturating_sub(separator.len()).max(MIN_EXEMPTION);
    for (ExemptFinding { rule, check, .. }, paths) in groups {
        let mut listed = Limited::new(share / 2);
        // Several policies can have the same findings.
        for path in &sorted(paths) {
            listed.add(", ", path);
        }
        let reason = rule.reason.trim();
        let listed = listed.finish(", ");
        let room = (share / 2).saturating_sub(check.id.len() + 8);
        let (reason, dots) =
            if reason.len() > room { (reason.get(..reason.floor_char_boundary(room)).unwrap_or_default(), "…") } else { (reason, "") };
        text.add(separator, &format!("{} ({listed}): {reason}{dots}", check.id));
    }
    text.finish(separator)
}

/// The fields that were set, as `path=value, …`, in `room` bytes.
pub(super) fn hardened(pod_path: &str, fields: &[Hardening], room: usize) -> String {
    let mut text = Limited::new(room);
    for Hardening { kind, index, field, value } in fields {
        text.add(", ", &format!("{}={value}", path_in(pod_path, &format_args!("spec.{}[{index}].{field}", kind.field()))));
    }
    text.finish(", ")
}

/// The warning that fields were set.
pub(super) fn hardened_warning(pod: Pod<'_>, fields: &[Hardening]) -> String {
    // Containers with the same fields share a clause.
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for of_container in fields.chunk_by(|one, other| (one.kind, one.index) == (other.kind, other.index)) {
        let Some(Hardening { kind, index, .. }) = of_container.first() else { continue };
        let name = pod.container(*kind, *index).map_or_else(String::new, |container| quoted(&container.name));
        let field = |set: &Hardening| format!("{}={}", set.field.strip_prefix("securityContext.").unwrap_or(set.field), set.value);
        let fields = of_container.iter().map(field).collect::<Vec<_>>().join(", ");
        match groups.iter_mut().find(|(known, _)| *known == fields) {
            Some((_, names)) => names.push(name),
            None => groups.push((fields, vec![name])),
        }
    }
    let parts = groups.into_iter().map(|(fields, names)| {
        let containers = if names.len() == 1 { "container" } else { "containers" };
        let mut list = Limited::new(MAX_NAMES);
        names.iter().for_each(|name| list.add(", ", name));
        format!("{containers} {} got {fields}", list.finish(", "))
    });
    format!("hardened: {}", parts.collect::<Vec<_>>().join("; "))
}

/// The warning that a pod that selects nodes with Windows is not hardened, with what it needs instead.
pub(super) fn os_warning(pod_path: &str) -> String {
    format!(
        "not hardened: the pod selects nodes with Windows, which do not have these fields; set {} to windows, and their checks do not apply",
        path_in(pod_path, &format_args!("spec.{}", OS.field))
    )
}

/// A finding in the audit annotation `details`.
struct Detail<'d, 'p> {
    violation: &'d Violation<'p>,
    finding: &'d Finding<'p>,
    /// The modes whose policies it violates.
    modes: Vec<&'static str>,
}

/// Returns the findings of the modes with an effect on the object, as a JSON array of at most `room` bytes; `None` if there are none.
pub(super) fn details(judgement: &Judgement<'_, '_>, pod: Pod<'_>, pod_path: &str, room: usize) -> Option<String> {
    let mut details = Vec::new();
    // The index of the detail of each finding, by the finding's check and path.
    let mut indices = BTreeMap::new();
    for verdict in judgement.verdicts().filter(|verdict| verdict.effect != Effect::PodsRejected) {
        let mode = verdict.mode.name();
        for violation in judgement.policies(verdict.mode).flat_map(|policy| judgement.violations(policy)) {
            for finding in &violation.findings {
                let index = *indices.entry((violation.check.id, finding.path().to_string())).or_insert_with(|| {
                    details.push(Detail { violation, finding, modes: Vec::new() });
                    details.len() - 1
                });
                if let Some(Detail { modes, .. }) = details.get_mut(index)
                    && modes.last() != Some(&mode)
                {
                    modes.push(mode);
                }
            }
        }
    }
    if details.is_empty() {
        return None;
    }
    let mut list = Limited::new(room);
    for detail in &details {
        list.add(",", &detail.to_json(pod, pod_path));
    }
    let ending = match list.omitted {
        0 => String::new(),
        // It is the first element if there is no room for a finding.
        omitted => format!("{}{{\"omitted\":{omitted}}}", if list.text.is_empty() { "" } else { "," }),
    };
    Some(format!("[{}{ending}]", list.text))
}

impl Detail<'_, '_> {
    /// Returns an object: `check`, `level`, `modes`, `path`, `subject` (`pod`, `container/NAME`, `volume/NAME`, `annotation/KEY`),
    /// `value` (the forbidden one; null if a value is missing), `kind` (`explicit` or `missing`) and `fix` (null if there is none).
    fn to_json(&self, pod: Pod<'_>, pod_path: &str) -> String {
        let Detail { violation, finding, modes } = self;
        let mut json = Vec::new();
        let mut object = Object::new(&mut json);
        string(object.key("check"), violation.check.id);
        string(object.key("level"), violation.check.level.name());
        array(object.key("modes"), modes, |out, mode| string(out, mode));
        string(object.key("path"), &path_in(pod_path, &finding.path()));
        let subject = match finding.subject {
            Subject::Pod => "pod".to_owned(),
            Subject::Container { name, .. } => format!("container/{name}"),
            Subject::Volume { name, .. } => format!("volume/{name}"),
            Subject::Annotation { key } => format!("annotation/{key}"),
        };
        string(object.key("subject"), &subject);
        let value = object.key("value");
        match finding.value {
            Value::Missing => value.extend_from_slice(b"null"),
            Value::Bool(flag) => value.extend_from_slice(flag.to_string().as_bytes()),
            Value::Number(number) => value.extend_from_slice(number.to_string().as_bytes()),
            Value::Text(text) => string(value, text),
        }
        string(object.key("kind"), if finding.is_missing() { "missing" } else { "explicit" });
        optional(object.key("fix"), remedy(violation, finding, pod), |out, remedy| {
            let mut fix = Object::new(out);
            if let Some(value) = remedy.action.value() {
                fix.key("set").extend_from_slice(value.as_bytes());
            }
            if remedy.action == Action::Remove {
                fix.key("remove").extend_from_slice(b"true");
            }
            // The field that is changed, if it is another.
            if ptr::eq(remedy, &OS) {
                string(fix.key("path"), &path_in(pod_path, &format_args!("spec.{}", OS.field)));
            }
            fix.end();
        });
        object.end();
        // It is UTF-8: all of its parts are.
        String::from_utf8(json).unwrap_or_default()
    }
}

/// A list of items with a maximum size, and the number of omitted items. Items after one that is too long can still be added.
struct Limited {
    text: String,
    room: usize,
    omitted: usize,
}

impl Limited {
    fn new(room: usize) -> Self {
        Limited { text: String::new(), room: room.saturating_sub(ENDING), omitted: 0 }
    }

    fn add(&mut self, separator: &str, item: &str) {
        if self.text.len() + separator.len() + item.len() > self.room {
            self.omitted += 1;
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str(separator);
        }
        self.text.push_str(item);
    }

    fn finish(self, separator: &str) -> String {
        let Limited { text, omitted, .. } = self;
        match omitted {
            0 => text,
            more if text.is_empty() => format!("{more} in all"),
            more => format!("{text}{separator}and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_items_within_the_size_and_counts_the_others() {
        let table: [(usize, &[&str], &str); 7] = [
            (8, &["abc", "def"], "abc, def"),
            (7, &["abc", "def"], "abc, and 1 more"),
            (8, &["abc", "def", "g", "h"], "abc, def, and 2 more"),
            (8, &["abcdefghi", "abc", "defg", "def"], "abc, def, and 2 more"),
            (2, &["abc"], "1 in all"),
            (2, &["abc", "def"], "2 in all"),
            (2, &[], ""),
        ];
        for (room, items, expected) in table {
            let mut text = Limited::new(ENDING + room);
            items.iter().for_each(|item| text.add(", ", item));
            assert_eq!(text.finish(", "), expected, "{room} {items:?}");
        }
    }
}
