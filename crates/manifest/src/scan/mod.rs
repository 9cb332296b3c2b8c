//! Tokens of YAML 1.1, by the rules of go-yaml, which reads Kubernetes' manifests.
//!
//! go-yaml descends from libyaml, and both take what YAML 1.2 forbids and refuse what it allows:
//! tabs, `?` inside of a flow, keys over lines or longer than 1,024 characters, NEL as a line
//! break. So what a manifest means is decided here, character by character, and not by a parser of
//! another YAML. Where a rule looks odd, it is go-yaml's.

mod scalars;

use std::collections::VecDeque;

use super::HERE;
use super::position::Stretch;

/// How deep collections may be nested. Kubernetes stops at 10,000; nobody writes a tenth of it.
pub(super) const MAX_DEPTH: usize = 1_000;

/// How far behind its start the `:` of a key without `?` may stand.
const MAX_SIMPLE_KEY: usize = 1_024;

/// Why a text cannot be read, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) message: String,
    pub(super) at: Stretch,
}

impl Fault {
    pub(super) fn new(message: impl Into<String>, at: Stretch) -> Self {
        Fault { message: message.into(), at }
    }

    pub(super) fn too_deep(at: usize) -> Self {
        Fault::new(format!("nested more than {MAX_DEPTH} levels deep, which is deeper than is {HERE}"), Stretch::new(at, at + 1))
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kind {
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
    Alias(String),
    Anchor(String),
    /// A tag in its full form, or nothing where its handle means nothing.
    Tag(Option<String>),
    /// `%YAML` or `%TAG`.
    Directive,
    Scalar {
        text: String,
        plain: bool,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) at: Stretch,
}

/// A place in the text as scanning sees it. Columns and the index count characters.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    offset: usize,
    index: usize,
    line: usize,
    column: usize,
}

/// Where a key without `?` may have begun.
#[derive(Debug, Clone, Copy, Default)]
struct SimpleKey {
    possible: bool,
    required: bool,
    token: usize,
    mark: Mark,
}

/// The text, and how far it was read.
struct Cursor<'t> {
    bytes: &'t [u8],
    /// Where the document ends in the text.
    end: usize,
    /// Kubernetes reads lines and ends each with a line feed, also a last line that has none.
    unended: bool,
    mark: Mark,
}

