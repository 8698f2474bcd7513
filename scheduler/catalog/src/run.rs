//! Verbs on runs. The catalog is a bounded index of them; their details live in the warehouse.

use mangonel_proto::{
    Error, RELEASE, Result,
    names::{Principal, shown},
    v1::{Run, RunKind, RunState},
};

use crate::{
    access::{Action, EntityKind},
    catalog::{Catalog, Versioned, all, check_project, check_revision, now_ms},
    keys::ProjectKeys,
    record::{FORMAT, decode, encode},
    store::Txn,
};

/// Runs of a project that the index holds; beyond, the oldest ended ones are forgotten. Runs that have not ended are kept.
pub const RUNS_MAX: usize = 1_000;
/// Runs that are forgotten at a time, so that not every creation has to.
const PRUNE_BATCH: usize = 64;

impl Catalog {
    /// Creates a run in the principal's project, or finds the one with this id, which is the idempotency key: `true` says that it
    /// was created now. Format, project and state `PREPARED` are set here; principal, release and times too when empty.
    ///
    /// An id is remembered while the run is in the index ([`RUNS_MAX`]).
    ///
    /// # Errors
    /// `already_exists` when the id belongs to a run of another kind or target, `not_found` (project), `invalid_argument` (id),
    /// `permission_denied`, `unavailable`.
    pub async fn create_run(&self, principal: &Principal, run: Run) -> Result<(Versioned<Run>, bool)> {
        self.allow(principal, Action::Create, EntityKind::Run, &run.id)?;
        check_project(principal, &run.project)?;
        let key = ProjectKeys::new(&principal.project)?.run(&run.id)?;
        if let Some(existing) = self.read(&key).await? {
            return same_run(&run, existing);
        }
        let run = self.new_run(principal, run).await?;
        let outcome = self.store.txn(Txn::new().when(&key, 0).put(&key, encode(&run)?)).await?;
        if outcome.succeeded {
            return Ok((Versioned { value: run, revision: outcome.revision }, true));
        }
        match self.read(&key).await? {
            Some(existing) => same_run(&run, existing),
            None => Err(Error::conflict(format!("run `{}` came and went: try again", run.id)).named([run.id])),
        }
    }

    /// The record of a run that is about to be created under an id that nobody has, and room for it.
    pub(crate) async fn new_run(&self, principal: &Principal, mut run: Run) -> Result<Run> {
        self.allow(principal, Action::Create, EntityKind::Run, &run.id)?;
        check_project(principal, &run.project)?;
        self.existing_project(&principal.project).await?;
        self.prune_runs(&ProjectKeys::new(&principal.project)?).await?;
        run.format = FORMAT;
        run.project.clone_from(&principal.project);
        run.set_state(RunState::Prepared);
        if run.principal.is_empty() {
            run.principal.clone_from(&principal.name);
        }
        if run.release.is_empty() {
            run.release = RELEASE.into();
        }
        if run.created_ms == 0 {
            run.created_ms = now_ms();
        }
        run.updated_ms = run.updated_ms.max(run.created_ms);
        Ok(run)
    }

    /// # Errors
    /// `not_found`, `invalid_argument` (id), `permission_denied`, `unavailable`.
    pub async fn get_run(&self, principal: &Principal, id: &str) -> Result<Versioned<Run>> {
        self.allow(principal, Action::Read, EntityKind::Run, id)?;
        let key = ProjectKeys::new(&principal.project)?.run(id)?;
        let found = self.read(&key).await?;
        found.ok_or_else(|| Error::not_found(format!("run `{}` not found", shown(id))).named([shown(id)]))
    }

    /// Replaces a prepared run by what it was changed to (who works on it, its detail, its end), if nobody else has changed it since
    /// it was read. A run that has ended stays as it is, and a build is committed by [`Catalog::commit_generation`] only.
    ///
    /// # Errors
    /// `conflict` when somebody has or the run has ended, `invalid_argument`, `permission_denied`, `unavailable`.
    pub async fn update_run(&self, principal: &Principal, run: &Versioned<Run>) -> Result<Versioned<Run>> {
        self.allow(principal, Action::Update, EntityKind::Run, &run.value.id)?;
        check_project(principal, &run.value.project)?;
        check_revision(EntityKind::Run, &run.value.id, run.revision)?;
        let mut new = run.value.clone();
        if new.state() == RunState::Committed && new.kind() == RunKind::Build {
            return Err(Error::invalid(format!("run `{}` is a build: it is committed with its generation", new.id)));
        }
        if new.state() == RunState::Unspecified {
            return Err(Error::invalid(format!("run `{}` has no state", new.id)));
        }
        let key = ProjectKeys::new(&principal.project)?.run(&new.id)?;
        let stored = self.read::<Run>(&key).await?.filter(|stored| stored.revision == run.revision);
        let Some(stored) = stored else {
            return Err(self.lost(EntityKind::Run, &new.id, &key, run.revision).await?);
        };
        let stored = stored.value;
        if stored.state() != RunState::Prepared {
            let message = format!("run `{}` has ended as {}", new.id, stored.state().as_str_name());
            return Err(Error::conflict(message).named([new.id]));
        }
        if (stored.kind, &stored.target_name) != (new.kind, &new.target_name) {
            return Err(Error::invalid(format!("run `{}` cannot change what it writes", new.id)));
        }
        new.format = FORMAT;
        new.project.clone_from(&principal.project);
        new.updated_ms = now_ms();
        let outcome = self.store.txn(Txn::new().when(&key, run.revision).put(&key, encode(&new)?)).await?;
        if !outcome.succeeded {
            return Err(self.lost(EntityKind::Run, &new.id, &key, run.revision).await?);
        }
        Ok(Versioned { value: new, revision: outcome.revision })
    }

