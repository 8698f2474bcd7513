//! Promises of delimited text: every value comes back, other readers see what they expect, damage is found.

use std::sync::Arc;

use arrow::{
    array::{
        ArrayRef, BooleanArray, Date32Array, Decimal128Array, Float32Array, Float64Array, Int8Array, Int64Array,
        RecordBatch, StringArray, TimestampMicrosecondArray,
    },
    compute::concat_batches,
    datatypes::{DataType, Field, Schema, SchemaRef},
};

use super::*;

fn every_type() -> RecordBatch {
    let texts =
        [Some("Köln"), None, Some(""), Some("a,b\tc"), Some("say \"no\""), Some("two\r\nlines"), Some(" blank ")];
    let micros =
        [Some(0), Some(-1), Some(1_600_000_000_123_456), None, Some(951_782_400_000_000), Some(1_000_000), None];
    let doubles = [0.1, -0.0, 1e300, f64::MIN_POSITIVE, f64::NAN, f64::INFINITY, f64::NEG_INFINITY];
    let columns: Vec<(&str, ArrayRef)> = vec![
        ("text", Arc::new(StringArray::from(texts.to_vec()))),
        ("flag", Arc::new(BooleanArray::from(vec![Some(true), None, Some(false), None, None, None, None]))),
        ("byte", Arc::new(Int8Array::from(vec![-128, 127, 0, 1, 2, 3, 4]))),
        ("long", Arc::new(Int64Array::from(vec![i64::MIN, i64::MAX, 0, 1, 2, 3, 4]))),
        ("float", Arc::new(Float32Array::from(vec![0.1, f32::MAX, 1e-45, 5.0, 16_777_216.0, 3.5, -2.25]))),
        ("double", Arc::new(Float64Array::from(doubles.to_vec()))),
        (
            "money",
            Arc::new(
                Decimal128Array::from(vec![-1, 0, 5, 99_999, -12_345, 100, 7]).with_precision_and_scale(5, 2).unwrap(),
            ),
        ),
        ("day", Arc::new(Date32Array::from(vec![0, -1, 11_016, 18_519, -719_162, 2_932_896, 59]))),
        ("utc", Arc::new(TimestampMicrosecondArray::from(micros.to_vec()).with_timezone("+00:00"))),
        ("local", Arc::new(TimestampMicrosecondArray::from(micros.to_vec()))),
    ];
    RecordBatch::try_from_iter_with_nullable(columns.into_iter().map(|(name, column)| (name, column, true))).unwrap()
}

fn written(rows: &RecordBatch, delimiter: Delimiter) -> String {
    let mut encoder = DelimitedEncoder::new(rows.schema_ref(), delimiter).unwrap();
    let mut out = Vec::new();
    for row in 0..rows.num_rows() {
        encoder.encode(&rows.slice(row, 1), &mut out).unwrap();
    }
    encoder.finish(&mut out);
    String::from_utf8(out).unwrap()
}

fn read(text: &str, schema: &SchemaRef, delimiter: Delimiter) -> Result<RecordBatch, String> {
    let bytes = std::io::Cursor::new(text.to_owned().into_bytes());
    let batches: Result<Vec<_>, _> = DelimitedReader::new(bytes, Arc::clone(schema), delimiter, 3).collect();
    Ok(concat_batches(schema, &batches.map_err(|error| error.to_string())?).unwrap())
}

#[test]
fn every_value_comes_back() {
    let rows = every_type();
    for delimiter in [Delimiter::Comma, Delimiter::Tab] {
        let text = written(&rows, delimiter);
        let found = read(&text, &rows.schema(), delimiter).unwrap();
        // Bits, so that NaN and -0.0 count.
        assert_eq!(format!("{found:?}"), format!("{rows:?}"));
        assert_eq!(written(&found, delimiter), text);
    }
}

#[test]
fn text_is_as_other_readers_expect_it() {
    let lines: Vec<String> =
        written(&every_type(), Delimiter::Comma).split_inclusive('\n').map(str::to_owned).collect();
    assert_eq!(lines[0], "text,flag,byte,long,float,double,money,day,utc,local\n");
    let first =
        "Köln,true,-128,-9223372036854775808,0.1,0.1,-0.01,1970-01-01,1970-01-01T00:00:00Z,1970-01-01T00:00:00\n";
    assert_eq!(lines[1], first);
    assert!(
        lines[2]
            .starts_with(",,127,9223372036854775807,3.4028235e38,-0.0,0.00,1969-12-31,1969-12-31T23:59:59.999999Z,")
    );
    assert!(lines[3].starts_with("\"\",false,0,0,1e-45,1e300,0.05,2000-02-29,2020-09-13T12:26:40.123456Z,"));
    assert!(lines[4].starts_with("\"a,b\tc\",,1,1,5.0,") && lines[4].ends_with(",,\n"), "{}", lines[4]);
    assert!(lines[5].starts_with("\"say \"\"no\"\"\",,2,2,16777216.0,NaN,-123.45,0001-01-01,"), "{}", lines[5]);
    assert!(lines[6] == "\"two\r\n" && lines[7].contains(",inf,1.00,9999-12-31,"), "{}", lines[7]);
    assert!(lines[8].starts_with("\" blank \",,4,4,-2.25,-inf,0.07,1970-03-01,"), "{}", lines[8]);
}

#[test]
fn a_null_of_a_single_column_is_a_line() {
    let texts: ArrayRef = Arc::new(StringArray::from(vec![Some("a"), None, Some("b")]));
    let rows = RecordBatch::try_from_iter_with_nullable([("text", texts, true)]).unwrap();
    let text = written(&rows, Delimiter::Comma);
    assert_eq!(text, "text\na\n\"\"\nb\n");
    assert_eq!(read(&text, &rows.schema(), Delimiter::Comma).unwrap(), rows);
}

#[test]
fn columns_that_text_cannot_hold_are_named_together() {
    let list = DataType::List(Arc::new(Field::new("item", DataType::Int64, true)));
    let fields = vec![
        Field::new("id", DataType::Int64, true),
        Field::new("raw", DataType::Binary, true),
        Field::new("days", list, true),
    ];
    let error = check_columns(&Schema::new(fields)).unwrap_err().to_string();
    assert!(error.contains("leave out `raw` (binary), `days` (array<long>)"), "{error}");
}

#[test]
fn damage_is_found() {
    let schema: SchemaRef =
        Arc::new(Schema::new(vec![Field::new("id", DataType::Int64, true), Field::new("name", DataType::Utf8, true)]));
    for (text, problem) in [
        ("", "no line of names"),
        ("id,nom\n", "names id, nom"),
        ("id,name\n1,a\n2\n", "1 values, not 2"),
        ("id,name\n1,a", "middle of a line"),
        ("id,name\n1,\"a\n", "middle of a line"),
        ("id,name\nx,a\n", "text such as `x`"),
    ] {
        let error = read(text, &schema, Delimiter::Comma).unwrap_err();
        assert!(error.contains(problem), "{text:?}: {error}");
    }
}
