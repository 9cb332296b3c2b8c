//! The explanation of a finding and the advice on fixing it. The sentences are templates in the documentation of the checks
//! ([`pss_core::standards::documentation`]), which this file renders with the names and values of the pod.

use std::borrow::Cow;

use pss_core::pod::ContainerType;
use pss_core::quote::quoted;
use pss_core::standards::documentation::{self, Condition, Field, Guidance};
use pss_core::standards::{Finding, GUIDANCE, Subject, Value, Version, Violation};

/// The explanation of a finding, and the advice on fixing it.
pub(super) struct Explanation {
    /// One sentence.
    pub(super) reason: String,
    /// One or more sentences, which most findings of a check share.
    pub(super) advice: Cow<'static, str>,
}

/// Explains a finding.
pub(super) fn explain(violation: &Violation<'_>, finding: &Finding<'_>) -> Explanation {
    let context = Context::new(violation, finding);
    let template = context.template();
    let general = context.guidance.map(|guidance| guidance.advice);
    let advice = template.and_then(|template| template.advice).or(general).unwrap_or_default();
    let mut advice = if placeholder(advice).is_some() { Cow::Owned(context.render(advice)) } else { Cow::Borrowed(advice) };
    if let Some(minor) = context.newer_version_that_allows() {
        advice = Cow::Owned(format!("{advice} From {} on it is allowed.", Version::Minor(minor)));
    }
    // A test asserts that every finding has an explanation; the reason of Kubernetes' messages is only a fallback.
    let reason = template.map_or_else(|| violation.check.reason.to_owned(), |template| context.render(template.reason));
    Explanation { reason, advice }
}

/// A finding with the guidance of its check, from which templates are rendered.
struct Context<'c, 'p> {
    violation: &'c Violation<'p>,
    finding: &'c Finding<'p>,
    guidance: Option<&'static Guidance>,
}

impl<'c, 'p> Context<'c, 'p> {
    fn new(violation: &'c Violation<'p>, finding: &'c Finding<'p>) -> Self {
        let entry = GUIDANCE.iter().find(|(check, _)| check.id == violation.check.id);
        Context { violation, finding, guidance: entry.map(|(_, guidance)| guidance) }
    }

