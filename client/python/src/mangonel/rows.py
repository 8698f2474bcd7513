"""Rows that can be read: a whole version, the answer to a feature request or to SQL. Nothing moves before one of the `to_`
methods."""

from __future__ import annotations

import uuid
from typing import Any, Iterator, Mapping

import pyarrow as pa

from . import frames, html, sources
from .connection import Connection
from .errors import CouldNotConvertDataframe
from .reads import Read


class Rows:
    """Something to read, in the shape that is wanted. Each `to_` method reads again, and sees what is there then.

    >>> rows = store.sql("SELECT team_id, team_budget FROM teams_features WHERE team_id < 3 ORDER BY team_id")
    >>> rows.to_python()
    [[1, 1000.0], [2, 2000.0]]
    """

    def __init__(self, connection: Connection, command: dict[str, Any]) -> None:
        self._connection = connection
        self._command = command

    def _plan(self) -> Read:
        return Read(self._connection, self._connection.info(self._command))

    def schema(self) -> pa.Schema:
        """Columns that will come; plans the read and reads nothing.

        >>> store.features(["team_budget"]).schema().names
        ['team_budget']
        """
        return self._plan().schema

    def to_batches(self, *, ordered: bool = True) -> Iterator[pa.RecordBatch]:
        """Batches as they arrive, so that the rows need not fit into memory. Closing or dropping the iterator ends the read.

        ``ordered``: False takes the parts of the read in whichever order they come, which is faster where several nodes send, and
        leaves the order of rows open. Up to 9 batches wait in memory when ordered, else 24.

        >>> sum(batch.num_rows for batch in store.features(["team_budget"]).to_batches(ordered=False)) >= 50
        True
        """
        return self._plan().batches(ordered)

    def to_reader(self, *, ordered: bool = True) -> pa.RecordBatchReader:
        """The same as a reader, which DuckDB, polars, deltalake and others take."""
        read = self._plan()
        return pa.RecordBatchReader.from_batches(read.schema, read.batches(ordered))

    def to_arrow(self) -> pa.Table:
        """All rows as an Arrow table, in order."""
        return self._plan().table()

    def to_pandas(self) -> Any:
        """All rows as a pandas frame; see :func:`mangonel.frames.to_pandas` for types. Needs pandas."""
        return frames.to_pandas(self.to_arrow())

    def to_polars(self) -> Any:
        """All rows as a polars frame. Needs polars."""
        return frames.to_polars(self.to_arrow())

    def to_numpy(self) -> Any:
        """All rows as a 2-D array, rows by columns; see :func:`mangonel.frames.to_numpy` for types. Needs numpy."""
        return frames.to_numpy(self.to_arrow())

    def to_python(self) -> list[list[Any]]:
        """All rows as lists of values."""
        return frames.to_python(self.to_arrow())

    def to(self, dataframe_type: str | None = None) -> Any:
        """`pandas` (the default; `spark` where a Spark session is active), `numpy`, `python`, `arrow`, `polars`, `spark`, or
        `reader` for a stream of batches. Raises ``ValueError`` for others."""
        dataframe_type = frames.check_dataframe_type(dataframe_type)
        return self.to_reader() if dataframe_type == "reader" else frames.from_arrow(self.to_arrow(), dataframe_type)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        """For everything that takes Arrow streams: `polars.from_arrow(rows)`, `pyarrow.table(rows)`."""
        return self.to_reader().__arrow_c_stream__(requested_schema)

    def __repr__(self) -> str:
        return f"<Rows of {self._words()}>"

    def _repr_html_(self) -> str:
        return html.facts(f"Rows of {self._words()}", {"read with": ["to_pandas()", "to_arrow()", "to_reader()", "..."]})

    def _words(self) -> str:
        read = self._command.get("read")
        return f"{read['name']}_{read['version']}" if read else str(self._command["sql"]["sql"])


class Query(Rows):
    """A question in SQL. Tables that were given with it are sent along whenever it is read.

    >>> store.sql("SELECT max(team_id) FROM teams_features")
    <Rows of SELECT max(team_id) FROM teams_features>
    """

    def __init__(self, connection: Connection, message: dict[str, Any], tables: Mapping[str, Any] | None = None) -> None:
        """``message``: what goes to the server. ``tables``: frames by the names that they have in the query."""
        super().__init__(connection, {"sql": message})
        self._tables = dict(tables or {})
        self._streamed: set[str] = set()

    def explain(self, *, analyze: bool = False) -> str:
        """What the query does, step by step: tables and what is left out of them, joins, sorts, bounds. ``analyze``: runs it, and
        says rows, bytes and time of each step. Raises all that reading would.

        >>> print(store.sql("SELECT count(*) FROM attendances_features").explain().splitlines()[0])
        The answer has the column `count(*)`
        """
        message = dict(self._command["sql"])
        message["sql"] = f"EXPLAIN {'ANALYZE ' if analyze else ''}{message['sql']}"
        # The limit is one on rows of the answer, and this answer is lines.
        lines = self._asked(message).table().column(0).to_pylist()
        return "\n".join(lines)

    def _plan(self) -> Read:
        return self._asked(self._command["sql"])

    def _asked(self, message: dict[str, Any]) -> Read:
        if not self._tables:
            return Read(self._connection, self._connection.info({"sql": message}))
        readers = {name: self._reader(name, frame) for name, frame in self._tables.items()}
        query_id = str(uuid.uuid4())
        for name, reader in readers.items():
            self._connection.put({"query_table": {"queryId": query_id, "name": name}}, reader.schema, reader)
        # The query takes the tables: asked again it would not find them.
        return Read(self._connection, self._connection.info({"sql": {**message, "queryId": query_id}}, idempotent=False))

    def _reader(self, name: str, frame: Any) -> pa.RecordBatchReader:
        if name in self._streamed:
            raise CouldNotConvertDataframe(f"table `{name}` is a stream, which was read before: ask anew, or pass a table")
        if isinstance(frame, (pa.RecordBatchReader, Iterator)):
            self._streamed.add(name)
        try:
            return sources.to_reader(frame)
        except CouldNotConvertDataframe as error:
            raise CouldNotConvertDataframe(f"table `{name}`: {error.message}", names=[name]) from error


class FeatureRequest(Rows):
    """Features by name. ``message`` is what goes to the server.

    >>> request = store.features(["team_budget", "average_position"], limit=3)
    >>> request
    <FeatureRequest team_budget, average_position>
    >>> request.to_pandas().shape
    (3, 2)
    """

    def __init__(self, connection: Connection, message: dict[str, Any]) -> None:
        super().__init__(connection, {"features": message})
        self.message = message

    def explain(self) -> str:
        """Where each feature comes from and why, in words. Raises all that reading would: ``FeatureNotFound``,
        ``FeatureNameCollisionError``, ``InferJoinKeyError``.

        >>> "teams_features" in store.features(["team_budget"]).explain()
        True
        """
        return str(self._connection.call("mangonel.features.explain", self.message, idempotent=True).get("text", ""))

    def __repr__(self) -> str:
        return f"<FeatureRequest {', '.join(self.message.get('features', []))}>"

    def _repr_html_(self) -> str:
        message = self.message
        about = {
            "features": message["features"],
            "versions": message["groupVersions"],
            "join": message["joinType"].removeprefix("JOIN_TYPE_").lower(),
            "join key": message["joinKey"] or "inferred",
            "root": message["root"] or "group of the first feature",
            "limit": message["limit"] or None,
        }
        return html.facts("Feature request", about)
