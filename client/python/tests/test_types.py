"""The client's own types hold: mypy in its strict mode finds nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[1]


def test_mypy_finds_nothing() -> None:
    # Without a cache, which two runs at the same time can break.
    command = [sys.executable, "-m", "mypy", "--cache-dir=/dev/null"]
    found = subprocess.run(command, cwd=CLIENT, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr
