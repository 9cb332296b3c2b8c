//! Every input has a response in JSON.

use super::*;

#[test]
fn any_settings_are_valid_or_have_an_error() {
    let samples = samples::malformed(samples::settings());
    check_property(400, samples, &[("taken", 5), ("explained", 20)], |settings, count| {
        match Settings::parse(settings.to_string().as_bytes()) {
            Ok(_) => count("taken"),
            Err(invalid) => {
                let told = invalid.to_string();
                prop_assert!(!told.is_empty());
                count("explained");
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
    let often = [("accepted", 10), ("forbidden", 4), ("changed", 2), ("unreadable", 5)];
    check_property(500, samples, &often, |(settings, kind, object, old, labels, which), count| {
        // The generated value need not be a pod.
        let held = |pod: Value| if pod.is_object() { samples::object_with(kind, &pod) } else { pod };
        let request = match which {
            0 => samples::change(kind, "team", held(old), held(object)),
            1 => request("namespaces", json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": labels}})),
            _ => samples::creation(kind, "team", held(object)),
        };
        let payload = json!({"settings": settings, "request": request}).to_string();
        let cluster = TestCluster { labels, pods: json!([super::super::pod()]), ..TestCluster::default() };
        let response = validate(payload.as_bytes(), &cluster);
        let text = serde_json::to_string(&response);
        prop_assert!(text.is_ok(), "{:?}", text);
        let answer: Value = serde_json::from_str(&text.unwrap()).unwrap();
        let is_accepted = answer["accepted"] == true;
        prop_assert_eq!(is_accepted, answer["code"].is_null());
        prop_assert!(is_accepted || answer["mutated_object"].is_null());
        prop_assert!(answer["message"] != "the object could not be changed");
        if let Some(details) = answer["audit_annotations"]["details"].as_str() {
            prop_assert!(serde_json::from_str::<Vec<Value>>(details).is_ok());
        }
        count(match answer["code"].as_u64() {
            None => "accepted",
            Some(403) => "forbidden",
            Some(400) => "unreadable",
            _ => "else",
        });
        if !answer["mutated_object"].is_null() {
            count("changed");
        }
        Ok(())
    });
}
