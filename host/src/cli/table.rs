//! Text tables of numbers.

use std::time::Duration;

use pss_host::measure::Percentiles;

pub(super) fn in_micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

pub(super) fn micros(times: Percentiles) -> String {
    format!("{:.1} ({:.1})", in_micros(times.median), in_micros(times.p99))
}

pub(super) fn ratio(ours: f64, theirs: f64) -> String {
    if theirs > 0.0 { format!("x {:.2}", ours / theirs) } else { "-".to_owned() }
}

/// Formats 1234567 as 1,234,567.
pub(super) fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Renders rows as columns that are as wide as their widest cell. The first column is left-aligned, the others are
/// right-aligned.
pub(super) fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        for (i, (cell, width)) in row.iter().zip(widths).enumerate() {
            if i == 0 {
                text.push_str(&format!("  {cell:<width$}"));
            } else {
                text.push_str(&format!("  {cell:>width$}"));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits_by_thousands() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(n), text);
        }
    }

    #[test]
    fn aligns_columns() {
        let rows = [["a", "10"], ["long", "1"]].map(|row| row.map(str::to_owned));
        assert_eq!(aligned(&rows), "  a     10\n  long   1\n");
    }
}
