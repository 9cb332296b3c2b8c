//! What comes in from the page beside the manifests, read like the policy's own payload: every
//! mistake at once, each with its path.

#[cfg(feature = "typescript")]
use tsify::Tsify;

use super::report::{Mistake, Range};
use crate::json::{Context, ErrorSink, FieldError, FromJson, Text, Unexpected, view};
use crate::manifest::{self, Kind, Node};
use crate::pod::Labels;
use crate::settings::{self, Policy, Settings, SettingsError};
use crate::standards::{Level, LevelVersion, Version};

view! {
    /// What the manifests are judged by: the policy's settings, and the world that a page cannot see.
    #[cfg_attr(feature = "typescript", derive(Tsify), serde(rename_all = "camelCase"))]
    pub struct Options<'a>, strict {
        /// The policy's own settings object, as a ClusterAdmissionPolicy holds it.
        #[cfg_attr(feature = "typescript", tsify(type = "unknown"))]
        "settings" => settings: settings::UncheckedSettings<'a>,
        /// Further settings as a text, YAML or JSON. They are put over `settings`: lists are joined, and a
        /// level takes the place of defaults, or these of a level.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "string"))]
        "more" => more: Text<'a>,
        /// The namespace of manifests that name none; `default` unless given.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "string"))]
        "namespace" => namespace: Text<'a>,
        /// The labels of every namespace that the manifests do not create themselves.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "Record<string, string>"))]
        "namespaceLabels" => namespace_labels: Labels<'a>,
        /// Who applies the manifests; nobody in particular unless given.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "string"))]
        "user" => user: Text<'a>,
        /// The groups that the user is in.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "string[]"))]
        "groups" => groups: Vec<Text<'a>>,
        /// Whose words the terminal prints, built-in admission's unless given: those of the API server
        /// itself, or of this policy on Kubewarden, called by the API server as a webhook.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "\"builtIn\" | \"kubewarden\""))]
        "admission" => admission: Admission,
    }
}

view! {
    /// A level at a version.
    #[cfg_attr(feature = "typescript", derive(Tsify))]
    pub struct Target<'a>, strict {
        /// `privileged`, `baseline` or `restricted`.
        #[cfg_attr(feature = "typescript", tsify(type = "string"))]
        "level" => level: Text<'a>,
        /// `latest` or `v1.34` and so on.
        #[cfg_attr(feature = "typescript", tsify(type = "string"))]
        "version" => version: Text<'a>,
    }
}

/// Who stands in the way: it shows in what kubectl prints around a rejection.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Admission {
    /// The API server itself.
    #[default]
    BuiltIn,
    /// This policy on Kubewarden, called by the API server as a webhook.
    Kubewarden,
}

impl<'de> FromJson<'de> for Admission {
    fn expected(&self) -> &'static str {
        "one of builtIn, kubewarden"
    }

    fn text(&mut self, value: Text<'de>, cx: Context<'_>) {
        match value.as_ref() {
            "builtIn" => *self = Admission::BuiltIn,
            "kubewarden" => *self = Admission::Kubewarden,
            _ => self.mismatch(Unexpected::Text(&value), cx),
        }
    }
}

/// What a page sends. It is JSON, which is a manifest like another: so there is one reader less to load.
pub(super) struct Sent<'t>(Vec<manifest::Document<'t>>);

impl<'t> Sent<'t> {
    pub(super) fn of(json: &'t str) -> Self {
        Sent(manifest::documents(json))
    }

    /// The further settings of options, which are a text in a text.
    pub(super) fn more(&self) -> Sent<'_> {
        let content = self.0.first().and_then(|document| document.content.as_ref().ok());
        Sent::of(content.and_then(|tree| tree.root().at("more").node.text()).unwrap_or_default())
    }

    /// Reads one of the views here; `root` is what it is called.
    fn read<'s, T: FromJson<'s> + Default>(&'s self, root: &str) -> Result<T, Vec<Mistake>> {
        let mistake = |message: &str| vec![mistake(root, message.to_owned(), None)];
        let tree = match self.0.as_slice() {
            [manifest::Document { notes, .. }] if !notes.is_empty() => {
                return Err(notes.iter().flat_map(|note| mistake(&note.message)).collect());
            }
            [document] => document.content.as_ref().map_err(|fault| mistake(&fault.message))?,
            [] => return Err(mistake("missing")),
            _ => return Err(mistake("must be one object")),
        };
        let mut value = T::default();
        let notes = ErrorSink::default();
        if matches!(tree.root().kind(), Kind::Null) {
            return Err(mistake("missing"));
        }
        tree.root().read(root, &notes, &mut value);
        let mistakes = mistakes(notes.into_errors());
        if mistakes.is_empty() { Ok(value) } else { Err(mistakes) }
    }
}

fn mistake(path: &str, message: String, range: Option<Range>) -> Mistake {
    Mistake { path: path.to_owned(), message, range }
}

fn mistakes(problems: Vec<FieldError>) -> Vec<Mistake> {
    let mut mistakes = Vec::new();
    for FieldError { path, message } in problems {
        mistakes.push(Mistake { path, message, range: None });
    }
    mistakes
}

