//! The output formats. All render the same problems.
//!
//! A format renders each document by itself, on the thread that judges it. One thread then assembles the fragments in the order of
//! the files. So a run needs memory for a few documents only, except for the formats that begin with counts.

mod json;
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
    /// The template that Helm names in a comment of the document: `chart/templates/deployment.yaml`.
    pub(crate) template: Option<&'d str>,
    /// The text of the file; empty if it cannot be read.
    pub(crate) text: &'d str,
    /// The report; `None` for problems of the file as a whole.
    pub(crate) report: Option<&'d DocumentReport>,
    /// The problems, in the order of the report.
    pub(crate) problems: &'d [Problem<'d>],
    /// The counts of this document.
    pub(crate) counts: Counts,
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
}

impl FormatName {
    const ALL: [(&'static str, FormatName); 2] = [("text", FormatName::Text), ("json", FormatName::Json)];
}

impl Output {
    /// The description of the argument.
    pub(crate) const HELP: &'static str = "\
Output format, to standard output or to a file: FORMAT or FORMAT=FILE. Can be repeated, once without a file

  text         findings with the lines of the manifest
  json         everything, for programs; the schema is in docs/cli.md";
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let format = FormatName::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
        let names: Vec<&str> = FormatName::ALL.iter().map(|(name, _)| *name).collect();
        let format = format.ok_or_else(|| format!("a format is one of {}", names.join(", ")))?;
        match file {
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
    }
}
