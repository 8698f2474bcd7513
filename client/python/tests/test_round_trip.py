"""Values come back as they went in, whatever their type."""

from __future__ import annotations

import importlib
import datetime as dt
import decimal

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mangonel import FeatureStore, errors, featurestore


def by_key(table: pa.Table) -> list[dict]:
    return table.sort_by("id").to_pylist()


def test_every_type_survives(store: FeatureStore) -> None:
    utc = dt.timezone.utc
    when = dt.datetime(2024, 2, 29, 12, 30, 15, 123456)
    table = pa.table(
        {
            "id": pa.array([1, 2, 3], pa.int64()),
            "flag": pa.array([True, None, False]),
            "tiny": pa.array([-128, None, 127], pa.int8()),
            "big": pa.array([2**63 - 1, None, -(2**63)], pa.int64()),
            "half": pa.array([0.5, None, float("inf")], pa.float32()),
            "whole": pa.array([1e-300, None, -0.0], pa.float64()),
            "money": pa.array([decimal.Decimal("12.30"), None, decimal.Decimal("-0.01")], pa.decimal128(10, 2)),
            "word": pa.array(["", None, "Malmö ⚽ " * 3]),
            "blob": pa.array([b"", None, b"\0\xff"]),
            "day": pa.array([dt.date(1969, 12, 31), None, dt.date(2100, 1, 1)]),
            "at": pa.array([when.replace(tzinfo=utc), None, when.replace(tzinfo=utc)], pa.timestamp("us", "UTC")),
            "local": pa.array([when, None, when], pa.timestamp("us")),
            "ages": pa.array([[1, None, 3], None, []], pa.list_(pa.int64())),
            "names": pa.array([["a"], None, []], pa.list_(pa.string())),
            "pair": pa.array([{"x": 1, "y": "a"}, None, {"x": None, "y": "b"}]),
        }
    )
    featurestore.create_featuregroup(table, "types")
    assert by_key(featurestore.get_featuregroup("types", dataframe_type="arrow")) == by_key(table)


def test_a_pandas_frame_survives(store: FeatureStore) -> None:
    frame = pd.DataFrame(
        {
            "id": [3, 1, 2],
            "count": pd.array([2**60 + 1, None, 0], dtype="Int64"),
            "flag": pd.array([True, None, False], dtype="boolean"),
            "rate": [0.1, None, np.inf],
            "name": ["a", None, "ö"],
            "kind": pd.Categorical(["x", "y", "x"]),
            "at": pd.to_datetime(["2024-01-01 00:00:00.000001", None, "1960-06-01"], format="ISO8601", utc=True).as_unit("us"),
            "local": pd.to_datetime(["2024-01-01", None, "1960-06-01"]).as_unit("us"),
            "ages": [[1, 2], None, []],
        }
    )
    featurestore.create_featuregroup(frame, "types", event_time=None)
    back = featurestore.get_featuregroup("types").sort_values("id").reset_index(drop=True)
    expected = frame.sort_values("id").reset_index(drop=True)
    assert list(back.columns) == list(frame.columns)
    assert back["count"].tolist() == expected["count"].tolist()
    assert back["flag"].tolist() == expected["flag"].tolist()
    for name in ["rate", "at", "local"]:
        pd.testing.assert_series_equal(back[name], expected[name])
    assert back["name"].astype(object).where(back["name"].notna(), None).tolist() == [None, "ö", "a"]
    assert back["kind"].tolist() == expected["kind"].tolist()
    assert [None if value is None else list(value) for value in back["ages"]] == [None, [], [1, 2]]


def test_named_index_levels_are_columns(store: FeatureStore) -> None:
    frame = pd.DataFrame({"team_id": [1, 2], "x": [1.0, 2.0]}).set_index("team_id")
    featurestore.create_featuregroup(frame, "teams")
    assert store.feature_group("teams").primary_key == ["team_id"]


@pytest.mark.parametrize(
    ("data", "columns"),
    [
        (np.array([[1, 2], [3, 4]]), ["col_0", "col_1"]),
        ([[1, "a"], [2, "b"]], ["col_0", "col_1"]),
        ([{"id": 1, "x": 2.0}, {"id": 2, "x": 3.0}], ["id", "x"]),
        ({"id": [1, 2], "x": [2.0, 3.0]}, ["id", "x"]),
        (pl.DataFrame({"id": [1, 2], "x": [2.0, 3.0]}), ["id", "x"]),
        (pl.LazyFrame({"id": [1, 2], "x": [2.0, 3.0]}), ["id", "x"]),
        (pa.record_batch({"id": [1, 2], "x": ["a", "b"]}), ["id", "x"]),
    ],
    ids=["numpy", "rows", "dicts", "columns", "polars", "lazy", "batch"],
)
def test_frames_of_every_kind_are_taken(store: FeatureStore, data: object, columns: list[str]) -> None:
    featurestore.create_featuregroup(data, "things")
    back = featurestore.get_featuregroup("things")
    assert (list(back.columns), len(back)) == (columns, 2)


