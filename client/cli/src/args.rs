//! The command line: what can be said, with examples that work.

use std::{ffi::OsString, net::SocketAddr, path::PathBuf, time::Duration};

use clap::{Args, ColorChoice, Parser, Subcommand, ValueEnum};
use mangonel_storage::files::Dialect;

/// Sorted runs that readers of a feature group may have to merge, unless said otherwise.
pub(crate) const COMPACT_AFTER: usize = 16;

/// A distributed feature store: features in, training datasets out.
#[derive(Debug, Parser)]
#[command(
    name = "mangonel",
    version,
    propagate_version = true,
    max_term_width = 110,
    after_help = "\
Examples:
  mangonel demo                                  the whole job, from raw data to TFRecord, in a minute
  mangonel up --data-dir ~/mangonel              a server on this machine
  mangonel features team_budget average_attendance
  mangonel training-dataset create team_position_prediction \\
      --features team_budget,average_attendance,team_position --label team_position --shards 4

Every option can also be set in the environment (--data-dir as MANGONEL_DATA_DIR) and in a settings file: see
`mangonel config show --help`."
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Clone, Args)]
pub(crate) struct Global {
    /// Server to talk to; also from MANGONEL_URL
    #[arg(long, global = true, default_value = "grpc://127.0.0.1:8815", value_name = "URL")]
    pub server: String,
    /// Project whose feature store is meant
    #[arg(long, global = true, default_value = "default")]
    pub project: String,
    /// Form of the answer
    #[arg(long, global = true, value_enum, default_value = "table")]
    pub output: OutputForm,
    /// Colours and bold text; `auto` is on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, value_enum, default_value = "auto", value_name = "WHEN")]
    pub color: ColorChoice,
    /// Settings file; `mangonel.toml` here or ~/.config/mangonel/config.toml unless given
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Longest wait for the server, such as 500ms, 30s, 5m or 1h: for a connection, an answer, the next rows, and for the end
    /// of a run, which goes on all the same; a query of `sql` is stopped. Unless given, 5s for a connection and no limit beyond
    #[arg(long, global = true, env = "MANGONEL_TIMEOUT", value_parser = parse_duration, value_name = "TIME")]
    pub timeout: Option<Duration>,
}

/// How much a server does at the same time.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct LimitArgs {
    /// Runs (inserts, builds) and reads computed by the engine that work at the same time; others wait in the order in which
    /// they came. Unless given, one for each 2GiB of memory and at most one for each thread, or one for each 4 slots of a cluster
    #[arg(long, value_name = "N", value_parser = parse_count)]
    pub max_running: Option<usize>,
    /// Runs and computed reads that may wait; further ones are refused. 100 unless given
    #[arg(long, value_name = "N")]
    pub max_waiting: Option<usize>,
    /// Reads that this process streams at the same time; others wait 30s at most. Unless given, one for each 32MiB of memory,
    /// between 8 and 256
    #[arg(long, value_name = "N", value_parser = parse_count)]
    pub max_reads: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputForm {
    Table,
    Json,
    Csv,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run everything in one process, with an embedded catalog and a local folder
    Up(UpArgs),
    /// Run the server of a cluster, with the catalog in etcd; executors do the work
    Scheduler(SchedulerArgs),
    /// Run an executor that works for a scheduler
    Executor(ExecutorArgs),
    /// Build the football feature groups and a training dataset, and show what happened
    Demo(DemoArgs),
    /// Say what a server is and how it is doing
    Status,
    /// Create and list projects
    #[command(subcommand)]
    Project(ProjectCommand),
    /// Create, fill and look at feature groups
    #[command(subcommand)]
    FeatureGroup(FeatureGroupCommand),
    /// Ask for features by name
    Features(FeaturesArgs),
    /// Ask with SQL
    Sql(SqlArgs),
    /// Create, verify and look at training datasets
    #[command(subcommand)]
    TrainingDataset(TrainingDatasetCommand),
    /// Look at runs, watch and cancel them
    #[command(subcommand)]
    Run(RunCommand),
    /// Show settings, and where each comes from
    #[command(
        subcommand,
        after_help = "\
Examples:
  mangonel config show
  mangonel config show up --memory 8GiB"
    )]
    Config(ConfigCommand),
    /// Look at files that nobody can need any more, and remove them
    #[command(subcommand)]
    Garbage(GarbageCommand),
    /// Print completions for a shell
    #[command(after_help = "\
