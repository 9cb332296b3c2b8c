//! Floats to and from decimal digits. A browser has the algorithms already, and its module does
//! without Rust's: their tables are noise to a compressor, a tenth of the module.

#[cfg(not(all(target_arch = "wasm32", target_os = "unknown")))]
mod digits {
    pub(in super::super) fn parse(text: &str) -> f64 {
        text.parse().unwrap_or(f64::NAN)
    }

    pub(in super::super) fn whole(value: f64) -> String {
        format!("{value}")
    }

    pub(super) fn scientific(value: f64, decimals: u8) -> String {
        format!("{value:.0$e}", usize::from(decimals))
    }
}

#[cfg(all(target_arch = "wasm32", target_os = "unknown"))]
mod digits {
    use wasm_bindgen::prelude::wasm_bindgen;

    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_name = parseFloat)]
        fn parse_float(text: &str) -> f64;

        #[wasm_bindgen(js_name = String)]
        fn string(value: f64) -> String;

        #[wasm_bindgen(js_namespace = ["Number", "prototype", "toExponential"], js_name = call)]
        fn to_exponential(value: f64, decimals: u8) -> String;
    }

    pub(in super::super) fn parse(text: &str) -> f64 {
        parse_float(text)
    }

    pub(in super::super) fn whole(value: f64) -> String {
        string(value)
    }

    pub(super) fn scientific(value: f64, decimals: u8) -> String {
        to_exponential(value, decimals)
    }
}

/// The float nearest to a decimal number, which may have a sign, a fraction and an exponent; infinite
/// where the number is too large.
pub(super) use digits::parse;

/// The shortest digits that say which whole float this is, padded with zeros: not always those of
/// its exact value. Below 10^21.
pub(super) use digits::whole;

/// The shortest digits that say which float of 32 bits this is, without their point, and the exponent
/// of ten of the first. For what is finite.
pub(super) fn shortest(single: f32) -> (String, i32) {
    let value = f64::from(single.abs());
    let mut written = String::new();
    // Nine digits tell all of them apart.
    for decimals in 0..9 {
        written = rounded(value, decimals);
        #[expect(clippy::cast_possible_truncation, reason = "it is to be one of 32 bits again")]
        let read_back = parse(&written) as f32;
        if read_back == single.abs() {
            break;
        }
    }
    let (mantissa, exponent) = written.split_once('e').unwrap_or((&written, "0"));
    (mantissa.replace('.', ""), exponent.trim_start_matches('+').parse().unwrap_or_default())
}

/// A number with so many decimals and an exponent. Halfway between two, the even one, as Go has it:
/// JavaScript takes the larger.
fn rounded(value: f64, decimals: u8) -> String {
    let finer = digits::scientific(value, decimals + 1);
    if let Some((kept, exponent)) = finer.split_once('e')
        && let Some(kept) = kept.strip_suffix('5')
        && kept.ends_with(['0', '2', '4', '6', '8'])
        && parse(&finer) == value
    {
        return format!("{kept}e{exponent}");
    }
    digits::scientific(value, decimals)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn digits_are_the_shortest_that_read_back(bits in any::<u32>(), exponent in -6..8_i32) {
            for single in [f32::from_bits(bits), (bits % 10_000_000) as f32 * 10_f32.powi(exponent - 7)] {
                if single.is_finite() {
                    let (digits, exponent) = shortest(single);
                    prop_assert_eq!(format!("0.{digits}e{}", exponent + 1).parse(), Ok(single.abs()));
                    let scientific = format!("{:e}", single.abs());
                    let (mantissa, expected_exponent) = scientific.split_once('e').unwrap();
                    let expected = mantissa.replace('.', "");
                    prop_assert_eq!((digits.len(), exponent.to_string()), (expected.len(), expected_exponent.to_owned()));
                    // Another last digit is right only where it is as near and even.
                    if digits != expected {
                        let halfway = digits::scientific(f64::from(single.abs()), u8::try_from(digits.len()).unwrap());
                        prop_assert!(halfway.contains("5e") && digits.ends_with(['0', '2', '4', '6', '8']), "{} {}", digits, expected);
                    }
                }
            }
        }
    }

    #[test]
    fn halfway_is_even() {
        for (value, expected) in
            [(1_433_005.25_f64, "14330052"), (1_433_006.25, "14330062"), (1_433_004.75, "14330048"), (8_388_608.5, "8388608")]
        {
            assert_eq!(shortest(value as f32), (expected.to_owned(), 6), "{value}");
        }
    }
}