def test_no_rows_are_rows_too(store: FeatureStore) -> None:
    empty = pa.table({"id": pa.array([], pa.int64()), "x": pa.array([], pa.float64())})
    featurestore.create_featuregroup(empty, "things")
    assert featurestore.get_featuregroup("things").shape == (0, 2)
    store.create_feature_group("only_schema", empty.schema, primary_key="id", descriptions={"x": "a number"})
    assert store.feature_group("only_schema").record["features"][1]["description"] == "a number"


def test_a_column_of_nulls_takes_the_type_of_the_feature(store: FeatureStore) -> None:
    featurestore.create_featuregroup(pd.DataFrame({"id": [1], "x": [1.0], "ages": [[1]]}), "things")
    featurestore.insert_into_featuregroup(pd.DataFrame({"id": [2], "x": [None], "ages": [None]}), "things")
    assert by_key(featurestore.get_featuregroup("things", dataframe_type="arrow"))[1] == {"id": 2, "x": None, "ages": None}


def test_large_frames_go_up_in_parts(store: FeatureStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangonel.insert._TURN_BYTES", 100_000)
    monkeypatch.setattr("mangonel.connection._MESSAGE_BYTES_MAX", 10_000)
    rows = 100_000
    featurestore.create_featuregroup(pa.table({"id": range(rows), "x": [float(i) for i in range(rows)]}), "things")
    back = featurestore.get_featuregroup("things", dataframe_type="arrow")
    assert back.num_rows == rows
    assert sum(back["x"].to_pylist()) == rows * (rows - 1) / 2
    assert sum(batch.num_rows for batch in store.feature_group("things").read().to_batches()) == rows


def test_tfrecord_keeps_what_it_can_hold(store: FeatureStore) -> None:
    tf = importlib.import_module("tensorflow")
    table = pa.table(
        {
            "id": [1, 2, 3],
            "flag": [True, False, True],
            "money": pa.array([decimal.Decimal("12.25"), decimal.Decimal("-1.50"), decimal.Decimal(0)], pa.decimal128(8, 2)),
            "word": ["a", "ö", ""],
            "day": [dt.date(1969, 12, 31), dt.date(2024, 1, 1), dt.date(1970, 1, 1)],
            "at": pa.array([dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)] * 3, pa.timestamp("us", "UTC")),
            "vector": pa.array([[1.0, 2.0], [3.0, 4.0], [-5.0, 0.5]], pa.list_(pa.float32(), 2)),
            "tags": [["a", "b"], [], ["c"]],
            "pair": [{"x": 1, "y": 0.5}, {"x": -1, "y": 1.5}, {"x": 2**62, "y": 2.5}],
        }
    )
    featurestore.create_featuregroup(table, "things")
    featurestore.create_training_dataset(table.column_names, "examples", shards=2)
    back = featurestore.get_training_dataset("examples", dataframe_type="arrow").sort_by("id")
    expected = table.flatten().sort_by("id")
    assert back.column_names == expected.column_names
    for name in expected.column_names:
        assert back[name].to_pylist() == expected[name].to_pylist(), name

    schema = featurestore.get_training_dataset_tf_record_schema("examples")
    assert isinstance(schema["tags"], tf.io.VarLenFeature)
    files = sorted(tf.io.gfile.glob(featurestore.get_training_dataset_path("examples") + "/part-r-*"))
    parsed = [tf.io.parse_single_example(record, schema) for record in tf.data.TFRecordDataset(files)]
    assert sum(int(row["pair.x"]) for row in parsed) == 2**62
    vectors = [tf.sparse.to_dense(row["vector"]) if isinstance(row["vector"], tf.SparseTensor) else row["vector"] for row in parsed]
    assert sum(float(tf.reduce_sum(vector)) for vector in vectors) == 5.5


def test_fixed_size_lists_are_fixed_length_features(store: FeatureStore) -> None:
    tf = importlib.import_module("tensorflow")
    table = pa.table({"id": [1, 2], "vector": pa.array([[1.0, 2.0], [3.0, 4.0]], pa.list_(pa.float32(), 2)), "tags": [["a"], []]})
    inferred = featurestore.get_dataframe_tf_record_schema(table)
    assert inferred["vector"] == tf.io.FixedLenFeature([2], tf.float32)
    featurestore.create_featuregroup(table, "things")
    featurestore.create_training_dataset(table.column_names, "examples")
    assert featurestore.get_training_dataset_tf_record_schema("examples") == inferred


def test_a_feature_request_can_become_a_feature_group(store: FeatureStore) -> None:
    featurestore.create_featuregroup(pd.DataFrame({"id": [1, 2], "x": [1.0, 2.0]}), "things")
    store.create_feature_group("copies", store.features(["id", "x"]))
    assert store.feature_group("copies").read().to_pandas()["x"].sum() == 3
    with pytest.raises(errors.FeatureNameCollisionError, match="`x` is in 2 feature groups"):
        store.create_feature_group("others", store.features(["x"]))
