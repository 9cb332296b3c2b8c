//! Recorded responses to host calls, in the file format of kwctl's
//! `--record-host-capabilities-interactions`: a YAML list of exchanges, replayed in order.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::Error;
use crate::host_calls::HostCalls;
use crate::host_request::HostRequest;

/// A recorded session. Each call consumes the next exchange, whether or not its request matches.
#[derive(Debug)]
pub struct RecordedSession {
    exchanges: Mutex<VecDeque<Exchange>>,
    mismatch: Mutex<Option<String>>,
}

#[derive(Clone, Debug)]
struct Exchange {
    request: HostRequest,
    response: Response,
}

/// An exchange as the file has it: the request is a string of YAML.
#[derive(Debug, Deserialize)]
struct RawExchange {
    request: String,
    response: Response,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type")]
enum Response {
    Success { payload: String },
    Error { message: String },
}

impl RecordedSession {
    /// Parses a session.
    ///
    /// # Errors
    /// [`Error::Session`] with the number of the exchange or the line, and the expected syntax.
    pub fn parse(yaml: &str) -> Result<Self, Error> {
        let exchanges: Option<Vec<RawExchange>> = serde_norway::from_str(yaml).map_err(|e| {
            Error::Session(format!(
                "{e}; a session is a list of exchanges, each with `type: Exchange`, a `request` (a string) and a `response` (`type: Success` with a `payload`, or `type: Error` with a `message`; both strings)"
            ))
        })?;
        let exchanges = exchanges
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(i, exchange)| {
                let request = serde_norway::from_str(&exchange.request)
                    .map_err(|e| Error::Session(format!("the request of exchange {} cannot be parsed: {e}", i + 1)))?;
                Ok(Exchange { request, response: exchange.response })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self::from_exchanges(exchanges))
    }

    fn from_exchanges(exchanges: VecDeque<Exchange>) -> Self {
        Self { exchanges: Mutex::new(exchanges), mismatch: Mutex::default() }
    }

    /// A copy with the exchanges that have not been replayed yet.
    #[must_use]
    pub fn remaining_session(&self) -> Self {
        Self::from_exchanges(self.lock().clone())
    }

    /// How many exchanges have not been replayed yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.lock().len()
    }

    /// The error of the first call that did not match the recorded one or came after the last; `None` if all
    /// matched. A session is out of date if there is a mismatch, or if exchanges remain.
    #[must_use]
    pub fn mismatch(&self) -> Option<String> {
        self.mismatch.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Readable one-line summaries of the exchanges that have not been replayed yet.
    #[must_use]
    pub fn summaries(&self) -> Vec<String> {
        self.lock().iter().map(|exchange| format!("{}: {}", exchange.request.summary(), exchange.response.summary())).collect()
    }

    fn record_mismatch(&self, mismatch: String) -> String {
        self.mismatch.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| mismatch.clone());
        mismatch
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Exchange>> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Response {
    /// A readable summary.
    fn summary(&self) -> String {
        match self {
            Self::Error { message } if message.starts_with("Cannot find ") => "not found".to_owned(),
            Self::Error { message } => format!("failed: {message}"),
            Self::Success { payload } => match serde_json::from_str::<List>(payload) {
                Ok(list) => format!("{} found", list.items.len()),
                Err(_) => "found".to_owned(),
            },
        }
    }
}

/// The part of a response that is needed to count its objects.
#[derive(Deserialize)]
struct List {
    items: Vec<IgnoredAny>,
}

impl HostCalls for RecordedSession {
    fn call(&self, _binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        let actual = HostRequest::parse(namespace, operation, payload)?;
        let next = self.lock().pop_front();
        let failure = match next {
            None => self.record_mismatch("the list of recorded responses is empty".to_owned()),
            Some(Exchange { request, .. }) if request != actual => {
                self.record_mismatch(format!("Replay error: unexpected request. Was expecting {request:?}, got {actual:?} instead"))
            }
            Some(Exchange { response, .. }) => match response {
                Response::Success { payload } => return Ok(payload.into_bytes()),
                Response::Error { message } => message,
            },
        };
        Err(format!("Callback evaluation failure: {failure}"))
    }
}
