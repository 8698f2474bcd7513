//! `mangonel demo`: the main job from raw data to TFRecord on a server of its own, and what to try next.

mod description;
mod guess;

use std::{
    path::Path,
    time::{Duration, Instant},
};

use futures::stream;
use mangonel_client::{MangonelClient, schema_bytes};
use mangonel_generator::{FootballWorld, TOUR_FEATURES, WorldOptions, WorldTable};
use mangonel_proto::{Error, ErrorCode, Result, v1, wire};
use mangonel_scheduler::Server;

use crate::{
    args::{COMPACT_AFTER, DemoArgs, LimitArgs, SqlServerArgs, UpArgs},
    feature_group::insert_files,
    output::{self, bytes, thousands},
    progress,
    up::{LOG_VARIABLE, options, start_logs},
};
use description::Description;

const BATCH_ROWS: usize = 8192;
/// Name of a description that was guessed, in the demo's folder.
const GUESSED_NAME: &str = "description.toml";
/// Ten of the tour's features, from four groups, in the order of the vendor's dataset; the label last.
const GENERATED_PROJECT: &str = "football";

pub(crate) async fn run(args: DemoArgs) -> Result<()> {
    if std::env::var_os(LOG_VARIABLE).is_some() {
        start_logs();
    }
    // Before anything is started: what cannot be read or described costs nothing.
    let description = args.data.as_deref().map(|folder| description_of(folder, &args)).transpose()?;
    let up = UpArgs {
        data_dir: args.data_dir.clone(),
        flight: ([127, 0, 0, 1], 0).into(),
        http: ([127, 0, 0, 1], 0).into(),
        warehouse: None,
        memory: None,
        threads: None,
        broadcast_max: None,
        compact_after: COMPACT_AFTER,
        import_roots: Vec::new(),
        limits: LimitArgs::default(),
        sql: SqlServerArgs::default(),
    };
    let server = Box::pin(Server::start(options(&up))).await?;
    let demonstrated = demonstrate(&server, &args, description).await;
    server.stop().await;
    demonstrated
}

/// What somebody wrote of the folder, else what its files look like, which is kept where it can be changed.
fn description_of(folder: &Path, args: &DemoArgs) -> Result<Description> {
    if let Some(description) = Description::find(folder, args.description.as_deref())? {
        return Ok(description);
    }
    say(&format!("nobody describes the files in {}: this is what they look like", folder.display()));
    let guess = guess::guess(folder)?;
    guess.lines.iter().for_each(|line| eprintln!("    {line}"));
    let path = args.data_dir.join(GUESSED_NAME);
    let text = format!(
        "# Guessed by `mangonel demo --data {}`. Change it, and pass it with --description FILE and another --data-dir.\n{}",
        folder.display().to_string().replace('\n', " "),
        guess.description.text()
    );
    let written = std::fs::create_dir_all(&args.data_dir).and_then(|()| std::fs::write(&path, text));
    written.map_err(|error| Error::invalid(format!("{}: {error}", path.display())))?;
    say(&format!("the description that is used is in {}", path.display()));
    Ok(guess.description)
}

async fn demonstrate(server: &Server, args: &DemoArgs, description: Option<Description>) -> Result<()> {
    let url = format!("grpc://{}", server.flight());
    say(&format!("a server runs on {url}, its store is in {}", args.data_dir.display()));
    let (project, create) = match (&args.data, description) {
        (Some(folder), Some(description)) => {
            let client = MangonelClient::connect(&url, &description.project).await?;
            for group in &description.feature_group {
                let started = Instant::now();
                if create_group(&client, group.create()).await? {
                    let begin = begin_insert(&group.name);
                    let file = folder.join(&group.file);
                    let run = insert_files(&client, begin, &[file], group.reading()).await?;
                    say_inserted(&run, started.elapsed());
                }
            }
            (description.project, description.training_dataset.create(args.shards))
        }
        _ => {
            let client = MangonelClient::connect(&url, GENERATED_PROJECT).await?;
            generate(&client, args).await?;
            (GENERATED_PROJECT.to_owned(), generated_dataset(args.shards))
        }
    };
    let client = MangonelClient::connect(&url, &project).await?;
    let source = create.source.clone().unwrap_or_default();
    let explanation = client.call(wire::Explain(source)).await?;
    say("asked for features by name; this is where they come from:");
    output::print(&format!("{}\n", indent(&explanation.text)))?;

    let started = Instant::now();
    let answer = client.call(create).await?;
    let dataset = answer.training_dataset.unwrap_or_default();
    let run = progress::wait(&client, &answer.run.unwrap_or_default().id).await?;
    let seconds = started.elapsed();
    let version = v1::VersionRef { name: dataset.name.clone(), version: dataset.version };
    let detail = client.call(wire::ShowTrainingDataset(version.clone())).await?;
    say(&format!(
        "wrote {}_{}: {} rows, {} in {} shards, in {:.2} s ({} rows/s)",
        dataset.name,
        dataset.version,
        thousands(run.rows),
        bytes(run.bytes),
        detail.training_dataset.unwrap_or_default().generation.unwrap_or_default().shards,
        seconds.as_secs_f64(),
        thousands((run.rows as f64 / seconds.as_secs_f64()) as u64)
    ));
    let report = client.call(wire::VerifyTrainingDataset(version)).await?;
    Error::all(report.problems.into_iter().map(Error::internal).collect())?;
    say(&format!("read every shard again: {} rows, checksums as written", thousands(report.rows)));
    output::print(&format!(
        "\nThe shards are in\n  {path}\n\nTry next:\n  mangonel up --data-dir {data} &\n  mangonel --project {project} feature-group list\n  \
         mangonel --project {project} training-dataset verify {name}\n  ls {path}\n",
        path = detail.path,
        data = args.data_dir.display(),
        name = dataset.name,
    ))
}

