"""Reads with several endpoints: threads download them side by side, bounded queues hold what has arrived, and whoever takes the
batches gets them in the order of the endpoints or as they come."""

from __future__ import annotations

import queue
import threading
from collections import deque
from typing import Any, Iterator

import pyarrow as pa
import pyarrow.flight as flight

from .connection import PAUSES_S, Connection, Download
from .errors import MangonelError, TimedOut, Unavailable

# Location of an endpoint that is read over the connection to the server.
_SAME_CONNECTION = "arrow-flight-reuse-connection://?"
# Endpoints that are downloaded at the same time. In order, later ones only wait for their turn: two ahead hide the start-up.
_STREAMS_IN_ORDER = 3
_STREAMS_AS_THEY_COME = 8
# Batches of one endpoint that wait to be taken; its thread holds one more.
_BATCHES_WAITING = 2


class Endpoint:
    """A part of a read: a ticket, and the nodes that have it, best first."""

    def __init__(self, endpoint: flight.FlightEndpoint) -> None:
        self.ticket = endpoint.ticket
        self.locations: list[str] = [location.uri.decode() for location in endpoint.locations] or [_SAME_CONNECTION]


class Read:
    """A read that the server has planned. It can be read more than once while its tickets are good (an hour)."""

    def __init__(self, connection: Connection, info: flight.FlightInfo) -> None:
        self.schema = info.schema
        self.endpoints = [Endpoint(endpoint) for endpoint in info.endpoints]
        self._connection = connection

    def batches(self, ordered: bool = True) -> Iterator[pa.RecordBatch]:
        """All batches. ``ordered``: endpoint after endpoint; False gives them as they arrive, in any order of the endpoints, which
        is faster where several nodes send.

        At most 9 batches are in memory in order, and 24 as they come, beside those that gRPC buffers. Closing or dropping the
        iterator cancels what is on its way.
        """
        if ordered:
            return self._in_order()
        return (batch for _, batch in self._as_they_come())

    def table(self) -> pa.Table:
        """All rows in memory, endpoint after endpoint."""
        parts: list[list[pa.RecordBatch]] = [[] for _ in self.endpoints]
        for number, batch in self._as_they_come():
            parts[number].append(batch)
        return pa.Table.from_batches([batch for part in parts for batch in part], self.schema)

    def _in_order(self) -> Iterator[pa.RecordBatch]:
        numbers = iter(range(len(self.endpoints)))
        streams: deque[_Stream] = deque()
        try:
            while True:
                while len(streams) < _STREAMS_IN_ORDER and (number := next(numbers, None)) is not None:
                    streams.append(self._stream(number, queue.Queue(_BATCHES_WAITING)))
                if not streams:
                    return
                while (batch := streams[0].take()) is not None:
                    yield batch
                streams.popleft()
        finally:
            for stream in streams:
                stream.give_up()

    def _as_they_come(self) -> Iterator[tuple[int, pa.RecordBatch]]:
        """Batches with the number of their endpoint."""
        numbers = iter(range(len(self.endpoints)))
        arrived: queue.Queue[Any] = queue.Queue(_STREAMS_AS_THEY_COME * _BATCHES_WAITING)
        streams: dict[int, _Stream] = {}
        try:
            while True:
                while len(streams) < _STREAMS_AS_THEY_COME and (number := next(numbers, None)) is not None:
                    streams[number] = self._stream(number, arrived)
                if not streams:
                    return
                number, item = _next(arrived, self._connection.timeout)
                if item is None:
                    del streams[number]
                elif isinstance(item, BaseException):
                    raise item
                else:
                    yield number, item
        finally:
            for stream in streams.values():
                stream.give_up()

    def _stream(self, number: int, arrived: queue.Queue[Any]) -> _Stream:
        return _Stream(self._connection, self.endpoints[number], number, arrived)


def _next(arrived: queue.Queue[Any], timeout: float | None) -> Any:
    """The next that arrives. Raises ``TimedOut`` when nothing does for so many seconds."""
    try:
        return arrived.get(timeout=timeout)
    except queue.Empty:
        raise TimedOut(f"no rows came for {timeout} s: try again later, or wait longer") from None


class _Stream:
    """An endpoint that a thread downloads. What has arrived is put into a queue as pairs of the endpoint's number and a batch, None
    for the end, or the exception that ended it."""

    def __init__(self, connection: Connection, endpoint: Endpoint, number: int, arrived: queue.Queue[Any]) -> None:
        self._connection = connection
        self._endpoint = endpoint
        self._number = number
        self._arrived = arrived
        self._given_up = threading.Event()
        # Held while a download begins or is given up, so that none goes on unseen.
        self._changing = threading.Lock()
        self._download: Download | None = None
        threading.Thread(target=self._run, daemon=True, name=f"mangonel-read-{number}").start()

    def take(self) -> pa.RecordBatch | None:
        """The next batch of a queue that no other stream uses, None after the last."""
        _, item = _next(self._arrived, self._connection.timeout)
        if isinstance(item, BaseException):
            raise item
        return item

    def give_up(self) -> None:
        """Ends the thread soon, and the download on its node."""
        with self._changing:
            self._given_up.set()
            if self._download:
                self._download.cancel()

    def _run(self) -> None:
        try:
            batch = self._first()
            while batch is not None and self._put(batch):
                assert self._download is not None
                batch = self._download.next()
            self._put(None)
        except BaseException as error:  # It is raised where the batches are taken.
            self._put(error)

    def _put(self, item: Any) -> bool:
        while not self._given_up.is_set():
            try:
                self._arrived.put((self._number, item), timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def _first(self) -> pa.RecordBatch | None:
        """The first batch. What fails before it has given nothing, so that the next location is asked, and after the last all of
        them again, while they are unavailable."""
        for pause in (*PAUSES_S, None):
            try:
                return self._first_of_any()
            except Unavailable:
                if pause is None or self._given_up.wait(pause):
                    raise
        raise AssertionError("unreachable")

    def _first_of_any(self) -> pa.RecordBatch | None:
        # A node that does not answer must not cost its timeout for every endpoint.
        locations = sorted(self._endpoint.locations, key=self._connection.has_failed)
        for location in locations:
            try:
                return self._begin(location)
            except MangonelError as error:
                self._connection.note_failure(location, error)
                if location is locations[-1] or self._given_up.is_set():
                    raise
        raise AssertionError("unreachable")

    def _begin(self, location: str) -> pa.RecordBatch | None:
        download = self._connection.download(location, self._endpoint.ticket)
        with self._changing:
            self._download = download
            if self._given_up.is_set():
                download.cancel()
        return download.next()