    /// Returns the first explanation whose condition the finding meets.
    fn template(&self) -> Option<&'static documentation::Explanation> {
        let finding = self.finding;
        self.guidance?.explanations.iter().find(|explanation| match explanation.condition {
            Condition::Always => true,
            Condition::Missing => finding.is_missing(),
            Condition::Value(value) => finding.value == Value::Text(value),
            Condition::Field(field) => finding.field == field,
            Condition::Annotation => matches!(finding.subject, Subject::Annotation { .. }),
        })
    }

    /// Replaces the placeholders of a template.
    fn render(&self, template: &str) -> String {
        let mut text = String::with_capacity(2 * template.len());
        let mut rest = template;
        while let Some((before, placeholder, after)) = placeholder(rest) {
            text += before;
            match placeholder {
                "subject" => text += &self.subject(),
                "value" => text += &self.value(),
                "field" => text += self.finding.field,
                "allowed" => text += &self.allowed(),
                _ => text += placeholder,
            }
            rest = after;
        }
        text + rest
    }

    /// Returns the subject at the beginning of a sentence: `Init container "web"`.
    fn subject(&self) -> String {
        let (noun, index, name) = match self.finding.subject {
            Subject::Pod => return "The pod".to_owned(),
            Subject::Annotation { key } => return ["The annotation ", &plain(key)].concat(),
            Subject::Volume { index, name } => ("Volume", index, name),
            Subject::Container { kind, index, name } => {
                let noun = match kind {
                    ContainerType::Regular => "Container",
                    ContainerType::Init => "Init container",
                    ContainerType::Ephemeral => "Ephemeral container",
                };
                (noun, index, name)
            }
        };
        match name {
            "" => format!("{noun} {}, which has no name,", index + 1),
            name => [noun, " ", &quoted(name)].concat(),
        }
    }

    fn value(&self) -> String {
        match self.finding.value {
            Value::Missing => "missing".to_owned(),
            Value::Bool(value) => value.to_string(),
            Value::Number(value) => value.to_string(),
            Value::Text(value) => plain(value),
        }
    }

    /// Returns the allowed values at the version of the revision, as an enumeration.
    fn allowed(&self) -> String {
        let mut values = self.values();
        values.retain(|(value, since)| *since <= self.violation.revision.since && !value.is_empty());
        let last = values.len().saturating_sub(1);
        let mut list = String::new();
        for (index, (value, _)) in values.iter().enumerate() {
            list += match index {
                0 => "",
                index if index == last => " or ",
                _ => ", ",
            };
            list += value;
        }
        list
    }

    /// Returns the minor version that allowed the value of the finding, if a newer one did.
    fn newer_version_that_allows(&self) -> Option<u64> {
        let Value::Text(forbidden) = self.finding.value else { return None };
        let Violation { check, revision, .. } = self.violation;
        // The newest revision allows everything that any version does.
        if check.revisions.last().is_none_or(|newest| newest.since == revision.since) {
            return None;
        }
        let is_newer = |(value, since): &&(&str, u64)| *value == forbidden && *since > self.violation.revision.since;
        self.values().iter().find(is_newer).map(|(_, since)| *since)
    }

    /// Returns the allowed values of the finding's field, each with the minor version that allowed it.
    fn values(&self) -> Vec<(&'static str, u64)> {
        let mut values = Vec::new();
        for restriction in self.guidance.map(|guidance| guidance.restrictions).unwrap_or_default() {
            if restriction.fields.iter().any(|field| self.has_field(field)) {
                values.append(&mut restriction.values());
            }
        }
        values
    }

    /// Returns whether the finding is on a field of the documentation.
    fn has_field(&self, field: &Field) -> bool {
        match (field, self.finding.subject) {
            (Field::Annotation(_), Subject::Annotation { .. }) => true,
            (Field::Pod(field), Subject::Volume { .. }) => field.starts_with("volumes[*]"),
            (Field::Pod(field) | Field::Both(field), Subject::Pod)
            | (Field::Containers(field) | Field::Both(field), Subject::Container { .. }) => {
                field.bytes().filter(|byte| *byte != b'*').eq(self.finding.field.bytes())
            }
            _ => false,
        }
    }
}

/// Returns the text before the first placeholder of a template, the name of the placeholder, and the text after it.
fn placeholder(template: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = template.split_once('{')?;
    let (placeholder, after) = rest.split_once('}')?;
    Some((before, placeholder, after))
}

