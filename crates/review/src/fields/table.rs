//! The table of types, and its format.
//!
//! ```text
//! # A comment.
//! core/v1.Protocol : TCP UDP SCTP        an enumeration: package, name, values
//! core/v1.Pod v1 Pod                     a type: package, name; apiVersion and kind if it is a kind
//!  metadata meta/v1.ObjectMeta           a field: name, type; its package is that of the parent if it has none
//! core/v1.ContainerPort
//!  containerPort int32
//!  protocol string v1.Protocol           the name of the type in Go, if it does not follow from the type
//! ```
//!
//! Types are sorted by name in bytes. A field has the type `[]T` (list), `map[string]T`, the name of a type, or a [`Scalar`].

use std::collections::HashMap;
use std::error::Error;
use std::fmt;

/// The fields of types, parsed from a table. A name of a type is unique: `core/v1.Pod`.
#[derive(Debug, Default)]
pub struct Fields<'t> {
    types: Vec<Type<'t>>,
    /// The indices of the kinds in `types`, by `apiVersion` and `kind`.
    kinds: HashMap<(&'t str, &'t str), usize>,
    enumerations: Vec<(&'t str, &'t str)>,
}

/// Why a table is malformed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableError(String);

impl fmt::Display for TableError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

impl Error for TableError {}

/// A type with fields.
#[derive(Debug)]
pub(super) struct Type<'t> {
    /// `core/v1` of `core/v1.Pod`.
    package: &'t str,
    /// `Pod` of `core/v1.Pod`.
    name: &'t str,
    fields: Vec<Field<'t>>,
}

/// A field of a type.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'t> {
    pub(super) name: &'t str,
    pub(super) field_type: FieldType<'t>,
}

/// A type as the table has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct FieldType<'t> {
    /// The type, without a package if it is in `package`.
    text: &'t str,
    package: &'t str,
    /// Its name in Go, if that does not follow from `text`.
    go: Option<&'t str>,
}

/// The shape of a type.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape<'f, 't> {
    List(FieldType<'t>),
    Map(FieldType<'t>),
    Struct(&'f Type<'t>),
    Scalar(Scalar),
}

/// A type that is no collection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scalar {
    String,
    Bool,
    Int32,
    Int64,
    Float64,
    /// Base64.
    Bytes,
    /// RFC 3339.
    Time,
    /// RFC 3339 with microseconds.
    MicroTime,
    Quantity,
    IntOrString,
    /// Any value.
    Any,
    /// Of CustomResourceDefinitions: `true`, `false` or a schema.
    SchemaOrBool,
    /// Of CustomResourceDefinitions: a schema or a list of schemas.
    SchemaOrArray,
    /// Of CustomResourceDefinitions: a schema or a list of strings.
    SchemaOrStrings,
}

/// The scalars with their names in the table and in Go.
const SCALARS: [(&str, Scalar, &str); 14] = [
    ("string", Scalar::String, "string"),
    ("bool", Scalar::Bool, "bool"),
    ("int32", Scalar::Int32, "int32"),
    ("int64", Scalar::Int64, "int64"),
    ("float64", Scalar::Float64, "float64"),
    ("bytes", Scalar::Bytes, "[]uint8"),
    ("time", Scalar::Time, "v1.Time"),
    ("microtime", Scalar::MicroTime, "v1.MicroTime"),
    ("quantity", Scalar::Quantity, "resource.Quantity"),
    ("intstr", Scalar::IntOrString, "intstr.IntOrString"),
    ("any", Scalar::Any, "runtime.RawExtension"),
    ("schema-or-bool", Scalar::SchemaOrBool, "v1.JSONSchemaPropsOrBool"),
    ("schema-or-array", Scalar::SchemaOrArray, "v1.JSONSchemaPropsOrArray"),
    ("schema-or-strings", Scalar::SchemaOrStrings, "v1.JSONSchemaPropsOrStringArray"),
];

const LIST: &str = "[]";
const MAP: &str = "map[string]";

