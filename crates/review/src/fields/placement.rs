//! The field that the author of an unknown field probably meant: one of the same type with a similar name, or one of the same name
//! nearby.

use pss_core::suggest;

use super::table::{Fields, Shape, Type};
use crate::schema::Suggestion;

/// A type with fields, in the path of a value.
#[derive(Clone, Copy)]
pub(super) struct Level<'f, 't> {
    pub(super) own: &'f Type<'t>,
    /// The number of steps of the path to it.
    pub(super) steps: usize,
}

/// The maximum distance of a field that is suggested. It is above or below the unknown one, because a field beside it may exclude it, as
/// one source of a volume excludes another.
const MAX_DISTANCE: usize = 3;
/// The same for fields of [`POD_TYPES`], which a CronJob has deeper than other kinds, and which may be in any direction.
const MAX_DISTANCE_IN_PODS: usize = 6;
const SECURITY_TYPES: [&str; 2] = ["PodSecurityContext", "SecurityContext"];
const POD_TYPES: [&str; 4] = ["PodSecurityContext", "SecurityContext", "PodSpec", "Container"];
/// Fields that are not searched: authors do not write them, or they have the same fields as `containers`.
const SKIPPED: [&str; 5] = ["ephemeralContainers", "initContainers", "managedFields", "ownerReferences", "status"];
/// The maximum number of fields of a type that are listed.
const MAX_LISTED: usize = 12;

/// Returns a sentence on an unknown field of the last level, and a change that probably fixes it.
pub(super) fn suggestion<'t>(
    fields: &Fields<'t>,
    levels: &[Level<'_, 't>],
    path_of: &dyn Fn(&Level<'_, 't>) -> String,
    name: &str,
) -> (Option<String>, Option<Suggestion>) {
    let Some(own) = levels.last().map(|level| level.own) else { return (None, None) };
    if let Some(field) = own.fields().iter().find(|field| field.name.eq_ignore_ascii_case(name)) {
        let help = format!("the field is {}; the names of fields are case-sensitive", field.name);
        return (Some(help), Some(Suggestion::Rename { to: field.name.to_owned() }));
    }
    let elsewhere = find(fields, levels, path_of, name);
    let names: Vec<_> = own.fields().iter().map(|field| field.name).collect();
    let similar = suggest::closest(name, &names);
    match (elsewhere, similar) {
        (Some(place), similar) if similar.is_none() || SECURITY_TYPES.contains(&place.owner) => {
            let parent = if place.parent.is_empty() { "the object itself" } else { &place.parent };
            let help = format!("{} is a field of {parent}", place.name);
            (Some(help), Some(Suggestion::Move { to: joined(&place.parent, place.name) }))
        }
        (_, Some(similar)) => (Some(format!("did you mean {similar}?")), Some(Suggestion::Rename { to: similar.to_owned() })),
        _ if names.len() <= MAX_LISTED => (Some(listed(own.short_name(), &names)), None),
        _ => (None, None),
    }
}

/// Returns the sentence that lists the fields of a type.
fn listed(type_name: &str, names: &[&str]) -> String {
    if names.is_empty() { format!("{type_name} has no fields") } else { format!("the fields of {type_name} are {}", names.join(", ")) }
}

/// A field in another place.
struct Place<'t> {
    /// The path of its parent; empty for the object.
    parent: String,
    /// Its name, which may have another case.
    name: &'t str,
    /// The type of its parent.
    owner: &'t str,
    /// The number of fields up from the unknown field.
    up: usize,
    /// The number of fields up from the unknown one and down to this one.
    distance: usize,
}

/// Returns the nearest field with a name, if there is only one at that distance.
fn find<'t>(fields: &Fields<'t>, levels: &[Level<'_, 't>], path_of: &dyn Fn(&Level<'_, 't>) -> String, name: &str) -> Option<Place<'t>> {
    let places: Vec<_> = (0..=MAX_DISTANCE_IN_PODS)
        .zip(levels.iter().rev())
        .flat_map(|(up, level)| nearest(fields, level, up, &path_of(level), name))
        .collect();
    let distance = places.iter().map(|place| place.distance).min()?;
    let mut places: Vec<_> = places.into_iter().filter(|place| place.distance == distance).collect();
    if places.len() > 1 {
        places.retain(|place| SECURITY_TYPES.contains(&place.owner));
    }
    let place = places.pop().filter(|_| places.is_empty())?;
    let is_near = place.distance <= MAX_DISTANCE && (place.up == 0 || place.up == place.distance);
    (is_near || POD_TYPES.contains(&place.owner)).then_some(place)
}

/// Returns the fields with a name that are nearest to a level, which is `up` levels above the unknown field, and below it.
fn nearest<'t>(fields: &Fields<'t>, level: &Level<'_, 't>, up: usize, path: &str, name: &str) -> Vec<Place<'t>> {
    let mut visited: Vec<&Type<'t>> = Vec::new();
    let mut current = vec![(level.own, path.to_owned())];
    for distance in up..=MAX_DISTANCE_IN_PODS {
        let mut places = Vec::new();
        for (own, parent) in &current {
            let field = own.fields().iter().find(|field| field.name.eq_ignore_ascii_case(name));
            let place = |name| Place { parent: parent.clone(), name, owner: own.short_name(), up, distance };
            places.extend(field.map(|field| place(field.name)));
        }
        if !places.is_empty() {
            return places;
        }
        visited.extend(current.iter().map(|(own, _)| *own));
        let mut below = Vec::new();
        for (own, parent) in &current {
            for field in own.fields().iter().filter(|field| !SKIPPED.contains(&field.name)) {
                let path = joined(parent, field.name);
                let child = match fields.shape(field.field_type) {
                    Some(Shape::Struct(child)) => Some((child, path)),
                    Some(Shape::List(element)) => match fields.shape(element) {
                        Some(Shape::Struct(child)) => Some((child, format!("{path}[*]"))),
                        _ => None,
                    },
                    _ => None,
                };
                below.extend(child.filter(|(child, _)| !visited.iter().any(|visited| visited.is(child))));
            }
        }
        current = below;
    }
    Vec::new()
}

fn joined(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}
