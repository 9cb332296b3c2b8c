//! The counts of a run, and the summary line.

use std::ops::AddAssign;

/// The counts of documents, files or a run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Files that were read, standard input included.
    pub files: usize,
    /// Objects of any kind.
    pub objects: usize,
    /// Pods and workloads that were judged.
    pub judged: usize,
    /// Pods and workloads with violations that count.
    pub rejected: usize,
    /// Violations that count.
    pub violations: usize,
    /// Findings of the modes audit and warn, and other warnings.
    pub warnings: usize,
    /// Findings that have a fix.
    pub fixable: usize,
    /// Findings in the baseline.
    pub in_baseline: usize,
    /// Findings that exceptions of the configuration file or rules of the settings cover.
    pub excepted: usize,
    /// Pods and workloads that are exempt as a whole.
    pub exempt: usize,
    /// Files and documents that could not be judged.
    pub unjudged: usize,
    /// Objects that were judged although an API server does not accept them: with unknown fields or values of the wrong type.
    pub invalid: usize,
    /// Files and documents that are no Kubernetes objects.
    pub other: usize,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Counts) {
        self.files += other.files;
        self.objects += other.objects;
        self.judged += other.judged;
        self.rejected += other.rejected;
        self.violations += other.violations;
        self.warnings += other.warnings;
        self.fixable += other.fixable;
        self.in_baseline += other.in_baseline;
        self.excepted += other.excepted;
        self.exempt += other.exempt;
        self.unjudged += other.unjudged;
        self.invalid += other.invalid;
        self.other += other.other;
    }
}

/// `1 pod`, `2 pods`.
pub fn counted(count: usize, singular: &str, plural: &str) -> String {
    format!("{count} {}", if count == 1 { singular } else { plural })
}

impl Counts {
    /// Returns the summary in one line.
    pub fn line(&self) -> String {
        let mut parts = vec![counted(self.judged, "pod or workload judged", "pods and workloads judged")];
        if self.rejected > 0 {
            parts.push(format!("{} rejected ({})", self.rejected, counted(self.violations, "violation", "violations")));
        }
        for (count, singular, plural) in [
            (self.warnings, "warning", "warnings"),
            (self.in_baseline, "finding in the baseline", "findings in the baseline"),
            (self.excepted, "excepted finding", "excepted findings"),
            (self.exempt, "exempt", "exempt"),
            (self.invalid, "invalid", "invalid"),
            (self.unjudged, "not judged", "not judged"),
        ] {
            if count > 0 {
                parts.push(counted(count, singular, plural));
            }
        }
        if self.rejected == 0 && self.unjudged == 0 && self.invalid == 0 {
            parts.push("nothing is rejected".to_owned());
        }
        let mut line = format!("{} in {}", parts.join(", "), counted(self.files, "file", "files"));
        if self.other > 0 {
            line += &format!("; {}", counted(self.other, "document is no Kubernetes object", "documents are no Kubernetes objects"));
        }
        if self.fixable > 0 {
            line += &format!("; pss fix can fix {}", counted(self.fixable, "finding", "findings"));
        }
        line
    }
}
