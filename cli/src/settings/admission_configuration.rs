//! The settings in an AdmissionConfiguration, which API servers read with `--admission-control-config-file`.
//!
//! The first plugin with the name `PodSecurity` counts. Its `configuration` has precedence over its `path`, which is relative to
//! the folder of the file. With neither, all modes are privileged, and the labels of namespaces decide.
//!
//! Source: `ReadAdmissionConfiguration` in `staging/src/k8s.io/apiserver/pkg/admission/config.go` of Kubernetes.

use std::path::Path;

use pss_manifest::{Kind, Node};

use super::{SettingsText, beside, field, read};
use crate::error::{Error, Result};

/// The versions of AdmissionConfiguration. The groups differ.
const VERSIONS: [&str; 2] = ["apiserver.config.k8s.io/v1", "apiserver.k8s.io/v1alpha1"];
const PLUGIN: &str = "PodSecurity";

/// Returns the settings of the plugin for Pod Security Admission in the file at a path.
pub(super) fn settings(root: Node<'_>, path: &Path) -> Result<SettingsText> {
    let name = path.display();
    let version = field(root, "apiVersion");
    if !VERSIONS.contains(&version) {
        return Err(Error::usage(format!("{name}: there is no AdmissionConfiguration in {version:?}. Expected {}", VERSIONS.join(" or "))));
    }
    let plugins = root.get("plugins").map(|entry| entry.value);
    let plugin = plugins.and_then(|plugins| plugins.elements().find(|plugin| field(*plugin, "name") == PLUGIN));
    let Some(plugin) = plugin else {
        return Err(Error::usage(format!(
            "{name}: no plugin has the name {PLUGIN}, so Pod Security Admission has its defaults: nothing is rejected"
        )));
    };
    if let Some(configuration) = plugin.get("configuration").map(|entry| entry.value).filter(|node| !matches!(node.kind(), Kind::Null)) {
        return SettingsText::of(configuration, true).checked(&|error| {
            let start = configuration.at(&error.path).span().start;
            format!("{name}:{}:{}", start.line, start.column)
        });
    }
    match field(plugin, "path") {
        "" => Ok(SettingsText { json: r#"{"level":"privileged","namespaceLabels":"honor"}"#.to_owned(), ..SettingsText::default() }),
        file => {
            let file = beside(path, file);
            let text = read(&file)?;
            if pss_manifest::documents(&text)
                .iter()
                .any(|document| document.content.as_ref().is_ok_and(|tree| field(tree.root(), "kind") == "AdmissionConfiguration"))
            {
                return Err(Error::usage(format!("{}: expected a PodSecurityConfiguration, which {name} names", file.display())));
            }
            SettingsText::parse(&text, &file)
        }
    }
}
