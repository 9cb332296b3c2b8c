//! The comparison of a changed revision, decoded again, with the original: nothing else may differ.

use super::record::{Members, Record};
use super::removal::{Removal, have_same_objects, removal};
use super::revision_change::{NewFields, Removals};

/// Compares a changed revision with the original, without the code that changed it.
///
/// # Errors
/// What differs although it must not.
pub(super) fn verify(old: &Record<'_>, new_json: &str, removals: &Removals, fields: NewFields<'_>) -> Result<(), String> {
    let new = Record::parse(new_json)?;
    // A record without a description may get one.
    let added = if fields.description.is_some() && old.description_text.is_none() { "description" } else { "" };
    same(&old.members, &new.members, &["info", "manifest", "hooks", "version"], "")?;
    same(&old.info, &new.info, &["status", "description"], added)?;
    let version = fields.version.unwrap_or(old.version);
    let status = fields.status.unwrap_or(&old.status);
    let description = match fields.description {
        Some(description) => Some(description.to_owned()),
        None => old.description()?,
    };
    if new.version != version || new.status != status || new.description()? != description {
        return Err("its version, status or description".to_owned());
    }
    same_manifest("its manifest", &removals.manifest, &old.manifest, &new.manifest)?;
    let mut new_hooks = new.hooks.iter();
    for (hook, removal) in old.hooks.iter().zip(&removals.hooks) {
        if removal.is_complete {
            same_manifest("a removed hook", removal, &hook.manifest, "")?;
            continue;
        }
        let Some(new) = new_hooks.next() else { return Err("the number of its hooks".to_owned()) };
        same(&hook.members, &new.members, &["manifest"], "")?;
        same_manifest("a hook", removal, &hook.manifest, &new.manifest)?;
    }
    if new_hooks.next().is_some() || old.hooks.len() != removals.hooks.len() { Err("the number of its hooks".to_owned()) } else { Ok(()) }
}

/// Compares the members of two objects besides the values of some. Their texts and their order must be the same.
fn same(old: &Members<'_>, new: &Members<'_>, except: &[&str], added: &str) -> Result<(), String> {
    let new: Vec<_> = new.0.iter().filter(|(key, _)| key != added).collect();
    if old.0.len() != new.len() {
        return Err("the number of its fields".to_owned());
    }
    for ((old_key, old), (new_key, new)) in old.0.iter().zip(new) {
        if old_key != new_key || !except.contains(&&**old_key) && old.get() != new.get() {
            return Err(old_key.clone());
        }
    }
    Ok(())
}

/// Compares two manifests, of which the new one must contain the same objects besides PodSecurityPolicies, and none of these.
fn same_manifest(name: &str, removed: &Removal, old: &str, new: &str) -> Result<(), String> {
    let is_same = if removed.changes.is_empty() {
        old == new
    } else {
        have_same_objects(old, new) && removal(new).is_ok_and(|removal| removal.policies.is_empty())
    };
    if is_same { Ok(()) } else { Err(name.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::helm_release::revision_change::changed_json;

    const JSON: &str = r#"{"name":"a","info":{"status":"deployed"},"config":{"a":1},"manifest":"---\nkind: A\napiVersion: v1\n---\nkind: PodSecurityPolicy\napiVersion: policy/v1beta1\n","hooks":[{"name":"h","manifest":"kind: B\napiVersion: v1"},{"name":"p","manifest":"kind: PodSecurityPolicy\napiVersion: policy/v1beta1"}],"version":1}"#;

    #[test]
    fn accepts_the_change_and_nothing_else() {
        let old = Record::parse(JSON).unwrap();
        let removals = Removals::of(&old).unwrap();
        let fields = NewFields { version: Some(2), status: Some("deployed"), description: Some("d") };
        let new = changed_json(&old, &removals, fields).unwrap();
        assert_eq!(verify(&old, &new, &removals, fields), Ok(()));
        for (part, other, error) in [
            (r#""config":{"a":1}"#, r#""config":{"a":2}"#, "config"),
            (r#""config":{"a":1},"#, "", "the number of its fields"),
            ("kind: A", "kind: C", "its manifest"),
            ("kind: B", "kind: C", "a hook"),
            (r#""name":"h""#, r#""name":"i""#, "name"),
            (r#""version":2"#, r#""version":3"#, "its version, status or description"),
            (r#""description":"d""#, r#""description":"e""#, "its version, status or description"),
            (r#"apiVersion: v1"}]"#, r#"apiVersion: v1"},{}]"#, "the number of its hooks"),
        ] {
            let changed = new.replace(part, other);
            assert_ne!(changed, new);
            assert_eq!(verify(&old, &changed, &removals, fields), Err(error.to_owned()), "{part}");
        }
        let mut wrong = Removals::of(&old).unwrap();
        wrong.hooks[0].is_complete = true;
        let new = changed_json(&old, &wrong, fields).unwrap();
        assert_eq!(verify(&old, &new, &wrong, fields), Err("a removed hook".to_owned()));
    }
}
