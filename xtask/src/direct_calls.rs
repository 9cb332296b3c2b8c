//! A module whose calls through its table are direct ones.
//!
//! What Rust calls by way of a vtable, WebAssembly calls by way of a table, and the runtime fills in an entry of that
//! when it is used for the first time: in each instance, and so for each request. A small pod that is accepted uses a
//! hundred of them, which took as long as all the rest of judging it.
//!
//! Nobody but the module changes its table, and one from Rust does not. So for each type of function that is called
//! there can be one function that takes the number of the entry and calls what stands there. A number of which there
//! is none, or one of another type, ends in a trap as it did before.

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error as Unwritten, Reencode, utils};
use wasm_encoder::{CodeSection, Function, FunctionSection, Instruction, Module, TypeSection};
use wasmparser::{
    CodeSectionReader, ElementItems, ElementKind, ExternalKind, FuncType, FunctionSectionReader, Operator, Parser, Payload, TableInit,
    TypeRef, TypeSectionReader, ValType,
};

use crate::Error;

/// The module without calls through its table.
///
/// # Errors
///
/// [`Error::DirectCalls`] if this is no module, or one that changes its table or lets somebody else do it.
pub fn direct_calls(module: &[u8]) -> Result<Vec<u8>, Error> {
    let mut known = Known::of(module).map_err(|error| Error::DirectCalls(error.to_string()))?;
    let mut written = Module::new();
    match known.parse_core_module(&mut written, Parser::new(0), module) {
        Ok(()) => Ok(written.finish()),
        Err(error) => Err(Error::DirectCalls(error.to_string())),
    }
}

/// What has to be known of a module.
#[derive(Default)]
struct Known {
    types: Vec<FuncType>,
    /// The type of each function, the imported ones first.
    functions: Vec<u32>,
    /// The function of each entry of the table.
    table: BTreeMap<u32, u32>,
    /// The types of functions that are called through the table, each once.
    called: Vec<FuncType>,
}

