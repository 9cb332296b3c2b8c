//! The field that the author of an unknown field probably meant: one of the same type with a similar name, or one of the same name
//! nearby.

use pss_core::suggest;

use super::table::{FieldType, Fields, Shape, Type};
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

/// Returns a sentence on an unknown field of the last level, and a change that probably fixes it with the type of the right field.
pub(super) fn suggestion<'t>(
    fields: &Fields<'t>,
    levels: &[Level<'_, 't>],
    path_of: &dyn Fn(&Level<'_, 't>) -> String,
    name: &str,
) -> (Option<String>, Option<(Suggestion, FieldType<'t>)>) {
    let Some(own) = levels.last().map(|level| level.own) else { return (None, None) };
    if let Some(field) = own.fields().iter().find(|field| field.name.eq_ignore_ascii_case(name)) {
        let help = format!("the field is {}; the names of fields are case-sensitive", field.name);
        return (Some(help), Some((Suggestion::Rename { to: field.name.to_owned() }, field.field_type)));
    }
    let elsewhere = find(fields, levels, path_of, name);
    let names: Vec<_> = own.fields().iter().map(|field| field.name).collect();
    let similar = suggest::closest(name, &names);
    match (elsewhere, similar) {
        (Some(place), similar) if similar.is_none() || SECURITY_TYPES.contains(&place.owner) => {
            let parent = if place.parent.is_empty() { "the object itself" } else { &place.parent };
            let help = format!("{} is a field of {parent}", place.name);
            (Some(help), Some((Suggestion::Move { to: joined(&place.parent, place.name) }, place.field_type)))
        }
        (_, Some(similar)) => {
            let rename = own.field(similar).map(|field| (Suggestion::Rename { to: similar.to_owned() }, field.field_type));
            (Some(format!("did you mean {similar}?")), rename)
        }
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
    field_type: FieldType<'t>,
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

/// A type that is reached from a level.
struct Reached<'f, 't> {
    own: &'f Type<'t>,
    /// The field that leads to it, whether that is a list, and the index of the type that has the field; none for the level itself.
    from: Option<(&'t str, bool, usize)>,
}

/// Returns the fields with a name that are nearest to a level, which is `up` levels above the unknown field, and below it.
fn nearest<'t>(fields: &Fields<'t>, level: &Level<'_, 't>, up: usize, path: &str, name: &str) -> Vec<Place<'t>> {
    let mut reached = vec![Reached { own: level.own, from: None }];
    let mut first = 0;
    for distance in up..=MAX_DISTANCE_IN_PODS {
        let last = reached.len();
        let found = |(index, reached_here): (usize, &Reached<'_, 't>)| {
            let field = reached_here.own.fields().iter().find(|field| field.name.eq_ignore_ascii_case(name))?;
            let (parent, owner) = (path_to(&reached, index, path), reached_here.own.short_name());
            Some(Place { parent, name: field.name, field_type: field.field_type, owner, up, distance })
        };
        let places: Vec<_> = reached.iter().enumerate().skip(first).filter_map(found).collect();
        if !places.is_empty() {
            return places;
        }
        for index in first..last {
            let Some(parent) = reached.get(index).map(|parent| parent.own) else { continue };
            for field in parent.fields().iter().filter(|field| !SKIPPED.contains(&field.name)) {
                let (child, is_list) = match fields.shape(field.field_type) {
                    Some(Shape::List(element)) => (fields.shape(element), true),
                    shape => (shape, false),
                };
                // A type is searched once, unless several fields at the same distance lead to it.
                if let Some(Shape::Struct(own)) = child
                    && !reached.iter().take(last).any(|known| std::ptr::eq(known.own, own))
                {
                    reached.push(Reached { own, from: Some((field.name, is_list, index)) });
                }
            }
        }
        first = last;
    }
    Vec::new()
}

/// Returns the path of a type; `start` is that of the level.
fn path_to(reached: &[Reached<'_, '_>], mut index: usize, start: &str) -> String {
    let mut steps = Vec::new();
    while let Some((name, is_list, parent)) = reached.get(index).and_then(|reached| reached.from) {
        steps.push((name, is_list));
        index = parent;
    }
    steps.into_iter().rev().fold(start.to_owned(), |path, (name, is_list)| joined(&path, name) + if is_list { "[*]" } else { "" })
}

fn joined(parent: &str, name: &str) -> String {
    if parent.is_empty() { name.to_owned() } else { format!("{parent}.{name}") }
}
