//! The grammar of YAML over tokens: what is a collection, what its member, what is left empty.
//!
//! A machine with states and not functions that call each other, so that no nesting can exhaust
//! the stack.

use super::position::Stretch;
use super::scan::{Fault, Kind, Scanner};

/// What the grammar finds, in the order of the text.
#[derive(Debug)]
pub(super) enum Event {
    Scalar {
        text: String,
        tag: Option<String>,
        implicit: bool,
        anchor: Option<String>,
    },
    Alias(String),
    SequenceStart {
        anchor: Option<String>,
    },
    MappingStart {
        anchor: Option<String>,
    },
    /// Of a sequence or a mapping.
    CollectionEnd,
    /// Behind the root.
    DocumentEnd {
        /// Whether something follows that is not `...`.
        more: bool,
    },
    /// There is no document at all.
    Nothing,
}

#[derive(Debug, Clone, Copy)]
enum State {
    DocumentStart,
    DocumentContent,
    DocumentEnd,
    BlockNode,
    BlockSequence,
    IndentlessSequence,
    BlockMappingKey,
    BlockMappingValue,
    FlowSequence { first: bool },
    FlowPairKey,
    FlowPairValue,
    FlowPairEnd,
    FlowMappingKey { first: bool },
    FlowMappingValue,
    FlowMappingEmptyValue,
}

/// Turns the tokens of a document into events.
pub(super) struct Parser<'t> {
    scanner: Scanner<'t>,
    state: State,
    /// The states to go back to.
    states: Vec<State>,
}

