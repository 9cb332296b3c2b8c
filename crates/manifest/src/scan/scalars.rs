//! The scanning of scalars: plain, quoted, and block scalars with `|` and `>`.

use std::borrow::Cow;

use super::{ByteSet, Kind, Mark, Scalar, Scanner, SyntaxError, Token};
use crate::position::ByteSpan;

/// The bytes at which the text of a plain scalar, and of quoted ones, may end or differ from the source text.
static PLAIN_ENDS: ByteSet = ByteSet::new(b"\n\r\xc2\xe2 \t:,?[]{}");
static SINGLE_QUOTED_ENDS: ByteSet = ByteSet::new(b"\n\r\xc2\xe2 \t'");
static DOUBLE_QUOTED_ENDS: ByteSet = ByteSet::new(b"\n\r\xc2\xe2 \t\"\\");

/// The text of a plain or quoted scalar. It is borrowed from the source text until it differs from it.
struct ScalarText<'t> {
    source: &'t str,
    start: usize,
    /// The offset up to which the source text has been added.
    end: usize,
    owned: Option<String>,
}

impl<'t> ScalarText<'t> {
    fn new(source: &'t str, start: usize) -> Self {
        ScalarText { source, start, end: start, owned: None }
    }

    /// Adds the source text up to an offset.
    fn add_to(&mut self, offset: usize) {
        if let Some(owned) = &mut self.owned {
            owned.push_str(self.source.get(self.end..offset).unwrap_or_default());
        }
        self.end = offset;
    }

    /// Leaves out the source text up to an offset, and returns the text, for adding what replaces it.
    fn skip_to(&mut self, offset: usize) -> &mut String {
        let borrowed = self.source.get(self.start..self.end).unwrap_or_default();
        self.end = offset;
        self.owned.get_or_insert_with(|| borrowed.to_owned())
    }

    fn into_text(self) -> Cow<'t, str> {
        match self.owned {
            Some(owned) => owned.into(),
            None => self.source.get(self.start..self.end).unwrap_or_default().into(),
        }
    }
}

/// The line breaks after a line of a scalar, which are part of its text only if more text follows.
#[derive(Default)]
struct LineBreaks {
    first: Option<char>,
    more: String,
}

impl LineBreaks {
    fn push(&mut self, line_break: Option<char>) {
        self.more.extend(line_break);
    }

    /// Folds line breaks: a single one becomes a space, and the first of several is removed.
    fn fold_into(&mut self, text: &mut String) {
        match self.first.take() {
            Some('\n') if self.more.is_empty() => text.push(' '),
            Some('\n') => {}
            first => text.extend(first),
        }
        self.append_more(text);
    }

    /// Adds the line breaks as they are.
    fn append_to(&mut self, text: &mut String) {
        text.extend(self.first.take());
        self.append_more(text);
    }

    fn append_more(&mut self, text: &mut String) {
        text.push_str(&self.more);
        self.more.clear();
    }
}

