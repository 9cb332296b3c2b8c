//! Replaces a module's indirect calls with direct ones.
//!
//! rustc compiles a call through a vtable to an indirect call through the module's table. wasmtime initializes a table
//! entry lazily, when it is used for the first time: in each instance, and so for each request. A small accepted pod
//! uses a hundred entries, and their initialization took as long as the rest of its evaluation.
//!
//! Only the module itself can change its table, and modules that rustc builds do not. So for each function type that is
//! called indirectly, this adds a dispatcher: a function that takes the table index and calls the function at that
//! index directly. An index that is out of bounds or has another type traps, as before.

use std::collections::BTreeMap;
use std::convert::Infallible;

use wasm_encoder::reencode::{Error as ReencodeError, Reencode, utils};
use wasm_encoder::{CodeSection, Function, FunctionSection, Instruction, Module, TypeSection};
use wasmparser::{
    CodeSectionReader, ElementItems, ElementKind, ExternalKind, FuncType, FunctionSectionReader, Operator, Parser, Payload, TableInit,
    TypeRef, TypeSectionReader, ValType,
};

use crate::Error;

/// Returns the module without indirect calls.
///
/// # Errors
///
/// [`Error::DirectCalls`] if the bytes are not a module, or if the module changes its table, or exports or imports it.
pub fn direct_calls(module: &[u8]) -> Result<Vec<u8>, Error> {
    let mut rewriter = Rewriter::for_module(module).map_err(|error| Error::DirectCalls(error.to_string()))?;
    let mut output = Module::new();
    match rewriter.parse_core_module(&mut output, Parser::new(0), module) {
        Ok(()) => Ok(output.finish()),
        Err(error) => Err(Error::DirectCalls(error.to_string())),
    }
}

/// Copies a module and replaces its indirect calls, with the parts of the module that this depends on.
#[derive(Default)]
struct Rewriter {
    types: Vec<FuncType>,
    /// The type index of each function, the imported ones first.
    functions: Vec<u32>,
    /// The function index at each table index.
    table: BTreeMap<u32, u32>,
    /// The function types that are called indirectly, without duplicates.
    indirect_types: Vec<FuncType>,
}

