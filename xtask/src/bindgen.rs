//! `xtask bindgen`: what a page needs to load the playground's module. It is wasm-bindgen's own library: its program cannot be
//! installed without a lock file of its own.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

/// The stem of the names of the files that are written.
const NAME: &str = "core";

#[derive(Args, Debug)]
pub(super) struct Bindgen {
    /// The module, as the compiler makes it.
    module: PathBuf,
    /// Where to write the module without what only the linker needs, its JavaScript and its TypeScript types.
    directory: PathBuf,
}

impl Bindgen {
    pub(super) fn run(self) -> Result<ExitCode, String> {
        let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
        let bindgen = bindgen.input_path(&self.module).out_name(NAME).typescript(true);
        let bindgen = bindgen.remove_name_section(true).remove_producers_section(true);
        let generated = bindgen.web(true).and_then(|bindgen| bindgen.generate(&self.directory));
        generated.map(|()| ExitCode::SUCCESS).map_err(|error| format!("{}: {error:#}", self.module.display()))
    }
}
