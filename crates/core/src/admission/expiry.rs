//! The end of rules in messages and warnings: rules that would have covered a finding but do not hold, and rules that cover one and
//! end soon.

use crate::settings::{Circumstances, Rule, Settings, Validity};
use crate::standards::LevelVersion;

/// A finding that a rule with an end is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Notice<'p> {
    /// The index of the rule in the settings.
    rule: usize,
    /// The last day of the rule.
    expires: &'p str,
    /// [`Validity::Expired`] or [`Validity::Unknown`] if the rule does not cover the finding, [`Validity::EndsSoon`] if it does.
    validity: Validity,
    /// The check of the finding.
    check: &'static str,
    /// The policy that the finding violates.
    policy: LevelVersion,
}

/// The maximum number of rules in a message.
const MAX_RULES: usize = 5;

/// The findings of a pod that rules with an end are about, each rule, check and policy once.
#[derive(Debug, Default)]
pub(super) struct Notices<'p>(Vec<Notice<'p>>);

impl<'p> Notices<'p> {
    /// Returns the first rule that covers a finding and holds. `covers` returns whether a rule covers it. If none of these rules holds,
    /// the first of them is noted, and so is the one that covers the finding if it ends soon.
    pub(super) fn covering<'s>(
        &mut self,
        rules: &[&'p Rule<'s>],
        covers: &dyn Fn(&Rule<'_>) -> bool,
        settings: &Settings<'_>,
        circumstances: &Circumstances<'_>,
        check: &'static str,
        policy: LevelVersion,
    ) -> Option<&'p Rule<'s>> {
        let mut first = None;
        for rule in rules.iter().copied().filter(|rule| covers(rule)) {
            let validity = rule.expires.validity(circumstances);
            if validity.holds() {
                first = Some((rule, validity));
                break;
            }
            first = first.or(Some((rule, validity)));
        }
        let (rule, validity) = first?;
        if validity != Validity::Unlimited {
            let index = settings.exemptions.checks.position(rule);
            let notice = Notice { rule: index, expires: rule.expires.text(), validity, check, policy };
            if !self.0.contains(&notice) {
                self.0.push(notice);
            }
        }
        validity.holds().then_some(rule)
    }

    /// Returns the number of notices so far.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Appends to a message about the violations of a policy the rules that would cover them, and why they do not hold. `is_violated`
    /// returns whether a check is violated.
    pub(super) fn add_lapses(&self, message: &mut String, policy: LevelVersion, is_violated: &dyn Fn(&str) -> bool) {
        let is_lapse = |notice: &Notice<'_>| !notice.validity.holds() && notice.policy == policy && is_violated(notice.check);
        let mut sentences = self.sentences(self.len(), &is_lapse);
        let more = sentences.len().saturating_sub(MAX_RULES);
        if more > 0 {
            sentences.truncate(MAX_RULES);
            sentences.push(format!("and {more} more"));
        }
        for sentence in sentences {
            message.push_str("; ");
            message.push_str(&sentence);
        }
    }

    /// Returns the warnings of rules that cover findings and end soon, among the first `count` notices.
    pub(super) fn warnings(&self, count: usize) -> Vec<String> {
        self.sentences(count, &|notice| notice.validity.holds())
    }

    /// Returns a sentence about each rule, with its checks, among those of the first `count` notices that satisfy a predicate.
    fn sentences(&self, count: usize, predicate: &dyn Fn(&Notice<'_>) -> bool) -> Vec<String> {
        let mut rules: Vec<(&Notice<'_>, String)> = Vec::new();
        for notice in self.0.iter().take(count).filter(|notice| predicate(notice)) {
            match rules.iter_mut().find(|(first, _)| first.rule == notice.rule) {
                // Several policies can have the same check.
                Some((_, checks)) => {
                    if !checks.split(", ").any(|check| check == notice.check) {
                        checks.push_str(", ");
                        checks.push_str(notice.check);
                    }
                }
                None => rules.push((notice, notice.check.to_owned())),
            }
        }
        let mut sentences = Vec::new();
        for (Notice { rule, expires, validity, .. }, checks) in rules {
            let verb = match validity {
                Validity::Expired => "expired",
                Validity::Unlimited | Validity::EndsSoon => "expires",
                Validity::Unknown => "does not hold, for the host gives no date and it expires",
            };
            sentences.push(format!("rule exemptions.checks[{rule}] for {checks} {verb} at the end of {expires} (UTC)"));
        }
        sentences
    }
}
