//! The list of rules.
//!
//! For a request the rules stay JSON text: most pods have no violation, and a rule can only exempt one. A rule is
//! deserialized when a check that it names has a finding and its lists of names may match. For the validation of the
//! settings all rules are deserialized.

use std::cell::OnceCell;
use std::ptr;
use std::sync::OnceLock;

use super::exemptions::is_service_account;
use super::names::matches;
use super::rule::Rule;
use super::set::index_of;
use super::validation::Validation;
use super::{AnyCheck, Circumstances, Set};
use crate::json::text::{Branch, each_member};
use crate::json::{self, Aborted, Context, ErrorSink, FromJson, Input, Kind, Path, each_element};
use crate::pod::{Container, Pod};

/// The rules, in the order of the settings.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules<'a>(Vec<Entry<'a>>);

/// A rule: as JSON, deserialized, or both.
#[derive(Debug, Clone, Default)]
struct Entry<'a> {
    json: &'a str,
    /// The checks that the rule names; all checks if they cannot be found without deserializing it.
    checks: OnceLock<Set<AnyCheck>>,
    /// The rule, or its first error. It exempts nothing then.
    rule: OnceLock<Result<Box<Rule<'a>>, String>>,
}

/// Compares the rules, not their JSON.
impl PartialEq for Entry<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.read() == other.read()
    }
}

impl<'a> Rules<'a> {
    /// Whether there is no rule.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All rules, in the order of the settings.
    pub fn iter(&self) -> impl Iterator<Item = &Rule<'a>> {
        self.0.iter().filter_map(Entry::read)
    }

    /// The rules for one of `checks` that apply to a pod in some circumstances, in the order of the settings. They need not hold: some
    /// may have expired.
    pub fn applicable(&self, checks: &Set<AnyCheck>, pod: Pod<'_>, namespace: &str, circumstances: &Circumstances<'_>) -> Vec<&Rule<'a>> {
        let may_apply = |entry: &&Entry<'_>| entry.checks().overlaps(checks) && entry.may_apply(pod, namespace);
        let labels = OnceCell::new();
        // A selector does not match invalid labels.
        let labels = || labels.get_or_init(|| pod.metadata.labels.read("metadata.labels").ok()).as_deref();
        let rules = self.0.iter().filter(may_apply).filter_map(Entry::read);
        let requester = circumstances.requester.as_ref();
        let applies = |rule: &&Rule<'_>| {
            rule.checks.overlaps(checks) && rule.applies_to(pod, namespace, &labels) && rule.applies_to_request(requester)
        };
        rules.filter(applies).collect()
    }

    /// The index of one of [`Rules::applicable`] in the settings.
    pub fn position(&self, rule: &Rule<'_>) -> usize {
        let is_same = |entry: &Entry<'_>| matches!(entry.rule.get(), Some(Ok(own)) if ptr::addr_eq(own.as_ref(), rule));
        self.0.iter().position(is_same).unwrap_or_default()
    }

    /// The rules that have been deserialized.
    pub(super) fn parsed(&self) -> impl Iterator<Item = &Rule<'a>> {
        self.0.iter().filter_map(|entry| entry.rule.get()?.as_deref().ok())
    }

    /// The first error among the rules that have been deserialized, and the number of other rules with one. There is none where the
    /// host has validated the settings.
    pub fn error(&self) -> Option<String> {
        let mut errors = self.0.iter().enumerate().filter_map(|(index, entry)| Some((index, entry.rule.get()?.as_ref().err()?)));
        let (index, error) = errors.next()?;
        let more = match errors.count() {
            0 => String::new(),
            more => format!(" (and {more} more)"),
        };
        Some(format!("the rule settings.exemptions.checks[{index}] exempts nothing: {error}{more}"))
    }
}

/// The start of a rule without whitespace and with sorted keys, as Kubewarden sends it.
const CHECKS_FIRST: &str = "{\"checks\":[";

impl<'a> Entry<'a> {
    fn read(&self) -> Option<&Rule<'a>> {
        let rule = self.rule.get_or_init(|| {
            let errors = ErrorSink::default();
            let mut rule = Rule::default();
            json::read(self.json, "", &errors, &mut rule).map_err(|error| error.to_string())?;
            // Whether the policy runs the checks was checked when the settings were validated.
            rule.check(&Validation { errors: &errors }, &Path::root(""), None);
            errors.into_errors().first().map_or_else(|| Ok(Box::new(rule)), |error| Err(error.to_string()))
        });
        rule.as_deref().ok()
    }

    /// The checks that the rule names; all checks if they cannot be found without deserializing it.
    fn checks(&self) -> &Set<AnyCheck> {
        self.checks.get_or_init(|| {
            let listed = self.json.strip_prefix(CHECKS_FIRST).and_then(|rest| rest.split_once(']'));
            let mut checks = Set::default();
            let all_found = listed.is_some_and(|(listed, _)| {
                listed.split(',').all(|name| unquoted(name).and_then(index_of::<AnyCheck>).inspect(|index| checks.insert(*index)).is_some())
            });
            if all_found { checks } else { Set::all() }
        })
    }

    /// Whether the conditions with lists of names may hold for a pod, as far as that can be found without deserializing the
    /// rule: `false` is certain, `true` is not.
    fn may_apply(&self, pod: Pod<'_>, namespace: &str) -> bool {
        // What is no object has an error, which deserializing finds.
        if self.rule.get().is_some() || !self.json.starts_with('{') {
            return true;
        }
        let any_container = |matches: &dyn Fn(&Container<'_>) -> bool| pod.containers().any(|(.., container)| matches(container));
        let whole = 0..self.json.len();
        let all_hold = each_member(self.json, &whole, &mut |branch, value| {
            let list = self.json.get(value)?;
            let holds = match branch {
                Branch::Key("namespaces") => may_match(list, &|pattern| matches(pattern, namespace)),
                Branch::Key("serviceAccounts") => may_match(list, &|account| is_service_account(account, namespace, pod)),
                Branch::Key("containers") => may_match(list, &|pattern| any_container(&|container| matches(pattern, &container.name))),
                Branch::Key("images") => may_match(list, &|pattern| any_container(&|container| matches(pattern, &container.image))),
                _ => true,
            };
            holds.then_some(())
        });
        all_hold.is_some()
    }
}

