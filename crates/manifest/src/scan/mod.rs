//! The scanner of YAML 1.1: it converts a document to tokens by the rules of go-yaml, which Kubernetes uses.
//!
//! go-yaml is a port of libyaml. Both accept text that YAML 1.2 forbids and reject text that it allows: tabs, `?` in flow
//! collections, keys over several lines or longer than 1,024 characters, NEL as a line break. A parser of another version of YAML
//! would therefore return other values. Rules that seem unusual are those of go-yaml.
//!
//! Source: `scannerc.go` of sigs.k8s.io/yaml/goyaml.v2.

mod scalars;

use std::borrow::Cow;
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};

use super::LIMIT_SUFFIX;
use super::position::ByteSpan;

/// The maximum depth of nested collections. That of Kubernetes is 10,000, which no manifest needs.
pub(super) const MAX_DEPTH: usize = 1_000;

/// The maximum distance of the `:` of a key without `?` from the start of the key, in characters.
const MAX_SIMPLE_KEY: usize = 1_024;

/// An error in the syntax of a text, with its span. It is boxed so that the results of all functions are small.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError(Box<ErrorDetails>);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ErrorDetails {
    pub(super) message: String,
    pub(super) at: ByteSpan,
    pub(super) origin: Origin,
    /// The message of kubectl if it is not `message`.
    pub(super) kubectl: Option<String>,
}

impl Deref for SyntaxError {
    type Target = ErrorDetails;

    fn deref(&self) -> &ErrorDetails {
        &self.0
    }
}

impl DerefMut for SyntaxError {
    fn deref_mut(&mut self) -> &mut ErrorDetails {
        &mut self.0
    }
}

/// The part of kubectl that finds an error, which determines what it prints before the message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// go-yaml, which prints this line; none if it is 0.
    Yaml(usize),
    /// The conversion of YAML to JSON.
    Conversion,
    /// The parser of JSON, or the splitter of documents.
    Json,
    /// The validation of an object.
    Validation,
}

impl SyntaxError {
    /// Returns an error of go-yaml without a line.
    pub(super) fn new(message: impl Into<String>, at: ByteSpan) -> Self {
        SyntaxError(Box::new(ErrorDetails { message: message.into(), at, origin: Origin::Yaml(0), kubectl: None }))
    }

    /// Returns the error with another origin.
    pub(super) fn of(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// Returns the error with another message for kubectl.
    pub(super) fn printed_as(mut self, origin: Origin, kubectl: String) -> Self {
        self.kubectl = Some(kubectl);
        self.of(origin)
    }

    /// Returns the details.
    pub(super) fn into_details(self) -> ErrorDetails {
        *self.0
    }

    pub(super) fn too_deep(at: usize) -> Self {
        SyntaxError::new(
            format!("nested more than {MAX_DEPTH} levels deep, which is deeper than is {LIMIT_SUFFIX}"),
            ByteSpan::new(at, at + 1),
        )
    }
}

/// A scalar. Its text is borrowed from the source text if it is the same there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scalar<'t> {
    pub(super) text: Cow<'t, str>,
    /// Whether the text determines its type, as that of a plain scalar.
    pub(super) is_implicit: bool,
}

