//! The parser of YAML: it converts tokens to events, which start and end collections and add scalars.
//!
//! It is a state machine instead of a recursive descent, so that nesting cannot overflow the stack.
//!
//! Source: `parserc.go` of sigs.k8s.io/yaml/goyaml.v2.

use super::position::ByteSpan;
use super::scan::{Kind, Origin, Scalar, Scanner, SyntaxError, Token};

/// An event, in the order of the text.
#[derive(Debug)]
pub(super) enum Event<'t> {
    Scalar {
        scalar: Scalar<'t>,
        tag: Option<String>,
        anchor: Option<&'t str>,
    },
    Alias(&'t str),
    SequenceStart {
        anchor: Option<&'t str>,
    },
    MappingStart {
        anchor: Option<&'t str>,
    },
    /// The end of a sequence or a mapping.
    CollectionEnd,
    /// The end of the document, after the root.
    DocumentEnd {
        /// Whether text other than `...` follows.
        more: bool,
    },
    /// There is no document.
    NoDocument,
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

/// Converts the tokens of a document to events.
pub(super) struct Parser<'t> {
    scanner: Scanner<'t>,
    state: State,
    /// The stack of states to return to.
    states: Vec<State>,
}

type EventResult<'t> = Result<(Event<'t>, ByteSpan), SyntaxError>;

impl<'t> Parser<'t> {
    pub(super) fn new(text: &'t str, document: ByteSpan) -> Self {
        Parser { scanner: Scanner::new(text, document), state: State::DocumentStart, states: Vec::new() }
    }

