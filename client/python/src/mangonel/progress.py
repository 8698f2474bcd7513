"""Progress of runs: a bar where tqdm is installed and standard error is a terminal, silent elsewhere."""

from __future__ import annotations

import sys
from typing import Any


class ProgressBar:
    """Shows the progress of one run. Use as a context manager."""

    def __init__(self, shown: bool | None = None) -> None:
        """``shown``: None draws where it makes sense, False never."""
        self._bar: Any = None
        if shown is None:
            shown = sys.stderr.isatty()
        if shown:
            try:
                from tqdm.auto import tqdm
            except ImportError:
                return
            self._bar = tqdm(total=1, unit="task", leave=False, file=sys.stderr)

    def __enter__(self) -> ProgressBar:
        return self

    def __exit__(self, *_: Any) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: dict[str, Any]) -> None:
        """Draws one state of progress (`RunProgress` as JSON)."""
        if self._bar is None:
            return
        rows = int(progress.get("rowsDone", 0))
        self._bar.total = max(1, progress.get("tasksTotal", 0))
        self._bar.n = progress.get("tasksDone", 0)
        self._bar.set_description_str(progress.get("step", ""), refresh=False)
        self._bar.set_postfix_str(f"{rows:,} rows" if rows else "", refresh=False)
        self._bar.refresh()
