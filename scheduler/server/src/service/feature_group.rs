//! Feature groups: create, list, show and delete.

use std::{collections::BTreeMap, sync::Arc};

use mangonel_planner::feature_group::validate;
use mangonel_proto::{Error, ErrorCode, Result, names::Principal, v1};
use mangonel_storage::{
    hash::HASH_VERSION,
    table::{create_table, open_table, partition_name},
    types::arrow_schema,
};

use super::FeatureStore;
use crate::{
    conversions::{declared_features, now_ms},
    runs::LiveRun,
};

impl FeatureStore {
    /// Registers one version and creates its empty table.
    ///
    /// # Errors
    /// Everything that is wrong with the definition, at once; `already_exists` for a version that is there.
    pub(crate) async fn create_feature_group(
        self: &Arc<Self>,
        who: &Principal,
        mut request: v1::CreateFeatureGroup,
    ) -> Result<v1::FeatureGroup> {
        // Types and definition are judged together, so that one answer names all that is wrong.
        match declared_features(&request) {
            Ok(features) => {
                request.features = features;
                // Keys are never null: files are sorted and hashed by them.
                for feature in &mut request.features {
                    if request.primary_key.contains(&feature.name) || request.event_time == feature.name {
                        feature.nullable = false;
                    }
                }
                validate(&request)?;
            }
            Err(mut error) => {
                if !request.features.is_empty()
                    && let Err(more) = validate(&request)
                {
                    error.problems.push(more);
                }
                return Err(error);
            }
        }
        self.ensure_project(who).await?;
        let (id, name) = (uuid::Uuid::now_v7().to_string(), request.name.clone());
        let group = v1::FeatureGroup {
            format: 1,
            project: who.project.clone(),
            name: request.name,
            version: request.version,
            id: id.clone(),
            description: request.description,
            features: request.features,
            primary_key: request.primary_key,
            event_time: request.event_time,
            partition_by: request.partition_by,
            job_name: request.job_name,
            dependencies: request.dependencies,
            statistics: Some(request.statistics.unwrap_or_else(default_statistics)),
            location: String::new(),
            hash_version: HASH_VERSION,
            owner: who.name.clone(),
            created_ms: now_ms(),
            updated_ms: now_ms(),
            tags: Default::default(),
        };
        let schema = arrow_schema(&group.features)?;
        let created = self.catalog.create_feature_group(who, group).await.inspect_err(|error| {
            if error.code == ErrorCode::Unavailable {
                self.undo_group(who, &name, &id);
            }
        })?;
        // The record is the claim to the name; the table follows. A group whose table cannot be made is deleted again.
        let group = &created.value;
        match create_table(&self.warehouse, &group.location, &schema, &group.partition_by, &BTreeMap::new()).await {
            Ok(_) => Ok(created.value),
            Err(error) => {
                let _ = self.catalog.delete_feature_group(who, &created).await;
                Err(error.into())
            }
        }
    }

    /// Takes back the creation of a group that has no table, since the catalog was lost before it could say whether it was made.
    fn undo_group(self: &Arc<Self>, who: &Principal, name: &str, id: &str) {
        let (store, who, name, id) = (Arc::clone(self), who.clone(), name.to_owned(), id.to_owned());
        tokio::spawn(async move {
            let away = LiveRun::unlisted(&id);
            let found = store.until_answered(&away, || store.catalog.list_feature_groups(&who, &name)).await;
            let made = found.ok().and_then(|(groups, _)| groups.into_iter().find(|group| group.value.id == id));
            let Some(group) = made else { return };
            if let Err(error) = store.until_answered(&away, || store.catalog.delete_feature_group(&who, &group)).await {
                tracing::warn!(name, %error, "a group without a table stayed behind");
            }
        });
    }

    /// # Errors
    /// `unavailable` without a catalog.
    pub(crate) async fn list_feature_groups(
        &self,
        who: &Principal,
        request: v1::ListFeatureGroups,
    ) -> Result<v1::FeatureGroupList> {
        let (groups, revision) = self.catalog.list_feature_groups(who, &request.name).await?;
        let feature_groups = groups.into_iter().map(|group| group.value).collect();
        Ok(v1::FeatureGroupList { feature_groups, revision })
    }

    /// # Errors
    /// `not_found`.
    pub(crate) async fn show_feature_group(
        &self,
        who: &Principal,
        group: v1::VersionRef,
    ) -> Result<v1::FeatureGroupDetail> {
        let found = self.catalog.get_feature_group(who, &group.name, group.version).await?;
        let (group, revision) = (found.value, found.revision);
        let snapshot = open_table(&self.warehouse, &group.location, None).await?.snapshot()?;
        Ok(v1::FeatureGroupDetail {
            table_version: snapshot.version,
            rows: snapshot.rows().unwrap_or_default(),
            bytes: snapshot.size(),
            files: snapshot.files.len() as u32,
            url: self.warehouse.url_of(&group.location)?.to_string(),
            feature_group: Some(group),
            revision,
        })
    }

    /// The partitions that have files.
    ///
    /// # Errors
    /// `not_found`.
    pub(crate) async fn list_partitions(&self, who: &Principal, group: v1::VersionRef) -> Result<v1::PartitionList> {
        let group = self.catalog.get_feature_group(who, &group.name, group.version).await?.value;
        let snapshot = open_table(&self.warehouse, &group.location, None).await?.snapshot()?;
        let mut partitions: BTreeMap<String, v1::Partition> = BTreeMap::new();
        let files = if group.partition_by.is_empty() { &[] } else { snapshot.files.as_slice() };
        for file in files {
            let name = partition_name(&group.partition_by, &file.partition_values);
            let partition = partitions.entry(name.clone()).or_insert_with(|| {
                let value = |column: &String| v1::PartitionValue {
                    column: column.clone(),
                    value: file.partition_values.get(column).cloned().flatten(),
                };
                v1::Partition { name, values: group.partition_by.iter().map(value).collect(), ..Default::default() }
            });
            partition.rows += file.rows.unwrap_or_default();
            partition.bytes += file.size;
            partition.files += 1;
        }
        Ok(v1::PartitionList {
            columns: group.partition_by,
            partitions: partitions.into_values().collect(),
            table_version: snapshot.version,
        })
    }

    /// Takes the version out of the catalog; its files stay for readers that hold them, until they are collected.
    ///
    /// # Errors
    /// `not_found`, or `invalid_argument` without a version.
    pub(crate) async fn delete_feature_group(&self, who: &Principal, group: v1::VersionRef) -> Result<v1::Empty> {
        if group.version == 0 {
            return Err(Error::invalid("say which version to delete"));
        }
        let group = self.catalog.get_feature_group(who, &group.name, group.version).await?;
        self.catalog.delete_feature_group(who, &group).await?;
        Ok(v1::Empty {})
    }
}

/// What the seed client computes unless told otherwise.
pub(crate) fn default_statistics() -> v1::StatisticsSettings {
    v1::StatisticsSettings {
        descriptive: true,
        correlation: true,
        histograms: true,
        cluster_analysis: true,
        columns: Vec::new(),
        num_bins: 20,
        corr_method: "pearson".into(),
        num_clusters: 5,
    }
}
