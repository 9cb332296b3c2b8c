//! Fixes of the errors about fields, as edits of the text. There is none for an error whose fix would cause another error.

use pss_manifest::edit::{self, Edit, NewValue};
use pss_manifest::{Kind, Node};

use super::decoding::is_valid;
use super::table::{FieldType, Fields, Scalar, Shape};
use crate::fixes::CONTAINERS;
use crate::report::Fix;
use crate::schema::Suggestion;

/// The step of a path that stands for every element of a list.
const ELEMENTS: &str = "[*]";
/// The maximum number of containers that the title of a fix lists.
const MAX_LISTED: usize = 4;

fn fix(title: String, edits: Option<Vec<Edit>>) -> Option<Fix> {
    Some(Fix { title, edits: edits.filter(|edits| !edits.is_empty())? })
}

/// An unknown field.
pub(super) struct UnknownField<'d, 'p> {
    /// The object that contains it.
    pub(super) object: Node<'d>,
    /// The mapping that contains it, and the path of the mapping.
    pub(super) parent: (Node<'d>, &'p str),
    pub(super) key: &'d str,
    pub(super) path: &'p str,
}

impl UnknownField<'_, '_> {
    /// Returns the fix that a suggestion describes; `field_type` is the type of the field that it names.
    pub(super) fn fix<'t>(&self, fields: &Fields<'t>, suggestion: &Suggestion, field_type: FieldType<'t>) -> Option<Fix> {
        let value = self.parent.0.get(self.key)?.value;
        if matches!(value.kind(), Kind::Null) || !is_valid(fields, value, field_type) {
            return None;
        }
        match suggestion {
            Suggestion::Rename { to } => match self.parent.0.get(to) {
                Some(other) => self.removal(value, other.value),
                None => fix(format!("Rename {} to {to}", self.key), edit::rename(self.parent.0, self.key, to)),
            },
            Suggestion::Move { to } => self.relocation(value, to),
        }
    }

    /// Returns the removal of the field if another has the same value.
    fn removal(&self, value: Node<'_>, other: Node<'_>) -> Option<Fix> {
        let is_same = value.to_json() == other.to_json();
        is_same.then(|| fix(format!("Remove {}", self.key), edit::remove(self.object, self.path, self.parent.1)))?
    }

    fn relocation(&self, value: Node<'_>, to: &str) -> Option<Fix> {
        let name = to.rsplit('.').next()?;
        let Some((list, rest)) = to.split_once(ELEMENTS) else {
            let place = self.object.at(to);
            if place.exists {
                return self.removal(value, place.node);
            }
            let parent = to.rsplit_once('.').map_or("the object itself", |(parent, _)| parent);
            return self.move_to(format!("Move {name} to {parent}"), &[to.to_owned()]);
        };
        if rest.contains(ELEMENTS) {
            return None;
        }
        let mut elements = elements(self.object, list);
        let is_context = list.ends_with("containers") && rest.starts_with(".securityContext.");
        if is_context {
            elements.extend(self::elements(self.object, &format!("{}initContainers", list.strip_suffix("containers")?)));
        }
        let places: Vec<_> = elements.iter().map(|(_, element)| element.at(rest)).collect();
        let without: Vec<_> = elements.iter().zip(&places).filter(|(_, place)| !place.exists).map(|(element, _)| element).collect();
        if without.is_empty() {
            let first = places.first()?.node;
            let json = first.to_json();
            return places.iter().all(|place| place.node.to_json() == json).then(|| self.removal(value, first))?;
        }
        if elements.len() > 1 && (!is_context || weakens(name, value)) {
            return None;
        }
        let targets: Vec<String> = without.iter().map(|(path, _)| format!("{path}{rest}")).collect();
        let names: Vec<&str> = without.iter().filter_map(|(_, element)| element.at("name").node.text()).collect();
        let parent = rest.rsplit_once('.').map_or("", |(parent, _)| parent.trim_start_matches('.'));
        let title = match (names.as_slice(), targets.as_slice()) {
            ([only], [_]) if is_context => format!("Move {name} to {parent} of container {only}"),
            (_, [only]) => format!("Move {name} to {}", only.rsplit_once('.').map_or(only.as_str(), |(parent, _)| parent)),
            (names, targets) if names.len() == targets.len() && names.len() <= MAX_LISTED => {
                format!("Move {name} to {parent} of containers {}", names.join(", "))
            }
            (_, targets) => format!("Move {name} to {parent} of {} containers", targets.len()),
        };
        self.move_to(title, &targets)
    }

    fn move_to(&self, title: String, targets: &[String]) -> Option<Fix> {
        fix(title, edit::relocate(self.object, self.path, targets, &CONTAINERS))
    }
}

