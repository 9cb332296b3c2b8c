//! The fields and values for the place of the cursor: those that checks read, with the values that they allow, and all others of
//! Kubernetes' types.

use std::collections::BTreeMap;

use pss_core::standards::LevelVersion;
use pss_core::standards::documentation::Allowed;
use pss_review::fields::{Completion, Fields};

use crate::checked_fields::{CheckedField, ELEMENT, checked_fields, matches_step, template_path};
use crate::cursor::{Layout, Place, Target};

/// What can be written at the cursor.
#[derive(Debug)]
pub struct Completions {
    /// The start of the text that is replaced, in bytes.
    pub start: usize,
    /// Its end: that of the word around the cursor.
    pub end: usize,
    /// The candidates: first those of checks.
    pub candidates: Vec<Candidate>,
}

/// A field or a value.
#[derive(Debug, Clone)]
pub struct Candidate {
    /// The name of the field, or the value.
    pub label: String,
    /// The text to insert.
    pub text: String,
    /// Its kind.
    pub kind: CandidateKind,
    /// The type of the field; empty if it is not known.
    pub description: String,
    /// The fields of checks that it leads to, or whose values it is.
    pub fields: Vec<&'static CheckedField>,
}

/// The kinds of candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CandidateKind {
    /// A field.
    Field,
    /// A value.
    Value,
}

impl Candidate {
    /// Returns the ids of the first checks that read the field.
    pub fn checks(&self) -> Vec<&'static str> {
        let mut ids: Vec<&str> = self.fields.iter().map(|field| field.check.id).collect();
        ids.dedup();
        ids.truncate(MAX_CHECKS);
        ids
    }
}

/// The maximum number of checks that a candidate lists.
const MAX_CHECKS: usize = 3;

/// Returns the candidates at an offset in bytes: those of the checks at a level and version, and those of a table of fields. `None` if
/// nothing can be completed there, as in a comment, in quotes, or in flow style.
pub fn completions(text: &str, offset: usize, policy: LevelVersion, table: Option<&Fields<'_>>) -> Option<Completions> {
    let place = Layout::place(text, offset)?;
    let mut candidates = of_checks(&place, policy).unwrap_or_default();
    if let Some(table) = table {
        add_others(&place, table, &mut candidates);
    }
    // The rest of a word after the cursor is replaced, and its colon is kept.
    let after = text.get(offset..).unwrap_or_default();
    let word = after.find(|character: char| !character.is_alphanumeric()).unwrap_or(after.len());
    if after.get(word..).is_some_and(|rest| rest.starts_with(':')) {
        for candidate in &mut candidates {
            candidate.text.clone_from(&candidate.label);
        }
    }
    Some(Completions { start: offset - place.partial.len(), end: offset + word, candidates })
}

/// Returns the candidates of checks; `None` outside of pods.
fn of_checks(place: &Place<'_>, policy: LevelVersion) -> Option<Vec<Candidate>> {
    let [api_version, kind] = place.object;
    let template = template_path(api_version, kind)?;
    let path = place.path.get(place.object_depth..)?.strip_prefix(template.as_slice())?;
    let fields: Vec<&CheckedField> = checked_fields().iter().filter(|field| field.is_checked_at(policy)).collect();
    Some(match place.target {
        Target::Value(key) => values(&fields, &[path, &[key]].concat(), policy),
        Target::Key if path.last() == Some(&ELEMENT) && is_list_of_values(&fields, path) => values(&fields, path, policy),
        Target::Key => keys(&fields, path, &place.siblings, policy),
    })
}

/// Adds the candidates of a table, and the types of the fields to those of checks.
fn add_others(place: &Place<'_>, table: &Fields<'_>, candidates: &mut Vec<Candidate>) {
    let [api_version, kind] = place.object;
    let Some(path) = place.path.get(place.object_depth..) else { return };
    let add_values = |candidates: &mut Vec<Candidate>, values: Vec<&str>, description: &str| {
        for value in values {
            if !candidates.iter().any(|candidate| candidate.label == value) {
                let [label, text] = [value.to_owned(), value.to_owned()];
                candidates.push(Candidate {
                    label,
                    text,
                    kind: CandidateKind::Value,
                    description: description.to_owned(),
                    fields: Vec::new(),
                });
            }
        }
    };
    match place.target {
        Target::Value("kind") if path.is_empty() => return add_values(candidates, table.kinds(api_version), ""),
        Target::Value("apiVersion") if path.is_empty() => return add_values(candidates, table.api_versions(kind), ""),
        _ => {}
    }
    // An object is recognized before its apiVersion is written.
    let api_version = if api_version.is_empty() { table.api_versions(kind).first().copied().unwrap_or_default() } else { api_version };
    let of_field = |field: Completion<'_>, candidates: &mut Vec<Candidate>| {
        let values = if field.description == "bool" { vec!["true", "false"] } else { field.values };
        add_values(candidates, values, &field.description);
    };
    match place.target {
        Target::Value(key) => {
            // A list is not written on the line of its key here.
            let field = table.field(api_version, kind, &[path, &[key]].concat()).filter(|field| !field.is_collection);
            field.into_iter().for_each(|field| of_field(field, candidates));
        }
        Target::Key => {
            if let Some(element) = table.field(api_version, kind, path).filter(|_| path.last() == Some(&ELEMENT)) {
                of_field(element, candidates);
            }
            let fields = if path.is_empty() && kind.is_empty() { of_objects() } else { table.fields_at(api_version, kind, path) };
            for field in fields {
                if let Some(own) = candidates.iter_mut().find(|candidate| candidate.label == field.name) {
                    own.description = field.description;
                } else if !place.siblings.contains(&field.name) {
                    let colon = if field.is_collection { ":" } else { ": " };
                    candidates.push(Candidate {
                        label: field.name.to_owned(),
                        text: format!("{}{colon}", field.name),
                        kind: CandidateKind::Field,
                        description: field.description,
                        fields: Vec::new(),
                    });
                }
            }
        }
    }
}

