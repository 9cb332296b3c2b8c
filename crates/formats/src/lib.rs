//! The reports of `pss check`: the problems of manifests, and the formats that render them.
//!
//! ```text
//! text --pss_review, pss_migrate--> DocumentReports, leftovers --judgement--> Problems --Format--> fragments --Assembler--> report
//! ```
//!
//! Nothing here reads files, starts threads or parses arguments, so that `pss check` and the page write the same bytes. A format
//! renders each document by itself, so that several threads can; its [`Assembler`] then gets the fragments in the order of the files.
//! So a run needs memory for a few documents only, except for the formats that begin with counts.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing))]

pub mod characters;
pub mod charts;
mod fingerprint;
pub mod json;
pub mod judgement;
pub mod markdown;
pub mod place;
pub mod problem;
pub mod sarif;
pub mod summary;
pub mod text;

use std::io::{self, Write};

use pss_review::DocumentReport;

use crate::problem::Problem;
use crate::summary::Counts;

/// The size of an input at most, in bytes: more than the review accepts by default, because the pods of a cluster can be one large document. An input of this size
/// needs several times as much memory.
pub const MAX_BYTES: usize = 100_000_000;

/// A document, with everything that formats render.
#[derive(Debug, Clone, Copy)]
pub struct Document<'d> {
    /// The name of the file: relative to the working directory, with `/`.
    pub file: &'d str,
    /// Whether the text is standard input, so that there is no file of this name.
    pub is_standard_input: bool,
    /// The template that Helm names in a comment of the document: `chart/templates/deployment.yaml`.
    pub template: Option<&'d str>,
    /// The text of the file; empty if it cannot be read.
    pub text: &'d str,
    /// The report; `None` for problems of the file as a whole.
    pub report: Option<&'d DocumentReport>,
    /// The problems, in the order of the report.
    pub problems: &'d [Problem<'d>],
    /// Whether findings of the modes audit and warn fail the run too.
    pub warnings_fail: bool,
    /// The counts of this document.
    pub counts: Counts,
}

impl<'d> Document<'d> {
    /// A file without a text and without problems.
    pub fn of_file(name: &'d str) -> Self {
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
pub trait Format: Sync {
    /// Renders a document; empty if the format has nothing to say about it.
    fn document(&self, document: &Document<'_>) -> String;

    /// Returns what puts the fragments together.
    fn assembler(&self) -> Box<dyn Assembler>;
}

/// The assembly of an output from the fragments of documents.
pub trait Assembler {
    /// Writes what precedes the first document.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()>;

    /// Adds a document of a file. Documents come in the order of the files and texts.
    fn add(&mut self, file: &str, counts: &Counts, fragment: &str, out: &mut dyn Write) -> io::Result<()>;

    /// Writes what follows the last document. `counts` are those of the run.
    fn end(&mut self, counts: &Counts, out: &mut dyn Write) -> io::Result<()>;
}

/// Properties of the run that formats depend on.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// Whether the output has colours.
    pub colors: bool,
    /// Whether the summary is omitted.
    pub quiet: bool,
}

/// The separator of the elements of an array in JSON whose elements come one after the other.
#[derive(Debug, Default)]
pub struct Separator {
    is_after_element: bool,
}

impl Separator {
    /// Returns what precedes the next element.
    pub fn before_next(&mut self) -> &'static str {
        if std::mem::replace(&mut self.is_after_element, true) { ",\n" } else { "\n" }
    }
}