type Found = Result<(Event, Stretch), Fault>;

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, document: Stretch) -> Self {
        Parser { scanner: Scanner::new(text, document), state: State::DocumentStart, states: Vec::new() }
    }

    /// The next event and where it stands.
    pub(super) fn next(&mut self) -> Found {
        match self.state {
            State::DocumentStart => self.document_start(),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::BlockNode => self.node(true, false),
            State::BlockSequence => self.block_sequence(),
            State::IndentlessSequence => self.indentless_sequence(),
            State::BlockMappingKey => self.block_mapping_key(),
            State::BlockMappingValue => self.block_mapping_value(),
            State::FlowSequence { first } => self.flow_sequence(first),
            State::FlowPairKey => self.flow_pair_key(),
            State::FlowPairValue => self.flow_pair_value(),
            State::FlowPairEnd => {
                self.state = State::FlowSequence { first: false };
                let at = self.here()?;
                Ok((Event::CollectionEnd, at))
            }
            State::FlowMappingKey { first } => self.flow_mapping_key(first),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingEmptyValue => {
                self.state = State::FlowMappingKey { first: false };
                self.empty_here()
            }
        }
    }

    fn peek(&mut self) -> Result<&Kind, Fault> {
        Ok(&self.scanner.peek()?.kind)
    }

    /// Where the next token begins.
    fn here(&mut self) -> Result<Stretch, Fault> {
        Ok(Stretch::at(self.scanner.peek()?.at.start))
    }

    /// Drops the next token and says where it ended.
    fn drop(&mut self) -> usize {
        self.scanner.next().map_or(0, |token| token.at.end)
    }

    fn back(&mut self) {
        self.state = self.states.pop().unwrap_or(State::DocumentEnd);
    }

    fn fault(&mut self, message: &str) -> Found {
        let at = self.scanner.peek()?.at;
        Err(Fault::new(message, at))
    }

    fn empty_at(offset: usize) -> Found {
        Ok((Event::Scalar { text: String::new(), tag: None, implicit: true, anchor: None }, Stretch::at(offset)))
    }

    fn empty_here(&mut self) -> Found {
        let at = self.here()?;
        Self::empty_at(at.start)
    }

    /// Reads a node, and goes on in that state behind it.
    fn node_then(&mut self, then: State, block: bool, indentless: bool) -> Found {
        self.states.push(then);
        self.node(block, indentless)
    }

    fn end_of_collection(&mut self) -> Found {
        let at = self.scanner.peek()?.at;
        self.drop();
        self.back();
        Ok((Event::CollectionEnd, at))
    }

    fn document_start(&mut self) -> Found {
        match self.peek()? {
            Kind::StreamEnd => {
                let at = self.here()?;
                Ok((Event::Nothing, at))
            }
            Kind::Directive => self.fault("did not find expected <document start>: Kubernetes cuts a directive off its document"),
            Kind::DocumentStart => {
                self.drop();
                self.states.push(State::DocumentEnd);
                self.state = State::DocumentContent;
                self.next()
            }
            _ => {
                self.states.push(State::DocumentEnd);
                self.state = State::BlockNode;
                self.next()
            }
        }
    }

    fn document_content(&mut self) -> Found {
        if matches!(self.peek()?, Kind::Directive | Kind::DocumentStart | Kind::DocumentEnd | Kind::StreamEnd) {
            self.back();
            return self.empty_here();
        }
        self.node(true, false)
    }

    fn document_end(&mut self) -> Found {
        let more = !matches!(self.peek()?, Kind::DocumentEnd | Kind::StreamEnd);
        let at = self.scanner.peek()?.at;
        Ok((Event::DocumentEnd { more }, at))
    }

    /// A node: its properties, and a scalar, an alias or the start of a collection.
    fn node(&mut self, block: bool, indentless: bool) -> Found {
        if let Kind::Alias(name) = self.peek()? {
            let event = Event::Alias(name.clone());
            let at = self.scanner.peek()?.at;
            self.drop();
            self.back();
            return Ok((event, at));
        }
        let mut anchor = None;
        let mut tag = None;
        let mut properties_end = None;
        loop {
            match self.peek()? {
                Kind::Anchor(name) if anchor.is_none() => anchor = Some(name.clone()),
                Kind::Tag(None) if tag.is_none() => return self.fault("found undefined tag handle"),
                Kind::Tag(name) if tag.is_none() => tag.clone_from(name),
                _ => break,
            }
            properties_end = Some(self.drop());
        }
        let at = self.scanner.peek()?.at;
        match self.peek()? {
            Kind::BlockEntry if indentless => {
                self.state = State::IndentlessSequence;
                Ok((Event::SequenceStart { anchor }, Stretch::at(at.start)))
            }
            Kind::Scalar { text, plain } => {
                let implicit = tag.is_none() && *plain || tag.as_deref() == Some("!");
                let text = text.clone();
                self.drop();
                self.back();
                Ok((Event::Scalar { text, tag, implicit, anchor }, at))
            }
            Kind::FlowSequenceStart => {
                self.state = State::FlowSequence { first: true };
                Ok((Event::SequenceStart { anchor }, at))
            }
            Kind::FlowMappingStart => {
                self.state = State::FlowMappingKey { first: true };
                Ok((Event::MappingStart { anchor }, at))
            }
            Kind::BlockSequenceStart if block => {
                self.drop();
                self.state = State::BlockSequence;
                Ok((Event::SequenceStart { anchor }, at))
            }
            Kind::BlockMappingStart if block => {
                self.drop();
                self.state = State::BlockMappingKey;
                Ok((Event::MappingStart { anchor }, at))
            }
            _ => match properties_end {
                Some(end) => {
                    self.back();
                    let implicit = tag.is_none();
                    Ok((Event::Scalar { text: String::new(), tag, implicit, anchor }, Stretch::at(end)))
                }
                None => self.fault("did not find expected node content"),
            },
        }
    }

    fn block_sequence(&mut self) -> Found {
        match self.peek()? {
            Kind::BlockEntry => {
                let end = self.drop();
                if matches!(self.peek()?, Kind::BlockEntry | Kind::BlockEnd) {
                    return Self::empty_at(end);
                }
                self.node_then(State::BlockSequence, true, false)
            }
            Kind::BlockEnd => self.end_of_collection(),
            _ => self.fault("did not find expected '-' indicator"),
        }
    }

    /// A sequence that stands in the column of its key.
    fn indentless_sequence(&mut self) -> Found {
        if *self.peek()? != Kind::BlockEntry {
            self.back();
            let at = self.here()?;
            return Ok((Event::CollectionEnd, at));
        }
        let end = self.drop();
        if matches!(self.peek()?, Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd) {
            return Self::empty_at(end);
        }
        self.node_then(State::IndentlessSequence, true, false)
    }

    fn block_mapping_key(&mut self) -> Found {
        match self.peek()? {
            Kind::Key => {
                let end = self.drop();
                if matches!(self.peek()?, Kind::Key | Kind::Value | Kind::BlockEnd) {
                    self.state = State::BlockMappingValue;
                    return Self::empty_at(end);
                }
                self.node_then(State::BlockMappingValue, true, true)
            }
            Kind::BlockEnd => self.end_of_collection(),
            _ => self.fault("did not find expected key"),
        }
    }

    fn block_mapping_value(&mut self) -> Found {
        if *self.peek()? != Kind::Value {
            self.state = State::BlockMappingKey;
            return self.empty_here();
        }
        let end = self.drop();
        if matches!(self.peek()?, Kind::Key | Kind::Value | Kind::BlockEnd) {
            self.state = State::BlockMappingKey;
            return Self::empty_at(end);
        }
        self.node_then(State::BlockMappingKey, true, true)
    }

    fn flow_sequence(&mut self, first: bool) -> Found {
        if first {
            self.drop();
        }
        if !first && *self.peek()? != Kind::FlowSequenceEnd {
            if *self.peek()? != Kind::FlowEntry {
                return self.fault("did not find expected ',' or ']'");
            }
            self.drop();
        }
        match self.peek()? {
            Kind::FlowSequenceEnd => self.end_of_collection(),
            Kind::Key => {
                let at = self.here()?;
                self.drop();
                self.state = State::FlowPairKey;
                Ok((Event::MappingStart { anchor: None }, at))
            }
            _ => self.node_then(State::FlowSequence { first: false }, false, false),
        }
    }

    /// The key of a mapping of one entry that stands in a flow sequence.
    fn flow_pair_key(&mut self) -> Found {
        if matches!(self.peek()?, Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd) {
            self.state = State::FlowPairValue;
            // go-yaml drops this token, so that what follows is the value or an error.
            let end = self.drop();
            return Self::empty_at(end);
        }
        self.node_then(State::FlowPairValue, false, false)
    }

    fn flow_pair_value(&mut self) -> Found {
        if *self.peek()? == Kind::Value {
            self.drop();
            if !matches!(self.peek()?, Kind::FlowEntry | Kind::FlowSequenceEnd) {
                return self.node_then(State::FlowPairEnd, false, false);
            }
        }
        self.state = State::FlowPairEnd;
        self.empty_here()
    }

    fn flow_mapping_key(&mut self, first: bool) -> Found {
        if first {
            self.drop();
        }
        if !first && *self.peek()? != Kind::FlowMappingEnd {
            if *self.peek()? != Kind::FlowEntry {
                return self.fault("did not find expected ',' or '}'");
            }
            self.drop();
        }
        match self.peek()? {
            Kind::FlowMappingEnd => self.end_of_collection(),
            Kind::Key => {
                self.drop();
                if matches!(self.peek()?, Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd) {
                    self.state = State::FlowMappingValue;
                    return self.empty_here();
                }
                self.node_then(State::FlowMappingValue, false, false)
            }
            _ => self.node_then(State::FlowMappingEmptyValue, false, false),
        }
    }

    fn flow_mapping_value(&mut self) -> Found {
        if *self.peek()? == Kind::Value {
            self.drop();
            if !matches!(self.peek()?, Kind::FlowEntry | Kind::FlowMappingEnd) {
                return self.node_then(State::FlowMappingKey { first: false }, false, false);
            }
        }
        self.state = State::FlowMappingKey { first: false };
        self.empty_here()
    }
}
