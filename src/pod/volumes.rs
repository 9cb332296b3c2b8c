//! The volumes of a pod.

use crate::json::{Aborted, Context, Elements, Entries, FromJson, Text, each_element, view};

/// The volumes of a pod that some check may object to. The others, of one harmless source alone,
/// are not kept.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Volumes<'a>(pub Vec<Volume<'a>>);

impl<'de> FromJson<'de> for Volumes<'de> {
    fn expected(&self) -> &'static str {
        "an array"
    }

    fn array(&mut self, elements: &mut dyn Elements<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        each_element(elements, cx, |index, volume: Volume<'de>| {
            if !volume.is_harmless() {
                self.0.push(Volume { index, ..volume });
            }
        })
    }
}

/// A volume of a pod.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Volume<'a> {
    /// Its place in `volumes`.
    pub index: usize,
    /// `name`.
    pub name: Text<'a>,
    /// `hostPath.path`, where there is a hostPath.
    pub host_path: Option<Text<'a>>,
    /// The sources that are set, a bit for each place in [`VOLUME_SOURCES`].
    sources: u32,
}

/// The sources that a volume can have: first those that restrictedVolumes names, in the order in
/// which it looks at them, then those that no check objects to.
pub const VOLUME_SOURCES: &[&str] = &[
    "hostPath",
    "gcePersistentDisk",
    "awsElasticBlockStore",
    "gitRepo",
    "nfs",
    "iscsi",
    "glusterfs",
    "rbd",
    "flexVolume",
    "cinder",
    "cephfs",
    "flocker",
    "fc",
    "azureFile",
    "vsphereVolume",
    "quobyte",
    "azureDisk",
    "portworxVolume",
    "scaleIO",
    "storageos",
    "photonPersistentDisk",
    "configMap",
    "csi",
    "downwardAPI",
    "emptyDir",
    "ephemeral",
    "image",
    "persistentVolumeClaim",
    "projected",
    "secret",
];

/// Where in [`VOLUME_SOURCES`] the harmless ones begin.
pub(crate) const HARMLESS_FROM: usize = 21;

/// The sources that no check objects to.
#[cfg(not(target_os = "wasi"))]
pub(crate) const HARMLESS_SOURCES: &[&str] = VOLUME_SOURCES.split_at(HARMLESS_FROM).1;

impl Volume<'_> {
    /// The sources that are set, in the order of [`VOLUME_SOURCES`].
    pub fn sources(&self) -> impl Iterator<Item = &'static str> {
        let set = self.sources;
        VOLUME_SOURCES.iter().enumerate().filter(move |(place, _)| set & (1 << place) != 0).map(|(_, source)| *source)
    }

    /// Whether one of its sources is allowed at every level.
    pub fn has_allowed_source(&self) -> bool {
        self.sources >> HARMLESS_FROM != 0
    }

    fn is_harmless(&self) -> bool {
        self.has_allowed_source() && self.host_path.is_none()
    }
}

impl<'de> FromJson<'de> for Volume<'de> {
    fn expected(&self) -> &'static str {
        "an object"
    }

    fn object(&mut self, entries: &mut dyn Entries<'de>, cx: Context<'_>) -> Result<(), Aborted> {
        let mut seen = 0_u32;
        while let Some(key) = entries.key(cx)? {
            let at = cx.at.key(&key);
            let cx = cx.at(&at);
            let place = match VOLUME_SOURCES.iter().position(|source| *source == key) {
                Some(place) => place,
                None if key == "name" => VOLUME_SOURCES.len(),
                None => {
                    entries.skip(cx)?;
                    continue;
                }
            };
            if seen & (1 << place) != 0 {
                cx.report_duplicate();
            }
            seen |= 1 << place;
            if key == "name" {
                entries.value(&mut self.name, cx)?;
                continue;
            }
            let mut source = None::<Source<'de>>;
            entries.value(&mut source, cx)?;
            if let Some(source) = source {
                self.sources |= 1 << place;
                if key == "hostPath" {
                    self.host_path = Some(source.path);
                }
            }
        }
        Ok(())
    }
}

view! {
    /// The source of a volume.
    pub struct Source<'a> {
        /// `path`, of a hostPath and a few others.
        "path" => path: Text<'a>,
    }
}
