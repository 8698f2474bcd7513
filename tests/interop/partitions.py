"""Prints the rows of a partitioned Delta table, as polars and then deltalake read them."""

import os
import sys

import deltalake
import polars


def text(value: object) -> str:
    return "null" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


table = sys.argv[1]
for frame in (polars.read_delta(table), polars.from_pandas(deltalake.DeltaTable(table).to_pandas())):
    for row in frame.select("id", "text", "day", "flag").sort("id").rows():
        print(" | ".join(text(value) for value in row))
sys.stdout.flush()
# polars 2.1 sometimes aborts when the interpreter is torn down after it has read a Delta table.
os._exit(0)
