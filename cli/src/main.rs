//! `wxgate`, the one binary: the gateway's processes and its operator's tools.
//!
//! Begin with [`command`] for the commands there are. [`run`] holds the processes, [`open`] how
//! they and the tools come to a store; each tool is a module named like its command, and says what
//! it has to say through [`output`].

mod app;
mod bulk;
mod callbacks;
mod card;
mod check;
mod client;
mod command;
mod component;
mod data_folder;
mod fields;
mod history;
mod interface;
mod jobs;
mod local_time;
mod logging;
mod migrate;
mod open;
mod output;
mod progress;
mod run;
mod sign;
mod table;
mod wechat;

use std::io::{self, ErrorKind};
use std::process::ExitCode;

use clap::Parser as _;

use crate::command::CommandLine;
use crate::output::Output;

/// What a shell expects of a program that was called wrongly; clap's own choice too.
const USAGE: u8 = 2;

#[tokio::main]
async fn main() -> ExitCode {
    let command_line = match CommandLine::try_parse() {
        Ok(command_line) => command_line,
        Err(error) => return refuse_usage(&error),
    };
    let output = Output::new(command_line.json);
    match command_line.command.run(output).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            output.error(&error);
            ExitCode::FAILURE
        }
    }
}

/// Also answers `--help` and `--version`, which clap treats as errors.
fn refuse_usage(error: &clap::Error) -> ExitCode {
    let json = std::env::args_os().any(|argument| argument == "--json");
    if json && error.use_stderr() {
        Output::new(true).error(&anyhow::anyhow!(output::first_paragraph(&error.to_string())));
        return ExitCode::from(USAGE);
    }
    // Nothing is left to do when the terminal itself is gone.
    let _ = error.print();
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(USAGE))
}

/// Whoever reads our output has seen enough, as `head` does.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
    kind == Some(ErrorKind::BrokenPipe)
}
