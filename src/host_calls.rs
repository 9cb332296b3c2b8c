//! The requests that the guest sends to its host, and what their failures mean: which permission is missing, and whether objects
//! can be listed at all.

use serde::Serialize;

use pss_core::admission::{LookupError, Permission, Workload};
use pss_core::pod::FIELD_MASKS;

/// The request for an object: the SDK's `GetResourceRequest`, with borrowed fields.
#[derive(Serialize)]
pub(crate) struct Get<'a> {
    api_version: &'a str,
    kind: &'static str,
    name: &'a str,
    namespace: Option<&'a str>,
    disable_cache: bool,
    field_masks: [&'static str; 1],
}

/// The request for the objects of a namespace: the SDK's `ListResourcesByNamespaceRequest`, with borrowed fields.
#[derive(Serialize)]
pub(crate) struct List<'a> {
    api_version: &'a str,
    kind: &'static str,
    namespace: &'a str,
    label_selector: Option<&'static str>,
    field_selector: Option<&'static str>,
    field_masks: &'a [String],
}

/// With a field mask on the metadata, the host omits spec and status.
const METADATA: [&str; 1] = ["metadata.labels"];

/// Requests a namespace with its metadata.
pub(crate) fn namespace(name: &str) -> Get<'_> {
    Get { api_version: "v1", kind: "Namespace", name, namespace: None, disable_cache: false, field_masks: METADATA }
}

/// A kind whose objects are listed.
pub(crate) struct Listed {
    api_version: String,
    kind: &'static str,
    /// The resource as in messages: `deployments.apps`.
    resource: String,
    probe: String,
    /// The fields that the standards read.
    field_masks: Vec<String>,
}

impl Listed {
    /// Returns the kind Pod.
    pub(crate) fn pods() -> Self {
        let field_masks = FIELD_MASKS.iter().map(ToString::to_string).collect();
        Listed { api_version: "v1".to_owned(), kind: "Pod", resource: "pods".to_owned(), probe: probe_name("pods"), field_masks }
    }

    /// Returns a kind of workloads.
    pub(crate) fn workloads(workload: &'static Workload) -> Self {
        Listed {
            api_version: workload.api_version(),
            kind: workload.kind,
            resource: workload.to_string(),
            probe: probe_name(workload.resource),
            field_masks: workload.field_masks(),
        }
    }

    /// Requests an object that cannot exist, to learn whether objects of the kind can be listed. Kubewarden retries a list that
    /// fails and never answers it, but it answers a failed get at once. The host call `can_i` is no alternative: it needs the user
    /// name of the policy server, which a policy does not know, and a permission of its own.
    pub(crate) fn probe<'a>(&'a self, namespace: &'a str) -> Get<'a> {
        let Listed { api_version, kind, probe, .. } = self;
        // A cached answer could be outdated.
        Get { api_version, kind, name: probe, namespace: Some(namespace), disable_cache: true, field_masks: METADATA }
    }

    /// Requests the objects of a namespace.
    pub(crate) fn list<'a>(&'a self, namespace: &'a str) -> List<'a> {
        let Listed { api_version, kind, field_masks, .. } = self;
        List { api_version, kind, namespace, label_selector: None, field_selector: None, field_masks }
    }

    /// Checks the answer to the probe: objects can be listed where the API server answers that there is no such object.
    ///
    /// # Errors
    /// Any other failure, which the list would have too.
    pub(crate) fn check_probe(&self, answer: Result<Vec<u8>, String>) -> Result<(), LookupError> {
        let Listed { api_version, kind, resource, .. } = self;
        match answer {
            Err(error) if !error.contains(&format!("Cannot find {api_version}/{kind} ")) => {
                let right = "the service account of the policy server must be allowed to get, list and watch ";
                Err(lookup_error(error, right, resource))
            }
            _ => Ok(()),
        }
    }

