//! The place of the cursor in unfinished YAML: keys and list elements by their indentation.
//!
//! A text cannot be parsed while it is being written, so the place of the cursor follows from the lines around it. Flow style
//! (`{key: value}`) and texts in block scalars have no place.

use crate::checked_fields::ELEMENT;

/// The part of a line that structures it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Line<'t> {
    /// The columns of the dashes of list elements.
    dashes: Vec<usize>,
    /// The column of what follows the dashes, and the key there.
    key: Option<Key<'t>>,
    /// Whether the line has neither a key nor a dash, but other text.
    is_other_text: bool,
}

/// A key with its value on the same line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key<'t> {
    column: usize,
    pub(super) name: &'t str,
    pub(super) value: &'t str,
}

impl<'t> Line<'t> {
    fn of(line: &'t str) -> Self {
        let mut rest = line.trim_end_matches(['\r', '\n']);
        let mut column = 0;
        let mut dashes = Vec::new();
        loop {
            let text = rest.trim_start_matches(' ');
            column += rest.len() - text.len();
            rest = text;
            match rest.strip_prefix('-') {
                Some(after) if after.is_empty() || after.starts_with(' ') => {
                    dashes.push(column);
                    column += 1;
                    rest = after;
                }
                _ => break,
            }
        }
        if rest.is_empty() || rest.starts_with('#') {
            return Line { dashes, ..Line::default() };
        }
        let key = split_key(rest).map(|(name, value)| Key { column, name, value });
        Line { is_other_text: key.is_none(), dashes, key }
    }

    /// Returns whether the line ends a mapping at a column, and belongs to another part of the text.
    fn ends(&self, column: usize) -> bool {
        self.dashes.first().is_some_and(|dash| *dash < column) || self.key.is_some_and(|key| key.column < column)
    }
}

/// Splits a key from its value. The value has no comment.
fn split_key(text: &str) -> Option<(&str, &str)> {
    let (name, after) = match text.chars().next()? {
        quote @ ('"' | '\'') => text.get(1..)?.split_once(quote)?,
        _ => {
            let colon = text.match_indices(':').map(|(at, _)| at).find(|at| {
                let after = text.get(at + 1..).unwrap_or_default();
                after.is_empty() || after.starts_with([' ', '\t'])
            })?;
            text.split_at_checked(colon)?
        }
    };
    let value = after.trim_start().strip_prefix(':')?.trim();
    let end = if value.starts_with('#') { Some(0) } else { value.find(" #") };
    let value = end.map_or(value, |end| value.get(..end).unwrap_or_default()).trim_end();
    (!name.is_empty()).then(|| (name.trim_end(), value))
}

/// Returns whether the value of a key continues on the lines below it as a collection.
fn is_open(value: &str) -> bool {
    value.is_empty() || value.starts_with(['&', '!']) && !value.contains(' ')
}

/// The lines of one document, with the cursor in one of them.
#[derive(Debug)]
pub(super) struct Layout<'t> {
    lines: Vec<Line<'t>>,
    /// The index of the line of the cursor, of which only the part before the cursor counts.
    cursor: usize,
}

/// What is being written at the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target<'t> {
    /// A key, or the element of a list.
    Key,
    /// The value of a key.
    Value(&'t str),
}

/// The place of the cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place<'t> {
    pub(super) target: Target<'t>,
    /// The path of the mapping or list around the cursor, with `*` for elements.
    pub(super) path: Vec<&'t str>,
    /// The other keys of the mapping.
    pub(super) siblings: Vec<&'t str>,
    /// `apiVersion` and `kind` of the object, if they are known.
    pub(super) object: [&'t str; 2],
    /// The number of steps of `path` before those in the object: two for an item of a List.
    pub(super) object_depth: usize,
    /// The text before the cursor that the completion replaces.
    pub(super) partial: &'t str,
}

/// The state of the search for the parents of the cursor.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Mapping,
    List,
}

