//! Texts for other programs than Kubernetes, which are recognized by a few keys.

use pss_manifest::{Kind, Node};

/// The cause, and how to fix it in a sentence.
pub(super) type Advice = (&'static str, &'static str);

/// The keys of kustomizations that other documents do not have.
const OF_KUSTOMIZATION: &str = "bases patches patchesStrategicMerge patchesJson6902 configMapGenerator secretGenerator namePrefix nameSuffix \
                                commonLabels commonAnnotations generatorOptions";
/// The keys that the values of most charts have.
const OF_VALUES: &str = "image imagePullSecrets nameOverride fullnameOverride serviceAccount podAnnotations podLabels podSecurityContext \
                         securityContext service ingress resources autoscaling nodeSelector tolerations affinity global";
/// The number of keys in [`OF_VALUES`] by which values are recognized.
const MIN_VALUES: usize = 3;

const RENDER: &str = "Paste the output of helm template CHART instead.";
const MANIFESTS: &str = "Paste manifests, which have apiVersion and kind.";

/// Recognizes a text that need not be YAML.
pub(super) fn of_text(text: &str) -> Option<Advice> {
    let is_markup = text.trim_start().starts_with('<');
    is_markup.then_some(("the text is HTML or XML", "Paste the manifest itself, such as the raw file of a page on GitHub."))
}

/// Recognizes a mapping without `kind`.
pub(super) fn of_mapping(root: Node<'_>) -> Option<Advice> {
    let mapping = |key: &str| root.get(key).map(|entry| entry.value).filter(|value| matches!(value.kind(), Kind::Mapping));
    let has = |key: &str| root.get(key).is_some();
    let count = |keys: &str| keys.split(' ').filter(|key| has(key)).count();
    let is_service = |service: Node<'_>| service.get("image").is_some() || service.get("build").is_some();
    if mapping("services").is_some_and(|services| services.pairs().any(|(_, service)| is_service(service))) {
        return Some((
            "the document is a Compose file, which Kubernetes does not read",
            "Convert it to manifests with kompose convert, or write a Deployment for each service.",
        ));
    }
    if has("apiVersion") {
        return (has("name") && has("version")).then_some(("the document is the Chart.yaml of a Helm chart", RENDER));
    }
    let has_files = || root.get("resources").is_some_and(|resources| resources.value.elements().next().is_some());
    if count(OF_KUSTOMIZATION) > 0 || has_files() {
        return Some(("the document is a kustomization", "Paste the output of kubectl kustomize instead."));
    }
    if mapping("jobs").is_some() && (has("on") || has("true")) {
        return Some(("the document is a workflow of GitHub Actions", MANIFESTS));
    }
    if count("openapi swagger $schema") > 0 {
        return Some(("the document is a schema or a description of an API", MANIFESTS));
    }
    let has_image = || mapping("image").is_some_and(|image| image.get("repository").is_some() || image.get("tag").is_some());
    (has("replicaCount") || has_image() || count(OF_VALUES) >= MIN_VALUES)
        .then_some(("the document has the values of a Helm chart", RENDER))
}
