#!/usr/bin/env python3
"""Measures Mangonel on this machine, by hand: `benchmarks/README.md` says which command answers which question.

    benchmarks/run.py encode                  the TFRecord encoder beside prost and a plain copy
    benchmarks/run.py main-job                insert and build 5 million rows x 50 features; Polars, DuckDB, a cluster
    benchmarks/run.py memory                  peak memory with a budget of a tenth of the data
    benchmarks/run.py compare OLD NEW         what has changed between two results
    benchmarks/run.py smoke                   each of them at a tiny size, so that they do not rot (part of the checks)
"""

import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = Path(os.environ.get("MANGONEL_VENV", ROOT / "target" / "venv"))


def main() -> int:
    try:
        import duckdb, deltalake, polars, pyarrow  # noqa: E401, F401
    except ImportError as error:
        python = Path(os.environ.get("MANGONEL_PYTHON", VENV / "bin" / "python"))
        if not python.exists() or Path(sys.prefix) == python.parent.parent:
            print(f"{error}; run `deploy/setup.sh test` first, or set MANGONEL_VENV", file=sys.stderr)
            return 2
        os.execv(python, [str(python), *sys.argv])
    from runner.cli import run

    return run(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
