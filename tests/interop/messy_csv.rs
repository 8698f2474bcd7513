//! A CSV as the world has it becomes TFRecord, and TensorFlow sums the same as pandas does on the CSV.

use arrow::{
    array::{ArrayRef, StringArray},
    csv::ReaderBuilder,
    datatypes::{DataType, Field, Schema},
    record_batch::RecordBatch,
};
use std::sync::Arc;

use mangonel_proto::{v1, wire};

use crate::harness::{Sandbox, dataset, group, python};

/// Results with names beyond ASCII, quotes, `NA`, empty fields and a fixture without a score.
fn results() -> String {
    let clubs = ["Örgryte", "IFK \"Göteborg\"", "Kalmar, FF", "São Paulo", "京都", "Łódź"];
    let mut text = "match_id,date,home,away,home_goals,away_goals,attendance\n".to_owned();
    for number in 0..500_usize {
        let (home, away) = (clubs[number % 6], clubs[(number * 5 + 1) % 6]);
        let quoted = |name: &str| format!("\"{}\"", name.replace('"', "\"\""));
        let goals = |seed: usize| if number % 97 == 0 { "NA".to_owned() } else { (seed % 6).to_string() };
        let attendance = if number % 11 == 0 { String::new() } else { format!("{}.5", number * 37 % 20_000) };
        let day = format!("2020-{:02}-{:02}", number % 12 + 1, number % 28 + 1);
        let (home_goals, away_goals) = (goals(number * 7), goals(number * 13));
        text += &format!("{number},{day},{},{},{home_goals},{away_goals},{attendance}\n", quoted(home), quoted(away));
    }
    text
}

/// The file as clients send CSV: all text, with what means null.
fn as_text(csv: &str) -> RecordBatch {
    let head = csv.lines().next().unwrap();
    let fields: Vec<Field> = head.split(',').map(|name| Field::new(name, DataType::Utf8, true)).collect();
    let schema = Arc::new(Schema::new(fields));
    let reader = ReaderBuilder::new(schema).with_header(true).with_batch_size(10_000).build(csv.as_bytes()).unwrap();
    let batch = reader.map(|batch| batch.unwrap()).next().unwrap();
    let metadata = [(wire::TEXT_METADATA.to_owned(), wire::text_metadata(&["NA".to_owned()]).unwrap())];
    let schema = Arc::new(batch.schema().as_ref().clone().with_metadata(metadata.into()));
    RecordBatch::try_new(schema, batch.columns().to_vec()).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tensorflow_sums_what_pandas_sums_on_the_csv() {
    let sandbox = Sandbox::local().await;
    let csv = results();
    let path = sandbox.folder().join("results.csv");
    std::fs::write(&path, &csv).unwrap();
    let features =
        "match_id:long date:date home:string away:string home_goals:integer away_goals:integer attendance:double";
    let create = v1::CreateFeatureGroup { event_time: "date".into(), ..group("results", "match_id", features) };
    sandbox.create_filled(create, as_text(&csv)).await;
    let countries: ArrayRef = Arc::new(StringArray::from(vec!["Örgryte", "São Paulo", "京都", "Łódź", "Kalmar, FF"]));
    let codes: ArrayRef = Arc::new(arrow::array::Int32Array::from(vec![46, 55, 81, 48, 46]));
    let countries =
        RecordBatch::try_from_iter_with_nullable([("home", countries, true), ("code", codes, true)]).unwrap();
    sandbox.create_filled(group("clubs", "home", "home:string code:integer"), countries).await;

    let source = v1::FeatureRequest {
        join_type: v1::JoinType::Left.into(),
        root: "results".into(),
        ..crate::harness::request("match_id results.home home_goals away_goals attendance code")
    };
    let create = v1::CreateTrainingDataset {
        source: Some(source),
        null_policy: v1::NullPolicy::Omit.into(),
        ..dataset("results", "", 5)
    };
    let built = sandbox.build(create).await;
    assert_eq!(built.run.rows, 500);
    let said = python::run("interop/messy_csv.py", &[&path, &built.folder]);
    assert!(said.contains("500 rows in 5 shards, sums agree"), "{said}");
    sandbox.stop().await;
}
