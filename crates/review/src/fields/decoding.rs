//! Decodes an object for its errors only, as sigs.k8s.io/json does with strict fields. The order of the errors is that of the API
//! server for objects of kubectl, which sends the keys of each mapping in byte order.

use std::fmt::Write;

use pss_core::json::Unexpected;
use pss_core::quote::quoted;
use pss_manifest::{Kind, Node, Number, Span};

use super::fixes::{self, UnknownField};
use super::placement::{self, Level};
use super::scalars;
use super::table::{FieldType, Fields, Scalar, Shape, Type};
use crate::schema::{SchemaError, SchemaErrorKind};

/// The maximum number of errors of each kind; that of Kubernetes for unknown fields.
const MAX_ERRORS: usize = 100;
/// The maximum number of nested types. Only schemas in CustomResourceDefinitions can reach it; deeper ones are not decoded.
const MAX_DEPTH: usize = 128;
/// The maximum number of values of an enumeration that are listed.
const MAX_LISTED: usize = 12;

/// Returns the errors of an object of a type. Wrong types are before unknown fields, because an API server reports the latter only if
/// there are none of the former, and the first wrong type is the one that it reports.
pub(super) fn errors<'f, 't>(fields: &'f Fields<'t>, object: Node<'_>, root: &'f Type<'t>) -> Vec<SchemaError> {
    let mut decoder = Decoder::new(fields, Some(object));
    decoder.structure(object, root);
    let Decoder { mut aborting, wrong, unknown, .. } = decoder;
    aborting.extend(wrong);
    aborting.extend(unknown);
    aborting
}

/// Returns whether a value has no error for a type.
pub(super) fn is_valid<'t>(fields: &Fields<'t>, value: Node<'_>, field_type: FieldType<'t>) -> bool {
    let mut decoder = Decoder::new(fields, None);
    decoder.value(value, field_type);
    !decoder.has_errors
}

/// A step of a path.
#[derive(Clone, Copy)]
enum Step<'d> {
    Field(&'d str),
    Key(&'d str),
    Index(usize),
}

/// The error of a value.
enum Failure {
    /// The value in JSON and the type in Go: `number 1.5`, `int32`.
    Type(String, String),
    /// The message of the decoder of a format.
    Format(String),
}

struct Decoder<'f, 'd, 't> {
    fields: &'f Fields<'t>,
    /// The object; `None` if it only matters whether there are errors.
    object: Option<Node<'d>>,
    has_errors: bool,
    /// The path of the current value.
    steps: Vec<Step<'d>>,
    /// The types with fields that contain the current value.
    levels: Vec<Level<'f, 't>>,
    /// The number of steps and of levels of a type whose own decoder ignores unknown fields, and does not name those with errors.
    own_decoder: Option<(usize, usize)>,
    /// The errors of formats and of own decoders, at which Kubernetes stops.
    aborting: Vec<SchemaError>,
    wrong: Vec<SchemaError>,
    unknown: Vec<SchemaError>,
}

impl<'f, 'd, 't> Decoder<'f, 'd, 't> {
    fn new(fields: &'f Fields<'t>, object: Option<Node<'d>>) -> Self {
        Decoder {
            fields,
            object,
            has_errors: false,
            steps: Vec::new(),
            levels: Vec::new(),
            own_decoder: None,
            aborting: Vec::new(),
            wrong: Vec::new(),
            unknown: Vec::new(),
        }
    }

    fn value(&mut self, node: Node<'d>, field_type: FieldType<'t>) {
        let (kind, expected) = match (self.fields.shape(field_type), node.kind()) {
            (None, _) | (_, Kind::Null) => return,
            (Some(Shape::List(element)), Kind::Sequence) => return self.elements(node, |decoder, node| decoder.value(node, element)),
            (Some(Shape::Map(element)), Kind::Mapping) => {
                for (key, value) in sorted(node) {
                    self.within(Step::Key(key), |decoder| decoder.value(value, element));
                }
                return;
            }
            (Some(Shape::Struct(own)), Kind::Mapping) => return self.structure(node, own),
            (Some(Shape::Scalar(scalar)), kind) => return self.scalar(node, kind, scalar, field_type),
            (Some(Shape::List(_)), kind) => (kind, "an array"),
            (Some(Shape::Map(_) | Shape::Struct(_)), kind) => (kind, "an object"),
        };
        self.add(node, Failure::Type(json_type(kind), field_type.go_name()), expected, false, Some(field_type));
    }

