//! The requests about a cluster that a guest can make, and their two formats: JSON in a host call,
//! tagged YAML in a recorded session. The names are kwctl's, because its messages contain them.

use std::collections::BTreeSet;

use serde::Deserialize;

/// A request of a guest to its host.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub enum HostRequest {
    /// `get_resource`: one object.
    KubernetesGetResource {
        /// `v1`, or group/version.
        api_version: String,
        /// The kind, in the singular.
        kind: String,
        /// The object's name.
        name: String,
        /// The object's namespace; `None` for cluster-scoped objects.
        namespace: Option<String>,
        /// Whether the host must bypass its cache.
        disable_cache: bool,
        /// The fields to return; `None` for all.
        field_masks: Option<BTreeSet<String>>,
    },
    /// `list_resources_by_namespace`: the objects of one kind in one namespace.
    KubernetesListResourceNamespace {
        /// `v1`, or group/version.
        api_version: String,
        /// The kind, in the singular.
        kind: String,
        /// The namespace.
        namespace: String,
        /// Only objects with these labels.
        label_selector: Option<String>,
        /// Only objects with these fields.
        field_selector: Option<String>,
        /// The fields to return; `None` for all.
        field_masks: Option<BTreeSet<String>>,
    },
    /// `list_resources_all`: the objects of one kind in the whole cluster.
    KubernetesListResourceAll {
        /// `v1`, or group/version.
        api_version: String,
        /// The kind, in the singular.
        kind: String,
        /// Only objects with these labels.
        label_selector: Option<String>,
        /// Only objects with these fields.
        field_selector: Option<String>,
        /// The fields to return; `None` for all.
        field_masks: Option<BTreeSet<String>>,
    },
    /// `can_i`: whether a user is allowed to do something.
    KubernetesCanI {
        /// The user, the verb and the resource.
        request: SubjectAccessReview,
        /// Whether the host must bypass its cache.
        disable_cache: bool,
    },
}

/// The question to the API server's authorizer.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct SubjectAccessReview {
    /// The groups of the user.
    pub groups: Option<Vec<String>>,
    /// The verb and the resource.
    pub resource_attributes: ResourceAttributes,
    /// The user.
    pub user: String,
}

/// The verb, and the resource that it applies to.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct ResourceAttributes {
    /// The API group.
    pub group: Option<String>,
    /// The object's name.
    pub name: Option<String>,
    /// The namespace.
    pub namespace: Option<String>,
    /// The resource.
    pub resource: String,
    /// The subresource.
    pub subresource: Option<String>,
    /// The verb, such as `list`.
    pub verb: String,
    /// The API version.
    pub version: Option<String>,
}

impl HostRequest {
    /// Parses the payload of a host call.
    ///
    /// # Errors
    /// kwctl's message for an unknown operation or an invalid payload.
    pub fn parse(namespace: &str, operation: &str, payload: &[u8]) -> Result<Self, String> {
        match (namespace, operation) {
            ("kubernetes", "get_resource") => json::<Get>(payload).map(Into::into),
            ("kubernetes", "list_resources_by_namespace") => json::<List>(payload).map(Into::into),
            ("kubernetes", "list_resources_all") => json::<ListAll>(payload).map(Into::into),
            ("kubernetes", "can_i") => json::<CanI>(payload).map(Into::into),
            ("kubernetes", _) => Err(format!("unknown operation: {operation}")),
            ("oci" | "net" | "crypto", _) => {
                Err(format!("this test host does not support '{namespace}/{operation}' calls, only those of 'kubernetes'"))
            }
            _ => Err(format!("unknown namespace: {namespace}")),
        }
    }

    /// The apiVersion and kind that must be granted for this request; `None` if it needs no grant.
    #[must_use]
    pub fn resource(&self) -> Option<(&str, &str)> {
        match self {
            Self::KubernetesGetResource { api_version, kind, .. }
            | Self::KubernetesListResourceNamespace { api_version, kind, .. }
            | Self::KubernetesListResourceAll { api_version, kind, .. } => Some((api_version, kind)),
            Self::KubernetesCanI { .. } => None,
        }
    }

    /// A readable summary: `get Namespace "a"`.
    #[must_use]
    pub fn summary(&self) -> String {
        match self {
            Self::KubernetesGetResource { kind, name, namespace: Some(namespace), .. } => {
                format!("get {kind} {name:?} in namespace {namespace:?}")
            }
            Self::KubernetesGetResource { kind, name, .. } => format!("get {kind} {name:?}"),
            Self::KubernetesListResourceNamespace { kind, namespace, .. } => format!("list {kind}s in namespace {namespace:?}"),
            Self::KubernetesListResourceAll { kind, .. } => format!("list {kind}s everywhere"),
            Self::KubernetesCanI { request, .. } => {
                format!("may {:?} {} {}", request.user, request.resource_attributes.verb, request.resource_attributes.resource)
            }
        }
    }
}

fn json<'a, T: Deserialize<'a>>(payload: &'a [u8]) -> Result<T, String> {
    serde_json::from_slice(payload).map_err(|e| e.to_string())
}

#[derive(Deserialize)]
struct Get {
    api_version: String,
    kind: String,
    name: String,
    namespace: Option<String>,
    disable_cache: bool,
    field_masks: Option<BTreeSet<String>>,
}

#[derive(Deserialize)]
struct List {
    api_version: String,
    kind: String,
    namespace: String,
    label_selector: Option<String>,
    field_selector: Option<String>,
    field_masks: Option<BTreeSet<String>>,
}

#[derive(Deserialize)]
struct ListAll {
    api_version: String,
    kind: String,
    label_selector: Option<String>,
    field_selector: Option<String>,
    field_masks: Option<BTreeSet<String>>,
}

#[derive(Deserialize)]
struct CanI {
    subject_access_review: SubjectAccessReview,
    disable_cache: bool,
}

impl From<Get> for HostRequest {
    fn from(call: Get) -> Self {
        Self::KubernetesGetResource {
            api_version: call.api_version,
            kind: call.kind,
            name: call.name,
            namespace: call.namespace,
            disable_cache: call.disable_cache,
            field_masks: call.field_masks,
        }
    }
}

impl From<List> for HostRequest {
    fn from(call: List) -> Self {
        Self::KubernetesListResourceNamespace {
            api_version: call.api_version,
            kind: call.kind,
            namespace: call.namespace,
            label_selector: call.label_selector,
            field_selector: call.field_selector,
            field_masks: call.field_masks,
        }
    }
}

impl From<ListAll> for HostRequest {
    fn from(call: ListAll) -> Self {
        Self::KubernetesListResourceAll {
            api_version: call.api_version,
            kind: call.kind,
            label_selector: call.label_selector,
            field_selector: call.field_selector,
            field_masks: call.field_masks,
        }
    }
}

impl From<CanI> for HostRequest {
    fn from(call: CanI) -> Self {
        Self::KubernetesCanI { request: call.subject_access_review, disable_cache: call.disable_cache }
    }
}
