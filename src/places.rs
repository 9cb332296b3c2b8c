//! The places of texts in a list, found by the texts: a tree that branches at the bits in which they
//! differ. However they are chosen, to find one takes no longer than to read it a few times, which a
//! table of hashes only hopes for; and it takes a third of its code.

#![forbid(unsafe_code)]

/// The places of texts. The texts themselves are elsewhere: `text_at` gives the one at a place.
#[derive(Debug, Default)]
pub(crate) struct Places {
    branches: Vec<Branch>,
    root: Option<Below>,
}

/// Where texts differ: a bit, and what is below for those that have it clear and set.
#[derive(Debug)]
struct Branch {
    bit: usize,
    clear: Below,
    set: Below,
}

#[derive(Debug, Clone, Copy)]
enum Below {
    Branch(usize),
    /// A text, by its place.
    Place(usize),
}

impl Places {
    /// The place of a text.
    pub(crate) fn find<'t>(&self, text: &str, text_at: &dyn Fn(usize) -> Option<&'t str>) -> Option<usize> {
        let place = self.nearest(text)?;
        (text_at(place) == Some(text)).then_some(place)
    }

    /// The place of a text; one that is not there yet is added, at a place of its own.
    pub(crate) fn find_or_add<'t>(&mut self, text: &str, place: usize, text_at: &dyn Fn(usize) -> Option<&'t str>) -> Option<usize> {
        let known = self.find(text, text_at);
        if known.is_none() {
            self.add(text, place, text_at);
        }
        known
    }

    fn add<'t>(&mut self, text: &str, place: usize, text_at: &dyn Fn(usize) -> Option<&'t str>) {
        let bit = self.nearest(text).and_then(text_at).map_or(0, |other| first_difference(text, other));
        let mut parent = None;
        let mut below = self.root;
        while let Some(Below::Branch(index)) = below
            && let Some(branch) = self.branches.get(index).filter(|branch| branch.bit < bit)
        {
            let side = has_bit(text, branch.bit);
            parent = Some((index, side));
            below = Some(if side { branch.set } else { branch.clear });
        }
        let mut own = Below::Place(place);
        if let Some(old) = below {
            let (clear, set) = if has_bit(text, bit) { (old, own) } else { (own, old) };
            own = Below::Branch(self.branches.len());
            self.branches.push(Branch { bit, clear, set });
        }
        match parent.map(|(index, side)| (self.branches.get_mut(index), side)) {
            Some((Some(branch), true)) => branch.set = own,
            Some((Some(branch), false)) => branch.clear = own,
            _ => self.root = Some(own),
        }
    }

    /// The place of the only text that can be this one.
    fn nearest(&self, text: &str) -> Option<usize> {
        let mut below = self.root?;
        while let Below::Branch(branch) = below {
            let branch = self.branches.get(branch)?;
            below = if has_bit(text, branch.bit) { branch.set } else { branch.clear };
        }
        match below {
            Below::Place(place) => Some(place),
            Below::Branch(_) => None,
        }
    }
}

/// The bits of a byte, and before them one that is set, so that the end of a text is told from a zero.
const BITS: usize = 9;

fn unit(text: &str, index: usize) -> usize {
    text.as_bytes().get(index).map_or(0, |byte| 0x100 | usize::from(*byte))
}

fn has_bit(text: &str, bit: usize) -> bool {
    unit(text, bit / BITS) >> (BITS - 1 - bit % BITS) & 1 == 1
}

/// The first bit in which two texts differ.
fn first_difference(one: &str, other: &str) -> usize {
    let mut index = 0;
    loop {
        let difference = unit(one, index) ^ unit(other, index);
        if difference != 0 {
            return index * BITS + BITS - 1 - difference.ilog2() as usize;
        }
        if index > one.len() {
            return 0;
        }
        index += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::Places;

    proptest! {
        #[test]
        fn texts_are_found_as_in_a_map(
            texts in prop::collection::vec(prop_oneof!["[ab\0]{0,4}", "a{0,40}", any::<String>()], 0..80),
            others in prop::collection::vec("[ab\0]{0,5}", 0..20),
        ) {
            let mut places = Places::default();
            let mut map = HashMap::new();
            let text_at = |place: usize| texts.get(place).map(String::as_str);
            for (place, text) in texts.iter().enumerate() {
                prop_assert_eq!(places.find(text, &text_at), map.get(text).copied());
                prop_assert_eq!(places.find_or_add(text, place, &text_at), map.get(text).copied());
                map.entry(text).or_insert(place);
            }
            for text in texts.iter().chain(&others) {
                prop_assert_eq!(places.find(text, &text_at), map.get(text).copied());
            }
        }
    }
}
