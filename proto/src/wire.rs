//! Flight actions, descriptor commands and metadata keys: built and parsed here and nowhere else.

use serde::{Serialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    names::shown,
    v1,
};

/// Metadata key that names the project of a call.
pub const PROJECT_HEADER: &str = "x-mangonel-project";
/// The project of a call that names none.
pub const PROJECT_DEFAULT: &str = "default";
/// Location of an endpoint that is read over the connection that the client has already.
pub const SAME_CONNECTION: &str = "arrow-flight-reuse-connection://?";
/// Metadata key that carries `v1::Error` as JSON in the trailers of a failed call.
pub const ERROR_HEADER: &str = "x-mangonel-error-bin";

/// Metadata key of an Arrow schema whose columns are all text, to be read by the types of the feature group. Its value is
/// a JSON list of the texts that mean null.
pub const TEXT_METADATA: &str = "mangonel.text";

/// Metadata key of an Arrow schema whose rows come from a file. Its value is what errors about rows call the file.
pub const SOURCE_METADATA: &str = "mangonel.source";

/// Value of [`TEXT_METADATA`]; the empty text always means null.
///
/// # Errors
/// `internal` when the list cannot be written as JSON.
pub fn text_metadata(nulls: &[String]) -> Result<String> {
    let mut nulls = nulls.to_vec();
    nulls.push(String::new());
    serde_json::to_string(&nulls).map_err(|error| Error::internal(error.to_string()))
}

/// Project of a call, from the value of [`PROJECT_HEADER`]. Never another project than the one that was named.
///
/// # Errors
/// `invalid_argument` when it is no text.
pub fn project_of(header: Option<&[u8]>) -> Result<&str> {
    let Some(header) = header else { return Ok(PROJECT_DEFAULT) };
    std::str::from_utf8(header).map_err(|_| Error::invalid("project names hold lower-case letters, digits and `_`"))
}

/// `app_metadata` of an endpoint, as JSON: what will come from it, where that is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct EndpointCounts {
    pub rows: Option<u64>,
    pub bytes: Option<u64>,
}

macro_rules! actions {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal ($request:ty => $response:ty),)*) => {
        /// What `DoAction` can do. The body of a call is the request message as canonical JSON, the one answer likewise.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Action { $($(#[doc = $doc])* $name,)* }

        impl Action {
            pub const ALL: &[Action] = &[$(Action::$name),*];

            /// Name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Action::$name => $text),* }
            }
            /// One sentence for `ListActions`.
            pub const fn description(self) -> &'static str {
                match self { $(Action::$name => concat!($($doc),*)),* }
            }
        }

        $(
            impl Call for $request {
                type Response = $response;
                const ACTION: Action = Action::$name;
            }
        )*
    };
}

/// A request message that is sent with one action and answered by one message.
pub trait Call: Serialize + DeserializeOwned + Send + Sync {
    type Response: Serialize + DeserializeOwned + Send;
    const ACTION: Action;
}

/// Wraps a message that more than one action takes, so that each action has a request type of its own.
macro_rules! wrapped {
    ($($name:ident($inner:ty);)*) => {$(
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub $inner);
    )*};
}

wrapped! {
    ShowFeatureGroup(v1::VersionRef);
    DeleteFeatureGroup(v1::VersionRef);
    ListPartitions(v1::VersionRef);
    ShowTrainingDataset(v1::VersionRef);
    DeleteTrainingDataset(v1::VersionRef);
    VerifyTrainingDataset(v1::VersionRef);
    ShowRun(v1::RunRef);
    CancelRun(v1::RunRef);
    WatchRun(v1::RunRef);
    Explain(v1::FeatureRequest);
    Status(v1::Empty);
    ListGarbage(v1::GarbageQuery);
    DeleteGarbage(v1::GarbageQuery);
}

