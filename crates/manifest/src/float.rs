//! Conversion of floats from and to decimal digits.
//!
//! They are parsed by serde_json, which reads them exactly with its feature `float_roundtrip`. The parser of std is exact too,
//! but its table of powers would make a first load of the playground 10 KB larger, a twentieth of its WebAssembly.

/// Parses a number in JSON's notation. Returns the nearest float, or `None` if the number is too large or the text is not a
/// number.
pub(super) fn parse(json: &str) -> Option<f64> {
    serde_json::from_str(json).ok()
}

/// Returns the shortest digits that identify a finite 32-bit float, without the decimal point, and the exponent of ten of the first
/// digit. At a tie the last digit is even, as in Go's `strconv`.
pub(super) fn shortest(single: f32) -> (String, i32) {
    let value = f64::from(single.abs());
    let mut digits = String::new();
    // Nine digits identify every 32-bit float.
    for decimals in 0..9 {
        digits = format!("{value:.decimals$e}");
        if serde_json::from_str(&digits).is_ok_and(|parsed: f32| parsed == single.abs()) {
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

    proptest! {
        #[test]
        fn parses_as_std_does(json in "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,40})?(e[+-]?[0-9]{1,3})?") {
            let expected = json.parse::<f64>().ok().filter(|value| value.is_finite());
            prop_assert_eq!(parse(&json).map(f64::to_bits), expected.map(f64::to_bits));
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
