//! What people say of feature groups and training datasets: description, owner, tags, and descriptions of features.

use std::collections::BTreeMap;

use mangonel_planner::{definition::check_description, did_you_mean, nearest};
use mangonel_proto::{
    Error, ErrorCode, Result,
    names::{Principal, shown},
    v1::{self, DependencyKind},
};

use super::FeatureStore;

/// An update that named no revision is tried again so often when others change the record at the same moment.
const ATTEMPTS_MAX: usize = 10;
/// Longest tag, key and value alike, in characters.
const TAG_CHARS_MAX: usize = 256;
/// Most tags of one version.
const TAGS_MAX: usize = 100;
/// Longest name of an owner, in characters.
const OWNER_CHARS_MAX: usize = 256;

impl FeatureStore {
    /// # Errors
    /// Everything that is wrong with the update, at once; `conflict` if the record has changed since the revision that the
    /// update names.
    pub(crate) async fn update_metadata(
        &self,
        who: &Principal,
        update: v1::UpdateMetadata,
    ) -> Result<v1::MetadataUpdated> {
        for attempt in 1.. {
            let updated = match update.kind() {
                DependencyKind::FeatureGroup => self.update_group(who, &update).await,
                DependencyKind::TrainingDataset => self.update_dataset(who, &update).await,
                _ => return Err(Error::invalid("say whether a feature group or a training dataset is meant")),
            };
            match updated {
                Err(error)
                    if error.code == ErrorCode::Conflict && update.expected_revision == 0 && attempt < ATTEMPTS_MAX =>
                {
                    tracing::debug!(name = update.name, attempt, "somebody else changed the record at this moment");
                }
                updated => return updated.map(|revision| v1::MetadataUpdated { revision }),
            }
        }
        Err(Error::internal("an update has no end"))
    }

    async fn update_group(&self, who: &Principal, update: &v1::UpdateMetadata) -> Result<i64> {
        let mut group = self.catalog.get_feature_group(who, &update.name, update.version).await?;
        check_revision(update, group.revision, &format!("{}_{}", group.value.name, group.value.version))?;
        let record = &mut group.value;
        apply(update, &mut record.description, &mut record.owner, &mut record.tags, &mut record.features)?;
        Ok(self.catalog.update_feature_group(who, &group).await?.revision)
    }

    async fn update_dataset(&self, who: &Principal, update: &v1::UpdateMetadata) -> Result<i64> {
        let mut dataset = self.catalog.get_training_dataset(who, &update.name, update.version).await?;
        check_revision(update, dataset.revision, &format!("{}_{}", dataset.value.name, dataset.value.version))?;
        let record = &mut dataset.value;
        apply(update, &mut record.description, &mut record.owner, &mut record.tags, &mut record.features)?;
        Ok(self.catalog.update_training_dataset(who, &dataset).await?.revision)
    }
}

fn check_revision(update: &v1::UpdateMetadata, revision: i64, title: &str) -> Result<()> {
    if update.expected_revision == 0 || update.expected_revision == revision {
        return Ok(());
    }
    let message = format!(
        "`{title}` was changed by somebody else: it is at revision {revision}, you changed revision {}; look at it and try again",
        update.expected_revision
    );
    Err(Error::conflict(message).named([title]))
}

fn apply(
    update: &v1::UpdateMetadata,
    description: &mut String,
    owner: &mut String,
    tags: &mut BTreeMap<String, String>,
    features: &mut [v1::Feature],
) -> Result<()> {
    let mut problems = Vec::new();
    if let Some(new) = &update.description {
        check_description("the update", new, &mut problems);
        description.clone_from(new);
    }
    if let Some(new) = &update.owner {
        if new.is_empty() || new.chars().count() > OWNER_CHARS_MAX {
            problems.push(Error::invalid(format!("an owner has 1 to {OWNER_CHARS_MAX} characters")));
        }
        owner.clone_from(new);
    }
    for key in &update.remove_tags {
        if tags.remove(key).is_none() {
            let offers = nearest(key, tags.keys().map(|tag| (tag, tag.clone())));
            let message = format!("there is no tag `{}`{}", shown(key), did_you_mean(&offers));
            problems.push(Error::invalid(message).named(offers));
        }
    }
    for (key, value) in &update.set_tags {
        if key.is_empty() || key.chars().count() > TAG_CHARS_MAX || value.chars().count() > TAG_CHARS_MAX {
            let message =
                format!("tag `{}`: keys have 1 to {TAG_CHARS_MAX} characters, values at most as many", shown(key));
            problems.push(Error::invalid(message));
        }
        tags.insert(key.clone(), value.clone());
    }
    if tags.len() > TAGS_MAX {
        problems.push(Error::invalid(format!("{} tags are too many: at most {TAGS_MAX}", tags.len())));
    }
    for (name, new) in &update.feature_descriptions {
        check_description(&format!("feature `{}`", shown(name)), new, &mut problems);
        match features.iter_mut().find(|feature| feature.name == *name) {
            Some(feature) => feature.description.clone_from(new),
            None => {
                let offers = nearest(name, features.iter().map(|feature| (&feature.name, feature.name.clone())));
                let message = format!("there is no feature `{}`{}", shown(name), did_you_mean(&offers));
                problems.push(Error::invalid(message).reason("FeatureNotFound").named(offers));
            }
        }
    }
    Error::all(problems)
}
