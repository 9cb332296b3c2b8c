//! The JSON of a release, with the places of the fields that are changed. Everything else remains text.
//!
//! Source: `pkg/release/v1/release.go` of Helm 4, and `pkg/release` of Helm 3.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

/// The last number of a revision, which is an int in Helm.
pub(super) const MAX_VERSION: u64 = i64::MAX.unsigned_abs();

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
        let members: Members<'j> =
            serde_json::from_str(json).map_err(|error| format!("is not a release: it {}", reason(&error, "an object")))?;
        let within = |result: Result<_, String>| result.map_err(|error| format!("is not a release: {error}"));
        let fields = || {
            let info_text = members.get("info")?.ok_or("info is missing")?;
            let info: Members<'j> = serde_json::from_str(info_text).map_err(|error| format!("info {}", reason(&error, "an object")))?;
            let version_text = members.get("version")?.ok_or("version is missing")?;
            let version = version_text.parse().ok().filter(|version| (1..=MAX_VERSION).contains(version));
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
                version: version.ok_or_else(|| format!("version must be a number from 1 to {MAX_VERSION}"))?,
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
        self.description_text
            .map(|text| serde_json::from_str(text).map_err(|error| format!("info.description {}", reason(&error, "a string"))))
            .transpose()
    }
}

fn hooks(text: &str) -> Result<Vec<HookRecord<'_>>, String> {
    let elements: Vec<&RawValue> = serde_json::from_str(text).map_err(|error| format!("hooks {}", reason(&error, "an array")))?;
    elements.iter().enumerate().map(|(index, element)| hook(element.get()).map_err(|error| format!("hooks[{index}]{error}"))).collect()
}

fn hook(json: &str) -> Result<HookRecord<'_>, String> {
    let members: Members<'_> = serde_json::from_str(json).map_err(|error| format!(" {}", reason(&error, "an object")))?;
    let text = |key| members.text(key).map_err(|error| format!(".{error}"));
    let (manifest, manifest_text) = text("manifest")?;
    let (name, _) = text("name")?;
    Ok(HookRecord { json, name, manifest, manifest_text, members })
}

/// Returns why a text is not what is expected, as the end of a sentence.
fn reason(error: &serde_json::Error, expected: &str) -> String {
    match error.classify() {
        Category::Data => format!("must be {expected}"),
        Category::Eof => "must be JSON, which ends too early".to_owned(),
        Category::Syntax | Category::Io => format!("must be JSON, which is invalid at column {} of line {}", error.column(), error.line()),
    }
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
        Ok((value.map_err(|error| format!("{key} {}", reason(&error, "a string")))?, text))
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
            ("", "is not a release: it must be JSON, which ends too early"),
            ("{\"a\":\n", "is not a release: it must be JSON, which ends too early"),
            ("[]", "is not a release: it must be an object"),
            ("{} {}", "is not a release: it must be JSON, which is invalid at column 4 of line 1"),
            ("{\n!", "is not a release: it must be JSON, which is invalid at column 1 of line 2"),
            (r#"{"version":1}"#, "is not a release: info is missing"),
            (r#"{"info":{"status":"deployed"}}"#, "is not a release: version is missing"),
            (
                r#"{"info":{"status":"deployed"},"version":0,"name":"a"}"#,
                "is not a release: version must be a number from 1 to 9223372036854775807",
            ),
            (
                r#"{"info":{"status":"deployed"},"version":9223372036854775808,"name":"a"}"#,
                "is not a release: version must be a number from 1 to 9223372036854775807",
            ),
            (r#"{"info":[],"version":1}"#, "is not a release: info must be an object"),
            (
                r#"{"info":{"status":"a"},"version":1,"manifest":"\ud800"}"#,
                "is not a release: manifest must be JSON, which is invalid at column 8",
            ),
            (r#"{"info":{"status":"a"},"version":1,"hooks":{}}"#, "is not a release: hooks must be an array"),
            (r#"{"info":{"status":"a"},"version":1,"hooks":[{"name":1}]}"#, "is not a release: hooks[0].name must be a string"),
            (r#"{"info":{"status":"deployed"},"version":1}"#, "is not a release: name is missing"),
            (r#"{"info":{},"version":1,"name":"a"}"#, "is not a release: info.status is missing"),
            (r#"{"info":{"status":1},"version":1}"#, "is not a release: info.status must be a string"),
            (r#"{"info":{"status":"a"},"version":1,"manifest":{}}"#, "is not a release: manifest must be a string"),
            (r#"{"info":{"status":"a"},"version":1,"manifest":"a","manifest":"b"}"#, "is not a release: manifest occurs twice"),
            (r#"{"info":{"status":"a"},"version":1,"Manifest":"a"}"#, "is not a release: Manifest must be written manifest"),
            (r#"{"info":{"status":"a"},"version":1,"hooks":[{},[]]}"#, "is not a release: hooks[1] must be an object"),
        ] {
            let actual = Record::parse(json).unwrap_err();
            assert!(actual.starts_with(error), "{json}: {actual}");
        }
    }
}
