"""Reads over Flight: endpoints in order, the next location when one does not answer, and memory that is bounded."""

from __future__ import annotations

import threading

import pyarrow as pa
import pytest

from mangonel import FeatureStore, errors, featurestore

NOWHERE = "grpc+tcp://127.0.0.1:1"
ROWS = 50_000


@pytest.fixture
def numbers(store: FeatureStore) -> pa.Table:
    x = pa.array([row / 4 for row in range(ROWS)], pa.float32())
    table = pa.table({"id": range(ROWS), "x": x, "y": [str(row) for row in range(ROWS)]})
    featurestore.create_featuregroup(table, "numbers")
    return table


@pytest.mark.parametrize(
    "data_format, compression",
    [("tfrecords", None), ("tfrecords", "gzip"), ("tfrecords", "zlib"), ("parquet", None), ("csv", None), ("tsv", "gzip")],
)
def test_datasets_come_over_the_wire_in_every_format(
    store: FeatureStore, numbers: pa.Table, data_format: str, compression: str | None
) -> None:
    source = store.features(["id", "x", "y"])
    dataset = store.create_training_dataset("d", source, data_format=data_format, compression=compression, shards=5)
    assert dataset.compression == (compression or "none")
    read = dataset.read()._plan()
    assert len(read.endpoints) == 5
    assert read.schema.names == ["id", "x", "y"]
    assert featurestore.get_training_dataset("d", dataframe_type="arrow").sort_by("id") == numbers.cast(read.schema)
    # Shard after shard, whichever way they are read, and from the next location where one does not answer.
    for endpoint in read.endpoints:
        endpoint.locations.insert(0, NOWHERE)
    assert pa.Table.from_batches(read.batches(), read.schema) == read.table() == dataset.read().to_arrow()
    # As they come, in any order, and each row once.
    assert dataset.read().to_reader(ordered=False).read_all().sort_by("id") == read.table().sort_by("id")


def test_a_location_that_nobody_answers_is_an_error_when_it_is_the_last(
    store: FeatureStore, numbers: pa.Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mangonel.reads.PAUSES_S", (0.01,))
    read = store.features(["id"])._plan()
    read.endpoints[0].locations = [NOWHERE]
    with pytest.raises(errors.Unavailable):
        read.table()
    with pytest.raises(errors.Unavailable):
        list(read.batches())


def test_a_reader_that_stops_early_leaves_no_thread(store: FeatureStore, numbers: pa.Table) -> None:
    store.create_training_dataset("d", store.features(["id", "y"]), shards=8)
    before = threading.active_count()
    batches = store.training_dataset("d").read().to_batches()
    assert next(batches).num_rows > 0
    batches.close()
    for _ in range(100):
        if threading.active_count() <= before:
            return
        threading.Event().wait(0.05)
    pytest.fail(f"{threading.active_count() - before} threads go on")


def test_sql_reads_and_does_nothing_else(store: FeatureStore, numbers: pa.Table) -> None:
    assert store.sql("SELECT count(*) AS rows, max(x) AS most FROM numbers").to_python() == [[ROWS, (ROWS - 1) / 4]]
    for query, words in [
        ("DROP TABLE numbers", "DROP"),
        ("SELECT * FROM number", "did you mean `numbers"),
        ("SELECT z FROM numbers", "z"),
    ]:
        with pytest.raises(errors.InvalidArgument, match=words):
            store.sql(query).to_arrow()
