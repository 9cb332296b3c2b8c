//! The fields of types, recorded by deserializing each type once: k8s-openapi's implementations of `Deserialize` name the fields of a
//! struct, and request a value of the type of each.

use std::any::type_name;
use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};

use serde::de::value::{Error, StrDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error as _, IntoDeserializer, MapAccess, SeqAccess, Visitor};

use super::kinds;

/// The text of every string: a valid time, quantity and port.
const TEXT: &str = "2000-01-01T00:00:00Z";

/// The names of types that are no structs, in k8s-openapi and in the table.
const SCALARS: &[(&str, &str)] = &[
    ("ByteString", "bytes"),
    ("FieldsV1", "any"),
    ("IntOrString", "intstr"),
    ("JSON", "any"),
    ("JSONSchemaPropsOrArray", "schema-or-array"),
    ("JSONSchemaPropsOrBool", "schema-or-bool"),
    ("JSONSchemaPropsOrStringArray", "schema-or-strings"),
    ("MicroTime", "microtime"),
    ("Quantity", "quantity"),
    ("RawExtension", "any"),
    ("Time", "time"),
];

/// The fields of a type with their types, by name.
pub(super) type FieldTypes = BTreeMap<String, String>;

/// The recorded types, by name.
#[derive(Default)]
pub(super) struct Trace {
    types: RefCell<BTreeMap<String, FieldTypes>>,
    /// The types that are being deserialized.
    open: RefCell<BTreeSet<&'static str>>,
    error: RefCell<Option<String>>,
}

impl Trace {
    /// Adds a type and the types of its fields.
    pub(super) fn add<T: DeserializeOwned>(&self) {
        if let Err(error) = T::deserialize(Value { trace: self, found: &RefCell::default(), text: TEXT }) {
            self.error.borrow_mut().get_or_insert_with(|| format!("{}: {error}", type_name::<T>()));
        }
    }

    /// Returns the recorded types.
    ///
    /// # Errors
    /// A type could not be deserialized.
    pub(super) fn into_types(self) -> Result<BTreeMap<String, FieldTypes>, String> {
        self.error.into_inner().map_or(Ok(self.types.into_inner()), Err)
    }
}

/// Returns the name of a type in the table: `core/v1.Pod` of `k8s_openapi::v1_37::api::core::v1::pod::Pod`.
pub(super) fn table_name(type_name: &str) -> Option<String> {
    let mut path = type_name.strip_prefix("k8s_openapi::")?.rsplit("::");
    let (name, _, version, group) = (path.next()?, path.next()?, path.next()?, path.next()?);
    Some(format!("{group}/{version}.{name}"))
}

/// Returns the name of a type that is no struct in the table.
fn scalar(type_name: &str) -> Option<&'static str> {
    let name = type_name.strip_prefix("k8s_openapi::")?.rsplit("::").next()?;
    SCALARS.iter().find(|(scalar, _)| *scalar == name).map(|(_, name)| *name)
}

/// A value of the type that is requested, which is recorded.
#[derive(Clone, Copy)]
struct Value<'t> {
    trace: &'t Trace,
    /// The type in the table.
    found: &'t RefCell<String>,
    /// The value if it is a string.
    text: &'t str,
}

impl Value<'_> {
    fn found(&self, name: &str) {
        name.clone_into(&mut self.found.borrow_mut());
    }

    /// Returns the type of an element or a value of a map.
    fn inner<T>(self, access: impl FnOnce(Value<'_>) -> Result<T, Error>) -> Result<(T, String), Error> {
        let found = RefCell::default();
        let value = access(Value { found: &found, text: TEXT, ..self })?;
        Ok((value, found.into_inner()))
    }
}

/// The methods for types that a single value of Rust represents.
macro_rules! scalars {
    ($($method:ident $visit:ident($value:expr) $name:literal;)+) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
            self.found($name);
            visitor.$visit($value)
        }
    )+};
}