impl Scalar<'_> {
    pub(super) const fn empty(is_implicit: bool) -> Self {
        Scalar { text: Cow::Borrowed(""), is_implicit }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind<'t> {
    StreamEnd,
    DocumentStart,
    DocumentEnd,
    BlockSequenceStart,
    BlockMappingStart,
    BlockEnd,
    FlowSequenceStart,
    FlowSequenceEnd,
    FlowMappingStart,
    FlowMappingEnd,
    BlockEntry,
    FlowEntry,
    Key,
    Value,
    Alias(&'t str),
    Anchor(&'t str),
    /// A tag in its full form; `None` if its handle is undefined.
    Tag(Option<String>),
    /// `%TAG` or `%YAML`, whose version must be 1.1.
    Directive {
        is_compatible: bool,
        is_version: bool,
    },
    Scalar(Scalar<'t>),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token<'t> {
    pub(super) kind: Kind<'t>,
    pub(super) at: ByteSpan,
}

/// A position of the scanner. The column and the index are in characters.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    offset: usize,
    index: usize,
    line: usize,
    column: usize,
}

impl Mark {
    /// Returns an error of go-yaml's scanner at this mark. It counts lines from 0, adds 1, and omits the first.
    fn error(self, message: impl Into<String>, at: ByteSpan) -> SyntaxError {
        SyntaxError::new(message, at).of(Origin::Yaml(if self.line > 0 { self.line + 1 } else { 0 }))
    }
}

/// The possible start of a key without `?`.
#[derive(Debug, Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token: usize,
    mark: Mark,
}

/// The text with the current position.
struct Cursor<'t> {
    /// The text up to the end of the document.
    text: &'t str,
    /// Whether the last line has no line feed. Kubernetes reads line by line and adds it.
    lacks_line_feed: bool,
    mark: Mark,
}

impl<'t> Cursor<'t> {
    /// Returns the byte at a distance from the position; 0 after the end. The byte 0 is rejected before scanning.
    fn byte(&self, ahead: usize) -> u8 {
        let at = self.mark.offset + ahead;
        match self.text.as_bytes().get(at) {
            Some(byte) => *byte,
            None if at == self.end() && self.lacks_line_feed => b'\n',
            None => 0,
        }
    }

    /// Returns the offset of the end of the document.
    fn end(&self) -> usize {
        self.text.len()
    }

    fn is(&self, byte: u8) -> bool {
        self.byte(0) == byte
    }

    fn is_end(&self) -> bool {
        self.byte(0) == 0
    }

    fn is_blank(&self) -> bool {
        matches!(self.byte(0), b' ' | b'\t')
    }

    /// Returns the length in bytes of the line break at a distance from the position; 0 if there is none.
    fn break_length(&self, ahead: usize) -> usize {
        match self.byte(ahead) {
            b'\n' => 1,
            b'\r' => match (self.byte(ahead + 1), self.byte(ahead + 2)) {
                (b'\n', _) => 2,
                // The line reader of Kubernetes replaces CRLF with LF, so that CRCRLF becomes CRLF.
                (b'\r', b'\n') if self.mark.offset + ahead + 2 < self.end() => 3,
                _ => 1,
            },
            0xc2 if self.byte(ahead + 1) == 0x85 => 2,
            0xe2 if self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xa8 | 0xa9) => 3,
            _ => 0,
        }
    }

    fn is_break(&self) -> bool {
        self.break_length(0) > 0
    }

    fn is_break_or_end(&self) -> bool {
        self.is_end() || self.is_break()
    }

    fn is_gap(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), 0 | b' ' | b'\t') || self.break_length(ahead) > 0
    }

    /// Skips a character, which may be the line feed that the text lacks.
    fn skip(&mut self) {
        let width = match self.byte(0) {
            0..=0x7f => 1,
            0x80..=0xdf => 2,
            0xe0..=0xef => 3,
            _ => 4,
        };
        self.skip_run(width, 1);
    }

    /// Skips bytes of ASCII.
    fn skip_bytes(&mut self, count: usize) {
        self.skip_run(count, count);
    }

    fn skip_run(&mut self, bytes: usize, characters: usize) {
        self.mark.offset += bytes;
        self.mark.index += characters;
        self.mark.column += characters;
    }

    /// Skips characters up to a byte of a set, which must not contain a byte within a character.
    fn skip_until(&mut self, ends: &ByteSet) {
        let rest = self.text.as_bytes().get(self.mark.offset..).unwrap_or_default();
        let length = rest.iter().position(|byte| ends.contains(*byte)).unwrap_or(rest.len());
        let run = rest.get(..length).unwrap_or_default();
        let characters = if run.is_ascii() { length } else { run.iter().filter(|byte| !matches!(byte, 0x80..=0xbf)).count() };
        self.skip_run(length, characters);
    }

    /// Skips at most `most` spaces.
    fn skip_spaces(&mut self, most: usize) {
        let rest = self.text.as_bytes().get(self.mark.offset..).unwrap_or_default();
        self.skip_bytes(rest.iter().take(most).take_while(|byte| **byte == b' ').count());
    }

    /// Skips the rest of the line.
    fn skip_line(&mut self) {
        loop {
            self.skip_until(&LINE_ENDS);
            if self.is_break_or_end() {
                return;
            }
            self.skip();
        }
    }

    /// Returns the text between an offset and the position.
    fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.mark.offset).unwrap_or_default()
    }

    /// Skips a line break, and returns what it becomes: a line feed, unless it is one of Unicode's separators.
    fn skip_break(&mut self) -> Option<char> {
        let length = self.break_length(0);
        if length == 0 {
            return None;
        }
        let character = match (self.byte(0), self.byte(2)) {
            (0xe2, 0xa8) => '\u{2028}',
            (0xe2, _) => '\u{2029}',
            _ => '\n',
        };
        self.mark.index += if self.is(b'\r') { length } else { 1 };
        self.mark.offset += length;
        self.mark.line += 1;
        self.mark.column = 0;
        Some(character)
    }

    fn skip_blanks(&mut self) {
        while self.is_blank() {
            self.skip_bytes(1);
        }
    }

    fn skip_comment(&mut self) {
        if self.is(b'#') {
            self.skip_line();
        }
    }

    /// Returns whether `---` or `...` is at the position, at the start of a line.
    fn is_document_marker(&self, byte: u8) -> bool {
        self.mark.column == 0 && (0..3).all(|ahead| self.byte(ahead) == byte) && self.is_gap(3)
    }
}

