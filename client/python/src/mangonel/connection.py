"""Flight calls: actions with JSON bodies, reads, uploads, and the server's errors as exceptions. Knows the wire and nothing of
what is called."""

from __future__ import annotations

import base64
import json
import os
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Iterator

import pyarrow as pa
import pyarrow.flight as flight

from .errors import InvalidArgument, MangonelError, Unavailable, from_flight

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
        try:
            self._flight = flight.connect(location, middleware=[self._calls], generic_options=_OPTIONS)
        except pa.ArrowInvalid as error:
            raise InvalidArgument(f"server address `{self.url}` is not like {DEFAULT_URL}") from error

    def for_project(self, project: str) -> Connection:
        """The same connection for another project."""
        other = object.__new__(Connection)
        other.__dict__.update(self.__dict__, project=project)
        return other

    def close(self) -> None:
        self._flight.close()

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
                    return Read(self, info.schema, [endpoint.ticket for endpoint in info.endpoints])
            except Unavailable:
                if final:
                    raise
        raise AssertionError("unreachable")

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


class Read:
    """A read that the server has planned: a schema, and batches in order."""

    def __init__(self, connection: Connection, schema: pa.Schema, tickets: list[flight.Ticket]) -> None:
        self.schema = schema
        self._connection = connection
        self._tickets = tickets

    def batches(self) -> Iterator[pa.RecordBatch]:
        """All batches, endpoint after endpoint; the next endpoint is opened while one is read."""
        with ThreadPoolExecutor(1) as opener:
            tickets = iter(self._tickets)
            opened = deque(opener.submit(self._open, ticket) for ticket in [next(tickets, None)] if ticket)
            while opened:
                reader, call = opened.popleft().result()
                ticket = next(tickets, None)
                if ticket:
                    opened.append(opener.submit(self._open, ticket))
                yield from self._drain(reader, call)

    def table(self) -> pa.Table:
        """All rows in memory; endpoints are read at the same time."""

        def read(ticket: flight.Ticket) -> list[pa.RecordBatch]:
            return list(self._drain(*self._open(ticket)))

        with ThreadPoolExecutor(max(1, min(8, len(self._tickets)))) as readers:
            parts = list(readers.map(read, self._tickets))
        return pa.Table.from_batches([batch for part in parts for batch in part], self.schema)

    def _open(self, ticket: flight.Ticket) -> tuple[flight.FlightStreamReader, _Call | None]:
        connection = self._connection
        with connection._errors():
            reader = connection._flight.do_get(ticket, connection._options())
            return reader, connection._calls.last

    def _drain(self, reader: flight.FlightStreamReader, call: _Call | None) -> Iterator[pa.RecordBatch]:
        while True:
            with self._connection._errors(call):
                try:
                    batch = reader.read_chunk().data
                except StopIteration:
                    return
            if batch is not None:
                yield batch


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
