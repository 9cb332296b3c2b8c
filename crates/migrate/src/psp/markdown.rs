//! The plan for people, in Markdown.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use pss_core::standards::Level;

use super::comparison::list;
use super::manifests::shell_word;
use super::namespace::Namespace;
use super::plan::{Official, Plan, PolicyPlan, WorkloadPlan};
use super::{Field, Verdict};

/// The number of rows of a table, or items of a list, after which the rest is counted.
const MAX_ROWS: usize = 30;

impl Plan {
    /// Returns the plan in Markdown.
    pub fn markdown(&self) -> String {
        let mut text = String::from("# From PodSecurityPolicy to the Pod Security Standards\n\n");
        self.summary(&mut text);
        self.steps(&mut text);
        for policy in &self.policies {
            self.policy(policy, &mut text);
        }
        self.namespace_sections(&mut text);
        self.template_section(&mut text);
        self.choices(&mut text);
        self.later(&mut text);
        self.settings_section(&mut text);
        text
    }

    fn summary(&self, text: &mut String) {
        let [pods, templates] = self.counts();
        let _ = writeln!(
            text,
            "{}, {}, {} and {}, compared with the standards of {}.\n",
            counted(self.policies.len(), "PodSecurityPolicy", "PodSecurityPolicies"),
            counted(self.namespaces.len(), "namespace", "namespaces"),
            counted(pods, "pod", "pods"),
            counted(templates, "pod template", "pod templates"),
            self.version
        );
        for limitation in &self.limitations {
            let _ = writeln!(text, "- {}.", capitalized(&plain(limitation)));
        }
        if !self.limitations.is_empty() {
            text.push('\n');
        }
        if self.policies.is_empty() {
            return;
        }
        text.push_str(
            "| PodSecurityPolicy | strictest level that admits all its pods | loosest level that admits no other pods | pods and templates \
             |\n|---|---|---|---|\n",
        );
        for policy in &self.policies {
            let count: usize = policy.namespaces.values().sum();
            let name = code(&policy.name);
            let replacement = policy.loosest_replacement.map_or("none", Level::name);
            let _ = match &policy.unusable {
                Some(_) => writeln!(text, "| {name} | not usable by any pod | | |"),
                None => writeln!(text, "| {name} | {} | {replacement} | {count} |", policy.strictest_compatible),
            };
        }
        text.push('\n');
        if self.policies.iter().any(|policy| policy.unusable.is_none() && policy.loosest_replacement.is_none()) {
            text.push_str("None: even restricted admits pods that the PodSecurityPolicy rejects or changes.\n\n");
        }
    }

    fn steps(&self, text: &mut String) {
        let exception = if self.has_gaps() { ", except for what is said above" } else { "" };
        let _ = writeln!(text, "## Steps\n\nIn this order no pod is less restricted at any time than it is now{exception}.\n");
        let mut number = 0;
        let mut step = |text: &mut String, description: &str| {
            number += 1;
            let _ = writeln!(text, "{number}. {description}");
        };
        step(
            text,
            "Find out who may set labels on namespaces, and so loosen the level of a namespace: `kubectl auth can-i patch namespaces --as USER`.",
        );
        if self.changed_templates().next().is_some() {
            step(
                text,
                "Set in templates what PodSecurityPolicies set in their pods ([below](#templates-that-rely-on-changes)): official policies can \
                 require it, and most do not set it.",
            );
        }
        let exemptions: usize = self.namespaces.iter().map(|namespace| namespace.exemptions.len()).sum();
        let exemptions = if exemptions == 0 { String::new() } else { format!(" with {}", counted(exemptions, "exemption", "exemptions")) };
        let shared = self.shared_namespaces.iter().map(|shared| &shared.official_policies);
        let has_official = self.policies.iter().map(|policy| &policy.official_policies).chain(shared).any(|official| !official.is_empty());
        let official = if has_official { ", and the official policies for what it does not restrict" } else { "" };
        step(
            text,
            &format!(
                "Apply the policy for {}:{}{exemptions} ([below](#settings)){official}. `pss migrate psp --format manifests` prints the \
                 manifests of this step and of the labels.",
                self.level, self.version
            ),
        );
        if !self.namespaces.is_empty() {
            step(
                text,
                "Check what the labels would reject: `kubectl label --dry-run=server --overwrite namespace NAME KEY=VALUE` prints \
                        warnings for existing pods.",
            );
            step(text, "Set the labels of each namespace ([below](#namespaces)).");
        }
        step(
            text,
            "Set the labels for new namespaces too, with the setting `namespaceLabels: set` of the policy, or where namespaces are created.",
        );
        if !self.policies.is_empty() {
            step(
                text,
                "Apply a PodSecurityPolicy that admits all pods and changes none (`pss migrate psp --format privileged-psp`). From now on pods are \
                 created as their templates are, and only the new policies decide. Without any PodSecurityPolicy, the admission plugin of \
                 Kubernetes up to 1.24 rejects every pod, unless it is disabled.",
            );
            step(
                text,
                "Delete the other PodSecurityPolicies, and the roles and bindings for them, from the cluster and from charts. Remove them from \
                 stored Helm releases too (`pss migrate helm-release`), whose upgrades fail otherwise from Kubernetes 1.25 on.",
            );
        }
        step(text, "Upgrade Kubernetes.");
        text.push('\n');
    }

