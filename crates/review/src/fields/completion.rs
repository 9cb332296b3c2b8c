//! The fields that a place in an object can have, for the completion of an editor.

use super::table::{FieldType, Fields, Shape};

/// A field that a place can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion<'t> {
    /// The name of the field.
    pub name: &'t str,
    /// Its type: `string`, `list of Container`, `map of quantity`.
    pub description: String,
    /// The values, if the field or each of its elements is an enumeration.
    pub values: Vec<&'t str>,
    /// Whether it is a list, a map or an object.
    pub is_collection: bool,
}

/// The step of a path that stands for every element of a list.
const ELEMENT: &str = "*";

impl<'t> Fields<'t> {
    /// Returns the kinds of an `apiVersion`, or all of them if it is empty, sorted by name.
    pub fn kinds(&self, api_version: &str) -> Vec<&'t str> {
        let mut kinds: Vec<&str> =
            self.all_kinds().filter(|(other, _)| api_version.is_empty() || *other == api_version).map(|(_, kind)| kind).collect();
        kinds.sort_unstable();
        kinds.dedup();
        kinds
    }

    /// Returns each `apiVersion` of a kind, or all of them if it is empty, sorted by name. A version without a group is the first.
    pub fn api_versions(&self, kind: &str) -> Vec<&'t str> {
        let mut versions: Vec<&str> =
            self.all_kinds().filter(|(_, other)| kind.is_empty() || *other == kind).map(|(version, _)| version).collect();
        versions.sort_unstable_by_key(|version| (version.contains('/'), *version));
        versions.dedup();
        versions
    }

    /// Returns the fields of the value at a path in an object of a kind, sorted by name: `spec.containers[0].securityContext`, or the
    /// empty path for the object itself. A list has the fields of its elements. There are none if the kind or a field is unknown, or
    /// if the value has no fields.
    pub fn children(&self, api_version: &str, kind: &str, path: &str) -> Vec<Completion<'t>> {
        let mut steps = Vec::new();
        let mut rest = path;
        while !rest.is_empty() {
            let (step, is_index, after) = step(rest);
            steps.push(if is_index && step.bytes().all(|byte| byte.is_ascii_digit()) { ELEMENT } else { step });
            rest = after;
        }
        self.fields_at(api_version, kind, &steps)
    }

    /// Returns the same for the steps of a path, in which `*` is an element of a list.
    pub fn fields_at(&self, api_version: &str, kind: &str, steps: &[&str]) -> Vec<Completion<'t>> {
        let Some(mut shape) = self.kind(api_version, kind).map(Shape::Struct).and_then(|root| self.shape_at(root, steps)) else {
            return Vec::new();
        };
        while let Shape::List(element) = shape {
            let Some(element) = self.shape(element) else { return Vec::new() };
            shape = element;
        }
        let own = if let Shape::Struct(own) = shape { own.fields() } else { &[] };
        own.iter().map(|field| self.completion(field.name, field.field_type)).collect()
    }

    /// Returns the field or the element at the steps of a path, in which `*` is an element of a list; `None` if it is unknown.
    pub fn field(&self, api_version: &str, kind: &str, steps: &[&str]) -> Option<Completion<'t>> {
        let (last, parents) = steps.split_last()?;
        let mut shape = self.shape_at(Shape::Struct(self.kind(api_version, kind)?), parents)?;
        loop {
            match shape {
                Shape::List(element) if *last == ELEMENT => return Some(self.completion("", element)),
                Shape::List(element) => shape = self.shape(element)?,
                Shape::Map(element) => return Some(self.completion("", element)),
                Shape::Struct(own) => {
                    let field = own.field(last)?;
                    return Some(self.completion(field.name, field.field_type));
                }
                Shape::Scalar(_) => return None,
            }
        }
    }

    fn completion(&self, name: &'t str, field_type: FieldType<'t>) -> Completion<'t> {
        let is_collection = !matches!(self.shape(field_type), Some(Shape::Scalar(_)) | None);
        Completion { name, description: field_type.description(), values: self.values(field_type).collect(), is_collection }
    }

    /// Returns the shape of the value at the steps of a path.
    fn shape_at<'f>(&'f self, mut shape: Shape<'f, 't>, steps: &[&str]) -> Option<Shape<'f, 't>> {
        for step in steps {
            shape = loop {
                match shape {
                    Shape::List(element) if *step == ELEMENT => break self.shape(element)?,
                    // The index is missing.
                    Shape::List(element) => shape = self.shape(element)?,
                    Shape::Map(element) => break self.shape(element)?,
                    Shape::Struct(own) => break self.shape(own.field(step)?.field_type)?,
                    Shape::Scalar(_) => return None,
                }
            };
        }
        Some(shape)
    }
}

/// Splits a path into its first step, whether that is in brackets, and the rest.
fn step(path: &str) -> (&str, bool, &str) {
    let path = path.strip_prefix('.').unwrap_or(path);
    if let Some((step, rest)) = path.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        return (step, true, rest);
    }
    // A bracket without its end is part of the name.
    let end = path.find(['.', '[']).filter(|end| *end > 0).unwrap_or(path.len());
    let (step, rest) = path.split_at_checked(end).unwrap_or((path, ""));
    (step, false, rest)
}
