//! The main thread: the state of the server, and what it does on each message of the client.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use gen_lsp_types::{
    CodeAction, CodeActionKind, CodeActionOptions, CodeActionParams, CodeActionProvider, CompletionOptions, CompletionParams,
    DidChangeConfigurationParams, DidChangeTextDocumentParams, DidChangeWatchedFilesRegistrationOptions, DidCloseTextDocumentParams,
    DidOpenTextDocumentParams, FileSystemWatcher, GlobPattern, HoverParams, HoverProvider, InitializeResult, MessageType,
    PublishDiagnosticsParams, Registration, RegistrationParams, Save, ServerCapabilities, ServerInfo, ShowMessageParams,
    TextDocumentContentChangeEvent, TextDocumentPositionParams, TextDocumentSync, TextDocumentSyncKind, TextDocumentSyncOptions, Uri,
};
use lsp_server::{ErrorCode, Message, Notification, Request, RequestId, Response};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::actions::{ActionData, FIX_ALL, Support};
use super::client::Client;
use super::completion::completions;
use super::diagnostics::of_failure;
use super::lines::Lines;
use super::paths;
use super::review::Snapshot;
use super::rules::{DocumentRules, Failure};
use super::settings::EditorSettings;
use super::transport;
use super::worker::{DocumentDiagnostics, DocumentRequest, Job, RequestToken, json};
use crate::config::FILE_NAME;
use crate::input::has_extension;

/// The time from a change to the review, in which further changes are collected.
const DELAY: Duration = Duration::from_millis(100);
/// The time after which the configuration files are compared with those that were read, if the client does not watch them.
const POLL: Duration = Duration::from_secs(2);
/// The time to wait for a message if nothing else is due.
const IDLE: Duration = Duration::from_secs(3600);

/// What the main thread receives.
pub(super) enum Event {
    /// A message of the client.
    Message(Message),
    /// A message of the client that is no JSON-RPC, with the error.
    Malformed(String),
    /// The end of the input.
    Disconnected,
    /// The diagnostics of a document.
    Diagnostics(DocumentDiagnostics),
    /// The result of a request.
    Result(RequestId, Value),
}

/// The state of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Uninitialized,
    Running,
    ShutDown,
}

/// A document that is open in the editor.
struct OpenDocument {
    /// Its path; for an unsaved document, a path in the workspace.
    path: PathBuf,
    version: i32,
    text: Arc<str>,
    rules: Arc<DocumentRules>,
    /// The number of the state of the text and the rules.
    latest: Arc<AtomicU64>,
    /// The time at which it is reviewed.
    due: Option<Instant>,
}

/// The server.
pub(super) struct Server<W> {
    output: W,
    jobs: Sender<Job>,
    state: State,
    client: Client,
    editor: EditorSettings,
    /// The documents that may be manifests.
    documents: HashMap<Uri, OpenDocument>,
    /// The requests without a response.
    pending: HashMap<RequestId, Arc<AtomicBool>>,
    /// The errors in the settings of `initialize`, until they are shown.
    notices: Vec<String>,
    /// The invalid configuration files, for which there are diagnostics.
    failures: BTreeMap<PathBuf, Failure>,
    /// The warnings about the settings that were shown.
    warnings: BTreeSet<String>,
    /// The number of states of documents so far.
    generations: u64,
    /// When the configuration files are compared; `None` if the client watches them.
    next_poll: Option<Instant>,
}

/// The error of a request: a code of the protocol and a message.
type RequestError = (ErrorCode, String);

impl<W: Write> Server<W> {
    pub(super) fn new(output: W, jobs: Sender<Job>) -> Self {
        Server {
            output,
            jobs,
            state: State::Uninitialized,
            client: Client::default(),
            editor: EditorSettings::default(),
            documents: HashMap::new(),
            pending: HashMap::new(),
            notices: Vec::new(),
            failures: BTreeMap::new(),
            warnings: BTreeSet::new(),
            generations: 0,
            next_poll: None,
        }
    }

