//! What a client supports, from the parameters of `initialize`.
//!
//! The capabilities of clients differ, and unknown ones must not be errors, so only those that matter are read.

use std::path::PathBuf;

use gen_lsp_types::Uri;
use serde_json::Value;

use super::lines::Encoding;
use super::paths;

/// The properties of a client.
#[derive(Debug, Default)]
pub(super) struct Client {
    /// The unit of columns.
    pub(super) encoding: Encoding,
    /// Whether edits can name the version of the document.
    pub(super) has_versioned_edits: bool,
    /// Whether the edits of a code action can be requested after the action was selected.
    pub(super) resolves_actions: bool,
    /// Whether code actions are supported; without it only commands are.
    pub(super) has_code_actions: bool,
    /// Whether the client can be requested to watch files.
    pub(super) watches_files: bool,
    /// Whether hovers and completions can be Markdown.
    pub(super) has_markdown: bool,
    /// The first folder of the workspace.
    pub(super) root: Option<PathBuf>,
}

impl Client {
    /// Reads the parameters of `initialize`.
    pub(super) fn of(params: &Value) -> Self {
        let capability = |path: &str| params.pointer(&format!("/capabilities/{path}"));
        let is_set = |path: &str| capability(path).and_then(Value::as_bool).unwrap_or_default();
        let contains = |path: &str, name: &str| {
            capability(path).and_then(Value::as_array).is_some_and(|values| values.iter().any(|value| value.as_str() == Some(name)))
        };
        let root = ["/workspaceFolders/0/uri", "/rootUri"].iter().find_map(|path| params.pointer(path)?.as_str());
        Client {
            encoding: if contains("general/positionEncodings", "utf-8") { Encoding::Utf8 } else { Encoding::Utf16 },
            has_versioned_edits: is_set("workspace/workspaceEdit/documentChanges"),
            resolves_actions: contains("textDocument/codeAction/resolveSupport/properties", "edit")
                && is_set("textDocument/codeAction/dataSupport"),
            has_code_actions: capability("textDocument/codeAction/codeActionLiteralSupport").is_some_and(Value::is_object),
            watches_files: is_set("workspace/didChangeWatchedFiles/dynamicRegistration"),
            has_markdown: contains("textDocument/hover/contentFormat", "markdown"),
            root: root.and_then(|uri| paths::path_of(&Uri::from(uri))),
        }
    }
}
