//! What admission looks up in the cluster.

use std::borrow::Cow;
use std::fmt;

use crate::json::{self, Collected, ErrorSink, FieldError, SyntaxError, view};
use crate::pod::{Labels, Metadata, Object};

/// Lookups in the cluster: by Kubewarden's host calls, from recorded answers, or from what a user of a review says.
pub trait Cluster {
    /// A namespace as JSON, with at least its metadata.
    ///
    /// # Errors
    /// Where it cannot be looked up.
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError>;

    /// The labels of a namespace.
    ///
    /// # Errors
    /// Where the namespace cannot be looked up, or its labels cannot be parsed.
    fn labels(&self, namespace: &str) -> Result<Labels<'static>, LookupError> {
        let json = self.namespace(namespace)?;
        let labels = read_labels(&json)?;
        Ok(labels.into_owned())
    }

    /// The pods of a namespace, as the JSON of a list with `items`.
    ///
    /// # Errors
    /// Where they cannot be listed.
    fn pods(&self, namespace: &str) -> Result<Vec<u8>, LookupError>;

    /// Milliseconds of a monotonic clock.
    fn millis(&self) -> u64;
}

/// A lookup in the cluster that failed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LookupError {
    /// What went wrong, for the audit log.
    pub reason: String,
    /// The permission that the policy lacks, where that is the reason. Messages to users name it, so that they know
    /// that the fault is not theirs.
    pub permission: Option<String>,
}

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
    /// A message with the missing permission, if there is one, appended.
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
        Err("there is no cluster to ask".into())
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Err("there is no cluster to ask".into())
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

view! {
    /// A list of pods.
    pub struct PodList<'a> {
        /// `items`.
        "items" => items: Vec<Object<'a>>,
    }
}

/// A response of the cluster that cannot be parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MalformedResponse {
    /// It is not JSON.
    Broken(SyntaxError),
    /// Something in it is of the wrong type.
    Problem(FieldError),
}

impl fmt::Display for MalformedResponse {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the cluster's answer cannot be understood: ")?;
        match self {
            MalformedResponse::Broken(broken) => broken.fmt(out),
            MalformedResponse::Problem(problem) => problem.fmt(out),
        }
    }
}

/// Parses the labels of a namespace, as JSON. A response without metadata is an error: it must not count as a namespace without
/// labels.
///
/// # Errors
/// Where it is no JSON, has no metadata, or the labels are of a wrong type.
pub fn read_labels(json: &[u8]) -> Result<Labels<'_>, MalformedResponse> {
    let mut namespace = Collected::<Namespace<'_>, false>::default();
    json::from_utf8(json)
        .and_then(|text| json::read(text, "", &ErrorSink::default(), &mut namespace))
        .map_err(MalformedResponse::Broken)?;
    let Collected { value: Namespace { metadata }, mut errors } = namespace;
    match (metadata, errors.pop()) {
        (Some(metadata), None) => metadata.labels.read("metadata.labels").map(Cow::into_owned).map_err(MalformedResponse::Problem),
        (_, Some(problem)) => Err(MalformedResponse::Problem(problem)),
        (None, None) => Err(MalformedResponse::Problem(FieldError { path: "metadata".to_owned(), message: "missing".to_owned() })),
    }
}

/// Parses a list of pods.
pub(super) fn read_pods(json: &[u8]) -> Result<Vec<Object<'_>>, MalformedResponse> {
    let mut list = Collected::<PodList<'_>, false>::default();
    json::from_utf8(json).and_then(|text| json::read(text, "", &ErrorSink::default(), &mut list)).map_err(MalformedResponse::Broken)?;
    let Collected { value: PodList { items }, mut errors } = list;
    let problem = errors.pop().or_else(|| items.iter().find_map(|pod| pod.errors.first().cloned()));
    problem.map_or(Ok(items), |problem| Err(MalformedResponse::Problem(problem)))
}
