//! Options from JSON, for the tests of this crate.

use pss_core::date::Date;
use pss_core::pod::Labels;
use pss_core::settings::Settings;
use serde_json::Value;

use crate::{Admission, Options, Report, Source, review};

/// The source of a text.
pub(crate) fn source(text: &str) -> Source<'_> {
    Source { name: "manifest.yaml", text }
}

/// Options of the keys `settings`, `namespace`, `namespaceLabels`, `user`, `groups`, `admission` and `today`.
pub(crate) fn options(json: &Value) -> Options<'static> {
    let keys = ["settings", "namespace", "namespaceLabels", "user", "groups", "admission", "today"];
    assert!(json.as_object().unwrap().keys().all(|key| keys.contains(&key.as_str())), "{json}");
    let settings: &'static str = json["settings"].to_string().leak();
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let labels = json["namespaceLabels"].as_object().into_iter().flatten();
    Options {
        settings: Settings::parse(settings.as_bytes()).unwrap(),
        namespace: text(&json["namespace"]).into(),
        namespace_labels: Labels(labels.map(|(key, value)| (key.clone().into(), text(value).into())).collect()),
        user: text(&json["user"]).into(),
        groups: json["groups"].as_array().into_iter().flatten().map(|group| text(group).into()).collect(),
        today: json["today"].as_str().map(|today| Date::parse(today).unwrap()),
        admission: if json["admission"] == "kubewarden" { Admission::Kubewarden } else { Admission::BuiltIn },
        ..Options::default()
    }
}

/// The report on a text.
pub(crate) fn evaluate(text: &str, json: &Value) -> Report {
    review(&[source(text)], &options(json))
}