    fn policy(&self, policy: &PolicyPlan, text: &mut String) {
        let _ = writeln!(text, "## PodSecurityPolicy {}\n\nIn {}:{}.\n", code(&policy.name), plain(&policy.source), policy.line);
        if let Some(reason) = &policy.unusable {
            let _ = writeln!(text, "No pod can use it: {}. It can be deleted.\n", plain(reason));
            return;
        }
        fields(policy, text);
        levels(policy, text);
        if !policy.subjects.is_empty() {
            text.push_str("It may be used by:\n\n");
            for usage in policy.subjects.iter().take(MAX_ROWS) {
                let place = usage.namespace.as_ref().map_or("in all namespaces".to_owned(), |namespace| format!("in {}", code(namespace)));
                let all = if usage.grants_all { ", which grants all PodSecurityPolicies" } else { "" };
                let _ = writeln!(
                    text,
                    "- {} {} {place}, by {} and {}{all}",
                    usage.kind,
                    code(&usage.name),
                    plain(&usage.binding),
                    plain(&usage.role)
                );
            }
            rest(policy.subjects.len(), text);
            text.push('\n');
        } else if self.has_access {
            text.push_str("No role grants it: nobody may use it, except members of `system:masters`.\n\n");
        }
        if !policy.changes.is_empty() {
            text.push_str("It sets fields of pods that do not have them, which templates may rely on:\n\n");
            for change in &policy.changes {
                let _ = writeln!(
                    text,
                    "- `{}` to {}, by {}; {}",
                    change.pod_field,
                    code(&change.value),
                    change.field,
                    plain(&change.explanation)
                );
            }
            text.push('\n');
        }
        if !policy.official_policies.is_empty() {
            let _ = writeln!(text, "Official Kubewarden policies for what it restricts and {} does not:\n", self.level);
            official(&policy.official_policies, text);
        }
        if !policy.unreplaced.is_empty() {
            text.push_str("No official policy restricts:\n\n");
            for unreplaced in &policy.unreplaced {
                let _ = writeln!(text, "- {}: {}", unreplaced.field, plain(&unreplaced.advice));
            }
            text.push('\n');
        }
    }

    fn namespace_sections(&self, text: &mut String) {
        if self.namespaces.is_empty() {
            return;
        }
        text.push_str(
            "## Namespaces\n\n| Namespace | pods | templates | level | PodSecurityPolicies | exemptions |\n|---|---|---|---|---|---|\n",
        );
        for namespace in &self.namespaces {
            let policies: Vec<String> = namespace.policies.keys().map(|name| code(name)).collect();
            let exemptions = match namespace.exemptions.len() {
                0 => "none".to_owned(),
                count => format!("{count} for {}", namespace.settings_level),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {} | {} | {} | {exemptions} |",
                code(&namespace.name),
                namespace.pods,
                namespace.templates,
                namespace.level,
                policies.join(", ")
            );
        }
        text.push_str("\n`--format json` has the PodSecurityPolicy of each pod and template, and the settings of each namespace.\n");
        text.push_str("\nThe labels, which warn of and audit what the next level would reject:\n\n```sh\n");
        // One command for all namespaces of a level.
        let mut by_labels = BTreeMap::<_, Vec<String>>::new();
        for namespace in &self.namespaces {
            by_labels.entry((namespace.level, &namespace.labels)).or_default().push(shell_word(&namespace.name));
        }
        for ((_, labels), names) in by_labels {
            let labels: Vec<String> = labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            let _ = writeln!(text, "kubectl label --overwrite namespace {} \\\n  {}", names.join(" "), labels.join(" \\\n  "));
        }
        text.push_str("```\n\n");
        for namespace in self.namespaces.iter().filter(|namespace| !namespace.obstacles.is_empty()) {
            obstacles(namespace, text);
        }
        for shared in &self.shared_namespaces {
            let [namespaces, policies] =
                [&shared.namespaces, &shared.policies].map(|names| list(&names.iter().map(|name| code(name)).collect::<Vec<_>>()));
            let _ = writeln!(text, "### {policies} in {namespaces}\n");
            let _ =
                writeln!(text, "Pods there have several PodSecurityPolicies. What all of them restrict, and {} does not:\n", self.level);
            official(&shared.official_policies, text);
            for gap in &shared.gaps {
                let _ = writeln!(text, "What only {} restricts is no longer restricted: {}.\n", code(&gap.policy), gap.fields.join(", "));
            }
        }
    }

