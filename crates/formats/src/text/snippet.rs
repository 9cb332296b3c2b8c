//! A problem with its line, as rustc prints an error. A general renderer of such errors, with several marks and lines, takes half
//! of the time of a run that has many findings.

use std::borrow::Cow;
use std::fmt::Write as _;

use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

use super::excerpt::Excerpt;
use crate::problem::Severity;

/// The number of columns of a tab.
const TAB: &str = "    ";

/// A problem to be rendered. Its texts contain no line breaks or control characters.
#[derive(Debug)]
pub(super) struct Snippet<'a> {
    pub(super) severity: Severity,
    /// The id of the rule.
    pub(super) rule: &'a str,
    pub(super) message: &'a str,
    /// The file.
    pub(super) path: &'a str,
    /// The line and the column in characters, counted from 1.
    pub(super) start: Option<(usize, usize)>,
    /// The line; `None` if there is no text.
    pub(super) excerpt: Option<Excerpt<'a>>,
    /// The text beside the mark.
    pub(super) label: Option<Cow<'a, str>>,
    /// The notes below the line, with their kinds.
    pub(super) notes: [(&'a str, Option<Cow<'a, str>>); 2],
}

/// The escape sequences of the colours; empty without colours.
#[derive(Debug, Clone, Copy)]
struct Palette {
    level: &'static str,
    gutter: &'static str,
    bold: &'static str,
    reset: &'static str,
}

impl Palette {
    fn of(severity: Severity, has_colors: bool) -> Self {
        if !has_colors {
            return Palette { level: "", gutter: "", bold: "", reset: "" };
        }
        let level = match severity {
            Severity::Error => "\u{1b}[1;91m",
            Severity::Warning => "\u{1b}[1;33m",
            Severity::Note => "\u{1b}[1;92m",
        };
        Palette { level, gutter: "\u{1b}[1;94m", bold: "\u{1b}[1m", reset: "\u{1b}[0m" }
    }
}

impl Snippet<'_> {
    /// Appends the lines of the problem.
    pub(super) fn render(&self, has_colors: bool, out: &mut String) {
        let Palette { level, gutter, bold, reset } = Palette::of(self.severity, has_colors);
        let name = match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let number = self.start.map_or_else(String::new, |(line, _)| line.to_string());
        let indent = " ".repeat(number.len());
        // Writing to a string does not fail.
        let _ = writeln!(out, "{level}{name}[{}]{reset}{bold}: {}{reset}", self.rule, self.message);
        let _ = write!(out, "{indent}{gutter}--> {reset}{}", self.path);
        if let Some((line, column)) = self.start {
            let _ = write!(out, ":{line}:{column}");
        }
        out.push('\n');
        let bar = format!("{indent} {gutter}|{reset}");
        if let Some(Excerpt { line, marked }) = &self.excerpt {
            let shown = expanded(line);
            let _ = write!(out, "{bar}\n{gutter}{number} |{reset} {shown}\n{bar} ");
            let before = line.get(..marked.start).unwrap_or_default();
            let text = line.get(marked.clone()).unwrap_or_default();
            let _ = write!(out, "{}{level}{}", " ".repeat(width(before)), "^".repeat(width(text).max(1)));
            if let Some(label) = &self.label {
                let _ = write!(out, " {label}");
            }
            let _ = writeln!(out, "{reset}");
        }
        let mut notes = self.notes.iter().filter_map(|(kind, text)| Some((kind, text.as_ref()?))).peekable();
        if notes.peek().is_some() {
            let _ = writeln!(out, "{bar}");
        }
        for (kind, text) in notes {
            let _ = writeln!(out, "{indent} {gutter}= {reset}{bold}{kind}{reset}: {text}");
        }
    }
}

/// Returns a line with spaces in place of tabs, whose width depends on the terminal.
fn expanded(line: &str) -> Cow<'_, str> {
    if line.contains('\t') { Cow::Owned(line.replace('\t', TAB)) } else { Cow::Borrowed(line) }
}

/// Returns the number of columns of a text on a terminal.
fn width(text: &str) -> usize {
    if text.is_ascii() && !text.contains('\t') {
        return text.len();
    }
    // A text may be narrower than its characters, as an emoji of several is.
    if text.contains('\t') { text.chars().map(|character| character.width().unwrap_or(TAB.len())).sum() } else { text.width() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(line: &str, marked: &str) -> String {
        let start = line.find(marked).unwrap();
        let snippet = Snippet {
            severity: Severity::Error,
            rule: "rule",
            message: "the message",
            path: "a.yaml",
            start: Some((12, 3)),
            excerpt: Some(Excerpt { line: line.into(), marked: start..start + marked.len() }),
            label: Some("label".into()),
            notes: [("help", Some("do this".into())), ("note", None)],
        };
        let mut out = String::new();
        snippet.render(false, &mut out);
        out
    }

    #[test]
    fn marks_the_columns_of_a_terminal() {
        for (line, marked, columns) in
            [("a: b", "b", (3, 1)), ("\ta: b", "b", (7, 1)), ("日本: 木", "木", (6, 2)), ("a\u{301}: b", "b", (3, 1)), ("a: ", "", (0, 1))]
        {
            let text = rendered(line, marked);
            let mark = text.lines().nth(4).unwrap();
            let (before, rest) = mark.split_at(mark.find('^').unwrap());
            let carets = rest.chars().take_while(|character| *character == '^').count();
            assert_eq!((before.len() - "   | ".len(), carets), columns, "{text}");
        }
    }

    #[test]
    fn has_the_form_of_errors_of_compilers() {
        let expected = "error[rule]: the message\n  --> a.yaml:12:3\n   |\n12 | a: b\n   |    ^ label\n   |\n   = help: do this\n";
        assert_eq!(rendered("a: b", "b"), expected);
    }

    #[test]
    fn a_problem_without_text_has_its_file_only() {
        let snippet = Snippet {
            severity: Severity::Warning,
            rule: "rule",
            message: "the message",
            path: "pss.toml",
            start: None,
            excerpt: None,
            label: None,
            notes: [("help", None), ("note", None)],
        };
        let mut out = String::new();
        snippet.render(true, &mut out);
        assert_eq!(out, "\u{1b}[1;33mwarning[rule]\u{1b}[0m\u{1b}[1m: the message\u{1b}[0m\n\u{1b}[1;94m--> \u{1b}[0mpss.toml\n");
    }
}
