"""Flight calls: actions with JSON bodies, reads, uploads, and the server's errors as exceptions. Knows the wire and nothing of
what is called."""

from __future__ import annotations

import base64
import json
import os
import queue
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Iterator

import pyarrow as pa
import pyarrow.flight as flight

from .errors import Internal, InvalidArgument, MangonelError, Unavailable, from_flight

DEFAULT_URL = "grpc://127.0.0.1:8815"
DEFAULT_PROJECT = "default"

_ERROR_HEADER = "x-mangonel-error-bin"
# Errors travel in trailers; gRPC refuses more than 8 KiB of them unless told otherwise.
_OPTIONS = [("grpc.max_metadata_size", 1 << 20), ("grpc.absolute_max_metadata_size", 1 << 20)]
# Pauses before an idempotent call is tried again.
_PAUSES_S = (0.3, 1.5)
# A server that restarts is waited for so long when a run is watched.
_RESTART_S = 60.0
# Largest Arrow message sent; the server takes 64 MiB.
_MESSAGE_BYTES_MAX = 16 << 20
# Location of an endpoint that is read over the connection to the server.
_SAME_CONNECTION = "arrow-flight-reuse-connection://?"
# Endpoints that are read at the same time: the one whose turn it is, and those after it.
_ENDPOINTS_AT_ONCE = 3
# How long a node that has failed is asked last.
_AVOIDED_S = 30.0
# Batches of one endpoint that wait for their turn.
_BATCHES_WAITING = 4


class _Call(flight.ClientMiddleware):
    """Keeps what the server says about the error of one call; pyarrow itself drops it."""

    def __init__(self) -> None:
        super().__init__()
        self.error: bytes | None = None

    def received_headers(self, headers: dict[str, list[Any]]) -> None:
        found = headers.get(_ERROR_HEADER)
        if found:
            self.error = found[0] if isinstance(found[0], bytes) else found[0].encode()


class _Calls(flight.ClientMiddlewareFactory):
    """Hands out the call that this thread has begun last: pyarrow begins calls in the thread that makes them."""

    def __init__(self) -> None:
        super().__init__()
        self._begun = threading.local()

    def start_call(self, info: flight.CallInfo) -> _Call:
        self._begun.call = _Call()
        return self._begun.call

    def forget(self) -> None:
        self._begun.call = None

    @property
    def last(self) -> _Call | None:
        return getattr(self._begun, "call", None)


