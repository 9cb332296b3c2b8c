//! The fields that a place in an object can have, for the completion of an editor.

use super::table::{Field, Fields, Shape, Type};

/// A field that a place can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion<'t> {
    /// The name of the field.
    pub name: &'t str,
    /// Its type: `string`, `list of Container`, `map of quantity`.
    pub description: String,
    /// The values, if the field or each of its elements is an enumeration.
    pub values: Vec<&'t str>,
}

impl<'t> Fields<'t> {
    /// Returns the fields of the value at a path in an object of a kind, sorted by name: `spec.containers[0].securityContext`, or the
    /// empty path for the object itself. A list has the fields of its elements. There are none if the kind or a field is unknown, or
    /// if the value has no fields.
    pub fn children(&self, api_version: &str, kind: &str, path: &str) -> Vec<Completion<'t>> {
        let own = self.kind(api_version, kind).and_then(|root| self.type_at(root, path));
        let fields = own.map(Type::fields).unwrap_or_default().iter();
        let completion = |field: &Field<'t>| Completion {
            name: field.name,
            description: field.field_type.description(),
            values: self.values(field.field_type).collect(),
        };
        fields.map(completion).collect()
    }

    /// Returns the type with fields at a path.
    fn type_at<'f>(&'f self, root: &'f Type<'t>, mut path: &str) -> Option<&'f Type<'t>> {
        let mut shape = Shape::Struct(root);
        while !path.is_empty() {
            let (step, is_index, rest) = step(path);
            shape = match shape {
                Shape::List(element) if is_index => self.shape(element)?,
                // The index is missing.
                Shape::List(element) => {
                    shape = self.shape(element)?;
                    continue;
                }
                Shape::Map(element) => self.shape(element)?,
                Shape::Struct(own) => self.shape(own.field(step)?.field_type)?,
                Shape::Scalar(_) => return None,
            };
            path = rest;
        }
        while let Shape::List(element) = shape {
            shape = self.shape(element)?;
        }
        if let Shape::Struct(own) = shape { Some(own) } else { None }
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
