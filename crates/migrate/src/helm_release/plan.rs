//! The plan: which revisions of which release change, and the objects to be applied.

use serde_json::Value;

use pss_manifest::Limits;
use pss_review::Source;

use super::record::MAX_VERSION;
use super::revision_change::{ChangedText, NewFields};
use super::stored::{ChangedObject, Revision};
use super::{storage, yaml};
use crate::object::{Object, each_object};
use crate::problem::Problem;

/// The status of the revision that is in use.
const DEPLOYED: &str = "deployed";

/// The maximum size of the data of a Secret or ConfigMap in bytes.
const MAX_DATA: usize = 1024 * 1024;

/// The maximum size of all annotations of an object in bytes. `kubectl apply` copies an object into one.
const MAX_ANNOTATIONS: usize = 256 * 1024;

/// The number of objects to name that are no releases.
const MAX_NAMES: usize = 10;

/// How the revision changes that upgrades build on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// A new revision is added, and the old one becomes superseded. A revision that is not deployed changes in place.
    #[default]
    NewRevision,
    /// The revision is changed.
    InPlace,
}

/// Options of a plan.
#[derive(Debug, Clone, Copy, Default)]
pub struct Options {
    /// How the revision changes that upgrades build on.
    pub mode: Mode,
    /// Whether all other revisions with PodSecurityPolicies are changed, too, in place.
    pub all_revisions: bool,
    /// The time for the labels `createdAt` and `modifiedAt`, in seconds since 1970.
    pub time: u64,
}

/// The revisions of the input.
#[derive(Debug, Default)]
pub struct Revisions {
    revisions: Vec<Revision>,
    /// The objects that are no releases.
    others: Vec<String>,
}

/// The changes.
#[derive(Debug, Default)]
pub struct Plan {
    /// The objects to be applied, as YAML documents; empty if nothing changes.
    pub objects: String,
    /// The changed texts.
    pub changes: Vec<ChangedRevision>,
    /// Sentences about what changes and what does not.
    pub notes: Vec<String>,
}

/// A revision with changed texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangedRevision {
    /// Its name: `NAMESPACE/NAME.vREVISION`.
    pub name: String,
    /// The texts.
    pub texts: Vec<ChangedText>,
}

impl Revisions {
    /// Adds the revision in an object. Other objects are named in the notes of the plan.
    pub fn add(&mut self, object: &Object<'_>, problems: &mut Vec<Problem>) {
        if !storage::is_release(object) {
            let slash = if object.namespace().is_empty() { "" } else { "/" };
            self.others.push([object.kind, " ", object.namespace(), slash, object.name()].concat());
            return;
        }
        match Revision::of(object) {
            Ok(revision) => self.revisions.push(revision),
            Err(problem) => problems.push(*problem),
        }
    }

    /// Returns whether there is no revision.
    pub fn is_empty(&self) -> bool {
        self.revisions.is_empty()
    }

    /// Returns the plan for all releases.
    ///
    /// # Errors
    /// A release cannot be changed. Nothing should be applied then, because a part of the objects looks like all.
    pub fn plan(mut self, options: Options) -> Result<Plan, Vec<Problem>> {
        let (mut plan, mut problems) = (Plan::default(), Vec::new());
        if !self.others.is_empty() {
            let names = self.others.get(..MAX_NAMES).unwrap_or(&self.others).join(", ");
            let more = self.others.len().saturating_sub(MAX_NAMES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let of_kind = if self.others.len() == 1 { "not a Helm release" } else { "not Helm releases" };
            plan.notes.push(format!("{of_kind}, and left out: {names}{more}"));
        }
        fn storage(revision: &Revision) -> (&str, &str, &str) {
            (&revision.namespace, &revision.release, &revision.kind)
        }
        self.revisions.sort_by(|one, other| (storage(one), one.revision).cmp(&(storage(other), other.revision)));
        let mut without = 0;
        for revisions in self.revisions.chunk_by(|one, other| storage(one) == storage(other)) {
            if revisions.iter().all(|revision| revision.policies.is_empty()) {
                without += 1;
                plan.note_invalid_documents(revisions);
                continue;
            }
            if let Err(problem) = plan.add_release(revisions, options) {
                problems.push(*problem);
            }
        }
        if without > 0 {
            let releases = if without == 1 { "release contains" } else { "releases contain" };
            plan.notes.push(format!("{without} {releases} no PodSecurityPolicy"));
        }
        if problems.is_empty() { Ok(plan) } else { Err(problems) }
    }
}

impl Plan {
    /// Notes the documents that cannot be parsed in the revision on which upgrades build.
    fn note_invalid_documents(&mut self, revisions: &[Revision]) {
        let Some(base) = base(revisions) else { return };
        let notes = base.invalid_documents().unwrap_or_default();
        self.notes.extend(notes.into_iter().map(|note| format!("{}: revision {}: {note}", base.id(), base.revision)));
    }

