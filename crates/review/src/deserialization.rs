//! Deserialization of manifests with the traits of [`pss_core::json`], so that a manifest has the same fields and errors as the
//! payload of a request.

use std::borrow::Cow;

use pss_core::json::{self, Aborted, Context, ErrorSink, FromJson, Input, Path, Text, Unexpected, Value};
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
    deserialize_in(node, template, "", &ErrorSink::default(), &mut object);
    object
}

/// Deserializes a node into a value; `root` is the path of the node in errors.
pub fn deserialize<'d>(node: Node<'d>, root: &str, errors: &ErrorSink, into: &mut impl FromJson<'d>) {
    deserialize_in(node, &PlainText, root, errors, into);
}

fn deserialize_in<'d>(node: Node<'d>, template: &'d dyn Template, root: &str, errors: &ErrorSink, into: &mut impl FromJson<'d>) {
    let root = Path::root(root);
    let cx = Context::new(&root, errors);
    let mut document = Document { node, template, open: Vec::new() };
    // Only JSON text has syntax errors.
    let _ = into.read(&mut document, cx);
}

/// A document as the input of deserialization.
struct Document<'d> {
    /// The next value.
    node: Node<'d>,
    template: &'d dyn Template,
    /// The sequences and mappings whose members are being read, each with the index of the next one.
    open: Vec<(Node<'d>, usize)>,
}

impl<'d> Document<'d> {
    /// Goes to the next member of the innermost collection, which `member` returns with its key; `None` after the last one.
    fn next<K>(&mut self, member: impl FnOnce(Node<'d>, usize) -> Option<(K, Node<'d>)>) -> Option<K> {
        let (collection, index) = self.open.last_mut()?;
        let Some((key, node)) = member(*collection, *index) else {
            self.open.pop();
            return None;
        };
        *index += 1;
        self.node = node;
        Some(key)
    }
}

impl<'d> Input<'d> for Document<'d> {
    fn kind(&mut self) -> json::Kind {
        match self.node.kind() {
            Kind::Null => json::Kind::Null,
            Kind::Text(_) if self.template.source(self.node).is_some() => json::Kind::Template,
            Kind::Text(_) => json::Kind::Text,
            Kind::Sequence => json::Kind::Array,
            Kind::Mapping => json::Kind::Object,
            Kind::Bool(_) | Kind::Number(_) => json::Kind::Other,
        }
    }

    fn next_element(&mut self, _: Context<'_>) -> Result<bool, Aborted> {
        Ok(self.next(|sequence, index| Some(((), sequence.element(index)?))).is_some())
    }

    fn next_key(&mut self, _: Context<'_>) -> Result<Option<Text<'d>>, Aborted> {
        Ok(self.next(Node::pair).map(Cow::Borrowed))
    }

    fn value(&mut self, _: Context<'_>) -> Result<Value<'d>, Aborted> {
        let node = self.node;
        if let Kind::Text(_) = node.kind()
            && let Some(text) = self.template.source(node)
        {
            return Ok(Value::Template(text));
        }
        Ok(match node.kind() {
            Kind::Null => Value::Null,
            Kind::Bool(value) => Value::Bool(value),
            Kind::Number(Number::Whole(value)) => Value::Integer(value),
            Kind::Number(Number::Large(value)) => Value::Number(Unexpected::TooLarge(value)),
            // kubectl sends -0.0 as 0.
            Kind::Number(Number::Float(0.0)) => Value::Integer(0),
            Kind::Number(Number::Float(_)) => Value::Number(Unexpected::Fraction),
            Kind::Text(value) => Value::Text(Cow::Borrowed(value)),
            Kind::Sequence => {
                self.open.push((node, 0));
                Value::Array
            }
            Kind::Mapping => {
                self.open.push((node, 0));
                Value::Object
            }
        })
    }

    fn skip(&mut self, _: Context<'_>) -> Result<(), Aborted> {
        Ok(())
    }

    fn raw(&mut self, _: Context<'_>) -> Result<Option<&'d str>, Aborted> {
        Ok(None)
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
