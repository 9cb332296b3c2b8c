//! The policy's settings: what may be written, and everything that is wrong with what was.
//!
//! There are two forms. The short one has `level` and `version`; the other is the body of Kubernetes'
//! own PodSecurityConfiguration, so that one can be moved over as it is. Whatever is not known here
//! is a mistake: a typo in `exemptions` must not silently exempt nothing.
//!
//! Source: `admission/api/v1/types.go` and `admission/api/validation/validation.go` of
//! k8s.io/pod-security-admission, and for what goes beyond it README.md.

#![forbid(unsafe_code)]

mod exemptions;
mod names;
mod policy;
mod rule;
mod rules;
mod selector;
mod set;
mod validation;

pub use exemptions::Exemptions;
pub use policy::Policy;
pub use rule::{AnyCheck, Rule};
pub use rules::Rules;
pub use selector::{Requirement, Selector, Terms};
pub(crate) use set::index_of;
pub use set::{Keyword, Names, Set};
use validation::Validation;

use std::fmt;

use crate::json::{self, Collected, Context, ErrorSink, FieldError, FromJson, Path, SyntaxError, Text, View as _, view};
use crate::standards::CHECKS;

/// Valid settings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings<'a> {
    /// The policy where no label overrides it.
    pub defaults: Policy,
    /// What is not judged.
    pub exemptions: Exemptions<'a>,
    /// What the labels of a namespace mean.
    pub namespace_labels: NamespaceLabels,
    /// Whether labels that begin like those and are none of them are warned of.
    pub label_typos: LabelTypos,
    /// What happens to workloads that violate the enforced policy.
    pub workloads: Workloads,
    /// What happens to updates of such workloads.
    pub updates: Updates,
    /// The checks for which fields that are not set are filled in.
    pub harden: Set<HardenableCheck>,
    /// Whether the audit log is told every finding.
    pub details: bool,
}

/// What the `pod-security.kubernetes.io/*` labels of a namespace mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NamespaceLabels {
    /// Nothing: the settings decide alone.
    #[default]
    Ignore,
    /// They override the defaults, as in Kubernetes.
    Honor,
    /// They hold beside the defaults, so that they can only ask for more.
    Tighten,
    /// The same, and namespaces get labels that are as strict as the defaults.
    Set,
}

impl NamespaceLabels {
    /// Whether the defaults hold whatever the labels say.
    pub fn only_tighten(self) -> bool {
        matches!(self, NamespaceLabels::Tighten | NamespaceLabels::Set)
    }
}

/// What happens to labels that begin like those of Pod Security Admission and are none of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LabelTypos {
    /// Nothing, as in Kubernetes.
    #[default]
    Ignore,
    /// Who sets one is warned.
    Warn,
}

/// What happens to a Deployment, Job and so on whose pods would violate the enforced policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Workloads {
    /// It is accepted with warnings and audit annotations; its pods will be rejected.
    #[default]
    Warn,
    /// It is rejected itself.
    Enforce,
}

/// What happens to updates of workloads that violate the enforced policy, where these are rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Updates {
    /// They are judged like new workloads.
    #[default]
    Judge,
    /// They are accepted if they bring nothing that was not found before.
    AllowExisting,
}

/// The checks that can be satisfied by filling in a field, as words of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HardenableCheck;

impl Keyword for HardenableCheck {
    const NOUN: &'static str = "check that can be hardened";

    fn keyword_at(index: u32) -> Option<&'static str> {
        CHECKS.iter().filter(|check| check.fills.is_some()).map(|check| check.id).nth(usize::try_from(index).ok()?)
    }
}

