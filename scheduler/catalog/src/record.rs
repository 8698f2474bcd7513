//! How a record is written: the canonical JSON of its message with a format number, and its features in chunks of their own
//! when it is long. `samples/` holds one file per record and format; they must stay readable.

use mangonel_proto::{
    Error, Result,
    v1::{Feature, FeatureGroup, Project, Run, TrainingDataset},
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{
    access::EntityKind,
    catalog::Versioned,
    keys::{self, Folder},
    store::Entry,
};

/// Format of the records that this release writes. It reads this one and all before.
pub const FORMAT: u32 = 1;
/// A record longer than this keeps its features in chunks of at most [`CHUNK_BYTES_MAX`].
const RECORD_BYTES_MAX: usize = 128 << 10;
const CHUNK_BYTES_MAX: usize = 96 << 10;

/// A message that is a record.
pub(crate) trait Record: Clone + Serialize + DeserializeOwned + Send + Sync + 'static {
    const KIND: EntityKind;
}

impl Record for Project {
    const KIND: EntityKind = EntityKind::Project;
}
impl Record for Run {
    const KIND: EntityKind = EntityKind::Run;
}

/// Fields that feature groups and training datasets have in common.
pub(crate) struct Fields<'a> {
    pub(crate) format: &'a mut u32,
    pub(crate) project: &'a mut String,
    pub(crate) version: &'a mut u32,
    pub(crate) id: &'a mut String,
    pub(crate) features: &'a mut Vec<Feature>,
    pub(crate) location: &'a mut String,
    pub(crate) owner: &'a mut String,
    pub(crate) created_ms: &'a mut i64,
    pub(crate) updated_ms: &'a mut i64,
}

/// A record of which there are versions.
pub(crate) trait VersionRecord: Record {
    const FOLDER: Folder;
    /// Exception class of the Python client when there is none.
    const NOT_FOUND: &'static str;
    /// Suffix of the warehouse folder of a project's things of this kind.
    const WAREHOUSE_SUFFIX: &'static str;

    fn project(&self) -> &str;
    fn name(&self) -> &str;
    fn version(&self) -> u32;
    fn id(&self) -> &str;
    fn fields(&mut self) -> Fields<'_>;
}

macro_rules! version_record {
    ($message:ident, $folder:ident, $kind:ident, $not_found:literal, $suffix:literal) => {
        impl Record for $message {
            const KIND: EntityKind = EntityKind::$kind;
        }
        impl VersionRecord for $message {
            const FOLDER: Folder = Folder::$folder;
            const NOT_FOUND: &'static str = $not_found;
            const WAREHOUSE_SUFFIX: &'static str = $suffix;
            fn project(&self) -> &str {
                &self.project
            }
            fn name(&self) -> &str {
                &self.name
            }
            fn version(&self) -> u32 {
                self.version
            }
            fn id(&self) -> &str {
                &self.id
            }
            fn fields(&mut self) -> Fields<'_> {
                Fields {
                    format: &mut self.format,
                    project: &mut self.project,
                    version: &mut self.version,
                    id: &mut self.id,
                    features: &mut self.features,
                    location: &mut self.location,
                    owner: &mut self.owner,
                    created_ms: &mut self.created_ms,
                    updated_ms: &mut self.updated_ms,
                }
            }
        }
    };
}

version_record!(FeatureGroup, FeatureGroups, FeatureGroup, "FeaturegroupNotFound", "_featurestore.db");
version_record!(TrainingDataset, TrainingDatasets, TrainingDataset, "TrainingDatasetNotFound", "_Training_Datasets");

/// Says that a version was deleted at this place, whose folder in the warehouse may still have readers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Retired {
    pub(crate) format: u32,
    /// Id of the version that was deleted last.
    pub(crate) id: String,
    /// When, in milliseconds since 1970 UTC; 0 in records of older releases.
    #[serde(default)]
    pub(crate) deleted_ms: i64,
}

pub(crate) fn encode(record: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(record).map_err(|error| Error::internal(format!("record cannot be written: {error}")))
}

pub(crate) fn decode<T: DeserializeOwned>(entry: &Entry) -> Result<T> {
    #[derive(Deserialize)]
    struct Format {
        format: u32,
    }
    let unreadable = |reason: String| Error::internal(format!("catalog record {} {reason}", entry.key));
    match serde_json::from_slice::<Format>(&entry.value) {
        Ok(Format { format }) if format > FORMAT => Err(unreadable(format!(
            "has format {format}, and this release reads formats up to {FORMAT}: upgrade this server"
        ))),
        Ok(_) => serde_json::from_slice(&entry.value).map_err(|error| unreadable(format!("cannot be read: {error}"))),
        Err(error) => Err(unreadable(format!("cannot be read: {error}"))),
    }
}