    fn within(&mut self, step: Step<'d>, decode: impl FnOnce(&mut Self)) {
        self.steps.push(step);
        decode(self);
        self.steps.pop();
    }

    fn elements(&mut self, node: Node<'d>, decode: impl Fn(&mut Self, Node<'d>)) {
        for (index, element) in node.elements().enumerate() {
            self.within(Step::Index(index), |decoder| decode(decoder, element));
        }
    }

    fn scalar(&mut self, node: Node<'d>, kind: Kind<'d>, scalar: Scalar, field_type: FieldType<'t>) {
        let of_type = |name: &str| Failure::Type(json_type(kind), name.to_owned());
        let number_of_type = |number, name: &str| Failure::Type(format!("number {}", json_number(number)), name.to_owned());
        let (failure, expected, aborts) = match (scalar, kind) {
            (Scalar::Any, _)
            | (Scalar::String | Scalar::IntOrString, Kind::Text(_))
            | (Scalar::Bool | Scalar::SchemaOrBool, Kind::Bool(_))
            | (Scalar::Float64 | Scalar::Quantity, Kind::Number(_)) => return,
            (Scalar::Int32 | Scalar::Int64, Kind::Number(number)) => match number {
                Number::Whole(value) if scalar == Scalar::Int64 || i32::try_from(value).is_ok() => return,
                // kubectl sends -0.0 as 0.
                Number::Float(0.0) => return,
                _ => (number_of_type(number, &field_type.go_name()), whole_number(scalar), false),
            },
            (Scalar::IntOrString, Kind::Number(number)) => match number {
                Number::Whole(value) if i32::try_from(value).is_ok() => return,
                Number::Float(0.0) => return,
                _ => (number_of_type(number, "int32"), "a whole number of 32 bits or a string", true),
            },
            (Scalar::Bytes, Kind::Text(text)) => match scalars::base64_error(text) {
                Some(message) => (Failure::Format(message), "base64", false),
                None => return,
            },
            (Scalar::Bytes, Kind::Sequence) => return self.elements(node, Self::byte),
            (Scalar::Time | Scalar::MicroTime, Kind::Text(text)) => match scalars::time_error(text, scalar == Scalar::MicroTime) {
                Some(message) => (Failure::Format(message), time(scalar), true),
                None => return,
            },
            (Scalar::Quantity, Kind::Text(text)) => match scalars::quantity_error(text) {
                Some(message) => (Failure::Format(message.to_owned()), "a quantity such as 100m or 1Gi", true),
                None => return,
            },
            (Scalar::SchemaOrBool | Scalar::SchemaOrArray | Scalar::SchemaOrStrings, Kind::Mapping) => {
                return self.in_own_decoder(|decoder| decoder.schema(node));
            }
            (Scalar::SchemaOrArray, Kind::Sequence) => {
                return self.in_own_decoder(|decoder| decoder.elements(node, Self::schema));
            }
            (Scalar::SchemaOrStrings, Kind::Sequence) => {
                return self.in_own_decoder(|decoder| decoder.elements(node, |decoder, element| decoder.value(element, FieldType::STRING)));
            }
            (Scalar::SchemaOrArray | Scalar::SchemaOrStrings, _) => return,
            (Scalar::SchemaOrBool, _) => (Failure::Format("boolean or JSON schema expected".to_owned()), "true, false or a schema", true),
            (Scalar::Time | Scalar::MicroTime, _) => (of_type("string"), time(scalar), true),
            (Scalar::IntOrString, _) => (of_type("int32"), "a whole number of 32 bits or a string", true),
            (Scalar::Quantity, _) => (Failure::Format(scalars::QUANTITY_FORMAT.to_owned()), "a quantity such as 100m or 1Gi", true),
            (Scalar::String, _) => (of_type(&field_type.go_name()), "a string", false),
            (Scalar::Bool, _) => (of_type(&field_type.go_name()), "true or false", false),
            (Scalar::Int32 | Scalar::Int64, _) => (of_type(&field_type.go_name()), whole_number(scalar), false),
            (Scalar::Float64, _) => (of_type(&field_type.go_name()), "a number", false),
            (Scalar::Bytes, _) => (of_type(&field_type.go_name()), "base64", false),
        };
        self.add(node, failure, expected, aborts, Some(field_type));
    }

    /// Decodes an element of an array that stands for a string in base64.
    fn byte(&mut self, node: Node<'d>) {
        let value = match node.kind() {
            Kind::Null | Kind::Number(Number::Whole(0..=255)) => return,
            Kind::Number(number) => format!("number {}", json_number(number)),
            kind => json_type(kind),
        };
        self.add(node, Failure::Type(value, "uint8".to_owned()), "base64", false, None);
    }

    fn in_own_decoder(&mut self, decode: impl FnOnce(&mut Self)) {
        let outer = self.own_decoder;
        self.own_decoder = outer.or(Some((self.steps.len(), self.levels.len())));
        decode(self);
        self.own_decoder = outer;
    }

    /// Decodes a schema of a CustomResourceDefinition.
    fn schema(&mut self, node: Node<'d>) {
        match (self.fields.named("apiextensions/v1", "JSONSchemaProps"), node.kind()) {
            (None, _) | (_, Kind::Null) => {}
            (Some(schema), Kind::Mapping) => self.structure(node, schema),
            (_, kind) => self.add(node, Failure::Type(json_type(kind), "v1.JSONSchemaProps".to_owned()), "an object", true, None),
        }
    }

    fn structure(&mut self, node: Node<'d>, own: &'f Type<'t>) {
        if self.levels.len() >= MAX_DEPTH {
            return;
        }
        self.levels.push(Level { own, steps: self.steps.len() });
        for (key, value) in sorted(node) {
            match own.field(key) {
                Some(field) => self.within(Step::Field(key), |decoder| decoder.value(value, field.field_type)),
                None => self.add_unknown(node, key),
            }
        }
        self.levels.pop();
    }

    /// Adds the error of an unknown key of a mapping.
    fn add_unknown(&mut self, node: Node<'d>, key: &'d str) {
        if self.own_decoder.is_some() {
            return;
        }
        self.has_errors = true;
        let Some(object) = self.object.filter(|_| self.unknown.len() < MAX_ERRORS) else { return };
        let message = format!("unknown field {}", quoted(&self.strict_path(key)));
        if self.unknown.iter().any(|error| error.message == message) {
            return;
        }
        let path_of = |level: &Level<'_, '_>| path(self.steps.get(..level.steps).unwrap_or_default());
        let (help, suggestion) = placement::suggestion(self.fields, &self.levels, &path_of, key);
        let parent = path(&self.steps);
        let span = node.get(key).map_or_else(|| node.first_line(), |entry| entry.key_span());
        let path = path([self.steps.as_slice(), &[Step::Field(key)]].concat().as_slice());
        let field = UnknownField { object, parent: (node, &parent), key, path: &path };
        let fix = suggestion.as_ref().and_then(|(suggestion, field_type)| field.fix(self.fields, suggestion, *field_type));
        let suggestion = suggestion.map(|(suggestion, _)| suggestion);
        self.unknown.push(SchemaError { kind: SchemaErrorKind::UnknownField, message, path, span, help, suggestion, fix });
    }

    /// Adds the error of a value; `aborts` if Kubernetes stops at it.
    fn add(&mut self, node: Node<'d>, failure: Failure, expected: &str, aborts: bool, field_type: Option<FieldType<'t>>) {
        self.has_errors = true;
        if self.object.is_none() {
            return;
        }
        let aborts = aborts || self.own_decoder.is_some();
        let path = path(&self.steps);
        let message = match failure {
            Failure::Type(value, go_type) => format!("json: cannot unmarshal {value} into Go {} of type {go_type}", self.go_field()),
            Failure::Format(message) => message,
        };
        let errors = if aborts { &mut self.aborting } else { &mut self.wrong };
        if errors.len() < MAX_ERRORS {
            let values: Vec<&str> = field_type.map(|field_type| self.fields.values(field_type).collect()).unwrap_or_default();
            let field = self.steps.iter().rev().find_map(|step| if let Step::Field(name) = step { Some(*name) } else { None });
            let field = field.unwrap_or_default();
            let help = if (1..=MAX_LISTED).contains(&values.len()) && expected == "a string" {
                let meaning = field_type.and_then(|field_type| fixes::meaning(self.fields, field_type, node.kind()));
                let hint = meaning.map_or_else(String::new, |value| format!("; did you mean {value}?"));
                help(&path, &format!("one of {}", values.join(", ")), node.kind()) + &hint
            } else {
                help(&path, expected, node.kind())
            };
            let span = span_of(node);
            let fix = field_type.and_then(|field_type| fixes::of_wrong_type(self.fields, node, field_type, field));
            errors.push(SchemaError { kind: SchemaErrorKind::WrongType, message, path, span, help: Some(help), suggestion: None, fix });
        }
    }

    /// Returns the current value as Go's decoder names it: `struct field PodSpec.spec.hostNetwork`. Lists and maps do not occur.
    fn go_field(&self) -> String {
        let (steps, levels) = self.own_decoder.unwrap_or((self.steps.len(), self.levels.len()));
        let own = levels.checked_sub(1).and_then(|index| self.levels.get(index)).map_or("", |level| level.own.short_name());
        let mut name = format!("struct field {own}");
        for step in self.steps.iter().take(steps) {
            if let Step::Field(field) = step {
                // Writing to a string cannot fail.
                let _ = write!(name, ".{field}");
            }
        }
        name
    }

    /// Returns the path of a key as the decoder writes it: all names with a dot.
    fn strict_path(&self, key: &str) -> String {
        let mut path = String::new();
        for step in &self.steps {
            let _ = match step {
                Step::Index(index) => write!(path, "[{index}]"),
                Step::Field(name) | Step::Key(name) if path.is_empty() => path.write_str(name),
                Step::Field(name) | Step::Key(name) => write!(path, ".{name}"),
            };
        }
        if !path.is_empty() {
            path.push('.');
        }
        path + key
    }
}

