"""A server for the tests: the one at MANGONEL_TEST_URL, else one started from the binary MANGONEL_BINARY in a new folder."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from pathlib import Path
from typing import Iterator

import pytest

import mangonel
from mangonel import featurestore

EXIT_STATUS = pytest.StashKey[int]()
BUILT = Path(__file__).parents[3] / "target" / "release" / "mangonel"


@pytest.fixture(scope="session")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    if given := os.environ.get("MANGONEL_TEST_URL"):
        yield given
        return
    binary = Path(os.environ.get("MANGONEL_BINARY", BUILT))
    if not binary.is_file():
        pytest.fail(f"no server: set MANGONEL_TEST_URL or MANGONEL_BINARY ({binary} is not there)")
    folder = tmp_path_factory.mktemp("mangonel")
    # Only `imports` is read by the server itself: see the fixture of this name.
    (folder / "imports").mkdir()
    arguments = ["up", "--data-dir", folder / "data", "--flight", "127.0.0.1:0", "--http", "127.0.0.1:0"]
    arguments += ["--import-root", folder / "imports"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen([binary, *arguments], stdout=subprocess.PIPE, stderr=log, text=True)
    try:
        yield _flight_line(server, folder / "log")
    finally:
        server.terminate()
        server.wait(30)


def _flight_line(server: subprocess.Popen[str], log: Path) -> str:
    for line in server.stdout:
        if line.startswith("flight "):
            return line.split()[1]
    raise RuntimeError(f"the server did not start: {log.read_text()}")


@pytest.fixture
def imports(url: str, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the server may read files from."""
    if os.environ.get("MANGONEL_TEST_URL"):
        pytest.skip("the server at MANGONEL_TEST_URL has import roots of its own")
    return tmp_path_factory.getbasetemp() / "mangonel0" / "imports"


@pytest.fixture
def store(url: str) -> mangonel.FeatureStore:
    """An empty feature store of its own; also that of `mangonel.featurestore`."""
    return featurestore.connect(url, f"p{uuid.uuid4().hex[:12]}x")


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[EXIT_STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Ends the process at once: polars 2.1 sometimes aborts when the interpreter is torn down after it has read a Delta
    table (also one that deltalake wrote by itself), which would hide the result of the tests."""
    if EXIT_STATUS in config.stash:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[EXIT_STATUS])
