//! The checks that a message of Kubernetes names: whoever pastes a rejection, a warning or an event
//! gets to the checks behind it.
//!
//! A message holds a policy, `"restricted:v1.25"`, and behind it the reasons, with details in
//! parentheses: `host namespaces (hostPID=true), hostPort (…)`. Names of checks are looked for as
//! well, in a text without a policy anywhere. A terminal breaks lines where it likes and JSON escapes
//! quotes, so neither white space nor backslashes count.

use pss_core::standards::{CHECKS, Level, LevelVersion, Version, revision_at};

/// The ids of the checks that a message names, in the order of the checks.
pub fn named(message: &str) -> Vec<String> {
    let mut checks = Vec::new();
    match next_policy(message) {
        None => find(message, None, &mut checks),
        Some(first) => {
            let mut next = Some(first);
            while let Some((_, policy, behind)) = next {
                next = next_policy(behind);
                find(next.map_or(behind, |(before, ..)| before), Some(policy), &mut checks);
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

/// The first policy in a text, with what precedes and what follows it.
fn next_policy(text: &str) -> Option<(&str, LevelVersion, &str)> {
    let mut in_word = false;
    for (place, c) in text.char_indices() {
        let begins = is_word(c) && !in_word;
        in_word = is_word(c);
        let Some((before, rest)) = text.split_at_checked(place).filter(|_| begins) else { continue };
        for level in Level::ALL {
            let behind = eat(rest, level.name()).and_then(|rest| eat(rest, ":"));
            if let Some((version, behind)) = behind.and_then(version) {
                return Some((before, LevelVersion { level, version }, behind));
            }
        }
    }
    None
}

/// The version that a text begins with, and the text behind it.
fn version(text: &str) -> Option<(Version, &str)> {
    if let Some(rest) = eat(text, "latest") {
        return Some((Version::Latest, rest));
    }
    let mut rest = eat(text, "v1.")?;
    let mut version = "v1.".to_owned();
    while let Some(digit) = skip(rest).chars().next().filter(char::is_ascii_digit) {
        version.push(digit);
        rest = eat(rest, digit.encode_utf8(&mut [0; 4])).unwrap_or_default();
    }
    Some((Version::parse(&version)?, rest))
}

/// Adds the ids of the checks that a text names, which a policy precedes or not.
fn find(text: &str, policy: Option<LevelVersion>, checks: &mut Vec<&'static str>) {
    let mut depth = 0_usize;
    // Behind a policy a reason stands behind a colon or a comma: the rest is names of pods and files.
    let mut may_begin = policy.is_none();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if may_begin
            && depth == 0
            && let Some((name, behind)) = name(rest)
            && !is_a_pod(behind)
        {
            of_name(name, policy, checks);
            rest = behind;
            may_begin = false;
            continue;
        }
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if !is_ignored(c) {
            may_begin = if policy.is_some() { matches!(c, ':' | ',') } else { !is_word(c) && c != '-' };
        } else if policy.is_none() {
            may_begin = true;
        }
        rest = rest.get(c.len_utf8()..).unwrap_or_default();
    }
}

/// The longest reason or id that a text begins with, and the text behind it.
fn name(text: &str) -> Option<(&'static str, &str)> {
    let mut found = None::<(&str, &str)>;
    for check in &CHECKS {
        for name in [check.reason, check.id] {
            let Some(behind) = eat(text, name) else { continue };
            // AppArmor's reason has a plural.
            let behind = if ends(behind) { behind } else { eat(behind, "s").unwrap_or(behind) };
            if ends(behind) && found.is_none_or(|(_, shortest)| behind.len() < shortest.len()) {
                found = Some((name, behind));
            }
        }
    }
    found
}

/// Whether a word ends before a text; `sysctls-0` is one word.
fn ends(behind: &str) -> bool {
    let joined = skip(behind).strip_prefix(['-', '.']).unwrap_or(behind);
    !joined.chars().next().is_some_and(is_word)
}

/// Whether what precedes a text is the name of a pod, whose reasons follow: `: …` or
/// `(and 1 other pod): …`.
fn is_a_pod(behind: &str) -> bool {
    let behind = match eat(behind, "(and") {
        Some(inside) => inside.split_once(')').map_or(behind, |(_, behind)| behind),
        None => behind,
    };
    eat(behind, ":").is_some_and(|list| name(skip(list)).is_some())
}

/// The checks that a name means: an id one, a reason all those that a policy may have run.
fn of_name(name: &str, policy: Option<LevelVersion>, checks: &mut Vec<&'static str>) {
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
    // No such policy would give that reason: better too many checks than none.
    if !has_run {
        checks.append(&mut candidates);
    }
}

/// What is behind some words that a text begins with.
fn eat<'t>(text: &'t str, words: &str) -> Option<&'t str> {
    let mut rest = text;
    for c in words.chars() {
        if c != ' ' {
            rest = skip(rest).strip_prefix(c)?;
        }
    }
    Some(rest)
}

fn skip(text: &str) -> &str {
    text.trim_start_matches(is_ignored)
}

/// Terminals break lines anywhere, and JSON puts backslashes before quotes.
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
    fn messages_name_their_checks() {
        let table: &[(&str, &[&str])] = &[
            ("", &[]),
            ("no such thing", &[]),
            // A rejection, as kubectl prints it; the details name much and say nothing.
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
            // What belongs to two checks: level and version decide.
            ("violates PodSecurity \"baseline:v1.30\": seccompProfile (…), procMount (…)", &["procMount", "seccompProfile_baseline"]),
            ("violates PodSecurity \"restricted:v1.30\": procMount (…), seccompProfile (…)", &["procMount", "seccompProfile_restricted"]),
            ("violates PodSecurity \"restricted:latest\": procMount (…)", &["procMount_restricted"]),
            ("violates PodSecurity \"restricted:v1.18\": seccompProfile (…)", &["seccompProfile_baseline"]),
            ("violates PodSecurity \"restricted:v1.99\": procMount (…)", &["procMount_restricted"]),
            ("seccompProfile (pod or container \"a\" must …)", &["seccompProfile_baseline", "seccompProfile_restricted"]),
            ("procMount", &["procMount", "procMount_restricted"]),
            // A policy that would not say so.
            ("violates PodSecurity \"privileged:latest\": sysctls, hostPort (…)", &["hostPorts", "sysctls"]),
            // The plural of AppArmor.
            ("PodSecurity \"baseline:latest\": forbidden AppArmor profile (pod must …)", &["appArmorProfile"]),
            ("PodSecurity \"baseline:latest\": forbidden AppArmor profiles (pod must …)", &["appArmorProfile"]),
            // Broken lines, also in the middle of a word, and escaped quotes.
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
            // A relabelled namespace: reasons without details, behind names that look like reasons.
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
            assert_eq!(named(message), *checks, "{message}");
        }
    }

    #[test]
    fn the_messages_of_the_documents_name_the_checks_that_the_fixed_manifest_names() {
        let ids = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];
        let lines = WALK_THROUGH.lines().chain(BEYOND_BUILT_IN.lines());
        let messages: Vec<_> = lines.filter(|line| line.contains("PodSecurity \"restricted:v1.25\": allow")).collect();
        assert!(messages.len() >= 3);
        for message in messages {
            assert_eq!(named(message), ids, "{message}");
        }
    }

    proptest! {
        #[test]
        fn every_message_names_the_checks_that_it_was_made_of(
            pod in pods::pod(),
            level in pods::level(),
            version in pods::version(),
            pod_name in select(vec!["web", "privileged", "hostPort", "sysctls-0"]),
            // Every how many characters the line is broken, as a terminal does.
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
            let broken = characters.chunks(width).map(|line| line.iter().collect::<String>()).collect::<Vec<_>>().join("\n");
            let escaped = serde_json::Value::from(details.as_str()).to_string();
            for message in [&details, &broken, &escaped] {
                prop_assert_eq!(named(message), ids.clone(), "{}", message);
            }
            if !violations.is_empty() {
                prop_assert_eq!(named(&reasons), ids, "{}", reasons);
            }
        }

        #[test]
        fn any_text_is_read(text in prop_oneof![".*", "([(): ,\\\\\"]|restricted|v1[.]25|hostPort|procMount|and)*"]) {
            named(&text);
        }
    }
}
