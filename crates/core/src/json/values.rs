//! [`FromJson`] for scalars, lists and optional values, and the wrappers that defer deserialization or collect errors.

use std::borrow::Cow;

use super::{
    Aborted, Context, ErrorSink, FieldError, FromJson, Input, Kind, SyntaxError, Text, Unexpected, elements, read, report_mismatch,
};

impl<'de> FromJson<'de> for bool {
    const EXPECTED: &'static str = "true or false";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        if let Some(value) = input.boolean(Self::EXPECTED, cx)? {
            *self = value;
        }
        Ok(())
    }
}

impl<'de> FromJson<'de> for i64 {
    const EXPECTED: &'static str = "a whole number of 64 bits";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        if let Some(value) = input.integer(Self::EXPECTED, cx)? {
            *self = value;
        }
        Ok(())
    }
}

impl<'de> FromJson<'de> for i32 {
    const EXPECTED: &'static str = "a whole number of 32 bits";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        if let Some(value) = input.integer(Self::EXPECTED, cx)? {
            match i32::try_from(value) {
                Ok(value) => *self = value,
                Err(_) => report_mismatch(Self::EXPECTED, Unexpected::Integer(value), cx),
            }
        }
        Ok(())
    }
}

impl<'de> FromJson<'de> for Text<'de> {
    const EXPECTED: &'static str = STRING;

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        if let Some(value) = input.text(Self::EXPECTED, cx)? {
            *self = value;
        }
        Ok(())
    }
}

const STRING: &str = "a string";

/// Whether a string is set, where its value does not matter.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct IsSet(pub bool);

impl<'de> FromJson<'de> for IsSet {
    const EXPECTED: &'static str = STRING;

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        self.0 |= input.text(Self::EXPECTED, cx)?.is_some();
        Ok(())
    }
}

/// Whether an integer is set, where its value does not matter.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct IsSetInteger(pub bool);

impl<'de> FromJson<'de> for IsSetInteger {
    const EXPECTED: &'static str = "an integer";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        self.0 |= input.integer(Self::EXPECTED, cx)?.is_some();
        Ok(())
    }
}

/// A field that may be unset. `null` leaves it unset.
impl<'de, T: FromJson<'de> + Default> FromJson<'de> for Option<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        match input.kind() {
            Kind::Null => input.skip(cx),
            Kind::Template if T::EXPECTED != STRING => input.skip(cx),
            _ => self.get_or_insert_default().read(input, cx),
        }
    }
}

/// For recursive types, and for large values that are usually unset.
impl<'de, T: FromJson<'de>> FromJson<'de> for Box<T> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        self.as_mut().read(input, cx)
    }
}

impl<'de, T: FromJson<'de> + Default> FromJson<'de> for Vec<T> {
    const EXPECTED: &'static str = "an array";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        elements(input, cx, |_, input, cx| {
            self.push(T::default());
            // In its place, because a container is large.
            self.last_mut().map_or(Ok(()), |item| item.read(input, cx))
        })
    }
}

/// A value that [`read_lazily`](super::read_lazily) keeps as JSON until it is needed. Its syntax has been checked then, but not its
/// types.
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
    const EXPECTED: &'static str = T::EXPECTED;

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        self.json = input.raw(cx)?;
        if self.json.is_some() { Ok(()) } else { self.value.read(input, cx) }
    }
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

impl<'de, T: FromJson<'de>, const ALL: bool> FromJson<'de> for Collected<T, ALL> {
    const EXPECTED: &'static str = T::EXPECTED;

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        let errors = if ALL { ErrorSink::default() } else { ErrorSink::first() };
        let result = self.value.read(input, cx.with_errors(&errors));
        self.errors.append(&mut errors.into_all());
        result
    }
}