    /// Returns the next event and its span.
    pub(super) fn next(&mut self) -> EventResult<'t> {
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
                let at = self.next_start()?;
                Ok((Event::CollectionEnd, at))
            }
            State::FlowMappingKey { first } => self.flow_mapping_key(first),
            State::FlowMappingValue => self.flow_mapping_value(),
            State::FlowMappingEmptyValue => {
                self.state = State::FlowMappingKey { first: false };
                self.empty_scalar()
            }
        }
    }

    fn peek(&mut self) -> Result<&Kind<'t>, SyntaxError> {
        Ok(&self.scanner.peek()?.kind)
    }

    /// Returns the start of the next token.
    fn next_start(&mut self) -> Result<ByteSpan, SyntaxError> {
        Ok(ByteSpan::at(self.scanner.peek()?.at.start))
    }

    /// Removes the next token and returns the offset of its end.
    fn skip(&mut self) -> usize {
        self.scanner.next().map_or(0, |token| token.at.end)
    }

    fn return_to_parent(&mut self) {
        self.state = self.states.pop().unwrap_or(State::DocumentEnd);
    }

    /// Returns an error of go-yaml's parser at the next token. It counts lines from 0, and omits the first.
    fn error<T>(&mut self, message: &str) -> Result<T, SyntaxError> {
        let at = self.scanner.peek()?.at;
        Err(SyntaxError::new(message, at).of(Origin::Yaml(self.scanner.line(at.start))))
    }

    fn empty_scalar_at(offset: usize) -> EventResult<'t> {
        Ok((Event::Scalar { scalar: Scalar::empty(true), tag: None, anchor: None }, ByteSpan::at(offset)))
    }

    fn empty_scalar(&mut self) -> EventResult<'t> {
        let at = self.next_start()?;
        Self::empty_scalar_at(at.start)
    }

    /// Parses a node, and continues in a state after it.
    fn node_then(&mut self, then: State, block: bool, indentless: bool) -> EventResult<'t> {
        self.states.push(then);
        self.node(block, indentless)
    }

    fn end_of_collection(&mut self) -> EventResult<'t> {
        let at = self.scanner.peek()?.at;
        self.skip();
        self.return_to_parent();
        Ok((Event::CollectionEnd, at))
    }

    fn document_start(&mut self) -> EventResult<'t> {
        match self.peek()? {
            Kind::StreamEnd => {
                let at = self.next_start()?;
                Ok((Event::NoDocument, at))
            }
            Kind::Directive { .. } => self.directives(),
            Kind::DocumentStart => {
                self.skip();
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

    /// Returns the error of directives at the start of a document.
    fn directives(&mut self) -> EventResult<'t> {
        let at = self.scanner.peek()?.at;
        let mut has_version = false;
        while let Kind::Directive { is_compatible, is_version } = *self.peek()? {
            if is_version && has_version {
                return self.error("found duplicate %YAML directive");
            }
            has_version |= is_version;
            if !is_compatible {
                return self.error("found incompatible YAML document");
            }
            self.skip();
        }
        let message = "did not find expected <document start>";
        let line = self.scanner.peek()?.at.start;
        let error = SyntaxError::new(format!("{message}: Kubernetes cuts a directive off its document"), at);
        Err(error.printed_as(Origin::Yaml(self.scanner.line(line)), message.to_owned()))
    }

    fn document_content(&mut self) -> EventResult<'t> {
        if matches!(self.peek()?, Kind::Directive { .. } | Kind::DocumentStart | Kind::DocumentEnd | Kind::StreamEnd) {
            self.return_to_parent();
            return self.empty_scalar();
        }
        self.node(true, false)
    }

    fn document_end(&mut self) -> EventResult<'t> {
        let more = !matches!(self.peek()?, Kind::DocumentEnd | Kind::StreamEnd);
        let at = self.scanner.peek()?.at;
        Ok((Event::DocumentEnd { more }, at))
    }

    /// Parses the properties of a node, and its scalar, alias or start of a collection.
    fn node(&mut self, block: bool, indentless: bool) -> EventResult<'t> {
        if let Kind::Alias(name) = *self.peek()? {
            let at = self.scanner.peek()?.at;
            self.skip();
            self.return_to_parent();
            return Ok((Event::Alias(name), at));
        }
        let mut anchor = None;
        let mut tag = None;
        let mut properties_end = None;
        loop {
            match self.peek()? {
                Kind::Anchor(name) if anchor.is_none() => anchor = Some(*name),
                Kind::Tag(None) if tag.is_none() => return self.error("found undefined tag handle"),
                Kind::Tag(name) if tag.is_none() => tag.clone_from(name),
                _ => break,
            }
            properties_end = Some(self.skip());
        }
        let at = self.scanner.peek()?.at;
        match self.peek()? {
            Kind::BlockEntry if indentless => {
                self.state = State::IndentlessSequence;
                Ok((Event::SequenceStart { anchor }, ByteSpan::at(at.start)))
            }
            Kind::Scalar(_) => {
                let mut scalar = match self.scanner.next() {
                    Some(Token { kind: Kind::Scalar(scalar), .. }) => scalar,
                    _ => Scalar::empty(true),
                };
                scalar.is_implicit = tag.is_none() && scalar.is_implicit || tag.as_deref() == Some("!");
                self.return_to_parent();
                Ok((Event::Scalar { scalar, tag, anchor }, at))
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
                self.skip();
                self.state = State::BlockSequence;
                Ok((Event::SequenceStart { anchor }, at))
            }
            Kind::BlockMappingStart if block => {
                self.skip();
                self.state = State::BlockMappingKey;
                Ok((Event::MappingStart { anchor }, at))
            }
            _ => match properties_end {
                Some(end) => {
                    self.return_to_parent();
                    let scalar = Scalar::empty(tag.is_none());
                    Ok((Event::Scalar { scalar, tag, anchor }, ByteSpan::at(end)))
                }
                None => self.error("did not find expected node content"),
            },
        }
    }

    fn block_sequence(&mut self) -> EventResult<'t> {
        match self.peek()? {
            Kind::BlockEntry => {
                let end = self.skip();
                if matches!(self.peek()?, Kind::BlockEntry | Kind::BlockEnd) {
                    return Self::empty_scalar_at(end);
                }
                self.node_then(State::BlockSequence, true, false)
            }
            Kind::BlockEnd => self.end_of_collection(),
            _ => self.error("did not find expected '-' indicator"),
        }
    }

    /// Parses an element of a sequence in the column of its key.
    fn indentless_sequence(&mut self) -> EventResult<'t> {
        if !matches!(self.peek()?, Kind::BlockEntry) {
            self.return_to_parent();
            let at = self.next_start()?;
            return Ok((Event::CollectionEnd, at));
        }
        let end = self.skip();
        if matches!(self.peek()?, Kind::BlockEntry | Kind::Key | Kind::Value | Kind::BlockEnd) {
            return Self::empty_scalar_at(end);
        }
        self.node_then(State::IndentlessSequence, true, false)
    }

    fn block_mapping_key(&mut self) -> EventResult<'t> {
        match self.peek()? {
            Kind::Key => {
                let end = self.skip();
                if matches!(self.peek()?, Kind::Key | Kind::Value | Kind::BlockEnd) {
                    self.state = State::BlockMappingValue;
                    return Self::empty_scalar_at(end);
                }
                self.node_then(State::BlockMappingValue, true, true)
            }
            Kind::BlockEnd => self.end_of_collection(),
            _ => self.error("did not find expected key"),
        }
    }

    fn block_mapping_value(&mut self) -> EventResult<'t> {
        if !matches!(self.peek()?, Kind::Value) {
            self.state = State::BlockMappingKey;
            return self.empty_scalar();
        }
        let end = self.skip();
        if matches!(self.peek()?, Kind::Key | Kind::Value | Kind::BlockEnd) {
            self.state = State::BlockMappingKey;
            return Self::empty_scalar_at(end);
        }
        self.node_then(State::BlockMappingKey, true, true)
    }

    fn flow_sequence(&mut self, first: bool) -> EventResult<'t> {
        if first {
            self.skip();
        }
        if !first && !matches!(self.peek()?, Kind::FlowSequenceEnd) {
            if !matches!(self.peek()?, Kind::FlowEntry) {
                return self.error("did not find expected ',' or ']'");
            }
            self.skip();
        }
        match self.peek()? {
            Kind::FlowSequenceEnd => self.end_of_collection(),
            Kind::Key => {
                let at = self.next_start()?;
                self.skip();
                self.state = State::FlowPairKey;
                Ok((Event::MappingStart { anchor: None }, at))
            }
            _ => self.node_then(State::FlowSequence { first: false }, false, false),
        }
    }

    /// Parses the key of a mapping with one entry in a flow sequence.
    fn flow_pair_key(&mut self) -> EventResult<'t> {
        if matches!(self.peek()?, Kind::Value | Kind::FlowEntry | Kind::FlowSequenceEnd) {
            self.state = State::FlowPairValue;
            // go-yaml skips this token, so that the next one is the value or an error.
            let end = self.skip();
            return Self::empty_scalar_at(end);
        }
        self.node_then(State::FlowPairValue, false, false)
    }

    fn flow_pair_value(&mut self) -> EventResult<'t> {
        if matches!(self.peek()?, Kind::Value) {
            self.skip();
            if !matches!(self.peek()?, Kind::FlowEntry | Kind::FlowSequenceEnd) {
                return self.node_then(State::FlowPairEnd, false, false);
            }
        }
        self.state = State::FlowPairEnd;
        self.empty_scalar()
    }

    fn flow_mapping_key(&mut self, first: bool) -> EventResult<'t> {
        if first {
            self.skip();
        }
        if !first && !matches!(self.peek()?, Kind::FlowMappingEnd) {
            if !matches!(self.peek()?, Kind::FlowEntry) {
                return self.error("did not find expected ',' or '}'");
            }
            self.skip();
        }
        match self.peek()? {
            Kind::FlowMappingEnd => self.end_of_collection(),
            Kind::Key => {
                self.skip();
                if matches!(self.peek()?, Kind::Value | Kind::FlowEntry | Kind::FlowMappingEnd) {
                    self.state = State::FlowMappingValue;
                    return self.empty_scalar();
                }
                self.node_then(State::FlowMappingValue, false, false)
            }
            _ => self.node_then(State::FlowMappingEmptyValue, false, false),
        }
    }

    fn flow_mapping_value(&mut self) -> EventResult<'t> {
        if matches!(self.peek()?, Kind::Value) {
            self.skip();
            if !matches!(self.peek()?, Kind::FlowEntry | Kind::FlowMappingEnd) {
                return self.node_then(State::FlowMappingKey { first: false }, false, false);
            }
        }
        self.state = State::FlowMappingKey { first: false };
        self.empty_scalar()
    }
}
