//! The files of a run, each with the rules for it.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use pss_formats::judgement::Namespaces;
use pss_formats::problem;
use pss_review::{Finding, Inventory, Options};

use super::today;
use crate::arguments::{InputArguments, PolicyArguments};
use crate::config::{AllRules, Choices, Config, Configs, Exception, Rules, Subject};
use crate::error::Result;
use crate::input::{Failure, Input, Inputs};

/// A file with its rules.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) input: Input,
    pub(crate) config: Option<Arc<Config>>,
    /// The index of its rules.
    pub(crate) rules: usize,
}

/// The files of a run.
#[derive(Debug)]
pub(crate) struct Tasks {
    /// The files, in the order of the output.
    pub(crate) tasks: Vec<Task>,
    /// The rules, by their indices.
    pub(crate) rules: Vec<Rules>,
    /// What cannot be read.
    pub(crate) failures: Vec<Failure>,
    /// The folders that were searched.
    pub(crate) folders: Vec<PathBuf>,
    /// The configuration files.
    pub(crate) configs: Configs,
}

impl Tasks {
    /// Finds the files that arguments name. `own` are the choices that arguments make.
    ///
    /// # Errors
    /// A configuration file or the settings are invalid.
    pub(crate) fn find(input: &InputArguments, policy: &PolicyArguments, own: Choices) -> Result<Self> {
        let mut configs = Configs::of_arguments(policy)?;
        let Inputs { inputs, failures, folders } = Inputs::find(input, &mut configs)?;
        let mut rules = AllRules::default();
        // Invalid settings are an error even without input.
        rules.index_of(own.clone())?;
        let mut tasks = Vec::new();
        for input in inputs {
            let config = Inputs::config_of(&input, &mut configs)?;
            let mut choices = config.as_ref().map(|config| config.choices(input.path())).unwrap_or_default();
            choices.override_with(own.clone());
            tasks.push(Task { rules: rules.index_of(choices)?, input, config });
        }
        Ok(Tasks { tasks, rules: rules.into_rules(), failures, folders, configs })
    }

    /// Returns the options for the review, by the indices of the rules.
    pub(crate) fn options(&self) -> Result<Vec<Options<'_>>> {
        self.rules.iter().map(Rules::options).collect()
    }

    /// Returns the namespaces that the files create, which count for the files after them.
    pub(crate) fn namespaces(&self, options: &[Options<'_>]) -> Namespaces {
        let created = self.of_texts(options, &Namespaces::matter, &|index, text, options, created: &mut Vec<_>| {
            created.extend(Namespaces::of_text(text, options).into_iter().map(|(name, labels)| (index, name, labels)));
        });
        Namespaces::new(created.into_iter().flatten().collect())
    }

    /// Returns the pods and workloads of the files for which options need them.
    pub(crate) fn inventory(&self, options: &[Options<'_>]) -> Inventory {
        let mut all = Inventory::default();
        for own in self.of_texts(options, &Inventory::is_needed, &|_, text, options, own: &mut Inventory| own.add(text, options)) {
            all.extend(own);
        }
        all
    }

    /// Reads the files with some options with several threads, and returns what each thread has collected.
    fn of_texts<T: Default + Send>(
        &self,
        options: &[Options<'_>],
        is_needed: &(dyn Fn(&Options<'_>) -> bool + Sync),
        add: &(dyn Fn(usize, &str, &Options<'_>, &mut T) + Sync),
    ) -> Vec<T> {
        if !options.iter().any(is_needed) {
            return Vec::new();
        }
        let next = AtomicUsize::new(0);
        let of_thread = || {
            let mut collected = T::default();
            loop {
                let index = next.fetch_add(1, Ordering::Relaxed);
                let Some(task) = self.tasks.get(index) else { return collected };
                let Some(options) = options.get(task.rules).filter(|options| is_needed(options)) else { continue };
                // A file that cannot be read is reported when it is judged.
                if let Ok(text) = task.input.read() {
                    add(index, &text, options, &mut collected);
                }
            }
        };
        thread::scope(|scope| {
            let threads: Vec<_> = (0..self.threads()).map(|_| scope.spawn(of_thread)).collect();
            threads.into_iter().map(|thread| thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
        })
    }

    /// The number of threads that read and judge files.
    pub(crate) fn threads(&self) -> usize {
        thread::available_parallelism().map_or(1, usize::from).min(self.tasks.len())
    }
}

impl Task {
    /// Returns the exception that covers a finding of an object, such as `Deployment/web`.
    pub(crate) fn exception(&self, finding: &Finding, object: &str) -> Option<&Exception> {
        let path: &Path = self.input.path();
        let subject = Subject { path, check: finding.check.id, object, container: problem::container(finding) };
        self.config.as_ref()?.exception(subject, today())
    }
}
