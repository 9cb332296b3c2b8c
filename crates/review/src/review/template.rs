//! The review of templates: of what does not depend on their actions.

use std::borrow::Cow;
use std::fmt;

use pss_core::admission::Judgement;
use pss_manifest::{Node, Section};

use super::{Review, diagnostic};
use crate::findings::Located;
use crate::kinds::{self, Kind};
use crate::objects::objects_of;
use crate::report::{DiagnosticKind, DocumentReport, Severity};
use crate::templates::{MaskedTemplate, mask};
use crate::terminal::Terminal;

/// How templates are reviewed. Only programs that set it in their options contain the code for it.
#[derive(Clone, Copy)]
pub struct Templates(&'static dyn TemplateReview);

impl Templates {
    /// Their actions are masked, and the rest is reviewed: see [`mask`].
    pub const MASKED: Templates = Templates(&Masked);

    /// Reviews a document if it is a template, and returns whether it is.
    pub(super) fn review(
        self,
        review: &mut Review<'_, '_>,
        index: (usize, usize),
        section: &Section<'_>,
        sink: &mut dyn FnMut(DocumentReport),
    ) -> bool {
        self.0.review(review, index, section, sink)
    }
}

impl fmt::Debug for Templates {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Templates")
    }
}

/// The implementation of [`Templates`].
trait TemplateReview: Sync {
    fn review(
        &self,
        review: &mut Review<'_, '_>,
        index: (usize, usize),
        section: &Section<'_>,
        sink: &mut dyn FnMut(DocumentReport),
    ) -> bool;
}

/// The template that an object is in. By default it is in none.
pub(crate) trait Template {
    /// Returns the text of a scalar as it is in the template; `None` if it contains no action.
    fn source(&self, _: Node<'_>) -> Option<&str> {
        None
    }

    /// Returns the kind of an object by its name. If its `apiVersion` or `kind` depends on an action, it is the one that is probable.
    fn kind(&self, _: Node<'_>, _: &str, kind: Kind) -> Kind {
        kind
    }

    /// Returns the `apiVersion` of an object that is judged, and whose kind is in a group.
    fn api_version<'v>(&self, api_version: &'v str, _: &str) -> Cow<'v, str> {
        Cow::Borrowed(api_version)
    }

    /// Removes the findings that depend on actions.
    fn reduce(&self, _: &mut Judgement<'_, '_>, _: &Located<'_>) {}
}

/// A text that is no template.
pub(crate) struct PlainText;

impl Template for PlainText {}

/// The review of masked templates.
struct Masked;

impl TemplateReview for Masked {
    fn review(
        &self,
        review: &mut Review<'_, '_>,
        index: (usize, usize),
        section: &Section<'_>,
        sink: &mut dyn FnMut(DocumentReport),
    ) -> bool {
        let Cow::Owned(masked) = mask(section.text()) else { return false };
        let template = MaskedTemplate::new(section.text(), &masked);
        let start = section.position(0);
        let own = section.with_text(&masked);
        let document = own.parse();
        let root = document.content.as_ref().ok().map(|tree| tree.root());
        let mut objects = root.map(objects_of).unwrap_or_default().into_iter();
        let mut note = Some(template.note());
        review.content(index, &own, &document, &template, &mut Terminal::silent(), &mut |mut report| {
            if let Some((object, ..)) = objects.next() {
                template.restore_names(&mut report, object);
            }
            template.reduce_report(&mut report);
            if let Some((message, range)) = note.take() {
                report.diagnostics.insert(0, diagnostic(DiagnosticKind::Template, Severity::Info, &message, own.span(range)));
            }
            report.each_position(&mut |position| *position = position.after(start));
            sink(report);
        });
        true
    }
}

impl Template for MaskedTemplate<'_> {
    fn source(&self, node: Node<'_>) -> Option<&str> {
        self.text(node)
    }

    fn kind(&self, object: Node<'_>, name: &str, kind: Kind) -> Kind {
        let is_rendered = |field| object.get(field).is_some_and(|entry| self.renders(entry.value));
        match kind {
            Kind::OtherApiVersion(group) if is_rendered("apiVersion") => Kind::of(&kinds::v1_of(group), name),
            Kind::Unknown if is_rendered("apiVersion") || is_rendered("kind") => Kind::BuiltIn,
            _ => kind,
        }
    }

    fn api_version<'v>(&self, _: &'v str, group: &str) -> Cow<'v, str> {
        Cow::Owned(kinds::v1_of(group))
    }

    fn reduce(&self, judgement: &mut Judgement<'_, '_>, located: &Located<'_>) {
        judgement.retain_findings(&|finding| self.determines(located, finding));
    }
}
