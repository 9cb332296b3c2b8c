//! The list of rules. For a request it is passed over as text, rule by rule: most pods violate nothing,
//! and rules can only let something through. A rule is read once a check that it names has found
//! something. When the settings are validated, all of them are read.

use std::cell::OnceCell;
use std::sync::OnceLock;

use super::exemptions::is_service_account;
use super::names::matches;
use super::rule::Rule;
use super::set::index_of;
use super::validation::Validation;
use super::{AnyCheck, Set};
use crate::json::text::{Branch, each_member};
use crate::json::{self, Aborted, Context, Elements, ErrorSink, FromJson, Path, each_element};
use crate::pod::{Container, Pod};

/// Rules, in their order.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rules<'a>(Vec<Entry<'a>>);

/// A rule: as JSON, read, or both.
#[derive(Debug, Clone, Default)]
struct Entry<'a> {
    json: &'a str,
    /// The checks that it names, or all if that is not known yet.
    checks: OnceLock<Set<AnyCheck>>,
    /// Nothing if there is a mistake in it: then nothing is exempt by it.
    rule: OnceLock<Option<Box<Rule<'a>>>>,
}

/// By what they say.
impl PartialEq for Entry<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.read() == other.read()
    }
}

impl<'a> Rules<'a> {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All rules, in their order.
    pub fn iter(&self) -> impl Iterator<Item = &Rule<'a>> {
        self.0.iter().filter_map(Entry::read)
    }

    /// The rules that name one of some checks and may hold for something in a pod, in their order.
    pub fn applicable(&self, checks: &Set<AnyCheck>, pod: Pod<'_>, namespace: &str) -> Vec<&Rule<'a>> {
        let may_matter = |entry: &&Entry<'_>| entry.checks().overlaps(checks) && entry.may_hold(pod, namespace);
        let labels = OnceCell::new();
        // Labels that cannot be read are none that anybody looks for.
        let labels = || labels.get_or_init(|| pod.metadata.labels.read("metadata.labels").ok()).as_deref();
        let rules = self.0.iter().filter(may_matter).filter_map(Entry::read);
        rules.filter(|rule| rule.checks.overlaps(checks) && rule.applies_to(pod, namespace, &labels)).collect()
    }

    /// The rules that have been read.
    pub(super) fn parsed(&self) -> impl Iterator<Item = &Rule<'a>> {
        self.0.iter().filter_map(|entry| entry.rule.get()?.as_deref())
    }
}

/// What a rule begins with where the keys are in the order of the alphabet, as Kubewarden sends them.
const CHECKS_FIRST: &str = "{\"checks\":[";

impl<'a> Entry<'a> {
    fn read(&self) -> Option<&Rule<'a>> {
        let rule = self.rule.get_or_init(|| {
            let notes = ErrorSink::default();
            let mut rule = Rule::default();
            let is_read = json::read(self.json, "", &notes, &mut rule).is_ok();
            // Which policy it is for was looked at when the settings were validated.
            rule.check(&Validation { notes: &notes }, &Path::root(""), None);
            (is_read && notes.is_empty()).then(|| Box::new(rule))
        });
        rule.as_deref()
    }

    /// The checks that the rule names, and more where telling them takes reading it whole.
    fn checks(&self) -> &Set<AnyCheck> {
        self.checks.get_or_init(|| {
            let listed = self.json.strip_prefix(CHECKS_FIRST).and_then(|rest| rest.split_once(']'));
            let mut checks = Set::default();
            let are_known = listed.is_some_and(|(listed, _)| {
                listed.split(',').all(|name| unquoted(name).and_then(index_of::<AnyCheck>).inspect(|place| checks.insert(*place)).is_some())
            });
            if are_known { checks } else { Set::all() }
        })
    }

    /// Whether the rule may hold for something in a pod, by its lists of names: no is sure, yes is not.
    fn may_hold(&self, pod: Pod<'_>, namespace: &str) -> bool {
        if self.rule.get().is_some() {
            return true;
        }
        let containers = |fits: &dyn Fn(&Container<'_>) -> bool| pod.containers().any(|(.., container)| fits(container));
        let whole = 0..self.json.len();
        let all_hold = each_member(self.json, &whole, &mut |branch, value| {
            let list = self.json.get(value)?;
            let holds = match branch {
                Branch::Key("namespaces") => may_name(list, &|pattern| matches(pattern, namespace)),
                Branch::Key("serviceAccounts") => may_name(list, &|account| is_service_account(account, namespace, pod)),
                Branch::Key("containers") => may_name(list, &|pattern| containers(&|container| matches(pattern, &container.name))),
                Branch::Key("images") => may_name(list, &|pattern| containers(&|container| matches(pattern, &container.image))),
                _ => true,
            };
            holds.then_some(())
        });
        all_hold.is_some()
    }
}

