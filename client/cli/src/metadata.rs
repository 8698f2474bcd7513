//! `update` of feature groups and training datasets.

use std::collections::BTreeMap;

use mangonel_client::MangonelClient;
use mangonel_proto::{Error, Result, v1};

use crate::{
    args::{MetadataArgs, OutputForm},
    output,
};

pub(crate) async fn update(
    client: &MangonelClient,
    kind: v1::DependencyKind,
    (name, version): (String, u32),
    change: MetadataArgs,
    form: OutputForm,
) -> Result<()> {
    let MetadataArgs { description, owner, tags, untag, features, revision } = change;
    let nothing = description.is_none() && owner.is_none();
    if nothing && tags.is_empty() && untag.is_empty() && features.is_empty() {
        return Err(Error::invalid("nothing to change: give --description, --owner, --tag, --untag or --feature"));
    }
    let (tags, features) = (pairs("--tag", tags), pairs("--feature", features));
    let problems = [&tags, &features].into_iter().filter_map(|pairs| pairs.as_ref().err().cloned()).collect();
    Error::all(problems)?;
    let update = v1::UpdateMetadata {
        kind: kind.into(),
        name,
        version,
        description,
        owner,
        set_tags: tags?.into_iter().collect(),
        remove_tags: untag,
        feature_descriptions: features?.into_iter().collect(),
        expected_revision: revision,
    };
    let updated = client.call(update).await?;
    output::record(form, &updated, &[("revision", updated.revision.to_string())])
}

/// Tags as people write them.
pub(crate) fn tags(tags: &BTreeMap<String, String>) -> String {
    tags.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(", ")
}

fn pairs(flag: &str, given: Vec<String>) -> Result<Vec<(String, String)>> {
    let pair = |text: String| match text.split_once('=') {
        Some((key, value)) => Ok((key.to_owned(), value.to_owned())),
        None => Err(Error::invalid(format!("{flag} `{text}` has no `=`: write NAME=TEXT"))),
    };
    given.into_iter().map(pair).collect()
}
