//! What a finding means and what to do about it, in plain words and with the names of its pod. The
//! words stand beside the checks ([`pss_core::standards::about`]); here the names are put into them.

use pss_core::pod::ContainerType;
use pss_core::quote::quoted;
use pss_core::standards::about::{About, CATALOGUE, Field, Told, When};
use pss_core::standards::{Finding, Subject, Value, Version, Violation};

/// What a finding means.
pub(super) fn reason(violation: &Violation<'_>, finding: &Finding<'_>) -> String {
    let words = Words::of(violation, finding);
    // A test holds that every finding has an explanation; Kubernetes' own reason would do without.
    words.told().map_or_else(|| violation.check.reason.to_owned(), |told| words.filled(told.reason))
}

/// What to do about a finding.
pub(super) fn advice(violation: &Violation<'_>, finding: &Finding<'_>) -> String {
    let words = Words::of(violation, finding);
    let own = words.told().and_then(|told| told.advice);
    let mut advice = words.filled(own.or(words.about.map(|about| about.advice)).unwrap_or_default());
    if let Some(later) = words.allowed_later() {
        advice += &format!(" From {} on it is allowed.", Version::Minor(later));
    }
    advice
}

/// A finding, and what there is to say about its check.
struct Words<'w, 'p> {
    violation: &'w Violation<'p>,
    finding: &'w Finding<'p>,
    about: Option<&'static About>,
}

impl<'w, 'p> Words<'w, 'p> {
    fn of(violation: &'w Violation<'p>, finding: &'w Finding<'p>) -> Self {
        let entry = CATALOGUE.iter().find(|(check, _)| check.id == violation.check.id);
        Words { violation, finding, about: entry.map(|(_, about)| *about) }
    }

