"""Inserts that are uploaded in parts: by several streams of one process, or by several processes, and committed once."""

from __future__ import annotations

import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Any, Iterator, Mapping

import pyarrow as pa

from . import sources
from .connection import Connection, pieces
from .errors import Conflict, InvalidArgument, MangonelError
from .run import Run

INSERT_MODES = {"append": "INSERT_MODE_APPEND", "overwrite": "INSERT_MODE_OVERWRITE"}

# Streams of an insert that does not say how many.
_STREAMS = 3
# Bytes that a stream takes at a time, so that small frames go up in one.
_TURN_BYTES = 8 << 20
# Tickets are good for an hour; an older one is renewed before the next part.
_TICKET_AGE_MAX_S = 1800.0


class InsertParts:
    """An insert that is open: parts can be uploaded, also by several threads. Made by :meth:`FeatureGroup.join_session`."""

    def __init__(self, connection: Connection, group: Mapping[str, Any], mode: str, run_id: str | None) -> None:
        """``group``: its record. ``run_id``: of the run to begin or to go on with."""
        check_mode(mode)
        self._connection = connection
        self._begin = {
            "featureGroup": group["name"],
            "version": group["version"],
            "mode": INSERT_MODES[mode],
            "runId": run_id or "",
        }
        self._types = feature_types(group)
        self._renewing = threading.Lock()
        self._renew()

    def _renew(self) -> None:
        """Beginning a run that is there already gives a new ticket for it."""
        begun = self._connection.call("mangonel.insert.begin", self._begin)
        self.run = Run(self._connection, begun["run"])
        self._begin["runId"] = self.run.id
        self._ticket: str = begun["uploadTicket"]
        self._renewed = time.monotonic()

    @property
    def token(self) -> str:
        """What other processes give to :meth:`FeatureGroup.join_session`: the id of the run. It is no secret, since they need
        rights of their own."""
        return self.run.id

    def put(self, frame: Any, part: str | None = None) -> str:
        """Uploads the rows of a frame as one part, over one stream; returns the name of the part. Nothing is visible yet.

        ``frame``: anything that :meth:`FeatureGroup.insert` takes. ``part``: 1 to 128 letters, digits, `-` and `_`; a new name when
        left out. Of two uploads under one name the first that arrived whole counts, and the other is dropped, so that a worker may
        try its part again.
        Raises ``CouldNotConvertDataframe`` for what is no frame, ``Conflict`` when the insert has ended.
        """
        part = uuid.uuid4().hex if part is None else part
        reader = sources.to_reader(frame, self._types)
        with self._renewing:
            if time.monotonic() - self._renewed > _TICKET_AGE_MAX_S:
                self._renew()
        self._connection.upload(self._ticket, part, reader.schema, reader)
        return part

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.token} of {self._begin['featureGroup']}_{self._begin['version']}>"


class InsertSession(InsertParts):
    """One insert of many parts: they become visible together, when the session is committed. As a context manager it commits at
    the end, and aborts when the block raises. Made by :meth:`FeatureGroup.insert_session`.

    >>> group = store.feature_group("games_features")
    >>> with group.insert_session() as session:
    ...     session.put([{"home_team_id": 51, "away_team_id": 1, "score": 3}], part="monday")
    ...     # What other processes do, with the token:
    ...     others = group.join_session(session.token)
    ...     session.add(others.put([{"home_team_id": 52, "away_team_id": 2, "score": 1}]))
    'monday'
    >>> session.run.state, session.run.rows
    ('committed', 2)
    """

    def __init__(self, connection: Connection, group: Mapping[str, Any], mode: str, run_id: str | None) -> None:
        super().__init__(connection, group, mode, run_id)
        self._parts: set[str] = set()

    @property
    def parts(self) -> list[str]:
        """Names of the parts that the commit will take."""
        return sorted(self._parts)

    def put(self, frame: Any, part: str | None = None) -> str:
        """As :meth:`InsertParts.put`; the part belongs to the commit."""
        name = super().put(frame, part)
        self._parts.add(name)
        return name

    def add(self, *parts: str) -> None:
        """Names parts that joined sessions have uploaded: only parts that are named are committed."""
        self._parts.update(parts)

    def put_parallel(self, frame: Any, parallel: int | None = None) -> None:
        """Uploads the rows of a frame over several streams, each a part with a name of its own. Memory holds some MiB of each.

        ``parallel``: streams at most, 3 when left out; a frame below 8 MiB needs one. Raises as :meth:`put`.
        """
        streams = _streams(parallel)
        reader = sources.to_reader(frame, self._types)
        rows = _Shared(reader)
        ticket = self._ticket

        def send() -> str | None:
            try:
                turn = rows.turn()
                if not turn:
                    return None
                name = uuid.uuid4().hex
                self._connection.upload(ticket, name, reader.schema, rows.following(turn))
                return name
            except BaseException:
                rows.stop()
                raise

        with ThreadPoolExecutor(streams) as threads:
            try:
                sent = [threads.submit(send) for _ in range(streams)]
                names = [name for stream in sent if (name := stream.result())]
                if not names:
                    # Without rows there are still columns, which the server checks.
                    names = [uuid.uuid4().hex]
                    self._connection.upload(ticket, names[0], reader.schema, iter(()))
            except BaseException:
                # Ctrl-C comes here, and must not wait for the rest of the rows.
                rows.stop()
                raise
        # All or none: where one stream failed, the others ended early.
        self._parts.update(names)

    def commit(self, *, wait: bool = True, progress: bool | None = None) -> Run:
        """Makes the rows of all parts visible at once.

        ``wait``: False returns when the run has begun. ``progress``: as in :meth:`Run.wait`. Raises ``InvalidArgument`` for a part
        that did not arrive (the session stays open then), and whatever the run failed with.
        """
        self.run.record = self._connection.call("mangonel.insert.commit", {"runId": self.run.id, "parts": self.parts})
        return self.run.wait(progress) if wait else self.run

    def abort(self) -> Run:
        """Ends the insert: nothing of it becomes visible, and no part can be uploaded any more."""
        return self.run.cancel()

    def __enter__(self) -> InsertSession:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if error is None:
            try:
                self.commit()
                return
            except InvalidArgument:
                # Such as for a part that is missing: nobody can add it any more.
                _abort_quietly(self)
                raise
        _abort_quietly(self)


