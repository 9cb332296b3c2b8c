//! What admission has to ask the cluster for.

use std::borrow::Cow;
use std::fmt;

use crate::json::{self, Collected, ErrorSink, FieldError, SyntaxError, view};
use crate::pod::{Labels, Metadata, Object};

/// The cluster, as far as admission asks it: by Kubewarden's host calls, from a file, or made up in
/// a form of the playground.
pub trait Cluster {
    /// A namespace as JSON, with its metadata at the least; or why it cannot be had.
    fn namespace(&self, name: &str) -> Result<Vec<u8>, Unanswered>;

    /// The labels of a namespace that set its policy; or why they cannot be had.
    fn labels(&self, namespace: &str) -> Result<Labels<'static>, Unanswered> {
        let json = self.namespace(namespace)?;
        let labels = read_labels(&json)?;
        Ok(labels.into_owned())
    }

    /// The pods of a namespace, as the JSON of a list with `items`; or why they cannot be had.
    fn pods(&self, namespace: &str) -> Result<Vec<u8>, Unanswered>;

    /// Milliseconds of a clock that only goes forward.
    fn millis(&self) -> u64;
}

/// Why something cannot be had of the cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unanswered {
    /// What went wrong, for the audit log.
    pub why: String,
    /// What has to be granted, where that is what went wrong. Users are told it, for it is nothing of theirs.
    pub grant: Option<String>,
}

impl From<&str> for Unanswered {
    fn from(why: &str) -> Self {
        Unanswered { why: why.to_owned(), grant: None }
    }
}

impl From<Malformed> for Unanswered {
    fn from(malformed: Malformed) -> Self {
        Unanswered { why: malformed.to_string(), grant: None }
    }
}

impl Unanswered {
    /// A sentence with what has to be granted behind it.
    pub(super) fn told(&self, what: String) -> String {
        match &self.grant {
            Some(grant) => format!("{what}: {grant}"),
            None => what,
        }
    }
}

/// No cluster at all: whatever is asked cannot be had.
#[derive(Debug, Clone, Copy, Default)]
pub struct Clusterless;

impl Cluster for Clusterless {
    fn namespace(&self, _: &str) -> Result<Vec<u8>, Unanswered> {
        Err("there is no cluster to ask".into())
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, Unanswered> {
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

/// An answer of the cluster that cannot be understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Malformed {
    /// It is not JSON.
    Broken(SyntaxError),
    /// Something in it is of the wrong type.
    Problem(FieldError),
}

impl fmt::Display for Malformed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("the cluster's answer cannot be understood: ")?;
        match self {
            Malformed::Broken(broken) => broken.fmt(out),
            Malformed::Problem(problem) => problem.fmt(out),
        }
    }
}

/// Reads the labels of a namespace that the cluster answered with. One without metadata is none, and
/// must not pass for a namespace without labels.
pub(super) fn read_labels(json: &[u8]) -> Result<Labels<'_>, Malformed> {
    let mut namespace = Collected::<Namespace<'_>, false>::default();
    json::from_utf8(json).and_then(|text| json::read(text, "", &ErrorSink::default(), &mut namespace)).map_err(Malformed::Broken)?;
    let Collected { value: Namespace { metadata }, mut errors } = namespace;
    match (metadata, errors.pop()) {
        (Some(metadata), None) => metadata.labels.read("metadata.labels").map(Cow::into_owned).map_err(Malformed::Problem),
        (_, Some(problem)) => Err(Malformed::Problem(problem)),
        (None, None) => Err(Malformed::Problem(FieldError { path: "metadata".to_owned(), message: "missing".to_owned() })),
    }
}

/// Reads a list of pods that the cluster answered with.
pub(super) fn read_pods(json: &[u8]) -> Result<Vec<Object<'_>>, Malformed> {
    let mut list = Collected::<PodList<'_>, false>::default();
    json::from_utf8(json).and_then(|text| json::read(text, "", &ErrorSink::default(), &mut list)).map_err(Malformed::Broken)?;
    let Collected { value: PodList { items }, mut errors } = list;
    let problem = errors.pop().or_else(|| items.iter().find_map(|pod| pod.errors.first().cloned()));
    problem.map_or(Ok(items), |problem| Err(Malformed::Problem(problem)))
}
