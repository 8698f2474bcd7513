//! What the catalog promises its callers, on the embedded store, and where the store matters on etcd as well.

use std::sync::Arc;

use futures::StreamExt;
use mangonel_proto::{
    ErrorCode,
    names::Principal,
    v1::{Feature, FeatureGroup, Generation, Project, Run, RunKind, RunState, TrainingDataset},
};
use tempfile::TempDir;

use crate::{
    AccessPolicy, Catalog, RUNS_MAX, Versioned, access,
    store::{KeyValueStore, SqliteStore, TestServer},
};

/// A catalog with one project, and who works in it.
struct World {
    catalog: Catalog,
    local: Principal,
    _folder: Option<TempDir>,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = SqliteStore::open(folder.path().join("catalog.db")).unwrap();
        Self::over(Arc::new(store), "world", Some(folder)).await
    }
    async fn over(store: Arc<dyn KeyValueStore>, project: &str, folder: Option<TempDir>) -> Self {
        let catalog = Catalog::new(store, AccessPolicy::Local);
        let local = Principal::local(project);
        catalog.create_project(&local, Project { name: project.into(), ..Default::default() }).await.unwrap();
        Self { catalog, local, _folder: folder }
    }
    async fn group(&self, name: &str) -> Versioned<FeatureGroup> {
        self.catalog.create_feature_group(&self.local, group(name, 0)).await.unwrap()
    }
    async fn dataset(&self, name: &str) -> Versioned<TrainingDataset> {
        let dataset = TrainingDataset { name: name.into(), ..Default::default() };
        self.catalog.create_training_dataset(&self.local, dataset).await.unwrap()
    }
    async fn build(&self, id: &str, dataset: &TrainingDataset) -> Versioned<Run> {
        let run = Run { target_version: dataset.version, ..run(id, RunKind::Build, &dataset.name) };
        self.catalog.create_run(&self.local, run).await.unwrap().0
    }
}

fn group(name: &str, version: u32) -> FeatureGroup {
    FeatureGroup { name: name.into(), version, features: features(2), ..Default::default() }
}

