//! Escapes for texts of others in Markdown: names and values cannot end a code span, become a link, or mention a user.

use crate::characters::visible;

/// Returns a text as the same characters on one line.
pub(super) fn text(text: &str) -> String {
    let text = visible(text);
    let mut escaped = String::with_capacity(text.len() + text.len() / 8);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            // GitHub notifies users whose names it finds after rendering. A comment separates the sign from the name.
            '@' => escaped.push_str("@<!-- -->"),
            // As in `https://`, which would be a link without any other markup.
            ':' if characters.peek() == Some(&'/') => escaped.push_str("\\:"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '~' | '&' | '$' | '#' | '!' => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    // The other beginning of a link without markup.
    escaped.replace("www.", "www\\.")
}

/// Returns a code span. Its delimiter is longer than any sequence of backticks in the text.
pub(super) fn code(text: &str) -> String {
    let text = visible(text);
    let longest = text.split(|character| character != '`').map(str::len).max().unwrap_or_default();
    let delimiter = "`".repeat(longest + 1);
    // One space on both sides is not part of the code.
    let space = if text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) { " " } else { "" };
    format!("{delimiter}{space}{text}{space}{delimiter}")
}

/// Returns a text for HTML within Markdown.
pub(super) fn html(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in visible(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // Markdown has an effect in a line that begins with a tag only after it, but a sign that is escaped has none anywhere.
            '`' | '*' | '_' | '[' | ']' | '~' | '$' | '\\' | '@' | '|' | '!' | '#' | '\'' => {
                escaped.push_str(&format!("&#{};", u32::from(character)));
            }
            _ => escaped.push(character),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_texts() {
        assert_eq!(text("a|b `c` <d> *e* _f_ [g](h)"), "a\\|b \\`c\\` \\<d\\> \\*e\\* \\_f\\_ \\[g\\](h)");
        assert_eq!(text("@all https://a www.b\n# x"), "@<!-- -->all https\\://a www\\.b␊\\# x");
        assert_eq!(text("hostPath: /var"), "hostPath: /var");
    }

    #[test]
    fn a_code_span_contains_backticks() {
        for (plain, span) in [("a", "`a`"), ("a`b", "``a`b``"), ("`a``", "``` `a`` ```"), ("a\nb", "`a␊b`"), (" ", "`   `")] {
            assert_eq!(code(plain), span);
        }
    }

    #[test]
    fn escapes_html() {
        assert_eq!(html("</summary>&\"`a`"), "&lt;/summary&gt;&amp;&quot;&#96;a&#96;");
    }
}
