//! Runs that this process works on: their progress for watchers, their cancel flag, and who waits for their end.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use mangonel_operators::task::{forget_pulse, pulse};
use mangonel_proto::{
    Error, ErrorCode, Result,
    v1::{RunProgress, RunState, StageReport},
};
use tokio::sync::watch;

/// How long executors can hear that a run was stopped; they ask twice a second.
const HEARING: Duration = Duration::from_secs(120);

/// A watcher of a run whose work is done waits so long for a catalog that is away.
const END_UNKNOWN_AFTER: Duration = Duration::from_secs(20);

/// All live runs of this process.
#[derive(Default)]
pub(crate) struct LiveRuns {
    runs: Mutex<HashMap<String, Arc<LiveRun>>>,
}

/// One run, waiting or at work. [`LiveRuns::leave`] ends its entry.
pub(crate) struct LiveRun {
    run_id: String,
    entered: Instant,
    progress: watch::Sender<RunProgress>,
    stages: Mutex<Vec<StageReport>>,
    /// Rows of the run's pulse when its step began.
    rows_before: AtomicU64,
    waiting: Mutex<Option<Waiting>>,
    /// Whether somebody can see it wait, and cancel it.
    is_listed: bool,
    away: Mutex<Away>,
}

/// What a run waits for, instead of working on its step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Waiting {
    /// Its turn, which so many have before it.
    Turn { before: usize },
    /// The first executor.
    Executors,
}

/// The live runs in figures.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LiveFigures {
    pub active: usize,
    pub waiting: usize,
    /// How long the oldest one has been here.
    pub oldest: Duration,
    pub waiting_for_executors: usize,
}

/// What is known of a run whose catalog is away.
#[derive(Default)]
struct Away {
    /// Since when its work is done, and what it failed with.
    ended: Option<(Instant, Option<Error>)>,
    /// What the catalog answered last.
    error: Option<Error>,
}

impl LiveRuns {
    /// Enters a run; `None` when this process works on it already.
    pub(crate) fn enter(&self, run_id: &str, steps_total: u32) -> Option<Arc<LiveRun>> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        if runs.contains_key(run_id) {
            return None;
        }
        let progress = RunProgress {
            run_id: run_id.to_owned(),
            state: RunState::Prepared.into(),
            step: "preparing".into(),
            steps_total,
            ..Default::default()
        };
        let run = Arc::new(LiveRun::new(run_id, progress, true));
        runs.insert(run_id.to_owned(), Arc::clone(&run));
        Some(run)
    }

    pub(crate) fn get(&self, run_id: &str) -> Option<Arc<LiveRun>> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).get(run_id).cloned()
    }

    /// Ends a run: watchers see its last state, then their stream ends.
    pub(crate) fn leave(&self, run_id: &str, state: RunState, error: Option<&Error>) {
        let run = self.runs.lock().unwrap_or_else(PoisonError::into_inner).remove(run_id);
        if let Some(run) = run {
            run.update(|progress| {
                progress.state = state.into();
                progress.error = error.map(ToString::to_string).unwrap_or_default();
                progress.failure = error.map(Error::to_message);
                if state == RunState::Committed {
                    progress.step = "done".into();
                    progress.steps_done = progress.steps_total;
                }
            });
        }
        match state {
            RunState::Committed => forget_pulse(run_id),
            // Tasks of it may still be at work.
            _ => give_up(run_id),
        }
    }

    /// Takes a run out of the live ones that has not ended.
    pub(crate) fn release(&self, run_id: &str) {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).remove(run_id);
    }

    /// Ids of all live runs.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.runs.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    pub(crate) fn figures(&self) -> LiveFigures {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let waiting: Vec<Waiting> = runs.values().filter_map(|run| run.waiting()).collect();
        LiveFigures {
            active: runs.len() - waiting.len(),
            waiting: waiting.len(),
            oldest: runs.values().map(|run| run.entered.elapsed()).max().unwrap_or_default(),
            waiting_for_executors: waiting.iter().filter(|waiting| **waiting == Waiting::Executors).count(),
        }
    }
}

impl LiveRun {
    /// Work that is no run: nobody watches it.
    pub(crate) fn unlisted(id: &str) -> Self {
        Self::new(id, RunProgress::default(), false)
    }

    fn new(id: &str, progress: RunProgress, is_listed: bool) -> Self {
        Self {
            run_id: id.to_owned(),
            entered: Instant::now(),
            progress: watch::Sender::new(progress),
            stages: Mutex::default(),
            rows_before: AtomicU64::new(pulse(id).rows()),
            waiting: Mutex::default(),
            is_listed,
            away: Mutex::default(),
        }
    }

    pub(crate) fn is_listed(&self) -> bool {
        self.is_listed
    }