/// Whether a name in the JSON of a list may fit.
fn may_name(list: &str, fits: &dyn Fn(&str) -> bool) -> bool {
    let names = list.strip_prefix('[').and_then(|list| list.strip_suffix(']'));
    names.is_none_or(|names| names.split(',').any(|name| unquoted(name).is_none_or(fits)))
}

/// A name without its quotation marks; nothing if there is more to it.
fn unquoted(name: &str) -> Option<&str> {
    name.strip_prefix('"')?.strip_suffix('"').filter(|name| !name.contains('\\'))
}

impl<'de> FromJson<'de> for Rules<'de> {
    fn expected(&self) -> &'static str {
        "an array"
    }

    fn array(&mut self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        each_element(elements, cx, |_, entry| self.0.push(entry))
    }
}

impl<'de> FromJson<'de> for Entry<'de> {
    fn expected(&self) -> &'static str {
        "an object"
    }

    fn is_lazy(&self) -> bool {
        true
    }

    fn raw(&mut self, json: &'de str) {
        self.json = json;
    }

    fn null(&mut self) {
        // One that says nothing, which is a mistake like any other that says too little.
        self.rule = OnceLock::from(Some(Box::default()));
    }

    fn object(&mut self, entries: &mut dyn json::Entries<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        let mut rule = Rule::default();
        rule.object(entries, cx)?;
        self.rule = OnceLock::from(Some(Box::new(rule)));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::json::read_lazily;
    use crate::standards::tests::object;

    /// How many of some rules are read for a pod of which two checks found something.
    fn read_of(rules: &str) -> usize {
        let notes = ErrorSink::default();
        let mut hasty = Rules::default();
        read_lazily(rules, "", &notes, &mut hasty).unwrap();
        assert_eq!((notes.into_errors(), hasty.parsed().count()), (vec![], 0), "{rules}");
        let pod = json!({"metadata": {}, "spec": {
            "serviceAccountName": "agent",
            "initContainers": [{"name": "first", "image": "quay.io/first"}], "containers": [{"name": "second", "image": "quay.io/second"}],
        }});
        let pod = pod.to_string();
        let pod = object(&pod);
        let mut checks = Set::default();
        ["hostPorts", "sysctls"].into_iter().for_each(|id| checks.insert(index_of::<AnyCheck>(id).unwrap()));
        let found = hasty.applicable(&checks, Pod::of(&pod), "team").len();
        let read = hasty.parsed().count();
        // What holds has been read.
        assert!(found <= read, "{rules}");
        read
    }

    #[test]
    fn a_rule_is_read_only_where_it_may_hold() {
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
            // Of other conditions nothing is known before.
            (json!({"checks": ["sysctls"], "podSelector": {"matchLabels": {"a": "b"}}, "values": ["x"]}), 1),
        ];
        for (mut rule, expected) in table {
            rule["reason"] = json!("r");
            assert_eq!(read_of(&json!([rule]).to_string()), expected, "{rule}");
            // In another layout more is read, and never less.
            assert_eq!(read_of(&serde_json::to_string_pretty(&json!([rule])).unwrap()), 1, "{rule}");
        }
        assert_eq!(read_of(r#"[{"checks":["sysctls"],"namespaces":["te\u0061m"],"reason":"r"}]"#), 1);
        // Each for itself.
        let rules: Vec<Value> = ["hostPorts", "privileged", "sysctls"].map(|id| json!({"checks": [id], "reason": "r"})).into();
        assert_eq!(read_of(&json!(rules).to_string()), 2);
    }
}
