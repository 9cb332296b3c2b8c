//! The thread that reviews documents, so that a long one does not delay the synchronization of the text.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender};

use gen_lsp_types::{CodeAction, CodeActionParams, Diagnostic, Position, Uri};
use lsp_server::RequestId;
use serde::Serialize;
use serde_json::Value;

use super::actions::{self, Support};
use super::diagnostics::diagnostics;
use super::hover::hover;
use super::review::{Review, Snapshot};
use super::server::Event;

/// A job of the worker.
pub(super) enum Job {
    /// Find the problems of a document.
    Diagnose(Snapshot),
    /// Answer a request.
    Respond(Snapshot, DocumentRequest, RequestToken),
    /// Release the memory for a document.
    Forget(Uri),
}

/// A request about a document.
pub(super) enum DocumentRequest {
    /// The code actions for a range.
    Actions(Box<CodeActionParams>, Support),
    /// The edits of a code action.
    Resolve(Box<CodeAction>, Support),
    /// The hover at a position.
    Hover(Position, bool),
}

/// The identity of a request, and whether it was cancelled.
#[derive(Debug, Clone)]
pub(super) struct RequestToken {
    pub(super) id: RequestId,
    pub(super) is_cancelled: Arc<AtomicBool>,
}

/// The diagnostics of a document at one version.
pub(super) struct DocumentDiagnostics {
    pub(super) uri: Uri,
    pub(super) version: i32,
    pub(super) generation: u64,
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Runs jobs until there are no more, and sends their results. The latest review of each document is kept.
pub(super) fn run(jobs: &Receiver<Job>, events: &Sender<Event>) {
    let mut reviews: HashMap<Uri, (u64, Review)> = HashMap::new();
    for job in jobs {
        let event = match job {
            Job::Forget(uri) => {
                reviews.remove(&uri);
                continue;
            }
            Job::Diagnose(snapshot) if !snapshot.is_latest() => continue,
            Job::Diagnose(snapshot) => {
                let diagnostics = diagnostics(review(&mut reviews, &snapshot), &snapshot);
                let Snapshot { uri, version, generation, .. } = snapshot;
                Event::Diagnostics(DocumentDiagnostics { uri, version, generation, diagnostics })
            }
            Job::Respond(_, _, token) if token.is_cancelled.load(Ordering::Acquire) => continue,
            Job::Respond(snapshot, request, token) => {
                let value = response(review(&mut reviews, &snapshot), &snapshot, request);
                Event::Result(token.id, value)
            }
        };
        if events.send(event).is_err() {
            break;
        }
    }
}

/// Returns the review of a document, which is made unless the latest one is that of the same text and rules.
fn review<'r>(reviews: &'r mut HashMap<Uri, (u64, Review)>, snapshot: &Snapshot) -> &'r Review {
    let entry = reviews.entry(snapshot.uri.clone());
    let (generation, review) = entry.or_insert_with(|| (snapshot.generation, Review::of(snapshot)));
    if *generation != snapshot.generation {
        (*generation, *review) = (snapshot.generation, Review::of(snapshot));
    }
    review
}

fn response(review: &Review, snapshot: &Snapshot, request: DocumentRequest) -> Value {
    match request {
        DocumentRequest::Actions(params, support) => json(&actions::actions(review, snapshot, &params, support)),
        DocumentRequest::Resolve(action, support) => json(&actions::resolve(review, snapshot, *action, support)),
        DocumentRequest::Hover(position, is_markdown) => {
            let offset = snapshot.lines().offset(position);
            json(&hover(review, snapshot, offset, is_markdown))
        }
    }
}

/// Returns a value of the protocol as JSON, which cannot fail for its types.
pub(super) fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).unwrap_or_default()
}
