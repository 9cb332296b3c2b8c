//! Requests for pods.

use std::cell::LazyCell;

use super::cluster::{Cluster, Unanswered};
use super::decision::Decision;
use super::evaluation::{Case, Whose, judge};
use super::request::{Operation, Request, Undecodable, decoded};
use super::standing::{Namespace, Standing};
use crate::IN_PAGE;
use crate::places::Places;
use crate::pod::{Container, ContainerType, Object, Pod};
use crate::quote::quoted;
use crate::settings::Settings;
use crate::standards::{Finding, Place};

/// The subresources that cannot change what a pod may do. Any other is judged, one that Kubernetes
/// will only invent tomorrow too.
const IGNORED_SUBRESOURCES: [&str; 8] = ["exec", "attach", "binding", "eviction", "log", "portforward", "proxy", "status"];

pub(super) fn admit(request: &Request<'_>, operation: Operation, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    if IGNORED_SUBRESOURCES.contains(&request.sub_resource.as_ref()) {
        return Decision::accepted();
    }
    let namespace = Namespace::new(&request.namespace, cluster);
    let standing = Standing::of(request, settings, &namespace);
    let (demands, label_errors) = match standing {
        Standing::Exempt(answer) => return answer,
        Standing::Judged(ref demands, ref label_errors) => (demands, label_errors),
        Standing::Unknown(unanswered) => return unknown_namespace(&request.namespace, unanswered),
    };
    if label_errors.is_empty() && demands.are_privileged() {
        return Decision::accepted().annotated(super::decision::ENFORCE_POLICY, "privileged:latest".to_owned());
    }
    let pod = match decoded(request.object.as_ref(), "", "Pod") {
        Ok(pod) => pod,
        Err(undecodable) => return bad_request("object", "pod", undecodable),
    };
    let mut old = None;
    if !IN_PAGE && operation == Operation::Update {
        let before = match decoded(request.old_object.as_deref(), "", "Pod") {
            Ok(old) => old,
            Err(undecodable) => return bad_request("old object", "old pod", undecodable),
        };
        if !is_significant_update(pod, before) {
            return Decision::accepted();
        }
        old = Some(before);
    }
    let before = LazyCell::new(|| Named::of(old.map_or(&[], |old| &old.value.spec.ephemeral_containers)));
    // Of the containers of a pod that is there only ephemeral ones that are added can be changed.
    let is_new = |finding: &Finding<'_>| matches!(finding.place, Place::Container { kind: ContainerType::Ephemeral, name, .. } if before.get(name).is_none());
    let case = Case {
        pod: Pod::of(pod),
        whose: Whose::Pod(&request.name),
        namespace: &request.namespace,
        demands,
        label_errors,
        may_fill: &mut |finding| IN_PAGE || old.is_none() || is_new(finding),
        before: None,
    };
    judge(case, settings)
}

/// The answer where enforcing needs a namespace that cannot be read.
pub(super) fn unknown_namespace(namespace: &str, unanswered: Unanswered) -> Decision {
    let message = unanswered.told(format!("Internal error occurred: failed to lookup namespace {}", quoted(namespace)));
    Decision::failed(500, message, Some(unanswered.why))
}

/// The answer to an object that cannot be decoded: what it was to be, as an object and as its kind.
pub(super) fn bad_request(object: &str, kind: &str, undecodable: Undecodable) -> Decision {
    match undecodable {
        Undecodable::Object(details) => Decision::failed(400, format!("failed to decode {object}"), Some(details)),
        Undecodable::Kind => Decision::failed(400, format!("failed to decode {kind}"), None),
    }
}

/// Whether an update changes what the standards judge and the API server lets change: images, and
/// ephemeral containers.
fn is_significant_update(new: &Object<'_>, old: &Object<'_>) -> bool {
    let (new, old) = (&new.value.spec, &old.value.spec);
    let before = Named::of(&old.ephemeral_containers);
    images_differ(&new.containers, &old.containers)
        || images_differ(&new.init_containers, &old.init_containers)
        || new.ephemeral_containers.iter().any(|container| before.get(&container.name).is_none_or(|before| before.image != container.image))
}

/// Containers by their names; of a name the first counts.
struct Named<'p> {
    containers: &'p [Container<'p>],
    places: Places,
}

impl<'p> Named<'p> {
    fn of(containers: &'p [Container<'p>]) -> Self {
        let mut named = Named { containers, places: Places::default() };
        for (place, container) in containers.iter().enumerate() {
            named.places.find_or_add(&container.name, place, &|place| name_at(containers, place));
        }
        named
    }

    fn get(&self, name: &str) -> Option<&'p Container<'p>> {
        self.containers.get(self.places.find(name, &|place| name_at(self.containers, place))?)
    }
}

fn name_at<'p>(containers: &'p [Container<'p>], place: usize) -> Option<&'p str> {
    containers.get(place).map(|container| container.name.as_ref())
}

fn images_differ(new: &[Container<'_>], old: &[Container<'_>]) -> bool {
    new.len() != old.len() || new.iter().zip(old).any(|(new, old)| new.image != old.image)
}
