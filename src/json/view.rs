//! Structs with a field for each of some keys.

use super::{Aborted, Context, Entries, FromJson, Key};
use crate::suggest;

/// A struct with a field for each of some keys.
pub(crate) trait View<'de> {
    /// The keys, and whether another key is a mistake.
    fn keys(&self) -> (&'static [&'static str], bool);
    /// The field of a key, by its place in the keys.
    fn field(&mut self, place: usize) -> Option<&mut dyn FromJson<'de>>;
}

/// Reads the entries of an object into the fields of a view.
pub(crate) fn read_view<'de>(view: &mut dyn View<'de>, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Aborted> {
    let (keys, strict) = view.keys();
    let mut seen = 0_u64;
    loop {
        let key = if strict {
            let Some(key) = entries.key(cx)? else { return Ok(()) };
            let place = keys.iter().position(|known| *known == key);
            if place.is_none() {
                note_unknown_key(&key, keys, cx);
            }
            place.map_or(Key::Unknown, Key::Field)
        } else {
            let Some(key) = entries.match_key(keys, cx)? else { return Ok(()) };
            key
        };
        let Key::Field(place) = key else {
            entries.skip(cx)?;
            continue;
        };
        let at = cx.at.key(keys.get(place).copied().unwrap_or_default());
        let cx = cx.at(&at);
        if seen & (1 << place) != 0 {
            cx.report_duplicate();
        }
        seen |= 1 << place;
        if let Some(field) = view.field(place) {
            entries.value(field, cx)?;
        }
    }
}

fn note_unknown_key(key: &str, known: &[&str], cx: Context<'_>) {
    let at = cx.at.key(key);
    cx.at(&at).report(&|| match suggest::closest(key, known) {
        Some(name) => format!("unknown key; did you mean \"{name}\"?"),
        None => format!("unknown key; known here: {}", known.join(", ")),
    });
}

/// Declares a struct and how it is read from a JSON object: each field with its key.
///
/// Keys that are not listed are skipped; after `strict` they are noted, with the closest listed one.
macro_rules! view {
    (
        $(#[$about:meta])*
        $vis:vis struct $View:ident $(<$life:lifetime>)? $(, $strict:ident)? {
            $( $(#[$doc:meta])* $key:literal => $field:ident: $Type:ty, )*
        }
    ) => {
        $(#[$about])*
        #[derive(Debug, Default, Clone, PartialEq)]
        $vis struct $View $(<$life>)? {
            $( $(#[$doc])* pub $field: $Type, )*
        }

        $crate::json::view!(@read [$($life)?] $View $(<$life>)? [$($strict)?] { $($key => $field,)* });
    };
    (@read [] $View:ident [$($strict:ident)?] { $($key:literal => $field:ident,)* }) => {
        $crate::json::view!(@impl 'de $View [$($strict)?] { $($key => $field,)* });
    };
    (@read [$life:lifetime] $View:ident<$same:lifetime> [$($strict:ident)?] { $($key:literal => $field:ident,)* }) => {
        $crate::json::view!(@impl $life $View<$life> [$($strict)?] { $($key => $field,)* });
    };
    (@impl $life:lifetime $View:ty [$($strict:ident)?] { $($key:literal => $field:ident,)* }) => {
        impl<$life> $crate::json::View<$life> for $View {
            fn keys(&self) -> (&'static [&'static str], bool) {
                (&[$($key),*], $crate::json::view!(@strict $($strict)?))
            }

            fn field(&mut self, place: usize) -> Option<&mut dyn $crate::json::FromJson<$life>> {
                let mut nth = 0;
                $(
                    if nth == place {
                        return Some(&mut self.$field);
                    }
                    nth += 1;
                )*
                let _ = nth;
                None
            }
        }

        impl<$life> $crate::json::FromJson<$life> for $View {
            fn expected(&self) -> &'static str {
                "an object"
            }

            fn object(
                &mut self,
                entries: &mut dyn $crate::json::Entries<$life>,
                cx: $crate::json::Context<'_>,
            ) -> Result<(), $crate::json::Aborted> {
                $crate::json::read_view(self, entries, cx)
            }
        }
    };
    (@strict) => { false };
    (@strict strict) => { true };
}
pub(crate) use view;