/// Returns the elements of a list with their paths.
fn elements<'d>(object: Node<'d>, list: &str) -> Vec<(String, Node<'d>)> {
    let place = object.at(list);
    let elements = place.exists.then(|| place.node.elements().enumerate());
    elements.into_iter().flatten().map(|(index, element)| (format!("{list}[{index}]"), element)).collect()
}

/// Returns whether a field of a security context allows more than without it. Such a field is not set for several containers.
fn weakens(name: &str, value: Node<'_>) -> bool {
    match name {
        "privileged" | "allowPrivilegeEscalation" => matches!(value.kind(), Kind::Bool(true)),
        "capabilities" => value.get("add").is_some(),
        "procMount" => value.text() != Some("Default"),
        "readOnlyRootFilesystem" => false,
        _ => true,
    }
}

/// Returns the fix of a value of the wrong type; `name` is that of its field.
pub(super) fn of_wrong_type<'t>(fields: &Fields<'t>, node: Node<'_>, field_type: FieldType<'t>, name: &str) -> Option<Fix> {
    match (fields.shape(field_type)?, node.kind()) {
        (Shape::Scalar(Scalar::String), Kind::Bool(_) | Kind::Number(_)) => match meaning(fields, field_type, node.kind()) {
            Some(value) => fix(format!("Set {value}"), edit::replace(node, NewValue::Text(value))),
            None if fields.values(field_type).next().is_some() => None,
            None => fix("Put the value in quotes".to_owned(), edit::quote(node)),
        },
        (Shape::Scalar(scalar @ (Scalar::Int32 | Scalar::Int64)), Kind::Text(text)) => {
            let number = if text.len() > 1 && text.starts_with('0') { i64::from_str_radix(text, 8) } else { text.parse() }.ok()?;
            let is_in_range = scalar == Scalar::Int64 || i32::try_from(number).is_ok();
            is_in_range.then(|| fix("Remove the quotes".to_owned(), edit::unquote(node)))?
        }
        (Shape::Scalar(Scalar::Float64), Kind::Text(_)) => fix("Remove the quotes".to_owned(), edit::unquote(node)),
        (Shape::Scalar(Scalar::Bool), Kind::Text(text)) => {
            let value = match text.to_ascii_lowercase().as_str() {
                "true" | "yes" | "on" => true,
                "false" | "no" | "off" => false,
                _ => return None,
            };
            fix(format!("Set {value}"), edit::replace(node, NewValue::Bool(value)))
        }
        (Shape::List(element), kind) => {
            let is_string = matches!(fields.shape(element), Some(Shape::Scalar(Scalar::String)));
            let becomes_string = is_string && matches!(kind, Kind::Bool(_) | Kind::Number(_)) && fields.values(element).next().is_none();
            // A command in one string has several elements.
            let is_command = matches!(kind, Kind::Text(text) if COMMANDS.contains(&name) && text.contains(char::is_whitespace));
            let is_element = !is_command && (becomes_string || is_valid(fields, node, element));
            is_element.then(|| fix("Make it a list".to_owned(), edit::enclose(node, becomes_string)))?
        }
        (Shape::Struct(_) | Shape::Map(_), Kind::Sequence) => {
            let element = node.elements().next().filter(|element| is_valid(fields, *element, field_type))?;
            let is_mapping = matches!(element.kind(), Kind::Mapping);
            is_mapping.then(|| fix("Replace the list with its element".to_owned(), edit::disclose(node)))?
        }
        _ => None,
    }
}

/// The fields with the words of a command.
pub(super) const COMMANDS: [&str; 2] = ["command", "args"];

/// Returns the value of an enumeration that an author means by a boolean, which `no` is in YAML.
pub(super) fn meaning<'t>(fields: &Fields<'t>, field_type: FieldType<'t>, kind: Kind<'_>) -> Option<&'t str> {
    let name = match kind {
        Kind::Bool(true) => "Always",
        Kind::Bool(false) => "Never",
        _ => return None,
    };
    fields.values(field_type).find(|value| *value == name)
}
