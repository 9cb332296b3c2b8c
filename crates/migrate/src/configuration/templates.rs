//! Rancher's built-in templates, and the longer sample in its documentation.
//!
//! Source: the namespaces in the code of Rancher that creates the templates, in versions 2.7.7 to 2.15, and "Pod Security
//! Standards" in Rancher's documentation of version 2.14.

use std::fmt;

use super::{Configuration, Effect, Form, Note};

/// The names of the built-in templates.
pub const BUILTIN_TEMPLATES: [&str; 2] = ["rancher-privileged", RESTRICTED];
const RESTRICTED: &str = "rancher-restricted";

/// The namespaces that `rancher-restricted` exempts, each with the first and the last minor version of Rancher 2 that has it.
const NAMESPACES: [(&str, u32, u32); 24] = [
    ("cattle-csp-adapter-system", FIRST, LATEST),
    ("cattle-epinio-system", FIRST, LATEST),
    ("cattle-externalip-system", FIRST, LATEST),
    ("cattle-fleet-local-system", FIRST, LATEST),
    ("cattle-fleet-system", FIRST, LATEST),
    ("cattle-gatekeeper-system", FIRST, LATEST),
    ("cattle-istio-system", FIRST, LATEST),
    ("cattle-logging-system", FIRST, LATEST),
    ("cattle-monitoring-system", FIRST, LATEST),
    ("cattle-neuvector-system", FIRST, LATEST),
    ("cattle-provisioning-capi-system", FIRST, 13),
    ("cattle-sriov-system", FIRST, LATEST),
    ("cattle-system", FIRST, LATEST),
    ("cattle-turtles-system", 13, LATEST),
    ("cattle-ui-plugin-system", FIRST, LATEST),
    ("cattle-windows-gmsa-system", FIRST, LATEST),
    ("cis-operator-system", FIRST, LATEST),
    ("compliance-operator-system", 12, LATEST),
    ("ingress-nginx", FIRST, LATEST),
    ("istio-system", FIRST, LATEST),
    ("kube-system", FIRST, LATEST),
    ("longhorn-system", FIRST, LATEST),
    ("rancher-alerting-drivers", FIRST, LATEST),
    ("tigera-operator", FIRST, LATEST),
];

/// The namespaces of the sample in the documentation that the template of its version does not exempt.
const SAMPLE: [&str; 22] = [
    "calico-apiserver",
    "calico-system",
    "cattle-alerting",
    "cattle-capi-system",
    "cattle-elemental-system",
    "cattle-global-data",
    "cattle-global-nt",
    "cattle-impersonation-system",
    "cattle-istio",
    "cattle-logging",
    "cattle-prometheus",
    "cattle-provisioning-capi-system",
    "cattle-resources-system",
    "cert-manager",
    "fleet-default",
    "fleet-local",
    "kube-node-lease",
    "kube-public",
    "rancher-compliance-system",
    "security-scan",
    "sr-operator-system",
    "traefik",
];
/// The field with exempt namespaces.
const EXEMPT: &str = "exemptions.namespaces";
/// The namespace of the template that the sample does not have.
const NOT_IN_SAMPLE: &str = "ingress-nginx";

/// The oldest minor version of Rancher 2 whose templates are listed, in its patch version [`FIRST_PATCH`].
const FIRST: u32 = 7;
const FIRST_PATCH: u32 = 7;
/// The newest minor version of Rancher 2 whose templates are listed.
const LATEST: u32 = 15;

/// A minor version of Rancher 2.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct RancherVersion(u32);

/// The newest version whose templates are listed.
impl Default for RancherVersion {
    fn default() -> Self {
        RancherVersion(LATEST)
    }
}

impl RancherVersion {
    /// Parses a version of Rancher such as `v2.14`, `2.14` or `2.13.5`.
    ///
    /// # Errors
    /// The text is no version, or one whose templates are not listed, because it is too old. One that is newer than the newest
    /// listed version has the templates of that one.
    pub fn parse(text: &str) -> Result<Self, String> {
        let invalid = || format!("a version of Rancher is v2.{FIRST}.{FIRST_PATCH} or later, such as v2.{LATEST}");
        let number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse::<u32>().ok()).flatten();
        let text = text.strip_prefix('v').unwrap_or(text);
        // A pre-release such as 2.14.0-rc1 has the templates of the release.
        let release = text.split(['-', '+']).next().unwrap_or_default();
        let mut parts = release.split('.');
        let (major, minor) = (parts.next().unwrap_or_default(), parts.next().and_then(number).ok_or_else(invalid)?);
        let patch = parts.next().map(|patch| number(patch).ok_or_else(invalid)).transpose()?;
        let is_too_old = minor < FIRST || minor == FIRST && patch.is_some_and(|patch| patch < FIRST_PATCH);
        if major != "2" || parts.next().is_some() || is_too_old { Err(invalid()) } else { Ok(RancherVersion(minor)) }
    }

    /// Returns the namespaces that `rancher-restricted` exempts.
    fn namespaces(self) -> impl Iterator<Item = &'static str> {
        let version = self.0.min(LATEST);
        NAMESPACES.iter().filter(move |(_, first, last)| (*first..=*last).contains(&version)).map(|(namespace, ..)| *namespace)
    }
}

