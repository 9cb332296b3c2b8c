//! Resolution of scalars by the rules of go-yaml for YAML 1.1.
//!
//! Source: `resolve.go` of sigs.k8s.io/yaml/goyaml.v2.

use std::borrow::Cow;

use super::number::Number;
use super::tree::Value;
use super::{binary, float, timestamp};

const STR: &str = "tag:yaml.org,2002:str";
const BOOL: &str = "tag:yaml.org,2002:bool";
const INT: &str = "tag:yaml.org,2002:int";
const FLOAT: &str = "tag:yaml.org,2002:float";
const NULL: &str = "tag:yaml.org,2002:null";
const TIMESTAMP: &str = "tag:yaml.org,2002:timestamp";
const BINARY: &str = "tag:yaml.org,2002:binary";
const MERGE: &str = "tag:yaml.org,2002:merge";

/// Returns whether a key is the merge key: `<<`, unless it is quoted.
pub(super) fn is_merge(text: &str, tag: Option<&str>, implicit: bool) -> bool {
    text == "<<" && (implicit || tag == Some(MERGE))
}

/// Returns the value of a scalar, or an error message.
pub(super) fn resolve<'t>(text: Cow<'t, str>, tag: Option<&str>, implicit: bool) -> Result<Value<'t>, String> {
    match tag {
        Some(BINARY) => {
            let bytes = binary::decode(&text).ok_or("!!binary value contains invalid base64 data")?;
            return Ok(Value::Text(binary::text(&bytes).into()));
        }
        None if implicit => {}
        Some(BOOL | INT | FLOAT | NULL | TIMESTAMP) => {}
        _ => return Ok(Value::Text(text)),
    }
    let (resolved, value) = plain(&text, tag);
    match (tag, value) {
        (Some(FLOAT), Some(Value::Number(Number::Whole(whole)))) => {
            #[expect(clippy::cast_precision_loss, reason = "the tag requires a float")]
            let float = whole as f64;
            Ok(Value::Number(Number::Float(float)))
        }
        (Some(tag), _) if tag != resolved => Err(format!("cannot decode {} `{text}` as a {}", short(resolved), short(tag))),
        (_, value) => Ok(value.unwrap_or(Value::Text(text))),
    }
}

/// Returns a tag in its short form.
fn short(tag: &str) -> String {
    tag.strip_prefix("tag:yaml.org,2002:").map_or_else(|| tag.to_owned(), |name| format!("!!{name}"))
}

/// Resolves a scalar by its text, and returns its tag and value; `None` if the value is the text.
fn plain(text: &str, tag: Option<&str>) -> (&'static str, Option<Value<'static>>) {
    const STRING: (&str, Option<Value<'static>>) = (STR, None);
    let number = |tag, number| (tag, Some(Value::Number(number)));
    match text.as_bytes().first() {
        // The first characters of the words that are no strings.
        Some(b'~' | b'n' | b'N' | b'y' | b'Y' | b't' | b'T' | b'f' | b'F' | b'o' | b'O') | None => match text {
            "" | "~" | "null" | "Null" | "NULL" => (NULL, Some(Value::Null)),
            "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => (BOOL, Some(Value::Bool(true))),
            "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => (BOOL, Some(Value::Bool(false))),
            _ => STRING,
        },
        Some(b'.' | b'+' | b'-' | b'0'..=b'9') => match text {
            ".nan" | ".NaN" | ".NAN" => number(FLOAT, Number::Float(f64::NAN)),
            ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => number(FLOAT, Number::Float(f64::INFINITY)),
            "-.inf" | "-.Inf" | "-.INF" => number(FLOAT, Number::Float(f64::NEG_INFINITY)),
            _ if text.starts_with('.') => {
                let float = underscores_separate(text).then(|| float_of(&digits_of(text))).flatten();
                float.map_or(STRING, |value| number(FLOAT, Number::Float(value)))
            }
            _ => {
                if matches!(tag, None | Some(TIMESTAMP)) && timestamp::is_timestamp(text) {
                    return (TIMESTAMP, None);
                }
                let digits = digits_of(text);
                if let Some(whole) = whole(&digits) {
                    return number(INT, whole);
                }
                if let Some(value) = float_of(&digits) {
                    return number(FLOAT, Number::Float(value));
                }
                signed_binary(&digits).map_or(STRING, |whole| number(INT, whole))
            }
        },
        _ => STRING,
    }
}

/// Returns a text without underscores.
fn digits_of(text: &str) -> Cow<'_, str> {
    if text.contains('_') { text.replace('_', "").into() } else { text.into() }
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
fn whole(text: &str) -> Option<Number> {
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
        return 0_i64.checked_sub_unsigned(magnitude).map(Number::Whole);
    }
    match i64::try_from(magnitude) {
        Ok(whole) => Some(Number::Whole(whole)),
        // Go does not allow a sign beyond 63 bits.
        Err(_) if signed => None,
        Err(_) => Some(Number::Large(magnitude)),
    }
}

/// Parses `0b` followed by a sign, which go-yaml accepts.
fn signed_binary(text: &str) -> Option<Number> {
    let digits = text.strip_prefix("0b")?;
    i64::from_str_radix(digits, 2).ok().map(Number::Whole)
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
