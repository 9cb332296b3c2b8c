//! The volumes of a pod.

use crate::json::{Aborted, Context, FromJson, Input, Key, Text, each_element, next_field, view};

/// The volumes of a pod, in chunks: a list of 100,000 grows without a copy of itself, so that no request takes many times its
/// own size in memory (tests/wasm/attacks.rs). The first chunk is apart, because most pods need no other.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Volumes<'a> {
    first: Vec<Volume<'a>>,
    further: Vec<Vec<Volume<'a>>>,
}

/// The volumes of a chunk; only the last one has fewer.
const CHUNK: usize = 256;

impl<'a> Volumes<'a> {
    /// The volumes, in the order of the pod.
    pub fn iter(&self) -> impl Iterator<Item = &Volume<'a>> {
        self.first.iter().chain(self.further.iter().flatten())
    }

    /// The volumes, to change them.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut Volume<'a>> {
        self.first.iter_mut().chain(self.further.iter_mut().flatten())
    }

    /// The volume at an index.
    pub fn get(&self, index: usize) -> Option<&Volume<'a>> {
        match index.checked_sub(CHUNK) {
            None => self.first.get(index),
            Some(index) => self.further.get(index / CHUNK)?.get(index % CHUNK),
        }
    }

    fn push(&mut self, volume: Volume<'a>) {
        if self.first.len() < CHUNK {
            self.first.push(volume);
            return;
        }
        match self.further.last_mut() {
            Some(chunk) if chunk.len() < CHUNK => chunk.push(volume),
            _ => self.further.push(vec![volume]),
        }
    }
}

impl<'de> FromJson<'de> for Volumes<'de> {
    const EXPECTED: &'static str = "an array";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        each_element(input, cx, |_, volume| self.push(volume))
    }
}

/// A volume of a pod.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Volume<'a> {
    /// `name`.
    pub name: Text<'a>,
    /// `hostPath.path`, if there is a hostPath.
    pub host_path: Option<Text<'a>>,
    /// The sources that are set, one bit for each index in [`VOLUME_SOURCES`].
    sources: u32,
}

macro_rules! sources {
    ($($source:literal,)*) => {
        /// The keys of the sources that a volume can have. The order is that in which upstream's restrictedVolumes check looks for
        /// them: it reports the first one. Sources that it does not look for follow.
        pub const VOLUME_SOURCES: &[&str] = &[$($source),*];

        /// The sources, and the name of the volume.
        const KEYS: &[Key] = &[$(Key::new($source),)* Key::new("name")];
    };
}

sources! {
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
}

impl Volume<'_> {
    /// Sets an emptyDir if no source is set, as an API server does.
    pub fn default_to_empty_dir(&mut self) {
        if self.sources == 0 {
            self.sources = bit_of("emptyDir");
        }
    }

    /// The sources that are set, in the order of [`VOLUME_SOURCES`].
    pub fn sources(&self) -> impl Iterator<Item = &'static str> {
        let set = self.sources;
        VOLUME_SOURCES.iter().enumerate().filter(move |(index, _)| set & (1 << index) != 0).map(|(_, source)| *source)
    }
}

impl<'de> FromJson<'de> for Volume<'de> {
    const EXPECTED: &'static str = "an object";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        if !input.object(Self::EXPECTED, cx)? {
            return Ok(());
        }
        let mut present = 0;
        while let Some(index) = next_field(KEYS, false, &mut present, input, cx)? {
            let key = KEYS.get(index).map_or("", |key| key.name);
            let at = cx.at.key(key);
            let cx = cx.at(&at);
            if key == "name" {
                self.name.read(input, cx)?;
                continue;
            }
            let mut source = None::<Source<'de>>;
            source.read(input, cx)?;
            if let Some(source) = source {
                self.sources |= 1 << index;
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

/// The bit of a source; 0 for other keys.
fn bit_of(key: &str) -> u32 {
    VOLUME_SOURCES.iter().position(|source| *source == key).map_or(0, |index| 1 << index)
}
