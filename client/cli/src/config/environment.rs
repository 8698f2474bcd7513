//! Values of flags from the environment: `MANGONEL_DATA_DIR` is `--data-dir` of whatever command is run.

use std::{collections::BTreeSet, ffi::OsString};

use clap::{Arg, ArgAction, Command};
use mangonel_proto::Error;
use tracing_subscriber::EnvFilter;

use crate::up::LOG_VARIABLE;

use super::{AllGiven, CommandPath, Given, Source, check, command_at, flags};

const PREFIX: &str = "MANGONEL_";
/// Names that flags have beside their own: what the Python client calls the server.
const OTHER_NAMES: [(&str, &str); 1] = [("server", "MANGONEL_URL")];
/// Variables that are no flags: read elsewhere in the binary, by the Python client, or by the tests.
const OTHERS: [&str; 6] = ["CLUSTER_SECRET", "CONFIG", "LOG", "TOKEN", "BINARY", "PYTHON"];

/// The variable that a flag is read from.
pub(super) fn variable(long: &str) -> String {
    format!("{PREFIX}{}", long.to_uppercase().replace('-', "_"))
}

/// What the environment says of the flags of all commands and of these ones. An empty variable says nothing.
pub(super) fn read(root: &Command, paths: &[CommandPath], problems: &mut Vec<Error>) -> AllGiven {
    let mut given = AllGiven::default();
    let mut commands: BTreeSet<&[String]> = paths.iter().map(Vec::as_slice).collect();
    commands.insert(&[]);
    for path in commands {
        let Some(command) = command_at(root, path) else { continue };
        for arg in flags(command) {
            let long = arg.get_long().unwrap_or_default();
            let Some((name, value)) = value(long, problems) else { continue };
            match problem(arg, &value) {
                None => {
                    let given_value = Given { values: vec![value], source: Source::Environment(name) };
                    given.insert((path.to_vec(), long.to_owned()), given_value);
                }
                Some(problem) => {
                    let problem = format!("{name}={}: {problem}", value.to_string_lossy());
                    problems.push(Error::invalid(problem).named([name]));
                }
            }
        }
    }
    if let Ok(log) = std::env::var(LOG_VARIABLE)
        && let Err(error) = EnvFilter::try_new(&log)
    {
        let message = format!("{LOG_VARIABLE}={log}: {error}; say for example info,mangonel_scheduler=debug");
        problems.push(Error::invalid(message).named([LOG_VARIABLE]));
    }
    problems.extend(misspelt(root));
    given
}

fn value(long: &str, problems: &mut Vec<Error>) -> Option<(String, OsString)> {
    let others = OTHER_NAMES.iter().filter(|(flag, _)| *flag == long).map(|(_, name)| (*name).to_owned());
    let named = std::iter::once(variable(long)).chain(others);
    let mut set =
        named.filter_map(|name| Some((name.clone(), std::env::var_os(&name).filter(|value| !value.is_empty())?)));
    let first = set.next()?;
    if let Some((name, _)) = set.find(|(_, value)| *value != first.1) {
        problems.push(Error::invalid(format!("{} and {name} say different things: unset one", first.0)));
    }
    Some(first)
}

fn problem(arg: &Arg, value: &std::ffi::OsStr) -> Option<String> {
    if matches!(arg.get_action(), ArgAction::SetTrue) && value != "true" && value != "false" {
        return Some("must be true or false".to_owned());
    }
    check::problem(arg, value)
}

/// Variables that are nearly one of ours. Others with our prefix may be set by whatever runs us: Kubernetes names a service so.
fn misspelt(root: &Command) -> Vec<Error> {
    let mut known: BTreeSet<String> = OTHERS.iter().map(|name| (*name).to_owned()).collect();
    known.extend(OTHER_NAMES.iter().map(|(_, name)| name.trim_start_matches(PREFIX).to_owned()));
    add_variables(root, &mut known);
    let set = std::env::vars_os().filter_map(|(name, _)| Some(name.to_str()?.strip_prefix(PREFIX)?.to_owned()));
    let mut unknown: Vec<String> = set.filter(|name| !known.contains(name)).collect();
    unknown.sort();
    let problems = unknown.into_iter().filter_map(|name| {
        let meant = check::similar(&name, known.iter().map(String::as_str))?;
        let message = format!("{PREFIX}{name} is not known: did you mean {PREFIX}{meant}?");
        Some(Error::invalid(message).named([format!("{PREFIX}{name}")]))
    });
    problems.collect()
}

fn add_variables(command: &Command, known: &mut BTreeSet<String>) {
    known
        .extend(flags(command).filter_map(|arg| Some(variable(arg.get_long()?).trim_start_matches(PREFIX).to_owned())));
    command.get_subcommands().for_each(|subcommand| add_variables(subcommand, known));
}
