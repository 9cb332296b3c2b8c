//! What the guest answers, and the AdmissionResponse that the API server gets for it.

use std::collections::BTreeMap;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;
use crate::request::AdmissionRequest;

/// The guest's answer to `validate`.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
pub struct ValidationResponse {
    /// Whether the request is accepted.
    pub accepted: bool,
    /// Why not.
    pub message: Option<String>,
    /// The HTTP status code of a rejection.
    pub code: Option<u16>,
    /// The object as the policy wants it to be.
    pub mutated_object: Option<Value>,
    /// Lines for the API server's audit log.
    pub audit_annotations: Option<BTreeMap<String, String>>,
    /// Lines for the person who sent the request.
    pub warnings: Option<Vec<String>>,
}

/// What the API server is told, in the form that kwctl prints.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AdmissionResponse {
    /// The request's own uid.
    pub uid: String,
    /// Whether the request is allowed.
    pub allowed: bool,
    /// `JSONPatch` where there is a patch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch_type: Option<&'static str>,
    /// A JSON patch (RFC 6902) in base64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub patch: Option<String>,
    /// Message and code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Lines for the API server's audit log.
    pub audit_annotations: Option<BTreeMap<String, String>>,
    /// Lines for the person who sent the request.
    pub warnings: Option<Vec<String>>,
}

/// Message and code of an [`AdmissionResponse`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Status {
    /// What the person who sent the request reads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The HTTP status code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
}

impl AdmissionResponse {
    /// Makes of a guest's answer, or of its failure, what the API server is told.
    #[must_use]
    pub fn new(request: &AdmissionRequest, answer: Result<ValidationResponse, Error>) -> Self {
        match answer {
            Ok(response) => Self::of(request, response),
            Err(error) => Self::refused(request, format!("internal server error: {error}"), Some(500)),
        }
    }

    fn of(request: &AdmissionRequest, response: ValidationResponse) -> Self {
        let patch = match (&request.object, &response.mutated_object) {
            (_, None) => None,
            (None, Some(_)) => {
                return Self::refused(
                    request,
                    "Incoming object is null, which happens only with DELETE operations, but the policy is attempting a mutation. This is not allowed".to_owned(),
                    None,
                );
            }
            (Some(object), Some(mutated)) => {
                let patch = json_patch::diff(object, mutated);
                // serde_json cannot fail here: a patch holds strings and JSON values only.
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

    fn refused(request: &AdmissionRequest, message: String, code: Option<u16>) -> Self {
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