    /// Adds the changes of a release, whose revisions are in their order.
    fn add_release(&mut self, revisions: &[Revision], options: Options) -> Result<(), Box<Problem>> {
        let Some(last) = revisions.last() else { return Ok(()) };
        if let Some([twice, _]) = revisions.array_windows().find(|[one, other]| one.revision == other.revision) {
            return Err(twice.error(format!("revision {} is in the input twice", twice.revision), "pass each revision once"));
        }
        if last.is_pending() {
            return Err(last.error(
                format!("revision {} is {}, and Helm refuses upgrades until that ends", last.revision, last.status),
                format!(
                    "if no Helm is running any more, delete the {} of this revision, so that the one before it is the last, and pass the others",
                    last.kind
                ),
            ));
        }
        let id = last.id();
        let base = base(revisions);
        // There is no harm in a change of one that failed, but a second deployed revision could replace another.
        let is_new = options.mode == Mode::NewRevision && base.is_some_and(|base| base.status == DEPLOYED);
        let mut changed = None;
        // Whether the note on the new revision says that Helm cannot roll back to the old one.
        let mut is_noted = false;
        if let Some(base) = base.filter(|base| !base.policies.is_empty()) {
            changed = Some(base.revision);
            if is_new {
                is_noted = !options.all_revisions && revisions.iter().filter(|revision| !revision.policies.is_empty()).count() == 1;
                self.add_copy(revisions, base, is_noted, options)?;
            } else {
                if base.status != DEPLOYED {
                    self.notes.push(format!("{id}: no deployed revision is in the input; if there is one, pass all: {}", base.selection()));
                }
                self.clean(base, options)?;
            }
            self.notes.extend(base.notes.iter().map(|note| format!("{id}: {note}")));
        } else {
            self.notes.push(match base {
                Some(base) => {
                    format!("{id}: revision {} ({}), on which upgrades build, contains no PodSecurityPolicy", base.revision, base.status)
                }
                None => format!("{id}: Helm upgrades no release whose last revision is {}", last.status),
            });
        }
        self.note_invalid_documents(revisions);
        let is_base = |revision: &Revision| Some(revision.revision) == changed;
        let mut remaining = revisions.iter().filter(|revision| !revision.policies.is_empty() && (is_new || !is_base(revision)));
        if options.all_revisions {
            remaining.filter(|revision| !is_base(revision)).try_for_each(|revision| self.clean(revision, options))?;
            return Ok(());
        }
        // A new revision is the last.
        if (changed.is_none() || !is_new) && !last.policies.is_empty() && !is_base(last) {
            self.notes.push(format!(
                "{id}: revision {} ({}), the last, contains {}, so that Helm can neither roll back nor uninstall; --all-revisions removes them",
                last.revision,
                last.status,
                policies(&last.policies)
            ));
            remaining.next_back();
        }
        let remaining: Vec<String> = remaining.map(|revision| revision.revision.to_string()).collect();
        if !remaining.is_empty() && !is_noted {
            let [noun, verb, pronoun] =
                if remaining.len() == 1 { ["revision", "contains", "it"] } else { ["revisions", "contain", "them"] };
            self.notes.push(format!(
                "{id}: {noun} {} {verb} PodSecurityPolicies, so that Helm cannot roll back to {pronoun}; --all-revisions removes them",
                remaining.join(", ")
            ));
        }
        Ok(())
    }

