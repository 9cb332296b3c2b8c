//! `pss migrate helm-release`: removes PodSecurityPolicies from stored Helm releases.
//!
//! Standard output is for `kubectl apply`, so that the diff is on standard error, unless nothing else is printed.

use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use pss_manifest::Limits;
use pss_migrate::helm_release::{ChangedRevision, ChangedText, Mode, Options, Plan, Revisions};
use pss_migrate::{Severity, each_object};
use pss_review::Source;

use crate::arguments::{Global, InputArguments};
use crate::commands::fix::diff;
use crate::config::{Configs, MAX_BYTES};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::input::Inputs;
use crate::terminal;

/// The arguments of the command.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Arguments {
    /// Secrets and ConfigMaps of Helm, or Lists of them: files, folders, or - for standard input
    #[arg(value_name = "FILE|DIR|-", required = true)]
    inputs: Vec<PathBuf>,
    /// Add a new revision, and mark the old one as superseded (default)
    #[arg(long)]
    new_revision: bool,
    /// Change the revision that upgrades build on
    #[arg(long, conflicts_with = "new_revision")]
    in_place: bool,
    /// Remove PodSecurityPolicies from all other revisions, too, in place: those that Helm rolls back to
    #[arg(long)]
    all_revisions: bool,
    /// Print the changes of the manifests as a diff, and nothing else
    #[arg(long)]
    dry_run: bool,
    /// File name of standard input in the output
    #[arg(long, value_name = "NAME", default_value = "stdin.yaml")]
    stdin_name: String,
}

const EXAMPLES: &str = "\
Example:
  kubectl get secret -n shop -l owner=helm,name=web -o yaml |
    pss migrate helm-release - | kubectl apply -f -

Exit status:
  0  every release could be read, and changed if it contains PodSecurityPolicies
  2  the input cannot be read, has no release, or one that cannot be changed; nothing is printed to standard output
  3  the arguments are invalid";

/// Runs the command. Nothing is printed to standard output unless every release could be changed.
pub(crate) fn run(arguments: &Arguments, global: &Global) -> Result<Exit> {
    let Some(revisions) = revisions(arguments)? else { return Ok(Exit::Unjudged) };
    let is_empty = revisions.is_empty();
    let options = Options {
        mode: if arguments.in_place { Mode::InPlace } else { Mode::NewRevision },
        all_revisions: arguments.all_revisions,
        time: SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_secs()),
    };
    let Plan { objects, changes, notes } = match revisions.plan(options) {
        Ok(plan) => plan,
        Err(problems) => {
            problems.iter().for_each(|problem| terminal::error(&problem.to_string()));
            return Ok(Exit::Unjudged);
        }
    };
    let colors = arguments.dry_run && terminal::uses_colors(global);
    let diff: String = changes.iter().map(|revision| diff_of(revision, colors)).collect();
    if !arguments.dry_run && !diff.is_empty() {
        terminal::text(global, &diff);
    }
    notes.iter().for_each(|note| terminal::note(global, note));
    if is_empty {
        return Err(Error::unjudged("the input contains no Helm release"));
    }
    if objects.is_empty() {
        terminal::note(global, "nothing changes, and there is nothing to apply");
    }
    terminal::print(if arguments.dry_run { &diff } else { &objects }.as_bytes())
}

/// Reads the input; `None` if a part of it is invalid, after its errors are printed.
fn revisions(arguments: &Arguments) -> Result<Option<Revisions>> {
    let input =
        InputArguments { inputs: arguments.inputs.clone(), stdin_name: arguments.stdin_name.clone(), exclude: Vec::new(), hook: false };
    let inputs = Inputs::find(&input, &mut Configs::none())?;
    let (mut revisions, mut is_valid) = (Revisions::default(), inputs.failures.is_empty());
    for failure in &inputs.failures {
        terminal::error(&format!("{}: {}", failure.name, failure.message));
    }
    for input in &inputs.inputs {
        let text = match input.read() {
            Ok(text) => text,
            Err(message) => {
                terminal::error(&format!("{}: {message}", input.name));
                is_valid = false;
                continue;
            }
        };
        if !input.is_argument && !text.contains("apiVersion") {
            continue;
        }
        let mut problems = Vec::new();
        let source = Source { name: &input.name, text: &text };
        each_object(source, Limits { bytes: MAX_BYTES }, &mut problems, &mut |object, problems| revisions.add(&object, problems));
        for problem in &problems {
            // A warning, such as a duplicate key, is no reason to print nothing.
            let prefix = if problem.severity == Severity::Warning { "warning: " } else { "" };
            terminal::error(&format!("{prefix}{problem}"));
        }
        is_valid &= problems.iter().all(|problem| problem.severity == Severity::Warning);
    }
    Ok(is_valid.then_some(revisions))
}

/// Returns the changes of a revision as a diff, with a name for each of its texts.
fn diff_of(revision: &ChangedRevision, colors: bool) -> String {
    let of_text = |text: &ChangedText| {
        let part = text.hook.as_ref().map_or_else(|| "manifest".to_owned(), |hook| format!("hooks/{hook}"));
        diff(&format!("{}/{part}", revision.name), &text.old, &text.new, colors)
    };
    revision.texts.iter().map(of_text).collect()
}