    /// Returns the templates whose pods a policy changes.
    fn changed_templates(&self) -> impl Iterator<Item = &WorkloadPlan> {
        let changes = |workload: &&WorkloadPlan| workload.kind != "Pod" && !workload.changes.is_empty();
        self.workloads.iter().filter(changes)
    }

    fn template_section(&self, text: &mut String) {
        let changed: Vec<&WorkloadPlan> = self.changed_templates().collect();
        if changed.is_empty() {
            return;
        }
        text.push_str("## Templates that rely on changes\n\nThe PodSecurityPolicy sets fields in the pods of these templates:\n\n");
        for workload in changed.iter().take(MAX_ROWS) {
            let policy = workload.policy.as_deref().unwrap_or_default();
            let (name, namespace) = (code(&workload.name), code(&workload.namespace));
            let _ = writeln!(text, "- {} {name} in {namespace}, by {}: {}", workload.kind, code(policy), workload.changes.join(", "));
        }
        rest(changed.len(), text);
        text.push('\n');
    }

    /// Adds the pods that no policy admits, and those with another policy in their annotation.
    fn choices(&self, text: &mut String) {
        let rejected: Vec<_> = self.workloads.iter().filter(|workload| workload.policy.is_none()).collect();
        if !rejected.is_empty() {
            text.push_str(
                "## Pods that no PodSecurityPolicy admits\n\nNeither the service account nor the controller may use one that admits \
                 them. The user who creates a pod may: `--user` and `--groups` name one.\n\n",
            );
            for workload in rejected.iter().take(MAX_ROWS) {
                let _ = write!(
                    text,
                    "- {} {} in {}, service account {}",
                    workload.kind,
                    code(&workload.name),
                    code(&workload.namespace),
                    code(&workload.service_account)
                );
                let reasons: Vec<String> = workload
                    .rejections
                    .iter()
                    .map(|(policy, fields)| format!("{} rejects it because of {}", code(policy), fields.join(", ")))
                    .collect();
                let reasons =
                    if reasons.is_empty() { "its service account may use no PodSecurityPolicy".to_owned() } else { reasons.join("; ") };
                let _ = writeln!(text, ": {reasons}");
            }
            rest(rejected.len(), text);
            text.push('\n');
        }
        let other: Vec<_> = self.workloads.iter().filter_map(|workload| Some((workload, workload.annotation.as_ref()?))).collect();
        if !other.is_empty() {
            text.push_str(
                "## Pods with another PodSecurityPolicy in their annotation\n\nThe annotation `kubernetes.io/psp` has the PodSecurityPolicy \
                 that was chosen when the pod was created. Today another one would be chosen for these pods, or none:\n\n",
            );
            for (workload, annotation) in other.iter().take(MAX_ROWS) {
                let policy = workload.policy.as_ref().map_or("none".to_owned(), |policy| code(policy));
                let _ = writeln!(
                    text,
                    "- {} in {}: {} in the annotation, {policy} today",
                    code(&workload.name),
                    code(&workload.namespace),
                    code(annotation)
                );
            }
            rest(other.len(), text);
            text.push('\n');
        }
    }