/// Generates the football world into feature groups, one insert per delivery.
async fn generate(client: &MangonelClient, args: &DemoArgs) -> Result<()> {
    let world = WorldOptions { seed: args.seed, teams: args.teams, seasons: args.seasons, ..Default::default() };
    let world = FootballWorld::new(world).map_err(|error| Error::invalid(error.to_string()))?;
    for table in WorldTable::ALL {
        let spec = table.spec();
        let create = v1::CreateFeatureGroup {
            name: spec.name.clone(),
            version: 1,
            description: spec.description.clone(),
            arrow_schema: schema_bytes(&spec.schema())?,
            features: described(&spec.fields),
            primary_key: spec.primary_key.clone(),
            event_time: spec.event_time.clone().unwrap_or_default(),
            ..Default::default()
        };
        if !create_group(client, create).await? {
            continue;
        }
        let started = Instant::now();
        let mut total = v1::Run { target_name: spec.name.clone(), target_version: 1, ..Default::default() };
        for wave in 0..world.waves(table) {
            let insert = client.begin_insert(begin_insert(&spec.name)).await?;
            let batches = world.wave_batches(table, wave..wave + 1, BATCH_ROWS);
            let batches = batches.map(|batch| batch.map_err(|error| Error::internal(error.to_string())));
            insert.upload("00000", spec.schema(), stream::iter(batches)).await?;
            let run = insert.commit().await?;
            let run = progress::wait(client, &run.id).await?;
            total.rows += run.rows;
            total.bytes += run.bytes;
        }
        say_inserted(&total, started.elapsed());
    }
    Ok(())
}

fn described(fields: &[(arrow::datatypes::Field, String)]) -> Vec<v1::Feature> {
    let feature = |(field, description): &(arrow::datatypes::Field, String)| v1::Feature {
        name: field.name().clone(),
        description: description.clone(),
        ..Default::default()
    };
    fields.iter().map(feature).collect()
}

fn generated_dataset(shards: u32) -> v1::CreateTrainingDataset {
    // Ten of the twelve, from all four groups of the tour.
    let features = TOUR_FEATURES.iter().filter(|name| !matches!(**name, "sum_player_age" | "sum_position"));
    v1::CreateTrainingDataset {
        name: "team_position_prediction".into(),
        description: "features of football teams, to predict their place in the league".into(),
        source: Some(v1::FeatureRequest {
            features: features.map(|name| (*name).into()).collect(),
            ..Default::default()
        }),
        labels: vec!["team_position".into()],
        data_format: v1::DataFormat::Tfrecord.into(),
        shards,
        // The newest attendance of some teams was never measured.
        null_policy: v1::NullPolicy::Default.into(),
        ..Default::default()
    }
}

/// Creates a group; `false` when an earlier demo in this folder has created and filled it.
async fn create_group(client: &MangonelClient, create: v1::CreateFeatureGroup) -> Result<bool> {
    let name = create.name.clone();
    match client.call(create).await {
        Ok(_) => Ok(true),
        Err(error) if error.code == ErrorCode::AlreadyExists => {
            say(&format!("{name}_1 is there from an earlier demo"));
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

fn begin_insert(name: &str) -> v1::BeginInsert {
    v1::BeginInsert {
        feature_group: name.to_owned(),
        version: 1,
        mode: v1::InsertMode::Append.into(),
        ..Default::default()
    }
}

fn say_inserted(run: &v1::Run, elapsed: Duration) {
    say(&format!(
        "inserted {}_{}: {} rows, {} in {:.2} s",
        run.target_name,
        run.target_version,
        thousands(run.rows),
        bytes(run.bytes),
        elapsed.as_secs_f64()
    ));
}

fn say(text: &str) {
    eprintln!("==> {text}");
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
