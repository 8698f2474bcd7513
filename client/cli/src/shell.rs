//! What is made from the command line's own definition: completions and man pages.

use std::path::Path;

use clap::CommandFactory;
use mangonel_proto::{Error, Result};

use crate::{args::Cli, output};

/// Completions of a shell, to be sourced.
///
/// # Errors
/// When standard output cannot be written.
pub(crate) fn completions(shell: clap_complete::Shell) -> Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "mangonel", &mut script);
    output::print(&String::from_utf8_lossy(&script))
}

/// A man page for each command.
///
/// # Errors
/// `invalid_argument` for a folder that cannot be written.
pub(crate) fn man(folder: &Path) -> Result<()> {
    let io = |error: std::io::Error| Error::invalid(format!("{}: {error}", folder.display()));
    std::fs::create_dir_all(folder).map_err(io)?;
    clap_mangen::generate_to(Cli::command(), folder).map_err(io)?;
    let pages = std::fs::read_dir(folder).map_err(io)?.count();
    output::print(&format!("{pages} pages in {}: man -l {}\n", folder.display(), folder.join("mangonel.1").display()))
}
