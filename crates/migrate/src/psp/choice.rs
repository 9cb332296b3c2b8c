//! The PodSecurityPolicy that Kubernetes chooses for a pod.
//!
//! Of the policies that the service account of the pod or the requesting user may use, sorted by name, the first that admits the
//! pod without changes wins, else the first that admits it with changes.
//!
//! Source: `computeSecurityContext` in `plugin/pkg/admission/security/podsecuritypolicy/admission.go` of Kubernetes 1.24.

use std::collections::{BTreeMap, HashMap};
use std::ptr;
use std::rc::Rc;

use super::Field;
use super::access::{Binding, Identity, may_use};
use super::admission::{Outcome, admit, rejecting_fields};
use super::pod::PodFields;
use super::policy::Policy;
use super::workload::Workload;

/// The chosen policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Choice {
    /// Its index in the list of policies.
    pub(super) policy: usize,
    /// Whether it changes the pod.
    pub(super) changes: bool,
}

/// Chooses policies for pods. Results for equal pods are computed once.
pub(super) struct Chooser<'p> {
    /// Sorted by name.
    policies: &'p [Policy],
    /// `None` if roles and bindings are not known: then every policy may be used.
    bindings: Option<&'p [Binding]>,
    /// The user who creates pods without a controller.
    user: Option<&'p Identity>,
    /// The indices of the policies that may be used.
    usable: HashMap<Requesters, Rc<Vec<usize>>>,
    /// By the addresses of the fields of a pod, of which there is one for equal pods, and of the list of usable policies.
    choices: HashMap<(*const PodFields, *const Vec<usize>), Option<Choice>>,
    outcomes: HashMap<*const PodFields, Vec<Option<Outcome>>>,
    rejections: HashMap<(*const PodFields, *const Vec<usize>), Rc<Rejections>>,
}

/// What the requesters of a pod depend on: namespace, service account, controller and node.
type Requesters = (String, String, &'static str, Option<Rc<(String, String)>>);

/// The names of policies that reject a pod, with the fields that do.
pub(super) type Rejections = BTreeMap<String, Vec<&'static str>>;

/// The number of policies in [`Rejections`]: those with the fewest fields, which are the nearest to admitting the pod.
const MAX_REJECTIONS: usize = 3;

impl<'p> Chooser<'p> {
    /// `policies` are sorted by name.
    pub(super) fn new(policies: &'p [Policy], bindings: Option<&'p [Binding]>, user: Option<&'p Identity>) -> Self {
        Chooser {
            policies,
            bindings,
            user,
            usable: HashMap::new(),
            choices: HashMap::new(),
            outcomes: HashMap::new(),
            rejections: HashMap::new(),
        }
    }

    /// Returns the indices of the policies that may be used for a pod or the pods of a template.
    pub(super) fn usable(&mut self, workload: &Workload) -> Rc<Vec<usize>> {
        let node = workload.owner.as_ref().filter(|owner| owner.0 == "Node").map(Rc::clone);
        let key = (workload.namespace.clone(), workload.service_account.clone(), workload.controller, node);
        if let Some(usable) = self.usable.get(&key) {
            return Rc::clone(usable);
        }
        let identities = self.identities(workload);
        let is_usable = |policy: &Policy| {
            let may_use =
                |identity: &Identity| self.bindings.is_none_or(|bindings| may_use(bindings, identity, &workload.namespace, &policy.name));
            policy.unusable.is_none() && identities.iter().any(may_use)
        };
        let usable: Vec<usize> = (0..).zip(self.policies).filter(|(_, policy)| is_usable(policy)).map(|(index, _)| index).collect();
        // Equal lists have one address, for `choices`.
        let usable = self.usable.values().find(|other| ***other == usable).map_or_else(|| Rc::new(usable), Rc::clone);
        self.usable.insert(key, Rc::clone(&usable));
        usable
    }

    /// Returns who may request a pod: its service account, and its controller, its node or the user.
    fn identities(&self, workload: &Workload) -> Vec<Identity> {
        let account = Identity::service_account(&workload.namespace, &workload.service_account);
        let requester = match (controller_account(workload.controller), workload.owner.as_deref()) {
            (Some(account), _) => Identity::service_account("kube-system", account),
            // A kubelet creates the mirror pods of its static pods.
            (None, Some((kind, node))) if kind == "Node" => {
                Identity { user: format!("system:node:{node}"), groups: vec!["system:nodes".to_owned()] }
            }
            // Of an unknown user it is certain that the user is authenticated.
            (None, _) => self.user.cloned().unwrap_or_default(),
        };
        vec![account, requester.authenticated()]
    }

    /// Returns the policy that is chosen when a pod is created; `None` if all reject it.
    pub(super) fn choose(&mut self, workload: &Workload) -> Option<Choice> {
        let usable = self.usable(workload);
        let key = (Rc::as_ptr(&workload.fields), Rc::as_ptr(&usable));
        if let Some(choice) = self.choices.get(&key) {
            return *choice;
        }
        let outcomes = self.outcomes.entry(ptr::from_ref(workload.fields.as_ref())).or_insert_with(|| vec![None; self.policies.len()]);
        let mut with_changes = None;
        let mut choice = None;
        for index in usable.iter().copied() {
            let (Some(policy), Some(outcome)) = (self.policies.get(index), outcomes.get_mut(index)) else { continue };
            match *outcome.get_or_insert_with(|| admit(policy, &workload.fields)) {
                Outcome::Unchanged => {
                    choice = Some(Choice { policy: index, changes: false });
                    break;
                }
                Outcome::Changed if with_changes.is_none() => with_changes = Some(Choice { policy: index, changes: true }),
                _ => {}
            }
        }
        let choice = choice.or(with_changes);
        self.choices.insert(key, choice);
        choice
    }
}

impl Chooser<'_> {
    /// Returns why the usable policies reject a pod.
    pub(super) fn rejections(&mut self, workload: &Workload) -> Rc<Rejections> {
        let usable = self.usable(workload);
        let key = (Rc::as_ptr(&workload.fields), Rc::as_ptr(&usable));
        let policies = self.policies;
        let rejections = || {
            let policies = usable.iter().filter_map(|index| policies.get(*index));
            let fields = |policy: &Policy| rejecting_fields(policy, &workload.fields).map(Field::path).collect::<Vec<_>>();
            let mut rejections: Vec<_> = policies.map(|policy| (policy.name.clone(), fields(policy))).collect();
            rejections.sort_by_key(|(_, fields)| fields.len());
            Rc::new(rejections.into_iter().take(MAX_REJECTIONS).collect())
        };
        Rc::clone(self.rejections.entry(key).or_insert_with(rejections))
    }
}

/// Returns the service account in kube-system of the controller that creates the pods of a kind of workloads.
fn controller_account(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "ReplicaSet" | "Deployment" => "replicaset-controller",
        "ReplicationController" => "replication-controller",
        "StatefulSet" => "statefulset-controller",
        "DaemonSet" => "daemon-set-controller",
        "Job" | "CronJob" => "job-controller",
        _ => return None,
    })
}
