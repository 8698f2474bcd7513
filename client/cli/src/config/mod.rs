//! Where values of flags come from: the command line, else the environment, else a settings file, else their default. What
//! environment and file say becomes a default of the flag before the command line is parsed, so that one parser reads all.

mod check;
mod environment;
mod file;
mod show;

use std::{
    collections::BTreeMap,
    ffi::{OsStr, OsString},
    path::PathBuf,
};

use clap::{Arg, ArgMatches, Command, CommandFactory, FromArgMatches, parser::ValueSource};
use mangonel_proto::{Error, Result};

use crate::{args::Cli, colour};

pub(crate) use show::show;

/// Flag that names the settings file; it cannot be in the file.
const FILE_FLAG: &str = "config";

/// A command as its words behind `mangonel`; none for what all commands share.
type CommandPath = Vec<String>;

/// A flag of a command: the command, and the name behind `--`.
type Flag = (CommandPath, String);

/// What a flag gets where the command line does not say it.
#[derive(Clone, Debug, PartialEq)]
struct Given {
    values: Vec<OsString>,
    source: Source,
}

/// In the order in which they give way.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    Default,
    File {
        path: PathBuf,
        line: usize,
    },
    /// With the name of the variable.
    Environment(String),
    Flag,
}

type AllGiven = BTreeMap<Flag, Given>;

/// Reads the command line with all that environment and settings file say. Ends the process where clap does: for help, and
/// for a command line that makes no sense.
///
/// # Errors
/// `invalid_argument` with everything that is wrong with the settings file and the environment.
pub(crate) fn read(line: impl Iterator<Item = OsString>) -> Result<Cli> {
    let line: Vec<OsString> = line.collect();
    let plain = Cli::command();
    let asked = match relaxed(plain.clone()).ignore_errors(true).try_get_matches_from(&line) {
        Ok(asked) => asked,
        // Help must not need settings that are right; that of the command as it is says what is required.
        Err(help) => {
            let _ended = plain.get_matches_from(&line);
            help.exit()
        }
    };
    if let Some(choice) = asked.get_one("color") {
        colour::choose(*choice);
    }
    let (path, _) = leaf(&plain, &asked);
    let (given, mut problems) = settings(&plain, &asked, &[path]);
    let given = without_overruled(&plain, &asked, given, &mut problems);
    Error::all(problems)?;
    let command = with_defaults(plain, &mut Vec::new(), &given).color(colour::choice());
    let matches = command.get_matches_from(&line);
    let cli = Cli::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    colour::choose(cli.global.color);
    Ok(cli)
}

/// What file and environment say of these commands and of all commands, and everything that is wrong with them.
fn settings(plain: &Command, asked: &ArgMatches, paths: &[CommandPath]) -> (AllGiven, Vec<Error>) {
    let mut problems = Vec::new();
    let mut given = match file::find(asked.get_one(FILE_FLAG)) {
        Ok(found) => found.map(|found| file::read(plain, &found, &mut problems)).unwrap_or_default(),
        Err(problem) => {
            problems.push(problem);
            AllGiven::default()
        }
    };
    given.extend(environment::read(plain, paths, &mut problems));
    (given, problems)
}

/// The command that asks for nothing, so that what is there of a command line can be read.
fn relaxed(command: Command) -> Command {
    command
        .subcommand_required(false)
        .arg_required_else_help(false)
        .mut_args(|arg| arg.required(false))
        .mut_subcommands(relaxed)
}

/// The command that a command line names, and its own matches.
fn leaf<'a>(command: &Command, matches: &'a ArgMatches) -> (CommandPath, &'a ArgMatches) {
    let (mut path, mut command, mut matches) = (Vec::new(), command, matches);
    while let Some((name, below)) = matches.subcommand()
        && let Some(subcommand) = command.find_subcommand(name)
    {
        path.push(name.to_owned());
        (command, matches) = (subcommand, below);
    }
    (path, matches)
}

fn command_at<'a>(root: &'a Command, path: &[String]) -> Option<&'a Command> {
    path.iter().try_fold(root, |command, name| command.find_subcommand(name))
}

/// A flag of a command by its name; those that clap adds and the one of the file are none.
fn flag<'a>(command: &'a Command, long: &str) -> Option<&'a Arg> {
    flags(command).find(|arg| arg.get_long() == Some(long))
}

fn flags(command: &Command) -> impl Iterator<Item = &Arg> {
    command.get_arguments().filter(|arg| arg.get_long().is_some_and(|long| long != FILE_FLAG))
}

fn with_defaults(command: Command, path: &mut CommandPath, given: &AllGiven) -> Command {
    let command = command.mut_args(|arg| {
        let long = arg.get_long().unwrap_or_default().to_owned();
        match given.get(&(path.clone(), long)) {
            Some(given) => arg.required(false).default_values(given.values.iter().map(|value| leaked(value))),
            None => arg,
        }
    });
    command.mut_subcommands(|subcommand| {
        path.push(subcommand.get_name().to_owned());
        let subcommand = with_defaults(subcommand, path, given);
        path.pop();
        subcommand
    })
}

/// clap keeps defaults that live as long as the process, which reads its settings once.
fn leaked(value: &OsStr) -> &'static OsStr {
    Box::leak(value.to_owned().into_boxed_os_str())
}

/// Leaves out what conflicts with another flag that comes before it: a flag of the command line overrules a variable of the
/// environment, and that the file, also where they say different things.
fn without_overruled(root: &Command, asked: &ArgMatches, given: AllGiven, problems: &mut Vec<Error>) -> AllGiven {
    let (path, matches) = leaf(root, asked);
    let Some(command) = command_at(root, &path) else { return given };
    let source = |arg: &Arg| {
        let on_line = matches.try_contains_id(arg.get_id().as_str()).unwrap_or(false)
            && matches.value_source(arg.get_id().as_str()) == Some(ValueSource::CommandLine);
        let long = arg.get_long().unwrap_or_default().to_owned();
        if on_line { Some(Source::Flag) } else { given.get(&(path.clone(), long)).map(|given| given.source.clone()) }
    };
    let rank = |source: &Source| match source {
        Source::Default => 0,
        Source::File { .. } => 1,
        Source::Environment(_) => 2,
        Source::Flag => 3,
    };
    let mut left = given.clone();
    for (first, second) in check::conflicts(command) {
        let (Some(of_first), Some(of_second)) = (source(first), source(second)) else { continue };
        let overruled = match rank(&of_first).cmp(&rank(&of_second)) {
            std::cmp::Ordering::Less => first,
            std::cmp::Ordering::Greater => second,
            // Two flags: clap refuses them. Two of a file: said when it was read.
            std::cmp::Ordering::Equal => {
                if let (Source::Environment(one), Source::Environment(other)) = (&of_first, &of_second) {
                    problems.push(Error::invalid(format!("{one} and {other} exclude each other: unset one")));
                }
                continue;
            }
        };
        left.remove(&(path.clone(), overruled.get_long().unwrap_or_default().to_owned()));
    }
    left
}
