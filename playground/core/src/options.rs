//! The options of the page, as JSON. They are deserialized as the policy's payload is: with every error at once, each with
//! its path.

use pss_core::date::Date;
use pss_core::json::{Aborted, Context, ErrorSink, FieldError, FromJson, Input, Text, Unexpected, report_mismatch, view};
use pss_core::pod::Labels;
use pss_core::settings::{self, UncheckedSettings};
use pss_core::standards::{Level, LevelVersion, Version};
use pss_manifest::{Document, Kind, Node, Span, documents};
use pss_review::deserialization::deserialize;
use pss_review::fields::kubernetes;
use pss_review::schema::Schema;
use pss_review::{self as review, FindingKey, OptionError};
#[cfg(feature = "typescript")]
use tsify::Tsify;

view! {
    /// The options of a review: the settings of the policy, and the parts of a request that manifests do not have.
    #[cfg_attr(feature = "typescript", derive(Tsify), serde(rename_all = "camelCase"))]
    pub struct Options<'a>, strict {
        /// The settings of the policy, as in a ClusterAdmissionPolicy.
        #[cfg_attr(feature = "typescript", tsify(type = "unknown"))]
        "settings" => settings: UncheckedSettings<'a>,
        /// Further settings as a text, YAML or JSON. They are merged into `settings`: lists are joined, and a level
        /// replaces defaults, or defaults a level.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "string"))]
        "more" => more: Text<'a>,
        /// The namespace of manifests without a namespace. The default is `default`.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "string"))]
        "namespace" => namespace: Text<'a>,
        /// The labels of every namespace that the manifests do not create.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "Record<string, string>"))]
        "namespaceLabels" => namespace_labels: Labels<'a>,
        /// The user who applies the manifests. The default is a user who is not exempt.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "string"))]
        "user" => user: Text<'a>,
        /// The groups of the user.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "string[]"))]
        "groups" => groups: Vec<Text<'a>>,
        /// The date in UTC, such as `2027-03-31`. Rules with an end do not hold without it.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "string"))]
        "today" => today: Text<'a>,
        /// The program that rejects, which changes the messages of kubectl: the API server itself (`builtIn`, the default), or
        /// this policy on Kubewarden, which the API server calls as a webhook.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "\"builtIn\" | \"kubewarden\""))]
        "admission" => admission: Admission,
        /// How templates are treated: with `mask`, their actions are masked and the rest of them is reviewed. By default they are
        /// invalid, and so they are in modules without the code for masks.
        #[cfg_attr(feature = "typescript", tsify(optional, type = "\"mask\""))]
        "templates" => templates: Templates,
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

/// [`review::Admission`] as JSON: `builtIn` or `kubewarden`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Admission(pub review::Admission);

impl<'de> FromJson<'de> for Admission {
    const EXPECTED: &'static str = "one of builtIn, kubewarden";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        let Some(text) = input.text(Self::EXPECTED, cx)? else { return Ok(()) };
        match text.as_ref() {
            "builtIn" => self.0 = review::Admission::BuiltIn,
            "kubewarden" => self.0 = review::Admission::Kubewarden,
            _ => report_mismatch(Self::EXPECTED, Unexpected::Text(&text), cx),
        }
        Ok(())
    }
}

/// Whether templates are masked, as JSON: `mask`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Templates(pub bool);

impl<'de> FromJson<'de> for Templates {
    const EXPECTED: &'static str = "mask";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        let Some(text) = input.text(Self::EXPECTED, cx)? else { return Ok(()) };
        match text.as_ref() {
            "mask" => self.0 = true,
            _ => report_mismatch(Self::EXPECTED, Unexpected::Text(&text), cx),
        }
        Ok(())
    }
}

/// The review of masked templates, if this build contains its code.
const MASKED: Option<review::templates::Templates> =
    if cfg!(feature = "templates") { Some(review::templates::Templates::MASKED) } else { None };

/// A parsed JSON or YAML text of options.
#[derive(Debug)]
pub struct Parsed<'t>(Vec<Document<'t>>);

impl<'t> Parsed<'t> {
    /// Parses a text. Errors are those of the functions that deserialize it.
    pub fn of(text: &'t str) -> Self {
        Parsed(documents(text))
    }

    /// Parses the further settings, which are a text in the options.
    pub fn more(&self) -> Parsed<'_> {
        let content = self.0.first().and_then(|document| document.content.as_ref().ok());
        Parsed::of(content.and_then(|tree| tree.root().at("more").node.text()).unwrap_or_default())
    }

    /// Deserializes the only document; `root` is its path in errors.
    fn deserialize<'s, T: FromJson<'s> + Default>(&'s self, root: &str) -> Result<T, Vec<OptionError>> {
        let error = |message: &str| vec![error(root, message, None)];
        let tree = match self.0.as_slice() {
            [Document { warnings, .. }] if !warnings.is_empty() => {
                return Err(warnings.iter().flat_map(|warning| error(&warning.message)).collect());
            }
            [document] => document.content.as_ref().map_err(|diagnostic| error(&diagnostic.message))?,
            [] => return Err(error("missing")),
            _ => return Err(error("must be one object")),
        };
        if matches!(tree.root().kind(), Kind::Null) {
            return Err(error("missing"));
        }
        let mut value = T::default();
        let errors = ErrorSink::default();
        deserialize(tree.root(), root, &errors, &mut value);
        let errors = option_errors(errors.into_errors());
        if errors.is_empty() { Ok(value) } else { Err(errors) }
    }
}

fn error(path: &str, message: &str, span: Option<Span>) -> OptionError {
    OptionError { path: path.to_owned(), message: message.to_owned(), span }
}

