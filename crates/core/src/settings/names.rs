//! Validation of the names of Kubernetes, and patterns of names.

use crate::standards::without_slash;

/// The result of validating a name. The error continues a sentence that begins with the path of the name.
pub(super) type NameResult = Result<(), &'static str>;

/// Any name that is not empty.
pub(super) fn not_empty(name: &str) -> NameResult {
    if name.is_empty() { Err("must not be empty") } else { Ok(()) }
}

/// A short line of text, or none. With more than 4096 bytes of warnings, an API server cuts each at 256 bytes.
pub(super) fn line(text: &str) -> NameResult {
    let is_break = |character: char| character.is_control() || matches!(character, '\u{2028}' | '\u{2029}');
    if text.len() > 200 {
        return Err("must have at most 200 bytes, so that there is room for the message that it follows");
    }
    if text.contains(is_break) || text.trim() != text {
        return Err("must be one line of text, without control characters and without blanks at its ends");
    }
    Ok(())
}

/// The name of a namespace (a label of RFC 1123).
pub(super) fn dns_label(name: &str) -> NameResult {
    if name.len() <= 63 && is_label(name) {
        return Ok(());
    }
    Err("must be a name of at most 63 lower-case letters, digits and '-', with a letter or digit at both ends")
}

/// The name of a runtime class (a subdomain of RFC 1123; Kubernetes allows parts of more than 63 characters).
pub(super) fn dns_subdomain(name: &str) -> NameResult {
    if name.len() <= 253 && name.split('.').all(is_label) {
        return Ok(());
    }
    Err("must be a name of at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at the ends of each part")
}

fn is_label(name: &str) -> bool {
    consists_of(name, &|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit(), b"-")
}

/// Whether a name starts and ends with a `letter`, and has only these and `more` inside.
fn consists_of(name: &str, letter: &dyn Fn(u8) -> bool, more: &[u8]) -> bool {
    let ends = |byte: Option<u8>| byte.is_some_and(letter);
    name.bytes().all(|byte| letter(byte) || more.contains(&byte)) && ends(name.bytes().next()) && ends(name.bytes().last())
}

/// A pattern of names that [`dns_label`] accepts; `*` matches any characters, or none.
pub(super) fn dns_label_pattern(pattern: &str) -> NameResult {
    let letters = pattern.bytes().filter(|byte| *byte != b'*');
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| plain(byte) && byte != b'-' || byte == b'*');
    if letters.clone().count() <= 63 && letters.clone().all(plain) && ends(pattern.bytes().next()) && ends(pattern.bytes().last()) {
        return Ok(());
    }
    Err(
        "must be a name of at most 63 lower-case letters, digits and '-', with a letter or digit at both ends; a '*' stands for any of them",
    )
}

/// A pattern of the references of images, which have no whitespace.
pub(super) fn image_pattern(pattern: &str) -> NameResult {
    if pattern.is_empty() || pattern.contains(char::is_whitespace) {
        return Err("must be the reference of an image, such as registry.example/agent:v1; a '*' stands for any letters");
    }
    Ok(())
}

/// A directory of a node below its root, as an absolute path; a slash at its end means nothing.
pub(super) fn directory(path: &str) -> NameResult {
    if path == "/" {
        return Err("has every path of the node in it; to allow all, leave pathPrefixes out; to allow some, name a directory");
    }
    // The first segment is before the first slash.
    let mut segments = without_slash(path).as_bytes().split(|byte| *byte == b'/').skip(1);
    if path.starts_with('/') && segments.all(|segment| !matches!(segment, b"" | b"." | b"..") && !segment.contains(&b'*')) {
        return Ok(());
    }
    Err("must be an absolute path of the node, such as /var/log, without '*', '.', '..' and empty segments; paths below it are included")
}

/// A service account, as `namespace/name`.
pub(super) fn service_account(name: &str) -> NameResult {
    if name.starts_with("system:serviceaccount:") {
        return Err("is the user that a service account is when it asks for something itself; what is meant here is the service account \
                    that pods run as, written as namespace/name");
    }
    match name.split_once('/') {
        Some((namespace, name)) if dns_label(namespace).is_ok() && dns_subdomain(name).is_ok() => Ok(()),
        _ => Err("must be a service account, written as namespace/name"),
    }
}

/// The key of a label: a name with an optional prefix, which is a DNS subdomain and a `/`.
pub(super) fn label_key(key: &str) -> NameResult {
    let (prefix, name) = key.split_once('/').map_or((None, key), |(prefix, name)| (Some(prefix), name));
    if prefix.is_none_or(|prefix| dns_subdomain(prefix).is_ok()) && is_label_text(name) {
        return Ok(());
    }
    Err(
        "must be the key of a label: at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends, behind a domain and \
         a '/' or not",
    )
}

