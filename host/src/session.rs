//! Recorded answers to host calls, in the file format of kwctl's
//! `--record-host-capabilities-interactions`: a YAML list of exchanges, played back in order.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::error::Error;
use crate::host_calls::HostCalls;
use crate::host_request::Question;

/// A recorded session. Each call takes the next exchange, whether or not it is the right one.
#[derive(Debug)]
pub struct Recorded {
    exchanges: Mutex<VecDeque<Exchange>>,
    trouble: Mutex<Option<String>>,
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
        Ok(Self::of(exchanges))
    }

    fn of(exchanges: VecDeque<Exchange>) -> Self {
        Self { exchanges: Mutex::new(exchanges), trouble: Mutex::default() }
    }

    /// A copy whose exchanges are those that have not been played yet.
    #[must_use]
    pub fn from_here(&self) -> Self {
        Self::of(self.lock().clone())
    }

    /// How many exchanges have not been played yet.
    #[must_use]
    pub fn remaining(&self) -> usize {
        self.lock().len()
    }

    /// The first call that was not the recorded one, or came after the last; none where the guest
    /// and the session agree. A session is out of date when this says something, or when exchanges
    /// remain.
    #[must_use]
    pub fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The exchanges that have not been played yet, each as one line for a person to read.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        self.lock().iter().map(|exchange| format!("{}: {}", exchange.question.line(), exchange.answer.line())).collect()
    }

    fn note(&self, trouble: String) -> String {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| trouble.clone());
        trouble
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<Exchange>> {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answer {
    /// What came back, in a few words.
    fn line(&self) -> String {
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

/// As much of an answer as tells how many objects it holds.
#[derive(Deserialize)]
struct List {
    items: Vec<IgnoredAny>,
}

impl HostCalls for Recorded {
    fn call(&self, _binding: &str, namespace: &str, operation: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        let asked = Question::parse(namespace, operation, payload)?;
        let next = self.lock().pop_front();
        let failure = match next {
            None => self.note("the list of recorded responses is empty".to_owned()),
            Some(Exchange { question, .. }) if question != asked => {
                self.note(format!("Replay error: unexpected request. Was expecting {question:?}, got {asked:?} instead"))
            }
            Some(Exchange { answer, .. }) => match answer {
                Answer::Success { payload } => return Ok(payload.into_bytes()),
                Answer::Error { message } => message,
            },
        };
        Err(format!("Callback evaluation failure: {failure}"))
    }
}
