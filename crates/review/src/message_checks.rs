//! The checks that a message of Kubernetes names: a rejection, a warning or an event.
//!
//! A message contains a policy, `"restricted:v1.25"`, followed by the reasons of checks with details in parentheses:
//! `host namespaces (hostPID=true), hostPort (…)`. The ids of checks are found too, and in a text without a policy names are
//! found anywhere. A text that is only a name may be one of Kubernetes' documentation, too: `Volume Types`. Terminals break lines at any position and JSON escapes quotes, so whitespace and backslashes are ignored.

use pss_core::standards::{CHECKS, Level, LevelVersion, Version, names_of_checks, revision_at};
use pss_core::suggest::called;

/// Returns the ids of the checks that a message names, in the order of [`CHECKS`].
pub fn checks_in_message(message: &str) -> Vec<String> {
    let mut checks = Vec::new();
    match next_policy(message) {
        None => {
            find(message, None, &mut checks);
            if checks.is_empty() {
                checks = called(message, &names_of_checks(&CHECKS.map(|check| check.id)));
            }
        }
        Some(first) => {
            let mut next = Some(first);
            while let Some((_, policy, rest)) = next {
                next = next_policy(rest);
                find(next.map_or(rest, |(before, ..)| before), Some(policy), &mut checks);
            }
        }
    }
    let mut ids = Vec::new();
    for check in &CHECKS {
        if checks.contains(&check.id) {
            ids.push(check.id.to_owned());
        }
    }
    ids
}

/// Returns the first policy in a text, with the text before and after it.
fn next_policy(text: &str) -> Option<(&str, LevelVersion, &str)> {
    let mut in_word = false;
    for (offset, c) in text.char_indices() {
        let starts = is_word(c) && !in_word;
        in_word = is_word(c);
        let Some((before, rest)) = text.split_at_checked(offset).filter(|_| starts) else { continue };
        for level in Level::ALL {
            let after_colon = strip(rest, level.name()).and_then(|rest| strip(rest, ":"));
            if let Some((version, after)) = after_colon.and_then(version) {
                return Some((before, LevelVersion { level, version }, after));
            }
        }
    }
    None
}

/// Parses a version at the start of a text, and returns it with the rest of the text.
fn version(text: &str) -> Option<(Version, &str)> {
    if let Some(rest) = strip(text, "latest") {
        return Some((Version::Latest, rest));
    }
    let mut rest = strip(text, "v1.")?;
    let mut version = "v1.".to_owned();
    while let Some(digit) = skip_ignored(rest).chars().next().filter(char::is_ascii_digit) {
        version.push(digit);
        rest = strip(rest, digit.encode_utf8(&mut [0; 4])).unwrap_or_default();
    }
    Some((Version::parse(&version)?, rest))
}

/// Adds the ids of the checks that a text names; `policy` is the policy that precedes the text.
fn find(text: &str, policy: Option<LevelVersion>, checks: &mut Vec<&'static str>) {
    let mut depth = 0_usize;
    // After a policy, a reason follows a colon or a comma; other text is names of pods and files.
    let mut may_start = policy.is_none();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if may_start
            && depth == 0
            && let Some((name, after)) = name(rest)
            && !is_pod_name(after)
        {
            add_checks(name, policy, checks);
            rest = after;
            may_start = false;
            continue;
        }
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !is_ignored(c) {
            may_start = if policy.is_some() { matches!(c, ':' | ',') } else { !is_word(c) && c != '-' };
        } else if policy.is_none() {
            may_start = true;
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
}

/// Returns the longest reason or id at the start of a text, and the rest of the text.
fn name(text: &str) -> Option<(&'static str, &str)> {
    let mut longest = None::<(&str, &str)>;
    for check in &CHECKS {
        for name in [check.reason, check.id] {
            let Some(after) = strip(text, name) else { continue };
            // The reason of AppArmor has a plural.
            let after = if is_word_end(after) { after } else { strip(after, "s").unwrap_or(after) };
            if is_word_end(after) && longest.is_none_or(|(_, rest)| after.len() < rest.len()) {
                longest = Some((name, after));
            }
        }
    }
    longest
}

/// Returns whether a word ends before a text; `sysctls-0` is one word.
fn is_word_end(after: &str) -> bool {
    let joined = skip_ignored(after).strip_prefix(['-', '.']).unwrap_or(after);
    !joined.chars().next().is_some_and(is_word)
}

/// Returns whether the word before a text is the name of a pod, so that reasons follow: `: …` or `(and 1 other pod): …`.
fn is_pod_name(after: &str) -> bool {
    let after = match strip(after, "(and") {
        Some(inside) => inside.split_once(')').map_or(after, |(_, rest)| rest),
        None => after,
    };
    strip(after, ":").is_some_and(|list| name(skip_ignored(list)).is_some())
}

/// Adds the check with an id, or the checks with a reason that the policy runs.
fn add_checks(name: &str, policy: Option<LevelVersion>, checks: &mut Vec<&'static str>) {
    let mut has_run = false;
    let mut candidates = Vec::new();
    for check in &CHECKS {
        if check.reason == name {
            candidates.push(check.id);
            if policy.is_none_or(|policy| revision_at(check, policy).is_some()) {
                has_run = true;
                checks.push(check.id);
            }
        }
    }
    if candidates.is_empty() {
        candidates.extend(CHECKS.iter().map(|check| check.id).find(|id| *id == name));
    }
    // If the policy runs none of them, all of them are better than none.
    if !has_run {
        checks.append(&mut candidates);
    }
}

/// Removes a prefix from a text; neither counts ignored characters.
fn strip<'t>(text: &'t str, prefix: &str) -> Option<&'t str> {
    let mut rest = text;
    for c in prefix.chars() {
        if c != ' ' {
            rest = skip_ignored(rest).strip_prefix(c)?;
        }
    }
    Some(rest)
}

