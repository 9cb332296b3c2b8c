//! Conversion of floats from and to decimal digits.

/// Parses a decimal number, which may have a sign, a fraction and an exponent. Returns the nearest float, or infinity if the number
/// is too large.
pub(super) fn parse(text: &str) -> f64 {
    text.parse().unwrap_or(f64::NAN)
}

/// Returns the shortest digits that identify a finite 32-bit float, without the decimal point, and the exponent of ten of the first
/// digit. At a tie the last digit is even, as in Go's `strconv`.
pub(super) fn shortest(single: f32) -> (String, i32) {
    let value = f64::from(single.abs());
    let mut digits = String::new();
    // Nine digits identify every 32-bit float.
    for decimals in 0..9 {
        digits = format!("{value:.decimals$e}");
        if digits.parse() == Ok(single.abs()) {
            break;
        }
    }
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    (mantissa.replace('.', ""), exponent.parse().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    #[test]
    fn ties_round_to_even() {
        for (value, expected) in
            [(1_433_005.25_f64, "14330052"), (1_433_006.25, "14330062"), (1_433_004.75, "14330048"), (8_388_608.5, "8388608")]
        {
            assert_eq!(shortest(value as f32), (expected.to_owned(), 6), "{value}");
        }
    }
}