/// Converts a document to tokens.
pub(super) struct Scanner<'t> {
    cursor: Cursor<'t>,
    /// The offset of the start of the document.
    start: usize,
    flow_level: usize,
    /// The column of the current block; -1 outside of blocks.
    indent: isize,
    indents: Vec<isize>,
    simple_key_allowed: bool,
    /// One for each flow level.
    simple_keys: Vec<SimpleKey>,
    /// The numbers of tokens that may start a key, in their order, each with its index in `simple_keys`.
    keys_by_token: Vec<(usize, usize)>,
    queue: VecDeque<Token<'t>>,
    /// The number of tokens removed from the queue.
    taken: usize,
    ended: bool,
}

impl<'t> Scanner<'t> {
    /// Returns a scanner of the document in a span of the text.
    pub(super) fn new(text: &'t str, document: ByteSpan) -> Self {
        let text = text.get(..document.end).unwrap_or(text);
        Scanner {
            cursor: Cursor {
                text,
                lacks_line_feed: document.start < document.end && !text.ends_with('\n'),
                mark: Mark { offset: document.start, ..Mark::default() },
            },
            start: document.start,
            flow_level: 0,
            indent: -1,
            indents: Vec::new(),
            simple_key_allowed: true,
            simple_keys: vec![SimpleKey::default()],
            keys_by_token: Vec::new(),
            queue: VecDeque::new(),
            taken: 0,
            ended: false,
        }
    }

    /// Returns the number of line breaks of the document before an offset.
    pub(super) fn line(&self, offset: usize) -> usize {
        let mark = Mark { offset: self.start, ..Mark::default() };
        let mut cursor = Cursor { text: self.cursor.text, lacks_line_feed: self.cursor.lacks_line_feed, mark };
        while cursor.mark.offset < offset {
            if cursor.skip_break().is_none() {
                cursor.skip();
            }
        }
        cursor.mark.line
    }

