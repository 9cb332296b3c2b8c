//! The policy's settings: what may be written, and everything that is wrong with what was.
//!
//! There are two forms. The short one has `level` and `version`; the other is the body of Kubernetes'
//! own PodSecurityConfiguration, so that one can be moved over as it is. Whatever is not known here
//! is a mistake: a typo in `exemptions` must not silently exempt nothing.
//!
//! Source: `admission/api/v1/types.go` and `admission/api/validation/validation.go` of
//! k8s.io/pod-security-admission.

#![forbid(unsafe_code)]

mod policy;

pub use policy::Policy;

use std::fmt;

use crate::json::{self, Broken, Context, Held, Notes, Path, Problem, Read, Text, View, view};
use crate::standards::{Level, LevelVersion, Version};
use crate::suggest::did_you_mean;

/// Valid settings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings<'a> {
    /// The policy where no label overrides it.
    pub defaults: Policy,
    /// What is not judged.
    pub exemptions: Exemptions<'a>,
    /// What the labels of a namespace mean.
    pub namespace_labels: NamespaceLabels,
    /// What happens to workloads that violate the enforced policy.
    pub workloads: Workloads,
}

/// What the `pod-security.kubernetes.io/*` labels of a namespace mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum NamespaceLabels {
    /// Nothing: the settings decide alone.
    #[default]
    Ignore,
    /// They override the defaults, as in Kubernetes.
    Honor,
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

impl Settings<'_> {
    /// Whether the pods of a namespace are exempt. The empty name never is.
    pub fn exempts_namespace(&self, name: &str) -> bool {
        contains(&self.exemptions.namespaces, name)
    }

    /// Whether requests by a user are exempt. The empty name never is.
    pub fn exempts_user(&self, name: &str) -> bool {
        contains(&self.exemptions.usernames, name)
    }

    /// Whether the pods of a runtime class are exempt. The empty name never is.
    pub fn exempts_runtime_class(&self, name: &str) -> bool {
        contains(&self.exemptions.runtime_classes, name) || contains(&self.exemptions.runtime_class_names, name)
    }
}

fn contains(names: &[Text<'_>], name: &str) -> bool {
    !name.is_empty() && names.iter().any(|exempt| exempt == name)
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

        impl<'de> Read<'de> for $Choice<'de> {
            fn wanted(&self) -> &'static str {
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
    "one of ignore, honor"
);
choice!(
    /// What happens to workloads.
    WorkloadsName,
    "one of warn, enforce"
);

view! {
    /// Settings as they are written.
    pub struct Written<'a>, strict {
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
        /// What happens to workloads.
        "workloads" => workloads: WorkloadsName<'a>,
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

view! {
    /// What is not judged; each name exactly as it is.
    pub struct Exemptions<'a>, strict {
        /// Users whose requests for pods and workloads are exempt.
        "usernames" => usernames: Vec<Text<'a>>,
        /// Namespaces whose pods are exempt.
        "namespaces" => namespaces: Vec<Text<'a>>,
        /// Runtime classes whose pods are exempt.
        "runtimeClasses" => runtime_classes: Vec<Text<'a>>,
        /// The same, by the name that Kubernetes' documentation once used.
        "runtimeClassNames" => runtime_class_names: Vec<Text<'a>>,
    }
}

const KIND: &str = "PodSecurityConfiguration";
const API_VERSIONS: [&str; 3] = [
    "pod-security.admission.config.k8s.io/v1",
    "pod-security.admission.config.k8s.io/v1beta1",
    "pod-security.admission.config.k8s.io/v1alpha1",
];
const LEVELS: [&str; 3] = ["privileged", "baseline", "restricted"];

/// Settings that cannot be used: all that is wrong with them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Invalid {
    /// They are not JSON.
    Broken(Broken),
    /// They are not settings: each mistake, in the order in which it was found.
    Mistakes(Vec<Problem>),
}

