//! Label selectors, with the semantics of Kubernetes.
//!
//! Source: `apimachinery/pkg/apis/meta/v1` (LabelSelector) and `labels/selector.go`.

use super::Validation;
use super::names::{label_key, label_value};
use crate::json::{Aborted, Context, FromJson, Input, Kind, Path, Text, view};
use crate::pod::Labels;
use crate::suggest::must_be_one_of;

/// An optional label selector. All of its requirements must hold.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Selector<'a> {
    terms: Option<Terms<'a>>,
    is_null: bool,
}

view! {
    /// The requirements of a selector.
    pub struct Terms<'a>, strict {
        /// `matchLabels`: labels that must be set to these values.
        "matchLabels" => match_labels: Labels<'a>,
        /// `matchExpressions`.
        "matchExpressions" => match_expressions: Vec<Requirement<'a>>,
    }
}

view! {
    /// A requirement for one label.
    pub struct Requirement<'a>, strict {
        /// `key` of the label.
        "key" => key: Text<'a>,
        /// `operator`: `In`, `NotIn`, `Exists`, `DoesNotExist`.
        "operator" => operator: Text<'a>,
        /// `values`, of `In` and `NotIn`.
        "values" => values: Vec<Text<'a>>,
    }
}

const OPERATORS: [&str; 4] = ["In", "NotIn", "Exists", "DoesNotExist"];

impl<'de> FromJson<'de> for Selector<'de> {
    const EXPECTED: &'static str = "an object";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        self.is_null |= input.kind() == Kind::Null;
        if input.kind() == Kind::Object {
            return self.terms.get_or_insert_default().read(input, cx);
        }
        // It is none, so this reports it.
        input.object(Self::EXPECTED, cx).map(|_| ())
    }
}

impl<'a> Selector<'a> {
    /// The requirements, if there is a selector.
    pub fn terms(&self) -> Option<&Terms<'a>> {
        self.terms.as_ref()
    }

    /// Reports errors. If `everything` is given, an empty selector is one, and `everything` names what it would select.
    pub(super) fn check(&self, validation: &Validation<'_>, at: &Path<'_>, everything: Option<&str>) {
        if self.is_null {
            // In Kubernetes a null selector matches nothing, but it looks like an empty one, which matches everything.
            validation.errors.add(at, &|| "must not be null; leave it out, or select by matchLabels or matchExpressions".to_owned());
        }
        let Some(Terms { match_labels, match_expressions }) = &self.terms else { return };
        if let Some(everything) = everything
            && match_labels.0.is_empty()
            && match_expressions.is_empty()
        {
            validation.errors.add(at, &|| format!("is empty, and would select {everything}; select by matchLabels or matchExpressions"));
        }
        let of_labels = at.key("matchLabels");
        for (key, value) in &match_labels.0 {
            let at = of_labels.key(key);
            for (text, rule) in [(key, label_key(key)), (value, label_value(value))] {
                validation.name(&at, text, rule);
            }
        }
        let of_expressions = at.key("matchExpressions");
        for (index, requirement) in match_expressions.iter().enumerate() {
            requirement.check(validation, &of_expressions.index(index));
        }
    }
}

impl Terms<'_> {
    /// Whether the selector matches labels.
    pub fn matches(&self, labels: &Labels<'_>) -> bool {
        self.match_labels.0.iter().all(|(key, value)| labels.get(key) == Some(value))
            && self.match_expressions.iter().all(|requirement| requirement.matches(labels))
    }
}

impl Requirement<'_> {
    fn matches(&self, labels: &Labels<'_>) -> bool {
        let value = labels.get(&self.key);
        let is_listed = || value.is_some_and(|value| self.values.iter().any(|listed| listed == value));
        match self.operator.as_ref() {
            "In" => is_listed(),
            // A missing label has none of the values.
            "NotIn" => !is_listed(),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    }

    fn check(&self, validation: &Validation<'_>, at: &Path<'_>) {
        let Requirement { key, operator, values } = self;
        validation.name(&at.key("key"), key, label_key(key));
        let of_values = at.key("values");
        match operator.as_ref() {
            "In" | "NotIn" if values.is_empty() => {
                validation.errors.add(&of_values, &|| format!("missing; {operator} needs at least one value"));
            }
            "Exists" | "DoesNotExist" if !values.is_empty() => {
                validation.errors.add(&of_values, &|| format!("must be left out: {operator} asks for the key alone"));
            }
            operator if OPERATORS.contains(&operator) => {
                for (index, value) in values.iter().enumerate() {
                    validation.name(&of_values.index(index), value, label_value(value));
                }
            }
            _ => validation.errors.add(&at.key("operator"), &|| must_be_one_of(&OPERATORS, operator)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{self, ErrorSink};

    fn read<'t, T: FromJson<'t> + Default>(json: &'t str) -> T {
        let errors = ErrorSink::default();
        let mut value = T::default();
        json::read(json, "", &errors, &mut value).unwrap();
        assert_eq!(errors.into_errors(), [], "{json}");
        value
    }

    #[test]
    fn selects_labels_like_kubernetes() {
        let labels = r#"{"app": "web", "tier": "front", "empty": ""}"#;
        let table = [
            ("{}", true),
            (r#"{"matchLabels": {"app": "web"}}"#, true),
            (r#"{"matchLabels": {"app": "web", "tier": "back"}}"#, false),
            (r#"{"matchLabels": {"other": ""}}"#, false),
            (r#"{"matchLabels": {"empty": ""}}"#, true),
            (r#"{"matchExpressions": [{"key": "app", "operator": "In", "values": ["api", "web"]}]}"#, true),
            (r#"{"matchExpressions": [{"key": "app", "operator": "In", "values": ["api"]}]}"#, false),
            (r#"{"matchExpressions": [{"key": "other", "operator": "In", "values": [""]}]}"#, false),
            (r#"{"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["api"]}]}"#, true),
            (r#"{"matchExpressions": [{"key": "app", "operator": "NotIn", "values": ["web"]}]}"#, false),
            (r#"{"matchExpressions": [{"key": "other", "operator": "NotIn", "values": ["x"]}]}"#, true),
            (r#"{"matchExpressions": [{"key": "empty", "operator": "Exists"}]}"#, true),
            (r#"{"matchExpressions": [{"key": "other", "operator": "Exists"}]}"#, false),
            (r#"{"matchExpressions": [{"key": "other", "operator": "DoesNotExist"}]}"#, true),
            (r#"{"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}"#, false),
            (r#"{"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}"#, false),
        ];
        let labels: Labels<'_> = read(labels);
        for (json, expected) in table {
            let selector: Selector<'_> = read(json);
            assert_eq!(selector.terms().unwrap().matches(&labels), expected, "{json}");
        }
    }
}
