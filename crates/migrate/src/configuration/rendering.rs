//! Renders configurations as YAML.

use pss_core::settings::{Exemptions, Settings};
use pss_core::standards::LevelVersion;
use pss_review::{policy, settings_yaml, yaml_comment, yaml_scalar};

use super::{Configuration, Effect, Note, Plugin, Target};

/// The name of a template for a configuration without a name.
const NAME: &str = "pod-security-standards";
/// The comment before the namespaces that are not in Rancher's template.
const SAMPLE: &str = "from the longer sample in Rancher's documentation, and not in its template:";

/// Returns settings in the form of a target. What makes it weaker or stricter than the configuration is a comment at the start.
pub(super) fn render(configuration: &Configuration, settings: &Settings<'_>, target: Target, name: Option<&str>, notes: &[Note]) -> String {
    let mut text = String::new();
    for note in notes.iter().filter(|note| note.effect != Effect::None) {
        text += &yaml_comment(&format!("{}: {note}", note.effect.name()));
    }
    let sample = configuration.sample.as_slice();
    if !target.is_of_pod_security_admission() && !sample.is_empty() {
        text += &yaml_comment(&format!("exemptions.namespaces {} {}", SAMPLE, sample.join(", ")));
    }
    match target {
        Target::Settings => text += &settings_yaml(settings),
        Target::Policy => text += &policy(settings),
        Target::Template => {
            let own = if configuration.name.is_empty() { NAME } else { &configuration.name };
            let name = name.unwrap_or(own);
            text += "apiVersion: management.cattle.io/v3\nkind: PodSecurityAdmissionConfigurationTemplate\nmetadata:\n  name: ";
            text += &yaml_scalar(name);
            text.push('\n');
            if !configuration.description.is_empty() {
                text += &["description: ", &yaml_scalar(&configuration.description), "\n"].concat();
            }
            text += "configuration:\n";
            body(&mut text, "  ", settings, sample);
        }
        Target::AdmissionConfiguration => {
            text += "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins:\n";
            let own = [Plugin::PodSecurity];
            let plugins = if configuration.plugins.is_empty() { &own[..] } else { &configuration.plugins };
            for plugin in plugins {
                match plugin {
                    // JSON is YAML.
                    Plugin::Other { json, .. } => text += &["  - ", &escaped(json), "\n"].concat(),
                    Plugin::PodSecurity => {
                        text += "  - name: PodSecurity\n    configuration:\n      apiVersion: pod-security.admission.config.k8s.io/v1\n      \
                                 kind: PodSecurityConfiguration\n";
                        body(&mut text, "      ", settings, sample);
                    }
                }
            }
        }
    }
    text
}

/// Appends the defaults and exemptions of Pod Security Admission, all fields with their values.
fn body(text: &mut String, indent: &str, settings: &Settings<'_>, sample: &[&str]) {
    let Settings { defaults, exemptions, .. } = settings;
    *text += &[indent, "defaults:\n"].concat();
    for (mode, LevelVersion { level, version }) in [("enforce", defaults.enforce), ("audit", defaults.audit), ("warn", defaults.warn)] {
        *text += &format!("{indent}  {mode}: {}\n{indent}  {mode}-version: {version}\n", level.name());
    }
    *text += &[indent, "exemptions:\n"].concat();
    let Exemptions { usernames, namespaces, runtime_classes, runtime_class_names, .. } = exemptions;
    let runtime_classes = runtime_classes.iter().chain(runtime_class_names);
    list(text, indent, "usernames", usernames.iter().map(AsRef::as_ref), &[]);
    list(text, indent, "runtimeClasses", runtime_classes.map(AsRef::as_ref), &[]);
    list(text, indent, "namespaces", namespaces.iter().map(AsRef::as_ref), sample);
}

/// Appends a list of names; a comment is before the first of `sample`, with which the list ends.
fn list<'n>(text: &mut String, indent: &str, key: &str, names: impl Iterator<Item = &'n str>, sample: &[&str]) {
    let mut names = names.peekable();
    if names.peek().is_none() {
        *text += &format!("{indent}  {key}: []\n");
        return;
    }
    *text += &format!("{indent}  {key}:\n");
    for name in names {
        if sample.first() == Some(&name) {
            *text += &[indent, "    ", &yaml_comment(SAMPLE)].concat();
        }
        *text += &[indent, "    - ", &yaml_scalar(name), "\n"].concat();
    }
}

/// Returns JSON as YAML: with escapes for all characters beyond ASCII, some of which YAML does not allow. They are only in strings.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for character in json.chars() {
        text += &match u32::from(character) {
            0..0x7f => character.to_string(),
            code @ 0x7f..0x1_0000 => format!("\\u{code:04x}"),
            code => format!("\\U{code:08x}"),
        };
    }
    text
}
