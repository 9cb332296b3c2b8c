//! Layouts of manifests: block and flow style, JSON, indentation, lists in the column of their key, comments, quotes, anchors and
//! merge keys, line ends.

use serde_json::Value;

/// Numbers that determine a layout.
pub(crate) struct Choices {
    numbers: Vec<u8>,
    next: usize,
}

impl Choices {
    pub(crate) fn new(numbers: Vec<u8>) -> Self {
        Choices { numbers, next: 0 }
    }

    /// Returns a number below `count`.
    fn of(&mut self, count: u8) -> u8 {
        let number = self.numbers[self.next % self.numbers.len()];
        // Each round rotates the numbers, so that choices differ.
        let shifted = number.rotate_left(u32::try_from(self.next / self.numbers.len()).unwrap() % 8);
        self.next += 1;
        shifted % count
    }

    fn rarely(&mut self) -> bool {
        self.of(8) == 0
    }
}

/// Documents as a text. Mappings are lists of pairs under an empty key, or plain.
pub(crate) fn lay_out(objects: &[Value], choices: Choices) -> String {
    let mut writer = Writer { choices, out: String::new(), comments: 0, anchors: Vec::new(), shares: false, width: 2, indentless: false };
    let style = writer.choices.of(8);
    writer.shares = writer.choices.of(3) == 0;
    let mut texts = Vec::new();
    for object in objects {
        writer.out.clear();
        writer.anchors.clear();
        match style {
            0 => writer.json(object, None),
            1 => writer.json(object, Some(0)),
            2 => writer.flow(object),
            _ => {
                writer.width = usize::from(writer.choices.of(4)) + 1;
                writer.indentless = writer.choices.of(2) == 0;
                writer.lines(0);
                writer.block(object, 0, false);
            }
        }
        texts.push(writer.out.trim_end_matches('\n').to_owned());
    }
    let separator = if style < 2 { "\n" } else { "\n---\n" };
    let mut text = texts.join(separator);
    if writer.choices.of(4) > 0 && !text.ends_with("|+") {
        text.push('\n');
    }
    if writer.choices.of(4) == 0 { text.replace('\n', "\r\n") } else { text }
}

struct Writer {
    choices: Choices,
    out: String,
    comments: usize,
    /// The values with an anchor.
    anchors: Vec<Value>,
    /// Whether anchors and aliases are frequent.
    shares: bool,
    width: usize,
    indentless: bool,
}

/// The members of a mapping in their order.
fn members(value: &Value) -> Option<Vec<(&str, &Value)>> {
    let mapping = value.as_object()?;
    Some(match mapping.get("") {
        Some(pairs) => pairs.as_array()?.iter().map(|pair| (pair[0].as_str().unwrap_or_default(), &pair[1])).collect(),
        None => mapping.iter().map(|(key, value)| (key.as_str(), value)).collect(),
    })
}

/// The members of a mapping with their keys, or the elements of a sequence.
fn items(value: &Value) -> Option<Vec<(Option<&str>, &Value)>> {
    match value {
        Value::Array(elements) => Some(elements.iter().map(|element| (None, element)).collect()),
        _ => Some(members(value)?.into_iter().map(|(key, value)| (Some(key), value)).collect()),
    }
}

impl Writer {
    fn comment(&mut self) {
        self.comments += 1;
        self.out.push_str(&format!("#c{} é, 😀 {{a: b}}", self.comments));
    }

    /// Writes an optional trailing comment and the end of the line.
    fn end_line(&mut self) {
        if self.choices.rarely() {
            self.out.push_str("  ");
            self.comment();
        } else if self.choices.rarely() {
            self.out.push(' ');
        }
        self.out.push('\n');
    }

    /// Writes optional empty lines and comments.
    fn lines(&mut self, column: usize) {
        match self.choices.of(16) {
            0 => self.out.push('\n'),
            1 | 2 => {
                self.out.push_str(&" ".repeat(column));
                self.comment();
                self.out.push('\n');
            }
            3 => {
                let further = usize::from(self.choices.of(4));
                self.out.push_str(&" ".repeat(column + further));
                self.comment();
                self.out.push('\n');
            }
            _ => {}
        }
    }

    fn key(&mut self, key: &str) {
        match self.choices.of(12) {
            0 => self.out.push_str(&format!("\"{key}\"")),
            1 => self.out.push_str(&format!("'{key}'")),
            _ => self.out.push_str(key),
        }
        if self.choices.rarely() {
            self.out.push(' ');
        }
        self.out.push(':');
    }

