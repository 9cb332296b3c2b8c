//! The setting `harden`: the checks whose unset fields the policy sets, and the user that it sets with `runAsNonRoot`.

use super::Policy;
use super::set::{Keyword, Set};
use super::validation::Validation;
use crate::json::{Aborted, Context, FromJson, Input, Kind, Path, view};
use crate::standards::{CHECKS, Check, Version, can_harden};

view! {
    /// The checks whose unset fields are set.
    pub struct Harden, strict {
        /// The checks.
        "checks" => checks: Set<HardenableCheck>,
        /// The user that a container without one gets together with `runAsNonRoot`, from 1 to 2147483647. Without a user a kubelet does not
        /// start an image whose user is a name.
        "runAsUser" => run_as_user: Option<i64>,
    }
}

impl Harden {
    /// Whether nothing is set.
    pub fn is_empty(&self) -> bool {
        self.checks.is_empty()
    }
}

/// The checks that can be satisfied by setting an unset field, as keywords of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HardenableCheck;

impl Keyword for HardenableCheck {
    const NOUN: &'static str = "check that can be hardened";

    fn keyword_at(index: u32) -> Option<&'static str> {
        CHECKS.iter().filter(|check| can_harden(check)).map(|check| check.id).nth(usize::try_from(index).ok()?)
    }
}

/// [`Harden`] as the settings have it: a list of checks, or an object.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct RawHarden {
    pub(super) value: Harden,
    is_object: bool,
}

impl<'de> FromJson<'de> for RawHarden {
    const EXPECTED: &'static str = "an array, or an object with checks and runAsUser";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        match input.kind() {
            Kind::Array => self.value.checks.read(input, cx),
            Kind::Object => {
                self.is_object = true;
                self.value.read(input, cx)
            }
            // It is neither, so this reports it.
            _ => input.object(Self::EXPECTED, cx).map(|_| ()),
        }
    }
}

/// The check with which `runAsUser` is set.
const RUN_AS_NON_ROOT: &str = "runAsNonRoot";

impl RawHarden {
    /// Reports errors. `policy` is that of the settings, if labels cannot change it.
    pub(super) fn check(&self, validation: &Validation<'_>, at: &Path<'_>, policy: Option<&Policy>) {
        let errors = validation.errors;
        let Harden { checks, run_as_user } = &self.value;
        let of_checks = at.key("checks");
        if self.is_object && checks.is_unset() {
            errors.add(&of_checks, &|| "missing; name the checks whose fields are set, such as runAsNonRoot".to_owned());
        }
        if let Some(user) = *run_as_user {
            let of_user = at.key("runAsUser");
            if !(1..=i64::from(i32::MAX)).contains(&user) {
                errors.add(&of_user, &|| format!("must be the number of a user from 1 to {}, not {user}", i32::MAX));
            } else if !checks.is_unset() && !checks.keywords().any(|id| id == RUN_AS_NON_ROOT) {
                errors.add(&of_user, &|| format!("is set only where {RUN_AS_NON_ROOT} is; add {RUN_AS_NON_ROOT} to the checks"));
            }
        }
        let Some(Policy { enforce, .. }) = policy.filter(|_| !checks.is_empty()) else { return };
        let at = if self.is_object { &of_checks } else { at };
        for check in CHECKS.iter().filter(|check| checks.keywords().any(|id| id == check.id)) {
            let Check { id, level, revisions, .. } = check;
            let is_required = enforce.level >= *level && check.at(enforce.version.known_minor()).is_some();
            let Some(first) = revisions.first().filter(|_| !is_required) else { continue };
            errors.add(at, &|| {
                let since = Version::Minor(first.since);
                format!("{id} never sets a field: it is a check of {level} from {since} on, and the settings enforce {enforce}")
            });
        }
    }
}
