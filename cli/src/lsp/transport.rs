//! The transport: messages on standard input and standard output.

use std::io::{self, BufRead, Write};
use std::sync::mpsc::Sender;

use lsp_server::Message;

use super::server::Event;

/// Reads messages until the input ends, and sends an event for each. A message that is no JSON-RPC does not end the connection.
pub(super) fn read(input: &mut impl BufRead, events: &Sender<Event>) {
    loop {
        let event = match Message::read(input) {
            Ok(Some(message)) => Event::Message(message),
            Ok(None) => break,
            Err(error) if error.kind() == io::ErrorKind::InvalidData => Event::Malformed(error.to_string()),
            Err(_) => break,
        };
        if events.send(event).is_err() {
            return;
        }
    }
    let _ = events.send(Event::Disconnected);
}

/// Writes a message.
pub(super) fn write(output: &mut impl Write, message: &Message) -> io::Result<()> {
    message.write(output)
}

/// Writes the response to a message whose id is unknown, because it cannot be parsed.
pub(super) fn write_parse_error(output: &mut impl Write, message: &str) -> io::Result<()> {
    let code = lsp_server::ErrorCode::ParseError as i32;
    let response = serde_json::json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": message } }).to_string();
    write!(output, "Content-Length: {}\r\n\r\n{response}", response.len())?;
    output.flush()
}
