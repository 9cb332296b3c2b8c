//! `pss lsp`: a language server, which judges manifests while they are edited.
//!
//! ```text
//! standard input --transport--> events --server--> jobs --worker--> events --server--> standard output
//! ```
//!
//! - `server`: the main thread. It synchronizes the texts, completes, and sends all messages.
//! - `worker`: a thread that reviews documents (`review`), from which it renders `diagnostics`, `actions` and `hover`.
//! - `rules`, `settings`: which rules apply to a document, from `pss.toml` and the editor.
//! - `completion`: the fields that checks read, at the cursor (`pss_editor`).
//! - `client`, `lines`, `paths`: what a client supports, its positions, and the paths of its URIs.
//!
//! Source: <https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/>.

mod actions;
mod client;
mod completion;
mod diagnostics;
mod hover;
mod lines;
mod paths;
mod review;
mod rules;
mod server;
mod settings;
mod transport;
mod worker;

use std::io;
use std::process::ExitCode;
use std::sync::mpsc;
use std::thread;

use self::server::Server;

/// Runs the language server until the client ends it. Returns the exit status that the protocol requires: 0 after `shutdown` and
/// `exit`, otherwise 1.
pub(crate) fn run() -> ExitCode {
    let (events, received) = mpsc::channel();
    let (jobs, queue) = mpsc::channel();
    // The threads end with the process: one of them may wait for input.
    thread::spawn({
        let events = events.clone();
        move || transport::read(&mut io::stdin().lock(), &events)
    });
    thread::spawn(move || worker::run(&queue, &events));
    match Server::new(io::stdout(), jobs).run(&received) {
        Ok(true) => ExitCode::SUCCESS,
        // A client that has ended cannot receive an error.
        Ok(false) | Err(_) => ExitCode::FAILURE,
    }
}
