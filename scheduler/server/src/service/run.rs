//! Runs: list, show, watch and cancel; and what becomes of runs that a stopped server left behind.

use std::{
    future::Future,
    sync::{Arc, atomic::Ordering},
    time::{Duration, Instant},
};

use futures::{StreamExt, TryStreamExt, stream};
use mangonel_catalog::{Versioned, access::system};
use mangonel_operators::task::pulse;
use mangonel_proto::{
    Error, ErrorCode, RELEASE, Result,
    names::{Principal, RunId},
    v1::{self, RunKind, RunState},
};
use mangonel_storage::table::{self, Settled};
use tokio::task::JoinHandle;

use super::{FeatureStore, route::empty, run_folder};
use crate::{
    admission::Place,
    conversions::now_ms,
    engine::{JobOutcome, LeafJob},
    runs::{LiveRun, Waiting},
};

/// How soon a run that waits hears that it was cancelled.
const HEARS_EVERY: Duration = Duration::from_millis(50);
/// Runs whose progress is looked for at the same time.
const LOOKS_AT_ONCE: usize = 8;
/// A job whose work was lost is tried this often.
const ATTEMPTS_MAX: u32 = 3;

/// Pause before a catalog that did not answer is asked again: doubled from the first to the second.
const CATALOG_PAUSE_MIN: Duration = Duration::from_millis(200);
const CATALOG_PAUSE_MAX: Duration = Duration::from_secs(5);

/// What a finished run leaves in its record.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct RunResult {
    pub rows: u64,
    pub bytes: u64,
    pub table_version: i64,
}

impl FeatureStore {
    /// # Errors
    /// `unavailable` without a catalog.
    pub(crate) async fn list_runs(&self, who: &Principal, request: v1::ListRuns) -> Result<v1::RunList> {
        let limit = if request.limit == 0 { 100 } else { request.limit };
        let runs = self.catalog.list_runs(who, limit as usize).await?;
        let runs: Vec<v1::Run> = runs.into_iter().map(|run| run.value).collect();
        let open = runs.iter().filter(|run| run.state() == RunState::Prepared);
        let looks: Vec<_> = open.map(|run| self.progress_of(run)).collect();
        let progress = stream::iter(looks).buffered(LOOKS_AT_ONCE).try_collect().await?;
        Ok(v1::RunList { runs, progress })
    }

    /// # Errors
    /// `not_found`.
    pub(crate) async fn show_run(&self, who: &Principal, run: v1::RunRef) -> Result<v1::RunDetail> {
        let run_id = RunId::parse(&run.run_id)?;
        let run = self.catalog.get_run(who, run_id.as_str()).await?.value;
        let live = self.live.get(run_id.as_str());
        let detail = self.warehouse.get(&detail_path(run_id.as_str())).await?;
        let stages = match &live {
            Some(live) => live.stages(),
            None => self.stored_stages(run_id.as_str()).await?,
        };
        let progress = match live {
            Some(live) => Some(live.snapshot()),
            None if run.state() == RunState::Prepared => Some(self.progress_of(&run).await?),
            None => None,
        };
        Ok(v1::RunDetail {
            progress,
            stages,
            detail: detail.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default(),
            run: Some(run),
        })
    }

    /// Progress of a run: of its work here, else what its record says. `seen`: the caller has seen it before, so that its work
    /// here says enough while the catalog is away.
    ///
    /// # Errors
    /// `not_found`; `unavailable` when the work is done, and the catalog does not take what became of it.
    pub(crate) async fn run_progress(&self, who: &Principal, run_id: &str, seen: bool) -> Result<v1::RunProgress> {
        let run_id = RunId::parse(run_id)?;
        let run = match (self.catalog.get_run(who, run_id.as_str()).await, self.live.get(run_id.as_str())) {
            (Ok(run), _) => run.value,
            // Its work goes on.
            (Err(error), Some(live)) if seen && error.is_transient() => return live.progress_or_unknown(false),
            (Err(error), _) => return Err(error),
        };
        self.progress_of(&run).await
    }

