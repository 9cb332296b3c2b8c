//! `pss check`: judges manifests.

mod baseline;
mod outputs;
mod progress;
mod queue;
mod tasks;

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use jiff::civil::Date;
use pss_core::pod::Labels;
use pss_formats::judgement::{self, Failing, File, Judged, Judging, Namespaces, Outcome, Surroundings};
use pss_formats::problem::{OtherRule, Problem, Severity};
use pss_formats::summary::{self, Counts};
use pss_formats::{Document, Format};
use pss_review::{Finding, Inventory, Options};

use self::baseline::Baseline;
use self::outputs::Outputs;
use self::progress::Progress;
use self::queue::Queue;
use crate::arguments::{self, FailOn, Global};
use crate::config::{Choices, Rules};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::input::{Failure, is_chart_template, is_chart_values};
use crate::{file, terminal};

pub(crate) use self::tasks::{Task, Tasks};

/// Runs the command.
pub(crate) fn run(arguments: &arguments::Check, global: &Global) -> Result<Exit> {
    let own = Choices { fail_on: arguments.fail_on, validate: arguments.validate, ..Choices::of_arguments(&arguments.policy) };
    let tasks = Tasks::find(&arguments.input, &arguments.policy, own)?;
    let mut options = tasks.options()?;
    for warning in options.iter().flat_map(pss_review::option_warnings) {
        terminal::note(global, &format!("warning: {warning}"));
    }
    let baseline = arguments.baseline.as_deref().map(Baseline::load).transpose()?.unwrap_or_default();
    check_files(arguments, &tasks)?;
    let (formats, mut outputs) = Outputs::open(&arguments.format, global)?;
    let inventory = tasks.inventory(&options);
    options.iter_mut().filter(|options| Inventory::is_needed(options)).for_each(|options| options.contents = Some(&inventory));
    let run = Run {
        tasks: &tasks,
        options: &options,
        namespaces: tasks.namespaces(&options),
        baseline: &baseline,
        formats: formats.iter().map(AsRef::as_ref).collect(),
        is_writing_baseline: arguments.write_baseline.is_some(),
    };
    let mut counts = Counts::default();
    let mut outcome = Outcome::Clean;
    let mut known = BTreeMap::new();
    outputs.begin()?;
    for failure in &tasks.failures {
        let judged = run.failure(failure);
        outcome = outcome.max(judged.outcome);
        counts += judged.counts;
        outputs.add(&failure.name, &judged)?;
    }
    run.judge_all(&Progress::new(tasks.tasks.len(), global), &mut |task, judged| {
        outcome = outcome.max(judged.outcome);
        counts += judged.counts;
        known.extend(judged.baseline.iter().cloned());
        outputs.add(&task.input.name, &judged)
    })?;
    for judged in run.exceptions() {
        counts += judged.1.counts;
        outputs.add(&judged.0, &judged.1)?;
    }
    outputs.end(&counts)?;
    if let Some(path) = &arguments.write_baseline {
        let findings = summary::counted(known.len(), "finding", "findings");
        file::write(path, baseline::text(known)?.as_bytes())?;
        terminal::note(global, &format!("{findings} in {}", path.display()));
        return Ok(if outcome == Outcome::Unjudged { Exit::Unjudged } else { Exit::Clean });
    }
    let stale = baseline.len().saturating_sub(counts.in_baseline);
    if stale > 0 && arguments.input.inputs.len() == tasks.folders.len() {
        let findings = summary::counted(stale, "finding of the baseline was not found", "findings of the baseline were not found");
        terminal::note(global, &format!("{findings} again; write it anew with --write-baseline"));
    }
    if counts.objects == 0 && counts.unjudged == 0 && !arguments.allow_empty && !arguments.input.hook {
        return Err(Error::unjudged("no Kubernetes object in the input, so nothing was judged; --allow-empty accepts this"));
    }
    Ok(outcome.into())
}

