//! `xtask bindgen`: generates the JavaScript and TypeScript bindings of a module of the playground. It uses the library of
//! wasm-bindgen's command, so that Cargo.lock pins its version too.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

#[derive(Args, Debug)]
pub(super) struct Bindgen {
    /// The name of the generated files, without extensions.
    #[arg(long, default_value = "core")]
    name: String,
    /// The module, as rustc builds it.
    module: PathBuf,
    /// The directory for the module, its bindings and its TypeScript declarations.
    directory: PathBuf,
}

impl Bindgen {
    pub(super) fn run(self) -> Result<ExitCode, String> {
        let mut bindgen = wasm_bindgen_cli_support::Bindgen::new();
        let bindgen = bindgen.input_path(&self.module).out_name(&self.name).typescript(true);
        let bindgen = bindgen.remove_name_section(true).remove_producers_section(true);
        let generated = bindgen.web(true).and_then(|bindgen| bindgen.generate(&self.directory));
        generated.map(|()| ExitCode::SUCCESS).map_err(|error| format!("{}: {error:#}", self.module.display()))
    }
}