actions! {
    /// Creates a project.
    CreateProject = "mangonel.project.create" (v1::CreateProject => v1::Project),
    /// Lists the projects that the caller may use.
    ListProjects = "mangonel.project.list" (v1::ListProjects => v1::ProjectList),
    /// Creates one version of a feature group, without rows.
    CreateFeatureGroup = "mangonel.feature_group.create" (v1::CreateFeatureGroup => v1::FeatureGroup),
    /// Lists feature group versions.
    ListFeatureGroups = "mangonel.feature_group.list" (v1::ListFeatureGroups => v1::FeatureGroupList),
    /// Shows one version of a feature group and the state of its table.
    ShowFeatureGroup = "mangonel.feature_group.show" (ShowFeatureGroup => v1::FeatureGroupDetail),
    /// Deletes one version of a feature group.
    DeleteFeatureGroup = "mangonel.feature_group.delete" (DeleteFeatureGroup => v1::Empty),
    /// Lists the partitions of one version of a feature group, with their rows and bytes.
    ListPartitions = "mangonel.feature_group.partitions" (ListPartitions => v1::PartitionList),
    /// Adds features that may be null, or makes integers wider; watch the run, if there is one, for the end.
    EvolveFeatureGroup = "mangonel.feature_group.evolve" (v1::EvolveFeatureGroup => v1::EvolveFeatureGroupResponse),
    /// Starts a run that writes the files of a feature group anew as fewer ones.
    CompactFeatureGroup = "mangonel.feature_group.compact" (v1::CompactFeatureGroup => v1::Run),
    /// Changes description, owner, tags and descriptions of features of a feature group or training dataset.
    UpdateMetadata = "mangonel.metadata.update" (v1::UpdateMetadata => v1::MetadataUpdated),
    /// Starts an insert and answers with a ticket for uploading its parts.
    BeginInsert = "mangonel.insert.begin" (v1::BeginInsert => v1::BeginInsertResponse),
    /// Commits an insert: starts the run that lays out its rows; watch the run for the end.
    CommitInsert = "mangonel.insert.commit" (v1::CommitInsert => v1::Run),
    /// Says in words where each feature of a request comes from and why.
    Explain = "mangonel.features.explain" (Explain => v1::Explanation),
    /// Creates one version of a training dataset and starts its build.
    CreateTrainingDataset = "mangonel.training_dataset.create" (v1::CreateTrainingDataset => v1::CreateTrainingDatasetResponse),
    /// Builds a new generation of a training dataset from the latest rows.
    InsertIntoTrainingDataset = "mangonel.training_dataset.insert" (v1::InsertIntoTrainingDataset => v1::CreateTrainingDatasetResponse),
    /// Builds the committed generation once more from its pinned inputs and compares every shard.
    RebuildTrainingDataset = "mangonel.training_dataset.rebuild" (v1::RebuildTrainingDataset => v1::Run),
    /// Lists training dataset versions.
    ListTrainingDatasets = "mangonel.training_dataset.list" (v1::ListTrainingDatasets => v1::TrainingDatasetList),
    /// Shows one version of a training dataset, its folder, managed schema and manifest.
    ShowTrainingDataset = "mangonel.training_dataset.show" (ShowTrainingDataset => v1::TrainingDatasetDetail),
    /// Deletes one version of a training dataset.
    DeleteTrainingDataset = "mangonel.training_dataset.delete" (DeleteTrainingDataset => v1::Empty),
    /// Reads every shard again and compares it with the manifest.
    VerifyTrainingDataset = "mangonel.training_dataset.verify" (VerifyTrainingDataset => v1::VerifyReport),
    /// Lists runs, newest first.
    ListRuns = "mangonel.run.list" (v1::ListRuns => v1::RunList),
    /// Shows a run with its inputs and the work of each executor.
    ShowRun = "mangonel.run.show" (ShowRun => v1::RunDetail),
    /// Answers with the progress of a run, many times, until it ends.
    WatchRun = "mangonel.run.watch" (WatchRun => v1::RunProgress),
    /// Cancels a run.
    CancelRun = "mangonel.run.cancel" (CancelRun => v1::Run),
    /// Lists files of the warehouse that nobody can need any more, and why; removes nothing.
    ListGarbage = "mangonel.garbage.list" (ListGarbage => v1::GarbageReport),
    /// Removes files of the warehouse that nobody can need any more.
    DeleteGarbage = "mangonel.garbage.delete" (DeleteGarbage => v1::GarbageReport),
    /// Says what this server is and how it is doing.
    Status = "mangonel.status" (Status => v1::ServerStatus),
}

impl Action {
    /// # Errors
    /// `invalid_argument` for a name that is no action of ours.
    pub fn parse(name: &str) -> Result<Self> {
        let found = Self::ALL.iter().copied().find(|action| action.name() == name);
        found.ok_or_else(|| Error::invalid(format!("unknown action `{}`", shown(name))))
    }
}

/// Actions of the cluster port, between executors and the scheduler. Never offered to clients.
pub mod cluster {
    pub const JOIN: &str = "mangonel.cluster.join";
    pub const ADMIT: &str = "mangonel.cluster.admit";
    pub const PULSE: &str = "mangonel.cluster.pulse";
}

/// Body of an action or its answer.
///
/// # Errors
/// `internal` when the message cannot be written as JSON.
pub fn to_body(message: &impl Serialize) -> Result<Vec<u8>> {
    serde_json::to_vec(message).map_err(|error| Error::internal(format!("message cannot be written: {error}")))
}

/// Reads the body of an action or its answer; an empty body is the empty message.
///
/// # Errors
/// `invalid_argument` when the JSON is not the message.
pub fn from_body<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    let body = if body.is_empty() { b"{}" } else { body };
    serde_json::from_slice(body).map_err(|error| Error::invalid(format!("malformed request: {error}")))
}

/// Descriptor command of `GetFlightInfo` (reads) and `DoPut` (parts of inserts, tables of queries): a tagged JSON object such as
/// `{"features": {...}}`.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Command {
    Features(v1::FeatureRequest),
    Sql(v1::SqlQuery),
    Read(v1::ReadVersion),
    InsertPart(v1::InsertPart),
    QueryTable(v1::QueryTable),
}

impl Command {
    /// # Errors
    /// `internal` when the message cannot be written as JSON.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        to_body(self)
    }
    /// # Errors
    /// `invalid_argument` when `bytes` is no command of ours.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|error| {
            let commands = "features, sql, read, insert_part, query_table";
            Error::invalid(format!("descriptor is no command of Mangonel ({commands}): {error}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn action_names_are_unique_and_parse_back() {
        for action in Action::ALL {
            assert_eq!(Action::parse(action.name()).unwrap(), *action);
            assert!(!action.description().is_empty());
        }
        assert!(Action::parse("drop everything").is_err());
    }

    #[test]
    fn commands_survive_the_wire() {
        let request = v1::FeatureRequest { features: vec!["team_budget".into()], ..Default::default() };
        let command = Command::Features(request);
        assert_eq!(Command::parse(&command.to_bytes().unwrap()).unwrap(), command);
        assert!(Command::parse(b"{\"drop\": {}}").is_err());
    }
}
