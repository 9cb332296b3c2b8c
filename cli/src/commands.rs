//! The commands besides `check` and `lsp`.

pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod explain;
pub(crate) mod fix;
pub(crate) mod man;
pub(crate) mod migrate;
pub(crate) mod policy;
