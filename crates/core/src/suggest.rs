//! Suggests the intended names for one that does not exist.
//!
//! What is written is compared with each name by its letters and digits alone, because case and separators are the most common
//! differences. The best kind of match decides: the same letters, then a name or a word of it that begins as what is written
//! does, then few different letters. All names with that kind of match are suggested, so that none is preferred by accident:
//! `hostPath` means hostPathVolumes, although fewer letters separate it from hostPorts.

use crate::quote::quoted;

/// A text that means a name, and that name: the name itself, or another word for it.
pub type Named<'t, 'n> = (&'t str, &'n str);

/// A longer text is none of the names.
const MAX_LENGTH: usize = 80;
/// The minimum number of letters of the start of a word, and of a name that is the start of what is written.
const MIN_WORD: usize = 3;
const MIN_NAME: usize = 4;

/// How a text matches a name, the best match first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    /// The same letters, but for the ending of a plural.
    Same,
    /// One begins as the other, or as a word of it, does.
    Contained,
    /// The number of different letters, at most a third of those of the name.
    Similar(usize),
}

/// Returns the names that a text may mean, in the order of `names`: all with the best match, each once.
pub fn meant<'n>(typed: &str, names: &[Named<'_, 'n>]) -> Vec<&'n str> {
    if typed.len() > MAX_LENGTH {
        return Vec::new();
    }
    match (best_matches(typed, names), typed.rsplit_once('.')) {
        // Of a path, such as `securityContext.runAsUser`, the last field may be a name.
        (none, Some((_, field))) if none.is_empty() => best_matches(field, names),
        (meant, _) => meant,
    }
}

fn best_matches<'n>(typed: &str, names: &[Named<'_, 'n>]) -> Vec<&'n str> {
    let typed = letters(typed);
    let mut meant = Vec::new();
    let mut best = None;
    for (text, name) in names {
        let Some(found) = compare(&typed, text).filter(|_| share_letters(&typed, &letters(name))) else { continue };
        if best.is_none_or(|best| found < best) {
            meant.clear();
            best = Some(found);
        }
        if best == Some(found) && !meant.contains(name) {
            meant.push(*name);
        }
    }
    meant
}

/// Returns the names that have the letters of a text, in the order of `names`.
pub fn called<'n>(typed: &str, names: &[Named<'_, 'n>]) -> Vec<&'n str> {
    let same: Vec<_> = names.iter().filter(|(text, _)| is_called(typed, text)).copied().collect();
    best_matches(typed, &same)
}

/// Returns whether a text has the letters of a name.
pub fn is_called(typed: &str, name: &str) -> bool {
    typed.len() <= MAX_LENGTH && compare(&letters(typed), name) == Some(Match::Same)
}

/// Compares the letters of what is written with a text.
fn compare(typed: &str, text: &str) -> Option<Match> {
    let name = letters(text);
    if typed.len() < 2 || name.is_empty() {
        return None;
    }
    let singular = |word: &str, plural: &str| plural.strip_prefix(word).is_some_and(|end| matches!(end, "" | "s" | "es"));
    if singular(typed, &name) || singular(&name, typed) {
        return Some(Match::Same);
    }
    let is_start = name.starts_with(typed) || name.len() >= MIN_NAME && typed.starts_with(&name);
    if is_start || typed.len() >= MIN_WORD && words(text).any(|word| letters(word).starts_with(typed)) {
        return Some(Match::Contained);
    }
    distance(typed, &name).map(Match::Similar)
}

/// Returns the number of different letters, if they are few.
fn distance(typed: &str, name: &str) -> Option<usize> {
    let distance = strsim::osa_distance(typed, name);
    (distance <= (name.len() / 3).max(1)).then_some(distance)
}

