//! An admission request, as far as it matters here, borrowed from its JSON.

use std::fmt;

use crate::json::{Lazy, Text, view};
use crate::pod::{Object, Pod};

view! {
    /// An AdmissionRequest of `admission.k8s.io/v1`.
    pub struct Request<'a> {
        /// `resource`.
        "resource" => resource: GroupResource<'a>,
        /// `requestSubResource`: the subresource, as the client asked for it.
        "requestSubResource" => sub_resource: Text<'a>,
        /// `name`; empty where the API server is yet to make one.
        "name" => name: Text<'a>,
        /// `namespace`; for a namespace its own name.
        "namespace" => namespace: Text<'a>,
        /// `operation`.
        "operation" => operation: Text<'a>,
        /// `userInfo`.
        "userInfo" => user_info: UserInfo<'a>,
        /// `object`.
        "object" => object: Option<Object<'a>>,
        /// `oldObject`, of an update.
        "oldObject" => old_object: Option<Box<Object<'a>>>,
    }
}

impl Request<'_> {
    /// Whether an update is one of an object that is being deleted. Whoever claims that of one that is not
    /// is refused by the API server.
    pub(super) fn is_for_deleted(&self) -> bool {
        [self.object.as_ref(), self.old_object.as_deref()]
            .into_iter()
            .flatten()
            .any(|object| !object.value.metadata.deletion_timestamp.is_empty())
    }
}

view! {
    /// The resource of a request.
    pub struct GroupResource<'a> {
        /// `group`; empty for the core group.
        "group" => group: Text<'a>,
        /// `resource`: `pods`; the audit scanner puts the kind here.
        "resource" => resource: Text<'a>,
    }
}

view! {
    /// Who asks.
    pub struct UserInfo<'a> {
        /// `username`.
        "username" => username: Text<'a>,
        /// `groups` that the user is in.
        "groups" => groups: Lazy<'a, Vec<Text<'a>>>,
    }
}

/// The operations that are judged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `CREATE`.
    Create,
    /// `UPDATE`.
    Update,
}

impl Operation {
    /// The operation of a request, if it is one that is judged.
    pub fn of(request: &Request<'_>) -> Option<Operation> {
        match request.operation.as_ref() {
            "CREATE" => Some(Operation::Create),
            "UPDATE" => Some(Operation::Update),
            _ => None,
        }
    }
}

/// What a request is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Pods,
    Workload(&'static Workload),
    Namespaces,
    Other,
}

impl Subject {
    /// Told by group and resource, and never by the kind of the object: what claims to be something
    /// else must not get past that way.
    pub(super) fn of(request: &Request<'_>) -> Subject {
        let GroupResource { group, resource } = &request.resource;
        match (group.as_ref(), resource.as_ref()) {
            ("", "pods" | "Pod") => Subject::Pods,
            ("", "namespaces" | "Namespace") => Subject::Namespaces,
            (group, resource) => WORKLOADS
                .iter()
                .find(|workload| workload.group == group && (workload.resource == resource || workload.kind == resource))
                .map_or(Subject::Other, Subject::Workload),
        }
    }
}

/// A built-in kind that holds a pod template.
#[derive(Debug, PartialEq, Eq)]
pub struct Workload {
    /// Its API group.
    pub group: &'static str,
    /// Its resource: `deployments`.
    pub resource: &'static str,
    /// Its kind: `Deployment`.
    pub kind: &'static str,
    /// Where its template stands.
    pub template: TemplatePath,
    /// Whether nobody may change the containers of its template once it is there.
    pub is_fixed: bool,
}

/// Where an object holds its pod template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplatePath {
    /// `template`.
    Template,
    /// `spec.template`.
    SpecTemplate,
    /// `spec.template`, which may be null: a ReplicationController need not have one.
    OptionalSpecTemplate,
    /// `spec.jobTemplate.spec.template`.
    JobTemplate,
}

