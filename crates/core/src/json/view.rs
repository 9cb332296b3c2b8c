//! Views: structs that take some entries of a JSON object, each into a field.

use super::{Aborted, Context, Entries, FromJson, Key};
use crate::suggest;

/// A struct with a field for each of some keys. Declared by the macro [`view!`](crate::view).
pub trait View<'de> {
    /// The keys, and whether other keys are errors.
    fn keys(&self) -> (&'static [&'static str], bool);
    /// The field of a key, by the index of the key.
    fn field(&mut self, index: usize) -> Option<&mut dyn FromJson<'de>>;
}

/// Deserializes the entries of an object into the fields of a view.
///
/// # Errors
/// At a syntax error.
pub fn read_view<'de>(view: &mut dyn View<'de>, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Aborted> {
    let (keys, strict) = view.keys();
    let mut present = 0_u64;
    loop {
        let key = if strict {
            let Some(key) = entries.key(cx)? else { return Ok(()) };
            let index = keys.iter().position(|listed| *listed == key);
            if index.is_none() {
                report_unknown_key(&key, keys, cx);
            }
            index.map_or(Key::Unknown, Key::Field)
        } else {
            let Some(key) = entries.match_key(keys, cx)? else { return Ok(()) };
            key
        };
        let Key::Field(index) = key else {
            entries.skip(cx)?;
            continue;
        };
        let at = cx.at.key(keys.get(index).copied().unwrap_or_default());
        let cx = cx.at(&at);
        if present & (1 << index) != 0 {
            cx.report_duplicate();
        }
        present |= 1 << index;
        if let Some(field) = view.field(index) {
            entries.value(field, cx)?;
        }
    }
}

fn report_unknown_key(key: &str, keys: &[&str], cx: Context<'_>) {
    let at = cx.at.key(key);
    cx.at(&at).report(&|| match suggest::did_you_mean(key, keys) {
        none if none.is_empty() => format!("unknown key; known here: {}", keys.join(", ")),
        suggestion => format!("unknown key{suggestion}"),
    });
}

/// Declares a struct and how it is deserialized from a JSON object: each field with its key.
///
/// Entries with other keys are skipped; after `strict` they are reported, with the closest key.
#[macro_export]
macro_rules! view {
    (
        $(#[$attribute:meta])*
        $vis:vis struct $View:ident $(<$life:lifetime>)? $(, $strict:ident)? {
            $( $(#[$doc:meta])* $key:literal => $field:ident: $Type:ty, )*
        }
    ) => {
        $(#[$attribute])*
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

            fn field(&mut self, index: usize) -> Option<&mut dyn $crate::json::FromJson<$life>> {
                let mut nth = 0;
                $(
                    if nth == index {
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