Examples:
  mangonel completions bash > /etc/bash_completion.d/mangonel
  mangonel completions zsh > \"${fpath[1]}/_mangonel\"")]
    Completions { shell: clap_complete::Shell },
    /// Write the man pages
    #[command(after_help = "\
Examples:
  mangonel man --dir ~/.local/share/man/man1")]
    Man {
        #[arg(long, default_value = "man", value_name = "DIR")]
        dir: PathBuf,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Show the settings that a command line would have; those of the servers unless one is given
    #[command(after_help = "\
Examples:
  mangonel config show
  mangonel config show --output json
  mangonel config show up --memory 8GiB

An option of the command line comes before the environment, that before the settings file, and that before the default. In the
environment --data-dir is MANGONEL_DATA_DIR. The settings file is that of --config, else of MANGONEL_CONFIG, else mangonel.toml in
the working folder, else ~/.config/mangonel/config.toml. It is TOML: options of all commands at the top, those of a command in its
table, such as memory = '8GiB' in [up] or shards = 16 in [training-dataset.create].")]
    Show {
        /// A command, with options if you like
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "COMMAND")]
        command: Vec<OsString>,
    },
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  mangonel up
  mangonel up --data-dir /srv/mangonel --memory 8GiB --flight 0.0.0.0:8815")]
pub(crate) struct UpArgs {
    /// Folder for the catalog, the warehouse and spilled data
    #[arg(long, default_value = "mangonel-data", value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Address of the Arrow Flight port
    #[arg(long, default_value = "127.0.0.1:8815", value_name = "ADDR")]
    pub flight: SocketAddr,
    /// Address of the HTTP port (health, readiness, metrics)
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub http: SocketAddr,
    /// Where tables and datasets are kept; a folder `warehouse` in the data folder unless given
    #[arg(long, value_name = "URL")]
    pub warehouse: Option<String>,
    /// Memory for the work on data, such as 512MiB or 8GiB; half of the machine's unless given
    #[arg(long, value_parser = parse_bytes, value_name = "SIZE")]
    pub memory: Option<usize>,
    /// Threads for the work on data; all cores unless given
    #[arg(long, value_name = "N")]
    pub threads: Option<usize>,
    /// Largest feature group, as stored, that a join on other columns sends whole to every task; 64MiB unless given
    #[arg(long, value_parser = parse_bytes, value_name = "SIZE")]
    pub broadcast_max: Option<usize>,
    /// Compact a feature group when readers have to merge more sorted runs than this; 0 never does
    #[arg(long, default_value_t = COMPACT_AFTER, value_name = "N")]
    pub compact_after: usize,
    /// Folder or URL below which files may be inserted from by `feature-group insert --server-files`; none unless given
    #[arg(long = "import-root", value_delimiter = ',', value_name = "DIR_OR_URL")]
    pub import_roots: Vec<String>,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub sql: SqlServerArgs,
}

/// Bounds of queries.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SqlServerArgs {
    /// Longest that this server works on one SQL query, such as 30s, 5m or 2h, or `none`; 1h unless given
    #[arg(long, value_parser = parse_timeout, value_name = "TIME")]
    pub sql_timeout: Option<Timeout>,
    /// Room on the disk for all tables that clients send along with SQL queries; 1GiB unless given
    #[arg(long, value_parser = parse_bytes, value_name = "SIZE")]
    pub sql_tables_max: Option<usize>,
}

/// A bound on time; `None` is no bound.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timeout(pub Option<Duration>);

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  mangonel scheduler --etcd 127.0.0.1:2379 --warehouse /srv/mangonel/warehouse
  mangonel scheduler --etcd etcd-0:2379,etcd-1:2379,etcd-2:2379 --warehouse s3://bucket/mangonel --cluster 0.0.0.0:50050

