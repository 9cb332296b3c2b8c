//! Numbers in JSON after Go has encoded them: `1e3` becomes `1000`.

use super::float;

/// A number in JSON.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A signed integer of 64 bits.
    Whole(i64),
    /// An unsigned integer of 64 bits that exceeds the signed range.
    Large(u64),
    /// Any other number.
    Float(f64),
}

impl Number {
    /// Returns the number after encoding it as JSON and decoding it again: a float below 10^21 without a fraction becomes an integer
    /// if 64 bits suffice, because Go encodes it without an exponent.
    pub(super) fn in_json(self) -> Number {
        let Number::Float(value) = self else { return self };
        if value.is_finite() && value.fract() == 0.0 && value.abs() < 1e21 && !(value == 0.0 && value.is_sign_negative()) {
            // The shortest digits, padded with zeros, are not always those of the exact value.
            let digits = format!("{value}");
            if let Ok(whole) = digits.parse() {
                return Number::Whole(whole);
            }
            if let Ok(large) = digits.parse() {
                return Number::Large(large);
            }
        }
        Number::Float(value)
    }
}

/// Returns a float as the key of a mapping: the shortest digits of the 32-bit float, with an exponent if it is below -4 or above 5.
pub(super) fn key_of_float(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "Kubernetes' YAML library does the same")]
    let single = value as f32;
    if single.is_nan() {
        return ".nan".to_owned();
    }
    if single.is_infinite() {
        return if single > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let (digits, exponent) = float::shortest(single);
    let sign = if single.is_sign_negative() { "-" } else { "" };
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let point = usize::try_from(exponent).map_or(0, |exponent| exponent + 1);
    match digits.split_at_checked(point) {
        _ if !(-4..=5).contains(&exponent) => {
            let (first, rest) = digits.split_at_checked(1).unwrap_or((&digits, ""));
            let point = if rest.is_empty() { "" } else { "." };
            format!("{sign}{first}{point}{rest}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs())
        }
        Some(("", _)) => format!("{sign}0.{}{digits}", zeros(-exponent - 1)),
        Some((whole, "")) => format!("{sign}{whole}"),
        Some((whole, fraction)) => format!("{sign}{whole}.{fraction}"),
        None => format!("{sign}{digits}{}", "0".repeat(point - digits.len())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_float_keys_as_go_does() {
        for (value, expected) in [
            (1.5, "1.5"),
            (-1.5, "-1.5"),
            (0.0, "0"),
            (100.0, "100"),
            (123_456.0, "123456"),
            (999_999.9, "999999.9"),
            (1_000_000.0, "1e+06"),
            (1_234_567.0, "1.234567e+06"),
            (0.0001, "0.0001"),
            (-0.000_123, "-0.000123"),
            (0.000_01, "1e-05"),
            (3.4e38, "3.4e+38"),
            (1e39, ".inf"),
            (f64::NEG_INFINITY, "-.inf"),
            (f64::NAN, ".nan"),
        ] {
            assert_eq!(key_of_float(value), expected);
        }
    }
}
