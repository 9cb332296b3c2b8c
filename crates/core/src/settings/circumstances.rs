//! What a rule can depend on besides the pod: who requests what, and the date.
//!
//! A rule with an end holds until the end of that day in UTC. Without a date it does not hold, because nobody knows then whether it
//! has ended.

use std::cell::OnceCell;
use std::fmt;

use super::Validation;
use super::exemptions::group_without_everybody;
use super::names::{NameResult, not_empty};
use super::rule::{EMPTY, Rule};
use super::set::Keyword;
use crate::date::Date;
use crate::json::{Aborted, Context, FromJson, Input, Kind, Lazy, Path, Text};
use crate::quote::quoted;

/// The circumstances of a judgement.
pub struct Circumstances<'c> {
    /// The request; `None` for an object that exists and that nobody requests.
    pub requester: Option<Requester<'c>>,
    clock: &'c dyn Fn() -> Option<Date>,
    today: OnceCell<Option<Date>>,
}

/// A request, and the user who makes it.
#[derive(Debug, Clone, Copy)]
pub struct Requester<'c> {
    /// The operation: `CREATE` or `UPDATE`.
    pub operation: &'static str,
    /// The name of the user.
    pub username: &'c str,
    /// The groups of the user.
    pub groups: &'c Lazy<'c, Vec<Text<'c>>>,
}

impl<'c> Circumstances<'c> {
    /// Returns circumstances. The clock, which returns the date in UTC, is read once, and only if a rule depends on the date.
    pub fn new(requester: Option<Requester<'c>>, clock: &'c dyn Fn() -> Option<Date>) -> Self {
        Circumstances { requester, clock, today: OnceCell::new() }
    }

    /// Returns the date; `None` without a clock.
    pub fn today(&self) -> Option<Date> {
        *self.today.get_or_init(self.clock)
    }
}

impl fmt::Debug for Circumstances<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Circumstances").field("requester", &self.requester).field("today", &self.today()).finish()
    }
}

/// Whether one of the groups of a user satisfies a predicate. Groups that cannot be parsed are none.
pub(super) fn is_member<'g>(groups: &Lazy<'g, Vec<Text<'g>>>, is_one: &dyn Fn(&str) -> bool) -> bool {
    groups.read("request.userInfo.groups").is_ok_and(|groups| groups.iter().any(|group| is_one(group)))
}

/// The operations of requests that are judged, as keywords of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestOperation;

impl Keyword for RequestOperation {
    const NOUN: &'static str = "operation";

    fn keyword_at(index: u32) -> Option<&'static str> {
        ["CREATE", "UPDATE"].get(usize::try_from(index).ok()?).copied()
    }
}

/// The end of a rule.
#[derive(Debug, Default, Clone, PartialEq)]
pub enum Expiry<'a> {
    /// The rule has no end.
    #[default]
    Never,
    /// The last day of the rule, in UTC, and its text.
    After(Date, Text<'a>),
    /// A text that is no date, or null.
    Invalid(Text<'a>),
}

impl<'de> FromJson<'de> for Expiry<'de> {
    const EXPECTED: &'static str = "a date of the form 2027-03-31";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        if input.kind() == Kind::Null {
            // Not the same as unset: whoever writes the key wants an end.
            *self = Expiry::Invalid(Text::default());
        }
        if let Some(value) = input.text(Self::EXPECTED, cx)? {
            *self = Date::parse(&value).map_or_else(|_| Expiry::Invalid(value.clone()), |date| Expiry::After(date, value.clone()));
        }
        Ok(())
    }
}

impl Expiry<'_> {
    /// Returns the last day as text; empty without an end.
    pub fn text(&self) -> &str {
        match self {
            Expiry::Never => "",
            Expiry::After(_, text) | Expiry::Invalid(text) => text,
        }
    }

    /// Returns whether a rule with this end holds in some circumstances.
    pub fn validity(&self, circumstances: &Circumstances<'_>) -> Validity {
        let last = match self {
            Expiry::Never => return Validity::Unlimited,
            Expiry::After(last, _) => *last,
            Expiry::Invalid(_) => return Validity::Unknown,
        };
        match circumstances.today().map(|today| today.days_until(last)) {
            None => Validity::Unknown,
            Some(days) if days < 0 => Validity::Expired,
            Some(days) if days < NOTICE_DAYS => Validity::EndsSoon,
            Some(_) => Validity::Unlimited,
        }
    }
}

/// The number of days before the end of a rule, the last one included, on which its uses are followed by a warning.
const NOTICE_DAYS: i64 = 14;

/// Whether a rule holds on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Validity {
    /// It holds, and has no end, or one that is not near.
    Unlimited,
    /// It holds, and ends within the next 14 days.
    EndsSoon,
    /// It does not hold, because its last day is over.
    Expired,
    /// It does not hold, because it has an end and there is no clock.
    Unknown,
}

impl Validity {
    /// Returns whether the rule holds.
    pub const fn holds(self) -> bool {
        matches!(self, Validity::Unlimited | Validity::EndsSoon)
    }
}

impl Rule<'_> {
    /// Whether the conditions on the request hold. They do not for an object that nobody requests.
    pub(super) fn applies_to_request(&self, requester: Option<&Requester<'_>>) -> bool {
        let Some(Requester { operation, username, groups }) = requester else {
            return !self.usernames.is_set() && !self.groups.is_set() && self.operations.is_unset();
        };
        self.usernames.allow(&|name| name == *username)
            && (self.operations.is_unset() || self.operations.keywords().any(|listed| listed == *operation))
            && (!self.groups.is_set() || is_member(groups, &|group| self.groups.allow(&|name| name == group)))
    }

    /// Reports errors in the conditions on the request, and in the end.
    pub(super) fn check_circumstances(&self, validation: &Validation<'_>, at: &Path<'_>) {
        validation.condition(&at.key("usernames"), &self.usernames, &exact_name);
        let group = |group: &str| {
            exact_name(group)?;
            group_without_everybody(group, "every user is in this group, so that it is no condition; leave it out, or name another group")
        };
        validation.condition(&at.key("groups"), &self.groups, &group);
        if !self.operations.is_unset() && self.operations.is_empty() {
            validation.errors.add(&at.key("operations"), &|| EMPTY.to_owned());
        }
        if let Expiry::Invalid(text) = &self.expires
            && let Err(message) = Date::parse(text)
        {
            validation.errors.add(&at.key("expires"), &|| format!("{message}, not {}", quoted(text)));
        }
    }
}

/// The name of a user or group, which is compared as it is.
fn exact_name(name: &str) -> NameResult {
    if name.contains('*') {
        return Err("cannot hold a '*', for names are compared as they are");
    }
    not_empty(name)
}
