//! Resolution of scalars by the rules of go-yaml for YAML 1.1.
//!
//! Source: `resolve.go` of sigs.k8s.io/yaml/goyaml.v2.

use super::{binary, float, timestamp};

const STR: &str = "tag:yaml.org,2002:str";
const BOOL: &str = "tag:yaml.org,2002:bool";
const INT: &str = "tag:yaml.org,2002:int";
const FLOAT: &str = "tag:yaml.org,2002:float";
const NULL: &str = "tag:yaml.org,2002:null";
const TIMESTAMP: &str = "tag:yaml.org,2002:timestamp";
const BINARY: &str = "tag:yaml.org,2002:binary";
const MERGE: &str = "tag:yaml.org,2002:merge";

/// The value of a scalar.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Scalar {
    Null,
    Bool(bool),
    Whole(i64),
    Large(u64),
    Float(f64),
    Text(String),
}

/// Returns whether a key is the merge key: `<<`, unless it is quoted.
pub(super) fn is_merge(text: &str, tag: Option<&str>, implicit: bool) -> bool {
    text == "<<" && (implicit || tag == Some(MERGE))
}

/// Returns the value of a scalar, or an error message.
pub(super) fn resolve(text: &str, tag: Option<&str>, implicit: bool) -> Result<Scalar, String> {
    let (resolved, value) = match tag {
        None if !implicit => return Ok(Scalar::Text(text.to_owned())),
        Some(BINARY) => {
            let bytes = binary::decode(text).ok_or("!!binary value contains invalid base64 data")?;
            return Ok(Scalar::Text(binary::text(&bytes)));
        }
        Some(STR) => return Ok(Scalar::Text(text.to_owned())),
        None | Some(BOOL | INT | FLOAT | NULL | TIMESTAMP) => plain(text, tag),
        Some(_) => return Ok(Scalar::Text(text.to_owned())),
    };
    match (tag, value) {
        (Some(FLOAT), Scalar::Whole(whole)) => {
            #[expect(clippy::cast_precision_loss, reason = "the tag requires a float")]
            let float = whole as f64;
            Ok(Scalar::Float(float))
        }
        (Some(tag), _) if tag != resolved => Err(format!("cannot decode {} `{text}` as a {}", short(resolved), short(tag))),
        (_, value) => Ok(value),
    }
}

/// Returns a tag in its short form.
fn short(tag: &str) -> String {
    tag.strip_prefix("tag:yaml.org,2002:").map_or_else(|| tag.to_owned(), |name| format!("!!{name}"))
}

/// Resolves a scalar by its text, and returns its tag and value.
fn plain(text: &str, tag: Option<&str>) -> (&'static str, Scalar) {
    let string = || (STR, Scalar::Text(text.to_owned()));
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return (NULL, Scalar::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => return (BOOL, Scalar::Bool(true)),
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => return (BOOL, Scalar::Bool(false)),
        ".nan" | ".NaN" | ".NAN" => return (FLOAT, Scalar::Float(f64::NAN)),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => return (FLOAT, Scalar::Float(f64::INFINITY)),
        "-.inf" | "-.Inf" | "-.INF" => return (FLOAT, Scalar::Float(f64::NEG_INFINITY)),
        _ => {}
    }
    match text.as_bytes().first() {
        Some(b'.') if underscores_separate(text) => {
            float_of(&text.replace('_', "")).map_or_else(string, |value| (FLOAT, Scalar::Float(value)))
        }
        Some(b'+' | b'-' | b'0'..=b'9') => {
            if matches!(tag, None | Some(TIMESTAMP)) && timestamp::is_timestamp(text) {
                return (TIMESTAMP, Scalar::Text(text.to_owned()));
            }
            let digits = text.replace('_', "");
            if let Some(whole) = whole(&digits) {
                return (INT, whole);
            }
            if let Some(value) = float_of(&digits) {
                return (FLOAT, Scalar::Float(value));
            }
            signed_binary(&digits).map_or_else(string, |whole| (INT, whole))
        }
        _ => string(),
    }
}

/// Returns whether each underscore is between two digits.
fn underscores_separate(text: &str) -> bool {
    let ends = |part: Option<char>| part.is_some_and(|end| end.is_ascii_digit());
    let mut parts = text.split('_');
    let first = parts.next().unwrap_or_default();
    let mut before = first;
    parts.all(|part| {
        let between = ends(before.chars().next_back()) && ends(part.chars().next());
        before = part;
        between
    })
}

/// Parses an integer in the syntax of Go: decimal, `0x`, `0b`, `0o`, or octal after a zero.
fn whole(text: &str) -> Option<Scalar> {
    let (negative, signed, digits) = match text.as_bytes().first()? {
        b'-' => (true, true, text.get(1..)?),
        b'+' => (false, true, text.get(1..)?),
        _ => (false, false, text),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if !digits.starts_with(|first: char| first.is_digit(radix)) {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    if negative {
        return 0_i64.checked_sub_unsigned(magnitude).map(Scalar::Whole);
    }
    match i64::try_from(magnitude) {
        Ok(whole) => Some(Scalar::Whole(whole)),
        // Go does not allow a sign beyond 63 bits.
        Err(_) if signed => None,
        Err(_) => Some(Scalar::Large(magnitude)),
    }
}

/// Parses `0b` followed by a sign, which go-yaml accepts.
fn signed_binary(text: &str) -> Option<Scalar> {
    let digits = text.strip_prefix("0b")?;
    i64::from_str_radix(digits, 2).ok().map(Scalar::Whole)
}

/// Parses a float: digits with an optional point and exponent. A number that is too large is not a float.
fn float_of(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (unsigned.get(..at)?, Some(unsigned.get(at + 1..)?)),
        None => (unsigned, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let exponent_fits = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && all_digits(digits)
    });
    if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) || !exponent_fits {
        return None;
    }
    float::parse(text)
}