    /// Ends a prepared run as `state`, with the sentence of its error or an empty one; results (`rows`, `table_version`, ...) are
    /// taken from `run.value`.
    ///
    /// # Errors
    /// As [`Catalog::update_run`]; `invalid_argument` for a state that is no end.
    pub async fn finish_run(
        &self,
        principal: &Principal,
        run: &Versioned<Run>,
        state: RunState,
        error: &str,
    ) -> Result<Versioned<Run>> {
        self.allow(principal, Action::Update, EntityKind::Run, &run.value.id)?;
        if matches!(state, RunState::Unspecified | RunState::Prepared) {
            return Err(Error::invalid(format!("run `{}` cannot end as {}", run.value.id, state.as_str_name())));
        }
        let mut ended = run.clone();
        ended.value.set_state(state);
        ended.value.error = error.to_owned();
        self.update_run(principal, &ended).await
    }

    /// Runs of the principal's project, newest first, at most `limit` (0: all that the index holds).
    ///
    /// # Errors
    /// `permission_denied`, `unavailable`.
    pub async fn list_runs(&self, principal: &Principal, limit: usize) -> Result<Vec<Versioned<Run>>> {
        self.allow(principal, Action::Read, EntityKind::Run, "")?;
        let mut runs = self.runs(&ProjectKeys::new(&principal.project)?).await?;
        runs.reverse();
        if limit > 0 {
            runs.truncate(limit);
        }
        Ok(runs)
    }

    /// Runs of all projects that have not ended, oldest first within a project: what a server settles when it starts. Only the server
    /// itself may ask, see [`crate::access::system`].
    ///
    /// # Errors
    /// `permission_denied`, `unavailable`.
    pub async fn list_prepared_runs(&self, principal: &Principal) -> Result<Vec<Versioned<Run>>> {
        self.allow_across(principal, Action::Settle, EntityKind::Run)?;
        let mut prepared = Vec::new();
        for project in self.project_names().await? {
            let runs = self.runs(&ProjectKeys::new(&project)?).await?;
            prepared.extend(runs.into_iter().filter(|run| run.value.state() == RunState::Prepared));
        }
        Ok(prepared)
    }

    /// Runs of a project, oldest first.
    async fn runs(&self, keys: &ProjectKeys) -> Result<Vec<Versioned<Run>>> {
        let (entries, _) = self.list(all(keys.runs())).await?;
        let run = |entry| Ok(Versioned { value: decode(entry)?, revision: entry.mod_revision });
        let mut runs: Vec<Versioned<Run>> = entries.iter().map(run).collect::<Result<_>>()?;
        runs.sort_by(|left, right| {
            (left.value.created_ms, &left.value.id).cmp(&(right.value.created_ms, &right.value.id))
        });
        Ok(runs)
    }

    /// Makes room for one more run.
    async fn prune_runs(&self, keys: &ProjectKeys) -> Result<()> {
        let (entries, _) = self.list(all(keys.runs()).keys_only()).await?;
        let Some(excess) = (entries.len() + PRUNE_BATCH).checked_sub(RUNS_MAX) else { return Ok(()) };
        if entries.len() < RUNS_MAX {
            return Ok(());
        }
        let runs = self.runs(keys).await?;
        let ended: Vec<&Versioned<Run>> =
            runs.iter().filter(|run| run.value.state() != RunState::Prepared).take(excess).collect();
        for batch in ended.chunks(PRUNE_BATCH) {
            let mut txn = Txn::new();
            for run in batch {
                let key = keys.run(&run.value.id)?;
                txn = txn.when(&key, run.revision).delete(key);
            }
            // Lost to another creator who prunes: then there is room.
            self.store.txn(txn).await?;
        }
        Ok(())
    }
}

fn same_run(asked: &Run, existing: Versioned<Run>) -> Result<(Versioned<Run>, bool)> {
    let found = &existing.value;
    if (asked.kind, &asked.target_name) == (found.kind, &found.target_name) {
        return Ok((existing, false));
    }
    let message = format!("run id `{}` was used for another run, of `{}`: take a new id", asked.id, found.target_name);
    Err(Error::already_exists(message).named([asked.id.clone()]))
}
