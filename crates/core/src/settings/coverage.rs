//! The parts of a pod that the conditions of rules look at for a finding: its containers and its volume.

use std::cell::OnceCell;

use crate::pod::{Container, ContainerType, Pod, Volume, WritableVolumes, annotated_container};
use crate::standards::{Finding, Subject, sorted, without_slash};

/// A pod with findings, and what the rules need to know of it for many of them, which is computed once.
pub struct RuledPod<'p> {
    pod: Pod<'p>,
    /// The volumes that a container can write to, sorted.
    writable: OnceCell<WritableVolumes>,
}

/// The number of containers in a pod up to which rules cover their annotations, so that time grows linearly with the pod.
const MAX_ANNOTATED: usize = 1000;

impl<'p> RuledPod<'p> {
    /// A pod.
    pub fn new(pod: Pod<'p>) -> Self {
        RuledPod { pod, writable: OnceCell::new() }
    }

    /// Whether a finding is about containers that all meet a condition, and about no others. A value that the pod sets for its
    /// containers is about those that inherit it.
    pub(super) fn is_about(&self, finding: &Finding<'_>, condition: &dyn Fn(ContainerType, &Container<'_>) -> bool) -> bool {
        if let Subject::Container { kind, index, .. } = finding.subject {
            return self.pod.container(kind, index).is_some_and(|container| condition(kind, container));
        }
        let annotation = match finding.subject {
            Subject::Annotation { key } => Some(annotated_container(key)),
            _ => None,
        };
        let (mut visited, mut is_any, mut all_meet) = (0, false, true);
        self.pod.visit_containers(&mut |kind, container| {
            let is_concerned = match annotation {
                Some(name) => name.is_none_or(|name| container.name == name),
                None => finding.is_inherited_by(&container.security_context),
            };
            is_any |= is_concerned;
            visited += 1;
            all_meet &= (!is_concerned || condition(kind, container)) && (annotation.is_none() || visited <= MAX_ANNOTATED);
            all_meet
        });
        is_any && all_meet
    }

    /// The path of a finding that is a hostPath volume and nothing else, without `..` in it.
    pub(super) fn path_on_node(&self, finding: &Finding<'_>) -> Option<&'p str> {
        let path = self.volume(finding).filter(|volume| volume.sources().nth(1).is_none())?.host_path.as_deref()?;
        // Windows has the other separator, too.
        let mut segments = path.as_bytes().split(|byte| matches!(byte, b'/' | b'\\'));
        (!segments.any(|segment| segment == b"..")).then_some(path)
    }

    /// Whether a finding is a volume that no container can write to.
    pub fn is_read_only(&self, finding: &Finding<'_>) -> bool {
        let Some(volume) = self.volume(finding) else { return false };
        let WritableVolumes { names, may_be_others } = self.writable.get_or_init(|| {
            let mut volumes = WritableVolumes::default();
            self.pod.visit_containers(&mut |_, container| {
                container.volume_mounts.add_writable(&mut volumes);
                true
            });
            volumes.names = sorted(volumes.names);
            volumes
        });
        !may_be_others && names.binary_search_by(|name| name.as_str().cmp(&volume.name)).is_err()
    }

    fn volume(&self, finding: &Finding<'_>) -> Option<&'p Volume<'p>> {
        let Subject::Volume { index, .. } = finding.subject else { return None };
        self.pod.spec.volumes.get(index)
    }
}

/// Whether a path is a directory, or below it in whole segments.
///
/// Source: `hasPathPrefix` in `pkg/security/podsecuritypolicy/util/util.go` of Kubernetes 1.24.
pub(super) fn includes(directory: &str, path: &str) -> bool {
    let rest = path.strip_prefix(without_slash(directory));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_include_whole_segments() {
        let table = [
            ("/var/log", "/var/log", true),
            ("/var/log", "/var/log/", true),
            ("/var/log/", "/var/log", true),
            ("/var/log", "/var/log/pods/a", true),
            ("/var/log", "/var/logs", false),
            ("/var/log", "/var/lo", false),
            ("/var/log", "/var", false),
            ("/var/log", "var/log", false),
            ("/var/log", "//var/log", false),
            ("/var/log", "", false),
        ];
        for (directory, path, expected) in table {
            assert_eq!(includes(directory, path), expected, "{directory} {path}");
        }
    }
}
