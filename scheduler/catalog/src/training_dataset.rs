//! Verbs on training datasets, and the one write that makes a build visible.

use mangonel_proto::{
    Error, Result,
    names::Principal,
    v1::{Generation, Run, RunKind, RunState, TrainingDataset},
};

use crate::{
    access::{Action, EntityKind},
    catalog::{Catalog, Versioned, check_project, check_revision, now_ms},
    keys::ProjectKeys,
    record::encode,
    store::Txn,
    versions::title,
};

impl Catalog {
    /// Creates a version in the principal's project; version 0 takes the one after the latest. Format, project and version are set
    /// here; id, owner, times and location (relative to the warehouse) too when empty.
    ///
    /// # Errors
    /// `already_exists`, `not_found` (project), `invalid_argument`, `permission_denied`, `unavailable`.
    pub async fn create_training_dataset(
        &self,
        principal: &Principal,
        dataset: TrainingDataset,
    ) -> Result<Versioned<TrainingDataset>> {
        let description = dataset.description.clone();
        self.create_version(principal, dataset, &description).await
    }

    /// Creates a version, and the run that will build it, in one transaction: whoever cannot tell whether this has succeeded finds
    /// both or neither. The run's target is set here.
    ///
    /// # Errors
    /// As [`Catalog::create_training_dataset`]; `already_exists` for a run id that is known.
    pub async fn create_training_dataset_and_run(
        &self,
        principal: &Principal,
        dataset: TrainingDataset,
        run: Run,
    ) -> Result<(Versioned<TrainingDataset>, Versioned<Run>)> {
        let run = self.new_run(principal, run).await?;
        let key = ProjectKeys::new(&principal.project)?.run(&run.id)?;
        if self.read::<Run>(&key).await?.is_some() {
            let message = format!("run id `{}` was used for another run: take a new id", run.id);
            return Err(Error::already_exists(message).named([run.id]));
        }
        let of = |dataset: &TrainingDataset| {
            let (target_name, target_version) = (dataset.name.clone(), dataset.version);
            Run { target_name, target_version, ..run.clone() }
        };
        let description = dataset.description.clone();
        let created = self.create_version_with(principal, dataset, &description, |dataset| {
            Ok(Txn::new().when(&key, 0).put(&key, encode(&of(dataset))?))
        });
        let created = created.await?;
        let run = Versioned { value: of(&created.value), revision: created.revision };
        Ok((created, run))
    }

    /// One version; 0 is the latest.
    ///
    /// # Errors
    /// `not_found` (`TrainingDatasetNotFound`) with similar names or the versions that there are, `invalid_argument`,
    /// `permission_denied`, `unavailable`.
    pub async fn get_training_dataset(
        &self,
        principal: &Principal,
        name: &str,
        version: u32,
    ) -> Result<Versioned<TrainingDataset>> {
        self.get_version(principal, name, version).await
    }

    /// All versions of `name`, or of every dataset when it is empty, by name and version, and the revision that they were read at.
    ///
    /// # Errors
    /// `invalid_argument` (name), `permission_denied`, `unavailable`.
    pub async fn list_training_datasets(
        &self,
        principal: &Principal,
        name: &str,
    ) -> Result<(Vec<Versioned<TrainingDataset>>, i64)> {
        self.list_versions(principal, name).await
    }

    /// Replaces a version by what it was changed to, if nobody else has changed it since it was read.
    ///
    /// # Errors
    /// `conflict` when somebody has, `invalid_argument`, `permission_denied`, `unavailable`.
    pub async fn update_training_dataset(
        &self,
        principal: &Principal,
        dataset: &Versioned<TrainingDataset>,
    ) -> Result<Versioned<TrainingDataset>> {
        self.update_version(principal, dataset).await
    }

    /// Deletes a version, if nobody has changed it since it was read. Its shards are not touched.
    ///
    /// # Errors
    /// `conflict` when somebody has, `invalid_argument`, `permission_denied`, `unavailable`.
    pub async fn delete_training_dataset(
        &self,
        principal: &Principal,
        dataset: &Versioned<TrainingDataset>,
    ) -> Result<()> {
        self.delete_version(principal, dataset).await
    }

    /// The commit of a build, in one transaction: the prepared run becomes committed and its generation the one that readers of the
    /// dataset follow, if neither has changed since it was read. `dataset.value` is written as given, but for its generation.
    /// A generation number of 0 becomes the next one.
    ///
    /// After `unavailable` the commit may or may not have been made: the state of the run says so.
    ///
    /// # Errors
    /// `conflict` naming the run or the dataset, whichever changed, or a run that has ended; `invalid_argument` when the three do
    /// not belong together; `permission_denied`, `unavailable`.
    pub async fn commit_generation(
        &self,
        principal: &Principal,
        run: &Versioned<Run>,
        dataset: &Versioned<TrainingDataset>,
        generation: Generation,
    ) -> Result<(Versioned<Run>, Versioned<TrainingDataset>)> {
        self.allow(principal, Action::Update, EntityKind::Run, &run.value.id)?;
        self.allow(principal, Action::Update, EntityKind::TrainingDataset, &dataset.value.name)?;
        check_project(principal, &run.value.project)?;
        check_revision(EntityKind::Run, &run.value.id, run.revision)?;
        let generation = checked(&run.value, &dataset.value, generation)?;

        let mut new_run = run.value.clone();
        new_run.set_state(RunState::Committed);
        (new_run.rows, new_run.bytes, new_run.updated_ms) = (generation.rows, generation.bytes, now_ms());
        let mut visible = dataset.clone();
        visible.value.generation = Some(generation);

        let run_key = ProjectKeys::new(&principal.project)?.run(&run.value.id)?;
        let (dataset_key, new_dataset, txn) = self.update_txn(principal, &visible).await?;
        let txn = txn.when(&run_key, run.revision).put(&run_key, encode(&new_run)?);
        let outcome = self.store.txn(txn).await?;
        if !outcome.succeeded {
            let run_now = self.store.get(&run_key).await?.map_or(0, |entry| entry.mod_revision);
            return Err(if run_now == run.revision {
                self.lost(EntityKind::TrainingDataset, &title(&new_dataset), &dataset_key, dataset.revision).await?
            } else {
                self.lost(EntityKind::Run, &new_run.id, &run_key, run.revision).await?
            });
        }
        let revision = outcome.revision;
        Ok((Versioned { value: new_run, revision }, Versioned { value: new_dataset, revision }))
    }
}

/// The generation, numbered, if it is of this run and the run is a prepared build of this dataset.
fn checked(run: &Run, dataset: &TrainingDataset, mut generation: Generation) -> Result<Generation> {
    if run.state() != RunState::Prepared {
        let message = format!("run `{}` is not prepared, it has ended as {}", run.id, run.state().as_str_name());
        return Err(Error::conflict(message).named([run.id.clone()]));
    }
    let next = dataset.generation.as_ref().map_or(0, |generation| generation.number) + 1;
    if generation.number == 0 {
        generation.number = next;
    }
    if generation.committed_ms == 0 {
        generation.committed_ms = now_ms();
    }
    let belongs = run.kind() == RunKind::Build
        && (run.target_name.as_str(), run.target_version) == (dataset.name.as_str(), dataset.version)
        && generation.run_id == run.id;
    if !belongs {
        let message = format!("run `{}` is no build of `{}`, or not that of the generation", run.id, title(dataset));
        return Err(Error::invalid(message));
    }
    if generation.number != next {
        let message =
            format!("generation {} of `{}` does not follow: the next is {next}", generation.number, title(dataset));
        return Err(Error::invalid(message));
    }
    Ok(generation)
}
