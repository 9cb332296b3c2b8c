//! The settings of the official policies with the values of a PodSecurityPolicy, and the differences between the two.
//!
//! Source: the README of each policy at the version in [`super::modules`].

mod containers;
mod ids;
mod profiles;
mod sysctls;
mod volumes;

use std::collections::BTreeSet;

use super::manifest::flow;
use crate::psp::field::Field;
use crate::psp::policy::{Policy, Range};
pub(super) use containers::{capabilities, privilege_escalation, proc_mount, read_only_root};
pub(super) use ids::{fs_group, user_group, valid_ranges};
pub(super) use profiles::{app_armor, profile_names, se_linux, seccomp};
pub(super) use sysctls::sysctls;
pub(in crate::psp) use volumes::effective_host_paths;
pub(super) use volumes::{flex_volumes, host_paths, volumes};

/// The settings of a policy.
#[derive(Debug, Default)]
pub(super) struct Settings {
    /// Lines of YAML, indented by four spaces.
    pub(super) text: String,
    /// The differences from the PodSecurityPolicy.
    pub(super) warnings: Vec<String>,
}

impl Settings {
    /// Appends a field, whose value is YAML for one line.
    fn line(&mut self, key: &str, value: &str) {
        self.text += &format!("    {key}: {value}\n");
    }

    /// Appends a field with a list of names.
    fn list<'n>(&mut self, key: &str, names: impl IntoIterator<Item = &'n str>) {
        self.line(key, &flow(names));
    }

    /// Appends a rule and its ranges; in an object of its own, if it has a key.
    fn strategy(&mut self, key: &str, rule: &str, ranges: Option<&[Range]>) {
        let indent = if key.is_empty() {
            ""
        } else {
            self.text += &format!("    {key}:\n");
            "  "
        };
        self.line(&format!("{indent}rule"), rule);
        if let Some(ranges) = ranges {
            self.line(&format!("{indent}ranges"), &flow_ranges(&valid_ranges(ranges)));
        }
    }

    fn warn(&mut self, field: Field, warning: &str) {
        self.warnings.push(format!("{}: {warning}", field.path()));
    }
}

/// The settings of a policy that has none.
pub(super) fn none(_: &Policy, _: &[Field]) -> Settings {
    Settings::default()
}

pub(super) fn host_namespaces(policy: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    for (key, is_allowed) in
        [("allow_host_network", policy.host_network), ("allow_host_pid", policy.host_pid), ("allow_host_ipc", policy.host_ipc)]
    {
        settings.line(key, if is_allowed { "true" } else { "false" });
    }
    let last = i64::from(u16::MAX);
    let ports = policy.host_ports.iter().map(|range| Range { min: range.min.clamp(0, last), max: range.max.min(last) });
    // Port 0 stands for no host port, which is allowed anyway.
    let ports: Vec<Range> = ports.filter(|range| range.max > 0 && range.min <= range.max).collect();
    settings.line("allow_host_ports", &flow_ranges(&ports));
    settings
}

/// Returns the elements without repetitions, in their order.
fn distinct<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<&'n str> {
    let mut unique = BTreeSet::new();
    names.into_iter().filter(|name| unique.insert(*name)).collect()
}

/// Returns a flow sequence of ranges.
fn flow_ranges(ranges: &[Range]) -> String {
    let ranges: Vec<String> = ranges.iter().map(|range| format!("{{min: {}, max: {}}}", range.min, range.max)).collect();
    format!("[{}]", ranges.join(", "))
}