    /// The error of a failed list.
    pub(crate) fn list_error(&self, error: String) -> LookupError {
        lookup_error(error, "the service account of the policy server must be allowed to list and watch ", &self.resource)
    }
}

/// Returns the name of the object that is requested before objects are listed. No object can have it, so an API server answers
/// either that there is no such object, or that the request is forbidden.
fn probe_name(resource: &str) -> String {
    ["may_", resource, "_be_listed"].concat()
}

/// The error of a failed request for a namespace.
pub(crate) fn namespace_error(error: String) -> LookupError {
    lookup_error(error, "the service account of the policy server must be allowed to get ", "namespaces")
}

/// The error of a failed host call, with the missing permission: `right` and the resource are what an API server forbids.
fn lookup_error(error: String, right: &'static str, resource: &str) -> LookupError {
    let denied = |before: &str, after: &str| Some(error.split_once(before)?.1.split_once(after)?.0.to_owned());
    let permission = if let Some(missing) = denied("Policy has not been granted access to Kubernetes ", " resources") {
        Some(Permission { before: "the policy needs ", missing, after: " in its contextAwareResources" })
    } else if let Some(missing) = denied("Policy has not been granted access to the '", "' host capability") {
        Some(Permission { before: "the policy needs the host capability ", missing, after: "" })
    } else if error.contains("code: 403") {
        Some(Permission { before: right, missing: resource.to_owned(), after: "" })
    } else {
        None
    };
    LookupError { reason: error, permission }
}

#[cfg(test)]
mod tests {
    use kubewarden_policy_sdk::host_capabilities::kubernetes::{GetResourceRequest, ListResourcesByNamespaceRequest};
    use pss_core::admission::WORKLOADS;
    use serde::de::DeserializeOwned;

    use super::*;

    fn refusal(what: &str) -> String {
        format!("Host error: Callback evaluation failure: ApiError: {what}: Forbidden (Status {{ code: 403, message: {what:?} }})")
    }

    /// A request of a recorded session, without its tag.
    fn recorded(session: &str, number: usize) -> serde_json::Value {
        let session: serde_json::Value = serde_norway::from_str(session).unwrap();
        let (_, fields) = session[number]["request"].as_str().unwrap().split_once('\n').unwrap();
        serde_norway::from_str(fields).unwrap()
    }

    #[test]
    fn recorded_sessions_contain_the_requests() {
        let of_pod = include_str!("../tests/data/e2e/namespace.session.yml");
        assert_eq!(serde_json::to_value(namespace("payments")).unwrap(), recorded(of_pod, 0));
        let of_namespace = include_str!("../tests/data/e2e/pods.session.yml");
        let pods = Listed::pods();
        assert_eq!(serde_json::to_value(pods.probe("payments")).unwrap(), recorded(of_namespace, 0));
        assert_eq!(serde_json::to_value(pods.list("payments")).unwrap(), recorded(of_namespace, 1));
        let of_workloads = include_str!("../tests/data/e2e/workloads.session.yml");
        for (index, workload) in ["cronjobs", "deployments"].into_iter().enumerate() {
            let workload = Listed::workloads(workload_of(workload));
            assert_eq!(serde_json::to_value(workload.probe("payments")).unwrap(), recorded(of_workloads, 2 + 2 * index));
            assert_eq!(serde_json::to_value(workload.list("payments")).unwrap(), recorded(of_workloads, 3 + 2 * index));
        }
    }

