//! The settings file: TOML whose keys are flags, at the top those of all commands, and in the table of a command its own.

use std::{
    any::TypeId,
    ffi::{OsStr, OsString},
    io::ErrorKind,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgAction, Command};
use mangonel_proto::{Error, Result};
use toml::de::{DeTable, DeValue};

use super::{AllGiven, FILE_FLAG, Given, Source, check, environment::variable, flag, flags};

/// Name of the file in the working folder.
const FILE_NAME: &str = "mangonel.toml";

/// A settings file and what is in it.
pub(super) struct Found {
    pub path: PathBuf,
    text: String,
}

/// The settings file: that of the flag, else of the environment (empty for none), else in the working folder, else the user's.
///
/// # Errors
/// `invalid_argument` for a file that was named and cannot be read, or is there and cannot be read.
pub(super) fn find(named: Option<&PathBuf>) -> Result<Option<Found>> {
    let name = variable(FILE_FLAG);
    let of_environment = std::env::var_os(&name);
    let named = match (named, &of_environment) {
        (Some(path), _) => Some((path.clone(), "--config".to_owned())),
        (None, Some(path)) if path.is_empty() => return Ok(None),
        (None, Some(path)) => Some((PathBuf::from(path), name)),
        (None, None) => None,
    };
    if let Some((path, by)) = named {
        let text = std::fs::read_to_string(&path);
        let text = text.map_err(|error| Error::invalid(format!("{by} {}: {error}", path.display())))?;
        if is_description(&text) {
            let what = "it describes data for `mangonel demo --data`, and holds no settings";
            return Err(Error::invalid(format!("{by} {}: {what}", path.display())));
        }
        return Ok(Some(Found { path, text }));
    }
    for path in std::iter::once(PathBuf::from(FILE_NAME)).chain(of_user()) {
        match std::fs::read_to_string(&path) {
            // A folder of raw data may hold a file of this name too.
            Ok(text) if is_description(&text) => {}
            Ok(text) => return Ok(Some(Found { path, text })),
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
            Err(error) => return Err(Error::invalid(format!("{}: {error}", path.display()))),
        }
    }
    Ok(None)
}

fn of_user() -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let folder = set("XDG_CONFIG_HOME").or_else(|| Some(set("HOME")?.join(".config")))?;
    Some(folder.join("mangonel").join("config.toml"))
}

fn is_description(text: &str) -> bool {
    let (table, _) = DeTable::parse_recoverable(text);
    table.get_ref().contains_key("feature_group")
}

/// What a file says of flags; what is wrong with it is added to `problems`, in the order of its lines.
pub(super) fn read(root: &Command, found: &Found, problems: &mut Vec<Error>) -> AllGiven {
    let (table, malformed) = DeTable::parse_recoverable(&found.text);
    let mut reader = Reader { root, found, given: AllGiven::default(), problems: Vec::new() };
    for error in malformed {
        let at = error.span().map_or(0, |span| span.start);
        reader.problem(at, error.message().trim().replace('\n', ", "));
    }
    reader.table(root, &mut Vec::new(), table.get_ref());
    let Reader { given, problems: mut own, .. } = reader;
    own.sort_by_key(|(line, _)| *line);
    problems.extend(own.into_iter().map(|(_, problem)| problem));
    given
}