def check_mode(mode: str) -> None:
    """Raises ``ValueError`` for what is no insert mode."""
    if mode not in INSERT_MODES:
        raise ValueError(f"mode is `{mode}`: it must be append or overwrite")


def _streams(parallel: int | None) -> int:
    """Streams to upload over. Raises ``ValueError`` for none."""
    if parallel is not None and parallel < 1:
        raise ValueError(f"parallel is {parallel}: an insert needs 1 stream or more")
    return parallel or _STREAMS


def feature_types(group: Mapping[str, Any]) -> dict[str, str]:
    """Types of the features of a group's record, by name, in the catalog's spelling."""
    return {feature["name"]: feature["type"] for feature in group.get("features", ())}


def insert(
    connection: Connection, group: Mapping[str, Any], frame: Any, mode: str, run_id: str | None, parallel: int | None
) -> Run:
    """Uploads a frame and begins the run that commits it, unless ``run_id`` is of one that has ended already."""
    # What makes no sense is refused before there is a run.
    check_mode(mode)
    _streams(parallel)
    reader = sources.to_reader(frame, feature_types(group))
    session = InsertSession(connection, group, mode, run_id)
    if session.run.state == "prepared":
        try:
            session.put_parallel(reader, parallel)
        except BaseException:
            # With a run id of the caller's the same insert can be tried again.
            if run_id is None:
                _abort_quietly(session)
            raise
        session.commit(wait=False)
    return session.run


def insert_files(
    connection: Connection, group: Mapping[str, Any], files: list[str], mode: str, run_id: str | None, reading: Mapping[str, Any]
) -> Run:
    """Begins and commits an insert of files that the server reads."""
    check_mode(mode)
    if not files:
        raise ValueError("there are no files: name one or more")
    begin = {
        "featureGroup": group["name"],
        "version": group["version"],
        "mode": INSERT_MODES[mode],
        "runId": run_id or "",
        "sources": files,
        "reading": {name: value for name, value in reading.items() if value},
    }
    run = Run(connection, connection.call("mangonel.insert.begin", begin)["run"])
    if run.state == "prepared":
        run.record = connection.call("mangonel.insert.commit", {"runId": run.id, "parts": []})
    return run


def _abort_quietly(session: InsertSession) -> None:
    """Aborts where another error is the one to report."""
    with suppress(MangonelError):
        session.abort()


def join(connection: Connection, group: Mapping[str, Any], token: str) -> InsertParts:
    """The open insert that a token stands for. Raises ``NotFound``, ``InvalidArgument`` for one into another group, ``Conflict``
    for one that has ended."""
    record = Run(connection, {"id": token}).refresh().record
    target = f"{record.get('targetName')}_{record.get('targetVersion')}"
    wanted = f"{group['name']}_{group['version']}"
    if record.get("kind") != "RUN_KIND_INSERT" or target != wanted:
        raise InvalidArgument(f"run {token} is no insert into `{wanted}` but works on `{target}`: join it there", names=[target])
    if record.get("state") != "RUN_STATE_PREPARED":
        raise Conflict(f"run {token} has ended: begin a new session")
    # The mode is that of whoever began the run.
    return InsertParts(connection, group, "append", token)


class _Shared:
    """Batches that the threads of an insert take in turns."""

    def __init__(self, reader: pa.RecordBatchReader) -> None:
        self._batches = (piece for batch in reader for piece in pieces(batch, _TURN_BYTES))
        self._lock = threading.Lock()
        self._stopped = False

    def turn(self) -> list[pa.RecordBatch]:
        """The next batches, some MiB of them; none after the last, or when the insert was stopped."""
        taken: list[pa.RecordBatch] = []
        size = 0
        with self._lock:
            while not self._stopped and size < _TURN_BYTES and (batch := next(self._batches, None)) is not None:
                taken.append(batch)
                size += batch.nbytes
        return taken

    def following(self, turn: list[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches of a turn, and of those that come to this thread after it."""
        while turn:
            yield from turn
            turn = self.turn()

    def stop(self) -> None:
        """Lets every thread see the end."""
        self._stopped = True
