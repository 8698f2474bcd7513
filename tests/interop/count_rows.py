"""Counts a Delta table of ours with three engines, now and as of an older version. Argument: the table's folder."""

import os
import sys

import deltalake
import duckdb
import polars

folder = sys.argv[1]
now = deltalake.DeltaTable(folder)
ids = now.to_pyarrow_table().column("id").to_pylist()
dataset = now.to_pyarrow_dataset()
assert duckdb.sql("select count(*), min(id), max(id) from dataset").fetchall() == [(30, 30, 59)]
frame = polars.scan_delta(folder).select(polars.len(), polars.col("id").min().alias("min"), polars.col("id").max().alias("max"))
assert frame.collect().row(0) == (30, 30, 59)
before = deltalake.DeltaTable(folder, version=6).to_pyarrow_table().num_rows
print(f"{len(set(ids))} rows from {min(ids)} to {max(ids)} at version {now.version()}; version 6 had {before} rows")

# Every check is done. Polars 2.1 aborts in about 1 of 20 normal exits ("terminate called without an active exception"), also
# on tables that are not ours, so the interpreter is not taken down.
sys.stdout.flush()
os._exit(0)
