//! The formats of strings with an own decoder in Kubernetes: quantities, times and base64, with the messages of these decoders.

use std::fmt::Write;

/// The error of a value that is no quantity.
pub(super) const QUANTITY_FORMAT: &str = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// Returns the error of a string as a quantity. Source: `ParseQuantity` of k8s.io/apimachinery. It accepts more than its error says,
/// such as `Gi` as zero.
pub(super) fn quantity_error(text: &str) -> Option<&'static str> {
    const SUFFIX: &str = "unable to parse quantity's suffix";
    // The decoder trims the JSON text, in which these characters are escaped.
    let is_escaped = |character| matches!(character, '\0'..='\x1f' | '\u{2028}' | '\u{2029}');
    let text = text.trim_matches(|character: char| character.is_whitespace() && !is_escaped(character));
    if text.is_empty() {
        return Some(QUANTITY_FORMAT);
    }
    let digits = |text: &'_ str| text.len() - text.trim_start_matches(|character: char| character.is_ascii_digit()).len();
    let after = |text, count| str::get(text, count..).unwrap_or_default();
    let mut suffix = text.strip_prefix(['-', '+']).unwrap_or(text);
    suffix = after(suffix, digits(suffix));
    if let Some(fraction) = suffix.strip_prefix('.') {
        suffix = after(fraction, digits(fraction));
    }
    let exponent = suffix.trim_start_matches(|character| "eEinumkKMGTP".contains(character));
    // Nothing is left of a suffix of letters only; a sign follows the letters.
    let exponent_digits = if exponent.is_empty() { "" } else { exponent.strip_prefix(['-', '+']).unwrap_or(exponent) };
    if digits(exponent_digits) != exponent_digits.len() {
        return Some(QUANTITY_FORMAT);
    }
    let is_suffix = match suffix {
        "" | "n" | "u" | "m" | "k" | "M" | "G" | "T" | "P" | "E" | "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei" => true,
        _ => suffix.strip_prefix(['e', 'E']).is_some_and(|exponent| exponent.parse::<i64>().is_ok()),
    };
    (!is_suffix).then_some(SUFFIX)
}

/// Returns the error of a string as base64. Source: the decoder of Go's `encoding/base64`.
pub(super) fn base64_error(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    corrupt_byte(bytes).map(|offset| format!("illegal base64 data at input byte {offset}"))
}

/// Returns the offset in the error of Go's decoder.
fn corrupt_byte(bytes: &[u8]) -> Option<usize> {
    let mut input = bytes.iter().copied().enumerate().filter(|(_, byte)| !matches!(byte, b'\n' | b'\r'));
    loop {
        for index in 0..4 {
            match input.next() {
                None if index == 0 => return None,
                None => return Some(bytes.len() - index),
                Some((_, b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/')) => {}
                Some((_, b'=')) if index == 2 => {
                    let before = |offset: usize| offset.checked_sub(1);
                    return match input.next() {
                        None => Some(bytes.len()),
                        Some((_, b'=')) => input.next().map(|(offset, _)| offset),
                        Some((offset, _)) => before(offset),
                    };
                }
                Some((_, b'=')) if index == 3 => return input.next().map(|(offset, _)| offset),
                Some((offset, _)) => return Some(offset),
            }
        }
    }
}

/// Returns the error of a string as a time, with microseconds or without. Source: `Parse` of Go's `time`.
pub(super) fn time_error(text: &str, has_micros: bool) -> Option<String> {
    let layout = if has_micros { "2006-01-02T15:04:05.000000Z07:00" } else { "2006-01-02T15:04:05Z07:00" };
    let message = match time(text, has_micros) {
        Ok(()) => return None,
        Err(TimeError::Mismatch { rest, element }) => {
            format!(" as \"{layout}\": cannot parse {} as \"{element}\"", quoted_for_time(rest))
        }
        Err(TimeError::OutOfRange(element)) => format!(": {element} out of range"),
        Err(TimeError::Extra(rest)) => format!(": extra text: {}", quoted_for_time(rest)),
    };
    Some(format!("parsing time {}{message}", quoted_for_time(text)))
}

/// Quotes a string as Go's `time` does, which escapes every byte that is not ASCII.
fn quoted_for_time(text: &str) -> String {
    let mut quoted = String::from('"');
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => quoted.extend(['\\', char::from(byte)]),
            b' '..=b'\x7f' => quoted.push(char::from(byte)),
            // Writing to a string cannot fail.
            _ => drop(write!(quoted, "\\x{byte:02x}")),
        }
    }
    quoted + "\""
}

