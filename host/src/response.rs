//! The guest's response, and the AdmissionResponse that the API server gets for it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::request::AdmissionRequest;

/// The guest's response to `validate`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ValidationResponse {
    /// Whether the request is accepted.
    pub accepted: bool,
    /// Why the request is rejected.
    pub message: Option<String>,
    /// The HTTP status code of a rejection.
    pub code: Option<u16>,
    /// The object with the changes of the policy.
    pub mutated_object: Option<Value>,
    /// Annotations of the event in the API server's audit log.
    pub audit_annotations: Option<BTreeMap<String, String>>,
    /// Warnings for the client that sent the request.
    pub warnings: Option<Vec<String>>,
}

/// The response to the API server, in the form that kwctl prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AdmissionResponse {
    /// The uid of the request.
    pub uid: String,
    /// Whether the request is allowed.
    pub allowed: bool,
    /// `JSONPatch` if there is a patch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch_type: Option<&'static str>,
    /// A JSON patch (RFC 6902) in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<String>,
    /// Message and code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Annotations of the event in the API server's audit log.
    pub audit_annotations: Option<BTreeMap<String, String>>,
    /// Warnings for the client that sent the request.
    pub warnings: Option<Vec<String>>,
}

/// Message and code of an [`AdmissionResponse`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// The message for the client that sent the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The HTTP status code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
}

impl AdmissionResponse {
    /// Builds the response to the API server from the guest's response, or from the error of its call.
    #[must_use]
    pub fn new(request: &AdmissionRequest, response: Result<ValidationResponse, Error>) -> Self {
        match response {
            Ok(response) => Self::from_validation(request, response),
            Err(error) => Self::rejected(request, format!("internal server error: {error}"), Some(500)),
        }
    }

    fn from_validation(request: &AdmissionRequest, response: ValidationResponse) -> Self {
        let patch = match (&request.object, &response.mutated_object) {
            (_, None) => None,
            (None, Some(_)) => {
                return Self::rejected(
                    request,
                    "Incoming object is null, which happens only with DELETE operations, but the policy is attempting a mutation. This is not allowed".to_owned(),
                    None,
                );
            }
            (Some(object), Some(mutated)) => {
                let patch = json_patch::diff(object, mutated);
                // Serialization cannot fail, because a patch consists of strings and JSON values.
                (!patch.is_empty()).then(|| serde_json::to_vec(&patch).unwrap_or_default())
            }
        };
        Self {
            uid: request.uid.clone(),
            allowed: response.accepted,
            patch_type: patch.as_ref().map(|_| "JSONPatch"),
            patch: patch.map(|json| STANDARD.encode(json)),
            status: (response.message.is_some() || response.code.is_some())
                .then_some(Status { message: response.message, code: response.code }),
            audit_annotations: response.audit_annotations,
            warnings: response.warnings,
        }
    }

    fn rejected(request: &AdmissionRequest, message: String, code: Option<u16>) -> Self {
        Self {
            uid: request.uid.clone(),
            allowed: false,
            patch_type: None,
            patch: None,
            status: Some(Status { message: Some(message), code }),
            audit_annotations: None,
            warnings: None,
        }
    }
}