/// Key-value pairs of a version whose record is at `key`: the record, and its features apart when it is long.
pub(crate) fn version_to_pairs<T: VersionRecord>(key: &str, record: &T) -> Result<Vec<(String, Vec<u8>)>> {
    let whole = encode(record)?;
    if whole.len() <= RECORD_BYTES_MAX {
        return Ok(vec![(key.to_owned(), whole)]);
    }
    let mut head = record.clone();
    let mut chunk = FeatureGroup { format: FORMAT, ..Default::default() };
    let mut chunk_bytes = 0;
    let mut chunks = Vec::new();
    for feature in std::mem::take(head.fields().features) {
        let bytes = encode(&feature)?.len();
        if chunk_bytes + bytes > CHUNK_BYTES_MAX && !chunk.features.is_empty() {
            chunks.push(encode(&chunk)?);
            (chunk.features, chunk_bytes) = (Vec::new(), 0);
        }
        chunk_bytes += bytes + 1;
        chunk.features.push(feature);
    }
    chunks.push(encode(&chunk)?);
    let mut pairs = vec![(key.to_owned(), encode(&head)?)];
    pairs.extend(chunks.into_iter().enumerate().map(|(number, chunk)| (keys::features(key, number), chunk)));
    Ok(pairs)
}

/// Versions out of entries in key order, read at one revision.
pub(crate) fn versions_from_entries<T: VersionRecord>(entries: &[Entry]) -> Result<Vec<Versioned<T>>> {
    let mut versions: Vec<Versioned<T>> = Vec::new();
    let mut record_key = "";
    for entry in entries {
        match (keys::record_of_features(&entry.key), versions.last_mut()) {
            (None, _) => {
                record_key = &entry.key;
                versions.push(Versioned { value: decode(entry)?, revision: entry.mod_revision });
            }
            (Some(record), Some(version)) if record == record_key => {
                let chunk: FeatureGroup = decode(entry)?;
                version.value.fields().features.extend(chunk.features);
            }
            (Some(_), _) => {
                return Err(Error::internal(format!("catalog record {} belongs to no version", entry.key)));
            }
        }
    }
    Ok(versions)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wide(features: usize) -> FeatureGroup {
        let feature =
            |number| Feature { name: format!("feature_{number}"), r#type: "double".into(), ..Default::default() };
        let features = (0..features).map(feature).collect();
        FeatureGroup { format: FORMAT, name: "wide".into(), version: 1, features, ..Default::default() }
    }

    fn entries(pairs: Vec<(String, Vec<u8>)>) -> Vec<Entry> {
        let entry = |(key, value)| Entry { key, value, create_revision: 1, mod_revision: 7 };
        pairs.into_iter().map(entry).collect()
    }

    #[test]
    fn five_thousand_features_survive_in_small_values() {
        for (count, values) in [(3, 1..2), (5000, 3..9)] {
            let group = wide(count);
            let pairs = version_to_pairs("k/0000000001", &group).unwrap();
            assert!(values.contains(&pairs.len()), "{} values", pairs.len());
            assert!(pairs.iter().all(|(_, value)| value.len() <= RECORD_BYTES_MAX));
            let read = versions_from_entries::<FeatureGroup>(&entries(pairs)).unwrap();
            assert_eq!(read, [Versioned { value: group, revision: 7 }]);
        }
    }

    /// Whether `whole` has everything that `part` has; fields with their default value are written too.
    fn holds(whole: &serde_json::Value, part: &serde_json::Value) -> bool {
        match (whole, part) {
            (serde_json::Value::Object(whole), serde_json::Value::Object(part)) => {
                part.iter().all(|(name, value)| whole.get(name).is_some_and(|found| holds(found, value)))
            }
            (serde_json::Value::Array(whole), serde_json::Value::Array(part)) => {
                whole.len() == part.len() && whole.iter().zip(part).all(|(whole, part)| holds(whole, part))
            }
            _ => whole == part,
        }
    }

    #[test]
    fn samples_of_every_released_format_still_parse() {
        fn parse<T: DeserializeOwned + Serialize>(sample: &str) -> T {
            let entry = Entry { key: "sample".into(), value: sample.into(), create_revision: 1, mod_revision: 1 };
            let record = decode(&entry).unwrap();
            let same: serde_json::Value = serde_json::from_slice(&encode(&record).unwrap()).unwrap();
            let sample: serde_json::Value = serde_json::from_str(sample).unwrap();
            assert!(holds(&same, &sample), "{same} has lost something of {sample}");
            record
        }
        assert_eq!(parse::<Project>(include_str!("../samples/project.1.json")).name, "world_cup");
        let group: FeatureGroup = parse(include_str!("../samples/feature_group.1.json"));
        assert_eq!((group.version, group.created_ms, group.features.len()), (2, 1_795_000_000_000, 2));
        assert_eq!(parse::<FeatureGroup>(include_str!("../samples/features.1.json")).features[0].name, "team_id");
        let dataset: TrainingDataset = parse(include_str!("../samples/training_dataset.1.json"));
        assert_eq!(dataset.generation.unwrap().rows, 48);
        assert_eq!(parse::<Run>(include_str!("../samples/run.1.json")).epoch, 3);
        assert_eq!(parse::<Retired>(include_str!("../samples/retired.1.json")).format, 1);
    }

    #[test]
    fn a_record_of_a_newer_release_asks_to_upgrade() {
        let entry =
            Entry { key: "k".into(), value: b"{\"format\":2,\"new\":1}".into(), create_revision: 1, mod_revision: 1 };
        assert!(decode::<Project>(&entry).unwrap_err().message.contains("upgrade"));
    }
}
