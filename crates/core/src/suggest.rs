//! Suggests the intended name for a mistyped one.

use crate::quote::quoted;

/// The candidate with the smallest edit distance to `typed`, if at most a third of its letters differ (and at least one may).
/// Ignores the case of letters, because a wrong case is the most common typo.
pub fn closest<'n>(typed: &str, candidates: &[&'n str]) -> Option<&'n str> {
    nearest(typed, candidates).filter(|(distance, name)| *distance <= (name.len() / 3).max(1)).map(|(_, name)| name)
}

/// The candidate with the smallest edit distance to `typed`, and that distance, however large. Ignores the case of letters.
pub fn nearest<'n>(typed: &str, candidates: &[&'n str]) -> Option<(usize, &'n str)> {
    let typed = typed.to_ascii_lowercase();
    candidates.iter().map(|name| (strsim::osa_distance(&typed, &name.to_ascii_lowercase()), *name)).min_by_key(|(distance, _)| *distance)
}

/// The message for a value that is none of the allowed ones.
pub fn must_be_one_of(allowed: &[&str], typed: &str) -> String {
    format!("must be one of {}, not {}{}", allowed.join(", "), quoted(typed), did_you_mean(typed, allowed))
}

/// `; did you mean "…"?`, or the empty string if no candidate is close.
pub fn did_you_mean(typed: &str, candidates: &[&str]) -> String {
    closest(typed, candidates).map_or_else(String::new, |name| format!("; did you mean \"{name}\"?"))
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn suggests_close_names_only() {
        let candidates = ["usernames", "namespaces", "runtimeClasses"];
        let table = [
            ("namespace", Some("namespaces")),
            ("userNames", Some("usernames")),
            ("runtimeclass", Some("runtimeClasses")),
            ("RUNTIMECLASSES", Some("runtimeClasses")),
            ("nodes", None),
            ("", None),
        ];
        for (typed, expected) in table {
            assert_eq!(closest(typed, &candidates), expected, "{typed}");
        }
    }
}
