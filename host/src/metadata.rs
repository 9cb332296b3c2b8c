//! The metadata that `kwctl annotate` adds to a module: the custom section `io.kubewarden.metadata`.

use serde::Deserialize;

use crate::error::Error;

const SECTION: &[u8] = b"io.kubewarden.metadata";

/// The part of the metadata that the host uses.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Metadata {
    /// The kinds of objects that the policy requests access to.
    #[serde(default)]
    pub context_aware_resources: Vec<ContextAwareResource>,
}

/// A kind of objects that a policy requests access to.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct ContextAwareResource {
    /// `v1`, or group/version.
    pub api_version: String,
    /// The kind, in the singular.
    pub kind: String,
}

/// Parses the metadata of a module; `None` if the module has no metadata section.
///
/// # Errors
/// [`Error::Metadata`] if the section is not JSON of the form that `kwctl annotate` writes.
pub fn read(module: &[u8]) -> Result<Option<Metadata>, Error> {
    custom_section(module).map(|json| serde_json::from_slice(json).map_err(|e| Error::Metadata(e.to_string()))).transpose()
}

/// The content of the section; `None` also for a module that ends within a section. wasmtime, which
/// parses the module next, reports where it is damaged.
fn custom_section(module: &[u8]) -> Option<&[u8]> {
    const HEADER: usize = 8; // the magic bytes and the version
    let mut rest = module.get(HEADER..)?;
    while let Some((&id, after_id)) = rest.split_first() {
        let (size, after_size) = leb128(after_id)?;
        let (section, next) = after_size.split_at_checked(size)?;
        if id == 0 {
            let (name_length, after_length) = leb128(section)?;
            let (name, content) = after_length.split_at_checked(name_length)?;
            if name == SECTION {
                return Some(content);
            }
        }
        rest = next;
    }
    None
}

/// An unsigned number in LEB128, and the bytes after it.
fn leb128(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let mut value = 0_usize;
    for (i, byte) in bytes.iter().enumerate().take(5) {
        value |= usize::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((value, bytes.get(i + 1..)?));
        }
    }
    None
}
