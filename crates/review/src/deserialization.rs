//! Deserialization of manifests with the traits of [`pss_core::json`], so that a manifest has the same fields and errors as the
//! payload of a request.

use std::borrow::Cow;

use pss_core::json::{self, Aborted, Context, Elements, Entries, ErrorSink, FromJson, Key, Text, Unexpected};
use pss_core::pod::Object;
use pss_manifest::{Kind, Node, Number};

use crate::review::template::{PlainText, Template};

/// Deserializes an object, which includes the first error.
pub fn object(node: Node<'_>) -> Object<'_> {
    object_in(node, &PlainText)
}

/// Deserializes an object in a template. The values that depend on actions are unset, except strings, which are their source.
pub(crate) fn object_in<'d>(node: Node<'d>, template: &'d dyn Template) -> Object<'d> {
    let mut object = Object::default();
    json::in_context("", &ErrorSink::default(), |cx| deserialize_into(Source { node, template }, &mut object, cx));
    object
}

/// Deserializes a node into a value; `root` is the path of the node in errors.
pub fn deserialize<'d>(node: Node<'d>, root: &str, errors: &ErrorSink, into: &mut dyn FromJson<'d>) {
    json::in_context(root, errors, |cx| deserialize_into(Source { node, template: &PlainText }, into, cx));
}

/// A node, and the template that it is in.
#[derive(Clone, Copy)]
struct Source<'d> {
    node: Node<'d>,
    template: &'d dyn Template,
}

fn deserialize_into<'d>(source: Source<'d>, into: &mut dyn FromJson<'d>, cx: Context<'_>) -> Result<(), Aborted> {
    let Source { node, template } = source;
    if let Kind::Text(_) = node.kind()
        && let Some(text) = template.source(node)
    {
        if into.expected() == Text::default().expected() {
            into.text(Cow::Borrowed(text), cx);
        } else {
            into.null();
        }
        return Ok(());
    }
    match node.kind() {
        Kind::Null => into.null(),
        Kind::Bool(value) => into.boolean(value, cx),
        Kind::Number(Number::Whole(value)) => into.integer(value, cx),
        Kind::Number(Number::Large(value)) => into.mismatch(Unexpected::TooLarge(value), cx),
        // kubectl sends -0.0 as 0.
        Kind::Number(Number::Float(0.0)) => into.integer(0, cx),
        Kind::Number(Number::Float(_)) => into.mismatch(Unexpected::Fraction, cx),
        Kind::Text(value) => into.text(Cow::Borrowed(value), cx),
        Kind::Sequence => return into.array(&mut ElementsOf { elements: node.elements(), template }, cx),
        Kind::Mapping => return into.object(&mut EntriesOf { entries: node.pairs(), value: None, template }, cx),
    }
    Ok(())
}

/// The remaining elements of a sequence.
struct ElementsOf<'d, I> {
    elements: I,
    template: &'d dyn Template,
}

impl<'d, I: Iterator<Item = Node<'d>>> Elements<'d> for ElementsOf<'d, I> {
    fn element(&mut self, into: &mut dyn FromJson<'d>, cx: Context<'_>) -> Result<bool, Aborted> {
        match self.elements.next() {
            Some(node) => deserialize_into(Source { node, template: self.template }, into, cx).map(|()| true),
            None => Ok(false),
        }
    }

    fn skip(&mut self, _: Context<'_>) -> Result<bool, Aborted> {
        Ok(self.elements.next().is_some())
    }
}

/// The remaining entries of a mapping, and the value of the last key.
struct EntriesOf<'d, I> {
    entries: I,
    value: Option<Node<'d>>,
    template: &'d dyn Template,
}

impl<'d, I: Iterator<Item = (&'d str, Node<'d>)>> EntriesOf<'d, I> {
    fn next(&mut self) -> Option<&'d str> {
        let (key, value) = self.entries.next()?;
        self.value = Some(value);
        Some(key)
    }
}

