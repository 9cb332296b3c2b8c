//! A policy as the strategies that its fields and annotations select.

use super::json::{get, list, number, text};
use serde_json::Value;
use std::collections::BTreeSet;

/// The sysctls that need no `allowedUnsafeSysctls` in Kubernetes 1.24; the last one is safe from 1.22.
pub const SAFE_SYSCTLS: [&str; 5] = [
    "kernel.shm_rmid_forced",
    "net.ipv4.ip_local_port_range",
    "net.ipv4.tcp_syncookies",
    "net.ipv4.ping_group_range",
    "net.ipv4.ip_unprivileged_port_start",
];

const SECCOMP_PREFIX: &str = "seccomp.security.alpha.kubernetes.io/";
const APP_ARMOR_PREFIX: &str = "apparmor.security.beta.kubernetes.io/";

/// A range of ids, with both ends.
pub struct Range {
    pub min: i64,
    pub max: i64,
}

pub enum UserRule {
    RunAsAny,
    MustRunAs(Vec<Range>),
    MustRunAsNonRoot,
}

pub enum GroupRule {
    RunAsAny,
    MayRunAs(Vec<Range>),
    MustRunAs(Vec<Range>),
}

pub enum SeLinuxRule<'p> {
    RunAsAny,
    MustRunAs(&'p Value),
}

/// The profiles of a pair of annotations.
pub struct Profiles<'p> {
    /// Empty without the annotation.
    pub default: &'p str,
    /// None without the annotation. The annotation with an empty value is a list with one empty element.
    pub allowed: Option<BTreeSet<&'p str>>,
}

pub struct Policy<'p> {
    /// The fields without a strategy of their own.
    pub spec: &'p Value,
    pub run_as_user: UserRule,
    pub run_as_group: GroupRule,
    pub supplemental_groups: GroupRule,
    pub fs_group: GroupRule,
    pub se_linux: SeLinuxRule<'p>,
    pub app_armor: Profiles<'p>,
    pub seccomp: Profiles<'p>,
}

impl<'p> Policy<'p> {
    /// The strategies of a policy. The API server skips a policy for which this fails.
    pub fn new(psp: &'p Value) -> Result<Self, Vec<String>> {
        let spec = &psp["spec"];
        let run_as_group = match get(spec, &["runAsGroup"]) {
            Some(_) => group_rule(spec, "runAsGroup"),
            None => Ok(GroupRule::RunAsAny),
        };
        match (user_rule(spec), run_as_group, se_linux_rule(spec), group_rule(spec, "fsGroup"), group_rule(spec, "supplementalGroups")) {
            (Ok(run_as_user), Ok(run_as_group), Ok(se_linux), Ok(fs_group), Ok(supplemental_groups)) => Ok(Self {
                spec,
                run_as_user,
                run_as_group,
                supplemental_groups,
                fs_group,
                se_linux,
                app_armor: profiles(psp, APP_ARMOR_PREFIX),
                seccomp: profiles(psp, SECCOMP_PREFIX),
            }),
            (user, group, se_linux, fs_group, supplemental_groups) => {
                let errors = [user.err(), group.err(), se_linux.err(), fs_group.err(), supplemental_groups.err()];
                Err(errors.into_iter().flatten().collect())
            }
        }
    }

    /// `allowPrivilegeEscalation`, which is true by default.
    pub fn allows_privilege_escalation(&self) -> bool {
        get(self.spec, &["allowPrivilegeEscalation"]).and_then(Value::as_bool).unwrap_or(true)
    }
}

fn user_rule(spec: &Value) -> Result<UserRule, String> {
    let ranges = ranges(spec, "runAsUser");
    match text(spec, &["runAsUser", "rule"]) {
        "RunAsAny" => Ok(UserRule::RunAsAny),
        "MustRunAsNonRoot" => Ok(UserRule::MustRunAsNonRoot),
        "MustRunAs" if ranges.is_empty() => Err("spec.runAsUser.ranges: required by MustRunAs".to_owned()),
        "MustRunAs" => Ok(UserRule::MustRunAs(ranges)),
        other => Err(format!("spec.runAsUser.rule: unknown rule {other:?}")),
    }
}

fn group_rule(spec: &Value, field: &str) -> Result<GroupRule, String> {
    let ranges = ranges(spec, field);
    match text(spec, &[field, "rule"]) {
        "RunAsAny" => Ok(GroupRule::RunAsAny),
        rule @ ("MayRunAs" | "MustRunAs") if ranges.is_empty() => Err(format!("spec.{field}.ranges: required by {rule}")),
        "MayRunAs" => Ok(GroupRule::MayRunAs(ranges)),
        "MustRunAs" => Ok(GroupRule::MustRunAs(ranges)),
        other => Err(format!("spec.{field}.rule: unknown rule {other:?}")),
    }
}

fn se_linux_rule(spec: &Value) -> Result<SeLinuxRule<'_>, String> {
    match (text(spec, &["seLinux", "rule"]), get(spec, &["seLinux", "seLinuxOptions"])) {
        ("RunAsAny", _) => Ok(SeLinuxRule::RunAsAny),
        ("MustRunAs", Some(options)) => Ok(SeLinuxRule::MustRunAs(options)),
        ("MustRunAs", None) => Err("spec.seLinux.seLinuxOptions: required by MustRunAs".to_owned()),
        (other, _) => Err(format!("spec.seLinux.rule: unknown rule {other:?}")),
    }
}

fn ranges(spec: &Value, field: &str) -> Vec<Range> {
    let end = |range: &Value, key| number(range, &[key]).unwrap_or_default();
    list(spec, &[field, "ranges"]).iter().map(|range| Range { min: end(range, "min"), max: end(range, "max") }).collect()
}

/// Elements are compared as they are, with spaces.
fn profiles<'p>(psp: &'p Value, prefix: &str) -> Profiles<'p> {
    let annotation = |key| get(psp, &["metadata", "annotations", &format!("{prefix}{key}")]).and_then(Value::as_str);
    Profiles {
        default: annotation("defaultProfileName").unwrap_or_default(),
        allowed: annotation("allowedProfileNames").map(|names| names.split(',').collect()),
    }
}
