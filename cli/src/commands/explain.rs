//! `pss explain`: prints the documentation of a check, or of those that a message names.

use std::fmt::Write as _;
use std::io::Read as _;

use pss_core::standards::names_of_checks;
use pss_core::suggest;
use pss_review::catalogue::{self, CheckInfo};
use pss_review::checks_in_message;

use crate::arguments;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::terminal;

/// The width of a line.
const WIDTH: usize = 100;

/// Runs the command.
pub(crate) fn run(arguments: &arguments::Explain) -> Result<Exit> {
    let about = match arguments.about.as_slice() {
        [dash] if dash == "-" => {
            let mut message = String::new();
            let input = std::io::stdin().read_to_string(&mut message);
            input.map_err(|error| Error::unjudged(format!("standard input cannot be read: {error}")))?;
            message
        }
        words => words.join(" "),
    };
    let about = about.trim();
    let checks = catalogue::checks();
    if about.is_empty() {
        return terminal::print(list(&checks).as_bytes());
    }
    let ids = match checks.iter().find(|check| check.id.eq_ignore_ascii_case(about)) {
        Some(check) => vec![check.id.to_owned()],
        None => checks_in_message(about),
    };
    if ids.is_empty() {
        let known: Vec<&str> = checks.iter().map(|check| check.id).collect();
        let hint = suggest::question(&suggest::meant(about, &names_of_checks(&known)));
        return Err(Error::usage(format!("no check has this name, and no message of Pod Security Admission names it: {about:?}{hint}")));
    }
    let explained = checks.iter().filter(|check| ids.iter().any(|id| id == check.id));
    let texts: Vec<String> = explained.map(explanation).collect();
    terminal::print(texts.join("\n").as_bytes())
}

/// Returns the list of checks, a line each.
fn list(checks: &[CheckInfo]) -> String {
    let width = checks.iter().map(|check| check.id.len()).max().unwrap_or_default();
    let mut text = String::new();
    for check in checks {
        let _ = writeln!(text, "{:width$}  {:10}  {}", check.id, check.level.name(), check.title);
    }
    text + "\npss explain CHECK explains one of them.\n"
}

/// Returns the documentation of a check.
fn explanation(check: &CheckInfo) -> String {
    let mut text = format!("{} ({}): {}\n\n", check.id, check.level, check.title);
    paragraph(&mut text, "", check.why);
    let _ = writeln!(text, "\nReason in messages:  {}", check.reason);
    if !check.other_names.is_empty() {
        let _ = writeln!(text, "Also called:         {}", check.other_names.join(", "));
    }
    if !check.overrides.is_empty() {
        let _ = writeln!(text, "In place of:         {}", check.overrides.join(", "));
    }
    for restriction in &check.restrictions {
        text += "\nFields:\n";
        for field in &restriction.fields {
            let _ = writeln!(text, "  {field}");
        }
        let allowed = restriction.allowed.iter().map(|allowed| match allowed.since {
            pss_core::standards::Version::Minor(0) => allowed.value.to_owned(),
            since => format!("{} (from {since})", allowed.value),
        });
        paragraph(&mut text, "Allowed: ", &allowed.collect::<Vec<_>>().join(", "));
    }
    text += "\nHistory:\n";
    for change in &check.history {
        paragraph(&mut text, &format!("  {}: ", change.version), &change.change);
    }
    text += "\n";
    paragraph(&mut text, "Fix: ", check.advice);
    text
}

/// Adds a paragraph with lines of at most [`WIDTH`] characters, indented as its first words are.
fn paragraph(text: &mut String, start: &str, content: &str) {
    let indent = " ".repeat(start.len() - start.trim_start().len() + if start.is_empty() { 0 } else { 2 });
    let options = textwrap::Options::new(WIDTH).initial_indent(start).subsequent_indent(&indent).break_words(false);
    let _ = writeln!(text, "{}", textwrap::fill(content, options));
}
