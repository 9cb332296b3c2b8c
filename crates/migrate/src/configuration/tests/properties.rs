//! Properties of conversions: what a form can express survives the way to it and back, and no text causes a panic.

use std::collections::BTreeSet;

use proptest::collection::{btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use pss_core::settings::{Exemptions, NamespaceLabels};
use pss_testing::samples::{self, malformed, one_of};

use super::*;

fn names(pattern: &'static str) -> impl Strategy<Value = BTreeSet<String>> {
    btree_set(pattern, 0..4)
}

/// Returns settings that Pod Security Admission can express, with any names.
fn expressible() -> impl Strategy<Value = Value> {
    let level = || option::of(select(vec!["privileged", "baseline", "restricted"]));
    let mode = || (level(), option::of(samples::version()));
    let users = btree_set(
        prop_oneof![
            "[a-z:]{1,8}",
            ".{1,6}",
            select(vec!["on", "~", "1", "- a", "a: b", "#", "\u{feff}", "\u{85}\n"]).prop_map(str::to_owned)
        ],
        0..4,
    );
    let exemptions = (users, names("[a-z0-9]([-a-z0-9]{0,8}[a-z0-9])?"), names("[a-z0-9]([-a-z0-9]{0,4}[a-z0-9])?(\\.[a-z0-9]{1,3})?"));
    (mode(), mode(), mode(), option::of(exemptions)).prop_map(|(enforce, audit, warn, exemptions)| {
        let mut settings = json!({"defaults": {}, "namespaceLabels": "honor"});
        for (mode, (level, version)) in [("enforce", enforce), ("audit", audit), ("warn", warn)] {
            if let Some(level) = level {
                settings["defaults"][mode] = json!(level);
            }
            if let Some(version) = version {
                settings["defaults"][format!("{mode}-version")] = version;
            }
        }
        if let Some((usernames, namespaces, runtime_classes)) = exemptions {
            settings["exemptions"] = json!({"usernames": usernames, "namespaces": namespaces, "runtimeClasses": runtime_classes});
        }
        settings
    })
}

/// Returns the other forms of a configuration of Pod Security Admission as JSON.
fn forms(configuration: &Value) -> Vec<Value> {
    let body = |mut object: Value| {
        for field in ["defaults", "exemptions"] {
            if let Some(value) = configuration.get(field) {
                object[field] = value.clone();
            }
        }
        object
    };
    let mut forms = vec![json!({
        "apiVersion": "management.cattle.io/v3", "kind": "PodSecurityAdmissionConfigurationTemplate", "metadata": {"name": "t"},
        "configuration": body(json!({})),
    })];
    for version in ["v1", "v1beta1", "v1alpha1"] {
        let kind = json!({"apiVersion": format!("pod-security.admission.config.k8s.io/{version}"), "kind": "PodSecurityConfiguration"});
        let configuration = body(kind);
        for version in [V1, "apiserver.k8s.io/v1alpha1"] {
            forms.push(json!({
                "apiVersion": version, "kind": "AdmissionConfiguration",
                "plugins": [{"name": "Other"}, {"name": "PodSecurity", "configuration": configuration}],
            }));
        }
        forms.push(configuration);
    }
    forms
}

/// Returns any valid settings.
fn any_settings() -> impl Strategy<Value = Value> {
    samples::settings().prop_filter("invalid settings", |settings| Settings::parse(settings.to_string().as_bytes()).is_ok())
}

// Functions, because the compiler shortens the lifetimes of their arguments, and settings with different ones cannot be compared.

fn have_same_settings(first: &Configuration, second: &Configuration) -> bool {
    first.settings() == second.settings()
}

/// Returns whether the first configuration has what Pod Security Admission can express of the settings of the second.
fn has_expressible_part(first: &Configuration, second: &Configuration) -> bool {
    let Settings { defaults, exemptions, .. } = second.settings().unwrap();
    let Exemptions { usernames, namespaces, runtime_classes, .. } = exemptions;
    let exemptions = Exemptions { usernames, namespaces, runtime_classes, ..Exemptions::default() };
    first.settings() == Ok(Settings { defaults, exemptions, namespace_labels: NamespaceLabels::Honor, ..Settings::default() })
}

const TARGETS: [Target; 4] = [Target::Settings, Target::Policy, Target::AdmissionConfiguration, Target::Template];

/// Converts a configuration, and checks that another YAML parser returns the same documents.
fn converted(configuration: &Configuration, target: Target) -> Conversion {
    let conversion = configuration.convert(target, None).unwrap();
    let documents = pss_manifest::documents(&conversion.text);
    let texts: Vec<&str> = conversion.text.split("\n---\n").collect();
    assert_eq!(documents.len(), texts.len(), "{}", conversion.text);
    for (document, text) in documents.iter().zip(texts) {
        assert!(document.warnings.is_empty(), "{}", conversion.text);
        let other: Value = serde_norway::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
        assert_eq!(document.content.as_ref().unwrap().to_json(), other, "{text}");
    }
    conversion
}

proptest! {
    #[test]
    fn what_every_form_can_express_survives_every_conversion(settings in expressible(), first in select(TARGETS.to_vec()), second in select(TARGETS.to_vec())) {
        let text = settings.to_string();
        let configuration = valid(&text);
        for form in forms(&settings) {
            prop_assert!(have_same_settings(&valid(&form.to_string()), &configuration), "{}", form);
        }
        let conversion = converted(&configuration, first);
        prop_assert!(conversion.notes.is_empty(), "{:?}", conversion.notes);
        let read = valid(&conversion.text);
        prop_assert!(have_same_settings(&read, &configuration), "{}", conversion.text);
        let conversion = converted(&read, second);
        prop_assert!(conversion.notes.is_empty(), "{:?}", conversion.notes);
        prop_assert!(have_same_settings(&valid(&conversion.text), &configuration), "{}", conversion.text);
    }

    #[test]
    fn a_template_survives_the_way_to_settings_and_back(settings in expressible(), description in option::of(".{0,12}")) {
        let mut object = forms(&settings).remove(0);
        if let Some(description) = &description {
            object["description"] = json!(description);
        }
        let template = valid(&object.to_string());
        let text = converted(&template, Target::Template).text;
        prop_assert_eq!(&valid(&text), &template_with_all_fields(&template), "{}", text);
        let settings = valid(&converted(&template, Target::Settings).text);
        let mut again = settings.convert(Target::Template, Some("t")).unwrap().text;
        if let Some(description) = description.filter(|text| !text.is_empty()) {
            again = again.replace("configuration:\n", &format!("description: {}\nconfiguration:\n", pss_review::yaml_scalar(&description)));
        }
        prop_assert_eq!(again, text);
    }

    /// Settings that cannot be expressed become those that can, and the notes are not empty.
    #[test]
    fn a_loss_is_never_silent(settings in any_settings()) {
        let configuration = valid(&settings.to_string());
        let is_honoring = configuration.settings().unwrap().namespace_labels == NamespaceLabels::Honor;
        for target in [Target::AdmissionConfiguration, Target::Template] {
            let conversion = converted(&configuration, target);
            let read = valid(&conversion.text);
            prop_assert!(has_expressible_part(&read, &configuration), "{}", conversion.text);
            prop_assert_eq!(conversion.notes.is_empty(), have_same_settings(&read, &configuration), "{:?}", conversion.notes);
            prop_assert!(conversion.is_weaker() || is_honoring);
        }
    }

    #[test]
    fn settings_and_policies_have_all_settings(settings in any_settings()) {
        let configuration = valid(&settings.to_string());
        let text = converted(&configuration, Target::Settings).text;
        prop_assert!(have_same_settings(&valid(&text), &configuration), "{}", text);
        let text = converted(&configuration, Target::Policy).text;
        let policy = text.split("\n---\n").next().unwrap();
        prop_assert!(have_same_settings(&valid(policy), &configuration), "{}", text);
    }

    /// Every error has a position, and everything that is read has valid settings.
    #[test]
    fn malformed_objects_have_errors_with_positions(object in object(), second in option::weighted(0.2, object()), template in option::weighted(0.1, "[a-t]")) {
        let text = [Some(object), second].into_iter().flatten().map(|object| format!("{object:#}\n")).collect::<Vec<_>>().join("---\n");
        check(&text, template.as_deref())?;
    }

    #[test]
    fn no_text_causes_a_panic(text in text()) {
        check(&text, None)?;
    }
}

/// Returns an object of any form with some values replaced.
fn object() -> BoxedStrategy<Value> {
    let forms = (expressible(), any::<prop::sample::Index>()).prop_map(|(settings, index)| index.get(&forms(&settings)).clone());
    let path = one_of(json!(["valid.yaml", "damaged.yaml", "missing.yaml", ""]))
        .prop_map(|path| json!({"apiVersion": V1, "kind": "AdmissionConfiguration", "plugins": [{"name": "PodSecurity", "path": path}]}));
    let policy = any_settings().prop_map(
        |settings| json!({"apiVersion": "policies.kubewarden.io/v1", "kind": "ClusterAdmissionPolicy", "spec": {"settings": settings}}),
    );
    malformed(prop_oneof![4 => forms, 1 => path, 1 => policy, 1 => any_settings()].boxed())
}

/// Returns the lines of objects in YAML with some removed, doubled or changed.
fn text() -> impl Strategy<Value = String> {
    let texts = (expressible(), select(TARGETS.to_vec()))
        .prop_map(|(settings, target)| valid(&settings.to_string()).convert(target, None).unwrap().text);
    let damage = (any::<prop::sample::Index>(), prop_oneof![Just(String::new()), "[ a-z:{}\\[\\]&*!|>'\"%@`#,?-]{0,12}", ".{0,6}"]);
    (texts, vec(damage, 0..4)).prop_map(|(text, damages)| {
        let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
        for (index, line) in damages {
            *index.get_mut(&mut lines) = line;
        }
        lines.join("\n")
    })
}

fn check(text: &str, template: Option<&str>) -> Result<(), TestCaseError> {
    let file = pod_security_configuration("v1");
    let result = read(Source { name: "f.yaml", text }, template, &mut |path| match path {
        "valid.yaml" => Ok(File { name: path.to_owned(), text: file.clone() }),
        "damaged.yaml" => Ok(File { name: path.to_owned(), text: file.replace("baseline", "[") }),
        _ => Err("missing".to_owned()),
    });
    match result {
        Ok(configuration) => {
            prop_assert!(configuration.settings().is_ok());
            for target in TARGETS {
                converted(&configuration, target);
            }
        }
        Err(problems) => {
            prop_assert!(!problems.is_empty(), "{}", text);
            for problem in problems {
                let start = problem.span.start;
                prop_assert!(start.line >= 1 && start.column >= 1 && !problem.message.is_empty());
                let source = problem.source.as_str();
                prop_assert!(
                    source == "damaged.yaml" || source == "f.yaml" && start.line <= text.split(['\n', '\r']).count(),
                    "{problem}\n{text}"
                );
            }
        }
    }
    Ok(())
}

/// Returns a template whose settings have all fields of Pod Security Admission, as the rendered text has them.
fn template_with_all_fields(template: &Configuration) -> Configuration {
    let settings = template.settings().unwrap();
    let names = |names: &[std::borrow::Cow<'_, str>]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
    let mut json = json!({"defaults": {}, "namespaceLabels": "honor", "exemptions": {
        "usernames": names(&settings.exemptions.usernames), "namespaces": names(&settings.exemptions.namespaces),
        "runtimeClasses": names(&settings.exemptions.runtime_classes),
    }});
    for (mode, policy) in [("enforce", settings.defaults.enforce), ("audit", settings.defaults.audit), ("warn", settings.defaults.warn)] {
        json["defaults"][mode] = json!(policy.level.name());
        json["defaults"][format!("{mode}-version")] = json!(policy.version.to_string());
    }
    Configuration { settings: json.to_string(), ..template.clone() }
}