    /// Runs until the client ends the server. Returns whether it did so as the protocol requires.
    pub(super) fn run(mut self, events: &Receiver<Event>) -> io::Result<bool> {
        loop {
            let due = self.documents.values().filter_map(|document| document.due).min();
            let due = due.into_iter().chain(self.next_poll).min();
            let timeout = due.map_or(IDLE, |due| due.saturating_duration_since(Instant::now()));
            match events.recv_timeout(timeout) {
                Ok(Event::Message(Message::Notification(notification))) if notification.method == "exit" => {
                    return Ok(self.state == State::ShutDown);
                }
                Ok(Event::Message(Message::Request(request))) => self.request(request)?,
                Ok(Event::Message(Message::Notification(notification))) if self.state == State::Running => {
                    self.notification(notification)?
                }
                // The responses of a client have no information that is needed.
                Ok(Event::Message(Message::Notification(_) | Message::Response(_))) => {}
                Ok(Event::Malformed(error)) => transport::write_parse_error(&mut self.output, &error)?,
                Ok(Event::Diagnostics(diagnostics)) => self.publish(diagnostics)?,
                Ok(Event::Result(id, value)) => {
                    if self.pending.remove(&id).is_some() {
                        self.respond(id, Ok(value))?;
                    }
                }
                Ok(Event::Disconnected) | Err(RecvTimeoutError::Disconnected) => return Ok(false),
                Err(RecvTimeoutError::Timeout) => {}
            }
            self.poll_configuration()?;
            self.review_due();
        }
    }

    /// Responds to a request, or has the worker respond.
    fn request(&mut self, request: Request) -> io::Result<()> {
        let Request { id, method, params } = request;
        let result = match (self.state, method.as_str()) {
            (State::Uninitialized, "initialize") => self.initialize(&params).map(Some),
            (State::Uninitialized, _) => Err((ErrorCode::ServerNotInitialized, "expected initialize first".to_owned())),
            (State::ShutDown, _) | (State::Running, "initialize") => {
                Err((ErrorCode::InvalidRequest, format!("{method} is not expected in this state")))
            }
            (State::Running, "shutdown") => {
                self.state = State::ShutDown;
                Ok(Some(Value::Null))
            }
            (State::Running, "textDocument/completion") => self.completion(params).map(Some),
            (State::Running, "textDocument/codeAction") => self.code_action(&id, params),
            (State::Running, "codeAction/resolve") => self.resolve(&id, params),
            (State::Running, "textDocument/hover") => self.hover(&id, params),
            (State::Running, _) => Err((ErrorCode::MethodNotFound, format!("there is no method {method}"))),
        };
        match result {
            Ok(None) => Ok(()),
            Ok(Some(value)) => self.respond(id, Ok(value)),
            Err(error) => self.respond(id, Err(error)),
        }
    }

    fn notification(&mut self, notification: Notification) -> io::Result<()> {
        let Notification { method, params } = notification;
        match method.as_str() {
            "initialized" => self.initialized(),
            "textDocument/didOpen" => parsed(params).map_or(Ok(()), |params| self.open(params)),
            "textDocument/didChange" => parsed(params).map_or(Ok(()), |params| self.change(params)),
            "textDocument/didClose" => parsed(params).map_or(Ok(()), |params| self.close(params)),
            // Any file may be one of settings, and a client that watches no files may save one.
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => self.reload(),
            "workspace/didChangeConfiguration" => {
                parsed::<DidChangeConfigurationParams>(params).map_or(Ok(()), |params| self.configure(&params.settings))
            }
            "$/cancelRequest" => self.cancel(&params),
            _ => Ok(()),
        }
    }

