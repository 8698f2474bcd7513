"""Flight calls: actions with JSON bodies, downloads, uploads, and the server's errors as exceptions. Knows the wire and nothing
of what is called."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from contextlib import contextmanager, suppress
from typing import Any, Callable, Iterable, Iterator

import pyarrow as pa
import pyarrow.flight as flight

from .errors import Internal, InvalidArgument, MangonelError, Unavailable, from_flight

DEFAULT_URL = "grpc://127.0.0.1:8815"
DEFAULT_PROJECT = "default"

_ERROR_HEADER = "x-mangonel-error-bin"
_OPTIONS = [
    # Errors travel in trailers; gRPC refuses more than 8 KiB of them unless told otherwise.
    ("grpc.max_metadata_size", 1 << 20),
    ("grpc.absolute_max_metadata_size", 1 << 20),
    # A download would begin with a window of 64 KiB and wait for more.
    ("grpc.http2.lookahead_bytes", 4 << 20),
]
# Pauses before an idempotent call is tried again, in seconds.
PAUSES_S = (0.3, 1.5)
# A server that restarts is waited for so long when a run is watched.
_RESTART_S = 60.0
# Bytes of the largest Arrow message sent; the server takes 64 MiB.
_MESSAGE_BYTES_MAX = 16 << 20
# How long a node that has failed is asked last.
_AVOIDED_S = 30.0
# Connections to one node at most. All streams of one share a thread of gRPC on either side.
_LINES_MAX = 4


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
        call = _Call()
        self._begun.call = call
        return call

    def forget(self) -> None:
        self._begun.call = None

    @property
    def last(self) -> _Call | None:
        return getattr(self._begun, "call", None)


class _Node:
    """The connections to one node. Downloads and uploads that run side by side have one each, as far as there are; everything else
    takes the first."""

    def __init__(self, connect: Callable[[], flight.FlightClient]) -> None:
        self._connect = connect
        self.first = connect()
        self._lines = [self.first]
        self._streams = [0]
        self._changing = threading.Lock()

    def take(self) -> int:
        """The number of the connection with the fewest streams, which has one more from now on."""
        with self._changing:
            line = min(range(len(self._lines)), key=self._streams.__getitem__)
            if self._streams[line] and len(self._lines) < _LINES_MAX:
                line = len(self._lines)
                self._lines.append(self._connect())
                self._streams.append(0)
            self._streams[line] += 1
            return line

    def client(self, line: int) -> flight.FlightClient:
        return self._lines[line]

    def give_back(self, line: int) -> None:
        with self._changing:
            self._streams[line] -= 1

    def close(self) -> None:
        for line in self._lines:
            line.close()


class Connection:
    """A connection to one server, for one project. Safe to share between threads, not between processes."""

    def __init__(self, url: str | None = None, project: str | None = None, token: str | None = None) -> None:
        """What is left out comes from MANGONEL_URL, MANGONEL_PROJECT and MANGONEL_TOKEN. Raises ``InvalidArgument`` for an address
        without scheme; nothing is sent yet."""
        self.url = url or os.environ.get("MANGONEL_URL") or DEFAULT_URL
        self.project = project or os.environ.get("MANGONEL_PROJECT") or DEFAULT_PROJECT
        self._token = token or os.environ.get("MANGONEL_TOKEN") or None
        scheme, _, rest = self.url.partition("://")
        location = {"http": "grpc", "https": "grpc+tls"}.get(scheme, scheme) + "://" + rest
        self._calls = _Calls()
        # Other nodes that hold parts of reads, by URI.
        self._nodes: dict[str, _Node] = {}
        self._failed: dict[str, float] = {}
        self._connecting = threading.Lock()
        try:
            self._server = _Node(lambda: self._connect(location))
        except pa.ArrowInvalid as error:
            raise InvalidArgument(f"server address `{self.url}` is not like {DEFAULT_URL}") from error

    def for_project(self, project: str) -> Connection:
        """The same connection for another project."""
        other = object.__new__(Connection)
        other.__dict__.update(self.__dict__, project=project)
        return other

    def close(self) -> None:
        """Closes the connections to all nodes."""
        self._server.close()
        for node in self._nodes.values():
            node.close()

    def _connect(self, location: str) -> flight.FlightClient:
        return flight.connect(location, middleware=[self._calls], generic_options=_OPTIONS)

    @property
    def _flight(self) -> flight.FlightClient:
        return self._server.first

    def _node(self, location: str) -> _Node:
        """The node at a location of an endpoint; connections are made when they are first used."""
        if location.startswith("arrow-flight-reuse-connection:"):
            return self._server
        with self._connecting:
            if location not in self._nodes:
                self._nodes[location] = _Node(lambda: self._connect(location))
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
        for pause in PAUSES_S if idempotent else ():
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

    def info(self, command: dict[str, Any]) -> flight.FlightInfo:
        """Lets the server plan a read: its schema, and endpoints with tickets."""
        descriptor = flight.FlightDescriptor.for_command(json.dumps(command).encode())
        for final in self._again(True):
            try:
                with self._errors():
                    return self._flight.get_flight_info(descriptor, self._options())
            except Unavailable:
                if final:
                    raise
        raise AssertionError("unreachable")

    def has_failed(self, location: str) -> bool:
        """Whether that node failed a moment ago, so that others are asked before it."""
        return time.monotonic() - self._failed.get(location, -_AVOIDED_S) < _AVOIDED_S

    def note_failure(self, location: str, error: MangonelError) -> None:
        """Remembers that a node failed, if the error says so."""
        if isinstance(error, (Unavailable, Internal)):
            self._failed[location] = time.monotonic()

    def download(self, location: str, ticket: flight.Ticket) -> Download:
        """Begins to read what a ticket stands for from one node."""
        with self._errors():
            node = self._node(location)
            line = node.take()
            try:
                reader = node.client(line).do_get(ticket, self._options())
            except BaseException:
                node.give_back(line)
                raise
            return Download(self, reader, self._calls.last, lambda: node.give_back(line))

    def upload(self, ticket: str, part: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        """Sends one part of an insert as one stream; returns its rows. Of two uploads of the same part the first counts, whole.

        When ``batches`` fails, the server drops what it got of the part, and the failure is raised.
        """
        command = json.dumps({"insert_part": {"uploadTicket": ticket, "part": part}})
        descriptor = flight.FlightDescriptor.for_command(command.encode())
        line = self._server.take()
        try:
            with self._errors():
                writer, answers = self._server.client(line).do_put(descriptor, schema, self._options())
                call = self._calls.last
            try:
                for batch in batches:
                    for piece in pieces(batch, _MESSAGE_BYTES_MAX):
                        with self._errors(call):
                            writer.write_batch(piece)
            except BaseException:
                _spoil(writer)
                raise
            with self._errors(call):
                writer.done_writing()
                answer = answers.read()
                writer.close()
        finally:
            self._server.give_back(line)
        report = json.loads(answer.to_pybytes()) if answer else {}
        return sum(int(share.get("rowsWritten", 0)) for share in report.get("workers", ()))


class Download:
    """Batches that one node sends. Any thread may cancel it while another reads."""

    def __init__(
        self, connection: Connection, reader: flight.FlightStreamReader, call: _Call | None, ended: Callable[[], None]
    ) -> None:
        self._connection = connection
        self._reader = reader
        self._call = call
        # Called once.
        self._ended = [ended]

    def next(self) -> pa.RecordBatch | None:
        """The next batch, None after the last."""
        try:
            while True:
                with self._connection._errors(self._call):
                    try:
                        batch = self._reader.read_chunk().data
                    except StopIteration:
                        self._end()
                        return None
                if batch is not None:
                    return batch
        except BaseException:
            self._end()
            raise

    def cancel(self) -> None:
        """Tells the node to stop; a read that waits ends with ``Cancelled``."""
        self._reader.cancel()
        self._end()

    def _end(self) -> None:
        # Popping is atomic: of two threads one tells it.
        with suppress(IndexError):
            self._ended.pop()()


def _spoil(writer: flight.FlightStreamWriter) -> None:
    """Ends an upload so that nothing of it counts. Closing it would end the part as if it were whole, and pyarrow cannot cancel:
    a message that is no batch makes the server refuse the part."""
    with suppress(pa.ArrowException, flight.FlightError):
        writer.write_metadata(b"given up")
        writer.close()


def pieces(batch: pa.RecordBatch, bytes_max: int) -> Iterator[pa.RecordBatch]:
    """The rows of a batch in batches of at most so many bytes each, or of one row."""
    if batch.nbytes <= bytes_max or batch.num_rows <= 1:
        yield batch
        return
    half = batch.num_rows // 2
    yield from pieces(batch.slice(0, half), bytes_max)
    yield from pieces(batch.slice(half), bytes_max)


def to_base64(data: bytes) -> str:
    """Bytes as the JSON of messages has them."""
    return base64.b64encode(data).decode()