    async fn progress_of(&self, run: &v1::Run) -> Result<v1::RunProgress> {
        if let (Some(live), RunState::Prepared) = (self.live.get(&run.id), run.state()) {
            return live.progress_or_unknown(true);
        }
        let mut progress = v1::RunProgress {
            run_id: run.id.clone(),
            state: run.state,
            step: "done".into(),
            rows_done: run.rows,
            error: run.error.clone(),
            failure: run.failure.clone(),
            ..Default::default()
        };
        if run.state() == RunState::Prepared {
            progress.step = "waiting".into();
            if run.kind() == RunKind::Insert {
                progress.parts = self.parts(&run.id).await?;
                progress.step = format!("uploading: {} parts have arrived", progress.parts.len());
            }
        }
        Ok(progress)
    }

    /// Returns when the progress of a run may have changed.
    pub(crate) async fn wait_for_progress(&self, run_id: &str) {
        let pause = Duration::from_millis(200);
        match self.live.get(run_id) {
            Some(live) => {
                let mut changed = live.watch();
                drop(live);
                changed.mark_unchanged();
                let _ = tokio::time::timeout(pause, changed.changed()).await;
            }
            None => tokio::time::sleep(pause).await,
        }
    }

    /// Cancels a run: what it wrote stays invisible, its work stops at the next batch. A run that has ended is left as it
    /// is.
    ///
    /// # Errors
    /// `not_found`; `conflict` when the run ended at the same moment.
    pub(crate) async fn cancel_run(&self, who: &Principal, run: v1::RunRef) -> Result<v1::Run> {
        let run_id = RunId::parse(&run.run_id)?;
        let found = self.catalog.get_run(who, run_id.as_str()).await?;
        if found.value.state() != RunState::Prepared {
            return Ok(found.value);
        }
        if matches!(found.value.kind(), RunKind::Insert | RunKind::Rewrite) {
            // After the tombstone no commit of this run can succeed, also not one that is on its way.
            let group =
                self.catalog.get_feature_group(who, &found.value.target_name, found.value.target_version).await?;
            if let Settled::Committed { version } =
                table::forbid(&self.warehouse, &group.value.location, &run_id).await?
            {
                let result = RunResult { table_version: version.unwrap_or_default(), ..Default::default() };
                return self.end_run(who, found, Ok(result)).await;
            }
        }
        self.engine.cancel(run_id.as_str()).await;
        let is_live = self.live.get(run_id.as_str()).is_some();
        let cancelled = self.end_run(who, found, Err(Error::cancelled("the run was cancelled"))).await?;
        // One that is live removes its parts when it has heard.
        if cancelled.kind() == RunKind::Insert && !is_live {
            self.delete_parts(run_id.as_str()).await;
        }
        Ok(cancelled)
    }

    /// Enters a run in the catalog. `None` beside it when it was there already: the run id is its idempotency key.
    pub(super) async fn begin_run(
        &self,
        who: &Principal,
        run_id: &RunId,
        kind: RunKind,
        target: (&str, u32),
    ) -> Result<(Versioned<v1::Run>, bool)> {
        let run = Self::run_record(who, run_id, kind, target);
        let (run, created) = self.catalog.create_run(who, run).await?;
        if !created && (run.value.kind() != kind || run.value.target_name != target.0) {
            return Err(Error::conflict(format!("run id `{run_id}` belongs to another request: choose a new one")));
        }
        Ok((run, created))
    }

    /// The record of a run that begins now.
    pub(super) fn run_record(who: &Principal, run_id: &RunId, kind: RunKind, target: (&str, u32)) -> v1::Run {
        v1::Run {
            format: 1,
            project: who.project.clone(),
            id: run_id.to_string(),
            kind: kind.into(),
            state: RunState::Prepared.into(),
            target_name: target.0.to_owned(),
            target_version: target.1,
            principal: who.name.clone(),
            created_ms: now_ms(),
            updated_ms: now_ms(),
            release: RELEASE.into(),
            ..Default::default()
        }
    }