/// Returns a text, in quotes unless it consists of graphic characters without quotes.
fn plain(text: &str) -> String {
    match text {
        "" => "empty".to_owned(),
        text if text.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\')) => text.to_owned(),
        text => quoted(text),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value as Json, json};

    use super::*;
    use pss_core::pod::Pod;
    use pss_core::pod::read;
    use pss_core::standards::{Level, LevelVersion, Version, evaluate};
    use pss_testing::pods;

    /// The reason and advice of each finding of one check in a pod.
    fn explanations(pod: &Json, check: &str, level: Level, version: Version) -> Vec<(String, String)> {
        let json = pod.to_string();
        let object = read(&json).unwrap();
        let violations = evaluate(Pod::of(&object), LevelVersion { level, version });
        let of_check = violations.iter().filter(|violation| violation.check.id == check);
        of_check
            .flat_map(|violation| violation.findings.iter().map(|finding| explain(violation, finding)))
            .map(|Explanation { reason, advice }| (reason, advice.into_owned()))
            .collect()
    }

    fn container(name: &str, security_context: Json) -> Json {
        json!({"spec": {"containers": [{"name": name, "securityContext": security_context}]}})
    }

    #[test]
    fn reasons_have_the_names_and_values_of_the_pod() {
        let escalation = |name: &str, list: &str| json!({"spec": {list: [{"name": name}]}});
        let handler = json!({"httpGet": {"host": "10.0.0.1"}});
        let volume = |source: &str, value: Json| json!({"spec": {"volumes": [{"name": "data", source: value}]}});
        let annotation =
            |key: &str, value: &str| json!({"metadata": {"annotations": {key: value}}, "spec": {"containers": [{"name": "web"}]}});
        let pod = |security_context: Json| json!({"spec": {"securityContext": security_context}});
        let table = [
            (
                "allowPrivilegeEscalation",
                escalation("web", "containers"),
                r#"Container "web" may gain more privileges than its parent process, because allowPrivilegeEscalation is not set to false."#,
            ),
            (
                "allowPrivilegeEscalation",
                container("web", json!({"allowPrivilegeEscalation": true})),
                r#"Container "web" may gain more privileges than its parent process, because allowPrivilegeEscalation is true."#,
            ),
            (
                "allowPrivilegeEscalation",
                escalation("a\"b", "initContainers"),
                r#"Init container "a\"b" may gain more privileges than its parent process, because allowPrivilegeEscalation is not set to false."#,
            ),
            (
                "allowPrivilegeEscalation",
                escalation("", "ephemeralContainers"),
                "Ephemeral container 1, which has no name, may gain more privileges than its parent process, because allowPrivilegeEscalation is not set to false.",
            ),
            (
                "appArmorProfile",
                pod(json!({"appArmorProfile": {"type": "Unconfined"}})),
                "The pod may run without the confinement of AppArmor, because the type of appArmorProfile is Unconfined.",
            ),
            (
                "appArmorProfile",
                annotation("container.apparmor.security.beta.kubernetes.io/web", "unconfined"),
                "The annotation container.apparmor.security.beta.kubernetes.io/web is unconfined, which is not an allowed AppArmor profile.",
            ),
            (
                "capabilities_restricted",
                container("web", json!({"capabilities": {"drop": ["all"]}})),
                r#"Container "web" keeps the capabilities that runtimes grant by default, because capabilities.drop does not contain ALL."#,
            ),
            (
                "capabilities_restricted",
                container("web", json!({"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}})),
                r#"Container "web" adds the capability CHOWN; restricted allows no other than NET_BIND_SERVICE."#,
            ),
            (
                "hostNamespaces",
                json!({"spec": {"hostPID": true}}),
                "The pod can list every process of the node, and may be able to stop it or to read its secrets.",
            ),
            (
                "hostPorts",
                json!({"spec": {"containers": [{"name": "web", "ports": [{"hostPort": 80}]}]}}),
                r#"Container "web" uses port 80 of the node: every client that reaches the node can connect to it."#,
            ),
            (
                "hostProbesAndHostLifecycle",
                json!({"spec": {"containers": [{"name": "web", "livenessProbe": handler}]}}),
                r#"Container "web" makes the kubelet connect to 10.0.0.1, with livenessProbe.httpGet.host."#,
            ),
            (
                "privileged",
                container("web", json!({"privileged": true})),
                r#"Container "web" is privileged: it has nearly all privileges of root on the node."#,
            ),
            (
                "procMount_restricted",
                container("web", json!({"procMount": ""})),
                r#"Container "web" may access parts of /proc that runtimes mask, because procMount is empty, not Default."#,
            ),
            ("restrictedVolumes", volume("hostPath", json!({"path": "/var/run"})), r#"Volume "data" mounts a directory of the node."#),
            ("restrictedVolumes", volume("nfs", json!({})), r#"Volume "data" is of type nfs, which restricted does not allow."#),
            ("restrictedVolumes", volume("unheardOf", json!({})), r#"Volume "data" has no known type."#),
            (
                "runAsNonRoot",
                escalation("web", "containers"),
                r#"Container "web" may run as root, because neither it nor the pod sets runAsNonRoot to true."#,
            ),
            ("runAsNonRoot", pod(json!({"runAsNonRoot": false})), "The pod may run as root, because runAsNonRoot is false."),
            ("runAsUser", container("web", json!({"runAsUser": 0})), r#"Container "web" runs as root, because runAsUser is 0."#),
            (
                "seLinuxOptions",
                pod(json!({"seLinuxOptions": {"role": "a role"}})),
                r#"The pod sets the SELinux role "a role", which a pod must not set."#,
            ),
            (
                "seccompProfile_restricted",
                escalation("web", "containers"),
                r#"Container "web" may run without seccomp, because neither it nor the pod sets the type of seccompProfile to RuntimeDefault or Localhost."#,
            ),
            (
                "sysctls",
                pod(json!({"sysctls": [{"name": "{subject}"}]})),
                "The pod sets the kernel parameter {subject}, which is not one of the safe parameters.",
            ),
            (
                "windowsHostProcess",
                pod(json!({"windowsOptions": {"hostProcess": true}})),
                "The pod runs on the Windows node itself, because hostProcess is true.",
            ),
        ];
        for (check, pod, expected) in table {
            let explanations = explanations(&pod, check, Level::Restricted, Version::Latest);
            assert_eq!(explanations.iter().map(|(reason, _)| reason.as_str()).collect::<Vec<_>>(), [expected], "{check} {pod}");
        }
        let path = volume("hostPath", json!({"path": "/var/run"}));
        let explanations = explanations(&path, "hostPathVolumes", Level::Baseline, Version::Latest);
        assert_eq!(explanations[0].0, r#"Volume "data" mounts /var/run of the node."#);
    }

    #[test]
    fn advice_names_allowed_values_and_newer_versions_that_allow_the_value() {
        let advice = |pod: &Json, check: &str, minor| {
            explanations(pod, check, Level::Baseline, Version::Minor(minor)).into_iter().map(|(_, advice)| advice).collect::<Vec<_>>()
        };
        let pod = json!({"spec": {"securityContext": {"seLinuxOptions": {"type": "container_engine_t"}}}});
        let types = "Remove type from seLinuxOptions, or set it to container_t, container_init_t or container_kvm_t.";
        assert_eq!(advice(&pod, "seLinuxOptions", 30), [format!("{types} From v1.31 on it is allowed.")]);
        let pod = json!({"spec": {"securityContext": {"sysctls": [{"name": "kernel.msgmax"}, {"name": "net.ipv4.tcp_rmem"}]}}});
        let [first, second] = &advice(&pod, "sysctls", 27)[..] else { panic!() };
        assert!(first.contains("net.ipv4.ip_unprivileged_port_start or net.ipv4.ip_local_reserved_ports. If"), "{first}");
        assert_eq!(*second, format!("{first} From v1.32 on it is allowed."));
        let pod = json!({"metadata": {"annotations": {"seccomp.security.alpha.kubernetes.io/pod": ""}}});
        let values = "Remove the annotation, or set it to runtime/default, docker/default or localhost/*.";
        assert_eq!(advice(&pod, "seccompProfile_baseline", 18), [values]);
    }

    proptest! {
        #[test]
        fn every_finding_has_complete_sentences(pod in pods::pod(), level in pods::level(), version in pods::version()) {
            let json = pod.to_string();
            let object = read(&json).unwrap();
            for violation in evaluate(Pod::of(&object), LevelVersion { level, version }) {
                for finding in &violation.findings {
                    let context = Context::new(&violation, finding);
                    prop_assert!(context.template().is_some(), "{}", finding.path());
                    let Explanation { reason, advice } = explain(&violation, finding);
                    for text in [reason, advice.into_owned()] {
                        prop_assert!(text.ends_with('.') && text.starts_with(|c: char| c.is_ascii_uppercase()), "{text}");
                        prop_assert!(!text.contains(['{', '}']) && !text.contains("  ") && !text.contains(" . "), "{text}");
                    }
                }
            }
        }
    }
}
