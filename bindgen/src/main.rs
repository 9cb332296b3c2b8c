//! Makes the playground's module loadable by a page: `pss-bindgen MODULE DIRECTORY` writes the
//! module without what only the linker needed, the JavaScript that loads it, and its TypeScript
//! types. It is wasm-bindgen's own library; its program cannot be installed without its lock file.
//! Then the functions are put into an order in which they compress better.

mod likeness;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
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
    match make(module, directory) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pss-bindgen: {}: {error:#}", module.display());
            ExitCode::FAILURE
        }
    }
}

fn make(module: &Path, directory: &Path) -> Result<(), Box<dyn Error>> {
    let mut bindgen = Bindgen::new();
    let made = bindgen.input_path(module).out_name(NAME).typescript(true).remove_name_section(true).remove_producers_section(true);
    made.web(true)?.generate(directory)?;
    let made = directory.join(format!("{NAME}_bg.wasm"));
    fs::write(&made, likeness::order(&fs::read(&made)?)?)?;
    Ok(())
}
