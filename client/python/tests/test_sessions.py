"""One insert by several streams and by several processes: the rows of all parts are visible once, together, or not at all."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import Iterator

import pandas as pd
import pyarrow as pa
import pytest

from mangonel import FeatureGroup, FeatureStore, errors

# Uploads one part of the session, and says when the first batch is with the server.
WORKER = """
import sys, time
import pyarrow as pa
import mangonel
url, project, token, part, start, rows, then = sys.argv[1:]
start, rows = int(start), int(rows)
def batches():
    for first in range(start, start + rows, 1000):
        last = min(first + 1000, start + rows)
        yield pa.record_batch({"id": range(first, last), "x": [0.5] * (last - first)})
        print("sent", flush=True)
        if then == "wait":
            time.sleep(60)
group = mangonel.connect(url, project).feature_group("numbers")
print(group.join_session(token).put(batches(), part=part) if token else group.insert(batches()))
"""


@pytest.fixture
def numbers(store: FeatureStore) -> FeatureGroup:
    return store.create_feature_group("numbers", pa.schema({"id": pa.int64(), "x": pa.float64()}))


def table(start: int, rows: int) -> pa.Table:
    return pa.table({"id": range(start, start + rows), "x": [0.5] * rows})


def ids(group: FeatureGroup) -> list[int]:
    return sorted(group.read().to_arrow()["id"].to_pylist())


def worker(store: FeatureStore, token: str, part: str, start: int, rows: int, then: str = "end") -> subprocess.Popen[str]:
    arguments = [store.connection.url, store.project, token, part, str(start), str(rows), then]
    environment = {**os.environ, "PYTHONPATH": ":".join(filter(None, sys.path))}
    command = [sys.executable, "-c", WORKER, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)


def test_processes_upload_parts_of_one_insert(store: FeatureStore, numbers: FeatureGroup) -> None:
    with numbers.insert_session() as session:
        workers = [worker(store, session.token, f"part-{number}", number * 5000, 5000) for number in range(2)]
        for process in workers:
            out, _ = process.communicate(timeout=60)
            assert process.returncode == 0
            session.add(out.split()[-1])
        session.put(table(10_000, 10), part="own")
        assert session.parts == ["own", "part-0", "part-1"]
        assert numbers.rows == 0
    assert session.run.state == "committed" and session.run.rows == 10_010
    assert ids(numbers) == list(range(10_010))
    assert [run.id for run in store.runs() if run.record["kind"] == "RUN_KIND_INSERT"] == [session.token]


def test_a_part_counts_once_and_only_when_it_is_named(numbers: FeatureGroup) -> None:
    with numbers.insert_session() as session:
        joined = numbers.join_session(session.token)
        joined.put(table(0, 10), part="a")
        # A worker that tries its part again.
        session.add(joined.put(table(0, 10), part="a"))
        joined.put(table(100, 10), part="left_out")
        assert session.put(pa.table({"id": pa.array([], pa.int64())}), part="empty") == "empty"
    assert ids(numbers) == list(range(10))


def test_an_exception_aborts_the_session(store: FeatureStore, numbers: FeatureGroup) -> None:
    with pytest.raises(RuntimeError, match="no more"):
        with numbers.insert_session() as session:
            joined = numbers.join_session(session.token)
            session.put(table(0, 10))
            raise RuntimeError("no more")
    assert store.run(session.token).state == "cancelled"
    assert numbers.rows == 0
    with pytest.raises(errors.Conflict, match="begin a new insert"):
        joined.put(table(0, 10))
    with pytest.raises(errors.Conflict, match="has ended: begin a new session"):
        numbers.join_session(session.token)


def test_a_part_that_did_not_arrive_fails_the_commit(store: FeatureStore, numbers: FeatureGroup) -> None:
    session = numbers.insert_session(run_id="monday")
    assert session.token == "monday"
    session.put(table(0, 10), part="a")
    session.add("b", "c")
    with pytest.raises(errors.InvalidArgument, match="`b` did not arrive") as caught:
        session.commit()
    assert len(caught.value.problems) == 1
    # The session is still open: what is missing can be uploaded.
    for part in ["b", "c"]:
        session.put(table(ord(part) * 10, 10), part=part)
    assert session.commit(progress=False).rows == 30
    with pytest.raises(errors.InvalidArgument, match="`x` did not arrive"):
        with numbers.insert_session() as other:
            other.add("x")
    assert store.run(other.token).state == "cancelled"


def test_sessions_are_joined_where_they_belong(store: FeatureStore, numbers: FeatureGroup) -> None:
    other = store.create_feature_group("others", table(0, 1))
    session = numbers.insert_session()
    with pytest.raises(errors.InvalidArgument, match="`others_1`.*works on `numbers_1`"):
        other.join_session(session.token)
    with pytest.raises(errors.NotFound):
        numbers.join_session("no-such-run")
    with pytest.raises(ValueError, match="mode is `upsert`"):
        numbers.insert_session("upsert")
    session.abort()


def test_a_source_that_fails_leaves_no_half_part(numbers: FeatureGroup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangonel.insert._TURN_BYTES", 1)

    def broken() -> Iterator[pa.RecordBatch]:
        yield from table(0, 10).to_batches(max_chunksize=1)
        raise OSError("disk gone")

    with numbers.insert_session() as session:
        with pytest.raises(OSError, match="disk gone"):
            session.put(broken(), part="a")
        with pytest.raises(OSError, match="disk gone"):
            session.put_parallel(broken())
        assert session.parts == []
        # The same part again: the half that came before does not count.
        session.put(table(0, 20), part="a")
    assert ids(numbers) == list(range(20))


def test_a_client_that_is_killed_leaves_nothing(store: FeatureStore, numbers: FeatureGroup) -> None:
    alone = worker(store, "", "", 0, 5000, then="wait")
    session = numbers.insert_session()
    member = worker(store, session.token, "a", 0, 5000, then="wait")
    for process in [alone, member]:
        assert process.stdout is not None and process.stdout.readline() == "sent\n"
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    assert numbers.rows == 0
    assert numbers.insert(table(0, 7)).rows == 7
    # The part did not arrive, and can be uploaded by another process.
    session.put(table(100, 3), part="a")
    assert session.commit().rows == 3
    assert ids(numbers) == [*range(7), 100, 101, 102]


def test_a_long_session_renews_its_ticket(numbers: FeatureGroup, monkeypatch: pytest.MonkeyPatch) -> None:
    with numbers.insert_session("overwrite") as session:
        session._ticket = "stale+bytes="
        with pytest.raises(errors.Unauthenticated, match="ticket refused"):
            session.put(table(0, 5))
        monkeypatch.setattr("mangonel.insert._TICKET_AGE_MAX_S", -1.0)
        session.put(table(0, 5))
    assert session.run.rows == 5


@pytest.mark.parametrize("parallel", [1, 4, None])
def test_one_insert_goes_up_in_several_streams(
    numbers: FeatureGroup, monkeypatch: pytest.MonkeyPatch, parallel: int | None
) -> None:
    monkeypatch.setattr("mangonel.insert._TURN_BYTES", 20_000)
    uploads: list[str] = []
    upload = type(numbers._connection).upload

    def counted(self: object, ticket: str, part: str, *rest: object) -> int:
        uploads.append(part)
        return upload(self, ticket, part, *rest)

    monkeypatch.setattr(type(numbers._connection), "upload", counted)
    assert numbers.insert(table(0, 100_000), parallel=parallel).rows == 100_000
    assert ids(numbers) == list(range(100_000))
    assert 1 <= len(set(uploads)) == len(uploads) <= (parallel or 3)
    uploads.clear()
    numbers.insert(table(0, 10), parallel=parallel)
    assert len(uploads) == 1
    with pytest.raises(ValueError, match="1 stream or more"):
        numbers.insert(table(0, 1), parallel=0)


def test_a_failed_insert_can_be_tried_again_with_other_pieces(numbers: FeatureGroup) -> None:
    def broken() -> Iterator[pa.RecordBatch]:
        yield from table(0, 10).to_batches()
        raise OSError("network drive gone")

    with pytest.raises(OSError, match="network drive gone"):
        numbers.insert(broken(), run_id="nightly")
    assert numbers.insert(table(0, 100).to_pandas(), run_id="nightly").rows == 100
    assert numbers.insert(pd.DataFrame({"id": [1], "x": [1.0]}), run_id="nightly").rows == 100
    assert ids(numbers) == list(range(100))
