//! The options of a review: the settings of the policy, and the properties of the cluster and its user that manifests do not have.

use std::fmt;

use pss_core::date::Date;
use pss_core::json::Text;
use pss_core::pod::Labels;
use pss_core::settings::{Policy, Settings};
use pss_core::standards::LevelVersion;
use pss_manifest::Limits;

use crate::schema::Schema;
use crate::templates::Templates;

/// A text with manifests.
#[derive(Debug, Clone, Copy)]
pub struct Source<'t> {
    /// Its file name in messages.
    pub name: &'t str,
    /// Any number of YAML or JSON documents.
    pub text: &'t str,
}

/// The options of a review.
#[derive(Debug, Clone, Default)]
pub struct Options<'a> {
    /// The settings of the policy.
    pub settings: Settings<'a>,
    /// The namespace of manifests without one; empty for `default`.
    pub namespace: Text<'a>,
    /// The labels of every namespace that the manifests do not create themselves.
    pub namespace_labels: Labels<'a>,
    /// The user who applies the manifests; empty for one who is not exempt.
    pub user: Text<'a>,
    /// The groups of the user.
    pub groups: Vec<Text<'a>>,
    /// The date in UTC; `None` if it is not known. Rules with an end do not hold then.
    pub today: Option<Date>,
    /// The admission that rejects objects, on which the output of kubectl depends.
    pub admission: Admission,
    /// The limits of a text.
    pub limits: Limits,
    /// The schema of objects; `None` if only the fields that checks read are validated.
    pub schema: Option<&'a dyn Schema>,
    /// How unknown fields are treated, if there is a schema.
    pub field_validation: FieldValidation,
    /// How templates are reviewed; `None` if they are texts as any other.
    pub templates: Option<Templates>,
    /// The objects that the namespaces of the manifests contain; `None` if nothing warns of them.
    pub contents: Option<&'a dyn Contents>,
}

impl fmt::Debug for dyn Schema + '_ {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Schema")
    }
}

/// The objects in namespaces: an [`Inventory`](crate::Inventory). A trait, so that programs without one do not contain its code.
pub trait Contents: Sync {
    /// Returns the warnings about the objects in a namespace that gets labels.
    fn warnings(&self, namespace: &str, labels: &Labels<'_>, options: &Options<'_>) -> Vec<String>;
}

impl fmt::Debug for dyn Contents + '_ {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Contents")
    }
}

/// How unknown fields are treated, with the names of `fieldValidation` in requests.
///
/// Source: <https://kubernetes.io/docs/reference/using-api/api-concepts/#field-validation>.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FieldValidation {
    /// They are errors.
    #[default]
    Strict,
    /// They are warnings.
    Warn,
    /// They are ignored.
    Ignore,
}

/// The admission that rejects objects. The output of kubectl includes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Admission {
    /// The API server itself.
    #[default]
    BuiltIn,
    /// This policy on Kubewarden, which the API server calls as a webhook.
    Kubewarden,
}

impl Options<'_> {
    /// Returns options with one level and version for all modes.
    pub fn of(policy: LevelVersion) -> Self {
        Options { settings: Settings { defaults: Policy::uniform(policy), ..Settings::default() }, ..Options::default() }
    }
}