/// A choice that is written as a string. The empty string is none: Rancher's form sends it for what
/// was cleared again, and Kubernetes takes it for none in a PodSecurityConfiguration too.
macro_rules! choice {
    ($(#[$about:meta])* $Choice:ident, $wanted:literal) => {
        $(#[$about])*
        #[derive(Debug, Default, Clone, PartialEq, Eq)]
        pub struct $Choice<'a>(Text<'a>);

        impl $Choice<'_> {
            fn written(&self) -> Option<&str> {
                (!self.0.is_empty()).then_some(self.0.as_ref())
            }
        }

        impl<'de> FromJson<'de> for $Choice<'de> {
            fn expected(&self) -> &'static str {
                $wanted
            }

            fn text(&mut self, value: Text<'de>, _: Context<'_>) {
                self.0 = value;
            }
        }
    };
}

choice!(
    /// The name of a level.
    LevelName,
    "one of privileged, baseline, restricted"
);
choice!(
    /// The name of a version.
    VersionName,
    "\"latest\" or a minor version of Kubernetes such as \"v1.34\", in quotation marks"
);
choice!(
    /// What the labels of a namespace mean.
    NamespaceLabelsName,
    "one of ignore, honor, tighten, set"
);
choice!(
    /// What happens to labels with a typo.
    LabelTyposName,
    "one of ignore, warn"
);
choice!(
    /// What happens to updates of workloads.
    UpdatesName,
    "one of judge, allow-existing"
);
choice!(
    /// What happens to workloads.
    WorkloadsName,
    "one of warn, enforce"
);

view! {
    /// Settings as they are written.
    pub struct RawSettings<'a>, strict {
        /// The level of all three modes.
        "level" => level: LevelName<'a>,
        /// The version of all three modes.
        "version" => version: VersionName<'a>,
        /// A level and a version for each mode.
        "defaults" => defaults: Option<Defaults<'a>>,
        /// What is not judged.
        "exemptions" => exemptions: Exemptions<'a>,
        /// What the labels of a namespace mean.
        "namespaceLabels" => namespace_labels: NamespaceLabelsName<'a>,
        /// What happens to labels with a typo.
        "labelTypos" => label_typos: LabelTyposName<'a>,
        /// What happens to workloads.
        "workloads" => workloads: WorkloadsName<'a>,
        /// What happens to updates of workloads.
        "updates" => updates: UpdatesName<'a>,
        /// The checks for which missing fields are filled in.
        "harden" => harden: Set<HardenableCheck>,
        /// Whether the audit log is told every finding.
        "details" => details: bool,
        /// `apiVersion` of a PodSecurityConfiguration.
        "apiVersion" => api_version: Option<Text<'a>>,
        /// `kind` of a PodSecurityConfiguration.
        "kind" => kind: Option<Text<'a>>,
    }
}

view! {
    /// The defaults of a PodSecurityConfiguration. An empty value is as good as none.
    pub struct Defaults<'a>, strict {
        /// Level to enforce.
        "enforce" => enforce: LevelName<'a>,
        /// Version of the enforced level.
        "enforce-version" => enforce_version: VersionName<'a>,
        /// Level to audit.
        "audit" => audit: LevelName<'a>,
        /// Version of the audited level.
        "audit-version" => audit_version: VersionName<'a>,
        /// Level to warn of.
        "warn" => warn: LevelName<'a>,
        /// Version of the level to warn of.
        "warn-version" => warn_version: VersionName<'a>,
    }
}

/// Settings that cannot be used: all that is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsError {
    /// They are not JSON.
    Syntax(SyntaxError),
    /// They are not settings: each mistake, in the order in which it was found.
    Errors(Vec<FieldError>),
}

impl fmt::Display for SettingsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingsError::Syntax(broken) => write!(out, "the settings are not JSON: {broken}"),
            SettingsError::Errors(mistakes) => match mistakes.as_slice() {
                [mistake] => mistake.fmt(out),
                _ => {
                    write!(out, "{} mistakes:", mistakes.len())?;
                    mistakes.iter().try_for_each(|mistake| write!(out, "\n- {mistake}"))
                }
            },
        }
    }
}