/// The path of the settings in the options.
const SETTINGS: &str = "settings";

/// Reads further settings over others. Answers with where they stand, if there are any.
fn read_more<'s>(more: &'s Sent<'_>, settings: &mut settings::UncheckedSettings<'s>) -> Result<Option<Node<'s>>, Vec<Mistake>> {
    let mut wrong = Vec::new();
    let mut root = None;
    for document in &more.0 {
        for note in &document.notes {
            wrong.push(mistake("more", note.message.clone(), Some(note.span.into())));
        }
        match &document.content {
            Err(fault) => wrong.push(mistake("more", fault.message.clone(), Some(fault.span.into()))),
            Ok(tree) => match (tree.root().kind(), root) {
                (Kind::Null, _) => {}
                (Kind::Mapping, None) => root = Some(tree.root()),
                _ => {
                    let span = tree.root().first_line();
                    wrong.push(mistake("more", "must be one object of settings, such as details: true".to_owned(), Some(span.into())));
                }
            },
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    if let Some(root) = root {
        let written = &mut settings.value;
        if root.get("level").is_some() {
            written.defaults = None;
        } else if root.get("defaults").is_some() {
            (written.level, written.version) = Default::default();
        }
        root.read(SETTINGS, &ErrorSink::default(), settings);
    }
    Ok(root)
}

/// Where in further settings a path of the settings points to, or what is missing there would stand;
/// nothing if what is wrong there is not of them.
fn range_in(more: Node<'_>, path: &str) -> Option<Range> {
    let mut path = path.strip_prefix(SETTINGS)?.trim_start_matches('.');
    loop {
        // These two hold what is set in the form, too.
        if matches!(path, "" | "exemptions" | "defaults") {
            return None;
        }
        let place = more.at(path);
        if place.exists {
            let is_short = !matches!(place.node.kind(), Kind::Null | Kind::Sequence | Kind::Mapping);
            let span = if is_short { place.span() } else { place.key.unwrap_or_else(|| place.node.first_line()) };
            return Some(span.into());
        }
        path = path.get(..path.rfind(['.', '[']).unwrap_or(0))?;
    }
}

/// What the manifests are judged by, of options without a mistake.
pub(super) struct World<'a> {
    /// The policy's settings.
    pub(super) settings: Settings<'a>,
    /// The namespace of manifests that name none; empty for the usual one.
    pub(super) namespace: Text<'a>,
    /// The labels of every namespace that the manifests do not create themselves.
    pub(super) labels: Labels<'a>,
    /// Who applies the manifests; empty for nobody in particular.
    pub(super) user: Text<'a>,
    /// The groups that the user is in.
    pub(super) groups: Vec<Text<'a>>,
    /// Whose words the terminal prints.
    pub(super) admission: Admission,
}

impl<'a> World<'a> {
    /// Reads options; `more` holds their further settings.
    pub(super) fn read(sent: &'a Sent<'_>, more: &'a Sent<'_>) -> Result<Self, Vec<Mistake>> {
        let Options { mut settings, more: _, namespace, namespace_labels, user, groups, admission } = sent.read("")?;
        let more = read_more(more, &mut settings)?;
        match settings::validate(&mut settings, SETTINGS) {
            Ok(settings) => Ok(World { settings, namespace, labels: namespace_labels, user, groups, admission }),
            Err(SettingsError::Errors(problems)) => {
                let mut mistakes = mistakes(problems);
                for mistake in &mut mistakes {
                    mistake.range = more.and_then(|more| range_in(more, &mistake.path));
                }
                Err(mistakes)
            }
            Err(SettingsError::Syntax(broken)) => Err(vec![mistake(&broken.path, broken.message, None)]),
        }
    }

    /// One level and version for all modes, and nothing known of anything else.
    pub(super) fn of(policy: LevelVersion) -> Self {
        let settings = Settings { defaults: Policy::uniform(policy), ..Settings::default() };
        World {
            settings,
            namespace: Text::default(),
            labels: Labels::default(),
            user: Text::default(),
            groups: Vec::new(),
            admission: Admission::default(),
        }
    }
}

impl Target<'_> {
    /// Reads a level and a version; `root` is what they are called.
    pub(super) fn read(json: &str, root: &str) -> Result<LevelVersion, Vec<Mistake>> {
        let sent = Sent::of(json);
        let target: Target<'_> = sent.read(root)?;
        match (Level::parse(&target.level), Version::parse(&target.version)) {
            (Some(level), Some(version)) => Ok(LevelVersion { level, version }),
            (level, version) => {
                let mut mistakes = Vec::new();
                let mut add = |field: &str, message: &str| mistakes.push(mistake(&[root, field].concat(), message.to_owned(), None));
                if level.is_none() {
                    add(".level", "must be one of privileged, baseline, restricted");
                }
                if version.is_none() {
                    add(".version", "must be \"latest\" or a minor version of Kubernetes such as \"v1.34\"");
                }
                Err(mistakes)
            }
        }
    }
}

#[cfg(test)]
mod tests;