    fn initialize(&mut self, params: &Value) -> Result<Value, RequestError> {
        if !params.is_object() {
            return Err((ErrorCode::InvalidParams, "initialize has no parameters".to_owned()));
        }
        self.client = Client::of(params);
        self.state = State::Running;
        let options = params.get("initializationOptions").unwrap_or(&Value::Null);
        let (editor, errors) = EditorSettings::of(options, self.client.root.as_deref());
        self.editor = editor;
        self.notices = errors;
        let actions = CodeActionOptions {
            code_action_kinds: Some(vec![CodeActionKind::QuickFix, CodeActionKind::new(FIX_ALL)]),
            resolve_provider: Some(self.client.resolves_actions),
            ..CodeActionOptions::default()
        };
        let sync = TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::Incremental),
            save: Some(Save::Bool(true)),
            ..TextDocumentSyncOptions::default()
        };
        let capabilities = ServerCapabilities {
            position_encoding: Some(self.client.encoding.kind()),
            text_document_sync: Some(TextDocumentSync::Options(sync)),
            hover_provider: Some(HoverProvider::Bool(true)),
            completion_provider: Some(CompletionOptions { trigger_characters: Some(vec![" ".to_owned()]), ..CompletionOptions::default() }),
            code_action_provider: self.client.has_code_actions.then_some(CodeActionProvider::CodeActionOptions(actions)),
            ..ServerCapabilities::default()
        };
        let server_info = ServerInfo { name: "pss".to_owned(), version: Some(env!("CARGO_PKG_VERSION").to_owned()) };
        Ok(json(&InitializeResult { capabilities, server_info: Some(server_info) }))
    }

    /// Reports the errors in the settings, and requests to watch configuration files.
    fn initialized(&mut self) -> io::Result<()> {
        for notice in std::mem::take(&mut self.notices) {
            self.show(&notice)?;
        }
        if !self.client.watches_files {
            self.next_poll = Some(Instant::now() + POLL);
            return Ok(());
        }
        let watcher = FileSystemWatcher { glob_pattern: GlobPattern::Pattern(format!("**/{FILE_NAME}")), kind: None };
        let options = DidChangeWatchedFilesRegistrationOptions { watchers: vec![watcher] };
        let registration = Registration {
            id: FILE_NAME.to_owned(),
            method: "workspace/didChangeWatchedFiles".to_owned(),
            register_options: Some(json(&options)),
        };
        let params = RegistrationParams { registrations: vec![registration] };
        let id = RequestId::from("watch-configuration".to_owned());
        self.send(Request { id, method: "client/registerCapability".to_owned(), params: json(&params) }.into())
    }

    fn open(&mut self, params: DidOpenTextDocumentParams) -> io::Result<()> {
        let document = params.text_document;
        let path = paths::path_of(&document.uri).unwrap_or_else(|| self.path_of_unsaved(&document.uri));
        // An editor can also open other files, such as pss.toml, with this server.
        let language = json(&document.language_id);
        let is_language = |language: &str| ["yaml", "json", "helm"].iter().any(|name| language.starts_with(name));
        if !has_extension(&path) && !language.as_str().is_some_and(is_language) {
            return Ok(());
        }
        self.generations += 1;
        let rules = Arc::new(DocumentRules::of(&path, &self.editor));
        let latest = Arc::new(AtomicU64::new(self.generations));
        let open = OpenDocument { path, version: document.version, text: document.text.into(), rules, latest, due: Some(Instant::now()) };
        self.documents.insert(document.uri, open);
        self.report_configuration()
    }

    /// Returns a path for a document that is no file, so that the configuration of the workspace applies.
    fn path_of_unsaved(&self, uri: &Uri) -> PathBuf {
        let name = uri.as_ref().rsplit(['/', ':']).next().unwrap_or_default();
        self.client.root.as_deref().unwrap_or(Path::new("")).join(name)
    }

    fn change(&mut self, params: DidChangeTextDocumentParams) -> io::Result<()> {
        let Some(document) = self.documents.get_mut(&params.text_document.text_document_identifier.uri) else { return Ok(()) };
        let mut text = document.text.to_string();
        for change in params.content_changes {
            match change {
                TextDocumentContentChangeEvent::TextDocumentContentChangeWholeDocument(whole) => text = whole.text,
                TextDocumentContentChangeEvent::TextDocumentContentChangePartial(part) => {
                    let lines = Lines::of(&text, self.client.encoding);
                    let (start, end) = (lines.offset(part.range.start), lines.offset(part.range.end));
                    text.replace_range(start..end.max(start), &part.text);
                }
            }
        }
        document.text = text.into();
        document.version = params.text_document.version;
        self.generations += 1;
        document.set_changed(self.generations, DELAY);
        Ok(())
    }

    fn close(&mut self, params: DidCloseTextDocumentParams) -> io::Result<()> {
        let uri = params.text_document.uri;
        let Some(document) = self.documents.remove(&uri) else { return Ok(()) };
        document.latest.store(0, Ordering::Release);
        let _ = self.jobs.send(Job::Forget(uri.clone()));
        self.notify("textDocument/publishDiagnostics", json(&PublishDiagnosticsParams { uri, version: None, diagnostics: Vec::new() }))?;
        self.report_configuration()
    }

    /// Reads the configuration of all documents again.
    fn reload(&mut self) -> io::Result<()> {
        self.reload_if(&|_, _| true)
    }

    /// Reads the configuration again that changed since it was read, if the client does not watch it.
    fn poll_configuration(&mut self) -> io::Result<()> {
        let now = Instant::now();
        if self.next_poll.is_none_or(|time| time > now) {
            return Ok(());
        }
        self.next_poll = Some(now + POLL);
        self.reload_if(&|document, editor| document.rules.is_outdated(editor))
    }

    fn reload_if(&mut self, is_outdated: &dyn Fn(&OpenDocument, &EditorSettings) -> bool) -> io::Result<()> {
        for document in self.documents.values_mut().filter(|document| is_outdated(document, &self.editor)) {
            document.rules = Arc::new(DocumentRules::of(&document.path, &self.editor));
            self.generations += 1;
            document.set_changed(self.generations, Duration::ZERO);
        }
        self.report_configuration()
    }

    /// Applies the settings of the editor. A client that has none passes `null` or an empty object.
    fn configure(&mut self, settings: &Value) -> io::Result<()> {
        if settings.is_null() || settings.as_object().is_some_and(serde_json::Map::is_empty) {
            return Ok(());
        }
        let (editor, errors) = EditorSettings::of(settings, self.client.root.as_deref());
        for error in errors {
            self.show(&error)?;
        }
        self.editor = editor;
        self.reload()
    }

    /// Reports the configuration files that are invalid, and warnings about the settings.
    fn report_configuration(&mut self) -> io::Result<()> {
        let mut failures = BTreeMap::new();
        let mut warnings = BTreeSet::new();
        for document in self.documents.values() {
            match document.rules.options() {
                Ok(options) => warnings.extend(pss_review::option_warnings(&options).iter().map(ToString::to_string)),
                Err(failure) => {
                    failures.extend(failure.config.clone().map(|path| (path, failure)));
                }
            }
        }
        for warning in warnings.difference(&std::mem::take(&mut self.warnings)) {
            self.show(warning)?;
        }
        self.warnings = warnings;
        let earlier = std::mem::replace(&mut self.failures, failures.clone());
        for path in earlier.keys().filter(|path| !failures.contains_key(*path)) {
            self.publish_configuration(path, None)?;
        }
        for (path, failure) in failures.iter().filter(|(path, failure)| earlier.get(*path) != Some(failure)) {
            self.publish_configuration(path, Some(failure))?;
        }
        Ok(())
    }

    fn publish_configuration(&mut self, path: &Path, failure: Option<&Failure>) -> io::Result<()> {
        let Some(uri) = paths::uri_of(&std::path::absolute(path)?) else { return Ok(()) };
        let diagnostics = failure.map(of_failure).into_iter().collect();
        self.notify("textDocument/publishDiagnostics", json(&PublishDiagnosticsParams { uri, version: None, diagnostics }))
    }

    /// Starts the reviews that are due.
    fn review_due(&mut self) {
        let now = Instant::now();
        for (uri, document) in &mut self.documents {
            if document.due.is_some_and(|due| due <= now) {
                document.due = None;
                let _ = self.jobs.send(Job::Diagnose(document.snapshot(uri, &self.client)));
            }
        }
    }

    /// Publishes diagnostics, unless the document has changed since.
    fn publish(&mut self, diagnostics: DocumentDiagnostics) -> io::Result<()> {
        let DocumentDiagnostics { uri, version, generation, diagnostics } = diagnostics;
        let is_latest = |document: &OpenDocument| document.latest.load(Ordering::Acquire) == generation;
        if !self.documents.get(&uri).is_some_and(is_latest) {
            return Ok(());
        }
        let params = PublishDiagnosticsParams { uri, version: Some(version), diagnostics };
        self.notify("textDocument/publishDiagnostics", json(&params))
    }

    fn completion(&mut self, params: Value) -> Result<Value, RequestError> {
        let params: CompletionParams = required(params)?;
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let Some(document) = self.documents.get(&text_document.uri) else { return Ok(Value::Null) };
        let Ok(options) = document.rules.options() else { return Ok(Value::Null) };
        if document.rules.is_excluded() {
            return Ok(Value::Null);
        }
        let lines = Lines::of(&document.text, self.client.encoding);
        Ok(json(&completions(&document.text, &lines, lines.offset(position), &options, self.client.has_markdown)))
    }

    fn code_action(&mut self, id: &RequestId, params: Value) -> Result<Option<Value>, RequestError> {
        let params: CodeActionParams = required(params)?;
        let uri = params.text_document.uri.clone();
        let support = self.support();
        Ok(self.delegate(id, &uri, DocumentRequest::Actions(Box::new(params), support)))
    }

    fn resolve(&mut self, id: &RequestId, params: Value) -> Result<Option<Value>, RequestError> {
        let action: CodeAction = required(params.clone())?;
        let data: Option<ActionData> = action.data.clone().and_then(|data| serde_json::from_value(data).ok());
        let Some(data) = data else { return Ok(Some(params)) };
        let support = self.support();
        Ok(self.delegate(id, &data.uri, DocumentRequest::Resolve(Box::new(action), support)))
    }

    fn hover(&mut self, id: &RequestId, params: Value) -> Result<Option<Value>, RequestError> {
        let params: HoverParams = required(params)?;
        let TextDocumentPositionParams { text_document, position } = params.text_document_position_params;
        let request = DocumentRequest::Hover(position, self.client.has_markdown);
        Ok(self.delegate(id, &text_document.uri, request))
    }

    /// Has the worker answer a request. Returns the response if the document is not open.
    fn delegate(&mut self, id: &RequestId, uri: &Uri, request: DocumentRequest) -> Option<Value> {
        let Some(document) = self.documents.get(uri) else { return Some(Value::Null) };
        let token = RequestToken { id: id.clone(), is_cancelled: Arc::default() };
        self.pending.insert(id.clone(), token.is_cancelled.clone());
        let _ = self.jobs.send(Job::Respond(document.snapshot(uri, &self.client), request, token));
        None
    }

    fn cancel(&mut self, params: &Value) -> io::Result<()> {
        let id = params.get("id").cloned().and_then(|id| serde_json::from_value::<RequestId>(id).ok());
        let Some((id, is_cancelled)) = id.and_then(|id| self.pending.remove_entry(&id)) else { return Ok(()) };
        is_cancelled.store(true, Ordering::Release);
        self.respond(id, Err((ErrorCode::RequestCanceled, "the client cancelled the request".to_owned())))
    }

    fn support(&self) -> Support {
        Support { versions: self.client.has_versioned_edits, resolves: self.client.resolves_actions }
    }

    /// Shows a warning to the user.
    fn show(&mut self, message: &str) -> io::Result<()> {
        let params = ShowMessageParams { kind: MessageType::Warning, message: format!("pss: {message}") };
        self.notify("window/showMessage", json(&params))
    }

    fn notify(&mut self, method: &str, params: Value) -> io::Result<()> {
        self.send(Notification { method: method.to_owned(), params }.into())
    }

    fn respond(&mut self, id: RequestId, result: Result<Value, RequestError>) -> io::Result<()> {
        let response = match result {
            Ok(value) => Response { id, response_result: Ok(value) },
            Err((code, message)) => Response::new_err(id, code as i32, message),
        };
        self.send(response.into())
    }

    fn send(&mut self, message: Message) -> io::Result<()> {
        transport::write(&mut self.output, &message)
    }
}

impl OpenDocument {
    /// Marks the text or the rules as changed. A document that changes all the time is reviewed nevertheless.
    fn set_changed(&mut self, generation: u64, delay: Duration) {
        self.latest.store(generation, Ordering::Release);
        let due = Instant::now() + delay;
        self.due = Some(self.due.map_or(due, |earlier| earlier.min(due)));
    }

    fn snapshot(&self, uri: &Uri, client: &Client) -> Snapshot {
        Snapshot {
            uri: uri.clone(),
            version: self.version,
            text: self.text.clone(),
            rules: self.rules.clone(),
            encoding: client.encoding,
            generation: self.latest.load(Ordering::Acquire),
            latest: self.latest.clone(),
        }
    }
}

/// Returns the parameters of a notification; `None` if they are invalid, which a notification cannot report.
fn parsed<T: DeserializeOwned>(params: Value) -> Option<T> {
    serde_json::from_value(params).ok()
}

/// Returns the parameters of a request.
fn required<T: DeserializeOwned>(params: Value) -> Result<T, RequestError> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}
