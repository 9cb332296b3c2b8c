//! Recognition of timestamps as in go-yaml. Kubernetes keeps their text, so they only matter for scalars with the tag
//! `!!timestamp`.
//!
//! Source: `parseTimestamp` in `resolve.go` of sigs.k8s.io/yaml/goyaml.v2.

/// Returns whether a text is a date, a date and a time separated by a space, or a date and a time with a time zone separated by `T`
/// or `t`.
pub(super) fn is_timestamp(text: &str) -> bool {
    let mut rest = Rest(text);
    let Some(year) = rest.digits(4, 4) else { return false };
    let date = rest.consume("-") && {
        let month = rest.digits(1, 2);
        let day = rest.consume("-").then(|| rest.digits(1, 2)).flatten();
        matches!((month, day), (Some(month), Some(day)) if is_date(year, month, day))
    };
    if !date || rest.0.is_empty() {
        return date;
    }
    let zoned = rest.consume("T") || rest.consume("t");
    if !zoned && !rest.consume(" ") {
        return false;
    }
    let hour = rest.digits(1, 2);
    let minute = rest.consume(":").then(|| rest.digits(1, 2)).flatten();
    let second = rest.consume(":").then(|| rest.digits(1, 2)).flatten();
    let time = matches!((hour, minute, second), (Some(..=23), Some(..=59), Some(..=59)));
    if rest.0.starts_with(['.', ',']) && rest.0.get(1..).is_some_and(|digits| digits.starts_with(|digit: char| digit.is_ascii_digit())) {
        rest.0 = rest.0.get(1..).unwrap_or_default().trim_start_matches(|digit: char| digit.is_ascii_digit());
    }
    time && (rest.0.is_empty() && !zoned || zoned && rest.ends_with_zone())
}

fn is_date(year: u32, month: u32, day: u32) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

/// The rest of the text.
struct Rest<'t>(&'t str);

impl Rest<'_> {
    fn consume(&mut self, prefix: &str) -> bool {
        self.0.strip_prefix(prefix).inspect(|rest| self.0 = rest).is_some()
    }

    /// Parses from `min` to `max` digits.
    fn digits(&mut self, min: usize, max: usize) -> Option<u32> {
        let count = self.0.bytes().take(max).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at_checked(count).filter(|_| count >= min)?;
        self.0 = rest;
        digits.parse().ok()
    }

    /// Returns whether the rest is a time zone: `Z`, or hours and minutes with a sign.
    fn ends_with_zone(&mut self) -> bool {
        if self.0 == "Z" {
            return true;
        }
        let signed = self.consume("+") || self.consume("-");
        let hours = self.digits(2, 2);
        let minutes = self.consume(":").then(|| self.digits(2, 2)).flatten();
        signed && matches!((hours, minutes), (Some(..=24), Some(..=60))) && self.0.is_empty()
    }
}
