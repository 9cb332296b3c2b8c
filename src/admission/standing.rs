//! What is known of a request before its object is looked at: whether it is exempt, and what is asked
//! of the pods in its namespace.

use std::cell::OnceCell;

use super::cluster::{Cluster, Unanswered};
use super::decision::Decision;
use super::policy::{Demands, LabelError};
use super::request::Request;
use crate::pod::Labels;
use crate::settings::{NamespaceLabels, Settings};

/// Where a request stands.
pub(super) enum Standing {
    /// It is exempt: the answer.
    Exempt(Decision),
    /// It is to be judged by these demands; with what is wrong with the labels of its namespace.
    Judged(Demands, Vec<LabelError>),
    /// The namespace that it is for cannot be read, and why.
    Unknown(Unanswered),
}

/// A namespace by its name; its labels are asked for once, and only if they matter.
pub(crate) struct Namespace<'c> {
    name: &'c str,
    cluster: &'c dyn Cluster,
    labels: OnceCell<Result<Labels<'static>, Unanswered>>,
}

impl<'c> Namespace<'c> {
    pub(crate) fn new(name: &'c str, cluster: &'c dyn Cluster) -> Self {
        Namespace { name, cluster, labels: OnceCell::new() }
    }

    fn labels(&self) -> Result<&Labels<'static>, Unanswered> {
        self.labels.get_or_init(|| self.cluster.labels(self.name)).as_ref().map_err(Clone::clone)
    }

    /// What is asked of its pods, and what is wrong with its labels; or why it cannot be known.
    pub(crate) fn demands(&self, settings: &Settings<'_>) -> Result<(Demands, Vec<LabelError>), Unanswered> {
        let labels = match settings.namespace_labels {
            NamespaceLabels::Ignore => None,
            NamespaceLabels::Honor | NamespaceLabels::Tighten | NamespaceLabels::Set => Some(self.labels()?),
        };
        Ok(Demands::of(settings, labels))
    }
}

impl Standing {
    /// In the order in which Kubernetes looks: the namespace, the user, then the policy.
    pub(super) fn of(request: &Request<'_>, settings: &Settings<'_>, namespace: &Namespace<'_>) -> Standing {
        let exempt = |kind| Standing::Exempt(Decision::exempt(kind));
        if settings.exempts_namespace(namespace.name) {
            return exempt("namespace");
        }
        let mut unknown = None;
        if settings.exemptions.namespace_selector.terms().is_some() {
            match namespace.labels() {
                Ok(labels) if settings.exempts_namespace_labels(labels) => return exempt("namespace"),
                Ok(_) => {}
                // A user may be exempt all the same.
                Err(why) => unknown = Some(why),
            }
        }
        if settings.exempts_user(&request.user_info.username) {
            return exempt("user");
        }
        // Groups that cannot be read exempt nobody.
        let is_in_exempt_group =
            || request.user_info.groups.read("request.userInfo.groups").is_ok_and(|groups| settings.exempts_groups(&groups));
        if !settings.exemptions.groups.is_empty() && is_in_exempt_group() {
            return exempt("group");
        }
        let demands = unknown.map_or_else(|| namespace.demands(settings), Err);
        demands.map_or_else(Standing::Unknown, |(demands, errors)| Standing::Judged(demands, errors))
    }
}