    fn workload_of(resource: &str) -> &'static Workload {
        WORKLOADS.iter().find(|workload| workload.resource == resource).unwrap()
    }

    #[test]
    fn requests_have_the_fields_of_the_sdk() {
        fn parsed_by_the_sdk<T: Serialize + DeserializeOwned>(request: &impl Serialize) -> [serde_json::Value; 2] {
            let request = serde_json::to_value(request).unwrap();
            [serde_json::to_value(serde_json::from_value::<T>(request.clone()).unwrap()).unwrap(), request]
        }
        for [read, request] in [
            parsed_by_the_sdk::<GetResourceRequest>(&namespace("a")),
            parsed_by_the_sdk::<GetResourceRequest>(&Listed::pods().probe("a")),
            parsed_by_the_sdk::<ListResourcesByNamespaceRequest>(&Listed::pods().list("a")),
            parsed_by_the_sdk::<GetResourceRequest>(&Listed::workloads(workload_of("jobs")).probe("a")),
            parsed_by_the_sdk::<ListResourcesByNamespaceRequest>(&Listed::workloads(workload_of("jobs")).list("a")),
        ] {
            assert_eq!(read, request);
        }
    }

    #[test]
    fn errors_name_the_missing_permission() {
        let table = [
            (
                "Host error: Policy has not been granted access to Kubernetes v1/Namespace resources. The violation has been reported.".to_owned(),
                Some("the policy needs v1/Namespace in its contextAwareResources"),
            ),
            (
                "Host error: Policy has not been granted access to the 'kubernetes/get_resource' host capability. The violation has been reported.".to_owned(),
                Some("the policy needs the host capability kubernetes/get_resource"),
            ),
            (refusal("namespaces \"a\" is forbidden"), Some("the service account of the policy server must be allowed to get namespaces")),
            ("Host error: Callback evaluation failure: Cannot find v1/Namespace named 'a' inside of namespace 'None'".to_owned(), None),
            ("Host error: Callback evaluation failure: ServiceError: client error (Connect)".to_owned(), None),
            ("Host error: Callback evaluation failure: ApiError: no leader: InternalError (Status { code: 500 })".to_owned(), None),
        ];
        for (error, permission) in table {
            let LookupError { reason, permission: actual } = namespace_error(error.clone());
            assert_eq!((reason, actual.map(|permission| permission.to_string()).as_deref()), (error, permission));
        }
    }

    #[test]
    fn objects_are_listed_where_the_probe_is_not_found() {
        for (kind, name, resource) in [
            (Listed::pods(), "v1/Pod named 'may_pods_be_listed'", "pods"),
            (Listed::workloads(workload_of("deployments")), "apps/v1/Deployment named 'may_deployments_be_listed'", "deployments.apps"),
            (Listed::workloads(workload_of("replicationcontrollers")), "v1/ReplicationController named 'x'", "replicationcontrollers"),
        ] {
            let answer = |text: &str| kind.check_probe(Err(format!("Host error: Callback evaluation failure: {text}")));
            assert_eq!(answer(&format!("Cannot find {name} inside of namespace 'Some(\"a\")'")), Ok(()));
            assert_eq!(kind.check_probe(Ok(b"{}".to_vec())), Ok(()));
            for failure in ["ServiceError: client error (Connect)", "Cannot find v1/Namespace named 'a'", "cannot find"] {
                assert_eq!(answer(failure).map_err(|error| error.permission), Err(None), "{failure}");
            }
            let forbidden = kind.check_probe(Err(refusal("x is forbidden"))).map_err(|error| error.permission.unwrap().to_string());
            let right = "the service account of the policy server must be allowed to get, list and watch";
            assert_eq!(forbidden, Err(format!("{right} {resource}")));
            // The permission to get alone.
            let forbidden = kind.list_error(refusal("x is forbidden")).permission.unwrap().to_string();
            assert_eq!(forbidden, format!("the service account of the policy server must be allowed to list and watch {resource}"));
        }
    }

    #[test]
    fn no_object_can_have_the_name_of_the_probe() {
        for probe in ["pods"].into_iter().chain(WORKLOADS.iter().map(|workload| workload.resource)).map(probe_name) {
            // Kubernetes names pods and workloads as DNS subdomains.
            assert!(!probe.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte)));
            // And it needs no escapes in a URL path.
            assert!(probe.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
        }
    }
}
