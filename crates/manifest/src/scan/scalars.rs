//! The scanning of scalars: plain, quoted, and block scalars with `|` and `>`.

use super::{Kind, Mark, Scanner, SyntaxError};
use crate::position::ByteSpan;

/// Whitespace in a scalar, which is part of its text only if more text follows.
#[derive(Default)]
struct Pending {
    blanks: String,
    first_break: String,
    more_breaks: String,
}

impl Pending {
    /// Folds line breaks: a single one becomes a space, and the first of several is removed.
    fn fold_into(&mut self, text: &mut String, on_new_line: bool) {
        if !on_new_line {
            text.push_str(&self.blanks);
        } else if !self.first_break.starts_with('\n') {
            text.push_str(&self.first_break);
            text.push_str(&self.more_breaks);
        } else if self.more_breaks.is_empty() {
            text.push(' ');
        } else {
            text.push_str(&self.more_breaks);
        }
        self.blanks.clear();
        self.first_break.clear();
        self.more_breaks.clear();
    }
}

impl Scanner<'_> {
    pub(super) fn plain(&mut self) -> Result<(), SyntaxError> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark;
        let mut end = start.offset;
        let mut text = String::new();
        let mut pending = Pending::default();
        let mut on_new_line = false;
        let indent = usize::try_from(self.indent + 1).unwrap_or_default();
        loop {
            if self.cursor.is_document_marker(b'-') || self.cursor.is_document_marker(b'.') || self.cursor.is(b'#') {
                break;
            }
            while !self.cursor.is_gap(0) && !self.ends_plain() {
                if on_new_line || !pending.blanks.is_empty() {
                    pending.fold_into(&mut text, on_new_line);
                    on_new_line = false;
                }
                self.cursor.take(&mut text);
                end = self.cursor.mark.offset;
            }
            if !self.cursor.is_blank() && !self.cursor.is_break() {
                break;
            }
            while self.cursor.is_blank() || self.cursor.is_break() {
                if on_new_line && self.cursor.is(b'\t') && self.cursor.mark.column < indent {
                    return self.error("found a tab character that violates indentation");
                }
                self.take_whitespace(&mut pending, &mut on_new_line);
            }
            if self.flow_level == 0 && self.cursor.mark.column < indent {
                break;
            }
        }
        self.queue.push_back(super::Token { kind: Kind::Scalar { text, plain: true }, at: ByteSpan::new(start.offset, end) });
        if on_new_line {
            self.simple_key_allowed = true;
        }
        Ok(())
    }

    /// Returns whether a plain scalar ends: at a colon before whitespace, and in flow collections at their indicators.
    fn ends_plain(&self) -> bool {
        match self.cursor.byte(0) {
            b':' => self.cursor.is_gap(1),
            b',' | b'?' | b'[' | b']' | b'{' | b'}' => self.flow_level > 0,
            _ => false,
        }
    }

    fn take_whitespace(&mut self, pending: &mut Pending, on_new_line: &mut bool) {
        match (self.cursor.is_blank(), *on_new_line) {
            (true, true) => self.cursor.skip(),
            (true, false) => self.cursor.take(&mut pending.blanks),
            (false, true) => self.cursor.take_break(&mut pending.more_breaks),
            (false, false) => {
                pending.blanks.clear();
                self.cursor.take_break(&mut pending.first_break);
                *on_new_line = true;
            }
        }
    }

    pub(super) fn quoted(&mut self, single: bool) -> Result<(), SyntaxError> {
        self.save_simple_key()?;
        self.simple_key_allowed = false;
        let start = self.cursor.mark;
        let quote = self.cursor.byte(0);
        self.cursor.skip();
        let mut text = String::new();
        let mut pending = Pending::default();
        loop {
            if self.cursor.is_document_marker(b'-') || self.cursor.is_document_marker(b'.') {
                return self.error_since(start, "found unexpected document indicator");
            }
            if self.cursor.is_end() {
                return self.error_since(start, "found unexpected end of stream");
            }
            let mut on_new_line = false;
            while !self.cursor.is_gap(0) {
                if single && self.cursor.is(quote) && self.cursor.byte(1) == quote {
                    text.push('\'');
                    self.cursor.skip_many(2);
                } else if self.cursor.is(quote) {
                    break;
                } else if !single && self.cursor.is(b'\\') {
                    if self.cursor.break_length(1) > 0 {
                        self.cursor.skip();
                        self.cursor.skip_break();
                        on_new_line = true;
                        break;
                    }
                    text.push(self.escape(start)?);
                } else {
                    self.cursor.take(&mut text);
                }
            }
            if self.cursor.is(quote) {
                break;
            }
            while self.cursor.is_blank() || self.cursor.is_break() {
                self.take_whitespace(&mut pending, &mut on_new_line);
            }
            pending.fold_into(&mut text, on_new_line);
        }
        self.cursor.skip();
        self.push(Kind::Scalar { text, plain: false }, start.offset);
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
                self.cursor.skip_many(2);
                return Ok(character);
            }
        };
        self.cursor.skip_many(2);
        let mut value = 0_u32;
        for ahead in 0..digits {
            let Some(digit) = char::from(self.cursor.byte(ahead)).to_digit(16) else {
                return self.error_since(start, "did not find expected hexadecimal number");
            };
            value = value.wrapping_mul(16).wrapping_add(digit);
        }
        let Some(character) = char::from_u32(value) else {
            return self.error("found invalid Unicode character escape code");
        };
        self.cursor.skip_many(digits);
        Ok(character)
    }

    pub(super) fn block_scalar(&mut self, literal: bool) -> Result<(), SyntaxError> {
        self.remove_simple_key()?;
        self.simple_key_allowed = true;
        let start = self.cursor.mark;
        self.cursor.skip();
        let (chomp, increment) = self.block_header()?;
        self.cursor.skip_blanks();
        self.cursor.skip_comment();
        if !self.cursor.is_break_or_end() {
            return self.error("did not find expected comment or line break");
        }
        let mut end = self.cursor.mark.offset.min(self.cursor.end);
        self.cursor.skip_break();

        let parent = usize::try_from(self.indent).unwrap_or_default();
        let mut indent = increment.map(|increment| parent + increment);
        let mut text = String::new();
        let mut first_break = String::new();
        let mut more_breaks = String::new();
        let mut after_blank = false;
        let mut column = self.block_indentation(&mut indent, &mut more_breaks)?;
        while self.cursor.mark.column == column && !self.cursor.is_end() {
            let starts_blank = self.cursor.is_blank();
            if !literal && !after_blank && !starts_blank && first_break.starts_with('\n') {
                if more_breaks.is_empty() {
                    text.push(' ');
                }
            } else {
                text.push_str(&first_break);
            }
            text.push_str(&more_breaks);
            first_break.clear();
            more_breaks.clear();
            after_blank = starts_blank;
            while !self.cursor.is_break_or_end() {
                self.cursor.take(&mut text);
            }
            end = self.cursor.mark.offset;
            self.cursor.take_break(&mut first_break);
            column = self.block_indentation(&mut indent, &mut more_breaks)?;
        }
        if chomp != Chomp::Strip {
            text.push_str(&first_break);
        }
        if chomp == Chomp::Keep {
            text.push_str(&more_breaks);
        }
        self.queue.push_back(super::Token { kind: Kind::Scalar { text, plain: false }, at: ByteSpan::new(start.offset, end) });
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
            self.cursor.skip();
        }
    }

    /// Skips indentation and empty lines, and returns the column of the text: that of the header, or the largest indentation of the
    /// lines up to the first with text.
    fn block_indentation(&mut self, indent: &mut Option<usize>, breaks: &mut String) -> Result<usize, SyntaxError> {
        let mut largest = 0;
        loop {
            while self.cursor.is(b' ') && indent.is_none_or(|indent| self.cursor.mark.column < indent) {
                self.cursor.skip();
            }
            largest = largest.max(self.cursor.mark.column);
            if self.cursor.is(b'\t') && indent.is_none_or(|indent| self.cursor.mark.column < indent) {
                return self.error("found a tab character where an indentation space is expected");
            }
            if !self.cursor.is_break() {
                break;
            }
            self.cursor.take_break(breaks);
        }
        let least = usize::try_from(self.indent + 1).unwrap_or_default().max(1);
        Ok(*indent.get_or_insert(largest.max(least)))
    }
}

/// The chomping of the line breaks at the end of a block scalar.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomp {
    Strip,
    Clip,
    Keep,
}