    /// Adds a copy of a revision without its policies as a new revision, and the old one as superseded. `is_only`: no other revision
    /// remains with policies.
    fn add_copy(&mut self, revisions: &[Revision], base: &Revision, is_only: bool, options: Options) -> Result<(), Box<Problem>> {
        let last = revisions.last().unwrap_or(base).revision;
        let version = last.checked_add(1).filter(|version| *version <= MAX_VERSION);
        let version = version.ok_or_else(|| base.error(format!("Helm has no number for a revision after {last}"), "use --in-place"))?;
        let id = base.id();
        let rollback = if is_only { ", and Helm cannot roll back to it unless you use --all-revisions" } else { "" };
        self.notes.push(format!(
            "{id}: adds revision {version} ({}), a copy of revision {} without {}; revision {1} becomes superseded{rollback}",
            base.status,
            base.revision,
            policies(&base.policies)
        ));
        if revisions.len() == 1 {
            let selection = base.selection();
            self.notes.push(format!("{id}: only revision {last} is in the input; if there are others, pass all: {selection}"));
        }
        let description = format!("Copy of revision {} without PodSecurityPolicies", base.revision);
        let fields = NewFields { version: Some(version), description: Some(&description), ..NewFields::default() };
        // The new revision is the first, so that there is a deployed one at any time.
        self.add(base, fields, true, options)?;
        self.add(base, NewFields { status: Some("superseded"), ..NewFields::default() }, options.all_revisions, options)
    }

    /// Adds a revision without its policies.
    fn clean(&mut self, revision: &Revision, options: Options) -> Result<(), Box<Problem>> {
        let policies = policies(&revision.policies);
        self.notes.push(format!("{}: removes {policies} from revision {} ({})", revision.id(), revision.revision, revision.status));
        self.add(revision, NewFields::default(), true, options)
    }

    /// Adds the object of a changed revision.
    fn add(&mut self, revision: &Revision, fields: NewFields<'_>, is_cleaned: bool, options: Options) -> Result<(), Box<Problem>> {
        let ChangedObject { object, texts, size } = revision.change(fields, is_cleaned, options.time)?;
        let mut document = String::new();
        yaml::document(&mut document, &object);
        if !is_read_as(&document, &object) {
            return Err(
                revision.error(format!("revision {} cannot be rendered as YAML", revision.revision), "pass it without other fields")
            );
        }
        let number = fields.version.unwrap_or(revision.revision);
        let name = format!("{}.v{number}", revision.id());
        if size > MAX_DATA {
            self.notes.push(format!("{name}: {size} bytes are more than the {MAX_DATA} that a {} can contain", revision.kind));
        } else if document.len() > MAX_ANNOTATIONS {
            self.notes.push(format!(
                "{name} is too large for the copy that kubectl apply adds to an object: use kubectl apply --server-side --force-conflicts"
            ));
        }
        self.objects.push_str(&document);
        if !texts.is_empty() {
            self.changes.push(ChangedRevision { name, texts });
        }
        Ok(())
    }
}

/// Returns whether a text consists of an object, as Kubernetes reads it.
fn is_read_as(text: &str, object: &Value) -> bool {
    let (mut problems, mut objects) = (Vec::new(), Vec::new());
    let source = Source { name: "", text };
    each_object(source, Limits { bytes: usize::MAX }, &mut problems, &mut |object, _| objects.push(object.node.to_json()));
    problems.is_empty() && objects.iter().eq([object])
}

/// Returns the revision that an upgrade builds on: the last that is deployed; without any, the last if it is failed or superseded.
fn base(revisions: &[Revision]) -> Option<&Revision> {
    let deployed = revisions.iter().rfind(|revision| revision.status == DEPLOYED);
    deployed.or_else(|| revisions.last().filter(|last| matches!(&*last.status, "failed" | "superseded")))
}

/// Returns the names of policies with their kind.
fn policies(names: &[String]) -> String {
    let kind = if names.len() == 1 { "PodSecurityPolicy" } else { "PodSecurityPolicies" };
    format!("{kind} {}", names.join(", "))
}
