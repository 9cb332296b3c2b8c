//! What the audit log and the user are told beyond Kubernetes' own words: what rules let through, what
//! was filled in, and every finding as JSON.

use serde::Serialize;

use super::judge::{Covered, Filled, Judge};
use super::policy::Demand;
use crate::places::Places;
use crate::pod::Pod;
use crate::quote::quoted;
use crate::standards::{Check, Finding, Mend, Place, Value, mend, sorted};

/// What the list of everything that was left out takes, at most.
const ENDING: usize = 64;
/// What one exemption needs to say anything.
const LEAST: usize = 128;

/// Puts a path in a pod behind that of the pod.
fn path_in(pod_path: &str, path: &dyn std::fmt::Display) -> String {
    if pod_path.is_empty() { path.to_string() } else { format!("{pod_path}.{path}") }
}

/// What rules let through, as `check (path, path): reason; …`, in `room` bytes.
pub(super) fn exempt_checks(pod_path: &str, covered: &[Covered<'_, '_>], room: usize) -> String {
    let mut groups: Vec<(&Covered<'_, '_>, Vec<String>)> = Vec::new();
    for covered in covered {
        let path = path_in(pod_path, &covered.finding.path());
        let is_same =
            |(group, _): &&mut (&Covered<'_, '_>, _)| std::ptr::eq(group.rule, covered.rule) && group.check.id == covered.check.id;
        // Mostly the last one.
        match groups.iter_mut().rev().find(is_same) {
            Some((_, paths)) => paths.push(path),
            None => groups.push((covered, vec![path])),
        }
    }
    let between = "; ";
    let mut text = Limited::new(room);
    // Each gets as much as any other, so that a long one does not hide the rest.
    let share = (text.room / groups.len().max(1)).saturating_sub(between.len()).max(LEAST);
    for (Covered { rule, check, .. }, paths) in groups {
        let mut listed = Limited::new(share / 2);
        // Other modes find the same.
        for path in &sorted(paths) {
            listed.add(", ", path);
        }
        let reason = rule.reason.trim();
        let listed = listed.finish(", ");
        let left = (share / 2).saturating_sub(check.id.len() + 8);
        let (reason, dots) =
            if reason.len() > left { (reason.get(..reason.floor_char_boundary(left)).unwrap_or_default(), "…") } else { (reason, "") };
        text.add(between, &format!("{} ({listed}): {reason}{dots}", check.id));
    }
    text.finish(between)
}

/// The fields that were filled in, as `path=value, …`, in `room` bytes.
pub(super) fn hardened(pod_path: &str, filled: &[Filled], room: usize) -> String {
    let mut text = Limited::new(room);
    for Filled { kind, index, field, value } in filled {
        text.add(", ", &format!("{}={value}", path_in(pod_path, &format_args!("spec.{}[{index}].{field}", kind.field()))));
    }
    text.finish(", ")
}

/// The warning that fields were filled in.
pub(super) fn hardened_warning(pod: Pod<'_>, filled: &[Filled]) -> String {
    // Containers mostly get the same.
    let mut alike: Vec<(String, Vec<String>)> = Vec::new();
    for of_container in filled.chunk_by(|one, other| (one.kind, one.index) == (other.kind, other.index)) {
        let Some(Filled { kind, index, .. }) = of_container.first() else { continue };
        let name = pod.container(*kind, *index).map_or_else(String::new, |container| quoted(&container.name));
        let field = |filled: &Filled| format!("{}={}", filled.field.strip_prefix("securityContext.").unwrap_or(filled.field), filled.value);
        let fields = of_container.iter().map(field).collect::<Vec<_>>().join(", ");
        match alike.iter_mut().find(|(known, _)| *known == fields) {
            Some((_, names)) => names.push(name),
            None => alike.push((fields, vec![name])),
        }
    }
    let parts = alike.into_iter().map(|(fields, names)| {
        let containers = if names.len() == 1 { "container" } else { "containers" };
        format!("{containers} {} got {fields}", names.join(", "))
    });
    format!("hardened: {}", parts.collect::<Vec<_>>().join("; "))
}

