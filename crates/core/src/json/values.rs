//! [`FromJson`] for scalars, lists and optional values, and the wrappers that defer deserialization or collect errors.

use std::borrow::Cow;

use super::{Aborted, Context, Elements, Entries, ErrorSink, FieldError, FromJson, SyntaxError, Text, Unexpected, each_element, read};

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

/// Whether a string is set, where its value does not matter.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct IsSet(pub bool);

impl<'de> FromJson<'de> for IsSet {
    fn expected(&self) -> &'static str {
        "a string"
    }

    fn text(&mut self, _: Text<'de>, _: Context<'_>) {
        self.0 = true;
    }
}

/// Whether an integer is set, where its value does not matter.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct IsSetInteger(pub bool);

impl<'de> FromJson<'de> for IsSetInteger {
    fn expected(&self) -> &'static str {
        "an integer"
    }

    fn integer(&mut self, _: i64, _: Context<'_>) {
        self.0 = true;
    }
}

/// The methods of a value that delegates to another one.
macro_rules! delegate {
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

/// A field that may be unset. `null` leaves it unset.
impl<'de, T: FromJson<'de> + Default> FromJson<'de> for Option<T> {
    fn expected(&self) -> &'static str {
        T::default().expected()
    }

    delegate!(|self| self.get_or_insert_default());
}

/// For recursive types, and for large values that are usually unset.
impl<'de, T: FromJson<'de>> FromJson<'de> for Box<T> {
    fn expected(&self) -> &'static str {
        self.as_ref().expected()
    }

    delegate!(|self| self.as_mut());
}

impl<'de, T: FromJson<'de> + Default> FromJson<'de> for Vec<T> {
    fn expected(&self) -> &'static str {
        "an array"
    }

    fn array(&mut self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        each_element(elements, cx, |_, item| self.push(item))
    }
}

/// A value that [`read_lazily`](super::read_lazily) keeps as JSON until it is needed. Its syntax has been checked then, but
/// not its types.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Lazy<'a, T> {
    json: Option<&'a str>,
    value: T,
}

impl<'a, T: FromJson<'a> + Default + Clone> Lazy<'a, T> {
    /// Deserializes the value if that has not been done. `at` is its path, for errors.
    ///
    /// # Errors
    /// The first value of a wrong type.
    pub fn read(&self, at: &str) -> Result<Cow<'_, T>, FieldError> {
        let Some(json) = self.json else { return Ok(Cow::Borrowed(&self.value)) };
        let errors = ErrorSink::first();
        let mut value = T::default();
        read(json, at, &errors, &mut value).map_err(|SyntaxError { path, message }| FieldError { path, message })?;
        errors.into_errors().pop().map_or(Ok(Cow::Owned(value)), Err)
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

    delegate!(|self| self.value);
}

/// A value together with the type errors inside of it, which are not reported to the enclosing value. With `ALL` it
/// collects every error, else the first one, which is enough to reject an object.
#[derive(Debug, Default, Clone, PartialEq)]
pub struct Collected<T, const ALL: bool> {
    /// The value. Fields with an error have their zero value.
    pub value: T,
    /// The errors, in the order of the input. Those after the first [`MAX_EXPLAINED`](super::MAX_EXPLAINED) have no message.
    pub errors: Vec<FieldError>,
}

impl<'de, T: FromJson<'de>, const ALL: bool> Collected<T, ALL> {
    fn collect<R>(&mut self, cx: Context<'_>, read: impl FnOnce(&mut T, Context<'_>) -> R) -> R {
        let errors = if ALL { ErrorSink::default() } else { ErrorSink::first() };
        let result = cx.with_errors(&errors, |cx| read(&mut self.value, cx));
        self.errors.append(&mut errors.into_all());
        result
    }
}

impl<'de, T: FromJson<'de>, const ALL: bool> FromJson<'de> for Collected<T, ALL> {
    fn expected(&self) -> &'static str {
        self.value.expected()
    }

    fn mismatch(&mut self, found: Unexpected<'_>, cx: Context<'_>) {
        self.collect(cx, |value, cx| value.mismatch(found, cx));
    }

    fn object(&mut self, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        self.collect(cx, |value, cx| value.object(entries, cx))
    }
}
