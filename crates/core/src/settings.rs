//! The policy's settings: their types, deserialization and validation.
//!
//! There are two forms. The short form has `level` and `version`; the other is the body of Kubernetes' own
//! PodSecurityConfiguration, so that an existing one can be used unchanged. Unknown keys are errors: a typo in
//! `exemptions` must not silently exempt nothing.
//!
//! Source: `admission/api/v1/types.go` and `admission/api/validation/validation.go` of k8s.io/pod-security-admission;
//! the extensions are described in docs/beyond-built-in.md.

mod circumstances;
mod coverage;
mod exemptions;
mod harden;
mod names;
mod policy;
mod rule;
mod rules;
mod selector;
mod set;
mod validation;

pub use circumstances::{Circumstances, Expiry, RequestOperation, Requester, Validity};
pub use coverage::RuledPod;
pub use exemptions::{Exemption, Exemptions};
pub use harden::{Harden, HardenableCheck, RawHarden};
pub use policy::Policy;
pub use rule::{AnyCheck, Rule};
pub use rules::Rules;
pub use selector::{Requirement, Selector, Terms};
pub use set::{Flag, Keyword, Names, Set, index_of};
use validation::Validation;

use std::fmt;

use crate::json::{self, Aborted, Collected, Context, ErrorSink, FieldError, FromJson, Input, KeysOf as _, Path, SyntaxError, Text, view};
use crate::suggest::must_be_one_of;

/// Valid settings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings<'a> {
    /// The policy where labels do not override it.
    pub defaults: Policy,
    /// The requests, pods and findings that are exempt.
    pub exemptions: Exemptions<'a>,
    /// How the labels of a namespace change the policy.
    pub namespace_labels: NamespaceLabels,
    /// Whether unknown labels with the prefix of the known ones cause a warning.
    pub label_typos: LabelTypos,
    /// What is evaluated when the labels of a namespace enforce another policy.
    pub existing: Existing,
    /// The action for workloads that violate the enforced policy.
    pub workloads: Workloads,
    /// The action for updates of such workloads.
    pub updates: Updates,
    /// The checks whose unset fields the policy sets.
    pub harden: Harden,
    /// Whether every finding is added to the audit annotations.
    pub details: bool,
    /// Where users get help, such as a URL or a channel; it is appended to rejections and warnings. Empty if it is not set.
    pub help: Text<'a>,
}

/// How the `pod-security.kubernetes.io/*` labels of a namespace change the policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NamespaceLabels {
    /// They are ignored.
    #[default]
    Ignore,
    /// They override the defaults, as in Kubernetes.
    Honor,
    /// They apply in addition to the defaults, so that they can only make the policy stricter.
    Tighten,
    /// As `Tighten`, and the policy sets labels on namespaces that are as strict as the defaults.
    Set,
}

impl NamespaceLabels {
    /// Whether the defaults always apply, whatever the labels are.
    pub fn only_tighten(self) -> bool {
        matches!(self, NamespaceLabels::Tighten | NamespaceLabels::Set)
    }
}

/// The action for labels with the prefix of Pod Security Admission that it does not know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LabelTypos {
    /// None, as in Kubernetes.
    #[default]
    Ignore,
    /// The user who sets one is warned.
    Warn,
}

/// The existing objects of a namespace that are evaluated when its labels enforce another policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Existing {
    /// Its pods, as in Kubernetes.
    #[default]
    Pods,
    /// Its pods, and the templates of its workloads.
    Workloads,
}

/// Deserialized at once, because its name would need more of the stack, of which a request for a small pod fills a page.
impl<'de> FromJson<'de> for Existing {
    const EXPECTED: &'static str = "one of pods, workloads";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        let Some(value) = input.text(Self::EXPECTED, cx)? else { return Ok(()) };
        match value.as_ref() {
            "" => {}
            "pods" => *self = Existing::Pods,
            "workloads" => *self = Existing::Workloads,
            _ => cx.report(&|| must_be_one_of(&["pods", "workloads"], &value)),
        }
        Ok(())
    }
}

/// The action for a Deployment, Job or other workload whose pods would violate the enforced policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Workloads {
    /// The workload is accepted with warnings and audit annotations. Its pods will be rejected.
    #[default]
    Warn,
    /// The workload is rejected.
    Enforce,
}

/// The action for updates of workloads that violate the enforced policy, if such workloads are rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Updates {
    /// Updates are evaluated like new workloads.
    #[default]
    Judge,
    /// Updates without new violations are accepted.
    AllowExisting,
}

