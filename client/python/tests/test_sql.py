"""SQL with frames that are sent along, limits, time-outs and explanations."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any, Callable

import pyarrow as pa
import pytest

from mangonel import FeatureStore, errors, featurestore

QUERY = "SELECT name, rank FROM mine JOIN teams USING (team_id) ORDER BY rank"
ANSWER = [["GAIS", 1], ["AIK", 2]]


@pytest.fixture
def teams(store: FeatureStore) -> None:
    featurestore.create_featuregroup([{"team_id": 1, "name": "AIK"}, {"team_id": 3, "name": "GAIS"}], "teams")


def _table() -> pa.Table:
    return pa.table({"team_id": pa.array([3, 1, 7], pa.int64()), "rank": pa.array([1, 2, 3], pa.int32())})


def _polars() -> Any:
    return pytest.importorskip("polars").from_arrow(_table())


FRAMES: dict[str, Callable[[], Any]] = {
    "arrow": _table,
    "batch": lambda: _table().to_batches()[0],
    "pandas": lambda: _table().to_pandas(),
    "polars": _polars,
    "lazy polars": lambda: _polars().lazy(),
    "rows": lambda: _table().to_pylist(),
    "columns": lambda: _table().to_pydict(),
}


@pytest.mark.parametrize("kind", FRAMES)
def test_frames_are_tables_of_a_query_whenever_it_is_read(store: FeatureStore, teams: None, kind: str) -> None:
    rows = store.sql(QUERY, tables={"mine": FRAMES[kind]()})
    assert rows.schema().names == ["name", "rank"]
    assert rows.to_python() == rows.to_python() == ANSWER
    assert featurestore.sql(QUERY, dataframe_type="python", tables={"MINE": FRAMES[kind]()}) == ANSWER


def test_a_stream_is_read_once(store: FeatureStore, teams: None) -> None:
    rows = store.sql(QUERY, tables={"mine": _table().to_reader()})
    assert rows.to_python() == ANSWER
    with pytest.raises(errors.CouldNotConvertDataframe, match="`mine` is a stream"):
        rows.to_python()
    read = store.sql("SELECT team_id FROM teams")
    joined = store.sql("SELECT count(*) FROM own JOIN teams USING (team_id)", tables={"own": read})
    assert joined.to_python() == joined.to_python() == [[2]]


def test_what_cannot_be_a_table_is_refused(store: FeatureStore, teams: None) -> None:
    interval = pa.table({"x": pa.array([None], pa.month_day_nano_interval())})
    for name, frame, words in [
        ("teams", _table(), "`teams_1`"),
        ("a b", _table(), "table name `a b`"),
        ("mine", pa.table({}), "no columns"),
        ("mine", interval, "column `x`"),
    ]:
        with pytest.raises(errors.InvalidArgument, match=words):
            store.sql("SELECT 1", tables={name: frame}).to_arrow()
    with pytest.raises(errors.CouldNotConvertDataframe, match="table `mine`: a int is no data frame"):
        store.sql("SELECT 1", tables={"mine": 7}).to_arrow()
    empty = store.sql("SELECT count(*) FROM mine", tables={"mine": _table().slice(0, 0)})
    assert empty.to_python() == [[0]]


def test_limits_and_time_outs_end_a_query(store: FeatureStore, teams: None) -> None:
    many = "SELECT a.value FROM generate_series(1, 1000000) a, generate_series(1, 1000000) b"
    assert store.sql(many, limit=3).to_arrow().num_rows == 3
    for timeout in (0.5, timedelta(milliseconds=500)):
        started = time.monotonic()
        with pytest.raises(errors.Cancelled, match="500 ms of work"):
            store.sql("SELECT count(*) FROM generate_series(1, 1000000000000)", timeout=timeout).to_arrow()
        assert time.monotonic() - started < 5
    with pytest.raises(ValueError, match="more than 0"):
        store.sql("SELECT 1", timeout=0)
    with pytest.raises(errors.InvalidArgument, match="--sql-timeout"):
        store.sql("SELECT 1", timeout=timedelta(days=1)).to_arrow()


def test_a_query_is_explained(store: FeatureStore, teams: None) -> None:
    query = store.sql(QUERY, tables={"mine": _table()}, limit=1)
    text = query.explain()
    assert text.startswith("The answer has the columns `name`, `rank`; the first 1 row")
    assert "mine: sent along" in text and "teams_1: table version 1" in text
    assert query.explain(analyze=True).startswith("1 row came in ")
    assert query.to_python() == ANSWER[:1]
