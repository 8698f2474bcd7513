//! Tables that a client sends along with its query are tables of that query and of no other, and nothing of them stays.

use std::{path::Path, sync::Arc, time::Duration};

use arrow::{
    array::{ArrayRef, Int64Array, RecordBatch, StringDictionaryBuilder, new_empty_array},
    datatypes::{DataType, Field, Int8Type, IntervalUnit, Schema, SchemaRef},
};
use futures::{StreamExt, TryStreamExt, stream};
use mangonel_proto::{Error, ErrorCode, Result, v1, wire::Command};
use mangonel_scheduler::SqlOptions;

use crate::harness::{Sandbox, assert_table, files::walk, group, on_every_engine, process::Up, table};

on_every_engine!(
    a_query_joins_tables_that_were_sent_along,
    tables_belong_to_one_query_of_one_caller,
    a_table_must_not_hide_one_of_a_group,
    tables_without_rows_are_tables_and_those_without_columns_are_not,
    what_cannot_be_a_column_is_refused_by_name,
    an_upload_that_breaks_off_leaves_no_table,
);

fn id() -> String {
    uuid::Uuid::new_v4().to_string()
}

async fn send(sandbox: &Sandbox, query: &str, name: &str, rows: RecordBatch) -> Result<()> {
    sandbox.client().send_table(query, name, rows.schema(), stream::iter([Ok(rows)])).await
}

fn about(query: &str, sql: &str) -> Command {
    Command::Sql(v1::SqlQuery { sql: sql.into(), query_id: query.into(), ..Default::default() })
}

async fn ask(sandbox: &Sandbox, sql: &str, tables: &[(&str, RecordBatch)]) -> Result<RecordBatch> {
    let query = id();
    for (name, rows) in tables {
        send(sandbox, &query, name, rows.clone()).await?;
    }
    sandbox.read(about(&query, sql)).await
}

#[track_caller]
fn refused<T>(result: Result<T>, code: ErrorCode, words: &[&str]) -> Error {
    let error = result.err().expect("it was not refused");
    assert_eq!(error.code, code, "{error}");
    for word in words {
        assert!(error.to_string().contains(word), "`{word}` is not in: {error}");
    }
    error
}

async fn teams(sandbox: &Sandbox) {
    let teams = table("team_id:long | name:string\n 1 | AIK\n 2 | Hammarby\n 3 | GAIS");
    sandbox.create_filled(group("teams", "team_id", "team_id:long name:string"), teams).await;
}

fn mine() -> RecordBatch {
    table("team_id:long | rank:integer\n 3 | 1\n 1 | 2\n 7 | 3")
}