/// Declares a setting with one of some names. The empty string is the same as unset: Rancher's form sends it for a field
/// that was cleared, and Kubernetes treats it so in a PodSecurityConfiguration.
macro_rules! choice {
    ($(#[$attribute:meta])* $Choice:ident, $expected:literal) => {
        $(#[$attribute])*
        #[derive(Debug, Default, Clone, PartialEq, Eq)]
        pub struct $Choice<'a>(Text<'a>);

        impl $Choice<'_> {
            fn get(&self) -> Option<&str> {
                (!self.0.is_empty()).then_some(self.0.as_ref())
            }
        }

        impl<'de> FromJson<'de> for $Choice<'de> {
            const EXPECTED: &'static str = $expected;

            fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
                if let Some(value) = input.text(Self::EXPECTED, cx)? {
                    self.0 = value;
                }
                Ok(())
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
    /// The name of a [`NamespaceLabels`].
    NamespaceLabelsName,
    "one of ignore, honor, tighten, set"
);
choice!(
    /// The name of a [`LabelTypos`].
    LabelTyposName,
    "one of ignore, warn"
);
choice!(
    /// The name of an [`Updates`].
    UpdatesName,
    "one of judge, allow-existing"
);
choice!(
    /// The name of a [`Workloads`].
    WorkloadsName,
    "one of warn, enforce"
);

view! {
    /// Settings as deserialized, before validation.
    pub struct RawSettings<'a>, strict {
        /// The level of all three modes.
        "level" => level: LevelName<'a>,
        /// The version of all three modes.
        "version" => version: VersionName<'a>,
        /// A level and a version for each mode. In a box, because the settings are on the stack while the request is deserialized.
        "defaults" => defaults: Option<Box<Defaults<'a>>>,
        /// The requests, pods and findings that are exempt.
        "exemptions" => exemptions: Exemptions<'a>,
        /// How the labels of a namespace change the policy.
        "namespaceLabels" => namespace_labels: NamespaceLabelsName<'a>,
        /// The action for unknown labels.
        "labelTypos" => label_typos: LabelTyposName<'a>,
        /// What is evaluated when labels enforce another policy.
        "existing" => existing: Existing,
        /// The action for workloads.
        "workloads" => workloads: WorkloadsName<'a>,
        /// The action for updates of workloads.
        "updates" => updates: UpdatesName<'a>,
        /// The checks whose unset fields the policy sets.
        "harden" => harden: RawHarden,
        /// Whether every finding is added to the audit annotations.
        "details" => details: bool,
        /// Where users get help.
        "help" => help: Text<'a>,
        /// `apiVersion` of a PodSecurityConfiguration.
        "apiVersion" => api_version: Option<Text<'a>>,
        /// `kind` of a PodSecurityConfiguration.
        "kind" => kind: Option<Text<'a>>,
    }
}

view! {
    /// The defaults of a PodSecurityConfiguration. An empty value is the same as unset.
    pub struct Defaults<'a>, strict {
        /// Level to enforce.
        "enforce" => enforce: LevelName<'a>,
        /// Version of the enforced level.
        "enforce-version" => enforce_version: VersionName<'a>,
        /// Level to audit.
        "audit" => audit: LevelName<'a>,
        /// Version of the audited level.
        "audit-version" => audit_version: VersionName<'a>,
        /// Level to warn about.
        "warn" => warn: LevelName<'a>,
        /// Version of the level to warn about.
        "warn-version" => warn_version: VersionName<'a>,
    }
}

/// The errors of invalid settings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SettingsError {
    /// The settings are not JSON.
    Syntax(SyntaxError),
    /// All errors.
    Errors {
        /// The first errors, in the order in which they were found; at least one, and at most [`json::MAX_EXPLAINED`].
        first: Vec<FieldError>,
        /// The number of others.
        more: usize,
    },
}

impl SettingsError {
    /// Returns the errors one by one. The last one gives the number of others, if there are any.
    pub fn into_errors(self) -> Vec<FieldError> {
        match self {
            SettingsError::Syntax(SyntaxError { path, message }) => vec![FieldError { path, message }],
            SettingsError::Errors { mut first, more } => {
                if more > 0 {
                    first.push(FieldError { path: String::new(), message: format!("and {more} more") });
                }
                first
            }
        }
    }
}

impl fmt::Display for SettingsError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SettingsError::Syntax(error) => write!(out, "the settings are not JSON: {error}"),
            SettingsError::Errors { first, more } => match (first.as_slice(), more) {
                ([error], 0) => error.fmt(out),
                _ => {
                    write!(out, "{} mistakes:", first.len() + more)?;
                    first.iter().try_for_each(|error| write!(out, "\n- {error}"))?;
                    if *more > 0 { write!(out, "\n- and {more} more") } else { Ok(()) }
                }
            },
        }
    }
}