    /// Works on a run in the background, when its turn has come, and records how it ended, which the handle tells.
    pub(super) fn spawn_run<F, W>(
        self: &Arc<Self>,
        who: &Principal,
        run: Versioned<v1::Run>,
        live: Arc<LiveRun>,
        mut place: Place,
        work: W,
    ) -> JoinHandle<RunState>
    where
        F: Future<Output = Result<(RunResult, bool)>> + Send + 'static,
        W: FnOnce(Arc<Self>, Arc<LiveRun>) -> F + Send + 'static,
    {
        let (store, who) = (Arc::clone(self), who.clone());
        tokio::spawn(async move {
            let (run_id, kind) = (run.value.id.clone(), run.value.kind());
            let target = (run.value.target_name.clone(), run.value.target_version);
            let span = tracing::info_span!("run", run = %run_id);
            let came = Instant::now();
            let turn = store.wait_for_turn(&mut place, &live).await;
            let started = Instant::now();
            store.metrics.run_wait_seconds.observe((started - came).as_secs_f64());
            let worked = match turn {
                Ok(()) => {
                    let work = work(Arc::clone(&store), Arc::clone(&live));
                    tracing::Instrument::instrument(work, span).await
                }
                Err(error) => Err(error),
            };
            drop(place);
            // Work that is stopped may fail otherwise, such as for a commit that came too late.
            let is_stopped = worked.is_err() && pulse(&run_id).is_cancelled();
            let worked = if is_stopped { Err(Error::cancelled("the run was cancelled")) } else { worked };
            let cancelled = worked.as_ref().is_err_and(|error| error.code == ErrorCode::Cancelled);
            if cancelled && store.stopping.load(Ordering::Acquire) {
                let now = store.catalog.get_run(&who, &run_id).await;
                // The next server goes on with it, unless somebody has cancelled it.
                if now.is_ok_and(|now| now.value.state() != RunState::Prepared) {
                    tracing::debug!(run = run_id, "cancelled while the server stops");
                } else {
                    store.live.leave(&run_id, RunState::Prepared, None);
                    return RunState::Prepared;
                }
            }
            if kind == RunKind::Insert {
                store.delete_parts(&run_id).await;
            }
            store.store_stages(&run_id, &live.stages()).await;
            let (ended, result) = match worked {
                // The commit of a build moved the record itself.
                Ok((result, true)) => (Ok(()), Some(result)),
                Ok((result, false)) => (store.end_at_last(&who, run, Ok(result), &live).await, Some(result)),
                Err(error) => {
                    tracing::warn!(run = %run_id, %error, "run failed");
                    if error.code == ErrorCode::ResourceExhausted {
                        store.make_room(&who, &run.value).await;
                    }
                    (store.end_at_last(&who, run, Err(error), &live).await, None)
                }
            };
            let state = match &ended {
                Ok(()) => RunState::Committed,
                Err(error) if error.code == ErrorCode::Cancelled => RunState::Cancelled,
                Err(_) => RunState::Failed,
            };
            let result = result.unwrap_or_default();
            store.metrics.count_run(kind, &ended, started.elapsed(), (result.rows, result.bytes), &live.stages());
            if kind == RunKind::Build && state != RunState::Committed {
                store.free_version(&who, &target).await;
            }
            store.live.leave(&run_id, state, ended.as_ref().err());
            state
        })
    }

    /// Waits until a run may work, and for somebody who does the work.
    async fn wait_for_turn(&self, place: &mut Place, live: &LiveRun) -> Result<()> {
        let turn = place.turn(|before| live.set_waiting(Some(Waiting::Turn { before })));
        tokio::pin!(turn);
        while tokio::time::timeout(HEARS_EVERY, &mut turn).await.is_err() {
            self.check_cancelled(live.run_id())?;
        }
        live.set_waiting(None);
        self.wait_for_executors(live).await
    }

