//! The fixes of texts: document by document, because a fix does not change how other documents are judged.

use std::cell::RefCell;

use pss_manifest::sections;

use super::Review;
use crate::fixes::{correct_all, fix_all, stable_path};
use crate::options::{Options, Source};
use crate::report::{Diagnostic, DocumentReport, Finding, Report};
use crate::terminal::Terminal;

/// The identity of a finding or of an error in texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingKey {
    /// The index of its text among the sources.
    pub source: usize,
    /// The index of its document in that text.
    pub index: usize,
    /// The index of its object in a List.
    pub item: Option<usize>,
    /// The id of its check; empty for an error.
    pub check: String,
    /// The path of its field; the message of an error.
    pub path: String,
    /// The forbidden value; `None` for an error.
    pub value: Option<String>,
}

impl FindingKey {
    fn is_in(&self, document: &DocumentReport) -> bool {
        (self.source, self.index, self.item) == (document.source, document.index, document.item)
    }

    fn is_of(&self, document: &DocumentReport, finding: &Finding) -> bool {
        self.is_in(document)
            && self.check == finding.check.id
            && stable_path(&self.path) == stable_path(&finding.path)
            && self.value == finding.value
    }

    fn is_of_error(&self, document: &DocumentReport, error: &Diagnostic) -> bool {
        self.is_in(document) && self.check.is_empty() && self.path == error.message
    }
}

/// Returns the texts with all safe fixes, or with those of the findings and errors with some keys.
pub fn fix_texts(sources: &[Source<'_>], options: &Options<'_>, keys: Option<&[FindingKey]>) -> Vec<String> {
    let selects =
        |document: &DocumentReport, finding: &Finding| keys.is_none_or(|keys| keys.iter().any(|key| key.is_of(document, finding)));
    let selects_error =
        |document: &DocumentReport, error: &Diagnostic| keys.is_none_or(|keys| keys.iter().any(|key| key.is_of_error(document, error)));
    let review = RefCell::new(Review::new(options, &|_| None));
    let mut texts = Vec::with_capacity(sources.len());
    for (source, Source { text, .. }) in sources.iter().enumerate() {
        let mut fixed = String::with_capacity(text.len());
        // The end of the last section: there may be text between two.
        let mut end = 0;
        for (index, section) in sections(text, options.limits).enumerate() {
            let start = section.position(0).offset;
            fixed += text.get(end..start).unwrap_or_default();
            end = start + section.text().len();
            let reports = |text: &str| {
                let section = section.with_text(text);
                let mut review = review.borrow_mut();
                let mut documents = Vec::new();
                let document = section.parse();
                review.document((source, index), &section, &document, &mut Terminal::silent(), &mut |report| documents.push(report));
                Report { documents, warnings: Vec::new(), terminal: Vec::new() }
            };
            // Fields that Kubernetes drops are renamed or moved first, because checks read them then.
            fixed += &fix_all(correct_all(section.text(), &selects_error, &reports), &selects, &reports);
        }
        fixed += text.get(end..).unwrap_or_default();
        texts.push(fixed);
    }
    texts
}
