//! The AdmissionRequest, parsed and serialized as kwctl and policy-server do before they pass it to a guest:
//! without unknown keys and nulls, with keys in byte order, and with the last of duplicate keys.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::Error;

/// An AdmissionRequest of `admission.k8s.io/v1`, with the fields that a guest gets.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AdmissionRequest {
    /// Identifies the request; the response repeats it.
    pub uid: String,
    /// The type of the object.
    pub kind: GroupVersionKind,
    /// The resource that is requested.
    pub resource: GroupVersionResource,
    /// The subresource that is requested, such as `ephemeralcontainers`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sub_resource: Option<String>,
    /// The type of the original request, before any conversion.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_kind: Option<GroupVersionKind>,
    /// The resource of the original request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_resource: Option<GroupVersionResource>,
    /// The subresource of the original request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_sub_resource: Option<String>,
    /// The object's name; absent if the API server generates it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The object's namespace; absent for cluster-scoped objects.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// CREATE, UPDATE, DELETE or CONNECT.
    pub operation: String,
    /// The user that made the request.
    pub user_info: UserInfo,
    /// The new object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<Value>,
    /// The existing object.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old_object: Option<Value>,
    /// Whether the change will not be persisted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dry_run: Option<bool>,
    /// The options of the operation, such as CreateOptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub options: Option<Value>,
}

/// Group, version and kind of an object.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct GroupVersionKind {
    /// The API group; empty for the core group.
    pub group: String,
    /// The API version.
    pub version: String,
    /// The kind.
    pub kind: String,
}

/// Group, version and resource of a request.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub struct GroupVersionResource {
    /// The API group; empty for the core group.
    pub group: String,
    /// The API version.
    pub version: String,
    /// The resource: the kind's plural, in lower case.
    pub resource: String,
}

/// A user or service account. The audit scanner sends `{}`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct UserInfo(UserInfoFields);

#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq, Serialize)]
struct UserInfoFields {
    #[serde(skip_serializing_if = "Option::is_none")]
    extra: Option<BTreeMap<String, Vec<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    uid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
}

impl UserInfo {
    /// The user's name.
    #[must_use]
    pub fn username(&self) -> Option<&str> {
        self.0.username.as_deref()
    }
}

/// A derived implementation would accept an array with the fields in order, which the real hosts reject.
impl<'de> Deserialize<'de> for UserInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ObjectOnly;

        impl<'de> Visitor<'de> for ObjectOnly {
            type Value = UserInfo;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("UserInfo")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<UserInfo, A::Error> {
                UserInfoFields::deserialize(MapAccessDeserializer::new(map)).map(UserInfo)
            }
        }

        deserializer.deserialize_map(ObjectOnly)
    }
}

impl AdmissionRequest {
    /// Parses an AdmissionRequest, or the one in an AdmissionReview.
    ///
    /// # Errors
    /// [`Error::Request`] with kwctl's message; with line and column if the text is not JSON.
    pub fn parse(json: &str) -> Result<Self, Error> {
        // Via a Value, which removes duplicate keys.
        let value: Value = serde_json::from_str(json).map_err(|e| Error::Request(e.to_string()))?;
        Self::from_value(value)
    }

    /// Deserializes a request, or the one in an AdmissionReview.
    ///
    /// # Errors
    /// [`Error::Request`] with kwctl's message.
    pub fn from_value(value: Value) -> Result<Self, Error> {
        let Value::Object(mut object) = value else {
            return Err(Error::Request("Invalid request object".to_owned()));
        };
        let request = if object.get("kind").and_then(Value::as_str) == Some("AdmissionReview") {
            object.remove("request").ok_or_else(|| Error::Request("invalid AdmissionReview object".to_owned()))?
        } else {
            Value::Object(object)
        };
        serde_json::from_value(request).map_err(|e| Error::Request(format!("cannot build AdmissionRequest object from given input: {e}")))
    }
}

/// The payload of the guest's `validate` for this request and these settings.
#[must_use]
pub fn payload(request: &AdmissionRequest, settings: &impl Serialize) -> Vec<u8> {
    #[derive(Serialize)]
    struct Payload<'a, S> {
        request: &'a AdmissionRequest,
        settings: &'a S,
    }

    to_sorted_json(&Payload { request, settings }).into_bytes()
}

/// JSON with keys in byte order, which is the order of `serde_json::Map`.
pub(crate) fn to_sorted_json(value: &impl Serialize) -> String {
    // This cannot fail for requests and settings: their keys are strings and their numbers finite.
    serde_json::to_value(value).unwrap_or_default().to_string()
}
