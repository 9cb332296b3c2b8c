//! The mounts of volumes in a container. Only rules with `readOnly` read them, so they remain JSON until then.

use crate::json::{self, Aborted, Context, ErrorSink, FromJson, Input, Kind, Text, each_element, view};

/// The `volumeMounts` of a container.
#[derive(Debug, Default, Clone)]
pub enum VolumeMounts<'a> {
    /// There are none.
    #[default]
    None,
    /// They are JSON that has not been deserialized.
    Json(&'a str),
    /// They are deserialized.
    Read(Box<WritableVolumes>),
}

/// The volumes that containers can write to.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct WritableVolumes {
    /// Their names.
    pub names: Vec<String>,
    /// Whether there may be others, because mounts cannot be deserialized or depend on an action of a template.
    pub may_be_others: bool,
}

view! {
    /// A mount of a volume in a container.
    struct VolumeMount<'a> {
        /// `name`: the name of the volume.
        "name" => volume: Text<'a>,
        /// `readOnly`.
        "readOnly" => read_only: bool,
    }
}

impl VolumeMounts<'_> {
    /// Adds the volumes that the container can write to.
    pub fn add_writable(&self, volumes: &mut WritableVolumes) {
        match self {
            VolumeMounts::None => {}
            VolumeMounts::Json(text) => {
                let mut read = VolumeMounts::None;
                // Errors are in the value.
                match json::read(text, "", &ErrorSink::default(), &mut read) {
                    Ok(()) => read.add_writable(volumes),
                    Err(_) => volumes.may_be_others = true,
                }
            }
            VolumeMounts::Read(own) => {
                volumes.names.extend_from_slice(&own.names);
                volumes.may_be_others |= own.may_be_others;
            }
        }
    }

    fn writable(&self) -> WritableVolumes {
        let mut volumes = WritableVolumes::default();
        self.add_writable(&mut volumes);
        volumes
    }
}

/// Compares the volumes, not their JSON.
impl PartialEq for VolumeMounts<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.writable() == other.writable()
    }
}

impl<'de> FromJson<'de> for VolumeMounts<'de> {
    const EXPECTED: &'static str = "an array";

    /// No error: no check reads mounts.
    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        if let Some(json) = input.raw(cx)? {
            *self = VolumeMounts::Json(json);
            return Ok(());
        }
        let errors = ErrorSink::default();
        let mut names = Vec::new();
        // No API server sends `null`. In a template it stands for an action.
        let is_null = matches!(input.kind(), Kind::Null | Kind::Template);
        let result = each_element(input, cx.with_errors(&errors), |_, mount: VolumeMount<'de>| {
            if !mount.read_only {
                names.push(mount.volume.into_owned());
            }
        });
        *self = VolumeMounts::Read(Box::new(WritableVolumes { names, may_be_others: is_null || !errors.is_empty() }));
        result
    }
}
