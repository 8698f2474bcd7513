//! The one binary: servers and client commands. It parses, calls, and prints; everything else is in the crates below.

mod args;
mod cluster;
mod colour;
mod config;
mod demo;
mod feature_group;
mod features;
mod garbage;
mod metadata;
mod output;
mod progress;
mod project;
mod rows;
mod run;
mod shell;
mod sql;
mod status;
mod training_dataset;
mod typed;
mod up;

use std::process::ExitCode;

use mangonel_client::MangonelClient;
use mangonel_proto::{Error, ErrorCode, Result};

use args::{Cli, Command, ConfigCommand, Global};

/// Gives freed memory back to the system soon, so that a server stays near its budget (`benchmarks/run.py memory`): with
/// the C library's allocator an insert took twice the budget, most of it free.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Read by the allocator when the process starts, before there is anything else to set it by. Each arena keeps free memory
/// of its own: one for each core, not the four that are usual.
#[unsafe(export_name = "_rjem_malloc_conf")]
static ALLOCATOR_OPTIONS: &[u8; 78] =
    b"percpu_arena:percpu,background_thread:true,dirty_decay_ms:50,muzzy_decay_ms:0\0";

fn main() -> ExitCode {
    match config::read(std::env::args_os()).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{} {error}", colour::error_label());
            ExitCode::from(exit_code(error.code))
        }
    }
}

fn run(cli: Cli) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Error::internal(format!("no threads: {error}")))?;
    let result = runtime.block_on(dispatch(cli));
    runtime.shutdown_timeout(std::time::Duration::from_secs(2));
    result
}

/// Bad input is 2, as for a malformed command line; everything else that can be told apart by scripts has its own.
fn exit_code(code: ErrorCode) -> u8 {
    match code {
        ErrorCode::InvalidArgument | ErrorCode::Ambiguous => 2,
        ErrorCode::NotFound => 3,
        ErrorCode::AlreadyExists | ErrorCode::Conflict => 4,
        ErrorCode::Unavailable => 5,
        ErrorCode::Cancelled => 130,
        _ => 1,
    }
}

async fn dispatch(cli: Cli) -> Result<()> {
    let global = cli.global;
    match cli.command {
        Command::Up(args) => up::run(args).await,
        Command::Scheduler(args) => cluster::scheduler(args).await,
        Command::Executor(args) => cluster::executor(args).await,
        Command::Demo(args) => demo::run(args).await,
        Command::Status => status::run(&connect(&global).await?, global.output).await,
        Command::Project(command) => project::run(&connect(&global).await?, command, global.output).await,
        Command::FeatureGroup(command) => feature_group::run(&connect(&global).await?, command, global.output).await,
        Command::Features(args) => features::run(&connect(&global).await?, args, global.output).await,
        Command::Sql(args) => sql::run(&global, args).await,
        Command::TrainingDataset(command) => {
            training_dataset::run(&connect(&global).await?, command, global.output).await
        }
        Command::Run(command) => run::run(&connect(&global).await?, command, global.output).await,
        Command::Garbage(command) => garbage::run(&connect(&global).await?, command, global.output).await,
        Command::Config(ConfigCommand::Show { command }) => config::show(&global, &command),
        Command::Completions { shell } => shell::completions(shell),
        Command::Man { dir } => shell::man(&dir),
    }
}

async fn connect(global: &Global) -> Result<MangonelClient> {
    MangonelClient::connect_within(&global.server, &global.project, global.timeout).await
}
