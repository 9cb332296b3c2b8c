//! The Markdown, parsed as GitHub does.

use pulldown_cmark::{Event, Options, Parser, Tag};

use crate::program::{check, folder};

const DOCUMENTATION: &str = "https://github.com/pod-security-standards/pod-security-standards/blob/main/docs/";
/// The limit of GitHub for the summary of a job.
const MAX_BYTES: usize = 1 << 20;

/// Asserts that a report contains no markup besides that of the format.
pub(crate) fn assert_is_safe(report: &str) {
    assert!(report.len() <= MAX_BYTES, "{} bytes", report.len());
    assert!(report.starts_with("## Pod Security Standards: "));
    let [mut opened, mut closed, mut level_2] = [0; 3];
    for event in Parser::new_ext(report, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_MATH) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                let html = html.trim();
                match html {
                    "" | "<!-- -->" | "</details>" => closed += usize::from(html == "</details>"),
                    _ => {
                        assert!(html.starts_with("<details><summary><code>") && html.contains("</code>: "), "{html}");
                        assert_eq!(html.matches('<').count(), 5, "{html}");
                        opened += 1;
                    }
                }
            }
            Event::Start(Tag::Link { dest_url, .. }) => assert!(dest_url.starts_with(DOCUMENTATION), "{dest_url}"),
            Event::Start(Tag::Heading { level, .. }) => level_2 += usize::from(level as usize == 2),
            Event::Start(Tag::Image { .. } | Tag::CodeBlock(_) | Tag::BlockQuote(_) | Tag::Strikethrough | Tag::HtmlBlock) => {
                assert!(
                    !matches!(event, Event::Start(Tag::Image { .. } | Tag::CodeBlock(_) | Tag::BlockQuote(_) | Tag::Strikethrough)),
                    "{event:?}"
                );
            }
            Event::InlineMath(_) | Event::DisplayMath(_) => panic!("math in {report}"),
            Event::Text(text) => assert!(!text.contains("@all"), "a mention: {text}"),
            _ => {}
        }
    }
    assert_eq!((opened, level_2), (closed, 1), "{report}");
}

/// Returns a file with pods that have many findings.
fn pods(count: usize) -> Vec<u8> {
    let pod = |index| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: pod-{index}}}\nspec:\n  hostPID: true\n  hostIPC: true\n  containers:\n  - name: a\n---\n"
        )
    };
    (0..count).map(pod).collect::<String>().into()
}

#[test]
fn a_long_report_is_collapsed_and_ends_below_the_limit_of_github() {
    let folder = folder(&[("few.yaml", pods(3)), ("many.yaml", pods(500))]);
    let short = check(folder.path(), &["--no-config", "few.yaml"], "");
    assert!(!short.of("markdown").contains("<details>") && short.of("markdown").contains("### `few.yaml`"));

    let long = check(folder.path(), &["--no-config", "few.yaml", "many.yaml"], "");
    let report = long.of("markdown");
    assert_is_safe(report);
    assert!(report.contains("<details><summary><code>few.yaml</code>: 18 findings</summary>"));
    let shown = report.lines().filter(|line| line.starts_with("- ")).count();
    let left_out = report.lines().last().unwrap().split(' ').next().unwrap().parse::<usize>().unwrap();
    assert_eq!(shown + left_out, long.new_problems().len());
    assert!(left_out > 0 && report.len() > MAX_BYTES - 10_000, "{left_out}, {}", report.len());
}
