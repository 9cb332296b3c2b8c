//! A policy as policies usually are: the SDK reads the request, k8s-openapi's types read the whole object, and
//! one thing is looked at, privileged containers. `make bench` measures the policy of this repository by it.

use k8s_openapi::api::core::v1::{Container, EphemeralContainer, PodSpec, SecurityContext};
use kubewarden_policy_sdk::request::ValidationRequest;
use kubewarden_policy_sdk::settings::Validatable;
use kubewarden_policy_sdk::wapc_guest::{CallResult, register_function};
use kubewarden_policy_sdk::{accept_request, protocol_version_guest, reject_request, validate_settings};
use serde::{Deserialize, Serialize};

/// What may be chosen: lists of containers that are not looked at.
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
#[allow(unsafe_code, reason = "the guest ABI wants this very name")]
#[unsafe(no_mangle)]
pub extern "C" fn wapc_init() {
    register_function("validate", validate);
    register_function("validate_settings", validate_settings::<Settings>);
    register_function("protocol_version", protocol_version_guest);
}

/// Judges a request: rejects a pod, or the pod template of a workload, that has a privileged container.
///
/// # Errors
/// Where the payload is no request, or the object is none of the kind that the request says.
pub fn validate(payload: &[u8]) -> CallResult {
    let request: ValidationRequest<Settings> = ValidationRequest::new(payload)?;
    match request.extract_pod_spec_from_object() {
        Ok(Some(pod)) if privileged(&pod, &request.settings) => {
            reject_request(Some("Privileged container is not allowed".to_owned()), None, None, None)
        }
        Ok(_) => accept_request(),
        Err(error) => reject_request(Some(format!("Cannot read the pod: {error}")), None, None, None),
    }
}

fn privileged(pod: &PodSpec, settings: &Settings) -> bool {
    let init = pod.init_containers.iter().flatten().filter(|_| !settings.skip_init_containers);
    let mut containers = pod.containers.iter().chain(init).map(|c: &Container| &c.security_context);
    let ephemeral = pod.ephemeral_containers.iter().flatten().filter(|_| !settings.skip_ephemeral_containers);
    let mut ephemeral = ephemeral.map(|c: &EphemeralContainer| &c.security_context);
    containers.any(asks_for_it) || ephemeral.any(asks_for_it)
}

fn asks_for_it(context: &Option<SecurityContext>) -> bool {
    context.as_ref().and_then(|c| c.privileged).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]

    use super::*;
    use serde_json::{Value, json};

    fn answer(spec: &Value, settings: &Value) -> Value {
        let mut request: Value = serde_json::from_str(include_str!("../../data/accepted-pod.json")).unwrap();
        request["object"]["spec"] = spec.clone();
        let payload = json!({"request": request, "settings": settings});
        serde_json::from_slice(&validate(payload.to_string().as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn privileged_containers_are_rejected() {
        let at_fault = json!({"name": "c", "securityContext": {"privileged": true}});
        let fine = json!({"name": "c", "securityContext": {"privileged": false}});
        for (spec, settings, accepted) in [
            (json!({"containers": [fine, {"name": "d"}]}), json!({}), true),
            (json!({"containers": [fine, at_fault]}), json!({}), false),
            (json!({"containers": [fine], "initContainers": [at_fault]}), json!({}), false),
            (json!({"containers": [fine], "initContainers": [at_fault]}), json!({"skip_init_containers": true}), true),
            (json!({"containers": [fine], "ephemeralContainers": [at_fault]}), json!({}), false),
            (json!({"containers": [fine], "ephemeralContainers": [at_fault]}), json!({"skip_ephemeral_containers": true}), true),
        ] {
            assert_eq!(answer(&spec, &settings)["accepted"], json!(accepted), "{spec} {settings}");
        }
        let told = answer(&json!({"containers": 1}), &json!({}))["message"].to_string();
        assert!(told.contains("Cannot read the pod"), "{told}");
    }
}