    /// Waits for the first executor, as long as it takes: the run says so, and can be cancelled. A read does not wait here,
    /// since nobody would see why; the engine lets it wait a moment.
    async fn wait_for_executors(&self, live: &LiveRun) -> Result<()> {
        self.check_cancelled(live.run_id())?;
        while live.is_listed() && !self.engine.can_work() {
            live.set_waiting(Some(Waiting::Executors));
            tokio::time::sleep(HEARS_EVERY).await;
            self.check_cancelled(live.run_id())?;
        }
        live.set_waiting(None);
        Ok(())
    }

    /// Records how a run ended, however long the catalog is away: until then it counts as at work, and nobody begins it again.
    /// What the record says then is what counts, since another hand may have ended the run.
    async fn end_at_last(
        &self,
        who: &Principal,
        run: Versioned<v1::Run>,
        result: Result<RunResult>,
        live: &LiveRun,
    ) -> Result<()> {
        let failure = result.as_ref().err().cloned();
        live.ends(failure.clone());
        match self.until_answered(live, || self.end_run(who, run.clone(), result.clone())).await {
            Ok(ended) if ended.state() == RunState::Committed => Ok(()),
            Ok(ended) => Err(ended.failure.map_or_else(|| Error::internal(ended.error), Error::from_message)),
            Err(error) => Err(failure.unwrap_or(error)),
        }
    }

    /// Asks the catalog until it answers: work goes on where it was when a lost catalog is back. What may be made twice must
    /// compare the revision that it read.
    ///
    /// # Errors
    /// What the catalog answers, but for being away.
    pub(super) async fn until_answered<T, F>(&self, live: &LiveRun, ask: impl Fn() -> F) -> Result<T>
    where
        F: Future<Output = Result<T>>,
    {
        let mut pause = CATALOG_PAUSE_MIN;
        loop {
            match ask().await {
                Err(error) if error.is_transient() => {
                    tracing::warn!(run = live.run_id(), %error, "the catalog is asked again");
                    live.catalog_is_away(Some(error));
                    tokio::time::sleep(pause).await;
                    pause = (pause * 2).min(CATALOG_PAUSE_MAX);
                }
                answer => {
                    live.catalog_is_away(None);
                    return answer;
                }
            }
        }
    }

    /// Removes at once what a run wrote that failed for want of room: nobody will ever see it.
    async fn make_room(&self, who: &Principal, run: &v1::Run) {
        let removed = match run.kind() {
            RunKind::Insert => self.remove_data_files(who, run).await,
            _ => Ok(()),
        };
        if let Err(error) = removed {
            tracing::warn!(run = run.id, %error, "what a failed run wrote stayed behind");
        }
        if run.kind() == RunKind::Build
            && let Ok(dataset) = self.catalog.get_training_dataset(who, &run.target_name, run.target_version).await
        {
            empty(&self.warehouse, &format!("{}/{}", dataset.value.location, run.id)).await;
        }
    }

    async fn remove_data_files(&self, who: &Principal, run: &v1::Run) -> Result<()> {
        let group = self.catalog.get_feature_group(who, &run.target_name, run.target_version).await?.value;
        // The log decides: its files stay if it committed all the same.
        if table::settle(&self.warehouse, &group.location, &RunId::parse(&run.id)?).await? != Settled::Absent {
            return Ok(());
        }
        let mut files = self.warehouse.walk(&group.location);
        while let Some(found) = files.try_next().await? {
            if table::writer_of(found.whole_name().unwrap_or(&found.path)) == Some(run.id.as_str()) {
                self.warehouse.remove(&found).await?;
            }
        }
        Ok(())
    }

