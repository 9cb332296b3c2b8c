//! Everything that can go wrong in the host, each with the words that kwctl or policy-server use.

use thiserror::Error;

/// Why a policy could not be loaded, called or understood.
#[derive(Debug, Error)]
pub enum Error {
    /// The bytes are no WebAssembly module, or none that speaks waPC.
    #[error("cannot load the policy: {0}")]
    Load(String),
    /// The guest trapped, answered with an error, or could not be set up.
    #[error("Guest call failure: {0}")]
    Guest(String),
    /// The guest answered `validate` with something that is no ValidationResponse.
    #[error("invalid response from policy: {0}")]
    Response(serde_json::Error),
    /// The guest answered `validate_settings` with something that is no SettingsValidationResponse.
    #[error("invalid response from policy: {0}")]
    SettingsResponse(serde_json::Error),
    /// The request is no AdmissionRequest or AdmissionReview.
    #[error("{0}")]
    Request(String),
    /// The settings are not an object, or cannot be parsed.
    #[error("{0}")]
    Settings(String),
    /// What the guest is to be allowed to ask is nothing that it could.
    #[error("Invalid host capabilities pattern: {0}")]
    Capability(String),
    /// The recorded session cannot be used.
    #[error("{0}")]
    Session(String),
    /// The module's metadata cannot be read.
    #[error("the module's metadata (section io.kubewarden.metadata) cannot be read: {0}")]
    Metadata(String),
}

impl Error {
    /// The error as kwctl and policy-server word it where they validate settings.
    #[must_use]
    pub fn of_settings(&self) -> String {
        match self {
            Self::Guest(text) => {
                format!("Error invoking settings validation callback: GuestCallFailure({text:?})")
            }
            Self::SettingsResponse(e) => format!("error: InvalidResponseWithError({e:?})"),
            other => other.to_string(),
        }
    }
}
