//! The JSON of a release, with the places of the fields that are changed. Everything else remains text.
//!
//! Source: `pkg/release/v1/release.go` of Helm 4, and `pkg/release` of Helm 3.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of a JSON object, in the order of the text.
#[derive(Debug, Default)]
pub(super) struct Members<'j>(pub(super) Vec<(String, &'j RawValue)>);

/// A release.
#[derive(Debug)]
pub(super) struct Record<'j> {
    /// The whole JSON.
    pub(super) json: &'j str,
    /// All members of the release.
    pub(super) members: Members<'j>,
    /// All members of `info`.
    pub(super) info: Members<'j>,
    /// The text of `info`.
    pub(super) info_text: &'j str,
    /// `name`
    pub(super) name: String,
    /// `namespace`; empty if it is missing.
    pub(super) namespace: String,
    /// `version`, the number of the revision, from 1.
    pub(super) version: u64,
    /// The text of `version`.
    pub(super) version_text: &'j str,
    /// `info.status`
    pub(super) status: String,
    /// The text of `info.status`.
    pub(super) status_text: &'j str,
    /// The text of `info.description`.
    pub(super) description_text: Option<&'j str>,
    /// `manifest`; empty if it is missing.
    pub(super) manifest: String,
    /// The text of `manifest`.
    pub(super) manifest_text: Option<&'j str>,
    /// `hooks`
    pub(super) hooks: Vec<HookRecord<'j>>,
    /// The text of `hooks`.
    pub(super) hooks_text: Option<&'j str>,
}

/// A hook of a release.
#[derive(Debug)]
pub(super) struct HookRecord<'j> {
    /// The whole JSON.
    pub(super) json: &'j str,
    /// All members.
    pub(super) members: Members<'j>,
    /// `name`; empty if it is missing.
    pub(super) name: String,
    /// `manifest`; empty if it is missing.
    pub(super) manifest: String,
    /// The text of `manifest`.
    pub(super) manifest_text: Option<&'j str>,
}

impl<'j> Record<'j> {
    /// Parses a release.
    ///
    /// # Errors
    /// Which field is invalid.
    pub(super) fn parse(json: &'j str) -> Result<Self, String> {
        let members: Members<'j> = serde_json::from_str(json).map_err(|error| format!("is no JSON of a release: {error}"))?;
        let within = |result: Result<_, String>| result.map_err(|error| format!("is no release: {error}"));
        let fields = || {
            let info_text = members.get("info")?.ok_or("info is missing")?;
            let info: Members<'j> = serde_json::from_str(info_text).map_err(|error| format!("info: {error}"))?;
            let version_text = members.get("version")?.ok_or("version is missing")?;
            let version = version_text.parse().ok().filter(|version| *version > 0);
            let (status, status_text) = info.text("status").map_err(|error| format!("info.{error}"))?;
            let (manifest, manifest_text) = members.text("manifest")?;
            let hooks_text = members.get("hooks")?;
            let hooks = hooks_text.map_or(Ok(Vec::new()), hooks)?;
            let (name, _) = members.text("name")?;
            if name.is_empty() {
                return Err("name is missing".to_owned());
            }
            Ok(Record {
                json,
                name,
                namespace: members.text("namespace")?.0,
                version: version.ok_or("version must be a number from 1")?,
                version_text,
                status,
                status_text: status_text.ok_or("info.status is missing")?,
                description_text: info.get("description").map_err(|error| format!("info.{error}"))?,
                info_text,
                info,
                manifest,
                manifest_text,
                hooks,
                hooks_text,
                members: Members::default(),
            })
        };
        let record = within(fields())?;
        Ok(Record { members, ..record })
    }
}

impl Record<'_> {
    /// Returns `info.description`.
    ///
    /// # Errors
    /// It is no string.
    pub(super) fn description(&self) -> Result<Option<String>, String> {
        self.description_text.map(|text| serde_json::from_str(text).map_err(|error| format!("info.description: {error}"))).transpose()
    }
}

fn hooks(text: &str) -> Result<Vec<HookRecord<'_>>, String> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| format!("hooks: {error}"))?;
    elements.iter().enumerate().map(|(index, element)| hook(element.get()).map_err(|error| format!("hooks[{index}]: {error}"))).collect()
}