    /// Writes a value in block style at a column. The cursor is at the start of a line, or after a dash in that column.
    fn block(&mut self, value: &Value, column: usize, after_dash: bool) {
        let pad = " ".repeat(column);
        let mut first = after_dash;
        if let Some(members) = members(value) {
            for (key, value) in members {
                if !first {
                    self.lines(column);
                    self.out.push_str(&pad);
                }
                first = false;
                self.key(key);
                self.value(value, column);
            }
        } else if let Value::Array(elements) = value {
            for element in elements {
                if !first {
                    self.lines(column);
                    self.out.push_str(&pad);
                }
                first = false;
                self.out.push('-');
                self.element(element, column);
            }
        }
        if self.choices.rarely() {
            self.lines(column);
        }
    }

    fn is_block(&mut self, value: &Value) -> bool {
        let is_empty = members(value).map_or_else(|| value.as_array().is_none_or(Vec::is_empty), |members| members.is_empty());
        !is_empty && self.choices.of(7) > 0
    }

    fn element(&mut self, value: &Value, column: usize) {
        let anchor = self.anchors.iter().position(|anchored| value.is_object() && anchored == value);
        if let Some(anchor) = anchor.filter(|_| self.choices.of(4) > 0) {
            self.out.push_str(&format!(" *a{anchor}"));
            self.end_line();
            return;
        }
        if self.choices.of(4) > 0
            && let Some((anchor, rest, is_overridden)) = self.mergeable(value)
        {
            self.out.push(' ');
            self.merge(anchor, &rest, is_overridden, column + 2, true);
            return;
        }
        if self.shares && members(value).is_some_and(|members| !members.is_empty()) && self.choices.of(4) == 0 {
            self.out.push_str(&format!(" &a{}", self.anchors.len()));
            self.anchors.push(value.clone());
            let column = column + self.width;
            self.end_line();
            self.block(value, column, false);
            return;
        }
        if !self.is_block(value) {
            self.out.push(' ');
            self.inline(value, column);
            return;
        }
        if self.choices.rarely() {
            let column = column + self.width;
            self.end_line();
            self.block(value, column, false);
            return;
        }
        let gap = if self.choices.rarely() { 3 } else { 1 };
        self.out.push_str(&" ".repeat(gap));
        self.block(value, column + 1 + gap, true);
    }

    /// Writes the value of a key in that column.
    fn value(&mut self, value: &Value, column: usize) {
        let anchor = self.anchors.iter().position(|anchored| anchored == value);
        if let Some(anchor) = anchor.filter(|_| self.choices.of(4) > 0) {
            self.out.push_str(&format!(" *a{anchor}"));
            self.end_line();
            return;
        }
        if self.choices.of(4) > 0
            && let Some((anchor, rest, is_overridden)) = self.mergeable(value)
        {
            self.end_line();
            self.merge(anchor, &rest, is_overridden, column + self.width, false);
            return;
        }
        let anchor_weight = if value.is_object() { 3 } else { u8::from(value.is_array() || self.choices.of(4) == 0) };
        if self.choices.of(if self.shares { 4 } else { 40 }) < anchor_weight {
            self.out.push_str(&format!(" &a{}", self.anchors.len()));
            self.anchors.push(value.clone());
        } else if self.choices.of(40) == 0 {
            self.out.push_str(" &unused");
        }
        if !self.is_block(value) {
            self.inline(value, column);
            return;
        }
        self.end_line();
        let further = if value.is_array() && self.indentless { 0 } else { self.width };
        self.block(value, column + further, false);
    }

    /// Writes a mapping with a merge key at a column. The merge key is the last if it does not replace own keys there.
    fn merge(&mut self, anchor: usize, rest: &Value, is_overridden: bool, column: usize, after_dash: bool) {
        let pad = " ".repeat(column);
        let is_last = !is_overridden && members(rest).is_some_and(|rest| !rest.is_empty()) && self.choices.of(4) == 0;
        if is_last {
            self.block(rest, column, after_dash);
            if !self.out.ends_with('\n') {
                self.out.push('\n');
            }
        }
        self.out.push_str(&format!("{}<<: *a{anchor}\n", if after_dash && !is_last { "" } else { &pad }));
        if !is_last {
            self.block(rest, column, false);
        }
    }

