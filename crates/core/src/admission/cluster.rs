//! Lookups of admission in the cluster.

use std::borrow::Cow;
use std::fmt;

use super::request::{Workload, first_error};
use crate::date::Date;
use crate::json::{
    self, Aborted, Collected, Context, ErrorSink, FieldError, FromJson, Input, Key, SyntaxError, each_element, next_field, view,
};
use crate::pod::{Labels, Metadata, Object};

/// Lookups in the cluster: with the host calls of Kubewarden, in a recording, or in the options of a review.
pub trait Cluster {
    /// Returns a namespace as JSON, with at least its metadata.
    ///
    /// # Errors
    /// If it cannot be looked up.
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError>;

    /// Returns the labels of a namespace.
    ///
    /// # Errors
    /// If the namespace cannot be looked up, or its labels cannot be parsed.
    fn labels(&self, namespace: &str) -> Result<Labels<'static>, LookupError> {
        let json = self.namespace(namespace)?;
        let labels = read_labels(&json)?;
        Ok(labels.into_owned())
    }

    /// Returns the pods of a namespace, as the JSON of a list with `items`.
    ///
    /// # Errors
    /// If they cannot be listed.
    fn pods(&self, namespace: &str) -> Result<Vec<u8>, LookupError>;

    /// Returns the workloads of one kind in a namespace, as the JSON of a list with `items`. The setting `existing: workloads` needs
    /// them.
    ///
    /// # Errors
    /// If they cannot be listed.
    fn workloads(&self, _workload: &'static Workload, _namespace: &str) -> Result<Vec<u8>, LookupError> {
        Err(NO_CLUSTER.into())
    }

    /// Returns the time of a monotonic clock in milliseconds.
    fn millis(&self) -> u64;

    /// Returns the date in UTC; `None` without a clock. Rules with an end do not hold then.
    fn today(&self) -> Option<Date> {
        None
    }
}

/// A lookup in the cluster that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookupError {
    /// The error, for the audit log.
    pub reason: String,
    /// The missing permission of the policy, if that is the reason. Messages to users include it, so that they can report it to
    /// an administrator.
    pub permission: Option<Permission>,
}

/// A permission that the policy lacks, as a sentence around what it may not read: one sentence can be about several lookups.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Permission {
    /// The text before it.
    pub before: &'static str,
    /// What the policy may not read, or do.
    pub missing: String,
    /// The text after it.
    pub after: &'static str,
}

impl fmt::Display for Permission {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Permission { before, missing, after } = self;
        write!(out, "{before}{missing}{after}")
    }
}

/// The error of lookups without a cluster.
const NO_CLUSTER: &str = "there is no cluster to ask";

impl From<&str> for LookupError {
    fn from(reason: &str) -> Self {
        LookupError { reason: reason.to_owned(), permission: None }
    }
}

impl From<MalformedResponse> for LookupError {
    fn from(malformed: MalformedResponse) -> Self {
        LookupError { reason: malformed.to_string(), permission: None }
    }
}

impl LookupError {
    /// Appends the missing permission, if there is one, to a message.
    pub(super) fn message(&self, message: String) -> String {
        match &self.permission {
            Some(permission) => format!("{message}: {permission}"),
            None => message,
        }
    }
}

/// No cluster: every lookup fails.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCluster;

impl Cluster for NoCluster {
    fn namespace(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Err(NO_CLUSTER.into())
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Err(NO_CLUSTER.into())
    }

    fn millis(&self) -> u64 {
        0
    }
}

view! {
    /// A namespace.
    struct Namespace<'a> {
        /// `metadata`.
        "metadata" => metadata: Option<Metadata<'a>>,
    }
}

/// A response of the cluster that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MalformedResponse {
    /// It is not JSON.
    Syntax(SyntaxError),
    /// A value in it has the wrong type.
    Field(FieldError),
}

impl fmt::Display for MalformedResponse {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the cluster's answer cannot be understood: ")?;
        match self {
            MalformedResponse::Syntax(error) => error.fmt(out),
            MalformedResponse::Field(error) => error.fmt(out),
        }
    }
}

/// Parses the labels of a namespace from JSON. A response without metadata is an error, so that it is not treated as a namespace
/// without labels.
///
/// # Errors
/// If the response is not JSON, has no metadata, or its labels have a wrong type.
pub fn read_labels(json: &[u8]) -> Result<Labels<'_>, MalformedResponse> {
    let mut namespace = Collected::<Namespace<'_>, false>::default();
    json::from_utf8(json)
        .and_then(|text| json::read(text, "", &ErrorSink::default(), &mut namespace))
        .map_err(MalformedResponse::Syntax)?;
    let Collected { value: Namespace { metadata }, mut errors } = namespace;
    match (metadata, errors.pop()) {
        (Some(metadata), None) => metadata.labels.read("metadata.labels").map(Cow::into_owned).map_err(MalformedResponse::Field),
        (_, Some(error)) => Err(MalformedResponse::Field(error)),
        (None, None) => Err(MalformedResponse::Field(FieldError { path: "metadata".to_owned(), message: "missing".to_owned() })),
    }
}

/// Parses a list of pods or of workloads and passes each on, so that not all of them are in memory beside the text.
///
/// # Errors
/// If the response is not JSON, or a value has a wrong type. `each` may have been called then.
pub(super) fn each_object<'a>(json: &'a [u8], each: &mut dyn FnMut(Object<'a>)) -> Result<(), MalformedResponse> {
    let (errors, mut first) = (ErrorSink::default(), None);
    let mut list = ObjectList(|object: Object<'a>| {
        first = first.take().or_else(|| first_error(&object).cloned());
        each(object);
    });
    json::from_utf8(json).and_then(|text| json::read(text, "", &errors, &mut list)).map_err(MalformedResponse::Syntax)?;
    let error = errors.into_errors().into_iter().next().or(first);
    error.map_or(Ok(()), |error| Err(MalformedResponse::Field(error)))
}

/// A list of objects, which are passed on to a function.
struct ObjectList<F>(F);

impl<'de, F: FnMut(Object<'de>)> FromJson<'de> for ObjectList<F> {
    const EXPECTED: &'static str = "an object";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        const ITEMS: Key = Key::new("items");
        let mut present = 0;
        if input.object(Self::EXPECTED, cx)? {
            while next_field(&[ITEMS], false, &mut present, input, cx)?.is_some() {
                each_element(input, cx.at(&cx.at.key(ITEMS.name)), |_, object| (self.0)(object))?;
            }
        }
        Ok(())
    }
}
