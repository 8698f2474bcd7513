//! `mangonel feature-group`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use futures::stream;
use mangonel_client::{MangonelClient, schema_bytes};
use mangonel_proto::{Error, ErrorCode, Result, v1, wire};

use crate::{
    args::{FeatureGroupCommand, OutputForm},
    files, metadata, output, progress, rows,
};

pub(crate) async fn run(client: &MangonelClient, command: FeatureGroupCommand, form: OutputForm) -> Result<()> {
    match command {
        FeatureGroupCommand::Create { name, version, description, keys, event_time, features, like, partition_by } => {
            let create = v1::CreateFeatureGroup {
                name,
                version,
                description,
                features: features.iter().map(|text| parse_feature(text)).collect::<Result<_>>()?,
                arrow_schema: like.map(|path| schema_like(&path)).transpose()?.unwrap_or_default(),
                primary_key: keys,
                event_time,
                partition_by,
                ..Default::default()
            };
            let group = client.call(create).await?;
            show(client, group.name, group.version, form).await
        }
        FeatureGroupCommand::Insert { name, files, version, mode, nulls, delimiter, quote, run_id } => {
            let files = expand(&files)?;
            let begin = v1::BeginInsert {
                feature_group: name,
                version,
                mode: files::insert_mode(mode).into(),
                sources: Vec::new(),
                run_id,
            };
            let dialect = files::Dialect { nulls, delimiter, quote };
            let run = insert_files(client, begin, &files, &dialect).await?;
            output::record(
                form,
                &run,
                &[
                    ("feature group", format!("{}_{}", run.target_name, run.target_version)),
                    ("rows inserted", output::thousands(run.rows)),
                    ("bytes written", output::bytes(run.bytes)),
                    ("table version", run.table_version.to_string()),
                    ("run", run.id.clone()),
                ],
            )
        }
        FeatureGroupCommand::List { name } => {
            let request = v1::ListFeatureGroups { name: name.unwrap_or_default() };
            let groups = client.call(request).await?.feature_groups;
            output::list(form, &groups, &["feature group", "key", "event time", "features", "description"], |group| {
                vec![
                    format!("{}_{}", group.name, group.version),
                    group.primary_key.join(", "),
                    group.event_time.clone(),
                    group.features.len().to_string(),
                    group.description.clone(),
                ]
            })
        }
        FeatureGroupCommand::Show { name, version } => show(client, name, version, form).await,
        FeatureGroupCommand::Partitions { name, version } => partitions(client, name, version, form).await,
        FeatureGroupCommand::Preview { name, version, table_version, as_of, rows } => {
            let kind = v1::DependencyKind::FeatureGroup.into();
            let read = v1::ReadVersion { kind, name, version, table_version, as_of_ms: as_of.as_of_ms };
            rows::answer(client, &wire::Command::Read(read), rows, form).await
        }
        FeatureGroupCommand::Update { name, version, metadata } => {
            metadata::update(client, v1::DependencyKind::FeatureGroup, (name, version), metadata, form).await
        }
        FeatureGroupCommand::Delete { name, version } => {
            let deleted = v1::VersionRef { name, version };
            client.call(wire::DeleteFeatureGroup(deleted.clone())).await?;
            output::quiet(form, &deleted)
        }
    }
}

/// Uploads files as one insert and waits for its end.
///
/// # Errors
/// What is wrong with the files or the request, or what the run failed with.
pub(crate) async fn insert_files(
    client: &MangonelClient,
    begin: v1::BeginInsert,
    files: &[PathBuf],
    dialect: &files::Dialect,
) -> Result<v1::Run> {
    insert_renamed(client, begin, files, dialect, &BTreeMap::new()).await
}

