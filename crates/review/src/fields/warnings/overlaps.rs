//! Files of a volume that are at the same path, or below another.

use pss_core::quote::quoted;
use pss_manifest::Node;

use super::{field, list, text};

/// Returns the warnings about the files of a volume, which do not have the path of a field.
///
/// Source: `warningsForOverlappingVirtualPaths` in `pkg/api/pod/warnings.go` of Kubernetes.
pub(super) fn overlaps(volume: Node<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    let volume_name = quoted(text(volume, &["name"]));
    for (source, name, title) in
        [("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret"), ("downwardAPI", "", "DownwardAPI")]
    {
        if let Some(source) = field(volume, &[source]) {
            let owner = owner(title, source, name);
            add(&mut warnings, &paths(source), &format!("volume {volume_name} ({owner}): overlapping paths"));
        }
    }
    let mut all: Vec<&str> = Vec::new();
    let mut current = None;
    for (_, projection) in list(volume, &["projected", "sources"]) {
        if !projection.pairs().any(|(name, _)| field(projection, &[name]).is_some()) {
            warnings.push(format!("volume {volume_name} (Projected) has no sources provided"));
            continue;
        }
        // Kubernetes compares the paths of the source before one without paths again.
        current = projected(projection).or(current);
        let Some((own, owner)) = current.as_ref().filter(|(own, _)| !own.is_empty()) else { continue };
        let message = format!("volume {volume_name} (Projected {owner}): overlapping paths");
        add(&mut warnings, own, &message);
        let mut unique = own.clone();
        unique.sort_unstable();
        unique.dedup();
        let mut combined = [unique.as_slice(), &all].concat();
        combined.sort_unstable();
        add(&mut warnings, &combined, &message);
        all.extend(unique);
        all.sort_unstable();
        all.dedup();
    }
    warnings
}

/// Returns the paths of a source of a projected volume, and its kind with its name; `None` if it has no paths.
fn projected(projection: Node<'_>) -> Option<(Vec<&str>, String)> {
    for (source, name, title) in [("configMap", "name", "ConfigMap"), ("secret", "name", "Secret"), ("downwardAPI", "", "DownwardAPI")] {
        if let Some(source) = field(projection, &[source]).filter(|source| field(*source, &["items"]).is_some()) {
            return Some((paths(source), owner(title, source, name)));
        }
    }
    if let Some(token) = field(projection, &["serviceAccountToken"]) {
        return Some((vec![text(token, &["path"])], "ServiceAccountToken".to_owned()));
    }
    let bundle = field(projection, &["clusterTrustBundle"])?;
    let name = if field(bundle, &["name"]).is_some() { "name" } else { "signerName" };
    Some((vec![text(bundle, &["path"])], owner("ClusterTrustBundle", bundle, name)))
}

/// Returns the kind of a source with its name.
fn owner(title: &str, source: Node<'_>, name: &str) -> String {
    if name.is_empty() { title.to_owned() } else { format!("{title} {}", quoted(text(source, &[name]))) }
}

fn paths(source: Node<'_>) -> Vec<&str> {
    list(source, &["items"]).map(|(_, item)| text(item, &["path"])).collect()
}

/// Adds a warning for each path that is at, above or below an earlier one.
fn add(warnings: &mut Vec<String>, paths: &[&str], message: &str) {
    let mut earlier: Vec<&str> = Vec::new();
    for path in paths {
        let path = path.trim_end_matches('/');
        let starts = |longer: &str, start: &str| format!("{longer}/").starts_with(start);
        let other = earlier.iter().find(|other| !other.is_empty() && (starts(other, path) || starts(path, other)));
        if let Some(other) = other.filter(|_| !path.is_empty()) {
            warnings.push(format!("{message}: {} with {}", quoted(path), quoted(other)));
        }
        if !earlier.contains(&path) {
            earlier.push(path);
        }
    }
}