fn skip_ignored(text: &str) -> &str {
    text.trim_start_matches(is_ignored)
}

/// Returns whether a character is ignored: terminals break lines at any position, and JSON escapes quotes.
fn is_ignored(c: char) -> bool {
    c.is_whitespace() || c == '\\'
}

fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use pss_core::pod::Pod;
    use pss_core::pod::read;
    use pss_core::standards::{evaluate, forbidden_details, forbidden_reasons};
    use pss_testing::pods;

    const WALK_THROUGH: &str = include_str!("../../../docs/walk-through.md");
    const BEYOND_BUILT_IN: &str = include_str!("../../../docs/beyond-built-in.md");

    #[test]
    fn finds_the_checks_in_messages() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("no such thing", &[]),
            // A name in Kubernetes' documentation, alone.
            ("Volume Types", &["restrictedVolumes"]),
            ("running as non-root\n", &["runAsNonRoot"]),
            ("Capabilities", &["capabilities_baseline", "capabilities_restricted"]),
            ("hostNetwork", &["hostNamespaces"]),
            ("hostNetwork: true", &[]),
            ("The Volume Types", &[]),
            // A rejection, as kubectl prints it. Names in details are ignored.
            (
                "Error from server (Forbidden): error when creating \"privileged.yaml\": pods \"privileged\" is forbidden: violates PodSecurity \
                 \"restricted:v1.25\": allowPrivilegeEscalation != false (container \"b\" must set \
                 securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (containers \"hostPort\", \"sysctls\" must set \
                 securityContext.capabilities.drop=[\"ALL\"]; container \"b\" must not include \"procMount\" in \
                 securityContext.capabilities.add), hostPort (container \"b\" uses hostPorts 1, 2)",
                &["hostPorts", "allowPrivilegeEscalation", "capabilities_restricted"],
            ),
            ("Warning: would violate PodSecurity \"baseline:latest\": privileged (container \"a\" must …)", &["privileged"]),
            (
                "Warning: would violate PodSecurity \"baseline:latest\": hostProcess (…), host namespaces",
                &["hostNamespaces", "windowsHostProcess"],
            ),
            // A reason of two checks: level and version decide.
            ("violates PodSecurity \"baseline:v1.30\": seccompProfile (…), procMount (…)", &["procMount", "seccompProfile_baseline"]),
            ("violates PodSecurity \"restricted:v1.30\": procMount (…), seccompProfile (…)", &["procMount", "seccompProfile_restricted"]),
            ("violates PodSecurity \"restricted:latest\": procMount (…)", &["procMount_restricted"]),
            ("violates PodSecurity \"restricted:v1.18\": seccompProfile (…)", &["seccompProfile_baseline"]),
            ("violates PodSecurity \"restricted:v1.99\": procMount (…)", &["procMount_restricted"]),
            ("seccompProfile (pod or container \"a\" must …)", &["seccompProfile_baseline", "seccompProfile_restricted"]),
            ("procMount", &["procMount", "procMount_restricted"]),
            // A policy that does not run these checks.
            ("violates PodSecurity \"privileged:latest\": sysctls, hostPort (…)", &["hostPorts", "sysctls"]),
            // The plural of AppArmor.
            ("PodSecurity \"baseline:latest\": forbidden AppArmor profile (pod must …)", &["appArmorProfile"]),
            ("PodSecurity \"baseline:latest\": forbidden AppArmor profiles (pod must …)", &["appArmorProfile"]),
            // Line breaks, also within words, and escaped quotes.
            (
                "{\"message\": \"Error creating: pods \\\"a\\\" is forbidden: violates PodSecurity \\\"restric\n  ted:v1.\n25\\\": allowPrivil\nege\
                 Escalation != \r\n false (container \\\"b\\\" must …), host   namespaces (host\nPID=true)\", \"reason\": \"privileged\"}",
                &["hostNamespaces", "allowPrivilegeEscalation"],
            ),
            // An event that was cut off.
            (
                "violates PodSecurity \"restricted:v1.25\": hostPort (container \"a\" uses hostPort 1), privileged (container, sysctls, run",
                &["hostPorts", "privileged"],
            ),
            ("violates PodSecurity \"restricted:v1.25\": hostPort (container \"a\" uses hostPort 1), allowPriv", &["hostPorts"]),
            // A relabelled namespace: reasons without details, after names that look like reasons.
            (
                "Warning: existing pods in namespace \"privileged\" violate the new PodSecurity enforce level \"restricted:v1.25\"\n\
                 Warning: privileged (and 1 other pod): allowPrivilegeEscalation != false, runAsNonRoot != true\n\
                 Warning: sysctls: hostPath volumes, seccompProfile\n\
                 namespace/privileged configured",
                &["hostPathVolumes", "allowPrivilegeEscalation", "runAsNonRoot", "seccompProfile_restricted"],
            ),
            ("web (and 12 other pods): runAsUser=0, runAsNonRoot != true", &["runAsNonRoot", "runAsUser"]),
            // Two messages in one text.
            (
                "Warning: would violate PodSecurity \"restricted:latest\": seccompProfile (pod\nWarning: would violate PodSecurity \
                 \"baseline:latest\": procMount (…)\naudit: privileged:latest",
                &["procMount", "seccompProfile_restricted"],
            ),
            // Ids.
            ("runAsNonRoot", &["runAsNonRoot"]),
            ("hostPorts and capabilities_baseline, \"runAsUser\"", &["capabilities_baseline", "hostPorts", "runAsUser"]),
            ("securityContext:\n  runAsNonRoot: true\n  privileged: true\n", &["privileged", "runAsNonRoot"]),
            ("the procMounter (privileged, sysctls) xhostPorts hostPorts2 unprivileged privileged-0 x-privileged", &[]),
        ];
        for (message, checks) in table {
            assert_eq!(checks_in_message(message), *checks, "{message}");
        }
    }

    #[test]
    fn finds_the_checks_in_the_messages_of_the_documents() {
        let ids = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];
        let lines = WALK_THROUGH.lines().chain(BEYOND_BUILT_IN.lines());
        let messages: Vec<_> = lines.filter(|line| line.contains("PodSecurity \"restricted:v1.25\": allow")).collect();
        assert!(messages.len() >= 3);
        for message in messages {
            assert_eq!(checks_in_message(message), ids, "{message}");
        }
    }

    proptest! {
        #[test]
        fn finds_the_checks_in_every_message_of_the_policy(
            pod in pods::pod(),
            level in pods::level(),
            version in pods::version(),
            pod_name in select(vec!["web", "privileged", "hostPort", "sysctls-0"]),
            // The width at which a terminal breaks lines.
            width in 1..120_usize,
        ) {
            let json = pod.to_string();
            let object = read(&json).unwrap();
            let policy = LevelVersion { level, version };
            let violations = evaluate(Pod::of(&object), policy);
            let ids: Vec<_> = violations.iter().map(|violation| violation.check.id).collect();
            let details = format!(
                "Error from server (Forbidden): pods \"{pod_name}\" is forbidden: violates PodSecurity \"{policy}\": {}",
                forbidden_details(&violations),
            );
            let reasons = format!(
                "Warning: existing pods in namespace \"n\" violate the new PodSecurity enforce level \"{policy}\"\n\
                 Warning: {pod_name} (and 2 other pods): {reasons}\nWarning: {pod_name}: {reasons}",
                reasons = forbidden_reasons(&violations),
            );
            let characters: Vec<char> = details.chars().collect();
            let wrapped = characters.chunks(width).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join("\n");
            let escaped = serde_json::Value::from(details.as_str()).to_string();
            for message in [&details, &wrapped, &escaped] {
                prop_assert_eq!(checks_in_message(message), ids.clone(), "{}", message);
            }
            if !violations.is_empty() {
                prop_assert_eq!(checks_in_message(&reasons), ids, "{}", reasons);
            }
        }

        #[test]
        fn accepts_any_text(text in prop_oneof![".*", "([(): ,\\\\\"]|restricted|v1[.]25|hostPort|procMount|and)*"]) {
            checks_in_message(&text);
        }
    }
}
