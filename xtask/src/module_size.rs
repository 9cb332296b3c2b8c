//! What fills a module: its sections, and the code of each crate. Which crate a function is of is read off its
//! name, so that the module has to be built with names.

use std::collections::BTreeMap;

use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::Error;

/// A part of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is: a section, a crate, a function.
    pub name: String,
    /// How many bytes it takes.
    pub bytes: usize,
}

/// What fills a module.
#[derive(Clone, Debug, Default)]
pub struct ModuleSize {
    /// The whole module, in bytes.
    pub size: usize,
    /// Its sections, in their order; last the bytes that say where each one begins.
    pub sections: Vec<Part>,
    /// Its functions by their names, the largest first; none where the module has no names.
    pub functions: Vec<Part>,
    code: usize,
}

/// Where a function comes from that has no name, or none of Rust's: wasi-libc, and what the linker makes.
const NOT_RUST: &str = "(not of Rust: libc, linker)";

impl ModuleSize {
    /// Takes a module apart.
    ///
    /// # Errors
    /// [`Error::Load`] where the bytes are no module.
    pub fn of(module: &[u8]) -> Result<Self, Error> {
        Self::read(module).map_err(|e| Error::Load(e.to_string()))
    }

    /// The bytes of all functions.
    #[must_use]
    pub fn code(&self) -> usize {
        self.code
    }

    /// The code of each crate, the largest first.
    #[must_use]
    pub fn crates(&self) -> Vec<Part> {
        let mut crates: BTreeMap<String, usize> = BTreeMap::new();
        for function in &self.functions {
            *crates.entry(crate_of(&function.name)).or_default() += function.bytes;
        }
        largest_first(crates.into_iter().map(|(name, bytes)| Part { name, bytes }).collect())
    }

