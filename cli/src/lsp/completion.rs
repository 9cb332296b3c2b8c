//! Completions: the fields that checks read, and their allowed values, in objects that are judged.

mod outline;

use std::collections::BTreeMap;

use gen_lsp_types::{CompletionItem, CompletionItemKind, CompletionItemTextEdit, Documentation, MarkupContent, MarkupKind, TextEdit};
use pss_core::standards::documentation::Allowed;
use pss_core::standards::{Level, LevelVersion};
use pss_formats::problem::Rule;
use pss_review::Options;

use self::outline::{Outline, Place, Target};
use super::fields::{CheckedField, ELEMENT, checked_fields, matches_step, template_path};
use super::lines::Lines;

/// A completion before its place in the text is known.
struct Candidate<'f> {
    label: String,
    /// The text to insert.
    text: String,
    kind: CompletionItemKind,
    detail: String,
    fields: Vec<&'f CheckedField>,
}

/// Returns the completions at an offset in bytes. The level and version are the strictest of the settings.
pub(super) fn completions(text: &str, lines: &Lines<'_>, offset: usize, options: &Options<'_>, is_markdown: bool) -> Vec<CompletionItem> {
    let Some(place) = Outline::place(text, offset) else { return Vec::new() };
    let policy = strictest(options);
    let [api_version, kind] = place.object;
    let Some(path) = template_path(api_version, kind).and_then(|template| {
        let path = place.path.get(place.object_depth..)?;
        path.strip_prefix(template.as_slice())
    }) else {
        return Vec::new();
    };
    let fields: Vec<&CheckedField> = checked_fields().iter().filter(|field| field.is_checked_at(policy)).collect();
    let candidates = match place.target {
        Target::Value(key) => values(&fields, &[path, &[key]].concat(), policy),
        Target::Key if path.last() == Some(&ELEMENT) && is_list_of_values(&fields, path) => values(&fields, path, policy),
        Target::Key => keys(&fields, path, &place, policy),
    };
    // The rest of a word after the cursor is replaced, and its colon is kept.
    let after = text.get(offset..).unwrap_or_default();
    let word = after.find(|character: char| !character.is_alphanumeric()).unwrap_or(after.len());
    let has_colon = after.get(word..).is_some_and(|rest| rest.starts_with(':'));
    let range = lines.range(offset - place.partial.len(), offset + word);
    let item = |candidate: Candidate<'_>| CompletionItem {
        kind: Some(candidate.kind),
        detail: Some(candidate.detail),
        documentation: Some(documentation(&candidate.fields, is_markdown)),
        filter_text: Some(candidate.label.clone()),
        text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit {
            range,
            new_text: if has_colon { candidate.label.clone() } else { candidate.text },
        })),
        label: candidate.label,
        ..CompletionItem::default()
    };
    candidates.into_iter().map(item).collect()
}

/// Returns the strictest level and version of the modes.
fn strictest(options: &Options<'_>) -> LevelVersion {
    let defaults = options.settings.defaults;
    let modes = [defaults.enforce, defaults.audit, defaults.warn];
    let level = modes.iter().map(|mode| mode.level).max().unwrap_or(Level::Restricted);
    modes.into_iter().find(|mode| mode.level == level).unwrap_or(defaults.enforce)
}

/// Returns the values that all checks of a field allow.
fn values<'f>(fields: &[&'f CheckedField], path: &[&str], policy: LevelVersion) -> Vec<Candidate<'f>> {
    let at: Vec<&CheckedField> = fields.iter().copied().filter(|field| !field.is_volume_type() && field.is_at(path)).collect();
    let Some((first, others)) = at.split_first() else { return Vec::new() };
    let of_others: Vec<Vec<&str>> = others.iter().map(|field| field.values(policy.version)).collect();
    let allowed = first.values(policy.version).into_iter().filter(|value| of_others.iter().all(|values| values.contains(value)));
    // The value of a list is a list.
    let is_list = first.steps.last().is_some_and(|step| step == ELEMENT) && path.last() != Some(&ELEMENT);
    let candidate = |value: &str| Candidate {
        label: value.to_owned(),
        text: if is_list { format!("[\"{value}\"]") } else { value.to_owned() },
        kind: CompletionItemKind::Value,
        detail: ids(&at),
        fields: at.clone(),
    };
    allowed.map(candidate).collect()
}

/// Returns whether a path is that of the elements of a list of values.
fn is_list_of_values(fields: &[&CheckedField], path: &[&str]) -> bool {
    fields.iter().any(|field| !field.is_volume_type() && field.is_at(path))
}

/// Returns the keys of a mapping that lead to fields with allowed values.
fn keys<'f>(fields: &[&'f CheckedField], path: &[&str], place: &Place<'_>, policy: LevelVersion) -> Vec<Candidate<'f>> {
    let mut names: BTreeMap<&str, Vec<&CheckedField>> = BTreeMap::new();
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
    let is_new = |name: &str| !place.siblings.contains(&name);
    // A volume has one type.
    if types.iter().any(|(name, _)| !is_new(name)) {
        types.clear();
    }
    let of_types = types.into_iter().map(|(name, field)| Candidate {
        label: name.to_owned(),
        text: if name == "emptyDir" { format!("{name}: {{}}") } else { format!("{name}:") },
        kind: CompletionItemKind::Property,
        detail: ids(&[field]),
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
        Candidate { label: name.to_owned(), text, kind: CompletionItemKind::Property, detail: ids(&fields), fields }
    });
    of_types.chain(of_fields).collect()
}

/// Returns whether a field can have a value that is worth to be written: not one that is allowed only because it has no effect.
fn can_be_set(field: &CheckedField, policy: LevelVersion) -> bool {
    let is_value = |allowed: &Allowed| matches!(allowed, Allowed::Description(text) if text.starts_with("any "));
    !field.values(policy.version).is_empty() || field.restriction.allowed.iter().any(is_value)
}

/// Returns the ids of the checks of fields.
fn ids(fields: &[&CheckedField]) -> String {
    let mut ids: Vec<&str> = fields.iter().map(|field| field.check.id).collect();
    ids.dedup();
    ids.truncate(3);
    ids.join(", ")
}

fn documentation(fields: &[&CheckedField], is_markdown: bool) -> Documentation {
    let mut paragraphs: Vec<String> = Vec::new();
    for field in fields {
        let link = Rule::Check(field.check).help_uri();
        let text = if is_markdown {
            format!("**{}**: {} [Documentation]({link})", field.check.id, field.documentation.why)
        } else {
            format!("{}: {} {link}", field.check.id, field.documentation.why)
        };
        if !paragraphs.contains(&text) {
            paragraphs.push(text);
        }
    }
    let kind = if is_markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    Documentation::MarkupContent(MarkupContent { kind, value: paragraphs.join("\n\n") })
}