async fn a_query_joins_tables_that_were_sent_along(sandbox: &Sandbox) {
    teams(sandbox).await;
    let joined = "SELECT name, rank FROM mine JOIN teams USING (team_id) ORDER BY rank";
    let rows = ask(sandbox, joined, &[("mine", mine())]).await.unwrap();
    assert_table(&rows, "name | rank\n GAIS | 1\n AIK | 2");
    // Capitals do not count, as in SQL itself; several tables, and one alone.
    let cities = table("team_id:long | city:string\n 1 | Solna\n 3 | Göteborg");
    let both = "SELECT city, rank FROM Mine m, CITIES c WHERE m.team_id = c.team_id";
    let rows = ask(sandbox, both, &[("MINE", mine()), ("cities", cities)]).await.unwrap();
    assert_table(&rows, "city | rank\n Solna | 2\n Göteborg | 1");
    let alone = ask(sandbox, "SELECT * FROM mine WHERE rank < 3", &[("mine", mine())]).await.unwrap();
    assert_table(&alone, "team_id | rank\n 3 | 1\n 1 | 2");
    let counted = ask(sandbox, "SELECT count(*) AS rows FROM mine", &[("mine", mine())]).await.unwrap();
    assert_table(&counted, "rows\n 3");
    let listed = "SELECT table_name, table_type FROM information_schema.tables WHERE table_name = 'mine'";
    let listed = ask(sandbox, listed, &[("mine", mine())]).await.unwrap();
    assert_table(&listed, "table_name | table_type\n mine | LOCAL TEMPORARY");

    // Types become those of features, as for inserts.
    let mut words = StringDictionaryBuilder::<Int8Type>::new();
    ["b", "a", "b"].iter().for_each(|word| {
        words.append(word).unwrap();
    });
    let columns: [(&str, ArrayRef); 3] = [
        ("word", Arc::new(words.finish())),
        ("nothing", arrow::array::new_null_array(&DataType::Null, 3)),
        ("Team Id", Arc::new(Int64Array::from(vec![1, 2, 3]))),
    ];
    let odd = RecordBatch::try_from_iter(columns).unwrap();
    let rows = ask(sandbox, r#"SELECT o."Team Id", word, nothing FROM odd o"#, &[("odd", odd)]).await.unwrap();
    assert_table(&rows, "Team Id | word | nothing\n 1 | b | null\n 2 | a | null\n 3 | b | null");

    // Many rows, in the order in which they were sent.
    let many: ArrayRef = Arc::new(Int64Array::from_iter_values((0..200_000).rev()));
    let many = RecordBatch::try_from_iter([("x", many)]).unwrap();
    let query = id();
    let slices: Vec<_> = (0..200_000).step_by(10_000).map(|first| Ok(many.slice(first, 10_000))).collect();
    sandbox.client().send_table(&query, "many", many.schema(), stream::iter(slices)).await.unwrap();
    let rows = sandbox.read(about(&query, "SELECT x FROM many")).await.unwrap();
    assert!(rows.column(0) == many.column(0), "rows came in another order");
}

async fn tables_belong_to_one_query_of_one_caller(sandbox: &Sandbox) {
    teams(sandbox).await;
    let query = id();
    send(sandbox, &query, "mine", mine()).await.unwrap();
    refused(send(sandbox, &query, "Mine", mine()).await, ErrorCode::AlreadyExists, &["`mine`", "before"]);
    let select = "SELECT count(*) AS rows FROM mine";
    // Not of another query, of another project, or of nobody's.
    refused(sandbox.read(about("", select)).await, ErrorCode::InvalidArgument, &["mine", "not found"]);
    refused(sandbox.read(about(&id(), select)).await, ErrorCode::NotFound, &["send them first"]);
    let name = format!("{}_other", sandbox.project());
    let other = sandbox.client_of(&name).await.unwrap();
    other.call(v1::CreateProject { name, description: String::new() }).await.unwrap();
    refused(other.read(&about(&query, select)).await, ErrorCode::NotFound, &["send them first"]);
    // Read once, and gone.
    let read = sandbox.client().read(&about(&query, select)).await.unwrap();
    let rows: Vec<RecordBatch> = sandbox.client().fetch(&read.endpoints[0]).await.unwrap().try_collect().await.unwrap();
    assert_table(&rows[0], "rows\n 3");
    refused(sandbox.client().fetch(&read.endpoints[0]).await, ErrorCode::NotFound, &["expired"]);
    refused(sandbox.read(about(&query, select)).await, ErrorCode::NotFound, &["send them first"]);
    // Also by a query that was refused.
    let query = id();
    send(sandbox, &query, "mine", mine()).await.unwrap();
    refused(sandbox.read(about(&query, "SELECT rang FROM mine")).await, ErrorCode::InvalidArgument, &["rang", "rank"]);
    refused(sandbox.read(about(&query, select)).await, ErrorCode::NotFound, &["send them first"]);
    refused(send(sandbox, "No Id", "mine", mine()).await, ErrorCode::InvalidArgument, &["`No Id`", "UUID"]);
}

async fn a_table_must_not_hide_one_of_a_group(sandbox: &Sandbox) {
    teams(sandbox).await;
    let events = v1::CreateFeatureGroup { event_time: "at".into(), ..group("events", "id", "id:long at:timestamp") };
    sandbox.create(events).await;
    for (name, group) in [
        ("teams", "teams_1"),
        ("TEAMS", "teams_1"),
        ("teams_1", "teams_1"),
        ("events_latest", "events_1"),
        ("events_1_latest", "events_1"),
    ] {
        let sent = send(sandbox, &id(), name, mine()).await;
        refused(sent, ErrorCode::InvalidArgument, &[&name.to_lowercase(), group, "another name"]);
    }
    // A group may have come meanwhile.
    let query = id();
    send(sandbox, &query, "late", mine()).await.unwrap();
    send(sandbox, &query, "teams_latest", mine()).await.unwrap();
    sandbox.create(group("late", "id", "id:long")).await;
    let asked = sandbox.read(about(&query, "SELECT 1")).await;
    refused(asked, ErrorCode::InvalidArgument, &["`late`", "`late_1`"]);
    for name in ["", "1st", "a b", "a.b", "a\"b", "é", &"x".repeat(64)] {
        refused(send(sandbox, &id(), name, mine()).await, ErrorCode::InvalidArgument, &["table name"]);
    }
}

async fn tables_without_rows_are_tables_and_those_without_columns_are_not(sandbox: &Sandbox) {
    teams(sandbox).await;
    let empty = RecordBatch::new_empty(mine().schema());
    let query = id();
    sandbox.client().send_table(&query, "mine", empty.schema(), stream::empty()).await.unwrap();
    send(sandbox, &query, "also", empty).await.unwrap();
    let sql = "SELECT name, m.rank FROM teams LEFT JOIN mine m USING (team_id) LEFT JOIN also a USING (team_id)";
    let rows = sandbox.read(about(&query, sql)).await.unwrap();
    assert_table(&rows, "name | rank\n AIK | null\n Hammarby | null\n GAIS | null");
    let none: SchemaRef = Arc::new(Schema::empty());
    let sent = sandbox.client().send_table(&id(), "mine", none, stream::empty()).await;
    refused(sent, ErrorCode::InvalidArgument, &["`mine`", "no columns"]);
}

async fn what_cannot_be_a_column_is_refused_by_name(sandbox: &Sandbox) {
    let long = |name: &str| Field::new(name, DataType::Int64, true);
    let interval = Field::new("how_long", DataType::Interval(IntervalUnit::MonthDayNano), true);
    let fields = vec![long("twice"), long("fine"), long("twice"), interval, long("_mangonel_lane"), long("")];
    let columns = fields.iter().map(|field| new_empty_array(field.data_type())).collect();
    let rows = RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).unwrap();
    let sent = send(sandbox, &id(), "mine", rows).await;
    let error = refused(sent, ErrorCode::InvalidArgument, &["twice", "how_long", "_mangonel_lane", "1 to 255"]);
    assert_eq!(error.problems.len(), 3, "{error}");
    // Values too, as for inserts.
    let large: ArrayRef = Arc::new(arrow::array::UInt64Array::from(vec![1, u64::MAX]));
    let rows = RecordBatch::try_from_iter([("x", large)]).unwrap();
    refused(send(sandbox, &id(), "mine", rows).await, ErrorCode::InvalidArgument, &["`mine`", "`x`", "range of long"]);
}