    /// Gives the version of a dataset free again whose first build has failed, so that the next try can have it.
    pub(super) async fn free_version(&self, who: &Principal, (name, version): &(String, u32)) {
        let Ok(dataset) = self.catalog.get_training_dataset(who, name, *version).await else { return };
        if dataset.value.generation.is_none()
            && let Err(error) = self.catalog.delete_training_dataset(who, &dataset).await
        {
            tracing::warn!(name, version, %error, "the version of a failed build stayed behind");
        }
    }

    /// Moves a PREPARED run to its end. A run that another hand has ended meanwhile stays as that hand left it.
    pub(super) async fn end_run(
        &self,
        who: &Principal,
        run: Versioned<v1::Run>,
        result: Result<RunResult>,
    ) -> Result<v1::Run> {
        let mut ended = run;
        match result {
            Ok(result) => {
                ended.value.state = RunState::Committed.into();
                ended.value.rows = result.rows;
                ended.value.bytes = result.bytes;
                ended.value.table_version = result.table_version;
            }
            Err(error) => {
                let cancelled = error.code == ErrorCode::Cancelled;
                ended.value.state = if cancelled { RunState::Cancelled } else { RunState::Failed }.into();
                ended.value.error = error.to_string();
                ended.value.failure = Some(error.to_message());
            }
        }
        ended.value.updated_ms = now_ms();
        match self.catalog.update_run(who, &ended).await {
            Ok(saved) => Ok(saved.value),
            Err(error) if error.code == ErrorCode::Conflict => {
                Ok(self.catalog.get_run(who, &ended.value.id).await?.value)
            }
            Err(error) => Err(error),
        }
    }

    /// Settles the runs that a stopped server left PREPARED, in the order in which they were begun: an insert is what its
    /// table's log says, else it goes on if its commit was asked for; a build goes on where it stopped. All that go on have
    /// a place in the queue, however many they are.
    ///
    /// # Errors
    /// `unavailable` without catalog or warehouse.
    pub(crate) async fn settle_runs(self: &Arc<Self>) -> Result<()> {
        let system = system("default");
        let mut prepared = self.catalog.list_prepared_runs(&system).await?;
        prepared.sort_by(|left, right| {
            (left.value.created_ms, &left.value.id).cmp(&(right.value.created_ms, &right.value.id))
        });
        for run in prepared {
            let who = Principal::local(run.value.project.clone());
            let run_id = RunId::parse(&run.value.id)?;
            let result = match run.value.kind() {
                RunKind::Insert => match self.insert_left_behind(&who, &run, &run_id).await? {
                    Some(result) => result,
                    None => continue,
                },
                RunKind::Rewrite => self.settle_rewrite(&who, &run.value, &run_id).await?,
                RunKind::Rebuild => {
                    empty(&self.warehouse, &run_folder(run_id.as_str())).await;
                    Err(Error::unavailable("the server stopped during this comparison: start it again"))
                }
                // A build goes on where it stopped; only one that cannot is failed.
                _ => match self.resume_build(&who, run.clone(), self.admission.enter_again()).await {
                    Ok(_) => continue,
                    Err(error) if error.is_transient() => return Err(error),
                    Err(error) => Err(error),
                },
            };
            tracing::info!(run = %run_id, committed = result.is_ok(), "settled a run of an earlier server");
            let ended = self.end_run(&who, run, result).await?;
            if ended.kind() == RunKind::Build && ended.state() != RunState::Committed {
                self.free_version(&who, &(ended.target_name, ended.target_version)).await;
            }
            self.delete_parts(run_id.as_str()).await;
        }
        Ok(())
    }