fn hook(json: &str) -> Result<HookRecord<'_>, String> {
    let members: Members<'_> = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let (manifest, manifest_text) = members.text("manifest")?;
    Ok(HookRecord { json, name: members.text("name")?.0, manifest, manifest_text, members })
}

impl<'j> Members<'j> {
    /// Returns the text of a member; `None` if it is missing or null.
    ///
    /// # Errors
    /// Go would use another member: it ignores the case of keys, and the last of several counts.
    pub(super) fn get(&self, key: &str) -> Result<Option<&'j str>, String> {
        let mut matching = self.0.iter().filter(|(other, _)| other.eq_ignore_ascii_case(key));
        let first = matching.next();
        match (first, matching.next()) {
            (_, Some(_)) => Err(format!("{key} occurs twice")),
            (Some((other, _)), None) if other != key => Err(format!("{other} must be written {key}")),
            (first, None) => Ok(first.map(|(_, value)| value.get()).filter(|value| *value != "null")),
        }
    }

    /// Returns the value and the text of a string; an empty value if it is missing or null.
    fn text(&self, key: &str) -> Result<(String, Option<&'j str>), String> {
        let text = self.get(key)?;
        let value = text.map_or(Ok(String::new()), serde_json::from_str);
        Ok((value.map_err(|error| format!("{key}: {error}"))?, text))
    }
}

impl<'de: 'j, 'j> Deserialize<'de> for Members<'j> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;
        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(key) = map.next_key::<String>()? {
                    members.push((key, map.next_value()?));
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(MembersVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_what_helm_writes() {
        let json = r#"{"name":"web","info":{"status":"deployed","description":"Install complete"},"chart":{"a":1e0},"manifest":"---\n\u003ca\u003e",
            "hooks":[{"name":"h","path":"p","manifest":"m"},{}],"version":3,"namespace":"shop"}"#;
        let record = Record::parse(json).unwrap();
        assert_eq!((&*record.name, &*record.namespace, record.version, &*record.status), ("web", "shop", 3, "deployed"));
        assert_eq!((&*record.manifest, record.manifest_text), ("---\n<a>", Some(r#""---\n\u003ca\u003e""#)));
        assert_eq!(record.description_text, Some(r#""Install complete""#));
        let hooks: Vec<_> = record.hooks.iter().map(|hook| (&*hook.name, &*hook.manifest, hook.manifest_text)).collect();
        assert_eq!(hooks, [("h", "m", Some("\"m\"")), ("", "", None)]);
        assert_eq!(record.members.0.len(), 7);
        let least = Record::parse(r#"{"name":"web","info":{"status":"failed"},"version":1,"hooks":null}"#).unwrap();
        assert_eq!((&*least.manifest, least.manifest_text, least.hooks.len()), ("", None, 0));
    }

    #[test]
    fn errors_name_the_field() {
        for (json, error) in [
            ("", "is no JSON of a release: EOF"),
            ("[]", "is no JSON of a release: invalid type: sequence, expected an object"),
            ("{} {}", "is no JSON of a release: trailing characters"),
            (r#"{"version":1}"#, "is no release: info is missing"),
            (r#"{"info":{"status":"deployed"}}"#, "is no release: version is missing"),
            (r#"{"info":{"status":"deployed"},"version":0,"name":"a"}"#, "is no release: version must be a number from 1"),
            (r#"{"info":{"status":"deployed"},"version":1}"#, "is no release: name is missing"),
            (r#"{"info":{},"version":1,"name":"a"}"#, "is no release: info.status is missing"),
            (r#"{"info":{"status":1},"version":1}"#, "is no release: info.status: invalid type: integer"),
            (r#"{"info":{"status":"a"},"version":1,"manifest":{}}"#, "is no release: manifest: invalid type: map"),
            (r#"{"info":{"status":"a"},"version":1,"manifest":"a","manifest":"b"}"#, "is no release: manifest occurs twice"),
            (r#"{"info":{"status":"a"},"version":1,"Manifest":"a"}"#, "is no release: Manifest must be written manifest"),
            (r#"{"info":{"status":"a"},"version":1,"hooks":[{},[]]}"#, "is no release: hooks[1]: invalid type: sequence"),
        ] {
            let actual = Record::parse(json).unwrap_err();
            assert!(actual.starts_with(error), "{json}: {actual}");
        }
    }
}
