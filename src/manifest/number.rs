//! Numbers as Go writes them, which decides how JSON sees them: `1e3` becomes `1000`.

use std::fmt::Write as _;

/// A number as it stands in JSON behind Go's encoder.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Number {
    /// A whole number of 64 bits with its sign.
    Whole(i64),
    /// A whole number of 64 bits that is too large for a sign.
    Large(u64),
    /// Any other.
    Float(f64),
}

impl Number {
    /// The number as JSON reads it back: a float is whole below 10^21 where Go writes it with
    /// neither fraction nor exponent, and 64 bits suffice.
    pub(super) fn in_json(self) -> Number {
        let Number::Float(value) = self else { return self };
        if value.is_finite() && value.fract() == 0.0 && value.abs() < 1e21 && !(value == 0.0 && value.is_sign_negative()) {
            // The shortest digits, padded with zeros: not always those of the exact value.
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

/// A float as the key of a mapping: the shortest digits that 32 bits need, with an exponent where it
/// is below -4 or above 5.
pub(super) fn key_of_float(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "Kubernetes' YAML library does the same")]
    let single = value as f32;
    if single.is_nan() {
        return ".nan".to_owned();
    }
    if single.is_infinite() {
        return if single > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{single:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(-4..=5) => format!("{single}"),
        Ok(exponent) => {
            let mut key = digits.to_owned();
            let _ = write!(key, "e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
            key
        }
        Err(_) => scientific,
    }
}
