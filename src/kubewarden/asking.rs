//! What the guest asks its host of the cluster, and what a failure means: what has to be granted, and
//! whether pods can be listed at all.

use serde::Serialize;

use crate::admission::LookupError;
use crate::pod::FIELD_MASKS;

/// The pod that is asked for before pods are listed. No pod can have this name, so that an API server that
/// answers at all says either that there is none, or that nobody may know.
pub(crate) const NO_POD: &str = "may_pods_be_listed";

/// Asks for an object: the SDK's `GetResourceRequest`, which owns all its fields.
#[derive(Serialize)]
pub(crate) struct Get<'a> {
    api_version: &'static str,
    kind: &'static str,
    name: &'a str,
    namespace: Option<&'a str>,
    disable_cache: bool,
    field_masks: [&'static str; 1],
}

/// Asks for the objects of a namespace: the SDK's `ListResourcesByNamespaceRequest`, likewise.
#[derive(Serialize)]
pub(crate) struct List<'a> {
    api_version: &'static str,
    kind: &'static str,
    namespace: &'a str,
    label_selector: Option<&'static str>,
    field_selector: Option<&'static str>,
    field_masks: &'static [&'static str],
}

/// With a mask on the metadata the host leaves out spec and status.
const METADATA: [&str; 1] = ["metadata.labels"];

/// Asks for a namespace with its metadata.
pub(crate) fn namespace(name: &str) -> Get<'_> {
    Get { api_version: "v1", kind: "Namespace", name, namespace: None, disable_cache: false, field_masks: METADATA }
}

/// Asks for the pods of a namespace, with the fields that are judged.
pub(crate) fn pods(namespace: &str) -> List<'_> {
    List { api_version: "v1", kind: "Pod", namespace, label_selector: None, field_selector: None, field_masks: FIELD_MASKS }
}

/// Asks whether pods can be listed: Kubewarden tries a list that fails again and again, and never answers, while
/// it answers at once that it could not get a pod. The host call `can_i` asks about a user by name, and nobody
/// tells a policy the name of its policy server; besides, it needs a right of its own.
pub(crate) fn look(namespace: &str) -> Get<'_> {
    // An older answer says nothing of now.
    Get { api_version: "v1", kind: "Pod", name: NO_POD, namespace: Some(namespace), disable_cache: true, field_masks: METADATA }
}

/// What the answer to [`look`] says: pods can be listed where the API server says that there is no such one. Any
/// other failure the list would meet too.
pub(crate) fn seen(answer: Result<Vec<u8>, String>) -> Result<(), LookupError> {
    match answer {
        Err(error) if !error.contains("Cannot find v1/Pod ") => Err(unanswered(error, "get, list and watch pods")),
        _ => Ok(()),
    }
}

/// A failure of the host, with what has to be granted against it: `right` where the API server refuses.
pub(crate) fn unanswered(error: String, right: &str) -> LookupError {
    let refused = |before: &str, after: &str| Some(error.split_once(before)?.1.split_once(after)?.0);
    let grant = if let Some(resource) = refused("Policy has not been granted access to Kubernetes ", " resources") {
        Some(format!("the policy needs {resource} in its contextAwareResources"))
    } else if let Some(capability) = refused("Policy has not been granted access to the '", "' host capability") {
        Some(format!("the policy needs the host capability {capability}"))
    } else if error.contains("code: 403") {
        Some(format!("the service account of the policy server must be allowed to {right}"))
    } else {
        None
    };
    LookupError { reason: error, permission: grant }
}

#[cfg(test)]
mod tests {
    use kubewarden_policy_sdk::host_capabilities::kubernetes::{GetResourceRequest, ListResourcesByNamespaceRequest};
    use serde::de::DeserializeOwned;

    use super::*;

    fn refusal(what: &str) -> String {
        format!("Host error: Callback evaluation failure: ApiError: {what}: Forbidden (Status {{ code: 403, message: {what:?} }})")
    }

    /// A question as it stands in a recorded session, below its tag.
    fn recorded(session: &str, number: usize) -> serde_json::Value {
        let session: serde_json::Value = serde_norway::from_str(session).unwrap();
        let (_, fields) = session[number]["request"].as_str().unwrap().split_once('\n').unwrap();
        serde_norway::from_str(fields).unwrap()
    }

    #[test]
    fn the_recorded_sessions_hold_what_is_asked() {
        let of_pod = include_str!("../../tests/data/e2e/namespace.session.yml");
        assert_eq!(serde_json::to_value(namespace("payments")).unwrap(), recorded(of_pod, 0));
        let of_namespace = include_str!("../../tests/data/e2e/pods.session.yml");
        assert_eq!(serde_json::to_value(look("payments")).unwrap(), recorded(of_namespace, 0));
        assert_eq!(serde_json::to_value(pods("payments")).unwrap(), recorded(of_namespace, 1));
    }

    #[test]
    fn the_questions_are_those_of_the_sdk() {
        fn read_by_the_sdk<T: Serialize + DeserializeOwned>(question: &impl Serialize) -> [serde_json::Value; 2] {
            let question = serde_json::to_value(question).unwrap();
            [serde_json::to_value(serde_json::from_value::<T>(question.clone()).unwrap()).unwrap(), question]
        }
        for [read, question] in [
            read_by_the_sdk::<GetResourceRequest>(&namespace("a")),
            read_by_the_sdk::<GetResourceRequest>(&look("a")),
            read_by_the_sdk::<ListResourcesByNamespaceRequest>(&pods("a")),
        ] {
            assert_eq!(read, question);
        }
    }

    #[test]
    fn a_failure_says_what_to_grant() {
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
        for (error, grant) in table {
            let expected = LookupError { reason: error.clone(), permission: grant.map(str::to_owned) };
            assert_eq!(unanswered(error, "get namespaces"), expected);
        }
    }

    #[test]
    fn pods_are_listed_where_there_is_no_pod_of_an_impossible_name() {
        let answer = |text: &str| seen(Err(format!("Host error: Callback evaluation failure: {text}")));
        assert_eq!(answer("Cannot find v1/Pod named 'may_pods_be_listed' inside of namespace 'Some(\"a\")'"), Ok(()));
        assert_eq!(seen(Ok(b"{}".to_vec())), Ok(()));
        for failure in ["ServiceError: client error (Connect)", "Cannot find v1/Namespace named 'a'", "cannot find"] {
            assert_eq!(answer(failure).map_err(|unanswered| unanswered.permission), Err(None), "{failure}");
        }
        let forbidden = seen(Err(refusal("pods \"may_pods_be_listed\" is forbidden"))).map_err(|unanswered| unanswered.permission);
        assert_eq!(forbidden, Err(Some("the service account of the policy server must be allowed to get, list and watch pods".to_owned())));
    }

    #[test]
    fn no_pod_can_have_the_name_that_is_asked_for() {
        // Kubernetes names pods as DNS subdomains.
        assert!(!NO_POD.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte)));
        // And it must be a segment of a path as it stands.
        assert!(NO_POD.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'));
    }
}