impl<'a> Settings<'a> {
    /// Deserializes and validates settings.
    ///
    /// # Errors
    /// All errors at once, each with its path and the valid values.
    pub fn parse(json: &'a [u8]) -> Result<Settings<'a>, SettingsError> {
        let text = json::from_utf8(json).map_err(SettingsError::Syntax)?;
        let mut unchecked = UncheckedSettings::default();
        json::read(text, "", &ErrorSink::default(), &mut unchecked).map_err(SettingsError::Syntax)?;
        validate(&mut unchecked, "")
    }
}

/// Deserialized settings with all type errors.
pub type UncheckedSettings<'a> = Collected<RawSettings<'a>, true>;

/// Validates deserialized settings and moves them out. `root` is their path, for errors.
///
/// # Errors
/// All type errors, and all errors of the validation.
pub fn validate<'a>(unchecked: &mut UncheckedSettings<'a>, root: &str) -> Result<Settings<'a>, SettingsError> {
    let Collected { value: raw, errors: type_errors } = unchecked;
    let sink = ErrorSink::default();
    let root = Path::root(root);
    let validation = Validation { errors: &sink };
    // After an error at one of these keys, or at an unknown one that may be meant for them, the policy is not known.
    let is_policy_invalid = type_errors.iter().any(|error| {
        let key = error.path.strip_prefix(&root.to_string()).unwrap_or_default().trim_start_matches('.');
        let key = key.split(['.', '[']).next().unwrap_or_default();
        matches!(key, "level" | "defaults" | "namespaceLabels") || !RawSettings::key_names().any(|name| name == key)
    });
    let defaults = validation.policy(&root, raw, is_policy_invalid);
    let namespace_labels = validation.choice(
        &root.key("namespaceLabels"),
        raw.namespace_labels.get(),
        &["ignore", "honor", "tighten", "set"],
        &[NamespaceLabels::Ignore, NamespaceLabels::Honor, NamespaceLabels::Tighten, NamespaceLabels::Set],
    );
    let label_typos = match raw.label_typos.get() {
        None if namespace_labels.only_tighten() => LabelTypos::Warn,
        name => validation.choice(&root.key("labelTypos"), name, &["ignore", "warn"], &[LabelTypos::Ignore, LabelTypos::Warn]),
    };
    let existing = raw.existing;
    if existing == Existing::Workloads && matches!(raw.namespace_labels.get(), None | Some("ignore")) && !is_policy_invalid {
        sink.add(&root.key("existing"), &|| {
            "has no effect with namespaceLabels: ignore, with which labels change no level; set namespaceLabels to honor, tighten or set, \
             or leave existing out"
                .to_owned()
        });
    }
    let workloads =
        validation.choice(&root.key("workloads"), raw.workloads.get(), &["warn", "enforce"], &[Workloads::Warn, Workloads::Enforce]);
    let updates =
        validation.choice(&root.key("updates"), raw.updates.get(), &["judge", "allow-existing"], &[Updates::Judge, Updates::AllowExisting]);
    validation.name(&root.key("help"), &raw.help, names::line(&raw.help));
    // With an invalid policy, or one that labels can change, the checks that run are not known.
    let is_fixed = namespace_labels == NamespaceLabels::Ignore && !is_policy_invalid && sink.is_empty();
    let fixed = is_fixed.then_some(&defaults);
    raw.exemptions.check(&validation, &root.key("exemptions"), fixed);
    raw.harden.check(&validation, &root.key("harden"), fixed);
    if raw.defaults.is_some() || raw.kind.is_some() {
        let has_no_effect = defaults.is_privileged() && namespace_labels == NamespaceLabels::Ignore;
        if has_no_effect && !is_policy_invalid && raw.level.get().is_none() {
            sink.add(&root.key("defaults"), &|| {
                "every mode is privileged, so nothing would ever be rejected, audited or warned of; set enforce, audit or warn to baseline \
                     or restricted, or namespaceLabels to honor"
                    .to_owned()
            });
        }
    }
    // A value with a type error has its zero value, which the validation may reject again.
    let mut further = sink.into_all();
    if type_errors.len() < json::MAX_EXPLAINED {
        further.retain(|error| !type_errors.iter().any(|other| other.path == error.path));
    } else {
        // They would not be explained, and to find out which are new takes too long.
        further.clear();
    }
    let mut errors = std::mem::take(type_errors);
    errors.append(&mut further);
    // Only the first errors of both have messages.
    let explained = errors.iter().take(json::MAX_EXPLAINED).take_while(|error| !error.message.is_empty()).count();
    let more = errors.len() - explained;
    errors.truncate(explained);
    if errors.is_empty() {
        let (exemptions, harden, details) = (std::mem::take(&mut raw.exemptions), std::mem::take(&mut raw.harden.value), raw.details);
        let help = std::mem::take(&mut raw.help);
        return Ok(Settings { defaults, exemptions, namespace_labels, label_typos, existing, workloads, updates, harden, details, help });
    }
    Err(SettingsError::Errors { first: errors, more })
}

#[cfg(test)]
mod tests;
