//! The errors of the host, with the messages of kwctl or policy-server where those have the same error.

use thiserror::Error;

/// Why a policy could not be loaded or called, or its input or output could not be parsed.
#[derive(Debug, Error)]
pub enum Error {
    /// The bytes are not a WebAssembly module, or the module does not implement waPC.
    #[error("cannot load the policy: {0}")]
    Load(String),
    /// The guest trapped, returned an error, or could not be instantiated.
    #[error("Guest call failure: {0}")]
    Guest(String),
    /// The guest's response to `validate` is not a ValidationResponse.
    #[error("invalid response from policy: {0}")]
    Response(serde_json::Error),
    /// The guest's response to `validate_settings` is not a SettingsValidationResponse.
    #[error("invalid response from policy: {0}")]
    SettingsResponse(serde_json::Error),
    /// The request is neither an AdmissionRequest nor an AdmissionReview.
    #[error("{0}")]
    Request(String),
    /// The settings are not an object, or cannot be parsed.
    #[error("{0}")]
    Settings(String),
    /// A pattern of host capabilities matches none.
    #[error("Invalid host capabilities pattern: {0}")]
    Capability(String),
    /// The recorded session cannot be parsed.
    #[error("{0}")]
    Session(String),
    /// The module's metadata cannot be parsed.
    #[error("the module's metadata (section io.kubewarden.metadata) cannot be parsed: {0}")]
    Metadata(String),
}

impl Error {
    /// The message that kwctl and policy-server give for this error when they validate settings.
    #[must_use]
    pub fn settings_message(&self) -> String {
        match self {
            Self::Guest(text) => {
                format!("Error invoking settings validation callback: GuestCallFailure({text:?})")
            }
            Self::SettingsResponse(e) => format!("error: InvalidResponseWithError({e:?})"),
            other => other.to_string(),
        }
    }
}
