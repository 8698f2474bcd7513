#!/usr/bin/env python3
"""Runs the blocks of one page of the guide in a folder, as a reader would: one shell and one Python for the whole page.

    MANGONEL_BINARY=target/release/mangonel tests/guide/run_page.py docs/quick_start.md [FOLDER]

Pages use the ports that everything has by default. So that they are free whatever runs on the machine, the page is run in a
network of its own where the system allows it (Linux, `unshare`), and in a space of processes of its own, so that nothing is left
behind when it ends. Elsewhere the ports must be free.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Callable

from blocks import Block, blocks, difference

ROOT = Path(__file__).resolve().parents[2]
BINARY = Path(os.environ.get("MANGONEL_BINARY", ROOT / "target" / "release" / "mangonel"))
# Absolute, since pages are run elsewhere; never resolved, since a virtual environment is found by the path of its Python.
PYTHON = os.path.abspath(shutil.which(os.environ.get("MANGONEL_PYTHON", "")) or sys.executable)
# Of `mangonel up` and `scheduler` (Flight, HTTP, cluster) and of etcd (clients, peers).
PORTS = (8815, 8080, 50050, 2379, 2380)
BLOCK_S = 90
PAGE_S = 180
# How long a server may take to answer, a block to print what it should, and processes to end once they were told to.
PATIENCE_S = float(os.environ.get("MANGONEL_GUIDE_PATIENCE_S", 30))
_APART = ["unshare", "--user", "--map-root-user", "--net", "--pid", "--fork", "--kill-child", "--mount-proc", "--"]
_INSIDE = "MANGONEL_GUIDE_APART"


class Failed(Exception):
    """A block that did not do what the page says."""


def can_be_apart() -> bool:
    """Whether processes can have a network of their own here."""
    try:
        return subprocess.run([*_APART, "true"], capture_output=True, timeout=30).returncode == 0
    except OSError:
        return False


def run(page: Path, folder: Path) -> str | None:
    """Runs a page in its own network and space of processes; returns what is wrong, or None."""
    apart = can_be_apart()
    if not apart and (taken := [port for port in PORTS if _answers(port)]):
        return f"the pages use the ports {taken}, and something else does already"
    command = [*(_APART if apart else ()), PYTHON, __file__, str(page), str(folder)]
    environment = {**os.environ, _INSIDE: "yes" if apart else "no"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, start_new_session=True)
    try:
        output, _ = process.communicate(timeout=PAGE_S)
        return (output.decode() or f"ended with {process.returncode}") if process.returncode else None
    except subprocess.TimeoutExpired:
        return f"{page}: not done after {PAGE_S} s"
    finally:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        process.wait()


def run_here(page: Path, folder: Path) -> None:
    """Runs a page in this process's network. Raises ``Failed`` with file and line of the first block that fails."""
    apart = os.environ.get(_INSIDE) == "yes"
    if apart:
        _loopback_up()
    work, session = folder / "work", folder / "session"
    work.mkdir(parents=True)
    environment = _environment(session)
    shell, python = Shell(session, work, environment), Python(session, work, environment)
    started: set[int] = {os.getpid(), 1}
    try:
        for block in blocks(page):
            if block.not_run is None:
                session_of = shell if block.language == "sh" else python
                _run_block(page, block, session_of)
                if any(word in block.code for word in ("mangonel up", "mangonel scheduler")):
                    _wait_until(lambda: _answers(PORTS[0]), f"{page}:{block.line}: no server answers")
        if apart:
            started |= shell.end() | python.end()
            _wait_until(lambda: not _others(started), f"{page}: still there when the page ends: {_others(started)}")
    finally:
        shell.end()
        python.end()


def _run_block(page: Path, block: Block, session: Shell | Python) -> None:
    until = time.monotonic() + (PATIENCE_S if block.again else 0)
    while True:
        status, line, output, more = session.run(page, block)
        if status != block.exits_with:
            where = f"{page}:{line or block.line}"
            raise Failed(f"{where}: exit status {status}, not {block.exits_with}\n{_marked(block)}{output}{more}")
        wrong = difference(block.output, output, block.percent) if block.output is not None else None
        if wrong is None:
            return
        if time.monotonic() > until:
            raise Failed(f"{page}:{block.line}: the output is not as shown\n{_marked(block)}{wrong}{more}")
        time.sleep(0.3)


def _marked(block: Block) -> str:
    return "".join(f"  | {line}\n" for line in block.code.splitlines())


