//! The change of a revision: its JSON without PodSecurityPolicies, and with another number and status if it becomes a new revision.

use super::json_string::{Change, apply, apply_to_json, to_json};
use super::record::{HookRecord, Record};
use super::removal::{InvalidManifest, Removal, removal};

/// What is removed from a revision.
#[derive(Debug)]
pub(super) struct Removals {
    /// From the manifest.
    pub(super) manifest: Removal,
    /// From the hooks, in their order.
    pub(super) hooks: Vec<Removal>,
}

/// The fields besides the manifests that change; `None` remains.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct NewFields<'a> {
    pub(super) version: Option<u64>,
    pub(super) status: Option<&'a str>,
    pub(super) description: Option<&'a str>,
}

/// A text of a release before and after the change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedText {
    /// The name of the hook; `None` for the manifest of the release.
    pub hook: Option<String>,
    /// The text.
    pub old: String,
    /// The new text; empty for a hook that is removed.
    pub new: String,
}

impl Removals {
    /// Finds the PodSecurityPolicies of a revision.
    ///
    /// # Errors
    /// A manifest is invalid, with its name.
    pub(super) fn of(record: &Record<'_>) -> Result<Self, (String, InvalidManifest)> {
        let manifest = removal(&record.manifest).map_err(|error| ("manifest".to_owned(), error))?;
        let of_hook = |hook: &HookRecord<'_>| removal(&hook.manifest).map_err(|error| (format!("hook {}", hook.name), error));
        Ok(Removals { manifest, hooks: record.hooks.iter().map(of_hook).collect::<Result<_, _>>()? })
    }

    /// Returns removals of nothing.
    pub(super) fn none(record: &Record<'_>) -> Self {
        Removals { manifest: Removal::default(), hooks: record.hooks.iter().map(|_| Removal::default()).collect() }
    }

    /// Returns the removals of all manifests.
    pub(super) fn all(&self) -> impl Iterator<Item = &Removal> {
        [&self.manifest].into_iter().chain(&self.hooks)
    }

    /// Returns the texts that change.
    pub(super) fn texts(&self, record: &Record<'_>) -> Vec<ChangedText> {
        let text = |hook: Option<&str>, old: &str, removal: &Removal| {
            let is_hook_removed = hook.is_some() && removal.is_complete;
            let new = if is_hook_removed { String::new() } else { apply(old, &removal.changes)? };
            (!removal.changes.is_empty()).then(|| ChangedText { hook: hook.map(str::to_owned), old: old.to_owned(), new })
        };
        let manifest = text(None, &record.manifest, &self.manifest);
        let hooks = record.hooks.iter().zip(&self.hooks).map(|(hook, removal)| text(Some(&hook.name), &hook.manifest, removal));
        [manifest].into_iter().chain(hooks).flatten().collect()
    }
}

/// Returns the JSON of a revision after the removals and with other fields. `None` if the places of the changes are invalid, which
/// they are not for a record that was parsed.
pub(super) fn changed_json(record: &Record<'_>, removals: &Removals, fields: NewFields<'_>) -> Option<String> {
    let json = record.json;
    let mut changes = Vec::new();
    if let Some(text) = record.manifest_text.filter(|_| !removals.manifest.changes.is_empty()) {
        changes.push(replacement(json, text, apply_to_json(text, &removals.manifest.changes)?)?);
    }
    if let Some(text) = record.hooks_text.filter(|_| removals.hooks.iter().any(|hook| !hook.changes.is_empty())) {
        changes.push(replacement(json, text, changed_hooks(record, removals)?)?);
    }
    if let Some(version) = fields.version {
        changes.push(replacement(json, record.version_text, version.to_string())?);
    }
    if let Some(status) = fields.status {
        changes.push(replacement(json, record.status_text, to_json(status))?);
    }
    if let Some(description) = fields.description {
        changes.push(match record.description_text {
            Some(text) => replacement(json, text, to_json(description))?,
            None => {
                let start = offset(json, record.info_text)? + 1;
                Change::new(start..start, format!("\"description\":{},", to_json(description)))
            }
        });
    }
    changes.sort_by_key(|change| change.at.start);
    apply(json, &changes)
}