    /// Returns a mapping with an anchor whose keys are a subset of those of a value, the members of the value that it does not have, and
    /// whether some of them override its members.
    fn mergeable(&self, value: &Value) -> Option<(usize, Value, bool)> {
        let all = members(value)?;
        self.anchors.iter().enumerate().find_map(|(anchor, anchored)| {
            let anchored = members(anchored)?;
            let has_key = |(key, _): &(&str, &Value)| all.iter().any(|(other, _)| other == key);
            let is_mergeable = anchored.iter().any(|member| all.contains(member)) && anchored.iter().all(has_key);
            let rest = all.iter().filter(|member| !anchored.contains(member));
            let is_overridden = anchored.iter().any(|member| !all.contains(member));
            let rest: Vec<Value> = rest.map(|(key, value)| serde_json::json!([key, value])).collect();
            is_mergeable.then(|| (anchor, serde_json::json!({ "": rest }), is_overridden))
        })
    }

    /// Writes a scalar or flow after a key or a dash, with the end of its line.
    fn inline(&mut self, value: &Value, column: usize) {
        match value {
            Value::Null if self.choices.of(2) == 0 => {}
            Value::String(text) if text.ends_with('\n') && self.choices.of(2) == 0 => {
                let keeps = text.ends_with("\n\n");
                self.out.push_str(if keeps { " |+\n" } else { " |\n" });
                let pad = " ".repeat(column + self.width + 1);
                for line in text.lines() {
                    self.out.push_str(if line.is_empty() { "" } else { &pad });
                    self.out.push_str(line);
                    self.out.push('\n');
                }
                return;
            }
            Value::Object(_) if self.choices.of(4) == 0 => {
                self.end_line();
                self.out.push_str(&" ".repeat(column + self.width));
                self.flow(value);
            }
            _ => {
                self.out.push(' ');
                self.flow(value);
            }
        }
        self.end_line();
    }

    fn flow(&mut self, value: &Value) {
        let Some(items) = items(value) else { return self.scalar(value) };
        let over_lines = self.choices.rarely();
        let spaced = self.choices.rarely();
        let comma_at_end = self.choices.rarely();
        self.out.push(if value.is_array() { '[' } else { '{' });
        for (index, (key, item)) in items.iter().enumerate() {
            if over_lines {
                self.end_line();
                self.out.push_str("                                ");
            } else if spaced || index > 0 {
                self.out.push(' ');
            }
            if self.entry(*key, item) {
                self.flow(item);
            }
            if index + 1 < items.len() || comma_at_end {
                self.out.push(',');
            }
        }
        if over_lines {
            self.end_line();
            self.out.push_str("                             ");
        } else if spaced {
            self.out.push(' ');
        }
        self.out.push(if value.is_array() { ']' } else { '}' });
    }

    /// Writes the key of a flow entry, if it has one, and returns whether its value follows.
    fn entry(&mut self, key: Option<&str>, value: &Value) -> bool {
        let Some(key) = key else { return true };
        if self.choices.rarely() {
            self.out.push_str(&format!("? {key} :"));
        } else {
            self.key(key);
        }
        let follows = !value.is_null() || self.choices.of(2) == 0;
        if follows {
            self.out.push(' ');
        }
        follows
    }

    fn scalar(&mut self, value: &Value) {
        match value {
            Value::Bool(true) => {
                let word = ["true", "yes", "on", "True"][usize::from(self.choices.of(4))];
                self.out.push_str(word);
            }
            Value::Null => self.out.push_str(if self.choices.of(2) == 0 { "~" } else { "null" }),
            Value::String(text) if !text.is_empty() && text.chars().all(|c| c.is_ascii_alphabetic() || c == '_') => {
                match self.choices.of(4) {
                    0 => self.out.push_str(&format!("'{text}'")),
                    1 => self.out.push_str(&value.to_string()),
                    2 if text.len() > 6 && self.choices.rarely() => self.out.push_str(&format!("!!str {text}")),
                    _ => self.out.push_str(text),
                }
            }
            _ => self.out.push_str(&value.to_string()),
        }
    }

    /// Writes JSON in one line, or in lines with an indentation.
    fn json(&mut self, value: &Value, depth: Option<usize>) {
        let pad = |depth: usize| "\n".to_owned() + &"  ".repeat(depth);
        let Some(items) = items(value) else { return self.out.push_str(&value.to_string()) };
        self.out.push(if value.is_array() { '[' } else { '{' });
        for (index, (key, item)) in items.iter().enumerate() {
            self.out.push_str(if index > 0 { "," } else { "" });
            if let Some(depth) = depth {
                self.out.push_str(&pad(depth + 1));
            }
            if let Some(key) = key {
                self.out.push_str(&format!("\"{key}\":{}", if depth.is_some() { " " } else { "" }));
            }
            self.json(item, depth.map(|depth| depth + 1));
        }
        if let Some(depth) = depth.filter(|_| !items.is_empty()) {
            self.out.push_str(&pad(depth));
        }
        self.out.push(if value.is_array() { ']' } else { '}' });
    }
}
