//! A cluster in memory: namespaces with labels, pods and workloads.

use pss_core::admission::{Cluster, LookupError, Workload};
use pss_core::date::Date;
use serde_json::{Map, Value, json};

use crate::samples;

/// Namespaces with their labels, pods and workloads.
#[derive(Debug, Default, Clone)]
pub struct MemoryCluster {
    /// The labels of each namespace, by name.
    pub namespaces: Map<String, Value>,
    /// The pods of every namespace.
    pub pods: Vec<Value>,
    /// The workloads of every namespace.
    pub workloads: Vec<Value>,
}

impl MemoryCluster {
    /// Returns the labels of a namespace.
    ///
    /// # Errors
    /// If there is no such namespace, with the message of an API server.
    pub fn labels_of(&self, name: &str) -> Result<&Value, String> {
        self.namespaces.get(name).ok_or_else(|| format!("namespaces {name:?} not found"))
    }
}

impl Cluster for MemoryCluster {
    fn namespace(&self, name: &str) -> Result<Vec<u8>, LookupError> {
        let labels = self.labels_of(name).map_err(|error| LookupError::from(error.as_str()))?;
        Ok(json!({"metadata": {"name": name, "labels": labels}}).to_string().into_bytes())
    }

    fn pods(&self, _: &str) -> Result<Vec<u8>, LookupError> {
        Ok(json!({"items": self.pods}).to_string().into_bytes())
    }

    fn workloads(&self, workload: &'static Workload, _: &str) -> Result<Vec<u8>, LookupError> {
        let items: Vec<&Value> = self.workloads.iter().filter(|object| object["kind"] == workload.kind).collect();
        Ok(json!({"items": items}).to_string().into_bytes())
    }

    fn millis(&self) -> u64 {
        0
    }

    fn today(&self) -> Option<Date> {
        Date::parse(samples::TODAY).ok()
    }
}
