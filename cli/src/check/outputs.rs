//! The outputs of a run: each a format, and the file or standard output for it.

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use pss_formats::judgement::Judged;
use pss_formats::summary::Counts;
use pss_formats::{Assembler, Format, Style};

use crate::arguments::Global;
use crate::error::{Error, Result};
use crate::file::Replacement;
use crate::formats::{self, Output};
use crate::terminal;

/// The outputs of a run.
pub(super) struct Outputs {
    assemblers: Vec<Box<dyn Assembler>>,
    writers: Vec<Writer>,
    /// Whether the summary goes to standard error, because standard output has a format for programs, or nothing.
    has_summary: bool,
}

/// Where an output goes.
enum Writer {
    Standard(BufWriter<io::Stdout>),
    File(BufWriter<Replacement>, PathBuf),
}

impl Outputs {
    /// Opens outputs. Returns their formats beside them.
    pub(super) fn open(outputs: &[Output], global: &Global) -> Result<(Vec<Box<dyn Format>>, Self)> {
        let mut formats = Vec::new();
        let mut opened = Outputs { assemblers: Vec::new(), writers: Vec::new(), has_summary: false };
        let mut standard = None;
        // Reports in files are for programs; people still want to read the findings.
        let has_standard = outputs.iter().any(|output| output.file.is_none());
        let text = Output { format: formats::FormatName::Text, file: None };
        for output in outputs.iter().chain((!has_standard).then_some(&text)) {
            let is_standard = output.file.is_none();
            if is_standard && standard.replace(output.format).is_some() {
                return Err(Error::usage("two formats for standard output; give all but one a file: --format FORMAT=FILE"));
            }
            let style = Style { colors: is_standard && terminal::uses_colors(global), quiet: global.quiet };
            let format = formats::format(output.format, style);
            opened.assemblers.push(format.assembler());
            formats.push(format);
            opened.writers.push(match &output.file {
                None => Writer::Standard(BufWriter::new(io::stdout())),
                Some(path) => Writer::File(BufWriter::new(Replacement::open(path)?), path.clone()),
            });
        }
        opened.has_summary = !global.quiet && standard != Some(formats::FormatName::Text);
        Ok((formats, opened))
    }

    pub(super) fn begin(&mut self) -> Result<()> {
        for (assembler, writer) in self.assemblers.iter_mut().zip(&mut self.writers) {
            writer.with(|out| assembler.begin(out))?;
        }
        Ok(())
    }

    pub(super) fn add(&mut self, file: &str, judged: &Judged) -> Result<()> {
        for ((assembler, writer), fragment) in self.assemblers.iter_mut().zip(&mut self.writers).zip(&judged.fragments) {
            writer.with(|out| assembler.add(file, &judged.counts, fragment, out))?;
        }
        Ok(())
    }

    pub(super) fn end(mut self, counts: &Counts) -> Result<()> {
        for (assembler, writer) in self.assemblers.iter_mut().zip(&mut self.writers) {
            writer.with(|out| assembler.end(counts, out))?;
            writer.with(|out| out.flush())?;
        }
        for writer in self.writers {
            if let Writer::File(file, path) = writer {
                file.into_inner().map_err(|error| Error::write(&path, error.error()))?.complete()?;
            }
        }
        if self.has_summary {
            let _ = writeln!(io::stderr(), "{}", counts.line());
        }
        Ok(())
    }
}

impl Writer {
    fn with(&mut self, write: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        match self {
            Writer::Standard(out) => write(out).map_err(Error::from),
            Writer::File(out, path) => write(out).map_err(|error| Error::write(path, &error)),
        }
    }
}