/// Returns whether a run of letters is in both, or one of them is shorter and in the other. A name that has none of what is written
/// would surprise, although a word for it begins so: `forbidden` is a word of many messages.
fn share_letters(typed: &str, name: &str) -> bool {
    let length = MIN_WORD.min(typed.len()).min(name.len());
    typed.as_bytes().windows(length.max(1)).any(|run| name.as_bytes().windows(length.max(1)).any(|other| run == other))
}

/// Returns the letters and digits of a name, in lower case.
pub fn letters(name: &str) -> String {
    let mut letters = String::new();
    for byte in name.bytes().filter(u8::is_ascii_alphanumeric) {
        letters.push(char::from(byte.to_ascii_lowercase()));
    }
    letters
}

/// Returns the rest of a name from each of its words on, without the first: `hostPath volumes` has `Path volumes` and `volumes`.
fn words(name: &str) -> impl Iterator<Item = &str> {
    let is_start = |(index, pair): (usize, &[u8])| match pair {
        [before, after] if after.is_ascii_alphanumeric() => {
            let starts = !before.is_ascii_alphanumeric() || before.is_ascii_lowercase() && after.is_ascii_uppercase();
            starts.then_some(index + 1)
        }
        _ => None,
    };
    name.as_bytes().windows(2).enumerate().filter_map(is_start).filter_map(|start| name.get(start..))
}

/// Returns names as what they are called themselves.
pub fn by_themselves<'n>(names: &[&'n str]) -> Vec<Named<'n, 'n>> {
    names.iter().map(|name| (*name, *name)).collect()
}

/// Returns the name that a text means, for a change that is made without asking: the only one, or the only one of several with few
/// different letters.
pub fn closest<'n>(typed: &str, names: &[&'n str]) -> Option<&'n str> {
    let meant = meant(typed, &by_themselves(names));
    if let [name] = meant.as_slice() {
        return Some(name);
    }
    let typed = letters(typed);
    let mut similar: Vec<_> = meant.into_iter().filter_map(|name| Some((distance(&typed, &letters(name))?, name))).collect();
    similar.sort_by_key(|(distance, _)| *distance);
    match similar.as_slice() {
        [(first, _), (second, _), ..] if first == second => None,
        similar => similar.first().map(|(_, name)| *name),
    }
}

/// Returns the message for a value that is none of the allowed ones.
pub fn must_be_one_of(allowed: &[&str], typed: &str) -> String {
    format!("must be one of {}, not {}{}", allowed.join(", "), quoted(typed), did_you_mean(typed, allowed))
}

/// Returns `; did you mean "…"?` with all names that a text may mean, or the empty string if there is none.
pub fn did_you_mean(typed: &str, names: &[&str]) -> String {
    question(&meant(typed, &by_themselves(names)))
}

