"""What can be inserted, and what is refused: each with one error that names the column and says what helps."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any, Callable

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest

from mangonel import FeatureStore, errors, featurestore, sources

ID = [1, 2, 3]


def created(store: FeatureStore, data: Any, **settings: Any) -> pd.DataFrame:
    """What comes back, by the first column."""
    featurestore.create_featuregroup(data, "things", **settings)
    back = featurestore.get_featuregroup("things")
    return back.sort_values(back.columns[0]).reset_index(drop=True)


# What is taken


def test_the_index_of_a_pandas_frame_is_no_matter_unless_it_has_a_name(store: FeatureStore) -> None:
    frame = pd.DataFrame({"id": ID, "x": [1.0, 2.0, 3.0]}, index=[7, 7, 8])
    assert created(store, frame).to_dict("list") == {"id": ID, "x": [1.0, 2.0, 3.0]}
    levels = pd.MultiIndex.from_tuples([(1, "a"), (1, "b")], names=["team", "season"])
    featurestore.create_featuregroup(pd.DataFrame({"x": [1.0, 2.0]}, index=levels), "levels", ["team", "season"])
    assert store.feature_group("levels").features == ["team", "season", "x"]


def test_categoricals_are_their_values(store: FeatureStore) -> None:
    frame = pd.DataFrame({"id": ID, "word": pd.Categorical(["b", "a", None]), "number": pd.Categorical([5, 6, 5])})
    back = created(store, frame)
    assert store.feature_group("things").types == {"id": "long", "word": "string", "number": "long"}
    assert back["word"].astype(object).where(back["word"].notna(), None).tolist() == ["b", "a", None]
    assert back["number"].tolist() == [5, 6, 5]


def test_times_with_a_zone_are_moments(store: FeatureStore) -> None:
    local = pd.to_datetime(["2024-07-01 12:00", "2024-01-01 12:00", "2024-10-27 02:30"])
    at = local.tz_localize("Europe/Berlin", ambiguous=[False] * 3)
    frame = pd.DataFrame({"id": ID, "at": at})
    back = created(store, frame)
    assert store.feature_group("things").types["at"] == "timestamp"
    assert str(back["at"].dt.tz) == "UTC" and (back["at"] == frame["at"]).all()
    finer = frame.assign(at=at.as_unit("ns") + pd.Timedelta(1, "ns"))
    with pytest.raises(errors.SchemaMismatch, match="column `at`: nanoseconds that are not whole microseconds"):
        featurestore.insert_into_featuregroup(finer, "things")


def test_names_of_columns_become_text(store: FeatureStore) -> None:
    assert list(created(store, pd.DataFrame([[1, 2.0]], columns=[0, 1])).columns) == ["0", "1"]


def test_structured_arrays_have_names(store: FeatureStore) -> None:
    array = np.array([(1, 0.5, [1, 2]), (2, 1.5, [3, 4])], dtype=[("id", "i4"), ("x", "f4"), ("pair", "i8", (2,))])
    back = created(store, array)
    assert store.feature_group("things").types == {"id": "integer", "x": "float", "pair": "array<long>"}
    assert [list(pair) for pair in back["pair"]] == [[1, 2], [3, 4]]


def test_arrays_of_objects_have_a_type_for_each_column(store: FeatureStore) -> None:
    back = created(store, np.array([[1, "a"], [2, None]], dtype=object))
    assert store.feature_group("things").types == {"col_0": "long", "col_1": "string"}
    assert back["col_0"].tolist() == [1, 2]


def test_rows_as_dicts_may_lack_keys(store: FeatureStore) -> None:
    created(store, [{"id": 1}, {"id": 2, "late": "a"}])
    assert store.feature_group("things").read().to_arrow().sort_by("id").to_pylist() == [
        {"id": 1, "late": None},
        {"id": 2, "late": "a"},
    ]


def test_numbers_of_plain_python_take_the_type_of_the_feature(store: FeatureStore) -> None:
    schema = pa.schema({"id": pa.int32(), "x": pa.float32(), "flags": pa.list_(pa.int8())})
    group = store.create_feature_group("things", schema)
    group.insert([{"id": 1, "x": 1, "flags": [1, 2]}, {"id": 2, "x": 0.5, "flags": []}])
    group.insert({"id": [3], "x": [None], "flags": [None]})
    assert group.read().to_arrow().sort_by("id")["x"].to_pylist() == [1.0, 0.5, None]
    with pytest.raises(errors.SchemaMismatch, match="column `id` has type long in the data and integer in the feature group"):
        group.insert([{"id": 2**40, "x": 1.0}])


@pytest.mark.parametrize(
    "frames",
    [
        lambda: iter([pa.record_batch({"id": [1]}), pa.record_batch({"id": [2]})]),
        lambda: (pd.DataFrame({"id": [number]}) for number in (1, 2)),
        lambda: iter([[{"id": 1}], pl.DataFrame({"id": pl.Series([2], dtype=pl.Int32)})]),
        lambda: pa.table({"id": [1, 2]}).to_reader(),
        lambda: pl.LazyFrame({"id": [1, 2, 3]}).filter(pl.col("id") < 3),
    ],
    ids=["batches", "pandas", "mixed", "reader", "lazy"],
)
def test_streams_are_taken(store: FeatureStore, frames: Callable[[], Any]) -> None:
    assert created(store, frames())["id"].tolist() == [1, 2]


def test_a_csv_in_chunks_is_taken(store: FeatureStore, tmp_path: Any) -> None:
    path = tmp_path / "things.csv"
    pd.DataFrame({"id": range(100), "name": [f"n{row}" for row in range(100)]}).to_csv(path, index=False)
    with pd.read_csv(path, chunksize=30) as chunks:
        assert len(created(store, chunks)) == 100


def test_a_stream_whose_frames_differ_is_refused_and_leaves_nothing(store: FeatureStore) -> None:
    frames = (frame for frame in [pd.DataFrame({"id": [1]}), pd.DataFrame({"other": [2]})])
    with pytest.raises(errors.CouldNotConvertDataframe, match="frame 2 of the iterator does not have the columns of the first"):
        featurestore.create_featuregroup(frames, "things")
    assert featurestore.get_featuregroups() == []


@pytest.mark.parametrize(
    "nothing",
    [
        pd.DataFrame({"id": [], "x": []}),
        pd.DataFrame(),
        pa.table({"id": pa.array([], pa.int64()), "x": pa.array([], pa.float64())}),
        np.zeros(0, dtype=[("id", "i8"), ("x", "f8")]),
        [],
        pl.DataFrame({"id": [], "x": []}),
    ],
    ids=["pandas", "no columns", "arrow", "numpy", "list", "polars"],
)
def test_no_rows_change_nothing(store: FeatureStore, nothing: Any) -> None:
    featurestore.create_featuregroup(pd.DataFrame({"id": [1], "x": [1.0]}), "things")
    assert store.feature_group("things").insert(nothing).rows == 0
    assert len(featurestore.get_featuregroup("things")) == 1


# What is refused


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (np.zeros((2, 2, 2)), "the array has 3 dimensions: it must have 2"),
        (np.zeros(3), r"1 dimensions: .*array.reshape\(-1, 1\)"),
        (np.array(3), "0 dimensions"),
        (np.zeros((2, 2), complex), "column `col_0` holds complex numbers: store .* two columns; column `col_1`"),
        (np.zeros((2, 2), [("id", "i4")]), "2 dimensions and named fields"),
        (np.array([[1, "a"], ["b", "c"]], dtype=object), r"column `col_0` holds values of several types \(int, str\)"),
        ([1, 2, 3], "a list must hold rows"),
        ([[1, 2], [3]], "rows have 1 to 2 values: all must have the same number"),
        ([[1, 2], ["a", 3]], r"column `col_0` holds values of several types \(int, str\): convert them to one"),
        ({"id": [1, 2], "x": [1]}, "`id` has 2, `x` has 1"),
        ("text", "a str is no data frame: pass a pandas"),
        (None, "a NoneType is no data frame"),
        (iter([]), "the iterator gave nothing"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "columns given twice: a; rename them"),
        (pd.DataFrame([[1, 2]], columns=[0, "0"]), "columns given twice: 0"),
        (pd.DataFrame([[1, 2]], columns=pd.MultiIndex.from_tuples([("a", "x"), ("a", "y")])), "flatten them to one name each"),
        (
            pd.DataFrame({"id": ID, "x": [1, "a", 2.5], "y": [b"a", dt.date(2024, 1, 1), 1]}),
            r"column `x` holds values of several types \(float, int, str\): .*; column `y` .*\(bytes, date, int\)",
        ),
        (pd.DataFrame({"id": ID, "x": [1j, 2j, 3j]}), "column `x` holds complex numbers"),
        (pd.DataFrame({"id": ID, "x": pd.arrays.SparseArray([0, 0, 1])}), r"column `x` is sparse: .*to_dense\(\)"),
        (pd.DataFrame({"id": ID, "x": pd.period_range("2024", periods=3, freq="M")}), r"column `x` holds periods: .*to_timestamp"),
        (pd.DataFrame({"id": ID, "x": pd.interval_range(0, 3)}), "column `x` holds intervals: store .left and .right"),
    ],
    ids=lambda value: "" if isinstance(value, str) else type(value).__name__,
)
def test_what_cannot_be_a_table_is_refused(data: Any, words: str) -> None:
    with pytest.raises(errors.CouldNotConvertDataframe, match=words) as caught:
        sources.to_reader(data)
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize(
    ("data", "kind", "words"),
    [
        (pd.DataFrame({"team id": [1]}), errors.InvalidArgument, "`team id` must hold only letters, digits and `_`"),
        (pd.DataFrame({"id": [1], "x": [None]}), errors.SchemaMismatch, "no value in x, .*astype"),
        (pd.DataFrame({"id": [1], "x": pd.to_timedelta([1], "s")}), errors.SchemaMismatch, "column `x` has type duration"),
        (pd.DataFrame({"id": [1], "x": np.array([2**63], "u8")}), errors.SchemaMismatch, "column `x`: unsigned integers above"),
        (pd.DataFrame({"id": [0.5]}), errors.InvalidPrimaryKey, "`id` cannot be in the primary key.*use an integer"),
        (pd.DataFrame({"id": [1, None]}, dtype="Int64"), errors.NullValues, "id"),
        (pd.DataFrame({"id": [1], "ID": [2]}), errors.SchemaMismatch, "case does not count"),
        (pd.DataFrame(), errors.InvalidArgument, "no features: give it at least one"),
        (42, errors.CouldNotConvertDataframe, "a int is no data frame"),
    ],
    ids=["name", "all null", "duration", "unsigned", "float key", "null key", "case", "empty", "number"],
)
def test_what_cannot_be_a_group_is_refused_and_leaves_nothing(
    store: FeatureStore, data: Any, kind: type[Exception], words: str
) -> None:
    with pytest.raises(kind, match=words):
        featurestore.create_featuregroup(data, "things")
    assert featurestore.get_featuregroups() == []


def test_frames_that_do_not_fit_the_group_say_where(store: FeatureStore) -> None:
    featurestore.create_featuregroup(pd.DataFrame({"id": [1], "x": [1.0]}), "things")
    for frame, words in [
        (pd.DataFrame({"id": [1.5], "x": [1.0]}), "`id` has type double in the data and long in the feature group"),
        (pd.DataFrame({"id": [1], "x": ["a"]}), "`x` has type string in the data and double"),
        (pd.DataFrame({"id": [1], "z": [1.0]}), "`z` is not in the feature group"),
        (np.array([[1.0, 2.0]]), "`id` is the primary key and missing in the data"),
    ]:
        with pytest.raises(errors.SchemaMismatch, match=words):
            featurestore.insert_into_featuregroup(frame, "things")
    assert len(featurestore.get_featuregroup("things")) == 1


def test_dataframe_types_are_checked_before_anything_is_read(store: FeatureStore) -> None:
    for read in [
        lambda kind: featurestore.get_featuregroup("nothing", dataframe_type=kind),
        lambda kind: featurestore.get_feature("nothing", dataframe_type=kind),
        lambda kind: featurestore.get_features(["nothing"], dataframe_type=kind),
        lambda kind: featurestore.get_training_dataset("nothing", dataframe_type=kind),
        lambda kind: featurestore.sql("SELECT nothing", dataframe_type=kind),
        lambda kind: store.features("nothing").to(kind),
    ]:
        with pytest.raises(ValueError, match="dataframe_type is `koalas`: it must be one of pandas, numpy, python, arrow, polars"):
            read("koalas")
        with pytest.raises(ValueError, match="no Spark session is active"):
            read("spark")


def test_files_are_read_by_the_server(store: FeatureStore, imports: Path) -> None:
    featurestore.create_featuregroup(pd.DataFrame({"id": [1], "x": [1.0]}), "things")
    group = store.feature_group("things")
    (imports / "things.csv").write_text("id;x\n1;0.5\n2;-\n")
    run = group.insert_files("things.csv", "overwrite", nulls=["-"], delimiter=";")
    assert (run.state, run.rows) == ("committed", 2)
    (imports / "more.jsonl").write_text('{"id": 3, "x": 2.5}\n')
    assert group.insert_files([str(imports / "mor*.jsonl")], wait=False).wait().rows == 1
    assert group.rows == 3
    with pytest.raises(errors.PermissionDenied, match="import root"):
        group.insert_files(["/etc/passwd"])
    with pytest.raises(errors.InvalidArgument, match="no file on the server"):
        group.insert_files("none*.csv")
    with pytest.raises(errors.InvalidArgument, match="format"):
        group.insert_files("things.csv", format="xml")


def test_columns_without_rows_are_checked(store: FeatureStore) -> None:
    featurestore.create_featuregroup(pd.DataFrame({"id": [1], "x": [1.0]}), "things")
    with pytest.raises(errors.SchemaMismatch, match="`other`"):
        store.feature_group("things").insert(pa.table({"id": pa.array([], pa.int64()), "other": pa.array([], pa.int64())}))
