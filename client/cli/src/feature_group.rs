//! `mangonel feature-group`.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use futures::{StreamExt, TryStreamExt, stream};
use mangonel_client::{MangonelClient, schema_bytes};
use mangonel_proto::{Error, ErrorCode, Result, v1, wire};
use mangonel_storage::files::{Input, Progress, Reading};

use crate::{
    args::{self, DialectArgs, FeatureGroupCommand, InputFormat, OutputForm},
    metadata, output, progress, rows,
};

/// Files of one insert on their way at the same time.
const UPLOADS_AT_ONCE: usize = 2;

pub(crate) async fn run(client: &MangonelClient, command: FeatureGroupCommand, form: OutputForm) -> Result<()> {
    match command {
        FeatureGroupCommand::Create {
            name,
            version,
            description,
            keys,
            event_time,
            features,
            like,
            dialect,
            partition_by,
        } => {
            let reading = Reading { dialect: dialect.dialect(), ..Reading::default() };
            let schema_of = |path: PathBuf| schema_bytes(&*reading.infer_schema(Input::open(&path)?)?);
            let like = like.map(schema_of).transpose()?;
            let create = v1::CreateFeatureGroup {
                name,
                version,
                description,
                features: features.iter().map(|text| parse_feature(text)).collect::<Result<_>>()?,
                arrow_schema: like.unwrap_or_default(),
                primary_key: keys,
                event_time,
                partition_by,
                ..Default::default()
            };
            let group = client.call(create).await?;
            show(client, group.name, group.version, form).await
        }
        FeatureGroupCommand::Insert { name, files, server_files, version, mode, format, dialect, run_id } => {
            let begin = v1::BeginInsert {
                feature_group: name,
                version,
                mode: insert_mode(mode).into(),
                run_id,
                ..Default::default()
            };
            let run = if server_files.is_empty() {
                let format = format.map(InputFormat::file_format);
                let reading = Reading { format, dialect: dialect.dialect(), ..Reading::default() };
                insert_files(client, begin, &expand(&files)?, reading).await?
            } else {
                let reading = file_reading(format, dialect);
                let begin = v1::BeginInsert { sources: server_files, reading: Some(reading), ..begin };
                let run = client.begin_insert(begin).await?.commit().await?;
                progress::wait(client, &run.id).await?
            };
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
        FeatureGroupCommand::Evolve { name, version, features, run_id } => {
            let features = features.iter().map(|text| parse_feature(text)).collect::<Result<_>>()?;
            let evolved = client.call(v1::EvolveFeatureGroup { name, version, features, run_id }).await?;
            if let Some(run) = evolved.run {
                progress::wait(client, &run.id).await?;
            }
            let group = evolved.feature_group.unwrap_or_default();
            show(client, group.name, group.version, form).await
        }
        FeatureGroupCommand::Compact { name, version, run_id } => {
            let run = client.call(v1::CompactFeatureGroup { name, version, run_id }).await?;
            let run = progress::wait(client, &run.id).await?;
            output::record(
                form,
                &run,
                &[
                    ("feature group", format!("{}_{}", run.target_name, run.target_version)),
                    ("rows written anew", output::thousands(run.rows)),
                    ("bytes written", output::bytes(run.bytes)),
                    ("table version", run.table_version.to_string()),
                    ("run", run.id.clone()),
                ],
            )
        }
        FeatureGroupCommand::Delete { name, version } => {
            let version = match version.version {
                Some(version) => version,
                None => {
                    let latest = v1::VersionRef { name: name.clone(), version: 0 };
                    client.call(wire::ShowFeatureGroup(latest)).await?.feature_group.unwrap_or_default().version
                }
            };
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
    mut reading: Reading,
) -> Result<v1::Run> {
    if files.iter().any(|file| reading.needs_features(file)) {
        let group = v1::VersionRef { name: begin.feature_group.clone(), version: begin.version };
        let group = client.call(wire::ShowFeatureGroup(group)).await?.feature_group.unwrap_or_default();
        reading.features = group.features;
    }
    let bar = progress::upload_bar(total_bytes(files));
    let counted = bar.clone();
    let progress: Progress = Arc::new(move |bytes| counted.inc(bytes));
    // All files are opened before anything is sent, so that a missing one costs nothing.
    let open = |file: &PathBuf| reading.open(Input::open(file)?, &progress);
    let opened = files.iter().map(open).collect::<Result<Vec<_>>>()?;
    let is_named = !begin.run_id.is_empty();
    let insert = client.begin_insert(begin).await?;
    let uploads = opened.into_iter().zip(files).enumerate().map(|(index, ((schema, batches), file))| {
        let insert = &insert;
        async move {
            let uploaded = insert.upload(&format!("{index:05}"), schema, stream::iter(batches)).await;
            uploaded.map_err(|error| about(file, error))
        }
    });
    let uploaded = tokio::select! {
        uploaded = stream::iter(uploads).buffer_unordered(UPLOADS_AT_ONCE).try_collect::<()>() => uploaded,
        _ = tokio::signal::ctrl_c() => Err(Error::cancelled("the insert was given up: nothing of it is visible")),
    };
    bar.finish_and_clear();
    if let Err(error) = uploaded {
        // One with a name may be tried again under it.
        if error.code == ErrorCode::Cancelled && !is_named {
            let _ = client.call(wire::CancelRun(v1::RunRef { run_id: insert.run_id().to_owned() })).await;
        }
        return Err(error);
    }
    let run = insert.commit().await?;
    let inserted = progress::wait(client, &run.id).await;
    inserted.map_err(|error| match files {
        [file] if error.code == ErrorCode::InvalidArgument => about(file, error),
        _ => error,
    })
}

/// The error with the file that it is about, unless it says so itself.
fn about(file: &Path, mut error: Error) -> Error {
    let file = if file == Path::new("-") { "standard input".to_owned() } else { file.display().to_string() };
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

/// `NAME:TYPE` or `NAME:TYPE:DESCRIPTION`; a type may hold colons between `<` and `>`.
fn parse_feature(text: &str) -> Result<v1::Feature> {
    let malformed = || Error::invalid(format!("`--feature {text}` is not like team_budget:double"));
    let (name, rest) = text.split_once(':').ok_or_else(malformed)?;
    let mut depth = 0;
    let end_of_type = rest.char_indices().find(|(_, char)| {
        match char {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        *char == ':' && depth == 0
    });
    let (r#type, description) = match end_of_type {
        Some((end, _)) => (&rest[..end], &rest[end + 1..]),
        None => (rest, ""),
    };
    Ok(v1::Feature {
        name: name.to_owned(),
        r#type: r#type.to_owned(),
        description: description.to_owned(),
        nullable: true,
        fixed_length: 0,
    })
}

/// Sizes of files in all.
fn total_bytes(files: &[PathBuf]) -> u64 {
    files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|metadata| metadata.len()).sum()
}

fn file_reading(format: Option<InputFormat>, dialect: DialectArgs) -> v1::FileReading {
    let text = |byte: Option<u8>| byte.map(|byte| char::from(byte).to_string()).unwrap_or_default();
    let format = match format {
        None => "",
        Some(InputFormat::Csv) => "csv",
        Some(InputFormat::Tsv) => "tsv",
        Some(InputFormat::Jsonl) => "jsonl",
        Some(InputFormat::Parquet) => "parquet",
        Some(InputFormat::Arrow) => "arrow",
    };
    v1::FileReading {
        format: format.to_owned(),
        nulls: dialect.nulls,
        delimiter: text(dialect.delimiter),
        quote: text(dialect.quote),
    }
}

fn insert_mode(mode: args::InsertMode) -> v1::InsertMode {
    match mode {
        args::InsertMode::Append => v1::InsertMode::Append,
        args::InsertMode::Overwrite => v1::InsertMode::Overwrite,
    }
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