    pub(crate) fn waiting(&self) -> Option<Waiting> {
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says what the run waits for now; `None` when it works.
    pub(crate) fn set_waiting(&self, waiting: Option<Waiting>) {
        let mut now = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let has_changed = *now != waiting;
        *now = waiting;
        drop(now);
        if has_changed {
            // Watchers look again.
            self.update(|_| {});
        }
    }

    pub(crate) fn run_id(&self) -> &str {
        &self.run_id
    }

    /// Begins a step, in words such as `routing teams_features_1`.
    pub(crate) fn step(&self, step: impl Into<String>, rows_total: u64) {
        let step = step.into();
        tracing::info!(run = %self.run_id, step, "run step");
        self.rows_before.store(pulse(&self.run_id).rows(), Ordering::Relaxed);
        self.update(|progress| {
            if progress.step != "preparing" {
                progress.steps_done += 1;
            }
            progress.step = step;
            progress.rows_total = rows_total;
            progress.rows_done = 0;
            (progress.tasks_done, progress.tasks_total) = (0, 0);
        });
    }

    pub(crate) fn tasks(&self, done: usize, total: usize) {
        self.update(|progress| (progress.tasks_done, progress.tasks_total) = (done as u32, total as u32));
    }

    pub(crate) fn add_stage(&self, stage: StageReport) {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner).push(stage);
    }

    pub(crate) fn stages(&self) -> Vec<StageReport> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Progress now, with the rows that writers have taken in since the step began, and what it waits for instead of its
    /// step.
    pub(crate) fn snapshot(&self) -> RunProgress {
        let mut progress = self.progress.borrow().clone();
        if let Some(away) = &self.away.lock().unwrap_or_else(PoisonError::into_inner).error {
            progress.step = format!("waiting for the catalog: {away}");
        }
        progress.rows_done = pulse(&self.run_id).rows().saturating_sub(self.rows_before.load(Ordering::Relaxed));
        match self.waiting() {
            Some(Waiting::Turn { before }) => {
                progress.step = format!("waiting: {before} before it");
                progress.waiting_before = Some(before as u32);
            }
            Some(Waiting::Executors) => progress.step = "waiting for executors".into(),
            None => {}
        }
        progress
    }

    /// Its work is done, and has yet to be recorded.
    pub(crate) fn ends(&self, failure: Option<Error>) {
        self.away.lock().unwrap_or_else(PoisonError::into_inner).ended = Some((Instant::now(), failure));
    }

    /// What the catalog answers that is away, or that it is back.
    pub(crate) fn catalog_is_away(&self, error: Option<Error>) {
        self.away.lock().unwrap_or_else(PoisonError::into_inner).error = error;
    }

    /// Progress now. `answers`: the catalog does, at this moment.
    ///
    /// # Errors
    /// When there is no use in waiting for the end any longer.
    pub(crate) fn progress_or_unknown(&self, answers: bool) -> Result<RunProgress> {
        self.unknown_end(answers).map_or_else(|| Ok(self.snapshot()), Err)
    }

    /// What to tell a watcher who has waited long enough for a catalog that is away: that nobody can say yet how the run ended,
    /// or, at once, what it failed with.
    fn unknown_end(&self, answers: bool) -> Option<Error> {
        let known = self.away.lock().unwrap_or_else(PoisonError::into_inner);
        let (Some((since, failure)), Some(away)) = (&known.ended, &known.error) else { return None };
        // It was lost, and is back: the end will be recorded in a moment. A full one answers and takes nothing.
        if answers && away.code == ErrorCode::Unavailable {
            return None;
        }
        let run = &self.run_id;
        if let Some(failure) = failure {
            let mut failure = failure.clone();
            failure.message =
                format!("{}; run `{run}` is recorded as failed when the catalog answers: {away}", failure.message);
            return Some(failure);
        }
        (since.elapsed() >= END_UNKNOWN_AFTER).then(|| {
            Error::unavailable(format!(
                "the work of run `{run}` is done, and it is not known yet whether it is committed: {away}. The server goes on by \
                 itself when the catalog answers; look then with `mangonel run show {run}`, and do not begin it anew under \
                 another id"
            ))
            .named([run.clone()])
        })
    }

    pub(crate) fn watch(&self) -> watch::Receiver<RunProgress> {
        self.progress.subscribe()
    }

    fn update(&self, change: impl FnOnce(&mut RunProgress)) {
        self.progress.send_modify(change);
    }
}

/// Cancels what still works for a run or read that is over here, and forgets it once executors have heard: they ask twice
/// a second.
pub(crate) fn give_up(run_id: &str) {
    let cancelled = pulse(run_id);
    cancelled.cancel();
    let run_id = run_id.to_owned();
    tokio::spawn(async move {
        tokio::time::sleep(HEARING).await;
        forget_pulse(&run_id);
    });
}
