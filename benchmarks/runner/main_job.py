"""The main job: 5 million rows x 50 features from 5 groups of one key, inserted and built as a training dataset.

The local engine writes Parquet and TFRecord; Polars and DuckDB do the same join to Parquet from the files of the same Delta
tables; a cluster of two executors, each of one slot and pinned to one core, does it again. Cases take turns within every
repetition. Rows, exact sums and sums over paired columns of all results must agree, and every shard is read back.
"""

from pathlib import Path

import deltalake

from . import rivals
from .data import Group, wide_groups
from .report import Report, expect
from .store import Built, ClusterStore, LocalStore, Store

MEASURES = True
PARTS = ("local", "rivals", "cluster")


def add_arguments(command) -> None:
    command.add_argument("--rows", type=int, default=5_000_000)
    command.add_argument("--groups", type=int, default=5)
    command.add_argument("--features", type=int, default=10, help="of each group; at least 9")
    command.add_argument("--repetitions", type=int, default=3)
    command.add_argument("--threads", type=int, default=2)
    command.add_argument("--executors", type=int, default=2)
    command.add_argument("--memory", default="8GiB", help="of the local server, and of scheduler and executors each")
    command.add_argument("--shards", type=int, default=0, help="chosen by size unless given")
    command.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="leave the other parts out")
    command.add_argument("--formats", nargs="+", choices=("parquet", "tfrecord"), default=("parquet", "tfrecord"))


def run(chosen) -> None:
    report = Report("main-job", chosen)
    work = chosen.work / "main-job"
    groups = wide_groups(chosen.work, chosen.rows, chosen.groups, chosen.features)
    features = [feature for group in groups for feature in group.features]
    stores: dict[str, Store] = {}
    try:
        if "local" in chosen.only or "rivals" in chosen.only:
            stores["local"] = LocalStore(work / "local", chosen.threads, chosen.memory)
        if "cluster" in chosen.only:
            stores["cluster"] = ClusterStore(work / "cluster", chosen.executors, chosen.memory, chosen.memory)
        for name, store in stores.items():
            inserted = store.insert(groups)
            rows = sum(group.rows for group in groups)
            report.add(f"{name} insert", **inserted.to_json(), rows=rows, rows_per_second=round(rows / inserted.wall_seconds),
                       bytes=sum(group.arrow_bytes for group in groups))
        tables = live_files(stores["local"], groups) if "rivals" in chosen.only else []
        for repetition in range(chosen.repetitions):
            found: dict[str, dict] = {}
            for data_format in chosen.formats:
                for name, store in stores.items():
                    if name in chosen.only:
                        dataset = f"{data_format}_turn{repetition}"
                        built = store.build(dataset, features, data_format, chosen.shards)
                        report.add(f"{name} {data_format}", **built.to_json())
                        check(store, dataset, built, groups, chosen, found if data_format == "parquet" else {}, name)
                        store.forget(built)
            for engine in rivals.ENGINES if tables else ():
                out = work / f"{engine}.parquet"
                measured = rivals.join(engine, tables, groups, out, chosen.threads)
                report.add(f"{engine} parquet", **measured, rows=groups[0].rows,
                           rows_per_second=round(groups[0].rows / measured["wall_seconds"]))
                found[engine] = rivals.facts([out], groups, chosen.threads)
                out.unlink()
            expect(all(facts["rows"] == groups[0].rows for facts in found.values()), f"rows are {found}")
            for name, facts in found.items():
                rivals.expect_equal(f"{name} and {next(iter(found))}", facts, next(iter(found.values())))
    finally:
        for store in stores.values():
            store.__exit__()
            if not chosen.keep:
                store.remove()
    ratios(report)
    report.write()


def check(store: Store, dataset: str, built: Built, groups: list[Group], chosen, found: dict, name: str) -> None:
    expect(built.rows == groups[0].rows, f"{built.rows} of {groups[0].rows} rows were built")
    store.verify(dataset, built.rows)
    if dataset.startswith("parquet"):
        found[name] = rivals.facts(built.files(), groups, chosen.threads)


def live_files(store: Store, groups: list[Group]) -> list[list[str]]:
    """The files that each table has now. DuckDB reads them by name, since its Delta extension is a download."""
    return [sorted(str(Path(uri.removeprefix("file://"))) for uri in deltalake.DeltaTable(store.table_folder(group)).file_uris())
            for group in groups]


def ratios(report: Report) -> None:
    cases = report.content["cases"]
    if "local parquet" in cases and "polars parquet" in cases:
        for engine in rivals.ENGINES:
            report.ratio(f"local / {engine}, Parquet", "local parquet", f"{engine} parquet")
        for measure in ("wall_seconds", "wall_with_flush_seconds"):
            best = [min(ours[measure] for ours in turn) for turn in zip(*(cases[f"{engine} parquet"] for engine in rivals.ENGINES))]
            what = "the better of both" if measure == "wall_seconds" else "the better of both, flushed to disk as ours is"
            report.ratio_of(f"local / {what}, Parquet", [ours["wall_seconds"] / one for ours, one in zip(cases["local parquet"], best)])
    for data_format in ("parquet", "tfrecord"):
        report.ratio(f"cluster / local, {data_format}", f"cluster {data_format}", f"local {data_format}")
    report.ratio("cluster / local, insert", "cluster insert", "local insert")