fn features(count: usize) -> Vec<Feature> {
    let feature = |number| Feature { name: format!("feature_{number}"), r#type: "double".into(), ..Default::default() };
    (0..count).map(feature).collect()
}

fn run(id: &str, kind: RunKind, target: &str) -> Run {
    Run { id: id.into(), kind: kind.into(), target_name: target.into(), ..Default::default() }
}

fn generation(run: &str) -> Generation {
    Generation { run_id: run.into(), folder: format!("f/{run}"), rows: 48, bytes: 96, ..Default::default() }
}

#[tokio::test]
async fn a_version_is_created_read_listed_changed_and_deleted() {
    let world = World::new().await;
    let (catalog, local) = (&world.catalog, &world.local);
    let first = world.group("teams_features").await;
    let second = world.group("teams_features").await;
    assert_eq!((first.value.version, second.value.version), (1, 2));
    assert_eq!(second.value.location, "world/world_featurestore.db/teams_features_2");
    assert!(first.value.id != second.value.id && first.value.created_ms > 0 && first.value.owner == "local");
    assert_eq!(catalog.get_feature_group(local, "teams_features", 0).await.unwrap(), second);
    assert_eq!(catalog.get_feature_group(local, "teams_features", 1).await.unwrap(), first);
    let exists = catalog.create_feature_group(local, group("teams_features", 2)).await.unwrap_err();
    assert_eq!(exists.code, ErrorCode::AlreadyExists);

    let other = world.group("games_features").await;
    let (listed, revision) = catalog.list_feature_groups(local, "").await.unwrap();
    assert_eq!(listed, [other.clone(), first.clone(), second.clone()]);
    assert_eq!(revision, other.revision);
    assert_eq!(catalog.list_feature_groups(local, "teams_features").await.unwrap().0, [first.clone(), second]);

    let mut changed = first.clone();
    changed.value.description = "one row per team".into();
    let changed = catalog.update_feature_group(local, &changed).await.unwrap();
    assert!(changed.revision > first.revision);
    assert_eq!(catalog.get_feature_group(local, "teams_features", 1).await.unwrap(), changed);

    let stale = catalog.delete_feature_group(local, &first).await.unwrap_err();
    assert_eq!(stale.code, ErrorCode::Conflict);
    catalog.delete_feature_group(local, &changed).await.unwrap();
    let gone = catalog.update_feature_group(local, &changed).await.unwrap_err();
    assert!(gone.code == ErrorCode::Conflict && gone.message.contains("was deleted"), "{gone}");
    let again = catalog.create_feature_group(local, group("teams_features", 1)).await.unwrap().value;
    assert!(again.id != first.value.id && again.location.starts_with("world/world_featurestore.db/teams_features_1-"));
}

#[tokio::test]
async fn what_is_not_there_is_named_with_what_was_meant() {
    let world = World::new().await;
    let (catalog, local) = (&world.catalog, &world.local);
    world.group("teams_features").await;
    world.dataset("team_position").await;
    let error = catalog.get_feature_group(local, "temas_features", 0).await.unwrap_err();
    assert_eq!(error.message, "feature group `temas_features` not found; did you mean `teams_features`?");
    assert_eq!((error.code, error.reason), (ErrorCode::NotFound, "FeaturegroupNotFound"));
    assert_eq!(error.names, ["temas_features", "teams_features"]);
    let error = catalog.get_feature_group(local, "teams_features", 7).await.unwrap_err();
    assert_eq!(error.message, "feature group `teams_features` has no version 7, it has 1");
    let error = catalog.get_training_dataset(local, "team_postion", 0).await.unwrap_err();
    assert_eq!((error.reason, error.names[1].as_str()), ("TrainingDatasetNotFound", "team_position"));
    let error = catalog.get_project(local, "wrold").await.unwrap_err();
    assert!(error.message.ends_with("did you mean `world`?"), "{error}");
    let elsewhere = catalog.create_feature_group(&Principal::local("nowhere"), group("a", 1)).await.unwrap_err();
    assert_eq!(elsewhere.code, ErrorCode::NotFound);
    for name in ["", "../x", "A", "a/b"] {
        let refused = catalog.create_feature_group(local, group(name, 1)).await.unwrap_err();
        assert_eq!(refused.code, ErrorCode::InvalidArgument, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sixteen_creators_of_one_version_have_one_winner() {
    let world = World::new().await;
    let create = |version| {
        let (catalog, local) = (world.catalog.clone(), world.local.clone());
        tokio::spawn(async move { catalog.create_feature_group(&local, group("teams", version)).await })
    };
    let mut codes = Vec::new();
    for task in (0..16).map(|_| create(3)).collect::<Vec<_>>() {
        codes.push(task.await.unwrap().map_err(|error| error.code).map(|created| created.value.version));
    }
    assert_eq!(codes.iter().filter(|code| **code == Ok(3)).count(), 1, "{codes:?}");
    assert_eq!(codes.iter().filter(|code| **code == Err(ErrorCode::AlreadyExists)).count(), 15, "{codes:?}");

    let mut versions = Vec::new();
    for task in (0..16).map(|_| create(0)).collect::<Vec<_>>() {
        versions.push(task.await.unwrap().unwrap().value.version);
    }
    versions.sort_unstable();
    assert_eq!(versions, (4..20).collect::<Vec<u32>>(), "who asks for the next version gets one of his own");
}

#[tokio::test]
async fn of_two_changes_of_one_record_one_is_a_conflict() {
    let world = World::new().await;
    let read = world.group("teams").await;
    let change = async |description: &str| {
        let mut changed = read.clone();
        changed.value.description = description.into();
        world.catalog.update_feature_group(&world.local, &changed).await
    };
    let (left, right) = futures::future::join(change("left"), change("right")).await;
    let (won, lost) = if left.is_ok() { (left, right) } else { (right, left) };
    let lost = lost.unwrap_err();
    assert_eq!((lost.code, lost.names.as_slice()), (ErrorCode::Conflict, ["teams_1".to_owned()].as_slice()));
    let revision = won.unwrap().revision;
    let told = format!("feature group `teams_1` changed since revision {} (now {revision})", read.revision);
    assert!(lost.message.starts_with(&told), "{lost}");
}

#[tokio::test]
async fn wide_groups_are_stored_in_chunks_and_shrink_without_leftovers() {
    let world = World::new().await;
    let (catalog, local) = (&world.catalog, &world.local);
    let wide = FeatureGroup { features: features(5000), ..group("wide", 1) };
    let mut wide = catalog.create_feature_group(local, wide).await.unwrap();
    world.group("wider").await;
    assert_eq!(catalog.get_feature_group(local, "wide", 0).await.unwrap(), wide);
    wide.value.features.truncate(3000);
    let mut wide = catalog.update_feature_group(local, &wide).await.unwrap();
    assert_eq!(catalog.list_feature_groups(local, "").await.unwrap().0[0], wide);
    wide.value.features.truncate(2);
    let wide = catalog.update_feature_group(local, &wide).await.unwrap();
    assert_eq!(catalog.get_feature_group(local, "wide", 1).await.unwrap(), wide);
    let too_wide = FeatureGroup { features: features(20_000), ..group("too_wide", 1) };
    let refused = catalog.create_feature_group(local, too_wide).await.unwrap_err();
    assert!(refused.code == ErrorCode::InvalidArgument && refused.message.contains("too large"), "{refused}");
    catalog.delete_feature_group(local, &wide).await.unwrap();
    assert_eq!(catalog.list_feature_groups(local, "wide").await.unwrap().0, []);
}

#[tokio::test]
async fn a_build_becomes_visible_at_once_or_not_at_all() {
    build_and_commit(&World::new().await).await;
}

/// The same on etcd.
#[tokio::test]
async fn a_build_becomes_visible_at_once_on_etcd_too() {
    let server = TestServer::start();
    build_and_commit(&World::over(Arc::new(server.connect().await), "world", None).await).await;
}

async fn build_and_commit(world: &World) {
    let (catalog, local) = (&world.catalog, &world.local);
    let dataset = world.dataset("team_position").await;
    let (one, two) = (world.build("b-1", &dataset.value).await, world.build("b-2", &dataset.value).await);
    let (committed, visible) = catalog.commit_generation(local, &one, &dataset, generation("b-1")).await.unwrap();
    assert_eq!((committed.value.state(), committed.value.rows), (RunState::Committed, 48));
    let found = visible.value.generation.clone().unwrap();
    assert_eq!((found.number, found.run_id.as_str()), (1, "b-1"));
    assert_eq!(catalog.get_training_dataset(local, "team_position", 0).await.unwrap(), visible);
    assert_eq!(catalog.get_run(local, "b-1").await.unwrap(), committed);

    let stale = catalog.commit_generation(local, &two, &dataset, generation("b-2")).await.unwrap_err();
    assert!(stale.code == ErrorCode::Conflict && stale.names == ["team_position_1"], "{stale}");
    assert_eq!(catalog.get_run(local, "b-2").await.unwrap(), two, "nothing of the lost commit is there");
    let twice = catalog.commit_generation(local, &committed, &visible, generation("b-1")).await.unwrap_err();
    assert_eq!(twice.code, ErrorCode::Conflict);
    let cancelled = catalog.finish_run(local, &two, RunState::Cancelled, "by its user").await.unwrap();
    let late = catalog.commit_generation(local, &two, &visible, generation("b-2")).await.unwrap_err();
    assert!(late.code == ErrorCode::Conflict && late.names == ["b-2"], "{late}");
    assert_eq!(catalog.get_training_dataset(local, "team_position", 1).await.unwrap(), visible);
    assert_eq!(cancelled.value.error, "by its user");

    let three = world.build("b-3", &visible.value).await;
    let foreign = catalog.commit_generation(local, &three, &visible, generation("b-1")).await.unwrap_err();
    assert_eq!(foreign.code, ErrorCode::InvalidArgument);
    let direct = catalog.finish_run(local, &three, RunState::Committed, "").await.unwrap_err();
    assert_eq!(direct.code, ErrorCode::InvalidArgument);
    let (_, visible) = catalog.commit_generation(local, &three, &visible, generation("b-3")).await.unwrap();
    assert_eq!(visible.value.generation.unwrap().number, 2);
}

#[tokio::test]
async fn a_run_is_created_once_and_ends_once() {
    let world = World::new().await;
    let (catalog, local) = (&world.catalog, &world.local);
    let asked = run("insert-1", RunKind::Insert, "teams");
    let (mut created, new) = catalog.create_run(local, asked.clone()).await.unwrap();
    assert!(new && created.value.state() == RunState::Prepared && !created.value.release.is_empty());
    assert_eq!(catalog.create_run(local, asked).await.unwrap(), (created.clone(), false));
    let other = catalog.create_run(local, run("insert-1", RunKind::Insert, "games")).await.unwrap_err();
    assert_eq!(other.code, ErrorCode::AlreadyExists);
    assert!(catalog.create_run(local, run("../x", RunKind::Insert, "games")).await.is_err());
    assert_eq!(catalog.get_run(local, "insert-2").await.unwrap_err().code, ErrorCode::NotFound);

    created.value.epoch = 2;
    let taken_over = catalog.update_run(local, &created).await.unwrap();
    let zombie = catalog.finish_run(local, &created, RunState::Failed, "").await.unwrap_err();
    assert_eq!(zombie.code, ErrorCode::Conflict);
    let ended = catalog.finish_run(local, &taken_over, RunState::Committed, "").await.unwrap();
    let reopened = catalog.finish_run(local, &ended, RunState::Failed, "late").await.unwrap_err();
    assert!(reopened.code == ErrorCode::Conflict && reopened.message.contains("has ended"), "{reopened}");
}

#[tokio::test]
async fn unfinished_runs_of_all_projects_are_found_at_start() {
    let world = World::new().await;
    let catalog = &world.catalog;
    let other = Principal::local("other");
    catalog.create_project(&other, Project { name: "other".into(), ..Default::default() }).await.unwrap();
    for (principal, id) in [(&other, "c"), (&world.local, "a"), (&world.local, "b")] {
        catalog.create_run(principal, run(id, RunKind::Insert, "teams")).await.unwrap();
    }
    let ended = catalog.get_run(&world.local, "b").await.unwrap();
    catalog.finish_run(&world.local, &ended, RunState::Failed, "x").await.unwrap();
    let prepared = catalog.list_prepared_runs(&access::system("")).await.unwrap();
    let ids: Vec<(&str, &str)> =
        prepared.iter().map(|run| (run.value.project.as_str(), run.value.id.as_str())).collect();
    assert_eq!(ids, [("other", "c"), ("world", "a")]);
    let names: Vec<String> =
        catalog.list_projects(&other).await.unwrap().into_iter().map(|project| project.value.name).collect();
    assert_eq!(names, ["other", "world"]);
    catalog.finish_run(&access::system("other"), &prepared[0], RunState::Failed, "server was lost").await.unwrap();
}

#[tokio::test]
async fn the_index_of_runs_is_bounded_and_keeps_the_unfinished() {
    let world = World::new().await;
    let (catalog, local) = (&world.catalog, &world.local);
    let at = |id: usize| Run { created_ms: 1 + id as i64, ..run(&format!("r-{id}"), RunKind::Insert, "teams") };
    for id in 0..RUNS_MAX {
        let (created, _) = catalog.create_run(local, at(id)).await.unwrap();
        if id != 3 {
            catalog.finish_run(local, &created, RunState::Committed, "").await.unwrap();
        }
    }
    assert_eq!(catalog.list_runs(local, 0).await.unwrap().len(), RUNS_MAX);
    catalog.create_run(local, at(RUNS_MAX)).await.unwrap();
    let runs = catalog.list_runs(local, 0).await.unwrap();
    assert!(runs.len() <= RUNS_MAX && runs.len() > RUNS_MAX * 9 / 10, "{}", runs.len());
    assert_eq!(runs[0].value.id, format!("r-{RUNS_MAX}"), "newest first");
    assert_eq!(runs.last().unwrap().value.id, "r-3", "an unfinished run is not forgotten");
    assert_eq!(catalog.list_runs(local, 2).await.unwrap(), runs[..2]);
}

#[tokio::test]
async fn a_dataset_and_its_run_are_created_together_or_not_at_all() {
    let world = World::new().await;
    let (catalog, local) = (&world.catalog, &world.local);
    let create = |run_id: &str| {
        let dataset = TrainingDataset { name: "set".into(), ..Default::default() };
        catalog.create_training_dataset_and_run(local, dataset, run(run_id, RunKind::Build, ""))
    };
    let (dataset, build) = create("b-1").await.unwrap();
    assert_eq!((build.value.target_name.as_str(), build.value.target_version), ("set", dataset.value.version));
    assert_eq!(catalog.get_run(local, "b-1").await.unwrap(), build);
    assert_eq!(create("b-1").await.unwrap_err().code, ErrorCode::AlreadyExists);
    assert_eq!(catalog.list_training_datasets(local, "set").await.unwrap().0.len(), 1, "no version without a run");
    let (second, _) = create("b-2").await.unwrap();
    assert_eq!(second.value.version, dataset.value.version + 1);
}

#[tokio::test]
async fn deletions_are_remembered_with_their_time() {
    let world = World::new().await;
    let (catalog, local) = (&world.catalog, &world.local);
    assert!(catalog.list_deleted_feature_groups(local).await.unwrap().is_empty());
    let group = world.group("teams").await;
    catalog.delete_feature_group(local, &group).await.unwrap();
    let deleted = catalog.list_deleted_feature_groups(local).await.unwrap();
    assert_eq!((deleted.len(), deleted[0].name.as_str(), deleted[0].version), (1, "teams", group.value.version));
    assert!(deleted[0].deleted_ms >= group.value.created_ms);
    assert!(catalog.list_deleted_training_datasets(local).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_watch_tells_of_changes_in_its_project_only() {
    let world = World::new().await;
    let (catalog, local) = (&world.catalog, &world.local);
    let (_, revision) = catalog.list_feature_groups(local, "").await.unwrap();
    let mut changes = catalog.watch_changes(local, revision + 1).await.unwrap();
    let other = Principal::local("world2");
    catalog.create_project(&other, Project { name: "world2".into(), ..Default::default() }).await.unwrap();
    let group = world.group("teams").await;
    assert_eq!(changes.next().await.unwrap().unwrap(), group.revision);
    assert_eq!(catalog.revision(local).await.unwrap(), group.revision);
}

#[tokio::test]
async fn nobody_unknown_gets_anything() {
    let world = World::new().await;
    let catalog = &world.catalog;
    let group = world.group("teams").await;
    let dataset = world.dataset("set").await;
    let build = world.build("b-1", &dataset.value).await;
    let eve = &Principal { name: "eve".into(), project: "world".into() };

    let mut denied: Vec<&str> = Vec::new();
    macro_rules! denies {
        ($($method:ident($($argument:expr),*)),* $(,)?) => {
            $(
                let refused = catalog.$method(eve $(, $argument)*).await.err().unwrap();
                assert_eq!(refused.code, ErrorCode::PermissionDenied, stringify!($method));
                denied.push(stringify!($method));
            )*
        };
    }
    denies!(
        revision(),
        watch_changes(1),
        create_project(Project { name: "eves".into(), ..Default::default() }),
        get_project("world"),
        list_projects(),
        create_feature_group(self::group("eves", 0)),
        get_feature_group("teams", 0),
        list_feature_groups(""),
        update_feature_group(&group),
        delete_feature_group(&group),
        create_training_dataset(TrainingDataset::default()),
        create_training_dataset_and_run(TrainingDataset::default(), run("b-3", RunKind::Build, "set")),
        list_deleted_feature_groups(),
        list_deleted_training_datasets(),
        get_training_dataset("set", 0),
        list_training_datasets(""),
        update_training_dataset(&dataset),
        delete_training_dataset(&dataset),
        commit_generation(&build, &dataset, generation("b-1")),
        create_run(run("b-2", RunKind::Build, "set")),
        get_run("b-1"),
        update_run(&build),
        finish_run(&build, RunState::Failed, ""),
        list_runs(0),
        list_prepared_runs(),
    );

    assert_eq!(catalog.may_clean(eve).unwrap_err().code, ErrorCode::PermissionDenied);

    let sources = [
        include_str!("catalog.rs"),
        include_str!("deletions.rs"),
        include_str!("project.rs"),
        include_str!("feature_group.rs"),
        include_str!("training_dataset.rs"),
        include_str!("run.rs"),
        include_str!("versions.rs"),
    ];
    let public =
        sources.iter().flat_map(|source| source.lines()).filter_map(|line| line.trim().strip_prefix("pub async fn "));
    let mut public: Vec<&str> = public.filter_map(|line| line.split('(').next()).collect();
    public.sort_unstable();
    denied.sort_unstable();
    assert_eq!(denied, public, "every public method is in the list above");
}
