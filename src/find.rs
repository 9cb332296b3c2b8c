//! Texts in texts. The search of the standard library is made for long ones, and takes forty times the code.

#![forbid(unsafe_code)]

/// Where a text begins in another one.
pub(crate) fn find(text: &str, part: &str) -> Option<usize> {
    (0..=text.len()).find(|place| text.as_bytes().get(*place..).is_some_and(|rest| rest.starts_with(part.as_bytes())))
}

/// What stands before a text; the whole where it is not there.
#[cfg(not(target_os = "wasi"))]
pub(crate) fn before<'t>(text: &'t str, part: &str) -> &'t str {
    find(text, part).and_then(|place| text.get(..place)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_found_where_std_finds_it(text in "[abé]{0,12}", part in "[abé]{0,3}") {
            prop_assert_eq!(super::find(&text, &part), text.find(&part));
            prop_assert_eq!(super::before(&text, &part), text.split_once(&part).map_or(text.as_str(), |(before, _)| before));
        }
    }
}
