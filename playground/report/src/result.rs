//! The type of the JSON that the page receives.

use pss_playground::report::{List, OptionError};
use pss_review as review;
use serde::Serialize;
#[cfg(feature = "typescript")]
use tsify::Tsify;

/// The result of `report`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct ReportResult<'a> {
    /// The errors in the options. If there are any, there is no report.
    #[cfg_attr(feature = "typescript", tsify(type = "OptionError[]"))]
    pub errors: List<'a, review::OptionError, OptionError<'a>>,
    /// The report; empty if there are errors.
    pub text: &'a str,
}

impl<'a> From<&'a Result<String, Vec<review::OptionError>>> for ReportResult<'a> {
    fn from(result: &'a Result<String, Vec<review::OptionError>>) -> Self {
        let (errors, text): (&[_], &str) = match result {
            Ok(text) => (&[], text),
            Err(errors) => (errors, ""),
        };
        ReportResult { errors: errors.into(), text }
    }
}
