//! The facts in upstream.txt, applied to the types of k8s-openapi.

use std::collections::BTreeMap;

use super::trace::FieldTypes;

/// The values of enumerations, by the name of their type.
pub(super) type Enumerations = BTreeMap<String, String>;

/// Applies the facts to types, and returns the enumerations. Each line is empty, a comment (`#`), or one of
///
/// ```text
/// TYPE FIELD + FIELD-TYPE   the field that OpenAPI lacks
/// TYPE FIELD = GO-TYPE      the name of the field's type in Go, where it does not follow from the type in the table
/// TYPE : VALUE VALUE…       the values of an enumeration
/// ```
///
/// # Errors
/// A line is malformed, or names an unknown type or field, or adds a field that k8s-openapi has.
pub(super) fn apply(text: &str, types: &mut BTreeMap<String, FieldTypes>) -> Result<Enumerations, String> {
    let mut enumerations = Enumerations::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        let error = |reason: &str| format!("upstream.txt, line {}: {reason}: {line}", number + 1);
        if let Some((name, values)) = line.split_once(" : ") {
            enumerations.insert(name.to_owned(), values.to_owned());
            continue;
        }
        let words: Vec<_> = line.split(' ').collect();
        let [name, field, operator, value] = words.as_slice() else { return Err(error("must have four words")) };
        let fields = types.get_mut(*name).ok_or_else(|| error("unknown type"))?;
        match (*operator, fields.get_mut(*field)) {
            ("+", None) => {
                fields.insert((*field).to_owned(), (*value).to_owned());
            }
            ("+", Some(_)) => return Err(error("k8s-openapi has this field")),
            ("=", Some(field_type)) => {
                field_type.push(' ');
                field_type.push_str(value);
            }
            ("=", None) => return Err(error("unknown field")),
            _ => return Err(error("the third word must be + or =")),
        }
    }
    Ok(enumerations)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::apply;

    #[test]
    fn applies_facts_and_rejects_outdated_ones() {
        let types = || BTreeMap::from([("core/v1.Pod".to_owned(), BTreeMap::from([("kind".to_owned(), "string".to_owned())]))]);
        let mut applied = types();
        let text = "# A comment.\n\ncore/v1.Kind : A B\ncore/v1.Pod old + bool\ncore/v1.Pod kind = v1.Kind\n";
        let enumerations = apply(text, &mut applied).unwrap();
        assert_eq!(enumerations.into_iter().collect::<Vec<_>>(), [("core/v1.Kind".to_owned(), "A B".to_owned())]);
        let fields = applied.remove("core/v1.Pod").unwrap();
        assert_eq!(
            fields.into_iter().collect::<Vec<_>>(),
            [("kind", "string v1.Kind"), ("old", "bool")].map(|(a, b)| (a.into(), b.into()))
        );
        for (text, error) in [
            ("core/v1.Pod kind + string", "k8s-openapi has this field"),
            ("core/v1.Pod old = v1.Old", "unknown field"),
            ("core/v1.Pot kind = v1.Kind", "unknown type"),
            ("core/v1.Pod kind ~ v1.Kind", "the third word must be + or ="),
            ("core/v1.Pod kind", "must have four words"),
        ] {
            assert_eq!(apply(text, &mut types()), Err(format!("upstream.txt, line 1: {error}: {text}")));
        }
    }
}
