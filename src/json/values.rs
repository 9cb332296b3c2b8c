//! The values that can be read: scalars, lists, what may be missing, and what keeps its problems to
//! itself.

use std::borrow::Cow;

use super::{Aborted, Context, Elements, Entries, ErrorSink, FieldError, FromJson, Text, Unexpected, each_element, read};

impl<'de> FromJson<'de> for bool {
    fn expected(&self) -> &'static str {
        "true or false"
    }

    fn boolean(&mut self, value: bool, _: Context<'_>) {
        *self = value;
    }
}

impl<'de> FromJson<'de> for i64 {
    fn expected(&self) -> &'static str {
        "a whole number of 64 bits"
    }

    fn integer(&mut self, value: i64, _: Context<'_>) {
        *self = value;
    }
}

impl<'de> FromJson<'de> for i32 {
    fn expected(&self) -> &'static str {
        "a whole number of 32 bits"
    }

    fn integer(&mut self, value: i64, cx: Context<'_>) {
        match i32::try_from(value) {
            Ok(value) => *self = value,
            Err(_) => self.mismatch(Unexpected::Integer(value), cx),
        }
    }
}

impl<'de> FromJson<'de> for Text<'de> {
    fn expected(&self) -> &'static str {
        "a string"
    }

    fn text(&mut self, value: Text<'de>, _: Context<'_>) {
        *self = value;
    }
}

/// The methods of a value that passes what it is given on to another one.
macro_rules! pass_on {
    (|$self:ident| $to:expr) => {
        fn mismatch(&mut $self, found: Unexpected<'_>, cx: Context<'_>) {
            $to.mismatch(found, cx);
        }

        fn boolean(&mut $self, value: bool, cx: Context<'_>) {
            $to.boolean(value, cx);
        }

        fn integer(&mut $self, value: i64, cx: Context<'_>) {
            $to.integer(value, cx);
        }

        fn text(&mut $self, value: Text<'de>, cx: Context<'_>) {
            $to.text(value, cx);
        }

        fn array(&mut $self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Aborted> {
            $to.array(elements, cx)
        }

        fn object(&mut $self, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Aborted> {
            $to.object(entries, cx)
        }
    };
}

/// A field that can be told from one that is not there; `null` is not there.
impl<'de, T: FromJson<'de> + Default> FromJson<'de> for Option<T> {
    fn expected(&self) -> &'static str {
        T::default().expected()
    }

    pass_on!(|self| self.get_or_insert_default());
}

/// For what is large and seldom there.
impl<'de, T: FromJson<'de>> FromJson<'de> for Box<T> {
    fn expected(&self) -> &'static str {
        self.as_ref().expected()
    }

    pass_on!(|self| self.as_mut());
}

impl<'de, T: FromJson<'de> + Default> FromJson<'de> for Vec<T> {
    fn expected(&self) -> &'static str {
        "an array"
    }

    fn array(&mut self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        each_element(elements, cx, |_, item| self.push(item))
    }
}

/// A value that few ask for, and that is left as JSON until somebody does. What is left unread is JSON,
/// but may not be what is wanted.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Lazy<'a, T> {
    json: Option<&'a str>,
    value: T,
}

impl<'a, T: FromJson<'a> + Default + Clone> Lazy<'a, T> {
    /// The value; or what does not fit. `at` is the path that it stands at.
    pub fn read(&self, at: &str) -> Result<Cow<'_, T>, FieldError> {
        // A page leaves nothing unread.
        let Some(json) = self.json.filter(|_| !crate::IN_PAGE) else { return Ok(Cow::Borrowed(&self.value)) };
        let notes = ErrorSink::first();
        let mut value = T::default();
        read(json, at, &notes, &mut value).map_err(|broken| FieldError { path: broken.path, message: broken.message })?;
        notes.into_errors().pop().map_or(Ok(Cow::Owned(value)), Err)
    }
}

impl<T> From<T> for Lazy<'_, T> {
    fn from(value: T) -> Self {
        Lazy { json: None, value }
    }
}

impl<'de, T: FromJson<'de>> FromJson<'de> for Lazy<'de, T> {
    fn expected(&self) -> &'static str {
        self.value.expected()
    }

    fn is_lazy(&self) -> bool {
        true
    }

    fn raw(&mut self, json: &'de str) {
        self.json = Some(json);
    }

    fn null(&mut self) {
        self.value.null();
    }

    pass_on!(|self| self.value);
}

/// A value that keeps to itself what does not fit inside of it: until somebody asks, or so that
/// nobody else has to tell the problems apart. With `ALL` every problem is kept, else the first one,
/// which is enough to reject an object, however damaged it is.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Collected<T, const ALL: bool> {
    /// The value, as far as it could be read.
    pub value: T,
    /// What does not fit, in the order of the input.
    pub errors: Vec<FieldError>,
}

impl<'de, T: FromJson<'de>, const ALL: bool> Collected<T, ALL> {
    fn hold<R>(&mut self, cx: Context<'_>, read: impl FnOnce(&mut T, Context<'_>) -> R) -> R {
        let notes = if ALL { ErrorSink::default() } else { ErrorSink::first() };
        let result = read(&mut self.value, cx.noting(&notes));
        self.errors.append(&mut notes.into_errors());
        result
    }
}

impl<'de, T: FromJson<'de>, const ALL: bool> FromJson<'de> for Collected<T, ALL> {
    fn expected(&self) -> &'static str {
        self.value.expected()
    }

    fn mismatch(&mut self, found: Unexpected<'_>, cx: Context<'_>) {
        self.hold(cx, |value, cx| value.mismatch(found, cx));
    }

    fn object(&mut self, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        self.hold(cx, |value, cx| value.object(entries, cx))
    }
}