async fn an_upload_that_breaks_off_leaves_no_table(sandbox: &Sandbox) {
    let query = id();
    let rows = stream::iter([Ok(mine()), Err(Error::invalid("the disk is gone"))]);
    let sent = sandbox.client().send_table(&query, "mine", mine().schema(), rows).await;
    refused(sent, ErrorCode::InvalidArgument, &["the disk is gone"]);
    refused(sandbox.read(about(&query, "SELECT * FROM mine")).await, ErrorCode::NotFound, &["send them first"]);
    send(sandbox, &query, "mine", mine()).await.unwrap();
    assert_eq!(sandbox.read(about(&query, "SELECT * FROM mine")).await.unwrap().num_rows(), 3);
}

/// Waits until no table is kept any more.
async fn assert_nothing_is_kept(folder: &Path) {
    for _ in 0..100 {
        if walk(&folder.join("staging")).is_empty() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("these stay: {:?}", walk(&folder.join("staging")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_left_of_tables_whatever_becomes_of_their_query() {
    let life = Duration::from_millis(1500);
    let sandbox = Sandbox::local_of_sql(SqlOptions { tables_life: life, ..SqlOptions::default() }).await;
    let folder = sandbox.folder();
    // Read, refused, never asked, asked and never read, read in part, broken off.
    assert_eq!(ask(&sandbox, "SELECT * FROM mine", &[("mine", mine())]).await.unwrap().num_rows(), 3);
    assert_nothing_is_kept(&folder).await;
    ask(&sandbox, "SELECT * FROM yours", &[("mine", mine())]).await.err().unwrap();
    assert_nothing_is_kept(&folder).await;
    let query = id();
    send(&sandbox, &query, "mine", mine()).await.unwrap();
    assert_eq!(walk(&folder.join("staging")).len(), 1);
    assert_nothing_is_kept(&folder).await;
    refused(sandbox.read(about(&query, "SELECT * FROM mine")).await, ErrorCode::NotFound, &["within 1.5 s"]);
    let query = id();
    send(&sandbox, &query, "mine", mine()).await.unwrap();
    let read = sandbox.client().read(&about(&query, "SELECT * FROM mine")).await.unwrap();
    assert_nothing_is_kept(&folder).await;
    refused(sandbox.client().fetch(&read.endpoints[0]).await, ErrorCode::NotFound, &["expired"]);
    let query = id();
    send(&sandbox, &query, "mine", mine()).await.unwrap();
    let endless = "SELECT team_id FROM mine, generate_series(1, 1000000000)";
    let read = sandbox.client().read(&about(&query, endless)).await.unwrap();
    let mut rows = sandbox.client().fetch(&read.endpoints[0]).await.unwrap();
    assert!(rows.next().await.unwrap().unwrap().num_rows() > 0);
    drop(rows);
    assert_nothing_is_kept(&folder).await;
    let broken = stream::iter([Ok(mine()), Err(Error::invalid("gone"))]);
    sandbox.client().send_table(&id(), "mine", mine().schema(), broken).await.err().unwrap();
    assert_nothing_is_kept(&folder).await;
    sandbox.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_room_for_tables_is_bounded_and_given_back() {
    let sandbox = Sandbox::local_of_sql(SqlOptions { tables_bytes_max: 1 << 20, ..SqlOptions::default() }).await;
    let column = |rows: i64| -> ArrayRef { Arc::new(Int64Array::from_iter_values(0..rows)) };
    let large = RecordBatch::try_from_iter([("x", column(100_000))]).unwrap();
    let wide = RecordBatch::try_from_iter([("x", column(200_000))]).unwrap();
    for _ in 0..3 {
        let sent = send(&sandbox, &id(), "wide", wide.clone()).await;
        refused(sent, ErrorCode::ResourceExhausted, &["1048576 bytes", "--sql-tables-max"]);
    }
    let query = id();
    send(&sandbox, &query, "large", large.clone()).await.unwrap();
    refused(send(&sandbox, &id(), "large", large.clone()).await, ErrorCode::ResourceExhausted, &["no room"]);
    assert_eq!(sandbox.read(about(&query, "SELECT * FROM large")).await.unwrap().num_rows(), 100_000);
    let again = ask(&sandbox, "SELECT count(*) AS rows FROM large", &[("large", large)]).await.unwrap();
    assert_table(&again, "rows\n 100000");
    // Very many small ones count as well.
    let mut refusal = None;
    for _ in 0..20 {
        refusal = refusal.or(send(&sandbox, &id(), "mine", mine()).await.err());
    }
    assert_eq!(refusal.unwrap().code, ErrorCode::ResourceExhausted);
    sandbox.stop().await;
}

#[test]
fn the_command_line_sends_files_of_all_kinds_along() {
    let temporary = tempfile::tempdir().unwrap();
    let server = Up::start(&temporary.path().join("data"), &[]);
    let path = |name: &str| temporary.path().join(name).display().to_string();
    let teams = path("teams.csv");
    std::fs::write(&teams, "team_id,name\n1,AIK\n2,Hammarby\n3,GAIS\n").unwrap();
    server.answer(&["feature-group", "create", "teams", "--key", "team_id", "--like", &teams]);
    server.answer(&["feature-group", "insert", "teams", &teams]);
    std::fs::write(
        path("mine.csv"),
        "team_id,since,x,ok,when,word\n3,2001-02-03,1,true,2020-01-01T10:00:00,yes\n1,2002-03-04,,FALSE,,007a\n",
    )
    .unwrap();
    std::fs::write(path("mine.jsonl"), "{\"team_id\": 3, \"since\": \"then\"}\n{\"team_id\": 1}\n").unwrap();
    std::fs::write(path("mine.tsv"), "team_id\tsince\n3\tNA\n1\tnow\n").unwrap();
    let select = "SELECT name, since FROM mine JOIN teams USING (team_id) ORDER BY name";
    let answer = |table: &str, more: &[&str]| {
        server.answer(&[&["sql", select, "--output", "csv", "--table", table], more].concat())
    };
    let csv = format!("mine={}", path("mine.csv"));
    assert_eq!(answer(&csv, &[]), "name,since\nAIK,2002-03-04\nGAIS,2001-02-03\n");
    assert_eq!(answer(&format!("Mine={}", path("mine.jsonl")), &[]), "name,since\nAIK,\nGAIS,then\n");
    assert_eq!(answer(&format!("mine={}", path("mine.tsv")), &["--null", "NA"]), "name,since\nAIK,now\nGAIS,\n");
    for file in ["copy.parquet", "copy.arrow"] {
        server.answer(&["sql", "SELECT * FROM mine", "--table", &csv, "--to", &path(file)]);
        assert_eq!(answer(&format!("mine={}", path(file)), &[]), "name,since\nAIK,2002-03-04\nGAIS,2001-02-03\n");
    }
    // The narrowest type of all values of a column.
    let types = "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = 'mine'";
    let types = server.answer(&["sql", types, "--output", "csv", "--table", &csv]);
    let expected = "team_id,long\nsince,date\nx,long\nok,boolean\nwhen,timestamp_ntz\nword,string\n";
    assert_eq!(types, format!("column_name,data_type\n{expected}"));
    // Standard input is the table or the query.
    let piped = |arguments: &[&str], input: &str| {
        let output = server.pipe(arguments, input);
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap(),
        )
    };
    let from_input = ["sql", select, "--output", "csv", "--table", "mine=-"];
    let (code, said) = piped(&[&from_input[..], &["--table-as", "csv"]].concat(), "team_id,since\n2,x\n");
    assert_eq!((code, said.as_str()), (0, "name,since\nHammarby,x\n"));
    let (code, said) = piped(&from_input, "team_id\n1\n");
    assert!(code == 2 && said.contains("--table-as"), "{said}");
    let (code, said) = piped(&["sql", "-", "--table", "mine=-", "--table-as", "csv"], "SELECT 1");
    assert!(code == 2 && said.contains("once"), "{said}");
    let (code, said) =
        piped(&[&from_input[..], &["--table-as", "jsonl"]].concat(), "{\"team_id\": 1}\n{\"team_id\": \"x\"}\n");
    assert!(code == 2 && said.contains("standard input"), "{said}");
    for (table, words) in
        [("mine", "mine=teams.csv"), ("mine=nowhere.csv", "nowhere.csv"), (&format!("teams={teams}"), "teams_1")]
    {
        let (code, said) = server.refusal(&["sql", select, "--table", table]);
        assert!(code == 2 && said.contains(words), "{table}: {said}");
    }
    assert!(server.terminate().success());
}
