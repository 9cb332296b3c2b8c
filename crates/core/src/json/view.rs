//! Views: structs that take some entries of a JSON object, each into a field.

use super::{Aborted, Context, Input};
use crate::suggest;

/// The keys of a view.
pub trait KeysOf {
    /// The keys, in the order of the fields.
    const KEYS: &'static [Key];

    /// The keys as text.
    fn key_names() -> impl Iterator<Item = &'static str> {
        Self::KEYS.iter().map(|key| key.name)
    }
}

/// A key that is searched for, and a number by which nearly all other keys are told from it.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    fingerprint: u64,
}

impl Key {
    /// A key.
    pub const fn new(name: &'static str) -> Self {
        Key { name, fingerprint: fingerprint(name.as_bytes()) }
    }

    /// Whether the key is a name with the same fingerprint.
    fn is(&self, name: &str) -> bool {
        self.name.len() == name.len() && (name.len() <= 8 || self.name == name)
    }
}

/// A number for a key: its first and its last four bytes, which are the whole of a key of up to eight bytes, or the bytes of a shorter
/// one.
#[inline]
const fn fingerprint(key: &[u8]) -> u64 {
    match (key.first_chunk(), key.last_chunk()) {
        (Some(first), Some(last)) => u32::from_le_bytes(*first) as u64 | (u32::from_le_bytes(*last) as u64) << 32,
        _ => match key {
            [a] => *a as u64,
            [a, b] => *a as u64 | (*b as u64) << 8,
            [a, b, c] => *a as u64 | (*b as u64) << 8 | (*c as u64) << 16,
            _ => 0,
        },
    }
}

/// Goes to the next entry of an object with one of these keys, and returns the index of the key; `None` at the end of the object.
/// Other entries are skipped, and reported if the view is `strict`. `present` has a bit for each key that was there.
///
/// # Errors
/// At a syntax error.
pub fn next_field<'de, I: Input<'de>>(
    keys: &'static [Key],
    strict: bool,
    present: &mut u64,
    input: &mut I,
    cx: Context<'_>,
) -> Result<Option<usize>, Aborted> {
    while let Some(key) = input.next_key(cx)? {
        let name: &str = &key;
        let fingerprint = fingerprint(name.as_bytes());
        let Some(index) = keys.iter().position(|listed| listed.fingerprint == fingerprint && listed.is(name)) else {
            if strict {
                report_unknown_key(name, &keys.iter().map(|key| key.name).collect::<Vec<_>>(), cx);
            }
            input.skip(cx)?;
            continue;
        };
        if *present & (1 << index) != 0 {
            cx.at(&cx.at.key(name)).report_duplicate();
        }
        *present |= 1 << index;
        return Ok(Some(index));
    }
    Ok(None)
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
        impl<$life> $crate::json::KeysOf for $View {
            const KEYS: &'static [$crate::json::Key] = &[$($crate::json::Key::new($key)),*];
        }

        impl<$life> $crate::json::FromJson<$life> for $View {
            const EXPECTED: &'static str = "an object";

            fn read<I: $crate::json::Input<$life>>(
                &mut self,
                input: &mut I,
                cx: $crate::json::Context<'_>,
            ) -> Result<(), $crate::json::Aborted> {
                use $crate::json::KeysOf as _;
                if !input.object(Self::EXPECTED, cx)? {
                    return Ok(());
                }
                let mut present = 0;
                let strict = $crate::json::view!(@strict $($strict)?);
                while let Some(index) = $crate::json::next_field(Self::KEYS, strict, &mut present, input, cx)? {
                    let at = cx.at.key(Self::KEYS.get(index).map_or("", |key| key.name));
                    let cx = cx.at(&at);
                    // Each field has its number among the fields; the compiler makes it one jump.
                    let mut nth = 0;
                    $(
                        if nth == index {
                            $crate::json::FromJson::read(&mut self.$field, input, cx)?;
                            continue;
                        }
                        nth += 1;
                    )*
                    let _ = nth;
                }
                Ok(())
            }
        }
    };
    (@strict) => { false };
    (@strict strict) => { true };
}
