//! The function of the module for callers in Rust; `bindings` exports it to JavaScript.

use std::io;
use std::path::Path;

use pss_core::pod::Labels;
use pss_formats::json::Json;
use pss_formats::judgement::{self, Failing, Judging, Namespaces, Surroundings};
use pss_formats::markdown::Markdown;
use pss_formats::sarif::Sarif;
use pss_formats::summary::Counts;
use pss_formats::text::Text;
use pss_formats::{Format, MAX_BYTES, Style, charts};
use pss_manifest::Limits;
use pss_playground::options::{Parsed, review_options};
use pss_review::{FieldValidation, Finding, OptionError, Options};

/// A file of the page.
#[derive(Debug, Clone, Copy)]
pub struct File<'f> {
    /// Its name, which may be a path.
    pub name: &'f str,
    /// Its text.
    pub text: &'f str,
}

/// Returns the report that `pss check --format FORMAT FILE...` prints for these files with the settings of the
/// [`Options`](pss_playground::options::Options), which are JSON. The format is `text`, `markdown`, `json` or `sarif`.
///
/// # Errors
/// Returns all errors in the options; an unknown format is one.
pub fn report(files: &[File<'_>], options: &str, format: &str) -> Result<String, Vec<OptionError>> {
    let parsed = Parsed::of(options);
    let more = parsed.more();
    let options = Options {
        limits: Limits { bytes: MAX_BYTES },
        field_validation: FieldValidation::Strict,
        schema: Some(pss_review::fields::kubernetes()),
        // As in the program, a template has no verdict.
        templates: None,
        ..review_options(&parsed, &more)?
    };
    let format = format_of(format).ok_or_else(|| {
        let message = "must be one of text, markdown, json, sarif".to_owned();
        vec![OptionError { path: "format".to_owned(), message, span: None }]
    })?;
    let mut out = Vec::new();
    // Writing to memory does not fail.
    let _ = write(files, &options, format.as_ref(), &mut out);
    Ok(String::from_utf8(out).unwrap_or_default())
}

/// Returns the format of a name.
fn format_of(name: &str) -> Option<Box<dyn Format>> {
    match name {
        "text" => Some(Box::new(Text::new(Style { colors: false, quiet: false }))),
        "markdown" => Some(Box::new(Markdown)),
        "json" => Some(Box::new(Json)),
        "sarif" => Some(Box::new(Sarif::new(false))),
        _ => None,
    }
}

/// Writes the report on files.
fn write(files: &[File<'_>], options: &Options<'_>, format: &dyn Format, out: &mut Vec<u8>) -> io::Result<()> {
    let mut created = Vec::new();
    if Namespaces::matter(options) {
        for (index, file) in files.iter().enumerate() {
            created.extend(Namespaces::of_text(file.text, options).into_iter().map(|(name, labels)| (index, name, labels)));
        }
    }
    let namespaces = Namespaces::new(created);
    let mut assembler = format.assembler();
    let mut counts = Counts::default();
    let mut result = assembler.begin(out);
    for (index, file) in files.iter().enumerate() {
        let name = file_name(file);
        let judging = Judging {
            file: judgement::File { name, path: Path::new(name), is_argument: true, is_standard_input: false },
            surroundings: &PageFile { files, index, namespaces: &namespaces },
            options,
            failing: Failing::Enforced,
            formats: &[format],
            is_writing_baseline: false,
        };
        judging.run(file.text, &mut |judged| {
            counts += judged.counts;
            if result.is_ok() {
                result = judged.fragments.iter().try_for_each(|fragment| assembler.add(name, &judged.counts, fragment, out));
            }
            result.is_ok()
        });
    }
    result?;
    assembler.end(&counts, out)
}

/// Returns the name of a file in the report: without `./`, as that of an argument.
fn file_name<'f>(file: &File<'f>) -> &'f str {
    file.name.strip_prefix("./").unwrap_or(file.name)
}

/// A file of the page among the others, which are all that exist.
struct PageFile<'p> {
    files: &'p [File<'p>],
    index: usize,
    namespaces: &'p Namespaces,
}

impl PageFile<'_> {
    fn path(&self) -> &Path {
        Path::new(self.files.get(self.index).map(file_name).unwrap_or_default())
    }

    fn exists(&self, path: &Path) -> bool {
        self.files.iter().any(|file| Path::new(file_name(file)) == path)
    }
}

impl Surroundings for PageFile<'_> {
    fn is_chart_template(&self) -> bool {
        charts::is_template(self.path(), &|path| self.exists(path))
    }

    fn is_chart_values(&self) -> bool {
        charts::is_values(self.path(), &|path| self.exists(path))
    }

    fn namespace(&self, name: &str) -> Option<Labels<'static>> {
        self.namespaces.before(self.index, name)
    }

    /// Exceptions are in pss.toml, which the page does not have.
    fn exception(&self, _: &Finding, _: &str) -> Option<&str> {
        None
    }

    fn is_in_baseline(&self, _: &str) -> bool {
        false
    }
}
