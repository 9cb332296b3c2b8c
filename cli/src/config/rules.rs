//! The rules for files: the options of the review, what fails a run, and what is excluded, from configuration files and
//! arguments.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use pss_core::date::Date;
use pss_core::pod::Labels;
use pss_core::settings::{NamespaceLabels, Policy, Settings};
use pss_core::standards::{Level, LevelVersion, Version};
use pss_formats::MAX_BYTES;
use pss_manifest::Limits;
use pss_review::{FieldValidation, Options};

use super::{Choices, SettingsSource};
use crate::arguments::{FailOn, Validation};
use crate::error::{Error, Result};
use crate::settings::SettingsText;

/// The rules for some files.
#[derive(Debug)]
pub(crate) struct Rules {
    choices: Choices,
    settings: Option<SettingsText>,
}

impl Rules {
    /// Reads the settings that choices name.
    pub(crate) fn of(choices: Choices) -> Result<Self> {
        let settings = match &choices.settings {
            None => None,
            Some(SettingsSource::File(file)) => Some(SettingsText::load(file)?),
            Some(SettingsSource::Table(table)) => {
                let mut table = toml::Value::Table(table.clone());
                dates_as_text(&mut table);
                let json = serde_json::to_string(&table).map_err(|error| Error::usage(format!("settings in pss.toml: {error}")))?;
                Some(SettingsText::of_json(json, "settings in pss.toml")?)
            }
        };
        Ok(Rules { choices, settings })
    }

    /// What fails a run; `None` for what is rejected.
    pub(crate) fn fail_on(&self) -> Option<FailOn> {
        self.choices.fail_on
    }

    /// Returns the options of the review.
    pub(crate) fn options(&self) -> Result<Options<'_>> {
        let choices = &self.choices;
        let context = self.settings.as_ref().map(|settings| &settings.context);
        let labels: BTreeMap<&str, &str> = match (&choices.namespace_labels, context) {
            (Some(labels), _) => labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect(),
            (None, Some(context)) => context.namespace_labels.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect(),
            (None, None) => BTreeMap::new(),
        };
        let namespace = choices.namespace.as_deref().or(context.and_then(|context| context.namespace.as_deref()));
        Ok(Options {
            settings: self.effective_settings()?,
            namespace: Cow::Borrowed(namespace.unwrap_or_default()),
            namespace_labels: Labels(labels.into_iter().map(|(key, value)| (key.into(), value.into())).collect()),
            user: context.map_or("", |context| &context.user).into(),
            groups: context.map(|context| context.groups.iter().map(|group| group.as_str().into()).collect()).unwrap_or_default(),
            today: SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|since| Date::of_clock(since.as_secs())),
            limits: Limits { bytes: MAX_BYTES },
            field_validation: match choices.validate.unwrap_or_default() {
                Validation::Strict => FieldValidation::Strict,
                Validation::Warn => FieldValidation::Warn,
                Validation::Ignore => FieldValidation::Ignore,
            },
            schema: Some(pss_review::fields::kubernetes()),
            ..Options::default()
        })
    }

    /// Returns the settings: those of a file, or those of a cluster with Pod Security Admission, in which the labels of namespaces
    /// override the level.
    fn effective_settings(&self) -> Result<Settings<'_>> {
        let Choices { level, version, fail_on, .. } = &self.choices;
        let mut settings = match &self.settings {
            Some(settings) => settings.settings()?,
            None => Settings {
                defaults: Policy::uniform(LevelVersion { level: Level::Restricted, version: Version::Latest }),
                namespace_labels: NamespaceLabels::Honor,
                ..Settings::default()
            },
        };
        let Policy { enforce, audit, warn } = &mut settings.defaults;
        for mode in [&mut *enforce, audit, warn] {
            mode.level = level.unwrap_or(mode.level);
            mode.version = version.unwrap_or(mode.version);
        }
        match fail_on {
            Some(FailOn::Baseline) => enforce.level = Level::Baseline,
            Some(FailOn::Restricted) => enforce.level = Level::Restricted,
            Some(FailOn::Warn | FailOn::Never) | None => {}
        }
        Ok(settings)
    }
}

/// Replaces the dates of TOML by their texts: JSON has no dates.
fn dates_as_text(value: &mut toml::Value) {
    match value {
        toml::Value::Datetime(date) => *value = toml::Value::String(date.to_string()),
        toml::Value::Array(items) => items.iter_mut().for_each(dates_as_text),
        toml::Value::Table(entries) => entries.iter_mut().for_each(|(_, value)| dates_as_text(value)),
        _ => {}
    }
}

/// Rules by choices, each read once.
#[derive(Debug, Default)]
pub(crate) struct AllRules {
    choices: Vec<Choices>,
    rules: Vec<Rules>,
}

impl AllRules {
    /// Returns the index of the rules for choices.
    pub(crate) fn index_of(&mut self, choices: Choices) -> Result<usize> {
        if let Some(index) = self.choices.iter().position(|known| *known == choices) {
            return Ok(index);
        }
        self.rules.push(Rules::of(choices.clone())?);
        self.choices.push(choices);
        Ok(self.rules.len() - 1)
    }

    /// Returns the rules in the order of their indices.
    pub(crate) fn into_rules(self) -> Vec<Rules> {
        self.rules
    }
}