def _environment(session: Path) -> dict[str, str]:
    """What the blocks find: `mangonel` and `python` on the path, the client, and no settings of whoever runs the tests."""
    programs = session / "bin"
    programs.mkdir(parents=True)
    (programs / "mangonel").symlink_to(BINARY.resolve())
    for name in ("python", "python3"):
        (programs / name).write_text(f'#!/bin/sh\nexec "{PYTHON}" "$@"\n')
        (programs / name).chmod(0o755)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MANGONEL_", "ETCD_"))}
    return {
        **kept,
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "client" / "python" / "src"),
        "HOME": str(session.parent),
        "LC_ALL": "C.UTF-8",
    }


class Shell:
    """One bash. A block stops at its first command that fails, so that none goes unseen."""

    def __init__(self, session: Path, work: Path, environment: dict[str, str]) -> None:
        self.session = session
        self.number = 0
        command = ["bash", "--noprofile", "--norc"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=work, env=environment, text=True)
        self._say(f"set -o pipefail; set -E; trap 'echo $LINENO > {session}/line' ERR")

    def _say(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def run(self, page: Path, block: Block) -> tuple[int, int | None, str, str]:
        self.number += 1
        code, out, done = (self.session / f"{self.number}.{end}" for end in ("sh", "out", "done"))
        (self.session / "line").unlink(missing_ok=True)
        code.write_text(block.code)
        stop = "set +e" if block.exits_with else "set -e"
        self._say(f"{stop}; . {code} </dev/null >{out} 2>&1; echo $? > {done}.new; mv {done}.new {done}")
        ended = _wait_for(done, self.process, f"{page}:{block.line}")
        output = out.read_text() if out.exists() else ""
        failed = self.session / "line"
        line = block.line - 1 + int(failed.read_text()) if failed.exists() and not block.exits_with else None
        return (int(done.read_text()) if ended else self.process.wait()), line, output, ""

    def end(self) -> set[int]:
        return _end(self.process)


class Python:
    """One Python, started for the first block."""

    def __init__(self, session: Path, work: Path, environment: dict[str, str]) -> None:
        self.session, self.work, self.environment = session, work, environment
        self.number = 0
        self.process: subprocess.Popen[str] | None = None

    def run(self, page: Path, block: Block) -> tuple[int, int | None, str, str]:
        if self.process is None:
            command = [PYTHON, "-u", str(Path(__file__).with_name("python_session.py"))]
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=self.work, env=self.environment, text=True)
        self.number += 1
        out, err, done = (self.session / f"python-{self.number}.{end}" for end in ("out", "err", "done"))
        request = {"page": str(page), "line": block.line, "code": block.code, "out": str(out), "err": str(err), "done": str(done)}
        assert self.process.stdin
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        ended = _wait_for(done, self.process, f"{page}:{block.line}")
        status = int(done.read_text()) if ended else self.process.wait()
        # Of the errors only what counts: libraries log there.
        return status, None, out.read_text(), "".join(err.read_text()[-4000:]) if status or block.output else ""

    def end(self) -> set[int]:
        return _end(self.process) if self.process else set()


def _wait_for(done: Path, process: subprocess.Popen[str], where: str) -> bool:
    """Waits until a block is done; False when its session has ended instead."""
    until = time.monotonic() + BLOCK_S
    while not done.exists():
        if process.poll() is not None:
            return done.exists()
        if time.monotonic() > until:
            raise Failed(f"{where}: not done after {BLOCK_S} s")
        time.sleep(0.01)
    return True


def _wait_until(true: Callable[[], bool], otherwise: str) -> None:
    until = time.monotonic() + PATIENCE_S
    while not true():
        if time.monotonic() > until:
            raise Failed(otherwise)
        time.sleep(0.05)


def _end(process: subprocess.Popen[str]) -> set[int]:
    if process.stdin and not process.stdin.closed:
        process.stdin.close()
    process.wait()
    return {process.pid}


def _others(known: set[int]) -> list[str]:
    """Processes of this space beside those that are known; programs with their arguments."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit() and int(folder.name) not in known:
            try:
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
            except OSError:
                continue
            # One that has ended and that nobody has asked for has no arguments.
            if command:
                found.append(command)
    return found


def _answers(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def _loopback_up() -> None:
    """A new network has a loopback device that is down."""
    import fcntl

    up, running, set_flags = 0x1, 0x40, 0x8914
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sh14x", b"lo", up | running))


if __name__ == "__main__":
    arguments = [Path(argument).absolute() for argument in sys.argv[1:]]
    folder = arguments[1] if len(arguments) > 1 else Path(tempfile.mkdtemp(prefix="mangonel-guide-"))
    if _INSIDE not in os.environ:
        problem = run(arguments[0], folder)
        sys.exit(problem)
    try:
        run_here(arguments[0], folder)
    except (Failed, ValueError) as error:
        print(error)
        sys.exit(1)