impl TemplatePath {
    /// The path of the template in its object.
    pub const fn path(self) -> &'static str {
        match self {
            TemplatePath::Template => "template",
            TemplatePath::SpecTemplate | TemplatePath::OptionalSpecTemplate => "spec.template",
            TemplatePath::JobTemplate => "spec.jobTemplate.spec.template",
        }
    }
}

/// The built-in kinds that hold a pod template.
pub const WORKLOADS: [Workload; 8] = [
    Workload {
        group: "",
        resource: "replicationcontrollers",
        kind: "ReplicationController",
        template: TemplatePath::OptionalSpecTemplate,
        is_fixed: false,
    },
    Workload { group: "", resource: "podtemplates", kind: "PodTemplate", template: TemplatePath::Template, is_fixed: false },
    Workload { group: "apps", resource: "replicasets", kind: "ReplicaSet", template: TemplatePath::SpecTemplate, is_fixed: false },
    Workload { group: "apps", resource: "deployments", kind: "Deployment", template: TemplatePath::SpecTemplate, is_fixed: false },
    Workload { group: "apps", resource: "statefulsets", kind: "StatefulSet", template: TemplatePath::SpecTemplate, is_fixed: false },
    Workload { group: "apps", resource: "daemonsets", kind: "DaemonSet", template: TemplatePath::SpecTemplate, is_fixed: false },
    Workload { group: "batch", resource: "jobs", kind: "Job", template: TemplatePath::SpecTemplate, is_fixed: true },
    Workload { group: "batch", resource: "cronjobs", kind: "CronJob", template: TemplatePath::JobTemplate, is_fixed: false },
];

/// The resource with its group, as messages have it: `deployments.apps`.
impl fmt::Display for Workload {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.group {
            "" => out.write_str(self.resource),
            group => write!(out, "{}.{group}", self.resource),
        }
    }
}

/// Why an object cannot be judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DecodeError {
    /// It is no object of Kubernetes, or damaged; with the details.
    Object(String),
    /// It is an object of another kind.
    Kind,
}

/// The object of a request, if it is of the `kind` that its resource holds and every field that
/// matters has its type.
pub(super) fn decoded<'r>(object: Option<&'r Object<'r>>, group: &str, kind: &str) -> Result<&'r Object<'r>, DecodeError> {
    let Some(object) = object else {
        return Err(DecodeError::Object("there is none in the request".to_owned()));
    };
    if let Some(problem) = problem(object) {
        return Err(DecodeError::Object(problem));
    }
    for (field, value) in [("apiVersion", &object.value.api_version), ("kind", &object.value.kind)] {
        if value.is_empty() {
            return Err(DecodeError::Object(format!("it has no {field}")));
        }
    }
    let (own_group, version) = object.value.api_version.rsplit_once('/').unwrap_or(("", &object.value.api_version));
    let is_kind = object.value.kind == kind && own_group == group;
    if is_kind && version != "v1" {
        return Err(DecodeError::Object(format!("there is no {kind} in version {}", object.value.api_version)));
    }
    if is_kind { Ok(object) } else { Err(DecodeError::Kind) }
}

/// What is wrong with an object or, inside of it, with a template.
fn problem(object: &Object<'_>) -> Option<String> {
    let Object { value, errors } = object;
    let templates = [&value.template, &value.spec.template, &value.spec.job_template];
    errors.first().map(ToString::to_string).or_else(|| templates.into_iter().flatten().find_map(|template| problem(template)))
}

impl Workload {
    /// The pod template of an object of this kind, unless it is null where it may be.
    pub fn template_of<'r>(&self, object: &'r Object<'r>) -> Option<Pod<'r>> {
        let spec = &object.value.spec;
        let template = match self.template {
            TemplatePath::Template => &object.value.template,
            TemplatePath::SpecTemplate => &spec.template,
            TemplatePath::OptionalSpecTemplate => return spec.template.as_deref().map(Pod::of),
            TemplatePath::JobTemplate => spec.job_template.as_deref().map_or(&None, |job| &job.value.spec.template),
        };
        Some(template.as_deref().map_or_else(Pod::empty, Pod::of))
    }
}