impl<'d, I: Iterator<Item = (&'d str, Node<'d>)>> Entries<'d> for EntriesOf<'d, I> {
    fn match_key(&mut self, keys: &'static [&'static str], _: Context<'_>) -> Result<Option<Key>, Aborted> {
        let key = self.next();
        Ok(key.map(|key| keys.iter().position(|known| *known == key).map_or(Key::Unknown, Key::Field)))
    }

    fn key(&mut self, _: Context<'_>) -> Result<Option<Text<'d>>, Aborted> {
        Ok(self.next().map(Cow::Borrowed))
    }

    fn value(&mut self, into: &mut dyn FromJson<'d>, cx: Context<'_>) -> Result<(), Aborted> {
        let template = self.template;
        self.value.take().map_or(Ok(()), |node| deserialize_into(Source { node, template }, into, cx))
    }

    fn skip(&mut self, _: Context<'_>) -> Result<(), Aborted> {
        self.value = None;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use pss_manifest::documents;

    use crate::schema::Schema;

    #[test]
    fn deserializes_a_manifest_as_its_json() {
        let text = "apiVersion: v1\nkind: Pod\nmetadata:\n  annotations: &a\n    seccomp.security.alpha.kubernetes.io/pod: x\nspec:\n  \
                    hostNetwork: yes\n  hostUsers: ~\n  containers:\n  - name: a\n    ports: [{hostPort: 1e3}]\n    securityContext: {privileged: on, \
                    runAsUser: 0777}\n  volumes: [{name: v, hostPath: {path: /x}}, {name: w, emptyDir: {}}]\n";
        let documents = documents(text);
        let tree = documents[0].content.as_ref().unwrap();
        let json = tree.to_json().to_string();
        let object = super::object(tree.root());
        assert_eq!(object, pss_core::pod::read(&json).unwrap());
        assert!(object.errors.is_empty() && object.value.spec.host_network, "{object:?}");
        assert_eq!(object.value.spec.containers[0].host_ports.0, [(0, 1000)]);
        for invalid in
            ["spec: {hostNetwork: \"yes\"}", "spec: [a]", "spec: {containers: [{name: 1.5}]}", "metadata: {name: 18446744073709551615}"]
        {
            let documents = pss_manifest::documents(invalid);
            let tree = documents[0].content.as_ref().unwrap();
            let json = tree.to_json().to_string();
            let object = super::object(tree.root());
            assert_eq!(object.errors.len(), 1, "{invalid}");
            assert_eq!(object, pss_core::pod::read(&json).unwrap(), "{invalid}");
        }
    }
    /// The spellings of whole numbers in YAML, as kubectl sends them.
    #[test]
    fn deserializes_numbers_as_kubectl_sends_them() {
        for (text, expected) in [
            ("80", Some(80)),
            ("+80", Some(80)),
            ("80.0", Some(80)),
            ("8e1", Some(80)),
            ("0.8e2", Some(80)),
            ("0x50", Some(80)),
            ("0o120", Some(80)),
            ("0120", Some(80)),
            ("0b1010000", Some(80)),
            ("8_0", Some(80)),
            ("0", Some(0)),
            ("-0", Some(0)),
            ("-0.0", Some(0)),
            ("-.0", Some(0)),
            ("-0e5", Some(0)),
            ("80.5", None),
            ("1e21", None),
            ("18446744073709551615", None),
            ("\"80\"", None),
        ] {
            let ports = format!(
                "spec: {{containers: [{{name: a, ports: [{{hostPort: {text}}}], livenessProbe: {{tcpSocket: {{port: {text}}}}}}}]}}"
            );
            let documents = documents(&format!("{{apiVersion: v1, kind: Pod, {ports}}}"))
                .into_iter()
                .map(|document| {
                    let tree = document.content.unwrap();
                    let object = super::object(tree.root());
                    let host_port = object.value.spec.containers[0].host_ports.0.first().map_or(0, |(_, port)| *port);
                    let errors = crate::fields::kubernetes().errors(tree.root(), "v1", "Pod");
                    // A port of a probe can be a string.
                    let is_valid = object.errors.is_empty();
                    assert_eq!(errors.iter().any(|error| error.path.ends_with("hostPort")), !is_valid, "{text}");
                    assert_eq!(
                        errors.iter().any(|error| error.path.ends_with("tcpSocket.port")),
                        !is_valid && !text.starts_with('"'),
                        "{text}"
                    );
                    is_valid.then_some(host_port)
                })
                .collect::<Vec<_>>();
            assert_eq!(documents, [expected], "{text}");
        }
    }
}
