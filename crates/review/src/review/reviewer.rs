//! Repeated reviews of texts that change little: a document is reviewed again only if its text has changed, or what the documents
//! before it create.

use std::cell::Cell;
use std::collections::HashMap;
use std::rc::Rc;

use pss_core::pod::Labels;
use pss_manifest::{Position, Section, sections};

use super::Review;
use crate::options::{Options, Source};
use crate::policy;
use crate::report::{DocumentReport, OptionError, Report, TerminalLine};
use crate::terminal::Terminal;

/// Reviews texts, and keeps the reviews of their documents for the next call.
#[derive(Debug, Default)]
pub struct Reviewer {
    /// The reviews by the text of their document.
    documents: HashMap<Box<str>, Vec<Rc<DocumentReview>>>,
    last_id: u32,
    /// The number of the current call.
    call: u32,
}

/// The review of a document, without its place in a text.
#[derive(Debug)]
pub struct DocumentReview {
    /// Its id, which is unique for a [`Reviewer`].
    pub id: u32,
    /// The reports on its objects, whose positions are those in the document, and whose indices are 0.
    pub reports: Vec<DocumentReport>,
    circumstances: Circumstances,
    /// The line that the document began in, if its messages contain line numbers.
    line: Option<usize>,
    terminal: Terminal,
    /// The namespaces that it creates, with their labels.
    namespaces: Vec<(String, Labels<'static>)>,
    /// The groups and kinds of the CustomResourceDefinitions in it.
    definitions: Vec<(String, String)>,
    /// The number of the last call that used it.
    last_call: Cell<u32>,
    /// For callers: the number of the last report that contained it; 0 for none.
    pub last_report: Cell<u32>,
}

/// What the review of a document depends on, besides its text and the options.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Circumstances {
    is_json: bool,
    /// The error in JSON, and its offset in the document.
    json_error: Option<(String, usize)>,
    /// The name of its file, which is in the output of kubectl.
    file: Rc<str>,
    /// The ids of the documents before it that create a namespace or a kind.
    creations: Vec<u32>,
}

/// A document at its place in one of the texts.
#[derive(Debug)]
pub struct PlacedReview {
    /// The index of its text among the sources.
    pub source: usize,
    /// The index of the document in its text.
    pub index: usize,
    /// Its start in the text.
    pub start: Position,
    /// The review.
    pub review: Rc<DocumentReview>,
}

/// The review of one or more texts.
#[derive(Debug)]
pub struct TextReview {
    /// Warnings about invalid namespace labels in the options.
    pub warnings: Vec<OptionError>,
    /// The documents, in the order of the texts.
    pub documents: Vec<PlacedReview>,
    /// The output of `kubectl apply`.
    pub terminal: Vec<TerminalLine>,
}

impl PlacedReview {
    /// Returns the reports on the objects of the document, at its place.
    pub fn reports(&self) -> impl Iterator<Item = DocumentReport> {
        self.review.reports.iter().map(|report| {
            let mut report = DocumentReport { source: self.source, index: self.index, ..report.clone() };
            report.each_position(&mut |position| *position = position.after(self.start));
            report
        })
    }
}

impl From<TextReview> for Report {
    fn from(review: TextReview) -> Self {
        let documents = review.documents.iter().flat_map(PlacedReview::reports).collect();
        Report { warnings: review.warnings, documents, terminal: review.terminal }
    }
}

impl Reviewer {
    /// Reviews texts as [`review`](crate::review()) does. All calls must have the same options; otherwise use a new reviewer.
    pub fn review(&mut self, sources: &[Source<'_>], options: &Options<'_>) -> TextReview {
        self.call = self.call.wrapping_add(1);
        let mut review = Review::new(options, &|_| None);
        let warnings = review.option_warnings();
        let mut terminal = Terminal::new(options.admission, policy::mutates(&options.settings));
        let mut documents = Vec::new();
        let mut creations = Vec::new();
        for (source, Source { name, text }) in sources.iter().enumerate() {
            terminal.open(name);
            let file: Rc<str> = Rc::from(*name);
            for (index, section) in sections(text, options.limits).enumerate() {
                let start = section.position(0);
                let circumstances = Circumstances {
                    is_json: section.is_json(),
                    json_error: section.json_error().map(|(message, offset)| (message.to_owned(), offset)),
                    file: Rc::clone(&file),
                    creations: creations.clone(),
                };
                let own = match self.find(section.text(), &circumstances, start.line) {
                    Some(own) => {
                        review.namespaces.extend_from_slice(&own.namespaces);
                        review.definitions.extend_from_slice(&own.definitions);
                        own
                    }
                    None => self.add(&mut review, section, circumstances, &terminal),
                };
                own.last_call.set(self.call);
                terminal.add(&own.terminal);
                if !own.namespaces.is_empty() || !own.definitions.is_empty() {
                    creations.push(own.id);
                }
                documents.push(PlacedReview { source, index, start, review: own });
            }
        }
        self.forget_unused(documents.len());
        TextReview { warnings, documents, terminal: terminal.lines() }
    }

    fn find(&self, text: &str, circumstances: &Circumstances, line: usize) -> Option<Rc<DocumentReview>> {
        let is_same = |own: &&Rc<DocumentReview>| own.circumstances == *circumstances && own.line.is_none_or(|own| own == line);
        self.documents.get(text)?.iter().find(is_same).cloned()
    }

    /// Reviews a document, and keeps the review.
    fn add(
        &mut self,
        review: &mut Review<'_, '_>,
        section: Section<'_>,
        circumstances: Circumstances,
        terminal: &Terminal,
    ) -> Rc<DocumentReview> {
        let (text, start) = (section.text(), section.position(0));
        let (namespaces, definitions) = (review.namespaces.len(), review.definitions.len());
        let mut terminal = terminal.for_document();
        let mut reports = Vec::new();
        let document = section.parse();
        review.document((0, 0), &section, &document, &mut terminal, &mut |mut report| {
            report.each_position(&mut |position| *position = position.relative_to(start));
            reports.push(report);
        });
        self.last_id += 1;
        let has_lines = document.content.is_err() || !document.warnings.is_empty();
        let own = Rc::new(DocumentReview {
            id: self.last_id,
            reports,
            circumstances,
            line: has_lines.then_some(start.line),
            terminal,
            namespaces: review.namespaces.get(namespaces..).unwrap_or_default().to_vec(),
            definitions: review.definitions.get(definitions..).unwrap_or_default().to_vec(),
            last_call: Cell::default(),
            last_report: Cell::default(),
        });
        self.documents.entry(text.into()).or_default().push(Rc::clone(&own));
        own
    }

    /// Removes the documents of earlier calls if they are more than those of this call. Some are kept, because a text often has an
    /// earlier state again.
    fn forget_unused(&mut self, used: usize) {
        if self.documents.values().map(Vec::len).sum::<usize>() > 2 * used + 8 {
            let call = self.call;
            self.documents.retain(|_, reviews| {
                reviews.retain(|own| own.last_call.get() == call);
                !reviews.is_empty()
            });
        }
    }
}