/// The value of a label, which may be empty.
pub(super) fn label_value(value: &str) -> NameResult {
    if value.is_empty() || is_label_text(value) {
        return Ok(());
    }
    Err("must be the value of a label: at most 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends")
}

fn is_label_text(text: &str) -> bool {
    text.len() <= 63 && consists_of(text, &|byte| byte.is_ascii_alphanumeric(), b"-_.")
}

/// Whether a pattern matches a whole text; each `*` matches any characters, or none.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(mut text) = text.strip_prefix(first) else { return false };
    let (between, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    // The leftmost match of each part is sufficient: it leaves the most text for the following parts.
    for part in between.split('*') {
        let Some((_, rest)) = text.split_once(part) else { return false };
        text = rest;
    }
    text.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_star_matches_any_characters() {
        let table = [
            ("a", "a", true),
            ("a", "ab", false),
            ("", "", true),
            ("", "a", false),
            ("*", "", true),
            ("*", "anything/at:all", true),
            ("a*", "a", true),
            ("a*", "ba", false),
            ("*a", "ba", true),
            ("*a", "ab", false),
            ("a*a", "a", false),
            ("a*a", "aa", true),
            ("a*b*c", "a-b-b-c", true),
            ("a*b*c", "acb", false),
            ("a**b", "ab", true),
            ("*ab*ab", "ab", false),
            ("*ab*ab", "abab", true),
            ("quay.io/prometheus/node-exporter:*", "quay.io/prometheus/node-exporter:v1.9.1", true),
            ("quay.io/prometheus/node-exporter:*", "quay.io/prometheus/node-exporter", false),
            ("quay.io/prometheus/node-exporter:*", "evil.example/quay.io/prometheus/node-exporter:v1", false),
            ("é*", "éa", true),
        ];
        for (pattern, text, expected) in table {
            assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
        }
    }

    /// The definition of a match, one character at a time.
    fn matches_by_definition(pattern: &[u8], text: &[u8]) -> bool {
        match pattern.split_first() {
            None => text.is_empty(),
            Some((b'*', rest)) => (0..=text.len()).any(|skipped| matches_by_definition(rest, &text[skipped..])),
            Some((letter, rest)) => text.first() == Some(letter) && matches_by_definition(rest, &text[1..]),
        }
    }

    proptest! {
        #[test]
        fn patterns_match_by_their_definition(pattern in "[ab*]{0,8}", text in "[ab]{0,10}") {
            prop_assert_eq!(matches(&pattern, &text), matches_by_definition(pattern.as_bytes(), text.as_bytes()));
        }
    }

    #[test]
    fn accepts_names_and_patterns_that_kubernetes_allows() {
        type Case = (fn(&str) -> NameResult, &'static str, bool);
        let table: [Case; 31] = [
            (dns_label_pattern, "cattle-*", true),
            (dns_label_pattern, "*-system", true),
            (dns_label_pattern, "*", true),
            (dns_label_pattern, "a*b*c", true),
            (dns_label_pattern, "plain", true),
            (dns_label_pattern, "", false),
            (dns_label_pattern, "Cattle-*", false),
            (dns_label_pattern, "-*", false),
            (dns_label_pattern, "cattle-?", false),
            (dns_label_pattern, "a/*", false),
            (service_account, "monitoring/node-exporter", true),
            (service_account, "monitoring/a.b", true),
            (service_account, "node-exporter", false),
            (service_account, "monitoring/", false),
            (service_account, "/node-exporter", false),
            (service_account, "monitoring/*", false),
            (service_account, "system:serviceaccount:monitoring:node-exporter", false),
            (label_key, "app", true),
            (label_key, "app.kubernetes.io/name", true),
            (label_key, "A_b.c", true),
            (label_key, "", false),
            (label_key, "/app", false),
            (label_key, "a/b/c", false),
            (label_key, "-app", false),
            (label_value, "", true),
            (label_value, "v1.2_3", true),
            (label_value, "a b", false),
            (label_value, "a-", false),
            (image_pattern, "a/b:*", true),
            (image_pattern, "", false),
            (image_pattern, "a b", false),
        ];
        for (rule, name, expected) in table {
            assert_eq!(rule(name).is_ok(), expected, "{name}: {:?}", rule(name));
        }
        assert!(label_value(&"a".repeat(63)).is_ok() && label_value(&"a".repeat(64)).is_err());
        assert!(dns_label_pattern(&format!("{}*", "a".repeat(63))).is_ok());
        assert!(dns_label_pattern(&format!("{}*", "a".repeat(64))).is_err());
    }
}