impl<'t> Layout<'t> {
    /// Returns the place of the cursor; `None` if nothing can be completed there.
    pub(super) fn place(text: &'t str, offset: usize) -> Option<Place<'t>> {
        let (document, start) = document_at(text, offset)?;
        if document.trim_start().starts_with(['{', '[']) {
            return None;
        }
        let before = document.get(..offset.checked_sub(start)?)?;
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let current = before.get(line_start..)?;
        if current.contains('\t') || current.trim_start().starts_with('#') || current.contains(" #") {
            return None;
        }
        let mut lines: Vec<Line<'_>> = document.split('\n').map(Line::of).collect();
        let cursor = before.matches('\n').count();
        let own = Line::of(current);
        let content = current.trim_start_matches([' ', '-']);
        let (target, partial) = match own.key {
            Some(key) => (Target::Value(key.name), key.value),
            None => (Target::Key, content),
        };
        if own.dashes.last().is_some_and(|dash| dash + 1 == current.len()) {
            return None;
        }
        // A value is complete if a space follows it, and the key of a flow collection is not completed.
        if partial.contains(['{', '[', '"', '\'', ' ', ',', '|', '>']) || own.key.is_some() && !current.ends_with(partial) {
            return None;
        }
        // A colon without a space after it is part of a key.
        if own.key.is_some_and(|key| key.value.is_empty()) && !current.ends_with(' ') {
            return None;
        }
        let column = own.key.map_or(current.len() - content.len(), |key| key.column);
        *lines.get_mut(cursor)? = own;
        let outline = Layout { lines, cursor };
        let frames = outline.parents(column)?;
        let path: Vec<&str> = frames.iter().map(|frame| frame.step).collect();
        let object_depth = if path.starts_with(&["items", ELEMENT]) { 2 } else { 0 };
        let (line, object_column) = frames.get(object_depth).map_or((outline.cursor, column), |frame| (frame.line, frame.column));
        let of_object = outline.keys(line, object_column);
        let value = |name| of_object.iter().find(|key| key.name == name).map_or("", |key| key.value.trim_matches(['"', '\'']));
        let siblings = outline.keys(outline.cursor, column).iter().map(|key| key.name).collect();
        Some(Place { target, path, siblings, object: [value("apiVersion"), value("kind")], object_depth, partial })
    }

    fn above(&self, line: usize) -> impl Iterator<Item = (usize, &Line<'t>)> {
        self.lines.iter().enumerate().take(line).rev()
    }

    /// Returns the steps to the mapping or list at a column of the line of the cursor, the outermost first; `None` if the cursor is
    /// in a scalar.
    fn parents(&self, column: usize) -> Option<Vec<Frame<'t>>> {
        let mut frames = Vec::new();
        let mut state = (Inside::Mapping, column);
        let own = self.lines.get(self.cursor)?;
        enter_elements(&own.dashes, self.cursor, &mut state, &mut frames);
        for (index, line) in self.above(self.cursor) {
            let (inside, column) = state;
            match line.key {
                // A parent, whose collection is the one around the cursor. The dashes of a list can be in the column of its key.
                Some(key) if key.column < column || key.column == column && inside == Inside::List => {
                    if !is_open(key.value) {
                        return None;
                    }
                    frames.push(Frame { step: key.name, line: index, column: key.column });
                    state = (Inside::Mapping, key.column);
                }
                // A sibling, which can be the first key of an element.
                Some(key) if key.column == column => {}
                // An element of the same list, or something deeper.
                Some(_) if inside == Inside::List && line.dashes.contains(&column) => {}
                Some(_) => continue,
                // Elements on lines of their own. A scalar has nothing below it.
                None if line.dashes.is_empty() => continue,
                None if line.is_other_text && line.dashes.last().is_some_and(|dash| *dash < column) => return None,
                None => {}
            }
            enter_elements(&line.dashes, index, &mut state, &mut frames);
        }
        frames.reverse();
        Some(frames)
    }

    /// Returns the keys of the mapping at a column that contains a line, without the key of the cursor.
    fn keys(&self, line: usize, column: usize) -> Vec<Key<'t>> {
        let is_first =
            |line: &Line<'_>| line.dashes.last().is_some_and(|dash| *dash < column) && line.key.is_none_or(|key| key.column >= column);
        let of_mapping = |line: &Line<'t>| line.key.filter(|key| key.column == column);
        let mut keys = Vec::new();
        let own = self.lines.get(line);
        keys.extend(own.filter(|_| line != self.cursor).and_then(of_mapping));
        if !own.is_some_and(is_first) {
            for (_, above) in self.above(line) {
                let starts = is_first(above);
                if above.ends(column) && !starts {
                    break;
                }
                keys.extend(of_mapping(above));
                if starts {
                    break;
                }
            }
        }
        let below = self.lines.iter().enumerate().skip(line + 1);
        keys.extend(
            below
                .take_while(|(_, below)| !below.ends(column))
                .filter(|(index, _)| *index != self.cursor)
                .filter_map(|(_, below)| of_mapping(below)),
        );
        keys
    }
}

