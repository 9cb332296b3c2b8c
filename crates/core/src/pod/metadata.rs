//! The metadata of an object: the fields that the checks and admission read.

use std::borrow::Cow;

use crate::json::{Aborted, Context, FromJson, Input, Lazy, Text, each_duplicate, each_element, view};

/// Prefix of the annotations with a container's AppArmor profile; the container's name follows.
pub const APPARMOR_ANNOTATION_PREFIX: &str = "container.apparmor.security.beta.kubernetes.io/";
/// The annotation with a pod's seccomp profile, before Kubernetes 1.19.
pub const SECCOMP_POD_ANNOTATION: &str = "seccomp.security.alpha.kubernetes.io/pod";
/// Prefix of the annotations with a container's seccomp profile, before Kubernetes 1.19; the container's name follows.
pub const SECCOMP_CONTAINER_ANNOTATION_PREFIX: &str = "container.seccomp.security.alpha.kubernetes.io/";

/// Prefix of the labels of Pod Security Admission, which mean nothing as annotations.
pub const LABEL_PREFIX: &str = "pod-security.kubernetes.io/";

/// The name of the container that an annotation is about; `None` if it is about the pod.
pub fn annotated_container(key: &str) -> Option<&str> {
    key.strip_prefix(APPARMOR_ANNOTATION_PREFIX).or_else(|| key.strip_prefix(SECCOMP_CONTAINER_ANNOTATION_PREFIX))
}

view! {
    /// The metadata of an object.
    pub struct Metadata<'a> {
        /// `name`; empty until the API server generates one from `generateName`.
        "name" => name: Text<'a>,
        /// `uid`; empty until the API server stores the object.
        "uid" => uid: Text<'a>,
        /// `annotations`: those of AppArmor and seccomp, and those with keys of Pod Security's labels.
        "annotations" => annotations: Annotations<'a>,
        /// `labels`.
        "labels" => labels: Lazy<'a, Labels<'a>>,
        /// `deletionTimestamp`; empty unless the object is being deleted.
        "deletionTimestamp" => deletion_timestamp: Text<'a>,
        /// `ownerReferences`: the controller of the object.
        "ownerReferences" => controller: Controller<'a>,
    }
}

/// The labels of an object, as pairs of key and value in the order of the object. A value `null` is the empty string, as in
/// Go.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Labels<'a>(pub Vec<(Text<'a>, Text<'a>)>);

impl Labels<'_> {
    /// The value of a label, if it is set.
    pub fn get(&self, key: &str) -> Option<&str> {
        value_of(&self.0, key)
    }

    /// The same labels, not borrowed.
    pub fn into_owned(self) -> Labels<'static> {
        let owned = |text: Text<'_>| Cow::Owned(text.into_owned());
        Labels(self.0.into_iter().map(|(key, value)| (owned(key), owned(value))).collect())
    }
}

impl<'de> FromJson<'de> for Labels<'de> {
    const EXPECTED: &'static str = "an object";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        read_texts(&mut self.0, &|_| true, input, cx)
    }
}

fn value_of<'t>(entries: &'t [(Text<'_>, Text<'_>)], key: &str) -> Option<&'t str> {
    entries.iter().find(|(present, _)| present == key).map(|(_, value)| value.as_ref())
}

/// Deserializes the entries of an object of strings whose keys fulfil `is_read`, and appends them to `into`.
fn read_texts<'de, I: Input<'de>>(
    into: &mut Vec<(Text<'de>, Text<'de>)>,
    is_read: &dyn Fn(&str) -> bool,
    input: &mut I,
    cx: Context<'_>,
) -> Result<(), Aborted> {
    if !input.object("an object", cx)? {
        return Ok(());
    }
    while let Some(key) = input.next_key(cx)? {
        if !is_read(&key) {
            input.skip(cx)?;
            continue;
        }
        let at = cx.at.key(&key);
        let cx = cx.at(&at);
        let mut value = Text::default();
        value.read(input, cx)?;
        if into.capacity() == 0 {
            // Most objects have at most 8, and then this is the only allocation.
            into.reserve(8);
        }
        into.push((key, value));
    }
    each_duplicate(&|index| into.get(index).map(|(key, _)| key.as_ref()), &mut |_, key| cx.at(&cx.at.key(key)).report_duplicate());
    Ok(())
}

/// The annotations that a check or a warning reads, in the order of the object.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Annotations<'a>(Vec<(Text<'a>, Text<'a>)>);

impl Annotations<'_> {
    /// The value of an annotation, if it is set and one of these.
    pub fn get(&self, key: &str) -> Option<&str> {
        value_of(&self.0, key)
    }

    /// The keys and values.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }
}

impl<'de> FromJson<'de> for Annotations<'de> {
    const EXPECTED: &'static str = "an object";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        let is_read = |key: &str| {
            key.starts_with(APPARMOR_ANNOTATION_PREFIX)
                || key.starts_with(SECCOMP_CONTAINER_ANNOTATION_PREFIX)
                || key == SECCOMP_POD_ANNOTATION
                || key.starts_with(LABEL_PREFIX)
        };
        read_texts(&mut self.0, &is_read, input, cx)
    }
}

/// The UID of the controller of an object: the first owner with `controller: true`.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Controller<'a>(pub Option<Text<'a>>);

impl<'de> FromJson<'de> for Controller<'de> {
    const EXPECTED: &'static str = "an array";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        each_element(input, cx, |_, owner: OwnerReference<'de>| {
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
        /// `controller`: whether the owner is the controller of the object.
        "controller" => controller: bool,
    }
}
