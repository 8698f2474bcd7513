//! `mangonel config show`: the settings that a command line would have, and where each comes from.

use std::{collections::BTreeSet, ffi::OsString};

use clap::{Arg, ArgMatches, CommandFactory, parser::ValueSource};
use mangonel_proto::{Error, Result};
use serde::Serialize;

use super::{
    AllGiven, CommandPath, Source, command_at, flags, leaf, relaxed, settings, with_defaults, without_overruled,
};
use crate::{
    args::{Cli, Global, OutputForm},
    output,
};

/// Commands whose settings are shown unless one is named.
const SERVERS: [&str; 3] = ["up", "scheduler", "executor"];

#[derive(Serialize)]
struct Setting {
    /// The flag, behind its command where it has one: `up.data-dir`.
    setting: String,
    /// None where nothing is given and the command chooses.
    values: Vec<String>,
    from: &'static str,
    /// Variable, or file and line.
    #[serde(rename = "where")]
    place: String,
}

/// Prints the settings of the command line `words`; of the servers when it is empty.
///
/// # Errors
/// `invalid_argument` for settings or a command line that are wrong.
pub(crate) fn show(global: &Global, words: &[OsString]) -> Result<()> {
    let plain = Cli::command();
    // The flags before `config` are those of all commands.
    let before = global_flags(global);
    let servers: Vec<CommandPath> = SERVERS.iter().map(|name| vec![(*name).to_owned()]).collect();
    let lines: Vec<Vec<OsString>> = match words {
        [] => servers.iter().map(|path| [&before[..], &[OsString::from(&path[0])]].concat()).collect(),
        words => vec![[&before[..], words].concat()],
    };
    let mut rows: Vec<Setting> = Vec::new();
    let (mut shown, mut form) = (BTreeSet::new(), global.output);
    let mut from_file = AllGiven::default();
    for line in lines {
        let asked = relaxed(plain.clone()).ignore_errors(true).try_get_matches_from(&line);
        let asked = asked.unwrap_or_else(|help| help.exit());
        let (path, _) = leaf(&plain, &asked);
        if path.is_empty() {
            let named = words.first().map(|word| word.to_string_lossy()).unwrap_or_default();
            return Err(Error::invalid(format!("`{named}` is no command of `mangonel`")));
        }
        // All that is shown is checked at once.
        let paths = if words.is_empty() { servers.clone() } else { vec![path] };
        let (given, mut problems) = settings(&plain, &asked, &paths);
        let given = without_overruled(&plain, &asked, given, &mut problems);
        Error::all(problems)?;
        let matches = relaxed(with_defaults(plain.clone(), &mut Vec::new(), &given)).get_matches_from(&line);
        for (path, matches) in [(CommandPath::new(), &matches), leaf(&plain, &matches)] {
            if let Some(command) = command_at(&plain, &path).filter(|_| shown.insert(path.clone())) {
                rows.extend(flags(command).map(|arg| setting(&path, arg, matches, &given)));
            }
        }
        form = matches.get_one("output").copied().unwrap_or(form);
        from_file = given;
    }
    // What the file says of other commands is worth seeing where all is shown.
    let others = from_file.iter().filter(|((path, _), _)| words.is_empty() && !shown.contains(path));
    rows.extend(others.map(|((path, long), given)| Setting {
        setting: named(path, long),
        values: texts(given.values.iter()),
        from: word(&given.source),
        place: place(&given.source),
    }));
    print(form, &rows)
}

fn print(form: OutputForm, rows: &[Setting]) -> Result<()> {
    output::list(form, rows, &["setting", "value", "from"], |row| {
        let from = if row.place.is_empty() { row.from.to_owned() } else { row.place.clone() };
        vec![row.setting.clone(), row.values.join(", "), from]
    })
}

/// The flags of all commands that this command line gave itself.
fn global_flags(global: &Global) -> Vec<OsString> {
    let plain = Cli::command();
    let line: Vec<OsString> = std::env::args_os().collect();
    let asked = relaxed(plain.clone()).ignore_errors(true).try_get_matches_from(&line);
    let mut words = vec![OsString::from("mangonel")];
    if let Some(path) = &global.config {
        words.extend(["--config".into(), path.into()]);
    }
    let Ok(asked) = asked else { return words };
    for arg in flags(&plain) {
        let (id, long) = (arg.get_id().as_str(), arg.get_long().unwrap_or_default());
        if asked.value_source(id) == Some(ValueSource::CommandLine) {
            let values = asked.get_raw(id).into_iter().flatten();
            words.extend(values.flat_map(|value| [format!("--{long}").into(), value.to_owned()]));
        }
    }
    words
}

fn setting(path: &CommandPath, arg: &Arg, matches: &ArgMatches, given: &AllGiven) -> Setting {
    let (id, long) = (arg.get_id().as_str(), arg.get_long().unwrap_or_default());
    let source = match matches.value_source(id) {
        Some(ValueSource::CommandLine) => Source::Flag,
        _ => given.get(&(path.clone(), long.to_owned())).map_or(Source::Default, |given| given.source.clone()),
    };
    let values = matches.get_raw(id).into_iter().flatten();
    Setting {
        setting: named(path, long),
        values: texts(values).into_iter().filter(|value| !value.is_empty()).collect(),
        from: word(&source),
        place: place(&source),
    }
}

fn named(path: &[String], long: &str) -> String {
    [path, &[long.to_owned()]].concat().join(".")
}

fn texts<'a>(values: impl Iterator<Item = impl AsRef<std::ffi::OsStr> + 'a>) -> Vec<String> {
    values.map(|value| value.as_ref().to_string_lossy().into_owned()).collect()
}

fn word(source: &Source) -> &'static str {
    match source {
        Source::Default => "default",
        Source::File { .. } => "file",
        Source::Environment(_) => "environment",
        Source::Flag => "flag",
    }
}

fn place(source: &Source) -> String {
    match source {
        Source::Default | Source::Flag => String::new(),
        Source::File { path, line } => format!("{}:{line}", path.display()),
        Source::Environment(name) => name.clone(),
    }
}