/// A step to the cursor, with the line and the column of its mapping or list.
#[derive(Debug, Clone, Copy)]
struct Frame<'t> {
    step: &'t str,
    line: usize,
    column: usize,
}

/// Adds the list elements that begin on a line before the current place.
fn enter_elements(dashes: &[usize], line: usize, state: &mut (Inside, usize), frames: &mut Vec<Frame<'_>>) {
    for dash in dashes.iter().rev() {
        if *dash < state.1 {
            frames.push(Frame { step: ELEMENT, line, column: *dash });
            *state = (Inside::List, *dash);
        }
    }
}

/// Returns the document that contains an offset, and its own offset.
fn document_at(text: &str, offset: usize) -> Option<(&str, usize)> {
    let mut start = 0;
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let end = at + line.len();
        let marker = line.trim_end();
        if ["---", "..."].iter().any(|name| marker == *name || marker.strip_prefix(name).is_some_and(|rest| rest.starts_with(' '))) {
            if at >= offset {
                return Some((text.get(start..at)?, start));
            }
            // Nothing is completed on the line of the marker.
            if offset < end || offset == end && !line.ends_with('\n') {
                return None;
            }
            start = end;
        }
        at = end;
    }
    Some((text.get(start..)?, start))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the place at `|` in a text.
    fn place(text: &str) -> Option<(String, Vec<String>, String)> {
        let offset = text.find('|').unwrap();
        let text = text.replacen('|', "", 1);
        let place = Layout::place(&text, offset)?;
        let path = place.path.iter().chain(match &place.target {
            Target::Key => None,
            Target::Value(key) => Some(key),
        });
        let path: Vec<&str> = path.copied().collect();
        Some((path.join("."), place.siblings.iter().map(|key| (*key).to_owned()).collect(), place.partial.to_owned()))
    }

    #[test]
    fn finds_the_path_of_the_cursor() {
        for (text, path, siblings, partial) in [
            ("|", "", "", ""),
            ("spec:\n  |", "spec", "", ""),
            ("spec:\n  a: 1\n  ho|\n  b: 2\nc: 3", "spec", "a b", "ho"),
            ("spec:\n  containers:\n    - name: x\n      sec|", "spec.containers.*", "name", "sec"),
            ("spec:\n  containers:\n  - name: x\n    sec|", "spec.containers.*", "name", "sec"),
            ("spec:\n  containers:\n  - name: x\n  - sec|\n    image: y", "spec.containers.*", "image", "sec"),
            ("spec:\n  containers:\n  - name: x\n  sec|", "spec", "containers", "sec"),
            ("spec:\n  containers:\n  -\n    name: x\n    sec|", "spec.containers.*", "name", "sec"),
            ("spec: # comment\n  # comment\n\n  a:\n    b: 1\n  |", "spec", "a", ""),
            ("a:\n  b: &anchor\n    c|", "a.b", "", "c"),
            ("a:\n- - b: 1\n    c|", "a.*.*", "b", "c"),
            ("a:\n  - |", "a.*", "", ""),
            ("a:\n  - x\n  - A|", "a.*", "", "A"),
            ("a:\n  b: |", "a.b", "", ""),
            ("a:\n  b: Run|\n", "a.b", "", "Run"),
            ("a:\n  - b: Run|\n    c: 1", "a.*.b", "c", "Run"),
            ("a: 1\n---\nb:\n  |\n---\nc: 1", "b", "", ""),
            ("a:\r\n  b: 1\r\n  c|\r\n  d: 1\r\n", "a", "b d", "c"),
            ("\"a\":\n  'b': 1\n  |", "a", "b", ""),
            ("a:\n    b:\n        c:\n            |", "a.b.c", "", ""),
            ("a:\n  b:\n    c: 1\n|", "", "a", ""),
            ("a:\n- b: 1\n|", "", "a", ""),
            ("items:\n- kind: Pod\n  spec:\n    |", "items.*.spec", "", ""),
        ] {
            let siblings: Vec<String> = siblings.split_whitespace().map(str::to_owned).collect();
            let found = place(text).map(|(path, mut siblings, partial)| {
                siblings.sort();
                (path, siblings, partial)
            });
            assert_eq!(found, Some((path.to_owned(), siblings, partial.to_owned())), "{text}");
        }
    }

    #[test]
    fn completes_nothing_in_scalars_comments_and_flow_style() {
        for text in [
            "a: b\n  |",
            "a: >\n  text|",
            "a: 1 # |",
            "# |",
            "a: {|",
            "a: [|",
            "a: \"|",
            "a:|",
            "{\"a\": |",
            "a:\n  -|",
            "- x\n  |",
            "a: Run |",
            "---|",
            "\t|",
        ] {
            assert_eq!(place(text), None, "{text}");
        }
    }

    #[test]
    fn finds_the_kind_of_the_object() {
        for (text, object) in [
            ("kind: Pod\napiVersion: v1\nspec:\n  |", ["v1", "Pod"]),
            ("spec:\n  |\nkind: \"Pod\"", ["", "Pod"]),
            ("kind: List\nitems:\n- kind: A\n- kind: Pod\n  metadata:\n    name: x\n  spec:\n    |\n- kind: B", ["", "Pod"]),
            ("kind: List\nitems:\n- kind: Pod\n  |", ["", "Pod"]),
            ("spec:\n  kind: Pod\n  |", ["", ""]),
        ] {
            let offset = text.find('|').unwrap();
            let text = text.replacen('|', "", 1);
            assert_eq!(Layout::place(&text, offset).unwrap().object, object, "{text}");
        }
    }

    /// A manifest in the styles of different authors.
    const MANIFEST: &str = "\
# A comment.
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
  labels:   # more
    \"app.kubernetes.io/name\": web
    'team': \"a: b\"
  annotations:
    text: |
      key: value
      - no: list

      spec:
    folded: >-
        more: text
