//! The encoding of a stored release: base64 of gzip of JSON, and in a Secret's `data` base64 of that again.
//!
//! Source: `pkg/storage/driver/util.go` of Helm 3 and 4.

use std::io::{Read as _, Write as _};

use base64::DecodeError;
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;
use flate2::{Compression, GzBuilder};

/// As Go's decoder, which ignores the bits after the last byte.
const BASE64: GeneralPurpose = GeneralPurpose::new(&STANDARD, GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true));

/// The first bytes of gzip. What does not begin with them is JSON, as releases of early versions of Helm 3 are.
const MAGIC: [u8; 3] = [0x1f, 0x8b, 0x08];

/// The maximum size of the JSON in bytes. A release of 1 MiB, the most that a Secret contains, could have a gigabyte.
const MAX_BYTES: usize = 100_000_000;

/// How a release is encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Encoding {
    /// The number of times that base64 was applied.
    pub(super) layers: usize,
    /// Whether the JSON is compressed.
    pub(super) is_compressed: bool,
}

/// Returns the JSON of a release, and whether it is compressed.
///
/// # Errors
/// Why the text is no release.
pub(super) fn decode(text: &str, layers: usize) -> Result<(String, Encoding), String> {
    let mut bytes = text.as_bytes().to_vec();
    for layer in 1..=layers {
        // As Go's decoder does.
        bytes.retain(|byte| !matches!(byte, b'\r' | b'\n'));
        bytes = BASE64.decode(&bytes).map_err(|error| invalid_base64(&bytes, layer, error))?;
    }
    let is_compressed = bytes.starts_with(&MAGIC);
    if is_compressed {
        bytes = decompress(&bytes)?;
    }
    let json = String::from_utf8(bytes).map_err(|_| "is neither gzip nor JSON".to_owned())?;
    Ok((json, Encoding { layers, is_compressed }))
}

/// Returns what is invalid in base64, with the place in it. `layer` is 2 for what is decoded already.
fn invalid_base64(bytes: &[u8], layer: usize, error: DecodeError) -> String {
    let twice = if layer == 1 { "" } else { " when it is decoded again, and a Secret of Helm is encoded twice" };
    let place = match error {
        DecodeError::InvalidByte(offset, byte) | DecodeError::InvalidLastSymbol(offset, byte) => {
            // A character of several bytes is none of base64 at its first.
            let rest = bytes.get(offset..).unwrap_or_default();
            let character =
                rest.utf8_chunks().next().and_then(|chunk| chunk.valid().chars().next()).filter(|character| !character.is_control());
            let name = character.map_or_else(|| format!("byte {byte:#04x}"), |character| format!("character {:?}", character.to_string()));
            format!("the {name} at position {}", offset + 1)
        }
        DecodeError::InvalidLength(_) | DecodeError::InvalidPadding => "its end is missing or has other padding".to_owned(),
    };
    format!("is not valid base64{twice}: {place}")
}

fn decompress(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut json = Vec::new();
    let limit = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    let read = MultiGzDecoder::new(bytes).take(limit + 1).read_to_end(&mut json);
    read.map_err(|error| format!("cannot be decompressed: {error}"))?;
    if json.len() > MAX_BYTES { Err(format!("has more than {MAX_BYTES} bytes when it is decompressed")) } else { Ok(json) }
}

/// Encodes the JSON of a release. The result depends on nothing else: there is no time in it.
///
/// # Errors
/// The text is too large for memory.
pub(super) fn encode(json: &str, encoding: Encoding) -> Result<String, String> {
    let mut bytes = json.as_bytes().to_vec();
    if encoding.is_compressed {
        let mut gzip = GzBuilder::new().write(Vec::new(), Compression::best());
        let written = gzip.write_all(&bytes).and_then(|()| gzip.finish());
        bytes = written.map_err(|error| format!("cannot be compressed: {error}"))?;
    }
    for _ in 0..encoding.layers {
        bytes = BASE64.encode(&bytes).into_bytes();
    }
    String::from_utf8(bytes).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decodes_what_helm_stores() {
        // `printf '{"a":1}' | gzip -n9 | base64`
        let once = "H4sIAAAAAAACA6tWSlSyMqwFAK+sG1YHAAAA";
        let twice = BASE64.encode(once);
        let gzip = |layers| Ok(("{\"a\":1}".to_owned(), Encoding { layers, is_compressed: true }));
        assert_eq!(decode(once, 1), gzip(1));
        assert_eq!(decode(&twice, 2), gzip(2));
        assert_eq!(decode(&format!("{}\n{}\r\n", &twice[..8], &twice[8..]), 2), gzip(2));
        assert_eq!(decode("eyJhIjoxfQ==", 1), Ok(("{\"a\":1}".to_owned(), Encoding { layers: 1, is_compressed: false })));
    }

    #[test]
    fn errors_name_the_layer() {
        let truncated = BASE64.encode(&BASE64.decode("H4sIAAAAAAACA6tWSlSyMqwFAK+sG1YHAAAA").unwrap()[..20]);
        for (text, layers, error) in [
            ("%", 1, "is not valid base64: the character \"%\" at position 1"),
            ("ab\n\u{e9}", 1, "is not valid base64: the character \"\u{e9}\" at position 3"),
            ("eyJhI", 1, "is not valid base64: its end is missing or has other padding"),
            ("eyJhIjox=", 1, "is not valid base64: "),
            (
                "eyJhIjoxfQ==",
                2,
                "is not valid base64 when it is decoded again, and a Secret of Helm is encoded twice: the character \"{\" at position 1",
            ),
            (
                "H4sIAAAAAAACA6tWSlSyMqwFAK+sG1YHAAAA",
                2,
                "is not valid base64 when it is decoded again, and a Secret of Helm is encoded twice: the byte 0x1f at position 1",
            ),
            ("//79", 1, "is neither gzip nor JSON"),
            (&truncated, 1, "cannot be decompressed: "),
        ] {
            let actual = decode(text, layers).unwrap_err();
            assert!(actual.starts_with(error), "{text}: {actual}");
        }
    }

    #[test]
    fn a_decompression_bomb_is_an_error() {
        let json = " ".repeat(MAX_BYTES + 1);
        let text = encode(&json, Encoding { layers: 1, is_compressed: true }).unwrap();
        assert!(text.len() < 200_000, "{}", text.len());
        assert_eq!(decode(&text, 1).unwrap_err(), "has more than 100000000 bytes when it is decompressed");
    }

    proptest! {
        #[test]
        fn decodes_what_it_encodes(json in "(?s).{0,200}", layers in 1_usize..3, is_compressed: bool) {
            let encoding = Encoding { layers, is_compressed: is_compressed || json.as_bytes().starts_with(&MAGIC) };
            let text = encode(&json, encoding).unwrap();
            prop_assert_eq!(decode(&text, layers).unwrap(), (json.clone(), encoding));
            prop_assert_eq!(encode(&json, encoding).unwrap(), text);
        }

        #[test]
        fn no_text_causes_a_panic(text in "[A-Za-z0-9+/=]{0,80}|.{0,40}", layers in 0_usize..3) {
            let _ = decode(&text, layers);
        }
    }
}