impl Cursor<'_> {
    /// The byte so many bytes ahead; 0 behind the end. 0 itself is refused before scanning.
    fn byte(&self, ahead: usize) -> u8 {
        let at = self.mark.offset + ahead;
        if at < self.end {
            self.bytes.get(at).copied().unwrap_or_default()
        } else if at == self.end && self.unended {
            b'\n'
        } else {
            0
        }
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

    /// How many bytes the line break has that begins so many bytes ahead; 0 if there is none.
    fn break_length(&self, ahead: usize) -> usize {
        match (self.byte(ahead), self.byte(ahead + 1), self.byte(ahead + 2)) {
            (b'\n', ..) => 1,
            (b'\r', b'\n', _) => 2,
            // Kubernetes' line reader takes CRLF away and puts LF back, so here CRLF is left.
            (b'\r', b'\r', b'\n') if self.mark.offset + ahead + 2 < self.end => 3,
            (b'\r', ..) => 1,
            (0xc2, 0x85, _) => 2,
            (0xe2, 0x80, 0xa8 | 0xa9) => 3,
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

    /// The character under the cursor. It may be the line feed that the text itself lacks.
    fn character(&self) -> Option<char> {
        let width = match self.byte(0) {
            0x00..=0x7f => return Some(char::from(self.byte(0))),
            0x80..=0xdf => 2,
            0xe0..=0xef => 3,
            _ => 4,
        };
        let bytes = self.bytes.get(self.mark.offset..self.mark.offset + width)?;
        std::str::from_utf8(bytes).ok()?.chars().next()
    }

    fn skip(&mut self) {
        self.mark.offset += self.character().map_or(1, char::len_utf8);
        self.mark.index += 1;
        self.mark.column += 1;
    }

    fn skip_many(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    fn take(&mut self, into: &mut String) {
        into.extend(self.character());
        self.skip();
    }

    fn skip_break(&mut self) {
        let length = self.break_length(0);
        if length > 0 {
            self.mark.index += if self.is(b'\r') { length } else { 1 };
            self.mark.offset += length;
            self.mark.line += 1;
            self.mark.column = 0;
        }
    }

    /// Takes a line break along, which is a line feed unless it is one of Unicode's separators.
    fn take_break(&mut self, into: &mut String) {
        if self.is(0xe2) {
            into.extend(self.character());
        } else if self.is_break() {
            into.push('\n');
        }
        self.skip_break();
    }

    fn skip_blanks(&mut self) {
        while self.is_blank() {
            self.skip();
        }
    }

    fn skip_comment(&mut self) {
        if self.is(b'#') {
            while !self.is_break_or_end() {
                self.skip();
            }
        }
    }

    /// `---` or `...` at the start of a line.
    fn is_document_marker(&self, byte: u8) -> bool {
        self.mark.column == 0 && (0..3).all(|ahead| self.byte(ahead) == byte) && self.is_gap(3)
    }
}

/// Turns a document into tokens.
pub(super) struct Scanner<'t> {
    cursor: Cursor<'t>,
    flow_level: usize,
    /// The column of the block that is read, -1 outside of all.
    indent: isize,
    indents: Vec<isize>,
    simple_key_allowed: bool,
    /// One for each flow level.
    simple_keys: Vec<SimpleKey>,
    /// The numbers of tokens that may begin a key, in their order, each with its place in `simple_keys`.
    keys_by_token: Vec<(usize, usize)>,
    queue: VecDeque<Token>,
    /// How many tokens have left the queue.
    taken: usize,
    ended: bool,
}

impl<'t> Scanner<'t> {
    /// Scans the stretch of the text that is a document.
    pub(super) fn new(text: &'t str, document: Stretch) -> Self {
        let bytes = text.as_bytes();
        let last = document.end.checked_sub(1).and_then(|last| bytes.get(last));
        Scanner {
            cursor: Cursor {
                bytes,
                end: document.end,
                unended: document.start < document.end && last != Some(&b'\n'),
                mark: Mark { offset: document.start, ..Mark::default() },
            },
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

    /// The next token, which stays.
    pub(super) fn peek(&mut self) -> Result<&Token, Fault> {
        self.fill()?;
        self.queue.front().ok_or_else(|| Fault::new("found the end of the document", Stretch::at(self.cursor.mark.offset)))
    }

    /// Drops the token that was peeked at.
    pub(super) fn next(&mut self) -> Option<Token> {
        self.taken += 1;
        // What has left can no longer be found to begin a key.
        if self.keys_by_token.first().is_some_and(|(token, _)| *token < self.taken) {
            self.keys_by_token.remove(0);
        }
        self.queue.pop_front()
    }

    /// Scans until it is known what the first token in the queue is: it may yet turn out to be
    /// inside of a key, whose own token goes before it.
    fn fill(&mut self) -> Result<(), Fault> {
        loop {
            if !self.queue.is_empty() {
                let Some((token, place)) = self.keys_by_token.first().copied() else { return Ok(()) };
                if token != self.taken {
                    return Ok(());
                }
                if !self.still_possible(place)? {
                    return Ok(());
                }
            }
            if self.ended {
                return Ok(());
            }
            self.scan()?;
        }
    }

    fn still_possible(&mut self, place: usize) -> Result<bool, Fault> {
        let here = self.cursor.mark;
        let Some(key) = self.simple_keys.get_mut(place).filter(|key| key.possible) else { return Ok(false) };
        if key.mark.line < here.line || key.mark.index + MAX_SIMPLE_KEY < here.index {
            if key.required {
                return Err(Fault::new("could not find expected ':'", Stretch::new(key.mark.offset, here.offset)));
            }
            key.possible = false;
        }
        Ok(key.possible)
    }

    fn save_simple_key(&mut self) -> Result<(), Fault> {
        if !self.simple_key_allowed {
            return Ok(());
        }
        let mark = self.cursor.mark;
        let required = self.flow_level == 0 && usize::try_from(self.indent) == Ok(mark.column);
        let key = SimpleKey { possible: true, required, token: self.taken + self.queue.len(), mark };
        self.remove_simple_key()?;
        let place = self.simple_keys.len().saturating_sub(1);
        if let Some(last) = self.simple_keys.last_mut() {
            *last = key;
            self.forget(key.token);
            self.keys_by_token.push((key.token, place));
        }
        Ok(())
    }

    fn forget(&mut self, token: usize) {
        let keys = &mut self.keys_by_token;
        if let Some(place) = keys.iter().rposition(|(known, _)| *known <= token)
            && keys.get(place).is_some_and(|(known, _)| *known == token)
        {
            keys.remove(place);
        }
    }

    fn remove_simple_key(&mut self) -> Result<(), Fault> {
        let here = self.cursor.mark.offset;
        if let Some(key) = self.simple_keys.last_mut().filter(|key| key.possible) {
            if key.required {
                return Err(Fault::new("could not find expected ':'", Stretch::new(key.mark.offset, here)));
            }
            key.possible = false;
            let token = key.token;
            self.forget(token);
        }
        Ok(())
    }

    /// Begins a block where the column is further right than that of the block around it.
    fn roll_indent(&mut self, column: usize, before: Option<usize>, kind: Kind, offset: usize) -> Result<(), Fault> {
        let column = isize::try_from(column).unwrap_or(isize::MAX);
        if self.flow_level > 0 || self.indent >= column {
            return Ok(());
        }
        self.indents.push(self.indent);
        self.indent = column;
        if self.indents.len() > MAX_DEPTH {
            return Err(Fault::too_deep(offset));
        }
        self.insert(before, Token { kind, at: Stretch::at(offset) });
        Ok(())
    }

    fn unroll_indent(&mut self, column: isize) {
        while self.flow_level == 0 && self.indent > column {
            let at = Stretch::at(self.cursor.mark.offset);
            self.queue.push_back(Token { kind: Kind::BlockEnd, at });
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Puts a token before the one of that number, if that has not left the queue, else at the end.
    fn insert(&mut self, before: Option<usize>, token: Token) {
        match before.and_then(|number| number.checked_sub(self.taken)).filter(|place| *place <= self.queue.len()) {
            Some(place) => self.queue.insert(place, token),
            None => self.queue.push_back(token),
        }
    }

    fn push(&mut self, kind: Kind, start: usize) {
        let at = Stretch::new(start, self.cursor.mark.offset);
        self.queue.push_back(Token { kind, at });
    }

    fn fault<T>(&self, message: &str) -> Result<T, Fault> {
        let at = self.cursor.mark.offset;
        Err(Fault::new(message, Stretch::new(at, at + usize::from(at < self.cursor.end))))
    }

    fn fault_since<T>(&self, start: Mark, message: &str) -> Result<T, Fault> {
        Err(Fault::new(message, Stretch::new(start.offset, self.cursor.mark.offset.min(self.cursor.end))))
    }

    /// Passes over blanks, comments and line breaks.
    fn skip_to_token(&mut self) {
        loop {
            // A tab may stand anywhere but where it could be taken for indentation.
            while self.cursor.is(b' ') || self.cursor.is(b'\t') && (self.flow_level > 0 || !self.simple_key_allowed) {
                self.cursor.skip();
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

    /// Scans one token more.
    fn scan(&mut self) -> Result<(), Fault> {
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
            // A dash, question mark or colon that is none of the above begins a word.
            b'-' => self.plain(),
            b'?' | b':' if !in_flow => self.plain(),
            b'\t' | b'?' | b':' | b'#' | b'|' | b'>' | b'%' | b'@' | b'`' => self.fault("found character that cannot start any token"),
            _ => self.plain(),
        }
    }

    fn stream_end(&mut self) -> Result<(), Fault> {
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

    fn document_marker(&mut self, kind: Kind) -> Result<(), Fault> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark.offset;
        self.cursor.skip_many(3);
        self.push(kind, start);
        Ok(())
    }

    /// A directive means nothing here, wherever it stands: Kubernetes splits a file at every `---`,
    /// so that none ever has the document that it is for. Only its form decides whether it is the
    /// end of a document or an error.
    fn directive(&mut self) -> Result<(), Fault> {
        self.unroll_indent(-1);
        self.remove_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark;
        let mut line = String::new();
        while !self.cursor.is_break_or_end() {
            self.cursor.take(&mut line);
        }
        let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty()).take_while(|word| !word.starts_with('#'));
        let is_number = |text: &str| matches!(text.len(), 1..=2) && text.bytes().all(|byte| byte.is_ascii_digit());
        let fits = match (words.next(), words.next(), words.next(), words.next()) {
            (Some("%YAML"), Some(version), None, None) => {
                version.split_once('.').is_some_and(|(major, minor)| is_number(major) && is_number(minor))
            }
            (Some("%TAG"), Some(handle), Some(_), None) => handle.starts_with('!') && handle.ends_with('!'),
            _ => false,
        };
        if !fits {
            return self.fault_since(start, "found unknown directive name or value");
        }
        self.push(Kind::Directive, start.offset);
        Ok(())
    }

    fn indicator(&mut self, kind: Kind) -> Result<(), Fault> {
        let start = self.cursor.mark.offset;
        self.cursor.skip();
        self.push(kind, start);
        Ok(())
    }

    fn flow_start(&mut self, kind: Kind) -> Result<(), Fault> {
        self.save_simple_key()?;
        let mark = self.cursor.mark;
        self.simple_keys.push(SimpleKey { token: self.taken + self.queue.len(), mark, ..SimpleKey::default() });
        self.flow_level += 1;
        if self.flow_level > MAX_DEPTH {
            return Err(Fault::too_deep(mark.offset));
        }
        self.simple_key_allowed = true;
        self.indicator(kind)
    }

    fn flow_end(&mut self, kind: Kind) -> Result<(), Fault> {
        self.remove_simple_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            // For an empty collection this is the number of its own first token, which then can no
            // longer be found to begin a key.
            if let Some(key) = self.simple_keys.pop() {
                self.forget(key.token);
            }
        }
        self.simple_key_allowed = false;
        self.indicator(kind)
    }

    fn block_entry(&mut self) -> Result<(), Fault> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.fault("block sequence entries are not allowed in this context");
            }
            let mark = self.cursor.mark;
            self.roll_indent(mark.column, None, Kind::BlockSequenceStart, mark.offset)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        self.indicator(Kind::BlockEntry)
    }

    fn key(&mut self) -> Result<(), Fault> {
        if self.flow_level == 0 {
            if !self.simple_key_allowed {
                return self.fault("mapping keys are not allowed in this context");
            }
            let mark = self.cursor.mark;
            self.roll_indent(mark.column, None, Kind::BlockMappingStart, mark.offset)?;
        }
        self.remove_simple_key()?;
        self.simple_key_allowed = self.flow_level == 0;
        self.indicator(Kind::Key)
    }

    fn value(&mut self) -> Result<(), Fault> {
        let place = self.simple_keys.len().saturating_sub(1);
        if self.still_possible(place)? {
            let key = self.simple_keys.last().copied().unwrap_or_default();
            self.insert(Some(key.token), Token { kind: Kind::Key, at: Stretch::at(key.mark.offset) });
            self.roll_indent(key.mark.column, Some(key.token), Kind::BlockMappingStart, key.mark.offset)?;
            if let Some(key) = self.simple_keys.last_mut() {
                key.possible = false;
            }
            self.forget(key.token);
            self.simple_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                if !self.simple_key_allowed {
                    return self.fault("mapping values are not allowed in this context");
                }
                let mark = self.cursor.mark;
                self.roll_indent(mark.column, None, Kind::BlockMappingStart, mark.offset)?;
            }
            self.simple_key_allowed = self.flow_level == 0;
        }
        self.indicator(Kind::Value)
    }

    /// An alias or an anchor.
    fn name(&mut self, kind: impl FnOnce(String) -> Kind) -> Result<(), Fault> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark;
        self.cursor.skip();
        let mut name = String::new();
        while is_word(self.cursor.byte(0)) {
            self.cursor.take(&mut name);
        }
        let ended = self.cursor.is_gap(0) || matches!(self.cursor.byte(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
        if name.is_empty() || !ended {
            return self.fault_since(start, "did not find expected alphabetic or numeric character");
        }
        self.push(kind(name), start.offset);
        Ok(())
    }

    /// `!name`, `!!name`, `!<uri>` or `!` alone, in its full form.
    fn tag(&mut self) -> Result<(), Fault> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark;
        self.cursor.skip();
        let tag = if self.cursor.is(b'<') {
            self.cursor.skip();
            let uri = self.uri(String::new(), false, start)?;
            if !self.cursor.is(b'>') {
                return self.fault_since(start, "did not find the expected '>'");
            }
            self.cursor.skip();
            Some(uri)
        } else {
            let mut word = String::new();
            while is_word(self.cursor.byte(0)) {
                self.cursor.take(&mut word);
            }
            if self.cursor.is(b'!') {
                self.cursor.skip();
                let suffix = self.uri(String::new(), false, start)?;
                // Only a directive could give another word a meaning, and no directive has a document.
                word.is_empty().then(|| format!("tag:yaml.org,2002:{suffix}"))
            } else {
                Some(format!("!{}", self.uri(word, true, start)?))
            }
        };
        if !self.cursor.is_gap(0) {
            return self.fault_since(start, "did not find expected whitespace or line break");
        }
        self.push(Kind::Tag(tag), start.offset);
        Ok(())
    }

    fn uri(&mut self, head: String, may_be_empty: bool, start: Mark) -> Result<String, Fault> {
        let mut bytes = head.into_bytes();
        let mut found = may_be_empty;
        loop {
            match self.cursor.byte(0) {
                b'%' => {
                    let digits = [self.cursor.byte(1), self.cursor.byte(2)];
                    let octet = std::str::from_utf8(&digits).ok().filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
                    let Some(octet) = octet.and_then(|digits| u8::from_str_radix(digits, 16).ok()) else {
                        return self.fault_since(start, "did not find URI escaped octet");
                    };
                    bytes.push(octet);
                    self.cursor.skip_many(3);
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
            return self.fault_since(start, "did not find expected tag URI");
        }
        String::from_utf8(bytes).or_else(|_| self.fault_since(start, "found an incorrect UTF-8 octet"))
    }
}

/// What names of anchors consist of.
fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}