    /// How an insert of a stopped server ended; `None` when it goes on.
    async fn insert_left_behind(
        self: &Arc<Self>,
        who: &Principal,
        run: &Versioned<v1::Run>,
        run_id: &RunId,
    ) -> Result<Option<Result<RunResult>>> {
        let (name, version) = (&run.value.target_name, run.value.target_version);
        let group = match self.catalog.get_feature_group(who, name, version).await {
            Ok(group) => group.value,
            Err(error) if error.code == ErrorCode::NotFound => return Ok(Some(Err(error))),
            Err(error) => return Err(error),
        };
        // A commit of the stopped server that is still on its way does no harm: it is one of this run, as ours will be.
        let standing = table::settle(&self.warehouse, &group.location, run_id).await?;
        if standing == Settled::Absent && self.resume_insert(who, run, &group).await? {
            return Ok(None);
        }
        let stopped = "the server stopped before this insert was committed: nothing of it is visible, insert again";
        self.settle_by_log(who, &run.value, run_id, Error::unavailable(stopped)).await.map(Some)
    }

    /// How an insert or rewrite ends that nobody works on: committed if its table says so, else with `failure`, after which it can never
    /// commit.
    ///
    /// # Errors
    /// `unavailable` without catalog or warehouse.
    pub(super) async fn settle_by_log(
        &self,
        who: &Principal,
        run: &v1::Run,
        run_id: &RunId,
        failure: Error,
    ) -> Result<Result<RunResult>> {
        let group = match self.catalog.get_feature_group(who, &run.target_name, run.target_version).await {
            Ok(group) => group.value,
            Err(error) if error.code == ErrorCode::NotFound => return Ok(Err(error)),
            Err(error) => return Err(error),
        };
        // Forbidden first, then read: a commit of the stopped server that is still on its way cannot come later.
        Ok(match table::forbid(&self.warehouse, &group.location, run_id).await? {
            Settled::Committed { version } => {
                Ok(RunResult { table_version: version.unwrap_or_default(), ..Default::default() })
            }
            _ => Err(failure),
        })
    }

    /// Runs a leaf job to its end, made anew for every attempt. Work that was lost (an executor, results, a job that
    /// made no progress) is tried again; what is done stays done.
    pub(super) async fn run_job<F, M>(&self, live: &LiveRun, make: M) -> Result<JobOutcome>
    where
        F: Future<Output = Result<LeafJob>> + Send,
        M: Fn() -> F + Send + Sync,
    {
        let mut attempt = 1;
        loop {
            self.wait_for_executors(live).await?;
            let job = make().await?;
            let (name, run_id) = (job.name.clone(), job.run_id.clone());
            match self.engine.run(job, &|done, total| live.tasks(done, total)).await {
                Ok(outcome) => {
                    live.add_stage(outcome.report.clone());
                    return Ok(outcome);
                }
                // No disk and no memory grows by trying again at once.
                Err(error) if error.code == ErrorCode::Unavailable && attempt < ATTEMPTS_MAX => {
                    tracing::warn!(run = run_id, job = name, %error, attempt, "a job is tried again");
                    self.check_cancelled(&run_id)?;
                    attempt += 1;
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) fn check_cancelled(&self, run_id: &str) -> Result<()> {
        if pulse(run_id).is_cancelled() { Err(Error::cancelled("the run was cancelled")) } else { Ok(()) }
    }

    async fn store_stages(&self, run_id: &str, stages: &[v1::StageReport]) {
        let Ok(json) = serde_json::to_vec(stages) else { return };
        if let Err(error) = self.warehouse.put(&stages_path(run_id), json).await {
            tracing::warn!(run = run_id, %error, "the work report was not stored");
        }
    }

    async fn stored_stages(&self, run_id: &str) -> Result<Vec<v1::StageReport>> {
        let stored = self.warehouse.get(&stages_path(run_id)).await?;
        Ok(stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default())
    }
}

/// Where a run keeps its spec and pinned inputs.
pub(super) fn detail_path(run_id: &str) -> String {
    format!("{}/detail.json", run_folder(run_id))
}

fn stages_path(run_id: &str) -> String {
    format!("{}/stages.json", run_folder(run_id))
}