/// Returns `; did you mean "…", "…" or "…"?`, or the empty string if there is no name.
pub fn question(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [name] => format!("; did you mean \"{name}\"?"),
        [names @ .., last] => format!("; did you mean \"{}\" or \"{last}\"?", names.join("\", \"")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::sample::select;

    use super::*;
    use crate::json::KeysOf as _;
    use crate::settings::{Exemptions, RawSettings};
    use crate::standards::{CHECKS, names_of_checks};

    #[test]
    fn the_best_kind_of_match_decides_and_all_names_with_it_are_meant() {
        let exemptions: &Vec<&str> = &Exemptions::key_names().collect();
        let settings: &Vec<&str> = &RawSettings::key_names().collect();
        let modes = ["enforce", "enforce-version", "audit", "audit-version", "warn", "warn-version"];
        let levels = ["privileged", "baseline", "restricted"];
        let table: [(&str, &[&str], &[&str]); 26] = [
            // The same letters.
            ("userNames", exemptions, &["usernames"]),
            ("RUNTIMECLASSES", exemptions, &["runtimeClasses"]),
            ("runtimeclass", exemptions, &["runtimeClasses"]),
            ("namespace", exemptions, &["namespaces"]),
            ("enforceVersion", &modes, &["enforce-version"]),
            ("Restricted", &levels, &["restricted"]),
            // The start of a name or of a word.
            ("user", exemptions, &["usernames"]),
            ("namesp", exemptions, &["namespaces", "namespacePatterns", "namespaceSelector"]),
            ("patterns", exemptions, &["namespacePatterns"]),
            ("label", settings, &["namespaceLabels", "labelTypos"]),
            ("version", &modes, &["enforce-version", "audit-version", "warn-version"]),
            ("privilege", &levels, &["privileged"]),
            ("base", &levels, &["baseline"]),
            // A name is the start of it.
            ("enforced", &modes, &["enforce"]),
            ("warnings", &modes, &["warn"]),
            ("settings", &["set", "ignore"], &[]),
            // Few different letters.
            ("honour", &["ignore", "honor"], &["honor"]),
            ("levle", settings, &["level"]),
            ("basline", &levels, &["baseline"]),
            ("Inn", &["In", "NotIn"], &["In"]),
            ("abcd", &["abcx", "abcy", "abxy"], &["abcx", "abcy"]),
            // None.
            ("nodes", exemptions, &[]),
            ("strict", &levels, &[]),
            ("n", exemptions, &[]),
            ("", exemptions, &[]),
            ("é", &["é"], &[]),
        ];
        for (typed, names, expected) in table {
            assert_eq!(meant(typed, &by_themselves(names)), expected, "{typed}");
        }
        assert_eq!(meant(&"usernames".repeat(20), &by_themselves(exemptions)), [""; 0]);
    }

    #[test]
    fn checks_are_meant_by_their_names_in_messages_and_documents() {
        let every: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
        let table: [(&str, &[&str]); 37] = [
            ("hostPath", &["hostPathVolumes"]),
            ("hostNamespace", &["hostNamespaces"]),
            ("hostNetwork", &["hostNamespaces"]),
            ("spec.hostPID", &["hostNamespaces"]),
            ("hostPor", &["hostPorts"]),
            ("hostPort", &["hostPorts"]),
            ("HostProcess", &["windowsHostProcess"]),
            ("seccompProfile", &["seccompProfile_baseline", "seccompProfile_restricted"]),
            ("seccomp", &["seccompProfile_baseline", "seccompProfile_restricted"]),
            ("capabilities", &["capabilities_baseline", "capabilities_restricted"]),
            ("unrestricted capabilities", &["capabilities_restricted"]),
            ("non-default capabilities", &["capabilities_baseline"]),
            ("restricted volume types", &["restrictedVolumes"]),
            ("Volume Types", &["restrictedVolumes"]),
            ("volumes", &["hostPathVolumes", "restrictedVolumes"]),
            ("SELinux", &["seLinuxOptions"]),
            ("AppArmor", &["appArmorProfile"]),
            ("Host Namespaces", &["hostNamespaces"]),
            ("Privileged Containers", &["privileged"]),
            ("HostPath Volumes", &["hostPathVolumes"]),
            ("Host Ports", &["hostPorts"]),
            ("Host Probes / Lifecycle Hooks", &["hostProbesAndHostLifecycle"]),
            ("Privilege Escalation", &["allowPrivilegeEscalation"]),
            ("Running as Non-root", &["runAsNonRoot"]),
            ("Running as Non-root user", &["runAsUser"]),
            ("/proc Mount Type", &["procMount", "procMount_restricted"]),
            ("sysctl", &["sysctls"]),
            ("forbidden sysctls", &["sysctls"]),
            ("runAsUser=0", &["runAsUser"]),
            ("runAs", &["runAsNonRoot", "runAsUser"]),
            ("runAsRoot", &["runAsNonRoot"]),
            ("nonRoot", &["runAsNonRoot"]),
            ("securityContext.runAsNonRoot", &["runAsNonRoot"]),
            ("procmount", &["procMount", "procMount_restricted"]),
            ("hostpathVolums", &["hostPathVolumes"]),
            ("readOnlyRootFilesystem", &[]),
            ("forbidden", &[]),
        ];
        for (typed, expected) in table {
            assert_eq!(meant(typed, &names_of_checks(&every)), expected, "{typed}");
        }
        // Only some of them can be hardened.
        let harden = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];
        for (typed, expected) in [("seccompProfile", &harden[3..]), ("Capabilities", &harden[1..2]), ("hostPath", &[])] {
            assert_eq!(meant(typed, &names_of_checks(&harden)), expected, "{typed}");
        }
    }

    #[test]
    fn the_closest_name_is_the_only_one() {
        let table: [(&str, &[&str], Option<&str>); 5] = [
            ("patterns", &["namespaces", "namespacePatterns"], Some("namespacePatterns")),
            ("privilege", &["allowPrivilegeEscalation", "privileged"], Some("privileged")),
            ("runAs", &["runAsNonRoot", "runAsUser"], None),
            ("abcd", &["abcx", "abcy"], None),
            ("nodes", &["namespaces"], None),
        ];
        for (typed, names, expected) in table {
            assert_eq!(closest(typed, names), expected, "{typed}");
        }
    }

    #[test]
    fn all_names_are_in_the_question() {
        for (names, expected) in [
            (&[][..], ""),
            (&["a"], "; did you mean \"a\"?"),
            (&["a", "b"], "; did you mean \"a\" or \"b\"?"),
            (&["a", "b", "c"], "; did you mean \"a\", \"b\" or \"c\"?"),
        ] {
            assert_eq!(question(names), expected);
        }
    }

    /// Returns whether a name has three successive letters of a text or of the last field of a path, or all of a shorter one.
    fn has_letters_of(name: &str, typed: &str) -> bool {
        let name = name.to_lowercase().replace(['_', '-'], "");
        [typed, typed.rsplit('.').next().unwrap()].into_iter().any(|typed| {
            let typed: Vec<char> = typed.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
            typed.windows(typed.len().clamp(1, 3)).any(|run| name.contains(&String::from_iter(run)))
        })
    }

    proptest! {
        #[test]
        fn every_name_is_meant_by_itself(check in select(CHECKS.to_vec()), upper in any::<bool>(), separator in select(vec!["", " ", "-", "_"])) {
            let every: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
            let names = names_of_checks(&every);
            for name in [check.id, check.reason].iter().chain(check.other_names) {
                let typed = format!("{separator}{}", if upper { name.to_uppercase() } else { (*name).to_owned() });
                prop_assert!(meant(&typed, &names).contains(&check.id), "{}", typed);
                prop_assert_eq!(called(&typed, &names), meant(&typed, &names));
            }
        }

        #[test]
        fn a_suggestion_has_letters_of_what_is_written(
            typed in prop_oneof!["[a-zA-Z_. /-]{0,30}", "(host|run|as|priv|profile|proc|Vol|caps|_|-){1,4}", ".*"],
        ) {
            let every: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
            for id in meant(&typed, &names_of_checks(&every)) {
                prop_assert!(has_letters_of(id, &typed), "{} for {:?}", id, typed);
            }
            let keys: Vec<&str> = RawSettings::key_names().collect();
            for key in meant(&typed, &by_themselves(&keys)) {
                prop_assert!(has_letters_of(key, &typed), "{} for {:?}", key, typed);
            }
        }

        #[test]
        fn an_edited_name_means_it_or_one_that_is_as_close(index in 0..CHECKS.len(), at in 0..40_usize, letter in "[a-z]") {
            let every: Vec<&str> = CHECKS.iter().map(|check| check.id).collect();
            let mut typed = every[index].to_owned();
            typed.replace_range(at % typed.len()..=at % typed.len(), &letter);
            prop_assert!(!meant(&typed, &names_of_checks(&every)).is_empty(), "{}", typed);
        }
    }
}
