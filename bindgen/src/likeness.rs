//! Makes a module smaller to load without changing what it does: of functions that are equal one is kept,
//! and functions that are alike are put beside each other. A compressor finds what it saw a moment ago more
//! cheaply than what lies far behind, and forgets what lies farther than 32 KB: together 2 % less to load.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{CodeSection, FunctionSection, Module};
use wasmparser::{CodeSectionReader, FunctionBody, FunctionSectionReader, Parser, Payload, TypeRef};

/// How many bytes of code are compared with each other, and how many functions may share them: what all
/// have in common tells nothing. Of 3 to 8 bytes, and of 60 to 1,000 functions, these came out best.
const SHARED_BYTES: usize = 5;
const SHARED_BY: usize = 60;

/// The module with each function once, and those that are alike beside each other.
///
/// # Errors
///
/// If it is none, or holds what this encoder does not know.
pub(crate) fn order(module: &[u8]) -> Result<Vec<u8>, Error> {
    let mut module = module.to_vec();
    loop {
        let functions = Functions::of(&module)?;
        let twins = functions.twins();
        // Those that call twins may be twins themselves, once they call the same one.
        if twins.iter().enumerate().all(|(index, twin)| index == *twin) {
            return functions.written(&by_likeness(&functions.bodies), &twins);
        }
        let kept: Vec<usize> = (0..twins.len()).filter(|index| twins.get(*index) == Some(index)).collect();
        module = functions.written(&kept, &twins)?;
    }
}

/// The functions of a module, those that are not imported.
struct Functions<'m> {
    module: &'m [u8],
    imported: usize,
    types: Vec<u32>,
    bodies: Vec<&'m [u8]>,
}

impl<'m> Functions<'m> {
    fn of(module: &'m [u8]) -> Result<Self, Error> {
        let mut functions = Functions { module, imported: 0, types: Vec::new(), bodies: Vec::new() };
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        functions.imported += usize::from(matches!(import?.ty, TypeRef::Func(_)));
                    }
                }
                Payload::FunctionSection(types) => functions.types = types.into_iter().collect::<Result<_, _>>()?,
                Payload::CodeSectionEntry(body) => functions.bodies.push(body.as_bytes()),
                _ => {}
            }
        }
        Ok(functions)
    }

    /// For each function the first that is equal.
    fn twins(&self) -> Vec<usize> {
        let mut first = HashMap::new();
        self.types.iter().zip(&self.bodies).enumerate().map(|(index, function)| *first.entry(function).or_insert(index)).collect()
    }

    /// The module with some of its functions, in an order; calls of the others go to their twins.
    fn written(&self, kept: &[usize], twins: &[usize]) -> Result<Vec<u8>, Error> {
        let places: HashMap<usize, usize> = kept.iter().enumerate().map(|(new, old)| (*old, new)).collect();
        let mut writing =
            Writing { imported: self.imported, kept, places: twins.iter().filter_map(|twin| places.get(twin).copied()).collect() };
        let mut module = Module::new();
        writing.parse_core_module(&mut module, Parser::new(0), self.module)?;
        Ok(module.finish())
    }
}

/// From the longest function on, always the one that has most in common with the one before it.
fn by_likeness(bodies: &[&[u8]]) -> Vec<usize> {
    let mut sharing: HashMap<&[u8], Vec<usize>> = HashMap::new();
    for (index, body) in bodies.iter().enumerate() {
        for bytes in body.windows(SHARED_BYTES) {
            let functions = sharing.entry(bytes).or_default();
            if functions.last() != Some(&index) {
                functions.push(index);
            }
        }
    }
    sharing.retain(|_, functions| (2..=SHARED_BY).contains(&functions.len()));
    // What is left, the longest first: where nothing has anything in common with the last one it goes on there.
    let mut left: BTreeMap<usize, &[u8]> = bodies.iter().copied().enumerate().collect();
    let mut longest: Vec<usize> = (0..bodies.len()).collect();
    longest.sort_by_key(|index| Reverse(bodies.get(*index).map_or(0, |body| body.len())));
    let mut order = Vec::with_capacity(bodies.len());
    let mut next = longest.first().copied();
    while let Some((index, body)) = next.and_then(|index| Some((index, left.remove(&index)?))) {
        order.push(index);
        let bytes: BTreeSet<&[u8]> = body.windows(SHARED_BYTES).collect();
        let mut in_common: BTreeMap<usize, usize> = BTreeMap::new();
        for other in bytes.into_iter().filter_map(|bytes| sharing.get(bytes)).flatten().filter(|other| left.contains_key(other)) {
            *in_common.entry(*other).or_default() += 1;
        }
        let most = in_common.into_iter().max_by_key(|(other, count)| (*count, Reverse(*other)));
        next = most.map(|(other, _)| other).or_else(|| longest.iter().copied().find(|other| left.contains_key(other)));
    }
    order
}

/// Writes a module with other functions in its two lists of them.
struct Writing<'k> {
    imported: usize,
    kept: &'k [usize],
    /// For each old place the new one.
    places: Vec<usize>,
}

impl Reencode for Writing<'_> {
    type Error = std::convert::Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error> {
        let place = usize::try_from(function).ok().and_then(|index| index.checked_sub(self.imported));
        let new = place.and_then(|place| self.places.get(place)).and_then(|new| u32::try_from(new + self.imported).ok());
        Ok(new.unwrap_or(function))
    }

    fn parse_function_section(&mut self, functions: &mut FunctionSection, section: FunctionSectionReader<'_>) -> Result<(), Error> {
        let types: Vec<u32> = section.into_iter().collect::<Result<_, _>>()?;
        for of_function in self.kept.iter().filter_map(|old| types.get(*old)) {
            functions.function(self.type_index(*of_function)?);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<(), Error> {
        let bodies: Vec<FunctionBody<'_>> = section.into_iter().collect::<Result<_, _>>()?;
        for body in self.kept.iter().filter_map(|old| bodies.get(*old)) {
            self.parse_function_body(code, body.clone())?;
        }
        Ok(())
    }
}