impl Known {
    fn of(module: &[u8]) -> Result<Self, Box<dyn std::error::Error>> {
        let mut known = Known::default();
        let mut tables = 0;
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => known.types = types.into_iter_err_on_gc_types().collect::<Result<_, _>>()?,
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        match import?.ty {
                            TypeRef::Func(of_function) => known.functions.push(of_function),
                            TypeRef::Table(_) => return Err("its table is another module's, who may change it".into()),
                            _ => {}
                        }
                    }
                }
                Payload::FunctionSection(functions) => {
                    for of_function in functions {
                        known.functions.push(of_function?);
                    }
                }
                Payload::TableSection(section) => {
                    for table in section {
                        tables += 1;
                        if !matches!(table?.init, TableInit::RefNull) {
                            return Err("its table is filled in a way that is not known here".into());
                        }
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        if export?.kind == ExternalKind::Table {
                            return Err("its table is exported, so that others may change it".into());
                        }
                    }
                }
                Payload::ElementSection(elements) => {
                    for element in elements {
                        let element = element?;
                        known.fill(element.kind, element.items)?;
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let mut operators = body.get_operators_reader()?;
                    while !operators.eof() {
                        known.look_at(&operators.read()?)?;
                    }
                }
                _ => {}
            }
        }
        if tables > 1 {
            return Err("it has more than one table".into());
        }
        Ok(known)
    }

    /// Takes down what the table holds from the start.
    fn fill(&mut self, kind: ElementKind<'_>, items: ElementItems<'_>) -> Result<(), Box<dyn std::error::Error>> {
        let (ElementKind::Active { table_index: None | Some(0), offset_expr }, ElementItems::Functions(functions)) = (kind, items) else {
            return Err("its table is filled in a way that is not known here".into());
        };
        let mut offset = offset_expr.get_operators_reader();
        let (Operator::I32Const { value }, Operator::End) = (offset.read()?, offset.read()?) else {
            return Err("where its table is filled is not known before it runs".into());
        };
        for (place, function) in (0..).zip(functions) {
            let entry = value.cast_unsigned().checked_add(place).ok_or("its table has more entries than can be numbered")?;
            self.table.insert(entry, function?);
        }
        Ok(())
    }

    fn look_at(&mut self, operator: &Operator<'_>) -> Result<(), Box<dyn std::error::Error>> {
        match operator {
            Operator::CallIndirect { type_index, .. } => {
                let called = self.type_at(*type_index).ok_or("it calls a function of a type that there is not")?.clone();
                if !self.called.contains(&called) {
                    self.called.push(called);
                }
            }
            Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
            | Operator::ReturnCallIndirect { .. } => return Err(format!("it uses its table otherwise than for calls: {operator:?}").into()),
            _ => {}
        }
        Ok(())
    }

    fn type_at(&self, index: u32) -> Option<&FuncType> {
        self.types.get(usize::try_from(index).ok()?)
    }

    /// Where the type of the function that takes `called`'s place stands among the types, or will.
    fn chosen_type(&self, called: usize) -> Option<u32> {
        u32::try_from(self.types.len() + called).ok()
    }

    /// The function that calls what stands in the table: it takes what `called` takes, then the number of the entry.
    fn chosen(&self, called: &FuncType) -> Function {
        let mut entries: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (entry, function) in &self.table {
            let of_function = usize::try_from(*function).ok().and_then(|index| self.functions.get(index));
            if of_function.and_then(|index| self.type_at(*index)) == Some(called) {
                entries.entry(*function).or_default().push(*entry);
            }
        }
        // What stands in the table most often is nearest: numbers below 128 take a byte.
        let mut functions: Vec<(u32, Vec<u32>)> = entries.into_iter().collect();
        functions.sort_by_key(|(function, entries)| (std::cmp::Reverse(entries.len()), *function));
        let all: BTreeMap<u32, u32> =
            (1..).zip(&functions).flat_map(|(depth, (_, entries))| entries.iter().map(move |entry| (*entry, depth))).collect();
        let first = all.keys().next().copied().unwrap_or_default();
        let last = all.keys().next_back().copied();
        let depths: Vec<u32> = last.map_or(Vec::new(), |last| (first..=last).map(|entry| all.get(&entry).copied().unwrap_or(0)).collect());

        let parameters = u32::try_from(called.params().len()).unwrap_or_default();
        let mut code = Function::new([]);
        for _ in 0..=functions.len() {
            code.instruction(&Instruction::Block(wasm_encoder::BlockType::Empty));
        }
        code.instruction(&Instruction::LocalGet(parameters));
        code.instruction(&Instruction::I32Const(first.cast_signed()));
        code.instruction(&Instruction::I32Sub);
        code.instruction(&Instruction::BrTable(depths.into(), 0));
        code.instruction(&Instruction::End);
        code.instruction(&Instruction::Unreachable);
        for (function, _) in &functions {
            code.instruction(&Instruction::End);
            for parameter in 0..parameters {
                code.instruction(&Instruction::LocalGet(parameter));
            }
            code.instruction(&Instruction::Call(*function));
            code.instruction(&Instruction::Return);
        }
        code.instruction(&Instruction::End);
        code
    }
}

impl Reencode for Known {
    type Error = Infallible;

    fn parse_type_section(&mut self, types: &mut TypeSection, section: TypeSectionReader<'_>) -> Result<(), Unwritten> {
        utils::parse_type_section(self, types, section)?;
        for called in self.called.clone() {
            let parameters: Vec<_> =
                called.params().iter().copied().chain([ValType::I32]).map(|each| self.val_type(each)).collect::<Result<_, _>>()?;
            let results: Vec<_> = called.results().iter().map(|each| self.val_type(*each)).collect::<Result<_, _>>()?;
            types.ty().function(parameters, results);
        }
        Ok(())
    }

    fn parse_function_section(&mut self, functions: &mut FunctionSection, section: FunctionSectionReader<'_>) -> Result<(), Unwritten> {
        utils::parse_function_section(self, functions, section)?;
        for chosen in (0..self.called.len()).filter_map(|called| self.chosen_type(called)) {
            functions.function(chosen);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<(), Unwritten> {
        utils::parse_code_section(self, code, section)?;
        for called in &self.called {
            code.function(&self.chosen(called));
        }
        Ok(())
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>, Unwritten> {
        if let Operator::CallIndirect { type_index, .. } = operator
            && let Some(called) = self.type_at(type_index)
            && let Some(place) = self.called.iter().position(|each| each == called)
            && let Ok(chosen) = u32::try_from(self.functions.len() + place)
        {
            return Ok(Instruction::Call(chosen));
        }
        utils::instruction(self, operator)
    }
}