/// Returns a path that [`Node::at`] resolves.
fn path(steps: &[Step<'_>]) -> String {
    let mut path = String::new();
    for step in steps {
        let _ = match step {
            Step::Index(index) => write!(path, "[{index}]"),
            Step::Field(name) | Step::Key(name) if name.contains(['.', '/', '[']) || name.is_empty() => write!(path, "[{name}]"),
            Step::Field(name) | Step::Key(name) if path.is_empty() => path.write_str(name),
            Step::Field(name) | Step::Key(name) => write!(path, ".{name}"),
        };
    }
    path
}

/// Returns the entries of a mapping in the order of their keys.
fn sorted<'d>(node: Node<'d>) -> Vec<(&'d str, Node<'d>)> {
    let mut entries: Vec<_> = node.pairs().collect();
    entries.sort_unstable_by_key(|(key, _)| *key);
    entries
}

/// Returns the span of a value: of a collection only the first line.
fn span_of(node: Node<'_>) -> Span {
    if matches!(node.kind(), Kind::Sequence | Kind::Mapping) { node.first_line() } else { node.span() }
}

/// Returns the name of a JSON type as Go's decoder has it.
fn json_type(kind: Kind<'_>) -> String {
    let name = match kind {
        Kind::Null => "null",
        Kind::Bool(_) => "bool",
        Kind::Number(_) => "number",
        Kind::Text(_) => "string",
        Kind::Sequence => "array",
        Kind::Mapping => "object",
    };
    name.to_owned()
}

