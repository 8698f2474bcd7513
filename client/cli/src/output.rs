//! Answers as a table for people, or as JSON or CSV for programs.

use std::io::Write;

use comfy_table::{Table, presets};
use mangonel_proto::{Error, Result};
use serde::Serialize;

use crate::{args::OutputForm, colour};

/// Prints records: JSON is the messages themselves, table and CSV the chosen columns.
///
/// # Errors
/// When standard output cannot be written.
pub(crate) fn list<T: Serialize>(
    form: OutputForm,
    records: &[T],
    head: &[&str],
    row: impl Fn(&T) -> Vec<String>,
) -> Result<()> {
    match form {
        OutputForm::Json => json(&records),
        OutputForm::Csv => {
            let mut text = csv_line(head.iter().map(|cell| (*cell).to_owned()));
            records.iter().for_each(|record| text.push_str(&csv_line(row(record))));
            print(&text)
        }
        OutputForm::Table => {
            if records.is_empty() {
                return print("none yet\n");
            }
            let mut table = table(presets::UTF8_BORDERS_ONLY);
            table.set_header(head.iter().map(|name| colour::name(name)));
            for record in records {
                table.add_row(head.iter().zip(row(record)).map(|(name, text)| colour::value(name, text)));
            }
            print(&format!("{table}\n"))
        }
    }
}

/// Prints one record: a table of its properties, or its JSON.
///
/// # Errors
/// When standard output cannot be written.
pub(crate) fn record<T: Serialize>(form: OutputForm, record: &T, properties: &[(&str, String)]) -> Result<()> {
    match form {
        OutputForm::Json => json(record),
        OutputForm::Csv => {
            let head = csv_line(properties.iter().map(|(name, _)| (*name).to_owned()));
            print(&(head + &csv_line(properties.iter().map(|(_, value)| value.clone()))))
        }
        OutputForm::Table => {
            let mut table = table(presets::NOTHING);
            for (name, value) in properties {
                table.add_row([colour::name(name), colour::value(name, value.clone())]);
            }
            print(&format!("{table}\n"))
        }
    }
}

fn table(preset: &str) -> Table {
    let mut table = Table::new();
    table.load_preset(preset);
    // One decision for the whole process, not the library's own.
    if colour::on_stdout() {
        table.enforce_styling()
    } else {
        table.force_no_tty()
    };
    table
}

/// Prints an id alone, as scripts want it, or the JSON of what it names.
///
/// # Errors
/// When standard output cannot be written.
pub(crate) fn id<T: Serialize>(form: OutputForm, record: &T, id: &str) -> Result<()> {
    if form == OutputForm::Json { json(record) } else { print(&format!("{id}\n")) }
}

/// Says something to programs only: people see that the command succeeded.
///
/// # Errors
/// When standard output cannot be written.
pub(crate) fn quiet<T: Serialize>(form: OutputForm, value: &T) -> Result<()> {
    if form == OutputForm::Json { json(value) } else { Ok(()) }
}

/// # Errors
/// When standard output cannot be written.
pub(crate) fn json<T: Serialize>(value: &T) -> Result<()> {
    let text = serde_json::to_string_pretty(value).map_err(|error| Error::internal(error.to_string()))?;
    print(&(text + "\n"))
}

/// Writes to standard output; a reader that has gone (`| head`) is no error.
///
/// # Errors
/// When standard output cannot be written.
pub(crate) fn print(text: &str) -> Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.map_err(|error| Error::internal(format!("standard output: {error}"))),
    }
}

fn csv_line(cells: impl IntoIterator<Item = String>) -> String {
    let quote = |cell: String| {
        if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
    };
    cells.into_iter().map(quote).collect::<Vec<_>>().join(",") + "\n"
}

/// `1234567` as `1,234,567`.
pub(crate) fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Bytes in the largest unit that fits, such as `12.3 MiB`.
pub(crate) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["B", "KiB", "MiB", "GiB", "TiB"];
    let mut value = count as f64;
    let mut unit = 0;
    while value >= 1024.0 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{count} B") } else { format!("{value:.1} {}", UNITS[unit]) }
}