/// [`insert_files`] with columns renamed: name in the file -> name of the feature.
///
/// # Errors
/// As [`insert_files`].
pub(crate) async fn insert_renamed(
    client: &MangonelClient,
    begin: v1::BeginInsert,
    files: &[PathBuf],
    dialect: &files::Dialect,
    renames: &BTreeMap<String, String>,
) -> Result<v1::Run> {
    let bar = progress::upload_bar(files::total_bytes(files));
    // All files are opened before anything is sent, so that a missing one costs nothing.
    let opened = files.iter().map(|file| files::open(file, dialect, renames, &bar)).collect::<Result<Vec<_>>>()?;
    let mut insert = client.begin_insert(begin).await?;
    for (index, ((schema, batches), file)) in opened.into_iter().zip(files).enumerate() {
        let uploaded = insert.upload(&format!("{index:05}"), schema, stream::iter(batches)).await;
        uploaded.map_err(|error| about(file, error))?;
    }
    bar.finish_and_clear();
    let run = insert.commit().await?;
    let inserted = progress::wait(client, &run.id).await;
    inserted.map_err(|error| match files {
        [file] if error.code == ErrorCode::InvalidArgument => about(file, error),
        _ => error,
    })
}

/// The error with the file that it is about, unless it says so itself.
fn about(file: &Path, mut error: Error) -> Error {
    let file = file.display().to_string();
    if !error.message.contains(&file) {
        error.message = format!("{file}: {}", error.message);
    }
    error
}

async fn show(client: &MangonelClient, name: String, version: u32, form: OutputForm) -> Result<()> {
    let detail = client.call(wire::ShowFeatureGroup(v1::VersionRef { name, version })).await?;
    let group = detail.feature_group.clone().unwrap_or_default();
    output::record(
        form,
        &detail,
        &[
            ("feature group", format!("{}_{}", group.name, group.version)),
            ("description", group.description.clone()),
            ("owner", group.owner.clone()),
            ("tags", metadata::tags(&group.tags)),
            ("primary key", group.primary_key.join(", ")),
            ("event time", group.event_time.clone()),
            ("partitioned by", group.partition_by.join(", ")),
            ("rows", output::thousands(detail.rows)),
            ("bytes", output::bytes(detail.bytes)),
            ("files", detail.files.to_string()),
            ("table version", detail.table_version.to_string()),
            ("table", detail.url.clone()),
        ],
    )?;
    if form != OutputForm::Table {
        return Ok(());
    }
    output::list(form, &group.features, &["feature", "type", "description"], |feature| {
        vec![feature.name.clone(), feature.r#type.clone(), feature.description.clone()]
    })
}

async fn partitions(client: &MangonelClient, name: String, version: u32, form: OutputForm) -> Result<()> {
    let listed = client.call(wire::ListPartitions(v1::VersionRef { name: name.clone(), version })).await?;
    if listed.columns.is_empty() && form == OutputForm::Table {
        println!("{name} is not partitioned");
        return Ok(());
    }
    output::list(form, &listed.partitions, &["partition", "rows", "bytes", "files"], |partition| {
        vec![
            partition.name.clone(),
            output::thousands(partition.rows),
            output::bytes(partition.bytes),
            partition.files.to_string(),
        ]
    })
}

/// `NAME:TYPE` or `NAME:TYPE:DESCRIPTION`.
fn parse_feature(text: &str) -> Result<v1::Feature> {
    let mut parts = text.splitn(3, ':');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(name), Some(r#type), description) => Ok(v1::Feature {
            name: name.to_owned(),
            r#type: r#type.to_owned(),
            description: description.unwrap_or_default().to_owned(),
            nullable: true,
            fixed_length: 0,
        }),
        _ => Err(Error::invalid(format!("`--feature {text}` is not like team_budget:double"))),
    }
}

/// The schema of a file, for a group with its columns.
fn schema_like(path: &Path) -> Result<Vec<u8>> {
    let (schema, _) =
        files::open(path, &files::Dialect::default(), &BTreeMap::new(), &indicatif::ProgressBar::hidden())?;
    schema_bytes(&schema)
}

/// File names with `*` in their last part, expanded; in order.
fn expand(patterns: &[String]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for pattern in patterns {
        let path = Path::new(pattern);
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        let Some((before, after)) = name.split_once('*') else {
            files.push(path.to_owned());
            continue;
        };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let entries = std::fs::read_dir(folder).map_err(|error| Error::invalid(format!("{pattern}: {error}")))?;
        let mut found: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after)
            })
            .collect();
        if found.is_empty() {
            return Err(Error::invalid(format!("no file is like `{pattern}`")));
        }
        found.sort();
        files.extend(found);
    }
    Ok(files)
}