/// Returns the JSON of the hooks without those that consisted of PodSecurityPolicies.
fn changed_hooks(record: &Record<'_>, removals: &Removals) -> Option<String> {
    let mut hooks = Vec::new();
    for (hook, removal) in record.hooks.iter().zip(&removals.hooks) {
        if removal.is_complete {
            continue;
        }
        let change = match hook.manifest_text.filter(|_| !removal.changes.is_empty()) {
            Some(text) => vec![replacement(hook.json, text, apply_to_json(text, &removal.changes)?)?],
            None => Vec::new(),
        };
        hooks.push(apply(hook.json, &change)?);
    }
    Some(format!("[{}]", hooks.join(",")))
}

/// Returns the replacement of a part of a JSON text.
fn replacement(json: &str, part: &str, text: String) -> Option<Change> {
    let start = offset(json, part)?;
    Some(Change::new(start..start + part.len(), text))
}

/// Returns the offset of a part of a text, which borrows from it.
fn offset(text: &str, part: &str) -> Option<usize> {
    let offset = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    (text.get(offset..offset + part.len()) == Some(part)).then_some(offset)
}

#[cfg(test)]
mod tests {
    use super::*;

    const PSP: &str = r"---\nkind: PodSecurityPolicy\napiVersion: policy/v1beta1\nmetadata: {name: p}\n";
    const OTHER: &str = r"---\n# \u003c\/a\u003e\nkind: ConfigMap\napiVersion: v1\n";

    fn changed(json: &str, fields: NewFields<'_>) -> String {
        let record = Record::parse(json).unwrap();
        changed_json(&record, &Removals::of(&record).unwrap(), fields).unwrap()
    }

    #[test]
    fn changes_the_named_fields_only() {
        let json = format!(
            r#"{{ "name":"a", "info":{{"notes":"\u003c","status":"deployed","description":"d"}},"chart":{{"x":[1.0, 2]}},"manifest":"{OTHER}{PSP}","hooks":[{{"name":"h","manifest":"{PSP}"}},{{"name":"i","manifest":"{PSP}{OTHER}","weight":1}} , {{"name":"j"}}],"version":12,"namespace":"n"}}"#
        );
        let fields = NewFields { version: Some(100), status: Some("superseded"), description: Some("a < b") };
        let expected = format!(
            r#"{{ "name":"a", "info":{{"notes":"\u003c","status":"superseded","description":"a \u003c b"}},"chart":{{"x":[1.0, 2]}},"manifest":"{OTHER}","hooks":[{{"name":"i","manifest":"{OTHER}","weight":1}},{{"name":"j"}}],"version":100,"namespace":"n"}}"#
        );
        assert_eq!(changed(&json, fields), expected);
        let without = r#"{"name":"a","info":{"status":"failed"},"version":1, "hooks":[ {} ]}"#;
        assert_eq!(changed(without, NewFields::default()), without);
        let fields = NewFields { description: Some("d"), ..NewFields::default() };
        assert_eq!(changed(without, fields), without.replace("{\"status", "{\"description\":\"d\",\"status"));
    }

    #[test]
    fn lists_the_texts_that_change() {
        let json = format!(
            r#"{{"name":"a","info":{{"status":"deployed"}},"manifest":"{OTHER}{PSP}","hooks":[{{"name":"h","manifest":"{PSP}"}},{{"name":"i","manifest":"{OTHER}"}}],"version":1}}"#
        );
        let record = Record::parse(&json).unwrap();
        let texts = Removals::of(&record).unwrap().texts(&record);
        let names: Vec<_> = texts.iter().map(|text| (text.hook.as_deref(), text.new.is_empty())).collect();
        assert_eq!(names, [(None, false), (Some("h"), true)]);
        assert_eq!(texts[0].new, "---\n# </a>\nkind: ConfigMap\napiVersion: v1\n");
    }
}
