//! Completions: the fields that checks read, and their allowed values, in objects that are judged.

use gen_lsp_types::{CompletionItem, CompletionItemKind, CompletionItemTextEdit, Documentation, MarkupContent, MarkupKind, TextEdit};
use pss_core::standards::{Level, LevelVersion};
use pss_editor::{Candidate, CandidateKind, CheckedField};
use pss_formats::problem::Rule;
use pss_review::Options;

use super::lines::Lines;

/// Returns the completions at an offset in bytes. The level and version are the strictest of the settings.
pub(super) fn completions(text: &str, lines: &Lines<'_>, offset: usize, options: &Options<'_>, is_markdown: bool) -> Vec<CompletionItem> {
    let Some(completions) = pss_editor::completions(text, offset, strictest(options), None) else { return Vec::new() };
    let range = lines.range(completions.start, completions.end);
    let item = |candidate: Candidate| CompletionItem {
        kind: Some(match candidate.kind {
            CandidateKind::Field => CompletionItemKind::Property,
            CandidateKind::Value => CompletionItemKind::Value,
        }),
        detail: Some(candidate.checks().join(", ")),
        documentation: Some(documentation(&candidate.fields, is_markdown)),
        filter_text: Some(candidate.label.clone()),
        text_edit: Some(CompletionItemTextEdit::TextEdit(TextEdit { range, new_text: candidate.text })),
        label: candidate.label,
        ..CompletionItem::default()
    };
    completions.candidates.into_iter().map(item).collect()
}

/// Returns the strictest level and version of the modes.
fn strictest(options: &Options<'_>) -> LevelVersion {
    let defaults = options.settings.defaults;
    let modes = [defaults.enforce, defaults.audit, defaults.warn];
    let level = modes.iter().map(|mode| mode.level).max().unwrap_or(Level::Restricted);
    modes.into_iter().find(|mode| mode.level == level).unwrap_or(defaults.enforce)
}

fn documentation(fields: &[&CheckedField], is_markdown: bool) -> Documentation {
    let mut paragraphs: Vec<String> = Vec::new();
    for field in fields {
        let link = Rule::Check(field.check).help_uri();
        let text = if is_markdown {
            format!("**{}**: {} [Documentation]({link})", field.check.id, field.documentation.why)
        } else {
            format!("{}: {} {link}", field.check.id, field.documentation.why)
        };
        if !paragraphs.contains(&text) {
            paragraphs.push(text);
        }
    }
    let kind = if is_markdown { MarkupKind::Markdown } else { MarkupKind::PlainText };
    Documentation::MarkupContent(MarkupContent { kind, value: paragraphs.join("\n\n") })
}
