//! Exemptions and policies of a request, which are evaluated before its object is decoded.

use std::cell::OnceCell;

use super::cluster::{Cluster, LookupError};
use super::policies::{LabelError, ModePolicies};
use super::request::Request;
use crate::pod::Labels;
use crate::settings::{Exemption, NamespaceLabels, Settings};

/// The exemption of a request, or the policies by which it is evaluated.
pub(super) enum Applicability {
    /// The request is exempt.
    Exempt(Exemption),
    /// The request is evaluated by these policies. The errors are those in the labels of its namespace.
    Judged(ModePolicies, Vec<LabelError>),
    /// The namespace of the request cannot be looked up.
    Unknown(LookupError),
}

/// A namespace. Its labels are looked up once, and only if they are needed.
pub struct Namespace<'c> {
    name: &'c str,
    cluster: &'c dyn Cluster,
    labels: OnceCell<Result<Labels<'static>, LookupError>>,
}

impl<'c> Namespace<'c> {
    /// Returns the namespace with a name in a cluster.
    pub fn new(name: &'c str, cluster: &'c dyn Cluster) -> Self {
        Namespace { name, cluster, labels: OnceCell::new() }
    }

    /// Returns the cluster.
    pub(super) fn cluster(&self) -> &'c dyn Cluster {
        self.cluster
    }

    fn labels(&self) -> Result<&Labels<'static>, LookupError> {
        self.labels.get_or_init(|| self.cluster.labels(self.name)).as_ref().map_err(Clone::clone)
    }

    /// Returns the policies of its pods, and the errors in its labels.
    ///
    /// # Errors
    /// If the settings read labels, and these cannot be looked up.
    pub fn policies(&self, settings: &Settings<'_>) -> Result<(ModePolicies, Vec<LabelError>), LookupError> {
        let labels = match settings.namespace_labels {
            NamespaceLabels::Ignore => None,
            NamespaceLabels::Honor | NamespaceLabels::Tighten | NamespaceLabels::Set => Some(self.labels()?),
        };
        Ok(ModePolicies::of(settings, labels))
    }
}

impl Applicability {
    /// Evaluated in the order of Kubernetes: the namespace, the user, then the policies.
    pub(super) fn of(request: &Request<'_>, settings: &Settings<'_>, namespace: &Namespace<'_>) -> Applicability {
        if settings.exempts_namespace(namespace.name) {
            return Applicability::Exempt(Exemption::Namespace);
        }
        let mut unknown = None;
        if settings.exemptions.namespace_selector.terms().is_some() {
            match namespace.labels() {
                Ok(labels) if settings.exempts_namespace_labels(labels) => return Applicability::Exempt(Exemption::Namespace),
                Ok(_) => {}
                // The user may be exempt.
                Err(error) => unknown = Some(error),
            }
        }
        if settings.exempts_user(&request.user_info.username) {
            return Applicability::Exempt(Exemption::User);
        }
        if settings.exempts_groups(&request.user_info.groups) {
            return Applicability::Exempt(Exemption::Group);
        }
        let policies = unknown.map_or_else(|| namespace.policies(settings), Err);
        policies.map_or_else(Applicability::Unknown, |(policies, errors)| Applicability::Judged(policies, errors))
    }
}