impl fmt::Display for Invalid {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Invalid::Broken(broken) => write!(out, "the settings are not JSON: {broken}"),
            Invalid::Mistakes(mistakes) => match mistakes.as_slice() {
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
    pub fn parse(json: &'a [u8]) -> Result<Settings<'a>, Invalid> {
        let text = json::text(json).map_err(Invalid::Broken)?;
        let mut reading = Reading::default();
        json::read(text, "", &Notes::default(), &mut reading).map_err(Invalid::Broken)?;
        finish(reading, "")
    }
}

/// Settings as they were read: as written, with all that does not fit.
pub(crate) type Reading<'a> = Held<Written<'a>, true>;

/// The settings, or all that is wrong with them. `root` is the path that they stand at.
pub(crate) fn finish<'a>(reading: Reading<'a>, root: &str) -> Result<Settings<'a>, Invalid> {
    let Held { value: written, problems: mistakes } = reading;
    let notes = Notes::default();
    let root = Path::root(root);
    let checking = Checking { notes: &notes };
    // A mistake at one of these may be all that is the matter with the policy: a mistyped key say.
    let policy_mistaken = mistakes.iter().any(|mistake| {
        let key = mistake.path.strip_prefix(&root.to_string()).unwrap_or_default().trim_start_matches('.');
        let key = key.split(['.', '[']).next().unwrap_or_default();
        matches!(key, "level" | "defaults" | "namespaceLabels") || !Written::default().keys().0.contains(&key)
    });
    let defaults = checking.policy(&root, &written, policy_mistaken);
    let namespace_labels = checking.choice(
        &root.key("namespaceLabels"),
        written.namespace_labels.written(),
        &[("ignore", NamespaceLabels::Ignore), ("honor", NamespaceLabels::Honor)],
    );
    let workloads =
        checking.choice(&root.key("workloads"), written.workloads.written(), &[("warn", Workloads::Warn), ("enforce", Workloads::Enforce)]);
    checking.exemptions(&root.key("exemptions"), &written.exemptions);
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
    let further = notes.into_problems().into_iter().filter(|note| !mistakes.iter().any(|mistake| mistake.path == note.path)).collect();
    let mistakes = [mistakes, further].concat();
    if mistakes.is_empty() {
        return Ok(Settings { defaults, exemptions: written.exemptions, namespace_labels, workloads });
    }
    Err(Invalid::Mistakes(mistakes))
}

/// The checks that go beyond the types of values.
struct Checking<'n> {
    notes: &'n Notes,
}

