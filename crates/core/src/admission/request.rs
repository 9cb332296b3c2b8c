//! The fields of an admission request that the policy reads, borrowed from its JSON.

use std::fmt;

use crate::json::{FieldError, Lazy, Text, view};
use crate::pod::{FIELD_MASKS, Object, Pod};
use crate::settings::Requester;

view! {
    /// An AdmissionRequest of `admission.k8s.io/v1`.
    pub struct Request<'a> {
        /// `resource`.
        "resource" => resource: GroupResource<'a>,
        /// `requestSubResource`: the subresource in the request of the client.
        "requestSubResource" => sub_resource: Text<'a>,
        /// `name`; empty until the API server generates one.
        "name" => name: Text<'a>,
        /// `namespace`; the name of the namespace itself for a request for a namespace.
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
    /// Returns who makes the request.
    pub(super) fn requester(&self, operation: Operation) -> Requester<'_> {
        let UserInfo { username, groups } = &self.user_info;
        Requester { operation: operation.name(), username, groups }
    }

    /// Returns whether the object of an update is being deleted. The API server rejects requests that set `deletionTimestamp` on
    /// another object.
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
        /// `resource`: `pods`. In requests of the audit scanner it is the kind.
        "resource" => resource: Text<'a>,
    }
}

view! {
    /// The user of a request.
    pub struct UserInfo<'a> {
        /// `username`.
        "username" => username: Text<'a>,
        /// `groups`.
        "groups" => groups: Lazy<'a, Vec<Text<'a>>>,
    }
}

/// The operations that are evaluated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operation {
    /// `CREATE`.
    Create,
    /// `UPDATE`.
    Update,
}

impl Operation {
    /// Returns its name in requests.
    pub const fn name(self) -> &'static str {
        match self {
            Operation::Create => "CREATE",
            Operation::Update => "UPDATE",
        }
    }

    /// Returns the operation of a request, if it is evaluated.
    pub fn of(request: &Request<'_>) -> Option<Operation> {
        match request.operation.as_ref() {
            "CREATE" => Some(Operation::Create),
            "UPDATE" => Some(Operation::Update),
            _ => None,
        }
    }
}

/// The resource of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    Pods,
    Workload(&'static Workload),
    Namespaces,
    Other,
}

impl Subject {
    /// Classifies a request by its group and resource. The kind of the object is not used, because it could differ from the
    /// resource.
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

/// A built-in kind with a pod template.
#[derive(Debug, PartialEq, Eq)]
pub struct Workload {
    /// Its API group.
    pub group: &'static str,
    /// Its resource: `deployments`.
    pub resource: &'static str,
    /// Its kind: `Deployment`.
    pub kind: &'static str,
    /// The path of its template.
    pub template: TemplatePath,
    /// Whether the containers of its template are immutable.
    pub is_fixed: bool,
}

/// The path of the pod template in an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TemplatePath {
    /// `template`.
    Template,
    /// `spec.template`.
    SpecTemplate,
    /// `spec.template`, which a ReplicationController need not have.
    OptionalSpecTemplate,
    /// `spec.jobTemplate.spec.template`.
    JobTemplate,
}

impl TemplatePath {
    /// Returns the path of the template, with dots.
    pub const fn path(self) -> &'static str {
        match self {
            TemplatePath::Template => "template",
            TemplatePath::SpecTemplate | TemplatePath::OptionalSpecTemplate => "spec.template",
            TemplatePath::JobTemplate => "spec.jobTemplate.spec.template",
        }
    }
}

/// The built-in kinds with a pod template.
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

/// Formats the resource with its group as in messages: `deployments.apps`.
impl fmt::Display for Workload {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.group {
            "" => out.write_str(self.resource),
            group => write!(out, "{}.{group}", self.resource),
        }
    }
}

/// The error of an object that cannot be decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DecodeError {
    /// It is missing, or has an invalid field; with the details.
    Object(String),
    /// It is an object of another kind.
    Kind,
}

/// Returns the object of a request.
///
/// # Errors
/// If it is missing, is of another kind than that of the resource, or has a field of a wrong type.
pub(super) fn decoded<'r>(object: Option<&'r Object<'r>>, group: &str, kind: &str) -> Result<&'r Object<'r>, DecodeError> {
    let Some(object) = object else {
        return Err(DecodeError::Object("there is none in the request".to_owned()));
    };
    if let Some(error) = first_error(object) {
        return Err(DecodeError::Object(error.to_string()));
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

/// Returns the first error in an object or in its templates.
pub(super) fn first_error<'o>(object: &'o Object<'_>) -> Option<&'o FieldError> {
    let Object { value, errors } = object;
    let templates = [&value.template, &value.spec.template, &value.spec.job_template];
    errors.first().or_else(|| templates.into_iter().flatten().find_map(|template| first_error(template)))
}

impl Workload {
    /// Returns the API version: `apps/v1`.
    pub fn api_version(&self) -> String {
        if self.group.is_empty() { "v1".to_owned() } else { format!("{}/v1", self.group) }
    }

    /// Returns the fields of the pod template that the checks and the settings read, as [`FIELD_MASKS`] of the object.
    pub fn field_masks(&self) -> Vec<String> {
        let template = self.template.path();
        let metadata = ["metadata.annotations", "metadata.labels"];
        metadata.iter().chain(FIELD_MASKS).map(|mask| [template, ".", mask].concat()).collect()
    }

    /// Returns the pod template of an object of this kind; `None` if it is optional and not set.
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
