//! `mangonel training-dataset`.

use mangonel_client::MangonelClient;
use mangonel_proto::{Error, Result, v1, wire};

use crate::{
    args::{self, OutputForm, TrainingDatasetCommand},
    features::feature_request,
    metadata, output, progress, rows,
};

pub(crate) async fn run(client: &MangonelClient, command: TrainingDatasetCommand, form: OutputForm) -> Result<()> {
    match command {
        TrainingDatasetCommand::Create {
            name,
            features,
            request,
            version,
            description,
            labels,
            format,
            compression,
            shards,
            shard_size,
            nulls,
            strict,
            run_id,
            detach,
        } => {
            let create = v1::CreateTrainingDataset {
                name,
                version,
                description,
                source: Some(feature_request(features, &request, 0)?),
                labels,
                data_format: data_format(format).into(),
                compression: compression_of(compression).into(),
                shards,
                shard_bytes: shard_size.unwrap_or(0) as u64,
                null_policy: null_policy(nulls).into(),
                strict,
                run_id,
                ..Default::default()
            };
            let answer = client.call(create).await?;
            let (run, dataset) = (answer.run.unwrap_or_default(), answer.training_dataset.unwrap_or_default());
            if detach {
                return output::id(form, &run, &run.id);
            }
            progress::wait(client, &run.id).await?;
            show(client, dataset.name, dataset.version, form).await
        }
        TrainingDatasetCommand::Insert { name, version, shards, run_id, detach } => {
            let insert = v1::InsertIntoTrainingDataset { name, version, shards, run_id, ..Default::default() };
            let answer = client.call(insert).await?;
            let (run, dataset) = (answer.run.unwrap_or_default(), answer.training_dataset.unwrap_or_default());
            if detach {
                return output::id(form, &run, &run.id);
            }
            progress::wait(client, &run.id).await?;
            show(client, dataset.name, dataset.version, form).await
        }
        TrainingDatasetCommand::Rebuild { name, version } => {
            let run = client.call(v1::RebuildTrainingDataset { name, version, ..Default::default() }).await?;
            progress::wait(client, &run.id).await?;
            let detail = client.call(wire::ShowRun(v1::RunRef { run_id: run.id })).await?;
            let run = detail.run.unwrap_or_default();
            output::record(
                form,
                &run,
                &[
                    ("run", run.id.clone()),
                    ("rows", output::thousands(run.rows)),
                    ("bytes", output::bytes(run.bytes)),
                    ("shards that differ", "0".to_owned()),
                ],
            )
        }
        TrainingDatasetCommand::List { name } => {
            let request = v1::ListTrainingDatasets { name: name.unwrap_or_default() };
            let datasets = client.call(request).await?.training_datasets;
            output::list(form, &datasets, &["training dataset", "format", "features", "rows", "shards"], |dataset| {
                let built = dataset.generation.clone().unwrap_or_default();
                vec![
                    format!("{}_{}", dataset.name, dataset.version),
                    format_name(dataset),
                    dataset.features.len().to_string(),
                    output::thousands(built.rows),
                    built.shards.to_string(),
                ]
            })
        }
        TrainingDatasetCommand::Show { name, version } => show(client, name, version, form).await,
        TrainingDatasetCommand::Verify { name, version } => {
            let report = client.call(wire::VerifyTrainingDataset(v1::VersionRef { name, version })).await?;
            output::record(
                form,
                &report,
                &[
                    ("shards read", report.shards.to_string()),
                    ("rows", output::thousands(report.rows)),
                    ("bytes", output::bytes(report.bytes)),
                    ("problems", report.problems.len().to_string()),
                ],
            )?;
            let problems = report.problems.into_iter().map(Error::internal).collect();
            Error::all(problems)
        }
        TrainingDatasetCommand::Read { name, version, rows } => {
            let kind = v1::DependencyKind::TrainingDataset.into();
            rows::answer(
                client,
                &wire::Command::Read(v1::ReadVersion { kind, name, version, ..Default::default() }),
                rows,
                form,
            )
            .await
        }
        TrainingDatasetCommand::Update { name, version, metadata } => {
            metadata::update(client, v1::DependencyKind::TrainingDataset, (name, version), metadata, form).await
        }
        TrainingDatasetCommand::Delete { name, version } => {
            let version = match version.version {
                Some(version) => version,
                None => {
                    let latest = v1::VersionRef { name: name.clone(), version: 0 };
                    client.call(wire::ShowTrainingDataset(latest)).await?.training_dataset.unwrap_or_default().version
                }
            };
            let deleted = v1::VersionRef { name, version };
            client.call(wire::DeleteTrainingDataset(deleted.clone())).await?;
            output::quiet(form, &deleted)
        }
    }
}

async fn show(client: &MangonelClient, name: String, version: u32, form: OutputForm) -> Result<()> {
    let detail = client.call(wire::ShowTrainingDataset(v1::VersionRef { name, version })).await?;
    let dataset = detail.training_dataset.clone().unwrap_or_default();
    let built = dataset.generation.clone().unwrap_or_default();
    let names: Vec<&str> = dataset.features.iter().map(|feature| feature.name.as_str()).collect();
    output::record(
        form,
        &detail,
        &[
            ("training dataset", format!("{}_{}", dataset.name, dataset.version)),
            ("description", dataset.description.clone()),
            ("owner", dataset.owner.clone()),
            ("tags", metadata::tags(&dataset.tags)),
            ("format", format_name(&dataset)),
            ("features", names.join(", ")),
            ("labels", dataset.labels.join(", ")),
            ("rows", output::thousands(built.rows)),
            ("bytes", output::bytes(built.bytes)),
            ("shards", built.shards.to_string()),
            ("folder", detail.path.clone()),
        ],
    )
}

fn format_name(dataset: &v1::TrainingDataset) -> String {
    let format = dataset.data_format().as_str_name().trim_start_matches("DATA_FORMAT_").to_lowercase();
    match dataset.compression() {
        v1::Compression::Unspecified | v1::Compression::None => format,
        v1::Compression::Gzip => format!("{format}, gzip"),
        v1::Compression::Zlib => format!("{format}, zlib"),
    }
}

pub(crate) fn data_format(format: args::DataFormat) -> v1::DataFormat {
    match format {
        args::DataFormat::Tfrecord => v1::DataFormat::Tfrecord,
        args::DataFormat::Parquet => v1::DataFormat::Parquet,
        args::DataFormat::Csv => v1::DataFormat::Csv,
        args::DataFormat::Tsv => v1::DataFormat::Tsv,
    }
}

fn compression_of(compression: args::Compression) -> v1::Compression {
    match compression {
        args::Compression::None => v1::Compression::None,
        args::Compression::Gzip => v1::Compression::Gzip,
        args::Compression::Zlib => v1::Compression::Zlib,
    }
}

fn null_policy(policy: Option<args::NullPolicy>) -> v1::NullPolicy {
    match policy {
        None => v1::NullPolicy::Unspecified,
        Some(args::NullPolicy::Error) => v1::NullPolicy::Error,
        Some(args::NullPolicy::Default) => v1::NullPolicy::Default,
        Some(args::NullPolicy::Omit) => v1::NullPolicy::Omit,
    }
}
