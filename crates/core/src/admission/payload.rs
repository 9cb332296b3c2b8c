//! The payload of `validate`: an admission request and the settings of the policy.

use super::request::Request;
use crate::json::{self, Collected, ErrorSink, FieldError, SyntaxError, view};
use crate::settings::UncheckedSettings;

view! {
    /// The payload of `validate`.
    pub struct Payload<'a> {
        /// `request`.
        "request" => request: Collected<Request<'a>, false>,
        /// `settings`.
        "settings" => settings: UncheckedSettings<'a>,
    }
}

impl<'a> Payload<'a> {
    /// Deserializes a payload in place, because it is large. Returns its type errors, other than those in the request and in the
    /// settings.
    ///
    /// # Errors
    /// If the text is not JSON.
    // Not generic, so that the code of deserialization exists once, in this crate.
    pub fn read(&mut self, text: &'a str) -> Result<Vec<FieldError>, SyntaxError> {
        let errors = ErrorSink::default();
        json::read_lazily(text, "", &errors, self)?;
        Ok(errors.into_errors())
    }
}
