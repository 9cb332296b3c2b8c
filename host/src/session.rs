//! Recorded answers to host calls, in the file format of kwctl's
//! `--record-host-capabilities-interactions`: a YAML list of exchanges, played back in order.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;

use crate::error::Error;
use crate::host_calls::HostCalls;
use crate::question::Question;

/// A recorded session. Each call takes the next exchange, whether or not it is the right one.
#[derive(Debug)]
pub struct Recorded {
    exchanges: Mutex<VecDeque<Exchange>>,
}

#[derive(Clone, Debug)]
struct Exchange {
    question: Question,
    answer: Answer,
}

/// An exchange as the file holds it: the question is YAML within YAML.
#[derive(Debug, Deserialize)]
struct Written {
    request: String,
    response: Answer,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "type")]
enum Answer {
    Success { payload: String },
    Error { message: String },
}

impl Recorded {
    /// Reads a session.
    ///
    /// # Errors
    /// [`Error::Session`] with the number of the exchange, or the line, and what is expected there.
    pub fn parse(yaml: &str) -> Result<Self, Error> {
        let written: Option<Vec<Written>> = serde_norway::from_str(yaml).map_err(|e| {
            Error::Session(format!(
                "{e}; a session is a list of exchanges, each with `type: Exchange`, a `request` (a text) and a `response` (`type: Success` with a `payload`, or `type: Error` with a `message`; both texts)"
            ))
        })?;
        let exchanges = written
            .unwrap_or_default()
            .into_iter()
            .enumerate()
            .map(|(i, exchange)| {
                let question = serde_norway::from_str(&exchange.request)
                    .map_err(|e| Error::Session(format!("the request of exchange {} cannot be read: {e}", i + 1)))?;
                Ok(Exchange { question, answer: exchange.response })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self { exchanges: Mutex::new(exchanges) })
    }

    /// A copy whose exchanges are those that have not been played yet.
    #[must_use]
    pub fn from_here(&self) -> Self {
        Self { exchanges: Mutex::new(self.lock().clone()) }
    }

    /// How many exchanges have not been played yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.lock().len()
    }

    /// The exchanges that have not been played yet, each as one line for a person to read.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lock()
            .iter()
            .map(|exchange| {
                let outcome = match &exchange.answer {
                    Answer::Success { payload } => format!("{} bytes", payload.len()),
                    Answer::Error { message } => format!("an error: {message}"),
                };
                format!("{}: {outcome}", exchange.question.line())
            })
            .collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Exchange>> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HostCalls for Recorded {
    fn call(&self, _binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        let asked = Question::parse(namespace, operation, payload)?;
        let next = self.lock().pop_front();
        let failure = match next {
            None => "the list of recorded responses is empty".to_owned(),
            Some(Exchange { question, .. }) if question != asked => {
                format!("Replay error: unexpected request. Was expecting {question:?}, got {asked:?} instead")
            }
            Some(Exchange { answer, .. }) => match answer {
                Answer::Success { payload } => return Ok(payload.into_bytes()),
                Answer::Error { message } => message,
            },
        };
        Err(format!("Callback evaluation failure: {failure}"))
    }
}