enum TimeError<'t> {
    Mismatch { rest: &'t str, element: &'static str },
    OutOfRange(&'static str),
    Extra(&'t str),
}

fn time(text: &str, has_micros: bool) -> Result<(), TimeError<'_>> {
    let mut rest = text;
    let year = number(&mut rest, "2006", 4, 4)?;
    literal(&mut rest, "-")?;
    let month = in_range(number(&mut rest, "01", 2, 2)?, 1..=12, "month")?;
    literal(&mut rest, "-")?;
    let day = number(&mut rest, "02", 2, 2)?;
    literal(&mut rest, "T")?;
    in_range(number(&mut rest, "15", 1, 2)?, 0..=23, "hour")?;
    literal(&mut rest, ":")?;
    in_range(number(&mut rest, "04", 2, 2)?, 0..=59, "minute")?;
    literal(&mut rest, ":")?;
    in_range(number(&mut rest, "05", 2, 2)?, 0..=59, "second")?;
    let fraction = rest.strip_prefix(['.', ',']);
    let digits = fraction.map_or(0, |fraction| fraction.bytes().take_while(u8::is_ascii_digit).count());
    if has_micros && digits < 6 {
        return Err(TimeError::Mismatch { rest, element: ".000000" });
    }
    if let (Some(fraction), 1..) = (fraction, digits) {
        rest = fraction.get(if has_micros { 6 } else { digits }..).unwrap_or_default();
    }
    if let Some(after) = rest.strip_prefix('Z') {
        rest = after;
    } else {
        let mismatch = TimeError::Mismatch { rest, element: "Z07:00" };
        let mut zone = rest.strip_prefix(['+', '-']).unwrap_or_default();
        let hours = number(&mut zone, "", 2, 2);
        let (Ok(hours), Some(mut after)) = (hours, zone.strip_prefix(':')) else { return Err(mismatch) };
        let Ok(minutes) = number(&mut after, "", 2, 2) else { return Err(mismatch) };
        in_range(hours, 0..=24, "time zone offset hour")?;
        in_range(minutes, 0..=60, "time zone offset minute")?;
        rest = after;
    }
    if !rest.is_empty() {
        return Err(TimeError::Extra(rest));
    }
    let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap_year => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    in_range(day, 1..=days, "day").map(|_| ())
}

/// Removes a literal from the start.
fn literal<'t>(rest: &mut &'t str, element: &'static str) -> Result<(), TimeError<'t>> {
    *rest = rest.strip_prefix(element).ok_or(TimeError::Mismatch { rest, element })?;
    Ok(())
}

/// Removes a number of at least `least` and at most `most` digits from the start.
fn number<'t>(rest: &mut &'t str, element: &'static str, least: usize, most: usize) -> Result<u32, TimeError<'t>> {
    let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    match rest.split_at_checked(digits) {
        Some((number, after)) if digits >= least => {
            *rest = after;
            Ok(number.parse().unwrap_or_default())
        }
        _ => Err(TimeError::Mismatch { rest, element }),
    }
}

