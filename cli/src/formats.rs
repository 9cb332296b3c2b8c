//! The output formats and their names. The formats here are those of CI servers, which only this program writes; the others are in
//! [`pss_formats`].

mod codequality;
mod github;
mod junit;

use std::path::PathBuf;
use std::str::FromStr;

use pss_formats::json::Json;
use pss_formats::markdown::Markdown;
use pss_formats::sarif::Sarif;
use pss_formats::text::Text;
use pss_formats::{Format, Style};

/// An output: a format, and the file for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Output {
    pub(crate) format: FormatName,
    /// The file; `None` for standard output.
    pub(crate) file: Option<PathBuf>,
}

/// The names of the formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FormatName {
    Text,
    Json,
    Sarif,
    SarifAll,
    Github,
    Junit,
    Markdown,
    Codequality,
}

impl FormatName {
    const ALL: [(&'static str, FormatName); 8] = [
        ("text", FormatName::Text),
        ("json", FormatName::Json),
        ("sarif", FormatName::Sarif),
        ("sarif-all", FormatName::SarifAll),
        ("github", FormatName::Github),
        ("junit", FormatName::Junit),
        ("markdown", FormatName::Markdown),
        ("codequality", FormatName::Codequality),
    ];
}

impl Output {
    /// The description of the argument.
    pub(crate) const HELP: &'static str = "\
Output format, to standard output or to a file: FORMAT or FORMAT=FILE. Can be repeated, once without a file

  text         findings with the lines of the manifest
  json         everything, for programs
  sarif        SARIF 2.1.0, for GitHub code scanning and other dashboards
  sarif-all    the same with excepted findings and those in the baseline, as suppressed results
  github       annotations of a pull request, as commands of GitHub Actions
  junit        a test case for each pod and workload, for CI servers
  markdown     a comment on a pull request, or the summary of a job
  codequality  the Code Quality report of GitLab

docs/output-formats.md describes what they contain";
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let format = FormatName::ALL.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
        let names: Vec<&str> = FormatName::ALL.iter().map(|(name, _)| *name).collect();
        let format = format.ok_or_else(|| format!("a format is one of {}", names.join(", ")))?;
        match file {
            Some("-") => Ok(Output { format, file: None }),
            Some("") => Err("the name of the file is empty".to_owned()),
            file => Ok(Output { format, file: file.map(PathBuf::from) }),
        }
    }
}

/// Returns a format.
pub(crate) fn format(name: FormatName, style: Style) -> Box<dyn Format> {
    match name {
        FormatName::Text => Box::new(Text::new(style)),
        FormatName::Json => Box::new(Json),
        FormatName::Sarif => Box::new(Sarif::new(false)),
        FormatName::SarifAll => Box::new(Sarif::new(true)),
        FormatName::Github => Box::new(github::Github),
        FormatName::Junit => Box::new(junit::Junit),
        FormatName::Markdown => Box::new(Markdown),
        FormatName::Codequality => Box::new(codequality::Codequality),
    }
}