    /// Returns the next token without removing it.
    pub(super) fn peek(&mut self) -> Result<&Token<'t>, SyntaxError> {
        if !self.is_ready() {
            self.fill()?;
        }
        self.queue.front().ok_or_else(|| SyntaxError::new("found the end of the document", ByteSpan::at(self.cursor.mark.offset)))
    }

    /// Removes the next token.
    pub(super) fn next(&mut self) -> Option<Token<'t>> {
        self.taken += 1;
        // A removed token can no longer start a key.
        if self.keys_by_token.first().is_some_and(|(token, _)| *token < self.taken) {
            self.keys_by_token.remove(0);
        }
        self.queue.pop_front()
    }

    /// Returns whether the first token in the queue is final: while it may be the start of a key, a key token may have to precede it.
    fn is_ready(&self) -> bool {
        !self.queue.is_empty() && self.keys_by_token.first().is_none_or(|(token, _)| *token != self.taken)
    }

    /// Scans until the first token in the queue is final.
    fn fill(&mut self) -> Result<(), SyntaxError> {
        while !self.is_ready() {
            if let Some((_, index)) = self.keys_by_token.first().copied().filter(|_| !self.queue.is_empty())
                && !self.still_possible(index)?
            {
                return Ok(());
            }
            if self.ended {
                return Ok(());
            }
            self.scan()?;
        }
        Ok(())
    }

    fn still_possible(&mut self, index: usize) -> Result<bool, SyntaxError> {
        let here = self.cursor.mark;
        let Some(key) = self.simple_keys.get_mut(index).filter(|key| key.possible) else { return Ok(false) };
        if key.mark.line < here.line || key.mark.index + MAX_SIMPLE_KEY < here.index {
            if key.required {
                return Err(here.error("could not find expected ':'", ByteSpan::new(key.mark.offset, here.offset)));
            }
            key.possible = false;
        }
        Ok(key.possible)
    }

    fn save_simple_key(&mut self) -> Result<(), SyntaxError> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let mark = self.cursor.mark;
        let required = self.flow_level == 0 && usize::try_from(self.indent) == Ok(mark.column);
        let key = SimpleKey { possible: true, required, token: self.taken + self.queue.len(), mark };
        self.remove_simple_key()?;
        let index = self.simple_keys.len().saturating_sub(1);
        if let Some(last) = self.simple_keys.last_mut() {
            *last = key;
            self.forget(key.token);
            self.keys_by_token.push((key.token, index));
        }
        Ok(())
    }

    fn forget(&mut self, token: usize) {
        let keys = &mut self.keys_by_token;
        if let Some(index) = keys.iter().rposition(|(known, _)| *known <= token)
            && keys.get(index).is_some_and(|(known, _)| *known == token)
        {
            keys.remove(index);
        }
    }

    fn remove_simple_key(&mut self) -> Result<(), SyntaxError> {
        let here = self.cursor.mark;
        if let Some(key) = self.simple_keys.last_mut().filter(|key| key.possible) {
            if key.required {
                return Err(here.error("could not find expected ':'", ByteSpan::new(key.mark.offset, here.offset)));
            }
            key.possible = false;
            let token = key.token;
            self.forget(token);
        }
        Ok(())
    }

    /// Starts a block if the column is to the right of that of the enclosing block.
    fn roll_indent(&mut self, column: usize, before: Option<usize>, kind: Kind<'t>, offset: usize) -> Result<(), SyntaxError> {
        let column = isize::try_from(column).unwrap_or(isize::MAX);
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_DEPTH {
            return Err(SyntaxError::too_deep(offset));
        }
        self.insert(before, Token { kind, at: ByteSpan::at(offset) });
        Ok(())
    }

    fn unroll_indent(&mut self, column: isize) {
        while self.flow_level == 0 && self.indent > column {
            let at = ByteSpan::at(self.cursor.mark.offset);
            self.queue.push_back(Token { kind: Kind::BlockEnd, at });
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Inserts a token before the one with a number if that is in the queue, and otherwise at the end.
    fn insert(&mut self, before: Option<usize>, token: Token<'t>) {
        match before.and_then(|number| number.checked_sub(self.taken)).filter(|index| *index <= self.queue.len()) {
            Some(index) => self.queue.insert(index, token),
            None => self.queue.push_back(token),
        }
    }

    fn push(&mut self, kind: Kind<'t>, start: usize) {
        let at = ByteSpan::new(start, self.cursor.mark.offset);
        self.queue.push_back(Token { kind, at });
    }

    fn error<T>(&self, message: &str) -> Result<T, SyntaxError> {
        let at = self.cursor.mark.offset;
        Err(self.cursor.mark.error(message, ByteSpan::new(at, at + usize::from(at < self.cursor.end()))))
    }

    fn error_since<T>(&self, start: Mark, message: &str) -> Result<T, SyntaxError> {
        Err(self.cursor.mark.error(message, ByteSpan::new(start.offset, self.cursor.mark.offset.min(self.cursor.end()))))
    }

    /// Skips blanks, comments and line breaks.
    fn skip_to_token(&mut self) {
        loop {
            self.cursor.skip_spaces(usize::MAX);
            // Tabs are allowed except in indentation.
            while self.cursor.is(b'\t') && (self.flow_level > 0 || !self.simple_key_allowed) {
                self.cursor.skip_bytes(1);
                self.cursor.skip_spaces(usize::MAX);
            }
            self.cursor.skip_comment();
            if !self.cursor.is_break() {
                return;
            }
            self.cursor.skip_break();
            if self.flow_level == 0 {
                self.simple_key_allowed = true;
            }
        }
    }

    /// Scans the next token.
    fn scan(&mut self) -> Result<(), SyntaxError> {
        self.skip_to_token();
        let mark = self.cursor.mark;
        self.unroll_indent(isize::try_from(mark.column).unwrap_or(isize::MAX));
        let in_flow = self.flow_level > 0;
        let gap_follows = self.cursor.is_gap(1);
        match self.cursor.byte(0) {
            0 => self.stream_end(),
            b'%' if mark.column == 0 => self.directive(),
            b'-' if self.cursor.is_document_marker(b'-') => self.document_marker(Kind::DocumentStart),
            b'.' if self.cursor.is_document_marker(b'.') => self.document_marker(Kind::DocumentEnd),
            b'[' => self.flow_start(Kind::FlowSequenceStart),
            b'{' => self.flow_start(Kind::FlowMappingStart),
            b']' => self.flow_end(Kind::FlowSequenceEnd),
            b'}' => self.flow_end(Kind::FlowMappingEnd),
            b',' => {
                self.remove_simple_key()?;
                self.simple_key_allowed = true;
                self.indicator(Kind::FlowEntry)
            }
            b'-' if gap_follows => self.block_entry(),
            b'?' if in_flow || gap_follows => self.key(),
            b':' if in_flow || gap_follows => self.value(),
            b'*' => self.name(Kind::Alias),
            b'&' => self.name(Kind::Anchor),
            b'!' => self.tag(),
            b'|' if !in_flow => self.block_scalar(true),
            b'>' if !in_flow => self.block_scalar(false),
            b'\'' => self.quoted(true),
            b'"' => self.quoted(false),
            // Any other dash, question mark or colon starts a plain scalar.
            b'-' => self.plain(),
            b'?' | b':' if !in_flow => self.plain(),
            b'\t' | b'?' | b':' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => self.error("found character that cannot start any token"),
            _ => self.plain(),
        }
    }

    fn stream_end(&mut self) -> Result<(), SyntaxError> {
        if self.cursor.mark.column != 0 {
            self.cursor.mark.column = 0;
            self.cursor.mark.line += 1;
        }
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        self.push(Kind::StreamEnd, self.cursor.mark.offset);
        self.ended = true;
        Ok(())
    }

    fn document_marker(&mut self, kind: Kind<'t>) -> Result<(), SyntaxError> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark.offset;
        self.cursor.skip_bytes(3);
        self.push(kind, start);
        Ok(())
    }

    /// Scans a directive, which has no effect: Kubernetes splits a file at every `---`, so that a directive is never in the document
    /// that it is for. Its syntax determines the error, unless it is after the end of the document.
    fn directive(&mut self) -> Result<(), SyntaxError> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark;
        self.cursor.skip_bytes(1);
        let name = self.word();
        if name.is_empty() {
            return self.error_since(start, "could not find expected directive name");
        }
        if !self.cursor.is_gap(0) {
            return self.error_since(start, "found unexpected non-alphabetical character");
        }
        self.cursor.skip_blanks();
        let is_compatible = match name {
            "YAML" => {
                let major = self.version_number(start)?;
                if !self.cursor.is(b'.') {
                    return self.error_since(start, "did not find expected digit or '.' character");
                }
                self.cursor.skip_bytes(1);
                (major, self.version_number(start)?) == (1, 1)
            }
            "TAG" => {
                self.tag_directive(start)?;
                true
            }
            _ => return self.error_since(start, "found unknown directive name"),
        };
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !self.cursor.is_break_or_end() {
            return self.error_since(start, "did not find expected comment or line break");
        }
        self.push(Kind::Directive { is_compatible, is_version: name == "YAML" }, start.offset);
        Ok(())
    }

    /// Scans a part of a version of at most two digits.
    fn version_number(&mut self, start: Mark) -> Result<u32, SyntaxError> {
        let mut number = None;
        let mut digits = 0;
        while let Some(digit) = char::from(self.cursor.byte(0)).to_digit(10) {
            digits += 1;
            if digits > 2 {
                return self.error_since(start, "found extremely long version number");
            }
            number = Some(number.unwrap_or(0) * 10 + digit);
            self.cursor.skip_bytes(1);
        }
        number.map_or_else(|| self.error_since(start, "did not find expected version number"), Ok)
    }

    /// Scans the handle and the prefix of a `%TAG` directive.
    fn tag_directive(&mut self, start: Mark) -> Result<(), SyntaxError> {
        let handle = self.cursor.mark.offset;
        if self.cursor.is(b'!') {
            self.cursor.skip_bytes(1);
            self.word();
            if self.cursor.is(b'!') {
                self.cursor.skip_bytes(1);
            }
        }
        let handle = self.cursor.since(handle);
        if !handle.starts_with('!') || !handle.ends_with('!') {
            return self.error_since(start, "did not find expected '!'");
        }
        if !self.cursor.is_blank() {
            return self.error_since(start, "did not find expected whitespace");
        }
        self.cursor.skip_blanks();
        self.uri(String::new(), false, start)?;
        if !self.cursor.is_gap(0) {
            return self.error_since(start, "did not find expected whitespace or line break");
        }
        Ok(())
    }

    fn indicator(&mut self, kind: Kind<'t>) -> Result<(), SyntaxError> {
        let start = self.cursor.mark.offset;
        self.cursor.skip_bytes(1);
        self.push(kind, start);
        Ok(())
    }

    fn flow_start(&mut self, kind: Kind<'t>) -> Result<(), SyntaxError> {
        self.save_simple_key()?;
        let mark = self.cursor.mark;
        self.simple_keys.push(SimpleKey { token: self.taken + self.queue.len(), mark, ..SimpleKey::default() });
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return Err(SyntaxError::too_deep(mark.offset));
        }
        self.simple_key_allowed = true;
        self.indicator(kind)
    }

    fn flow_end(&mut self, kind: Kind<'t>) -> Result<(), SyntaxError> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            // For an empty collection this is the number of its own first token, which can no longer start a key.
            if let Some(key) = self.simple_keys.pop() {
                self.forget(key.token);
            }
        }
        self.simple_key_allowed = false;
        self.indicator(kind)
    }

    fn block_entry(&mut self) -> Result<(), SyntaxError> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.error("block sequence entries are not allowed in this context");
            }
            let mark = self.cursor.mark;
            self.roll_indent(mark.column, None, Kind::BlockSequenceStart, mark.offset)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.indicator(Kind::BlockEntry)
    }

    fn key(&mut self) -> Result<(), SyntaxError> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.error("mapping keys are not allowed in this context");
            }
            let mark = self.cursor.mark;
            self.roll_indent(mark.column, None, Kind::BlockMappingStart, mark.offset)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.indicator(Kind::Key)
    }

    fn value(&mut self) -> Result<(), SyntaxError> {
        let index = self.simple_keys.len().saturating_sub(1);
        if self.still_possible(index)? {
            let key = self.simple_keys.last().copied().unwrap_or_default();
            self.insert(Some(key.token), Token { kind: Kind::Key, at: ByteSpan::at(key.mark.offset) });
            self.roll_indent(key.mark.column, Some(key.token), Kind::BlockMappingStart, key.mark.offset)?;
            if let Some(key) = self.simple_keys.last_mut() {
                key.possible = false;
            }
            self.forget(key.token);
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return self.error("mapping values are not allowed in this context");
                }
                let mark = self.cursor.mark;
                self.roll_indent(mark.column, None, Kind::BlockMappingStart, mark.offset)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.indicator(Kind::Value)
    }

    /// Scans an alias or an anchor.
    fn name(&mut self, kind: impl FnOnce(&'t str) -> Kind<'t>) -> Result<(), SyntaxError> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark;
        self.cursor.skip_bytes(1);
        let name = self.word();
        let ended = self.cursor.is_gap(0) || matches!(self.cursor.byte(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ended {
            return self.error_since(start, "did not find expected alphabetic or numeric character");
        }
        self.push(kind(name), start.offset);
        Ok(())
    }

    /// Scans letters, digits, `_` and `-`.
    fn word(&mut self) -> &'t str {
        let start = self.cursor.mark.offset;
        while is_word(self.cursor.byte(0)) {
            self.cursor.skip_bytes(1);
        }
        self.cursor.since(start)
    }

    /// Scans a tag: `!name`, `!!name`, `!<uri>` or `!`.
    fn tag(&mut self) -> Result<(), SyntaxError> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark;
        self.cursor.skip();
        let tag = if self.cursor.is(b'<') {
            self.cursor.skip();
            let uri = self.uri(String::new(), false, start)?;
            if !self.cursor.is(b'>') {
                return self.error_since(start, "did not find the expected '>'");
            }
            self.cursor.skip();
            Some(uri)
        } else {
            let word = self.word();
            if self.cursor.is(b'!') {
                self.cursor.skip();
                let suffix = self.uri(String::new(), false, start)?;
                // Other handles are undefined, because directives have no effect.
                word.is_empty().then(|| format!("tag:yaml.org,2002:{suffix}"))
            } else {
                Some(format!("!{}", self.uri(word.to_owned(), true, start)?))
            }
        };
        if !self.cursor.is_gap(0) {
            return self.error_since(start, "did not find expected whitespace or line break");
        }
        self.push(Kind::Tag(tag), start.offset);
        Ok(())
    }

    fn uri(&mut self, head: String, may_be_empty: bool, start: Mark) -> Result<String, SyntaxError> {
        let mut bytes = head.into_bytes();
        let mut found = may_be_empty;
        loop {
            match self.cursor.byte(0) {
                b'%' => {
                    let digits = [self.cursor.byte(1), self.cursor.byte(2)];
                    let octet = std::str::from_utf8(&digits).ok().filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
                    let Some(octet) = octet.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                        return self.error_since(start, "did not find URI escaped octet");
                    };
                    bytes.push(octet);
                    self.cursor.skip_bytes(3);
                }
                byte if is_word(byte) || b";/?:@&=+$,.!~*'()[]".contains(&byte) => {
                    bytes.push(byte);
                    self.cursor.skip();
                }
                _ => break,
            }
            found = true;
        }
        if !found {
            return self.error_since(start, "did not find expected tag URI");
        }
        String::from_utf8(bytes).or_else(|_| self.error_since(start, "found an incorrect UTF-8 octet"))
    }
}

/// A set of bytes, as a table: comparing each byte of a text with several others takes longer.
struct ByteSet([bool; 256]);

impl ByteSet {
    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn new(bytes: &[u8]) -> Self {
        let mut table = [false; 256];
        let mut index = 0;
        while index < bytes.len() {
            table[bytes[index] as usize] = true;
            index += 1;
        }
        ByteSet(table)
    }

    fn contains(&self, byte: u8) -> bool {
        self.0.get(usize::from(byte)).copied().unwrap_or_default()
    }
}

/// The bytes that can begin a line break.
static LINE_ENDS: ByteSet = ByteSet::new(b"\n\r\xc2\xe2");

/// Returns whether a byte can be part of the name of an anchor.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