fn option_errors(errors: Vec<FieldError>) -> Vec<OptionError> {
    errors.into_iter().map(|FieldError { path, message }| OptionError { path, message, span: None }).collect()
}

/// The path of the settings in the options.
const SETTINGS: &str = "settings";

/// Merges further settings into others. Returns their root, if there are any.
fn merge_more<'s>(more: &'s Parsed<'_>, settings: &mut UncheckedSettings<'s>) -> Result<Option<Node<'s>>, Vec<OptionError>> {
    let mut errors = Vec::new();
    let mut root = None;
    for document in &more.0 {
        errors.extend(document.warnings.iter().map(|warning| error("more", &warning.message, Some(warning.span))));
        match &document.content {
            Err(diagnostic) => errors.push(error("more", &diagnostic.message, Some(diagnostic.span))),
            Ok(tree) => match (tree.root().kind(), root) {
                (Kind::Null, _) => {}
                (Kind::Mapping, None) => root = Some(tree.root()),
                _ => {
                    let span = tree.root().first_line();
                    errors.push(error("more", "must be one object of settings, such as details: true", Some(span)));
                }
            },
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    if let Some(root) = root {
        let raw = &mut settings.value;
        if root.get("level").is_some() {
            raw.defaults = None;
        } else if root.get("defaults").is_some() {
            (raw.level, raw.version) = Default::default();
        }
        deserialize(root, SETTINGS, &ErrorSink::default(), settings);
    }
    Ok(root)
}

/// The span of a path in the further settings, or of its nearest parent if it is missing there; none if the error is in other
/// settings.
fn span_in(more: Node<'_>, path: &str) -> Option<Span> {
    let mut path = path.strip_prefix(SETTINGS)?.trim_start_matches('.');
    loop {
        // The settings of the form may have keys in these objects, too.
        if matches!(path, "" | "exemptions" | "defaults") {
            return None;
        }
        let place = more.at(path);
        if place.exists {
            let is_short = !matches!(place.node.kind(), Kind::Null | Kind::Sequence | Kind::Mapping);
            return Some(if is_short { place.span() } else { place.key.unwrap_or_else(|| place.node.first_line()) });
        }
        path = path.get(..path.rfind(['.', '[']).unwrap_or(0))?;
    }
}

/// Sets the span of each warning about a setting that further settings contain.
pub(super) fn place_warnings(warnings: &mut [OptionError], more: &Parsed<'_>) {
    let roots = more.0.iter().filter_map(|document| Some(document.content.as_ref().ok()?.root()));
    let Some(root) = roots.into_iter().find(|root| matches!(root.kind(), Kind::Mapping)) else { return };
    for warning in warnings {
        warning.span = warning.span.or_else(|| span_in(root, &warning.path));
    }
}

/// Parses the key of a finding or error: the index of its file, the index of its document in the file, the index of its object in a List
/// or nothing, the id of its check, the path of its field, and its value after `=` or nothing if a value is missing. Line ends separate
/// them. For an error the check is empty, and its message is in the place of the path.
pub(super) fn finding_key(text: &str) -> Option<FindingKey> {
    let mut parts = text.splitn(6, '\n');
    let mut next = || parts.next();
    Some(FindingKey {
        source: next()?.parse().ok()?,
        index: next()?.parse().ok()?,
        item: next()?.parse().ok(),
        check: next()?.to_owned(),
        path: next()?.to_owned(),
        value: next()?.strip_prefix('=').map(str::to_owned),
    })
}

/// Deserializes the options of a review; `more` has their further settings.
///
/// # Errors
/// Returns all errors in the options.
pub fn review_options<'a>(options: &'a Parsed<'_>, more: &'a Parsed<'_>) -> Result<review::Options<'a>, Vec<OptionError>> {
    let Options { mut settings, more: _, namespace, namespace_labels, user, groups, today, admission, templates } =
        options.deserialize("")?;
    let more = merge_more(more, &mut settings)?;
    match settings::validate(&mut settings, SETTINGS) {
        Ok(settings) => {
            let (admission, templates) = (admission.0, MASKED.filter(|_| templates.0));
            // The first module does not contain the table of fields.
            let schema = cfg!(feature = "full").then(|| kubernetes() as &dyn Schema);
            let today = Date::parse(&today).ok();
            let context = review::Options { namespace, namespace_labels, user, groups, today, admission, ..review::Options::default() };
            Ok(review::Options { settings, templates, schema, ..context })
        }
        Err(error) => {
            let mut errors = option_errors(error.into_errors());
            for error in &mut errors {
                error.span = more.and_then(|more| span_in(more, &error.path));
            }
            Err(errors)
        }
    }
}

impl Target<'_> {
    /// Parses a level and a version; `root` is their path in errors.
    ///
    /// # Errors
    /// Returns all errors.
    pub fn parse(json: &str, root: &str) -> Result<LevelVersion, Vec<OptionError>> {
        let parsed = Parsed::of(json);
        let target: Target<'_> = parsed.deserialize(root)?;
        match (Level::parse(&target.level), Version::parse(&target.version)) {
            (Some(level), Some(version)) => Ok(LevelVersion { level, version }),
            (level, version) => {
                let mut errors = Vec::new();
                if level.is_none() {
                    errors.push(error(&format!("{root}.level"), "must be one of privileged, baseline, restricted", None));
                }
                if version.is_none() {
                    let message = "must be \"latest\" or a minor version of Kubernetes such as \"v1.34\"";
                    errors.push(error(&format!("{root}.version"), message, None));
                }
                Err(errors)
            }
        }
    }
}

#[cfg(test)]
mod tests;