impl Checking<'_> {
    fn policy(&self, root: &Path<'_>, written: &Written<'_>, policy_mistaken: bool) -> Policy {
        let Written { level, version, defaults, kind, api_version, .. } = written;
        if let Some(kind) = kind
            && kind != KIND
        {
            self.notes.add(&root.key("kind"), &|| format!("must be {KIND:?}, not {kind:?}"));
        }
        if let Some(api_version) = api_version
            && !API_VERSIONS.contains(&api_version.as_ref())
        {
            self.notes.add(&root.key("apiVersion"), &|| {
                format!("must be one of {}, not {api_version:?}{}", API_VERSIONS.join(", "), did_you_mean(api_version, &API_VERSIONS))
            });
        }
        let defaults = defaults.as_ref().map(|defaults| self.defaults(&root.key("defaults"), defaults));
        let version_written = version.written();
        if let Some(level) = level.written() {
            if defaults.is_some() {
                self.notes.add(&root.key("level"), &|| {
                    "cannot stand beside defaults: level sets all three modes alike, defaults sets each; keep one of them".to_owned()
                });
            }
            return Policy::uniform(LevelVersion {
                level: self.level(&root.key("level"), level),
                version: version_written.map_or(Version::Latest, |version| self.version(&root.key("version"), version)),
            });
        }
        if version_written.is_some() {
            self.notes.add(&root.key("version"), &|| {
                "needs level beside it; beside defaults use enforce-version, audit-version and warn-version there".to_owned()
            });
        }
        if defaults.is_none() && kind.is_none() && version_written.is_none() && !policy_mistaken {
            self.notes.add(&root.key("level"), &|| {
                "missing; set level to one of privileged, baseline, restricted, or set defaults for each mode by itself".to_owned()
            });
        }
        defaults.unwrap_or_default()
    }

    fn defaults(&self, at: &Path<'_>, defaults: &Defaults<'_>) -> Policy {
        let mode =
            |level: &'static str, written_level: &LevelName<'_>, version: &'static str, written_version: &VersionName<'_>| LevelVersion {
                level: written_level.written().map_or(Level::Privileged, |written| self.level(&at.key(level), written)),
                version: written_version.written().map_or(Version::Latest, |written| self.version(&at.key(version), written)),
            };
        Policy {
            enforce: mode("enforce", &defaults.enforce, "enforce-version", &defaults.enforce_version),
            audit: mode("audit", &defaults.audit, "audit-version", &defaults.audit_version),
            warn: mode("warn", &defaults.warn, "warn-version", &defaults.warn_version),
        }
    }

    fn level(&self, at: &Path<'_>, written: &str) -> Level {
        Level::parse(written).unwrap_or_else(|| {
            self.notes.add(at, &|| format!("must be one of {}, not {written:?}{}", LEVELS.join(", "), did_you_mean(written, &LEVELS)));
            Level::Restricted
        })
    }

    fn version(&self, at: &Path<'_>, written: &str) -> Version {
        Version::parse(written).unwrap_or_else(|| {
            self.notes.add(at, &|| format!("must be \"latest\" or a minor version of Kubernetes such as \"v1.34\", not {written:?}"));
            Version::Latest
        })
    }

    fn choice<T: Copy + Default>(&self, at: &Path<'_>, written: Option<&str>, choices: &[(&str, T)]) -> T {
        let Some(written) = written else { return T::default() };
        match choices.iter().find(|(name, _)| *name == written) {
            Some((_, choice)) => *choice,
            None => {
                let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
                self.notes.add(at, &|| format!("must be one of {}, not {written:?}{}", names.join(", "), did_you_mean(written, &names)));
                T::default()
            }
        }
    }

    fn exemptions(&self, at: &Path<'_>, exemptions: &Exemptions<'_>) {
        let Exemptions { usernames, namespaces, runtime_classes, runtime_class_names } = exemptions;
        self.names(&at.key("usernames"), usernames, |name| (!name.is_empty()).then_some(()).ok_or("must not be empty"));
        self.names(&at.key("namespaces"), namespaces, dns_label);
        self.names(&at.key("runtimeClasses"), runtime_classes, dns_subdomain);
        self.names(&at.key("runtimeClassNames"), runtime_class_names, dns_subdomain);
        if !runtime_classes.is_empty() && !runtime_class_names.is_empty() {
            self.notes.add(&at.key("runtimeClassNames"), &|| "is another name of runtimeClasses; keep one of them".to_owned());
        }
    }

    fn names(&self, at: &Path<'_>, names: &[Text<'_>], valid: impl Fn(&str) -> Result<(), &'static str>) {
        for (index, name) in names.iter().enumerate() {
            if let Err(rule) = valid(name) {
                self.notes.add(&at.index(index), &|| format!("{rule}, not {name:?}"));
            } else if names.iter().take(index).any(|before| before == name) {
                self.notes.add(&at.index(index), &|| format!("{name:?} stands in the list already"));
            }
        }
    }
}

/// As Kubernetes wants a namespace's name (RFC 1123).
fn dns_label(name: &str) -> Result<(), &'static str> {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let inside = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
    if inside && name.len() <= 63 && ends(name.bytes().next()) && ends(name.bytes().last()) {
        return Ok(());
    }
    Err("must be a name of at most 63 lower-case letters, digits and '-', with a letter or digit at both ends")
}

/// As Kubernetes wants a runtime class's name (RFC 1123). Its parts may be longer than 63.
fn dns_subdomain(name: &str) -> Result<(), &'static str> {
    let ends = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let part = |part: &str| {
        part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            && ends(part.bytes().next())
            && ends(part.bytes().last())
    };
    if name.len() <= 253 && name.split('.').all(part) {
        return Ok(());
    }
    Err("must be a name of at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at the ends of each part")
}

#[cfg(test)]
mod tests;