    fn later(&self, text: &mut String) {
        let changed = self.policies.iter().flat_map(|policy| policy.later.iter().map(move |later| (policy, later)));
        // What there is no field for is the same for all policies, and among the checks.
        let changed: Vec<_> = changed.filter(|(_, later)| later.field != Field::HostHandlers.path()).collect();
        if self.later_checks.is_empty() && changed.is_empty() {
            return;
        }
        let _ = writeln!(text, "## After {}\n\nNewer versions of the standards have other requirements:\n", self.version);
        let mut by_version = BTreeMap::<(usize, &str), Vec<String>>::new();
        for later in &self.later_checks {
            let mut notes = vec![later.level.name()];
            notes.extend(later.is_new.then_some("new"));
            notes.extend((!later.has_field).then_some("without a field in PodSecurityPolicies, so that none is within this level"));
            let check = format!("`{}` ({})", later.check, notes.join(", "));
            // v1.9 is before v1.10.
            by_version.entry((later.since.len(), &later.since)).or_default().push(check);
        }
        for ((_, version), checks) in by_version {
            let _ = writeln!(text, "- {version}: {}", checks.join(", "));
        }
        text.push('\n');
        for (policy, later) in changed.iter().take(MAX_ROWS) {
            let _ = writeln!(
                text,
                "- {}, {}: {} than {}:latest, because it {}",
                code(&policy.name),
                later.field,
                later.verdict.name(),
                later.level,
                plain(&later.reason)
            );
        }
        if !changed.is_empty() {
            rest(changed.len(), text);
            text.push('\n');
        }
    }

    fn settings_section(&self, text: &mut String) {
        let settings = self.settings_yaml();
        let _ = write!(
            text,
            "## Settings\n\nOne policy for all namespaces, with the exemptions that admit the pods of today. None can be left out.\n\n\
             ```yaml\n{settings}```\n"
        );
    }
}

/// Adds the table of the fields that are not equivalent to both levels.
fn fields(policy: &PolicyPlan, text: &mut String) {
    let at = |level: Level| policy.levels.iter().find(|other| other.level == level).map_or(&[][..], |other| other.fields.as_slice());
    let pairs = at(Level::Baseline).iter().zip(at(Level::Restricted));
    let (equivalent, different): (Vec<_>, Vec<_>) =
        pairs.partition(|(baseline, restricted)| [baseline.verdict, restricted.verdict] == [Verdict::Equivalent; 2]);
    if !different.is_empty() {
        text.push_str("| Field | baseline | restricted |\n|---|---|---|\n");
        let mut differences = BTreeSet::new();
        for (baseline, restricted) in &different {
            let cell = |comparison: &super::Comparison| match comparison.verdict {
                Verdict::Equivalent => "equivalent".to_owned(),
                verdict => format!("**{}**: {}", verdict.name(), plain(&comparison.reason)),
            };
            let _ = writeln!(text, "| {} | {} | {} |", baseline.path, cell(baseline), cell(restricted));
            differences.extend([baseline, restricted].into_iter().filter_map(|field| Some((field.path, field.difference?))));
        }
        text.push('\n');
        if !differences.is_empty() {
            text.push_str("Where Kubernetes' documentation maps the fields in another way:\n\n");
            for (field, difference) in differences {
                let _ = writeln!(text, "- {field}: {difference}.");
            }
            text.push('\n');
        }
    }
    if !equivalent.is_empty() {
        let names: Vec<&str> = equivalent.iter().map(|(field, _)| field.path).collect();
        let _ = writeln!(text, "Equivalent to both levels: {}.\n", names.join(", "));
    }
}

/// Adds a list of official policies.
fn official(policies: &[Official], text: &mut String) {
    for official in policies {
        let _ = writeln!(text, "- `{}` as {} for {}", official.module, code(&official.name), official.fields.join(", "));
        for warning in &official.warnings {
            let _ = writeln!(text, "  - {}", plain(warning));
        }
    }
    text.push_str(if policies.is_empty() { "- nothing\n\n" } else { "\n" });
}