impl<'de> Deserializer<'de> for Value<'_> {
    type Error = Error;

    scalars! {
        deserialize_bool visit_bool(true) "bool";
        deserialize_i32 visit_i32(1) "int32";
        deserialize_i64 visit_i64(1) "int64";
        deserialize_f64 visit_f64(1.0) "float64";
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.found("string");
        visitor.visit_str(self.text)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match scalar(type_name::<V::Value>()) {
            Some(name) => {
                self.found(name);
                visitor.visit_none()
            }
            None => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        let type_name = type_name::<V::Value>();
        match scalar(type_name) {
            Some(name) => self.found(name),
            // OpenAPI has no type for a struct without fields, so that k8s-openapi accepts any value.
            None => {
                let name = table_name(type_name).ok_or_else(unknown::<V::Value>)?;
                self.found(&name);
                self.trace.types.borrow_mut().entry(name).or_default();
            }
        }
        visitor.visit_newtype_struct(StrDeserializer::<Error>::new(TEXT))
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let name = scalar(type_name::<V::Value>()).ok_or_else(unknown::<V::Value>)?;
        self.found(name);
        match name {
            "schema-or-bool" => visitor.visit_bool(true),
            "schema-or-array" | "schema-or-strings" => visitor.visit_seq(NoElements),
            _ => visitor.visit_str(TEXT),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let (value, element) = self.inner(|element| visitor.visit_seq(Elements { value: element, is_read: Cell::new(false) }))?;
        self.found(&format!("[]{element}"));
        Ok(value)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let (value, element) =
            self.inner(|element| visitor.visit_map(Fields { value: element, names: ["key"].iter(), record: None, identity: None }))?;
        self.found(&format!("map[string]{element}"));
        Ok(value)
    }

    fn deserialize_struct<V: Visitor<'de>>(self, _: &'static str, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Error> {
        let type_name = type_name::<V::Value>();
        let name = table_name(type_name).ok_or_else(unknown::<V::Value>)?;
        self.found(&name);
        self.trace.types.borrow_mut().entry(name.clone()).or_default();
        // The fields of a type within itself are known. Those of other known types are needed: some have no default value.
        let is_open = !self.trace.open.borrow_mut().insert(type_name);
        let names = if is_open { &[] } else { fields };
        let identity = kinds::kinds().find(|kind| (kind.type_name)() == type_name).map(|kind| (kind.api_version, kind.kind));
        let value = visitor.visit_map(Fields { value: self, names: names.iter(), record: Some(&name), identity });
        if !is_open {
            self.trace.open.borrow_mut().remove(type_name);
        }
        value
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_str(self.text)
    }

    serde::forward_to_deserialize_any! {
        i8 i16 i128 u8 u16 u32 u64 u128 f32 char bytes byte_buf unit unit_struct tuple tuple_struct enum ignored_any
    }
}

fn unknown<T>() -> Error {
    Error::custom(format!("the type {} is not one that Kubernetes' types have", type_name::<T>()))
}

/// An empty sequence.
struct NoElements;

impl<'de> SeqAccess<'de> for NoElements {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, _: T) -> Result<Option<T::Value>, Error> {
        Ok(None)
    }
}

/// A sequence of one element.
struct Elements<'t> {
    value: Value<'t>,
    is_read: Cell<bool>,
}

impl<'de> SeqAccess<'de> for Elements<'_> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Error> {
        if self.is_read.replace(true) { Ok(None) } else { seed.deserialize(self.value).map(Some) }
    }
}

/// The fields of a struct, or the entries of a map.
struct Fields<'t> {
    /// The value of a map's entries.
    value: Value<'t>,
    names: std::slice::Iter<'t, &'static str>,
    /// The name of the struct whose fields are recorded.
    record: Option<&'t str>,
    /// `apiVersion` and `kind`, which the types of resources compare.
    identity: Option<(&'static str, &'static str)>,
}

impl<'de> MapAccess<'de> for Fields<'_> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Error> {
        self.names.as_slice().first().map(|name| seed.deserialize((*name).into_deserializer())).transpose()
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Error> {
        let name = self.names.next().copied().unwrap_or_default();
        let Some(record) = self.record else { return seed.deserialize(self.value) };
        let text = match (name, self.identity) {
            ("apiVersion", Some((api_version, _))) => api_version,
            ("kind", Some((_, kind))) => kind,
            _ => TEXT,
        };
        let found = RefCell::default();
        let value = seed.deserialize(Value { found: &found, text, ..self.value })?;
        if let Some(fields) = self.value.trace.types.borrow_mut().get_mut(record) {
            fields.insert(name.to_owned(), found.into_inner());
        }
        Ok(value)
    }
}
