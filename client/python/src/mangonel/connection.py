"""Flight calls: actions with JSON bodies, downloads, uploads, and the server's errors as exceptions. Knows the wire and nothing
of what is called."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from contextlib import contextmanager, suppress
from typing import Any, Iterable, Iterator

import pyarrow as pa
import pyarrow.flight as flight

from .errors import Internal, InvalidArgument, MangonelError, TimedOut, Unavailable, from_flight

DEFAULT_URL = "grpc://127.0.0.1:8815"
DEFAULT_PROJECT = "default"

_ERROR_HEADER = "x-mangonel-error-bin"
# Errors travel in trailers; gRPC refuses more than 8 KiB of them unless told otherwise.
_OPTIONS = [("grpc.max_metadata_size", 1 << 20), ("grpc.absolute_max_metadata_size", 1 << 20)]
# Pauses before an idempotent call is tried again, in seconds.
PAUSES_S = (0.3, 1.5)
# A server that restarts is waited for so long when a run is watched.
_RESTART_S = 60.0
# Bytes of the largest Arrow message sent; the server takes 64 MiB.
_MESSAGE_BYTES_MAX = 16 << 20
# How long a node that has failed is asked last.
_AVOIDED_S = 30.0


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


class Connection:
    """A connection to one server, for one project. Safe to share between threads, not between processes."""

    def __init__(
        self, url: str | None = None, project: str | None = None, token: str | None = None, timeout: float | None = None
    ) -> None:
        """What is left out comes from MANGONEL_URL, MANGONEL_PROJECT and MANGONEL_TOKEN. ``timeout``: seconds that the server may be
        silent. Raises ``InvalidArgument`` for an address without scheme; nothing is sent yet."""
        if timeout is not None and not timeout > 0:
            raise ValueError(f"timeout is {timeout}: it must be more than 0 seconds, or None for no limit")
        self.timeout = timeout
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
        """Closes the connections to all nodes."""
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

    def _options(self, timeout: float | None = None) -> flight.FlightCallOptions:
        """``timeout``: seconds until the call is over, with all that it answers."""
        headers = [(b"x-mangonel-project", self.project.encode())]
        if self._token:
            headers.append((b"authorization", f"Bearer {self._token}".encode()))
        return flight.FlightCallOptions(timeout=timeout, headers=headers)

    @contextmanager
    def _errors(self, call: _Call | None = None) -> Iterator[None]:
        """Turns errors of pyarrow into ours; ``call`` is the one made, if it was begun before."""
        self._calls.forget()
        try:
            yield
        except (pa.ArrowException, flight.FlightError) as error:
            call = call or self._calls.last
            ours = from_flight(error, call.error if call else None)
            if isinstance(ours, TimedOut):
                raise TimedOut(f"the server was silent for too long ({self.timeout} s): try again later, or wait longer") from error
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
                # To its end: what is dropped before is reset, and servers end connections that do so often.
                answers = list(self._act(action, request or {}, self.timeout))
                if not answers:
                    raise MangonelError(f"the server gave no answer to {action}")
                return answers[0]
            except Unavailable as error:
                if final or isinstance(error, TimedOut):
                    raise
        raise AssertionError("unreachable")

    def _act(self, action: str, request: dict[str, Any], timeout: float | None = None) -> Iterator[dict[str, Any]]:
        with self._errors():
            body = json.dumps(request).encode()
            answers = iter(self._flight.do_action(flight.Action(action, body), self._options(timeout)))
            call = self._calls.last
        while True:
            with self._errors(call):
                answer = next(answers, None)
            if answer is None:
                return
            yield json.loads(answer.body.to_pybytes())

    def watch(self, run_id: str, until: float | None = None) -> Iterator[dict[str, Any]]:
        """Progress of a run until it has ended; goes on when the server restarts meanwhile. ``until``: a time of
        ``time.monotonic`` at which ``TimedOut`` is raised instead."""
        silent_since = None
        while True:
            left = None if until is None else max(0.001, until - time.monotonic())
            try:
                for progress in self._act("mangonel.run.watch", {"runId": run_id}, left):
                    silent_since = None
                    yield progress
                return
            except Unavailable as error:
                if until is not None and time.monotonic() >= until - 0.05:
                    raise TimedOut(f"run {run_id} has not ended yet") from error
                silent_since = silent_since or time.monotonic()
                if time.monotonic() - silent_since > _RESTART_S:
                    raise
                time.sleep(0.5)

    def info(self, command: dict[str, Any], *, idempotent: bool = True) -> flight.FlightInfo:
        """Lets the server plan a read: its schema, and endpoints with tickets. ``idempotent``: as in :meth:`call`."""
        descriptor = flight.FlightDescriptor.for_command(json.dumps(command).encode())
        for final in self._again(idempotent):
            try:
                with self._errors():
                    return self._flight.get_flight_info(descriptor, self._options(self.timeout))
            except Unavailable as error:
                if final or isinstance(error, TimedOut):
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
            reader = self._node(location).do_get(ticket, self._options())
            return Download(self, reader, self._calls.last)

    def upload(self, ticket: str, part: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        """Sends one part of an insert as one stream; returns its rows. Of two uploads of the same part the first counts, whole.

        When ``batches`` fails, the server drops what it got of the part, and the failure is raised.
        """
        return self.put({"insert_part": {"uploadTicket": ticket, "part": part}}, schema, batches)

    def put(self, command: dict[str, Any], schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        """Sends batches as what ``command`` says, as one stream; returns their rows. When ``batches`` fails, nothing of it counts."""
        descriptor = flight.FlightDescriptor.for_command(json.dumps(command).encode())
        with self._errors():
            writer, answers = self._flight.do_put(descriptor, schema, self._options())
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
        report = json.loads(answer.to_pybytes()) if answer else {}
        return sum(int(share.get("rowsWritten", 0)) for share in report.get("workers", ()))


class Download:
    """Batches that one node sends. Any thread may cancel it while another reads."""

    def __init__(self, connection: Connection, reader: flight.FlightStreamReader, call: _Call | None) -> None:
        self._connection = connection
        self._reader = reader
        self._call = call

    def next(self) -> pa.RecordBatch | None:
        """The next batch, None after the last."""
        while True:
            with self._connection._errors(self._call):
                try:
                    batch = self._reader.read_chunk().data
                except StopIteration:
                    return None
            if batch is not None:
                return batch

    def cancel(self) -> None:
        """Tells the node to stop; a read that waits ends with ``Cancelled``."""
        self._reader.cancel()


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
