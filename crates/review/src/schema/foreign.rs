//! The errors of a schema in another program, which are exchanged as JSON. The playground's core gets those of the module with the
//! table in this way. The module `fields` of the playground serializes them.
//!
//! ```text
//! [{"offset": 0, "warnings": [], "errors": [{"kind": "unknownField", "message": "unknown field \"spec.foo\"", "path": "spec.foo",
//!   "start": 40, "end": 43, "help": null, "fix": {"title": "Rename foo to bar", "edits": [{"start": 40, "end": 43, "text": "bar"}]}}]}]
//! ```
//!
//! Offsets are in bytes of the text of the document.

use pss_core::json::{ErrorSink, Text, view};
use pss_manifest::edit::Edit;
use pss_manifest::{Node, Section, Span, documents};

use super::{Schema, SchemaError, SchemaErrorKind};
use crate::deserialization::deserialize;
use crate::report::Fix;

view! {
    struct Message<'a> {
        "objects" => objects: Vec<ObjectErrors<'a>>,
    }
}

view! {
    struct ObjectErrors<'a> {
        "offset" => offset: i64,
        "errors" => errors: Vec<ErrorView<'a>>,
        "warnings" => warnings: Vec<Text<'a>>,
    }
}

view! {
    struct ErrorView<'a> {
        "kind" => kind: Text<'a>,
        "message" => message: Text<'a>,
        "path" => path: Text<'a>,
        "start" => start: i64,
        "end" => end: i64,
        "help" => help: Option<Text<'a>>,
        "fix" => fix: Option<FixView<'a>>,
    }
}

view! {
    struct FixView<'a> {
        "title" => title: Text<'a>,
        "edits" => edits: Vec<EditView<'a>>,
    }
}

view! {
    struct EditView<'a> {
        "start" => start: i64,
        "end" => end: i64,
        "text" => text: Text<'a>,
    }
}

/// The errors in the objects of one document, and the warnings about them. Errors that are exchanged have no suggestions.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ForeignErrors {
    /// The errors, each with the offset of its object in the whole text.
    errors: Vec<(usize, SchemaError)>,
    /// The warnings of an API server itself, in the same way.
    warnings: Vec<(usize, String)>,
}

impl ForeignErrors {
    /// Deserializes the errors of a document that is a section of a text. What cannot be deserialized is left out.
    pub fn parse(json: &str, section: &Section<'_>) -> Self {
        let text = format!("{{\"objects\":{json}}}");
        let documents = documents(&text);
        let Some(Ok(tree)) = documents.first().map(|document| &document.content) else { return ForeignErrors::default() };
        let mut message = Message::default();
        deserialize(tree.root(), "", &ErrorSink::default(), &mut message);
        let position = |offset: i64| section.position(usize::try_from(offset).unwrap_or_default());
        let span = |start, end| Span { start: position(start), end: position(end) };
        let mut errors = Vec::new();
        let mut warnings = Vec::new();
        for ObjectErrors { offset, errors: of_object, warnings: about_object } in message.objects {
            let object = position(offset).offset;
            warnings.extend(about_object.into_iter().map(|warning| (object, warning.into_owned())));
            for ErrorView { kind, message, path, start, end, help, fix } in of_object {
                let edit = |edit: EditView<'_>| Edit { span: span(edit.start, edit.end), text: edit.text.into_owned() };
                let error = SchemaError {
                    kind: if kind == "wrongType" { SchemaErrorKind::WrongType } else { SchemaErrorKind::UnknownField },
                    message: message.into_owned(),
                    path: path.into_owned(),
                    span: span(start, end),
                    help: help.map(Text::into_owned),
                    suggestion: None,
                    fix: fix.map(|fix| Fix { title: fix.title.into_owned(), edits: fix.edits.into_iter().map(edit).collect() }),
                };
                errors.push((object, error));
            }
        }
        ForeignErrors { errors, warnings }
    }
}

impl Schema for ForeignErrors {
    fn errors(&self, object: Node<'_>, _: &str, _: &str) -> Vec<SchemaError> {
        let offset = object.span().start.offset;
        self.errors.iter().filter(|(object, _)| *object == offset).map(|(_, error)| error.clone()).collect()
    }

    fn warnings(&self, object: Node<'_>, _: &str, _: &str) -> Vec<String> {
        let offset = object.span().start.offset;
        self.warnings.iter().filter(|(object, _)| *object == offset).map(|(_, warning)| warning.clone()).collect()
    }
}
