//! The output formats. All render the same problems.
//!
//! A format renders each document by itself, on the thread that judges it. One thread then assembles the fragments in the order of
//! the files. So a run needs memory for a few documents only, except for the formats that begin with counts.

mod characters;
mod codequality;
mod github;
mod json;
mod junit;
mod markdown;
mod place;
mod sarif;
mod text;

use std::io::{self, Write};
use std::path::PathBuf;
use std::str::FromStr;

use pss_review::DocumentReport;

use crate::check::problem::Problem;
use crate::check::summary::Counts;

/// A document, with everything that formats render.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Document<'d> {
    /// The name of the file: relative to the working directory, with `/`.
    pub(crate) file: &'d str,
    /// Whether the text is standard input, so that there is no file of this name.
    pub(crate) is_standard_input: bool,
    /// The template that Helm names in a comment of the document: `chart/templates/deployment.yaml`.
    pub(crate) template: Option<&'d str>,
    /// The text of the file; empty if it cannot be read.
    pub(crate) text: &'d str,
    /// The report; `None` for problems of the file as a whole.
    pub(crate) report: Option<&'d DocumentReport>,
    /// The problems, in the order of the report.
    pub(crate) problems: &'d [Problem<'d>],
    /// Whether findings of the modes audit and warn fail the run too.
    pub(crate) warnings_fail: bool,
    /// The counts of this document.
    pub(crate) counts: Counts,
}

impl<'d> Document<'d> {
    /// A file without a text and without problems.
    pub(crate) fn of_file(name: &'d str) -> Self {
        Document {
            file: name,
            is_standard_input: false,
            template: None,
            text: "",
            report: None,
            problems: &[],
            warnings_fail: false,
            counts: Counts::default(),
        }
    }
}

/// A format.
pub(crate) trait Format: Sync {
    /// Renders a document; empty if the format has nothing to say about it.
    fn document(&self, document: &Document<'_>) -> String;

    /// Returns what puts the fragments together.
    fn assembler(&self) -> Box<dyn Assembler>;
}

/// The assembly of an output from the fragments of documents.
pub(crate) trait Assembler {
    /// Writes what precedes the first document.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;

    /// Adds a document of a file. Documents come in the order of the files and texts.
    fn add(&mut self, file: &str, counts: &Counts, fragment: &str, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what follows the last document. `counts` are those of the run.
    fn end(&mut self, counts: &Counts, out: &mut dyn Write) -> io::Result<()>;
}

/// An output: a format, and the file for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) format: FormatName,
    /// The file; `None` for standard output.
    pub(crate) file: Option<PathBuf>,
}

/// The names of the formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormatName {
    Text,
    Json,
    Sarif,
    SarifAll,
    Github,
    Junit,
    Markdown,
    Codequality,
}

impl FormatName {
    const ALL: [(&'static str, FormatName); 8] = [
        ("text", FormatName::Text),
        ("json", FormatName::Json),
        ("sarif", FormatName::Sarif),
        ("sarif-all", FormatName::SarifAll),
        ("github", FormatName::Github),
        ("junit", FormatName::Junit),
        ("markdown", FormatName::Markdown),
        ("codequality", FormatName::Codequality),
    ];
}

impl Output {
    /// The description of the argument.
    pub(crate) const HELP: &'static str = "\
Output format, to standard output or to a file: FORMAT or FORMAT=FILE. Can be repeated, once without a file

  text         findings with the lines of the manifest
  json         everything, for programs
  sarif        SARIF 2.1.0, for GitHub code scanning and other dashboards
  sarif-all    the same with excepted findings and those in the baseline, as suppressed results
  github       annotations of a pull request, as commands of GitHub Actions
  junit        a test case for each pod and workload, for CI servers
  markdown     a comment on a pull request, or the summary of a job
  codequality  the Code Quality report of GitLab

docs/output-formats.md describes what they contain";
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let format = FormatName::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
        let names: Vec<&str> = FormatName::ALL.iter().map(|(name, _)| *name).collect();
        let format = format.ok_or_else(|| format!("a format is one of {}", names.join(", ")))?;
        match file {
            Some("-") => Ok(Output { format, file: None }),
            Some("") => Err("the name of the file is empty".to_owned()),
            file => Ok(Output { format, file: file.map(PathBuf::from) }),
        }
    }
}

/// Properties of the run that formats depend on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    /// Whether the output has colours.
    pub(crate) colors: bool,
    /// Whether the summary is omitted.
    pub(crate) quiet: bool,
}

/// Returns a format.
pub(crate) fn format(name: FormatName, style: Style) -> Box<dyn Format> {
    match name {
        FormatName::Text => Box::new(text::Text::new(style)),
        FormatName::Json => Box::new(json::Json),
        FormatName::Sarif => Box::new(sarif::Sarif::new(false)),
        FormatName::SarifAll => Box::new(sarif::Sarif::new(true)),
        FormatName::Github => Box::new(github::Github),
        FormatName::Junit => Box::new(junit::Junit),
        FormatName::Markdown => Box::new(markdown::Markdown),
        FormatName::Codequality => Box::new(codequality::Codequality),
    }
}

/// The separator of the elements of an array in JSON whose elements come one after the other.
#[derive(Debug, Default)]
struct Separator {
    is_after_element: bool,
}

impl Separator {
    /// Returns what precedes the next element.
    fn next(&mut self) -> &'static str {
        if std::mem::replace(&mut self.is_after_element, true) { ",\n" } else { "\n" }
    }
}
