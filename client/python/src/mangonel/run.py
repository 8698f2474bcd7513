"""Runs: one execution of anything long."""

from __future__ import annotations

from typing import Any, Iterator

from .connection import Connection
from .errors import from_run
from .progress import ProgressBar


class Run:
    """One insert or build. ``state`` is `prepared`, `committed`, `failed` or `cancelled`, as of the last look."""

    def __init__(self, connection: Connection, record: dict[str, Any]) -> None:
        self._connection = connection
        self.record = record

    @property
    def id(self) -> str:
        return self.record["id"]

    @property
    def state(self) -> str:
        return self.record.get("state", "").removeprefix("RUN_STATE_").lower()

    @property
    def rows(self) -> int:
        return int(self.record.get("rows", 0))

    @property
    def bytes(self) -> int:
        return int(self.record.get("bytes", 0))

    @property
    def table_version(self) -> int:
        return int(self.record.get("tableVersion", 0))

    def refresh(self) -> Run:
        """Looks again."""
        detail = self._connection.call("mangonel.run.show", {"runId": self.id}, idempotent=True)
        self.record = detail["run"]
        return self

    def detail(self) -> dict[str, Any]:
        """The run with its inputs and the work of each executor, as the server tells it."""
        return self._connection.call("mangonel.run.show", {"runId": self.id}, idempotent=True)

    def progress(self) -> Iterator[dict[str, Any]]:
        """Progress, many times, until the run has ended."""
        return self._connection.watch(self.id)

    def wait(self, progress: bool | None = None) -> Run:
        """Waits for the end. ``progress``: None shows a bar on a terminal, False never. Ctrl-C cancels the run.

        Raises what the run failed with, or ``RunCancelled``.
        """
        last: dict[str, Any] = {}
        try:
            with ProgressBar(progress) as bar:
                for last in self.progress():
                    bar.show(last)
        except KeyboardInterrupt:
            self.cancel()
            raise
        if last.get("state") != "RUN_STATE_COMMITTED":
            raise from_run(self.id, last)
        return self.refresh()

    def cancel(self) -> Run:
        """Cancels the run: what it wrote stays invisible. A run that has ended is left as it is."""
        self.record = self._connection.call("mangonel.run.cancel", {"runId": self.id})
        return self

    def __repr__(self) -> str:
        return f"<Run {self.id} {self.state}>"