/// Returns an error if a run would write a file twice, or over its input.
fn check_files(arguments: &arguments::Check, tasks: &Tasks) -> Result<()> {
    let real = |path: &Path| std::fs::canonicalize(path).unwrap_or_else(|_| crate::config::absolute(path));
    let outputs = arguments.format.iter().filter_map(|output| output.file.as_deref()).chain(arguments.write_baseline.as_deref());
    // What is no regular file, such as /dev/null, can be written to several times.
    let outputs: Vec<&Path> = outputs.filter(|path| std::fs::metadata(path).map_or(true, |metadata| metadata.is_file())).collect();
    if outputs.is_empty() {
        return Ok(());
    }
    let inputs: HashSet<PathBuf> = tasks.tasks.iter().filter_map(|task| task.input.path.as_deref()).map(real).collect();
    let mut written = HashSet::new();
    for path in outputs {
        let name = path.display();
        if inputs.contains(&real(path)) {
            return Err(Error::usage(format!("{name} is an input, which the output would replace; give the output another file")));
        }
        if !written.insert(real(path)) {
            return Err(Error::usage(format!("two outputs for {name}; give each a file of its own")));
        }
    }
    Ok(())
}

/// The current date, in UTC so that it is the same for all who run the program.
pub(crate) fn today() -> Date {
    jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date()
}

/// What the threads of a run share.
struct Run<'r> {
    tasks: &'r Tasks,
    options: &'r [Options<'r>],
    namespaces: Namespaces,
    baseline: &'r Baseline,
    formats: Vec<&'r dyn Format>,
    is_writing_baseline: bool,
}

impl<'r> Run<'r> {
    /// Judges all files, and passes the results to `sink` in the order of the files.
    fn judge_all(&self, progress: &Progress, sink: &mut dyn FnMut(&Task, Judged) -> Result<()>) -> Result<()> {
        let queue: Queue<(usize, Vec<Judged>)> = Queue::new();
        let next = AtomicUsize::new(0);
        let tasks = self.tasks.tasks.as_slice();
        thread::scope(|scope| {
            for _ in 0..self.tasks.threads() {
                scope.spawn(|| {
                    loop {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        let Some(task) = tasks.get(index) else { break };
                        let Some(options) = self.options.get(task.rules) else { break };
                        // Also completes the file if judging it panics, so that the output does not wait for it.
                        let _complete = Completion { queue: &queue, file: index };
                        let mut batch = Vec::new();
                        let is_wanted = self.judge(index, task, options, &mut |judged| {
                            batch.push(judged);
                            batch.len() < BATCH || queue.push(index, (index, std::mem::take(&mut batch)))
                        });
                        if !is_wanted || !queue.push(index, (index, batch)) {
                            break;
                        }
                    }
                });
            }
            let result = std::iter::from_fn(|| queue.next(tasks.len())).try_for_each(|(index, batch)| {
                progress.set(index);
                tasks.get(index).map_or(Ok(()), |task| batch.into_iter().try_for_each(|judged| sink(task, judged)))
            });
            progress.finish();
            queue.close();
            result
        })
    }

    /// Judges a file, and passes the results to `sink`, which returns whether it wants more. Returns whether it wanted all.
    fn judge(&self, index: usize, task: &Task, options: &Options<'_>, sink: &mut dyn FnMut(Judged) -> bool) -> bool {
        let input = &task.input;
        let judging = Judging {
            file: File { name: &input.name, path: input.path(), is_argument: input.is_argument, is_standard_input: input.path.is_none() },
            surroundings: &TaskSurroundings { run: self, index, task },
            options,
            failing: match self.tasks.rules.get(task.rules).and_then(Rules::fail_on) {
                Some(FailOn::Never) => Failing::Nothing,
                Some(FailOn::Warn) => Failing::All,
                Some(FailOn::Baseline | FailOn::Restricted) | None => Failing::Enforced,
            },
            formats: &self.formats,
            is_writing_baseline: self.is_writing_baseline,
        };
        match input.read() {
            Ok(text) => judging.run(&text, sink),
            Err(message) => sink(judging.unreadable(message)),
        }
    }

