//! Arbitrary JSON: all settings are valid or have an error, and every request has a response in JSON.

use super::*;

#[test]
fn any_settings_are_valid_or_have_an_error() {
    let samples = samples::malformed(samples::settings());
    check_property(400, samples, &[("valid", 5), ("invalid", 20)], |settings, count| {
        match Settings::parse(settings.to_string().as_bytes()) {
            Ok(_) => count("valid"),
            Err(invalid) => {
                prop_assert!(!invalid.to_string().is_empty());
                count("invalid");
            }
        }
        Ok(())
    });
}

#[test]
fn any_request_has_a_response_in_json() {
    let pod = samples::malformed(samples::pod());
    let settings = prop_oneof![3 => samples::settings(), 1 => samples::malformed(samples::settings())];
    let samples = (settings, samples::kind(), pod.clone(), pod, samples::labels(), 0..4_u8);
    let often = [("accepted", 10), ("forbidden", 4), ("mutated", 2), ("undecodable", 5)];
    check_property(500, samples, &often, |(settings, kind, object, old, labels, operation), count| {
        // The generated value need not be a pod.
        let object_of = |pod: Value| if pod.is_object() { samples::object_with(kind, &pod) } else { pod };
        let request = match operation {
            0 => samples::change(kind, "team", object_of(old), object_of(object)),
            1 => request("namespaces", json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": labels}})),
            _ => samples::creation(kind, "team", object_of(object)),
        };
        let payload = json!({"settings": settings, "request": request}).to_string();
        let cluster = TestCluster { labels, pods: json!([super::super::pod()]), ..TestCluster::default() };
        let response = validate(payload.as_bytes(), &cluster);
        let response: Value = serde_json::from_slice(&response.to_json()).unwrap();
        let is_accepted = response["accepted"] == true;
        prop_assert_eq!(is_accepted, response["code"].is_null());
        prop_assert!(is_accepted || response["mutated_object"].is_null());
        prop_assert!(response["message"] != "the object could not be changed");
        if let Some(details) = response["audit_annotations"]["details"].as_str() {
            prop_assert!(serde_json::from_str::<Vec<Value>>(details).is_ok());
        }
        count(match response["code"].as_u64() {
            None => "accepted",
            Some(403) => "forbidden",
            Some(400) => "undecodable",
            _ => "other",
        });
        if !response["mutated_object"].is_null() {
            count("mutated");
        }
        Ok(())
    });
}
