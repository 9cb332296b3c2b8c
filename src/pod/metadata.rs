//! The metadata of an object, as far as the standards and admission read it.

use std::borrow::Cow;
use std::collections::HashSet;

use crate::json::{Context, Elements, Entries, Read, Stop, Text, each_element, view};

/// Prefix of the annotations that set a container's AppArmor profile; the container's name follows.
pub const APPARMOR_ANNOTATION_PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";
/// The annotation that set a pod's seccomp profile before Kubernetes 1.19.
pub const SECCOMP_POD_ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
/// Prefix of the annotations that set a container's seccomp profile before Kubernetes 1.19.
pub const SECCOMP_CONTAINER_ANNOTATION_PREFIX: &str = "container.seccomp.security.alpha.kubernetes.io/";

view! {
    /// The metadata of an object.
    pub struct Metadata<'a> {
        /// `name`; empty until the API server makes one from `generateName`.
        "name" => name: Text<'a>,
        /// `annotations`, those of AppArmor and seccomp.
        "annotations" => annotations: Annotations<'a>,
        /// `labels`, those of Pod Security Admission.
        "labels" => labels: Labels<'a>,
        /// `ownerReferences`: the owner that controls the object.
        "ownerReferences" => controller: Controller<'a>,
    }
}

view! {
    /// The labels of a namespace that set its policy.
    pub struct Labels<'a> {
        /// Level to enforce.
        "pod-security.kubernetes.io/enforce" => enforce: Label<'a>,
        /// Version of the enforced level.
        "pod-security.kubernetes.io/enforce-version" => enforce_version: Label<'a>,
        /// Level to audit.
        "pod-security.kubernetes.io/audit" => audit: Label<'a>,
        /// Version of the audited level.
        "pod-security.kubernetes.io/audit-version" => audit_version: Label<'a>,
        /// Level to warn of.
        "pod-security.kubernetes.io/warn" => warn: Label<'a>,
        /// Version of the level to warn of.
        "pod-security.kubernetes.io/warn-version" => warn_version: Label<'a>,
    }
}

impl Labels<'_> {
    /// The same labels, of their own.
    pub fn into_owned(self) -> Labels<'static> {
        let owned = |label: Label<'_>| Label(label.0.map(|value| Cow::Owned(value.into_owned())));
        Labels {
            enforce: owned(self.enforce),
            enforce_version: owned(self.enforce_version),
            audit: owned(self.audit),
            audit_version: owned(self.audit_version),
            warn: owned(self.warn),
            warn_version: owned(self.warn_version),
        }
    }
}

/// The value of a label, if the label is there. A `null` is the empty string, as for Go.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Label<'a>(pub Option<Text<'a>>);

impl<'de> Read<'de> for Label<'de> {
    fn wanted(&self) -> &'static str {
        "a string"
    }

    fn null(&mut self) {
        self.0 = Some(Cow::Borrowed(""));
    }

    fn text(&mut self, value: Text<'de>, _: Context<'_>) {
        self.0 = Some(value);
    }
}

/// The annotations that some check reads, in the order of the object.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Annotations<'a>(Vec<(Text<'a>, Text<'a>)>);

impl Annotations<'_> {
    /// The value of an annotation.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(present, _)| *present == key).map(|(_, value)| value)
    }

    /// Keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }
}

impl<'de> Read<'de> for Annotations<'de> {
    fn wanted(&self) -> &'static str {
        "an object"
    }

    fn object(&mut self, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Stop> {
        while let Some(key) = entries.key(cx)? {
            if !(key.starts_with(APPARMOR_ANNOTATION_PREFIX)
                || key.starts_with(SECCOMP_CONTAINER_ANNOTATION_PREFIX)
                || key == SECCOMP_POD_ANNOTATION)
            {
                entries.skip(cx)?;
                continue;
            }
            let at = cx.at.key(&key);
            let mut value = Text::default();
            entries.value(&mut value, cx.at(&at))?;
            self.0.push((key, value));
        }
        let mut keys = HashSet::new();
        for (key, _) in self.iter() {
            if !keys.insert(key) {
                cx.at(&cx.at.key(key)).note_duplicate();
            }
        }
        Ok(())
    }
}

/// The UID of the owner that controls an object: the first with `controller: true`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Controller<'a>(pub Option<Text<'a>>);

impl<'de> Read<'de> for Controller<'de> {
    fn wanted(&self) -> &'static str {
        "an array"
    }

    fn array(&mut self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Stop> {
        each_element(elements, cx, |_, owner: OwnerReference<'de>| {
            if owner.controller && self.0.is_none() {
                self.0 = Some(owner.uid);
            }
        })
    }
}

view! {
    /// An owner of an object.
    pub struct OwnerReference<'a> {
        /// `uid`.
        "uid" => uid: Text<'a>,
        /// `controller`: whether it is the one that manages the object.
        "controller" => controller: bool,
    }
}