    /// The first explanation that fits the finding.
    fn told(&self) -> Option<&'static Told> {
        let finding = self.finding;
        self.about?.told.iter().find(|told| match told.when {
            When::Always => true,
            When::Missing => finding.is_missing(),
            When::Value(value) => finding.value == Value::Text(value),
            When::Field(field) => finding.field == field,
            When::Annotation => matches!(finding.subject, Subject::Annotation { .. }),
        })
    }

    /// The words, with names in place of what stands in braces.
    fn filled(&self, words: &str) -> String {
        let mut filled = String::new();
        // Outside and inside of braces by turns.
        for (index, part) in words.split(['{', '}']).enumerate() {
            match part {
                "who" if index % 2 == 1 => filled += &self.who(),
                "value" if index % 2 == 1 => filled += &self.value(),
                "field" if index % 2 == 1 => filled += self.finding.field,
                "allowed" if index % 2 == 1 => filled += &self.allowed(),
                _ => filled += part,
            }
        }
        filled
    }

    /// `Init container "web"`, at the beginning of a sentence.
    fn who(&self) -> String {
        let (what, index, name) = match self.finding.subject {
            Subject::Pod => return "The pod".to_owned(),
            Subject::Annotation { key } => return ["The annotation ", &plain(key)].concat(),
            Subject::Volume { index, name } => ("Volume", index, name),
            Subject::Container { kind, index, name } => {
                let what = match kind {
                    ContainerType::Regular => "Container",
                    ContainerType::Init => "Init container",
                    ContainerType::Ephemeral => "Ephemeral container",
                };
                (what, index, name)
            }
        };
        match name {
            "" => format!("{what} {}, which has no name,", index + 1),
            name => [what, " ", &quoted(name)].concat(),
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

    /// The values that may stand there, at the version that the pod was judged by.
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

    /// The minor version that allowed the offending value, if a later one did.
    fn allowed_later(&self) -> Option<u64> {
        let Value::Text(offending) = self.finding.value else { return None };
        let later = |(value, since): &&(&str, u64)| *value == offending && *since > self.violation.revision.since;
        self.values().iter().find(later).map(|(_, since)| *since)
    }

    /// The named values of the fields that the finding is of, each with the minor version that allowed it.
    fn values(&self) -> Vec<(&'static str, u64)> {
        let mut values = Vec::new();
        for restriction in self.about.map(|about| about.restrictions).unwrap_or_default() {
            if restriction.fields.iter().any(|field| self.is_of(field)) {
                values.append(&mut restriction.values());
            }
        }
        values
    }

    fn is_of(&self, field: &Field) -> bool {
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

/// A text as it is, where it reads well without quotes.
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

    /// What is said of a pod by one check: reason and advice of each finding.
    fn said(pod: &Json, check: &str, level: Level, version: Version) -> Vec<(String, String)> {
        let json = pod.to_string();
        let object = read(&json).unwrap();
        let violations = evaluate(Pod::of(&object), LevelVersion { level, version });
        let of_check = violations.iter().filter(|violation| violation.check.id == check);
        of_check
            .flat_map(|violation| violation.findings.iter().map(|finding| (reason(violation, finding), advice(violation, finding))))
            .collect()
    }

    fn container(name: &str, security_context: Json) -> Json {
        json!({"spec": {"containers": [{"name": name, "securityContext": security_context}]}})
    }

    #[test]
    fn reasons_say_what_is_the_matter_with_this_pod() {
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
                "The annotation container.apparmor.security.beta.kubernetes.io/web is unconfined, which is no AppArmor profile that is known to confine.",
            ),
            (
                "capabilities_restricted",
                container("web", json!({"capabilities": {"drop": ["all"]}})),
                r#"Container "web" keeps the capabilities that runtimes give by default, because capabilities.drop does not hold ALL."#,
            ),
            (
                "capabilities_restricted",
                container("web", json!({"capabilities": {"drop": ["ALL"], "add": ["CHOWN"]}})),
                r#"Container "web" adds the capability CHOWN; restricted allows no other than NET_BIND_SERVICE."#,
            ),
            (
                "hostNamespaces",
                json!({"spec": {"hostPID": true}}),
                "The pod sees every process of the node, and may be able to stop it or to read its secrets.",
            ),
            (
                "hostPorts",
                json!({"spec": {"containers": [{"name": "web", "ports": [{"hostPort": 80}]}]}}),
                r#"Container "web" takes port 80 of the node: whoever reaches the node reaches it there."#,
            ),
            (
                "hostProbesAndHostLifecycle",
                json!({"spec": {"containers": [{"name": "web", "livenessProbe": handler}]}}),
                r#"Container "web" makes the kubelet connect to 10.0.0.1, by livenessProbe.httpGet.host."#,
            ),
            (
                "privileged",
                container("web", json!({"privileged": true})),
                r#"Container "web" is privileged: it has nearly all that root on the node has."#,
            ),
            (
                "procMount_restricted",
                container("web", json!({"procMount": ""})),
                r#"Container "web" may see parts of /proc that runtimes hide, because procMount is empty, not Default."#,
            ),
            ("restrictedVolumes", volume("hostPath", json!({"path": "/var/run"})), r#"Volume "data" mounts a directory of the node."#),
            ("restrictedVolumes", volume("nfs", json!({})), r#"Volume "data" is of type nfs, which restricted does not allow."#),
            ("restrictedVolumes", volume("unheardOf", json!({})), r#"Volume "data" has no type that is known."#),
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
                r#"The pod sets the SELinux role "a role"; a pod may not choose one."#,
            ),
            (
                "seccompProfile_restricted",
                escalation("web", "containers"),
                r#"Container "web" may run without seccomp, because neither it nor the pod sets the type of seccompProfile to RuntimeDefault or Localhost."#,
            ),
            (
                "sysctls",
                pod(json!({"sysctls": [{"name": "{who}"}]})),
                "The pod sets the kernel parameter {who}, which is not known to concern the pod alone.",
            ),
            (
                "windowsHostProcess",
                pod(json!({"windowsOptions": {"hostProcess": true}})),
                "The pod runs on the Windows node itself, because hostProcess is true.",
            ),
        ];
        for (check, pod, expected) in table {
            let said = said(&pod, check, Level::Restricted, Version::Latest);
            assert_eq!(said.iter().map(|(reason, _)| reason.as_str()).collect::<Vec<_>>(), [expected], "{check} {pod}");
        }
        let path = volume("hostPath", json!({"path": "/var/run"}));
        let said = said(&path, "hostPathVolumes", Level::Baseline, Version::Latest);
        assert_eq!(said[0].0, r#"Volume "data" mounts /var/run from the node."#);
    }

    #[test]
    fn advice_names_what_may_stand_there_at_the_version_and_what_a_later_one_allows() {
        let advice = |pod: &Json, check: &str, minor| {
            said(pod, check, Level::Baseline, Version::Minor(minor)).into_iter().map(|(_, advice)| advice).collect::<Vec<_>>()
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
        fn every_finding_is_told_in_whole_sentences(pod in pods::pod(), level in pods::level(), version in pods::version()) {
            let json = pod.to_string();
            let object = read(&json).unwrap();
            for violation in evaluate(Pod::of(&object), LevelVersion { level, version }) {
                for finding in &violation.findings {
                    let words = Words::of(&violation, finding);
                    prop_assert!(words.told().is_some(), "{}", finding.path());
                    for said in [reason(&violation, finding), advice(&violation, finding)] {
                        prop_assert!(said.ends_with('.') && said.starts_with(|c: char| c.is_ascii_uppercase()), "{said}");
                        prop_assert!(!said.contains(['{', '}']) && !said.contains("  ") && !said.contains(" . "), "{said}");
                    }
                }
            }
        }
    }
}
