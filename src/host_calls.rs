//! The requests that the guest sends to its host, and what their failures mean: which permission is missing, and whether pods
//! can be listed at all.

use serde::Serialize;

use pss_core::admission::LookupError;
use pss_core::pod::FIELD_MASKS;

/// The name of the pod that is requested before pods are listed. No pod can have it, so an API server answers either that
/// there is no such pod, or that the request is forbidden.
pub(crate) const PROBE_POD: &str = "may_pods_be_listed";

/// The request for an object: the SDK's `GetResourceRequest`, with borrowed fields.
#[derive(Serialize)]
pub(crate) struct Get<'a> {
    api_version: &'static str,
    kind: &'static str,
    name: &'a str,
    namespace: Option<&'a str>,
    disable_cache: bool,
    field_masks: [&'static str; 1],
}

/// The request for the objects of a namespace: the SDK's `ListResourcesByNamespaceRequest`, with borrowed fields.
#[derive(Serialize)]
pub(crate) struct List<'a> {
    api_version: &'static str,
    kind: &'static str,
    namespace: &'a str,
    label_selector: Option<&'static str>,
    field_selector: Option<&'static str>,
    field_masks: &'static [&'static str],
}

/// With a field mask on the metadata, the host omits spec and status.
const METADATA: [&str; 1] = ["metadata.labels"];

/// Requests a namespace with its metadata.
pub(crate) fn namespace(name: &str) -> Get<'_> {
    Get { api_version: "v1", kind: "Namespace", name, namespace: None, disable_cache: false, field_masks: METADATA }
}

/// Requests the pods of a namespace, with the fields that the standards read.
pub(crate) fn pods(namespace: &str) -> List<'_> {
    List { api_version: "v1", kind: "Pod", namespace, label_selector: None, field_selector: None, field_masks: FIELD_MASKS }
}

/// Requests a pod that cannot exist, to learn whether pods can be listed. Kubewarden retries a list that fails and never
/// answers it, but it answers a failed get at once. The host call `can_i` is no alternative: it needs the user name of the
/// policy server, which a policy does not know, and a permission of its own.
pub(crate) fn probe(namespace: &str) -> Get<'_> {
    // A cached answer could be outdated.
    Get { api_version: "v1", kind: "Pod", name: PROBE_POD, namespace: Some(namespace), disable_cache: true, field_masks: METADATA }
}

/// Checks the answer to [`probe`]: pods can be listed where the API server answers that there is no such pod.
///
/// # Errors
/// Any other failure, which the list would have too.
pub(crate) fn check_probe(answer: Result<Vec<u8>, String>) -> Result<(), LookupError> {
    match answer {
        Err(error) if !error.contains("Cannot find v1/Pod ") => Err(lookup_error(error, "get, list and watch pods")),
        _ => Ok(()),
    }
}

/// The error of a failed host call, with the missing permission: `right` is what an API server forbids.
pub(crate) fn lookup_error(error: String, right: &str) -> LookupError {
    let denied = |before: &str, after: &str| Some(error.split_once(before)?.1.split_once(after)?.0);
    let permission = if let Some(resource) = denied("Policy has not been granted access to Kubernetes ", " resources") {
        Some(format!("the policy needs {resource} in its contextAwareResources"))
    } else if let Some(capability) = denied("Policy has not been granted access to the '", "' host capability") {
        Some(format!("the policy needs the host capability {capability}"))
    } else if error.contains("code: 403") {
        Some(format!("the service account of the policy server must be allowed to {right}"))
    } else {
        None
    };
    LookupError { reason: error, permission }
}

#[cfg(test)]
mod tests {
    use kubewarden_policy_sdk::host_capabilities::kubernetes::{GetResourceRequest, ListResourcesByNamespaceRequest};
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
        assert_eq!(serde_json::to_value(probe("payments")).unwrap(), recorded(of_namespace, 0));
        assert_eq!(serde_json::to_value(pods("payments")).unwrap(), recorded(of_namespace, 1));
    }

    #[test]
    fn requests_have_the_fields_of_the_sdk() {
        fn parsed_by_the_sdk<T: Serialize + DeserializeOwned>(request: &impl Serialize) -> [serde_json::Value; 2] {
            let request = serde_json::to_value(request).unwrap();
            [serde_json::to_value(serde_json::from_value::<T>(request.clone()).unwrap()).unwrap(), request]
        }
        for [read, request] in [
            parsed_by_the_sdk::<GetResourceRequest>(&namespace("a")),
            parsed_by_the_sdk::<GetResourceRequest>(&probe("a")),
            parsed_by_the_sdk::<ListResourcesByNamespaceRequest>(&pods("a")),
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
            let expected = LookupError { reason: error.clone(), permission: permission.map(str::to_owned) };
            assert_eq!(lookup_error(error, "get namespaces"), expected);
        }
    }

    #[test]
    fn pods_are_listed_where_the_probe_is_not_found() {
        let answer = |text: &str| check_probe(Err(format!("Host error: Callback evaluation failure: {text}")));
        assert_eq!(answer("Cannot find v1/Pod named 'may_pods_be_listed' inside of namespace 'Some(\"a\")'"), Ok(()));
        assert_eq!(check_probe(Ok(b"{}".to_vec())), Ok(()));
        for failure in ["ServiceError: client error (Connect)", "Cannot find v1/Namespace named 'a'", "cannot find"] {
            assert_eq!(answer(failure).map_err(|error| error.permission), Err(None), "{failure}");
        }
        let forbidden = check_probe(Err(refusal("pods \"may_pods_be_listed\" is forbidden"))).map_err(|error| error.permission);
        assert_eq!(forbidden, Err(Some("the service account of the policy server must be allowed to get, list and watch pods".to_owned())));
    }

    #[test]
    fn no_pod_can_have_the_name_of_the_probe() {
        // Kubernetes names pods as DNS subdomains.
        assert!(!PROBE_POD.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte)));
        // And it needs no escapes in a URL path.
        assert!(PROBE_POD.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
    }
}
