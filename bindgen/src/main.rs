//! Makes the playground's module loadable by a page: `pss-bindgen MODULE DIRECTORY` writes the
//! module without what only the linker needed, the JavaScript that loads it, and its TypeScript
//! types. It is wasm-bindgen's own library; its program cannot be installed without its lock file.

use std::path::PathBuf;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

/// The stem of the names of the files that are written.
const NAME: &str = "core";

fn main() -> ExitCode {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [module, directory] = arguments.as_slice() else {
        eprintln!("usage: pss-bindgen MODULE DIRECTORY");
        return ExitCode::from(2);
    };
    let mut bindgen = Bindgen::new();
    let made = bindgen.input_path(module).out_name(NAME).typescript(true).remove_name_section(true).remove_producers_section(true);
    match made.web(true).and_then(|bindgen| bindgen.generate(directory)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pss-bindgen: {}: {error:#}", module.display());
            ExitCode::FAILURE
        }
    }
}