The cluster secret is read from MANGONEL_CLUSTER_SECRET, here and on every executor.")]
pub(crate) struct SchedulerArgs {
    /// Servers of the etcd cluster that holds the catalog
    #[arg(long, required = true, value_delimiter = ',', value_name = "HOST:PORT,...")]
    pub etcd: Vec<String>,
    /// Where tables and datasets are kept; every executor must reach it
    #[arg(long, value_name = "URL")]
    pub warehouse: String,
    /// Address of the Arrow Flight port, for clients
    #[arg(long, default_value = "127.0.0.1:8815", value_name = "ADDR")]
    pub flight: SocketAddr,
    /// Address of the HTTP port (health, readiness, metrics)
    #[arg(long, default_value = "127.0.0.1:8080", value_name = "ADDR")]
    pub http: SocketAddr,
    /// Address of the cluster port, for executors only
    #[arg(long, default_value = "127.0.0.1:50050", value_name = "ADDR")]
    pub cluster: SocketAddr,
    /// Folder for staged and spilled data of this process
    #[arg(long, default_value = "mangonel-scheduler", value_name = "DIR")]
    pub work_dir: PathBuf,
    /// Memory for the work on data in this process; half of the machine's unless given
    #[arg(long, value_parser = parse_bytes, value_name = "SIZE")]
    pub memory: Option<usize>,
    /// Largest feature group, as stored, that a join on other columns sends whole to every task; 64MiB unless given
    #[arg(long, value_parser = parse_bytes, value_name = "SIZE")]
    pub broadcast_max: Option<usize>,
    /// Compact a feature group when readers have to merge more sorted runs than this; 0 never does
    #[arg(long, default_value_t = COMPACT_AFTER, value_name = "N")]
    pub compact_after: usize,
    /// Folder or URL below which files may be inserted from by `feature-group insert --server-files`; none unless given
    #[arg(long = "import-root", value_delimiter = ',', value_name = "DIR_OR_URL")]
    pub import_roots: Vec<String>,
    #[command(flatten)]
    pub limits: LimitArgs,
    #[command(flatten)]
    pub sql: SqlServerArgs,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  mangonel executor --scheduler 127.0.0.1:50050 --slots 2
  mangonel executor --scheduler scheduler-0:50050 --cluster 0.0.0.0:50051 --flight 0.0.0.0:8815 \\
      --advertise executor-3 --memory 16GiB")]
pub(crate) struct ExecutorArgs {
    /// The scheduler's cluster port
    #[arg(long, value_name = "HOST:PORT")]
    pub scheduler: String,
    /// Address that the scheduler and other executors reach; takes this port and the next, port 0 takes free ones
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    pub cluster: SocketAddr,
    /// Address of the Arrow Flight port, where clients read results and shards; port 0 takes a free one
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    pub flight: SocketAddr,
    /// Host name that the scheduler, other executors and clients reach this executor by; that of the addresses unless given
    #[arg(long, value_name = "HOST")]
    pub advertise: Option<String>,
    /// Folder for results on their way and spilled data
    #[arg(long, default_value = "mangonel-executor", value_name = "DIR")]
    pub work_dir: PathBuf,
    /// Partitions that are worked on at the same time; all cores unless given
    #[arg(long, value_name = "N")]
    pub slots: Option<usize>,
    /// Memory for the work on data; half of the machine's unless given
    #[arg(long, value_parser = parse_bytes, value_name = "SIZE")]
    pub memory: Option<usize>,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  mangonel demo                              generated football data, 2,000 teams
  mangonel demo --teams 1000000 --shards 16  more of it
  mangonel demo --data DIR                   CSV, TSV, JSON lines, Parquet and Arrow files, as they look
  mangonel demo --data DIR --description demo.toml --data-dir demo2")]
pub(crate) struct DemoArgs {
    /// Folder with raw files instead of generated data. DIR/mangonel.toml describes them; without it types, keys and event times
    /// are guessed
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Description of the files, instead of DIR/mangonel.toml; the one that was guessed is `description.toml` in the data folder
    #[arg(long, value_name = "FILE", requires = "data")]
    pub description: Option<PathBuf>,
    /// Where the demo keeps its store; must be empty or an earlier demo's
    #[arg(long, default_value = "mangonel-demo", value_name = "DIR")]
    pub data_dir: PathBuf,
    /// Teams to generate
    #[arg(long, default_value_t = 2000)]
    pub teams: u64,
    /// Seasons to generate
    #[arg(long, default_value_t = 5)]
    pub seasons: u32,
    /// Seed of the generator: the same seed gives the same bytes
    #[arg(long, default_value_t = 7)]
    pub seed: u64,
    /// Shards of the training dataset
    #[arg(long, default_value_t = 4)]
    pub shards: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ProjectCommand {
    /// Create a project
    Create {
        name: String,
        #[arg(long, default_value = "")]
        description: String,
    },
    /// List projects
    List,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FeatureGroupCommand {
    /// Create a version of a feature group, by hand or from the columns of a file
    #[command(after_help = "\
Examples:
  mangonel feature-group create teams_features --key team_id --feature team_id:long --feature team_budget:double
  mangonel feature-group create attendances --key team_id --event-time measured_at --like attendances.parquet
  mangonel feature-group create matches --key id --like results.csv --feature postcode:string --null NA")]
    Create {
        name: String,
        /// Version; one more than the latest unless given
        #[arg(long = "fg-version", default_value_t = 0, value_name = "N")]
        version: u32,
        #[arg(long, default_value = "")]
        description: String,
        /// Column of the primary key; several make a composite key
        #[arg(long = "key", required = true, value_name = "COLUMN")]
        keys: Vec<String>,
        /// Column that says when a row became true
        #[arg(long, default_value = "", value_name = "COLUMN")]
        event_time: String,
        /// Feature as NAME:TYPE or NAME:TYPE:DESCRIPTION
        #[arg(long = "feature", value_name = "NAME:TYPE")]
        features: Vec<String>,
        /// File whose columns become the features. CSV, TSV and JSON lines: types as the first 10,000 rows look;
        /// `--feature` says another
        #[arg(long, value_name = "FILE")]
        like: Option<PathBuf>,
        #[command(flatten)]
        dialect: DialectArgs,
        /// Column whose every value makes files of its own: boolean, integer, string or date, with few values
        #[arg(long = "partition-by", value_name = "COLUMN")]
        partition_by: Vec<String>,
    },
    /// Insert rows from CSV, TSV, JSON lines, Parquet or Arrow files, or from standard input
    #[command(after_help = "\
Examples:
  mangonel feature-group insert teams_features teams.csv
  mangonel feature-group insert teams_features part-*.parquet --mode overwrite
  mangonel feature-group insert matches results.csv --null NA
  mangonel feature-group insert matches results.csv.gz --delimiter ';'
  python3 features.py | mangonel feature-group insert teams_features - --as jsonl
  mangonel feature-group insert matches --server-files '/srv/imports/2026-*/*.parquet'")]
    Insert {
        name: String,
        /// Files; the ending says the format: .csv, .tsv or .jsonl (also with .gz or .zst), .parquet, .arrow; `-` is standard
        /// input
        #[arg(required_unless_present = "server_files", conflicts_with = "server_files")]
        files: Vec<String>,
        /// Files that the server reads itself, below a folder or URL that it was started with by --import-root; `*`, `?` and `**`
        /// stand for parts of names
        #[arg(long, value_name = "PATH_OR_GLOB")]
        server_files: Vec<String>,
        #[arg(long = "fg-version", default_value_t = 0, value_name = "N")]
        version: u32,
        #[arg(long, value_enum, default_value = "append")]
        mode: InsertMode,
        /// Format of all files, and of standard input
        #[arg(long = "as", value_enum, value_name = "FORMAT")]
        format: Option<InputFormat>,
        #[command(flatten)]
        dialect: DialectArgs,
        /// Idempotency key: an insert that was sent twice counts once
        #[arg(long, default_value = "")]
        run_id: String,
    },
    /// List feature groups
    List {
        /// Only versions of this group
        name: Option<String>,
    },
    /// Show one version of a feature group
    Show {
        name: String,
        #[arg(long = "fg-version", default_value_t = 0, value_name = "N")]
        version: u32,
    },
    /// List the partitions of a version, with their rows and bytes
    Partitions {
        name: String,
        #[arg(long = "fg-version", default_value_t = 0, value_name = "N")]
        version: u32,
    },
    /// Look at the rows of a version
    #[command(after_help = "\
Examples:
  mangonel feature-group preview teams_features
  mangonel feature-group preview teams_features --limit 1000 --to teams.csv
  mangonel feature-group preview teams_features --as-of '2026-11-24 18:00'")]
    Preview {
        name: String,
        #[arg(long = "fg-version", default_value_t = 0, value_name = "N")]
        version: u32,
        /// Version of the table to look at, as `feature-group show` counts them; the latest unless given
        #[arg(long, value_name = "N")]
        table_version: Option<i64>,
        #[command(flatten)]
        as_of: AsOfArgs,
        #[command(flatten)]
        rows: RowArgs,
    },
    /// Change what people say of a version: description, owner, tags, descriptions of features
    #[command(after_help = "\
Examples:
  mangonel feature-group update teams_features --description 'Budgets, by season' --tag team=data
  mangonel feature-group update teams_features --feature 'team_budget=Million euros' --if-revision 42")]
    Update {
        name: String,
        #[arg(long = "fg-version", default_value_t = 0, value_name = "N")]
        version: u32,
        #[command(flatten)]
        metadata: MetadataArgs,
    },
    /// Add features to a version, null in the rows that are there, or make its integers wider
    #[command(after_help = "\
Examples:
  mangonel feature-group evolve teams_features --feature stadium:string --feature 'value:double:Million euros'
  mangonel feature-group evolve matches --feature spectators:long

Integers become wider in the order byte, short, integer, long; every file is written anew. Whatever else changes needs a new
version.")]
    Evolve {
        name: String,
        #[arg(long = "fg-version", default_value_t = 0, value_name = "N")]
        version: u32,
        /// New feature, or a feature with its wider type, as NAME:TYPE or NAME:TYPE:DESCRIPTION
        #[arg(long = "feature", required = true, value_name = "NAME:TYPE")]
        features: Vec<String>,
        /// Idempotency key: what was sent twice happens once
        #[arg(long, default_value = "")]
        run_id: String,
    },
    /// Write the files of a version anew as fewer ones; the server does it by itself after many small inserts
    Compact {
        name: String,
        #[arg(long = "fg-version", default_value_t = 0, value_name = "N")]
        version: u32,
        /// Idempotency key: what was sent twice happens once
        #[arg(long, default_value = "")]
        run_id: String,
    },
    /// Delete one version of a feature group
    #[command(after_help = "\
Examples:
  mangonel feature-group delete teams_features --fg-version 1
  mangonel feature-group delete teams_features --latest

Which version goes must be said, since it cannot be brought back.")]
    Delete {
        name: String,
        #[command(flatten)]
        version: DeletedGroupArgs,
    },
}

/// Which version of a feature group is deleted.
#[derive(Debug, Clone, Copy, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct DeletedGroupArgs {
    #[arg(long = "fg-version", value_name = "N")]
    pub version: Option<u32>,
    /// The latest version
    #[arg(long)]
    pub latest: bool,
}

/// Which version of a training dataset is deleted.
#[derive(Debug, Clone, Copy, Args)]
#[group(required = true, multiple = false)]
pub(crate) struct DeletedDatasetArgs {
    #[arg(long = "td-version", value_name = "N")]
    pub version: Option<u32>,
    /// The latest version
    #[arg(long)]
    pub latest: bool,
}

/// How delimited text is cut into values.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct DialectArgs {
    /// Text that means null in CSV and TSV files, beside the empty field
    #[arg(long = "null", value_name = "TEXT")]
    pub nulls: Vec<String>,
    /// Character between values; `,` in .csv and a tab in .tsv unless given
    #[arg(long, value_name = "CHAR", value_parser = parse_byte)]
    pub delimiter: Option<u8>,
    /// Character around values that hold a delimiter; `"` unless given
    #[arg(long, value_name = "CHAR", value_parser = parse_byte)]
    pub quote: Option<u8>,
}

impl DialectArgs {
    pub(crate) fn dialect(self) -> Dialect {
        Dialect { nulls: self.nulls, delimiter: self.delimiter, quote: self.quote }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputFormat {
    Csv,
    Tsv,
    /// One JSON object per line
    Jsonl,
    Parquet,
    /// Arrow file or stream
    Arrow,
}

impl InputFormat {
    pub(crate) fn file_format(self) -> mangonel_storage::files::FileFormat {
        use mangonel_storage::files::FileFormat;
        match self {
            Self::Csv => FileFormat::Csv,
            Self::Tsv => FileFormat::Tsv,
            Self::Jsonl => FileFormat::Jsonl,
            Self::Parquet => FileFormat::Parquet,
            Self::Arrow => FileFormat::Arrow,
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum InsertMode {
    Append,
    Overwrite,
}

/// What is to be changed; the rest stays as it is.
#[derive(Debug, Clone, Args)]
pub(crate) struct MetadataArgs {
    #[arg(long)]
    pub description: Option<String>,
    /// Who answers for it
    #[arg(long)]
    pub owner: Option<String>,
    /// Tag to set
    #[arg(long = "tag", value_name = "KEY=VALUE")]
    pub tags: Vec<String>,
    /// Tag to remove
    #[arg(long = "untag", value_name = "KEY")]
    pub untag: Vec<String>,
    /// Description of a feature
    #[arg(long = "feature", value_name = "NAME=TEXT")]
    pub features: Vec<String>,
    /// Refuse unless the record is still at this revision, which `show --output json` gives
    #[arg(long = "if-revision", default_value_t = 0, value_name = "N", hide_default_value = true)]
    pub revision: i64,
}

/// Features by name, and how to join them.
#[derive(Debug, Clone, Args)]
pub(crate) struct RequestArgs {
    /// Version of a group to use, as GROUP=N; the latest unless given
    #[arg(long = "group-version", value_name = "GROUP=N")]
    pub group_versions: Vec<String>,
    /// Column to join on; inferred unless given
    #[arg(long = "join-key", value_name = "COLUMN")]
    pub join_key: Vec<String>,
    /// Keep every row of the root group, or only rows that all groups have
    #[arg(long, value_enum, default_value = "inner")]
    pub join_type: JoinType,
    /// Group whose rows decide which rows come out
    #[arg(long, default_value = "", value_name = "GROUP")]
    pub root: String,
    #[command(flatten)]
    pub as_of: AsOfArgs,
}

/// Time travel.
#[derive(Debug, Clone, Args)]
pub(crate) struct AsOfArgs {
    /// What the store held at this time, by the times of commits: 2026-11-25, '2026-11-25 10:30' (UTC) or
    /// 2026-11-25T10:30:00+01:00
    #[arg(long = "as-of", value_name = "TIME", value_parser = parse_time, default_value = "now", hide_default_value = true)]
    pub as_of_ms: i64,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum JoinType {
    Inner,
    Left,
}

/// How many rows, and where they go.
#[derive(Debug, Clone, Args)]
pub(crate) struct RowArgs {
    /// Rows at most; 20 in a table unless given
    #[arg(long)]
    pub limit: Option<u64>,
    /// Write to a file instead of printing; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Format of `--to`, where its ending does not say it
    #[arg(long = "as", value_enum, value_name = "FORMAT")]
    pub format: Option<FileFormat>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileFormat {
    Parquet,
    Csv,
    Arrow,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  mangonel sql 'SELECT country, count(*) FROM teams_features GROUP BY country'
  mangonel sql 'SELECT * FROM teams_features_1' --limit 100 --output csv
  mangonel sql - --to teams.parquet < query.sql
  mangonel sql 'SELECT * FROM mine JOIN teams_features USING (team_id)' --table mine=teams.csv
  mangonel sql 'SELECT * FROM season_scores_features_latest' --explain")]
pub(crate) struct SqlArgs {
    /// One SELECT over the tables GROUP_VERSION and GROUP (its latest version), and over the latest row of each key in both,
    /// GROUP_VERSION_latest and GROUP_latest; `-` reads it from standard input
    pub query: String,
    /// File to be sent along, as a table of this name in the query. CSV, TSV and JSON lines: types as the rows look;
    /// `-` is standard input
    #[arg(long = "table", value_name = "NAME=FILE")]
    pub tables: Vec<String>,
    /// Format of the files of `--table`, where their endings do not say it
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub table_as: Option<InputFormat>,
    #[command(flatten)]
    pub dialect: DialectArgs,
    /// Say what the query does, step by step, and read nothing. `EXPLAIN ANALYZE SELECT ...` runs it, and says what was measured
    #[arg(long)]
    pub explain: bool,
    #[command(flatten)]
    pub as_of: AsOfArgs,
    #[command(flatten)]
    pub rows: RowArgs,
}

#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  mangonel features team_budget average_attendance --limit 10
  mangonel features teams_features_1.team_budget --output csv
  mangonel features team_budget average_attendance --to features.parquet
  mangonel features team_budget average_attendance --to - --as arrow | python3 train.py
  mangonel features team_budget average_attendance --explain")]
pub(crate) struct FeaturesArgs {
    /// Feature names, bare or as GROUP.FEATURE or GROUP_VERSION.FEATURE
    #[arg(required = true)]
    pub features: Vec<String>,
    #[command(flatten)]
    pub request: RequestArgs,
    #[command(flatten)]
    pub rows: RowArgs,
    /// Say where each feature comes from and why, and read nothing
    #[arg(long)]
    pub explain: bool,
}

#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one of it in a process")]
pub(crate) enum TrainingDatasetCommand {
    /// Create a version of a training dataset and build it
    #[command(after_help = "\
Examples:
  mangonel training-dataset create team_position_prediction \\
      --features team_budget,average_attendance,team_position --label team_position --shards 4
  mangonel training-dataset create churn --features a,b,c --format parquet --join-type left --root users --nulls omit
  mangonel training-dataset create churn --features a,b,c --compression gzip --shard-size 256MiB")]
    Create {
        name: String,
        /// Feature names, separated by commas
        #[arg(long, required = true, value_delimiter = ',', value_name = "NAME,...")]
        features: Vec<String>,
        #[command(flatten)]
        request: RequestArgs,
        #[arg(long = "td-version", default_value_t = 0, value_name = "N")]
        version: u32,
        #[arg(long, default_value = "")]
        description: String,
        /// Column that is to be predicted
        #[arg(long = "label", value_name = "COLUMN")]
        labels: Vec<String>,
        #[arg(long, value_enum, default_value = "tfrecord")]
        format: DataFormat,
        /// Compression of each shard as a whole: gzip or zlib for TFRecord, gzip for CSV and TSV
        #[arg(long, value_enum, default_value = "none")]
        compression: Compression,
        /// Number of shards; chosen by size unless given
        #[arg(long, default_value_t = 0)]
        shards: u32,
        /// Bytes that a shard should have, about, before compression, such as 256MiB
        #[arg(long, value_parser = parse_bytes, value_name = "SIZE", conflicts_with = "shards")]
        shard_size: Option<usize>,
        /// What becomes of nulls; must be given with left joins
        #[arg(long, value_enum)]
        nulls: Option<NullPolicy>,
        /// Refuse to narrow float64 to float32
        #[arg(long)]
        strict: bool,
        /// Idempotency key: a build that was asked for twice is done once
        #[arg(long, default_value = "")]
        run_id: String,
        /// Return at once instead of waiting for the end
        #[arg(long)]
        detach: bool,
    },
    /// Build a training dataset again from the latest rows: a new generation, with the settings of the one before
    #[command(after_help = "\
Examples:
  mangonel training-dataset insert team_position_prediction
  mangonel training-dataset insert churn --td-version 2 --shards 64 --detach")]
    Insert {
        name: String,
        #[arg(long = "td-version", default_value_t = 0, value_name = "N")]
        version: u32,
        /// Number of shards; as before unless given
        #[arg(long, default_value_t = 0)]
        shards: u32,
        /// Idempotency key: an insert that was asked for twice is done once
        #[arg(long, default_value = "")]
        run_id: String,
        /// Return at once instead of waiting for the end
        #[arg(long)]
        detach: bool,
    },
    /// Build the committed generation once more from its pinned inputs, compare every shard, and keep nothing
    Rebuild {
        name: String,
        #[arg(long = "td-version", default_value_t = 0, value_name = "N")]
        version: u32,
    },
    /// List training datasets
    List { name: Option<String> },
    /// Show one version of a training dataset
    Show {
        name: String,
        #[arg(long = "td-version", default_value_t = 0, value_name = "N")]
        version: u32,
    },
    /// Read every shard again and compare it with the manifest
    Verify {
        name: String,
        #[arg(long = "td-version", default_value_t = 0, value_name = "N")]
        version: u32,
    },
    /// Read the committed rows back, shard after shard
    #[command(after_help = "\
Examples:
  mangonel training-dataset read churn --limit 5
  mangonel training-dataset read churn --to - --as parquet > churn.parquet")]
    Read {
        name: String,
        #[arg(long = "td-version", default_value_t = 0, value_name = "N")]
        version: u32,
        #[command(flatten)]
        rows: RowArgs,
    },
    /// Change what people say of a version: description, owner, tags, descriptions of features
    #[command(after_help = "\
Examples:
  mangonel training-dataset update churn --description 'Budgets, by season' --tag team=data
  mangonel training-dataset update churn --feature 'team_budget=Million euros' --if-revision 42")]
    Update {
        name: String,
        #[arg(long = "td-version", default_value_t = 0, value_name = "N")]
        version: u32,
        #[command(flatten)]
        metadata: MetadataArgs,
    },
    /// Delete one version of a training dataset
    #[command(after_help = "\
Examples:
  mangonel training-dataset delete churn --td-version 1
  mangonel training-dataset delete churn --latest

Which version goes must be said, since it cannot be brought back.")]
    Delete {
        name: String,
        #[command(flatten)]
        version: DeletedDatasetArgs,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Compression {
    None,
    Gzip,
    Zlib,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum DataFormat {
    #[value(alias = "tfrecords")]
    Tfrecord,
    Parquet,
    Csv,
    Tsv,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum NullPolicy {
    /// A null stops the build, naming the columns
    Error,
    /// A null becomes the type's zero or empty value
    Default,
    /// A null is left out of its record
    Omit,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RunCommand {
    /// List runs, newest first
    List {
        #[arg(long, default_value_t = 20)]
        limit: u32,
    },
    /// Show a run with its inputs and the work of each executor
    Show { run_id: String },
    /// Watch a run until it has ended; Ctrl-C stops watching, and twice cancels the run
    Watch { run_id: String },
    /// Cancel a run, waiting or at work: nothing of it becomes visible
    Cancel { run_id: String },
}

#[derive(Debug, Subcommand)]
pub(crate) enum GarbageCommand {
    /// Say what garbage there is in the warehouse, of all projects, and why it is garbage; remove nothing
    #[command(after_help = "\
Examples:
  mangonel garbage list
  mangonel garbage list --older-than 7d --verbose
  mangonel garbage list --output json")]
    List {
        #[command(flatten)]
        garbage: GarbageArgs,
    },
    /// Remove the garbage that `list` shows
    #[command(after_help = "\
Examples:
  mangonel garbage delete
  mangonel garbage delete --older-than 1h")]
    Delete {
        #[command(flatten)]
        garbage: GarbageArgs,
    },
}

#[derive(Debug, Clone, Args)]
pub(crate) struct GarbageArgs {
    /// Only what has not been touched for so long, such as 90m, 24h or 7d; an hour at least
    #[arg(long, value_name = "TIME", default_value = "24h", value_parser = parse_seconds)]
    pub older_than: u64,
    /// Take less than an hour too, where nobody uploads or reads: what is being uploaded can be lost
    #[arg(long)]
    pub even_young: bool,
    /// Name the files; JSON names them always
    #[arg(long)]
    pub verbose: bool,
}

/// Reads `90m`, `24h`, `7d` as seconds.
fn parse_seconds(text: &str) -> Result<u64, String> {
    let malformed = || format!("`{text}` is not like 90m, 24h or 7d");
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).ok_or_else(malformed)?;
    let (number, unit) = text.split_at(digits);
    let factor = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3600,
        "d" => 24 * 3600,
        _ => return Err(malformed()),
    };
    let number: u64 = number.parse().map_err(|_| malformed())?;
    number.checked_mul(factor).ok_or_else(|| format!("`{text}` is too long"))
}

/// Reads `512MiB`, `8GiB`, `1000000`.
fn parse_bytes(text: &str) -> Result<usize, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor: usize = match unit.trim().to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kib" | "kb" => 1 << 10,
        "m" | "mib" | "mb" => 1 << 20,
        "g" | "gib" | "gb" => 1 << 30,
        "t" | "tib" | "tb" => 1 << 40,
        _ => return Err(format!("`{unit}` is no unit: use KiB, MiB, GiB or TiB")),
    };
    let number: usize = number.parse().map_err(|_| format!("`{text}` is not like 512MiB"))?;
    number.checked_mul(factor).ok_or_else(|| format!("`{text}` is too large"))
}

/// A number of one or more.
fn parse_count(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("at least 1 is needed".to_owned()),
        Ok(count) => Ok(count),
        Err(_) => Err(format!("`{text}` is no number")),
    }
}

/// Reads `500ms`, `30s`, `5m`, `2h`.
fn parse_duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let seconds = match unit.trim().to_ascii_lowercase().as_str() {
        "ms" => 0.001,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "" => return Err(format!("`{text}` has no unit: use ms, s, m or h")),
        _ => return Err(format!("`{unit}` is no unit: use ms, s, m or h")),
    };
    let number: f64 = number.parse().map_err(|_| format!("`{text}` is not like 30s"))?;
    let duration = Duration::try_from_secs_f64(number * seconds).map_err(|_| format!("`{text}` is too large"))?;
    if duration.as_millis() == 0 {
        return Err(format!("`{text}` leaves no time"));
    }
    Ok(duration)
}

fn parse_timeout(text: &str) -> Result<Timeout, String> {
    if text == "none" {
        return Ok(Timeout(None));
    }
    parse_duration(text).map(|duration| Timeout(Some(duration)))
}

/// One character of one byte; `\t` is a tab.
fn parse_byte(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        b"\\t" => Ok(b'\t'),
        _ => Err("one character of ASCII is wanted, or \\t for a tab".to_owned()),
    }
}

/// Milliseconds since 1970; 0 is now.
fn parse_time(text: &str) -> Result<i64, String> {
    let text = text.trim();
    if text == "now" {
        return Ok(0);
    }
    let zoned = || chrono::DateTime::parse_from_rfc3339(text).ok().map(|time| time.timestamp_millis());
    let plain = || {
        let forms = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M"];
        forms.iter().find_map(|form| chrono::NaiveDateTime::parse_from_str(text, form).ok())
    };
    let day = || chrono::NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?.and_hms_opt(0, 0, 0);
    let found = zoned().or_else(|| plain().or_else(day).map(|time| time.and_utc().timestamp_millis()));
    found.ok_or_else(|| "a time is like 2026-11-25, '2026-11-25 10:30' or 2026-11-25T10:30:00+01:00".to_owned())
}
