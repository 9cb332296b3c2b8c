//! Quantities of bytes that are no whole numbers.
//!
//! Source: `pkg/api/resource/quantity.go` of k8s.io/apimachinery.

use pss_manifest::{Kind, Node, Number};

/// The resources that are counted in bytes.
pub(super) const BYTES: [&str; 2] = ["memory", "ephemeral-storage"];

/// Returns a quantity in its canonical form if it is not a whole number of bytes; `None` for whole numbers and what is no quantity.
pub(super) fn fraction(node: Node<'_>) -> Option<String> {
    let number;
    let text = match node.kind() {
        Kind::Text(text) => text,
        Kind::Number(Number::Float(value)) => {
            number = value.to_string();
            &number
        }
        _ => return None,
    };
    let nanos = nanos(text.trim())?;
    // Kubernetes rounds away from zero.
    let millis = nanos / 1_000_000 + (nanos % 1_000_000).signum();
    if millis % 1_000 == 0 {
        return None;
    }
    let (divisor, suffix) = [(1_000_000, "m"), (1_000, "u"), (1, "n")].into_iter().find(|(divisor, _)| nanos % divisor == 0)?;
    Some(format!("{}{suffix}", nanos / divisor))
}

/// Returns the number of billionths in a quantity, rounded away from zero; `None` if there are too many, or an exponent.
fn nanos(text: &str) -> Option<i128> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(unsigned) => (-1, unsigned),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = unsigned.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(unsigned.len());
    let (number, suffix) = unsigned.split_at_checked(end)?;
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = ["0", whole, fraction].concat().parse::<i128>().ok()?;
    let (multiplier, divisor): (i128, i128) = match suffix {
        "n" => (1, 1_000_000_000),
        "u" => (1, 1_000_000),
        "m" => (1, 1_000),
        "" => (1, 1),
        "k" => (1_000, 1),
        "M" => (1_000_000, 1),
        "G" => (1_000_000_000, 1),
        "T" => (1_000_000_000_000, 1),
        "Ki" => (1 << 10, 1),
        "Mi" => (1 << 20, 1),
        "Gi" => (1 << 30, 1),
        "Ti" => (1 << 40, 1),
        _ => return None,
    };
    let scale = 10_i128.checked_pow(u32::try_from(fraction.len()).ok()?)?.checked_mul(divisor)?;
    let scaled = digits.checked_mul(multiplier)?.checked_mul(1_000_000_000)?;
    Some(sign * (scaled / scale + i128::from(scaled % scale != 0)))
}