/// Returns the fields that every object has, for one whose kind is not written yet.
fn of_objects() -> Vec<Completion<'static>> {
    let field = |name, description: &str, is_collection| Completion {
        name,
        description: description.to_owned(),
        values: Vec::new(),
        is_collection,
    };
    vec![field("apiVersion", "string", false), field("kind", "string", false), field("metadata", "ObjectMeta", true)]
}

/// Returns the values that all checks of a field allow.
fn values(fields: &[&'static CheckedField], path: &[&str], policy: LevelVersion) -> Vec<Candidate> {
    let at: Vec<&'static CheckedField> = fields.iter().copied().filter(|field| !field.is_volume_type() && field.is_at(path)).collect();
    let Some((first, others)) = at.split_first() else { return Vec::new() };
    let of_others: Vec<Vec<&str>> = others.iter().map(|field| field.values(policy.version)).collect();
    let allowed = first.values(policy.version).into_iter().filter(|value| of_others.iter().all(|values| values.contains(value)));
    // The value of a list is a list.
    let is_list = first.steps.last().is_some_and(|step| step == ELEMENT) && path.last() != Some(&ELEMENT);
    let candidate = |value: &str| Candidate {
        label: value.to_owned(),
        text: if is_list { format!("[\"{value}\"]") } else { value.to_owned() },
        kind: CandidateKind::Value,
        description: String::new(),
        fields: at.clone(),
    };
    allowed.map(candidate).collect()
}

/// Returns whether a path is that of the elements of a list of values.
fn is_list_of_values(fields: &[&CheckedField], path: &[&str]) -> bool {
    fields.iter().any(|field| !field.is_volume_type() && field.is_at(path))
}

/// Returns the keys of a mapping that lead to fields with allowed values.
fn keys(fields: &[&'static CheckedField], path: &[&str], siblings: &[&str], policy: LevelVersion) -> Vec<Candidate> {
    let mut names: BTreeMap<&str, Vec<&'static CheckedField>> = BTreeMap::new();
    let mut types = Vec::new();
    for field in fields.iter().copied().filter(|field| can_be_set(field, policy)) {
        let steps = field.steps.iter().map(String::as_str);
        if field.is_volume_type() && steps.clone().eq(path.iter().copied()) {
            types = field.values(policy.version).into_iter().map(|name| (name, field)).collect();
        }
        if field.steps.len() > path.len() && field.steps.iter().zip(path).all(|(pattern, step)| matches_step(pattern, step)) {
            match field.steps.get(path.len()).map(String::as_str) {
                Some(name) if !name.contains('*') => names.entry(name).or_default().push(field),
                _ => {}
            }
        }
    }
    let is_new = |name: &str| !siblings.contains(&name);
    // A volume has one type.
    if types.iter().any(|(name, _)| !is_new(name)) {
        types.clear();
    }
    let of_types = types.into_iter().map(|(name, field)| Candidate {
        label: name.to_owned(),
        text: if name == "emptyDir" { format!("{name}: {{}}") } else { format!("{name}:") },
        kind: CandidateKind::Field,
        description: String::new(),
        fields: vec![field],
    });
    let of_fields = names.into_iter().filter(|(name, _)| is_new(name)).map(|(name, fields)| {
        let at = [path, &[name]].concat();
        let is_field = fields.iter().any(|field| field.is_at(&at));
        let values = values(&fields, &at, policy);
        let text = match values.as_slice() {
            [only] => format!("{name}: {}", only.text),
            _ if is_field => format!("{name}: "),
            _ => format!("{name}:"),
        };
        Candidate { label: name.to_owned(), text, kind: CandidateKind::Field, description: String::new(), fields }
    });
    of_types.chain(of_fields).collect()
}

/// Returns whether a field can have a value that is worth to be written: not one that is allowed only because it has no effect.
fn can_be_set(field: &CheckedField, policy: LevelVersion) -> bool {
    let is_value = |allowed: &Allowed| matches!(allowed, Allowed::Description(text) if text.starts_with("any "));
    !field.values(policy.version).is_empty() || field.restriction.allowed.iter().any(is_value)
}

#[cfg(test)]
mod tests;
