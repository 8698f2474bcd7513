//! Promise: what is written to Parquet and CSV files is read back row by row.

#![allow(clippy::unwrap_used, reason = "helpers of tests may unwrap like the tests themselves")]

use std::fs::File;
use std::sync::Arc;

use arrow::array::{Array, RecordBatch};
use arrow::compute::{cast, concat, concat_batches};
use arrow::csv::ReaderBuilder;
use arrow::datatypes::{DataType, Field, Schema};
use mangonel_generator::{FootballWorld, WorldOptions, WorldTable, write_csv, write_parquet};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

#[test]
fn files_give_back_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let world = FootballWorld::new(WorldOptions { teams: 300, seasons: 2, ..Default::default() }).unwrap();
    for table in WorldTable::ALL {
        let expected: Vec<RecordBatch> = world.batches(table, 128).map(Result::unwrap).collect();
        let expected = concat_batches(&table.spec().schema(), &expected).unwrap();
        let path = folder.path().join("rows");
        assert_eq!(write_parquet(world.batches(table, 100), &path).unwrap(), world.rows(table));
        let reader = ParquetRecordBatchReaderBuilder::try_new(File::open(&path).unwrap()).unwrap().build().unwrap();
        let found = concat_batches(&expected.schema(), &reader.map(Result::unwrap).collect::<Vec<_>>()).unwrap();
        assert_eq!(found, expected, "{table:?}");

        assert_eq!(write_csv(world.batches(table, 100), &path).unwrap(), world.rows(table));
        // Read as offset: the name of a zone is known only where chrono-tz is compiled in.
        let zone = |field: &Field| match field.data_type() {
            DataType::Timestamp(unit, _) => DataType::Timestamp(*unit, Some("+00:00".into())),
            other => other.clone(),
        };
        let fields = expected.schema_ref().fields().iter();
        let fields: Vec<Field> = fields.map(|field| field.as_ref().clone().with_data_type(zone(field))).collect();
        let reader = ReaderBuilder::new(Arc::new(Schema::new(fields))).with_header(true);
        let reader = reader.build(File::open(&path).unwrap()).unwrap();
        let found: Vec<RecordBatch> = reader.map(|batch| batch.unwrap()).collect();
        for (column, wanted) in expected.columns().iter().enumerate() {
            let parts: Vec<&dyn Array> = found.iter().map(|batch| batch.column(column).as_ref()).collect();
            let found = cast(&concat(&parts).unwrap(), wanted.data_type()).unwrap();
            assert_eq!(&found, wanted, "{table:?}, column {column}");
        }
    }
    let scores = folder.path().join("scores");
    write_csv(world.batches(WorldTable::SeasonScores, 1), &scores).unwrap();
    let text = std::fs::read_to_string(&scores).unwrap();
    assert!(
        text.starts_with("team_id,season_end,season,average_position,sum_position,points\n1,2021-06-"),
        "{text:.200}"
    );
    assert!(text.lines().all(|line| line.contains("T20:00:00Z") || line.starts_with("team_id")));

    let path = folder.path().join("missing/rows");
    let refused = write_csv(world.batches(WorldTable::Teams, 10), &path).unwrap_err();
    assert!(refused.to_string().starts_with("cannot write `"), "{refused}");
}