impl fmt::Display for RancherVersion {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "v2.{}", self.0)
    }
}

/// Returns a built-in template by name: as Rancher's code has it, or with what the sample in its documentation adds. Returns
/// `None` for another name.
///
/// The notes name what the sample adds, and what a template that was upgraded has besides.
pub fn builtin_template(name: &str, version: RancherVersion, documentation_sample: bool) -> Option<Configuration> {
    let name = BUILTIN_TEMPLATES.into_iter().find(|template| *template == name)?;
    let mut template = Configuration {
        form: Form::Template,
        name: name.to_owned(),
        description: String::new(),
        notes: Vec::new(),
        settings: String::new(),
        plugins: Vec::new(),
        sample: Vec::new(),
    };
    let mut note = |field: &str, message: String| {
        template.notes.push(Note { effect: Effect::None, field: field.to_owned(), message });
    };
    if version > RancherVersion::default() {
        note(
            "rancher-version",
            format!("the templates are listed up to {}, and this is the one of that version", RancherVersion::default()),
        );
    }
    let (mut level, mut namespaces) = ("privileged", Vec::new());
    if name == RESTRICTED {
        level = "restricted";
        namespaces.extend(version.namespaces());
        let sample = SAMPLE.into_iter().filter(|namespace| !namespaces.contains(namespace)).collect::<Vec<_>>();
        let listed = sample.join(", ");
        if documentation_sample {
            let message = format!(
                "these are not in Rancher's template, but in the longer sample of its documentation: {listed}; the sample does not \
                 have {NOT_IN_SAMPLE}"
            );
            note(EXEMPT, message);
            namespaces.extend(&sample);
            template.sample = sample;
        } else {
            let message = format!(
                "the longer sample in Rancher's documentation also has {listed}, but not {NOT_IN_SAMPLE}; it is another list than \
                 that of the template (--documentation-sample adds these namespaces)"
            );
            note(EXEMPT, message);
        }
        // A version after the last in the table has its namespaces.
        let of_earlier = NAMESPACES.iter().filter(|(.., last)| *last < version.0.min(LATEST)).map(|(namespace, ..)| *namespace);
        let of_earlier: Vec<_> = of_earlier.filter(|namespace| !template.sample.contains(namespace)).collect();
        if !of_earlier.is_empty() {
            let listed = of_earlier.join(", ");
            let message = format!("upgrades of Rancher remove no namespace, so a template of an earlier version also exempts {listed}");
            template.notes.push(Note { effect: Effect::None, field: EXEMPT.to_owned(), message });
        }
    }
    let settings = serde_json::json!({
        "defaults": {
            "enforce": level, "enforce-version": "latest", "audit": level, "audit-version": "latest", "warn": level, "warn-version": "latest",
        },
        "exemptions": {"usernames": [], "runtimeClasses": [], "namespaces": namespaces},
        "namespaceLabels": "honor",
    });
    template.settings = settings.to_string();
    Some(template)
}

/// Returns whether a template can have a name: a DNS subdomain.
pub fn is_template_name(name: &str) -> bool {
    let is_letter = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        let ends = [part.bytes().next(), part.bytes().next_back()];
        ends.iter().all(|end| end.is_some_and(is_letter)) && part.bytes().all(|byte| is_letter(byte) || byte == b'-')
    };
    name.len() <= 253 && name.split('.').all(is_part)
}

#[cfg(test)]
mod tests {
    use pss_core::settings::{Exemptions, NamespaceLabels, Policy};
    use pss_core::standards::{Level, LevelVersion, Version};

    use super::*;

    fn exempt(template: &Configuration) -> Vec<String> {
        let settings = template.settings().unwrap();
        settings.exemptions.namespaces.iter().map(ToString::to_string).collect()
    }

