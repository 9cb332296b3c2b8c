//! Texts of the tests, and edits of the protocol applied to them.

use serde_json::Value;

/// A pod with violations, and text in other scripts before them.
pub(crate) const POD: &str = "\
apiVersion: v1
kind: Pod
metadata:
  name: web
  annotations: {note: \"Grüße 😀\"} # 😀
spec:
  hostNetwork: true
  containers:
    - name: web
      image: nginx
      securityContext: {\"x😀\": 1, privileged: true}
";

/// A deployment without a security context.
pub(crate) const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: nginx
          ports:
            - containerPort: 80
";

/// Returns the offset of a position in UTF-16 code units.
pub(crate) fn offset(text: &str, position: &Value) -> usize {
    let [line, character] = ["line", "character"].map(|name| position[name].as_u64().unwrap() as usize);
    let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let mut units = 0;
    for (offset, next) in text[start..].char_indices() {
        if units == character {
            return start + offset;
        }
        units += next.len_utf16();
    }
    assert_eq!(units, character, "{position}");
    text.len()
}

/// Returns the position of an offset as line and column in UTF-16 code units.
pub(crate) fn position(text: &str, offset: usize) -> (u64, u64) {
    let before = &text[..offset];
    let line = before.matches('\n').count();
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    (line as u64, text[start..offset].encode_utf16().count() as u64)
}

/// Returns the text of a range.
pub(crate) fn slice<'t>(text: &'t str, range: &Value) -> &'t str {
    &text[offset(text, &range["start"])..offset(text, &range["end"])]
}

/// Applies the edits of a code action to a text.
pub(crate) fn applied(text: &str, action: &Value) -> String {
    let edit = &action["edit"];
    let edits = match edit.get("documentChanges") {
        Some(changes) => changes[0]["edits"].as_array().unwrap(),
        None => edit["changes"].as_object().unwrap().values().next().unwrap().as_array().unwrap(),
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(text, &range["start"]), offset(text, &range["end"]), edit["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort_unstable();
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}
