//! Colours and bold text: on a terminal, and elsewhere only when asked for.

use std::{
    io::IsTerminal,
    sync::atomic::{AtomicU8, Ordering},
};

use clap::ColorChoice;
use comfy_table::{Attribute, Cell, Color};

/// What `--color` says; 0 is `auto`.
static CHOICE: AtomicU8 = AtomicU8::new(0);

const BOLD: &str = "\x1b[1m";
const BOLD_RED: &str = "\x1b[1;31m";
const PLAIN: &str = "\x1b[0m";

/// Sets what `--color` says.
pub(crate) fn choose(choice: ColorChoice) {
    let number = match choice {
        ColorChoice::Auto => 0,
        ColorChoice::Always => 1,
        ColorChoice::Never => 2,
    };
    CHOICE.store(number, Ordering::Relaxed);
    // What draws tables looks at NO_COLOR by itself, which a flag overrules.
    if choice == ColorChoice::Always {
        crossterm::style::force_color_output(true);
    }
}

pub(crate) fn choice() -> ColorChoice {
    match CHOICE.load(Ordering::Relaxed) {
        1 => ColorChoice::Always,
        2 => ColorChoice::Never,
        _ => ColorChoice::Auto,
    }
}

pub(crate) fn on_stdout() -> bool {
    wanted(std::io::stdout().is_terminal())
}

pub(crate) fn on_stderr() -> bool {
    wanted(std::io::stderr().is_terminal())
}

fn wanted(is_terminal: bool) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    match choice() {
        ColorChoice::Always => true,
        ColorChoice::Never => false,
        // <https://no-color.org>
        ColorChoice::Auto => {
            is_terminal && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
        }
    }
}

/// What stands before an error.
pub(crate) fn error_label() -> String {
    if on_stderr() { format!("{BOLD_RED}error:{PLAIN}") } else { "error:".to_owned() }
}

/// A line of text on standard output that is a heading.
pub(crate) fn heading(text: &str) -> String {
    if on_stdout() { format!("{BOLD}{text}{PLAIN}") } else { text.to_owned() }
}

/// The name of a column or of a property.
pub(crate) fn name(text: &str) -> Cell {
    Cell::new(text).add_attribute(Attribute::Bold)
}

/// A value of a column or property; states have the colours that everybody knows.
pub(crate) fn value(name: &str, text: String) -> Cell {
    let colour = match (name, text.as_str()) {
        ("state", "committed") => Some(Color::Green),
        ("state", "failed") | ("error", _) => Some(Color::Red),
        ("state", "cancelled") => Some(Color::Yellow),
        ("state", "prepared") => Some(Color::Cyan),
        _ => None,
    };
    let cell = Cell::new(text);
    match colour {
        Some(colour) => cell.fg(colour),
        None => cell,
    }
}
