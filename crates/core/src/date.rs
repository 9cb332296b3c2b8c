//! Dates of the Gregorian calendar in UTC, as the settings and the clock of a host give them.

/// A date, as the number of days since 1970-01-01.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(i64);

/// The days from 0000-03-01 to 1970-01-01.
const BEFORE_1970: i64 = 719_468;

/// The seconds of a day; UTC as computers count it has no leap seconds.
const DAY: u64 = 86_400;

impl Date {
    /// Parses a date of the form `2027-03-31`.
    ///
    /// # Errors
    /// What it must be: a text of another form, or a day that the calendar does not have.
    pub fn parse(text: &str) -> Result<Date, &'static str> {
        let (year, month, day) = numbers(text).ok_or("must be a date of the form 2027-03-31")?;
        let is_leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let days = match month {
            2 => 28 + i64::from(is_leap_year),
            4 | 6 | 9 | 11 => 30,
            1..=12 => 31,
            _ => 0,
        };
        if year == 0 || day == 0 || day > days {
            return Err("must be a day that the calendar has");
        }
        // A year that begins in March has its leap day at the end, and the months before have 153 days in five months.
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let before_year = year * 365 + year / 4 - year / 100 + year / 400;
        Ok(Date(before_year + (month * 153 + 2) / 5 + day - 1 - BEFORE_1970))
    }

    /// Returns the date of a clock that shows a number of seconds since 1970-01-01T00:00:00Z; `None` in the year 1970, because a clock
    /// that shows this year was never set.
    pub fn of_clock(seconds: u64) -> Option<Date> {
        i64::try_from(seconds / DAY).ok().filter(|days| *days >= 365).map(Date)
    }

    /// Returns the number of days from this date to another one; negative if the other one is earlier.
    pub fn days_until(self, other: Date) -> i64 {
        other.0 - self.0
    }
}

/// Returns the year, the month and the day of a text of the form `2027-03-31`.
fn numbers(text: &str) -> Option<(i64, i64, i64)> {
    let mut numbers = [0; 3];
    let mut index = 0;
    for (place, byte) in text.bytes().enumerate() {
        match (place, byte) {
            (4 | 7, b'-') => index += 1,
            (0..=3 | 5 | 6 | 8 | 9, b'0'..=b'9') => {
                let number = numbers.get_mut(index)?;
                *number = *number * 10 + i64::from(byte - b'0');
            }
            _ => return None,
        }
    }
    let [year, month, day] = numbers;
    (text.len() == 10).then_some((year, month, day))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parses_days_of_the_calendar_only() {
        // The days since 1970 are those of `date --date=… +%s`, divided by 86400.
        let table = [
            ("1970-01-01", Some(0)),
            ("1969-12-31", Some(-1)),
            ("1972-02-29", Some(789)),
            ("2000-02-29", Some(11_016)),
            ("2000-03-01", Some(11_017)),
            ("2027-03-31", Some(20_908)),
            ("2028-02-29", Some(21_243)),
            ("2028-12-31", Some(21_549)),
            ("9999-12-31", Some(2_932_896)),
            ("0001-01-01", Some(-719_162)),
            ("0000-12-31", None),
            ("2027-02-29", None),
            ("2100-02-29", None),
            ("2027-02-30", None),
            ("2027-04-31", None),
            ("2027-00-10", None),
            ("2027-13-01", None),
            ("2027-01-00", None),
            ("2027-01-32", None),
        ];
        for (text, days) in table {
            assert_eq!(Date::parse(text).ok(), days.map(Date), "{text}");
        }
        for text in ["2027-02-30", "2027-13-01"] {
            assert_eq!(Date::parse(text), Err("must be a day that the calendar has"), "{text}");
        }
        let forms = [
            "",
            "2027",
            "2027-3-31",
            "27-03-31",
            "2027-03-31 ",
            " 2027-03-31",
            "2027/03/31",
            "20270331",
            "2027-03-31T00:00:00Z",
            "+027-03-31",
            "2027-+3-31",
            "-027-03-31",
            "2027-03--1",
            "2027-03-31-",
            "31-03-2027",
            "２027-03-31",
            "12027-03-31",
            "today",
        ];
        for text in forms {
            assert!(Date::parse(text).unwrap_err().starts_with("must be a date of the form"), "{text}");
        }
    }

    #[test]
    fn each_day_follows_the_one_before() {
        let mut expected = Date::parse("1896-01-01").unwrap();
        for year in 1896..2404 {
            for month in 1..=12 {
                for day in 1..=31 {
                    if let Ok(date) = Date::parse(&format!("{year:04}-{month:02}-{day:02}")) {
                        assert_eq!(date, expected);
                        expected = Date(expected.0 + 1);
                    }
                }
            }
        }
        // 400 years are 146097 days.
        assert_eq!(Date::parse("2004-05-06").unwrap().days_until(Date::parse("2404-05-06").unwrap()), 146_097);
    }

    #[test]
    fn a_clock_changes_the_date_at_midnight_and_was_set_after_1970() {
        let date = |text| Date::parse(text).ok();
        for (seconds, expected) in [
            (0, None),
            (1, None),
            (31_535_999, None),
            (31_536_000, date("1971-01-01")),
            (1_806_451_199, date("2027-03-30")),
            (1_806_451_200, date("2027-03-31")),
            (1_806_537_599, date("2027-03-31")),
            (1_806_537_600, date("2027-04-01")),
        ] {
            assert_eq!(Date::of_clock(seconds), expected, "{seconds}");
        }
        assert!(Date::of_clock(u64::MAX) > date("9999-12-31"));
    }
}
