"""Reads datasets of every format and compression with other tools and compares with the rows that were sent.
Arguments: folders of records, records_gzip, records_zlib, csv, csv_gzip, tsv, tsv_gzip."""

import json
import os
import sys
from datetime import date
from pathlib import Path

import duckdb
import pandas
import polars
import tensorflow as tf

WORDS = ["Köln", "a,b", "tab\there", 'say "no"', "two\nlines", " blank ", "NULL", None, ""]
ROWS = {
    id: (
        WORDS[id] if id < len(WORDS) else f"word {id}",
        None if id % 5 == 0 else id / 8,
        date(2020, 9, id % 30 + 1),
        id % 2 == 0,
    )
    for id in range(60)
}
folders = dict(zip(["records", "records_gzip", "records_zlib", "csv", "csv_gzip", "tsv", "tsv_gzip"], sys.argv[1:], strict=True))


def shards(name):
    found = sorted(str(path) for path in Path(folders[name]).glob("part-r-*"))
    assert len(found) == 3, found
    return found


def compare(reader, rows, empty_is_null):
    found = {row[0]: tuple(row[1:]) for row in rows}
    expected = {id: (row[0] or None if empty_is_null else row[0], *row[1:]) for id, row in ROWS.items()}
    assert found == expected, [(id, found.get(id), row) for id, row in expected.items() if found.get(id) != row]
    print(f"{reader}: {len(found)} rows agree")


def compare_records(name, compression):
    schema = json.loads(Path(folders[name], "tf_record_schema.txt").read_text())
    assert schema.keys() == {"id", "word", "score", "day", "flag"}, schema
    types = {"int": tf.int64, "float": tf.float32, "string": tf.string}
    parse = {key: tf.io.VarLenFeature(types[spec["type"]]) for key, spec in schema.items()}
    rows = []
    for record in tf.data.TFRecordDataset(shards(name), compression_type=compression):
        values = tf.io.parse_single_example(record, parse)
        first = {key: (value.values.numpy().tolist() or [None])[0] for key, value in values.items()}
        word = first["word"]
        day = date.fromordinal(date(1970, 1, 1).toordinal() + first["day"])
        rows.append((first["id"], None if word is None else word.decode(), first["score"], day, bool(first["flag"])))
    compare(f"tensorflow {compression}".strip(), rows, empty_is_null=False)


def python(value):
    """pandas says NaN and NaT where nothing is."""
    return None if pandas.isna(value) else value.date() if isinstance(value, pandas.Timestamp) else value


for name, compression in [("records", ""), ("records_gzip", "GZIP"), ("records_zlib", "ZLIB")]:
    compare_records(name, compression)
for kind, separator in [("csv", ","), ("tsv", "\t")]:
    for name, compression in [(kind, None), (f"{kind}_gzip", "gzip")]:
        frames = [
            pandas.read_csv(shard, sep=separator, compression=compression, parse_dates=["day"], keep_default_na=False, na_values=[""])
            for shard in shards(name)
        ]
        rows = [[python(value) for value in row] for row in pandas.concat(frames).itertuples(index=False)]
        compare(f"pandas {kind}", rows, empty_is_null=True)
# DuckDB and Polars tell a null from an empty text.
types = {"id": "BIGINT", "word": "VARCHAR", "score": "DOUBLE", "day": "DATE", "flag": "BOOLEAN"}
compare("duckdb", duckdb.sql(
    f"select * from read_csv({shards('csv')}, header=true, delim=',', quote='\"', escape='\"', columns={types}, "
    "allow_quoted_nulls=false, strict_mode=true)"
).fetchall(), empty_is_null=False)
frame = polars.concat(
    polars.read_csv(shard, separator="\t", schema_overrides={"day": polars.Date})
    for shard in shards("tsv_gzip")
)
compare("polars", frame.rows(), empty_is_null=False)

# Polars aborts in some normal exits: see every_type.py.
sys.stdout.flush()
os._exit(0)