class Connection:
    """A connection to one server, for one project. Safe to share between threads."""

    def __init__(self, url: str | None = None, project: str | None = None, token: str | None = None) -> None:
        self.url = url or os.environ.get("MANGONEL_URL") or DEFAULT_URL
        self.project = project or os.environ.get("MANGONEL_PROJECT") or DEFAULT_PROJECT
        self._token = token or os.environ.get("MANGONEL_TOKEN") or None
        scheme, _, rest = self.url.partition("://")
        location = {"http": "grpc", "https": "grpc+tls"}.get(scheme, scheme) + "://" + rest
        self._calls = _Calls()
        # Other nodes that hold parts of reads, by URI.
        self._nodes: dict[str, flight.FlightClient] = {}
        self._failed: dict[str, float] = {}
        self._connecting = threading.Lock()
        try:
            self._flight = self._connect(location)
        except pa.ArrowInvalid as error:
            raise InvalidArgument(f"server address `{self.url}` is not like {DEFAULT_URL}") from error

    def for_project(self, project: str) -> Connection:
        """The same connection for another project."""
        other = object.__new__(Connection)
        other.__dict__.update(self.__dict__, project=project)
        return other

    def close(self) -> None:
        self._flight.close()
        for node in self._nodes.values():
            node.close()

    def _connect(self, location: str) -> flight.FlightClient:
        return flight.connect(location, middleware=[self._calls], generic_options=_OPTIONS)

    def _node(self, location: str) -> flight.FlightClient:
        """The client for a location of an endpoint; connections are made when they are first used."""
        if location.startswith("arrow-flight-reuse-connection:"):
            return self._flight
        with self._connecting:
            if location not in self._nodes:
                self._nodes[location] = self._connect(location)
            return self._nodes[location]

    def _options(self) -> flight.FlightCallOptions:
        headers = [(b"x-mangonel-project", self.project.encode())]
        if self._token:
            headers.append((b"authorization", f"Bearer {self._token}".encode()))
        return flight.FlightCallOptions(headers=headers)

    @contextmanager
    def _errors(self, call: _Call | None = None) -> Iterator[None]:
        """Turns errors of pyarrow into ours; ``call`` is the one made, if it was begun before."""
        self._calls.forget()
        try:
            yield
        except (pa.ArrowException, flight.FlightError) as error:
            call = call or self._calls.last
            ours = from_flight(error, call.error if call else None)
            if isinstance(ours, Unavailable) and not (call and call.error):
                ours = Unavailable(
                    f"no server answers at {self.url} ({ours.message}): start one with `mangonel up`, or set MANGONEL_URL"
                )
            raise ours from error

    def _again(self, idempotent: bool) -> Iterator[bool]:
        """Yields once per try, with whether a failure is final."""
        for pause in _PAUSES_S if idempotent else ():
            yield False
            time.sleep(pause)
        yield True

    def call(self, action: str, request: dict[str, Any] | None = None, *, idempotent: bool = False) -> dict[str, Any]:
        """One action that answers once. ``idempotent``: tried again while the server cannot be reached."""
        for final in self._again(idempotent):
            try:
                for answer in self._act(action, request or {}):
                    return answer
                raise MangonelError(f"the server gave no answer to {action}")
            except Unavailable:
                if final:
                    raise
        raise AssertionError("unreachable")

    def _act(self, action: str, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
        with self._errors():
            body = json.dumps(request).encode()
            answers = iter(self._flight.do_action(flight.Action(action, body), self._options()))
            call = self._calls.last
        while True:
            with self._errors(call):
                answer = next(answers, None)
            if answer is None:
                return
            yield json.loads(answer.body.to_pybytes())

    def watch(self, run_id: str) -> Iterator[dict[str, Any]]:
        """Progress of a run until it has ended; goes on when the server restarts meanwhile."""
        silent_since = None
        while True:
            try:
                for progress in self._act("mangonel.run.watch", {"runId": run_id}):
                    silent_since = None
                    yield progress
                return
            except Unavailable:
                silent_since = silent_since or time.monotonic()
                if time.monotonic() - silent_since > _RESTART_S:
                    raise
                time.sleep(0.5)

    def plan(self, command: dict[str, Any]) -> Read:
        """Plans a read on the server."""
        descriptor = flight.FlightDescriptor.for_command(json.dumps(command).encode())
        for final in self._again(True):
            try:
                with self._errors():
                    info = self._flight.get_flight_info(descriptor, self._options())
                    return Read(self, info.schema, [Endpoint(endpoint) for endpoint in info.endpoints])
            except Unavailable:
                if final:
                    raise
        raise AssertionError("unreachable")

    def _has_failed(self, location: str) -> bool:
        return time.monotonic() - self._failed.get(location, -_AVOIDED_S) < _AVOIDED_S

    def _note_failure(self, location: str, error: MangonelError) -> None:
        if isinstance(error, (Unavailable, Internal)):
            self._failed[location] = time.monotonic()

    def _get(self, location: str, ticket: flight.Ticket) -> Iterator[pa.RecordBatch]:
        """Batches of one endpoint from one node."""
        with self._errors():
            reader = self._node(location).do_get(ticket, self._options())
            call = self._calls.last
        try:
            while True:
                with self._errors(call):
                    try:
                        batch = reader.read_chunk().data
                    except StopIteration:
                        return
                if batch is not None:
                    yield batch
        finally:
            reader.cancel()

    def upload(self, ticket: str, part: str, batches: pa.RecordBatchReader) -> bool:
        """Sends one part of an insert; whether there was anything to stage. Sending the same part again counts once."""
        command = json.dumps({"insert_part": {"uploadTicket": ticket, "part": part}})
        descriptor = flight.FlightDescriptor.for_command(command.encode())
        with self._errors():
            writer, answers = self._flight.do_put(descriptor, batches.schema, self._options())
            call = self._calls.last
        with self._errors(call), writer:
            for batch in batches:
                for piece in _pieces(batch):
                    writer.write_batch(piece)
            writer.done_writing()
            answer = answers.read()
        report = json.loads(answer.to_pybytes()) if answer else {}
        return bool(report.get("workers"))


class Endpoint:
    """A part of a read: a ticket, and the nodes that have it, best first."""

    def __init__(self, endpoint: flight.FlightEndpoint) -> None:
        self.ticket = endpoint.ticket
        self.locations = [location.uri.decode() for location in endpoint.locations] or [_SAME_CONNECTION]


class Read:
    """A read that the server has planned: a schema, and batches in order."""

    def __init__(self, connection: Connection, schema: pa.Schema, endpoints: list[Endpoint]) -> None:
        self.schema = schema
        self.endpoints = endpoints
        self._connection = connection

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All batches, endpoint after endpoint. The next endpoints are read meanwhile, a few batches of each."""
        endpoints = iter(self.endpoints)
        begun: deque[_Ahead] = deque()
        try:
            while True:
                while len(begun) < _ENDPOINTS_AT_ONCE and (endpoint := next(endpoints, None)):
                    begun.append(_Ahead(self._connection, endpoint))
                if not begun:
                    return
                yield from begun[0].batches()
                begun.popleft()
        finally:
            for ahead in begun:
                ahead.give_up()

    def table(self) -> pa.Table:
        """All rows in memory; endpoints are read at the same time."""

        def read(endpoint: Endpoint) -> list[pa.RecordBatch]:
            return list(_batches(self._connection, endpoint))

        with ThreadPoolExecutor(max(1, min(8, len(self.endpoints)))) as readers:
            parts = list(readers.map(read, self.endpoints))
        return pa.Table.from_batches([batch for part in parts for batch in part], self.schema)


class _Ahead:
    """An endpoint that a thread reads, a few batches ahead of whoever takes them."""

    def __init__(self, connection: Connection, endpoint: Endpoint) -> None:
        self._waiting: queue.Queue[Any] = queue.Queue(_BATCHES_WAITING)
        self._given_up = threading.Event()
        threading.Thread(target=self._read, args=(connection, endpoint), daemon=True).start()

    def _read(self, connection: Connection, endpoint: Endpoint) -> None:
        try:
            for batch in _batches(connection, endpoint):
                if not self._put(batch):
                    return
            self._put(None)
        except BaseException as error:  # It is raised where the batches are taken.
            self._put(error)

    def _put(self, item: Any) -> bool:
        while not self._given_up.is_set():
            try:
                self._waiting.put(item, timeout=0.1)
                return True
            except queue.Full:
                continue
        return False

    def batches(self) -> Iterator[pa.RecordBatch]:
        while (item := self._waiting.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item

    def give_up(self) -> None:
        self._given_up.set()


def _batches(connection: Connection, endpoint: Endpoint) -> Iterator[pa.RecordBatch]:
    """Batches of an endpoint, from the first location that gives one: one that fails before has given nothing."""
    # A node that does not answer must not cost its timeout for every endpoint.
    locations = sorted(endpoint.locations, key=connection._has_failed)
    for location in locations:
        batches = connection._get(location, endpoint.ticket)
        try:
            first = next(batches, None)
        except MangonelError as error:
            connection._note_failure(location, error)
            if location is locations[-1]:
                raise
            continue
        if first is not None:
            yield first
            yield from batches
        return


def _pieces(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """The batch in messages that the server takes."""
    if batch.nbytes <= _MESSAGE_BYTES_MAX or batch.num_rows <= 1:
        yield batch
        return
    half = batch.num_rows // 2
    yield from _pieces(batch.slice(0, half))
    yield from _pieces(batch.slice(half))


def to_base64(data: bytes) -> str:
    """Bytes as the JSON of messages has them."""
    return base64.b64encode(data).decode()