    /// Returns the result for a file or folder that cannot be read.
    fn failure(&self, failure: &Failure) -> Judged {
        let problem = judgement::file_problem(OtherRule::Unreadable, failure.message.clone(), &failure.name);
        let counts = Counts { unjudged: 1, files: 1, ..Counts::default() };
        self.of_file(&failure.name, &[problem], counts)
    }

    /// Returns the problems with exceptions: those that cover nothing, and those that are over.
    fn exceptions(&self) -> Vec<(String, Judged)> {
        let mut all = Vec::new();
        let Tasks { tasks, folders, .. } = self.tasks;
        for config in self.tasks.configs.all() {
            let name = crate::input::name(&config.path);
            let mut problems = Vec::new();
            let is_complete =
                folders.iter().any(|folder| crate::config::absolute(config.folder()).starts_with(crate::config::absolute(folder)));
            for (index, exception) in config.exceptions.iter().enumerate() {
                let of_config = |task: &&Task| task.config.as_ref().is_some_and(|other| Arc::ptr_eq(other, &config));
                let mut paths = tasks.iter().filter(of_config).filter_map(|task| task.input.path.as_deref());
                let is_relevant = is_complete || exception.has_paths() && paths.any(|path| exception.applies_to(path));
                let (rule, message) = if exception.is_expired(today()) {
                    let until = exception.until.map_or_else(String::new, |until| until.to_string());
                    (OtherRule::ExpiredException, format!("exceptions[{index}] is over since {until} ({})", exception.reason))
                } else if !exception.is_used() && is_relevant {
                    (OtherRule::UnusedException, format!("exceptions[{index}] covers nothing ({})", exception.reason))
                } else {
                    continue;
                };
                problems.push(Problem { severity: Severity::Warning, ..judgement::file_problem(rule, message, &name) });
            }
            if !problems.is_empty() {
                let counts = Counts { warnings: problems.len(), ..Counts::default() };
                all.push((name.clone(), self.of_file(&name, &problems, counts)));
            }
        }
        all
    }

    /// Returns the result for a file that has no documents.
    fn of_file(&self, name: &str, problems: &[Problem<'_>], counts: Counts) -> Judged {
        let document = Document { problems, counts, ..Document::of_file(name) };
        let outcome = if counts.unjudged > 0 { Outcome::Unjudged } else { Outcome::Clean };
        Judged { fragments: self.formats.iter().map(|format| format.document(&document)).collect(), counts, outcome, baseline: Vec::new() }
    }
}

/// What a run knows of one of its files.
struct TaskSurroundings<'r, 'o> {
    run: &'r Run<'o>,
    /// The index of the file.
    index: usize,
    task: &'r Task,
}

impl Surroundings for TaskSurroundings<'_, '_> {
    fn is_chart_template(&self) -> bool {
        self.task.input.path.as_deref().is_some_and(is_chart_template)
    }

    fn is_chart_values(&self) -> bool {
        is_chart_values(self.task.input.path())
    }

    fn namespace(&self, name: &str) -> Option<Labels<'static>> {
        self.run.namespaces.before(self.index, name)
    }

    fn exception(&self, finding: &Finding, object: &str) -> Option<&str> {
        self.task.exception(finding, object).map(|exception| exception.reason.as_str())
    }

    fn is_in_baseline(&self, fingerprint: &str) -> bool {
        self.run.baseline.contains(fingerprint)
    }
}

/// The number of documents that a thread passes on together.
const BATCH: usize = 16;

/// Marks a file as complete when it is dropped.
struct Completion<'q> {
    queue: &'q Queue<(usize, Vec<Judged>)>,
    file: usize,
}

impl Drop for Completion<'_> {
    fn drop(&mut self) {
        self.queue.complete(self.file);
    }
}
