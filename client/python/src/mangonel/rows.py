"""Rows that can be read: a whole version, or the answer to a feature request. Nothing moves before one of the `to_` methods."""

from __future__ import annotations

from typing import Any, Iterator

import pyarrow as pa

from . import frames
from .connection import Connection, Read


class Rows:
    """Something to read, in the shape that is wanted."""

    def __init__(self, connection: Connection, command: dict[str, Any]) -> None:
        self._connection = connection
        self._command = command

    def _plan(self) -> Read:
        return self._connection.plan(self._command)

    def schema(self) -> pa.Schema:
        """Columns that will come; plans the read and reads nothing."""
        return self._plan().schema

    def to_batches(self) -> Iterator[pa.RecordBatch]:
        """Batches as they arrive, so that the rows need not fit into memory."""
        return self._plan().batches()

    def to_reader(self) -> pa.RecordBatchReader:
        """The same as a reader, which DuckDB, polars, deltalake and others take."""
        read = self._plan()
        return pa.RecordBatchReader.from_batches(read.schema, read.batches())

    def to_arrow(self) -> pa.Table:
        return self._plan().table()

    def to_pandas(self) -> Any:
        return frames.to_pandas(self.to_arrow())

    def to_polars(self) -> Any:
        return frames.to_polars(self.to_arrow())

    def to_numpy(self) -> Any:
        return frames.to_numpy(self.to_arrow())

    def to_python(self) -> list[list[Any]]:
        return frames.to_python(self.to_arrow())

    def to(self, dataframe_type: str | None = None) -> Any:
        """`pandas` (the default; `spark` where a Spark session is active), `numpy`, `python`, `arrow`, `polars` or `spark`."""
        dataframe_type = frames.check_dataframe_type(dataframe_type)
        return frames.from_arrow(self.to_arrow(), dataframe_type)

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self.to_reader().__arrow_c_stream__(requested_schema)


class FeatureRequest(Rows):
    """Features by name. ``message`` is what goes to the server."""

    def __init__(self, connection: Connection, message: dict[str, Any]) -> None:
        super().__init__(connection, {"features": message})
        self.message = message

    def explain(self) -> str:
        """Where each feature comes from and why, in words."""
        return self._connection.call("mangonel.features.explain", self.message, idempotent=True).get("text", "")

    def __repr__(self) -> str:
        return f"<FeatureRequest {', '.join(self.message.get('features', []))}>"
