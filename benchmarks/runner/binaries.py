"""The binaries that are measured: built once, as demo and checks build them."""

import os
import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"


@cache
def build() -> None:
    """Builds the binary and the benchmark programs; the whole workspace, so that dependencies have the features of every build."""
    programs = ["mangonel", "encode-rate", "wide-files"]
    chosen = [argument for program in programs for argument in ("--bin", program)]
    command = ["cargo", "build", "--release", "--locked", "--workspace", "--quiet", *chosen]
    subprocess.run(command, cwd=ROOT, check=True)


def mangonel() -> Path:
    """The binary: `MANGONEL_BINARY`, else the one of this checkout."""
    build()
    return Path(os.environ.get("MANGONEL_BINARY", TARGET / "mangonel"))


def program(name: str) -> Path:
    build()
    return TARGET / name
