//! Values of flags that come from elsewhere than the command line, checked by the parsers of the flags; and names that were
//! probably meant.

use std::ffi::{OsStr, OsString};

use clap::{
    Arg, ArgAction, Command,
    error::{ContextKind, ContextValue, ErrorKind},
};

/// What is wrong with a value, as a phrase; `None` when the flag takes it.
pub(super) fn problem(arg: &Arg, value: &OsStr) -> Option<String> {
    let values: Vec<OsString> = match (arg.get_value_delimiter(), value.to_str()) {
        (Some(delimiter), Some(text)) => text.split(delimiter).map(OsString::from).collect(),
        _ => vec![value.to_owned()],
    };
    values.into_iter().find_map(|value| {
        let parser = Arg::new("value").long("value").value_parser(arg.get_value_parser().clone());
        let alone =
            Command::new("value").no_binary_name(true).disable_help_flag(true).arg(parser.action(ArgAction::Set));
        let mut written = OsString::from("--value=");
        written.push(value);
        alone.try_get_matches_from([written]).err().map(|error| phrase(&error))
    })
}

fn phrase(error: &clap::Error) -> String {
    if let (ErrorKind::ValueValidation, Some(source)) = (error.kind(), std::error::Error::source(error)) {
        return source.to_string();
    }
    if let Some(ContextValue::Strings(values)) = error.get(ContextKind::ValidValue)
        && !values.is_empty()
    {
        return format!("must be one of {}", values.join(", "));
    }
    match error.kind() {
        ErrorKind::InvalidValue => "needs a value".to_owned(),
        _ => error.to_string().lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned(),
    }
}

/// Pairs of flags of a command that exclude each other.
pub(super) fn conflicts(command: &Command) -> Vec<(&Arg, &Arg)> {
    let of = |arg| command.get_arg_conflicts_with(arg).into_iter().map(move |other| (arg, other));
    command.get_arguments().flat_map(of).collect()
}

/// Whether several values may be given.
pub(super) fn takes_several(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append) || arg.get_value_delimiter().is_some()
}

/// The known name that was probably meant by another: at most two letters off, or one in a short name.
pub(super) fn similar<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let name = name.to_lowercase().replace('_', "-");
    let allowed = match name.chars().count() {
        0..4 => 0,
        4..7 => 1,
        _ => 2,
    };
    let ranked = known.map(|known| (strsim::osa_distance(&name, &known.to_lowercase().replace('_', "-")), known));
    ranked.filter(|(distance, _)| *distance <= allowed).min().map(|(_, known)| known)
}
