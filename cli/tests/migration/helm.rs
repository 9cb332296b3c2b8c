//! `helm upgrade`, as far as it depends on what Helm has stored: it builds on the manifest of the deployed revision, and fails if
//! the cluster does not have one of its kinds.

use std::io::{Read as _, Write as _};
use std::process::ExitCode;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use crate::cluster::{Cluster, VERSION, has_kind, objects};

/// Returns the Secret with revision 1 of a release.
pub(crate) fn release(name: &str, namespace: &str, manifest: &str) -> Value {
    let record = json!({
        "name": name, "namespace": namespace, "version": 1, "info": {"status": "deployed", "description": "Install complete"},
        "chart": {"metadata": {"name": name, "version": "1.0.0"}}, "config": {}, "manifest": manifest, "hooks": [],
    });
    let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
    gzip.write_all(record.to_string().as_bytes()).unwrap();
    let data = STANDARD.encode(STANDARD.encode(gzip.finish().unwrap()));
    json!({
        "apiVersion": "v1", "kind": "Secret", "type": "helm.sh/release.v1",
        "metadata": {
            "name": format!("sh.helm.release.v1.{name}.v1"), "namespace": namespace,
            "labels": {"owner": "helm", "name": name, "status": "deployed", "version": "1"},
        },
        "data": {"release": data},
    })
}

/// Runs `helm upgrade NAME CHART -n NAMESPACE`.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let [command, name, _, _, namespace] = arguments else { panic!("helm {arguments:?} is not simulated") };
    assert_eq!(command, "upgrade");
    let version = std::env::var(VERSION).unwrap();
    let secrets = Cluster::current().of_kind("secrets");
    let labels = |secret: &Value, key: &str| secret["metadata"]["labels"][key].as_str().unwrap_or_default().to_owned();
    let own = secrets.iter().filter(|secret| labels(secret, "name") == *name && secret["metadata"]["namespace"] == **namespace);
    let deployed = own.filter(|secret| labels(secret, "status") == "deployed").max_by_key(|secret| labels(secret, "version")).unwrap();
    let record: Value = serde_json::from_slice(&decode(deployed["data"]["release"].as_str().unwrap())).unwrap();
    for object in objects(record["manifest"].as_str().unwrap()) {
        if !has_kind(&object, &version) {
            eprintln!(
                "Error: UPGRADE FAILED: unable to build kubernetes objects from current release manifest: no matches for kind {}",
                object["kind"]
            );
            return ExitCode::FAILURE;
        }
    }
    println!("Release {name:?} has been upgraded. Happy Helming!");
    ExitCode::SUCCESS
}

fn decode(data: &str) -> Vec<u8> {
    let gzip = STANDARD.decode(STANDARD.decode(data).unwrap()).unwrap();
    let mut json = Vec::new();
    GzDecoder::new(gzip.as_slice()).read_to_end(&mut json).unwrap();
    json
}