impl Scanner<'_> {
    pub(super) fn plain(&mut self) -> Result<(), SyntaxError> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark.offset;
        let mut text = ScalarText::new(self.cursor.text, start);
        let mut breaks = LineBreaks::default();
        let mut on_new_line = false;
        let indent = usize::try_from(self.indent + 1).unwrap_or_default();
        loop {
            if self.cursor.is_document_marker(b'-') || self.cursor.is_document_marker(b'.') || self.cursor.is(b'#') {
                break;
            }
            let word = self.cursor.mark.offset;
            self.skip_plain();
            if self.cursor.mark.offset > word {
                if on_new_line {
                    breaks.fold_into(text.skip_to(word));
                    on_new_line = false;
                }
                text.add_to(self.cursor.mark.offset);
            }
            if !self.cursor.is_blank() && !self.cursor.is_break() {
                break;
            }
            while self.cursor.is_blank() || self.cursor.is_break() {
                if on_new_line && self.cursor.is(b'\t') && self.cursor.mark.column < indent {
                    return self.error("found a tab character that violates indentation");
                }
                self.skip_whitespace(&mut breaks, &mut on_new_line);
            }
            if self.flow_level == 0 && self.cursor.mark.column < indent {
                break;
            }
        }
        let at = ByteSpan::new(start, text.end);
        self.queue.push_back(Token { kind: Kind::Scalar(Scalar { text: text.into_text(), is_implicit: true }), at });
        if on_new_line {
            self.simple_key_allowed = true;
        }
        Ok(())
    }

    /// Skips the characters of a plain scalar up to whitespace or its end.
    fn skip_plain(&mut self) {
        loop {
            self.cursor.skip_until(&PLAIN_ENDS);
            if self.cursor.is_gap(0) || self.ends_plain() {
                return;
            }
            self.cursor.skip();
        }
    }

    /// Returns whether a plain scalar ends: at a colon before whitespace, and in flow collections at their indicators.
    fn ends_plain(&self) -> bool {
        match self.cursor.byte(0) {
            b':' => self.cursor.is_gap(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_level > 0,
            _ => false,
        }
    }

    /// Skips a blank or a line break.
    fn skip_whitespace(&mut self, breaks: &mut LineBreaks, on_new_line: &mut bool) {
        if self.cursor.is_blank() {
            self.cursor.skip_bytes(1);
        } else if *on_new_line {
            breaks.push(self.cursor.skip_break());
        } else {
            breaks.first = self.cursor.skip_break();
            *on_new_line = true;
        }
    }

    pub(super) fn quoted(&mut self, single: bool) -> Result<(), SyntaxError> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark;
        let quote = self.cursor.byte(0);
        self.cursor.skip_bytes(1);
        let mut text = ScalarText::new(self.cursor.text, self.cursor.mark.offset);
        let mut breaks = LineBreaks::default();
        loop {
            if self.cursor.is_document_marker(b'-') || self.cursor.is_document_marker(b'.') {
                return self.error_since(start, "found unexpected document indicator");
            }
            if self.cursor.is_end() {
                return self.error_since(start, "found unexpected end of stream");
            }
            let mut on_new_line = false;
            loop {
                self.cursor.skip_until(if single { &SINGLE_QUOTED_ENDS } else { &DOUBLE_QUOTED_ENDS });
                text.add_to(self.cursor.mark.offset);
                if self.cursor.is_gap(0) {
                    break;
                } else if self.cursor.is(quote) {
                    if !single || self.cursor.byte(1) != quote {
                        break;
                    }
                    self.cursor.skip_bytes(2);
                    text.skip_to(self.cursor.mark.offset).push('\'');
                } else if !single && self.cursor.is(b'\\') {
                    if self.cursor.break_length(1) > 0 {
                        self.cursor.skip_bytes(1);
                        self.cursor.skip_break();
                        on_new_line = true;
                        break;
                    }
                    let character = self.escape(start)?;
                    text.skip_to(self.cursor.mark.offset).push(character);
                } else {
                    self.cursor.skip();
                }
            }
            if self.cursor.is(quote) {
                break;
            }
            while self.cursor.is_blank() || self.cursor.is_break() {
                self.skip_whitespace(&mut breaks, &mut on_new_line);
            }
            if on_new_line {
                breaks.fold_into(text.skip_to(self.cursor.mark.offset));
            }
        }
        self.cursor.skip_bytes(1);
        self.push(Kind::Scalar(Scalar { text: text.into_text(), is_implicit: false }), start.offset);
        Ok(())
    }

    fn escape(&mut self, start: Mark) -> Result<char, SyntaxError> {
        let digits = match self.cursor.byte(1) {
            b'x' => 2,
            b'u' => 4,
            b'U' => 8,
            other => {
                let character = match other {
                    b'0' => '\0',
                    b'a' => '\x07',
                    b'b' => '\x08',
                    b't' | b'\t' => '\t',
                    b'n' => '\n',
                    b'v' => '\x0b',
                    b'f' => '\x0c',
                    b'r' => '\r',
                    b'e' => '\x1b',
                    b' ' | b'"' | b'\'' | b'\\' => char::from(other),
                    b'N' => '\u{85}',
                    b'_' => '\u{a0}',
                    b'L' => '\u{2028}',
                    b'P' => '\u{2029}',
                    _ => return self.error("found unknown escape character"),
                };
                self.cursor.skip_bytes(2);
                return Ok(character);
            }
        };
        self.cursor.skip_bytes(2);
        let mut value = 0_u32;
        for ahead in 0..digits {
            let Some(digit) = char::from(self.cursor.byte(ahead)).to_digit(16) else {
                return self.error_since(start, "did not find expected hexdecimal number");
            };
            value = value.wrapping_mul(16).wrapping_add(digit);
        }
        let Some(character) = char::from_u32(value) else {
            return self.error("found invalid Unicode character escape code");
        };
        self.cursor.skip_bytes(digits);
        Ok(character)
    }

    pub(super) fn block_scalar(&mut self, literal: bool) -> Result<(), SyntaxError> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        let start = self.cursor.mark.offset;
        self.cursor.skip_bytes(1);
        let (chomp, increment) = self.block_header()?;
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !self.cursor.is_break_or_end() {
            return self.error("did not find expected comment or line break");
        }
        let mut end = self.cursor.mark.offset.min(self.cursor.end());
        self.cursor.skip_break();

        let parent = usize::try_from(self.indent).unwrap_or_default();
        let mut indent = increment.map(|increment| parent + increment);
        let mut text = String::new();
        let mut breaks = LineBreaks::default();
        let mut after_blank = false;
        let mut column = self.block_indentation(&mut indent, &mut breaks)?;
        while self.cursor.mark.column == column && !self.cursor.is_end() {
            let starts_blank = self.cursor.is_blank();
            if !literal && !after_blank && !starts_blank {
                breaks.fold_into(&mut text);
            } else {
                breaks.append_to(&mut text);
            }
            after_blank = starts_blank;
            let line = self.cursor.mark.offset;
            self.cursor.skip_line();
            text.push_str(self.cursor.since(line));
            end = self.cursor.mark.offset;
            breaks.first = self.cursor.skip_break();
            column = self.block_indentation(&mut indent, &mut breaks)?;
        }
        match chomp {
            Chomp::Strip => {}
            Chomp::Clip => text.extend(breaks.first),
            Chomp::Keep => breaks.append_to(&mut text),
        }
        let scalar = Scalar { text: text.into(), is_implicit: false };
        self.queue.push_back(Token { kind: Kind::Scalar(scalar), at: ByteSpan::new(start, end) });
        Ok(())
    }

    /// Scans the header after `|` or `>`: the chomping of final line breaks, and the indentation of the text relative to the enclosing
    /// block.
    fn block_header(&mut self) -> Result<(Chomp, Option<usize>), SyntaxError> {
        let mut chomp = None;
        let mut increment = None;
        loop {
            match self.cursor.byte(0) {
                b'+' if chomp.is_none() => chomp = Some(Chomp::Keep),
                b'-' if chomp.is_none() => chomp = Some(Chomp::Strip),
                b'0' if increment.is_none() => return self.error("found an indentation indicator equal to 0"),
                digit @ b'1'..=b'9' if increment.is_none() => increment = Some(usize::from(digit - b'0')),
                _ => return Ok((chomp.unwrap_or(Chomp::Clip), increment)),
            }
            self.cursor.skip_bytes(1);
        }
    }

    /// Skips indentation and empty lines, and returns the column of the text: that of the header, or the largest indentation of the
    /// lines up to the first with text.
    fn block_indentation(&mut self, indent: &mut Option<usize>, breaks: &mut LineBreaks) -> Result<usize, SyntaxError> {
        let mut largest = 0;
        loop {
            self.cursor.skip_spaces(indent.map_or(usize::MAX, |indent| indent.saturating_sub(self.cursor.mark.column)));
            largest = largest.max(self.cursor.mark.column);
            if self.cursor.is(b'\t') && indent.is_none_or(|indent| self.cursor.mark.column < indent) {
                return self.error("found a tab character where an indentation space is expected");
            }
            if !self.cursor.is_break() {
                break;
            }
            breaks.push(self.cursor.skip_break());
        }
        let least = usize::try_from(self.indent + 1).unwrap_or_default().max(1);
        Ok(*indent.get_or_insert(largest.max(least)))
    }
}

/// The chomping of the line breaks at the end of a block scalar.
#[derive(Clone, Copy)]
enum Chomp {
    Strip,
    Clip,
    Keep,
}