    fn restricted(version: &str, documentation_sample: bool) -> Configuration {
        builtin_template("rancher-restricted", RancherVersion::parse(version).unwrap(), documentation_sample).unwrap()
    }

    /// The number of exempt namespaces of each version, and what changed.
    #[test]
    fn the_template_exempts_the_namespaces_of_its_version() {
        let capi = "cattle-provisioning-capi-system";
        let compliance = "compliance-operator-system";
        let turtles = "cattle-turtles-system";
        for (version, count, has, has_not) in [
            ("2.7.7", 22, vec![capi], vec![compliance, turtles]),
            ("v2.8", 22, vec![capi], vec![compliance, turtles]),
            ("v2.11.3", 22, vec![capi], vec![compliance, turtles]),
            ("v2.12.0", 23, vec![capi, compliance], vec![turtles]),
            ("2.13.5", 24, vec![capi, compliance, turtles], vec![]),
            ("v2.14", 23, vec![compliance, turtles], vec![capi]),
            ("v2.14.0-rc1", 23, vec![compliance, turtles], vec![capi]),
            ("v2.15", 23, vec![compliance, turtles], vec![capi]),
            ("v2.99", 23, vec![compliance, turtles], vec![capi]),
        ] {
            let template = restricted(version, false);
            let names = exempt(&template);
            assert_eq!(names.len(), count, "{version}: {names:?}");
            assert!(has.iter().all(|name| names.iter().any(|other| other == name)), "{version}: {names:?}");
            assert!(!has_not.iter().any(|name| names.iter().any(|other| other == name)), "{version}: {names:?}");
            let settings = template.settings().unwrap();
            assert_eq!(settings.defaults, Policy::uniform(LevelVersion { level: Level::Restricted, version: Version::Latest }));
            assert_eq!(settings.namespace_labels, NamespaceLabels::Honor);
        }
        assert_eq!(restricted("v2.15", false), builtin_template("rancher-restricted", RancherVersion::default(), false).unwrap());
        // A version that is newer than the table has the notes of the last in it, and one that says so.
        for version in ["v2.16", "v2.99"] {
            for documentation_sample in [false, true] {
                let notes = restricted(version, documentation_sample).notes;
                let first = notes[0].to_string();
                assert!(first.starts_with("rancher-version: the templates are listed up to v2.15"), "{first}");
                assert_eq!(notes[1..], restricted("v2.15", documentation_sample).notes);
            }
        }
    }

    #[test]
    fn the_privileged_template_exempts_nothing() {
        let template = builtin_template("rancher-privileged", RancherVersion::default(), true).unwrap();
        let settings = template.settings().unwrap();
        assert!(settings.defaults.is_privileged() && settings.namespace_labels == NamespaceLabels::Honor);
        assert_eq!(settings.exemptions, Exemptions::default());
        assert!(template.notes.is_empty());
        assert_eq!(builtin_template("rancher-baseline", RancherVersion::default(), false), None);
    }

    #[test]
    fn the_sample_of_the_documentation_is_kept_apart() {
        let (template, with_sample) = (restricted("v2.14", false), restricted("v2.14", true));
        let (own, all) = (exempt(&template), exempt(&with_sample));
        assert_eq!((own.len(), all.len(), with_sample.sample.len()), (23, 45, 22));
        assert_eq!(all[..23], own);
        assert_eq!(all[23..], with_sample.sample);
        assert!(template.sample.is_empty());
        for namespace in &with_sample.sample {
            assert!(template.notes[0].message.contains(namespace) && with_sample.notes[0].message.contains(namespace), "{namespace}");
        }
        // A template that was upgraded has a namespace that new ones lack; the sample has it.
        let upgraded = |template: &Configuration| template.notes.iter().filter(|note| note.message.starts_with("upgrades")).count();
        assert_eq!((upgraded(&template), upgraded(&with_sample), upgraded(&restricted("v2.13", false))), (1, 0, 0));
        // 2.13 has one of the namespaces itself.
        let of_earlier = restricted("v2.13", true);
        assert_eq!((exempt(&of_earlier).len(), of_earlier.sample.len()), (45, 21));
    }

    #[test]
    fn rejects_versions_without_listed_templates() {
        for invalid in ["", "v", "2", "v2.", "2.6", "2.7.6", "v2.7.0", "1.14", "3.0", "2.14.x", "2.x", "2.14.1.1", "2.-1", "2.99999999999"]
        {
            assert!(RancherVersion::parse(invalid).is_err(), "{invalid}");
        }
        assert!(RancherVersion::parse("v2.7").is_ok());
    }
}
