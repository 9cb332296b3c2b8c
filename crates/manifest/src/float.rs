//! Conversion of floats from and to decimal digits.

use lexical_parse_float::FromLexical;

/// Parses a decimal number, which may have a sign, a fraction and an exponent. Returns the nearest float, or `None` if the number is
/// too large.
pub(super) fn parse(text: &str) -> Option<f64> {
    // The tables of std's parser would be a twentieth of the page's module.
    let value = if cfg!(target_family = "wasm") { compact(text) } else { text.parse().ok() };
    value.filter(|value| value.is_finite())
}

/// Parses a decimal number without large tables. The result is the nearest float, except for a few numbers of more than 19 digits
/// which are nearly half-way between two floats: it is the other one for them. `findings/compact-float-rounding.sh` shows one.
fn compact(text: &str) -> Option<f64> {
    f64::from_lexical(text.as_bytes()).ok()
}

/// Returns the shortest digits that identify a finite 32-bit float, without the decimal point, and the exponent of ten of the first
/// digit. At a tie the last digit is even, as in Go's `strconv`.
pub(super) fn shortest(single: f32) -> (String, i32) {
    let mut text = format!("{:e}", single.abs());
    // std rounds a tie up. At a tie the exact value has one more digit, a 5.
    let exact = format!("{:e}", f64::from(single.abs()));
    let [digits, exact_digits] = [&text, &exact].map(|text| mantissa(text).0);
    if exact_digits.len() == digits.len() + 1 && exact_digits.ends_with('5') {
        text = format!("{:.*e}", digits.len().saturating_sub(1), f64::from(single.abs()));
    }
    mantissa(&text)
}

/// Returns the digits of a number in scientific notation, without the decimal point, and its exponent.
fn mantissa(scientific: &str) -> (String, i32) {
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Returns whether two floats are equal, or neighbours if the text has more than 19 digits.
    fn is_near(value: Option<f64>, expected: Option<f64>, text: &str) -> bool {
        let digits = text.split(['e', 'E']).next().unwrap().bytes().filter(u8::is_ascii_digit).count();
        match (value, expected) {
            (Some(value), Some(expected)) => value.to_bits().abs_diff(expected.to_bits()) <= u64::from(digits > 19),
            (value, expected) => value == expected,
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn shortest_digits_parse_to_the_same_float(bits in any::<u32>(), exponent in -6..8_i32) {
            for single in [f32::from_bits(bits), (bits % 10_000_000) as f32 * 10_f32.powi(exponent - 7)] {
                if single.is_finite() {
                    let (digits, exponent) = shortest(single);
                    prop_assert_eq!(format!("0.{digits}e{}", exponent + 1).parse(), Ok(single.abs()));
                    let scientific = format!("{:e}", single.abs());
                    let (mantissa, expected_exponent) = scientific.split_once('e').unwrap();
                    let expected = mantissa.replace('.', "");
                    prop_assert_eq!((digits.len(), exponent.to_string()), (expected.len(), expected_exponent.to_owned()));
                    // The last digit may differ from Rust's only at a tie, where it is even.
                    if digits != expected {
                        let halfway = format!("{:.1$e}", f64::from(single.abs()), digits.len());
                        prop_assert!(halfway.contains("5e") && digits.ends_with(['0', '2', '4', '6', '8']), "{} {}", digits, expected);
                    }
                }
            }
        }
    }

    proptest! {
        #[test]
        fn parses_as_std_does(text in "[+-]?([0-9]{1,30}\\.?|[0-9]{0,30}\\.[0-9]{1,40})([eE][+-]?[0-9]{1,4})?") {
            let expected = text.parse::<f64>().ok();
            prop_assert_eq!(parse(&text).map(f64::to_bits), expected.filter(|value| value.is_finite()).map(f64::to_bits));
            prop_assert!(is_near(compact(&text), expected, &text), "{:?} {:?}", compact(&text), expected);
        }

        /// Whole numbers half-way between two floats: their 54th and last significant bit is set.
        #[test]
        fn parses_ties_as_std_does(bits in 1_u64 << 53..1 << 54, shift in 0..70_u32, fraction in prop::sample::select(vec!["", ".0", ".00001"])) {
            let text = format!("{}{fraction}", u128::from(bits | 1) << shift);
            let expected = text.parse().ok();
            prop_assert_eq!(parse(&text), expected);
            prop_assert!(is_near(compact(&text), expected, &text), "{:?} {:?}", compact(&text), expected);
        }
    }

    /// The floats next to a power of two are not equally far from it, so that the nearest decimal number of some length can
    /// be nearer to the lower one.
    #[test]
    fn shortest_digits_of_powers_of_two_parse_to_the_same_float() {
        for exponent in -149..128 {
            let single = 2_f32.powi(exponent);
            let (digits, exponent) = shortest(single);
            assert_eq!(format!("0.{digits}e{}", exponent + 1).parse(), Ok(single));
        }
    }

    #[test]
    fn ties_round_to_even() {
        for (value, expected) in
            [(1_433_005.25_f64, "14330052"), (1_433_006.25, "14330062"), (1_433_004.75, "14330048"), (8_388_608.5, "8388608")]
        {
            assert_eq!(shortest(value as f32), (expected.to_owned(), 6), "{value}");
        }
    }
}
