//! Fingerprints of problems: the same in later runs, although lines were added or removed elsewhere.

use std::collections::HashMap;
use std::fmt::Write as _;

use pss_review::{DocumentReport, Finding, SubjectKind};
use sha2::{Digest as _, Sha256};

use crate::problem::Problem;

/// The fingerprints of a file, which counts equal ones.
#[derive(Debug, Default)]
pub(crate) struct Fingerprints {
    occurrences: HashMap<String, usize>,
}

impl Fingerprints {
    /// Returns the fingerprint of a problem: 16 hexadecimal digits, a colon, and the number of the occurrence in the file.
    pub(crate) fn of(&mut self, file: &str, report: Option<&DocumentReport>, problem: &Problem<'_>) -> String {
        let [kind, namespace, name] = report.map_or([""; 3], |report| [&report.kind, &report.namespace, &report.name]);
        let (subject, path, value) = problem.finding.map_or((String::new(), problem.path.to_owned(), problem.message.as_str()), field);
        let mut hash = Sha256::new();
        for part in [file, kind, namespace, name, problem.rule.id(), &subject, &path, value] {
            // Lengths separate the parts. They have eight bytes, on WebAssembly as on other platforms.
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        let mut fingerprint = String::with_capacity(20);
        for byte in hash.finalize().iter().take(8) {
            let _ = write!(fingerprint, "{byte:02x}");
        }
        let occurrence = self.occurrences.entry(fingerprint.clone()).or_default();
        *occurrence += 1;
        let _ = write!(fingerprint, ":{occurrence}");
        fingerprint
    }
}

/// Returns the subject, the path and the value of a finding. The name of the subject stands for its index, which changes when
/// another container is inserted.
fn field(finding: &Finding) -> (String, String, &str) {
    let name = &finding.subject.name;
    let kind = finding.subject.kind;
    let path = match (kind, finding.path.split_once('[')) {
        (SubjectKind::Container | SubjectKind::Volume, Some((list, rest))) if !name.is_empty() => {
            [list, rest.split_once(']').map_or("", |(_, field)| field)].concat()
        }
        _ => finding.path.clone(),
    };
    (format!("{} {name}", kind.name()), path, finding.value.as_deref().unwrap_or_default())
}
