//! Requests in few words.

use mangonel_proto::v1;

/// A feature group: `keys` and `features` are separated by blanks, features are `name:type`.
pub(crate) fn group(name: &str, keys: &str, features: &str) -> v1::CreateFeatureGroup {
    let features = features.split_whitespace().map(|feature| {
        let (name, r#type) = feature.split_once(':').unwrap();
        v1::Feature { name: name.into(), r#type: r#type.into(), nullable: true, ..Default::default() }
    });
    v1::CreateFeatureGroup {
        name: name.into(),
        features: features.collect(),
        primary_key: keys.split_whitespace().map(str::to_owned).collect(),
        ..Default::default()
    }
}

/// A feature request: names separated by blanks.
pub(crate) fn request(features: &str) -> v1::FeatureRequest {
    v1::FeatureRequest { features: features.split_whitespace().map(str::to_owned).collect(), ..Default::default() }
}

/// A TFRecord dataset of `shards` shards.
pub(crate) fn dataset(name: &str, features: &str, shards: u32) -> v1::CreateTrainingDataset {
    v1::CreateTrainingDataset { name: name.into(), source: Some(request(features)), shards, ..Default::default() }
}
