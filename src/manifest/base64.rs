//! What `!!binary` holds.

/// The bytes of a base64 text with padding. Line breaks are passed over, as Go does.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut group = 0_u32;
    let mut digits = 0;
    let mut padding = 0;
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')) {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            b'=' if digits % 4 >= 2 && padding < 2 => {
                padding += 1;
                digits += 1;
                group <<= 6;
                if digits % 4 == 0 {
                    let [_, first, second, _] = group.to_be_bytes();
                    bytes.extend([first, second].iter().take(3 - padding));
                }
                continue;
            }
            _ => return None,
        };
        if padding > 0 {
            return None;
        }
        group = group << 6 | u32::from(digit);
        digits += 1;
        if digits % 4 == 0 {
            let [_, first, second, third] = group.to_be_bytes();
            bytes.extend([first, second, third]);
            group = 0;
        }
    }
    (digits % 4 == 0).then_some(bytes)
}

/// The bytes as text, with U+FFFD for each byte that is none, as Go writes them into JSON.
pub(super) fn text(bytes: &[u8]) -> String {
    let mut text = String::new();
    let mut rest = bytes;
    loop {
        match std::str::from_utf8(rest) {
            Ok(valid) => {
                text.push_str(valid);
                return text;
            }
            Err(error) => {
                let (valid, broken) = rest.split_at_checked(error.valid_up_to()).unwrap_or((&[], &[]));
                text.push_str(std::str::from_utf8(valid).unwrap_or_default());
                text.push(char::REPLACEMENT_CHARACTER);
                rest = broken.get(1..).unwrap_or_default();
            }
        }
    }
}