fn in_range(number: u32, range: std::ops::RangeInclusive<u32>, element: &'static str) -> Result<u32, TimeError<'static>> {
    if range.contains(&number) { Ok(number) } else { Err(TimeError::OutOfRange(element)) }
}

/// Returns a float as Go encodes it in JSON.
pub(super) fn json_of_float(value: f64) -> String {
    let magnitude = value.abs();
    if magnitude != 0.0 && !(1e-6..1e21).contains(&magnitude) {
        let digits = format!("{value:e}");
        return if digits.contains("e-") { digits } else { digits.replace('e', "e+") };
    }
    value.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_quantities_as_kubernetes_does() {
        for text in ["0", "1", "100m", "1.5Gi", "-1", "+1", "1e3", "1E3", "1e-3", "12E", "1Ei", ".5", "1.", "Gi", " 1Gi ", "1u", "-", "00"]
        {
            assert_eq!(quantity_error(text), None, "{text}");
        }
        for text in ["", "true", "1 Gi", "1GB", "64mb", "1,5", "a", "{}", "1Gi\n", "1Gi1x", "0x10", "½"] {
            assert!(quantity_error(text).unwrap().starts_with("quantities must match"), "{text}");
        }
        for text in ["1K", "1g", "1GiG", "1kk", "1e", "1e+", "1m5", "1Gi-1", "1e99999999999999999999", "1-1"] {
            let expected = if text == "1g" { "quantities must match" } else { "unable to parse quantity's suffix" };
            assert!(quantity_error(text).unwrap().starts_with(expected), "{text}");
        }
    }

    /// The offsets are those of Go's decoder.
    #[test]
    fn decodes_base64_as_go_does() {
        for text in ["", "YQ==", "YWI=", "YWJj", "YW\nJj\r\n", "YQ=\n=\n", "YR=="] {
            assert_eq!(base64_error(text), None, "{text}");
        }
        for (text, offset) in [
            ("Y", 0),
            ("YQ", 0),
            ("YWJ", 0),
            ("YWJjY", 4),
            ("YQ=", 3),
            ("=", 0),
            ("Y=", 1),
            ("YWJj!", 4),
            ("YQ==Y", 4),
            ("YWI=Y", 4),
            ("YQ=a", 2),
            ("pässword", 1),
            ("a b", 1),
            ("secret-value", 6),
        ] {
            assert_eq!(base64_error(text), Some(format!("illegal base64 data at input byte {offset}")), "{text}");
        }
    }

    #[test]
    fn parses_times_as_go_does() {
        for text in ["2020-02-29T00:00:00Z", "2020-01-01T5:00:00+01:30", "2020-01-01T00:00:00.5-24:00", "0000-12-31T23:59:59,123Z"] {
            assert_eq!(time_error(text, false), None, "{text}");
        }
        for (text, expected) in [
            ("", "parsing time \"\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"2006\""),
            ("2020", "parsing time \"2020\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"-\""),
            ("2020-1-1", "parsing time \"2020-1-1\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"1-1\" as \"01\""),
            ("2020-13-01T", "parsing time \"2020-13-01T\": month out of range"),
            ("2020-01-01", "parsing time \"2020-01-01\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"T\""),
            ("2020-02-30T00:00:00Z", "parsing time \"2020-02-30T00:00:00Z\": day out of range"),
            ("2020-01-01T24:00:00Z", "parsing time \"2020-01-01T24:00:00Z\": hour out of range"),
            (
                "2020-01-01T00:00:00",
                "parsing time \"2020-01-01T00:00:00\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\" as \"Z07:00\"",
            ),
            ("\"ä", r#"parsing time "\"\xc3\xa4" as "2006-01-02T15:04:05Z07:00": cannot parse "\"\xc3\xa4" as "2006""#),
            ("2020-01-01T00:00:00Zx", "parsing time \"2020-01-01T00:00:00Zx\": extra text: \"x\""),
        ] {
            assert_eq!(time_error(text, false).as_deref(), Some(expected));
        }
        assert_eq!(time_error("2020-01-01T00:00:00.123456Z", true), None);
        assert_eq!(
            time_error("2020-01-01T00:00:00Z", true).as_deref(),
            Some("parsing time \"2020-01-01T00:00:00Z\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"Z\" as \".000000\"")
        );
    }

    #[test]
    fn formats_floats_as_go_does() {
        for (value, expected) in [(1.5, "1.5"), (-0.25, "-0.25"), (1e30, "1e+30"), (1.5e-7, "1.5e-7"), (1e-6, "0.000001"), (1e21, "1e+21")]
        {
            assert_eq!(json_of_float(value), expected);
        }
    }
}