    fn read(module: &[u8]) -> Result<Self, wasmparser::BinaryReaderError> {
        let mut size = Self { size: module.len(), ..Self::default() };
        let (mut imported, mut bodies, mut names) = (0_u32, Vec::new(), BTreeMap::new());
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            if let Some((_, range)) = payload.as_section() {
                size.sections.push(Part { name: section(&payload), bytes: range.len() });
            }
            match payload {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        imported += u32::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::CodeSectionEntry(body) => bodies.push(body.range().len()),
                Payload::CustomSection(custom) => {
                    if let KnownCustom::Name(subsections) = custom.as_known() {
                        for subsection in subsections {
                            if let Name::Function(functions) = subsection? {
                                for name in functions {
                                    let name = name?;
                                    names.insert(name.index, name.name);
                                }
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        let told: usize = size.sections.iter().map(|part| part.bytes).sum();
        size.sections.push(Part { name: "(headers of sections)".to_owned(), bytes: size.size.saturating_sub(told) });
        size.code = bodies.iter().sum();
        if !names.is_empty() {
            let named = (imported..).zip(bodies).map(|(index, bytes)| {
                let name = names.get(&index).map_or_else(String::new, |name| readable(name));
                Part { name, bytes }
            });
            size.functions = largest_first(named.collect());
        }
        Ok(size)
    }
}

fn largest_first(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    parts
}

fn section(payload: &Payload<'_>) -> String {
    match payload {
        Payload::TypeSection(_) => "types of functions",
        Payload::ImportSection(_) => "imports",
        Payload::FunctionSection(_) => "functions, their types",
        Payload::TableSection(_) => "tables",
        Payload::MemorySection(_) => "memory",
        Payload::GlobalSection(_) => "globals",
        Payload::ExportSection(_) => "exports",
        Payload::ElementSection(_) => "elements of tables",
        Payload::DataCountSection { .. } => "data, their number",
        Payload::CodeSectionStart { .. } => "code",
        Payload::DataSection(_) => "data",
        Payload::CustomSection(custom) => return format!("custom: {}", custom.name()),
        _ => "other",
    }
    .to_owned()
}

/// The name as it was written; names that are not of Rust stay as they are.
fn readable(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

/// The crate of a function: that of the function itself, or of the type that it belongs to, or, where that is
/// every type or one of the language's own, of the trait. A generic function counts for the crate that it is
/// written in, whoever uses it.
fn crate_of(name: &str) -> String {
    let Some((path, rest)) = first_path(name) else { return NOT_RUST.to_owned() };
    if let Some((name, _)) = path.split_once("::") {
        return name.to_owned();
    }
    let of_trait = rest.split_once(" as ").and_then(|(_, of_trait)| first_path(of_trait)).and_then(|(path, _)| path.split_once("::"));
    match of_trait {
        Some((name, _)) => name.to_owned(),
        None if rest.contains("::") => "core".to_owned(),
        None => NOT_RUST.to_owned(),
    }
}

/// The first path of a name, and what follows it: `a::b` of `<&mut a::b<c> as d::e>::f`.
fn first_path(name: &str) -> Option<(&str, &str)> {
    let mut rest = name;
    loop {
        let shorter = rest.trim_start_matches(['<', '&', '*', '[', '(', ' ']);
        let shorter = ["mut ", "const ", "dyn "].iter().find_map(|word| shorter.strip_prefix(word)).unwrap_or(shorter);
        if shorter == rest {
            break;
        }
        rest = shorter;
    }
    let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':')).unwrap_or(rest.len());
    rest.split_at_checked(end).filter(|(path, _)| !path.is_empty())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn the_crate_of_a_function_is_read_off_its_name() {
        for (name, from) in [
            ("serde_json::read::parse", "serde_json"),
            ("<pss::json::Text as serde_core::Deserialize>::deserialize", "pss"),
            ("<&mut pss::json::Text as core::fmt::Debug>::fmt", "pss"),
            ("<&[pss::Finding] as core::fmt::Debug>::fmt", "pss"),
            ("<T as core::convert::Into<U>>::into", "core"),
            ("<str as alloc::string::ToString>::to_string", "alloc"),
            ("<dyn core::any::Any>::is", "core"),
            ("<[u8]>::to_vec", "core"),
            ("core::ptr::drop_in_place<pss::Finding>", "core"),
            ("core::ptr::drop_in_place::<pss::Finding>", "core"),
            ("_ZN3pss4json4read17h0123456789abcdefE", "pss"),
            ("_RNvNtCs1234_3pss4json4read", "pss"),
            ("memcpy", NOT_RUST),
            ("__wasm_call_ctors", NOT_RUST),
            ("", NOT_RUST),
        ] {
            assert_eq!(crate_of(&readable(name)), from, "{name}");
        }
    }

    #[test]
    fn every_byte_of_a_module_is_told() {
        let module = wat::parse_str(
            r#"(module
              (import "a" "f" (func $imported))
              (memory 1)
              (data (i32.const 0) "0123456789")
              (func $_ZN3pss5small17h0123456789abcdefE nop)
              (func $_ZN5serde5large17h0123456789abcdefE nop nop nop nop)
              (func $_ZN3pss6middle17h0123456789abcdefE call $imported))"#,
        )
        .unwrap();
        let size = ModuleSize::of(&module).unwrap();
        assert_eq!(size.size, module.len());
        assert_eq!(size.sections.iter().map(|part| part.bytes).sum::<usize>(), module.len());
        let part = |name: &str, bytes| Part { name: name.to_owned(), bytes };
        // A body is the number of its locals, its instructions and its end.
        assert_eq!(size.functions, [part("serde::large", 6), part("pss::middle", 4), part("pss::small", 3)]);
        assert_eq!(size.crates(), [part("pss", 7), part("serde", 6)]);
        assert_eq!(size.code(), 13);
        assert!(size.sections.iter().any(|part| part.name == "data" && part.bytes > 10));
    }

    #[test]
    fn a_module_without_names_tells_no_crates() {
        let size = ModuleSize::of(&wat::parse_str("(module (func nop))").unwrap()).unwrap();
        assert_eq!((size.functions.len(), size.code()), (0, 3));
        assert!(ModuleSize::of(b"no module").is_err());
    }
}
