//! What is a timestamp for go-yaml. Kubernetes leaves it as the text that it is; it only matters
//! where a tag insists on one.

/// Whether a text is one of the four forms: a date; a date and a time with a space between; with
/// `T` or `t` between and a time zone.
pub(super) fn is_timestamp(text: &str) -> bool {
    let mut rest = Rest(text);
    let Some(year) = rest.digits(4, 4) else { return false };
    let date = rest.eat("-") && {
        let month = rest.digits(1, 2);
        let day = rest.eat("-").then(|| rest.digits(1, 2)).flatten();
        matches!((month, day), (Some(month), Some(day)) if is_date(year, month, day))
    };
    if !date || rest.0.is_empty() {
        return date;
    }
    let zoned = rest.eat("T") || rest.eat("t");
    if !zoned && !rest.eat(" ") {
        return false;
    }
    let hour = rest.digits(1, 2);
    let minute = rest.eat(":").then(|| rest.digits(1, 2)).flatten();
    let second = rest.eat(":").then(|| rest.digits(1, 2)).flatten();
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

/// What is left of the text.
struct Rest<'t>(&'t str);

impl Rest<'_> {
    fn eat(&mut self, prefix: &str) -> bool {
        self.0.strip_prefix(prefix).inspect(|rest| self.0 = rest).is_some()
    }

    /// Takes as many digits as there are up to `most`.
    fn digits(&mut self, least: usize, most: usize) -> Option<u32> {
        let count = self.0.bytes().take(most).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.0.split_at_checked(count).filter(|_| count >= least)?;
        self.0 = rest;
        digits.parse().ok()
    }

    /// `Z`, or hours and minutes with a sign.
    fn ends_with_zone(&mut self) -> bool {
        if self.0 == "Z" {
            return true;
        }
        let signed = self.eat("+") || self.eat("-");
        let hours = self.digits(2, 2);
        let minutes = self.eat(":").then(|| self.digits(2, 2)).flatten();
        signed && matches!((hours, minutes), (Some(..=24), Some(..=60))) && self.0.is_empty()
    }
}