fn json_number(number: Number) -> String {
    match number {
        Number::Whole(value) => value.to_string(),
        Number::Large(value) => value.to_string(),
        Number::Float(value) => scalars::json_of_float(value),
    }
}

fn whole_number(scalar: Scalar) -> &'static str {
    if scalar == Scalar::Int32 { "a whole number of 32 bits" } else { "a whole number of 64 bits" }
}

fn time(scalar: Scalar) -> &'static str {
    if scalar == Scalar::MicroTime { "a time such as 2006-01-02T15:04:05.000000Z" } else { "a time such as 2006-01-02T15:04:05Z" }
}

/// Returns the sentence on a wrong value, with the words of the errors of [`pss_core::json`].
fn help(path: &str, expected: &str, kind: Kind<'_>) -> String {
    let value = match kind {
        Kind::Null => return format!("{path} must be {expected}"),
        // The value may be a secret.
        Kind::Text(_) if expected == "base64" => return format!("{path} must be base64; stringData has values as text"),
        Kind::Bool(value) => Unexpected::Bool(value),
        Kind::Number(Number::Whole(value)) => Unexpected::Integer(value),
        Kind::Number(Number::Large(value)) => Unexpected::TooLarge(value),
        Kind::Number(Number::Float(_)) => Unexpected::Fraction,
        Kind::Text(value) => Unexpected::Text(value),
        Kind::Sequence => Unexpected::Array,
        Kind::Mapping => Unexpected::Object,
    };
    let hint = match kind {
        Kind::Bool(_) | Kind::Number(_) if expected == "a string" => "; put the value in quotes",
        Kind::Text("true" | "false") if expected == "true or false" => "; remove the quotes",
        Kind::Text(text) if expected.starts_with("a whole number") && text.parse::<i64>().is_ok() => "; remove the quotes",
        _ => "",
    };
    format!("{path} must be {expected}, not {value}{hint}")
}
