"""Reads of several endpoints, against a Flight server that fails, waits and counts as it is told. Everything else reads from the
real server (`test_reads.py`); no real one fails on request."""

from __future__ import annotations

import gc
import threading
from typing import Any, Callable, Iterator

import pyarrow as pa
import pyarrow.flight as flight
import pytest

from mangonel import errors
from mangonel.connection import Connection
from mangonel.reads import Read
from mangonel.rows import Rows

SCHEMA = pa.schema({"endpoint": pa.int64(), "batch": pa.int64(), "weight": pa.string()})


def batch(endpoint: int, number: int, weight: int = 0) -> pa.RecordBatch:
    return pa.record_batch([[endpoint], [number], ["x" * weight]], schema=SCHEMA)


class Server(flight.FlightServerBase):
    """Endpoints are numbered; what each sends is a generator of the test."""

    def __init__(self, endpoints: int, send: Callable[[int], Iterator[pa.RecordBatch]]) -> None:
        super().__init__("grpc://127.0.0.1:0")
        self.endpoints = endpoints
        self.send = send

    def get_flight_info(self, context: Any, descriptor: flight.FlightDescriptor) -> flight.FlightInfo:
        endpoints = [flight.FlightEndpoint(str(number).encode(), []) for number in range(self.endpoints)]
        return flight.FlightInfo(SCHEMA, descriptor, endpoints, -1, -1)

    def do_get(self, context: Any, ticket: flight.Ticket) -> flight.GeneratorStream:
        return flight.GeneratorStream(SCHEMA, self.send(int(ticket.ticket)))

    def rows(self) -> Rows:
        return Rows(Connection(f"grpc://127.0.0.1:{self.port}"), {"sql": {"sql": "any"}})

    def read(self) -> Read:
        return self.rows()._plan()


@pytest.fixture
def serve() -> Iterator[Callable[..., Server]]:
    servers: list[Server] = []

    def start(endpoints: int, send: Callable[[int], Iterator[pa.RecordBatch]]) -> Server:
        servers.append(Server(endpoints, send))
        return servers[-1]

    yield start
    for server in servers:
        server.shutdown()


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mangonel.reads.PAUSES_S", (0.01, 0.02))


def endpoints(batches: Iterator[pa.RecordBatch]) -> list[int]:
    return [batch["endpoint"][0].as_py() for batch in batches]


def test_rows_come_in_the_order_of_endpoints_or_as_they_arrive(serve: Callable[..., Server]) -> None:
    last_was_taken = threading.Event()

    def send(endpoint: int) -> Iterator[pa.RecordBatch]:
        if endpoint == 0:
            last_was_taken.wait(5)
        yield batch(endpoint, 0)
        yield batch(endpoint, 1)

    server = serve(3, send)
    arrived = server.read().batches(ordered=False)
    first = endpoints(next(arrived) for _ in range(4))
    assert sorted(first) == [1, 1, 2, 2]
    last_was_taken.set()
    assert endpoints(arrived) == [0, 0]
    assert endpoints(server.read().batches()) == [0, 0, 1, 1, 2, 2]
    assert server.read().table()["endpoint"].to_pylist() == [0, 0, 1, 1, 2, 2]
    assert endpoints(server.rows().to_reader(ordered=True)) == [0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("read", [lambda read: read.table(), lambda read: pa.Table.from_batches(read.batches(), SCHEMA)])
def test_an_endpoint_that_fails_before_its_first_batch_is_asked_again(
    serve: Callable[..., Server], read: Callable[[Read], pa.Table]
) -> None:
    asked = {0: 0, 1: 0}

    def send(endpoint: int) -> Iterator[pa.RecordBatch]:
        asked[endpoint] += 1
        if endpoint == 1 and asked[1] < 3:
            raise flight.FlightUnavailableError("starting")
        yield batch(endpoint, 0)

    assert read(serve(2, send).read())["endpoint"].to_pylist() == [0, 1]
    assert asked == {0: 1, 1: 3}


def test_an_endpoint_is_given_up_after_some_tries(serve: Callable[..., Server]) -> None:
    asked: list[int] = []

    def send(endpoint: int) -> Iterator[pa.RecordBatch]:
        asked.append(endpoint)
        raise flight.FlightUnavailableError("down")
        yield

    with pytest.raises(errors.Unavailable, match="down"):
        serve(1, send).read().table()
    assert asked == [0, 0, 0]


@pytest.mark.parametrize("ordered", [True, False])
def test_a_failure_after_the_first_batch_ends_the_read_and_the_other_endpoints(
    serve: Callable[..., Server], ordered: bool
) -> None:
    others_ended = threading.Event()

    def send(endpoint: int) -> Iterator[pa.RecordBatch]:
        if endpoint == 0:
            yield batch(0, 0)
            raise flight.FlightInternalError("disk broke")
        try:
            while True:
                yield batch(1, 0, 1 << 20)
        finally:
            others_ended.set()

    with pytest.raises(errors.Internal, match="disk broke"):
        for _ in serve(2, send).read().batches(ordered):
            pass
    assert others_ended.wait(5)


@pytest.mark.parametrize("ordered", [True, False])
@pytest.mark.parametrize("how", ["close", "drop"])
def test_a_reader_that_is_closed_or_dropped_cancels_its_endpoints(
    serve: Callable[..., Server], how: str, ordered: bool
) -> None:
    ended = [threading.Event() for _ in range(3)]
    sent = [0, 0, 0]

    def send(endpoint: int) -> Iterator[pa.RecordBatch]:
        try:
            while True:
                sent[endpoint] += 1
                yield batch(endpoint, sent[endpoint], 4 << 20)
        finally:
            ended[endpoint].set()

    server = serve(3, send)
    if how == "close":
        batches = server.read().batches(ordered)
        next(batches)
        batches.close()
    else:
        reader = server.rows().to_reader(ordered=ordered)
        reader.read_next_batch()
        del reader
        gc.collect()
    assert all(event.wait(5) for event in ended)


def test_memory_holds_a_few_batches_of_each_endpoint(serve: Callable[..., Server]) -> None:
    sent = {number: 0 for number in range(12)}

    def send(endpoint: int) -> Iterator[pa.RecordBatch]:
        for number in range(40):
            sent[endpoint] += 1
            yield batch(endpoint, number, 1 << 20)

    batches = serve(12, send).read().batches()
    next(batches)
    before: list[int] = []
    # Until nothing moves any more.
    while not all(list(sent.values())[:3]) or before != list(sent.values()):
        before = list(sent.values())
        threading.Event().wait(0.3)
    # Two of each wait, one is in the thread, and gRPC holds some more.
    assert [endpoint for endpoint, count in sent.items() if count] == [0, 1, 2]
    assert max(sent.values()) <= 12
    batches.close()
