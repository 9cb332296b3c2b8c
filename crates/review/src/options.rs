//! What manifests are judged by: the settings of the policy, and what a review cannot see of the cluster and its users.

use pss_core::json::Text;
use pss_core::pod::Labels;
use pss_core::settings::{Policy, Settings};
use pss_core::standards::LevelVersion;
use pss_manifest::Limits;

/// A text with manifests.
#[derive(Debug, Clone, Copy)]
pub struct Source<'t> {
    /// Its file name, as messages have it.
    pub name: &'t str,
    /// Any number of documents, YAML or JSON.
    pub text: &'t str,
}

/// What manifests are judged by.
#[derive(Debug, Clone, Default)]
pub struct Options<'a> {
    /// The settings of the policy.
    pub settings: Settings<'a>,
    /// The namespace of manifests that name none; empty for `default`.
    pub namespace: Text<'a>,
    /// The labels of every namespace that the manifests do not create themselves.
    pub namespace_labels: Labels<'a>,
    /// The user who applies the manifests; empty for one who is not exempt.
    pub user: Text<'a>,
    /// The groups of the user.
    pub groups: Vec<Text<'a>>,
    /// Who rejects: it shows in what kubectl prints.
    pub admission: Admission,
    /// The limits of a text.
    pub limits: Limits,
}

/// Who rejects an object, which shows in what kubectl prints around the message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Admission {
    /// The API server itself.
    #[default]
    BuiltIn,
    /// This policy on Kubewarden, which the API server calls as a webhook.
    Kubewarden,
}

impl Options<'_> {
    /// One level and version for all modes.
    pub fn of(policy: LevelVersion) -> Self {
        Options { settings: Settings { defaults: Policy::uniform(policy), ..Settings::default() }, ..Options::default() }
    }
}