struct Reader<'a> {
    root: &'a Command,
    found: &'a Found,
    given: AllGiven,
    /// With their lines.
    problems: Vec<(usize, Error)>,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> usize {
        1 + self.found.text.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count()
    }

    fn problem(&mut self, at: usize, what: impl std::fmt::Display) {
        let line = self.line(at);
        self.problems.push((line, Error::invalid(format!("{}:{line}: {what}", self.found.path.display()))));
    }

    fn table(&mut self, command: &Command, path: &mut Vec<String>, table: &DeTable<'_>) {
        let mut set: Vec<(&Arg, usize)> = Vec::new();
        for (key, value) in table {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            match (flag(command, name), command.find_subcommand(name), value.get_ref()) {
                (_, Some(below), DeValue::Table(table)) => {
                    path.push(below.get_name().to_owned());
                    self.table(below, path, table);
                    path.pop();
                }
                (Some(arg), _, value) => match texts(arg, value) {
                    Ok(values) => {
                        set.push((arg, at));
                        let source = Source::File { path: self.found.path.clone(), line: self.line(at) };
                        self.given.insert((path.clone(), name.to_owned()), Given { values, source });
                    }
                    Err(problem) => self.problem(at, format!("`{name}`: {problem}")),
                },
                (None, Some(_), _) if name != FILE_FLAG => {
                    self.problem(at, format!("`{name}` is a command: write [{name}], and its flags below"))
                }
                (None, _, _) => {
                    let unknown = self.unknown(command, path, name);
                    self.problem(at, unknown);
                }
            }
        }
        for (first, second) in check::conflicts(command) {
            let at = |arg: &Arg| set.iter().find(|(other, _)| *other == arg).map(|(_, at)| *at);
            if let (Some(one), Some(other)) = (at(first), at(second)) {
                let name = |arg: &Arg| arg.get_long().unwrap_or_default().to_owned();
                let what = format!("`{}` and `{}` exclude each other: keep one", name(first), name(second));
                self.problem(one.max(other), what);
            }
        }
    }

    /// What is said of a key that is no flag of `command`.
    fn unknown(&self, command: &Command, path: &[String], name: &str) -> String {
        let own = flags(command).filter_map(Arg::get_long);
        let below = command.get_subcommands().map(Command::get_name);
        let place = if path.is_empty() { "at the top".to_owned() } else { format!("in [{}]", path.join(".")) };
        if name == FILE_FLAG && path.is_empty() {
            return format!("`{name}` cannot be in a settings file: one file does not name another");
        }
        if !path.is_empty() && flag(self.root, name).is_some() {
            return format!(
                "`{name}` is a flag of all commands: put it at the top of the file, before the first table"
            );
        }
        if path.is_empty() {
            let having = self.root.get_subcommands().filter(|command| flag(command, name).is_some());
            let tables: Vec<String> = having.map(|command| format!("[{}]", command.get_name())).collect();
            if !tables.is_empty() {
                return format!("`{name}` belongs in the table of its command: {}", tables.join(" or "));
            }
        }
        match check::similar(name, own.chain(below)) {
            Some(meant) => format!("`{name}` is not known {place}: did you mean `{meant}`?"),
            None => {
                let asked = [&["mangonel".to_owned()], path].concat().join(" ");
                format!("`{name}` is not known {place}: keys are the long flags of `{asked} --help`")
            }
        }
    }
}

/// The values of a flag as they would be written behind it.
fn texts(arg: &Arg, value: &DeValue<'_>) -> Result<Vec<OsString>, String> {
    if let DeValue::Array(values) = value {
        if !check::takes_several(arg) {
            return Err("takes one value, not a list".to_owned());
        }
        if values.is_empty() {
            return Err("the list is empty: leave the key out".to_owned());
        }
        return values.iter().map(|value| text(arg, value.get_ref())).collect();
    }
    text(arg, value).map(|text| vec![text])
}

fn text(arg: &Arg, value: &DeValue<'_>) -> Result<OsString, String> {
    let is_switch = matches!(arg.get_action(), ArgAction::SetTrue);
    let parser = arg.get_value_parser().type_id();
    let is_text = parser == TypeId::of::<String>() || parser == TypeId::of::<PathBuf>();
    let text = match value {
        DeValue::Boolean(value) if is_switch => return Ok(value.to_string().into()),
        _ if is_switch => return Err("takes true or false".to_owned()),
        DeValue::Boolean(_) => return Err("takes a value, not true or false".to_owned()),
        DeValue::Integer(_) | DeValue::Float(_) | DeValue::Datetime(_) if is_text => {
            return Err("takes text: write it between quotes".to_owned());
        }
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(number) => match i128::from_str_radix(number.as_str(), number.radix()) {
            Ok(number) => number.to_string(),
            Err(_) => number.to_string(),
        },
        DeValue::Float(number) => number.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Array(_) => return Err("takes one value, not a list of lists".to_owned()),
        DeValue::Table(_) => return Err("takes a value, not a table".to_owned()),
    };
    let text = OsString::from(text);
    match check::problem(arg, &text) {
        None => Ok(text),
        Some(problem) => Err(format!("{} {problem}", shown(&text))),
    }
}

fn shown(text: &OsStr) -> String {
    format!("`{}`:", Path::new(text).display())
}