spec:
    template:
        spec:
            containers:
            - name: web
              image: nginx:1.27
              args: [a, b]
              command:
              - sh
              - -c
              - >
                exec: sh

              ports:
                  - containerPort: 80
                    name: http
                  -
                    containerPort: 443
            -   name: other
                env:
                -   {name: A, value: b}
                -   name: B
                    valueFrom:
                        fieldRef: &ref
                            fieldPath: metadata.name
            volumes:
              - emptyDir: {}
                name: tmp
              - projected:
                  sources:
                    - secret:
                        name: a
                        items:
                          - key: a
                            path: b
                  defaultMode: 0400
                name: all
---
apiVersion: v1
kind: Pod
metadata: {name: other}
spec:
  containers:

    - name: a
      securityContext:
        capabilities:
          drop:
            - ALL
        # comment
        runAsNonRoot: true
";

    /// Collects the offsets of the keys of block mappings, each with the path of its mapping.
    fn keys<'d>(node: pss_manifest::Node<'d>, text: &str, path: &mut Vec<&'d str>, found: &mut Vec<(usize, String)>) {
        use pss_manifest::Kind;
        match node.kind() {
            Kind::Mapping if !text[node.span().start.offset..].starts_with('{') => {
                for entry in node.entries() {
                    found.push((entry.key_span().start.offset, path.join(".")));
                    path.push(entry.key);
                    keys(entry.value, text, path, found);
                    path.pop();
                }
            }
            Kind::Sequence if !text[node.span().start.offset..].starts_with('[') => {
                path.push(ELEMENT);
                node.elements().for_each(|element| keys(element, text, path, found));
                path.pop();
            }
            _ => {}
        }
    }

    #[test]
    fn agrees_with_the_parser_on_the_place_of_every_key() {
        for text in [MANIFEST.to_owned(), MANIFEST.replace('\n', "\r\n")] {
            let mut found = Vec::new();
            for document in pss_manifest::documents(&text) {
                keys(document.content.unwrap().root(), &text, &mut Vec::new(), &mut found);
            }
            assert!(found.len() >= 50, "{}", found.len());
            for (offset, path) in found {
                // In the complete text, and in one that ends at the key.
                for text in [&text, &text[..offset]] {
                    let place = Layout::place(text, offset).unwrap_or_else(|| panic!("{path} at {}", &text[offset.saturating_sub(40)..]));
                    assert_eq!(place.path.join("."), path, "{}", &text[..offset]);
                }
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_has_a_place_or_none(lines in proptest::collection::vec("( {0,6}(- ){0,2}[a-c]?:?( [x\"'{&|>#])?|---|\\PC{0,4})\r?", 0..8), cut in 0_usize..80) {
            let text = lines.join("\n");
            let mut offset = cut.min(text.len());
            while !text.is_char_boundary(offset) {
                offset -= 1;
            }
            if let Some(place) = Layout::place(&text, offset) {
                assert!(text[..offset].ends_with(place.partial), "{place:?}");
            }
        }
    }
}