impl Rewriter {
    fn for_module(module: &[u8]) -> Result<Self, Box<dyn std::error::Error>> {
        let mut rewriter = Rewriter::default();
        let mut tables = 0;
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => rewriter.types = types.into_iter_err_on_gc_types().collect::<Result<_, _>>()?,
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        match import?.ty {
                            TypeRef::Func(type_index) => rewriter.functions.push(type_index),
                            TypeRef::Table(_) => return Err("its table is imported, so another module may change it".into()),
                            _ => {}
                        }
                    }
                }
                Payload::FunctionSection(functions) => {
                    for type_index in functions {
                        rewriter.functions.push(type_index?);
                    }
                }
                Payload::TableSection(section) => {
                    for table in section {
                        tables += 1;
                        if !matches!(table?.init, TableInit::RefNull) {
                            return Err("its table is initialized in an unsupported way".into());
                        }
                    }
                }
                Payload::ExportSection(exports) => {
                    for export in exports {
                        if export?.kind == ExternalKind::Table {
                            return Err("its table is exported, so the host may change it".into());
                        }
                    }
                }
                Payload::ElementSection(elements) => {
                    for element in elements {
                        let element = element?;
                        rewriter.add_elements(element.kind, element.items)?;
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let mut operators = body.get_operators_reader()?;
                    while !operators.eof() {
                        rewriter.check_operator(&operators.read()?)?;
                    }
                }
                _ => {}
            }
        }
        if tables > 1 {
            return Err("it has more than one table".into());
        }
        Ok(rewriter)
    }

    /// Adds the initial elements of the table.
    fn add_elements(&mut self, kind: ElementKind<'_>, items: ElementItems<'_>) -> Result<(), Box<dyn std::error::Error>> {
        let (ElementKind::Active { table_index: None | Some(0), offset_expr }, ElementItems::Functions(functions)) = (kind, items) else {
            return Err("its table is initialized in an unsupported way".into());
        };
        let mut offset = offset_expr.get_operators_reader();
        let (Operator::I32Const { value }, Operator::End) = (offset.read()?, offset.read()?) else {
            return Err("the offset of its table elements is not a constant".into());
        };
        for (position, function) in (0..).zip(functions) {
            let entry = value.cast_unsigned().checked_add(position).ok_or("a table index is out of range")?;
            self.table.insert(entry, function?);
        }
        Ok(())
    }

    /// Collects the types of indirect calls, and rejects other operators that use the table.
    fn check_operator(&mut self, operator: &Operator<'_>) -> Result<(), Box<dyn std::error::Error>> {
        match operator {
            Operator::CallIndirect { type_index, .. } => {
                let function_type = self.type_at(*type_index).ok_or("an indirect call has an unknown type")?.clone();
                if !self.indirect_types.contains(&function_type) {
                    self.indirect_types.push(function_type);
                }
            }
            Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableFill { .. }
            | Operator::TableCopy { .. }
            | Operator::TableInit { .. }
            | Operator::ReturnCallIndirect { .. } => {
                return Err(format!("an instruction other than a call uses its table: {operator:?}").into());
            }
            _ => {}
        }
        Ok(())
    }

    fn type_at(&self, index: u32) -> Option<&FuncType> {
        self.types.get(usize::try_from(index).ok()?)
    }

    /// The type index of the dispatcher for the indirect type at `index`. These types follow those of the module.
    fn dispatcher_type(&self, index: usize) -> Option<u32> {
        u32::try_from(self.types.len() + index).ok()
    }

    /// The dispatcher for a function type: it takes the parameters of that type, then the table index.
    fn dispatcher(&self, function_type: &FuncType) -> Function {
        let mut indices: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for (table_index, function) in &self.table {
            let type_index = usize::try_from(*function).ok().and_then(|index| self.functions.get(index));
            if type_index.and_then(|index| self.type_at(*index)) == Some(function_type) {
                indices.entry(*function).or_default().push(*table_index);
            }
        }
        // The most frequent functions get the smallest block depths: those below 128 are encoded in one byte.
        let mut functions: Vec<(u32, Vec<u32>)> = indices.into_iter().collect();
        functions.sort_by_key(|(function, indices)| (std::cmp::Reverse(indices.len()), *function));
        let depth_of: BTreeMap<u32, u32> =
            (1..).zip(&functions).flat_map(|(depth, (_, indices))| indices.iter().map(move |index| (*index, depth))).collect();
        let first = depth_of.keys().next().copied().unwrap_or_default();
        let last = depth_of.keys().next_back().copied();
        let depths: Vec<u32> =
            last.map_or(Vec::new(), |last| (first..=last).map(|index| depth_of.get(&index).copied().unwrap_or(0)).collect());

        let parameters = u32::try_from(function_type.params().len()).unwrap_or_default();
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

impl Reencode for Rewriter {
    type Error = Infallible;

    fn parse_type_section(&mut self, types: &mut TypeSection, section: TypeSectionReader<'_>) -> Result<(), ReencodeError> {
        utils::parse_type_section(self, types, section)?;
        for function_type in self.indirect_types.clone() {
            let parameters: Vec<_> =
                function_type.params().iter().copied().chain([ValType::I32]).map(|each| self.val_type(each)).collect::<Result<_, _>>()?;
            let results: Vec<_> = function_type.results().iter().map(|each| self.val_type(*each)).collect::<Result<_, _>>()?;
            types.ty().function(parameters, results);
        }
        Ok(())
    }

    fn parse_function_section(&mut self, functions: &mut FunctionSection, section: FunctionSectionReader<'_>) -> Result<(), ReencodeError> {
        utils::parse_function_section(self, functions, section)?;
        for type_index in (0..self.indirect_types.len()).filter_map(|index| self.dispatcher_type(index)) {
            functions.function(type_index);
        }
        Ok(())
    }

    fn parse_code_section(&mut self, code: &mut CodeSection, section: CodeSectionReader<'_>) -> Result<(), ReencodeError> {
        utils::parse_code_section(self, code, section)?;
        for function_type in &self.indirect_types {
            code.function(&self.dispatcher(function_type));
        }
        Ok(())
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>, ReencodeError> {
        if let Operator::CallIndirect { type_index, .. } = operator
            && let Some(function_type) = self.type_at(type_index)
            && let Some(position) = self.indirect_types.iter().position(|each| each == function_type)
            && let Ok(dispatcher) = u32::try_from(self.functions.len() + position)
        {
            return Ok(Instruction::Call(dispatcher));
        }
        utils::instruction(self, operator)
    }
}