impl<'a> Settings<'a> {
    /// Reads settings from JSON.
    ///
    /// # Errors
    /// Every mistake at once, each with its path and what would be right.
    pub fn parse(json: &'a [u8]) -> Result<Settings<'a>, SettingsError> {
        let text = json::from_utf8(json).map_err(SettingsError::Syntax)?;
        let mut reading = UncheckedSettings::default();
        json::read(text, "", &ErrorSink::default(), &mut reading).map_err(SettingsError::Syntax)?;
        validate(&mut reading, "")
    }
}

/// Settings as they were read: as written, with all that does not fit.
pub(crate) type UncheckedSettings<'a> = Collected<RawSettings<'a>, true>;

/// The settings, taken out of what was read, or all that is wrong with them. `root` is the path that they stand at.
pub(crate) fn validate<'a>(reading: &mut UncheckedSettings<'a>, root: &str) -> Result<Settings<'a>, SettingsError> {
    let Collected { value: written, errors: mistakes } = reading;
    let notes = ErrorSink::default();
    let root = Path::root(root);
    let validation = Validation { notes: &notes };
    // A mistake at one of these may be all that is the matter with the policy: a mistyped key say.
    let policy_mistaken = mistakes.iter().any(|mistake| {
        let key = mistake.path.strip_prefix(&root.to_string()).unwrap_or_default().trim_start_matches('.');
        let key = key.split(['.', '[']).next().unwrap_or_default();
        matches!(key, "level" | "defaults" | "namespaceLabels") || !RawSettings::default().keys().0.contains(&key)
    });
    let defaults = validation.policy(&root, written, policy_mistaken);
    let namespace_labels = validation.choice(
        &root.key("namespaceLabels"),
        written.namespace_labels.written(),
        &["ignore", "honor", "tighten", "set"],
        &[NamespaceLabels::Ignore, NamespaceLabels::Honor, NamespaceLabels::Tighten, NamespaceLabels::Set],
    );
    let label_typos = match written.label_typos.written() {
        None if namespace_labels.only_tighten() => LabelTypos::Warn,
        written => validation.choice(&root.key("labelTypos"), written, &["ignore", "warn"], &[LabelTypos::Ignore, LabelTypos::Warn]),
    };
    let workloads = validation.choice(
        &root.key("workloads"),
        written.workloads.written(),
        &["warn", "enforce"],
        &[Workloads::Warn, Workloads::Enforce],
    );
    let updates = validation.choice(
        &root.key("updates"),
        written.updates.written(),
        &["judge", "allow-existing"],
        &[Updates::Judge, Updates::AllowExisting],
    );
    // Of a policy that is mistaken itself nobody knows which checks it runs.
    let is_fixed = namespace_labels == NamespaceLabels::Ignore && !policy_mistaken && notes.is_empty();
    written.exemptions.check(&validation, &root.key("exemptions"), is_fixed.then_some(&defaults));
    if written.defaults.is_some() || written.kind.is_some() {
        let says_nothing = defaults.is_privileged() && namespace_labels == NamespaceLabels::Ignore;
        if says_nothing && !policy_mistaken && written.level.written().is_none() {
            notes.add(&root.key("defaults"), &|| {
                "every mode is privileged, so nothing would ever be rejected, audited or warned of; set enforce, audit or warn to baseline \
                     or restricted, or namespaceLabels to honor"
                    .to_owned()
            });
        }
    }
    // What is of the wrong type was read as empty, and is explained once.
    let further = notes.into_errors().into_iter().filter(|note| !mistakes.iter().any(|mistake| mistake.path == note.path)).collect();
    let mistakes = [std::mem::take(mistakes), further].concat();
    if mistakes.is_empty() {
        let (exemptions, harden, details) = (std::mem::take(&mut written.exemptions), std::mem::take(&mut written.harden), written.details);
        return Ok(Settings { defaults, exemptions, namespace_labels, label_typos, workloads, updates, harden, details });
    }
    Err(SettingsError::Errors(mistakes))
}

#[cfg(test)]
mod tests;
