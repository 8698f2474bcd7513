//! `mangonel sql`: tables are sent along, the query is asked, its rows are printed or written.

use std::{io::Read, path::Path, time::Duration};

use arrow::{
    array::{Array, AsArray},
    record_batch::RecordBatch,
};
use futures::{TryStreamExt, stream};
use mangonel_client::MangonelClient;
use mangonel_proto::{Error, Result, v1, wire::Command};
use mangonel_storage::files::Reading;

use crate::{
    args::{Global, InputFormat, OutputForm, SqlArgs},
    output, rows, typed,
};

/// What a client waits beyond the time of its query: the server says better why a query was stopped.
const GRACE: Duration = Duration::from_secs(10);

pub(crate) async fn run(global: &Global, args: SqlArgs) -> Result<()> {
    let form = global.output;
    let patience = global.timeout.map(|timeout| timeout + GRACE);
    let client = &MangonelClient::connect_within(&global.server, &global.project, patience).await?;
    let tables = args.tables.iter().map(|text| name_and_file(text)).collect::<Result<Vec<_>>>()?;
    let inputs = tables.iter().map(|(_, file)| *file).chain([args.query.as_str()]);
    if inputs.filter(|input| *input == "-").count() > 1 {
        return Err(Error::invalid("standard input can be read once: the query or one table"));
    }
    let mut sql = match args.query.as_str() {
        "-" => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|error| Error::invalid(format!("standard input: {error}")))?;
            text
        }
        given => given.to_owned(),
    };
    if args.explain && !is_explain(&sql) {
        sql.insert_str(0, "EXPLAIN ");
    }
    let mut query = v1::SqlQuery {
        as_of_ms: args.as_of.as_of_ms,
        timeout_ms: global.timeout.map_or(0, |timeout| timeout.as_millis() as u64),
        ..Default::default()
    };
    if !tables.is_empty() {
        query.query_id = uuid::Uuid::new_v4().to_string();
        let reading = Reading {
            format: args.table_as.map(InputFormat::file_format),
            dialect: args.dialect.dialect(),
            ..Reading::default()
        };
        // All are opened before anything is sent, so that a missing one costs nothing.
        let opened =
            tables.iter().map(|(_, file)| typed::open(&reading, Path::new(file))).collect::<Result<Vec<_>>>()?;
        for ((name, _), (schema, batches)) in tables.iter().zip(opened) {
            client.send_table(&query.query_id, name, schema, stream::iter(batches)).await?;
        }
    }
    if is_explain(&sql) && form == OutputForm::Table && args.rows.to.is_none() {
        query.sql = sql;
        return print_lines(client, &Command::Sql(query)).await;
    }
    query.sql = sql;
    // The server stops early; one row more tells whether there are more.
    query.limit = match rows::limit(&args.rows, form) {
        0 => 0,
        limit => limit.saturating_add(1),
    };
    rows::answer(client, &Command::Sql(query), args.rows, form).await
}

fn is_explain(sql: &str) -> bool {
    sql.split_whitespace().next().is_some_and(|word| word.eq_ignore_ascii_case("explain"))
}

fn name_and_file(text: &str) -> Result<(&str, &str)> {
    let parts = text.split_once('=').filter(|(name, file)| !name.is_empty() && !file.is_empty());
    parts.ok_or_else(|| Error::invalid(format!("`--table {text}` is not like mine=teams.csv")))
}

/// An explanation is read by people, line by line.
async fn print_lines(client: &MangonelClient, command: &Command) -> Result<()> {
    let batches: Vec<RecordBatch> = client.read(command).await?.stream().try_collect().await?;
    let mut text = String::new();
    for column in batches.iter().filter_map(|batch| batch.columns().first()?.as_string_opt::<i32>()) {
        for line in (0..column.len()).map(|row| column.value(row)) {
            text.push_str(line);
            text.push('\n');
        }
    }
    output::print(&text)
}