/// Adds what each level would take and need.
fn levels(policy: &PolicyPlan, text: &mut String) {
    let privileged = policy.levels.iter().filter(|comparison| comparison.level == Level::Privileged);
    for comparison in privileged.filter(|comparison| policy.loosest_replacement == Some(Level::Baseline) && !comparison.admits_nothing_more)
    {
        let _ = writeln!(text, "Privileged admits more in {}.\n", comparison.restricting_fields.join(", "));
    }
    for comparison in policy.levels.iter().filter(|comparison| comparison.level != Level::Privileged) {
        let level = comparison.level;
        if comparison.admits_nothing_more && comparison.rejects_nothing_more {
            let _ = writeln!(text, "{} is equivalent.\n", capitalized(level.name()));
            continue;
        }
        if !comparison.admits_nothing_more {
            let _ = writeln!(text, "{} admits more in {}.\n", capitalized(level.name()), comparison.restricting_fields.join(", "));
        }
        if !comparison.rejects_nothing_more {
            let _ = writeln!(
                text,
                "{} admits less in {}. To admit all that the PodSecurityPolicy admits, it needs these exemptions:\n",
                capitalized(level.name()),
                comparison.permitting_fields.join(", ")
            );
            for exemption in &comparison.exemptions {
                let values: Vec<String> = exemption.values.iter().cloned().collect();
                let paths: Vec<String> = exemption.path_prefixes.iter().cloned().collect();
                let values = match (values.is_empty(), paths.is_empty()) {
                    (false, _) => list(&values),
                    (true, false) => format!("paths in {}", list(&paths)),
                    (true, true) => "all findings".to_owned(),
                };
                let mounts = if exemption.read_only { ", mounted read-only" } else { "" };
                let _ = writeln!(text, "- `{}`: {}{mounts}", exemption.check, plain(&values));
            }
            text.push('\n');
        }
    }
}

fn obstacles(namespace: &Namespace, text: &mut String) {
    let next = Level::ALL.into_iter().find(|level| *level > namespace.level).unwrap_or_default();
    let _ = writeln!(text, "### {}\n\nViolations of {next}:\n", code(&namespace.name));
    // Objects with the same checks in one line.
    let mut by_checks = BTreeMap::<&BTreeSet<&'static str>, Vec<String>>::new();
    for obstacle in &namespace.obstacles {
        by_checks.entry(&obstacle.checks).or_default().push(plain(&obstacle.object));
    }
    for (checks, objects) in by_checks.iter().take(MAX_ROWS) {
        let checks: Vec<&str> = checks.iter().copied().collect();
        let _ = writeln!(text, "- {}: {}", checks.join(", "), list(objects));
    }
    rest(by_checks.len(), text);
    text.push('\n');
    if !namespace.exemptions.is_empty() {
        let _ = writeln!(text, "Exemptions for {}:\n", namespace.settings_level);
        for exemption in namespace.exemptions.iter().take(MAX_ROWS) {
            let mut conditions = Vec::new();
            if !exemption.values.is_empty() {
                conditions.push(format!("values {}", list(&exemption.values.iter().cloned().collect::<Vec<_>>())));
            }
            if exemption.read_only {
                conditions.push("read-only mounts".to_owned());
            }
            if !exemption.containers.is_empty() {
                conditions.push(format!("containers {}", list(&exemption.containers.iter().cloned().collect::<Vec<_>>())));
            }
            if !exemption.labels.is_empty() {
                let labels: Vec<String> = exemption.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
                conditions.push(format!("pods with {}", labels.join(", ")));
            }
            if !exemption.service_account.is_empty() {
                conditions.push(format!("service account {}", exemption.service_account));
            }
            let conditions = if conditions.is_empty() { "all pods".to_owned() } else { conditions.join("; ") };
            let _ = writeln!(text, "- `{}`, {}: {}", exemption.check, plain(&conditions), plain(&exemption.reason));
        }
        rest(namespace.exemptions.len(), text);
        text.push('\n');
    }
}

/// Adds the number of items that are not listed.
fn rest(count: usize, text: &mut String) {
    if let Some(further) = count.checked_sub(MAX_ROWS).filter(|further| *further > 0) {
        let _ = writeln!(text, "- and {further} more, which `--format json` lists");
    }
}

fn counted(count: usize, singular: &str, plural: &str) -> String {
    format!("{count} {}", if count == 1 { singular } else { plural })
}

fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}

/// Returns a text as code, in which nothing is markup.
fn code(text: &str) -> String {
    // A backtick would end the code, a bar the cell, and a line break the line.
    let text: String =
        text.chars().map(|character| if character.is_control() || "`|".contains(character) { '?' } else { character }).collect();
    format!("`{text}`")
}

/// Returns a text without markup.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for character in text.chars() {
        if character.is_control() {
            plain.push(' ');
            continue;
        }
        if "\\`*_[]<>|#".contains(character) {
            plain.push('\\');
        }
        plain.push(character);
    }
    plain
}
