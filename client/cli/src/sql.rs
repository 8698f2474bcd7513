//! `mangonel sql`.

use std::io::Read;

use mangonel_client::MangonelClient;
use mangonel_proto::{Error, Result, v1, wire::Command};

use crate::{
    args::{OutputForm, SqlArgs},
    rows,
};

pub(crate) async fn run(client: &MangonelClient, args: SqlArgs, form: OutputForm) -> Result<()> {
    let sql = match args.query.as_str() {
        "-" => {
            let mut text = String::new();
            let read = std::io::stdin().read_to_string(&mut text);
            read.map_err(|error| Error::invalid(format!("standard input: {error}")))?;
            text
        }
        given => given.to_owned(),
    };
    rows::answer(client, &Command::Sql(v1::SqlQuery { sql, as_of_ms: args.as_of.as_of_ms }), args.rows, form).await
}