impl<'t> Fields<'t> {
    /// Parses a table.
    ///
    /// # Errors
    /// The first line that is malformed, out of order, or names a type that the table lacks.
    pub fn parse(text: &'t str) -> Result<Self, TableError> {
        let mut fields = Fields::default();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.starts_with('#')) {
            fields.add_line(line).map_err(|reason| TableError(format!("line {number} of the table: {reason}")))?;
        }
        fields.check_types()?;
        Ok(fields)
    }

    fn add_line(&mut self, line: &'t str) -> Result<(), &'static str> {
        if let Some((name, values)) = line.split_once(" : ") {
            self.enumerations.push((name, values));
            return Ok(());
        }
        let mut words = line.split(' ');
        match [(); 5].map(|()| words.next()) {
            [Some(""), Some(name), Some(field_type), go, None] => self.add_field(name, field_type, go),
            [Some(""), ..] => Err("a field is a name, a type, and at most a type in Go"),
            [Some(name), None, ..] => self.add_type(name),
            [Some(name), Some(api_version), Some(kind), None, _] => {
                self.kinds.insert((api_version, kind), self.types.len());
                self.add_type(name)
            }
            _ => Err("a type is a name, or a name, an apiVersion and a kind"),
        }
    }

    fn add_type(&mut self, name: &'t str) -> Result<(), &'static str> {
        let (package, name) = name.split_once('.').ok_or("the name of a type is its package and its name")?;
        if self.types.last().is_some_and(|last| (last.package, last.name) >= (package, name)) {
            return Err("types must be sorted and unique");
        }
        self.types.push(Type { package, name, fields: Vec::new() });
        Ok(())
    }

    fn add_field(&mut self, name: &'t str, text: &'t str, go: Option<&'t str>) -> Result<(), &'static str> {
        let parent = self.types.last_mut().ok_or("a field must follow a type")?;
        if parent.fields.last().is_some_and(|last| last.name >= name) {
            return Err("fields must be sorted and unique");
        }
        let field_type = FieldType { text, package: parent.package, go };
        parent.fields.push(Field { name, field_type });
        Ok(())
    }

    /// Checks that the types of all fields are in the table.
    fn check_types(&self) -> Result<(), TableError> {
        for (parent, field) in self.types.iter().flat_map(|parent| parent.fields.iter().map(move |field| (parent, field))) {
            let mut shape = self.shape(field.field_type);
            while let Some(Shape::List(element) | Shape::Map(element)) = shape {
                shape = self.shape(element);
            }
            if shape.is_none() {
                return Err(TableError(format!("the type of {} in {}.{} is not in the table", field.name, parent.package, parent.name)));
            }
        }
        Ok(())
    }

    /// Returns the type of a kind.
    pub(super) fn kind(&self, api_version: &str, kind: &str) -> Option<&Type<'t>> {
        self.types.get(*self.kinds.get(&(api_version, kind))?)
    }

    /// Returns each kind with its `apiVersion`.
    pub(super) fn all_kinds(&self) -> impl Iterator<Item = (&'t str, &'t str)> {
        self.kinds.keys().copied()
    }

    /// Returns a type by its package and name.
    pub(super) fn named(&self, package: &str, name: &str) -> Option<&Type<'t>> {
        self.types
            .binary_search_by(|candidate| (candidate.package, candidate.name).cmp(&(package, name)))
            .ok()
            .and_then(|index| self.types.get(index))
    }

    /// Returns the shape of a type; `None` if the table lacks it.
    pub(super) fn shape(&self, field_type: FieldType<'t>) -> Option<Shape<'_, 't>> {
        if let Some(element) = field_type.element(LIST) {
            return Some(Shape::List(element));
        }
        if let Some(element) = field_type.element(MAP) {
            return Some(Shape::Map(element));
        }
        let text = field_type.text;
        if let Some((_, scalar, _)) = SCALARS.iter().find(|(name, ..)| *name == text) {
            return Some(Shape::Scalar(*scalar));
        }
        let (package, name) = text.split_once('.').unwrap_or((field_type.package, text));
        self.named(package, name).map(Shape::Struct)
    }

    /// Returns the values of the enumeration that a type is; none if it is no enumeration.
    pub(super) fn values(&self, field_type: FieldType<'t>) -> impl Iterator<Item = &'t str> {
        let name = field_type.go.and_then(|go| go.trim_start_matches(LIST).rsplit_once('.')).map(|(_, name)| name);
        // A type of another package is one of the core.
        let find = |package: &str| {
            let enumeration = self.enumerations.iter().find(|(full, _)| full.split_once('.') == name.map(|name| (package, name)));
            enumeration.map(|(_, values)| *values)
        };
        find(field_type.package).or_else(|| find("core/v1")).unwrap_or_default().split_terminator(' ')
    }
}

impl<'t> Type<'t> {
    /// The name without the package.
    pub(super) fn short_name(&self) -> &'t str {
        self.name
    }

    /// The fields, sorted by name.
    pub(super) fn fields(&self) -> &[Field<'t>] {
        &self.fields
    }

    /// Returns the field with a name.
    pub(super) fn field(&self, name: &str) -> Option<Field<'t>> {
        let index = self.fields.binary_search_by(|field| field.name.cmp(name)).ok()?;
        self.fields.get(index).copied()
    }
}

impl<'t> FieldType<'t> {
    /// The type of strings.
    pub(super) const STRING: FieldType<'static> = FieldType { text: "string", package: "", go: None };

    /// Returns the type of the elements if the type has a prefix, `[]` or `map[string]`.
    fn element(self, prefix: &str) -> Option<Self> {
        let text = self.text.strip_prefix(prefix)?;
        // The type of a map's keys may have a name too. The name of a collection says nothing about its elements.
        let go = self
            .go
            .and_then(|go| if prefix == LIST { go.strip_prefix(LIST) } else { go.strip_prefix("map[")?.split_once(']').map(|(_, go)| go) });
        Some(FieldType { text, go: go.filter(|go| *go != text), ..self })
    }

    /// Returns the name of the type in Go, as error messages have it: `v1.PodSpec`, `[]v1.Container`, `map[string]string`.
    pub(super) fn go_name(self) -> String {
        if let Some(go) = self.go {
            return go.to_owned();
        }
        for prefix in [LIST, MAP] {
            if let Some(element) = self.element(prefix) {
                return format!("{prefix}{}", element.go_name());
            }
        }
        if let Some((.., go)) = SCALARS.iter().find(|(name, ..)| *name == self.text) {
            return (*go).to_owned();
        }
        let (package, name) = self.text.split_once('.').unwrap_or((self.package, self.text));
        format!("{}.{name}", package.split_once('/').map_or(package, |(_, version)| version))
    }

    /// Returns the type for users: `list of Container`.
    pub(super) fn description(self) -> String {
        if let Some(element) = self.element(LIST) {
            return format!("list of {}", element.description());
        }
        if let Some(element) = self.element(MAP) {
            return format!("map of {}", element.description());
        }
        match self.text {
            "intstr" => "integer or string".to_owned(),
            "bytes" => "base64".to_owned(),
            text => text.split_once('.').map_or(text, |(_, name)| name).to_owned(),
        }
    }
}
