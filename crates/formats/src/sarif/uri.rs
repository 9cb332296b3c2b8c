//! Addresses of files.

use std::fmt::Write as _;

/// Returns the address of a file: relative if its name is, else with the scheme `file`. Everything is percent-encoded except what
/// RFC 3986 calls unreserved, and `/`.
pub(super) fn of_file(name: &str) -> String {
    let is_windows_drive = name.as_bytes().first().is_some_and(u8::is_ascii_alphabetic) && name.get(1..3) == Some(":/");
    let mut uri = if name.starts_with('/') {
        "file://".to_owned()
    } else if is_windows_drive {
        "file:///".to_owned()
    } else {
        String::with_capacity(name.len())
    };
    for (index, byte) in name.bytes().enumerate() {
        match byte {
            b':' if is_windows_drive && index == 1 => uri.push(':'),
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(char::from(byte)),
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encodes_the_names_of_files() {
        for (name, uri) in [
            ("deploy/web.yaml", "deploy/web.yaml"),
            ("a b/c#d?e%20.yaml", "a%20b/c%23d%3Fe%2520.yaml"),
            ("über/日.yaml", "%C3%BCber/%E6%97%A5.yaml"),
            // A colon in the first part would end a scheme.
            ("a:b.yaml", "a%3Ab.yaml"),
            ("/srv/web.yaml", "file:///srv/web.yaml"),
            ("C:/web.yaml", "file:///C:/web.yaml"),
            ("[a]\\b\n.yaml", "%5Ba%5D%5Cb%0A.yaml"),
        ] {
            assert_eq!(of_file(name), uri, "{name}");
        }
    }
}
