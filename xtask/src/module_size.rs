//! The size of a module's sections and functions, and of the code of each crate. The crate of a function is derived from
//! its name, so the module must have a name section.

use std::collections::BTreeMap;

use wasmparser::{KnownCustom, Name, Parser, Payload, TypeRef};

use crate::Error;

/// A part of a module.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The name of the section, crate or function.
    pub name: String,
    /// Its size in bytes.
    pub bytes: usize,
}

/// The size of a module and its parts.
#[derive(Clone, Debug, Default)]
pub struct ModuleSize {
    /// The size of the module, in bytes.
    pub size: usize,
    /// The sections, in their order, and then the section headers together.
    pub sections: Vec<Part>,
    /// The functions, the largest first; empty if the module has no name section.
    pub functions: Vec<Part>,
    code: usize,
}

/// The "crate" of functions without a Rust name: those of wasi-libc and the linker.
const NOT_RUST: &str = "(not Rust: libc, linker)";

impl ModuleSize {
    /// Measures a module.
    ///
    /// # Errors
    /// [`Error::Parse`] if the bytes are not a module.
    pub fn of(module: &[u8]) -> Result<Self, Error> {
        Self::parse(module).map_err(|e| Error::Parse(e.to_string()))
    }

    /// The size of all functions, in bytes.
    #[must_use]
    pub fn code(&self) -> usize {
        self.code
    }

    /// The size of each crate's functions, the largest first.
    #[must_use]
    pub fn crates(&self) -> Vec<Part> {
        let mut crates: BTreeMap<String, usize> = BTreeMap::new();
        for function in &self.functions {
            *crates.entry(crate_of(&function.name)).or_default() += function.bytes;
        }
        largest_first(crates.into_iter().map(|(name, bytes)| Part { name, bytes }).collect())
    }

    fn parse(module: &[u8]) -> Result<Self, wasmparser::BinaryReaderError> {
        let mut size = Self { size: module.len(), ..Self::default() };
        let (mut imported, mut bodies, mut names) = (0_u32, Vec::new(), BTreeMap::new());
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            if let Some((_, range)) = payload.as_section() {
                size.sections.push(Part { name: section_name(&payload), bytes: range.len() });
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
        let in_sections: usize = size.sections.iter().map(|part| part.bytes).sum();
        size.sections.push(Part { name: "(section headers)".to_owned(), bytes: size.size.saturating_sub(in_sections) });
        size.code = bodies.iter().sum();
        if !names.is_empty() {
            let functions = (imported..).zip(bodies).map(|(index, bytes)| {
                let name = names.get(&index).map_or_else(String::new, |name| demangled(name));
                Part { name, bytes }
            });
            size.functions = largest_first(functions.collect());
        }
        Ok(size)
    }
}

fn largest_first(mut parts: Vec<Part>) -> Vec<Part> {
    parts.sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.name.cmp(&b.name)));
    parts
}

fn section_name(payload: &Payload<'_>) -> String {
    match payload {
        Payload::TypeSection(_) => "function types",
        Payload::ImportSection(_) => "imports",
        Payload::FunctionSection(_) => "functions",
        Payload::TableSection(_) => "tables",
        Payload::MemorySection(_) => "memory",
        Payload::GlobalSection(_) => "globals",
        Payload::ExportSection(_) => "exports",
        Payload::ElementSection(_) => "elements",
        Payload::DataCountSection { .. } => "data count",
        Payload::CodeSectionStart { .. } => "code",
        Payload::DataSection(_) => "data",
        Payload::CustomSection(custom) => return format!("custom: {}", custom.name()),
        _ => "other",
    }
    .to_owned()
}

/// The demangled name. Names that are not mangled by rustc stay the same.
fn demangled(name: &str) -> String {
    format!("{:#}", rustc_demangle::demangle(name))
}

/// The crate of a function: that of the function itself or of its `Self` type; if that is a type parameter or a primitive
/// type, that of the trait. A generic function counts for the crate that defines it, not for the one that instantiates
/// it.
fn crate_of(name: &str) -> String {
    let Some((path, rest)) = first_path(name) else { return NOT_RUST.to_owned() };
    if let Some((name, _)) = path.split_once("::") {
        return name.to_owned();
    }
    let trait_path = rest.split_once(" as ").and_then(|(_, name)| first_path(name)).and_then(|(path, _)| path.split_once("::"));
    match trait_path {
        Some((name, _)) => name.to_owned(),
        None if rest.contains("::") => "core".to_owned(),
        None => NOT_RUST.to_owned(),
    }
}

/// The first path of a name, and the rest of the name: `a::b` of `<&mut a::b<c> as d::e>::f`.
fn first_path(name: &str) -> Option<(&str, &str)> {
    let mut rest = name;
    loop {
        let shorter = rest.trim_start_matches(['<', '&', '*', '[', '(', ' ']);
        let shorter = ["mut ", "const ", "dyn "].iter().find_map(|prefix| shorter.strip_prefix(prefix)).unwrap_or(shorter);
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
    fn derives_the_crate_of_a_function_from_its_name() {
        for (name, crate_name) in [
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
            assert_eq!(crate_of(&demangled(name)), crate_name, "{name}");
        }
    }

    #[test]
    fn sections_add_up_to_the_size_of_the_module() {
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
        // A body consists of the number of its locals, its instructions and its end.
        assert_eq!(size.functions, [part("serde::large", 6), part("pss::middle", 4), part("pss::small", 3)]);
        assert_eq!(size.crates(), [part("pss", 7), part("serde", 6)]);
        assert_eq!(size.code(), 13);
        assert!(size.sections.iter().any(|part| part.name == "data" && part.bytes > 10));
    }

    #[test]
    fn a_module_without_names_has_no_functions() {
        let size = ModuleSize::of(&wat::parse_str("(module (func nop))").unwrap()).unwrap();
        assert_eq!((size.functions.len(), size.code()), (0, 3));
        assert!(ModuleSize::of(b"no module").is_err());
    }
}
