"""The same join to Parquet by Polars and DuckDB, each in a process of its own: `python -m runner.rivals ENGINE SPEC`."""

import json
import os
import resource
import sys
import time
from pathlib import Path

from .data import KEY, Group
from .process import run_measured
from .report import expect

ENGINES = ("polars", "duckdb")


def join(engine: str, tables: list[list[str]], groups: list[Group], out: Path, threads: int) -> dict:
    """Joins the files of `tables` on the key and writes one Parquet file. `flush_seconds`: until the disk has it."""
    spec = {"tables": tables, "features": [group.features for group in groups], "out": str(out), "threads": threads}
    out.with_suffix(".json").write_text(json.dumps(spec))
    environment = {"POLARS_MAX_THREADS": str(threads), "PYTHONPATH": str(Path(__file__).resolve().parents[1])}
    command = [sys.executable, "-m", "runner.rivals", engine, out.with_suffix(".json")]
    output, _, peak_bytes = run_measured(command, environment)
    measured = json.loads(output)
    return {**measured, "peak_bytes": {engine: peak_bytes}, "bytes": out.stat().st_size,
            "wall_with_flush_seconds": round(measured["wall_seconds"] + measured["flush_seconds"], 3)}


def facts(files: list[Path], groups: list[Group], threads: int) -> dict:
    """What tells whether a written join is right: rows, exact sums, sums over pairs of groups (rows that were paired
    wrongly show), and the sum of a floating-point column."""
    import duckdb

    integers = [group.integer_feature() for group in groups]
    pairs = " + ".join(f"{left}::HUGEINT * {right}" for left, right in zip(integers, [*integers[1:], integers[0]]))
    session = duckdb.connect()
    session.execute(f"SET threads = {threads}")
    row = session.execute(
        f"SELECT count(*), sum({integers[-1]})::VARCHAR, sum({pairs})::VARCHAR, sum({groups[-1].features[0]}) "
        "FROM read_parquet(?)", [[str(file) for file in files]],
    ).fetchone()
    return {"rows": row[0], "sum": row[1], "pairs": row[2], "float_sum": row[3]}


def expect_equal(what: str, ours: dict, theirs: dict) -> None:
    for name in ("rows", "sum", "pairs"):
        expect(ours[name] == theirs[name], f"{what}: {name} is {ours[name]} and {theirs[name]}")
    near = abs(ours["float_sum"] - theirs["float_sum"]) <= 1e-9 * abs(ours["float_sum"])
    expect(near, f"{what}: sums of a double column are {ours['float_sum']} and {theirs['float_sum']}")


def with_polars(spec: dict) -> None:
    import polars

    assert polars.thread_pool_size() == spec["threads"]
    frames = [polars.scan_parquet(files).select([KEY, *features]) for files, features in zip(spec["tables"], spec["features"])]
    joined = frames[0]
    for frame in frames[1:]:
        joined = joined.join(frame, on=KEY)
    joined.select(columns(spec)).sink_parquet(spec["out"], compression="snappy")


def with_duckdb(spec: dict) -> None:
    import duckdb

    session = duckdb.connect(config={"threads": spec["threads"], "temp_directory": spec["out"] + ".tmp"})
    # Order is nobody's wish here; keeping it would cost memory and time.
    session.execute("SET preserve_insertion_order = false")
    tables = [f"read_parquet({files!r})" for files in spec["tables"]]
    joined = " ".join([f"{tables[0]} AS t0", *(f"JOIN {table} AS t{at} USING ({KEY})" for at, table in enumerate(tables) if at)])
    session.execute(f"COPY (SELECT {', '.join(columns(spec))} FROM {joined}) TO '{spec['out']}' (FORMAT parquet, COMPRESSION snappy)")


def columns(spec: dict) -> list[str]:
    return [feature for features in spec["features"] for feature in features]


def main(engine: str, path: str) -> None:
    spec = json.loads(Path(path).read_text())
    work = {"polars": with_polars, "duckdb": with_duckdb}[engine]
    __import__(engine)
    before, started = resource.getrusage(resource.RUSAGE_SELF), time.monotonic()
    work(spec)
    written, used = time.monotonic(), resource.getrusage(resource.RUSAGE_SELF)
    with open(spec["out"], "rb+") as file:
        os.fsync(file.fileno())
    cpu_seconds = used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime
    json.dump({
        "wall_seconds": round(written - started, 3),
        "flush_seconds": round(time.monotonic() - written, 3),
        "cpu_seconds": {engine: round(cpu_seconds, 3), "all": round(cpu_seconds, 3)},
    }, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
