//! What a guest may ask of its host, who answers, and what is refused.

use std::collections::BTreeSet;

use crate::host_request::Question;

/// Answers the calls that a guest makes to its host.
pub trait HostCalls: Send + Sync {
    /// Answers one call. A call of the guest SDK has the binding `kubewarden`, a namespace such as
    /// `kubernetes`, an operation such as `get_resource` and a JSON payload
    /// ([`Question::parse`] reads it).
    ///
    /// # Errors
    /// The text that the guest reads after `Host error: `. What the API server refused begins with
    /// `Callback evaluation failure: `.
    fn call(&self, binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String>;
}

impl<H: HostCalls + ?Sized> HostCalls for Box<H> {
    fn call(&self, binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        (**self).call(binding, namespace, operation, payload)
    }
}

/// Answers what is the same for every policy, and passes the rest on.
pub(crate) fn answer(
    host_calls: &dyn HostCalls,
    binding: &str,
    namespace: &str,
    operation: &str,
    payload: &[u8],
) -> Result<Vec<u8>, String> {
    match (binding, namespace, operation) {
        ("kubewarden", "tracing", "log") => {
            eprintln!("policy: {}", String::from_utf8_lossy(payload));
            Ok(Vec::new())
        }
        ("kubewarden", "tracing", _) => Err(format!("unknown operation: {operation}")),
        ("kubewarden", _, _) => host_calls.call(binding, namespace, operation, payload),
        _ => Err(format!("unknown binding: {binding}")),
    }
}

/// A host that was granted nothing and knows no cluster: every question is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCluster;

impl HostCalls for NoCluster {
    fn call(&self, binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        Granted::nothing(NotConnected).call(binding, namespace, operation, payload)
    }
}

/// A host that has no connection to an API server: what was granted fails all the same.
#[derive(Clone, Copy, Debug, Default)]
pub struct NotConnected;

impl HostCalls for NotConnected {
    fn call(&self, _binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        Question::parse(namespace, operation, payload)?;
        Err("Callback evaluation failure: kube::Client was not initialized properly".to_owned())
    }
}

/// Passes on only what was granted: by kind of resource, as `contextAwareResources` does, and by
/// operation, as `hostCapabilities` does.
#[derive(Clone, Debug)]
pub struct Granted<H> {
    /// (apiVersion, kind); none where every kind is granted.
    resources: Option<BTreeSet<(String, String)>>,
    capabilities: Vec<String>,
    inner: H,
}

impl<H: HostCalls> Granted<H> {
    /// Grants these resources, as (apiVersion, kind), and every operation.
    pub fn new(resources: impl IntoIterator<Item = (String, String)>, inner: H) -> Self {
        Self { resources: Some(resources.into_iter().collect()), capabilities: vec!["*".to_owned()], inner }
    }

    /// Grants no resource.
    pub fn nothing(inner: H) -> Self {
        Self::new([], inner)
    }

    /// Grants every resource.
    pub fn everything(inner: H) -> Self {
        Self { resources: None, ..Self::nothing(inner) }
    }

    /// Grants only these operations: `*`, `kubernetes/*` or `kubernetes/get_resource`.
    #[must_use]
    pub fn only_capabilities(mut self, capabilities: Vec<String>) -> Self {
        self.capabilities = capabilities;
        self
    }

    fn may(&self, namespace: &str, operation: &str) -> bool {
        self.capabilities.iter().any(|pattern| {
            pattern == "*" || pattern.split_once('/').is_some_and(|(group, name)| group == namespace && (name == "*" || name == operation))
        })
    }
}

impl<H: HostCalls> HostCalls for Granted<H> {
    fn call(&self, binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        if !self.may(namespace, operation) {
            return Err(format!(
                "Policy has not been granted access to the '{namespace}/{operation}' host capability. The violation has been reported."
            ));
        }
        let question = Question::parse(namespace, operation, payload)?;
        match (question.resource(), &self.resources) {
            (Some((api_version, kind)), Some(granted)) if !granted.contains(&(api_version.to_owned(), kind.to_owned())) => Err(format!(
                "Policy has not been granted access to Kubernetes {api_version}/{kind} resources. The violation has been reported."
            )),
            _ => self.inner.call(binding, namespace, operation, payload),
        }
    }
}
