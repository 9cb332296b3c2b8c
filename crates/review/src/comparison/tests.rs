//! The differences between two levels and versions, in both directions.

use pss_core::standards::{Level, LevelVersion, Version};

use crate::testing::source;
use crate::{ChangeKind, Comparison};

/// Compares two policies such as `restricted:v1.34`.
fn compare(manifests: &str, from: &str, to: &str) -> Comparison {
    let target = |target: &str| {
        let (level, version) = target.split_once(':').unwrap();
        LevelVersion { level: Level::parse(level).unwrap(), version: Version::parse(version).unwrap() }
    };
    crate::compare(&[source(manifests)], target(from), target(to))
}

/// The differences as text: `+check` for added, `-check` for removed and `~check` for changed checks.
fn checks(comparison: &Comparison) -> Vec<String> {
    let sign = |kind| match kind {
        ChangeKind::Added => '+',
        ChangeKind::Removed => '-',
        ChangeKind::Changed => '~',
    };
    comparison.checks.iter().map(|change| format!("{}{}", sign(change.kind), change.check.id)).collect()
}

#[test]
fn lists_added_removed_and_changed_checks() {
    let table: [(&str, &str, &[&str]); 8] = [
        ("baseline:v1.34", "baseline:v1.34", &[]),
        ("privileged:v1.0", "privileged:latest", &[]),
        ("baseline:v1.33", "baseline:v1.34", &["+hostProbesAndHostLifecycle"]),
        ("baseline:v1.30", "baseline:v1.31", &["~seLinuxOptions"]),
        ("baseline:v1.31", "baseline:v1.30", &["~seLinuxOptions"]),
        ("restricted:v1.24", "restricted:v1.25", &["~allowPrivilegeEscalation", "~capabilities_restricted", "~seccompProfile_restricted"]),
        ("restricted:v1.7", "restricted:v1.8", &["+allowPrivilegeEscalation"]),
        ("restricted:v1.37", "restricted:latest", &[]),
    ];
    for (from, to, expected) in table {
        let up = checks(&compare("", from, to));
        assert_eq!(up, expected, "{from} to {to}");
        let down = checks(&compare("", to, from));
        let reversed: Vec<String> = up.iter().map(|change| change.replace('+', "?").replace('-', "+").replace('?', "-")).collect();
        assert_eq!(down, reversed, "{to} to {from}");
    }
    let level = checks(&compare("", "baseline:v1.34", "restricted:v1.34"));
    for expected in ["-hostPathVolumes", "+restrictedVolumes", "-capabilities_baseline", "+capabilities_restricted", "+runAsNonRoot"] {
        assert!(level.iter().any(|change| change == expected), "{expected} is not in {level:?}");
    }
}

#[test]
fn lists_added_and_removed_findings() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  hostNetwork: true\n  securityContext: {seLinuxOptions: {type: container_engine_t}}\n  \
               containers: [{name: c}]\n";
    let text =
        format!("{pod}---\napiVersion: v1\nkind: Service\nmetadata: {{name: s}}\n---\n: [\n---\n{}", pod.replace("name: a", "name: b"));
    let differences = |from, to| {
        let comparison = compare(&text, from, to);
        let changes = comparison.documents.iter().map(|document| {
            let checks = |findings: &[crate::Finding]| findings.iter().map(|finding| finding.check.id.to_owned()).collect::<Vec<_>>();
            (
                document.document.index,
                document.document.kind.clone(),
                document.document.name.clone(),
                checks(&document.added),
                checks(&document.removed),
            )
        });
        changes.collect::<Vec<_>>()
    };
    let each = |added: &[&str], removed: &[&str]| {
        let list = |checks: &[&str]| checks.iter().map(|check| (*check).to_owned()).collect::<Vec<_>>();
        [(0, "a"), (3, "b")].map(|(index, name)| (index, "Pod".to_owned(), name.to_owned(), list(added), list(removed))).to_vec()
    };
    assert_eq!(differences("baseline:v1.30", "baseline:v1.31"), each(&[], &["seLinuxOptions"]));
    assert_eq!(differences("baseline:v1.31", "baseline:v1.30"), each(&["seLinuxOptions"], &[]));
    assert_eq!(differences("privileged:v1.31", "baseline:v1.31"), each(&["hostNamespaces"], &[]));
    assert_eq!(differences("baseline:v1.31", "privileged:v1.31"), each(&[], &["hostNamespaces"]));
    assert_eq!(differences("baseline:v1.31", "baseline:v1.32"), []);
    let hardening = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];
    assert_eq!(differences("baseline:latest", "restricted:latest"), each(&hardening, &[]));
}
