//! The evaluation of files that change little from call to call: only documents that have changed are evaluated and returned.

use pss_review::{self as review, OptionError, PlacedReview, Reviewer, Source, TextReview, fix_texts};

use crate::options::{Parsed, finding_key, place_warnings, review_options};
use crate::report::{FilesReport, PlacedDocument};

/// The state between the calls.
#[derive(Debug, Default)]
pub struct Session {
    reviewer: Reviewer,
    /// The options of the last call.
    options: String,
    /// The number of the last report.
    report: u32,
}

/// The result of [`Session::evaluate`], which is rendered as a [`FilesReport`].
#[derive(Debug)]
pub struct FilesReview {
    review: Result<TextReview, Vec<OptionError>>,
    /// Its number.
    report: u32,
}

impl Session {
    /// Evaluates files, which are manifests in the order in which kubectl applies them, with [`Options`](crate::options::Options).
    pub fn evaluate(&mut self, files: &[Source<'_>], options: &str) -> FilesReview {
        let review = self.with_options(options, |reviewer, options, more| {
            let mut review = reviewer.review(files, options);
            place_warnings(&mut review.warnings, more);
            review
        });
        self.report += 1;
        FilesReview { review, report: self.report }
    }

    /// Returns the texts of files with all safe fixes, or with those of the findings with some keys; see
    /// [`finding_key`](crate::options::finding_key). If the options are invalid, returns the texts unchanged.
    pub fn fix(&mut self, files: &[Source<'_>], options: &str, keys: Option<&[String]>) -> Vec<String> {
        let keys: Option<Vec<_>> = keys.map(|keys| keys.iter().filter_map(|key| finding_key(key)).collect());
        self.with_options(options, |_, options, _| fix_texts(files, options, keys.as_deref()))
            .unwrap_or_else(|_| files.iter().map(|file| file.text.to_owned()).collect())
    }

    /// Calls a function with the options of a JSON text, with the reviewer for them, and with their further settings.
    fn with_options<T>(
        &mut self,
        options: &str,
        call: impl FnOnce(&mut Reviewer, &review::Options<'_>, &Parsed<'_>) -> T,
    ) -> Result<T, Vec<OptionError>> {
        if self.options != options {
            (self.reviewer, self.options) = (Reviewer::default(), options.to_owned());
        }
        let parsed = Parsed::of(options);
        let more = parsed.more();
        let options = review_options(&parsed, &more)?;
        Ok(call(&mut self.reviewer, &options, &more))
    }
}

impl<'a> From<&'a FilesReview> for FilesReport<'a> {
    fn from(FilesReview { review, report }: &'a FilesReview) -> Self {
        let (errors, warnings, documents, terminal): (&[_], &[_], &[_], &[_]) = match review {
            Ok(review) => (&[], &review.warnings, &review.documents, &review.terminal),
            Err(errors) => (errors, &[], &[], &[]),
        };
        let documents = documents.iter().map(|document| {
            let PlacedReview { source, index, start, review } = document;
            let last = review.last_report.replace(*report);
            let is_known = last != 0 && report - last <= 1;
            let reports = (!is_known).then(|| review.reports.as_slice().into());
            PlacedDocument { id: review.id, file: *source, index: *index, start: (*start).into(), reports }
        });
        FilesReport { errors: errors.into(), warnings: warnings.into(), documents: documents.collect(), terminal: terminal.into() }
    }
}