/// A finding, as the audit log is told it.
#[derive(Serialize)]
struct Detail<'p> {
    check: &'static str,
    level: &'static str,
    /// The modes that object to it.
    modes: Vec<&'static str>,
    path: String,
    /// `pod`, `container/NAME`, `volume/NAME`, `annotation/KEY`.
    subject: String,
    /// The offending value; null where it is missing.
    value: Option<Scalar<'p>>,
    /// `explicit` or `missing`.
    kind: &'static str,
    /// What mends it, where nobody has to decide anything.
    fix: Option<Fix>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Scalar<'p> {
    Bool(bool),
    Number(i64),
    Text(&'p str),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Fix {
    Set(Box<serde_json::value::RawValue>),
    Remove(bool),
}

/// Every finding of the modes that count, as a JSON array, in `room` bytes; nothing if there is none.
pub(super) fn details(judge: &mut Judge<'_, '_>, pod_path: &str, modes: &[(&'static str, Demand, bool)], room: usize) -> Option<String> {
    let mut details = Vec::new();
    let (mut keys, mut places) = (Vec::<String>::new(), Places::default());
    let pod = judge.pod();
    for (mode, demand, _) in modes.iter().filter(|(.., counts)| *counts) {
        for policy in demand.policies() {
            for violation in judge.violations(policy) {
                for finding in &violation.findings {
                    let key = format!("{} {}", violation.check.id, finding.path());
                    let key_at = |place: usize| keys.get(place).map(String::as_str);
                    let known = places.find_or_add(&key, keys.len(), &key_at);
                    let place = known.unwrap_or(keys.len());
                    if known.is_none() {
                        keys.push(key);
                        details.push(detail(violation.check, finding, pod, pod_path));
                    }
                    if let Some(Detail { modes, .. }) = details.get_mut(place)
                        && modes.last() != Some(mode)
                    {
                        modes.push(mode);
                    }
                }
            }
        }
    }
    if details.is_empty() {
        return None;
    }
    let mut list = Limited::new(room);
    for detail in &details {
        list.add(",", &serde_json::to_string(detail).ok()?);
    }
    let omitted = match list.left_out {
        0 => String::new(),
        // Where not even the first one has room there is nothing before it.
        omitted => format!("{}{{\"omitted\":{omitted}}}", if list.text.is_empty() { "" } else { "," }),
    };
    Some(format!("[{}{omitted}]", list.text))
}

fn detail<'p>(check: &'static Check, finding: &Finding<'p>, pod: Pod<'_>, pod_path: &str) -> Detail<'p> {
    let subject = match finding.place {
        Place::Pod => "pod".to_owned(),
        Place::Container { name, .. } => format!("container/{name}"),
        Place::Volume { name, .. } => format!("volume/{name}"),
        Place::Annotation { key } => format!("annotation/{key}"),
    };
    Detail {
        check: check.id,
        level: check.level.name(),
        modes: Vec::new(),
        path: path_in(pod_path, &finding.path()),
        subject,
        value: match finding.value {
            Value::Missing => None,
            Value::Bool(value) => Some(Scalar::Bool(value)),
            Value::Number(value) => Some(Scalar::Number(value)),
            Value::Text(value) => Some(Scalar::Text(value)),
        },
        kind: if finding.is_missing() { "missing" } else { "explicit" },
        fix: mend(check, finding, pod).and_then(|mend| match mend {
            Mend::Set(value) => serde_json::from_str(value).ok().map(Fix::Set),
            Mend::Remove => Some(Fix::Remove(true)),
        }),
    }
}

/// A list that takes the items for which there is room, and keeps some to say how many more there are. One
/// that is too long does not keep out the others.
struct Limited {
    text: String,
    room: usize,
    left_out: usize,
}

impl Limited {
    fn new(room: usize) -> Self {
        Limited { text: String::new(), room: room.saturating_sub(ENDING), left_out: 0 }
    }

    fn add(&mut self, between: &str, item: &str) {
        if self.text.len() + between.len() + item.len() > self.room {
            self.left_out += 1;
            return;
        }
        if !self.text.is_empty() {
            self.text.push_str(between);
        }
        self.text.push_str(item);
    }

    fn finish(self, between: &str) -> String {
        let Limited { text, left_out, .. } = self;
        match left_out {
            0 => text,
            more if text.is_empty() => format!("{more} in all"),
            more => format!("{text}{between}and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_takes_all_that_there_is_room_for_and_says_how_many_more_there_are() {
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
