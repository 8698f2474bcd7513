"""Runs: one execution of anything long."""

from __future__ import annotations

import time
from typing import Any, Iterator

from . import html
from .connection import Connection
from .errors import TimedOut, from_run
from .progress import ProgressBar


class Run:
    """One insert or build. What it says is as of the last look: :meth:`refresh` looks again.

    >>> run = store.feature_group("games_features").insert([{"home_team_id": 61, "away_team_id": 1, "score": 0}], wait=False)
    >>> run.wait().state, run.rows
    ('committed', 1)
    """

    def __init__(self, connection: Connection, record: dict[str, Any], progress: dict[str, Any] | None = None) -> None:
        self._connection = connection
        self.record = record
        self._progress = progress or {}

    @property
    def id(self) -> str:
        """Name of the run, and its idempotency key."""
        return str(self.record["id"])

    @property
    def state(self) -> str:
        """`prepared` (also while it works), `committed`, `failed` or `cancelled`."""
        return str(self.record.get("state", "")).removeprefix("RUN_STATE_").lower()

    @property
    def step(self) -> str:
        """What it does or waits for, such as `waiting: 3 before it`; empty when it has ended, and before the first look."""
        return str(self._progress.get("step", "")) if self.state == "prepared" else ""

    @property
    def parts(self) -> list[str]:
        """Of an insert that is not committed yet: the parts that have arrived."""
        return list(self._progress.get("parts", ())) if self.state == "prepared" else []

    @property
    def rows(self) -> int:
        """Rows written, once it has committed."""
        return int(self.record.get("rows", 0))

    @property
    def bytes(self) -> int:
        """Bytes written, once it has committed."""
        return int(self.record.get("bytes", 0))

    @property
    def table_version(self) -> int:
        """Version of the Delta table that an insert has made; 0 for builds."""
        return int(self.record.get("tableVersion", 0))

    def refresh(self) -> Run:
        """Looks again. Raises ``NotFound`` for an unknown id."""
        detail = self.detail()
        self.record, self._progress = detail["run"], detail.get("progress") or {}
        return self

    def detail(self) -> dict[str, Any]:
        """The run with its inputs and the work of each executor, as the server tells it."""
        return self._connection.call("mangonel.run.show", {"runId": self.id}, idempotent=True)

    def progress(self) -> Iterator[dict[str, Any]]:
        """Progress (`step`, `tasksDone`, `tasksTotal`, `rowsDone`), at least twice a second, until the run has ended."""
        return self._connection.watch(self.id)

    def wait(self, progress: bool | None = None, timeout: float | None = None) -> Run:
        """Waits for the end. ``progress``: None shows a bar on a terminal, False never. Ctrl-C cancels the run.

        ``timeout``: seconds after which ``TimedOut`` is raised; the run goes on, and can be waited for again or cancelled.
        Raises what the run failed with, or ``RunCancelled``.
        """
        last: dict[str, Any] = {}
        until = None if timeout is None else time.monotonic() + timeout
        try:
            with ProgressBar(progress) as bar:
                for last in self._connection.watch(self.id, until):
                    bar.show(last)
        except TimedOut as error:
            step = last.get("step", "no news of it")
            raise TimedOut(
                f"run {self.id} has not ended within {timeout} s ({step}) and goes on: wait() waits again, cancel() ends it, "
                f"`mangonel run show {self.id}` shows it"
            ) from error
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

    def _repr_html_(self) -> str:
        record = self.record
        about = {
            "kind": str(record.get("kind", "")).removeprefix("RUN_KIND_").lower(),
            "state": self.state,
            "target": f"{record['targetName']}_{record.get('targetVersion')}" if "targetName" in record else None,
            "rows": self.rows or None,
            "bytes": self.bytes or None,
            "error": record.get("error"),
        }
        return html.facts(f"Run {self.id}", about)
