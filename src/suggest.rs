//! The closest of several names to one that was mistyped.

#![forbid(unsafe_code)]

use crate::quote::quoted;

/// The candidate that `typed` was probably meant to be: the nearest one, when a third of its letters
/// or fewer differ. Case does not count, for a wrong case is the commonest mistake of all.
pub(crate) fn closest<'n>(typed: &str, candidates: &[&'n str]) -> Option<&'n str> {
    nearest(typed, candidates).filter(|(distance, name)| *distance <= (name.len() / 3).max(1)).map(|(_, name)| name)
}

/// The nearest candidate, however far it is, and how many letters differ.
pub(crate) fn nearest<'n>(typed: &str, candidates: &[&'n str]) -> Option<(usize, &'n str)> {
    let typed = typed.to_ascii_lowercase();
    candidates.iter().map(|name| (strsim::osa_distance(&typed, &name.to_ascii_lowercase()), *name)).min_by_key(|(distance, _)| *distance)
}

/// What there is to say of a word that is none of those which may stand there.
pub(crate) fn must_be_one_of(words: &[&str], typed: &str) -> String {
    format!("must be one of {}, not {}{}", words.join(", "), quoted(typed), did_you_mean(typed, words))
}

/// `did you mean "…"?`, or nothing.
pub(crate) fn did_you_mean(typed: &str, candidates: &[&str]) -> String {
    closest(typed, candidates).map_or_else(String::new, |name| format!("; did you mean \"{name}\"?"))
}

#[cfg(test)]
mod tests {
    use super::closest;

    #[test]
    fn suggests_what_is_near_and_nothing_that_is_far() {
        let known = ["usernames", "namespaces", "runtimeClasses"];
        let table = [
            ("namespace", Some("namespaces")),
            ("userNames", Some("usernames")),
            ("runtimeclass", Some("runtimeClasses")),
            ("RUNTIMECLASSES", Some("runtimeClasses")),
            ("nodes", None),
            ("", None),
        ];
        for (typed, expected) in table {
            assert_eq!(closest(typed, &known), expected, "{typed}");
        }
    }
}
