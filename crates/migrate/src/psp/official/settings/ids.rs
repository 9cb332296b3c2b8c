//! The settings of the policies for users and groups.

use super::Settings;
use crate::psp::field::Field;
use crate::psp::policy::{Groups, Policy, Range, RunAsUser};

pub(in crate::psp::official) fn user_group(policy: &Policy, fields: &[Field]) -> Settings {
    let mut settings = Settings::default();
    if fields.contains(&Field::RunAsUser) {
        match &policy.run_as_user {
            RunAsUser::RunAsAny => {}
            RunAsUser::MustRunAs(ranges) => settings.strategy("run_as_user", "MustRunAs", Some(ranges)),
            RunAsUser::MustRunAsNonRoot => settings.strategy("run_as_user", "MustRunAsNonRoot", None),
        }
    }
    for (field, key, rule) in [
        (Field::RunAsGroup, "run_as_group", &policy.run_as_group),
        (Field::SupplementalGroups, "supplemental_groups", &policy.supplemental_groups),
    ] {
        if fields.contains(&field) {
            groups(&mut settings, key, rule);
        }
    }
    settings
}

pub(in crate::psp::official) fn fs_group(policy: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    groups(&mut settings, "", &policy.fs_group);
    settings
}

fn groups(settings: &mut Settings, key: &str, rule: &Groups) {
    match rule {
        Groups::RunAsAny => {}
        Groups::MayRunAs(ranges) => settings.strategy(key, "MayRunAs", Some(ranges)),
        Groups::MustRunAs(ranges) => settings.strategy(key, "MustRunAs", Some(ranges)),
    }
}

/// Returns the ranges that contain ids.
pub(in crate::psp::official) fn valid_ranges(ranges: &[Range]) -> Vec<Range> {
    let ids = ranges.iter().map(|range| Range { min: range.min.max(0), max: range.max });
    ids.filter(|range| range.min <= range.max).collect()
}
