//! Handlers of the guest's host calls, and the grants that limit them.

use std::collections::BTreeSet;

use crate::host_request::HostRequest;

/// Handles the calls that a guest makes to its host.
pub trait HostCalls: Send + Sync {
    /// Handles one call and returns the response's bytes. A call of the guest SDK has the binding
    /// `kubewarden`, a namespace such as `kubernetes`, an operation such as `get_resource` and a JSON
    /// payload, which [`HostRequest::parse`] parses.
    ///
    /// # Errors
    /// The text that the guest gets after `Host error: `. An error of the API server begins with
    /// `Callback evaluation failure: `.
    fn call(&self, binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String>;
}

impl<H: HostCalls + ?Sized> HostCalls for Box<H> {
    fn call(&self, binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        (**self).call(binding, namespace, operation, payload)
    }
}

/// Handles the calls that need no cluster, such as logging, and passes the others to `host_calls`.
pub(crate) fn dispatch(
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

/// A host without grants and without a cluster: every call fails.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCluster;

impl HostCalls for NoCluster {
    fn call(&self, binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        GrantFilter::without_resources(NotConnected).call(binding, namespace, operation, payload)
    }
}

/// A host without a connection to an API server: every valid call fails with kwctl's error for that.
#[derive(Clone, Copy, Debug, Default)]
pub struct NotConnected;

impl HostCalls for NotConnected {
    fn call(&self, _binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        HostRequest::parse(namespace, operation, payload)?;
        Err("Callback evaluation failure: kube::Client was not initialized properly".to_owned())
    }
}

/// Passes on only granted calls: by kind of resource, as `contextAwareResources` does, and by
/// operation, as `hostCapabilities` does.
#[derive(Clone, Debug)]
pub struct GrantFilter<H> {
    /// (apiVersion, kind); `None` grants every kind.
    resources: Option<BTreeSet<(String, String)>>,
    capabilities: Vec<String>,
    inner: H,
}

impl<H: HostCalls> GrantFilter<H> {
    /// Grants these resources, as (apiVersion, kind), and every operation.
    pub fn new(resources: impl IntoIterator<Item = (String, String)>, inner: H) -> Self {
        Self { resources: Some(resources.into_iter().collect()), capabilities: vec!["*".to_owned()], inner }
    }

    /// Grants no resource, and every operation.
    pub fn without_resources(inner: H) -> Self {
        Self::new([], inner)
    }

    /// Grants every resource and every operation.
    pub fn with_all_resources(inner: H) -> Self {
        Self { resources: None, ..Self::without_resources(inner) }
    }

    /// Limits the operations to these patterns: `*`, `kubernetes/*` or `kubernetes/get_resource`.
    #[must_use]
    pub fn limit_capabilities(mut self, capabilities: Vec<String>) -> Self {
        self.capabilities = capabilities;
        self
    }

    fn is_capability_granted(&self, namespace: &str, operation: &str) -> bool {
        self.capabilities.iter().any(|pattern| {
            pattern == "*" || pattern.split_once('/').is_some_and(|(group, name)| group == namespace && (name == "*" || name == operation))
        })
    }
}

impl<H: HostCalls> HostCalls for GrantFilter<H> {
    fn call(&self, binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        if !self.is_capability_granted(namespace, operation) {
            return Err(format!(
                "Policy has not been granted access to the '{namespace}/{operation}' host capability. The violation has been reported."
            ));
        }
        let request = HostRequest::parse(namespace, operation, payload)?;
        match (request.resource(), &self.resources) {
            (Some((api_version, kind)), Some(granted)) if !granted.contains(&(api_version.to_owned(), kind.to_owned())) => Err(format!(
                "Policy has not been granted access to Kubernetes {api_version}/{kind} resources. The violation has been reported."
            )),
            _ => self.inner.call(binding, namespace, operation, payload),
        }
    }
}
