//! A typical policy: the SDK parses the request, k8s-openapi's types deserialize the whole object, and one field is checked,
//! `privileged`. `make bench` compares the policy of this repository with it.

use k8s_openapi::api::core::v1::{Container, EphemeralContainer, PodSpec, SecurityContext};
use kubewarden_policy_sdk::request::ValidationRequest;
use kubewarden_policy_sdk::settings::Validatable;
use kubewarden_policy_sdk::wapc_guest::{CallResult, register_function};
use kubewarden_policy_sdk::{accept_request, protocol_version_guest, reject_request, validate_settings};
use serde::{Deserialize, Serialize};

/// The lists of containers that are not checked.
#[derive(Debug, Default, Deserialize, Serialize)]
#[serde(default)]
struct Settings {
    skip_init_containers: bool,
    skip_ephemeral_containers: bool,
}

impl Validatable for Settings {
    fn validate(&self) -> Result<(), String> {
        Ok(())
    }
}

/// Called by the host once for each instance.
#[allow(unsafe_code, reason = "the guest ABI requires this name")]
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings::<Settings>);
    register_function("protocol_version", protocol_version_guest);
}

/// Rejects a pod, or a workload whose pod template has a privileged container.
///
/// # Errors
/// Returns an error if the payload is not a request.
pub fn validate(payload: &[u8]) -> CallResult {
    let request: ValidationRequest<Settings> = ValidationRequest::new(payload)?;
    match request.extract_pod_spec_from_object() {
        Ok(Some(pod)) if has_privileged_container(&pod, &request.settings) => {
            reject_request(Some("Privileged container is not allowed".to_owned()), None, None, None)
        }
        Ok(_) => accept_request(),
        Err(error) => reject_request(Some(format!("Cannot read the pod: {error}")), None, None, None),
    }
}

fn has_privileged_container(pod: &PodSpec, settings: &Settings) -> bool {
    let init = pod.init_containers.iter().flatten().filter(|_| !settings.skip_init_containers);
    let mut containers = pod.containers.iter().chain(init).map(|c: &Container| &c.security_context);
    let ephemeral = pod.ephemeral_containers.iter().flatten().filter(|_| !settings.skip_ephemeral_containers);
    let mut ephemeral = ephemeral.map(|c: &EphemeralContainer| &c.security_context);
    containers.any(is_privileged) || ephemeral.any(is_privileged)
}

fn is_privileged(context: &Option<SecurityContext>) -> bool {
    context.as_ref().and_then(|c| c.privileged).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use serde_json::{Value, json};

    fn response(spec: &Value, settings: &Value) -> Value {
        let mut request: Value = serde_json::from_str(include_str!("../../data/accepted-pod.json")).unwrap();
        request["object"]["spec"] = spec.clone();
        let payload = json!({"request": request, "settings": settings});
        serde_json::from_slice(&validate(payload.to_string().as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn privileged_containers_are_rejected() {
        let privileged = json!({"name": "c", "securityContext": {"privileged": true}});
        let unprivileged = json!({"name": "c", "securityContext": {"privileged": false}});
        for (spec, settings, accepted) in [
            (json!({"containers": [unprivileged, {"name": "d"}]}), json!({}), true),
            (json!({"containers": [unprivileged, privileged]}), json!({}), false),
            (json!({"containers": [unprivileged], "initContainers": [privileged]}), json!({}), false),
            (json!({"containers": [unprivileged], "initContainers": [privileged]}), json!({"skip_init_containers": true}), true),
            (json!({"containers": [unprivileged], "ephemeralContainers": [privileged]}), json!({}), false),
            (json!({"containers": [unprivileged], "ephemeralContainers": [privileged]}), json!({"skip_ephemeral_containers": true}), true),
        ] {
            assert_eq!(response(&spec, &settings)["accepted"], json!(accepted), "{spec} {settings}");
        }
        let message = response(&json!({"containers": 1}), &json!({}))["message"].to_string();
        assert!(message.contains("Cannot read the pod"), "{message}");
    }
}