/// Whether a name in the JSON of a list may match: `true` also if the list has escapes or is not a list.
fn may_match(list: &str, matches: &dyn Fn(&str) -> bool) -> bool {
    let names = list.strip_prefix('[').and_then(|list| list.strip_suffix(']'));
    names.is_none_or(|names| names.split(',').any(|name| unquoted(name).is_none_or(matches)))
}

/// A JSON string without its quotation marks; `None` if it has escapes or is not a string.
fn unquoted(name: &str) -> Option<&str> {
    name.strip_prefix('"')?.strip_suffix('"').filter(|name| !name.contains('\\'))
}

impl<'de> FromJson<'de> for Rules<'de> {
    const EXPECTED: &'static str = "an array";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        each_element(input, cx, |_, entry| self.0.push(entry))
    }
}

impl<'de> FromJson<'de> for Entry<'de> {
    const EXPECTED: &'static str = "an object";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        if let Some(json) = input.raw(cx)? {
            self.json = json;
            return Ok(());
        }
        let is_rule = matches!(input.kind(), Kind::Object | Kind::Null);
        let mut rule = Rule::default();
        rule.read(input, cx)?;
        // Of null it is an empty rule, which the validation rejects.
        if is_rule {
            self.rule = OnceLock::from(Ok(Box::new(rule)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::json::read_lazily;
    use crate::standards::tests::object;

    /// The number of rules that are deserialized for a pod with findings of two checks.
    fn count_deserialized(rules: &str) -> usize {
        let errors = ErrorSink::default();
        let mut lazy = Rules::default();
        read_lazily(rules, "", &errors, &mut lazy).unwrap();
        assert_eq!((errors.into_errors(), lazy.parsed().count()), (vec![], 0), "{rules}");
        let pod = json!({"metadata": {}, "spec": {
            "serviceAccountName": "agent",
            "initContainers": [{"name": "first", "image": "quay.io/first"}], "containers": [{"name": "second", "image": "quay.io/second"}],
        }});
        let pod = pod.to_string();
        let pod = object(&pod);
        let mut checks = Set::default();
        ["hostPorts", "sysctls"].into_iter().for_each(|id| checks.insert(index_of::<AnyCheck>(id).unwrap()));
        let applicable = lazy.applicable(&checks, Pod::of(&pod), "team", &Circumstances::new(None, &|| None)).len();
        let deserialized = lazy.parsed().count();
        // Applicable rules have been deserialized.
        assert!(applicable <= deserialized, "{rules}");
        deserialized
    }

    #[test]
    fn rules_are_deserialized_only_if_they_may_apply() {
        let table = [
            (json!({"checks": ["hostPorts"]}), 1),
            (json!({"checks": ["privileged", "sysctls"]}), 1),
            (json!({"checks": ["privileged"]}), 0),
            (json!({"checks": ["privileged", "procMount"], "namespaces": ["team"]}), 0),
            (json!({"checks": ["sysctls"], "namespaces": ["other", "te*"]}), 1),
            (json!({"checks": ["sysctls"], "namespaces": ["other", "*te"]}), 0),
            (json!({"checks": ["sysctls"], "serviceAccounts": ["team/agent"]}), 1),
            (json!({"checks": ["sysctls"], "serviceAccounts": ["team/default", "other/agent"]}), 0),
            (json!({"checks": ["hostPorts"], "containers": ["first"]}), 1),
            (json!({"checks": ["hostPorts"], "containers": ["other", "sec*"]}), 1),
            (json!({"checks": ["hostPorts"], "containers": ["other"]}), 0),
            (json!({"checks": ["hostPorts"], "images": ["quay.io/first"]}), 1),
            (json!({"checks": ["hostPorts"], "images": ["quay.io/third", "second"]}), 0),
            (json!({"checks": ["hostPorts"], "namespaces": ["team"], "images": ["second"]}), 0),
            // Other conditions need the deserialized rule.
            (json!({"checks": ["sysctls"], "podSelector": {"matchLabels": {"a": "b"}}, "values": ["x"]}), 1),
        ];
        for (mut rule, expected) in table {
            rule["reason"] = json!("r");
            assert_eq!(count_deserialized(&json!([rule]).to_string()), expected, "{rule}");
            // With another layout more rules are deserialized, and never fewer.
            assert_eq!(count_deserialized(&serde_json::to_string_pretty(&json!([rule])).unwrap()), 1, "{rule}");
        }
        assert_eq!(count_deserialized(r#"[{"checks":["sysctls"],"namespaces":["te\u0061m"],"reason":"r"}]"#), 1);
        // Each rule by itself.
        let rules: Vec<Value> = ["hostPorts", "privileged", "sysctls"].map(|id| json!({"checks": [id], "reason": "r"})).into();
        assert_eq!(count_deserialized(&json!(rules).to_string()), 2);
    }
}
